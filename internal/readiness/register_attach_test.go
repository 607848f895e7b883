package readiness_test

import (
	"context"
	"strings"
	"testing"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/readiness"
)

// decisionAt is a file for an answer that every return has.
func decisionAt(field, sha string) readiness.Attachment {
	return readiness.Attachment{Field: field, File: readiness.FileRef{Name: sha + ".pdf", SHA256: sha, Size: 3}, Type: "application/pdf"}
}

func names(list []readiness.Attachment) string {
	var out []string
	for _, a := range list {
		out = append(out, a.File.SHA256)
	}
	return strings.Join(out, " ")
}

// Which files go with which version follows from the versions, not from clocks.
func TestAttachmentsGoWithVersions(t *testing.T) {
	t.Parallel()
	rec := readiness.Record{}
	if _, err := rec.Attach(decisionAt("", "a")); fault.Of(err) != fault.Conflict {
		t.Errorf("attached before anything was begun: %v", err)
	}
	at := clock.MustDate("2023-02-20").Start()
	step := func(f func() (readiness.Record, error)) {
		t.Helper()
		now, err := f()
		if err != nil {
			t.Fatal(err)
		}
		rec = now
	}
	attach := func(sha string) {
		t.Helper()
		a := decisionAt("row.2", sha)
		a.ID = sha
		step(func() (readiness.Record, error) { return rec.Attach(a) })
	}
	step(func() (readiness.Record, error) { return rec.Save(readiness.Return{}, 0, "x", at) })
	attach("a")
	attach("a")
	attach("b")
	step(func() (readiness.Record, error) { return rec.Detach("b") })
	step(func() (readiness.Record, error) { return rec.Submit(readiness.Return{}, readiness.ByWeb, "x", at) })
	if _, err := rec.Attach(decisionAt("", "c")); fault.Of(err) != fault.Conflict {
		t.Errorf("attached to what the office has: %v", err)
	}
	if _, err := rec.Detach("a"); fault.Of(err) != fault.Conflict {
		t.Errorf("taken out of what the office has: %v", err)
	}
	step(func() (readiness.Record, error) {
		return rec.Replace(readiness.Return{}, readiness.ByWeb, "o", at, "resolve")
	})
	step(func() (readiness.Record, error) { return rec.SendBack([]readiness.Comment{{Text: "x"}}, "o", at) })
	attach("c")
	step(func() (readiness.Record, error) { return rec.Detach("a") })
	if got := names(rec.Attaching()); got != "c" {
		t.Errorf("being written: %q", got)
	}
	step(func() (readiness.Record, error) { return rec.Submit(readiness.Return{}, readiness.ByWeb, "x", at) })
	for version, want := range map[int]string{1: "a", 2: "a", 3: "c"} {
		if got := names(rec.Attached(version)); got != want {
			t.Errorf("version %d: %q, want %q", version, got, want)
		}
	}
	// What the agency was still adding does not go in with a paper that the office takes in.
	step(func() (readiness.Record, error) { return rec.SendBack([]readiness.Comment{{Text: "x"}}, "o", at) })
	attach("d")
	step(func() (readiness.Record, error) { return rec.Submit(readiness.Return{}, readiness.ByWord, "o", at) })
	if got := names(rec.Attached(4)); got != "c" {
		t.Errorf("with the paper went %q", got)
	}
	for range 30 {
		step(func() (readiness.Record, error) {
			now := rec
			now.Attachments = append(now.Attachments, decisionAt("row.2", "x"))
			return now, nil
		})
	}
	step(func() (readiness.Record, error) { return rec.SendBack([]readiness.Comment{{Text: "x"}}, "o", at) })
	if _, err := rec.Attach(decisionAt("row.2", "more")); fault.Of(err) != fault.Invalid {
		t.Errorf("one more than an answer takes: %v", err)
	}
}

