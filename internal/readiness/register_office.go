package readiness

import (
	"context"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// AddTemplate puts a new version of a form into the register. It fails with
// a fault.List when the form breaks rules of forms, each fault naming its line,
// and with Conflict when there is such a version: a stored one never changes.
func (r *Register) AddTemplate(ctx context.Context, who actor.Actor, raw []byte) (*Template, error) {
	if err := Can(who, ManageCampaign, ""); err != nil {
		return nil, err
	}
	t, err := LoadTemplate(raw)
	if err != nil {
		return nil, err
	}
	return t, r.store.InTx(ctx, func(tx Tx) error { return r.addTemplate(ctx, tx, who, t, raw) })
}

// addTemplate stores a version of a form that is not there yet.
func (r *Register) addTemplate(ctx context.Context, tx Tx, who actor.Actor, t *Template, raw []byte) error {
	if _, err := tx.Template(ctx, t.Ref()); err == nil {
		return fault.New(fault.Conflict, "readiness.template.exists", fault.Args{"template": t.Ref()}).At("file")
	}
	if err := tx.SaveTemplate(ctx, t, raw, r.clock.Now()); err != nil {
		return err
	}
	return tx.Log(ctx, r.act(who, ManageCampaign, nil), "template", t.Ref())
}

// RevealContacts gives the focal points unmasked and writes down who saw them.
func (r *Register) RevealContacts(ctx context.Context, who actor.Actor, campaign string) ([]FocalContact, error) {
	if err := Can(who, ReadContact, ""); err != nil {
		return nil, err
	}
	contacts, err := r.FocalContacts(ctx, who, campaign)
	if err != nil {
		return nil, err
	}
	err = r.store.InTx(ctx, func(tx Tx) error { return tx.Log(ctx, r.act(who, ReadContact, nil), "campaign", campaign) })
	return contacts, err
}

// Choosable lists the agencies that a set of kinds has on its day, before any
// exclusion, so that a person can choose.
func (r *Register) Choosable(who actor.Actor, kinds []string, on clock.Date) ([]Agency, error) {
	if err := Can(who, ReadCampaign, ""); err != nil {
		return nil, err
	}
	return r.agencies.Of(kinds, on), nil
}

// Suggest lists the agencies that a text may mean, the likeliest first.
func (r *Register) Suggest(who actor.Actor, text string, on clock.Date) ([]Agency, error) {
	if err := Can(who, ReadCampaign, ""); err != nil {
		return nil, err
	}
	var out []Agency
	for _, m := range r.agencies.Find(text, on).Matches {
		out = append(out, m.Agency)
	}
	return out, nil
}

// AgencyNames gives agencies their names: those asked by a campaign as the letter
// called them, any other as it was called on the letter's day, or its code.
func (r *Register) AgencyNames(ctx context.Context, who actor.Actor, campaign string) (func(code string) string, error) {
	if err := Can(who, ReadCampaign, ""); err != nil {
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
	known := make(map[string]string, len(recipients))
	for _, a := range recipients {
		known[a.Code] = a.Name
	}
	return func(code string) string {
		if n, ok := known[code]; ok {
			return n
		}
		if a, ok := r.agencies.Agency(code, c.Recipients.On); ok {
			return a.Name
		}
		return code
	}, nil
}
