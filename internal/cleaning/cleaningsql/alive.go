package cleaningsql

import (
	"context"
	"errors"
	"slices"

	"dean06/internal/citizen"
	"dean06/internal/cleaning"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
)

type follow struct {
	Batch      string `db:"batch"`
	Event      int64  `db:"event"`
	TriedEvent int64  `db:"tried_event"`
	TriedLoad  int64  `db:"tried_load"`
	Seq        int64  `db:"seq"`
}

// begin has a batch that is released follow the register from where it was linked.
func begin(ctx context.Context, tx *sqldb.Tx, b cleaning.Batch) error {
	return sqldb.Insert(ctx, tx, "cleaning_follow", follow{b.ID, b.Mark.Event, b.Mark.Event, b.Mark.Load, 0})
}

// HasFollowers says that some file follows the register.
func HasFollowers(ctx context.Context, q sqldb.Queryer) (bool, error) {
	n, err := sqldb.One[int](ctx, q, `SELECT COUNT(*) FROM (SELECT 1 FROM cleaning_follow LIMIT 1) AS t`)
	return n > 0, err
}

// Released are the batches that follow the register.
func (s *Store) Released(ctx context.Context) ([]cleaning.Batch, error) {
	list, err := sqldb.All[sqldb.JSON[cleaning.Batch]](ctx, s.db, `SELECT doc FROM cleaning_batch WHERE state = $1 ORDER BY id`,
		string(cleaning.Released))
	return docs(list), err
}

// Following is how far one does.
func (s *Store) Following(ctx context.Context, batch string) (cleaning.Following, error) {
	w, err := sqldb.One[follow](ctx, s.db, `SELECT batch, event, tried_event, tried_load, seq FROM cleaning_follow WHERE batch = $1`, batch)
	if errors.Is(err, sqldb.ErrNone) {
		return cleaning.Following{}, errNotFollowing()
	}
	return cleaning.Following{Event: w.Event, Tried: cleaning.Mark{Event: w.TriedEvent, Load: w.TriedLoad}, Seq: w.Seq}, err
}

func errNotFollowing() error { return fault.New(fault.NotFound, "cleaning.batch.not_alive", nil) }

// Follow keeps what came of events, and moves on.
func (s *Store) Follow(
	ctx context.Context, b cleaning.Batch, was, next cleaning.Following, changes []cleaning.Change, again []cleaning.Row,
) error {
	return s.told(ctx, b, func(tx *sqldb.Tx) ([]citizen.Number, error) {
		n, err := sqldb.Exec(ctx, tx, `UPDATE cleaning_follow SET event = $1, tried_event = $2, tried_load = $3, seq = $4
			WHERE batch = $5 AND event = $6 AND tried_event = $7 AND tried_load = $8 AND seq = $9`,
			next.Event, next.Tried.Event, next.Tried.Load, was.Seq+int64(len(changes)),
			b.ID, was.Event, was.Tried.Event, was.Tried.Load, was.Seq)
		if err == nil && n == 0 {
			err = fault.New(fault.Conflict, "cleaning.batch.moved", nil)
		}
		if err != nil {
			return nil, err
		}
		for i := range again {
			if err := renew(ctx, tx, b.ID, &again[i]); err != nil {
				return nil, err
			}
		}
		return keep(ctx, tx, b.ID, was.Seq, changes)
	})
}

// renew writes a row that was tried again. Who had it before them has it no longer.
func renew(ctx context.Context, tx *sqldb.Tx, batch string, r *cleaning.Row) error {
	n, err := sqldb.Exec(ctx, tx, `UPDATE cleaning_row SET outcome = $1, person = $2, decided = '', lease_by = '', lease_until = NULL, doc = $3,
			commune = $7, second_look = '', waits = $8, shown_at = NULL,
			place = CASE WHEN $4 = 0 THEN NULL ELSE (SELECT COALESCE(MAX(place), 0) + 1 FROM cleaning_row WHERE batch = $5) END
		WHERE batch = $5 AND at = $6`,
		string(r.Outcome), r.Person.Int(), sqldb.JSON[cleaning.Found]{V: r.Found}, r.Queue, batch, r.At, r.Commune, r.Waits())
	if err == nil && n == 0 {
		err = errNotFollowing()
	}
	return err
}

type change struct {
	Batch string                      `db:"batch"`
	Seq   int64                       `db:"seq"`
	AtRow int                         `db:"at_row"`
	Cause string                      `db:"cause"`
	Doc   sqldb.JSON[cleaning.Change] `db:"doc"`
}

