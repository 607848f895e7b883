package securitysql_test

import (
	"context"
	"testing"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/security"
)

// After provinces merged the successor sees and goes on with what its predecessors had, each
// under the code to which it was given; nobody else sees it.
func TestAMergedAgencyKeepsItsHistory(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, ctx context.Context, b *bench) {
		// H55 and H04 are gone: H99 is the heir of the first, H98 of the second.
		b.approve(ctx, t, "s1", "2345/QĐ-UBND", "VN/GOV/H55/TTHC")
		must(t, b.EnterCheck(ctx, unit, security.Check{Agency: "H55", System: "s1", Day: clock.MustDate("2026-11-29"), Report: "BB 12"}, []security.Finding{
			{Severity: security.Critical, Title: "Cổng quản trị mở ra Internet"},
		}))
		must(t, b.NoticeIncident(ctx, author, security.Incident{
			Agency: "H55", System: "s1", Severity: security.High, Title: "Dò mật khẩu", Noticed: b.clock.Now().Add(-time.Hour),
		}))
		must(t, b.Tell(ctx, author, "H55", "s2", 0, security.Told{Facts: security.Facts{Service: security.Full}, Subsystems: []string{"VN/GOV/H55/YTE"}}))
		draft, err := b.Begin(ctx, author, "H55", "s2")
		must(t, err)
		as := func(account, agency, role string) actor.Actor {
			return actor.Actor{Account: account, Agency: agency, Roles: []string{role}}
		}
		heir, heirUnit, heirHead := as("ha", "H99", security.Officer), as("hb", "H99", security.UnitStaff), as("hc", "H99", security.HeadRole)
		if _, err := b.Inherited(ctx, heir, "H99"); err != nil {
			t.Fatal(err)
		}
		_, err = b.One(ctx, heir, "H55", "s1")
		wants(t, err, fault.Denied) // not merged yet
		b.Heritage = func(agency string) []string {
			return map[string][]string{"H99": {"H99", "H55"}, "H98": {"H98", "H04"}}[agency]
		}
		other := as("khac", "H98", security.Officer)
		_, err = b.One(ctx, other, "H55", "s1")
		wants(t, err, fault.Denied)
		_, err = b.Inherited(ctx, other, "H99")
		wants(t, err, fault.Denied)
		list, err := b.Inherited(ctx, other, "H98")
		must(t, err)
		if len(list) != 1 || list[0].Agency != "H04" {
			t.Errorf("another heir sees %d systems", len(list))
		}

		list, err = b.Inherited(ctx, heir, "H99")
		must(t, err)
		if len(list) != 2 || list[0].Agency != "H55" || list[0].Approved == nil || len(list[0].Findings) != 1 || len(list[0].Incidents) != 1 || list[1].Open == nil {
			t.Fatalf("the heir sees %+v", list)
		}
		// What was open goes on, under the old code.
		// Row 5 of the heir's return has them, each with whose it was.
		b.Systems = append(b.Systems.(declared), security.System{Agency: "H99", ID: "s1", Name: "Hệ thống giải quyết TTHC"})
		must(t, b.Tell(ctx, heir, "H99", "s1", 0, security.Told{Facts: security.Facts{Service: security.Full}}))
		row5 := func() (rows []security.Row5) {
			t.Helper()
			rows, err := b.Row5Of(ctx, heir, "H99")
			must(t, err)
			if len(rows) != 3 || rows[0].From != "" || rows[0].System.ID != "s1" {
				t.Fatalf("row 5 is %+v", rows)
			}
			return rows
		}
		rows := row5()
		if r := rows[1]; r.From != "H55" || r.System.ID != "H55-s1" || r.System.Agency != "H99" || r.Dossier != "approved" || r.Decision.Number != "2345/QĐ-UBND" {
			t.Errorf("of the inherited system: %+v", r)
		}
		if r := rows[2]; r.From != "H55" || r.System.ID != "H55-s2" || r.Dossier != "not_submitted" || len(r.Unmet) == 0 {
			t.Errorf("of the other one: %+v", r)
		}
		// Once the heir's return declares them they are the same systems, and no others.
		b.Systems = append(b.Systems.(declared), rows[1].System, rows[2].System)
		row5()
		own, err := b.Look(ctx, heir, "H99")
		must(t, err)
		if len(own) != 1 {
			t.Errorf("of its own the heir has %d", len(own))
		}
		all, err := b.All(ctx, inspector)
		must(t, err)
		if len(all) != 3 {
			t.Errorf("inspectors see %d systems", len(all))
		}
		// What was open goes on, under the old code.
		f, i := list[0].Findings[0], list[0].Incidents[0]
		must(t, b.Mend(ctx, heir, f.ID, f.Version, "Đã đóng cổng"))
		must(t, b.Retest(ctx, heirUnit, f.ID, f.Version+1, true, "Đã thử"))
		must(t, b.ReportIncident(ctx, heir, i.ID, i.Version, "Báo cáo ban đầu"))
		wants(t, b.Write(ctx, other, draft.ID, 1, draft.Level, texts), fault.Denied)
		if b.Turn(ctx, heir, draft) != nil || b.Turn(ctx, other, draft) == nil {
			t.Error("whose turn it is")
		}
		must(t, b.Write(ctx, heir, draft.ID, 1, draft.Level, texts))
		must(t, b.Submit(ctx, heir, draft.ID, 2))
		must(t, b.Appraise(ctx, heirUnit, draft.ID, 3, "Đạt"))
		must(t, b.Approve(ctx, heirHead, draft.ID, 4, security.Decision{
			Paper: security.Paper{Number: "5/QĐ-UBND", Day: clock.DayOf(b.clock.Now())}, File: security.File{Name: "qd.pdf", SHA256: "aa"},
		}))
		must(t, b.EnterCheck(ctx, heirUnit, security.Check{Agency: "H55", System: "s2", Day: clock.MustDate("2026-11-30"), Report: "BB 1"}, nil))
		for _, id := range []string{"VN/GOV/H55/TTHC", "VN/GOV/H55/YTE"} {
			if !b.passes(ctx, t, id) {
				t.Errorf("%s, named under the old code, is closed", id)
			}
		}
		v, err := b.One(ctx, heir, "H55", "s2")
		must(t, err)
		if steps := v.Approved.Steps; steps[0].By != author.Account || steps[len(steps)-1].By != "hc" || v.Approved.Agency != "H55" {
			t.Errorf("its history is %+v", steps)
		}
		// A new system of the heir may stand behind a subsystem that kept the old code, and not
		// behind a stranger's.
		must(t, second2(b.Announce(ctx, heir, "H99", "Hệ thống dùng chung", "")))
		told := security.Told{Facts: security.Facts{Service: security.Full}, Subsystems: []string{"VN/GOV/H99/CHUNG", "VN/GOV/H55/CHUNG"}}
		must(t, b.Tell(ctx, heir, "H99", "a1", 1, told))
		told.Subsystems = []string{"VN/GOV/H04/CHUNG"}
		wants(t, b.Tell(ctx, heir, "H99", "a1", 2, told), fault.Invalid)
		// What is left of the old agency's people sees its own, and not the heir's.
		_, err = b.One(ctx, author, "H99", "a1")
		wants(t, err, fault.Denied)
	})
}

