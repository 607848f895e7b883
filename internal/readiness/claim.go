package readiness

import (
	"fmt"
	"slices"

	"dean06/internal/platform/clock"
)

// Claim is a figure that somebody published, kept as it was published.
type Claim struct {
	ID string `json:"id"`
	Text
	Value *int       `json:"value,omitempty"` // nil: no number was given
	Of    *int       `json:"of,omitempty"`    // the number out of which; nil: none was given
	AsOf  clock.Date `json:"as_of,omitzero"`  // the day it speaks of, if it is known to the day
	When  Text       `json:"when,omitzero"`   // the time it speaks of, where the day is not known
	// Source is the document, Place where it stands there.
	Source string     `json:"source"`
	Place  Text       `json:"place"`
	Figure *FigureRef `json:"figure,omitempty"` // what the register recomputes it from
	// Conflict says what does not fit: another published number, or itself.
	Conflict Text `json:"conflict,omitzero"`
}

// FigureRef points at one figure of the register.
type FigureRef struct {
	Campaign string `json:"campaign"`
	Block    string `json:"block"`  // "ministries", "provinces"
	Figure   string `json:"figure"` // component key, or AllFive
}

// Outcome is what the comparison of a claim with the register gives.
type Outcome string

// The outcomes.
const (
	Equal           Outcome = "equal"
	Differs         Outcome = "differs"
	NotRecomputable Outcome = "not_recomputable"
)

// Compared is a claim beside what the register finds.
type Compared struct {
	Claim        Claim
	Outcome      Outcome
	Recomputed   int
	RecomputedOf int
	Difference   int // recomputed less claimed
	DifferenceOf int
	Figure       Figure // the agencies behind the recomputation
	// KnownOn is the day up to which was known what was recomputed: see Claim.KnownOn.
	KnownOn clock.Date
}

// KnownOn is the day as known on which a claim is recomputed, so that what came in later
// never makes a published figure wrong or right: the day of the claim, or the day by
// which the round was due where the claim was made before it, or names no day.
func (c Claim) KnownOn(round Campaign) clock.Date {
	if c.AsOf.After(round.Due) {
		return c.AsOf
	}
	return round.Due
}

// LoadClaims reads the claims. An error names every line that is wrong.
func LoadClaims(raw []byte) ([]Claim, error) {
	var out []Claim
	err := loadList(raw, "claims", func(say func(near, format string, args ...any)) {
		seen := map[string]bool{}
		for _, c := range out {
			if c.ID == "" || seen[c.ID] {
				say(c.ID, "claim %q has no id, or stands twice", c.ID)
			}
			seen[c.ID] = true
			if c.Vi == "" || c.En == "" || c.Source == "" || c.Place.Vi == "" || c.Place.En == "" {
				say(c.ID, "claim %q needs vi, en, source and place", c.ID)
			}
			if c.AsOf.IsZero() == (c.When.Vi == "") {
				say(c.ID, "claim %q needs either as_of or when", c.ID)
			}
			if c.Value == nil && (c.Of != nil || c.Figure != nil) {
				say(c.ID, "claim %q has no value to compare", c.ID)
			}
			if f := c.Figure; f != nil && (f.Campaign == "" || f.Figure == "" || !slices.Contains([]string{"ministries", "provinces"}, f.Block)) {
				say(c.ID, "claim %q: figure needs campaign, block (ministries or provinces) and figure", c.ID)
			}
		}
	}, &out)
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Compare holds a claim against figures of its campaign. A claim that the
// register has nothing for, or no answers yet, is not recomputable.
func Compare(c Claim, figures Figures) Compared {
	out := Compared{Claim: c, Outcome: NotRecomputable}
	if c.Figure == nil || c.Value == nil || c.Figure.Campaign != figures.Campaign {
		return out
	}
	f, ok := figures.Block(c.Figure.Block).Figure(c.Figure.Figure)
	if !ok || len(f.Of) == 0 {
		return out
	}
	out.KnownOn = figures.KnownOn
	out.Figure, out.Recomputed, out.RecomputedOf = f, len(f.Met), len(f.Of)
	out.Difference = out.Recomputed - *c.Value
	if c.Of != nil {
		out.DifferenceOf = out.RecomputedOf - *c.Of
	}
	out.Outcome = Equal
	if out.Difference != 0 || out.DifferenceOf != 0 {
		out.Outcome = Differs
	}
	return out
}

// Bound is the most that can meet all components by the components' own
// figures: the smallest of them. It is false when there is no component.
func Bound(b Block) (int, bool) {
	smallest, any := 0, false
	for _, f := range b.Figures {
		if f.Key == AllFive {
			continue
		}
		if !any || len(f.Met) < smallest {
			smallest, any = len(f.Met), true
		}
	}
	return smallest, any
}

// CheckBound holds claims against each other: in one block of one campaign no
// more can meet all five than meet the component that fewest meet. It gives the
// bound that the claims set ("ministries" or "provinces" of the campaign) and
// whether a claim of all five, if there is one, keeps to it.
func CheckBound(claims []Claim, campaign, block string) (bound int, kept bool, err error) {
	found := false
	var all *int
	for _, c := range claims {
		if c.Figure == nil || c.Figure.Campaign != campaign || c.Figure.Block != block {
			continue
		}
		if c.Figure.Figure == AllFive {
			all = c.Value
			continue
		}
		if !found || *c.Value < bound {
			bound, found = *c.Value, true
		}
	}
	if !found {
		return 0, true, fmt.Errorf("check bound of %s in campaign %s: there is no claim about a component", block, campaign)
	}
	return bound, all == nil || *all <= bound, nil
}
