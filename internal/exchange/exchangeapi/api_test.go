package exchangeapi_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/exchange/centre"
	"dean06/internal/exchange/centre/centresql"
	"dean06/internal/exchange/exchangeapi"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/pki"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/xroad"
)

var operator = actor.Actor{Account: "1", Name: "Lê Thị Vận", Roles: []string{exchange.Operator}}

type watch struct{ at atomic.Int64 }

func (w *watch) Now() time.Time          { return time.UnixMicro(w.at.Load()).UTC() }
func (w *watch) advance(d time.Duration) { w.at.Add(d.Microseconds()) }

type hub struct {
	t      *testing.T
	centre *centre.Centre
	server *httptest.Server
	clock  *watch
}

func must(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

func reported(_ exchange.ReportAnswer, _ bool, err error) error { return err }

func newHub(t *testing.T) *hub {
	t.Helper()
	ctx := t.Context()
	db := sqldbtest.OpenSQLite(t)
	must(t, audit.Migrate(ctx, db), centresql.Migrate(ctx, db))
	h := &hub{t: t, clock: &watch{}}
	h.clock.at.Store(time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC).UnixMicro())
	ca, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	h.centre = centre.New(centre.Parts{
		Store: centresql.New(db), Clock: h.clock, NewID: sqldb.NewID, Instance: "VN", CA: ca, Signer: ca,
		Agencies: func() []centre.Agency { return []centre.Agency{{Code: "H55", Name: "UBND tỉnh Thái Nguyên"}} },
	})
	member := xroad.MustID("VN/GOV/H55")
	must(t, h.centre.Begin(ctx),
		h.centre.Enter(
			ctx, operator, exchange.Entry{Kind: exchange.MemberEntry, Key: "VN/GOV/H55", Member: member, Name: "UBND tỉnh Thái Nguyên"},
		),
		h.centre.Enter(
			ctx, operator, exchange.Entry{Kind: exchange.SubsystemEntry, Key: "VN/GOV/H55/TTHC", Member: member, Name: "Thủ tục hành chính"},
		))
	texts, err := i18n.Load(ui.Messages, web.Messages, exchange.Messages, centre.Messages, exchangeapi.Messages, pki.Messages)
	must(t, err)
	rt := web.NewRouter(web.Config{
		Log: slog.New(slog.DiscardHandler), Messages: texts, Frame: func(*http.Request) ui.Frame { return ui.Frame{} },
	})
	rt.Mount(exchangeapi.New(h.centre, h.clock).Routes()...)
	h.server = httptest.NewServer(rt.Handler())
	t.Cleanup(h.server.Close)
	return h
}

func (h *hub) client() *exchangeapi.Client {
	return &exchangeapi.Client{URL: h.server.URL, Clock: h.clock, Lang: "en"}
}

func (h *hub) token() string {
	h.t.Helper()
	text, _, err := h.centre.Invite(h.t.Context(), operator, centre.Invitation{
		Member: xroad.MustID("VN/GOV/H55"), Gateway: "H55-1", Subsystems: []xroad.ID{xroad.MustID("VN/GOV/H55/TTHC")},
	})
	must(h.t, err)
	return text.Text()
}

func says(t *testing.T, err error, kind fault.Kind, text string) {
	t.Helper()
	f := fault.As(err)
	if f == nil || f.Kind != kind || !strings.Contains(f.Error(), text) {
		t.Errorf("got %v, want %s with %q", err, kind, text)
	}
}

