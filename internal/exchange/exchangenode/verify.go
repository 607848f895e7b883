package exchangenode

import (
	"context"
	"crypto/ecdsa"
	"crypto/x509"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/exchange/exchangeapi"
	"dean06/internal/exchange/exchangesql"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/ledger"
	"dean06/internal/platform/ledger/ledgersql"
	"dean06/internal/platform/pki"
	"dean06/internal/platform/private"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/tsa"
)

// logChecker checks all logs of a node. It writes nothing.
type logChecker struct {
	db     *sqldb.DB
	chains []ledger.Chain
	dir    string // of the gateway; what the database says when empty
	hub    string // address of the witness; what the folder or the database says when empty

	store *ledgersql.Store
	gate  *exchangesql.Store
	node  ledgersql.Node
	owner string            // the gateway that the database names; "" when it names none
	saved exchangeapi.Saved // what the join left; empty when the folder is not here
	// authorities are those that issued gateways' certificates, timestamps those that stamp.
	authorities, timestamps [][]byte

	// journal says that nobody moves what waits in the journal to the table while it is
	// checked, or that it may be another process: what waits is counted too.
	journal bool
	follows func() (bool, error) // instead of asking the database whether it is a standby
	wait    time.Duration        // for a standby; replicaWait when zero
}

// askWitness is how long the hub may take to answer.
const askWitness = 10 * time.Second

// authoritiesFile keeps, in the gateway's folder, every authority that has issued it a
// certificate: whoever can write to the database alone makes no other one count.
const authoritiesFile = "authorities.pem"

// run checks every chain that the database has.
func (c *logChecker) run(ctx context.Context) ([]ledger.Found, error) {
	if err := c.begin(ctx); err != nil {
		return nil, err
	}
	// The witness is asked first: what it holds, the log has.
	seen, by := c.witness(ctx)
	behind, err := c.await(ctx, seen)
	if err != nil {
		return nil, err
	}
	restores := c.restored(ctx, seen)
	late, err := c.headsAreDue(ctx)
	if err != nil {
		return nil, err
	}
	var out []ledger.Found
	for _, chain := range c.chains {
		there, err := chain.Exists(ctx)
		if err != nil {
			return out, err
		}
		if !there {
			continue
		}
		checks := ledger.Checks{Stamp: c.stamp}
		if c.node.Gateway != "" {
			checks.Key = c.key
		}
		held, shown := seen.Head(chain.Name())
		if shown {
			checks.Seen = []ledger.Head{held.Head}
		}
		var rest *waiting
		if c.journal && chain.Name() == ledger.Messages {
			if rest = waitingIn(c.dir, c.owner); rest != nil {
				checks.Rest = rest.rest
			}
		}
		r, err := chain.Check(ctx, checks)
		if err != nil {
			return out, err
		}
		if late && r.State == ledger.Whole && r.Rows > r.Waiting && r.Signed == nil {
			if r, err = c.headless(ctx, r); err != nil {
				return out, err
			}
		}
		found := ledger.Found{Result: r, By: by, Restores: restores[chain.Name()]}
		if rest != nil {
			found.Notes = rest.notes
		}
		if behind != nil && r.State == ledger.Back {
			found.Notes = append(found.Notes, *behind)
		}
		if by == ledger.WitnessOK {
			found.Held = held.Size
			if r.Signed != nil && held.Size < r.Signed.Size {
				found.By = ledger.WitnessBehind
			}
		}
		out = append(out, found)
	}
	return out, nil
}

// headsDue is how long after a node has joined every log of it has a head: they are made
// every ten seconds.
const headsDue = 30 * time.Second

// headsAreDue says that the node has run for so long since it joined that every log which
// is not empty has a head.
func (c *logChecker) headsAreDue(ctx context.Context) (bool, error) {
	begun, ok, err := c.store.Begun(ctx)
	if err != nil || !ok {
		return false, err
	}
	there, err := ledgersql.HasTable(ctx, c.db, "gateway_certificate")
	if err != nil || !there {
		return false, err
	}
	joined, ok, err := c.gate.Since(ctx)
	if err != nil || !ok {
		return false, err
	}
	due := joined.Add(headsDue)
	if begun.After(joined) {
		due = begun.Add(headsDue)
	}
	for _, chain := range c.chains {
		there, err := chain.Exists(ctx)
		if err != nil {
			return false, err
		}
		if !there {
			continue
		}
		last, err := chain.LastAt(ctx)
		if err != nil && !ledgersql.Unreadable(err) {
			return false, err
		}
		if last.After(due) {
			return true, nil
		}
	}
	return false, nil
}

// headless says that all heads of a log are gone, unless its tree is still growing.
func (c *logChecker) headless(ctx context.Context, r ledger.Result) (ledger.Result, error) {
	growing, err := c.store.Growing(ctx, r.Chain, r.Rows)
	if err != nil || growing {
		return r, err
	}
	r.State, r.At, r.Why, r.Args = ledger.Cut, 1, "ledger.broken.heads", map[string]any{"seq": 1}
	if r.Chain == ledger.Messages {
		r.At, r.Args = 0, map[string]any{"seq": 0}
	}
	return r, nil
}

