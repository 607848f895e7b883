package readinessxlsx

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/sheet"
	"dean06/internal/readiness"
)

// Read takes the return out of a workbook that Write made. It fails with a fault
// (Invalid, or TooLarge) when the file cannot become a return: it is no
// workbook, is damaged, belongs to another template, or its printed text was
// changed. What is only unsure comes back as problems, each with its cell.
func Read(tpl *readiness.Template, name string, r io.ReaderAt, size int64) (readiness.Return, []readiness.Problem, error) {
	book, err := sheet.Open(r, size, sheet.DefaultLimits)
	if err != nil {
		return readiness.Return{}, nil, refused(name, size, err)
	}
	rd := &reader{tpl: tpl, file: name, book: book, from1904: book.From1904}
	if err := rd.identify(book); err != nil {
		return readiness.Return{}, nil, err
	}
	for i := range book.Sheets {
		rd.take(&book.Sheets[i])
	}
	if err := rd.compare(); err != nil {
		return readiness.Return{}, nil, err
	}
	rd.garbled()
	ret := rd.assemble()
	return ret, rd.problems, nil
}

// refused turns what platform/sheet refuses into words for its sender.
func refused(name string, size int64, err error) error {
	var r *sheet.Refusal
	if !errors.As(err, &r) {
		return fmt.Errorf("read workbook: %w", err)
	}
	key, kind := "readiness.workbook."+string(r.Reason), fault.Invalid
	args := fault.Args{"file": name}
	switch r.Reason {
	case sheet.Another:
		switch r.Found {
		case "doc", "docx", "pdf", "ods":
			key += "." + r.Found
		}
		args["found"] = r.Found
	case sheet.TooLarge:
		kind = fault.TooLarge
		args["size"], args["limit"] = size>>20, sheet.DefaultLimits.Archive>>20
	case sheet.Bomb:
		kind = fault.TooLarge
	}
	return fault.New(kind, key, args).Because(err)
}

// reader takes one workbook apart.
type reader struct {
	tpl  *readiness.Template
	file string
	book *sheet.Book
	form *form
	meta map[string]string

	from1904 bool
	pages    map[string]string // page to the name that its sheet now has
	cells    map[place]found
	last     map[[2]string]int // page and row key without its ordinal: the last ordinal
	extra    []readiness.Extra
	rest     []string // loose texts beyond maxLoose, to be kept in one piece
	problems []readiness.Problem

	traces  []onSheet
	numbers map[spot]string // numbered rows of the answers by where they stand

	undeclared []int // answers whose system has no id yet
}

// maxLoose is how many rows outside the form are told one by one.
const maxLoose = 200

// found is a cell of the form as it stands in the workbook.
type found struct {
	sheet.Cell
	text string // cleaned
	ref  string // "2. Hiện trạng!E7"
	line int
}

func (rd *reader) fail(key string, args fault.Args) error {
	if args == nil {
		args = fault.Args{}
	}
	args["file"] = rd.file
	return fault.New(fault.Invalid, "readiness.workbook."+key, args)
}

// pageOf reads the mark in the first cells of column A, which moves when rows
// are inserted above it.
func pageOf(s *sheet.Sheet) string {
	for _, row := range s.Rows[:min(len(s.Rows), 5)] {
		if page, ok := strings.CutPrefix(row.At(1).Text, "dean06:"); ok && (pageColumns[page] != nil || page == pageState) {
			return page
		}
	}
	return ""
}

// identify finds out whether the workbook is a form, and of which template.
func (rd *reader) identify(book *sheet.Book) error {
	rd.pages = map[string]string{}
	rd.meta = map[string]string{}
	var names []string
	for i := range book.Sheets {
		s := &book.Sheets[i]
		page := pageOf(s)
		if !s.Hidden {
			names = append(names, s.Name)
		}
		if page == "" || rd.pages[page] != "" {
			continue
		}
		rd.pages[page] = s.Name
		if page == pageMeta {
			for _, row := range s.Rows {
				rd.meta[row.At(1).Text] = clean(row.At(2).Text)
			}
		}
	}
	if len(rd.pages) == 0 {
		return rd.fail("another_form", fault.Args{"found": strings.Join(names[:min(len(names), 10)], ", ")})
	}
	lang := i18n.Lang(rd.meta["lang"])
	for _, page := range pagesOf(rd.tpl) {
		if page != pageLists && rd.pages[page] == "" {
			return rd.fail("missing_sheet", fault.Args{"sheet": texts().In(lang).T("readiness.workbook.sheet." + page)})
		}
	}
	if rd.meta["template"] != rd.tpl.Ref() {
		return rd.fail("other_template", fault.Args{"got": rd.meta["template"], "want": rd.tpl.Ref()})
	}
	hash, err := hashOf(rd.tpl)
	if err != nil {
		return err
	}
	if rd.meta["template_hash"] != hash {
		return rd.fail("other_wording", fault.Args{"got": rd.meta["template"]})
	}
	size, err := sizesFor(rd.tpl, nil)
	if err != nil {
		return err
	}
	kind := readiness.FormKind(rd.meta["kind"])
	if lang != i18n.Vi && lang != i18n.En || kind != rd.meta["kind"] {
		return rd.fail("checksum", nil)
	}
	rd.form, err = formFor(rd.tpl, formKey{template: hash, kind: kind, lang: string(lang), full: rd.meta["full"] == "true", sizes: size})
	return err
}

