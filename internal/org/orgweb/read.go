package orgweb

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"dean06/internal/org"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

type homeView struct {
	ui.Page
	On      clock.Date
	Day     string // as typed
	Text    string
	Today   bool
	Days    []ui.Link
	Figures []ui.Figure
	Found   *foundView
	Changes ui.Table
	MayEdit bool
}

type foundView struct {
	Sentence string
	Agencies ui.Table
	Units    ui.Table
}

// days are those between which the country changed most.
var days = []clock.Date{clock.MustDate("2022-10-01"), clock.MustDate("2025-06-30"), clock.MustDate("2025-07-01")}

func (p *Pages) home(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	printer := i18n.From(ctx)
	on, faults, err := p.day(form, "on", p.today())
	if err != nil {
		return err
	}
	v := homeView{
		Page: p.Frame(r).Page(printer.T("orgweb.title")), On: on, Day: typed(on), Text: form.Text("q"),
		Today: on == p.today(), MayEdit: p.mayEdit(ctx),
	}
	status := http.StatusOK
	if v.Errors = faults; faults != nil {
		v.Day, status = form.Text("on"), http.StatusUnprocessableEntity
	}
	for _, d := range append(slices.Clone(days), p.today()) {
		v.Days = append(v.Days, ui.Link{Label: printer.Date(d), Href: address(homePath, d)})
	}
	if v.Figures, err = p.figures(ctx, on); err != nil {
		return err
	}
	if v.Text != "" {
		if v.Found, err = p.find(ctx, v.Text, on); err != nil {
			return err
		}
	}
	events, err := p.Register.Events(ctx, actor.From(ctx), "", 5)
	if err != nil {
		return err
	}
	v.Changes = p.eventsTable(ctx, events)
	return web.Render(w, r, status, homePage(v))
}

// figures counts what there was on a day, each number opening on its rows.
func (p *Pages) figures(ctx context.Context, on clock.Date) ([]ui.Figure, error) {
	printer := i18n.From(ctx)
	n, err := p.Register.Counts(ctx, actor.From(ctx), org.Moment{On: on})
	if err != nil {
		return nil, err
	}
	directory, err := p.Register.Directory(actor.From(ctx))
	if err != nil {
		return nil, err
	}
	agencies := map[bool]int{}
	for _, a := range directory.Agencies(on) {
		agencies[a.Level == org.Committee]++
	}
	number := func(n int) string { return printer.Int(int64(n)) }
	return []ui.Figure{
		{Label: printer.T("orgweb.count.province"), Value: number(n.Provinces), Href: address(unitsPath, on)},
		{Label: printer.T("orgweb.count.district"), Value: number(n.Districts), Href: address(unitsPath, on)},
		{Label: printer.T("orgweb.count.commune"), Value: number(n.Communes), Href: address(unitsPath, on)},
		{Label: printer.T("orgweb.count.central"), Value: number(agencies[false]), Href: address(agenciesPath, on)},
		{Label: printer.T("orgweb.count.committee"), Value: number(agencies[true]), Href: address(agenciesPath, on)},
	}, nil
}

const maxFound = 50

// find lists what a text may mean on a day, and says how sure that is.
func (p *Pages) find(ctx context.Context, text string, on clock.Date) (*foundView, error) {
	printer := i18n.From(ctx)
	directory, err := p.Register.Directory(actor.From(ctx))
	if err != nil {
		return nil, err
	}
	finding := org.Find(directory, text, on)
	units, err := p.unitsNamed(ctx, text, on)
	if err != nil {
		return nil, err
	}
	v := &foundView{}
	args := fault.Args{"text": text, "date": on}
	switch {
	case finding.Sure:
		args["name"] = finding.Matches[0].Agency.Name
		v.Sentence = printer.T("orgweb.found.sure", args)
	case len(finding.Matches) > 0:
		args["n"] = len(finding.Matches)
		v.Sentence = printer.T("orgweb.found.several", args)
	case len(units) > 0:
		args["n"] = len(units)
		v.Sentence = printer.T("orgweb.found.units", args)
	default:
		v.Sentence = printer.T("orgweb.found.none", args)
	}
	v.Agencies = ui.Table{ID: "found-agencies", Caption: printer.T("orgweb.agencies"), Columns: []ui.Column{
		{Label: printer.T("orgweb.name")},
		{Label: printer.T("orgweb.code")},
		{Label: printer.T("orgweb.level")},
		{Label: printer.T("orgweb.how")},
	}}
	for _, m := range finding.Matches {
		how := printer.T("orgweb.match." + string(m.Relation))
		if m.Part {
			how += " · " + printer.T("orgweb.match.part")
		}
		v.Agencies.Rows = append(v.Agencies.Rows, ui.Row{Cells: []ui.Cell{
			{Text: m.Agency.Name, Href: agencyAddress(m.Agency.Code, on)},
			{Text: m.Agency.Code},
			{Text: printer.T("org.level." + string(m.Agency.Level))},
			{Text: how},
		}})
	}
	v.Units, err = p.unitsTable(ctx, "found-units", printer.T("orgweb.units"), units, on, true)
	return v, err
}

