package population

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"dean06/internal/citizen"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/spelling"
)

// PersonReader reads a file of persons, line by line. A line is a row: a cell over
// several lines is no cell of a person, and where a quote was forgotten the next line
// is read as if nothing had been. So nothing that one line says comes to another's person.
type PersonReader struct {
	lines *lines
	head  header
	rows  *rowReader
}

// NewPersonReader reads the header. It fails with Invalid when there is none or the file is
// no text, when a column is not known or there twice, and when number, name, birth or sex is missing.
func NewPersonReader(file io.Reader, today clock.Date) (*PersonReader, error) {
	return PersonFields.Reader(file, today)
}

// Reader is NewPersonReader for a file with the columns of the table.
func (t *FieldTable) Reader(file io.Reader, today clock.Date) (*PersonReader, error) {
	l, err := openLines(file)
	if err != nil {
		return nil, err
	}
	r := &PersonReader{lines: l}
	if r.head, err = t.header(l); err != nil {
		return r, err
	}
	r.rows = t.rowReader(r.head, citizen.DayFrom(today), nil)
	return r, nil
}

// Next reads a row: a person, or why the row cannot be one. It ends with io.EOF.
func (r *PersonReader) Next() (p Person, line int, bad *BadRow, err error) {
	text, long, err := r.lines.next()
	if err != nil {
		return p, r.lines.n, nil, err
	}
	got, bad := r.rows.read(string(text), r.lines.n, long)
	if got != nil {
		p = *got
	}
	return p, r.lines.n, bad, nil
}

// Warnings are what is odd so far and no reason to refuse a row.
func (r *PersonReader) Warnings() []Warning { return r.rows.odd.list() }

// header is how the rows of a file are to be read.
type header struct {
	separator byte
	at        []int // place in the table's columns of each column of the file; -1 for one without a name
	qr        int   // place in the file of the column with the cards' QR codes; -1 for none
}

// separators are those that spreadsheets write, in the order in which they are tried.
const separators = ",;\t|"

// header reads the line with the names of the columns.
func (t *FieldTable) header(l *lines) (header, error) {
	var line []byte
	for {
		text, long, err := l.next()
		switch {
		case errors.Is(err, io.EOF):
			return header{}, fault.New(fault.Invalid, "population.load.header", nil)
		case err != nil:
			return header{}, err
		case long:
			return header{}, fault.New(fault.Invalid, "population.load.header", nil)
		}
		line = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
		if s := strings.ToLower(string(bytes.TrimSpace(line))); s != "" && !(strings.HasPrefix(s, "sep=") && len(s) <= 5) {
			break // before it, a spreadsheet may leave empty lines and one that names the separator
		}
	}
	var (
		why   error
		known = -1
	)
	for _, s := range []byte(separators) {
		h, n, err := t.headerOf(string(line), s)
		if err == nil {
			return h, nil
		}
		if n > known { // the separator under which most names are known is the one that was meant
			why, known = err, n
		}
	}
	return header{}, why
}

// headerOf reads the names of columns that a sign separates, and says how many of them
// are known.
func (t *FieldTable) headerOf(line string, separator byte) (h header, known int, err error) {
	h.separator, h.qr = separator, -1
	names, _, key := splitCells(nil, line, separator)
	if key != "" {
		return h, 0, fault.New(fault.Invalid, "population.load.header", nil)
	}
	end := len(names) // behind it are columns without a name, which held something once
	for end > 1 && strings.TrimSpace(names[end-1]) == "" {
		end--
	}
	seen := map[int]bool{}
	for place, name := range names {
		i := slices.Index(t.columns, columnWord(name))
		switch {
		case place >= end:
			i = -1
		case columnWord(name) == qrColumn && h.qr < 0:
			h.qr = place
		case i < 0 || seen[i]:
			if err == nil {
				err = fault.New(fault.Invalid, "population.load.column", fault.Args{"column": columnName(name, place)})
			}
		default:
			seen[i] = true
		}
		h.at = append(h.at, i)
	}
	for _, d := range t.file {
		if err == nil && d.Must != "" && h.qr < 0 && !seen[slices.Index(t.columns, d.Member)] {
			err = fault.New(fault.Invalid, "population.load.no_column", fault.Args{"column": d.Member})
		}
	}
	return h, len(seen), err
}

