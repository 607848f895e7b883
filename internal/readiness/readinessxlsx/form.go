package readinessxlsx

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/xuri/excelize/v2"

	"dean06/internal/platform/i18n"
	"dean06/internal/platform/sheet"
	"dean06/internal/readiness"
)

// formKey is all that a form depends on.
type formKey struct {
	template   string // hash
	kind, lang string
	full       bool // also the rows that are not for this kind of agency
	sizes
}

// forms keeps the forms made: laying one out takes a hundred times as long as
// filling it. It is a cache only, and bounded.
var forms = struct {
	sync.Mutex
	made map[formKey]*form
}{made: map[formKey]*form{}}

const maxForms = 64

func formFor(tpl *readiness.Template, k formKey) (*form, error) {
	forms.Lock()
	f := forms.made[k]
	forms.Unlock()
	if f != nil {
		return f, nil
	}
	f, err := layOut(tpl, k)
	if err != nil {
		return nil, fmt.Errorf("lay out workbook for template %s: %w", tpl.Ref(), err)
	}
	forms.Lock()
	defer forms.Unlock()
	if len(forms.made) >= maxForms {
		clear(forms.made)
	}
	forms.made[k] = f
	return f, nil
}

// hashOf names the template by its content: the same reference with another
// wording is another form.
func hashOf(tpl *readiness.Template) (string, error) {
	raw, err := json.Marshal(tpl)
	if err != nil {
		return "", fmt.Errorf("hash template %s: %w", tpl.Ref(), err)
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:]), nil
}

// drawer draws a form with excelize.
type drawer struct {
	*form
	file *excelize.File
	look sheet.Styles
	say  *i18n.Printer
	key  formKey
	page string
	row  int
	line string  // key of the current row
	tall float64 // points that its labels need
	err  error   // the first one; later steps do nothing
}

func layOut(tpl *readiness.Template, k formKey) (*form, error) {
	d := &drawer{
		form: &form{tpl: tpl, lang: k.lang, columns: columnsOf(tpl), names: map[string]string{}, labels: map[place]label{}, slots: map[place]string{}},
		file: excelize.NewFile(), say: texts().In(i18n.Lang(k.lang)), key: k,
	}
	defer d.file.Close()
	d.look, d.err = sheet.NewStyles(d.file)
	order := pagesOf(tpl)
	for i, page := range order {
		d.names[page] = d.thing("readiness.workbook.sheet." + page)
		if i == 0 {
			d.try(d.file.SetSheetName("Sheet1", d.names[page]))
			continue
		}
		d.new(page)
	}
	d.guide()
	d.contact()
	d.lists()
	if tpl.Repeats() {
		d.systems()
	}
	d.state()
	if len(tpl.Proposals) > 0 {
		d.proposals()
	}
	d.free()
	d.meta()
	d.try(d.file.ProtectWorkbook(&excelize.WorkbookProtectionOptions{LockStructure: true}))
	if d.err != nil {
		return nil, d.err
	}
	d.digest = digestOf(d.labels)
	fillable := make([]string, 0, len(order))
	for _, page := range order {
		if page != pageLists {
			fillable = append(fillable, d.names[page])
		}
	}
	d.mould, d.err = sheet.NewMould(d.file, fillable...)
	return d.form, d.err
}

