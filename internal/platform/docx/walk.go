package docx

import (
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"dean06/internal/platform/fontcode"
)

// walker reads document.xml once, element by element. It asks for local names
// only, so that the transitional and the strict namespaces read alike.
type walker struct {
	dec      *xml.Decoder
	limits   Limits
	depth    int
	elements int
	cells    int
	fields   []field
	controls []*Found

	looks   *looks
	asides  *asides
	base    []props // of the tables and the paragraph that we are in
	change  Change  // tracked changes that we are in
	pending []Trace // of what stands between paragraphs: the next one takes them
}

func newWalker(r io.Reader, limits Limits) *walker {
	return &walker{dec: xml.NewDecoder(r), limits: limits, looks: &looks{}}
}

// field is a complex field that has begun.
type field struct {
	result bool // past its separator: what follows is shown
	drawn  bool // its value has been written already
	shown  bool // a result was there
	code   string
}

// within reads with f what is in tracked changes.
func (w *walker) within(c Change, f func() error) error {
	was := w.change
	w.change = c
	defer func() { w.change = was }()
	return f()
}

// under reads with f what has these properties where it says nothing else.
func (w *walker) under(p props, f func() error) error {
	if n := len(w.base); n > 0 {
		p = w.base[n-1].over(p)
	}
	w.base = append(w.base, p)
	defer func() { w.base = w.base[:len(w.base)-1] }()
	return f()
}

func (w *walker) properties() props {
	if n := len(w.base); n > 0 {
		return w.base[n-1]
	}
	return w.looks.defaults
}

// document reads the whole part.
func (w *walker) document() ([]Block, error) {
	var blocks []Block
	found := false
	for {
		tok, err := w.dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		root, ok := tok.(xml.StartElement)
		if !ok {
			continue
		}
		if root.Name.Local != "document" {
			return nil, NotWord
		}
		err = w.children(func(e xml.StartElement) error {
			if e.Name.Local != "body" {
				return w.skip()
			}
			found = true
			return w.blocks(&blocks)
		})
		if err != nil {
			return nil, err
		}
	}
	if !found {
		return nil, Damaged
	}
	return blocks, nil
}

// children hands each child of the element just begun to f, which must read the
// child to its end.
func (w *walker) children(f func(xml.StartElement) error) error {
	return w.content(f, func(xml.CharData) {})
}

func (w *walker) content(f func(xml.StartElement) error, chars func(xml.CharData)) error {
	w.depth++
	defer func() { w.depth-- }()
	if w.depth > w.limits.Depth {
		return TooComplex
	}
	for {
		tok, err := w.dec.Token()
		if err == io.EOF {
			return io.ErrUnexpectedEOF
		}
		if err != nil {
			return err
		}
		switch t := tok.(type) {
		case xml.StartElement:
			if w.elements++; w.elements > w.limits.Elements {
				return TooComplex
			}
			if err := f(t); err != nil {
				return err
			}
		case xml.EndElement:
			return nil
		case xml.CharData:
			chars(t)
		}
	}
}

func (w *walker) skip() error {
	return w.children(func(xml.StartElement) error { return w.skip() })
}

// blocks reads paragraphs and tables up to the end of the current element.
func (w *walker) blocks(out *[]Block) error {
	return w.children(func(e xml.StartElement) error { return w.block(e, out) })
}

func (w *walker) block(e xml.StartElement, out *[]Block) error {
	switch e.Name.Local {
	case "p":
		return w.paragraph(out)
	case "tbl":
		g, err := w.table()
		if err == nil {
			*out = append(*out, Block{Grid: g})
		}
		return err
	case "sdt":
		return w.control(func() error { return w.blocks(out) })
	case "AlternateContent":
		return w.alternate(func(p *para) error { return w.blocks(&p.boxes) }, func(p *para) {
			*out = append(*out, p.boxes...)
			w.pending = append(w.pending, p.text.Traces...)
		})
	case "ins", "moveTo":
		return w.within(Inserted, func() error { return w.blocks(out) })
	case "del", "moveFrom":
		return w.within(Deleted, func() error { return w.blocks(out) })
	case "customXml", "smartTag":
		return w.blocks(out)
	case "altChunk", "subDoc":
		w.pending = append(w.pending, Trace{Kind: Embedded})
	case "commentRangeStart":
		w.pending = append(w.pending, w.asides.take(Commented, attr(e, "id")))
	}
	return w.skip()
}

