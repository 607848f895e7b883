package securityweb

import (
	"net/http"
	"strings"
	"time"

	"github.com/a-h/templ"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/security"
)

func parseDay(s string) (clock.Date, error) { return clock.ParseDate(s) }

// system is all that is known of one system, and what can be done.
func (p *Pages) system(w http.ResponseWriter, r *http.Request) error {
	s, err := p.one(r)
	if err != nil {
		return err
	}
	t, pr, now := say(r), i18n.From(r.Context()), p.Clock.Now()
	crumbs := p.crumbs(r, s)
	v := p.view(r, s.Name, crumbs[:2]...)
	at := func(more ...string) string { return href(s.Agency, append([]string{s.ID}, more...)...) }
	write, inspect := may(r, security.ActWrite, s.Agency), may(r, security.ActInspect, s.Agency)
	if len(s.Record.Subsystems) > 0 {
		if c := s.Clearance; c.Passes(now) {
			v.Stat = t("system.open", fault.Args{"why": p.why(r, c, now)})
		} else {
			v.Stat = t("system.closed", fault.Args{"why": p.why(r, c, now)})
		}
		var against []string
		for _, c := range s.Against {
			against = append(against, t("against", fault.Args{"why": p.why(r, c, now), "how": t("how." + string(c.Why))}))
		}
		if len(against) > 0 {
			v.Add(ui.Para(t("against.lead")), ui.Bullets(against))
		}
	}
	if !s.Declared {
		v.Add(ui.Para(t("system.undeclared")))
	}
	if may(r, security.ActGrace, s.Agency) && len(s.Record.Subsystems) > 0 {
		v.Add(ui.Buttons(ui.Action{Label: t("grace.title"), Look: ui.Secondary, Href: at("grace")}))
	}
	v.Add(ui.Subheading(t("level.title")))
	if !s.Record.Asked {
		v.Add(ui.Para(t("facts.not_yet")))
		if write {
			v.Add(ui.Buttons(ui.Action{Label: t("facts.ask"), Href: at("facts")}))
		}
		return web.Render(w, r, http.StatusOK, ui.Stack(v))
	}
	v.Add(ui.Para(t("level.says", fault.Args{"n": int(s.Proposal.Level), "rules": s.Proposal.Rules})), ui.Bullets(reasons(r, s.Proposal)))
	facts := []ui.Fact{
		{Key: t("unit"), Value: s.Unit},
		{Key: t("subsystems"), Value: strings.Join(s.Record.Subsystems, "\n")},
		{Key: t("people"), Value: pr.Int(max(s.Record.Facts.People, s.Record.Facts.Sensitive))},
	}
	if write {
		facts[1].Actions = []ui.Link{{Label: t("facts.change"), Href: at("facts")}}
	}
	v.Add(ui.SummaryList(facts), ui.Subheading(t("dossier")))
	v.Add(p.dossier(r, s, at)...)
	v.Add(ui.Subheading(t("controls.title", fault.Args{"standard": s.Standard.Code})))
	v.Add(ui.Para(t("controls.stat", fault.Args{"n": len(s.Lacking), "all": len(s.Standard.Asked(s.Level()))})))
	v.Add(ui.Buttons(ui.Action{Label: t("controls.open"), Look: ui.Secondary, Href: at("controls")}))
	v.Add(ui.Subheading(t("checks.title")), p.findings(r, s, at))
	var actions []ui.Action
	if inspect {
		actions = append(actions, ui.Action{Label: t("check.new"), Look: ui.Secondary, Href: at("check")})
	}
	if write {
		actions = append(actions, ui.Action{Label: t("incident.new"), Look: ui.Secondary, Href: at("incident")})
	}
	v.Add(ui.Buttons(actions...))
	v.Add(p.incidents(r, s, at)...)
	if events := p.events(r, s); len(events) > 0 {
		v.Add(ui.Subheading(t("history")), ui.Timeline(events))
	}
	return web.Render(w, r, http.StatusOK, ui.Stack(v))
}