// take sorts the cells of a sheet into those of the form and the rest.
func (rd *reader) take(s *sheet.Sheet) {
	page := pageOf(s)
	if page == pageMeta || page == pageLists || page == "" && s.Name == rd.form.names[pageLists] {
		return
	}
	rd.lies(s, page)
	if page == "" || rd.pages[page] != s.Name {
		rd.foreign(s)
		return
	}
	rd.unseen(s, page)
	if rd.cells == nil {
		rd.cells, rd.last = map[place]found{}, map[[2]string]int{}
	}
	columns := rd.form.columns[page]
	// Copied rows carry a key that was seen already: they become further rows.
	seen := map[string]bool{}
	var copies []sheet.Row
	for _, row := range s.Rows {
		key := row.At(1).Text
		base, n := splitKey(key)
		if !rd.known(page, base, n) {
			rd.loose(s.Name, page, row, 2)
			continue
		}
		if seen[key] {
			copies = append(copies, row)
			continue
		}
		seen[key] = true
		rd.last[[2]string{page, base}] = max(n, rd.last[[2]string{page, base}])
		rd.row(s.Name, page, key, columns, row)
	}
	for _, row := range copies {
		base, n := splitKey(row.At(1).Text)
		at := [2]string{page, base}
		if n == 0 || rd.last[at] >= maxRows {
			rd.loose(s.Name, page, row, 2)
			continue
		}
		rd.last[at]++
		rd.row(s.Name, page, rowKey(base, rd.last[at]), columns, row)
	}
}

// known says whether a row of a page has its place in the form.
func (rd *reader) known(page, base string, n int) bool {
	key := base
	if n > 0 && page != pageGuide {
		key = rowKey(base, 1)
	} else if n > 0 {
		key = rowKey(base, n)
	}
	col := rd.form.columns[page][1].key
	for _, c := range []string{col, colLabel, colValue, colName} {
		if _, ok := rd.form.labels[place{page, key, c}]; ok {
			return true
		}
		if _, ok := rd.form.slots[place{page, key, c}]; ok {
			return true
		}
	}
	return false || strings.HasPrefix(key, "dean06:")
}

func (rd *reader) row(name, page, key string, columns []column, row sheet.Row) {
	beyond := 0
	for _, c := range row.Cells {
		if c.Column == 1 {
			continue
		}
		if c.Column > len(columns) {
			beyond = max(beyond, 1)
			continue
		}
		p := place{page, key, columns[c.Column-1].key}
		rd.cells[p] = found{Cell: c, text: clean(c.Text), ref: name + "!" + sheet.Ref(c.Column, row.Number), line: row.Number}
	}
	if beyond > 0 {
		rd.loose(name, page, row, len(columns)+1)
	}
}

// partOf is the part of the form that a page belongs to.
func partOf(page string) string {
	if part, ok := strings.CutPrefix(page, "part"); ok {
		return part
	}
	return ""
}

// loose keeps the text of a row that has no place in the form, from a column on.
func (rd *reader) loose(name, page string, row sheet.Row, from int) {
	var parts []string
	at := 0
	for _, c := range row.Cells {
		if c.Column < from || clean(c.Text) == "" {
			continue
		}
		if at == 0 {
			at = c.Column
		}
		parts = append(parts, clean(c.Text))
	}
	if len(parts) == 0 {
		return
	}
	if len(rd.extra) >= maxLoose {
		rd.rest = append(rd.rest, strings.Join(parts, " | "))
		return
	}
	text, ref := strings.Join(parts, " | "), name+"!"+sheet.Ref(at, row.Number)
	rd.extra = append(rd.extra, readiness.Extra{Where: readiness.Place{Part: partOf(page), Line: row.Number, Column: ref}, Text: text})
	rd.problem(readiness.Reviews, "", found{ref: ref, text: text}, "readiness.workbook.problem.loose")
}

