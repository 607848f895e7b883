package population

import (
	"slices"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/fault"
)

// What is asked when a household loses its head. They are answered with Event.Relations.
const (
	HeadNext     QuestionKind = "head_next"     // who of those left is head: Relations says CH01 of one of the facts
	RelationLeft QuestionKind = "relation_left" // what somebody who is left is to the next head
)

// leave takes people out of a household, which keeps a head while anybody is left.
func (d *deed) leave(household string, leaving ...*subject) error {
	members, err := d.members(household)
	if err != nil {
		return err
	}
	var left []Person
	for _, m := range members {
		if slices.ContainsFunc(leaving, func(s *subject) bool { return s.n == m.Number }) {
			continue
		}
		left = append(left, m)
		if m.Relation == HeadOfHousehold {
			return nil
		}
	}
	if len(left) == 0 {
		return nil
	}
	return d.succeed(left)
}

// succeed makes one of those who are left the head, and says what the others are to them.
func (d *deed) succeed(left []Person) error {
	next, sure := d.nextHead(left)
	if len(d.faults) > 0 {
		return nil
	}
	if !sure {
		var facts []Fact
		for i := range left {
			facts = append(facts, d.r.Fields.fact("member", &left[i], FieldNumber, FieldName, FieldBirth, FieldHousehold))
		}
		d.put(Question{Kind: HeadNext, Field: "members", Facts: facts})
	}
	kin, err := d.kinshipOf(left)
	if err != nil {
		return err
	}
	for i := range left {
		m := &left[i]
		relation := HeadOfHousehold
		if m != next {
			relation = d.leftRelation(kin, m, next)
		}
		switch {
		case relation == "" && sure:
			head := d.r.Fields.fact("head", next, FieldNumber, FieldName, FieldBirth, FieldSex)
			who := d.r.Fields.fact("member", m, FieldNumber, FieldName, FieldBirth, FieldSex, FieldHousehold)
			d.put(Question{Kind: RelationLeft, Field: "members", Facts: []Fact{who, head}, Of: m.Number})
			continue
		case relation == "", relation == m.Relation:
			continue
		}
		s, err := d.person(m.Number, "relation")
		if err != nil {
			return err
		}
		s.becomes(Person{Household: m.Household, Relation: relation}, FieldHousehold)
		// They may have come into the household after the day of an event that is recorded late.
		if last := s.lastHousehold(); last > d.e.On {
			s.householdFrom = last
		}
	}
	return nil
}

// nextHead is who becomes head: the one whom the paper names, the spouse of the former
// head, the only one left, or the only adult. Of several it is the oldest, for whom a
// person has to answer (sure is false).
func (d *deed) nextHead(left []Person) (next *Person, sure bool) {
	headFirst(left)
	var grown []*Person
	for i := range left {
		m := &left[i]
		if d.e.Relations[m.Number] == HeadOfHousehold {
			if next != nil {
				d.wrong("members", "population.household.two_heads", nil)
			}
			next = m
		}
		if m.Life == Alive && oldEnough(m.Birth, adult, d.e.On) {
			grown = append(grown, m)
		}
	}
	if next != nil {
		return next, true
	}
	for _, m := range grown {
		if m.Relation == relationSpouse {
			return m, true
		}
	}
	switch {
	case len(grown) > 0:
		return grown[0], len(grown) == 1
	case len(left) == 1:
		return &left[0], true
	}
	return &left[0], false
}

// leftRelation is what somebody is to the next head: what the paper says, what the
// numbers of their kin say, or what follows from what both were to the former head; ""
// when a person has to say it.
func (d *deed) leftRelation(kin kinship, m, next *Person) string {
	if r := d.e.Relations[m.Number]; r != "" {
		if !IsRelation(r) {
			d.wrong("members", "population.code.unknown", fault.Args{"code": cut(r, 20)})
		}
		return r
	}
	if r := kin.relation(m, next); r != "" {
		return r
	}
	return succeeded(m.Relation, next.Relation)
}

// kinshipOf reads the parents and spouses of people.
func (d *deed) kinshipOf(people []Person) (kinship, error) {
	k := kinship{}
	var numbers []citizen.Number
	for i := range people {
		p := &people[i]
		k[p.Number] = p
		for _, n := range []citizen.Number{p.Mother.Number, p.Father.Number, p.Spouse.Number} {
			if !n.IsZero() {
				numbers = append(numbers, n)
			}
		}
	}
	found, err := d.tx.Persons(d.ctx, numbers, []Field{FieldMother, FieldFather, FieldSpouse})
	for i := range found {
		d.kin = append(d.kin, found[i].Number)
		if k[found[i].Number] == nil {
			k[found[i].Number] = &found[i]
		}
	}
	return k, err
}

// lastHousehold is the day of the last event that changed somebody's household; 0 when
// none did since they are in the register.
func (s *subject) lastHousehold() citizen.Day {
	var last citizen.Day
	for _, step := range s.t.timeline(s.events, s.n, time.Time{}) {
		if step.begins() == 0 && slices.Contains(step.fields, FieldHousehold) {
			last = max(last, step.on)
		}
	}
	return last
}

// later are those of some people whose household changed after the day of the event: what
// it says of a household was true until then.
func (d *deed) later(people []*subject) bool {
	return slices.ContainsFunc(people, func(s *subject) bool { return s.lastHousehold() > d.e.On })
}
