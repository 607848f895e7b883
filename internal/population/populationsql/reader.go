package populationsql

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/population"
)

// perList bounds an IN list.
const perList = 400

// oneOf gives the condition that a column is one of some integers. SQLite gets them in
// the text, as its parser is slow with many parameters; PostgreSQL as one array, so
// that it prepares one text only.
func (r reader) oneOf(column string, list []int64) (string, []any) {
	if r.engine == sqldb.Postgres {
		return column + " = ANY($1)", []any{list}
	}
	b := make([]byte, 0, len(column)+8+14*len(list))
	b = append(b, column...)
	b = append(b, " IN ("...)
	for i, n := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, n, 10)
	}
	return string(append(b, ')')), nil
}

// read runs a query that begins with selected(cols).
func (r reader) read(ctx context.Context, cols picked, query string, args ...any) ([]population.Person, error) {
	return r.readInto(ctx, nil, cols, query, args...)
}

func (r reader) readInto(
	ctx context.Context, out []population.Person, cols picked, query string, args ...any,
) ([]population.Person, error) {
	rows, err := r.q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read persons: %w", err)
	}
	defer rows.Close()
	l := cols.line()
	for rows.Next() {
		if err := rows.Scan(l.dst...); err != nil {
			return nil, fmt.Errorf("read persons: %w", err)
		}
		p, err := l.person()
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read persons: %w", err)
	}
	return out, nil
}

