package population_test

import (
	"encoding/csv"
	"slices"
	"strings"
	"testing"
	"time"

	"dean06/data"
	"dean06/internal/citizen"
	"dean06/internal/org"
	"dean06/internal/platform/clock"
	"dean06/internal/population"
)

// changes are the lines of the changes of communes from 2022 to June 2025, by column.
func changes(t *testing.T) []map[string]string {
	t.Helper()
	f, err := data.FS.Open("admin/changes_2021_2025h1.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, row := range rows[1:] {
		r := map[string]string{}
		for i, column := range rows[0] {
			r[column] = row[i]
		}
		if r["level"] == "commune" {
			out = append(out, r)
		}
	}
	return out
}

// TestEveryNameThatEnded: each commune that was renamed, moved or merged from 2022 to June
// 2025 is what it was for a place recorded in it, is found by the name that ended, is refused
// from the day on which it ended, and leads to communes of today.
func TestEveryNameThatEnded(t *testing.T) {
	t.Parallel()
	u := units()
	day := func(d clock.Date) citizen.Day { return citizen.DayFrom(d) }
	ended, moved, orphans := 0, 0, 0
	for _, r := range changes(t) {
		if r["change"] == "added" || r["effective_date"] == "2025-03-01" && r["change"] != "removed" {
			continue // those of March 2025 are held against the list of June in org
		}
		on := clock.MustDate(r["effective_date"])
		eve := on.AddDays(-1)
		was, ok := u.Commune(r["code"], eve)
		if !ok || !org.SameSpelling(was.Name, r["old_full_name"]) || was.District != r["old_parent"] {
			t.Errorf("%s on %s: %+v, want %s in %s", r["code"], eve, was, r["old_full_name"], r["old_parent"])
			continue
		}
		at := population.Place{Province: was.Province, District: was.District, Commune: was.Code}
		if then := population.Named(u, at, day(eve)); len(then) != 1 || then[0].Name != was.Name {
			t.Errorf("a place in %s on %s: %+v", was.Code, eve, then)
		}
		all := population.Named(u, at, 0)
		if !slices.ContainsFunc(all, func(o population.Unit) bool { return o.Name == was.Name }) {
			t.Errorf("a place in %s of no known day: %+v", was.Code, all)
		}
		if org.SameSpelling(r["old_full_name"], r["new_full_name"]) { // it lies in another district
			moved++
			continue
		}
		if ended++; was.Last() != eve || !was.On(eve) || was.On(on) {
			t.Errorf("%s %s until %s, want %s", was.Code, was.Name, was.Last(), eve)
		}
		found := u.Called(citizen.Fold(was.Name))
		if !slices.Contains(found, was) {
			t.Errorf("%s is not found by the name %q", was.Code, was.Name)
		}
		now := u.Became(was, clock.Date{})
		if len(now) == 0 {
			orphans++
		}
		for _, o := range now {
			if !o.Current || o.District != "" || !u.Kin(was, o) {
				t.Errorf("%s became %+v", was.Code, o)
			}
		}
		if len(now) > 0 && len(u.Successors(was.Code)) == 0 {
			t.Errorf("%s has no successors", was.Code)
		}
	}
	if ended != 1086 || moved != 124 || orphans != 16 {
		t.Errorf("%d names ended, %d communes moved, %d without a receiver", ended, moved, orphans)
	}
}

