// Package identityweb is the pages of electronic identity: the entrance (signing in, stepping
// up, choosing for whom, agreeing to be told of), the QR on both devices, the ways back, and
// the holder's own pages. All rules are in package identity.
//
// What is shown once (recovery codes, the ticket of a way back) is the answer to the post
// itself. No address holds a number: what a page must remember of one stands in its form, or
// in a cookie of the browser.
package identityweb

import (
	"context"
	"embed"
	"io/fs"
	"net/http"
	"net/url"
	"strings"

	"dean06/internal/platform/opaque"

	"dean06/internal/citizen"
	"dean06/internal/identity"
	"dean06/internal/identity/provider"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

//go:embed messages/*.json
var messages embed.FS

// Messages are the texts of the pages.
var Messages, _ = fs.Sub(messages, "messages")

// Waiting is what the pages ask of the provider.
type Waiting interface {
	// Waiting gives a request that waits in the browser at hand, and what it still lacks.
	Waiting(r *http.Request, id string) (identity.Request, provider.Want, error)
}

// Looks are what others looked up about a holder, from the population register. Who and why are
// in the reader's language.
type Looks interface {
	Looked(ctx context.Context, holder actor.Actor, n citizen.Number) ([]Look, error)
}

// Pages are the pages of one authority.
type Pages struct {
	Service *identity.Service
	Frame   web.FrameFunc
	Waiting Waiting
	Looks   Looks // nil: the log tells of this module's entries alone
	Matters Matters
	Secure  bool // served over TLS
	// Address is where a request comes from.
	Address func(r *http.Request) string
	// Demo are invented people whom the sign-in page offers.
	Demo []DemoHolder
}

// DemoHolder is somebody as whom a newcomer can begin.
type DemoHolder struct {
	Number, Password, Name string
	At                     []DemoPlace
}

// DemoPlace is what somebody is at a service, by its client's id.
type DemoPlace struct {
	Client string
	What   identity.Text
}

// The addresses of the pages.
const (
	Home         = "/identity"
	signInPath   = "/identity/sign-in"
	againPath    = "/identity/again"
	keyPath      = "/identity/key"
	codePath     = "/identity/code"
	qrPath       = "/identity/qr"
	readPath     = "/identity/c/" // what the QR leads to: short, so that the code is coarse
	agreePath    = "/identity/agree"
	whomPath     = "/identity/whom"
	signOutPath  = "/identity/sign-out"
	leftPath     = "/identity/left"
	devicesPath  = "/identity/devices"
	sessionsPath = "/identity/sessions"
	securityPath = "/identity/security"
	consentsPath = "/identity/consents"
	actingPath   = "/identity/acting"
	offerPath    = "/identity/acting/offer"
	childPath    = "/identity/acting/child"
	addressPath  = securityPath + "/address"
	logPath      = "/identity/log"
	recoverPath  = "/identity/recover"
	vouchPath    = "/identity/vouch"
	enrolPath    = "/identity/enrol"
	suspendPath  = "/identity/suspend"
)

const (
	anyone = "anyone"
	own    = "identity.own"
	keep   = "identity.keep_own"
	act    = "identity.act_for"
)

// Routes are the pages.
func (p *Pages) Routes() []web.Route {
	open := func(pattern string, h web.Handler) web.Route {
		return web.Route{Pattern: pattern, Handler: h, May: anyone, MaxBody: 64 << 10}
	}
	mine := func(pattern, may string, h holderHandler) web.Route {
		return web.Route{Pattern: pattern, Handler: p.holder(h), May: may, MaxBody: 64 << 10}
	}
	return []web.Route{
		open("GET "+signInPath, p.byName(p.signIn)), open("POST "+signInPath, p.signInPost), open("POST "+keyPath, p.keyPost), open("POST "+codePath, p.codePost),
		open("POST "+qrPath, p.qrPost), open("GET "+qrPath+"/{id}", p.qrShown),
		open("GET "+enrolPath, p.byName(p.enrol)), open("POST "+enrolPath, p.enrolPost), open("POST "+enrolPath+"/code", p.enrolCodePost),
		open("POST "+signOutPath, p.signOut), open("GET "+leftPath, p.left),
		open("GET "+recoverPath, p.byName(p.recover)), open("GET "+recoverPath+"/code", p.recoverCode), open("POST "+recoverPath+"/code", p.recoverCodePost),
		open("GET "+recoverPath+"/trust", p.recoverTrust), open("POST "+recoverPath+"/trust", p.recoverTrustPost),
		open("POST "+recoverPath+"/trust/enter", p.recoverTrustEnter),
		mine("GET "+againPath, own, p.again),
		mine("GET "+readPath+"{id}", own, p.qrRead), mine("POST "+readPath+"{id}", own, p.qrPick),
		mine("POST "+readPath+"{id}/confirm", own, p.qrConfirm), mine("POST "+readPath+"{id}/refuse", own, p.qrRefuse),
		mine("GET "+agreePath, own, p.agree), mine("POST "+agreePath, own, p.agreePost),
		mine("GET "+whomPath, own, p.whom), mine("POST "+whomPath, own, p.whomPost),
		mine("GET "+Home, own, p.home),
		mine("GET "+devicesPath, own, p.devices), mine("GET "+devicesPath+"/add", keep, p.deviceAdd), mine("POST "+devicesPath+"/add", keep, p.deviceAddPost),
		mine("POST "+devicesPath+"/rename", keep, p.deviceRename), mine("POST "+devicesPath+"/remove", keep, p.deviceRemove),
		mine("GET "+sessionsPath, own, p.sessions), mine("POST "+sessionsPath+"/end", own, p.sessionEnd),
		mine("POST "+sessionsPath+"/end-others", own, p.sessionsEnd),
		mine("GET "+securityPath, own, p.security), mine("POST "+suspendPath, keep, p.suspend),
		mine("GET "+lostPath, keep, p.lost), mine("POST "+lostPath, keep, p.lostPost),
		mine("GET "+securityPath+"/password", keep, p.password), mine("POST "+securityPath+"/password", keep, p.passwordPost),
		mine("POST "+securityPath+"/password/drop", keep, p.passwordDrop),
		mine("POST "+securityPath+"/code/begin", keep, p.factorBegin), mine("GET "+securityPath+"/code", keep, p.factor),
		mine("POST "+securityPath+"/code", keep, p.factorPost), mine("POST "+securityPath+"/code/drop", keep, p.factorDrop),
		mine("POST "+securityPath+"/recovery", keep, p.recoveryCodes),
		mine("GET "+securityPath+"/trust", keep, p.trustee), mine("POST "+securityPath+"/trust", keep, p.trusteePost),
		mine("POST "+securityPath+"/trust/drop", keep, p.trusteeDrop), mine("POST "+securityPath+"/recovery/stop", keep, p.recoveryStop),
		mine("GET "+vouchPath, own, p.vouch), mine("POST "+vouchPath, own, p.vouchPost),
		mine("GET "+consentsPath, own, p.consents), mine("POST "+consentsPath+"/withdraw", keep, p.consentWithdraw),
		mine("GET "+actingPath, own, p.acting), mine("POST "+actingPath+"/accept", act, p.actingAccept), mine("POST "+actingPath+"/end", act, p.actingEnd),
		mine("GET "+offerPath, act, p.offer), mine("POST "+offerPath, act, p.offerPost),
		mine("GET "+childPath, act, p.child), mine("POST "+childPath, act, p.childPost),
		mine("GET "+addressPath+"/{kind}", keep, p.address), mine("POST "+addressPath+"/{kind}", keep, p.addressPost),
		mine("POST "+addressPath+"/{kind}/code", keep, p.addressCodePost), mine("POST "+addressPath+"/{kind}/remove", keep, p.addressRemove),
		mine("GET "+logPath, own, p.log),
	}
}

// byName leads who came by this machine's number to its name, to which keys of devices belong.
func (p *Pages) byName(h web.Handler) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if to := web.ByName(r, p.Service.Settings.Issuer); to != "" {
			http.Redirect(w, r, to, http.StatusSeeOther)
			return nil
		}
		return h(w, r)
	}
}

