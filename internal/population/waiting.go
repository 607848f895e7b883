package population

import (
	"context"

	"dean06/internal/platform/actor"
)

// Waiting counts what waits for somebody of the register's.
type Waiting struct{ Objections, Mistakes int }

// WaitingFor counts what waits for the one who acts; of what they may not do, nothing.
func (r *Register) WaitingFor(ctx context.Context, a actor.Actor) (Waiting, error) {
	var out Waiting
	audits, settles := Permissions.Can(a, Audit) == nil, Permissions.Can(a, SettleMistake) == nil
	if !audits && !settles {
		return out, nil
	}
	all, err := r.Store.Waiting(ctx)
	if audits {
		out.Objections = all.Objections
	}
	if settles {
		out.Mistakes = all.Mistakes
	}
	return out, err
}
