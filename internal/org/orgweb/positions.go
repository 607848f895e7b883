package orgweb

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"dean06/internal/org"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

// PositionShell is what the pages of offices and positions need from the node.
type PositionShell struct {
	Positions *org.Positions
	Names     org.Names
	Clock     clock.Clock
	Frame     web.FrameFunc
	// Own is the code of the agency whose node it is; "" while that is not known.
	Own func() string
}

// PositionPages are the pages of an agency's offices and positions, on every node.
type PositionPages struct{ PositionShell }

// NewPositions makes the pages.
func NewPositions(shell PositionShell) *PositionPages { return &PositionPages{shell} }

// PositionsPath is the first of the pages of offices and positions.
const PositionsPath = "/org/positions"

const (
	officesPath = "/org/offices"
	closePath   = "/org/close"
)

// Routes are the addresses of the pages.
func (p *PositionPages) Routes() []web.Route {
	const read, keep, appoint = "org.read_positions", "org.keep_positions", "org.appoint"
	return []web.Route{
		{Pattern: "GET " + PositionsPath, Handler: p.list, May: read},
		{Pattern: "GET " + PositionsPath + "/new", Handler: p.newPosition, May: keep},
		{Pattern: "POST " + PositionsPath + "/new", Handler: p.createPosition, May: keep},
		{Pattern: "GET " + PositionsPath + "/{id}", Handler: p.position, May: read},
		{Pattern: "GET " + PositionsPath + "/{id}/appoint", Handler: p.newAppointment, May: appoint},
		{Pattern: "POST " + PositionsPath + "/{id}/appoint", Handler: p.appoint, May: appoint},
		{Pattern: "GET " + officesPath + "/new", Handler: p.newOffice, May: keep},
		{Pattern: "POST " + officesPath + "/new", Handler: p.openOffice, May: keep},
		{Pattern: "GET " + closePath + "/{id}", Handler: p.newClose, May: keep},
		{Pattern: "POST " + closePath + "/{id}", Handler: p.close, May: keep},
	}
}

func (p *PositionPages) today() clock.Date { return clock.DayOf(p.Clock.Now()) }

func positionAddress(id string) string { return PositionsPath + "/" + url.PathEscape(id) }

func positionsAddress(agency string) string {
	return PositionsPath + "?" + url.Values{"agency": {agency}}.Encode()
}

func (p *PositionPages) name(ctx context.Context, account string) string {
	return p.Names.NameOf(ctx, account, p.Clock.Now())
}

type positionsView struct {
	ui.Page
	Agency  string
	Day     string
	Choose  bool // another agency may be chosen
	Options []ui.Option
	Nowhere bool
	None    string
	Offices []officeView
	Add     string // address of the form of a new office; "" for those who may not
}

type officeView struct {
	Name  string
	Table ui.Table
	Add   string // address of the form of a new position
	Close string
}

// agency is the one asked for, or that of the one who looks, or the node's own.
func (p *PositionPages) agency(who actor.Actor, form web.Form) string {
	for _, code := range []string{strings.ToUpper(form.Text("agency")), who.Agency, p.Own()} {
		if code == "" {
			continue
		}
		if top, whole, ok := org.ParseCode(code); ok && top == whole {
			return top // the older shape too
		}
		return code
	}
	return ""
}

func (p *PositionPages) list(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	ctx, who := r.Context(), actor.From(r.Context())
	keeping, err := p.Positions.Keeping(ctx, who)
	if err != nil {
		return err
	}
	on, err := form.Date("on")
	v := positionsView{
		Page: p.Frame(r).Page(i18n.T(ctx, "orgweb.positions")), Agency: p.agency(who, form), Day: form.Text("on"),
		Choose: p.Positions.Can(who, org.ReadPositions) == nil,
	}
	if v.Errors = web.FormErrors(err); on.IsZero() {
		on = p.today()
	}
	if v.Errors == nil {
		v.Day = typed(on)
	}
	if v.Agency == "" && len(keeping) > 0 {
		v.Agency = keeping[0].Code
	}
	for _, a := range keeping {
		v.Options = append(v.Options, ui.Option{Value: a.Code, Label: a.Name})
	}
	if v.Nowhere = v.Agency == ""; !v.Nowhere {
		if err := p.offices(ctx, &v, who, on); err != nil {
			return err
		}
	}
	return web.Render(w, r, statusOfFaults(v.Errors), positionsPage(v))
}