// holderHandler is a page of somebody who is signed in.
type holderHandler func(w http.ResponseWriter, r *http.Request, in identity.SignedIn) error

// holder leads who is not signed in to the entrance and back, and who must sign in once more
// before a change, likewise.
func (p *Pages) holder(h holderHandler) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		in, ok, err := p.Service.Find(r.Context(), p.token(r))
		if err != nil {
			return err
		}
		if !ok {
			return web.Redirect(w, r, signInPath+"?next="+url.QueryEscape(nextOf(r)))
		}
		err = h(w, r, in)
		if fault.As(err) != nil && fault.As(err).Key == identity.ErrStale.Key {
			return web.Redirect(w, r, againPath+"?next="+url.QueryEscape(nextOf(r)))
		}
		return err
	}
}

// nextOf is where a request goes on after a sign-in: its page, or the one whose form it sends.
func nextOf(r *http.Request) string {
	if r.Method == http.MethodGet {
		return r.URL.RequestURI()
	}
	switch path := r.URL.Path; {
	case strings.HasPrefix(path, readPath):
		return strings.TrimSuffix(strings.TrimSuffix(path, "/confirm"), "/refuse")
	case strings.HasPrefix(path, devicesPath):
		return devicesPath
	case path == offerPath, path == childPath:
		return path
	case strings.HasPrefix(path, actingPath):
		return actingPath
	case strings.HasPrefix(path, securityPath):
		return securityPath
	case strings.HasPrefix(path, agreePath), strings.HasPrefix(path, whomPath):
		return path + "?for=" + url.QueryEscape(r.PostFormValue("for"))
	}
	return Home
}

