package eform

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"dean06/internal/citizen"
)

// The people of the tests: a married couple, the wife applies.
const (
	wife    = "001192000001"
	husband = "001090000001"
	other   = "001088000001"
)

var registered = map[string]Known{
	wife: {Number: wife, AsOf: noon, Kin: map[string]string{"spouse": husband}, Values: map[string]Value{
		"name": {Text: "Lê Thị Vợ"}, "birth": {Text: "1992-05-06"}, "ethnicity": {Text: "02"}, "nationality": {Text: "VN"},
		"permanent": {}, "temporary": {Place: &Place{Province: "19", Commune: "05443", Detail: "Số 5 phố Thử"}}, "present": {},
		"origin": {Place: &Place{Province: "19", Commune: "05455"}}, "cards": {Card: &CardPaper{Kind: "CCCD", Serial: wife, Issued: "2022-02-01"}},
	}},
	husband: {Number: husband, AsOf: noon, Kin: map[string]string{"spouse": wife}, Values: map[string]Value{
		"name": {Text: "Nguyễn Văn Thử"}, "birth": {Text: "1990-01"}, "ethnicity": {Text: "01"}, "nationality": {Text: "VN"},
		"permanent": {Place: &Place{Province: "01", Commune: "00097", Detail: "Số 1"}}, "temporary": {}, "present": {},
		"origin": {Place: &Place{Province: "19", Commune: "05455"}}, "cards": {},
	}},
}

func meaningOf(id string) (Meaning, bool) {
	owner, fact, _ := strings.Cut(id, ".")
	if !slices.Contains([]string{"applicant", "mother", "father"}, owner) {
		return Meaning{Owner: owner}, owner != ""
	}
	fields := map[string][]string{"residence": {"permanent", "temporary", "present"}, "card": {"cards"}}[fact]
	if fields == nil && slices.Contains([]string{"name", "birth", "ethnicity", "nationality", "origin", "number"}, fact) {
		fields = []string{fact}
	}
	return Meaning{Owner: owner, Fields: fields}, true
}

func planOf(self string) Plan {
	relation := func(is string) *Condition { return &Condition{Question: "req.relation", Is: is} }
	married := func(is string) *Condition {
		return &Condition{All: []Condition{*relation(is), {Question: "parents.married", Is: "yes"}}}
	}
	return Plan{Self: self, Meanings: meaningOf, People: []Person{
		{Owner: "mother", From: []Way{
			{When: relation("mother"), Is: "applicant"}, {When: married("father"), Kin: "spouse", Of: "applicant"}, {Typed: "mother.number"},
		}},
		{Owner: "father", From: []Way{
			{When: relation("father"), Is: "applicant"}, {When: married("mother"), Kin: "spouse", Of: "applicant"}, {Typed: "father.number"},
		}},
	}}
}

// asking answers from the people, and notes who was asked for what.
type asking struct {
	t       *testing.T
	told    map[string][]string
	matched []string
}

func (k *asking) ask(w Want) (Known, bool, error) {
	if k.told == nil {
		k.told = map[string][]string{}
	}
	k.told[w.Number] = w.Fields
	p, ok := registered[w.Number]
	told := Known{Number: p.Number, AsOf: p.AsOf, Values: map[string]Value{}, Kin: map[string]string{}}
	for _, field := range w.Fields {
		if v, has := p.Values[field]; has {
			told.Values[field] = v
		}
		if n, has := p.Kin[field]; has {
			told.Kin[field] = n
		}
	}
	return told, ok, nil
}

func (k *asking) match(w Want) (bool, error) {
	k.matched = append(k.matched, w.Number)
	return w.Number == other && w.Name == "Trần Văn Khác", nil
}

func prefill(t *testing.T, f *Form, a Answers, self string) (Answers, *asking) {
	t.Helper()
	k := &asking{t: t}
	out, err := f.Prefill(a, here, planOf(self), noon, k.ask, k.match)
	if err != nil {
		t.Fatal(err)
	}
	return out, k
}

