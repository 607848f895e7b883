package gateway

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"sync"
	"sync/atomic"
)

// Bodies up to inMemory bytes stay in memory; larger ones go to a file that has no
// name, so that nothing is left of it after a crash.
const (
	inMemory  = 256 << 10
	keptAtMax = 64 << 10 // larger buffers are not kept for the next call
)

var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 4096); return &b }}

var (
	// errTooLarge is the error of a body over the limit.
	errTooLarge = errors.New("body over the limit")
	// errNoRoom is the error of a body that could not be put down here, however well it came.
	errNoRoom = errors.New("a body cannot be put down")
	// errShare is the error of a body for which one member, or all, hold too much already.
	errShare = errors.New("the share of the room for large bodies is used up")
)

// spool is a whole body, read to its end and hashed. It can be read several times,
// and is given back when every reader and the spool itself are closed.
type spool struct {
	room   *room  // nil: it costs nobody
	who    string // in the room
	onDisk int64  // of it
	inRAM  int64  // of it
	mem    *[]byte
	file   *os.File
	size   int64
	sum256 [sha256.Size]byte
	sum512 []byte // nil unless asked for, and for an empty body
	refs   atomic.Int32
}

// spoolBytes takes bytes that are in memory already and belong to nobody else.
func spoolBytes(b []byte) *spool {
	s := &spool{mem: &b, size: int64(len(b)), sum256: sha256.Sum256(b)}
	s.refs.Store(2) // never goes to the pool
	return s
}

// spooler fills a spool.
type spooler struct {
	s          *spool
	dir        string
	limit      int64
	both       bool // SHA-512 too
	h256, h512 hash.Hash
}

func newSpooler(dir string, limit int64, both bool) *spooler {
	p := &spooler{s: &spool{mem: buffers.Get().(*[]byte)}, dir: dir, limit: limit, both: both}
	p.s.refs.Store(1)
	return p
}

// Write adds to the body. It fails with errTooLarge.
func (p *spooler) Write(b []byte) (int, error) {
	s := p.s
	s.size += int64(len(b))
	if s.size > p.limit {
		return 0, errTooLarge
	}
	if s.file == nil && s.size <= inMemory && s.fits() {
		*s.mem = append(*s.mem, b...)
		return len(b), nil
	}
	if s.file == nil {
		if err := p.overflow(); err != nil {
			return 0, err
		}
	}
	return len(b), p.put(b)
}

// overflow moves what there is to a file.
func (p *spooler) overflow() (err error) {
	s := p.s
	s.file, err = os.CreateTemp(p.dir, "body-*")
	if err != nil {
		return fmt.Errorf("%w: %w", errNoRoom, err)
	}
	if err := os.Remove(s.file.Name()); err != nil {
		return fmt.Errorf("%w: %w", errNoRoom, err)
	}
	p.h256 = sha256.New()
	if p.both {
		p.h512 = sha512.New()
	}
	err = p.put(*s.mem)
	s.giveBack()
	return err
}

func (p *spooler) put(b []byte) error {
	if !p.s.take(int64(len(b))) {
		return fmt.Errorf("%w: %w", errNoRoom, errShare)
	}
	p.h256.Write(b)
	if p.both {
		p.h512.Write(b)
	}
	if _, err := p.s.file.Write(b); err != nil {
		return fmt.Errorf("%w: %w", errNoRoom, err)
	}
	return nil
}

// readFrom reads r to its end, small bodies straight into the spool's own memory.
func (p *spooler) readFrom(r io.Reader) error {
	s := p.s
	for s.file == nil {
		b := *s.mem
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
		n, err := r.Read(b[len(b):cap(b)])
		*s.mem = b[:len(b)+n]
		s.size += int64(n)
		switch {
		case s.size > p.limit:
			return errTooLarge
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("read a body: %w", err)
		}
		if s.size > inMemory || !s.fits() {
			if err := p.overflow(); err != nil {
				return err
			}
		}
	}
	chunk := make([]byte, 64<<10)
	if _, err := io.CopyBuffer(struct{ io.Writer }{p}, struct{ io.Reader }{r}, chunk); err != nil {
		if errors.Is(err, errTooLarge) || errors.Is(err, errNoRoom) {
			return err
		}
		return fmt.Errorf("read a body: %w", err)
	}
	return nil
}

// finish gives the spool with its hashes.
func (p *spooler) finish() *spool {
	s := p.s
	if s.file != nil {
		p.h256.Sum(s.sum256[:0])
		if p.both {
			s.sum512 = p.h512.Sum(nil)
		}
		return s
	}
	s.sum256 = sha256.Sum256(*s.mem)
	if p.both && s.size > 0 {
		sum := sha512.Sum512(*s.mem)
		s.sum512 = sum[:]
	}
	return s
}

// readSpool reads r to its end. It fails with errTooLarge.
func readSpool(r io.Reader, dir string, limit int64, both bool) (*spool, error) {
	p := newSpooler(dir, limit, both)
	if r != nil {
		if err := p.readFrom(r); err != nil {
			p.s.Close()
			return nil, err
		}
	}
	return p.finish(), nil
}

// bytes gives the body when it is in memory.
func (s *spool) bytes() ([]byte, bool) {
	if s.mem == nil {
		return nil, false
	}
	return *s.mem, true
}

// all gives the body up to a limit, wherever it is.
func (s *spool) all(limit int64) ([]byte, error) {
	if b, ok := s.bytes(); ok {
		return b, nil
	}
	if s.size > limit {
		return nil, errTooLarge
	}
	b := make([]byte, s.size)
	_, err := s.file.ReadAt(b, 0)
	return b, err
}

// open gives a reader of the whole body.
func (s *spool) open() *spoolReader {
	s.refs.Add(1)
	r := &spoolReader{s: s}
	if s.mem != nil {
		r.mem.Reset(*s.mem)
		r.Reader = &r.mem
	} else {
		r.Reader = io.NewSectionReader(s.file, 0, s.size)
	}
	return r
}

// Close gives the spool back, once its readers are closed too.
func (s *spool) Close() error {
	if s == nil || s.refs.Add(-1) != 0 {
		return nil
	}
	s.giveBack()
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	if s.onDisk > 0 {
		s.room.give(s.who, s.onDisk)
	}
	return err
}

func (s *spool) giveBack() {
	if s.inRAM > 0 {
		s.room.memory.Add(s.inRAM)
		s.inRAM = 0
	}
	if s.mem != nil && cap(*s.mem) <= keptAtMax {
		*s.mem = (*s.mem)[:0]
		buffers.Put(s.mem)
	}
	s.mem = nil
}

// spoolReader reads a spool; closing it twice does no harm.
type spoolReader struct {
	io.Reader
	mem    bytes.Reader
	s      *spool
	closed atomic.Bool
}

// Close lets go of the spool.
func (r *spoolReader) Close() error {
	if r.closed.Swap(true) {
		return nil
	}
	return r.s.Close()
}
