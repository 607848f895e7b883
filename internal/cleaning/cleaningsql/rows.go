package cleaningsql

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/cleaning"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
)

type row struct {
	Batch      string                     `db:"batch"`
	At         int                        `db:"at"`
	Outcome    string                     `db:"outcome"`
	Person     int64                      `db:"person"`
	Place      sql.NullInt64              `db:"place"`
	Decided    string                     `db:"decided"`
	LeaseBy    string                     `db:"lease_by"`
	LeaseUntil time.Time                  `db:"lease_until"`
	Doc        sqldb.JSON[cleaning.Found] `db:"doc"`
}

const rowColumns = `batch, at, outcome, person, place, decided, lease_by, lease_until, doc`

func (w *row) row() cleaning.Row {
	return cleaning.Row{
		At: w.At, Outcome: cleaning.Outcome(w.Outcome), Person: citizen.FromInt(w.Person), Queue: int(w.Place.Int64),
		Decided: cleaning.Decided(w.Decided), Found: w.Doc.V,
	}
}

func rowsOf(list []row) []cleaning.Row {
	out := make([]cleaning.Row, len(list))
	for i := range list {
		out[i] = list[i].row()
	}
	return out
}

type newRow struct {
	Batch   string                     `db:"batch"`
	At      int                        `db:"at"`
	Outcome string                     `db:"outcome"`
	Person  int64                      `db:"person"`
	Place   sql.NullInt64              `db:"place"`
	Decided string                     `db:"decided"`
	LeaseBy string                     `db:"lease_by"`
	Doc     sqldb.JSON[cleaning.Found] `db:"doc"`
}

// AddRows adds rows, and logs whom they met first.
func (s *Store) AddRows(ctx context.Context, b cleaning.Batch, rows []cleaning.Row) error {
	return s.logged(ctx, b, func(tx *sqldb.Tx) ([]citizen.Number, error) {
		list := make([]newRow, len(rows))
		var people []citizen.Number
		for i := range rows {
			r := &rows[i]
			list[i] = newRow{
				b.ID, r.At, string(r.Outcome), r.Person.Int(),
				sql.NullInt64{Int64: int64(r.Queue), Valid: r.Queue > 0},
				"", "",
				sqldb.JSON[cleaning.Found]{V: r.Found},
			}
			if !r.Person.IsZero() {
				people = append(people, r.Person)
			}
		}
		if err := sqldb.Insert(ctx, tx, "cleaning_row", list...); err != nil {
			return nil, err
		}
		return met(ctx, tx, b.ID, people)
	})
}

// met gives those whom a batch had not met, and notes them.
func met(ctx context.Context, tx *sqldb.Tx, batch string, people []citizen.Number) ([]citizen.Number, error) {
	var out []citizen.Number
	for chunk := range slices.Chunk(people, 500) {
		var a sqldb.Args
		values := ""
		for i, n := range chunk {
			if i > 0 {
				values += ", "
			}
			values += "(" + a.Add(batch) + ", " + a.Add(n.Int()) + ")"
		}
		got, err := sqldb.All[int64](ctx, tx,
			`INSERT INTO cleaning_person (batch, person) VALUES `+values+` ON CONFLICT DO NOTHING RETURNING person`, a.Values()...)
		if err != nil {
			return nil, err
		}
		for _, n := range got {
			out = append(out, citizen.FromInt(n))
		}
	}
	return out, nil
}

// Rows are those behind a row.
func (s *Store) Rows(ctx context.Context, batch string, outcome cleaning.Outcome, after, limit int) ([]cleaning.Row, error) {
	list, err := sqldb.All[row](ctx, s.db, `SELECT `+rowColumns+` FROM cleaning_row
		WHERE batch = $1 AND at > $2 AND ($3 = '' OR outcome = $3) ORDER BY at LIMIT $4`, batch, after, string(outcome), limit)
	return rowsOf(list), err
}

