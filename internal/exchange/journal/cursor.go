package journal

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"dean06/internal/exchange"
	"dean06/internal/platform/fault"
)

const extension = ".journal"

// ErrGone is the error of a place that no file reaches back to.
var ErrGone = errors.New("the journal does not reach back so far")

// damaged is a file that cannot be what was written. It is for people to decide.
func damaged(file string, at int, why string) error {
	return fault.New(fault.Conflict, "exchange.journal.damaged", fault.Args{"file": file, "at": at, "why": why})
}

// file is one of a journal.
type file struct {
	name  string
	start int64 // number of the first record
}

// files lists a journal's files by their first record; of those with the same, the
// later counts. unbegun is one that the power was cut for before anything was in it:
// Begin flushes the head before there is more.
func files(dir string) (out []file, unbegun string, err error) {
	list, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", fmt.Errorf("read the journal: %w", err)
	}
	for _, e := range list {
		number, _, ok := strings.Cut(e.Name(), "-")
		if !ok || !strings.HasSuffix(e.Name(), extension) {
			continue
		}
		start, err := strconv.ParseInt(number, 10, 64)
		if err != nil || start < 0 {
			return nil, "", damaged(e.Name(), 0, "name")
		}
		out = append(out, file{name: e.Name(), start: start})
	}
	slices.SortFunc(out, func(a, b file) int { return strings.Compare(a.name, b.name) })
	if len(out) == 0 {
		return out, "", nil
	}
	last := out[len(out)-1].name
	b, err := os.ReadFile(filepath.Join(dir, last))
	if err != nil {
		return nil, "", fmt.Errorf("read the journal: %w", err)
	}
	if !begun(b) && !damagedAt(b, 0) {
		return out[:len(out)-1], last, nil
	}
	return out, "", nil
}

// begun says that a file has its head.
func begun(b []byte) bool {
	if len(b) < len(fileMark) || string(b[:len(fileMark)]) != fileMark {
		return false
	}
	_, _, _, ok := frameAt(b, len(fileMark))
	return ok
}

// Cursor reads a journal from some record on. It takes no lock: what is being written
// meanwhile it sees or does not.
type Cursor struct {
	dir   string
	files []file // those that are still to be read
	name  string // of the file that is read
	until int64  // where the next file begins; -1 without one
	b     []byte
	at    int
	tree  *exchange.Tree
}

// From reads a journal from record seq on. It fails with ErrGone when no file has it
// and with Conflict ("exchange.journal.damaged").
func From(dir string, seq int64) (*Cursor, error) {
	list, _, err := files(dir)
	if err != nil {
		return nil, err
	}
	first := -1
	for i, f := range list {
		if f.start <= seq {
			first = i
		}
	}
	if first < 0 {
		return nil, ErrGone
	}
	c := &Cursor{dir: dir, files: list[first:]}
	if err := c.open(); err != nil {
		return nil, err
	}
	for c.tree.Size() < seq {
		_, err := c.Next()
		if errors.Is(err, io.EOF) {
			return nil, ErrGone
		}
		if err != nil {
			return nil, err
		}
	}
	if c.tree.Size() > seq {
		return nil, damaged(c.name, c.at, "entry")
	}
	return c, nil
}

// First reads a journal from its oldest record on. It fails with ErrGone when there
// is none.
func First(dir string) (*Cursor, error) {
	list, _, err := files(dir)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, ErrGone
	}
	c := &Cursor{dir: dir, files: list}
	return c, c.open()
}

// Last is where a journal ends; ok is false when there is none.
func Last(dir string) (end exchange.Frontier, ok bool, err error) {
	list, _, err := files(dir)
	if err != nil || len(list) == 0 {
		return end, false, err
	}
	c := &Cursor{dir: dir, files: list[len(list)-1:]}
	if err := c.open(); err != nil {
		return end, false, err
	}
	for {
		if _, err := c.Next(); errors.Is(err, io.EOF) {
			return c.tree.Frontier(), true, nil
		} else if err != nil {
			return end, false, err
		}
	}
}

// open goes on with the next file.
func (c *Cursor) open() error {
	f := c.files[0]
	c.files = c.files[1:]
	c.name, c.until = f.name, -1
	if len(c.files) > 0 {
		c.until = c.files[0].start
	}
	var err error
	if c.b, err = os.ReadFile(filepath.Join(c.dir, f.name)); err != nil {
		return fmt.Errorf("read the journal: %w", err)
	}
	if !begun(c.b) {
		return damaged(c.name, 0, "beginning")
	}
	payload, _, next, _ := frameAt(c.b, len(fileMark))
	begin, err := readFrontier(payload)
	if err != nil || begin.Size != f.start {
		return damaged(c.name, len(fileMark), "beginning")
	}
	if c.tree != nil && !Same(c.tree.Frontier(), begin) {
		return damaged(c.name, len(fileMark), "beginning")
	}
	if c.tree, err = exchange.NewTree(begin); err != nil {
		return damaged(c.name, len(fileMark), "beginning")
	}
	c.at = next
	return nil
}

// Frontier is where the log stands before the record that Next gives.
func (c *Cursor) Frontier() exchange.Frontier { return c.tree.Frontier() }

// Next gives the next entry, io.EOF after the last.
func (c *Cursor) Next() (Entry, error) {
	for {
		if c.until >= 0 && c.tree.Size() >= c.until {
			if err := c.open(); err != nil {
				return Entry{}, err
			}
			continue
		}
		if c.at >= len(c.b) {
			return c.end()
		}
		payload, _, next, ok := frameAt(c.b, c.at)
		if !ok {
			if damagedAt(c.b, c.at) {
				return Entry{}, damaged(c.name, c.at, "frame")
			}
			return c.end()
		}
		e, err := readEntry(payload)
		if err != nil {
			return Entry{}, damaged(c.name, c.at, "entry")
		}
		for i := range e.Records {
			if e.Records[i].Seq != c.tree.Size() {
				return Entry{}, damaged(c.name, c.at, "number")
			}
			c.tree.Append(e.Records[i].Leaf)
		}
		c.at = next
		return e, nil
	}
}

// end is the end of a file: that of the journal, when no other follows.
func (c *Cursor) end() (Entry, error) {
	if c.until >= 0 {
		return Entry{}, damaged(c.name, c.at, "end")
	}
	return Entry{}, io.EOF
}

// Same says that two logs stand at the same place.
func Same(a, b exchange.Frontier) bool { return a.Size == b.Size && slices.Equal(a.Hashes, b.Hashes) }
