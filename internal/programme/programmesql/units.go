package programmesql

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/sqldb"
	"dean06/internal/programme"
)

// What lists are chosen by, and unit does not tell, is only in keptRow.
type unitRow struct {
	ID       string     `db:"id"`
	Task     string     `db:"task"`
	Agency   string     `db:"agency"`
	Period   string     `db:"period"`
	Level    string     `db:"level"`
	Origin   string     `db:"origin"`
	State    string     `db:"state"`
	From     string     `db:"from_day"`
	Due      string     `db:"due"`
	Percent  int        `db:"percent"`
	DoneOn   clock.Date `db:"done_on"`
	Reporter string     `db:"reporter"`
	Asked    clock.Date `db:"asked"`
	Asker    string     `db:"asker"`
	Version  int        `db:"version"`
}

type keptRow struct {
	unitRow
	Open    bool      `db:"still_open"`
	Half    string    `db:"half"`
	Late    bool      `db:"late"`
	GivenAt time.Time `db:"given_at"`
}

const unitColumns = `id, task, agency, period, level, origin, state, from_day, due, percent, done_on, reporter, asked, asker, version`

// halfOf is the last day on which not more than half of the time is gone.
func halfOf(u *programme.UnitTask) string {
	if u.Due.IsZero() {
		return never
	}
	return u.From.AddDays(u.From.DaysUntil(u.Due) / 2).String()
}

func keptRowOf(u programme.UnitTask, given time.Time) keptRow {
	return keptRow{
		unitRow: unitRow{
			u.ID, u.Task, u.Agency, u.Period, string(u.Level), u.Origin, string(u.State), u.From.String(), dueText(u.Due),
			u.Percent, u.DoneOn, u.Reporter, u.Asked, u.Asker, u.Version,
		},
		Open: u.State.Open(), Half: halfOf(&u), Late: u.Late(), GivenAt: given,
	}
}

func (r *unitRow) unit() (programme.UnitTask, error) {
	from, due, err := days(r.From, r.Due)
	return programme.UnitTask{
		ID: r.ID, Task: r.Task, Agency: r.Agency, Period: r.Period, Level: programme.Level(r.Level), Origin: r.Origin, State: programme.State(r.State),
		From: from, Due: due, Percent: r.Percent, DoneOn: r.DoneOn, Reporter: r.Reporter, Asked: r.Asked, Asker: r.Asker, Version: r.Version,
	}, err
}

type eventRow struct {
	UnitTask string                      `db:"unit_task"`
	Version  int                         `db:"version"`
	Day      clock.Date                  `db:"day"`
	At       time.Time                   `db:"created_at"`
	Act      string                      `db:"act"`
	Account  string                      `db:"account"`
	Doc      sqldb.JSON[programme.Event] `db:"doc"`
}

func eventRowOf(e programme.Event) eventRow {
	return eventRow{e.UnitTask, e.Version, e.Day, e.At, string(e.Act), e.By.Account, sqldb.JSON[programme.Event]{V: e}}
}

// Give adds unit tasks and leaves out those that are there.
func (s *Store) Give(ctx context.Context, list []programme.UnitTask, by actor.Actor, at time.Time) (int, error) {
	added := 0
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		added = 0
		if err := changed(ctx, tx); err != nil {
			return err
		}
		there := map[[3]string]bool{}
		for _, task := range tasksOf(list) {
			keys, err := sqldb.All[struct {
				Agency string `db:"agency"`
				Period string `db:"period"`
			}](ctx, tx, `SELECT agency, period FROM programme_unit_task WHERE task = $1`, task)
			if err != nil {
				return err
			}
			for _, k := range keys {
				there[[3]string{task, k.Agency, k.Period}] = true
			}
		}
		day := clock.DayOf(at)
		var rows []keptRow
		var deltas []programme.Delta
		for _, u := range list {
			key := [3]string{u.Task, u.Agency, u.Period}
			if there[key] {
				continue
			}
			there[key] = true
			rows = append(rows, keptRowOf(u, at))
			deltas = append(deltas, programme.Deltas(nil, &u, day)...)
		}
		if err := write(ctx, tx, rows, nil, deltas); err != nil {
			return err
		}
		added = len(rows)
		if added == 0 {
			return nil
		}
		return audit.Record(ctx, tx, audit.Entry{
			At: at, Who: audit.Who{Actor: by}, Action: actionGive, Subject: audit.Subject{Type: "programme_task", ID: rows[0].Task},
			Details: map[string]string{"agencies": fmt.Sprint(added)},
		})
	})
	return added, err
}