func TestAttach(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		o := newOffice(t, db)
		ctx := context.Background()
		sum, err := o.papers.Put(ctx, []byte("%PDF quyết định"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := o.Save(ctx, focal, "488", "H55", whole(t, "một"), 0); err != nil {
			t.Fatal(err)
		}
		for _, a := range []readiness.Attachment{decisionAt("row.99", sum), decisionAt("contact.email", sum), decisionAt("../x", sum)} {
			if _, err := o.Attach(ctx, focal, "488", "H55", a); fault.Of(err) != fault.Invalid {
				t.Errorf("at %q: %v", a.Field, err)
			}
		}
		if _, err := o.Attach(ctx, elsewhere, "488", "H55", decisionAt("row.2", sum)); fault.Of(err) != fault.NotFound {
			t.Errorf("by another agency: %v", err)
		}
		if _, err := o.Attach(ctx, coordinator, "488", "H55", decisionAt("row.2", sum)); fault.Of(err) != fault.Denied {
			t.Errorf("by the office: %v", err)
		}
		rec, err := o.Attach(ctx, focal, "488", "H55", decisionAt("row.2", sum))
		if err != nil || names(rec.Attaching()) != sum {
			t.Fatalf("%+v, %v", rec.Attachments, err)
		}
		id := rec.Attachments[0].ID
		// As long as it is not handed in, it is the agency's own.
		for _, who := range []struct {
			name string
			ask  func() error
		}{
			{"the office", func() error { _, _, err := o.Attachment(ctx, coordinator, "488", "H55", id); return err }},
			{"another agency", func() error { _, _, err := o.Attachment(ctx, elsewhere, "488", "H55", id); return err }},
			{"another return", func() error { _, _, err := o.Attachment(ctx, focal, "1877", "H55", id); return err }},
		} {
			if err := who.ask(); fault.Of(err) != fault.NotFound {
				t.Errorf("%s has it: %v", who.name, err)
			}
		}
		if needed, err := o.store.Needs(ctx, sum, "none"); err != nil || !needed {
			t.Errorf("nobody needs the file: %v, %v", needed, err)
		}
		if _, err := o.Submit(ctx, focal, "488", "H55", 1); err != nil {
			t.Fatal(err)
		}
		a, content, err := o.Attachment(ctx, leader, "488", "H55", id)
		if err != nil || string(content) != "%PDF quyết định" || a.Type != "application/pdf" {
			t.Errorf("%+v %q, %v", a, content, err)
		}
		receipt, err := o.Receipt(ctx, focal, "488", "H55", 1)
		if err != nil || names(receipt.Attached) != sum {
			t.Errorf("the receipt names %q, %v", names(receipt.Attached), err)
		}
		if _, err := o.SendBack(ctx, coordinator, "488", "H55", 1, []readiness.Comment{{Text: "Thiếu chữ ký"}}); err != nil {
			t.Fatal(err)
		}
		if _, err := o.Detach(ctx, focal, "488", "H55", id); err != nil {
			t.Fatal(err)
		}
		if _, err := o.Detach(ctx, focal, "488", "H55", id); fault.Of(err) != fault.NotFound {
			t.Errorf("taken out twice: %v", err)
		}
		// The office still sees what was handed in.
		if v, err := o.Look(ctx, coordinator, "488", "H55"); err != nil || names(v.Record.Attached(1)) != sum || len(v.Record.Attaching()) != 1 {
			t.Errorf("the office sees %+v, %v", v.Record.Attachments, err)
		}
		if rec := o.now("H55"); len(rec.Attaching()) > 0 || names(rec.Attached(1)) != sum {
			t.Errorf("stored: %+v", rec.Attachments)
		}
	})
}

// When a return came in is told, whoever asks.
func TestHowLateAReturnCame(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		o := newOffice(t, db)
		ctx := context.Background()
		o.clock.n.Store(60 * 24 * 12) // 4 March; the letter is due on 28 February
		if _, err := o.SubmitReturn(ctx, focal, "488", "H55", whole(t, "muộn"), readiness.ByAPI); err != nil {
			t.Fatal(err)
		}
		c, err := o.Campaign(ctx, coordinator, "488")
		if err != nil {
			t.Fatal(err)
		}
		late := c.LateBy(o.now("H55").HandedIn())
		_, stored, err := o.Stored(ctx, coordinator, "488", "H55", 0)
		if err != nil || late == 0 || stored.DaysLate != late || stored.Arrival != "1/2023" {
			t.Errorf("%d days late: %+v, %v", late, stored.DaysLate, err)
		}
		list, err := o.Chased(ctx, coordinator, "488", clock.MustDate("2023-03-10"))
		if err != nil {
			t.Fatal(err)
		}
		for _, ch := range list {
			if want := map[bool]int{true: late}[ch.Agency.Code == "H55"]; ch.CameLate != want {
				t.Errorf("%s came %d days late, want %d", ch.Agency.Code, ch.CameLate, want)
			}
		}
	})
}
