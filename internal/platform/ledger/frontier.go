package ledger

import (
	"context"

	"github.com/transparency-dev/merkle/compact"
)

// FrontierAt is how the log of the first size leaves went on, from leaves and stored
// subtrees. At the edge of a tile no leaf is needed. It fails with Conflict
// ("ledger.incomplete") when hashes are missing.
func FrontierAt(ctx context.Context, store Hashes, size int64) (Frontier, error) {
	f := Frontier{Size: size}
	if size <= 0 {
		return f, nil
	}
	hashes, err := newTileReader(store, size).all(ctx, compact.RangeNodes(0, uint64(size), nil))
	if err != nil {
		return Frontier{}, err
	}
	for _, h := range hashes {
		f.Hashes = append(f.Hashes, Digest(h))
	}
	return f, nil
}
