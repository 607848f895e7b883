package cleaning

import (
	"cmp"
	"slices"
	"strings"

	"dean06/internal/citizen"
	"dean06/internal/platform/i18n"
)

// Examples gives for each column of a file some values that stand in its first rows.
func (s *Source) Examples(n int) ([][]string, error) {
	sample, err := s.sample(sampleRows)
	out := make([][]string, len(s.Header))
	for _, row := range sample {
		for i := range out {
			if i >= len(row) || len(out[i]) == n {
				continue
			}
			if v := strings.TrimSpace(row[i]); v != "" && !slices.Contains(out[i], v) {
				out[i] = append(out[i], cut(v, 60))
			}
		}
	}
	return out, err
}

func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}

// Rows gives what became of each row with what stood in it, in the order of the file. The
// rows that people are to see have their candidates with them.
func (l *Linked) Rows(s *Source, layout Layout, texts [2]*i18n.Printer, give func(Row) error) error {
	queue := l.queue()
	candidates := l.explained(queue)
	var writers [2]*writer
	for i, p := range texts {
		writers[i] = &writer{l: l, layout: layout, say: newSayer(p)}
	}
	var failed error
	err := s.eachBlock(func(b block) bool {
		i := l.rows.blocks[b.index]
		s.eachRow(b.text, func(_ int, cells [][]byte, why rowReason) {
			if failed == nil {
				failed = give(l.row(i, cells, why, writers, queue[i], candidates[i]))
			}
			i++
		})
		return failed == nil
	})
	return cmp.Or(failed, err)
}

func (l *Linked) row(i int, cells [][]byte, why rowReason, writers [2]*writer, queue int, candidates []Explained) Row {
	d := &l.Decisions[i]
	r := Row{At: i + 1, Outcome: d.Outcome, Queue: queue, Found: Found{
		Machine: d.Outcome, Error: d.Error, Candidates: candidates, Control: queue > 0 && d.Outcome != Several, Of: d.Of + 1,
	}}
	if queue > 0 && queue%twiceEvery == 0 {
		r.Look = LookWanted
	}
	if d.scored {
		r.Score = d.Score
	}
	if d.seconded {
		r.Second = d.Second
	}
	if d.Person >= 0 {
		r.Person, _ = citizen.ParseNumber(string(l.appendNumber(nil, d.Person))) // the register's own
	}
	r.Commune = l.commune(i, candidates)
	for _, c := range cells {
		r.Cells = append(r.Cells, string(c))
	}
	for k, w := range writers {
		w.reason = w.reason[:0]
		w.reasons(i, d, cells, why)
		r.Reasons[k] = string(w.reason)
	}
	return r
}

// commune is where those live whom a row may mean.
func (l *Linked) commune(i int, candidates []Explained) string {
	at := func(person int) string { return l.m.world.Places.codeOf(l.people.place[0][person]) }
	if d := &l.Decisions[i]; d.Person >= 0 {
		return at(d.Person)
	}
	if len(candidates) == 0 {
		return l.m.world.Places.codeOf(l.rows.place[0][i])
	}
	code := at(candidates[0].person)
	for _, c := range candidates[1:] {
		if at(c.person) != code {
			return ""
		}
	}
	return code
}

// How many settled rows are looked at to measure, accepted ones and, as many, ones that were
// not found although somebody is a little like them: one in controlShare, within bounds.
const (
	controlShare = 200
	leastControl = 10
	mostControl  = 300
	controlEvery = 4 // after so many uncertain ones
	twiceEvery   = 9 // so many rows for people, one is judged by two
)

// queue gives the rows that people are to see their places from 1: what is least certain
// first, and between them, so that nobody sees which is which, some that were settled.
func (l *Linked) queue() map[int]int {
	var open, control, nobodys []int
	for i := range l.Decisions {
		switch d := &l.Decisions[i]; {
		case d.Outcome == Several && d.scored:
			open = append(open, i)
		case d.Person >= 0:
			control = append(control, i)
		case d.Outcome == NotFound && d.scored:
			nobodys = append(nobodys, i)
		}
	}
	doubt := func(i int) float64 { e := l.Decisions[i].Error; return max(e-.5, .5-e) }
	slices.SortStableFunc(open, func(a, b int) int { return cmp.Compare(doubt(a), doubt(b)) })
	// Which are taken goes by what they say, so that nobody can place a row where it is not seen.
	texts := l.m.world.texts
	drawn := func(a, b int) int {
		return cmp.Compare(mix(l.rows.content(a, texts), 11), mix(l.rows.content(b, texts), 11))
	}
	draw := func(from []int) []int {
		slices.SortStableFunc(from, drawn)
		return from[:min(len(from), max(leastControl, min(len(from)/controlShare, mostControl)))]
	}
	control = append(draw(control), draw(nobodys)...)
	slices.SortStableFunc(control, drawn)
	out := make(map[int]int, len(open)+len(control))
	add := func(i int) { out[i] = len(out) + 1 }
	for n, i := range open {
		add(i)
		if (n+1)%controlEvery == 0 && len(control) > 0 {
			add(control[0])
			control = control[1:]
		}
	}
	for _, i := range control {
		add(i)
	}
	return out
}

// How many candidates of a row are shown to people: of one that was not found fewer, for
// hardly any is the one.
const (
	mostCandidates = 5
	mostUnlike     = 1
)

// explained explains many rows, for which everybody is asked once.
func (l *Linked) explained(queue map[int]int) map[int][]Explained {
	rows := make([]int, 0, len(queue))
	for i := range queue {
		rows = append(rows, i)
	}
	slices.Sort(rows)
	out := make(map[int][]Explained, len(rows))
	for chunk := range slices.Chunk(rows, atOnce) {
		who := l.m.find(chunk, true)
		for k, i := range chunk {
			list := l.explain(i, who.of(k))
			if j := l.Decisions[i].Person; j >= 0 { // the one who was accepted, alone
				number := string(l.appendNumber(nil, j))
				list = slices.DeleteFunc(list, func(e Explained) bool { return e.Number != number })
				if len(list) == 0 {
					list = l.explain(i, []uint32{uint32(j)})
				}
			}
			most := mostCandidates
			if l.Decisions[i].Outcome == NotFound {
				most = mostUnlike
			}
			// Who is far behind the best is nobody whom a person must see.
			list = slices.DeleteFunc(list, func(e Explained) bool { return e.Score < list[0].Score-12 })
			out[i] = list[:min(len(list), most)]
		}
	}
	return out
}
