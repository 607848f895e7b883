package app

import (
	"testing"

	"dean06/internal/platform/actor"
	"dean06/internal/readiness"
	"dean06/internal/security"
)

// Who writes about the security of an agency's systems writes row 5 of its return, and of no
// other's; who decides on dossiers, or inspects, does not.
func TestWhoWritesRow5(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		role, agency string
		may          bool
	}{
		{security.Officer, "H55", true},
		{security.UnitStaff, "H55", true},
		{readiness.FocalPoint, "H55", true},
		{security.HeadRole, "H55", false},
		{security.Examiner, "H55", false},
		{security.Officer, "H04", false},
		{security.Officer, "", false},
	} {
		by := actor.Actor{Account: "an", Agency: c.agency, Roles: []string{c.role}}
		err := readiness.Can(writerOfRow5(by, "H55"), readiness.EditDraft, "H55")
		if (err == nil) != c.may {
			t.Errorf("%s of %q: %v", c.role, c.agency, err)
		}
		if len(by.Roles) != 1 {
			t.Errorf("%s holds %v afterwards", c.role, by.Roles)
		}
	}
}
