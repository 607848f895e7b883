package docx

import (
	"bytes"
	"fmt"
	"image/png"
	"strings"
)

// Options says how a document looks. The zero value is a portrait A4 page with
// the margins, the font and the type size that Nghị định 30/2020/NĐ-CP, phụ lục
// I, gives for administrative documents.
type Options struct {
	Title     string  // document property, shown by no page
	Lang      string  // proofing language; "vi-VN" when empty
	Font      string  // "Times New Roman" when empty
	Size      float64 // in points; 13 when 0
	Landscape bool
	Margins   Margins // in millimetres; top 20, right 15, bottom 20, left 30 when zero

	// Header and Footer stand on every page.
	Header []Para
	Footer []Para
	// PageNumbers puts the number at the centre of the top margin from the
	// second page on, after Header.
	PageNumbers bool
}

// Margins are the empty edges of a page in millimetres.
type Margins struct{ Top, Right, Bottom, Left float64 }

// Align is where the lines of a paragraph stand.
type Align string

// The alignments; the zero value is the left edge.
const (
	Left    Align = ""
	Center  Align = "center"
	Right   Align = "right"
	Justify Align = "both"
)

// Style is one of the styles that every document carries.
type Style string

// The styles. Headings appear in Word's navigation pane.
const (
	Body     Style = ""
	Title    Style = "Title"
	Heading1 Style = "Heading1"
	Heading2 Style = "Heading2"
	Heading3 Style = "Heading3"
	Caption  Style = "Caption"
)

// Para is a paragraph. Distances are in points.
type Para struct {
	Style     Style
	Align     Align
	FirstLine float64 // indent of the first line
	Indent    float64 // indent of all lines
	Before    float64 // space above
	After     float64 // space below
	KeepNext  bool    // never the last line of a page
	Runs      []Run
}

// P is a paragraph of runs.
func P(runs ...Run) Para { return Para{Runs: runs} }

// Run is a stretch of text in one look. In Text, "\n" is a line break and "\t"
// a tab; characters that XML cannot hold are left out.
type Run struct {
	Text      string
	Bold      bool
	Italic    bool
	Underline bool
	Strike    bool
	Color     string  // "1F4E79"; empty is black
	Size      float64 // in points; 0 is the document's own

	// Control makes the run a content control that holds Text.
	Control *Control
	// Page makes the run the page's own number, and Text is not used.
	Page bool
}

// T is plain text.
func T(text string) Run { return Run{Text: text} }

// B is bold text.
func B(text string) Run { return Run{Text: text, Bold: true} }

// I is italic text.
func I(text string) Run { return Run{Text: text, Italic: true} }

// Control is a content control: a drop-down list when it has Choices, else a
// box for plain text of any number of lines.
type Control struct {
	Tag         string // for programs
	Title       string // shown above the control in Word
	Placeholder string // shown in grey while the run's Text is empty
	Choices     []Choice
	Free        bool // other text than the choices may be typed
}

// Choice is an entry of a drop-down list.
type Choice struct{ Value, Text string }

// Table is a table with borders, unless Plain.
type Table struct {
	Widths     []float64 // of the columns, in points
	HeaderRows int       // how many rows are repeated on every page
	Plain      bool      // no borders: for letter heads and signatures
	Rows       []Row
}

// Row is a row of a table.
type Row struct {
	Cells []Cell
	Whole bool // never split over two pages
}

// Cell is a cell. Down merges cells: the first has DownStart, those below it
// DownMore.
type Cell struct {
	Paras []Para
	Span  int // columns it takes; 0 is 1
	Down  Down
	Shade string // background, "D9E2F3"
	Mid   bool   // text in the middle of the height
}

// Down is the vertical merging of a cell.
type Down string

// The states of vertical merging.
const (
	DownNone  Down = ""
	DownStart Down = "restart"
	DownMore  Down = "continue"
)

// C is a cell with one paragraph of runs.
func C(runs ...Run) Cell { return Cell{Paras: []Para{P(runs...)}} }

// Image is a PNG picture on a line of its own.
type Image struct {
	PNG   []byte
	Width float64 // in millimetres; the height follows from the picture
	Alt   string  // what the picture shows, for those who cannot see it
}

// Document is a document being written.
type Document struct {
	opts     Options
	body     strings.Builder
	page     Section
	media    [][]byte
	hidden   []byte
	controls int
	tabled   bool // the last block was a table
	err      error
}

// Section is a stretch of pages with one orientation. Zero margins are the
// document's own.
type Section struct {
	Landscape bool
	Margins   Margins
}

// New starts a document.
func New(opts Options) *Document {
	if opts.Lang == "" {
		opts.Lang = "vi-VN"
	}
	if opts.Font == "" {
		opts.Font = "Times New Roman"
	}
	if opts.Size == 0 {
		opts.Size = 13
	}
	if opts.Margins == (Margins{}) {
		opts.Margins = Margins{Top: 20, Right: 15, Bottom: 20, Left: 30}
	}
	return &Document{opts: opts, page: Section{Landscape: opts.Landscape, Margins: opts.Margins}}
}