// unitsNamed finds territory by code or by name.
func (p *Pages) unitsNamed(ctx context.Context, text string, on clock.Date) ([]org.Version, error) {
	if strings.Trim(text, "0123456789") == "" {
		v, err := p.Register.Unit(ctx, actor.From(ctx), text, org.Moment{On: on})
		if fault.Of(err) == fault.NotFound {
			return nil, nil
		}
		return []org.Version{v}, err
	}
	return p.Register.SearchUnits(ctx, actor.From(ctx), text, org.Moment{On: on}, maxFound)
}

// unitsTable lists territory. Where says what lies above each, which costs a
// question for each and is for short lists.
func (p *Pages) unitsTable(ctx context.Context, id, caption string, units []org.Version, on clock.Date, where bool) (ui.Table, error) {
	printer := i18n.From(ctx)
	t := ui.Table{
		ID: id, Caption: caption, Dense: len(units) > 20,
		Columns: []ui.Column{{Label: printer.T("orgweb.name")}, {Label: printer.T("orgweb.code")}, {Label: printer.T("orgweb.level")}},
	}
	if where {
		t.Columns = append(t.Columns, ui.Column{Label: printer.T("orgweb.above")})
	}
	for _, u := range units {
		cells := []ui.Cell{{Text: u.Name, Href: pageOf(u.Level, u.Code, on)}, {Text: u.Code}, {Text: printer.T("org.level." + string(u.Level))}}
		if where {
			above, err := p.above(ctx, u, on)
			if err != nil {
				return t, err
			}
			cells = append(cells, ui.Cell{Text: names(above)})
		}
		t.Rows = append(t.Rows, ui.Row{Cells: cells})
	}
	return t, nil
}

// names lists units from the lowest to the highest, as addresses are written.
func names(above []org.Version) string {
	var out []string
	for _, v := range slices.Backward(above) {
		out = append(out, v.Name)
	}
	return strings.Join(out, ", ")
}

type listView struct {
	ui.Page
	On     clock.Date
	Day    string
	Action string
	Lead   string
	Tables []ui.Table
	CSV    string
	Pages  ui.Pages
}

// list begins a page with a table of a day.
func (p *Pages) list(r *http.Request, title, path string) (listView, int, error) {
	form, err := web.ReadForm(r)
	if err != nil {
		return listView{}, 0, err
	}
	on, faults, err := p.day(form, "on", p.today())
	if err != nil {
		return listView{}, 0, err
	}
	printer := i18n.From(r.Context())
	v := listView{
		Page: p.page(r, printer.T(title, fault.Args{"date": on})), On: on, Day: typed(on), Action: path,
		CSV: address(path+".csv", on),
	}
	if v.Errors = faults; faults != nil {
		v.Day = form.Text("on")
		return v, http.StatusUnprocessableEntity, nil //nolint:nilerr // the faults are shown on the page
	}
	return v, http.StatusOK, nil
}

