package populationnode

import (
	"bytes"
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"dean06/data"
	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/approval"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/config"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/node"
	"dean06/internal/platform/session"
	"dean06/internal/population"
	"dean06/internal/population/people"
)

// thu is the first of the invented people.
var thu = citizen.MustNumber("001090000001")

// authority is a node with the register and the demo's people, and its pages.
type authority struct {
	*Node
	t     *testing.T
	node  *node.Node
	pages http.Handler
	ids   map[string]string // of accounts, by login
	jars  map[string][]*http.Cookie
}

// reference are the units of the reference data.
func reference(context.Context) (population.Units, error) { return population.NewUnits(data.FS) }

func openAuthority(t *testing.T, count int) *authority {
	t.Helper()
	ctx, dir := t.Context(), t.TempDir()
	c := config.Default(Section)
	c.Node.Role, c.DB.URL, c.Blob.Dir, c.Mail.Dir = roleAuthority, config.Secret("sqlite:"+filepath.Join(dir, "a.db")), dir, dir
	c.Session.SecondFactor = nil // how roles ask for one is tested with the node
	c.SignIn = config.SignIn{Issuer: "https://identity.example.vn", Client: "authority", Dir: dir}
	config.In[Config](c).Dir = dir
	a := &authority{Node: New(Needs{Units: reference}), t: t, ids: map[string]string{}, jars: map[string][]*http.Cookie{}}
	n, err := node.Open(ctx, []node.Module{a.Module()}, node.Settings{
		Config: c, Clock: clock.Fixed(testNow), Log: slog.New(slog.DiscardHandler), Relaxed: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = n.Close() })
	a.node, a.pages = n, n.Handler()
	if err := n.Parts()[0].Demo(ctx, node.Demo{People: count}); err != nil {
		t.Fatal(err)
	}
	var accounts []session.SeedAccount
	for login, roles := range map[string][]string{
		"quantri": {population.Administrator}, "kiemtoan": {population.Auditor}, "kiemtoan2": {population.Auditor},
		"canbo": {population.Registrar}, "canbo2": {population.Registrar}, "canbo3": {population.Registrar},
		"congdan": {population.Citizen}, thu.Reveal(): {population.Citizen, population.Administrator},
	} {
		draft := session.Draft{Login: login, Name: "Người giữ " + login, Roles: roles}
		accounts = append(accounts, session.SeedAccount{Draft: draft, Password: "một mật khẩu dài cho mọi người"})
	}
	if err := n.Sessions.Seed(ctx, accounts...); err != nil {
		t.Fatal(err)
	}
	for _, one := range accounts {
		login := one.Login
		a.ids[login] = n.Sessions.FoundBy(ctx, login)[0]
		token, step, err := n.Sessions.Start(ctx, session.Proof{AccountID: a.ids[login], Via: actor.Password}, session.Client{}, "")
		if err != nil || step != session.Complete {
			t.Fatalf("sign in as %s: %s, %v", login, step, err)
		}
		a.keep(login, token)
	}
	return a
}

// keep gives somebody a session.
func (a *authority) keep(login, token string) {
	w := httptest.NewRecorder()
	a.node.Sessions.SetToken(w, token)
	a.jars[login] = w.Result().Cookies()
}

// as asks for a page as somebody, and keeps what the desk wants kept.
func (a *authority) as(login, method, path string, pairs ...string) *httptest.ResponseRecorder {
	a.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for _, c := range a.jars[login] {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	a.pages.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if c.Name == "people-desk" {
			a.jars[login] = append(a.jars[login], c)
		}
	}
	return w
}

// who is the one who acts when somebody is signed in.
func (a *authority) who(login string, roles ...string) actor.Actor {
	return actor.Actor{Account: a.ids[login], Login: login, Name: "Người giữ " + login, Roles: roles, Via: actor.Password}
}

