package exchange

import (
	"context"
	"fmt"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"

	"dean06/internal/platform/fault"
)

// tileHeight is how many levels of the tree a tile spans: 256 leaves, or 256 tiles.
const tileHeight = 8

// Tree is a Merkle log that grows (RFC 6962). It holds no leaves, only what is
// needed to go on. It is not safe for concurrent use.
type Tree struct{ r *compact.Range }

var ranges = compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}

// NewTree goes on from a frontier; the zero Frontier is an empty log.
func NewTree(f Frontier) (*Tree, error) {
	if f.Size < 0 {
		return nil, fmt.Errorf("a log of %d records", f.Size)
	}
	hashes := make([][]byte, len(f.Hashes))
	for i := range f.Hashes {
		hashes[i] = f.Hashes[i][:]
	}
	r, err := ranges.NewRange(0, uint64(f.Size), hashes)
	if err != nil {
		return nil, fmt.Errorf("go on with a log of %d records: %w", f.Size, err)
	}
	return &Tree{r}, nil
}

// Append adds a leaf and gives the tiles that it completes.
func (t *Tree) Append(leaf Digest) []Tile {
	var done []Tile
	err := t.r.Append(leaf[:], func(id compact.NodeID, hash []byte) {
		if id.Level > 0 && id.Level%tileHeight == 0 {
			done = append(done, Tile{Level: int(id.Level / tileHeight), Index: int64(id.Index), Hash: Digest(hash)})
		}
	})
	if err != nil {
		panic(err) // only a range of the wrong length fails, and NewTree refuses it
	}
	return done
}

// Size is how many leaves there are.
func (t *Tree) Size() int64 { return int64(t.r.End()) }

// Root is the hash over all leaves; over none, that of the empty log.
func (t *Tree) Root() Digest {
	root, err := t.r.GetRootHash(nil)
	if err != nil {
		panic(err) // only a range that does not begin at 0 fails
	}
	if root == nil {
		root = rfc6962.DefaultHasher.EmptyRoot()
	}
	return Digest(root)
}

// Frontier is how the log goes on from here.
func (t *Tree) Frontier() Frontier {
	f := Frontier{Size: t.Size()}
	for _, h := range t.r.Hashes() {
		f.Hashes = append(f.Hashes, Digest(h))
	}
	return f
}

// Hashes reads the leaves and the stored subtrees of a log.
type Hashes interface {
	Leaves(ctx context.Context, from, until int64) ([]Digest, error)
	Tiles(ctx context.Context, level int, from, until int64) ([]Digest, error)
}

// InclusionProof gives the path that leads from record seq to the root of the log
// of size records (RFC 6962, section 2.1.1). It reads a few hundred hashes, however
// long the log is. It fails with NotFound ("exchange.log.no_record") when seq is not
// below size, and with Conflict ("exchange.log.incomplete") when hashes are missing.
func InclusionProof(ctx context.Context, store Hashes, seq, size int64) ([]Digest, error) {
	if seq < 0 || seq >= size {
		return nil, fault.New(fault.NotFound, "exchange.log.no_record", fault.Args{"seq": seq})
	}
	nodes, err := proof.Inclusion(uint64(seq), uint64(size))
	if err != nil {
		return nil, fmt.Errorf("prove record %d of %d: %w", seq, size, err)
	}
	r := tileReader{store: store, size: uint64(size), chunks: map[compact.NodeID][]Digest{}}
	hashes := make([][]byte, len(nodes.IDs))
	for i, id := range nodes.IDs {
		if hashes[i], err = r.node(ctx, id); err != nil {
			return nil, err
		}
	}
	hashes, err = nodes.Rehash(hashes, rfc6962.DefaultHasher.HashChildren)
	if err != nil {
		return nil, fmt.Errorf("prove record %d of %d: %w", seq, size, err)
	}
	path := make([]Digest, len(hashes))
	for i, h := range hashes {
		path[i] = Digest(h)
	}
	return path, nil
}

// RootFrom is the root to which a path leads from a leaf.
func RootFrom(leaf Digest, seq, size int64, path []Digest) (Digest, error) {
	if seq < 0 || seq >= size || len(path) > 64 {
		return Digest{}, errPath
	}
	hashes := make([][]byte, len(path))
	for i := range path {
		hashes[i] = path[i][:]
	}
	root, err := proof.RootFromInclusionProof(rfc6962.DefaultHasher, uint64(seq), uint64(size), leaf[:], hashes)
	if err != nil {
		return Digest{}, errPath.Because(err)
	}
	return Digest(root), nil
}

var errPath = fault.New(fault.Invalid, "exchange.proof.bad_path", nil)

// tileReader finds the hashes of complete subtrees from leaves and tiles, which it
// reads 256 at a time.
type tileReader struct {
	store  Hashes
	size   uint64
	chunks map[compact.NodeID][]Digest // by level of the tiles within, and which 256 of it
}

func (r *tileReader) node(ctx context.Context, id compact.NodeID) ([]byte, error) {
	level, above := id.Level/tileHeight, id.Level%tileHeight
	first, n := id.Index<<above, uint64(1)<<above
	chunk, err := r.chunk(ctx, level, first>>tileHeight)
	if err != nil {
		return nil, err
	}
	from := first & (1<<tileHeight - 1)
	if from+n > uint64(len(chunk)) {
		return nil, fault.New(fault.Conflict, "exchange.log.incomplete", fault.Args{"seq": int64(first << (level * tileHeight))})
	}
	sub := ranges.NewEmptyRange(0)
	for _, h := range chunk[from : from+n] {
		if err := sub.Append(h[:], nil); err != nil {
			return nil, err
		}
	}
	return sub.GetRootHash(nil)
}

func (r *tileReader) chunk(ctx context.Context, level uint, index uint64) ([]Digest, error) {
	at := compact.NodeID{Level: level, Index: index}
	if c, ok := r.chunks[at]; ok {
		return c, nil
	}
	from := int64(index << tileHeight)
	until := int64(min((index+1)<<tileHeight, r.size>>(level*tileHeight)))
	var c []Digest
	var err error
	if level == 0 {
		c, err = r.store.Leaves(ctx, from, until)
	} else {
		c, err = r.store.Tiles(ctx, int(level), from, until)
	}
	if err != nil {
		return nil, err
	}
	if int64(len(c)) != until-from {
		return nil, fault.New(fault.Conflict, "exchange.log.incomplete", fault.Args{"seq": from << (level * tileHeight)})
	}
	r.chunks[at] = c
	return c, nil
}
