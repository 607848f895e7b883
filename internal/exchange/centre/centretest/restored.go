package centretest

import (
	"bytes"
	"math"
	"slices"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/exchange/centre"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/pki"
)

// testRestored is a centre whose database is an older one than gateways have seen.
func testRestored(b *bench) {
	ctx := b.t.Context()
	b.members()
	key := newKey(b.t)
	j := b.join(key)
	before := b.configuration()

	// What happens elsewhere, with the same keys, and is lost here: a renewal, a
	// revocation, and some configurations.
	sign := func(c exchange.Configuration, signer exchange.Signed) exchange.Signed {
		s, err := exchange.Sign(c, b.parts.Signer, signer.Certificate)
		b.must(err)
		return s
	}
	p, err := b.Configuration(ctx)
	b.must(err)
	renewed := newKey(b.t)
	csr, err := pki.Request(renewed, "x", nil)
	b.must(err)
	ca, err := b.parts.Store.CAs(ctx)
	b.must(err)
	request, err := pki.ReadRequest(csr)
	b.must(err)
	issuer := authority(b, ca[0])
	leaf := func(name string) []byte {
		der, err := issuer.Issue(pki.Leaf{
			Public: request.PublicKey, Name: name, From: b.clock.Now().Add(-time.Minute), Until: b.clock.Now().Add(90 * 24 * time.Hour), Use: pki.Gateway,
		})
		b.must(err)
		return der
	}
	lost := before
	lost.Serial += 1000
	lost.Gateways = slices.Clone(before.Gateways)
	lost.Gateways[0].Certificates = [][]byte{leaf("H55-1")}
	lost.Gateways = append(lost.Gateways, exchange.Gateway{ID: "G01-9", Member: h55, Address: "127.0.0.1:1", Certificates: [][]byte{leaf("G01-9")}})
	lost.Revoked = []exchange.Revocation{{Fingerprint: exchange.Fingerprint(j.Certificate), At: b.clock.Now(), Reason: "Lộ khóa"}}
	shown := sign(lost, p.Signed)

	if behind, err := b.Behind(ctx, before.Serial-1); err != nil || behind {
		b.t.Errorf("an older one would be read: %v, %v", behind, err)
	}
	if behind, err := b.Behind(ctx, lost.Serial); err != nil || !behind {
		b.t.Errorf("a newer one would not be read: %v, %v", behind, err)
	}

	// What is not the centre's does not move it.
	forged := shown
	forged.Body = bytes.Replace(shown.Body, []byte("VN/GOV/H55"), []byte("VN/GOV/H56"), 1)
	_, err = b.Shown(ctx, forged)
	b.fails(err, fault.Denied, "exchange.configuration.signature")
	stranger := newKey(b.t)
	der, err := pki.NewAuthority(stranger, "Stranger", b.clock.Now(), 1)
	b.must(err)
	own, err := exchange.Sign(lost, stranger, der)
	b.must(err)
	_, err = b.Shown(ctx, own)
	b.fails(err, fault.Denied, "exchange.configuration.signer")
	// Nor does one that a gateway signs with its own certificate, which is of the same CA.
	byGateway, err := exchange.Sign(lost, key, j.Certificate)
	b.must(err)
	_, err = b.Shown(ctx, byGateway)
	b.fails(err, fault.Denied, "exchange.configuration.signer")
	silly := lost
	silly.Serial = math.MaxInt64
	_, err = b.Shown(ctx, sign(silly, p.Signed))
	b.fails(err, fault.Invalid, "exchange.configuration.ahead")
	if got := b.configuration().Serial; got != before.Serial {
		b.t.Fatalf("serial %d, want %d: nothing true was shown", got, before.Serial)
	}

	// The true one does, though it has run out since.
	b.clock.advance(11 * 24 * time.Hour)
	now, err := b.Shown(ctx, shown)
	b.must(err)
	after := b.configuration()
	if now.Serial != after.Serial || after.Serial <= lost.Serial {
		b.t.Errorf("serial %d, want more than %d", after.Serial, lost.Serial)
	}
	if len(after.Gateways) != 1 || len(after.Gateways[0].Certificates) != 1 ||
		!bytes.Equal(after.Gateways[0].Certificates[0], lost.Gateways[0].Certificates[0]) {
		b.t.Errorf("certificates after it: %+v, want the renewed one", after.Gateways)
	}
	if len(after.Revoked) != 1 || after.Revoked[0].Reason != "Lộ khóa" {
		b.t.Errorf("revoked after it: %+v", after.Revoked)
	}
	// Shown again, or by another, it changes nothing.
	again, err := b.Shown(ctx, shown)
	b.must(err)
	if again.Serial != after.Serial {
		b.t.Errorf("shown twice: serial %d, want %d", again.Serial, after.Serial)
	}
	// One of the same number with other words is passed too.
	other := lost
	other.Serial, other.IssuedAt = after.Serial, after.IssuedAt
	other.StaleAfter, other.ValidUntil = after.StaleAfter, after.ValidUntil
	next, err := b.Shown(ctx, sign(other, p.Signed))
	b.must(err)
	if next.Serial <= after.Serial {
		b.t.Errorf("two of one number: serial %d, want more than %d", next.Serial, after.Serial)
	}
	// What is decided then comes after it.
	e := b.entry(exchange.GatewayEntry, "H55-1")
	b.must(b.SetState(ctx, operator, e.Kind, e.Key, e.Version, exchange.Suspended, "Kiểm tra"))
	if c := b.configuration(); c.Serial <= next.Serial || !c.Gateways[0].Suspended {
		b.t.Errorf("the suspension: serial %d, %+v", c.Serial, c.Gateways)
	}
	if !slices.Contains(b.actions(), "exchange.configuration.pass") || !slices.Contains(centre.Actions, "exchange.configuration.pass") {
		b.t.Error("it is not in the audit log")
	}
}