func (r reader) Persons(ctx context.Context, numbers []citizen.Number, fields []population.Field) ([]population.Person, error) {
	cols := r.layout.pick(fields)
	out := make([]population.Person, 0, len(numbers))
	var list []int64
	var err error
	for len(numbers) > 0 {
		n := min(perList, len(numbers))
		list = list[:0]
		for _, number := range numbers[:n] {
			list = append(list, number.Int())
		}
		numbers = numbers[n:]
		where, args := r.oneOf("number", list)
		if out, err = r.readInto(ctx, out, cols, selected(cols)+"WHERE "+where, args...); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (r reader) ByOldNumber(ctx context.Context, old []citizen.OldNumber) (map[citizen.OldNumber][]citizen.Number, error) {
	out := map[citizen.OldNumber][]citizen.Number{}
	for len(old) > 0 {
		n := min(perList, len(old))
		list := make([]int64, n)
		for i, o := range old[:n] {
			list[i] = o.Int()
		}
		old = old[n:]
		where, args := r.oneOf("old_number", list)
		type row struct {
			Old    int64 `db:"old_number"`
			Number int64 `db:"number"`
		}
		rows, err := sqldb.All[row](ctx, r.q, `SELECT old_number, number FROM population_person WHERE `+where+
			` UNION SELECT old_number, number FROM population_old_number WHERE `+where, args...)
		if err != nil {
			return nil, err
		}
		for _, w := range rows {
			o := citizen.OldFromInt(w.Old)
			out[o] = append(out[o], citizen.FromInt(w.Number))
		}
	}
	return out, nil
}

func (r reader) Members(ctx context.Context, household string) ([]population.Person, error) {
	n := number(household)
	if n == 0 {
		return nil, nil
	}
	all := r.layout.all
	return r.read(ctx, all, selected(all)+"WHERE household = $1 AND life <> 1", n)
}

func (r reader) Heads(ctx context.Context, households []string) ([]population.Person, error) {
	all := r.layout.all
	var out []population.Person
	for part := range slices.Chunk(households, perList) {
		list := make([]int64, len(part))
		for i, h := range part {
			list[i] = number(h)
		}
		where, args := r.oneOf("household", list)
		found, err := r.read(ctx, all, selected(all)+"WHERE "+where+" AND relation = '"+population.HeadOfHousehold+"' AND life <> 1", args...)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

func (r reader) Children(ctx context.Context, n citizen.Number) ([]population.Person, error) {
	all := r.layout.all
	return r.read(ctx, all, selected(all)+"WHERE father = $1 OR mother = $1", n.Int())
}

// eventRow is an event with one of its parts.
type eventRow struct {
	ID      string         `db:"id"`
	Kind    string         `db:"kind"`
	On      int64          `db:"on_day"`
	At      time.Time      `db:"created_at"`
	By      string         `db:"by_account"`
	ByName  string         `db:"by_name"`
	Agency  string         `db:"agency"`
	Basis   sql.NullString `db:"basis"`
	Correct sql.NullString `db:"corrects"`
	Doc     string         `db:"doc"`
	Number  sql.NullInt64  `db:"number"`
	Part    sql.NullString `db:"part_doc"`
}

const eventColumns = `e.id, e.kind, e.on_day, e.created_at, e.by_account, e.by_name, e.agency, e.basis, e.corrects, e.doc,
	p.number, p.doc AS part_doc`

func (w eventRow) event() (population.Event, error) {
	var e population.Event
	if err := readEvent(w.Doc, &e); err != nil {
		return e, fmt.Errorf("read event %s: %w", w.ID, err)
	}
	e.ID, e.Kind, e.On, e.RecordedAt = w.ID, population.Kind(w.Kind), citizen.Day(w.On), w.At
	e.By, e.ByName, e.Agency, e.Basis, e.Corrects = w.By, w.ByName, w.Agency, w.Basis.String, w.Correct.String
	return e, nil
}

// events joins rows, which are ordered by event, into events with their parts.
func events(rows []eventRow) ([]population.Event, error) {
	var out []population.Event
	for _, w := range rows {
		if len(out) == 0 || out[len(out)-1].ID != w.ID {
			e, err := w.event()
			if err != nil {
				return nil, err
			}
			out = append(out, e)
		}
		if w.Part.Valid {
			part, err := readPart(w.Part.String)
			if err != nil {
				return nil, fmt.Errorf("read event %s: %w", w.ID, err)
			}
			part.Number = citizen.FromInt(w.Number.Int64)
			out[len(out)-1].Parts = append(out[len(out)-1].Parts, part)
		}
	}
	return out, nil
}

func (r reader) Events(ctx context.Context, n citizen.Number) ([]population.Event, error) {
	rows, err := sqldb.All[eventRow](ctx, r.q, `SELECT `+eventColumns+`
		FROM population_event_part m JOIN population_event e ON e.id = m.event JOIN population_event_part p ON p.event = e.id
		WHERE m.number = $1 ORDER BY e.id, p.part`, n.Int())
	if err != nil {
		return nil, err
	}
	out, err := events(rows)
	if err != nil {
		return nil, err
	}
	for _, e := range out {
		if e.Kind == population.Birth && e.Number == n || e.Kind == population.Registration {
			return out, nil
		}
	}
	e, ok, err := r.loaded(ctx, n)
	if ok {
		out = append(out, e)
	}
	return out, err
}

// loaded makes up the registration of somebody to whom nothing happened since a load.
func (r reader) loaded(ctx context.Context, n citizen.Number) (population.Event, bool, error) {
	found, err := r.Persons(ctx, []citizen.Number{n}, nil)
	if err != nil || len(found) == 0 {
		return population.Event{}, false, err
	}
	p := found[0]
	type load struct {
		Name   string    `db:"name"`
		By     string    `db:"by_account"`
		ByName string    `db:"by_name"`
		Agency string    `db:"agency"`
		At     time.Time `db:"created_at"`
	}
	l, err := sqldb.One[load](ctx, r.q, `SELECT l.name, l.by_account, l.by_name, l.agency, l.created_at
		FROM population_load l JOIN population_person p ON p.load_seq = l.seq WHERE p.number = $1`, n.Int())
	if errors.Is(err, sqldb.ErrNone) {
		return population.Event{}, false, nil
	}
	if err != nil {
		return population.Event{}, false, err
	}
	// The same id each time, as a correction will name it.
	id := sha256.Sum256([]byte("registration " + n.Reveal() + " " + l.At.Format(time.RFC3339Nano)))
	p.Version, p.UpdatedAt = 0, time.Time{}
	return population.Event{
		ID: fmt.Sprintf("%x", id[:16]), Kind: population.Registration, On: p.Birth,
		RecordedAt: l.At, By: l.By, ByName: l.ByName, Agency: l.Agency, Basis: l.Name, Number: n, Virtual: true,
		Parts: []population.Part{{Number: n, Fields: r.layout.fields.State(), Facts: p}},
	}, true, nil
}

// Concerning gives the events that have a part for one of some persons, that read one, and
// those that read a household or brought somebody into it.
func (r reader) Concerning(ctx context.Context, persons []citizen.Number, households []string) ([]population.Event, error) {
	var entities, numbers []int64
	for _, n := range persons {
		entities, numbers = append(entities, n.Int()), append(numbers, n.Int())
	}
	for _, h := range households {
		entities = append(entities, -number(h))
	}
	seen := map[string]bool{}
	var ids []string
	find := func(query, column string, list []int64) error {
		for part := range slices.Chunk(list, perList) {
			where, args := r.oneOf(column, part)
			found, err := sqldb.All[string](ctx, r.q, query+where, args...)
			if err != nil {
				return err
			}
			for _, id := range found {
				if !seen[id] {
					seen[id], ids = true, append(ids, id)
				}
			}
		}
		return nil
	}
	if err := find(`SELECT event FROM population_event_part WHERE `, "number", numbers); err != nil {
		return nil, err
	}
	if err := find(`SELECT event FROM population_event_read WHERE `, "entity", entities); err != nil {
		return nil, err
	}
	var out []population.Event
	for part := range slices.Chunk(ids, perList) {
		var a sqldb.Args
		rows, err := sqldb.All[eventRow](ctx, r.q, `SELECT `+eventColumns+` FROM population_event e
			LEFT JOIN population_event_part p ON p.event = e.id WHERE e.id IN `+sqldb.In(&a, part)+` ORDER BY e.id, p.part`, a.Values()...)
		if err != nil {
			return nil, err
		}
		more, err := events(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	return out, nil
}

func (r reader) Event(ctx context.Context, id string) (population.Event, error) {
	rows, err := sqldb.All[eventRow](ctx, r.q, `SELECT `+eventColumns+`
		FROM population_event e LEFT JOIN population_event_part p ON p.event = e.id WHERE e.id = $1 ORDER BY p.part`, id)
	if err != nil {
		return population.Event{}, err
	}
	out, err := events(rows)
	if err != nil {
		return population.Event{}, err
	}
	if len(out) == 0 {
		return population.Event{}, fault.New(fault.NotFound, "population.event.not_found", nil)
	}
	return out[0], nil
}

// said is what an event says beyond its columns, as it is stored.
type said struct {
	Number    int64                `json:"n,omitempty"`
	Other     int64                `json:"o,omitempty"`
	Members   []int64              `json:"m,omitempty"`
	Relations map[string]string    `json:"r,omitempty"`
	Facts     json.RawMessage      `json:"f,omitempty"` // of a person, what is known
	Fields    string               `json:"x,omitempty"`
	Answers   map[string]string    `json:"a,omitempty"`
	Said      json.RawMessage      `json:"s,omitempty"` // as Facts, where the register added to it
	Annuls    []string             `json:"g,omitempty"`
	Gone      []string             `json:"w,omitempty"`
	Back      []string             `json:"b,omitempty"`
	Approver  []string             `json:"p,omitempty"` // account and name
	Reported  *population.Reported `json:"t,omitempty"`
}

// storedPart is what an event says of one person.
type storedPart struct {
	Fields   string          `json:"x"`
	Facts    json.RawMessage `json:"f"`
	House    citizen.Day     `json:"h,omitzero"` // from when the household
	Restated []restated      `json:"r,omitempty"`
}

// restated is what another event says of the person since an annulment.
type restated struct {
	Event   string          `json:"e"`
	Kind    string          `json:"k"`
	On      int64           `json:"d"`
	At      time.Time       `json:"t"`
	Number  int64           `json:"n,omitempty"`
	Other   int64           `json:"o,omitempty"`
	Members []int64         `json:"m,omitempty"`
	Fields  string          `json:"x,omitempty"`
	Facts   json.RawMessage `json:"f,omitempty"`
	House   citizen.Day     `json:"h,omitzero"`
}

func (l *layout) docOf(e population.Event) (string, error) {
	s := said{Number: e.Number.Int(), Other: e.Other.Int(), Fields: joinFields(e.Fields), Answers: e.Answers, Reported: e.Reported}
	for _, m := range e.Members {
		s.Members = append(s.Members, m.Int())
	}
	for n, rel := range e.Relations {
		if s.Relations == nil {
			s.Relations = map[string]string{}
		}
		s.Relations[n.Reveal()] = rel
	}
	facts, err := l.fields.AppendJSON(nil, &e.Facts)
	if err != nil {
		return "", err
	}
	if string(facts) != "{}" {
		s.Facts = facts
	}
	if e.Said != nil {
		if s.Said, err = l.fields.AppendJSON(nil, e.Said); err != nil {
			return "", err
		}
	}
	s.Gone, s.Back = e.Gone, e.Back
	if s.Annuls = e.Annuls; e.Approver != "" {
		s.Approver = []string{e.Approver, e.ApproverName}
	}
	b, err := json.Marshal(s)
	return string(b), err
}

func readEvent(doc string, e *population.Event) error {
	var s said
	if err := json.Unmarshal([]byte(doc), &s); err != nil {
		return err
	}
	e.Number, e.Other, e.Fields = citizen.FromInt(s.Number), citizen.FromInt(s.Other), splitFields(s.Fields)
	e.Answers, e.Reported = s.Answers, s.Reported
	for _, m := range s.Members {
		e.Members = append(e.Members, citizen.FromInt(m))
	}
	for n, rel := range s.Relations {
		if e.Relations == nil {
			e.Relations = map[citizen.Number]string{}
		}
		e.Relations[citizen.FromInt(number(n))] = rel
	}
	e.Gone, e.Back = s.Gone, s.Back
	if e.Annuls = s.Annuls; len(s.Approver) == 2 {
		e.Approver, e.ApproverName = s.Approver[0], s.Approver[1]
	}
	if s.Said != nil {
		e.Said = &population.Person{}
		if err := json.Unmarshal(s.Said, e.Said); err != nil {
			return err
		}
	}
	if s.Facts != nil {
		return json.Unmarshal(s.Facts, &e.Facts)
	}
	return nil
}

func (l *layout) partDoc(p population.Part) (string, error) {
	facts, err := l.fields.AppendJSON(nil, &p.Facts)
	if err != nil {
		return "", err
	}
	out := storedPart{Fields: joinFields(p.Fields), Facts: facts, House: p.HouseholdFrom}
	for _, r := range p.Restated {
		one := restated{
			Event: r.Event, Kind: string(r.Kind), On: int64(r.On), At: r.RecordedAt, Number: r.Number.Int(), Other: r.Other.Int(),
			Fields: joinFields(r.Fields), House: r.HouseholdFrom,
		}
		for _, m := range r.Members {
			one.Members = append(one.Members, m.Int())
		}
		if one.Facts, err = l.fields.AppendJSON(nil, &r.Facts); err != nil {
			return "", err
		}
		out.Restated = append(out.Restated, one)
	}
	b, err := json.Marshal(out)
	return string(b), err
}

func readPart(doc string) (population.Part, error) {
	s := struct {
		Fields   string            `json:"x"`
		Facts    population.Person `json:"f"`
		House    citizen.Day       `json:"h"`
		Restated []restated        `json:"r"`
	}{}
	if err := json.Unmarshal([]byte(doc), &s); err != nil {
		return population.Part{}, err
	}
	out := population.Part{Fields: splitFields(s.Fields), Facts: s.Facts, HouseholdFrom: s.House}
	for _, r := range s.Restated {
		one := population.Restated{
			Event: r.Event, Kind: population.Kind(r.Kind), On: citizen.Day(r.On), RecordedAt: r.At,
			Number: citizen.FromInt(r.Number), Other: citizen.FromInt(r.Other), Fields: splitFields(r.Fields), HouseholdFrom: r.House,
		}
		for _, m := range r.Members {
			one.Members = append(one.Members, citizen.FromInt(m))
		}
		if err := json.Unmarshal(r.Facts, &one.Facts); err != nil {
			return out, err
		}
		out.Restated = append(out.Restated, one)
	}
	return out, nil
}

func joinFields(fields []population.Field) string {
	s := make([]string, len(fields))
	for i, f := range fields {
		s[i] = string(f)
	}
	return strings.Join(s, " ")
}

func splitFields(s string) []population.Field {
	var out []population.Field
	for f := range strings.FieldsSeq(s) {
		out = append(out, population.Field(f))
	}
	return out
}
