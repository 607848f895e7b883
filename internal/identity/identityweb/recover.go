package identityweb

import (
	"net/http"
	"strings"
	"time"

	"dean06/internal/identity"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

// recover says which ways back there are.
func (p *Pages) recover(w http.ResponseWriter, r *http.Request) error {
	v := doneView{Page: p.page(r, "recover", identity.SignedIn{})}
	v.Back = signInPath
	return web.Render(w, r, http.StatusOK, recoverPage(v))
}

type recoverView struct {
	ui.Page
	Kind   string
	Number string
	Code   string
}

func (p *Pages) recoverView(r *http.Request, key string) recoverView {
	v := recoverView{Page: p.page(r, key, identity.SignedIn{}), Kind: string(identity.Citizen)}
	v.Back = recoverPath
	return v
}

func (p *Pages) recoverCode(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, http.StatusOK, recoverCodePage(p.recoverView(r, "recover.code")))
}

func (p *Pages) recoverCodePost(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	var out identity.Entered
	who, err := identity.ParseHolder(identity.Kind(form.Text("kind")), form.Text("number"))
	if err == nil {
		out, err = p.Service.RecoverByCode(r.Context(), who, form.Text("code"), p.browser(w, r))
	}
	if err != nil {
		return again(w, r, err, func(faults fault.List) error {
			v := p.recoverView(r, "recover.code")
			v.Kind, v.Number, v.Code = form.Text("kind"), form.Text("number"), form.Text("code")
			if faults[0].Field == "" {
				faults = fault.List{faults[0].At("code")}
			}
			v.Errors = faults
			return web.Render(w, r, web.Status(err), recoverCodePage(v))
		})
	}
	p.keep(w, out)
	return web.RedirectWith(w, r, securityPath, "identity.page.recover.in", nil)
}

// asked is a way back that the browser began, as its cookie holds it.
func (p *Pages) asked(r *http.Request) (identity.AskedRecovery, bool) {
	ticket, token, ok := strings.Cut(p.cookie(r, askedCookie), ".")
	return identity.AskedRecovery{Ticket: ticket, Token: token}, ok
}

type trustView struct {
	recoverView
	Ticket string // "" before one was asked for
	State  string
	Vouch  int
	Ready  time.Time
}

func (p *Pages) trustView(r *http.Request) (trustView, error) {
	v := trustView{recoverView: p.recoverView(r, "recover.trust")}
	asked, ok := p.asked(r)
	if !ok {
		return v, nil
	}
	rec, err := p.Service.RecoveryAsked(r.Context(), asked)
	if fault.Of(err) == fault.NotFound {
		return v, nil
	}
	if err != nil {
		return v, err
	}
	v.Ticket, v.State, v.Vouch, v.Ready = asked.Ticket, rec.State(p.Service.Clock.Now()), len(rec.Vouched), rec.ReadyAt
	return v, nil
}

func (p *Pages) recoverTrust(w http.ResponseWriter, r *http.Request) error {
	v, err := p.trustView(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, recoverTrustPage(v))
}

func (p *Pages) recoverTrustPost(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	var asked identity.AskedRecovery
	who, err := identity.ParseHolder(identity.Kind(form.Text("kind")), form.Text("number"))
	if err == nil {
		asked, err = p.Service.AskTrustees(r.Context(), who, p.browser(w, r))
	}
	if err != nil {
		return again(w, r, err, func(faults fault.List) error {
			v := trustView{recoverView: p.recoverView(r, "recover.trust")}
			v.Kind, v.Number, v.Errors = form.Text("kind"), form.Text("number"), faults
			return web.Render(w, r, web.Status(err), recoverTrustPage(v))
		})
	}
	p.setCookie(w, askedCookie, asked.Ticket+"."+asked.Token, weekSeconds)
	return web.Redirect(w, r, recoverPath+"/trust")
}

func (p *Pages) recoverTrustEnter(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	asked, _ := p.asked(r)
	out, err := p.Service.Recover(r.Context(), asked, p.browser(w, r))
	if err != nil {
		return again(w, r, err, func(faults fault.List) error {
			v, viewErr := p.trustView(r)
			if viewErr != nil {
				return viewErr
			}
			v.Errors = faults
			return web.Render(w, r, web.Status(err), recoverTrustPage(v))
		})
	}
	p.setCookie(w, askedCookie, "", 0)
	p.keep(w, out)
	return web.RedirectWith(w, r, securityPath, "identity.page.recover.in", nil)
}

type vouchView struct {
	ui.Page
	Ticket string
}

// vouch is where a person of trust says that they know who asks.
func (p *Pages) vouch(w http.ResponseWriter, r *http.Request, in identity.SignedIn) error {
	return web.Render(w, r, http.StatusOK, vouchPage(vouchView{Page: p.own(r, "vouch", in)}))
}

func (p *Pages) vouchPost(w http.ResponseWriter, r *http.Request, in identity.SignedIn) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	rec, err := p.Service.Vouch(r.Context(), in, form.Text("ticket"), p.browser(w, r))
	if err != nil {
		return again(w, r, err, func(faults fault.List) error {
			v := vouchView{Page: p.own(r, "vouch", in), Ticket: form.Text("ticket")}
			v.Errors = fault.List{faults[0].At("ticket")}
			return web.Render(w, r, web.Status(err), vouchPage(v))
		})
	}
	key := "vouch.one"
	if !rec.ReadyAt.IsZero() {
		key = "vouch.both"
	}
	return web.Render(w, r, http.StatusOK, donePage(doneView{Page: p.own(r, "vouch.done", in), Text: t(r.Context(), key)}))
}
