package programme

import (
	"context"
	"slices"
	"strings"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
)

// TaskFilter narrows the list of tasks. What is empty lets all pass.
type TaskFilter struct {
	Scope     Scope
	Level     Level
	Group     string
	Lead      string
	Directive string
	Done      string // "yes", "no", "withdrawn"
	Text      string
}

// Tasks lists the tasks that somebody may see, by code: all, or those that their agency has
// or that concern it.
func (s *Service) Tasks(ctx context.Context, who actor.Actor, f TaskFilter) ([]*Task, *Book, error) {
	list, err := s.Offered(ctx, who)
	if err != nil {
		return nil, nil, err
	}
	b, err := s.book(ctx, clock.Date{})
	if err != nil {
		return nil, nil, err
	}
	words := wordsOf(f.Text)
	return slices.DeleteFunc(list, func(t *Task) bool {
		return f.Scope != "" && t.Scope != f.Scope || f.Level != "" && t.Level != f.Level || f.Group != "" && t.Group != f.Group ||
			f.Lead != "" && t.Lead != f.Lead || f.Directive != "" && !slices.Contains(t.Directives, f.Directive) ||
			f.Done != "" && f.Done != doneOf(b, t) || !hasWords(words, t.Code+" "+t.Title)
	}), b, nil
}

func doneOf(b *Book, t *Task) string {
	if t.Ended != "" {
		return "withdrawn"
	}
	return yesNo(b.Done(t.ID))
}

// Offered lists the tasks that somebody may see, to choose of.
func (s *Service) Offered(ctx context.Context, who actor.Actor) ([]*Task, error) {
	all, err := Sees(who)
	if err != nil {
		return nil, err
	}
	b, err := s.book(ctx, clock.Date{})
	if err != nil {
		return nil, err
	}
	has := map[string]bool{}
	var own []string
	if !all {
		if own, err = s.heritage(ctx, who.Agency); err != nil {
			return nil, err
		}
		units, err := s.UnitTasks(ctx, who, Filter{}, Cursor{}, mostOfOne)
		if err != nil {
			return nil, err
		}
		for i := range units {
			has[units[i].Task] = true
		}
	}
	var out []*Task
	for i := range b.Tasks {
		if t := &b.Tasks[i]; all || has[t.ID] || t.Concerns(own...) {
			out = append(out, t)
		}
	}
	return out, nil
}

// mostOfOne bounds the unit tasks of one agency that are read to know its tasks.
const mostOfOne = 5000

// Titles gives the code and title of the task of each unit task.
func (s *Service) Titles(ctx context.Context, list []UnitTask) ([]string, error) {
	b, err := s.book(ctx, clock.Date{})
	if err != nil {
		return nil, err
	}
	out := make([]string, len(list))
	for i := range list {
		out[i] = list[i].Task
		if t, ok := b.Task(list[i].Task); ok {
			out[i] = t.Code + " " + t.Title
		}
	}
	return out, nil
}

// PublishedDays are the days of which figures were published, in order.
func (s *Service) PublishedDays() []clock.Date {
	var out []clock.Date
	for _, p := range s.Published {
		if !slices.Contains(out, p.AsOf) {
			out = append(out, p.AsOf)
		}
	}
	slices.SortFunc(out, clock.Date.Compare)
	return out
}

// The registers of which the forecast is made, and their fields.
const (
	normKind = "norm"
	needKind = "need"
)

// Shortage is what is missing of one thing in the whole country.
type Shortage struct {
	Item    string `json:"item"`
	Needed  int    `json:"needed"`
	Have    int    `json:"have"`
	Missing int    `json:"missing"` // what one place has too much helps no other
}

// Forecast computes from the needs that communes reported, by the norms in force, what is
// missing, thing by thing. Of what no norm speaks nothing is missing.
func (b *Book) Forecast() []Shortage {
	norms := map[string]int{}
	for _, r := range b.Of(normKind) {
		if r.State == "in_force" {
			norms[r.Fields["item"]] = r.Number("per_unit")
		}
	}
	var out []Shortage
	for _, r := range b.Of(needKind) {
		item := r.Fields["item"]
		norm, ok := norms[item]
		if !ok {
			continue
		}
		i := slices.IndexFunc(out, func(s Shortage) bool { return s.Item == item })
		if i < 0 {
			i = len(out)
			out = append(out, Shortage{Item: item})
		}
		needed, have := norm*r.Number("units"), r.Number("have")
		out[i].Needed += needed
		out[i].Have += have
		out[i].Missing += max(needed-have, 0)
	}
	slices.SortFunc(out, func(a, b Shortage) int { return strings.Compare(a.Item, b.Item) })
	return out
}

// Forecast is what is missing in the whole country, for who reads everything.
func (s *Service) Forecast(ctx context.Context, who actor.Actor) ([]Shortage, error) {
	b, err := s.Books(ctx, who, clock.Date{})
	if err != nil {
		return nil, err
	}
	return b.Forecast(), nil
}

// Waiting is what waits for somebody: of an agency, what is overdue and at risk; of who
// accepts, what was reported.
func (s *Service) Waiting(ctx context.Context, who actor.Actor) (Count, error) {
	var out Count
	if Permissions.Can(who, Decide) == nil {
		b, err := s.book(ctx, clock.Date{})
		if err != nil {
			return out, err
		}
		for i := range b.Cells {
			if b.Cells[i].State == Reported {
				out.Waiting += b.Cells[i].N
			}
		}
		return out, nil
	}
	if !who.Has(FocalPoint) || who.Agency == "" {
		return out, nil
	}
	own, err := s.Units(ctx, who, []string{who.Agency})
	if err != nil {
		return out, err
	}
	return Count{Overdue: own[0].Overdue, AtRisk: own[0].AtRisk}, nil
}
