package orgsql_test

import (
	"testing"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
)

// TestACodeOfAnotherDay: a code that no unit has on a day says until when, or from when on,
// one has it.
func TestACodeOfAnotherDay(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		s := seeded(t, db)
		for _, c := range []struct{ code, day, key, name string }{
			{"00286", "2025-01-01", "org.code_ended", "Phường Bạch Mai"},
			{"00286", "2026-11-30", "org.code_ended", "Phường Bạch Mai"},
			{"007", "2025-07-01", "org.code_ended", "Quận Hai Bà Trưng"},
			{"00292", "2021-10-31", "org.code_begins", "Phường Quỳnh Lôi"},
			{"06978", "2026-11-30", "org.unknown_code", ""},
		} {
			_, err := s.Lineage(t.Context(), c.code, clock.MustDate(c.day), clock.MustDate("2026-11-30"))
			f := fault.As(err)
			if f == nil || f.Kind != fault.NotFound || f.Key != c.key || c.name != "" && f.Args["name"] != c.name {
				t.Errorf("%s on %s: %v", c.code, c.day, err)
			}
		}
	})
}
