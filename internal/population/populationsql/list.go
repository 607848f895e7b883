package populationsql

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/sqldb"
	"dean06/internal/population"
)

// ListJob is the kind of the job that puts a list together.
const ListJob = "population.list"

// ListHandler handles it.
func ListHandler(r *population.Register) jobs.Handler {
	return func(ctx context.Context, t *jobs.Task) error {
		var id string
		if err := t.Decode(&id); err != nil {
			return jobs.Permanent(err)
		}
		return r.RunList(ctx, id, func(done int) {
			// Progress is for the eye; the list itself says how far it is.
			_ = t.Progress(ctx, done, 0, jobs.Note{})
		})
	}
}

// SaveList adds a list and the job for it.
func (s *Store) SaveList(ctx context.Context, l population.List, granted []population.Field) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		if _, err := sqldb.Exec(ctx, tx, `INSERT INTO population_list (id, client, doc, granted, created_at) VALUES ($1, $2, $3, $4, $5)`,
			l.ID, l.Client, sqldb.JSON[population.List]{V: l}, joinFields(granted), micros(l.RequestedAt)); err != nil {
			return err
		}
		_, err := jobs.Enqueue(ctx, tx, ListJob, l.ID, jobs.Options{ID: l.ID})
		return err
	})
}

func listOf(ctx context.Context, q sqldb.Queryer, id string) (population.List, []population.Field, error) {
	type row struct {
		Doc     sqldb.JSON[population.List] `db:"doc"`
		Granted string                      `db:"granted"`
	}
	w, err := sqldb.One[row](ctx, q, `SELECT doc, granted FROM population_list WHERE id = $1`, id)
	if errors.Is(err, sqldb.ErrNone) {
		return population.List{}, nil, fault.New(fault.NotFound, "population.list.not_found", nil)
	}
	return w.Doc.V, splitFields(w.Granted), err
}

// List gives a list and what its client was granted when it asked.
func (s *Store) List(ctx context.Context, id string) (population.List, []population.Field, error) {
	return listOf(ctx, s.q, id)
}

// Lists gives those of a client, newest first.
func (s *Store) Lists(ctx context.Context, client, before string, limit int) ([]population.List, error) {
	rows, err := sqldb.All[sqldb.JSON[population.List]](ctx, s.q, `SELECT doc FROM population_list
		WHERE client = $1 AND ($2 = '' OR id < $2) ORDER BY id DESC LIMIT $3`, client, before, limit)
	out := make([]population.List, len(rows))
	for i, w := range rows {
		out[i] = w.V
	}
	return out, err
}

// UpdateList changes a list; others who change it wait.
func (s *Store) UpdateList(ctx context.Context, id string, change func(*population.List) error) (population.List, error) {
	var l population.List
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		if _, err := sqldb.Exec(ctx, tx, `UPDATE population_list SET client = client WHERE id = $1`, id); err != nil {
			return err
		}
		var err error
		if l, _, err = listOf(ctx, tx, id); err != nil {
			return err
		}
		if err := change(&l); err != nil {
			return err
		}
		_, err = sqldb.Exec(ctx, tx, `UPDATE population_list SET doc = $1 WHERE id = $2`, sqldb.JSON[population.List]{V: l}, id)
		return err
	})
	return l, err
}

// AddToList appends people and logs the look-up of them, both or neither.
func (s *Store) AddToList(ctx context.Context, id string, people []citizen.Number, e population.Entry) error {
	if len(people) == 0 {
		return nil
	}
	s.journal.writing.Lock() // the chain of look-ups has one writer
	defer s.journal.writing.Unlock()
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		b := make([]byte, 0, 8*len(people))
		for _, n := range people {
			b = binary.BigEndian.AppendUint64(b, uint64(n.Int()))
		}
		n, err := sqldb.Exec(ctx, tx, `INSERT INTO population_list_part (list, last, numbers) VALUES ($1, $2, $3) ON CONFLICT (list, last) DO NOTHING`,
			id, people[len(people)-1].Int(), b)
		if err != nil || n == 0 {
			return err
		}
		return appendLog(ctx, tx, s.engine, []population.Entry{e})
	})
}

// ListPeople gives people of a list by number, after a number.
func (s *Store) ListPeople(ctx context.Context, id string, after citizen.Number, limit int) ([]citizen.Number, error) {
	var out []citizen.Number
	for b, err := range sqldb.Each[[]byte](ctx, s.q, `SELECT numbers FROM population_list_part WHERE list = $1 AND last > $2 ORDER BY last`, id, after.Int()) {
		if err != nil {
			return nil, err
		}
		for ; len(b) >= 8; b = b[8:] {
			n := int64(binary.BigEndian.Uint64(b))
			if n <= after.Int() {
				continue
			}
			if out = append(out, citizen.FromInt(n)); len(out) == limit {
				return out, nil
			}
		}
	}
	return out, nil
}

