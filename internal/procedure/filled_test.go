package procedure

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"dean06/internal/eform"
	"dean06/internal/platform/clock"
)

// Two married people as the register tells of them.
const (
	theMother = "019192000001"
	theFather = "019090000001"
)

func toldOf(number, name, sex string, at time.Time) eform.Known {
	spouse := theFather
	if number == theFather {
		spouse = theMother
	}
	home := eform.Value{Place: &eform.Place{Country: "VN", Province: "19", Commune: "05443", Detail: "Số 5 phố Thử"}}
	child := eform.Known{Number: "019215000001", AsOf: at, Values: map[string]eform.Value{
		"name": {Text: "Nguyễn Văn Con"}, "birth": {Text: "2015-02-03"}, "sex": {Text: "1"}, "household": {Text: "CH03"},
	}}
	return eform.Known{
		Number: number, AsOf: at, Members: []eform.Known{child}, Kin: map[string]string{"spouse": spouse, "head": number},
		Values: map[string]eform.Value{
			"name": {Text: name}, "birth": {Text: "1992-05-06"}, "sex": {Text: sex}, "ethnicity": {Text: "01"}, "nationality": {Text: "VN"},
			"permanent": home, "temporary": {}, "present": home, "origin": home, "marital": {Text: "2"}, "spouse": {Text: "Người Kia"},
			"cards": {Card: &eform.CardPaper{Kind: "CCCD", Serial: number, Issued: "2022-02-01"}}, "number": {Text: number},
			"household": {Text: "CH01"},
		},
	}
}

func planFor(p *Package, self string) eform.Plan {
	plan := eform.Plan{Self: self, Meanings: func(id string) (eform.Meaning, bool) {
		m, ok := Meanings().Of(id)
		return eform.Meaning{Owner: m.Owner.ID, Fields: m.Register}, ok
	}}
	for _, person := range p.People {
		one := eform.Person{Owner: person.Owner}
		for _, by := range person.From {
			one.From = append(one.From, eform.Way{When: by.When, Is: by.Is, Kin: by.Kin, Of: by.Of, Typed: by.Typed})
		}
		plan.People = append(plan.People, one)
	}
	return plan
}

// typedAs is a right answer to a question.
func typedAs(q eform.Asked, said map[string]string, view eform.View) eform.Value {
	if len(q.Answer.Offered) > 0 {
		return q.Answer.Offered[0].Value
	}
	if text, ok := said[q.Path]; ok {
		return eform.Value{Text: text}
	}
	switch q.Question.Kind {
	case eform.KindAddress:
		return eform.Value{Place: &eform.Place{Country: "VN", Province: "19", Commune: "05443", Detail: "Số 7"}}
	case eform.KindCard:
		return eform.Value{Card: &eform.CardPaper{Kind: "CCCD", Serial: "019088000001"}}
	case eform.KindChoice:
		for _, o := range q.Question.Options {
			if o.When == nil || o.When.Holds(view) {
				return eform.Value{Text: o.Value}
			}
		}
	case eform.KindCode:
		list, _ := eform.ListOf(q.Question.List)
		return eform.Value{Text: list.All()[0].Code}
	case eform.KindFile:
		return eform.Value{Files: []string{"0190aaaa"}}
	case eform.KindDate:
		return eform.Value{Text: "2026-11-20"}
	case eform.KindNumber:
		serial := 0
		for _, r := range q.Path {
			serial = (serial*31 + int(r)) % 1_000_000
		}
		return eform.Value{Text: fmt.Sprintf("019088%06d", serial)}
	}
	texts := map[eform.Kind]string{
		eform.KindName: "Trần Văn Khác", eform.KindPartial: "1988", eform.KindYes: "yes", eform.KindCount: "1",
		eform.KindAmount: "1", eform.KindPhone: "0912345678", eform.KindEmail: "thu@vidu.vn",
	}
	if text, ok := texts[q.Question.Kind]; ok {
		return eform.Value{Text: text}
	}
	return eform.Value{Text: "Ghi để thử"}
}

// robot answers a form page by page, with the register at hand, and gives what it typed.
func robot(t *testing.T, p *Package, self string, facts eform.Facts, said map[string]string) (eform.Answers, []string) {
	t.Helper()
	at := facts.Today.Start().Add(9 * time.Hour)
	people := map[string]eform.Known{
		theMother: toldOf(theMother, "Lê Thị Vợ", "2", at), theFather: toldOf(theFather, "Nguyễn Văn Thử", "1", at),
	}
	ask := func(w eform.Want) (eform.Known, bool, error) { k, ok := people[w.Number]; return k, ok, nil }
	match := func(eform.Want) (bool, error) { return true, nil }
	a := eform.Answers{}
	var typed []string
	for range 100 {
		var err error
		if a, err = p.Form.Prefill(a, facts, planFor(p, self), at, ask, match); err != nil {
			t.Fatal(err)
		}
		switch page := eform.Next(p.Form.Pages(a, facts), ""); page.Kind {
		case eform.PageCheck:
			for _, w := range p.Form.Check(a, facts) {
				t.Errorf("%v is not right: %v (%+v)", said, w, a[w.Field].Value)
			}
			return a, typed
		case eform.PageFilled:
			a = p.Form.Look(a, facts)
		case eform.PageRepeat:
			if a, err = p.Form.EnoughRows(a, page.Path, at); err != nil {
				t.Fatal(err)
			}
		default:
			q := page.Asked[0]
			if a, err = p.Form.Put(a, facts, q.Path, typedAs(q, said, p.Form.View(a, facts)), eform.Typed, at); err != nil {
				t.Fatalf("%v: %s: %v", said, q.Path, err)
			}
			typed = append(typed, q.Path)
		}
	}
	t.Fatalf("%v: the form does not end: %v", said, typed)
	return nil, nil
}