func TestNothingIsAskedTwice(t *testing.T) {
	t.Parallel()
	f := readForm(t, "birth")
	a, k := prefill(t, f, Answers{"req.relation": typed("mother"), "parents.married": typed("yes"), "child.birth": typed("2026-11-20")}, wife)
	for path, want := range map[string]string{
		"req.name": "Lê Thị Vợ", "req.birth": "1992-05-06", "mother.name": "Lê Thị Vợ", "mother.number": wife, "mother.birth": "1992-05-06", "mother.ethnicity": "02",
		"father.name": "Nguyễn Văn Thử", "father.number": husband, "father.birth": "1990-01", "father.ethnicity": "01", "child.nationality": "VN",
		"child.birth_words": "Ngày hai mươi tháng mười một năm hai nghìn không trăm hai mươi sáu",
	} {
		if got := a[path]; got.Value.Text != want || got.Source == Typed {
			t.Errorf("%s: %+v, want %q", path, got, want)
		}
	}
	if r := a["mother.residence"]; r.Fact != "temporary" || r.Value.Place == nil || r.Value.Place.Commune != "05443" || !r.AsOf.Equal(noon) {
		t.Errorf("residence is not the first that is filled: %+v", r)
	}
	if o := a["child.origin"]; o.Source != Register || o.Value.Place.Commune != "05455" {
		t.Errorf("an origin that both have is asked: %+v", o)
	}
	if e := a["child.ethnicity"]; len(e.Offered) != 2 || !e.Value.IsZero() || e.Offered[0].Value.Text != "02" || e.Offered[0].Of[0] != "mother" {
		t.Errorf("an ethnicity in which they differ is not offered: %+v", e)
	}
	if !a["req.name"].Locked || a["mother.birth"].Locked {
		t.Error("what is locked is not what the form locks")
	}
	if len(k.matched) != 0 {
		t.Errorf("matched: %v", k.matched)
	}
	if got := k.told[husband]; slices.Contains(got, "cards") || slices.Contains(got, "permanent") || !slices.Contains(got, "origin") {
		t.Errorf("of the husband was asked %v", got)
	}
	for _, p := range f.Pages(a, here) {
		if p.Kind == PageQuestion && slices.ContainsFunc(p.Asked, func(q Asked) bool { return q.Given() && q.Answer.Source == Register }) {
			t.Errorf("%s is asked and arrived", p.Path)
		}
	}
	a, err := f.Put(a, here, "child.ethnicity", Value{Text: "01"}, Typed, noon)
	if err != nil || a["child.ethnicity"].Fact != "ethnicity" {
		t.Fatalf("%+v, %v", a["child.ethnicity"], err)
	}
	if _, err := f.Put(a, here, "child.ethnicity", Value{Text: "03"}, Typed, noon); err == nil {
		t.Error("an ethnicity that neither has was taken")
	}
}

func TestWithoutProofNothingIsTold(t *testing.T) {
	t.Parallel()
	f := readForm(t, "birth")
	a, k := prefill(t, f, Answers{"req.relation": typed("mother"), "parents.married": typed("yes")}, "")
	if len(k.told) != 0 || len(a) != 2 {
		t.Errorf("told %v, %v", k.told, a)
	}
}

func TestOthersAreMatchedAndNotShown(t *testing.T) {
	t.Parallel()
	f := readForm(t, "birth")
	facts := here
	facts.Case = "recognised"
	a := Answers{
		"req.relation": typed("mother"), "parents.married": typed("no"), "father.number": typed(other), "father.name": typed("Trần Văn Khác"),
		"father.birth": typed("1988"),
	}
	k := &asking{}
	a, err := f.Prefill(a, facts, planOf(wife), noon, k.ask, k.match)
	if err != nil {
		t.Fatal(err)
	}
	m := a["father.number"].Match
	if m == nil || !m.Is || k.told[other] != nil || a["father.ethnicity"].Given() {
		t.Fatalf("%+v, told %v", m, k.told)
	}
	if a, err = f.Prefill(a, facts, planOf(wife), noon, k.ask, k.match); err != nil || len(k.matched) != 1 {
		t.Errorf("asked again: %v, %v", k.matched, err)
	}
	a["father.name"] = typed("Trần Văn Lạ")
	if a, err = f.Prefill(a, facts, planOf(wife), noon, k.ask, k.match); err != nil || a["father.number"].Match.Is {
		t.Errorf("another name still matches: %v", err)
	}
	// Whose number is typed and whom the register ties to the applicant is told of.
	a["father.number"] = typed(husband)
	known := map[string]Known{wife: registered[wife]}
	for _, w := range f.Wanted(a, facts, planOf(wife), known) {
		if w.Owner == "father" && (!w.Tell || w.Number != husband) {
			t.Errorf("the husband: %+v", w)
		}
	}
}

