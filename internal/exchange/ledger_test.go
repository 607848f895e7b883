package exchange_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/health"
	"dean06/internal/platform/pki"
	"dean06/internal/xroad"
)

// ledger is a gateway in memory: its log, and what its owner decides.
type ledger struct {
	services []exchange.LocalService
	rights   []exchange.Right
	groups   []exchange.Group
	signed   exchange.Signed

	records []exchange.Record
	tiles   map[int][]exchange.Digest
	heads   []exchange.Head
	certs   map[string][]byte
	begin   exchange.Frontier // records before were archived
}

func (m *ledger) Configuration(context.Context) (exchange.Signed, time.Time, bool, error) {
	return m.signed, time.Time{}, m.signed.Body != nil, nil
}

func (*ledger) KnownCertificates(context.Context) ([]exchange.KnownCertificate, error) {
	return nil, nil
}

func (m *ledger) SaveConfiguration(_ context.Context, s exchange.Signed, _ int64, _ time.Time) error {
	m.signed = s
	return nil
}

func (m *ledger) Services(context.Context) ([]exchange.LocalService, error) { return m.services, nil }

func (m *ledger) SaveService(_ context.Context, s exchange.LocalService) error {
	m.services = slices.DeleteFunc(m.services, func(o exchange.LocalService) bool { return o.ID == s.ID })
	m.services = append(m.services, s)
	return nil
}

func (m *ledger) Rights(_ context.Context, ended bool) ([]exchange.Right, error) {
	return slices.DeleteFunc(slices.Clone(m.rights), func(r exchange.Right) bool { return !ended && !r.EndedAt.IsZero() }), nil
}

func (m *ledger) RightsMark(context.Context) (mark exchange.RightsMark, err error) {
	for _, r := range m.rights {
		mark.Given++
		if !r.EndedAt.IsZero() {
			mark.Ended++
		}
	}
	return mark, nil
}

func (m *ledger) GiveRight(_ context.Context, r exchange.Right) error {
	if slices.ContainsFunc(m.rights, func(o exchange.Right) bool { return o.EndedAt.IsZero() && o.Same(r) }) {
		return fault.New(fault.Conflict, "exchange.right.exists", nil)
	}
	m.rights = append(m.rights, r)
	return nil
}

func (m *ledger) EndRight(_ context.Context, id, by string, at time.Time) error {
	i := slices.IndexFunc(m.rights, func(r exchange.Right) bool { return r.ID == id })
	switch {
	case i < 0:
		return fault.New(fault.NotFound, "exchange.right.not_found", nil)
	case !m.rights[i].EndedAt.IsZero():
		return fault.New(fault.Conflict, "exchange.right.ended", nil)
	}
	m.rights[i].EndedBy, m.rights[i].EndedAt = by, at
	return nil
}

func (m *ledger) ReplaceRight(ctx context.Context, old string, r exchange.Right) error {
	if err := m.EndRight(ctx, old, r.GivenBy, r.GivenAt); err != nil {
		return err
	}
	return m.GiveRight(ctx, r)
}

func (m *ledger) Groups(context.Context) ([]exchange.Group, error) { return m.groups, nil }

func (m *ledger) SaveGroup(_ context.Context, g exchange.Group) error {
	m.groups = append(slices.DeleteFunc(m.groups, func(o exchange.Group) bool { return o.Code == g.Code }), g)
	return nil
}

func (m *ledger) Frontier(context.Context) (exchange.Frontier, error) {
	t, _ := exchange.NewTree(exchange.Frontier{})
	for _, r := range m.records {
		t.Append(r.Leaf)
	}
	return t.Frontier(), nil
}

func (m *ledger) Begin(context.Context) (exchange.Frontier, error) { return m.begin, nil }

func (*ledger) Append(context.Context, exchange.Batch) error { return nil }

func (m *ledger) Search(_ context.Context, f exchange.Filter) ([]exchange.Record, error) {
	out := slices.Clone(m.records)
	slices.Reverse(out)
	return out[:min(len(out), f.Limit)], nil
}

func (m *ledger) Message(_ context.Context, id string) ([]exchange.Record, error) {
	return slices.DeleteFunc(slices.Clone(m.records), func(r exchange.Record) bool {
		return r.Commitment.RequestID != id && r.Commitment.MessageID != id
	}), nil
}

func (m *ledger) Range(_ context.Context, from, until int64) ([]exchange.Record, error) {
	n := int64(len(m.records))
	from, until = max(from, m.begin.Size), max(until, m.begin.Size)
	return m.records[min(from, n):min(until, n)], nil
}

func (m *ledger) Leaves(_ context.Context, from, until int64) ([]exchange.Digest, error) {
	var out []exchange.Digest
	n := int64(len(m.records))
	for _, r := range m.records[min(from, n):min(until, n)] {
		out = append(out, r.Leaf)
	}
	return out, nil
}

func (m *ledger) Tiles(_ context.Context, level int, from, until int64) ([]exchange.Digest, error) {
	n := int64(len(m.tiles[level]))
	return m.tiles[level][min(from, n):min(until, n)], nil
}

func (*ledger) RequestIDs(context.Context, time.Time) ([]string, error) { return nil, nil }
func (*ledger) SaveHead(context.Context, exchange.Head) error           { return nil }

