package cleaning

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"dean06/internal/citizen"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
)

func TestDraft(t *testing.T) {
	t.Parallel()
	good := Draft{Name: "a.csv", Agency: "G24", Basis: "Công văn 1/BHXH", Purpose: "Bổ sung số định danh", Until: today.AddDays(30)}
	if err := good.Check(today); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		field  string
		change func(d *Draft)
	}{
		{"agency", func(d *Draft) { d.Agency = " " }},
		{"basis", func(d *Draft) { d.Basis = "ngắn" }},
		{"purpose", func(d *Draft) { d.Purpose = strings.Repeat("dài ", 100) }},
		{"purpose", func(d *Draft) { d.Purpose = "Bổ sung\u202e số định danh" }},
		{"until", func(d *Draft) { d.Until = today.AddDays(-1) }},
		{"until", func(d *Draft) { d.Until = today.AddDays(MaxTerm + 1) }},
		{"until", func(d *Draft) { d.Until = clock.Date{} }},
	} {
		d := good
		c.change(&d)
		if f := fault.As(d.Check(today)); f == nil || f.Field != c.field {
			t.Errorf("%s: %v", c.field, f)
		}
	}
}

func TestSetColumns(t *testing.T) {
	t.Parallel()
	l := Layout{Headings: []string{"a", "b"}, Kinds: []Kind{Name, Birth}}
	for _, bad := range [][]Kind{{Name}, {Name, "password"}, {Ignore, Ignore}, {Name, Text}} {
		if err := l.Set(bad); fault.Of(err) != fault.Invalid {
			t.Errorf("%v: %v", bad, err)
		}
	}
	if err := l.Set([]Kind{Number, Name}); err != nil || l.Kinds[0] != Number {
		t.Errorf("%v, %v", l.Kinds, err)
	}
}

