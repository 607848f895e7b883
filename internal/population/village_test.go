package population_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/citizen"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/population"
)

// now is the moment of the tests, a Saturday.
var now = time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)

// The people of the tests: a couple with the parents of the man, two who are single, one
// who is dead and one who is missing.
var (
	thu    = citizen.MustNumber("001090000001")
	wife   = citizen.MustNumber("001192000001")
	father = citizen.MustNumber("001060000001")
	mother = citizen.MustNumber("001162000001")
	girl   = citizen.MustNumber("001308000001") // turns 18 in December 2026
	boy    = citizen.MustNumber("001200000001") // of whom only the year of birth is known
	gone   = citizen.MustNumber("001050000001")
	lost   = citizen.MustNumber("001070000001")
)

var (
	oldHome = population.Place{Province: "01", District: "001", Commune: "00001", Detail: "Số 1 phố Thử", Country: "VN"}
	newHome = population.Place{Province: "01", Commune: "00097", Detail: "Số 2 phố Mới"}
)

func date(s string) clock.Date {
	if s == "" {
		return clock.Date{}
	}
	return clock.MustDate(s)
}

func old(s string) citizen.OldNumber {
	n, err := citizen.ParseOldNumber(s)
	if err != nil {
		panic(err)
	}
	return n
}

// villagers are the people of the tests.
func villagers() []population.Person {
	born := population.Place{Province: "01", District: "001", Commune: "00001", Country: "VN"}
	one := func(n citizen.Number, name, birth string, sex citizen.Sex, house, relation string) population.Person {
		return population.Person{
			Number: n, Name: name, Birth: citizen.MustDay(birth), Sex: sex, Ethnicity: "01", Religion: "00", Nationality: "VN",
			Blood: "00", Marital: "1", Birthplace: born, Origin: oldHome, Permanent: oldHome, Present: oldHome,
			Household: house, Relation: relation, Life: population.Alive, Version: 1,
		}
	}
	kin := func(n citizen.Number, name string) population.Relative {
		return population.Relative{Number: n, Name: name, Nationality: "VN"}
	}
	man := one(thu, "Nguyễn Văn Thử", "1990-01-01", citizen.Male, "000000001", "CH01")
	man.OldNumbers, man.OtherNames = []citizen.OldNumber{old("012345678")}, []string{"Tèo"}
	man.Cards = []population.Card{{Serial: "A1", Kind: "CCCD", Issued: citizen.MustDay("2021-05-01")}}
	man.Marital, man.Spouse = "2", kin(wife, "Lê Thị Vợ")
	man.Father, man.Mother = kin(father, "Nguyễn Văn Cha"), population.Relative{Number: mother}
	woman := one(wife, "Lê Thị Vợ", "1992-03-04", citizen.Female, "000000001", "CH02")
	woman.Marital, woman.Spouse, woman.OldNumbers = "2", kin(thu, "Nguyễn Văn Thử"), []citizen.OldNumber{old("111222333")}
	dad := one(father, "Nguyễn Văn Cha", "1960", citizen.Male, "000000002", "CH01")
	dad.Marital, dad.Spouse, dad.OldNumbers = "2", kin(mother, "Trần Thị Mẹ"), []citizen.OldNumber{old("111222333")}
	mom := one(mother, "Trần Thị Mẹ", "1962-05", citizen.Female, "000000002", "CH02")
	mom.Marital, mom.Spouse = "2", kin(father, "Nguyễn Văn Cha")
	daughter := one(girl, "Trần Thị Nhỏ", "2008-12-01", citizen.Female, "000000500", "CH01")
	son := one(boy, "Trần Văn Lớn", "2000", citizen.Male, "000000501", "CH01")
	dead := one(gone, "Vũ Văn Mất", "1950-02-03", citizen.Male, "", "")
	dead.Life, dead.Ended = population.Dead, citizen.MustDay("2020-01-01")
	missing := one(lost, "Vũ Văn Lạc", "1970-02-03", citizen.Male, "000000502", "CH01")
	missing.Life, missing.Ended = population.Missing, citizen.MustDay("2025-01-01")
	return []population.Person{man, woman, dad, mom, daughter, son, dead, missing}
}

