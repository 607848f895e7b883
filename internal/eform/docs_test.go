package eform

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// What docs/forms.md says of kinds and checks is all that there are.
func TestDocsNameEveryKindAndCheck(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../docs/forms.md")
	if err != nil {
		t.Fatal(err)
	}
	part := func(name string) string {
		_, rest, ok := strings.Cut(string(raw), "<!-- "+name+": begin")
		text, _, ended := strings.Cut(rest, "<!-- "+name+": end -->")
		if !ok || !ended {
			t.Fatalf("docs/forms.md has no part %q", name)
		}
		return text
	}
	var kinds []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z]+)`").FindAllStringSubmatch(part("kinds"), -1) {
		kinds = append(kinds, m[1])
		q := Question{Kind: Kind(m[1])}
		if _, wrong := q.Normal(Value{Text: "x"}, here); wrong != nil && wrong.Key == "eform.wrong.kind" && m[1] != "card" && m[1] != "file" && m[1] != "code" {
			t.Errorf("there is no kind %q", m[1])
		}
	}
	if len(kinds) != 16 {
		t.Errorf("%d kinds: %v", len(kinds), kinds)
	}
	var checks []string
	for _, m := range regexp.MustCompile("`([a-z_]+)(?::[QN])?`").FindAllStringSubmatch(part("checks"), -1) {
		checks = append(checks, m[1])
		if _, ok := crossChecks[m[1]]; !ok {
			t.Errorf("there is no check %q", m[1])
		}
	}
	for name := range crossChecks {
		if !slices.Contains(checks, name) {
			t.Errorf("docs/forms.md does not name %q", name)
		}
	}
	for name := range Lists() {
		if !strings.Contains(part("kinds"), name) {
			t.Errorf("docs/forms.md does not name the list %q", name)
		}
	}
}
