package exchange

import (
	"context"
	"errors"
	"path/filepath"
	"slices"

	"dean06/internal/platform/archive"
	"dean06/internal/platform/fault"
)

// WithFiles is a log whose archived records are read from their files, so that they can
// be shown and proven as the others are. Search reads the database alone.
type WithFiles struct {
	Archive
	Files archive.Index
	Dir   string
}

// Range gives the records from (inclusive) to until (exclusive), in order.
func (w WithFiles) Range(ctx context.Context, from, until int64) ([]Record, error) {
	var out []Record
	err := w.archived(ctx, from, until, func(r Record) { out = append(out, r) })
	if err != nil {
		return nil, err
	}
	list, err := w.Archive.Range(ctx, from, until)
	return join(out, list, func(r Record) int64 { return r.Seq }), err
}

// join puts records of files before those of the database; what was removed meanwhile
// is in both.
func join[T any](files, rows []T, seq func(T) int64) []T {
	for len(files) > 0 && len(rows) > 0 && seq(files[len(files)-1]) >= seq(rows[0]) {
		files = files[:len(files)-1]
	}
	return append(files, rows...)
}

// Leaves gives the leaf hashes of a range.
func (w WithFiles) Leaves(ctx context.Context, from, until int64) ([]Digest, error) {
	begin, err := w.Archive.Begin(ctx)
	if err != nil {
		return nil, err
	}
	if from >= begin.Size {
		return w.Archive.Leaves(ctx, from, until)
	}
	segments, err := w.Files.Segments(ctx)
	if err != nil {
		return nil, err
	}
	var out []Digest
	for _, s := range segments {
		low, high := max(from, s.From), min(until, s.Until, begin.Size)
		if low >= high {
			continue
		}
		// Of a file that is there no more, what is left of its last tile.
		if edge := max(archive.Edge(s.Until), s.From); !s.DroppedAt.IsZero() && low >= edge && len(s.Rest) > 0 {
			first := archive.Edge(s.Until)
			if high-first > int64(len(s.Rest)) {
				return nil, fault.New(fault.Conflict, "archive.index.broken", fault.Args{"file": s.File})
			}
			out = append(out, s.Rest[low-first:high-first]...)
			continue
		}
		if err := w.archived(ctx, low, high, func(r Record) { out = append(out, r.Leaf) }); err != nil {
			return nil, err
		}
	}
	if until <= begin.Size {
		return out, nil
	}
	list, err := w.Archive.Leaves(ctx, begin.Size, until)
	return append(out, list...), err
}

// archived gives the records of a range that are in files alone.
func (w WithFiles) archived(ctx context.Context, from, until int64, f func(Record)) error {
	begin, err := w.Archive.Begin(ctx)
	if err != nil || from >= begin.Size || from >= until {
		return err
	}
	until = min(until, begin.Size)
	list, err := w.Files.Segments(ctx)
	if err != nil {
		return err
	}
	for _, s := range list {
		if s.Until <= from || s.From >= until {
			continue
		}
		err := w.read(s, func(r *archive.Reader) error {
			return r.Block(max(from, s.From), func(l archive.Line) (bool, error) {
				rec, err := recordOf(r, l)
				if err != nil {
					return false, err
				}
				if rec.Seq >= from && rec.Seq < until {
					f(rec)
				}
				return rec.Seq+1 < until, nil
			})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func recordOf(r *archive.Reader, l archive.Line) (Record, error) {
	var line archivedRecord
	err := l.Read(&line)
	if err == nil {
		var rec Record
		if rec, err = line.record(); err == nil {
			return rec, nil
		}
	}
	return Record{}, fault.New(fault.Conflict, "archive.file.record", fault.Args{"file": r.Name, "seq": line.Seq}).Because(err)
}

// read opens the file of a segment. It fails with NotFound ("archive.dropped") when it
// was removed by its term.
func (w WithFiles) read(s archive.Segment, f func(r *archive.Reader) error) (err error) {
	if !s.DroppedAt.IsZero() {
		return fault.New(fault.NotFound, "archive.dropped", fault.Args{"from": s.FirstAt, "until": s.LastAt, "at": s.DroppedAt})
	}
	r, err := archive.Open(filepath.Join(w.Dir, filepath.Base(s.File)), nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	return f(r)
}

// Message gives all records of a message id or request id, oldest first.
func (w WithFiles) Message(ctx context.Context, id string) ([]Record, error) {
	list, err := w.Archive.Message(ctx, id)
	if err != nil {
		return nil, err
	}
	begin, err := w.Archive.Begin(ctx)
	if err != nil || begin.Size == 0 || whole(list) {
		return list, err
	}
	segments, err := w.Files.Segments(ctx)
	if err != nil {
		return nil, err
	}
	var out []Record
	for _, s := range segments {
		if !s.DroppedAt.IsZero() {
			continue
		}
		err := w.read(s, func(r *archive.Reader) error {
			return r.Find(id, func(l archive.Line) error {
				rec, err := recordOf(r, l)
				if err == nil && rec.Seq < begin.Size && (rec.Commitment.MessageID == id || rec.Commitment.RequestID == id) {
					out = append(out, rec)
				}
				return err
			})
		})
		if err != nil {
			return nil, err
		}
	}
	return join(out, list, func(r Record) int64 { return r.Seq }), nil
}

// whole says that a request and its response are there, so that nobody has to look for
// them in older files.
func whole(list []Record) bool {
	return len(list) > 1 && slices.ContainsFunc(list[1:], func(r Record) bool { return list[0].answers(r) })
}

// HeadOver gives the smallest head that covers a record, a stamped one if there is one.
func (w WithFiles) HeadOver(ctx context.Context, seq int64) (Head, bool, error) {
	begin, err := w.Archive.Begin(ctx)
	if err != nil || seq >= begin.Size {
		if err != nil {
			return Head{}, false, err
		}
		return w.Archive.HeadOver(ctx, seq)
	}
	list, err := w.Files.Segments(ctx)
	if err != nil {
		return Head{}, false, err
	}
	i := slices.IndexFunc(list, func(s archive.Segment) bool { return s.From <= seq && seq < s.Until })
	if i < 0 {
		return w.Archive.HeadOver(ctx, seq)
	}
	var best Head
	err = w.read(list[i], func(r *archive.Reader) error {
		return r.Proofs(func(l archive.Line) error {
			if l.Kind != archive.LineHead {
				return nil
			}
			var h Head
			if err := l.Read(&h); err != nil {
				return err
			}
			if h.Size > seq && (best.Size == 0 || h.Size < best.Size) {
				best = h
			}
			return nil
		})
	})
	return best, best.Size > 0, err
}

// CheckFiles holds what the database notes of the files against itself, the audit log and
// the files; see archive.CheckIndex.
func (w WithFiles) CheckFiles(ctx context.Context, begin int64) (here bool, err error) {
	return archive.CheckIndex(ctx, w.Files, begin, w.Dir)
}
