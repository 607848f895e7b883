package exchangenode

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/exchange/exchangesql"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/ledger"
	"dean06/internal/platform/ledger/ledgersql"
	"dean06/internal/platform/pki"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
)

// logged is a node that has joined, with an audit log whose heads it signs.
type logged struct {
	*testing.T
	db    *sqldb.DB
	chain *ledgersql.Chain
	key   *ecdsa.PrivateKey
	cert  []byte
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// issue makes an authority and a certificate of it for a gateway.
func issue(t *testing.T, key *ecdsa.PrivateKey, name string) (cert, authority []byte) {
	t.Helper()
	root := newKey(t)
	authority, err := pki.NewAuthority(root, "VN", time.Now().AddDate(-1, 0, 0), 5)
	if err != nil {
		t.Fatal(err)
	}
	ca, err := x509.ParseCertificate(authority)
	if err != nil {
		t.Fatal(err)
	}
	cert, err = pki.Authority{Certificate: ca, Key: root}.Issue(pki.Leaf{
		Public: key.Public(), Name: name, From: time.Now().AddDate(0, -1, 0), Until: time.Now().AddDate(0, 2, 0), Use: pki.Gateway,
	})
	if err != nil {
		t.Fatal(err)
	}
	return cert, authority
}

func newLogged(t *testing.T, db *sqldb.DB, hub string) (*logged, []byte) {
	t.Helper()
	if err := audit.Migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	if err := exchangesql.Migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	l := &logged{T: t, db: db, chain: audit.Chain(db), key: newKey(t)}
	var authority []byte
	l.cert, authority = issue(t, l.key, "H55-1")
	node := ledgersql.Node{Gateway: "H55-1", Hub: hub, Dir: t.TempDir()}
	if err := ledgersql.New(db).SaveNode(t.Context(), node, l.cert); err != nil {
		t.Fatal(err)
	}
	c := exchange.Configuration{
		Instance: "VN", Serial: 1, Authorities: [][]byte{authority}, Gateways: []exchange.Gateway{{ID: "H55-1", Certificates: [][]byte{l.cert}}},
	}
	body, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	if err := exchangesql.New(db, clock.System{}).SaveConfiguration(t.Context(), exchange.Signed{Body: body}, 1, time.Now()); err != nil {
		t.Fatal(err)
	}
	return l, authority
}

// write adds entries and signs where the log stands then.
func (l *logged) write(n int) ledger.Head {
	l.Helper()
	for range n {
		if err := audit.Record(l.Context(), l.db, audit.Entry{Action: "x.y"}); err != nil {
			l.Fatal(err)
		}
	}
	k := ledgersql.Keeper{
		Chains: []*ledgersql.Chain{l.chain}, Clock: clock.System{}, Log: slog.New(slog.DiscardHandler),
		Sign: func(h *ledger.Head) error {
			h.KeyID = exchange.Fingerprint(l.cert)
			return h.Sign(rand.Reader, l.key)
		},
	}
	k.Step(l.Context())
	h, ok, err := l.chain.LastHead(l.Context())
	if err != nil || !ok {
		l.Fatal(ok, err)
	}
	return h
}

func (l *logged) check() ledger.Found {
	l.Helper()
	c := logChecker{db: l.db, chains: []ledger.Chain{l.chain}}
	found, err := c.run(l.Context())
	if err != nil || len(found) != 1 {
		l.Fatalf("%+v, %v", found, err)
	}
	return found[0]
}

// TestCheckBeforeAWitness: what the hub has seen of a log decides whether it went back, and
// only keys that an authority vouches for count.
func TestCheckBeforeAWitness(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		var seen exchange.Witness
		hub := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/exchange/v1/witness" || r.URL.Query().Get("gateway") != "H55-1" {
				http.NotFound(w, r)
				return
			}
			_ = json.NewEncoder(w).Encode(seen)
		}))
		defer hub.Close()
		l, _ := newLogged(t, db, hub.URL)
		holds := func(h ledger.Head) {
			seen = exchange.Witness{Gateway: "H55-1", Heads: []exchange.SeenHead{{Head: h}}, Certificates: [][]byte{l.cert}}
		}
		is := func(name string, state ledger.State, by ledger.Witness) {
			t.Helper()
			if got := l.check(); got.State != state || got.By != by {
				t.Errorf("%s: %s, %s (%s at %d), want %s, %s", name, got.State, got.By, got.Why, got.At, state, by)
			}
		}
		holds(l.write(5))
		is("told", ledger.Whole, ledger.WitnessOK)
		last := l.write(5)
		is("not told yet", ledger.Whole, ledger.WitnessBehind)
		more := last
		more.Size, more.Root = 12, ledger.EmptyRoot()
		if err := more.Sign(rand.Reader, l.key); err != nil {
			t.Fatal(err)
		}
		holds(more)
		is("more was seen", ledger.Back, ledger.WitnessOK)
		other := last
		other.Root = ledger.EmptyRoot()
		if err := other.Sign(rand.Reader, l.key); err != nil {
			t.Fatal(err)
		}
		holds(other)
		if got := l.check(); got.State == ledger.Whole {
			t.Errorf("another log was seen: %+v", got)
		}
		other.Signature = last.Signature
		holds(other)
		is("the hub shows a head that we never signed", ledger.Whole, ledger.WitnessUnreachable)
		holds(last)
		is("told at last", ledger.Whole, ledger.WitnessOK)

		// Heads that somebody signs with a key of their own, and whose certificate they put
		// beside the true one, count for nothing.
		own, kept := newKey(t), *l
		forged, _ := issue(t, own, "H55-1")
		if err := ledgersql.New(db).SaveNode(t.Context(), ledgersql.Node{Gateway: "H55-1", Hub: hub.URL}, forged); err != nil {
			t.Fatal(err)
		}
		is("another certificate lies about", ledger.Whole, ledger.WitnessOK)
		l.key, l.cert = own, forged
		l.write(1)
		is("signed by another key", ledger.Changed, ledger.WitnessBehind)
		l.key, l.cert = kept.key, kept.cert
		if _, err := sqldb.Exec(t.Context(), db, `DELETE FROM ledger_head WHERE size > 10`); err != nil {
			t.Fatal(err)
		}
		is("and taken away again", ledger.Cut, ledger.WitnessOK)
		hub.Close()
		if got := l.check(); got.By != ledger.WitnessUnreachable {
			t.Errorf("the hub is away: %+v", got)
		}
	})
}

// TestAllHeadsGone: a node that has run since it joined has heads of every log.
func TestAllHeadsGone(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		l, _ := newLogged(t, db, "")
		l.write(3)
		for _, table := range []string{"ledger_head", "ledger_chain", "ledger_tile", "ledger_node", "ledger_certificate"} {
			if _, err := sqldb.Exec(t.Context(), db, `DELETE FROM `+table); err != nil {
				t.Fatal(err)
			}
		}
		if got := l.check(); got.State != ledger.Whole {
			t.Errorf("of a node that has just joined none is expected: %+v", got)
		}
		if err := audit.Record(t.Context(), db, audit.Entry{Action: "x.y", At: time.Now().Add(time.Minute)}); err != nil {
			t.Fatal(err)
		}
		if got := l.check(); got.State != ledger.Cut || got.At != 1 {
			t.Errorf("all heads gone: %+v", got)
		}
	})
}
