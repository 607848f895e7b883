package cleaningnode

import (
	"context"
	"time"

	"dean06/internal/cleaning/cleaningsql"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/sqldb"
)

// Events are looked at some seconds after they were recorded, so that many share a look; rows
// that have nobody, for which everybody is read, less often.
const (
	followedEvery = 5 * time.Second
	triedEvery    = 10 * time.Minute
)

// news is the payload of a job that looks at events alone; the one that comes by the clock has
// none.
const news = "news"

// PeopleChanged has the files that follow the register brought up to date. It is called in the
// transaction that records what happened.
func (n *Node) PeopleChanged(ctx context.Context, q sqldb.Queryer) error {
	some, err := cleaningsql.HasFollowers(ctx, q)
	if err != nil || !some {
		return err
	}
	// A job that runs already may have looked: only one that is still to come is shared.
	at := n.base.Clock.Now().Truncate(followedEvery).Add(followedEvery)
	_, err = jobs.Enqueue(ctx, q, cleaningsql.AliveJob, news, jobs.Options{
		RunAt: at, UniqueKey: cleaningsql.AliveJob + " " + at.UTC().Format(time.RFC3339), Lane: cleaningsql.AliveJob,
	})
	return err
}

// alive brings the files that were released up to date with the register.
func (n *Node) alive(ctx context.Context, t *jobs.Task) error {
	var why string
	_ = t.Decode(&why) // by the clock there is none
	return n.desk.Alive(ctx, why != news)
}
