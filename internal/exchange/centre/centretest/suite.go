package centretest

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/exchange/centre"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/pki"
	"dean06/internal/platform/sqldb"
	"dean06/internal/xroad"
)

var (
	operator = actor.Actor{Account: "1", Name: "Lê Thị Vận", Roles: []string{exchange.Operator}}
	auditor  = actor.Actor{Account: "2", Name: "Trần Văn Kiểm", Roles: []string{exchange.Auditor}}
	gateway1 = heard("H55-1")
	h55      = xroad.MustID("VN/GOV/H55")
	tthc     = xroad.MustID("VN/GOV/H55/TTHC")
)

// heard is a gateway that has shown who it is.
func heard(id string) actor.Actor {
	return actor.Actor{Account: "gateway:" + id, Name: id, Roles: []string{centre.TakesPart}, Via: actor.Exchange}
}

// watch is a clock that the test moves.
type watch struct{ at atomic.Int64 }

func (w *watch) Now() time.Time          { return time.UnixMicro(w.at.Load()).UTC() }
func (w *watch) advance(d time.Duration) { w.at.Add(d.Microseconds()) }

type bench struct {
	*centre.Centre
	t     *testing.T
	clock *watch
	parts centre.Parts
	// actions are those that the audit log has.
	actions func() []string
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func begin(t *testing.T, open Open) *bench {
	t.Helper()
	store, actions := open(t)
	ctx := t.Context()
	b := &bench{t: t, actions: actions, clock: &watch{}}
	b.clock.at.Store(time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC).UnixMicro())
	b.parts = centre.Parts{
		Store: store, Clock: b.clock, NewID: sqldb.NewID, Instance: "VN", CA: newKey(t), Signer: newKey(t), Security: tthc,
		Agencies: func() []centre.Agency {
			return []centre.Agency{{Code: "H55", Name: "UBND tỉnh Thái Nguyên"}, {Code: "G01", Name: "Bộ Công an"}}
		},
	}
	b.Centre = centre.New(b.parts)
	b.must(b.Begin(ctx))
	return b
}

func (b *bench) must(errs ...error) {
	b.t.Helper()
	if err := errors.Join(errs...); err != nil {
		b.t.Fatal(err)
	}
}

// fails checks the fault of an error.
func (b *bench) fails(err error, kind fault.Kind, key string) {
	b.t.Helper()
	f := fault.As(err)
	if f == nil || f.Kind != kind || f.Key != key {
		b.t.Errorf("got %v, want %s %s", err, kind, key)
	}
}

func (b *bench) enter(e exchange.Entry) {
	b.t.Helper()
	b.must(b.Enter(b.t.Context(), operator, e))
}

func (b *bench) members() {
	b.t.Helper()
	b.enter(exchange.Entry{Kind: exchange.MemberEntry, Key: "VN/GOV/H55", Member: h55, Name: "UBND tỉnh Thái Nguyên"})
	b.enter(exchange.Entry{Kind: exchange.SubsystemEntry, Key: "VN/GOV/H55/TTHC", Member: h55, Name: "Giải quyết thủ tục hành chính"})
}

func (b *bench) invite() exchange.TokenText {
	b.t.Helper()
	text, _, err := b.Invite(b.t.Context(), operator, centre.Invitation{Member: h55, Gateway: "H55-1", Subsystems: []xroad.ID{tthc}})
	b.must(err)
	return text
}

func (b *bench) request(text exchange.TokenText, key *ecdsa.PrivateKey) exchange.JoinRequest {
	b.t.Helper()
	csr, err := pki.Request(key, "x", []string{"gateway.example"})
	b.must(err)
	return exchange.NewJoin(text, csr, "127.0.0.1:8038")
}

func (b *bench) join(key *ecdsa.PrivateKey) exchange.Joined {
	b.t.Helper()
	j, err := b.Join(b.t.Context(), b.request(b.invite(), key))
	b.must(err)
	return j
}

// configuration opens the newest by the CA that issues now.
func (b *bench) configuration() exchange.Configuration {
	b.t.Helper()
	p, err := b.Configuration(b.t.Context())
	b.must(err)
	cas, err := b.parts.Store.CAs(b.t.Context())
	b.must(err)
	c, err := exchange.Open(p.Signed, cas, b.clock.Now())
	b.must(err)
	return c
}

