package programme_test

import (
	"context"
	"errors"
	"testing"

	"dean06/data"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/clock/clocktest"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/programme"
	"dean06/internal/programme/programmesql"
)

var (
	coordinator = actor.Actor{Account: "dieuphoi", Roles: []string{programme.Coordinator}}
	reviewer    = actor.Actor{Account: "thamtra", Roles: []string{programme.Reviewer}}
	leader      = actor.Actor{Account: "lanhdao", Roles: []string{programme.Leader}}
	thaiNguyen  = actor.Actor{Account: "tn", Agency: "H55", Roles: []string{programme.FocalPoint}}
	bacLieu     = actor.Actor{Account: "bl", Agency: "H04", Roles: []string{programme.FocalPoint}}
	ward        = actor.Actor{Account: "xa", Agency: "H55.C05443", Roles: []string{programme.FocalPoint}}
	nobody      = actor.Actor{}
	stranger    = actor.Actor{Account: "citizen"}
	shown       = []programme.Evidence{{Kind: programme.EvidenceFigure, Text: "1.204 hồ sơ"}}
)

// house is the programme of the demo on a database.
type house struct {
	*programme.Service
	clock *clocktest.Clock
}

func newHouse(t *testing.T, db *sqldb.DB) house {
	t.Helper()
	if err := errors.Join(audit.Migrate(t.Context(), db), programmesql.Migrate(t.Context(), db)); err != nil {
		t.Fatal(err)
	}
	store := programmesql.New(db)
	f, err := data.Programme.Open("programme/demo.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	past, err := programme.ReadPast(f, vietnam(), vietnam().lineage, sqldb.NewID)
	if err != nil {
		t.Fatal(err)
	}
	c := &clocktest.Clock{}
	c.Set("2026-12-01 09:00")
	if err := store.Load(t.Context(), past, c.Now()); err != nil {
		t.Fatal(err)
	}
	defs, published := definitions(t)
	return house{programme.New(programme.Parts{
		Store: store, Country: func() programme.Country { return vietnam() }, Lineage: func(context.Context) programme.Lineage { return vietnam().lineage },
		Clock: c, NewID: sqldb.NewID, Kinds: kinds(t), Figures: defs, Published: published,
	}), c}
}

func (h house) find(t *testing.T, task, agency, period string) programme.UnitTask {
	t.Helper()
	u, err := h.Store.Find(t.Context(), task, agency, period)
	if err != nil {
		t.Fatalf("%s of %s: %v", task, agency, err)
	}
	return u
}

// TestFromReportToAcceptance: the agency reports with evidence, another person accepts, and
// a figure of yesterday does not know it.
func TestFromReportToAcceptance(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		u := h.find(t, "dp-c9", "H55", "")
		act := func(who actor.Actor, c programme.Change, want fault.Kind) {
			t.Helper()
			next, err := h.Act(t.Context(), who, u.ID, u.Version, c)
			if want == "" && err == nil {
				u = next
				return
			}
			if want == "" || err == nil || fault.Of(err) != want {
				t.Errorf("%s by %s: %v, want %q", c.Act, who.Account, err, want)
			}
		}
		report := programme.Change{Act: programme.Report, Evidence: shown}
		act(nobody, report, fault.Unsigned)
		act(stranger, report, fault.Denied)
		act(leader, report, fault.Denied)
		act(coordinator, report, fault.Denied) // who accepts does not report
		act(bacLieu, report, fault.NotFound)
		act(ward, report, fault.NotFound)
		act(thaiNguyen, programme.Change{Act: programme.Accept}, fault.Denied)
		act(thaiNguyen, programme.Change{Act: programme.Report}, fault.Invalid)
		act(thaiNguyen, programme.Change{Act: programme.Report, Evidence: []programme.Evidence{
			{Kind: programme.EvidenceLink, Text: "xem", Link: "javascript:alert(1)"},
		}}, fault.Invalid)
		for _, link := range []string{"//evil.example", "http://a.example/x", "https://a@b.example", "/a b", `\\host\x`} {
			act(thaiNguyen, programme.Change{Act: programme.Report, Evidence: []programme.Evidence{
				{Kind: programme.EvidenceLink, Text: "xem báo cáo", Link: link},
			}}, fault.Invalid)
		}
		for kind, field := range map[programme.EvidenceKind]string{
			programme.EvidenceFigure: "figure", programme.EvidenceLink: "link", programme.EvidenceFile: "evidence",
		} { // told beside the field that is wrong
			_, err := h.Act(t.Context(), thaiNguyen, u.ID, u.Version, programme.Change{Act: programme.Report, Evidence: []programme.Evidence{{Kind: kind, Text: "1"}}})
			if f := fault.As(err); f == nil || f.Field != field {
				t.Errorf("a wrong %s: %+v", kind, f)
			}
		}
		act(thaiNguyen, programme.Change{Act: programme.AskTime, Reason: "chờ đấu thầu", Due: u.Due.AddDays(90)}, "")
		act(thaiNguyen, programme.Change{Act: programme.Grant}, fault.Denied)
		act(leader, programme.Change{Act: programme.Grant}, fault.Denied)
		due := u.Due
		act(reviewer, programme.Change{Act: programme.Grant}, "")
		if u.Due != due.AddDays(90) {
			t.Errorf("due %s", u.Due)
		}
		stale := u
		act(thaiNguyen, report, "")
		if _, err := h.Act(t.Context(), thaiNguyen, u.ID, stale.Version, report); fault.Of(err) != fault.Conflict {
			t.Errorf("on what was seen before: %v", err)
		}
		both := thaiNguyen // who holds both roles is still one person
		both.Roles = []string{programme.FocalPoint, programme.Reviewer}
		act(both, programme.Change{Act: programme.Accept}, fault.Denied)
		act(reviewer, programme.Change{Act: programme.Accept}, "")
		act(reviewer, programme.Change{Act: programme.Withdraw, Reason: "không cần nữa"}, fault.Denied)
		if u.State != programme.Done {
			t.Fatalf("%+v", u)
		}
		seen, err := h.UnitTask(t.Context(), thaiNguyen, u.ID)
		if err != nil || len(seen.Events) != 4 || len(seen.Acts) != 0 {
			t.Errorf("%d events, %v, %v", len(seen.Events), seen.Acts, err)
		}
		now, err := h.RollUp(t.Context(), leader, programme.Question{By: programme.ByLevel, Narrow: programme.Narrow{Task: "dp-c9"}})
		if err != nil || now.Total.Done != 1 || now.Total.All() != 63 {
			t.Errorf("now %+v, %v", now.Total, err)
		}
		before, err := h.RollUp(t.Context(), leader, programme.Question{By: programme.ByLevel, Narrow: programme.Narrow{Task: "dp-c9"}, Known: day("2026-11-30")})
		if err != nil || before.Total.Done != 0 || before.Total.All() != 63 {
			t.Errorf("before %+v, %v", before.Total, err)
		}
	})
}

