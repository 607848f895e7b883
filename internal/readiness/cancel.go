package readiness

import (
	"context"
	"strings"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// Cancellation is how a round was cancelled: by a letter. Who had answered keeps what they
// sent; it counts nowhere.
type Cancellation struct {
	Number string     `json:"number"` // of the letter that cancels
	Day    clock.Date `json:"day"`
	Reason string     `json:"reason"`
	By     string     `json:"-"` // account
	At     time.Time  `json:"at"`
}

// Check holds a cancellation against the letter that it cancels. It fails with a
// fault.List.
func (x Cancellation) Check(c Campaign) error {
	var wrong fault.List
	need := func(ok bool, field string) {
		if !ok {
			args := fault.Args{"issued": c.Issued}
			wrong = append(wrong, fault.New(fault.Invalid, "readiness.cancel.wrong."+field, args).At(field))
		}
	}
	need(x.Number != "", "number")
	need(!x.Day.IsZero() && !x.Day.Before(c.Issued), "day")
	need(x.Reason != "", "reason")
	return wrong.Err()
}

// Live fails with Conflict when the round was cancelled.
func (c Campaign) Live() error {
	if c.Cancelled == nil {
		return nil
	}
	return fault.New(fault.Conflict, "readiness.campaign.cancelled", fault.Args{
		"campaign": c.Number, "number": c.Cancelled.Number, "date": c.Cancelled.Day,
	})
}

// Amid gives a letter its cancellation, and lets it follow the last one before it that was
// not cancelled. before is the letter that another one follows, "" for none.
func (c Campaign) Amid(cancelled map[string]Cancellation, before func(id string) (string, error)) (Campaign, error) {
	c.Cancelled = nil
	if x, ok := cancelled[c.ID]; ok {
		c.Cancelled = &x
	}
	for c.Previous != "" {
		if _, gone := cancelled[c.Previous]; !gone {
			break
		}
		var err error
		if c.Previous, err = before(c.Previous); err != nil {
			return c, err
		}
	}
	return c, nil
}

// Live leaves out the rounds that were cancelled.
func Live(campaigns []Campaign) []Campaign {
	var out []Campaign
	for _, c := range campaigns {
		if c.Cancelled == nil {
			out = append(out, c)
		}
	}
	return out
}

// CancelCampaign cancels a round by a letter. queue is called in the transaction that
// stores it: no round is cancelled without its letters. It fails with Conflict when it is
// cancelled already.
func (r *Register) CancelCampaign(ctx context.Context, who actor.Actor, id string, x Cancellation, queue func(tx Tx) error) error {
	if err := Can(who, ManageCampaign, ""); err != nil {
		return err
	}
	c, err := r.store.Campaign(ctx, id)
	if err != nil {
		return err
	}
	if err := c.Live(); err != nil {
		return err
	}
	x.Number, x.Reason = strings.TrimSpace(x.Number), strings.TrimSpace(x.Reason)
	if err := x.Check(c); err != nil {
		return err
	}
	x.By, x.At = who.Account, r.clock.Now()
	defer r.rounds.forget()
	return r.store.InTx(ctx, func(tx Tx) error {
		if err := tx.SaveCancellation(ctx, id, x, r.act(who, ManageCampaign, map[string]string{"decision": "cancel"})); err != nil {
			return err
		}
		return queue(tx)
	})
}
