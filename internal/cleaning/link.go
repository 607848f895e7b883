package cleaning

import (
	"fmt"
	"math"
	"slices"
)

// Outcome is what became of a row.
type Outcome string

// The outcomes.
const (
	Verified  Outcome = "verified"  // one person, and all that the row says is so
	Corrected Outcome = "corrected" // one person, and something in the row is not so or not there
	Several   Outcome = "several"   // more than one may be meant, or one, not surely
	NotFound  Outcome = "not_found" // nobody
	Duplicate Outcome = "duplicate" // an earlier row is the same
)

// Outcomes lists them.
var Outcomes = []Outcome{Verified, Corrected, Several, NotFound, Duplicate}

// DefaultBound is the estimated error of all rows that are settled without a person: one in
// ten thousand.
const DefaultBound = 1e-4

// rowShare is how much more than the bound the estimated error of a single row may be.
// Most rows are surer by far, so that together they stay below.
const rowShare = 10

// doubt is why the best candidate was not taken although it is likely.
type doubt uint8

const (
	noDoubt       doubt = iota
	doubtError          // the estimated error is above the bound
	doubtClose          // the second is too near
	doubtTone           // the accents differ, and no number says that it is the person
	doubtName           // the name is another, and no number says that it is the person
	doubtConflict       // the number is one person's, name and birth are another's
	doubtCrowd          // too many people are alike
)

// Decision is what was found for a row.
type Decision struct {
	Outcome Outcome
	Person  int     // of the table of people; -1: none
	Score   float64 // bits for the best candidate against nobody; only with candidates
	Second  float64 // of the next
	Error   float64 // estimated, of taking the best
	Of      int     // the row of which this is a duplicate; -1: none

	pattern    pattern
	candidates int
	doubt      doubt
	scored     bool // Score counts
	seconded   bool // Second counts
}

// Options say how rows are decided.
type Options struct {
	Bound    float64  // of the estimated error of the rows that are settled; DefaultBound when 0
	OneToOne bool     // a person has one row; the later ones are duplicates
	Weights  *Weights // learned before; nil: on the file itself
	Taught   *Taught  // what people said of an earlier file; nil: nothing
	// Checkpoint keeps what is done, for a run after this one was killed; may be nil.
	Checkpoint *Checkpoint
}

// Linked is a file that was held against people.
type Linked struct {
	m         *matcher
	options   Options
	Decisions []Decision
	rows      *Table
	people    *Table
	kinds     []Kind
	cut       float64 // the estimated error above which no row was settled
}

// self says that a file was held against itself.
func (l *Linked) self() bool { return l.m != nil && l.m.self }

// Link holds the rows of a file against people.
func (w *World) Link(rows, people *Table, kinds []Kind, o Options, t *Timer) *Linked {
	if o.Bound == 0 {
		o.Bound = DefaultBound
	}
	m := newMatcher(w, rows, people, kinds)
	t.Step("index")
	o.Checkpoint.begin(m, o)
	switch kept := o.Checkpoint.learned(); {
	case o.Weights != nil:
		m.take(o.Weights)
	case kept != nil:
		m.take(kept)
	default:
		m.taught = o.Taught
		m.learn()
		o.Checkpoint.keepWeights(m.given(Layout{}, Layout{}, o.Bound))
	}
	t.Step("learn")
	l := m.decided(o)
	t.Step("score")
	alone := l.alone()
	first := l.among(alone)
	l.keep()
	l.repeated()
	l.markAlone(alone, first)
	t.Step("alike")
	return l
}

// decided decides each row by itself, whatever else the file has.
func (m *matcher) decided(o Options) *Linked {
	l := &Linked{m: m, options: o, Decisions: make([]Decision, m.rows.n), rows: m.rows, people: m.people, kinds: m.kinds, cut: min(o.Bound*rowShare, .5)}
	l.settle()
	for _, b := range m.rows.bad {
		l.Decisions[b.row] = Decision{Outcome: NotFound, Person: -1, Of: -1}
	}
	return l
}

// keep holds the promise for all settled rows together: from the surest on, as many as keep
// the mean of the estimated errors below the bound.
func (l *Linked) keep() {
	var errs []float64
	sum := 0.0
	for i := range l.Decisions {
		if d := &l.Decisions[i]; d.Person >= 0 {
			errs = append(errs, d.Error)
			sum += d.Error
		}
	}
	if sum <= l.options.Bound*float64(len(errs)) {
		return
	}
	slices.Sort(errs)
	sum = 0
	for n, e := range errs {
		if sum += e; sum > l.options.Bound*float64(n+1) && e > l.options.Bound {
			l.cut = l.options.Bound
			if first, _ := slices.BinarySearch(errs, e); first > 0 { // rows that are as sure share their lot
				l.cut = max(l.cut, errs[first-1])
			}
			break
		}
	}
	for i := range l.Decisions {
		if d := &l.Decisions[i]; d.Person >= 0 && d.Error > l.cut {
			d.Person, d.Outcome, d.doubt = -1, Several, doubtError
		}
	}
}

