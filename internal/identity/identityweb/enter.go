package identityweb

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/skip2/go-qrcode"

	"dean06/internal/identity"
	"dean06/internal/identity/provider"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

// The provider leads browsers to these pages.
var _ provider.Entrance = (*Pages)(nil)

// Ask leads the browser to the page that gets what a request lacks.
func (p *Pages) Ask(w http.ResponseWriter, r *http.Request, req identity.Request, want provider.Want) error {
	path := agreePath
	switch {
	case want.SignIn, want.Level != identity.NoLevel:
		path = signInPath
	case want.For:
		path = whomPath
	}
	q := url.Values{"for": {req.ID}}
	if want.Lang != "" {
		q.Set("lang", want.Lang)
	}
	return web.Redirect(w, r, path+"?"+q.Encode())
}

// aim is where a sign-in leads, as it stands in the forms of the entrance.
type aim struct {
	For  string // id of a request that waits; "" for a page of ours
	Next string
	// Again says that who is signed in does it once more, more surely.
	Again bool
	want  provider.Want
	host  string // where the service is that waits
}

// aimOf reads it. A request that waits in another browser, or no more, is refused.
func (p *Pages) aimOf(r *http.Request) (aim, error) {
	a := aim{For: r.FormValue("for"), Next: local(r.FormValue("next")), Again: r.FormValue("again") == "1"}
	if a.Again {
		a.want.Level = identity.Two
	}
	if a.For == "" || p.Waiting == nil {
		return a, nil
	}
	req, want, err := p.Waiting.Waiting(r, a.For)
	a.want, a.host = want, hostOf(req)
	return a, err
}

// onward leads on after a step. To a service it goes by a page of its own: browsers follow a
// form only to addresses that the page with the form names.
func (p *Pages) onward(w http.ResponseWriter, r *http.Request, a aim) error {
	if a.For == "" {
		return web.Redirect(w, r, a.Next)
	}
	to := provider.ContinuePath(a.For)
	w.Header().Set("Refresh", "0;url="+to)
	return web.Render(w, r, http.StatusOK, onwardPage(onwardView{Page: p.page(r, "onward", identity.SignedIn{}), To: to}))
}

type onwardView struct {
	ui.Page
	To string
}

type signInView struct {
	ui.Page
	Aim      aim
	Site     string // the service that is signed in to; "" for our own pages
	Host     string
	Who      string // whose sign-in is confirmed once more; "" when anybody may sign in
	Kind     string
	Number   string
	Options  string // for a key
	KeyState string
	Demo     []DemoHolder
	Sure     bool // a code is asked for as well
}

// enterView fills the page.
func (p *Pages) enterView(w http.ResponseWriter, r *http.Request, a aim) (signInView, identity.SignedIn, error) {
	in, ok, err := p.Service.Find(r.Context(), p.token(r))
	if err != nil {
		return signInView{}, in, err
	}
	b := p.browser(w, r)
	options, state, err := p.Service.AskKey(b)
	if err != nil {
		return signInView{}, in, err
	}
	v := signInView{
		Aim: a, Kind: string(identity.Citizen), Number: a.want.Hint, Options: string(options), KeyState: state, Demo: p.Demo,
		Sure: a.want.Level >= identity.Two,
	}
	key := "sign_in"
	if ok && (a.Again || a.For != "" && !a.want.SignIn) {
		key, v.Who, v.Demo = "again", in.Account.Value(identity.FieldName), nil
		v.Kind, v.Number = string(in.Account.Holder.Kind), in.Account.Holder.Reveal()
	}
	if a.want.Client.ID != "" {
		v.Site, v.Host = a.want.Client.Name.In(string(i18n.From(r.Context()).Lang)), a.host
	}
	v.Page = p.page(r, key, in)
	return v, in, nil
}

// hostOf is where the service is that a request leads back to: of the addresses that it
// registered, the one at hand.
func hostOf(req identity.Request) string {
	u, err := url.Parse(req.Params["redirect_uri"])
	if err != nil {
		return ""
	}
	return u.Host
}

func (p *Pages) signIn(w http.ResponseWriter, r *http.Request) error {
	a, err := p.aimOf(r)
	if err != nil {
		return err
	}
	if a.For == "" {
		if _, ok, err := p.Service.Find(r.Context(), p.token(r)); err != nil || ok {
			if err != nil {
				return err
			}
			return web.Redirect(w, r, a.Next)
		}
	}
	v, _, err := p.enterView(w, r, a)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, signInPage(v))
}

// again asks who is signed in to show once more what they have.
func (p *Pages) again(w http.ResponseWriter, r *http.Request, _ identity.SignedIn) error {
	a, err := p.aimOf(r)
	if err != nil {
		return err
	}
	a.Again, a.want.Level = true, identity.Two
	v, _, err := p.enterView(w, r, a)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, signInPage(v))
}

