package exchange

import (
	"context"
	"crypto/ecdsa"
	"math"
	"slices"
	"time"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/ledger"
)

// Archive is a log together with the certificates that its records and heads were
// signed with, those too that count no longer.
type Archive interface {
	LogStore
	// Certificate gives a gateway's certificate (DER) that was once in a verified
	// configuration; ok is false when there was none.
	Certificate(ctx context.Context, keyID string) (der []byte, ok bool, err error)
}

// LogChecks is what CheckLog needs beside the log.
type LogChecks struct {
	// Key gives the key with which a head may be signed, nil when nobody vouches for it;
	// then the log is broken. Without Key, certificates that are stored with the log count,
	// and a head whose certificate is not there says nothing.
	Key func(ctx context.Context, h Head) (*ecdsa.PublicKey, error)
	// Stamp verifies a time-stamp token over data; nil leaves tokens unverified.
	Stamp func(token, data []byte) (time.Time, error)
	// Known are heads that were kept elsewhere: on paper, at a peer. Only they show
	// that a log was cut or replaced as a whole.
	Known []Head
}

// LogReport is what was found in a log that is in order.
type LogReport struct {
	Records int64
	// Archived are those of the records that are in archive files alone. They are not
	// read here, but the heads over later ones cover them.
	Archived int64
	// FilesHere says that the folder of those files is here, and that each of them is as it
	// was written.
	FilesHere bool
	Heads     int64
	Signed    int64 // records that a head covers whose signature was verified
	Stamped   int64 // records that such a head with a verified time stamp covers
	Unknown   int64 // heads whose certificate is not known here, so that nothing is said of them
	Waiting   int64 // heads without a time stamp
}

// checkChunk is how many records are read at once.
const checkChunk = 1024

// CheckLog reads a whole log and computes it anew: each leaf from its commitment,
// the tiles, each head's root, its signature and its time stamp, and where the log
// ends. It fails with Conflict ("exchange.log.broken.…") that names the first record
// that was changed, removed, added or moved, as near as the log can tell.
func CheckLog(ctx context.Context, store Archive, checks LogChecks) (LogReport, error) {
	end, err := store.Frontier(ctx)
	if err != nil {
		return LogReport{}, err
	}
	l := &logCheck{store: store, checks: checks, end: end, keys: map[string]*ecdsa.PublicKey{}}
	if err = l.begin(ctx); err == nil {
		err = l.run(ctx)
	}
	if files, ok := store.(interface {
		CheckFiles(ctx context.Context, begin int64) (here bool, err error)
	}); ok && err == nil {
		l.report.FilesHere, err = files.CheckFiles(ctx, l.report.Archived)
	}
	return l.report, err
}

// begin goes on where the log begins in the database. Whether the hashes of what is
// before are right, the first head over more records tells.
func (l *logCheck) begin(ctx context.Context) error {
	begin, err := l.store.Begin(ctx)
	if err != nil {
		return err
	}
	if l.tree, err = NewTree(begin); err != nil || begin.Size > l.end.Size {
		return broken("begin", fault.Args{"seq": begin.Size}).Because(err)
	}
	if kept, err := ledger.FrontierAt(ctx, l.store, begin.Size); err != nil || !slices.Equal(kept.Hashes, begin.Hashes) {
		if err != nil && fault.Of(err) != fault.Conflict {
			return err
		}
		return broken("begin", fault.Args{"seq": begin.Size}).Because(err)
	}
	l.suspect, l.good, l.report.Records, l.report.Archived = nil, begin.Size, begin.Size, begin.Size
	l.heads = slices.DeleteFunc(l.heads, func(h Head) bool { return h.Size <= begin.Size })
	return nil
}

type logCheck struct {
	store   Archive
	checks  LogChecks
	tree    *Tree
	end     Frontier
	good    int64 // up to here a signed head has confirmed the records
	suspect *Tile // the first that is not as stored, since then
	heads   []Head
	keys    map[string]*ecdsa.PublicKey
	report  LogReport
}

