package populationweb

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"dean06/internal/citizen"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/ui"
	"dean06/internal/population"
)

// inputKind is how something is asked.
type inputKind int

const (
	asText inputKind = iota
	asArea
	asDay
	asNumber // a personal number
	asPlace  // a commune as people say it, and the address below it
	asSelect
	asRadios
	asMembers
	asTick
)

// input is one question of the form of an event.
type input struct {
	Kind    inputKind
	Field   ui.Field
	Detail  ui.Field // asPlace
	Choices ui.Field // asPlace, when several communes have the name
	About   population.Field
}

// asked lists the questions of each kind of event, in order. What ends with "?" may
// be left empty.
var asked = map[population.Kind][]string{
	population.Birth: {
		"name", "on", "sex", "mother?", "father?", "mother_name?", "father_name?", "ethnicity", "religion", "birthplace", "relation?", "basis?",
	},
	population.Death:        {"on", "basis?"},
	population.GoneMissing:  {"on", "basis?"},
	population.FoundAgain:   {"on", "basis?"},
	population.Marriage:     {"other", "on", "basis?"},
	population.Divorce:      {"on", "basis?"},
	population.MovePerm:     {"place", "members?", "household?", "relation?", "on", "basis?"},
	population.MoveTemp:     {"place?", "end?", "members?", "on", "basis?"},
	population.MovePresent:  {"place", "members?", "on", "basis?"},
	population.Split:        {"members?", "on", "basis?"},
	population.Join:         {"household", "relation", "members?", "on", "basis?"},
	population.NameChange:   {"name", "on", "basis?"},
	population.Guardianship: {"guardian?", "guardian_name?", "end?", "on", "basis?"},
	population.NewCard:      {"card", "serial?", "on", "expires?", "basis?"},
}

