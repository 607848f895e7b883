package readiness

import (
	"context"
	"fmt"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
)

// Basis is what figures are made from: the question as completed, the form, and
// one statement for each recipient and respondent.
type Basis struct {
	Campaign   Campaign
	Template   *Template
	Question   Question
	Revision   string // changes whenever a return of the campaign does
	Statements []Statement
}

// Statements answers a question agency by agency. A day left out is filled in:
// known now, true on the letter's day, in the units of the letter's day.
//
// Known on: a version counts from the moment it was accepted (recorded time).
// True on: what an agency stated holds until it states something else, so a
// later day changes nothing; on a day before an agency was there it is left out.
// Geography: asked for by itself, never implied by a day: an agency that was
// merged meanwhile is shown in the unit that followed it only then.
func (r *Register) Statements(ctx context.Context, who actor.Actor, q Question) (Basis, error) {
	if err := Can(who, ReadFigures, ""); err != nil {
		return Basis{}, err
	}
	return r.basis(ctx, q)
}

func (r *Register) basis(ctx context.Context, q Question) (Basis, error) {
	c, err := r.store.Campaign(ctx, q.Campaign)
	if err == nil {
		err = c.Live() // it counts nowhere
	}
	if err != nil {
		return Basis{}, err
	}
	t, err := r.store.Template(ctx, c.Template)
	if err != nil {
		return Basis{}, err
	}
	if q.TrueOn.IsZero() {
		q.TrueOn = c.Recipients.On
	}
	if q.Geography.IsZero() {
		q.Geography = c.Recipients.On
	}
	if q.Combine == "" {
		q.Combine = CombineAll
	}
	before := q.before()
	if q.KnownOn.IsZero() {
		q.KnownOn = clock.DayOf(r.clock.Now())
	}
	revision, err := r.store.Revision(ctx, q.Campaign)
	if err != nil {
		return Basis{}, err
	}
	return r.bases.get(ctx, fmt.Sprintf("%+v|%s", q, revision), func(ctx context.Context) (Basis, error) {
		statements, err := r.statements(ctx, c, q, before)
		return Basis{Campaign: c, Template: t, Question: q, Revision: revision, Statements: statements}, err
	})
}

func (r *Register) statements(ctx context.Context, c Campaign, q Question, before time.Time) ([]Statement, error) {
	recipients, err := r.store.Recipients(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	counted, err := r.store.Counted(ctx, c.ID, before, false)
	if err != nil {
		return nil, err
	}
	byAgency := make(map[string]Counted, len(counted))
	for _, v := range counted {
		byAgency[v.Agency.Code] = v
	}
	out := make([]Statement, 0, len(recipients)+len(counted))
	add := func(a Agency, recipient bool) {
		if q.TrueOn.Before(c.Recipients.On) {
			if _, there := r.agencies.Agency(a.Code, q.TrueOn); !there {
				return
			}
		}
		s := Statement{Agency: a.Code, Name: a.Name, Kind: a.Kind, Recipient: recipient, TrueOn: q.TrueOn}
		if v, ok := byAgency[a.Code]; ok {
			s.Version, s.KnownAt, s.Verdict = v.Version, v.Since, v.Verdict
		}
		out = append(out, s)
	}
	asked := make(map[string]bool, len(recipients))
	for _, a := range recipients {
		asked[a.Code] = true
		add(a, true)
	}
	for _, v := range counted {
		if !asked[v.Agency.Code] {
			add(v.Agency, false)
		}
	}
	if q.Geography != c.Recipients.On {
		out = Combine(q.Combine, out, r.agencies.Geography(c.Recipients.On, q.Geography))
	}
	return out, nil
}

// Figures counts the answers to a question.
func (r *Register) Figures(ctx context.Context, who actor.Actor, q Question) (Figures, error) {
	if err := Can(who, ReadFigures, ""); err != nil {
		return Figures{}, err
	}
	return r.figures(ctx, q)
}

func (r *Register) figures(ctx context.Context, q Question) (Figures, error) {
	b, err := r.basis(ctx, q)
	if err != nil {
		return Figures{}, err
	}
	return Tally(b.Question, b.Template.Rule(), b.Template, b.Statements), nil
}

// answers lists the returns that count at the moment of a question, with all
// that they say.
func (r *Register) answers(ctx context.Context, q Question) ([]Counted, error) {
	return r.store.Counted(ctx, q.Campaign, q.before(), true)
}

// before is the moment up to which the question knows; zero: no limit.
func (q Question) before() time.Time {
	if !q.KnownBefore.IsZero() {
		return q.KnownBefore
	}
	return cutOff(q.KnownOn)
}

// cutOff is the first moment after a day, or the zero moment for no day.
func cutOff(d clock.Date) time.Time {
	if d.IsZero() {
		return time.Time{}
	}
	return d.End()
}
