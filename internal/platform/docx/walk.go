package docx

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
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
}

// field is a complex field that has begun.
type field struct {
	result bool // past its separator: what follows is shown
	drawn  bool // its value has been written already
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
		return w.alternate(func() error { return w.blocks(out) })
	case "ins", "moveTo", "customXml", "smartTag":
		return w.blocks(out)
	}
	return w.skip()
}

// alternate reads the first of the alternatives, which all say the same.
func (w *walker) alternate(f func() error) error {
	done := false
	return w.children(func(e xml.StartElement) error {
		if done || e.Name.Local != "Choice" && e.Name.Local != "Fallback" {
			return w.skip()
		}
		done = true
		return f()
	})
}

// control reads a content control; f reads what is in it.
func (w *walker) control(f func() error) error {
	found := &Found{}
	return w.children(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "sdtPr":
			return w.controlProperties(found)
		case "sdtContent":
			w.controls = append(w.controls, found)
			defer func() { w.controls = w.controls[:len(w.controls)-1] }()
			return f()
		}
		return w.skip()
	})
}

func (w *walker) controlProperties(found *Found) error {
	return w.children(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "tag":
			found.Tag = attr(e, "val")
		case "alias":
			found.Title = attr(e, "val")
		case "showingPlcHdr":
			found.empty = on(e)
		case "dropDownList", "comboBox":
			return w.children(func(item xml.StartElement) error {
				if item.Name.Local == "listItem" {
					c := Choice{Value: attr(item, "value"), Text: attr(item, "displayText")}
					if c.Text == "" {
						c.Text = c.Value
					}
					found.Choices = append(found.Choices, c)
				}
				return w.skip()
			})
		case "checkbox":
			found.isBox, found.box = true, box(false)
			return w.children(func(c xml.StartElement) error {
				if c.Name.Local == "checked" {
					found.box = box(on(c))
				}
				return w.skip()
			})
		}
		return w.skip()
	})
}

// para collects a paragraph and the blocks of the text boxes anchored in it.
type para struct {
	text  Text
	boxes []Block
}

func (w *walker) paragraph(out *[]Block) error {
	var p para
	err := w.children(func(e xml.StartElement) error {
		if e.Name.Local != "pPr" {
			return w.inline(e, &p)
		}
		return w.children(func(e xml.StartElement) error {
			if e.Name.Local == "numPr" {
				p.text.Listed = true
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
	*out = append(*out, Block{Text: &p.text})
	*out = append(*out, p.boxes...)
	return nil
}

// inline reads a child of a paragraph.
func (w *walker) inline(e xml.StartElement, p *para) error {
	all := func() error {
		return w.children(func(e xml.StartElement) error { return w.inline(e, p) })
	}
	switch e.Name.Local {
	case "r":
		return w.run(p)
	case "ins", "moveTo", "hyperlink", "smartTag", "fldSimple", "customXml", "dir", "bdo", "sdtContent", "ruby", "rubyBase":
		return all()
	case "sdt":
		return w.control(all)
	case "AlternateContent":
		return w.alternate(all)
	case "oMath", "oMathPara":
		return w.formula(p)
	}
	return w.skip() // del, moveFrom, bookmarks, comments, properties
}

// formula keeps the characters of a formula.
func (w *walker) formula(p *para) error {
	return w.content(func(e xml.StartElement) error {
		return w.formula(p)
	}, func(c xml.CharData) {
		if s := strings.TrimSpace(string(c)); s != "" {
			w.emit(p, s, Span{})
		}
	})
}

func (w *walker) run(p *para) error {
	var look Span
	vanish := false
	return w.children(func(e xml.StartElement) error {
		put := func(s string) error {
			if !vanish {
				w.emit(p, s, look)
			}
			return w.skip()
		}
		switch e.Name.Local {
		case "rPr":
			return w.look(&look, &vanish)
		case "t":
			var b strings.Builder
			err := w.content(func(xml.StartElement) error { return w.skip() }, func(c xml.CharData) { b.Write(c) })
			if err == nil && !vanish {
				w.emit(p, b.String(), look)
			}
			return err
		case "tab", "ptab":
			return put("\t")
		case "br", "cr":
			return put("\n")
		case "noBreakHyphen":
			return put("-")
		case "sym":
			return put(symbol(attr(e, "font"), attr(e, "char")))
		case "fldChar":
			return w.fieldChar(e, p, look)
		case "AlternateContent":
			return w.alternate(func() error {
				return w.children(func(e xml.StartElement) error { return w.hunt(e, p) })
			})
		case "drawing", "pict", "object":
			return w.hunt(e, p)
		}
		return w.skip() // instrText, delText, footnote marks
	})
}

// hunt looks for a text box inside a drawing.
func (w *walker) hunt(e xml.StartElement, p *para) error {
	switch e.Name.Local {
	case "txbxContent":
		// Fields and controls around the drawing are not around its text.
		fields, controls := w.fields, w.controls
		w.fields, w.controls = nil, nil
		defer func() { w.fields, w.controls = fields, controls }()
		return w.blocks(&p.boxes)
	case "AlternateContent":
		return w.alternate(func() error {
			return w.children(func(e xml.StartElement) error { return w.hunt(e, p) })
		})
	}
	return w.children(func(e xml.StartElement) error { return w.hunt(e, p) })
}

// emit adds text to a paragraph unless it is the code of a field.
func (w *walker) emit(p *para, s string, look Span) {
	if n := len(w.fields); n > 0 && (!w.fields[n-1].result || w.fields[n-1].drawn) {
		return
	}
	if n := len(w.controls); n > 0 {
		c := w.controls[n-1]
		look.Control = c
		look.Placeholder = look.Placeholder || c.empty
		if c.isBox {
			s, c.box = c.box, ""
			look.Placeholder = false
		}
	}
	p.add(s, look)
}

func (p *para) add(s string, look Span) {
	s = Clean(s)
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

func (w *walker) look(look *Span, vanish *bool) error {
	return w.children(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "strike", "dstrike":
			look.Struck = look.Struck || on(e)
		case "b":
			look.Bold = on(e)
		case "i":
			look.Italic = on(e)
		case "u":
			look.Underline = attr(e, "val") != "none"
		case "highlight":
			look.Highlight = attr(e, "val") != "none"
		case "vanish":
			*vanish = on(e)
		case "rStyle":
			look.Placeholder = attr(e, "val") == "PlaceholderText"
		}
		return w.skip()
	})
}

// fieldChar follows a complex field. Check boxes and drop-downs of the old kind
// keep their value in its beginning.
func (w *walker) fieldChar(e xml.StartElement, p *para, look Span) error {
	kind := attr(e, "fldCharType")
	n := len(w.fields)
	value := ""
	err := w.children(func(e xml.StartElement) error {
		if e.Name.Local != "ffData" {
			return w.skip()
		}
		return w.children(func(e xml.StartElement) error {
			switch e.Name.Local {
			case "checkBox":
				return w.oldBox(&value)
			case "ddList":
				return w.oldList(&value)
			}
			return w.skip()
		})
	})
	if err != nil {
		return err
	}
	switch {
	case kind == "begin":
		if value != "" {
			w.emit(p, value, look)
		}
		if n >= w.limits.Depth {
			return TooComplex
		}
		w.fields = append(w.fields, field{drawn: value != ""})
	case kind == "separate" && n > 0:
		w.fields[n-1].result = true
	case kind == "end" && n > 0:
		w.fields = w.fields[:n-1]
	}
	return nil
}

func (w *walker) oldBox(value *string) error {
	checked, given := false, false
	err := w.children(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "checked":
			checked, given = on(e), true
		case "default":
			if !given {
				checked = on(e)
			}
		}
		return w.skip()
	})
	*value = box(checked)
	return err
}

func (w *walker) oldList(value *string) error {
	chosen, entries := 0, []string(nil)
	err := w.children(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "result":
			chosen, _ = strconv.Atoi(attr(e, "val"))
		case "listEntry":
			entries = append(entries, attr(e, "val"))
		}
		return w.skip()
	})
	if chosen >= 0 && chosen < len(entries) {
		*value = entries[chosen]
	}
	return err
}

