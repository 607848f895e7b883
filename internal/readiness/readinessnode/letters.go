package readinessnode

import (
	"context"
	"fmt"
	"strings"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/mail"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinesssql"
	"dean06/internal/readiness/readinessweb"
)

// lettersJob is what a job mails: a letter, or its cancellation, to all whom it concerns.
type lettersJob struct {
	Campaign string               `json:"campaign"`
	Kind     readiness.NoticeKind `json:"kind"`
}

// Issue sends out a letter, and queues the mails to its recipients with it.
func (w work) Issue(ctx context.Context, who actor.Actor, c readiness.Campaign, draft string, revision int) error {
	return w.node.register.IssueCampaign(ctx, who, c, draft, revision, queued(ctx, c.ID, readiness.NoticeIssued))
}

// Cancel cancels a round, and queues the mails with its letter.
func (w work) Cancel(ctx context.Context, who actor.Actor, campaign string, x readiness.Cancellation) error {
	return w.node.register.CancelCampaign(ctx, who, campaign, x, queued(ctx, campaign, readiness.NoticeCancelled))
}

func queued(ctx context.Context, campaign string, kind readiness.NoticeKind) func(tx readiness.Tx) error {
	return func(tx readiness.Tx) error {
		_, err := jobs.Enqueue(ctx, readinesssql.Queryer(tx), lettersKind, lettersJob{campaign, kind}, jobs.Options{})
		return err
	}
}

// lettersJob mails a letter to each agency, once. Who has no address does not keep the
// others from theirs: the round's page says who was not reached.
func (n *Node) lettersJob(ctx context.Context, t *jobs.Task) error {
	var job lettersJob
	if err := t.Decode(&job); err != nil {
		return err
	}
	agencies, err := n.register.Told(ctx, System(), job.Campaign, job.Kind)
	if err != nil {
		return err
	}
	var file readinessweb.File
	if job.Kind == readiness.NoticeCancelled {
		file, err = exports{n}.Cancellation(ctx, System(), job.Campaign, "docx")
	} else {
		file, err = exports{n}.Letter(ctx, System(), job.Campaign, "docx")
	}
	if err != nil {
		return err
	}
	for i, a := range agencies {
		if err := n.tellOne(ctx, job, a, file); err != nil && fault.Of(err) == fault.Internal {
			return fmt.Errorf("mail %s about letter %s: %w", a.Code, job.Campaign, err)
		}
		_ = t.Progress(ctx, i+1, len(agencies), jobs.Note{})
	}
	return nil
}

func (n *Node) tellOne(ctx context.Context, job lettersJob, a readiness.Agency, file readinessweb.File) error {
	r, err := n.register.Reminding(ctx, System(), job.Campaign, a.Code)
	if err != nil {
		return err
	}
	c := r.Campaign
	more := map[string]any{
		"issuer": c.Issuer.In(string(i18n.Vi)), "issued": c.Issued, "subject": strings.TrimPrefix(c.Subject.In(string(i18n.Vi)), "V/v "),
	}
	if x := c.Cancelled; x != nil {
		more["cancel"], more["day"], more["reason"] = x.Number, x.Day, x.Reason
	} else if job.Kind == readiness.NoticeCancelled {
		return nil
	}
	m, err := n.letter(ctx, r, file, string(job.Kind), more)
	if err != nil {
		return err
	}
	_, err = n.register.Tell(ctx, System(), job.Campaign, a.Code, job.Kind, func(tx readiness.Tx) error {
		return mail.Queue(ctx, readinesssql.Queryer(tx), m)
	})
	return err
}

// notify makes the mail about a decision. An agency without an address is not told.
func (n *Node) notify(ctx context.Context, t readiness.Notice) (func(tx readiness.Tx) error, error) {
	if n.base.Sessions == nil {
		return nil, nil
	}
	m, err := n.letter(ctx, t.Reminding, readinessweb.File{}, string(t.Kind), map[string]any{
		"version": t.Version, "comments": "– " + strings.Join(t.Lines(string(i18n.Vi)), "\n– "),
	})
	if fault.Of(err) == fault.Invalid {
		n.log().InfoContext(ctx, "no address to tell an agency", "campaign", t.Campaign.ID, "agency", t.Agency.Code, "of", string(t.Kind))
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return func(tx readiness.Tx) error { return mail.Queue(ctx, readinesssql.Queryer(tx), m) }, nil
}
