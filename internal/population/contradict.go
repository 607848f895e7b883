package population

import (
	"context"
	"hash/fnv"
	"slices"
	"strconv"

	"dean06/internal/citizen"
)

// What rows of a file say of one another, held together when all are in: parents and
// children, spouses, households, cards. A row by itself may be right, so what does not
// go together is a warning with its lines, and a person looks.

// role is what somebody is in a household, as far as contradictions go.
type role uint8

const (
	roleNone role = iota
	roleHead
	roleSpouse
	roleChild
	roleParent
	roleOther
)

func roleOf(relation string) role {
	switch relation {
	case "":
		return roleNone
	case HeadOfHousehold:
		return roleHead
	case relationSpouse:
		return roleSpouse
	case relationChild:
		return roleChild
	case relationParent:
		return roleParent
	}
	return roleOther
}

// The bits of a saying.
const (
	bitsSex     = 0b11
	bitDead     = 1 << 2
	bitMarried  = 1 << 3
	bitUnwed    = 1 << 4
	bitUnplaced = 1 << 5 // where they live is not known
)

func bitsOf(p *Person) uint8 {
	b := uint8(p.Sex) & bitsSex
	if p.Life == Dead {
		b |= bitDead
	}
	switch p.Marital {
	case Married:
		b |= bitMarried
	case Single:
		b |= bitUnwed
	}
	if p.Permanent.Commune == "" {
		b |= bitUnplaced
	}
	return b
}

func (v *saying) sex() citizen.Sex { return citizen.Sex(v.bits & bitsSex) }
func (v *saying) is(bit uint8) bool {
	return v.bits&bit != 0
}

// says appends what a person's row says, of themselves and of others; key is nameKey.
func says(to []saying, p *Person, line int, key func(name string) int64) []saying {
	one := saying{
		about: topicPerson | p.Number.Int(), by: p.Number.Int(), line: int32(min(line, 1<<31-1)), birth: int32(p.Birth), ended: int32(p.Ended),
		bits: bitsOf(p), kind: saysSelf, other: p.Spouse.Number.Int(), name: key(p.Name),
	}
	to = append(to, one)
	of := func(r *Relative, kind sayingKind) {
		if !r.Number.IsZero() {
			v := one
			v.about, v.kind, v.other, v.name = topicPerson|r.Number.Int(), kind, 0, key(r.Name)
			to = append(to, v)
		}
	}
	of(&p.Father, saysFather)
	of(&p.Mother, saysMother)
	if !p.Mother.Number.IsZero() {
		to[len(to)-1].other = one.name
	}
	of(&p.Spouse, saysSpouse)
	of(&p.Guardian, saysGuardian)
	if n, err := strconv.ParseInt(p.Household, 10, 64); err == nil {
		v := one
		v.about, v.kind, v.role, v.name = topicHousehold|n, saysMember, roleOf(p.Relation), 0
		v.other = communeKey(&p.Permanent)
		to = append(to, v)
	}
	for i := range p.Cards {
		if serial := p.Cards[i].Serial; serial != "" {
			v := one
			v.about, v.kind, v.name = topicCard|cardKey(&p.Cards[i]), saysHolder, 0
			to = append(to, v)
		}
	}
	return to
}

// nameKey is one for all ways of writing a name; 0 for none.
func nameKey(name string) int64 {
	if name == "" {
		return 0
	}
	return nameKeyOf(unitsOf(name))
}

func nameKeyOf(list []nameUnit) int64 {
	return int64(wholeBits(list))<<1 | 1 //nolint:gosec // 45 bits
}

func communeKey(p *Place) int64 {
	province, _ := strconv.ParseInt(p.Province, 10, 64)
	commune, _ := strconv.ParseInt(p.Commune, 10, 64)
	return province*100_000 + commune
}

func cardKey(c *Card) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(c.Kind + "\x00" + c.Serial))
	return int64(h.Sum64() & topicNumber)
}

// aboutPerson holds what is said of a person against their own row; self is nil when
// there is none in the file and nobody in the register.
func aboutPerson(self *saying, said []saying, odd oddities) {
	var born []saying
	for i := range said {
		v := &said[i]
		if v.kind == saysMother && citizen.Day(v.birth).Whole() {
			born = append(born, *v)
		}
		if self == nil {
			continue
		}
		note := func(key string) { odd.about(key, v, self) }
		if v.name != 0 && self.name != 0 && v.name != self.name {
			note("population.load.name_differs")
		}
		switch v.kind {
		case saysFather, saysMother:
			aboutParent(self, v, note)
		case saysSpouse:
			aboutSpouse(self, v, note)
		}
	}
	slices.SortFunc(born, func(a, b saying) int { return int(a.birth - b.birth) })
	bornAgain(born, odd)
	for i := range born[min(1, len(born)):] {
		if TooNear(citizen.Day(born[i].birth), citizen.Day(born[i+1].birth)) {
			odd.about("population.load.births_near", &born[i], &born[i+1])
		}
	}
}