// columnWord is the name of a column as people write it: in any case, with spaces
// around it or instead of the line between words.
func columnWord(name string) string {
	return strings.Join(strings.Fields(strings.ToLower(citizen.Spell(strings.Trim(name, "\ufeff")))), "_")
}

// splitCells cuts a line into cells (RFC 4180, without breaks in cells) and appends them.
// When it cannot, it says in which cell and gives the key of the reason.
func splitCells(cells []string, line string, separator byte) (out []string, at int, key string) {
	for {
		if !strings.HasPrefix(line, `"`) {
			end := strings.IndexByte(line, separator)
			cell := line
			if end >= 0 {
				cell = line[:end]
			}
			if strings.IndexByte(cell, '"') >= 0 {
				return cells, len(cells), "population.load.csv"
			}
			cells = append(cells, cell)
			if end < 0 {
				return cells, 0, ""
			}
			line = line[end+1:]
			continue
		}
		cell, rest, key := quoted(line[1:])
		switch {
		case key != "":
			return cells, len(cells), key
		case rest == "":
			return append(cells, cell), 0, ""
		case rest[0] != separator:
			return cells, len(cells), "population.load.csv"
		}
		cells, line = append(cells, cell), rest[1:]
	}
}

// quoted reads to the quote that closes a cell.
func quoted(s string) (cell, rest, key string) {
	end := strings.IndexByte(s, '"')
	if end < 0 {
		return "", "", "population.load.unclosed"
	}
	if !strings.HasPrefix(s[end+1:], `"`) {
		return s[:end], s[end+1:], ""
	}
	for strings.HasPrefix(s[end+1:], `"`) {
		next := strings.IndexByte(s[end+2:], '"')
		if next < 0 {
			return "", "", "population.load.unclosed"
		}
		end += 2 + next
	}
	return strings.ReplaceAll(s[:end], `""`, `"`), s[end+1:], ""
}

// rowReader reads the rows of one file. Several may read rows of the same file at once.
type rowReader struct {
	head   header
	fields *FieldTable
	today  citizen.Day
	cut    []string           // the cells of the line as they stand in it
	cells  []string           // in the order of the table's columns
	lists  []citizen.CodeList // of the table's data, in the order of a file
	person Person             // that is being read
	text   map[string]string  // codes and the like, kept once
	units  Units              // nil: places are taken as they are
	places map[string]placed  // by its codes
	doubts map[string]citizen.Doubt
	keys   KeyMaker
	odd    oddities
}

func (t *FieldTable) rowReader(h header, today citizen.Day, units Units) *rowReader {
	r := &rowReader{
		head: h, fields: t, today: today, units: units, cells: make([]string, len(t.columns)), text: map[string]string{},
		places: map[string]placed{}, doubts: map[string]citizen.Doubt{}, odd: oddities{},
	}
	for _, d := range t.file {
		var list citizen.CodeList
		if d.List != nil {
			list = d.List()
		}
		r.lists = append(r.lists, list)
	}
	return r
}

// column is the name of a column of the file, "" for one that has none.
func (r *rowReader) column(at int) string {
	if at == r.head.qr {
		return qrColumn
	}
	if at < len(r.head.at) && r.head.at[at] >= 0 {
		return r.fields.columns[r.head.at[at]]
	}
	return ""
}

// another reads rows of the same file.
func (r *rowReader) another(units Units) *rowReader {
	return r.fields.rowReader(r.head, r.today, units)
}

