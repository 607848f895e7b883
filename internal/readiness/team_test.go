package readiness_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/readiness"
)

var (
	second = actor.Actor{Account: "daumoi2", Agency: "H55", Roles: []string{readiness.FocalPoint}}
	chief  = actor.Actor{Account: "thutruong", Agency: "H55", Roles: []string{readiness.AgencyLeader}}
)

func TestTaskOf(t *testing.T) {
	t.Parallel()
	o := onSQLite(t)
	tpl, err := o.Template(context.Background(), coordinator, "488/1")
	if err != nil {
		t.Fatal(err)
	}
	for field, want := range map[string]string{
		"contact.email": readiness.TaskContact, "letter": readiness.TaskContact, "system.s1.name": readiness.TaskSystems,
		"proposal.network": readiness.TaskProposals, "difficulties": readiness.TaskDifficulties, "recommendations": readiness.TaskDifficulties,
		"": "", "row.99": "", "nothing.x": "",
	} {
		if got := readiness.TaskOf(tpl, field); got != want {
			t.Errorf("%q is written in %q, want %q", field, got, want)
		}
	}
	for _, row := range tpl.Rows {
		if row.Answered() {
			if got := readiness.TaskOf(tpl, "row."+row.Numbered(1)+".note"); got != row.Component {
				t.Errorf("row %s is written in %q, want %q", row.Key, got, row.Component)
			}
		}
	}
}

// sharing is a register of an agency with two focal points.
func sharing(t *testing.T, db *sqldb.DB) office {
	o := newOffice(t, db)
	o.Register = readiness.New(readiness.Parts{
		Store: o.store, Agencies: agencies{}, Papers: o.papers, Word: jsonForms{}, Excel: jsonForms{}, Clock: o.clock, NewID: sqldb.NewID,
		Colleagues: func(context.Context, string) ([]readiness.Colleague, error) {
			return []readiness.Colleague{{Account: focal.Account, Name: "Một"}, {Account: second.Account, Name: "Hai"}}, nil
		},
	})
	if _, err := o.Save(context.Background(), focal, "488", "H55", whole(t, "một"), 0); err != nil {
		t.Fatal(err)
	}
	return o
}

func TestPartsAreShared(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		o := sharing(t, db)
		ctx := context.Background()
		yes, hers, nobody := true, second.Account, ""
		stranger := "noikhac"
		share := func(who actor.Actor, changes ...readiness.PartChange) error {
			_, err := o.ShareParts(ctx, who, "488", "H55", changes)
			return err
		}
		for name, c := range map[string]readiness.PartChange{
			"no part":  {Part: "nothing", Holder: &hers},
			"stranger": {Part: readiness.TaskContact, Holder: &stranger},
		} {
			if err := share(focal, c); fault.Of(err) != fault.Invalid {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := share(elsewhere, readiness.PartChange{}); fault.Of(err) != fault.NotFound {
			t.Errorf("by another agency: %v", err)
		}
		if err := share(focal, readiness.PartChange{Part: readiness.TaskDifficulties, Holder: &hers}); err != nil {
			t.Fatal(err)
		}
		h, ok := o.now("H55").Holder(readiness.TaskDifficulties)
		if !ok || h.Holder != second.Account || h.Done || h.By != focal.Account {
			t.Errorf("given: %+v", h)
		}
		// The draft is not handed in before she is done.
		if _, err := o.Submit(ctx, focal, "488", "H55", 1); fault.As(err) == nil || fault.As(err).Key != "readiness.part.unfinished" {
			t.Errorf("handed in over her part: %v", err)
		}
		if err := share(second, readiness.PartChange{Part: readiness.TaskDifficulties, Done: &yes}); err != nil {
			t.Fatal(err)
		}
		// Two write in two parts from one revision: both are kept; her part is done no more once it changed.
		edit := func(who actor.Actor, apply func(readiness.Return) readiness.Return) {
			t.Helper()
			done, err := o.Edit(ctx, who, "488", "H55", readiness.Edit{Revision: 1, Apply: apply})
			if err != nil || len(done.Conflicts) > 0 || done.Unsaved {
				t.Fatalf("%+v, %v", done.Conflicts, err)
			}
		}
		edit(focal, func(r readiness.Return) readiness.Return { r.Contact.Position = "Trưởng phòng"; return r })
		if h, _ := o.now("H55").Holder(readiness.TaskDifficulties); !h.Done {
			t.Error("done no more after a change of another part")
		}
		edit(second, func(r readiness.Return) readiness.Return { r.Difficulties = []string{"hai"}; return r })
		rec := o.now("H55")
		if rec.Draft.Return.Contact.Position != "Trưởng phòng" || rec.Draft.Return.Difficulties[0] != "hai" {
			t.Errorf("one overwrote the other: %+v %v", rec.Draft.Return.Contact, rec.Draft.Return.Difficulties)
		}
		if h, _ := rec.Holder(readiness.TaskDifficulties); h.Done {
			t.Error("still done after it changed")
		}
		if err := share(focal, readiness.PartChange{Part: readiness.TaskDifficulties, Holder: &nobody}); err != nil {
			t.Fatal(err)
		}
		// A part that lacks something is not done.
		edited, err := o.Edit(ctx, focal, "488", "H55", readiness.Edit{Revision: 3, Apply: func(r readiness.Return) readiness.Return {
			r.Contact.Email = "không"
			return r
		}})
		if err != nil {
			t.Fatal(err)
		}
		if err := share(focal, readiness.PartChange{Part: readiness.TaskContact, Holder: &hers, Done: &yes}); fault.Of(err) != fault.Invalid {
			t.Errorf("done although wrong: %v", err)
		}
		if _, err := o.Edit(ctx, focal, "488", "H55", readiness.Edit{Revision: edited.Record.Draft.Revision, Apply: func(r readiness.Return) readiness.Return {
			r.Contact.Email = "dau-moi@tinh.example.vn"
			return r
		}}); err != nil {
			t.Fatal(err)
		}
		if err := share(focal, readiness.PartChange{Part: readiness.TaskContact, Holder: &hers, Done: &yes}); err != nil {
			t.Fatal(err)
		}
		rec = o.now("H55")
		if _, err := o.Submit(ctx, focal, "488", "H55", rec.Draft.Revision); err != nil {
			t.Fatal(err)
		}
		if err := share(focal, readiness.PartChange{Part: readiness.TaskContact, Holder: &nobody}); fault.Of(err) != fault.Conflict {
			t.Errorf("shared while the office has it: %v", err)
		}
		// What is commented is to be done again.
		if _, err := o.SendBack(ctx, coordinator, "488", "H55", 1, []readiness.Comment{{Field: "contact.email", Text: "Kiểm tra"}}); err != nil {
			t.Fatal(err)
		}
		if left := o.now("H55").Unfinished(); len(left) != 1 || left[0].Part != readiness.TaskContact {
			t.Errorf("to be done again: %+v", left)
		}
		if v, err := o.Look(ctx, coordinator, "488", "H55"); err != nil || len(v.Record.Parts) > 0 {
			t.Errorf("the office sees who has what: %+v, %v", v.Record.Parts, err)
		}
	})
}

