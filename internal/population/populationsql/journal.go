package populationsql

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/population"
)

// journal writes look-ups. Whoever comes while another writes leaves the entry, and
// the next to write takes all that wait along, so that one commit carries many calls.
type journal struct {
	db      *sqldb.DB
	mu      sync.Mutex
	waiting []*pending
	writing sync.Mutex
}

type pending struct {
	entry population.Entry
	done  bool
	err   error
}

// Log writes a look-up and returns when it is kept for good.
func (s *Store) Log(ctx context.Context, e population.Entry) error { return s.journal.add(ctx, e) }

func (j *journal) add(ctx context.Context, e population.Entry) error {
	mine := &pending{entry: e}
	j.mu.Lock()
	j.waiting = append(j.waiting, mine)
	j.mu.Unlock()

	j.writing.Lock()
	defer j.writing.Unlock()
	if mine.done {
		return mine.err
	}
	j.mu.Lock()
	batch := j.waiting
	j.waiting = nil
	j.mu.Unlock()
	// The others' entries go too: nobody's patience ends the write.
	err := j.write(context.WithoutCancel(ctx), batch)
	for _, p := range batch {
		p.done, p.err = true, err
	}
	return err
}

func (j *journal) write(ctx context.Context, batch []*pending) error {
	err := j.db.InTx(ctx, func(tx *sqldb.Tx) error {
		entries := make([]population.Entry, len(batch))
		for i, p := range batch {
			entries[i] = p.entry
		}
		return appendLog(ctx, tx, j.db.Engine(), entries)
	})
	if err != nil {
		return fmt.Errorf("log look-ups: %w", err)
	}
	return nil
}

// lookupRow is a row of population_lookup.
type lookupRow struct {
	Seq       int64         `db:"seq"`
	At        time.Time     `db:"at"`
	Client    string        `db:"client"`
	Agency    string        `db:"agency"`
	Officer   string        `db:"officer"`
	Service   string        `db:"service"`
	Purpose   string        `db:"purpose"`
	Dossier   string        `db:"dossier"`
	Fields    string        `db:"fields"`
	RequestID string        `db:"request_id"`
	Persons   int64         `db:"persons"`
	Outcome   string        `db:"outcome"`
	Subject   sql.NullInt64 `db:"subject"`
	Missed    int64         `db:"missed"`
	InRow     int64         `db:"in_row"`
	Same      int64         `db:"same"`
	Subjects  []byte        `db:"subjects"`
	Hash      []byte        `db:"hash"`
}

const lookupColumns = `l.seq, l.at, l.client, l.agency, l.officer, l.service, l.purpose, l.dossier, l.fields, l.request_id,
	l.persons, l.outcome, l.subject, l.missed, l.in_row, l.same`

// sum is the hash of a row over the one before it.
func (w *lookupRow) sum(before []byte) []byte {
	h := sha256.New()
	h.Write(before)
	var b []byte
	num := func(n int64) { b = binary.BigEndian.AppendUint64(b, uint64(n)) }
	text := func(s string) { num(int64(len(s))); b = append(b, s...) }
	num(w.Seq)
	num(w.At.UnixMicro())
	for _, s := range []string{w.Client, w.Agency, w.Officer, w.Service, w.Purpose, w.Dossier, w.Fields, w.RequestID, w.Outcome} {
		text(s)
	}
	num(w.Persons)
	num(w.Subject.Int64)
	if w.Missed != 0 || w.InRow != 0 || w.Same != 0 { // rows from before there were batches here stay as they are
		num(w.Missed)
		num(w.InRow)
		num(w.Same)
	}
	b = append(b, w.Subjects...)
	h.Write(b)
	return h.Sum(nil)
}

// sumOf is the hash of those whom a look-up is about, in order.
func sumOf(subjects []int64) []byte {
	if len(subjects) == 0 {
		return nil
	}
	b := make([]byte, 0, 8*len(subjects))
	for _, n := range subjects {
		b = binary.BigEndian.AppendUint64(b, uint64(n))
	}
	s := sha256.Sum256(b)
	return s[:]
}

