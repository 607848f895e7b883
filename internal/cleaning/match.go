package cleaning

import (
	"math"
	"slices"
	"sync"

	"dean06/internal/citizen"
)

// matcher holds two tables against one another; they are one table when a file is held
// against itself.
type matcher struct {
	world        *World
	rows, people *Table
	self         bool
	kinds        []Kind   // of the columns of text, code and category
	of           int      // how many people there are, where the table has only some of them
	commons      []common // of rows that are held against one another: how common their values are among these
	by           []*rule
	comparisons  int

	sames, plains *counter    // how often names come among the people
	numbers       *index      // people by personal number
	olds          *index      // people by old number
	births        map[int]int // how often days, and years, come
	homes         []float32   // log2 of the share of people who live in a commune or come from it
	regions       []float32   // log2 of the share of people of a province
	texts         []map[uint32]int
	has           [byTexts]bool // which columns the file has at all

	taught *Taught // nil: nothing
	w      weights
}

// weights is what was learned.
type weights struct {
	m, u      [mostComparisons][16]float64 // shares within a group; of matches, of others
	logM      [mostComparisons][16]float64 // log2
	logU      [mostComparisons][16]float64
	share     float64       // of rows whose person is in the register
	absent    [2][3]float64 // how numbers and old numbers of the others are: none, nobody's, somebody's
	logAbsent [2][3]float64
	twice     [3]float64 // bits by which birth, sex and place say again what an equal name says
	pairs     int        // pairs that were compared for it
	rounds    int
	converged bool
}

func newMatcher(w *World, rows, people *Table, kinds []Kind) *matcher {
	m := &matcher{world: w, rows: rows, people: people, self: rows == people, kinds: kinds, comparisons: byTexts + len(kinds)}
	m.by = m.rules()
	if len(kinds) > 0 {
		m.by = append(m.by, m.textRules()...)
	}
	var wg sync.WaitGroup
	wg.Go(func() { m.sames = newCounter(people.same) })
	wg.Go(func() { m.plains = newCounter(people.plain) })
	wg.Wait()
	wg.Go(m.indexNumbers)
	wg.Go(func() {
		m.indexOldNumbers()
		m.countDays()
		m.countPlaces()
		m.countTexts()
	})
	wg.Wait()
	m.has[byNumber] = slices.ContainsFunc(rows.digits, func(v uint8) bool { return v != 0 })
	m.has[byBirth] = slices.ContainsFunc(rows.birth, func(d citizen.Day) bool { return d != 0 })
	return m
}

func (m *matcher) indexNumbers() {
	m.numbers = newIndex(m.world.Disk, m.people.n, func(i int, add func(uint64)) { add(mix(1, m.people.number[i])) })
}

func (m *matcher) indexOldNumbers() {
	if !slices.ContainsFunc(m.rows.old[0], func(v uint32) bool { return v != 0 }) {
		return
	}
	m.olds = newIndex(m.world.Disk, m.people.n, func(i int, add func(uint64)) {
		for k := range m.people.old {
			if v := m.people.old[k][i]; v != 0 {
				add(mix(2, uint64(v)))
			}
		}
	})
}

func (m *matcher) countDays() {
	m.births = map[int]int{}
	for _, d := range m.people.birth {
		if d == 0 {
			continue
		}
		m.births[int(d)]++
		if d.Month() != 0 || d.DayOfMonth() != 0 {
			m.births[d.Year()*10000]++ // as one who knows the year alone sees it
			if d.DayOfMonth() != 0 {
				m.births[d.Year()*10000+d.Month()*100]++
			}
		}
	}
}

func (m *matcher) countPlaces() {
	g := m.world.Places
	homes, regions := make([]int, g.homes), make([]int, g.regions)
	for i := range m.people.n {
		var seen [4]uint16
		var known [4]uint16
		for k := range m.people.place {
			u := &g.units[m.people.place[k][i]]
			if u.home != 0 && !slices.Contains(seen[:k], u.home) {
				homes[u.home]++
			}
			if u.province != 0 && !slices.Contains(known[:k], u.province) {
				regions[u.province]++
			}
			seen[k], known[k] = u.home, u.province
		}
	}
	logs := func(counts []int) []float32 {
		out := make([]float32, len(counts))
		for i, c := range counts {
			out[i] = float32(math.Log2((float64(c) + .5) / (float64(m.people.n) + 1)))
		}
		return out
	}
	m.homes, m.regions = logs(homes), logs(regions)
}

func (m *matcher) countTexts() {
	for c := range m.people.values {
		counts := map[uint32]int{}
		for _, v := range m.people.values[c] {
			counts[v]++
		}
		m.texts = append(m.texts, counts)
	}
}