// TestAnAgencySeesItsOwn: and what it inherited, and what concerns it; nothing else.
func TestAnAgencySeesItsOwn(t *testing.T) {
	t.Parallel()
	h := newHouse(t, sqldbtest.OpenSQLite(t))
	ctx := t.Context()
	list := func(who actor.Actor, f programme.Filter) map[string]int {
		t.Helper()
		all, err := h.UnitTasks(ctx, who, f, programme.Cursor{}, 5000)
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]int{}
		for _, u := range all {
			out[u.Agency]++
		}
		return out
	}
	if _, err := h.UnitTasks(ctx, thaiNguyen, programme.Filter{Agencies: []string{"H04"}}, programme.Cursor{}, 5); fault.Of(err) != fault.NotFound {
		t.Errorf("Thái Nguyên asks for Bạc Liêu's: %v", err)
	}
	if got := list(thaiNguyen, programme.Filter{}); len(got) != 2 || got["H55"] == 0 || got["H03"] == 0 {
		t.Errorf("Thái Nguyên sees %v", got) // Bắc Kạn was merged into it
	}
	if got := list(ward, programme.Filter{}); len(got) != 1 || got["H55.C05443"] == 0 {
		t.Errorf("the ward sees %v", got)
	}
	if got := list(leader, programme.Filter{}); len(got) < 85 {
		t.Errorf("the leader sees %d agencies", len(got))
	}
	if _, err := h.UnitTasks(ctx, stranger, programme.Filter{}, programme.Cursor{}, 5); fault.Of(err) != fault.Denied {
		t.Errorf("a stranger: %v", err)
	}
	inherited := h.find(t, "dp-c9", "H03", "")
	if _, err := h.Act(ctx, thaiNguyen, inherited.ID, inherited.Version, programme.Change{Act: programme.Progress, Percent: 70}); err != nil {
		t.Errorf("what it inherited: %v", err)
	}
	other := h.find(t, "dp-c9", "H04", "")
	if _, err := h.UnitTask(ctx, thaiNguyen, other.ID); fault.Of(err) != fault.NotFound {
		t.Errorf("another's: %v", err)
	}
	if _, err := h.Books(ctx, thaiNguyen, clock.Date{}); fault.Of(err) != fault.Denied {
		t.Errorf("the whole book: %v", err)
	}
	if _, err := h.Figures(ctx, ward, day("2022-08-09"), say()); fault.Of(err) != fault.Denied {
		t.Errorf("figures: %v", err)
	}
	if _, err := h.Units(ctx, thaiNguyen, []string{"H04"}); fault.Of(err) != fault.NotFound {
		t.Errorf("another's units: %v", err)
	}
	if _, _, err := h.Task(ctx, ward, "tw-1"); fault.Of(err) != fault.NotFound {
		t.Errorf("a task that is not theirs: %v", err)
	}
	rows, err := h.Records(ctx, thaiNguyen, "difficulty", programme.RecordFilter{})
	if err != nil || len(rows) != 1 || rows[0].Owner != "H55" {
		t.Errorf("difficulties: %+v, %v", rows, err)
	}
	asked := actor.Actor{Account: "btc", Agency: "G12", Roles: []string{programme.FocalPoint}}
	if rows, err = h.Records(ctx, asked, "difficulty", programme.RecordFilter{}); err != nil || len(rows) != 2 {
		t.Errorf("who has to answer: %+v, %v", rows, err)
	}
	if _, err = h.Versions(ctx, bacLieu, programme.RecordDoc, "difficulty-001"); fault.Of(err) != fault.NotFound {
		t.Errorf("another's history: %v", err)
	}
	answer, err := h.RollUp(ctx, thaiNguyen, programme.Question{By: programme.ByAgency})
	if err != nil || len(answer.Parts) != 1 || answer.Parts[0].Key != "H55" {
		t.Errorf("its own figures: %+v, %v", answer.Parts, err)
	}
}

