package cleaning

import (
	"bytes"
	"errors"
	"io"
	"os"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/sheet"
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
	file     *os.File   // nil of a text at hand
	parts    [][2]int64 // of the file that are read: all, or the sheets of a workbook
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
	if errors.Is(err, os.ErrNotExist) {
		return nil, fault.New(fault.NotFound, "cleaning.file.none", fault.Args{"file": path})
	}
	if err != nil {
		return nil, unread(path, err)
	}
	return OpenFile(f, path)
}

func unread(name string, err error) error {
	return fault.New(fault.Invalid, "cleaning.file.unread", fault.Args{"file": name}).Because(err)
}

// OpenFile is OpenSource for a file that is open, and is the source's from then on.
func OpenFile(f *os.File, called string) (*Source, error) {
	s := &Source{file: f, quoted: true}
	err := s.look(called)
	if err != nil {
		_ = s.Close()
		return nil, err
	}
	return s, nil
}

func (s *Source) look(called string) error {
	name := fault.Args{"file": called}
	info, err := s.file.Stat()
	if err != nil || info.IsDir() {
		return unread(called, err)
	}
	if !info.Mode().IsRegular() { // a pipe gives what it has once
		if err := s.copied(); err != nil {
			return unread(called, err)
		}
	}
	if s.size, err = s.file.Seek(0, io.SeekEnd); err != nil {
		return unread(called, err)
	}
	start := make([]byte, min(1<<18, s.size))
	if _, err := s.file.ReadAt(start, 0); err != nil {
		return unread(called, err)
	}
	s.parts = [][2]int64{{0, s.size}}
	s.open = s.inParts
	switch {
	case isOther(start): // a workbook, or what its own recogniser knows by name
		return s.workbook(name)
	case bytes.HasPrefix(start, []byte("PAR1")):
		return s.parquet(name)
	case len(bytes.TrimSpace(bytes.TrimPrefix(start, []byte("\xEF\xBB\xBF")))) == 0:
		return fault.New(fault.Invalid, "cleaning.file.empty", name)
	}
	s.code, s.bom = detect(start)
	return s.readHeader(name)
}

// copied makes what comes through a pipe a file.
func (s *Source) copied() error {
	f, err := sheet.Scratch()
	if err != nil {
		return err
	}
	_, err = io.Copy(f, s.file)
	err = errors.Join(err, s.file.Close())
	s.file = f
	return err
}

// Close lets go of the file. The source is of no use then.
func (s *Source) Close() error {
	if s.file == nil {
		return nil
	}
	return s.file.Close()
}

// Size is the bytes of the file as they are read.
func (s *Source) Size() int64 { return s.size }

// inParts opens what of the file is text.
func (s *Source) inParts() (io.ReadCloser, error) {
	list := make([]io.Reader, len(s.parts))
	for i, p := range s.parts {
		list[i] = io.NewSectionReader(s.file, p[0], p[1]-p[0])
	}
	return io.NopCloser(io.MultiReader(list...)), nil
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
