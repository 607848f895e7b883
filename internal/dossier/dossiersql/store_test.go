package dossiersql_test

import (
	"context"
	"testing"

	"dean06/internal/dossier"
	"dean06/internal/dossier/dossiersql"
	"dean06/internal/dossier/dossiertest"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/ledger/ledgersql"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
)

func migrate(t *testing.T, db *sqldb.DB) *dossiersql.Store {
	t.Helper()
	for _, f := range []func(context.Context, *sqldb.DB) error{audit.Migrate, jobs.Migrate, ledgersql.Migrate, dossiersql.Migrate} {
		if err := f(t.Context(), db); err != nil {
			t.Fatal(err)
		}
	}
	return dossiersql.New(db)
}

func TestConformance(t *testing.T) {
	t.Parallel()
	for engine, open := range map[string]func(testing.TB) *sqldb.DB{"sqlite": sqldbtest.OpenSQLite, "postgres": sqldbtest.OpenPostgres} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			dossiertest.Conformance(t, func(t *testing.T) dossier.Store {
				t.Helper()
				return migrate(t, open(t))
			})
		})
	}
}