func (b *bench) entry(kind exchange.EntryKind, key string) exchange.Entry {
	b.t.Helper()
	e, ok, err := b.parts.Store.Entry(b.t.Context(), kind, key)
	b.must(err)
	if !ok {
		b.t.Fatalf("no %s %s", kind, key)
	}
	return e
}

// authority is the centre's CA, as a centre elsewhere with the same key has it.
func authority(b *bench, der []byte) pki.Authority {
	b.t.Helper()
	cert, err := x509.ParseCertificate(der)
	b.must(err)
	return pki.Authority{Certificate: cert, Key: b.parts.CA}
}

func (b *bench) tell(purpose string, body []byte, cert []byte, key *ecdsa.PrivateKey) error {
	b.t.Helper()
	e, err := exchange.SealEnvelope(rand.Reader, "VN", "H55-1", purpose, body, cert, key, b.clock.Now())
	b.must(err)
	_, err = b.Hear(b.t.Context(), e, purpose)
	return err
}

// Open makes an empty store, and gives what reads the codes of the acts in its audit log.
type Open func(t *testing.T) (store centre.Store, actions func() []string)

// Exercise is the suite.
func Exercise(t *testing.T, open Open) {
	t.Helper()
	for _, c := range []struct {
		name string
		test func(b *bench)
	}{
		{"membership", testMembership},
		{"refused", testRefused},
		{"tokens", testTokens},
		{"one token one gateway", testOneTokenOneGateway},
		{"renew", testRenew},
		{"publishing", testPublishing},
		{"roll over", testRollOver},
		{"witness", testWitness},
		{"restored", testRestored},
		{"proofs", testProofs},
		{"silence", testSilence},
		{"restore of a gateway", testRestoreOfAGateway},
		{"security", testSecurity},
		{"security of a node that went back", testSecurityWentBack},
		{"anything holds together", testAnythingHoldsTogether},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.test(begin(t, open))
		})
	}
}

