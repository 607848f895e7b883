package paper

import (
	"bytes"
	_ "embed" // the fonts
	"fmt"
	"strconv"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"github.com/skip2/go-qrcode"

	"dean06/internal/platform/i18n"
)

// Liberation Serif has the widths of Times New Roman, which Nghị định 30 asks
// for, the whole of Vietnamese, and a licence that allows embedding.
var (
	//go:embed fonts/LiberationSerif-Regular.ttf
	fontRegular []byte
	//go:embed fonts/LiberationSerif-Bold.ttf
	fontBold []byte
	//go:embed fonts/LiberationSerif-Italic.ttf
	fontItalic []byte
	//go:embed fonts/LiberationSerif-BoldItalic.ttf
	fontBoldItalic []byte
)

const (
	family   = "serif"
	bodySize = 14.0
	mmPerPt  = 25.4 / 72
	leading  = 1.22 // line height as a multiple of the type size

	// Nghị định 30, phụ lục I, I.2: 20–25, 20–25, 30–35 and 15–20 mm.
	marginTop, marginBottom, marginLeft, marginRight = 20.0, 20.0, 30.0, 15.0
	indent                                           = 12.7 // first line, 1 or 1.27 cm

	halfScale = 148.0 / 210 // A5 to A4
)

// PDF writes the document as PDF with its fonts embedded and its text as text.
func PDF(p *i18n.Printer, d Document) ([]byte, error) {
	w := newPDF(p, d)
	w.page(d.Landscape, true)
	if d.headed() {
		w.head()
	}
	w.blocks(d.Body, w.ending().least())
	w.close()
	for _, a := range d.Appendices {
		w.page(a.Landscape, true)
		w.appendixHead(a)
		w.blocks(a.Body, 0)
	}
	w.endPage()
	var out bytes.Buffer
	if err := w.f.Output(&out); err != nil {
		return nil, fmt.Errorf("write pdf %q: %w", d.Title, err)
	}
	return out.Bytes(), nil
}

// pdf is a PDF being written. y is where the next thing goes, in millimetres.
type pdf struct {
	f         *fpdf.Fpdf
	p         *i18n.Printer
	doc       Document
	y         float64
	landscape bool
	scaled    bool // the page is of half the size
	inSection int  // pages since the document or the appendix began
	style     string
	size      float64
	widths    map[string]float64 // of words, by style and text, at 1000 points
}

func newPDF(p *i18n.Printer, d Document) *pdf {
	f := fpdf.New("P", "mm", "A4", "")
	for style, font := range map[string][]byte{"": fontRegular, "B": fontBold, "I": fontItalic, "BI": fontBoldItalic} {
		f.AddUTF8FontFromBytes(family, style, font)
	}
	f.SetAutoPageBreak(false, 0)
	f.SetMargins(0, 0, 0)
	f.SetCellMargin(0)
	f.SetTitle(d.Title, true)
	f.SetProducer("dean06", true)
	f.SetLang(string(p.Lang))
	// The same document gives the same bytes; its own day is its date.
	made := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	if !d.Date.IsZero() {
		made = d.Date.Start()
	}
	f.SetCreationDate(made)
	f.SetModificationDate(made)
	f.SetCatalogSort(true)
	return &pdf{f: f, p: p, doc: d, widths: map[string]float64{}}
}

// page begins a page. The number stands at the centre of the top margin from
// the second page on; each appendix counts its own (Nghị định 30, phụ lục I, I.7).
func (w *pdf) page(landscape, section bool) {
	orientation := "P"
	if landscape {
		orientation = "L"
	}
	w.endPage()
	if w.doc.Half { // everything is laid out as on A4
		w.f.AddPageFormat(orientation, fpdf.SizeType{Wd: 148, Ht: 210})
		w.f.TransformBegin()
		w.f.TransformScale(halfScale*100, halfScale*100, 0, 0)
		w.scaled = true
	} else {
		w.f.AddPageFormat(orientation, fpdf.SizeType{Wd: 210, Ht: 297})
	}
	w.landscape, w.y = landscape, marginTop
	w.style, w.size = "?", 0 // a page begins without a font
	if section {
		w.inSection = 0
	}
	w.inSection++
	if w.inSection > 1 {
		w.line(strconv.Itoa(w.inSection), w.left(), 11, w.width(), "", 13, center)
	}
}

// endPage ends what a page of half the size began.
func (w *pdf) endPage() {
	if w.scaled {
		w.f.TransformEnd()
		w.scaled = false
	}
}