// reasons are the criteria that hold, each with its article and how surely it is known.
func reasons(r *http.Request, proposal security.Proposal) []string {
	t := say(r)
	var out []string
	for _, c := range proposal.Reasons {
		if c.Level < proposal.Level {
			break // the highest counts, and stands above
		}
		text := t("reason", fault.Args{"n": int(c.Level), "text": c.In(lang(r))})
		if c.Article != "" {
			text = t("reason.article", fault.Args{"n": int(c.Level), "text": c.In(lang(r)), "article": c.Article})
		}
		if !c.Sure() {
			text += " " + t("reason.unsure")
		}
		out = append(out, text)
	}
	return out
}

// dossier is where the dossier stands and whose turn it is.
func (p *Pages) dossier(r *http.Request, s security.View, at func(...string) string) []templ.Component {
	t, pr := say(r), i18n.From(r.Context())
	var out []templ.Component
	if d := s.Approved; d != nil {
		until := t("decision.endless")
		if !d.Decision.Until.IsZero() {
			until = pr.Date(d.Decision.Until)
		}
		out = append(out, ui.SummaryList([]ui.Fact{
			{Key: t("decision.number"), Value: t("decision.of", fault.Args{"number": d.Decision.Number, "day": pr.Date(d.Decision.Day)}), Actions: []ui.Link{
				{Label: t("decision.file"), Href: at("dossiers", d.ID, "decision")}, {Label: t("word"), Href: at("dossiers", d.ID, "word")},
			}},
			{Key: t("level"), Value: t("level.approved", fault.Args{"n": int(d.Level)})},
			{Key: t("decision.until"), Value: until},
			{Key: t("subsystems"), Value: strings.Join(d.Subsystems, "\n")},
		}))
	}
	d := s.Open
	if d == nil {
		if may(r, security.ActWrite, s.Agency) {
			label := t("dossier.begin")
			if s.Approved != nil {
				label = t("dossier.renew")
			}
			out = append(out, ui.Form(at("begin"), nil, ui.Action{Label: label, Look: ui.Secondary}))
		} else if s.Approved == nil {
			out = append(out, ui.Para(t("state.none")))
		}
		return out
	}
	out = append(out, ui.SummaryList([]ui.Fact{
		{Key: t("state"), Body: ui.Tag(ui.Caution, t("state."+string(d.State)))},
		{Key: t("ground"), Value: t("ground." + string(d.Ground))},
		{Key: t("level"), Value: t("level.proposed", fault.Args{"n": int(d.Level)}), Actions: []ui.Link{{Label: t("word"), Href: at("dossiers", d.ID, "word")}}},
		{Key: t("next"), Value: p.turn(r, *d)},
	}))
	var actions []ui.Action
	if d.State == security.Draft && may(r, security.ActWrite, s.Agency) {
		actions = append(actions, ui.Action{Label: t("dossier.write"), Href: at("dossiers", d.ID)})
	}
	if d.State != security.Draft && may(r, security.ActDecide, s.Agency) {
		actions = append(actions, ui.Action{Label: t("dossier.decide"), Href: at("decide")})
	}
	return append(out, ui.Buttons(actions...))
}

// turn says whose turn it is, and by when.
func (p *Pages) turn(r *http.Request, d security.Dossier) string {
	t, pr := say(r), i18n.From(r.Context())
	rules, _ := p.Desk.Book.Of(d.Rules)
	route := rules.Route(d.Level)
	switch d.State {
	case security.Submitted:
		key := "turn.appraise"
		if p.Clock.Now().After(d.Due) {
			key = "turn.late"
		}
		return t(key, fault.Args{"office": t("office." + string(route.Appraises)), "due": pr.Time(d.Due)})
	case security.Appraised:
		return t("turn.approve", fault.Args{"office": t("office." + string(route.Approves))})
	}
	return t("turn.write")
}

