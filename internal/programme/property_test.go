package programme_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/programme"
)

var acts = []programme.Act{
	programme.Start, programme.Progress, programme.Block, programme.Resume, programme.Report, programme.Recall, programme.Accept,
	programme.SendBack, programme.Reopen, programme.AskTime, programme.Grant, programme.Refuse, programme.Withdraw, programme.Restore,
	programme.Assign, "burn",
}

// TestWhateverHappensToAUnitTask lets people do anything in any order: nobody confirms what
// they did, done is only what was accepted, and a due date moves only as somebody granted.
func TestWhateverHappensToAUnitTask(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		at := day("2026-01-05").Start().Add(9 * time.Hour)
		u := programme.UnitTask{ID: "u", Task: "t", Agency: "H55", State: programme.Given, From: day("2026-01-01"), Due: day("2026-06-30"), Version: 1}
		var reported, asked string
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			at = at.Add(time.Duration(rapid.IntRange(0, 900).Draw(t, "hours")) * time.Hour)
			by := actor.Actor{Account: rapid.SampledFrom([]string{"an", "binh", "chi"}).Draw(t, "who")}
			c := programme.Change{
				Act: rapid.SampledFrom(acts).Draw(t, "act"), Reason: rapid.SampledFrom([]string{"", "vì thiếu kinh phí"}).Draw(t, "reason"),
				Percent: rapid.IntRange(-1, 101).Draw(t, "percent"), Due: day("2026-01-01").AddDays(rapid.IntRange(0, 2000).Draw(t, "due")),
			}
			if rapid.Bool().Draw(t, "shown") {
				c.Evidence = []programme.Evidence{{Kind: programme.EvidenceFigure, Text: "1.204 hồ sơ"}}
			}
			next, e, err := u.Do(by, c, at)
			if err != nil {
				if fault.As(err) == nil {
					t.Fatalf("%s: %v is no fault", c.Act, err)
				}
				continue
			}
			side := programme.SideOf(c.Act)
			switch {
			case !slices.Contains(u.May(side), c.Act):
				t.Fatalf("%s happened, which May does not list in %s", c.Act, u.State)
			case c.Act == programme.Accept && by.Account == reported:
				t.Fatal("somebody accepted what they reported")
			case c.Act == programme.Grant && by.Account == asked:
				t.Fatal("somebody granted what they asked for")
			case programme.NeedsReason(c.Act) && c.Reason == "":
				t.Fatalf("%s without a reason", c.Act)
			case (next.State == programme.Done) != (c.Act == programme.Accept):
				t.Fatalf("%s leads to %s", c.Act, next.State)
			case next.State == programme.Done && (next.DoneOn.IsZero() || next.Percent != 100):
				t.Fatalf("done, and not: %+v", next)
			case next.State.Open() && !next.DoneOn.IsZero():
				t.Fatalf("open, and done on a day: %+v", next)
			case next.Due != u.Due && (c.Act != programme.Grant || !next.Due.After(u.Due)):
				t.Fatalf("%s moved the due date from %s to %s", c.Act, u.Due, next.Due)
			case next.Version != u.Version+1 || e.Version != next.Version || e.State != next.State || e.Day != clock.DayOf(at):
				t.Fatalf("the event does not tell it: %+v, %+v", next, e)
			}
			if c.Act == programme.Report {
				reported = by.Account
			}
			if c.Act == programme.AskTime {
				asked = by.Account
			}
			sum := 0
			for _, d := range programme.Deltas(&u, &next, e.Day) {
				sum += d.N
			}
			if sum != 0 {
				t.Fatalf("%s made %d unit tasks", c.Act, sum)
			}
			u = next
		}
	})
}

