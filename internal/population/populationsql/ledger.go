package populationsql

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"math"
	"strconv"
	"time"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/ledger"
	"dean06/internal/platform/ledger/ledgersql"
	"dean06/internal/platform/sqldb"
	"dean06/internal/population"
)

// Chain is the log of look-ups as a chain that others can check: its tree and its signed
// heads.
func Chain(db *sqldb.DB) *ledgersql.Chain { return ledgersql.NewChain(db, lookupLog{db}) }

// VerifyLog reads the log from the beginning. It fails with Conflict at the first
// look-up that was changed, taken out or put in.
func (s *Store) VerifyLog(ctx context.Context) (int, error) {
	count := 0
	err := lookupLog{s.db}.Scan(ctx, func(f ledger.Frontier) error { count = int(f.Size); return nil }, func(ledger.Digest) error {
		count++
		return nil
	})
	var broken *ledger.Broken
	if errors.As(err, &broken) {
		return count, fault.New(fault.Conflict, "population.log.broken", fault.Args{"lookup": strconv.FormatInt(broken.At, 10)})
	}
	return count, err
}

// lookupLog gives the log row by row.
type lookupLog struct{ q *sqldb.DB }

type lookupHead struct {
	Seq  int64  `db:"seq"`
	Hash []byte `db:"hash"`
}

// Name is "lookups".
func (lookupLog) Name() string { return ledger.Lookups }

// Exists says whether the log's table is there.
func (l lookupLog) Exists(ctx context.Context) (bool, error) {
	return ledgersql.HasTable(ctx, l.q, "population_lookup")
}

func (l lookupLog) head(ctx context.Context) (lookupHead, error) {
	head, err := sqldb.One[lookupHead](ctx, l.q, `SELECT seq, hash FROM population_lookup_head WHERE id = 1`)
	if errors.Is(err, sqldb.ErrNone) {
		return lookupHead{}, nil
	}
	return head, err
}

// Size is how many look-ups the head counts.
func (l lookupLog) Size(ctx context.Context) (int64, error) {
	head, err := l.head(ctx)
	return head.Seq, err
}

// LastAt is when the newest look-up was.
func (l lookupLog) LastAt(ctx context.Context) (time.Time, error) {
	at, err := sqldb.One[time.Time](ctx, l.q, `SELECT at FROM population_lookup ORDER BY seq DESC LIMIT 1`)
	if errors.Is(err, sqldb.ErrNone) {
		return time.Time{}, nil
	}
	return at, err
}

// Leaves are those of the stored hashes.
func (l lookupLog) Leaves(ctx context.Context, from, until int64) ([]ledger.Digest, error) {
	var out []ledger.Digest
	for hash, err := range sqldb.Each[[]byte](ctx, l.q,
		`SELECT hash FROM population_lookup WHERE seq > $1 AND seq <= $2 ORDER BY seq`, from, until) {
		if err != nil {
			return nil, err
		}
		out = append(out, ledger.LeafOf(hash))
	}
	return out, nil
}

// lookupsAtOnce is how many rows are read at once.
const lookupsAtOnce = 1000

// beginning is where the log begins in the table: what is before is in archive files, and
// hash is that of the last of it.
func (l lookupLog) beginning(ctx context.Context) (f ledger.Frontier, hash []byte, err error) {
	if f, err = LookupIndex(l.q).Begin(ctx); err != nil || f.Size == 0 {
		return f, nil, err
	}
	row, err := sqldb.One[lookupHead](ctx, l.q, `SELECT seq, hash FROM population_lookup_begin WHERE id = 1`)
	if errors.Is(err, sqldb.ErrNone) || err == nil && row.Seq != f.Size {
		err = brokenLookup(ledger.Changed, "begin", f.Size+1)
	}
	return f, row.Hash, err
}

// Scan reads the log and computes it anew, with the narrow rows by which people find who
// looked at them. What is written while it reads is not judged.
func (l lookupLog) Scan(ctx context.Context, begin func(ledger.Frontier) error, each func(leaf ledger.Digest) error) error {
	head, err := l.head(ctx)
	if err != nil {
		return err
	}
	f, hash, err := l.beginning(ctx)
	if err == nil && f.Size > 0 {
		err = begin(f)
	}
	if err != nil {
		return err
	}
	err = l.each(ctx, f.Size, head.Seq, func(w *lookupRow, _ []byte, _ []int64) error {
		hash = w.Hash
		return each(ledger.LeafOf(hash))
	})
	if err != nil {
		return err
	}
	return l.end(ctx, head, f.Size, hash)
}

