package population_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/population"
)

type field = population.Field

// TestMatch: which claimed values fit which held ones.
func TestMatch(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		of     citizen.Number
		change func(*person)
		values map[field]string
		want   string // the fields that fit
	}{
		{
			"codes, with and without the zero",
			thu,
			nil,
			map[field]string{"ethnicity": "1", "religion": "00", "blood": "0", "marital": "2"},
			"ethnicity religion blood marital",
		},
		{"others", thu, nil, map[field]string{"ethnicity": "02", "religion": "", "sex": "2", "nationality": "LA", "life": "dead"}, ""},
		{
			"who they are",
			thu,
			nil,
			map[field]string{"sex": "1", "nationality": "vn", "life": "alive", "other_names": "TEO", "cards": "A1"},
			"other_names sex nationality cards life",
		},
		{"a sex is one digit", thu, nil, map[field]string{"sex": "11"}, ""},
		{"household without zeros", thu, nil, map[field]string{"household": "1"}, "household"},
		{"of no household", gone, nil, map[field]string{"household": "0"}, ""},
		{
			"kin by name, number, old number",
			thu,
			func(p *person) { p.Guardian = kin{OldNumber: old("987654321"), Name: "Giám Hộ"} },
			map[field]string{
				"father": "nguyễn văn cha", "mother": mother.Reveal(), "spouse": "Ai Khác", "guardian": "987654321",
			},
			"father mother guardian",
		},
		{"nobody's guardian", thu, nil, map[field]string{"guardian": "x"}, ""},
		{
			"a commune as it was, is, and its province",
			thu,
			nil,
			map[field]string{"permanent": "00001", "origin": "00097", "birthplace": "01", "present": "01/001/00001"},
			"birthplace origin permanent present",
		},
		{"other places", thu, nil, map[field]string{"permanent": "00004", "origin": "79", "birthplace": "x", "temporary": "01"}, ""},
		{
			"a commune of today, claimed by its old code",
			thu,
			func(p *person) { p.Permanent = newHome },
			map[field]string{"permanent": "00001"},
			"permanent",
		},
		{"a province of today, claimed by its old code", thu, func(p *person) {
			p.Permanent, p.Present = population.Place{
				Province: "08",
				Commune:  "00691",
			}, population.Place{
				Province: "02",
				District: "024",
				Commune:  "00688",
			}
		}, map[field]string{"permanent": "02", "present": "08"}, "permanent present"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, m := village()
			if tt.change != nil {
				p := m.persons[tt.of]
				tt.change(&p)
				m.persons[tt.of] = p
			}
			claim := population.Claim{Key: population.Key{Number: tt.of, Name: m.persons[tt.of].Name}, Values: tt.values}
			v, err := r.Match(t.Context(), asking(), []population.Claim{claim})
			if err != nil || !v[0].Found || len(v[0].Fields) != len(tt.values)+1 || !v[0].Fields["name"] {
				t.Fatalf("%+v, %v", v, err)
			}
			var got []string
			for _, f := range population.Fields {
				if v[0].Fields[f] && f != "name" {
					got = append(got, string(f))
				}
			}
			if strings.Join(got, " ") != tt.want {
				t.Errorf("fits %v, want %s", got, tt.want)
			}
		})
	}
}

