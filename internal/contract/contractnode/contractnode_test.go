package contractnode_test

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"dean06/internal/contract"
	"dean06/internal/contract/contractnode"
	"dean06/internal/contract/contractsoap"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/approval"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/node"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/xroad"
)

var (
	now      = time.UnixMilli(1700000000000).UTC()
	province = xroad.MustID("VN/GOV/H55/TTHC")
)

// gateway is one that has joined when it has an instance.
type gateway struct {
	dir, instance string
	asked         []string
}

func (g *gateway) Dir() string            { return g.dir }
func (g *gateway) ContractURLs() []string { return []string{"https://lgsp.example.vn/csdlqgdc"} }
func (g *gateway) Instance() string       { return g.instance }

func (g *gateway) Subsystems() iter.Seq2[xroad.ID, string] {
	return func(yield func(xroad.ID, string) bool) {
		if g.instance != "" {
			yield(province, "Một cửa")
		}
	}
}

func (g *gateway) Call(_ context.Context, r *http.Request) (*http.Response, error) {
	g.asked = append(g.asked, r.URL.Path)
	w := httptest.NewRecorder()
	w.WriteHeader(http.StatusNotFound)
	_, _ = w.WriteString(`{"found":false}`)
	return w.Result(), nil
}

type agencies struct{}

func (agencies) NameOf(code string) string                      { return code }
func (agencies) Choices(context.Context) ([]node.Agency, error) { return nil, nil }

func noProcedure(context.Context, string) string { return "" }

// people are the two administrators of the node.
type people struct{}

func (people) all() []approval.Account {
	var out []approval.Account
	for _, id := range []string{"an", "binh"} {
		out = append(out, approval.Account{ID: id, Login: id, Name: id, Roles: []string{contract.Administrator}, Active: true})
	}
	return out
}

func (p people) Holding(_ context.Context, _ sqldb.Queryer, roles ...string) ([]approval.Account, error) {
	return slices.DeleteFunc(p.all(), func(a approval.Account) bool { return !a.Has(roles...) }), nil
}

func (p people) ByID(_ context.Context, _ sqldb.Queryer, id string) (approval.Account, error) {
	for _, a := range p.all() {
		if a.ID == id {
			return a, nil
		}
	}
	return approval.Account{}, fault.New(fault.NotFound, "approval.unknown", nil)
}

// house is the contract on a node, with the requests of the node.
type house struct {
	approvals *approval.Service
	*node.Part
}

// open opens the contract on a node, as app does.
func open(t *testing.T, db *sqldb.DB, g *gateway) (house, node.Module, *i18n.Catalogue) {
	t.Helper()
	m := contractnode.New(contractnode.Needs{Gateway: g, Procedure: noProcedure}).Module()
	if err := errors.Join(audit.Migrate(t.Context(), db), approval.Migrate(t.Context(), db), m.Migrate(t.Context(), db)); err != nil {
		t.Fatal(err)
	}
	texts, err := i18n.Load(append(m.Messages, ui.Messages, web.Messages)...)
	if err != nil {
		t.Fatal(err)
	}
	approvals := approval.New(db, clock.Fixed(now), approval.Options{Accounts: people{}})
	p, err := m.Open(t.Context(), &node.Base{
		DB: db, Approvals: approvals, Clock: clock.Fixed(now), Messages: texts, Log: slog.New(slog.DiscardHandler), Agencies: agencies{},
		Frame: func(*http.Request) ui.Frame { return ui.Frame{} },
	})
	if err != nil {
		t.Fatal(err)
	}
	approvals.Register(p.Approvals...)
	return house{approvals, p}, m, texts
}

