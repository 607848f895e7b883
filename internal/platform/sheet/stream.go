package sheet

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path"
)

// Stream is a workbook that is read row by row, in little memory however large it is.
type Stream struct {
	// Sheets are its sheets in order. Their rows are given by Rows; what else they say is there
	// when these have been read.
	Sheets []Sheet
	b      *bookReader
}

// heldPart is how large a part may be that is read whole: all but sheets and strings.
const heldPart = 64 << 20

// OpenStream opens a workbook. It fails as Open does.
func OpenStream(r io.ReaderAt, size int64, lim Limits) (*Stream, error) {
	lim = lim.orDefault()
	a, err := openArchive(r, size, lim)
	if err != nil {
		return nil, err
	}
	a.held = heldPart
	b := &bookReader{archive: a, cells: lim.Cells, text: lim.Text, pool: &stringPool{}}
	if err := b.readFrame(); err != nil {
		return nil, errors.Join(asRefusal(err), b.pool.close())
	}
	for i, part := range b.parts {
		rels, err := b.relations(path.Dir(part), path.Join(path.Dir(part), "_rels", path.Base(part)+".rels"))
		if err != nil {
			return nil, errors.Join(asRefusal(err), b.pool.close())
		}
		for _, rel := range rels {
			b.book.Sheets[i].Lies = append(b.book.Sheets[i].Lies, path.Base(rel.kind))
		}
	}
	return &Stream{b.book.Sheets, b}, nil
}

// Close lets go of what is kept beside the memory.
func (s *Stream) Close() error { return s.b.pool.close() }

// Rows gives the rows of a sheet that hold something, in their order; a row is the caller's
// until the next.
func (s *Stream) Rows(sheet int, give func(*Row) error) error {
	p, done, err := s.b.pull(s.b.parts[sheet], true)
	if err != nil {
		return asRefusal(err)
	}
	defer done()
	if len(p.rest) == 0 && p.err == nil {
		return nil // a chart sheet
	}
	var failed error
	err = s.b.readSheet(p, &s.Sheets[sheet], func(row *Row) error {
		failed = give(row)
		return failed
	})
	if failed != nil || err == nil {
		return failed
	}
	return asRefusal(fmt.Errorf("sheet %d: %w", sheet+1, err))
}

// asRefusal makes an error of reading the refusal of a damaged file.
func asRefusal(err error) error {
	var refusal *Refusal
	if errors.As(err, &refusal) {
		return err
	}
	return refuse(Damaged, err)
}

// stringPool holds shared strings one behind the other: the first in memory, the rest in a
// file that has no name any more, so that nothing of it stays behind.
type stringPool struct {
	ends []uint32
	mem  []byte
	file *os.File
	out  *bufio.Writer
	at0  int64 // where in the file the cached piece lies
	near []byte
}

const (
	pooled   = 32 << 20 // bytes in memory
	nearby   = 256 << 10
	mostPool = 50_000_000 // strings
)

func (p *stringPool) len() int { return len(p.ends) }

func (p *stringPool) size() int64 {
	if len(p.ends) == 0 {
		return 0
	}
	return int64(p.ends[len(p.ends)-1])
}

func (p *stringPool) add(s string) error {
	end := p.size() + int64(len(s))
	if end > math.MaxUint32 || len(p.ends) >= mostPool {
		return refuse(Bomb, errors.New("too many strings"))
	}
	if p.file == nil && end > pooled {
		f, err := Scratch()
		if err != nil {
			return err
		}
		p.file, p.out = f, bufio.NewWriterSize(f, 1<<20)
	}
	p.ends = append(p.ends, uint32(end))
	if p.file == nil {
		p.mem = append(p.mem, s...)
		return nil
	}
	_, err := p.out.WriteString(s)
	return err
}

func (p *stringPool) at(i int) (string, error) {
	from, to := int64(0), int64(p.ends[i])
	if i > 0 {
		from = int64(p.ends[i-1])
	}
	if to <= int64(len(p.mem)) {
		return string(p.mem[from:to]), nil
	}
	from, to = from-int64(len(p.mem)), to-int64(len(p.mem))
	if p.out.Buffered() > 0 {
		if err := p.out.Flush(); err != nil {
			return "", err
		}
	}
	if from < p.at0 || to > p.at0+int64(len(p.near)) { // those of a row lie near one another
		buf := make([]byte, max(nearby, to-from))
		n, err := p.file.ReadAt(buf, from)
		if err != nil && !errors.Is(err, io.EOF) {
			return "", err
		}
		p.at0, p.near = from, buf[:n]
	}
	if to > p.at0+int64(len(p.near)) {
		return "", io.ErrUnexpectedEOF
	}
	return string(p.near[from-p.at0 : to-p.at0]), nil
}

func (p *stringPool) close() error {
	if p.file == nil {
		return nil
	}
	return p.file.Close()
}

// Scratch makes a file for what is too much for memory. Only this process can read it: it
// loses its name at once, and with the process itself.
func Scratch() (*os.File, error) {
	f, err := os.CreateTemp("", "dean06-") // 0600
	if err != nil {
		return nil, err
	}
	return f, os.Remove(f.Name())
}
