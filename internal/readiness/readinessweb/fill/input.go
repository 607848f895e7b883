package fill

import (
	"crypto/rand"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/web"
	"dean06/internal/readiness"
)

// input turns what was typed on a page into a change of a return.
type input struct {
	*visit
	form   web.Form
	faults fault.List
	added  string // id of the system that this form adds
}

// apply is the change that a page makes. It may run more than once.
func (in *input) apply(t readiness.Task) func(readiness.Return) readiness.Return {
	return func(ret readiness.Return) readiness.Return {
		in.faults = nil
		switch t.Key {
		case readiness.TaskContact:
			return in.contact(ret)
		case readiness.TaskSystems:
			return in.systems(ret)
		case readiness.TaskProposals:
			return in.proposals(ret)
		case readiness.TaskDifficulties:
			ret.Difficulties, ret.Recommendations = in.lines("difficulties", ret.Difficulties), in.lines("recommendations", ret.Recommendations)
			return ret
		}
		return in.component(ret, t.Key)
	}
}

func (in *input) contact(ret readiness.Return) readiness.Return {
	c := &ret.Contact
	for key, field := range map[string]*string{
		"full_name": &c.FullName, "organisation": &c.Organisation, "position": &c.Position, "phone": &c.Phone, "email": &c.Email,
	} {
		if name := readiness.FieldOf("contact", key); in.form.Has(name) {
			*field = in.form.Text(name)
		}
	}
	if in.form.Has("letter.number") {
		ret.Letter.Number = in.form.Text("letter.number")
		day, err := in.form.Date("letter.date")
		in.note(err)
		ret.Letter.Date = day
	}
	return ret
}

func (in *input) note(err error) {
	if f := fault.As(err); f != nil {
		in.faults = append(in.faults, f)
	}
}

func (in *input) systems(ret readiness.Return) readiness.Return {
	var out []readiness.System
	for _, s := range ret.Systems {
		at := func(column string) string { return readiness.FieldOf("system", s.ID, column) }
		if in.form.Has(at("remove")) {
			continue
		}
		if in.form.Has(at("name")) {
			s.Name, s.Kind, s.Unit = in.form.Text(at("name")), in.form.Text(at("kind")), in.form.Text(at("unit"))
		}
		if s.Name == "" {
			in.faults = append(in.faults, fault.New(fault.Invalid, "fill.systems.unnamed", in.things(nil)).At(at("name")))
		}
		out = append(out, s)
	}
	if name := in.form.Text("system.new.name"); name != "" {
		if in.added == "" {
			in.added = "s" + strings.ToLower(rand.Text()[:8])
		}
		if slices.ContainsFunc(out, func(s readiness.System) bool { return readiness.Fold(s.Name) == readiness.Fold(name) }) {
			in.faults = append(in.faults, fault.New(fault.Invalid, "fill.systems.twice", in.things(fault.Args{"name": name})).At("system.new.name"))
		}
		out = append(out, readiness.System{
			ID: in.added, Name: name, Kind: in.form.Text("system.new.kind"), Unit: in.form.Text("system.new.unit"),
		})
	}
	for _, s := range out {
		if !slices.Contains(in.view.Template.AllSystemKinds(), s.Kind) {
			field := readiness.FieldOf("system", s.ID, "kind")
			if s.ID == in.added {
				field = "system.new.kind"
			}
			in.faults = append(in.faults, fault.New(fault.Invalid, "fill.systems.kind", in.things(fault.Args{"name": s.Name})).At(field))
		}
	}
	return readiness.SetSystems(in.view.Template, ret, in.kind(), out)
}

func (in *input) proposals(ret readiness.Return) readiness.Return {
	out := []readiness.Proposal{}
	for _, g := range in.view.Template.Proposals {
		name := readiness.FieldOf("proposal", g.Key)
		i := slices.IndexFunc(ret.Proposals, func(p readiness.Proposal) bool { return p.Group == g.Key })
		p := readiness.Proposal{Group: g.Key}
		if i >= 0 {
			p = ret.Proposals[i]
		}
		if in.form.Has(name) {
			p.Text = in.form.Text(name)
		}
		if i >= 0 || p.Text != "" {
			out = append(out, p)
		}
	}
	ret.Proposals = out
	return ret
}

// lines reads a list of texts, one a field. A page that does not have the list
// leaves it as it is.
func (in *input) lines(name string, saved []string) []string {
	if !in.form.Has(name + ".1") {
		return saved
	}
	out := []string{}
	for i := 1; in.form.Has(fmt.Sprintf("%s.%d", name, i)); i++ {
		if text := in.form.Text(fmt.Sprintf("%s.%d", name, i)); text != "" {
			out = append(out, text)
		}
	}
	return out
}

// component reads the answers of one component. A place of the form in which
// nothing is written and nothing stood stays without an answer.
func (in *input) component(ret readiness.Return, component string) readiness.Return {
	added := false
	for _, s := range readiness.Slots(in.view.Template, ret, in.kind(), component) {
		field := readiness.AnswerField(in.view.Template, s.Answer)
		if !in.form.Has(field+".unit") && !in.form.Has(field+".shown") {
			continue // a system that was declared after the page was shown
		}
		a := in.answer(s, field)
		if !s.Given {
			if !reflect.DeepEqual(a, s.Answer) {
				ret.Answers, added = append(ret.Answers, a), true
			}
			continue
		}
		for i := range ret.Answers {
			if readiness.AnswerField(in.view.Template, ret.Answers[i]) == field && ret.Answers[i].Key == a.Key {
				ret.Answers[i] = a
			}
		}
	}
	if added {
		readiness.Arrange(in.view.Template, &ret)
	}
	return ret
}

