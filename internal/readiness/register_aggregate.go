package readiness

import (
	"context"
	"fmt"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// Aggregate adds up what the returns behind a question say beyond the figures:
// stages, months, causes, counts, proposals, difficulties.
func (r *Register) Aggregate(ctx context.Context, who actor.Actor, q Question) (Aggregate, error) {
	if err := Can(who, ReadBoard, ""); err != nil {
		return Aggregate{}, err
	}
	return r.aggregate(ctx, q)
}

func (r *Register) aggregate(ctx context.Context, q Question) (Aggregate, error) {
	b, err := r.basis(ctx, q)
	if err != nil {
		return Aggregate{}, err
	}
	return r.sums.get(ctx, fmt.Sprintf("%+v|%s", b.Question, b.Revision), func(ctx context.Context) (Aggregate, error) {
		now, err := r.answers(ctx, q)
		if err != nil {
			return Aggregate{}, err
		}
		before := map[string]*Return{}
		if b.Campaign.Previous != "" {
			earlier, err := r.answers(ctx, Question{Campaign: b.Campaign.Previous, KnownOn: q.KnownOn, KnownBefore: q.KnownBefore})
			if err != nil {
				return Aggregate{}, err
			}
			for _, e := range earlier {
				before[e.Agency.Code] = &e.Return
			}
		}
		reported := make([]Reported, len(now))
		for i, c := range now {
			reported[i] = Reported{Agency: c.Agency, Return: c.Return, Previous: before[c.Agency.Code]}
		}
		return Add(b.Template, r.causes, MonthOf(b.Campaign.Due), reported), nil
	})
}

// Compared is what was published beside what the register finds.
func (r *Register) Compared(ctx context.Context, who actor.Actor) ([]Compared, error) {
	if err := Can(who, ReadBoard, ""); err != nil {
		return nil, err
	}
	out := make([]Compared, 0, len(r.claims))
	for _, c := range r.claims {
		if c.Figure == nil {
			out = append(out, Compare(c, Figures{}))
			continue
		}
		round, err := r.store.Campaign(ctx, c.Figure.Campaign)
		if fault.Of(err) == fault.NotFound || round.Cancelled != nil {
			out = append(out, Compare(c, Figures{}))
			continue
		} else if err != nil {
			return nil, err
		}
		f, err := r.figures(ctx, Question{Campaign: round.ID, KnownOn: c.KnownOn(round)})
		if err == nil && len(f.Block(c.Figure.Block).Answered) == 0 {
			// A round whose papers were taken in long after: what is known now, and said so.
			f, err = r.figures(ctx, Question{Campaign: round.ID})
		}
		if err != nil {
			return nil, err
		}
		out = append(out, Compare(c, f))
	}
	return out, nil
}

// Claims lists what was published.
func (r *Register) Claims(who actor.Actor) ([]Claim, error) {
	if err := Can(who, ReadBoard, ""); err != nil {
		return nil, err
	}
	return r.claims, nil
}

// Chased lists the recipients of a campaign with what is due on a day.
func (r *Register) Chased(ctx context.Context, who actor.Actor, campaign string, on clock.Date) ([]Chased, error) {
	if err := Can(who, ReadBoard, ""); err != nil {
		return nil, err
	}
	c, err := r.store.Campaign(ctx, campaign)
	if err != nil {
		return nil, err
	}
	standings, err := r.standings(ctx, campaign)
	if err != nil {
		return nil, err
	}
	return Chase(c, on, standings), nil
}

func (r *Register) standings(ctx context.Context, campaign string) ([]Standing, error) {
	recipients, err := r.store.Recipients(ctx, campaign)
	if err != nil {
		return nil, err
	}
	heads, err := r.store.Heads(ctx, campaign)
	if err != nil {
		return nil, err
	}
	byAgency := make(map[string]Head, len(heads))
	for _, h := range heads {
		byAgency[h.Agency.Code] = h
	}
	sent, err := r.store.Reminders(ctx, campaign)
	if err != nil {
		return nil, err
	}
	steps := map[string][]string{}
	for _, m := range sent {
		steps[m.Agency] = append(steps[m.Agency], m.Step)
	}
	papers, err := r.waitingPapers(ctx, campaign)
	if err != nil {
		return nil, err
	}
	out := make([]Standing, len(recipients))
	for i, a := range recipients {
		h, begun := byAgency[a.Code]
		out[i] = Standing{Agency: a, State: NotStarted, Sent: steps[a.Code], Papers: papers[a.Code]}
		if begun {
			out[i].State, out[i].Problems, out[i].HandedIn = h.State, h.Problems, h.HandedIn
		}
	}
	return out, nil
}
