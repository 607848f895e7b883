package populationsql_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"dean06/internal/citizen"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/population"
)

// people is how many the benchmarks load: POPULATION_BENCH, or 100,000.
func people() int {
	if n, err := strconv.Atoi(os.Getenv("POPULATION_BENCH")); err == nil {
		return n
	}
	return 100_000
}

func engines(b *testing.B, f func(b *testing.B, db *sqldb.DB, size func() int64)) {
	b.Run("sqlite", func(b *testing.B) {
		path := filepath.Join(b.TempDir(), "p.db")
		db, err := sqldb.Open(b.Context(), "sqlite:"+path, sqldb.Options{})
		if err != nil {
			b.Fatal(err)
		}
		defer db.Close()
		f(b, db, func() int64 {
			_, _ = db.ExecContext(b.Context(), "PRAGMA wal_checkpoint(TRUNCATE)")
			info, err := os.Stat(path)
			if err != nil {
				return 0
			}
			return info.Size()
		})
	})
	b.Run("postgres", func(b *testing.B) {
		db := sqldbtest.OpenPostgres(b)
		f(b, db, func() int64 {
			n, _ := sqldb.One[int64](b.Context(), db, `SELECT pg_total_relation_size('population_person')`)
			return n
		})
	})
}

// BenchmarkLoad prints persons a second and bytes a person.
func BenchmarkLoad(b *testing.B) {
	persons := crowd(people())
	text := file(persons)
	engines(b, func(b *testing.B, db *sqldb.DB, size func() int64) {
		r, _ := register(b, db)
		b.ResetTimer() // the register is empty only once: run with -benchtime 1x
		report, err := r.Load(b.Context(), strings.NewReader(text), population.LoadOptions{Actor: clerk})
		if err != nil || report.Loaded != len(persons) {
			b.Fatal(report.Loaded, report.BadRows[:min(3, len(report.BadRows))], err)
		}
		b.ReportMetric(float64(len(persons))/b.Elapsed().Seconds(), "persons/s")
		b.ReportMetric(float64(size())/float64(len(persons)), "B/person")
	})
}

// BenchmarkMatch matches batches of 1,000, each look-up logged.
func BenchmarkMatch(b *testing.B) {
	persons := crowd(people())
	engines(b, func(b *testing.B, db *sqldb.DB, _ func() int64) {
		r, _ := register(b, db)
		load(b, r, persons)
		claims := make([]population.Claim, population.MaxBatch)
		n := 0
		b.ResetTimer()
		for b.Loop() {
			for i := range claims {
				p := persons[(n*7919+i*104729)%len(persons)]
				claims[i] = population.Claim{
					Key:    population.Key{Number: p.Number, Name: citizen.Squeeze(p.Name), Birth: p.Birth},
					Values: map[population.Field]string{population.FieldSex: "1", population.FieldPermanent: p.Permanent.Commune},
				}
				n++
			}
			v, err := r.Match(b.Context(), asking, claims)
			if err != nil || !v[0].Found {
				b.Fatal(v[0], err)
			}
		}
		b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "persons/s")
	})
}

// BenchmarkFacts asks for one person at a time, 64 at once.
func BenchmarkFacts(b *testing.B) {
	persons := crowd(people())
	engines(b, func(b *testing.B, db *sqldb.DB, _ func() int64) {
		r, _ := register(b, db)
		load(b, r, persons)
		b.SetParallelism(32)
		b.ResetTimer()
		b.RunParallel(func(pb *testing.PB) {
			for i := 0; pb.Next(); i++ {
				if _, err := r.Facts(
					b.Context(), asking, population.Key{Number: persons[i*7919%len(persons)].Number},
					[]population.Field{population.FieldName, population.FieldBirth, population.FieldPermanent},
				); err != nil {
					b.Error(err)
					return
				}
			}
		})
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
	})
}

// BenchmarkLookups reads the first page of one person's log among POPULATION_LOOKUPS
// entries (100,000 when it is not set), and matches a batch over it.
func BenchmarkLookups(b *testing.B) {
	entries, err := strconv.Atoi(os.Getenv("POPULATION_LOOKUPS"))
	if err != nil {
		entries = 100_000
	}
	persons := crowd(people())
	engines(b, func(b *testing.B, db *sqldb.DB, _ func() int64) {
		ctx := b.Context()
		r, store := register(b, db)
		load(b, r, persons)
		subjects := make([]citizen.Number, 1000)
		n := 0
		for range entries / len(subjects) {
			for i := range subjects {
				subjects[i] = persons[n*7919%len(persons)].Number
				n++
			}
			if err := store.Log(
				ctx, population.Entry{Lookup: population.Lookup{At: now, Persons: len(subjects), Outcome: population.Answered}, Subjects: subjects},
			); err != nil {
				b.Fatal(err)
			}
		}
		b.ResetTimer()
		for i := 0; b.Loop(); i++ {
			if _, err := r.Lookups(ctx, holder(persons[i*104729%len(persons)].Number), "", 50); err != nil {
				b.Fatal(err)
			}
		}
	})
}
