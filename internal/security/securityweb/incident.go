package securityweb

import (
	"net/http"
	"slices"
	"time"

	"github.com/a-h/templ"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/session"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/security"
)

// happened is an incident with the system that had it.
type happened struct {
	security.Incident
	of security.System
}

func happenedIn(views ...security.View) []happened {
	var out []happened
	for _, s := range views {
		for _, i := range s.Incidents {
			out = append(out, happened{i, s.System})
		}
	}
	return out
}

// owesOf is what an incident owes: late, first, full, or reported.
func owesOf(i security.Incident, now time.Time) string {
	switch what, due := i.Owes(); {
	case what == "":
		return "reported"
	case now.After(due):
		return "late"
	default:
		return string(what)
	}
}

var owing = []string{"late", string(security.FirstReport), string(security.FullReport), "reported"}

// incidents is the list of an agency, or of all: what owes a report first.
func (p *Pages) incidents(w http.ResponseWriter, r *http.Request) error {
	code := r.PathValue("agency")
	if code == "" && !seesAll(r) {
		return web.Redirect(w, r, href(session.Actor(r).Agency, "incidents"))
	}
	views, err := p.lookAt(r, code)
	if err != nil {
		return err
	}
	t, now := say(r), p.Clock.Now()
	v := p.listView(r, code, t("incidents.title"))
	all := happenedIn(views...)
	owes, late := 0, 0
	for _, i := range all {
		switch owesOf(i.Incident, now) {
		case "reported":
		case "late":
			late++
			owes++
		default:
			owes++
		}
	}
	switch {
	case late > 0:
		v.Stat = t("incidents.stat.late", fault.Args{"owes": owes, "late": late})
	case owes > 0:
		v.Stat = t("incidents.stat.owes", fault.Args{"owes": owes})
	default:
		v.Stat = t("incidents.stat.none")
	}
	n := narrow(r)
	severity := n.pick("severity", t("severity"), severities(t))
	states := []ui.Option{}
	for _, x := range owing {
		states = append(states, ui.Option{Value: x, Label: t("incident.state." + x)})
	}
	state := n.pick("state", t("state"), states)
	system := n.pick("system", t("system"), systemOptions(p, r, code, views))
	if n.wrong != nil {
		return n.again(w, v)
	}
	list := slices.DeleteFunc(all, func(i happened) bool {
		return other(severity, string(i.Severity)) || other(state, owesOf(i.Incident, now)) || other(system, i.of.Agency+"/"+i.of.ID)
	})
	v.Add(n.beside([]templ.Component{ui.Para(t("incident.lead", p.hours())), p.incidentTable(r, "incidents", list, true)}))
	return show(w, r, v, typed{})
}

// hours are the terms of the two reports.
func (p *Pages) hours() fault.Args {
	rules := p.Desk.Rules()
	return fault.Args{"first": rules.FirstHours, "full": rules.FullHours}
}

// incidentTable is incidents, those that owe a report above. With the system where several
// have them.
func (p *Pages) incidentTable(r *http.Request, id string, list []happened, several bool) templ.Component {
	t, pr, now := say(r), i18n.From(r.Context()), p.Clock.Now()
	table := ui.Table{
		ID: id, Caption: t("incidents.title"), Quiet: several, Stack: true, Empty: ui.Empty(t("incidents.none"), ui.Link{}),
		Columns: []ui.Column{{Label: t("incident")}, {Label: t("severity")}, {Label: t("incident.noticed")}, {Label: t("state")}},
	}
	if several {
		table.Columns = slices.Insert(table.Columns, 1, ui.Column{Label: t("system")})
	}
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b happened) int {
		if d := slices.Index(owing, owesOf(a.Incident, now)) - slices.Index(owing, owesOf(b.Incident, now)); d != 0 {
			return d
		}
		return b.Noticed.Compare(a.Noticed)
	})
	for _, i := range list {
		cells := []ui.Cell{
			{Text: i.Title, Href: href(i.Agency, i.System, "incidents", i.ID)},
			{Body: severityTag(t, i.Severity)},
			{Text: pr.Time(i.Noticed)},
			{Body: p.owes(r, i.Incident)},
		}
		if several {
			cells = slices.Insert(cells, 1, p.systemCell(r, i.of))
		}
		table.Rows = append(table.Rows, ui.Row{Cells: cells})
	}
	return ui.DataTable(table)
}

// owes says with a sign which report is owed, and by when.
func (p *Pages) owes(r *http.Request, i security.Incident) templ.Component {
	text := p.owesText(r, i)
	switch owesOf(i, p.Clock.Now()) {
	case "reported":
		return ui.StatusText(ui.Met, text)
	case "late":
		return ui.StatusText(ui.NotMet, text)
	}
	return ui.StatusText(ui.Partial, text)
}

