package cleaning

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/sheet"
)

// bookLimits bound a workbook. It is read as it goes, so that its size costs no memory.
var bookLimits = sheet.Limits{Archive: 2 << 30, Content: 16 << 30, Entries: 10_000, Cells: 400_000_000, Text: 8 << 30}

// workbook makes a workbook a source: its rows are written down once as a text with commas,
// in a file without a name, and read from there. Visible sheets with the same headings are
// one table, as the rows of a sheet are limited; what else there is, a note tells of.
func (s *Source) workbook(name fault.Args) error {
	f := s.file
	defer f.Close()
	book, err := sheet.OpenStream(f, s.size, bookLimits)
	if err != nil {
		return refusedBook(err)
	}
	defer book.Close()
	text, err := sheet.Scratch()
	if err != nil {
		return fmt.Errorf("write a workbook down: %w", err)
	}
	s.file, s.sheet, s.code, s.comma = text, true, utf8Code, ','
	at, main := int64(0), -1
	for i := range book.Sheets {
		if book.Sheets[i].Hidden {
			s.note("sheet_hidden", fault.Args{"sheet": book.Sheets[i].Name})
			continue
		}
		w := &bookText{out: bufio.NewWriterSize(io.NewOffsetWriter(text, at), 1<<20)}
		err := book.Rows(i, w.row)
		if err = errors.Join(err, w.out.Flush()); err != nil {
			return refusedBook(err)
		}
		if w.rows == 0 {
			continue
		}
		from := at
		at += w.size
		if main < 0 {
			main = i
			s.parts = [][2]int64{{from, at}}
			if err := s.readHeader(name); err != nil {
				return err
			}
		} else if !s.goesOn(from, at, name) {
			s.note("sheet_other", fault.Args{"sheet": book.Sheets[i].Name, "rows": w.rows})
			continue
		}
		s.bookNotes(&book.Sheets[i], w)
	}
	if main < 0 {
		return fault.New(fault.Invalid, "cleaning.workbook.empty", name)
	}
	s.size = 0
	for _, p := range s.parts {
		s.size += p[1] - p[0]
	}
	return nil
}

// goesOn says that a sheet has the headings of the first one, and adds its rows.
func (s *Source) goesOn(from, to int64, name fault.Args) bool {
	next := &Source{file: s.file, parts: [][2]int64{{from, to}}, sheet: true, quoted: true, code: utf8Code, comma: ','}
	next.open = next.inParts
	if next.readHeader(name) != nil || next.headless != s.headless || !slices.Equal(next.Header, s.Header) {
		return false
	}
	s.parts = append(s.parts, [2]int64{from + next.headEnd, to})
	return true
}

// bookNotes tells what lies in a sheet that its values do not.
func (s *Source) bookNotes(sh *sheet.Sheet, w *bookText) {
	add := func(key string, n int) {
		if n > 0 {
			s.note(key, fault.Args{"sheet": sh.Name, "n": n})
		}
	}
	hidden := 0
	for _, h := range sh.Hides {
		hidden += max(0, min(h.To, len(s.Header))-h.From+1)
	}
	add("rows_hidden", w.hidden)
	add("columns_hidden", hidden)
	add("merged", sh.Merged)
	add("formulas", w.formulas)
	add("formulas_empty", w.uncomputed)
	add("errors", w.faults)
	if slices.ContainsFunc(sh.Lies, func(k string) bool { return k == "comments" || k == "threadedComment" }) {
		add("comments", 1)
	}
}

func refusedBook(err error) error {
	var refused *sheet.Refusal
	if errors.As(err, &refused) {
		return fault.New(fault.Invalid, "cleaning.workbook."+string(refused.Reason), nil).Because(err)
	}
	return fmt.Errorf("read a workbook: %w", err)
}

// bookText writes the rows of a sheet as a text with commas: each on the line of its number,
// but for line breaks in cells.
type bookText struct {
	out                                  *bufio.Writer
	line                                 []byte
	cells                                [][]byte
	last, rows                           int
	size                                 int64
	hidden, formulas, uncomputed, faults int
}

func (t *bookText) row(r *sheet.Row) error {
	t.line, t.cells = t.line[:0], t.cells[:0]
	for ; t.last+1 < r.Number; t.last++ {
		t.line = append(t.line, '\n')
	}
	t.last = max(t.last, r.Number)
	for i := range r.Cells {
		c := &r.Cells[i]
		for c.Column > len(t.cells) && len(t.cells) < mostColumns {
			t.cells = append(t.cells, nil)
		}
		if c.Column > len(t.cells) {
			if strings.TrimSpace(c.Text) != "" { // told as a row with too many cells
				t.cells = append(t.cells, []byte(c.Text))
			}
			continue
		}
		t.cells[c.Column-1] = []byte(c.Text)
		switch {
		case c.Formula && c.Text == "":
			t.uncomputed++
		case c.Formula:
			t.formulas++
		}
		if c.Kind == sheet.Fault {
			t.faults++
		}
	}
	t.rows++
	if r.Hidden {
		t.hidden++
	}
	t.line = appendText(t.line, t.cells)
	t.size += int64(len(t.line))
	_, err := t.out.Write(t.line)
	return err
}

// appendText writes cells as a row of a text with commas.
func appendText(b []byte, cells [][]byte) []byte {
	for i, c := range cells {
		if i > 0 {
			b = append(b, ',')
		}
		if !strings.ContainsAny(string(c), "\",;\t|\r\n") && (len(c) > 0 || len(cells) > 1) {
			b = append(b, c...)
			continue
		}
		b = append(b, '"')
		for _, v := range c {
			if v == '"' {
				b = append(b, '"')
			}
			b = append(b, v)
		}
		b = append(b, '"')
	}
	return append(b, '\n')
}
