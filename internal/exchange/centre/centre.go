package centre

import (
	"bytes"
	"context"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/pki"
	"dean06/internal/xroad"
)

// Life says how long what the centre gives out lasts. Zero fields take the
// defaults.
type Life struct {
	Token       time.Duration // 7 days
	Certificate time.Duration // 90 days; a gateway renews when a third is left
	Republish   time.Duration // 1 hour: the longest time between two configurations
	Stale       time.Duration // 24 hours
	Valid       time.Duration // 10 days
}

const day = 24 * time.Hour

func (l Life) orDefaults() Life {
	set := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	set(&l.Token, 7*day)
	set(&l.Certificate, 90*day)
	set(&l.Republish, time.Hour)
	set(&l.Stale, day)
	set(&l.Valid, 10*day)
	return l
}

// Agency is one that may become a member.
type Agency struct{ Code, Name string }

// Parts is what a Centre is made of.
type Parts struct {
	Store      Store
	Clock      clock.Clock
	NewID      func() string
	Instance   string        // "VN"
	Classes    []string      // of members; "GOV" when empty
	CA         crypto.Signer // issues certificates; another key than before makes a new CA beside the old one
	Signer     crypto.Signer // signs configurations
	Timestamps [][]byte      // certificates (DER) of time-stamping authorities that count, beside those issued here
	Life       Life
	// Security is the subsystem whose node says how secure systems are; zero: nobody does.
	Security xroad.ID
	// Agencies lists who may become a member, today.
	Agencies func() []Agency
	// Rang is called when an alarm of a log was opened or closed; nil tells nobody.
	Rang func()
	// Restored is called when a restore of a gateway's node was taken; nil tells nobody.
	Restored func(ctx context.Context, r exchange.Restore)
}

// Centre keeps the register of the exchange: who takes part, with which
// certificates, and the signed configuration that says so to every gateway.
type Centre struct {
	at     Parts
	newest atomic.Pointer[Published] // as it was read last
}

// New makes it. Begin comes before anything else.
func New(p Parts) *Centre {
	p.Life = p.Life.orDefaults()
	if len(p.Classes) == 0 {
		p.Classes = []string{"GOV"}
	}
	return &Centre{at: p}
}

// system is who acts when the centre acts by itself.
var system = actor.OfSystem(exchange.Operator)

// Begin makes what is not there yet: the CA's certificate, that of the key that
// signs configurations, and the first configuration. With a CA key that it has
// not seen it begins a roll-over: the new CA issues from now on, the old one
// counts for as long as anything issued by it does.
func (c *Centre) Begin(ctx context.Context) error {
	return c.turn(ctx, system, func(t *turn) error {
		issuer, fresh, err := c.issuer(ctx, t.Tx)
		if err != nil {
			return err
		}
		if fresh {
			t.did("ca.begin", "ca", exchange.Fingerprint(issuer.Certificate.Raw), nil)
		}
		if fresh || t.stale(c.at.Life) {
			t.publish = true
		}
		return nil
	})
}

// Tend does what time asks for: a new configuration when the last is an hour
// old. It is called every minute.
func (c *Centre) Tend(ctx context.Context) error {
	last, _, err := c.at.Store.Newest(ctx)
	if err != nil || !last.due(c.at.Clock.Now(), c.at.Life) {
		return err
	}
	return c.turn(ctx, system, func(t *turn) error {
		t.publish = t.stale(c.at.Life) // another may have been first
		return nil
	})
}

// Configuration is the newest, as it is given to gateways. It fails with
// Unavailable before Begin.
func (c *Centre) Configuration(ctx context.Context) (Published, error) {
	// It has some megabytes, and a hundred gateways ask each minute: it is read when
	// there is another, not each time.
	last, err := c.at.Store.History(ctx, 0, 1)
	if err != nil {
		return Published{}, err
	}
	if p := c.newest.Load(); p != nil && len(last) == 1 && p.Serial == last[0].Serial && p.IssuedAt.Equal(last[0].IssuedAt) {
		return *p, nil
	}
	p, ok, err := c.at.Store.Newest(ctx)
	if err == nil && !ok {
		return p, fault.New(fault.Unavailable, "exchange.centre.none", nil)
	}
	if err == nil {
		c.newest.Store(&p)
	}
	return p, err
}