// TestALoginShowsNobody: an administrator who ticks the role of a citizen and types
// another's number as the login sees nothing; the person of whom the authority's identities
// vouch sees what is theirs, without any account from before.
func TestALoginShowsNobody(t *testing.T) {
	t.Parallel()
	a := openAuthority(t, 20)
	nobody := func(login string) {
		t.Helper()
		for _, path := range []string{"/my-data", "/my-data/lookups", "/my-data/lookups/1"} {
			w := a.as(login, http.MethodGet, path)
			body := w.Body.String()
			if w.Code != http.StatusForbidden || strings.Contains(body, "Thử") || !strings.Contains(body, "không gắn với người nào") ||
				!strings.Contains(body, `href="/sign-in/identity?next=`+url.QueryEscape(path)) {
				t.Errorf("%s: %d to %s: %s", path, w.Code, w.Header().Get("Location"), w.Body)
			}
		}
	}
	nobody(thu.Reveal())
	nobody("congdan")
	w := a.as("congdan", http.MethodGet, "/") // the way home ends there, and goes round nowhere
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/my-data/lookups" {
		t.Errorf("home: %d to %s", w.Code, w.Header().Get("Location"))
	}

	token, err := a.node.Sessions.SignInPerson(t.Context(), session.Person{
		Issuer: "https://identity.example.vn", Subject: "s-1", Session: "1", Number: thu.Reveal(), Name: "Nguyễn Văn Thử", Level: 1,
	}, session.Client{}, "")
	if err != nil {
		t.Fatal(err)
	}
	a.keep("thu", token)
	if w := a.as("thu", http.MethodGet, "/my-data"); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "Nguyễn Văn Thử") {
		t.Errorf("vouched for: %d %s", w.Code, w.Body)
	}
	nobody(thu.Reveal())
	nobody("congdan")
}

// TestChoiceIsAudited: what an officer chose to work on stands in the audit log.
func TestChoiceIsAudited(t *testing.T) {
	t.Parallel()
	a := openAuthority(t, 20)
	a.as("canbo", http.MethodPost, "/people/desk", "purpose", "card", "dossier", "HS-1")
	chosen, err := audit.Find(t.Context(), a.node.DB, audit.Filter{Action: "population.matter"})
	if err != nil || len(chosen) != 1 || chosen[0].Purpose != "card" || chosen[0].Details["dossier"] != "HS-1" || chosen[0].Who.Account != a.ids["canbo"] {
		t.Errorf("what an officer chose to work on, in the audit log: %+v, %v", chosen, err)
	}
}

// TestExportNeedsTwo: an administrator asks and cannot approve; an auditor approves; the
// file is written once.
func TestExportNeedsTwo(t *testing.T) {
	t.Parallel()
	a := openAuthority(t, 20)
	ctx, shell := t.Context(), actor.Actor{Account: "os:lan", Name: "lan", Via: actor.Command}
	w := a.as("quantri", http.MethodPost, "/people/exports", "purpose", "Chuyển hệ thống", "until", "25/11/2026")
	at, err := url.Parse(w.Header().Get("Location"))
	if err != nil || w.Code != http.StatusSeeOther {
		t.Fatalf("ask: %d %s", w.Code, w.Body)
	}
	id := at.Query().Get("asked")
	if _, err := a.register.Export(ctx, shell, id, &bytes.Buffer{}); fault.Of(err) != fault.NotFound {
		t.Errorf("before anybody approved: %v, want not found", err)
	}
	both := a.who("quantri", population.Administrator, population.Auditor)
	if _, err := a.node.Approvals.Approve(ctx, both, id); fault.Of(err) != fault.Denied {
		t.Errorf("approved by the one who asked: %v, want denied", err)
	}
	if _, err := a.node.Approvals.Approve(ctx, a.who("canbo", population.Registrar), id); fault.Of(err) != fault.Denied {
		t.Errorf("approved by a registrar: %v, want denied", err)
	}
	r, err := a.node.Approvals.Approve(ctx, a.who("kiemtoan", population.Auditor), id)
	if err != nil || r.State != approval.Approved {
		t.Fatalf("approved by an auditor: %s, %v", r.State, err)
	}
	page := a.as("quantri", http.MethodGet, "/people/exports").Body.String()
	if !strings.Contains(page, id) || strings.Contains(page, "Nguyễn Văn Thử") {
		t.Errorf("page = %s", page)
	}
	if _, err := a.register.Export(ctx, a.who("quantri", population.Administrator), id, &bytes.Buffer{}); fault.Of(err) != fault.Denied {
		t.Errorf("away from the command line: %v, want denied", err)
	}
	families := bytes.Count(data.DemoFamilies, []byte("\n")) - 1 + bytes.Count(data.DemoOfficials, []byte("\n")) - 1
	var file bytes.Buffer
	if n, err := a.register.Export(ctx, shell, id, &file); err != nil || n != 20+families || strings.Count(file.String(), "\n") != n+1 {
		t.Errorf("export = %d, %v", n, err)
	}
	if _, err := a.register.Export(ctx, shell, id, &file); fault.Of(err) != fault.Conflict {
		t.Errorf("a second time: %v, want conflict", err)
	}
}

