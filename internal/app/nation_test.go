package app

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dean06/data"
	"dean06/internal/exchange"
	"dean06/internal/exchange/centre"
	"dean06/internal/exchange/centre/centresql"
	"dean06/internal/exchange/exchangeapi"
	"dean06/internal/exchange/exchangesql"
	"dean06/internal/exchange/gateway"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/clock/clocktest"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/pki"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/security"
	"dean06/internal/security/securitysql"
	"dean06/internal/xroad"
)

var (
	baocao = xroad.MustID("VN/GOV/A01/BAOCAO") // the board, which says how secure systems are
	yte    = xroad.MustID("VN/GOV/H55/YTE")
	tthc   = xroad.MustID("VN/GOV/H55/TTHC")
	dancu  = xroad.MustID("VN/GOV/G01/DANCU")
	ask    = dancu.Of("match")
)

// nation is a hub, the desk of the board and gateways, over real sockets and with what each
// signs; one clock that stands still until a test moves it is of all who have none of their own.
type nation struct {
	t       *testing.T
	clock   *clocktest.Clock
	hub     *centre.Centre
	server  *httptest.Server
	away    atomic.Bool // the hub answers nobody
	desk    *security.Desk
	systems map[string][]security.System
	db      *sqldb.DB // of the desk
	board   *exchangeapi.Membership
}

// SystemsOf are what an agency declares.
func (n *nation) SystemsOf(_ context.Context, agency string) ([]security.System, error) {
	return n.systems[agency], nil
}

// AskGrace lets the second inspector agree at once.
func (n *nation) AskGrace(ctx context.Context, _ actor.Actor, g security.Grace, _ string) error {
	return n.db.InTx(ctx, func(tx *sqldb.Tx) error { return n.desk.GiveGrace(ctx, securitysql.In(tx), g, inspector2) })
}

var (
	hubOperator = actor.Actor{Account: "1", Roles: []string{exchange.Operator}}
	officer     = actor.Actor{Account: "an", Agency: "H55", Roles: []string{security.Officer}}
	unit        = actor.Actor{Account: "binh", Agency: "H55", Roles: []string{security.UnitStaff}}
	head        = actor.Actor{Account: "chi", Agency: "H55", Roles: []string{security.HeadRole}}
	inspector   = actor.Actor{Account: "dung", Roles: []string{security.Examiner}}
	inspector2  = actor.Actor{Account: "em", Roles: []string{security.Examiner}}
	healthOf    = security.Of{Agency: "H55", System: "s2"}
)

func must(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

func newNation(t *testing.T) *nation {
	t.Helper()
	ctx := t.Context()
	n := &nation{t: t, clock: &clocktest.Clock{}, systems: map[string][]security.System{
		"H55": {{Agency: "H55", ID: "s1", Name: "Một cửa"}, {Agency: "H55", ID: "s2", Name: "Hệ thống y tế"}},
		"H04": {{Agency: "H04", ID: "s1", Name: "Hệ thống khác"}},
	}}
	n.clock.Set("2026-11-30 09:00")
	db := sqldbtest.OpenSQLite(t)
	must(t, audit.Migrate(ctx, db), centresql.Migrate(ctx, db))
	ca, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	n.hub = centre.New(centre.Parts{
		Store: centresql.New(db), Clock: n.clock, NewID: sqldb.NewID, Instance: "VN", CA: ca, Signer: ca, Security: baocao,
		Agencies: func() []centre.Agency {
			return []centre.Agency{{Code: "A01"}, {Code: "H55"}, {Code: "H04"}, {Code: "G01"}}
		},
	})
	must(t, n.hub.Begin(ctx))
	for _, id := range []xroad.ID{baocao, tthc, yte, dancu, xroad.MustID("VN/GOV/H04/YTE")} {
		if id != yte {
			n.enter(exchange.Entry{Kind: exchange.MemberEntry, Key: id.MemberID().String(), Member: id.MemberID(), Name: id.Member})
		}
		n.enter(exchange.Entry{Kind: exchange.SubsystemEntry, Key: id.String(), Member: id.MemberID(), Name: id.Subsystem})
	}
	texts, err := i18n.Load(ui.Messages, web.Messages, exchange.Messages, centre.Messages, exchangeapi.Messages, pki.Messages)
	must(t, err)
	router := web.NewRouter(web.Config{
		Log: slog.New(slog.DiscardHandler), Messages: texts, Frame: func(*http.Request) ui.Frame { return ui.Frame{} },
	})
	router.Mount(exchangeapi.New(n.hub, n.clock).Routes()...)
	n.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n.away.Load() {
			panic(http.ErrAbortHandler)
		}
		router.Handler().ServeHTTP(w, r)
	}))
	t.Cleanup(n.server.Close)

	n.db = sqldbtest.OpenSQLite(t)
	must(t, audit.Migrate(ctx, n.db), securitysql.Migrate(ctx, n.db))
	rules, err := data.Security.ReadFile("security/rules.json")
	must(t, err)
	book, err := security.ReadBook(rules)
	must(t, err)
	raw, err := data.Security.ReadFile("security/standards.json")
	must(t, err)
	standards, err := security.ReadStandards(raw)
	must(t, err)
	n.desk = &security.Desk{
		Store: securitysql.New(n.db), Systems: n, Clock: n.clock, NewID: sqldb.NewID, Book: book, Standards: standards, Second: n,
	}
	n.board, _ = n.member("A01-1", n.clock, "127.0.0.1:1", baocao)
	return n
}