// ClearList forgets who is in a list.
func (s *Store) ClearList(ctx context.Context, id string) error {
	_, err := sqldb.Exec(ctx, s.db, `DELETE FROM population_list_part WHERE list = $1`, id)
	return err
}

// Select gives the next people by number whom a question means.
func (s *Store) Select(ctx context.Context, q population.Selection, after citizen.Number, limit int) ([]population.Person, error) {
	var a sqldb.Args
	var where strings.Builder
	where.WriteString("WHERE number > " + a.Add(after.Int()))
	if len(q.Provinces) > 0 {
		where.WriteString(" AND permanent / 100000000 IN " + sqldb.In(&a, ints(q.Provinces)))
	}
	if len(q.Communes) > 0 {
		where.WriteString(" AND permanent % 100000 IN " + sqldb.In(&a, ints(q.Communes)))
	}
	if q.BornFrom != 0 {
		where.WriteString(" AND birth >= " + a.Add(int64(q.BornFrom)))
	}
	if q.BornUntil != 0 {
		where.WriteString(" AND birth <= " + a.Add(int64(q.BornUntil)))
	}
	if q.Sex != citizen.SexUnknown {
		where.WriteString(" AND sex = " + a.Add(int64(q.Sex)))
	}
	for column, c := range map[string]string{"blood": q.Blood, "ethnicity": q.Ethnicity, "religion": q.Religion} {
		if c != "" {
			where.WriteString(" AND " + column + " = " + a.Add(number(c)))
		}
	}
	if q.Living {
		where.WriteString(" AND life <> 1")
	}
	cols := columnsFor(q.Fields)
	return s.read(ctx, cols, selected(cols)+where.String()+" ORDER BY number LIMIT "+a.Add(limit), a.Values()...)
}

func ints(codes []string) []int64 {
	out := make([]int64, len(codes))
	for i, c := range codes {
		out[i] = number(c)
	}
	return out
}

// Names finds people by a search key.
func (s *Store) Names(ctx context.Context, q population.NameQuery) ([]population.Person, bool, error) {
	column := "name_key"
	if q.Pair {
		column = "pair_key"
	}
	from, until := population.KeyRange(q.Key, q.Year)
	var a sqldb.Args
	var where strings.Builder
	where.WriteString("WHERE " + column + " BETWEEN " + a.Add(from) + " AND " + a.Add(until))
	if len(q.Communes) > 0 {
		where.WriteString(" AND permanent % 100000 IN " + sqldb.In(&a, ints(q.Communes)))
	}
	if q.Sex != citizen.SexUnknown {
		where.WriteString(" AND sex = " + a.Add(int64(q.Sex)))
	}
	cols := columnsFor([]population.Field{population.FieldName, population.FieldBirth, population.FieldSex, population.FieldPermanent, population.FieldLife})
	found, err := s.read(ctx, cols, selected(cols)+where.String()+" LIMIT "+a.Add(q.Limit+1), a.Values()...)
	if len(found) > q.Limit {
		return found[:q.Limit], true, err
	}
	return found, false, err
}

// objectionRow is an objection with the look-up that it is against.
type objectionRow struct {
	lookupRow
	ID         string    `db:"id"`
	Number     int64     `db:"number"`
	Body       string    `db:"body"`
	CreatedAt  time.Time `db:"created_at"`
	Answer     string    `db:"answer"`
	AnsweredBy string    `db:"answered_by"`
	AnsweredAt time.Time `db:"answered_at"`
}

const objectionColumns = `o.id, o.number, o.body, o.created_at, o.answer, o.answered_by, o.answered_at`

func objections(rows []objectionRow, err error) ([]population.Objection, error) {
	out := make([]population.Objection, len(rows))
	for i, w := range rows {
		out[i] = population.Objection{
			ID: w.ID, Number: citizen.FromInt(w.Number), Lookup: w.lookup(), Text: w.Body, At: w.CreatedAt,
			Answer: w.Answer, AnsweredBy: w.AnsweredBy, AnsweredAt: w.AnsweredAt,
		}
		out[i].Lookup.Objected = true
	}
	return out, err
}

// SaveObjection adds one.
func (s *Store) SaveObjection(ctx context.Context, o population.Objection) error {
	n, err := sqldb.Exec(ctx, s.db, `INSERT INTO population_objection (id, number, lookup, body, created_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (number, lookup) DO NOTHING`, o.ID, o.Number.Int(), number(o.Lookup.ID), o.Text, micros(o.At))
	if err == nil && n == 0 {
		return fault.New(fault.Conflict, "population.objection.again", nil)
	}
	return err
}

// ObjectionsOf are those of one person, newest first.
func (s *Store) ObjectionsOf(ctx context.Context, n citizen.Number) ([]population.Objection, error) {
	return objections(sqldb.All[objectionRow](ctx, s.q, `SELECT `+lookupColumns+`, `+objectionColumns+`
		FROM population_objection o JOIN population_lookup l ON l.seq = o.lookup WHERE o.number = $1 ORDER BY o.id DESC`, n.Int()))
}

