package app

import (
	"testing"

	"dean06/internal/dossier"
	"dean06/internal/population/populationweb"
)

// The register says in words that citizens looked at themselves; the word by which
// dossiers tell it so is one and the same.
func TestSelfIsOneWord(t *testing.T) {
	t.Parallel()
	if dossier.SelfOfficer != populationweb.CitizenSelf {
		t.Errorf("dossiers say %q, the register knows %q", dossier.SelfOfficer, populationweb.CitizenSelf)
	}
}