// TestFace: the face answers the contract's addresses as soon as the node has joined,
// and leaves all others to the gateway.
func TestFace(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		g := &gateway{dir: t.TempDir()}
		p, _, _ := open(t, db, g)
		for range 2 { // as at every start of the demo
			if err := p.Demo(t.Context(), node.Demo{Subsystem: province.String()}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := os.Stat(filepath.Join(g.dir, "contract.key")); err != nil {
			t.Error(err) // where databases of before have it
		}
		g.instance = "VN"
		face := p.Faces[0](http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
		request, err := os.ReadFile("../contractsoap/testdata/TraCuuThongTinCongDan-037.request.xml")
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile("../contractsoap/testdata/TraCuuThongTinCongDan.notfound.response.xml")
		if err != nil {
			t.Fatal(err)
		}
		w := ask(face, request, "test-user", "test-secret")
		if w.Code != http.StatusOK || w.Body.String() != string(want) {
			t.Errorf("%d %s", w.Code, w.Body)
		}
		if !slices.Equal(g.asked, []string{"/r1/VN/GOV/G01/DANCU/facts"}) {
			t.Errorf("asked %q", g.asked)
		}
		for path, want := range map[string]int{
			"/csdlqgdc/037": http.StatusUnauthorized, "/r1/VN/GOV/G01/DANCU/facts": http.StatusTeapot,
			"/csdlqgdc": http.StatusTeapot, "//csdlqgdc/037": http.StatusTeapot,
		} {
			r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1:8007", nil)
			r.URL.Path = path
			w := httptest.NewRecorder()
			if face.ServeHTTP(w, r); w.Code != want {
				t.Errorf("%s: %d, want %d", path, w.Code, want)
			}
		}
	})
}

// ask asks as a system.
func ask(face http.Handler, request []byte, user, secret string) *httptest.ResponseRecorder {
	url, stamp := "http://127.0.0.1:8007"+contractsoap.Prefix+"037", strconv.FormatInt(now.UnixMilli(), 10)
	r := httptest.NewRequest(http.MethodPost, url, strings.NewReader(string(request)))
	r.Header.Set("Timestamp", stamp)
	r.SetBasicAuth(user, contract.Password(url, user, stamp, secret))
	w := httptest.NewRecorder()
	face.ServeHTTP(w, r)
	return w
}

// TestNobodyAsksTheRegisterAlone: an administrator who makes a system and an officer gets
// no answer by them before another administrator has approved both.
func TestNobodyAsksTheRegisterAlone(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		g := &gateway{dir: t.TempDir(), instance: "VN"}
		h, _, texts := open(t, db, g)
		rules, ok := h.Self.(*contract.Service)
		if !ok {
			t.Fatalf("%T", h.Self)
		}
		an := actor.Actor{Account: "an", Login: "an", Name: "An", Roles: []string{contract.Administrator}}
		binh := actor.Actor{Account: "binh", Login: "binh", Name: "Bình", Roles: []string{contract.Administrator}}
		secret, err := rules.AddSystem(ctx, an, contract.System{User: "moi", Name: "@act.x", Subsystem: province.String()}, "công văn 1")
		if err != nil {
			t.Fatal(err)
		}
		officer := contract.Officer{Code: "canbo.test", Name: "Cán bộ", Office: "H55.16", Operations: []string{"*"}}
		if err := rules.AddOfficer(ctx, an, province.String(), officer, "quyết định 2"); err != nil {
			t.Fatal(err)
		}
		if _, err := rules.AddSystem(
			ctx, an, contract.System{User: "moi", Name: "Y", Subsystem: province.String()}, "x",
		); fault.Of(err) != fault.Conflict {
			t.Errorf("asked twice: %v", err)
		}
		request, err := os.ReadFile("../contractsoap/testdata/TraCuuThongTinCongDan-037.request.xml")
		if err != nil {
			t.Fatal(err)
		}
		face := h.Faces[0](http.NotFoundHandler())
		if w := ask(face, request, "moi", secret); w.Code != http.StatusUnauthorized || len(g.asked) > 0 {
			t.Errorf("alone: %d %s, asked %q", w.Code, w.Body, g.asked)
		}
		waiting, err := rules.Waiting(ctx, an)
		if err != nil || len(waiting) != 2 || waiting[0].Name() != "@act.x" || waiting[0].System.Secret != "" {
			t.Fatalf("waits: %+v, %v", waiting, err)
		}
		list, err := h.approvals.Find(ctx, approval.Filter{State: approval.Open})
		if err != nil || len(list) != 2 {
			t.Fatalf("%+v, %v", list, err)
		}
		for _, r := range list {
			if says := r.Says().In(texts.In(i18n.Vi)); strings.Contains(says, "[") || strings.Contains(string(r.Payload), secret) {
				t.Errorf("says %q, carries %s", says, r.Payload)
			}
			if _, err := h.approvals.Approve(ctx, an, r.ID); fault.Of(err) != fault.Denied {
				t.Errorf("approved by the one who asked: %v", err)
			}
			if _, err := h.approvals.Approve(ctx, binh, r.ID); err != nil {
				t.Fatal(err)
			}
		}
		if w := ask(face, request, "moi", secret); w.Code != http.StatusOK || len(g.asked) != 1 {
			t.Errorf("approved: %d %s, asked %q", w.Code, w.Body, g.asked)
		}
		acts, err := audit.Find(ctx, db, audit.Filter{Actors: []string{"an"}})
		if err != nil {
			t.Fatal(err)
		}
		saved := 0
		for _, a := range acts {
			if strings.HasPrefix(a.Action, "contract.") && a.Details["request"] != "" {
				saved++
			}
		}
		if saved != 2 {
			t.Errorf("%d of 2 changes name their request", saved)
		}
	})
}

// TestModule: what the module brings is whole, and stands in the navigation of those
// who may look once the node has joined.
func TestModule(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		g := &gateway{dir: t.TempDir()}
		p, m, texts := open(t, db, g)
		admin := actor.Actor{Account: "1", Roles: []string{contract.Administrator}}
		auditor := actor.Actor{Account: "2", Roles: []string{contract.Auditor}}
		if got := p.Nav(texts.In(i18n.Vi), admin); got != nil {
			t.Errorf("before the join: %v", got)
		}
		g.instance = "VN"
		for _, who := range []actor.Actor{admin, auditor} {
			if got := p.Nav(texts.In(i18n.Vi), who); len(got) != 1 || got[0].Label != "Hệ thống cũ" {
				t.Errorf("%v: %v", who.Roles, got)
			}
		}
		if got := p.Nav(texts.In(i18n.Vi), actor.Actor{Account: "3", Roles: []string{"registrar"}}); got != nil {
			t.Errorf("who may not look: %v", got)
		}
		if p.Home(admin) != "" || p.Home(auditor) == "" {
			t.Error("only an auditor begins here")
		}
		known := map[string]bool{}
		for _, l := range m.Permissions {
			known[l.Name()] = true
		}
		for _, r := range p.Routes {
			if !known[r.May] {
				t.Errorf("%s asks %q, which the table has not", r.Pattern, r.May)
			}
		}
		for _, k := range p.Approvals {
			if !texts.Has("approval.kind." + k.Code) {
				t.Errorf("%s has no words", k.Code)
			}
		}
		for _, code := range m.Actions {
			if !texts.Has("act." + code) {
				t.Errorf("%s has no words", code)
			}
		}
		rules, ok := p.Self.(*contract.Service)
		if !ok || !slices.Equal(rules.Subsystems(), []string{province.String()}) {
			t.Errorf("%v", p.Self)
		}
	})
}