// bornAgain finds children of one mother, in the order of their births, who have one name
// and are born about the same day.
func bornAgain(born []saying, odd oddities) {
	last := map[int64]*saying{} // of each name
	for i := range born {
		v := &born[i]
		if before := last[v.other]; before != nil && v.by != before.by {
			if least, _ := gap(citizen.Day(before.birth), citizen.Day(v.birth)); least <= sameBirth {
				odd.about("population.load.birth_again", before, v)
			}
		}
		last[v.other] = v
	}
}

// aboutParent asks of two rows what is asked when a birth is registered.
func aboutParent(self, child *saying, note func(string)) {
	as := citizen.Male
	if child.kind == saysMother {
		as = citizen.Female
	}
	parent := Person{Birth: citizen.Day(self.birth), Sex: self.sex(), Ended: citizen.Day(self.ended)}
	if self.is(bitDead) {
		parent.Life = Dead
	}
	born := Person{Birth: citizen.Day(child.birth)}
	for _, kind := range ParentQuestions(&born, &parent, as) {
		if kind == ParentYoung && !older(parent.Birth, born.Birth) {
			note("population.load.parent_younger")
			continue
		}
		note("population.load." + string(kind))
	}
}

// older says that somebody was born before another, or may have been as far as is known.
func older(a, b citizen.Day) bool {
	first, _ := dayRange(a)
	_, last := dayRange(b)
	return first.Before(last)
}

func aboutSpouse(self, other *saying, note func(string)) {
	switch {
	case self.other == other.by:
	case self.other != 0:
		note("population.load.spouse_other")
	case self.is(bitUnwed):
		note("population.load.spouse_single")
	case other.is(bitMarried):
		note("population.load.spouse_silent")
	}
	if self.sex() != citizen.SexUnknown && self.sex() == other.sex() && self.by < other.by {
		note("population.load.spouse_sex") // once for both
	}
	if self.is(bitDead) && other.is(bitMarried) && !other.is(bitDead) {
		note("population.load.spouse_dead")
	}
}

// aboutHousehold holds the rows of a household's members against one another. had says
// that the register has a head of it from before.
func aboutHousehold(members []saying, had *saying, odd oddities) {
	var heads, dead, wed []saying
	for _, m := range members {
		switch {
		case m.is(bitDead) && m.role == roleHead:
			dead = append(dead, m)
		case m.is(bitDead):
			odd.about("population.load.member_dead", &m, nil)
		case m.role == roleHead:
			heads = append(heads, m)
		case m.role == roleSpouse:
			wed = append(wed, m)
		}
	}
	for i := range dead {
		odd.about("population.load.head_dead", &dead[i], nil)
	}
	switch {
	case len(heads) > 1:
		odd.among("population.load.two_heads", heads)
		return
	case len(heads) == 1 && had != nil && had.by != heads[0].by:
		odd.among("population.load.second_head", heads)
		return
	case len(heads) == 0 && had == nil:
		if len(dead) == 0 {
			odd.among("population.load.no_head", members)
		}
		return
	}
	if len(wed) > 1 {
		odd.among("population.load.two_spouses", wed)
	}
	head := had
	if len(heads) == 1 {
		head = &heads[0]
	}
	for i := range members {
		m := &members[i]
		if m.is(bitDead) || m.by == head.by {
			continue
		}
		if m.role == roleChild && !older(citizen.Day(head.birth), citizen.Day(m.birth)) {
			odd.about("population.load.child_older", m, head)
		}
		if m.role == roleParent && !older(citizen.Day(m.birth), citizen.Day(head.birth)) {
			odd.about("population.load.head_older", m, head)
		}
		if m.role == roleSpouse && (m.is(bitUnwed) || m.sex() != citizen.SexUnknown && m.sex() == head.sex()) {
			odd.about("population.load.head_spouse", m, head)
		}
		if !m.is(bitUnplaced) && !head.is(bitUnplaced) && m.other != head.other {
			odd.about("population.load.household_places", m, head)
		}
	}
}