func TestTheLeaderApproves(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		o := sharing(t, db)
		ctx := context.Background()
		key := func(what string, err error, want string) {
			t.Helper()
			if f := fault.As(err); f == nil || f.Key != want {
				t.Errorf("%s: %v, want %s", what, err, want)
			}
		}
		if err := o.SetApproval(ctx, focal, "H55", true); fault.Of(err) != fault.Denied {
			t.Errorf("set by a focal point: %v", err)
		}
		if err := o.SetApproval(ctx, chief, "H04", true); fault.Of(err) != fault.NotFound {
			t.Errorf("set for another agency: %v", err)
		}
		if err := o.SetApproval(ctx, chief, "H55", true); err != nil {
			t.Fatal(err)
		}
		_, err := o.Submit(ctx, focal, "488", "H55", 1)
		key("handed in without approval", err, "readiness.approval.needed")
		_, err = o.SubmitReturn(ctx, focal, "488", "H55", whole(t, "x"), readiness.ByAPI)
		key("by programme", err, "readiness.approval.on_pages")
		mark := o.now("H55").Mark()
		_, err = o.Judge(ctx, chief, "488", "H55", mark, true, "")
		key("approved what was not asked for", err, "readiness.approval.changed")
		if _, err := o.AskApproval(ctx, focal, "488", "H55"); err != nil {
			t.Fatal(err)
		}
		_, err = o.AskApproval(ctx, focal, "488", "H55")
		key("asked twice", err, "readiness.approval.already")
		waits, err := o.Waiting(ctx, chief)
		if err != nil || len(waits) != 1 || waits[0].Kind != readiness.WaitApproval || waits[0].Campaign.ID != "488" {
			t.Errorf("waits for the leader: %+v, %v", waits, err)
		}
		both := chief
		both.Account, both.Roles = focal.Account, []string{readiness.FocalPoint, readiness.AgencyLeader}
		_, err = o.Judge(ctx, both, "488", "H55", mark, true, "")
		key("approved by who asked", err, "readiness.approval.own")
		if _, err := o.Judge(ctx, focal, "488", "H55", mark, true, ""); fault.Of(err) != fault.Denied {
			t.Errorf("approved by a focal point: %v", err)
		}
		_, err = o.Judge(ctx, chief, "488", "H55", mark, false, " ")
		key("refused without a word", err, "readiness.approval.why")
		if rec, err := o.Judge(ctx, chief, "488", "H55", mark, false, "Sửa số điện thoại"); err != nil || rec.Approval().Text != "Sửa số điện thoại" {
			t.Errorf("refused: %+v, %v", rec.Approval(), err)
		}
		if _, err := o.AskApproval(ctx, second, "488", "H55"); err != nil {
			t.Fatal(err)
		}
		if rec, err := o.Judge(ctx, chief, "488", "H55", mark, true, ""); err != nil || !rec.Approved() {
			t.Fatalf("approved: %+v, %v", rec.Approval(), err)
		}
		// Whatever changes after the approval is to be approved again: a word, an attachment.
		rec, err := o.Attach(ctx, focal, "488", "H55", decisionAt("row.2", "sum"))
		if err != nil || rec.Approved() {
			t.Errorf("approved with another attachment: %v", err)
		}
		_, err = o.Submit(ctx, focal, "488", "H55", 1)
		key("with an attachment that the leader has not seen", err, "readiness.approval.needed")
		_, err = o.Judge(ctx, chief, "488", "H55", mark, true, "")
		key("the page of before", err, "readiness.approval.changed")
		if _, err := o.AskApproval(ctx, focal, "488", "H55"); err != nil {
			t.Fatal(err)
		}
		if _, err := o.Judge(ctx, chief, "488", "H55", o.now("H55").Mark(), true, ""); err != nil {
			t.Fatal(err)
		}
		if _, err := o.Submit(ctx, focal, "488", "H55", 1); err != nil {
			t.Errorf("handed in: %v", err)
		}
		if err := o.SetApproval(ctx, chief, "H55", false); err != nil {
			t.Fatal(err)
		}
		if s, err := o.Setting(ctx, focal, "H55"); err != nil || s.Approval || s.By != chief.Account {
			t.Errorf("the setting: %+v, %v", s, err)
		}
		if _, err := o.Setting(ctx, coordinator, "H55"); fault.Of(err) != fault.NotFound {
			t.Errorf("the office reads an agency's setting: %v", err)
		}
	})
}