// correctable are the fields for which a correction asks, relatives last: they are asked
// by their number.
func (p *Pages) correctable() []population.FieldLine {
	lines := slices.DeleteFunc(p.Fields.Lines(), func(l population.FieldLine) bool { return !l.Asked || l.Fixed || len(l.Data) == 0 })
	kin := func(l population.FieldLine) int {
		if l.Data[0].Relative != nil {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(lines, func(a, b population.FieldLine) int { return kin(a) - kin(b) })
	return lines
}

// inputs makes the questions with what was typed, or with what is likely.
func (p *Pages) inputs(w words, v *eventView) []input {
	var out []input
	if v.Kind == population.Correction {
		part := v.part()
		for _, l := range p.correctable() {
			if part != nil && slices.Contains(part.Fields, l.Code) {
				out = append(out, p.correction(w, v, &l, &part.Facts))
			}
		}
		return append(out, p.input(w, v, "basis", false))
	}
	for _, name := range asked[v.Kind] {
		name, optional := strings.CutSuffix(name, "?")
		if name == "members" {
			out = append(out, p.members(w, v)...)
			continue
		}
		out = append(out, p.input(w, v, name, optional))
	}
	return out
}

// part is what the corrected event said of the person.
func (v *eventView) part() *population.Part {
	for i := range v.Corrects.Parts {
		if v.Corrects.Parts[i].Number == v.Person.Person.Number {
			return &v.Corrects.Parts[i]
		}
	}
	return nil
}

// label is the question for a field of the form; a kind may have its own words.
func (w words) label(kind population.Kind, name string) (label, hint string) {
	own := "people.ask." + string(kind) + "." + name
	if label = w.Printer.T(own); label == "["+own+"]" {
		label = w.Printer.T("people.ask." + name)
	}
	if hint = w.Printer.T("people.ask." + name + ".hint"); hint == "[people.ask."+name+".hint]" {
		hint = ""
	}
	return label, hint
}

func (p *Pages) input(w words, v *eventView, name string, optional bool) input {
	i := input{Field: ui.Field{Name: name, Optional: optional, Errors: v.Errors, Autocomplete: "off"}}
	i.Field.Label, i.Field.Hint = w.label(v.Kind, name)
	var likely string
	self := v.Person.Person
	switch name {
	case "on":
		i.Kind, likely = asDay, typed(p.today())
	case "expires":
		i.Kind = asDay
	case "other", "mother", "father", "guardian":
		i.Kind = asNumber
		if name == "mother" && self.Sex == citizen.Female || name == "father" && self.Sex == citizen.Male && v.Kind == population.Birth {
			likely = self.Number.String()
		}
		other := name == "mother" && self.Sex == citizen.Male || name == "father" && self.Sex == citizen.Female
		if spouse := self.Spouse.Number.String(); v.Kind == population.Birth && other {
			likely = spouse
		}
	case "place", "birthplace":
		i.Kind = asPlace
		p.placeInput(w, v, &i, population.Place{}, p.askedOn(v))
	case "sex":
		i.Kind, i.Field.Options, i.Field.Inline = asRadios, sexOptions(w.Printer), true
	case "ethnicity":
		likely = self.Ethnicity
		i.Kind, i.Field.Options = asSelect, w.options(citizen.Codes().Ethnicity)
	case "religion":
		likely = self.Religion
		i.Kind, i.Field.Options = asSelect, w.options(citizen.Codes().Religion)
	case "relation":
		i.Kind = asSelect
		i.Field.Options = w.relationOptions()
	case "card":
		i.Kind = asSelect
		likely = "CC"
		for _, c := range []string{"CC", "CCCD"} {
			i.Field.Options = append(i.Field.Options, ui.Option{Value: c, Label: w.Printer.T("people.card." + strings.ToLower(c))})
		}
	case "end":
		i.Kind = asTick
		i.Field.Options = []ui.Option{{Value: "1", Label: i.Field.Label}}
		i.Field.Values = v.Form.Values(name)
		i.Field.Label = w.Printer.T("people.ask.end.title")
		i.Field.Small = true
	case "household", "serial":
		i.Field.Width = 10
	}
	i.Field.Value = v.Form.Text(name)
	if v.Blank && i.Field.Value == "" {
		i.Field.Value = likely
	}
	return i
}

func (w words) options(l citizen.CodeList) []ui.Option {
	out := []ui.Option{{Label: w.Printer.T("people.ask.choose")}}
	for _, c := range l.All() {
		out = append(out, ui.Option{Value: c.Code, Label: l.Name(c.Code, string(w.Lang))})
	}
	return out
}

func (w words) relationOptions() []ui.Option {
	out := []ui.Option{{Label: w.Printer.T("people.ask.choose")}}
	for _, r := range relations() {
		if r.Code != population.HeadOfHousehold {
			out = append(out, ui.Option{Value: r.Code, Label: w.relation(r.Code)})
		}
	}
	return out
}

// members asks who of the household goes along and, where they get a new head, what
// they are to them.
func (p *Pages) members(w words, v *eventView) []input {
	var others []population.Member
	for _, m := range v.Person.Members {
		if m.Number != v.Person.Person.Number {
			others = append(others, m)
		}
	}
	if len(others) == 0 {
		return nil
	}
	who := input{Kind: asMembers, Field: ui.Field{
		Name: "members", Values: v.Form.Values("members"), Errors: v.Errors, Small: true, Optional: true,
	}}
	who.Field.Label, who.Field.Hint = w.label(v.Kind, "members")
	out := []input{who}
	for _, m := range others {
		handle := p.handles.of(m.Number)
		out[0].Field.Options = append(out[0].Field.Options, ui.Option{Value: handle, Label: w.Printer.T("people.ask.member", map[string]any{
			"name": m.Name, "relation": w.relation(m.Relation), "birth": w.day(m.Birth),
		})})
		if v.Kind == population.Split || v.Kind == population.Join {
			name := "relation-" + handle
			out = append(out, input{Kind: asSelect, Field: ui.Field{
				Name: name, Label: w.Printer.T("people.ask.relation.of", map[string]any{"name": m.Name}), Value: v.Form.Text(name),
				Options: w.relationOptions(), Errors: v.Errors, Optional: true,
			}})
		}
	}
	return out
}

// correction asks for the right value of a field that an event said wrongly.
func (p *Pages) correction(w words, v *eventView, l *population.FieldLine, said *population.Person) input {
	name := string(l.Code)
	i := input{About: l.Code, Field: ui.Field{
		Name: name, Label: sentence(w.field(l.Code)), Errors: v.Errors, Value: v.Form.Text(name), Autocomplete: "off",
	}}
	var likely string
	switch d := &l.Data[0]; {
	case d.Place != nil:
		i.Kind = asPlace
		p.placeInput(w, v, &i, *d.Place(said), w.saidOn(v, said, l.Code))
		return i
	case d.Text != nil:
		likely = *d.Text(said)
		if d.Form == population.FormCode {
			i.Kind, i.Field.Options = asSelect, w.options(d.List())
		}
	case d.Day != nil:
		i.Kind, likely = asDay, dayTyped(*d.Day(said))
	case d.Life != nil: // that somebody died stands; on which day is asked
		i.Kind, likely = asDay, dayTyped(said.Ended)
		i.Field.Label = w.Printer.T("people.ask.ended")
	case d.Sex != nil:
		i.Kind, likely, i.Field.Options, i.Field.Inline = asRadios, strconv.Itoa(int(*d.Sex(said))), sexOptions(w.Printer), true
	case d.Relative != nil:
		i.Kind = asNumber
		i.Field.Hint = w.Printer.T("people.ask.parent.hint")
		likely = cmp.Or(d.Relative(said).Number.String(), d.Relative(said).Name)
	}
	if v.Blank {
		i.Field.Value = likely
	}
	return i
}

// dayTyped is a day, whole or not, as people type it.
func dayTyped(d citizen.Day) string {
	parts := strings.Split(d.String(), "-")
	slices.Reverse(parts)
	return strings.Join(parts, "/")
}

// reader reads the answers of a form and gathers what is wrong.
type reader struct {
	words
	v      *eventView
	faults fault.List
}

func (r *reader) wrong(key, field string, args fault.Args) {
	r.faults = append(r.faults, fault.New(fault.Invalid, key, args).At(field))
}

func (r *reader) text(name string) string { return citizen.Spell(r.v.Form.Text(name)) }

func (r *reader) day(name string) citizen.Day {
	s := r.v.Form.Text(name)
	if s == "" {
		return 0
	}
	d, err := citizen.ParseDay(s)
	if err != nil {
		r.wrong("citizen.day.bad", name, nil)
	}
	return d
}

// number reads a personal number. Those whom the form itself offered, masked, are
// meant when their mask is left as it is.
func (r *reader) number(name string, offered ...citizen.Number) citizen.Number {
	s := strings.ReplaceAll(r.v.Form.Text(name), " ", "")
	if s == "" {
		return citizen.Number{}
	}
	for _, n := range offered {
		if s == n.String() {
			return n
		}
	}
	n, err := citizen.ParseNumber(s)
	if f := fault.As(err); f != nil {
		r.wrong(f.Key, name, f.Args)
	}
	return n
}

// read makes the event of what was typed. Rules are the register's; here only what
// cannot be read is wrong, and what was left empty.
func (p *Pages) read(w words, v *eventView) (population.Event, fault.List) {
	r := &reader{words: w, v: v}
	for _, i := range v.Inputs {
		if must(i, v.Kind) && v.Form.Text(i.Field.Name) == "" {
			r.wrong("people.ask.empty", i.Field.Name, nil)
		}
	}
	e := population.Event{ID: v.ID, Kind: v.Kind, Number: v.Person.Person.Number, Basis: r.text("basis"), On: r.day("on")}
	for _, handle := range v.Form.Values("members") {
		n, err := p.handles.number(handle)
		if err != nil {
			continue
		}
		e.Members = append(e.Members, n)
		if code := v.Form.Text("relation-" + handle); code != "" {
			if e.Relations == nil {
				e.Relations = map[citizen.Number]string{}
			}
			e.Relations[n] = code
		}
	}
	f := &e.Facts
	switch v.Kind {
	case population.Birth:
		e.Number = citizen.Number{}
		r.child(&e)
	case population.Marriage:
		e.Other = r.number("other")
	case population.Divorce:
		e.Other = v.Person.Person.Spouse.Number
	case population.MovePerm:
		f.Permanent, f.Household, f.Relation = r.place("place", r.pages.askedOn(r.v)), r.text("household"), v.Form.Text("relation")
	case population.MoveTemp:
		if f.Temporary = r.place("place", r.pages.askedOn(r.v)); v.Form.Text("end") != "" {
			f.Temporary = population.Place{}
		} else if f.Temporary.IsZero() {
			r.wrong("people.ask.empty", "place", nil)
		}
	case population.MovePresent:
		f.Present = r.place("place", r.pages.askedOn(r.v))
	case population.Join:
		f.Household, f.Relation = r.text("household"), v.Form.Text("relation")
	case population.NameChange:
		f.Name = r.text("name")
	case population.Guardianship:
		if v.Form.Text("end") == "" {
			f.Guardian = population.Relative{Number: r.number("guardian"), Name: r.text("guardian_name")}
			if f.Guardian.IsZero() {
				r.wrong("people.ask.empty", "guardian", nil)
			}
		}
	case population.NewCard:
		f.Cards = []population.Card{{Kind: v.Form.Text("card"), Serial: r.text("serial"), Issued: e.On, Expires: r.day("expires")}}
	case population.Correction:
		r.corrected(&e)
	}
	return e, r.faults
}

func must(i input, kind population.Kind) bool {
	return !i.Field.Optional && i.Kind != asTick && i.Kind != asMembers && (kind != population.Correction || i.Field.Name == "basis")
}

func (r *reader) child(e *population.Event) {
	f, form := &e.Facts, r.v.Form
	f.Name, f.Birth, f.Ethnicity, f.Religion, f.Nationality = r.text("name"), e.On, form.Text("ethnicity"), form.Text("religion"), "VN"
	if s, err := strconv.Atoi(form.Text("sex")); err == nil {
		f.Sex = citizen.Sex(s)
	}
	parent := r.v.Person.Person
	mother, father := parent.Number, parent.Spouse.Number
	if parent.Sex == citizen.Male {
		mother, father = father, mother
	}
	f.Mother = population.Relative{Number: r.number("mother", mother), Name: r.text("mother_name")}
	f.Father = population.Relative{Number: r.number("father", father), Name: r.text("father_name")}
	f.Birthplace = r.place("birthplace", r.pages.askedOn(r.v))
	f.Relation = form.Text("relation") // the household is the parents'; the register knows it
}

// corrected takes the values that differ from what the event said.
func (r *reader) corrected(e *population.Event) {
	said := r.v.part()
	e.Corrects, e.On = r.v.Corrects.ID, r.v.Corrects.On
	if said == nil {
		return
	}
	right := said.Facts
	for _, i := range r.v.Inputs {
		if i.About == "" {
			continue
		}
		r.right(&right, &said.Facts, i.About)
		if r.value(&right, i.About) != r.value(&said.Facts, i.About) {
			e.Fields = append(e.Fields, i.About)
		}
	}
	e.Facts = r.pages.Fields.Only(&right, e.Fields)
	if len(e.Fields) == 0 && len(r.faults) == 0 && len(r.v.Inputs) > 0 {
		r.wrong("people.correct.nothing", r.v.Inputs[0].Field.Name, nil)
	}
}

// right reads the right value of a field into a person.
func (r *reader) right(p, said *population.Person, f population.Field) {
	name, text := string(f), r.v.Form.Text(string(f))
	switch d := &r.pages.Fields.Line(f).Data[0]; {
	case d.Place != nil:
		*d.Place(p) = r.samePlace(name, *d.Place(said), r.saidOn(r.v, said, f))
	case d.Text != nil && d.Form == population.FormWords:
		*d.Text(p) = r.text(name)
	case d.Text != nil:
		*d.Text(p) = text
	case d.Day != nil:
		*d.Day(p) = r.day(name)
	case d.Life != nil:
		p.Ended = r.day(name)
	case d.Sex != nil:
		if s, err := strconv.Atoi(text); err == nil {
			*d.Sex(p) = citizen.Sex(s)
		}
	case d.Relative != nil:
		*d.Relative(p) = r.parent(name, *d.Relative(p))
	}
}

// parent reads a number or, for one who has none, a name.
func (r *reader) parent(name string, said population.Relative) population.Relative {
	text := r.text(name)
	switch {
	case text != "" && (text == said.Number.String() || text == said.Number.Reveal() || text == said.Name):
		return said
	case text == "":
		return population.Relative{}
	case strings.Trim(text, "0123456789 ") != "":
		return population.Relative{Name: text}
	}
	return population.Relative{Number: r.number(name)}
}
