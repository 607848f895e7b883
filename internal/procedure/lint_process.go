package procedure

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"dean06/internal/deadline"
	"dean06/internal/eform"
	"dean06/internal/platform/fault"
)

// lintProcess looks at the steps: whether each is reached, held by somebody and left again.
func (l *linter) lintProcess() {
	p := &l.p.Process
	if len(p.Steps) == 0 {
		return
	}
	l.named("process.steps[%d].id", len(p.Steps), func(i int) string { return p.Steps[i].ID })
	steps := map[string]int{}
	for i, s := range p.Steps {
		if _, ok := steps[s.ID]; !ok {
			steps[s.ID] = i
		}
	}
	for i := range p.Steps {
		l.lintStep(i, steps)
	}
	start, ok := steps[p.Start]
	if !ok {
		l.fault("process.start", "unknown_step", fault.Args{"step": p.Start})
		return
	}
	if s := p.Steps[start]; s.Status != 1 {
		l.fault(fmt.Sprintf("process.steps[%d].status", start), "start_status", fault.Args{"step": s.ID})
	}
	l.lintReach(start, steps)
	if !slices.ContainsFunc(p.Steps, func(s Step) bool { return s.End }) {
		l.fault("process.steps", "no_end", nil)
	}
	if l.p.Effect != nil && !slices.ContainsFunc(p.Steps, func(s Step) bool {
		return slices.ContainsFunc(s.Next, func(w Way) bool { return w.On == "registered" })
	}) {
		l.fault("effect", "effect_without_step", nil)
	}
}

func (l *linter) lintStep(i int, steps map[string]int) {
	s := &l.p.Process.Steps[i]
	at := fmt.Sprintf("process.steps[%d]", i)
	l.needed(at+".name", s.Name == eform.Text{})
	l.lintHolder(at, s)
	if s.Status < 1 || s.Status > 10 {
		l.fault(at+".status", "status", fault.Args{"step": s.ID, "status": s.Status})
	}
	if s.End && !slices.Contains([]int{3, 8, 9, 10}, s.Status) && s.Status >= 1 && s.Status <= 10 {
		l.fault(at+".status", "end_status", fault.Args{"step": s.ID, "status": s.Status})
	}
	if s.Budget != nil {
		l.length(at+".budget", *s.Budget)
	}
	switch {
	case s.End && len(s.Next) > 0:
		l.fault(at+".next", "end_with_way", fault.Args{"step": s.ID})
	case !s.End && len(s.Next) == 0:
		l.fault(at, "no_way_out", fault.Args{"step": s.ID})
	}
	taken := map[string]int{}
	for k, w := range s.Next {
		wat := fmt.Sprintf("%s.next[%d]", at, k)
		l.oneOf(wat+".on", w.On, verbs)
		if _, ok := steps[w.To]; !ok {
			l.fault(wat+".to", "unknown_step", fault.Args{"step": w.To})
		}
		l.condition(wat+".when", w.When, nil)
		if before, ok := taken[w.On]; ok && !excludes(w.When, s.Next[before].When) {
			l.fault(wat+".on", "way_twice", fault.Args{"step": s.ID, "action": w.On})
		}
		taken[w.On] = k
	}
}

// lintHolder: a step is held by a duty at an agency, or by the program.
func (l *linter) lintHolder(at string, s *Step) {
	h := s.Holder
	switch {
	case h == Holder{}:
		l.fault(at, "step_without_holder", fault.Args{"step": s.ID})
	case h.System && (h.Duty != "" || h.At != ""):
		l.fault(at+".holder", "two_holders", fault.Args{"step": s.ID})
	case !h.System && (h.Duty == "" || h.At == ""):
		l.fault(at+".holder", "step_without_holder", fault.Args{"step": s.ID})
	case !h.System:
		l.oneOf(at+".holder.duty", h.Duty, duties)
		l.oneOf(at+".holder.at", h.At, stands)
	}
}

// lintReach reports steps that no way leads to, and steps from which none leads to an end.
func (l *linter) lintReach(start int, steps map[string]int) {
	p := &l.p.Process
	reached := map[int]bool{}
	var walk func(i int)
	walk = func(i int) {
		if reached[i] {
			return
		}
		reached[i] = true
		for _, w := range p.Steps[i].Next {
			if to, ok := steps[w.To]; ok && !(w.When != nil && never(w.When)) {
				walk(to)
			}
		}
	}
	walk(start)
	ends := map[int]bool{} // from which an end is reached
	for range p.Steps {
		for i, s := range p.Steps {
			ends[i] = ends[i] || s.End || slices.ContainsFunc(s.Next, func(w Way) bool { to, ok := steps[w.To]; return ok && ends[to] })
		}
	}
	for i, s := range p.Steps {
		at := fmt.Sprintf("process.steps[%d]", i)
		if !reached[i] {
			l.fault(at, "unreachable_step", fault.Args{"step": s.ID})
		}
		if !ends[i] && len(s.Next) > 0 {
			l.fault(at, "no_end_from", fault.Args{"step": s.ID})
		}
	}
}