// A level does not fall by a new system of the heir beside an inherited one, neither behind one
// subsystem nor as a part; and pages say of both what the gate says of that subsystem.
func TestAnHeirsSystemsAreOneWithWhatItInherited(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, ctx context.Context, b *bench) {
		b.approve(ctx, t, "s1", "2345/QĐ-UBND", "VN/GOV/H55/TTHC")
		must(t, b.EnterCheck(ctx, unit, security.Check{Agency: "H55", System: "s1", Day: clock.MustDate("2026-11-29"), Report: "BB 12"}, nil))
		part := security.Facts{People: 6000}
		must(t, b.Tell(ctx, author, "H55", "s2", 0, security.Told{Facts: part, Subsystems: []string{"VN/GOV/H55/YTE"}}))
		b.Heritage = func(agency string) []string { return map[string][]string{"H99": {"H99", "H55"}}[agency] }
		heir := actor.Actor{Account: "ha", Agency: "H99", Roles: []string{security.Officer}}
		announce := func(name string) security.System {
			s, err := b.Announce(ctx, heir, "H99", name, "")
			must(t, err)
			return s
		}
		level := func(s security.System) security.Level {
			v, err := b.One(ctx, heir, s.Agency, s.ID)
			must(t, err)
			return v.Proposal.Level
		}
		old := security.System{Agency: "H55", ID: "s2"}
		alone := level(old)
		door := announce("Khám chữa bệnh")
		must(t, b.Tell(ctx, heir, "H99", door.ID, 1, security.Told{Facts: part, Subsystems: []string{"VN/GOV/H55/YTE"}}))
		if level(door) <= alone || level(old) != level(door) {
			t.Errorf("behind one subsystem they are of levels %d and %d, alone of %d", level(door), level(old), alone)
		}
		d, err := b.Begin(ctx, heir, "H99", door.ID)
		must(t, err)
		if d.Level != level(door) {
			t.Errorf("the dossier begins with level %d", d.Level)
		}
		wants(t, b.Write(ctx, heir, d.ID, 1, alone, texts), fault.Invalid)
		must(t, b.Write(ctx, heir, d.ID, 1, d.Level, texts))
		must(t, b.Submit(ctx, heir, d.ID, 2))
		wants(t, b.Tell(ctx, heir, "H55", "s2", 1, security.Told{Facts: part}), fault.Conflict)

		of := announce("Bệnh án điện tử")
		wants(t, b.Tell(ctx, heir, "H99", of.ID, 1, security.Told{Facts: part, Whole: "H04-s1"}), fault.Invalid)
		must(t, b.Tell(ctx, heir, "H99", of.ID, 1, security.Told{Facts: part, Whole: old.IDIn("H99")}))
		if level(of) != level(door) {
			t.Errorf("the part is of level %d", level(of))
		}

		// Named by a system without a dossier, the subsystem stays as open as it was.
		beside := announce("Một cửa")
		must(t, b.Tell(ctx, heir, "H99", beside.ID, 1, security.Told{Facts: part, Subsystems: []string{"VN/GOV/H55/TTHC", "VN/GOV/H55/KHAC"}}))
		for _, by := range []actor.Actor{heir, inspector} {
			v, err := b.One(ctx, by, "H99", beside.ID)
			must(t, err)
			if len(v.Gates) != 2 || !v.Gates[0].Passes(b.clock.Now()) || v.Gates[0].Agency != "H55" || v.Gates[0].System != "s1" || v.Gates[1].Passes(b.clock.Now()) {
				t.Errorf("%s sees of the gate %+v", by.Account, v.Gates)
			}
			if c, connected := v.Gate(); !connected || c.Subsystem != "VN/GOV/H55/KHAC" {
				t.Errorf("the first to close is %+v", c)
			}
		}
	})
}

func second2[T any](_ T, err error) error { return err }
