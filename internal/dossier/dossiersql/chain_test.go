package dossiersql_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"dean06/internal/dossier"
	"dean06/internal/dossier/dossiersql"
	"dean06/internal/dossier/dossiertest"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/ledger"
	"dean06/internal/platform/ledger/ledgersql"
	"dean06/internal/platform/ledger/ledgertest"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
)

var noon = time.Date(2026, 11, 20, 5, 0, 0, 0, time.UTC)

// chains are both logs of a database, actions first.
func chains(db *sqldb.DB) (actions, looks *ledgersql.Chain) {
	list := dossiersql.Chains(db)
	return list[0].(*ledgersql.Chain), list[1].(*ledgersql.Chain)
}

// acting writes actions: a new dossier, or a note in the one before.
type acting struct {
	store *dossiersql.Store
	d     dossier.Dossier
	acts  []dossier.Action
	n     int
}

func (w *acting) write(t *testing.T, rows int) {
	t.Helper()
	for i := range rows {
		err := w.store.InTx(t.Context(), func(tx dossier.Tx) error {
			if w.n%3 == 1 || i == 0 {
				d, first := dossiertest.Sample(w.n)
				w.d, w.acts = d, []dossier.Action{first}
				return tx.Add(t.Context(), d, first, "")
			}
			d := w.d
			was := d.Version
			d.Due = noon
			a := dossiertest.Acted(&d, dossier.Action{Verb: dossier.Note, At: noon, By: "o-1", Name: "Ma Văn Thụ Lý", Agency: "H55"}, w.acts)
			w.d, w.acts = d, append(w.acts, a)
			return tx.Save(t.Context(), d, was, []dossier.Action{a})
		})
		if err != nil {
			t.Fatal(err)
		}
		w.n++
	}
}

func sign(chain *ledgersql.Chain, by func(*ledger.Head) error) func(t *testing.T) {
	return func(t *testing.T) {
		t.Helper()
		k := ledgersql.Keeper{Chains: []*ledgersql.Chain{chain}, Sign: by, Clock: clock.System{}, Log: slog.New(slog.DiscardHandler)}
		k.Step(t.Context())
	}
}

// TestChainOfActions: no action can be changed, taken out or put back unseen.
func TestChainOfActions(t *testing.T) {
	t.Parallel()
	ledgertest.Run(t, func(t *testing.T, db *sqldb.DB) ledgertest.Subject {
		w := acting{store: migrate(t, db)}
		key, checks := ledgertest.Key(t)
		chain, _ := chains(db)
		return ledgertest.Subject{
			Chain: chain, Checks: checks, Rows: "dossier_action", Number: "seq", First: 1, Beside: []string{"dossier_log", "dossier_word", "dossier"},
			Heads: "ledger_head", Whose: "chain = 'dossiers'",
			Shrink: []string{`UPDATE dossier_log SET seq = %[1]d, sum = (SELECT sum FROM dossier_action WHERE seq = %[1]d) WHERE name = 'dossiers'`},
			Write:  w.write, Sign: sign(chain, ledgertest.Signer(key)),
		}
	})
}

// TestChainOfLooks: no look can be changed, taken out or put back unseen.
func TestChainOfLooks(t *testing.T) {
	t.Parallel()
	ledgertest.Run(t, func(t *testing.T, db *sqldb.DB) ledgertest.Subject {
		w := acting{store: migrate(t, db)}
		w.write(t, 1)
		written := 0
		key, checks := ledgertest.Key(t)
		_, chain := chains(db)
		return ledgertest.Subject{
			Chain: chain, Checks: checks, Rows: "dossier_look", Number: "seq", First: 1, Beside: []string{"dossier_log"},
			Heads: "ledger_head", Whose: "chain = 'dossier_looks'",
			Shrink: []string{`UPDATE dossier_log SET seq = %[1]d, sum = (SELECT sum FROM dossier_look WHERE seq = %[1]d) WHERE name = 'dossier_looks'`},
			Write: func(t *testing.T, rows int) {
				t.Helper()
				for range rows {
					written++
					l := dossier.Look{
						Dossier: w.d.ID, By: fmt.Sprint("o-", written), Name: "Ma Văn Thụ Lý", Agency: "H55", Purpose: "1.001193", At: noon, What: "dossier",
					}
					if err := w.store.SaveLook(t.Context(), l); err != nil {
						t.Fatal(err)
					}
				}
			},
			Sign: sign(chain, ledgertest.Signer(key)),
		}
	})
}

