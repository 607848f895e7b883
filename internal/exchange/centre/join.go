package centre

import (
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/pki"
	"dean06/internal/xroad"
)

// Invitation is what a token is made for.
type Invitation struct {
	Member     xroad.ID
	Gateway    string     // "H55-1"
	Subsystems []xroad.ID // for which it will speak
	Days       int        // 0 for the default
}

// Invite makes a token with which one gateway of an active member may join once;
// for a gateway that is there, to join anew with a new key. The text is shown
// once and is not kept.
func (c *Centre) Invite(ctx context.Context, by actor.Actor, i Invitation) (text exchange.TokenText, made Token, err error) {
	if err := Permissions.Can(by, ActInvite); err != nil {
		return text, made, err
	}
	life := c.at.Life.Token
	if i.Days < 0 || i.Days > 90 {
		return text, made, fault.New(fault.Invalid, "exchange.token.days", nil).At("days")
	}
	if i.Days > 0 {
		life = time.Duration(i.Days) * day
	}
	err = c.turn(ctx, by, func(t *turn) error {
		e := exchange.Entry{
			Kind: exchange.GatewayEntry, Key: i.Gateway, Member: i.Member, Name: i.Gateway, Address: "localhost:1", Subsystems: i.Subsystems,
		}
		if err := e.Check(c.at.Instance); err != nil {
			return err
		}
		m, ok, err := t.Entry(ctx, exchange.MemberEntry, i.Member.String())
		if err != nil {
			return err
		}
		if !ok || m.State != exchange.Active {
			return fault.New(fault.Invalid, "exchange.entry.no_member", fault.Args{"id": i.Member.String()}).At("key")
		}
		if err := c.belongs(ctx, t, e); err != nil {
			return err
		}
		authority, err := c.trusted(ctx, t)
		if err != nil {
			return err
		}
		text = exchange.NewTokenText(authority)
		made = Token{
			ID: text.ID, Member: i.Member, Gateway: i.Gateway, Subsystems: i.Subsystems, Authority: text.Authority,
			Public: ed25519.NewKeyFromSeed(text.Secret).Public().(ed25519.PublicKey), CreatedBy: by.Account, CreatedAt: t.now,
			ExpiresAt: t.now.Add(life),
		}
		t.did("token.make", "token", made.ID, map[string]string{"gateway": i.Gateway})
		return t.SaveToken(ctx, made)
	})
	return text, made, err
}

// WithdrawToken ends a token that nobody has used. It fails with Conflict when it
// was used.
func (c *Centre) WithdrawToken(ctx context.Context, by actor.Actor, id string) error {
	if err := Permissions.Can(by, ActInvite); err != nil {
		return err
	}
	return c.turn(ctx, by, func(t *turn) error {
		token, ok, err := t.Token(ctx, id)
		if err != nil {
			return err
		}
		if !ok {
			return notThere(id)
		}
		if !token.UsedAt.IsZero() {
			return fault.New(fault.Conflict, "exchange.token.used_already", fault.Args{"gateway": token.Gateway})
		}
		if !token.WithdrawnAt.IsZero() {
			return nil
		}
		token.WithdrawnAt = t.now
		t.did("token.withdraw", "token", id, map[string]string{"gateway": token.Gateway})
		return t.SaveToken(ctx, token)
	})
}

// Proven says whether a request to join is of the holder of a token that the centre knows,
// used or not. It costs one look-up and one signature, and changes nothing.
func (c *Centre) Proven(ctx context.Context, r exchange.JoinRequest) (bool, error) {
	token, ok, err := c.at.Store.Token(ctx, r.Token)
	return err == nil && ok && r.ProvenBy(token.Public), err
}

