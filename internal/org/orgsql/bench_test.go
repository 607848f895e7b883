package orgsql_test

import (
	"context"
	"testing"

	"dean06/data"
	"dean06/internal/org"
	"dean06/internal/org/orgsql"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/sqldb/sqldbtest"
)

// BenchmarkSeed is the first load of the reference data on SQLite.
func BenchmarkSeed(b *testing.B) {
	ctx := context.Background()
	for b.Loop() {
		s := orgsql.New(sqldbtest.OpenSQLite(b), clock.System{})
		if err := s.Migrate(ctx); err != nil {
			b.Fatal(err)
		}
		if err := s.Seed(ctx, data.FS); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadHistory(b *testing.B) {
	for b.Loop() {
		if _, err := org.ReadHistory(data.FS); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkTerritory is what a node that asks for the territory reads at its start.
func BenchmarkTerritory(b *testing.B) {
	db := sqldbtest.OpenSQLite(b)
	s := orgsql.New(db, newClock())
	if err := s.Migrate(b.Context()); err != nil {
		b.Fatal(err)
	}
	if err := s.Seed(b.Context(), data.FS); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := s.Territory(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
