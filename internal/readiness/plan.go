package readiness

import (
	"context"
	"slices"
	"time"

	"dean06/internal/platform/actor"
)

// CampaignDraft is a round that is being prepared. It is nobody's business but the
// coordinator's until it is issued.
type CampaignDraft struct {
	ID       string
	Campaign Campaign // as far as it is typed
	Revision int
	By       string // account
	At       time.Time
}

// Fate is how an agency stands to the round before.
type Fate string

// The fates. Those from FateEnded on get the letter no more.
const (
	FateSame     Fate = "same"
	FateRenamed  Fate = "renamed"
	FateMerged   Fate = "merged" // others have gone into it, or it is what they became
	FateNew      Fate = "new"
	FateEnded    Fate = "ended"    // there is no such agency any more
	FateExcluded Fate = "excluded" // left out by name
	FateOther    Fate = "other"    // no longer of a kind that is asked
)

// Fates lists them, those who get the letter first.
var Fates = []Fate{FateNew, FateMerged, FateRenamed, FateSame, FateEnded, FateExcluded, FateOther}

// Planned is an agency on the list of recipients of a round, or left off it, and why.
type Planned struct {
	Agency Agency
	Fate   Fate
	Kin    []string // names: what it was called, what has gone into it, what it has gone into
}

// Gets says that it gets the letter.
func (p Planned) Gets() bool {
	return !slices.Contains([]Fate{FateEnded, FateExcluded, FateOther}, p.Fate)
}

// Plan says who gets a letter by the rule of its set, of those that there are on its day,
// and how they stand to those who got the letter before. geo says what became of these; nil
// when there was none before.
func Plan(set RecipientSet, there, before []Agency, geo Geography) []Planned {
	had := map[string]Agency{}
	into := map[string][]Share{}
	from := map[string][]string{} // names of those before, by what they have become
	for _, b := range before {
		had[b.Code] = b
		if geo == nil {
			continue
		}
		into[b.Code] = geo.Successors(b.Code)
		for _, s := range into[b.Code] {
			if s.Agency != b.Code {
				from[s.Agency] = append(from[s.Agency], b.Name)
			}
		}
	}
	var out []Planned
	now := map[string]bool{}
	for _, a := range there {
		if !slices.Contains(set.Kinds, a.Kind) {
			continue
		}
		now[a.Code] = true
		was, known := had[a.Code]
		p := Planned{Agency: a, Fate: FateSame}
		switch {
		case slices.Contains(set.Exclude, a.Code):
			p.Fate = FateExcluded
		case len(from[a.Code]) > 0:
			p.Fate, p.Kin = FateMerged, from[a.Code]
		case !known:
			p.Fate = FateNew
		case was.Name != a.Name:
			p.Fate, p.Kin = FateRenamed, []string{was.Name}
		}
		out = append(out, p)
	}
	for _, b := range before {
		if now[b.Code] {
			continue
		}
		p := Planned{Agency: b, Fate: FateOther}
		if !slices.ContainsFunc(there, func(a Agency) bool { return a.Code == b.Code }) {
			p.Fate = FateEnded
			for _, s := range into[b.Code] {
				if s.Agency != b.Code {
					p.Kin = append(p.Kin, s.Name)
				}
			}
		}
		out = append(out, p)
	}
	return out
}

// Plan says who gets a letter as it is typed, and how they stand to the round before.
func (r *Register) Plan(ctx context.Context, who actor.Actor, c Campaign) ([]Planned, error) {
	if err := Can(who, ManageCampaign, ""); err != nil {
		return nil, err
	}
	there := r.agencies.Of(Kinds, c.Issued)
	if c.Previous == "" {
		return Plan(c.Recipients, there, nil, nil), nil
	}
	last, err := r.store.Campaign(ctx, c.Previous)
	if err != nil {
		return nil, err
	}
	before, err := r.store.Recipients(ctx, last.ID)
	if err != nil {
		return nil, err
	}
	return Plan(c.Recipients, there, before, r.agencies.Geography(last.Recipients.On, c.Issued)), nil
}

// CampaignDrafts lists the rounds that are being prepared, the newest first.
func (r *Register) CampaignDrafts(ctx context.Context, who actor.Actor) ([]CampaignDraft, error) {
	if err := Can(who, ManageCampaign, ""); err != nil {
		return nil, err
	}
	return r.store.CampaignDrafts(ctx)
}

// CampaignDraft gives one. It fails with NotFound when there is none, or it was issued.
func (r *Register) CampaignDraft(ctx context.Context, who actor.Actor, id string) (CampaignDraft, error) {
	if err := Can(who, ManageCampaign, ""); err != nil {
		return CampaignDraft{}, err
	}
	return r.store.CampaignDraft(ctx, id)
}

// DraftCampaign keeps a round that is being prepared; without an id it is a new one. It
// fails with Conflict when somebody saved since its revision.
func (r *Register) DraftCampaign(ctx context.Context, who actor.Actor, d CampaignDraft) (CampaignDraft, error) {
	if err := Can(who, ManageCampaign, ""); err != nil {
		return d, err
	}
	if d.ID == "" {
		d.ID, d.Revision = r.newID(), 0
	}
	d.Revision++
	d.By, d.At = who.Account, r.clock.Now()
	return d, r.store.InTx(ctx, func(tx Tx) error {
		return tx.SaveCampaignDraft(ctx, d, r.act(who, ManageCampaign, map[string]string{"decision": "draft"}))
	})
}

// DropCampaignDraft gives up a round that is being prepared.
func (r *Register) DropCampaignDraft(ctx context.Context, who actor.Actor, id string, revision int) error {
	if err := Can(who, ManageCampaign, ""); err != nil {
		return err
	}
	return r.store.InTx(ctx, func(tx Tx) error {
		return tx.RemoveCampaignDraft(ctx, id, revision, r.act(who, ManageCampaign, map[string]string{"decision": "drop"}))
	})
}

// IssueCampaign sends out a letter as OpenCampaign does, and ends its draft in the same
// transaction; queue is called there too, so that the letters go out with it.
func (r *Register) IssueCampaign(ctx context.Context, who actor.Actor, c Campaign, draft string, revision int, queue func(tx Tx) error) error {
	return r.openCampaign(ctx, who, c, func(tx Tx) error {
		if draft != "" {
			if err := tx.RemoveCampaignDraft(ctx, draft, revision, r.act(who, ManageCampaign, map[string]string{"decision": "issue", "campaign": c.ID})); err != nil {
				return err
			}
		}
		return queue(tx)
	})
}
