package population_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/fault"
	"dean06/internal/population"
)

// asked are the kinds of the questions that an event waits for.
func asked(t *testing.T, err error) string {
	t.Helper()
	var open population.Questions
	if !errors.As(err, &open) {
		if err != nil {
			t.Fatalf("%v is no question", err)
		}
		return ""
	}
	if f := fault.As(err); f == nil || f.Kind != fault.Conflict || f.Key != "population.event.questions" {
		t.Fatalf("fault of questions = %v", f)
	}
	var kinds []string
	for _, q := range open {
		kinds = append(kinds, string(q.Kind))
	}
	slices.Sort(kinds)
	return strings.Join(slices.Compact(kinds), " ")
}

// answer gives one reason to all that an event waits for.
func answer(e population.Event, err error, reason string) population.Event {
	var open population.Questions
	if errors.As(err, &open) {
		e.Answers = map[string]string{}
		for _, q := range open {
			e.Answers[q.Code] = reason
		}
	}
	return e
}

func bornTo(m, f citizen.Number, name, on string, sex citizen.Sex) event {
	return event{Kind: population.Birth, On: citizen.MustDay(on), Basis: "Giấy khai sinh", Facts: person{
		Name: name, Sex: sex, Birthplace: population.Place{Province: "01", Commune: "00097"}, Mother: kin{Number: m}, Father: kin{Number: f},
	}}
}

