package populationweb

import (
	"slices"
	"testing"

	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/population"
)

// TestNewField: a line in the table of fields is all that pages need, but for its name.
func TestNewField(t *testing.T) {
	t.Parallel()
	pages, w := pagesIn(t, i18n.Vi)
	pages.Fields = population.PersonFields.With(
		population.FieldLine{Code: "role", Group: population.GroupSelf, Asked: true, Data: []population.Datum{
			{Member: "role", Text: func(p *population.Person) *string { return &p.Relation }, Form: population.FormRelation},
		}},
	)
	p := somebody()
	facts := w.groups(&population.PersonView{Person: p})[0].Facts
	if !slices.ContainsFunc(facts, func(f ui.Fact) bool { return f.Key == "[people.field.role]" && f.Value == "Chủ hộ" }) {
		t.Errorf("facts = %+v", facts)
	}
	part := population.Part{Fields: pages.Fields.All(), Facts: p}
	v := eventView{Kind: population.Correction, Corrects: &population.Event{Parts: []population.Part{part}}, Blank: true}
	if inputs := pages.inputs(w, &v); !slices.ContainsFunc(
		inputs,
		func(i input) bool { return i.About == "role" && i.Field.Value == "CH01" },
	) {
		t.Error("a correction does not ask for it")
	}
}
