package cleaning

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"sync"
)

// How much is looked at to learn.
const (
	learnRows  = 30000 // with their candidates
	randomRows = 1600  // rows, and as many people, each with each
	samePairs  = 400000
	mostRounds = 60
)

// learn finds what each level weighs. u, how often levels come by chance, is counted on
// pairs of any row with any person; m, how often they come of one person, is learned by EM
// (Dempster, Laird, Rubin 1977) over rows with their candidates, of which one at most is
// the person. Who is chosen depends on what rows say, not on where they stand.
func (m *matcher) learn() {
	m.first()
	m.again()
	random := m.random()
	rows := m.sampled()
	for range 3 { // pairs of one person among the random ones are taken out by what was learned
		m.chance(random)
		m.em(rows)
	}
}

// first are weights before anything is learned.
func (m *matcher) first() {
	m.w.share = .9
	if m.self {
		m.w.share = .3 / m.size()
	}
	for c := range m.comparisons {
		for _, g := range groups(c) {
			left := 1.0
			for i, l := range g {
				p := left * .9
				if i == len(g)-1 {
					p = left
				}
				m.w.m[c][l], left = p, left-p
			}
			for _, l := range g {
				m.w.u[c][l] = 1 / float64(len(g))
			}
		}
	}
	for k := range m.w.absent {
		m.w.absent[k] = [3]float64{1, .9, .1}
	}
	m.logs()
}

func (m *matcher) logs() {
	for c := range m.comparisons {
		for l := range 16 {
			m.w.logM[c][l], m.w.logU[c][l] = math.Log2(max(m.w.m[c][l], 1e-12)), math.Log2(max(m.w.u[c][l], 1e-12))
			if counted(c, level(l)) {
				m.w.logU[c][l] = 0
			}
		}
	}
	for k := range m.w.absent {
		for i := range 3 {
			m.w.logAbsent[k][i] = math.Log2(m.w.absent[k][i])
		}
		m.w.logAbsent[k][0] = 0
	}
}

// again measures on people with one name how much more often they share birth, sex and
// commune than people with any: names go with generations, sexes and places, and what the
// name has said must not count again.
func (m *matcher) again() {
	if m.self || m.people.n < 1000 {
		return
	}
	q := m.people
	var pairs, births, sexes, sexPairs, places float64
	var expectBirth, expectPlace float64
	for _, c := range m.namesakes() {
		i, j := c[0], c[1]
		pairs++
		if q.birth[i].Whole() && q.birth[j].Whole() {
			expectBirth += float64(m.births[int(q.birth[i])]) / m.size()
			if q.birth[i] == q.birth[j] {
				births++
			}
		}
		if q.sex[i] != 0 && q.sex[j] != 0 {
			sexPairs++
			if q.sex[i] == q.sex[j] {
				sexes++
			}
		}
		if q.place[0][i] != 0 && q.place[0][j] != 0 {
			h := m.world.Places.units[q.place[0][i]].home
			expectPlace += math.Exp2(float64(m.homes[h]))
			if m.world.Places.placeLevel(q.place[0][i], q, j) <= placeOrigin {
				places++
			}
		}
	}
	ratio := func(seen, expected float64) float64 { return max(0, math.Log2((seen+1)/(expected+1))) }
	if pairs > 1000 {
		m.w.twice = [3]float64{ratio(births, expectBirth), 0, ratio(places, expectPlace)}
		if sexPairs > 0 {
			m.w.twice[1] = max(0, math.Log2((sexes+1)/(sexPairs+2)/.5))
		}
	}
}