func statusOfFaults(faults fault.List) int {
	if faults != nil {
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}

// offices lists the offices of an agency on a day, each with its positions.
func (p *PositionPages) offices(ctx context.Context, v *positionsView, who actor.Actor, on clock.Date) error {
	b, err := p.Positions.Book(ctx, who, v.Agency)
	if err != nil {
		return err
	}
	b = b.KnownAt(time.Time{})
	printer := i18n.From(ctx)
	keeps := p.Positions.Can(who, org.KeepPositions) == nil
	if keeps {
		v.Add = officesPath + "/new?agency=" + url.QueryEscape(v.Agency)
	}
	v.Title = p.Positions.Agencies.NameOf(v.Agency)
	for _, o := range b.OfficesOn(on) {
		office := officeView{Name: o.Name, Table: ui.Table{
			ID: "office-" + o.ID, Caption: printer.T("orgweb.positions.office", fault.Args{"name": o.Name, "from": o.From}), Quiet: true, Stack: true,
			Columns: []ui.Column{
				{Label: printer.T("orgweb.position")}, {Label: printer.T("orgweb.position.holder")}, {Label: printer.T("orgweb.position.stand_in")},
			},
			Empty: ui.Empty(printer.T("orgweb.positions.empty"), ui.Link{}),
		}}
		if keeps {
			office.Add, office.Close = PositionsPath+"/new?office="+url.QueryEscape(o.ID), closePath+"/"+url.PathEscape(o.ID)
		}
		for _, n := range b.PositionsOn(o.ID, on) {
			holder := printer.T("orgweb.position.vacant")
			if a, ok := b.HolderOn(n.ID, on); ok {
				holder = p.name(ctx, a.Account)
			}
			standIn := ""
			if a, ok := b.StandInOn(n.ID, on); ok {
				standIn = p.name(ctx, a.Account)
			}
			office.Table.Rows = append(office.Table.Rows, ui.Row{Cells: []ui.Cell{
				{Text: n.Title, Href: positionAddress(n.ID)}, {Text: holder}, {Text: standIn},
			}})
		}
		v.Offices = append(v.Offices, office)
	}
	if len(v.Offices) == 0 {
		v.None = printer.T("orgweb.positions.none", fault.Args{"date": on, "agency": v.Title})
	}
	return nil
}

type positionView struct {
	ui.Page
	Lead    string
	Facts   []ui.Fact
	Acting  string
	People  ui.Table
	History []ui.Event
	Holder  string // addresses of the forms; "" for those who may not
	StandIn string
	Close   string
}

func (p *PositionPages) position(w http.ResponseWriter, r *http.Request) error {
	ctx, who, id := r.Context(), actor.From(r.Context()), r.PathValue("id")
	all, err := p.Positions.BookOf(ctx, who, id)
	if err != nil {
		return err
	}
	b := all.KnownAt(time.Time{})
	n, ok := b.Position(id)
	if !ok {
		return fault.New(fault.NotFound, "org.position.unknown", nil)
	}
	o, _ := b.Office(n.Office)
	printer := i18n.From(ctx)
	agency := p.Positions.Agencies.NameOf(b.Agency)
	v := positionView{Page: p.page(r, n.Title, b.Agency), Lead: o.Name + " · " + agency}
	v.Facts = []ui.Fact{
		{Key: printer.T("orgweb.position.duty"), Value: printer.T("org.duty." + string(n.Duty))},
		{Key: printer.T("orgweb.position.area"), Value: p.area(ctx, n)},
		{Key: printer.T("orgweb.position.roles"), Value: roleNames(printer, n)},
		{Key: printer.T("orgweb.position.time"), Value: spanOf(printer, n.Fact)},
	}
	v.Acting = printer.T("orgweb.position.acting.none")
	if a, acts := b.ActingOn(id, p.today()); acts {
		v.Acting = printer.T("orgweb.position.acting", fault.Args{"name": p.name(ctx, a.Account)})
	}
	appoints := p.Positions.Can(who, org.Appoint) == nil
	v.People = p.people(ctx, b, id, appoints)
	v.History = p.history(ctx, all, id)
	if appoints && !n.Withdrawn {
		v.Holder, v.StandIn = positionAddress(id)+"/appoint", positionAddress(id)+"/appoint?as=stand_in"
		v.Close = closePath + "/" + url.PathEscape(id)
	}
	return web.Render(w, r, http.StatusOK, positionPage(v))
}

// page is a page under the list of an agency's offices.
func (p *PositionPages) page(r *http.Request, title, agency string) ui.Page {
	page := p.Frame(r).Page(title)
	page.Crumbs = []ui.Link{{Label: p.Positions.Agencies.NameOf(agency), Href: positionsAddress(agency)}}
	return page
}

func (p *PositionPages) area(ctx context.Context, n org.Position) string {
	if n.Area == "" {
		return i18n.T(ctx, "orgweb.position.area.all")
	}
	u, err := p.Positions.Units.Unit(ctx, n.Area, org.Moment{On: n.From})
	if err != nil {
		return n.Area
	}
	return u.Name + " (" + n.Area + ")"
}

func roleNames(printer *i18n.Printer, n org.Position) string {
	if len(n.Roles) == 0 {
		return printer.T("orgweb.position.roles.none")
	}
	var out []string
	for _, role := range n.Roles {
		out = append(out, printer.T("role."+role))
	}
	return strings.Join(out, ", ")
}

// spanOf is the time of a record in words.
func spanOf(printer *i18n.Printer, f org.Fact) string {
	if f.Withdrawn {
		return printer.T("orgweb.position.gone")
	}
	return span(printer, org.Version{From: f.From, To: f.To})
}

// people lists who holds the position and who stands in, the last first.
func (p *PositionPages) people(ctx context.Context, b org.Book, position string, appoints bool) ui.Table {
	printer := i18n.From(ctx)
	t := ui.Table{ID: "people", Caption: printer.T("orgweb.position.people"), Stack: true, Columns: []ui.Column{
		{Label: printer.T("orgweb.position.who")},
		{Label: printer.T("orgweb.position.as")},
		{Label: printer.T("orgweb.position.time")},
		{Label: printer.T("orgweb.position.why")},
	}, Empty: ui.Empty(printer.T("orgweb.position.people.none"), ui.Link{})}
	if appoints {
		t.Columns = append(t.Columns, ui.Column{Label: printer.T("orgweb.close"), Hidden: true})
	}
	list := slices.DeleteFunc(slices.Clone(b.Appointments), func(a org.Appointment) bool { return a.Position != position || a.Withdrawn })
	slices.SortStableFunc(list, func(a, b org.Appointment) int { return b.From.Compare(a.From) })
	for _, a := range list {
		why := a.Basis
		if a.Vacancy != "" {
			why += " · " + printer.T("orgweb.position.vacancy", fault.Args{"why": a.Vacancy})
		}
		if a.Second != "" {
			why += " · " + printer.T("orgweb.position.second", fault.Args{"name": p.Names.NameOf(ctx, a.Second, a.At)})
		}
		cells := []ui.Cell{{Text: p.name(ctx, a.Account)}, {Text: as(printer, a)}, {Text: spanOf(printer, a.Fact)}, {Text: why}}
		if appoints {
			cells = append(cells, ui.Cell{Text: printer.T("orgweb.close"), Href: closePath + "/" + url.PathEscape(a.ID)})
		}
		t.Rows = append(t.Rows, ui.Row{Cells: cells})
	}
	return t
}

func as(printer *i18n.Printer, a org.Appointment) string {
	if a.StandIn {
		return printer.T("orgweb.position.stand_in")
	}
	return printer.T("orgweb.position.holder")
}

// history lists every record of a position and of its appointments, the last first.
func (p *PositionPages) history(ctx context.Context, b org.Book, position string) []ui.Event {
	printer := i18n.From(ctx)
	var out []ui.Event
	add := func(f org.Fact, kind, name string) {
		now := f
		now.Withdrawn = false
		title := printer.T("orgweb.position.event."+kind, fault.Args{"name": name, "span": spanOf(printer, now)})
		switch {
		case f.Withdrawn:
			title = printer.T("orgweb.position.event.withdrawn", fault.Args{"what": title})
		case f.Version > 1:
			title = printer.T("orgweb.position.event.ended", fault.Args{"what": title})
		}
		out = append(out, ui.Event{Title: title, By: p.Names.NameOf(ctx, f.By, f.At), At: f.At, Text: f.Basis})
	}
	for _, n := range b.Positions {
		if n.ID == position {
			add(n.Fact, "position", n.Title)
		}
	}
	for _, a := range b.Appointments {
		if a.Position != position {
			continue
		}
		kind := "holder"
		if a.StandIn {
			kind = "stand_in"
		}
		add(a.Fact, kind, p.name(ctx, a.Account))
	}
	slices.SortStableFunc(out, func(a, b ui.Event) int { return b.At.Compare(a.At) })
	return out
}