// digestOf sums up the labels of the first row of each kind: how many spare rows
// follow makes no difference.
func digestOf(labels map[place]label) string {
	h := sha256.New()
	for _, p := range slices.SortedFunc(maps.Keys(labels), func(a, b place) int {
		return cmp.Or(strings.Compare(a.page, b.page), strings.Compare(a.row, b.row), strings.Compare(a.col, b.col))
	}) {
		if _, n := splitKey(p.row); n > 1 && p.page != pageGuide {
			continue
		}
		// Lengths keep apart what stands side by side.
		for _, s := range []string{p.page, p.row, p.col, labels[p].text} {
			io.WriteString(h, strconv.Itoa(len(s))+":"+s) //nolint:errcheck // a hash never fails
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

func (d *drawer) try(err error) {
	if d.err == nil {
		d.err = err
	}
}

func (d *drawer) new(page string) {
	_, err := d.file.NewSheet(d.names[page])
	d.try(err)
}

// begin turns to a page: its widths, its key in A1 and its title.
func (d *drawer) begin(page, title string) {
	d.page, d.row = page, 0
	name := d.names[page]
	for i, c := range d.columns[page] {
		col := sheet.ColumnName(i + 1)
		if c.width == 0 {
			d.try(d.file.SetColVisible(name, col, false))
			continue
		}
		d.try(d.file.SetColWidth(name, col, col, c.width))
	}
	d.next("dean06:" + page)
	if title != "" {
		d.label(d.columns[page][1].key, strings.ReplaceAll(title, "\n", " "), d.look.Title)
	}
}

// next starts the next row and gives it its key.
func (d *drawer) next(key string) {
	d.row++
	d.line, d.tall = key, 0
	d.try(d.file.SetCellStr(d.names[d.page], sheet.Ref(1, d.row), key))
}

func (d *drawer) at(col string) string { return sheet.Ref(d.columnOf(d.page, col), d.row) }

// here is the place of a column in the current row.
func (d *drawer) here(col string) place { return place{d.page, d.line, col} }

func (d *drawer) label(col, text string, style int) {
	text = clean(text)
	d.labels[d.here(col)] = label{d.at(col), text}
	d.try(d.file.SetCellStr(d.names[d.page], d.at(col), text))
	d.try(d.file.SetCellStyle(d.names[d.page], d.at(col), d.at(col), style))
	width := d.columns[d.page][d.columnOf(d.page, col)-1].width
	if style == d.look.Title || style == d.look.Line {
		width = 1000
	}
	d.high(sheet.Height(text, width))
}

// wide is a label that runs over the cells as far as another column.
func (d *drawer) wide(col, to, text string, style int) {
	first, last, width := d.columnOf(d.page, col), d.columnOf(d.page, to), 0.0
	for _, c := range d.columns[d.page][first-1 : last] {
		width += c.width
	}
	name := d.names[d.page]
	d.labels[d.here(col)] = label{d.at(col), clean(text)}
	d.try(d.file.SetCellStr(name, d.at(col), clean(text)))
	d.try(d.file.MergeCell(name, d.at(col), d.at(to)))
	d.try(d.file.SetCellStyle(name, d.at(col), d.at(to), style))
	d.high(sheet.Height(text, width))
}

// high makes the current row so high at least.
func (d *drawer) high(points float64) {
	if points <= d.tall {
		return
	}
	d.tall = points
	d.try(d.file.SetRowHeight(d.names[d.page], d.row, points))
}

func (d *drawer) slot(col string, style int) {
	d.slots[d.here(col)] = d.at(col)
	d.high(sheet.Height("", 1))
	d.try(d.file.SetCellStyle(d.names[d.page], d.at(col), d.at(col), style))
}

// head draws the headings of a table and freezes what is above and left of it.
func (d *drawer) head(frozen int, text func(col string) string) {
	d.next("head")
	for _, c := range d.columns[d.page] {
		if c.width > 0 {
			d.label(c.key, text(c.key), d.look.Head)
		}
	}
	d.try(d.file.SetPanes(d.names[d.page], &excelize.Panes{
		Freeze: true, XSplit: frozen, YSplit: d.row, TopLeftCell: sheet.Ref(frozen+1, d.row+1), ActivePane: "bottomRight",
	}))
	pages := 1
	if d.page == pageState {
		pages = 2
	}
	d.try(sheet.Print(d.file, d.names[d.page], pages, d.row, frozen))
}

func (d *drawer) own(col string) string { return d.thing("readiness.workbook.column." + col) }

func (d *drawer) guide() {
	d.begin(pageGuide, d.tpl.Title.In(d.lang))
	for _, field := range []string{"agency", "campaign"} {
		d.next(field)
		d.label(colLabel, d.say.T("readiness.workbook.guide."+field), d.look.Label)
		d.slot(colValue, d.look.Plain)
	}
	for i, text := range d.steps() {
		d.next(rowKey("step", i+1))
		d.label(colLabel, fmt.Sprintf("%d. %s", i+1, text), d.look.Line)
	}
	d.next("head")
	d.label(colLabel, d.say.T("readiness.workbook.guide.row"), d.look.Head)
	d.label(colValue, d.say.T("readiness.workbook.guide.note"), d.look.Head)
	for _, r := range d.tpl.Rows {
		hint := strings.TrimSpace(r.NoteHint.In(d.lang) + "\n" + r.Example.In(d.lang))
		if hint == "" || !d.key.full && !r.IsFor(d.key.kind) {
			continue
		}
		d.next("hint:" + r.Key)
		d.label(colLabel, strings.TrimSpace(r.Number+" "+r.Label.In(d.lang)), d.look.Label)
		d.label(colValue, hint, d.look.Label)
	}
	d.try(sheet.Print(d.file, d.names[d.page], 1, 0, 0))
	d.try(sheet.Lock(d.file, d.names[d.page]))
}

// steps are what one does to fill in the workbook, as far as the form asks for it.
func (d *drawer) steps() []string {
	var out []string
	for _, s := range []struct {
		key  string
		asks bool
	}{
		{"white", true},
		{"systems", d.tpl.Repeats()},
		{"state", true},
		{"rows", true},
		{"month", d.has(pageState, colMonth)},
		{"lines", d.has(pageState, colCauses) || d.has(pageState, colUnmet)},
		{"save", true},
	} {
		if s.asks {
			out = append(out, d.thing("readiness.workbook.guide.step."+s.key))
		}
	}
	return out
}

// ofThings are the texts that speak of what repeated rows are for.
var ofThings = []string{
	"readiness.workbook.column.name", "readiness.workbook.column.system", "readiness.workbook.guide.step.systems",
	"readiness.workbook.systems.title", "readiness.workbook.sheet.systems",
}

// thing is a text about what repeated rows are for: information systems, or the form's own.
func (d *drawer) thing(key string) string {
	args := map[string]any{"rows": d.repeating()}
	if d.tpl.Subject.One.Vi != "" && slices.Contains(ofThings, key) {
		key += ".own"
		args["one"], args["many"] = d.tpl.Subject.One.In(d.lang), d.tpl.Subject.Many.In(d.lang)
	}
	return d.say.T(key, args)
}

// repeating names the parts of part 2 whose rows repeat: "1, 4 và 5".
func (d *drawer) repeating() string {
	var numbers []string
	for _, r := range d.tpl.Rows {
		if r.Kind != readiness.Repeat && r.Kind != readiness.Group {
			continue
		}
		number, _, _ := strings.Cut(r.Number, ".")
		if number != "" && !slices.Contains(numbers, number) {
			numbers = append(numbers, number)
		}
	}
	if len(numbers) < 2 {
		return strings.Join(numbers, "")
	}
	last := len(numbers) - 1
	return strings.Join(numbers[:last], ", ") + " " + d.say.T("readiness.workbook.and") + " " + numbers[last]
}

func (d *drawer) contact() {
	d.begin(pageContact, d.tpl.Part1.In(d.lang))
	field := func(key, text string) {
		d.next(key)
		d.label(colLabel, text, d.look.Label)
		d.slot(colValue, d.look.Answer)
	}
	for _, key := range []string{"heading", "letter_number", "letter_date"} {
		field(key, d.say.T("readiness.workbook.field."+key))
	}
	for _, c := range d.tpl.Contact {
		field("contact:"+c.Key, c.Label.In(d.lang))
	}
	d.try(sheet.Print(d.file, d.names[d.page], 1, 0, 0))
	d.try(sheet.Lock(d.file, d.names[d.page]))
}

// listed gives the choices of an option list in the form's language.
func (f *form) listed(list string) []string {
	if list == colKind {
		var out []string
		for _, k := range f.tpl.Subject.Kinds {
			out = append(out, clean(k.Label.In(f.lang)))
		}
		if len(out) > 0 {
			return out
		}
		for _, k := range f.tpl.AllSystemKinds() {
			out = append(out, texts().In(i18n.Lang(f.lang)).T("readiness.workbook.kind."+k))
		}
		return out
	}
	var out []string
	options := f.tpl.Options[list]
	if list == listYesNo {
		options = f.tpl.Choices(readiness.Column{Kind: readiness.YesNoColumn})
	}
	for _, o := range options {
		out = append(out, clean(o.In(f.lang)))
	}
	return out
}

// lists draws the hidden sheet behind the drop-downs: seven stages are longer
// than the 255 characters that a list inside a cell's rule may have.
func (d *drawer) lists() {
	name := d.names[pageLists]
	for i, list := range d.listNames() {
		for j, text := range append([]string{list}, d.listed(list)...) {
			d.try(d.file.SetCellStr(name, sheet.Ref(i+1, j+1), text))
		}
	}
	d.try(d.file.SetSheetVisible(name, false))
	d.try(sheet.Lock(d.file, name))
}

func (f *form) listNames() []string {
	names := append(slices.Sorted(maps.Keys(f.tpl.Options)), colKind)
	if slices.ContainsFunc(f.tpl.Columns, func(c readiness.Column) bool { return c.Kind == readiness.YesNoColumn }) {
		names = append(names, listYesNo)
	}
	return names
}

// listYesNo is the list of a column of yes or no; no list of a form has such a name.
const listYesNo = "yes/no"

// offer puts a drop-down on cells of the current page. What is not on the list
// is refused, or only asked about when others are possible too.
func (d *drawer) offer(cells []string, from string, others bool) {
	if len(cells) == 0 {
		return
	}
	v := excelize.NewDataValidation(true)
	v.SetSqref(strings.Join(cells, " "))
	v.SetSqrefDropList(from)
	style := excelize.DataValidationErrorStyleStop
	if others {
		style = excelize.DataValidationErrorStyleInformation
	}
	v.SetError(style, d.say.T("readiness.workbook.choice.title"), d.say.T("readiness.workbook.choice.text"))
	d.try(d.file.AddDataValidation(d.names[d.page], v))
}

func (d *drawer) listRange(list string) string {
	col := sheet.ColumnName(slices.Index(d.listNames(), list) + 1)
	return fmt.Sprintf("'%s'!$%s$2:$%s$%d", d.names[pageLists], col, col, 1+len(d.listed(list)))
}

func (d *drawer) systems() {
	d.begin(pageSystems, d.thing("readiness.workbook.systems.title"))
	d.head(2, d.own)
	var kinds []string
	for i := 1; i <= d.key.Systems; i++ {
		d.next(rowKey("system", i))
		d.label(readiness.ColNumber, fmt.Sprint(i), d.look.Label)
		for _, col := range []string{colName, colKind, readiness.ColUnit, colAliases, colID} {
			d.slot(col, d.look.Answer)
		}
		kinds = append(kinds, d.at(colKind))
	}
	d.offer(kinds, d.listRange(colKind), false)
	d.try(sheet.Lock(d.file, d.names[d.page]))
}

// systemRange is where the names of the declared systems stand.
func (d *drawer) systemRange() string {
	first := d.slots[place{pageSystems, rowKey("system", 1), colName}]
	last := d.slots[place{pageSystems, rowKey("system", d.key.Systems), colName}]
	abs := func(ref string) string { return "$" + ref[:1] + "$" + ref[1:] }
	return fmt.Sprintf("'%s'!%s:%s", d.names[pageSystems], abs(first), abs(last))
}

func (d *drawer) proposals() {
	d.begin(pageProposals, d.tpl.Part3.In(d.lang))
	d.next("intro")
	d.wide(readiness.ColNumber, colValue, d.tpl.Part3Intro.In(d.lang), d.look.Plain)
	labels := map[string]string{}
	for _, c := range d.tpl.ProposalColumns {
		labels[map[string]string{"number": readiness.ColNumber, "group": colLabel, "text": colValue}[c.Key]] = c.Label.In(d.lang)
	}
	d.head(2, func(col string) string { return labels[col] })
	for i, g := range d.tpl.Proposals {
		for n := 1; n <= d.key.Proposals; n++ {
			d.next(rowKey(g.Key, n))
			d.label(readiness.ColNumber, fmt.Sprint(i+1), d.look.Label)
			d.label(colLabel, g.Label.In(d.lang), d.look.Label)
			d.slot(colValue, d.look.Answer)
		}
	}
	d.try(sheet.Lock(d.file, d.names[d.page]))
}

func (d *drawer) free() {
	d.begin(pageFree, d.tpl.Part4.In(d.lang))
	for _, l := range d.tpl.FormLists(nil) {
		title := l.Label.In(d.lang)
		if l.Key == readiness.ExtraList {
			title = d.say.T("readiness.workbook.extra.title")
		}
		d.next(l.Key)
		d.label(colValue, title, d.look.Group)
		for n := 1; n <= d.key.Free; n++ {
			d.next(rowKey(l.Key, n))
			d.label(readiness.ColNumber, fmt.Sprint(n), d.look.Label)
			d.slot(colValue, d.look.Answer)
			d.slot(colTrace, d.look.Off)
		}
	}
	d.try(sheet.Print(d.file, d.names[d.page], 1, 0, 0))
	d.try(sheet.Lock(d.file, d.names[d.page]))
}

var metaFields = []string{
	"template", "template_hash", "campaign", "agency", "kind", "lang", "full", "checksum",
} // the checksum last: it covers those before it

func (d *drawer) meta() {
	d.begin(pageMeta, "")
	for _, field := range metaFields {
		d.next(field)
		d.slot(colValue, d.look.Off)
	}
	d.try(d.file.SetSheetVisible(d.names[pageMeta], false, true))
	d.try(sheet.Lock(d.file, d.names[pageMeta]))
}