// TestAdministratorSeesNobody walks all pages of the node as an administrator alone, and
// as one whose login is a number and who has the role of a citizen too.
func TestAdministratorSeesNobody(t *testing.T) {
	t.Parallel()
	a := openAuthority(t, 60)
	var names []string
	err := people.Generate(60, demoSeed, func(p population.Person) error {
		names = append(names, p.Name)
		if p.Number != thu { // it is a login here
			names = append(names, p.Number.Reveal())
		}
		return nil
	}, people.Options{})
	if err != nil {
		t.Fatal(err)
	}
	a.as("canbo", http.MethodPost, "/people/desk", "purpose", "card")
	found := a.as("canbo", http.MethodPost, "/people", "q", "Nguyễn Văn Thử").Body.String()
	handle := regexp.MustCompile(`/people/person/([\w-]+)`).FindStringSubmatch(found)
	if handle == nil {
		t.Fatal("the registrar finds nobody")
	}
	part := regexp.MustCompile(`{(\w+)}`)
	for _, route := range a.node.Routes() {
		method, path, _ := strings.Cut(route.Pattern, " ")
		path = part.ReplaceAllStringFunc(strings.TrimSuffix(path, "{$}"), func(name string) string {
			switch name {
			case "{person}":
				return handle[1]
			case "{kind}":
				return string(population.NameChange)
			}
			return "1"
		})
		if strings.Contains(path, "sign-out") {
			continue
		}
		for _, login := range []string{"quantri", thu.Reveal()} {
			w := a.as(login, method, path+"?q=nguyen&on=01/01/2020&officer="+a.ids["canbo"], "q", "nguyen", "text", "x")
			if i := slices.IndexFunc(names, func(name string) bool { return strings.Contains(w.Body.String(), name) }); i >= 0 {
				t.Errorf("%s as %s shows %s", route.Pattern, login, names[i])
			}
		}
	}
}

// TestFields: a right can name the fields of the services that answer by fields.
func TestFields(t *testing.T) {
	t.Parallel()
	n := &Node{}
	first := Field{Code: "number", Key: population.FieldNumber.Label()}
	if got := n.Fields(Subsystem, "facts"); len(got) != len(population.Fields) || got[0] != first {
		t.Errorf("facts: %+v", got)
	}
	for _, s := range [][2]string{{Subsystem, "usage"}, {"TTHC", "facts"}, {Subsystem, "none"}} {
		if got := n.Fields(s[0], s[1]); got != nil {
			t.Errorf("%v: %+v, want none", s, got)
		}
	}
	if f := n.Feed(); f.Right != "feed" || f.Subsystem != "DANCU" || len(f.Types) == 0 || !slices.Equal(f.Heard, population.Heard) {
		t.Errorf("feed = %+v", f)
	}
}

// TestEveryTextIsThere: each key that the package names, and each name that the frame
// makes of what the module brings, has its text in both languages.
func TestEveryTextIsThere(t *testing.T) {
	t.Parallel()
	m := New(Needs{}).Module()
	catalogue, err := node.Catalogue([]node.Module{m, {Name: "citizen", Messages: []fs.FS{citizen.Messages}}}) // words that several speak
	if err != nil {
		t.Fatal(err)
	}
	keys := []string{"approval.kind." + exportKind.Code}
	for _, r := range m.Roles {
		keys = append(keys, "role."+r.Code)
	}
	for _, code := range m.Actions {
		keys = append(keys, "act."+code)
	}
	for _, l := range m.Permissions {
		keys = append(keys, l.Module+".may."+l.Action, l.Module+".denied."+l.Action)
	}
	for _, item := range navigation {
		keys = append(keys, "nav.population."+item.key)
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	literal := regexp.MustCompile(`"((?:work|cli|population\.export)\.[a-z0-9_.]*[a-z0-9])"`)
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range literal.FindAllStringSubmatch(string(raw), -1) {
			keys = append(keys, found[1])
		}
	}
	for _, key := range keys {
		for _, lang := range i18n.Langs {
			if text := catalogue.In(lang).T(key); strings.Contains(text, key) && key != "population.export" {
				t.Errorf("%s: no text for %s", lang, key)
			}
		}
	}
}
