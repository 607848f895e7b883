package population

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// errPreview undoes a transaction whose result was only to be seen.
var errPreview = errors.New("preview")

// Preview is what an event would change, without recording it; a birth has a number
// only when it is recorded. It fails as Record does, but gives questions beside the preview.
// Those of whom the facts of questions tell are looked up, and it is logged so.
func (r *Register) Preview(ctx context.Context, in Inquiry, e Event) (Recorded, error) {
	var out Recorded
	err := r.record(ctx, in.By, e, &out, errPreview)
	if errors.Is(err, errPreview) {
		err = nil
	}
	if about := out.Questions.About(); err == nil && len(about) > 0 {
		if err = r.nameFacts(ctx, out.Questions); err == nil {
			err = r.log(ctx, in, out.Questions.Told(r.Fields), len(about), Answered, about)
		}
	}
	return out, err
}

// Record records a life event. It fails with Denied, with Invalid when the event breaks
// a rule (several faults as a fault.List), NotFound for a person who is not in the
// register, Conflict ("population.event.stale") when a person was changed meanwhile, and
// Questions, in the same transaction, while something that it asks has no answer; they
// come without facts, which Preview tells and logs.
// Recorded a second time by the same ID it changes nothing.
func (r *Register) Record(ctx context.Context, a actor.Actor, e Event) (Recorded, error) {
	var out Recorded
	err := r.record(ctx, a, e, &out, nil)
	if open := Questions(nil); errors.As(err, &open) {
		return Recorded{}, open.bare()
	}
	return out, err
}

func (r *Register) record(ctx context.Context, a actor.Actor, e Event, out *Recorded, end error) error {
	if err := Permissions.Can(a, Record); err != nil {
		return err
	}
	e.Reported = nil
	return r.write(ctx, a, e, out, end)
}

// write is record for whoever may: a report of another agency was let in by its right.
func (r *Register) write(ctx context.Context, a actor.Actor, e Event, out *Recorded, end error) error {
	if e.ID == "" {
		e.ID = r.NewID()
	}
	err := r.Store.InTx(ctx, func(tx Tx) error { return r.attempt(ctx, tx, a, e, out, end) })
	if fault.As(err) != nil {
		// The other half of a double click may have been quicker.
		if _, had := r.Store.Event(ctx, e.ID); had == nil {
			err = r.Store.InTx(ctx, func(tx Tx) error { return r.attempt(ctx, tx, a, e, out, end) })
		}
	}
	return err
}

func (r *Register) attempt(ctx context.Context, tx Tx, a actor.Actor, e Event, out *Recorded, end error) error {
	*out = Recorded{}
	d := &deed{r: r, ctx: ctx, tx: tx, e: e, people: map[citizen.Number]*subject{}}
	if again, err := d.again(out); again || err != nil {
		return err
	}
	d.e.By, d.e.ByName, d.e.Agency = a.Account, a.Name, a.Agency
	d.e.RecordedAt = r.Clock.Now().UTC().Truncate(time.Microsecond)
	d.e.Parts, d.e.Virtual = nil, false
	d.e.Gone, d.e.Back = nil, nil
	d.e.Said, d.e.Annuls, d.e.Approver, d.e.ApproverName = nil, nil, "", ""
	if err := d.decide(); err != nil {
		return err
	}
	// Nobody is asked about what cannot be.
	open := d.settle()
	if err := d.save(out); err != nil {
		return err
	}
	out.Questions = d.questions
	if end == nil {
		return open
	}
	return end
}

// deed is one event on its way into the register.
type deed struct {
	r      *Register
	ctx    context.Context
	tx     Tx
	e      Event
	people map[citizen.Number]*subject
	faults fault.List
	// questions are what no rule forbids and a person has to say
	questions []Question
	houses    []string         // that were read
	kin       []citizen.Number // whose kin was read
	world     *world           // in which it is decided again; nil while it is recorded
}