// Objections are those of everybody, newest first.
func (s *Store) Objections(ctx context.Context, open bool, before string, limit int) ([]population.Objection, error) {
	where := "($1 = '' OR o.id < $1)"
	if open {
		where += " AND o.answered_at IS NULL"
	}
	return objections(sqldb.All[objectionRow](ctx, s.q, `SELECT `+lookupColumns+`, `+objectionColumns+`
		FROM population_objection o JOIN population_lookup l ON l.seq = o.lookup WHERE `+where+` ORDER BY o.id DESC LIMIT $2`, before, limit))
}

// AnswerObjection answers one, with a line in the audit log.
func (s *Store) AnswerObjection(ctx context.Context, id, answer string, by population.Actor, at time.Time) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		n, err := sqldb.Exec(ctx, tx, `UPDATE population_objection SET answer = $1, answered_by = $2, answered_at = $3 WHERE id = $4 AND answered_at IS NULL`,
			answer, by.Name, micros(at), id)
		if err != nil {
			return err
		}
		if n == 0 {
			if _, err := sqldb.One[string](ctx, tx, `SELECT id FROM population_objection WHERE id = $1`, id); errors.Is(err, sqldb.ErrNone) {
				return fault.New(fault.NotFound, "population.objection.not_found", nil)
			} else if err != nil {
				return err
			}
			return fault.New(fault.Conflict, "population.objection.answered", nil)
		}
		return audit.Record(ctx, tx, audit.Entry{
			At: at, Who: audit.Who{Account: by.Account, Name: by.Name, Agency: by.Agency}, Action: "population.objection.answer",
			Subject: audit.Subject{Type: "objection", ID: id},
		})
	})
}

// Counts are the raw counts of the statistics.
func (s *Store) Counts(ctx context.Context, now time.Time) (population.Counts, error) {
	c := population.Counts{Life: map[population.Life]int{}, Communes: map[string]int{}, Born: map[population.BornCount]int{}}
	type cell struct {
		A int64 `db:"a"`
		B int64 `db:"b"`
		N int64 `db:"n"`
	}
	each := func(query string, f func(cell), args ...any) error {
		for w, err := range sqldb.Each[cell](ctx, s.q, query, args...) {
			if err != nil {
				return fmt.Errorf("count people: %w", err)
			}
			f(w)
		}
		return nil
	}
	err := errors.Join(
		each(`SELECT birth / 10000 AS a, sex + 10 * life AS b, COUNT(*) AS n FROM population_person GROUP BY birth / 10000, sex + 10 * life`, func(w cell) {
			life := lives[w.B/10]
			c.Life[life] += int(w.N)
			if life != population.Dead {
				c.Born[population.BornCount{Year: int(w.A), Sex: citizen.Sex(w.B % 10)}] += int(w.N)
			}
		}),
		each(`SELECT permanent / 100000000 AS a, permanent % 100000 AS b, COUNT(*) AS n FROM population_person
			WHERE life <> 1 AND permanent IS NOT NULL GROUP BY permanent / 100000000, permanent % 100000`, func(w cell) {
			if w.A > 0 {
				c.Communes[pad(w.A, 2)+"/"+pad(w.B, 5)] += int(w.N)
			}
		}),
		each(`SELECT 0 AS a, 0 AS b, COUNT(DISTINCT household) AS n FROM population_person WHERE household IS NOT NULL`, func(w cell) { c.Households = int(w.N) }),
	)
	if err != nil {
		return c, err
	}
	events := map[[2]string]int{}
	type happened struct {
		Kind string    `db:"kind"`
		At   time.Time `db:"created_at"`
	}
	for w, err := range sqldb.Each[happened](ctx, s.q, `SELECT kind, created_at FROM population_event WHERE created_at >= $1 AND kind <> 'registration'`,
		micros(now.AddDate(-1, 0, 0))) {
		if err != nil {
			return c, err
		}
		events[[2]string{w.At.In(clock.Zone).Format("2006-01"), w.Kind}]++
	}
	for k, n := range events {
		c.Events = append(c.Events, population.EventCount{Month: k[0], Kind: population.Kind(k[1]), Count: n})
	}
	days := map[string]*population.LookupCount{}
	type looked struct {
		At      time.Time `db:"at"`
		Persons int64     `db:"persons"`
		Outcome string    `db:"outcome"`
	}
	for w, err := range sqldb.Each[looked](ctx, s.q, `SELECT at, persons, outcome FROM population_lookup WHERE at >= $1`, micros(now.AddDate(0, 0, -30))) {
		if err != nil {
			return c, err
		}
		day := w.At.In(clock.Zone).Format(time.DateOnly)
		if days[day] == nil {
			days[day] = &population.LookupCount{Day: day}
		}
		days[day].Calls++
		days[day].Persons += int(w.Persons)
		if w.Outcome == population.Refused {
			days[day].Refused++
		}
	}
	for _, d := range days {
		c.Lookups = append(c.Lookups, *d)
	}
	return c, nil
}
