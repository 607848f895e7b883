package ledger_test

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/ledger"
)

// memory is the hashes of a log, read as a store gives them.
type memory struct {
	leaves []ledger.Digest
	tiles  map[int][]ledger.Digest
	reads  int
}

func (m *memory) Leaves(_ context.Context, from, until int64) ([]ledger.Digest, error) {
	m.reads += int(until - from)
	return m.leaves[min(from, int64(len(m.leaves))):min(until, int64(len(m.leaves)))], nil
}

func (m *memory) Tiles(_ context.Context, level int, from, until int64) ([]ledger.Digest, error) {
	list := m.tiles[level]
	m.reads += int(until - from)
	return list[min(from, int64(len(list))):min(until, int64(len(list)))], nil
}

func leaf(n int64) ledger.Digest {
	return sha256.Sum256(binary.BigEndian.AppendUint64([]byte{0}, uint64(n)))
}

func grow(t interface{ Fatal(args ...any) }, n int64) (*memory, *ledger.Tree) {
	tree, err := ledger.NewTree(ledger.Frontier{})
	if err != nil {
		t.Fatal(err)
	}
	m := &memory{tiles: map[int][]ledger.Digest{}}
	for i := range n {
		m.leaves = append(m.leaves, leaf(i))
		for _, tile := range tree.Append(leaf(i)) {
			if tile.Index != int64(len(m.tiles[tile.Level])) {
				t.Fatal("tile out of order", tile)
			}
			m.tiles[tile.Level] = append(m.tiles[tile.Level], tile.Hash)
		}
	}
	return m, tree
}

// root is RFC 6962, section 2.1, word for word.
func root(leaves []ledger.Digest) ledger.Digest {
	switch len(leaves) {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return leaves[0]
	}
	k := 1
	for k*2 < len(leaves) {
		k *= 2
	}
	l, r := root(leaves[:k]), root(leaves[k:])
	return sha256.Sum256(append(append([]byte{1}, l[:]...), r[:]...))
}

func TestTree(t *testing.T) {
	t.Parallel()
	for _, n := range []int64{0, 1, 2, 3, 7, 8, 255, 256, 257, 1000} {
		m, tree := grow(t, n)
		if got, want := tree.Root(), root(m.leaves); got != want {
			t.Errorf("%d leaves: root %x, want %x", n, got, want)
		}
		again, err := ledger.NewTree(tree.Frontier())
		if err != nil {
			t.Fatal(err)
		}
		tree.Append(leaf(n))
		again.Append(leaf(n))
		if diff := cmp.Diff(tree.Frontier(), again.Frontier()); diff != "" || tree.Root() != again.Root() {
			t.Errorf("%d leaves: gone on from the frontier (-want +got):\n%s", n, diff)
		}
	}
	if m, _ := grow(t, 256); m.tiles[1][0] != root(m.leaves) {
		t.Error("a tile is not the root of its leaves")
	}
	for _, f := range []ledger.Frontier{{Size: -1}, {Size: 3, Hashes: []ledger.Digest{{}}}, {Size: 0, Hashes: []ledger.Digest{{}}}} {
		if _, err := ledger.NewTree(f); err == nil {
			t.Errorf("%+v is taken for a log", f)
		}
	}
}

func TestInclusionProof(t *testing.T) {
	t.Parallel()
	const most = 70_000
	m, _ := grow(t, most)
	tops := map[int64]ledger.Digest{}
	tree, err := ledger.NewTree(ledger.Frontier{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range int64(most) {
		tree.Append(leaf(i))
		tops[i+1] = tree.Root()
	}
	ctx := t.Context()
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.OneOf(
			rapid.Int64Range(1, 600), rapid.Int64Range(1, most), rapid.SampledFrom([]int64{256, 257, 65_536, 65_537, most}),
		).Draw(t, "size")
		seq := rapid.Int64Range(0, size-1).Draw(t, "seq")
		path, err := ledger.InclusionProof(ctx, m, seq, size)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ledger.RootFrom(leaf(seq), seq, size, path)
		if err != nil || got != tops[size] {
			t.Fatalf("path of %d in %d leads to %x, %v, want %x", seq, size, got, err, tops[size])
		}
		if got, err := ledger.RootFrom(leaf(seq+1), seq, size, path); err == nil && got == tops[size] {
			t.Fatal("another leaf fits, too")
		}
		if len(path) > 0 {
			i := rapid.IntRange(0, len(path)-1).Draw(t, "part")
			path[i][rapid.IntRange(0, 31).Draw(t, "byte")] ^= 1
			if got, err := ledger.RootFrom(leaf(seq), seq, size, path); err == nil && got == tops[size] {
				t.Fatal("a changed path fits, too")
			}
		}
	})
	m.reads = 0
	if _, err := ledger.InclusionProof(ctx, m, 12_345, most); err != nil || m.reads > 2000 {
		t.Errorf("%d hashes read, %v", m.reads, err)
	}
	if _, err := ledger.InclusionProof(ctx, m, 5, 5); fault.Of(err) != fault.NotFound {
		t.Errorf("record 5 of 5: %v", err)
	}
	m.tiles[1] = m.tiles[1][:3]
	if _, err := ledger.InclusionProof(ctx, m, 5, most); fault.Of(err) != fault.Conflict {
		t.Errorf("without tiles: %v", err)
	}
}
