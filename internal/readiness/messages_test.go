package readiness_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"dean06/internal/platform/i18n"
	"dean06/internal/readiness"
)

// TestEveryTextIsThere: each key that the package names, and each that it or a
// page puts together from a value, has its text in both languages.
func TestEveryTextIsThere(t *testing.T) {
	t.Parallel()
	catalogue, err := i18n.Load(readiness.Messages)
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string]string{}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	literal := regexp.MustCompile(`"(readiness\.[a-z0-9_.]*[a-z0-9])"`)
	check := regexp.MustCompile(`(?:Reviews|Notes), a, [A-Za-z]+, "([a-z_]+)"|Reason: "([a-z_]+)"|onlyIn\([a-z]+, [a-z]+, "([a-z_]+)"\)`)
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range literal.FindAllStringSubmatch(string(raw), -1) {
			keys[m[1]] = file
		}
		if file == "check.go" {
			for _, m := range check.FindAllStringSubmatch(string(raw), -1) {
				keys["readiness.problem."+m[1]+m[2]+m[3]] = file
			}
		}
	}
	for _, s := range append(readiness.States, readiness.Replaced) {
		keys["readiness.state."+string(s)] = "states"
	}
	for _, s := range []readiness.Status{readiness.Met, readiness.PartiallyMet, readiness.NotMet, readiness.Unknown} {
		keys["readiness.status."+string(s)] = "statuses"
	}
	for _, row := range readiness.Permissions.Rows {
		keys["readiness.denied."+string(row.Action)] = "actions"
		keys["readiness.may."+string(row.Action)] = "actions"
	}
	for _, k := range readiness.TraceKinds {
		keys[k.Reason("1")], keys[k.Reason("")] = "traces", "traces"
	}
	for _, r := range readiness.Roles {
		keys["readiness.role."+r] = "roles"
	}
	for _, k := range readiness.Kinds {
		keys["readiness.kind."+k] = "kinds"
	}
	for _, r := range readiness.Rules {
		keys["readiness.rule."+r] = "rules"
	}
	for _, e := range []readiness.Event{
		readiness.EventSubmit, readiness.EventReplace, readiness.EventSendBack, readiness.EventAccept, readiness.EventReopen,
		readiness.EventWithdraw,
	} {
		keys["readiness.event."+string(e)] = "events"
		keys["readiness.state.refused."+string(e)] = "events"
	}
	if len(keys) < 100 {
		t.Fatalf("only %d keys found", len(keys))
	}
	for key, from := range keys {
		if !catalogue.Has(key) {
			t.Errorf("%s: no text for %s", from, key)
		}
	}
}
