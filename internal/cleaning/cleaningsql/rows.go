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
	Commune    string                     `db:"commune"`
	Look       string                     `db:"second_look"`
	LeaseBy    string                     `db:"lease_by"`
	LeaseUntil time.Time                  `db:"lease_until"`
	ShownAt    time.Time                  `db:"shown_at"`
	Doc        sqldb.JSON[cleaning.Found] `db:"doc"`
}

const rowColumns = `batch, at, outcome, person, place, decided, commune, second_look, lease_by, lease_until, shown_at, doc`

func (w *row) row() cleaning.Row {
	return cleaning.Row{
		At: w.At, Outcome: cleaning.Outcome(w.Outcome), Person: citizen.FromInt(w.Person), Queue: int(w.Place.Int64),
		Decided: cleaning.Decided(w.Decided), Commune: w.Commune, Look: cleaning.Look(w.Look), Found: w.Doc.V,
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
	Commune string                     `db:"commune"`
	Look    string                     `db:"second_look"`
	Waits   bool                       `db:"waits"`
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
				"", r.Commune, string(r.Look), r.Waits(), "",
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
func (s *Store) Rows(ctx context.Context, batch string, of cleaning.Which, after, limit int) ([]cleaning.Row, error) {
	var a sqldb.Args
	where := `batch = ` + a.Add(batch) + ` AND at > ` + a.Add(after) + in(of.Commune, &a)
	if of.Outcome != "" {
		where += ` AND outcome = ` + a.Add(string(of.Outcome))
	}
	list, err := sqldb.All[row](ctx, s.db, `SELECT `+rowColumns+` FROM cleaning_row WHERE `+where+` ORDER BY at LIMIT `+a.Add(limit), a.Values()...)
	return rowsOf(list), err
}

// in holds rows to a commune, where there is one: the index serves it.
func in(commune string, a *sqldb.Args) string {
	if commune == "" {
		return ""
	}
	return ` AND commune = ` + a.Add(commune)
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
func (s *Store) Outcomes(ctx context.Context, batch, commune string) (map[cleaning.Outcome]int, error) {
	type count struct {
		Outcome string `db:"outcome"`
		N       int    `db:"n"`
	}
	var a sqldb.Args
	list, err := sqldb.All[count](ctx, s.db, `SELECT outcome, COUNT(*) AS n FROM cleaning_row
		WHERE batch = `+a.Add(batch)+in(commune, &a)+` GROUP BY outcome`, a.Values()...)
	out := map[cleaning.Outcome]int{}
	for _, c := range list {
		out[cleaning.Outcome(c.Outcome)] = c.N
	}
	return out, err
}

// Judged are the rows for people on which somebody decided.
func (s *Store) Judged(ctx context.Context, batch string) ([]cleaning.Row, error) {
	list, err := sqldb.All[row](ctx, s.db, `SELECT `+rowColumns+` FROM cleaning_row
		WHERE batch = $1 AND place IS NOT NULL AND decided <> '' ORDER BY at`, batch)
	return rowsOf(list), err
}

// Left counts the rows for people.
func (s *Store) Left(ctx context.Context, batch string) ([]cleaning.Left, error) {
	type count struct {
		Commune string `db:"commune"`
		Left    int    `db:"left_open"`
		Of      int    `db:"n"`
	}
	list, err := sqldb.All[count](ctx, s.db, `SELECT commune, SUM(CASE WHEN waits THEN 1 ELSE 0 END) AS left_open, COUNT(*) AS n
		FROM cleaning_row WHERE batch = $1 AND place IS NOT NULL GROUP BY commune ORDER BY left_open DESC, commune`, batch)
	out := make([]cleaning.Left, len(list))
	for i, c := range list {
		out[i] = cleaning.Left(c)
	}
	return out, err
}

// Next gives an officer the next row. Two who ask at once get two rows: SQLite has one
// writer, PostgreSQL passes over what another holds.
func (s *Store) Next(ctx context.Context, batch, commune, account string, now, until time.Time) (cleaning.Row, error) {
	lock := ""
	if s.db.Engine() == sqldb.Postgres {
		lock = " FOR UPDATE SKIP LOCKED"
	}
	var w row
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) (err error) {
		// What somebody has said all of, or that they were not sure of, is not for them again. A row
		// whose candidates they are going through is theirs until they are through: decided rows
		// that they hold are ones at which they take the second look.
		w, err = sqldb.One[row](ctx, tx, `UPDATE cleaning_row SET lease_by = $1, lease_until = $2,
			shown_at = CASE WHEN lease_by = $1 AND lease_until >= $4 AND shown_at IS NOT NULL THEN shown_at ELSE $4 END WHERE batch = $3 AND at = (
			SELECT r.at FROM cleaning_row r WHERE r.batch = $3 AND r.waits AND r.place IS NOT NULL AND ($5 = '' OR r.commune = $5)
				AND (r.lease_by = $1 OR r.lease_by = '' OR r.lease_until < $4)
				AND NOT EXISTS (SELECT 1 FROM cleaning_label l WHERE l.batch = $3 AND l.at_row = r.at AND l.account = $1
					AND (l.says <> 'other' OR l.control OR r.decided <> '' AND r.lease_by <> $1))
			ORDER BY CASE WHEN r.lease_by = $1 THEN 0 ELSE 1 END, r.place LIMIT 1`+lock+`) RETURNING `+rowColumns,
			account, until, batch, now, commune)
		return err
	})
	if errors.Is(err, sqldb.ErrNone) {
		return cleaning.Row{}, fault.New(fault.NotFound, "cleaning.batch.none_left", nil)
	}
	return w.row(), err
}

// Leave puts a row behind all others.
func (s *Store) Leave(ctx context.Context, batch, account string, at int) error {
	n, err := sqldb.Exec(ctx, s.db, `UPDATE cleaning_row SET lease_by = '', lease_until = NULL, shown_at = NULL,
		place = (SELECT MAX(place) + 1 FROM cleaning_row WHERE batch = $1) WHERE batch = $1 AND at = $2 AND lease_by = $3 AND waits`,
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
	Machine   string    `db:"machine"`
	ShownAt   time.Time `db:"shown_at"`
	CreatedAt time.Time `db:"created_at"`
}

// said is a label with how its row stands.
type said struct {
	label
	Decided string `db:"decided"`
	Look    string `db:"second_look"`
}

// Labels are those of a batch in their order.
func (s *Store) Labels(ctx context.Context, batch string) ([]cleaning.Label, error) {
	return labels(ctx, s.db, batch, 0)
}

// labels are those of a batch, or of one of its rows.
func labels(ctx context.Context, q sqldb.Queryer, batch string, at int) ([]cleaning.Label, error) {
	list, err := sqldb.All[said](ctx, q, `SELECT l.id, l.batch, l.at_row, l.candidate, l.says, l.account, l.control, l.wrong, l.machine, l.shown_at, l.created_at,
			r.decided, r.second_look
		FROM cleaning_label l JOIN cleaning_row r ON r.batch = l.batch AND r.at = l.at_row
		WHERE l.batch = $1 AND ($2 = 0 OR l.at_row = $2) ORDER BY l.id`, batch, at)
	out := make([]cleaning.Label, len(list))
	for i, l := range list {
		out[i] = cleaning.Label{
			ID: l.ID, Batch: l.Batch, Row: l.Row, Candidate: l.Candidate, Says: cleaning.Decided(l.Says), By: l.Account, Shown: l.ShownAt, At: l.CreatedAt,
			Control: l.Control, Wrong: l.Wrong, Machine: cleaning.Outcome(l.Machine), Stands: cleaning.Decided(l.Decided), Look: cleaning.Look(l.Look),
		}
	}
	return out, err
}

// Decide keeps a label and what the row is then.
func (s *Store) Decide(
	ctx context.Context, b cleaning.Batch, l cleaning.Label, now time.Time, then func(*cleaning.Row, []cleaning.Label) (bool, error),
) (out cleaning.Row, err error) {
	err = s.logged(ctx, b, func(tx *sqldb.Tx) ([]citizen.Number, error) {
		w, err := sqldb.One[row](ctx, tx, `UPDATE cleaning_row SET lease_by = lease_by
			WHERE batch = $1 AND at = $2 AND lease_by = $3 AND lease_until >= $4 AND waits RETURNING `+rowColumns, b.ID, l.Row, l.By, now)
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
		through, err := then(&out, before)
		if err != nil {
			return nil, err
		}
		if b.State == cleaning.Released {
			if c, ok := cleaning.DecisionOf(&was, &out, l); ok {
				if err := decided(ctx, tx, b.ID, c); err != nil {
					return nil, err
				}
			}
		}
		err = sqldb.Insert(ctx, tx, "cleaning_label", label{
			l.ID, l.Batch, l.Row, l.Candidate, string(l.Says), l.By, out.Control, l.Wrong, string(out.Machine), w.ShownAt, l.At,
		})
		if err != nil {
			return nil, err
		}
		holder := l.By
		if through {
			holder = ""
		}
		if _, err := sqldb.Exec(ctx, tx, `UPDATE cleaning_row SET outcome = $1, person = $2, decided = $3, second_look = $4, waits = $5, lease_by = $6,
			shown_at = NULL WHERE batch = $7 AND at = $8`,
			string(out.Outcome), out.Person.Int(), string(out.Decided), string(out.Look), out.Waits(), holder, b.ID, l.Row); err != nil {
			return nil, err
		}
		if out.Person.IsZero() || out.Person == was.Person {
			return nil, nil
		}
		return met(ctx, tx, b.ID, []citizen.Number{out.Person})
	})
	return out, err
}