// read reads a line: a person, who is good until the next call, or why it cannot be one.
func (r *rowReader) read(text string, line int, long bool) (*Person, *BadRow) {
	bad := r.split(text, line, long)
	var card citizen.CardQR
	if bad == nil && r.head.qr >= 0 {
		card, bad = r.readQR(strings.TrimSpace(r.cut[r.head.qr]))
	}
	if bad == nil {
		c := cells{r: r, line: line}
		p := c.person()
		if c.bad == nil && !card.Number.IsZero() {
			c.bad = againstQR(&card, p)
		}
		if c.bad == nil {
			return p, nil
		}
		bad = c.bad
	}
	bad.Line = line
	return nil, bad
}

// split puts the cells of a line in the order of the table's columns.
func (r *rowReader) split(text string, line int, long bool) *BadRow {
	switch {
	case long:
		return &BadRow{Key: "population.load.long", Args: fault.Args{"max": maxLine}}
	case strings.Trim(text, " \t"+string(r.head.separator)) == "":
		return &BadRow{Key: "population.load.blank"}
	}
	var at int
	var key string
	if r.cut, at, key = splitCells(r.cut[:0], text, r.head.separator); key != "" {
		return &BadRow{Column: r.column(at), Key: key}
	}
	for len(r.cut) > len(r.head.at) && strings.TrimSpace(r.cut[len(r.cut)-1]) == "" {
		r.cut = r.cut[:len(r.cut)-1]
	}
	if len(r.cut) != len(r.head.at) {
		return &BadRow{Key: "population.load.cells", Args: fault.Args{"cells": len(r.cut), "columns": len(r.head.at)}}
	}
	if !ordinary(text) {
		if bad := r.signs(line); bad != nil {
			return bad
		}
	}
	clear(r.cells)
	for i, cell := range r.cut {
		if k := r.head.at[i]; k >= 0 {
			r.cells[k] = cell
		} else if i != r.head.qr && strings.TrimSpace(cell) != "" {
			return &BadRow{Key: "population.load.unnamed", Args: fault.Args{"place": i + 1}}
		}
	}
	return nil
}

// ordinary says that a line has no signs that need a look, quickly: nearly all have none.
func ordinary(text string) bool {
	for i := range len(text) {
		switch c := text[i]; {
		case c < ' ', c == 0x7f, c == 0xc2, c == 0xcd, c == 0xd8, c == 0xe2, c >= 0xed:
			return false
		case c == 0xe1 && (i+1 == len(text) || text[i+1] < 0xb0):
			return false
		}
	}
	return utf8.ValidString(text)
}

// signs looks for what no cell of a person has: bytes that are no text, control signs.
// What nobody sees is taken out, and the row is named.
func (r *rowReader) signs(line int) *BadRow {
	var hidden, gaps bool
	for i, cell := range r.cut {
		if !utf8.ValidString(cell) {
			return &BadRow{Column: r.column(i), Key: "population.load.utf8"}
		}
		for _, c := range cell {
			switch {
			case c == '\t', c == '\u2028', c == '\u2029': // a space, as people meant it
				gaps = true
			case unicode.IsControl(c):
				return &BadRow{Column: r.column(i), Key: "population.load.control", Args: fault.Args{"sign": signCode(c)}}
			case c == utf8.RuneError:
				return &BadRow{Column: r.column(i), Key: "population.load.lost"}
			case spelling.Plain(c) == spelling.Hidden:
				hidden = true
			}
		}
		if seen := spelling.Clean(cell); hidden && spelling.IsASCII(seen) { // of a name, Spell does it; in an old encoding they are letters
			r.cut[i] = seen
		}
	}
	if hidden {
		r.odd.add("population.load.hidden", line)
	}
	if gaps {
		r.odd.add("population.load.gaps", line)
	}
	return nil
}

// signCode is the code of a control sign, as people look it up.
func signCode(c rune) string { return strings.ToUpper(strconv.FormatInt(int64(c)|0x10000, 16)[1:]) }

func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n]) + "…"
}
