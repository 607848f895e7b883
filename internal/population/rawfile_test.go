package population_test

import (
	"bytes"
	"encoding/csv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"dean06/internal/citizen"
	"dean06/internal/platform/clock"
	"dean06/internal/population"
)

// TestRawFileIsReadBack: a file of persons has no mark and its values as they are, also
// those that a spreadsheet would take for formulas, so that what was written is what is
// read.
func TestRawFileIsReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		home := newHome
		home.Country = "VN"
		home.Detail = citizen.Spell(rapid.SampledFrom([]string{"=1+1", "-2", "+84 1", "@SUM(1)", "\"", ",;", "'x", "Số 1"}).Draw(t, "begins") +
			rapid.StringMatching(`[ -~À-ỹ]{0,12}`).Draw(t, "goes on"))
		p := person{
			Number: thu, Name: rapid.SampledFrom([]string{"Nguyễn Văn Thử", "H'Hen Niê", "K’Brôi", "Đỗ-Mười"}).Draw(t, "name"),
			Birth: citizen.MustDay("1990-01-01"), Sex: citizen.Male, Life: population.Alive, Nationality: "VN", Permanent: home,
			Blood: "00", Marital: "0",
		}
		var b bytes.Buffer
		w := csv.NewWriter(&b)
		if err := w.WriteAll([][]string{population.Columns, population.Row(p)}); err != nil {
			t.Fatal(err)
		}
		m := newMemory()
		r := population.New(population.Parts{
			Store: m, Units: units(), Clock: clock.Fixed(now), NumberKey: []byte("key"), NewID: func() string { return "id" },
		})
		report, err := r.Load(t.Context(), &b, population.LoadOptions{Actor: manager, Name: "x"})
		if err != nil || report.Loaded != 1 {
			t.Fatalf("%q: %+v, %v", b.String(), report, err)
		}
		if d := cmp.Diff(p, m.persons[thu], compare, cmpopts.IgnoreFields(person{}, "Version", "UpdatedAt")); d != "" {
			t.Fatalf("read back (-want +got):\n%s", d)
		}
	})
}
