package app

import (
	"context"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/mail"
	"dean06/internal/platform/session"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinesssql"
)

const remindKind = "readiness.remind"

// Remind queues the e-mail of a reminder with its letter; false when it was
// sent before.
func (w imports) Remind(ctx context.Context, actor readiness.Actor, campaign, agency, step string) (bool, error) {
	if err := readiness.Can(actor, readiness.Remind, ""); err != nil {
		return false, err
	}
	m, err := w.reminder(ctx, campaign, agency, step)
	if err != nil {
		return false, err
	}
	return w.node.Register.Remind(ctx, actor, campaign, agency, step, "email", func(tx readiness.Tx) error {
		return mail.Queue(ctx, readinesssql.Queryer(tx), m)
	})
}

func (w imports) reminder(ctx context.Context, campaign, agency, step string) (mail.Message, error) {
	c, err := w.node.Store.Campaign(ctx, campaign)
	if err != nil {
		return mail.Message{}, err
	}
	a, ok := agencies{w.node.Agencies}.Agency(agency, c.Recipients.On)
	if !ok {
		return mail.Message{}, fault.New(fault.NotFound, "readiness.agency.not_found", fault.Args{"agency": agency})
	}
	to, err := w.addresses(ctx, c, a)
	if err != nil {
		return mail.Message{}, err
	}
	letter, err := exports(w).Reminder(ctx, campaign, agency, step, "docx")
	if err != nil {
		return mail.Message{}, err
	}
	p := w.node.Messages.In(i18n.Vi) // what goes to an agency is in Vietnamese
	args := map[string]any{"agency": a.Name, "number": c.Number, "due": c.Due, "url": w.url + "/returns/" + campaign + "/" + agency}
	return mail.Message{
		To: to, Subject: p.T("app.mail.reminder.subject", args), Text: p.T("app.mail.reminder.text", args),
		Attachments: []mail.Attachment{{Name: letter.Name, Type: letter.MediaType, Data: letter.Content}},
	}, nil
}

// addresses are where an agency is reached: its focal points' accounts, and the
// focal point that its last return names.
func (w imports) addresses(ctx context.Context, c readiness.Campaign, a readiness.Agency) ([]mail.Address, error) {
	accounts, err := session.New(w.node.DB, w.node.Clock, session.Options{}).Accounts(asAdministrator(ctx),
		session.AccountFilter{Agency: a.Code, Role: string(readiness.FocalPoint)})
	if err != nil {
		return nil, err
	}
	var people []mail.Address
	for _, account := range accounts {
		if account.Active {
			people = append(people, mail.Address{Name: account.Name, Addr: account.Email})
		}
	}
	for _, id := range []string{c.ID, c.Previous} {
		if id == "" {
			continue
		}
		rec, err := w.node.Store.Record(ctx, id, a.Code)
		if err != nil {
			return nil, err
		}
		if v, ok := rec.Latest(); ok {
			people = append(people, mail.Address{Name: v.Return.Contact.FullName, Addr: v.Return.Contact.Email})
			break
		}
	}
	var out []mail.Address
	seen := map[string]bool{}
	for _, q := range people {
		addr, err := mail.ParseAddress(q.Addr)
		if err != nil || seen[addr] {
			continue
		}
		seen[addr] = true
		out = append(out, mail.Address{Name: q.Name, Addr: addr})
	}
	if len(out) == 0 {
		return nil, fault.New(fault.Invalid, "app.mail.no_address", fault.Args{"agency": a.Name})
	}
	return out, nil
}

// remindDue sends the reminders that the schedules of the campaigns say are due.
func (w imports) remindDue(ctx context.Context) error {
	campaigns, err := w.node.Store.Campaigns(ctx)
	if err != nil {
		return err
	}
	today := clock.DayOf(w.node.Clock.Now())
	for _, c := range campaigns {
		// A letter is chased until a quarter after its due day; old rounds stay silent.
		if c.Due.AddDays(92).Before(today) {
			continue
		}
		chased, err := w.node.Register.Chased(ctx, System, c.ID, today)
		if err != nil {
			return err
		}
		for _, ch := range chased {
			if ch.Due == nil {
				continue
			}
			if _, err := w.Remind(ctx, System, c.ID, ch.Agency.Code, ch.Due.Key()); err != nil && fault.Of(err) == fault.Internal {
				return err
			}
		}
	}
	return nil
}
