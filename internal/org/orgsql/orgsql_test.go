package orgsql_test

import (
	"context"
	"testing"
	"time"

	"dean06/data"
	"dean06/internal/org"
	"dean06/internal/org/orgsql"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
)

var now = time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)

func seeded(t *testing.T, db *sqldb.DB) *orgsql.Store {
	t.Helper()
	ctx := context.Background()
	s := orgsql.New(db, clock.Fixed(now))
	if err := s.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if err := s.Seed(ctx, data.FS); err != nil {
		t.Fatal(err)
	}
	t.Logf("seeded %s in %v", db.Engine(), time.Since(start))
	return s
}

func TestCounts(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := context.Background()
		s := seeded(t, db)
		if err := s.Seed(ctx, data.FS); err != nil { // again: nothing to do
			t.Fatal(err)
		}
		for _, want := range []org.Counts{
			{Date: clock.MustDate("2022-10-01"), Provinces: 63, Districts: 705, Communes: 10599},
			{Date: clock.MustDate("2025-06-30"), Provinces: 63, Districts: 696, Communes: 10035},
			{Date: clock.MustDate("2025-07-01"), Provinces: 34, Districts: 0, Communes: 3321},
		} {
			got, err := s.Counts(ctx, orgsql.On(want.Date))
			if err != nil || got != want {
				t.Errorf("got %+v, %v; want %+v", got, err, want)
			}
		}
	})
}
