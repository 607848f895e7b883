package centretest

import (
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"fmt"
	"slices"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/exchange/centre"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/ledger"
)

// book is a log of a gateway, of fewer than 256 rows.
type book struct {
	chain  string
	leaves []ledger.Digest
}

func (l *book) Leaves(_ context.Context, from, until int64) ([]ledger.Digest, error) {
	return l.leaves[from:until], nil
}

func (l *book) Tiles(context.Context, int, int64, int64) ([]ledger.Digest, error) { return nil, nil }

func (l *book) write(n int, text string) {
	for range n {
		l.leaves = append(l.leaves, ledger.LeafOf(fmt.Append(nil, text, len(l.leaves))))
	}
}

// copied is the log as a backup has it.
func (l *book) copied() *book { return &book{l.chain, slices.Clone(l.leaves)} }

// gatewayOf is a gateway that reports, with the key and certificate of H55-1.
type gatewayOf struct {
	*bench
	key  *ecdsa.PrivateKey
	cert []byte
}

func (g gatewayOf) head(l *book) exchange.ReportedHead {
	g.t.Helper()
	h := exchange.Head{Chain: l.chain, Size: int64(len(l.leaves)), At: g.clock.Now(), KeyID: exchange.Fingerprint(g.cert)}
	var err error
	h.Root, err = ledger.RootAt(g.t.Context(), l, h.Size)
	g.must(err, h.Sign(rand.Reader, g.key))
	return exchange.ReportedHead{Head: h}
}

// proved is the head with the proof from a size.
func (g gatewayOf) proved(l *book, from int64) exchange.ReportedHead {
	g.t.Helper()
	r := g.head(l)
	r.From = from
	if from > 0 && from < r.Head.Size {
		var err error
		r.Proof, err = ledger.ConsistencyProof(g.t.Context(), l, from, r.Head.Size)
		g.must(err)
	}
	return r
}

// says reports heads, a minute later.
func (g gatewayOf) says(heads ...exchange.ReportedHead) exchange.ReportAnswer {
	g.t.Helper()
	g.clock.advance(time.Minute)
	a, err := g.Report(g.t.Context(), gateway1, exchange.Report{At: g.clock.Now(), Version: "1", Heads: heads})
	g.must(err)
	return a
}

// alarm is the code of a chain's alarm in an answer, "" for none.
func alarm(a exchange.ReportAnswer, chain string) string {
	for _, h := range a.Heads {
		if h.Of(chain) && h.Alarm != nil {
			return h.Alarm.Code
		}
	}
	return ""
}

func size(a exchange.ReportAnswer, chain string) int64 {
	for _, h := range a.Heads {
		if h.Of(chain) {
			return h.Size
		}
	}
	return -1
}

