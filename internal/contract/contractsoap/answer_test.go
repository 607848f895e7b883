package contractsoap

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"dean06/internal/contract"
)

// TestLines: whatever an operation asks for has its element.
func TestLines(t *testing.T) {
	t.Parallel()
	for _, name := range contract.Operations() {
		op, ok := contract.OperationNamed(name)
		if !ok {
			t.Fatalf("no operation %s", name)
		}
		for _, f := range op.Fields {
			if !slices.ContainsFunc(lines, func(l line) bool { return l.field == f }) {
				t.Errorf("%s asks for %s, for which the contract has no element", name, f)
			}
		}
	}
}

// TestAnswerOfAnotherType: an answer that the contract cannot read is refused, without
// telling what it was.
func TestAnswerOfAnotherType(t *testing.T) {
	t.Parallel()
	for member, field := range map[string]string{
		"name": "name", "birth": "birth", "father": "father", "relation": "household", "old_numbers": "old_number",
	} {
		f := facts{Fields: []string{field}, Person: answered{member: json.RawMessage(`7012345`)}}
		if _, err := citizenElement(f); err == nil || strings.Contains(err.Error(), "7012345") {
			t.Errorf("%s: %v", member, err)
		}
	}
	if n, err := citizenElement(facts{Fields: []string{"sex"}, Person: answered{"name": json.RawMessage(`7`)}}); err != nil ||
		len(n.kids) != 1 {
		t.Errorf("what was not asked for: %v, %v", n, err)
	}
}
