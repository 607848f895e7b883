package population_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/population"
)

// TestCuriosity: what makes an officer's look-ups unusual.
func TestCuriosity(t *testing.T) {
	t.Parallel()
	monday := time.Date(2026, 11, 16, 3, 0, 0, 0, time.UTC)
	type ask struct {
		officer, service, dossier string
		at                        time.Time
		request                   string
		persons                   int
		batch                     population.Batch
		of                        citizen.Number
	}
	day := func(n int) time.Time { return monday.AddDate(0, 0, n) }
	for name, tt := range map[string]struct {
		asks func(add func(times int, a ask))
		want map[population.ReasonKind]int
	}{
		"the work of every day": {func(add func(int, ask)) { add(9, ask{dossier: "d", at: monday, of: thu}) }, nil},
		"without dossiers": {
			func(add func(int, ask)) { add(10, ask{at: monday, of: thu}) }, map[population.ReasonKind]int{population.NoDossier: 10},
		},
		"at night and on Sunday": {func(add func(int, ask)) {
			add(3, ask{dossier: "d", at: monday.Add(14 * time.Hour), of: thu})
			add(3, ask{dossier: "d", at: day(6), of: thu})
		}, map[population.ReasonKind]int{population.OddHours: 6}},
		"guesses": {
			func(add func(int, ask)) { add(15, ask{dossier: "d", at: monday}) }, map[population.ReasonKind]int{population.NotFoundMany: 15},
		},
		"one person again and again": {func(add func(int, ask)) {
			for i := range 4 {
				add(1, ask{dossier: "d", at: day(i), of: boy})
			}
		}, map[population.ReasonKind]int{population.SamePerson: 4}},
		"one family": {func(add func(int, ask)) {
			for i := range 4 {
				add(1, ask{dossier: "d", at: day(i), of: []citizen.Number{father, mother}[i%2]})
			}
		}, map[population.ReasonKind]int{population.SameFamily: 4}},
		"their own": {
			func(add func(int, ask)) { add(1, ask{officer: "girl", dossier: "d", at: monday, of: girl}) },
			map[population.ReasonKind]int{population.OwnRelatives: 1},
		},
		"far more than others": {func(add func(int, ask)) {
			for i := range 5 {
				add(1, ask{officer: fmt.Sprint("other", i), dossier: "d", at: monday, persons: 6, of: thu})
			}
			add(1, ask{dossier: "d", at: monday, persons: 31, of: thu})
		}, map[population.ReasonKind]int{population.ManyPeople: 31}},
		"one's own question": {func(add func(int, ask)) { add(40, ask{service: population.ServiceUsage, at: monday}) }, nil},
		"a system at work": {func(add func(int, ask)) {
			add(400, ask{officer: "-", at: monday.Add(14 * time.Hour), of: thu})
			add(15, ask{officer: "-", at: monday})
			add(3, ask{officer: "-", service: population.ServiceMatch, at: monday, persons: 300, of: thu})
		}, nil},
		"a system that guesses": {
			func(add func(int, ask)) { add(40, ask{officer: "-", at: monday}) }, map[population.ReasonKind]int{population.NotFoundMany: 40},
		},
		"a system with large batches": {func(add func(int, ask)) {
			add(2, ask{officer: "-", service: population.ServiceMatch, at: monday, persons: 500, of: thu})
		}, map[population.ReasonKind]int{population.Batches: 1000}},
		"batches of an officer, each person of them without a dossier": {func(add func(int, ask)) {
			add(1, ask{service: population.ServiceMatch, at: monday, persons: 120, of: thu})
		}, map[population.ReasonKind]int{population.Batches: 120, population.NoDossier: 120}},
		"guesses in one batch": {func(add func(int, ask)) {
			add(1, ask{service: population.ServiceMatch, dossier: "d", at: monday, persons: 20, batch: population.Batch{Missed: 18}, of: thu})
		}, map[population.ReasonKind]int{population.NotFoundMany: 18}},
		"numbers in a row in a batch": {func(add func(int, ask)) {
			add(1, ask{service: population.ServiceMatch, dossier: "d", at: monday, persons: 20, batch: population.Batch{InRow: 9}, of: thu})
		}, map[population.ReasonKind]int{population.InRow: 9}},
		"numbers in a row": {func(add func(int, ask)) {
			for i := range 8 {
				add(1, ask{dossier: "d", at: monday, of: citizen.NumberOf(1, 1990, citizen.Male, 1000+9*i)})
			}
		}, map[population.ReasonKind]int{population.InRow: 8}},
		"people of one village": {func(add func(int, ask)) {
			for i := range 20 {
				add(1, ask{dossier: "d", at: monday, of: citizen.NumberOf(1, 1990, citizen.Male, 1000+i/2*400+i%2)})
			}
		}, nil},
		"birth days tried out": {func(add func(int, ask)) {
			add(10, ask{service: population.ServiceMatch, dossier: "d", at: monday, of: thu})
		}, map[population.ReasonKind]int{population.Probing: 10}},
		"the same claim on many days": {func(add func(int, ask)) {
			for i := range 3 {
				add(9, ask{service: population.ServiceMatch, dossier: "d", at: day(i), of: thu})
			}
		}, nil},
		"searches that find nobody": {func(add func(int, ask)) {
			add(30, ask{service: population.ServiceSearch, at: monday})
		}, map[population.ReasonKind]int{population.EmptySearch: 30}},
		"a list in slices": {func(add func(int, ask)) {
			for i := range 12 {
				add(3, ask{service: population.ServiceList, dossier: "d", request: fmt.Sprint(i), at: day(i / 6), persons: 5000, of: thu})
			}
		}, map[population.ReasonKind]int{population.ManyLists: 6}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, m := village()
			r.Officer = func(_, officer string) (citizen.Number, bool) { return girl, officer == "girl" }
			tt.asks(func(times int, a ask) {
				for range times {
					l := population.Lookup{
						At: a.at, Client: "c", Agency: "H55", Officer: a.officer, Service: population.ServiceFacts, Dossier: a.dossier,
						Persons: max(1, a.persons), Outcome: population.Answered, Batch: a.batch, RequestID: a.request,
					}
					switch {
					case l.Officer == "":
						l.Officer = "canbo"
					case l.Officer == "-":
						l.Officer = ""
					}
					if a.service != "" {
						l.Service = a.service
					}
					e := population.Entry{Lookup: l}
					if !a.of.IsZero() {
						e.Subjects = []citizen.Number{a.of}
					} else {
						e.Outcome = population.NotFound
					}
					if err := m.Log(t.Context(), e); err != nil {
						t.Fatal(err)
					}
				}
			})
			found, err := findings(t.Context(), r, monday, day(14))
			if err != nil {
				t.Fatal(err)
			}
			got := map[population.ReasonKind]int{}
			for _, f := range found {
				for _, why := range f.Reasons {
					got[why.Kind] = why.Count
				}
			}
			if !maps.Equal(got, tt.want) {
				t.Errorf("reasons = %v, want %v", got, tt.want)
			}
		})
	}
}