// TestMatchKeys: whom a key means, and who reads of it in the log.
func TestMatchKeys(t *testing.T) {
	t.Parallel()
	r, m := village()
	key := func(n citizen.Number, o, name, birth string) population.Claim {
		k := population.Key{Number: n, Name: name}
		if o != "" {
			k.OldNumber = old(o)
		}
		if birth != "" {
			k.Birth = citizen.MustDay(birth)
		}
		return population.Claim{Key: k}
	}
	claims := []population.Claim{
		key(thu, "", "NGUYENVANTHU", "1990"),
		key(thu, "", "Ai Khác", "1980"),
		key(thu, "", "Ai Khác", "1990-01-01"),
		key(thu, "012345678", "", "1990-01"),
		key(citizen.Number{}, "012345678", "Nguyễn Văn Thử", ""),
		key(citizen.Number{}, "111222333", "Lê Thị Khác", "1992"), // two have it
		key(citizen.Number{}, "111222333", "Lê Thị Vợ", ""),
		key(citizen.MustNumber("001090000099"), "", "Nguyễn Văn Thử", "1990-01-01"),
		key(thu, "", "Ai Khác", "1990"), // the year is in the number
	}
	v, err := r.Match(t.Context(), asking(), claims)
	if err != nil {
		t.Fatal(err)
	}
	want := []population.Verdict{
		{
			Found:  true,
			Fields: map[field]bool{"name": true, "birth": true},
		},
		{},
		{Found: true, Fields: map[field]bool{"name": false, "birth": true}},
		{Found: true, Fields: map[field]bool{"birth": true, "old_number": true}},
		{Found: true, Fields: map[field]bool{"name": true}},
		{},
		{Found: true, Fields: map[field]bool{"name": true}},
		{},
		{},
	}
	if d := cmp.Diff(want, v, compare); d != "" {
		t.Errorf("verdicts (-want +got):\n%s", d)
	}
	if l := m.last(); !slices.Equal(l.subjects, []citizen.Number{father, thu, wife}) || l.Outcome != population.Answered ||
		l.Persons != len(claims) {
		t.Errorf("logged = %+v", l)
	}
	for name, tt := range map[string]struct {
		in     population.Inquiry
		claims []population.Claim
		want   string
		kind   fault.Kind
	}{
		"too many":  {asking(), make([]population.Claim, population.MaxBatch+1), ":batch.large", fault.TooLarge},
		"no number": {asking(), []population.Claim{{}}, ":key.missing", fault.Invalid},
		"not comparable": {
			asking(),
			[]population.Claim{{Key: population.Key{Number: thu, Name: "x"}, Values: map[field]string{"members": "x"}}},
			":claim.field",
			fault.Invalid,
		},
		"no field": {
			asking(), []population.Claim{{Key: population.Key{Number: thu, Name: "x"}, Values: map[field]string{"x": "x"}}}, ":claim.field", fault.Invalid,
		},
		"claimed twice": {
			asking(), []population.Claim{{Key: population.Key{Number: thu, Name: "x"}, Values: map[field]string{"name": "x"}}}, ":claim.twice", fault.Invalid,
		},
		"a number alone":        {asking(), []population.Claim{{Key: population.Key{Number: thu}}}, ":claim.unproven", fault.Invalid},
		"a number and its year": {asking(), []population.Claim{key(thu, "", "", "1990")}, ":claim.unproven", fault.Invalid},
		"a name of nothing":     {asking(), []population.Claim{key(thu, "", "'-\u200b", "")}, ":claim.unproven", fault.Invalid},
		"values alone": {
			asking(), []population.Claim{{Key: population.Key{Number: thu}, Values: map[field]string{"sex": "1"}}}, ":claim.unproven", fault.Invalid,
		},
		"not granted": {
			asking("name"),
			[]population.Claim{{Key: population.Key{Number: thu, Name: "x"}, Values: map[field]string{"sex": "1"}}},
			":field.denied",
			fault.Denied,
		},
	} {
		_, err := r.Match(t.Context(), tt.in, tt.claims)
		if faults(err) != tt.want || fault.Of(err) != tt.kind || m.last().Outcome != population.Refused {
			t.Errorf("%s: %v, logged %s", name, err, m.last().Outcome)
		}
	}
}

