// Package programmesql keeps the programme in a database: directives, tasks and registers
// version after version, unit tasks with what was done to them, and how many are alike on
// each day. It decides nothing; programme does.
package programmesql

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/programme"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrate makes the tables.
func Migrate(ctx context.Context, db *sqldb.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	return sqldb.Migrate(ctx, db, "programme", files)
}

// Actions are the codes of what is written to the audit log.
var Actions = []string{actionSave, actionGive, actionChange}

const (
	actionSave   = "programme.save"
	actionGive   = "programme.give"
	actionChange = "programme.change"
)

// Store is a programme.Store.
type Store struct{ db *sqldb.DB }

var _ programme.Store = (*Store)(nil)

// New makes it on a migrated database.
func New(db *sqldb.DB) *Store { return &Store{db} }

// Revision grows with every change.
func (s *Store) Revision(ctx context.Context) (int64, error) { return revision(ctx, s.db) }

func revision(ctx context.Context, q sqldb.Queryer) (int64, error) {
	return sqldb.One[int64](ctx, q, `SELECT n FROM programme_revision WHERE id = 1`)
}

// changed is done by every change, before anything else: so changes come one after another,
// and the order of the locks is the same in all.
func changed(ctx context.Context, tx *sqldb.Tx) error {
	_, err := sqldb.Exec(ctx, tx, `UPDATE programme_revision SET n = n + 1 WHERE id = 1`)
	return err
}

// doc is what is kept of a version.
type doc struct {
	By        actor.Actor          `json:"by"`
	Directive *programme.Directive `json:"directive,omitempty"`
	Task      *programme.Task      `json:"task,omitempty"`
	Record    *programme.Record    `json:"record,omitempty"`
}

type docRow struct {
	Kind    string          `db:"kind"`
	ID      string          `db:"id"`
	Version int             `db:"version"`
	Day     clock.Date      `db:"day"`
	At      time.Time       `db:"created_at"`
	Account string          `db:"account"`
	Doc     sqldb.JSON[doc] `db:"doc"`
}

func rowOf(d programme.Doc) docRow {
	return docRow{
		string(d.Kind), d.ID, d.Version, d.Day, d.At, d.By.Account,
		sqldb.JSON[doc]{V: doc{d.By, d.Directive, d.Task, d.Record}},
	}
}

func (r *docRow) doc() programme.Doc {
	v := r.Doc.V
	return programme.Doc{
		Kind: programme.DocKind(r.Kind), ID: r.ID, Version: r.Version, Day: r.Day, At: r.At, By: v.By,
		Directive: v.Directive, Task: v.Task, Record: v.Record,
	}
}

const docColumns = `kind, id, version, day, created_at, account, doc`

// errMoved is a change of what somebody else changed meanwhile.
var errMoved = fault.New(fault.Conflict, "programme.moved", nil)

// Save adds a version.
func (s *Store) Save(ctx context.Context, d programme.Doc) error {
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		if err := changed(ctx, tx); err != nil {
			return err
		}
		return save(ctx, tx, d)
	})
	if sqldb.IsDuplicate(err) {
		return errMoved
	}
	return err
}

func save(ctx context.Context, tx *sqldb.Tx, d programme.Doc) error {
	last, err := sqldb.One[int](ctx, tx, `SELECT COALESCE(MAX(version), 0) FROM programme_doc WHERE kind = $1 AND id = $2`, string(d.Kind), d.ID)
	if err != nil {
		return err
	}
	if last != d.Version-1 {
		return errMoved
	}
	if err := sqldb.Insert(ctx, tx, "programme_doc", rowOf(d)); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		At: d.At, Who: audit.Who{Actor: d.By}, Action: actionSave, Subject: audit.Subject{Type: "programme_" + string(d.Kind), ID: d.ID},
		Details: map[string]string{"version": fmt.Sprint(d.Version)},
	})
}

// Remind does something for an account once on a day, in one transaction: also when it is
// tried again, or by two at once.
func (s *Store) Remind(ctx context.Context, day clock.Date, account string, do func(tx *sqldb.Tx) error) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		n, err := sqldb.Exec(ctx, tx, `INSERT INTO programme_reminder (day, account) VALUES ($1, $2) ON CONFLICT DO NOTHING`, day, account)
		if err != nil || n == 0 {
			return err
		}
		return do(tx)
	})
}

// History lists the versions of something, the last first.
func (s *Store) History(ctx context.Context, kind programme.DocKind, id string) ([]programme.Doc, error) {
	rows, err := sqldb.All[docRow](ctx, s.db, `SELECT `+docColumns+` FROM programme_doc
		WHERE kind = $1 AND id = $2 ORDER BY version DESC`, string(kind), id)
	out := make([]programme.Doc, len(rows))
	for i := range rows {
		out[i] = rows[i].doc()
	}
	return out, err
}

// never stands for no end: every day is before it.
const never = "9999-12-31"

func until(known clock.Date) string {
	if known.IsZero() {
		return never
	}
	return known.String()
}

