// Package ledger is the mathematics of a log that can be checked: its Merkle tree and
// the proofs from it (RFC 6962), heads that say what the log was at a moment, and what a
// check of a chain finds. It knows no database and no subject; a node's chains are the
// audit log, the log of look-ups and the log of messages.
package ledger

import (
	"context"
	"embed"
	"io/fs"
)

//go:embed messages/*.json
var messages embed.FS

// Texts are the words of this package.
var Texts, _ = fs.Sub(messages, "messages")

// State is what a check says of a chain.
type State string

// The states.
const (
	Whole   State = "whole"   // every row fits, and every head that is known
	Cut     State = "cut"     // rows or heads that were there are missing
	Changed State = "changed" // a row or a head is not what it was, or was put in
	Back    State = "back"    // the log is an older one than a witness has seen
)

// Result is what a check of one chain found.
type Result struct {
	Chain string
	Rows  int64 // that are in order; all of them when Whole
	State State
	// At is the number of the first row that does not fit, as the chain counts: the audit
	// log and look-ups from 1, messages from 0. It says nothing when Whole.
	At int64
	// Why is the message with what does not fit, for people; "" when Whole.
	Why  string
	Args map[string]any
	// Heads are how many were checked; Stamped how many rows a time-stamped one covers.
	Heads, Stamped int64
	// Signed is the newest head of the chain, nil when there is none.
	Signed *Head
}

// Checks are what a check of a chain needs beside the chain.
type Checks struct {
	// Seen are heads that are kept elsewhere. They must be consistent with the rows.
	Seen []Head
}

// Chain is one log of a node that nothing may be changed in or taken from.
type Chain interface {
	// Name is "audit", "lookups", "messages" or what a module calls its own.
	Name() string
	// Exists says whether the database has the chain's tables.
	Exists(ctx context.Context) (bool, error)
	// Size is how many rows there are that a proof can cover now.
	Size(ctx context.Context) (int64, error)
	// Root is the root of the first size rows.
	Root(ctx context.Context, size int64) (Digest, error)
	// Consistency shows that the log of size to begins with the log of size from.
	Consistency(ctx context.Context, from, to int64) ([]Digest, error)
	// LastHead is the newest signed head; ok is false when there is none.
	LastHead(ctx context.Context) (h Head, ok bool, err error)
	// Check reads the whole chain and computes it anew. What does not fit is in the
	// result; an error is that it could not be read.
	Check(ctx context.Context, c Checks) (Result, error)
}
