package app

import (
	"context"
	"errors"
	"fmt"

	acting "dean06/internal/platform/actor"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/sqldb"
	"dean06/internal/readiness"
)

// imports runs what takes longer than a request, from the node's job table.
type imports struct {
	node *Node
	url  string // the address that people use, for letters
}

const importKind = "readiness.import"

// importJob is a batch of uploaded files, kept as papers.
type importJob struct {
	Batch    string
	Campaign string
	Actor    readiness.Actor
	Files    []readiness.FileRef
}

// Import queues uploaded files. The batch is there at once, so that its page
// can show how far it is.
func (w imports) Import(ctx context.Context, actor readiness.Actor, campaign string, files []readiness.File) (string, error) {
	if err := readiness.Can(actor, readiness.ImportReturn, ""); err != nil {
		return "", err
	}
	job := importJob{Batch: sqldb.NewID(), Campaign: campaign, Actor: actor}
	total := 0
	for _, f := range files {
		sha, err := w.node.Papers.Put(ctx, f.Content)
		if err != nil {
			return "", err
		}
		job.Files = append(job.Files, readiness.FileRef{Name: f.Name, SHA256: sha, Size: int64(len(f.Content))})
		total += readiness.CountUpload(f.Name, f.Content)
	}
	if err := w.node.Store.InTx(ctx, func(tx readiness.Tx) error {
		return tx.SaveBatch(ctx, readiness.Batch{ID: job.Batch, Campaign: campaign, By: actor.Account, Total: total, At: w.node.Clock.Now()})
	}); err != nil {
		return "", err
	}
	_, err := jobs.Enqueue(ctx, w.node.DB, importKind, job, jobs.Options{ID: job.Batch})
	return job.Batch, err
}

// uploads yields the files of an upload, those inside its zips one by one. A
// paper that cannot be had ends it, and fail is told.
func uploads(ctx context.Context, papers readiness.Papers, files []readiness.FileRef, fail func(error)) func(yield func(readiness.File) bool) {
	return func(yield func(readiness.File) bool) {
		for _, ref := range files {
			content, err := papers.Get(ctx, ref)
			if err != nil {
				fail(err)
				return
			}
			if !readiness.CollectUpload(ref.Name, content)(yield) {
				return
			}
		}
	}
}

// withoutResult passes over the files that have their result: as many of a
// name, from the first, as there are results of that name.
func withoutResult(files func(yield func(readiness.File) bool), results []readiness.BatchItem) func(yield func(readiness.File) bool) {
	return func(yield func(readiness.File) bool) {
		have := map[string]int{}
		for _, i := range results {
			have[i.File.Name]++
		}
		for f := range files {
			if have[f.Name] > 0 {
				have[f.Name]--
			} else if !yield(f) {
				return
			}
		}
	}
}

// doImport takes in the files of a batch. After a crash it goes on with those
// that have no result yet.
func (n *Node) doImport(ctx context.Context, t *jobs.Task) error {
	var job importJob
	if err := t.Decode(&job); err != nil {
		return err
	}
	ctx = acting.With(ctx, acting.Actor{Account: job.Actor.Account, Name: job.Actor.Name, Agency: job.Actor.Agency})
	batch, err := n.Store.Batch(ctx, job.Batch)
	if err != nil {
		return err
	}
	before, err := n.Store.BatchItems(ctx, job.Batch)
	if err != nil {
		return err
	}
	batch.Done = len(before)
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	files := withoutResult(uploads(ctx, n.Papers, job.Files, fail), before)
	done := batch.Done
	_, err = n.Register.Import(ctx, job.Actor, batch, files, func(readiness.BatchItem) {
		done++
		_ = t.Progress(ctx, done, batch.Total, jobs.Note{}) // the batch itself has the count
	})
	if err != nil {
		return fmt.Errorf("import batch %s: %w", job.Batch, errors.Join(context.Cause(ctx), err))
	}
	return nil
}
