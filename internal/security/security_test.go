package security_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dean06/data"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/security"
)

var (
	author = actor.Actor{Account: "an", Agency: "H55", Roles: []string{security.Officer}}
	unit   = actor.Actor{Account: "binh", Agency: "H55", Roles: []string{security.UnitStaff}}
	head   = actor.Actor{Account: "chi", Agency: "H55", Roles: []string{security.HeadRole}}
	now    = time.Date(2026, 11, 30, 3, 0, 0, 0, time.UTC)
	today  = clock.DayOf(now)
)

func book(t testing.TB) security.Book {
	t.Helper()
	raw, err := data.Security.ReadFile("security/rules.json")
	if err != nil {
		t.Fatal(err)
	}
	b, err := security.ReadBook(raw)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func standards(t testing.TB) []security.Standard {
	t.Helper()
	raw, err := data.Security.ReadFile("security/standards.json")
	if err != nil {
		t.Fatal(err)
	}
	list, err := security.ReadStandards(raw)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func wants(t *testing.T, err error, kind fault.Kind, key string) {
	t.Helper()
	if f := fault.As(err); f == nil || f.Kind != kind || f.Key != key {
		t.Helper()
		t.Fatalf("got %v, want %s %s", err, kind, key)
	}
}

func TestProposedLevels(t *testing.T) {
	t.Parallel()
	old, recent := clock.MustDate("2026-11-30"), clock.MustDate("2027-01-01")
	for _, c := range []struct {
		name string
		day  clock.Date
		f    security.Facts
		want security.Level
		by   string // the criterion that decides
	}{
		{"nothing", old, security.Facts{}, 1, "information"},
		{"one person", old, security.Facts{People: 1}, 2, "personal"},
		{"9,999 people", old, security.Facts{People: 9999}, 2, "personal"},
		{"10,000 people", old, security.Facts{People: 10000}, 3, "people"},
		{"10,000 with sensitive data, all that was said", old, security.Facts{Sensitive: 10000}, 3, "people"},
		{"online", old, security.Facts{Service: security.Partial}, 3, "online"},
		{"information alone", old, security.Facts{Service: security.Information}, 2, "service"},
		{"of a province", old, security.Facts{Shared: security.Province}, 3, "shared"},
		{"of the nation, may stop", old, security.Facts{Shared: security.Nation}, 3, "shared"},
		{"of the nation, at all hours", old, security.Facts{Shared: security.Nation, Always: true}, 4, "nation"},
		{"most grave", old, security.Facts{Harm: security.MostGrave}, 5, "gravest"},
		{"procedures, by the rules before", old, security.Facts{Procedures: true}, 1, "information"},
		{"procedures, by the rules from 2027", recent, security.Facts{Procedures: true}, 3, "procedures"},
		{"10,000 people from 2027", recent, security.Facts{People: 10000}, 2, "personal"},
		{"100,000 people from 2027", recent, security.Facts{People: 100000}, 3, "people"},
		{"10,000 sensitive from 2027", recent, security.Facts{Sensitive: 10000}, 3, "sensitive"},
	} {
		p := security.Propose(book(t).On(c.day), c.f)
		if p.Level != c.want || p.Reasons[0].Code != c.by {
			t.Errorf("%s: level %d by %s, want %d by %s", c.name, p.Level, p.Reasons[0].Code, c.want, c.by)
		}
	}
}

func TestRulesOfADay(t *testing.T) {
	t.Parallel()
	b := book(t)
	for day, want := range map[string]string{
		"2010-01-01": "85/2016/NĐ-CP", "2026-12-31": "85/2016/NĐ-CP", "2027-01-01": "331/2026/NĐ-CP", "2040-01-01": "331/2026/NĐ-CP",
	} {
		if got := b.On(clock.MustDate(day)).Code; got != want {
			t.Errorf("%s: %s, want %s", day, got, want)
		}
	}
}

func anyFacts(rt *rapid.T, label string) security.Facts {
	return security.Facts{
		Service: security.Service(rapid.Int64Range(0, 3).Draw(rt, label+" service")), Procedures: rapid.Bool().Draw(rt, label+" procedures"),
		People: rapid.Int64Range(0, 300_000).Draw(rt, label+" people"), Sensitive: rapid.Int64Range(0, 20_000).Draw(rt, label+" sensitive"),
		Shared: security.Shared(rapid.Int64Range(0, 2).Draw(rt, label+" shared")), Always: rapid.Bool().Draw(rt, label+" always"),
		Secret: rapid.Bool().Draw(rt, label+" secret"), Harm: security.Harm(rapid.Int64Range(0, 2).Draw(rt, label+" harm")),
	}
}

// However a system is split, no part may claim less than the whole, and adding a part never
// lowers anything.
func TestASplitNeverLowers(t *testing.T) {
	t.Parallel()
	b := book(t)
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(1, 5).Draw(rt, "parts")
		var records []security.Record
		var all []security.Facts
		for i := range n {
			f := anyFacts(rt, fmt.Sprint(i))
			r := security.Record{Agency: "H55", System: fmt.Sprintf("s%d", i), Facts: f}
			if i > 0 {
				r.Whole = fmt.Sprintf("s%d", rapid.IntRange(0, i-1).Draw(rt, "of"))
			}
			records, all = append(records, r), append(all, f)
		}
		rules := b.On(today)
		whole := security.Propose(rules, security.Together(all...)).Level
		for _, r := range records {
			own := security.Propose(rules, r.Facts).Level
			if own > whole {
				rt.Fatalf("part %s is of level %d, the whole of %d", r.System, own, whole)
			}
			got := security.WholeOf(records, security.Of{Agency: r.Agency, System: r.System})
			if l := security.Propose(rules, got).Level; l != whole {
				rt.Fatalf("the whole of %s is of level %d, want %d", r.System, l, whole)
			}
			for l := security.Lowest; l <= security.Highest; l++ {
				if err := security.CheckLevel(rules, l, r.Facts, got); (err == nil) != (l >= whole) {
					rt.Fatalf("level %d of a whole of level %d: %v", l, whole, err)
				}
			}
		}
	})
}