// TestFacts: only what is asked and granted is told, and the log says of whom.
func TestFacts(t *testing.T) {
	t.Parallel()
	r, m := village()
	ctx := t.Context()
	all, err := r.Facts(
		ctx,
		asking(),
		population.Key{Number: thu, Name: "Nguyễn Văn Thử", Birth: citizen.MustDay("1990"), OldNumber: old("012345678")},
		nil,
	)
	if err != nil || !slices.Equal(all.Fields, population.Fields) {
		t.Fatalf("%v, %v", all.Fields, err)
	}
	if all.Person.Mother.Name != "Trần Thị Mẹ" || all.Head.Number != thu || all.Head.OldNumber != old("012345678") ||
		len(all.Members) != 1 ||
		all.Members[0].Number != wife {
		t.Errorf("all = %+v", all)
	}
	if l := m.last(); !slices.Equal(l.subjects, []citizen.Number{thu, wife}) {
		t.Errorf("logged = %+v", l)
	}
	few, err := r.Facts(
		ctx,
		asking("birth", "name", "life"),
		population.Key{OldNumber: old("012345678")},
		[]field{"name", "birth", "name"},
	)
	if d := cmp.Diff(
		population.Facts{
			Fields: []field{"name", "birth"}, Person: person{Name: "Nguyễn Văn Thử", Birth: citizen.MustDay("1990-01-01")}, AsOf: now,
		},
		few, compare,
	); err != nil ||
		d != "" {
		t.Errorf("few: %v (-want +got):\n%s", err, d)
	}
	for name, tt := range map[string]struct {
		in     population.Inquiry
		key    population.Key
		fields []field
		want   string
	}{
		"unknown field":     {asking(), population.Key{Number: thu}, []field{"x"}, ":field.unknown"},
		"no number":         {asking(), population.Key{}, []field{"name"}, ":key.missing"},
		"not granted":       {asking("name"), population.Key{Number: thu}, []field{"name", "sex"}, ":field.denied"},
		"number ungranted":  {asking("name"), population.Key{Number: thu}, []field{"number"}, ":field.denied"},
		"another's name":    {asking(), population.Key{Number: thu, Name: "Ai Khác"}, []field{"name"}, ":person.not_found"},
		"another's birth":   {asking(), population.Key{Number: thu, Birth: citizen.MustDay("1991")}, []field{"name"}, ":person.not_found"},
		"another's number":  {asking(), population.Key{Number: thu, OldNumber: old("111222333")}, []field{"name"}, ":person.not_found"},
		"two with a number": {asking(), population.Key{OldNumber: old("111222333")}, []field{"name"}, ":person.not_found"},
	} {
		if _, err := r.Facts(ctx, tt.in, tt.key, tt.fields); faults(err) != tt.want {
			t.Errorf("%s: %v, want %s", name, err, tt.want)
		}
	}
}

// TestBeat: the police of a commune look at those who live on its ground, by their number, and
// at nobody else; what was refused is in the log, and the role opens nothing where the agency
// is no commune's police.
func TestBeat(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		agency string
		role   string
		change func(*person)
		want   string
	}{
		"who lives there since the time of districts": {"H26.P00097", population.CommunePolice, nil, ""},
		"who lives there by today's code": {
			"H26.P00097", population.CommunePolice, func(p *person) { p.Permanent = newHome }, "",
		},
		"who is registered nowhere and stays there": {
			"H26.P00097", population.CommunePolice, func(p *person) { p.Permanent, p.Temporary = population.Place{}, newHome }, "",
		},
		"who is registered elsewhere and stays there": {"H26.P00097", population.CommunePolice, func(p *person) {
			p.Permanent, p.Temporary = population.Place{Province: "79", District: "760", Commune: "26734"}, newHome
		}, ":denied.elsewhere"},
		"who lives nowhere": {"H26.P00097", population.CommunePolice, func(p *person) {
			p.Permanent, p.Temporary, p.Present = population.Place{}, population.Place{}, population.Place{}
		}, ":denied.elsewhere"},
		"of another commune":          {"H55.P05443", population.CommunePolice, nil, ":denied.elsewhere"},
		"of the commune's committee":  {"H26.C00097", population.CommunePolice, nil, ":denied.look_up"},
		"of no agency":                {"", population.CommunePolice, nil, ":denied.look_up"},
		"the police without the role": {"H26.P00097", population.Auditor, nil, ":denied.look_up"},
		"a clerk at the police":       {"H55.P05443", population.Registrar, nil, ""},
	} {
		r, m := village()
		if tt.change != nil {
			p := m.persons[thu]
			tt.change(&p)
			m.persons[thu] = p
		}
		in := asking("name", "life")
		in.By = actor.Actor{Account: "a-5", Name: "Dương Văn Cư Trú", Agency: tt.agency, Roles: []string{tt.role}}
		f, err := r.Facts(t.Context(), in, population.Key{Number: thu}, []field{"name", "life"})
		if faults(err) != tt.want || (err == nil) != (f.Person.Name == "Nguyễn Văn Thử") {
			t.Errorf("%s: %v, %q, want %s", name, err, f.Person.Name, tt.want)
		}
		want := population.Answered
		if tt.want != "" {
			want = population.Refused
		}
		if got := m.last().Outcome; got != want {
			t.Errorf("%s: logged as %s, want %s", name, got, want)
		}
		if tt.role == population.CommunePolice { // what is no look at one by their number stays shut
			if _, err := r.Search(t.Context(), in, population.Query{Text: "Nguyễn Văn Thử"}); fault.Of(err) != fault.Denied {
				t.Errorf("%s searches: %v", name, err)
			}
			if _, err := r.Match(t.Context(), in, []population.Claim{{Key: population.Key{Number: thu}}}); fault.Of(err) != fault.Denied {
				t.Errorf("%s asks whether it fits: %v", name, err)
			}
		}
	}
}