func (w *walker) table() (*Grid, error) {
	g := &Grid{}
	err := w.rows(g)
	g.merge()
	return g, err
}

func (w *walker) rows(g *Grid) error {
	return w.children(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "tr":
			return w.row(g)
		case "sdt":
			return w.control(func() error { return w.rows(g) })
		case "ins", "moveTo", "customXml":
			return w.rows(g)
		}
		return w.skip()
	})
}

func (w *walker) row(g *Grid) error {
	var row GridRow
	column, deleted := 0, false
	var cells func(e xml.StartElement) error
	cells = func(e xml.StartElement) error {
		switch e.Name.Local {
		case "trPr":
			return w.children(func(e xml.StartElement) error {
				switch e.Name.Local {
				case "gridBefore":
					column = w.span(e, 0)
				case "tblHeader":
					row.Header = on(e)
				case "del":
					deleted = true
				}
				return w.skip()
			})
		case "tc":
			c, err := w.cell(column)
			if err == nil {
				row.Cells = append(row.Cells, c)
				column += c.Span
			}
			return err
		case "sdt":
			return w.control(func() error { return w.children(cells) })
		case "ins", "customXml":
			return w.children(cells)
		}
		return w.skip()
	}
	if err := w.children(cells); err != nil {
		return err
	}
	if !deleted {
		g.Rows = append(g.Rows, row)
	}
	return nil
}

func (w *walker) cell(from int) (*GridCell, error) {
	if w.cells++; w.cells > w.limits.Cells {
		return nil, TooComplex
	}
	c := &GridCell{From: from, Span: 1}
	err := w.children(func(e xml.StartElement) error {
		if e.Name.Local != "tcPr" {
			return w.block(e, &c.Blocks)
		}
		return w.children(func(e xml.StartElement) error {
			switch e.Name.Local {
			case "gridSpan":
				c.Span = w.span(e, 1)
			case "vMerge":
				c.merge = DownMore
				if attr(e, "val") == string(DownStart) {
					c.merge = DownStart
				}
			}
			return w.skip()
		})
	})
	return c, err
}

// span is a number of columns, kept within what a table can have.
func (w *walker) span(e xml.StartElement, least int) int {
	n, err := strconv.Atoi(attr(e, "val"))
	if err != nil {
		return least
	}
	return min(max(n, least), 1000)
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

// symbol translates the characters of symbol fonts with which boxes and ticks
// are drawn; others keep their place as "□" so that nothing disappears.
func symbol(font, char string) string {
	n, err := strconv.ParseUint(char, 16, 32)
	if err != nil {
		return ""
	}
	if strings.Contains(font, "Symbol") && (n == 0xF0B7 || n == 0xB7) {
		return "•"
	}
	switch fmt.Sprintf("%s %02X", font, n&0xFF) {
	case "Wingdings FC", "Wingdings 2 50":
		return "✓"
	case "Wingdings FE", "Wingdings 2 52", "Wingdings FD", "Wingdings 2 51", "Wingdings 2 53", "Wingdings 2 54":
		return "☒"
	case "Wingdings A8", "Wingdings 6F", "Wingdings 71", "Wingdings 2 A3", "Wingdings 2 2A":
		return "☐"
	}
	if n < 0xE000 || n > 0xF8FF {
		return string(rune(n))
	}
	return "□"
}
