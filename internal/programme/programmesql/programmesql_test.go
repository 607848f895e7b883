package programmesql_test

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/programme"
	"dean06/internal/programme/programmesql"
)

var an = actor.Actor{Account: "an", Name: "An"}

func open(t *testing.T, db *sqldb.DB) *programmesql.Store {
	t.Helper()
	if err := errors.Join(audit.Migrate(t.Context(), db), programmesql.Migrate(t.Context(), db)); err != nil {
		t.Fatal(err)
	}
	return programmesql.New(db)
}

func day(s string) clock.Date { return clock.MustDate(s) }

func morning(s string) time.Time { return day(s).Start().Add(9 * time.Hour) }

// some makes unit tasks that differ in everything that is filtered by.
func some(r *rand.Rand, n int) []programme.UnitTask {
	out := make([]programme.UnitTask, n)
	for i := range out {
		from := day("2026-01-01").AddDays(r.IntN(300))
		u := programme.UnitTask{
			ID: fmt.Sprintf("u%04d", i), Task: "t" + strconv.Itoa(r.IntN(4)), Agency: "A" + strconv.Itoa(i), Level: programme.Levels[r.IntN(4)],
			Origin: "H0" + strconv.Itoa(r.IntN(5)), State: programme.States[r.IntN(len(programme.States))], From: from, Version: 1,
		}
		if r.IntN(6) > 0 {
			u.Due = from.AddDays(r.IntN(300))
		}
		if u.State == programme.Done || u.State == programme.Reported {
			u.DoneOn = from.AddDays(r.IntN(300))
		}
		out[i] = u
	}
	return out
}

// TestListsSayWhatRulesSay: the standings that are asked for in SQL are those of Judge.
func TestListsSayWhatRulesSay(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		s := open(t, db)
		r := rand.New(rand.NewPCG(1, 6))
		all := some(r, 600)
		if n, err := s.Give(t.Context(), all, an, morning("2026-01-01")); err != nil || n != len(all) {
			t.Fatal(n, err)
		}
		if n, err := s.Give(t.Context(), all, an, morning("2026-01-02")); err != nil || n != 0 {
			t.Fatalf("given twice: %d, %v", n, err)
		}
		today := day("2026-09-15")
		seen := 0
		for _, standing := range programme.Standings {
			want := map[string]bool{}
			for _, u := range all {
				if u.Stands(today).Standing == standing {
					want[u.ID] = true
				}
			}
			var after programme.Cursor
			var last programme.UnitTask
			for {
				page, err := s.UnitTasks(t.Context(), programme.Filter{Standing: standing, Day: today}, after, 7)
				if err != nil {
					t.Fatal(err)
				}
				for _, u := range page {
					if !want[u.ID] {
						t.Errorf("%s: %+v stands %s", standing, u, u.Stands(today).Standing)
					}
					delete(want, u.ID)
					seen++
					if last.ID != "" && !last.Due.IsZero() && (u.Due.Before(last.Due) && !u.Due.IsZero()) {
						t.Errorf("%s before %s", last.Due, u.Due)
					}
					last = u
				}
				if len(page) < 7 {
					break
				}
				after = programme.Cursor{Due: last.Due, ID: last.ID}
			}
			if len(want) > 0 {
				t.Errorf("%s: %d are not in the list", standing, len(want))
			}
		}
		if seen != len(all) {
			t.Errorf("%d of %d are in a list", seen, len(all))
		}
		for name, f := range map[string]programme.Filter{
			"task": {Tasks: []string{"t1", "t2"}}, "origin": {Origins: []string{"H01"}}, "level": {Level: programme.Commune},
			"state": {States: []programme.State{programme.Given, programme.Doing}}, "month": {Month: "2026-09"}, "agency": {Agencies: []string{"A7"}},
		} {
			page, err := s.UnitTasks(t.Context(), f, programme.Cursor{}, 1000)
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			for _, u := range all {
				if (f.Tasks == nil || slices.Contains(f.Tasks, u.Task)) && (f.Origins == nil || slices.Contains(f.Origins, u.Origin)) &&
					(f.Level == "" || u.Level == f.Level) && (f.States == nil || slices.Contains(f.States, u.State)) &&
					(f.Month == "" || !u.Due.IsZero() && u.Due.String()[:7] == f.Month) && (f.Agencies == nil || u.Agency == "A7") {
					n++
				}
			}
			if len(page) != n {
				t.Errorf("%s: %d, want %d", name, len(page), n)
			}
		}
		counts, err := s.Counts(t.Context(), []string{"A1", "A2", "nobody"}, today)
		if err != nil || len(counts) != 2 || counts[0].Of(all[1].Stands(today).Standing) != 1 {
			t.Errorf("%+v, %v", counts, err)
		}
	})
}

// cellsOf counts unit tasks as the tally does.
func cellsOf(list []programme.UnitTask) []programme.Cell {
	sums := map[programme.Cell]int{}
	for i := range list {
		sums[list[i].CellOf(0)]++
	}
	out := []programme.Cell{}
	for c, n := range sums {
		c.N = n
		out = append(out, c)
	}
	sorted(out)
	return out
}

