package journal

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/platform/fault"
)

// Folder is a journal's name in the folder of its gateway.
const Folder = "journal"

// markFile says, in a journal's folder, how many records the table is known to have had.
const markFile = "moved"

// NoteMoved remembers how many records the table has. It need not be on the disk: it only
// tells a database that went back from a gateway that was killed.
func NoteMoved(dir string, n int64) error {
	return os.WriteFile(filepath.Join(dir, markFile), fmt.Appendf(nil, "%020d\n", n), 0o600)
}

// Moved is what NoteMoved last noted; 0 when nothing can be read.
func Moved(dir string) int64 {
	text, err := os.ReadFile(filepath.Join(dir, markFile))
	if err != nil {
		return 0
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// A running process may write while its journal is read: what looks damaged then is read
// again so often, with a pause between.
const (
	readAgain = 3
	readPause = 100 * time.Millisecond
)

// Rest gives, in order, the records that a journal holds behind a table that ends at f. It
// only reads, takes no lock, and may be called while another process writes. Without a
// journal, or when it ends before the table does, there are none. It fails with Conflict:
// "exchange.journal.damaged"; "exchange.journal.gap" {seq, first} when records are missing
// between the table's end and its first; "exchange.journal.other" {seq} when it belongs to
// another log. Records that were given before an error are good.
func Rest(dir string, f exchange.Frontier, each func(exchange.Record) error) error {
	next := f.Size
	var stop error // of each
	once := func(r exchange.Record) error {
		if r.Seq < next {
			return nil
		}
		if stop = each(r); stop == nil {
			next++
		}
		return stop
	}
	for n := 1; ; n++ {
		err := rest(dir, f, once)
		if stop != nil || fault.Of(err) != fault.Conflict && !errors.Is(err, fs.ErrNotExist) || n == readAgain {
			return err
		}
		time.Sleep(readPause)
	}
}

func rest(dir string, f exchange.Frontier, each func(exchange.Record) error) error {
	c, err := From(dir, f.Size)
	if errors.Is(err, ErrGone) {
		first, err := First(dir)
		switch {
		case errors.Is(err, ErrGone):
			return nil
		case err != nil:
			return err
		case first.Frontier().Size > f.Size:
			return fault.New(fault.Conflict, "exchange.journal.gap", fault.Args{"seq": f.Size, "first": first.Frontier().Size})
		}
		return nil // it ends before the table does
	}
	if err != nil {
		return err
	}
	if !Same(c.Frontier(), f) {
		return fault.New(fault.Conflict, "exchange.journal.other", fault.Args{"seq": f.Size})
	}
	for {
		e, err := c.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		for _, r := range e.Records {
			if err := each(r); err != nil {
				return err
			}
		}
	}
}
