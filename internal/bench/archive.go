package bench

import (
	"context"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/exchange/exchangesql"
	"dean06/internal/platform/archive"
	"dean06/internal/platform/clock"
)

// never lets no record leave the database: each is younger than that.
func never() time.Time { return time.Time{} }

// archiveBytes archives what a node's message log has under a time-stamped head, as the
// nightly job would, and gives what a call takes there: two records, and shares of heads
// and certificates. 0 when no time stamp came yet. Nothing leaves the database.
func archiveBytes(ctx context.Context, n *member, store *exchangesql.Store) (float64, error) {
	k := archive.Keeper{
		Log: exchange.MessageArchive{Store: store, Now: never, Trust: func(ctx context.Context) (archive.Trust, error) {
			var t archive.Trust
			dir, err := exchange.StoredDirectory(ctx, store)
			if err == nil && dir != nil {
				c := dir.Configuration()
				t.Authorities, t.Timestamps = c.Authorities, c.Timestamps
			}
			return t, err
		}},
		Index: store.Index(), Dir: n.in("archive"), Owner: func() string { return n.code + "-" + n.subsystem }, Clock: clock.System{},
	}
	d, err := k.Archive(ctx, clock.System{}.Now())
	if err != nil || len(d.Made) == 0 {
		return 0, err
	}
	bytes := int64(0)
	for _, s := range d.Made {
		bytes += s.Bytes
	}
	return 2 * float64(bytes) / float64(d.Made[len(d.Made)-1].Until), nil
}
