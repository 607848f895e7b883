package securitysql_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"dean06/data"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/clock/clocktest"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/security"
	"dean06/internal/security/securitysql"
)

var (
	author    = actor.Actor{Account: "an", Agency: "H55", Roles: []string{security.Officer}}
	unit      = actor.Actor{Account: "binh", Agency: "H55", Roles: []string{security.UnitStaff}}
	head      = actor.Actor{Account: "chi", Agency: "H55", Roles: []string{security.HeadRole}}
	stranger  = actor.Actor{Account: "la", Agency: "H04", Roles: []string{security.Officer, security.UnitStaff, security.HeadRole}}
	inspector = actor.Actor{Account: "dung", Roles: []string{security.Examiner}}
	second    = actor.Actor{Account: "em", Roles: []string{security.Examiner}}
)

type declared []security.System

func (d declared) SystemsOf(_ context.Context, agency string) ([]security.System, error) {
	var out []security.System
	for _, s := range d {
		if s.Agency == agency {
			out = append(out, s)
		}
	}
	return out, nil
}

// bench is a desk on an empty database, with two systems of H55 and one of H04.
type bench struct {
	*security.Desk
	db    *sqldb.DB
	clock *clocktest.Clock
	asked []security.Grace
	rung  int
}

func (b *bench) AskGrace(_ context.Context, _ actor.Actor, g security.Grace, _ string) error {
	b.asked = append(b.asked, g)
	return nil
}

func onBoth(t *testing.T, f func(t *testing.T, ctx context.Context, b *bench)) {
	t.Helper()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		for _, migrate := range []func(context.Context, *sqldb.DB) error{audit.Migrate, securitysql.Migrate} {
			if err := migrate(ctx, db); err != nil {
				t.Fatal(err)
			}
		}
		rules, err := data.Security.ReadFile("security/rules.json")
		must(t, err)
		book, err := security.ReadBook(rules)
		must(t, err)
		raw, err := data.Security.ReadFile("security/standards.json")
		must(t, err)
		standards, err := security.ReadStandards(raw)
		must(t, err)
		b := &bench{db: db, clock: &clocktest.Clock{}}
		b.clock.Set("2026-11-30 09:00")
		var mu sync.Mutex
		b.Desk = &security.Desk{
			Store: securitysql.New(db), Clock: b.clock, NewID: sqldb.NewID, Book: book, Standards: standards, Second: b,
			Systems: declared{
				{Agency: "H55", ID: "s1", Name: "Hệ thống giải quyết TTHC"},
				{Agency: "H55", ID: "s2", Name: "Hệ thống y tế"},
				{Agency: "H04", ID: "s1", Name: "Hệ thống khác"},
			},
			Changed: func() { mu.Lock(); b.rung++; mu.Unlock() },
		}
		f(t, ctx, b)
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wants(t *testing.T, err error, kind fault.Kind) {
	t.Helper()
	if fault.Of(err) != kind || err == nil {
		t.Fatalf("got %v, want %s", err, kind)
	}
}

var texts = map[security.Part]string{
	security.Overview: "Tổng quan", security.Design: "Thiết kế", security.Justification: "Thuyết minh", security.Plan: "Phương án",
}

func (b *bench) view(t *testing.T, system string) security.View {
	t.Helper()
	v, err := b.One(t.Context(), unit, "H55", system)
	must(t, err)
	return v
}

// approve takes a system all the way to an approved dossier.
func (b *bench) approve(ctx context.Context, t *testing.T, system, number string, subsystems ...string) {
	t.Helper()
	version := b.view(t, system).Record.Version
	must(t, b.Tell(ctx, author, "H55", system, version, security.Told{Facts: security.Facts{Service: security.Full}, Subsystems: subsystems}))
	d, err := b.Begin(ctx, author, "H55", system)
	must(t, err)
	must(t, b.Write(ctx, author, d.ID, 1, d.Level, texts))
	must(t, b.Submit(ctx, author, d.ID, 2))
	must(t, b.Appraise(ctx, unit, d.ID, 3, "Đạt"))
	must(t, b.Approve(ctx, head, d.ID, 4, security.Decision{
		Paper: security.Paper{Number: number, Day: clock.DayOf(b.clock.Now())}, File: security.File{Name: "qd.pdf", SHA256: "aa"},
	}))
}

func (b *bench) passes(ctx context.Context, t *testing.T, subsystem string) bool {
	t.Helper()
	list, at, err := b.Clearances(ctx)
	must(t, err)
	for _, c := range list {
		if c.Subsystem == subsystem {
			return c.Passes(at)
		}
	}
	return false
}

func TestFromTheFactsToTheOpenGate(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, ctx context.Context, b *bench) {
		b.approve(ctx, t, "s1", "2345/QĐ-UBND", "VN/GOV/H55/TTHC")
		if b.passes(ctx, t, "VN/GOV/H55/TTHC") {
			t.Error("passes without an inspection")
		}
		must(t, b.EnterCheck(ctx, unit, security.Check{Agency: "H55", System: "s1", Day: clock.MustDate("2026-11-29"), Report: "BB 12"}, []security.Finding{
			{Severity: security.Critical, Title: "Cổng quản trị mở ra Internet"}, {Severity: security.Low, Title: "Nhật ký lệch giờ"},
		}))
		if !b.passes(ctx, t, "VN/GOV/H55/TTHC") {
			t.Error("closed though all is in its term")
		}
		b.clock.Pass(8 * 24 * time.Hour)
		if b.passes(ctx, t, "VN/GOV/H55/TTHC") {
			t.Error("passes with a critical finding overdue")
		}
		v := b.view(t, "s1")
		if c, _ := v.Gate(); c.Why != security.FindingOverdue || c.Detail != "PH-H55-001" || len(v.Findings) != 2 || len(v.Against) != 1 {
			t.Errorf("%+v", v.Gates)
		}
		must(t, b.Mend(ctx, author, v.Findings[0].ID, 1, "Đã đóng cổng"))
		wants(t, b.Retest(ctx, author, v.Findings[0].ID, 2, true, "Tốt"), fault.Denied)
		must(t, b.Retest(ctx, unit, v.Findings[0].ID, 2, true, "Đã thử từ ngoài"))
		if !b.passes(ctx, t, "VN/GOV/H55/TTHC") {
			t.Error("still closed after the retest")
		}
		if b.rung < 8 {
			t.Errorf("told %d times that the gate may have changed", b.rung)
		}
		rows, err := b.Row5Of(ctx, author, "H55")
		must(t, err)
		if len(rows) != 1 || rows[0].Dossier != "approved" || rows[0].Decision.Number != "2345/QĐ-UBND" || rows[0].Compliance != security.Unmet ||
			len(rows[0].Unmet) != len(v.Standard.Asked(3)) {
			t.Errorf("%+v", rows)
		}
		acts, err := audit.Find(ctx, b.db, audit.Filter{Action: "security.dossier.approve"})
		must(t, err)
		if len(acts) != 1 || acts[0].Who.Account != "chi" || acts[0].Details["system"] != "s1" {
			t.Errorf("%+v", acts)
		}
	})
}

