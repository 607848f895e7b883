package procedure

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/spelling"
)

// Reading is a file of the catalogue, read.
type Reading struct {
	Catalogue *Catalogue
	Report    Report
	Hash      string // SHA-256 of the file
}

// Report accounts for every row of a file: Rows = Loaded + len(Malformed).
type Report struct {
	Rows   int `json:"rows"` // below the heading
	Loaded int `json:"loaded"`
	// Malformed are the others. Those of them that are Kept are in the catalogue and found
	// by their names.
	Malformed []Malformed `json:"malformed"`
}

// Malformed is a row that is not as it should be.
type Malformed struct {
	Line   int    `json:"line"` // of the file, the heading is 1
	Code   string `json:"code"` // as it stands there
	Name   string `json:"name"`
	Reason Flaw   `json:"reason"`
}

// Kept says how many of the malformed rows are in the catalogue.
func (r Report) Kept() int {
	n := 0
	for _, m := range r.Malformed {
		if m.Reason.Kept() {
			n++
		}
	}
	return n
}

// What a file may hold at most.
const (
	MaxFile  = 32 << 20
	maxRows  = 100_000
	maxCell  = 64 << 10
	maxTold  = 200 // characters of a code or name that a report repeats
	maxWrong = 1000
)

// needed are the columns without which a file is no catalogue.
var needed = []string{"code", "name", "promulgator"}

// ReadCatalogue reads a file of the national catalogue: CSV in UTF-8, columns in any order
// by the names of their heading. Every row is loaded or named in the report. It fails with
// Invalid ("procedure.catalogue.…") when the file is none: a heading that lacks a column,
// no row, too large, more than a thousand bad rows; and with what the reader says.
func ReadCatalogue(r io.Reader) (*Reading, error) {
	hash := sha256.New()
	limited := &io.LimitedReader{R: r, N: MaxFile + 1}
	in := &rows{buf: bufio.NewReader(io.TeeReader(limited, hash)), shared: map[string]string{}}
	if start, _ := in.buf.Peek(4); isOtherFile(start) {
		return nil, fault.New(fault.Invalid, "procedure.catalogue.no_csv", nil)
	}
	head, err := in.next()
	if errors.Is(err, io.EOF) {
		return nil, fault.New(fault.Invalid, "procedure.catalogue.empty", nil)
	}
	if err != nil {
		return nil, err
	}
	cols, err := columnsOf(head)
	if err != nil {
		return nil, err
	}
	var (
		list []Procedure
		rep  Report
		seen = map[string]bool{}
	)
	for {
		cells, err := in.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if rep.Rows++; rep.Rows > maxRows {
			return nil, fault.New(fault.Invalid, "procedure.catalogue.rows", fault.Args{"most": maxRows})
		}
		p, flaw := in.procedure(cols, cells, len(head))
		if flaw == "" && seen[p.Code] {
			flaw = FlawTwice
		}
		if p.Flaw = flaw; flaw.Kept() {
			list = append(list, p)
		}
		if flaw == "" {
			seen[p.Code] = true
		}
		if flaw == "" {
			rep.Loaded++
			continue
		}
		rep.Malformed = append(rep.Malformed, Malformed{Line: in.at, Code: told(cols.of(cells, "code")), Name: told(p.Name), Reason: flaw})
		if len(rep.Malformed) > maxWrong {
			return nil, fault.New(fault.Invalid, "procedure.catalogue.bad", fault.Args{"line": rep.Malformed[0].Line, "most": maxWrong})
		}
	}
	if limited.N == 0 {
		return nil, fault.New(fault.Invalid, "procedure.catalogue.large", fault.Args{"most": MaxFile >> 20})
	}
	if rep.Loaded == 0 {
		return nil, fault.New(fault.Invalid, "procedure.catalogue.empty", nil)
	}
	return &Reading{Catalogue: newCatalogue(slices.Clip(list)), Report: rep, Hash: hex.EncodeToString(hash.Sum(nil))}, nil
}

// rows reads the rows of a file one by one, so that a quotation mark out of place spoils
// its own line and not what follows.
type rows struct {
	buf    *bufio.Reader
	line   int // the last that was read
	at     int // where the row begins
	shared map[string]string
}

// next gives the cells of the next row that is not empty; nil cells when its quotation marks
// are out of place. It ends with io.EOF.
func (r *rows) next() ([]string, error) {
	for {
		line, err := r.buf.ReadBytes('\n')
		if len(line) == 0 && err != nil {
			return nil, err
		}
		r.line++
		if r.line == 1 {
			line = bytes.TrimPrefix(line, []byte("\ufeff"))
		}
		r.at = r.line
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		// A row goes on in the next line while a quotation is open, as long as the next line does
		// not itself begin like a row.
		whole, quotes := line, bytes.Count(line, []byte{'"'})
		for quotes%2 == 1 {
			peek, _ := r.buf.Peek(maxTold)
			if len(peek) == 0 || beginsRow(peek) || len(whole) > maxCell {
				return nil, nil //nolint:nilnil // a row that cannot be read is told by its caller
			}
			more, err := r.buf.ReadBytes('\n')
			if err != nil && !errors.Is(err, io.EOF) {
				return nil, err
			}
			r.line++
			whole, quotes = append(whole, more...), quotes+bytes.Count(more, []byte{'"'})
		}
		one := csv.NewReader(bytes.NewReader(whole))
		one.FieldsPerRecord = -1
		cells, err := one.Read()
		if err != nil {
			return nil, nil //nolint:nilerr,nilnil // a row that cannot be read is told by its caller
		}
		return cells, nil
	}
}