func testMembership(b *bench) {
	ctx := b.t.Context()
	b.members()
	j := b.join(newKey(b.t))
	c := b.configuration()
	if len(c.Members) != 1 || len(c.Members[0].Subsystems) != 1 || len(c.Gateways) != 1 || c.Gateways[0].Address != "127.0.0.1:8038" {
		b.t.Fatalf("configuration: %+v", c)
	}
	if !bytes.Equal(c.Gateways[0].Certificates[0], j.Certificate) {
		b.t.Error("the certificate of the gateway is not in the configuration")
	}

	a := exchange.Application{ID: "a1", Entry: exchange.Entry{
		Kind: exchange.ServiceOffered, Key: "VN/GOV/H55/TTHC/status", Name: "Tình trạng hồ sơ", Type: "OPENAPI",
		OpenAPI: []byte("openapi: 3.0.0\ninfo: {title: T}\npaths:\n  /d/{id}:\n    get: {responses: {200: {}}}\n"),
	}}
	for range 2 { // asking twice is asking once
		got, err := b.Apply(ctx, gateway1, a)
		b.must(err)
		if got.State != exchange.Pending {
			b.t.Errorf("got %s, want pending", got.State)
		}
	}
	if got := b.configuration(); len(got.Services) != 0 {
		b.t.Error("a service counts before it was approved")
	}
	b.fails(b.Settle(ctx, auditor, "a1", true, ""), fault.Denied, "centre.denied.settle")
	b.fails(b.Settle(ctx, operator, "a1", false, " "), fault.Invalid, "exchange.application.reason")
	b.must(b.Settle(ctx, operator, "a1", true, ""))
	b.fails(b.Settle(ctx, operator, "a1", false, "x"), fault.Conflict, "exchange.application.settled")
	if got := b.configuration().Services; len(got) != 1 || got[0].Endpoints[0] != (exchange.Endpoint{Method: "GET", Path: "/d/*"}) {
		b.t.Errorf("services: %+v", got)
	}

	a.ID, a.Entry.Key = "a2", "VN/GOV/G01/DANCU/match"
	_, err := b.Apply(ctx, gateway1, a)
	b.fails(err, fault.Denied, "exchange.application.foreign")
	a.ID, a.Entry.Key, a.Entry.OpenAPI = "a3", "VN/GOV/H55/TTHC/bad", []byte("openapi: 3.0.0\na: &a [x]\nb: *a\npaths: {}")
	_, err = b.Apply(ctx, gateway1, a)
	b.fails(err, fault.Invalid, "exchange.openapi.broken")
	a = exchange.Application{
		ID: "a4", Withdraw: true, Note: "Ngừng cung cấp", Entry: exchange.Entry{Kind: exchange.ServiceOffered, Key: "VN/GOV/H55/TTHC/status"},
	}
	if got, err := b.Apply(ctx, gateway1, a); err != nil || got.State != exchange.Approved {
		b.t.Errorf("an owner takes out its service: %v %s", err, got.State)
	}
	sub := exchange.Application{ID: "a5", Entry: exchange.Entry{Kind: exchange.SubsystemEntry, Key: "VN/GOV/H55/KHO", Name: "Kho"}}
	_, err = b.Apply(ctx, gateway1, sub)
	b.must(err)
	b.must(b.Settle(ctx, operator, "a5", true, ""))
	if got := b.configuration().Gateways[0].Subsystems; len(got) != 2 {
		b.t.Errorf("the gateway speaks for %v, want two subsystems", got)
	}

	m := b.entry(exchange.MemberEntry, "VN/GOV/H55")
	b.must(b.SetState(ctx, operator, m.Kind, m.Key, m.Version, exchange.Suspended, "Kiểm tra an toàn"))
	b.fails(b.SetState(ctx, operator, m.Kind, m.Key, m.Version, exchange.Withdrawn, "x"), fault.Conflict, "exchange.entry.changed")
	c = b.configuration()
	if len(c.Members[0].Subsystems) != 0 || !c.Gateways[0].Suspended || len(c.Gateways[0].Subsystems) != 0 {
		b.t.Errorf("a suspended member: %+v", c)
	}
	m = b.entry(exchange.MemberEntry, "VN/GOV/H55")
	b.must(b.SetState(ctx, operator, m.Kind, m.Key, m.Version, exchange.Withdrawn, "Sáp nhập"))
	c = b.configuration()
	if len(c.Members) != 0 || len(c.Gateways) != 0 || len(c.Revoked) != 1 || c.Revoked[0].Fingerprint != exchange.Fingerprint(j.Certificate) {
		b.t.Errorf("a member that left: %+v", c)
	}
	log := b.actions()
	for _, action := range log {
		if !slices.Contains(centre.Actions, action) {
			b.t.Errorf("%s is not among the centre's actions", action)
		}
	}
	if len(log) < 12 {
		b.t.Errorf("%d lines in the audit log, want each act", len(log))
	}
}

func testRefused(b *bench) {
	b.members()
	id := xroad.MustID
	for _, c := range []struct {
		name string
		e    exchange.Entry
		key  string
	}{
		{
			"no agency",
			exchange.Entry{Kind: exchange.MemberEntry, Key: "VN/GOV/X1", Member: id("VN/GOV/X1"), Name: "X"},
			"exchange.entry.no_agency",
		},
		{
			"other class",
			exchange.Entry{Kind: exchange.MemberEntry, Key: "VN/COM/G01", Member: id("VN/COM/G01"), Name: "X"},
			"exchange.entry.no_agency",
		},
		{
			"other instance",
			exchange.Entry{Kind: exchange.MemberEntry, Key: "EE/GOV/G01", Member: id("EE/GOV/G01"), Name: "X"},
			"exchange.entry.key.member",
		},
		{"twice", exchange.Entry{Kind: exchange.MemberEntry, Key: "VN/GOV/H55", Member: h55, Name: "X"}, "exchange.entry.exists"},
		{"no name", exchange.Entry{Kind: exchange.SubsystemEntry, Key: "VN/GOV/H55/A", Member: h55}, "exchange.entry.name"},
		{
			"no member",
			exchange.Entry{Kind: exchange.SubsystemEntry, Key: "VN/GOV/G01/A", Member: id("VN/GOV/G01"), Name: "X"},
			"exchange.entry.no_member",
		},
		{
			"meta service",
			exchange.Entry{Kind: exchange.ServiceOffered, Key: "VN/GOV/H55/TTHC/listMethods", Member: h55, Name: "X", Type: "REST"},
			"exchange.entry.key.service",
		},
		{
			"strange letters",
			exchange.Entry{Kind: exchange.SubsystemEntry, Key: "VN/GOV/H55/a%2Fb", Member: h55, Name: "X"},
			"exchange.entry.key.subsystem",
		},
		{"empty group", exchange.Entry{Kind: exchange.GroupEntry, Key: "tinh", Name: "X"}, "exchange.entry.members"},
		{
			"group of nobody",
			exchange.Entry{Kind: exchange.GroupEntry, Key: "tinh", Name: "X", Members: []xroad.ID{id("VN/GOV/H55/Z")}},
			"exchange.entry.no_subsystem",
		},
	} {
		err := b.Enter(b.t.Context(), operator, c.e)
		if f := fault.As(err); f == nil || f.Key != c.key {
			b.t.Errorf("%s: got %v, want %s", c.name, err, c.key)
		}
	}
}