// TestHouseholdAndResidence: who lives together, and where; whoever may not see more gets less.
func TestHouseholdAndResidence(t *testing.T) {
	t.Parallel()
	r, _ := village()
	ctx := t.Context()
	h, err := r.Household(ctx, asking(), population.Key{Number: wife})
	if err != nil || h.Number != "000000001" || h.Head.Number != thu || len(h.Members) != 2 || h.Place.Commune != "00001" {
		t.Errorf("household = %+v, %v", h, err)
	}
	if h, err := r.Household(ctx, asking("household", "members"), population.Key{Number: wife}); err != nil || !h.Place.IsZero() {
		t.Errorf("without the place = %+v, %v", h, err)
	}
	if h, err := r.Household(ctx, asking(), population.Key{Number: gone}); err != nil || h.Number != "" || h.Members != nil {
		t.Errorf("of no household = %+v, %v", h, err)
	}
	if _, err := r.Household(ctx, asking("household"), population.Key{Number: wife}); fault.Of(err) != fault.Denied {
		t.Errorf("without members: %v", err)
	}
	res, err := r.Residence(ctx, asking(), population.Key{Number: wife})
	if err != nil || res.Permanent.Commune != "00001" || res.Present.Commune != "00001" || res.Head.Number != thu ||
		len(res.Members) != 1 ||
		res.Relation != "CH02" {
		t.Errorf("residence = %+v, %v", res, err)
	}
	res, err = r.Residence(ctx, asking("name", "birth", "permanent"), population.Key{Number: wife})
	if err != nil || !res.Present.IsZero() || res.Household != "" || res.Members != nil || res.Name != "Lê Thị Vợ" {
		t.Errorf("less = %+v, %v", res, err)
	}
	if _, err := r.Residence(ctx, asking("name"), population.Key{Number: wife}); fault.Of(err) != fault.Denied {
		t.Errorf("without the place: %v", err)
	}
}

// TestView: all about one person, for the clerk; those whom it shows are looked up too.
func TestView(t *testing.T) {
	t.Parallel()
	r, m := village()
	v, err := r.View(t.Context(), atDesk(), thu)
	if err != nil || v.Head.Number != thu || len(v.Members) != 2 || len(v.Events) != 1 || len(v.Family) != 3 {
		t.Fatalf("%+v, %v", v, err)
	}
	if f := v.Family[0]; f.As != population.FieldFather || f.Birth != citizen.MustDay("1960") || f.Life != population.Alive {
		t.Errorf("father = %+v", f)
	}
	if l := m.last(); !slices.Equal(l.subjects, []citizen.Number{thu, wife}) || l.Service != population.ServiceDesk {
		t.Errorf("logged = %+v", l)
	}
	if v, err := r.View(t.Context(), atDesk(), mother); err != nil || len(v.Family) != 2 || v.Family[1].As != population.KinChild ||
		v.Family[1].Relative.Number != thu {
		t.Errorf("a mother = %+v, %v", v.Family, err)
	}
	if _, err := r.View(t.Context(), atDesk(), citizen.MustNumber("001090000099")); fault.Of(err) != fault.NotFound ||
		m.last().Outcome != population.NotFound {
		t.Errorf("nobody: %v", err)
	}
}

