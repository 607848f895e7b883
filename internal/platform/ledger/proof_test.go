package ledger_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/ledger"
)

// prove is RFC 6962, section 2.1.2, word for word.
func prove(m int, d []ledger.Digest) []ledger.Digest { return subproof(m, d, true) }

func subproof(m int, d []ledger.Digest, b bool) []ledger.Digest {
	n := len(d)
	if m == n {
		if b {
			return nil
		}
		return []ledger.Digest{root(d)}
	}
	k := 1
	for k*2 < n {
		k *= 2
	}
	if m <= k {
		return append(subproof(m, d[:k], b), root(d[k:]))
	}
	return append(subproof(m-k, d[k:], false), root(d[:k]))
}

// TestKnownTree holds the tree against the one that certificate transparency has in its
// reference tests: eight leaves, the roots of each size, and proofs between them.
func TestKnownTree(t *testing.T) {
	t.Parallel()
	inputs := []string{
		"", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
	}
	roots := []string{
		"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
		"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
		"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
		"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
	}
	proofs := []struct {
		from, to int64
		path     []string
	}{
		{1, 1, nil},
		{1, 8, []string{
			"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
			"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
			"6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
		}},
		{6, 8, []string{
			"0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
			"ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
			"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		}},
		{2, 5, []string{
			"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
			"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
		}},
	}
	m := &memory{tiles: map[int][]ledger.Digest{}}
	tree, err := ledger.NewTree(ledger.Frontier{})
	if err != nil {
		t.Fatal(err)
	}
	for i, in := range inputs {
		raw, err := hex.DecodeString(in)
		if err != nil {
			t.Fatal(err)
		}
		m.leaves = append(m.leaves, ledger.LeafOf(raw))
		tree.Append(ledger.LeafOf(raw))
		at, err := ledger.RootAt(t.Context(), m, int64(i+1))
		if got := tree.Root(); err != nil || at != got || hex.EncodeToString(got[:]) != roots[i] {
			t.Errorf("%d leaves: %x, %x, %v, want %s", i+1, got, at, err, roots[i])
		}
	}
	for _, p := range proofs {
		got, err := ledger.ConsistencyProof(t.Context(), m, p.from, p.to)
		if err != nil {
			t.Fatal(err)
		}
		var text []string
		for _, d := range got {
			text = append(text, hex.EncodeToString(d[:]))
		}
		if !slices.Equal(text, p.path) {
			t.Errorf("from %d to %d: %v, want %v", p.from, p.to, text, p.path)
		}
	}
	if ledger.EmptyRoot() != root(nil) {
		t.Error("the empty log has another root")
	}
}

func TestConsistency(t *testing.T) {
	t.Parallel()
	const most = 1200
	m, _ := grow(t, most)
	ctx := t.Context()
	rapid.Check(t, func(t *rapid.T) {
		to := rapid.Int64Range(0, most).Draw(t, "to")
		from := rapid.Int64Range(0, to).Draw(t, "from")
		oldRoot, newRoot := root(m.leaves[:from]), root(m.leaves[:to])
		got, err := ledger.ConsistencyProof(ctx, m, from, to)
		if err != nil {
			t.Fatal(err)
		}
		if from > 0 && !slices.Equal(got, prove(int(from), m.leaves[:to])) {
			t.Fatalf("from %d to %d: %x", from, to, got)
		}
		if err := ledger.VerifyConsistency(from, to, oldRoot, newRoot, got); err != nil {
			t.Fatal(err)
		}
		if err := ledger.GoesOn(ctx, m, from, oldRoot, to); err != nil {
			t.Fatal(err)
		}
		// Whatever is changed in it, it proves nothing any more.
		wrong := oldRoot
		wrong[rapid.IntRange(0, 31).Draw(t, "byte")] ^= 1
		if ledger.VerifyConsistency(from, to, wrong, newRoot, got) == nil {
			t.Fatal("another old root fits")
		}
		if from > 0 && ledger.VerifyConsistency(from, to, oldRoot, wrong, got) == nil {
			t.Fatal("another new root fits")
		}
		if err := ledger.VerifyConsistency(from, to, oldRoot, newRoot, append(slices.Clone(got), wrong)); err == nil {
			t.Fatal("a longer proof fits")
		}
		if len(got) > 0 {
			i := rapid.IntRange(0, len(got)-1).Draw(t, "part")
			got[i][rapid.IntRange(0, 31).Draw(t, "byte of it")] ^= 1
			if ledger.VerifyConsistency(from, to, oldRoot, newRoot, got) == nil {
				t.Fatal("a changed proof fits")
			}
		}
	})
}

// TestGoesOn: a log that lost its end, or had a row changed and all after it computed
// anew, does not go on from what was seen.
func TestGoesOn(t *testing.T) {
	t.Parallel()
	whole, tree := grow(t, 700)
	ctx, seen, at := t.Context(), tree.Root(), tree.Size()
	shorter, _ := grow(t, 650)
	if err := ledger.GoesOn(ctx, shorter, at, seen, 650); fault.Of(err) != fault.Conflict || fault.As(err).Key != "ledger.back" {
		t.Errorf("a shorter log: %v", err)
	}
	again, err := ledger.NewTree(ledger.Frontier{})
	if err != nil {
		t.Fatal(err)
	}
	other := &memory{tiles: map[int][]ledger.Digest{}}
	for i := range int64(800) {
		l := leaf(i)
		if i == 300 {
			l[0] ^= 1
		}
		other.leaves = append(other.leaves, l)
		for _, tile := range again.Append(l) {
			other.tiles[tile.Level] = append(other.tiles[tile.Level], tile.Hash)
		}
	}
	if err := ledger.GoesOn(ctx, other, at, seen, 800); fault.Of(err) != fault.Conflict || fault.As(err).Key != "ledger.other" {
		t.Errorf("another log: %v", err)
	}
	if err := ledger.GoesOn(ctx, whole, 10, ledger.Digest{}, 700); fault.Of(err) != fault.Conflict {
		t.Errorf("another root: %v", err)
	}
	if err := ledger.GoesOn(ctx, whole, 500, seen, 900); fault.Of(err) != fault.Conflict {
		t.Errorf("leaves that are not there: %v", err)
	}
}

func TestHead(t *testing.T) {
	t.Parallel()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	h := ledger.Head{Chain: ledger.Audit, Size: 3, Root: leaf(1), At: time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC), KeyID: "k"}
	if err := h.Sign(rand.Reader, key); err != nil {
		t.Fatal(err)
	}
	const text = "dean06-log-head-1\naudit\n3\n"
	if err := h.Verify(&key.PublicKey); err != nil || !strings.HasPrefix(string(h.Text()), text) {
		t.Fatalf("%v\n%s", err, h.Text())
	}
	for name, change := range map[string]func(*ledger.Head){
		"chain": func(h *ledger.Head) { h.Chain = ledger.Lookups }, "messages": func(h *ledger.Head) { h.Chain = "" },
		"size": func(h *ledger.Head) { h.Size++ }, "root": func(h *ledger.Head) { h.Root[3] ^= 1 },
		"at": func(h *ledger.Head) { h.At = h.At.Add(1) }, "key": func(h *ledger.Head) { h.KeyID = "l" },
	} {
		other := h
		if change(&other); other.Verify(&key.PublicKey) == nil {
			t.Errorf("another %s is signed, too", name)
		}
	}
	// Of messages, the text is that of the proofs that people have.
	old := ledger.Head{Size: 3, At: h.At, KeyID: "k"}
	named := old
	named.Chain = ledger.Messages
	if string(old.Text()) != string(named.Text()) || !strings.HasPrefix(string(old.Text()), "dean06-exchange-log-1\n3\n") {
		t.Errorf("%s", named.Text())
	}
	b, err := json.Marshal(old)
	if err != nil || strings.Contains(string(b), "chain") {
		t.Errorf("%s, %v", b, err)
	}
}

// FuzzVerifyConsistency: whatever a peer sends as a proof, the verifier ends, and takes
// nothing for proven that is not so.
func FuzzVerifyConsistency(f *testing.F) {
	m, _ := grow(f, 40)
	f.Add(int64(3), int64(8), []byte{1, 2, 3})
	f.Add(int64(0), int64(0), []byte{})
	f.Add(int64(-1), int64(1<<62), make([]byte, 32*70))
	f.Fuzz(func(t *testing.T, from, to int64, raw []byte) {
		var path []ledger.Digest
		for part := range slices.Chunk(raw, 32) {
			var d ledger.Digest
			copy(d[:], part)
			path = append(path, d)
		}
		a, b := root(m.leaves[:clamp(from)]), root(m.leaves[:clamp(to)])
		if ledger.VerifyConsistency(from, to, a, b, path) != nil {
			return
		}
		if from != clamp(from) || to != clamp(to) {
			return // of sizes that have no such roots nothing is claimed
		}
		if from > 0 && !slices.Equal(path, prove(int(from), m.leaves[:to])) {
			t.Errorf("from %d to %d by %x", from, to, path)
		}
	})
}

func clamp(n int64) int64 { return min(max(n, 0), 40) }
