package readiness

import (
	"cmp"
	"context"
	"slices"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
)

// Campaigns lists the letters, the newest first.
func (r *Register) Campaigns(ctx context.Context, who actor.Actor) ([]Campaign, error) {
	if err := Can(who, ReadCampaign, ""); err != nil {
		return nil, err
	}
	return r.store.Campaigns(ctx)
}

// Campaign gives a letter. It fails with NotFound when there is none with this id.
func (r *Register) Campaign(ctx context.Context, who actor.Actor, id string) (Campaign, error) {
	if err := Can(who, ReadCampaign, ""); err != nil {
		return Campaign{}, err
	}
	return r.store.Campaign(ctx, id)
}

// Templates lists all versions of all forms, the newest first.
func (r *Register) Templates(ctx context.Context, who actor.Actor) ([]*Template, error) {
	if err := Can(who, ReadCampaign, ""); err != nil {
		return nil, err
	}
	return r.store.Templates(ctx)
}

// Template gives a form. It fails with NotFound when there is none with this ref.
func (r *Register) Template(ctx context.Context, who actor.Actor, ref string) (*Template, error) {
	if err := Can(who, ReadCampaign, ""); err != nil {
		return nil, err
	}
	return r.store.Template(ctx, ref)
}

// Letter gives a letter with its form.
func (r *Register) Letter(ctx context.Context, who actor.Actor, campaign string) (Campaign, *Template, error) {
	c, err := r.Campaign(ctx, who, campaign)
	if err != nil {
		return c, nil, err
	}
	t, err := r.store.Template(ctx, c.Template)
	return c, t, err
}

// Heads lists where the returns to a campaign stand, by agency, those that nobody
// has begun among them: all of them for who may read all, the own one for an agency.
func (r *Register) Heads(ctx context.Context, who actor.Actor, campaign string) ([]Head, error) {
	all := Can(who, ReadReturn, "") == nil
	if !all {
		if err := Can(who, ReadReturn, who.Agency); err != nil {
			return nil, err
		}
	}
	if _, err := r.store.Campaign(ctx, campaign); err != nil {
		return nil, err
	}
	heads, err := r.store.Heads(ctx, campaign)
	if err != nil {
		return nil, err
	}
	recipients, err := r.store.Recipients(ctx, campaign)
	if err != nil {
		return nil, err
	}
	begun := make(map[string]bool, len(heads))
	for _, h := range heads {
		begun[h.Agency.Code] = true
	}
	for _, a := range recipients {
		if !begun[a.Code] {
			heads = append(heads, Head{Campaign: campaign, Agency: a, State: NotStarted})
		}
	}
	heads = slices.DeleteFunc(heads, func(h Head) bool { return !all && h.Agency.Code != who.Agency })
	slices.SortFunc(heads, func(a, b Head) int { return cmp.Compare(a.Agency.Code, b.Agency.Code) })
	return heads, nil
}

// Stored gives a version of a return as it is kept, with where it stands; 0 is the
// newest. It fails with NotFound when there is no such version.
func (r *Register) Stored(ctx context.Context, who actor.Actor, campaign, agency string, version int) (View, Stored, error) {
	v, err := r.Look(ctx, who, campaign, agency)
	if err != nil {
		return v, Stored{}, err
	}
	all := v.Record.Versions
	if version == 0 {
		version = len(all)
	}
	if version < 1 || version > len(all) {
		return v, Stored{}, fault.New(fault.NotFound, "readiness.return.not_found", fault.Args{"agency": v.Agency.Name, "campaign": campaign})
	}
	state := v.Record.State()
	if version < len(all) {
		state = v.Record.VersionState(version, time.Time{})
	}
	one := all[version-1]
	return v, Stored{
		Name: v.Agency.Name, State: state, Version: version, Versions: len(all), Return: one.Return,
		Arrival: one.Arrival.String(), Came: one.Came(), DaysLate: one.DaysLate(v.Campaign),
	}, nil
}