// each gives the look-ups behind from up to until in order, computed anew, each with the
// hash of the one before and all whom it was about.
func (l lookupLog) each(ctx context.Context, from, until int64, f func(w *lookupRow, before []byte, about []int64) error) error {
	hash, err := l.hashAt(ctx, from)
	if err != nil {
		return err
	}
	above := from
	if from == 0 {
		above = math.MinInt64 // a row of a look-up that there cannot be was put in
	}
	next, stop := iter.Pull2(sqldb.Each[subjectOf](ctx, l.q,
		`SELECT subject, lookup FROM population_lookup_subject WHERE lookup > $1 AND lookup <= $2 ORDER BY lookup, subject`, above, until))
	defer stop()
	about := &subjects{next: next}
	if err := about.more(); err != nil {
		return err
	}
	for from < until {
		rows, err := sqldb.All[lookupRow](ctx, l.q, `SELECT `+lookupColumns+`, l.subjects, l.hash FROM population_lookup l
			WHERE l.seq > $1 AND l.seq <= $2 ORDER BY l.seq LIMIT $3`, from, until, lookupsAtOnce)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return l.gone(ctx, from)
		}
		for i := range rows {
			w := &rows[i]
			if w.Seq != from+1 {
				return l.gone(ctx, from)
			}
			list, err := about.of(w.Seq)
			if err != nil {
				return err
			}
			if !bytes.Equal(w.sum(hash), w.Hash) || !w.about(list) {
				return brokenLookup(ledger.Changed, "changed", w.Seq)
			}
			if err := f(w, hash, list); err != nil {
				return err
			}
			from, hash = w.Seq, w.Hash
		}
	}
	if about.there {
		return brokenLookup(ledger.Changed, "extra", about.row.Lookup)
	}
	return nil
}

// hashAt is the hash of a look-up; of none at 0.
func (l lookupLog) hashAt(ctx context.Context, seq int64) ([]byte, error) {
	if seq == 0 {
		return nil, nil
	}
	if f, hash, err := l.beginning(ctx); err != nil || f.Size == seq {
		return hash, err
	}
	hash, err := sqldb.One[[]byte](ctx, l.q, `SELECT hash FROM population_lookup WHERE seq = $1`, seq)
	if errors.Is(err, sqldb.ErrNone) {
		err = brokenLookup(ledger.Cut, "missing", seq)
	}
	return hash, err
}

// gone says that the look-up behind from is missing, unless it was archived meanwhile.
func (l lookupLog) gone(ctx context.Context, from int64) error {
	f, err := LookupIndex(l.q).Begin(ctx)
	if err != nil {
		return err
	}
	if f.Size > from {
		return fault.New(fault.Unavailable, "archive.moving", nil)
	}
	return brokenLookup(ledger.Cut, "missing", from+1)
}

// end says whether the log ends as its head says.
func (l lookupLog) end(ctx context.Context, head lookupHead, begin int64, hash []byte) error {
	if !bytes.Equal(head.Hash, hash) {
		return brokenLookup(ledger.Changed, "changed", head.Seq)
	}
	last, err := sqldb.One[int64](ctx, l.q, `SELECT COALESCE(MAX(seq), 0) FROM population_lookup`)
	if err != nil {
		return err
	}
	first, err := sqldb.One[int64](ctx, l.q, `SELECT COALESCE(MIN(seq), CAST($1 AS BIGINT)) FROM population_lookup`, begin+1)
	if err != nil {
		return err
	}
	if first <= begin {
		return brokenLookup(ledger.Changed, "extra", first)
	}
	now, err := l.head(ctx)
	if err == nil && last > now.Seq { // more than were written meanwhile
		err = brokenLookup(ledger.Changed, "extra", now.Seq+1)
	}
	return err
}

func brokenLookup(state ledger.State, how string, seq int64) error {
	return &ledger.Broken{State: state, At: seq, Key: "ledger.broken." + how, Args: fault.Args{"seq": seq}}
}

// about says whether the narrow rows of a look-up are those that it was hashed with.
func (w *lookupRow) about(list []int64) bool {
	one := len(list) == 1
	return bytes.Equal(w.Subjects, sumOf(list)) && w.Subject.Valid == one && (!one || w.Subject.Int64 == list[0])
}

type subjectOf struct {
	Subject int64 `db:"subject"`
	Lookup  int64 `db:"lookup"`
}

// subjects reads the narrow rows in step with the look-ups.
type subjects struct {
	next  func() (subjectOf, error, bool)
	row   subjectOf
	there bool
}

func (s *subjects) more() error {
	row, err, ok := s.next()
	s.row, s.there = row, ok
	return err
}

// of gives those of a look-up. It fails with *ledger.Broken when there are some of one
// before it, which is not there.
func (s *subjects) of(seq int64) ([]int64, error) {
	var list []int64
	for s.there && s.row.Lookup <= seq {
		if s.row.Lookup < seq {
			return nil, brokenLookup(ledger.Changed, "extra", s.row.Lookup)
		}
		list = append(list, s.row.Subject)
		if err := s.more(); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// shownColumns are those of a look-up that people see, with what shows that it is as it
// was written: its hash, and that of the row before.
const shownColumns = lookupColumns + `, l.subjects, l.hash, (SELECT b.hash FROM population_lookup b WHERE b.seq = l.seq - 1) AS before_hash`

type shownRow struct {
	lookupRow
	Before []byte `db:"before_hash"`
}

// lookup is what people see, with a mark when the row does not fit its hash. The first
// row after those that are archived has none before it here, and is left to the check of
// the whole log.
func (w *shownRow) lookup() population.Lookup {
	l := w.lookupRow.lookup()
	l.Broken = (w.Before != nil || w.Seq == 1) && !bytes.Equal(w.sum(w.Before), w.Hash)
	return l
}
