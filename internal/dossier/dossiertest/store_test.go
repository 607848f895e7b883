package dossiertest_test

import (
	"testing"

	"dean06/internal/dossier"
	"dean06/internal/dossier/dossiertest"
)

func TestMemoryStore(t *testing.T) {
	t.Parallel()
	dossiertest.Conformance(t, func(*testing.T) dossier.Store { return dossiertest.NewStore() })
}
