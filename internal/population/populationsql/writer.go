package populationsql

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/population"
)

// laneOf keeps the changes of one person in order without naming the person.
func laneOf(c population.Change) string { return strconv.FormatInt(c.Number.Int()%64, 10) }

func (w *writer) Hold(ctx context.Context, household string) error {
	_, err := sqldb.Exec(ctx, w.q, `INSERT INTO population_household (household, changes) VALUES ($1, 1)
		ON CONFLICT (household) DO UPDATE SET changes = population_household.changes + 1`, number(household))
	return err
}

// HoldKeys takes the rows in one order, so that nobody waits for somebody who waits.
// Below zero they are no household's.
func (w *writer) HoldKeys(ctx context.Context, keys []int64) error {
	sorted := slices.Clone(keys)
	slices.Sort(sorted)
	for _, k := range slices.Compact(sorted) {
		if k == 0 {
			continue
		}
		if _, err := sqldb.Exec(ctx, w.q, `INSERT INTO population_household (household, changes) VALUES ($1, 1)
			ON CONFLICT (household) DO UPDATE SET changes = population_household.changes + 1`, -k); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) Namesakes(ctx context.Context, name string, birth citizen.Day) ([]population.Person, error) {
	from, until := population.SameLetters(name, birth.Year())
	all := w.layout.all
	y, m := int64(birth.Year())*10000, int64(birth.Month())*100
	found, err := w.read(
		ctx, all, selected(all)+"WHERE name_key BETWEEN $1 AND $5 AND (birth IN ($2, $3, $4) OR $4 = $2 OR $4 = $3 AND birth / 100 = $3 / 100)",
		from, y, y+m, int64(birth), until,
	)
	return slices.DeleteFunc(found, func(p population.Person) bool { return !p.Birth.Fits(birth) }), err
}

func (w *writer) CardHolders(ctx context.Context, serial string) ([]population.Person, error) {
	all, serials := w.layout.all, cardSerials(w.engine)
	return w.read(ctx, all, selected(all)+"WHERE "+serials[0]+" = $1 OR "+serials[1]+" = $1", serial)
}

func (w *writer) NextSerial(ctx context.Context, prefix int) (int, error) {
	next, err := sqldb.One[int64](ctx, w.q, `INSERT INTO population_serial (prefix, next) VALUES ($1, 1)
		ON CONFLICT (prefix) DO UPDATE SET next = population_serial.next + 1 RETURNING next`, int64(prefix))
	return int(next - 1), err
}

// households is the row of population_serial that counts them; no prefix is negative.
const households = -1

func (w *writer) NextHousehold(ctx context.Context, of int) (int64, error) {
	if _, err := w.NextSerial(ctx, households); err != nil { // locks the row
		return 0, err
	}
	return sqldb.One[int64](ctx, w.q, `UPDATE population_serial SET next = CASE
			WHEN next * $2 > above.household THEN next ELSE above.household / $2 + 1 END
		FROM (SELECT CASE WHEN now.household > ever.household THEN now.household ELSE ever.household END AS household
			FROM (SELECT COALESCE(MAX(household), 0) AS household FROM population_person) AS now,
				(SELECT COALESCE(-MIN(entity), 0) AS household FROM population_event_read) AS ever) AS above
		WHERE prefix = $1 RETURNING next`, int64(households), int64(of))
}

func (w *writer) SavePerson(ctx context.Context, p population.Person, was int64) error {
	v := w.layout.values(&p, nil, micros(p.UpdatedAt))
	var a sqldb.Args
	var err error
	var n int64
	if was == 0 {
		marks := make([]string, len(v))
		for i := range v {
			marks[i] = a.Add(v[i])
		}
		n, err = sqldb.Exec(ctx, w.q, "INSERT INTO population_person ("+strings.Join(w.layout.names, ", ")+
			") VALUES ("+strings.Join(marks, ", ")+") ON CONFLICT (number) DO NOTHING", a.Values()...)
	} else {
		var set []string
		for i, c := range w.layout.names {
			if c != "number" && c != "load_seq" {
				set = append(set, c+" = "+a.Add(v[i]))
			}
		}
		n, err = sqldb.Exec(ctx, w.q, "UPDATE population_person SET "+strings.Join(set, ", ")+
			" WHERE number = "+a.Add(p.Number.Int())+" AND version = "+a.Add(was), a.Values()...)
	}
	if err != nil {
		return fmt.Errorf("save person: %w", err)
	}
	if n == 0 {
		return fault.New(fault.Conflict, "population.event.stale", nil)
	}
	if was == 0 { // somebody who had been annulled comes back
		if _, err := sqldb.Exec(ctx, w.q, `DELETE FROM population_annulled WHERE number = $1`, p.Number.Int()); err != nil {
			return err
		}
	}
	for i, old := range p.OldNumbers {
		if i == 0 {
			continue
		}
		if _, err := sqldb.Exec(ctx, w.q, `INSERT INTO population_old_number (old_number, number) VALUES ($1, $2)
			ON CONFLICT (old_number, number) DO NOTHING`, old.Int(), p.Number.Int()); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) RemovePerson(ctx context.Context, n citizen.Number, was int64) error {
	gone, err := sqldb.Exec(ctx, w.q, `DELETE FROM population_person WHERE number = $1 AND version = $2`, n.Int(), was)
	if err != nil {
		return err
	}
	if gone == 0 {
		return fault.New(fault.Conflict, "population.event.stale", nil)
	}
	if _, err := sqldb.Exec(ctx, w.q, `DELETE FROM population_old_number WHERE number = $1`, n.Int()); err != nil {
		return err
	}
	_, err = sqldb.Exec(ctx, w.q, `INSERT INTO population_annulled (number, version) VALUES ($1, $2)
		ON CONFLICT (number) DO NOTHING`, n.Int(), was)
	return err
}

// readBy are the entities of population_event_read of an event.
func readBy(e *population.Event) []int64 {
	var out []int64
	add := func(n int64) {
		if n != 0 && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	for _, n := range e.Reads.Persons {
		add(n.Int())
	}
	for _, h := range e.Reads.Households {
		add(-number(h))
	}
	for i := range e.Parts {
		add(-number(e.Parts[i].Facts.Household))
		for k := range e.Parts[i].Restated {
			add(-number(e.Parts[i].Restated[k].Facts.Household))
		}
	}
	return out
}

func (w *writer) SaveEvent(ctx context.Context, e population.Event) error {
	doc, err := w.layout.docOf(e)
	if err != nil {
		return fmt.Errorf("save event: %w", err)
	}
	n, err := sqldb.Exec(ctx, w.q, `
		INSERT INTO population_event (id, kind, on_day, created_at, by_account, by_name, agency, basis, corrects, doc)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (id) DO NOTHING`,
		e.ID, string(e.Kind), int64(e.On), micros(e.RecordedAt), e.By, e.ByName, e.Agency, words(e.Basis), words(e.Corrects), doc)
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.New(fault.Conflict, "population.event.stale", nil)
	}
	for i, p := range e.Parts {
		part, err := w.layout.partDoc(p)
		if err != nil {
			return fmt.Errorf("save event: %w", err)
		}
		if _, err := sqldb.Exec(ctx, w.q, `INSERT INTO population_event_part (number, event, part, doc) VALUES ($1, $2, $3, $4)`,
			p.Number.Int(), e.ID, i, part); err != nil {
			return err
		}
	}
	if err := w.addReads(ctx, e.ID, readBy(&e)); err != nil {
		return err
	}
	if e.Virtual { // it was recorded when it was loaded
		return nil
	}
	err = audit.Record(ctx, w.q, audit.Entry{
		At: e.RecordedAt, Who: audit.Who{Actor: actor.Actor{Account: e.By, Name: e.ByName, Agency: e.Agency}}, Action: "population.record",
		Subject: audit.Subject{Type: "event", ID: e.ID},
		Details: details(&e),
	})
	if err != nil {
		return err
	}
	return w.ordered(ctx, e.ID)
}

// AddReads notes on what more an event was decided.
func (w *writer) AddReads(ctx context.Context, event string, r population.Reads) error {
	return w.addReads(ctx, event, readBy(&population.Event{Reads: r}))
}

func (w *writer) addReads(ctx context.Context, event string, entities []int64) error {
	for _, entity := range entities {
		if _, err := sqldb.Exec(ctx, w.q, `INSERT INTO population_event_read (entity, event) VALUES ($1, $2)
			ON CONFLICT (entity, event) DO NOTHING`, entity, event); err != nil {
			return err
		}
	}
	return nil
}

// details are what the audit log keeps of an event, without persons.
func details(e *population.Event) map[string]string {
	out := map[string]string{"kind": string(e.Kind), "persons": strconv.Itoa(len(e.Parts))}
	for _, code := range slices.Sorted(maps.Keys(e.Answers)) {
		name := "answer." + string(population.KindOf(code))
		if out[name] != "" {
			out[name] += "; "
		}
		out[name] += e.Answers[code]
	}
	if e.Reported != nil {
		out["client"], out["dossier"] = e.Reported.Client, e.Reported.Dossier
	}
	if e.Kind == population.Annulment {
		out["annuls"], out["approved_by"] = strings.Join(e.Annuls, " "), e.Approver
	}
	return out
}

func (w *writer) Publish(ctx context.Context, changes []population.Change) error {
	if w.feed == nil {
		return nil
	}
	return w.feed(ctx, w.q, changes)
}