func testTokens(b *bench) {
	ctx := b.t.Context()
	b.members()
	key, other := newKey(b.t), newKey(b.t)
	text := b.invite()
	back, err := exchange.ParseToken(" " + text.Text() + "\n")
	b.must(err)
	if back.Text() != text.Text() || bytes.Contains([]byte(back.String()), []byte(text.Text()[20:40])) {
		b.t.Errorf("token text: got %s", back)
	}

	wrong := text
	wrong.Secret = bytes.Repeat([]byte{1}, 32)
	_, err = b.Join(ctx, b.request(wrong, key))
	b.fails(err, fault.Denied, "exchange.token.unknown")
	changed := b.request(text, key)
	changed.Address = "evil.example:1"
	_, err = b.Join(ctx, changed)
	b.fails(err, fault.Denied, "exchange.token.unknown")

	first, err := b.Join(ctx, b.request(text, key))
	b.must(err)
	again, err := b.Join(ctx, b.request(text, key)) // the answer was lost
	b.must(err)
	if !bytes.Equal(first.Certificate, again.Certificate) {
		b.t.Error("the same key got another certificate")
	}
	_, err = b.Join(ctx, b.request(text, other))
	b.fails(err, fault.Denied, "exchange.token.used")
	b.fails(b.WithdrawToken(ctx, operator, text.ID), fault.Conflict, "exchange.token.used_already")

	withdrawn := b.invite()
	b.must(b.WithdrawToken(ctx, operator, withdrawn.ID))
	_, err = b.Join(ctx, b.request(withdrawn, key))
	b.fails(err, fault.Denied, "exchange.token.withdrawn")

	late := b.invite()
	b.clock.advance(8 * 24 * time.Hour)
	_, err = b.Join(ctx, b.request(late, key))
	b.fails(err, fault.Denied, "exchange.token.expired")
	_, err = b.Join(ctx, b.request(text, key))
	b.fails(err, fault.Denied, "exchange.token.used")

	// Joining anew ends what the gateway signed with before.
	second, err := b.Join(ctx, b.request(b.invite(), other))
	b.must(err)
	c := b.configuration()
	if len(c.Gateways[0].Certificates) != 1 || !bytes.Equal(c.Gateways[0].Certificates[0], second.Certificate) || len(c.Revoked) != 1 {
		b.t.Errorf("after joining anew: %+v", c.Gateways)
	}
}

func testOneTokenOneGateway(b *bench) {
	b.members()
	text := b.invite()
	var wg sync.WaitGroup
	var joined atomic.Int32
	for range 4 {
		r := b.request(text, newKey(b.t))
		wg.Go(func() {
			if _, err := b.Join(context.Background(), r); err == nil {
				joined.Add(1)
			}
		})
	}
	wg.Wait()
	if joined.Load() != 1 {
		b.t.Errorf("%d joined with one token, want 1", joined.Load())
	}
}

