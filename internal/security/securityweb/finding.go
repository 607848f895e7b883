package securityweb

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
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

// found is a finding with the system that has it.
type found struct {
	security.Finding
	of security.System
}

func foundIn(views ...security.View) []found {
	var out []found
	for _, s := range views {
		for _, f := range s.Findings {
			out = append(out, found{f, s.System})
		}
	}
	return out
}

// standOf is where a finding stands, overdue told apart.
func standOf(f security.Finding, now time.Time) string {
	if f.Overdue(now) && f.State == security.FindingOpen {
		return "overdue"
	}
	return string(f.State)
}

var stands = []string{"overdue", string(security.FindingOpen), string(security.FindingMended), string(security.FindingClosed)}

// findings is the list of an agency, or of all: what is overdue first.
func (p *Pages) findings(w http.ResponseWriter, r *http.Request) error {
	code := r.PathValue("agency")
	if code == "" && !seesAll(r) {
		return web.Redirect(w, r, href(session.Actor(r).Agency, "findings"))
	}
	views, err := p.lookAt(r, code)
	if err != nil {
		return err
	}
	t, now := say(r), p.Clock.Now()
	v := p.listView(r, code, t("nav.findings"))
	all := foundIn(views...)
	open, late := 0, 0
	for _, f := range all {
		if f.Open() {
			open++
		}
		if f.Overdue(now) {
			late++
		}
	}
	switch {
	case late > 0:
		v.Stat = t("findings.stat.late", fault.Args{"open": open, "late": late})
	case open > 0:
		v.Stat = t("findings.stat.open", fault.Args{"open": open})
	default:
		v.Stat = t("findings.stat.none")
	}
	n := narrow(r)
	states := []ui.Option{}
	for _, x := range stands {
		states = append(states, ui.Option{Value: x, Label: t("finding." + x)})
	}
	severity := n.pick("severity", t("severity"), severities(t))
	state := n.pick("state", t("state"), states)
	system := n.pick("system", t("system"), systemOptions(p, r, code, views))
	if n.wrong != nil {
		return n.again(w, v)
	}
	list := slices.DeleteFunc(all, func(f found) bool {
		return other(severity, string(f.Severity)) || other(state, standOf(f.Finding, now)) || other(system, f.of.Agency+"/"+f.of.ID)
	})
	var blocks []templ.Component
	if may(r, security.ActInspect, code) && code != "" {
		blocks = append(blocks, ui.Buttons(ui.Action{Label: t("vulnerability.new"), Look: ui.Secondary, Href: href(code, "vulnerability")}))
	}
	blocks = append(blocks, p.findingTable(r, "findings", t("nav.findings"), list, true))
	v.Add(n.beside(blocks))
	return show(w, r, v, typed{})
}

// listView is a list of an agency, or of all.
func (p *Pages) listView(r *http.Request, code, title string) view {
	v := p.view(r, title)
	v.Sub = sub(r, code)
	if code != "" {
		v.Lead = p.Agency(code)
		if seesAll(r) {
			v.Crumbs = []ui.Link{{Label: say(r)("title"), Href: Path}}
		}
	}
	return v
}

// systemOptions are the systems of a list, to choose one.
func systemOptions(p *Pages, r *http.Request, code string, views []security.View) []ui.Option {
	var out []ui.Option
	for _, s := range views {
		label := s.Name
		if code == "" {
			label = say(r)("system.of", fault.Args{"system": s.Name, "agency": p.Agency(s.Agency)})
		}
		out = append(out, ui.Option{Value: s.Agency + "/" + s.ID, Label: label})
	}
	return out
}

