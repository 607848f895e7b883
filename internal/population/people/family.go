package people

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/clock"
	"dean06/internal/population"
)

// Codes of the population database, and of data/codes/household-relations.json.
const (
	vietnam = "VN"

	single, married, parted = "1", "2", "3"

	relSpouse, relChild, relParent, relInLaw, relGrandchild = "CH02", "CH03", "CH04", "CH05", "CH06"
	relParentInLaw, relGrandparent, relSibling, relOther    = "CH07", "CH08", "CH09", "CH10"
)

// registered is the year since which the register is kept: who died before is in
// it only as a name in the papers of others.
const registered = 2016

// maker makes the people of one country.
type maker struct {
	country    *country
	asOf       clock.Date
	year       int
	at         time.Time
	rand       *rand.Rand
	numbers    *numbers
	brides     map[brideKey][]*member
	households int
	emit       func(population.Person) error
}

// member is one of a family that is being made.
type member struct {
	population.Person
	surname  string
	province *province
	spot     spot
	born     int
	died     int // the year; 0 when alive or not yet
	spouse   *member
	since    int // the year of marriage
	parted   bool
	children []*member
	noted    bool // in the register
	lodged   bool // already in a household
}

func (a *member) alive() bool { return a.died == 0 }

func (m *maker) chance(p float64) bool { return m.rand.Float64() < p }

// about is a whole number around mean.
func (m *maker) about(mean, spread float64) int {
	return int(math.Round(mean + m.rand.NormFloat64()*spread))
}

// family makes a couple of long ago with all that came of it in the male line, and
// gives out those whom the register knows. Daughters who marry leave for the
// families of their husbands, by the pool of brides.
func (m *maker) family() error {
	p := m.country.home.draw(m.rand)
	e := p.peoples.draw(m.rand)
	home := p.communes.draw(m.rand)
	born := 1913 + m.rand.IntN(30)
	man := m.person(born, citizen.Male, e, m.surname(p, e), p, home)
	m.name(man, "")
	m.religion(man, "")
	wife := m.bride(man, born+m.about(3, 3))
	m.marry(man, wife, max(born+22, wife.born+18)+m.rand.IntN(4))
	m.grow(man)
	return m.house(man)
}

// person makes somebody with a number; their name follows.
func (m *maker) person(born int, sex citizen.Sex, ethnicity, surname string, p *province, home spot) *member {
	a := &member{born: born, surname: surname, province: p, spot: home, noted: true}
	a.Sex, a.Ethnicity, a.Nationality, a.Marital, a.Life = sex, ethnicity, vietnam, single, population.Alive
	a.Religion, a.Blood, a.Version, a.UpdatedAt = noReligion, "00", 1, m.at
	if m.chance(.25) {
		a.Blood = []string{"01", "02", "02", "03", "04", "04", "04"}[m.rand.IntN(7)]
	}
	a.Birth = m.birth(born)
	var ok bool
	if a.Number, ok = m.numbers.draw(p.number, born, sex); !ok {
		a.noted = false
	}
	if died := born + m.lifetime(sex); died < m.year {
		a.died, a.Life = died, population.Dead
		a.noted = a.noted && died >= registered
		a.Ended = m.day(died)
		if a.Ended < a.Birth {
			a.Ended = a.Birth
		}
	}
	a.Birthplace = place(home, a.Birth.Year()*10000+a.Birth.Month()*100+a.Birth.DayOfMonth(), "")
	a.Origin = a.Birthplace
	return a
}

// lifetime draws the age at death (Gompertz with an early part).
func (m *maker) lifetime(sex citizen.Sex) int {
	if m.chance(.012) {
		return m.rand.IntN(5)
	}
	a, b := 0.00013, 0.083
	if sex == citizen.Female {
		a, b = 0.00006, 0.087
	}
	return min(int(math.Log(1-b/a*math.Log(1-m.rand.Float64()))/b), 107)
}

// birth is a day of birth; of the old, often only the year is known.
func (m *maker) birth(year int) citizen.Day {
	d := m.day(year)
	unknown := 0.0
	switch {
	case year < 1950:
		unknown = .28
	case year < 1965:
		unknown = .12
	case year < 1975:
		unknown = .03
	}
	switch {
	case m.chance(unknown):
		return citizen.Day(year * 10000)
	case m.chance(unknown / 6):
		return citizen.Day(year*10000 + d.Month()*100)
	case m.chance(unknown / 3):
		return citizen.Day(year*10000 + 101)
	}
	return d
}