// keep writes changes behind the last, with what their rows are since, and gives whom they
// tell of.
func keep(ctx context.Context, tx *sqldb.Tx, batch string, seq int64, changes []cleaning.Change) ([]citizen.Number, error) {
	var people []citizen.Number
	list := make([]change, len(changes))
	for i, c := range changes {
		c.Seq = seq + int64(i) + 1
		list[i] = change{batch, c.Seq, c.Row, c.Cause, sqldb.JSON[cleaning.Change]{V: c}}
		if !slices.Contains(people, c.Number) {
			people = append(people, c.Number)
		}
		if c.Outcome == "" {
			continue
		}
		if _, err := sqldb.Exec(ctx, tx, `UPDATE cleaning_row SET outcome = $1 WHERE batch = $2 AND at = $3`, string(c.Outcome), batch, c.Row); err != nil {
			return nil, err
		}
	}
	if err := sqldb.Insert(ctx, tx, "cleaning_change", list...); err != nil {
		return nil, err
	}
	_, err := met(ctx, tx, batch, people)
	return people, err
}

// decided keeps the change that a decision is for a file that was released already.
func decided(ctx context.Context, tx *sqldb.Tx, batch string, c cleaning.Change) error {
	seq, err := sqldb.One[int64](ctx, tx, `UPDATE cleaning_follow SET seq = seq + 1 WHERE batch = $1 RETURNING seq`, batch)
	if errors.Is(err, sqldb.ErrNone) {
		return errNotFollowing()
	}
	if err != nil {
		return err
	}
	c.Seq = seq
	return sqldb.Insert(ctx, tx, "cleaning_change", change{batch, seq, c.Row, c.Cause, sqldb.JSON[cleaning.Change]{V: c}})
}

// RowsOf are the rows of some persons.
func (s *Store) RowsOf(ctx context.Context, batch string, people []citizen.Number) ([]cleaning.Row, error) {
	var out []cleaning.Row
	for chunk := range slices.Chunk(people, 500) {
		var a sqldb.Args
		numbers := make([]int64, len(chunk))
		for i, n := range chunk {
			numbers[i] = n.Int()
		}
		list, err := sqldb.All[row](ctx, s.db, `SELECT `+rowColumns+` FROM cleaning_row WHERE batch = `+a.Add(batch)+
			` AND person <> 0 AND person IN `+sqldb.In(&a, numbers)+` ORDER BY at`, a.Values()...)
		if err != nil {
			return nil, err
		}
		out = append(out, rowsOf(list)...)
	}
	slices.SortStableFunc(out, func(a, b cleaning.Row) int { return a.At - b.At })
	return slices.CompactFunc(out, func(a, b cleaning.Row) bool { return a.At == b.At }), nil
}

// Nobodys are rows that have nobody, or whose person is no longer there.
func (s *Store) Nobodys(ctx context.Context, batch string, after, limit int) ([]cleaning.Row, error) {
	list, err := sqldb.All[row](ctx, s.db, `SELECT `+rowColumns+` FROM cleaning_row
		WHERE batch = $1 AND at > $2 AND outcome IN ($3, $4) ORDER BY at LIMIT $5`,
		batch, after, string(cleaning.NotFound), string(cleaning.Several), limit)
	return rowsOf(list), err
}

// Changes are those behind one.
func (s *Store) Changes(ctx context.Context, batch string, after int64, limit int) ([]cleaning.Change, error) {
	return s.changes(ctx, `WHERE batch = $1 AND seq > $2 ORDER BY seq LIMIT $3`, batch, after, limit)
}

// LatestChanges are those before one, the newest first.
func (s *Store) LatestChanges(ctx context.Context, batch string, before int64, limit int) ([]cleaning.Change, error) {
	return s.changes(ctx, `WHERE batch = $1 AND (seq < $2 OR $2 = 0) ORDER BY seq DESC LIMIT $3`, batch, before, limit)
}

func (s *Store) changes(ctx context.Context, where string, args ...any) ([]cleaning.Change, error) {
	list, err := sqldb.All[change](ctx, s.db, `SELECT batch, seq, at_row, cause, doc FROM cleaning_change `+where, args...)
	out := make([]cleaning.Change, len(list))
	for i, w := range list {
		out[i] = w.Doc.V
		out[i].Cause = w.Cause
	}
	return out, err
}