func sorted(list []programme.Cell) {
	slices.SortFunc(list, func(a, b programme.Cell) int { return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
}

// TestTheTallyIsTheUnitTasks: after any acts the cells are what counting gives, and of a day
// before they are what they were then.
func TestTheTallyIsTheUnitTasks(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		s := open(t, db)
		r := rand.New(rand.NewPCG(2, 6))
		all := some(r, 40)
		for i := range all {
			all[i].State, all[i].DoneOn = programme.Given, clock.Date{}
		}
		if _, err := s.Give(t.Context(), all, an, morning("2026-01-01")); err != nil {
			t.Fatal(err)
		}
		then := map[string][]programme.Cell{"2026-01-01": cellsOf(all)}
		acts := []programme.Act{
			programme.Start, programme.Report, programme.Accept, programme.SendBack, programme.Block, programme.AskTime, programme.Grant, programme.Withdraw,
		}
		shown := []programme.Evidence{{Kind: programme.EvidenceFigure, Text: "12 hồ sơ"}}
		for n := range 200 {
			at := morning("2026-01-02").AddDate(0, 0, n)
			i := r.IntN(len(all))
			u, err := s.Change(t.Context(), all[i].ID, func(u programme.UnitTask) (programme.UnitTask, programme.Event, error) {
				return u.Do(actor.Actor{Account: strconv.Itoa(n)}, programme.Change{
					Act: acts[r.IntN(len(acts))], Reason: "lý do đủ dài", Evidence: shown, Due: latest(u.Due, clock.DayOf(at)).AddDays(30),
				}, at)
			})
			if err == nil {
				all[i] = u
			} else if fault.As(err) == nil {
				t.Fatal(err)
			}
			then[clock.DayOf(at).String()] = cellsOf(all)
		}
		for on, want := range then {
			b, err := s.Book(t.Context(), day(on))
			if err != nil {
				t.Fatal(err)
			}
			sorted(b.Cells)
			if !slices.Equal(b.Cells, want) {
				t.Fatalf("on %s: %v, want %v", on, b.Cells, want)
			}
		}
		if b, err := s.Book(t.Context(), day("2025-12-31")); err != nil || len(b.Cells) > 0 {
			t.Errorf("before the first: %v, %v", b.Cells, err)
		}
		u := all[0]
		events, err := s.Events(t.Context(), u.ID)
		if err != nil || len(events) != u.Version-1 || len(events) > 0 && events[0].State != u.State {
			t.Errorf("%+v: %d events, %v", u, len(events), err)
		}
	})
}

func latest(a, b clock.Date) clock.Date {
	if a.After(b) {
		return a
	}
	return b
}

// TestManyAtOnce: of those who do something to one unit task at once each sees what the
// others did, and none is lost.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		s := open(t, db)
		u := programme.UnitTask{ID: "u", Task: "t", Agency: "H55", State: programme.Doing, From: day("2026-01-01"), Due: day("2026-12-31"), Version: 1}
		if _, err := s.Give(t.Context(), []programme.UnitTask{u}, an, morning("2026-01-01")); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 12 {
			wg.Go(func() {
				if _, err := s.Change(t.Context(), "u", func(u programme.UnitTask) (programme.UnitTask, programme.Event, error) {
					return u.Do(an, programme.Change{Act: programme.Progress, Percent: u.Percent + 1}, morning("2026-02-01"))
				}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		got, err := s.UnitTask(t.Context(), "u")
		if err != nil || got.Percent != 12 || got.Version != 13 {
			t.Errorf("%+v, %v", got, err)
		}
		n, err := s.Revision(t.Context())
		if err != nil || n != 13 {
			t.Errorf("revision %d, %v", n, err)
		}
	})
}

func TestVersions(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		s := open(t, db)
		save := func(version int, on, state string) error {
			return s.Save(t.Context(), programme.Doc{
				Kind: programme.RecordDoc, ID: "r", Version: version, Day: day(on), At: morning(on), By: an,
				Record: &programme.Record{ID: "r", Kind: "law", State: state, Fields: map[string]string{"a": "đ'\"\n"}},
			})
		}
		if err := errors.Join(save(1, "2022-01-10", "to_amend"), save(2, "2022-03-01", "issued")); err != nil {
			t.Fatal(err)
		}
		for _, version := range []int{1, 2, 4} {
			if err := save(version, "2022-04-01", "x"); fault.Of(err) != fault.Conflict {
				t.Errorf("version %d: %v", version, err)
			}
		}
		for on, want := range map[string]string{"2022-01-09": "", "2022-01-10": "to_amend", "2022-02-28": "to_amend", "2022-03-01": "issued"} {
			b, err := s.Book(t.Context(), day(on))
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, r := range b.Of("law") {
				got = r.State
			}
			if got != want {
				t.Errorf("on %s it was %q, want %q", on, got, want)
			}
		}
		list, err := s.History(t.Context(), programme.RecordDoc, "r")
		if err != nil || len(list) != 2 || list[0].Version != 2 || list[0].By.Name != "An" || list[0].Record.Fields["a"] != "đ'\"\n" {
			t.Errorf("%+v, %v", list, err)
		}
		if _, err := s.UnitTask(t.Context(), "none"); fault.Of(err) != fault.NotFound {
			t.Errorf("none: %v", err)
		}
	})
}
