package populationweb

import (
	"strings"
	"testing"

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
