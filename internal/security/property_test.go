package security_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/security"
)

// Whatever people do with a dossier, in whatever order: it is approved only by who neither
// wrote in it nor told the facts, from level 3 on by another than who appraised it, after a
// decision that is there; what has ended stays as it is; its history only grows; and no act
// changes the value that it was asked of.
func TestAnyWayOfADossier(t *testing.T) {
	t.Parallel()
	b := book(t)
	people := []actor.Actor{author, unit, head, {Account: "dung", Roles: []string{security.Examiner}}, {}}
	rapid.Check(t, func(rt *rapid.T) {
		r := record()
		r.Facts = anyFacts(rt, "facts")
		r.By = rapid.SampledFrom(people[:4]).Draw(rt, "told by").Account
		rules := b.On(today)
		d, err := security.Begin("d1", r, rules, r.Facts, nil, rapid.SampledFrom(people).Draw(rt, "begun by"), now)
		if err != nil {
			rt.Fatal(err)
		}
		for range rapid.IntRange(1, 25).Draw(rt, "acts") {
			by := rapid.SampledFrom(people).Draw(rt, "by")
			before := d
			before.Steps, before.Authors = slices.Clone(d.Steps), slices.Clone(d.Authors)
			before.Subsystems = slices.Clone(d.Subsystems)
			var next security.Dossier
			what := rapid.SampledFrom([]string{"write", "submit", "appraise", "return", "approve", "withdraw", "replace"}).Draw(rt, "act")
			switch what {
			case "write":
				next, err = d.Write(by, rules, security.Level(rapid.IntRange(0, 6).Draw(rt, "level")), r.Facts, r.Facts, parts(), now)
			case "submit":
				next, err = d.Submit(by, rules, r, r.Facts, now, now.AddDate(0, 0, 15))
			case "appraise":
				next, err = d.Appraise(by, "Đạt", now)
			case "return":
				next, err = d.Return(by, "Sai", now)
			case "approve":
				next, err = d.Approve(by, rules, security.Paper{}, decision(), now)
			case "withdraw":
				next, err = d.Withdraw(by, "Thôi", now)
			case "replace":
				if d.State != security.Approved {
					continue
				}
				next = d.Replace(by, now)
			}
			d.Parts = before.Parts // maps are compared by what they hold
			if !reflect.DeepEqual(d, before) {
				rt.Fatalf("%s changed what it was asked of", what)
			}
			if err != nil {
				continue
			}
			if before.State == security.Withdrawn || before.State == security.Replaced {
				rt.Fatalf("%s went on with what was %s", what, before.State)
			}
			if len(next.Steps) != len(before.Steps)+1 || !reflect.DeepEqual(next.Steps[:len(before.Steps)], before.Steps) {
				rt.Fatalf("%s rewrote the history", what)
			}
			if least := security.Propose(rules, r.Facts).Level; next.State != security.Withdrawn && next.Level < least {
				rt.Fatalf("level %d of facts of level %d", next.Level, least)
			}
			if next.State == security.Appraised || next.State == security.Approved {
				if slices.Contains(next.Authors, next.Appraiser) || !slices.Contains(next.Authors, r.By) {
					rt.Fatalf("appraised by %s of %v", next.Appraiser, next.Authors)
				}
			}
			if next.State == security.Approved {
				if before.State != security.Appraised || slices.Contains(next.Authors, next.Approver) || next.Decision.File.SHA256 == "" || len(next.Missing()) > 0 {
					rt.Fatalf("approved by %s of %v after %s", next.Approver, next.Authors, before.State)
				}
				if next.Level >= 3 && next.Approver == next.Appraiser {
					rt.Fatal("appraised and approved by one")
				}
			}
			d = next
		}
	})
}

// anyStanding is a system in whatever state.
func anyStanding(rt *rapid.T, d security.Dossier, label string) security.Standing {
	s := security.Standing{Record: record(), Whole: anyFacts(rt, label+" whole")}
	if rapid.Bool().Draw(rt, label+" approved") {
		d.Level = security.Level(rapid.IntRange(1, 5).Draw(rt, label+" level"))
		if rapid.Bool().Draw(rt, label+" ends") {
			d.Decision.Until = today.AddDays(rapid.IntRange(-400, 400).Draw(rt, label+" until"))
		}
		s.Dossier = &d
	}
	if rapid.Bool().Draw(rt, label+" checked") {
		s.Checked = today.AddDays(-rapid.IntRange(0, 800).Draw(rt, label+" days"))
	}
	for range rapid.IntRange(0, 2).Draw(rt, label+" findings") {
		s.Findings = append(s.Findings, anyFinding(rt, label))
	}
	for range rapid.IntRange(0, 2).Draw(rt, label+" graces") {
		g := security.Grace{
			Until:      today.AddDays(rapid.IntRange(-40, 30).Draw(rt, label+" grace")),
			ApprovedBy: rapid.SampledFrom([]string{"", "em"}).Draw(rt, label+" by"),
			Subsystems: rapid.SampledFrom([][]string{nil, {"VN/GOV/H55/YTE"}, {"VN/GOV/H55/KHAC"}}).Draw(rt, label+" of"),
		}
		if rapid.Bool().Draw(rt, label+" ended") {
			g.EndedAt = now
		}
		s.Graces = append(s.Graces, g)
	}
	return s
}

