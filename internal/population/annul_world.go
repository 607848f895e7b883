package population

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"dean06/internal/citizen"
	"dean06/internal/platform/fault"
)

// world is the register as an event of before finds it when it is decided again: as it
// would have been then of the events that count now, or of those that would.
type world struct {
	Tx
	p     *replay
	would bool
	at    *Event // what was recorded before it is known
}

// stateOf is a person in the world.
func (w *world) stateOf(ctx context.Context, n citizen.Number) (Person, bool, error) {
	events, err := w.Events(ctx, n)
	if err != nil || len(events) == 0 {
		return Person{}, false, err
	}
	p, ok := w.p.r.Fields.stateOf(events, n, 0, noTime)
	return p, ok, nil
}

// Events are those of a person that count, each as it does.
func (w *world) Events(ctx context.Context, n citizen.Number) ([]Event, error) {
	events, err := w.p.eventsOf(ctx, n, w.would)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(counting(events, n, noTime), func(e Event) bool { return earlier(&e, w.at) >= 0 }), nil
}

// Persons are those of some numbers who are in it.
func (w *world) Persons(ctx context.Context, numbers []citizen.Number, fields []Field) ([]Person, error) {
	var out []Person
	for _, n := range numbers {
		p, ok, err := w.stateOf(ctx, n)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		if fields != nil {
			few := w.p.r.Fields.Only(&p, fields)
			few.Number, few.Version = n, p.Version
			p = few
		}
		out = append(out, p)
	}
	return out, nil
}

// Members are the living of a household.
func (w *world) Members(ctx context.Context, household string) ([]Person, error) {
	ever, err := w.p.everIn(ctx, household)
	if err != nil {
		return nil, err
	}
	var out []Person
	for _, n := range ever {
		p, ok, err := w.stateOf(ctx, n)
		if err != nil {
			return nil, err
		}
		if ok && p.Life != Dead && sameHousehold(p.Household, household) {
			out = append(out, p)
		}
	}
	return out, nil
}

// sameHousehold compares numbers of households, which may be written without zeros.
func sameHousehold(a, b string) bool {
	return a != "" && strings.TrimLeft(a, "0") == strings.TrimLeft(b, "0")
}

// note keeps what nobody was asked when an event was recorded, as a household had another
// head then: those who are left stay what they were called until somebody says more.
func (w *world) note(e Event, q Question) {
	if w.would && (q.Kind == HeadNext || q.Kind == RelationLeft) {
		w.p.unsaid = append(w.p.unsaid, Unsaid{e, q})
	}
}

// founded is the household that an event made, or makes now.
func (w *world) founded(e Event) (string, error) { return w.p.foundedBy(e) }

// replay decides events of before again, as they would have been without some.
type replay struct {
	r      *Register
	ctx    context.Context
	tx     Tx
	draft  Event // the annulment, with what it takes away so far
	events map[citizen.Number][]Event
	parts  map[citizen.Number][]Restated // of the draft
	houses map[string][]citizen.Number
	made   map[string]string // household by event
	reads  map[string]Reads  // on what events were decided again
	pool   map[string]*Event // what may have to be decided again
	asked  map[string]bool   // whose events are in the pool
	// concerned are those for whom something is otherwise.
	concerned map[citizen.Number]bool
	dropped   []Event // what counts no longer
	restored  []Event // what counts again
	follows   []Follow
	unsaid    []Unsaid
}

// Unsaid is what would have been asked when an event was recorded, without what is annulled.
type Unsaid struct {
	Event    Event
	Question Question
}

// Follow is an event that cannot stand without those that are to be annulled.
type Follow struct {
	Event Event
	Why   error
}

// eventsOf are all events of a person; would adds the draft.
func (p *replay) eventsOf(ctx context.Context, n citizen.Number, would bool) ([]Event, error) {
	events, ok := p.events[n]
	if !ok {
		var err error
		if events, err = p.tx.Events(ctx, n); err != nil {
			return nil, err
		}
		p.events[n] = events
	}
	if !would {
		return events, nil
	}
	draft := p.draft
	draft.Gone, draft.Back = idsOf(p.dropped), idsOf(p.restored)
	draft.Parts = []Part{{Number: n, Restated: p.parts[n]}}
	return append(slices.Clone(events), draft), nil
}

func idsOf(events []Event) []string {
	var out []string
	for i := range events {
		out = append(out, events[i].ID)
	}
	return out
}