// For the birth of married parents every fact that the register has arrives filled, whoever
// of the two applies.
func TestOfMarriedParentsNothingIsAskedTwice(t *testing.T) {
	t.Parallel()
	p := InForce(Packages(), "1.001193", clock.MustDate("2026-11-30"))
	facts := ownFacts("no")
	for self, relation := range map[string]string{theMother: "mother", theFather: "father"} {
		a, typed := robot(t, p, self, facts, map[string]string{"applicant.relation": relation, "request.situation": "married", "request.foreign": "none"})
		for _, path := range typed {
			_, q, _, _ := p.Form.Find(path)
			if m, _ := Meanings().Of(q.Meaning); m.InRegister() {
				t.Errorf("%s applies: %s is asked, and the register has it", relation, path)
			}
		}
		filled := 0
		for _, q := range p.Form.Fields(a, facts) {
			if q.Given() && q.Answer.Source == eform.Register {
				filled++
			}
		}
		if filled < 16 {
			t.Errorf("%s applies: only %d fields arrived", relation, filled)
		}
	}
}

// Of the household that moves along nothing is typed.
func TestTheHouseholdIsNotTyped(t *testing.T) {
	t.Parallel()
	p := InForce(Packages(), "1.004222", clock.MustDate("2026-11-30"))
	facts := ownFacts("no")
	a, typed := robot(t, p, theMother, facts, map[string]string{"request.whom": "self", "request.members": "yes"})
	if got := a["members.1.name"]; got.Value.Text != "Nguyễn Văn Con" || got.Source != eform.Register {
		t.Errorf("%+v", got)
	}
	for _, path := range typed {
		sec, q, _, _ := p.Form.Find(path)
		if m, _ := Meanings().Of(q.Meaning); sec.Repeat != nil && m.InRegister() {
			t.Errorf("%s is typed", path)
		}
	}
}

// Every way through the form of every package comes to its end with nothing wrong, with the
// register at hand and without.
func TestEveryWayThroughAFormEnds(t *testing.T) {
	t.Parallel()
	for _, p := range Packages() {
		var choices []*eform.Question
		for i := range p.Form.Sections {
			for j := range p.Form.Sections[i].Questions {
				q := &p.Form.Sections[i].Questions[j]
				if (q.Kind == eform.KindChoice || q.Kind == eform.KindYes) && q.FilledBy == "" && p.Form.Sections[i].Repeat == nil {
					choices = append(choices, q)
				}
			}
		}
		ways := []map[string]string{{}}
		for _, q := range choices[:min(len(choices), 3)] {
			values := []string{"yes", "no"}
			if q.Kind == eform.KindChoice {
				values = nil
				for _, o := range q.Options {
					values = append(values, o.Value)
				}
			}
			var more []map[string]string
			for _, way := range ways {
				for _, v := range values {
					next := map[string]string{q.ID: v}
					for k, was := range way {
						next[k] = was
					}
					more = append(more, next)
				}
			}
			ways = more
		}
		ended := 0
		walk := func(f eform.Facts, way map[string]string) {
			if t.Failed() || !possible(p, f, way) {
				return
			}
			robot(t, p, []string{theMother, ""}[ended%2], f, way)
			ended++
		}
		for _, authorised := range []string{"no", "yes"} {
			facts := ownFacts(authorised)
			for _, way := range ways {
				walk(facts, way)
			}
			for _, c := range p.Cases {
				f := facts
				f.Case = c.ID
				walk(f, nil)
				walk(f, nil)
			}
		}
		if ended == 0 {
			t.Errorf("%s: no way was walked", p.Code)
		}
	}
}

// ownFacts are those of a form that is filled in online, by authorisation ("yes") or for oneself.
func ownFacts(authorised string) eform.Facts {
	return eform.Facts{Channel: "online", Today: clock.MustDate("2026-11-30"), More: map[string]string{Authorised: authorised}}
}

// possible says that the options that a way takes are offered on it.
func possible(p *Package, facts eform.Facts, way map[string]string) bool {
	a := eform.Answers{}
	for path, v := range way {
		a[path] = eform.Answer{Value: eform.Value{Text: v}, Source: eform.Typed}
	}
	view := p.Form.View(a, facts)
	for path, v := range way {
		_, q, _, _ := p.Form.Find(path)
		if slices.ContainsFunc(q.Options, func(o eform.Option) bool { return o.Value == v && o.When != nil && !o.When.Holds(view) }) {
			return false
		}
	}
	return true
}