// TestAskingFails: a question that cannot be logged, or read, is not answered.
func TestAskingFails(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	key := population.Key{Number: thu}
	questions := map[string]func(*population.Register) error{
		"match": func(r *population.Register) error {
			_, err := r.Match(ctx, asking(), []population.Claim{
				{Key: population.Key{Number: key.Number, Name: "x"}}, {Key: population.Key{OldNumber: old("012345678"), Name: "x"}},
			})
			return err
		},
		"facts": func(r *population.Register) error { _, err := r.Facts(ctx, asking(), key, nil); return err },
		"old": func(r *population.Register) error {
			_, err := r.Facts(ctx, asking(), population.Key{OldNumber: old("012345678")}, nil)
			return err
		},
		"household": func(r *population.Register) error { _, err := r.Household(ctx, asking(), key); return err },
		"residence": func(r *population.Register) error { _, err := r.Residence(ctx, asking(), key); return err },
		"view":      func(r *population.Register) error { _, err := r.View(ctx, atDesk(), thu); return err },
		"search": func(r *population.Register) error {
			_, err := r.Search(ctx, atDesk(), population.Query{Text: "Nguyễn Văn Thử"})
			return err
		},
		"search number": func(r *population.Register) error {
			_, err := r.Search(ctx, atDesk(), population.Query{Text: "001090000001"})
			return err
		},
		"usage": func(r *population.Register) error {
			_, err := r.Usage(ctx, asking(), thu, population.Period{}, "", 0)
			return err
		},
		"nobody": func(r *population.Register) error {
			_, err := r.Facts(ctx, asking(), population.Key{Number: citizen.MustNumber("001090000099")}, nil)
			return err
		},
		"refused": func(r *population.Register) error {
			_, err := r.Facts(ctx, asking("name"), key, []field{"sex"})
			return err
		},
		"statistics": func(r *population.Register) error { _, err := statistics(ctx, r); return err },
		"curiosity":  func(r *population.Register) error { return curiosityOf(ctx, r) },
	}
	for broken, names := range map[string][]string{
		"log":      {"match", "facts", "old", "household", "residence", "view", "search", "usage", "nobody", "refused"},
		"persons":  {"match", "facts", "household", "residence", "view", "search number", "usage"},
		"old":      {"match", "old"},
		"members":  {"facts", "household", "residence", "view"},
		"children": {"view"},
		"events":   {"view"},
		"names":    {"search"},
		"lookups":  {"usage"},
		"counts":   {"statistics"},
		"each":     {"curiosity"},
	} {
		for _, name := range names {
			t.Run(broken+" "+name, func(t *testing.T) {
				t.Parallel()
				r, m := village()
				m.broken = broken
				if err := questions[name](r); !errors.Is(err, errBroken) {
					t.Errorf("got %v, want that the store is broken", err)
				}
			})
		}
	}
}

