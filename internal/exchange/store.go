package exchange

import (
	"context"
	"time"
)

// Batch is what a gateway writes to its log in one transaction: all of it or nothing.
type Batch struct {
	Records  []Record // with Seq and Leaf, in order, from the frontier that was stored
	Frontier Frontier // after them
	Tiles    []Tile   // subtrees that they complete
	Uses     []Use
	Bodies   []Body
}

// Use counts the calls of a right in a period of its quota.
type Use struct {
	RightID string
	Window  time.Time
	Calls   int64 // to add
}

// Body is a kept body, sealed with the gateway's own key.
type Body struct {
	Seq    int64
	Sealed []byte
}

// LogStore keeps a gateway's message log. Only one gateway writes to it.
type LogStore interface {
	// Frontier is where the log ends.
	Frontier(ctx context.Context) (Frontier, error)
	// Begin is where it begins here: what is before is in archive files alone. It is at
	// the edge of a tile.
	Begin(ctx context.Context) (Frontier, error)
	// Append writes a batch. It fails with Conflict ("exchange.log.moved") when the
	// log does not end where the batch begins.
	Append(ctx context.Context, b Batch) error
	// Search finds records, newest first.
	Search(ctx context.Context, f Filter) ([]Record, error)
	// Message gives all records of a message id or request id, oldest first.
	Message(ctx context.Context, id string) ([]Record, error)
	// Range gives the records from (inclusive) to until (exclusive), in order.
	Range(ctx context.Context, from, until int64) ([]Record, error)
	// Leaves gives the leaf hashes of a range.
	Leaves(ctx context.Context, from, until int64) ([]Digest, error)
	// Tiles gives the hashes of the stored subtrees of a level, from (inclusive) to
	// until (exclusive), in order; those that are not there are left out.
	Tiles(ctx context.Context, level int, from, until int64) ([]Digest, error)
	// RequestIDs gives the request ids of a provider's requests since a moment.
	RequestIDs(ctx context.Context, since time.Time) ([]string, error)

	// SaveHead adds a head of the log, or adds the token to one that is there.
	SaveHead(ctx context.Context, h Head) error
	// LastHead gives the newest; ok is false when there is none.
	LastHead(ctx context.Context) (h Head, ok bool, err error)
	// HeadOver gives the smallest head that covers a record, a stamped one if there is one.
	HeadOver(ctx context.Context, seq int64) (h Head, ok bool, err error)
	// Heads gives the heads that cover more than after records, by size.
	Heads(ctx context.Context, after int64, limit int) ([]Head, error)
	// Unstamped gives heads that wait for a time stamp, oldest first.
	Unstamped(ctx context.Context, limit int) ([]Head, error)

	// Used gives how often a right was used in a window.
	Used(ctx context.Context, rightID string, window time.Time) (int64, error)
	// SealedBody gives a kept body. It fails with NotFound.
	SealedBody(ctx context.Context, seq int64) ([]byte, error)
	// DropBodies forgets the bodies of records before a moment.
	DropBodies(ctx context.Context, before time.Time) (int, error)
}

// RightsMark tells one state of a gateway's rights from another.
type RightsMark struct{ Given, Ended int }

// GatewayStore keeps what a gateway's owner decides, and the configuration.
type GatewayStore interface {
	// Configuration gives the newest that was verified; ok is false before the first.
	Configuration(ctx context.Context) (s Signed, fetchedAt time.Time, ok bool, err error)
	SaveConfiguration(ctx context.Context, s Signed, serial int64, fetchedAt time.Time) error
	// KnownCertificates lists all gateways' certificates that a configuration ever had.
	KnownCertificates(ctx context.Context) ([]KnownCertificate, error)

	// Services lists what is offered here.
	Services(ctx context.Context) ([]LocalService, error)
	// SaveService adds or replaces; who is recorded in the audit log.
	SaveService(ctx context.Context, s LocalService) error

	// Rights lists the rights that hold or will hold, by service; all of them, the
	// ended ones too, with ended.
	Rights(ctx context.Context, ended bool) ([]Right, error)
	// RightsMark counts the rights that were ever given and those that ended. As a right
	// never changes otherwise, the same mark means the same rights.
	RightsMark(ctx context.Context) (RightsMark, error)
	// GiveRight adds a right, in the audit log too. It fails with Conflict when the
	// same subject has the same right already.
	GiveRight(ctx context.Context, r Right) error
	// EndRight ends one. It fails with NotFound, and with Conflict when it has ended.
	EndRight(ctx context.Context, id, by string, at time.Time) error
	// ReplaceRight ends old and gives r in one transaction.
	ReplaceRight(ctx context.Context, old string, r Right) error

	// Groups are the gateway's own groups of subsystems.
	Groups(ctx context.Context) ([]Group, error)
	SaveGroup(ctx context.Context, g Group) error
}
