package populationsql_test

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/population"
	"dean06/internal/population/populationsql"
)

var newHome = population.Place{Province: "01", Commune: "00097", Detail: "Số 2 phố Mới"}

// keys are the message keys of what is wrong.
func keys(err error) []string {
	var out []string
	if list, ok := err.(fault.List); ok { //nolint:errorlint // the register gives the list itself
		for _, f := range list {
			out = append(out, f.Field+":"+f.Key)
		}
	} else if f := fault.As(err); f != nil {
		out = append(out, f.Field+":"+f.Key)
	}
	slices.Sort(out)
	return out
}

func record(t *testing.T, r *population.Register, e population.Event) population.Recorded {
	t.Helper()
	out, err := r.Record(t.Context(), clerk, e)
	if err != nil {
		t.Fatalf("record %s: %v", e.Kind, err)
	}
	return out
}

func state(t *testing.T, r *population.Register, n citizen.Number) population.Person {
	t.Helper()
	v, err := r.View(t.Context(), atDesk, n)
	if err != nil {
		t.Fatal(err)
	}
	// What is stored is what follows from the events.
	at, err := r.At(t.Context(), atDesk, n, clock.Date{}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(at, v.Person, numbers); d != "" {
		t.Errorf("stored state (-events +stored):\n%s", d)
	}
	return v.Person
}

func TestALife(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		r, _ := register(t, db)
		load(t, r, thuFamily())
		day := citizen.MustDay

		// A child is born; the number fits province, year and sex.
		birth := population.Event{ID: "form-1", Kind: population.Birth, On: day("2026-11-01"), Facts: population.Person{
			Name: "nguyễn  văn mới", Sex: citizen.Male, Birthplace: population.Place{Province: "01", Commune: "00097"},
			Mother: population.Relative{Number: wife}, Father: population.Relative{Number: thu},
		}}
		seen, err := r.Preview(ctx, atDesk, birth)
		if err != nil || len(seen.Persons) != 1 {
			t.Fatalf("preview = %+v, %v", seen, err)
		}
		born := record(t, r, birth)
		child := born.Persons[0]
		if n := child.Number; n.Province() != "001" || n.Year() != 2026 || n.Sex() != citizen.Male {
			t.Errorf("number = %s", n.Reveal())
		}
		if child.Household != "000000001" || child.Relation != "CH03" || child.Permanent.Commune != "00001" || child.Name != "nguyễn văn mới" ||
			child.Ethnicity != "01" {
			t.Errorf("child = %+v", child)
		}
		if again := record(t, r, birth); !again.Again || again.Persons[0].Number != child.Number {
			t.Errorf("second click = %+v", again)
		}

		// They move, all three; then the mother alone, to a household of her own.
		record(
			t, r,
			population.Event{
				Kind: population.MovePerm, On: day("2026-11-05"), Number: thu, Members: []citizen.Number{wife, child.Number},
				Facts: population.Person{Permanent: newHome},
			},
		)
		p := state(t, r, child.Number)
		if p.Permanent.Commune != "00097" || p.Household != "000000001" || p.PermanentSince != day("2026-11-05") {
			t.Errorf("moved = %+v", p)
		}
		split := record(
			t, r, population.Event{Kind: population.Split, On: day("2026-11-06"), Number: thu, Members: []citizen.Number{child.Number}},
		)
		if w := state(t, r, wife); w.Relation != population.HeadOfHousehold || w.Household != "000000001" {
			t.Errorf("who stays = %+v, want head", w)
		}
		if p := state(t, r, thu); p.Relation != population.HeadOfHousehold || p.Household != "000000003" ||
			split.Event.Facts.Household != "000000003" {
			t.Errorf("who left = %+v", p)
		}
		if p := state(t, r, child.Number); p.Relation != "CH03" || p.Household != "000000003" {
			t.Errorf("child = %+v", p)
		}
		record(t, r, population.Event{
			Kind: population.Join, On: day("2026-11-07"), Number: thu, Members: []citizen.Number{child.Number},
			Facts:     population.Person{Household: "1", Relation: "CH02"},
			Relations: map[citizen.Number]string{child.Number: "CH03"},
		})
		if p := state(t, r, thu); p.Household != "000000001" || p.Relation != "CH02" {
			t.Errorf("joined = %+v", p)
		}

		// Divorce, and a death that leaves a widow.
		record(t, r, population.Event{Kind: population.Divorce, On: day("2026-11-08"), Number: thu, Other: wife})
		if p := state(t, r, wife); p.Marital != population.Alone || !p.Spouse.IsZero() {
			t.Errorf("divorced = %+v", p)
		}
		record(t, r, population.Event{Kind: population.Death, On: day("2026-11-09"), Number: baba})
		if p := state(t, r, citizen.MustNumber("001162000001")); p.Marital != population.Alone || p.Relation != population.HeadOfHousehold {
			t.Errorf("widow = %+v", p)
		}
		if p := state(t, r, baba); p.Life != population.Dead || p.Ended != day("2026-11-09") || p.Household != "" {
			t.Errorf("dead = %+v", p)
		}
		record(
			t, r,
			population.Event{Kind: population.NameChange, On: day("2026-11-10"), Number: thu, Facts: population.Person{Name: "Nguyễn Văn Thành"}},
		)
		record(
			t, r,
			population.Event{
				Kind: population.NewCard, On: day("2026-11-10"), Number: thu,
				Facts: population.Person{Cards: []population.Card{{Kind: "CC", Serial: "B2"}}},
			},
		)
		if p := state(t, r, thu); p.Name != "Nguyễn Văn Thành" || p.OtherNames[0] != "Nguyễn Văn Thử" || p.Cards[0].Serial != "B2" ||
			len(p.Cards) != 2 || len(p.OldNumbers) != 2 {
			t.Errorf("new name and card = %+v", p)
		}

		// A correction sets the day of death right, and the past as it was known stays.
		v, err := r.View(ctx, atDesk, baba)
		if err != nil {
			t.Fatal(err)
		}
		death := v.Events[0]
		fix := record(
			t, r,
			population.Event{
				Kind: population.Correction, Number: baba, Corrects: death.ID, Fields: []population.Field{population.FieldLife},
				Facts: population.Person{Ended: day("2026-11-04")},
			},
		)
		at, err := r.At(ctx, atDesk, baba, clock.MustDate("2026-11-06"), time.Time{})
		if err != nil || at.Life != population.Dead || at.Ended != day("2026-11-04") {
			t.Errorf("corrected = %+v, %v", at, err)
		}
		at, err = r.At(ctx, atDesk, baba, clock.MustDate("2026-11-06"), fix.Event.RecordedAt.Add(-time.Microsecond))
		if err != nil || at.Life != population.Alive {
			t.Errorf("as known before = %+v, %v", at, err)
		}
		// A correction of the correction.
		record(
			t, r,
			population.Event{
				Kind: population.Correction, Number: baba, Corrects: fix.Event.ID, Fields: []population.Field{population.FieldLife},
				Facts: population.Person{Life: population.Dead, Ended: day("2026-11-05")},
			},
		)
		if p := state(t, r, baba); p.Ended != day("2026-11-05") {
			t.Errorf("corrected again = %+v", p)
		}
		// The load itself can be corrected.
		v, err = r.View(ctx, atDesk, wife)
		if err != nil {
			t.Fatal(err)
		}
		first := v.Events[len(v.Events)-1]
		record(
			t, r,
			population.Event{
				Kind: population.Correction, Number: wife, Corrects: first.ID, Fields: []population.Field{population.FieldName},
				Facts: population.Person{Name: "Lê Thị Vỡ"},
			},
		)
		if p := state(t, r, wife); p.Name != "Lê Thị Vỡ" || p.Version != 5 {
			t.Errorf("corrected name = %q, version %d", p.Name, p.Version)
		}

		// An event that comes late says what was, not what is.
		recordAnswered(
			t, r,
			population.Event{
				Kind: population.MovePerm, On: day("2026-11-02"), Number: wife,
				Facts: population.Person{Permanent: population.Place{Province: "01", Commune: "00004"}, Household: "2", Relation: "CH10"},
			},
		)
		if p := state(t, r, wife); p.Permanent.Commune != "00097" {
			t.Errorf("after a late event = %+v", p.Permanent)
		}

		// The feed has each change of each person, in order.
		waiting, err := jobs.List(ctx, db, jobs.Filter{Kind: "outbox." + populationsql.Topic, Limit: 1000})
		if err != nil || len(waiting) < 15 {
			t.Errorf("feed = %d changes, %v", len(waiting), err)
		}
	})
}

