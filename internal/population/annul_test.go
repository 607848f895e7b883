package population_test

import (
	"slices"
	"testing"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/population"
)

const aBasis = "Quyết định số 12/QĐ-UBND ngày 20/11/2026"

// annulled annuls events of which nothing else follows.
func annulled(t *testing.T, r *population.Register, m *memory, n citizen.Number, ids ...string) population.Event {
	t.Helper()
	e, err := annul(r, m, population.AnnulmentRequest{Events: ids, Basis: aBasis, Number: n})
	if err != nil {
		t.Fatalf("annul %v: %v", ids, err)
	}
	return e
}

// follows are the ids of what cannot stand without an event.
func follows(t *testing.T, r *population.Register, n citizen.Number, id string) []string {
	t.Helper()
	plan, err := r.PlanAnnulment(t.Context(), deskOf(third), population.AnnulmentRequest{Events: []string{id}, Number: n})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range plan.Follows {
		if fault.As(f.Why) == nil {
			t.Errorf("%s follows, and nothing says why: %v", f.Event.ID, f.Why)
		}
		out = append(out, f.Event.ID)
	}
	return out
}

// TestAnnulADeath: the spouse is married again, the head is head again, and a marriage that
// the widow entered meanwhile has to go with it.
func TestAnnulADeath(t *testing.T) {
	t.Parallel()
	r, m := village()
	record(t, r, event{ID: "death", Kind: population.Death, Number: thu})
	record(t, r, event{ID: "wedding", Kind: population.Marriage, On: citizen.MustDay("2026-11-12"), Number: boy, Other: wife})
	if got := follows(t, r, thu, "death"); !slices.Equal(got, []string{"wedding"}) {
		t.Fatalf("follows = %v", got)
	}
	if _, err := annul(r, m, population.AnnulmentRequest{Events: []string{"death"}, Number: thu}); faults(err) != ":annul.follows" {
		t.Errorf("alone: %v", err)
	}
	m.published = nil
	e := annulled(t, r, m, thu, "death", "wedding")
	p, w, b := stored(t, r, m, thu), stored(t, r, m, wife), stored(t, r, m, boy)
	if p.Life != population.Alive || p.Relation != "CH01" || p.Household != "000000001" || p.Spouse.Number != wife {
		t.Errorf("the head = %+v", p)
	}
	if w.Marital != population.Married || w.Spouse.Number != thu || w.Relation != "CH02" || b.Marital != population.Single {
		t.Errorf("the wife = %+v, the other = %+v", w, b)
	}
	of := map[citizen.Number]population.Kind{}
	for _, c := range m.published {
		of[c.Number] = c.Of
		if c.Kind != population.Annulment || c.Event != e.ID || len(c.Fields) == 0 {
			t.Errorf("told %+v", c)
		}
	}
	if len(of) != 3 || of[thu] != population.Death || of[boy] != population.Marriage {
		t.Errorf("told of %v", of)
	}
}

// TestAnnulABirth: the child is no longer, its number is burnt, who subscribes hears it, and
// what happened to it since goes with it.
func TestAnnulABirth(t *testing.T) {
	t.Parallel()
	r, m := village()
	child := record(t, r, event{ID: "born", Kind: population.Birth, On: citizen.MustDay("2026-11-01"), Facts: person{
		Name: "Nguyễn Văn Mới", Sex: citizen.Male, Birthplace: population.Place{Province: "01"}, Mother: kin{Number: wife}, Father: kin{Number: thu},
	}}).Persons[0]
	card := event{ID: "card", Kind: population.NewCard, Number: child.Number, Facts: person{Cards: []population.Card{{Kind: "CC", Serial: "B2"}}}}
	record(t, r, card)
	if got := follows(t, r, child.Number, "born"); !slices.Equal(got, []string{"card"}) {
		t.Fatalf("follows = %v", got)
	}
	m.published = nil
	a := annulled(t, r, m, child.Number, "born", "card")
	if _, there := m.persons[child.Number]; there || len(m.published) != 1 {
		t.Fatalf("the child is there, or told is %+v", m.published)
	}
	if c := m.published[0]; c.Of != population.Birth || c.Facts.Life != population.Annulled || c.Facts.Name != "" ||
		!slices.Equal(c.Fields, population.PersonFields.State()) {
		t.Errorf("told %+v", c)
	}
	// Nothing more can be recorded of it, nor corrected.
	card.ID = "card-2"
	if _, err := r.Record(t.Context(), clerk, card); fault.Of(err) != fault.Invalid && fault.Of(err) != fault.NotFound {
		t.Errorf("a card of nobody: %v", err)
	}
	if _, err := r.Record(t.Context(), clerk, event{
		Kind: population.Death, On: citizen.MustDay("2026-11-12"), Number: child.Number,
	}); fault.Of(err) != fault.NotFound {
		t.Errorf("a death of nobody: %v", err)
	}
	// The counter comes to the same serial again: the number stays whose it was.
	m.serials = map[int]int{}
	next := record(t, r, event{ID: "next", Kind: population.Birth, On: citizen.MustDay("2026-11-01"), Facts: person{
		Name: "Trần Văn Khác", Sex: citizen.Male, Birthplace: population.Place{Province: "01"},
	}}).Persons[0]
	if next.Number == child.Number {
		t.Error("the number was given again")
	}
	annulled(t, r, m, child.Number, a.ID)
	if p := stored(t, r, m, child.Number); p.Name != "Nguyễn Văn Mới" || len(p.Cards) != 1 {
		t.Errorf("back = %+v", p)
	}
}