// Book reads all that was known by the end of a day.
func (s *Store) Book(ctx context.Context, known clock.Date) (*programme.Book, error) {
	// The revision is read first: what is changed meanwhile is read again the next time.
	n, err := s.Revision(ctx)
	if err != nil {
		return nil, err
	}
	var directives []programme.Directive
	var tasks []programme.Task
	var records []programme.Record
	var last *docRow
	take := func() {
		if last == nil {
			return
		}
		switch v := last.Doc.V; {
		case v.Directive != nil:
			directives = append(directives, *v.Directive)
		case v.Task != nil:
			tasks = append(tasks, *v.Task)
		case v.Record != nil:
			v.Record.Version = last.Version
			records = append(records, *v.Record)
		}
	}
	for r, err := range sqldb.Each[docRow](ctx, s.db, `SELECT `+docColumns+` FROM programme_doc
		WHERE day <= $1 ORDER BY kind, id, version`, until(known)) {
		if err != nil {
			return nil, err
		}
		if last != nil && (last.Kind != r.Kind || last.ID != r.ID) {
			take()
		}
		last = &r
	}
	take()
	cells, err := s.cells(ctx, known)
	if err != nil {
		return nil, err
	}
	return programme.NewBook(known, n, directives, tasks, records, cells), nil
}

type cellRow struct {
	Task   string `db:"task"`
	Level  string `db:"level"`
	Origin string `db:"origin"`
	State  string `db:"state"`
	Late   bool   `db:"late"`
	From   string `db:"from_day"`
	Due    string `db:"due"`
	N      int    `db:"n"`
}

const cellColumns = `task, level, origin, state, late, from_day, due`

// cells adds up what was recorded by the end of a day; of now the sums are there.
func (s *Store) cells(ctx context.Context, known clock.Date) ([]programme.Cell, error) {
	query, args := `SELECT `+cellColumns+`, n FROM programme_cell WHERE n <> 0 ORDER BY due, `+cellColumns, []any(nil)
	if !known.IsZero() {
		query = `SELECT ` + cellColumns + `, CAST(SUM(n) AS BIGINT) AS n FROM programme_tally WHERE day <= $1
			GROUP BY ` + cellColumns + ` HAVING SUM(n) <> 0 ORDER BY due, ` + cellColumns
		args = []any{known.String()}
	}
	var out []programme.Cell
	one := map[string]string{} // one text for all that are equal
	same := func(s string) string {
		if kept, ok := one[s]; ok {
			return kept
		}
		one[s] = s
		return s
	}
	for r, err := range sqldb.Each[cellRow](ctx, s.db, query, args...) {
		if err != nil {
			return nil, err
		}
		from, due, err := days(r.From, r.Due)
		if err != nil {
			return nil, err
		}
		out = append(out, programme.Cell{
			Task: same(r.Task), Level: programme.Level(same(r.Level)), Origin: same(r.Origin), State: programme.State(same(r.State)),
			Late: r.Late, From: from, Due: due, N: r.N,
		})
	}
	return out, nil
}

// dueText writes a due date so that those without one are the last.
func dueText(d clock.Date) string {
	if d.IsZero() {
		return never
	}
	return d.String()
}

func days(from, due string) (f, d clock.Date, err error) {
	if f, err = clock.ParseDate(from); err != nil {
		return f, d, err
	}
	if due != never {
		d, err = clock.ParseDate(due)
	}
	return f, d, err
}

// tally writes changes of cells: those of each day, and the sums.
func tally(ctx context.Context, tx *sqldb.Tx, list []programme.Delta) error {
	if err := add(ctx, tx, "programme_tally", list, true); err != nil {
		return err
	}
	return add(ctx, tx, "programme_cell", list, false)
}

// add adds changes to a table of cells, those that are alike at once: many agencies are
// given a task together.
func add(ctx context.Context, tx *sqldb.Tx, table string, list []programme.Delta, daily bool) error {
	sums := map[programme.Delta]int{}
	var order []programme.Delta
	for _, d := range list {
		key := d
		key.N = 0
		if !daily {
			key.Day = clock.Date{}
		}
		if _, ok := sums[key]; !ok {
			order = append(order, key)
		}
		sums[key] += d.N
	}
	columns := cellColumns
	if daily {
		columns += `, day`
	}
	const per = 40
	for part := range slices.Chunk(order, per) {
		var a sqldb.Args
		values := ""
		for i, d := range part {
			if i > 0 {
				values += ", "
			}
			values += "(" + a.Add(d.Task) + ", " + a.Add(string(d.Level)) + ", " + a.Add(d.Origin) + ", " + a.Add(string(d.State)) + ", " +
				a.Add(d.Late) + ", " + a.Add(d.From.String()) + ", " + a.Add(dueText(d.Due))
			if daily {
				values += ", " + a.Add(d.Day.String())
			}
			values += ", " + a.Add(sums[d]) + ")"
		}
		if _, err := sqldb.Exec(ctx, tx, `INSERT INTO `+table+` (`+columns+`, n) VALUES `+values+`
			ON CONFLICT (`+columns+`) DO UPDATE SET n = `+table+`.n + excluded.n`, a.Values()...); err != nil {
			return err
		}
	}
	return nil
}

func none(err error) error {
	if errors.Is(err, sqldb.ErrNone) {
		return fault.New(fault.NotFound, "programme.unknown", nil)
	}
	return err
}