// subject is a person whom an event concerns.
type subject struct {
	t      *FieldTable
	n      citizen.Number
	events []Event
	now    Person // as the register has them
	then   Person // on the day of the event
	fields []Field
	facts  Person // what becomes true
	// householdFrom is when the household becomes true, where that is after the event's day
	householdFrom citizen.Day
}

// again finds the event when it was recorded before.
func (d *deed) again(out *Recorded) (bool, error) {
	had, err := d.tx.Event(d.ctx, d.e.ID)
	if fault.Of(err) == fault.NotFound {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if had.Kind != d.e.Kind || !d.e.Number.IsZero() && had.Number != d.e.Number {
		return false, fault.New(fault.Conflict, "population.event.id", nil)
	}
	*out = Recorded{Event: had, Again: true}
	for _, p := range had.Parts {
		persons, err := d.tx.Persons(d.ctx, []citizen.Number{p.Number}, nil)
		if err != nil {
			return false, err
		}
		out.Persons = append(out.Persons, persons...)
	}
	return true, nil
}

// wrong notes a broken rule beside a field of the form.
func (d *deed) wrong(field, key string, args fault.Args) {
	d.faults = append(d.faults, fault.New(fault.Invalid, key, args).At(field))
}

// person reads somebody whom the event names, as they are and as they were on its day.
// It fails with NotFound, and with Conflict when the author saw another version of them.
func (d *deed) person(n citizen.Number, field string) (*subject, error) {
	if s := d.people[n]; s != nil {
		return s, nil
	}
	events, err := d.tx.Events(d.ctx, n)
	if err == nil && len(events) == 0 {
		err = fault.New(fault.NotFound, "population.event.nobody", nil).At(field)
	}
	if err != nil {
		return nil, err
	}
	s := &subject{t: d.r.Fields, n: n, events: events}
	var ok bool
	if s.now, ok = s.t.stateOf(events, n, 0, time.Time{}); !ok { // their birth or registration was annulled
		return nil, fault.New(fault.NotFound, "population.event.nobody", nil).At(field)
	}
	s.then, _ = s.t.stateOf(events, n, d.e.On, time.Time{})
	if s.then.Life == "" {
		s.then = s.now // before their birth; a rule will say so
	}
	if seen, ok := d.e.Versions[n]; ok && seen != s.now.Version {
		return nil, fault.New(fault.Conflict, "population.event.stale", nil)
	}
	d.people[n] = s
	return s, nil
}

// decide finds out what follows from the event. What a rule cannot look up ends it at
// once with that error; rules that are broken are gathered and told together.
func (d *deed) decide() error {
	d.form()
	if len(d.faults) > 0 {
		return d.faults
	}
	if err := d.rules(); err != nil {
		return err
	}
	return d.faults.Err()
}

// form checks what needs no look into the register.
func (d *deed) form() {
	today := citizen.DayFrom(clock.DayOf(d.r.Clock.Now()))
	if !slices.Contains(Kinds, d.e.Kind) && d.e.Kind != Registration {
		d.wrong("kind", "population.event.kind", nil)
	}
	switch {
	case d.e.Kind == Correction:
	case d.e.On == 0:
		d.wrong("on", "population.event.day", nil)
	case d.e.On > today:
		d.wrong("on", "population.day.future", nil)
	}
	if utf8.RuneCountInString(d.e.Basis) > maxName || utf8.RuneCountInString(d.e.Facts.Name) > maxName {
		d.wrong("basis", "population.text.long", fault.Args{"max": maxName})
	}
	if len(d.e.Members) > 50 || len(d.e.ID) > 64 {
		d.wrong("members", "population.event.many", nil)
	}
	for _, datum := range d.r.Fields.file {
		if datum.Place != nil && utf8.RuneCountInString(datum.Place(&d.e.Facts).Detail) > maxName {
			d.wrong("place", "population.text.long", fault.Args{"max": maxName})
		}
	}
	d.e.Basis, d.e.Facts.Name = strings.TrimSpace(d.e.Basis), citizen.Spell(d.e.Facts.Name)
	named := d.e.Kind != Birth && d.e.Kind != Registration
	if named && d.e.Number.IsZero() {
		d.wrong("number", "population.event.number", nil)
	}
}

// becomes notes that facts become true of somebody.
func (s *subject) becomes(facts Person, fields ...Field) {
	for _, f := range fields {
		s.t.take(&s.facts, &facts, f)
		if !slices.Contains(s.fields, f) {
			s.fields = append(s.fields, f)
		}
	}
}

// touched are those for whom something becomes true, by number.
func (d *deed) touched() []*subject {
	var out []*subject
	for _, s := range d.people {
		if len(s.fields) > 0 {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b *subject) int { return byNumber(a.n, b.n) })
	return out
}

// parts are what follows from the event.
func (d *deed) parts() []Part {
	var out []Part
	for _, s := range d.touched() {
		out = append(out, Part{Number: s.n, Fields: s.t.InOrder(s.fields), Facts: s.facts, HouseholdFrom: s.householdFrom})
	}
	return out
}

// reads are those on whom it was decided, and for whom nothing follows.
func (d *deed) reads() Reads {
	r := Reads{Households: d.houses}
	for n, s := range d.people {
		if len(s.fields) == 0 {
			r.Persons = append(r.Persons, n)
		}
	}
	r.Persons = append(r.Persons, d.kin...)
	slices.SortFunc(r.Persons, byNumber)
	r.Persons = slices.Compact(r.Persons)
	return r
}

// contradicts says that an event makes something impossible of a person that was not.
func (s *subject) contradicts(e Event) bool {
	before := s.t.contradictions(s.t.timeline(s.events, s.n, time.Time{}))
	return s.t.contradictions(s.t.timeline(append(slices.Clone(s.events), e), s.n, time.Time{})) > before
}

func (d *deed) save(out *Recorded) error {
	touched := d.touched()
	d.e.Parts, d.e.Reads = d.parts(), d.reads()
	for _, s := range d.people { // those who were read too: it was decided after what was known of them
		for _, e := range s.events {
			// Later than what is known, so that what was known stays as it was.
			if !e.RecordedAt.Before(d.e.RecordedAt) {
				d.e.RecordedAt = e.RecordedAt.Add(time.Microsecond)
			}
		}
	}
	of := d.e.Kind
	for _, s := range touched {
		for _, e := range s.events {
			if e.Virtual {
				if err := d.tx.SaveEvent(d.ctx, e); err != nil {
					return err
				}
			}
			if e.ID == d.e.Corrects {
				of = e.Kind
			}
		}
	}
	if err := d.tx.SaveEvent(d.ctx, d.e); err != nil {
		return err
	}
	var changes []Change
	for _, s := range touched {
		events := append(slices.Clone(s.events), d.e)
		if s.contradicts(d.e) {
			return errContradicts()
		}
		p, _ := s.t.stateOf(events, s.n, 0, time.Time{})
		if err := d.tx.SavePerson(d.ctx, p, s.now.Version); err != nil {
			return err
		}
		out.Persons = append(out.Persons, p)
		c := Change{
			Event: d.e.ID, Kind: d.e.Kind, Number: s.n, On: d.e.On, RecordedAt: d.e.RecordedAt,
			Fields: s.t.changed(&s.now, &p), Version: p.Version,
		}
		if d.e.Kind == Correction {
			c.Of = of
		}
		c.Facts = s.t.Only(&p, c.Fields)
		changes = append(changes, c)
	}
	out.Event = d.e
	return d.tx.Publish(d.ctx, changes)
}

// give takes a number of the register's that nobody has (Luật Căn cước 2023, Điều 12).
func (d *deed) give(province string, year int, sex citizen.Sex) (citizen.Number, error) {
	if d.world != nil {
		return d.e.Number, nil // it was given when the event was recorded
	}
	code, err := strconv.Atoi(province)
	if err != nil {
		return citizen.Number{}, fault.New(fault.Invalid, "population.birth.province", nil).At("birthplace")
	}
	return d.r.allocate(d.ctx, d.tx, code, year, sex)
}
