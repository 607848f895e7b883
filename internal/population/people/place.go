package people

import (
	"strconv"
	"strings"

	"dean06/internal/citizen"
	"dean06/internal/population"
)

// place is a commune as it was called on a day (yyyymmdd).
func place(s spot, day int, detail string) population.Place {
	p := population.Place{Province: s.newProvince, Commune: s.newCode, Detail: detail, Country: vietnam}
	switch {
	case day < 20230101:
		p.Province, p.District, p.Commune = s.province, s.district, s.commune
	case day < 20250701:
		p.Province, p.District, p.Commune = s.midProvince, s.midDistrict, s.midCode
	}
	return p
}

// address makes the part of an address below the commune.
func (m *maker) address(p *province, s spot) string {
	forms := m.country.rural[p.land]
	if s.urban || len(forms) == 0 {
		forms = m.country.urban[p.region]
	}
	form := forms[m.rand.IntN(len(forms))]
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(form, "{")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		switch rest[0] {
		case 'n':
			b.WriteString(strconv.Itoa(1 + m.rand.IntN(260)))
		case 'k', 'j':
			b.WriteString(strconv.Itoa(1 + m.rand.IntN(12)))
		default:
			b.WriteString(m.country.streets[m.rand.IntN(len(m.country.streets))])
		}
		form = rest[2:]
	}
}

// dwell gives the address at which a household is registered, on the day on which
// that was: most long ago, some since the communes of July 2025.
func (m *maker) dwell(a *member) (population.Place, citizen.Day) {
	day := m.day(2000 + m.rand.IntN(26))
	if m.chance(.06) {
		day = citizen.MustDay("2025-09-01")
	}
	day = min(day, citizen.DayFrom(m.asOf))
	return place(a.spot, int(day), m.address(a.province, a.spot)), day
}

// finish gives somebody in a household what depends on where they live and how old
// they are: residence, old numbers, cards, and for a few a life elsewhere.
func (m *maker) finish(a *member, home population.Place, since citizen.Day) {
	a.Permanent, a.Present, a.PermanentSince = home, home, max(since, a.Birth)
	age := m.year - a.born
	if a.alive() && age >= 18 && age < 45 && m.chance(.16) {
		to := m.country.cities.draw(m.rand)
		s := to.communes.draw(m.rand)
		a.TemporarySince = m.day(m.year - m.rand.IntN(4))
		a.Temporary = place(s, int(a.TemporarySince), m.address(to, s))
		a.Present = a.Temporary
	}
	m.papers(a, age)
	if a.alive() && age > 16 && a.spouse == nil && m.chance(.0012) {
		a.Life, a.Ended = population.Missing, m.day(m.year-1-m.rand.IntN(12))
	}
	if m.chance(.0006) && a.born > 1985 {
		a.Birthplace = population.Place{Country: []string{"CZ", "DE", "PL", "KR", "TW", "RU"}[m.rand.IntN(6)]}
	}
}

// papers gives old numbers and cards: who turned 14 before 2016 had a nine-digit
// number, a few had two; cards with a chip since 2021, of the new kind since July 2024.
func (m *maker) papers(a *member, age int) {
	if a.born <= 2001 && m.chance(.94) {
		from := a.province
		if p := m.country.byCode[a.Birthplace.Province]; p != nil {
			from = p
		}
		for _, p := range [...]*province{a.province, from} {
			if len(a.OldNumbers) > 0 && p == a.province {
				break
			}
			if v, ok := m.numbers.drawOld(p.oldPrefix); ok && (len(a.OldNumbers) == 0 || m.chance(.3)) {
				a.OldNumbers = append(a.OldNumbers, v)
				year := min(max(a.born+15+m.rand.IntN(6), 1978), 2015)
				a.Cards = append(a.Cards, population.Card{Kind: "CMND", Issued: m.day(year - 10*(len(a.OldNumbers)-1))})
			}
		}
	}
	until := m.year
	if a.died != 0 {
		until = a.died - 1
	}
	if age < 14 || until < 2016 || m.chance(.03) {
		return
	}
	year := max(min(2016+m.rand.IntN(11), until), min(a.born+14, until))
	issued := m.day(year)
	kind := "CCCD"
	if issued >= 20240701 {
		kind = "CC"
	}
	card := population.Card{Serial: strconv.Itoa(100_000_000 + m.rand.IntN(899_999_999)), Kind: kind, Issued: issued}
	for _, end := range [...]int{25, 40, 60} { // Luật Căn cước 2023, Điều 21
		if year-a.born < end-2 {
			card.Expires = citizen.Day((a.born+end)*10000 + max(a.Birth.Month(), 1)*100 + min(max(a.Birth.DayOfMonth(), 1), 28))
			break
		}
	}
	a.Cards = append([]population.Card{card}, a.Cards...)
}
