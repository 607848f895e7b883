package centretest

import (
	"time"

	"dean06/internal/exchange"
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
