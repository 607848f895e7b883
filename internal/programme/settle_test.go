package programme_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"dean06/internal/org"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/programme"
)

const why = "chuyển sang cơ quan khác"

// give adds a task and gives it to a set; it says which version it has now.
func (h house) give(t *testing.T, task programme.Task, sets ...programme.Set) (programme.Task, int) {
	t.Helper()
	task.Directives = []string{"hop0404"}
	task.Title, task.From = "Nhiệm vụ "+task.Code, h.Today()
	if task.Scope == "" {
		task.Scope, task.Level = programme.Specific, programme.Province
	}
	saved, err := h.SaveTask(t.Context(), coordinator, task, 0)
	if err != nil {
		t.Fatal(err)
	}
	for i, set := range sets {
		if _, err := h.Assign(t.Context(), coordinator, saved.ID, i+1, set); err != nil {
			t.Fatal(err)
		}
	}
	return saved, 1 + len(sets)
}

func (h house) states(t *testing.T, task string) map[programme.State]int {
	t.Helper()
	list, err := h.UnitTasks(t.Context(), coordinator, programme.Filter{Tasks: []string{task}}, programme.Cursor{}, 1000)
	if err != nil {
		t.Fatal(err)
	}
	out := map[programme.State]int{}
	for _, u := range list {
		out[u.State]++
	}
	return out
}

func wants(t *testing.T, what string, got map[programme.State]int, want map[programme.State]int) {
	t.Helper()
	if !maps.Equal(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

var provinces = programme.Set{Kinds: []org.Kind{org.KindProvince}}

// TestAnAssignmentEnds: from the day on, who has the task by no other set owes it no more;
// what is done stays, and yesterday does not know it.
func TestAnAssignmentEnds(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		task, version := h.give(t, programme.Task{Code: "END.1", Due: h.Today().AddDays(200)}, provinces, programme.Set{Agencies: []string{"H55", "G01"}})
		wants(t, "given", h.states(t, task.ID), map[programme.State]int{programme.Given: 35})
		u := h.find(t, task.ID, "H26", "")
		h.report(t, &u)
		if _, err := h.Act(t.Context(), reviewer, u.ID, u.Version, programme.Change{Act: programme.Accept}); err != nil {
			t.Fatal(err)
		}
		blocked := h.find(t, task.ID, "H13", "")
		if _, err := h.Act(t.Context(), focal("H13"), blocked.ID, blocked.Version, programme.Change{Act: programme.Block, Reason: "thiếu kinh phí"}); err != nil {
			t.Fatal(err)
		}
		today, tomorrow := h.Today(), h.Today().AddDays(1)
		for _, bad := range []struct {
			who     string
			version int
			set     int
			from    clock.Date
			reason  string
			want    fault.Kind
		}{
			{"reviewer", version, 0, tomorrow, why, fault.Denied},
			{"", version, 0, today.AddDays(-1), why, fault.Invalid},
			{"", version, 0, tomorrow, "vì", fault.Invalid},
			{"", version, 7, tomorrow, why, fault.NotFound},
			{"", version - 1, 0, tomorrow, why, fault.Conflict},
		} {
			who := coordinator
			if bad.who != "" {
				who = reviewer
			}
			if _, err := h.EndAssignment(t.Context(), who, task.ID, bad.version, bad.set, bad.from, bad.reason); fault.Of(err) != bad.want {
				t.Errorf("%+v: %v", bad, err)
			}
		}
		before := h.total(t, today)
		n, err := h.EndAssignment(t.Context(), coordinator, task.ID, version, 0, tomorrow, why)
		if err != nil || n != 0 {
			t.Fatalf("ends tomorrow: %d, %v", n, err)
		}
		h.night(t)
		wants(t, "ended", h.states(t, task.ID), map[programme.State]int{programme.Given: 2, programme.Done: 1, programme.Withdrawn: 32})
		if got := h.total(t, today); got != before {
			t.Errorf("yesterday: %+v, was %+v", got, before)
		}
		found, err := h.UnitTask(t.Context(), coordinator, blocked.ID)
		if err != nil || found.Events[0].Act != programme.End || found.Events[0].Reason != why || slices.Contains(found.Acts, programme.Restore) {
			t.Errorf("%v %+v %v", err, found.Events, found.Acts)
		}
		for act, want := range map[programme.Act]fault.Kind{programme.Restore: fault.Conflict, programme.Renew: fault.Invalid, programme.End: fault.Invalid} {
			_, err := h.Act(t.Context(), coordinator, blocked.ID, found.Version, programme.Change{Act: act, Reason: why})
			if fault.Of(err) != want {
				t.Errorf("%s of one of an ended assignment: %v", act, err)
			}
		}
		h.night(t)
		wants(t, "a night later", h.states(t, task.ID), map[programme.State]int{programme.Given: 2, programme.Done: 1, programme.Withdrawn: 32})
		if n, err = h.Assign(t.Context(), coordinator, task.ID, version+1, provinces); err != nil || n != 32 {
			t.Errorf("given anew: %d, %v", n, err)
		}
		wants(t, "given anew", h.states(t, task.ID), map[programme.State]int{programme.Given: 33, programme.Done: 1, programme.Blocked: 1})
	})
}

