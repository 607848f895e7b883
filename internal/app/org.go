package app

import (
	"context"

	"dean06/internal/org"
	who "dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
)

// Counts says how many units of each level there were on a day, as known now.
func (b *Base) Counts(ctx context.Context, day clock.Date) (org.Counts, error) {
	return b.Country.Counts(ctx, who.AtCommandLine(), org.Moment{On: day})
}

// Lineage says what became of a unit or agency between two days.
func (b *Base) Lineage(ctx context.Context, code string, from, to clock.Date) (org.Lineage, error) {
	return b.Country.Lineage(ctx, who.AtCommandLine(), code, from, to)
}
