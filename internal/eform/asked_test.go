package eform

import (
	"slices"
	"testing"
)

func is(q, v string) Condition { return Condition{Question: q, Is: v} }

func TestSilenceIsNoNo(t *testing.T) {
	t.Parallel()
	f := readForm(t, "birth")
	yes, no, sixty := true, false, 60
	for _, c := range []struct {
		name string
		c    Condition
		a    Answers
		want Truth
	}{
		{"said so", is("parents.married", "yes"), Answers{"parents.married": typed("yes")}, True},
		{"said otherwise", is("parents.married", "yes"), Answers{"parents.married": typed("no")}, False},
		{"not said", is("parents.married", "yes"), nil, Unsaid},
		{"left empty", is("parents.married", "yes"), Answers{"parents.married": typed("")}, Unsaid},
		{"not, not said", Condition{Not: &Condition{Question: "parents.married", Is: "yes"}}, nil, Unsaid},
		{"not, said", Condition{Not: &Condition{Question: "parents.married", Is: "yes"}}, Answers{"parents.married": typed("no")}, True},
		{"known", Condition{Question: "parents.married", Known: &yes}, nil, False},
		{"not known", Condition{Question: "parents.married", Known: &no}, nil, True},
		{"any with one not said", Condition{Any: []Condition{is("parents.married", "yes"), {Always: true}}}, nil, True},
		{"all with one not said", Condition{All: []Condition{is("parents.married", "yes"), {Always: true}}}, nil, Unsaid},
		{"all with one false", Condition{All: []Condition{is("parents.married", "yes"), is("copies.want", "yes")}}, Answers{"copies.want": typed("no")}, False},
		{"in", Condition{Question: "req.relation", In: []string{"mother", "father"}}, Answers{"req.relation": typed("father")}, True},
		{"channel", Condition{Fact: "channel", Is: "online"}, nil, True},
		{"case not chosen", Condition{Fact: "case", Is: "alone"}, nil, Unsaid},
		{"late", Condition{Fact: "days_since:child.birth", Over: &sixty}, Answers{"child.birth": typed("2026-09-30")}, True},
		{"sixty days are not late", Condition{Fact: "days_since:child.birth", Over: &sixty}, Answers{"child.birth": typed("2026-10-01")}, False},
		{"no day, not late", Condition{Fact: "days_since:child.birth", Over: &sixty}, nil, Unsaid},
		{"all of a month", Condition{Fact: "days_since:mother.birth", Over: &sixty}, Answers{"mother.birth": typed("2026-09")}, True},
		{"perhaps", Condition{Fact: "days_since:mother.birth", Over: &sixty}, Answers{"mother.birth": typed("2026")}, Unsaid},
		{"a question that is not asked does not count", is("marriage.number", "7"), Answers{"parents.married": typed("no"), "marriage.number": typed("7")}, Unsaid},
		{"no shape", Condition{}, nil, Unsaid},
		{"an unknown question", is("nobody.name", "x"), nil, Unsaid},
	} {
		if got := c.c.Truth(f.View(c.a, here)); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
		if got := c.c.Holds(f.View(c.a, here)); got != (c.want == True) {
			t.Errorf("%s: holds %v", c.name, got)
		}
	}
}

func TestAskedFollowsWhatIsSaid(t *testing.T) {
	t.Parallel()
	f := readForm(t, "birth")
	a := Answers{"father.name": typed("Nguyễn Văn Thử"), "child.birth": typed("2026-11-20")}
	if p := paths(f.Asked(a, here)); slices.Contains(p, "father.name") || slices.Contains(p, "child.late") || slices.Contains(p, "entry.number") {
		t.Errorf("asked too early: %v", p)
	}
	if e := f.Effective(a, here); len(e) != 1 || len(a) != 2 {
		t.Errorf("what is not asked counts: %v", e)
	}
	a["parents.married"], a["child.birth"] = typed("yes"), typed("2026-01-05")
	p := paths(f.Asked(a, here))
	for _, want := range []string{"father.name", "child.late", "marriage.number"} {
		if !slices.Contains(p, want) {
			t.Errorf("%s is not asked: %v", want, p)
		}
	}
	if e := f.Effective(a, here); e["father.name"].Value.Text == "" {
		t.Error("the answer that was kept aside does not count again")
	}
}

