package population

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/clock"
)

// step is an event as it concerns one person, with what later corrections set right.
type step struct {
	event  Event
	on     citizen.Day
	fields []Field
	facts  Person
}

// timeline is what happened to a person as it was known at a moment (zero: now), in the
// order in which it became true. It does not depend on the order of events.
func (t *FieldTable) timeline(events []Event, n citizen.Number, knownAt time.Time) []step {
	events = counting(events, n, knownAt)
	byID := make(map[string]*Event, len(events))
	var steps []step
	var corrections []*Event
	for i := range events {
		e := &events[i]
		byID[e.ID] = e
		if e.Kind == Correction {
			corrections = append(corrections, e)
			continue
		}
		if p := e.part(n); p != nil {
			steps = append(steps, step{event: *e, on: e.On, fields: slices.Clone(p.Fields), facts: p.Facts})
			if main := &steps[len(steps)-1]; p.HouseholdFrom > e.On {
				main.fields = slices.DeleteFunc(main.fields, func(f Field) bool { return f == FieldHousehold })
				steps = append(steps, step{event: *e, on: p.HouseholdFrom, fields: []Field{FieldHousehold}, facts: p.Facts})
			}
		}
	}
	slices.SortFunc(corrections, earlier)
	for _, c := range corrections {
		root := rootOf(c, byID)
		i := slices.IndexFunc(steps, func(s step) bool { return s.event.ID == root })
		if p := c.part(n); i >= 0 && p != nil {
			steps[i].correct(t, p)
		}
	}
	slices.SortFunc(steps, func(a, b step) int {
		return cmp.Or(
			cmp.Compare(b.begins(), a.begins()), cmp.Compare(a.on, b.on),
			a.event.RecordedAt.Compare(b.event.RecordedAt), strings.Compare(a.event.ID, b.event.ID),
		)
	})
	return steps
}

// counting are the events of a person that counted as far as was known at a moment (zero:
// now), each with the part that it had for them: without annulments and what those take
// away, and as the latest annulment restated them.
func counting(events []Event, n citizen.Number, knownAt time.Time) []Event {
	gone := annulled(events, knownAt)
	restated := map[string]Restated{}
	for _, a := range annulments(events, knownAt) {
		if p := a.part(n); p != nil {
			for _, r := range p.Restated {
				restated[r.Event] = r
			}
		}
	}
	var out []Event
	for i := range events {
		e := events[i]
		if e.Kind == Annulment || gone[e.ID] != nil || !knownAt.IsZero() && e.RecordedAt.After(knownAt) {
			continue
		}
		if r, ok := restated[e.ID]; ok {
			e.Parts = r.parts(n)
			delete(restated, e.ID)
		}
		if e.part(n) != nil {
			out = append(out, e)
		}
	}
	for _, r := range restated { // of events that did not concern them when they were recorded
		if len(r.Fields) > 0 && gone[r.Event] == nil {
			out = append(out, Event{
				ID: r.Event, Kind: r.Kind, On: r.On, RecordedAt: r.RecordedAt, Number: r.Number, Other: r.Other, Members: r.Members,
				Parts: r.parts(n),
			})
		}
	}
	return out
}

func (r *Restated) parts(n citizen.Number) []Part {
	if len(r.Fields) == 0 {
		return nil
	}
	return []Part{{Number: n, Fields: r.Fields, Facts: r.Facts, HouseholdFrom: r.HouseholdFrom}}
}

// annulments are those known at a moment, in the order in which they were recorded.
func annulments(events []Event, knownAt time.Time) []*Event {
	var out []*Event
	for i := range events {
		if e := &events[i]; e.Kind == Annulment && (knownAt.IsZero() || !e.RecordedAt.After(knownAt)) {
			out = append(out, e)
		}
	}
	slices.SortFunc(out, earlier)
	return out
}

// earlier orders events as they were recorded.
func earlier(a, b *Event) int {
	return cmp.Or(a.RecordedAt.Compare(b.RecordedAt), strings.Compare(a.ID, b.ID))
}

// annulled are the events that did not count at a moment, each with the annulment that
// says so. An annulment that was annulled itself says nothing: only a later one can do
// that, so the last is asked first.
func annulled(events []Event, knownAt time.Time) map[string]*Event {
	gone := map[string]*Event{}
	all := annulments(events, knownAt)
	for _, a := range all {
		taken := a.Gone
		if len(a.Gone)+len(a.Back) == 0 {
			taken = a.Annuls
		}
		for _, id := range taken {
			gone[id] = a
		}
		for _, id := range a.Back {
			delete(gone, id)
		}
	}
	named := namedBy(events, knownAt)
	for _, a := range all { // whether they stand, they say among themselves
		delete(gone, a.ID)
		if by := named[a.ID]; by != nil {
			gone[a.ID] = by
		}
	}
	return gone
}

