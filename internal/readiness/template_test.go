package readiness_test

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"dean06/internal/platform/fault"
	"dean06/internal/readiness"
)

func appendix488(t testing.TB) *readiness.Template {
	t.Helper()
	raw, err := os.ReadFile("../../data/readiness/template-488.v1.json")
	if err != nil {
		t.Fatal(err)
	}
	tpl, err := readiness.LoadTemplate(raw)
	if err != nil {
		t.Fatal(err)
	}
	return tpl
}

func TestAppendix488Loads(t *testing.T) {
	t.Parallel()
	tpl := appendix488(t)
	if got, want := tpl.Ref(), "488/1"; got != want {
		t.Errorf("ref %s, want %s", got, want)
	}
	if got, want := len(tpl.Components), 5; got != want {
		t.Errorf("%d components, want %d", got, want)
	}
	if got, want := len(tpl.Options[readiness.StageList]), 7; got != want {
		t.Errorf("%d stages, want %d", got, want)
	}
	if got, want := len(tpl.Items("5.n")), 2; got != want {
		t.Errorf("%d items in 5.n, want %d", got, want)
	}
}

func TestLoadTemplateNamesTheLine(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../data/readiness/template-488.v1.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ old, new, want string }{
		"syntax":        {`"version": 1,`, `"version": 1`, "Line 4"},
		"unknown field": {`"version": 1,`, `"versoin": 1,`, "versoin"},
		"member twice":  {`"version": 1,`, `"version": 1, "version": 2,`, "member_twice at=/version"},
		"another case":  {`"version": 1,`, `"Version": 1,`, "member at=/Version"},
		"unknown component": {
			`"kind": "repeat", "parent": "1", "component": "network"`, `"kind": "repeat", "parent": "1", "component": "netwrok"`, "netwrok",
		},
		"unknown list":   {`"options": "dossier"`, `"options": "dosier"`, "dosier"},
		"unknown agency": {`"for": ["ministry"]`, `"for": ["ministy"]`, "ministy"},
		"no English":     {`"en": "Tendering"`, `"en": ""`, "stage"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			broken := strings.Replace(string(raw), c.old, c.new, 1)
			if broken == string(raw) {
				t.Fatal("nothing replaced")
			}
			_, err := readiness.LoadTemplate([]byte(broken))
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "Line ") {
				t.Errorf("got %v, want a line number and %q", err, c.want)
			}
		})
	}
}

// A register opens with the forms that it holds, also those that were stored when
// less was refused.
func TestStoredTemplateIsOpened(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../data/readiness/template-488.v1.json")
	if err != nil {
		t.Fatal(err)
	}
	old := []byte(strings.Replace(string(raw), `"version": 1,`, `"version": 1, "Version": 1,`, 1))
	if _, err := readiness.LoadTemplate(old); err == nil {
		t.Error("a member in another case is loaded, want it refused")
	}
	if got, err := readiness.StoredTemplate(old); err != nil || got.Ref() != "488/1" {
		t.Errorf("got %v, %v", got, err)
	}
}

// Forms that went wrong once: a column that nobody could keep is refused and named with its
// line, mistakes are told in both languages, and a form needs no column that no row asks for.
func TestFormsThatWentWrong(t *testing.T) {
	t.Parallel()
	for file, want := range map[string][]string{
		"90-template-extra-column.json":         {"column_kind"},
		"92-template-wrong.json":                {"row_component", "row_kind"},
		"93-template-without-stage-column.json": nil,
	} {
		raw, err := os.ReadFile("testdata/cases/" + file)
		if err != nil {
			t.Fatal(err)
		}
		_, err = readiness.LoadTemplate(raw)
		var list fault.List
		errors.As(err, &list)
		var got []string
		for _, f := range list {
			got = append(got, strings.TrimPrefix(f.Key, "readiness.template.wrong."))
			where, _ := f.Args["where"].(readiness.Text)
			line := 0
			if _, err := fmt.Sscanf(where.Vi, "Dòng %d: ", &line); err != nil || line < 2 {
				t.Errorf("%s: %s names no line: %q", file, f.Key, where.Vi)
			}
			// The line is that on which the part begins that is wrong.
			part := strings.Split(string(raw), "\n")[line-1:]
			if what := f.Args["row"]; what != nil && !strings.Contains(strings.Join(part[:3], ""), fmt.Sprintf(`"key": "%v"`, what)) {
				t.Errorf("%s: %s is about row %v, and line %d says %q", file, f.Key, what, line, part[:3])
			}
		}
		for _, w := range want {
			if !slices.Contains(got, w) {
				t.Errorf("%s: got %v, want %s", file, got, w)
			}
		}
		if want == nil && err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}