func TestRulesOfEvents(t *testing.T) {
	t.Parallel()
	db := sqldbtest.OpenSQLite(t)
	r, _ := register(t, db)
	people := thuFamily()
	girl, boy, gone := crowd(1)[0], crowd(1)[0], crowd(1)[0]
	girl.Number, girl.Birth, girl.Sex = citizen.MustNumber("001308000001"), citizen.MustDay("2008-12-01"), citizen.Female
	girl.Name, girl.OldNumbers, girl.Household = "Trần Thị Nhỏ", nil, "000000500"
	boy.Number, boy.Birth, boy.Sex = citizen.MustNumber("001200000001"), citizen.MustDay("2000"), citizen.Male
	boy.Name, boy.OldNumbers, boy.Household = "Trần Văn Lớn", nil, "000000501"
	gone.Number, gone.Life, gone.Ended = citizen.MustNumber("001050000001"), population.Dead, citizen.MustDay("2020-01-01")
	gone.Household, gone.Relation, gone.OldNumbers = "", "", nil
	if got := load(t, r, append(people, girl, boy, gone)); got.Loaded != 7 {
		t.Fatalf("load = %+v", got)
	}
	on := citizen.MustDay("2026-11-20")
	person := func(f func(*population.Person)) (p population.Person) { f(&p); return p }
	tests := []struct {
		name string
		e    population.Event
		want string
	}{
		{"no kind", population.Event{Kind: "x", Number: thu, On: on}, "kind:population.event.kind"},
		{"no day", population.Event{Kind: population.Death, Number: thu}, "on:population.event.day"},
		{"future", population.Event{Kind: population.Death, Number: thu, On: citizen.MustDay("2026-11-22")}, "on:population.day.future"},
		{
			"nobody", population.Event{Kind: population.Death, Number: citizen.MustNumber("001090000099"), On: on}, "number:population.event.nobody",
		},
		{
			"before birth",
			population.Event{Kind: population.Death, Number: thu, On: citizen.MustDay("1989-01-01")},
			"on:population.day.before_birth",
		},
		{"dead twice", population.Event{Kind: population.Death, Number: gone.Number, On: on}, "number:population.event.dead"},
		{
			"the dead move",
			population.Event{
				Kind: population.MovePresent, Number: gone.Number, On: on, Facts: person(func(p *population.Person) { p.Present = newHome }),
			},
			"number:population.event.dead",
		},
		{
			"married already",
			population.Event{Kind: population.Marriage, Number: thu, Other: girl.Number, On: on},
			"number:population.marriage.married",
		},
		{
			"too young",
			population.Event{Kind: population.Marriage, Number: boy.Number, Other: girl.Number, On: on},
			"other:population.marriage.age",
		},
		{"oneself", population.Event{Kind: population.Marriage, Number: boy.Number, Other: boy.Number, On: on}, "other:population.marriage.two"},
		{"not spouses", population.Event{Kind: population.Divorce, Number: thu, Other: girl.Number, On: on}, "other:population.divorce.other"},
		{
			"not married",
			population.Event{Kind: population.Divorce, Number: boy.Number, Other: girl.Number, On: on},
			"number:population.divorce.unmarried",
		},
		{"not missing", population.Event{Kind: population.FoundAgain, Number: thu, On: on}, "number:population.event.not_missing"},
		{"no such commune then", population.Event{Kind: population.MovePerm, Number: thu, On: on, Facts: person(func(p *population.Person) {
			p.Permanent = population.Place{Province: "01", District: "001", Commune: "00001"}
		})}, "place:population.place.ended"},
		{"nobody left", population.Event{Kind: population.Split, Number: boy.Number, On: on}, "members:population.household.empty"},
		{
			"two heads",
			population.Event{
				Kind: population.Join, Number: boy.Number, On: on,
				Facts: person(func(p *population.Person) { p.Household, p.Relation = "1", population.HeadOfHousehold }),
			},
			"relation:population.household.two_heads",
		},
		{
			"no household",
			population.Event{
				Kind: population.Join, Number: boy.Number, On: on, Facts: person(func(p *population.Person) { p.Household, p.Relation = "77", "CH10" }),
			},
			"household:population.household.unknown",
		},
		{
			"own guardian",
			population.Event{
				Kind: population.Guardianship, Number: boy.Number, On: on, Facts: person(func(p *population.Person) { p.Guardian.Number = boy.Number }),
			},
			"guardian:population.guardian.self",
		},
		{
			"young guardian",
			population.Event{
				Kind: population.Guardianship, Number: boy.Number, On: on,
				Facts: person(func(p *population.Person) { p.Guardian.Number = girl.Number }),
			},
			"guardian:population.guardian.age",
		},
		{
			"same name",
			population.Event{
				Kind: population.NameChange, Number: boy.Number, On: on, Facts: person(func(p *population.Person) { p.Name = "Trần Văn  Lớn" }),
			},
			"name:population.name.same",
		},
		{
			"no event to correct",
			population.Event{Kind: population.Correction, Number: boy.Number, Corrects: "x"},
			"corrects:population.correction.event",
		},
		{
			"a man is no mother",
			population.Event{
				Kind: population.Birth, On: on,
				Facts: population.Person{Name: "A", Sex: citizen.Male, Birthplace: newHome, Mother: population.Relative{Number: thu}},
			},
			"mother:population.birth.parent_sex",
		},
		{
			"no province",
			population.Event{Kind: population.Birth, On: on, Facts: population.Person{Name: "A", Sex: citizen.Male}},
			"birthplace:population.birth.province",
		},
		{
			"too young a mother",
			population.Event{
				Kind: population.Birth, On: citizen.MustDay("2016-01-01"),
				Facts: population.Person{
					Name: "A", Sex: citizen.Male, Birthplace: population.Place{Province: "01"}, Mother: population.Relative{Number: girl.Number},
				},
			},
			"mother:population.birth.parent_age",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := r.Record(t.Context(), clerk, tt.e)
			if got := keys(err); !slices.Contains(got, tt.want) {
				t.Errorf("faults = %v (%v), want %s", got, err, tt.want)
			}
		})
	}
	t.Run("without the role", func(t *testing.T) {
		t.Parallel()
		if _, err := r.Record(
			t.Context(), actor.Actor{Account: "a-2", Roles: []string{population.Auditor}},
			population.Event{Kind: population.Death, Number: thu, On: on},
		); fault.Of(err) != fault.Denied {
			t.Errorf("got %v, want denied", err)
		}
	})
}

