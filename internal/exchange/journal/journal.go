package journal

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/platform/clock"
)

// ErrInUse is the error of a journal that another process writes to.
var ErrInUse = errors.New("another process writes to this journal")

// File is what a journal writes to.
type File interface {
	WriteAt(b []byte, at int64) (int, error)
	Sync() error
	Truncate(size int64) error
	Close() error
}

// Options of a journal; each has a value when zero.
type Options struct {
	FileSize int64         // a new file is begun after so much, 16 MiB
	FileAge  time.Duration // or so long, an hour
	Keep     time.Duration // a file whose records are in the table is kept so long, 24 hours
	KeepSize int64         // but not more than this of them, 1 GiB
	Fill     int64         // zeros are written ahead in pieces of this, 1 MiB: a flush that need not change a file's size costs half
	Clock    clock.Clock
	Create   func(name string) (File, error) // makes a file that is still there after a power cut
}

func (o *Options) defaults() {
	if o.FileSize == 0 {
		o.FileSize = 16 << 20
	}
	if o.FileAge == 0 {
		o.FileAge = time.Hour
	}
	if o.Keep == 0 {
		o.Keep = 24 * time.Hour
	}
	if o.KeepSize == 0 {
		o.KeepSize = 1 << 30
	}
	if o.Fill == 0 {
		o.Fill = 1 << 20
	}
	if o.Clock == nil {
		o.Clock = clock.System{}
	}
	if o.Create == nil {
		o.Create = create
	}
}

// Journal is written to by one goroutine of one process.
type Journal struct {
	dir  string
	opt  Options
	lock *os.File

	file   File // nil: the next Append begins one
	name   string
	born   time.Time
	head   int64             // length of what every file begins with
	at     int64             // where the next frame goes
	safe   int64             // so much of the file is on the disk
	filled int64             // up to here there are zeros
	tree   *exchange.Tree    // after all frames
	saved  exchange.Frontier // after those that are on the disk
	buf    []byte
	zeros  []byte
}

// Open takes a journal's lock and repairs its end. It fails with ErrInUse, and with
// Conflict ("exchange.journal.damaged").
func Open(dir string, o Options) (*Journal, error) {
	o.defaults()
	if err := finish(dir); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("folder of the journal: %w", err)
	}
	lock, err := lockFile(filepath.Join(dir, "lock"))
	if err != nil {
		return nil, err
	}
	j := &Journal{dir: dir, opt: o, lock: lock}
	if err := j.mend(); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return j, nil
}

// mend cuts off what a power cut left behind the last whole frame of the last file, and
// removes a file that was never begun.
func (j *Journal) mend() error {
	list, unbegun, err := files(j.dir)
	if err != nil {
		return err
	}
	if unbegun != "" {
		if err := os.Remove(filepath.Join(j.dir, unbegun)); err != nil {
			return fmt.Errorf("mend the journal: %w", err)
		}
	}
	if len(list) == 0 {
		return nil
	}
	c := &Cursor{dir: j.dir, files: list[len(list)-1:]}
	if err := c.open(); err != nil {
		return err
	}
	for err == nil {
		_, err = c.Next()
	}
	if !errors.Is(err, io.EOF) {
		return err
	}
	if c.at < len(c.b) {
		return truncate(filepath.Join(j.dir, c.name), int64(c.at))
	}
	return nil
}

func truncate(name string, size int64) error {
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err == nil {
		err = errors.Join(f.Truncate(size), f.Sync(), f.Close())
	}
	if err != nil {
		return fmt.Errorf("mend the journal: %w", err)
	}
	return nil
}

// Begin starts a file where the log stands.
func (j *Journal) Begin(f exchange.Frontier) error {
	tree, err := exchange.NewTree(f)
	if err != nil {
		return fmt.Errorf("begin a file of the journal: %w", err)
	}
	j.leave()
	var name string
	for n := 0; ; n++ {
		name = filepath.Join(j.dir, fmt.Sprintf("%020d-%04d%s", f.Size, n, extension))
		if _, err := os.Lstat(name); err != nil {
			break
		}
	}
	to, err := j.opt.Create(name)
	if err != nil {
		return fmt.Errorf("begin a file of the journal: %w", err)
	}
	head := appendFrame([]byte(fileMark), 0, func(b []byte) []byte { return appendFrontier(b, f) })
	_, err = to.WriteAt(head, 0)
	if err == nil {
		err = to.Sync()
	}
	if err != nil {
		return errors.Join(fmt.Errorf("begin a file of the journal: %w", err), to.Close(), os.Remove(name))
	}
	j.file, j.name, j.tree, j.saved, j.born = to, name, tree, f, j.opt.Clock.Now()
	j.head = int64(len(head))
	j.at, j.safe, j.filled = j.head, j.head, j.head
	return nil
}

// leave ends the file that is written: what is not on the disk is not in it.
func (j *Journal) leave() {
	if j.file == nil {
		return
	}
	// Where the next file begins says how far this one counts, so that it does no harm
	// when this fails.
	_ = j.file.Truncate(j.safe)
	_ = j.file.Close()
	if j.safe == j.head {
		_ = os.Remove(j.name)
	}
	j.file = nil
}

// Size is how many records the log has after all that was appended.
func (j *Journal) Size() int64 {
	if j.file == nil {
		return j.saved.Size
	}
	return j.tree.Size()
}

// Saved is where it stands after all that is on the disk.
func (j *Journal) Saved() exchange.Frontier { return j.saved }

