// Package sample_test adds a module to a node as a newcomer would: one folder
// (suggestion) and one line.
package sample_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"dean06/internal/app"
	"dean06/internal/exchange/exchangenode"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/config"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/node"
	"dean06/internal/platform/session"
	"dean06/test/sample/suggestion"
)

const password = "mot-mat-khau-thu-2026"

// modules are those of an agency, and the new one.
func modules() []node.Module {
	_, list := app.Build(app.Agency)
	return append(list, suggestion.Module()) // this line
}

// open opens an agency's node with the new module.
func open(t *testing.T, dir string) *node.Node {
	t.Helper()
	c := config.Default(node.Sections(modules())...)
	c.Node.Role, c.DB.URL, c.Blob.Dir = app.Agency, config.Secret("sqlite:"+filepath.Join(dir, "node.db")), filepath.Join(dir, "files")
	c.Session.SecondFactor = nil
	config.In[exchangenode.GatewayConfig](c).Dir = filepath.Join(dir, "gateway")
	n, err := node.Open(t.Context(), modules(), node.Settings{Config: c, Relaxed: true, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	return n
}

// browser is somebody who is signed in.
func browser(t *testing.T, server *httptest.Server, login string) func(method, path string, form url.Values) (int, string) {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar}
	ask := func(method, path string, form url.Values) (int, string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		if method == http.MethodPost {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Origin", server.URL)
		}
		answer, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, string(body)
	}
	if login != "" {
		if status, body := ask(
			http.MethodPost, "/sign-in?next=/suggestions", url.Values{"login": {login}, "password": {password}},
		); status != http.StatusOK {
			t.Fatalf("%s signs in: %d %s", login, status, body)
		}
	}
	return ask
}

// TestAModuleJoins walks what the sample brings to a node: configuration, table, pages,
// permission, audit log, work that waits, a job, a command, demo data.
func TestAModuleJoins(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	n := open(t, dir)
	account := func(login, role string) session.SeedAccount {
		return session.SeedAccount{
			Password: password, Draft: session.Draft{Login: login, Name: "Nguyễn Văn Mẫu", Agency: "H55", Roles: []string{role}},
		}
	}
	if err := n.Sessions.Seed(t.Context(), account("quantri", "administrator"), account("kiemtoan", "auditor")); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(n.Handler())
	defer server.Close()

	auditor, admin, nobody := browser(t, server, "kiemtoan"), browser(t, server, "quantri"), browser(t, server, "")
	if _, body := nobody(http.MethodGet, "/suggestions", nil); !strings.Contains(body, "Đăng nhập") {
		t.Errorf("nobody is not asked to sign in: %s", body)
	}
	if status, _ := auditor(http.MethodPost, "/suggestions", url.Values{"text": {" "}}); status != http.StatusUnprocessableEntity {
		t.Errorf("an empty suggestion answered %d, want 422", status)
	}
	if status, body := auditor(http.MethodPost, "/suggestions", url.Values{"text": {"Mở cửa thứ bảy"}}); status != http.StatusOK ||
		!strings.Contains(body, "Cảm ơn") || strings.Contains(body, "Mở cửa thứ bảy") {
		t.Errorf("a suggestion answered %d; who may not read must be thanked and not see it: %s", status, body)
	}
	if _, body := admin(http.MethodGet, "/suggestions", nil); !strings.Contains(body, "Mở cửa thứ bảy") {
		t.Errorf("the administrator does not see it: %s", body)
	}
	if _, body := admin(http.MethodGet, "/work", nil); !strings.Contains(body, "Góp ý chưa xem") {
		t.Errorf("it is not among what waits: %s", body)
	}
	if _, body := auditor(http.MethodGet, "/audit", nil); !strings.Contains(body, "Gửi góp ý") {
		t.Errorf("the audit log has no words for it: %s", body)
	}
	if _, err := audit.Verify(t.Context(), n.DB); err != nil {
		t.Error(err)
	}

	box, ok := node.Find[*suggestion.Box](n)
	if !ok {
		t.Fatal("the node does not find what the module works on")
	}
	for _, p := range n.Parts() {
		if p.Self == box {
			if err := p.Demo(t.Context(), node.Demo{}); err != nil {
				t.Errorf("demo: %v", err)
			}
		}
	}
	if list, err := box.All(t.Context(), actor.AtCommandLine()); err != nil || len(list) != 2 {
		t.Errorf("%d suggestions, %v; want the one of the page and the demo's", len(list), err)
	}
	if got := run(t, "suggestion", "list", "--db", "sqlite:"+filepath.Join(dir, "node.db")); strings.Count(got, "\n") != 2 ||
		!strings.Contains(got, "Mở cửa thứ bảy") {
		t.Errorf("the command printed %q", got)
	}
}

// run runs a command of the program with the new module.
func run(t *testing.T, args ...string) string {
	t.Helper()
	var c struct{}
	var options []kong.Option
	for _, m := range modules() {
		for _, add := range m.Commands {
			options = append(options, kong.DynamicCommand(add.Name, add.Help, "", add.Value))
		}
	}
	options = append(options, kong.Vars{"default_db": "", "demo_dir": ""})
	parser, err := kong.New(&c, options...)
	if err != nil {
		t.Fatal(err)
	}
	k, err := parser.Parse(args)
	if err != nil {
		t.Fatal(err)
	}
	catalogue, err := node.Catalogue(modules())
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	k.BindTo(t.Context(), (*context.Context)(nil))
	err = k.Run(node.Program{
		Out: &out, Err: &out, Messages: catalogue, Shape: config.Shape{Roles: app.Roles, Sections: node.Sections(modules())},
		Open: func(ctx context.Context, role string, s node.Settings, _ ...string) (*node.Node, error) {
			s.Config.Node.Role = role
			config.In[exchangenode.GatewayConfig](s.Config).Dir = t.TempDir()
			return node.Open(ctx, modules(), s)
		},
	})
	if err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	return out.String()
}

// TestTheConfigurationIsChecked: a setting of the module is named with its line.
func TestTheConfigurationIsChecked(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "node.toml")
	if err := os.WriteFile(file, []byte("[suggestion]\nkeep = \"1m\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	catalogue, err := node.Catalogue(modules())
	if err != nil {
		t.Fatal(err)
	}
	_, problems := config.Load(config.Shape{Roles: app.Roles, Sections: node.Sections(modules())}, file, nil, nil)
	if len(problems) != 1 || problems[0].Line != 2 || strings.Contains(problems[0].Text(catalogue.In(i18n.Vi)), "[") {
		t.Errorf("problems = %+v, want one in line 2", problems)
	}
}
