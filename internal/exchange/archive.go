package exchange

import (
	"context"

	"github.com/transparency-dev/merkle/compact"
)

// MessageChain names the log of messages among a node's logs.
const MessageChain = "messages"

// FrontierAt computes how the log of size records went on, from its leaves and the
// stored subtrees. At the edge of a tile no leaf is needed. It fails with Conflict
// ("exchange.log.incomplete") when hashes are missing.
func FrontierAt(ctx context.Context, store Hashes, size int64) (Frontier, error) {
	f := Frontier{Size: size}
	r := tileReader{store: store, size: uint64(size), chunks: map[compact.NodeID][]Digest{}}
	for _, id := range compact.RangeNodes(0, uint64(size), nil) {
		h, err := r.node(ctx, id)
		if err != nil {
			return Frontier{}, err
		}
		f.Hashes = append(f.Hashes, Digest(h))
	}
	return f, nil
}
