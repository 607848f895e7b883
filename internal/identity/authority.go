package identity

import (
	"context"
	"fmt"
	"time"

	"dean06/internal/platform/actor"
)

// Sweep takes away what nobody needs any more, some at a time, until there is no more of it.
func (s *Service) Sweep(ctx context.Context, by actor.Actor) (int, error) {
	if err := Permissions.Can(by, Run); err != nil {
		return 0, err
	}
	const atOnce = 500
	all := 0
	for {
		n, err := s.Store.Sweep(ctx, s.Clock.Now().Add(-sweepAfter), atOnce)
		all += n
		if err != nil || n < atOnce {
			return all, err
		}
	}
}

// sweepAfter is how long what ran out is still known, so that a page can say so.
const sweepAfter = time.Hour

// Counts are how many accounts there are by kind, level and state; no names.
func (s *Service) Counts(ctx context.Context, by actor.Actor) ([]Count, error) {
	if err := Permissions.Can(by, CountAll); err != nil {
		return nil, err
	}
	return s.Store.Counts(ctx)
}

// Standing is what the authority sees of one account: no facts but of which kind it is.
type Standing struct {
	Account Account // the holder's number masks itself; its facts are left out
	Devices int     // that open it
	Entries []Entry // the youngest first, without what they say of others
}

// inspectMost is how many steps are shown.
const inspectMost = 200

// InspectHolder is Inspect of whoever has a number. That somebody asked for one that has no
// account stands in the log of the node. It fails with NotFound at "number".
func (s *Service) InspectHolder(ctx context.Context, by actor.Actor, h Holder, purpose string) (Standing, error) {
	if err := Permissions.Can(by, Inspect); err != nil {
		return Standing{}, err
	}
	if err := reason(&purpose, "purpose"); err != nil {
		return Standing{}, err
	}
	a, has, err := s.Store.ByHolder(ctx, h)
	if err != nil {
		return Standing{}, fmt.Errorf("find account: %w", err)
	}
	if has {
		return s.Inspect(ctx, by, a.ID, purpose)
	}
	err = s.Store.InTx(ctx, func(tx Tx) error {
		return tx.AddEntry(ctx, Entry{At: s.Clock.Now(), What: "inspected", By: by, Args: map[string]string{"purpose": purpose}})
	})
	if err != nil {
		return Standing{}, err
	}
	return Standing{}, errNoAccount
}

// Inspect shows an account to the authority. That somebody looked, and why, stands in the
// holder's log.
func (s *Service) Inspect(ctx context.Context, by actor.Actor, account, purpose string) (Standing, error) {
	if err := Permissions.Can(by, Inspect); err != nil {
		return Standing{}, err
	}
	if err := reason(&purpose, "purpose"); err != nil {
		return Standing{}, err
	}
	var out Standing
	err := s.Store.InTx(ctx, func(tx Tx) error {
		a, err := tx.Account(ctx, account)
		if err != nil {
			return err
		}
		devices, err := tx.Devices(ctx, a.ID)
		if err != nil {
			return fmt.Errorf("devices of an account: %w", err)
		}
		entries, err := tx.Entries(ctx, a.ID, 0, inspectMost)
		if err != nil {
			return fmt.Errorf("log of an account: %w", err)
		}
		for i := range entries {
			entries[i].Args, entries[i].By.Name = nil, ""
		}
		a.Attributes = nil
		out = Standing{Account: a, Entries: entries}
		for _, d := range devices {
			if d.Open() {
				out.Devices++
			}
		}
		return tx.AddEntry(ctx, Entry{Account: a.ID, At: s.Clock.Now(), What: "inspected", By: by, Args: map[string]string{"purpose": purpose}})
	})
	return out, err
}
