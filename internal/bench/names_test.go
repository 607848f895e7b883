package bench_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/bench"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/measure"
)

// printed is the names of one section of `dean06 bench … --json`. Figures of years are
// compared by them, so they stay.
var printed = map[string][]string{
	"generate":          {"file_bytes_a_person", "persons_per_second"},
	"load":              {"bytes_a_person", "cpu_us_a_person", "persons_per_second", "seconds"},
	"read":              {"calls", "cpu_ms"},
	"facts":             {"calls", "cpu_ms"},
	"match":             {"calls", "cpu_ms"},
	"match_batch":       {"calls", "cpu_ms", "persons_per_second"},
	"logged":            {"asked", "logged"},
	"search":            {"calls", "cpu_ms"},
	"search_common":     {"calls", "cpu_ms"},
	"search_given":      {"calls", "cpu_ms"},
	"search_given_year": {"calls", "cpu_ms"},
	"search_ends":       {"calls", "cpu_ms"},
	"search_commune":    {"calls", "cpu_ms"},
	"search_province":   {"calls", "cpu_ms"},
	"log":               {"bytes_a_lookup", "lookups", "lookups_per_second"},
	"page":              {"calls", "cpu_ms"},
	"page_known":        {"calls", "cpu_ms"},
	"birth":             {"calls", "cpu_ms"},
	"move":              {"calls", "cpu_ms"},
}

func TestWhatIsPrintedKeepsItsNames(t *testing.T) {
	t.Parallel()
	got, err := bench.Population{
		N: 400, DB: "sqlite:" + filepath.Join(t.TempDir(), "register.db"), Lookups: 50, For: 5 * time.Millisecond, Callers: []int{1},
	}.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Machine  map[string]any   `json:"machine"`
		Engine   string           `json:"engine"`
		N        int              `json:"n"`
		Sections []map[string]any `json:"sections"`
		After    *string          `json:"load_average_after"`
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&document); err != nil {
		t.Fatal(err)
	}
	if document.Engine != "sqlite" || document.N != 400 || document.After == nil {
		t.Errorf("engine %q, %d people, load after %v", document.Engine, document.N, document.After)
	}
	machine := []string{"at", "cores", "cpu", "go", "load_average", "memory", "system"}
	if diff := cmp.Diff(machine, slices.Sorted(maps.Keys(document.Machine))); diff != "" {
		t.Errorf("machine (-want +got):\n%s", diff)
	}
	names := map[string][]string{}
	for _, s := range document.Sections {
		var members []string
		if calls, ok := s["calls"].(map[string]any); ok {
			members = append(members, "calls")
			delete(calls, "first_error") // there when one failed: of so few people somebody may be drawn twice
			want := []string{"callers", "calls", "errors", "max_ms", "p50_ms", "p95_ms", "p99_ms", "per_second", "seconds"}
			if diff := cmp.Diff(want, slices.Sorted(maps.Keys(calls))); diff != "" {
				t.Errorf("calls of %v (-want +got):\n%s", s["name"], diff)
			}
		}
		values, _ := s["values"].(map[string]any)
		names[s["name"].(string)] = append(members, slices.Sorted(maps.Keys(values))...)
	}
	if diff := cmp.Diff(printed, names); diff != "" {
		t.Errorf("sections (-want +got):\n%s", diff)
	}
}

// TestTableIsInWords prints what the exchange, sign-ins and the programme measure in both languages.
func TestTableIsInWords(t *testing.T) {
	t.Parallel()
	all, err := i18n.Load(bench.Messages)
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]float64{
		"cpu_ms_client": 1, "cpu_ms_gateways": 2, "cpu_us_a_person": 3, "records": 4, "heads": 5, "calls_answered": 6, "per_second_and_core": 7,
		"tasks": 8, "unit_tasks": 9, "unit_tasks_per_second": 10, "pages": 11, "bytes_a_page": 12, "pause_seconds": 1,
	}
	for _, side := range []string{"consumer", "provider", "authority", "server", "node"} {
		for _, v := range []string{"cpu_ms_", "rss_mb_", "own_mb_", "peak_mb_"} {
			values[v+side] = 1.5
		}
	}
	r := bench.Result{Machine: measure.ThisMachine(), Engine: "sqlite", N: 10}
	for _, name := range []string{
		"floor", "call", "match_batch", "log_consumer", "log_provider", "logged",
		"sign_in", "client_credentials", "password", "sign_ins_logged", "programme_fill", "programme_first", "programme",
	} {
		r.Sections = append(r.Sections, bench.Section{Name: name, Calls: &measure.Figures{Callers: 32, PerSecond: 894.2}, Values: values})
	}
	for _, lang := range []i18n.Lang{i18n.Vi, i18n.En} {
		var out strings.Builder
		if err := r.Print(&out, all.In(lang)); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(out.String(), "[bench.") || strings.Count(out.String(), "\n") < 10 {
			t.Errorf("in %s:\n%s", lang, out.String())
		}
		if got, ok := r.Section("call", 32); !ok || got.Calls.PerSecond != 894.2 {
			t.Errorf("section call with 32 callers: %v, %v", got, ok)
		}
	}
}