// Reminders lists what was sent for a campaign.
func (r *Register) Reminders(ctx context.Context, who actor.Actor, campaign string) ([]Reminder, error) {
	if err := Can(who, ReadReturn, ""); err != nil {
		return nil, err
	}
	return r.store.Reminders(ctx, campaign)
}

// Batches lists the newest batches of files for a campaign.
func (r *Register) Batches(ctx context.Context, who actor.Actor, campaign string) ([]Batch, error) {
	if err := Can(who, ReadIntake, ""); err != nil {
		return nil, err
	}
	return r.store.Batches(ctx, campaign)
}

// Batch gives a batch with its files. It fails with NotFound.
func (r *Register) Batch(ctx context.Context, who actor.Actor, id string) (Batch, []BatchItem, error) {
	if err := Can(who, ReadIntake, ""); err != nil {
		return Batch{}, nil, err
	}
	b, err := r.store.Batch(ctx, id)
	if err != nil {
		return b, nil, err
	}
	items, err := r.store.BatchItems(ctx, id)
	return b, items, err
}

// BatchItem gives a file that was taken in. It fails with NotFound.
func (r *Register) BatchItem(ctx context.Context, who actor.Actor, id string) (BatchItem, error) {
	if err := Can(who, ReadIntake, ""); err != nil {
		return BatchItem{}, err
	}
	return r.store.BatchItem(ctx, id)
}

// OpenItems lists the files of a campaign that wait for a person.
func (r *Register) OpenItems(ctx context.Context, who actor.Actor, campaign string) ([]BatchItem, error) {
	if err := Can(who, ReadIntake, ""); err != nil {
		return nil, err
	}
	items, err := r.store.OpenItems(ctx, campaign)
	return slices.DeleteFunc(items, func(i BatchItem) bool { return !i.Open() }), err
}

// ItemPaper gives a file that was taken in as it came. It fails with NotFound when
// nothing of it was kept.
func (r *Register) ItemPaper(ctx context.Context, who actor.Actor, item string) (FileRef, []byte, error) {
	i, err := r.BatchItem(ctx, who, item)
	if err != nil {
		return FileRef{}, nil, err
	}
	if err := r.seen(ctx, who, i.Campaign, i.Agency); err != nil {
		return FileRef{}, nil, err
	}
	return r.paper(ctx, i.File)
}

// seen writes down that somebody opens a paper who sees its focal point nowhere else: the
// original cannot be masked.
func (r *Register) seen(ctx context.Context, who actor.Actor, campaign, agency string) error {
	if Can(who, ReadContact, agency) == nil {
		return nil
	}
	return r.store.InTx(ctx, func(tx Tx) error {
		return tx.Log(ctx, r.act(who, ReadContact, map[string]string{"agency": agency}), "campaign", campaign)
	})
}

// Paper gives the original of a version of a return, to the office and to its agency: the
// file that it was read from, or what was typed or sent. It fails with NotFound where
// none was kept.
func (r *Register) Paper(ctx context.Context, who actor.Actor, campaign, agency string, version int) (FileRef, []byte, error) {
	if err := Can(who, ReadReturn, agency); err != nil {
		return FileRef{}, nil, err
	}
	// It names the focal point: it is the office's to read, and its own agency's.
	if err := Can(who, ReadIntake, ""); err != nil && Can(who, ReadContact, agency) != nil {
		return FileRef{}, nil, err
	}
	rec, err := r.store.Record(ctx, campaign, agency)
	if err != nil {
		return FileRef{}, nil, err
	}
	if version < 1 || version > len(rec.Versions) {
		return FileRef{}, nil, errNoPaper
	}
	if err := r.seen(ctx, who, campaign, agency); err != nil {
		return FileRef{}, nil, err
	}
	return r.paper(ctx, rec.Versions[version-1].File)
}

var errNoPaper = fault.New(fault.NotFound, "readiness.file.none", nil)

func (r *Register) paper(ctx context.Context, f FileRef) (FileRef, []byte, error) {
	if f.SHA256 == "" {
		return f, nil, errNoPaper
	}
	content, err := r.papers.Get(ctx, f)
	return f, content, err
}