func TestWhoMayDoWhat(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, ctx context.Context, b *bench) {
		told := security.Told{Facts: security.Facts{Service: security.Full}}
		wants(t, b.Tell(ctx, stranger, "H55", "s1", 0, told), fault.Denied)
		wants(t, b.Tell(ctx, head, "H55", "s1", 0, told), fault.Denied)
		wants(t, b.Tell(ctx, author, "H55", "s9", 0, told), fault.NotFound)
		wants(t, b.Tell(ctx, actor.Actor{}, "H55", "s1", 0, told), fault.Unsigned)
		_, err := b.Begin(ctx, author, "H55", "s1")
		wants(t, err, fault.Conflict) // nothing was asked yet
		must(t, b.Tell(ctx, author, "H55", "s1", 0, told))
		d, err := b.Begin(ctx, author, "H55", "s1")
		must(t, err)
		_, err = b.Begin(ctx, unit, "H55", "s1")
		wants(t, err, fault.Conflict) // one is open
		must(t, b.Write(ctx, author, d.ID, 1, 3, texts))
		wants(t, b.Write(ctx, author, d.ID, 1, 3, texts), fault.Conflict) // seen in an older version
		must(t, b.Submit(ctx, author, d.ID, 2))
		wants(t, b.Appraise(ctx, stranger, d.ID, 3, "Đạt"), fault.Denied)
		wants(t, b.Appraise(ctx, inspector, d.ID, 3, "Đạt"), fault.Denied) // level 3 is the agency's own
		wants(t, b.Appraise(ctx, head, d.ID, 3, "Đạt"), fault.Denied)
		_, err = b.Look(ctx, stranger, "H55")
		wants(t, err, fault.Denied)
		_, err = b.All(ctx, unit)
		wants(t, err, fault.Denied)
		all, err := b.All(ctx, inspector)
		must(t, err)
		if len(all) != 2 { // of agencies that have told something
			t.Errorf("an inspector sees %d systems", len(all))
		}
		if due := b.view(t, "s1").Open.Due; clock.DayOf(due) != clock.MustDate("2026-12-15") {
			t.Errorf("the appraisal is due %s, want 15 days later", due)
		}
	})
}