// TestStandingsOnlyGetWorse: as days pass and nothing happens, what was on track is at
// risk, then overdue, and never goes back; exactly one standing holds.
func TestStandingsOnlyGetWorse(t *testing.T) {
	t.Parallel()
	rank := map[programme.Standing]int{programme.StandOnTrack: 0, programme.StandAtRisk: 1, programme.StandBlocked: 1, programme.StandOverdue: 2}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.SampledFrom(programme.States).Draw(t, "state")
		from := day("2026-01-01").AddDays(rapid.IntRange(0, 300).Draw(t, "from"))
		due := from.AddDays(rapid.IntRange(0, 400).Draw(t, "span"))
		last := -1
		for n := range 500 {
			got := programme.Judge(s, false, from, due, from.AddDays(n))
			r, open := rank[got.Standing]
			if open != s.Open() {
				t.Fatalf("%s stands %s", s, got.Standing)
			}
			if open && r < last {
				t.Fatalf("%s went from %d back to %s", s, last, got.Standing)
			}
			if open && (got.Standing == programme.StandOverdue) != (n > from.DaysUntil(due)) {
				t.Fatalf("%s on day %d of %d", got.Standing, n, from.DaysUntil(due))
			}
			last = max(last, r)
		}
	})
}

// TestTheSumOfThePartsIsTheWhole: whatever the cells, by what they are parted, and in the
// geography of which day.
func TestTheSumOfThePartsIsTheWhole(t *testing.T) {
	t.Parallel()
	c := vietnam()
	var origins []string
	for _, a := range c.dir.Ever(day("2026-12-01")) {
		origins = append(origins, a.Code)
	}
	if len(origins) < 85 {
		t.Fatalf("only %d agencies", len(origins))
	}
	tasks := map[string]*programme.Task{
		"a": {ID: "a", Group: "data", Lead: "G01", Scope: programme.General}, "b": {ID: "b", Scope: programme.Specific, Parent: "a"},
		"c": {ID: "c", Group: "economy"},
	}
	geographies := map[clock.Date]*programme.Geography{}
	rapid.Check(t, func(t *rapid.T) {
		var cells []programme.Cell
		whole := 0
		for range rapid.IntRange(0, 60).Draw(t, "cells") {
			from := day("2022-01-01").AddDays(rapid.IntRange(0, 1500).Draw(t, "from"))
			cell := programme.Cell{
				Task: rapid.SampledFrom([]string{"a", "b", "c", "gone"}).Draw(t, "task"), Level: rapid.SampledFrom(programme.Levels).Draw(t, "level"),
				Origin: rapid.SampledFrom(origins).Draw(t, "origin"), State: rapid.SampledFrom(programme.States).Draw(t, "state"),
				From: from, Due: from.AddDays(rapid.IntRange(0, 1500).Draw(t, "due")), N: rapid.IntRange(0, 300).Draw(t, "n"),
				Late: rapid.Bool().Draw(t, "late"),
			}
			cells = append(cells, cell)
			if cell.State != programme.Withdrawn {
				whole += cell.N
			}
		}
		on := day("2021-11-01").AddDays(rapid.IntRange(0, 2000).Draw(t, "geography"))
		if geographies[on] == nil {
			geographies[on] = programme.GeographyOf(c, on)
		}
		g, today := geographies[on], day("2026-12-01")
		var first programme.Count
		for i, by := range programme.Bys {
			parts := programme.RollUp(cells, tasks, by, programme.Narrow{}, g, today)
			total := programme.Total(parts)
			if total.All() != whole {
				t.Fatalf("by %s in the geography of %s: %d, want %d", by, on, total.All(), whole)
			}
			if i > 0 && total != first {
				t.Fatalf("by %s: %+v, want %+v", by, total, first)
			}
			first = total
		}
		for _, part := range programme.RollUp(cells, tasks, programme.ByAgency, programme.Narrow{}, g, today) {
			if part.Key == "" {
				continue
			}
			if _, there := c.dir.Agency(part.Key, on); !there {
				t.Fatalf("%s was not there on %s", part.Key, on)
			}
			narrowed := programme.Total(programme.RollUp(cells, tasks, programme.ByTask, programme.Narrow{Agency: part.Key}, g, today))
			if narrowed != part.Count {
				t.Fatalf("%s in the geography of %s: %+v, want %+v", part.Key, on, narrowed, part.Count)
			}
		}
	})
}
