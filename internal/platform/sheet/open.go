package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fontcode"
)

// Book is what a workbook says: its sheets in order, with the cells that hold
// something.
type Book struct {
	Sheets []Sheet
	// From1904 says that days are counted from 1904, as old Macintoshes did.
	From1904 bool
}

// Sheet is one sheet.
type Sheet struct {
	Name   string
	Hidden bool
	Rows   []Row
	// Hides are its hidden columns.
	Hides  []Hides
	Traces []Trace
	// Merges are the stretches of cells that are merged into one: what stands there is the
	// value of the first; not of a Stream.
	Merges []Trace
	// Merged is how many stretches of cells are merged into one; of a Stream only.
	Merged int
	// Lies says what lies on it that is not read: "comments", "drawing"; of a Stream only.
	Lies []string
}

// HidesColumn says that a column is hidden.
func (s *Sheet) HidesColumn(column int) bool {
	return slices.ContainsFunc(s.Hides, func(h Hides) bool { return h.From <= column && column <= h.To })
}

// Row is a row with at least one cell that holds something.
type Row struct {
	Number int // from 1
	Hidden bool
	Cells  []Cell
}

// Kind is the type of a cell's value.
type Kind uint8

// The kinds of cells.
const (
	Text Kind = iota
	Number
	Day // a number that its format shows as a date
	Bool
	Fault // #REF!, #N/A, …
)

// Cell is a cell's value: for a formula the value that was last computed.
type Cell struct {
	Column  int // from 1
	Kind    Kind
	Formula bool
	// Text is the value as text: numbers plainly ("1240", "0.5"), days as dd/mm/yyyy.
	Text string
	// Date is set for a Day.
	Date clock.Date
}

// At finds the cell of a column; a cell without text when it holds nothing.
func (r Row) At(column int) Cell {
	for _, c := range r.Cells {
		if c.Column == column {
			return c
		}
	}
	return Cell{Column: column}
}

// Open reads a workbook. It fails with a *Refusal when the file is none, or is
// one that nobody should open; another error is one of reading r.
func Open(r io.ReaderAt, size int64, lim Limits) (*Book, error) {
	lim = lim.orDefault()
	a, err := openArchive(r, size, lim)
	if err != nil {
		return nil, err
	}
	b := &bookReader{archive: a, cells: lim.Cells, text: lim.Text}
	if err := b.read(); err != nil {
		var refusal *Refusal
		if errors.As(err, &refusal) {
			return nil, err
		}
		return nil, refuse(Damaged, err)
	}
	return &b.book, nil
}

type bookReader struct {
	*archive
	book    Book
	parts   []string // of the sheets; "" of what is no table
	strings []string
	pool    *stringPool     // instead of strings, of a Stream
	rich    map[int][]piece // of strings with looks of their own
	looks   []look          // by cell style
	cells   int             // that may still come
	text    int64
}

func (b *bookReader) read() error {
	if err := b.readFrame(); err != nil {
		return err
	}
	for i, part := range b.parts {
		raw, err := b.archive.read(part)
		if err != nil {
			return err
		}
		if raw == nil {
			continue // a chart sheet
		}
		into := &b.book.Sheets[i]
		err = b.readSheet(newPull(raw), into, func(row *Row) error {
			into.Rows = append(into.Rows, *row)
			row.Cells = nil
			return nil
		})
		if err != nil {
			return fmt.Errorf("sheet %d: %w", i+1, err)
		}
		into.covered()
		if err := b.readAsides(part, into); err != nil {
			return fmt.Errorf("sheet %d: %w", i+1, err)
		}
	}
	return nil
}

