package populationweb

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dean06/data"
	"dean06/internal/citizen"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/population"
)

var update = flag.Bool("update", false, "write testdata/*.golden anew")

// somebody is a person of whom everything is known.
func somebody() population.Person {
	day := citizen.MustDay
	at := population.Place{Province: "01", District: "001", Commune: "00001", Detail: "Số 1 phố Thử", Country: "VN"}
	kin := population.Relative{Number: citizen.MustNumber("001060000001"), Name: "Nguyễn Văn Cha", Nationality: "VN"}
	return population.Person{
		Number: citizen.MustNumber(
			"001090000001",
		), OldNumbers: []citizen.OldNumber{citizen.OldFromInt(12345678), citizen.OldFromInt(111222333)},
		Name: "Nguyễn Văn Thử", OtherNames: []string{"Tèo", "Tí"}, Birth: day("1990-01-01"), Sex: citizen.Male,
		Ethnicity: "01", Religion: "00", Nationality: "VN", Blood: "02", Marital: "2",
		Birthplace: at, Origin: population.Place{Detail: "Viêng Chăn", Country: "LA"}, Permanent: at, PermanentSince: day("2020-05-01"),
		Temporary: population.Place{
			Province: "79",
			Commune:  "26734",
			Detail:   "Số 2",
			Country:  "VN",
		}, TemporarySince: day("2026-01"), Present: at,
		Household: "000000001", Relation: "CH01", Father: kin, Mother: population.Relative{Name: "Marie", Nationality: "FR"}, Spouse: kin,
		Guardian: population.Relative{OldNumber: citizen.OldFromInt(987654321), Name: "Giám Hộ", Nationality: "VN"},
		Cards: []population.Card{
			{Serial: "A1", Kind: "CC", Issued: day("2024-07-01")},
			{Serial: "B2", Kind: "CCCD", Issued: day("2017-05-01"), Expires: day("2024-07-01")},
		},
		Life: population.Missing, Ended: day("2026-02-03"),
	}
}

// pagesIn are pages that need no register, and their words in a language.
func pagesIn(t *testing.T, lang i18n.Lang) (*Pages, words) {
	t.Helper()
	catalogue, err := i18n.Load(ui.Messages, citizen.Messages, population.Messages, Messages)
	if err != nil {
		t.Fatal(err)
	}
	units, err := population.NewUnits(data.FS)
	if err != nil {
		t.Fatal(err)
	}
	p := New(Shell{Units: units, Clock: clock.Fixed(time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC))})
	return p, p.words(i18n.With(context.Background(), catalogue.In(lang)))
}

// TestPagesStay: what pages say of each field, in which order, and what a correction asks.
func TestPagesStay(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for _, lang := range []i18n.Lang{i18n.Vi, i18n.En} {
		pages, w := pagesIn(t, lang)
		for _, p := range []population.Person{somebody(), {}} {
			for _, f := range population.Fields {
				fmt.Fprintf(&b, "%s = %q\n", w.field(f), w.value(&p, f))
			}
			for _, g := range w.groups(&population.PersonView{Person: p, Family: pages.kinOf(p)}) {
				fmt.Fprintf(&b, "\n%s\n", g.Title)
				for _, f := range g.Facts {
					fmt.Fprintf(&b, "  %s: %s\n", f.Key, f.Value)
				}
			}
			part := population.Part{Fields: population.Fields, Facts: p}
			v := eventView{Kind: population.Correction, Corrects: &population.Event{Parts: []population.Part{part}}, Blank: true}
			fmt.Fprintln(&b, "\ncorrection")
			for _, i := range pages.inputs(w, &v) {
				fmt.Fprintf(
					&b,
					"  %s %d %q %q %q %d %q\n",
					i.Field.Name,
					i.Kind,
					i.Field.Label,
					i.Field.Hint,
					i.Field.Value,
					len(i.Field.Options),
					i.Detail.Value,
				)
			}
			fmt.Fprintln(&b)
		}
	}
	path := filepath.Join("testdata", "fields.golden")
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), b.String()); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
