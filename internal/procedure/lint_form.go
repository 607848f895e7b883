package procedure

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"dean06/internal/eform"
	"dean06/internal/platform/fault"
)

// kindsOf are the kinds of questions by which a meaning of a kind may be asked: a day also as
// far as it is known, a code also as a choice.
var kindsOf = map[eform.Kind][]eform.Kind{
	eform.KindDate:    {eform.KindDate, eform.KindPartial},
	eform.KindPartial: {eform.KindDate, eform.KindPartial},
	eform.KindText:    {eform.KindText, eform.KindLong, eform.KindName},
	eform.KindLong:    {eform.KindText, eform.KindLong},
	eform.KindCode:    {eform.KindCode, eform.KindChoice},
	eform.KindYes:     {eform.KindYes, eform.KindChoice},
}

var formKinds = []eform.Kind{
	eform.KindText, eform.KindLong, eform.KindName, eform.KindNumber, eform.KindDate, eform.KindPartial, eform.KindChoice, eform.KindCode, eform.KindYes,
	eform.KindAddress, eform.KindCard, eform.KindCount, eform.KindAmount, eform.KindPhone, eform.KindEmail, eform.KindFile,
}

// lintForm looks at the form: each section, each question, and what hangs on what.
func (l *linter) lintForm() {
	f := &l.p.Form
	l.shape("form.id", f.ID, idShape, "birth")
	if len(f.Sections) > 0 {
		l.needed("form.title", f.Title == eform.Text{})
	}
	l.named("form.sections[%d].id", len(f.Sections), func(i int) string { return f.Sections[i].ID })
	var paths, ids []string
	for i := range f.Sections {
		sec := &f.Sections[i]
		at := fmt.Sprintf("form.sections[%d]", i)
		l.needed(at+".title", sec.Title == eform.Text{})
		l.needed(at+".questions", len(sec.Questions) == 0)
		l.condition(at+".when", sec.When, nil)
		if r := sec.Repeat; r != nil && (r.Min < 0 || r.Max < 1 || r.Max < r.Min || r.Max > 200) {
			l.fault(at+".repeat", "repeat_bounds", fault.Args{"section": sec.ID})
		}
		for j := range sec.Questions {
			q := &sec.Questions[j]
			qat := fmt.Sprintf("%s.questions[%d]", at, j)
			paths, ids = append(paths, qat+".id"), append(ids, q.ID)
			l.lintQuestion(qat, q, sec)
		}
	}
	l.twiceAt(paths, ids)
	l.lintCycles()
}

// twiceAt reports ids that are there before, wherever they stand.
func (l *linter) twiceAt(paths, ids []string) {
	first := map[string]string{}
	for i, id := range ids {
		l.needed(paths[i], id == "")
		l.shape(paths[i], id, idShape, "mother.name")
		if before, ok := first[id]; ok && id != "" {
			l.fault(paths[i], "id_twice", fault.Args{"id": id, "first": l.placeOf(before).line})
			continue
		}
		first[id] = paths[i]
	}
}

func (l *linter) lintQuestion(at string, q *eform.Question, sec *eform.Section) {
	l.needed(at+".label", q.Label == eform.Text{})
	if !slices.Contains(formKinds, q.Kind) {
		l.fault(at+".kind", "unknown_word", fault.Args{"member": "kind", "value": string(q.Kind), "known": kindNames()})
	}
	l.lintMeaning(at, q)
	l.lintAsked(at, q, sec)
	l.lintFollows(at, q)
	var in *eform.Section
	if sec.Repeat != nil {
		in = sec
		if !strings.HasPrefix(q.ID, sec.ID+".") {
			l.fault(at+".id", "repeated_id", fault.Args{"question": q.ID, "section": sec.ID})
		}
	}
	l.condition(at+".when", q.When, in)
	l.condition(at+".required", q.Required, in)
	if excludes(q.When, sec.When) {
		l.fault(at+".when", "never_asked", fault.Args{"question": q.ID})
	}
	l.lintAnswers(at, q, sec, in)
	if q.Min < 0 || q.Max < 0 || q.Max > 0 && q.Max < q.Min {
		l.fault(at, "bounds", fault.Args{"question": q.ID})
	}
	for i, check := range q.Checks {
		cat := fmt.Sprintf("%s.checks[%d]", at, i)
		other, ok := eform.KnownCheck(check)
		switch {
		case !ok:
			l.fault(cat, "unknown_check", fault.Args{"check": check})
		case other != "":
			l.question(cat, other)
		}
	}
	l.lintFilled(at, q)
}

func kindNames() string {
	var all []string
	for _, k := range formKinds {
		all = append(all, string(k))
	}
	return strings.Join(all, ", ")
}

// lintMeaning: a field says whose fact it is, and which.
func (l *linter) lintMeaning(at string, q *eform.Question) {
	m, ok := l.meanings.Of(q.Meaning)
	switch {
	case q.Meaning == "":
		l.fault(at, "field_without_meaning", fault.Args{"question": q.ID})
	case !ok:
		l.fault(at+".meaning", "unknown_meaning", fault.Args{"question": q.ID, "meaning": q.Meaning})
	case !slices.Contains(append(kindsOf[m.Kind], m.Kind), q.Kind):
		l.fault(at+".kind", "meaning_of_other_kind", fault.Args{"question": q.ID, "meaning": q.Meaning, "kind": string(q.Kind), "want": string(m.Kind)})
	}
}

