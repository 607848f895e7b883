package populationapi

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/fault"
	"dean06/internal/population"
)

// maxAnswers bounds how many questions one report answers, maxMoving who moves along.
const (
	maxAnswers = 60
	maxMoving  = 50
)

// reportEvent records a life event that an agency reports.
func (a *API) reportEvent(q *request) error {
	p, err := a.readReport(q.body)
	if err != nil {
		return err
	}
	q.about(max(1, len(p.Keys)))
	done, err := a.Register.Report(q.r.Context(), q.in, p)
	if err != nil {
		return ofReport(denied(q.in, []population.Field{population.Reporting(p.Event.Kind)}, err))
	}
	status := http.StatusCreated
	if done.Again {
		status = http.StatusOK
	}
	return write(q, status, eventOf(done))
}

// events are those that the caller's dossier has here.
func (a *API) events(q *request) error {
	dossier, err := url.PathUnescape(q.id)
	if err != nil {
		return fault.New(fault.NotFound, "population.report.not_found", nil)
	}
	found, err := a.Register.ReportsOf(q.r.Context(), q.in, dossier)
	if err != nil {
		return err
	}
	answer := struct {
		Dossier string        `json:"dossier"`
		Events  []eventAnswer `json:"events"`
	}{Dossier: dossier}
	for _, e := range found {
		answer.Events = append(answer.Events, eventOf(e))
	}
	q.about(len(found))
	return write(q, http.StatusOK, answer)
}

// eventAnswer is an event that was recorded. Number is the person's, of a birth the one
// that the child was given.
type eventAnswer struct {
	Event      string          `json:"event"`
	Again      bool            `json:"again"`
	Annulled   bool            `json:"annulled,omitempty"` // since: it counts no longer
	Kind       population.Kind `json:"kind"`
	Item       int             `json:"item"`
	On         citizen.Day     `json:"on"`
	RecordedAt time.Time       `json:"recorded_at"`
	Number     citizen.Number  `json:"number"`
	Household  string          `json:"household,omitempty"` // that a move made or joined
}

func eventOf(done population.Recorded) eventAnswer {
	e := done.Event
	out := eventAnswer{Event: e.ID, Again: done.Again, Annulled: done.Annulled, Kind: e.Kind, Item: 1, On: e.On, RecordedAt: e.RecordedAt, Number: e.Number}
	if e.Reported != nil {
		out.Item = max(1, e.Reported.Item)
	}
	if e.Kind == population.MovePerm || e.Kind == population.Birth {
		out.Household = e.Facts.Household
	}
	return out
}

// questionAnswer is a question as it is told: its text, what the register holds as far as
// the right grants it, and what an answer is.
type questionAnswer struct {
	Code   string          `json:"code"`
	Kind   string          `json:"kind"`
	Text   string          `json:"text"`
	Member string          `json:"member,omitempty"` // of the message that it is about
	Answer string          `json:"answer"`           // "reason", "relation", "choice"
	Given  string          `json:"given,omitempty"`  // the reason that was given already
	Facts  []questionFacts `json:"facts"`
}

type questionFacts struct {
	As     string             `json:"as"`
	Choice string             `json:"choice,omitempty"` // the answer that means this person
	Fields []population.Field `json:"fields"`
	Person personAnswer       `json:"person"`
	Event  *population.Past   `json:"event,omitempty"`
}

// How a question is answered.
const (
	byReason   = "reason"
	byRelation = "relation"
	byChoice   = "choice"
)

func (a *API) questionsOf(q *request, open population.Questions) []questionAnswer {
	out := make([]questionAnswer, len(open))
	for i, o := range open {
		one := questionAnswer{
			Code: o.Code, Kind: string(o.Kind), Text: q.text.T(o.Kind.Text()), Member: memberOfForm(o.Field), Answer: byReason, Given: o.Answer,
			Facts: []questionFacts{},
		}
		switch {
		case !o.Of.IsZero():
			one.Answer = byRelation
		case o.Kind == population.HeadNext:
			one.Answer = byChoice
		}
		for j, f := range o.Facts {
			fact := questionFacts{As: f.As, Fields: f.Fields, Event: f.Past}
			if fact.Fields == nil {
				fact.Fields = []population.Field{}
			}
			if one.Answer == byChoice {
				fact.Choice = strconv.Itoa(j + 1)
			}
			fact.Person = personAnswer{a.Fields, &population.Facts{Fields: f.Fields, Person: f.Person}}
			one.Facts = append(one.Facts, fact)
		}
		out[i] = one
	}
	return out
}

// memberOfForm is the member of a report that the rules name as a field of the form.
func memberOfForm(field string) string {
	switch field {
	case "number":
		return "person"
	case "other":
		return "spouse"
	case "name", "sex", "birthplace", "ethnicity", "religion", "origin":
		return "child." + field
	}
	return field
}