// Join gives a gateway its certificate for a token. The same key with the same
// token again, while the token lives, is given what it was given: whoever lost
// the answer repeats the question. It fails with Denied ("exchange.token.unknown"
// for a wrong id or proof, "….used", "….expired", "….withdrawn").
func (c *Centre) Join(ctx context.Context, r exchange.JoinRequest) (j exchange.Joined, err error) {
	err = c.turn(ctx, system, func(t *turn) error {
		token, ok, err := t.Token(ctx, r.Token)
		if err != nil {
			return err
		}
		if !ok || !r.ProvenBy(token.Public) {
			return fault.New(fault.Denied, "exchange.token.unknown", nil).At("token")
		}
		t.by = ofGateway(token.Gateway)
		csr, err := pki.ReadRequest(r.CSR)
		if err != nil {
			return err
		}
		key, err := keyHash(csr.PublicKey)
		if err != nil {
			return fmt.Errorf("hash a key: %w", err)
		}
		cert, err := c.admit(ctx, t, token, key)
		if err != nil {
			return err
		}
		if cert.DER == nil {
			if cert, err = c.welcome(ctx, t, token, r, csr); err != nil {
				return err
			}
		}
		j = exchange.Joined{Instance: c.at.Instance, Member: token.Member, Gateway: token.Gateway, Certificate: cert.DER}
		return nil
	})
	if err != nil {
		return j, err
	}
	p, err := c.Configuration(ctx)
	j.Configuration = p.Signed
	return j, err
}

// admit says whether a token may be used now, and gives the certificate that it
// was used for when it is the same key that asks again.
func (c *Centre) admit(ctx context.Context, t *turn, token Token, key string) (Certificate, error) {
	denied := func(key string, at time.Time) error {
		return fault.New(fault.Denied, "exchange.token."+key, fault.Args{"gateway": token.Gateway, "date": clock.DayOf(at)}).At("token")
	}
	switch token.State(t.now) {
	case TokenWithdrawn:
		return Certificate{}, denied("withdrawn", token.WithdrawnAt)
	case TokenExpired:
		return Certificate{}, denied("expired", token.ExpiresAt)
	case TokenUsed:
		cert, ok, err := t.Certificate(ctx, token.Certificate)
		if err != nil {
			return cert, err
		}
		if !ok || cert.Key != key || !cert.RevokedAt.IsZero() || !t.now.Before(token.ExpiresAt) {
			return Certificate{}, denied("used", token.UsedAt)
		}
		return cert, nil
	}
	return Certificate{}, nil
}

// welcome enters the gateway, ends what it signed with before, and issues.
func (c *Centre) welcome(
	ctx context.Context, t *turn, token Token, r exchange.JoinRequest, csr *x509.CertificateRequest,
) (Certificate, error) {
	e, ok, err := t.Entry(ctx, exchange.GatewayEntry, token.Gateway)
	if err != nil {
		return Certificate{}, err
	}
	if !ok {
		e = exchange.Entry{Kind: exchange.GatewayEntry, Key: token.Gateway, Member: token.Member, Name: token.Gateway}
	}
	if e.State != exchange.Suspended {
		e.State, e.Reason = exchange.Active, ""
	}
	e.Address, e.ChangedBy, e.ChangedAt = r.Address, t.by.Account, t.now
	for _, s := range token.Subsystems {
		if !slices.Contains(e.Subsystems, s) {
			e.Subsystems = append(e.Subsystems, s)
		}
	}
	if err := e.Check(c.at.Instance); err != nil {
		return Certificate{}, err
	}
	if err := c.belongs(ctx, t, e); err != nil {
		return Certificate{}, err
	}
	if err := t.SaveEntry(ctx, e); err != nil {
		return Certificate{}, err
	}
	if err := revokeAll(
		ctx, t, func(cert Certificate) bool { return cert.Use == useGateway && cert.Gateway == token.Gateway }, "joined anew",
	); err != nil {
		return Certificate{}, err
	}
	cert, err := c.issue(
		ctx, t, Certificate{Use: useGateway, Gateway: token.Gateway, Token: token.ID}, c.leaf(token.Member, token.Gateway, r.Address, csr),
	)
	if err != nil {
		return cert, err
	}
	token.UsedAt, token.Certificate = t.now, cert.Fingerprint
	t.did("gateway.join", string(exchange.GatewayEntry), token.Gateway, map[string]string{"certificate": cert.Fingerprint, "token": token.ID})
	t.publish = true
	return cert, t.SaveToken(ctx, token)
}

const maxHosts = 10

func (c *Centre) leaf(member xroad.ID, gateway, address string, csr *x509.CertificateRequest) pki.Leaf {
	hosts := append([]string{exchange.HostOf(address)}, csr.DNSNames...)
	for _, ip := range csr.IPAddresses {
		hosts = append(hosts, ip.String())
	}
	slices.Sort(hosts[1:])
	hosts = slices.Compact(hosts)
	return pki.Leaf{
		Public: csr.PublicKey, Name: gateway, URI: "urn:dean06:gateway:" + strings.ReplaceAll(member.String(), "/", ":") + ":" + gateway,
		Hosts: hosts[:min(len(hosts), maxHosts)], Use: pki.Gateway,
	}
}