// testProofs is a log that goes on, and all the ways in which it does not.
func testProofs(b *bench) {
	b.members()
	key := newKey(b.t)
	g := gatewayOf{b, key, b.join(key).Certificate}
	open := func(code string, a exchange.ReportAnswer, held int64) {
		b.t.Helper()
		if alarm(a, "audit") != code || size(a, "audit") != held {
			b.t.Errorf("got alarm %q, size %d; want %q, %d", alarm(a, "audit"), size(a, "audit"), code, held)
		}
	}
	log := &book{chain: "audit"}
	log.write(100, "a")
	open("", g.says(g.proved(log, 0)), 100)
	backup := log.copied()
	log.write(30, "a")
	first := g.proved(log, 100)
	open("", g.says(first), 130)
	open("", g.says(first), 130) // nothing came meanwhile

	// A gateway that has not learned what is held: it is told, and nothing rings.
	log.write(5, "a")
	open("", g.says(g.head(log)), 130)
	open("", g.says(g.proved(log, 130)), 135)

	// The network turned two reports round: the older one counts for nothing.
	late := exchange.Report{At: b.clock.Now(), Version: "1", Heads: []exchange.ReportedHead{g.head(backup)}}
	log.write(5, "a")
	open("", g.says(g.proved(log, 135)), 140)
	a, err := g.Report(b.t.Context(), gateway1, late)
	b.must(err)
	open("", a, 140)

	// The backup is put back; then it goes on; then it is as long, and longer.
	other := backup.copied()
	open("shrunk", g.says(g.proved(other, 100)), 140)
	other.write(30, "b")
	open("shrunk", g.says(g.proved(other, 130)), 140)
	other.write(10, "b")
	open("changed", g.says(g.proved(other, 0)), 140)
	other.write(10, "b")
	open("inconsistent", g.says(g.proved(other, 140)), 140)
	// The true one again does not close what was seen, and grows.
	log.write(1, "a")
	open("inconsistent", g.says(g.proved(log, 140)), 141)
	if list, err := b.parts.Store.Witnessed(b.t.Context(), "H55-1", true, 100); err != nil || len(list) != 3 {
		b.t.Errorf("%d alarms are open, %v; want three, each once", len(list), err)
	}
	if got := slices.Compact(slices.DeleteFunc(b.actions(), func(s string) bool { return s != "exchange.gateway.alarm" })); len(got) != 1 {
		b.t.Errorf("in the audit log: %v", got)
	}

	// A proof that is not one, of too many hashes, and a head that cannot be.
	log.write(1, "a")
	wrong := g.proved(log, 141)
	wrong.Proof = wrong.Proof[1:]
	open("inconsistent", g.says(wrong), 141)
	for _, bad := range []exchange.ReportedHead{
		{Head: wrong.Head, From: 141, Proof: make([]ledger.Digest, 1000)},
		{Head: wrong.Head, From: -1},
		{Head: exchange.Head{Chain: "Ầ", Size: 1, KeyID: wrong.Head.KeyID}},
		{Head: exchange.Head{Chain: "audit\n", Size: 1, KeyID: wrong.Head.KeyID}},
		{Head: exchange.Head{Chain: "audit", Size: -1, KeyID: wrong.Head.KeyID}},
		{Head: exchange.Head{Chain: "audit", Size: 1 << 60, KeyID: wrong.Head.KeyID}},
		{Head: exchange.Head{Chain: "audit", Size: 1, KeyID: "x"}},
	} {
		_, err := g.Report(b.t.Context(), gateway1, exchange.Report{Heads: []exchange.ReportedHead{bad}})
		g.fails(err, fault.Invalid, "exchange.report.bad")
	}
	_, err = g.Report(b.t.Context(), gateway1, exchange.Report{Heads: []exchange.ReportedHead{first, first}})
	g.fails(err, fault.Invalid, "exchange.report.bad")
	_, err = g.Report(b.t.Context(), gateway1, exchange.Report{Heads: make([]exchange.ReportedHead, exchange.MaxChains+1)})
	g.fails(err, fault.Invalid, "exchange.report.bad")
}