// beginsRow says that a line looks like the beginning of a row: a code and a comma.
func beginsRow(line []byte) bool {
	cell, _, found := bytes.Cut(line, []byte{','})
	return found && len(cell) >= 8 && wellFormed.Match(bytes.TrimSpace(cell)[:min(8, len(bytes.TrimSpace(cell)))])
}

// isOtherFile says that a file begins as a workbook does, or as text of two bytes a letter.
func isOtherFile(start []byte) bool {
	for _, known := range []string{"PK", "\xd0\xcf\x11\xe0", "%PDF", "\xff\xfe", "\xfe\xff"} {
		if bytes.HasPrefix(start, []byte(known)) {
			return true
		}
	}
	return false
}

// columns says where a column is.
type columns map[string]int

func columnsOf(head []string) (columns, error) {
	cols := columns{}
	for i, h := range head {
		h = strings.ToLower(spelling.Clean(h))
		if _, twice := cols[h]; !twice {
			cols[h] = i
		}
	}
	for _, n := range needed {
		if _, ok := cols[n]; !ok {
			if len(head) == 1 && strings.ContainsAny(head[0], ";\t") {
				return nil, fault.New(fault.Invalid, "procedure.catalogue.separator", nil)
			}
			return nil, fault.New(fault.Invalid, "procedure.catalogue.column", fault.Args{"column": n})
		}
	}
	return cols, nil
}

// of is a cell; "" when there is no such column.
func (c columns) of(cells []string, name string) string {
	if i, ok := c[name]; ok && i < len(cells) {
		return cells[i]
	}
	return ""
}

// procedure reads a row.
func (r *rows) procedure(cols columns, cells []string, width int) (Procedure, Flaw) {
	switch {
	case cells == nil:
		return Procedure{}, FlawQuote
	case len(cells) != width:
		return Procedure{Name: spelling.Clean(cols.of(cells, "name"))}, FlawColumns
	}
	for _, c := range cells {
		switch {
		case !utf8.ValidString(c) || strings.ContainsFunc(c, isDamage):
			return Procedure{}, FlawText
		case len(c) > maxCell:
			return Procedure{}, FlawLong
		}
	}
	// Texts that many rows have are kept once.
	text := func(name string) string {
		s := spelling.Clean(cols.of(cells, name))
		kept, ok := r.shared[s]
		if !ok {
			kept = strings.Clone(s)
			r.shared[kept] = kept
		}
		return kept
	}
	answer := func(name string) Answer {
		switch text(name) {
		case "1":
			return Yes
		case "0":
			return No
		}
		return NotSaid
	}
	raw := cols.of(cells, "code")
	p := Procedure{
		Code: strings.Clone(spelling.Clean(raw)), Name: strings.Clone(spelling.Clean(cols.of(cells, "name"))),
		Agency: Agency{text("promulgator_code"), text("promulgator")}, Field: Agency{text("field_codes"), text("fields")},
		Levels: text("levels"), Type: Type(text("type")), Subjects: text("subjects"),
		Channels: Channels{Online: answer("online"), Desk: answer("in_person"), Post: answer("postal"), Full: answer("full_process")},
		Handlers: text("executing_agencies"), Decision: text("decision"), State: text("state"), Event: text("life_event"),
	}
	if n, err := strconv.Atoi(text("time_value")); err == nil && n > 0 {
		p.Time.Value = n
	}
	p.Time.Unit = text("time_unit")
	least, err1 := strconv.ParseInt(text("fee_min_vnd"), 10, 64)
	most, err2 := strconv.ParseInt(text("fee_max_vnd"), 10, 64)
	if err1 == nil && err2 == nil && least >= 0 && most >= least {
		p.Cost = Cost{Min: least, Max: most, Said: true}
	}
	flaw := flawOf(raw)
	if flaw != "" { // as it stands: without the space it may be another's code
		p.Code = strings.Clone(told(raw))
	}
	if p.Name == "" && flaw != FlawNoCode {
		flaw = FlawNoName
	}
	return p, flaw
}

// isDamage says that a character is none of a text: controls but for the ends of lines, and
// what stands where a byte could not be read.
func isDamage(r rune) bool {
	return r == utf8.RuneError || unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t'
}

// told cuts what a report repeats.
func told(s string) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	if utf8.RuneCountInString(s) > maxTold {
		return string([]rune(s)[:maxTold]) + "…"
	}
	return s
}