// ofReport names the members of the message in the faults of a report.
func ofReport(err error) error {
	list, ok := err.(fault.List) //nolint:errorlint // the register gives the list itself
	if !ok {
		return err
	}
	out := make(fault.List, len(list))
	for i, f := range list {
		out[i] = f.At(memberOfForm(f.Field))
	}
	return out
}

// readReport reads an event. Which members there are follows from the kind, which may
// come last: others are refused when all is read.
func (a *API) readReport(b []byte) (population.Report, error) {
	d, err := a.reader(b)
	if err != nil {
		return population.Report{}, err
	}
	p := reportReader{d: d, out: population.Report{Item: 1}}
	if err = d.object("", "", p.member); err == nil {
		err = d.end()
	}
	if err == nil {
		err = p.finish()
	}
	return p.out, err
}

// reportReader gathers a report.
type reportReader struct {
	d     *reader
	out   population.Report
	seen  []string
	place population.Place
	end   bool
}

// membersOfKind are the members of a report beside those that each may have.
var membersOfKind = map[population.Kind]struct{ must, may []string }{
	population.Birth:       {[]string{"child"}, []string{"mother", "father", "household", "relation"}},
	population.Death:       {[]string{"person"}, nil},
	population.Marriage:    {[]string{"person", "spouse"}, nil},
	population.MovePerm:    {[]string{"person", "place"}, []string{"members", "household", "relation"}},
	population.MoveTemp:    {[]string{"person"}, []string{"members", "place", "end"}},
	population.MovePresent: {[]string{"person", "place"}, []string{"members"}},
}

func (p *reportReader) member(name string) (err error) {
	e, d := &p.out.Event, p.d
	p.seen = append(p.seen, name)
	switch name {
	case "kind":
		var s string
		s, err = d.text("", name)
		e.Kind = population.Kind(s)
	case "on":
		e.On, err = p.day("", name)
	case "basis":
		e.Basis, err = d.text("", name)
	case "item":
		p.out.Item, err = d.number(name)
		if err == nil && p.out.Item == 0 {
			err = d.wrong("population.report.item", "", name, fault.Args{"max": population.MaxItem})
		}
	case "person":
		e.Number, _, err = p.who(name, nil)
	case "spouse":
		e.Other, _, err = p.who(name, nil)
	case "mother":
		err = p.parent(name, &e.Facts.Mother)
	case "father":
		err = p.parent(name, &e.Facts.Father)
	case "child":
		err = p.child()
	case "members":
		err = p.members()
	case "place":
		p.place, err = p.where("", name)
	case "end":
		p.end, err = p.truth(name)
	case "household":
		e.Facts.Household, err = d.text("", name)
	case "relation":
		e.Facts.Relation, err = d.text("", name)
	case "answers":
		err = p.answers()
	default:
		err = d.unknown("", name)
	}
	return err
}

// finish checks which members there are, and puts the place where the kind has it.
func (p *reportReader) finish() error {
	e, d := &p.out.Event, p.d
	of, ok := membersOfKind[e.Kind]
	if !ok {
		return fault.New(fault.Invalid, "population.report.kind", nil).At("kind")
	}
	for _, name := range append([]string{"on", "basis"}, of.must...) {
		if !slices.Contains(p.seen, name) {
			return d.wrong("populationapi.missing", "", name, fault.Args{"name": name})
		}
	}
	common := []string{"kind", "on", "basis", "item", "answers"}
	for _, name := range p.seen {
		if !slices.Contains(common, name) && !slices.Contains(of.must, name) && !slices.Contains(of.may, name) {
			return d.wrong("populationapi.not_of_kind", "", name, fault.Args{"name": name, "kind": string(e.Kind)})
		}
	}
	f := &e.Facts
	switch e.Kind {
	case population.MovePerm:
		f.Permanent = p.place
	case population.MovePresent:
		f.Present = p.place
	case population.MoveTemp:
		if p.end == !p.place.IsZero() { // one of them
			return d.wrong("populationapi.place_or_end", "", "place", nil)
		}
		f.Temporary = p.place
	}
	return nil
}

func (p *reportReader) day(in, name string) (citizen.Day, error) {
	s, err := p.d.text(in, name)
	if err != nil || s == "" {
		return 0, err
	}
	day, err := citizen.ParseDay(s)
	if f := fault.As(err); f != nil {
		err = p.d.wrong(f.Key, in, name, f.Args)
	}
	return day, err
}

func (p *reportReader) truth(name string) (bool, error) {
	d := p.d
	d.next()
	for _, v := range []string{"true", "false"} {
		if len(d.b) >= d.pos+len(v) && string(d.b[d.pos:d.pos+len(v)]) == v {
			d.pos += len(v)
			return v == "true", nil
		}
	}
	return false, d.other("populationapi.not_boolean", "", name)
}

