package archive

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"maps"
	"slices"
	"time"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/ledger"
	"dean06/internal/platform/pki"
)

// Trust is whom the reader of an archive believes.
type Trust struct {
	// Authorities and Timestamps are certificates (DER); nil takes those of the file.
	Authorities, Timestamps [][]byte
	// Stamp verifies a time-stamp token over data; nil leaves tokens unverified.
	Stamp func(token, data []byte, authorities [][]byte) (time.Time, error)
}

// Entry is what a record's line says.
type Entry struct {
	Seq   int64 // its place in the log, from 0
	At    time.Time
	Leaf  ledger.Digest
	Words []string // by which it is found
}

// Read reads a file and computes it anew: the tree from the leaves that entry gives, each
// head's root, signature and time stamp. It fails with Conflict when something does not fit.
func (t Trust) Read(ctx context.Context, r *Reader, entry func(l Line) (Entry, error)) (Content, error) {
	c := fileCheck{
		Trust: t, file: r.Name, chain: r.Header.Chain, owner: r.Header.Owner, entry: entry,
		keys: map[string]*signer{}, inFile: map[string][][]byte{},
	}
	c.found = Content{Owner: r.Header.Owner, From: r.Header.From, Until: r.End.Until}
	var err error
	if c.tree, err = ledger.NewTree(ledger.Frontier{Size: r.Header.From, Hashes: r.Header.Frontier}); err != nil {
		return c.found, c.bad("archive.file.head", r.Header.From).Because(err)
	}
	c.good, c.found.Before = r.Header.From, c.tree.Root()
	if err := r.Proofs(c.proof); err != nil {
		return c.found, err
	}
	slices.SortFunc(c.heads, func(a, b ledger.Head) int { return int(min(1, max(-1, a.Size-b.Size))) })
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
	file, chain, owner string
	entry              func(l Line) (Entry, error)
	tree               *ledger.Tree
	good               int64 // up to here a head has confirmed the records
	heads              []ledger.Head
	keys               map[string]*signer
	inFile             map[string][][]byte
	found              Content
}

func (c *fileCheck) bad(key string, seq int64) *fault.Error {
	return fault.New(fault.Conflict, key, fault.Args{"file": c.file, "seq": seq})
}

func (c *fileCheck) proof(l Line) error {
	if l.Kind == LineHead {
		var h ledger.Head
		if err := l.Read(&h); err != nil {
			return c.bad("archive.file.head", 0).Because(err)
		}
		c.heads = append(c.heads, h)
		return nil
	}
	var d Certificate
	if err := l.Read(&d); err != nil {
		return c.bad("archive.file.head", 0).Because(err)
	}
	if d.For != forGateway {
		c.inFile[d.For] = append(c.inFile[d.For], d.DER)
		return nil
	}
	cert, err := x509.ParseCertificate(d.DER)
	if err != nil {
		return c.bad("archive.file.head", 0).Because(err)
	}
	key, ok := cert.PublicKey.(*ecdsa.PublicKey)
	if !ok || key.Curve != elliptic.P256() {
		return c.bad("archive.file.head", 0).Because(errors.New("not a key of P-256"))
	}
	sum := sha256.Sum256(d.DER)
	c.keys[hex.EncodeToString(sum[:])] = &signer{cert, key}
	return nil
}

func (c *fileCheck) record(l Line) (seq int64, words []string, err error) {
	n := c.tree.Size()
	e, err := c.entry(l)
	if err != nil || e.Seq != n {
		return n, nil, c.bad("archive.file.record", n).Because(err)
	}
	c.tree.Append(e.Leaf)
	if n == Edge(n) {
		c.found.Rest = nil
	}
	c.found.Rest = append(c.found.Rest, e.Leaf)
	if n+1 == Edge(n+1) {
		c.found.Rest = nil
	}
	if c.found.FirstAt.IsZero() {
		c.found.FirstAt = e.At
	}
	c.found.LastAt = e.At
	for len(c.heads) > 0 && c.heads[0].Size <= c.tree.Size() {
		if err := c.head(c.heads[0]); err != nil {
			return n, nil, err
		}
		c.heads = c.heads[1:]
	}
	return n, e.Words, nil
}

func (c *fileCheck) head(h ledger.Head) error {
	if h.Size != c.tree.Size() || !h.Of(c.chain) {
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

// headsAtOnce is how many heads are read at once.
const headsAtOnce = 1024

// headsApart is how close stamped heads stand in a file. A gateway makes one every ten
// seconds while it is asked; over the years a moment to the minute does.
const headsApart = time.Minute

// Heads reads the heads of a log that cover more than after records, by size.
type Heads func(ctx context.Context, after int64, limit int) ([]ledger.Head, error)

// Bound gives the last stamped head that is older than before. Where heads are far apart,
// since no time stamps could be had, it is more than most records away.
func (heads Heads) Bound(ctx context.Context, from int64, before time.Time, most int64) (int64, error) {
	until := from
	for after := from; ; {
		list, err := heads(ctx, after, headsAtOnce)
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
		if len(list) < headsAtOnce {
			return until, nil
		}
		after = list[len(list)-1].Size
	}
}

// Write gives the stamped heads over the records of a file, and notes who signed them.
func (heads Heads) Write(ctx context.Context, w *Writer, from, until int64, signers map[string]bool) error {
	var last time.Time
	for after := from; after < until; {
		list, err := heads(ctx, after, headsAtOnce)
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
			if err := w.Proof(LineHead, h); err != nil {
				return err
			}
		}
		if len(list) == 0 {
			return nil
		}
	}
	return nil
}

// WriteCertificates gives those of the signers, as far as they are known, and those that
// vouch for them.
func (w *Writer) WriteCertificates(
	ctx context.Context, signers map[string]bool, t Trust, of func(ctx context.Context, keyID string) (der []byte, ok bool, err error),
) error {
	for _, name := range slices.Sorted(maps.Keys(signers)) {
		der, ok, err := of(ctx, name)
		if err != nil {
			return err
		}
		if !ok {
			continue // nor could it be proven while it was in the database
		}
		if err := w.Proof(LineCert, Certificate{For: forGateway, DER: der}); err != nil {
			return err
		}
	}
	for _, list := range []struct {
		use  string
		ders [][]byte
	}{{"authority", t.Authorities}, {"timestamp", t.Timestamps}} {
		for _, der := range list.ders {
			if err := w.Proof(LineCert, Certificate{For: list.use, DER: der}); err != nil {
				return err
			}
		}
	}
	return nil
}