func anyFinding(rt *rapid.T, label string) security.Finding {
	return security.Finding{
		Number: "PH", Severity: rapid.SampledFrom(security.Severities).Draw(rt, label+" severity"),
		State:  rapid.SampledFrom([]security.FindingState{security.FindingOpen, security.FindingMended, security.FindingClosed}).Draw(rt, label+" state"),
		Due:    today.AddDays(rapid.IntRange(-30, 30).Draw(rt, label+" due")).End(),
		Behind: rapid.SampledFrom([][]string{nil, {"VN/GOV/H55/YTE"}, {"VN/GOV/H55/KHAC"}}).Draw(rt, label+" behind"),
	}
}

func untilOf(list []security.Clearance) map[string]time.Time {
	out := map[string]time.Time{}
	for _, c := range list {
		out[c.Subsystem] = c.Until
	}
	return out
}

// Whatever is known of systems: one thing more in the way never lets a subsystem pass longer,
// time alone never opens, what stands in the way now is what closes now, and without an
// approved dossier or a grace for it nothing passes.
func TestNothingInTheWayOpens(t *testing.T) {
	t.Parallel()
	b := book(t)
	d := approved(t, record())
	rapid.Check(t, func(rt *rapid.T) {
		all := []security.Standing{anyStanding(rt, d, "one"), anyStanding(rt, d, "other")}
		before := security.Clearances(b, all)
		at := now.Add(time.Duration(rapid.Int64Range(-1000, 1000).Draw(rt, "hours")) * time.Hour)
		for _, c := range before {
			if c.Passes(at.Add(time.Hour)) && !c.Passes(at) {
				rt.Fatal("time alone opened it")
			}
			ok := false
			for _, s := range all {
				ok = ok || s.Dossier != nil && slices.Contains(s.Dossier.Subsystems, c.Subsystem)
				for _, g := range s.Graces {
					ok = ok || g.ApprovedBy != "" && g.EndedAt.IsZero() && slices.Contains(g.Subsystems, c.Subsystem)
				}
			}
			if !ok && !c.Until.IsZero() {
				rt.Fatalf("%s passes until %s and nobody let it", c.Subsystem, c.Until)
			}
		}
		for _, s := range all {
			if against := security.Against(b, s, at); len(s.Graces) == 0 && (len(against) == 0) != security.Clear(b, s).Passes(at) {
				rt.Fatalf("%d things are in the way, and it passes: %v", len(against), security.Clear(b, s).Passes(at))
			}
		}
		worse := slices.Clone(all)
		s := &worse[rapid.IntRange(0, 1).Draw(rt, "which")]
		switch rapid.SampledFrom([]string{"finding", "check", "grown", "grace", "decision"}).Draw(rt, "what") {
		case "finding":
			s.Findings = append(slices.Clone(s.Findings), anyFinding(rt, "more"))
		case "check":
			s.Checked = clock.Date{}
		case "grown":
			s.Whole.Harm = security.MostGrave
		case "grace":
			s.Graces = nil
		case "decision":
			if s.Dossier != nil && s.Dossier.Decision.Until.IsZero() {
				shorter := *s.Dossier
				shorter.Decision.Until = today
				s.Dossier = &shorter
			}
		}
		was := untilOf(before)
		for id, until := range untilOf(security.Clearances(b, worse)) {
			if until.After(was[id]) {
				rt.Fatalf("%s passed until %s, and with more in the way until %s", id, was[id], until)
			}
		}
	})
}

// No grace that may be asked for lasts longer than thirty days after today.
func TestNoGraceIsLonger(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		g := security.Grace{Until: today.AddDays(rapid.IntRange(-100, 100).Draw(rt, "days")), Reason: "Chờ"}
		may := security.CheckGrace(g, today) == nil
		if lasts := g.Until.End().Sub(today.End()); may != (lasts >= 0 && lasts <= security.MostGrace*24*time.Hour) {
			rt.Fatalf("until %s: %v", g.Until, may)
		}
	})
}