// size is how many people a row may be.
func (m *matcher) size() float64 { return float64(max(m.of, m.people.n, 1)) }

// How many people have the name, the letters, the birth of somebody, and the text of a column;
// log2 of the share of those who live in the commune or the province of a row.

func (m *matcher) sameAs(j int) int {
	if m.commons != nil {
		return m.commons[j].Same
	}
	return m.sames.of(m.people.same[j])
}

func (m *matcher) plainAs(j int) int {
	if m.commons != nil {
		return m.commons[j].Plain
	}
	return m.plains.of(m.people.plain[j])
}

func (m *matcher) bornAs(j int) int {
	if m.commons != nil {
		return m.commons[j].Birth
	}
	return m.births[int(m.people.birth[j])]
}

func (m *matcher) bornInRow(i int) int {
	if m.commons != nil {
		return m.commons[i].Birth
	}
	return m.births[int(m.rows.birth[i])]
}

func (m *matcher) textAs(j, c int) int {
	if m.commons != nil {
		return m.commons[j].Texts[c]
	}
	return m.texts[c][m.people.values[c][j]]
}

func (m *matcher) homeOf(i int) float64 {
	if m.commons != nil {
		return float64(m.commons[i].Home)
	}
	return float64(m.homes[m.world.Places.units[m.rows.place[0][i]].home])
}

func (m *matcher) regionOf(i int) float64 {
	if m.commons != nil {
		return float64(m.commons[i].Region)
	}
	return float64(m.regions[m.world.Places.units[m.rows.place[0][i]].province])
}

// compare gives the levels of a pair and, for levels whose weight depends on how common
// the value is, log2 of the share of people who have it, all together. What such a level
// weighs is m over this share; of the others, m over u.
func (m *matcher) compare(i, j int) (p pattern, shares float64) {
	p = m.levels(i, j)
	for c := range m.comparisons {
		if l := p.level(c); l != 0 {
			shares += m.share(i, j, c, p)
		}
	}
	return p, shares
}

func (m *matcher) levels(i, j int) (p pattern) {
	t, q := m.rows, m.people
	if t.digits[i] != 0 && q.number[j] != 0 {
		switch {
		case t.number[i] == q.number[j] && t.digits[i] == q.digits[j]:
			p.put(byNumber, numberEqual)
		case nearNumber(t.number[i], t.digits[i], q.number[j], q.digits[j]):
			p.put(byNumber, numberNear)
		case !m.self && t.digits[i] == 12 && m.numbered(t.number[i]):
			p.put(byNumber, numberAnothers)
		default:
			p.put(byNumber, numberNobodys)
		}
	}
	if o := t.old[0][i]; o != 0 {
		a, b := q.old[0][j], q.old[1][j]
		switch {
		case o == a, o == b:
			p.put(byOld, numberEqual)
		case a != 0 && nearNumber(uint64(o), 9, uint64(a), 9), b != 0 && nearNumber(uint64(o), 9, uint64(b), 9):
			p.put(byOld, numberNear)
		case !m.self && m.hasOld(o):
			p.put(byOld, numberAnothers)
		case a != 0:
			p.put(byOld, numberNobodys)
		}
	}
	switch {
	case t.plain[i] == 0 || q.plain[j] == 0:
	case t.same[i] == q.same[j] && !t.bare[i]:
		p.put(byName, nameSame)
	default:
		p.put(byName, m.world.Words.nameLevel(t.name(i), q.name(j), t.bare[i], t.plain[i] == q.plain[j]))
	}
	p.put(byBirth, birthLevel(t.birth[i], q.birth[j]))
	if a, b := t.sex[i], q.sex[j]; a != 0 && b != 0 {
		if a == b {
			p.put(bySex, sexEqual)
		} else {
			p.put(bySex, sexOther)
		}
	}
	p.put(byPlace, m.world.Places.placeLevel(t.place[0][i], q, j))
	for c := range m.kinds {
		a, b := t.values[c][i], q.values[c][j]
		switch {
		case a == 0 || b == 0:
		case a == b:
			p.put(byTexts+c, textEqual)
		default:
			d := m.world.texts[c]
			p.put(byTexts+c, textLevel(d.texts[a], d.texts[b], m.kinds[c]))
		}
	}
	return p
}

// strayed is the bits by which two rows of different people have one number more rarely
// than the file is long: numbers are given once, and one row of a thousand has another's.
const strayed = 10

