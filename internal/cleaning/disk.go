package cleaning

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"sync"
	"syscall"
	"unsafe"

	"dean06/internal/citizen"
)

// Disk keeps people in files instead of in memory: the system reads what is looked at and
// forgets it again when memory is short. Its files have no name while they are used, so that
// nothing of them stays whenever the program ends, and nobody else can open them.
type Disk struct {
	dir  string
	mu   sync.Mutex
	maps [][]byte
}

// NewDisk keeps people in files of a folder, which should not itself be in memory.
func NewDisk(dir string) *Disk { return &Disk{dir: dir} }

// Close lets go of all that was kept; tables that were read to the disk must not be used
// any more.
func (d *Disk) Close() error {
	if d == nil {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	var errs []error
	for _, m := range d.maps {
		errs = append(errs, syscall.Munmap(m))
	}
	d.maps = nil
	return errors.Join(errs...)
}

// file is a new one that only this program sees.
func (d *Disk) file() (*os.File, error) {
	f, err := os.CreateTemp(d.dir, ".dean06-people-")
	if err != nil {
		return nil, fmt.Errorf("keep people on disk: %w", err)
	}
	if err := os.Remove(f.Name()); err != nil {
		return nil, errors.Join(fmt.Errorf("keep people on disk: %w", err), f.Close())
	}
	return f, nil
}

// mapped is the content of a file, as memory; the file may be closed.
func (d *Disk) mapped(f *os.File, size int) ([]byte, error) {
	if size == 0 {
		return nil, nil
	}
	m, err := syscall.Mmap(int(f.Fd()), 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("keep people on disk: %w", err)
	}
	d.mu.Lock()
	d.maps = append(d.maps, m)
	d.mu.Unlock()
	return m, nil
}

// room is n zeros to write to: in a file, or in memory without a disk or where it is full:
// an index is a tenth of its people. Zeros are written first, for a disk that is full later
// would end the program.
func room(d *Disk, n int) []uint32 {
	if d == nil || n == 0 {
		return make([]uint32, n)
	}
	m, err := d.zeros(n * 4)
	if err != nil {
		return make([]uint32, n)
	}
	return unsafe.Slice((*uint32)(unsafe.Pointer(unsafe.SliceData(m))), n)
}

func (d *Disk) zeros(size int) ([]byte, error) {
	f, err := d.file()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	zeros := make([]byte, 1<<20)
	for left := size; left > 0; left -= len(zeros) {
		if _, err := f.Write(zeros[:min(left, len(zeros))]); err != nil {
			return nil, fmt.Errorf("keep people on disk: %w", err)
		}
	}
	return d.mapped(f, size)
}

// column is a column of a table as bytes, whatever it holds: numbers without pointers.
type column struct {
	bytes func(t *Table) []byte
	set   func(t *Table, b []byte)
}

func columnOf[T any](of func(t *Table) *[]T) column {
	var one T
	size := int(unsafe.Sizeof(one))
	return column{
		bytes: func(t *Table) []byte {
			s := *of(t)
			return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), len(s)*size)
		},
		set: func(t *Table, b []byte) {
			*of(t) = unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/size)
		},
	}
}

// columns are all columns of a table with so many texts.
func columns(texts int) []column {
	out := []column{
		columnOf(func(t *Table) *[]uint64 { return &t.number }), columnOf(func(t *Table) *[]uint8 { return &t.digits }),
		columnOf(func(t *Table) *[]uint64 { return &t.same }), columnOf(func(t *Table) *[]uint64 { return &t.plain }),
		columnOf(func(t *Table) *[]bool { return &t.bare }), columnOf(func(t *Table) *[]citizen.Day { return &t.birth }),
		columnOf(func(t *Table) *[]citizen.Sex { return &t.sex }), columnOf(func(t *Table) *[]remark { return &t.notes }),
		columnOf(func(t *Table) *[]uint32 { return &t.wordAt }), columnOf(func(t *Table) *[]wordID { return &t.words }),
		columnOf(func(t *Table) *[]uint32 { return &t.idAt }), columnOf(func(t *Table) *[]byte { return &t.ids }),
	}
	for i := range (&Table{}).old {
		out = append(out, columnOf(func(t *Table) *[]uint32 { return &t.old[i] }))
	}
	for i := range (&Table{}).place {
		out = append(out, columnOf(func(t *Table) *[]placeID { return &t.place[i] }))
	}
	for i := range texts {
		out = append(out, columnOf(func(t *Table) *[]uint32 { return &t.values[i] }))
	}
	return out
}

// spool writes the parts of a table to the disk, one after the other.
type spool struct {
	disk    *Disk
	columns []column
	files   []*os.File
	out     []*bufio.Writer
	words   uint32 // so far
	ids     uint32
	started bool
}

func newSpool(d *Disk, texts int) (*spool, error) {
	s := &spool{disk: d, columns: columns(texts)}
	for range s.columns {
		f, err := d.file()
		if err != nil {
			return nil, errors.Join(err, s.close())
		}
		s.files, s.out = append(s.files, f), append(s.out, bufio.NewWriterSize(f, 1<<16))
	}
	return s, nil
}

func (s *spool) close() error {
	var errs []error
	for _, f := range s.files {
		errs = append(errs, f.Close())
	}
	return errors.Join(errs...)
}

// add writes a part down; of it stay the number of its rows and those that are bad.
func (s *spool) add(t *Table) error {
	words, ids := uint32(len(t.words)), uint32(len(t.ids))
	for _, at := range []struct {
		list *[]uint32
		from uint32
	}{{&t.wordAt, s.words}, {&t.idAt, s.ids}} {
		for i := range *at.list {
			(*at.list)[i] += at.from
		}
		if s.started { // where the first row begins was said by the end of the last
			*at.list = (*at.list)[1:]
		}
	}
	for i, c := range s.columns {
		if _, err := s.out[i].Write(c.bytes(t)); err != nil {
			return fmt.Errorf("keep people on disk: %w", err)
		}
	}
	s.started, s.words, s.ids = true, s.words+words, s.ids+ids
	*t = Table{n: t.n, bad: t.bad}
	return nil
}

// table is all that was added, as one.
func (s *spool) table(texts int) (*Table, error) {
	t := &Table{values: make([][]uint32, texts)}
	for i, c := range s.columns {
		if err := s.out[i].Flush(); err != nil {
			return nil, fmt.Errorf("keep people on disk: %w", err)
		}
		size, err := s.files[i].Seek(0, 1)
		if err != nil {
			return nil, fmt.Errorf("keep people on disk: %w", err)
		}
		m, err := s.disk.mapped(s.files[i], int(size))
		if err != nil {
			return nil, err
		}
		c.set(t, m)
	}
	if len(t.wordAt) == 0 { // there was no part
		t.wordAt, t.idAt = make([]uint32, 1), make([]uint32, 1)
	}
	return t, nil
}
