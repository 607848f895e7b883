package paper

import (
	"cmp"
	"embed"
	"fmt"
	"io/fs"
	"strings"

	"dean06/internal/platform/chart"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
)

//go:embed messages
var messages embed.FS

// Messages are the fixed words of official documents.
var Messages fs.FS = must(fs.Sub(messages, "messages"))

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// Document is an official document. A letter has a Subject; any other kind has
// its Kind ("BÁO CÁO") and Abstract, the line below it. Without either, and
// without an Agency, the document begins with its body, as a form does.
type Document struct {
	Title string // property of the file, shown on no page

	Parent    string // the agency above the issuing one; may be empty
	Agency    string // the issuing agency
	Number    string // "488/BTTTT-CĐSQG"; room is left when empty
	Symbol    string // the part after the number when Number is not given yet: "BC-BTTTT"
	Place     string
	Date      clock.Date // room is left for the day when zero
	Subject   string     // "V/v …"
	Kind      string
	Abstract  string
	To        []string
	Landscape bool
	// Half is on A5, everything at 71 percent, as forms of the one-stop desk are (Thông tư
	// 01/2018, Điều 9). Of PDF only; never with Landscape.
	Half bool

	Body      []Block
	CopiesTo  []string
	Signature Signature
	// Beside is who signs at the left, on forms that two people sign; then CopiesTo is
	// empty. Of PDF only.
	Beside Signature

	// Proof is the page that proves what the document says; a QR code leads to it.
	Proof Proof

	Appendices []Appendix
}

// Signature is who signs. Title may have several lines
// ("KT. BỘ TRƯỞNG\nTHỨ TRƯỞNG"); Name is left out until it is signed.
type Signature struct {
	Title string
	Name  string
	Note  string // stands where one signs: "(Chưa ký số)"
}

// Proof is an address and what is found there.
type Proof struct {
	URL  string
	Text string
}

// Appendix is an appendix on pages of its own.
type Appendix struct {
	Label     string // "Phụ lục I"
	Name      string // in capitals by custom
	Note      string // "(Kèm theo Báo cáo số …)"
	Landscape bool
	Body      []Block
}

// Block is a piece of the body: Heading, Para, Table, Figure or Break.
type Block interface{ isBlock() }

// Heading is a heading: level 1 is "I. …", level 2 "1. …", level 3 "a) …";
// level 0 is the heading of a part of a form, at the margin.
type Heading struct {
	Level int
	Text  string
}

// Para is a paragraph, justified, with its first line indented, unless Flat.
type Para struct {
	Runs   []Run
	Flat   bool
	Center bool
}

// Run is a stretch of text in one look.
type Run struct {
	Text         string
	Bold, Italic bool
}

// Table is a table with borders. Widths are relative. The Head is repeated on
// each page. Size is that of the type in points, 11 when 0.
type Table struct {
	Caption string
	Widths  []float64
	Head    []Cell
	Rows    [][]Cell
	Size    float64
}

// Cell is a cell of a table; "\n" begins a new line. A cell with a Status is
// painted in its colour and carries its sign.
type Cell struct {
	Text         string
	Bold, Italic bool
	Center       bool
	Right        bool
	Span         int // columns it takes; 0 is 1
	Shade        bool
	Status       chart.Status
}

// Figure is a chart with a caption below it.
type Figure struct {
	Chart   *chart.Chart
	Caption string
	Width   float64 // part of the width of the text; 1 when 0
	High    float64 // part of the height of a page that it may take at most; 0.85 when 0
}

// Break begins a new page.
type Break struct{}

func (Heading) isBlock() {}
func (Para) isBlock()    {}
func (Table) isBlock()   {}
func (Figure) isBlock()  {}
func (Break) isBlock()   {}

// Text is a paragraph of plain text.
func Text(text string) Para { return Para{Runs: []Run{{Text: text}}} }

// Rich is a paragraph in which **…** is bold and __…__ italic, so that a
// message can say which of its words stand out.
func Rich(text string) Para {
	var p Para
	var bold, italic bool
	for text != "" {
		i := strings.Index(text, "**")
		j := strings.Index(text, "__")
		if i < 0 || j >= 0 && j < i {
			i = j
		}
		if i < 0 {
			break
		}
		if i > 0 {
			p.Runs = append(p.Runs, Run{Text: text[:i], Bold: bold, Italic: italic})
		}
		if text[i] == '*' {
			bold = !bold
		} else {
			italic = !italic
		}
		text = text[i+2:]
	}
	if text != "" {
		p.Runs = append(p.Runs, Run{Text: text, Bold: bold, Italic: italic})
	}
	return p
}

// HeadCells makes a row of heading cells.
func HeadCells(texts ...string) []Cell {
	out := make([]Cell, len(texts))
	for i, t := range texts {
		out[i] = Cell{Text: t, Bold: true, Center: true, Shade: true}
	}
	return out
}

func (d Document) headed() bool { return d.Agency != "" }

// number is the line below the agency: "Số: 488/BTTTT-CĐSQG".
func (d Document) number(p *i18n.Printer) string {
	n := d.Number
	if n == "" {
		n = strings.Repeat("\u00a0", 10) + "/" + d.Symbol // room to write it in
	}
	return p.T("paper.number", map[string]any{"number": n})
}

// placeAndDate is "Hà Nội, ngày 15 tháng 02 năm 2023": days below ten and the
// months one and two have a zero before them (Nghị định 30, phụ lục I, II.4). A place that is not
// known is written in by hand.
func (d Document) placeAndDate(p *i18n.Printer) string {
	args := map[string]any{"place": cmp.Or(d.Place, "…………"), "date": p.Date(d.Date)}
	if d.Date.IsZero() {
		return p.T("paper.date.open", args)
	}
	args["day"] = fmt.Sprintf("%02d", d.Date.Day())
	args["month"] = fmt.Sprint(int(d.Date.Month()))
	if d.Date.Month() < 3 {
		args["month"] = fmt.Sprintf("%02d", int(d.Date.Month()))
	}
	args["year"] = fmt.Sprint(d.Date.Year())
	return p.T("paper.date", args)
}

// listed gives lines the ends that a list of addressees has: "- …;" and "- ….".
func listed(lines []string) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		end := ";"
		if i == len(lines)-1 {
			end = "."
		}
		out[i] = "- " + strings.TrimRight(strings.TrimSpace(l), ";.") + end
	}
	return out
}