func (in *input) answer(s readiness.Slot, field string) readiness.Answer {
	was := s.Answer
	a := was
	text := func(column string) string { return in.form.Text(field + "." + column) }
	if in.form.Has(field + ".unit") {
		a.Unit = text(readiness.ColUnit)
	}
	if s.Row.Options != "" {
		a.Compliance = text(readiness.ColCompliance)
	}
	a.Values = in.values(was, field)
	if s.Row.Stage {
		a.Stage, a.StageOther = text(readiness.ColStage), text("stage_other")
		if month := text("month"); month != shownMonth(was) {
			a.ExpectedMonth, a.Precision = readMonth(month)
		}
	}
	facts := in.facts(s.Row, field)
	if !reflect.DeepEqual(facts, factsOf(was)) {
		a.Note, a.Causes, a.Unmet, a.Counts, a.Decision = facts.note, facts.causes, facts.unmet, facts.counts, facts.decision
	}
	a.Readings = in.settled(was, a, field)
	return a
}

// settled marks readings of the paper that the officer confirmed or corrected.
func (in *input) settled(was, now readiness.Answer, field string) map[string]readiness.Reading {
	if len(was.Readings) == 0 {
		return was.Readings
	}
	changed := map[string]bool{
		readiness.ColUnit: was.Unit != now.Unit, readiness.ColCompliance: was.Compliance != now.Compliance,
		readiness.ColStage: was.Stage != now.Stage || was.StageOther != now.StageOther || was.ExpectedMonth != now.ExpectedMonth,
		readiness.ColNote:  !reflect.DeepEqual(factsOf(was), factsOf(now)),
	}
	for _, c := range in.view.Template.OwnColumns() {
		changed[c.Key] = was.Values[c.Key] != now.Values[c.Key]
	}
	out := make(map[string]readiness.Reading, len(was.Readings))
	for column, r := range was.Readings {
		if !r.IsSure() && (changed[column] || in.form.Has(field+".confirm")) {
			r.ResolvedBy = in.who.Account
		}
		out[column] = r
	}
	return out
}

// facts are what the note column asks for, each in a field of its own, and the
// words beside them.
type facts struct {
	note     string
	causes   []string
	unmet    []string
	counts   *readiness.Counts
	decision *readiness.LetterRef
}

// factsOf takes the note of an answer apart as the page shows it.
func factsOf(a readiness.Answer) facts {
	f := facts{note: a.Note, decision: a.Decision}
	f.causes = append(f.causes, a.Causes...)
	f.unmet = append(f.unmet, a.Unmet...)
	if c := a.Counts; c != nil && *c != (readiness.Counts{}) {
		f.counts = c
	}
	if f.decision != nil && *f.decision == (readiness.LetterRef{}) {
		f.decision = nil
	}
	if saysNoMore(a) {
		f.note = ""
	}
	return f
}

// saysNoMore says that each sentence of the note repeats what stands in a field
// of its own.
func saysNoMore(a readiness.Answer) bool {
	said := append(slices.Clone(a.Causes), a.Unmet...)
	if a.Decision != nil && a.Decision.Number != "" {
		said = append(said, a.Decision.Number)
	}
	for sentence := range strings.FieldsFuncSeq(a.Note, func(r rune) bool { return r == '\n' || r == ';' || r == '.' }) {
		folded := readiness.Fold(sentence)
		counted := strings.Contains(folded, "so co quan chua dap ung") || strings.Contains(folded, "so luong thiet bi")
		if folded == "" || a.Counts != nil && counted {
			continue
		}
		repeats := func(s string) bool {
			f := readiness.Fold(s)
			return f != "" && (strings.Contains(f, folded) || strings.Contains(folded, f) && len(folded) <= len(f)+25)
		}
		if !slices.ContainsFunc(said, repeats) {
			return false
		}
	}
	return true
}

func (in *input) facts(row readiness.Row, field string) facts {
	f := facts{note: in.form.Text(field + ".note")}
	f.causes = textLines(in.form.Text(field + ".causes"))
	f.unmet = textLines(in.form.Text(field + ".unmet"))
	if asks(row, readiness.AskUnits) || asks(row, readiness.AskDevices) {
		c := readiness.Counts{
			UnitsUnmet: in.count(field + ".units_unmet"), UnitsTotal: in.count(field + ".units_total"),
			DevicesHave: in.count(field + ".devices_have"), DevicesNeed: in.count(field + ".devices_need"),
		}
		if c != (readiness.Counts{}) {
			f.counts = &c
		}
	}
	if asks(row, readiness.AskDecision) {
		day, err := in.form.Date(field + ".decision_date")
		in.note(err)
		if d := (readiness.LetterRef{Number: in.form.Text(field + ".decision"), Date: day}); d != (readiness.LetterRef{}) {
			f.decision = &d
		}
	}
	return f
}

func (in *input) count(name string) *int {
	n, given, err := in.form.Int(name)
	in.note(err)
	if !given || err != nil {
		return nil
	}
	return &n
}

func asks(row readiness.Row, a readiness.Ask) bool { return slices.Contains(row.Asks, a) }

// textLines splits a text into its lines, without the dashes that officials
// put before each.
func textLines(s string) []string {
	var out []string
	for line := range strings.SplitSeq(s, "\n") {
		if line = strings.TrimSpace(strings.TrimLeft(strings.TrimSpace(line), "-–•+ ")); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// readMonth reads an expected month. What is none is kept as it was typed; the
// check then says so.
func readMonth(text string) (readiness.Month, readiness.Precision) {
	if text == "" {
		return "", ""
	}
	t := readiness.ReadMonth(text)
	if t.Month == "" || t.Confidence < readiness.Sure {
		return readiness.Month(text), ""
	}
	return t.Month, t.Precision
}