// whoOf reads whose account it is. Who signs in once more is who is signed in.
func (p *Pages) whoOf(r *http.Request, a aim, form web.Form) (identity.Holder, error) {
	if in, ok, err := p.Service.Find(r.Context(), p.token(r)); err != nil || ok && (a.Again || a.For != "" && !a.want.SignIn) {
		return in.Account.Holder, err
	}
	kind := identity.Kind(form.Text("kind"))
	if kind == "" {
		kind = identity.Citizen
	}
	return identity.ParseHolder(kind, form.Text("number"))
}

// enterAgain shows the page to sign in once more, with what went wrong; more adds to it what
// was typed.
func (p *Pages) enterAgain(w http.ResponseWriter, r *http.Request, a aim, err error, more func(v *signInView)) error {
	return again(w, r, err, func(faults fault.List) error {
		v, _, err2 := p.enterView(w, r, a)
		if err2 != nil {
			return err2
		}
		v.Errors = faults
		if more != nil {
			more(&v)
		}
		return web.Render(w, r, web.Status(err), signInPage(v))
	})
}

func (p *Pages) signInPost(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	a, err := p.aimOf(r)
	if err != nil {
		return err
	}
	fail := func(err error) error {
		return p.enterAgain(w, r, a, err, func(v *signInView) {
			field := "password"
			if v.Who == "" {
				v.Kind, v.Number, field = form.Text("kind"), form.Text("number"), "number"
			}
			v.Errors = fault.List{v.Errors[0].At(field)}
		})
	}
	who, err := p.whoOf(r, a, form)
	if err != nil {
		return fail(err)
	}
	// As it was sent: a space at the end of a password is part of it.
	out, err := p.Service.CheckPassword(r.Context(), who, r.PostFormValue("password"), a.want.Level, p.browser(w, r))
	switch {
	case err != nil:
		return fail(err)
	case !out.In():
		return web.Render(w, r, http.StatusOK, codePage(p.codeView(w, r, a, out.Code, out.How)))
	}
	p.keep(w, out.Entered)
	return p.onward(w, r, a)
}

type codeView struct {
	ui.Page
	Aim  aim
	Code string // what it answers
	How  identity.CodeHow
	Demo string // the code itself, of the demo's people; "" for all others
}

func (p *Pages) codeView(w http.ResponseWriter, r *http.Request, a aim, id string, how identity.CodeHow) codeView {
	v := codeView{Page: p.page(r, "code", identity.SignedIn{}), Aim: a, Code: id, How: how}
	if len(p.Demo) > 0 {
		v.Demo = p.Service.DemoCode(r.Context(), id, p.browser(w, r))
	}
	return v
}

func (p *Pages) codePost(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	a, err := p.aimOf(r)
	if err != nil {
		return err
	}
	id := form.Text("answers")
	out, err := p.Service.CheckCode(r.Context(), id, form.Text("code"), p.browser(w, r))
	if err != nil {
		return again(w, r, err, func(faults fault.List) error {
			v := p.codeView(w, r, a, id, identity.CodeHow(form.Text("how")))
			v.Errors = fault.List{faults[0].At("code")}
			return web.Render(w, r, web.Status(err), codePage(v))
		})
	}
	p.keep(w, out)
	return p.onward(w, r, a)
}

func (p *Pages) keyPost(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	a, err := p.aimOf(r)
	if err != nil {
		return err
	}
	out, err := p.Service.CheckKey(r.Context(), form.Text("state"), []byte(form.Text("answer")), p.browser(w, r))
	if err != nil {
		return p.enterAgain(w, r, a, err, nil)
	}
	p.keep(w, out)
	return p.onward(w, r, a)
}

// qrPost makes a QR and leads to the page that shows it.
func (p *Pages) qrPost(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	a, err := p.aimOf(r)
	if err != nil {
		return err
	}
	ask := identity.QRAsk{Request: a.For, Origin: p.Service.Settings.Issuer}
	if a.want.Client.ID != "" {
		ask.Site, ask.Origin = a.want.Client.Name, a.host
	}
	q, err := p.Service.ShowQR(r.Context(), ask, p.browser(w, r))
	if err != nil {
		return p.enterAgain(w, r, a, err, nil)
	}
	return web.Redirect(w, r, qrPath+"/"+q.ID+"?"+a.query())
}

func (a aim) query() string {
	q := url.Values{}
	if a.For != "" {
		q.Set("for", a.For)
	}
	if a.Next != Home {
		q.Set("next", a.Next)
	}
	return q.Encode()
}

