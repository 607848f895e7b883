package securityweb

import (
	"fmt"
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

// controls is the standard's requirements of the system's level; ?control=… is the form of one.
func (p *Pages) controls(w http.ResponseWriter, r *http.Request) error {
	return p.showControls(w, r, typed{})
}

func (p *Pages) showControls(w http.ResponseWriter, r *http.Request, in typed) error {
	s, err := p.one(r)
	if err != nil {
		return err
	}
	t, pr := say(r), i18n.From(r.Context())
	v := p.view(r, t("controls.title", fault.Args{"standard": s.Standard.Code}), p.crumbs(r, s)...)
	v.Errors = in.errs
	v.Stat = t("controls.stat", fault.Args{"n": len(s.Lacking), "all": len(s.Standard.Asked(s.Level()))})
	write := may(r, security.ActWrite, s.Agency) && s.Record.Asked
	code := r.URL.Query().Get("control")
	if in.sent {
		code = in.Text("control")
	}
	if i := slices.IndexFunc(s.Standard.Controls, func(c security.Control) bool { return c.Code == code }); i >= 0 && write {
		v.Add(p.controlForm(r, s, s.Standard.Controls[i], in)...)
	}
	table := ui.Table{
		ID: "controls", Caption: t("controls.caption"), Quiet: true, Dense: true, Stack: true,
		Columns: []ui.Column{{Label: t("control")}, {Label: t("group")}, {Label: t("compliance")}, {Label: t("control.owner")}, {Label: t("control.evidence")}},
	}
	for _, c := range s.Standard.Asked(s.Level()) {
		st := s.Record.Controls[c.Code]
		mark := ui.StatusText(ui.Unknown, t("compliance.none"))
		switch st.Compliance {
		case security.Met, security.NotNeeded:
			mark = ui.StatusText(ui.Met, t("compliance."+string(st.Compliance)))
		case security.Partly:
			mark = ui.StatusText(ui.Partial, t("compliance.partially_met"))
		case security.Unmet:
			mark = ui.StatusText(ui.NotMet, t("compliance.not_met"))
		}
		evidence := st.Evidence
		if e := st.Exception; e != nil {
			key := "exception.asked"
			if e.ApprovedBy != "" {
				key = "exception.until"
			}
			evidence = t(key, fault.Args{"until": pr.Date(e.Until), "reason": e.Reason})
		}
		cell := ui.Cell{Text: controlText(r, c)}
		if write {
			cell.Href = href(s.Agency, s.ID, "controls") + "?control=" + c.Code
		}
		table.Rows = append(table.Rows, ui.Row{Cells: []ui.Cell{cell, {Text: groupText(r, s.Standard, c.Group)}, {Body: mark}, {Text: st.Owner}, {Text: evidence}}})
	}
	v.Add(ui.DataTable(table), ui.Para(t("controls.sources")))
	for _, c := range s.Standard.Asked(s.Level()) {
		st := s.Record.Controls[c.Code]
		if st.Exception == nil || st.Exception.ApprovedBy != "" || !may(r, security.ActDecide, s.Agency) {
			continue
		}
		v.Add(ui.Form(href(s.Agency, s.ID, "exceptions"), []templ.Component{
			ui.Para(t("exception.waits", fault.Args{"control": c.In(lang(r)), "reason": st.Exception.Reason, "until": pr.Date(st.Exception.Until)})),
			ui.Hidden("control", c.Code),
		}, ui.Action{Label: t("exception.approve"), Look: ui.Secondary}))
	}
	if in.errs != nil {
		return web.Retry(w, r, in.errs, ui.Stack(v))
	}
	return web.Render(w, r, http.StatusOK, ui.Stack(v))
}

func controlText(r *http.Request, c security.Control) string {
	text, t := c.In(lang(r)), say(r)
	switch {
	case c.Value != "":
		text += ": " + t("unit."+c.Unit, fault.Args{"n": c.Value})
	case c.UnknownFrom > 0:
		text += " " + t("control.unknown", fault.Args{"n": int(c.UnknownFrom)})
	}
	return text
}

func groupText(r *http.Request, s security.Standard, code string) string {
	for _, g := range s.Groups {
		if g.Code == code && lang(r) == "en" {
			return g.En
		} else if g.Code == code {
			return g.Vi
		}
	}
	return ""
}

// controlForm says how one control stands, or asks for an exception from it.
func (p *Pages) controlForm(r *http.Request, s security.View, c security.Control, in typed) []templ.Component {
	t := say(r)
	st := s.Record.Controls[c.Code]
	var options []ui.Option
	for _, x := range security.Compliances {
		options = append(options, ui.Option{Value: string(x), Label: t("compliance." + string(x))})
	}
	at := href(s.Agency, s.ID, "controls")
	return []templ.Component{
		ui.Subheading(c.In(lang(r))),
		ui.Form(at, []templ.Component{
			ui.Hidden("control", c.Code),
			ui.Radios(in.fill(ui.Field{Name: "compliance", Label: t("compliance"), Value: string(st.Compliance), Options: options, Small: true})),
			ui.Text(in.fill(ui.Field{Name: "owner", Label: t("control.owner"), Value: st.Owner, Optional: true})),
			ui.Textarea(in.fill(ui.Field{Name: "evidence", Label: t("control.evidence"), Hint: t("control.evidence.hint"), Value: st.Evidence, Rows: 2})),
		}, ui.Action{Label: t("control.save"), Name: "do", Value: "save"}),
		ui.Fold(t("exception.title"), ui.Para(t("exception.lead")), ui.Form(at, []templ.Component{
			ui.Hidden("control", c.Code), ui.Textarea(in.fill(ui.Field{Name: "note", Label: t("note"), Rows: 2})),
			ui.DateInput(in.fillDate(ui.Field{Name: "until", Label: t("exception.last")})),
		}, ui.Action{Label: t("exception.ask"), Look: ui.Secondary, Name: "do", Value: "except"})),
	}
}

func (p *Pages) controlsPost(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	of := security.Of{Agency: r.PathValue("agency"), System: r.PathValue("system")}
	if f.Text("do") == "except" {
		var until clock.Date
		if until, err = f.Date("until"); err == nil {
			err = p.Desk.AskException(r.Context(), session.Actor(r), of, f.Text("control"), f.Text("note"), until)
		}
	} else {
		err = p.Desk.SetControl(r.Context(), session.Actor(r), of, f.Text("control"), security.Compliance(f.Text("compliance")), f.Text("owner"), f.Text("evidence"))
	}
	return after(w, r, err, href(of.Agency, of.System, "controls"), "secure.done.save", func(errs fault.List) error {
		return p.showControls(w, r, typed{f, errs, true})
	})
}

func (p *Pages) exception(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	of := security.Of{Agency: r.PathValue("agency"), System: r.PathValue("system")}
	if err := p.Desk.ApproveException(r.Context(), session.Actor(r), of, f.Text("control")); err != nil {
		return err
	}
	return web.RedirectWith(w, r, href(of.Agency, of.System, "controls"), "secure.done.save", nil)
}

// most findings are few: more are entered one inspection after the other.
const findingsAtOnce = 5

// check is the form for an inspection.
func (p *Pages) check(w http.ResponseWriter, r *http.Request) error {
	return p.showCheck(w, r, typed{})
}

func (p *Pages) showCheck(w http.ResponseWriter, r *http.Request, in typed) error {
	s, err := p.one(r)
	if err != nil {
		return err
	}
	t := say(r)
	v := p.view(r, t("check.new"), p.crumbs(r, s)...)
	v.Lead, v.Wide, v.Errors = s.Name, false, in.errs
	fields := []templ.Component{
		ui.DateInput(in.fillDate(date(ui.Field{Name: "day", Label: t("check.day")}, p.today()))),
		ui.Text(in.fill(ui.Field{Name: "report", Label: t("check.report"), Hint: t("check.report.hint")})),
		ui.Subheading(t("check.found")), ui.Para(t("check.found.lead")),
	}
	for i := range findingsAtOnce {
		n := fmt.Sprint(i + 1)
		fields = append(fields,
			ui.Text(in.fill(ui.Field{Name: "title-" + n, Label: t("finding.n", fault.Args{"n": i + 1}), Optional: true})),
			ui.Select(in.fill(ui.Field{Name: "severity-" + n, Label: t("severity"), Value: string(security.Medium), Options: severity(t)})))
	}
	v.Add(ui.Form(href(s.Agency, s.ID, "check"), fields, ui.Action{Label: t("check.send")}))
	if in.errs != nil {
		return web.Retry(w, r, in.errs, ui.Stack(v))
	}
	return web.Render(w, r, http.StatusOK, ui.Stack(v))
}

func (p *Pages) checkPost(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	c := security.Check{Agency: r.PathValue("agency"), System: r.PathValue("system"), Report: f.Text("report")}
	var found []security.Finding
	for i := range findingsAtOnce {
		n := fmt.Sprint(i + 1)
		if title := f.Text("title-" + n); title != "" {
			found = append(found, security.Finding{Title: title, Severity: security.Severity(f.Text("severity-" + n))})
		}
	}
	if c.Day, err = f.Date("day"); err == nil {
		err = p.Desk.EnterCheck(r.Context(), session.Actor(r), c, found)
	}
	if e := fault.As(err); e != nil && e.Field == "note" { // what the desk calls a note is the report here
		err = fault.List{e.At("report")}
	}
	return after(w, r, err, href(c.Agency, c.System), "secure.done.check", func(errs fault.List) error {
		return p.showCheck(w, r, typed{f, errs, true})
	})
}

// findingOf is the finding of an address, of the system of the address.
func (p *Pages) findingOf(r *http.Request) (security.View, security.Finding, error) {
	s, err := p.one(r)
	if err != nil {
		return s, security.Finding{}, err
	}
	i := slices.IndexFunc(s.Findings, func(f security.Finding) bool { return f.ID == r.PathValue("finding") })
	if i < 0 {
		return s, security.Finding{}, fault.New(fault.NotFound, "security.finding.unknown", nil)
	}
	return s, s.Findings[i], nil
}

func (p *Pages) finding(w http.ResponseWriter, r *http.Request) error {
	return p.showFinding(w, r, typed{})
}

func (p *Pages) showFinding(w http.ResponseWriter, r *http.Request, in typed) error {
	s, f, err := p.findingOf(r)
	if err != nil {
		return err
	}
	t, pr := say(r), i18n.From(r.Context())
	v := p.view(r, f.Title, p.crumbs(r, s)...)
	v.Lead, v.Errors = f.Number, in.errs
	state := t("finding." + string(f.State))
	if f.Overdue(p.Clock.Now()) {
		state = t("finding.overdue")
	}
	v.Add(ui.SummaryList([]ui.Fact{
		{Key: t("severity"), Value: t("severity." + string(f.Severity))}, {Key: t("state"), Value: state}, {Key: t("due"), Value: pr.Date(lastDay(f))},
	}))
	at := href(s.Agency, s.ID, "findings", f.ID)
	note := func(label string) templ.Component {
		return ui.Textarea(in.fill(ui.Field{Name: "note", Label: label, Rows: 3}))
	}
	if f.State == security.FindingOpen && may(r, security.ActWrite, s.Agency) {
		v.Add(ui.Form(at+"/mend", []templ.Component{hidden(f.Version), note(t("finding.how"))}, ui.Action{Label: t("finding.mend")}))
	}
	if f.State == security.FindingMended && may(r, security.ActInspect, s.Agency) {
		v.Add(ui.Form(at+"/retest", []templ.Component{hidden(f.Version), note(t("finding.retest.note"))},
			ui.Action{Label: t("finding.good"), Name: "good", Value: "1"}, ui.Action{Label: t("finding.bad"), Look: ui.Secondary, Name: "good", Value: "0"}))
	}
	var events []ui.Event
	for _, x := range f.Steps {
		events = append(events, ui.Event{Title: t("step."+x.What, fault.Args{"of": f.Number}), By: p.Name(r.Context(), x.By, x.At), At: x.At, Text: x.Note})
	}
	sortEvents(events)
	v.Add(ui.Timeline(events))
	if in.errs != nil {
		return web.Retry(w, r, in.errs, ui.Stack(v))
	}
	return web.Render(w, r, http.StatusOK, ui.Stack(v))
}

func (p *Pages) mend(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	err = p.Desk.Mend(r.Context(), session.Actor(r), r.PathValue("finding"), version(f), f.Text("note"))
	return after(w, r, err, href(r.PathValue("agency"), r.PathValue("system")), "secure.done.mend", func(errs fault.List) error {
		return p.showFinding(w, r, typed{f, errs, true})
	})
}

func (p *Pages) retest(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	err = p.Desk.Retest(r.Context(), session.Actor(r), r.PathValue("finding"), version(f), f.Text("good") == "1", f.Text("note"))
	return after(w, r, err, href(r.PathValue("agency"), r.PathValue("system")), "secure.done.retest", func(errs fault.List) error {
		return p.showFinding(w, r, typed{f, errs, true})
	})
}

// incident is the form for an incident, or with ?of=… for the report that is owed on one.
func (p *Pages) incident(w http.ResponseWriter, r *http.Request) error {
	return p.showIncident(w, r, typed{})
}

func (p *Pages) showIncident(w http.ResponseWriter, r *http.Request, in typed) error {
	s, err := p.one(r)
	if err != nil {
		return err
	}
	t, pr := say(r), i18n.From(r.Context())
	v := p.view(r, t("incident.new"), p.crumbs(r, s)...)
	v.Lead, v.Wide, v.Errors = s.Name, false, in.errs
	id := r.URL.Query().Get("of")
	if in.sent {
		id = in.Text("of")
	}
	at := href(s.Agency, s.ID, "incident")
	if i := slices.IndexFunc(s.Incidents, func(x security.Incident) bool { return x.ID == id }); i >= 0 {
		x := s.Incidents[i]
		v.Title = x.Title
		what, due := x.Owes()
		if what == "" {
			v.Add(ui.Para(t("incident.reported")))
		} else {
			v.Add(ui.Para(t("incident.owes."+string(what), fault.Args{"due": pr.Time(due)})), ui.Form(at, []templ.Component{
				hidden(x.Version), ui.Hidden("of", x.ID), ui.Textarea(in.fill(ui.Field{Name: "note", Label: t("incident.report"), Rows: 6})),
			}, ui.Action{Label: t("incident.tell")}))
		}
		for _, step := range x.Steps {
			if step.Note != "" {
				v.Add(ui.Subheading(t("step."+step.What, fault.Args{"of": ""})), ui.Para(step.Note))
			}
		}
	} else {
		now := p.Clock.Now().In(clock.Zone)
		v.Add(ui.Para(t("incident.lead")), ui.Form(at, []templ.Component{
			ui.Text(in.fill(ui.Field{Name: "title", Label: t("incident.what")})),
			ui.Select(in.fill(ui.Field{Name: "severity", Label: t("severity"), Value: string(security.High), Options: severity(t)})),
			ui.DateInput(in.fillDate(date(ui.Field{Name: "noticed", Label: t("incident.noticed")}, clock.DayOf(now)))),
			ui.Text(in.fill(ui.Field{Name: "time", Label: t("incident.time"), Hint: t("incident.time.hint"), Value: now.Format("15:04"), Width: 5})),
		}, ui.Action{Label: t("incident.send")}))
	}
	if in.errs != nil {
		return web.Retry(w, r, in.errs, ui.Stack(v))
	}
	return web.Render(w, r, http.StatusOK, ui.Stack(v))
}

func (p *Pages) incidentPost(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	agency, system := r.PathValue("agency"), r.PathValue("system")
	if id := f.Text("of"); id != "" {
		err = p.Desk.ReportIncident(r.Context(), session.Actor(r), id, version(f), f.Text("note"))
	} else {
		i := security.Incident{Agency: agency, System: system, Title: f.Text("title"), Severity: security.Severity(f.Text("severity"))}
		if i.Noticed, err = moment(f); err == nil {
			err = p.Desk.NoticeIncident(r.Context(), session.Actor(r), i)
		}
	}
	return after(w, r, err, href(agency, system), "secure.done.incident", func(errs fault.List) error {
		return p.showIncident(w, r, typed{f, errs, true})
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

// grace lets a system pass for a time, with a second inspector.
func (p *Pages) grace(w http.ResponseWriter, r *http.Request) error {
	return p.showGrace(w, r, typed{})
}

func (p *Pages) showGrace(w http.ResponseWriter, r *http.Request, in typed) error {
	s, err := p.one(r)
	if err != nil {
		return err
	}
	t, pr := say(r), i18n.From(r.Context())
	v := p.view(r, t("grace.title"), p.crumbs(r, s)...)
	v.Lead, v.Wide, v.Errors = s.Name, false, in.errs
	v.Stat = t("system.closed", fault.Args{"why": p.why(r, s.Clearance, p.Clock.Now())})
	if s.Clearance.Passes(p.Clock.Now()) {
		v.Stat = t("system.open", fault.Args{"why": p.why(r, s.Clearance, p.Clock.Now())})
	}
	v.Add(ui.Para(t("hit", fault.Args{"who": hit(r, s)})), ui.Para(t("grace.lead", fault.Args{"days": security.MostGrace})))
	running := false
	for _, g := range s.Graces {
		if g.EndedAt.IsZero() && !g.Until.Before(p.today()) {
			running = true
			v.Add(ui.Para(t("grace.runs", fault.Args{"until": pr.Date(g.Until), "reason": g.Reason})))
		}
	}
	at := href(s.Agency, s.ID, "grace")
	if running {
		v.Add(ui.Form(at, nil, ui.Action{Label: t("grace.end"), Look: ui.Warning, Name: "do", Value: "end"}))
	}
	v.Add(ui.Form(at, []templ.Component{
		ui.DateInput(in.fillDate(date(ui.Field{Name: "until", Label: t("grace.until")}, p.today().AddDays(7)))),
		ui.Textarea(in.fill(ui.Field{Name: "reason", Label: t("grace.reason"), Rows: 3})),
	}, ui.Action{Label: t("grace.ask"), Name: "do", Value: "ask"}))
	if in.errs != nil {
		return web.Retry(w, r, in.errs, ui.Stack(v))
	}
	return web.Render(w, r, http.StatusOK, ui.Stack(v))
}

func (p *Pages) gracePost(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	agency, system := r.PathValue("agency"), r.PathValue("system")
	if f.Text("do") == "end" {
		if err := p.Desk.EndGrace(r.Context(), session.Actor(r), security.Of{Agency: agency, System: system}); err != nil {
			return err
		}
		return web.RedirectWith(w, r, href(agency, system), "secure.done.grace_end", nil)
	}
	g := security.Grace{Agency: agency, System: system, Reason: f.Text("reason")}
	if g.Until, err = f.Date("until"); err == nil {
		err = p.Desk.AskGrace(r.Context(), session.Actor(r), g)
	}
	return after(w, r, err, href(agency, system), "secure.done.grace", func(errs fault.List) error {
		return p.showGrace(w, r, typed{f, errs, true})
	})
}
