package journal_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"dean06/internal/exchange"
	"dean06/internal/exchange/journal"
	"dean06/internal/platform/fault"
	"dean06/internal/xroad"
)

var noon = time.Date(2026, 11, 29, 5, 0, 0, 0, time.UTC)

// entry is n records from seq on, as a gateway writes them.
func entry(seq int64, n int) *journal.Entry {
	e := &journal.Entry{Sealed: make([][]byte, n)}
	for i := range n {
		r := exchange.Record{
			Seq: seq + int64(i), At: noon.Add(time.Duration(seq) * time.Second), Side: exchange.Provider, Peer: "H55-1", UserID: "canbo-01",
			Commitment: exchange.Commitment{
				Kind: exchange.Request, Method: "POST", Client: xroad.MustID("VN/GOV/H55/TTHC"), Service: xroad.MustID("VN/GOV/G01/DANCU/match"),
				MessageID: fmt.Sprint("m-", seq), RequestID: fmt.Sprint("r-", seq), Nonce: "n", KeyID: strings.Repeat("a", 64), Signature: make([]byte, 64),
			},
		}
		r.Leaf = r.LogLeaf()
		e.Records = append(e.Records, r)
	}
	e.Sealed[0] = []byte(fmt.Sprint("body ", seq))
	e.Use = &exchange.Use{RightID: "r1", Window: noon, Calls: int64(n)}
	return e
}

// tester is a test, or a run of a property.
type tester interface {
	Helper()
	Fatal(args ...any)
}

func frontier(t tester, list []*journal.Entry) exchange.Frontier {
	t.Helper()
	tree, err := exchange.NewTree(exchange.Frontier{})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		for _, r := range e.Records {
			tree.Append(r.Leaf)
		}
	}
	return tree.Frontier()
}

func open(t testing.TB, dir string, o journal.Options) *journal.Journal {
	t.Helper()
	j, err := journal.Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// fill writes entries of one and of two records, each flushed, and closes.
func fill(t testing.TB, dir string, o journal.Options, count int) (list []*journal.Entry) {
	t.Helper()
	if o.Create == nil {
		o.Create = (&disk{}).create
	}
	j := open(t, dir, o)
	defer j.Close()
	if err := j.Begin(exchange.Frontier{}); err != nil {
		t.Fatal(err)
	}
	for i := range count {
		e := entry(j.Size(), 1+i%2)
		if err := errors.Join(j.Append([]*journal.Entry{e}), j.Sync()); err != nil {
			t.Fatal(err)
		}
		list = append(list, e)
	}
	return list
}

// read gives all entries from a record on.
func read(t tester, dir string, from int64) (list []*journal.Entry, end exchange.Frontier, err error) {
	t.Helper()
	c, err := journal.From(dir, from)
	if err != nil {
		return nil, end, err
	}
	for {
		e, err := c.Next()
		if errors.Is(err, io.EOF) {
			return list, c.Frontier(), nil
		}
		if err != nil {
			return list, end, err
		}
		list = append(list, &e)
	}
}

func files(t testing.TB, dir string) []string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(dir, "*.journal"))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestWrittenAndRead(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "journal")
	want := fill(t, dir, journal.Options{FileSize: 2000}, 40)
	if n := len(files(t, dir)); n < 5 {
		t.Errorf("%d files, want several", n)
	}
	got, end, err := read(t, dir, 0)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !journal.Same(end, frontier(t, want)) {
		t.Errorf("ends at %v", end.Size)
	}
	for i, e := range want {
		got, _, err := read(t, dir, e.Records[0].Seq)
		if err != nil || len(got) != len(want)-i {
			t.Fatalf("from record %d: %d entries, %v; want %d", e.Records[0].Seq, len(got), err, len(want)-i)
		}
	}
	if _, _, err := read(t, dir, end.Size+1); !errors.Is(err, journal.ErrGone) {
		t.Errorf("after the end: %v", err)
	}
	for _, name := range append(files(t, dir), dir) {
		info, err := os.Stat(name)
		if err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v %v, want it closed to others", name, info.Mode(), err)
		}
	}
}

