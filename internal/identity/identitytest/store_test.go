package identitytest_test

import (
	"testing"

	"dean06/internal/identity"
	"dean06/internal/identity/identitytest"
)

func TestMemoryStore(t *testing.T) {
	t.Parallel()
	identitytest.Conformance(t, func(*testing.T) identity.Store { return identitytest.NewStore() })
}