// TestSearch: people are found as people speak of them.
func TestSearch(t *testing.T) {
	t.Parallel()
	r, m := village()
	tests := []struct {
		text  string
		query population.Query
		want  []citizen.Number
		fault string
	}{
		{text: "Nguyễn Văn Thử", want: []citizen.Number{thu}},
		{text: "thu nguyen van", want: []citizen.Number{thu}},
		{text: "Thử Nguyễn", want: []citizen.Number{thu}},
		{text: "Vũ Văn Mất 1950", want: []citizen.Number{gone}},
		{text: "Vũ Văn Mất 1951"},
		{text: "Nguyễn Văn Thử sinh năm 1990, phường Phúc Xá", want: []citizen.Number{thu}},
		{text: "Nguyễn Văn Thử ở phường Phúc Xá", want: []citizen.Number{thu}},
		{text: "001090000001", want: []citizen.Number{thu}},
		{text: "012.345.678 Thử", want: []citizen.Number{thu}},
		{text: "111222333", want: []citizen.Number{wife, father}},
		{text: "001090000001 Lan"},
		{text: "Nguyễn Văn Thử", query: population.Query{Sex: citizen.Female}},
		{text: "Nguyễn Văn Thử", query: population.Query{Year: 1990, Commune: "00097", Sex: citizen.Male}, want: []citizen.Number{thu}},
		{text: "Nguyễn Văn Thử", query: population.Query{Commune: "26734"}},
		{text: "111222333", query: population.Query{Limit: 1}, want: []citizen.Number{wife}},
		{text: "  ", fault: "text:search.empty"},
		{text: "1990", fault: "text:search.nobody"},
		{text: strings.Repeat("a ", 20), fault: "text:search.long"},
	}
	for _, tt := range tests {
		tt.query.Text = tt.text
		found, err := r.Search(t.Context(), atDesk(), tt.query)
		var got []citizen.Number
		for _, h := range found.People {
			got = append(got, h.Number)
		}
		if faults(err) != tt.fault || !slices.Equal(got, tt.want) {
			t.Errorf("%q %+v: %v (%v), want %v %s", tt.text, tt.query, got, err, tt.want, tt.fault)
		}
		if err == nil && (m.last().Service != population.ServiceSearch || len(m.last().subjects) != len(tt.want)) {
			t.Errorf("%q: logged %+v", tt.text, m.last())
		}
	}
	// The one who is named as typed comes first, the living before the dead.
	twin := m.persons[thu]
	twin.Number, twin.Name, twin.Life = citizen.MustNumber("001090000077"), "Nguyễn Văn Thu", population.Dead
	m.persons[twin.Number] = twin
	for text, first := range map[string]citizen.Number{"nguyễn văn thu": twin.Number, "nguyễn văn thử": thu, "nguyen van thu": thu} {
		found, err := r.Search(t.Context(), atDesk(), population.Query{Text: text})
		if err != nil || len(found.People) != 2 || found.People[0].Number != first {
			t.Errorf("%s: %+v, %v", text, found.People, err)
		}
	}
}

