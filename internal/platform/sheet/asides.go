package sheet

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// pieces gathers the stretches of a rich text.
type pieces struct{ list []piece }

// text adds to the stretch that has begun.
func (p *pieces) text(data []byte) {
	if n := len(p.list); n > 0 {
		p.list[n-1].text += unescape(string(data))
	}
}

// look takes a tag that begins a stretch or says how it looks.
func (p *pieces) look(x *pull) bool {
	switch {
	case x.kind != startTag:
		return false
	case x.is("r"):
		p.list = append(p.list, piece{})
	case len(p.list) == 0:
		return false
	case x.is("rFont"):
		p.list[len(p.list)-1].font = x.attr("val")
	case x.is("strike"):
		p.list[len(p.list)-1].struck = x.attr("val") == "" || isTrue(x.attr("val"))
	default:
		return false
	}
	return true
}

// odd are the stretches when one of them has a look that matters.
func (p *pieces) odd() []piece {
	if !slices.ContainsFunc(p.list, func(x piece) bool { return !x.plain() }) {
		return nil
	}
	return p.list
}

// fontList are the fonts of a workbook's cell styles.
type fontList struct {
	in   bool
	list []look
}

func (f *fontList) take(p *pull) {
	switch start := p.kind == startTag; {
	case p.is("fonts"):
		f.in = start
	case !f.in || !start:
	case p.is("font"):
		f.list = append(f.list, look{})
	case len(f.list) == 0:
	case p.is("name"):
		f.list[len(f.list)-1].font = p.attr("val")
	case p.is("strike"):
		f.list[len(f.list)-1].struck = p.attr("val") == "" || isTrue(p.attr("val"))
	}
}

func (f *fontList) look(id string) look {
	if n, err := strconv.Atoi(id); err == nil && n >= 0 && n < len(f.list) {
		return f.list[n]
	}
	return look{}
}

// hides says that a row or column is hidden, or so small that nobody sees it.
func hides(hidden, size string) bool {
	n, err := strconv.ParseFloat(size, 64)
	return isTrue(hidden) || err == nil && n >= 0 && n < 0.5
}

// setting takes what stands in a sheet's part besides its rows.
func (s *Sheet) setting(p *pull, streamed bool) {
	switch {
	case p.is("col"):
		from, _ := strconv.Atoi(p.attr("min"))
		to, _ := strconv.Atoi(p.attr("max"))
		if hides(p.attr("hidden"), p.attr("width")) && from > 0 {
			s.Hides = append(s.Hides, Hides{from, to})
		}
	case p.is("mergeCell") && streamed:
		s.Merged++
	case p.is("mergeCell"):
		first, last, _ := strings.Cut(p.attr("ref"), ":")
		if t, ok := between(first, last); ok {
			t.Kind = Covered
			s.Traces, s.Merges = append(s.Traces, t), append(s.Merges, t)
		}
	case (p.is("oleObject") || p.is("control")) && !s.full():
		s.Traces = append(s.Traces, Trace{Kind: Embedded, Text: p.attr("progId") + p.attr("name")})
	}
}

func between(first, last string) (Trace, bool) {
	c, r, ok := parseRef([]byte(strings.ToUpper(first)))
	if !ok {
		return Trace{}, false
	}
	t := Trace{Column: c, Row: r, LastColumn: c, LastRow: r}
	if c, r, ok := parseRef([]byte(strings.ToUpper(last))); ok {
		t.LastColumn, t.LastRow = c, r
	}
	return t, true
}

// covered keeps of merged cells only those under which a value lies out of sight.
func (s *Sheet) covered() {
	var out []Trace
	left := maxLooks
	for _, t := range s.Traces {
		if t.Kind != Covered {
			out = append(out, t)
			continue
		}
		for _, row := range s.Rows {
			if left--; left < 0 {
				break
			}
			if row.Number < t.Row || row.Number > t.LastRow {
				continue
			}
			for _, c := range row.Cells {
				left--
				if t.covers(row.Number, c.Column) && (row.Number != t.Row || c.Column != t.Column) && strings.TrimSpace(c.Text) != "" {
					out = append(out, Trace{Kind: Covered, Row: row.Number, Column: c.Column, Text: c.Text})
				}
			}
		}
	}
	if left < 0 { // a workbook made to keep us busy: a person looks
		out = append(out, Trace{Kind: Covered, Text: "…"})
	}
	s.Traces = out
}

// These bound what strangers' workbooks cost.
const (
	maxTraces = 2000       // of one sheet; what goes on is told once
	maxLooks  = 10_000_000 // for cells under merged ones
)

// full says that a sheet has all the traces that are told one by one.
func (s *Sheet) full() bool {
	if len(s.Traces) == maxTraces {
		s.Traces = append(s.Traces, Trace{Kind: Embedded, Text: "…"})
	}
	return len(s.Traces) > maxTraces
}