// alternate reads the first of the alternatives that holds anything, with f, and puts
// it to its place. They should all say the same; where they do not, that is told.
func (w *walker) alternate(f func(*para) error, put func(*para)) error {
	var best *para
	says := func(p *para) string { return strings.TrimSpace(textOf(p.text.Lines()) + "\n" + plainText(p.boxes)) }
	var others []string
	fields, controls := w.fields, w.controls
	err := w.children(func(e xml.StartElement) error {
		if e.Name.Local != "Choice" && e.Name.Local != "Fallback" {
			return w.skip()
		}
		w.fields, w.controls = slices.Clone(fields), controls
		p := &para{}
		if err := f(p); err != nil {
			return err
		}
		switch {
		case best == nil:
			best = p
		case says(best) == "" && len(best.text.Traces) == 0:
			best = p
		case says(p) != "" && says(p) != says(best):
			others = append(others, says(p))
		}
		return nil
	})
	if best != nil {
		for _, o := range others {
			best.trace(Alternative, o)
		}
		put(best)
	}
	return err
}

// merge takes what was read of an alternative into the paragraph around it.
func (p *para) merge(o *para) {
	for _, s := range o.text.Spans {
		p.put(s)
	}
	p.text.Traces = append(p.text.Traces, o.text.Traces...)
	p.boxes = append(p.boxes, o.boxes...)
}

// para collects a paragraph and the blocks of the text boxes anchored in it.
type para struct {
	text  Text
	boxes []Block
}

func (w *walker) paragraph(out *[]Block) error {
	p := para{}
	p.text.Traces, w.pending = w.pending, nil
	own, number := w.looks.of(w.looks.paragraph)
	var begun bool
	begin := func() {
		if sign := w.looks.signs[number]; !begun && sign == pictureBullet {
			p.trace(Pictured, "")
		} else if !begun && sign != "" {
			w.emit(&p, sign+" ", Span{})
			p.trace(Signed, sign)
		}
		begun = true
	}
	w.base = append(w.base, w.properties().over(own))
	defer func() { w.base = w.base[:len(w.base)-1] }()
	err := w.children(func(e xml.StartElement) error {
		if e.Name.Local != "pPr" {
			begin()
			return w.inline(e, &p)
		}
		return w.children(func(e xml.StartElement) error {
			switch e.Name.Local {
			case "pStyle":
				own, number = w.looks.of(attr(e, "val"))
				w.base[len(w.base)-1] = w.around().over(own)
			case "numPr":
				p.text.Listed = true
				return w.numbered(&number)
			case "rPr":
				return w.mark(&p)
			case "pPrChange":
				p.trace(Reformatted, "")
			}
			return w.skip()
		})
	})
	if err != nil {
		return err
	}
	// A field whose end was deleted must not swallow the rest of the document.
	for i := range w.fields {
		w.fields[i] = field{result: true}
	}
	p.finish()
	*out = append(*out, Block{Text: &p.text})
	*out = append(*out, p.boxes...)
	return nil
}

// around are the properties of the table around a paragraph, or the document's.
func (w *walker) around() props {
	if n := len(w.base); n > 1 {
		return w.base[n-2]
	}
	return w.looks.defaults
}

// mark looks at the properties of a paragraph's end.
func (w *walker) mark(p *para) error {
	return w.children(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "ins", "del", "moveFrom", "moveTo":
			p.trace(Reformatted, "¶")
		case "rPrChange":
			p.trace(Reformatted, "")
		}
		return w.skip()
	})
}

