package app

import (
	"context"

	"dean06/internal/org"
	"dean06/internal/org/orgsql"
	"dean06/internal/platform/clock"
)

// Counts says how many units of each level there were on a day, as known now.
func (b *Base) Counts(ctx context.Context, day clock.Date) (org.Counts, error) {
	return b.Org.Counts(ctx, orgsql.On(day))
}

// Lineage says what became of a unit or agency between two days.
func (b *Base) Lineage(ctx context.Context, code string, from, to clock.Date) (org.Lineage, error) {
	return b.Org.Lineage(ctx, code, from, to)
}