func (w *pdf) left() float64 {
	if w.landscape {
		return 20 // the binding edge of a landscape page is at its top
	}
	return marginLeft
}

func (w *pdf) width() float64 {
	if w.landscape {
		return 297 - 20 - marginRight
	}
	return 210 - marginLeft - marginRight
}

func (w *pdf) bottom() float64 {
	if w.landscape {
		return 210 - marginBottom
	}
	return 297 - marginBottom
}

// need begins a new page when less than h is left, unless the page is empty.
func (w *pdf) need(h float64) {
	if w.y+h > w.bottom() && w.y > marginTop+.1 {
		w.page(w.landscape, false)
	}
}

func (w *pdf) setFont(style string, size float64) {
	if w.style != style || w.size != size {
		w.f.SetFont(family, style, size)
		w.style, w.size = style, size
	}
}

func lineHeight(size float64) float64 { return size * leading * mmPerPt }

type align int

const (
	left align = iota
	center
	right
	justify
)

// line writes one line with its top at y.
func (w *pdf) line(text string, x, y, width float64, style string, size float64, a align) {
	text = clean(text)
	w.setFont(style, size)
	switch a {
	case center:
		x += (width - w.f.GetStringWidth(text)) / 2
	case right:
		x += width - w.f.GetStringWidth(text)
	}
	w.f.Text(x, y+size*mmPerPt*.95, text)
}

// centred writes lines of text in a column, of about the same length, and
// gives the y below them.
func (w *pdf) centred(text string, x, y, width float64, style string, size float64) float64 {
	runs := []Run{run(text, style)}
	lines := w.wrap(runs, size, width, 0)
	for narrow := width * .95; len(lines) > 1 && narrow > width/2; narrow *= .95 {
		again := w.wrap(runs, size, narrow, 0)
		if len(again) > len(lines) {
			break
		}
		lines = again
	}
	for _, l := range lines {
		w.draw(l, x, y, width, size, center)
		y += lineHeight(size)
	}
	return y
}

func run(text, style string) Run {
	return Run{Text: text, Bold: strings.Contains(style, "B"), Italic: strings.Contains(style, "I")}
}

func (w *pdf) rule(x1, x2, y float64) {
	w.f.SetDrawColor(0, 0, 0)
	w.f.SetLineWidth(.25)
	w.f.Line(x1, y, x2, y)
}

func (w *pdf) head() {
	d, p := w.doc, w.p
	const gap = 4
	lw := w.width() * .42
	rx, rw := w.left()+lw+gap, w.width()-lw-gap

	y := w.y
	if d.Parent != "" {
		y = w.centred(strings.ToUpper(d.Parent), w.left(), y, lw, "", 12)
	}
	y = w.centred(strings.ToUpper(d.Agency), w.left(), y, lw, "B", 12)
	w.rule(w.left()+lw*.33, w.left()+lw*.67, y+.8)
	y = w.centred(d.number(p), w.left(), y+3.5, lw, "", 13)
	if d.Subject != "" {
		y = w.centred(d.Subject, w.left(), y+1.5, lw, "", 12)
	}

	z := w.centred(p.T("paper.nation"), rx, w.y, rw, "B", 12)
	z = w.centred(p.T("paper.motto"), rx, z, rw, "B", 13)
	w.setFont("B", 13)
	long := w.f.GetStringWidth(p.T("paper.motto"))
	w.rule(rx+(rw-long)/2, rx+(rw+long)/2, z+.8)
	z = w.centred(d.placeAndDate(p), rx, z+3.5, rw, "I", 13)
	w.y = max(y, z) + 6

	if d.Kind != "" {
		w.y = w.centred(strings.ToUpper(d.Kind), w.left(), w.y, w.width(), "B", 14)
		w.y = w.centred(d.Abstract, w.left()+4, w.y, w.width()-8, "B", 14)
		w.rule(w.left()+w.width()*.36, w.left()+w.width()*.64, w.y+1.2)
		w.y += 6
	}
	w.addressees()
}

func (w *pdf) addressees() {
	to := w.doc.To
	switch {
	case len(to) == 1:
		w.y = w.centred(w.p.T("paper.to")+" "+to[0], w.left(), w.y, w.width(), "", bodySize) + 3
	case len(to) > 1:
		x := w.left() + indent + 12
		w.line(w.p.T("paper.to"), x, w.y, w.width(), "", bodySize, left)
		w.y += lineHeight(bodySize)
		for _, l := range listed(to) {
			for _, ln := range w.wrap([]Run{{Text: l}}, bodySize, w.width()-indent-12-8, 0) {
				w.draw(ln, x+8, w.y, 0, bodySize, left)
				w.y += lineHeight(bodySize)
			}
		}
		w.y += 3
	}
}