func broken(what string, args fault.Args) *fault.Error {
	return fault.New(fault.Conflict, "exchange.log.broken."+what, args)
}

func (l *logCheck) run(ctx context.Context) error {
	if err := l.readHeads(ctx); err != nil {
		return err
	}
	for l.tree.Size() < l.end.Size {
		from := l.tree.Size()
		list, err := l.store.Range(ctx, from, min(from+checkChunk, l.end.Size))
		if err != nil {
			return err
		}
		for i := range list {
			if err := l.next(ctx, &list[i]); err != nil {
				return err
			}
		}
		if len(list) == 0 {
			if err := l.archived(ctx, from); err != nil {
				return err
			}
		}
	}
	if len(l.heads) > 0 {
		return broken("cut", fault.Args{"seq": l.end.Size, "size": l.heads[0].Size})
	}
	if !slices.Equal(l.tree.Frontier().Hashes, l.end.Hashes) {
		if l.good == l.end.Size {
			return broken("end", fault.Args{"seq": l.end.Size})
		}
		return l.wrong(ctx, l.end.Size)
	}
	if l.suspect != nil {
		return l.wrong(ctx, l.end.Size)
	}
	return l.nothingBeyond(ctx)
}

// archived goes on behind records that were archived while the log was read; records
// that are gone otherwise were removed.
func (l *logCheck) archived(ctx context.Context, from int64) error {
	now, err := l.store.Begin(ctx)
	if err != nil {
		return err
	}
	if now.Size <= from {
		return broken("removed", fault.Args{"seq": from})
	}
	return l.begin(ctx)
}

// readHeads gathers all heads up to the end that was read, by size.
func (l *logCheck) readHeads(ctx context.Context) error {
	for after := int64(0); ; {
		list, err := l.store.Heads(ctx, after, checkChunk)
		if err != nil {
			return err
		}
		l.heads = append(l.heads, list...)
		if len(list) < checkChunk {
			break
		}
		after = list[len(list)-1].Size
	}
	now, err := l.store.Frontier(ctx)
	if err != nil {
		return err
	}
	// A head over records that came in meanwhile is not looked at.
	l.heads = slices.DeleteFunc(l.heads, func(h Head) bool { return h.Size > l.end.Size && h.Size <= now.Size })
	begin := l.tree.Size()
	l.heads = slices.DeleteFunc(l.heads, func(h Head) bool { return h.Size <= begin })
	for _, h := range l.checks.Known {
		if h.Size > begin {
			l.heads = append(l.heads, h)
		}
	}
	slices.SortStableFunc(l.heads, func(a, b Head) int { return int(min(1, max(-1, a.Size-b.Size))) })
	return nil
}

func (l *logCheck) next(ctx context.Context, r *Record) error {
	n := l.tree.Size()
	if r.Seq != n {
		return broken("removed", fault.Args{"seq": n})
	}
	leaf := r.LogLeaf()
	if leaf != r.Leaf {
		return broken("changed", fault.Args{"seq": n})
	}
	for _, t := range l.tree.Append(leaf) {
		if err := l.tile(ctx, t); err != nil {
			return err
		}
	}
	l.report.Records++
	for len(l.heads) > 0 && l.heads[0].Size == l.tree.Size() {
		if err := l.head(ctx, l.heads[0]); err != nil {
			return err
		}
		l.heads = l.heads[1:]
	}
	return nil
}

// tile compares with what is stored. Whether a difference is the tile's fault or a
// record's, the next head will tell.
func (l *logCheck) tile(ctx context.Context, t Tile) error {
	if l.suspect != nil {
		return nil
	}
	stored, err := l.store.Tiles(ctx, t.Level, t.Index, t.Index+1)
	if err == nil && (len(stored) == 0 || stored[0] != t.Hash) {
		l.suspect = &t
	}
	return err
}

