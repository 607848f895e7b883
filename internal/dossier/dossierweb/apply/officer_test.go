package apply_test

import (
	"net/http"
	"slices"
	"testing"

	"dean06/internal/dossier"
	"dean06/internal/dossier/dossiertest"
)

// TestOfficerOnACitizensPage: an officer who opens a citizen's page of a dossier is led to
// their own, where a purpose is said; nothing is noted of a purpose that they do not have.
func TestOfficerOnACitizensPage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d, err := s.World.To(t.Context(), dossier.HandedOver)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(d.Papers, func(p dossier.Paper) bool { return p.File != "" })
	for _, path := range []string{"", "/sent", "/papers/" + d.Papers[i].File, "/issued/" + d.Results[0].ID} {
		a := s.Get(dossiertest.Reviewer, "/dossiers/"+d.Code+path)
		if a.Code != http.StatusSeeOther || a.Location != "/desk/dossiers/"+d.Code {
			t.Errorf("%q: got %d to %q", path, a.Code, a.Location)
		}
	}
	looks, err := s.World.Store.Looks(t.Context(), d.ID, 0)
	if err != nil || len(looks) != 0 {
		t.Errorf("noted: %+v, %v", looks, err)
	}
	if a := s.Get(dossiertest.Stranger, "/dossiers/"+d.Code); a.Code == http.StatusOK || a.Code == http.StatusSeeOther {
		t.Errorf("a stranger got %d to %q", a.Code, a.Location)
	}
}