// TestTornAtEveryByte cuts the last frames off at each byte, and writes zeros or rubbish
// over them from each byte on, as a power cut may: what was flushed before is there, and
// writing goes on.
func TestTornAtEveryByte(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "journal")
	j := open(t, dir, journal.Options{Fill: 2048})
	if err := j.Begin(exchange.Frontier{}); err != nil {
		t.Fatal(err)
	}
	safe := []*journal.Entry{entry(0, 1), entry(1, 2)}
	if err := errors.Join(j.Append(safe), j.Sync()); err != nil {
		t.Fatal(err)
	}
	name := files(t, dir)[0]
	whole := func() []byte {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	begin := len(bytes.TrimRight(whole(), "\x00"))
	if err := j.Append([]*journal.Entry{entry(3, 1), entry(4, 1)}); err != nil { // nobody was told that they are safe
		t.Fatal(err)
	}
	b := whole()
	end := len(bytes.TrimRight(b, "\x00"))
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	for at := begin; at <= end; at++ {
		zeros := append(bytes.Clone(b[:at]), make([]byte, len(b)-at)...)
		rubbish := append(bytes.Clone(b[:at]), bytes.Repeat([]byte{0xa5}, end-at)...)
		hole := bytes.Clone(b) // the later part came to the disk, the earlier one not
		clear(hole[begin:at])
		for what, file := range map[string][]byte{"cut": b[:at], "zeros": zeros, "rubbish": rubbish, "hole": hole} {
			torn := filepath.Join(root, "read")
			if mended := at%64 == 0 || at == end; mended {
				torn = filepath.Join(root, fmt.Sprint(what, at))
			}
			if err := errors.Join(os.MkdirAll(torn, 0o700), os.WriteFile(filepath.Join(torn, filepath.Base(name)), file, 0o600)); err != nil {
				t.Fatal(err)
			}
			last, ok, err := journal.Last(torn)
			if err != nil || !ok || last.Size < 3 {
				t.Fatalf("%s at %d: ends at %d, %v", what, at, last.Size, err)
			}
			if at%64 > 0 && at < end {
				continue // mending is slow: it flushes
			}
			j, err := journal.Open(torn, journal.Options{Fill: 2048, Create: (&disk{}).create})
			if err != nil {
				t.Fatalf("%s at %d: %v", what, at, err)
			}
			more := entry(last.Size, 1)
			if err := errors.Join(j.Begin(last), j.Append([]*journal.Entry{more}), j.Sync(), j.Close()); err != nil {
				t.Fatal(err)
			}
			got, _, err := read(t, torn, 0)
			if err != nil || cmp.Diff(safe, got[:2]) != "" || cmp.Diff(more, got[len(got)-1]) != "" {
				t.Fatalf("%s at %d: %d entries, %v", what, at, len(got), err)
			}
		}
	}
}

// TestDamageIsToldApart changes each byte of what was flushed: it is never taken for the
// end, and never read as something else.
func TestDamageIsToldApart(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "journal")
	want := fill(t, dir, journal.Options{Fill: 2048}, 3)
	name := files(t, dir)[0]
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	b = bytes.TrimRight(b, "\x00")
	last := bytes.LastIndex(b, []byte("dj06"))
	for at := range last { // damage to the last frame is a torn end: nothing after it says otherwise
		file := bytes.Clone(b)
		file[at] ^= 0x10
		if err := os.WriteFile(name, file, 0o600); err != nil {
			t.Fatal(err)
		}
		got, _, err := read(t, dir, 0)
		if fault.Of(err) != fault.Conflict {
			t.Fatalf("byte %d changed: %v and %d entries, want that it is damaged", at, err, len(got))
		}
		if j, err := journal.Open(dir, journal.Options{}); fault.Of(err) != fault.Conflict {
			t.Fatalf("byte %d changed: opened with %v", at, err)
		} else if j != nil {
			t.Error("a damaged journal was opened")
		}
	}
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if got, _, err := read(t, dir, 0); err != nil || cmp.Diff(want, got) != "" {
		t.Errorf("put right again: %v", err)
	}
}

// TestFileMissing takes a file out of the middle.
func TestFileMissing(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "journal")
	fill(t, dir, journal.Options{FileSize: 2000}, 40)
	list := files(t, dir)
	if err := os.Remove(list[2]); err != nil {
		t.Fatal(err)
	}
	if _, _, err := read(t, dir, 0); fault.Of(err) != fault.Conflict {
		t.Errorf("read with %v, want that it is damaged", err)
	}
}