func tasksOf(list []programme.UnitTask) []string {
	var out []string
	for _, u := range list {
		if !slices.Contains(out, u.Task) {
			out = append(out, u.Task)
		}
	}
	return out
}

func write(ctx context.Context, tx *sqldb.Tx, rows []keptRow, events []eventRow, deltas []programme.Delta) error {
	if err := sqldb.Insert(ctx, tx, "programme_unit_task", rows...); err != nil {
		return err
	}
	if err := sqldb.Insert(ctx, tx, "programme_event", events...); err != nil {
		return err
	}
	return tally(ctx, tx, deltas)
}

// Load writes the past down in one transaction. Nothing of it is in the audit log: nobody
// did it here.
func (s *Store) Load(ctx context.Context, p programme.Past, at time.Time) error {
	if err := s.load(ctx, p, at); err != nil || s.db.Engine() != sqldb.Postgres {
		return err
	}
	// Until the server counts by itself it would read whole tables for a page.
	_, err := s.db.ExecContext(ctx, `ANALYZE programme_unit_task, programme_tally, programme_cell`)
	return err
}

func (s *Store) load(ctx context.Context, p programme.Past, at time.Time) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		if err := changed(ctx, tx); err != nil {
			return err
		}
		docs := make([]docRow, len(p.Docs))
		for i, d := range p.Docs {
			docs[i] = rowOf(d)
		}
		if err := sqldb.Insert(ctx, tx, "programme_doc", docs...); err != nil {
			return err
		}
		units := make([]keptRow, len(p.Units))
		for i, u := range p.Units {
			units[i] = keptRowOf(u, at)
		}
		events := make([]eventRow, len(p.Events))
		for i, e := range p.Events {
			events[i] = eventRowOf(e)
		}
		return write(ctx, tx, units, events, p.Deltas)
	})
}

// Given lists the agencies that have a task for a period.
func (s *Store) Given(ctx context.Context, task, period string) ([]string, error) {
	return sqldb.All[string](ctx, s.db, `SELECT agency FROM programme_unit_task WHERE task = $1 AND period = $2 ORDER BY agency`, task, period)
}

// UnitTask gives one.
func (s *Store) UnitTask(ctx context.Context, id string) (programme.UnitTask, error) {
	return unitOf(ctx, s.db, `id = $1`, id)
}

// Find gives the one of a task, an agency and a period.
func (s *Store) Find(ctx context.Context, task, agency, period string) (programme.UnitTask, error) {
	return unitOf(ctx, s.db, `task = $1 AND agency = $2 AND period = $3`, task, agency, period)
}

func unitOf(ctx context.Context, q sqldb.Queryer, where string, args ...any) (programme.UnitTask, error) {
	r, err := sqldb.One[unitRow](ctx, q, `SELECT `+unitColumns+` FROM programme_unit_task WHERE `+where, args...)
	if err != nil {
		return programme.UnitTask{}, none(err)
	}
	return r.unit()
}

