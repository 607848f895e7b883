package population_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"dean06/internal/citizen"
	"dean06/internal/platform/fault"
	"dean06/internal/population"
)

// anEvent draws an event about somebody of the village, likely enough to be possible.
func anEvent(t *rapid.T, m *memory, day citizen.Day) event {
	numbers := slices.SortedFunc(maps.Keys(m.persons), byNumber)
	who := func(label string) citizen.Number { return rapid.SampledFrom(numbers).Draw(t, label) }
	one := m.persons[who("who")]
	e := event{Kind: rapid.SampledFrom(population.Kinds).Draw(t, "kind"), Number: one.Number, On: day}
	along := func() {
		for _, n := range numbers {
			if n != one.Number && m.persons[n].Household == one.Household && one.Household != "" && rapid.Bool().Draw(t, "along") {
				e.Members = append(e.Members, n)
			}
		}
	}
	relation := func(label string) string {
		return rapid.SampledFrom([]string{"CH01", "CH02", "CH03", "CH10", ""}).Draw(t, label)
	}
	relations := func() {
		e.Relations = map[citizen.Number]string{}
		for _, n := range numbers {
			if rapid.IntRange(0, 3).Draw(t, "said") == 0 {
				e.Relations[n] = relation("relation of")
			}
		}
	}
	elsewhere := func() {
		e.Facts.Household, e.Facts.Relation = m.persons[who("whose household")].Household, relation("relation")
	}
	switch e.Kind {
	case population.Birth:
		mom := who("mother")
		e.Number = citizen.Number{}
		e.Facts = person{
			Name: "Bé", Sex: citizen.Sex(rapid.IntRange(1, 2).Draw(t, "sex")), Birthplace: population.Place{Province: "01"},
			Mother: kin{Number: mom}, Father: kin{Number: m.persons[mom].Spouse.Number},
		}
		if rapid.Bool().Draw(t, "at another's") {
			elsewhere()
		}
	case population.Marriage:
		e.Other = who("other")
	case population.MovePerm:
		along()
		relations()
		e.Facts.Permanent = newHome
		if rapid.Bool().Draw(t, "to a household") {
			elsewhere()
		}
	case population.MoveTemp, population.MovePresent:
		along()
		e.Facts.Temporary, e.Facts.Present = newHome, newHome
	case population.Split:
		along()
		relations()
	case population.Join:
		along()
		relations()
		elsewhere()
	case population.NameChange:
		e.Facts.Name = fmt.Sprint("Tên ", rapid.IntRange(0, 9).Draw(t, "name"))
	case population.NewCard:
		e.Facts.Cards = []population.Card{{Kind: "CC", Serial: fmt.Sprint(rapid.IntRange(0, 99).Draw(t, "serial"))}}
	case population.Guardianship:
		e.Facts.Guardian.Number = who("guardian")
	case population.Correction:
		events, _ := m.Events(nil, one.Number) //nolint:staticcheck // memory waits for nobody
		target := rapid.SampledFrom(events).Draw(t, "corrects")
		for _, part := range target.Parts {
			if part.Number == one.Number {
				e.Fields = []field{rapid.SampledFrom(part.Fields).Draw(t, "field")}
			}
		}
		e.Corrects, e.On = target.ID, 0
		e.Facts = person{
			Name: "Đúng", Birth: citizen.Day(19800101 + 10000*rapid.IntRange(0, 30).Draw(t, "birth")), Sex: citizen.Male, Religion: "01",
			Ended: day, Permanent: population.Place{Province: "01", District: "001", Commune: "00004", Country: "VN"},
		}
	}
	return e
}

// checkVillage holds the register against what must always be so.
func checkVillage(t *rapid.T, r *population.Register, m *memory) {
	heads := map[string]int{}
	for _, p := range m.persons {
		if p.Household != "" {
			heads[p.Household] += 0
			if p.Relation == population.HeadOfHousehold {
				heads[p.Household]++
			}
		}
		switch other, here := m.persons[p.Spouse.Number]; {
		case p.Life == population.Dead && p.Household != "":
			t.Fatalf("%s is dead, and of a household", p.Number.Reveal())
		case p.Household == "" && p.Relation != "":
			t.Fatalf("%s is related to the head of no household", p.Number.Reveal())
		case here && p.Life != population.Dead && p.Marital == population.Married && other.Spouse.Number != p.Number:
			t.Fatalf("%s is married to %s, who is not to them", p.Number.Reveal(), other.Number.Reveal())
		case p.Number.Year() != p.Birth.Year() && m.corrected(p.Number) == 0:
			t.Fatalf("%s is of another year", p.Number.Reveal())
		}
		again, err := at(t.Context(), r, p.Number, "", time.Time{})
		if err != nil || again.Version != p.Version || !slices.Equal(row(again), row(p)) {
			t.Fatalf("%s: %v, stored %v, from events %v", p.Number.Reveal(), err, row(p), row(again))
		}
	}
	for h, n := range heads {
		if n != 1 {
			t.Fatalf("household %s has %d heads", h, n)
		}
	}
}

