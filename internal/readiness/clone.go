package readiness

import (
	"maps"
	"slices"
)

// Clone copies a return so that changing the copy leaves the original as it is.
func (r Return) Clone() Return {
	r.Systems = slices.Clone(r.Systems)
	for i := range r.Systems {
		r.Systems[i].Aliases = slices.Clone(r.Systems[i].Aliases)
	}
	r.Answers = slices.Clone(r.Answers)
	for i := range r.Answers {
		r.Answers[i] = r.Answers[i].clone()
	}
	r.Proposals = slices.Clone(r.Proposals)
	r.Difficulties = slices.Clone(r.Difficulties)
	r.Recommendations = slices.Clone(r.Recommendations)
	r.Extra = slices.Clone(r.Extra)
	return r
}

func (a Answer) clone() Answer {
	a.Causes = slices.Clone(a.Causes)
	a.Unmet = slices.Clone(a.Unmet)
	a.Readings = maps.Clone(a.Readings)
	a.Values = maps.Clone(a.Values)
	if a.Decision != nil {
		d := *a.Decision
		a.Decision = &d
	}
	if a.Counts != nil {
		c := *a.Counts
		for _, p := range []**int{&c.UnitsUnmet, &c.UnitsTotal, &c.DevicesHave, &c.DevicesNeed} {
			if *p != nil {
				n := **p
				*p = &n
			}
		}
		a.Counts = &c
	}
	return a
}
