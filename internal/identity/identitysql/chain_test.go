package identitysql_test

import (
	"context"
	"log/slog"
	"testing"

	"dean06/internal/identity"
	"dean06/internal/identity/identitysql"
	"dean06/internal/identity/identitytest"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/ledger"
	"dean06/internal/platform/ledger/ledgersql"
	"dean06/internal/platform/ledger/ledgertest"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
)

// TestChain: no entry can be changed, taken out or put back unseen.
func TestChain(t *testing.T) {
	t.Parallel()
	ledgertest.Run(t, func(t *testing.T, db *sqldb.DB) ledgertest.Subject {
		s := migrate(t, db)
		key, checks := ledgertest.Key(t)
		chain := identitysql.Chains(db)[0].(*ledgersql.Chain)
		n := 0
		return ledgertest.Subject{
			Chain: chain, Checks: checks, Rows: "identity_entry", Number: "seq", First: 1, Beside: []string{"identity_log", "identity_account"},
			Heads: "ledger_head", Whose: "chain = 'identities'",
			Shrink: []string{`UPDATE identity_log SET seq = %[1]d, sum = (SELECT sum FROM identity_entry WHERE seq = %[1]d)`},
			Write: func(t *testing.T, rows int) {
				t.Helper()
				for i := range rows {
					err := s.InTx(t.Context(), func(tx identity.Tx) error {
						if n++; i%3 == 0 {
							if err := tx.SaveAccount(t.Context(), identitytest.Sample(n)); err != nil {
								return err
							}
						}
						return tx.AddEntry(t.Context(), identitytest.SampleEntry(identitytest.Sample(n-i%3).ID, "step"))
					})
					if err != nil {
						t.Fatal(err)
					}
				}
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

// TestAccountsFollowFromEntries: whatever is edited in an account beside its entries is found,
// and the account named.
func TestAccountsFollowFromEntries(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		s := migrate(t, db)
		for n := range 3 {
			if err := opened(ctx, s, n); err != nil {
				t.Fatal(err)
			}
		}
		whole(t, db)
		id := identitytest.Sample(1).ID
		kept := sqldbtest.Contents(t, db, "identity_account")
		for name, c := range map[string]struct {
			state ledger.State
			how   string
			edit  string
			back  string
		}{
			"a level given": {
				ledger.Changed, "row", `UPDATE identity_account SET level = 2 WHERE id = $1`, `UPDATE identity_account SET level = 1 WHERE id = $1`,
			},
			"a state": {
				ledger.Changed, "row", `UPDATE identity_account SET state = 'closed' WHERE id = $1`,
				`UPDATE identity_account SET state = 'active' WHERE id = $1`,
			},
			"another's number": {
				ledger.Changed, "row", `UPDATE identity_account SET number = '001190999999' WHERE id = $1`,
				`UPDATE identity_account SET number = '001190000001' WHERE id = $1`,
			},
			"another name": {
				ledger.Changed, "row", `UPDATE identity_account SET doc = replace(doc, 'Nguyễn', 'Trần') WHERE id = $1`,
				`UPDATE identity_account SET doc = replace(doc, 'Trần', 'Nguyễn') WHERE id = $1`,
			},
			"put in": {
				ledger.Changed, "empty", `INSERT INTO identity_account (id, kind, number, level, state, version, doc)
					SELECT 'planted', kind, '001190888888', 2, state, version, doc FROM identity_account WHERE id = $1`,
				`DELETE FROM identity_account WHERE id = 'planted' AND id <> $1`,
			},
		} {
			if _, err := db.ExecContext(ctx, c.edit, id); err != nil {
				t.Fatal(err)
			}
			got, err := identitysql.Chains(db)[0].Check(ctx, ledger.Checks{})
			if err != nil || got.State != c.state || got.Why != "identitysql.broken."+c.how {
				t.Errorf("%s: %+v, %v", name, got, err)
			}
			if _, err := db.ExecContext(ctx, c.back, id); err != nil {
				t.Fatal(err)
			}
		}
		if now := sqldbtest.Contents(t, db, "identity_account"); len(now["identity_account"]) != len(kept["identity_account"]) {
			t.Errorf("%v", now)
		}
		whole(t, db)
		if _, err := db.ExecContext(ctx, `DELETE FROM identity_account WHERE id = $1`, id); err != nil {
			t.Fatal(err)
		}
		got, err := identitysql.Chains(db)[0].Check(ctx, ledger.Checks{})
		if err != nil || got.State != ledger.Cut || got.Why != "identitysql.broken.gone" || got.Args["account"] != id {
			t.Errorf("taken out: %+v, %v", got, err)
		}
	})
}

// TestWithin: what else a caller writes in the transaction of the store goes with it.
func TestWithin(t *testing.T) {
	t.Parallel()
	db := sqldbtest.OpenSQLite(t)
	s := migrate(t, db)
	err := s.InTx(t.Context(), func(tx identity.Tx) error {
		q, ok := identitysql.Within(tx)
		if !ok {
			t.Fatal("not a transaction of the store")
		}
		if _, err := sqldb.Exec(t.Context(), q, `DELETE FROM identity_log`); err != nil {
			return err
		}
		return context.Canceled
	})
	n, readErr := sqldb.One[int](t.Context(), db, `SELECT COUNT(*) FROM identity_log`)
	if err == nil || readErr != nil || n != 1 {
		t.Errorf("%v, %d, %v", err, n, readErr)
	}
	if _, ok := identitysql.Within(nil); ok {
		t.Error("nothing is a transaction")
	}
}
