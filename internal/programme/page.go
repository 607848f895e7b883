package programme

import (
	"slices"
	"strings"

	"dean06/internal/platform/clock"
)

// A list of unit tasks is read a page at a time, and the book knows before anything is read
// how many of them there are of each kind and day. So what is rare is looked up where it is,
// and what is frequent is read in order until the page is full: neither takes longer the
// more unit tasks there are.

// lets says that the unit tasks of a cell are among those that a filter lets pass. Agencies
// are not asked for: a cell does not tell them.
func (f *Filter) lets(c *Cell) bool {
	return (f.Level == "" || c.Level == f.Level) && (len(f.States) == 0 || slices.Contains(f.States, c.State)) &&
		(len(f.Tasks) == 0 || slices.Contains(f.Tasks, c.Task)) && (len(f.Origins) == 0 || slices.Contains(f.Origins, c.Origin)) &&
		(f.Month == "" || strings.HasPrefix(dayText(c.Due), f.Month)) &&
		(f.Standing == "" || StandingOf(c.State, c.Late, c.From, c.Due, f.Day) == f.Standing)
}

// of is the cells among which those of a list are.
func (b *Book) of(f *Filter) []Cell {
	if len(f.Tasks) == 1 {
		return b.cells[f.Tasks[0]]
	}
	return b.Cells
}

// dueDay is how many unit tasks are due on a day.
type dueDay struct {
	due clock.Date
	n   int
}

// due is how many unit tasks are due on the days from one to another.
func (b *Book) due(from, to clock.Date) int {
	n := 0
	i, _ := slices.BinarySearchFunc(b.days, from, func(d dueDay, on clock.Date) int { return compareDue(d.due, on) })
	for ; i < len(b.days) && compareDue(b.days[i].due, to) <= 0; i++ {
		n += b.days[i].n
	}
	return n
}

// list is a filter by which a list was counted.
type list struct {
	tasks, origins, states string
	level                  Level
	standing               Standing
	day                    clock.Date
	month                  string
}

// count counts the unit tasks of a list, once for each filter.
func (b *Book) count(f *Filter) int {
	key := list{
		tasks: strings.Join(f.Tasks, " "), origins: strings.Join(f.Origins, " "), level: f.Level, standing: f.Standing, day: f.Day, month: f.Month,
	}
	for _, s := range f.States {
		key.states += string(s) + " "
	}
	b.mu.Lock()
	n, ok := b.counts[key]
	b.mu.Unlock()
	if ok {
		return n
	}
	of := b.of(f)
	for i := range of {
		if c := &of[i]; f.lets(c) {
			n += c.N
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.counts == nil || len(b.counts) >= maxCounts {
		b.counts = map[list]int{}
	}
	b.counts[key] = n
	return n
}

const (
	maxCells = 400 // that are looked up for a page
	lookUp   = 5   // what looking one up costs, in rows that are read in order
)

// page is where the next page of a list is.
type page struct {
	cells []Cell
	whole bool   // the cells are all that is left of the list
	few   bool   // looking the cells up is cheaper than reading in order
	begin Cursor // nothing of the list is before it
}

// endless is later than every day: where those without a due date are.
var endless = clock.MustDate("9999-12-31")

// page finds the next page of a list.
func (b *Book) page(f *Filter, after Cursor, limit int) page {
	if b.count(f) == 0 {
		return page{begin: after, whole: true, few: true}
	}
	of, first := b.of(f), 0
	if after.ID != "" {
		first, _ = slices.BinarySearchFunc(of, after.Due, func(c Cell, d clock.Date) int { return compareDue(c.Due, d) })
	}
	out := page{begin: after, whole: true}
	sure, found := 0, 0 // surely after the cursor; of the list
	var begin, end clock.Date
	for i := first; i < len(of); i++ {
		c := &of[i]
		if sure >= limit && c.Due != of[i-1].Due {
			out.whole = false
			break
		}
		if c.N == 0 || !f.lets(c) {
			continue
		}
		if found == 0 && (after.ID == "" || c.Due != after.Due) { // nothing of the list was before this day
			out.begin = Cursor{Due: c.Due}
			if c.Due.IsZero() {
				out.begin.Due = endless
			}
		}
		if found == 0 {
			begin = c.Due
		}
		end = c.Due
		if len(out.cells) <= maxCells { // one more is too many already
			out.cells = append(out.cells, *c)
		}
		found += c.N
		if after.ID == "" || c.Due != after.Due {
			sure += c.N
		}
	}
	if found == 0 {
		out.few = true
		return out
	}
	inOrder := b.due(begin, end) // would be read
	inOrder = min(inOrder, limit*inOrder/found)
	out.few = len(out.cells) <= maxCells && lookUp*len(out.cells)+found < inOrder
	return out
}

// compareDue has those without a due date as the last.
func compareDue(a, b clock.Date) int {
	switch {
	case a.IsZero() && b.IsZero():
		return 0
	case a.IsZero():
		return 1
	case b.IsZero():
		return -1
	}
	return a.Compare(b)
}