// repeated marks rows whose person an earlier row is.
func (l *Linked) repeated() {
	first := map[int]int{}
	for i := range l.Decisions {
		d := &l.Decisions[i]
		if d.Outcome != Verified && d.Outcome != Corrected {
			continue
		}
		if of, ok := first[d.Person]; ok {
			d.Of = of
			if l.options.OneToOne {
				d.Outcome = Duplicate
			}
			continue
		}
		first[d.Person] = i
	}
}

// atOnce bounds for how many rows candidates are found at once: there are the more of them
// the more people there are.
const atOnce = 1 << 20

const manyPeople = 5_000_000

func (m *matcher) atOnce() int {
	return max(atOnce/max(m.people.n/manyPeople, 1), atOnce/64)
}

// settle decides all rows: those whose number is somebody's whose name and birth agree at
// once, the others by candidates, and those that stay open by more of them.
func (l *Linked) settle() {
	m := l.m
	open := l.open(func(i int) bool {
		d, ok := m.byNumber(i, l.cut)
		l.Decisions[i] = d
		return !ok
	})
	keep := l.options.Checkpoint
	for _, late := range []bool{false, true} {
		n := 0
		for rows := range slices.Chunk(open, m.atOnce()) {
			name := fmt.Sprintf("%s-%04d", map[bool]string{false: "early", true: "late"}[late], n)
			if n++; keep.decisions(name, rows, l.Decisions) {
				continue
			}
			who := m.find(rows, late)
			m.pieces(len(rows), 256, func(from, to int) {
				s := settler{m: m, bound: l.cut}
				for k := from; k < to; k++ {
					l.Decisions[rows[k]] = s.weigh(rows[k], who.of(k), who.crowded[k])
				}
			})
			keep.keepDecisions(name, rows, l.Decisions)
		}
		if late {
			break
		}
		open = slices.DeleteFunc(open, func(i int) bool { return l.Decisions[i].Person >= 0 })
	}
}

// open are the rows, in their order, of which is says so.
func (l *Linked) open(is func(i int) bool) []int {
	const piece = 1024
	lists := make([][]int, (l.rows.n+piece-1)/piece)
	l.m.pieces(l.rows.n, piece, func(from, to int) {
		for i := from; i < to; i++ {
			if is(i) {
				lists[from/piece] = append(lists[from/piece], i)
			}
		}
	})
	return slices.Concat(lists...)
}

// settler decides rows, one after the other.
type settler struct {
	m     *matcher
	bound float64
	list  []scored
}

type scored struct {
	person  uint32
	pattern pattern
	score   float64
}

// settled by number: the number is the person's, and name and birth agree.
func agreed(p pattern) bool {
	if p.level(byNumber) != numberEqual {
		return false
	}
	if !sameName(p.level(byName)) {
		return false
	}
	switch p.level(byBirth) {
	case birthEqual, partFits, january:
		return p.level(bySex) != sexOther
	}
	return false
}

// byNumber settles a row by its number alone, where name and birth agree with the person
// who has it. ok is false where that is not so.
func (m *matcher) byNumber(i int, bound float64) (d Decision, ok bool) {
	d = Decision{Outcome: NotFound, Person: -1, Of: -1}
	if m.rows.digits[i] != 12 {
		return d, false
	}
	n := 0
	m.numbers.each(mix(1, m.rows.number[i]), func(j int) {
		if m.people.number[j] == m.rows.number[i] {
			d.Person = j
			n++
		}
	})
	if n != 1 {
		d.Person = -1
		return d, false
	}
	p, shares := m.compare(i, d.Person)
	d.pattern, d.candidates, d.scored, d.Score = p, 1, true, m.prior(i)+m.weigh(p)-shares
	d.Error = 1 / (1 + math.Exp2(d.Score))
	d.Outcome = m.word(i, d.Person, p)
	return d, agreed(p) && d.Error <= bound
}