type qrView struct {
	ui.Page
	Aim     aim
	QR      identity.QR
	Image   string // data: address
	Link    string
	Seconds int
}

// qrEvery is how often the page asks how far the QR has come, by itself and without scripts.
const qrEvery = "3"

// qrShown is the device that shows: it loads itself anew until the other one has confirmed.
func (p *Pages) qrShown(w http.ResponseWriter, r *http.Request) error {
	a, err := p.aimOf(r)
	if err != nil {
		return err
	}
	b := p.browser(w, r)
	q, err := p.Service.QRShown(r.Context(), r.PathValue("id"), b)
	if err != nil {
		return err
	}
	if q.State == identity.QRConfirmed {
		out, err := p.Service.TakeQR(r.Context(), q.ID, b)
		if err != nil {
			return err
		}
		p.keep(w, out)
		return p.onward(w, r, a)
	}
	v := qrView{Page: p.page(r, "qr.show", identity.SignedIn{}), Aim: a, QR: q, Link: p.Service.Settings.Issuer + readPath + q.ID}
	v.Back = signInPath + "?" + a.query()
	if q.State == identity.QRWaits {
		png, err := qrcode.Encode(v.Link, qrcode.Medium, 280)
		if err != nil {
			return err
		}
		v.Image = "data:image/png;base64," + base64.StdEncoding.EncodeToString(png)
		v.Seconds = max(0, int(q.ExpiresAt.Sub(p.Service.Clock.Now()).Seconds()))
		w.Header().Set("Refresh", qrEvery)
	}
	return web.Render(w, r, http.StatusOK, qrPage(v))
}

type readView struct {
	ui.Page
	QR      identity.QR
	Options string
	State   string
}

// qrRead is the device that confirms.
func (p *Pages) qrRead(w http.ResponseWriter, r *http.Request, in identity.SignedIn) error {
	q, err := p.Service.ReadQR(r.Context(), in, r.PathValue("id"))
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, qrReadPage(readView{Page: p.page(r, "qr.read", in), QR: q}))
}

func (p *Pages) qrPick(w http.ResponseWriter, r *http.Request, in identity.SignedIn) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	options, state, err := p.Service.PickQR(r.Context(), in, id, form.Text("number"), p.browser(w, r))
	if fault.Of(err) == fault.Invalid && fault.As(err).Field == "number" {
		q, readErr := p.Service.ReadQR(r.Context(), in, id)
		if readErr != nil {
			return readErr
		}
		v := readView{Page: p.page(r, "qr.read", in), QR: q}
		v.Errors = web.FormErrors(err)
		return web.Render(w, r, web.Status(err), qrReadPage(v))
	}
	if err != nil {
		return err
	}
	q, err := p.Service.ReadQR(r.Context(), in, id)
	if err != nil {
		return err
	}
	q.Number, err = strconv.Atoi(form.Text("number"))
	if err != nil {
		return err
	}
	v := readView{Page: p.page(r, "qr.confirm", in), QR: q, Options: string(options), State: state}
	return web.Render(w, r, http.StatusOK, qrConfirmPage(v))
}

func (p *Pages) qrConfirm(w http.ResponseWriter, r *http.Request, in identity.SignedIn) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if err := p.Service.ConfirmQR(r.Context(), in, form.Text("state"), []byte(form.Text("answer")), p.browser(w, r)); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, donePage(doneView{Page: p.page(r, "qr.done", in), Text: t(r.Context(), "qr.done.text")}))
}

func (p *Pages) qrRefuse(w http.ResponseWriter, r *http.Request, in identity.SignedIn) error {
	if err := p.Service.RefuseQR(r.Context(), in, r.PathValue("id"), p.browser(w, r)); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, donePage(doneView{Page: p.page(r, "qr.refused", in), Text: t(r.Context(), "qr.refused.text")}))
}

type doneView struct {
	ui.Page
	Text string
}

// signOut ends the sign-in at hand, and those at services that rest on it.
func (p *Pages) signOut(w http.ResponseWriter, r *http.Request) error {
	in, ok, err := p.Service.Find(r.Context(), p.token(r))
	if err != nil {
		return err
	}
	if ok {
		if err := p.Service.EndSession(r.Context(), in, in.Session.ID, p.browser(w, r)); err != nil {
			return err
		}
	}
	p.setCookie(w, sessionCookie, "", 0)
	return web.Redirect(w, r, leftPath)
}

func (p *Pages) left(w http.ResponseWriter, r *http.Request) error { return p.Left(w, r) }