func TestALaterDossierTakesTheApprovedOnesPlace(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, ctx context.Context, b *bench) {
		b.approve(ctx, t, "s1", "1/QĐ-UBND")
		b.clock.Pass(24 * time.Hour)
		b.approve(ctx, t, "s1", "2/QĐ-UBND")
		v := b.view(t, "s1")
		if len(v.Dossiers) != 2 || v.Dossiers[0].State != security.Replaced || v.Approved.Decision.Number != "2/QĐ-UBND" || v.Approved.Ground != security.Renewal {
			t.Errorf("%+v", v.Dossiers)
		}
		wants(t, b.Withdraw(ctx, unit, v.Approved.ID, v.Approved.Version, "Thôi"), fault.Denied)
		must(t, b.Withdraw(ctx, head, v.Approved.ID, v.Approved.Version, "Hệ thống ngừng hoạt động"))
		if v := b.view(t, "s1"); v.Approved != nil || len(v.Against) == 0 || v.Against[0].Why != security.NoDossier {
			t.Errorf("%+v", v.Against)
		}
	})
}

func TestGraceIsOfTwo(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, ctx context.Context, b *bench) {
		must(t, b.Tell(ctx, author, "H55", "s2", 0, security.Told{Subsystems: []string{"VN/GOV/H55/YTE"}}))
		g := security.Grace{Agency: "H55", System: "s2", Until: clock.MustDate("2026-12-03"), Reason: "Chờ quyết định"}
		wants(t, b.Desk.AskGrace(ctx, unit, g), fault.Denied)
		long := g
		long.Until = clock.MustDate("2027-03-01")
		wants(t, b.Desk.AskGrace(ctx, inspector, long), fault.Invalid)
		must(t, b.Desk.AskGrace(ctx, inspector, g))
		give := func(by actor.Actor) error {
			return b.db.InTx(ctx, func(tx *sqldb.Tx) error { return b.GiveGrace(ctx, securitysql.In(tx), b.asked[0], by) })
		}
		wants(t, give(inspector), fault.Denied)
		wants(t, give(head), fault.Denied)
		if b.passes(ctx, t, "VN/GOV/H55/YTE") {
			t.Error("passes before a second person agreed")
		}
		must(t, give(second))
		b.clock.Set("2026-12-03 23:59")
		if !b.passes(ctx, t, "VN/GOV/H55/YTE") {
			t.Error("closed on the last day of grace")
		}
		b.clock.Set("2026-12-04 00:00")
		if b.passes(ctx, t, "VN/GOV/H55/YTE") {
			t.Error("passes after the last day of grace")
		}
		b.clock.Set("2026-12-02 10:00")
		must(t, b.EndGrace(ctx, second, security.Of{Agency: "H55", System: "s2"}))
		if b.passes(ctx, t, "VN/GOV/H55/YTE") {
			t.Error("passes by a grace that was taken back")
		}
	})
}

