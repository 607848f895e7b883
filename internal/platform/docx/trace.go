package docx

import (
	"strings"

	"dean06/internal/platform/fontcode"
)

// TraceKind says what stands beside the text of a document, or under it.
type TraceKind string

// The kinds of traces.
const (
	Changed     TraceKind = "changed"     // tracked changes that nobody has accepted or refused
	Reformatted TraceKind = "reformatted" // a tracked change of the look or of a table's shape
	Commented   TraceKind = "comment"
	Footnoted   TraceKind = "footnote"
	Endnoted    TraceKind = "endnote"
	Boxed       TraceKind = "text_box" // its text is read after the paragraph to which it is tied
	Pictured    TraceKind = "picture"
	Drawn       TraceKind = "drawing"  // lines, arrows, rings
	Embedded    TraceKind = "embedded" // another file, a chart, a control of old forms, handwriting
	Vanished    TraceKind = "hidden"   // text formatted as hidden
	Signed      TraceKind = "symbol"   // ticks and boxes of a symbol font; they are in the text
	Unknown     TraceKind = "unknown_sign"
	OldCoded    TraceKind = "old_font" // TCVN3 or VNI, converted in the text
	Computed    TraceKind = "field"    // a field whose value Word works out anew, or that shows none
	Alternative TraceKind = "alternative"
	Nested      TraceKind = "nested_table" // its text is in the text of the cell
)

// Trace is something beside the text of a paragraph, a cell or a row.
type Trace struct {
	Kind TraceKind
	Text string // what it says; of a change what the text is when it is accepted; "" when nothing can be read
	Was  string // of a change what the text is when it is refused; of an old font the characters as they are
}

// Change is how a stretch of text stands in tracked changes.
type Change uint8

// The changes. What is moved was deleted in one place and inserted in another.
const (
	Unchanged Change = iota
	Inserted
	Deleted
)

// Edge is a header or footer of pages.
type Edge struct {
	Footer bool
	Blocks []Block
}

// Was gives the lines of the paragraph as they are when all tracked changes are refused.
func (t *Text) Was() []Line { return t.lines(Inserted) }

// TracesOf gathers the traces of blocks, in the cells of tables and in tables within
// them too; a table itself is a trace where nested is set.
func TracesOf(blocks []Block, nested bool) []Trace {
	var out []Trace
	for _, b := range blocks {
		if b.Text != nil {
			out = append(out, b.Text.Traces...)
			continue
		}
		if nested {
			out = append(out, Trace{Kind: Nested, Text: plainText([]Block{b})})
		}
		out = append(out, b.Grid.Traces...)
		for _, row := range append(b.Grid.Rows, b.Grid.Gone...) {
			out = append(out, row.Traces...)
			for _, c := range row.Cells {
				if c.Origin == nil {
					out = append(out, c.Traces...)
					out = append(out, TracesOf(c.Blocks, nested)...)
				}
			}
		}
	}
	return out
}

func plainText(blocks []Block) string {
	var out []string
	for _, l := range LinesOf(blocks) {
		if s := strings.TrimSpace(l.Text()); s != "" {
			out = append(out, s)
		}
	}
	return strings.Join(out, "\n")
}

func textOf(lines []Line) string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = l.Text()
	}
	return strings.TrimSpace(strings.Join(out, "\n"))
}

// finish reads what is in old fonts and tells what was changed, when a paragraph is whole.
func (p *para) finish() {
	p.decode()
	t := &p.text
	for _, s := range t.Spans {
		if s.Change != Unchanged {
			t.Traces = append(t.Traces, Trace{Kind: Changed, Text: textOf(t.Lines()), Was: textOf(t.Was())})
			break
		}
	}
}

// trace adds a trace; the text of several of a kind that merely went on is put together.
func (p *para) trace(kind TraceKind, text string) {
	text = Clean(text)
	if n := len(p.text.Traces); n > 0 && (kind == Vanished || kind == Signed || kind == Unknown) && p.text.Traces[n-1].Kind == kind {
		p.text.Traces[n-1].Text += text
		return
	}
	p.text.Traces = append(p.text.Traces, Trace{Kind: kind, Text: text})
}

// decode reads the spans in fonts of TCVN3 and VNI. Whether text is really so coded is
// decided by all that the paragraph has in one font: a word alone may be either.
func (p *para) decode() {
	spans := p.text.Spans
	var fonts []string
	for i := range spans {
		s := &spans[i]
		if s.font == "" {
			continue
		}
		// A mark of VNI that begins a span belongs to the letter before.
		if i > 0 && fontcode.Of(s.font) == fontcode.VNI && fontcode.Of(spans[i-1].font) == fontcode.VNI {
			rest := fontcode.TrimMarks(s.Text)
			spans[i-1].Text += s.Text[:len(s.Text)-len(rest)]
			s.Text = rest
		}
		known := false
		for _, f := range fonts {
			known = known || f == s.font
		}
		if !known {
			fonts = append(fonts, s.font)
		}
	}
	for _, font := range fonts {
		var raw []string
		for _, s := range spans {
			if s.font == font {
				raw = append(raw, s.Text)
			}
		}
		read, old := fontcode.Decode(font, strings.Join(raw, "\x00"))
		parts := strings.Split(read, "\x00")
		for i := range spans {
			if spans[i].font == font {
				spans[i].Text, spans[i].font = Clean(parts[0]), ""
				parts = parts[1:]
			}
		}
		if old {
			p.text.Traces = append(p.text.Traces, Trace{
				Kind: OldCoded, Text: Clean(strings.ReplaceAll(read, "\x00", "")), Was: strings.Join(raw, ""),
			})
		}
	}
}
