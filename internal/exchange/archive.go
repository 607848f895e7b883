package exchange

import (
	"context"
	"crypto/ecdsa"
	"crypto/x509"
	"slices"
	"time"

	"dean06/internal/platform/archive"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/ledger"
	"dean06/internal/platform/pki"
)

// MessageChain names the log of messages among a node's logs.
const MessageChain = ledger.Messages

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

// Trust is whom the reader of an archive believes.
type Trust struct {
	// Authorities and Timestamps are certificates (DER); nil takes those of the file.
	Authorities, Timestamps [][]byte
	// Stamp verifies a time-stamp token over data; nil leaves tokens unverified.
	Stamp func(token, data []byte, authorities [][]byte) (time.Time, error)
}

// MessageArchive archives the log of messages: the records as they were signed, without
// bodies.
type MessageArchive struct {
	Store ArchiveStore
	// Trust is asked each time, as certificates change.
	Trust func(ctx context.Context) (Trust, error)
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

// Bound gives the last stamped head that is older than before. Where heads are far apart,
// since no time stamps could be had, the file becomes longer than most.
func (a MessageArchive) Bound(ctx context.Context, from int64, before time.Time, most int64) (int64, error) {
	until := from
	for after := from; ; {
		list, err := a.Store.Heads(ctx, after, checkChunk)
		if err != nil {
			return from, err
		}
		for _, h := range list {
			if !h.At.Before(before) || h.Size-from > most && until > from {
				return until, nil
			}
			if len(h.Token) > 0 {
				until = h.Size
			}
		}
		if len(list) < checkChunk {
			return until, nil
		}
		after = list[len(list)-1].Size
	}
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
	if err := a.writeHeads(ctx, w, from, until, signers); err != nil {
		return err
	}
	return a.writeCertificates(ctx, w, signers)
}

// headsApart is how close stamped heads stand in a file. A gateway makes one every ten
// seconds while it is asked; over the years a moment to the minute does.
const headsApart = time.Minute

func (a MessageArchive) writeHeads(ctx context.Context, w *archive.Writer, from, until int64, signers map[string]bool) error {
	var last time.Time
	for after := from; after < until; {
		list, err := a.Store.Heads(ctx, after, checkChunk)
		if err != nil {
			return err
		}
		for _, h := range list {
			if after = h.Size; h.Size > until {
				return nil
			}
			if len(h.Token) == 0 || h.Size < until && !last.IsZero() && h.At.Sub(last) < headsApart {
				continue
			}
			last = h.At
			signers[h.KeyID] = true
			if err := w.Proof(archive.LineHead, h); err != nil {
				return err
			}
		}
		if len(list) == 0 {
			return nil
		}
	}
	return nil
}

func (a MessageArchive) writeCertificates(ctx context.Context, w *archive.Writer, signers map[string]bool) error {
	var names []string
	for name := range signers {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		der, ok, err := a.Store.Certificate(ctx, name)
		if err != nil {
			return err
		}
		if !ok {
			continue // nor could it be proven while it was in the database
		}
		if err := w.Proof(archive.LineCert, archive.Certificate{For: "gateway", DER: der}); err != nil {
			return err
		}
	}
	trust, err := a.Trust(ctx)
	if err != nil {
		return err
	}
	for _, list := range []struct {
		use  string
		ders [][]byte
	}{{"authority", trust.Authorities}, {"timestamp", trust.Timestamps}} {
		for _, der := range list.ders {
			if err := w.Proof(archive.LineCert, archive.Certificate{For: list.use, DER: der}); err != nil {
				return err
			}
		}
	}
	return nil
}

// Read computes a file anew with whom the node trusts now.
func (a MessageArchive) Read(ctx context.Context, r *archive.Reader) (archive.Content, error) {
	trust, err := a.Trust(ctx)
	if err != nil {
		return archive.Content{}, err
	}
	return trust.ReadMessages(ctx, r)
}

// ReadMessages reads a file of the log of messages and computes it anew: each leaf from
// what the record says, each head's root, signature and time stamp. It fails with
// Conflict when something does not fit.
func (t Trust) ReadMessages(ctx context.Context, r *archive.Reader) (archive.Content, error) {
	c := fileCheck{Trust: t, file: r.Name, owner: r.Header.Owner, keys: map[string]*signer{}}
	c.found = archive.Content{Owner: r.Header.Owner, From: r.Header.From, Until: r.End.Until}
	var err error
	if c.tree, err = NewTree(Frontier{Size: r.Header.From, Hashes: r.Header.Frontier}); err != nil {
		return c.found, c.bad("archive.file.head", r.Header.From).Because(err)
	}
	c.good, c.found.Before = r.Header.From, c.tree.Root()
	if err := r.Proofs(c.proof); err != nil {
		return c.found, err
	}
	slices.SortFunc(c.heads, func(a, b Head) int { return int(min(1, max(-1, a.Size-b.Size))) })
	if c.Authorities == nil {
		c.Authorities, c.Timestamps, c.found.Unknown = c.inFile["authority"], c.inFile["timestamp"], true
	}
	if err := r.Records(ctx, c.record); err != nil {
		return c.found, err
	}
	if c.tree.Size() != r.End.Until || c.tree.Root() != r.End.Root || len(c.heads) > 0 || c.good != r.End.Until {
		return c.found, c.bad("archive.file.end", c.tree.Size())
	}
	c.found.Root = r.End.Root
	return c.found, nil
}

type signer struct {
	cert *x509.Certificate
	key  *ecdsa.PublicKey
}

// fileCheck reads one file.
type fileCheck struct {
	Trust
	file, owner string
	tree        *Tree
	good        int64 // up to here a head has confirmed the records
	heads       []Head
	keys        map[string]*signer
	inFile      map[string][][]byte
	found       archive.Content
}

func (c *fileCheck) bad(key string, seq int64) *fault.Error {
	return fault.New(fault.Conflict, key, fault.Args{"file": c.file, "seq": seq})
}

func (c *fileCheck) proof(l archive.Line) error {
	if l.Kind == archive.LineHead {
		var h Head
		if err := l.Read(&h); err != nil {
			return c.bad("archive.file.head", 0).Because(err)
		}
		c.heads = append(c.heads, h)
		return nil
	}
	var d archive.Certificate
	if err := l.Read(&d); err != nil {
		return c.bad("archive.file.head", 0).Because(err)
	}
	if d.For != "gateway" {
		if c.inFile == nil {
			c.inFile = map[string][][]byte{}
		}
		c.inFile[d.For] = append(c.inFile[d.For], d.DER)
		return nil
	}
	cert, key, err := readCertificate(d.DER)
	if err != nil {
		return c.bad("archive.file.head", 0).Because(err)
	}
	c.keys[Fingerprint(d.DER)] = &signer{cert, key}
	return nil
}

func (c *fileCheck) record(l archive.Line) (seq int64, words []string, err error) {
	n := c.tree.Size()
	var line archivedRecord
	if err := l.Read(&line); err != nil {
		return n, nil, c.bad("archive.file.record", n).Because(err)
	}
	r, err := line.record()
	if err != nil || r.Seq != n {
		return n, nil, c.bad("archive.file.record", n).Because(err)
	}
	c.tree.Append(r.Leaf)
	if n == archive.Edge(n) {
		c.found.Rest = nil
	}
	c.found.Rest = append(c.found.Rest, r.Leaf)
	if n+1 == archive.Edge(n+1) {
		c.found.Rest = nil
	}
	if c.found.FirstAt.IsZero() {
		c.found.FirstAt = r.At
	}
	c.found.LastAt = r.At
	for len(c.heads) > 0 && c.heads[0].Size <= c.tree.Size() {
		if err := c.head(c.heads[0]); err != nil {
			return n, nil, err
		}
		c.heads = c.heads[1:]
	}
	return n, []string{r.Commitment.MessageID, r.Commitment.RequestID}, nil
}

func (c *fileCheck) head(h Head) error {
	if h.Size != c.tree.Size() || !h.Of(MessageChain) {
		return c.bad("archive.file.head", h.Size)
	}
	if h.Root != c.tree.Root() {
		return fault.New(fault.Conflict, "archive.file.range", fault.Args{"file": c.file, "from": c.good, "until": h.Size - 1})
	}
	by := c.keys[h.KeyID]
	if by == nil || by.cert.Subject.CommonName != c.owner || h.Verify(by.key) != nil {
		return c.bad("archive.file.head", h.Size)
	}
	if err := pki.CheckChain(by.cert, c.Authorities, pki.Gateway, h.At); err != nil {
		return c.bad("archive.file.head", h.Size).Because(err)
	}
	if c.Stamp != nil {
		if _, err := c.Stamp(h.Token, h.Stamped(), slices.Concat(c.Authorities, c.Timestamps)); err != nil {
			return c.bad("archive.file.stamp", h.Size).Because(err)
		}
		c.found.Stamped++
	}
	c.good = h.Size
	c.found.Heads++
	return nil
}
