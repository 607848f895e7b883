package cleaning

import (
	"math"
	"slices"
)

// Dedupe holds the rows of a file against one another. Rows that are surely one person's
// are put together; all but the first are duplicates of it. A row that is like another, not
// surely the same, is one of several; what is like nothing is not found.
func (w *World) Dedupe(rows *Table, kinds []Kind, o Options) *Linked {
	if o.Bound == 0 {
		o.Bound = DefaultBound
	}
	m := newMatcher(w, rows, rows, kinds)
	m.learn()
	l := &Linked{m: m, options: o, Decisions: make([]Decision, rows.n), rows: rows, people: rows, kinds: kinds, cut: o.Bound}
	edges := make([][]edge, rows.n)
	every := l.open(func(int) bool { return true })
	for list := range slices.Chunk(every, atOnce) {
		who := m.find(list, true)
		m.pieces(len(list), 256, func(from, to int) {
			s := settler{m: m, bound: o.Bound}
			for k := from; k < to; k++ {
				l.Decisions[list[k]], edges[list[k]] = s.alike(list[k], who.of(k))
			}
		})
	}
	for _, b := range rows.bad {
		l.Decisions[b.row] = Decision{Outcome: NotFound, Person: -1, Of: -1}
		edges[b.row] = nil
	}
	l.cluster(edges)
	return l
}

// edge leads to a row that is surely the same person's.
type edge struct {
	to    uint32
	error float64
}

// alike scores the rows that a row may be the same as.
func (s *settler) alike(i int, found []uint32) (Decision, []edge) {
	m := s.m
	d := Decision{Outcome: NotFound, Person: -1, Of: -1}
	var sure []edge
	prior := m.prior(i)
	d.candidates = len(found)
	for _, j := range found {
		p, shares := m.compare(i, int(j))
		score := prior + m.weigh(p) - shares
		switch {
		case !d.scored || score > d.Score:
			d.Second, d.seconded = d.Score, d.scored
			d.Score, d.pattern, d.scored = score, p, true
		case !d.seconded || score > d.Second:
			d.Second, d.seconded = score, true
		}
		if e := 1 / (1 + math.Exp2(score)); e <= s.bound && (p.level(byName) != nameTone || p.level(byNumber) == numberEqual) {
			sure = append(sure, edge{j, e})
		}
	}
	if d.scored {
		d.Error = 1 / (1 + math.Exp2(d.Score))
	}
	if len(sure) == 0 && d.scored && d.Score > -3 {
		d.Outcome, d.doubt = Several, doubtError
	}
	return d, sure
}

// cluster puts rows together that edges join, whichever row found the other.
func (l *Linked) cluster(edges [][]edge) {
	above := make([]int, len(edges))
	for i := range above {
		above[i] = i
	}
	root := func(i int) int {
		for above[i] != i {
			above[i] = above[above[i]]
			i = above[i]
		}
		return i
	}
	for i, list := range edges {
		for _, e := range list {
			a, b := root(i), root(int(e.to))
			above[max(a, b)] = min(a, b)
		}
	}
	size := make([]int, len(edges))
	for i := range edges {
		size[root(i)]++
	}
	for i := range edges {
		d := &l.Decisions[i]
		switch first := root(i); {
		case first != i:
			d.Outcome, d.Of, d.doubt = Duplicate, first, noDoubt
			d.Error = slices.MinFunc(append(edges[i], edge{error: 1}), func(a, b edge) int {
				switch {
				case a.error < b.error:
					return -1
				case a.error > b.error:
					return 1
				}
				return 0
			}).error
		case size[i] > 1:
			d.Outcome, d.doubt = NotFound, noDoubt // the first of its person
		}
	}
}