func testRenew(b *bench) {
	ctx := b.t.Context()
	b.members()
	key := newKey(b.t)
	j := b.join(key)
	csr, err := pki.Request(key, "x", nil)
	b.must(err)
	same, err := b.Renew(ctx, gateway1, csr)
	b.must(err)
	if !bytes.Equal(same.Certificate, j.Certificate) {
		b.t.Error("a certificate with most of its life left was renewed")
	}
	b.clock.advance(61 * 24 * time.Hour)
	renewed, err := b.Renew(ctx, gateway1, csr)
	b.must(err)
	if bytes.Equal(renewed.Certificate, j.Certificate) {
		b.t.Error("a certificate with a third of its life left was not renewed")
	}
	if got := b.configuration().Gateways[0].Certificates; len(got) != 2 || !bytes.Equal(got[0], renewed.Certificate) {
		b.t.Errorf("%d certificates count, want the new one and the old one", len(got))
	}

	b.must(b.tell(exchange.PurposeRenew, []byte("{}"), renewed.Certificate, key))
	b.fails(b.tell(exchange.PurposeRenew, []byte("{}"), renewed.Certificate, newKey(b.t)), fault.Denied, "exchange.centre.signature")
	e, err := exchange.SealEnvelope(
		rand.Reader, "VN", "H55-1", exchange.PurposeRenew, nil, renewed.Certificate, key, b.clock.Now().Add(-10*time.Minute),
	)
	b.must(err)
	_, err = b.Hear(ctx, e, exchange.PurposeRenew)
	b.fails(err, fault.Denied, "exchange.centre.clock")
	e, err = exchange.SealEnvelope(rand.Reader, "VN", "H55-1", exchange.PurposeReport, nil, renewed.Certificate, key, b.clock.Now())
	b.must(err)
	_, err = b.Hear(ctx, e, exchange.PurposeRenew)
	b.fails(err, fault.Denied, "exchange.centre.signature")

	fingerprint := exchange.Fingerprint(renewed.Certificate)
	b.fails(b.Revoke(ctx, operator, fingerprint, ""), fault.Invalid, "exchange.entry.reason")
	b.must(b.Revoke(ctx, operator, fingerprint, "Lộ khóa"))
	b.fails(b.Revoke(ctx, operator, fingerprint, "Lộ khóa"), fault.Conflict, "exchange.certificate.revoked")
	b.fails(b.tell(exchange.PurposeRenew, []byte("{}"), renewed.Certificate, key), fault.Denied, "exchange.centre.certificate")
	if c := b.configuration(); len(c.Revoked) != 1 || len(c.Gateways[0].Certificates) != 1 {
		b.t.Errorf("after revoking: %+v", c.Revoked)
	}
	b.clock.advance(40 * 24 * time.Hour)
	b.fails(b.tell(exchange.PurposeRenew, []byte("{}"), j.Certificate, key), fault.Denied, "exchange.centre.certificate")
}

func testPublishing(b *bench) {
	ctx := b.t.Context()
	first := b.configuration()
	b.must(b.Tend(ctx), b.Begin(ctx))
	if got := b.configuration().Serial; got != first.Serial {
		b.t.Errorf("serial %d, want %d: nothing happened", got, first.Serial)
	}
	b.clock.advance(time.Hour)
	b.must(b.Tend(ctx))
	next := b.configuration()
	if next.Serial <= first.Serial || !next.IssuedAt.Equal(b.clock.Now()) || !next.ValidUntil.Equal(b.clock.Now().Add(10*24*time.Hour)) {
		b.t.Errorf("after an hour: %+v", next)
	}
	der, err := b.TimestampCertificate(ctx, newKey(b.t).Public())
	b.must(err)
	if got := b.configuration().Timestamps; len(got) != 1 || !bytes.Equal(got[0], der) {
		b.t.Errorf("%d time-stamping certificates, want 1", len(got))
	}
	b.clock.advance(11 * 24 * time.Hour)
	b.must(b.Tend(ctx))
	history, err := b.parts.Store.History(ctx, 0, 10)
	b.must(err)
	causes := []string{}
	for _, h := range history {
		causes = append(causes, h.Cause)
	}
	if want := []string{"renewed", "certificate.timestamp", "ca.begin"}; !slices.Equal(causes, want) {
		b.t.Errorf("history: got %v, want %v", causes, want)
	}
}