func (n *nation) enter(e exchange.Entry) {
	n.t.Helper()
	must(n.t, n.hub.Enter(n.t.Context(), hubOperator, e))
}

// member joins a gateway that speaks for subsystems of one member.
func (n *nation) member(id string, c clock.Clock, address string, subsystems ...xroad.ID) (*exchangeapi.Membership, crypto.Signer) {
	n.t.Helper()
	text, _, err := n.hub.Invite(n.t.Context(), hubOperator, centre.Invitation{
		Member: subsystems[0].MemberID(), Gateway: id, Subsystems: subsystems,
	})
	must(n.t, err)
	dir := n.t.TempDir()
	at := &exchangeapi.Client{URL: n.server.URL, Clock: c, Lang: "en"}
	saved, err := at.Join(n.t.Context(), dir, text.Text(), address, nil, nil)
	must(n.t, err)
	key, err := pki.FileKey(filepath.Join(dir, exchangeapi.KeyFile))
	must(n.t, err)
	return exchangeapi.NewMembership(saved, dir, key, c), key
}

// party is a gateway that runs.
type party struct {
	*gateway.Gateway
	n        *nation
	clock    *clocktest.Clock
	settings gateway.Settings
	store    *exchangesql.Store
	local    string
	address  string
	stop     func()
	// changed is what the hub's configuration becomes on its way; nil: what it is.
	changed atomic.Pointer[func(exchange.Signed) exchange.Signed]
}

// gateway starts one. Its clock is the nation's, when it has none of its own.
func (n *nation) gateway(id string, own *clocktest.Clock, subsystems ...xroad.ID) *party {
	n.t.Helper()
	p := &party{n: n, clock: n.clock}
	if own != nil {
		p.clock = own
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	must(n.t, err)
	p.address = ln.Addr().String()
	m, key := n.member(id, p.clock, p.address, subsystems...)
	db := sqldbtest.OpenSQLite(n.t)
	must(n.t, audit.Migrate(n.t.Context(), db), exchangesql.Migrate(n.t.Context(), db))
	p.store = exchangesql.New(db, p.clock)
	saved := m.Saved()
	p.settings = gateway.Settings{
		ID: id, Member: saved.Member, Dir: n.t.TempDir(), Signer: key, Certificates: [][]byte{saved.DER()}, Authorities: saved.Authorities(),
		Store: p.store, Show: m.Show, Clock: p.clock, Log: slog.New(slog.DiscardHandler), RefreshEvery: time.Hour, CallTimeout: time.Minute,
		Configurations: func(ctx context.Context) (exchange.Signed, error) {
			s, err := m.Configuration(ctx)
			if f := p.changed.Load(); f != nil && err == nil {
				s = (*f)(s)
			}
			return s, err
		},
		Door: gateway.Door{Plain: []string{gateway.AnySubsystem}},
	}
	p.start(ln)
	return p
}

func (p *party) start(ln net.Listener) {
	p.n.t.Helper()
	g, err := gateway.Open(p.n.t.Context(), p.settings)
	must(p.n.t, err)
	p.Gateway = g
	ctx, cancel := context.WithCancel(context.Background())
	peer, local := g.PeerServer(), httptest.NewServer(g.Local())
	p.local = local.URL
	var wg sync.WaitGroup
	wg.Go(func() { _ = peer.ServeTLS(ln, "", "") })
	wg.Go(func() { _ = g.Run(ctx) })
	p.stop = sync.OnceFunc(func() {
		local.Close()
		_ = peer.Close()
		cancel()
		wg.Wait()
	})
	p.n.t.Cleanup(func() { p.stop() })
}

// restart stops it and starts it again on what it has stored.
func (p *party) restart() {
	p.n.t.Helper()
	p.stop()
	ln, err := net.Listen("tcp", p.address)
	must(p.n.t, err)
	p.start(ln)
}

// demands lets a service answer whom the right allows that demands security.
func (p *party) demands(h http.Handler, rights ...exchange.Right) {
	t := p.n.t
	t.Helper()
	must(t, p.store.SaveService(t.Context(), exchange.LocalService{ID: ask, Name: "match", Type: "REST", OwnFields: true}))
	for _, r := range rights {
		r.ID, r.Service, r.LegalBasis, r.Fields = sqldb.NewID(), ask, "Nghị định 107/2021/NĐ-CP", []string{"*"}
		r.From, r.GivenBy, r.GivenAt = clock.MustDate("2020-01-01"), "an", p.clock.Now()
		must(t, p.store.GiveRight(t.Context(), r))
	}
	p.Provide(ask, h)
	must(t, p.ReloadRights(t.Context()))
}

var fine = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "answered") })

