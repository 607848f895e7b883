package exchange

import "dean06/internal/platform/ledger"

// The log of messages is a ledger like the others.
type (
	// Digest is a SHA-256 hash.
	Digest = ledger.Digest
	// Frontier is how the log goes on.
	Frontier = ledger.Frontier
	// Tile is the hash of a complete subtree.
	Tile = ledger.Tile
	// Tree is the log's tree as it grows.
	Tree = ledger.Tree
	// Head is the state of the log at one moment, signed.
	Head = ledger.Head
)

// NewTree goes on from a frontier; the zero Frontier is an empty log.
func NewTree(f Frontier) (*Tree, error) { return ledger.NewTree(f) }
