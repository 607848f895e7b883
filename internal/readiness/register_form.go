package readiness

import (
	"bytes"
	"context"
	"strconv"
	"strings"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// FormDrafts lists the forms that are being made, the last saved first.
func (r *Register) FormDrafts(ctx context.Context, who actor.Actor) ([]FormDraft, error) {
	if err := Can(who, ManageCampaign, ""); err != nil {
		return nil, err
	}
	return r.store.FormDrafts(ctx)
}

// FormDraft gives a form that is being made. It fails with NotFound when there is none.
func (r *Register) FormDraft(ctx context.Context, who actor.Actor, id string) (FormDraft, error) {
	if err := Can(who, ManageCampaign, ""); err != nil {
		return FormDraft{}, err
	}
	return r.store.FormDraft(ctx, id)
}

// BeginForm keeps a new draft: an empty form, a copy, or what a file holds.
func (r *Register) BeginForm(ctx context.Context, who actor.Actor, t *Template) (FormDraft, error) {
	if err := Can(who, ManageCampaign, ""); err != nil {
		return FormDraft{}, err
	}
	d := FormDraft{ID: r.newID(), Template: t, Revision: 1, By: who.Account, At: r.clock.Now()}
	return d, r.store.InTx(ctx, func(tx Tx) error { return tx.SaveFormDraft(ctx, d, r.formAct(who, "begun")) })
}

// formAct is a deed about a form, for the audit log.
func (r *Register) formAct(who actor.Actor, deed string) Act {
	return r.act(who, ManageCampaign, map[string]string{"form": deed})
}

// EditForm changes the draft of a revision; the draft may be wrong afterwards, but edit
// may refuse what makes no sense at all. It fails with Conflict when somebody saved since.
func (r *Register) EditForm(
	ctx context.Context, who actor.Actor, id string, revision int, edit func(t *Template) error,
) (FormDraft, error) {
	return r.changeForm(ctx, who, id, revision, "edited", func(d *FormDraft) error {
		before, err := d.Template.Copy(d.Template.ID, d.Template.Version, d.Template.From)
		if err != nil {
			return err
		}
		d.Before = before
		return edit(d.Template)
	})
}

// UndoForm takes the last save back, and may be taken back itself.
func (r *Register) UndoForm(ctx context.Context, who actor.Actor, id string, revision int) (FormDraft, error) {
	return r.changeForm(ctx, who, id, revision, "undone", func(d *FormDraft) error {
		if d.Before == nil {
			return fault.New(fault.Conflict, "readiness.form.nothing_before", nil)
		}
		d.Template, d.Before = d.Before, d.Template
		return nil
	})
}

func (r *Register) changeForm(
	ctx context.Context, who actor.Actor, id string, revision int, deed string, change func(d *FormDraft) error,
) (d FormDraft, err error) {
	if err := Can(who, ManageCampaign, ""); err != nil {
		return d, err
	}
	err = r.store.InTx(ctx, func(tx Tx) error {
		if d, err = tx.FormDraft(ctx, id); err != nil {
			return err
		}
		if d.Revision != revision {
			return savedForm(d)
		}
		if err := change(&d); err != nil {
			return err
		}
		d.Revision, d.By, d.At = d.Revision+1, who.Account, r.clock.Now()
		return tx.SaveFormDraft(ctx, d, r.formAct(who, deed))
	})
	return d, err
}

// savedForm refuses a change of a draft that somebody else has saved.
func savedForm(d FormDraft) error {
	return fault.New(fault.Conflict, "readiness.form.saved_meanwhile", fault.Args{"time": d.At})
}

// DiscardForm removes a draft.
func (r *Register) DiscardForm(ctx context.Context, who actor.Actor, id string, revision int) error {
	if err := Can(who, ManageCampaign, ""); err != nil {
		return err
	}
	return r.store.InTx(ctx, func(tx Tx) error {
		d, err := tx.FormDraft(ctx, id)
		if err != nil {
			return err
		}
		if d.Revision != revision {
			return savedForm(d)
		}
		return tx.RemoveFormDraft(ctx, d, r.formAct(who, "discarded"))
	})
}

// PublishForm makes a draft a version of a form, which never changes any more and with
// which rounds are begun. It fails with the list of faults of a form that has some, and
// with Conflict when there is such a version.
func (r *Register) PublishForm(ctx context.Context, who actor.Actor, id string, revision int) (*Template, error) {
	if err := Can(who, ManageCampaign, ""); err != nil {
		return nil, err
	}
	var t *Template
	err := r.store.InTx(ctx, func(tx Tx) error {
		d, err := tx.FormDraft(ctx, id)
		if err != nil {
			return err
		}
		if d.Revision != revision {
			return savedForm(d)
		}
		raw, err := FormFile(d.Template)
		if err != nil {
			return err
		}
		if wrong := d.Template.WordedFaults(); len(wrong) > 0 {
			return wrong
		}
		if t, err = LoadTemplate(raw); err != nil {
			return err
		}
		if err := r.addTemplate(ctx, tx, who, t, raw); err != nil {
			return err
		}
		return tx.RemoveFormDraft(ctx, d, r.formAct(who, "published"))
	})
	return t, err
}

// Withdrawals are the forms with which no round is begun any more, by ref.
func (r *Register) Withdrawals(ctx context.Context, who actor.Actor) (map[string]Withdrawal, error) {
	if err := Can(who, ReadCampaign, ""); err != nil {
		return nil, err
	}
	return r.store.Withdrawals(ctx)
}

// WithdrawForm keeps rounds from being begun with a form. Rounds that use it go on.
func (r *Register) WithdrawForm(ctx context.Context, who actor.Actor, ref, reason string) error {
	if err := Can(who, ManageCampaign, ""); err != nil {
		return err
	}
	if reason = strings.TrimSpace(reason); reason == "" {
		return fault.New(fault.Invalid, "readiness.form.no_reason", nil).At("reason")
	}
	return r.store.InTx(ctx, func(tx Tx) error {
		if _, err := tx.Template(ctx, ref); err != nil {
			return err
		}
		w := Withdrawal{Ref: ref, Reason: reason, By: who.Account, At: r.clock.Now()}
		return tx.SaveWithdrawal(ctx, w, r.formAct(who, "withdrawn"))
	})
}

// RestoreForm lets rounds be begun again with a form that was withdrawn.
func (r *Register) RestoreForm(ctx context.Context, who actor.Actor, ref string) error {
	if err := Can(who, ManageCampaign, ""); err != nil {
		return err
	}
	return r.store.InTx(ctx, func(tx Tx) error { return tx.RemoveWithdrawal(ctx, ref, r.formAct(who, "restored")) })
}

// UsableForms lists the forms with which a round may be begun, the newest version of
// each first.
func (r *Register) UsableForms(ctx context.Context, who actor.Actor) ([]*Template, error) {
	all, err := r.Templates(ctx, who)
	if err != nil {
		return nil, err
	}
	gone, err := r.store.Withdrawals(ctx)
	return Usable(all, gone), err
}

// usable refuses to begin a round with a form that is not there or was withdrawn.
func (r *Register) usable(ctx context.Context, ref string) error {
	if _, err := r.store.Template(ctx, ref); err != nil {
		return err
	}
	gone, err := r.store.Withdrawals(ctx)
	if err != nil {
		return err
	}
	if w, ok := gone[ref]; ok {
		return fault.New(fault.Invalid, "readiness.form.withdrawn", fault.Args{
			"template": ref, "date": clock.DayOf(w.At), "reason": w.Reason,
		}).At("template")
	}
	return nil
}

// Tried is what a return amounts to that somebody tries a form with. None of it is kept.
type Tried struct {
	Return   Return
	Problems []Problem
	Verdict  Verdict
}

// TryForm says what a return on a form would amount to.
func (r *Register) TryForm(who actor.Actor, t *Template, ret Return, kind string) (Tried, error) {
	if err := Can(who, ManageCampaign, ""); err != nil {
		return Tried{}, err
	}
	if len(t.Faults()) > 0 {
		return Tried{}, fault.New(fault.Invalid, "readiness.form.unfinished", nil)
	}
	ret.Template = t.Ref()
	out := Tried{Return: ret, Problems: union(Check(t, ret, kind), r.sense.Check(t, ret, kind, clock.DayOf(r.clock.Now())))}
	var err error
	out.Verdict, err = Evaluate(t.Rule(), t, ret, kind)
	return out, err
}

// TryFile reads a Word or Excel file as a return on a form, and says what it would amount to.
func (r *Register) TryFile(_ context.Context, who actor.Actor, t *Template, kind string, file File) (Tried, error) {
	if err := Can(who, ManageCampaign, ""); err != nil {
		return Tried{}, err
	}
	if len(t.Faults()) > 0 {
		return Tried{}, fault.New(fault.Invalid, "readiness.form.unfinished", nil)
	}
	ret, problems, err := r.readerOf(file).Read(t, file.Name, bytes.NewReader(file.Content), int64(len(file.Content)))
	if err != nil {
		return Tried{}, err
	}
	tried, err := r.TryForm(who, t, ret, kind)
	tried.Problems = union(tried.Problems, problems)
	return tried, err
}

// FormFileName is how the file of a form is called.
func FormFileName(t *Template) string { return t.ID + "-" + strconv.Itoa(t.Version) + ".json" }