// Append writes entries, in order from where the log stands. They outlive this process
// from then on, and a power cut once Sync has succeeded. After an error nothing of what
// was not synced is there, and Append goes on from Saved.
func (j *Journal) Append(list []*Entry) error {
	if j.file == nil || j.at > j.opt.FileSize || j.opt.Clock.Now().Sub(j.born) > j.opt.FileAge {
		if j.at > j.safe && j.file != nil {
			if err := j.Sync(); err != nil {
				return err
			}
		}
		if err := j.Begin(j.saved); err != nil {
			return err
		}
	}
	j.buf = j.buf[:0]
	for _, e := range list {
		j.buf = appendFrame(j.buf, j.safe, func(b []byte) []byte { return appendEntry(b, e) })
	}
	if err := j.write(j.buf); err != nil {
		j.leave()
		return fmt.Errorf("write to the journal: %w", err)
	}
	for _, e := range list {
		for i := range e.Records {
			j.tree.Append(e.Records[i].Leaf)
		}
	}
	if cap(j.buf) > 4<<20 {
		j.buf = nil
	}
	return nil
}

// Ready begins a file when there is none after an error, so that it shows whether there is
// room again. It may be called when all that was appended is synced or given up.
func (j *Journal) Ready() error {
	if j.file != nil {
		return nil
	}
	return j.Begin(j.saved)
}

func (j *Journal) write(b []byte) error {
	end := j.at + int64(len(b))
	if end > j.filled {
		if j.zeros == nil {
			j.zeros = make([]byte, j.opt.Fill)
		}
		// It only saves time: whether there is room for b, the next write tells.
		if n, err := j.file.WriteAt(j.zeros, end); err == nil {
			j.filled = end + int64(n)
		}
	}
	if _, err := j.file.WriteAt(b, j.at); err != nil {
		return err
	}
	j.at = end
	return nil
}

// Sync returns when all that was appended is on the disk. After an error nothing of
// what was not synced before is there: a disk that failed once may have forgotten it.
func (j *Journal) Sync() error {
	if j.file == nil {
		return errors.New("write to the journal: no file")
	}
	if j.safe == j.at {
		return nil
	}
	if err := j.file.Sync(); err != nil {
		j.leave()
		return fmt.Errorf("flush the journal: %w", err)
	}
	j.safe, j.saved = j.at, j.tree.Frontier()
	return nil
}

// Drop removes files whose records are in the table and that are kept long enough.
// moved is how many records are in the table. It may be called beside Append.
func (j *Journal) Drop(moved int64) error {
	list, _, err := files(j.dir)
	if err != nil {
		return err
	}
	var size int64
	var all error
	old := false                          // what is before a file that goes, goes too
	for i := len(list) - 2; i >= 0; i-- { // the last is being written
		name := filepath.Join(j.dir, list[i].name)
		info, err := os.Stat(name)
		if err != nil {
			return fmt.Errorf("look after the journal: %w", err)
		}
		size += info.Size()
		old = old || list[i+1].start <= moved && (size > j.opt.KeepSize || j.opt.Clock.Now().Sub(info.ModTime()) > j.opt.Keep)
		if old {
			all = errors.Join(all, os.Remove(name))
		}
	}
	return all
}

// Close gives the journal up. What was not synced may be lost.
func (j *Journal) Close() error {
	if j.file != nil {
		j.leave()
	}
	return j.lock.Close()
}

// osFile flushes what a file holds, and its size only when it changed.
type osFile struct{ *os.File }

func create(name string) (File, error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syncDir(filepath.Dir(name)); err != nil {
		return nil, errors.Join(err, f.Close(), os.Remove(name))
	}
	return osFile{f}, nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Rebase lets a journal's records follow a log that ends elsewhere, before the first of
// them. It gives how many are missing between. The files as they were stay beside it.
func Rebase(dir string, f exchange.Frontier, o Options) (missing int64, err error) {
	o.defaults()
	old, err := Open(dir, o)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, old.Close()) }()
	c, err := First(dir)
	if err != nil {
		return 0, err
	}
	missing = c.Frontier().Size - f.Size
	fresh := dir + newSuffix
	if err := os.RemoveAll(fresh); err != nil {
		return 0, fmt.Errorf("rebase the journal: %w", err)
	}
	j, err := Open(fresh, o)
	if err != nil {
		return 0, err
	}
	if err := j.copy(c, f); err != nil {
		return 0, errors.Join(err, j.Close())
	}
	if err := j.Close(); err != nil {
		return 0, err
	}
	aside := fmt.Sprintf("%s.before-%d", dir, o.Clock.Now().Unix())
	if err := errors.Join(os.Rename(dir, aside), os.Rename(fresh, dir), syncDir(filepath.Dir(dir))); err != nil {
		return 0, fmt.Errorf("rebase the journal: %w", err)
	}
	return missing, nil
}

// newSuffix is of a journal that is being made by Rebase.
const newSuffix = ".new"

// finish completes a Rebase that was cut off between its two renames.
func finish(dir string) error {
	if strings.HasSuffix(dir, newSuffix) {
		return nil
	}
	if _, err := os.Lstat(dir); err == nil {
		return nil
	}
	if err := os.Rename(dir+newSuffix, dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("rebase the journal: %w", err)
	}
	return nil
}

// copy writes what a cursor reads behind f.
func (j *Journal) copy(c *Cursor, f exchange.Frontier) error {
	if err := j.Begin(f); err != nil {
		return err
	}
	seq := f.Size
	for {
		e, err := c.Next()
		if errors.Is(err, io.EOF) {
			return j.Sync()
		}
		if err != nil {
			return err
		}
		for i := range e.Records {
			e.Records[i].Seq = seq
			seq++
		}
		if err := j.Append([]*Entry{&e}); err != nil {
			return err
		}
	}
}
