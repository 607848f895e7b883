package readiness

import (
	"context"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// AddTemplate puts a new version of a form into the register. It fails with
// Invalid when the form breaks a rule of forms, its reason naming the lines,
// and with Conflict when there is such a version: a stored one never changes.
func (r *Register) AddTemplate(ctx context.Context, actor Actor, raw []byte) (*Template, error) {
	if err := Can(actor, ManageCampaign, ""); err != nil {
		return nil, err
	}
	t, err := LoadTemplate(raw)
	if err != nil {
		return nil, fault.New(fault.Invalid, "readiness.template.invalid", fault.Args{"reason": err.Error()}).At("file").Because(err)
	}
	return t, r.store.InTx(ctx, func(tx Tx) error {
		if _, err := tx.Template(ctx, t.Ref()); err == nil {
			return fault.New(fault.Conflict, "readiness.template.exists", fault.Args{"template": t.Ref()}).At("file")
		}
		if err := tx.SaveTemplate(ctx, t, raw, r.clock.Now()); err != nil {
			return err
		}
		return tx.Log(ctx, r.act(actor, ManageCampaign, nil), "template", t.Ref())
	})
}

// RevealContacts gives the focal points unmasked and writes down who saw them.
func (r *Register) RevealContacts(ctx context.Context, actor Actor, campaign string) ([]FocalContact, error) {
	if err := Can(actor, ReadContact, ""); err != nil {
		return nil, err
	}
	contacts, err := r.FocalContacts(ctx, actor, campaign)
	if err != nil {
		return nil, err
	}
	err = r.store.InTx(ctx, func(tx Tx) error { return tx.Log(ctx, r.act(actor, ReadContact, nil), "campaign", campaign) })
	return contacts, err
}

// Choosable lists the agencies that a set of kinds has on its day, before any
// exclusion, so that a person can choose.
func (r *Register) Choosable(kinds []string, on clock.Date) []Agency { return r.agencies.Of(kinds, on) }

// AgencyOn gives an agency as it was called on a day.
func (r *Register) AgencyOn(code string, on clock.Date) (Agency, bool) {
	return r.agencies.Agency(code, on)
}

// Suggest lists the agencies that a text may mean, the likeliest first.
func (r *Register) Suggest(text string, on clock.Date) []Agency {
	found, _ := r.agencies.Find(text, on)
	return found
}
