package cleaning

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/clock"
)

// Judge decides on single questions about people, by what was learned of a whole register
// at one moment: how common names, days and places are, and what agreement weighs. It
// holds no person. It may be used by many at once.
type Judge struct {
	AsOf   time.Time
	People int
	places *Gazetteer
	today  clock.Date
	lean   matcher // what was learned, without rows and people
}

// Questions have no file to learn on: weights are learned on one that is drawn from the
// people, with errors as files are known to have them.
const (
	judgeRows    = 10_000
	judgeProfile = "vaccination"
)

// NewJudge learns from everybody. people is read twice.
func NewJudge(w *World, people *Source, asOf time.Time) (*Judge, error) {
	layout, err := LayoutOf(people, nil, true)
	if err != nil {
		return nil, fmt.Errorf("read the register: %w", err)
	}
	persons, err := w.Read(people, layout)
	if err != nil {
		return nil, fmt.Errorf("read the register: %w", err)
	}
	rows, err := w.drawn(people, min(persons.n, judgeRows))
	if err != nil {
		return nil, err
	}
	m := newMatcher(w, rows, persons, nil)
	m.learn()
	j := &Judge{AsOf: asOf, People: persons.n, places: w.Places, today: w.Today}
	j.lean = matcher{
		of: persons.n, comparisons: m.comparisons, sames: m.sames.repeated(), plains: m.plains.repeated(), births: m.births,
		homes: m.homes, regions: m.regions, w: m.w,
	}
	return j, nil
}

// drawn is a file of some of the people, with errors.
func (w *World) drawn(people *Source, rows int) (*Table, error) {
	var text bytes.Buffer
	d := Dirty{World: w, Profile: Profiles[judgeProfile], Rows: rows, Seed: 1}
	if err := d.Write(people, &text, io.Discard); err != nil {
		return nil, err
	}
	file, err := OpenText(text.Bytes())
	if err != nil {
		return nil, err
	}
	layout, err := LayoutOf(file, nil, false)
	if err != nil {
		return nil, err
	}
	return w.Read(file, layout)
}

// Said is what somebody says of one person, as it is written, by kinds that a mapping may
// name.
type Said map[Kind]string

// Understood is a question about one person, as it was understood.
type Understood struct {
	j     *Judge
	world *World
	rows  *Table
	name  string
}

// Ask reads what is said.
func (j *Judge) Ask(said Said) Understood {
	w := NewWorld(j.places, j.today)
	var l Layout
	var cells [][]byte
	for _, k := range kinds {
		if v := strings.TrimSpace(said[k]); v != "" && k != ID {
			l.Headings, l.Kinds = append(l.Headings, string(k)), append(l.Kinds, k)
			cells = append(cells, []byte(v))
		}
	}
	p := newPacker(w, nil, l, l.shape())
	p.t = newTable(1, len(p.shape.texts))
	p.row(cells)
	name := strings.TrimSpace(said[Name])
	if name == "" {
		name = strings.Join(strings.Fields(said[Surname]+" "+said[Middle]+" "+said[Given]), " ")
	}
	return Understood{j, w, joined([]*Table{p.t}, 0), name}
}

// Number is the personal number that is said; zero for none, and for what is none.
func (u Understood) Number() citizen.Number {
	if u.rows.digits[0] != 12 {
		return citizen.Number{}
	}
	n, _ := citizen.ParseNumber(digitsOf(u.rows.number[0], 12)) // what nobody can have is nobody's
	return n
}

// OldNumber is the number of an old card that is said; zero for none.
func (u Understood) OldNumber() citizen.OldNumber {
	if u.rows.old[0][0] == 0 {
		return citizen.OldNumber{}
	}
	n, _ := citizen.ParseOldNumber(digitsOf(uint64(u.rows.old[0][0]), 9))
	return n
}

// Name is the name that is said, in full.
func (u Understood) Name() string { return u.name }

// Birth is the birth that is said, as far as it is known; 0 for none.
func (u Understood) Birth() citizen.Day { return u.rows.birth[0] }