// findings is what inspections found, the open ones above.
func (p *Pages) findings(r *http.Request, s security.View, at func(...string) string) templ.Component {
	t, pr, now := say(r), i18n.From(r.Context()), p.Clock.Now()
	lead := t("checks.never")
	if n := len(s.Checks); n > 0 {
		last := s.Checks[0]
		for _, c := range s.Checks {
			if c.Day.After(last.Day) {
				last = c
			}
		}
		lead = t("checks.last", fault.Args{"day": pr.Date(last.Day), "report": last.Report})
	}
	table := ui.Table{
		ID: "findings", Caption: lead, Stack: true, Empty: ui.Para(lead + " " + t("findings.none")),
		Columns: []ui.Column{{Label: t("finding")}, {Label: t("finding.title")}, {Label: t("severity")}, {Label: t("due")}, {Label: t("state")}},
	}
	row := func(f security.Finding) ui.Row {
		state := ui.StatusText(ui.Partial, t("finding."+string(f.State)))
		switch {
		case !f.Open():
			state = ui.StatusText(ui.Met, t("finding.closed"))
		case f.Overdue(now):
			state = ui.StatusText(ui.NotMet, t("finding.overdue"))
		}
		return ui.Row{Cells: []ui.Cell{
			{Text: f.Number, Href: at("findings", f.ID)}, {Text: f.Title}, {Text: t("severity." + string(f.Severity))}, {Text: pr.Date(lastDay(f))}, {Body: state},
		}}
	}
	for _, open := range []bool{true, false} {
		for _, f := range s.Findings {
			if f.Open() == open {
				table.Rows = append(table.Rows, row(f))
			}
		}
	}
	return ui.DataTable(table)
}

// lastDay is the last day of a finding's term, which ends at its midnight.
func lastDay(f security.Finding) clock.Date { return clock.DayOf(f.Due.Add(-time.Second)) }

// incidents are the incidents, with the report that is owed.
func (p *Pages) incidents(r *http.Request, s security.View, at func(...string) string) []templ.Component {
	t, pr, now := say(r), i18n.From(r.Context()), p.Clock.Now()
	if len(s.Incidents) == 0 {
		return nil
	}
	table := ui.Table{
		ID: "incidents", Caption: t("incidents.title"), Stack: true,
		Columns: []ui.Column{{Label: t("incident")}, {Label: t("severity")}, {Label: t("incident.noticed")}, {Label: t("state")}},
	}
	for _, i := range youngest(s.Incidents) {
		what, due := i.Owes()
		state := ui.StatusText(ui.Met, t("incident.reported"))
		if what != "" {
			state = ui.StatusText(ui.Partial, t("incident.owes."+string(what), fault.Args{"due": pr.Time(due)}))
			if now.After(due) {
				state = ui.StatusText(ui.NotMet, t("incident.late."+string(what), fault.Args{"due": pr.Time(due)}))
			}
		}
		table.Rows = append(table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: i.Title, Href: at("incident") + "?of=" + i.ID}, {Text: t("severity." + string(i.Severity))}, {Text: pr.Time(i.Noticed)}, {Body: state},
		}})
	}
	return []templ.Component{ui.DataTable(table)}
}

// events is the history of a system's dossiers and findings, the youngest first.
func (p *Pages) events(r *http.Request, s security.View) []ui.Event {
	t := say(r)
	var out []ui.Event
	add := func(about string, steps []security.Step) {
		for _, x := range steps {
			if x.What == "write" {
				continue // who saves often has said little
			}
			out = append(out, ui.Event{Title: t("step."+x.What, fault.Args{"of": about}), By: p.Name(r.Context(), x.By, x.At), At: x.At, Text: x.Note})
		}
	}
	for _, d := range s.Dossiers {
		add(t("dossier"), d.Steps)
	}
	for _, f := range s.Findings {
		add(f.Number, f.Steps)
	}
	for _, i := range s.Incidents {
		add(i.Title, i.Steps)
	}
	sortEvents(out)
	return out
}
