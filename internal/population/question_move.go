package population

import (
	"slices"
	"time"

	"dean06/internal/citizen"
)

// What is asked about moves, marriages and cards.
const (
	ChildAlone  QuestionKind = "child_alone"  // moves without an adult
	MoveAgain   QuestionKind = "move_again"   // to where they live, or a second time on one day
	MovedSince  QuestionKind = "moved_since"  // a later move is recorded already
	SameDay     QuestionKind = "same_day"     // another change of the marital status on the day of the marriage
	SpouseLeft  QuestionKind = "spouse_left"  // is named as spouse of somebody who is not married any more
	CardTaken   QuestionKind = "card_taken"   // another has the serial
	NearKindred QuestionKind = "near_kindred" // related within three generations
)

// adult is the age from which somebody decides where they live.
const adult = 18

// askMove asks about people who change their residence together.
func (d *deed) askMove(movers []*subject, field Field, to Place) {
	lead := movers[0]
	grown := slices.ContainsFunc(movers, func(s *subject) bool { return oldEnough(s.then.Birth, adult, d.e.On) })
	if !grown && !to.IsZero() {
		d.ask(ChildAlone, "members", d.r.Fields.fact("self", &lead.then, FieldNumber, FieldName, FieldBirth))
	}
	if field == FieldPermanent {
		d.askLater(movers)
	}
	for _, s := range movers {
		held := *d.r.Fields.Line(field).Data[0].Place(&s.then)
		if !to.IsZero() && held == to && field != FieldPresent { // to say again where one is, is no move
			d.ask(MoveAgain, "place", d.r.Fields.fact("self", &s.then, FieldNumber, field))
			continue
		}
		for _, step := range s.t.timeline(s.events, s.n, time.Time{}) {
			switch {
			case step.begins() == 1 || step.event.Kind != d.e.Kind:
			case step.on == d.e.On && !to.IsZero():
				d.ask(MoveAgain, "on", d.r.Fields.fact("self", &step.facts, field).of(s.n).after(&step.event))
			case step.on > d.e.On:
				d.ask(MovedSince, "on", d.r.Fields.fact("self", &step.facts, field).of(s.n).after(&step.event))
			}
		}
	}
}

// askLater asks about people whose household changed after the day of the event.
func (d *deed) askLater(people []*subject) {
	for _, s := range people {
		for _, step := range s.t.timeline(s.events, s.n, time.Time{}) {
			if step.begins() == 0 && step.on > d.e.On && slices.Contains(step.fields, FieldHousehold) {
				d.ask(MovedSince, "on", d.r.Fields.fact("self", &step.facts, FieldHousehold).of(s.n).after(&step.event))
			}
		}
	}
}

// of says whom a fact is about when it was read out of an event.
func (f Fact) of(n citizen.Number) Fact {
	f.Number = n
	if slices.Contains(f.Fields, FieldNumber) {
		f.Person.Number = n
	}
	return f
}

// askCard asks about a card whose serial somebody else has on one of the same kind. Others
// who write the serial down wait.
func (d *deed) askCard(n citizen.Number, c Card) error {
	if c.Serial == "" || len(d.faults) > 0 || d.world != nil {
		return nil
	}
	key, _ := SearchKeys(c.Kind+" "+c.Serial, 0)
	if err := d.tx.HoldKeys(d.ctx, []int64{key}); err != nil {
		return err
	}
	holders, err := d.tx.CardHolders(d.ctx, c.Serial)
	if err != nil {
		return err
	}
	slices.SortFunc(holders, func(a, b Person) int { return byNumber(a.Number, b.Number) })
	for i := range holders {
		h := &holders[i]
		if h.Number != n && slices.ContainsFunc(h.Cards, func(o Card) bool { return o.Kind == c.Kind && o.Serial == c.Serial }) {
			d.ask(CardTaken, "serial", d.r.Fields.fact("holder", h, FieldNumber, FieldName, FieldBirth, FieldCards))
		}
	}
	return nil
}

// askMarriage asks about two who marry.
func (d *deed) askMarriage(a, b *subject) error {
	for i, s := range []*subject{a, b} {
		field := []string{"number", "other"}[i]
		for _, step := range s.t.timeline(s.events, s.n, time.Time{}) {
			if step.begins() == 0 && step.on == d.e.On && slices.Contains(step.fields, FieldMarital) {
				d.ask(SameDay, "on", d.r.Fields.fact("spouse", &step.facts, FieldMarital).of(s.n).after(&step.event))
			}
		}
		if s.then.Marital != Married && !s.then.Spouse.IsZero() {
			d.ask(SpouseLeft, field, d.r.Fields.fact("spouse", &s.then, FieldNumber, FieldMarital, FieldSpouse))
		}
	}
	shared, err := d.grandparent(&a.then, &b.then)
	if err == nil && shared != nil {
		d.ask(NearKindred, "other", d.r.Fields.fact("grandparent", shared, FieldNumber, FieldName, FieldBirth))
	}
	return err
}

// grandparent is somebody from whom two descend within three generations (Luật Hôn nhân
// và gia đình 2014, Điều 3 khoản 18), beyond those of whom a rule speaks; nil when the
// register knows none.
func (d *deed) grandparent(a, b *Person) (*Person, error) {
	var of [2][]citizen.Number
	for i, p := range []*Person{a, b} {
		for _, n := range []citizen.Number{p.Mother.Number, p.Father.Number} {
			parent, err := d.one(n)
			if err != nil {
				return nil, err
			}
			if parent == nil {
				continue
			}
			of[i] = append(of[i], n, parent.Mother.Number, parent.Father.Number)
		}
	}
	for _, n := range append(slices.Clone(of[0]), a.Number) {
		if !n.IsZero() && (slices.Contains(of[1], n) || n == b.Number) {
			return d.one(n)
		}
	}
	if slices.Contains(of[1], a.Number) {
		return a, nil
	}
	if slices.Contains(of[0], b.Number) {
		return b, nil
	}
	return nil, nil
}