// TestCountsAreThoseOfTheLists: by any filter, the number is that of the list.
func TestCountsAreThoseOfTheLists(t *testing.T) {
	t.Parallel()
	h := newHouse(t, sqldbtest.OpenSQLite(t))
	for _, f := range []programme.Filter{
		{},
		{Level: programme.Province},
		{Origins: []string{"H55"}},
		{Tasks: []string{"dp-c9"}},
		{Month: "2026-12"},
		{States: []programme.State{programme.Done, programme.Doing}, Origins: []string{"G01"}},
	} {
		for _, f.Standing = range append([]programme.Standing{""}, programme.Standings...) {
			list, err := h.UnitTasks(t.Context(), leader, f, programme.Cursor{}, 5000)
			n, ok := h.CountUnits(t.Context(), leader, f)
			if err != nil || !ok || n != len(list) {
				t.Errorf("%+v: counted %d, listed %d, %v", f, n, len(list), err)
			}
		}
	}
}

func TestRowsOfRegisters(t *testing.T) {
	t.Parallel()
	h := newHouse(t, sqldbtest.OpenSQLite(t))
	ctx := t.Context()
	row := programme.Record{
		Kind: "difficulty", Title: "Đường truyền yếu", Owner: "H55", State: "open", Since: day("2026-12-01"),
		Fields: map[string]string{"to": "G14", "question": "Ai nâng cấp?"},
	}
	for name, tt := range map[string]struct {
		who  actor.Actor
		do   func(*programme.Record)
		want fault.Kind
	}{
		"another's name":    {bacLieu, func(*programme.Record) {}, fault.Denied},
		"nobody's":          {thaiNguyen, func(r *programme.Record) { r.Owner = "" }, fault.Denied},
		"the centre's":      {thaiNguyen, func(r *programme.Record) { r.Kind = "inspection" }, fault.Denied},
		"no register":       {coordinator, func(r *programme.Record) { r.Kind = "x" }, fault.NotFound},
		"a row there isn't": {coordinator, func(r *programme.Record) { r.ID = "x" }, fault.NotFound},
		"the leader":        {leader, func(*programme.Record) {}, fault.Denied},
		"to take over":      {bacLieu, func(r *programme.Record) { r.ID, r.Owner = "difficulty-001", "H04" }, fault.NotFound},
	} {
		r := row
		tt.do(&r)
		if _, err := h.SaveRecord(ctx, tt.who, r); err == nil || fault.Of(err) != tt.want {
			t.Errorf("%s: %v, want %s", name, err, tt.want)
		}
	}
	kept, err := h.SaveRecord(ctx, thaiNguyen, row)
	if err != nil {
		t.Fatal(err)
	}
	old := kept
	kept.State = "answered"
	if _, err := h.SaveRecord(ctx, coordinator, kept); err != nil {
		t.Fatal(err)
	}
	if _, err := h.SaveRecord(ctx, thaiNguyen, old); fault.Of(err) != fault.Conflict {
		t.Errorf("on what was there before: %v", err)
	}
	list, err := h.Versions(ctx, thaiNguyen, programme.RecordDoc, kept.ID)
	if err != nil || len(list) != 2 || list[0].By.Account != "dieuphoi" {
		t.Errorf("%+v, %v", list, err)
	}
}

