package identitynode

import (
	"context"
	"strconv"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/identity"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/sqldb"
)

// The kinds of jobs.
const (
	newsKind  = "identity.news"  // the register recorded something about a person
	sweepKind = "identity.sweep" // what nobody needs any more
	termsKind = "identity.terms" // delegations whose term ended
	keysKind  = "identity.keys"  // keys that sign, when they are due
)

const (
	sweepEvery = 10 * time.Minute
	termsEvery = time.Minute
	newsTries  = 80 // some three days
	newsLanes  = 64 // people share them, so that a lane names nobody
)

var periodic = []jobs.Periodic{
	{Kind: sweepKind, Slot: jobs.Every(sweepEvery)},
	{Kind: termsKind, Slot: jobs.Every(termsEvery)},
	{Kind: keysKind, Slot: jobs.Daily(2, 30)},
}

// changed is somebody to whom something happened.
type changed struct {
	Number citizen.Number `json:"number"`
}

// PeopleChanged is told of people to whom something happened, in the transaction in which the
// register records it: what it writes there is done afterwards, and is there if and only if
// the change is. Whether somebody has an account is looked at then: one that is opened at this
// moment rests on what the register said before.
func (n *Node) PeopleChanged(ctx context.Context, q sqldb.Queryer, people []citizen.Number) error {
	for _, p := range people {
		lane := newsKind + " " + strconv.FormatInt(p.Int()%newsLanes, 10)
		if _, err := jobs.Enqueue(ctx, q, newsKind, changed{p}, jobs.Options{Lane: lane, MaxTries: newsTries}); err != nil {
			return err
		}
	}
	return nil
}

func (n *Node) news(ctx context.Context, t *jobs.Task) error {
	var c changed
	if err := t.Decode(&c); err != nil {
		return err
	}
	return n.service.PersonChanged(ctx, actor.OfSystem(identity.Program), c.Number)
}

func (n *Node) sweep(ctx context.Context, t *jobs.Task) error {
	gone, err := n.service.Sweep(ctx, actor.OfSystem(identity.Program))
	if err != nil {
		return err
	}
	return t.Progress(ctx, gone, gone, jobs.Note{Key: "identity.job.swept", Args: fault.Args{"n": gone}})
}

func (n *Node) terms(ctx context.Context, t *jobs.Task) error {
	ended, err := n.service.EndTerms(ctx, actor.OfSystem(identity.Program))
	if err != nil {
		return err
	}
	return t.Progress(ctx, ended, ended, jobs.Note{Key: "identity.job.ended", Args: fault.Args{"n": ended}})
}