func TestATypedNumberOfKinStaysTyped(t *testing.T) {
	t.Parallel()
	f := readForm(t, "birth")
	facts := here
	facts.Case = "recognised"
	a := Answers{"req.relation": typed("mother"), "parents.married": typed("no"), "father.number": typed(husband)}
	k := &asking{}
	plan := planOf(wife)
	for range 3 {
		var err error
		known := func(w Want) (Known, bool, error) {
			told, ok, err := k.ask(w)
			told.Kin = registered[w.Number].Kin
			return told, ok, err
		}
		if a, err = f.Prefill(a, facts, plan, noon, known, k.match); err != nil {
			t.Fatal(err)
		}
		if a["father.name"].Value.Text != "Nguyễn Văn Thử" || a["father.number"].Source != Typed {
			t.Fatalf("%+v %+v", a["father.name"], a["father.number"])
		}
	}
}

func TestTheOtherParentApplies(t *testing.T) {
	t.Parallel()
	f := readForm(t, "birth")
	a, _ := prefill(t, f, Answers{"req.relation": typed("mother"), "parents.married": typed("yes")}, wife)
	a["req.relation"] = typed("other")
	a, _ = prefill(t, f, a, wife)
	if a["mother.name"].Given() || a["father.name"].Given() || !a["req.name"].Given() {
		t.Errorf("facts of somebody who is not meant stay: %v", slices.Sorted(maps.Keys(a)))
	}
	a["req.relation"] = typed("father")
	a, _ = prefill(t, f, a, husband)
	if a["mother.name"].Value.Text != "Lê Thị Vợ" || a["req.name"].Value.Text != "Nguyễn Văn Thử" {
		t.Errorf("%+v", a["mother.name"])
	}
}

func TestWhatWasTypedStaysVisible(t *testing.T) {
	t.Parallel()
	f := readForm(t, "birth")
	start := Answers{
		"req.relation": typed("mother"), "parents.married": typed("yes"), "mother.birth": typed("1993"), "mother.name": typed("Lê Thị Vọ"),
		"mother.ethnicity": typed("02"),
	}
	a, _ := prefill(t, f, start, wife)
	if b := a["mother.birth"]; b.Value.Text != "1993" || b.Before == nil || b.Before.Value.Text != "1992-05-06" {
		t.Errorf("typed and not locked: %+v", b)
	}
	if n := a["mother.name"]; n.Value.Text != "Lê Thị Vợ" || !n.Locked || n.Before == nil || n.Before.Value.Text != "Lê Thị Vọ" {
		t.Errorf("typed and locked: %+v", n)
	}
	if e := a["mother.ethnicity"]; e.Source != Register || e.Before != nil {
		t.Errorf("typed as it is: %+v", e)
	}
	if _, err := f.Put(a, here, "mother.name", Value{Text: "Ai Khác"}, Typed, noon); err == nil {
		t.Error("a locked answer was typed over")
	}
	a, err := f.Put(a, here, "father.birth", Value{Text: "1991"}, Typed, noon)
	if err != nil || a["father.birth"].Before == nil || a["father.birth"].Before.Value.Text != "1990-01" {
		t.Fatalf("%+v, %v", a["father.birth"], err)
	}
	a["req.relation"] = typed("other")
	if a, _ = prefill(t, f, a, wife); a["mother.name"].Value.Text != "Lê Thị Vọ" {
		t.Errorf("what was typed did not come back: %+v", a["mother.name"])
	}
}