// Paragraph adds a paragraph.
func (d *Document) Paragraph(p Para) {
	d.para(&d.body, p, "")
	d.tabled = false
}

// PageBreak begins a new page.
func (d *Document) PageBreak() {
	d.body.WriteString(`<w:p><w:r><w:br w:type="page"/></w:r></w:p>`)
	d.tabled = false
}

// Section begins a new page of another orientation or with other margins.
func (d *Document) Section(s Section) {
	d.body.WriteString(`<w:p><w:pPr>` + d.sectPr() + `</w:pPr></w:p>`)
	if s.Margins == (Margins{}) {
		s.Margins = d.opts.Margins
	}
	d.page = s
	d.tabled = false
}

// Image adds a picture in the middle of a line of its own.
func (d *Document) Image(m Image) {
	cfg, err := png.DecodeConfig(bytes.NewReader(m.PNG))
	if err != nil || cfg.Width == 0 {
		d.err = fmt.Errorf("place picture %q: %w", m.Alt, err)
		return
	}
	d.media = append(d.media, m.PNG)
	n := len(d.media)
	const emuPerMM = 36000
	wide := int(m.Width * emuPerMM)
	high := int(m.Width * emuPerMM * float64(cfg.Height) / float64(cfg.Width))
	fmt.Fprintf(&d.body, `<w:p><w:pPr><w:jc w:val="center"/></w:pPr><w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0">`+
		`<wp:extent cx="%d" cy="%d"/><wp:docPr id="%d" name="Picture %d" descr="%s"/>`+
		`<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic>`+
		`<pic:nvPicPr><pic:cNvPr id="%d" name="image%d.png"/><pic:cNvPicPr/></pic:nvPicPr>`+
		`<pic:blipFill><a:blip r:embed="rIdImage%d"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>`+
		`<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="%d" cy="%d"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr>`+
		`</pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>`,
		wide, high, n, n, esc(m.Alt), n, n, n, wide, high)
	d.tabled = false
}

// Table adds a table.
func (d *Document) Table(t Table) {
	if d.tabled {
		// Word joins two tables that nothing separates.
		d.body.WriteString(`<w:p/>`)
	}
	b := &d.body
	total := 0
	for _, w := range t.Widths {
		total += twips(w)
	}
	fmt.Fprintf(b, `<w:tbl><w:tblPr><w:tblW w:w="%d" w:type="dxa"/>`, total)
	if !t.Plain {
		b.WriteString(`<w:tblBorders>`)
		for _, side := range []string{"top", "left", "bottom", "right", "insideH", "insideV"} {
			b.WriteString(`<w:` + side + ` w:val="single" w:sz="4" w:space="0" w:color="000000"/>`)
		}
		b.WriteString(`</w:tblBorders>`)
	}
	b.WriteString(
		`<w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="70" w:type="dxa"/><w:right w:w="70" w:type="dxa"/></w:tblCellMar></w:tblPr>` +
			`<w:tblGrid>`,
	)
	for _, w := range t.Widths {
		fmt.Fprintf(b, `<w:gridCol w:w="%d"/>`, twips(w))
	}
	b.WriteString(`</w:tblGrid>`)
	for i, row := range t.Rows {
		d.row(t, row, i < t.HeaderRows)
	}
	b.WriteString(`</w:tbl>`)
	d.tabled = true
}

func (d *Document) row(t Table, row Row, header bool) {
	b := &d.body
	b.WriteString(`<w:tr><w:trPr>`)
	if row.Whole || header {
		b.WriteString(`<w:cantSplit/>`)
	}
	if header {
		b.WriteString(`<w:tblHeader/>`)
	}
	b.WriteString(`</w:trPr>`)
	column := 0
	for _, c := range row.Cells {
		width := 0
		for range max(1, c.Span) {
			if column < len(t.Widths) {
				width += twips(t.Widths[column])
			}
			column++
		}
		fmt.Fprintf(b, `<w:tc><w:tcPr><w:tcW w:w="%d" w:type="dxa"/>`, width)
		if c.Span > 1 {
			fmt.Fprintf(b, `<w:gridSpan w:val="%d"/>`, c.Span)
		}
		if c.Down != DownNone {
			b.WriteString(`<w:vMerge w:val="` + string(c.Down) + `"/>`)
		}
		if c.Shade != "" {
			b.WriteString(`<w:shd w:val="clear" w:color="auto" w:fill="` + esc(c.Shade) + `"/>`)
		}
		if c.Mid {
			b.WriteString(`<w:vAlign w:val="center"/>`)
		}
		b.WriteString(`</w:tcPr>`)
		for _, p := range c.Paras {
			d.para(b, p, "Cell")
		}
		if len(c.Paras) == 0 {
			b.WriteString(`<w:p/>`)
		}
		b.WriteString(`</w:tc>`)
	}
	b.WriteString(`</w:tr>`)
}