// inline reads a child of a paragraph.
func (w *walker) inline(e xml.StartElement, p *para) error {
	all := func() error {
		return w.children(func(e xml.StartElement) error { return w.inline(e, p) })
	}
	switch e.Name.Local {
	case "r":
		return w.run(p)
	case "ins", "moveTo":
		return w.within(Inserted, all)
	case "del", "moveFrom":
		return w.within(Deleted, all)
	case "fldSimple":
		return w.simpleField(attr(e, "instr"), p, all)
	case "hyperlink", "smartTag", "customXml", "dir", "bdo", "sdtContent", "ruby", "rubyBase", "rt":
		return all()
	case "sdt":
		return w.control(all)
	case "AlternateContent":
		return w.alternate(func(own *para) error {
			return w.children(func(e xml.StartElement) error { return w.inline(e, own) })
		}, p.merge)
	case "oMath", "oMathPara":
		return w.formula(p)
	case "commentRangeStart":
		p.text.Traces = append(p.text.Traces, w.asides.take(Commented, attr(e, "id")))
	case "contentPart", "subDoc":
		p.trace(Embedded, "")
	}
	return w.skip() // bookmarks, properties
}

func (w *walker) run(p *para) error {
	var look Span
	own := w.properties()
	hidden := func() bool { return own.vanish != nil && *own.vanish }
	put := func(s string) {
		switch {
		case !hidden():
			look.Struck = own.strike != nil && *own.strike
			w.write(p, s, look, own.font())
		case w.change != Deleted && w.shows():
			p.trace(Vanished, s)
		}
	}
	var child func(e xml.StartElement) error
	child = func(e xml.StartElement) error {
		switch e.Name.Local {
		case "rPr":
			return w.look(&look, &own, p)
		case "t", "delText":
			var b strings.Builder
			err := w.content(func(xml.StartElement) error { return w.skip() }, func(c xml.CharData) { b.Write(c) })
			if err == nil {
				put(b.String())
			}
			return err
		case "instrText":
			return w.content(func(xml.StartElement) error { return w.skip() }, func(c xml.CharData) {
				if n := len(w.fields); n > 0 && !w.fields[n-1].result {
					w.fields[n-1].code += string(c)
				}
			})
		case "tab", "ptab":
			put("\t")
		case "br", "cr":
			put("\n")
		case "noBreakHyphen":
			put("-")
		case "softHyphen":
			put("\u00ad") // a letter in fonts of TCVN3
		case "sym":
			w.symbol(p, attr(e, "font"), attr(e, "char"), look, hidden())
		case "symEx": // a sign beyond the first plane, such as ✅
			w.symbol(p, "", attr(e, "char"), look, hidden())
		case "fldChar":
			return w.fieldChar(e, p, look)
		case "footnoteReference", "endnoteReference", "commentReference":
			kind := map[string]TraceKind{"footnoteReference": Footnoted, "endnoteReference": Endnoted, "commentReference": Commented}[e.Name.Local]
			if t := w.asides.take(kind, attr(e, "id")); !slices.Contains(p.text.Traces, t) {
				p.text.Traces = append(p.text.Traces, t)
			}
		case "AlternateContent":
			outer := p
			defer func() { p = outer }()
			return w.alternate(func(one *para) error {
				p = one
				return w.children(child)
			}, outer.merge)
		case "drawing", "pict", "object":
			return w.drawing(e, p)
		case "contentPart":
			p.trace(Embedded, "")
		case "ruby":
			return w.children(func(e xml.StartElement) error { return w.inline(e, p) })
		}
		return w.skip() // delInstrText, marks of notes in their own text
	}
	return w.children(child)
}

// symbol writes a sign of a symbol font.
func (w *walker) symbol(p *para, font, char string, look Span, hidden bool) {
	n, err := strconv.ParseUint(char, 16, 32)
	switch {
	case err != nil:
		p.trace(Unknown, char)
	case hidden:
		p.trace(Vanished, string(rune(n)))
	default:
		w.write(p, string(rune(n)), look, font)
	}
}

