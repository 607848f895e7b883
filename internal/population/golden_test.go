package population_test

import (
	"bytes"
	"encoding/csv"
	"flag"
	"os"
	"path/filepath"
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

// whole is somebody of whom everything is known.
func whole() population.Person {
	day := citizen.MustDay
	old := population.Place{Province: "01", District: "001", Commune: "00001", Detail: "Số 1 phố Thử", Country: "VN"}
	kin := func(n, name, nation string) population.Relative {
		r := population.Relative{Name: name, Nationality: nation}
		if n != "" {
			r.Number = citizen.MustNumber(n)
		}
		return r
	}
	return population.Person{
		Number: citizen.MustNumber(
			"001090000001",
		), OldNumbers: []citizen.OldNumber{citizen.OldFromInt(12345678), citizen.OldFromInt(111222333)},
		Name: "Nguyễn Văn Thử", OtherNames: []string{"Tèo", `A "B" <C>`}, Birth: day("1990-01-01"), Sex: citizen.Male,
		Ethnicity: "01", Religion: "00", Nationality: "VN", Blood: "02", Marital: "2",
		Birthplace: population.Place{Province: "01", District: "001", Commune: "00001", Country: "VN"},
		Origin:     population.Place{Detail: "Viêng Chăn", Country: "LA"}, Permanent: old, PermanentSince: day("2020-05-01"),
		Temporary: population.Place{Province: "79", Commune: "26734", Detail: "Số 2", Country: "VN"}, TemporarySince: day("2026-01"),
		Present: population.Place{Province: "79", Commune: "26734", Country: "VN"}, Household: "000000001", Relation: "CH01",
		Father: kin(
			"001060000001",
			"Nguyễn Văn Cha",
			"VN",
		), Mother: kin("", "Marie", "FR"), Spouse: kin("001192000001", "Lê Thị Vợ", "VN"),
		Guardian: population.Relative{OldNumber: citizen.OldFromInt(987654321), Name: "Giám Hộ", Nationality: "VN"},
		Cards: []population.Card{
			{Serial: "A1", Kind: "CC", Issued: day("2024-07-01")},
			{Serial: "B2", Kind: "CCCD", Issued: day("2017-05-01"), Expires: day("2024-07-01")},
		},
		Life: population.Missing, Ended: day("2026-02-03"),
	}
}

// TestFile: the file of persons is what it was.
func TestFile(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	bare := population.Person{
		Number: citizen.MustNumber("001192000001"),
		Name:   "Lê Thị Vợ",
		Birth:  citizen.MustDay("1992"),
		Sex:    citizen.Female,
	}
	_ = w.WriteAll([][]string{population.Columns, population.Row(whole()), population.Row(bare)})
	golden(t, "file.golden", b.Bytes())
}
