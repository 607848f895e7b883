package cleaning

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/spelling"
)

// What stands above the rows of a file: lines of titles, the headings, which may take two
// rows, and a row that numbers them.

// Note is what a person should know of how a file was read; Key is its message.
type Note struct {
	Key  string     `json:"key"`
	Args fault.Args `json:"args,omitempty"`
}

func (s *Source) note(key string, args fault.Args) {
	s.Notes = append(s.Notes, Note{"cleaning.note." + key, args})
}

// headLooked are so many rows at the beginning among which the headings are looked for.
const headLooked = 30

// mostColumns is how many columns a file of persons may have.
const mostColumns = 1000

// headLine is one of the first rows.
type headLine struct {
	cells    []string
	from, to int64 // bytes
	before   int64 // lines of the file above it
	after    int64 // lines up to its end
	filled   int
	known    int  // cells that are headings, as far as they are known
	sure     bool // one of them is no value either
	data     bool // a number or a day stands in it
}

func (s *Source) readHeader(name fault.Args) error {
	start, whole, err := s.peek(name)
	if err != nil {
		return err
	}
	if s.comma == 0 && bytes.IndexByte(start, '\n') < 0 && bytes.IndexByte(start, '\r') >= 0 { // as old Macintoshes end lines
		s.cr = true
		start = bytes.ReplaceAll(start, []byte("\r"), []byte("\n"))
		s.note("cr", nil)
	}
	lines, err := s.headLines(start, whole, name)
	if err != nil {
		return err
	}
	if s.named {
		lines = lines[:1]
	}
	at := headingAt(lines)
	h := &lines[at]
	if at > 0 {
		s.note("titles", fault.Args{"n": at})
	}
	if h.data && !h.sure && !s.named { // there are rows only
		s.headless, s.headEnd, s.head = true, h.from, h.before
		for i := range h.cells {
			s.Header = append(s.Header, fmt.Sprintf("#%d", i+1))
		}
		s.note("headless", nil)
		return nil
	}
	s.Header = s.below(lines[at:])
	if len(s.Header) > mostColumns {
		return fault.New(fault.Invalid, "cleaning.file.no_table", name)
	}
	s.Header = s.distinct(s.Header)
	if _, ok := peopleLayout(s.Header); ok {
		s.quoted = false // the register writes a row on a line, whatever stands in it
	}
	return nil
}

// peek gives the beginning of the text, and whether that is all of it.
func (s *Source) peek(name fault.Args) (start []byte, whole bool, err error) {
	r, err := s.decoded()
	if err != nil {
		return nil, false, err
	}
	defer r.Close()
	start, err = bufio.NewReaderSize(r, longestRow).Peek(longestRow)
	if whole = errors.Is(err, io.EOF); err != nil && !whole {
		if fault.As(err) == nil {
			err = fault.New(fault.Invalid, "cleaning.file.unread", name).Because(err)
		}
		return nil, false, err
	}
	return start, whole, nil
}

// headLines takes the first rows apart.
func (s *Source) headLines(start []byte, whole bool, name fault.Args) ([]headLine, error) {
	var at, line int64
	if c, n := separatorSaid(start); s.comma == 0 && n > 0 {
		s.comma, at, line = c, int64(n), 1
	} else if s.comma == 0 {
		s.comma = commaOf(start)
	}
	var out []headLine
	for len(out) < headLooked && at < int64(len(start)) {
		rest := start[at:]
		end, why := s.nextRow(rest, whole)
		if end == 0 {
			break
		}
		row := rest[:end]
		l := headLine{from: at, to: at + int64(end), before: line}
		at += int64(end)
		if line++; !s.sheet && s.quoted {
			line += int64(bytes.Count(row, []byte("\n"))) - 1
		}
		if l.after = line; len(bytes.TrimRight(row, "\r\n")) == 0 {
			continue
		}
		if len(row) >= longestRow || bytes.IndexByte(row, 0) >= 0 {
			break
		}
		cells, _ := splitCells(row, s.comma, 0, nil, nil)
		if why != "" || isBlank(cells) {
			if len(out) == 0 && why != "" {
				break
			}
			continue
		}
		l.read(cells)
		out = append(out, l)
	}
	if len(out) == 0 {
		key := "cleaning.file.no_table"
		if whole && len(bytes.Trim(start, "\r\n \t,;|")) == 0 {
			key = "cleaning.file.empty"
		}
		return nil, fault.New(fault.Invalid, key, name)
	}
	return out, nil
}

func (l *headLine) read(cells [][]byte) {
	for _, c := range cells {
		text := spelling.Clean(string(c))
		l.cells = append(l.cells, text)
		if text == "" {
			continue
		}
		l.filled++
		if k := headingOf(text); k != "" {
			l.known++
			l.sure = l.sure || k == Name || k == Birth || k == Number || k == Sex || k == Given || k == Surname
		}
		l.data = l.data || isNumber(text) || isDate(text)
	}
}

