package identitysql

import (
	"context"
	"encoding/hex"
	"errors"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/ledger"
	"dean06/internal/platform/ledger/ledgersql"
	"dean06/internal/platform/sqldb"
)

// EntryChain is the name of the chain.
const EntryChain = ledger.Identities

// ends is the table with the end of the log.
const ends = "identity_log"

// Chains are the logs of this module that others can check: entries, with the accounts that
// follow from them.
func Chains(db *sqldb.DB) []ledger.Chain {
	return []ledger.Chain{ledgersql.NewChain(db, entryLog{ledgersql.NewRows[entryRow](db, EntryChain, "identity_entry", entryColumns, ends), db})}
}

// entryLog is the log of entries.
type entryLog struct {
	ledgersql.Rows[entryRow]
	db *sqldb.DB
}

var _ ledgersql.Beside = entryLog{}

// Number is that of the row.
func (r entryRow) Number() int64 { return r.Seq }

// Stored is its hash as it is stored.
func (r entryRow) Stored() []byte { return r.Sum }

// Fits says nothing beside the hash.
func (r entryRow) Fits() bool { return true }

// Digest is the hash of the row behind a row with the hash before; nil when it holds
// something that no program of ours writes.
func (r entryRow) Digest(before []byte) []byte {
	e, err := r.entry()
	if err != nil {
		return nil
	}
	e.Before = hex.EncodeToString(before)
	sum, err := e.Sum()
	if err != nil {
		return nil
	}
	out, err := hex.DecodeString(sum)
	if err != nil {
		return nil
	}
	return out
}

// accountsAtOnce is how many accounts a check reads at once.
const accountsAtOnce = 500

// judged is an account beside the last entry that changed it, read at one moment.
type judged struct {
	accountRow
	Seq  int64  `db:"last_seq"`
	Left string `db:"last_state"`
}

// Beside holds each account against the last entry that changed it, and finds those whose
// entries or whose account are missing.
func (l entryLog) Beside(ctx context.Context) error {
	type lost struct {
		Account string `db:"account"`
		Seq     int64  `db:"seq"`
	}
	gone, err := sqldb.One[lost](ctx, l.db, `SELECT e.account, e.seq FROM identity_entry e LEFT JOIN identity_account a ON a.id = e.account
		WHERE a.id IS NULL AND e.state <> '' ORDER BY e.seq LIMIT 1`)
	if err == nil {
		return brokenAccount(ledger.Cut, "gone", gone.Account, gone.Seq)
	}
	if !errors.Is(err, sqldb.ErrNone) {
		return err
	}
	for after := ""; ; {
		rows, err := sqldb.All[judged](ctx, l.db, `SELECT a.id, a.kind, a.number, a.level, a.state, a.version, a.doc,
			COALESCE(e.seq, 0) AS last_seq, COALESCE(e.state, '') AS last_state
			FROM identity_account a LEFT JOIN identity_entry e ON e.seq =
				(SELECT MAX(s.seq) FROM identity_entry s WHERE s.account = a.id AND s.state <> '')
			WHERE a.id > $1 ORDER BY a.id LIMIT $2`, after, accountsAtOnce)
		if err != nil || len(rows) == 0 {
			return err
		}
		for i := range rows {
			r := &rows[i]
			switch {
			case r.Left == "":
				return brokenAccount(ledger.Changed, "empty", r.ID, 0)
			case r.Left != r.account().Sum():
				return brokenAccount(ledger.Changed, "row", r.ID, r.Seq)
			}
		}
		after = rows[len(rows)-1].ID
	}
}

func brokenAccount(state ledger.State, how, account string, seq int64) error {
	return &ledger.Broken{State: state, At: seq, Key: "identitysql.broken." + how, Args: fault.Args{"account": account, "seq": seq}}
}
