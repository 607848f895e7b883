package readiness

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"dean06/internal/platform/actor"
)

// Upload is files that somebody sent to be taken in as one batch, kept as papers
// until it is done.
type Upload struct {
	Batch    string
	Campaign string
	Actor    actor.Actor
	Files    []FileRef
}

// Receive keeps uploaded files and begins their batch, which is there at once, so that
// its page can show how far it is. queue is called in the transaction that stores the
// batch and leaves the work to be done later, by TakeIn: there is no batch without its
// work. What the files are is written down before the first is kept, so that Sweep
// finds those of an upload that a crash cut off.
func (r *Register) Receive(
	ctx context.Context, who actor.Actor, campaign string, files []File, queue func(tx Tx, u Upload) error,
) (string, error) {
	if err := Can(who, ImportReturn, ""); err != nil {
		return "", err
	}
	u := Upload{Batch: r.newID(), Campaign: campaign, Actor: who}
	batch := Batch{ID: u.Batch, Campaign: campaign, By: who.Account, At: r.clock.Now()}
	for _, f := range files {
		sum := sha256.Sum256(f.Content)
		u.Files = append(u.Files, FileRef{Name: f.Name, SHA256: hex.EncodeToString(sum[:]), Size: int64(len(f.Content))})
		batch.Total += CountUpload(f.Name, f.Content)
	}
	if err := r.store.InTx(ctx, func(tx Tx) error { return tx.SaveUpload(ctx, u, batch.At) }); err != nil {
		return "", err
	}
	for _, f := range files {
		if _, err := r.papers.Put(ctx, f.Content); err != nil {
			return "", err
		}
	}
	err := r.store.InTx(ctx, func(tx Tx) error {
		if err := tx.SaveBatch(ctx, batch); err != nil {
			return err
		}
		return queue(tx, u)
	})
	return u.Batch, err
}

// TakeIn takes in the files of an upload, as whoever sent them. After a crash it goes
// on with those that have no result yet. Done is told how far it is.
func (r *Register) TakeIn(ctx context.Context, u Upload, done func(done, total int)) error {
	if err := Can(u.Actor, ImportReturn, ""); err != nil {
		return err
	}
	batch, err := r.store.Batch(ctx, u.Batch)
	if err != nil {
		return err
	}
	before, err := r.store.BatchItems(ctx, u.Batch)
	if err != nil {
		return err
	}
	batch.Done = len(before)
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	files := withoutResult(r.unpacked(ctx, u.Files, fail), before)
	n := batch.Done
	_, err = r.Import(ctx, u.Actor, batch, files, func(BatchItem) {
		n++
		done(n, batch.Total)
	})
	if err != nil {
		return fmt.Errorf("take in batch %s: %w", u.Batch, errors.Join(context.Cause(ctx), err))
	}
	return nil
}

// unpacked yields the files of an upload, those inside its zips one by one. A paper
// that cannot be had ends it, and fail is told.
func (r *Register) unpacked(ctx context.Context, files []FileRef, fail func(error)) func(yield func(File) bool) {
	return func(yield func(File) bool) {
		for _, ref := range files {
			content, err := r.papers.Get(ctx, ref)
			if err != nil {
				fail(err)
				return
			}
			if !CollectUpload(ref.Name, content)(yield) {
				return
			}
		}
	}
}

// withoutResult passes over the files that have their result: as many of a name, from
// the first, as there are results of that name.
func withoutResult(files func(yield func(File) bool), results []BatchItem) func(yield func(File) bool) {
	return func(yield func(File) bool) {
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

// sweptAfter is how old what a crash left must be: by then nobody is still sending it.
const sweptAfter = 24 * time.Hour

// Swept is what Sweep put in order.
type Swept struct {
	Papers  int // removed: they came, and their batch was never stored
	Removed int // batches without a file
	Ended   int // batches of which some files had been taken in
}

// Sweep puts in order what crashes left behind: files of uploads whose batch was never
// stored are removed, and batches that nobody will go on with are ended, or removed
// when nothing of them was taken in. waits says whether work on a batch is still to
// come, be it only that a person may try it again.
func (r *Register) Sweep(ctx context.Context, who actor.Actor, waits func(batch string) (bool, error)) (Swept, error) {
	var s Swept
	if err := Can(who, ImportReturn, ""); err != nil {
		return s, err
	}
	before := r.clock.Now().Add(-sweptAfter)
	left, err := r.store.Unfinished(ctx, before)
	if err != nil {
		return s, err
	}
	for _, b := range left {
		if wait, err := waits(b.ID); err != nil || wait {
			if err != nil {
				return s, err
			}
			continue
		}
		if err := r.endBatch(ctx, who, b, &s); err != nil {
			return s, fmt.Errorf("end batch %s: %w", b.ID, err)
		}
	}
	uploads, err := r.store.Uploads(ctx, before)
	if err != nil {
		return s, err
	}
	for _, u := range uploads {
		if err := r.removeUpload(ctx, u, &s); err != nil {
			return s, fmt.Errorf("remove upload %s: %w", u.Batch, err)
		}
	}
	return s, nil
}

func (r *Register) endBatch(ctx context.Context, who actor.Actor, b Batch, s *Swept) error {
	items, err := r.store.BatchItems(ctx, b.ID)
	if err != nil {
		return err
	}
	b.Done, b.Total, b.Finished = len(items), len(items), r.clock.Now()
	decision := "ended"
	if len(items) == 0 {
		decision = "removed"
		s.Removed++
	} else {
		s.Ended++
	}
	return r.store.InTx(ctx, func(tx Tx) error {
		if len(items) == 0 {
			err = tx.RemoveBatch(ctx, b.ID)
		} else {
			err = tx.SaveBatch(ctx, b)
		}
		if err != nil {
			return err
		}
		return tx.Log(ctx, r.act(who, ImportReturn, map[string]string{"decision": decision}), "batch", b.ID)
	})
}

// removeUpload removes the papers of an upload that has no batch. One that something
// else needs stays; so does one that somebody sends again at this very moment.
func (r *Register) removeUpload(ctx context.Context, u Upload, s *Swept) error {
	for _, f := range u.Files {
		removed, err := r.removePaper(ctx, f, u.Batch)
		if err != nil {
			return err
		}
		if removed {
			s.Papers++
		}
	}
	return r.store.InTx(ctx, func(tx Tx) error { return tx.RemoveUpload(ctx, u.Batch) })
}

func (r *Register) removePaper(ctx context.Context, f FileRef, upload string) (bool, error) {
	needed, err := r.store.Needs(ctx, f.SHA256, upload)
	if err != nil || needed {
		return false, err
	}
	content, err := r.papers.Get(ctx, f)
	if err != nil {
		return false, nil //nolint:nilerr // the crash came before it was kept
	}
	if err := r.papers.Delete(ctx, f); err != nil {
		return false, err
	}
	if needed, err = r.store.Needs(ctx, f.SHA256, upload); err != nil || needed {
		_, putErr := r.papers.Put(ctx, content)
		return false, errors.Join(err, putErr)
	}
	return true, nil
}
