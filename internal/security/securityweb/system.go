package securityweb

import (
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/security"
)

func parseDay(s string) (clock.Date, error) { return clock.ParseDate(s) }

// system is all that is known of one system, and what can be done.
func (p *Pages) system(w http.ResponseWriter, r *http.Request) error {
	return p.showSystem(w, r, typed{})
}

// showSystem is that page; in is what somebody sent for a step that is no longer there.
func (p *Pages) showSystem(w http.ResponseWriter, r *http.Request, in typed) error {
	s, err := p.one(r)
	if err != nil {
		return err
	}
	t, pr := say(r), i18n.From(r.Context())
	v := p.view(r, s.Name, p.listCrumbs(r, s.Agency)...)
	v.Errors = in.errs
	at := func(more ...string) string { return href(s.Agency, append([]string{s.ID}, more...)...) }
	v.Add(in.kept(r, "note", "reason")...)
	v.Stat = p.stat(r, s)
	v.Add(p.way(r, s)...)
	if !s.Declared {
		v.Add(ui.Para(t("system.undeclared")))
	}
	if may(r, security.ActGrace, s.Agency) && len(s.Record.Subsystems) > 0 {
		v.Add(ui.Buttons(ui.Action{Label: t("grace.title"), Look: ui.Secondary, Href: at("grace")}))
	}
	v.Add(ui.Subheading(t("level.title")))
	if s.Record.Asked {
		v.Add(ui.Para(t("level.says", fault.Args{"n": int(s.Proposal.Level), "rules": s.Proposal.Rules})), ui.Bullets(reasons(pr, s.Proposal)))
		v.Add(p.unsure(r, s.Proposal.Rules, s.Proposal.Level)...)
		facts := []ui.Fact{
			{Key: t("unit"), Value: s.Unit}, {Key: t("subsystems"), Value: p.gates(r, s)}, {Key: t("people"), Value: pr.Int(people(s))},
		}
		if may(r, security.ActWrite, s.Agency) {
			facts[1].Actions = []ui.Link{{Label: t("facts.change"), Href: at("facts")}}
		}
		v.Add(ui.SummaryList(facts), ui.Subheading(t("dossier")))
		v.Add(p.dossiers(r, s, at)...)
		v.Add(p.earlier(r, s, at)...)
		v.Add(ui.Subheading(t("controls.title", fault.Args{"standard": s.Standard.Code})))
		v.Add(ui.Para(t("controls.stat", fault.Args{"n": len(s.Lacking), "all": len(s.Standard.Asked(s.Level()))})))
		v.Add(ui.Buttons(ui.Action{Label: t("controls.open"), Look: ui.Secondary, Href: at("controls")}))
	} else {
		v.Add(ui.Empty(t("facts.not_yet"), p.askLink(r, s)))
	}
	v.Add(ui.Subheading(t("checks.title")), p.checks(r, s), p.findingTable(r, "findings", t("nav.findings"), foundIn(s), false))
	var actions []ui.Action
	if may(r, security.ActInspect, s.Agency) {
		actions = append(
			actions, ui.Action{Label: t("check.new"), Look: ui.Secondary, Href: at("check")},
			ui.Action{Label: t("vulnerability.new"), Look: ui.Secondary, Href: href(s.Agency, "vulnerability") + "?system=" + s.Agency + "/" + s.ID},
		)
	}
	if may(r, security.ActWrite, s.Agency) {
		actions = append(actions, ui.Action{Label: t("incident.new"), Look: ui.Secondary, Href: at("incident")})
	}
	if len(s.Incidents) > 0 {
		v.Add(p.incidentTable(r, "incidents", happenedIn(s), false))
	}
	v.Add(ui.Buttons(actions...))
	if events := p.events(r, s); len(events) > 0 {
		v.Add(ui.Subheading(t("history")), ui.Timeline(events))
	}
	return show(w, r, v, in)
}

// stat is the sentence that matters of a system: whether it passes.
func (p *Pages) stat(r *http.Request, s security.View) string {
	t, now := say(r), p.Clock.Now()
	c, connected := s.Gate()
	closed := 0
	for _, x := range s.Gates {
		if !x.Passes(now) {
			closed++
		}
	}
	switch {
	case !connected:
		return t("system.unconnected")
	case closed > 0 && closed < len(s.Gates):
		return t("system.part", fault.Args{"closed": closed, "all": len(s.Gates), "code": c.Subsystem, "why": p.why(r, c, now)})
	case closed > 0:
		return t("system.closed", fault.Args{"why": p.why(r, c, now)})
	case c.Grace:
		return t("system.grace", fault.Args{"until": i18n.From(r.Context()).Date(lastDay(c.Until)), "why": p.obstacle(r, c)})
	default:
		return t("system.open", fault.Args{"why": capital(p.gateWhy(r, s, now))})
	}
}

