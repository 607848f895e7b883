package exchange

import (
	"context"
	"time"

	"dean06/internal/platform/archive"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/ledger"
)

// MessageChain names the log of messages among a node's logs.
const MessageChain = ledger.Messages

// ArchiveFolder is where archive files are, in the gateway's folder.
const ArchiveFolder = "archive"

// keepAtLeast is how old a record is at least before it leaves the database, however
// soon it is archived: at its start the gateway reads there which requests it has seen
// in the last five minutes.
const keepAtLeast = 10 * time.Minute

// ArchiveStore is a log whose old records can be removed.
type ArchiveStore interface {
	Archive
	// Remove removes the records before a place in one transaction, and notes it as where
	// the log begins. It fails with Conflict when the log does not begin at from.
	Remove(ctx context.Context, from int64, to Frontier) error
	// FirstSince is the first record of a moment or later; the end of the log when there
	// is none.
	FirstSince(ctx context.Context, at time.Time) (int64, error)
}

// MessageArchive archives the log of messages: the records as they were signed, without
// bodies.
type MessageArchive struct {
	Store ArchiveStore
	// Trust is asked each time, as certificates change.
	Trust func(ctx context.Context) (archive.Trust, error)
	Now   func() time.Time
}

var _ archive.Log = MessageArchive{}

// Chain is the log's name.
func (MessageArchive) Chain() string { return MessageChain }

// Begin is where the log begins in the database.
func (a MessageArchive) Begin(ctx context.Context) (Frontier, error) { return a.Store.Begin(ctx) }

// Frontier is how the log of size records went on.
func (a MessageArchive) Frontier(ctx context.Context, size int64) (Frontier, error) {
	return ledger.FrontierAt(ctx, a.Store, size)
}

// Remove removes records from the database.
func (a MessageArchive) Remove(ctx context.Context, from int64, to Frontier) error {
	return a.Store.Remove(ctx, from, to)
}

// Spared is the first record that is to stay in the database.
func (a MessageArchive) Spared(ctx context.Context) (int64, error) {
	return a.Store.FirstSince(ctx, a.Now().Add(-keepAtLeast))
}

// Bound gives the last stamped head that is older than before.
func (a MessageArchive) Bound(ctx context.Context, from int64, before time.Time, most int64) (int64, error) {
	return archive.Heads(a.Store.Heads).Bound(ctx, from, before, most)
}

// Write gives the records, the stamped heads over them, and the certificates.
func (a MessageArchive) Write(ctx context.Context, w *archive.Writer, from, until int64) error {
	signers := map[string]bool{}
	for at := from; at < until; {
		list, err := a.Store.Range(ctx, at, min(at+checkChunk, until))
		if err != nil {
			return err
		}
		for i := range list {
			r := &list[i]
			if r.Seq != at || r.LogLeaf() != r.Leaf {
				return broken("changed", fault.Args{"seq": at})
			}
			if err := w.Record(r.Seq, archivedOf(r), r.Commitment.MessageID, r.Commitment.RequestID); err != nil {
				return err
			}
			signers[r.Commitment.KeyID] = true
			at++
		}
		if len(list) == 0 {
			return broken("removed", fault.Args{"seq": at})
		}
	}
	if err := archive.Heads(a.Store.Heads).Write(ctx, w, from, until, signers); err != nil {
		return err
	}
	trust, err := a.Trust(ctx)
	if err != nil {
		return err
	}
	return w.WriteCertificates(ctx, signers, trust, a.Store.Certificate)
}

// Read computes a file anew with whom the node trusts now.
func (a MessageArchive) Read(ctx context.Context, r *archive.Reader) (archive.Content, error) {
	trust, err := a.Trust(ctx)
	if err != nil {
		return archive.Content{}, err
	}
	return ReadMessages(ctx, trust, r)
}

// ReadMessages reads a file of the log of messages and computes it anew, each leaf from
// what its record says. It fails with Conflict when something does not fit.
func ReadMessages(ctx context.Context, t archive.Trust, r *archive.Reader) (archive.Content, error) {
	return t.Read(ctx, r, func(l archive.Line) (archive.Entry, error) {
		var line archivedRecord
		if err := l.Read(&line); err != nil {
			return archive.Entry{}, err
		}
		rec, err := line.record()
		return archive.Entry{Seq: rec.Seq, At: rec.At, Leaf: rec.Leaf, Words: []string{rec.Commitment.MessageID, rec.Commitment.RequestID}}, err
	})
}