func TestRowsKeepTheOthersAnswers(t *testing.T) {
	t.Parallel()
	f := readForm(t, "move")
	a, row, err := f.AddRow(nil, "members", noon)
	if err != nil || row != 1 {
		t.Fatal(row, err)
	}
	a["members.1.name"], a["members.1.birth"] = typed("Lê Thị Một"), typed("1990-01-01")
	a, row, err = f.AddRow(a, "members", noon)
	if err != nil || row != 2 {
		t.Fatal(row, err)
	}
	a["members.2.name"], a["members.2.birth"] = typed("Lê Văn Hai"), typed("2015-01-01")
	same(t, paths(f.Asked(a, here))[4:], "members.1.name", "members.1.birth", "members.2.name", "members.2.birth", "members.2.school")
	a["members.2.school"] = typed("Trường thử")
	if p := paths(f.Asked(a, here)); !slices.Contains(p, "minors.consent") {
		t.Errorf("one row that says so is not enough: %v", p)
	}
	a, err = f.RemoveRow(a, "members", 1, noon)
	if err != nil || a["members.2.name"].Value.Text != "Lê Văn Hai" {
		t.Fatal(a, err)
	}
	last := f.Asked(a, here)[4]
	if last.Path != "members.2.name" || last.Nth != 1 {
		t.Errorf("%s is the %d.", last.Path, last.Nth)
	}
	for range 2 {
		if a, _, err = f.AddRow(a, "members", noon); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err = f.AddRow(a, "members", noon); err == nil {
		t.Error("a fourth row was added")
	}
	a["members"] = typed("1 2 3 4")
	if got := said(f.Check(a, here)); !slices.Contains(got, "members rows.most") {
		t.Error(got)
	}
}

func TestPagesOneQuestionEachAndOneForWhatArrived(t *testing.T) {
	t.Parallel()
	f := readForm(t, "move")
	arrived := func(text string) Answer { return Answer{Value: Value{Text: text}, Source: Register, Fact: "name"} }
	a := Answers{"members": typed("1"), "members.1.name": arrived("Lê Thị Một"), "members.1.birth": arrived("1990-01-01")}
	pages := f.Pages(a, here)
	same(t, pagePaths(pages), "place.new", "place.rent", "place.since", "place.mail", "filled", "members", "check")
	if len(pages[4].Asked) != 2 || pages[4].Done {
		t.Errorf("the page of what arrived: %+v", pages[4])
	}
	if n, of := Progress(pages, "place.since"); n != 3 || of != 6 {
		t.Errorf("question %d of %d", n, of)
	}
	if p := Next(pages, ""); p.Path != "place.new" {
		t.Error(p.Path)
	}
	if before, after := Beside(pages, "filled"); before != "place.mail" || after != "members" {
		t.Error(before, after)
	}
	if i, ok := At(pages, "members.1.birth"); !ok || pages[i].Path != "filled" {
		t.Error("a question that arrived has no page")
	}
	a = f.Look(a, here)
	a["place.new"], a["place.rent"] = typedPlace(Place{Commune: "05443"}), typed("")
	a["place.since"], a["place.mail"] = typed("2026"), typed("")
	if p := Next(f.Pages(a, here), ""); p.Path != "check" {
		t.Errorf("%s is still open", p.Path)
	}
	a["place.rent"] = typed("nhiều")
	if p := Next(f.Pages(a, here), ""); p.Path != "place.rent" {
		t.Errorf("a wrong answer counts as done: %s", p.Path)
	}
}