func TestBirthIsAsked(t *testing.T) {
	t.Parallel()
	var none citizen.Number
	first := bornTo(wife, thu, "Nguyễn Gia Bảo", "2026-11-01", citizen.Male)
	tests := []struct {
		name string
		e    event
		want string
	}{
		{"the same", first, "birth_again"},
		{"without accents, words swapped", bornTo(wife, thu, "Bao Gia Nguyen", "2026-11-01", citizen.Male), "birth_again"},
		{"a letter off", bornTo(wife, thu, "Nguyễn Gia Bão h", "2026-11-01", citizen.Male), "birth_again"},
		{"some days later", bornTo(wife, thu, "Nguyễn Gia Bảo", "2026-11-09", citizen.Male), "birth_again"},
		{"a year before", bornTo(wife, thu, "Nguyễn Gia Bảo", "2025-10-01", citizen.Male), "birth_again"},
		{"the other sex, one name", bornTo(wife, thu, "Nguyễn Gia Bảo", "2026-11-01", citizen.Female), "birth_again"},
		{"the father alone", bornTo(none, thu, "Nguyễn Gia Bảo", "2026-11-01", citizen.Male), "birth_again"},
		{"another mother typed", bornTo(girl, thu, "Nguyễn Gia Bảo", "2026-11-01", citizen.Male), "birth_again"},
		{"no parents, one place", bornTo(none, none, "Nguyễn Gia Bảo", "2026-11-01", citizen.Male), "birth_again"},
		{"no parents, another day", bornTo(none, none, "Nguyễn Gia Bảo", "2026-11-02", citizen.Male), ""},
		{"a twin", bornTo(wife, thu, "Nguyễn Khánh Linh", "2026-11-02", citizen.Female), ""},
		{"too near", bornTo(wife, thu, "Nguyễn Khánh Linh", "2026-09-01", citizen.Female), "births_near"},
		{"three days are no twin", bornTo(wife, thu, "Nguyễn Khánh Linh", "2026-10-29", citizen.Female), "births_near"},
		{"long enough before", bornTo(wife, thu, "Nguyễn Khánh Linh", "2026-05-01", citizen.Female), ""},
		{"another mother, another name", bornTo(girl, none, "Trần Gia Hân", "2026-10-01", citizen.Female), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, m := village()
			record(t, r, first)
			events := len(m.events)
			would, err := r.Preview(t.Context(), atDesk(), tt.e)
			if err != nil {
				t.Fatal(err)
			}
			_, err = r.Record(t.Context(), clerk, tt.e)
			if got := asked(t, err); got != tt.want || len(would.Questions) == 0 != (tt.want == "") {
				t.Fatalf("asked %q, want %q; preview asks %v", got, tt.want, would.Questions)
			}
			if tt.want == "" {
				return
			}
			if len(m.events) != events {
				t.Fatal("recorded without an answer")
			}
			// The code of the preview answers the question when it is recorded.
			done := record(t, r, answer(tt.e, error(would.Questions), "Là trẻ khác, đã xem giấy chứng sinh số 12"))
			for code, reason := range done.Event.Answers {
				if string(population.KindOf(code)) != tt.want || !strings.Contains(reason, "số 12") {
					t.Errorf("kept %q: %q", code, reason)
				}
			}
			if len(done.Event.Answers) != len(would.Questions) {
				t.Errorf("answers kept = %v", done.Event.Answers)
			}
		})
	}
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	r, m := village()
	first := record(t, r, bornTo(wife, thu, "Nguyễn Gia Bảo", "2026-11-01", citizen.Male))
	again := bornTo(wife, thu, "Nguyễn Gia Bảo", "2026-11-01", citizen.Male)
	_, err := r.Record(t.Context(), clerk, again)
	var open population.Questions
	if !errors.As(err, &open) || len(open) != 1 {
		t.Fatalf("open = %v, %v", open, err)
	}
	if open[0].Facts != nil {
		t.Errorf("facts without a look-up: %+v", open[0].Facts)
	}
	would, err := r.Preview(t.Context(), atDesk(), again)
	if err != nil {
		t.Fatal(err)
	}
	if l := m.last(); !slices.Equal(l.subjects, []citizen.Number{first.Event.Number}) || !slices.Contains(l.Fields, population.FieldMother) ||
		l.Outcome != population.Answered {
		t.Errorf("logged = %+v", l)
	}
	open = would.Questions
	q := open[0]
	if n := open.About(); len(n) != 1 || n[0] != first.Event.Number {
		t.Errorf("about = %v", n)
	}
	if f := q.Facts[0]; f.As != "child" || f.Person.Name != "Nguyễn Gia Bảo" || f.Past == nil || f.Past.ID != first.Event.ID ||
		f.Person.Permanent != (population.Place{}) {
		t.Errorf("facts = %+v", f)
	}
	for reason, want := range map[string]string{
		"":                                "open",
		"   \t ":                          "open",
		"ok":                              "answers." + q.Code + ":question.reason",
		"..........":                      "answers." + q.Code + ":question.reason",
		"hai dòng\nhai dòng":              "answers." + q.Code + ":question.reason",
		"có ký tự ẩn\u200b ở đây":         "answers." + q.Code + ":question.reason",
		strings.Repeat("dài ", 126):       "answers." + q.Code + ":question.reason",
		strings.Repeat("dài ", 124) + ".": "",
	} {
		e := again
		e.Answers = map[string]string{q.Code: reason, "birth_again-0000000000000000": "không ai hỏi câu này cả"}
		var got string
		would, err := r.Preview(t.Context(), atDesk(), e)
		if err != nil {
			t.Fatal(err)
		}
		mine, _ := village()
		record(t, mine, bornTo(wife, thu, "Nguyễn Gia Bảo", "2026-11-01", citizen.Male))
		var open population.Questions
		_, err = mine.Record(t.Context(), clerk, e)
		switch {
		case errors.As(err, &open):
			got = "open"
		case err != nil:
			got = faults(err)
		case len(would.Event.Answers) != 1:
			got = "kept what was not asked"
		}
		if got != want {
			t.Errorf("%q: %s, want %s", reason, got, want)
		}
	}
	// Another register's key makes other codes, and what is asked is asked again once the facts are others.
	record(t, r, event{Kind: population.NameChange, Number: first.Event.Number, Facts: person{Name: "Nguyễn Gia Bao"}})
	e := again
	e.Answers = map[string]string{q.Code: "Là trẻ khác, đã xem giấy chứng sinh"}
	_, err = r.Record(t.Context(), clerk, e)
	if got := asked(t, err); got != "birth_again" {
		t.Errorf("after the facts changed: %q", got)
	}
}

