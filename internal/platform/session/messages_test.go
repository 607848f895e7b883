package session

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"dean06/internal/platform/i18n"
)

// TestMessages finds every key that the code names whole.
func TestMessages(t *testing.T) {
	t.Parallel()
	c, err := i18n.Load(Messages)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`fault\.New\([^,]+, "(session\.[a-z_.]+[a-z])"`).FindAllStringSubmatch(source(t), -1) {
		if !c.Has(m[1]) {
			t.Errorf("no message %s", m[1])
		}
	}
	for _, m := range regexp.MustCompile(`bad\("([a-z_]+)", (?:"([a-z_]+)"|)`).FindAllStringSubmatch(source(t), -1) {
		if !c.Has("session.password."+m[1]) && !c.Has("session.account."+m[2]) && !c.Has("session.token."+m[2]) {
			t.Errorf("no message for %v", m)
		}
	}
}

func source(t *testing.T) string {
	t.Helper()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var all string
	for _, n := range names {
		raw, err := os.ReadFile(n)
		if err != nil {
			t.Fatal(err)
		}
		all += string(raw)
	}
	return all
}
