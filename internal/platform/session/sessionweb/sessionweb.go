// Package sessionweb is the pages of sign-in, of one's own account, and of the
// administrators' accounts and access tokens. All rules are in package session.
//
// Secrets that are shown once (a one-time password, recovery codes, a token) are
// the answer to the post itself: a redirect would have to keep them somewhere.
package sessionweb

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/session"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

// Choice is a code that administrators choose, and the key of its name.
type Choice struct {
	Code string
	Key  string
}

// Agency is an agency that accounts and tokens belong to.
type Agency struct {
	Code string
	Name string
}

// Pages are the pages of one node.
type Pages struct {
	Service  *session.Service
	Frame    web.FrameFunc
	Roles    []Choice // which an account may hold
	Scopes   []Choice // which a token may carry
	Agencies func(context.Context) ([]Agency, error)
	// AgencyName names one that is not among them, such as a commune; nil shows its code.
	AgencyName func(code string) string
	Demo       []DemoAccount // shown at sign-in so that a newcomer can begin
	Identity   Identity      // nil: there are local accounts alone
}

// Identity is the way in with an electronic identity (platform/signon).
type Identity interface {
	// Begin is where a sign-in begins that comes back to a page.
	Begin(next string) string
	// BeginFor is where a sign-in for another, or for an organisation, begins.
	BeginFor(next string) string
	// StepUp is where a surer one begins (level 2).
	StepUp(next string) string
	// End is where the browser goes to end the sign-in there, of a session that ends here; "" for
	// nowhere.
	End(ctx context.Context, sessionID string) string
	// Lead is where a request for the sign-in page belongs when it came by another name of this
	// machine; "" for here.
	Lead(r *http.Request) string
}

// DemoAccount is an account of the demo that the sign-in page offers.
type DemoAccount struct {
	Login    string
	Password string
	RoleKey  string
	Label    string // instead of the name of the role, such as the title of a position
}

const (
	codePath     = "/sign-in/code"
	levelPath    = "/sign-in/level"
	beginPath    = "/account/code/begin"
	factorPath   = "/account/code"
	offPath      = "/account/code/off"
	recoveryPath = "/account/code/recovery"
	passwordPath = "/account/password"
	accountsPath = "/accounts"
	tokensPath   = "/accounts/tokens"
)

// Routes are the addresses of the pages.
func (p *Pages) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET " + ui.SignInPath, Handler: p.signIn, May: anyone},
		{Pattern: "POST " + ui.SignInPath, Handler: p.signInPost, May: anyone},
		{Pattern: "GET " + codePath, Handler: p.code, May: anyone},
		{Pattern: "POST " + codePath, Handler: p.codePost, May: anyone},
		{Pattern: "GET " + levelPath, Handler: p.level, May: anyone},
		{Pattern: "POST " + ui.SignOutPath, Handler: p.signOut, May: anyone},
		{Pattern: "GET " + ui.AccountPath, Handler: p.account, May: signedIn},
		{Pattern: "GET " + passwordPath, Handler: p.password, May: signedIn},
		{Pattern: "POST " + passwordPath, Handler: p.passwordPost, May: signedIn},
		{Pattern: "GET " + beginPath, Handler: p.factorBegin, May: signedIn},
		{Pattern: "POST " + beginPath, Handler: p.factorBeginPost, May: signedIn},
		{Pattern: "GET " + factorPath, Handler: p.factor, May: signedIn},
		{Pattern: "GET /account/code.png", Handler: p.factorImage, May: signedIn},
		{Pattern: "POST " + factorPath, Handler: p.factorConfirm, May: signedIn},
		{Pattern: "GET " + offPath, Handler: p.factorOff, May: signedIn},
		{Pattern: "POST " + offPath, Handler: p.factorOffPost, May: signedIn},
		{Pattern: "GET " + recoveryPath, Handler: p.recovery, May: signedIn},
		{Pattern: "POST " + recoveryPath, Handler: p.recoveryPost, May: signedIn},
		{Pattern: "POST /account/sessions/end", Handler: p.endSession, May: signedIn},
		{Pattern: "POST /account/sessions/end-others", Handler: p.endOthers, May: signedIn},
		{Pattern: "GET " + accountsPath, Handler: p.accounts, May: may(session.SeeAccounts)},
		{Pattern: "GET /accounts/new", Handler: p.newAccount, May: may(session.CreateAccount)},
		{Pattern: "POST /accounts/new", Handler: p.newAccountPost, May: may(session.CreateAccount)},
		{Pattern: "GET /accounts/{id}", Handler: p.editAccount, May: may(session.ChangeAccount)},
		{Pattern: "POST /accounts/{id}", Handler: p.editAccountPost, May: may(session.ChangeAccount)},
		{Pattern: "POST /accounts/{id}/reset", Handler: p.reset, May: may(session.ResetPassword)},
		{Pattern: "POST /accounts/{id}/second-half", Handler: p.secondHalf, May: may(session.ResetPassword)},
		{Pattern: "GET " + tokensPath, Handler: p.tokens, May: may(session.SeeTokens)},
		{Pattern: "POST " + tokensPath, Handler: p.tokensPost, May: may(session.CreateToken)},
		{Pattern: "POST /accounts/tokens/{id}/revoke", Handler: p.revoke, May: may(session.SeeTokens)},
	}
}

