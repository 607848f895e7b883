package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"dean06/internal/app"
	"dean06/internal/platform/permit"
)

// mayBeUnstated take a reason and do without: the log of look-ups then says that none was
// given, and so does the terminal.
var mayBeUnstated = []string{"population search", "population match"}

// TestCommandsSayWhatTheyAsk: every command names what it asks, or that anyone may, and
// takes a reason where the table wants one; what two approved carries it in its request.
func TestCommandsSayWhatTheyAsk(t *testing.T) {
	t.Parallel()
	parser, err := newParser(&commands{})
	if err != nil {
		t.Fatal(err)
	}
	asks := app.Commands()
	var lines []permit.Line
	for _, m := range app.Every() {
		lines = append(lines, m.Permissions...)
	}
	for _, leaf := range parser.Model.Leaves(false) {
		path := strings.TrimPrefix(leaf.FullPath(), "dean06 ")
		may, ok := asks[path]
		if !ok || may == "" {
			t.Errorf("dean06 %s does not say what it asks", path)
		}
		delete(asks, path)
		i := slices.IndexFunc(lines, func(l permit.Line) bool { return l.Name() == may })
		if i < 0 || !lines[i].Purpose {
			continue
		}
		want := "purpose"
		if lines[i].Second {
			want = "request"
		}
		if !slices.ContainsFunc(leaf.Flags, func(f *kong.Flag) bool { return f.Name == want && f.Required != slices.Contains(mayBeUnstated, path) }) {
			t.Errorf("dean06 %s asks %s and has no --%s that must be given", path, may, want)
		}
	}
	for path := range asks {
		t.Errorf("dean06 %s says what it asks and is no command", path)
	}
}
