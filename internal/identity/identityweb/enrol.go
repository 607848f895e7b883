package identityweb

import (
	"fmt"
	"net/http"

	"dean06/internal/citizen"
	"dean06/internal/identity"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

type enrolView struct {
	ui.Page
	Aim              aim
	Number, Name     string
	Day, Month, Year string
	Address          string
	Texts            bool // telephones can be told, too
}

func (p *Pages) enrolView(r *http.Request, a aim) enrolView {
	v := enrolView{Page: p.page(r, "enrol", identity.SignedIn{}), Aim: a, Texts: p.Service.Settings.Texts}
	v.Back = signInPath + "?" + a.query()
	return v
}

// enrol is where somebody opens an account of level 1 at home.
func (p *Pages) enrol(w http.ResponseWriter, r *http.Request) error {
	a, err := p.aimOf(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, enrolPage(p.enrolView(r, a)))
}

// claimOf reads who somebody says to be. It fails with all that is missing or wrong.
func claimOf(r *http.Request, form web.Form) (identity.Claim, error) {
	var c identity.Claim
	var wrong fault.List
	who, err := identity.ParseHolder(identity.Citizen, form.Text("number"))
	if f := fault.As(err); f != nil {
		wrong = append(wrong, f)
	}
	c.Number, c.Name = who.Citizen(), form.Text("name")
	if c.Birth, err = ReadDay(form, "birth"); err != nil {
		wrong = append(wrong, fault.New(fault.Invalid, "identity.enrol.birth", nil).At("birth"))
	}
	if c.Address, err = identity.ReadAddress(form.Text("address"), string(i18n.From(r.Context()).Lang)); err != nil {
		wrong = append(wrong, fault.As(err))
	}
	return c, wrong.Err()
}

// ReadDay reads a day of three parts, of which old cards know the year alone.
func ReadDay(form web.Form, name string) (citizen.Day, error) {
	d, m, y := form.DateParts(name)
	if d == "" && m == "" {
		return citizen.ParseDay(y)
	}
	on, err := form.Date(name)
	if err != nil {
		return 0, err
	}
	return citizen.DayFrom(on), nil
}

func (p *Pages) enrolPost(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	a, err := p.aimOf(r)
	if err != nil {
		return err
	}
	var state string
	claim, err := claimOf(r, form)
	if err == nil {
		state, err = p.Service.Enrol(r.Context(), claim, p.browser(w, r))
	}
	if err != nil {
		return again(w, r, err, func(faults fault.List) error {
			v := p.enrolView(r, a)
			v.Number, v.Name, v.Address = form.Text("number"), form.Text("name"), form.Text("address")
			v.Day, v.Month, v.Year = form.DateParts("birth")
			v.Errors = faults
			return web.Render(w, r, web.Status(err), enrolPage(v))
		})
	}
	return web.Render(w, r, http.StatusOK, enrolCodePage(p.enrolCodeView(r, a, state, claim.Address.To)))
}

type enrolCodeView struct {
	ui.Page
	Aim   aim
	State string
	To    string
}

func (p *Pages) enrolCodeView(r *http.Request, a aim, state, to string) enrolCodeView {
	return enrolCodeView{Page: p.page(r, "enrol.code", identity.SignedIn{}), Aim: a, State: state, To: to}
}

func (p *Pages) enrolCodePost(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	a, err := p.aimOf(r)
	if err != nil {
		return err
	}
	out, err := p.Service.ConfirmEnrolment(r.Context(), form.Text("state"), form.Text("code"), p.browser(w, r))
	if err != nil {
		return again(w, r, err, func(faults fault.List) error {
			v := p.enrolCodeView(r, a, form.Text("state"), form.Text("to"))
			if faults[0].Field == "" {
				faults = fault.List{faults[0].At("code")}
			}
			v.Errors = faults
			return web.Render(w, r, web.Status(err), enrolCodePage(v))
		})
	}
	p.keep(w, out)
	if a.For != "" { // the service is waiting; what one signs in with next time can be set later
		return p.onward(w, r, a)
	}
	return web.RedirectWith(w, r, devicesPath, "identity.page.enrol.opened", nil)
}

// suspend closes the account at hand; it is the last thing that this sign-in does.
func (p *Pages) suspend(w http.ResponseWriter, r *http.Request, in identity.SignedIn) error {
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	if err := p.Service.Suspend(r.Context(), in, p.browser(w, r)); err != nil {
		return fmt.Errorf("suspend: %w", err)
	}
	p.setCookie(w, sessionCookie, "", 0)
	v := doneView{Page: p.page(r, "suspended", identity.SignedIn{}), Text: t(r.Context(), "suspended.text")}
	return web.Render(w, r, http.StatusOK, leftPage(v))
}