// everIn are those who are in a household, or were.
func (p *replay) everIn(ctx context.Context, household string) ([]citizen.Number, error) {
	key := strings.TrimLeft(household, "0")
	if key == "" {
		return nil, nil
	}
	ever, ok := p.houses[key]
	if !ok {
		if err := p.tx.Hold(ctx, household); err != nil {
			return nil, err
		}
		now, err := p.tx.Members(ctx, household)
		if err != nil {
			return nil, err
		}
		for _, m := range now {
			ever = append(ever, m.Number)
		}
		events, err := p.tx.Concerning(ctx, nil, []string{household})
		if err != nil {
			return nil, err
		}
		for i := range events {
			for _, part := range events[i].Parts {
				in := sameHousehold(part.Facts.Household, household) ||
					slices.ContainsFunc(part.Restated, func(r Restated) bool { return sameHousehold(r.Facts.Household, household) })
				if in && !slices.Contains(ever, part.Number) {
					ever = append(ever, part.Number)
				}
			}
		}
		p.houses[key] = ever
	}
	ever = slices.Clone(ever)
	for n, list := range p.parts {
		in := slices.ContainsFunc(list, func(r Restated) bool { return sameHousehold(r.Facts.Household, household) })
		if in && !slices.Contains(ever, n) {
			ever = append(ever, n)
		}
	}
	slices.SortFunc(ever, byNumber)
	return ever, nil
}

// foundedBy is the household that an event made; when it makes one only now, a new number.
func (p *replay) foundedBy(e Event) (string, error) {
	if had := p.made[e.ID]; had != "" {
		return had, nil
	}
	number, err := "", error(nil)
	for _, old := range p.events[e.Number] { // an annulment of before let it make one
		for _, part := range old.Parts {
			for _, r := range part.Restated {
				if number == "" && part.Number == e.Number && r.Event == e.ID {
					number = r.Facts.Household
				}
			}
		}
	}
	if number == "" {
		number, err = p.r.newHousehold(p.ctx, p.tx)
	}
	p.made[e.ID] = number
	return number, err
}

// asSaid is an event as its author said it, without what the register added.
func (e Event) asSaid() Event {
	if e.Said != nil {
		e.Facts = *e.Said
	}
	e.Parts, e.Versions = nil, nil
	return e
}

// decide says what follows from an event in a world. It fails with what its rules say.
func (p *replay) decide(e *Event, would bool) ([]Part, error) {
	if e.Kind == Registration || e.Kind == Annulment { // nothing of it follows from others
		return p.stored(e, would)
	}
	w := &world{Tx: p.tx, p: p, would: would, at: e}
	d := &deed{r: p.r, ctx: p.ctx, tx: w, e: e.asSaid(), people: map[citizen.Number]*subject{}, world: w}
	if e.Kind == Split || e.Kind == MovePerm && (e.Said != nil || e.Facts.Relation == "") {
		p.made[e.ID] = cmp.Or(p.made[e.ID], e.Facts.Household)
		if e.Said == nil { // from before what was said was kept: a household without a relation is one that was made
			d.e.Facts.Household = ""
		}
	}
	if err := d.decide(); err != nil {
		return nil, err
	}
	d.e.Parts = d.parts()
	if would {
		r := d.reads()
		r.Persons = append(r.Persons, numbersOf(d.e.Parts)...)
		p.reads[e.ID] = r
	}
	for _, s := range d.touched() {
		if s.contradicts(d.e) {
			return nil, errContradicts()
		}
	}
	return d.e.Parts, nil
}

// stored are the parts of an event as they are kept, for those who have one of its own.
func (p *replay) stored(e *Event, would bool) ([]Part, error) {
	var out []Part
	for _, part := range e.Parts {
		events, err := p.eventsOf(p.ctx, part.Number, would)
		if err != nil {
			return nil, err
		}
		for _, had := range counting(events, part.Number, noTime) {
			if had.ID == e.ID {
				out = append(out, *had.part(part.Number))
			}
		}
	}
	return out, nil
}

// counts says whether an event counts in a world.
func (p *replay) counts(e *Event, would bool) (bool, error) {
	if e.Kind == Annulment && e.ID == p.draft.ID || len(e.Parts) == 0 {
		return false, nil
	}
	events, err := p.eventsOf(p.ctx, e.Parts[0].Number, would)
	return namedBy(events, noTime)[e.ID] == nil, err
}

// touch notes that something is otherwise for a person, and takes in what may follow.
func (p *replay) touch(n citizen.Number) error {
	p.concerned[n] = true
	events, err := p.eventsOf(p.ctx, n, true)
	if err != nil {
		return err
	}
	keys := []string{n.Reveal()}
	var households []string
	add := func(h string) {
		if key := "h" + strings.TrimLeft(h, "0"); h != "" && !slices.Contains(keys, key) {
			keys, households = append(keys, key), append(households, h)
		}
	}
	for i := range events {
		for _, part := range events[i].Parts {
			if part.Number != n {
				continue
			}
			add(part.Facts.Household)
			for _, r := range part.Restated {
				add(r.Facts.Household)
			}
		}
	}
	var persons []citizen.Number
	if !p.asked[keys[0]] {
		persons = append(persons, n)
	}
	households = slices.DeleteFunc(households, func(h string) bool { return p.asked["h"+strings.TrimLeft(h, "0")] })
	for _, k := range keys {
		p.asked[k] = true
	}
	if len(persons)+len(households) == 0 {
		return nil
	}
	for _, h := range households {
		if err := p.tx.Hold(p.ctx, h); err != nil {
			return err
		}
	}
	more, err := p.tx.Concerning(p.ctx, persons, households)
	for i := range more {
		if p.pool[more[i].ID] == nil {
			p.pool[more[i].ID] = &more[i]
		}
	}
	return err
}

