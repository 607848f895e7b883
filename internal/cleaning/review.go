package cleaning

import (
	"context"
	"slices"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
)

// leased is how long a pair is an officer's before it is given to another.
const leased = 15 * time.Minute

// Next is the next pair for an officer: a row and the candidate of it that they have not
// judged yet. Nobody else is given the row meanwhile. It fails with Denied, and NotFound
// when nothing is left for them.
func (d *Desk) Next(ctx context.Context, a actor.Actor, id string) (v Beside, err error) {
	if err := Permissions.Can(a, Review); err != nil {
		return v, err
	}
	if v.Batch, err = d.Store.Batch(ctx, id); err != nil {
		return v, err
	}
	if !v.Batch.open() {
		return v, fault.New(fault.Conflict, "cleaning.batch.not_review", nil)
	}
	now := d.Clock.Now()
	if v.Row, err = d.Store.Next(ctx, id, a.Account, now, now.Add(leased)); err != nil {
		return v, err
	}
	labels, err := d.Store.Labels(ctx, id)
	if err != nil {
		return v, err
	}
	v.Candidate = candidate(v.Row, labels, a.Account)
	n, err := citizen.ParseNumber(v.Row.Candidates[v.Candidate].Number)
	if err != nil {
		return v, err
	}
	return v, d.look(ctx, a, &v, n)
}

// open says that people decide on rows: also after the file was released, on those that are
// left and on those for whom somebody came since. What they decide then reaches the agency as
// a change, as soon as a second one says the same.
func (b *Batch) open() bool { return b.State == Reviewed || b.State == Released }

// candidate is the first of a row that an officer has not said is another.
func candidate(r Row, labels []Label, account string) int {
	n := 0
	for _, l := range labels {
		if l.Row == r.At && l.By == account && l.Says == Other {
			n++
		}
	}
	return min(n, len(r.Candidates)-1)
}

// Decide says what an officer sees of a pair that is theirs. It fails with Denied, Invalid,
// and Conflict when it is not theirs any more.
func (d *Desk) Decide(ctx context.Context, a actor.Actor, id string, at, of int, says Decided) (Row, error) {
	if err := Permissions.Can(a, Review); err != nil {
		return Row{}, err
	}
	b, err := d.Store.Batch(ctx, id)
	if err != nil {
		return Row{}, err
	}
	return d.decide(ctx, b, Label{ID: d.NewID(), Batch: id, Row: at, Candidate: of, Says: says, By: a.Account, At: d.Clock.Now()})
}

func (d *Desk) decide(ctx context.Context, b Batch, l Label) (Row, error) {
	if l.Says != Same && l.Says != Other && l.Says != Unsure {
		return Row{}, fault.New(fault.Invalid, "cleaning.batch.says", nil)
	}
	if !b.open() {
		return Row{}, fault.New(fault.Conflict, "cleaning.batch.not_review", nil)
	}
	return d.Store.Decide(ctx, b, l, l.At, func(r *Row, before []Label) error {
		if l.Candidate != candidate(*r, before, l.By) {
			return fault.New(fault.Conflict, "cleaning.batch.moved", nil)
		}
		was := *r
		if err := r.decide(l, before); err != nil {
			return err
		}
		if b.State == Released && r.held() != was.held() && !seconded(l, before) {
			*r = was // it reaches the agency when somebody else says the same
		}
		return nil
	})
}

// seconded says that somebody else said the same of the pair before.
func seconded(l Label, before []Label) bool {
	return slices.ContainsFunc(before, func(o Label) bool { return o.By != l.By && o.Says == l.Says && o.Candidate == l.Candidate })
}

// Leave puts a pair behind all others, undecided.
func (d *Desk) Leave(ctx context.Context, a actor.Actor, id string, at int) error {
	if err := Permissions.Can(a, Review); err != nil {
		return err
	}
	return d.Store.Leave(ctx, id, a.Account, at)
}

// decide is what a row becomes by a label: the person, when it is the same; nobody, when it
// is none of the candidates. Of one that two could not decide the row stays open.
func (r *Row) decide(l Label, before []Label) error {
	switch l.Says {
	case Same:
		n, err := citizen.ParseNumber(r.Candidates[l.Candidate].Number)
		if err != nil {
			return err
		}
		r.Decided, r.Person = Same, n
		if r.Outcome == Several || r.Outcome == NotFound {
			r.Outcome = Corrected
		}
	case Other:
		if l.Candidate < len(r.Candidates)-1 {
			return nil // the next of its candidates
		}
		r.Decided, r.Outcome, r.Person = Other, NotFound, citizen.Number{}
	case Unsure:
		for _, o := range before {
			if o.Says == Unsure && o.By != l.By {
				r.Decided = Unsure
			}
		}
		if r.Decided == Unsure && r.Control { // a person doubts what the program was sure of
			r.Outcome, r.Person = Several, citizen.Number{}
		}
	}
	return nil
}

// Measured is what people found of the rows that the program accepted, and how they work.
type Measured struct {
	Control   int        // accepted rows that were looked at
	Right     int        // of these
	Precision [2]float64 // of 95 of 100
	Labels    int
	Reviewers int
	// Agreed is how many pairs two people judged, and how many alike.
	Twice, Agreed int
	Seconds       float64 // for a pair, in the middle; 0: too few
}

// Measure sums labels up. It names nobody.
func Measure(labels []Label) Measured {
	var m Measured
	who := map[string]time.Time{}
	type pair struct{ row, candidate int }
	said := map[pair]Decided{}
	var took []float64
	for _, l := range labels {
		m.Labels++
		if before, ok := who[l.By]; ok {
			if s := l.At.Sub(before).Seconds(); s < 300 {
				took = append(took, s)
			}
		}
		who[l.By] = l.At
		if l.Control && l.Says != Unsure {
			m.Control++
			if l.Says == Same {
				m.Right++
			}
		}
		if was, ok := said[pair{l.Row, l.Candidate}]; ok {
			m.Twice++
			if was == l.Says {
				m.Agreed++
			}
		}
		said[pair{l.Row, l.Candidate}] = l.Says
	}
	m.Reviewers = len(who)
	m.Precision[0], m.Precision[1] = wilson(float64(m.Right), float64(m.Control))
	if len(took) >= 5 {
		m.Seconds = middle(took)
	}
	return m
}
