package orgweb

import (
	"cmp"
	"net/http"
	"time"

	"dean06/internal/org"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

// positionForm is one of the forms of offices and positions with what was typed.
type positionForm struct {
	ui.Page
	Lead   string
	Form   web.Form
	Duties []ui.Option
	Roles  []ui.Option
	// Personal says that the position opens personal data; StandIn that the form names a
	// stand-in.
	Personal, StandIn bool
}

func (v positionForm) value(name string) string { return v.Form.Text(name) }

// form begins a form of an agency, for those who may use it.
func (p *PositionPages) form(r *http.Request, action org.Action, title, agency string) (positionForm, error) {
	if err := p.Positions.Can(actor.From(r.Context()), action); err != nil {
		return positionForm{}, err
	}
	form, err := web.ReadForm(r)
	if agency == "" && err == nil {
		agency = p.agency(actor.From(r.Context()), form)
	}
	return positionForm{Page: p.page(r, i18n.T(r.Context(), title), agency), Form: form}, err
}

// fact is the days and the basis of a form: its last day is a day on which it still is.
func (v positionForm) fact() (org.Fact, error) {
	f := org.Fact{Basis: v.value("basis")}
	var wrong fault.List
	read := func(name string) clock.Date {
		d, err := v.Form.Date(name)
		wrong = append(wrong, web.FormErrors(err)...)
		return d
	}
	f.From, f.To = read("from"), read("to")
	if !f.To.IsZero() {
		f.To = f.To.AddDays(1)
	}
	return f, wrong.Err()
}

// how is what was chosen of ending and withdrawing; ending when nothing was.
func (v positionForm) how() string { return cmp.Or(v.value("how"), "end") }

func (p *PositionPages) newOffice(w http.ResponseWriter, r *http.Request) error {
	v, err := p.form(r, org.KeepPositions, "orgweb.open_office", "")
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, officeFormPage(v))
}

func (p *PositionPages) openOffice(w http.ResponseWriter, r *http.Request) error {
	v, err := p.form(r, org.KeepPositions, "orgweb.open_office", "")
	if err != nil {
		return err
	}
	who := actor.From(r.Context())
	agency := p.agency(who, v.Form)
	f, err := v.fact()
	if err == nil {
		_, err = p.Positions.OpenOffice(r.Context(), who, agency, org.Office{Fact: f, Name: v.value("name")})
	}
	if err != nil {
		v.Errors = web.FormErrors(err)
		return web.Retry(w, r, err, officeFormPage(v))
	}
	return web.RedirectWith(w, r, positionsAddress(agency), "orgweb.opened", nil)
}

// positionForm is the form of a new position in the office that the query names.
func (p *PositionPages) positionForm(r *http.Request) (positionForm, error) {
	v, err := p.form(r, org.KeepPositions, "orgweb.create_position", "")
	if err != nil {
		return v, err
	}
	ctx := r.Context()
	b, err := p.Positions.BookOf(ctx, actor.From(ctx), v.value("office"))
	if err != nil {
		return v, err
	}
	o, _ := b.KnownAt(time.Time{}).Office(v.value("office"))
	v.Page, v.Lead = p.page(r, v.Title, b.Agency), o.Name
	printer := i18n.From(ctx)
	v.Duties = []ui.Option{{Label: printer.T("orgweb.create_position.choose")}}
	for _, d := range org.Duties {
		v.Duties = append(v.Duties, ui.Option{Value: string(d), Label: printer.T("org.duty." + string(d))})
	}
	for _, role := range p.Positions.Roles() {
		option := ui.Option{Value: role.Code, Label: printer.T("role." + role.Code)}
		if role.Personal {
			option.Hint = printer.T("orgweb.create_position.personal")
		}
		v.Roles = append(v.Roles, option)
	}
	return v, nil
}

func (p *PositionPages) newPosition(w http.ResponseWriter, r *http.Request) error {
	v, err := p.positionForm(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, newPositionPage(v))
}

func (p *PositionPages) createPosition(w http.ResponseWriter, r *http.Request) error {
	v, err := p.positionForm(r)
	if err != nil {
		return err
	}
	f, err := v.fact()
	id := ""
	if err == nil {
		id, err = p.Positions.CreatePosition(r.Context(), actor.From(r.Context()), org.Position{
			Fact: f, Office: v.value("office"), Title: v.value("title"), Duty: org.Duty(v.value("duty")),
			Area: v.value("area"), Roles: v.Form.Values("roles"),
		})
	}
	if err != nil {
		v.Errors = web.FormErrors(err)
		return web.Retry(w, r, err, newPositionPage(v))
	}
	return web.RedirectWith(w, r, positionAddress(id), "orgweb.created", nil)
}

