package dossiersql

import (
	"bytes"
	"context"
	"errors"
	"time"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/ledger"
	"dean06/internal/platform/ledger/ledgersql"
	"dean06/internal/platform/sqldb"
)

// The names of the chains.
const (
	ActionChain = ledger.Dossiers
	LookChain   = ledger.DossierLooks
)

// Chains are the logs of this module that others can check: actions, with the dossiers that
// follow from them, and looks.
func Chains(db *sqldb.DB) []ledger.Chain {
	return []ledger.Chain{ledgersql.NewChain(db, actionLog(db)), ledgersql.NewChain(db, lookLog(db))}
}

func actionLog(db *sqldb.DB) ledgersql.Log {
	return dossierLog{rowLog[actionRow]{db: db, name: ActionChain, table: "dossier_action", columns: actionColumns}}
}

func lookLog(db *sqldb.DB) ledgersql.Log {
	return rowLog[lookRow]{db: db, name: LookChain, table: "dossier_look", columns: lookColumns}
}

// row is a row of a log: numbered from 1, bound by a hash to all before it.
type row interface {
	number() int64
	stored() []byte
	// sum is the hash of the row behind a row with the hash before.
	sum(before []byte) []byte
	// fits says that what the row tells of itself fits, beside its hash.
	fits() bool
}

// rowLog is a log in a table, row by row.
type rowLog[R row] struct {
	db                   *sqldb.DB
	name, table, columns string
}

// dossierLog is the log of actions, from which the dossiers follow.
type dossierLog struct{ rowLog[actionRow] }

var _ ledgersql.Beside = dossierLog{}

// Beside holds the dossiers against their actions.
func (l dossierLog) Beside(ctx context.Context) error { return states(ctx, l.db) }

// head is the end of a log. Writers queue up on its row, so that numbers have no gap.
type head struct {
	Seq int64  `db:"seq"`
	Sum []byte `db:"sum"`
}

// next takes the next number of a log, and the hash before it. The row is held until the
// end of the transaction: it is called late.
func next(ctx context.Context, q sqldb.Queryer, log string, n int) (head, error) {
	h, err := sqldb.One[head](ctx, q, `UPDATE dossier_log SET seq = seq + $1 WHERE name = $2 RETURNING seq, sum`, n, log)
	h.Seq -= int64(n)
	return h, err
}

// ends notes the hash of the last row of a log.
func ends(ctx context.Context, q sqldb.Queryer, log string, sum []byte) error {
	_, err := sqldb.Exec(ctx, q, `UPDATE dossier_log SET sum = $1 WHERE name = $2`, sum, log)
	return err
}

// Name is the log's.
func (l rowLog[R]) Name() string { return l.name }

// Exists says whether its table is there.
func (l rowLog[R]) Exists(ctx context.Context) (bool, error) {
	return ledgersql.HasTable(ctx, l.db, l.table)
}

func (l rowLog[R]) head(ctx context.Context) (head, error) {
	h, err := sqldb.One[head](ctx, l.db, `SELECT seq, sum FROM dossier_log WHERE name = $1`, l.name)
	if errors.Is(err, sqldb.ErrNone) {
		return head{}, nil
	}
	return h, err
}

// Size is how many rows the head counts.
func (l rowLog[R]) Size(ctx context.Context) (int64, error) {
	h, err := l.head(ctx)
	return h.Seq, err
}

// LastAt is when the newest row was written.
func (l rowLog[R]) LastAt(ctx context.Context) (time.Time, error) {
	at, err := sqldb.One[time.Time](ctx, l.db, `SELECT at FROM `+l.table+` ORDER BY seq DESC LIMIT 1`)
	if errors.Is(err, sqldb.ErrNone) {
		return time.Time{}, nil
	}
	return at, err
}

// Leaves are those of the stored hashes.
func (l rowLog[R]) Leaves(ctx context.Context, from, until int64) ([]ledger.Digest, error) {
	var out []ledger.Digest
	for sum, err := range sqldb.Each[[]byte](ctx, l.db, `SELECT sum FROM `+l.table+` WHERE seq > $1 AND seq <= $2 ORDER BY seq`, from, until) {
		if err != nil {
			return nil, err
		}
		out = append(out, ledger.LeafOf(sum))
	}
	return out, nil
}

// rowsAtOnce is how many rows a check reads at once.
const rowsAtOnce = 1000

// Scan reads the log and computes it anew. What is written while it reads is not judged.
func (l rowLog[R]) Scan(ctx context.Context, _ func(ledger.Frontier) error, each func(leaf ledger.Digest) error) error {
	end, err := l.head(ctx)
	if err != nil {
		return err
	}
	var hash []byte
	atOnce := rowsAtOnce
	for at := int64(0); at < end.Seq; {
		rows, err := sqldb.All[R](ctx, l.db,
			`SELECT `+l.columns+` FROM `+l.table+` WHERE seq > $1 AND seq <= $2 ORDER BY seq LIMIT $3`, at, end.Seq, atOnce)
		if ledgersql.Unreadable(err) && atOnce > 1 {
			atOnce = 1 // which it is shows one by one
			continue
		}
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return broken(ledger.Cut, "missing", at+1)
		}
		for _, r := range rows {
			if r.number() != at+1 {
				return broken(ledger.Cut, "missing", at+1)
			}
			if !bytes.Equal(r.sum(hash), r.stored()) || !r.fits() {
				return broken(ledger.Changed, "changed", r.number())
			}
			at, hash = r.number(), r.stored()
			if err := each(ledger.LeafOf(hash)); err != nil {
				return err
			}
		}
	}
	return l.end(ctx, end, hash)
}

// end says whether the log begins and ends as its head says.
func (l rowLog[R]) end(ctx context.Context, end head, hash []byte) error {
	if !bytes.Equal(end.Sum, hash) {
		return broken(ledger.Changed, "changed", end.Seq)
	}
	type ends struct {
		First int64 `db:"first"`
		Last  int64 `db:"last"`
	}
	have, err := sqldb.One[ends](ctx, l.db, `SELECT COALESCE(MIN(seq), 1) AS first, COALESCE(MAX(seq), 0) AS last FROM `+l.table)
	if err != nil {
		return err
	}
	if have.First < 1 {
		return broken(ledger.Changed, "extra", have.First)
	}
	now, err := l.head(ctx)
	if err == nil && have.Last > now.Seq { // more than were written meanwhile
		err = broken(ledger.Changed, "extra", now.Seq+1)
	}
	return err
}

func broken(state ledger.State, how string, seq int64) error {
	return &ledger.Broken{State: state, At: seq, Key: "ledger.broken." + how, Args: fault.Args{"seq": seq}}
}
