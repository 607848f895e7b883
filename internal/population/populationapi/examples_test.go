package populationapi_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/population/people"
)

// TestExamples sends the examples of all documents to a register of the demo's people: each
// body that a document gives is accepted as it stands.
func TestExamples(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		const many, seed = 40, 6
		var rows strings.Builder
		if err := people.WriteCSV(&rows, many, seed, people.Options{}); err != nil {
			t.Fatal(err)
		}
		api, _ := holding(t, db, rows.String(), many, time.Date(2026, 11, 30, 3, 0, 0, 0, time.UTC))
		for _, o := range operations(t, api) {
			given, ok := o.call["requestBody"].(map[string]any)
			if !ok {
				continue
			}
			media := given["content"].(map[string]any)["application/json"].(map[string]any)
			bodies := []any{}
			if one := media["example"]; one != nil {
				bodies = append(bodies, one)
			}
			list, _ := media["examples"].(map[string]any)
			for _, kind := range []string{"birth", "death", "move_temporary"} {
				if one, ok := list[kind].(map[string]any); ok {
					bodies = append(bodies, one["value"])
				}
			}
			if len(bodies) == 0 || len(list) > 0 && len(bodies) != len(list) {
				t.Errorf("%s %s%s: %d of %d examples are tried", o.method, o.service, o.path, len(bodies), max(1, len(list)))
			}
			for _, body := range bodies {
				b, err := json.Marshal(body)
				if err != nil {
					t.Fatal(err)
				}
				dossier := map[string]string{"X-Road-Issue": "H55-261130-0001"}
				w := do(t, api, ask{service: o.service, method: o.method, path: o.path, body: string(b), header: dossier})
				if w.Code >= http.StatusMultipleChoices || strings.Contains(w.Body.String(), `"found":false`) {
					t.Errorf("%s %s%s does not take its example %s: %d %s", o.method, o.service, o.path, b, w.Code, w.Body)
				}
				o.documented(t, api, "its example", w)
			}
		}
		w := do(t, api, ask{service: "events", method: http.MethodGet, path: "/H55-261130-0001"})
		if w.Code != http.StatusOK || strings.Count(w.Body.String(), `"event":"r-`) != 3 {
			t.Errorf("the events of the dossier: %d %s", w.Code, w.Body)
		}
	})
}