// length reports a length of time that is none.
func (l *linter) length(at string, limit deadline.Limit) {
	most := limit.Unit.Most()
	switch {
	case most == 0:
		l.fault(at+".unit", "unit", fault.Args{"unit": string(limit.Unit)})
	case limit.Value < 1 || limit.Value > most:
		l.fault(at+".value", "length", fault.Args{"value": limit.Value, "most": most})
	}
}

// weight is a length in sevenths of a working hour, so that lengths of different units add
// up: a working day has 8 hours, seven days have five working days, a month 30 days. What is
// longer than a limit may be counts as the longest.
func weight(limit deadline.Limit) int {
	each := map[deadline.Unit]int{deadline.Hour: 7, deadline.WorkingDay: 56, deadline.Day: 40, deadline.Month: 1200}
	return min(limit.Value, limit.Unit.Most()) * each[limit.Unit]
}

// hours writes a weight in working hours.
func hours(w int) string {
	if w%7 == 0 {
		return strconv.Itoa(w / 7)
	}
	return strconv.FormatFloat(float64(w)/7, 'f', 1, 64)
}

// lintLimits looks at the legal limits, and whether the steps keep within them.
func (l *linter) lintLimits() {
	for i, limit := range l.p.Limits {
		at := fmt.Sprintf("limits[%d]", i)
		l.condition(at+".when", limit.When, nil)
		l.needed(at+".basis", limit.Basis == "")
		l.oneOf(at+".sure", limit.Sure, sures)
		l.length(at+".rule.limit", limit.Rule.Limit)
		l.shape(at+".rule.cutoff", limit.Rule.Cutoff, clockShape, "15:00")
		for k, pause := range limit.Rule.Pause {
			l.oneOf(fmt.Sprintf("%s.rule.pause[%d]", at, k), pause, pauses)
		}
		switch end := i == len(l.p.Limits)-1; {
		case end && limit.When != nil:
			l.fault(at+".when", "limit_for_all", nil)
		case !end && limit.When == nil:
			l.fault(at, "limit_hides", nil)
		}
		l.lintBudgets(at, i)
	}
}

// lintBudgets reports steps whose budgets add up to more than a limit. Of the ways through
// the process those are walked that can be taken while the limit is the one that counts; a
// step to which one comes back counts once, and one in which the clock stands not at all.
func (l *linter) lintBudgets(at string, i int) {
	p, limit := &l.p.Process, l.p.Limits[i]
	steps := map[string]int{}
	for k, s := range p.Steps {
		steps[s.ID] = k
	}
	start, ok := steps[p.Start]
	if !ok {
		return
	}
	can := func(w Way) bool {
		if excludes(w.When, limit.When) {
			return false
		}
		for _, earlier := range l.p.Limits[:i] {
			if earlier.When != nil && reflect.DeepEqual(w.When, earlier.When) {
				return false // then the earlier limit counts
			}
		}
		return true
	}
	longest, path := longestPath(p.Steps, start, steps, can)
	whole := limit.Rule.Limit
	if oneDay := (deadline.Limit{Value: 1, Unit: deadline.WorkingDay}); limit.Rule.SameDay && weight(oneDay) < weight(whole) {
		whole = oneDay // due on the day of reception, whatever the limit
	}
	most := weight(whole)
	if longest <= most || most <= 0 {
		return
	}
	var names []string
	heaviest := path[0]
	for _, k := range path {
		b := budgetOf(p.Steps[k])
		if b > 0 {
			names = append(names, fmt.Sprintf("%s (%d %s)", p.Steps[k].ID, p.Steps[k].Budget.Value, p.Steps[k].Budget.Unit))
		}
		if b > budgetOf(p.Steps[heaviest]) {
			heaviest = k
		}
	}
	// Two places contradict each other: it is said at both.
	args := fault.Args{
		"sum": hours(longest), "limit": hours(most), "steps": strings.Join(names, " + "), "value": whole.Value, "unit": string(whole.Unit),
	}
	l.fault(fmt.Sprintf("process.steps[%d].budget", heaviest), "over_limit", args)
	l.fault(at+".rule.limit", "over_limit", args)
}

// budgetOf is the weight of a step's budget; the clock stands at a supplement and a fee.
func budgetOf(s Step) int {
	if s.Budget == nil || s.Status == 5 || s.Status == 6 {
		return 0
	}
	return weight(*s.Budget)
}

// mostWalks bounds the search for the longest way: processes are small, and one that is not
// is walked as far as that.
const mostWalks = 200_000

// longestPath is the way from a step with the largest sum of budgets that comes to no step
// twice.
func longestPath(steps []Step, start int, byID map[string]int, can func(Way) bool) (sum int, path []int) {
	on := make([]bool, len(steps))
	var now []int
	walks := 0
	var walk func(i, so int)
	walk = func(i, so int) {
		if on[i] || walks > mostWalks {
			return
		}
		walks++
		on[i] = true
		now = append(now, i)
		so += budgetOf(steps[i])
		if so > sum || path == nil {
			sum, path = so, slices.Clone(now)
		}
		for _, w := range steps[i].Next {
			if to, ok := byID[w.To]; ok && can(w) {
				walk(to, so)
			}
		}
		now = now[:len(now)-1]
		on[i] = false
	}
	walk(start, 0)
	return sum, path
}