func (m *ledger) LastHead(context.Context) (exchange.Head, bool, error) {
	if len(m.heads) == 0 {
		return exchange.Head{}, false, nil
	}
	return m.heads[len(m.heads)-1], true, nil
}

func (m *ledger) HeadOver(_ context.Context, seq int64) (exchange.Head, bool, error) {
	i := slices.IndexFunc(m.heads, func(h exchange.Head) bool { return h.Size > seq })
	if i < 0 {
		return exchange.Head{}, false, nil
	}
	return m.heads[i], true, nil
}

func (m *ledger) Heads(_ context.Context, after int64, _ int) ([]exchange.Head, error) {
	return slices.DeleteFunc(slices.Clone(m.heads), func(h exchange.Head) bool { return h.Size <= after }), nil
}

func (*ledger) Unstamped(context.Context, int) ([]exchange.Head, error) { return nil, nil }
func (*ledger) Used(context.Context, string, time.Time) (int64, error)  { return 7, nil }
func (*ledger) SealedBody(context.Context, int64) ([]byte, error)       { return nil, nil }
func (*ledger) DropBodies(context.Context, time.Time) (int, error)      { return 0, nil }
func (m *ledger) Certificate(_ context.Context, id string) ([]byte, bool, error) {
	der, ok := m.certs[id]
	return der, ok, nil
}

var (
	ofService = xroad.MustID("VN/GOV/G01/DANCU/match")
	ofClient  = xroad.MustID("VN/GOV/H55/TTHC")
)

// newLedger is a gateway whose log has n signed records and a stamped head after each
// hundred, and the configuration that goes with it.
func newLedger(t *testing.T, n int64) *ledger {
	t.Helper()
	c := newCentre(t)
	key := newKey(t)
	cert, err := c.authority.Issue(pki.Leaf{
		Public: key.Public(), Name: "G01-1", From: noon.AddDate(0, -1, 0), Until: noon.AddDate(0, 1, 0), Use: pki.Gateway,
	})
	if err != nil {
		t.Fatal(err)
	}
	conf := exchange.Configuration{
		Instance: "VN", Serial: 1, Authorities: [][]byte{c.authority.Certificate.Raw}, Timestamps: [][]byte{c.authority.Certificate.Raw},
		Gateways: []exchange.Gateway{
			{ID: "G01-1", Member: ofService.MemberID(), Subsystems: []xroad.ID{ofService.SubsystemID()}, Certificates: [][]byte{cert}},
		},
	}
	body, err := json.Marshal(conf)
	if err != nil {
		t.Fatal(err)
	}
	m := &ledger{
		signed: exchange.Signed{Body: body}, tiles: map[int][]exchange.Digest{}, certs: map[string][]byte{exchange.Fingerprint(cert): cert},
	}
	tree, err := exchange.NewTree(exchange.Frontier{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		m.add(t, tree, i, key, exchange.Fingerprint(cert))
	}
	return m
}

func (m *ledger) add(t *testing.T, tree *exchange.Tree, i int64, key *ecdsa.PrivateKey, keyID string) {
	t.Helper()
	r := exchange.Record{Seq: i, At: noon, Side: exchange.Provider, Peer: "H55-1", UserID: "can-bo-12", Commitment: exchange.Commitment{
		Kind: exchange.Request, Method: "POST", Client: ofClient, Service: ofService, MessageID: fmt.Sprintf("m-%d", i/2),
		RequestID: fmt.Sprintf("r-%d", i/2),
		Created:   noon.Unix(), Nonce: "n", KeyID: keyID, Body: sha256.Sum256([]byte("{}")),
	}}
	if i%2 == 1 {
		r.Commitment.Kind, r.Commitment.Method, r.Commitment.Status = exchange.Response, "", 200
	}
	err := r.Commitment.Sign(rand.Reader, key)
	if err != nil {
		t.Fatal(err)
	}
	r.Leaf = r.LogLeaf()
	m.records = append(m.records, r)
	for _, tile := range tree.Append(r.Leaf) {
		m.tiles[tile.Level] = append(m.tiles[tile.Level], tile.Hash)
	}
	if tree.Size()%100 != 0 {
		return
	}
	h := exchange.Head{Size: tree.Size(), Root: tree.Root(), At: noon, KeyID: keyID}
	if err := h.Sign(rand.Reader, key); err != nil {
		t.Fatal(err)
	}
	h.Token = []byte("token")
	m.heads = append(m.heads, h)
}

// running is a gateway that takes part.
type running struct {
	dir     *exchange.Directory
	reloads int
}

func (*running) Status(context.Context) (exchange.Status, error) {
	return exchange.Status{Gateway: "G01-1", Member: ofService.MemberID()}, nil
}

func (*running) Doctor(context.Context) []health.Finding {
	return []health.Finding{{Check: "clock", Level: health.Fine}}
}

func (*running) RenewNow(context.Context) (bool, error) { return false, nil }

func (g *running) ReloadRights(context.Context) error { g.reloads++; return nil }

func (*running) Apply(_ context.Context, a exchange.Application) (exchange.Application, error) {
	a.State = exchange.Pending
	return a, nil
}

func (g *running) Directory() *exchange.Directory { return g.dir }
