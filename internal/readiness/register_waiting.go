package readiness

import (
	"context"
	"slices"

	"dean06/internal/platform/actor"
)

// WaitKind is what waits for a person.
type WaitKind string

// What waits for a person: files and returns for the office, a return to be written
// for an agency.
const (
	WaitFiles    WaitKind = "files"
	WaitUnsure   WaitKind = "unsure"
	WaitReady    WaitKind = "ready"
	WaitReturn   WaitKind = "return"    // asked for and not handed in
	WaitSentBack WaitKind = "sent_back" // came back with comments
	WaitApproval WaitKind = "approval"  // a draft, for the agency's leader
)

// WaitKinds lists them.
var WaitKinds = []WaitKind{WaitFiles, WaitUnsure, WaitReady, WaitReturn, WaitSentBack, WaitApproval}

// Waiting is one kind of work that waits for a person in one campaign.
type Waiting struct {
	Kind     WaitKind
	Campaign Campaign
	Agency   string // whose return it is; "" at the centre
	Count    int
}

// Waiting lists what waits for somebody, the letter that is due first above: at the
// centre what they may decide, at an agency its own returns.
func (r *Register) Waiting(ctx context.Context, who actor.Actor) ([]Waiting, error) {
	if err := Can(who, ReadCampaign, ""); err != nil {
		return nil, err
	}
	office := Can(who, ResolveReading, "") == nil
	agency := Can(who, EditDraft, who.Agency) == nil
	leads := Can(who, ApproveReturn, who.Agency) == nil
	if !office && !agency && !leads {
		return nil, nil
	}
	campaigns, err := r.store.Campaigns(ctx)
	if err != nil {
		return nil, err
	}
	campaigns = Live(campaigns)
	slices.SortStableFunc(campaigns, func(a, b Campaign) int { return a.Due.Compare(b.Due) })
	var out []Waiting
	if office {
		if out, err = r.officeWaits(ctx, who, campaigns); err != nil {
			return nil, err
		}
	}
	if agency {
		own, err := r.agencyWaits(ctx, who.Agency, campaigns)
		if err != nil {
			return nil, err
		}
		out = append(out, own...)
	}
	if leads {
		drafts, err := r.approvalWaits(ctx, who.Agency, campaigns)
		if err != nil {
			return nil, err
		}
		out = append(out, drafts...)
	}
	return out, nil
}

func (r *Register) officeWaits(ctx context.Context, who actor.Actor, campaigns []Campaign) ([]Waiting, error) {
	counts, err := r.store.Waits(ctx)
	if err != nil {
		return nil, err
	}
	var out []Waiting
	for _, c := range campaigns {
		i := slices.IndexFunc(counts, func(w Waits) bool { return w.Campaign == c.ID })
		if i < 0 {
			continue
		}
		for _, w := range []struct {
			kind   WaitKind
			action Action
			count  int
		}{
			{WaitFiles, ImportReturn, counts[i].Files},
			{WaitUnsure, ResolveReading, counts[i].Unsure},
			{WaitReady, AcceptReturn, counts[i].Ready},
		} {
			if w.count > 0 && Can(who, w.action, "") == nil {
				out = append(out, Waiting{Kind: w.kind, Campaign: c, Count: w.count})
			}
		}
	}
	return out, nil
}

func (r *Register) agencyWaits(ctx context.Context, agency string, campaigns []Campaign) ([]Waiting, error) {
	heads, err := r.store.HeadsOf(ctx, agency)
	if err != nil {
		return nil, err
	}
	var out []Waiting
	for _, c := range campaigns {
		state := NotStarted
		i := slices.IndexFunc(heads, func(h Head) bool { return h.Campaign == c.ID })
		if i >= 0 {
			state = heads[i].State
		}
		if !Outstanding(state) || i < 0 && !c.Recipients.Has(agency) {
			continue
		}
		kind := WaitReturn
		if state == SentBack {
			kind = WaitSentBack
		}
		out = append(out, Waiting{Kind: kind, Campaign: c, Agency: agency, Count: 1})
	}
	return out, nil
}
