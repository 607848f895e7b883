package cleaning

import "slices"

// Rows that nobody in the register is, or nobody surely, may be one person's nevertheless: they
// are held against one another as Dedupe does, by the weights with which the file was linked
// and by how common names, days and places are in the register.

// common is how common the values of a row are among the people.
type common struct {
	Same   int     `json:"same,omitempty"`
	Plain  int     `json:"plain,omitempty"`
	Birth  int     `json:"birth,omitempty"`
	Home   float32 `json:"home,omitempty"` // log2 of a share
	Region float32 `json:"region,omitempty"`
	Texts  []int   `json:"texts,omitempty"`
}

// commonOf is how common the values of a row of the file are.
func (m *matcher) commonOf(i int) common {
	t := m.rows
	u := &m.world.Places.units[t.place[0][i]]
	c := common{
		Same: m.sames.of(t.same[i]), Plain: m.plains.of(t.plain[i]), Birth: m.births[int(t.birth[i])],
		Home: m.homes[u.home], Region: m.regions[u.province],
	}
	for k := range t.values {
		c.Texts = append(c.Texts, m.texts[k][t.values[k][i]])
	}
	return c
}

// alone are the rows, in their order, that are nobody's so far and that could be read.
func (l *Linked) alone() []int {
	bad := map[int]bool{}
	for _, b := range l.rows.bad {
		bad[b.row] = true
	}
	return l.open(func(i int) bool { return l.Decisions[i].Person < 0 && !bad[i] })
}

// pick is some rows of a table.
func (t *Table) pick(rows []int) *Table {
	out := newTable(len(rows), len(t.values))
	for _, i := range rows {
		out.number, out.digits = append(out.number, t.number[i]), append(out.digits, t.digits[i])
		for k := range t.old {
			out.old[k] = append(out.old[k], t.old[k][i])
		}
		out.words = append(out.words, t.name(i)...)
		out.wordAt = append(out.wordAt, uint32(len(out.words)))
		out.same, out.plain, out.bare = append(out.same, t.same[i]), append(out.plain, t.plain[i]), append(out.bare, t.bare[i])
		out.birth, out.sex, out.notes = append(out.birth, t.birth[i]), append(out.sex, t.sex[i]), append(out.notes, t.notes[i])
		for k := range t.place {
			out.place[k] = append(out.place[k], t.place[k][i])
		}
		for k := range t.values {
			out.values[k] = append(out.values[k], t.values[k][i])
		}
		out.idAt = append(out.idAt, uint32(len(out.ids)))
		out.n++
	}
	return out
}

// among holds some rows against one another.
func (l *Linked) among(rows []int) []int {
	of := make([]common, len(rows))
	for k, i := range rows {
		of[k] = l.m.commonOf(i)
	}
	return l.m.world.among(l.rows.pick(rows), of, l.people.n, l.kinds, l.m.w, l.options)
}

// againShare is how many other rows of its person a row that is nobody's is thought to have
// before anything is compared. It is not learned: what is alike among strangers is mostly chance.
const againShare = .3

// among holds rows against one another and gives for each the first that is surely the same
// person's; -1 for none. w are the weights with which the file was linked, of so many people.
func (w *World) among(rows *Table, of []common, people int, kinds []Kind, by weights, o Options) []int {
	m := &matcher{world: w, rows: rows, people: rows, self: true, kinds: kinds, comparisons: byTexts + len(kinds), commons: of, of: people}
	m.by = m.rules()
	if len(kinds) > 0 {
		m.by = append(m.by, m.textRules()...)
	}
	m.w = weights{m: by.m, u: by.u, twice: by.twice, share: againShare / float64(max(rows.n, 1)), absent: [2][3]float64{{1, 1, 1}, {1, 1, 1}}}
	m.logs()
	l := &Linked{m: m, options: o, Decisions: make([]Decision, rows.n), rows: rows, people: rows, kinds: kinds}
	alike := make([][]edge, rows.n)
	every := l.open(func(int) bool { return true })
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
	l.cluster(alike)
	first := make([]int, rows.n)
	for i := range l.Decisions {
		if first[i] = -1; l.Decisions[i].Outcome == Duplicate {
			first[i] = l.Decisions[i].Of
		}
	}
	return first
}

// markAlone notes of the rows that are nobody's which earlier one is the same person's.
func (l *Linked) markAlone(rows, first []int) {
	for k, i := range rows {
		d := &l.Decisions[i]
		if first[k] < 0 || d.Person >= 0 {
			continue
		}
		d.Of = rows[first[k]]
		if l.options.OneToOne {
			d.Outcome = Duplicate
		}
	}
}