// TestAWholeTaskIsWithdrawn: nobody owes it or its parts, it counts no more, and taken back it
// is as it was.
func TestAWholeTaskIsWithdrawn(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		task, version := h.give(t, programme.Task{Code: "W.1", Due: h.Today().AddDays(100)}, provinces)
		part, _ := h.give(t, programme.Task{Code: "W.1.1", Parent: task.ID, Due: h.Today().AddDays(50)}, programme.Set{Agencies: []string{"H55", "H26"}})
		u := h.find(t, part.ID, "H55", "")
		h.report(t, &u)
		single := h.find(t, task.ID, "H13", "")
		if _, err := h.Act(t.Context(), coordinator, single.ID, 1, programme.Change{Act: programme.Withdraw, Reason: why}); err != nil {
			t.Fatal(err)
		}
		now := h.total(t, h.Today())
		h.night(t)
		if n, err := h.WithdrawTask(t.Context(), coordinator, task.ID, version, why); err != nil || n != 34 {
			t.Fatalf("withdrawn: %d, %v", n, err)
		}
		wants(t, "whole", h.states(t, task.ID), map[programme.State]int{programme.Withdrawn: 34})
		wants(t, "its part", h.states(t, part.ID), map[programme.State]int{programme.Withdrawn: 1, programme.Reported: 1})
		b, err := h.Books(t.Context(), coordinator, clock.Date{})
		if err != nil || b.Done(task.ID) || b.Done(part.ID) {
			t.Errorf("withdrawn is done: %v", err)
		}
		h.night(t)
		wants(t, "a night later", h.states(t, task.ID), map[programme.State]int{programme.Withdrawn: 34})
		if got := h.total(t, h.Today().AddDays(-2)); got != now {
			t.Errorf("the day before: %+v, was %+v", got, now)
		}
		if _, err := h.Assign(t.Context(), coordinator, task.ID, version+1, provinces); fault.Of(err) != fault.Conflict {
			t.Errorf("given while withdrawn: %v", err)
		}
		if _, err := h.SaveTask(t.Context(), coordinator, task, version+1); fault.Of(err) != fault.Conflict {
			t.Errorf("changed while withdrawn: %v", err)
		}
		if _, err := h.TakeBack(t.Context(), coordinator, part.ID, 3, why); fault.Of(err) != fault.Conflict {
			t.Errorf("a part of a withdrawn task taken back: %v", err)
		}
		if n, err := h.TakeBack(t.Context(), coordinator, task.ID, version+1, why); err != nil || n != 34 {
			t.Errorf("taken back: %d, %v", n, err)
		}
		wants(t, "taken back", h.states(t, task.ID), map[programme.State]int{programme.Given: 33, programme.Withdrawn: 1})
		wants(t, "its part", h.states(t, part.ID), map[programme.State]int{programme.Given: 1, programme.Reported: 1})
	})
}

// TestADueDateMoves: open unit tasks follow their task, but for one that was granted another.
func TestADueDateMoves(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		due := h.Today().AddDays(60)
		task, version := h.give(t, programme.Task{Code: "D.1", Due: due}, programme.Set{Agencies: []string{"H55", "H26", "H13"}})
		u := h.find(t, task.ID, "H55", "")
		for _, step := range []struct {
			who programme.Act
			due clock.Date
		}{{programme.AskTime, due.AddDays(30)}, {programme.Grant, clock.Date{}}} {
			who := thaiNguyen
			if step.who == programme.Grant {
				who = reviewer
			}
			var err error
			if u, err = h.Act(t.Context(), who, u.ID, u.Version, programme.Change{Act: step.who, Due: step.due, Reason: "chờ đấu thầu"}); err != nil {
				t.Fatal(err)
			}
		}
		done := h.find(t, task.ID, "H26", "")
		h.report(t, &done)
		task.Due = due.AddDays(10)
		saved, err := h.SaveTask(t.Context(), coordinator, task, version)
		if err != nil || len(saved.Sets) != 1 {
			t.Fatalf("%+v, %v", saved, err)
		}
		for agency, want := range map[string]clock.Date{"H55": due.AddDays(30), "H26": due, "H13": due.AddDays(10)} {
			if got := h.find(t, task.ID, agency, ""); got.Due != want {
				t.Errorf("%s: due %s, want %s", agency, got.Due, want)
			}
		}
		task.Every = programme.Monthly
		if _, err := h.SaveTask(t.Context(), coordinator, task, version+1); fault.Of(err) != fault.Invalid {
			t.Errorf("how often changed: %v", err)
		}
		if _, err := h.SaveTask(t.Context(), coordinator, saved, version); fault.Of(err) != fault.Conflict {
			t.Errorf("two at once: %v", err)
		}
	})
}

// report reports a unit task as done.
func (h house) report(t *testing.T, u *programme.UnitTask) {
	t.Helper()
	next, err := h.Act(t.Context(), focal(u.Agency), u.ID, u.Version, programme.Change{Act: programme.Report, Evidence: shown})
	if err != nil {
		t.Fatal(err)
	}
	*u = next
}

