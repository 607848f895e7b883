package people

import (
	"dean06/internal/citizen"
	"dean06/internal/population"
)

// lodger is somebody in a household that is being put together, with their relation
// to its head.
type lodger struct {
	*member
	relation string
}

// house splits a family into households and gives everybody out, household by
// household: the old with one of the sons, the other sons each with theirs, those
// who parted apart. The dead are in no household.
func (m *maker) house(man *member) error {
	wife := man.spouse
	var sons []*member
	var here []lodger
	for _, c := range man.children {
		switch {
		case c.lodged:
		case c.spouse != nil:
			sons = append(sons, c)
		default:
			here = append(here, lodger{c, relChild})
		}
	}
	old := man.alive() || wife.alive() && !man.parted
	stay := -1
	if old && len(sons) > 0 && m.chance(.42+.35*boolTo(m.year-man.born > 70)) {
		stay = len(sons) - 1
	}
	for i, s := range sons {
		if i == stay || !old && len(here) > 0 && i == len(sons)-1 {
			continue
		}
		if err := m.house(s); err != nil {
			return err
		}
	}
	if !old && len(here) == 0 {
		stay = -1
	} else if !old && len(sons) > 0 {
		stay = len(sons) - 1
	}
	return m.together(man, wife, here, sons, stay)
}

// together gives out the couple with the children who live with them, and with the
// family of the son who stayed.
func (m *maker) together(man, wife *member, here []lodger, sons []*member, stay int) error {
	var all []lodger
	apart := man.parted && wife.alive() && man.alive()
	all = append(all, lodger{man, population.HeadOfHousehold})
	if !apart {
		all = append(all, lodger{wife, relSpouse})
	}
	var hers []lodger
	for _, l := range here {
		if apart && m.year-l.born < 18 && m.chance(.75) {
			hers = append(hers, l)
			continue
		}
		all = append(all, l)
		for _, c := range l.children { // of a daughter who is alone
			all = append(all, lodger{c, relGrandchild})
		}
	}
	if stay >= 0 {
		var err error
		if all, err = m.under(sons[stay], all); err != nil {
			return err
		}
	}
	if apart {
		wife.province, wife.spot = man.province, man.spot
		if m.chance(.3) {
			m.move(wife)
		}
		if err := m.household(append([]lodger{{wife, population.HeadOfHousehold}}, hers...)); err != nil {
			return err
		}
	}
	return m.household(all)
}

// under puts the family of a son under the roof of his parents; his own grown sons
// with families live elsewhere, and so does a wife who parted from him.
func (m *maker) under(son *member, all []lodger) ([]lodger, error) {
	all = append(all, lodger{son, relChild})
	switch {
	case !son.parted:
		all = append(all, lodger{son.spouse, relInLaw})
	case son.spouse.alive() && son.alive():
		son.spouse.province, son.spouse.spot = son.province, son.spot
		if err := m.household([]lodger{{son.spouse, population.HeadOfHousehold}}); err != nil {
			return nil, err
		}
	default:
		all = append(all, lodger{son.spouse, relInLaw})
	}
	for _, c := range son.children {
		switch {
		case c.lodged:
		case c.spouse != nil:
			if err := m.house(c); err != nil {
				return nil, err
			}
		default:
			all = append(all, lodger{c, relGrandchild})
			for _, g := range c.children {
				all = append(all, lodger{g, relOther})
			}
		}
	}
	return all, nil
}

// household finds the head, gives the number, and gives everybody out, the head first.
func (m *maker) household(all []lodger) error {
	head := -1
	for i, l := range all {
		if l.alive() && l.noted && (head < 0 || better(l.member, all[head].member, m.year)) && m.year-l.born >= 18 {
			head = i
		}
	}
	if head < 0 {
		for i, l := range all { // the dead, and children whose people are gone
			if l.alive() && l.noted && (head < 0 || l.born < all[head].born) {
				head = i
			}
		}
	}
	number, home, since := "", population.Place{}, citizen.Day(0)
	if head >= 0 {
		number = m.householdNumber()
		home, since = m.dwell(all[head].member)
		all[0], all[head] = all[head], all[0]
		relate(all)
	} else if len(all) > 0 {
		home, since = m.dwell(all[0].member)
	}
	for _, l := range all {
		if !l.noted {
			continue
		}
		m.finish(l.member, home, since)
		if l.alive() && head >= 0 {
			l.Household, l.Relation = number, l.relation
		}
		if l.Relation == population.HeadOfHousehold {
			l.Temporary, l.TemporarySince, l.Present, l.Life, l.Ended = population.Place{}, 0, home, population.Alive, 0
		}
		if err := m.emit(l.Person); err != nil {
			return err
		}
	}
	return nil
}

// better says that a is head rather than b: a man under 75 with a family before
// others, then the elder.
func better(a, b *member, year int) bool {
	rank := func(x *member) int {
		switch {
		case x.spouse != nil && x.Sex == citizen.Male && year-x.born < 75:
			return 0
		case x.spouse != nil:
			return 1
		}
		return 2
	}
	if rank(a) != rank(b) {
		return rank(a) < rank(b)
	}
	return a.born < b.born
}

// relate says how each is related to the head, who is first.
func relate(all []lodger) {
	head := all[0].member
	for i := range all {
		l := &all[i]
		switch {
		case i == 0:
			l.relation = population.HeadOfHousehold
		case l.spouse == head:
			l.relation = relSpouse
		case childOf(l.member, head):
			l.relation = relChild
		case childOf(head, l.member):
			l.relation = relParent
		case l.spouse != nil && childOf(l.spouse, head):
			l.relation = relInLaw
		case head.spouse != nil && childOf(head.spouse, l.member):
			l.relation = relParentInLaw
		case l.born-head.born >= 35:
			l.relation = relGrandchild
		case head.born-l.born >= 40:
			l.relation = relGrandparent
		case head.born-l.born < 25 && l.born-head.born < 25 && l.Mother.Name != "" && l.Mother == head.Mother:
			l.relation = relSibling
		default:
			l.relation = relOther
		}
	}
}

func childOf(a, parent *member) bool {
	for _, r := range [...]population.Relative{a.Father, a.Mother} {
		if r.Name == parent.Name && (r.Number == parent.Number || r.Number.IsZero() && r.Name != "") {
			return true
		}
	}
	return false
}

func boolTo(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