// readAsides reads what lies on a sheet: comments and drawings. A part that is broken is
// told by name.
func (b *bookReader) readAsides(part string, s *Sheet) error {
	dir := path.Dir(part)
	rels, err := b.relations(dir, path.Join(dir, "_rels", path.Base(part)+".rels"))
	if err != nil {
		return err
	}
	for _, rel := range rels {
		var read func(raw []byte, s *Sheet) error
		switch path.Base(rel.kind) {
		case "comments":
			read = readNotes
		case "threadedComment":
			read = readThreads
		case "drawing":
			read = readDrawing
		case "oleObject", "package", "control", "ctrlProp":
			if !slices.ContainsFunc(s.Traces, func(t Trace) bool { return t.Kind == Embedded }) {
				s.Traces = append(s.Traces, Trace{Kind: Embedded})
			}
			continue
		default:
			continue
		}
		raw, err := b.archive.read(rel.target)
		if err != nil {
			return err
		}
		if err := read(raw, s); err != nil {
			s.Traces = append(s.Traces, Trace{Kind: Embedded, Text: path.Base(rel.target)})
		}
	}
	return nil
}

// readNotes reads comments as Excel kept them until 2018, and keeps them still beside the
// newer ones.
func readNotes(raw []byte, s *Sheet) error { return readComments(raw, s, "comment", "t", unescape) }

// readThreads reads comments that can be answered.
func readThreads(raw []byte, s *Sheet) error {
	return readComments(raw, s, "threadedComment", "text", func(text string) string { return text })
}

// readComments reads comments of one kind: the element that is one, the one within that holds
// its text, and how that is written.
func readComments(raw []byte, s *Sheet, comment, words string, plain func(string) string) error {
	p := newPull(raw)
	var at Trace
	var text strings.Builder
	in, known := false, false
	for p.next() {
		switch {
		case p.kind == charData:
			if in {
				text.Write(p.data)
			}
		case p.is(words):
			in = p.kind == startTag
		case p.is(comment) && p.kind == startTag:
			at, known = between(p.attr("ref"), "")
			text.Reset()
		case p.is(comment):
			s.note(at, known, plain(text.String()))
		}
	}
	return p.err
}

// note adds a comment; the copy that Excel makes of a newer one for old programs is told
// once.
func (s *Sheet) note(at Trace, known bool, text string) {
	if text = strings.TrimSpace(text); text == "" || s.full() {
		return
	}
	if !known {
		at = Trace{}
	}
	at.Kind, at.Text = Commented, text
	for i, t := range s.Traces {
		if t.Kind == Commented && t.Row == at.Row && t.Column == at.Column {
			if strings.Contains(t.Text, text) {
				return
			}
			if strings.Contains(text, t.Text) {
				s.Traces[i].Text = text
				return
			}
		}
	}
	s.Traces = append(s.Traces, at)
}

// readDrawing reads what is drawn on a sheet, with the cells that it lies on.
func readDrawing(raw []byte, s *Sheet) error {
	p := newPull(raw)
	var t Trace
	var text, says strings.Builder
	var number []byte
	end, in := "", false // of the anchor: from or to
	for p.next() {
		start := p.kind == startTag
		switch {
		case p.kind == charData:
			number = append(number[:0], p.data...)
			if in {
				text.Write(p.data)
			}
		case p.is("twoCellAnchor"), p.is("oneCellAnchor"), p.is("absoluteAnchor"):
			if start {
				t = Trace{Kind: Drawn}
				text.Reset()
				says.Reset()
				continue
			}
			s.drawn(t, text.String(), says.String())
		case p.is("from"), p.is("to"):
			if end = ""; start {
				end = string(p.name)
			}
		case end != "" && !start && (p.is("col") || p.is("row")):
			n, _ := strconv.Atoi(strings.TrimSpace(string(number)))
			switch {
			case p.is("col") && end == "from":
				t.Column = n + 1
			case p.is("col"):
				t.LastColumn = n + 1
			case end == "from":
				t.Row = n + 1
			default:
				t.LastRow = n + 1
			}
		case p.is("t"):
			in = start
		case !start:
		case p.is("pic"):
			t.Kind = Pictured
		case p.is("graphicFrame"), p.is("contentPart"):
			t.Kind = Embedded
		case p.is("cNvPr"):
			says.WriteString(p.attr("descr"))
		}
	}
	return p.err
}

func (s *Sheet) drawn(t Trace, text, says string) {
	if s.full() {
		return
	}
	t.Text = strings.TrimSpace(says)
	if text = strings.TrimSpace(text); text != "" {
		t.Kind, t.Text = Boxed, text
	}
	s.Traces = append(s.Traces, t)
}

// edgeCodes are the codes by which headers of sheets place page numbers, dates and names.
var edgeCodes = regexp.MustCompile(`&(?:"[^"]*"|[A-Za-z&]|\d+|K[0-9A-Fa-f]{6})`)

// edge tells the words of a header or footer, once each.
func (s *Sheet) edge(code string) {
	words := strings.Join(strings.Fields(edgeCodes.ReplaceAllString(code, " ")), " ")
	if words == "" || s.full() || slices.ContainsFunc(s.Traces, func(t Trace) bool { return t.Kind == Headed && t.Text == words }) {
		return
	}
	s.Traces = append(s.Traces, Trace{Kind: Headed, Text: words})
}
