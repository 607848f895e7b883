package ledgersql

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/ledger"
	"dean06/internal/platform/sqldb"
)

// Row is a row of a log: numbered from 1, bound by a hash to all before it.
type Row interface {
	Number() int64
	Stored() []byte
	// Digest is the hash of the row behind a row with the hash before.
	Digest(before []byte) []byte
	// Fits says that what the row tells of itself fits, beside its hash.
	Fits() bool
}

// Rows is a Log in a table, row by row, whose columns are a number seq, a moment at, a hash
// sum, and what R has beside them. Its end stands in another table (name, seq, sum).
type Rows[R Row] struct {
	db                         *sqldb.DB
	name, table, columns, ends string
}

// NewRows is the log of a name in a table with columns, whose end stands in the table ends.
func NewRows[R Row](db *sqldb.DB, name, table, columns, ends string) Rows[R] {
	return Rows[R]{db, name, table, columns, ends}
}

// End is the end of a log.
type End struct {
	Seq int64  `db:"seq"`
	Sum []byte `db:"sum"`
}

// Next takes the next n numbers of a log, and gives the end before them. Writers queue up on
// its row until the end of the transaction, so that numbers have no gap: it is called late.
func Next(ctx context.Context, q sqldb.Queryer, ends, log string, n int) (End, error) {
	e, err := sqldb.One[End](ctx, q, `UPDATE `+ends+` SET seq = seq + $1 WHERE name = $2 RETURNING seq, sum`, n, log)
	if err != nil {
		return e, fmt.Errorf("log %s: %w", log, err)
	}
	e.Seq -= int64(n)
	return e, nil
}

// Ends notes the hash of the last row of a log.
func Ends(ctx context.Context, q sqldb.Queryer, ends, log string, sum []byte) error {
	_, err := sqldb.Exec(ctx, q, `UPDATE `+ends+` SET sum = $1 WHERE name = $2`, sum, log)
	return err
}

// Name is the log's.
func (l Rows[R]) Name() string { return l.name }

// Exists says whether its table is there.
func (l Rows[R]) Exists(ctx context.Context) (bool, error) {
	return HasTable(ctx, l.db, l.table)
}

func (l Rows[R]) end(ctx context.Context) (End, error) {
	h, err := sqldb.One[End](ctx, l.db, `SELECT seq, sum FROM `+l.ends+` WHERE name = $1`, l.name)
	if errors.Is(err, sqldb.ErrNone) {
		return End{}, nil
	}
	return h, err
}

// Size is how many rows the head counts.
func (l Rows[R]) Size(ctx context.Context) (int64, error) {
	h, err := l.end(ctx)
	return h.Seq, err
}

// LastAt is when the newest row was written.
func (l Rows[R]) LastAt(ctx context.Context) (time.Time, error) {
	at, err := sqldb.One[time.Time](ctx, l.db, `SELECT at FROM `+l.table+` ORDER BY seq DESC LIMIT 1`)
	if errors.Is(err, sqldb.ErrNone) {
		return time.Time{}, nil
	}
	return at, err
}

// Leaves are those of the stored hashes.
func (l Rows[R]) Leaves(ctx context.Context, from, until int64) ([]ledger.Digest, error) {
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
func (l Rows[R]) Scan(ctx context.Context, _ func(ledger.Frontier) error, each func(leaf ledger.Digest) error) error {
	end, err := l.end(ctx)
	if err != nil {
		return err
	}
	var hash []byte
	atOnce := rowsAtOnce
	for at := int64(0); at < end.Seq; {
		rows, err := sqldb.All[R](ctx, l.db,
			`SELECT `+l.columns+` FROM `+l.table+` WHERE seq > $1 AND seq <= $2 ORDER BY seq LIMIT $3`, at, end.Seq, atOnce)
		if Unreadable(err) && atOnce > 1 {
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
			if r.Number() != at+1 {
				return broken(ledger.Cut, "missing", at+1)
			}
			if !bytes.Equal(r.Digest(hash), r.Stored()) || !r.Fits() {
				return broken(ledger.Changed, "changed", r.Number())
			}
			at, hash = r.Number(), r.Stored()
			if err := each(ledger.LeafOf(hash)); err != nil {
				return err
			}
		}
	}
	return l.closes(ctx, end, hash)
}

// closes says whether the log begins and ends as its head says.
func (l Rows[R]) closes(ctx context.Context, end End, hash []byte) error {
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
	now, err := l.end(ctx)
	if err == nil && have.Last > now.Seq { // more than were written meanwhile
		err = broken(ledger.Changed, "extra", now.Seq+1)
	}
	return err
}

func broken(state ledger.State, how string, seq int64) error {
	return &ledger.Broken{State: state, At: seq, Key: "ledger.broken." + how, Args: fault.Args{"seq": seq}}
}
