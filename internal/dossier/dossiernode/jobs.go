package dossiernode

import (
	"context"
	"time"

	"dean06/internal/dossier"
	"dean06/internal/dossier/dossiersql"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/outbox"
)

// The kinds of jobs beside those that carry dossier.Work.
const (
	warnKind    = "dossier.warn"    // near the due day, or over it
	sweepKind   = "dossier.sweep"   // drafts that nobody goes on with
	recountKind = "dossier.recount" // the calendar has changed
)

const warnEvery = 15 * time.Minute

var periodic = []jobs.Periodic{
	{Kind: warnKind, Slot: jobs.Every(warnEvery)},
	{Kind: sweepKind, Slot: jobs.Daily(3, 20)},
}

func (n *Node) jobs() map[string]jobs.Handler {
	out := map[string]jobs.Handler{
		warnKind: func(ctx context.Context, t *jobs.Task) error {
			warned, err := n.service.Warn(ctx)
			if err != nil {
				return err
			}
			return t.Progress(ctx, warned, warned, jobs.Note{Key: "dossier.job.warned", Args: fault.Args{"n": warned}})
		},
		sweepKind:   n.sweep,
		recountKind: n.recount,
	}
	for _, kind := range []dossier.WorkKind{dossier.TellPeople, dossier.TellEvent, dossier.TellMistake} {
		out[dossiersql.JobPrefix+string(kind)] = n.work
	}
	out[outbox.Kind(smsTopic)] = newTexter(n.config).handler()
	return out
}

// work does what was queued with an act.
func (n *Node) work(ctx context.Context, t *jobs.Task) error {
	var w dossier.Work
	if err := t.Decode(&w); err != nil {
		return err
	}
	err := n.service.Run(ctx, w)
	if w.Kind == dossier.TellEvent && err != nil {
		// The dossier waits, and says so; reportWaiting goes on from there, however long it takes.
		return t.Progress(ctx, 0, 0, jobs.Note{Key: "dossier.job.waits"})
	}
	return err
}

// sentDrafts is how long the draft of what was sent is kept beside the dossier: for a second
// click.
const sentDrafts = 30 * 24 * time.Hour

// tryMemory is how long tries are remembered at most.
const tryMemory = 7 * 24 * time.Hour

func (n *Node) sweep(ctx context.Context, t *jobs.Task) error {
	now := n.base.Clock.Now()
	gone, err := n.store.Sweep(ctx, dossiersql.Before{
		Drafts: now.Add(-n.config.KeepDrafts), Sent: now.Add(-sentDrafts), Tries: now.Add(-tryMemory),
	})
	if err != nil {
		return err
	}
	return t.Progress(ctx, gone, gone, jobs.Note{Key: "dossier.job.swept", Args: fault.Args{"n": gone}})
}

// recount computes again what was promised, and says whom that moved: each dossier says it
// too, and its applicant is told.
func (n *Node) recount(ctx context.Context, t *jobs.Task) error {
	moved, err := n.service.Recompute(ctx, actor.OfSystem(dossier.Program))
	for _, m := range moved {
		n.base.Log.Info("the calendar moved the due day of a dossier", "code", m.Code, "from", m.From, "to", m.To)
	}
	if err != nil {
		return err
	}
	return t.Progress(ctx, len(moved), len(moved), jobs.Note{Key: "dossier.job.moved", Args: fault.Args{"n": len(moved)}})
}

// The pauses between tries to tell the register what waits.
const (
	reportFirst = 15 * time.Second
	reportMost  = 5 * time.Minute
	reportAtOne = 200 // dossiers at once
)

// reportWaiting tells the register of decisions that wait for it: soon after it is back. While
// it is away the pauses grow.
func (n *Node) reportWaiting(ctx context.Context) error {
	pause := reportFirst
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
		pause = n.reportOnce(ctx, pause)
	}
}

// reportOnce gives the pause before the next time.
func (n *Node) reportOnce(ctx context.Context, pause time.Duration) time.Duration {
	done, err := n.service.ReportWaiting(ctx, reportAtOne)
	if done > 0 {
		n.base.Log.Info("the register has recorded decisions that waited", "dossiers", done)
	}
	if err == nil || done > 0 {
		return reportFirst
	}
	if ctx.Err() == nil && fault.Of(err) == fault.Internal {
		n.base.Log.Error("decisions that wait for the register cannot be reported", "error", err)
	}
	return min(2*pause, reportMost)
}
