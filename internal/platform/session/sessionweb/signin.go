package sessionweb

import (
	"net/http"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/session"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

type signInView struct {
	ui.Page
	Login string
	Next  string
	Demo  []DemoAccount
	Begin string // where a sign-in with an electronic identity begins; "" for nowhere
	For   string // where one for another begins; "" where nobody acts for others
	Away  bool   // it cannot be had now
}

func (p *Pages) signInView(r *http.Request, next string) signInView {
	v := signInView{Page: p.page(r, "sign_in"), Next: web.Local(next), Demo: p.Demo}
	if p.Identity != nil {
		v.Begin, v.Away = p.Identity.Begin(v.Next), r.URL.Query().Has("away")
		if p.Service.HasCitizens() {
			v.For = p.Identity.BeginFor(v.Next)
		}
	}
	return v
}

func (p *Pages) signIn(w http.ResponseWriter, r *http.Request) error {
	if p.Identity != nil {
		if to := p.Identity.Lead(r); to != "" {
			http.Redirect(w, r, to, http.StatusSeeOther)
			return nil
		}
	}
	next := r.URL.Query().Get("next")
	if _, step, ok := session.Unfinished(r.Context()); ok {
		return forward(w, r, step, next)
	}
	if _, ok := session.From(r.Context()); ok && next != "" { // it came by another name of this machine
		return web.Redirect(w, r, web.Local(next))
	}
	return web.Render(w, r, http.StatusOK, signInPage(p.signInView(r, next)))
}

func (p *Pages) signInPost(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	proof, err := session.Password{Service: p.Service}.Authenticate(r)
	if err != nil {
		return again(w, r, err, func(faults fault.List) error {
			view := p.signInView(r, form.Text("next"))
			view.Login = form.Text("login")
			view.Errors = fault.List{faults[0].At("login")}
			return web.Render(w, r, web.Status(err), signInPage(view))
		})
	}
	step, err := p.Service.SignIn(w, r, proof)
	if err != nil {
		return err
	}
	return forward(w, r, step, form.Text("next"))
}

type codeView struct {
	ui.Page
	Next string
}

func (p *Pages) code(w http.ResponseWriter, r *http.Request) error {
	next := r.URL.Query().Get("next")
	if _, step, _ := session.Unfinished(r.Context()); step != session.NeedCode {
		return web.Redirect(w, r, ui.SignInPath)
	}
	return web.Render(w, r, http.StatusOK, codePage(codeView{Page: p.page(r, "code"), Next: web.Local(next)}))
}

func (p *Pages) codePost(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	token, step, err := p.Service.CheckCode(r.Context(), form.Text("code"), p.Service.Client(r))
	if fault.Of(err) == fault.Unsigned { // it took too long
		return web.Redirect(w, r, ui.SignInPath)
	}
	if err != nil {
		return again(w, r, err, func(faults fault.List) error {
			view := codeView{Page: p.page(r, "code"), Next: web.Local(form.Text("next"))}
			view.Errors = fault.List{faults[0].At("code")}
			return web.Render(w, r, web.Status(err), codePage(view))
		})
	}
	p.Service.SetToken(w, token)
	if id, _, ok := session.Unfinished(r.Context()); ok {
		if err := p.Service.Remember(w, r, id.Account); err != nil {
			return err
		}
	}
	return forward(w, r, step, form.Text("next"))
}

type levelView struct {
	ui.Page
	StepUp string // "" for nowhere
}

// level says that a role asks for a surer sign-in than the one that was made.
func (p *Pages) level(w http.ResponseWriter, r *http.Request) error {
	next := web.Local(r.URL.Query().Get("next"))
	if _, step, _ := session.Unfinished(r.Context()); step != session.NeedLevel {
		return web.Redirect(w, r, next)
	}
	view := levelView{Page: p.page(r, "level")}
	if p.Identity != nil {
		view.StepUp = p.Identity.StepUp(next)
	}
	return web.Render(w, r, http.StatusOK, levelPage(view))
}

func (p *Pages) signOut(w http.ResponseWriter, r *http.Request) error {
	elsewhere := ""
	if id, _, ok := session.Unfinished(r.Context()); ok && p.Identity != nil {
		elsewhere = p.Identity.End(r.Context(), id.SessionID)
	}
	if err := p.Service.SignOut(w, r); err != nil && fault.Of(err) != fault.NotFound {
		return err
	}
	if elsewhere != "" {
		http.Redirect(w, r, elsewhere, http.StatusSeeOther)
		return nil
	}
	return web.RedirectWith(w, r, ui.SignInPath, "session.page.signed_out", nil)
}