// rowsOf links a dirty file and gives its rows as they are kept.
func rowsOf(t *testing.T, file string) []Row {
	t.Helper()
	w := world(t)
	s, err := OpenText([]byte(file))
	if err != nil {
		t.Fatal(err)
	}
	layout, err := LayoutOf(s, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	people, err := OpenText([]byte(country()))
	if err != nil {
		t.Fatal(err)
	}
	persons, _, err := w.readRegister(people)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := w.Read(s, layout)
	if err != nil {
		t.Fatal(err)
	}
	l := w.Link(rows, persons, nil, Options{}, nil)
	var out []Row
	p := printer(t)
	err = l.Rows(s, layout, [2]*i18n.Printer{p, p.In(i18n.En)}, func(r Row) error {
		raw, err := json.Marshal(r) // as it is kept
		if err != nil {
			return err
		}
		var back Row
		if err := json.Unmarshal(raw, &back); err != nil {
			return err
		}
		if back.Person != r.Person || back.Outcome != r.Outcome || len(back.Candidates) != len(r.Candidates) {
			t.Errorf("%+v came back as %+v", r, back)
		}
		out = append(out, back)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestQueue holds that rows in are rows out, that every row for people has somebody to look
// at, the least certain first, and that accepted rows stand among them.
func TestQueue(t *testing.T) {
	t.Parallel()
	file, truth := dirty(t, 3000, "heavy", 9)
	rows := rowsOf(t, file+"broken,\"row\n")
	if len(rows) != len(truth)+1 {
		t.Fatalf("%d rows, want %d", len(rows), len(truth)+1)
	}
	var queue []Row
	controls, nobodys, twice := 0, 0, 0
	for i, r := range rows {
		if r.Look == LookWanted {
			twice++
		}
		if r.At != i+1 {
			t.Fatalf("row %d is at %d", i+1, r.At)
		}
		if r.Queue == 0 {
			continue
		}
		if queue = append(queue, r); len(r.Candidates) == 0 {
			t.Errorf("row %d is for people and has nobody", r.At)
		}
		if r.Control {
			controls++
			if r.Machine == NotFound {
				nobodys++
				if !r.Person.IsZero() || len(r.Candidates) > mostUnlike {
					t.Errorf("row %d was not found and shows %+v", r.At, r.Candidates)
				}
			} else if len(r.Candidates) != 1 || r.Candidates[0].Number != r.Person.Reveal() {
				t.Errorf("row %d was accepted as %v and shows %+v", r.At, r.Person, r.Candidates)
			}
		}
	}
	slices.SortFunc(queue, func(a, b Row) int { return a.Queue - b.Queue })
	last := 0.0
	for i, r := range queue {
		if r.Queue != i+1 {
			t.Fatalf("place %d is %d", i+1, r.Queue)
		}
		if r.Control {
			continue
		}
		if doubt := max(r.Error-.5, .5-r.Error); doubt < last {
			t.Errorf("place %d is less certain than the one before", r.Queue)
		} else {
			last = doubt
		}
	}
	if controls-nobodys < leastControl || nobodys == 0 || len(queue) == controls || twice != len(queue)/twiceEvery {
		t.Errorf("%d controls of %d, %d of them nobody's, %d for two people", controls, len(queue), nobodys, twice)
	}
	if end := rows[len(rows)-1]; end.Outcome != NotFound || end.Reasons[0] == end.Reasons[1] || end.Reasons[0] == "" {
		t.Errorf("the broken row is %+v", end)
	}
}

// TestNamed holds that a list of rows tells what is otherwise in the register, and not how.
func TestNamed(t *testing.T) {
	t.Parallel()
	file, _ := dirty(t, 800, "heavy", 4)
	named := 0
	for _, r := range rowsOf(t, file) {
		for _, english := range []bool{false, true} {
			got := r.Named(english)
			if strings.ContainsAny(got, "0123456789→") && r.Machine == Corrected {
				t.Errorf("row %d: %q of %q", r.At, got, r.Reasons)
			}
			if r.Machine == Corrected && got != "" {
				named++
			}
		}
	}
	if named < 500 {
		t.Errorf("only %d rows say what is otherwise", named)
	}
}

func TestDecide(t *testing.T) {
	t.Parallel()
	a, b := citizen.MustNumber("001090000001"), citizen.MustNumber("019194000102")
	open := Row{At: 1, Outcome: Several, Found: Found{Candidates: []Explained{{Number: a.Reveal()}, {Number: b.Reveal()}}}}
	nobodys := Row{At: 3, Outcome: NotFound, Found: Found{Machine: NotFound, Control: true, Candidates: []Explained{{Number: a.Reveal()}}}}
	found := open
	found.Outcome, found.Person, found.Decided = Corrected, a, Same
	asked := func(r Row) Row { r.Look = LookWanted; return r }
	control := Row{At: 2, Outcome: Verified, Person: a, Found: Found{Control: true, Candidates: []Explained{{Number: a.Reveal()}}}}
	for _, c := range []struct {
		name   string
		row    Row
		label  Label
		before []Label
		want   Row
	}{
		{"the first", open, Label{Says: Same}, nil, Row{Outcome: Corrected, Person: a, Decided: Same}},
		{"not the first", open, Label{Says: Other}, nil, Row{Outcome: Several}},
		{"the second", open, Label{Says: Same, Candidate: 1}, nil, Row{Outcome: Corrected, Person: b, Decided: Same}},
		{"none", open, Label{Says: Other, Candidate: 1}, nil, Row{Outcome: NotFound, Decided: Other}},
		{"not sure", open, Label{Says: Unsure, By: "x"}, nil, Row{Outcome: Several}},
		{"not sure twice by one", open, Label{Says: Unsure, By: "x"}, []Label{{Says: Unsure, By: "x"}}, Row{Outcome: Several}},
		{"two not sure", open, Label{Says: Unsure, By: "x"}, []Label{{Says: Unsure, By: "y"}}, Row{Outcome: Several, Decided: Unsure}},
		{"control", control, Label{Says: Same}, nil, Row{Outcome: Verified, Person: a, Decided: Same}},
		{"control wrong", control, Label{Says: Other}, nil, Row{Outcome: NotFound, Decided: Other}},
		{"control doubted", control, Label{Says: Unsure, By: "x"}, []Label{{Says: Unsure, By: "y"}}, Row{Outcome: Several, Decided: Unsure}},
		{"a control of nobody's that is somebody's", nobodys, Label{Says: Same}, nil, Row{Outcome: Corrected, Person: a, Decided: Same}},
		{"for two, the first", asked(open), Label{Says: Same, By: "x"}, nil, Row{Outcome: Corrected, Person: a, Decided: Same, Look: LookWanted}},
		{
			"for two, the second says the same", asked(found),
			Label{Says: Same, By: "y"},
			[]Label{{Says: Same, By: "x"}},
			Row{Outcome: Corrected, Person: a, Decided: Same, Look: LookDone},
		},
		{
			"for two, the second is not through", asked(found),
			Label{Says: Other, By: "y"},
			[]Label{{Says: Same, By: "x"}},
			Row{Outcome: Corrected, Person: a, Decided: Same, Look: LookWanted},
		},
		{
			"for two, the second says that it is another", asked(found),
			Label{Says: Same, Candidate: 1, By: "y"},
			[]Label{{Says: Same, By: "x"}},
			Row{Outcome: Several, Decided: Unsure, Look: LookDone},
		},
		{
			"for two, the second says that it is nobody", asked(found),
			Label{Says: Other, Candidate: 1, By: "y"},
			[]Label{{Says: Same, By: "x"}},
			Row{Outcome: Several, Decided: Unsure, Look: LookDone},
		},
		{
			"for two, the second is not sure", asked(found),
			Label{Says: Unsure, By: "y"},
			[]Label{{Says: Same, By: "x"}},
			Row{Outcome: Several, Decided: Unsure, Look: LookDone},
		},
		{
			"for two, the first was not sure", asked(open),
			Label{Says: Same, By: "y"},
			[]Label{{Says: Unsure, By: "x"}},
			Row{Outcome: Corrected, Person: a, Decided: Same, Look: LookDone},
		},
	} {
		if _, err := c.row.decide(c.label, c.before); err != nil {
			t.Fatal(err)
		}
		if c.row.Outcome != c.want.Outcome || c.row.Person != c.want.Person || c.row.Decided != c.want.Decided || c.row.Look != c.want.Look {
			t.Errorf("%s: %s %v %q %q", c.name, c.row.Outcome, c.row.Person, c.row.Decided, c.row.Look)
		}
	}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	l := Layout{Headings: []string{"n", "s", "b", "x", "a"}, Kinds: []Kind{Number, Name, Birth, Sex, Address}}
	p := Person{
		Number: citizen.MustNumber("001090000001"), Name: "Nguyễn Văn Thử", Birth: citizen.MustDay("1990-01-31"), Sex: citizen.Male, Address: "Xã A",
	}
	like := func(steps []Step, cells ...string) string {
		var out []string
		for _, one := range Compare(&l, cells, &p, steps, today) {
			out = append(out, string(one.Like))
		}
		return strings.Join(out, " ")
	}
	if got := like(nil, "1090000001", "NGUYỄN  văn thử", "31/01/1990", "Nam", "xã a"); got != "alike alike alike alike open" {
		t.Error(got)
	}
	if got := like(nil, "001090000002", "Nguyễn Văn Thừ", "31/01/1991", "Nữ", ""); got != "unlike unlike unlike unlike missing" {
		t.Error(got)
	}
	if got := like(nil); got != "missing missing missing missing missing" {
		t.Error(got)
	}
	steps := []Step{{What: "name", Level: "typo"}, {What: "place", Level: "lives"}}
	if got := like(steps, "", "Nguyen Van Thu", "", "", "Xã A"); got != "missing unlike missing missing alike" {
		t.Error(got)
	}
}

func TestStepsSince(t *testing.T) {
	t.Parallel()
	v := Beside{Row: Row{Found: Found{Candidates: []Explained{{Steps: []Step{{What: "name"}, {What: "birth"}, {What: "place"}}}}}}}
	if got := v.Steps(); len(got) != 3 {
		t.Errorf("nothing changed: %v", got)
	}
	v.Since = []Change{{Kind: Renamed, Fields: []Told{{What: Given}}}, {Kind: Moved, Fields: []Told{{What: Province}}}, {Kind: Died}}
	if got := v.Steps(); len(got) != 1 || got[0].What != "birth" || len(v.Row.Candidates[0].Steps) != 3 {
		t.Errorf("of what changed: %v", got)
	}
	v.Candidate = 1
	if got := v.Steps(); got != nil {
		t.Errorf("without a candidate: %v", got)
	}
}
