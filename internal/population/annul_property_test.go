package population_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/population"
)

// third asks for annulments, second approves them; neither recorded anything.
var third = actor.Actor{Account: "a-3", Name: "Đỗ Văn Ba", Agency: "G01", Roles: []string{population.Registrar}}

var second = actor.Actor{Account: "a-2", Name: "Đỗ Thị Hai", Agency: "G01", Roles: []string{population.Registrar}}

// deskOf asks at the desk.
func deskOf(a actor.Actor) population.Inquiry {
	return population.Inquiry{By: a, Purpose: "citizen_asks", Service: population.ServiceDesk, At: now}
}

// annul annuls events as two people do who see what it changes.
func annul(r *population.Register, m *memory, q population.AnnulmentRequest) (population.Event, error) {
	plan, err := r.PlanAnnulment(context.Background(), deskOf(third), q)
	if err != nil {
		return population.Event{}, err
	}
	q.Digest = plan.Digest
	var out population.Event
	err = m.InTx(context.Background(), func(tx population.Tx) (err error) {
		out, err = r.Annul(context.Background(), tx, r.NewID(), third, second, q)
		return err
	})
	return out, err
}

// did is an event that was recorded, with the counters from which its numbers came.
type did struct {
	e          event // as it was said
	id         string
	at         time.Time
	number     citizen.Number
	serials    map[int]int
	households int64
}

// households are those of a register by who is in them, as a number that an annulment
// gives is another than a clerk would have been given.
func households(m *memory) map[string]string {
	out := map[string]string{}
	for _, p := range m.sorted() {
		if p.Household != "" && out[p.Household] == "" {
			out[p.Household] = "of " + p.Number.Reveal()
		}
	}
	return out
}

func rowsOf(m *memory) [][]string {
	names := households(m)
	var out [][]string
	for _, p := range m.sorted() {
		p.Household = names[p.Household]
		out = append(out, row(p))
	}
	return out
}

// aHistory records events that may have happened in the village, one an hour.
func aHistory(t *rapid.T, r *population.Register, m *memory, most int) []did {
	var history []did
	day := citizen.MustDay("2026-11-01")
	for i := range rapid.IntRange(1, most).Draw(t, "events") {
		// Papers come late, too.
		day = min(citizen.MustDay("2026-11-20"), max(citizen.MustDay("2026-10-25"), day+citizen.Day(rapid.IntRange(-1, 2).Draw(t, "days"))))
		e := anEvent(t, m, day)
		one := did{e: e, at: now.Add(time.Duration(i+1) * time.Hour), serials: maps.Clone(m.serials), households: m.households}
		one.e.ID = fmt.Sprintf("e-%03d", i)
		r.Clock = fixed(one.at)
		done, err := recordAnswered(r, &one.e)
		if err != nil {
			if fault.Of(err) == fault.Internal {
				t.Fatalf("%+v: %v", e, err)
			}
			m.serials, m.households = one.serials, one.households
			continue
		}
		one.id, one.number = done.Event.ID, done.Event.Number
		history = append(history, one)
	}
	return history
}

// recordAnswered records an event, and answers whatever is asked: with a reason, and of a
// household that loses its head as an annulment leaves it when nobody says more: the oldest
// adult is head, and the others stay what they were called.
func recordAnswered(r *population.Register, e *event) (population.Recorded, error) {
	done, err := r.Record(context.Background(), clerk, *e)
	for range 3 {
		open := population.Questions(nil)
		if !errors.As(err, &open) {
			break
		}
		answers, relations := map[string]string{}, maps.Clone(e.Relations)
		if relations == nil {
			relations = map[citizen.Number]string{}
		}
		seen, err2 := r.Preview(context.Background(), deskOf(clerk), *e)
		if err2 != nil {
			return done, err2
		}
		for _, q := range seen.Questions {
			answers[q.Code] = "Đã đối chiếu với giấy tờ gốc"
			switch q.Kind {
			case population.HeadNext:
				next := q.Facts[0].Number
				for _, f := range slices.Backward(q.Facts) {
					if f.Person.Birth+180000 <= e.On {
						next = f.Number
					}
				}
				relations[next] = population.HeadOfHousehold
			case population.RelationLeft:
				relations[q.Of] = q.Facts[0].Person.Relation
			}
		}
		e.Answers, e.Relations = answers, relations
		done, err = r.Record(context.Background(), clerk, *e)
	}
	return done, err
}

// without records a history anew in a village of its own, without some events.
func without(t *rapid.T, history []did, gone map[string]bool) *memory {
	r, m := village()
	for _, one := range history {
		if gone[one.id] {
			continue
		}
		m.serials, m.households = maps.Clone(one.serials), one.households
		r.Clock = fixed(one.at)
		done, err := recordAnswered(r, &one.e)
		if err != nil {
			t.Fatalf("%s %s cannot be recorded without %v: %v\n%s", one.e.Kind, one.id, slices.Sorted(maps.Keys(gone)), err, told(history))
		}
		if done.Event.Number != one.number {
			t.Fatalf("%s has number %s, and had %s", one.id, done.Event.Number.Reveal(), one.number.Reveal())
		}
	}
	return m
}

