package orgweb

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"

	"dean06/internal/org"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/sheet"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

type unitView struct {
	ui.Page
	Lead     string
	Action   string // the address of the page, for the form of its days
	On       string // as typed
	To       string
	Facts    []ui.Fact
	Children ui.Table
	CSV      string
	Kin      string // the lineage in a sentence
	Lineage  ui.Table
	Events   ui.Table
	Versions []ui.Fact
	Recorded ui.Table // what was recorded and is no longer what is known
	Edits    []ui.Link
	open     bool // the unit is still there
}

// reform is the day on which districts ended.
var reform = clock.MustDate("2025-07-01")

// other is the day to which a lineage leads when none is asked for: to the
// present from before the reform, back to the day before it from later.
func (p *Pages) other(on clock.Date) clock.Date {
	if on.Before(reform) && !p.today().Before(reform) {
		return p.today()
	}
	return reform.AddDays(-1)
}

// begin reads the two days of the page of a unit or agency.
func (p *Pages) begin(r *http.Request, path string) (v unitView, on, to clock.Date, err error) {
	form, err := web.ReadForm(r)
	if err != nil {
		return v, on, to, err
	}
	on, faults, err := p.day(form, "on", p.today())
	if err != nil {
		return v, on, to, err
	}
	to, more, err := p.day(form, "to", p.other(on))
	if err != nil {
		return v, on, to, err
	}
	v = unitView{Action: path, On: typed(on), To: typed(to)}
	if v.Errors = append(faults, more...); faults != nil {
		v.On = form.Text("on")
	}
	if more != nil {
		v.To = form.Text("to")
	}
	return v, on, to, nil
}

func (p *Pages) agency(w http.ResponseWriter, r *http.Request) error {
	code := r.PathValue("code")
	v, on, to, err := p.begin(r, agenciesPath+"/"+code)
	if err != nil {
		return err
	}
	d, err := p.Register.Directory(actor.From(r.Context()))
	if err != nil {
		return err
	}
	printer := i18n.From(r.Context())
	a, ok := d.Agency(code, on)
	if !ok {
		return fault.New(fault.NotFound, "org.unknown_code", fault.Args{"code": code, "date": on})
	}
	errs := v.Errors
	v.Page = p.page(r, a.Name, ui.Link{Label: printer.T("orgweb.agencies"), Href: address(agenciesPath, on)})
	v.Lead, v.Errors = printer.T("orgweb.on", fault.Args{"date": on}), errs
	v.Facts = []ui.Fact{
		{Key: printer.T("orgweb.code"), Value: a.Code},
		{Key: printer.T("orgweb.edoc"), Value: a.EDoc},
		{Key: printer.T("orgweb.level"), Value: printer.T("org.level." + string(a.Level))},
		{Key: printer.T("orgweb.abbr"), Value: a.Abbr},
	}
	if names := d.Aliases(a.ID); len(names) > 0 {
		slices.Sort(names)
		v.Facts = append(v.Facts, ui.Fact{Key: printer.T("orgweb.aliases"), Value: strings.Join(names, "\n")})
	}
	if a.Province != "" {
		if province, ok := d.ByCode(a.Province, on); ok {
			v.Facts = append(v.Facts, ui.Fact{Key: printer.T("orgweb.governs"), Body: link(province.Name, unitAddress(province.Code, on))})
		}
	}
	if err := p.throughTime(r.Context(), &v, a.ID, a.Name, d.Lineage(a.ID, on, to)); err != nil {
		return err
	}
	v.Edits = p.edits(r.Context(), a.Code, a.Level, v.open)
	return web.Render(w, r, statusOf(v), unitPage(v))
}

func (p *Pages) unit(w http.ResponseWriter, r *http.Request) error {
	code := r.PathValue("code")
	v, on, to, err := p.begin(r, unitsPath+"/"+code)
	if err != nil {
		return err
	}
	ctx, printer := r.Context(), i18n.From(r.Context())
	u, err := p.Register.Unit(ctx, actor.From(ctx), code, org.Moment{On: on})
	if err != nil {
		return err
	}
	if u.Level.IsAgency() {
		return web.Redirect(w, r, agencyAddress(code, on))
	}
	above, err := p.above(ctx, u, on)
	if err != nil {
		return err
	}
	crumbs := []ui.Link{{Label: printer.T("orgweb.units"), Href: address(unitsPath, on)}}
	for _, a := range above {
		crumbs = append(crumbs, ui.Link{Label: a.Name, Href: unitAddress(a.Code, on)})
	}
	errs := v.Errors
	v.Page = p.page(r, u.Name, crumbs...)
	v.Lead, v.Errors = printer.T("orgweb.on", fault.Args{"date": on}), errs
	v.Facts = []ui.Fact{
		{Key: printer.T("orgweb.code"), Value: u.Code},
		{Key: printer.T("orgweb.level"), Value: printer.T("org.level." + string(u.Level))},
	}
	if len(above) > 0 {
		v.Facts = append(v.Facts, ui.Fact{Key: printer.T("orgweb.above"), Value: names(above)})
	}
	if err := p.under(ctx, &v, u, on); err != nil {
		return err
	}
	lineage, err := p.Register.Lineage(ctx, actor.From(ctx), code, on, to)
	if err != nil {
		return err
	}
	if err := p.throughTime(ctx, &v, u.ID, u.Name, lineage); err != nil {
		return err
	}
	v.Edits = p.edits(ctx, u.Code, u.Level, v.open)
	return web.Render(w, r, statusOf(v), unitPage(v))
}

