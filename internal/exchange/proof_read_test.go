package exchange_test

import (
	"strings"
	"testing"

	"dean06/internal/exchange"
)

// A proof is evidence: it must not be read one way here and another way elsewhere.
func TestProofIsReadInOneWay(t *testing.T) {
	t.Parallel()
	file, err := exchange.Proof{Format: exchange.ProofFormat, Records: make([]exchange.ProofRecord, 1)}.File()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := exchange.ReadProof(file); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	format := `"format": "` + exchange.ProofFormat + `",`
	for name, other := range map[string]string{
		"twice":        `"format": "another", ` + format,
		"another case": strings.Replace(format, "format", "Format", 1),
		"unknown":      format + ` "more": 1,`,
	} {
		changed := strings.Replace(string(file), format, other, 1)
		if changed == string(file) {
			t.Fatalf("%s: nothing replaced in %s", name, file)
		}
		if _, err := exchange.ReadProof([]byte(changed)); err == nil {
			t.Errorf("%s: read, want it refused", name)
		}
	}
	for _, more := range []string{"{}", "]", "x"} {
		if _, err := exchange.ReadProof(append(file, more...)); err == nil {
			t.Errorf("%q after it: read, want it refused", more)
		}
	}
}