func (p *Pages) owesText(r *http.Request, i security.Incident) string {
	t := say(r)
	what, due := i.Owes()
	key := "incident.owes." + string(what)
	switch owesOf(i, p.Clock.Now()) {
	case "reported":
		return t("incident.reported")
	case "late":
		key = "incident.late." + string(what)
	}
	return t(key, fault.Args{"due": i18n.From(r.Context()).Time(due)})
}

// notice is the form for an incident.
func (p *Pages) notice(w http.ResponseWriter, r *http.Request) error {
	return p.showNotice(w, r, typed{})
}

func (p *Pages) showNotice(w http.ResponseWriter, r *http.Request, in typed) error {
	s, err := p.one(r)
	if err != nil {
		return err
	}
	t := say(r)
	v := p.formView(r, s, t("incident.new"), in)
	now := p.Clock.Now().In(clock.Zone)
	v.Add(ui.Para(t("incident.lead", p.hours())), ui.Form(href(s.Agency, s.ID, "incident"), []templ.Component{
		ui.Text(in.fill(ui.Field{Name: "title", Label: t("incident.what"), Hint: t("incident.what.hint")})),
		ui.Select(in.fill(ui.Field{Name: "severity", Label: t("severity"), Value: string(security.High), Options: severities(t)})),
		ui.DateInput(in.fillDate(date(ui.Field{Name: "noticed", Label: t("incident.noticed.on")}, clock.DayOf(now)))),
		ui.Text(in.fill(ui.Field{Name: "time", Label: t("incident.time"), Hint: t("incident.time.hint"), Value: now.Format("15:04"), Width: 5})),
	}, ui.Action{Label: t("incident.send")}))
	return show(w, r, v, in)
}

func (p *Pages) noticePost(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	i := security.Incident{Agency: r.PathValue("agency"), System: r.PathValue("system"), Title: f.Text("title"), Severity: security.Severity(f.Text("severity"))}
	if i.Noticed, err = moment(f); err == nil {
		err = p.Desk.NoticeIncident(r.Context(), session.Actor(r), i)
	}
	return after(w, r, err, href(i.Agency, i.System), "secure.done.incident", func(errs fault.List) error {
		return p.showNotice(w, r, typed{f, errs, true})
	})
}

// moment is the day and the time of a form, in Vietnam.
func moment(f web.Form) (time.Time, error) {
	day, err := f.Date("noticed")
	if err != nil {
		return time.Time{}, err
	}
	at, err := time.Parse("15:04", f.Text("time"))
	if err != nil || day.IsZero() {
		return time.Time{}, fault.New(fault.Invalid, "security.incident.noticed", nil).At("time")
	}
	return day.Start().Add(time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute), nil
}

// incident is one, with the report that is owed on it.
func (p *Pages) incident(w http.ResponseWriter, r *http.Request) error {
	return p.showIncident(w, r, typed{})
}

func (p *Pages) showIncident(w http.ResponseWriter, r *http.Request, in typed) error {
	s, err := p.one(r)
	if err != nil {
		return err
	}
	i, err := named(s.Incidents, "security.incident.unknown", func(x security.Incident) bool { return x.ID == r.PathValue("incident") })
	if err != nil {
		return err
	}
	t, pr := say(r), i18n.From(r.Context())
	v := p.formView(r, s, i.Title, in)
	v.Stat = p.owesText(r, i)
	told := func(at time.Time) string {
		if at.IsZero() {
			return t("incident.untold")
		}
		return pr.Time(at)
	}
	v.Add(ui.SummaryList([]ui.Fact{
		{Key: t("severity"), Body: severityTag(t, i.Severity)},
		{Key: t("incident.noticed"), Value: pr.Time(i.Noticed)},
		{Key: t("incident.first", p.hours()), Value: told(i.First)},
		{Key: t("incident.full", p.hours()), Value: told(i.Full)},
	}))
	what, _ := i.Owes()
	switch {
	case what != "" && may(r, security.ActWrite, s.Agency):
		hint := t("incident.report.hint." + string(what))
		v.Add(ui.Form(href(s.Agency, s.ID, "incidents", i.ID), []templ.Component{
			hidden(i.Version), ui.Textarea(in.fill(ui.Field{Name: "note", Label: t("incident.report." + string(what)), Hint: hint, Rows: 6})),
		}, ui.Action{Label: t("incident.tell")}))
	default:
		v.Add(in.kept(r, "note")...)
	}
	var events []ui.Event
	for _, x := range i.Steps {
		events = append(events, p.event(r, t("quoted", fault.Args{"text": i.Title}), x))
	}
	youngestFirst(events)
	v.Add(ui.Subheading(t("history")), ui.Timeline(events))
	return show(w, r, v, in)
}

func (p *Pages) incidentPost(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	id := r.PathValue("incident")
	err = p.Desk.ReportIncident(r.Context(), session.Actor(r), id, version(f), f.Text("note"))
	return after(w, r, err, href(r.PathValue("agency"), r.PathValue("system"), "incidents", id), "secure.done.report", func(errs fault.List) error {
		return p.showIncident(w, r, typed{f, errs, true})
	})
}
