package procedure

import (
	"testing"

	"dean06/internal/platform/clock"
)

func TestBuiltInPackages(t *testing.T) {
	t.Parallel()
	for _, p := range Packages() {
		if p.Code == "" || p.Version == "" || len(p.Form.Sections) == 0 || len(p.Process.Steps) == 0 {
			t.Errorf("package %q, version %q, is not whole", p.Code, p.Version)
		}
		if got := InForce(Packages(), p.Code, clock.MustDate("2026-11-30")); got == nil {
			t.Errorf("no version of %s is in force", p.Code)
		}
		if VersionOf(Packages(), p.Code, p.Version) != p {
			t.Errorf("%s %s is not found by its version", p.Code, p.Version)
		}
	}
	if InForce(Packages(), "1.001193", clock.MustDate("2020-01-01")) != nil {
		t.Error("a package is in force before its first day")
	}
}
