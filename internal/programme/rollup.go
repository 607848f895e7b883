package programme

import (
	"cmp"
	"slices"

	"dean06/internal/platform/clock"
)

// Cell is how many unit tasks are alike in all that a roll-up asks. The cells of a day add
// up to the unit tasks that were known then.
type Cell struct {
	Task   string
	Level  Level
	Origin string
	State  State
	Late   bool
	From   clock.Date
	Due    clock.Date
	N      int
}

// Count is unit tasks by how they stand on a day.
type Count struct {
	Done      int `json:"done"` // in time or late
	DoneLate  int `json:"done_late"`
	Waiting   int `json:"waiting"`
	Overdue   int `json:"overdue"`
	Blocked   int `json:"blocked"`
	AtRisk    int `json:"at_risk"`
	OnTrack   int `json:"on_track"`
	Withdrawn int `json:"withdrawn"`
}

// All is how many are asked for: what was withdrawn is not.
func (c Count) All() int { return c.Done + c.Waiting + c.Open() }

// Open is how many are still owed.
func (c Count) Open() int { return c.Overdue + c.Blocked + c.AtRisk + c.OnTrack }

// Of is how many stand so.
func (c Count) Of(s Standing) int {
	switch s {
	case StandDone:
		return c.Done - c.DoneLate
	case StandDoneLate:
		return c.DoneLate
	case StandWaiting:
		return c.Waiting
	case StandOverdue:
		return c.Overdue
	case StandBlocked:
		return c.Blocked
	case StandAtRisk:
		return c.AtRisk
	case StandOnTrack:
		return c.OnTrack
	case StandWithdrawn:
		return c.Withdrawn
	}
	return 0
}

// Add counts n more that stand so.
func (c *Count) Add(s Standing, n int) {
	switch s {
	case StandDone:
		c.Done += n
	case StandDoneLate:
		c.Done += n
		c.DoneLate += n
	case StandWaiting:
		c.Waiting += n
	case StandOverdue:
		c.Overdue += n
	case StandBlocked:
		c.Blocked += n
	case StandAtRisk:
		c.AtRisk += n
	case StandOnTrack:
		c.OnTrack += n
	case StandWithdrawn:
		c.Withdrawn += n
	}
}

// Plus is both together.
func (c Count) Plus(o Count) Count {
	for _, s := range Standings {
		c.Add(s, o.Of(s))
	}
	return c
}

// By is by what a roll-up parts.
type By string

// The ways of parting.
const (
	ByLevel  By = "level"
	ByGroup  By = "group"
	ByAgency By = "agency" // ministries and provinces, in a geography
	ByLead   By = "lead"   // who answers for the whole
	ByMonth  By = "month"  // of the due date
	ByTask   By = "task"
)

// Bys lists them. By unit, agency by agency below the province, the store counts.
var Bys = []By{ByLevel, ByGroup, ByAgency, ByLead, ByMonth, ByTask}

// Narrow leaves only some of the unit tasks. What is empty lets all pass.
type Narrow struct {
	Level  Level
	Group  string
	Scope  Scope
	Task   string
	Lead   string
	Agency string // ministry or province, in the geography
}

// Part is one line of a roll-up. Key "" is what belongs to none of the others.
type Part struct {
	Key string `json:"key"`
	Count
}

// RollUp counts cells on a day by something, in a geography, in the order of the keys. The
// sum of the parts is the whole.
func RollUp(cells []Cell, tasks map[string]*Task, by By, n Narrow, g *Geography, day clock.Date) []Part {
	parts := map[string]*Count{}
	for i := range cells {
		c := &cells[i]
		t := tasks[c.Task]
		if t == nil {
			t = &Task{ID: c.Task}
		}
		if c.N == 0 || !n.lets(c, t, g) {
			continue
		}
		key := keyOf(c, t, by, g)
		if parts[key] == nil {
			parts[key] = &Count{}
		}
		parts[key].Add(StandingOf(c.State, c.Late, c.From, c.Due, day), c.N)
	}
	out := make([]Part, 0, len(parts))
	for key, c := range parts {
		out = append(out, Part{key, *c})
	}
	slices.SortFunc(out, func(a, b Part) int {
		if by == ByLevel {
			return slices.Index(Levels, Level(a.Key)) - slices.Index(Levels, Level(b.Key))
		}
		return cmp.Compare(a.Key, b.Key)
	})
	return out
}

// Total is the sum of parts.
func Total(parts []Part) Count {
	var out Count
	for _, p := range parts {
		out = out.Plus(p.Count)
	}
	return out
}

func (n Narrow) lets(c *Cell, t *Task, g *Geography) bool {
	return (n.Level == "" || c.Level == n.Level) && (n.Group == "" || t.Group == n.Group) && (n.Scope == "" || t.Scope == n.Scope) &&
		(n.Task == "" || c.Task == n.Task || t.Parent == n.Task) && (n.Lead == "" || t.Lead == n.Lead) && (n.Agency == "" || g.Allot(c.Origin) == n.Agency)
}

func keyOf(c *Cell, t *Task, by By, g *Geography) string {
	switch by {
	case ByLevel:
		return string(c.Level)
	case ByGroup:
		return t.Group
	case ByAgency:
		return g.Allot(c.Origin)
	case ByLead:
		return t.Lead
	case ByMonth:
		if c.Due.IsZero() {
			return ""
		}
		return c.Due.String()[:7]
	case ByTask:
		return c.Task
	}
	return ""
}

// DoneTasks says of each task whether it is done: every unit task of it that is still
// asked for was accepted. A task with none is not done, nor is one that comes again, nor one
// that was withdrawn.
func DoneTasks(cells []Cell, tasks map[string]*Task) map[string]bool {
	asked, done := map[string]int{}, map[string]int{}
	for i := range cells {
		if c := &cells[i]; c.State != Withdrawn {
			asked[c.Task] += c.N
			if c.State == Done {
				done[c.Task] += c.N
			}
		}
	}
	out := map[string]bool{}
	for id, t := range tasks {
		out[id] = t.Ended == "" && t.Every.Ends() && asked[id] > 0 && asked[id] == done[id]
	}
	return out
}
