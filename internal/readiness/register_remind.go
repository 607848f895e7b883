package readiness

import (
	"context"
	"strings"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// chasedFor is how many days after its due day a letter is chased: a quarter. Old
// rounds stay silent.
const chasedFor = 92

// ChasedOn says that the letter is still chased on a day.
func (c Campaign) ChasedOn(day clock.Date) bool {
	return c.Cancelled == nil && !day.After(c.Due.AddDays(chasedFor))
}

// DueReminder is a reminder that the schedule of a letter says is due.
type DueReminder struct{ Campaign, Agency, Step string }

// DueReminders lists the reminders of all letters that are due on a day and were not sent.
func (r *Register) DueReminders(ctx context.Context, who actor.Actor, on clock.Date) ([]DueReminder, error) {
	if err := Can(who, Remind, ""); err != nil {
		return nil, err
	}
	campaigns, err := r.store.Campaigns(ctx)
	if err != nil {
		return nil, err
	}
	var out []DueReminder
	for _, c := range campaigns {
		if !c.ChasedOn(on) {
			continue
		}
		standings, err := r.standings(ctx, c.ID)
		if err != nil {
			return nil, err
		}
		for _, ch := range Chase(c, on, standings) {
			if ch.Due != nil {
				out = append(out, DueReminder{Campaign: c.ID, Agency: ch.Agency.Code, Step: ch.Due.Key()})
			}
		}
	}
	return out, nil
}

// Reminding is what a reminder to one agency says.
type Reminding struct {
	Campaign Campaign
	Agency   Agency
	State    State
	// Missing is what its draft still lacks to be handed in.
	Missing []Problem
	// Named is the focal point that its newest return names; zero when there is none.
	Named Contact
}

// Reminding gathers what a reminder says. It fails with NotFound when there is no such
// campaign or agency.
func (r *Register) Reminding(ctx context.Context, who actor.Actor, campaign, agency string) (Reminding, error) {
	if err := Can(who, Remind, ""); err != nil {
		return Reminding{}, err
	}
	v, err := r.view(ctx, campaign, agency)
	if err != nil {
		return Reminding{}, err
	}
	out := r.reminding(v)
	if out.Named != (Contact{}) || v.Campaign.Previous == "" {
		return out, nil
	}
	before, err := r.store.Record(ctx, v.Campaign.Previous, v.Agency.Code)
	if last, ok := before.Latest(); ok {
		out.Named = last.Return.Contact
	}
	return out, err
}

// reminding is what a letter about a return says of it.
func (r *Register) reminding(v View) Reminding {
	out := Reminding{Campaign: v.Campaign, Agency: v.Agency, State: v.Record.State()}
	if d := v.Record.Draft; d != nil {
		out.Missing = missing(Check(v.Template, d.Return, v.Agency.Kind))
	}
	if last, ok := v.Record.Latest(); ok {
		out.Named = last.Return.Contact
	}
	return out
}

// missing are the problems that keep a return from being handed in.
func missing(problems []Problem) []Problem {
	var out []Problem
	for _, p := range problems {
		if p.Severity != Notes {
			out = append(out, p)
		}
	}
	return out
}

// Addressee is whom a letter to an agency reaches.
type Addressee struct{ Name, Email string }

// Addressees are whom a reminder reaches: the agency's focal points by their accounts,
// and the focal point that its newest return names. valid tidies an address, or refuses
// it; each address is written to once. It fails with Invalid when nobody is reached.
func (m Reminding) Addressees(accounts []Addressee, valid func(email string) (string, bool)) ([]Addressee, error) {
	var out []Addressee
	seen := map[string]bool{}
	for _, a := range append(accounts[:len(accounts):len(accounts)], Addressee{m.Named.FullName, m.Named.Email}) {
		email, ok := valid(a.Email)
		if !ok || seen[strings.ToLower(email)] {
			continue
		}
		seen[strings.ToLower(email)] = true
		out = append(out, Addressee{a.Name, email})
	}
	if len(out) == 0 {
		return nil, fault.New(fault.Invalid, "readiness.chase.no_address", fault.Args{"agency": m.Agency.Name})
	}
	return out, nil
}

// Remind records that a reminder goes out and calls send in the same
// transaction, so that there is no reminder without its record. It says false
// when this reminder went out before. step is the key of a step of the
// schedule, or a day for a reminder outside of it.
func (r *Register) Remind(
	ctx context.Context, who actor.Actor, campaign, agency, step, channel string, send func(tx Tx) error,
) (bool, error) {
	if err := Can(who, Remind, ""); err != nil {
		return false, err
	}
	v, err := r.view(ctx, campaign, agency)
	if err != nil {
		return false, err
	}
	if err := v.Campaign.Live(); err != nil {
		return false, err
	}
	if s := v.Record.State(); !Outstanding(s) {
		return false, fault.New(fault.Conflict, "readiness.chase.handed_in", fault.Args{"agency": v.Agency.Name})
	}
	papers, err := r.waitingPapers(ctx, campaign)
	if err != nil {
		return false, err
	}
	if len(papers[agency]) > 0 {
		return false, fault.New(fault.Conflict, "readiness.chase.paper_waits", fault.Args{"agency": v.Agency.Name})
	}
	fresh := false
	err = r.store.InTx(ctx, func(tx Tx) error {
		m := Reminder{ID: r.newID(), Campaign: campaign, Agency: agency, Step: step, Channel: channel, By: who.Account, At: r.clock.Now()}
		if fresh, err = tx.SaveReminder(ctx, m, r.act(who, Remind, nil)); err != nil || !fresh {
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
func (r *Register) FocalContacts(ctx context.Context, who actor.Actor, campaign string) ([]FocalContact, error) {
	if err := Can(who, ReadReturn, ""); err != nil {
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
		if Can(who, ReadContact, a.Code) != nil {
			contact = contact.Masked()
		}
		out[i] = FocalContact{Agency: a, Contact: contact, Known: known}
	}
	return out, nil
}
