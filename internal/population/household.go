package population

import (
	"slices"
	"strconv"

	"dean06/internal/citizen"
	"dean06/internal/platform/fault"
)

// members reads a household that others may be changing: they wait.
func (d *deed) members(household string) []Person {
	if err := d.tx.Hold(d.ctx, household); err != nil {
		panic(stop{err})
	}
	members, err := d.tx.Members(d.ctx, household)
	if err != nil {
		panic(stop{err})
	}
	return members
}

// leave takes people out of a household, which keeps a head while anybody is left.
func (d *deed) leave(household string, leaving ...*subject) {
	var left []Person
	head := false
	for _, m := range d.members(household) {
		if slices.ContainsFunc(leaving, func(s *subject) bool { return s.n == m.Number }) {
			continue
		}
		left = append(left, m)
		head = head || m.Relation == HeadOfHousehold
	}
	if head || len(left) == 0 {
		return
	}
	next := d.successor(left)
	for _, m := range left {
		relation := d.e.Relations[m.Number]
		if m.Number == next {
			relation = HeadOfHousehold
		}
		if relation != "" && relation != m.Relation && (relation != HeadOfHousehold || m.Number == next) {
			d.person(m.Number, "relation").becomes(Person{Household: m.Household, Relation: relation}, FieldHousehold)
		}
	}
}

// successor is who becomes head: the one whom the paper names, else the spouse of the
// former head, else the oldest.
func (d *deed) successor(left []Person) citizen.Number {
	headFirst(left)
	for _, m := range left {
		if d.e.Relations[m.Number] == HeadOfHousehold {
			return m.Number
		}
	}
	for _, m := range left {
		if m.Relation == relationSpouse {
			return m.Number
		}
	}
	return left[0].Number
}

func (d *deed) movePermanent() {
	to := d.e.Facts.Permanent
	movers := d.all()
	if to.Country == "" {
		to.Country = vietnam
	}
	d.place(to, "place", d.e.On)
	lead := movers[0]
	for _, m := range movers[1:] {
		if m.now.Household == "" || m.now.Household != lead.now.Household {
			d.wrong("members", "population.move.member", nil)
		}
	}
	if len(d.faults) > 0 {
		return
	}
	for _, m := range movers {
		m.becomes(Person{Permanent: to, PermanentSince: d.e.On, Present: to}, FieldPermanent, FieldPresent)
	}
	if d.e.Facts.Household != "" {
		d.into(d.e.Facts.Household, movers)
		return
	}
	if from := lead.now.Household; from != "" && len(d.members(from)) > len(movers) {
		d.leave(from, movers...)
		d.found(movers)
	}
}

// found makes a new household of which the first is the head.
func (d *deed) found(people []*subject) {
	n, err := d.tx.NextHousehold(d.ctx, d.r.Slot.Of)
	if err != nil {
		panic(stop{err})
	}
	number := strconv.FormatInt(n*int64(d.r.Slot.Of)+int64(d.r.Slot.Index), 10)
	if len(number) < 9 {
		number = "000000000"[len(number):] + number
	}
	for i, s := range people {
		s.becomes(Person{Household: number, Relation: d.relation(i, s, people[0], HeadOfHousehold)}, FieldHousehold)
	}
	d.e.Facts.Household = number
}

// relation is what somebody is to the head of the household that they come into: what
// the paper says, else what their kin says.
func (d *deed) relation(i int, s, head *subject, lead string) string {
	if i == 0 {
		return lead
	}
	switch r := d.e.Relations[s.n]; {
	case r == HeadOfHousehold:
		d.wrong("members", "population.household.two_heads", nil)
	case len(r) > 10:
		d.wrong("members", "population.code.unknown", fault.Args{"code": cut(r, 20)})
	case r != "":
		return r
	}
	switch h := head.n; {
	case lead != HeadOfHousehold:
		return relationOther
	case s.now.Spouse.Number == h:
		return relationSpouse
	case s.now.Father.Number == h, s.now.Mother.Number == h:
		return relationChild
	}
	return relationOther
}

// into brings people into a household that is there.
func (d *deed) into(household string, people []*subject) {
	members := d.members(household)
	if len(members) == 0 {
		d.wrong("household", "population.household.unknown", nil)
		return
	}
	lead := d.e.Facts.Relation
	switch {
	case lead == "":
		d.wrong("relation", "population.household.relation", nil)
	case lead == HeadOfHousehold:
		d.wrong("relation", "population.household.two_heads", nil)
	case len(lead) > 10:
		d.wrong("relation", "population.code.unknown", fault.Args{"code": cut(lead, 20)})
	case people[0].now.Household == members[0].Household:
		d.wrong("household", "population.household.same", nil)
	}
	if len(d.faults) > 0 {
		return
	}
	from := map[string][]*subject{}
	for i, s := range people {
		if s.now.Household != "" {
			from[s.now.Household] = append(from[s.now.Household], s)
		}
		s.becomes(Person{Household: members[0].Household, Relation: d.relation(i, s, people[0], lead)}, FieldHousehold)
	}
	for h, leaving := range from {
		d.leave(h, leaving...)
	}
}

func (d *deed) moveOther() {
	f, field, p := &d.e.Facts, FieldTemporary, d.e.Facts.Temporary
	if d.e.Kind == MovePresent {
		field, p = FieldPresent, f.Present
	}
	movers := d.all()
	if p.Country == "" && !p.IsZero() {
		p.Country = vietnam
	}
	switch {
	case !p.IsZero():
		d.place(p, "place", d.e.On)
	case field == FieldPresent:
		d.wrong("place", "population.place.unknown", fault.Args{"code": ""})
	case movers[0].then.Temporary.IsZero():
		d.wrong("place", "population.move.no_temporary", nil)
	}
	facts := Person{Temporary: p, Present: p}
	if !p.IsZero() {
		facts.TemporarySince = d.e.On
	}
	for _, m := range movers {
		m.becomes(facts, field)
	}
}

func (d *deed) split() {
	people := d.all()
	from := people[0].now.Household
	if from == "" {
		d.wrong("number", "population.household.none", nil)
		return
	}
	for _, s := range people {
		if s.now.Household != from {
			d.wrong("members", "population.move.member", nil)
		}
	}
	if len(d.members(from)) <= len(people) {
		d.wrong("members", "population.household.empty", nil)
	}
	if len(d.faults) > 0 {
		return
	}
	d.leave(from, people...)
	d.found(people)
}

func (d *deed) join() {
	people := d.all()
	if len(d.faults) == 0 {
		d.into(d.e.Facts.Household, people)
	}
}