// Hear checks who sent an envelope and that it is of now. Only a gateway that has
// not left, by a certificate that counts, is heard: who acts is given, for Renew, Apply and Report. It fails with Denied
// ("exchange.centre.…").
func (c *Centre) Hear(ctx context.Context, e exchange.Envelope, purpose string) (actor.Actor, error) {
	now := c.at.Clock.Now()
	cert, ok, err := c.at.Store.Certificate(ctx, e.KeyID)
	if err != nil {
		return actor.Actor{}, err
	}
	if !ok || cert.Use != useGateway || cert.Gateway != e.Gateway || e.Purpose != purpose {
		return actor.Actor{}, fault.New(fault.Denied, "exchange.centre.signature", nil)
	}
	if err := e.Check(c.at.Instance, cert.DER, now); err != nil {
		return actor.Actor{}, err
	}
	if !cert.RevokedAt.IsZero() || !now.Before(cert.Until) {
		return actor.Actor{}, fault.New(fault.Denied, "exchange.centre.certificate", fault.Args{"gateway": e.Gateway})
	}
	g, ok, err := c.at.Store.Entry(ctx, exchange.GatewayEntry, e.Gateway)
	if err == nil && (!ok || g.State == exchange.Withdrawn) {
		err = fault.New(fault.Denied, "exchange.centre.withdrawn", fault.Args{"gateway": e.Gateway})
	}
	if err != nil {
		return actor.Actor{}, err
	}
	return ofGateway(e.Gateway), nil
}

// Renew gives a gateway that was heard its next certificate. Asked again for a
// key whose certificate has more than a third of its life left, it gives that one.
func (c *Centre) Renew(ctx context.Context, by actor.Actor, der []byte) (j exchange.Joined, err error) {
	gateway, err := gatewayOf(by)
	if err != nil {
		return j, err
	}
	csr, err := pki.ReadRequest(der)
	if err != nil {
		return j, err
	}
	key, err := keyHash(csr.PublicKey)
	if err != nil {
		return j, fmt.Errorf("hash a key: %w", err)
	}
	err = c.turn(ctx, by, func(t *turn) error {
		e, ok, err := t.Entry(ctx, exchange.GatewayEntry, gateway)
		if err != nil {
			return err
		}
		if !ok || e.State == exchange.Withdrawn {
			return fault.New(fault.Denied, "exchange.centre.withdrawn", fault.Args{"gateway": gateway})
		}
		list, err := t.Certificates(ctx, t.now)
		if err != nil {
			return err
		}
		cert, ok := standing(list, useGateway, gateway, key, t.now)
		if !ok {
			if cert, err = c.issue(ctx, t, Certificate{Use: useGateway, Gateway: gateway}, c.leaf(e.Member, gateway, e.Address, csr)); err != nil {
				return err
			}
			t.did("certificate.renew", "certificate", cert.Fingerprint, map[string]string{"gateway": gateway})
			t.publish = true
		}
		j = exchange.Joined{Instance: c.at.Instance, Member: e.Member, Gateway: gateway, Certificate: cert.DER}
		return nil
	})
	if err != nil {
		return j, err
	}
	p, err := c.Configuration(ctx)
	j.Configuration = p.Signed
	return j, err
}

// Revoke ends a gateway's certificate before its time. It fails with Conflict when
// it has ended.
func (c *Centre) Revoke(ctx context.Context, by actor.Actor, fingerprint, reason string) error {
	if err := Permissions.Can(by, ActRevoke); err != nil {
		return err
	}
	if reason = strings.TrimSpace(reason); reason == "" {
		return fault.New(fault.Invalid, "exchange.entry.reason", nil).At("reason")
	}
	return c.turn(ctx, by, func(t *turn) error {
		cert, ok, err := t.Certificate(ctx, fingerprint)
		if err != nil {
			return err
		}
		if !ok || cert.Use != useGateway {
			return notThere(fingerprint)
		}
		if !cert.RevokedAt.IsZero() {
			return fault.New(fault.Conflict, "exchange.certificate.revoked", nil)
		}
		t.publish = true
		return revokeAll(ctx, t, func(c Certificate) bool { return c.Fingerprint == fingerprint }, reason)
	})
}