// gates are the subsystems behind which a system stands, each with what the gate says of it.
func (p *Pages) gates(r *http.Request, s security.View) string {
	t, lines := say(r), make([]string, 0, len(s.Gates))
	for _, c := range s.Gates {
		_, key := p.gateState(c, p.Clock.Now())
		lines = append(lines, t("subsystems.state", fault.Args{"code": c.Subsystem, "state": lower(t(key))}))
	}
	return strings.Join(lines, "\n")
}

// way is what is to be done for a system to pass, each with where it is done.
func (p *Pages) way(r *http.Request, s security.View) []templ.Component {
	gate, connected := s.Gate()
	if !connected || len(s.Against) == 0 {
		return nil
	}
	t := say(r)
	var tasks []ui.Task
	for _, c := range s.Against {
		title := capital(p.obstacle(r, c))
		if c.Subsystem != "" {
			title = t("against.at", fault.Args{"why": title, "code": c.Subsystem})
		}
		tasks = append(tasks, ui.Task{
			Title: title, Hint: t("how." + string(c.Why)), Href: p.wayTo(r, s, c), State: t("todo"), Tone: ui.Caution,
		})
	}
	now, lead := "hit.now", "against.lead"
	if gate.Passes(p.Clock.Now()) {
		now = "hit"
		if through(s, gate) {
			lead = "against.lead.own"
		}
	}
	return []templ.Component{ui.Para(t(now, fault.Args{"who": hit(r, s)})), ui.Subheading(t(lead)), ui.TaskList("way", tasks)}
}

// wayTo is the page where somebody takes an obstacle away; "" for who does not.
func (p *Pages) wayTo(r *http.Request, s security.View, c security.Clearance) string {
	if through(s, c) {
		if may(r, security.ActSee, c.Agency) {
			return href(c.Agency, c.System)
		}
		return ""
	}
	switch c.Why {
	case security.FindingOverdue:
		if i := slices.IndexFunc(s.Findings, func(f security.Finding) bool { return f.Number == c.Detail }); i >= 0 {
			return href(s.Agency, s.ID, "findings", s.Findings[i].ID)
		}
	case security.NotChecked, security.CheckStale:
		if may(r, security.ActInspect, s.Agency) {
			return href(s.Agency, s.ID, "check")
		}
	case security.NoDossier, security.DossierEnded, security.Outgrown:
		if s.Open != nil {
			return href(s.Agency, s.ID, "dossiers", s.Open.ID)
		}
		if !s.Record.Asked {
			return p.askLink(r, s).Href
		}
	}
	return ""
}

// review says by when the approved dossier is to be looked at again, since other rules count now.
func (p *Pages) review(r *http.Request, s security.View) []templ.Component {
	if s.Review.IsZero() {
		return nil
	}
	key := "review.by"
	if p.today().After(s.Review) {
		key = "review.late"
	}
	return []templ.Component{ui.WarningText(say(r)(key, fault.Args{
		"was": s.Approved.Rules, "rules": s.Proposal.Rules, "n": int(s.Proposal.Level), "day": i18n.From(r.Context()).Date(s.Review),
	}))}
}

// unsureNames are the values of rules that may be marked as not known surely, in the order of
// the page; of others the file's own word stands there.
var unsureNames = []string{"from", "until", "review_by", "appraises", "approves", "days", "check_days", "mend_days"}

// unsure says which values of rules were not held against the text.
func (p *Pages) unsure(r *http.Request, code string, l security.Level) []templ.Component {
	rules, _ := p.Desk.Book.Of(code)
	t := say(r)
	var names []string
	for _, name := range rules.UnsureOf(l) {
		if slices.Contains(unsureNames, name) {
			name = t("unsure." + name)
		}
		names = append(names, name)
	}
	if len(names) == 0 {
		return nil
	}
	return []templ.Component{ui.Para(t("unsure", fault.Args{"rules": code, "what": strings.Join(names, "; ")}))}
}

// reasons are the criteria that hold, each with its article and how surely it is known.
func reasons(pr *i18n.Printer, proposal security.Proposal) []string {
	t := wordsOf(pr)
	var out []string
	for _, c := range proposal.Reasons {
		if c.Level < proposal.Level {
			break // the highest counts, and stands above
		}
		text := t("reason", fault.Args{"n": int(c.Level), "text": c.In(string(pr.Lang))})
		if c.Article != "" {
			text = t("reason.article", fault.Args{"n": int(c.Level), "text": c.In(string(pr.Lang)), "article": c.Article})
		}
		if !c.Sure() {
			text += " " + t("reason.unsure")
		}
		out = append(out, text)
	}
	return out
}

