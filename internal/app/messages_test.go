package app

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"dean06/internal/platform/i18n"
)

// keyIn finds message keys that are written out in a line of Go or templ.
var keyIn = regexp.MustCompile(`(?:fault\.New\([^"]*|\.T\(|\bKey: |refused\w*\([^"]*|\bkey :?= )"((?:app|audit|cli|config|jobs|org|readiness|session)(?:\.[a-z_0-9]+)+)"`)

// Every key that the source names has its text, so that nobody ever reads a key.
func TestEveryKeyHasItsText(t *testing.T) {
	t.Parallel()
	catalogue, err := Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, root := range []string{"../../internal", "../../cmd"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			ext := filepath.Ext(path)
			if err != nil || ext != ".go" && ext != ".templ" || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, "_templ.go") || d.Name() == "fault.go" {
				return err
			}
			source, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			for _, m := range keyIn.FindAllStringSubmatch(string(source), -1) {
				seen++
				for _, lang := range []i18n.Lang{i18n.Vi, i18n.En} {
					if text := catalogue.In(lang).T(m[1]); strings.Contains(text, m[1]) {
						t.Errorf("%s: %s has no text in %s", path, m[1], lang)
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if seen < 120 {
		t.Errorf("only %d keys found: does the pattern still fit the source?", seen)
	}
}
