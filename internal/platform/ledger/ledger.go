// Package ledger is the mathematics of a log that can be checked: its Merkle tree and
// the proofs from it (RFC 6962), heads that say what the log was at a moment, and what a
// check of a chain finds. It knows no database and no subject; a node's chains are the
// audit log, the log of look-ups and the log of messages.
package ledger

import (
	"context"
	"crypto/ecdsa"
	"embed"
	"io/fs"
	"time"

	"dean06/internal/platform/fault"
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

// Witness is what whoever keeps heads elsewhere says of a chain.
type Witness string

// What it says.
const (
	WitnessOK          Witness = "ok"          // it holds our newest head
	WitnessBehind      Witness = "behind"      // it holds fewer rows than we have signed: not told yet
	WitnessUnreachable Witness = "unreachable" // it does not answer
	WitnessNone        Witness = "none"        // there is none: the node has not joined
)

// Result is what a check of one chain found.
type Result struct {
	Chain string `json:"chain"`
	Rows  int64  `json:"rows"` // that are in order; all of them when Whole
	// Waiting are those of Rows that are not in the table yet, and that no head covers.
	Waiting int64 `json:"waiting,omitempty"`
	State   State `json:"state"`
	// At is the number of the first row that does not fit, as the chain counts: the audit
	// log and look-ups from 1, messages from 0. It is 0 and says nothing when Whole.
	At int64 `json:"at"`
	// Why is the message with what does not fit, for people; "" when Whole.
	Why  string     `json:"why,omitempty"`
	Args fault.Args `json:"args,omitempty"`
	// Heads are how many were checked; Stamped is how many rows one with a verified time
	// stamp covers.
	Heads   int64 `json:"heads"`
	Stamped int64 `json:"stamped"`
	// Signed is the newest head of the chain, nil when there is none.
	Signed *Head `json:"signed,omitempty"`
}

// Checks are what a check of a chain needs beside the chain.
type Checks struct {
	// Key gives the key with which a head may be signed, nil when nobody vouches for it.
	// Without Key signatures are not looked at.
	Key func(ctx context.Context, h Head) (*ecdsa.PublicKey, error)
	// Stamp verifies a time-stamp token over data; nil leaves tokens unverified.
	Stamp func(token, data []byte) (time.Time, error)
	// Seen are heads of the chain that are kept elsewhere, and that our key has signed. The
	// rows must go on from them.
	Seen []Head
	// Rest gives the leaves, in order, of what was written and has not come to the table,
	// which ends at f. It fails with *Broken where that does not go on from the table. nil
	// when all is in the table.
	Rest func(ctx context.Context, f Frontier, leaf func(Digest) error) error
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
	// LastAt is when its newest row was written by the running node, as the row says; zero
	// when there is none.
	LastAt(ctx context.Context) (time.Time, error)
	// LastHead is the newest signed head; ok is false when there is none.
	LastHead(ctx context.Context) (h Head, ok bool, err error)
	// Check reads the whole chain and computes it anew. What does not fit is in the
	// result; an error is that it could not be read.
	Check(ctx context.Context, c Checks) (Result, error)
}
