package exchange_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"dean06/internal/exchange"
	"dean06/internal/exchange/centre"
	"dean06/internal/platform/i18n"
)

// TestEveryTextIsThere: each key that the package, the centre and their stores name has its text
// in both languages.
func TestEveryTextIsThere(t *testing.T) {
	t.Parallel()
	catalogue, err := i18n.Load(exchange.Messages, centre.Messages)
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, pattern := range []string{"*.go", "exchangesql/*.go", "centre/*.go", "centre/centresql/*.go"} {
		list, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, list...)
	}
	literal := regexp.MustCompile(
		`"(exchange\.[a-z0-9_.]*[a-z0-9])"|(?:broken|v\.say|disproved|add)\((?:"[a-z_]+", )?(?:health\.(?:Fine|Warning|Failing), )?"([a-z_]+)"`,
	)
	prefix := map[string]string{
		"verify_log.go": "exchange.log.broken.", "proof_verify.go": "exchange.proof.", "decide_check.go": "exchange.right.",
	}
	found := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range literal.FindAllStringSubmatch(string(raw), -1) {
			key := m[1]
			if m[2] != "" {
				if prefix[filepath.Base(file)] == "" {
					continue
				}
				key = prefix[filepath.Base(file)] + m[2]
			}
			if strings.HasSuffix(key, "_") || strings.Contains(string(raw), `"`+key+`", "exchange_`) {
				continue
			}
			found++
			if !catalogue.Has(key) {
				t.Errorf("%s: no text for %s", file, key)
			}
		}
	}
	for _, k := range []exchange.Kind{exchange.Request, exchange.Response} {
		for _, key := range []string{"exchange.proof.body_of_", "exchange.proof.head_of_"} {
			if !catalogue.Has(key + string(k)) {
				t.Errorf("no text for %s%s", key, k)
			}
		}
	}
	if found < 50 {
		t.Errorf("only %d keys found", found)
	}
}