// TestAnnulACorrection: the value of before holds; a correction of the correction goes too.
func TestAnnulACorrection(t *testing.T) {
	t.Parallel()
	r, m := village()
	fix := func(id, of, name string) event {
		return event{
			ID: id, Kind: population.Correction, Number: boy, Corrects: of, Fields: []field{population.FieldName}, Facts: person{Name: name},
		}
	}
	record(t, r, fix("one", "load-"+boy.Reveal(), "Trần Văn Lớm"))
	record(t, r, fix("two", "one", "Trần Văn Lớp"))
	annulled(t, r, m, boy, "one")
	if p := stored(t, r, m, boy); p.Name != "Trần Văn Lớn" {
		t.Errorf("name = %s", p.Name)
	}
	if _, err := r.Record(t.Context(), clerk, fix("three", "two", "Trần Văn Lớt")); faults(err) != "corrects:annul.annulled" {
		t.Errorf("a correction of what was annulled: %v", err)
	}
}

// TestAnnulDecidesAgain: a child inherited from where its mother lived; her move is annulled.
func TestAnnulDecidesAgain(t *testing.T) {
	t.Parallel()
	r, m := village()
	record(t, r, event{ID: "move", Kind: population.MovePerm, On: citizen.MustDay("2026-11-01"), Number: wife, Facts: person{Permanent: newHome}})
	child := record(t, r, event{ID: "born", Kind: population.Birth, Facts: person{
		Name: "Nguyễn Văn Mới", Sex: citizen.Male, Birthplace: population.Place{Province: "01"}, Mother: kin{Number: wife}, Father: kin{Number: thu},
	}}).Persons[0]
	if child.Permanent.Commune != "00097" || child.Household == "000000001" {
		t.Fatalf("child = %+v", child)
	}
	known := r.Clock.Now()
	r.Clock = fixed(known.Add(time.Hour))
	annulled(t, r, m, wife, "move")
	p := stored(t, r, m, child.Number)
	if p.Permanent.Commune != "00001" || p.Household != "000000001" || p.Relation != "CH03" || p.Number != child.Number {
		t.Errorf("child = %+v", p)
	}
	if was, err := at(t.Context(), r, child.Number, "", known.Add(time.Minute)); err != nil || was.Household != child.Household {
		t.Errorf("as known before = %+v, %v", was.Household, err)
	}
}

