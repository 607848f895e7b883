package cleaning

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/sheet"
)

// Limits of what is read. A row that is longer is no row of persons: it is reported and
// passed over.
const (
	longestRow = 1 << 20
	blockSize  = 2 << 20
	mostCells  = 5_000_000 // of a workbook
)

// Source is a file whose rows can be read as often as they are needed.
type Source struct {
	open    func() (io.ReadCloser, error)
	size    int64
	comma   byte
	quoted  bool // a cell may go over lines, as spreadsheets write them
	bom     int
	code    encoding
	Header  []string
	headEnd int64 // bytes of the header, decoded
	head    int64 // lines of the header
	blocks  int   // size of a block; blockSize when 0
	need    int   // so many cells of a row are looked at; 0: all
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
	if bytes.HasPrefix(start, []byte("PK\x03\x04")) {
		content, err := workbook(f, info.Size())
		if err != nil {
			return nil, err
		}
		s.open = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil }
		s.size, start = int64(len(content)), content[:min(len(content), len(start))]
	}
	if bytes.HasPrefix(start, []byte("PAR1")) {
		return s, s.parquet(path, name)
	}
	if len(bytes.TrimSpace(start)) == 0 {
		return nil, fault.New(fault.Invalid, "cleaning.file.empty", name)
	}
	s.code, s.bom = detect(start)
	return s, s.readHeader(name)
}

// OpenText is OpenSource for a text at hand.
func OpenText(text []byte) (*Source, error) {
	s := &Source{open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil }, size: int64(len(text)), quoted: true}
	s.code, s.bom = detect(text[:min(len(text), 1<<18)])
	return s, s.readHeader(fault.Args{"file": "-"})
}

func (s *Source) readHeader(name fault.Args) error {
	r, err := s.decoded()
	if err != nil {
		return err
	}
	defer r.Close()
	b := bufio.NewReaderSize(r, longestRow)
	start, err := b.Peek(longestRow)
	if err != nil && !errors.Is(err, io.EOF) {
		return fault.New(fault.Invalid, "cleaning.file.unread", name).Because(err)
	}
	for len(start) > 0 && (start[0] == '\n' || start[0] == '\r') {
		start = start[1:]
		s.headEnd++
	}
	line, _, _ := bytes.Cut(start, []byte("\n"))
	if len(line) >= longestRow || bytes.IndexByte(line, 0) >= 0 {
		return fault.New(fault.Invalid, "cleaning.file.no_table", name)
	}
	s.comma = commaOf(line)
	end, ok := rowEnd(start, s.comma, s.quoted)
	if !ok || end < 0 {
		end = len(line)
		if len(start) > end {
			end++
		}
	}
	s.headEnd, s.head = s.headEnd+int64(end), int64(bytes.Count(start[:end], []byte("\n")))
	var cells [][]byte
	cells, _ = splitCells(start[:end], s.comma, 0, cells, nil)
	seen := map[string]bool{}
	for _, c := range cells {
		h := strings.TrimSpace(string(c))
		if seen[h] && h != "" {
			return fault.New(fault.Invalid, "cleaning.columns.twice", fault.Args{"column": h})
		}
		seen[h] = true
		s.Header = append(s.Header, h)
	}
	if len(s.Header) > 1000 {
		return fault.New(fault.Invalid, "cleaning.file.no_table", name)
	}
	if _, ok := peopleLayout(s.Header); ok {
		s.quoted = false // the register writes a row on a line, whatever stands in it
	}
	return nil
}

func commaOf(line []byte) byte {
	best, most := byte(','), 0
	for _, c := range []byte{',', ';', '\t', '|'} {
		n, inside := 0, false
		for _, b := range line {
			if b == '"' {
				inside = !inside
			}
			if b == c && !inside {
				n++
			}
		}
		if n > most {
			best, most = c, n
		}
	}
	return best
}

