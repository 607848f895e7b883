package audit_test

import (
	"fmt"
	"log/slog"
	"testing"

	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/ledger/ledgersql"
	"dean06/internal/platform/ledger/ledgertest"
	"dean06/internal/platform/sqldb"
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