// TestUnitsFollowEdits: an edit is seen at once, a name that begins tomorrow is not one of
// today, and a commune of today that is merged leads on.
func TestUnitsFollowEdits(t *testing.T) {
	t.Parallel()
	h, err := org.ReadHistory(data.FS)
	if err != nil {
		t.Fatal(err)
	}
	now := org.NewTerritory(*h)
	today := clock.MustDate("2026-12-31")
	c := &calendar{today}
	u := population.UnitsOf(func() *org.Territory { return now }, c)
	if v, _ := u.Commune("00004", clock.Date{}); !v.Current || v.Name != "Phường Ba Đình" {
		t.Fatalf("%+v", v)
	}
	names := len(u.Names())
	edited := org.History{Events: append(slices.Clone(h.Events), org.Event{ID: "x", Kind: org.Merged, On: clock.MustDate("2027-01-01")})}
	var into string
	for _, v := range h.Versions {
		if v.Code == "00008" && v.To.IsZero() {
			into = v.ID
		}
	}
	for _, v := range h.Versions {
		if v.Code == "00004" && v.To.IsZero() {
			v.To, v.Ended = clock.MustDate("2027-01-01"), "x"
			edited.Links = append(slices.Clone(h.Links), org.Link{Event: "x", From: v.ID, To: into, Whole: true, Main: true})
		}
		edited.Versions = append(edited.Versions, v)
	}
	now = org.NewTerritory(edited)
	if v, ok := u.Commune("00004", clock.Date{}); !ok || !v.Current || v.Last() != today {
		t.Errorf("on the last day: %+v", v)
	}
	c.Date = clock.MustDate("2027-01-01")
	v, ok := u.Commune("00004", clock.Date{})
	if !ok || v.Current {
		t.Errorf("after the last day: %+v", v)
	}
	if got := u.Successors("00004"); !slices.Contains(got, "00008") {
		t.Errorf("successors of a commune that was merged: %v", got)
	}
	if got := u.Became(v, clock.Date{}); len(got) != 1 || got[0].Code != "00008" {
		t.Errorf("became %+v", got)
	}
	if got := len(u.Names()); got != names {
		t.Errorf("%d names, then %d", names, got)
	}
}

// calendar shows a day.
type calendar struct{ clock.Date }

func (c *calendar) Now() time.Time { return c.Start() }

// TestSamePlaceOnItsDay: a code that is used again is another commune, and one that became
// part of another is the same ground.
func TestSamePlaceOnItsDay(t *testing.T) {
	t.Parallel()
	u := units()
	again := 0
	for _, n := range u.Names() {
		if n.Level != population.CommuneLevel || n.District != "" {
			continue
		}
		for _, was := range u.Coded(n.Code) {
			if was.District == "" || was.ID == n.ID {
				continue
			}
			again++
			old := population.Place{Province: was.Province, District: was.District, Commune: was.Code}
			for _, m := range population.Meant(u, old) {
				if m.District != was.District {
					t.Errorf("%+v means %+v", old, m)
				}
			}
			for _, m := range population.Meant(u, population.Place{Province: n.Province, Commune: n.Code}) {
				if m.District != "" {
					t.Errorf("%s today means %+v", n.Code, m)
				}
			}
		}
	}
	if again < 3184 {
		t.Errorf("only %d codes used again", again)
	}
	if strings.Count(strings.Join(u.Successors("00292"), " "), "00292") != 1 {
		t.Errorf("successors of Quỳnh Lôi: %v", u.Successors("00292"))
	}
}

// BenchmarkUnits asks as a load and a list do.
func BenchmarkUnits(b *testing.B) {
	u := units()
	at := population.Place{Province: "01", District: "007", Commune: "00292"}
	b.Run("commune", func(b *testing.B) {
		for b.Loop() {
			_, _ = u.Commune("00292", clock.MustDate("2024-12-31"))
		}
	})
	b.Run("named", func(b *testing.B) {
		for b.Loop() {
			_ = population.Named(u, at, 20241231)
		}
	})
	b.Run("successors", func(b *testing.B) {
		for b.Loop() {
			_ = u.Successors("00292")
		}
	})
	b.Run("made anew", func(b *testing.B) {
		h, err := org.ReadHistory(data.FS)
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			t := org.NewTerritory(*h)
			_, _ = population.UnitsOf(func() *org.Territory { return t }, clock.System{}).Commune("00292", clock.Date{})
		}
	})
}