// findingTable is findings: the overdue ones above, then the open ones by their term. With
// the system where several have them, and with its agency in the list of all.
func (p *Pages) findingTable(r *http.Request, id, caption string, list []found, several bool) templ.Component {
	t, pr, now := say(r), i18n.From(r.Context()), p.Clock.Now()
	table := ui.Table{
		ID: id, Caption: caption, Quiet: several, Stack: true, Empty: ui.Empty(t("findings.none"), ui.Link{}),
		Columns: []ui.Column{{Label: t("finding")}, {Label: t("severity")}, {Label: t("due")}, {Label: t("state")}},
	}
	if several {
		table.Empty = ui.Empty(t("findings.none")+" "+t("findings.none.how"), ui.Link{})
		table.Columns = slices.Insert(table.Columns, 1, ui.Column{Label: t("system")})
	}
	rank := func(f found) int {
		switch {
		case f.Overdue(now):
			return 0
		case f.Open():
			return 1
		}
		return 2
	}
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b found) int {
		if d := rank(a) - rank(b); d != 0 {
			return d
		}
		return a.Due.Compare(b.Due)
	})
	for _, f := range list {
		below := f.Number
		if f.Ref != "" {
			below += " · " + f.Ref
		}
		cells := []ui.Cell{
			{Body: ui.Named(f.Title, below, href(f.Agency, f.System, "findings", f.ID))},
			{Body: severityTag(t, f.Severity)},
			{Text: pr.Date(lastDay(f.Due))},
			{Body: findingMark(t, f.Finding, now)},
		}
		if several {
			cells = slices.Insert(cells, 1, p.systemCell(r, f.of))
		}
		table.Rows = append(table.Rows, ui.Row{Cells: cells})
	}
	return ui.DataTable(table)
}

// systemCell is a system in a list, with its agency where that is not the list's.
func (p *Pages) systemCell(r *http.Request, s security.System) ui.Cell {
	agency := ""
	if r.PathValue("agency") != s.Agency {
		agency = p.Agency(s.Agency)
	}
	return ui.Cell{Body: ui.Named(s.Name, agency, href(s.Agency, s.ID))}
}

func findingMark(t words, f security.Finding, now time.Time) templ.Component {
	text := t("finding." + string(f.State))
	switch {
	case !f.Open():
		return ui.StatusText(ui.Met, text)
	case f.Overdue(now) && f.State == security.FindingMended:
		return ui.StatusText(ui.NotMet, t("finding.mended.late"))
	case f.Overdue(now):
		return ui.StatusText(ui.NotMet, t("finding.overdue"))
	}
	return ui.StatusText(ui.Partial, text)
}

// lastDay is the last day of a term, which ends at its midnight.
func lastDay(end time.Time) clock.Date { return clock.DayOf(end.Add(-time.Second)) }

// narrowed is what a list is narrowed by.
type narrowed struct {
	r      *http.Request
	values url.Values
	chosen []ui.Link
	fields []templ.Component
	wrong  fault.List // what was chosen and is not to be had
}

func narrow(r *http.Request) *narrowed { return &narrowed{r: r, values: r.URL.Query()} }

// pick is a choice of one of some options. What is none of them is told: else the whole list
// would be taken for the part that was asked for.
func (n *narrowed) pick(name, label string, options []ui.Option) string {
	value := n.values.Get(name)
	i := slices.IndexFunc(options, func(o ui.Option) bool { return o.Value == value })
	if value != "" {
		rest := url.Values{}
		for k, v := range n.values {
			if k != name {
				rest[k] = v
			}
		}
		chip := ui.Link{Label: "“" + strings.ToValidUTF8(value, "") + "”", Href: n.r.URL.Path + "?" + rest.Encode()}
		if i >= 0 {
			chip.Label = options[i].Label
		} else {
			n.wrong = append(n.wrong, web.NotOffered(name, label, value))
		}
		n.chosen = append(n.chosen, chip)
	}
	options = append([]ui.Option{{Label: say(n.r)("any")}}, options...)
	n.fields = append(n.fields, ui.Select(ui.Field{Name: name, Label: label, Value: value, Options: options, Errors: n.wrong}))
	return value
}

// other says that something is not what a list is narrowed to.
func other(chosen, is string) bool { return chosen != "" && chosen != is }

// again shows the filter with what is wrong with it, and no list.
func (n *narrowed) again(w http.ResponseWriter, v view) error {
	v.Errors = n.wrong
	v.Add(n.beside(nil))
	return show(w, n.r, v, typed{errs: n.wrong})
}

