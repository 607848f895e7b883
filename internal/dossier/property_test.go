package dossier_test

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dean06/internal/dossier"
	"dean06/internal/dossier/dossiertest"
	"dean06/internal/eform"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/procedure"
)

// overlays are the statuses that lie over a step, or end it.
var overlays = []dossier.Status{dossier.RefusedIntake, dossier.Supplement, dossier.FeeDue, dossier.Withdrawing, dossier.Stopped}

// follows are the statuses to which each may go, by the ten codes of the portal.
var follows = map[dossier.Status][]dossier.Status{
	dossier.New:         {dossier.Received, dossier.RefusedIntake, dossier.Supplement, dossier.FeeDue, dossier.Withdrawing},
	dossier.Received:    {dossier.InProcess, dossier.Supplement, dossier.FeeDue, dossier.Withdrawing, dossier.Stopped},
	dossier.InProcess:   {dossier.Supplement, dossier.FeeDue, dossier.Withdrawing, dossier.Stopped, dossier.Done},
	dossier.Supplement:  {dossier.New, dossier.Received, dossier.InProcess, dossier.Withdrawing, dossier.Stopped},
	dossier.FeeDue:      {dossier.New, dossier.Received, dossier.InProcess, dossier.Withdrawing, dossier.Stopped},
	dossier.Withdrawing: {dossier.Stopped},
	dossier.Done:        {dossier.HandedOver},
}

// sound says what is wrong with a dossier, whatever was done with it; "" for nothing.
func sound(w *dossiertest.World, d dossier.Dossier, actions []dossier.Action) string {
	if err := dossier.VerifyChain(actions, d); err != nil {
		return err.Error()
	}
	p := w.Packages.List[slices.IndexFunc(w.Packages.List, func(p *procedure.Package) bool { return p.Code == d.Procedure && p.Version == d.Package })]
	step, ok := p.Step(d.Step)
	over := slices.Contains(overlays, d.Status)
	open := 0
	for _, x := range d.Pauses {
		if x.To.IsZero() {
			open++
		} else if x.To.Before(x.From) {
			return "a pause ends before it begins"
		}
	}
	ended := slices.Contains([]dossier.Status{dossier.RefusedIntake, dossier.Stopped, dossier.Done, dossier.HandedOver}, d.Status)
	receipts, letting := 0, 0
	for _, r := range d.Results {
		if r.File == "" || r.Proof == "" {
			return "a paper is not there"
		}
		if r.Kind == dossier.PaperReceipt && r.Stands() {
			receipts++
		}
	}
	for i, x := range d.Supplements {
		if i > 0 && x.Supervisor == "" {
			letting++
		}
	}
	for i, a := range actions[1:] {
		if from := actions[i].To; a.To != from && !slices.Contains(follows[from], a.To) {
			return "a status that cannot follow: " + from.Key() + " to " + a.To.Key()
		}
	}
	waits := (d.Status == dossier.Supplement || d.Status == dossier.FeeDue) && !d.ReceivedAt.IsZero()
	for what, bad := range map[string]bool{
		"there is no such step":                    !ok,
		"status and step do not fit":               !over && d.Status != dossier.Status(step.Status),
		"two pauses are open":                      open > 1,
		"the clock runs while something is waited": waits && open == 0,
		"the clock stands and nothing is waited":   open > 0 && d.Status != dossier.Supplement && d.Status != dossier.FeeDue && d.Status != dossier.Withdrawing,
		"due though the clock stands":              !d.Due.IsZero() && (open > 0 || d.ReceivedAt.IsZero() || ended),
		"not due though the clock runs":            d.Due.IsZero() && open == 0 && !d.ReceivedAt.IsZero() && !ended,
		"received and never promised":              !d.ReceivedAt.IsZero() && d.Promised.IsZero(),
		"ended and not done":                       ended == d.DoneAt.IsZero(),
		"handed over":                              (d.Status == dossier.HandedOver) == d.HandedAt.IsZero(),
		"somebody has what has ended":              ended && d.Status != dossier.Done && d.Agency+d.Duty+d.Holder != "",
		"nobody has what runs":                     !ended && d.Agency == "",
		"several receipts stand":                   receipts > 1,
		"a second supplement that nobody let pass": letting > 0,
		"the child has a number of nowhere":        d.Answers["child.number"].Value.Text != "" && (d.Effect == nil || d.Effect.Number == ""),
		"extended and not":                         d.Extended != nil && d.Extended.Until.IsZero(),
	} {
		if bad {
			return what
		}
	}
	return ""
}

