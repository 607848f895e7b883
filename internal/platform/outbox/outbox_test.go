package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/platform/jobs"
	"dean06/internal/platform/outbox"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
)

// TestOrderHoldsPerKey delivers through two runners to a peer that often refuses.
func TestOrderHoldsPerKey(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx, cancel := context.WithCancel(context.Background())
		if err := jobs.Migrate(ctx, db); err != nil {
			t.Fatal(err)
		}
		const keys, each = 4, 12
		want := map[string][]string{}
		for i := range each {
			for k := range keys {
				key, text := fmt.Sprint("k", k), fmt.Sprint(i)
				if err := db.InTx(ctx, func(tx *sqldb.Tx) error { _, err := outbox.Put(ctx, tx, "hub", key, text); return err }); err != nil {
					t.Fatal(err)
				}
				want[key] = append(want[key], fmt.Sprintf("%q", text))
			}
		}
		boom := errors.New("boom")
		if err := db.InTx(ctx, func(tx *sqldb.Tx) error {
			if _, err := outbox.Put(ctx, tx, "hub", "k0", "never"); err != nil {
				return err
			}
			return boom
		}); !errors.Is(err, boom) {
			t.Fatal(err)
		}
		var mu sync.Mutex
		got, left, all := map[string][]string{}, keys*each, make(chan struct{})
		deliver := func(_ context.Context, m outbox.Message) error {
			if rand.N(3) == 0 {
				return errors.New("peer is away")
			}
			mu.Lock()
			defer mu.Unlock()
			if m.ID == "" || m.Topic != "hub" || m.At.IsZero() {
				t.Errorf("message: %+v", m)
			}
			got[m.Key] = append(got[m.Key], string(m.Payload))
			if left--; left == 0 {
				close(all)
			}
			return nil
		}
		var wg sync.WaitGroup
		for range 2 {
			r := jobs.Runner{
				DB: db, Poll: 2 * time.Millisecond, Backoff: func(int) time.Duration { return rand.N(5 * time.Millisecond) },
				Handlers: map[string]jobs.Handler{outbox.Kind("hub"): outbox.Handler("hub", deliver)},
			}
			wg.Go(func() {
				if err := r.Run(ctx); err != nil {
					t.Error(err)
				}
			})
		}
		select {
		case <-all:
		case <-time.After(30 * time.Second):
			t.Errorf("%d messages left", left)
		}
		cancel()
		wg.Wait()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	})
}