// Row gives one.
func (s *Store) Row(ctx context.Context, batch string, at int) (cleaning.Row, error) {
	return rowBy(ctx, s.db, batch, at)
}

func rowBy(ctx context.Context, q sqldb.Queryer, batch string, at int) (cleaning.Row, error) {
	w, err := sqldb.One[row](ctx, q, `SELECT `+rowColumns+` FROM cleaning_row WHERE batch = $1 AND at = $2`, batch, at)
	if errors.Is(err, sqldb.ErrNone) {
		return cleaning.Row{}, fault.New(fault.NotFound, "cleaning.batch.no_row", nil)
	}
	return w.row(), err
}

// LastRow is the last that is there; 0 before the first.
func (s *Store) LastRow(ctx context.Context, batch string) (int, error) {
	return sqldb.One[int](ctx, s.db, `SELECT COALESCE(MAX(at), 0) FROM cleaning_row WHERE batch = $1`, batch)
}

// Outcomes counts rows.
func (s *Store) Outcomes(ctx context.Context, batch string) (map[cleaning.Outcome]int, error) {
	type count struct {
		Outcome string `db:"outcome"`
		N       int    `db:"n"`
	}
	list, err := sqldb.All[count](ctx, s.db, `SELECT outcome, COUNT(*) AS n FROM cleaning_row WHERE batch = $1 GROUP BY outcome`, batch)
	out := map[cleaning.Outcome]int{}
	for _, c := range list {
		out[cleaning.Outcome(c.Outcome)] = c.N
	}
	return out, err
}

// Left counts the rows for people that are open, and all.
func (s *Store) Left(ctx context.Context, batch string) (left, of int, err error) {
	type count struct {
		Left int `db:"left_open"`
		Of   int `db:"n"`
	}
	c, err := sqldb.One[count](ctx, s.db, `SELECT COALESCE(SUM(CASE WHEN decided = '' THEN 1 ELSE 0 END), 0) AS left_open, COUNT(*) AS n
		FROM cleaning_row WHERE batch = $1 AND place IS NOT NULL`, batch)
	return c.Left, c.Of, err
}

// Next gives an officer the next row. Two who ask at once get two rows: SQLite has one
// writer, PostgreSQL passes over what another holds.
func (s *Store) Next(ctx context.Context, batch, account string, now, until time.Time) (cleaning.Row, error) {
	lock := ""
	if s.db.Engine() == sqldb.Postgres {
		lock = " FOR UPDATE SKIP LOCKED"
	}
	var w row
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) (err error) {
		// What somebody said they were not sure of is not for them again, nor what waits for a second
		// one to say the same. A row whose candidates they are going through is theirs until they are
		// through.
		w, err = sqldb.One[row](ctx, tx, `UPDATE cleaning_row SET lease_by = $1, lease_until = $2 WHERE batch = $3 AND at = (
			SELECT r.at FROM cleaning_row r WHERE r.batch = $3 AND r.decided = '' AND r.place IS NOT NULL
				AND (r.lease_by = $1 OR r.lease_by = '' OR r.lease_until < $4)
				AND NOT EXISTS (SELECT 1 FROM cleaning_label l WHERE l.batch = $3 AND l.at_row = r.at AND l.account = $1
					AND (l.says IN ('unsure', 'same') OR l.control))
			ORDER BY CASE WHEN r.lease_by = $1 THEN 0 ELSE 1 END, r.place LIMIT 1`+lock+`) RETURNING `+rowColumns,
			account, until, batch, now)
		return err
	})
	if errors.Is(err, sqldb.ErrNone) {
		return cleaning.Row{}, fault.New(fault.NotFound, "cleaning.batch.none_left", nil)
	}
	return w.row(), err
}