// rowEnd finds where the row ends that begins at b: after its line break. It gives -1 when
// more is needed; ok is false when quotes are not as they should be.
func rowEnd(b []byte, comma byte, quoted bool) (end int, ok bool) {
	line := bytes.IndexByte(b, '\n')
	first := b
	if line >= 0 {
		first = b[:line]
	}
	if !quoted || bytes.IndexByte(first, '"') < 0 {
		if line < 0 {
			return -1, true
		}
		return line + 1, true
	}
	i := 0
	for {
		if i < len(b) && b[i] == '"' { // a quoted cell
			for i++; ; i += 2 {
				j := bytes.IndexByte(b[i:], '"')
				if j < 0 {
					return -1, len(b)-i < longestRow
				}
				i += j
				if i+1 >= len(b) {
					return -1, true
				}
				if b[i+1] != '"' {
					break
				}
			}
			i++
			if b[i] == '\r' && i+1 < len(b) && b[i+1] == '\n' {
				i++
			}
			if b[i] != comma && b[i] != '\n' {
				return -1, false
			}
		} else {
			for i < len(b) && b[i] != comma && b[i] != '\n' {
				i++
			}
			if i >= len(b) {
				return -1, true
			}
		}
		if b[i] == '\n' {
			return i + 1, true
		}
		i++
	}
}

// splitCells takes a row apart, or the first cells that are needed. Cells lie in the row,
// or in scratch where quotes were doubled.
func splitCells(row []byte, comma byte, need int, cells [][]byte, scratch []byte) ([][]byte, []byte) {
	row = bytes.TrimSuffix(bytes.TrimSuffix(row, []byte("\n")), []byte("\r"))
	for {
		if need > 0 && len(cells) == need {
			return cells, scratch
		}
		var cell []byte
		if len(row) > 0 && row[0] == '"' {
			if end := closing(row); end > 0 {
				cell = row[1:end]
				if bytes.IndexByte(cell, '"') >= 0 {
					from := len(scratch)
					for i := 0; i < len(cell); i++ {
						scratch = append(scratch, cell[i])
						if cell[i] == '"' {
							i++
						}
					}
					cell = scratch[from:]
				}
				cells = append(cells, cell)
				if end+1 >= len(row) {
					return cells, scratch
				}
				row = row[end+2:]
				continue
			}
		}
		i := bytes.IndexByte(row, comma)
		if i < 0 {
			return append(cells, row), scratch
		}
		cells, row = append(cells, row[:i]), row[i+1:]
	}
}

// closing finds the quote that ends the cell at the beginning of row; 0 when none does.
func closing(row []byte) int {
	for i := 1; i < len(row); i++ {
		j := bytes.IndexByte(row[i:], '"')
		if j < 0 {
			return 0
		}
		i += j
		if i+1 < len(row) && row[i+1] == '"' {
			i++
			continue
		}
		return i
	}
	return 0
}

// block is a piece of a file that holds whole rows.
type block struct {
	index int
	text  []byte
}

// tooLong stands in a block for a row that was passed over.
var tooLong = []byte("\x00\n")

// Blocks gives the file in pieces of whole rows, in their order, until give says no.
func (s *Source) eachBlock(give func(b block) bool) error {
	r, err := s.decoded()
	if err != nil {
		return err
	}
	defer r.Close()
	if _, err := io.CopyN(io.Discard, r, s.headEnd); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read the file: %w", err)
	}
	size := s.blocks
	if size == 0 {
		size = blockSize
	}
	var rest []byte
	skipping := false
	for index := 0; ; index++ {
		buf := make([]byte, len(rest)+size)
		copy(buf, rest)
		n, err := io.ReadFull(r, buf[len(rest):])
		buf = buf[:len(rest)+n]
		ended := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !ended {
			return fmt.Errorf("read the file: %w", err)
		}
		if skipping {
			i := bytes.IndexByte(buf, '\n')
			switch {
			case i >= 0:
				buf, skipping = slices.Concat(tooLong, buf[i+1:]), false
			case ended:
				buf, skipping = tooLong, false
			default:
				rest = nil
				continue
			}
		}
		if ended && len(buf) > 0 && buf[len(buf)-1] != '\n' {
			buf = slices.Concat(buf, []byte("\n"))
		}
		cut := s.lastEnd(buf, ended)
		if cut == 0 && !ended && len(buf) > longestRow {
			// A quote that does not close: the line alone is lost. Without a line break the row is too long.
			cut = bytes.IndexByte(buf, '\n') + 1
			skipping = cut == 0
		}
		if cut > 0 && !give(block{index, buf[:cut:cut]}) {
			return nil
		}
		if rest = buf[cut:]; skipping {
			rest = nil
		}
		if ended {
			return nil
		}
	}
}

