package archive

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/ledger"
	"dean06/internal/platform/pki"
)

// maxSegment bounds a file, so that it can be made and checked in little memory.
const maxSegment = 1 << 18

// step is how many rows go in one transaction: few, as calls are written between them.
const step = 2 * TileWidth

// restAfter is how long the database is left to others after each of them, as a multiple
// of how long it took.
const restAfter = 3

// Log is a log whose old records can be archived: what is known of them only where they
// are kept.
type Log interface {
	Chain() string
	// Bound is where the next file is to end: at the end of what a signed and stamped head
	// covers, at most most records after from, none of which is of before or later. It is
	// from when there is nothing to archive.
	Bound(ctx context.Context, from int64, before time.Time, most int64) (until int64, err error)
	// Frontier is how the log of size records went on.
	Frontier(ctx context.Context, size int64) (ledger.Frontier, error)
	// Write gives the records, and what proves them.
	Write(ctx context.Context, w *Writer, from, until int64) error
	// Read reads a whole file and computes it anew. It fails with Conflict when something
	// does not fit.
	Read(ctx context.Context, r *Reader) (Content, error)
	// Begin is where the log begins in the database.
	Begin(ctx context.Context) (ledger.Frontier, error)
	// Spared is the first record that is to stay in the database for other reasons.
	Spared(ctx context.Context) (int64, error)
	// Remove removes the records before a place in one transaction, and notes it as where
	// the log begins. It fails with Conflict when the log does not begin at from.
	Remove(ctx context.Context, from int64, to ledger.Frontier) error
}

// Content is what a file holds.
type Content struct {
	Owner           string // the gateway
	From, Until     int64
	Before, Root    ledger.Digest // of the log of From and of Until records
	FirstAt, LastAt time.Time
	Rest            []ledger.Digest // leaves of its records from the edge of the last tile on
	Heads, Stamped  int64           // heads in it, and those of them whose time stamp was verified
	// Unknown says that nobody whom the reader trusts vouches for the owner's certificate.
	Unknown bool
}

// Index is what a node's database notes of its files.
type Index interface {
	Segments(ctx context.Context) ([]Segment, error)
	AddSegment(ctx context.Context, s Segment) error
	DropSegment(ctx context.Context, s Segment, at time.Time) error
	// Noted says whether the audit log has that a file was removed by its term.
	Noted(ctx context.Context, s Segment) (bool, error)
}

// Keeper archives one log of a node.
type Keeper struct {
	Log   Log
	Index Index
	Dir   string
	Owner func() string // the gateway; "" before the node has joined
	Clock clock.Clock
	Seal  *pki.Sealer // nil: files are not sealed
}

// Done is what a run did.
type Done struct {
	Made    []Segment // files that were written
	Removed int64     // records that were removed from the database
	Dropped []Segment // files that were removed by their term
}

// Archive writes what is older than before to files, and then removes it from the
// database. Broken off anywhere, it loses nothing, and the next run goes on: a file that
// was written is read again before a record is removed.
func (k *Keeper) Archive(ctx context.Context, before time.Time) (d Done, err error) {
	if err := os.MkdirAll(k.Dir, 0o700); err != nil {
		return d, fmt.Errorf("archive %s: %w", k.Log.Chain(), err)
	}
	k.sweep()
	list, err := k.Index.Segments(ctx)
	if err != nil {
		return d, err
	}
	for {
		var last Segment
		if n := len(list); n > 0 {
			last = list[n-1]
		}
		until, err := k.Log.Bound(ctx, last.Until, before, maxSegment)
		if err != nil {
			return d, err
		}
		if until <= last.Until {
			break
		}
		s, err := k.make(ctx, last, until)
		if err != nil {
			return d, err
		}
		if Edge(until) < s.From { // the tile began in an earlier file
			s.Rest = slices.Concat(last.Rest, s.Rest)
		}
		if err := k.Index.AddSegment(ctx, s); err != nil {
			return d, err
		}
		list, d.Made = append(list, s), append(d.Made, s)
	}
	d.Removed, err = k.remove(ctx, list)
	return d, err
}

// sweep removes what a run that was broken off left unfinished.
func (k *Keeper) sweep() {
	left, _ := filepath.Glob(filepath.Join(k.Dir, "."+k.Log.Chain()+"-*"+unfinished)) // the pattern is ours
	for _, name := range left {
		if info, err := os.Stat(name); err == nil && time.Since(info.ModTime()) > time.Hour { // another process may write it
			_ = os.Remove(name)
		}
	}
}

