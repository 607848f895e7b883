package readiness

import (
	"context"
	"fmt"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// Aggregate adds up what the returns behind a question say beyond the figures:
// stages, months, causes, counts, proposals, difficulties.
func (r *Register) Aggregate(ctx context.Context, q Question) (Aggregate, error) {
	b, err := r.Statements(ctx, q)
	if err != nil {
		return Aggregate{}, err
	}
	return r.sums.get(ctx, fmt.Sprintf("%+v|%s", b.Question, b.Revision), func(ctx context.Context) (Aggregate, error) {
		now, err := r.Answers(ctx, q)
		if err != nil {
			return Aggregate{}, err
		}
		before := map[string]*Return{}
		if b.Campaign.Previous != "" {
			earlier, err := r.Answers(ctx, Question{Campaign: b.Campaign.Previous, KnownOn: q.KnownOn, KnownBefore: q.KnownBefore})
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
func (r *Register) Compared(ctx context.Context) ([]Compared, error) {
	byCampaign := map[string]Figures{}
	out := make([]Compared, 0, len(r.claims))
	for _, c := range r.claims {
		if c.Figure == nil {
			out = append(out, Compare(c, Figures{}))
			continue
		}
		f, ok := byCampaign[c.Figure.Campaign]
		if !ok {
			var err error
			f, err = r.Figures(ctx, Question{Campaign: c.Figure.Campaign})
			if err != nil && fault.Of(err) != fault.NotFound {
				return nil, err
			}
			byCampaign[c.Figure.Campaign] = f
		}
		out = append(out, Compare(c, f))
	}
	return out, nil
}

// Claims lists what was published.
func (r *Register) Claims() []Claim { return r.claims }

// Chased lists the recipients of a campaign with what is due on a day.
func (r *Register) Chased(ctx context.Context, actor Actor, campaign string, on clock.Date) ([]Chased, error) {
	if err := Can(actor, ReadBoard, ""); err != nil {
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
	out := make([]Standing, len(recipients))
	for i, a := range recipients {
		h, begun := byAgency[a.Code]
		out[i] = Standing{Agency: a, State: NotStarted, Sent: steps[a.Code]}
		if begun {
			out[i].State, out[i].Problems = h.State, h.Problems
		}
	}
	return out, nil
}

// Remind records that a reminder goes out and calls send in the same
// transaction, so that there is no reminder without its record. It says false
// when this reminder went out before. step is the key of a step of the
// schedule, or a day for a reminder outside of it.
func (r *Register) Remind(ctx context.Context, actor Actor, campaign, agency, step, channel string, send func(tx Tx) error) (bool, error) {
	if err := Can(actor, Remind, ""); err != nil {
		return false, err
	}
	v, err := r.view(ctx, campaign, agency)
	if err != nil {
		return false, err
	}
	if s := v.Record.State(); !Outstanding(s) {
		return false, fault.New(fault.Conflict, "readiness.chase.handed_in", fault.Args{"agency": v.Agency.Name})
	}
	fresh := false
	err = r.store.InTx(ctx, func(tx Tx) error {
		m := Reminder{ID: r.newID(), Campaign: campaign, Agency: agency, Step: step, Channel: channel, By: actor.Account, At: r.clock.Now()}
		if fresh, err = tx.SaveReminder(ctx, m, r.act(actor, Remind, nil)); err != nil || !fresh {
			return err
		}
		return send(tx)
	})
	return fresh, err
}

// FocalContact is the focal point of an agency, as its newest return names it.
type FocalContact struct {
	Agency  Agency
	Contact Contact
	Known   bool // a return names one
}

// FocalContacts lists the focal points of the recipients of a campaign, masked for
// those who need not see them.
func (r *Register) FocalContacts(ctx context.Context, actor Actor, campaign string) ([]FocalContact, error) {
	if err := Can(actor, ReadReturn, ""); err != nil {
		return nil, err
	}
	c, err := r.store.Campaign(ctx, campaign)
	if err != nil {
		return nil, err
	}
	recipients, err := r.store.Recipients(ctx, campaign)
	if err != nil {
		return nil, err
	}
	contacts := map[string]Contact{}
	for _, id := range []string{c.Previous, campaign} {
		if id == "" {
			continue
		}
		newest, err := r.store.Counted(ctx, id, r.clock.Now(), true)
		if err != nil {
			return nil, err
		}
		for _, n := range newest {
			contacts[n.Agency.Code] = n.Return.Contact
		}
	}
	out := make([]FocalContact, len(recipients))
	for i, a := range recipients {
		contact, known := contacts[a.Code]
		if Can(actor, ReadContact, a.Code) != nil {
			contact = contact.Masked()
		}
		out[i] = FocalContact{Agency: a, Contact: contact, Known: known}
	}
	return out, nil
}