// appointment is the form of a holder or a stand-in of the position.
func (p *PositionPages) appointment(r *http.Request) (positionForm, error) {
	v, err := p.form(r, org.Appoint, "orgweb.appoint.holder", "")
	if err != nil {
		return v, err
	}
	ctx := r.Context()
	b, err := p.Positions.BookOf(ctx, actor.From(ctx), r.PathValue("id"))
	if err != nil {
		return v, err
	}
	n, ok := b.KnownAt(time.Time{}).Position(r.PathValue("id"))
	if !ok {
		return v, fault.New(fault.NotFound, "org.position.unknown", nil)
	}
	title := "orgweb.appoint.holder"
	if v.StandIn = v.value("as") == "stand_in"; v.StandIn {
		title = "orgweb.appoint.stand_in"
	}
	v.Page, v.Lead = p.page(r, i18n.T(ctx, title), b.Agency), n.Title
	v.Crumbs = append(v.Crumbs, ui.Link{Label: n.Title, Href: positionAddress(n.ID)})
	v.Personal = p.Positions.Opens(n)
	return v, nil
}

func (p *PositionPages) newAppointment(w http.ResponseWriter, r *http.Request) error {
	v, err := p.appointment(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, appointPage(v))
}

func (p *PositionPages) appoint(w http.ResponseWriter, r *http.Request) error {
	v, err := p.appointment(r)
	if err != nil {
		return err
	}
	f, err := v.fact()
	request := ""
	if err == nil {
		request, err = p.Positions.Appoint(r.Context(), actor.From(r.Context()), org.Appointing{
			Position: r.PathValue("id"), Login: v.value("account"), StandIn: v.StandIn,
			From: f.From, To: f.To, Vacancy: v.value("vacancy"), Basis: f.Basis,
		})
	}
	if err != nil {
		v.Errors = web.FormErrors(err)
		return web.Retry(w, r, err, appointPage(v))
	}
	done := "orgweb.appointed"
	if request != "" {
		done = "orgweb.asked"
	}
	return web.RedirectWith(w, r, positionAddress(r.PathValue("id")), done, nil)
}

// closing is the form that ends or withdraws an office, a position or an appointment. It
// gives the page to go to afterwards.
func (p *PositionPages) closing(r *http.Request) (v positionForm, after string, err error) {
	if v, err = p.form(r, org.KeepPositions, "orgweb.close", ""); err != nil {
		return v, "", err
	}
	ctx, id := r.Context(), r.PathValue("id")
	b, err := p.Positions.BookOf(ctx, actor.From(ctx), id)
	if err != nil {
		return v, "", err
	}
	b = b.KnownAt(time.Time{})
	what, after := "", positionsAddress(b.Agency)
	if o, ok := b.Office(id); ok {
		what = o.Name
	}
	if n, ok := b.Position(id); ok {
		what, after = n.Title, positionAddress(n.ID)
	}
	if a, ok := b.Appointment(id); ok {
		n, _ := b.Position(a.Position)
		what, after = p.name(ctx, a.Account)+", "+n.Title, positionAddress(n.ID)
	}
	v.Page = p.page(r, i18n.T(ctx, "orgweb.close.title", fault.Args{"what": what}), b.Agency)
	return v, after, nil
}

func (p *PositionPages) newClose(w http.ResponseWriter, r *http.Request) error {
	v, _, err := p.closing(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, closePage(v))
}

func (p *PositionPages) close(w http.ResponseWriter, r *http.Request) error {
	v, after, err := p.closing(r)
	if err != nil {
		return err
	}
	who := actor.From(r.Context())
	if v.value("how") == "withdraw" {
		err = p.Positions.Withdraw(r.Context(), who, r.PathValue("id"), v.value("basis"))
	} else {
		var last clock.Date
		if last, err = v.Form.Date("on"); err == nil {
			if !last.IsZero() {
				last = last.AddDays(1)
			}
			err = p.Positions.End(r.Context(), who, r.PathValue("id"), last, v.value("basis"))
		}
	}
	if err != nil {
		v.Errors = web.FormErrors(err)
		return web.Retry(w, r, err, closePage(v))
	}
	return web.RedirectWith(w, r, after, "orgweb.closed", nil)
}
