package exchange

import (
	"context"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/archive"
)

// Archived says which records are in archive files alone.
type Archived struct {
	Files   int   // that are kept
	Records int64 // in them, or in files that were removed by their term
	// From and Until are the moments of the first and last record in files that are kept.
	From, Until time.Time
}

// Archived says what the database has no more; zero when it has everything.
func (d *Desk) Archived(ctx context.Context, by actor.Actor) (Archived, error) {
	var out Archived
	if err := Permissions.Can(by, ActLog); err != nil {
		return out, err
	}
	files, ok := d.at.Log.(WithFiles)
	if !ok {
		return out, nil
	}
	begin, err := files.Begin(ctx)
	if err != nil {
		return out, err
	}
	list, err := files.Files.Segments(ctx)
	if err != nil {
		return out, err
	}
	out.Records = begin.Size
	for _, s := range list {
		if s.From >= begin.Size || !s.DroppedAt.IsZero() {
			continue
		}
		if out.Files++; out.Files == 1 {
			out.From = s.FirstAt
		}
		out.Until = s.LastAt
	}
	return out, nil
}

// Archive archives what is older than before, and removes files whose records are all
// older than drop; a zero moment leaves that out.
func (d *Desk) Archive(ctx context.Context, by actor.Actor, k *archive.Keeper, before, drop time.Time) (done archive.Done, err error) {
	if err := Permissions.Can(by, ActArchive); err != nil {
		return done, err
	}
	ctx = actor.With(ctx, by)
	if !before.IsZero() {
		if done, err = k.Archive(ctx, before); err != nil {
			return done, err
		}
	}
	if !drop.IsZero() {
		gone, err := k.Drop(ctx, drop)
		done.Dropped = gone.Dropped
		return done, err
	}
	return done, nil
}