// readFrame reads all but the sheets: what they are called, strings and styles.
func (b *bookReader) readFrame() error {
	root, err := b.relations("", "_rels/.rels")
	if err != nil {
		return err
	}
	main := "xl/workbook.xml"
	for _, rel := range root {
		if strings.HasSuffix(rel.kind, "/officeDocument") {
			main = rel.target
		}
	}
	dir := path.Dir(main)
	rels, err := b.relations(dir, path.Join(dir, "_rels", path.Base(main)+".rels"))
	if err != nil {
		return err
	}
	for _, rel := range rels {
		switch {
		case strings.HasSuffix(rel.kind, "/sharedStrings"):
			err = b.readStrings(rel.target)
		case strings.HasSuffix(rel.kind, "/styles"):
			err = b.readStyles(rel.target)
		}
		if err != nil {
			return err
		}
	}
	raw, err := b.archive.read(main)
	if err != nil {
		return err
	}
	if raw == nil {
		return errors.New("no workbook part")
	}
	p := newPull(raw)
	for p.next() {
		switch {
		case p.kind != startTag:
		case p.is("workbookPr"):
			b.book.From1904 = isTrue(p.attr("date1904"))
		case p.is("sheet"):
			s := Sheet{Name: p.attr("name"), Hidden: strings.HasSuffix(strings.ToLower(p.attr("state")), "hidden")}
			b.book.Sheets = append(b.book.Sheets, s)
			id, at := p.attr("id"), ""
			if i := slices.IndexFunc(rels, func(r relation) bool { return r.id == id }); i >= 0 && strings.HasSuffix(rels[i].kind, "/worksheet") {
				at = rels[i].target
			}
			b.parts = append(b.parts, at)
		}
	}
	if p.err == nil && len(b.parts) == 0 {
		return errors.New("no sheets")
	}
	return p.err
}

type relation struct{ id, kind, target string }

func (b *bookReader) relations(dir, part string) ([]relation, error) {
	raw, err := b.archive.read(part)
	if err != nil || raw == nil {
		return nil, err
	}
	var out []relation
	p := newPull(raw)
	for p.next() {
		// What lies outside the file is never followed.
		if p.kind != startTag || !p.is("Relationship") || p.attr("TargetMode") == "External" {
			continue
		}
		target := p.attr("Target")
		if !strings.HasPrefix(target, "/") {
			target = path.Join(dir, target)
		}
		out = append(out, relation{p.attr("Id"), p.attr("Type"), strings.TrimPrefix(target, "/")})
	}
	return out, p.err
}

// maxStrings bounds the table of shared strings, whose empty entries cost
// memory but hardly any bytes; maxRich those with looks of their own.
const (
	maxStrings = 1_000_000
	maxRich    = 200_000
)

// shared is how many shared strings there are.
func (b *bookReader) shared() int {
	if b.pool != nil {
		return b.pool.len()
	}
	return len(b.strings)
}

// sharedAt is one of them.
func (b *bookReader) sharedAt(i int) (string, error) {
	if b.pool != nil {
		return b.pool.at(i)
	}
	return b.strings[i], nil
}

// pull begins to read a part: whole, or as it goes.
func (b *bookReader) pull(part string, asItGoes bool) (*pull, func(), error) {
	if !asItGoes {
		raw, err := b.archive.read(part)
		return newPull(raw), func() {}, err
	}
	r, err := b.archive.open(part)
	if err != nil || r == nil {
		return newPull(nil), func() {}, err
	}
	return pullFrom(r), func() { _ = r.Close() }, nil
}

func (b *bookReader) readStrings(part string) error {
	p, done, err := b.pull(part, b.pool != nil)
	if err != nil {
		return err
	}
	defer done()
	var s strings.Builder
	var runs pieces
	inText, phonetic := false, 0
	for p.next() {
		switch {
		case p.kind == charData:
			if inText && phonetic == 0 {
				s.Write(p.data)
				runs.text(p.data)
			}
		case p.is("si"):
			if p.kind == startTag {
				s.Reset()
				runs.list = nil
				continue
			}
			if rich := runs.odd(); rich != nil && len(b.rich) < maxRich {
				if b.rich == nil {
					b.rich = map[int][]piece{}
				}
				b.rich[b.shared()] = rich
			}
			if b.pool != nil {
				if err := b.pool.add(unescape(s.String())); err != nil {
					return err
				}
				continue
			}
			if len(b.strings) >= maxStrings {
				return refuse(Bomb, errors.New("too many strings"))
			}
			b.strings = append(b.strings, unescape(s.String()))
		case p.is("t"):
			inText = p.kind == startTag
		case runs.look(p):
		case p.is("rPh"): // reading aids for Japanese, not part of the text
			if p.kind == startTag {
				phonetic++
			} else {
				phonetic--
			}
		}
	}
	return p.err
}

