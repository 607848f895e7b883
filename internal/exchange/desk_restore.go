package exchange

import (
	"context"
	"strings"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// RestoreWish is a restore that somebody says there was, as it waits for a second person
// or was decided.
type RestoreWish struct {
	ID      string // of the request
	Backup  string // the day of the backup, yyyy-mm-dd
	Reason  string
	By      actor.Actor
	At      time.Time
	State   string // of the request: "open", "approved" …
	Decider actor.Actor
	Chains  []Restart
	Href    string // the page where it is decided
}

// Restores asks a second person to acknowledge a restore.
type Restores interface {
	// Ask asks for the logs that do not fit what the centre has seen of them. It fails with
	// Conflict when all fit, when one has no signed head yet, or when somebody has asked.
	Ask(ctx context.Context, by actor.Actor, backup, reason string) (RestoreWish, error)
	// List gives the youngest first.
	List(ctx context.Context) ([]RestoreWish, error)
}

// Restores lists the restores that were acknowledged or wait, the youngest first.
func (d *Desk) Restores(ctx context.Context, by actor.Actor) ([]RestoreWish, error) {
	if err := Permissions.Can(by, ActRead); err != nil || d.at.Restores == nil {
		return nil, err
	}
	return d.at.Restores.List(ctx)
}

// Restore says that the node's database was restored from the backup of a day. When a
// second person agrees, the centre is told, and the alarm ends. It fails with a fault.List,
// and as Restores.Ask does.
func (d *Desk) Restore(ctx context.Context, by actor.Actor, backup clock.Date, reason string) (RestoreWish, error) {
	ctx, err := enter(ctx, by, ActRestore)
	if err != nil {
		return RestoreWish{}, err
	}
	var wrong fault.List
	if backup.IsZero() || backup.After(clock.DayOf(d.at.Clock.Now())) {
		wrong = append(wrong, fault.New(fault.Invalid, "exchange.restore.day", nil).At("backup"))
	}
	if reason = strings.TrimSpace(reason); reason == "" || len([]rune(reason)) > maxReason {
		wrong = append(wrong, fault.New(fault.Invalid, "exchange.restore.reason", fault.Args{"most": maxReason}).At("reason"))
	}
	if len(wrong) > 0 {
		return RestoreWish{}, wrong
	}
	if d.at.Restores == nil {
		return RestoreWish{}, errNotJoined
	}
	return d.at.Restores.Ask(ctx, by, backup.String(), reason)
}