// share is log2 of the share of people with whom a row would agree as it does with this
// one, where that depends on the value; and what the name has said already.
func (m *matcher) share(i, j, comparison int, p pattern) float64 {
	l := p.level(comparison)
	var said float64
	switch {
	case !sameName(p.level(byName)):
	case comparison == byBirth && fits(l):
		said = m.w.twice[0]
	case comparison == bySex && l == sexEqual:
		said = m.w.twice[1]
	case comparison == byPlace && (l == placeLives || l == placeOrigin):
		said = m.w.twice[2]
	}
	switch comparison {
	case byNumber, byOld:
		if l == numberEqual && m.self {
			return -math.Log2(float64(m.people.n)) - strayed
		}
		if l == numberEqual {
			return -math.Log2(m.size())
		}
	case byName:
		switch l {
		case nameSame:
			return m.log(m.sameAs(j))
		case bareSame, bareOrder, nameMarks, nameOrder:
			return m.log(m.plainAs(j))
		}
	case byBirth:
		switch l {
		case birthEqual, january:
			return said + m.log(m.bornAs(j))
		case partFits:
			return said + m.log(max(m.bornInRow(i), m.bornAs(j)))
		}
	case byPlace:
		switch l {
		case placeLives, placeOrigin:
			return said + m.homeOf(i)
		case provinceSame:
			return m.regionOf(i)
		}
	case bySex:
		return said
	default:
		if l == textEqual {
			return m.log(m.textAs(j, comparison-byTexts))
		}
	}
	return 0
}

func (m *matcher) log(count int) float64 { return math.Log2(float64(max(count, 1)) / m.size()) }

// counted says that a level's weight takes the share of the value at hand.
func counted(comparison int, l level) bool {
	switch comparison {
	case byNumber, byOld:
		return l != numberNear // the others say nothing of who else it could be
	case byName:
		return sameName(l)
	case byBirth:
		return l == birthEqual || l == january || l == partFits
	case byPlace:
		return l == placeLives || l == placeOrigin || l == provinceSame
	case bySex:
		return false
	}
	return l == textEqual
}

// weigh is the weight of a pattern in bits, without the shares.
func (m *matcher) weigh(p pattern) float64 {
	var sum float64
	for c := range m.comparisons {
		if l := p.level(c); l != 0 {
			sum += m.w.logM[c][l] - m.w.logU[c][l]
		}
	}
	return sum
}

// absence is what a row's numbers are when its person is not in the register.
func (m *matcher) absence(i int) (number, old int) {
	t := m.rows
	if m.self {
		return 0, 0
	}
	if t.digits[i] != 0 {
		number = 1
		if t.digits[i] == 12 && m.numbered(t.number[i]) {
			number = 2
		}
	}
	if o := t.old[0][i]; o != 0 {
		old = 1
		if m.hasOld(o) {
			old = 2
		}
	}
	return number, old
}

// prior is log2 of the odds, before anything is compared, that a row is one certain person
// of the register, against that it is nobody there.
func (m *matcher) prior(i int) float64 {
	if m.self {
		return math.Log2(m.w.share / (1 - m.w.share))
	}
	number, old := m.absence(i)
	return math.Log2(m.w.share/(1-m.w.share)/m.size()) - m.w.logAbsent[0][number] - m.w.logAbsent[1][old]
}

// numbered says that a personal number is somebody's.
func (m *matcher) numbered(number uint64) bool {
	some := false
	m.numbers.each(mix(1, number), func(j int) { some = some || m.people.number[j] == number })
	return some
}

// hasOld says that an old number is somebody's.
func (m *matcher) hasOld(old uint32) bool {
	some := false
	m.olds.each(mix(2, uint64(old)), func(j int) { some = some || m.people.old[0][j] == old || m.people.old[1][j] == old })
	return some
}

// content is a hash of what a row says; the order of rows does not touch it.
func (t *Table) content(i int, texts []*dictionary) uint64 {
	h := mix(mix(t.same[i], t.number[i]), uint64(t.birth[i]))
	h = mix(mix(h, uint64(t.old[0][i])), uint64(t.place[0][i])<<8|uint64(t.sex[i]))
	for c := range t.values {
		h = mix(h, texts[c].hash[t.values[c][i]])
	}
	return h
}

// chosen are about n rows, by a hash of what they say, sorted by it.
func (t *Table) chosen(n int, salt uint64, texts []*dictionary) []int {
	limit := ^uint64(0)
	if n < t.n {
		limit = uint64(float64(n) / float64(t.n) * math.MaxUint64)
	}
	type row struct {
		hash uint64
		at   int
	}
	var out []row
	for i := range t.n {
		if h := mix(t.content(i, texts), salt); h <= limit {
			out = append(out, row{h, i})
		}
	}
	slices.SortFunc(out, func(a, b row) int {
		switch {
		case a.hash < b.hash:
			return -1
		case a.hash > b.hash:
			return 1
		}
		return a.at - b.at
	})
	at := make([]int, len(out))
	for i, r := range out {
		at[i] = r.at
	}
	return at
}