// Leave puts a row behind all others.
func (s *Store) Leave(ctx context.Context, batch, account string, at int) error {
	n, err := sqldb.Exec(ctx, s.db, `UPDATE cleaning_row SET lease_by = '', lease_until = NULL,
		place = (SELECT MAX(place) + 1 FROM cleaning_row WHERE batch = $1) WHERE batch = $1 AND at = $2 AND lease_by = $3 AND decided = ''`,
		batch, at, account)
	if err == nil && n == 0 {
		return fault.New(fault.Conflict, "cleaning.batch.moved", nil)
	}
	return err
}

type label struct {
	ID        string    `db:"id"`
	Batch     string    `db:"batch"`
	Row       int       `db:"at_row"`
	Candidate int       `db:"candidate"`
	Says      string    `db:"says"`
	Account   string    `db:"account"`
	Control   bool      `db:"control"`
	Wrong     string    `db:"wrong"`
	CreatedAt time.Time `db:"created_at"`
}

// Labels are those of a batch in their order.
func (s *Store) Labels(ctx context.Context, batch string) ([]cleaning.Label, error) {
	return labels(ctx, s.db, batch, 0)
}

// labels are those of a batch, or of one of its rows.
func labels(ctx context.Context, q sqldb.Queryer, batch string, at int) ([]cleaning.Label, error) {
	list, err := sqldb.All[label](ctx, q, `SELECT id, batch, at_row, candidate, says, account, control, wrong, created_at FROM cleaning_label
		WHERE batch = $1 AND ($2 = 0 OR at_row = $2) ORDER BY id`, batch, at)
	out := make([]cleaning.Label, len(list))
	for i, l := range list {
		out[i] = cleaning.Label{
			ID: l.ID, Batch: l.Batch, Row: l.Row, Candidate: l.Candidate, Says: cleaning.Decided(l.Says), By: l.Account, At: l.CreatedAt, Control: l.Control,
			Wrong: l.Wrong,
		}
	}
	return out, err
}

// Decide keeps a label and what the row is then.
func (s *Store) Decide(
	ctx context.Context, b cleaning.Batch, l cleaning.Label, now time.Time, then func(*cleaning.Row, []cleaning.Label) error,
) (out cleaning.Row, err error) {
	err = s.logged(ctx, b, func(tx *sqldb.Tx) ([]citizen.Number, error) {
		w, err := sqldb.One[row](ctx, tx, `UPDATE cleaning_row SET lease_by = lease_by
			WHERE batch = $1 AND at = $2 AND lease_by = $3 AND lease_until >= $4 AND decided = '' AND place IS NOT NULL RETURNING `+rowColumns, b.ID, l.Row, l.By, now)
		if errors.Is(err, sqldb.ErrNone) {
			return nil, fault.New(fault.Conflict, "cleaning.batch.moved", nil)
		}
		if err != nil {
			return nil, err
		}
		before, err := labels(ctx, tx, b.ID, l.Row)
		if err != nil {
			return nil, err
		}
		out = w.row()
		was := out
		l.Control = out.Control
		if err := then(&out, before); err != nil {
			return nil, err
		}
		if b.State == cleaning.Released {
			if c, ok := cleaning.DecisionOf(&was, &out, l); ok {
				if err := decided(ctx, tx, b.ID, c); err != nil {
					return nil, err
				}
			}
		}
		err = sqldb.Insert(ctx, tx, "cleaning_label", label{l.ID, l.Batch, l.Row, l.Candidate, string(l.Says), l.By, l.Control, l.Wrong, l.At})
		if err != nil {
			return nil, err
		}
		holder := l.By
		if out.Decided != cleaning.Undecided || l.Says != cleaning.Other || l.Control {
			holder = ""
		}
		if _, err := sqldb.Exec(ctx, tx, `UPDATE cleaning_row SET outcome = $1, person = $2, decided = $3, lease_by = $4 WHERE batch = $5 AND at = $6`,
			string(out.Outcome), out.Person.Int(), string(out.Decided), holder, b.ID, l.Row); err != nil || out.Person.IsZero() {
			return nil, err
		}
		return met(ctx, tx, b.ID, []citizen.Number{out.Person})
	})
	return out, err
}