// namesakes are pairs of people with one name, chosen by what the people say.
func (m *matcher) namesakes() [][2]int {
	q := m.people
	limit := ^uint64(0)
	if q.n > samePairs {
		limit = uint64(float64(samePairs) / float64(q.n) * math.MaxUint64)
	}
	type person struct {
		name, hash uint64
		at         int
	}
	var list []person
	for i := range q.n { // by name, so that namesakes are chosen together
		if q.plain[i] != 0 && mix(q.plain[i], 7) <= limit {
			list = append(list, person{q.plain[i], q.content(i, m.world.texts), i})
		}
	}
	slices.SortFunc(list, func(a, b person) int {
		return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.hash, b.hash))
	})
	var out [][2]int
	for from := 0; from < len(list); {
		to := from + 1
		for to < len(list) && list[to].name == list[from].name {
			to++
		}
		if n := to - from; n > 1 {
			for k := range n { // two rounds, with others each time
				for _, step := range []int{1, n/2 + 1} {
					if o := (k + step) % n; o != k {
						out = append(out, [2]int{list[from+k].at, list[from+o].at})
					}
				}
			}
		}
		from = to
	}
	return out
}

// random counts the patterns of any row with any person.
func (m *matcher) random() map[pattern]int {
	rows, people := m.rows.chosen(randomRows, 1, m.world.texts), m.people.chosen(randomRows, 2, m.world.texts)
	out := map[pattern]int{}
	var mu sync.Mutex
	m.pieces(len(rows), 64, func(from, to int) {
		counts := map[pattern]int{}
		for _, i := range rows[from:to] {
			for _, j := range people {
				if m.self && i == j {
					continue
				}
				p, _ := m.compare(i, j)
				counts[p]++
			}
		}
		mu.Lock()
		defer mu.Unlock()
		for p, n := range counts {
			out[p] += n
		}
	})
	return out
}

// chance counts u, without the pairs that are likely of one person.
func (m *matcher) chance(random map[pattern]int) {
	var counts [mostComparisons][16]float64
	keys := slices.Sorted(maps.Keys(random))
	for _, p := range keys {
		n := float64(random[p])
		// Most random pairs that agree much are one person's: in a small file many are.
		w := m.weighByU(p)
		n *= 1 / (1 + math.Exp2(w+math.Log2(m.w.share/m.size())))
		for c := range m.comparisons {
			counts[c][p.level(c)] += n
		}
	}
	for c := range m.comparisons {
		for _, g := range groups(c) {
			total := 0.0
			for _, l := range g {
				total += counts[c][l] + .5
			}
			for _, l := range g {
				m.w.u[c][l] = (counts[c][l] + .5) / total
			}
		}
	}
	// Whose numbers agree in province, sex and year differ in six digits: one slip lies
	// between so many of a million. It is counted as if the rest of the pair had said
	// province, sex and year already.
	m.w.u[byNumber][numberNear] = 1.2e-4
	m.w.u[byOld][numberNear] = 1.2e-5
	m.logs()
}

// weighByU weighs a pattern where shares of values are not at hand: by u alone.
func (m *matcher) weighByU(p pattern) float64 {
	var sum float64
	for c := range m.comparisons {
		l := p.level(c)
		if l == 0 {
			continue
		}
		u := m.w.u[c][l]
		if (c == byNumber || c == byOld) && l == numberEqual {
			u = 1 / m.size()
		}
		sum += m.w.logM[c][l] - math.Log2(max(u, 1e-9))
	}
	return sum
}

// learned is the rows on which EM learns: their candidates, by pattern.
type learned struct {
	patterns []pattern
	rows     []learnedRow
}

type learnedRow struct {
	number, old int // how its numbers are, if it is nobody
	pairs       []learnedPair
}

type learnedPair struct {
	pattern uint32
	shares  float64
}

