package demo

import (
	"testing"

	"dean06/internal/dossier"
)

// TestDossiers: the province has forty dossiers in all ten statuses, of three procedures and
// two communes, filled with what the register says, and told once.
func TestDossiers(t *testing.T) {
	t.Parallel()
	c := startCountry(t, t.TempDir())
	n := c.Node("thainguyen")
	if err := n.dossiers(t.Context()); err != nil {
		t.Fatal(err)
	}
	store := n.Modules.Dossier.Service().Store
	heads, err := store.List(t.Context(), dossier.ListQuery{Limit: 100})
	if err != nil || len(heads) != len(tale()) || len(heads) != 40 {
		t.Fatalf("%d dossiers, %v", len(heads), err)
	}
	statuses, procedures, communes := map[dossier.Status]int{}, map[string]int{}, map[string]int{}
	filled, late := 0, 0
	for _, h := range heads {
		d, err := store.Dossier(t.Context(), h.ID)
		if err != nil {
			t.Fatal(err)
		}
		statuses[d.Status]++
		procedures[d.Procedure]++
		communes[d.Area]++
		for _, a := range d.Answers {
			if a.Source == "register" {
				filled++
			}
		}
		if !d.Due.IsZero() && d.DoneAt.IsZero() && d.Due.Before(n.Node.Clock.Now()) {
			late++
		}
		actions, err := store.Actions(t.Context(), d.ID)
		if err != nil || dossier.VerifyChain(actions, d) != nil {
			t.Errorf("%s: its chain is not whole: %v", d.Code, err)
		}
	}
	if len(statuses) != 10 || len(procedures) != 3 || len(communes) != 2 || late < 2 {
		t.Errorf("statuses %v, procedures %v, communes %v, %d late", statuses, procedures, communes, late)
	}
	if filled < 200 {
		t.Errorf("%d facts came from the register", filled)
	}
	if err := n.dossiers(t.Context()); err != nil {
		t.Errorf("once more: %v", err)
	}
	if again, err := store.List(t.Context(), dossier.ListQuery{Limit: 100}); err != nil || len(again) != 40 {
		t.Errorf("%d after the second time, %v", len(again), err)
	}
}
