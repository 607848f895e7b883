package identitydesk

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"dean06/internal/citizen"
	"dean06/internal/identity"
	"dean06/internal/identity/identityweb"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

func (p *Pages) today() clock.Date { return clock.DayOf(p.Service.Clock.Now()) }

// desk is where an officer begins.
func (p *Pages) desk(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v := p.page(r, "desk", "")
	var tasks []ui.Task
	for _, l := range [][2]string{{"person", personPath}, {"account", accountPath}, {"foreigner", foreignerPath}, {"organisation", organisationPath}} {
		tasks = append(tasks, ui.Task{Title: t(ctx, l[0]), Href: l[1], Hint: t(ctx, "desk."+l[0])})
	}
	v.After = []templ.Component{ui.TaskList("desk", tasks)}
	return show(w, r, v, nil)
}

// What the buttons of the desk's forms say.
const (
	doRead = "read" // the card's QR
	doType = "type" // there is none, or it cannot be read
	doIt   = "do"
)

// scan asks for a card's QR: a scanner types it and ends with Enter, which presses the first
// button.
func (p *Pages) scan(r *http.Request, key, path string, form web.Form, faults fault.List) view {
	ctx := r.Context()
	v := p.page(r, key, DeskPath)
	v.Errors = faults
	q := asked{ctx, form, faults}
	focus := func(f *ui.Field) {
		f.Attrs = templ.Attributes{"autofocus": true, "spellcheck": "false", "autocapitalize": "none"}
	}
	v.Form = newForm(path, []templ.Component{ui.Text(q.field("qr", focus))},
		ui.Action{Label: t(ctx, "scan.read"), Name: "do", Value: doRead},
		ui.Action{Label: t(ctx, "scan.type"), Name: "do", Value: doType, Look: ui.Secondary})
	return v
}

func newForm(action string, fields []templ.Component, buttons ...ui.Action) *form {
	return &form{Action: action, Fields: fields, Buttons: buttons}
}

// scanned goes on from the scan to the form: filled by the card's QR, or to be typed.
func (p *Pages) scanned(w http.ResponseWriter, r *http.Request, form web.Form, key, path string, next func(*http.Request, web.Form, fault.List) view) error {
	if form.Text("do") == doType {
		return show(w, r, next(r, form, nil), nil)
	}
	read, err := p.read(r, form)
	if err != nil {
		return again(w, r, err, func(faults fault.List) (view, error) { return p.scan(r, key, path, form, faults), nil })
	}
	return show(w, r, next(r, read, nil), nil)
}

// read reads a card's QR into what a form shows.
func (p *Pages) read(r *http.Request, form web.Form) (web.Form, error) {
	d, err := p.Service.ReadCard(who(r), form.Text("qr"))
	if f := fault.As(err); f != nil && f.Kind == fault.Invalid {
		return form, f.At("qr")
	}
	if err != nil {
		return form, err
	}
	set := url.Values{"number": {d.Number.Reveal()}, "name": {d.Name}, "card": {d.Card.Kind}, "level": {strconv.Itoa(int(d.Level))}}
	days(set, "birth", d.Birth)
	days(set, "issued", d.Card.Issued)
	return form.With(set), nil
}

// days are the three parts of a day, of which old cards know the year alone.
func days(set url.Values, name string, d citizen.Day) {
	part := func(key string, n int) {
		if n != 0 {
			set.Set(name+"-"+key, strconv.Itoa(n))
		}
	}
	part("day", d.DayOfMonth())
	part("month", d.Month())
	part("year", d.Year())
}

// person is where somebody whom the register knows begins: an account, or level 2.
func (p *Pages) person(w http.ResponseWriter, r *http.Request) error {
	return show(w, r, p.scan(r, "person", personPath, web.Form{}, nil), nil)
}

func (p *Pages) personPost(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if form.Text("do") != doIt {
		return p.scanned(w, r, form, "person", personPath, p.personForm)
	}
	d, err := p.deskOf(r, form)
	var out identity.Identified
	if err == nil {
		out, err = p.Service.Identify(r.Context(), who(r), d)
	}
	if err != nil {
		return again(w, r, err, func(faults fault.List) (view, error) { return p.personForm(r, form, faults), nil })
	}
	return show(w, r, p.identified(r, out, identity.Present{Holder: out.Account.Holder, Card: d.Card, Compared: true, Purpose: d.Purpose}), nil)
}

// personForm asks for what the officer sees.
func (p *Pages) personForm(r *http.Request, form web.Form, faults fault.List) view {
	ctx := r.Context()
	q := asked{ctx, form, faults}
	v := p.page(r, "person", personPath)
	v.Lead = t(ctx, "person.check")
	v.Errors = faults
	fields := []templ.Component{
		ui.Text(q.field("number", numeric)), ui.Text(q.field("name")), ui.DateInput(q.field("birth")),
		ui.Select(q.field("card", value("CC"), q.among("CC", "CCCD", "KS"))), ui.DateInput(q.field("issued")),
		ui.Radios(q.field("level", value("2"), q.among("2", "1"))),
		ui.Text(q.field("guardian", optional, numeric)),
	}
	if q.field("knows").Error() != nil || form.Text("knows") != "" || form.Text("not_theirs") != "" {
		fields = append(fields, ui.Text(q.field("knows")), q.tick("not_theirs"))
	}
	fields = append(fields, ui.Text(q.field("address", optional)), ui.Text(q.field("purpose", value(t(ctx, "person.purpose")))), q.tick("compared"))
	v.Form = newForm(personPath, fields, ui.Action{Label: t(ctx, "person.do"), Name: "do", Value: doIt})
	return v
}