// lintAsked: nobody is asked twice for one fact. Two questions may have the same meaning
// where never both are asked.
func (l *linter) lintAsked(at string, q *eform.Question, sec *eform.Section) {
	if q.Meaning == "" {
		return
	}
	for _, f := range l.fields {
		if f.Meaning != q.Meaning || f.order >= l.fields[q.ID].order {
			continue
		}
		apart := false
		for _, a := range []*eform.Condition{q.When, sec.When} {
			for _, b := range []*eform.Condition{f.When, f.section.When} {
				apart = apart || excludes(a, b)
			}
		}
		if !apart {
			l.fault(at+".meaning", "asked_twice", fault.Args{"question": q.ID, "meaning": q.Meaning, "other": f.ID})
			return
		}
	}
}

// lintFollows: what an answer follows of is a fact that the register has.
func (l *linter) lintFollows(at string, q *eform.Question) {
	for i, id := range q.Follows {
		if m, ok := l.meanings.Of(id); !ok || len(m.Register) == 0 || !slices.Contains(append(kindsOf[m.Kind], m.Kind), q.Kind) {
			l.fault(fmt.Sprintf("%s.follows[%d]", at, i), "follows_nothing", fault.Args{"question": q.ID, "meaning": id})
		}
	}
}

// lintAnswers: what can be chosen, and from which list.
func (l *linter) lintAnswers(at string, q *eform.Question, sec, in *eform.Section) {
	if choice := q.Kind == eform.KindChoice; choice != (len(q.Options) > 0) {
		l.fault(at, "options_of_choice", fault.Args{"question": q.ID})
	}
	if code := q.Kind == eform.KindCode; code != (q.List != "") {
		l.fault(at, "list_of_code", fault.Args{"question": q.ID})
	} else if _, ok := eform.ListOf(q.List); code && !ok {
		l.fault(at+".list", "unknown_list", fault.Args{"question": q.ID, "list": q.List, "known": strings.Join(slices.Sorted(maps.Keys(eform.Lists())), ", ")})
	}
	l.twice(at+".options[%d].value", len(q.Options), func(i int) string { return q.Options[i].Value })
	for i := range q.Options {
		o := &q.Options[i]
		oat := fmt.Sprintf("%s.options[%d]", at, i)
		l.needed(oat+".value", o.Value == "")
		l.needed(oat+".label", o.Label == eform.Text{})
		l.condition(oat+".when", o.When, in)
		if excludes(o.When, q.When) || excludes(o.When, sec.When) {
			l.fault(oat+".when", "option_unreachable", fault.Args{"question": q.ID, "option": o.Value})
		}
	}
}

// lintFilled: what nobody is asked says who fills it in.
func (l *linter) lintFilled(at string, q *eform.Question) {
	switch q.FilledBy {
	case "", "officer":
		if q.Compute != "" {
			l.fault(at+".compute", "compute_without_system", fault.Args{"question": q.ID})
		}
	case "system":
		l.lintCompute(at, q)
	default:
		l.oneOf(at+".filled_by", q.FilledBy, []string{"system", "officer"})
	}
}

// dossierComputes are what the dossier fills in that a form by itself cannot: the agency that
// decides, its place, who sent it and said that it is true.
var dossierComputes = []string{"agency", "place", "signature"}

func (l *linter) lintCompute(at string, q *eform.Question) {
	if q.Compute == "" {
		// What the register has arrives by its meaning, and its answer to an event by gives.
		m, _ := l.meanings.Of(q.Meaning)
		if arrives := len(m.Register) > 0 && l.p.knows(m.Owner.ID); !arrives && (l.p.Effect == nil || l.p.Effect.Gives != q.ID) {
			l.fault(at, "system_without_compute", fault.Args{"question": q.ID})
		}
		return
	}
	if slices.Contains(dossierComputes, q.Compute) {
		return
	}
	other, ok := eform.KnownComputation(q.Compute)
	switch {
	case !ok:
		l.fault(at+".compute", "unknown_compute", fault.Args{"question": q.ID, "compute": q.Compute})
	case other != "":
		l.question(at+".compute", other)
	}
}

// lintCycles reports questions that are asked only when each other is answered: neither ever
// is.
func (l *linter) lintCycles() {
	const looking, done = 1, 2
	state := map[string]int{}
	var path []string
	var visit func(id string)
	visit = func(id string) {
		f, ok := l.fields[id]
		if !ok || state[id] == done {
			return
		}
		if state[id] == looking {
			round := append(slices.Clone(path[slices.Index(path, id):]), id)
			l.fault(f.at+".when", "cycle", fault.Args{"questions": strings.Join(round, " → ")})
			return
		}
		state[id] = looking
		path = append(path, id)
		for _, on := range append(questionsOf(f.When), questionsOf(f.section.When)...) {
			visit(on)
		}
		path = path[:len(path)-1]
		state[id] = done
	}
	for i := range l.p.Form.Sections {
		for _, q := range l.p.Form.Sections[i].Questions {
			visit(q.ID)
		}
	}
}