// TestWhoAnnuls: it takes two, of whom neither recorded what is annulled and approves; they
// mean the same change; and nothing is annulled twice.
func TestWhoAnnuls(t *testing.T) {
	t.Parallel()
	r, m := village()
	record(t, r, event{ID: "death", Kind: population.Death, Number: boy})
	q := population.AnnulmentRequest{Events: []string{"death"}, Basis: aBasis, Number: boy}
	plan, err := r.PlanAnnulment(t.Context(), deskOf(third), q)
	if err != nil {
		t.Fatal(err)
	}
	q.Digest = plan.Digest
	try := func(by, approver actor.Actor, q population.AnnulmentRequest) error {
		return m.InTx(t.Context(), func(tx population.Tx) error {
			_, err := r.Annul(t.Context(), tx, "request", by, approver, q)
			return err
		})
	}
	other := q
	other.Digest = "of something else"
	for name, tt := range map[string]struct {
		by, approver actor.Actor
		q            population.AnnulmentRequest
		want         string
	}{
		"one person":         {third, third, q, ":annul.one"},
		"nobody asks":        {actor.Actor{}, second, q, ":annul.one"},
		"the recorder":       {third, clerk, q, ":annul.recorder"},
		"another change":     {third, second, other, ":annul.changed"},
		"nothing":            {third, second, population.AnnulmentRequest{}, "event:annul.which"},
		"what there is not":  {third, second, population.AnnulmentRequest{Events: []string{"x"}, Number: thu}, "event:event.not_found"},
		"of another's event": {third, second, population.AnnulmentRequest{Events: []string{"load-" + girl.Reveal()}, Number: thu}, "event:event.not_found"},
	} {
		if err := try(tt.by, tt.approver, tt.q); faults(err) != tt.want {
			t.Errorf("%s: %v, want %s", name, err, tt.want)
		}
	}
	if _, err := r.PlanAnnulment(t.Context(), deskOf(auditor), q); fault.Of(err) != fault.Denied {
		t.Errorf("an auditor: %v", err)
	}
	if _, err := r.AskAnnulment(t.Context(), auditor, q); fault.Of(err) != fault.Denied {
		t.Errorf("an auditor asks: %v", err)
	}
	for basis, want := range map[string]string{"": "basis:annul.basis", "..........": "basis:annul.basis", aBasis: ":annul.alone"} {
		q.Basis = basis
		if _, err := r.AskAnnulment(t.Context(), third, q); faults(err) != want {
			t.Errorf("basis %q: %v, want %s", basis, err, want)
		}
	}
	q.Basis = aBasis
	for range 2 { // a second click
		if err := try(third, second, q); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := annul(r, m, q); faults(err) != "event:annul.annulled" {
		t.Errorf("a second annulment: %v", err)
	}
	count := 0
	for _, e := range m.events {
		if e.Kind == population.Annulment {
			count++
		}
	}
	if count != 1 {
		t.Errorf("%d annulments are kept", count)
	}
}

// TestAnnulTheHeadsRegistration: whose own registrations still name who is no longer in the
// register is told before it is decided, and those who are left can have a head again.
func TestAnnulTheHeadsRegistration(t *testing.T) {
	t.Parallel()
	r, m := village()
	record(t, r, event{Kind: population.Join, Number: boy, Facts: person{Household: "1", Relation: "CH10"}})
	seen, err := r.View(t.Context(), atDesk(), thu)
	if err != nil {
		t.Fatal(err)
	}
	loaded := seen.Events[len(seen.Events)-1]
	if loaded.Kind != population.Registration {
		t.Fatalf("the first event of a loaded person is %s", loaded.Kind)
	}
	q := population.AnnulmentRequest{Events: []string{loaded.ID}, Number: thu, Basis: aBasis}
	plan, err := r.PlanAnnulment(t.Context(), deskOf(third), q)
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, l := range plan.Left {
		if l.Gone != thu || l.Person.Name == "" {
			t.Errorf("left = %+v", l)
		}
		if !slices.Contains(m.last().subjects, l.Person.Number) {
			t.Errorf("%s is shown and not logged", l.Person.Name)
		}
		left = append(left, string(l.Field)+" "+l.Person.Number.Reveal())
	}
	slices.Sort(left)
	want := []string{"household " + wife.Reveal(), "household " + boy.Reveal(), "spouse " + wife.Reveal()}
	slices.Sort(want)
	if !slices.Equal(left, want) {
		t.Errorf("left = %v, want %v", left, want)
	}
	annulled(t, r, m, thu, loaded.ID)
	if w := m.persons[wife]; w.Relation != "CH02" || w.Spouse.Number != thu {
		t.Fatalf("what was loaded of the wife is otherwise: %+v", w)
	}
	record(t, r, event{
		Kind: population.Split, On: citizen.MustDay("2026-11-20"), Number: wife, Members: []citizen.Number{boy},
		Relations: map[citizen.Number]string{boy: "CH10"},
	})
	w, b := stored(t, r, m, wife), stored(t, r, m, boy)
	if w.Relation != "CH01" || b.Household != w.Household || b.Relation != "CH10" {
		t.Errorf("after the split: %s %s, %s %s", w.Household, w.Relation, b.Household, b.Relation)
	}
	// Of one who is no head and not married nobody is left.
	seen, err = r.View(t.Context(), atDesk(), girl)
	if err != nil {
		t.Fatal(err)
	}
	plan, err = r.PlanAnnulment(t.Context(), deskOf(third), population.AnnulmentRequest{
		Events: []string{seen.Events[len(seen.Events)-1].ID}, Number: girl, Basis: aBasis,
	})
	if err != nil || len(plan.Left) > 0 {
		t.Errorf("left of the only one in a household = %+v, %v", plan.Left, err)
	}
}
