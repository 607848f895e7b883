package readiness

// RoundChange is what became of one figure between two rounds. It compares only those whose
// answer is known in both; the others are named, and none of them counts as a no.
type RoundChange struct {
	Figure string
	Both   []Turn  // those that are compared
	Gained []Turn  // of them, those that meet it now and did not
	Fell   []Turn  // and those that did and do not
	Was    float64 // how many of them met it before; the weighted rule counts shares
	Is     float64 // and how many meet it now

	OnlyBefore []Turn // known before, not now
	OnlyNow    []Turn // known now, not before
	Neither    []Turn // asked, and known in neither
}

// Turn is one agency in both rounds; the statement of a round in which it was neither
// asked nor answered is zero but for its name.
type Turn struct{ Was, Is Statement }

// Missing are all that are not compared.
func (c RoundChange) Missing() []Turn {
	out := append([]Turn{}, c.OnlyBefore...)
	return append(append(out, c.OnlyNow...), c.Neither...)
}

// Between compares the statements of two rounds about a figure. Both must be in the units
// of one day: who was merged meanwhile is compared when all that it was made of answered.
func Between(key string, before, now []Statement) RoundChange {
	c := RoundChange{Figure: key}
	was := make(map[string]Statement, len(before))
	for _, s := range before {
		was[s.Agency] = s
	}
	for _, s := range now {
		w, ok := was[s.Agency]
		if !ok {
			w = Statement{Agency: s.Agency, Name: s.Name, Kind: s.Kind}
		}
		c.add(Turn{w, s})
		delete(was, s.Agency)
	}
	for _, w := range before {
		if _, left := was[w.Agency]; left {
			c.add(Turn{w, Statement{Agency: w.Agency, Name: w.Name, Kind: w.Kind, Recipient: w.Recipient}})
		}
	}
	return c
}

func (c *RoundChange) add(t Turn) {
	was, is := t.Was.Known(c.Figure), t.Is.Known(c.Figure)
	switch {
	case was && is:
		c.Both = append(c.Both, t)
		c.Was += t.Was.part(c.Figure)
		c.Is += t.Is.part(c.Figure)
		switch before, now := t.Was.Meets(c.Figure), t.Is.Meets(c.Figure); {
		case now && !before:
			c.Gained = append(c.Gained, t)
		case before && !now:
			c.Fell = append(c.Fell, t)
		}
	case was:
		c.OnlyBefore = append(c.OnlyBefore, t)
	case is:
		c.OnlyNow = append(c.OnlyNow, t)
	default:
		c.Neither = append(c.Neither, t)
	}
}

// part is how much of a figure a statement adds to a sum.
func (s Statement) part(key string) float64 {
	switch {
	case s.Share != nil:
		return s.Share[key]
	case s.Meets(key):
		return 1
	}
	return 0
}

// Status is what the statement amounts to for a component, or for AllFive: of what is
// known, and Unknown when that leaves open whether it is met.
func (s Statement) Status(key string) Status {
	switch {
	case !s.Answered():
		return Unknown
	case s.Meets(key):
		return Met
	case key != AllFive:
		if st := s.Verdict.Components[key]; st != "" {
			return st
		}
		return Unknown
	}
	count := map[Status]int{}
	for _, st := range s.Verdict.Components {
		count[st]++
	}
	switch {
	case count[PartiallyMet]+count[NotMet] == 0:
		return Unknown
	case count[Met]+count[PartiallyMet] > 0:
		return PartiallyMet
	}
	return NotMet
}

// Known says that the statement settles whether a figure is met: nothing that was left
// unanswered counts as a no, and of units that were merged all must have answered.
func (s Statement) Known(key string) bool {
	for _, f := range s.From {
		if !f.Known(key) {
			return false
		}
	}
	return s.Status(key) != Unknown
}

// Fell counts the agencies that fell back in some component, and those that are compared
// in one.
func Fell(tpl *Template, before, now []Statement) (fell, compared int) {
	gone, seen := map[string]bool{}, map[string]bool{}
	for _, comp := range tpl.Components {
		c := Between(comp.Key, before, now)
		for _, t := range c.Fell {
			gone[t.Is.Agency] = true
		}
		for _, t := range c.Both {
			seen[t.Is.Agency] = true
		}
	}
	return len(gone), len(seen)
}
