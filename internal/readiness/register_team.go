package readiness

import (
	"context"
	"slices"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
)

// Colleague is somebody who fills in the returns of an agency.
type Colleague struct{ Account, Name string }

// AgencySetting is what an agency's leader has settled about its returns.
type AgencySetting struct {
	Agency   string
	Approval bool // the leader approves before anything is handed in
	By       string
	At       time.Time
}

// Colleagues lists who fills in the returns of an agency, by name.
func (r *Register) Colleagues(ctx context.Context, who actor.Actor, agency string) ([]Colleague, error) {
	if err := Can(who, EditDraft, agency); err != nil {
		return nil, err
	}
	if r.colleagues == nil {
		return []Colleague{{who.Account, who.Name}}, nil
	}
	return r.colleagues(ctx, agency)
}

// PartChange is what a person says about a part of the form; nil leaves it as it is.
type PartChange struct {
	Part   string
	Holder *string // account; "" is nobody
	Done   *bool
}

// ShareParts says who has which part of the form, and which are done. A part is done only
// when nothing that it needs is missing. It fails with Invalid at the part.
func (r *Register) ShareParts(ctx context.Context, who actor.Actor, campaign, agency string, changes []PartChange) (Record, error) {
	colleagues, err := r.Colleagues(ctx, who, agency)
	if err != nil {
		return Record{}, err
	}
	v, err := r.view(ctx, campaign, agency)
	if err != nil {
		return Record{}, err
	}
	return r.change(ctx, who, EditDraft, v, func(rec Record) (Record, error) {
		ret, _ := rec.Working()
		tasks := Tasks(v.Template, ret, v.Agency.Kind)
		at := r.clock.Now()
		for _, c := range changes {
			i := slices.IndexFunc(tasks, func(t Task) bool { return t.Key == c.Part })
			if i < 0 {
				return rec, fault.New(fault.Invalid, "readiness.part.unknown", nil).At("part." + c.Part)
			}
			if c.Holder != nil {
				if *c.Holder != "" && !slices.ContainsFunc(colleagues, func(p Colleague) bool { return p.Account == *c.Holder }) {
					return rec, fault.New(fault.Invalid, "readiness.part.stranger", nil).At("part." + c.Part)
				}
				if rec, err = rec.Give(c.Part, *c.Holder, who.Account, at); err != nil {
					return rec, err
				}
			}
			if c.Done == nil {
				continue
			}
			if n := Open(tasks[i].Problems); *c.Done && n > 0 {
				return rec, fault.New(fault.Invalid, "readiness.part.incomplete", fault.Args{"n": n}).At("done." + c.Part)
			}
			if h, held := rec.Holder(c.Part); !*c.Done && !held || held && h.Done == *c.Done {
				continue
			}
			if rec, err = rec.MarkPart(c.Part, *c.Done, who.Account, at); err != nil {
				return rec, err
			}
		}
		return rec, nil
	})
}

// Setting is what an agency's leader has settled.
func (r *Register) Setting(ctx context.Context, who actor.Actor, agency string) (AgencySetting, error) {
	if err := Can(who, ReadDraft, agency); err != nil {
		return AgencySetting{}, err
	}
	return r.store.AgencySetting(ctx, agency)
}

// SetApproval settles whether the leader of an agency approves what it hands in.
func (r *Register) SetApproval(ctx context.Context, who actor.Actor, agency string, needed bool) error {
	if err := Can(who, SetApproval, agency); err != nil {
		return err
	}
	s := AgencySetting{Agency: agency, Approval: needed, By: who.Account, At: r.clock.Now()}
	return r.store.InTx(ctx, func(tx Tx) error { return tx.SaveAgencySetting(ctx, s, r.act(who, SetApproval, nil)) })
}

// AskApproval lays the agency's draft before its leader. It fails with Invalid, listing
// every problem, as long as the draft cannot be handed in.
func (r *Register) AskApproval(ctx context.Context, who actor.Actor, campaign, agency string) (Record, error) {
	if err := Can(who, SubmitReturn, agency); err != nil {
		return Record{}, err
	}
	v, err := r.view(ctx, campaign, agency)
	if err != nil {
		return Record{}, err
	}
	return r.change(ctx, who, SubmitReturn, v, func(rec Record) (Record, error) {
		if rec.Draft != nil {
			if err := ready(v, rec); err != nil {
				return rec, err
			}
		}
		return rec.AskApproval(who.Account, r.clock.Now())
	})
}

// ready says that the draft can be handed in but for the leader's approval.
func ready(v View, rec Record) error {
	if faults := Faults(Check(v.Template, rec.Draft.Return, v.Agency.Kind)); len(faults) > 0 {
		return faults
	}
	if left := rec.Unfinished(); len(left) > 0 {
		return fault.New(fault.Conflict, "readiness.part.unfinished", fault.Args{"n": len(left)})
	}
	return nil
}

// Judge is the leader's answer to the draft with this mark.
func (r *Register) Judge(ctx context.Context, who actor.Actor, campaign, agency, mark string, approved bool, text string) (Record, error) {
	return r.decide(ctx, who, ApproveReturn, campaign, agency, func(rec Record) (Record, error) {
		return rec.Judge(mark, approved, text, who.Account, r.clock.Now())
	})
}

// approvedIfNeeded refuses what the agency's leader was to approve and has not.
func (r *Register) approvedIfNeeded(ctx context.Context, agency string, rec Record, channel Channel) error {
	s, err := r.store.AgencySetting(ctx, agency)
	if err != nil || !s.Approval {
		return err
	}
	if channel == ByAPI {
		return fault.New(fault.Conflict, "readiness.approval.on_pages", nil)
	}
	if !rec.Approved() {
		return fault.New(fault.Conflict, "readiness.approval.needed", nil)
	}
	return nil
}

// Answer replies to a comment with which the newest version came back.
func (r *Register) Answer(ctx context.Context, who actor.Actor, campaign, agency, field, text string) (Record, error) {
	return r.decide(ctx, who, EditDraft, campaign, agency, func(rec Record) (Record, error) {
		return rec.Answer(field, text, who.Account, r.clock.Now())
	})
}

// approvalWaits lists the drafts that wait for the leader of an agency.
func (r *Register) approvalWaits(ctx context.Context, agency string, campaigns []Campaign) ([]Waiting, error) {
	heads, err := r.store.HeadsOf(ctx, agency)
	if err != nil {
		return nil, err
	}
	var out []Waiting
	for _, c := range campaigns {
		if !slices.ContainsFunc(heads, func(h Head) bool { return h.Campaign == c.ID && h.Draft && Editable(h.State) }) {
			continue
		}
		rec, err := r.store.Record(ctx, c.ID, agency)
		if err != nil {
			return nil, err
		}
		if rec.Approval().Kind == ApprovalAsked {
			out = append(out, Waiting{Kind: WaitApproval, Campaign: c, Agency: agency, Count: 1})
		}
	}
	return out, nil
}
