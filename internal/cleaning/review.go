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

// Next is the next pair for an officer, of a commune or of all: a row and the candidate of it
// that they have not judged yet. Nobody else is given the row meanwhile. It fails with Denied,
// and NotFound when nothing is left for them.
func (d *Desk) Next(ctx context.Context, a actor.Actor, id, commune string) (v Beside, err error) {
	if commune, err = allowed(a, Review, commune); err != nil {
		return v, err
	}
	if v.Batch, err = d.Store.Batch(ctx, id); err != nil {
		return v, err
	}
	if !v.Batch.open() {
		return v, fault.New(fault.Conflict, "cleaning.batch.not_review", nil)
	}
	now := d.Clock.Now()
	if v.Row, err = d.Store.Next(ctx, id, commune, a.Account, now, now.Add(leased)); err != nil {
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

// through says that somebody has said of a row what there is to say.
func through(r Row, labels []Label, account string) bool {
	others := 0
	for _, l := range labels {
		if l.Row == r.At && l.By == account {
			if l.Says != Other {
				return true
			}
			others++
		}
	}
	return others > 0 && others >= len(r.Candidates)
}

// Decide says what an officer sees of a pair that is theirs. It fails with Denied, Invalid,
// and Conflict when it is not theirs any more.
func (d *Desk) Decide(ctx context.Context, a actor.Actor, id string, at, of int, says Decided) (Row, error) {
	commune, err := May(a, Review)
	if err != nil {
		return Row{}, err
	}
	b, err := d.Store.Batch(ctx, id)
	if err != nil {
		return Row{}, err
	}
	return d.decide(ctx, b, commune, Label{ID: d.NewID(), Batch: id, Row: at, Candidate: of, Says: says, By: a.Account, At: d.Clock.Now()})
}

func (d *Desk) decide(ctx context.Context, b Batch, commune string, l Label) (Row, error) {
	if l.Says != Same && l.Says != Other && l.Says != Unsure {
		return Row{}, fault.New(fault.Invalid, "cleaning.batch.says", nil)
	}
	if !b.open() {
		return Row{}, fault.New(fault.Conflict, "cleaning.batch.not_review", nil)
	}
	return d.Store.Decide(ctx, b, l, l.At, func(r *Row, before []Label) (through bool, err error) {
		if err := within(commune, r); err != nil {
			return false, err
		}
		if l.Candidate != candidate(*r, before, l.By) {
			return false, fault.New(fault.Conflict, "cleaning.batch.moved", nil)
		}
		was := *r
		if through, err = r.decide(l, before); err != nil {
			return false, err
		}
		if b.State == Released && r.held() != was.held() && !seconded(l, before) {
			*r = was // it reaches the agency when somebody else says the same
		}
		return through, nil
	})
}

// seconded says that somebody else said the same of the pair before.
func seconded(l Label, before []Label) bool {
	return slices.ContainsFunc(before, func(o Label) bool { return o.By != l.By && o.Says == l.Says && o.Candidate == l.Candidate })
}

// Leave puts a pair behind all others, undecided.
func (d *Desk) Leave(ctx context.Context, a actor.Actor, id string, at int) error {
	if _, err := May(a, Review); err != nil {
		return err
	}
	return d.Store.Leave(ctx, id, a.Account, at)
}

// decide is what a row becomes by a label: the person, when it is the same; nobody, when it
// is none of the candidates. Of one that two could not decide, or on which two differ, the row
// stays open. through says that whoever judged has seen all that there is to see of it.
func (r *Row) decide(l Label, before []Label) (through bool, err error) {
	through = l.Says != Other || l.Candidate == len(r.Candidates)-1
	if !through {
		return false, nil // the next of its candidates
	}
	if slices.ContainsFunc(before, func(o Label) bool { return o.By != l.By }) && r.Look == LookWanted {
		r.Look = LookDone
	}
	var n citizen.Number
	if l.Says == Same {
		if n, err = citizen.ParseNumber(r.Candidates[l.Candidate].Number); err != nil {
			return false, err
		}
	}
	switch {
	case r.Decided != Undecided: // a second look
		if l.Says != r.Decided || n != r.Person && r.Decided != Unsure {
			r.unsettle()
		}
	case l.Says == Same:
		r.Decided, r.Person = Same, n
		if r.Outcome == Several || r.Outcome == NotFound {
			r.Outcome = Corrected
		}
	case l.Says == Other:
		r.Decided, r.Outcome, r.Person = Other, NotFound, citizen.Number{}
	case slices.ContainsFunc(before, func(o Label) bool { return o.Says == Unsure && o.By != l.By }):
		r.unsettle()
	}
	return true, nil
}

// unsettle leaves a row open: of what the program was sure of, too, when people doubt it.
func (r *Row) unsettle() {
	r.Decided, r.Outcome, r.Person = Unsure, Several, citizen.Number{}
}
