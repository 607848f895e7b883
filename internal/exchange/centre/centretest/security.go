package centretest

import (
	"time"

	"dean06/internal/exchange"
	"dean06/internal/exchange/centre"
	"dean06/internal/platform/fault"
	"dean06/internal/xroad"
)

// testSecurity: only the gateway of the subsystem that the operator named says how secure
// systems are, nothing older counts than what was said last, and what it says goes out signed.
func testSecurity(b *bench) {
	ctx := b.t.Context()
	b.members()
	b.join(newKey(b.t))
	b.enter(exchange.Entry{Kind: exchange.MemberEntry, Key: "VN/GOV/G01", Member: xroad.MustID("VN/GOV/G01"), Name: "Bộ Công an"})
	b.enter(exchange.Entry{Kind: exchange.GatewayEntry, Key: "G01-1", Member: xroad.MustID("VN/GOV/G01"), Name: "x", Address: "127.0.0.1:1"})
	yte := xroad.MustID("VN/GOV/H55/YTE")
	said := func(until time.Time) exchange.Security {
		return exchange.Security{At: b.clock.Now(), Clearances: []exchange.Clearance{
			{ID: tthc, System: "Một cửa", Until: until, Why: exchange.CheckStale, Detail: "2026-01-01"}, {ID: yte, Why: exchange.NoDossier},
		}}
	}
	end := b.clock.Now().Add(90 * 24 * time.Hour)
	first := said(end)
	if b.configuration().Security != nil {
		b.t.Error("something is said before anybody said it")
	}
	b.fails(b.Clear(ctx, operator, first), fault.Denied, "centre.denied.takepart")
	b.fails(b.Clear(ctx, heard("G01-1"), first), fault.Denied, "exchange.security.stranger")
	b.fails(b.Clear(ctx, heard("H99-1"), first), fault.Denied, "exchange.security.stranger")
	early := first
	early.At = b.clock.Now().Add(time.Hour)
	b.fails(b.Clear(ctx, gateway1, early), fault.Invalid, "exchange.security.bad")
	twice := first
	twice.Clearances = append(twice.Clearances[:2:2], twice.Clearances[0])
	b.fails(b.Clear(ctx, gateway1, twice), fault.Invalid, "exchange.security.bad")

	b.must(b.Clear(ctx, gateway1, first))
	c := b.configuration()
	if c.Security == nil || len(c.Security.Clearances) != 1 || c.Security.Clearances[0].ID != tthc || !c.Security.Clearances[0].Until.Equal(end) {
		b.t.Fatalf("published: %+v", c.Security)
	}
	// The same again is no harm, and neither it nor that it is said anew makes a configuration.
	serial := c.Serial
	b.must(b.Clear(ctx, gateway1, first))
	b.clock.advance(time.Minute)
	b.must(b.Clear(ctx, gateway1, said(end)))
	if got := b.configuration().Serial; got != serial {
		b.t.Errorf("number %d was published without news after %d", got, serial)
	}
	// What was said earlier does not come back, whoever sends it again.
	b.clock.advance(time.Minute)
	b.must(b.Clear(ctx, gateway1, said(time.Time{})))
	b.fails(b.Clear(ctx, gateway1, first), fault.Conflict, "exchange.security.old")
	if c := b.configuration(); !c.Security.Clearances[0].Until.IsZero() || c.Serial == serial {
		b.t.Errorf("after the closing: %+v", c.Security)
	}
	// A subsystem that comes later is there with the next configuration.
	b.enter(exchange.Entry{Kind: exchange.SubsystemEntry, Key: yte.String(), Member: h55, Name: "Y tế"})
	if c := b.configuration(); len(c.Security.Clearances) != 2 {
		b.t.Errorf("after the subsystem came: %+v", c.Security)
	}
	// Nor with a configuration that the centre forgot: what was said later counts.
	p, err := b.Configuration(ctx)
	b.must(err)
	forgot := func(x exchange.Security) {
		c := b.configuration()
		c.Serial, c.Security = c.Serial+10, &x
		s, err := exchange.Sign(c, b.parts.Signer, p.Certificate)
		b.must(err)
		_, err = b.Shown(ctx, s)
		b.must(err)
	}
	b.clock.advance(time.Minute)
	forgot(first)
	if c := b.configuration(); !c.Security.Clearances[0].Until.IsZero() {
		b.t.Errorf("a configuration with older facts opened what was closed: %+v", c.Security)
	}
	closed := said(time.Time{})
	closed.Clearances[0].Why, closed.Clearances[0].Detail = exchange.FindingOverdue, "PH-H55-001"
	forgot(closed)
	if c := b.configuration(); c.Security.Clearances[0].Why != exchange.FindingOverdue {
		b.t.Errorf("what was said last before the backup: %+v", c.Security)
	}
	b.fails(b.Clear(ctx, gateway1, first), fault.Conflict, "exchange.security.old")
	// Clocks that ran a year ahead, and were set right: what is said then counts.
	b.clock.advance(365 * 24 * time.Hour)
	b.must(b.Clear(ctx, gateway1, said(end)))
	b.clock.advance(-365 * 24 * time.Hour)
	b.must(b.Clear(ctx, gateway1, said(time.Time{})))
	if c := b.configuration(); !c.Security.Clearances[0].Until.IsZero() {
		b.t.Errorf("after the clocks were set right: %+v", c.Security)
	}
	for _, x := range []struct {
		kind exchange.EntryKind
		key  string
	}{{exchange.MemberEntry, h55.String()}, {exchange.SubsystemEntry, tthc.String()}} {
		b.must(b.SetState(ctx, operator, x.kind, x.key, 0, exchange.Suspended, "Bảo trì"))
		b.clock.advance(time.Minute)
		b.fails(b.Clear(ctx, gateway1, said(end)), fault.Denied, "exchange.security.stranger")
		b.must(b.SetState(ctx, operator, x.kind, x.key, 0, exchange.Active, "Xong"))
	}
	b.must(b.SetState(ctx, operator, exchange.GatewayEntry, "H55-1", 0, exchange.Suspended, "Bảo trì"))
	b.clock.advance(time.Minute)
	b.fails(b.Clear(ctx, gateway1, said(end)), fault.Denied, "exchange.security.stranger")
}

