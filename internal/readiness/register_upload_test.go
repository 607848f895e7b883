package readiness_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/readiness"
)

var errCrash = errors.New("the machine went down")

// receive sends files as an upload; queue is what a node does in the same transaction.
func (o office) receive(queue func(readiness.Tx, readiness.Upload) error, files ...readiness.File) (string, error) {
	return o.Receive(context.Background(), coordinator, "488", files, queue)
}

// sweep lets a day pass and puts in order what was left.
func (o office) sweep(waits bool) readiness.Swept {
	o.Helper()
	o.clock.n.Add(25 * 60)
	s, err := o.Sweep(context.Background(), system, func(string) (bool, error) { return waits, nil })
	if err != nil {
		o.Fatal(err)
	}
	return s
}

func (o office) batches() []readiness.Batch {
	o.Helper()
	list, err := o.Batches(context.Background(), coordinator, "488")
	if err != nil {
		o.Fatal(err)
	}
	return list
}

// A crash at any moment of an upload leaves a batch with its work, or nothing.
func TestACrashDuringAnUploadLeavesNothingHalfDone(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		o := newOffice(t, db)
		one := file("a.docx", whole(t, "một"))

		// The work could not be queued: neither is the batch there.
		if _, err := o.receive(func(readiness.Tx, readiness.Upload) error { return errCrash }, one); !errors.Is(err, errCrash) {
			t.Fatalf("received with %v", err)
		}
		if n := len(o.batches()); n != 0 || len(o.papers.kept) != 1 {
			t.Fatalf("%d batches and %d papers after a crash, want 0 and 1", n, len(o.papers.kept))
		}
		// It may still be on its way; a day later it is not.
		early, err := o.Sweep(t.Context(), system, func(string) (bool, error) { return false, nil })
		if err != nil || early != (readiness.Swept{}) {
			t.Errorf("swept %+v at once, %v", early, err)
		}
		if got := o.sweep(false); got != (readiness.Swept{Papers: 1}) || len(o.papers.kept) != 0 {
			t.Errorf("swept %+v, %d papers left", got, len(o.papers.kept))
		}
		if got := o.sweep(false); got != (readiness.Swept{}) {
			t.Errorf("swept %+v again", got)
		}
	})
}

// What goes well is taken in by the work that was queued, and swept by nobody.
func TestAnUploadIsTakenIn(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		o := newOffice(t, db)
		var queued readiness.Upload
		id, err := o.receive(func(_ readiness.Tx, u readiness.Upload) error { queued = u; return nil }, file("a.docx", whole(t, "một")))
		if err != nil || queued.Batch != id || queued.Actor.Account != coordinator.Account {
			t.Fatalf("queued %+v for %s, %v", queued, id, err)
		}
		if got := o.sweep(true); got != (readiness.Swept{}) {
			t.Errorf("swept %+v while the work waits", got)
		}
		for range 2 { // a job may run twice
			if err := o.TakeIn(t.Context(), queued, func(int, int) {}); err != nil {
				t.Fatal(err)
			}
		}
		o.want(o.now("H55"), readiness.Accepted, 1)
		b := o.batches()
		if len(b) != 1 || b[0].Done != 1 || b[0].Finished.IsZero() {
			t.Errorf("the batch is %+v", b)
		}
		if got := o.sweep(false); got != (readiness.Swept{}) || len(o.papers.kept) != 1 {
			t.Errorf("swept %+v of what is done, %d papers left", got, len(o.papers.kept))
		}
	})
}

