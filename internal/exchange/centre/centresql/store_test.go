package centresql_test

import (
	"errors"
	"testing"

	"dean06/internal/exchange/centre"
	"dean06/internal/exchange/centre/centresql"
	"dean06/internal/exchange/centre/centretest"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
)

// TestStore: the centre does on tables what it does in memory, and its audit log holds.
func TestStore(t *testing.T) {
	t.Parallel()
	for engine, open := range map[string]func(testing.TB) *sqldb.DB{"sqlite": sqldbtest.OpenSQLite, "postgres": sqldbtest.OpenPostgres} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			centretest.Exercise(t, func(t *testing.T) (centre.Store, func() []string) {
				t.Helper()
				db := open(t)
				if err := errors.Join(audit.Migrate(t.Context(), db), centresql.Migrate(t.Context(), db)); err != nil {
					t.Fatal(err)
				}
				return centresql.New(db), func() (out []string) {
					if _, err := audit.Verify(t.Context(), db); err != nil {
						t.Error(err)
					}
					log, err := audit.Find(t.Context(), db, audit.Filter{Action: "exchange.", Limit: 100})
					if err != nil {
						t.Error(err)
					}
					for _, line := range log {
						out = append(out, line.Action)
					}
					return out
				}
			})
		})
	}
}