// next is what was recorded first of the pool after an event.
func (p *replay) next(after *Event) *Event {
	var out *Event
	for _, e := range p.pool {
		if e.Kind != Annulment && (after == nil || earlier(e, after) > 0) && (out == nil || earlier(e, out) < 0) {
			out = e
		}
	}
	return out
}

// run finds out what is otherwise without the events that the draft takes away.
func (p *replay) run(first []*Event) error {
	for len(first) > 0 {
		e := first[0]
		first, p.pool[e.ID] = first[1:], e
		if e.Kind != Annulment {
			continue
		}
		for _, part := range e.Parts {
			p.concerned[part.Number] = true
		}
		for _, id := range e.Annuls { // what it took away counts again, unless another takes it away too
			back, err := p.tx.Event(p.ctx, id)
			if err != nil {
				return err
			}
			first = append(first, &back)
		}
	}
	for at := p.next(nil); at != nil; at = p.next(at) {
		if err := p.again(at); err != nil {
			return err
		}
	}
	return nil
}

// again looks at one event in both worlds.
func (p *replay) again(e *Event) error {
	did, err := p.counts(e, false)
	if err != nil {
		return err
	}
	does, err := p.counts(e, true)
	if err != nil {
		return err
	}
	var before, after []Part
	undecided := false // by the rules of today: it stays as it is
	if did {
		if before, err = p.decide(e, false); isFault(err) {
			undecided = true
			before, err = p.stored(e, false)
		}
		if err != nil {
			return err
		}
	}
	switch {
	case !did && !does:
		return nil
	case !does:
		p.dropped = append(p.dropped, *e)
		return p.otherwise(e, before, nil)
	}
	if undecided {
		return nil
	}
	asked := len(p.unsaid)
	after, err = p.decide(e, true)
	switch {
	case err != nil && !did && isFault(err): // what it stood on is annulled as well
		return fault.New(fault.Conflict, "population.annul.back", nil).Because(err).At("event")
	case err != nil:
		return p.cannot(e, before, err)
	}
	if did && p.equal(before, after) {
		p.unsaid = p.unsaid[:asked]
		return nil
	}
	if !did {
		p.restored = append(p.restored, *e)
		if before, err = p.stored(e, true); err != nil {
			return err
		}
	}
	if err := p.restate(e, before, after); err != nil {
		return err
	}
	return p.otherwise(e, before, after)
}

// cannot takes away an event that the rules refuse without what is annulled. A correction
// of what is annulled goes with it; anything else has to be named by who annuls.
func (p *replay) cannot(e *Event, before []Part, why error) error {
	if !isFault(why) {
		return why
	}
	with := e.Kind == Correction && slices.Contains(p.draft.Annuls, e.Corrects)
	p.draft.Annuls = append(p.draft.Annuls, e.ID)
	p.dropped = append(p.dropped, *e)
	if !with {
		p.follows = append(p.follows, Follow{*e, why})
	}
	return p.otherwise(e, before, nil)
}

// restate keeps what is otherwise of an event that counts.
func (p *replay) restate(e *Event, before, after []Part) error {
	for _, n := range numbersOf(before, after) {
		was, is := partOf(before, n), partOf(after, n)
		if was != nil && is != nil && p.equal([]Part{*was}, []Part{*is}) {
			continue
		}
		r := Restated{
			Event: e.ID, Kind: e.Kind, On: e.On, RecordedAt: e.RecordedAt, Number: e.Number, Other: e.Other, Members: e.Members,
		}
		if is != nil {
			r.Fields, r.Facts, r.HouseholdFrom = is.Fields, is.Facts, is.HouseholdFrom
		}
		p.parts[n] = append(p.parts[n], r)
	}
	return nil
}

// otherwise notes for whom an event is otherwise.
func (p *replay) otherwise(e *Event, before, after []Part) error {
	for _, n := range numbersOf(e.Parts, before, after) {
		if err := p.touch(n); err != nil {
			return err
		}
	}
	return nil
}

func numbersOf(lists ...[]Part) []citizen.Number {
	var out []citizen.Number
	for _, list := range lists {
		for i := range list {
			if !slices.Contains(out, list[i].Number) {
				out = append(out, list[i].Number)
			}
		}
	}
	slices.SortFunc(out, byNumber)
	return out
}

func partOf(list []Part, n citizen.Number) *Part {
	for i := range list {
		if list[i].Number == n {
			return &list[i]
		}
	}
	return nil
}

// equal says that the same follows for the same persons.
func (p *replay) equal(a, b []Part) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		o := partOf(b, a[i].Number)
		if o == nil || a[i].HouseholdFrom != o.HouseholdFrom || !slices.Equal(p.r.Fields.InOrder(a[i].Fields), p.r.Fields.InOrder(o.Fields)) ||
			!p.r.Fields.same(&a[i].Facts, &o.Facts) {
			return false
		}
	}
	return true
}
