package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/rfc6962"

	"dean06/internal/platform/fault"
)

// Digest is a SHA-256 hash.
type Digest [sha256.Size]byte

// MarshalText writes base64.
func (d Digest) MarshalText() ([]byte, error) {
	return base64.StdEncoding.AppendEncode(nil, d[:]), nil
}

// UnmarshalText reads base64 of 32 bytes.
func (d *Digest) UnmarshalText(b []byte) error {
	raw, err := base64.StdEncoding.DecodeString(string(b))
	if err != nil || len(raw) != len(d) {
		return errors.New("a digest is base64 of 32 bytes")
	}
	*d = Digest(raw)
	return nil
}

// Frontier is how a Merkle log of some size goes on: the hashes of its complete
// subtrees, from large to small.
type Frontier struct {
	Size   int64
	Hashes []Digest
}

// Tile is the hash of a complete subtree of 256^Level leaves, from which proofs are
// made without reading the whole log again.
type Tile struct {
	Level int   // 1, 2, 3 …
	Index int64 // the how-manyth of its level
	Hash  Digest
}

// Span is the leaves that a tile covers: from (inclusive) to until (exclusive).
func (t Tile) Span() (from, until int64) {
	return t.Index << (tileHeight * t.Level), (t.Index + 1) << (tileHeight * t.Level)
}

// LeafOf is the leaf of an entry that is named by bytes: SHA-256 over a zero byte and
// them (RFC 6962, section 2.1).
func LeafOf(entry []byte) Digest { return Digest(rfc6962.DefaultHasher.HashLeaf(entry)) }

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

// tileReader finds the hashes of complete subtrees from leaves and tiles, which it
// reads 256 at a time.
type tileReader struct {
	store  Hashes
	size   uint64
	chunks map[compact.NodeID][]Digest // by level of the tiles within, and which 256 of it
}

func newTileReader(store Hashes, size int64) *tileReader {
	return &tileReader{store: store, size: uint64(size), chunks: map[compact.NodeID][]Digest{}}
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
		return nil, fault.New(fault.Conflict, "ledger.incomplete", fault.Args{"seq": int64(first << (level * tileHeight))})
	}
	sub := ranges.NewEmptyRange(0)
	for _, h := range chunk[from : from+n] {
		if err := sub.Append(h[:], nil); err != nil {
			return nil, err
		}
	}
	return sub.GetRootHash(nil)
}

// all reads nodes.
func (r *tileReader) all(ctx context.Context, ids []compact.NodeID) ([][]byte, error) {
	hashes := make([][]byte, len(ids))
	var err error
	for i, id := range ids {
		if hashes[i], err = r.node(ctx, id); err != nil {
			return nil, err
		}
	}
	return hashes, nil
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
		return nil, fault.New(fault.Conflict, "ledger.incomplete", fault.Args{"seq": from << (level * tileHeight)})
	}
	r.chunks[at] = c
	return c, nil
}