func TestASplitIsRefusedByName(t *testing.T) {
	t.Parallel()
	rules := book(t).On(today)
	part := security.Facts{People: 6000}
	wants(t, security.CheckLevel(rules, 2, part, security.Together(part, part)), fault.Invalid, "security.level.split")
	wants(t, security.CheckLevel(rules, 1, part, part), fault.Invalid, "security.level.low")
	wants(t, security.CheckLevel(rules, 6, part, part), fault.Invalid, "security.level.none")
	list := []security.Record{{System: "a"}, {System: "b", Whole: "a"}}
	wants(t, security.CheckWhole(list, security.Of{System: "a"}, "b"), fault.Invalid, "security.whole.bad")
	wants(t, security.CheckWhole(list, security.Of{System: "a"}, "a"), fault.Invalid, "security.whole.bad")
	wants(t, security.CheckWhole(list, security.Of{System: "b"}, "x"), fault.Invalid, "security.whole.bad")
	wants(t, security.CheckSubsystems("H55", []string{"VN/GOV/H04/YTE"}), fault.Invalid, "security.subsystem.foreign")
	wants(t, security.CheckSubsystems("H55", []string{"VN/GOV/H55"}), fault.Invalid, "security.subsystem.bad")
}

// Two systems behind one subsystem are one when their levels are chosen, whatever they are
// called and whichever names it first; and so are three that are joined by two doors.
func TestWhatCallsThroughOneDoorIsOne(t *testing.T) {
	t.Parallel()
	rules := book(t).On(today)
	people := security.Facts{People: 6000}
	records := []security.Record{
		{System: "s1", Facts: people, Subsystems: []string{"VN/GOV/H55/YTE"}},
		{System: "a1", Facts: people, Subsystems: []string{"VN/GOV/H55/KHAM", "VN/GOV/H55/YTE"}},
		{System: "a2", Facts: people, Subsystems: []string{"VN/GOV/H55/KHAM"}},
		{System: "a3", Facts: people, Whole: "a2"},
		{System: "s9", Facts: people, Subsystems: []string{"VN/GOV/H55/KHAC"}},
	}
	for system, want := range map[string]int64{"s1": 24000, "a1": 24000, "a2": 24000, "a3": 24000, "s9": 6000} {
		for range 2 {
			slices.Reverse(records)
			whole := security.WholeOf(records, security.Of{System: system})
			if whole.People != want {
				t.Errorf("%s is one with %d people, want %d", system, whole.People, want)
			}
			if err := security.CheckLevel(rules, 2, people, whole); (err != nil) != (want > 10000) {
				t.Errorf("%s at level 2: %v", system, err)
			}
		}
	}
}