// TestDossiersFitTheirActions: whatever is edited in a dossier beside its actions is found,
// and the dossier named.
func TestDossiersFitTheirActions(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		w := acting{store: migrate(t, db)}
		w.write(t, 12)
		chain, _ := chains(db)
		check := func() ledger.Result {
			t.Helper()
			got, err := chain.Check(t.Context(), ledger.Checks{})
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		if got := check(); got.State != ledger.Whole || got.Rows != 12 {
			t.Fatalf("as it was: %+v", got)
		}
		second, _ := dossiertest.Sample(4)
		whole := read(t, db, second.ID)
		column := `SELECT name FROM pragma_table_info($1)`
		if db.Engine() == sqldb.Postgres {
			column = `SELECT CAST(column_name AS TEXT) FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = $1`
		}
		columns, err := sqldb.All[string](t.Context(), db, column, "dossier")
		if err != nil || len(columns) < 30 {
			t.Fatalf("%v, %v", columns, err)
		}
		do := func(query string, args ...any) {
			t.Helper()
			if _, err := sqldb.Exec(t.Context(), db, query, args...); err != nil {
				t.Fatalf("%s: %v", query, err)
			}
		}
		exempt := map[string]bool{"id": true, "tries": true, "tried_at": true, "effect_at": true} // no action tells of how often the register was tried
		for _, c := range columns {
			if exempt[c] {
				continue
			}
			set := "'x'"
			switch {
			case c == "doc":
				set = "replace(doc, '05443', '05449')"
			case strings.HasSuffix(c, "_at"), c == "due", c == "step_due", c == "promised":
				set = "'2026-12-01 00:00:00+00:00'"
			case c == "provisional":
				set = "NOT provisional"
			case c == "status", c == "supplements", c == "warned", c == "version":
				set = c + " + 1"
			}
			do(`UPDATE dossier SET `+c+` = `+set+` WHERE id = $1`, second.ID)
			if got := check(); got.State != ledger.Changed || got.At != 7 || !strings.HasPrefix(got.Why, "dossiersql.broken.") {
				t.Errorf("%s: %+v", c, got)
			} else if code := got.Args["code"]; code != second.Code && c != "code" {
				t.Errorf("%s: the dossier that is named is %v", c, code)
			}
			whole.put(t, db)
			if got := check(); got.State != ledger.Whole {
				t.Fatalf("%s, put back: %+v", c, got)
			}
		}
		// Somebody who can compute the digest of a row cannot compute the chain.
		do(`UPDATE dossier_action SET state = 'x' WHERE seq = 6`)
		if got := check(); got.State != ledger.Changed || got.At != 6 {
			t.Errorf("the digest: %+v", got)
		}
	})
}

// kept is a row of dossier as it was.
type kept struct {
	id     string
	engine sqldb.Engine
}

func read(t *testing.T, db *sqldb.DB, id string) kept {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), `CREATE TABLE kept AS SELECT * FROM dossier`); err != nil {
		t.Fatal(err)
	}
	return kept{id: id, engine: db.Engine()}
}

// put puts the row back: into a new row, as foreign keys keep the old one.
func (k kept) put(t *testing.T, db *sqldb.DB) {
	t.Helper()
	column := `SELECT name FROM pragma_table_info('dossier')`
	if k.engine == sqldb.Postgres {
		column = `SELECT CAST(column_name AS TEXT) FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = 'dossier'`
	}
	columns, err := sqldb.All[string](context.Background(), db, column)
	if err != nil {
		t.Fatal(err)
	}
	set := make([]string, len(columns))
	for i, c := range columns {
		set[i] = c + " = (SELECT k." + c + " FROM kept k WHERE k.id = dossier.id)"
	}
	if _, err := sqldb.Exec(t.Context(), db, `UPDATE dossier SET `+strings.Join(set, ", ")+` WHERE id = $1`, k.id); err != nil {
		t.Fatal(err)
	}
}