// where says in SQL what a filter lets pass. But for agencies, of each of which there are
// few, the list is read in its order from the cursor on: the embedded engine, which keeps no
// statistics, is not to begin with all of a task, or with all that is due from today on. A
// cast hides the column from it and from it alone.
func where(f programme.Filter, a *sqldb.Args) string {
	out := `1 = 1`
	in := func(column string, list []string) {
		switch len(list) {
		case 0:
		case 1:
			out += ` AND ` + column + ` = ` + a.Add(list[0])
		default:
			out += ` AND ` + column + ` IN ` + sqldb.In(a, list)
		}
	}
	in("CAST(task AS TEXT)", f.Tasks)
	in("agency", f.Agencies)
	in("origin", f.Origins)
	if f.Level != "" {
		out += ` AND level = ` + a.Add(string(f.Level))
	}
	states := make([]string, len(f.States))
	for i, s := range f.States {
		states[i] = string(s)
	}
	in("state", states)
	if f.Month != "" {
		out += ` AND CAST(due AS TEXT) >= ` + a.Add(f.Month+"-01") + ` AND due <= ` + a.Add(f.Month+"-31")
	}
	day := a.Add
	today := f.Day.String()
	near := f.Day.AddDays(programme.RiskDays).String()
	switch f.Standing {
	case programme.StandDone:
		out += ` AND state = 'done' AND NOT late`
	case programme.StandDoneLate:
		out += ` AND late`
	case programme.StandWaiting:
		out += ` AND state = 'reported'`
	case programme.StandWithdrawn:
		out += ` AND state = 'withdrawn'`
	case programme.StandOverdue:
		out += ` AND still_open AND due < ` + day(today)
	case programme.StandBlocked:
		out += ` AND state = 'blocked' AND CAST(due AS TEXT) >= ` + day(today)
	case programme.StandAtRisk:
		out += ` AND still_open AND state <> 'blocked' AND CAST(due AS TEXT) >= ` + day(today) + ` AND due < ` + day(never) + ` AND (due <= ` + day(near) +
			` OR state = 'given' AND half < ` + day(today) + `)`
	case programme.StandOnTrack:
		out += ` AND still_open AND state <> 'blocked' AND CAST(due AS TEXT) > ` + day(near) + ` AND (state <> 'given' OR due = ` + day(never) +
			` OR half >= ` + day(today) + `)`
	}
	return out
}

// UnitTasks lists them by due date, those without one last.
func (s *Store) UnitTasks(ctx context.Context, f programme.Filter, after programme.Cursor, limit int) ([]programme.UnitTask, error) {
	var a sqldb.Args
	narrow := where(f, &a)
	if begin := textOf(after); begin != "" {
		narrow += ` AND (due, id) > (` + a.Add(begin) + `, ` + a.Add(after.ID) + `)`
	}
	return listed(ctx, s.db, `SELECT `+unitColumns+` FROM programme_unit_task WHERE `+narrow+` ORDER BY due, id LIMIT `+a.Add(limit), a.Values())
}

// textOf is the due date of a cursor; "" is before all.
func textOf(c programme.Cursor) string {
	if c == (programme.Cursor{}) {
		return ""
	}
	return dueText(c.Due)
}