func statusOf(v unitView) int {
	if v.Errors != nil {
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}

// under lists what lies right under a unit; a committee is not territory and
// stands among the facts.
func (p *Pages) under(ctx context.Context, v *unitView, u org.Version, on clock.Date) error {
	printer := i18n.From(ctx)
	children, err := p.Register.Children(ctx, actor.From(ctx), u.Code, org.Moment{On: on})
	if err != nil || u.Level == org.Commune {
		return err
	}
	var territory []org.Version
	for _, c := range children {
		if c.Level.IsAgency() {
			v.Facts = append(v.Facts, ui.Fact{Key: printer.T("org.level." + string(c.Level)), Body: link(c.Name, agencyAddress(c.Code, on))})
			continue
		}
		territory = append(territory, c)
	}
	v.Children, err = p.unitsTable(
		ctx, "children", printer.T("orgweb.children", fault.Args{"name": u.Name, "n": len(territory)}), territory, on,
		false,
	)
	v.Children.Empty = ui.Empty(printer.T("orgweb.children.none", fault.Args{"date": on}), ui.Link{})
	v.CSV = address(unitsPath+".csv", on, "under", u.Code)
	return err
}

// throughTime adds what a unit is on another day, and all that it was called.
func (p *Pages) throughTime(ctx context.Context, v *unitView, id, name string, l org.Lineage) error {
	printer := i18n.From(ctx)
	v.Kin = kin(printer, name, l)
	v.Lineage = ui.Table{ID: "lineage", Caption: printer.T("orgweb.lineage.table"), Quiet: true, Columns: []ui.Column{
		{Label: printer.T("orgweb.name")},
		{Label: printer.T("orgweb.code")},
		{Label: printer.T("orgweb.lineage.relation")},
		{Label: printer.T("orgweb.lineage.share")},
	}}
	for _, k := range l.Units {
		share := printer.T("orgweb.lineage.whole")
		if !k.ShareKnown {
			share = printer.T("org.share_unknown")
		}
		if k.Main && len(l.Units) > 1 {
			share += " · " + printer.T("orgweb.lineage.main")
		}
		v.Lineage.Rows = append(v.Lineage.Rows, ui.Row{Cells: []ui.Cell{
			{Text: k.Name, Href: pageOf(k.Level, k.Code, l.To)},
			{Text: k.Code},
			{Text: printer.T("orgweb.relation." + direction(l) + string(k.Relation))},
			{Text: share},
		}})
	}
	v.Events = p.eventsTable(ctx, l.Events)
	v.Events.ID, v.Events.Caption, v.Events.Quiet = "lineage-events", printer.T("orgweb.lineage.events"), false
	last := len(v.Events.Columns) - 1 // who recorded it is told among all changes
	v.Events.Columns = v.Events.Columns[:last]
	for i := range v.Events.Rows {
		v.Events.Rows[i].Cells = v.Events.Rows[i].Cells[:last]
	}
	history, err := p.Register.History(ctx, actor.From(ctx), id)
	if err != nil {
		return err
	}
	return p.versions(ctx, v, history)
}

// direction is the part of a message key that tells looking back from looking on.
func direction(l org.Lineage) string {
	if l.To.Before(l.From) {
		return "back."
	}
	return ""
}

// kin says in a sentence what a unit is on another day.
func kin(printer *i18n.Printer, name string, l org.Lineage) string {
	args := fault.Args{"name": name, "date": l.To, "n": len(l.Units)}
	key := "several"
	switch {
	case len(l.Units) == 0:
		key = "none"
	case len(l.Units) == 1:
		key, args["other"] = string(l.Units[0].Relation), l.Units[0].Name
		if l.Units[0].Relation == org.RelMerged && l.Units[0].Name == name {
			key = "merged_same"
		}
	}
	return printer.T("orgweb.kin."+direction(l)+key, args)
}

// versions lists what the unit was called, and what was recorded before.
func (p *Pages) versions(ctx context.Context, v *unitView, history []org.Recorded) error {
	printer := i18n.From(ctx)
	for _, u := range knownNow(history) {
		v.open = u.To.IsZero()
		e, err := p.Register.Event(ctx, actor.From(ctx), u.Event)
		if err != nil {
			return err
		}
		text := u.Name + " (" + u.Code + ")\n" + printer.T("org.event."+string(e.Kind))
		if e.Basis != "" {
			text += ": " + e.Basis
		}
		if note := inWords(printer, e.Note); note != "" {
			text += "\n" + note
		}
		if u.Ended != "" {
			end, err := p.Register.Event(ctx, actor.From(ctx), u.Ended)
			if err != nil {
				return err
			}
			text += "\n" + printer.T(
				"orgweb.version.ended",
				fault.Args{"what": printer.T("org.event." + string(end.Kind)), "date": u.To, "basis": end.Basis},
			)
		}
		v.Versions = append(v.Versions, ui.Fact{Key: span(printer, u), Value: text})
	}
	v.Recorded = ui.Table{ID: "recorded", Caption: printer.T("orgweb.recorded.before"), Quiet: true, Dense: true, Columns: []ui.Column{
		{Label: printer.T("orgweb.name")}, {Label: printer.T("orgweb.valid")}, {Label: printer.T("orgweb.known")},
	}}
	for _, u := range history {
		if !u.KnownTo.IsZero() {
			v.Recorded.Rows = append(v.Recorded.Rows, ui.Row{Cells: []ui.Cell{
				{Text: u.Name + " (" + u.Code + ")"},
				{Text: span(printer, u.Version)},
				{Text: printer.T("orgweb.until", fault.Args{"time": printer.Time(u.KnownTo)})},
			}})
		}
	}
	return nil
}

// span is the days of a version: to the day before the next.
func span(printer *i18n.Printer, u org.Version) string {
	if u.To.IsZero() {
		return printer.T("orgweb.since", fault.Args{"from": u.From})
	}
	return printer.T("orgweb.span", fault.Args{"from": u.From, "to": u.To.AddDays(-1)})
}

// edits are the changes that an administrator may record about a unit that is
// still there.
func (p *Pages) edits(ctx context.Context, code string, level org.Level, open bool) []ui.Link {
	if !open || !p.mayEdit(ctx) {
		return nil
	}
	var out []ui.Link
	for _, kind := range kinds {
		if kind == org.Created || kind == org.Moved && level != org.District && level != org.Commune && level != org.Committee {
			continue
		}
		out = append(out, ui.Link{Label: i18n.T(ctx, "orgweb.edit."+string(kind)), Href: editPath + "/" + string(kind) + "?codes=" + code})
	}
	return out
}

func (p *Pages) agenciesCSV(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	on, faults, err := p.day(form, "on", p.today())
	if err := cmp.Or(err, faults.Err()); err != nil {
		return err
	}
	printer := i18n.From(r.Context())
	rows := [][]string{
		{printer.T("orgweb.code"), printer.T("orgweb.edoc"), printer.T("orgweb.name"), printer.T("orgweb.abbr"), printer.T("orgweb.level")},
	}
	directory, err := p.Register.Directory(actor.From(r.Context()))
	if err != nil {
		return err
	}
	for _, a := range directory.Agencies(on) {
		rows = append(rows, []string{a.Code, a.EDoc, a.Name, a.Abbr, printer.T("org.level." + string(a.Level))})
	}
	return writeCSV(w, "agencies-"+on.String(), rows)
}

// unitsCSV is what lies right under a unit, or all provinces.
func (p *Pages) unitsCSV(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	on, faults, err := p.day(form, "on", p.today())
	if err := cmp.Or(err, faults.Err()); err != nil {
		return err
	}
	name, moment := "provinces", org.Moment{On: on}
	var units []org.Version
	if code := form.Text("under"); code != "" {
		name = "units"
		units, err = p.Register.Children(r.Context(), actor.From(r.Context()), code, moment)
	} else {
		units, err = p.Register.Units(r.Context(), actor.From(r.Context()), moment, org.Province)
	}
	if err != nil {
		return err
	}
	printer := i18n.From(r.Context())
	rows := [][]string{{printer.T("orgweb.code"), printer.T("orgweb.name"), printer.T("orgweb.level")}}
	for _, u := range units {
		rows = append(rows, []string{u.Code, u.Name, printer.T("org.level." + string(u.Level))})
	}
	return writeCSV(w, name+"-"+on.String(), rows)
}

func writeCSV(w http.ResponseWriter, name string, rows [][]string) error {
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`.csv"`)
	c, err := sheet.NewCSV(w)
	if err != nil {
		return nil //nolint:nilerr // the reader has gone
	}
	for _, row := range rows {
		if c.Write(row...) != nil {
			return nil //nolint:nilerr // the reader has gone
		}
	}
	_ = c.Flush()
	return nil
}
