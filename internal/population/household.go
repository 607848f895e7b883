package population

import (
	"context"
	"slices"
	"strconv"

	"dean06/internal/platform/fault"
)

// members reads a household that others may be changing: they wait.
func (d *deed) members(household string) ([]Person, error) {
	if err := d.tx.Hold(d.ctx, household); err != nil {
		return nil, err
	}
	if !slices.Contains(d.houses, household) {
		d.houses = append(d.houses, household)
	}
	return d.tx.Members(d.ctx, household)
}

func (d *deed) movePermanent() error {
	to := d.e.Facts.Permanent
	movers, err := d.all()
	if err != nil {
		return err
	}
	if to.Country == "" {
		to.Country = vietnam
	}
	d.place(&to, "place", d.e.On)
	lead := movers[0]
	for _, m := range movers[1:] {
		if m.now.Household == "" || m.now.Household != lead.now.Household {
			d.wrong("members", "population.move.member", nil)
		}
	}
	if len(d.faults) > 0 {
		return nil
	}
	d.askMove(movers, FieldPermanent, to)
	for _, m := range movers {
		m.becomes(Person{Permanent: to, PermanentSince: d.e.On, Present: to}, FieldPermanent, FieldPresent)
	}
	switch {
	case d.e.Facts.Household != "":
		return d.into(d.e.Facts.Household, movers)
	case d.later(movers): // asked: it says where they lived until then, and no more
		return nil
	}
	from := lead.now.Household
	if from == "" {
		return nil
	}
	members, err := d.members(from)
	if err != nil || len(members) <= len(movers) {
		return err
	}
	if err := d.leave(from, movers...); err != nil {
		return err
	}
	return d.found(movers)
}

// found makes a new household of which the first is the head.
func (d *deed) found(people []*subject) error {
	number, err := d.newHousehold()
	if err != nil {
		return err
	}
	for i, s := range people {
		s.becomes(Person{Household: number, Relation: d.relation(i, s, people[0], HeadOfHousehold)}, FieldHousehold)
	}
	said := d.e.Facts
	d.e.Said, d.e.Facts.Household = &said, number
	return nil
}

// newHousehold is a number that no household has; of an event that is decided again, the
// one that it made.
func (d *deed) newHousehold() (string, error) {
	if d.world != nil {
		return d.world.founded(d.e)
	}
	return d.r.newHousehold(d.ctx, d.tx)
}

func (r *Register) newHousehold(ctx context.Context, tx Tx) (string, error) {
	n, err := tx.NextHousehold(ctx, r.Slot.Of)
	if err != nil {
		return "", err
	}
	return householdNumber(n*int64(r.Slot.Of) + int64(r.Slot.Index)), nil
}

// householdNumber writes the number of a household as a person has it.
func householdNumber(n int64) string {
	s := strconv.FormatInt(n, 10)
	if len(s) < 9 {
		s = "000000000"[len(s):] + s
	}
	return s
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
	case r != "" && !IsRelation(r):
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
func (d *deed) into(household string, people []*subject) error {
	members, err := d.members(household)
	if err != nil {
		return err
	}
	if len(members) == 0 {
		d.wrong("household", "population.household.unknown", nil)
		return nil
	}
	lead := d.e.Facts.Relation
	switch {
	case lead == "":
		d.wrong("relation", "population.household.relation", nil)
	case lead == HeadOfHousehold:
		d.wrong("relation", "population.household.two_heads", nil)
	case !IsRelation(lead):
		d.wrong("relation", "population.code.unknown", fault.Args{"code": cut(lead, 20)})
	case people[0].now.Household == members[0].Household:
		d.wrong("household", "population.household.same", nil)
	}
	if len(d.faults) > 0 {
		return nil
	}
	late := d.later(people)
	if late && d.e.Kind == Join {
		d.askLater(people)
	}
	from := map[string][]*subject{}
	for i, s := range people {
		if s.now.Household != "" {
			from[s.now.Household] = append(from[s.now.Household], s)
		}
		s.becomes(Person{Household: members[0].Household, Relation: d.relation(i, s, people[0], lead)}, FieldHousehold)
	}
	if late { // it says where they were until then; the household of today is another event's
		return nil
	}
	for h, leaving := range from {
		if err := d.leave(h, leaving...); err != nil {
			return err
		}
	}
	return nil
}

func (d *deed) moveOther() error {
	f, field, p := &d.e.Facts, FieldTemporary, d.e.Facts.Temporary
	if d.e.Kind == MovePresent {
		field, p = FieldPresent, f.Present
	}
	movers, err := d.all()
	if err != nil {
		return err
	}
	if p.Country == "" && !p.IsZero() {
		p.Country = vietnam
	}
	switch {
	case !p.IsZero():
		d.place(&p, "place", d.e.On)
	case field == FieldPresent:
		d.wrong("place", "population.place.unknown", fault.Args{"code": ""})
	case movers[0].then.Temporary.IsZero():
		d.wrong("place", "population.move.no_temporary", nil)
	}
	if len(d.faults) > 0 {
		return nil
	}
	d.askMove(movers, field, p)
	facts := Person{Temporary: p, Present: p}
	if !p.IsZero() {
		facts.TemporarySince = d.e.On
	}
	for _, m := range movers {
		m.becomes(facts, field)
	}
	return nil
}

func (d *deed) split() error {
	people, err := d.all()
	if err != nil {
		return err
	}
	from := people[0].now.Household
	if from == "" {
		d.wrong("number", "population.household.none", nil)
		return nil
	}
	for _, s := range people {
		if s.now.Household != from {
			d.wrong("members", "population.move.member", nil)
		}
	}
	members, err := d.members(from)
	if err != nil {
		return err
	}
	headed := slices.ContainsFunc(members, func(m Person) bool { return m.Relation == HeadOfHousehold })
	if headed && len(members) <= len(people) { // all of one that lost its head can make a new one
		d.wrong("members", "population.household.empty", nil)
	}
	if d.later(people) {
		d.wrong("on", "population.household.later", nil)
	}
	if len(d.faults) > 0 {
		return nil
	}
	if err := d.leave(from, people...); err != nil {
		return err
	}
	return d.found(people)
}

func (d *deed) join() error {
	people, err := d.all()
	if err != nil || len(d.faults) > 0 {
		return err
	}
	return d.into(d.e.Facts.Household, people)
}
