package populationsql_test

import (
	"fmt"
	"log/slog"
	"testing"

	"dean06/internal/citizen"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/ledger"
	"dean06/internal/platform/ledger/ledgersql"
	"dean06/internal/platform/ledger/ledgertest"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/population"
	"dean06/internal/population/populationsql"
)

// lookUps adds look-ups about nobody, one person, and several.
func lookUps(t *testing.T, store *populationsql.Store, from, n int) {
	t.Helper()
	who := []citizen.Number{baba, thu, wife} // in the order of their numbers
	for i := from; i < from+n; i++ {
		subjects := who[:i%4]
		if err := store.Log(t.Context(), population.Entry{
			Lookup: population.Lookup{
				At: now, Client: "VN/GOV/H55/TTHC", Agency: "H55", Officer: fmt.Sprint("canbo", i%3), Service: population.ServiceDesk,
				Purpose: "citizen_asks", Dossier: fmt.Sprint("H55-", i), Fields: []population.Field{population.FieldNumber},
				RequestID: fmt.Sprint("r-", i), Persons: len(subjects), Outcome: population.Answered,
			},
			Subjects: subjects,
		}); err != nil {
			t.Fatal(err)
		}
	}
}

// TestChain: no look-up can be changed, taken out or put back unseen.
func TestChain(t *testing.T) {
	t.Parallel()
	ledgertest.Run(t, func(t *testing.T, db *sqldb.DB) ledgertest.Subject {
		_, store := register(t, db)
		if err := ledgersql.Migrate(t.Context(), db); err != nil {
			t.Fatal(err)
		}
		key, checks := ledgertest.Key(t)
		chain, written := populationsql.Chain(db), 0
		return ledgertest.Subject{
			Chain: chain, Checks: checks, Rows: "population_lookup", Number: "seq", First: 1,
			Beside: []string{"population_lookup_head", "population_lookup_subject"}, Heads: "ledger_head", Whose: "chain = 'lookups'",
			Shrink: []string{
				`UPDATE population_lookup_head SET seq = %[1]d, hash = (SELECT hash FROM population_lookup WHERE seq = %[1]d)`,
				`DELETE FROM population_lookup_subject WHERE lookup > %[1]d`,
			},
			Write: func(t *testing.T, rows int) {
				t.Helper()
				lookUps(t, store, written, rows)
				written += rows
			},
			Sign: func(t *testing.T) {
				t.Helper()
				k := ledgersql.Keeper{
					Chains: []*ledgersql.Chain{chain}, Sign: ledgertest.Signer(key), Clock: clock.System{}, Log: slog.New(slog.DiscardHandler),
				}
				k.Step(t.Context())
			},
		}
	})
}

// TestWhomALookUpIsAbout: the rows by which people find who looked at them are part of
// the log.
func TestWhomALookUpIsAbout(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		_, store := register(t, db)
		lookUps(t, store, 0, 12)
		chain := populationsql.Chain(db)
		for name, c := range map[string]struct {
			do, undo string
			at       int64
		}{
			"taken out": {
				fmt.Sprintf(`DELETE FROM population_lookup_subject WHERE lookup = 3 AND subject = %d`, thu.Int()),
				fmt.Sprintf(`INSERT INTO population_lookup_subject (subject, lookup) VALUES (%d, 3)`, thu.Int()), 3,
			},
			"another person": {
				fmt.Sprintf(`UPDATE population_lookup_subject SET subject = 5 WHERE lookup = 2 AND subject = %d`, baba.Int()),
				fmt.Sprintf(`UPDATE population_lookup_subject SET subject = %d WHERE lookup = 2 AND subject = 5`, baba.Int()), 2,
			},
			"put in": {
				`INSERT INTO population_lookup_subject (subject, lookup) VALUES (5, 1)`,
				`DELETE FROM population_lookup_subject WHERE subject = 5`, 1,
			},
			"put in beside others": {
				`INSERT INTO population_lookup_subject (subject, lookup) VALUES (5, 12)`,
				`DELETE FROM population_lookup_subject WHERE subject = 5`, 12,
			},
			"of a look-up that is none": {
				`INSERT INTO population_lookup_subject (subject, lookup) VALUES (5, 0)`,
				`DELETE FROM population_lookup_subject WHERE subject = 5`, 0,
			},
			"the one person": {
				`UPDATE population_lookup SET subject = 5 WHERE seq = 2`,
				fmt.Sprintf(`UPDATE population_lookup SET subject = %d WHERE seq = 2`, baba.Int()), 2,
			},
			"several made one": {
				`UPDATE population_lookup SET subject = 0 WHERE seq = 3`, `UPDATE population_lookup SET subject = NULL WHERE seq = 3`, 3,
			},
		} {
			if _, err := sqldb.Exec(t.Context(), db, c.do); err != nil {
				t.Fatal(err)
			}
			if got, err := chain.Check(t.Context(), ledger.Checks{}); err != nil || got.State != ledger.Changed || got.At != c.at {
				t.Errorf("%s: %+v, %v, want changed at %d", name, got, err, c.at)
			}
			if _, err := sqldb.Exec(t.Context(), db, c.undo); err != nil {
				t.Fatal(err)
			}
			if got, err := chain.Check(t.Context(), ledger.Checks{}); err != nil || got.State != ledger.Whole || got.Rows != 12 {
				t.Fatalf("after %s was undone: %+v, %v", name, got, err)
			}
		}
	})
}

// TestAChangedRowSaysSo: whoever reads a look-up sees when the row is not the one that was
// written, in each column that they are shown.
func TestAChangedRowSaysSo(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		_, store := register(t, db)
		lookUps(t, store, 0, 6)
		ctx := t.Context()
		read := func() []population.Lookup {
			t.Helper()
			own, err := store.Lookups(ctx, baba, population.Period{}, "", 50)
			if err != nil {
				t.Fatal(err)
			}
			officer, err := store.OfficerLookups(ctx, "H55", []string{"canbo0", "canbo1", "canbo2"}, population.Period{}, "", 50)
			if err != nil || len(own) != 4 || len(officer) != 6 {
				t.Fatalf("%d and %d look-ups, %v", len(own), len(officer), err)
			}
			return append(own, officer...)
		}
		for _, l := range read() {
			if l.Broken {
				t.Errorf("row %s as it was written: broken", l.ID)
			}
		}
		for _, set := range []string{
			"purpose = 'x'", "officer = 'canbo1'", "dossier = ''", "client = 'x'", "service = 'x'", "fields = ''", "outcome = 'refused'",
			"persons = 9", "request_id = 'x'", "at = '2020-01-01 00:00:00+00:00'", "subject = 5", "hash = subjects",
		} {
			if _, err := sqldb.Exec(ctx, db, `CREATE TABLE kept AS SELECT * FROM population_lookup`); err != nil {
				t.Fatal(err)
			}
			if _, err := sqldb.Exec(ctx, db, `UPDATE population_lookup SET `+set+` WHERE seq = 3`); err != nil {
				t.Fatal(err)
			}
			seen := 0
			for _, l := range read() {
				if l.ID == "3" && l.Broken {
					seen++
				}
			}
			if seen != 2 {
				t.Errorf("%s: seen by %d of two readers", set, seen)
			}
			for _, s := range []string{
				`DELETE FROM population_lookup`, `INSERT INTO population_lookup SELECT * FROM kept`, `DROP TABLE kept`,
			} {
				if _, err := sqldb.Exec(ctx, db, s); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}