// appendLog adds look-ups to the chain. Of processes on one database, one at a time does.
func appendLog(ctx context.Context, tx *sqldb.Tx, engine sqldb.Engine, entries []population.Entry) error {
	type head struct {
		Seq  int64  `db:"seq"`
		Hash []byte `db:"hash"`
	}
	at, err := sqldb.One[head](ctx, tx, `INSERT INTO population_lookup_head (id, seq, hash) VALUES (1, $1, $2)
		ON CONFLICT (id) DO UPDATE SET seq = population_lookup_head.seq + $1 RETURNING seq, hash`, len(entries), []byte{})
	if err != nil {
		return err
	}
	seq, hash := at.Seq-int64(len(entries)), at.Hash
	rows := make([]lookupRow, len(entries))
	var about []subjectRow
	for i, e := range entries {
		seq++
		w := lookupRow{
			Seq: seq, At: micros(e.At), Client: e.Client, Agency: e.Agency, Officer: e.Officer, Service: e.Service, Purpose: e.Purpose,
			Dossier: e.Dossier, Fields: joinFields(e.Fields), RequestID: e.RequestID, Persons: int64(e.Persons), Outcome: e.Outcome,
			Missed: int64(e.Batch.Missed), InRow: int64(e.Batch.InRow), Same: int64(e.Batch.Same),
		}
		list := make([]int64, len(e.Subjects))
		for k, n := range e.Subjects {
			list[k] = n.Int()
			about = append(about, subjectRow{n.Int(), seq})
		}
		if len(list) == 1 {
			w.Subject = sql.NullInt64{Int64: list[0], Valid: true}
		}
		w.Subjects = sumOf(list)
		w.Hash = w.sum(hash)
		hash = w.Hash
		rows[i] = w
	}
	if err := sqldb.Insert(ctx, tx, "population_lookup", rows...); err != nil {
		return err
	}
	if err := insertSubjects(ctx, tx, engine, about); err != nil {
		return err
	}
	_, err = sqldb.Exec(ctx, tx, `UPDATE population_lookup_head SET hash = $1 WHERE id = 1`, hash)
	return err
}

type subjectRow struct{ subject, lookup int64 }

