package procedure

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/platform/clock"
)

func inForce(t *testing.T, code string) *Package {
	t.Helper()
	p := InForce(Packages(), code, clock.MustDate("2026-11-30"))
	if p == nil {
		t.Fatalf("no package %s is in force", code)
	}
	c := *p
	return &c
}

func TestBirthCoverage(t *testing.T) {
	t.Parallel()
	p := inForce(t, "1.001193")
	// Applicant: name, birth, number, residence 2, card 3. Mother and father each two more:
	// ethnicity, nationality. Child: ethnicity, nationality, origin 2, which follow.
	want := Coverage{Fields: 64, InRegister: 8 + 10 + 10 + 4, Bound: 32, Unbound: []string{}}
	if diff := cmp.Diff(want, p.Coverage()); diff != "" {
		t.Error(diff)
	}
	// Who is only typed is matched, and nothing of them arrives.
	p.People = []Person{{Owner: "mother", From: []PersonBy{{Is: "applicant"}}}, {Owner: "father", From: []PersonBy{{Typed: "father.number"}}}}
	if c := p.Coverage(); c.Bound != 8+10+4 || len(c.Unbound) != 10 || c.Unbound[0] != "father.number" {
		t.Errorf("with a father who is only typed: %+v", c)
	}
	p.People = nil
	if c := p.Coverage(); c.Bound != 8 || c.InRegister != 32 || len(c.Unbound) != 24 {
		t.Errorf("without people: %+v", c)
	}
}

func TestResidenceCoverage(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]Coverage{
		// Who moves 4, relative, head, owner and parent 2 each, the household, a member 4, the
		// relative's address 2.
		"1.004222": {Fields: 39, InRegister: 17, Bound: 17, Unbound: []string{}},
		// Who asks 4, four residences of 2, head 2, relation, a member 5.
		"1.010041": {Fields: 27, InRegister: 20, Bound: 20, Unbound: []string{}},
	} {
		if diff := cmp.Diff(want, inForce(t, code).Coverage()); diff != "" {
			t.Errorf("%s: %s", code, diff)
		}
	}
}
