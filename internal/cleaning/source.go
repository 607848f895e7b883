package cleaning

import (
	"bytes"
	"errors"
	"io"
	"os"

	"dean06/internal/platform/fault"
)

// Limits of what is read. A row that is longer is no row of persons: it is reported and
// passed over.
const (
	longestRow = 1 << 20
	blockSize  = 2 << 20
)

// Source is a file whose rows can be read as often as they are needed.
type Source struct {
	open     func() (io.ReadCloser, error)
	size     int64
	comma    byte
	quoted   bool // a cell may go over lines, as spreadsheets write them
	bom      int
	code     encoding
	text     *os.File   // of a workbook, and where in it the sheets are
	parts    [][2]int64 //
	named    bool       // the file itself says what its columns are called
	cr       bool       // lines end with a carriage return alone
	sheet    bool       // a row is a line, whatever breaks stand in its cells
	Header   []string
	Notes    []Note // how it was read
	headless bool   // there are no headings
	headEnd  int64  // bytes of the header, decoded
	head     int64  // lines of the header
	blocks   int    // size of a block; blockSize when 0
	need     int    // so many cells of a row are looked at; 0: all
}

// OpenSource looks into a file: how it is written, and what its columns are called. It
// fails with Invalid for what is no table.
func OpenSource(path string) (*Source, error) {
	f, err := os.Open(path)
	name := fault.Args{"file": path}
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return nil, fault.New(fault.NotFound, "cleaning.file.none", name)
		}
		return nil, fault.New(fault.Invalid, "cleaning.file.unread", name).Because(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || info.IsDir() {
		return nil, fault.New(fault.Invalid, "cleaning.file.unread", name).Because(err)
	}
	start := make([]byte, 1<<18)
	n, err := io.ReadFull(f, start)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return nil, fault.New(fault.Invalid, "cleaning.file.unread", name).Because(err)
	}
	start = start[:n]
	s := &Source{open: func() (io.ReadCloser, error) { return os.Open(path) }, size: info.Size(), quoted: true}
	if isOther(start) { // a workbook, or what its own recogniser knows by name
		s.open = func() (io.ReadCloser, error) { return s.inParts(), nil }
		return s, s.workbook(f, info.Size(), name)
	}
	if bytes.HasPrefix(start, []byte("PAR1")) {
		return s, s.parquet(path, name)
	}
	if len(bytes.TrimSpace(bytes.TrimPrefix(start, []byte("\xEF\xBB\xBF")))) == 0 {
		return nil, fault.New(fault.Invalid, "cleaning.file.empty", name)
	}
	s.code, s.bom = detect(start)
	return s, s.readHeader(name)
}

// Close lets go of what is kept of a workbook. The source is of no use then.
func (s *Source) Close() error {
	if s.text == nil {
		return nil
	}
	return s.text.Close()
}

// isOther says that a file begins as no text does that is a table.
func isOther(start []byte) bool {
	for _, mark := range []string{"PK\x03\x04", "PK\x05\x06", "\xD0\xCF\x11\xE0", "%PDF", "{\\rtf"} {
		if bytes.HasPrefix(start, []byte(mark)) {
			return true
		}
	}
	text := bytes.ToLower(bytes.TrimLeft(start[:min(len(start), 512)], "\xEF\xBB\xBF \t\r\n"))
	return bytes.HasPrefix(text, []byte("<html")) || bytes.HasPrefix(text, []byte("<!doctype")) || bytes.HasPrefix(text, []byte("<?xml")) ||
		bytes.HasPrefix(text, []byte("<table"))
}

// OpenText is OpenSource for a text at hand.
func OpenText(text []byte) (*Source, error) {
	s := &Source{open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil }, size: int64(len(text)), quoted: true}
	s.code, s.bom = detect(text[:min(len(text), 1<<18)])
	return s, s.readHeader(fault.Args{"file": "-"})
}

// sample is the first rows as texts.
func (s *Source) sample(n int) ([][]string, error) {
	var out [][]string
	err := s.eachBlock(func(b block) bool {
		s.eachRow(b.text, func(_ int, cells [][]byte, why rowReason) {
			if why != "" || len(out) >= n {
				return
			}
			row := make([]string, len(cells))
			for i, c := range cells {
				row[i] = string(c)
			}
			out = append(out, row)
		})
		return len(out) < n
	})
	return out, err
}

// block is a piece of a file that holds whole rows.
type block struct {
	index int
	text  []byte
}

// tooLong stands in a block for a row that was passed over.
var tooLong = []byte("\x00\n")