func (h house) total(t *testing.T, known clock.Date) programme.Count {
	t.Helper()
	a, err := h.RollUp(t.Context(), leader, programme.Question{By: programme.ByAgency, Known: known})
	if err != nil {
		t.Fatal(err)
	}
	return a.Total
}

// focal is who reports for an agency.
func focal(agency string) actor.Actor {
	return actor.Actor{Account: "focal:" + agency, Agency: agency, Roles: []string{programme.FocalPoint}}
}

// night lets a day pass, and the job of the night run.
func (h house) night(t *testing.T) {
	t.Helper()
	h.clock.Set(h.Today().AddDays(1).String() + " 01:20")
	if _, err := h.OpenPeriods(t.Context(), coordinator); err != nil {
		t.Fatal(err)
	}
}

// TestWhatWasKnownNeverChanges does anything to tasks and unit tasks, day after day: what the
// days before told stays, and the parts add up to the whole in every geography.
func TestWhatWasKnownNeverChanges(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		r := rand.New(rand.NewPCG(6, uint64(len(t.Name()))))
		type made struct {
			id      string
			version int
			sets    int
		}
		var tasks []*made
		told := map[clock.Date]programme.Count{}
		changed := 0
		for step := range 70 {
			if step%7 == 6 {
				told[h.Today()] = h.total(t, clock.Date{})
				h.night(t)
			}
			if len(tasks) < 2 || r.IntN(12) == 0 {
				every := programme.Recurring[r.IntN(3)]
				task, version := h.give(t, programme.Task{
					Code: fmt.Sprintf("R.%d", step), Every: every, Due: h.Today().AddDays(100 + r.IntN(200)), Level: programme.Province, Scope: programme.General,
				}, provinces)
				tasks = append(tasks, &made{id: task.ID, version: version, sets: 1})
				continue
			}
			m := tasks[r.IntN(len(tasks))]
			var err error
			switch r.IntN(6) {
			case 0:
				set := programme.Set{Agencies: []string{"H55", "H26", "G01"}[r.IntN(3):]}
				if r.IntN(3) == 0 {
					set = provinces
				}
				_, err = h.Assign(t.Context(), coordinator, m.id, m.version, set)
			case 1:
				_, err = h.EndAssignment(t.Context(), coordinator, m.id, m.version, r.IntN(m.sets), h.Today().AddDays(r.IntN(3)), why)
			case 2:
				_, err = h.WithdrawTask(t.Context(), coordinator, m.id, m.version, why)
			case 3:
				_, err = h.TakeBack(t.Context(), coordinator, m.id, m.version, why)
			case 4:
				var b *programme.Book
				if b, err = h.Books(t.Context(), coordinator, clock.Date{}); err == nil {
					task, _ := b.Task(m.id)
					is := *task
					is.Due = is.Due.AddDays(r.IntN(40) - 10)
					_, err = h.SaveTask(t.Context(), coordinator, is, m.version)
				}
			default:
				var list []programme.UnitTask
				if list, err = h.UnitTasks(t.Context(), coordinator, programme.Filter{Tasks: []string{m.id}}, programme.Cursor{}, 100); err == nil && len(list) > 0 {
					u := list[r.IntN(len(list))]
					side := programme.OfAgency
					who := focal(u.Agency)
					if r.IntN(2) == 0 {
						side, who = programme.OfCentre, coordinator
					}
					if acts := u.May(side); len(acts) > 0 {
						_, err = h.Act(t.Context(), who, u.ID, u.Version, programme.Change{
							Act: acts[r.IntN(len(acts))], Reason: why, Percent: 40, Due: h.Today().AddDays(300), Evidence: shown,
						})
					}
				}
			}
			if err == nil {
				changed++
			} else if kind := fault.Of(err); kind != fault.Conflict && kind != fault.Invalid {
				t.Fatalf("step %d: %v", step, err)
			}
			history, err := h.Versions(t.Context(), coordinator, programme.TaskDoc, m.id)
			if err != nil {
				t.Fatal(err)
			}
			m.version, m.sets = history[0].Version, len(history[0].Task.Sets)
		}
		if changed < 20 || len(told) < 8 {
			t.Fatalf("only %d changes on %d days", changed, len(told))
		}
		h.night(t)
		for known, want := range told {
			for _, geography := range []string{"2022-08-09", "2025-06-30", "2026-12-01"} {
				var whole programme.Count
				for i, by := range programme.Bys {
					a, err := h.RollUp(t.Context(), leader, programme.Question{By: by, Known: known, Geography: day(geography)})
					if err != nil {
						t.Fatal(err)
					}
					if i > 0 && a.Total != whole {
						t.Errorf("%s by %s in %s: %+v, want %+v", known, by, geography, a.Total, whole)
					}
					whole = a.Total
				}
				if whole != want {
					t.Errorf("%s in %s: %+v, told %+v", known, geography, whole, want)
				}
			}
		}
	})
}