// Means says that enough is said to mean one person: a name, and a number, a birth or a
// commune beside it. Who knows less looks somebody up, and does not compare.
func (u Understood) Means() bool {
	return u.rows.plain[0] != 0 &&
		(u.rows.digits[0] == 12 || u.rows.old[0][0] != 0 || u.Birth() != 0 || u.j.places.units[u.rows.place[0][0]].home != 0)
}

// Judged is somebody who may be meant.
type Judged struct {
	Person int     // of those that were given
	Bits   float64 // for them against nobody
	Share  float64 // how likely it is that they are meant
	Match  bool    // accepted without a person
	// Fits says of what was said whether it is so of them, by Name, Birth, Sex, Number and
	// Address; what cannot be compared is not there.
	Fits map[Kind]bool
}

// Decide says who of some people is meant, the likeliest first. people is the register's
// file of those who may be; crowded says that more of them are as much like what was said.
// One is accepted at most, by the rule for rows of a file: the estimated error below the
// bound, the second two bits away. The bound holds for each question by itself, as no
// surer ones make up for it; and nobody is accepted whose name is another than was said,
// whatever their number and birth: who asks may be guessing.
func (u Understood) Decide(people []byte, crowded bool) ([]Judged, error) {
	s, err := OpenText(people)
	if err != nil {
		return nil, fmt.Errorf("read candidates: %w", err)
	}
	layout, err := LayoutOf(s, nil, true)
	if err != nil {
		return nil, fmt.Errorf("read candidates: %w", err)
	}
	m := u.j.lean
	if m.people, err = u.world.Read(s, layout); err != nil {
		return nil, fmt.Errorf("read candidates: %w", err)
	}
	m.world, m.rows = u.world, u.rows
	m.indexNumbers()
	m.indexOldNumbers()
	if d, ok := m.byNumber(0, DefaultBound); ok {
		return []Judged{{Person: d.Person, Bits: d.Score, Share: 1 - d.Error, Match: true, Fits: agreeing(d.pattern)}}, nil
	}
	all := make([]uint32, m.people.n)
	for i := range all {
		all[i] = uint32(i)
	}
	w := settler{m: &m, bound: DefaultBound}
	d := w.weigh(0, all, crowded)
	sum := 1.0
	for _, c := range w.list {
		sum += math.Exp2(c.score)
	}
	out := make([]Judged, len(w.list))
	for i, c := range w.list {
		taken := int(c.person) == d.Person && (!crowded || c.pattern.level(byNumber) == numberEqual) &&
			!slices.Contains(otherNames, c.pattern.level(byName))
		out[i] = Judged{Person: int(c.person), Bits: c.score, Share: math.Exp2(c.score) / sum, Match: taken, Fits: agreeing(c.pattern)}
	}
	slices.SortStableFunc(out, func(a, b Judged) int { return cmp.Or(cmp.Compare(b.Bits, a.Bits), cmp.Compare(a.Person, b.Person)) })
	return out, nil
}

// otherNames are the levels of names that are not one name, however it was misspelt.
var otherNames = []level{0, namePart, nameOther, barePart, bareOther}

// agreeing says what agrees of a pair.
func agreeing(p pattern) map[Kind]bool {
	out := map[Kind]bool{}
	say := func(k Kind, comparison int, fits bool) {
		if p.level(comparison) != 0 {
			out[k] = fits
		}
	}
	say(Number, byOld, p.level(byOld) == numberEqual)
	say(Number, byNumber, p.level(byNumber) == numberEqual)
	say(Name, byName, sameName(p.level(byName)))
	say(Birth, byBirth, fits(p.level(byBirth)))
	say(Sex, bySex, p.level(bySex) == sexEqual)
	say(Address, byPlace, slices.Contains([]level{placeLives, placeOrigin, districtSame, provinceSame}, p.level(byPlace)))
	return out
}

// KindOf says what is meant by a word over a column, such as "Ngày sinh" or "birth"; ""
// for a word that nobody knows.
func KindOf(word string) Kind {
	word = strings.TrimSpace(word)
	if slices.Contains(kinds, Kind(word)) {
		return Kind(word)
	}
	return byHeading(word)
}