func (p *Pages) agencies(w http.ResponseWriter, r *http.Request) error {
	v, status, err := p.list(r, "orgweb.agencies.on", agenciesPath)
	if err != nil {
		return err
	}
	printer := i18n.From(r.Context())
	groups := map[org.Level]*ui.Table{}
	var order []org.Level
	directory, err := p.Register.Directory(actor.From(r.Context()))
	if err != nil {
		return err
	}
	for _, a := range directory.Agencies(v.On) {
		t := groups[a.Level]
		if t == nil {
			t = &ui.Table{ID: string(a.Level), Caption: printer.T("org.level." + string(a.Level)), Dense: true, Columns: []ui.Column{
				{Label: printer.T("orgweb.name")},
				{Label: printer.T("orgweb.code")},
				{Label: printer.T("orgweb.edoc")},
				{Label: printer.T("orgweb.abbr")},
			}}
			groups[a.Level] = t
			order = append(order, a.Level)
		}
		t.Rows = append(
			t.Rows,
			ui.Row{Cells: []ui.Cell{{Text: a.Name, Href: agencyAddress(a.Code, v.On)}, {Text: a.Code}, {Text: a.EDoc}, {Text: a.Abbr}}},
		)
	}
	for _, level := range order {
		v.Tables = append(v.Tables, *groups[level])
	}
	if len(order) == 0 {
		v.Tables = []ui.Table{{ID: "none", Caption: v.Title, Empty: ui.Empty(
			printer.T("orgweb.before_all", fault.Args{"date": org.Opening}),
			ui.Link{Label: printer.T("orgweb.today"), Href: agenciesPath},
		)}}
	}
	return web.Render(w, r, status, listPage(v))
}

func (p *Pages) provinces(w http.ResponseWriter, r *http.Request) error {
	v, status, err := p.list(r, "orgweb.provinces.on", unitsPath)
	if err != nil {
		return err
	}
	printer := i18n.From(r.Context())
	units, err := p.Register.Units(r.Context(), actor.From(r.Context()), org.Moment{On: v.On}, org.Province)
	if err != nil {
		return err
	}
	t, err := p.unitsTable(r.Context(), "provinces", v.Title, units, v.On, false)
	if err != nil {
		return err
	}
	t.Quiet, t.Dense, t.Empty = true, true, ui.Empty(
		printer.T("orgweb.before_all", fault.Args{"date": org.Opening}),
		ui.Link{Label: printer.T("orgweb.today"), Href: unitsPath},
	)
	v.Tables, v.Lead = []ui.Table{t}, printer.T("orgweb.provinces.lead", fault.Args{"n": len(units)})
	return web.Render(w, r, status, listPage(v))
}

// changes lists what was recorded, the last first.
func (p *Pages) changes(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	const size = 50
	printer := i18n.From(r.Context())
	events, err := p.Register.Events(r.Context(), actor.From(r.Context()), form.Text("before"), size+1)
	if err != nil {
		return err
	}
	v := listView{Page: p.page(r, printer.T("orgweb.changes")), Lead: printer.T("orgweb.changes.lead")}
	if form.Text("before") != "" {
		v.Pages.Previous = changesPath // back to the newest
	}
	if len(events) > size {
		events = events[:size]
		v.Pages.Next = changesPath + "?before=" + url.QueryEscape(events[size-1].ID)
	}
	v.Tables = []ui.Table{p.eventsTable(r.Context(), events)}
	return web.Render(w, r, http.StatusOK, listPage(v))
}

func (p *Pages) eventsTable(ctx context.Context, events []org.Event) ui.Table {
	printer := i18n.From(ctx)
	t := ui.Table{ID: "changes", Caption: printer.T("orgweb.changes"), Quiet: true, Dense: true, Columns: []ui.Column{
		{Label: printer.T("orgweb.day")},
		{Label: printer.T("orgweb.what")},
		{Label: printer.T("orgweb.basis")},
		{Label: printer.T("orgweb.note")},
		{Label: printer.T("orgweb.recorded")},
	}}
	for _, e := range events {
		recorded := printer.T("orgweb.reference")
		if e.RecordedBy != "" {
			recorded = p.Names.NameOf(ctx, e.RecordedBy, e.RecordedAt) + ", " + printer.Time(e.RecordedAt)
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: dayOf(printer, e)},
			{Text: printer.T("org.event." + string(e.Kind))},
			{Text: e.Basis},
			{Text: inWords(printer, e.Note)},
			{Text: recorded},
		}})
	}
	return t
}

// dayOf is the day of an event, and whether it is sure.
func dayOf(printer *i18n.Printer, e org.Event) string {
	if e.Sure {
		return printer.Date(e.On)
	}
	return printer.Date(e.On) + " · " + printer.T("org.date_unsure")
}