// TestKinIsAsked: what no rule forbids and is likely a slip.
func TestKinIsAsked(t *testing.T) {
	t.Parallel()
	var none citizen.Number
	on := citizen.MustDay("2026-11-10")
	correct := func(n citizen.Number, p person, fields ...field) event {
		return event{Kind: population.Correction, Number: n, Corrects: "load-" + n.Reveal(), Fields: fields, Facts: p, Basis: "Giấy khai sinh 5"}
	}
	move := func(n citizen.Number, kind population.Kind, day string, to population.Place) event {
		return event{Kind: kind, Number: n, On: citizen.MustDay(day), Facts: person{Permanent: to, Temporary: to, Present: to}}
	}
	tests := []struct {
		name string
		e    event
		want string
	}{
		{"a mother of 64", bornTo(mother, none, "Trần Văn Út", "2026-11-01", citizen.Male), "parent_old"},
		{"a mother of 17", bornTo(girl, none, "Trần Văn Út", "2026-11-01", citizen.Male), ""},
		{"a mother of 11", bornTo(girl, none, "Trần Văn Út", "2020-11-01", citizen.Male), "parent_young"},
		{"another father than the husband", bornTo(wife, boy, "Lê Văn Út", "2026-11-01", citizen.Male), "mother_married"},
		{"the husband", bornTo(wife, thu, "Nguyễn Văn Út", "2026-11-01", citizen.Male), ""},
		{"a child before the mother", correct(thu, person{Birth: citizen.MustDay("1955-01-01")}, population.FieldBirth), "number_differs parent_young"},
		{"a mother after her child", correct(mother, person{Birth: citizen.MustDay("1982-05-01")}, population.FieldBirth), "number_differs parent_young"},
		{"married as a child", correct(wife, person{Birth: citizen.MustDay("2012-03-04")}, population.FieldBirth), "number_differs spouse_young"},
		{"as it may be", correct(thu, person{Birth: citizen.MustDay("1990-10-01")}, population.FieldBirth), ""},
		{"a married woman is a man", correct(wife, person{Sex: citizen.Male}, population.FieldSex), "number_differs spouse_sex"},
		{"a mother is a man", correct(mother, person{Sex: citizen.Male}, population.FieldSex), "number_differs parent_sex spouse_sex"},
		{"a hundred and thirty", correct(boy, person{Birth: citizen.MustDay("1890-01-01")}, population.FieldBirth), "number_differs very_old"},
		{"another's name", correct(boy, person{Name: "Lê Hoài Nam"}, population.FieldName), "name_other"},
		{"a letter of the name", correct(boy, person{Name: "Trần Văn Lợn"}, population.FieldName), ""},
		{"of a younger mother", correct(boy, person{Mother: kin{Number: girl}}, population.FieldMother), "parent_young"},
		{"died before his son was there", event{Kind: population.Death, Number: father, On: citizen.MustDay("1988-01-01")}, "after_death"},
		{"died before a card", event{Kind: population.Death, Number: thu, On: citizen.MustDay("2021-01-01")}, "after_death"},
		{"a card of another", event{Kind: population.NewCard, Number: boy, On: on, Facts: person{
			Cards: []population.Card{{Kind: "CCCD", Serial: "A1"}},
		}}, "card_taken"},
		{"a card of another kind", event{Kind: population.NewCard, Number: boy, On: on, Facts: person{
			Cards: []population.Card{{Kind: "CC", Serial: "A1"}},
		}}, ""},
		{"a child moves alone", move(girl, population.MovePerm, "2026-11-10", newHome), "child_alone"},
		{"a grown man moves", move(boy, population.MovePerm, "2026-11-10", newHome), ""},
		{"to where he is", move(boy, population.MovePerm, "2023-11-10", oldHome), "move_again"},
		{"a girl temporarily", move(girl, population.MoveTemp, "2026-11-10", newHome), "child_alone"},
		{"registered under another number", event{Kind: population.Registration, On: on, Facts: person{
			Number: citizen.MustNumber("001192000077"), Name: "Lê Thị Vợ", Birth: citizen.MustDay("1992-03-04"), Sex: citizen.Female,
		}}, "person_again"},
		{"registered with a number of another year", event{Kind: population.Registration, On: on, Facts: person{
			Number: citizen.MustNumber("001192000077"), Name: "Lê Thị Xuân", Birth: citizen.MustDay("1993-03-04"), Sex: citizen.Male,
		}}, "number_differs"},
		{"cousins", event{Kind: population.Marriage, Number: boy, Other: girl, On: on}, "near_kindred"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, m := village()
			if tt.want == "near_kindred" {
				for n, parent := range map[citizen.Number]citizen.Number{boy: father, girl: lost} {
					p := m.persons[n]
					p.Father = kin{Number: parent}
					p.Birth = citizen.MustDay("2000-02-03")
					m.persons[n] = p
				}
				for _, n := range []citizen.Number{father, lost} {
					p := m.persons[n]
					p.Father = kin{Number: gone}
					m.persons[n] = p
				}
				m.reload()
			}
			before := len(m.events)
			_, err := r.Record(t.Context(), clerk, tt.e)
			if got := asked(t, err); got != tt.want {
				t.Fatalf("asked %q, want %q", got, tt.want)
			}
			if tt.want == "" {
				return
			}
			if len(m.events) != before {
				t.Fatal("recorded without an answer")
			}
			if done := record(t, r, answer(tt.e, err, "Đã xem giấy tờ gốc, đúng như vậy")); len(done.Event.Answers) == 0 {
				t.Error("no answer is kept")
			}
		})
	}
}