func (b *bookReader) readStyles(part string) error {
	raw, err := b.archive.read(part)
	if err != nil || raw == nil {
		return err
	}
	custom := map[string]string{}
	inCells := false
	fonts := fontList{}
	p := newPull(raw)
	for p.next() {
		switch {
		case p.is("numFmt") && p.kind == startTag:
			custom[p.attr("numFmtId")] = p.attr("formatCode")
		case p.is("cellXfs"):
			inCells = p.kind == startTag
		case inCells && p.is("xf") && p.kind == startTag:
			id := p.attr("numFmtId")
			n, _ := strconv.Atoi(id)
			format, ok := custom[id]
			l := fonts.look(p.attr("fontId"))
			l.day = ok && showsDay(format) || !ok && (n >= 14 && n <= 17 || n == 22 || n >= 27 && n <= 36 || n >= 50 && n <= 58)
			l.format = format
			b.looks = append(b.looks, l)
		default:
			fonts.take(p)
		}
	}
	return p.err
}

// showsDay says that a number format shows a day or a month of a year.
func showsDay(code string) bool {
	code = strings.ToLower(code)
	quoted, bracket := false, false
	for i := 0; i < len(code); i++ {
		switch c := code[i]; {
		case c == '\\' || c == '_' || c == '*':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[':
			bracket = true
		case c == ']':
			bracket = false
		case !bracket && (c == 'y' || c == 'd'):
			return true
		}
	}
	return false
}

// readSheet reads a sheet; give is given each row that holds something, its own until the
// next when give leaves it its cells.
func (b *bookReader) readSheet(p *pull, into *Sheet, give func(*Row) error) error {
	var (
		c        Cell
		now      Row
		typ      string
		style    int
		row, col int // of the last cell, for those that do not say
		text     []byte
		inValue  bool
		inCell   bool
		phonetic int
		runs     pieces
		hidden   bool // the row
		noRows   bool // rows that do not say are hidden
		inEdge   bool
	)
	emit := func() error {
		if len(now.Cells) == 0 {
			return nil
		}
		err := give(&now)
		now.Cells = now.Cells[:0]
		return err
	}
	for p.next() {
		start := p.kind == startTag
		switch {
		case p.kind == charData:
			if inValue && phonetic == 0 {
				text = append(text, p.data...)
				runs.text(p.data)
			}
			if inEdge {
				into.edge(string(p.data))
			}
		case p.is("oddHeader"), p.is("oddFooter"), p.is("evenHeader"), p.is("evenFooter"), p.is("firstHeader"), p.is("firstFooter"):
			inEdge = start
		case p.is("row"):
			if !start {
				continue
			}
			if b.pool != nil { // two rows of one number are two: what is read as it goes is counted
				if err := emit(); err != nil {
					return err
				}
				now.Number = 0
			}
			hidden = hides(p.attr("hidden"), p.attr("ht")) || noRows && p.attr("hidden") == ""
			row, col = row+1, 0
			if n, err := strconv.Atoi(p.attr("r")); err == nil && n >= 1 && n <= 1048576 {
				row = n
			}
		case p.is("c") && start:
			inCell, col, text = true, col+1, text[:0]
			runs.list = nil
			picture := p.attr("vm") != ""
			if at, r, ok := parseRef([]byte(p.attr("r"))); ok {
				col, row = at, r
			}
			c = Cell{Column: col}
			typ = p.attr("t")
			style, _ = strconv.Atoi(p.attr("s"))
			if picture && !into.full() {
				into.Traces = append(into.Traces, Trace{Kind: Pictured, Row: row, Column: col})
			}
		case p.is("c"):
			inCell, inValue = false, false
			if len(text) == 0 && !c.Formula {
				continue
			}
			traces, err := b.value(&c, typ, style, text, runs, row)
			if err != nil {
				return err
			}
			if len(traces) > 0 && !into.full() {
				into.Traces = append(into.Traces, traces...)
			}
			if c.Text == "" && !c.Formula {
				continue
			}
			if now.Number != row {
				if err := emit(); err != nil {
					return err
				}
				now.Number, now.Hidden = row, hidden
			}
			now.Cells = append(now.Cells, c)
		case p.is("f"):
			c.Formula = c.Formula || start && inCell
		case p.is("v"), p.is("t"):
			inValue = start && inCell
		case inCell && runs.look(p):
		case !inCell && start:
			noRows = noRows || p.is("sheetFormatPr") && isTrue(p.attr("zeroHeight"))
			into.setting(p, b.pool != nil)
		case p.is("rPh"):
			if start {
				phonetic++
			} else {
				phonetic--
			}
		}
	}
	if p.err != nil {
		return p.err
	}
	return emit()
}

// value fills in what the cell says, from its type, style and raw text.
func (b *bookReader) value(c *Cell, typ string, style int, raw []byte, runs pieces, row int) ([]Trace, error) {
	if b.cells--; b.cells < 0 {
		return nil, refuse(Bomb, errors.New("too many cells"))
	}
	var own look
	if style >= 0 && style < len(b.looks) {
		own = b.looks[style]
	}
	parts := runs.odd()
	switch typ {
	case "s":
		i, err := strconv.Atoi(string(bytes.TrimSpace(raw)))
		if err != nil || i < 0 || i >= b.shared() {
			return nil, fmt.Errorf("cell names shared string %q of %d", raw, b.shared())
		}
		if c.Text, err = b.sharedAt(i); err != nil {
			return nil, err
		}
		parts = b.rich[i]
	case "inlineStr", "str":
		c.Text = unescape(string(raw))
	case "b":
		c.Kind, c.Text = Bool, "FALSE"
		if isTrue(string(raw)) {
			c.Text = "TRUE"
		}
	case "e":
		c.Kind, c.Text = Fault, string(raw)
	case "d": // ISO 8601, which only Strict workbooks use
		c.Text = string(raw)
		if d, err := clock.ParseDate(string(raw[:min(len(raw), 10)])); err == nil {
			c.setDay(d)
		}
	default:
		c.Kind, c.Text = Number, string(bytes.TrimSpace(raw))
		f, err := strconv.ParseFloat(c.Text, 64)
		if err != nil {
			c.Kind = Text
			break
		}
		if f > -1e15 && f < 1e15 {
			c.Text = strconv.FormatFloat(f, 'f', -1, 64)
		}
		if own.day {
			if d, ok := DayOf(f, b.book.From1904); ok {
				c.setDay(d)
			}
		}
	}
	if b.text -= int64(len(c.Text)); b.text < 0 {
		return nil, refuse(Bomb, errors.New("too much text"))
	}
	return c.shown(own, parts, row), nil
}

// shown reads the text of a cell by its fonts, and tells what its look does to it.
func (c *Cell) shown(own look, parts []piece, row int) []Trace {
	at := Trace{Row: row, Column: c.Column}
	var traces []Trace
	plain := piece{text: c.Text, font: own.font, struck: own.struck}
	if parts == nil && (!plain.plain() || strings.ContainsFunc(c.Text, fontcode.IsPrivate)) {
		parts = []piece{plain}
	}
	if parts != nil {
		text, found := say(parts, own, at)
		if traces = found; c.Kind == Text {
			c.Text = text
		}
	}
	if c.Kind != Day && c.Text != "" && reshows(own.format, c.Kind == Text) {
		at.Kind, at.Text = Reshown, c.Text
		traces = append(traces, at)
	}
	return traces
}

func (c *Cell) setDay(d clock.Date) {
	c.Kind, c.Date = Day, d
	c.Text = fmt.Sprintf("%02d/%02d/%04d", d.Day(), int(d.Month()), d.Year())
}

// DayOf gives the day of Excel's serial number: day 1 is 1 January 1900, and
// day 60 the 29 February 1900 that never was.
func DayOf(serial float64, from1904 bool) (clock.Date, bool) {
	if !(serial >= 61 && serial < 2_958_466) { // until 31/12/9999
		return clock.Date{}, false
	}
	if from1904 {
		return clock.NewDate(1904, 1, 1+int(serial)), true
	}
	return clock.NewDate(1899, 12, 30+int(serial)), true
}

func isTrue(s string) bool { return s == "1" || strings.EqualFold(s, "true") }