// wrong names what is wrong up to until, where the records and what is known of
// them no longer fit.
func (l *logCheck) wrong(ctx context.Context, until int64) error {
	from := l.good
	if l.suspect != nil {
		first, last := l.suspect.Span()
		from, until = max(from, first), min(until, last)
	}
	return l.narrow(ctx, from, until)
}

func (l *logCheck) head(ctx context.Context, h Head) error {
	args := fault.Args{"size": h.Size}
	find := l.checks.Key
	if find == nil {
		find = func(ctx context.Context, h Head) (*ecdsa.PublicKey, error) { return l.key(ctx, h.KeyID) }
	}
	key, err := find(ctx, h)
	if err != nil {
		return err
	}
	l.report.Heads++
	if key == nil && l.checks.Key != nil {
		return broken("head", args)
	}
	if key == nil {
		l.report.Unknown++
		if h.Root != l.tree.Root() {
			return l.wrong(ctx, h.Size)
		}
		return nil
	}
	if h.Verify(key) != nil {
		return broken("head", args)
	}
	if h.Root != l.tree.Root() {
		return l.wrong(ctx, h.Size)
	}
	if l.suspect != nil {
		from, until := l.suspect.Span()
		return broken("tile", fault.Args{"from": from, "until": until - 1})
	}
	l.good, l.report.Signed = h.Size, h.Size
	switch {
	case len(h.Token) == 0:
		l.report.Waiting++
	case l.checks.Stamp != nil:
		if _, err := l.checks.Stamp(h.Token, h.Stamped()); err != nil {
			return fault.New(fault.Conflict, "exchange.log.broken.stamp", args).Because(err)
		}
		l.report.Stamped = h.Size
	}
	return nil
}

// key gives the key of a certificate, nil when it is not known.
func (l *logCheck) key(ctx context.Context, keyID string) (*ecdsa.PublicKey, error) {
	if key, ok := l.keys[keyID]; ok {
		return key, nil
	}
	der, ok, err := l.store.Certificate(ctx, keyID)
	if err != nil {
		return nil, err
	}
	var key *ecdsa.PublicKey
	if ok && Fingerprint(der) == keyID {
		if _, key, err = readCertificate(der); err != nil {
			return nil, err
		}
	}
	l.keys[keyID] = key
	return key, nil
}

// narrow looks for the record that does not belong among those of which only the
// whole is known to be wrong: one whose own signature fails, or one that is older
// than the one before it.
func (l *logCheck) narrow(ctx context.Context, from, until int64) error {
	var last time.Time
	moved := int64(-1)
	for at := from; at < until; at += checkChunk {
		list, err := l.store.Range(ctx, at, min(at+checkChunk, until))
		if err != nil {
			return err
		}
		for _, r := range list {
			key, err := l.key(ctx, r.Commitment.KeyID)
			if err != nil {
				return err
			}
			if key != nil && r.Commitment.Verify(key) != nil {
				return broken("changed", fault.Args{"seq": r.Seq})
			}
			if r.At.Before(last) && moved < 0 {
				moved = r.Seq
			}
			last = r.At
		}
	}
	if moved >= 0 {
		return broken("moved", fault.Args{"seq": moved})
	}
	return broken("range", fault.Args{"from": from, "until": until - 1})
}

// nothingBeyond looks for records after the end of the log.
func (l *logCheck) nothingBeyond(ctx context.Context) error {
	end, err := l.store.Frontier(ctx)
	if err != nil {
		return err
	}
	extra, err := l.store.Leaves(ctx, end.Size, math.MaxInt64)
	if err != nil || len(extra) == 0 {
		return err
	}
	// They may have come in after the end was read.
	size := end.Size
	if end, err = l.store.Frontier(ctx); err == nil && end.Size < size+int64(len(extra)) {
		return broken("added", fault.Args{"seq": max(size, end.Size)})
	}
	return err
}
