package identitynode

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/identity"
	"dean06/internal/identity/identitytest"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/config"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/node"
	"dean06/internal/platform/sqldb"
)

// opened is an authority with identities in a file, and the world whose register it asks.
func opened(t *testing.T) (*Node, *node.Node, *identitytest.World, string) {
	t.Helper()
	url := "sqlite:" + filepath.Join(t.TempDir(), "authority.db")
	w := identitytest.NewWorld(nil)
	n, err := open(t.Context(), w, url, filepath.Join(filepath.Dir(url[7:]), "keys"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = n.Close() })
	self, _ := node.Find[*Node](n)
	return self, n, w, url
}

func open(ctx context.Context, w *identitytest.World, url, keys string, proxies ...string) (*node.Node, error) {
	c := config.Default(Section)
	c.Node.Role, c.DB.URL = roleAuthority, config.Secret(url)
	c.Blob.Dir, c.Mail.Dir = filepath.Dir(url[7:])+"/files", filepath.Dir(url[7:])+"/mail"
	config.In[Config](c).Dir = keys
	c.HTTP.TrustedProxies = proxies
	return node.Open(ctx, []node.Module{New(Needs{Register: w.Register}).Module()}, node.Settings{
		Config: c, Relaxed: true, Clock: w.Clock, Log: slog.New(slog.DiscardHandler),
	})
}

func program(t *testing.T, w *identitytest.World, out io.Writer) node.Program {
	t.Helper()
	texts, err := node.Catalogue([]node.Module{New(Needs{}).Module()})
	if err != nil {
		t.Fatal(err)
	}
	return node.Program{
		Out: out, Err: out, Messages: texts, Shape: config.Shape{Roles: []string{roleAuthority}, Sections: []config.Section{Section}},
		Open: func(ctx context.Context, _ string, s node.Settings, _ ...string) (*node.Node, error) {
			return open(ctx, w, s.Config.DB.URL.Reveal(), config.In[Config](s.Config).Dir)
		},
	}
}