// begin finds out whose logs these are.
func (c *logChecker) begin(ctx context.Context) error {
	c.store, c.gate = ledgersql.New(c.db), exchangesql.New(c.db, clock.System{})
	var err error
	if c.node, _, err = c.store.Node(ctx); err != nil {
		return err
	}
	c.owner = c.node.Gateway
	if c.dir == "" {
		c.dir = c.node.Dir
	}
	if c.dir != "" {
		if c.saved, err = exchangeapi.Load(c.dir); err == nil {
			c.node.Gateway = c.saved.Gateway
			if c.node.Hub == "" {
				c.node.Hub = c.saved.Hub
			}
			c.authorities = append(keptAuthorities(c.dir), c.saved.Authorities()...)
		}
	}
	if c.hub == "" {
		c.hub = c.node.Hub
	}
	there, err := ledgersql.HasTable(ctx, c.db, "gateway_configuration")
	if err != nil || !there {
		return err
	}
	signed, _, ok, err := c.gate.Configuration(ctx)
	if err != nil || !ok {
		return err
	}
	if conf, err := signed.Read(); err == nil {
		if c.authorities == nil { // the folder is not here: what the node was told counts
			c.authorities = conf.Authorities
		}
		c.timestamps = slices.Concat(conf.Authorities, conf.Timestamps)
	}
	return nil
}

// witness asks the hub.
func (c *logChecker) witness(ctx context.Context) (exchange.Witness, ledger.Witness) {
	if c.node.Gateway == "" || c.hub == "" {
		return exchange.Witness{}, ledger.WitnessNone
	}
	ctx, cancel := context.WithTimeout(ctx, askWitness)
	defer cancel()
	client := exchangeapi.Client{URL: c.hub, HTTP: &http.Client{Timeout: askWitness}}
	w, err := client.Witness(ctx, c.node.Gateway)
	if err == nil {
		err = w.Check(c.node.Gateway, c.authorities)
	}
	if err != nil {
		return exchange.Witness{}, ledger.WitnessUnreachable
	}
	return w, ledger.WitnessOK
}

// key gives the key with which a head may be signed: that of a certificate which the node
// kept, and which an authority of the exchange has issued for it.
func (c *logChecker) key(ctx context.Context, h ledger.Head) (*ecdsa.PublicKey, error) {
	der, own, err := c.store.Certificate(ctx, h.KeyID)
	if err != nil {
		return nil, err
	}
	if !own && exchange.Fingerprint(c.saved.DER()) == h.KeyID {
		der, own = c.saved.DER(), true
	}
	if !own {
		there, err := ledgersql.HasTable(ctx, c.db, "gateway_certificate")
		if err != nil || !there {
			return nil, err
		}
		var known bool
		if der, known, err = c.gate.Certificate(ctx, h.KeyID); err != nil || !known {
			return nil, err
		}
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil || exchange.Fingerprint(der) != h.KeyID {
		return nil, nil //nolint:nilerr // it is no certificate of ours
	}
	if !own && cert.Subject.CommonName != c.node.Gateway { // another gateway's
		return nil, nil
	}
	issued := func() bool {
		return pki.CheckChain(cert, c.authorities, pki.Gateway, exchange.DuringLife(cert, h.At)) == nil
	}
	if len(c.authorities) > 0 && !issued() {
		return nil, nil
	}
	key, _ := cert.PublicKey.(*ecdsa.PublicKey)
	return key, nil
}

func (c *logChecker) stamp(token, data []byte) (time.Time, error) {
	return tsa.Verify(token, data, slices.Concat(c.timestamps, c.authorities))
}

// keptAuthorities are those of the gateway's folder.
func keptAuthorities(dir string) [][]byte {
	text, err := os.ReadFile(filepath.Join(dir, authoritiesFile)) //nolint:gosec // the operator names the folder
	if err != nil {
		return nil
	}
	list, err := pki.ReadCertificates(text)
	if err != nil {
		return nil
	}
	return list
}

// keepAuthorities adds to those of the gateway's folder.
func keepAuthorities(dir string, more [][]byte) error {
	kept := keptAuthorities(dir)
	n := len(kept)
	for _, der := range more {
		if !slices.ContainsFunc(kept, func(o []byte) bool { return slices.Equal(o, der) }) {
			kept = append(kept, der)
		}
	}
	if len(kept) == n {
		return nil
	}
	next := filepath.Join(dir, authoritiesFile+".new")
	f, err := private.Create(next)
	if err != nil {
		return err
	}
	_, err = f.Write(pki.WriteCertificates(kept...))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(next, filepath.Join(dir, authoritiesFile))
}

// witnessURL takes the address of a hub with or without what comes after it.
func witnessURL(s string) string {
	s, _, _ = strings.Cut(s, "/exchange/v1/witness")
	return strings.TrimSuffix(s, "/")
}