// ending is how high the parts of the end of a document are, in millimetres, without the
// room to sign.
type ending struct {
	copies              [][]word
	left, signed, proof float64
}

func (w *pdf) ending() ending {
	d := w.doc
	half := w.width() * .5
	var e ending
	for _, l := range listed(d.CopiesTo) {
		e.copies = append(e.copies, w.wrap([]Run{{Text: l}}, 11, half-6, 0)...)
	}
	if len(e.copies) > 0 {
		e.left = lineHeight(12) + float64(len(e.copies))*lineHeight(11)
	}
	e.signed = max(w.signed(d.Beside, half), w.signed(d.Signature, half))
	if d.Proof.URL != "" {
		e.proof = 4 + proofSide + 2
	}
	return e
}

// none says that a document just stops.
func (e ending) none() bool { return e.left+e.signed+e.proof == 0 }

func (e ending) high(room float64) float64 {
	if e.signed > 0 {
		return max(e.left, e.signed+room) + e.proof
	}
	return e.left + e.proof
}

// least is what has to be left on the page below the text, for the end to stand on it.
func (e ending) least() float64 {
	if e.none() {
		return 0
	}
	return 4 + e.high(signingRoomLess)
}

// close writes the recipients on the left and the signature on the right, never
// parted by a page, and the code that leads to the proof, which never stands on a page alone.
func (w *pdf) close() {
	d, e := w.doc, w.ending()
	if e.none() {
		return
	}
	half := w.width() * .5
	w.y += 4
	room := signingRoom
	if w.y+e.high(room) > w.bottom() {
		room = signingRoomLess
	}
	w.need(e.high(room))
	y, z := w.y, w.y
	if len(e.copies) > 0 {
		w.line(w.p.T("paper.copies"), w.left(), y, half, "BI", 12, left)
		y += lineHeight(12)
		for _, l := range e.copies {
			w.draw(l, w.left(), y, half, 11, left)
			y += lineHeight(11)
		}
	}
	y = max(y, w.sign(d.Beside, w.left(), w.y, half, room))
	z = max(z, w.sign(d.Signature, w.left()+half, w.y, half, room))
	w.y = max(y, z) + 4
	w.qr(d.Proof)
}

// Room to sign, and as much as must be where it saves a page; the side of the code that leads
// to the proof.
const (
	signingRoom     = 24.0
	signingRoomLess = 15.0
	proofSide       = 22.0
)

// signed is how high a signature is, without the room to sign.
func (w *pdf) signed(s Signature, width float64) float64 {
	if s.Title == "" {
		return 0
	}
	h := 0.0
	for _, t := range strings.Split(s.Title, "\n") {
		h += float64(len(w.wrap([]Run{{Text: strings.ToUpper(t), Bold: true}}, 13, width, 0))) * lineHeight(13)
	}
	if s.Name != "" {
		h += float64(len(w.wrap([]Run{{Text: s.Name, Bold: true}}, 14, width, 0))) * lineHeight(14)
	}
	return h
}

// sign writes who signs, with room to do so, and gives the y below.
func (w *pdf) sign(s Signature, x, y, width, room float64) float64 {
	if s.Title == "" {
		return y
	}
	for _, t := range strings.Split(s.Title, "\n") {
		y = w.centred(strings.ToUpper(t), x, y, width, "B", 13)
	}
	if s.Note != "" {
		w.centred(s.Note, x, y+room*.375, width, "I", 12)
	}
	y += room
	if s.Name != "" {
		y = w.centred(s.Name, x, y, width, "B", 14)
	}
	return y
}