func TestRefresh(t *testing.T) {
	t.Parallel()
	f := readForm(t, "birth")
	plan, later := planOf(wife), noon.Add(48*time.Hour)
	a, _ := prefill(t, f, Answers{"req.relation": typed("mother"), "parents.married": typed("yes")}, wife)
	a = f.Look(a, here)
	a, err := f.MarkWrong(a, "mother.birth", "  Tôi sinh năm 1991\u200b ")
	if err != nil || a["mother.birth"].Wrong != "Tôi sinh năm 1991" || a["mother.birth"].Value.Text != "1992-05-06" {
		t.Fatalf("%+v %v", a["mother.birth"], err)
	}
	if got := paths(f.Wrongs(a, here)); len(got) != 1 || got[0] != "mother.birth" {
		t.Error(got)
	}
	again := f.Fill(a, here, plan, "mother", Known{Number: wife, AsOf: later, Values: registered[wife].Values}, later)
	if b := again["mother.birth"]; !b.AsOf.Equal(later) || !b.Seen || b.Wrong == "" {
		t.Errorf("the same on another day: %+v", b)
	}
	values := maps.Clone(registered[wife].Values)
	values["birth"], values["ethnicity"] = Value{Text: "1991"}, Value{}
	again = f.Fill(a, here, plan, "mother", Known{Number: wife, AsOf: later, Values: values}, later)
	if b := again["mother.birth"]; b.Value.Text != "1991" || b.Seen || b.Wrong != "" {
		t.Errorf("another value: %+v", b)
	}
	if _, has := again["mother.ethnicity"]; has {
		t.Error("what the register does not say any more stays")
	}
	if _, err := f.MarkWrong(a, "child.name", "x"); err == nil {
		t.Error("what nobody's register said was marked wrong")
	}
	if a, err = f.MarkWrong(a, "mother.birth", "\u200b"); err != nil || a["mother.birth"].Wrong != "" {
		t.Errorf("an empty claim stays: %v", err)
	}
}

func TestRegisterAway(t *testing.T) {
	t.Parallel()
	f := readForm(t, "birth")
	away := errors.New("away")
	start := Answers{"req.relation": typed("mother")}
	a, err := f.Prefill(start, here, planOf(wife), noon, func(Want) (Known, bool, error) { return Known{}, false, away }, nil)
	if !errors.Is(err, away) || len(a) != 1 {
		t.Errorf("%v %v", a, err)
	}
}

func TestOneParentAlone(t *testing.T) {
	t.Parallel()
	f := readForm(t, "birth")
	a, _ := prefill(t, f, Answers{"req.relation": typed("mother"), "parents.married": typed("no")}, wife)
	if e := a["child.ethnicity"]; e.Value.Text != "02" || e.Source != Register {
		t.Errorf("hers alone is not taken: %+v", e)
	}
	// The father comes in, and nobody knows his ethnicity: the child's is asked.
	facts := here
	facts.Case = "recognised"
	k := &asking{}
	a, err := f.Prefill(a, facts, planOf(wife), noon, k.ask, k.match)
	if err != nil || a["child.ethnicity"].Given() || len(a["child.ethnicity"].Offered) != 0 {
		t.Fatalf("%+v, %v", a["child.ethnicity"], err)
	}
	a["father.ethnicity"] = typed("01")
	if a, err = f.Prefill(a, facts, planOf(wife), noon, k.ask, k.match); err != nil || len(a["child.ethnicity"].Offered) != 2 {
		t.Errorf("%+v, %v", a["child.ethnicity"], err)
	}
}