// TestStatistics: counts are kept for some minutes, in both geographies.
func TestStatistics(t *testing.T) {
	t.Parallel()
	r, m := village()
	s, err := statistics(t.Context(), r)
	if err != nil || s.Living != 7 || s.Dead != 1 || s.Missing != 1 || s.Households != 5 {
		t.Fatalf("%+v, %v", s, err)
	}
	if want := []population.PlaceCount{{Code: "01", Count: 7}}; !slices.Equal(s.Provinces, want) || !slices.Equal(s.Provinces63, want) {
		t.Errorf("provinces = %v, %v", s.Provinces, s.Provinces63)
	}
	if a := s.Ages[5]; a.From != 25 || a.Male != 1 || s.Ages[3].Female != 1 {
		t.Errorf("ages = %+v", s.Ages)
	}
	if s.Events[0].Month != "2026-01" || s.Lookups[0].Day != "2026-01-01" {
		t.Errorf("order = %+v, %+v", s.Events, s.Lookups)
	}
	delete(m.persons, thu)
	if again, err := statistics(t.Context(), r); err != nil || again.Living != 7 {
		t.Errorf("kept = %+v, %v", again, err)
	}
	for province, commune := range map[string]string{"08": "00691", "02": "00688", "99": "x"} {
		p := m.persons[boy]
		p.Permanent = population.Place{Province: province, Commune: commune}
		m.persons[boy] = p
		r, _ := village()
		r.Store = m
		if s, err := statistics(t.Context(), r); err != nil || len(s.Provinces) != 2 {
			t.Errorf("%s/%s: %+v, %v", province, commune, s.Provinces, err)
		}
	}
}
