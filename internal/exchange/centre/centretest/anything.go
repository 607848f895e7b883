package centretest

import (
	"crypto/x509"
	"fmt"
	"slices"
	"time"

	"pgregory.net/rapid"

	"dean06/internal/exchange"
	"dean06/internal/exchange/centre"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/pki"
	"dean06/internal/xroad"
)

// Whatever operators and gateways do, in whatever order: each refusal is a fault,
// what is published holds together, its serial grows, and nobody speaks in it who
// was suspended or has left.
func testAnythingHoldsTogether(b *bench) {
	ctx, key := b.t.Context(), newKey(b.t)
	csr, err := pki.Request(key, "x", nil)
	b.must(err)
	var last int64
	rapid.Check(b.t, func(t *rapid.T) {
		code := rapid.SampledFrom([]string{"H55", "G01"}).Draw(t, "member")
		member := xroad.MustID("VN/GOV/" + code)
		subsystem := xroad.MustID(member.String() + "/" + rapid.SampledFrom([]string{"A", "B"}).Draw(t, "subsystem"))
		gateway := code + "-1"
		kind := rapid.SampledFrom(exchange.EntryKinds).Draw(t, "kind")
		e := exchange.Entry{Kind: kind, Name: "x", Type: "REST", Member: member}
		switch kind {
		case exchange.MemberEntry:
			e.Key = member.String()
		case exchange.SubsystemEntry:
			e.Key = subsystem.String()
		case exchange.ServiceOffered:
			e.Key = subsystem.Of("s").String()
		case exchange.GatewayEntry:
			e.Key, e.Address, e.Subsystems = gateway, "h:1", []xroad.ID{subsystem}
		case exchange.GroupEntry:
			e.Key, e.Member, e.Members = "g", xroad.ID{}, []xroad.ID{subsystem}
		}
		var err error
		switch rapid.SampledFrom([]string{"enter", "change", "state", "state", "join", "apply", "settle", "renew", "time"}).Draw(t, "do") {
		case "enter":
			err = b.Enter(ctx, operator, e)
		case "change":
			old, _, _ := b.parts.Store.Entry(ctx, kind, e.Key)
			e.Version = old.Version
			err = b.Enter(ctx, operator, e)
		case "state":
			to := rapid.SampledFrom([]exchange.EntryState{exchange.Active, exchange.Suspended, exchange.Withdrawn}).Draw(t, "to")
			err = b.SetState(ctx, operator, kind, e.Key, 0, to, "x")
		case "join":
			var text exchange.TokenText
			if text, _, err = b.Invite(
				ctx, operator, centre.Invitation{Member: member, Gateway: gateway, Subsystems: []xroad.ID{subsystem}},
			); err == nil {
				_, err = b.Join(ctx, exchange.NewJoin(text, csr, "127.0.0.1:8038"))
			}
		case "apply":
			_, err = b.Apply(
				ctx, heard(gateway),
				exchange.Application{
					ID: fmt.Sprint(rapid.IntRange(0, 9).Draw(t, "id")), Entry: e, Withdraw: rapid.Bool().Draw(t, "withdraw"), Note: "x",
				},
			)
		case "settle":
			err = b.Settle(ctx, operator, fmt.Sprint(rapid.IntRange(0, 9).Draw(t, "id")), rapid.Bool().Draw(t, "approve"), "x")
		case "renew":
			_, err = b.Renew(ctx, heard(gateway), csr)
		case "time":
			b.clock.advance(time.Duration(rapid.IntRange(1, 40*24).Draw(t, "hours")) * time.Hour)
			err = b.Tend(ctx)
		}
		if err != nil && (fault.As(err) == nil || fault.Of(err) == fault.Internal) {
			t.Fatalf("an error that is no fault: %v", err)
		}
		b.must(b.Tend(ctx))
		c := b.configuration()
		if c.Serial < last {
			t.Fatalf("serial %d after %d", c.Serial, last)
		}
		last = c.Serial
		for _, g := range c.Gateways {
			e := b.entry(exchange.GatewayEntry, g.ID)
			if e.State == exchange.Withdrawn || e.State == exchange.Suspended && !g.Suspended {
				t.Fatalf("%s is %s and speaks", g.ID, e.State)
			}
			for _, s := range g.Subsystems {
				if b.entry(exchange.SubsystemEntry, s.String()).State != exchange.Active ||
					b.entry(exchange.MemberEntry, s.MemberID().String()).State != exchange.Active {
					t.Fatalf("%s speaks for %s, which is not active", g.ID, s)
				}
			}
			for _, der := range g.Certificates {
				cert, err := x509.ParseCertificate(der)
				if err != nil {
					t.Fatal(err)
				}
				if err := pki.CheckChain(cert, c.Authorities, pki.Gateway, b.clock.Now()); err != nil {
					t.Fatal(err)
				}
				if slices.ContainsFunc(c.Revoked, func(r exchange.Revocation) bool { return r.Fingerprint == exchange.Fingerprint(der) }) {
					t.Fatalf("a revoked certificate of %s counts", g.ID)
				}
			}
		}
	})
}
