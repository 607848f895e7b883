package populationsql_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/population"
	"dean06/internal/population/populationsql"
)

var (
	asker = actor.Actor{Account: "a-3", Name: "Đỗ Văn Ba", Agency: "G01", Roles: []string{population.Registrar}}
	other = actor.Actor{Account: "a-2", Name: "Đỗ Thị Hai", Agency: "G01", Roles: []string{population.Registrar}}
)

// deskOf asks at the desk.
func deskOf(a actor.Actor) population.Inquiry {
	return population.Inquiry{By: a, Purpose: "citizen_asks", Service: population.ServiceDesk, At: now}
}

// annul annuls events as two people do.
func annul(t *testing.T, r *population.Register, s *populationsql.Store, db *sqldb.DB, n citizen.Number, ids ...string) population.Event {
	t.Helper()
	q := population.AnnulmentRequest{Events: ids, Basis: "Quyết định số 12/QĐ-UBND ngày 20/11/2026", Number: n}
	plan, err := r.PlanAnnulment(t.Context(), deskOf(asker), q)
	if err != nil || len(plan.Follows) > 0 {
		t.Fatalf("plan: %v, follows %+v", err, plan.Follows)
	}
	q.Digest = plan.Digest
	var out population.Event
	id := sqldb.NewID()
	for range 2 { // the second time changes nothing
		err = db.InTx(t.Context(), func(tx *sqldb.Tx) (err error) {
			out, err = r.Annul(t.Context(), s.Within(tx), id, asker, other, q)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// everybody is what the table of persons holds, as a file has it.
func everybody(t *testing.T, s *populationsql.Store) [][]string {
	t.Helper()
	all, err := s.Select(t.Context(), population.Selection{}, citizen.Number{}, 1000)
	if err != nil {
		t.Fatal(err)
	}
	out := make([][]string, len(all))
	for i := range all {
		out[i] = population.Row(all[i])
	}
	return out
}

// lives are one event of each kind, each possible after the ones before.
func lives(mom citizen.Number) []population.Event {
	day := citizen.MustDay
	card := population.Person{Cards: []population.Card{{Kind: "CC", Serial: "B2", Issued: day("2026-11-03")}}}
	return []population.Event{
		{ID: "born", Kind: population.Birth, On: day("2026-11-01"), Facts: population.Person{
			Name: "Nguyễn Văn Mới", Sex: citizen.Male, Birthplace: population.Place{Province: "01", Commune: "00097"},
			Mother: population.Relative{Number: wife}, Father: population.Relative{Number: thu},
		}},
		{ID: "moved", Kind: population.MovePerm, On: day("2026-11-02"), Number: thu, Facts: population.Person{Permanent: newHome}},
		{ID: "card", Kind: population.NewCard, On: day("2026-11-03"), Number: thu, Facts: card},
		{ID: "temp", Kind: population.MoveTemp, On: day("2026-11-03"), Number: thu, Facts: population.Person{Temporary: newHome}},
		{ID: "here", Kind: population.MovePresent, On: day("2026-11-04"), Number: thu, Facts: population.Person{
			Present: population.Place{Country: "LA"},
		}},
		{ID: "name", Kind: population.NameChange, On: day("2026-11-04"), Number: thu, Facts: population.Person{Name: "Nguyễn Văn Thành"}},
		{ID: "gone", Kind: population.GoneMissing, On: day("2026-11-05"), Number: wife},
		{ID: "back", Kind: population.FoundAgain, On: day("2026-11-06"), Number: wife},
		{ID: "join", Kind: population.Join, On: day("2026-11-07"), Number: thu, Facts: population.Person{Household: "2", Relation: "CH03"}},
		{ID: "split", Kind: population.Split, On: day("2026-11-08"), Number: thu},
		{ID: "guard", Kind: population.Guardianship, On: day("2026-11-08"), Number: thu, Facts: population.Person{
			Guardian: population.Relative{Number: mom},
		}},
		{ID: "apart", Kind: population.Divorce, On: day("2026-11-09"), Number: thu, Other: wife},
		{ID: "again", Kind: population.Marriage, On: day("2026-11-10"), Number: thu, Other: wife},
		{ID: "right", Kind: population.Correction, Number: thu, Corrects: "name", Fields: []population.Field{population.FieldName}, Facts: population.Person{
			Name: "Nguyễn Văn Thanh",
		}},
		{ID: "dead", Kind: population.Death, On: day("2026-11-11"), Number: baba},
	}
}

// TestAnnulEachKind: each kind of event is annulled, with what follows from it, and what is
// left is what it would have been; then the annulment is, and all is as it was. In both,
// nobody's events are fewer, and what was known before is known.
func TestAnnulEachKind(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		r, s := register(t, db)
		load(t, r, thuFamily())
		mom := citizen.MustNumber("001162000001")
		at := now
		tick := func() { at = at.Add(time.Minute); r.Clock = clock.Fixed(at) }
		for _, e := range lives(mom) {
			tick()
			if done, err := r.Record(t.Context(), clerk, e); err != nil {
				t.Fatalf("%s: %v", e.ID, err)
			} else if e.ID == "born" && done.Event.Number.IsZero() {
				t.Fatal("born without a number")
			}
		}
		before := everybody(t, s)
		for _, e := range lives(mom) {
			tick()
			q := population.AnnulmentRequest{Events: []string{e.ID}, Number: thu}
			plan, err := r.PlanAnnulment(t.Context(), deskOf(asker), q)
			if err != nil {
				t.Fatalf("%s: %v", e.ID, err)
			}
			ids := q.Events
			for _, f := range plan.Follows {
				ids = append(ids, f.Event.ID)
			}
			a := annul(t, r, s, db, thu, ids...)
			// Without who went missing nobody is found: then nothing is otherwise.
			if cmp.Equal(before, everybody(t, s)) != slices.Contains([]string{"gone", "apart"}, e.ID) {
				t.Errorf("%s: annulled %v, is anything otherwise?", e.ID, ids)
			}
			v, err := r.View(t.Context(), atDesk, a.Parts[0].Number)
			if by := v.Annulled[e.ID]; err != nil || by.ID != a.ID || by.Approver != other.Account || by.ByName != asker.Name {
				t.Errorf("%s: the record says %+v, %v", e.ID, v.Annulled, err)
			}
			for _, p := range a.Parts {
				was, err := r.At(t.Context(), atDesk, p.Number, clock.Date{}, a.RecordedAt.Add(-time.Microsecond))
				if err != nil || was.Number != p.Number {
					t.Errorf("%s: %s as known before: %v", e.ID, p.Number.Reveal(), err)
				}
			}
			tick()
			annul(t, r, s, db, thu, a.ID)
			if d := cmp.Diff(before, everybody(t, s)); d != "" {
				t.Errorf("%s: the annulment was annulled (-before +after):\n%s", e.ID, d)
			}
		}
	})
}

// TestAnnulledPerson: of somebody whose birth was annulled nothing finds anything, the
// number is nobody's again, and the registrar still sees the record. So for a load.
func TestAnnulledPerson(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		r, s := register(t, db)
		family := thuFamily()
		load(t, r, family)
		born := record(t, r, lives(baba)[0])
		child := born.Persons[0].Number
		if d := must(r.Statistics(ctx, clerk)); d.Living != 5 {
			t.Fatalf("%d live", d.Living)
		}
		r.Clock = clock.Fixed(now.Add(time.Hour))
		a := annul(t, r, s, db, child, "born")
		loaded := must(s.Events(ctx, baba))[0].ID
		annul(t, r, s, db, baba, loaded)
		for _, n := range []citizen.Number{child, baba} {
			if _, err := r.Facts(ctx, atDesk, population.Key{Number: n}, nil); fault.Of(err) != fault.NotFound {
				t.Errorf("facts: %v", err)
			}
			if _, err := r.At(ctx, atDesk, n, clock.Date{}, time.Time{}); fault.Of(err) != fault.NotFound {
				t.Errorf("at: %v", err)
			}
			v, err := r.View(ctx, atDesk, n)
			if err != nil || v.Person.Life != population.Annulled || v.Person.Name == "" || len(v.Events) < 2 || len(v.Annulled) == 0 {
				t.Errorf("the registrar sees %+v, %v", v, err)
			}
		}
		if found := must(r.Search(ctx, atDesk, population.Query{Text: "Nguyễn Văn Mới"})); len(found.People) > 0 {
			t.Errorf("found %+v", found.People)
		}
		if m := must(s.Members(ctx, "1")); len(m) != 2 {
			t.Errorf("the household has %d members", len(m))
		}
		r.Clock = clock.Fixed(now.Add(2 * time.Hour)) // statistics are kept for a while
		if d := must(r.Statistics(ctx, clerk)); d.Living != 3 || len(d.Events) > 0 && slices.ContainsFunc(d.Events, func(c population.EventCount) bool {
			return c.Kind == population.Birth
		}) {
			t.Errorf("%d live, events %+v", d.Living, d.Events)
		}
		// A load does not bring the number again, nor does a registration.
		report, err := r.Load(ctx, strings.NewReader(file(family[1:2])), population.LoadOptions{Actor: clerk, Name: "again.csv"})
		if err != nil || report.Loaded != 0 || len(report.BadRows) != 1 {
			t.Errorf("loaded again: %+v, %v", report, err)
		}
		_, err = r.Record(ctx, clerk, population.Event{Kind: population.Registration, On: family[1].Birth, Facts: family[1]})
		if got := keys(err); !slices.Equal(got, []string{"number:population.load.taken"}) {
			t.Errorf("registered again: %v", got)
		}
		annul(t, r, s, db, child, a.ID)
		if p := state(t, r, child); p.Household != "000000001" || p.Name != "Nguyễn Văn Mới" {
			t.Errorf("back = %+v", p)
		}
	})
}