func TestExceptionsAndIncidents(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, ctx context.Context, b *bench) {
		of := security.Of{Agency: "H55", System: "s1"}
		wants(t, b.SetControl(ctx, author, security.Requirement{Of: of, Code: "network.ids"}, security.Unmet, "", ""), fault.Conflict)
		must(t, b.Tell(ctx, author, "H55", "s1", 0, security.Told{Facts: security.Facts{Service: security.Full}}))
		wants(t, b.SetControl(ctx, author, security.Requirement{Of: of, Code: "no.such"}, security.Unmet, "", ""), fault.NotFound)
		must(t, b.AskException(ctx, author, security.Requirement{Of: of, Code: "network.ids"}, "Đang đấu thầu", clock.MustDate("2026-12-31")))
		before := len(b.view(t, "s1").Lacking)
		must(t, b.ApproveException(ctx, head, security.Requirement{Of: of, Code: "network.ids"}))
		if got := len(b.view(t, "s1").Lacking); got != before-1 {
			t.Errorf("%d are lacking, want %d", got, before-1)
		}
		must(t, b.NoticeIncident(ctx, author, security.Incident{
			Agency: "H55", System: "s1", Severity: security.High, Title: "Dò mật khẩu", Noticed: b.clock.Now().Add(-time.Hour),
		}))
		i := b.view(t, "s1").Incidents[0]
		must(t, b.ReportIncident(ctx, author, i.ID, 1, "Báo cáo ban đầu"))
		wants(t, b.ReportIncident(ctx, author, i.ID, 1, "Hai lần"), fault.Conflict)
		wants(t, b.ReportIncident(ctx, stranger, i.ID, 2, "Của người khác"), fault.Denied)
	})
}

// Of many who begin at once one begins, and of many who approve one approves.
func TestOnlyOneAtOnce(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, ctx context.Context, b *bench) {
		must(t, b.Tell(ctx, author, "H55", "s1", 0, security.Told{Facts: security.Facts{Service: security.Full}}))
		var wg sync.WaitGroup
		errs := make([]error, 6)
		for i := range errs {
			wg.Go(func() {
				by := author
				by.Account += strconv.Itoa(i)
				_, errs[i] = b.Begin(ctx, by, "H55", "s1")
			})
		}
		wg.Wait()
		began := 0
		for _, err := range errs {
			if err == nil {
				began++
			} else {
				wants(t, err, fault.Conflict)
			}
		}
		if began != 1 || len(b.view(t, "s1").Dossiers) != 1 {
			t.Errorf("%d began", began)
		}
	})
}

func TestASystemThatCameAfterTheReturn(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, ctx context.Context, b *bench) {
		_, err := b.Announce(ctx, author, "H55", "hệ thống Y TẾ", "")
		wants(t, err, fault.Conflict)
		for _, none := range []string{" ", "\u200b", "\u2060\u00a0", "\u2800"} {
			_, err = b.Announce(ctx, author, "H55", none, "")
			wants(t, err, fault.Invalid)
		}
		for _, alike := range []string{"Hệ thống\u200b y tế", "Hệ\u00a0thống  y tế", "He\u0302\u0323 thống y tế"} {
			_, err = b.Announce(ctx, author, "H55", alike, "")
			wants(t, err, fault.Conflict)
		}
		wants(t, b.AddFinding(ctx, unit, security.Finding{Agency: "H55", System: "s1", Severity: security.Low, Title: "\u200b"}), fault.Invalid)
		_, err = b.Announce(ctx, stranger, "H55", "Hệ thống mới", "")
		wants(t, err, fault.Denied)
		s, err := b.Announce(ctx, author, "H55", "Hệ thống mới", "Sở Y tế")
		must(t, err)
		b.approve(ctx, t, s.ID, "7/QĐ-UBND", "VN/GOV/H55/MOI")
		if v := b.view(t, s.ID); v.Declared || v.Name != "Hệ thống mới" || v.Unit != "Sở Y tế" || v.Approved == nil {
			t.Errorf("%+v", v)
		}
	})
}

// A part does not leave its whole to be of a lower level while the dossier of the whole stands:
// that is taken back first, by whoever gave it.
func TestAPartDoesNotLeaveItsWholeToBeLower(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, ctx context.Context, b *bench) {
		part := security.Facts{People: 6000}
		must(t, b.Tell(ctx, author, "H55", "s1", 0, security.Told{Facts: part}))
		must(t, b.Tell(ctx, author, "H55", "s2", 0, security.Told{Facts: part, Whole: "s1"}))
		// A mistake is mended while nobody has decided anything on it.
		must(t, b.Tell(ctx, author, "H55", "s2", 1, security.Told{Facts: part}))
		must(t, b.Tell(ctx, author, "H55", "s2", 2, security.Told{Facts: part, Whole: "s1"}))
		d, err := b.Begin(ctx, author, "H55", "s1")
		must(t, err)
		if d.Level != 3 {
			t.Fatalf("both are of level %d", d.Level)
		}
		must(t, b.Write(ctx, author, d.ID, 1, 3, texts))
		must(t, b.Submit(ctx, author, d.ID, 2))
		leave := func() error { return b.Tell(ctx, author, "H55", "s2", 3, security.Told{Facts: part}) }
		wants(t, leave(), fault.Conflict)
		must(t, b.Return(ctx, unit, d.ID, 3, "Không cùng một hệ thống"))
		must(t, leave())
		wants(t, b.Write(ctx, author, d.ID, 4, 1, nil), fault.Invalid)
		must(t, b.Write(ctx, author, d.ID, 4, 2, nil))
	})
}