// TestPeriodsOpen: a month's tasks are given once, to who is there that day.
func TestPeriodsOpen(t *testing.T) {
	t.Parallel()
	h := newHouse(t, sqldbtest.OpenSQLite(t))
	ctx := t.Context()
	system := actor.OfSystem()
	n, err := h.OpenPeriods(ctx, system)
	if err != nil || n != 2 {
		t.Fatalf("%d, %v", n, err)
	}
	if n, err = h.OpenPeriods(ctx, system); err != nil || n != 0 {
		t.Errorf("twice: %d, %v", n, err)
	}
	u := h.find(t, "xa-1", "H55.C05443", "2026-12")
	if u.Due != day("2026-12-31") || u.Level != programme.Commune || u.Origin != "H55" {
		t.Errorf("%+v", u)
	}
	h.clock.Set("2027-01-01 00:30")
	if n, err = h.OpenPeriods(ctx, system); err != nil || n != 2 {
		t.Errorf("the next month: %d, %v", n, err)
	}
}

// TestGivingTasks: a task is made, given to a set, and who inherited it gets no second one.
func TestGivingTasks(t *testing.T) {
	t.Parallel()
	h := newHouse(t, sqldbtest.OpenSQLite(t))
	ctx := t.Context()
	task := programme.Task{
		Code: "MOI.1", Title: "Nhiệm vụ mới", Directives: []string{"hop0404"}, Scope: programme.Specific, Level: programme.Province,
		From: day("2026-12-01"), Due: day("2027-06-30"),
	}
	for _, who := range []actor.Actor{nobody, leader, reviewer, thaiNguyen} {
		if _, err := h.SaveTask(ctx, who, task, 0); err == nil {
			t.Errorf("%v made a task", who.Roles)
		}
	}
	made, err := h.SaveTask(ctx, coordinator, task, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.SaveTask(ctx, coordinator, task, 0); fault.Of(err) != fault.Invalid { // the code is taken
		t.Errorf("twice: %v", err)
	}
	n, err := h.Assign(ctx, coordinator, made.ID, 1, programme.Set{Kinds: programme.Province.Kinds(), Except: []string{"H26"}})
	if err != nil || n != 33 {
		t.Errorf("given to %d, %v", n, err)
	}
	if _, err := h.Assign(ctx, coordinator, made.ID, 1, programme.Set{Agencies: []string{"H26"}}); fault.Of(err) != fault.Conflict {
		t.Errorf("on what was there before: %v", err)
	}
	if n, err = h.Assign(ctx, coordinator, made.ID, 2, programme.Set{Kinds: programme.Province.Kinds()}); err != nil || n != 1 {
		t.Errorf("given to %d more, %v", n, err)
	}
	if _, err := h.Assign(ctx, coordinator, made.ID, 3, programme.Set{Agencies: []string{"H03"}}); fault.Of(err) != fault.Invalid {
		t.Errorf("to who is gone: %v", err)
	}
	var wrong *fault.Error // one code of several is told, and nobody is given anything
	if _, err := h.Assign(ctx, coordinator, made.ID, 3, programme.Set{Agencies: []string{"H55", "XX9"}}); !errors.As(err, &wrong) || wrong.Args["code"] != "XX9" {
		t.Errorf("an agency that there is not: %v", err)
	}
	if n, err = h.Assign(ctx, coordinator, "dp-c9", 1, programme.Set{Kinds: programme.Province.Kinds()}); err != nil || n != 0 {
		t.Errorf("heirs were given it again: %d, %v", n, err)
	}
}

// TestHeirsKeepTheRowsOfThoseWhoAreGone: what a province that was merged left in the registers
// its heir reads and keeps up, and others do not.
func TestHeirsKeepTheRowsOfThoseWhoAreGone(t *testing.T) {
	t.Parallel()
	h := newHouse(t, sqldbtest.OpenSQLite(t))
	ctx := t.Context()
	left, err := h.SaveRecord(ctx, coordinator, programme.Record{ // H03 is Bắc Kạn, of which H55 is the heir
		Kind: "system", Title: "Phần mềm một cửa Bắc Kạn", Owner: "H03", State: "running", Since: day("2024-01-01"),
		Fields: map[string]string{"vendor": "Công ty Đường Mòn", "hosting": "own"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for who, want := range map[string]int{"H55": 1, "H26": 0} {
		rows, err := h.Records(ctx, focal(who), "system", programme.RecordFilter{Text: "duong mon"})
		if err != nil || len(rows) != want {
			t.Errorf("%s sees %+v, %v", who, rows, err)
		}
	}
	if rows, err := h.Records(ctx, leader, "system", programme.RecordFilter{Agency: "H55", Text: "BAC KAN"}); err != nil || len(rows) != 1 {
		t.Errorf("of H55: %+v, %v", rows, err)
	}
	left.Note = "Đã chuyển về Thái Nguyên."
	kept, err := h.SaveRecord(ctx, thaiNguyen, left)
	if err != nil || kept.Owner != "H03" || kept.Version != 2 {
		t.Errorf("the heir: %+v, %v", kept, err)
	}
	if _, err := h.SaveRecord(ctx, focal("H26"), kept); err == nil {
		t.Error("another province keeps the row of one that is gone")
	}
	kept.ID, kept.Version = "", 0
	if _, err := h.SaveRecord(ctx, thaiNguyen, kept); fault.Of(err) != fault.Denied {
		t.Errorf("a new row of one that is gone: %v", err)
	}
}