// make writes the file that follows the last one. One that is there already, from a run
// that was broken off before it was noted, is read instead.
func (k *Keeper) make(ctx context.Context, last Segment, until int64) (s Segment, err error) {
	from := last.Until
	name := FileName(k.Log.Chain(), from, until, k.Seal != nil)
	path := filepath.Join(k.Dir, name)
	if _, err := os.Lstat(path); err == nil {
		return k.found(ctx, path, from, until)
	}
	begin, err := k.Log.Frontier(ctx, from)
	if err != nil {
		return s, err
	}
	h := Header{Format: Format, Chain: k.Log.Chain(), Owner: k.Owner(), From: from, Frontier: begin.Hashes}
	if last.File != "" {
		h.Previous = &Previous{File: last.File, SHA256: last.SHA256}
	}
	w, err := NewWriter(k.Dir, h, k.Seal)
	if err != nil {
		return s, err
	}
	defer os.Remove(w.Name())
	if err := k.Log.Write(ctx, w, from, until); err != nil {
		w.abandon()
		return s, err
	}
	end, err := k.Log.Frontier(ctx, until)
	if err != nil {
		w.abandon()
		return s, err
	}
	root, err := rootOf(end)
	if err != nil {
		w.abandon()
		return s, err
	}
	if err := w.Close(End{Until: until, Root: root}); err != nil {
		return s, fmt.Errorf("write an archive file: %w", err)
	}
	if s, err = k.found(ctx, w.Name(), from, until); err != nil {
		return s, err
	}
	// A link, as a rename would replace what another process put there meanwhile.
	if err := os.Link(w.Name(), path); err != nil {
		return s, fmt.Errorf("put an archive file in its place: %w", err)
	}
	s.File = name
	return s, syncDir(k.Dir)
}

func rootOf(f ledger.Frontier) (ledger.Digest, error) {
	t, err := ledger.NewTree(f)
	if err != nil {
		return ledger.Digest{}, err
	}
	return t.Root(), nil
}

// found reads a file that was written and says what is in it.
func (k *Keeper) found(ctx context.Context, path string, from, until int64) (s Segment, err error) {
	r, err := Open(path, k.Seal)
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	c, err := k.Log.Read(ctx, r)
	if err != nil {
		return s, err
	}
	if c.From != from || c.Until != until || r.Header.Chain != k.Log.Chain() {
		return s, damaged(r.Name, "other records")
	}
	s = Segment{
		Chain: k.Log.Chain(), From: from, Until: until, File: r.Name, Bytes: r.Size(), Root: c.Root,
		FirstAt: c.FirstAt, LastAt: c.LastAt, MadeAt: k.Clock.Now(), Rest: c.Rest,
	}
	s.SHA256, err = r.Sum()
	return s, err
}

// remove removes from the database what is in files that are as they were written.
func (k *Keeper) remove(ctx context.Context, list []Segment) (removed int64, err error) {
	begin, err := k.Log.Begin(ctx)
	if err != nil {
		return 0, err
	}
	spared, err := k.Log.Spared(ctx)
	if err != nil {
		return 0, err
	}
	for _, s := range list {
		until := Edge(min(s.Until, spared))
		if until <= begin.Size {
			continue
		}
		if err := sameSum(k.Dir, s); err != nil {
			return removed, err
		}
		for begin.Size < until {
			to, err := k.Log.Frontier(ctx, min(until, begin.Size+step))
			if err != nil {
				return removed, err
			}
			at := time.Now() //nolint:forbidigo // how long it took
			if err := k.Log.Remove(ctx, begin.Size, to); err != nil {
				return removed, err
			}
			removed += to.Size - begin.Size
			begin = to
			select {
			case <-ctx.Done():
				return removed, context.Cause(ctx)
			case <-time.After(restAfter * time.Since(at)):
			}
		}
	}
	return removed, nil
}

// Drop removes the files whose records are all older than before. That it was done stands
// in the audit log first.
func (k *Keeper) Drop(ctx context.Context, before time.Time) (d Done, err error) {
	list, err := k.Index.Segments(ctx)
	if err != nil {
		return d, err
	}
	begin, err := k.Log.Begin(ctx)
	if err != nil {
		return d, err
	}
	for _, s := range list {
		path := filepath.Join(k.Dir, s.File)
		if !s.DroppedAt.IsZero() { // perhaps noted and not yet done
			if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
				return d, err
			}
			continue
		}
		// Rows of it that the database still has would be left without a file.
		if !s.LastAt.Before(before) || Edge(s.Until) > begin.Size {
			break
		}
		if err := k.Index.DropSegment(ctx, s, k.Clock.Now()); err != nil {
			return d, err
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return d, err
		}
		d.Dropped = append(d.Dropped, s)
	}
	if len(d.Dropped) == 0 {
		return d, nil
	}
	return d, syncDir(k.Dir)
}

// safeName says whether a name could be one of our files: it comes from a database or a
// folder, and is joined to a path.
func safeName(name string) bool {
	return name != "" && filepath.Base(name) == name && !strings.HasPrefix(name, ".")
}
