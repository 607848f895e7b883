package readiness

import (
	"context"
	"slices"

	"dean06/internal/platform/actor"
)

// Declared are the systems of an agency as its newest return declares them that was handed
// in to a letter that counts; those of its draft while it has handed in none.
func (r *Register) Declared(ctx context.Context, who actor.Actor, agency string) ([]System, error) {
	if err := Can(who, ReadReturn, agency); err != nil {
		return nil, err
	}
	campaigns, err := r.store.Campaigns(ctx)
	if err != nil {
		return nil, err
	}
	heads, err := r.store.HeadsOf(ctx, agency)
	if err != nil {
		return nil, err
	}
	var drafted []System
	for _, c := range campaigns { // the newest first
		i := slices.IndexFunc(heads, func(h Head) bool { return h.Campaign == c.ID })
		if i < 0 || c.Live() != nil {
			continue
		}
		rec, err := r.store.Record(ctx, c.ID, agency)
		if err != nil {
			return nil, err
		}
		if n := len(rec.Versions); n > 0 {
			return rec.Versions[n-1].Return.Systems, nil
		}
		if drafted == nil && rec.Draft != nil {
			drafted = rec.Draft.Return.Systems
		}
	}
	return drafted, nil
}