// weigh scores the candidates of a row and decides.
func (s *settler) weigh(i int, found []uint32, crowded bool) Decision {
	m := s.m
	prior := m.prior(i)
	s.list = s.list[:0]
	d := Decision{Outcome: NotFound, Person: -1, Of: -1, candidates: len(found)}
	sum := 1.0
	best, second := -1, -1
	for _, j := range found {
		p, shares := m.compare(i, int(j))
		c := scored{j, p, prior + m.weigh(p) - shares}
		s.list = append(s.list, c)
		sum += math.Exp2(c.score)
		k := len(s.list) - 1
		switch {
		case best < 0 || c.score > s.list[best].score:
			best, second = k, best
		case second < 0 || c.score > s.list[second].score:
			second = k
		}
	}
	if best < 0 {
		if crowded {
			d.Outcome, d.doubt = Several, doubtCrowd
		}
		return d
	}
	b := s.list[best]
	d.pattern, d.Score, d.scored = b.pattern, b.score, true
	d.Error = 1 - math.Exp2(b.score)/sum
	if second >= 0 {
		d.Second, d.seconded = s.list[second].score, true
	}
	d.doubt = s.doubts(b, d)
	switch {
	case d.doubt == noDoubt:
		d.Person, d.Outcome = int(b.person), m.word(i, int(b.person), b.pattern)
	case b.score > -3: // one in nine: worth a look
		d.Outcome = Several
	case crowded:
		d.Outcome, d.doubt = Several, doubtCrowd
	default:
		d.doubt = noDoubt
	}
	return d
}

// doubts says why the best candidate is not taken.
func (s *settler) doubts(b scored, d Decision) doubt {
	p := b.pattern
	numbered := p.level(byNumber) == numberEqual || p.level(byOld) == numberEqual
	for _, c := range s.list {
		if c.person == b.person {
			continue
		}
		q := c.pattern
		other := q.level(byNumber) == numberEqual || q.level(byOld) == numberEqual
		// A number of one person beside name and birth of another, who may be a twin.
		if numbered && !other && better(q.level(byName), p.level(byName)) && fits(q.level(byBirth)) ||
			other && !numbered && fits(q.level(byBirth)) {
			return doubtConflict
		}
	}
	switch {
	case d.seconded && d.Score-d.Second < 2:
		return doubtClose
	case d.Error > s.bound:
		return doubtError
	case numbered && fits(p.level(byBirth)):
	case p.level(byName) == nameTone:
		return doubtTone
	case anotherName(p.level(byName)) && !s.m.more(p):
		return doubtName
	}
	return noDoubt
}

// sameName says that a level of names is of the same name, written somehow.
func sameName(l level) bool {
	return l == nameSame || l == nameMarks || l == nameOrder || l == bareSame || l == bareOrder
}

// more says that a column of the file that the register does not have says that it is the person.
func (m *matcher) more(p pattern) bool {
	for c := range m.kinds {
		if p.level(byTexts+c) == textEqual {
			return true
		}
	}
	return false
}

// anotherName says that a name is not the same with a slip: who is born on one day in one
// commune are often two people, of whom one may not be in the register.
func anotherName(l level) bool {
	switch l {
	case namePart, nameOther, barePart, bareOther:
		return true
	}
	return false
}

func fits(l level) bool { return l == birthEqual || l == partFits || l == january }

// better says that a level of names is of the same name, and the other is not.
func better(a, b level) bool {
	return sameName(a) && (!sameName(b) || a == nameSame && b != nameSame)
}

// word says whether all that a row says is so.
func (m *matcher) word(i, j int, p pattern) Outcome {
	t := m.rows
	if t.notes[i]&^(fromSerial|checks) != 0 {
		return Corrected
	}
	ok := func(c int, levels ...level) bool { l := p.level(c); return l == 0 || slices.Contains(levels, l) }
	if !ok(byNumber, numberEqual) || !ok(byName, nameSame) || t.birth[i] != 0 && t.birth[i] != m.people.birth[j] || !ok(bySex, sexEqual) ||
		!ok(byPlace, placeLives, districtSame, provinceSame) {
		return Corrected
	}
	if t.old[0][i] != 0 && (t.number[i] == 0 || p.level(byOld) != numberEqual) {
		return Corrected
	}
	if m.missing(i) {
		return Corrected
	}
	for c := range m.kinds {
		if !ok(byTexts+c, textEqual) {
			return Corrected
		}
	}
	return Verified
}

// missing says that a column of the file has nothing in this row, and something in others.
func (m *matcher) missing(i int) bool {
	t := m.rows
	return m.has[byNumber] && t.digits[i] == 0 || m.has[byBirth] && t.birth[i] == 0
}