// A system that is split is one: a critical finding of a part closes the whole.
func TestAFindingOfAPartClosesTheWhole(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, ctx context.Context, b *bench) {
		b.approve(ctx, t, "s1", "2345/QĐ-UBND", "VN/GOV/H55/TTHC")
		must(t, b.EnterCheck(ctx, unit, security.Check{Agency: "H55", System: "s1", Day: clock.MustDate("2026-11-29"), Report: "BB 12"}, nil))
		must(t, b.Tell(ctx, author, "H55", "s2", 0, security.Told{Facts: security.Facts{People: 1}, Whole: "s1"}))
		must(t, b.AddFinding(ctx, inspector, security.Finding{Agency: "H55", System: "s2", Severity: security.Critical, Title: "Lỗ hổng"}))
		if !b.passes(ctx, t, "VN/GOV/H55/TTHC") {
			t.Error("closed in the finding's term")
		}
		b.clock.Pass(8 * 24 * time.Hour)
		if v := b.view(t, "s1"); b.passes(ctx, t, "VN/GOV/H55/TTHC") || v.Gates[0].Why != security.FindingOverdue || len(v.Findings) != 0 {
			t.Errorf("the whole: %+v", v.Gates)
		}
	})
}

// Eight people enter a vulnerability at once: who is too late is told so, and no number stands
// twice.
func TestFindingsHaveTheirOwnNumbers(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, ctx context.Context, b *bench) {
		var wg sync.WaitGroup
		errs := make([]error, 8)
		for i := range errs {
			wg.Go(func() {
				errs[i] = b.AddFinding(ctx, unit, security.Finding{Agency: "H55", System: "s1", Severity: security.High, Title: fmt.Sprint("Cổng quản trị mở ", i)})
			})
		}
		wg.Wait()
		entered := 0
		for _, err := range errs {
			if err == nil {
				entered++
			} else {
				wants(t, err, fault.Conflict)
			}
		}
		list, err := b.Store.Findings(ctx, security.Of{Agency: "H55"})
		must(t, err)
		seen := map[string]bool{}
		for _, f := range list {
			seen[f.Number] = true
		}
		if entered == 0 || len(list) != entered || len(seen) != entered {
			t.Errorf("%d entered, %d kept, %d numbers", entered, len(list), len(seen))
		}
	})
}

// An exception is taken back by one, of the agency or who decides; what is sent twice is
// entered once; the term of what was found begins on its day.
func TestExceptionsEndAndNothingIsEnteredTwice(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, ctx context.Context, b *bench) {
		of := security.Of{Agency: "H55", System: "s1"}
		must(t, b.Tell(ctx, author, "H55", "s1", 0, security.Told{Facts: security.Facts{Service: security.Full}}))
		wants(t, b.EndException(ctx, author, security.Requirement{Of: of, Code: "network.ids"}), fault.Conflict) // there is none
		must(t, b.AskException(ctx, author, security.Requirement{Of: of, Code: "network.ids"}, "Chờ gói thầu", clock.MustDate("2027-01-31")))
		wants(t, b.EndException(ctx, stranger, security.Requirement{Of: of, Code: "network.ids"}), fault.Denied)
		wants(t, b.EndException(ctx, actor.Actor{}, security.Requirement{Of: of, Code: "network.ids"}), fault.Unsigned)
		must(t, b.EndException(ctx, head, security.Requirement{Of: of, Code: "network.ids"}))
		wants(t, b.ApproveException(ctx, unit, security.Requirement{Of: of, Code: "network.ids"}), fault.Conflict)

		found := clock.MustDate("2026-11-20")
		f := security.Finding{Agency: "H55", System: "s1", Title: "Thư viện cũ", Severity: security.High, Ref: "CVE-2026-12345", Found: found.Start()}
		wants(t, b.AddFinding(ctx, stranger, f), fault.Denied)
		must(t, b.AddFinding(ctx, unit, f))
		f.Title = "Cùng mã, lời khác"
		wants(t, b.AddFinding(ctx, inspector, f), fault.Conflict)
		if got := b.view(t, "s1").Findings; len(got) != 1 || !got[0].Due.Equal(found.AddDays(30).End()) {
			t.Errorf("got %+v", got)
		}
		f.Ref, f.Found = "CVE-1", b.clock.Now().AddDate(0, 0, 1)
		var wrong fault.List
		if err := b.AddFinding(ctx, unit, f); !errors.As(err, &wrong) || len(wrong) != 2 {
			t.Errorf("a wrong number and a day that is not yet: %v", err)
		}
		i := security.Incident{Agency: "H55", System: "s1", Title: "Dò mật khẩu", Severity: security.Low, Noticed: b.clock.Now()}
		must(t, b.NoticeIncident(ctx, author, i))
		wants(t, b.NoticeIncident(ctx, unit, i), fault.Conflict)
		c := security.Check{Agency: "H55", System: "s1", Day: found, Report: "BB 1"}
		must(t, b.EnterCheck(ctx, unit, c, nil))
		wants(t, b.EnterCheck(ctx, unit, c, nil), fault.Conflict)
		must(t, b.EnterCheck(ctx, inspector, c, nil)) // the ministry's is another
	})
}