// turn is a transaction that may change the register. Turns are taken one after
// the other, so each sees what the one before it left.
type turn struct {
	Tx
	by      actor.Actor
	now     time.Time
	serial  int64
	last    Published
	acts    []Act
	publish bool
}

// did notes an act; the configuration is published because of the last one.
func (t *turn) did(action, subject, key string, details map[string]string) {
	t.acts = append(t.acts, Act{By: t.by, Action: action, Subject: subject, Key: key, At: t.now, Details: details})
}

func (t *turn) stale(l Life) bool { return t.last.due(t.now, l) }

// due says whether it is time for the next. A clock that was set back must not
// make the centre wait until it is as late again.
func (p Published) due(now time.Time, l Life) bool {
	age := now.Sub(p.IssuedAt)
	return p.Serial == 0 || age < 0 || age >= l.Republish
}

func (c *Centre) turn(ctx context.Context, by actor.Actor, f func(*turn) error) error {
	return c.at.Store.InTx(ctx, func(tx Tx) error {
		t := &turn{Tx: tx, by: by, now: c.at.Clock.Now()}
		var err error
		if t.serial, err = tx.Turn(ctx); err != nil {
			return err
		}
		if t.last, _, err = tx.Newest(ctx); err != nil {
			return err
		}
		if err := f(t); err != nil {
			return err
		}
		if t.publish {
			if err := c.publish(ctx, t); err != nil {
				return err
			}
		}
		for _, a := range t.acts {
			if err := tx.Note(ctx, a); err != nil {
				return err
			}
		}
		return nil
	})
}

func (c *Centre) publish(ctx context.Context, t *turn) error {
	cert, err := c.signerCertificate(ctx, t)
	if err != nil {
		return err
	}
	conf, err := c.configuration(ctx, t)
	if err != nil {
		return err
	}
	signed, err := exchange.Sign(conf, c.at.Signer, cert)
	if err != nil {
		return err
	}
	p := Published{
		Signed: signed, Serial: conf.Serial, IssuedAt: conf.IssuedAt, StaleAfter: conf.StaleAfter, ValidUntil: conf.ValidUntil, Cause: "renewed",
	}
	if n := len(t.acts); n > 0 {
		p.Cause, p.Key, p.By = t.acts[n-1].Action, t.acts[n-1].Key, t.by.Account
	}
	return t.SavePublished(ctx, p)
}

// configuration says what the register says.
func (c *Centre) configuration(ctx context.Context, t *turn) (exchange.Configuration, error) {
	conf := exchange.Configuration{
		Instance: c.at.Instance, Serial: t.serial, IssuedAt: t.now,
		StaleAfter: t.now.Add(c.at.Life.Stale), ValidUntil: t.now.Add(c.at.Life.Valid), Timestamps: slices.Clone(c.at.Timestamps),
	}
	entries, err := t.Entries(ctx, "")
	if err != nil {
		return conf, err
	}
	certificates, err := t.Certificates(ctx, t.now)
	if err != nil {
		return conf, err
	}
	cas, err := t.CAs(ctx)
	if err != nil {
		return conf, err
	}
	conf.Authorities = counting(cas, certificates, t.now)
	of := map[string][][]byte{}
	for _, cert := range certificates {
		switch {
		case !cert.RevokedAt.IsZero():
			conf.Revoked = append(conf.Revoked, exchange.Revocation{Fingerprint: cert.Fingerprint, At: cert.RevokedAt, Reason: cert.Reason})
		case cert.Use == useTimestamp:
			conf.Timestamps = append(conf.Timestamps, cert.DER)
		case cert.Use == useGateway:
			of[cert.Gateway] = append(of[cert.Gateway], cert.DER)
		}
	}
	describe(&conf, entries, of)
	return conf, c.secured(ctx, t, &conf)
}