// sampled gathers candidates of some rows.
func (m *matcher) sampled() *learned {
	chosen := m.rows.chosen(learnRows, 3, m.world.texts)
	out := &learned{rows: make([]learnedRow, len(chosen))}
	type pair struct {
		p      pattern
		shares float64
	}
	lists := make([][]pair, len(chosen))
	who := m.find(chosen, false)
	m.pieces(len(chosen), 256, func(from, to int) {
		for k := from; k < to; k++ {
			i, found := chosen[k], who.of(k)
			list := make([]pair, 0, len(found))
			for _, j := range found {
				p, shares := m.compare(i, int(j))
				list = append(list, pair{p, shares})
			}
			slices.SortFunc(list, func(a, b pair) int { // whichever order the people have
				switch {
				case a.p != b.p && a.p < b.p, a.p == b.p && a.shares < b.shares:
					return -1
				case a == b:
					return 0
				}
				return 1
			})
			lists[k] = list
			out.rows[k].number, out.rows[k].old = m.absence(i)
		}
	})
	at := map[pattern]uint32{}
	for k, list := range lists {
		pairs := make([]learnedPair, len(list))
		for n, c := range list {
			id, ok := at[c.p]
			if !ok {
				id = uint32(len(out.patterns))
				at[c.p] = id
				out.patterns = append(out.patterns, c.p)
			}
			pairs[n] = learnedPair{id, c.shares}
		}
		m.w.pairs += len(pairs)
		out.rows[k].pairs = pairs
	}
	return out
}

// em learns m, the share of rows whose person is in the register, and how the numbers of
// the others are.
func (m *matcher) em(rows *learned) {
	if len(rows.rows) == 0 {
		return
	}
	weight := make([]float64, len(rows.patterns))
	matched := make([]float64, len(rows.patterns))
	m.w.converged = false
	for m.w.rounds = 1; m.w.rounds <= mostRounds && !m.w.converged; m.w.rounds++ {
		for k, p := range rows.patterns {
			weight[k], matched[k] = m.weigh(p), 0
		}
		before := m.w.m
		var there float64
		var absent [2][3]float64
		base := math.Log2(m.w.share / (1 - m.w.share))
		if !m.self {
			base -= math.Log2(m.size())
		}
		for r := range rows.rows {
			row := &rows.rows[r]
			prior := base
			if !m.self {
				prior -= m.w.logAbsent[0][row.number] + m.w.logAbsent[1][row.old]
			}
			sum := 1.0
			if !m.self {
				for _, c := range row.pairs {
					sum += math.Exp2(prior + weight[c.pattern] - c.shares)
				}
			}
			for _, c := range row.pairs {
				odds := math.Exp2(prior + weight[c.pattern] - c.shares)
				p := odds / sum
				if m.self {
					p = odds / (1 + odds)
					there += p
				}
				matched[c.pattern] += p
			}
			if !m.self {
				there += 1 - 1/sum
				absent[0][row.number] += 1 / sum
				absent[1][row.old] += 1 / sum
			}
		}
		m.fit(rows.patterns, matched)
		if m.self {
			m.w.share = min(max((there+.1)/float64(len(rows.rows))/m.size(), 1e-12), .5)
		} else {
			m.w.share = (there + .9) / (float64(len(rows.rows)) + 1)
			for k := range absent {
				some := absent[k][1] + absent[k][2] + 1
				m.w.absent[k] = [3]float64{1, (absent[k][1] + .9) / some, (absent[k][2] + .1) / some}
			}
		}
		m.logs()
		change := 0.0
		for c := range m.comparisons {
			for l := range 16 {
				change = max(change, math.Abs(m.w.m[c][l]-before[c][l]))
			}
		}
		m.w.converged = change < 1e-5
	}
}

// fit sets m from how often the patterns were matches. Each group begins with a little of
// what is thought before, so that no level that was not met weighs endlessly.
func (m *matcher) fit(patterns []pattern, matched []float64) {
	var counts [mostComparisons][16]float64
	if m.taught != nil {
		counts = m.taught.m
	}
	for k, p := range patterns {
		for c := range m.comparisons {
			counts[c][p.level(c)] += matched[k]
		}
	}
	for c := range m.comparisons {
		for _, g := range groups(c) {
			total, left := 0.0, 1.0
			for i, l := range g {
				p := left * .8
				if i == len(g)-1 {
					p = left
				}
				left -= p
				counts[c][l] += p
				total += counts[c][l]
			}
			for _, l := range g {
				m.w.m[c][l] = counts[c][l] / total
			}
		}
	}
}
