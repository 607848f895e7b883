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

func key(err error) string {
	if f := fault.As(err); f != nil {
		return f.Key
	}
	return ""
}

// A draft goes its way from nothing to a form with which a round is begun, and the form
// is withdrawn and used again.
func TestAFormFromDraftToWithdrawal(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		o, ctx := newOffice(t, db), context.Background()
		d, err := o.BeginForm(ctx, coordinator, readiness.NewForm("phong-kham", text("Khảo sát", "Survey"), clock.MustDate("2023-01-01")))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := o.PublishForm(ctx, coordinator, d.ID, 1); fault.Of(err) != fault.Invalid {
			t.Errorf("publish an empty form: %v", err)
		}
		fill := func(f *readiness.Template) error { *f = *begun(t); return nil }
		if d, err = o.EditForm(ctx, coordinator, d.ID, 1, fill); err != nil || d.Revision != 2 || d.By != "dieuphoi" {
			t.Fatalf("edited %+v, %v", d, err)
		}
		// Who saves what somebody else has saved since is told so.
		if _, err := o.EditForm(ctx, coordinator, d.ID, 1, fill); key(err) != "readiness.form.saved_meanwhile" {
			t.Errorf("two people: %v", err)
		}
		refuse := func(*readiness.Template) error { return fault.New(fault.Invalid, "readiness.form.rows_many", nil) }
		if _, err := o.EditForm(ctx, coordinator, d.ID, 2, refuse); key(err) != "readiness.form.rows_many" {
			t.Errorf("an edit that is refused: %v", err)
		}
		if d, err = o.UndoForm(ctx, coordinator, d.ID, 2); err != nil || len(d.Template.Rows) != 0 {
			t.Fatalf("undone: %+v, %v", d.Template, err)
		}
		if d, err = o.UndoForm(ctx, coordinator, d.ID, 3); err != nil || len(d.Template.Rows) != 2 {
			t.Fatalf("done again: %+v, %v", d.Template, err)
		}
		stored, err := o.FormDraft(ctx, coordinator, d.ID)
		if err != nil || stored.Revision != 4 || keysOf(stored.Template) != keysOf(d.Template) || !stored.At.Equal(d.At) {
			t.Errorf("stored %+v, %v", stored, err)
		}
		f, err := o.PublishForm(ctx, coordinator, d.ID, 4)
		if err != nil || f.Ref() != "phong-kham/1" {
			t.Fatalf("published %v, %v", f, err)
		}
		if _, err := o.FormDraft(ctx, coordinator, d.ID); fault.Of(err) != fault.NotFound {
			t.Errorf("the draft after it was published: %v", err)
		}
		// The same version can't be published twice.
		again, err := o.BeginForm(ctx, coordinator, begun(t))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := o.PublishForm(ctx, coordinator, again.ID, 1); key(err) != "readiness.template.exists" {
			t.Errorf("a version for the second time: %v", err)
		}
		if err := o.DiscardForm(ctx, coordinator, again.ID, 2); fault.Of(err) != fault.Conflict {
			t.Errorf("discard another revision: %v", err)
		}
		if err := o.DiscardForm(ctx, coordinator, again.ID, 1); err != nil {
			t.Error(err)
		}
		if drafts, err := o.FormDrafts(ctx, coordinator); err != nil || len(drafts) != 0 {
			t.Errorf("%d drafts left, %v", len(drafts), err)
		}

		round := readiness.Campaign{
			ID: "pk-1", Number: "1/PK", Template: f.Ref(), Issued: clock.MustDate("2026-12-01"), Due: clock.MustDate("2026-12-20"),
			Subject: text("x", "x"), Issuer: text("x", "x"), Place: text("x", "x"), Body: []readiness.Text{text("x", "x")},
			Recipients: readiness.RecipientSet{On: clock.MustDate("2026-12-01"), Agencies: []string{"H55"}},
		}
		if err := o.WithdrawForm(ctx, coordinator, f.Ref(), "  "); key(err) != "readiness.form.no_reason" {
			t.Errorf("withdrawn for no reason: %v", err)
		}
		if err := o.WithdrawForm(ctx, coordinator, "none/1", "x"); fault.Of(err) != fault.NotFound {
			t.Errorf("withdraw what is not there: %v", err)
		}
		for range 2 { // the second reason counts
			if err := o.WithdrawForm(ctx, coordinator, f.Ref(), "Sai đơn vị tính."); err != nil {
				t.Fatal(err)
			}
		}
		if err := o.OpenCampaign(ctx, coordinator, round); key(err) != "readiness.form.withdrawn" {
			t.Errorf("a round with a withdrawn form: %v", err)
		}
		if usable, err := o.UsableForms(ctx, coordinator); err != nil || len(usable) != 1 {
			t.Errorf("usable %v, %v", usable, err)
		}
		if err := o.RestoreForm(ctx, coordinator, f.Ref()); err != nil {
			t.Fatal(err)
		}
		if err := o.OpenCampaign(ctx, coordinator, round); err != nil {
			t.Errorf("a round with a form that is used again: %v", err)
		}
		if err := o.WithdrawForm(ctx, coordinator, f.Ref(), "Đã có bản mới."); err != nil {
			t.Fatal(err)
		}
		if _, err := o.Look(ctx, coordinator, "pk-1", "H55"); err != nil {
			t.Errorf("a round whose form was withdrawn since: %v", err)
		}
		deeds, err := sqldb.All[string](ctx, db, `SELECT details FROM audit_entry WHERE subject_type IN ('form_draft', 'template') ORDER BY seq`)
		if err != nil {
			t.Fatal(err)
		}
		for _, deed := range []string{"begun", "edited", "undone", "published", "discarded", "withdrawn", "restored"} {
			if !strings.Contains(strings.Join(deeds, "\n"), `"`+deed+`"`) {
				t.Errorf("the log does not say that a form was %s: %s", deed, deeds)
			}
		}
	})
}

// A form is tried without anything being kept.
func TestAFormIsTried(t *testing.T) {
	t.Parallel()
	o, ctx, f := onSQLite(t), context.Background(), begun(t)
	ret := readiness.Return{Answers: []readiness.Answer{{Row: "1", Key: "1", Values: map[string]string{"so_luong": "12"}}}}
	tried, err := o.TryForm(coordinator, f, ret, readiness.Province)
	if err != nil || tried.Verdict.Components["nhan_luc"] != readiness.PartiallyMet || len(tried.Problems) == 0 {
		t.Errorf("tried %+v, %v", tried, err)
	}
	if tried, err = o.TryFile(ctx, coordinator, f, readiness.Province, file("a.docx", ret)); err != nil || len(tried.Return.Answers) != 1 {
		t.Errorf("a file tried: %+v, %v", tried, err)
	}
	if _, err := o.TryFile(ctx, coordinator, f, readiness.Province, readiness.File{Name: "x.docx", Content: []byte("x")}); fault.Of(err) != fault.Invalid {
		t.Errorf("a file that is none: %v", err)
	}
	f.Title = readiness.Text{}
	if _, err := o.TryForm(coordinator, f, ret, readiness.Province); key(err) != "readiness.form.unfinished" {
		t.Errorf("a form that is not right: %v", err)
	}
}