// beside puts blocks beside the panel.
func (n *narrowed) beside(blocks []templ.Component) templ.Component {
	return ui.Filtered(ui.Filter{Action: n.r.URL.Path, Chosen: n.chosen, Clear: n.r.URL.Path}, n.fields, blocks)
}

// vulnerability is the form for one that was published or told.
func (p *Pages) vulnerability(w http.ResponseWriter, r *http.Request) error {
	return p.showVulnerability(w, r, typed{})
}

func (p *Pages) showVulnerability(w http.ResponseWriter, r *http.Request, in typed) error {
	code := r.PathValue("agency")
	views, err := p.lookAt(r, code)
	if err != nil {
		return err
	}
	t := say(r)
	v := p.listView(r, code, t("vulnerability.new"))
	v.Wide, v.Errors, v.Sub = false, in.errs, nil
	v.Crumbs = append(p.listCrumbs(r, code), ui.Link{Label: t("nav.findings"), Href: href(code, "findings")})
	if len(views) == 0 {
		v.Add(ui.Empty(t("agency.none"), ui.Link{Label: t("nav.systems"), Href: href(code)}))
		return show(w, r, v, in)
	}
	systems := append([]ui.Option{{Label: t("choose")}}, systemOptions(p, r, code, views)...)
	var terms []ui.Option
	for _, s := range security.Severities {
		terms = append(terms, ui.Option{Value: string(s), Label: t("severity." + string(s)), Hint: t("severity.term", fault.Args{"n": p.Desk.Rules().MendDays[s]})})
	}
	v.Add(ui.Para(t("vulnerability.lead")), ui.Form(href(code, "vulnerability"), []templ.Component{
		ui.Select(in.fill(ui.Field{Name: "system", Label: t("system"), Value: r.URL.Query().Get("system"), Options: systems})),
		ui.Text(in.fill(ui.Field{Name: "title", Label: t("finding.title"), Hint: t("finding.title.hint")})),
		ui.Text(in.fill(ui.Field{Name: "component", Label: t("finding.component"), Hint: t("finding.component.hint"), Optional: true})),
		ui.Radios(in.fill(ui.Field{Name: "severity", Label: t("severity"), Options: terms, Small: true})),
		ui.DateInput(in.fillDate(date(ui.Field{Name: "found", Label: t("finding.found"), Hint: t("finding.found.hint")}, p.today()))),
		ui.Textarea(in.fill(ui.Field{Name: "how", Label: t("finding.by"), Hint: t("finding.by.hint"), Rows: 3, Optional: true})),
		ui.Text(in.fill(ui.Field{Name: "ref", Label: t("finding.ref"), Hint: t("finding.ref.hint"), Width: 20, Optional: true})),
	}, ui.Action{Label: t("vulnerability.send")}))
	return show(w, r, v, in)
}

func (p *Pages) vulnerabilityPost(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	agency, system, _ := strings.Cut(f.Text("system"), "/")
	found := security.Finding{
		Agency: agency, System: system, Title: f.Text("title"), Component: f.Text("component"),
		Severity: security.Severity(f.Text("severity")), How: f.Text("how"), Ref: f.Text("ref"),
	}
	day, err := f.Date("found")
	switch {
	case err != nil:
	case found.System == "":
		err = fault.New(fault.Invalid, "security.facts.choose", nil).At("system")
	case day.IsZero():
		err = fault.New(fault.Invalid, "security.finding.found", nil).At("found")
	default:
		found.Found = day.Start()
		err = p.Desk.AddFinding(r.Context(), session.Actor(r), found)
	}
	return after(w, r, err, href(r.PathValue("agency"), "findings"), "secure.done.vulnerability", func(errs fault.List) error {
		return p.showVulnerability(w, r, typed{f, errs, true})
	})
}