// day is a day of the year, not after the day on which the country is shown.
func (m *maker) day(year int) citizen.Day {
	last := 365
	if year >= m.year {
		last = clock.NewDate(m.year, time.January, 1).DaysUntil(m.asOf) + 1
	}
	return citizen.DayFrom(clock.NewDate(year, time.January, 1).AddDays(m.rand.IntN(last)))
}

type brideKey struct {
	region string
	born   int
}

// poolDepth bounds the daughters who wait for a husband, for each region and year.
const poolDepth = 48

// offer puts a grown daughter into the pool.
func (m *maker) offer(a *member) {
	k := brideKey{a.province.region, a.born}
	pool := m.brides[k]
	if len(pool) == poolDepth {
		pool[m.rand.IntN(poolDepth)] = a
		return
	}
	m.brides[k] = append(pool, a)
}

// bride finds a wife of the year among the daughters of other families of the same
// people, or makes one whose parents the register does not know.
func (m *maker) bride(man *member, born int) *member {
	for _, year := range [...]int{born, born - 1, born + 1} {
		k := brideKey{man.province.region, year}
		pool := m.brides[k]
		for i, a := range pool {
			if a.Ethnicity == man.Ethnicity && a.surnameApart(man) || a.Ethnicity != man.Ethnicity && i%40 == 39 {
				pool[i] = pool[len(pool)-1]
				m.brides[k] = pool[:len(pool)-1]
				return a
			}
		}
	}
	p, home := man.province, man.spot
	if m.chance(.4) {
		home = p.communes.draw(m.rand)
	}
	a := m.person(born, citizen.Female, man.Ethnicity, m.surname(p, man.Ethnicity), p, home)
	m.name(a, "")
	m.religion(a, man.Religion)
	a.Father = population.Relative{Name: m.fullName(a.Ethnicity, citizen.Male, a.surname, born-28, ""), Nationality: vietnam}
	a.Mother = population.Relative{Name: m.fullName(a.Ethnicity, citizen.Female, m.surname(p, a.Ethnicity), born-26, ""), Nationality: vietnam}
	return a
}

// surnameApart keeps brothers from their sisters: another father.
func (a *member) surnameApart(man *member) bool {
	return a.Father.Number.IsZero() || a.Father.Number != man.Father.Number
}

func (m *maker) marry(man, wife *member, year int) {
	man.spouse, wife.spouse, man.since, wife.since = wife, man, year, year
	man.Marital, wife.Marital = married, married
	m.religion(wife, man.Religion)
	switch {
	case !man.alive() || !wife.alive():
		if man.alive() {
			man.Marital = parted
		}
		if wife.alive() {
			wife.Marital = parted
		}
	case year < m.year-3 && m.chance(.045):
		man.parted, wife.parted = true, true
		man.Marital, wife.Marital = parted, parted
	default:
		man.Spouse, wife.Spouse = relative(wife.Person), relative(man.Person)
	}
}

// fertility is how many children a woman of the year has in the mean.
func fertility(born int) float64 {
	points := [...]struct {
		year int
		n    float64
	}{{1910, 5.2}, {1930, 5.7}, {1940, 5.5}, {1950, 4.7}, {1960, 3.6}, {1970, 2.8}, {1980, 2.35}, {1990, 2.2}, {2100, 2.1}}
	for i, p := range points[1:] {
		if before := points[i]; born < p.year {
			return before.n + (p.n-before.n)*float64(max(born-before.year, 0))/float64(p.year-before.year)
		}
	}
	return 2
}

// grow gives a couple its children, and theirs.
func (m *maker) grow(man *member) {
	wife := man.spouse
	want := m.about(fertility(wife.born), .9)
	year := max(man.since+m.rand.IntN(3), wife.born+18)
	m.bear(man, wife, want, year)
	for _, child := range man.children {
		m.settle(child)
	}
}