// write adds text in a font: signs of symbol fonts as those of Unicode, text in fonts of
// TCVN3 and VNI to be read when the paragraph is whole.
func (w *walker) write(p *para, s string, look Span, font string) {
	switch code := fontcode.Of(font); {
	case code == fontcode.TCVN3 || code == fontcode.VNI:
		look.font = font
		w.emit(p, s, look)
		return
	case code == fontcode.Unicode && strings.IndexFunc(s, fontcode.IsPrivate) < 0:
		w.emit(p, s, look)
		return
	}
	var b strings.Builder
	for _, r := range s {
		sign, meaning := fontcode.Sign(font, r)
		b.WriteString(sign)
		switch {
		case !w.shows() || w.change == Deleted:
		case meaning == fontcode.Ticks:
			p.trace(Signed, sign)
		case meaning == fontcode.Unknown:
			p.trace(Unknown, sign)
		}
	}
	w.emit(p, b.String(), look)
}

// emit adds text to a paragraph unless it is the code of a field.
func (w *walker) emit(p *para, s string, look Span) {
	if !w.shows() {
		return
	}
	if n := len(w.fields); n > 0 {
		w.fields[n-1].shown = true
	}
	look.Change = w.change
	if n := len(w.controls); n > 0 {
		c := w.controls[n-1]
		look.Control = c
		look.Placeholder = look.Placeholder || c.empty
		if c.isBox {
			if shown := strings.TrimSpace(s); c.box != "" && ticksBox(shown) != "" && ticksBox(shown) != c.box {
				p.trace(Alternative, shown) // what is drawn and what is kept are not the same
			}
			s, c.box = c.box, ""
			look.Placeholder = false
		}
	}
	p.add(s, look)
}

// shows says that text is shown where we are: it is neither the code of a field nor what
// a field of an old form repeats.
func (w *walker) shows() bool {
	n := len(w.fields)
	return n == 0 || w.fields[n-1].result && !w.fields[n-1].drawn
}

// ticksBox is the box that a drawn sign stands for.
func ticksBox(s string) string {
	switch s {
	case "☒", "☑", "✓", "✔", "✗", "✘":
		return box(true)
	case "☐", "□":
		return box(false)
	}
	return ""
}

func (p *para) add(s string, look Span) {
	if look.font == "" {
		s = Clean(s)
	}
	look.Text = s
	p.put(look)
}

func (p *para) put(look Span) {
	s := look.Text
	if s == "" {
		return
	}
	if n := len(p.text.Spans); n > 0 {
		last := &p.text.Spans[n-1]
		look.Text = last.Text
		if *last == look {
			last.Text += s
			return
		}
	}
	look.Text = s
	p.text.Spans = append(p.text.Spans, look)
}

// look reads the properties of a run.
func (w *walker) look(look *Span, own *props, p *para) error {
	var direct, named props
	err := w.children(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "b":
			look.Bold = on(e)
		case "i":
			look.Italic = on(e)
		case "u":
			look.Underline = attr(e, "val") != "none"
		case "highlight":
			look.Highlight = attr(e, "val") != "none"
		case "rStyle":
			look.Placeholder = attr(e, "val") == "PlaceholderText"
			named, _ = w.looks.of(attr(e, "val"))
		case "rPrChange":
			p.trace(Reformatted, "")
		default:
			direct.set(e, w.looks.theme)
		}
		return w.skip()
	})
	*own = own.over(named).over(direct)
	return err
}

func attr(e xml.StartElement, local string) string {
	for _, a := range e.Attr {
		if a.Name.Local == local {
			return a.Value
		}
	}
	return ""
}

// on reads a switch: absent values mean on (ECMA-376 part 1, 17.17.4).
func on(e xml.StartElement) bool {
	switch attr(e, "val") {
	case "0", "false", "off":
		return false
	}
	return true
}

func box(checked bool) string {
	if checked {
		return "☒"
	}
	return "☐"
}