// TestWhateverPeopleDo: random acts of random people, in whatever order, leave a dossier
// sound, and what ended stays so.
func TestWhateverPeopleDo(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := dossiertest.New()
	filed, err := w.File(ctx, map[string]eform.Value{"copies.want": {Text: "yes"}, "copies.count": {Text: "1"}})
	if err != nil {
		t.Fatal(err)
	}
	back := w.Store.Mark()
	reached := map[dossier.Status]int{}
	rapid.Check(t, func(t *rapid.T) {
		back()
		w.Clock.Set("2026-12-01 08:30")
		w.Register.Away, w.Register.Refuses, w.Register.Asks = false, "", nil
		for range rapid.IntRange(1, 25).Draw(t, "acts") {
			w.Clock.Pass(time.Duration(rapid.SampledFrom([]int{1, 5, 60, 1440}).Draw(t, "minutes")) * time.Minute)
			d, err := w.Store.Dossier(ctx, filed.ID)
			if err != nil {
				t.Fatal(err)
			}
			who := rapid.SampledFrom(dossiertest.Everybody).Draw(t, "who")
			verb := rapid.SampledFrom(dossier.Verbs).Draw(t, "verb")
			if rapid.IntRange(0, 2).Draw(t, "sense") > 0 { // mostly what somebody may
				verb, who = likely(t, d)
			}
			switch verb {
			case dossier.Supply:
				supply(w, t, d)
			case dossier.Registered, dossier.EffectFailed:
				w.Register.Away = rapid.Bool().Draw(t, "away")
				w.Register.Refuses = rapid.SampledFrom([]string{"", "", "", "không ghi được"}).Draw(t, "refuses")
				_, _ = w.ReportWaiting(ctx, 10)
			default:
				act := saying(d, verb)
				act.Said.Until = clock.DayOf(d.Due).AddDays(rapid.IntRange(-1, 20).Draw(t, "longer"))
				act.Said.Refuse = rapid.IntRange(0, 3).Draw(t, "refuse") == 0
				if act.Said.Refuse {
					act.Said.Asked = dossiertest.Refusal()
				}
				if rapid.Bool().Draw(t, "letting") {
					act.Said.Letting = "được phép"
				}
				act.Version -= rapid.SampledFrom([]int{0, 0, 0, 0, 0, 1}).Draw(t, "behind")
				_, err := w.Do(ctx, who, d.Code, act)
				if fault.Of(err) == fault.Internal && err != nil {
					t.Fatalf("%s by %s: %v", verb, who.Account, err)
				}
			}
			now, err := w.Store.Dossier(ctx, filed.ID)
			if err != nil {
				t.Fatal(err)
			}
			actions, err := w.Store.Actions(ctx, filed.ID)
			if err != nil {
				t.Fatal(err)
			}
			if problem := sound(w, now, actions); problem != "" {
				t.Fatalf("after %s by %s: %s (status %d at %s, due %v, pauses %v)", verb, who.Account, problem, now.Status, now.Step, now.Due, now.Pauses)
			}
			reached[now.Status]++
		}
	})
	if len(reached) < 8 {
		t.Errorf("only the statuses of %v were reached", reached)
	}
}

// likely draws an act that succeeds for somebody in this status.
func likely(t *rapid.T, d dossier.Dossier) (dossier.Verb, actor.Actor) {
	by := func(name string) actor.Actor {
		i := slices.IndexFunc(dossiertest.Everybody, func(a actor.Actor) bool { return nameOf(a) == name })
		return dossiertest.Everybody[i]
	}
	if rapid.IntRange(0, 9).Draw(t, "on") > 2 { // one step on
		switch d.Step + d.Status.Key() {
		case "submitted" + dossier.New.Key():
			return dossier.Receive, dossiertest.Desk
		case "received" + dossier.Received.Key():
			return dossier.Take, dossiertest.Reviewer
		case "review" + dossier.InProcess.Key():
			return dossier.Propose, by(cmp.Or(d.Holder, "reviewer"))
		case "decide" + dossier.InProcess.Key():
			return dossier.Approve, dossiertest.Leader
		case "register" + dossier.InProcess.Key():
			return dossier.Registered, dossiertest.Program
		case "done" + dossier.Done.Key():
			return dossier.HandOver, dossiertest.Desk
		}
		switch d.Status {
		case dossier.Supplement:
			return dossier.Supply, dossiertest.Mother
		case dossier.FeeDue:
			return dossier.Pay, dossiertest.Desk
		}
	}
	table := possible[d.Status]
	verb := rapid.SampledFrom(slices.Sorted(maps.Keys(table))).Draw(t, "likely")
	return verb, by(rapid.SampledFrom(strings.Fields(table[verb])).Draw(t, "by"))
}

// supply answers a checklist, perhaps not wholly.
func supply(w *dossiertest.World, t *rapid.T, d dossier.Dossier) {
	ctx := t.Context()
	draft, err := w.StartSupply(ctx, dossiertest.Mother, d.Code)
	if err != nil {
		return
	}
	if rapid.IntRange(0, 4).Draw(t, "whole") > 0 {
		if draft, err = w.AttachPaper(ctx, dossiertest.Mother, draft.ID, draft.Version, w.Upload("birth_notice", dossier.ByUpload)); err != nil {
			t.Fatal(err)
		}
	}
	_, _ = w.Submit(ctx, dossiertest.Mother, draft.ID, dossier.Filing{Version: draft.Version})
}