// foreign keeps the text of a sheet that someone added. Of a copy of a page only that is
// kept which the page does not say.
func (rd *reader) foreign(s *sheet.Sheet) {
	lines := rd.linesOf(s)
	if page := pageOf(s); page != "" {
		for i := range rd.book.Sheets {
			if o := &rd.book.Sheets[i]; o.Name == rd.pages[page] {
				own := map[string]bool{}
				for _, l := range rd.linesOf(o) {
					own[l] = true
				}
				lines = slices.DeleteFunc(lines, func(l string) bool { return own[l] })
			}
		}
	}
	if len(lines) == 0 {
		return
	}
	ref := s.Name + "!" + sheet.Ref(s.Rows[0].Cells[0].Column, s.Rows[0].Number)
	rd.extra = append(rd.extra, readiness.Extra{Where: readiness.Place{Line: s.Rows[0].Number, Column: ref}, Text: strings.Join(lines, "\n")})
	kind := readiness.TraceOtherSheet
	if s.Hidden {
		kind = readiness.TraceHiddenSheet
	}
	rd.tellFile(kind, ref, strings.Join(lines, "\n"))
}

// linesOf writes the rows of a sheet, without the keys of the form.
func (rd *reader) linesOf(s *sheet.Sheet) []string {
	var lines []string
	columns := rd.form.columns[pageOf(s)]
	for _, row := range s.Rows {
		var parts []string
		for _, c := range row.Cells {
			ours := c.Column <= len(columns) && columns[c.Column-1].width == 0
			if t := clean(c.Text); t != "" && !ours {
				parts = append(parts, t)
			}
		}
		if len(parts) > 0 {
			lines = append(lines, strings.Join(parts, " | "))
		}
	}
	return lines
}

// compare holds the labels against the checksum, which Write made of them: a
// later version of this program may word its own labels differently. When they
// differ, the form as it is now tells which cell it was. Spare rows may be
// missing; their labels are those of the first row of their kind.
func (rd *reader) compare() error {
	labels := map[place]label{}
	var wrong []place
	for p, l := range rd.form.labels {
		if _, n := splitKey(p.row); n > 1 && p.page != pageGuide {
			continue
		}
		labels[p] = label{text: rd.cells[p].text}
		if rd.cells[p].text != l.text {
			wrong = append(wrong, p)
		}
	}
	if rd.meta["checksum"] == checksum(rd.meta, digestOf(labels)) {
		wrong = nil
	} else if len(wrong) == 0 {
		return rd.fail("checksum", nil)
	}
	present := map[[2]string]bool{}
	for p, c := range rd.cells {
		present[[2]string{p.page, p.row}] = true
		base, n := splitKey(p.row)
		if n <= 1 || p.page == pageGuide || p.col == readiness.ColNumber {
			continue
		}
		if l, ok := labels[place{p.page, rowKey(base, 1), p.col}]; ok && c.text != l.text {
			wrong = append(wrong, p)
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	// The same file gets the same answer: name the first cell in order.
	p := slices.MinFunc(wrong, func(a, b place) int { return strings.Compare(a.page+a.row+a.col, b.page+b.row+b.col) })
	if !present[[2]string{p.page, p.row}] {
		base, _ := splitKey(p.row)
		return rd.fail("missing_row", fault.Args{"row": base, "sheet": rd.pages[p.page]})
	}
	base, n := splitKey(p.row)
	first := p.row
	if n > 1 {
		first = rowKey(base, 1)
	}
	want := rd.form.labels[place{p.page, first, p.col}]
	ref := rd.cells[p].ref
	if ref == "" {
		ref = rd.pages[p.page] + "!" + want.ref
	}
	return rd.fail("label_changed", fault.Args{"cell": ref, "want": short(want.text), "got": short(rd.cells[p].text)})
}

// short cuts a text for a message.
func short(s string) string {
	s = strings.ReplaceAll(s, "\n", " ")
	if r := []rune(s); len(r) > 80 {
		return string(r[:79]) + "…"
	}
	return s
}

func (rd *reader) problem(s readiness.Severity, row string, c found, reason string) {
	p := readiness.NewProblem(s, row, c.ref, c.text, reason)
	rd.problems = append(rd.problems, p)
}

// at gives a cell to fill in; one that shows an error has no value.
func (rd *reader) at(page, row, col string) found {
	c := rd.cells[place{page, row, col}]
	if c.Kind == sheet.Fault {
		c.text = ""
	}
	return c
}
