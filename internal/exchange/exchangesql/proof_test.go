package exchangesql_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/json"
	"errors"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/exchange"
	"dean06/internal/exchange/exchangesql"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/health"
	"dean06/internal/platform/pki"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/platform/tsa"
	"dean06/internal/xroad"
)

// logbook is a log as a gateway writes it: signed records, tiles and heads.
type logbook struct {
	store     *exchangesql.Store
	dir       *exchange.Directory
	keys      [2]*ecdsa.PrivateKey
	certs     [2][]byte // of the provider, whose log it is, and of the consumer
	ca        pki.Authority
	authority []byte
	heads     []exchange.Head
}

func newLogbook(t *testing.T, db *sqldb.DB, heads ...int64) *logbook {
	t.Helper()
	l := &logbook{store: newStore(t, db)}
	root := key(t)
	der, err := pki.NewAuthority(root, "VN", noon.AddDate(-1, 0, 0), 5)
	if err != nil {
		t.Fatal(err)
	}
	ca, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	l.authority, l.ca = der, pki.Authority{Certificate: ca, Key: root}
	for i, name := range []string{"G01-1", "H55-1"} {
		l.keys[i] = key(t)
		l.certs[i], err = l.ca.Issue(pki.Leaf{
			Public: l.keys[i].Public(), Name: name, From: noon.AddDate(0, -1, 0), Until: noon.AddDate(1, 0, 0), Use: pki.Gateway,
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	c := exchange.Configuration{
		Instance: "VN", Serial: 1, Authorities: [][]byte{der}, Timestamps: [][]byte{[]byte("tsa")},
		Gateways: []exchange.Gateway{{ID: "G01-1", Certificates: l.certs[:1]}, {ID: "H55-1", Certificates: l.certs[1:]}},
	}
	l.dir = exchange.Index(c)
	body, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.store.SaveConfiguration(t.Context(), exchange.Signed{Body: body}, 1, noon); err != nil {
		t.Fatal(err)
	}
	l.write(t, heads)
	return l
}

func key(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func headOf(n int64) []byte {
	return exchange.HeadText(
		"POST /r1/VN/GOV/G01/DANCU/match", []exchange.HeadField{{Name: "x-road-id", Value: time.Duration(n / 2).String()}},
	)
}

func bodyOf(n int64) []byte { return []byte(`{"n":"` + time.Duration(n).String() + `"}`) }

func requestHash(n int64) string {
	sum := sha512.Sum512(bodyOf(n))
	return exchange.RequestHash(headOf(n), sum[:])
}

// signed makes record n, as it comes from the consumer or goes back to it.
func (l *logbook) signed(t *testing.T, n int64, body []byte) exchange.Record {
	t.Helper()
	r := record(n)
	r.Commitment.MessageID, r.Commitment.RequestID = "m-"+time.Duration(n/2).String(), "r-"+time.Duration(n/2).String()
	r.Commitment.Head, r.Commitment.Body = exchange.HeadDigest(headOf(n)), sha256.Sum256(body)
	who := 1 - int(n%2)
	if n%2 == 1 {
		r.Commitment.RequestHash = requestHash(n - 1)
		r.Commitment.Head = exchange.HeadDigest([]byte("200\r\n"))
	}
	r.Commitment.KeyID = exchange.Fingerprint(l.certs[who])
	if err := r.Commitment.Sign(rand.Reader, l.keys[who]); err != nil {
		t.Fatal(err)
	}
	r.Leaf = r.LogLeaf()
	return r
}

// write adds records up to the last head, and the heads.
func (l *logbook) write(t *testing.T, heads []int64) {
	t.Helper()
	ctx := t.Context()
	tree, err := exchange.NewTree(exchange.Frontier{})
	if err != nil {
		t.Fatal(err)
	}
	for i, size := range heads {
		var b exchange.Batch
		for tree.Size() < size {
			r := l.signed(t, tree.Size(), bodyOf(tree.Size()))
			b.Records = append(b.Records, r)
			b.Tiles = append(b.Tiles, tree.Append(r.Leaf)...)
		}
		b.Frontier = tree.Frontier()
		if err := l.store.Append(ctx, b); err != nil {
			t.Fatal(err)
		}
		h := exchange.Head{
			Size: size, Root: tree.Root(), At: noon.Add(time.Duration(size) * time.Second), KeyID: exchange.Fingerprint(l.certs[0]),
		}
		if err := h.Sign(rand.Reader, l.keys[0]); err != nil {
			t.Fatal(err)
		}
		if i < len(heads)-1 {
			h.Token, h.StampedAt = token(h.Stamped()), h.At.Add(time.Second)
		}
		if err := l.store.SaveHead(ctx, h); err != nil {
			t.Fatal(err)
		}
		l.heads = append(l.heads, h)
	}
}

// token stands in for a time stamp; see tsa for real ones.
func token(data []byte) []byte {
	sum := sha256.Sum256(data)
	return append([]byte("stamp "), sum[:]...)
}

func checkToken(tok, data []byte) (time.Time, error) {
	if !bytes.Equal(tok, token(data)) {
		return time.Time{}, errors.New("another token")
	}
	return noon.AddDate(0, 0, 1), nil
}

func checks(l *logbook) exchange.Checks {
	return exchange.Checks{
		Authorities: [][]byte{l.authority}, Timestamps: [][]byte{},
		Stamp: func(tok, data []byte, _ [][]byte) (time.Time, error) { return checkToken(tok, data) },
	}
}

func TestHeads(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		l := newLogbook(t, db, 10, 20, 30)
		for _, tt := range []struct{ seq, want int64 }{{0, 10}, {9, 10}, {10, 20}, {20, 30}} {
			h, ok, err := l.store.HeadOver(ctx, tt.seq)
			if err != nil || !ok || h.Size != tt.want {
				t.Errorf("head over %d: %d, %v, %v", tt.seq, h.Size, ok, err)
			}
		}
		if _, ok, err := l.store.HeadOver(ctx, 30); ok || err != nil {
			t.Errorf("a head over what is not covered: %v", err)
		}
		wait, err := l.store.Unstamped(ctx, 10)
		if diff := cmp.Diff(l.heads[2:], wait); err != nil || diff != "" {
			t.Fatalf("%v (-want +got):\n%s", err, diff)
		}
		h := l.heads[2]
		h.Token, h.StampedAt = []byte("late"), noon
		if err := l.store.SaveHead(ctx, h); err != nil {
			t.Fatal(err)
		}
		if got, ok, err := l.store.LastHead(ctx); err != nil || !ok || cmp.Diff(h, got) != "" {
			t.Errorf("stamped later: %+v, %v", got, err)
		}
		h.Root[0] ^= 1
		if err := l.store.SaveHead(ctx, h); fault.Of(err) != fault.Conflict {
			t.Errorf("another head of that size: %v", err)
		}
		if list, err := l.store.Heads(ctx, 10, 1); err != nil || len(list) != 1 || list[0].Size != 20 {
			t.Errorf("heads %v, %v", list, err)
		}
	})
}

func TestCheckLog(t *testing.T) {
	t.Parallel()
	exec := func(statements ...string) func(t *testing.T, db *sqldb.DB, l *logbook) {
		return func(t *testing.T, db *sqldb.DB, _ *logbook) {
			t.Helper()
			for _, s := range statements {
				if _, err := sqldb.Exec(t.Context(), db, s); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	const other = ` FROM gateway_record o WHERE o.seq = 3) WHERE seq = 300`
	tests := []struct {
		name   string
		tamper func(t *testing.T, db *sqldb.DB, l *logbook)
		known  bool
		want   string
		seq    any
	}{
		{"in order", exec(), true, "", nil},
		{"entry changed", exec(`UPDATE gateway_record SET entry = (SELECT o.entry` + other), false, "changed", int64(300)},
		{"leaf changed", exec(`UPDATE gateway_record SET leaf = (SELECT o.leaf` + other), false, "changed", int64(300)},
		{"forged with its leaf", forge(300), false, "changed", int64(300)},
		{"forged with its leaf, past the last tile", forge(590), false, "changed", int64(590)},
		{"removed", exec(`DELETE FROM gateway_record WHERE seq = 300`), false, "removed", int64(300)},
		{"last one removed", exec(`DELETE FROM gateway_record WHERE seq = 599`), false, "removed", int64(599)},
		{"removed and closed up", exec(`DELETE FROM gateway_record WHERE seq = 200`,
			`UPDATE gateway_record SET seq = -seq WHERE seq > 200`, `UPDATE gateway_record SET seq = -seq - 1 WHERE seq < 0`,
			`UPDATE gateway_log SET size = 599`), false, "range", nil},
		{"exchanged", exec(`UPDATE gateway_record SET seq = -1 WHERE seq = 10`, `UPDATE gateway_record SET seq = 10 WHERE seq = 11`,
			`UPDATE gateway_record SET seq = 11 WHERE seq = -1`), false, "moved", int64(11)},
		{"added", exec(`INSERT INTO gateway_record (seq, at, provider, failed, route, message_key, request_key, leaf, entry)
			SELECT 600, at, provider, failed, route, message_key, request_key, leaf, entry
			FROM gateway_record WHERE seq = 599`), false, "added", int64(600)},
		{
			"tile changed", exec(`UPDATE gateway_tile SET hash = (SELECT leaf FROM gateway_record WHERE seq = 1) WHERE level = 1 AND ix = 1`), false,
			"tile", nil,
		},
		{"tile lost", exec(`DELETE FROM gateway_tile`), false, "tile", nil},
		{
			"head forged", exec(`UPDATE gateway_head SET root = (SELECT leaf FROM gateway_record WHERE seq = 1) WHERE size = 100`), false, "head",
			nil,
		},
		{"stamp forged", exec(`UPDATE gateway_head SET token = signature WHERE size = 100`), false, "stamp", nil},
		{
			"cut", exec(`DELETE FROM gateway_record WHERE seq >= 100`, `DELETE FROM gateway_tile`, `UPDATE gateway_log SET size = 100`), false,
			"cut", int64(100),
		},
		{"cut with its heads", cut, true, "cut", int64(100)},
		{"cut with its heads, and nothing kept elsewhere", cut, false, "", nil},
		{"end forged", exec(`UPDATE gateway_log SET hashes = (SELECT leaf FROM gateway_record WHERE seq = 1)`), false, "end", int64(600)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			db := sqldbtest.OpenSQLite(t)
			l := newLogbook(t, db, 100, 300, 600)
			tt.tamper(t, db, l)
			c := exchange.LogChecks{Stamp: checkToken}
			if tt.known {
				c.Known = l.heads
			}
			report, err := exchange.CheckLog(t.Context(), l.store, c)
			if tt.want == "" {
				if err != nil || report.Records == 0 || report.Signed != report.Records {
					t.Errorf("%+v, %v", report, err)
				}
				return
			}
			f := fault.As(err)
			if f == nil || f.Key != "exchange.log.broken."+tt.want || (tt.seq != nil && f.Args["seq"] != tt.seq) {
				t.Errorf("got %v, want %s at %v", err, tt.want, tt.seq)
			}
		})
	}
}

// TestEveryByteCounts: whichever byte of a stored record is changed, it shows.
func TestEveryByteCounts(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	db := sqldbtest.OpenSQLite(t)
	l := newLogbook(t, db, 2)
	entry, err := sqldb.One[[]byte](ctx, db, `SELECT entry FROM gateway_record WHERE seq = 1`)
	if err != nil {
		t.Fatal(err)
	}
	set := func(column string, v any) {
		t.Helper()
		if _, err := sqldb.Exec(ctx, db, `UPDATE gateway_record SET `+column+` = $1 WHERE seq = 1`, v); err != nil {
			t.Fatal(err)
		}
	}
	for i := range entry {
		changed := bytes.Clone(entry)
		changed[i] ^= 1
		set("entry", changed)
		if _, err := exchange.CheckLog(ctx, l.store, exchange.LogChecks{}); fault.Of(err) != fault.Conflict {
			t.Errorf("byte %d of %d: %v, want Conflict", i, len(entry), err)
		}
	}
	set("entry", entry)
	if _, err := sqldb.Exec(
		ctx, db, `INSERT INTO gateway_route (client, service) VALUES ('VN/GOV/G24/BHXH', 'VN/GOV/G01/DANCU/match')`,
	); err != nil {
		t.Fatal(err)
	}
	for column, v := range map[string]any{
		"at": 5, "route": 2, "provider": false, "failed": true, "message_key": 1, "request_key": 1, "user_key": nil, "issue_key": 1,
	} {
		was, err := sqldb.One[any](ctx, db, `SELECT `+column+` FROM gateway_record WHERE seq = 1`)
		if err != nil {
			t.Fatal(err)
		}
		set(column, v)
		if _, err := exchange.CheckLog(ctx, l.store, exchange.LogChecks{}); fault.Of(err) != fault.Conflict {
			t.Errorf("%s: %v, want Conflict", column, err)
		}
		set(column, was)
	}
	if _, err := exchange.CheckLog(ctx, l.store, exchange.LogChecks{}); err != nil {
		t.Error(err)
	}
}

// forge puts a record with another body in the place of one, with all that goes with
// it in its row; only the signature cannot be made.
func forge(seq int64) func(t *testing.T, db *sqldb.DB, l *logbook) {
	return func(t *testing.T, db *sqldb.DB, l *logbook) {
		t.Helper()
		r := l.signed(t, seq, []byte("other"))
		r.Commitment.Signature[5] ^= 1
		r.Leaf, r.Seq = r.LogLeaf(), 0
		elsewhere := sqldbtest.OpenSQLite(t)
		if err := newStore(t, elsewhere).Append(
			t.Context(), exchange.Batch{Records: []exchange.Record{r}, Frontier: exchange.Frontier{Size: 1}},
		); err != nil {
			t.Fatal(err)
		}
		for _, column := range []string{"leaf", "entry"} {
			b, err := sqldb.One[[]byte](t.Context(), elsewhere, `SELECT `+column+` FROM gateway_record`)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := sqldb.Exec(t.Context(), db, `UPDATE gateway_record SET `+column+` = $1 WHERE seq = $2`, b, seq); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// cut takes the log back to its first head, with everything that goes with it.
func cut(t *testing.T, db *sqldb.DB, l *logbook) {
	t.Helper()
	leaves, err := l.store.Leaves(t.Context(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	tree, err := exchange.NewTree(exchange.Frontier{})
	if err != nil {
		t.Fatal(err)
	}
	for _, leaf := range leaves {
		tree.Append(leaf)
	}
	var hashes []byte
	for _, h := range tree.Frontier().Hashes {
		hashes = append(hashes, h[:]...)
	}
	for _, s := range []string{
		`DELETE FROM gateway_record WHERE seq >= 100`, `DELETE FROM gateway_tile`, `DELETE FROM gateway_head WHERE size > 100`,
	} {
		if _, err := sqldb.Exec(t.Context(), db, s); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := sqldb.Exec(t.Context(), db, `UPDATE gateway_log SET size = 100, hashes = $1`, hashes); err != nil {
		t.Fatal(err)
	}
}

func TestProof(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		l := newLogbook(t, db, 300, 320)
		p, err := exchange.Export(ctx, l.store, l.dir, 41)
		if err != nil {
			t.Fatal(err)
		}
		again, err := exchange.ExportMessage(ctx, l.store, l.dir, p.Records[0].Commitment.MessageID)
		if diff := cmp.Diff(p, again); err != nil || diff != "" {
			t.Errorf("by its message id: %v (-want +got):\n%s", err, diff)
		}
		file, err := p.File()
		if err != nil {
			t.Fatal(err)
		}
		read, err := exchange.ReadProof(file)
		if err != nil {
			t.Fatal(err)
		}
		tests := []struct {
			name       string
			body, head []byte
			want       []string
			err        string
		}{
			{"alone", nil, nil, []string{"request_signed", "response_signed", "in_log", "in_log", "stamped", "no_body"}, ""},
			{
				"request", bodyOf(40), headOf(40),
				[]string{"request_signed", "response_signed", "in_log", "in_log", "stamped", "body_of_request", "head_of_request", "answers"},
				"",
			},
			{
				"response", bodyOf(41), []byte("200\r\n"),
				[]string{"request_signed", "response_signed", "in_log", "in_log", "stamped", "body_of_response", "head_of_response"},
				"",
			},
			{"another body", bodyOf(42), nil, nil, "body_differs"},
			{"empty body", []byte{}, nil, nil, "body_differs"},
			{"another head", nil, headOf(42), nil, "head_differs"},
		}
		for _, tt := range tests {
			found, err := read.Verify(checks(l), tt.body, tt.head)
			var got []string
			for _, f := range found {
				got = append(got, f.Key[len("exchange.proof."):])
			}
			if f := fault.As(err); (tt.err == "") != (err == nil) || (f != nil && f.Key != "exchange.proof."+tt.err) ||
				(tt.err == "" && !slices.Equal(got, tt.want)) {
				t.Errorf("%s: %v, %v, want %v %s", tt.name, got, err, tt.want, tt.err)
			}
		}
		if _, err := exchange.Export(ctx, l.store, l.dir, 320); fault.Of(err) != fault.NotFound {
			t.Errorf("no such record: %v", err)
		}
		if _, err := exchange.ExportMessage(ctx, l.store, l.dir, "none"); fault.Of(err) != fault.NotFound {
			t.Errorf("no such message: %v", err)
		}
		if p, err := exchange.Export(ctx, l.store, l.dir, 319); err != nil || len(p.Head.Token) > 0 {
			t.Errorf("not stamped yet: %v", err)
		} else if found, err := p.Verify(checks(l), nil, nil); err != nil || found[4].Key != "exchange.proof.not_stamped" {
			t.Errorf("not stamped yet: %v, %v", found, err)
		}
	})
}

// TestProofStamped: a real time stamp holds by the centre's authority and no other's.
func TestProofStamped(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	l := newLogbook(t, sqldbtest.OpenSQLite(t), 4)
	signer := key(t)
	der, err := l.ca.Issue(pki.Leaf{
		Public: signer.Public(), Name: "TSA", From: noon.AddDate(0, -1, 0), Until: noon.AddDate(1, 0, 0), Use: pki.TimeStamping,
	})
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(tsa.NewServer(signer, cert, []*x509.Certificate{l.ca.Certificate}, clock.Fixed(noon.Add(time.Hour))))
	t.Cleanup(server.Close)
	h := l.heads[0]
	h.Token, h.StampedAt, err = tsa.Client{URL: server.URL, HTTP: server.Client(), Authorities: [][]byte{l.authority}}.Stamp(ctx, h.Stamped())
	if err != nil {
		t.Fatal(err)
	}
	if err := l.store.SaveHead(ctx, h); err != nil {
		t.Fatal(err)
	}
	p, err := exchange.Export(ctx, l.store, l.dir, 1)
	if err != nil {
		t.Fatal(err)
	}
	trusted := [][]byte{l.authority}
	found, err := p.Verify(exchange.Checks{Stamp: tsa.Verify, Authorities: trusted, Timestamps: trusted}, nil, nil)
	if err != nil || found[4].Key != "exchange.proof.stamped" || !found[4].Args["at"].(time.Time).Equal(noon.Add(time.Hour)) {
		t.Errorf("%v, %v", found, err)
	}
	other := [][]byte{newLogbook(t, sqldbtest.OpenSQLite(t), 2).authority}
	if _, err := p.Verify(exchange.Checks{Stamp: tsa.Verify, Authorities: trusted, Timestamps: other}, nil, nil); fault.As(err) == nil ||
		fault.As(err).Key != "exchange.proof.stamp" {
		t.Errorf("by another authority: %v", err)
	}
	report, err := exchange.CheckLog(
		ctx, l.store, exchange.LogChecks{Stamp: func(token, data []byte) (time.Time, error) { return tsa.Verify(token, data, trusted) }},
	)
	if want := (exchange.LogReport{Records: 4, Heads: 1, Signed: 4, Stamped: 4}); err != nil || report != want {
		t.Errorf("got %+v, %v, want %+v", report, err, want)
	}
}

// TestProofSeveral: a message id that a client used twice does not say which call.
func TestProofSeveral(t *testing.T) {
	t.Parallel()
	s := newStore(t, sqldbtest.OpenSQLite(t))
	b := batch(0, 2) // one message id, two request ids
	if err := s.Append(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	dir := exchange.Index(exchange.Configuration{})
	if _, err := exchange.ExportMessage(t.Context(), s, dir, b.Records[0].Commitment.MessageID); fault.Of(err) != fault.Conflict {
		t.Errorf("got %v, want Conflict", err)
	}
	if _, err := exchange.Export(t.Context(), s, dir, 0); fault.Of(err) != fault.Unavailable {
		t.Errorf("without a head: %v, want Unavailable", err)
	}
}

// TestProofTampered: whatever is changed in the file, the proof no longer holds.
func TestProofTampered(t *testing.T) {
	t.Parallel()
	l := newLogbook(t, sqldbtest.OpenSQLite(t), 300, 320)
	fresh := func() exchange.Proof {
		p, err := exchange.Export(t.Context(), l.store, l.dir, 40)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	other, err := exchange.Export(t.Context(), l.store, l.dir, 60)
	if err != nil {
		t.Fatal(err)
	}
	stranger := newLogbook(t, sqldbtest.OpenSQLite(t), 2)
	for name, change := range map[string]func(p *exchange.Proof){
		"client":               func(p *exchange.Proof) { p.Records[0].Commitment.Client = xroad.MustID("VN/GOV/G24/BHXH") },
		"service":              func(p *exchange.Proof) { p.Records[0].Commitment.Service = xroad.MustID("VN/GOV/G01/DANCU/facts") },
		"body":                 func(p *exchange.Proof) { p.Records[0].Commitment.Body[0] ^= 1 },
		"status":               func(p *exchange.Proof) { p.Records[1].Commitment.Status = 404 },
		"time":                 func(p *exchange.Proof) { p.Records[0].Commitment.Created++ },
		"signature":            func(p *exchange.Proof) { p.Records[0].Commitment.Signature[9] ^= 1 },
		"no signature":         func(p *exchange.Proof) { p.Records[0].Commitment.Signature = nil },
		"kind":                 func(p *exchange.Proof) { p.Records[0].Commitment.Kind = "note" },
		"quote in the nonce":   func(p *exchange.Proof) { p.Records[0].Commitment.Nonce += `";x="` },
		"place":                func(p *exchange.Proof) { p.Records[0].Seq++ },
		"negative place":       func(p *exchange.Proof) { p.Records[0].Seq = -1 },
		"path":                 func(p *exchange.Proof) { p.Records[0].Path[3][3] ^= 1 },
		"details":              func(p *exchange.Proof) { p.Records[0].Details[0] ^= 1 },
		"no details":           func(p *exchange.Proof) { p.Records[0].Details = exchange.Digest{} },
		"no path":              func(p *exchange.Proof) { p.Records[0].Path = nil },
		"response of another":  func(p *exchange.Proof) { p.Records[1] = other.Records[1] },
		"twice the request":    func(p *exchange.Proof) { p.Records[1] = p.Records[0] },
		"root":                 func(p *exchange.Proof) { p.Head.Root[0] ^= 1 },
		"size":                 func(p *exchange.Proof) { p.Head.Size++ },
		"moment of the head":   func(p *exchange.Proof) { p.Head.At = p.Head.At.Add(1) },
		"token":                func(p *exchange.Proof) { p.Head.Token = append(p.Head.Token, 1) },
		"certificate missing":  func(p *exchange.Proof) { p.Certificates = p.Certificates[:1] },
		"certificate is none":  func(p *exchange.Proof) { p.Certificates[0] = []byte("x") },
		"whole other exchange": func(p *exchange.Proof) { *p = strange(t, stranger) },
		"no records":           func(p *exchange.Proof) { p.Records = nil },
	} {
		p := fresh()
		change(&p)
		if found, err := p.Verify(checks(l), nil, nil); err == nil {
			t.Errorf("%s: holds: %v", name, found)
		}
	}
	// With no authority of one's own, another exchange's proof holds, and a warning says so.
	p := strange(t, stranger)
	found, err := p.Verify(exchange.Checks{}, nil, nil)
	if err != nil || found[0].Key != "exchange.proof.own_authorities" || found[0].Level != health.Warning {
		t.Errorf("by its own authorities: %v, %v", found, err)
	}
}

func strange(t *testing.T, l *logbook) exchange.Proof {
	t.Helper()
	p, err := exchange.Export(t.Context(), l.store, l.dir, 0)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func FuzzReadProof(f *testing.F) {
	f.Add([]byte(`{"format":"dean06-proof-1","records":[{"seq":9223372036854775807,"path":[""]}],"head":{"size":-1}}`))
	f.Add([]byte(
		`{"format":"dean06-proof-1","records":[{"seq":0,"at":"2026-01-01T00:00:00Z","side":"provider","commitment":{"kind":"request",` +
			`"client":"VN/a","service":"","message_id":"","request_id":"","head":"","body":"","created":1,"nonce":"","key_id":"","signature":""},` +
			`"path":[]}],"certificates":["AA=="]}`,
	))
	f.Fuzz(func(t *testing.T, file []byte) {
		p, err := exchange.ReadProof(file)
		if err != nil {
			return
		}
		if _, err := p.Verify(exchange.Checks{}, []byte("x"), nil); err == nil {
			t.Error("a proof came out of nothing")
		}
	})
}