// village is a register in memory with the people of the tests, as a load brings them.
func village() (*population.Register, *memory) {
	m := newMemory()
	n := 0
	r := population.New(population.Parts{
		Store: m, Units: units(), Clock: clock.Fixed(now), NumberKey: []byte("key"), Bindings: boundByName{},
		NewID: func() string { n++; return fmt.Sprintf("id-%06d", n) },
	})
	people := villagers()
	if err := (&loader{m: m, at: now.Add(-time.Hour)}).Add(nil, people, make([]int, len(people))); err != nil { //nolint:staticcheck // memory waits for nobody
		panic(err)
	}
	return r, m
}

// faults are the fields and message keys of what is wrong.
func faults(err error) string {
	var list fault.List
	var out []string
	if l, ok := err.(fault.List); ok { //nolint:errorlint // the register gives the list itself
		list = l
	} else if f := fault.As(err); f != nil {
		list = fault.List{f}
	}
	for _, f := range list {
		out = append(out, f.Field+":"+strings.TrimPrefix(f.Key, "population."))
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func record(t *testing.T, r *population.Register, e population.Event) population.Recorded {
	t.Helper()
	if e.On == 0 && e.Kind != population.Correction {
		e.On = citizen.MustDay("2026-11-10")
	}
	out, err := r.Record(t.Context(), clerk, e)
	if err != nil {
		t.Fatalf("record %s: %v", e.Kind, err)
	}
	return out
}

// ruleTest is an event about the village and which rules it breaks.
type ruleTest struct {
	name string
	e    population.Event
	want string
}

type (
	person = population.Person
	event  = population.Event
	kin    = population.Relative
)

func ruleTests() []ruleTest {
	on := citizen.MustDay("2026-11-20")
	born := func(f func(*person)) event {
		p := person{Name: "A", Sex: citizen.Male, Birthplace: population.Place{Province: "01"}}
		if f != nil {
			f(&p)
		}
		return event{Kind: population.Birth, On: on, Facts: p}
	}
	correct := func(n citizen.Number, p person, fields ...population.Field) event {
		return event{Kind: population.Correction, Number: n, Corrects: "load-" + n.Reveal(), Fields: fields, Facts: p}
	}
	card := func(c population.Card) event {
		return event{Kind: population.NewCard, Number: thu, On: on, Facts: person{Cards: []population.Card{c}}}
	}
	long := strings.Repeat("ă", 201)
	stranger := citizen.MustNumber("001090000099")
	return []ruleTest{
		{"no kind", event{Kind: "x", Number: thu, On: on}, "kind:event.kind"},
		{"no day", event{Kind: population.Death, Number: thu}, "on:event.day"},
		{"no number", event{Kind: population.Death, On: on}, "number:event.number"},
		{"tomorrow", event{Kind: population.Death, Number: thu, On: citizen.MustDay("2026-11-22")}, "on:day.future"},
		{"a long paper", event{Kind: population.Death, Number: thu, On: on, Basis: long}, "basis:text.long"},
		{"a long id", event{Kind: population.Death, ID: strings.Repeat("x", 65), Number: thu, On: on}, "members:event.many"},
		{
			"a long address",
			event{Kind: population.MovePerm, Number: thu, On: on, Facts: person{Permanent: population.Place{Detail: long}}},
			"place:text.long",
		},
		{"nobody", event{Kind: population.Death, Number: stranger, On: on}, "number:event.nobody"},
		{"a stale view", event{Kind: population.Death, Number: thu, On: on, Versions: map[citizen.Number]int64{thu: 7}}, ":event.stale"},

		{"dead before birth", event{Kind: population.Death, Number: thu, On: citizen.MustDay("1989-01-01")}, "on:day.before_birth"},
		{"dead twice", event{Kind: population.Death, Number: gone, On: on}, "number:event.dead"},
		{"death of a single", event{Kind: population.Death, Number: boy, On: on}, ""},
		{"the dead do not go missing", event{Kind: population.GoneMissing, Number: gone, On: on}, "number:event.dead"},
		{"missing twice", event{Kind: population.GoneMissing, Number: lost, On: on}, "number:event.missing"},
		{"not missing", event{Kind: population.FoundAgain, Number: thu, On: on}, "number:event.not_missing"},
		{"found", event{Kind: population.FoundAgain, Number: lost, On: on}, ""},
		{"gone missing", event{Kind: population.GoneMissing, Number: thu, On: on}, ""},

		{"married to oneself", event{Kind: population.Marriage, Number: boy, Other: boy, On: on}, "other:marriage.two"},
		{"married to nobody", event{Kind: population.Marriage, Number: boy, On: on}, "other:marriage.two"},
		{
			"married already",
			event{Kind: population.Marriage, Number: thu, Other: girl, On: on},
			"number:marriage.married other:marriage.age",
		},
		{"too young by days", event{Kind: population.Marriage, Number: boy, Other: girl, On: on}, "other:marriage.age"},
		{
			"two men, one missing",
			event{Kind: population.Marriage, Number: boy, Other: lost, On: on},
			"other:event.missing other:marriage.sex",
		},
		{
			"father and daughter",
			event{Kind: population.Marriage, Number: mother, Other: thu, On: on},
			"number:marriage.married other:marriage.kin other:marriage.married",
		},
		{"not the spouse", event{Kind: population.Divorce, Number: thu, Other: girl, On: on}, "other:divorce.other"},
		{"not married", event{Kind: population.Divorce, Number: boy, On: on}, "number:divorce.unmarried"},
		{"divorce without naming the other", event{Kind: population.Divorce, Number: thu, On: on}, ""},

		{
			"a commune that is gone",
			event{Kind: population.MovePerm, Number: thu, On: on, Facts: person{Permanent: oldHome}},
			"place:place.ended",
		},
		{
			"a country that is none",
			event{Kind: population.MovePerm, Number: thu, On: on, Facts: person{Permanent: population.Place{Country: "lao"}}},
			"place:code.unknown",
		},
		{"abroad", event{Kind: population.MovePerm, Number: thu, On: on, Facts: person{Permanent: population.Place{Country: "LA"}}}, ""},
		{"with somebody of another household", event{
			Kind: population.MovePerm, Number: thu, Members: []citizen.Number{boy}, On: on, Facts: person{Permanent: newHome},
		}, "members:move.member"},
		{"with somebody who is dead", event{
			Kind: population.MovePresent, Number: thu, Members: []citizen.Number{gone}, On: on, Facts: person{Present: newHome},
		}, "members:event.dead"},
		{
			"the dead move",
			event{Kind: population.MovePresent, Number: gone, On: on, Facts: person{Present: newHome}},
			"number:event.dead",
		},
		{"to no place", event{Kind: population.MovePresent, Number: thu, On: on}, "place:place.unknown"},
		{"no temporary residence to end", event{Kind: population.MoveTemp, Number: thu, On: on}, "place:move.no_temporary"},
		{"temporarily", event{Kind: population.MoveTemp, Number: thu, On: on, Facts: person{Temporary: newHome}}, ""},
		{"into the same household", event{
			Kind: population.MovePerm, Number: thu, On: on, Facts: person{Permanent: newHome, Household: "1", Relation: "CH03"},
		}, "household:household.same"},

		{"nobody would be left", event{Kind: population.Split, Number: boy, On: on}, "members:household.empty"},
		{"of no household", event{Kind: population.Split, Number: gone, On: citizen.MustDay("2019-01-01")}, "number:household.none"},
		{
			"split with a stranger",
			event{Kind: population.Split, Number: thu, Members: []citizen.Number{boy}, On: on},
			"members:household.empty members:move.member",
		},
		{
			"two heads",
			event{Kind: population.Join, Number: boy, On: on, Facts: person{Household: "1", Relation: "CH01"}},
			"relation:household.two_heads",
		},
		{"no relation", event{Kind: population.Join, Number: boy, On: on, Facts: person{Household: "1"}}, "relation:household.relation"},
		{
			"a long relation",
			event{Kind: population.Join, Number: boy, On: on, Facts: person{Household: "1", Relation: "CH000000003"}},
			"relation:code.unknown",
		},
		{
			"no such household",
			event{Kind: population.Join, Number: boy, On: on, Facts: person{Household: "77", Relation: "CH10"}},
			"household:household.unknown",
		},
		{"a second head comes along", event{
			Kind: population.Join, Number: thu, Members: []citizen.Number{wife}, On: on, Facts: person{Household: "2", Relation: "CH03"},
			Relations: map[citizen.Number]string{wife: "CH01"},
		}, "members:household.two_heads"},
		{"a long relation comes along", event{
			Kind: population.Join, Number: thu, Members: []citizen.Number{wife}, On: on, Facts: person{Household: "2", Relation: "CH03"},
			Relations: map[citizen.Number]string{wife: "CH000000003"},
		}, "members:code.unknown"},

		{"no name", event{Kind: population.NameChange, Number: boy, On: on}, "name:name.missing"},
		{
			"the same name",
			event{Kind: population.NameChange, Number: boy, On: on, Facts: person{Name: "Trần Văn  Lớn"}},
			"name:name.same",
		},
		{"no card", event{Kind: population.NewCard, Number: thu, On: on}, "card:card.one"},
		{"an unknown card", card(population.Card{Kind: "X"}), "card:card.kind"},
		{"a card that ends first", card(population.Card{Kind: "CC", Issued: on, Expires: on}), "expires:card.expires"},
		{"a long serial", card(population.Card{Kind: "CC", Serial: long}), "serial:text.long"},
		{"a card again", card(population.Card{Kind: "CCCD", Serial: "A1"}), "serial:card.again"},
		{"no guardian to end", event{Kind: population.Guardianship, Number: boy, On: on}, "guardian:guardian.none"},
		{
			"one's own guardian",
			event{Kind: population.Guardianship, Number: boy, On: on, Facts: person{Guardian: kin{Number: boy}}},
			"guardian:guardian.self",
		},
		{
			"a young guardian",
			event{Kind: population.Guardianship, Number: boy, On: on, Facts: person{Guardian: kin{Number: girl}}},
			"guardian:guardian.age",
		},
		{"a guardian", event{Kind: population.Guardianship, Number: girl, On: on, Facts: person{Guardian: kin{Number: thu}}}, ""},

		{"born without a name", born(func(p *person) { p.Name = "" }), "name:name.missing"},
		{"born without a sex", born(func(p *person) { p.Sex = 0 }), "sex:birth.sex"},
		{"born in no province", born(func(p *person) { p.Birthplace = population.Place{} }), "birthplace:birth.province"},
		{"born where nothing is", born(func(p *person) { p.Birthplace.Commune = "99999" }), "birthplace:place.unknown"},
		{"born of an unknown people", born(func(p *person) { p.Ethnicity = "zz" }), "ethnicity:code.unknown"},
		{"a man is no mother", born(func(p *person) { p.Mother.Number = thu }), "mother:birth.parent_sex"},
		{
			"one is not both parents",
			born(func(p *person) { p.Mother.Number, p.Father.Number = wife, wife }),
			"father:birth.parent_sex father:birth.same_parent",
		},
		{"a dead father", born(func(p *person) { p.Father.Number = gone }), "father:birth.parent_dead"},
		{"a mother who is not there", born(func(p *person) { p.Mother.Number = stranger }), "mother:event.nobody"},
		{"into no household", born(func(p *person) { p.Household = "77" }), "household:household.unknown"},
		{"as the head", born(func(p *person) { p.Household, p.Relation = "1", "CH01" }), "relation:household.two_heads"},
		{"born on no whole day", func() event { e := born(nil); e.On = citizen.MustDay("2026"); return e }(), "on:birth.whole"},
		{"a child mother", func() event {
			e := born(func(p *person) { p.Mother.Number = girl })
			e.On = citizen.MustDay("2016-01-01")
			return e
		}(), "mother:birth.parent_age"},

		{"registered already", event{Kind: population.Registration, Facts: villagers()[0], On: on}, "number:load.taken"},
		{"registered without anything", event{Kind: population.Registration, On: on}, "number:citizen.number.digits"},
		{"registered without a name", event{Kind: population.Registration, On: on, Facts: person{Number: stranger}}, "name:name.missing"},
		{
			"registered without a birth",
			event{Kind: population.Registration, On: on, Facts: person{Number: stranger, Name: "A"}},
			"birth:birth.missing",
		},
		{
			"registered",
			event{Kind: population.Registration, On: on, Facts: person{Number: stranger, Name: "A", Birth: citizen.MustDay("1990")}},
			"",
		},

		{"no event to correct", event{Kind: population.Correction, Number: boy, Corrects: "x"}, "corrects:correction.event"},
		{"nothing to correct", correct(boy, person{}), "corrects:correction.fields"},
		{"the household is not corrected", correct(boy, person{Household: "1"}, population.FieldHousehold), "household:correction.field"},
		{"to no name", correct(boy, person{}, population.FieldName), "name:name.missing"},
		{"to no birth", correct(boy, person{}, population.FieldBirth), "birth:birth.missing"},
		{"to no sex", correct(boy, person{}, population.FieldSex), "sex:birth.sex"},
		{"to a birth to come", correct(boy, person{Birth: citizen.MustDay("2027")}, population.FieldBirth), "birth:day.future"},
		{"to an unknown people", correct(boy, person{Ethnicity: "zz"}, population.FieldEthnicity), "ethnicity:code.unknown"},
		{
			"to where nothing is",
			correct(boy, person{Permanent: population.Place{Province: "01", Commune: "99999", Country: "VN"}}, population.FieldPermanent),
			"permanent:place.unknown",
		},
		{"to what was said", correct(boy, person{Name: "Trần Văn Lớn"}, population.FieldName), "corrects:correction.same"},
	}
}

// TestRules: which events break which rules; nothing of one that does is kept.
func TestRules(t *testing.T) {
	t.Parallel()
	for _, tt := range ruleTests() {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, m := village()
			before := m.sorted()
			_, err := r.Record(t.Context(), clerk, tt.e)
			if got := faults(err); got != tt.want || tt.want == "" && err != nil {
				t.Errorf("faults = %q (%v), want %q", got, err, tt.want)
			}
			if d := cmp.Diff(before, m.sorted(), compare); tt.want != "" && d != "" {
				t.Errorf("something was kept (-before +after):\n%s", d)
			}
			wantDenied(t, func() error { _, err := r.Record(t.Context(), auditor, tt.e); return err })
		})
	}
}

