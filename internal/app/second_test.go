package app

import (
	"slices"
	"strings"
	"testing"

	"dean06/internal/platform/node"
)

// TestWhoNeedsASecondFactor: by default whoever keeps accounts, operates, identifies people or
// watches over them; docs/config.example.toml and docs/operations.md name them.
func TestWhoNeedsASecondFactor(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		Board:     "administrator auditor security_inspector",
		Authority: "administrator auditor commune_police identity_operator registrar",
		Hub:       "administrator auditor operator",
		Agency:    "administrator auditor",
	}
	for role, roles := range want {
		m, _ := Build(role)
		var got []string
		for _, r := range m.Roles() {
			if r.Second {
				got = append(got, r.Code)
			}
		}
		slices.Sort(got)
		if strings.Join(got, " ") != roles {
			t.Errorf("%s: %v, want %s", role, got, roles)
		}
	}
	for _, r := range node.Roles(Every()) {
		if r.Bound && r.Second {
			t.Errorf("%s is of citizens, who have the second factors of their identity", r.Code)
		}
	}
}
