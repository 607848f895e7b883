package exchangesql_test

import (
	"crypto/rand"
	"testing"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/exchange/exchangesql"
	"dean06/internal/platform/ledger/ledgertest"
	"dean06/internal/platform/sqldb"
)

// TestChain: no record of the message log can be changed, taken out or put back unseen.
func TestChain(t *testing.T) {
	t.Parallel()
	ledgertest.Run(t, func(t *testing.T, db *sqldb.DB) ledgertest.Subject {
		l := newLogbook(t, db)
		key, checks := ledgertest.Key(t)
		if _, err := sqldb.Exec(
			t.Context(), db, `INSERT INTO gateway_route (client, service) VALUES ('VN/GOV/G24/BHXH', 'VN/GOV/G01/DANCU/facts')`,
		); err != nil {
			t.Fatal(err)
		}
		end := func(t *testing.T) *exchange.Tree {
			t.Helper()
			f, err := l.store.Frontier(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			tree, err := exchange.NewTree(f)
			if err != nil {
				t.Fatal(err)
			}
			return tree
		}
		return ledgertest.Subject{
			Chain: exchangesql.Chain(db), Checks: checks, Rows: "gateway_record", Number: "seq", First: 0,
			Beside: []string{"gateway_log", "gateway_tile"}, Heads: "gateway_head", Whose: "size > 0",
			Shrink: []string{`UPDATE gateway_log SET size = %[1]d + 1`},
			Write: func(t *testing.T, rows int) {
				t.Helper()
				tree := end(t)
				var b exchange.Batch
				for range rows {
					r := l.signed(t, tree.Size(), bodyOf(time.Now().UnixNano()))
					b.Records = append(b.Records, r)
					b.Tiles = append(b.Tiles, tree.Append(r.Leaf)...)
				}
				b.Frontier = tree.Frontier()
				if err := l.store.Append(t.Context(), b); err != nil {
					t.Fatal(err)
				}
			},
			Sign: func(t *testing.T) {
				t.Helper()
				tree := end(t)
				h := exchange.Head{Size: tree.Size(), Root: tree.Root(), At: noon.Add(time.Duration(tree.Size()) * time.Second), KeyID: ledgertest.KeyID}
				if err := h.Sign(rand.Reader, key); err != nil {
					t.Fatal(err)
				}
				if err := l.store.SaveHead(t.Context(), h); err != nil {
					t.Fatal(err)
				}
			},
		}
	})
}