// An heir's system and one that it inherited add up as two of one agency do: behind one
// subsystem, or one a part of the other. Agencies that only have systems of the same name do not.
func TestAnHeirAndWhatItInheritedAddUp(t *testing.T) {
	t.Parallel()
	people := security.Facts{People: 6000}
	records := []security.Record{
		{Agency: "H55", System: "s1", Facts: people, Subsystems: []string{"VN/GOV/H55/YTE"}},
		{Agency: "H99", System: "s1", Facts: people, Subsystems: []string{"VN/GOV/H55/YTE"}},
		{Agency: "H99", System: "s2", Facts: people, Whole: "H55-s1"},
		{Agency: "H55", System: "s2", Facts: people, Whole: "H99-s2"},
		{Agency: "H04", System: "s1", Facts: people, Subsystems: []string{"VN/GOV/H04/YTE"}},
		{Agency: "H04", System: "s2", Facts: people, Whole: "s1"},
	}
	for _, r := range records {
		want := int64(24000)
		if r.Agency == "H04" {
			want = 12000
		}
		if got := security.WholeOf(records, security.Of{Agency: r.Agency, System: r.System}).People; got != want {
			t.Errorf("%s of %s is one with %d people, want %d", r.System, r.Agency, got, want)
		}
	}
	heir := security.Of{Agency: "H99", System: "s1"}
	if err := security.CheckWhole(records, heir, "H04-s1", "H99", "H55", "H04"); err != nil {
		t.Error(err)
	}
	wants(t, security.CheckWhole(records, heir, "H04-s1", "H99", "H55"), fault.Invalid, "security.whole.bad")
	wants(t, security.CheckWhole(records, security.Of{Agency: "H55", System: "s1"}, "H99-s2", "H99", "H55"), fault.Invalid, "security.whole.bad")
}

// decision is one that fits.
func decision() security.Decision {
	return security.Decision{Paper: security.Paper{Number: "2345/QĐ-UBND", Day: today}, File: security.File{Name: "qd.pdf", SHA256: "aa"}}
}

func record() security.Record {
	return security.Record{
		Agency: "H55", System: "s1", Name: "Một hệ thống", Asked: true, Facts: security.Facts{Service: security.Full}, Subsystems: []string{"VN/GOV/H55/YTE"},
	}
}

func parts() map[security.Part]string {
	out := map[security.Part]string{}
	for _, p := range security.PartsOf(security.Highest) {
		out[p] = "Nội dung"
	}
	return out
}

