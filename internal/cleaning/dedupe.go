package cleaning

import (
	"cmp"
	"math"
	"slices"
)

// Dedupe holds the rows of a file against one another. Rows that are surely one person's
// are put together; all but the first are duplicates of it. A row that is likely the same
// as an earlier one, not surely, is one of several and names that one, for a person to
// decide; what is like nothing is not found.
func (w *World) Dedupe(rows *Table, kinds []Kind, o Options) *Linked {
	if o.Bound == 0 {
		o.Bound = DefaultBound
	}
	m := newMatcher(w, rows, rows, kinds)
	m.learn()
	l := &Linked{m: m, options: o, Decisions: make([]Decision, rows.n), rows: rows, people: rows, kinds: kinds, cut: o.Bound}
	every := l.open(func(int) bool { return true })
	alike := make([][]edge, rows.n)
	for list := range slices.Chunk(every, atOnce) {
		who := m.find(list, true)
		m.pieces(len(list), 256, func(from, to int) {
			for k := from; k < to; k++ {
				alike[list[k]] = m.alike(list[k], who.of(k))
			}
		})
	}
	for i := range l.Decisions {
		l.Decisions[i] = Decision{Outcome: NotFound, Person: -1, Of: -1}
	}
	for _, b := range rows.bad {
		alike[b.row] = nil
	}
	l.cluster(alike)
	return l
}

// edge is two rows that are like one another, and how much, in bits.
type edge struct {
	a, b  uint32
	score float32
	open  bool // however much they are alike, a person has to say that they are one
}

// unlike is the score of rows that are not like one another at all.
const unlike = -8

// alike scores the rows that a row may be the same as. Of two rows the one whose content
// sorts first is held against the other, whichever stands first in the file.
func (m *matcher) alike(i int, found []uint32) []edge {
	var out []edge
	own := m.rows.content(i, m.world.texts)
	for _, j := range found {
		other := m.rows.content(int(j), m.world.texts)
		if c := cmp.Or(cmp.Compare(own, other), cmp.Compare(i, int(j))); c > 0 {
			continue
		}
		p, shares := m.compare(i, int(j))
		if score := m.prior(i) + m.weigh(p) - shares; score > unlike {
			out = append(out, edge{min(uint32(i), j), max(uint32(i), j), float32(score), m.unsure(p)})
		}
	}
	return out
}

// unsure says that two rows are never put together without a person: an accent differs, and no
// number says that it is one person. Of rows that nobody in the register is, also when their
// numbers are not the same, or, without numbers, not both the name and a whole day of birth.
func (m *matcher) unsure(p pattern) bool {
	number, name := p.level(byNumber), p.level(byName)
	if m.commons != nil {
		return number > numberNear || number != numberEqual && !(sameName(name) && p.level(byBirth) == birthEqual)
	}
	return name == nameTone && number != numberEqual
}

// cluster puts rows together, the most alike first, as long as the rows of both sides are
// on average more alike than not: a chain of likenesses is no person.
func (l *Linked) cluster(alike [][]edge) {
	var edges []edge
	for i, list := range alike {
		edges = append(edges, list...)
		alike[i] = nil
	}
	scores := make(map[[2]uint32]float32, len(edges))
	for _, e := range edges {
		scores[[2]uint32{e.a, e.b}] = e.score
		for _, k := range [2]uint32{e.a, e.b} {
			d := &l.Decisions[k]
			switch s := float64(e.score); {
			case !d.scored || s > d.Score:
				d.Second, d.seconded = d.Score, d.scored
				d.Score, d.scored = s, true
			case !d.seconded || s > d.Second:
				d.Second, d.seconded = s, true
			}
			d.candidates++
		}
	}
	// Ties go by where rows stand only after what they say, which is equal then.
	slices.SortFunc(edges, func(a, b edge) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.a, b.a), cmp.Compare(a.b, b.b))
	})
	member := make([]int, len(l.Decisions))
	groups := make([][]uint32, len(l.Decisions))
	for i := range member {
		member[i], groups[i] = i, []uint32{uint32(i)}
	}
	join := func(least float32, sure bool) {
		for _, e := range edges {
			x, y := member[e.a], member[e.b]
			if e.score < least {
				return
			}
			if x == y || sure && e.open || between(groups[x], groups[y], scores) < 0 {
				continue
			}
			if len(groups[x]) < len(groups[y]) {
				x, y = y, x
			}
			for _, k := range groups[y] {
				member[k] = x
			}
			groups[x], groups[y] = append(groups[x], groups[y]...), nil
		}
	}
	join(float32(math.Log2((1-l.options.Bound)/l.options.Bound)), true)
	l.mark(groups, Duplicate)
	join(0, false)
	l.mark(groups, Several)
	for i := range l.Decisions {
		d := &l.Decisions[i]
		if d.scored {
			d.Error = 1 / (1 + math.Exp2(d.Score))
		}
		if d.Outcome == Several {
			d.doubt = doubtError
		}
	}
}

// between is how alike the rows of two sides are on average.
func between(a, b []uint32, scores map[[2]uint32]float32) float32 {
	var sum float32
	for _, i := range a {
		for _, j := range b {
			s, ok := scores[[2]uint32{min(i, j), max(i, j)}]
			if !ok {
				s = unlike
			}
			sum += min(s, -2*unlike)
		}
	}
	return sum / float32(len(a)*len(b))
}

// mark says of the rows that are put together that they are duplicates of the first, or
// may be. What is said already stays.
func (l *Linked) mark(groups [][]uint32, outcome Outcome) {
	for _, g := range groups {
		if len(g) < 2 {
			continue
		}
		first := slices.Min(g)
		for _, k := range g {
			if d := &l.Decisions[k]; k != first && d.Outcome == NotFound {
				d.Outcome, d.Of = outcome, int(first)
			}
		}
	}
}
