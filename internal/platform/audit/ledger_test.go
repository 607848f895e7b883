package audit_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"

	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/ledger/ledgersql"
	"dean06/internal/platform/ledger/ledgertest"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
)

// TestChain: no entry of the audit log can be changed, taken out or put back unseen.
func TestChain(t *testing.T) {
	t.Parallel()
	ledgertest.Run(t, func(t *testing.T, db *sqldb.DB) ledgertest.Subject {
		ctx := open(t, db)
		if err := ledgersql.Migrate(ctx, db); err != nil {
			t.Fatal(err)
		}
		key, checks := ledgertest.Key(t)
		chain, n := audit.Chain(db), 0
		return ledgertest.Subject{
			Chain: chain, Checks: checks, Rows: "audit_entry", Number: "seq", First: 1,
			Beside: []string{"audit_head"}, Heads: "ledger_head", Whose: "chain = 'audit'",
			Shrink: []string{
				`UPDATE audit_head SET seq = %[1]d, hash = (SELECT hash FROM audit_entry WHERE seq = %[1]d)`,
			},
			Write: func(t *testing.T, rows int) {
				t.Helper()
				if err := db.InTx(ctx, func(tx *sqldb.Tx) error {
					for range rows {
						n++
						if err := audit.Record(ctx, tx, audit.Entry{
							Action: "return.submit", Purpose: "kiểm tra", Details: map[string]string{"n": fmt.Sprint(n)},
							Subject: audit.Subject{Type: "return", ID: fmt.Sprint(n)},
						}); err != nil {
							return err
						}
					}
					return nil
				}); err != nil {
					t.Fatal(err)
				}
			},
			Sign: func(t *testing.T) {
				t.Helper()
				k := ledgersql.Keeper{
					Chains: []*ledgersql.Chain{chain}, Sign: ledgertest.Signer(key), Clock: clock.System{}, Log: slog.New(slog.DiscardHandler),
				}
				k.Step(ctx)
			},
		}
	})
}

// TestKeeperSignsNothingOver: a log that does not go on from the last head is told of
// once, and no head is signed over it.
func TestKeeperSignsNothingOver(t *testing.T) {
	t.Parallel()
	for name, harm := range map[string][]string{
		"shorter": {
			`DELETE FROM audit_entry WHERE seq > 3`, `UPDATE audit_head SET seq = 3, hash = (SELECT hash FROM audit_entry WHERE seq = 3)`,
		},
		"shorter, and its tree": {
			`DELETE FROM audit_entry WHERE seq > 3`, `UPDATE audit_head SET seq = 3, hash = (SELECT hash FROM audit_entry WHERE seq = 3)`,
			`DELETE FROM ledger_chain`, `DELETE FROM ledger_tile`,
		},
		"another": {`UPDATE audit_entry SET hash = '00' WHERE seq = 2`, `DELETE FROM ledger_chain`, `DELETE FROM ledger_tile`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
				ctx := open(t, db)
				if err := ledgersql.Migrate(ctx, db); err != nil {
					t.Fatal(err)
				}
				key, _ := ledgertest.Key(t)
				told := 0
				k := ledgersql.Keeper{
					Chains: []*ledgersql.Chain{audit.Chain(db)}, Sign: ledgertest.Signer(key), Clock: clock.System{}, Log: slog.New(slog.DiscardHandler),
					Broken: func(context.Context, string, error) { told++ },
				}
				write := func(n int) {
					for range n {
						if err := audit.Record(ctx, db, audit.Entry{Action: "x.y"}); err != nil {
							t.Fatal(err)
						}
					}
				}
				write(5)
				k.Step(ctx)
				for _, s := range harm {
					if _, err := sqldb.Exec(ctx, db, s); err != nil {
						t.Fatal(err)
					}
				}
				k.Step(ctx)
				write(4)
				k.Step(ctx)
				if n, err := sqldb.One[int64](ctx, db, `SELECT COUNT(*) FROM ledger_head`); err != nil || n != 1 || told != 1 {
					t.Errorf("%d heads, told %d times, %v", n, told, err)
				}
			})
		})
	}
}
