package populationapi_test

import (
	"log/slog"
	"strings"
	"testing"

	"dean06/internal/platform/clock"
	"dean06/internal/population"
	"dean06/internal/population/populationapi"
)

// TestNewField: a line in the table of fields is all that answers and documents need.
func TestNewField(t *testing.T) {
	t.Parallel()
	withRole := population.PersonFields.With(population.FieldLine{Code: "role", Data: []population.Datum{
		{Member: "role", Text: func(p *population.Person) *string { return &p.Relation }},
	}})
	api := populationapi.New(populationapi.Parts{
		Register: &fake{}, Texts: texts(), Clock: clock.Fixed(now), Log: slog.New(slog.DiscardHandler), Fields: withRole,
	})
	w := do(t, api, ask{service: "facts", body: `{"number":"001090000001","fields":["role"]}`})
	if want := `"fields":["role"],"person":{"role":"CH01"}`; w.Code != 200 || !strings.Contains(w.Body.String(), want) {
		t.Errorf("facts: %d %s, want %s", w.Code, w.Body, want)
	}
	if w := do(t, newAPI(t, &fake{}), ask{service: "facts", body: `{"number":"001090000001","fields":["role"]}`}); w.Code != 422 {
		t.Errorf("without the line: %d", w.Code)
	}
	s, _ := api.Service("facts")
	for _, want := range []string{
		"cards, life, role]\n", "          $ref: \"#/components/schemas/Day\"\n        role:\n          type: string\n    Facts:\n",
	} {
		if !strings.Contains(string(s.OpenAPI), want) {
			t.Errorf("the document has no %q", want)
		}
	}
}