func TestJoining(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	ctx, c := t.Context(), h.client()
	dir, token := filepath.Join(t.TempDir(), "gateway"), h.token()
	if _, err := exchangeapi.Load(dir); fault.Of(err) != fault.NotFound {
		t.Errorf("before joining: %v", err)
	}
	first, err := c.Join(ctx, dir, token, "127.0.0.1:8038", nil, nil)
	must(t, err)
	// A power cut before the file was written: the same command heals it.
	must(t, os.Remove(filepath.Join(dir, exchangeapi.SavedFile)))
	again, err := c.Join(ctx, dir, token, "127.0.0.1:8038", nil, nil)
	must(t, err)
	if first.Certificate != again.Certificate {
		t.Error("the same command gave another certificate")
	}
	loaded, err := exchangeapi.Load(dir)
	must(t, err)
	if loaded.Gateway != "H55-1" || loaded.Member.String() != "VN/GOV/H55" || loaded.Hub != h.server.URL ||
		loaded.Certificate != first.Certificate {
		t.Errorf("loaded: %+v", loaded)
	}
	_, err = c.Join(ctx, t.TempDir(), token, "127.0.0.1:8038", nil, nil)
	says(t, err, fault.Denied, "was used on")
	_, err = c.Join(ctx, t.TempDir(), "abc", "127.0.0.1:8038", nil, nil)
	says(t, err, fault.Invalid, "exchange.token.bad")
	_, err = c.Join(ctx, t.TempDir(), token, "nowhere", nil, nil)
	says(t, err, fault.Invalid, "exchange.entry.address")

	// Another centre that knows all but the CA of the token.
	other := newHub(t)
	parts := strings.Split(other.token(), ".")
	parts[2] = strings.Split(token, ".")[2]
	_, err = other.client().Join(ctx, t.TempDir(), strings.Join(parts, "."), "127.0.0.1:8038", nil, nil)
	says(t, err, fault.Denied, "exchange.join.stranger")

	must(t, os.WriteFile(filepath.Join(dir, exchangeapi.SavedFile), []byte("{"), 0o600))
	if _, err := exchangeapi.Load(dir); fault.Of(err) != fault.Invalid {
		t.Errorf("damaged: %v", err)
	}
}

func TestLifeOfAGateway(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	ctx, c := t.Context(), h.client()
	dir := t.TempDir()
	s, err := c.Join(ctx, dir, h.token(), "127.0.0.1:8038", []string{"gw.example"}, nil)
	must(t, err)
	key, err := pki.FileKey(filepath.Join(dir, exchangeapi.KeyFile))
	must(t, err)
	id := s.Identity(key)

	one, err := c.Configuration(ctx)
	must(t, err)
	two, err := c.Configuration(ctx) // not modified
	must(t, err)
	if !bytes.Equal(one.Body, two.Body) {
		t.Error("an unchanged configuration changed")
	}
	if _, err := exchange.Open(one, s.Authorities(), h.clock.Now()); err != nil {
		t.Error(err)
	}

	a := exchange.Application{ID: sqldb.NewID(), Entry: exchange.Entry{
		Kind: exchange.ServiceOffered, Key: "VN/GOV/H55/TTHC/status", Name: "Tình trạng", Type: "REST",
	}}
	a, err = c.Apply(ctx, id, a)
	must(t, err)
	must(t, h.centre.Settle(ctx, operator, a.ID, false, "Thiếu mô tả"))
	a, err = c.Apply(ctx, id, a)
	must(t, err)
	if a.State != exchange.Refused || a.Reason != "Thiếu mô tả" {
		t.Errorf("application: %s %q", a.State, a.Reason)
	}
	must(t, reported(c.Report(ctx, id, exchange.Report{Version: "1.0", LogSize: 3})))
	r, err := h.centre.Register(ctx, operator)
	must(t, err)
	if r.Reports["H55-1"].LogSize != 3 {
		t.Errorf("report: %+v", r.Reports)
	}

	if _, renewed, err := c.Renew(ctx, dir, s, key); err != nil || renewed {
		t.Errorf("renewed %v, %v; want nothing to do", renewed, err)
	}
	h.clock.advance(61 * 24 * time.Hour)
	must(t, h.centre.Tend(ctx))
	next, renewed, err := c.Renew(ctx, dir, s, key)
	must(t, err)
	if !renewed || next.Certificate == s.Certificate {
		t.Error("the certificate was not renewed")
	}
	if loaded, err := exchangeapi.Load(dir); err != nil || loaded.Certificate != next.Certificate {
		t.Errorf("the renewed certificate is not in the folder: %v", err)
	}
	must(t, h.centre.Revoke(ctx, operator, exchange.Fingerprint(next.DER()), "Lộ khóa"))
	says(t, reported(c.Report(ctx, next.Identity(key), exchange.Report{})), fault.Denied, "run out or was revoked")
}