// asks calls the service as a subsystem and gives the code of the refusal, "" when it was answered.
func (p *party) asks(client xroad.ID) (code, text string) {
	p.n.t.Helper()
	req, err := http.NewRequestWithContext(p.n.t.Context(), http.MethodPost, p.local+"/r1/"+ask.String(), strings.NewReader("q"))
	must(p.n.t, err)
	req.Header.Set(xroad.HeaderClient, client.String())
	resp, err := http.DefaultClient.Do(req)
	must(p.n.t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	must(p.n.t, err)
	return resp.Header.Get("X-Road-Error"), string(body)
}

// is fails unless a call is answered (want is ""), or refused with a code.
func (p *party) is(what string, client xroad.ID, want xroad.Code) {
	p.n.t.Helper()
	if code, text := p.asks(client); code != string(want) {
		p.n.t.Fatalf("%s: refused with %q, want %q: %s", what, code, want, text)
	}
}

// tell lets the hub hear from the board, and gateways from the hub.
func (n *nation) tell(parties ...*party) {
	n.t.Helper()
	n.clock.Pass(time.Millisecond) // what is said later counts
	list, at, err := n.desk.Clearances(n.t.Context())
	must(n.t, err, n.board.Clear(n.t.Context(), said(at, list)))
	n.spread(parties...)
}

func (n *nation) spread(parties ...*party) {
	n.t.Helper()
	must(n.t, n.hub.Tend(n.t.Context()))
	for _, p := range parties {
		must(n.t, p.Refresh(n.t.Context()))
	}
}

// approve takes a system to an approved dossier and a fresh inspection.
func (n *nation) approve(system string, subsystems ...string) {
	n.t.Helper()
	ctx := n.t.Context()
	v, err := n.desk.One(ctx, officer, "H55", system)
	must(n.t, err, n.desk.Tell(ctx, officer, "H55", system, v.Record.Version, security.Told{
		Facts: security.Facts{Service: security.Full}, Subsystems: subsystems,
	}))
	d, err := n.desk.Begin(ctx, officer, "H55", system)
	must(n.t, err)
	must(n.t, n.desk.Write(ctx, officer, d.ID, 1, d.Level, map[security.Part]string{
		security.Overview: "x", security.Design: "x", security.Justification: "x", security.Plan: "x",
	}))
	today := clock.DayOf(n.clock.Now())
	must(n.t, n.desk.Submit(ctx, officer, d.ID, 2))
	must(n.t, n.desk.Appraise(ctx, unit, d.ID, 3, "Đạt"))
	must(n.t, n.desk.Approve(ctx, head, d.ID, 4, security.Decision{
		Paper: security.Paper{Number: "2345/QĐ-UBND", Day: today}, File: security.File{Name: "qd.pdf", SHA256: "aa"},
	}))
	must(n.t, n.desk.EnterCheck(ctx, unit, security.Check{Agency: "H55", System: system, Day: today, Report: "BB 12"}, nil))
}

// finding adds a critical finding of the health system, which is due in seven days.
func (n *nation) finding() security.Finding {
	n.t.Helper()
	must(n.t, n.desk.AddFinding(n.t.Context(), inspector, security.Finding{
		Agency: "H55", System: "s2", Severity: security.Critical, Title: "Trang quản trị mở ra Internet",
	}))
	v, err := n.desk.One(n.t.Context(), unit, "H55", "s2")
	must(n.t, err)
	return v.Findings[len(v.Findings)-1]
}

// mended mends and retests a finding.
func (n *nation) mended(f security.Finding) {
	n.t.Helper()
	must(n.t, n.desk.Mend(n.t.Context(), officer, f.ID, f.Version, "Đã đóng"))
	must(n.t, n.desk.Retest(n.t.Context(), inspector, f.ID, f.Version+1, true, "Đã thử"))
}
