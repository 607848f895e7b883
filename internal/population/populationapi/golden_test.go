package populationapi_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/citizen"
	"dean06/internal/population"
)

var update = flag.Bool("update", false, "write testdata/*.golden anew")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("%s (-want +got):\n%s", name, d)
	}
}

// TestOpenAPIStays: the documents of the services are what they were.
func TestOpenAPIStays(t *testing.T) {
	t.Parallel()
	for _, s := range newAPI(t, &fake{}).Services() {
		golden(t, s.Code+".yaml.golden", s.OpenAPI)
	}
}

// everything is facts of which no field is empty, and some that would have to be escaped.
func everything() population.Facts {
	day := citizen.MustDay
	at := population.Place{Province: "01", District: "001", Commune: "00001", Detail: `Số 1 "phố" <Thử> & con`, Country: "VN"}
	kin := population.Relative{
		Number:      citizen.MustNumber("001060000001"),
		OldNumber:   citizen.OldFromInt(12345678),
		Name:        "Nguyễn Văn Cha",
		Nationality: "VN",
	}
	p := thu
	p.OtherNames, p.Blood = []string{"Tèo"}, "02"
	p.Origin, p.Permanent, p.Temporary, p.Present = at, at, at, population.Place{Commune: "00097"}
	p.PermanentSince, p.TemporarySince = day("2020-01-02"), day("2021")
	p.Father, p.Mother, p.Guardian = kin, population.Relative{Name: "Trần Thị Mẹ"}, kin
	p.Life, p.Ended = population.Dead, day("2026-02")
	return population.Facts{
		Fields: population.Fields, Person: p, Head: kin, AsOf: now,
		Members: []population.Member{
			{
				Relation: "CH02",
				Number:   citizen.MustNumber("001192000001"),
				Name:     "Lê Thị Vợ",
				Birth:    day("1992-03-04"),
				Sex:      citizen.Female,
			},
		},
	}
}

// TestFactsStay: answers are written as they were, byte by byte.
func TestFactsStay(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for _, facts := range []population.Facts{
		everything(), {Fields: population.Fields, AsOf: now}, {AsOf: now}, {Fields: []population.Field{"birth", "life"}, Person: thu},
	} {
		w := do(t, newAPI(t, &fake{facts: &facts}), ask{service: "facts", body: key})
		b.Write(w.Body.Bytes())
	}
	golden(t, "facts.golden", []byte(b.String()))
}