// aboutCard finds a card of several people.
func aboutCard(holders []saying, odd oddities) {
	for _, h := range holders[1:] {
		if h.by != holders[0].by {
			odd.among("population.load.card_shared", holders)
			return
		}
	}
}

// about notes a warning about one row, or two when the other is of the file too.
func (o oddities) about(key string, a, b *saying) {
	if b == nil || b.line == 0 || b.line == a.line {
		o.add(key, int(a.line))
		return
	}
	o.add(key, int(min(a.line, b.line)), int(max(a.line, b.line)))
}

// among notes a warning about several rows.
func (o oddities) among(key string, all []saying) {
	lines := make([]int, 0, min(len(all), maxLines))
	for i := range all[:min(len(all), maxLines)] {
		lines = append(lines, int(all[i].line))
	}
	slices.Sort(lines)
	o.add(key, slices.Compact(lines)...)
}

// askAtOnce is how many people or households are asked for at once.
const askAtOnce = 500

// contradictions holds all that a file says together, and against the register, nil when
// it was empty. gone says of a line that its person is not loaded.
func contradictions(ctx context.Context, s *sayings, register Reader, gone func(line int) bool) (oddities, error) {
	c := &contradicting{ctx: ctx, register: register, odd: oddities{}}
	left, err := s.each(func(v *saying) bool { return !gone(int(v.line)) }, c.group)
	if err == nil {
		err = c.ask()
	}
	for range left {
		c.odd.add("population.load.unchecked")
	}
	return c.odd, err
}

type contradicting struct {
	ctx      context.Context
	register Reader
	odd      oddities
	waiting  [][]saying // about those of whom the register may know more
}

func (c *contradicting) group(group []saying) error {
	switch topic := group[0].about &^ topicNumber; {
	case topic == topicCard:
		aboutCard(group, c.odd)
	case c.register != nil && (topic == topicHousehold || group[0].kind != saysSelf):
		c.waiting = append(c.waiting, slices.Clone(group))
		if len(c.waiting) >= askAtOnce {
			return c.ask()
		}
	case topic == topicHousehold:
		aboutHousehold(group, nil, c.odd)
	case group[0].kind == saysSelf:
		aboutPerson(&group[0], group[1:], c.odd)
	default:
		aboutPerson(nil, group, c.odd)
	}
	return nil
}

// ask holds what waits against the register.
func (c *contradicting) ask() error {
	var numbers []citizen.Number
	var houses []string
	for _, g := range c.waiting {
		n := g[0].about & topicNumber
		if g[0].kind == saysMember {
			houses = append(houses, householdNumber(n))
		} else {
			numbers = append(numbers, citizen.FromInt(n))
		}
	}
	have := map[int64]*saying{}
	heads := map[int64][]saying{}
	if len(numbers) > 0 {
		found, err := c.register.Persons(c.ctx, numbers, []Field{FieldNumber, FieldName, FieldBirth, FieldSex, FieldLife, FieldMarital, FieldSpouse})
		if err != nil {
			return err
		}
		for i := range found {
			have[found[i].Number.Int()] = &says(nil, &found[i], 0, nameKey)[0]
		}
	}
	if len(houses) > 0 {
		found, err := c.register.Heads(c.ctx, houses)
		if err != nil {
			return err
		}
		for i := range found {
			for _, v := range says(nil, &found[i], 0, nameKey) {
				if v.kind == saysMember {
					heads[v.about] = append(heads[v.about], v)
				}
			}
		}
	}
	for _, g := range c.waiting {
		if g[0].kind != saysMember {
			aboutPerson(have[g[0].about&topicNumber], g, c.odd)
			continue
		}
		var had *saying // a head who is not of this file
		for _, h := range heads[g[0].about] {
			if !slices.ContainsFunc(g, func(v saying) bool { return v.by == h.by }) {
				had = &h
			}
		}
		aboutHousehold(g, had, c.odd)
	}
	c.waiting = c.waiting[:0]
	return nil
}

// lineSet are lines of a file, a bit each.
type lineSet struct{ bits []uint64 }

func (s *lineSet) add(line int) {
	for len(s.bits) <= line>>6 {
		s.bits = append(s.bits, make([]uint64, 1+len(s.bits)/2)...)
	}
	s.bits[line>>6] |= 1 << (line & 63)
}

func (s *lineSet) has(line int) bool {
	return line>>6 < len(s.bits) && s.bits[line>>6]&(1<<(line&63)) != 0
}