func identified(t *testing.T, n *Node, p identity.Facts) identity.Account {
	t.Helper()
	address, err := identity.ReadAddress("me@example.vn", "vi")
	if err != nil {
		t.Fatal(err)
	}
	out, err := n.service.Identify(t.Context(), identitytest.Officer, identity.Desk{
		Number: p.Number, Name: p.Name, Birth: p.Birth, Card: identity.Card{Kind: "CC", Issued: citizen.MustDay("2025-01-02")}, Compared: true,
		Purpose: "Cấp định danh", Level: identity.Two, Address: address,
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.Account
}

// TestCommands: the authority counts and looks at one account, which its holder sees; the
// number stays masked, and no fact is shown.
func TestCommands(t *testing.T) {
	t.Parallel()
	n, _, w, url := opened(t)
	a := identified(t, n, identitytest.Mother)
	keys := n.config.Dir
	run := func(c interface {
		Run(context.Context, node.Program) error
	},
	) string {
		t.Helper()
		var out bytes.Buffer
		if err := c.Run(t.Context(), program(t, w, &out)); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	db := database{DB: url, Dir: keys, JSON: true, Lang: node.Lang{Lang: "vi"}}
	var counts struct {
		Accounts []counted `json:"accounts"`
	}
	if err := json.Unmarshal([]byte(run(listCommand{db})), &counts); err != nil {
		t.Fatal(err)
	}
	if len(counts.Accounts) != 1 || counts.Accounts[0] != (counted{"citizen", 2, "active", 1}) {
		t.Errorf("%+v", counts)
	}
	var one shown
	text := run(showCommand{db, a.ID, "Kiểm tra"})
	if err := json.Unmarshal([]byte(text), &one); err != nil {
		t.Fatal(err)
	}
	if one.ID != a.ID || one.Level != 2 || len(one.Entries) != 1 || one.Entries[0].What != "opened" {
		t.Errorf("%+v", one)
	}
	db.JSON = false
	text += run(listCommand{db}) + run(showCommand{db, a.ID, "Kiểm tra"})
	for _, secret := range []string{identitytest.Mother.Number.Reveal(), identitytest.Mother.Name, "me@example.vn"} {
		if strings.Contains(text, secret) {
			t.Errorf("it shows %s:\n%s", secret, text)
		}
	}
	if !strings.Contains(text, "Mức độ 2") || !strings.Contains(text, "Mở tài khoản") {
		t.Errorf("%s", text)
	}
	list, err := n.store.Entries(t.Context(), a.ID, 0, 10)
	if err != nil || len(list) != 3 || list[0].What != "inspected" || list[0].Args["purpose"] != "Kiểm tra" {
		t.Errorf("%+v, %v", list, err)
	}
	var usage node.UsageError
	if err := (showCommand{db, a.ID, " "}).Run(t.Context(), program(t, w, io.Discard)); !errors.As(err, &usage) {
		t.Errorf("without a reason: %v", err)
	}
	if err := (showCommand{db, "none", "x"}).Run(t.Context(), program(t, w, io.Discard)); fault.Of(err) != fault.NotFound {
		t.Errorf("none: %v", err)
	}
}

// TestAddressBehindProxies: a caller does not choose the address under which their guesses are
// counted; a proxy that is named says it, and only of its neighbour.
func TestAddressBehindProxies(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		proxies    []string
		peer, says string
		want       string
	}{
		"no proxy is named": {nil, "203.0.113.9:4711", "198.51.100.7", "203.0.113.9"},
		"not the one":       {[]string{"10.0.0.0/8"}, "203.0.113.9:4711", "198.51.100.7", "203.0.113.9"},
		"the proxy":         {[]string{"10.0.0.0/8"}, "10.0.0.5:4711", "198.51.100.7", "198.51.100.7"},
		"spoofed before it": {[]string{"10.0.0.0/8"}, "10.0.0.5:4711", "192.0.2.1, 198.51.100.7", "198.51.100.7"},
		"a spoofed proxy":   {[]string{"10.0.0.0/8"}, "10.0.0.5:4711", "192.0.2.1, 10.0.0.9, 198.51.100.7", "198.51.100.7"},
	} {
		url := "sqlite:" + filepath.Join(t.TempDir(), "authority.db")
		opened, err := open(t.Context(), identitytest.NewWorld(nil), url, filepath.Join(filepath.Dir(url[7:]), "keys"), c.proxies...)
		if err != nil {
			t.Fatal(err)
		}
		self, _ := node.Find[*Node](opened)
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.RemoteAddr = c.peer
		r.Header.Set("X-Forwarded-For", c.says)
		if got := self.address(r); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
		if err := opened.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestLetters: a holder is told by mail, in both languages, in the transaction of what it
// tells of.
func TestLetters(t *testing.T) {
	t.Parallel()
	n, opened, _, _ := opened(t)
	a := identified(t, n, identitytest.Mother)
	if a.Value(identity.FieldEmail) == "" || len(a.Confirmed("vi")) != 0 {
		t.Fatalf("an address that nobody confirmed: %+v", a)
	}
	letters := func() []string {
		t.Helper()
		list, err := sqldb.All[string](t.Context(), opened.DB, `SELECT payload FROM job WHERE kind = 'outbox.mail' ORDER BY id`)
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	if list := letters(); len(list) != 0 {
		t.Errorf("told at an address that may be another's: %v", list)
	}
	to := identity.Address{Kind: identity.FieldEmail, To: "me@example.vn"}
	tell := func(then error) error {
		return n.store.InTx(t.Context(), func(tx identity.Tx) error {
			if err := n.service.Teller.Tell(t.Context(), tx, to, "identity.letter.enrol", map[string]string{"code": "123456"}); err != nil {
				return err
			}
			return then
		})
	}
	if err := tell(context.Canceled); !errors.Is(err, context.Canceled) || len(letters()) != 0 {
		t.Errorf("%v, %v", err, letters())
	}
	if err := tell(nil); err != nil {
		t.Fatal(err)
	}
	list := letters()
	if len(list) != 1 || strings.Count(list[0], "123456") != 2 || !strings.Contains(list[0], "me@example.vn") || strings.Contains(list[0], "{code}") {
		t.Errorf("%v", list)
	}
	to.Lang = "en"
	if err := tell(nil); err != nil {
		t.Fatal(err)
	}
	if list := letters(); len(list) != 2 || strings.Count(list[1], "123456") != 1 || strings.Contains(list[1], "Mã") {
		t.Errorf("in their language alone: %v", list)
	}
	to.Kind = identity.FieldPhone
	if err := tell(nil); err != nil || len(letters()) != 2 {
		t.Errorf("a telephone: %v, %d letters", err, len(letters()))
	}
}

// TestEveryLetterHasItsSubject, in both languages.
func TestEveryLetterHasItsSubject(t *testing.T) {
	t.Parallel()
	raw, err := fs.ReadFile(identity.Messages, "vi.json")
	if err != nil {
		t.Fatal(err)
	}
	var keys map[string]string
	if err := json.Unmarshal(raw, &keys); err != nil {
		t.Fatal(err)
	}
	letters := 0
	for key := range keys {
		if strings.HasPrefix(key, "identity.letter.") && !strings.HasSuffix(key, ".subject") {
			letters++
			if keys[key+".subject"] == "" {
				t.Errorf("%s has no subject", key)
			}
		}
	}
	if letters < 20 {
		t.Errorf("only %d letters", letters)
	}
}

// TestWordOfAChange: what the register records is done once, in the order of one person.
func TestWordOfAChange(t *testing.T) {
	t.Parallel()
	n, opened, w, _ := opened(t)
	a := identified(t, n, identitytest.Mother)
	w.Register.Change(identitytest.Mother.Number, func(f *identity.Facts) { f.Dead = citizen.MustDay("2026-11-23") })
	err := opened.DB.InTx(t.Context(), func(tx *sqldb.Tx) error {
		return n.PeopleChanged(t.Context(), tx, []citizen.Number{identitytest.Mother.Number, identitytest.Nobody.Number})
	})
	if err != nil {
		t.Fatal(err)
	}
	list, err := jobs.List(t.Context(), opened.DB, jobs.Filter{Kind: newsKind})
	if err != nil || len(list) != 2 {
		t.Fatalf("%+v, %v", list, err)
	}
	lanes, err := sqldb.All[string](t.Context(), opened.DB, `SELECT lane FROM job`)
	if err != nil || strings.Contains(strings.Join(lanes, " "), identitytest.Mother.Number.Reveal()[6:]) {
		t.Errorf("a lane names somebody: %v, %v", lanes, err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = (&jobs.Runner{DB: opened.DB, Clock: clock.System{}, Log: slog.New(slog.DiscardHandler), Poll: 5 * time.Millisecond, Handlers: map[string]jobs.Handler{
			newsKind: n.news, sweepKind: n.sweep, termsKind: n.terms,
		}}).Run(ctx)
	}()
	for end := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		got, err := n.store.Account(t.Context(), a.ID)
		if err != nil {
			t.Fatal(err)
		}
		if got.State == identity.Closed {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("%+v", got)
		}
	}
	stop()
	<-done
}

func TestConfig(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                  "",
		`issuer = "https://a.example.vn"`:   "",
		`issuer = "http://localhost:8016"`:  "",
		`issuer = "http://127.0.0.1:8016"`:  "",
		`issuer = "https://a.example.vn/"`:  "identity.issuer",
		`issuer = "https://a.example.vn/x"`: "identity.issuer",
		`issuer = "http://a.example.vn"`:    "identity.issuer",
		`issuer = "a.example.vn"`:           "identity.issuer",
		`idle = "10s"`:                      "identity.idle",
		`absolute = "10m"`:                  "identity.absolute",
		`absolute = "2000h"`:                "identity.absolute",
	} {
		file := filepath.Join(t.TempDir(), "dean06.toml")
		if err := os.WriteFile(file, []byte("[node]\nrole = \"authority\"\n[identity]\n"+text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		_, problems := config.Load(config.Shape{Roles: []string{roleAuthority}, Sections: []config.Section{Section}}, file, nil, nil)
		got := ""
		for _, p := range problems {
			if strings.HasPrefix(p.Key, "identity.") {
				got = p.Key
			}
		}
		if got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

// TestKeysStay: a node that is opened again reads its keys; one that only looks makes none.
func TestKeysStay(t *testing.T) {
	t.Parallel()
	n, opened, w, url := opened(t)
	sealed, err := n.service.Sealer.Seal([]byte("x"), []byte("y"))
	if err != nil {
		t.Fatal(err)
	}
	key := n.service.Throttle.Key
	if err := opened.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := open(t.Context(), w, url, n.config.Dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = again.Close() })
	self, _ := node.Find[*Node](again)
	if plain, err := self.service.Sealer.Open(sealed, []byte("y")); err != nil || string(plain) != "x" || !bytes.Equal(self.service.Throttle.Key, key) {
		t.Errorf("%q, %v", plain, err)
	}
	for _, name := range []string{sealFile, throttleFile} {
		info, err := os.Stat(filepath.Join(n.config.Dir, name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
}