// testSecurityWentBack: of a node whose database was restored from a backup only what closes
// counts, until two of its people acknowledge that; and nothing counts while the operator
// names nobody.
func testSecurityWentBack(b *bench) {
	ctx := b.t.Context()
	b.members()
	key := newKey(b.t)
	g := gatewayOf{b, key, b.join(key).Certificate}
	yte := xroad.MustID("VN/GOV/H55/YTE")
	b.enter(exchange.Entry{Kind: exchange.SubsystemEntry, Key: yte.String(), Member: h55, Name: "Y tế"})
	end := b.clock.Now().Add(90 * 24 * time.Hour)
	says := func(tthcUntil, yteUntil time.Time) {
		b.t.Helper()
		b.must(b.Clear(ctx, gateway1, exchange.Security{At: b.clock.Now(), Clearances: []exchange.Clearance{
			{ID: tthc, Until: tthcUntil, Why: exchange.CheckStale}, {ID: yte, Until: yteUntil, Why: exchange.NoDossier},
		}}))
		b.clock.advance(time.Minute)
	}
	open := func(id xroad.ID) bool {
		return exchange.Index(b.configuration()).Clearing(id, b.clock.Now()).Open
	}
	is := func(when string, wantTTHC, wantYTE bool) {
		b.t.Helper()
		if gotTTHC, gotYTE := open(tthc), open(yte); gotTTHC != wantTTHC || gotYTE != wantYTE {
			b.t.Errorf("%s: TTHC open %v, YTE open %v", when, gotTTHC, gotYTE)
		}
	}
	log := &book{chain: "audit"}
	log.write(100, "a")
	g.says(g.proved(log, 0))
	says(end, end)
	is("at first", true, true)
	backup := log.copied()
	log.write(30, "a")
	held := g.proved(log, 100)
	g.says(held)
	says(time.Time{}, end) // an approval is taken back
	is("then", false, true)

	// The backup, in which TTHC passes, is put back: it opens nothing, and still closes.
	backup.write(2, "b")
	if a := g.says(g.proved(backup, 100)); alarm(a, "audit") != "shrunk" {
		b.t.Fatalf("the hub sees %q", alarm(a, "audit"))
	}
	says(end, end)
	is("after the restore", false, true)
	says(end, time.Time{})
	is("what closes after it", false, false)
	says(end, end)
	is("again", false, false)
	// Two people say that it was restored, once what came after was entered again.
	b.must(b.Restore(ctx, gateway1, exchange.Restore{
		ID: "r1", Backup: "2026-03-01", Reason: "Hỏng ổ đĩa",
		Asked:   exchange.Person{Account: "1", Name: "An", At: b.clock.Now()},
		Decided: exchange.Person{Account: "2", Name: "Bình", At: b.clock.Now()},
		Chains:  []exchange.Restart{{Chain: "audit", Size: 130, Root: held.Head.Root, To: g.head(backup).Head}},
	}))
	says(time.Time{}, end)
	is("acknowledged", false, true)

	// The operator names nobody: what was said counts no more with the next configuration.
	parts := b.parts
	parts.Security = xroad.ID{}
	b.Centre = centre.New(parts)
	b.enter(exchange.Entry{Kind: exchange.SubsystemEntry, Key: "VN/GOV/H55/MOI", Member: h55, Name: "Mới"})
	if s := b.configuration().Security; s != nil {
		b.t.Errorf("while nobody is named: %+v", s)
	}
	is("nobody is named", false, false)
	b.Centre = centre.New(b.parts)
	b.enter(exchange.Entry{Kind: exchange.SubsystemEntry, Key: "VN/GOV/H55/MOI2", Member: h55, Name: "Mới"})
	is("named again", false, true)
}