// TestSuccession: who is left when the head is gone, and what they are to the next one.
func TestSuccession(t *testing.T) {
	t.Parallel()
	var none citizen.Number
	aunt := citizen.MustNumber("001165000001")
	uncle := citizen.MustNumber("001066000001")
	child := citizen.MustNumber("001316000001")
	// house puts people into the household of thu, and says who they are to him.
	type one struct {
		n        citizen.Number
		birth    string
		relation string
		mother   citizen.Number
		father   citizen.Number
	}
	tests := []struct {
		name  string
		house []one
		say   map[citizen.Number]string
		asked string
		want  map[citizen.Number]string
	}{
		{
			"his wife and his mother",
			[]one{{wife, "1992-03-04", "CH02", none, none}, {mother, "1962-05", "CH04", none, none}},
			nil, "",
			map[citizen.Number]string{wife: "CH01", mother: "CH07"},
		},
		{
			"their child",
			[]one{{wife, "1992-03-04", "CH02", none, none}, {child, "2016-01-01", "CH03", wife, thu}},
			nil, "",
			map[citizen.Number]string{wife: "CH01", child: "CH03"},
		},
		{
			"a child of whom it is not known whose",
			[]one{{wife, "1992-03-04", "CH02", none, none}, {child, "2016-01-01", "CH03", none, thu}},
			nil,
			"relation_left", nil,
		},
		{
			"a cháu",
			[]one{{wife, "1992-03-04", "CH02", none, none}, {child, "2016-01-01", "CH06", none, none}},
			map[citizen.Number]string{child: "CH10"},
			"",
			map[citizen.Number]string{wife: "CH01", child: "CH10"},
		},
		{
			"a lodger stays one",
			[]one{{wife, "1992-03-04", "CH02", none, none}, {uncle, "1966-01-01", "CH12", none, none}},
			nil, "",
			map[citizen.Number]string{wife: "CH01", uncle: "CH12"},
		},
		{"two grown, no spouse", []one{{aunt, "1965-01-01", "CH09", none, none}, {uncle, "1966-01-01", "CH09", none, none}}, nil, "head_next", nil},
		{
			"two grown, one named",
			[]one{{aunt, "1965-01-01", "CH09", none, none}, {uncle, "1966-01-01", "CH09", none, none}},
			map[citizen.Number]string{uncle: "CH01"},
			"",
			map[citizen.Number]string{uncle: "CH01", aunt: "CH09"},
		},
		{
			"one grown and a child of his",
			[]one{{mother, "1962-05", "CH04", none, none}, {child, "2016-01-01", "CH03", none, thu}},
			nil, "",
			map[citizen.Number]string{mother: "CH01", child: "CH06"},
		},
		{"a child alone", []one{{child, "2016-01-01", "CH03", none, thu}}, nil, "", map[citizen.Number]string{child: "CH01"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, m := village()
			for n, p := range m.persons { // nobody else is in the house
				if p.Household == "000000001" && n != thu {
					p.Household, p.Relation = "", ""
					m.persons[n] = p
				}
			}
			for _, o := range tt.house {
				p, had := m.persons[o.n]
				if !had {
					p = person{Number: o.n, Name: "Nguyễn Thị " + o.n.Reveal()[6:], Sex: o.n.Sex(), Marital: "1", Life: population.Alive, Version: 1}
				}
				p.Birth, p.Household, p.Relation, p.Mother.Number, p.Father.Number = citizen.MustDay(o.birth), "000000001", o.relation, o.mother, o.father
				m.persons[o.n] = p
			}
			m.reload()
			e := event{Kind: population.Death, Number: thu, On: citizen.MustDay("2026-11-10"), Relations: tt.say}
			_, err := r.Record(t.Context(), clerk, e)
			if got := asked(t, err); got != tt.asked {
				t.Fatalf("asked %q, want %q", got, tt.asked)
			}
			for n, want := range tt.want {
				if p := m.persons[n]; p.Relation != want || p.Household != "000000001" {
					t.Errorf("%s is %s, want %s", p.Name, p.Relation, want)
				}
			}
			if len(tt.want) > 0 {
				return
			}
			// What a person has to say is said.
			would, err := r.Preview(t.Context(), atDesk(), e)
			if err != nil {
				t.Fatal(err)
			}
			e.Relations = map[citizen.Number]string{}
			for _, q := range would.Questions {
				if q.Kind == population.HeadNext {
					e.Relations[q.Facts[0].Number] = "CH01"
				} else {
					e.Relations[q.Of] = "CH03"
				}
			}
			record(t, r, e)
			heads := 0
			for _, p := range m.persons {
				if p.Household == "000000001" && p.Relation == "CH01" {
					heads++
				}
			}
			if heads != 1 {
				t.Errorf("%d heads", heads)
			}
		})
	}
}

