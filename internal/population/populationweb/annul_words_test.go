package populationweb

import (
	"strings"
	"testing"

	"dean06/internal/citizen"
	"dean06/internal/platform/i18n"
	"dean06/internal/population"
)

// TestLeftIsSaid: one sentence for a household without a head, with everybody in it, and one for
// each spouse; in both languages.
func TestLeftIsSaid(t *testing.T) {
	t.Parallel()
	left := []population.Left{
		{Field: population.FieldSpouse, Person: population.Person{Name: "Lê Thị Vợ", Household: "000000001"}},
		{Field: population.FieldHousehold, Person: population.Person{Name: "Lê Thị Vợ", Household: "000000001"}},
		{Field: population.FieldHousehold, Person: population.Person{Name: "Trần Văn Lớn", Household: "000000001"}},
	}
	for _, lang := range []i18n.Lang{i18n.Vi, i18n.En} {
		_, w := pagesIn(t, lang)
		got := w.left(left)
		if len(got) != 2 || !strings.Contains(got[0], "Lê Thị Vợ") || !strings.Contains(got[1], "000000001") ||
			!strings.Contains(got[1], "Lê Thị Vợ, Trần Văn Lớn") || strings.Contains(strings.Join(got, ""), "{") {
			t.Errorf("%s: %q", lang, got)
		}
		if none := w.left(nil); none != nil {
			t.Errorf("%s: of nobody %q", lang, none)
		}
	}
}

// TestRelativeByNumber: of a relative whose name an event does not keep the number is shown alone.
func TestRelativeByNumber(t *testing.T) {
	t.Parallel()
	_, w := pagesIn(t, i18n.En)
	n, err := citizen.ParseNumber("001090000001")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		of   population.Relative
		want string
	}{
		{population.Relative{}, ""},
		{population.Relative{Number: n}, n.String()},
		{population.Relative{Name: "Lê Thị Vợ"}, "Lê Thị Vợ"},
		{population.Relative{Name: "Lê Thị Vợ", Number: n}, "Lê Thị Vợ (" + n.String() + ")"},
	} {
		if got := w.relative(c.of); got != c.want {
			t.Errorf("%+v is shown as %q, want %q", c.of, got, c.want)
		}
	}
}