// para writes a paragraph; plain names the style that Body stands for here.
func (d *Document) para(b *strings.Builder, p Para, plain Style) {
	b.WriteString(`<w:p><w:pPr>`)
	if p.Style == Body {
		p.Style = plain
	}
	if p.Style != "" {
		b.WriteString(`<w:pStyle w:val="` + string(p.Style) + `"/>`)
	}
	if p.KeepNext {
		b.WriteString(`<w:keepNext/>`)
	}
	if p.Before != 0 || p.After != 0 {
		fmt.Fprintf(b, `<w:spacing w:before="%d" w:after="%d"/>`, twips(p.Before), twips(p.After))
	}
	if p.FirstLine != 0 || p.Indent != 0 {
		fmt.Fprintf(b, `<w:ind w:left="%d" w:firstLine="%d"/>`, twips(p.Indent), twips(p.FirstLine))
	}
	if p.Align != Left {
		b.WriteString(`<w:jc w:val="` + string(p.Align) + `"/>`)
	}
	b.WriteString(`</w:pPr>`)
	for _, r := range p.Runs {
		d.run(b, r)
	}
	b.WriteString(`</w:p>`)
}

func (d *Document) run(b *strings.Builder, r Run) {
	switch {
	case r.Page:
		b.WriteString(`<w:fldSimple w:instr=" PAGE "><w:r>` + runPr(r, false) + `<w:t>1</w:t></w:r></w:fldSimple>`)
	case r.Control != nil:
		d.control(b, r)
	case r.Text != "":
		b.WriteString(`<w:r>` + runPr(r, false) + runText(r.Text) + `</w:r>`)
	}
}

func (d *Document) control(b *strings.Builder, r Run) {
	d.controls++
	c := r.Control
	b.WriteString(`<w:sdt><w:sdtPr>` + runPr(r, false))
	if c.Title != "" {
		b.WriteString(`<w:alias w:val="` + esc(c.Title) + `"/>`)
	}
	if c.Tag != "" {
		b.WriteString(`<w:tag w:val="` + esc(c.Tag) + `"/>`)
	}
	fmt.Fprintf(b, `<w:id w:val="%d"/>`, d.controls)
	if r.Text == "" {
		b.WriteString(`<w:showingPlcHdr/>`)
	}
	if len(c.Choices) == 0 {
		b.WriteString(`<w:text w:multiLine="1"/>`)
	} else {
		list := "w:dropDownList"
		if c.Free {
			list = "w:comboBox"
		}
		b.WriteString(`<` + list + `>`)
		for _, choice := range c.Choices {
			b.WriteString(`<w:listItem w:displayText="` + esc(choice.Text) + `" w:value="` + esc(choice.Value) + `"/>`)
		}
		b.WriteString(`</` + list + `>`)
	}
	b.WriteString(`</w:sdtPr><w:sdtContent>`)
	if r.Text == "" {
		// A control without any text cannot be clicked in Word.
		text := c.Placeholder
		if text == "" {
			text = "     "
		}
		b.WriteString(`<w:r>` + runPr(r, true) + runText(text) + `</w:r>`)
	} else {
		b.WriteString(`<w:r>` + runPr(r, false) + runText(r.Text) + `</w:r>`)
	}
	b.WriteString(`</w:sdtContent></w:sdt>`)
}

func runPr(r Run, placeholder bool) string {
	var b strings.Builder
	if placeholder {
		b.WriteString(`<w:rStyle w:val="PlaceholderText"/>`)
	}
	if r.Bold {
		b.WriteString(`<w:b/><w:bCs/>`)
	}
	if r.Italic {
		b.WriteString(`<w:i/><w:iCs/>`)
	}
	if r.Strike {
		b.WriteString(`<w:strike/>`)
	}
	if r.Color != "" {
		b.WriteString(`<w:color w:val="` + esc(r.Color) + `"/>`)
	}
	if r.Size != 0 {
		fmt.Fprintf(&b, `<w:sz w:val="%d"/><w:szCs w:val="%[1]d"/>`, int(r.Size*2))
	}
	if r.Underline {
		b.WriteString(`<w:u w:val="single"/>`)
	}
	if b.Len() == 0 {
		return ""
	}
	return `<w:rPr>` + b.String() + `</w:rPr>`
}

func runText(text string) string {
	var b strings.Builder
	for i, line := range strings.Split(Clean(text), "\n") {
		if i > 0 {
			b.WriteString(`<w:br/>`)
		}
		for j, piece := range strings.Split(line, "\t") {
			if j > 0 {
				b.WriteString(`<w:tab/>`)
			}
			if piece != "" {
				b.WriteString(`<w:t xml:space="preserve">` + esc(piece) + `</w:t>`)
			}
		}
	}
	return b.String()
}

// twips are twentieths of a point.
func twips(points float64) int { return int(points*20 + 0.5) }