// Batches that the version before left without their job: what was taken in stays, what
// holds nothing goes.
func TestBatchesWithoutWorkAreEnded(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		o := newOffice(t, db)
		item := o.takeIn(file("a.docx", whole(t, "một")))[0]
		half, err := o.store.Batch(ctx, item.Batch)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := sqldb.Exec(ctx, db, `UPDATE readiness_batch SET finished_at = NULL, total = 5`); err != nil {
			t.Fatal(err)
		}
		err = o.store.InTx(ctx, func(tx readiness.Tx) error {
			return tx.SaveBatch(ctx, readiness.Batch{ID: "empty", Campaign: "488", By: "dieuphoi", Total: 3, At: half.At})
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := o.sweep(false); got != (readiness.Swept{Removed: 1, Ended: 1}) {
			t.Errorf("swept %+v", got)
		}
		left := o.batches()
		if len(left) != 1 || left[0].ID != half.ID || left[0].Finished.IsZero() || left[0].Total != 1 {
			t.Errorf("left %+v", left)
		}
		o.want(o.now("H55"), readiness.Accepted, 1)
	})
}

// A paper that somebody else needs outlives the upload that brought it too.
func TestASharedPaperStays(t *testing.T) {
	t.Parallel()
	o := onSQLite(t)
	same := file("a.docx", whole(t, "một"))
	crash := func(readiness.Tx, readiness.Upload) error { return errCrash }
	if _, err := o.receive(crash, same); err == nil {
		t.Fatal("received")
	}
	o.takeIn(same)
	if got := o.sweep(false); got != (readiness.Swept{}) || len(o.papers.kept) != 1 {
		t.Errorf("swept %+v, %d papers left", got, len(o.papers.kept))
	}
	// One that is sent again between the look and the removal is put back.
	other := file("b.docx", whole(t, "hai"))
	if _, err := o.receive(crash, other); err == nil {
		t.Fatal("received")
	}
	o.papers.onDelete = func() {
		if _, err := o.receive(func(readiness.Tx, readiness.Upload) error { return nil }, other); err != nil {
			t.Error(err)
		}
	}
	if got := o.sweep(true); got != (readiness.Swept{}) || len(o.papers.kept) != 2 {
		t.Errorf("swept %+v, %d papers left, want 2", got, len(o.papers.kept))
	}
}

func TestAPaperThatCannotBeHadFailsTheBatch(t *testing.T) {
	t.Parallel()
	o := onSQLite(t)
	var u readiness.Upload
	if _, err := o.receive(
		func(_ readiness.Tx, now readiness.Upload) error { u = now; return nil }, file("a.docx", whole(t, "x")),
	); err != nil {
		t.Fatal(err)
	}
	clear(o.papers.kept)
	if err := o.TakeIn(t.Context(), u, func(int, int) {}); !errors.Is(err, errAway) {
		t.Errorf("taken in with %v", err)
	}
	if b := o.batches(); len(b) != 1 || !b[0].Finished.IsZero() {
		t.Errorf("the batch is %+v", b)
	}
}

// A batch that goes on after a crash takes every file once, also where two have one name.
func TestABatchGoesOnWithWhatHasNoResult(t *testing.T) {
	t.Parallel()
	names := []string{"a.docx", "b.docx", "a.docx", "c.docx", "a.docx"}
	for stored := range len(names) + 1 {
		o := onSQLite(t)
		var files []readiness.File
		for i, name := range names {
			ret := whole(t, name+string(rune('0'+i)))
			ret.Heading = "Cơ quan không có"
			files = append(files, file(name, ret))
		}
		var u readiness.Upload
		if _, err := o.receive(func(_ readiness.Tx, now readiness.Upload) error { u = now; return nil }, files...); err != nil {
			t.Fatal(err)
		}
		part := u
		part.Files = u.Files[:stored]
		for _, now := range []readiness.Upload{part, u} {
			if err := o.TakeIn(t.Context(), now, func(int, int) {}); err != nil {
				t.Fatal(err)
			}
		}
		_, items, err := o.Batch(t.Context(), coordinator, u.Batch)
		if err != nil {
			t.Fatal(err)
		}
		var want, got []string
		for _, f := range u.Files {
			want = append(want, f.SHA256)
		}
		for _, i := range items {
			got = append(got, i.File.SHA256)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("after %d (-want +got):\n%s", stored, diff)
		}
	}
}
