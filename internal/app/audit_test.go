package app

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"dean06/internal/contract/contractsql"
	"dean06/internal/exchange/centre"
	"dean06/internal/platform/i18n"
	"dean06/internal/population/populationnode"
)

// actionIn finds the code of an act that is written to the audit log.
var actionIn = regexp.MustCompile(`(?:\bAction: |\baudit\(ctx, tx, )"((?:exchange|population|contract)\.[a-z_.]+)"`)

// TestEveryActHasItsText: whoever reads the audit log reads words, and can choose
// among all that the exchange and the register write there.
func TestEveryActHasItsText(t *testing.T) {
	t.Parallel()
	catalogue, err := Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	known := slices.Concat(sessionActions, centre.Actions, gatewayActions, populationnode.Actions, contractsql.Actions)
	for _, code := range known {
		for _, lang := range []i18n.Lang{i18n.Vi, i18n.En} {
			if text := catalogue.In(lang).T("app.audit." + code); strings.Contains(text, code) {
				t.Errorf("%s has no text in %s", code, lang)
			}
		}
	}
	seen := 0
	for _, root := range []string{"../exchange", "../population"} {
		err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			source, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			for _, m := range actionIn.FindAllStringSubmatch(string(source), -1) {
				if seen++; !slices.Contains(known, m[1]) {
					t.Errorf("%s writes %s, which the audit log's page does not offer", path, m[1])
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if seen < 8 {
		t.Errorf("only %d acts found: does the pattern still fit the source?", seen)
	}
}