// TestAnnulled: whatever was recorded, and whatever of it is annulled in whatever order,
// also annulments: everybody is as they would be had the rest alone been recorded; what
// was known before is known as it was; and no event is gone from the record.
func TestAnnulled(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r, m := village()
		history := aHistory(t, r, m, 14)
		if len(history) == 0 {
			return
		}
		clock := history[len(history)-1].at
		var gone map[string]bool // as it should be, by the annulments
		var done []population.Event
		for range rapid.IntRange(1, 6).Draw(t, "annulments") {
			clock = clock.Add(time.Hour)
			r.Clock = fixed(clock)
			target := history[rapid.IntRange(0, len(history)-1).Draw(t, "target")].id
			if len(done) > 0 && rapid.IntRange(0, 3).Draw(t, "take back") == 0 {
				target = done[rapid.IntRange(0, len(done)-1).Draw(t, "annulment")].ID
			}
			people := slices.SortedFunc(maps.Keys(m.persons), byNumber)
			witness := rapid.SampledFrom(people).Draw(t, "witness")
			known := clock.Add(-time.Minute)
			was, err := at(t.Context(), r, witness, "", known)
			if err != nil {
				t.Fatal(err)
			}
			events := len(m.events)
			q := population.AnnulmentRequest{Events: []string{target}, Basis: "Quyết định số 1 về việc thử"}
			plan, err := r.PlanAnnulment(t.Context(), deskOf(third), q)
			if err != nil {
				if fault.Of(err) == fault.Internal {
					t.Fatal(err)
				}
				continue
			}
			if len(plan.Follows) > 0 {
				if _, err := annul(r, m, q); faults(err) != ":annul.follows" {
					t.Fatalf("annulled although others follow: %v", err)
				}
				for _, f := range plan.Follows {
					q.Events = append(q.Events, f.Event.ID)
				}
			}
			a, err := annul(r, m, q)
			if err != nil {
				t.Fatalf("annul %v: %v", q.Events, err)
			}
			done = append(done, a)
			gone = takenAway(done)
			if len(m.events) < events+1 {
				t.Fatalf("the record has %d events, and had %d", len(m.events), events)
			}
			if d := cmp.Diff(rowsOf(without(t, history, gone)), rowsOf(m)); d != "" {
				t.Fatalf("annulled %v (-never recorded +annulled):\n%s\nhistory %s", slices.Sorted(maps.Keys(gone)), d, told(history)+toldOf(done))
			}
			checkStored(t, r, m)
			checkChain(t, r, m)
			is, err := at(t.Context(), r, witness, "", known)
			if d := cmp.Diff(row(was), row(is)); err != nil || d != "" || was.Version != is.Version {
				t.Fatalf("what was known of %s changed: %v\n%s", witness.Reveal(), err, d)
			}
		}
	})
}

// checkStored holds what is stored against what follows from the events.
func checkStored(t *rapid.T, r *population.Register, m *memory) {
	for _, p := range m.persons {
		again, err := at(t.Context(), r, p.Number, "", time.Time{})
		if err != nil || again.Version != p.Version || !slices.Equal(row(again), row(p)) {
			t.Fatalf("%s: %v, stored %d %v, from events %d %v", p.Number.Reveal(), err, p.Version, row(p), again.Version, row(again))
		}
	}
}

// checkChain holds that what each published event made of a person begins where the one before
// it ended, and that the last ends where the register is.
func checkChain(t *rapid.T, r *population.Register, m *memory) {
	last := map[citizen.Number]population.Became{}
	for _, c := range m.published {
		b, err := r.Became(t.Context(), c.Number, c.Event)
		if err != nil {
			t.Fatalf("%s of %s: %v", c.Event, c.Number.Reveal(), err)
		}
		if was, ok := last[c.Number]; ok && (was.Has != b.Had || was.Has && !slices.Equal(row(was.After), row(b.Before))) {
			t.Fatalf("%s of %s: %v %v, before it %v %v", c.Event, c.Number.Reveal(), b.Had, row(b.Before), was.Has, row(was.After))
		}
		last[c.Number] = b
	}
	for n, b := range last {
		if p, ok := m.persons[n]; ok != b.Has || ok && !slices.Equal(row(p), row(b.After)) {
			t.Fatalf("%s is %v %v, events end at %v %v", n.Reveal(), ok, row(p), b.Has, row(b.After))
		}
	}
}

// takenAway says independently of the register what annulments take away together.
func takenAway(annulments []population.Event) map[string]bool {
	gone := map[string]bool{}
	for _, a := range slices.Backward(annulments) {
		if !gone[a.ID] {
			for _, id := range a.Annuls {
				gone[id] = true
			}
		}
	}
	return gone
}

func toldOf(annulments []population.Event) string {
	var b strings.Builder
	for _, a := range annulments {
		fmt.Fprintf(&b, "\n%s annuls %v", a.ID, a.Annuls)
		for _, p := range a.Parts {
			fmt.Fprintf(&b, "; %s %v", p.Number.Reveal(), p.Fields)
			for _, r := range p.Restated {
				fmt.Fprintf(&b, " %s restated %v %v", r.Event, r.Fields, strings.Join(population.Row(r.Facts), ""))
			}
		}
	}
	return b.String()
}

func told(history []did) string {
	var b strings.Builder
	for _, one := range history {
		fmt.Fprintf(&b, "\n%s %s on %d of %s, other %s, members %v, relations %v, facts %v", one.id, one.e.Kind, one.e.On, one.e.Number.Reveal(),
			one.e.Other.Reveal(), one.e.Members, one.e.Relations, population.Row(one.e.Facts))
	}
	return b.String()
}