// Who may have a page that no action of the table stands for.
const (
	anyone   = "anyone"
	signedIn = "signed in"
)

func may(a session.Action) string { return session.Permissions.Module + "." + string(a) }

func (p *Pages) page(r *http.Request, key string) ui.Page {
	return p.Frame(r).Page(i18n.T(r.Context(), "session.page."+key))
}

// again shows a form once more with what went wrong, and gives back an error
// that is nobody's at the form. Unlike web.Retry it keeps the form while
// attempts are paused.
func again(w http.ResponseWriter, r *http.Request, err error, show func(fault.List) error) error {
	faults := web.FormErrors(err)
	if kind := fault.Of(err); faults == nil && (kind == fault.TooMany || kind == fault.Unavailable) {
		faults = fault.List{fault.As(err)}
	}
	if faults == nil {
		return err
	}
	return show(faults)
}

// forward leads on after a step of signing in.
func forward(w http.ResponseWriter, r *http.Request, step session.Step, next string) error {
	next = web.Local(next)
	query := ""
	if next != "/" {
		query = "?next=" + url.QueryEscape(next)
	}
	switch step {
	case session.NeedCode:
		return web.Redirect(w, r, codePath+query)
	case session.NeedPassword:
		return web.Redirect(w, r, passwordPath+query)
	case session.NeedFactor:
		return web.Redirect(w, r, beginPath+"?"+url.Values{"next": {next}}.Encode())
	case session.NeedLevel:
		return web.Redirect(w, r, levelPath+query)
	}
	return web.Redirect(w, r, next)
}

// agencies lists the agencies by name, and finds one by its code.
func (p *Pages) agencies(ctx context.Context) ([]Agency, error) {
	if p.Agencies == nil {
		return nil, nil
	}
	list, err := p.Agencies(ctx)
	if err != nil {
		return nil, err
	}
	list = slices.Clone(list)
	i18n.SortBy(list, func(a Agency) string { return a.Name })
	return list, nil
}

func (p *Pages) nameOf(list []Agency, code string) string {
	for _, a := range list {
		if a.Code == code {
			return a.Name
		}
	}
	if p.AgencyName != nil {
		return p.AgencyName(code)
	}
	return code
}

func labels(ctx context.Context, choices []Choice, codes []string) string {
	var out []string
	for _, code := range codes {
		i := slices.IndexFunc(choices, func(c Choice) bool { return c.Code == code })
		if i < 0 {
			out = append(out, code)
			continue
		}
		out = append(out, i18n.T(ctx, choices[i].Key))
	}
	return strings.Join(out, ", ")
}

func options(ctx context.Context, choices []Choice) []ui.Option {
	out := make([]ui.Option, len(choices))
	for i, c := range choices {
		out[i] = ui.Option{Value: c.Code, Label: i18n.T(ctx, c.Key)}
	}
	return out
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