func wantDenied(t *testing.T, do func() error) {
	t.Helper()
	if err := do(); fault.Of(err) != fault.Denied {
		t.Errorf("got %v, want it denied", err)
	}
}

// state is a person as stored, which is what follows from the events.
func stored(t *testing.T, r *population.Register, m *memory, n citizen.Number) person {
	t.Helper()
	p := m.persons[n]
	replayed, err := at(t.Context(), r, n, "", time.Time{})
	// Names of relatives are read from the register when somebody asks.
	for _, l := range population.PersonFields.Kin() {
		for _, q := range []*person{&p, &replayed} {
			if rel := l.Data[0].Relative(q); !rel.Number.IsZero() {
				*rel = kin{Number: rel.Number}
			}
		}
	}
	if d := cmp.Diff(replayed, p, compare); err != nil || d != "" {
		t.Errorf("%v, stored state (-events +stored):\n%s", err, d)
	}
	return p
}

// TestALife follows a family through every kind of event.
func TestALife(t *testing.T) {
	t.Parallel()
	r, m := village()
	day := citizen.MustDay
	birth := event{ID: "form-1", Kind: population.Birth, On: day("2026-11-01"), Facts: person{
		Name: "nguyễn  văn mới", Sex: citizen.Male, Birthplace: population.Place{Province: "01", Commune: "00097"},
		Mother: kin{Number: wife}, Father: kin{Number: thu},
	}}
	if seen, err := r.Preview(t.Context(), atDesk(), birth); err != nil || len(seen.Persons) != 1 || len(m.persons) != 8 {
		t.Fatalf("preview = %+v, %v", seen, err)
	}
	child := record(t, r, birth).Persons[0]
	if n := child.Number; n.Province() != "001" || n.Year() != 2026 || n.Sex() != citizen.Male || child.Relation != "CH03" ||
		child.Ethnicity != "01" {
		t.Errorf("child = %+v", child)
	}
	if again := record(t, r, birth); !again.Again || again.Persons[0].Number != child.Number {
		t.Errorf("second click = %+v", again)
	}
	birth.Kind, birth.Number = population.Death, thu
	if _, err := r.Record(t.Context(), clerk, birth); faults(err) != ":event.id" {
		t.Errorf("another event under the id: %v", err)
	}
	// The grandparents' household: a grandchild, named so by the register.
	grand := record(t, r, event{Kind: population.Birth, Facts: person{
		Name: "Nguyễn Thị Cháu", Sex: citizen.Female, Birthplace: population.Place{Province: "01"}, Father: kin{Number: thu}, Household: "2",
	}}).Persons[0]
	if grand.Relation != "CH06" || grand.Household != "000000002" {
		t.Errorf("grandchild = %+v", grand)
	}

	record(
		t,
		r,
		event{
			Kind:    population.MovePerm,
			On:      day("2026-11-05"),
			Number:  thu,
			Members: []citizen.Number{wife, child.Number},
			Facts:   person{Permanent: newHome},
		},
	)
	if p := stored(t, r, m, child.Number); p.Permanent.Commune != "00097" || p.Household != "000000001" ||
		p.PermanentSince != day("2026-11-05") {
		t.Errorf("moved = %+v", p)
	}
	// The head moves out alone: a household of his own, and the wife becomes head.
	elsewhere := newHome
	elsewhere.Detail = "Số 3 phố Mới"
	record(t, r, event{Kind: population.MovePerm, On: day("2026-11-06"), Number: thu, Facts: person{Permanent: elsewhere}})
	if p, w := stored(t, r, m, thu), stored(t, r, m, wife); p.Household == w.Household || w.Relation != "CH01" || p.Relation != "CH01" {
		t.Errorf("moved out: %+v, %+v", p, w)
	}
	record(
		t,
		r,
		event{
			Kind:   population.MovePerm,
			On:     day("2026-11-07"),
			Number: thu,
			Facts:  person{Permanent: newHome, Household: "1", Relation: "CH02"},
		},
	)
	// He leaves with the child; what the child is to him follows from who the father is.
	split := record(
		t,
		r,
		event{Kind: population.Split, On: day("2026-11-08"), Number: thu, Members: []citizen.Number{child.Number, child.Number}},
	)
	if p := stored(t, r, m, child.Number); p.Relation != "CH03" || p.Household != split.Event.Facts.Household ||
		p.Household == "000000001" {
		t.Errorf("child after the split = %+v", p)
	}
	record(t, r, event{
		Kind: population.Join, On: day("2026-11-09"), Number: thu, Members: []citizen.Number{child.Number},
		Facts:     person{Household: "2", Relation: "CH03"},
		Relations: map[citizen.Number]string{child.Number: "CH06"},
	})
	if p := stored(t, r, m, child.Number); p.Household != "000000002" || p.Relation != "CH06" {
		t.Errorf("joined = %+v", p)
	}

	record(t, r, event{Kind: population.MoveTemp, Number: thu, Facts: person{Temporary: newHome}})
	if p := stored(t, r, m, thu); p.Temporary.Country != "VN" || p.TemporarySince != day("2026-11-10") {
		t.Errorf("temporarily = %+v", p.Temporary)
	}
	record(t, r, event{Kind: population.MoveTemp, On: day("2026-11-12"), Number: thu})
	record(t, r, event{Kind: population.MovePresent, On: day("2026-11-12"), Number: thu, Facts: person{Present: newHome}})
	record(t, r, event{Kind: population.NameChange, Number: thu, Facts: person{Name: "Nguyễn Văn Thành"}})
	record(t, r, event{Kind: population.NewCard, Number: thu, Facts: person{Cards: []population.Card{{Kind: "CC", Serial: "B2"}}}})
	record(
		t,
		r,
		event{Kind: population.Guardianship, Number: child.Number, On: day("2026-11-12"), Facts: person{Guardian: kin{Number: wife}}},
	)
	record(t, r, event{Kind: population.Guardianship, Number: child.Number, On: day("2026-11-13")})
	if p := stored(t, r, m, child.Number); !p.Guardian.IsZero() {
		t.Errorf("guardian = %+v", p.Guardian)
	}
	p := stored(t, r, m, thu)
	if !p.Temporary.IsZero() || p.TemporarySince != 0 || p.Present.Commune != "00097" || p.Name != "Nguyễn Văn Thành" ||
		!slices.Equal(p.OtherNames, []string{"Nguyễn Văn Thử", "Tèo"}) || len(p.Cards) != 2 || p.Cards[0].Serial != "B2" {
		t.Errorf("after papers = %+v", p)
	}

	record(t, r, event{Kind: population.Divorce, On: day("2026-11-14"), Number: thu, Other: wife})
	if p := stored(t, r, m, wife); p.Marital != population.Alone || !p.Spouse.IsZero() {
		t.Errorf("divorced = %+v", p)
	}
	record(t, r, event{Kind: population.GoneMissing, On: day("2026-11-14"), Number: wife})
	record(t, r, event{Kind: population.FoundAgain, On: day("2026-11-15"), Number: wife})
	record(t, r, event{Kind: population.Marriage, On: day("2026-11-16"), Number: boy, Other: wife})
	if p := stored(t, r, m, wife); p.Marital != population.Married || p.Spouse.Number != boy || p.Life != population.Alive {
		t.Errorf("married again = %+v", p)
	}

	// The head of the parents' household dies; his widow is head, as the spouse.
	death := record(t, r, event{Kind: population.Death, On: day("2026-11-17"), Number: father}).Event
	if p := stored(t, r, m, mother); p.Marital != population.Alone || p.Relation != "CH01" {
		t.Errorf("widow = %+v", p)
	}
	fix := record(
		t,
		r,
		event{
			Kind:     population.Correction,
			Number:   father,
			Corrects: death.ID,
			Fields:   []population.Field{population.FieldLife},
			Facts:    person{Ended: day("2026-11-18")},
		},
	)
	record(
		t,
		r,
		event{
			Kind:     population.Correction,
			Number:   father,
			Corrects: fix.Event.ID,
			Fields:   []population.Field{population.FieldLife},
			Facts:    person{Life: population.Dead, Ended: day("2026-11-19")},
		},
	)
	if p := stored(t, r, m, father); p.Ended != day("2026-11-19") || p.Household != "" {
		t.Errorf("corrected = %+v", p)
	}
	if p, err := at(t.Context(), r, father, "2026-11-18", time.Time{}); err != nil || p.Life != population.Alive {
		t.Errorf("on the day before = %+v, %v", p.Life, err)
	}
	if p, err := at(t.Context(), r, father, "2026-11-17", fix.Event.RecordedAt.Add(-time.Microsecond)); err != nil ||
		p.Life != population.Dead {
		t.Errorf("as known before = %+v, %v", p.Life, err)
	}
	// A paper that says that he lived on, after he died, is refused whole.
	late := event{
		Kind:     population.Correction,
		Number:   father,
		Corrects: "load-" + father.Reveal(),
		Fields:   []population.Field{population.FieldBirth},
		Facts:    person{Birth: day("2026-11-20")},
	}
	if _, err := r.Record(t.Context(), clerk, late); faults(err) != "on:event.contradicts" {
		t.Errorf("born after death: %v", err)
	}
	// Where they lived before a load says so of a later day.
	record(
		t,
		r,
		event{
			Kind:     population.Correction,
			Number:   wife,
			Corrects: "load-" + wife.Reveal(),
			Fields:   []population.Field{population.FieldPermanent},
			Facts: person{
				Permanent: population.Place{
					Province: "01",
					District: "001",
					Commune:  "00004",
					Country:  "VN",
				}, PermanentSince: day("2020-01-01"),
			},
		},
	)
	stored(t, r, m, wife)
	if _, err := at(t.Context(), r, citizen.MustNumber("001090000099"), "", time.Time{}); fault.Of(err) != fault.NotFound {
		t.Errorf("nobody: %v", err)
	}

	// Subscribers hear of each change of each person, of a correction with what it corrects.
	kinds := map[population.Kind]int{}
	for _, c := range m.published {
		kinds[c.Kind]++
		if c.Kind == population.Correction && c.Of == "" {
			t.Errorf("a correction of nothing: %+v", c)
		}
	}
	if kinds[population.Birth] != 2 || kinds[population.Divorce] != 2 || kinds[population.Correction] != 3 ||
		kinds[population.Split] != 2 {
		t.Errorf("published = %v", kinds)
	}
}