// testSilence is a gateway that leaves out the proof, or a log.
func testSilence(b *bench) {
	b.members()
	key := newKey(b.t)
	g := gatewayOf{b, key, b.join(key).Certificate}
	audit, lookups := &book{chain: "audit"}, &book{chain: "lookups"}
	audit.write(10, "a")
	lookups.write(10, "a")
	g.says(g.proved(audit, 0), g.proved(lookups, 0))
	audit.write(5, "a")
	var a exchange.ReportAnswer
	for range 11 {
		a = g.says(g.head(audit))
	}
	if alarm(a, "audit") != "unproved" || size(a, "audit") != 10 || alarm(a, "lookups") != "missing" {
		b.t.Errorf("after eleven minutes: %q, %q", alarm(a, "audit"), alarm(a, "lookups"))
	}
	// A program that shows one head only, after one that proved, is no way round it.
	audit.write(5, "b")
	h := g.head(&book{chain: "messages", leaves: audit.leaves}).Head
	messages := &book{chain: "messages", leaves: audit.leaves[:10]}
	g.says(g.proved(audit, 10), g.proved(lookups, 10), g.proved(messages, 0))
	messages = &book{chain: "messages", leaves: audit.leaves[:15]}
	a = g.says(g.proved(audit, 20), g.proved(lookups, 10), g.proved(messages, 10))
	if alarm(a, "audit")+alarm(a, "lookups")+alarm(a, "messages") != "" || size(a, "messages") != 15 {
		b.t.Errorf("when all came: %+v", a)
	}
	for range 11 {
		b.clock.advance(time.Minute)
		var err error
		a, err = g.Report(b.t.Context(), gateway1, exchange.Report{At: b.clock.Now(), LogSize: 20, Head: &h})
		b.must(err)
	}
	if alarm(a, "messages") != "unproved" || size(a, "messages") != 15 {
		b.t.Errorf("an older program after a newer: %q, %d", alarm(a, "messages"), size(a, "messages"))
	}
	// All heads removed: what is reported of the length says so.
	b.clock.advance(time.Minute)
	a, err := g.Report(b.t.Context(), gateway1, exchange.Report{At: b.clock.Now(), LogSize: 3, Heads: []exchange.ReportedHead{}})
	b.must(err)
	if alarm(a, "messages") != "shrunk" {
		b.t.Errorf("without a head and shorter: %q", alarm(a, "messages"))
	}
}