func TestRowsAreFilled(t *testing.T) {
	t.Parallel()
	f := readForm(t, "move")
	plan := Plan{Self: wife, Meanings: func(id string) (Meaning, bool) {
		owner, fact, _ := strings.Cut(id, ".")
		return Meaning{Owner: owner, Fields: []string{fact}}, owner == "member"
	}}
	a, row, err := f.AddRow(nil, "members", noon)
	if err != nil {
		t.Fatal(err)
	}
	a = f.FillRow(a, here, plan, "members", row, registered[husband], noon)
	if n := a["members.1.name"]; n.Value.Text != "Nguyễn Văn Thử" || n.Source != Register || n.Person != husband {
		t.Errorf("%+v", n)
	}
	if w := f.Wanted(a, here, plan, nil); len(w) != 0 {
		t.Errorf("wanted: %+v", w)
	}
}

func TestTheCardFillsTheForm(t *testing.T) {
	t.Parallel()
	f := readForm(t, "birth")
	qr, err := citizen.ParseQR(wife + "||Lê Thị Vợ|06051992|Nữ|Số 5 phố Thử, Phan Đình Phùng, Thái Nguyên|01022025")
	if err != nil {
		t.Fatal(err)
	}
	a := f.Fill(Answers{"req.relation": typed("mother")}, here, planOf(""), "applicant", CardKnown(qr), noon)
	if n := a["req.name"]; n.Value.Text != "Lê Thị Vợ" || n.Source != Card || n.Locked {
		t.Errorf("%+v", n)
	}
	if c := a["req.card"].Value.Card; c == nil || c.Kind != "CC" || c.Serial != wife || c.Issued != "2025-02-01" {
		t.Errorf("%+v", c)
	}
	for _, wrong := range f.Check(a, here) {
		if wrong.Field == "req.name" || wrong.Field == "req.birth" {
			t.Error(wrong)
		}
	}
	a, _ = prefill(t, f, a, wife)
	if n := a["req.name"]; n.Source != Register || !n.Locked {
		t.Errorf("what the register says too is not its own: %+v", n)
	}
	again := f.Fill(a, here, planOf(""), "applicant", CardKnown(qr), noon)
	if again["req.name"].Source != Register || again["req.residence"].Source != Register {
		t.Error("the card took the register's place")
	}
}

func TestTheHouseholdFillsTheRows(t *testing.T) {
	t.Parallel()
	f := readForm(t, "move")
	plan := Plan{Self: wife, People: []Person{{Owner: "member", From: []Way{{Kin: "member", Of: "applicant"}}}}, Meanings: func(id string) (Meaning, bool) {
		owner, fact, _ := strings.Cut(id, ".")
		return Meaning{Owner: owner, Fields: map[string][]string{"name": {"name"}, "birth": {"birth"}}[fact]}, owner == "member"
	}}
	child := Known{Number: other, AsOf: noon, Values: map[string]Value{"name": {Text: "Nguyễn Văn Con"}, "birth": {Text: "2015-02-03"}}}
	ask := func(w Want) (Known, bool, error) {
		if w.Number != wife || !slices.Equal(w.Fields, []string{"members"}) {
			t.Errorf("asked %+v", w)
		}
		return Known{AsOf: noon, Members: []Known{registered[husband], child}}, true, nil
	}
	fill := func(a Answers) Answers {
		t.Helper()
		a, err := f.Prefill(a, here, plan, noon, ask, nil)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	a := fill(Answers{})
	if a["members.1.name"].Value.Text != "Nguyễn Văn Thử" || a["members.2.name"].Value.Text != "Nguyễn Văn Con" || a["members.2.name"].Source != Register {
		t.Fatalf("%v", a)
	}
	pages := f.Pages(a, here)
	if i, ok := At(pages, "members"); !ok || pages[i].Done {
		t.Error("that these are all was taken for said")
	}
	a, err := f.RemoveRow(a, "members", 1, noon)
	if err != nil {
		t.Fatal(err)
	}
	if a = fill(a); len(Rows(&f.Sections[1], a)) != 1 || a["members.1.name"].Given() || !a["members.2.name"].Given() {
		t.Errorf("who was taken away came back: %v", a)
	}
	if a = fill(Answers{"members": typed(NoRows)}); len(a) != 1 {
		t.Errorf("nobody was said, and somebody came: %v", a)
	}
}
