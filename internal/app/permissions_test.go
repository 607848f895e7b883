package app

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"dean06/internal/citizen"
	"dean06/internal/exchange/exchangenode"
	"dean06/internal/identity/identitynode"
	"dean06/internal/identity/identityweb"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/config"
	"dean06/internal/platform/node"
	"dean06/internal/platform/permit"
	"dean06/internal/platform/session"
	"dean06/internal/population/populationnode"
)

// leads are the pages that send some who may have them to where one signs in: there is
// nothing for them before.
var leads = []string{"GET /{$}", "GET /sign-in/code", "POST /sign-in/code", "POST /sign-out"}

// heard are the calls whose body is read first: of a gateway, which shows in it who it
// is; of a programme, whose return must be one.
var heard = []string{
	"POST /exchange/v1/renew", "POST /exchange/v1/requests", "POST /exchange/v1/reports", "POST /exchange/v1/restores",
	"POST /exchange/v1/security",
	"PUT /api/v1/campaigns/{campaign}/returns/{agency}",
}

// hidden are the pages of all agencies' returns. Where a focal point or an agency's leader reaches beyond their
// agency, they are not told that there is anything.
var hidden = []string{"GET /office", "POST /office/imports", "POST /office/items/{item}"}

// visitor is somebody who asks a node for all that it has.
type visitor struct {
	name   string
	role   string // "" for nobody
	agency string
	bound  bool
}

// visitorsOf are nobody, and one account for each role of the node; where a role means
// nothing without a person's number, one with it and one without.
func visitorsOf(h *Modules) []visitor {
	out := []visitor{{name: "nobody"}}
	for _, r := range h.Roles() {
		v := visitor{name: r.Code, role: r.Code}
		if slices.Contains([]string{"focal_point", "agency_leader", "official"}, r.Code) {
			v.agency = "H55"
		}
		out = append(out, v)
		if r.Bound {
			out = append(out, visitor{name: r.Code + " bound", role: r.Code, bound: true})
		}
	}
	return out
}

// opened is a node of each role, opened once for all tests here.
type opened struct {
	role     string
	node     *node.Node
	house    *Modules
	visitors []visitor
	accounts map[string]string // id, by the visitor's name
}

var units struct {
	sync.Once
	raw []byte
	err error
}

// openNode opens a node with an account for each visitor. What takes long, the country's
// units, is read in once and copied.
func openNode(t *testing.T, role string) *opened {
	t.Helper()
	dir := t.TempDir()
	units.Do(func() {
		file := filepath.Join(t.TempDir(), "units.db")
		n, _, err := Open(t.Context(), Agency, settingsIn(file), "org")
		if err == nil {
			err = n.Close()
		}
		if units.err = err; err == nil {
			units.raw, units.err = os.ReadFile(file)
		}
	})
	if units.err != nil {
		t.Fatal(units.err)
	}
	file := filepath.Join(dir, "node.db")
	if err := os.WriteFile(file, units.raw, 0o600); err != nil {
		t.Fatal(err)
	}
	n, h, err := Open(t.Context(), role, settingsIn(file))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	o := &opened{role: role, node: n, house: h, visitors: visitorsOf(h), accounts: map[string]string{}}
	var seeds []session.SeedAccount
	for i, v := range o.visitors {
		if v.role == "" {
			continue
		}
		a := session.SeedAccount{Password: "khong-ai-biet-2026", Draft: session.Draft{
			Login: fmt.Sprintf("thu%02d", i), Name: "Người Thử", Agency: v.agency, Email: fmt.Sprintf(
				"thu%02d@dean06.example.vn", i,
			), Roles: []string{v.role},
		}}
		if v.bound {
			a.Bound = citizen.MustNumber("001090000001").String()
		}
		seeds = append(seeds, a)
	}
	if err := n.Sessions.Seed(t.Context(), seeds...); err != nil {
		t.Fatal(err)
	}
	list, err := n.Sessions.Accounts(actor.With(t.Context(), actor.OfSystem("administrator")), session.AccountFilter{})
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range o.visitors {
		for _, a := range list {
			if a.Login == fmt.Sprintf("thu%02d", i) {
				o.accounts[v.name] = a.ID
			}
		}
	}
	return o
}

func settingsIn(file string) node.Settings {
	c := config.Default(Shape().Sections...)
	c.Session.SecondFactor = nil // what an account opens is asked here, not how it is opened
	dir := filepath.Dir(file)
	c.DB.URL = config.Secret("sqlite:" + file)
	c.Blob.Dir, c.Mail.Dir, c.Upload.Dir = filepath.Join(dir, "files"), filepath.Join(dir, "mail"), filepath.Join(dir, "uploads")
	config.In[exchangenode.GatewayConfig](c).Dir = filepath.Join(dir, "gateway")
	config.In[exchangenode.HubConfig](c).Dir = filepath.Join(dir, "centre")
	config.In[exchangenode.HubConfig](c).Member = "G06"
	config.In[populationnode.Config](c).Dir = filepath.Join(dir, "register")
	config.In[identitynode.Config](c).Dir = filepath.Join(dir, "identity")
	return node.Settings{Config: c, Relaxed: true, Log: slog.New(slog.DiscardHandler)}
}

