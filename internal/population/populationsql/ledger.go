package populationsql

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"strconv"
	"time"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/ledger"
	"dean06/internal/platform/ledger/ledgersql"
	"dean06/internal/platform/sqldb"
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

// Scan reads the log and computes it anew, with the narrow rows by which people find who
// looked at them. What is written while it reads is not judged.
func (l lookupLog) Scan(ctx context.Context, _ func(ledger.Frontier) error, each func(leaf ledger.Digest) error) error {
	head, err := l.head(ctx)
	if err != nil {
		return err
	}
	next, stop := iter.Pull2(sqldb.Each[subjectOf](ctx, l.q,
		`SELECT subject, lookup FROM population_lookup_subject WHERE lookup <= $1 ORDER BY lookup, subject`, head.Seq))
	defer stop()
	about := &subjects{next: next}
	if err := about.more(); err != nil {
		return err
	}
	var hash []byte
	for from := int64(0); from < head.Seq; {
		rows, err := sqldb.All[lookupRow](ctx, l.q, `SELECT `+lookupColumns+`, l.subjects, l.hash FROM population_lookup l
			WHERE l.seq > $1 AND l.seq <= $2 ORDER BY l.seq LIMIT $3`, from, head.Seq, lookupsAtOnce)
		if err != nil {
			return err
		}
		for i := range rows {
			w := &rows[i]
			if w.Seq != from+1 {
				return brokenLookup(ledger.Cut, "missing", from+1)
			}
			list, err := about.of(w.Seq)
			if err != nil {
				return err
			}
			if !bytes.Equal(w.sum(hash), w.Hash) || !w.about(list) {
				return brokenLookup(ledger.Changed, "changed", w.Seq)
			}
			from, hash = w.Seq, w.Hash
			if err := each(ledger.LeafOf(hash)); err != nil {
				return err
			}
		}
		if len(rows) == 0 {
			return brokenLookup(ledger.Cut, "missing", from+1)
		}
	}
	if about.there {
		return brokenLookup(ledger.Changed, "extra", about.row.Lookup)
	}
	return l.end(ctx, head, hash)
}

// end says whether the log ends as its head says.
func (l lookupLog) end(ctx context.Context, head lookupHead, hash []byte) error {
	if !bytes.Equal(head.Hash, hash) {
		return brokenLookup(ledger.Changed, "changed", head.Seq)
	}
	last, err := sqldb.One[int64](ctx, l.q, `SELECT COALESCE(MAX(seq), 0) FROM population_lookup`)
	if err != nil {
		return err
	}
	first, err := sqldb.One[int64](ctx, l.q, `SELECT COALESCE(MIN(seq), 1) FROM population_lookup`)
	if err != nil {
		return err
	}
	if first < 1 {
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
