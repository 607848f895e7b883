package population_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"dean06/internal/citizen"
	"dean06/internal/platform/fault"
	"dean06/internal/population"
)

// TestMatchRule: whatever is claimed, somebody is found only by something that is not in
// the number; what was not claimed is not answered; and a claim that proves nothing gets
// the same answer for a number that somebody has and for one that nobody has.
func TestMatchRule(t *testing.T) {
	t.Parallel()
	r, m := village()
	nobody := citizen.MustNumber("001090000099")
	if _, ok := m.persons[nobody]; ok {
		t.Fatal("somebody has the number of nobody")
	}
	rapid.Check(t, func(t *rapid.T) {
		held := m.persons[thu]
		c := population.Claim{Key: population.Key{
			Number: thu,
			Name: rapid.SampledFrom([]string{
				"", " ", ".", held.Name, citizen.Squeeze(held.Name), "Nguyễn Văn Thủ", "Ai Khác", "\u200b" + held.Name, "nguyễnvănthử",
			}).Draw(t, "name"),
			Birth: citizen.MustDay(rapid.SampledFrom([]string{"1990", "1990-01", "1990-01-01", "1990-02", "1991", "1990-01-02"}).Draw(t, "birth")),
		}}
		if rapid.Bool().Draw(t, "no birth") {
			c.Birth = 0
		}
		values := rapid.MapOf(rapid.SampledFrom([]field{"sex", "life", "ethnicity", "father", "permanent"}), rapid.SampledFrom([]string{"1", "alive", "01", "x"}))
		c.Values = values.Draw(t, "values")
		answer := func(n citizen.Number) (population.Verdict, string) {
			c := c
			c.Number = n
			v, err := r.Match(t.Context(), asking(), []population.Claim{c})
			if err != nil {
				if fault.Of(err) != fault.Invalid {
					t.Fatal(err)
				}
				return population.Verdict{}, fault.As(err).Key
			}
			return v[0], ""
		}
		got, refused := answer(thu)
		none, refusedNone := answer(nobody)
		name := c.Name != "" && citizen.SameName(c.Name, held.Name)
		birth := c.Birth.Month() != 0 && c.Birth.Fits(held.Birth)
		switch proves := c.Proves(); {
		case refused != refusedNone, (refused != "") == proves:
			t.Fatalf("%+v: refused %q, for nobody's number %q, proves %v", c, refused, refusedNone, proves)
		case none.Found || len(none.Fields) > 0:
			t.Fatalf("%+v: nobody is found: %+v", c, none)
		case got.Found != (refused == "" && (name || birth)):
			t.Fatalf("%+v: found %v, name fits %v, birth fits %v", c, got.Found, name, birth)
		case !got.Found && len(got.Fields) > 0:
			t.Fatalf("%+v: tells %v of somebody who is not found", c, got.Fields)
		case !got.Found:
			return
		}
		want := map[field]bool{}
		if c.Name != "" {
			want["name"] = name
		}
		if c.Birth != 0 {
			want["birth"] = c.Birth.Fits(held.Birth)
		}
		for f, v := range c.Values {
			want[f] = v == "1" && f == "sex" || v == "alive" && f == "life" || v == "01" && f == "permanent" || (v == "01" || v == "1") && f == "ethnicity"
		}
		if fmt.Sprint(got.Fields) != fmt.Sprint(want) {
			t.Fatalf("%+v: fields %v, want %v", c, got.Fields, want)
		}
	})
}
