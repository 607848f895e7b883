package journeys

import (
	"testing"

	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui/uitest"
)

// The auditor reads who did what, and checks that the log is whole.
func TestAuditor(t *testing.T) {
	t.Parallel()
	h := open(t)
	p := h.person(t, i18n.Vi, uitest.Desktop).signIn("kiemtoan")
	p.isAt("/audit")
}