// lastEnd is where the last whole row of a block ends.
func (s *Source) lastEnd(buf []byte, ended bool) int {
	if ended {
		return len(buf)
	}
	if !s.quoted || bytes.IndexByte(buf, '"') < 0 {
		return bytes.LastIndexByte(buf, '\n') + 1
	}
	at := 0
	for at < len(buf) {
		end, ok := rowEnd(buf[at:], s.comma, true)
		if !ok {
			if end = bytes.IndexByte(buf[at:], '\n') + 1; end == 0 {
				return at
			}
		}
		if end < 0 {
			return at
		}
		at += end
	}
	return at
}

// rowReason says why a row cannot be read; "" when it can.
type rowReason string

const (
	rowQuotes   rowReason = "quotes"
	rowTooLong  rowReason = "long"
	rowMore     rowReason = "more"
	rowFewer    rowReason = "fewer"
	rowEncoding rowReason = "encoding"
)

// eachRow takes the rows of a block one after the other. The cells are the caller's only
// until the next.
func (s *Source) eachRow(text []byte, take func(line int, cells [][]byte, why rowReason)) (lines int) {
	var cells [][]byte
	var scratch []byte
	for at := 0; at < len(text); {
		end, ok := rowEnd(text[at:], s.comma, s.quoted)
		why := rowReason("")
		if !ok || end < 0 {
			why = rowQuotes
			end = bytes.IndexByte(text[at:], '\n') + 1
			if end == 0 {
				end = len(text) - at
			}
		}
		row := text[at : at+end]
		at += end
		line := lines
		if s.quoted {
			lines += bytes.Count(row, []byte("\n"))
		} else {
			lines++
		}
		switch {
		case len(bytes.TrimRight(row, "\r\n")) == 0:
			continue // an empty line is no row
		case bytes.Equal(row, tooLong) || len(row) > longestRow:
			take(line, nil, rowTooLong)
			continue
		case why != "":
			take(line, nil, why)
			continue
		case !utf8.Valid(row):
			take(line, nil, rowEncoding)
			continue
		}
		cells, scratch = splitCells(row, s.comma, s.need, cells[:0], scratch[:0])
		switch {
		case s.need > 0 && len(cells) == s.need:
		case len(cells) < len(s.Header):
			why = rowFewer
		case len(cells) > len(s.Header):
			for _, c := range cells[len(s.Header):] {
				if len(bytes.TrimSpace(c)) > 0 {
					why = rowMore
				}
			}
		}
		take(line, cells, why)
	}
	return lines
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

// workbook reads the first sheet of a workbook that has something as a text with commas.
func workbook(r io.ReaderAt, size int64) ([]byte, error) {
	book, err := sheet.Open(r, size, sheet.Limits{Archive: 256 << 20, Content: 1 << 30, Cells: mostCells, Text: 512 << 20})
	var refused *sheet.Refusal
	if errors.As(err, &refused) {
		return nil, fault.New(fault.Invalid, "cleaning.workbook."+string(refused.Reason), nil).Because(err)
	}
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	for i := range book.Sheets {
		rows := book.Sheets[i].Rows
		if len(rows) == 0 {
			continue
		}
		rows = rows[headRow(rows):]
		width := 0
		for _, c := range rows[0].Cells {
			width = max(width, c.Column)
		}
		for _, row := range rows {
			at := 0
			for column := 1; column <= width; column++ {
				if column > 1 {
					out.WriteByte(',')
				}
				for at < len(row.Cells) && row.Cells[at].Column < column {
					at++
				}
				if at < len(row.Cells) && row.Cells[at].Column == column {
					out.WriteString(`"` + strings.ReplaceAll(row.Cells[at].Text, `"`, `""`) + `"`)
				}
			}
			out.WriteByte('\n')
		}
		break
	}
	return out.Bytes(), nil
}

// headRow finds the row of headings: titles and the names of offices above it fill few
// cells.
func headRow(rows []sheet.Row) int {
	const looked = 20
	most := 0
	for _, r := range rows[:min(len(rows), looked)] {
		most = max(most, len(r.Cells))
	}
	for i, r := range rows[:min(len(rows), looked)] {
		if len(r.Cells)*2 > most {
			return i
		}
	}
	return 0
}
