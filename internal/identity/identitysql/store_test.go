package identitysql_test

import (
	"context"
	"testing"

	"dean06/internal/identity"
	"dean06/internal/identity/identitysql"
	"dean06/internal/identity/identitytest"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/ledger/ledgersql"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
)

func migrate(t *testing.T, db *sqldb.DB) *identitysql.Store {
	t.Helper()
	for _, f := range []func(context.Context, *sqldb.DB) error{audit.Migrate, ledgersql.Migrate, identitysql.Migrate} {
		if err := f(t.Context(), db); err != nil {
			t.Fatal(err)
		}
	}
	return identitysql.New(db)
}

func TestConformance(t *testing.T) {
	t.Parallel()
	for engine, open := range map[string]func(testing.TB) *sqldb.DB{"sqlite": sqldbtest.OpenSQLite, "postgres": sqldbtest.OpenPostgres} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			identitytest.Conformance(t, func(t *testing.T) identity.Store {
				t.Helper()
				return migrate(t, open(t))
			})
		})
	}
}