// describe fills in who takes part. What is suspended is left out, and so is what
// belongs to it, but for members and gateways: a suspended member is one without
// subsystems, and others shall know which gateways are suspended.
func describe(conf *exchange.Configuration, entries []exchange.Entry, certificates map[string][][]byte) {
	state := map[string]exchange.EntryState{}
	for _, e := range entries {
		state[string(e.Kind)+" "+e.Key] = e.State
	}
	active := func(id xroad.ID) bool { // a member, or a subsystem of an active one
		return state["member "+id.MemberID().String()] == exchange.Active &&
			(id.Subsystem == "" || state["subsystem "+id.SubsystemID().String()] == exchange.Active)
	}
	counted := func(list []xroad.ID) []xroad.ID {
		return slices.DeleteFunc(slices.Clone(list), func(id xroad.ID) bool { return !active(id) })
	}
	inside := func(s exchange.EntryState) bool { return s == exchange.Active || s == exchange.Suspended }
	systems := map[xroad.ID][]exchange.Subsystem{}
	for _, e := range entries {
		if id := e.ID(); e.Kind == exchange.SubsystemEntry && active(id) {
			systems[e.Member] = append(systems[e.Member], exchange.Subsystem{ID: id, Name: e.Name})
		}
	}
	for _, e := range entries {
		switch {
		case e.Kind == exchange.MemberEntry && inside(e.State):
			conf.Members = append(conf.Members, exchange.Member{ID: e.ID(), Name: e.Name, Subsystems: systems[e.Member]})
		case e.Kind == exchange.ServiceOffered && e.State == exchange.Active && active(e.ID().SubsystemID()):
			conf.Services = append(conf.Services, exchange.ServiceEntry{ID: e.ID(), Name: e.Name, Type: e.Type, Endpoints: e.Endpoints})
		case e.Kind == exchange.GatewayEntry && e.State != exchange.Withdrawn && inside(state["member "+e.Member.String()]):
			conf.Gateways = append(conf.Gateways, exchange.Gateway{
				ID: e.Key, Member: e.Member, Address: e.Address, Subsystems: counted(e.Subsystems), Certificates: certificates[e.Key],
				Suspended: e.State == exchange.Suspended || state["member "+e.Member.String()] == exchange.Suspended,
			})
		case e.Kind == exchange.GroupEntry && e.State == exchange.Active:
			conf.Groups = append(conf.Groups, exchange.Group{Code: e.Key, Name: e.Name, Members: counted(e.Members)})
		}
	}
}

// counting is the CAs that still count, newest first: the one that issues, and
// those that issued something that has not run out.
func counting(cas [][]byte, issued []Certificate, at time.Time) [][]byte {
	var out [][]byte
	for i, der := range cas {
		ca, err := x509.ParseCertificate(der)
		if err != nil || at.After(ca.NotAfter) {
			continue
		}
		if i == 0 || slices.ContainsFunc(issued, func(c Certificate) bool {
			leaf, err := x509.ParseCertificate(c.DER)
			return err == nil && issuedBy(leaf, ca)
		}) {
			out = append(out, der)
		}
	}
	return out
}

func issuedBy(leaf, ca *x509.Certificate) bool {
	return bytes.Equal(leaf.RawIssuer, ca.RawSubject) && bytes.Equal(leaf.AuthorityKeyId, ca.SubjectKeyId)
}

// trusted is the fingerprint of the CA that a joiner has to trust now: the one that
// issued for the key that signs configurations, which during a roll-over is not yet
// the one that issues.
func (c *Centre) trusted(ctx context.Context, t *turn) (string, error) {
	signer, err := c.own(ctx, t, useSigner, c.at.Signer.Public(), c.signerLeaf(t))
	if err != nil {
		return "", err
	}
	leaf, err := x509.ParseCertificate(signer.DER)
	if err != nil {
		return "", fmt.Errorf("read the certificate of configurations: %w", err)
	}
	cas, err := t.CAs(ctx)
	if err != nil {
		return "", err
	}
	for _, der := range cas {
		if ca, err := x509.ParseCertificate(der); err == nil && issuedBy(leaf, ca) {
			return exchange.Fingerprint(der), nil
		}
	}
	return "", errors.New("no CA has issued the certificate of configurations")
}

// The uses of certificates, as they are stored.
const (
	useGateway   = "gateway"
	useSigner    = "configuration"
	useTimestamp = "timestamp"
)

// A CA lasts for ten years and issues for eight, so that what it issued last ends
// before it does.
const (
	caYears  = 10
	caIssues = 8 * 365 * day
)