// TestLateDeath: a death of before somebody came into the household leaves it a head.
func TestLateDeath(t *testing.T) {
	t.Parallel()
	r, m := village()
	record(t, r, event{Kind: population.Split, Number: wife, On: citizen.MustDay("2026-11-02")})
	record(t, r, event{Kind: population.Join, Number: boy, On: citizen.MustDay("2026-11-10"), Facts: person{Household: "1", Relation: "CH10"}})
	record(t, r, event{Kind: population.Death, Number: thu, On: citizen.MustDay("2026-11-05")})
	if p := stored(t, r, m, boy); p.Relation != "CH01" || p.Household != "000000001" {
		t.Errorf("who is left = %s in %s", p.Relation, p.Household)
	}
	before, err := at(t.Context(), r, boy, "2026-11-07", time.Time{})
	if err != nil || before.Household != "000000501" {
		t.Errorf("before he came = %+v, %v", before.Household, err)
	}
	// He who became head by that is dead himself since before: the dead are of no household.
	record(t, r, event{Kind: population.Join, Number: girl, On: citizen.MustDay("2026-11-12"), Facts: person{Household: "1", Relation: "CH10"}})
	_, err = r.Record(t.Context(), clerk, event{Kind: population.Death, Number: boy, On: citizen.MustDay("2026-11-09")})
	if faults(err) != "on:event.contradicts" {
		t.Errorf("dead before he moved: %v", err)
	}
	e := event{Kind: population.Split, Number: boy, Members: []citizen.Number{}, On: citizen.MustDay("2026-11-08")}
	if _, err = r.Record(t.Context(), clerk, e); faults(err) != "on:household.later" {
		t.Errorf("a split of before he came: %v", err)
	}
}

// reload makes the registrations say what the persons are.
func (m *memory) reload() {
	m.loads = nil
	for n, p := range m.persons {
		p.Version = 0
		m.loads = append(m.loads, event{
			ID: "load-" + n.Reveal(), Kind: population.Registration, On: p.Birth, RecordedAt: now.Add(-time.Hour), Number: n, Virtual: true,
			Parts: []population.Part{{Number: n, Fields: m.fields.State(), Facts: p}},
		})
	}
}

// TestMovedBefore: a move of one day is asked for a second time, and one that comes after a later one.
func TestMovedBefore(t *testing.T) {
	t.Parallel()
	r, m := village()
	move := func(day, detail string) event {
		to := newHome
		to.Detail = detail
		return event{Kind: population.MovePerm, Number: boy, On: citizen.MustDay(day), Facts: person{Permanent: to}}
	}
	record(t, r, move("2026-11-10", "Số 4"))
	for day, want := range map[string]string{"2026-11-10": "move_again", "2026-11-05": "moved_since", "2026-11-11": ""} {
		would, err := r.Preview(t.Context(), atDesk(), move(day, "Số 5"))
		if err != nil || len(would.Questions) > 0 != (want != "") || want != "" && string(would.Questions[0].Kind) != want {
			t.Errorf("%s: %v, %v; want %q", day, would.Questions, err, want)
		}
	}
	late := move("2026-11-05", "Số 5")
	_, err := r.Record(t.Context(), clerk, late)
	record(t, r, answer(late, err, "Phiếu báo thay đổi đến muộn"))
	if p := stored(t, r, m, boy); p.Permanent.Detail != "Số 4" {
		t.Errorf("after a late move = %+v", p.Permanent)
	}
}