// approved is a dossier that has gone all the way.
func approved(t testing.TB, r security.Record) security.Dossier {
	t.Helper()
	rules := book(t).On(today)
	d, err := security.Begin("d1", r, rules, r.Facts, nil, author, now)
	for _, f := range []func() (security.Dossier, error){
		func() (security.Dossier, error) {
			return d.Write(author, rules, d.Level, r.Facts, r.Facts, parts(), now)
		},
		func() (security.Dossier, error) {
			return d.Submit(author, rules, r, r.Facts, now, now.AddDate(0, 0, 15))
		},
		func() (security.Dossier, error) { return d.Appraise(unit, "Đạt", now) },
		func() (security.Dossier, error) { return d.Approve(head, rules, security.Paper{}, decision(), now) },
	} {
		if err != nil {
			t.Fatal(err)
		}
		d, err = f()
	}
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDecisionsThatDoNotFit(t *testing.T) {
	t.Parallel()
	b := book(t)
	rules := b.On(today)
	r := record()
	d, _ := security.Begin("d1", r, rules, r.Facts, nil, author, now)
	_, err := d.Submit(author, rules, r, r.Facts, now, now)
	wants(t, err, fault.Invalid, "security.dossier.part_missing")
	d, _ = d.Write(author, rules, 3, r.Facts, r.Facts, parts(), now)
	d, err = d.Submit(author, rules, r, r.Facts, now, now)
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.Appraise(author, "Đạt", now)
	wants(t, err, fault.Denied, "security.dossier.own")
	d, _ = d.Appraise(unit, "Đạt", now)
	_, err = d.Approve(unit, rules, security.Paper{}, decision(), now)
	wants(t, err, fault.Denied, "security.dossier.own_appraisal")
	for name, change := range map[string]func(*security.Decision){
		"no number":       func(x *security.Decision) { x.Number = "" },
		"words":           func(x *security.Decision) { x.Number = "quyết định của tỉnh" },
		"of tomorrow":     func(x *security.Decision) { x.Day = today.AddDays(1) },
		"before it began": func(x *security.Decision) { x.Day = today.AddDays(-1) },
		"ended":           func(x *security.Decision) { x.Until = today.AddDays(-1) },
		"without a file":  func(x *security.Decision) { x.File = security.File{} },
	} {
		dec := decision()
		change(&dec)
		if _, err := d.Approve(head, rules, security.Paper{}, dec, now); err == nil {
			t.Errorf("%s: approved", name)
		}
	}
	_, err = d.Approve(head, b.On(clock.MustDate("2027-01-01")), security.Paper{}, decision(), now)
	wants(t, err, fault.Conflict, "security.dossier.regulation")
}

func TestFindingsNeedAnotherPersonsRetest(t *testing.T) {
	t.Parallel()
	f, err := security.NewFinding(security.Finding{Severity: security.Critical, Title: "Lỗ hổng"}, book(t).On(today), unit, now)
	if err != nil {
		t.Fatal(err)
	}
	if want := today.AddDays(7).End(); !f.Due.Equal(want) {
		t.Fatalf("due %s, want %s", f.Due, want)
	}
	if f.Overdue(f.Due.Add(-time.Second)) || !f.Overdue(f.Due) {
		t.Error("the term ends at midnight of its last day")
	}
	f, _ = f.Mend(author, "Đã cập nhật bản vá", now)
	_, err = f.Retest(author, true, "Tốt", now)
	wants(t, err, fault.Denied, "security.finding.own")
	if !f.Overdue(f.Due) {
		t.Error("what its agency says alone does not end a term")
	}
	f, _ = f.Retest(unit, false, "Vẫn còn", now)
	f, _ = f.Mend(unit, "Lần hai", now)
	_, err = f.Retest(unit, true, "Tốt", now)
	wants(t, err, fault.Denied, "security.finding.own")
	f, err = f.Retest(head, true, "Tốt", now)
	if err != nil || f.Open() || f.Overdue(f.Due.AddDate(1, 0, 0)) {
		t.Errorf("after a good retest: %v %+v", err, f)
	}
}

func TestIncidentsOweTwoReports(t *testing.T) {
	t.Parallel()
	i, err := security.NewIncident(security.Incident{Severity: security.High, Title: "Mã độc", Noticed: now.Add(-time.Hour)}, book(t).On(today), author, now)
	if err != nil {
		t.Fatal(err)
	}
	if r, due := i.Owes(); r != security.FirstReport || !due.Equal(now.Add(23*time.Hour)) {
		t.Errorf("owes %s by %s", r, due)
	}
	i, _ = i.Tell(author, "Ban đầu", now)
	if r, due := i.Owes(); r != security.FullReport || !due.Equal(now.Add(71*time.Hour)) {
		t.Errorf("owes %s by %s", r, due)
	}
	i, _ = i.Tell(author, "Đầy đủ", now)
	_, err = i.Tell(author, "Nữa", now)
	wants(t, err, fault.Conflict, "security.incident.told")
}

func TestControls(t *testing.T) {
	t.Parallel()
	s := security.StandardOn(standards(t), today)
	states := map[string]security.ControlState{}
	if got := security.Overall(s, 3, states); got != security.Unmet {
		t.Errorf("nothing said: %s", got)
	}
	for _, c := range s.Asked(3) {
		states[c.Code], _ = security.ControlState{}.Set(author, security.Met, "Phòng CNTT", "Biên bản")
	}
	if got := security.Overall(s, 3, states); got != security.Met || len(security.Lacking(s, 3, states, today)) != 0 {
		t.Errorf("all met: %s", got)
	}
	waf, err := security.ControlState{}.Set(author, security.Unmet, "", "")
	if err != nil {
		t.Fatal(err)
	}
	waf, _ = waf.Except(author, "Chờ mua sắm", today.AddDays(30), today)
	states["application.waf"] = waf
	if got := security.Lacking(s, 3, states, today); len(got) != 1 || got[0].Code != "application.waf" {
		t.Errorf("an exception that nobody approved counts: %v", got)
	}
	_, err = waf.ApproveException(author, today)
	wants(t, err, fault.Denied, "security.control.own")
	states["application.waf"], _ = waf.ApproveException(head, today)
	if got := security.Lacking(s, 3, states, today.AddDays(30)); len(got) != 0 {
		t.Errorf("on its last day: %v", got)
	}
	if got := security.Lacking(s, 3, states, today.AddDays(31)); len(got) != 1 {
		t.Errorf("after its last day: %v", got)
	}
	if got := security.Overall(s, 3, states); got != security.Partly {
		t.Errorf("an exception makes nothing met: %s", got)
	}
	_, err = security.ControlState{}.Set(author, security.Met, "", " ")
	wants(t, err, fault.Invalid, "security.control.evidence")
}

func standing(t testing.TB) security.Standing {
	t.Helper()
	r := record()
	d := approved(t, r)
	return security.Standing{Record: r, Whole: r.Facts, Dossier: &d, Checked: today.AddDays(-10)}
}

func TestTheGate(t *testing.T) {
	t.Parallel()
	b := book(t)
	finding := func(s security.Severity, state security.FindingState, due clock.Date) security.Finding {
		return security.Finding{Number: "PH-H55-001", Severity: s, State: state, Due: due.End()}
	}
	grace := func(days int, approvedBy string) security.Grace {
		return security.Grace{Until: today.AddDays(days), ApprovedBy: approvedBy}
	}
	fresh := today.AddDays(-10 + 365).End()
	for _, c := range []struct {
		name   string
		change func(*security.Standing)
		until  time.Time
		why    security.Obstacle
	}{
		{"all is well", func(*security.Standing) {}, fresh, security.CheckStale},
		{"no dossier", func(s *security.Standing) { s.Dossier = nil }, time.Time{}, security.NoDossier},
		{"never inspected", func(s *security.Standing) { s.Checked = clock.Date{} }, time.Time{}, security.NotChecked},
		{"the decision ends", func(s *security.Standing) { s.Dossier.Decision.Until = today }, today.End(), security.DossierEnded},
		{"the system has grown", func(s *security.Standing) { s.Whole.Harm = security.Grave }, time.Time{}, security.Outgrown},
		{"a critical finding in its term", func(s *security.Standing) {
			s.Findings = []security.Finding{finding(security.Critical, security.FindingOpen, today)}
		}, today.End(), security.FindingOverdue},
		{"one that its agency says is mended", func(s *security.Standing) {
			s.Findings = []security.Finding{finding(security.Critical, security.FindingMended, today.AddDays(-1))}
		}, today.Start(), security.FindingOverdue},
		{"one that a retest closed", func(s *security.Standing) {
			s.Findings = []security.Finding{finding(security.Critical, security.FindingClosed, today.AddDays(-1))}
		}, fresh, security.CheckStale},
		{"a high one overdue", func(s *security.Standing) {
			s.Findings = []security.Finding{finding(security.High, security.FindingOpen, today.AddDays(-1))}
		}, fresh, security.CheckStale},
		{"grace without a dossier", func(s *security.Standing) {
			s.Dossier, s.Graces = nil, []security.Grace{grace(3, "b")}
		}, today.AddDays(3).End(), security.NoDossier},
		{"grace that nobody approved", func(s *security.Standing) {
			s.Dossier, s.Graces = nil, []security.Grace{grace(3, "")}
		}, time.Time{}, security.NoDossier},
		{"grace that was taken back", func(s *security.Standing) {
			g := grace(3, "b")
			g.EndedAt = now
			s.Dossier, s.Graces = nil, []security.Grace{g}
		}, time.Time{}, security.NoDossier},
	} {
		s := standing(t)
		c.change(&s)
		got := security.Clear(b, s)
		if !got.Until.Equal(c.until) || got.Why != c.why {
			t.Errorf("%s: until %s because of %s, want %s, %s", c.name, got.Until, got.Why, c.until, c.why)
		}
	}
}

func TestGraceEndsAtMidnightInVietnam(t *testing.T) {
	t.Parallel()
	s := standing(t)
	s.Dossier, s.Graces = nil, []security.Grace{{Until: clock.MustDate("2026-12-03"), ApprovedBy: "b"}}
	c := security.Clear(book(t), s)
	last := time.Date(2026, 12, 3, 23, 59, 59, 0, clock.Zone)
	if !c.Passes(last) || c.Passes(last.Add(time.Second)) {
		t.Errorf("grace until 3 December ends at %s", c.Until.In(clock.Zone))
	}
}

func TestSubsystemsPassByWhatWasApprovedForThem(t *testing.T) {
	t.Parallel()
	b := book(t)
	good := standing(t)
	names := func(r *security.Record, ids ...string) { r.Subsystems = ids }
	// An officer names a subsystem in the record of a system that is approved: it waits for
	// a dossier, as nobody else has looked at that.
	names(&good.Record, "VN/GOV/H55/YTE", "VN/GOV/H55/KHAC")
	list := security.Clearances(b, []security.Standing{good})
	if len(list) != 2 || list[0].Subsystem != "VN/GOV/H55/KHAC" || list[0].Why != security.NoDossier || list[0].Passes(now) || !list[1].Passes(now) {
		t.Errorf("%+v", list)
	}
	// A draft that names another's subsystem closes nobody.
	draft := security.Standing{Record: security.Record{Agency: "H55", System: "s9", Subsystems: []string{"VN/GOV/H55/YTE"}}}
	list = security.Clearances(b, []security.Standing{draft, good})
	if i := slices.IndexFunc(list, func(c security.Clearance) bool { return c.Subsystem == "VN/GOV/H55/YTE" }); !list[i].Passes(now) || list[i].System != "s1" {
		t.Errorf("%+v", list)
	}
	// A name changes nothing.
	good.Record.Name = "Tên khác"
	if again := security.Clearances(b, []security.Standing{good}); !again[1].Passes(now) {
		t.Error("closed by a new name")
	}
}

func TestClosingWarnsDaysBefore(t *testing.T) {
	t.Parallel()
	c := func(id string, until time.Time) security.Clearance {
		return security.Clearance{Subsystem: id, Until: until}
	}
	list := security.Closing([]security.Clearance{
		c("far", today.AddDays(15).End()), c("edge", today.AddDays(14).End()), c("soon", today.End()), c("closed", now.Add(-time.Hour)), c("never", time.Time{}),
	}, now, 14)
	if len(list) != 2 || list[0].Subsystem != "soon" || list[1].Subsystem != "edge" {
		t.Errorf("%+v", list)
	}
	var warned []string
	for days := range 20 {
		if len(security.Warnings([]security.Clearance{c("x", today.AddDays(days).Start().Add(time.Hour))}, now)) > 0 {
			warned = append(warned, fmt.Sprint(days))
		}
	}
	if got := strings.Join(warned, " "); got != "1 3 7 14" {
		t.Errorf("warned %s days before", got)
	}
}

// A grace opens the subsystems for which it was given, and none that is written into the
// record later.
func TestGraceOpensWhatItWasGivenFor(t *testing.T) {
	t.Parallel()
	s := standing(t)
	s.Dossier = nil
	s.Record.Subsystems = []string{"VN/GOV/H55/KHAC", "VN/GOV/H55/YTE"}
	s.Graces = []security.Grace{{Until: today.AddDays(3), ApprovedBy: "b", Subsystems: []string{"VN/GOV/H55/YTE"}}}
	list := security.Clearances(book(t), []security.Standing{s})
	if len(list) != 2 || list[0].Passes(now) || !list[1].Passes(now) || !list[1].Grace {
		t.Errorf("%+v", list)
	}
}

// Nobody gets rid of a critical finding by another system behind the same subsystem, nor by
// splitting the system in two.
func TestACriticalFindingStays(t *testing.T) {
	t.Parallel()
	b := book(t)
	found := security.Finding{Agency: "H55", System: "s1", Number: "PH-H55-001", Severity: security.Critical, Due: now, Behind: []string{"VN/GOV/H55/YTE"}}
	before := standing(t)
	before.Dossier, before.Record.Subsystems, before.Findings = nil, nil, []security.Finding{found} // its approval was taken back
	other := standing(t)
	other.Record.System, other.Dossier.System = "a1", "a1"
	for state, passes := range map[security.FindingState]bool{security.FindingOpen: false, security.FindingMended: false, security.FindingClosed: true} {
		before.Findings[0].State = state
		list := security.Clearances(b, []security.Standing{before, other})
		if len(list) != 1 || list[0].Passes(now) != passes || !passes && (list[0].Why != security.FindingOverdue || list[0].Detail != "PH-H55-001") {
			t.Errorf("%s: %+v", state, list)
		}
	}
}

// What rules ask later, or other values of the same, closes nobody who was approved before;
// a system that grows is held to them.
func TestOtherRulesCloseNobodyOvernight(t *testing.T) {
	t.Parallel()
	s := standing(t)
	s.Checked = today.AddDays(-300)
	strict := book(t)
	for i := range strict {
		strict[i].CheckDays = map[security.Level]int{1: 1, 2: 1, 3: 1, 4: 1, 5: 1}
		strict[i].Criteria = append(slices.Clone(strict[i].Criteria), security.Criterion{Code: "all", Level: 4},
			security.Criterion{Code: "grave", Level: 5, AtLeast: map[string]int64{"harm": 1}})
	}
	gone := security.Book{strict[1]}
	for name, b := range map[string]security.Book{"other values": strict, "the decree is in the book no longer": gone} {
		if c := security.Clear(b, s); !c.Passes(now) || c.Why != security.CheckStale {
			t.Errorf("%s: %+v", name, c)
		}
		grown := s
		grown.Whole.Harm = security.Grave
		if c := security.Clear(b, grown); c.Passes(now) || c.Why != security.Outgrown {
			t.Errorf("%s, and it has grown: %+v", name, c)
		}
	}
}

func TestSubsystemsThatNoGatewayReads(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"VN/GOV/H55/.", "VN/GOV/H55/..", "VN/COM/H55/YTE", "VN/GOV/H55/-X", "VN/GOV/H55/Y/Z", "vn/gov/h55/yte", "VN/GOV/H55/Y\u200bTE"} {
		wants(t, security.CheckSubsystems("H55", []string{id}), fault.Invalid, "security.subsystem.bad")
	}
	// What the exchange takes can be named: small letters, and an instance for trials.
	for _, id := range []string{"VN/GOV/H55/yTe_2", "VN-TEST/GOV/H55/YTE", "VN/GOV/H55/" + strings.Repeat("A", 100)} {
		if err := security.CheckSubsystems("H55", []string{id}); err != nil {
			t.Errorf("%s: %v", id, err)
		}
	}
	var many []string
	for i := range 41 {
		many = append(many, fmt.Sprintf("VN/GOV/H55/S%d", i))
	}
	wants(t, security.CheckSubsystems("H55", many), fault.Invalid, "security.subsystem.many")
	if err := security.CheckSubsystems("H55", many[:40]); err != nil {
		t.Error(err)
	}
}