func TestCommentsAreAnswered(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		o := sharing(t, db)
		ctx := context.Background()
		if _, err := o.Answer(ctx, focal, "488", "H55", "row.2", "x"); fault.Of(err) != fault.Conflict {
			t.Errorf("answered before anything was said: %v", err)
		}
		if _, err := o.Submit(ctx, focal, "488", "H55", 1); err != nil {
			t.Fatal(err)
		}
		if _, err := o.SendBack(ctx, coordinator, "488", "H55", 1, []readiness.Comment{{Field: "row.2", Text: "Ghi rõ"}, {Text: "Thiếu dấu"}}); err != nil {
			t.Fatal(err)
		}
		for field, kind := range map[string]fault.Kind{"row.3": fault.Conflict, "row.2": fault.Invalid} {
			if _, err := o.Answer(ctx, focal, "488", "H55", field, " "); fault.Of(err) != kind {
				t.Errorf("at %q: %v", field, err)
			}
		}
		for _, text := range []string{"Vội", "Đã ghi rõ ở ghi chú"} {
			if _, err := o.Answer(ctx, focal, "488", "H55", "row.2", text); err != nil {
				t.Fatal(err)
			}
		}
		said := func(rec readiness.Record, version int) string {
			var out []string
			for _, c := range rec.CommentsAt(version) {
				out = append(out, c.Text+" → "+c.Reply)
			}
			return strings.Join(out, "; ")
		}
		const want = "Ghi rõ → Đã ghi rõ ở ghi chú; Thiếu dấu → "
		if got := said(o.now("H55"), 1); got != want {
			t.Errorf("the agency sees %q", got)
		}
		v, err := o.Look(ctx, coordinator, "488", "H55")
		if err != nil || strings.Contains(said(v.Record, 1), "ghi chú") {
			t.Errorf("the office sees replies that were not handed in: %q, %v", said(v.Record, 1), err)
		}
		if _, err := o.SubmitReturn(ctx, focal, "488", "H55", whole(t, "hai"), readiness.ByWeb); err != nil {
			t.Fatal(err)
		}
		if v, err = o.Look(ctx, coordinator, "488", "H55"); err != nil || said(v.Record, 2) != want || said(v.Record, 1) != want {
			t.Errorf("the office sees %q, %v", said(v.Record, 2), err)
		}
		if _, err := o.Answer(ctx, focal, "488", "H55", "row.2", "muộn"); fault.Of(err) != fault.Conflict {
			t.Errorf("answered while the office has it: %v", err)
		}
	})
}

// The mark of a draft changes with whatever would be handed in.
func TestMark(t *testing.T) {
	t.Parallel()
	at := time.Date(2023, 2, 20, 1, 0, 0, 0, time.UTC)
	rec, err := readiness.Record{}.Save(readiness.Return{}, 0, "x", at)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{readiness.Record{}.Mark(): true}
	for n, step := range []func() (readiness.Record, error){
		func() (readiness.Record, error) { return rec, nil },
		func() (readiness.Record, error) { return rec.Save(readiness.Return{}, 1, "x", at) },
		func() (readiness.Record, error) { return rec.Attach(decisionAt("", "a")) },
		func() (readiness.Record, error) { a := decisionAt("", "b"); a.ID = "b"; return rec.Attach(a) },
		func() (readiness.Record, error) { return rec.Detach("b") },
	} {
		if rec, err = step(); err != nil || seen[rec.Mark()] {
			t.Errorf("step %d: the mark is %q again, %v", n, rec.Mark(), err)
		}
		seen[rec.Mark()] = true
	}
}