// deskOf reads it. It fails with all that cannot be read.
func (p *Pages) deskOf(r *http.Request, form web.Form) (identity.Desk, error) {
	in := reading{r: r, form: form}
	d := identity.Desk{
		Number: in.citizen("number"), Name: form.Text("name"), Birth: in.day("birth", "identity.enrol.birth"), Card: in.card(),
		Compared: form.Text("compared") != "", Purpose: form.Text("purpose"), Level: in.level(), Address: in.address(),
		Knows: form.Text("knows"), NotTheirs: form.Text("not_theirs") != "",
	}
	if form.Text("guardian") != "" {
		d.Guardian = in.citizen("guardian")
	}
	return d, in.all(d.Check(p.today()))
}

// reading reads fields, and keeps what is wrong with them.
type reading struct {
	r     *http.Request
	form  web.Form
	wrong fault.List
}

// all is what is wrong: first what cannot be read, then what the rules find in other fields. It
// is nil when everything can be read, as the service asks the rules by itself.
func (in *reading) all(rules error) error {
	if len(in.wrong) == 0 {
		return nil
	}
	var more fault.List
	errors.As(rules, &more)
	for _, f := range more {
		if !slices.ContainsFunc(in.wrong, func(w *fault.Error) bool { return w.Field == f.Field }) {
			in.wrong = append(in.wrong, f)
		}
	}
	return in.wrong
}

func (in *reading) fail(err error, field string) {
	if f := fault.As(err); f != nil {
		in.wrong = append(in.wrong, f.At(field))
	}
}

func (in *reading) holder(kind identity.Kind, field string) identity.Holder {
	h, err := identity.ParseHolder(kind, in.form.Text(field))
	in.fail(err, field)
	return h
}

func (in *reading) citizen(field string) citizen.Number {
	return in.holder(identity.Citizen, field).Citizen()
}

// day reads a day, of which a part may be unknown; key is what is said of none.
func (in *reading) day(field, key string) citizen.Day {
	d, err := identityweb.ReadDay(in.form, field)
	if err != nil {
		in.fail(fault.New(fault.Invalid, key, nil), field)
	}
	return d
}

func (in *reading) level() identity.Level {
	l, err := strconv.Atoi(in.form.Text("level"))
	if err != nil {
		return identity.NoLevel
	}
	return identity.Level(l)
}

// card reads what was seen; its rules are the desk's.
func (in *reading) card() identity.Card {
	issued, err := identityweb.ReadDay(in.form, "issued")
	if d, m, y := in.form.DateParts("issued"); err != nil && d+m+y != "" {
		in.fail(fault.New(fault.Invalid, "identity.desk.card", nil), "issued")
	}
	return identity.Card{Kind: in.form.Text("card"), Issued: issued}
}

func (in *reading) address() identity.Address {
	text := in.form.Text("address")
	if text == "" {
		return identity.Address{}
	}
	a, err := identity.ReadAddress(text, string(i18n.From(in.r.Context()).Lang))
	in.fail(err, "address")
	return a
}

// identified says what came of it, and offers the way in to whoever has none yet.
func (p *Pages) identified(r *http.Request, out identity.Identified, seen identity.Present) view {
	ctx := r.Context()
	a := out.Account
	key := "identified.raised"
	if out.New {
		key = "identified.opened"
	}
	v := p.page(r, key, DeskPath)
	if out.Cleared {
		v.Before = append(v.Before, ui.WarningText(t(ctx, "identified.cleared")))
	}
	facts := []ui.Fact{
		{Key: t(ctx, "name"), Value: a.Value(identity.FieldName)},
		{Key: t(ctx, "number"), Value: a.Holder.String()},
		{Key: t(ctx, "kind"), Value: i18n.T(ctx, a.Holder.Kind.Key())},
	}
	if a.Level != identity.NoLevel {
		facts = append(facts, ui.Fact{Key: t(ctx, "level"), Value: i18n.T(ctx, a.Level.Key())})
	}
	v.Before = append(v.Before, ui.SummaryList(facts))
	if a.Holder.Kind == identity.Organisation {
		v.Before = append(v.Before, para(t(ctx, "identified.organisation")))
		v.After = []templ.Component{next(ctx)}
		return v
	}
	v.Before = append(v.Before, heading(t(ctx, "identified.next")), para(t(ctx, "identified.next.text")))
	v.Form = newForm(accountPath, nil, ui.Action{Label: t(ctx, "identified.code"), Name: "do", Value: doIt})
	set := url.Values{}
	days(set, "issued", seen.Card.Issued)
	v.Form.Hidden = [][2]string{
		{"want", wantRecover},
		{"kind", string(seen.Holder.Kind)},
		{"number", seen.Holder.Reveal()},
		{"card", seen.Card.Kind},
		{"issued-day", set.Get("issued-day")},
		{"issued-month", set.Get("issued-month")},
		{"issued-year", set.Get("issued-year")},
		{"purpose", seen.Purpose},
		{"compared", "yes"},
	}
	v.After = []templ.Component{next(ctx)}
	return v
}