// End ends the sign-in of the browser, everywhere.
func (p *Pages) End(w http.ResponseWriter, r *http.Request, s identity.Session) error {
	in, ok, err := p.Service.Find(r.Context(), p.token(r))
	if err != nil {
		return err
	}
	p.setCookie(w, sessionCookie, "", 0)
	if !ok || in.Session.ID != s.ID {
		return nil
	}
	return p.Service.EndSession(r.Context(), in, s.ID, p.browser(w, r))
}

type leaveView struct {
	ui.Page
	Leaving provider.Leaving
	Site    string
}

// AskLeave shows a page that asks whether to sign out.
func (p *Pages) AskLeave(w http.ResponseWriter, r *http.Request, l provider.Leaving) error {
	in, _, err := p.Service.Find(r.Context(), p.token(r))
	if err != nil {
		return err
	}
	v := leaveView{Page: p.page(r, "leave", in), Leaving: l, Site: l.Client.Name.In(string(i18n.From(r.Context()).Lang))}
	return web.Render(w, r, http.StatusOK, leavePage(v))
}

// Left shows that nobody is signed in any more.
func (p *Pages) Left(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, http.StatusOK, leftPage(doneView{Page: p.page(r, "left", identity.SignedIn{}), Text: t(r.Context(), "left.text")}))
}

type agreeView struct {
	ui.Page
	For     string
	Site    string
	Host    string
	Whom    string
	Needs   []identity.Need
	Offline bool
}

// agree asks whether a service may be told, for each purpose.
func (p *Pages) agree(w http.ResponseWriter, r *http.Request, in identity.SignedIn) error {
	v, err := p.agreeView(r, in)
	if err != nil {
		return err
	}
	if v.For == "" {
		return web.Redirect(w, r, Home)
	}
	return web.Render(w, r, http.StatusOK, agreePage(v))
}

func (p *Pages) agreeView(r *http.Request, in identity.SignedIn) (agreeView, error) {
	req, want, err := p.Waiting.Waiting(r, r.FormValue("for"))
	if err != nil {
		return agreeView{}, err
	}
	lang := string(i18n.From(r.Context()).Lang)
	v := agreeView{Page: p.page(r, "agree", in), For: req.ID, Site: want.Client.Name.In(lang), Host: hostOf(req), Needs: want.Needs, Offline: want.Offline}
	if req.For != "" {
		whom, err := p.Service.Store.Account(r.Context(), req.For)
		if err != nil {
			return v, err
		}
		v.Whom = whom.Value(identity.FieldName)
	}
	return v, nil
}

func (p *Pages) agreePost(w http.ResponseWriter, r *http.Request, in identity.SignedIn) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	id := form.Text("for")
	if _, _, err := p.Waiting.Waiting(r, id); err != nil {
		return err
	}
	if form.Text("do") == "no" {
		err = p.Service.Decline(r.Context(), id)
	} else {
		err = p.Service.Agree(r.Context(), in.Session, id, form.Values("purpose"))
	}
	if err != nil {
		return err
	}
	return p.onward(w, r, aim{For: id})
}

type whomView struct {
	ui.Page
	For    string
	Site   string
	Choice []ui.Option
}

// whom asks for whom a holder signs in.
func (p *Pages) whom(w http.ResponseWriter, r *http.Request, in identity.SignedIn) error {
	req, want, err := p.Waiting.Waiting(r, r.FormValue("for"))
	if err != nil {
		return err
	}
	ctx := r.Context()
	acts, err := p.Service.Store.ActingFor(ctx, in.Account.ID)
	if err != nil {
		return err
	}
	v := whomView{
		Page: p.page(r, "whom", in), For: req.ID, Site: want.Client.Name.In(string(i18n.From(ctx).Lang)),
		Choice: []ui.Option{{Value: "-", Label: t(ctx, "whom.self", map[string]any{"name": in.Account.Value(identity.FieldName)})}},
	}
	now := p.Service.Clock.Now()
	for _, d := range acts {
		if !d.Holds(now) {
			continue
		}
		a, err := p.Service.Store.Account(ctx, d.For)
		if err != nil {
			return err
		}
		v.Choice = append(v.Choice, ui.Option{Value: a.ID, Label: a.Value(identity.FieldName), Hint: i18n.T(ctx, d.Ground.Key())})
	}
	return web.Render(w, r, http.StatusOK, whomPage(v))
}

func (p *Pages) whomPost(w http.ResponseWriter, r *http.Request, in identity.SignedIn) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	id := form.Text("for")
	if _, _, err := p.Waiting.Waiting(r, id); err != nil {
		return err
	}
	if err := p.Service.Represent(r.Context(), in.Session, id, strings.TrimPrefix(form.Text("whom"), "-")); err != nil {
		return err
	}
	return p.onward(w, r, aim{For: id})
}