func TestOneWriter(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "journal")
	j := open(t, dir, journal.Options{})
	if _, err := journal.Open(dir, journal.Options{}); !errors.Is(err, journal.ErrInUse) {
		t.Errorf("a second one opens with %v", err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if err := open(t, dir, journal.Options{}).Close(); err != nil {
		t.Error(err)
	}
}

// disk is a disk that fails when it is told to.
type disk struct {
	mu               sync.Mutex
	noWrite, noFlush bool
}

var errDisk = errors.New("no space left on device")

func (d *disk) create(name string) (journal.File, error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	return diskFile{f, d}, err
}

type diskFile struct {
	*os.File
	d *disk
}

func (f diskFile) WriteAt(b []byte, at int64) (int, error) {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	if f.d.noWrite {
		n, _ := f.File.WriteAt(b[:len(b)/2], at) // half of it came to the disk
		return n, errDisk
	}
	return f.File.WriteAt(b, at)
}

func (f diskFile) Sync() error {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	if f.d.noFlush {
		return errDisk
	}
	return nil // the page cache is enough for a test
}

// TestDiskFails: what was told to be safe is there, and nothing else counts, whatever the
// disk refuses and when (property).
func TestDiskFails(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp(root, "j") //nolint:usetesting // one for each try of the property
		if err != nil {
			rt.Fatal(err)
		}
		defer os.RemoveAll(dir)
		d := &disk{}
		o := journal.Options{FileSize: int64(rapid.IntRange(500, 5000).Draw(rt, "file")), Fill: 1024, Create: d.create}
		j, err := journal.Open(dir, o)
		if err != nil {
			rt.Fatal(err)
		}
		if err := j.Begin(exchange.Frontier{}); err != nil {
			rt.Fatal(err)
		}
		var all []*journal.Entry // that were appended
		upTo := func(size int64) {
			all = slices.DeleteFunc(all, func(e *journal.Entry) bool { return e.Records[0].Seq >= size })
		}
		for range rapid.IntRange(1, 30).Draw(rt, "steps") {
			d.noWrite, d.noFlush = rapid.IntRange(0, 4).Draw(rt, "write") == 0, rapid.IntRange(0, 4).Draw(rt, "flush") == 0
			if rapid.IntRange(0, 9).Draw(rt, "stop") == 0 {
				d.noWrite, d.noFlush = false, false
				saved := j.Saved()
				if err := j.Close(); err != nil {
					rt.Fatal(err)
				}
				if j, err = journal.Open(dir, o); err != nil {
					rt.Fatal(err)
				}
				if end, ok, err := journal.Last(dir); err != nil || ok && !journal.Same(end, saved) || !ok && saved.Size > 0 {
					rt.Fatalf("ends at %d, %v, %v; %d was safe", end.Size, ok, err, saved.Size)
				}
				upTo(saved.Size)
				if err := j.Begin(saved); err != nil {
					rt.Fatal(err)
				}
				continue
			}
			var batch []*journal.Entry
			seq := j.Size()
			for range rapid.IntRange(1, 3).Draw(rt, "batch") {
				e := entry(seq, rapid.IntRange(1, 2).Draw(rt, "records"))
				seq += int64(len(e.Records))
				batch = append(batch, e)
			}
			err := j.Append(batch)
			if err == nil {
				all = append(all, batch...)
				if rapid.Bool().Draw(rt, "sync") {
					err = j.Sync()
				}
			}
			if err != nil {
				upTo(j.Saved().Size)
			}
			if want := frontier(rt, all).Size; j.Size() != want {
				rt.Fatalf("size %d, want %d", j.Size(), want)
			}
		}
		d.noWrite, d.noFlush = false, false
		upTo(j.Saved().Size)
		if !journal.Same(j.Saved(), frontier(rt, all)) {
			rt.Fatalf("%d are safe, want %d", j.Saved().Size, frontier(rt, all).Size)
		}
		if err := j.Close(); err != nil {
			rt.Fatal(err)
		}
		got, _, err := read(rt, dir, 0)
		if len(all) == 0 && (errors.Is(err, journal.ErrGone) || err == nil && len(got) == 0) {
			return
		}
		if err != nil || cmp.Diff(all, got) != "" {
			rt.Fatalf("%d entries are there, %d were safe: %v", len(got), len(all), err)
		}
	})
}

// TestFullDiskLeavesNoFiles: a gateway that tries again and again fills nothing.
func TestFullDiskLeavesNoFiles(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "journal")
	d := &disk{}
	j := open(t, dir, journal.Options{Create: d.create})
	defer j.Close()
	if err := errors.Join(j.Begin(exchange.Frontier{}), j.Append([]*journal.Entry{entry(0, 1)}), j.Sync()); err != nil {
		t.Fatal(err)
	}
	d.noWrite = true
	for range 20 {
		if err := j.Append([]*journal.Entry{entry(1, 1)}); !errors.Is(err, errDisk) {
			t.Fatalf("got %v", err)
		}
	}
	if n := len(files(t, dir)); n != 1 {
		t.Errorf("%d files, want one", n)
	}
	d.noWrite = false
	if err := errors.Join(j.Append([]*journal.Entry{entry(1, 1)}), j.Sync()); err != nil {
		t.Fatal(err)
	}
	if got, _, err := read(t, dir, 0); err != nil || len(got) != 2 {
		t.Errorf("%d entries, %v", len(got), err)
	}
}

type later struct{ d time.Duration }

func (l *later) Now() time.Time { return time.Now().Add(l.d) }

