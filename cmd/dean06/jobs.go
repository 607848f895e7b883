package main

import (
	"context"
	"fmt"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/jobs/jobsweb"
	"dean06/internal/platform/node"
)

type jobsCmd struct {
	List   jobsListCmd   `cmd:"" help:"List background work, what failed unless another state is named."`
	Retry  jobsRetryCmd  `cmd:"" help:"Let work that failed or was given up run again."`
	GiveUp jobsGiveUpCmd `cmd:"" help:"Give work up: it is not tried again, and no longer counts as failed."`
}

type jobsListCmd struct {
	node.Database
	State string `enum:"dead,queued,running,done,cancelled" default:"dead" help:"dead, queued, running, done or cancelled."`
	Limit int    `default:"50" help:"How many, the youngest first."`
	JSON  bool   `name:"json" help:"Print one JSON line a job."`
}

// jobLine is the line that list prints for a job.
type jobLine struct {
	ID       string    `json:"id"`
	Kind     string    `json:"kind"`
	State    string    `json:"state"`
	Tries    int       `json:"tries"`
	MaxTries int       `json:"max_tries"`
	Made     time.Time `json:"made"`
	Error    string    `json:"error,omitempty"`
}

// Run lists the jobs.
func (c jobsListCmd) Run(ctx context.Context, p node.Program) error {
	n, err := look(ctx, p, c.Database)
	if err != nil {
		return err
	}
	defer n.Close()
	list, err := jobs.Desk{DB: n.DB}.List(ctx, actor.AtCommandLine(), jobs.Filter{State: jobs.State(c.State), Limit: c.Limit})
	if err != nil {
		return err
	}
	pr := c.Printer(p)
	if len(list) == 0 && !c.JSON {
		_, err = fmt.Fprintln(p.Out, pr.T("jobs.page.none."+c.State))
		return err
	}
	for _, j := range list {
		if c.JSON {
			err = p.PrintJSON(jobLine{j.ID, j.Kind, string(j.State), j.Tries, j.MaxTries, j.CreatedAt, j.Error})
		} else {
			_, err = fmt.Fprintf(
				p.Out, "%s\t%s\t%s\t%d/%d\t%s\n", j.ID, pr.Time(j.CreatedAt), jobsweb.KindName(pr, j.Kind), j.Tries, j.MaxTries,
				j.Error,
			)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

type jobsRetryCmd struct {
	node.Database
	ID string `arg:"" help:"Number of the job, from list."`
}

// Run puts the job back into the queue.
func (c jobsRetryCmd) Run(ctx context.Context, p node.Program) error {
	n, err := open(ctx, p, c.Database)
	if err != nil {
		return err
	}
	defer n.Close()
	if err := (jobs.Desk{DB: n.DB}).Retry(ctx, actor.AtCommandLine(), c.ID); err != nil {
		return err
	}
	_, err = fmt.Fprintln(p.Out, c.Printer(p).T("jobs.page.retried"))
	return err
}

type jobsGiveUpCmd struct {
	node.Database
	ID string `arg:"" help:"Number of the job, from list."`
}

// Run gives the job up.
func (c jobsGiveUpCmd) Run(ctx context.Context, p node.Program) error {
	n, err := open(ctx, p, c.Database)
	if err != nil {
		return err
	}
	defer n.Close()
	if err := (jobs.Desk{DB: n.DB}).GiveUp(ctx, actor.AtCommandLine(), c.ID); err != nil {
		return err
	}
	_, err = fmt.Fprintln(p.Out, c.Printer(p).T("jobs.page.gave_up"))
	return err
}