// TestLists: a list is put together, read by pages and as a file, and forgotten.
func TestLists(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	for name, tt := range map[string]struct {
		q    population.ListQuery
		want []citizen.Number
	}{
		"province": {
			population.ListQuery{Kind: population.ListByPlace, Place: "01"}, []citizen.Number{father, lost, thu, mother, wife, boy, girl},
		},
		"commune": {
			population.ListQuery{Kind: population.ListByPlace, Place: "00097"}, []citizen.Number{father, lost, thu, mother, wife, boy, girl},
		},
		"nobody":      {population.ListQuery{Kind: population.ListByPlace, Place: "79"}, nil},
		"age":         {population.ListQuery{Kind: population.ListByAge, AgeFrom: new(15), AgeTo: new(30)}, []citizen.Number{boy, girl}},
		"sex":         {population.ListQuery{Kind: population.ListBySex, Code: "2", Place: "01"}, []citizen.Number{mother, wife, girl}},
		"blood":       {population.ListQuery{Kind: population.ListByBlood, Code: "01"}, nil},
		"ethnicity":   {population.ListQuery{Kind: population.ListByEthnicity, Code: "02"}, nil},
		"religion":    {population.ListQuery{Kind: population.ListByReligion, Code: "01"}, nil},
		"no question": {population.ListQuery{}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, m := village()
			tt.q.Fields = []field{"birth", "members", "name", "mother", "permanent"}
			l, err := r.RequestList(ctx, asking(), tt.q)
			if tt.q.Kind == "" {
				if faults(err) != "kind:list.kind" {
					t.Errorf("%v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if _, err := r.ListRecords(ctx, asking(), l.ID, citizen.Number{}, 2); faults(err) != ":list.not_done" {
				t.Errorf("before it is done: %v", err)
			}
			told := 0
			if err := r.RunList(ctx, l.ID, func(n int) { told = n }); err != nil {
				t.Fatal(err)
			}
			if err := r.RunList(ctx, l.ID, nil); err != nil { // once more does nothing
				t.Fatal(err)
			}
			got, err := r.ListStatus(ctx, asking(), l.ID)
			if err != nil || got.State != population.ListDone || got.Total != len(tt.want) || told != len(tt.want) ||
				len(got.Steps) != 3 {
				t.Errorf("%+v, %v, told %d", got, err, told)
			}
			var people []string
			var after citizen.Number
			for {
				page, err := r.ListRecords(ctx, asking(), l.ID, after, 2)
				if err != nil {
					t.Fatal(err)
				}
				for _, f := range page.Records {
					people = append(people, f.Person.Name)
				}
				if after = page.Next; after.IsZero() {
					break
				}
			}
			var names []string
			for _, n := range tt.want {
				names = append(names, m.persons[n].Name)
			}
			if !slices.Equal(people, names) {
				t.Errorf("people = %v, want %v", people, names)
			}
			var b bytes.Buffer
			if err := r.ListFile(ctx, asking(), l.ID, &b); err != nil {
				t.Fatal(err)
			}
			head, _, _ := strings.Cut(b.String(), "\r\n")
			if head != "\ufeffname,birth,permanent,permanent_detail,permanent_country,permanent_since,mother_number,mother_name,mother_nationality" ||
				strings.Count(b.String(), "\n") != len(tt.want)+1 {
				t.Errorf("file:\n%s", b.String())
			}
			if _, err := r.ListRecords(ctx, asking("name"), l.ID, citizen.Number{}, 0); fault.Of(err) != fault.Denied {
				t.Errorf("with less granted: %v", err)
			}
			other := asking()
			other.Client = "VN/GOV/H01/X"
			for _, err := range []error{
				r.DeleteList(ctx, other, l.ID), r.ListFile(ctx, other, l.ID, io.Discard), r.ListFile(ctx, asking(), "x", io.Discard),
				r.RunList(ctx, "x", nil),
			} {
				if fault.Of(err) != fault.NotFound {
					t.Errorf("another's list, or none: %v", err)
				}
			}
			if mine, err := r.Lists(ctx, asking(), "", 0); err != nil || len(mine) != 1 {
				t.Errorf("lists = %v, %v", mine, err)
			}
			if err := errors.Join(r.DeleteList(ctx, asking(), l.ID), r.DeleteList(ctx, asking(), l.ID)); err != nil {
				t.Fatal(err)
			}
			if l := m.lists[l.ID]; l.people != nil || l.list.State != population.ListDeleted {
				t.Errorf("deleted = %+v", l)
			}
		})
	}
}

// TestListQuestions: what a list may ask.
func TestListQuestions(t *testing.T) {
	t.Parallel()
	r, m := village()
	for _, tt := range []struct {
		in   population.Inquiry
		q    population.ListQuery
		want string
	}{
		{asking(), population.ListQuery{Kind: population.ListByPlace}, "place:list.place"},
		{asking(), population.ListQuery{Kind: population.ListByPlace, Place: "99999"}, "place:place.unknown"},
		{asking(), population.ListQuery{Kind: population.ListByPlace, Place: "00001", Province: "79"}, "province:list.elsewhere"},
		{asking(), population.ListQuery{Kind: population.ListByPlace, Place: "00001", District: "760"}, "district:list.elsewhere"},
		{asking(), population.ListQuery{Kind: population.ListBySex, Code: "1", Province: "01"}, "province:list.elsewhere"},
		{asking(), population.ListQuery{Kind: population.ListByAge, AgeFrom: new(9), AgeTo: new(8)}, "age_from:list.age"},
		{asking(), population.ListQuery{Kind: population.ListByAge}, "age_from:list.no_age"},
		{asking(), population.ListQuery{Kind: population.ListByAge, AgeFrom: new(-1)}, "age_from:list.age"},
		{asking(), population.ListQuery{Kind: population.ListByAge, AgeTo: new(151)}, "age_to:list.age"},
		{asking(), population.ListQuery{Kind: population.ListByPlace, Place: "01", AgeFrom: new(2), AgeTo: new(1)}, "age_from:list.age"},
		{asking(), population.ListQuery{Kind: population.ListByPlace, Place: "01", Code: "1"}, "code:list.no_code"},
		{asking(), population.ListQuery{Kind: population.ListByAge, AgeFrom: new(1), Code: "1"}, "code:list.no_code"},
		{asking(), population.ListQuery{Kind: population.ListByEthnicity}, "code:list.code"},
		{asking(), population.ListQuery{Kind: population.ListBySex, Code: "01"}, "code:code.unknown"},
		{asking(), population.ListQuery{Kind: population.ListBySex, Code: "3"}, "code:code.unknown"},
		{asking(), population.ListQuery{Kind: population.ListByBlood, Code: "zz"}, "code:code.unknown"},
		{asking(), population.ListQuery{Kind: population.ListBySex, Code: "1", Fields: []field{"x"}}, ":field.unknown"},
		{asking("name"), population.ListQuery{Kind: population.ListBySex, Code: "1", Fields: []field{"sex"}}, ":field.denied"},
	} {
		if _, err := r.RequestList(t.Context(), tt.in, tt.q); faults(err) != tt.want || m.last().Outcome != population.Refused {
			t.Errorf("%+v: %v, want %s", tt.q, err, tt.want)
		}
	}
	where := population.ListQuery{Kind: population.ListByPlace, Place: "00001", Province: "01", District: "001"}
	if _, err := r.RequestList(t.Context(), asking(), where); err != nil {
		t.Errorf("a commune where it is: %v", err)
	}
	// Without a list of fields, all that is granted.
	l, err := r.RequestList(t.Context(), asking("sex", "members", "name"), population.ListQuery{Kind: population.ListBySex, Code: "1"})
	if err != nil || !slices.Equal(l.Query.Fields, []field{"name", "sex"}) {
		t.Errorf("fields = %v, %v", l.Query.Fields, err)
	}
	// What the list asked for is no question any more: it fails, and nobody is in it.
	m.lists[l.ID].list.Query.Kind = "x"
	if err := r.RunList(t.Context(), l.ID, nil); err != nil || m.lists[l.ID].list.State != population.ListFailed ||
		m.lists[l.ID].list.Failure == "" {
		t.Errorf("%v, %+v", err, m.lists[l.ID].list)
	}
	l, err = r.RequestList(t.Context(), asking(), population.ListQuery{Kind: population.ListBySex, Code: "1"})
	m.broken = "select"
	if err = errors.Join(err, r.RunList(t.Context(), l.ID, nil)); !errors.Is(err, errBroken) ||
		m.lists[l.ID].list.State != population.ListRunning {
		t.Errorf("%v, %s", err, m.lists[l.ID].list.State)
	}
}

// TestUsage: whoever asks who looked at a person looks at them.
func TestUsage(t *testing.T) {
	t.Parallel()
	r, m := village()
	ctx := t.Context()
	if err := r.Heartbeat(ctx); err != nil {
		t.Error(err)
	}
	for range 3 {
		if _, err := r.Facts(ctx, asking(), population.Key{Number: thu}, []field{"name"}); err != nil {
			t.Fatal(err)
		}
	}
	found, err := r.Usage(ctx, asking(), thu, population.Period{From: now, Until: now.Add(time.Second)}, "", 2)
	if err != nil || len(found) != 2 || m.last().Service != population.ServiceUsage {
		t.Errorf("%+v, %v", found, err)
	}
	if found, err := r.Usage(ctx, asking(), citizen.MustNumber("001090000099"), population.Period{}, "", 5000); err != nil ||
		found != nil ||
		m.last().Outcome != population.NotFound {
		t.Errorf("of nobody: %+v, %v", found, err)
	}
	if _, err := r.Usage(ctx, asking(), citizen.Number{}, population.Period{}, "", 0); faults(err) != ":key.missing" {
		t.Errorf("without a number: %v", err)
	}
	if p, err := periodOf(ctx, r); err != nil || p.From != now || p.Until != now {
		t.Errorf("period = %+v, %v", p, err)
	}
}