// TestTwoClerks: somebody else was quicker.
func TestTwoClerks(t *testing.T) {
	t.Parallel()
	r, m := village()
	m.rival = func(s *state) {
		p := s.persons[thu]
		p.Version = 9
		s.persons[thu] = p
	}
	_, err := r.Record(
		t.Context(),
		clerk,
		event{Kind: population.NameChange, On: citizen.MustDay("2026-11-10"), Number: thu, Facts: person{Name: "X"}},
	)
	if faults(err) != ":event.stale" || m.persons[thu].Version != 1 {
		t.Errorf("%v, version %d", err, m.persons[thu].Version)
	}
}

// TestStoreFails: what the store cannot do ends an event with that error, whatever the
// rule that asked, and nothing is kept.
func TestStoreFails(t *testing.T) {
	t.Parallel()
	on := citizen.MustDay("2026-11-10")
	birth := event{
		Kind:  population.Birth,
		On:    on,
		Facts: person{Name: "A", Sex: citizen.Male, Birthplace: population.Place{Province: "01"}, Mother: kin{Number: wife}},
	}
	tests := []struct {
		broken string
		e      event
	}{
		{"events", event{Kind: population.Death, On: on, Number: thu}},
		{"events", event{Kind: population.Marriage, On: on, Number: boy, Other: girl}},
		{"events", event{Kind: population.Divorce, On: on, Number: thu}},
		{"events", event{Kind: population.MovePerm, On: on, Number: thu, Facts: person{Permanent: newHome}}},
		{"events", event{Kind: population.MovePresent, On: on, Number: thu, Facts: person{Present: newHome}}},
		{"events", event{Kind: population.Split, On: on, Number: thu}},
		{"events", event{Kind: population.Join, On: on, Number: thu, Facts: person{Household: "2", Relation: "CH03"}}},
		{"events", event{Kind: population.NewCard, On: on, Number: thu}},
		{"events", event{Kind: population.NameChange, On: on, Number: thu}},
		{"events", event{Kind: population.Guardianship, On: on, Number: thu}},
		{"events", event{Kind: population.GoneMissing, On: on, Number: thu}},
		{"events", event{Kind: population.Correction, Number: thu, Corrects: "x"}},
		{"events", birth},
		{
			"events",
			event{Kind: population.Registration, On: on, Facts: person{Number: citizen.MustNumber("001090000099"), Name: "A", Birth: on}},
		},
		{"serial", birth},
		{"members", birth},
		{"hold", birth},
		{"hold", event{Kind: population.Death, On: on, Number: thu}},
		{"members", event{Kind: population.MovePerm, On: on, Number: thu, Facts: person{Permanent: newHome}}},
		{
			"members",
			event{Kind: population.MovePerm, On: on, Number: thu, Facts: person{Permanent: newHome, Household: "2", Relation: "CH03"}},
		},
		{"members", event{Kind: population.Split, On: on, Number: thu}},
		{"household", event{Kind: population.Split, On: on, Number: thu}},
		{"household", event{Kind: population.MovePerm, On: on, Number: thu, Facts: person{Permanent: newHome}}},
		{"save", event{Kind: population.Death, On: on, Number: thu}},
		{"event", event{Kind: population.Death, On: on, Number: thu}},
		{"publish", event{Kind: population.Death, On: on, Number: thu}},
	}
	for _, tt := range tests {
		t.Run(tt.broken+" "+string(tt.e.Kind), func(t *testing.T) {
			t.Parallel()
			r, m := village()
			before := m.sorted()
			m.broken = tt.broken
			if _, err := r.Record(t.Context(), clerk, tt.e); !errors.Is(err, errBroken) {
				t.Errorf("got %v, want that the store is broken", err)
			}
			if d := cmp.Diff(before, m.sorted(), compare); d != "" || len(m.events) > 0 {
				t.Errorf("something was kept (-before +after):\n%s", d)
			}
		})
	}
}
