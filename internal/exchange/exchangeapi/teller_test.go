package exchangeapi_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"path/filepath"
	"testing"

	"dean06/internal/exchange"
	"dean06/internal/exchange/exchangeapi"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/ledger"
	"dean06/internal/platform/pki"
)

// shelf is a log of fewer than 256 rows whose head is made when it is asked for.
type shelf struct {
	chain  string
	leaves []ledger.Digest
	sign   func(h *ledger.Head) error
	gap    bool // its rows cannot show that they go on
	late   int  // rows that have no head yet
}

func (l *shelf) Size(context.Context) (int64, error) { return int64(len(l.leaves)), nil }

func (l *shelf) Root(ctx context.Context, size int64) (ledger.Digest, error) {
	return ledger.RootAt(ctx, l, size)
}

func (l *shelf) Name() string { return l.chain }

func (l *shelf) write(n int, text string) {
	for range n {
		l.leaves = append(l.leaves, ledger.LeafOf([]byte{text[0], byte(len(l.leaves))}))
	}
}

func (l *shelf) Leaves(_ context.Context, from, until int64) ([]ledger.Digest, error) {
	return l.leaves[from:until], nil
}

func (l *shelf) Tiles(context.Context, int, int64, int64) ([]ledger.Digest, error) { return nil, nil }

func (l *shelf) LastHead(ctx context.Context) (h ledger.Head, ok bool, err error) {
	h = ledger.Head{Chain: l.chain, Size: int64(len(l.leaves) - l.late)}
	if h.Root, err = ledger.RootAt(ctx, l, h.Size); err != nil {
		return h, false, err
	}
	return h, len(l.leaves) > 0, l.sign(&h)
}

func (l *shelf) Consistency(ctx context.Context, from, to int64) ([]ledger.Digest, error) {
	if l.gap {
		return nil, fault.New(fault.Conflict, "ledger.incomplete", fault.Args{"seq": from})
	}
	return ledger.ConsistencyProof(ctx, l, from, to)
}

// TestLogsAreWitnessed shows a real centre the heads of three logs, over a start of the
// node, and then a log that lost its end.
func TestLogsAreWitnessed(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	ctx, dir := t.Context(), t.TempDir()
	saved, err := h.client().Join(ctx, dir, h.token(), "127.0.0.1:8038", nil, nil)
	must(t, err)
	key, err := pki.FileKey(filepath.Join(dir, exchangeapi.KeyFile))
	must(t, err)
	m := exchangeapi.NewMembership(saved, dir, key, h.clock)
	sign := func(h2 *ledger.Head) error {
		h2.At, h2.KeyID = h.clock.Now(), exchange.Fingerprint(saved.DER())
		return h2.Sign(rand.Reader, ecdsaKey(t, key))
	}
	logs := []*shelf{{chain: "audit", sign: sign}, {chain: "lookups", sign: sign}, {chain: "messages", sign: sign}}
	var all []exchangeapi.Log
	for i, l := range logs {
		l.write(10*(i+1), "a")
		all = append(all, l)
	}
	tell := func(teller *exchangeapi.Teller) exchange.ReportAnswer {
		t.Helper()
		h.clock.advance(60e9)
		a, ok, err := teller.Tell(ctx, m, exchange.Report{Version: "1.0", LogSize: 30}, all, h.clock.Now)
		must(t, err)
		if !ok || a.Serial == 0 || len(a.Heads) != 3 {
			t.Fatalf("answer: %v %+v", ok, a)
		}
		return a
	}
	alarms := func(a exchange.ReportAnswer) (out []string) {
		for _, x := range a.Heads {
			if x.Alarm != nil {
				out = append(out, x.Chain+" "+x.Alarm.Code)
			}
		}
		return out
	}
	first := &exchangeapi.Teller{}
	tell(first)
	for _, l := range logs {
		l.write(7, "a")
	}
	tell(first)
	for _, l := range logs {
		l.write(7, "a")
	}
	// A teller of a new process knows nothing, and proves all the same within one report.
	a := tell(&exchangeapi.Teller{})
	if got := alarms(a); len(got) > 0 || a.Heads[0].Size != 24 || !a.Heads[0].Proved || a.Heads[2].Size != 44 {
		t.Errorf("after a start: %v %+v", got, a.Heads)
	}
	// Records that a failover had lost were put back, and no head covers them yet.
	logs[1].late = 20
	if got := alarms(tell(&exchangeapi.Teller{})); len(got) > 0 {
		t.Errorf("a log that has all that was seen: %v", got)
	}
	logs[1].late = 0
	w, err := m.Witness(ctx)
	must(t, err)
	if seen, ok := w.Head("lookups"); !ok || seen.Size != 34 || seen.SeenAt.IsZero() {
		t.Errorf("witness: %+v", w)
	}
	if _, err := h.client().Witness(ctx, "H55-9"); fault.Of(err) != fault.NotFound {
		t.Errorf("of a gateway that is none: %v", err)
	}

	logs[0].leaves = logs[0].leaves[:20]           // removed at the end
	logs[1].gap = true                             // its tree cannot prove that it goes on
	logs[2].leaves[3] = ledger.LeafOf([]byte("x")) // a row changed, and all computed anew
	logs[1].write(1, "a")
	logs[2].write(1, "a")
	if got := alarms(tell(first)); len(got) != 3 || got[0] != "audit shrunk" || got[1] != "lookups inconsistent" || got[2] != "messages inconsistent" {
		t.Errorf("alarms: %v", got)
	}
	if said, at := first.Said(); len(alarms(said)) != 3 || at.IsZero() {
		t.Errorf("what the teller knows: %+v", said)
	}
	h.clock.advance(10e9)
	if w, err = m.Witness(ctx); err != nil || len(alarms(exchange.ReportAnswer{Heads: w.Heads})) != 3 {
		t.Errorf("witness: %+v, %v", w.Heads, err)
	}
}

func ecdsaKey(t *testing.T, key any) *ecdsa.PrivateKey {
	t.Helper()
	k, ok := key.(*ecdsa.PrivateKey)
	if !ok {
		t.Fatalf("%T", key)
	}
	return k
}