// A gateway that knows only the old CA goes on through a roll-over.
func testRollOver(b *bench) {
	ctx := b.t.Context()
	b.members()
	key := newKey(b.t)
	j := b.join(key)
	text := b.invite()
	old := b.configuration()
	b.clock.advance(time.Hour)

	b.parts.CA = newKey(b.t)
	b.Centre = centre.New(b.parts)
	b.must(b.Begin(ctx))
	p, err := b.Configuration(ctx)
	b.must(err)
	now, err := exchange.Open(p.Signed, old.Authorities, b.clock.Now())
	b.must(err)
	if len(now.Authorities) != 2 || !bytes.Equal(now.Authorities[1], old.Authorities[0]) {
		b.t.Fatalf("%d authorities, want the new and the old", len(now.Authorities))
	}
	leaf, err := x509.ParseCertificate(j.Certificate)
	b.must(err)
	b.must(pki.CheckChain(leaf, now.Authorities, pki.Gateway, b.clock.Now()))

	// A token from before is still good, and its joiner trusts the old CA.
	other := newKey(b.t)
	joined, err := b.Join(ctx, b.request(text, other))
	b.must(err)
	_, err = joined.Check(old.Authorities[0], other.Public(), b.clock.Now())
	b.must(err)
	_, err = joined.Check(old.Authorities[0], key.Public(), b.clock.Now())
	b.fails(err, fault.Denied, "exchange.join.stranger")
	_, err = joined.Check(old.Authorities[0], other.Public(), b.clock.Now().Add(-time.Hour))
	b.fails(err, fault.Denied, "exchange.configuration.early")

	// A new token names a CA by which its joiner can check all: the old one, until
	// the key of configurations has a certificate of the new one.
	for _, days := range []int{0, 600} {
		b.clock.advance(time.Duration(days) * 24 * time.Hour)
		b.must(b.Tend(ctx))
		text := b.invite()
		joined, err := b.Join(ctx, b.request(text, key))
		b.must(err)
		var brought exchange.Configuration
		b.must(json.Unmarshal(joined.Configuration.Body, &brought))
		pinned, err := exchange.Pinned(brought.Authorities, text.Authority)
		b.must(err)
		_, err = joined.Check(pinned, key.Public(), b.clock.Now())
		b.must(err)
		if isOld := bytes.Equal(pinned, old.Authorities[0]); isOld != (days == 0) {
			b.t.Errorf("after %d days the token names the old CA: %v", days, isOld)
		}
	}
	b.clock.advance(200 * 24 * time.Hour)
	b.must(b.Tend(ctx))
	if got := len(b.configuration().Authorities); got != 1 {
		b.t.Errorf("%d authorities once nothing of the old one counts, want 1", got)
	}
}

func testWitness(b *bench) {
	ctx := b.t.Context()
	b.members()
	key := newKey(b.t)
	j := b.join(key)
	head := func(size int64, root byte, signer *ecdsa.PrivateKey) *exchange.Head {
		h := exchange.Head{Size: size, Root: exchange.Digest{root}, At: b.clock.Now(), KeyID: exchange.Fingerprint(j.Certificate)}
		b.must(h.Sign(rand.Reader, signer))
		return &h
	}
	alarms := func() []string {
		list, err := b.parts.Store.Witnessed(ctx, "H55-1", true, 10)
		b.must(err)
		out := []string{}
		for _, w := range list {
			out = append(out, w.Alarm)
		}
		return out
	}
	report := func(h *exchange.Head) {
		b.clock.advance(time.Minute)
		_, err := b.Report(ctx, gateway1, exchange.Report{Version: "1", Head: h})
		b.must(err)
	}
	report(head(10, 1, key))
	report(head(10, 1, key))
	report(head(20, 2, key))
	if got := alarms(); len(got) != 0 {
		b.t.Fatalf("alarms of a log that grows: %v", got)
	}
	report(head(20, 3, key))
	report(head(20, 3, key)) // rung once
	report(head(15, 1, key))
	report(head(30, 4, newKey(b.t)))
	if got, want := alarms(), []string{centre.AlarmSigned, centre.AlarmShrunk, centre.AlarmChanged}; !slices.Equal(got, want) {
		b.t.Errorf("alarms: got %v, want %v", got, want)
	}
	r, err := b.Register(ctx, auditor)
	b.must(err)
	if got := r.Condition(b.entry(exchange.GatewayEntry, "H55-1")); got != centre.GatewayAlarm {
		b.t.Errorf("condition: got %s, want alarm", got)
	}
	if _, err := json.Marshal(r); err != nil {
		b.t.Error(err)
	}
}