// issuer is the CA that issues now; fresh when it was made in this transaction.
func (c *Centre) issuer(ctx context.Context, tx Tx) (a pki.Authority, fresh bool, err error) {
	cas, err := tx.CAs(ctx)
	if err != nil {
		return a, false, err
	}
	if len(cas) > 0 {
		cert, err := x509.ParseCertificate(cas[0])
		if err != nil {
			return a, false, fmt.Errorf("read the centre's CA: %w", err)
		}
		if pki.SamePublic(cert.PublicKey, c.at.CA.Public()) && c.at.Clock.Now().Sub(cert.NotBefore) < caIssues {
			return pki.Authority{Certificate: cert, Key: c.at.CA}, false, nil
		}
	}
	now := c.at.Clock.Now()
	der, err := pki.NewAuthority(c.at.CA, "dean06 "+c.at.Instance+" "+now.In(clock.Zone).Format("2006-01"), now, caYears)
	if err != nil {
		return a, false, err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return a, false, fmt.Errorf("read a new CA: %w", err)
	}
	return pki.Authority{Certificate: cert, Key: c.at.CA}, true, tx.SaveCA(ctx, der, now)
}

func keyHash(public crypto.PublicKey) (string, error) {
	der, err := x509.MarshalPKIXPublicKey(public)
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:]), err
}

// issue makes and keeps a certificate. It counts from a little before now, as
// clocks differ.
func (c *Centre) issue(ctx context.Context, t *turn, keep Certificate, leaf pki.Leaf) (Certificate, error) {
	issuer, _, err := c.issuer(ctx, t.Tx)
	if err != nil {
		return keep, err
	}
	leaf.From = t.now.Add(-10 * time.Minute)
	if leaf.Until.IsZero() {
		leaf.Until = t.now.Add(c.at.Life.Certificate)
	}
	if keep.DER, err = issuer.Issue(leaf); err != nil {
		return keep, err
	}
	cert, err := x509.ParseCertificate(keep.DER)
	if err != nil {
		return keep, fmt.Errorf("read a new certificate: %w", err)
	}
	if keep.Key, err = keyHash(leaf.Public); err != nil {
		return keep, err
	}
	keep.Fingerprint, keep.From, keep.Until, keep.CreatedAt = exchange.Fingerprint(keep.DER), cert.NotBefore, cert.NotAfter, t.now
	return keep, t.SaveCertificate(ctx, keep)
}

// standing finds a certificate of a key with more than a third of its life left.
func standing(list []Certificate, use, gateway, key string, now time.Time) (Certificate, bool) {
	for _, cert := range list {
		if cert.Use == use && cert.Gateway == gateway && cert.Key == key && cert.RevokedAt.IsZero() &&
			!exchange.RenewalDue(cert.From, cert.Until, now) {
			return cert, true
		}
	}
	return Certificate{}, false
}

func (c *Centre) signerCertificate(ctx context.Context, t *turn) ([]byte, error) {
	cert, err := c.own(ctx, t, useSigner, c.at.Signer.Public(), c.signerLeaf(t))
	return cert.DER, err
}

func (c *Centre) signerLeaf(t *turn) pki.Leaf {
	return pki.Leaf{
		Public: c.at.Signer.Public(), Name: "dean06 " + c.at.Instance + " configuration", Use: pki.ConfigurationSigner,
		Until: t.now.Add(2 * 365 * day),
	}
}

// TimestampCertificate gives the time-stamping authority that the centre runs its
// certificate, and says so in the configuration.
func (c *Centre) TimestampCertificate(ctx context.Context, public crypto.PublicKey) (der []byte, err error) {
	err = c.turn(ctx, system, func(t *turn) error {
		before := t.now
		cert, err := c.own(ctx, t, useTimestamp, public, pki.Leaf{
			Public: public, Name: "dean06 " + c.at.Instance + " time-stamping", Use: pki.TimeStamping, Until: t.now.Add(5 * 365 * day),
		})
		if err != nil {
			return err
		}
		der = cert.DER
		if cert.CreatedAt.Equal(before) {
			t.did("certificate.timestamp", "certificate", cert.Fingerprint, nil)
			t.publish = true
		}
		return nil
	})
	return der, err
}

// own is the certificate of a key of the centre itself, a new one when it is due.
func (c *Centre) own(ctx context.Context, t *turn, use string, public crypto.PublicKey, leaf pki.Leaf) (Certificate, error) {
	key, err := keyHash(public)
	if err != nil {
		return Certificate{}, err
	}
	list, err := t.Certificates(ctx, t.now)
	if err != nil {
		return Certificate{}, err
	}
	if cert, ok := standing(list, use, "", key, t.now); ok {
		return cert, nil
	}
	return c.issue(ctx, t, Certificate{Use: use}, leaf)
}

// agency finds one that may become a member.
func (c *Centre) agency(code string) bool {
	return slices.ContainsFunc(c.at.Agencies(), func(a Agency) bool { return a.Code == code })
}