// findingOf is the finding of an address, of the system of the address.
func (p *Pages) findingOf(r *http.Request) (security.View, security.Finding, error) {
	s, err := p.one(r)
	if err != nil {
		return s, security.Finding{}, err
	}
	f, err := named(s.Findings, "security.finding.unknown", func(f security.Finding) bool { return f.ID == r.PathValue("finding") })
	return s, f, err
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
	v := p.formView(r, s, f.Title, in)
	v.Lead = f.Number
	v.Stat = p.findingStat(r, f)
	facts := []ui.Fact{
		{Key: t("severity"), Body: severityTag(t, f.Severity)},
		{Key: t("state"), Body: findingMark(t, f, p.Clock.Now())},
		{Key: t("due"), Value: pr.Date(lastDay(f.Due))},
		{Key: t("finding.found"), Value: pr.Date(clock.DayOf(f.Found))},
		{Key: t("finding.source"), Value: t("finding.source." + string(f.Source))},
	}
	if f.Source == security.FromVulnerability {
		facts = append(facts, ui.Fact{Key: t("finding.component"), Value: f.Component}, ui.Fact{Key: t("finding.ref"), Value: f.Ref})
	}
	if i := slices.IndexFunc(s.Checks, func(c security.Check) bool { return c.ID == f.Check }); i >= 0 {
		facts = append(facts, ui.Fact{Key: t("check.report"), Value: s.Checks[i].Report})
	}
	v.Add(ui.SummaryList(facts))
	at := href(s.Agency, s.ID, "findings", f.ID)
	note := func(label string) templ.Component {
		return ui.Textarea(in.fill(ui.Field{Name: "note", Label: label, Rows: 3}))
	}
	retest := p.Desk.MayRetest(r.Context(), session.Actor(r), f)
	switch {
	case f.State == security.FindingOpen && may(r, security.ActWrite, s.Agency):
		v.Add(ui.Form(at+"/mend", []templ.Component{hidden(f.Version), note(t("finding.how"))}, ui.Action{Label: t("finding.mend")}))
	case f.State == security.FindingMended && retest == nil:
		v.Add(ui.Form(
			at+"/retest", []templ.Component{hidden(f.Version), note(t("finding.retest.note"))},
			ui.Action{Label: t("finding.good"), Name: "good", Value: "1"}, ui.Action{Label: t("finding.bad"), Look: ui.Secondary, Name: "good", Value: "0"},
		))
	default:
		if e := fault.As(retest); f.State == security.FindingMended && e != nil {
			v.Add(ui.Para(whyNot(r, e, t("finding.turn.mended"), "security.finding.own", "security.finding.ministry")))
		} else if f.Open() {
			v.Add(ui.Para(t("finding.turn." + string(f.State))))
		}
		v.Add(in.kept(r, "note")...)
	}
	var events []ui.Event
	for _, x := range f.Steps {
		events = append(events, p.event(r, f.Number, x))
	}
	youngestFirst(events)
	v.Add(ui.Subheading(t("history")), ui.Timeline(events))
	return show(w, r, v, in)
}

// findingStat says by when a finding is to be mended, and what happens then.
func (p *Pages) findingStat(r *http.Request, f security.Finding) string {
	key := "finding.stat.due"
	switch {
	case !f.Open():
		key = "finding.stat.closed"
	case f.Overdue(p.Clock.Now()) && f.Severity == security.Critical:
		key = "finding.stat.closes"
	case f.Overdue(p.Clock.Now()):
		key = "finding.stat.late"
	}
	return say(r)(key, fault.Args{"day": i18n.From(r.Context()).Date(lastDay(f.Due))})
}

func (p *Pages) mend(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	err = p.Desk.Mend(r.Context(), session.Actor(r), r.PathValue("finding"), version(f), f.Text("note"))
	return p.afterFinding(w, r, f, err, "secure.done.mend")
}

func (p *Pages) retest(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	done := "secure.done.retest"
	if f.Text("good") != "1" {
		done = "secure.done.retest_bad"
	}
	err = p.Desk.Retest(r.Context(), session.Actor(r), r.PathValue("finding"), version(f), f.Text("good") == "1", f.Text("note"))
	return p.afterFinding(w, r, f, err, done)
}

func (p *Pages) afterFinding(w http.ResponseWriter, r *http.Request, f web.Form, err error, done string) error {
	return after(w, r, err, href(r.PathValue("agency"), r.PathValue("system"), "findings", r.PathValue("finding")), done, func(errs fault.List) error {
		return p.showFinding(w, r, typed{f, errs, true})
	})
}