// who reads {"number","name","birth"} of somebody who must be in the register; more reads
// further members.
func (p *reportReader) who(in string, more func(name string) (bool, error)) (citizen.Number, population.Key, error) {
	var k population.Key
	err := p.d.object("", in, func(name string) error {
		if more != nil {
			if ok, err := more(name); ok {
				return err
			}
		}
		s, err := p.d.text(in, name)
		switch {
		case err != nil:
			return err
		case name == "number":
			if s == "" {
				return nil
			}
			k.Number, err = citizen.ParseNumber(s)
		case name == "name":
			k.Name = s
		case name == "birth":
			if s == "" {
				return nil
			}
			k.Birth, err = citizen.ParseDay(s)
		default:
			return p.d.unknown(in, name)
		}
		if f := fault.As(err); f != nil {
			err = p.d.wrong(f.Key, in, name, f.Args)
		}
		return err
	})
	if err == nil {
		p.out.Keys = append(p.out.Keys, population.ReportKey{Field: in, Key: k})
	}
	return k.Number, k, err
}

// parent is somebody in the register by number and name, or else by what is known of them.
func (p *reportReader) parent(in string, rel *population.Relative) error {
	_, k, err := p.who(in, func(name string) (ok bool, err error) {
		if name == "nationality" {
			rel.Nationality, err = p.d.text(in, name)
			return true, err
		}
		return false, nil
	})
	if err != nil {
		return err
	}
	if k.Number.IsZero() {
		p.out.Keys = p.out.Keys[:len(p.out.Keys)-1]
	}
	rel.Number, rel.Name = k.Number, citizen.Spell(k.Name)
	return nil
}

func (p *reportReader) child() error {
	d, f := p.d, &p.out.Event.Facts
	const in = "child"
	return d.object("", in, func(name string) (err error) {
		switch name {
		case "name":
			f.Name, err = d.text(in, name)
		case "sex":
			var s string
			if s, err = d.text(in, name); err == nil && s != "1" && s != "2" {
				err = d.wrong("population.birth.sex", in, name, nil)
			}
			if err == nil {
				f.Sex = citizen.Sex(s[0] - '0')
			}
		case "ethnicity":
			f.Ethnicity, err = d.text(in, name)
		case "religion":
			f.Religion, err = d.text(in, name)
		case "nationality":
			f.Nationality, err = d.text(in, name)
		case "birthplace":
			f.Birthplace, err = p.where(in, name)
		case "origin":
			f.Origin, err = p.where(in, name)
		default:
			err = d.unknown(in, name)
		}
		return err
	})
}

func (p *reportReader) where(in, name string) (population.Place, error) {
	var out population.Place
	at := name
	if in != "" {
		at = in + "." + name
	}
	err := p.d.object(in, name, func(m string) (err error) {
		switch m {
		case "province":
			out.Province, err = p.d.text(at, m)
		case "district":
			out.District, err = p.d.text(at, m)
		case "commune":
			out.Commune, err = p.d.text(at, m)
		case "detail":
			out.Detail, err = p.d.text(at, m)
		case "country":
			out.Country, err = p.d.text(at, m)
		default:
			err = p.d.unknown(at, m)
		}
		return err
	})
	out.Detail = citizen.Spell(out.Detail)
	return out, err
}

// members are those who move along, each with what they are to the head of a household
// that is new to them.
func (p *reportReader) members() error {
	e := &p.out.Event
	return p.d.array("members", func(i int) error {
		if i == maxMoving {
			return fault.New(fault.Invalid, "population.event.many", nil).At("members")
		}
		in := fmt.Sprintf("members[%d]", i)
		relation := ""
		n, _, err := p.who(in, func(name string) (ok bool, err error) {
			if name == "relation" {
				relation, err = p.d.text(in, name)
				return true, err
			}
			return false, nil
		})
		if err != nil {
			return err
		}
		if slices.Contains(e.Members, n) && !n.IsZero() {
			return p.d.wrong("populationapi.member_twice", in, "number", nil)
		}
		e.Members = append(e.Members, n)
		if relation != "" {
			if e.Relations == nil {
				e.Relations = map[citizen.Number]string{}
			}
			e.Relations[n] = relation
		}
		return nil
	})
}

func (p *reportReader) answers() error {
	e := &p.out.Event
	e.Answers = map[string]string{}
	return p.d.object("", "answers", func(code string) error {
		if len(e.Answers) == maxAnswers {
			return fault.New(fault.Invalid, "population.event.many", nil).At("answers")
		}
		s, err := p.long("answers", code)
		e.Answers[code] = citizen.Spell(s)
		return err
	})
}

// long reads a text that may be as long as a reason.
func (p *reportReader) long(in, name string) (string, error) {
	if p.d.next() != '"' {
		return "", p.d.other("populationapi.not_text", in, name)
	}
	s, ok := p.d.str()
	if !ok {
		return "", p.d.bad()
	}
	if len(s) > 4*population.MaxAnswer {
		return "", p.d.wrong("populationapi.too_long", in, name, fault.Args{"max": 4 * population.MaxAnswer})
	}
	return s, nil
}

// asked are the questions in an error.
func asked(err error) (population.Questions, bool) {
	var open population.Questions
	ok := errors.As(err, &open)
	return open, ok
}