// corrected counts the corrections of a person.
func (m *memory) corrected(n citizen.Number) int {
	events, _ := m.Events(nil, n) //nolint:staticcheck // memory waits for nobody
	return len(slices.DeleteFunc(events, func(e event) bool { return e.Kind != population.Correction }))
}

// answered gives each question its answer.
func answered(t *rapid.T, e *event, open population.Questions) event {
	e.Answers, e.Relations = maps.Clone(e.Answers), maps.Clone(e.Relations)
	if e.Answers == nil {
		e.Answers = map[string]string{}
	}
	if e.Relations == nil {
		e.Relations = map[citizen.Number]string{}
	}
	for _, q := range open {
		switch {
		case !q.Of.IsZero():
			e.Relations[q.Of] = rapid.SampledFrom([]string{"CH03", "CH07", "CH10"}).Draw(t, "left")
		case q.Kind == population.HeadNext:
			e.Relations[rapid.SampledFrom(q.Facts).Draw(t, "next head").Number] = "CH01"
		default:
			e.Answers[q.Code] = "Đã xem giấy tờ gốc"
		}
	}
	return *e
}

// row is a person as a file has them, without the names of relatives.
func row(p person) []string {
	for _, l := range population.PersonFields.Kin() {
		if rel := l.Data[0].Relative(&p); !rel.Number.IsZero() {
			*rel = kin{Number: rel.Number}
		}
	}
	return population.Row(p)
}

// TestVillage: whatever is recorded, each household has one head, the dead are of none,
// spouses are each other's, no number is given twice, the stored state is what follows
// from the events, and what was known before stays known as it was. Days do not go back:
// a paper that comes late is another matter, TestALife has one.
func TestVillage(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r, m := village()
		day := citizen.MustDay("2026-11-01")
		for i := range rapid.IntRange(1, 15).Draw(t, "events") {
			day = min(citizen.MustDay("2026-11-20"), day+citizen.Day(rapid.IntRange(0, 2).Draw(t, "days")))
			e := anEvent(t, m, day)
			before, witness := maps.Clone(
				m.persons,
			), rapid.SampledFrom(slices.SortedFunc(maps.Keys(m.persons), byNumber)).
				Draw(t, "witness")
			known := now.Add(time.Duration(i) * time.Hour)
			was, err := at(t.Context(), r, witness, "", known)
			if err != nil {
				t.Fatal(err)
			}
			r.Clock = fixed(known.Add(time.Hour))
			done, err := r.Record(t.Context(), clerk, e)
			for range 20 { // what is asked is answered, one time in two
				var open population.Questions
				if !errors.As(err, &open) || rapid.Bool().Draw(t, "goes back") {
					break
				}
				would, failed := r.Preview(t.Context(), atDesk(), e)
				if failed != nil {
					t.Fatal(failed)
				}
				done, err = r.Record(t.Context(), clerk, answered(t, &e, would.Questions))
			}
			if err != nil {
				if kind := fault.Of(err); kind == fault.Internal {
					t.Fatalf("%+v: %v", e, err)
				}
				if !maps.EqualFunc(
					before,
					m.persons,
					func(a, b person) bool { return a.Version == b.Version && slices.Equal(row(a), row(b)) },
				) {
					t.Fatalf("%s was refused (%v), and changed something", e.Kind, err)
				}
				continue
			}
			if n := done.Event.Number; e.Kind == population.Birth && !before[n].Number.IsZero() {
				t.Fatalf("the number %s was given twice", n.Reveal())
			}
			checkVillage(t, r, m)
			is, err := at(t.Context(), r, witness, "", known)
			if d := cmp.Diff(row(was), row(is)); err != nil || d != "" {
				t.Fatalf("what was known of %s changed: %v\n%s", witness.Reveal(), err, d)
			}
		}
	})
}