// insertSubjects writes the narrow rows, in the order of their key.
func insertSubjects(ctx context.Context, tx *sqldb.Tx, engine sqldb.Engine, rows []subjectRow) error {
	if len(rows) == 0 {
		return nil
	}
	slices.SortFunc(rows, func(a, b subjectRow) int {
		return cmp.Or(cmp.Compare(a.subject, b.subject), cmp.Compare(a.lookup, b.lookup))
	})
	const insert = "INSERT INTO population_lookup_subject (subject, lookup) "
	if engine == sqldb.Postgres {
		subjects, lookups := make([]int64, len(rows)), make([]int64, len(rows))
		for i, w := range rows {
			subjects[i], lookups[i] = w.subject, w.lookup
		}
		_, err := sqldb.Exec(ctx, tx, insert+"SELECT s, l FROM unnest(CAST($1 AS BIGINT[]), CAST($2 AS BIGINT[])) AS t (s, l)", subjects, lookups)
		return err
	}
	for len(rows) > 0 {
		n := min(500, len(rows))
		b := append(make([]byte, 0, len(insert)+8+24*n), insert+"VALUES "...)
		for i, w := range rows[:n] {
			if i > 0 {
				b = append(b, ',')
			}
			b = strconv.AppendInt(append(b, '('), w.subject, 10)
			b = append(strconv.AppendInt(append(b, ','), w.lookup, 10), ')')
		}
		if _, err := sqldb.Exec(ctx, tx, string(b)); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

func (w lookupRow) lookup() population.Lookup {
	return population.Lookup{
		ID: strconv.FormatInt(w.Seq, 10), At: w.At, Client: w.Client, Agency: w.Agency, Officer: w.Officer,
		Service: w.Service, Purpose: w.Purpose,
		Dossier: w.Dossier, Fields: splitFields(w.Fields), RequestID: w.RequestID, Persons: int(w.Persons), Outcome: w.Outcome,
		Batch: population.Batch{Missed: int(w.Missed), InRow: int(w.InRow), Same: int(w.Same)},
	}
}

// between adds the conditions of a period and of the page before.
func between(a *sqldb.Args, p population.Period, column, before string) string {
	var b strings.Builder
	if !p.From.IsZero() {
		b.WriteString(" AND l.at >= " + a.Add(p.From))
	}
	if !p.Until.IsZero() {
		b.WriteString(" AND l.at < " + a.Add(p.Until))
	}
	if before != "" {
		n, err := strconv.ParseInt(before, 10, 64)
		if err != nil {
			n = 0 // no page was before
		}
		b.WriteString(" AND " + column + " < " + a.Add(n))
	}
	return b.String()
}

// Lookups are those about a person, newest first.
func (s *Store) Lookups(ctx context.Context, n citizen.Number, p population.Period, before string, limit int) ([]population.Lookup, error) {
	var a sqldb.Args
	type row struct {
		shownRow
		Objected int64 `db:"objected"`
	}
	rows, err := sqldb.All[row](ctx, s.q, `SELECT `+shownColumns+`, CASE WHEN o.id IS NULL THEN 0 ELSE 1 END AS objected
		FROM population_lookup_subject m JOIN population_lookup l ON l.seq = m.lookup
		LEFT JOIN population_objection o ON o.number = m.subject AND o.lookup = m.lookup
		WHERE m.subject = `+a.Add(n.Int())+between(&a, p, "m.lookup", before)+` ORDER BY m.lookup DESC LIMIT `+a.Add(limit), a.Values()...)
	if err != nil {
		return nil, err
	}
	out := make([]population.Lookup, len(rows))
	for i, w := range rows {
		out[i] = w.lookup()
		out[i].Objected = w.Objected == 1
	}
	return out, nil
}

// Lookup is one of those about a person.
func (s *Store) Lookup(ctx context.Context, n citizen.Number, id string) (population.Lookup, error) {
	w, err := sqldb.One[shownRow](ctx, s.q, `SELECT `+shownColumns+`
		FROM population_lookup_subject m JOIN population_lookup l ON l.seq = m.lookup
		WHERE m.subject = $1 AND m.lookup = $2`, n.Int(), number(id))
	if errors.Is(err, sqldb.ErrNone) {
		return population.Lookup{}, fault.New(fault.NotFound, "population.lookup.not_found", nil)
	}
	return w.lookup(), err
}

// OfficerLookups are those of one officer, newest first.
func (s *Store) OfficerLookups(
	ctx context.Context, agency string, officer []string, p population.Period, before string, limit int,
) ([]population.Lookup, error) {
	var a sqldb.Args
	rows, err := sqldb.All[shownRow](ctx, s.q, `SELECT `+shownColumns+` FROM population_lookup l WHERE l.agency = `+a.Add(agency)+
		` AND l.officer IN `+sqldb.In(&a, officer)+between(&a, p, "l.seq", before)+` ORDER BY l.seq DESC LIMIT `+a.Add(limit), a.Values()...)
	out := make([]population.Lookup, len(rows))
	for i, w := range rows {
		out[i] = w.lookup()
	}
	return out, err
}

// EachLookup gives all of a period, oldest first; the subject is given when it is one.
func (s *Store) EachLookup(ctx context.Context, p population.Period, f func(population.Lookup, citizen.Number) error) error {
	var a sqldb.Args
	for w, err := range sqldb.Each[lookupRow](ctx, s.q, `SELECT `+lookupColumns+` FROM population_lookup l WHERE 1 = 1`+
		between(&a, p, "l.seq", "")+` ORDER BY l.seq`, a.Values()...) {
		if err != nil {
			return err
		}
		if err := f(w.lookup(), citizen.FromInt(w.Subject.Int64)); err != nil {
			return err
		}
	}
	return nil
}

// FirstLookup is when the log begins.
func (s *Store) FirstLookup(ctx context.Context) (time.Time, error) {
	at, err := sqldb.One[time.Time](ctx, s.q, `SELECT at FROM population_lookup ORDER BY seq LIMIT 1`)
	if errors.Is(err, sqldb.ErrNone) {
		return time.Time{}, nil
	}
	return at, err
}