func (w *pdf) qr(proof Proof) {
	if proof.URL == "" {
		return
	}
	q, err := qrcode.New(proof.URL, qrcode.Medium)
	if err != nil {
		w.f.SetError(fmt.Errorf("encode address for QR: %w", err))
		return
	}
	const side = proofSide
	q.DisableBorder = true
	bits := q.Bitmap()
	w.need(side + 2)
	cell := side / float64(len(bits))
	w.f.SetFillColor(0, 0, 0)
	for r, line := range bits {
		// Neighbours are one rectangle, so that no hairline shows between them.
		for c := 0; c < len(line); c++ {
			n := 0
			for c+n < len(line) && line[c+n] {
				n++
			}
			if n > 0 {
				w.f.Rect(w.left()+float64(c)*cell, w.y+float64(r)*cell, float64(n)*cell, cell+.02, "F")
				c += n
			}
		}
	}
	y := w.y + 2
	for _, l := range w.wrap([]Run{{Text: proof.Text, Italic: true}, {Text: "\n" + proof.URL}}, 11, w.width()-side-6, 0) {
		w.draw(l, w.left()+side+4, y, w.width(), 11, left)
		y += lineHeight(11)
	}
	link := 1.0 // places to click are not scaled with what is drawn
	if w.scaled {
		link = halfScale
	}
	w.f.LinkString(w.left()*link, w.y*link, side*link, side*link, proof.URL)
	w.y += side + 2
}

func (w *pdf) appendixHead(a Appendix) {
	w.bookmark(strings.TrimSpace(a.Label + " " + a.Name))
	if a.Label != "" {
		w.y = w.centred(a.Label, w.left(), w.y, w.width(), "B", 14)
	}
	if a.Name != "" {
		w.y = w.centred(strings.ToUpper(a.Name), w.left(), w.y, w.width(), "B", 13)
	}
	if a.Note != "" {
		w.y = w.centred(a.Note, w.left(), w.y, w.width(), "I", 13)
	}
	w.rule(w.left()+w.width()*.4, w.left()+w.width()*.6, w.y+1.2)
	w.y += 5
}

// blocks writes blocks. Below the last paragraph is to be room for what follows it, so that
// nobody signs a page without a word.
func (w *pdf) blocks(blocks []Block, follows float64) {
	for i, b := range blocks {
		switch b := b.(type) {
		case Heading:
			w.heading(b, w.start(blocks[i+1:]))
		case Para:
			below := 0.0
			if i == len(blocks)-1 {
				below = follows
			}
			w.para(b, below)
		case Table:
			w.table(b)
		case Figure:
			w.figure(b)
		case Break:
			w.page(w.landscape, false)
		}
	}
}

// start is how much room the first of some blocks needs at least, so that a
// heading is never the last thing on a page.
func (w *pdf) start(blocks []Block) float64 {
	if len(blocks) == 0 {
		return 0
	}
	switch b := blocks[0].(type) {
	case Heading:
		return lineHeight(bodySize) + w.start(blocks[1:])
	case Figure:
		_, height := w.figureSize(b)
		return height
	case Table:
		return w.layTable(b).need
	}
	return 2 * lineHeight(bodySize)
}

func (w *pdf) heading(h Heading, next float64) {
	style, first := headingStyle(h.Level), indent
	if h.Level == 0 {
		first = 0
	}
	lines := w.wrap([]Run{run(h.Text, style)}, bodySize, w.width(), first)
	lh := lineHeight(bodySize)
	w.y += 2
	w.need(float64(len(lines))*lh + 1.5 + next)
	if h.Level <= 1 {
		w.bookmark(h.Text)
	}
	for i, l := range lines {
		x := w.left()
		if i == 0 {
			x += first
		}
		w.draw(l, x, w.y, w.width(), bodySize, left)
		w.y += lh
	}
	w.y += 1.5
}

// bookmark puts a place into the outline that readers show beside the pages.
func (w *pdf) bookmark(text string) {
	w.setFont("", bodySize) // the outline is written in the encoding of the font
	w.f.Bookmark(clean(text), 0, w.y)
}

func headingStyle(level int) string {
	return [...]string{"B", "B", "BI", "I"}[min(max(level, 0), 3)]
}

func (w *pdf) para(b Para, below float64) {
	first, a := indent, justify
	if b.Flat || b.Center {
		first = 0
	}
	if b.Center {
		a = center
	}
	lines := w.wrap(b.Runs, bodySize, w.width(), first)
	lh := lineHeight(bodySize)
	after := 6 * mmPerPt
	for i, l := range lines {
		// No single line of a paragraph is left behind or sent ahead alone.
		keep := 1
		switch {
		case i == 0 && len(lines) == 3:
			keep = 3
		case i == 0 && len(lines) > 1 || i == len(lines)-2:
			keep = 2
		}
		need := float64(keep) * lh
		if below > 0 && i+keep == len(lines) {
			need += after + below
		}
		w.need(need)
		x, width := w.left(), w.width()
		if i == 0 {
			x, width = x+first, width-first
		}
		w.draw(l, x, w.y, width, bodySize, a)
		w.y += lh
	}
	w.y += after
}
