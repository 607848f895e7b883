package cleaning

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"
)

// How a text is taken apart into rows and cells. Where a row ends is a matter of the row
// alone, never of the piece of the file that it was read in.

// nextRow finds the row that begins at b: where it ends, behind its line break, and why it
// cannot be read. The end is 0 when more of the file is needed; last says that there is no
// more. Of what cannot be a row its first line is one, and the rest is read on.
func (s *Source) nextRow(b []byte, last bool) (end int, why rowReason) {
	line := bytes.IndexByte(b, '\n')
	if line < 0 {
		switch {
		case len(b) >= longestRow:
			why = rowTooLong
		case last:
			end = len(b)
		}
		return end, why
	}
	switch {
	case line >= longestRow:
		return line + 1, rowTooLong
	case !s.quoted || bytes.IndexByte(b[:line], '"') < 0:
		return line + 1, ""
	}
	window := b[:min(len(b), longestRow)]
	end, ok := quotedEnd(window, s.comma)
	switch {
	case !ok, end == 0 && (last || len(b) >= longestRow):
		return line + 1, rowQuotes
	case end > line+1 && s.swallowed(b[:end]):
		return line + 1, rowQuotes
	}
	return end, ""
}

// quotedEnd finds where a row with quotes ends; 0 when more is needed. ok is false when
// quotes are not as they should be.
func quotedEnd(b []byte, comma byte) (end int, ok bool) {
	i := 0
	for {
		if i < len(b) && b[i] == '"' { // a quoted cell
			for i++; ; i += 2 {
				j := bytes.IndexByte(b[i:], '"')
				if j < 0 {
					return 0, true
				}
				i += j
				if i+1 >= len(b) {
					return 0, true
				}
				if b[i+1] != '"' {
					break
				}
			}
			i++
			if b[i] == '\r' && i+1 == len(b) {
				return 0, true
			}
			if b[i] == '\r' && b[i+1] == '\n' {
				i++
			}
			if b[i] != comma && b[i] != '\n' {
				return 0, false
			}
		} else {
			for i < len(b) && b[i] != comma && b[i] != '\n' {
				i++
			}
			if i >= len(b) {
				return 0, true
			}
		}
		if b[i] == '\n' {
			return i + 1, true
		}
		i++
	}
}

// swallowed says that a quote which was never closed took the next rows into its cell: one
// of the cell's lines has the cells of a row, and a number or a day among them.
func (s *Source) swallowed(row []byte) bool {
	least := len(s.Header) - 1
	if least < 2 {
		return false
	}
	cells, _ := splitCells(row, s.comma, 0, nil, nil)
	for _, cell := range cells {
		lines := bytes.Split(cell, []byte("\n"))
		for _, line := range lines[1:] {
			within := bytes.Split(line, []byte{s.comma})
			if len(within) >= least && slices.ContainsFunc(within, func(c []byte) bool { return isNumber(string(c)) || isDate(string(c)) }) {
				return true
			}
		}
	}
	return false
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

// eachBlock gives the file in pieces of whole rows, in their order, until give says no.
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
	skipping := false // what is left of a row that is too long
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
		cut, long := s.wholeRows(buf, ended)
		if cut > 0 && !give(block{index, buf[:cut:cut]}) {
			return nil
		}
		if rest = buf[cut:]; long {
			rest, skipping = nil, true
		}
		if ended {
			return nil
		}
	}
}

// wholeRows is where the last whole row of a piece ends; long says that what follows is
// longer than rows may be, and has no end yet.
func (s *Source) wholeRows(buf []byte, ended bool) (cut int, long bool) {
	if ended {
		return len(buf), false
	}
	if !s.quoted || bytes.IndexByte(buf, '"') < 0 {
		cut = bytes.LastIndexByte(buf, '\n') + 1
		return cut, len(buf)-cut >= longestRow
	}
	for cut < len(buf) {
		end, why := s.nextRow(buf[cut:], false)
		if end == 0 {
			return cut, why == rowTooLong
		}
		cut += end
	}
	return cut, false
}

// rowReason says why a row cannot be read; "" when it can.
type rowReason string

const (
	rowQuotes   rowReason = "quotes"
	rowTooLong  rowReason = "long"
	rowMore     rowReason = "more"
	rowFewer    rowReason = "fewer"
	rowEncoding rowReason = "encoding"
	rowEmpty    rowReason = "empty"   // nothing stands in any of its cells
	rowHeading  rowReason = "heading" // the headings once more, as where two files were put together
)

var rowReasons = []rowReason{rowQuotes, rowTooLong, rowMore, rowFewer, rowEncoding, rowEmpty, rowHeading}

// eachRow takes the rows of a block one after the other. The cells are the caller's only
// until the next.
func (s *Source) eachRow(text []byte, take func(line int, cells [][]byte, why rowReason)) (lines int) {
	var cells [][]byte
	var scratch []byte
	for at := 0; at < len(text); {
		end, why := s.nextRow(text[at:], true)
		if end == 0 {
			end = len(text) - at
		}
		row := text[at : at+end]
		at += end
		line := lines
		if s.quoted && !s.sheet {
			lines += bytes.Count(row, []byte("\n"))
		} else {
			lines++
		}
		switch {
		case len(bytes.TrimRight(row, "\r\n")) == 0:
			continue // an empty line is no row
		case bytes.Equal(row, tooLong):
			take(line, nil, rowTooLong)
			continue
		case why != "":
			take(line, nil, why)
			continue
		case !utf8.Valid(row) || bytes.IndexByte(row, 0) >= 0:
			take(line, nil, rowEncoding)
			continue
		}
		cells, scratch = splitCells(row, s.comma, s.need, cells[:0], scratch[:0])
		take(line, cells, s.reason(cells))
	}
	return lines
}

// reason says why cells are no row of the file.
func (s *Source) reason(cells [][]byte) rowReason {
	switch {
	case s.need > 0 && len(cells) == s.need:
		return ""
	case isBlank(cells):
		return rowEmpty
	case len(cells) < len(s.Header) && !s.sheet: // whose rows end with their last value
		return rowFewer
	case len(cells) > len(s.Header) && !isBlank(cells[len(s.Header):]):
		return rowMore
	case s.repeats(cells):
		return rowHeading
	}
	return ""
}

func isBlank(cells [][]byte) bool {
	return !slices.ContainsFunc(cells, func(c []byte) bool { return len(bytes.TrimSpace(c)) > 0 })
}

// repeats says that cells are the headings again.
func (s *Source) repeats(cells [][]byte) bool {
	if s.headless || len(cells) == 0 || len(s.Header) < 2 {
		return false
	}
	for i, h := range s.Header {
		if i >= len(cells) {
			return false
		}
		if string(bytes.TrimSpace(bytes.TrimPrefix(cells[i], []byte("\ufeff")))) != h {
			return false
		}
	}
	return true
}