// cookie signs a visitor in anew; as it is done elsewhere, no password has to be hashed.
func (o *opened) cookie(t *testing.T, v visitor) *http.Cookie {
	t.Helper()
	if v.role == "" {
		return nil
	}
	w := httptest.NewRecorder()
	step, err := o.node.Sessions.SignIn(w, httptest.NewRequest(http.MethodGet, "/", nil), session.Proof{
		AccountID: o.accounts[v.name], Via: actor.OIDC,
	})
	if err != nil || step != session.Complete {
		t.Fatalf("sign %s in: %q, %v", v.name, step, err)
	}
	return w.Result().Cookies()[0]
}

// path puts harmless values into a pattern.
var inPath = regexp.MustCompile(`\{([a-z]+)(\.\.\.)?\}`)

func path(pattern string) (method, address string) {
	method, address, ok := strings.Cut(pattern, " ")
	if !ok {
		method, address = http.MethodGet, pattern
	}
	address = strings.TrimSuffix(address, "{$}")
	return method, inPath.ReplaceAllStringFunc(address, func(name string) string {
		switch strings.Trim(name, "{}.") {
		case "agency", "code":
			return "H55"
		case "campaign":
			return "488"
		case "seq", "version":
			return "1"
		}
		return "khong-co"
	})
}

// ask makes the request as the visitor, and says where it led.
func (o *opened) ask(h http.Handler, pattern string, c *http.Cookie) (status int, to string) {
	method, address := path(pattern)
	r := httptest.NewRequest(method, address, nil)
	if method != http.MethodGet {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	if c != nil {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, w.Header().Get("Location")
}

// given is what a table says of a visitor.
type given int

const (
	never  given = iota
	theirs       // to what is theirs, which the path names or not
	always
)

// may says what the table gives to a visitor.
func may(lines []permit.Line, name string, v visitor) (given, error) {
	switch name {
	case "anyone":
		return always, nil
	case "signed in":
		if v.role != "" {
			return always, nil
		}
		return never, nil
	case "":
		return never, fmt.Errorf("nothing says who may")
	}
	i := slices.IndexFunc(lines, func(l permit.Line) bool { return l.Name() == name })
	if i < 0 {
		return never, fmt.Errorf("%q is no row of a table", name)
	}
	switch l := lines[i]; {
	case v.role == "":
		return never, nil
	case l.Everybody || slices.Contains(l.Roles, v.role):
		return always, nil
	case l.EverybodyOwn || slices.Contains(l.Own, v.role):
		return theirs, nil
	}
	return never, nil
}

// TestPermissionsOfPages asks every node for every page and every call, as nobody and as
// an account of each role, and holds the answer against the tables.
func TestPermissionsOfPages(t *testing.T) {
	t.Parallel()
	for _, role := range Roles {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			o := openNode(t, role)
			h, lines := o.node.Handler(), o.node.Permissions()
			asked := 0
			for _, v := range o.visitors {
				c := o.cookie(t, v)
				for _, p := range pagesOf(o.node) {
					want, err := may(lines, p.may, v)
					if err != nil {
						t.Errorf("%s: %v", p.pattern, err)
						continue
					}
					status, to := o.ask(h, p.pattern, c)
					asked++
					if problem := judge(p.pattern, v, want, status, to); problem != "" {
						t.Errorf("%s as %s (%s): %s", p.pattern, v.name, p.may, problem)
					}
					if p.pattern == "POST /sign-out" {
						c = o.cookie(t, v)
					}
				}
			}
			if asked < 300 {
				t.Errorf("only %d pages were asked for", asked)
			}
		})
	}
}

// judge says what is wrong with an answer; "" for nothing. What a gateway that has not
// joined cannot do yet is no fault.
func judge(pattern string, v visitor, want given, status int, to string) string {
	signIn := status == http.StatusSeeOther && strings.HasPrefix(to, "/sign-in")
	if status == http.StatusSeeOther && strings.HasPrefix(to, identityweb.Home+"/sign-in") {
		// The pages of a holder know no accounts of the node, whatever role they have: who holds
		// no sign-in of the authority is led to its entrance.
		if want != never {
			return fmt.Sprintf("was led to the entrance of holders: %s", to)
		}
		return ""
	}
	refused := signIn || status == http.StatusUnauthorized || status == http.StatusForbidden
	switch {
	case status >= http.StatusInternalServerError && status != http.StatusServiceUnavailable:
		return fmt.Sprintf("answered %d", status)
	case slices.Contains(leads, pattern), slices.Contains(heard, pattern) &&
		(status == http.StatusBadRequest || status == http.StatusUnprocessableEntity):
	case status == http.StatusUnauthorized && strings.Contains(pattern, " /oauth"): // a service shows who it is with its request
	case want == always && refused:
		return fmt.Sprintf("was refused with %d %s", status, to)
	case want == theirs && (signIn || status == http.StatusUnauthorized):
		return fmt.Sprintf("was asked to sign in with %d", status)
	case want == never && v.role == "" && !signIn && status != http.StatusUnauthorized:
		return fmt.Sprintf("answered %d %s, want to be signed in first", status, to)
	case (v.role == "focal_point" || v.role == "agency_leader") && status == http.StatusNotFound && slices.Contains(hidden, pattern):
	case want == never && v.role != "" && status != http.StatusForbidden:
		return fmt.Sprintf("answered %d %s, want 403", status, to)
	}
	return ""
}

// page is a page or call of a node.
type page struct{ pattern, may string }

func pagesOf(n *node.Node) []page {
	var out []page
	for _, r := range n.Routes() {
		out = append(out, page{r.Pattern, r.May})
	}
	for _, h := range n.Handlers() {
		out = append(out, page{h.Pattern, h.May})
	}
	return out
}