func TestHostile(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	post := func(path, body string) int {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.server.URL+path, strings.NewReader(body))
		must(t, err)
		r.Header.Set("Content-Type", "application/json")
		resp, err := http.DefaultClient.Do(r)
		must(t, err)
		_, _ = io.Copy(io.Discard, resp.Body)
		must(t, resp.Body.Close())
		return resp.StatusCode
	}
	for _, c := range []struct {
		path, body string
		want       int
	}{
		{"/exchange/v1/requests", `{}`, http.StatusForbidden},
		{"/exchange/v1/reports", `[`, http.StatusUnprocessableEntity},
		{"/exchange/v1/renew", `{"gateway":"H55-1","key_id":"","purpose":"renew"}`, http.StatusForbidden},
		{"/exchange/v1/renew", strings.Repeat("x", 64<<10), http.StatusRequestEntityTooLarge},
		{"/exchange/v1/join", `{"token":"x","csr":"!!"}`, http.StatusUnprocessableEntity},
		{"/exchange/v1/join", `{"token":"x"}`, http.StatusForbidden},
	} {
		if got := post(c.path, c.body); got != c.want {
			t.Errorf("%s %.40s: got %d, want %d", c.path, c.body, got, c.want)
		}
	}
	many := 0
	for range 20 {
		if post("/exchange/v1/join", `{"token":"x"}`) == http.StatusTooManyRequests {
			many++
		}
	}
	if many == 0 {
		t.Error("joining can be tried without end")
	}
}

// TestStrangersDoNotBlockJoining: whoever holds a token joins from the address at which
// strangers tried without end, and a large body of a stranger keeps nobody from it.
func TestStrangersDoNotBlockJoining(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	post := func(path string, body io.Reader) int {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.server.URL+path, body)
		must(t, err)
		resp, err := http.DefaultClient.Do(r)
		must(t, err)
		defer resp.Body.Close()
		return resp.StatusCode
	}
	text, err := exchange.ParseToken(h.token())
	must(t, err)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	csr, err := pki.Request(key, "H55-1", []string{"10.0.0.5"})
	must(t, err)
	for range 150 { // more than anybody may
		post("/exchange/v1/join", strings.NewReader(`{"token":"x","proof":"eA=="}`))
	}
	known := exchange.NewJoin(text, csr, "10.0.0.5:8008")
	known.Proof[0] ^= 1 // the token's id is known, its secret is not
	for range 20 {
		body, err := json.Marshal(known)
		must(t, err)
		if got := post("/exchange/v1/join", bytes.NewReader(body)); got == http.StatusOK {
			t.Fatal("joined without the secret")
		}
	}
	slow, more := io.Pipe()
	begun := make(chan struct{})
	go func() {
		_, _ = more.Write(make([]byte, 100<<10)) // returns when the centre reads
		close(begun)
		<-t.Context().Done()
		_ = more.Close()
	}()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.server.URL+"/exchange/v1/requests", slow)
	must(t, err)
	go func() {
		if resp, err := http.DefaultClient.Do(r); err == nil {
			resp.Body.Close()
		}
	}()
	<-begun
	if got := post("/exchange/v1/requests", bytes.NewReader(make([]byte, 100<<10))); got != http.StatusTooManyRequests {
		t.Errorf("a second large body of one machine: %d, want %d", got, http.StatusTooManyRequests)
	}
	body, err := json.Marshal(exchange.NewJoin(text, csr, "10.0.0.5:8008"))
	must(t, err)
	if got := post("/exchange/v1/join", bytes.NewReader(body)); got != http.StatusOK {
		t.Errorf("the holder of the token: %d, want %d", got, http.StatusOK)
	}
	for range 20 {
		if got := post("/exchange/v1/join", bytes.NewReader(body)); got == http.StatusTooManyRequests {
			return
		}
	}
	t.Error("a token can be used without end")
}

// A stranger that answers in the centre's place is told apart from a refusal.
func TestNoCentre(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"<html>", "{}", `{"body":""}`, ""} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }))
		c := &exchangeapi.Client{URL: s.URL}
		token := exchange.TokenText{ID: "0123456789abcdef", Secret: make([]byte, 32), Authority: strings.Repeat("0", 64)}.Text()
		_, err := c.Join(context.Background(), t.TempDir(), token, "127.0.0.1:1", nil, nil)
		if k := fault.Of(err); k != fault.Unavailable && k != fault.Denied {
			t.Errorf("%q: got %v", body, err)
		}
		s.Close()
	}
	_, err := (&exchangeapi.Client{URL: "http://127.0.0.1:1"}).Configuration(t.Context())
	says(t, err, fault.Unavailable, "exchangeapi.away")
	_, err = (&exchangeapi.Client{URL: "ftp://x"}).Configuration(t.Context())
	says(t, err, fault.Invalid, "exchangeapi.url")
}