// namedBy are the events that the annulments of a person take away by name.
func namedBy(events []Event, knownAt time.Time) map[string]*Event {
	gone := map[string]*Event{}
	for _, a := range slices.Backward(annulments(events, knownAt)) {
		if gone[a.ID] != nil {
			continue
		}
		for _, id := range a.Annuls {
			if gone[id] == nil {
				gone[id] = a
			}
		}
	}
	return gone
}

func (e *Event) part(n citizen.Number) *Part {
	for i := range e.Parts {
		if e.Parts[i].Number == n {
			return &e.Parts[i]
		}
	}
	return nil
}

// rootOf follows corrections of corrections to the event that was wrong first.
func rootOf(c *Event, byID map[string]*Event) string {
	id := c.Corrects
	for range byID { // no chain is longer than there are events
		e := byID[id]
		if e == nil || e.Kind != Correction {
			break
		}
		id = e.Corrects
	}
	return id
}

func (s *step) correct(t *FieldTable, p *Part) {
	for _, f := range p.Fields {
		t.take(&s.facts, &p.Facts, f)
		if !slices.Contains(s.fields, f) {
			s.fields = append(s.fields, f)
		}
		switch {
		case f == FieldLife && (s.event.Kind == Death || s.event.Kind == GoneMissing) && p.Facts.Ended != 0:
			s.on = p.Facts.Ended
		case f == FieldBirth && s.begins() == 1:
			s.on = p.Facts.Birth
		}
	}
}

// begins is 1 for the event with which a person is in the register.
func (s *step) begins() int {
	if s.event.Kind == Registration || s.event.Kind == Birth {
		return 1
	}
	return 0
}

// fold is the state that follows from steps up to a day (0: all of them).
func (t *FieldTable) fold(steps []step, on citizen.Day) (p Person, ok bool) {
	for i := range steps {
		s := &steps[i]
		if on != 0 && s.on > on {
			continue
		}
		s.apply(t, &p, on)
		ok = ok || s.begins() == 1
	}
	return p, ok
}

func (s *step) apply(t *FieldTable, p *Person, on citizen.Day) {
	for _, f := range s.fields {
		switch {
		case f == FieldCards && s.event.Kind == NewCard:
			p.Cards = append(slices.Clone(s.facts.Cards), p.Cards...)
		case f == FieldName && s.event.Kind == NameChange:
			p.OtherNames = append([]string{p.Name}, p.OtherNames...)
			p.Name = s.facts.Name
		case f == FieldHousehold && s.begins() == 0 && p.Life == Dead:
			p.Household, p.Relation = "", "" // whatever became of the household after their death
		case f == FieldPermanent && s.begins() == 0 && p.PermanentSince > s.on:
			// A load said of a later day where they live: this was before.
		default:
			t.take(p, &s.facts, f)
		}
	}
	if s.event.Kind == Registration && on != 0 && p.Life != Alive && p.Ended > on {
		p.Life, p.Ended = Alive, 0
	}
}

// contradictions counts what cannot have happened in this order.
func (t *FieldTable) contradictions(steps []step) int {
	var p Person
	n := 0
	for i := range steps {
		s := &steps[i]
		if s.begins() == 0 {
			switch k := s.event.Kind; {
			case p.Life == Dead && s.moves(p.Number), s.on < p.Birth,
				k == Marriage && p.Marital == Married, k == Divorce && p.Marital != Married,
				k == GoneMissing && p.Life != Alive, k == FoundAgain && p.Life != Missing:
				n++
			}
		}
		s.apply(t, &p, 0)
	}
	return n
}

// moves says that the event is the person's own deed or fate, not what follows for them
// from another's.
func (s *step) moves(n citizen.Number) bool {
	return s.event.Number == n || s.event.Other == n || slices.Contains(s.event.Members, n)
}

// At is a person as they were on a day (zero: with all that is known), as the register
// knew it at a moment (zero: now). It fails with NotFound when it knew nobody then. It
// is not logged: ask View first. It fails with Denied away from the desk.
func (r *Register) At(ctx context.Context, in Inquiry, n citizen.Number, validOn clock.Date, knownAt time.Time) (Person, error) {
	if err := r.may(ctx, in, LookUp); err != nil {
		return Person{}, err
	}
	events, err := r.Store.Events(ctx, n)
	if err != nil {
		return Person{}, err
	}
	p, ok := r.Fields.stateOf(events, n, citizen.DayFrom(validOn), knownAt)
	if !ok {
		return Person{}, notFound()
	}
	persons := []Person{p}
	err = r.nameKin(ctx, persons, nil)
	return persons[0], err
}

// stateOf folds events into a state, with its version and when it was last changed.
func (t *FieldTable) stateOf(events []Event, n citizen.Number, on citizen.Day, knownAt time.Time) (Person, bool) {
	p, ok := t.fold(t.timeline(events, n, knownAt), on)
	p.Number = n
	for i := range events {
		e := &events[i]
		if e.part(n) == nil || !knownAt.IsZero() && e.RecordedAt.After(knownAt) {
			continue
		}
		p.Version++
		if e.RecordedAt.After(p.UpdatedAt) {
			p.UpdatedAt = e.RecordedAt
		}
	}
	return p, ok
}