// TestTwoClerks has clerks who record about the same people at once: of those who saw
// the same version one goes through.
func TestTwoClerks(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		r, _ := register(t, db)
		load(t, r, thuFamily())
		var wg sync.WaitGroup
		var mu sync.Mutex
		won := 0
		for i := range 8 {
			wg.Go(func() {
				e := population.Event{
					Kind: population.NewCard, On: citizen.MustDay("2026-11-10"), Number: thu,
					Facts:    population.Person{Cards: []population.Card{{Kind: "CC", Serial: string(rune('A' + i))}}},
					Versions: map[citizen.Number]int64{thu: 1},
				}
				_, err := r.Record(t.Context(), clerk, e)
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					won++
				case fault.Of(err) != fault.Conflict:
					t.Errorf("record: %v", err)
				}
			})
		}
		wg.Wait()
		if p := state(t, r, thu); won != 1 || p.Version != 2 || len(p.Cards) != 2 {
			t.Errorf("%d won, version %d, %d cards; want one", won, p.Version, len(p.Cards))
		}
	})
}

// TestDoubleClick: the same form sent many times at once is one event.
func TestDoubleClick(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		r, _ := register(t, db)
		load(t, r, thuFamily())
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				if _, err := r.Record(t.Context(), clerk, population.Event{
					ID: "form", Kind: population.Divorce, On: citizen.MustDay("2026-11-10"), Number: thu, Other: wife,
					Versions: map[citizen.Number]int64{thu: 1, wife: 1},
				}); err != nil {
					t.Errorf("record: %v", err)
				}
			})
		}
		wg.Wait()
		if p := state(t, r, thu); p.Version != 2 || p.Marital != population.Alone {
			t.Errorf("after = %+v", p)
		}
	})
}