func TestDrop(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "journal")
	now := &later{}
	o := journal.Options{FileSize: 2000, Clock: now, Keep: time.Hour, KeepSize: 1 << 30}
	want := fill(t, dir, o, 40)
	end := frontier(t, want).Size
	count := len(files(t, dir))
	j := open(t, dir, o)
	if err := errors.Join(j.Begin(frontier(t, want)), j.Drop(end)); err != nil {
		t.Fatal(err)
	}
	if got := len(files(t, dir)); got != count+1 {
		t.Errorf("%d files of %d at once: they are kept for an hour", got, count+1)
	}
	now.d = 2 * time.Hour
	if err := j.Drop(20); err != nil {
		t.Fatal(err)
	}
	if got, _, err := read(t, dir, 20); err != nil || got[0].Records[0].Seq != 20 && got[0].Records[0].Seq != 21 {
		if _, _, err = read(t, dir, 21); err != nil {
			t.Errorf("what is not in the table is gone: %v", err)
		}
	}
	if _, _, err := read(t, dir, 0); !errors.Is(err, journal.ErrGone) {
		t.Errorf("what is in the table is there still: %v", err)
	}
	if err := j.Drop(end); err != nil {
		t.Fatal(err)
	}
	if got := len(files(t, dir)); got != 1 {
		t.Errorf("%d files, want the one that is written", got)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	// By size, though they are young.
	dir = filepath.Join(t.TempDir(), "journal")
	o.Clock, o.KeepSize = nil, 5000
	want = fill(t, dir, o, 40)
	j = open(t, dir, o)
	if err := errors.Join(j.Begin(frontier(t, want)), j.Drop(end), j.Close()); err != nil {
		t.Fatal(err)
	}
	if got := len(files(t, dir)); got < 2 || got > 4 {
		t.Errorf("%d files, want a few", got)
	}
}

// TestRebase: what the journal has goes behind a log that ends before it, also when the
// power is cut between the two renames.
func TestRebase(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "journal")
	o := journal.Options{FileSize: 2000, Keep: time.Nanosecond}
	want := fill(t, dir, o, 40)
	j := open(t, dir, o)
	if err := errors.Join(j.Begin(frontier(t, want)), j.Append([]*journal.Entry{entry(60, 2)}), j.Sync(), j.Drop(30), j.Close()); err != nil {
		t.Fatal(err)
	}
	c, err := journal.First(dir)
	if err != nil {
		t.Fatal(err)
	}
	first := c.Frontier().Size
	kept, _, err := read(t, dir, first)
	if err != nil || first == 0 {
		t.Fatal(first, err)
	}
	at := frontier(t, want[:5])
	missing, err := journal.Rebase(dir, at, o)
	if err != nil || missing != first-at.Size {
		t.Fatalf("%d missing, %v; want %d", missing, err, first-at.Size)
	}
	check := func() {
		t.Helper()
		got, _, err := read(t, dir, at.Size)
		if err != nil || len(got) != len(kept) {
			t.Fatalf("%d entries, %v; want %d", len(got), err, len(kept))
		}
		for i := range got {
			if got[i].Records[0].Leaf != kept[i].Records[0].Leaf || got[i].Records[0].Seq != kept[i].Records[0].Seq-missing {
				t.Fatalf("entry %d: %+v", i, got[i].Records[0])
			}
		}
	}
	check()
	if err := os.Rename(dir, dir+".new"); err != nil {
		t.Fatal(err)
	}
	if err := open(t, dir, o).Close(); err != nil {
		t.Fatal(err)
	}
	check()
	aside, err := filepath.Glob(dir + ".before-*")
	if err != nil || len(aside) != 1 {
		t.Errorf("%v %v, want the files as they were", aside, err)
	}
}

func TestNoJournal(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "journal")
	if _, err := journal.From(dir, 0); !errors.Is(err, journal.ErrGone) {
		t.Error(err)
	}
	if _, ok, err := journal.Last(dir); ok || err != nil {
		t.Error(ok, err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Error("reading made a folder")
	}
}

// FuzzRead: a file that anybody wrote is read or refused, and never ends the program.
func FuzzRead(f *testing.F) {
	dir := filepath.Join(f.TempDir(), "journal")
	fill(f, dir, journal.Options{Fill: 1}, 3)
	name := files(f, dir)[0]
	b, err := os.ReadFile(name)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add(b[:len(b)-5])
	f.Add(slices.Concat(b[:60], b[80:]))
	f.Fuzz(func(t *testing.T, b []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(name)), b, 0o600); err != nil {
			t.Fatal(err)
		}
		got, end, err := read(t, dir, 0)
		if err == nil && len(got) > 0 && end.Size != got[len(got)-1].Records[len(got[len(got)-1].Records)-1].Seq+1 {
			t.Errorf("%d entries and size %d", len(got), end.Size)
		}
	})
}
