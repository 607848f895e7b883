package app

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"dean06/internal/platform/i18n"
)

// actIn finds the code of an act that is written to the audit log.
var actIn = regexp.MustCompile(
	`(?:\bAction: |\b(?:audit|record|recordToken)\(\s*ctx,\s*(?:tx|q),\s*)"([a-z][a-z_0-9]*\.[a-z_.0-9]*[a-z0-9])"`,
)

// exchangeAct finds those of a gateway's owner, which share their beginning.
var exchangeAct = regexp.MustCompile(`\baudited ?\+ ?"([a-z_.]+)"`)

// acts are the codes that the logs of all nodes may hold.
func acts(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, role := range Roles {
		out = append(out, openNode(t, role).node.Acts()...)
	}
	return out
}

// TestEveryActHasItsText: whoever reads the audit log reads words, and can choose among
// all that is written there.
func TestEveryActHasItsText(t *testing.T) {
	t.Parallel()
	catalogue, err := Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	known := acts(t)
	for _, code := range known {
		for _, lang := range []i18n.Lang{i18n.Vi, i18n.En} {
			if text := catalogue.In(lang).T("act." + code); strings.Contains(text, code) {
				t.Errorf("%s has no text in %s", code, lang)
			}
		}
	}
	seen := 0
	err = filepath.WalkDir("..", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, "_templ.go") {
			return err
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		found := actIn.FindAllStringSubmatch(string(source), -1)
		for _, m := range exchangeAct.FindAllStringSubmatch(string(source), -1) {
			found = append(found, []string{m[0], "exchange." + m[1]})
		}
		for _, m := range found {
			code := m[1]
			if strings.Contains(filepath.ToSlash(path), "exchange/centre/") {
				code = "exchange." + code // the centre's store writes it so
			}
			if seen++; !slices.Contains(known, code) {
				t.Errorf("%s writes %s, which the audit log's page does not offer", path, code)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 25 {
		t.Errorf("only %d acts found: does the pattern still fit the source?", seen)
	}
}
