package sessionweb

import (
	"net/http"
	"net/url"
	"strconv"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/session"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

type factorView struct {
	ui.Page
	Next   string
	Secret string
	Codes  []string // the recovery codes, once
}

// againView asks for the password again, before something is changed that a passer-by at an
// open screen must not change.
type againView struct {
	ui.Page
	Text   string
	Action string // where the form goes
	Next   string
	Button ui.Action
	Forced bool // nothing else can be done before
}

// next is where somebody goes on to once their second factor is there: to what they wanted
// when they were asked for it, else to their account.
func next(asked string) string {
	if to := web.Local(asked); to != "/" || asked == "/" {
		return to
	}
	return ui.AccountPath
}

// factorPage is a page of the second factor; it leads back to the account unless that cannot
// be had yet.
func (p *Pages) factorPage(r *http.Request, key string) ui.Page {
	page := p.page(r, key)
	if _, ok := session.From(r.Context()); ok {
		page.Back = ui.AccountPath
	}
	return page
}

// showAgain answers with the form that asks for the password, or once more with what is wrong.
func showAgain(w http.ResponseWriter, r *http.Request, view againView, err error) error {
	if err == nil {
		return web.Render(w, r, http.StatusOK, againPage(view))
	}
	return again(w, r, err, func(faults fault.List) error {
		view.Errors = fault.List{faults[0].At("password")}
		return web.Render(w, r, web.Status(err), againPage(view))
	})
}

func (p *Pages) beginView(r *http.Request, asked string) againView {
	_, step, _ := session.Unfinished(r.Context())
	v := againView{
		Page: p.factorPage(r, "factor.begin"), Text: i18n.T(r.Context(), "session.page.factor.why"), Action: beginPath, Next: asked,
		Button: ui.Action{Label: i18n.T(r.Context(), "session.page.continue")}, Forced: step == session.NeedFactor,
	}
	if v.Forced {
		v.Text = i18n.T(r.Context(), "session.page.factor.must")
	}
	return v
}

func (p *Pages) factorBegin(w http.ResponseWriter, r *http.Request) error {
	if _, step, _ := session.Unfinished(r.Context()); step != session.NeedFactor {
		if _, err := session.Check(r.Context()); err != nil {
			return err
		}
	}
	return showAgain(w, r, p.beginView(r, r.URL.Query().Get("next")), nil)
}

func (p *Pages) factorBeginPost(w http.ResponseWriter, r *http.Request) error {
	asked := r.PostFormValue("next")
	err := p.Service.BeginTOTP(r.Context(), r.PostFormValue("password"), p.Service.Client(r))
	if err != nil {
		return showAgain(w, r, p.beginView(r, asked), err)
	}
	return web.Redirect(w, r, factorPath+"?"+url.Values{"next": {next(asked)}}.Encode())
}

func (p *Pages) factor(w http.ResponseWriter, r *http.Request) error {
	to := next(r.URL.Query().Get("next"))
	secret, _, err := p.Service.PendingTOTP(r.Context())
	if fault.Of(err) == fault.NotFound {
		return web.Redirect(w, r, beginPath+"?"+url.Values{"next": {to}}.Encode())
	}
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, factorPage(factorView{Page: p.factorPage(r, "factor.begin"), Secret: secret, Next: to}))
}

func (p *Pages) factorImage(w http.ResponseWriter, r *http.Request) error {
	_, png, err := p.Service.PendingTOTP(r.Context())
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "image/png")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Length", strconv.Itoa(len(png)))
	_, _ = w.Write(png) // the reader may have gone
	return nil
}

func (p *Pages) factorConfirm(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	to := next(form.Text("next"))
	token, codes, err := p.Service.ConfirmTOTP(r.Context(), form.Text("code"))
	if fault.Of(err) == fault.NotFound { // begun anew elsewhere meanwhile
		return web.Redirect(w, r, beginPath+"?"+url.Values{"next": {to}}.Encode())
	}
	if err != nil {
		return again(w, r, err, func(faults fault.List) error {
			secret, _, pendingErr := p.Service.PendingTOTP(r.Context())
			if pendingErr != nil {
				return pendingErr
			}
			view := factorView{Page: p.factorPage(r, "factor.begin"), Secret: secret, Next: to}
			view.Errors = faults
			return web.Render(w, r, web.Status(err), factorPage(view))
		})
	}
	p.Service.SetToken(w, token)
	return web.Render(w, r, http.StatusOK, recoveryCodesPage(factorView{Page: p.page(r, "factor.done"), Codes: codes, Next: to}))
}

func (p *Pages) offView(r *http.Request) againView {
	return againView{
		Page: p.factorPage(r, "factor.turn_off"), Text: i18n.T(r.Context(), "session.page.factor.off_text"), Action: offPath,
		Button: ui.Action{Label: i18n.T(r.Context(), "session.page.factor.turn_off"), Look: ui.Warning},
	}
}

func (p *Pages) factorOff(w http.ResponseWriter, r *http.Request) error {
	id, err := session.Check(r.Context())
	if err != nil {
		return err
	}
	view := p.offView(r)
	if len(p.Service.NeedsSecond(id.Roles)) > 0 {
		view.Text = i18n.T(r.Context(), "session.page.factor.off_must")
	}
	return showAgain(w, r, view, nil)
}

func (p *Pages) factorOffPost(w http.ResponseWriter, r *http.Request) error {
	if err := p.Service.DropTOTP(r.Context(), r.PostFormValue("password"), p.Service.Client(r)); err != nil {
		return showAgain(w, r, p.offView(r), err)
	}
	return web.RedirectWith(w, r, ui.AccountPath, "session.page.factor.was_off", nil)
}

func (p *Pages) recoveryView(r *http.Request) againView {
	return againView{
		Page: p.factorPage(r, "recovery.new"), Text: i18n.T(r.Context(), "session.page.recovery.text"), Action: recoveryPath,
		Button: ui.Action{Label: i18n.T(r.Context(), "session.page.recovery.make")},
	}
}

func (p *Pages) recovery(w http.ResponseWriter, r *http.Request) error {
	if _, err := session.Check(r.Context()); err != nil {
		return err
	}
	return showAgain(w, r, p.recoveryView(r), nil)
}

func (p *Pages) recoveryPost(w http.ResponseWriter, r *http.Request) error {
	codes, err := p.Service.NewRecoveryCodes(r.Context(), r.PostFormValue("password"), p.Service.Client(r))
	if err != nil {
		return showAgain(w, r, p.recoveryView(r), err)
	}
	return web.Render(w, r, http.StatusOK, recoveryCodesPage(factorView{Page: p.page(r, "recovery.new"), Codes: codes, Next: ui.AccountPath}))
}