// TestNumbersAreUnique lets many ask at once on two nodes that share the numbers.
func TestNumbersAreUnique(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		r, store := register(t, db)
		other := sqldbtest.OpenSQLite(t)
		_, elsewhere := register(t, other)
		node := func(s population.Store, i int) *population.Register {
			return population.New(population.Parts{
				Store: s, Units: r.Units, Clock: r.Clock, NewID: r.NewID, NumberKey: r.NumberKey, Slot: population.Slot{Index: i, Of: 2},
			})
		}
		nodes := []*population.Register{node(store, 0), node(elsewhere, 1)}
		var mu sync.Mutex
		var wg sync.WaitGroup
		seen := map[citizen.Number]bool{}
		var called atomic.Int64
		for i := range 8 {
			wg.Go(func() {
				for range 6 {
					out, err := nodes[i%2].Record(t.Context(), clerk, population.Event{
						Kind: population.Birth, On: citizen.MustDay("2026-11-01"),
						Facts: population.Person{Name: fmt.Sprint("Bé ", called.Add(1)), Sex: citizen.Female, Birthplace: population.Place{Province: "01"}},
					})
					if err != nil {
						t.Errorf("birth: %v", err)
						return
					}
					mu.Lock()
					n := out.Persons[0].Number
					if seen[n] {
						t.Errorf("%s twice", n)
					}
					seen[n] = true
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		if len(seen) != 48 {
			t.Errorf("%d numbers, want 48", len(seen))
		}
	})
}