func (m *maker) bear(man, wife *member, want, year int) {
	parents := wife
	if man != nil {
		parents = man
	}
	for n := 0; n < want && year <= m.year && year-wife.born <= 42; n++ {
		if man != nil && (man.died != 0 && man.died < year || man.parted && year > man.since+6) || wife.died != 0 && wife.died < year {
			return
		}
		child := m.child(man, wife, year, nil)
		parents.children = append(parents.children, child)
		if m.chance(.011) {
			parents.children = append(parents.children, m.child(man, wife, year, child))
			n++
		}
		year += 2 + m.rand.IntN(4)
	}
}

func (m *maker) child(man, wife *member, year int, twin *member) *member {
	sex, boys := citizen.Female, .512
	if year > 2005 {
		boys = .526
	}
	if m.chance(boys) {
		sex = citizen.Male
	}
	from := wife
	if man != nil {
		from = man
	}
	surname := from.surname
	if n := m.country.naming[from.Ethnicity]; n != nil && n.Inherits == "mother" || man != nil && m.chance(.015) {
		surname = wife.surname
	}
	a := m.person(year, sex, from.Ethnicity, surname, from.province, from.spot)
	middle := ""
	if twin != nil {
		a.Birth, middle = twin.Birth, middleOf(twin)
		if a.Life != population.Alive && a.Ended < a.Birth {
			a.Ended = a.Birth
		}
	}
	m.name(a, middle)
	for range 3 { // brothers and sisters have each their own
		if !slices.ContainsFunc(from.children, func(o *member) bool { return o.Name == a.Name }) {
			break
		}
		m.name(a, "")
	}
	a.Religion = from.Religion
	a.Origin = from.Origin
	a.Mother = kin(wife)
	if man != nil {
		a.Father = kin(man)
	}
	return a
}

// kin is a parent as the papers of the child name them: with the number when the
// register knows them.
func kin(a *member) population.Relative {
	r := relative(a.Person)
	if !a.noted {
		r.Number = citizen.Number{}
	}
	return r
}

// settle marries a child, or not, and goes on with its children.
func (m *maker) settle(a *member) {
	if a.Sex == citizen.Female {
		m.settleDaughter(a)
		return
	}
	year := a.born + max(m.about(26.5, 3.5), 20)
	if year > m.year || a.died != 0 && a.died <= year || m.chance(.05) {
		return
	}
	wife := m.bride(a, max(a.born+m.about(2.8, 2.4), a.born-6))
	if wife.died != 0 && wife.died <= year || year-wife.born < 18 {
		return
	}
	if m.chance(.16) {
		m.move(a)
	}
	m.marry(a, wife, year)
	m.grow(a)
}

func (m *maker) settleDaughter(a *member) {
	year := a.born + max(m.about(23.5, 3), 18)
	switch {
	case year > m.year, a.died != 0 && a.died <= year:
	case m.chance(.06):
		if m.chance(.35) && a.alive() { // alone with a child
			m.bear(nil, a, 1, year+3)
		}
	default:
		m.offer(a)
		a.lodged = true // elsewhere: her husband's household gives her out
	}
}

// move takes somebody to another province, mostly to where work is.
func (m *maker) move(a *member) {
	to := m.country.cities.draw(m.rand)
	if m.chance(.3) {
		to = m.country.home.draw(m.rand)
	}
	a.province, a.spot = to, to.communes.draw(m.rand)
}

// name gives a name, and sometimes a second one by which the person is known.
func (m *maker) name(a *member, middle string) {
	a.Name = m.fullName(a.Ethnicity, a.Sex, a.surname, a.born, middle)
	a.OtherNames = nil
	if m.chance(.01) {
		a.OtherNames = []string{m.fullName(a.Ethnicity, a.Sex, a.surname, 1960, "")}
	}
}

func (m *maker) religion(a *member, of string) {
	if of != "" {
		if m.chance(.7) {
			a.Religion = of
		}
		return
	}
	by := m.country.faith[a.Ethnicity]
	if a.Ethnicity == kinh {
		by = m.country.religion[a.province.code]
	}
	if by == nil {
		by = m.country.religion["*"]
	}
	a.Religion = by.draw(m.rand)
}

func (m *maker) householdNumber() string {
	m.households++
	return fmt.Sprintf("%09d", m.households)
}