// dossiers is the dossier that is approved, and the one that is worked on.
func (p *Pages) dossiers(r *http.Request, s security.View, at func(...string) string) []templ.Component {
	t, pr := say(r), i18n.From(r.Context())
	var out []templ.Component
	if d := s.Approved; d != nil {
		until := t("decision.endless")
		if !d.Decision.Until.IsZero() {
			until = pr.Date(d.Decision.Until)
		}
		links := []ui.Link{{Label: t("decision.file"), Href: at("dossiers", d.ID, "decision")}, {Label: t("dossier.read"), Href: at("dossiers", d.ID)}}
		out = append(out, p.review(r, s)...)
		out = append(out, ui.SummaryList([]ui.Fact{
			{Key: t("decision.number"), Value: t("decision.of", fault.Args{"number": d.Decision.Number, "day": pr.Date(d.Decision.Day)}), Actions: links},
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
		{Key: t("level"), Value: t("level.proposed", fault.Args{"n": int(d.Level)})},
		{Key: t("next"), Value: p.turn(r, *d)},
	}))
	return append(out, ui.Buttons(p.dossierAction(r, *d, at)))
}

// earlier are the dossiers of a system that count no more.
func (p *Pages) earlier(r *http.Request, s security.View, at func(...string) string) []templ.Component {
	t, pr := say(r), i18n.From(r.Context())
	var facts []ui.Fact
	for _, d := range slices.Backward(s.Dossiers) {
		if d.State != security.Replaced && d.State != security.Withdrawn {
			continue
		}
		text := t("state."+string(d.State)) + ", " + pr.Date(clock.DayOf(d.EndedAt))
		if d.Decision.Number != "" {
			text += "\n" + t("decision.of", fault.Args{"number": d.Decision.Number, "day": pr.Date(d.Decision.Day)})
		}
		read := []ui.Link{{Label: t("dossier.read"), Href: at("dossiers", d.ID)}}
		facts = append(facts, ui.Fact{Key: t("level.n", fault.Args{"n": int(d.Level)}), Value: text, Actions: read})
	}
	if len(facts) == 0 {
		return nil
	}
	return []templ.Component{ui.Fold(t("dossier.earlier", fault.Args{"n": len(facts)}), ui.SummaryList(facts))}
}

// checks are the inspections, the youngest above.
func (p *Pages) checks(r *http.Request, s security.View) templ.Component {
	t, pr := say(r), i18n.From(r.Context())
	table := ui.Table{
		ID: "checks", Caption: t("checks.caption"), Stack: true, Empty: ui.Para(t("checks.never")),
		Columns: []ui.Column{{Label: t("check.day")}, {Label: t("check.report")}, {Label: t("check.kind")}, {Label: t("check.found")}},
	}
	list := slices.Clone(s.Checks)
	slices.SortStableFunc(list, func(a, b security.Check) int { return b.Day.Compare(a.Day) })
	for _, c := range list {
		n := len(slices.DeleteFunc(slices.Clone(s.Findings), func(f security.Finding) bool { return f.Check != c.ID }))
		table.Rows = append(table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: pr.Date(c.Day)},
			{Text: c.Report},
			{Body: ui.Named(t("check.kind."+string(c.Kind)), p.Name(r.Context(), c.By, c.At), "")},
			{Text: pr.Int(int64(n))},
		}})
	}
	return ui.DataTable(table)
}

// events is the history of a system's dossiers, findings and incidents, the youngest first.
func (p *Pages) events(r *http.Request, s security.View) []ui.Event {
	t := say(r)
	var out []ui.Event
	add := func(about string, steps []security.Step) {
		for _, x := range steps {
			if x.What == "write" {
				continue // who saves often has said little
			}
			out = append(out, p.event(r, about, x))
		}
	}
	for _, d := range s.Dossiers {
		add(lower(t("dossier")), d.Steps)
	}
	for _, f := range s.Findings {
		add(f.Number, f.Steps)
	}
	for _, i := range s.Incidents {
		add(t("quoted", fault.Args{"text": i.Title}), i.Steps)
	}
	youngestFirst(out)
	return out
}

func (p *Pages) event(r *http.Request, about string, x security.Step) ui.Event {
	return ui.Event{Title: say(r)("step."+x.What, fault.Args{"of": about}), By: p.name(r, x), At: x.At, Text: x.Note}
}

// youngestFirst turns events round: of two at one moment the later written stands above.
func youngestFirst(list []ui.Event) {
	slices.Reverse(list)
	slices.SortStableFunc(list, func(a, b ui.Event) int { return b.At.Compare(a.At) })
}