// local keeps a way on only when it leads to one of these pages.
func local(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(next, Home) || strings.ContainsAny(next, "\\\r\n\t") ||
		u.Path != Home && !strings.HasPrefix(u.Path, Home+"/") || u.Path == signInPath || u.Path == againPath {
		return Home
	}
	return next
}

// SignedIn is the sign-in that the browser holds.
func (p *Pages) SignedIn(r *http.Request) (identity.SignedIn, bool, error) {
	return p.Service.Find(r.Context(), p.token(r))
}

// The cookies of the pages.
const (
	sessionCookie = "dean06-identity"
	knownCookie   = "dean06-identity-known"
	browserCookie = "dean06-identity-browser"
	askedCookie   = "dean06-identity-asked"
	yearSeconds   = 365 * 24 * 60 * 60
	weekSeconds   = 7 * 24 * 60 * 60
)

// cookieName has the prefix that binds a cookie to this host over TLS.
func (p *Pages) cookieName(name string) string {
	if p.Secure {
		return "__Host-" + name
	}
	return name
}

func (p *Pages) cookie(r *http.Request, name string) string {
	c, err := r.Cookie(p.cookieName(name))
	if err != nil {
		return ""
	}
	return c.Value
}

func (p *Pages) setCookie(w http.ResponseWriter, name, value string, seconds int) {
	if value == "" {
		seconds = -1
	}
	http.SetCookie(w, &http.Cookie{
		Name: p.cookieName(name), Value: value, Path: "/", HttpOnly: true, Secure: p.Secure, SameSite: http.SameSiteLaxMode, MaxAge: seconds,
	})
}

func (p *Pages) token(r *http.Request) string { return p.cookie(r, sessionCookie) }

// browser is the one at hand. What is begun on a page is tied to it by a cookie, which it gets
// when it has none.
func (p *Pages) browser(w http.ResponseWriter, r *http.Request) identity.Browser {
	id := p.cookie(r, browserCookie)
	if id == "" {
		id = opaque.New()
		p.setCookie(w, browserCookie, id, 0)
	}
	b := identity.Browser{
		ID: opaque.Hash(id), Session: p.token(r), Known: p.cookie(r, knownCookie), Agent: r.UserAgent(), Lang: string(i18n.From(r.Context()).Lang),
	}
	if p.Address != nil {
		b.Address = p.Address(r)
	}
	return b
}

// keep hands the browser what it holds from now on.
func (p *Pages) keep(w http.ResponseWriter, out identity.Entered) {
	p.setCookie(w, sessionCookie, out.Token, 0)
	p.setCookie(w, knownCookie, out.Known, yearSeconds)
}

// page is one in the frame of whoever is at these pages.
func (p *Pages) page(r *http.Request, key string, in identity.SignedIn) ui.Page {
	f := p.Frame(r)
	f.Viewer = ui.Viewer{SignInHref: signInPath, SignOutHref: signOutPath, AccountHref: Home}
	if in.Account.ID != "" {
		f.Viewer.SignedIn, f.Viewer.Name = true, in.Account.Value(identity.FieldName)
	}
	f.Nav = nil
	f.Node.Name = i18n.T(r.Context(), "identity.name")
	return f.Page(t(r.Context(), key))
}

// own is a page of the holder, with the way to the others.
func (p *Pages) own(r *http.Request, key string, in identity.SignedIn) ui.Page {
	page := p.page(r, key, in)
	ctx := r.Context()
	for _, l := range [][2]string{
		{"home", Home},
		{"devices", devicesPath},
		{"sessions", sessionsPath},
		{"security", securityPath},
		{"consents", consentsPath},
		{"acting", actingPath},
		{"log", logPath},
	} {
		page.Nav = append(page.Nav, ui.NavItem{Label: t(ctx, l[0]), Href: l[1]})
	}
	return page
}

// t is a text of the pages.
func t(ctx context.Context, key string, args ...map[string]any) string {
	return i18n.T(ctx, "identity.page."+key, args...)
}

// again shows a form once more with what went wrong, also while tries wait.
func again(w http.ResponseWriter, r *http.Request, err error, show func(fault.List) error) error {
	if f := fault.As(err); f != nil && f.Key == identity.ErrStale.Key {
		return err
	}
	faults := web.FormErrors(err)
	if faults == nil && fault.As(err) != nil {
		switch fault.Of(err) {
		case fault.TooMany, fault.Unavailable, fault.Denied, fault.NotFound:
			faults = fault.List{fault.As(err)}
		}
	}
	if faults == nil {
		return err
	}
	return show(faults)
}