func TestARegulationHasNumberAndDay(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, ctx context.Context, b *bench) {
		for name, paper := range map[string]security.Paper{
			"no day":     {Number: "15/QĐ-UBND"},
			"no number":  {Day: clock.MustDate("2026-01-05")},
			"no shape":   {Number: "quy chế", Day: clock.MustDate("2026-01-05")},
			"to come":    {Number: "15/QĐ-UBND", Day: clock.MustDate("2026-12-01")},
			"only signs": {Number: " "},
		} {
			err := b.Tell(ctx, author, "H55", "s1", 0, security.Told{Regulation: paper})
			if name == "only signs" { // an empty field that somebody touched
				must(t, err)
				continue
			}
			if fault.As(err) == nil || fault.As(err).Kind != fault.Invalid {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// Of two who write a requirement at once, or ask for an exception, one does, and the other is
// told: nothing is written over what nobody saw.
func TestOneChangesARequirementAtATime(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, ctx context.Context, b *bench) {
		must(t, b.Tell(ctx, author, "H55", "s1", 0, security.Told{Facts: security.Facts{Service: security.Full}}))
		at := security.Requirement{Of: security.Of{Agency: "H55", System: "s1"}, Code: "network.ids"}
		at.Seen = b.view(t, "s1").Record.Controls[at.Code].Mark()
		many := func(do func(by actor.Actor, n int) error) (done int) {
			t.Helper()
			errs := make([]error, 6)
			var wg sync.WaitGroup
			for i := range errs {
				wg.Go(func() {
					by := author
					by.Account += strconv.Itoa(i)
					errs[i] = do(by, i)
				})
			}
			wg.Wait()
			for _, err := range errs {
				if err == nil {
					done++
				} else {
					wants(t, err, fault.Conflict)
				}
			}
			return done
		}
		if n := many(func(by actor.Actor, n int) error {
			return b.SetControl(ctx, by, at, security.Unmet, "Phòng "+strconv.Itoa(n), "")
		}); n != 1 {
			t.Errorf("%d wrote over one another", n)
		}
		at.Seen = ""
		ask := func(by actor.Actor, n int) error {
			return b.AskException(ctx, by, at, "Lần "+strconv.Itoa(n), clock.MustDate("2026-12-31"))
		}
		if n := many(ask); n != 1 {
			t.Errorf("%d asked for an exception", n)
		}
		must(t, b.ApproveException(ctx, head, at))
		// Who asks for another does not take away the one that counts.
		wants(t, ask(author, 9), fault.Conflict)
		if e := b.view(t, "s1").Record.Controls[at.Code].Exception; !e.Holds(clock.MustDate("2026-12-31")) {
			t.Errorf("the exception is %+v", e)
		}
		b.clock.Set("2027-01-01 00:00")
		must(t, b.AskException(ctx, author, at, "Gia hạn gói thầu", clock.MustDate("2027-01-31")))
		b.clock.Set("2027-02-01 00:00")
		wants(t, b.ApproveException(ctx, head, at), fault.Conflict)
	})
}
