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

// TestPagesShowTheNameOfTheDay: somebody recorded in 01/007/00292 lived in phường Quỳnh Lôi
// until 31 December 2024, whatever the code meant after.
func TestPagesShowTheNameOfTheDay(t *testing.T) {
	t.Parallel()
	for _, lang := range []i18n.Lang{i18n.Vi, i18n.En} {
		_, w := pagesIn(t, lang)
		at := population.Place{Province: "01", District: "007", Commune: "00292"}
		then := map[i18n.Lang]string{i18n.Vi: "từ 01/01/2025", i18n.En: "from 1 January 2025"}[lang]
		for day, want := range map[string]string{
			"2010-05-01": "Phường Quỳnh Lôi, Thành phố Hà Nội",
			"2024-12-31": "Phường Quỳnh Lôi, Thành phố Hà Nội",
			"2025-01-01": "Phường Bạch Mai, Thành phố Hà Nội",
			"2026-01-01": "Phường Bạch Mai, Thành phố Hà Nội", // it has a district: written before July 2025
			"2024":       "Phường Quỳnh Lôi, Thành phố Hà Nội",
			"":           "Phường Quỳnh Lôi (" + then + ": Phường Bạch Mai), Thành phố Hà Nội",
		} {
			var on citizen.Day
			if day != "" {
				on = citizen.MustDay(day)
			}
			if got := w.place(at, on); got != want {
				t.Errorf("%s, %q: %q, want %q", lang, day, got, want)
			}
		}
		if got := w.other(at, citizen.MustDay("2010-05-01")); !strings.Contains(got, "Phường Bạch Mai, Thành phố Hà Nội") {
			t.Errorf("today: %q", got)
		}
		today := population.Place{Province: "01", Commune: "00292"}
		if got := w.other(today, 0); !strings.Contains(got, "Phường Bạch Mai, ") || !strings.Contains(got, "Phường Quỳnh Mai, ") {
			t.Errorf("before: %q", got)
		}
		ended := population.Place{Province: "04", District: "049", Commune: "01717"}
		if got := w.place(ended, 0); got == "" {
			t.Error("a place that is gone is said as nothing")
		}
	}
}