// headingOf is what a cell says as a heading; "Tỉnh: Hà Nội" above a table is none.
func headingOf(text string) Kind {
	_, said, colon := strings.Cut(outsideBrackets(text), ":")
	if len(text) > 120 || colon && strings.TrimSpace(said) != "" || isNumber(text) {
		return ""
	}
	return byHeading(text)
}

// headingAt is the row of the headings: the first with two that are known, or the first that
// fills more than half of what the fullest does. Titles and the names of offices fill less.
func headingAt(lines []headLine) int {
	most := 0
	for _, l := range lines {
		most = max(most, l.filled)
	}
	for i, l := range lines {
		if l.known >= 2 && !l.data || l.filled*2 > most {
			return i
		}
	}
	return 0
}

// below reads the headings from their row and those that belong to it.
func (s *Source) below(lines []headLine) []string {
	header := lines[0].cells
	last, two := 0, false
	for last+1 < len(lines) && last < 2 {
		next := &lines[last+1]
		switch {
		case next.counts(lines[0].filled):
			s.note("numbering", nil)
		case !two && last == 0 && lines[0].above(next):
			header, two = under(header, next.cells), true
			s.note("two_rows", nil)
		default:
			next = nil
		}
		if next == nil {
			break
		}
		last++
	}
	s.headEnd, s.head = lines[last].to, lines[last].after
	return header
}

// counts says that a row only numbers the columns: (1), (2), (3) or A, B, 1, 2.
func (l *headLine) counts(filled int) bool {
	if l.filled < 3 || l.filled*2 < filled {
		return false
	}
	next := 1
	for _, c := range l.cells {
		c = strings.Trim(c, "()[]. ")
		switch n, err := strconv.Atoi(c); {
		case c == "":
		case len(c) == 1 && (c[0] >= 'A' && c[0] <= 'Z' || c[0] >= 'a' && c[0] <= 'z') && next == 1:
		case err == nil && n == next:
			next++
		default:
			return false
		}
	}
	return next > 2
}

// above says that the next row has headings under some of these: "Năm sinh" over "Nam" and
// "Nữ". It has nothing else, and fills what is empty here.
func (l *headLine) above(next *headLine) bool {
	fills := false
	for i, c := range next.cells {
		if c == "" {
			continue
		}
		if byHeading(c) == "" {
			return false
		}
		fills = fills || i >= len(l.cells) || l.cells[i] == ""
	}
	return fills && next.filled >= 2 && !next.data
}

// subSign stands between a heading and the one under it.
const subSign = " › "

func under(top, sub []string) []string {
	out := make([]string, max(len(top), len(sub)))
	over := ""
	for i := range out {
		if i < len(top) && top[i] != "" {
			over = top[i]
			out[i] = over
		}
		if i < len(sub) && sub[i] != "" {
			out[i] = strings.TrimPrefix(over+subSign+sub[i], subSign)
		}
	}
	return out
}

// distinct gives the second of two headings that are the same a number.
func (s *Source) distinct(header []string) []string {
	out := make([]string, 0, len(header))
	for _, h := range header {
		name := h
		for n := 2; h != "" && slices.Contains(out, name); n++ {
			name = fmt.Sprintf("%s (%d)", h, n)
		}
		if name != h {
			s.note("same_heading", fault.Args{"column": h, "as": name})
		}
		out = append(out, name)
	}
	return out
}

// separatorSaid reads the line "sep=;" that Excel understands; n are its bytes.
func separatorSaid(start []byte) (comma byte, n int) {
	line, _, ok := bytes.Cut(start, []byte("\n"))
	text := bytes.Trim(bytes.TrimSpace(line), `"`)
	if ok && len(text) == 5 && bytes.EqualFold(text[:4], []byte("sep=")) {
		return text[4], len(line) + 1
	}
	if ok && bytes.EqualFold(bytes.TrimRight(line, "\r"), []byte("sep=\t")) {
		return '\t', len(line) + 1
	}
	return 0, 0
}

// commaOf is what parts the cells: what stands as often in the most of the first lines.
func commaOf(start []byte) byte {
	best, most, times := byte(','), 0, 0
	var lines [][]byte
	for line := range bytes.SplitSeq(start[:min(len(start), 1<<16)], []byte("\n")) {
		if len(lines) == headLooked {
			break
		}
		if len(bytes.TrimSpace(line)) > 0 {
			lines = append(lines, line)
		}
	}
	for _, c := range []byte{',', ';', '\t', '|'} {
		counts := map[int]int{}
		for _, line := range lines {
			if n := countOutside(line, c); n > 0 {
				counts[n]++
			}
		}
		for n, k := range counts {
			if k > times || k == times && n > most {
				best, most, times = c, n, k
			}
		}
	}
	return best
}

// countOutside counts a sign outside quotes.
func countOutside(line []byte, c byte) int {
	n, inside := 0, false
	for _, b := range line {
		if b == '"' {
			inside = !inside
		}
		if b == c && !inside {
			n++
		}
	}
	return n
}