func listed(ctx context.Context, q sqldb.Queryer, query string, args []any) ([]programme.UnitTask, error) {
	rows, err := sqldb.All[unitRow](ctx, q, query, args...)
	if err != nil {
		return nil, err
	}
	out := make([]programme.UnitTask, len(rows))
	for i := range rows {
		if out[i], err = rows[i].unit(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// A statement looks up a few cells, or most: so there are two texts, which are parsed once.
const (
	few  = 5
	most = 50
)

// UnitTasksOf lists those that count in one of a few cells.
func (s *Store) UnitTasksOf(ctx context.Context, cells []programme.Cell, after programme.Cursor, limit int) ([]programme.UnitTask, error) {
	var out []programme.UnitTask
	for part := range slices.Chunk(cells, most) {
		n := most
		if len(part) <= few {
			n = few
		}
		var a sqldb.Args
		values := make([]string, n)
		for i := range values {
			c, due, from := programme.Cell{}, "", "" // no unit task is of this one
			if i < len(part) {
				c, due, from = part[i], dueText(part[i].Due), part[i].From.String()
			}
			values[i] = "(" + a.Add(c.Task) + ", " + a.Add(c.Origin) + ", " + a.Add(due) + ", " + a.Add(string(c.State)) + ", " +
				a.Add(string(c.Level)) + ", CAST(" + a.Add(c.Late) + " AS BOOLEAN), " + a.Add(from) + ")"
		}
		// Joined crosswise the embedded engine takes the cells first. It would plan a kept
		// statement anew for each limit, and for each range of an index.
		list, err := listed(ctx, s.db.Kept(), `WITH cell (c_task, c_origin, c_due, c_state, c_level, c_late, c_from) AS (VALUES `+
			strings.Join(values, ", ")+`) SELECT `+unitColumns+` FROM cell CROSS JOIN programme_unit_task
			WHERE task = c_task AND origin = c_origin AND due = c_due AND state = c_state AND level = c_level AND late = c_late
				AND from_day = c_from AND (CAST(due AS TEXT), id) > (`+a.Add(textOf(after))+`, `+a.Add(after.ID)+`)
			ORDER BY due, id LIMIT `+strconv.Itoa(limit), a.Values())
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	if len(cells) > most {
		slices.SortFunc(out, func(x, y programme.UnitTask) int {
			return cmp.Or(cmp.Compare(dueText(x.Due), dueText(y.Due)), cmp.Compare(x.ID, y.ID))
		})
	}
	return out[:min(limit, len(out))], nil
}

// Counts counts those of agencies on a day.
func (s *Store) Counts(ctx context.Context, agencies []string, day clock.Date) ([]programme.AgencyCount, error) {
	var a sqldb.Args
	return s.counts(ctx, `agency IN `+sqldb.In(&a, agencies), a, day)
}

// CountsBelow counts those of the local agencies of provinces on a day.
func (s *Store) CountsBelow(ctx context.Context, origins []string, day clock.Date) ([]programme.AgencyCount, error) {
	var a sqldb.Args
	where := `origin IN ` + sqldb.In(&a, origins) + ` AND level IN ` + sqldb.In(&a, []string{string(programme.District), string(programme.Commune)})
	return s.counts(ctx, where, a, day)
}

func (s *Store) counts(ctx context.Context, where string, a sqldb.Args, day clock.Date) ([]programme.AgencyCount, error) {
	rows, err := sqldb.All[struct {
		Agency string `db:"agency"`
		State  string `db:"state"`
		Late   bool   `db:"late"`
		From   string `db:"from_day"`
		Due    string `db:"due"`
		N      int    `db:"n"`
	}](ctx, s.db, `SELECT agency, state, late, from_day, due, COUNT(*) AS n FROM programme_unit_task
		WHERE `+where+` GROUP BY agency, state, late, from_day, due ORDER BY agency`, a.Values()...)
	if err != nil {
		return nil, err
	}
	var out []programme.AgencyCount
	for _, r := range rows {
		if len(out) == 0 || out[len(out)-1].Agency != r.Agency {
			out = append(out, programme.AgencyCount{Agency: r.Agency})
		}
		from, due, err := days(r.From, r.Due)
		if err != nil {
			return nil, err
		}
		out[len(out)-1].Add(programme.Judge(programme.State(r.State), r.Late, from, due, day).Standing, r.N)
	}
	return out, nil
}

// Change does something to a unit task and keeps the event.
func (s *Store) Change(
	ctx context.Context, id string, do func(programme.UnitTask) (programme.UnitTask, programme.Event, error),
) (out programme.UnitTask, err error) {
	err = s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		if err := changed(ctx, tx); err != nil {
			return err
		}
		was, err := unitOf(ctx, tx, `id = $1`, id)
		if err != nil {
			return err
		}
		is, e, err := do(was)
		if err != nil {
			return err
		}
		out = is
		if err := update(ctx, tx, &was, is, e.At); err != nil {
			return err
		}
		if err := write(ctx, tx, nil, []eventRow{eventRowOf(e)}, programme.Deltas(&was, &is, e.Day)); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{
			At: e.At, Who: audit.Who{Actor: e.By}, Action: actionChange, Subject: audit.Subject{Type: "programme_unit_task", ID: id},
			Details: map[string]string{"act": string(e.Act), "task": is.Task, "agency": is.Agency},
		})
	})
	return out, err
}

// update writes a unit task as it is after a change.
func update(ctx context.Context, tx *sqldb.Tx, was *programme.UnitTask, is programme.UnitTask, at time.Time) error {
	r := keptRowOf(is, at)
	n, err := sqldb.Exec(ctx, tx, `UPDATE programme_unit_task SET state = $1, still_open = $2, due = $3, half = $4, percent = $5, done_on = $6,
		late = $7, reporter = $8, asked = $9, asker = $10, version = $11 WHERE id = $12 AND version = $13`,
		r.State, r.Open, r.Due, r.Half, r.Percent, r.DoneOn, r.Late, r.Reporter, r.Asked, r.Asker, r.Version, is.ID, was.Version)
	if err == nil && n == 0 {
		err = errMoved
	}
	return err
}

// Events lists what was done to a unit task, the last first.
func (s *Store) Events(ctx context.Context, id string) ([]programme.Event, error) {
	rows, err := sqldb.All[sqldb.JSON[programme.Event]](ctx, s.db, `SELECT doc FROM programme_event WHERE unit_task = $1 ORDER BY version DESC`, id)
	out := make([]programme.Event, len(rows))
	for i := range rows {
		out[i] = rows[i].V
	}
	return out, err
}
