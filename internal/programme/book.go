package programme

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"dean06/internal/platform/clock"
)

// Book is all that was known of the programme by the end of a day, but for the unit tasks
// one by one. It never changes: many read it at once.
type Book struct {
	Known      clock.Date // the day; zero is now
	Revision   int64
	Directives []Directive // the first given first
	Tasks      []Task      // by code
	Records    []Record    // by kind and id
	Cells      []Cell      // by due date, those without one last

	tasks      map[string]*Task
	directives map[string]*Directive
	done       map[string]bool
	cells      map[string][]Cell // by task, in the same order
	days       []dueDay

	mu     sync.Mutex
	rolls  map[roll][]Part // that were asked for
	counts map[list]int    // the same: of lists
}

// roll is a roll-up of a book.
type roll struct {
	by     By
	narrow Narrow
	in     *Geography
	day    clock.Date
}

// How many roll-ups and counts of lists a book keeps.
const (
	maxRolls  = 500
	maxCounts = 2000
)

// RollUp is RollUp of the book's cells, computed once. The caller does not change the parts.
func (b *Book) RollUp(by By, n Narrow, g *Geography, day clock.Date) []Part {
	key := roll{by, n, g, day}
	b.mu.Lock()
	parts, ok := b.rolls[key]
	b.mu.Unlock()
	if ok {
		return parts
	}
	parts = RollUp(b.Cells, b.tasks, by, n, g, day)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rolls == nil || len(b.rolls) >= maxRolls {
		b.rolls = map[roll][]Part{}
	}
	b.rolls[key] = parts
	return parts
}

// NewBook puts a book together.
func NewBook(known clock.Date, revision int64, directives []Directive, tasks []Task, records []Record, cells []Cell) *Book {
	b := &Book{
		Known: known, Revision: revision, Directives: directives, Tasks: tasks, Records: records, Cells: cells,
		tasks: map[string]*Task{}, directives: map[string]*Directive{}, cells: map[string][]Cell{},
	}
	slices.SortFunc(b.Directives, func(x, y Directive) int { return cmp.Or(x.Day.Compare(y.Day), cmp.Compare(x.ID, y.ID)) })
	slices.SortFunc(b.Tasks, func(x, y Task) int { return cmp.Or(byNumber(x.Code, y.Code), cmp.Compare(x.ID, y.ID)) })
	slices.SortFunc(b.Records, func(x, y Record) int { return cmp.Or(cmp.Compare(x.Kind, y.Kind), cmp.Compare(x.ID, y.ID)) })
	for i := range b.Directives {
		b.directives[b.Directives[i].ID] = &b.Directives[i]
	}
	for i := range b.Tasks {
		b.tasks[b.Tasks[i].ID] = &b.Tasks[i]
	}
	slices.SortStableFunc(cells, func(x, y Cell) int { return compareDue(x.Due, y.Due) })
	b.done = DoneTasks(cells, b.tasks)
	for i := range cells {
		c := &cells[i]
		b.cells[c.Task] = append(b.cells[c.Task], *c)
		if n := len(b.days); n == 0 || b.days[n-1].due != c.Due {
			b.days = append(b.days, dueDay{due: c.Due})
		}
		b.days[len(b.days)-1].n += c.N
	}
	return b
}

// byNumber compares codes so that A.2 stands before A.10.
func byNumber(a, b string) int {
	for a != "" && b != "" {
		na, nb := digits(a), digits(b)
		if na > 0 && nb > 0 {
			x, y := strings.TrimLeft(a[:na], "0"), strings.TrimLeft(b[:nb], "0")
			if c := cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y)); c != 0 {
				return c
			}
			a, b = a[na:], b[nb:]
			continue
		}
		if a[0] != b[0] {
			return cmp.Compare(a[0], b[0])
		}
		a, b = a[1:], b[1:]
	}
	return cmp.Compare(len(a), len(b))
}

func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

// Task gives a task.
func (b *Book) Task(id string) (*Task, bool) { t, ok := b.tasks[id]; return t, ok }

// TaskMap is all tasks by id. The caller does not change it.
func (b *Book) TaskMap() map[string]*Task { return b.tasks }

// Directive gives a directive.
func (b *Book) Directive(id string) (*Directive, bool) { d, ok := b.directives[id]; return d, ok }

// Done says that a task is done: see DoneTasks.
func (b *Book) Done(task string) bool { return b.done[task] }

// Parts lists the parts of a task.
func (b *Book) Parts(id string) []*Task {
	var out []*Task
	for i := range b.Tasks {
		if b.Tasks[i].Parent == id {
			out = append(out, &b.Tasks[i])
		}
	}
	return out
}

// Of lists the rows of a register that count.
func (b *Book) Of(kind string) []*Record {
	var out []*Record
	for i := range b.Records {
		if r := &b.Records[i]; r.Kind == kind && !r.Gone {
			out = append(out, r)
		}
	}
	return out
}

// Count counts the unit tasks of a task on a day.
func (b *Book) Count(task string, day clock.Date) Count {
	var out Count
	for i := range b.cells[task] {
		c := &b.cells[task][i]
		out.Add(StandingOf(c.State, c.Late, c.From, c.Due, day), c.N)
	}
	return out
}

// CountWhole counts the unit tasks of a task and of its parts.
func (b *Book) CountWhole(task string, day clock.Date) Count {
	out := b.Count(task, day)
	for _, t := range b.Parts(task) {
		out = out.Plus(b.Count(t.ID, day))
	}
	return out
}