// testRestoreOfAGateway is a restore that two people acknowledge, and those that count
// for nothing.
func testRestoreOfAGateway(b *bench) {
	ctx := b.t.Context()
	b.members()
	key := newKey(b.t)
	g := gatewayOf{b, key, b.join(key).Certificate}
	log := &book{chain: "audit"}
	log.write(100, "a")
	g.says(g.proved(log, 0))
	backup := log.copied()
	log.write(30, "a")
	held := g.proved(log, 100)
	g.says(held)

	restore := exchange.Restore{
		ID: "r1", Backup: "2026-03-01", Reason: "Hỏng ổ đĩa",
		Asked:   exchange.Person{Account: "1", Name: "An", At: b.clock.Now()},
		Decided: exchange.Person{Account: "2", Name: "Bình", At: b.clock.Now()},
		Chains:  []exchange.Restart{{Chain: "audit", Size: 130, Root: held.Head.Root, To: g.head(backup).Head}},
	}
	with := func(change func(*exchange.Restore)) exchange.Restore {
		r := restore
		r.Chains = slices.Clone(restore.Chains)
		change(&r)
		return r
	}
	b.fails(b.Restore(ctx, gateway1, restore), fault.Conflict, "exchange.restore.no_alarm") // before anything happened
	backup.write(2, "b")
	if a := g.says(g.proved(backup, 100)); alarm(a, "audit") != "shrunk" {
		b.t.Fatalf("alarm %q", alarm(a, "audit"))
	}
	stranger := newKey(b.t)
	for _, c := range []struct {
		name string
		r    exchange.Restore
		kind fault.Kind
		key  string
	}{
		{"one person", with(func(r *exchange.Restore) { r.Decided.Account = "1" }), fault.Denied, "exchange.restore.one"},
		{"nobody", with(func(r *exchange.Restore) { r.Decided = exchange.Person{} }), fault.Invalid, "exchange.restore.bad"},
		{"no reason", with(func(r *exchange.Restore) { r.Reason = " " }), fault.Invalid, "exchange.restore.bad"},
		{"no day", with(func(r *exchange.Restore) { r.Backup = "hôm qua" }), fault.Invalid, "exchange.restore.bad"},
		{"no chain", with(func(r *exchange.Restore) { r.Chains = nil }), fault.Invalid, "exchange.restore.bad"},
		{"twice the same", with(func(r *exchange.Restore) { r.Chains = append(r.Chains, r.Chains[0]) }), fault.Invalid, "exchange.restore.bad"},
		{"another size", with(func(r *exchange.Restore) { r.Chains[0].Size = 129 }), fault.Conflict, "exchange.restore.moved"},
		{"another root", with(func(r *exchange.Restore) { r.Chains[0].Root[0]++ }), fault.Conflict, "exchange.restore.moved"},
		{"a chain that nobody saw", with(func(r *exchange.Restore) {
			r.Chains[0].Chain, r.Chains[0].To.Chain = "lookups", "lookups"
		}), fault.Conflict, "exchange.restore.moved"},
		{"a head that the gateway did not sign", with(func(r *exchange.Restore) {
			b.must(r.Chains[0].To.Sign(rand.Reader, stranger))
		}), fault.Denied, "exchange.centre.signature"},
	} {
		if err := b.Restore(ctx, gateway1, c.r); fault.As(err) == nil || fault.Of(err) != c.kind || fault.As(err).Key != c.key {
			b.t.Errorf("%s: got %v, want %s %s", c.name, err, c.kind, c.key)
		}
	}
	b.fails(b.Restore(ctx, operator, restore), fault.Denied, "centre.denied.takepart")
	if a := g.says(g.proved(backup, 0)); alarm(a, "audit") == "" || size(a, "audit") != 130 {
		b.t.Fatalf("a restore that was refused changed something: %+v", a)
	}

	b.must(b.Restore(ctx, gateway1, restore))
	b.must(b.Restore(ctx, gateway1, restore)) // the answer was lost
	a := g.says(g.proved(backup, 100))
	if alarm(a, "audit") != "" || size(a, "audit") != 102 || a.Heads[0].Line != 1 {
		b.t.Errorf("after the restore: %+v", a)
	}
	w, err := b.Witness(ctx, "H55-1")
	b.must(err)
	cas, err := b.parts.Store.CAs(ctx)
	b.must(err, w.Check("H55-1", cas))
	if len(w.Restores) != 1 || w.Restores[0].Size != 130 || w.Restores[0].ToSize != 100 || w.Restores[0].Line != 1 || w.Restores[0].Backup != "2026-03-01" {
		b.t.Errorf("restores that are told: %+v", w.Restores)
	}
	kept, err := b.Restores(ctx, auditor, "H55-1")
	b.must(err)
	if len(kept) != 1 || kept[0].Asked.Name != "An" || kept[0].Decided.Name != "Bình" || kept[0].Reason != "Hỏng ổ đĩa" {
		b.t.Errorf("restores that are kept: %+v", kept)
	}
	if !slices.Contains(b.actions(), "exchange.gateway.restore") || !slices.Contains(centre.Actions, "exchange.gateway.restore") {
		b.t.Error("the restore is not in the audit log")
	}
	// The next one is an alarm again: what was acknowledged is not acknowledged for ever.
	short := &book{"audit", backup.leaves[:90]}
	if a := g.says(g.proved(short, 90)); alarm(a, "audit") != "shrunk" {
		b.t.Errorf("a second one: %q", alarm(a, "audit"))
	}
	b.must(b.Restore(ctx, gateway1, restore)) // the old one again closes nothing
	if a := g.says(g.proved(short, 90)); alarm(a, "audit") != "shrunk" || size(a, "audit") != 102 {
		b.t.Errorf("after the old restore came again: %+v", a)
	}

	// What the centre tells is held against who signed it.
	for name, change := range map[string]func(*exchange.Witness){
		"another gateway": func(w *exchange.Witness) { w.Gateway = "H55-2" },
		"another size":    func(w *exchange.Witness) { w.Heads[0].Size++ },
		"another chain":   func(w *exchange.Witness) { w.Heads[0].Chain = "lookups" },
		"no certificate":  func(w *exchange.Witness) { w.Certificates = nil },
	} {
		w, err := b.Witness(ctx, "H55-1")
		b.must(err)
		change(&w)
		if fault.Of(w.Check("H55-1", cas)) != fault.Denied {
			b.t.Errorf("a witness with %s is believed", name)
		}
	}
	if fault.Of(w.Check("H55-1", nil)) != fault.Denied {
		b.t.Error("a witness is believed without an authority")
	}
	_, err = b.Witness(ctx, "X")
	b.fails(err, fault.NotFound, "exchange.entry.none")
}
