// Package bigsort sorts more records than fit into memory: what does not fit goes, sorted
// by stretches, into a temporary file, and the stretches are read again side by side.
package bigsort

import (
	"bufio"
	"cmp"
	"container/heap"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
)

// Sorter takes records and gives them back sorted. Its zero value needs Most.
type Sorter struct {
	// Most is how many bytes of records are kept in memory, about.
	Most int
	// Dir is the folder of the temporary file; "" is the system's. Nobody else can open
	// the file, and it has no name any more while it is used, so that nothing is left of
	// it when the program is killed.
	Dir string

	records []byte
	index   []entry
	file    *os.File
	end     int64
	runs    []run
}

// entry is where in memory a record is, and by what it is sorted.
type entry struct {
	key, order int64
	at, size   uint32
}

// run is a sorted stretch of the file.
type run struct{ from, until int64 }

func compare(a, b entry) int { return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.order, b.order)) }

// entrySize is what a record takes beside its bytes.
const entrySize = 24

// Add takes a record, which may be changed afterwards.
func (s *Sorter) Add(key, order int64, record []byte) error {
	if len(record) > math.MaxInt32 {
		return errors.New("bigsort: a record is too long")
	}
	if len(s.index) > 0 && len(s.records)+len(record)+(len(s.index)+1)*entrySize > s.Most {
		if err := s.spill(); err != nil {
			return fmt.Errorf("sort: %w", err)
		}
	}
	s.index = append(s.index, entry{key, order, uint32(len(s.records)), uint32(len(record))}) //nolint:gosec // both are below Most, or one record
	s.records = append(s.records, record...)
	return nil
}

func (s *Sorter) record(e entry) []byte { return s.records[e.at : e.at+e.size] }

const headSize = 8 + 8 + 4

// spill writes what is in memory as a sorted stretch.
func (s *Sorter) spill() error {
	if s.file == nil {
		f, err := os.CreateTemp(s.Dir, ".dean06-sort-*") // mode 0600
		if err != nil {
			return err
		}
		s.file = f
		_ = os.Remove(f.Name()) // where that cannot be while it is open, Close removes it
	}
	slices.SortFunc(s.index, compare)
	w := bufio.NewWriterSize(s.file, 1<<18)
	from := s.end
	var head [headSize]byte
	for _, e := range s.index {
		binary.LittleEndian.PutUint64(head[0:], uint64(e.key))   //nolint:gosec // read back the same way
		binary.LittleEndian.PutUint64(head[8:], uint64(e.order)) //nolint:gosec // as above
		binary.LittleEndian.PutUint32(head[16:], e.size)
		_, _ = w.Write(head[:]) // Flush tells what went wrong
		_, _ = w.Write(s.record(e))
		s.end += headSize + int64(e.size)
	}
	s.runs = append(s.runs, run{from, s.end})
	s.index, s.records = s.index[:0], s.records[:0]
	return w.Flush()
}

// Each gives all records, sorted by key and then by order, until f fails. A record is
// good until f returns. Nothing can be added afterwards.
func (s *Sorter) Each(f func(key, order int64, record []byte) error) error {
	slices.SortFunc(s.index, compare)
	if len(s.runs) == 0 {
		for _, e := range s.index {
			if err := f(e.key, e.order, s.record(e)); err != nil {
				return err
			}
		}
		return nil
	}
	h := merged{}
	for _, r := range s.runs {
		part := io.NewSectionReader(s.file, r.from, r.until-r.from)
		h = append(h, &source{from: bufio.NewReaderSize(part, 1<<15)})
	}
	h = append(h, &source{kept: s.index, of: s})
	for i := 0; i < len(h); {
		some, err := h[i].next()
		if err != nil {
			return err
		}
		if some {
			i++
		} else {
			h = slices.Delete(h, i, i+1)
		}
	}
	heap.Init(&h)
	for len(h) > 0 {
		now := h[0]
		if err := f(now.key, now.order, now.bytes); err != nil {
			return err
		}
		some, err := now.next()
		switch {
		case err != nil:
			return err
		case some:
			heap.Fix(&h, 0)
		default:
			heap.Pop(&h)
		}
	}
	return nil
}

// Close frees memory and disk.
func (s *Sorter) Close() error {
	s.index, s.records = nil, nil
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	if gone := os.Remove(s.file.Name()); gone != nil && !errors.Is(gone, os.ErrNotExist) {
		err = errors.Join(err, gone)
	}
	s.file = nil
	return err
}

// source is one of the stretches that are merged.
type source struct {
	entry
	bytes []byte

	from *bufio.Reader // nil: of memory
	kept []entry
	of   *Sorter
}

func (s *source) next() (bool, error) {
	if s.from == nil {
		if len(s.kept) == 0 {
			return false, nil
		}
		s.entry, s.kept = s.kept[0], s.kept[1:]
		s.bytes = s.of.record(s.entry)
		return true, nil
	}
	var head [headSize]byte
	if _, err := io.ReadFull(s.from, head[:]); err != nil {
		if errors.Is(err, io.EOF) {
			return false, nil
		}
		return false, fmt.Errorf("sort: %w", err)
	}
	s.key, s.order = int64(binary.LittleEndian.Uint64(head[0:])), int64(binary.LittleEndian.Uint64(head[8:])) //nolint:gosec // as they were written
	s.bytes = slices.Grow(s.bytes[:0], int(binary.LittleEndian.Uint32(head[16:])))[:binary.LittleEndian.Uint32(head[16:])]
	if _, err := io.ReadFull(s.from, s.bytes); err != nil {
		return false, fmt.Errorf("sort: %w", err)
	}
	return true, nil
}

// merged is a heap of sources by what they give next.
type merged []*source

func (h merged) Len() int           { return len(h) }
func (h merged) Less(i, j int) bool { return compare(h[i].entry, h[j].entry) < 0 }
func (h merged) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }

// Push is of heap.Interface.
func (h *merged) Push(x any) { *h = append(*h, x.(*source)) }

// Pop is of heap.Interface.
func (h *merged) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}
