package ledger

import (
	"context"
	"fmt"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"

	"dean06/internal/platform/fault"
)

// maxPath bounds the hashes of a proof: two for each of 64 levels.
const maxPath = 128

var errPath = fault.New(fault.Invalid, "ledger.bad_proof", nil)

// EmptyRoot is the root of the log without leaves.
func EmptyRoot() Digest { return Digest(rfc6962.DefaultHasher.EmptyRoot()) }

// RootAt is the root of the first size leaves, from leaves and stored subtrees. It
// reads a few hundred hashes, and fails with Conflict ("ledger.incomplete") when some
// are missing.
func RootAt(ctx context.Context, store Hashes, size int64) (Digest, error) {
	if size <= 0 {
		return EmptyRoot(), nil
	}
	r := newTileReader(store, size)
	hashes, err := r.all(ctx, compact.RangeNodes(0, uint64(size), nil))
	if err != nil {
		return Digest{}, err
	}
	whole, err := ranges.NewRange(0, uint64(size), hashes)
	if err != nil {
		return Digest{}, fmt.Errorf("root of %d records: %w", size, err)
	}
	root, err := whole.GetRootHash(nil)
	if err != nil {
		return Digest{}, fmt.Errorf("root of %d records: %w", size, err)
	}
	return Digest(root), nil
}

// InclusionProof gives the path that leads from record seq to the root of the log
// of size records (RFC 6962, section 2.1.1). It reads a few hundred hashes, however
// long the log is. It fails with NotFound ("ledger.no_record") when seq is not
// below size, and with Conflict ("ledger.incomplete") when hashes are missing.
func InclusionProof(ctx context.Context, store Hashes, seq, size int64) ([]Digest, error) {
	if seq < 0 || seq >= size {
		return nil, fault.New(fault.NotFound, "ledger.no_record", fault.Args{"seq": seq})
	}
	nodes, err := proof.Inclusion(uint64(seq), uint64(size))
	if err != nil {
		return nil, fmt.Errorf("prove record %d of %d: %w", seq, size, err)
	}
	return path(ctx, store, size, nodes)
}

// ConsistencyProof shows that the log of size to begins with the log of size from
// (RFC 6962, section 2.1.2). It is empty when from is 0 or to. It fails as
// InclusionProof does.
func ConsistencyProof(ctx context.Context, store Hashes, from, to int64) ([]Digest, error) {
	if from < 0 || from > to {
		return nil, fault.New(fault.NotFound, "ledger.no_record", fault.Args{"seq": from})
	}
	if from == 0 || from == to {
		return nil, nil
	}
	nodes, err := proof.Consistency(uint64(from), uint64(to))
	if err != nil {
		return nil, fmt.Errorf("prove that %d records go on to %d: %w", from, to, err)
	}
	return path(ctx, store, to, nodes)
}

func path(ctx context.Context, store Hashes, size int64, nodes proof.Nodes) ([]Digest, error) {
	hashes, err := newTileReader(store, size).all(ctx, nodes.IDs)
	if err != nil {
		return nil, err
	}
	if hashes, err = nodes.Rehash(hashes, rfc6962.DefaultHasher.HashChildren); err != nil {
		return nil, fmt.Errorf("prove something of %d records: %w", size, err)
	}
	out := make([]Digest, len(hashes))
	for i, h := range hashes {
		out[i] = Digest(h)
	}
	return out, nil
}

func slicesOf(list []Digest) [][]byte {
	out := make([][]byte, len(list))
	for i := range list {
		out[i] = list[i][:]
	}
	return out
}

// RootFrom is the root to which a path leads from a leaf. It fails with Invalid
// ("ledger.bad_proof") when it leads nowhere.
func RootFrom(leaf Digest, seq, size int64, path []Digest) (Digest, error) {
	if seq < 0 || seq >= size || len(path) > maxPath {
		return Digest{}, errPath
	}
	root, err := proof.RootFromInclusionProof(rfc6962.DefaultHasher, uint64(seq), uint64(size), leaf[:], slicesOf(path))
	if err != nil {
		return Digest{}, errPath.Because(err)
	}
	return Digest(root), nil
}

// VerifyConsistency says whether a log of newSize records with newRoot begins with the
// log of oldSize records that had oldRoot (RFC 9162, section 2.1.4.2). It fails with
// Invalid ("ledger.bad_proof") when that is not shown.
func VerifyConsistency(oldSize, newSize int64, oldRoot, newRoot Digest, path []Digest) error {
	switch {
	case oldSize < 0 || oldSize > newSize || len(path) > maxPath:
		return errPath
	case oldSize == 0:
		if len(path) > 0 || oldRoot != EmptyRoot() || newSize == 0 && newRoot != oldRoot {
			return errPath
		}
		return nil
	case oldSize == newSize:
		if len(path) > 0 || oldRoot != newRoot {
			return errPath
		}
		return nil
	}
	err := proof.VerifyConsistency(rfc6962.DefaultHasher, uint64(oldSize), uint64(newSize), slicesOf(path), oldRoot[:], newRoot[:])
	if err != nil {
		return errPath.Because(err)
	}
	return nil
}

// GoesOn says whether what a store holds, size leaves, goes on from a state of the log
// that was seen before. It fails with Conflict: "ledger.back" when leaves that were
// there are gone, "ledger.other" when they are others.
func GoesOn(ctx context.Context, store Hashes, oldSize int64, oldRoot Digest, size int64) error {
	if size < oldSize {
		return fault.New(fault.Conflict, "ledger.back", fault.Args{"size": size, "was": oldSize})
	}
	other := fault.New(fault.Conflict, "ledger.other", fault.Args{"size": oldSize})
	root, err := RootAt(ctx, store, size)
	if err != nil {
		return err
	}
	way, err := ConsistencyProof(ctx, store, oldSize, size)
	if err != nil {
		return err
	}
	if err := VerifyConsistency(oldSize, size, oldRoot, root, way); err != nil {
		return other.Because(err)
	}
	return nil
}
