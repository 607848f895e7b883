package sheet

import (
	"regexp"
	"strings"

	"dean06/internal/platform/fontcode"
)

// TraceKind says what lies on a cell or sheet besides values, or changes what they show.
type TraceKind string

// The kinds of traces.
const (
	Commented TraceKind = "comment" // notes of old and comments of new Excel
	Pictured  TraceKind = "picture"
	Boxed     TraceKind = "text_box"
	Drawn     TraceKind = "drawing"
	Embedded  TraceKind = "embedded" // other files, charts, controls
	Struck    TraceKind = "struck"
	Signed    TraceKind = "symbol"       // ticks of a symbol font; they are in the text
	Unknown   TraceKind = "unknown_sign" //
	OldCoded  TraceKind = "old_font"     // TCVN3 or VNI, converted in the text
	Covered   TraceKind = "merged"       // a value under a merged cell
	Reshown   TraceKind = "cell_format"  // a number format that shows something else, or nothing
	Headed    TraceKind = "edge"         // header or footer of printed pages
)

// Trace is one of them. Row and Column are 0 where it lies at no cell; what covers
// several cells goes to LastRow and LastColumn.
type Trace struct {
	Kind                TraceKind
	Row, Column         int
	LastRow, LastColumn int
	Text                string
	Was                 string // of an old font the characters as they are
}

// covers says that a trace lies on a cell.
func (t Trace) covers(row, column int) bool {
	return row >= t.Row && row <= max(t.Row, t.LastRow) && column >= t.Column && column <= max(t.Column, t.LastColumn)
}

// look is what a cell's style says of its text.
type look struct {
	day    bool
	font   string
	struck bool
	format string // of numbers, where the workbook makes its own
}

// piece is a stretch of a cell's text in one look.
type piece struct {
	text   string
	font   string
	struck bool
}

// plain says that a look changes nothing that a piece says.
func (p piece) plain() bool { return !p.struck && fontcode.Of(p.font) == fontcode.Unicode }

// say puts the pieces of a cell together, reads what is in old and symbol fonts, and
// tells the traces that are in them.
func say(pieces []piece, style look, at Trace) (string, []Trace) {
	var b, struck, signs, odd strings.Builder
	var traces []Trace
	add := func(kind TraceKind, text, was string) {
		t := at
		t.Kind, t.Text, t.Was = kind, text, was
		traces = append(traces, t)
	}
	var old []piece
	for _, p := range pieces {
		if p.font == "" {
			p.font = style.font
		}
		p.struck = p.struck || style.struck
		switch code := fontcode.Of(p.font); {
		case code == fontcode.TCVN3, code == fontcode.VNI:
			if n := len(old); n > 0 && old[n-1].font == p.font {
				old[n-1].text += p.text
			} else {
				old = append(old, p)
			}
			read, _ := fontcode.Decode(p.font, p.text)
			p.text = read
		case code != fontcode.Symbols:
			for _, r := range p.text {
				if r >= 0xF000 && r <= 0xF0FF { // of a symbol font that the cell has no more
					odd.WriteRune('▯')
				}
			}
		default:
			var own strings.Builder
			for _, r := range p.text {
				sign, meaning := fontcode.Sign(p.font, r)
				own.WriteString(sign)
				switch meaning {
				case fontcode.Ticks:
					signs.WriteString(sign)
				case fontcode.Unknown:
					odd.WriteString(sign)
				case fontcode.Ornament:
				}
			}
			p.text = own.String()
		}
		if p.struck && strings.TrimSpace(p.text) != "" {
			struck.WriteString(p.text)
		}
		b.WriteString(p.text)
	}
	text := b.String()
	for _, p := range old {
		if read, is := fontcode.Decode(p.font, p.text); is {
			add(OldCoded, read, p.text)
			if len(old) == 1 && len(pieces) == 1 {
				text = read
			}
		}
	}
	if struck.Len() > 0 {
		add(Struck, struck.String(), "")
	}
	if signs.Len() > 0 {
		add(Signed, signs.String(), "")
	}
	if odd.Len() > 0 {
		add(Unknown, odd.String(), "")
	}
	return text, traces
}

var formatText = regexp.MustCompile(`"[^"]*\pL[^"]*"|\\\pL`)

// reshows says that a number format shows words of its own, or hides what the cell holds:
// a format has up to four parts, for numbers above, below and at zero, and for text.
func reshows(format string, text bool) bool {
	if format == "" {
		return false
	}
	parts := strings.Split(format, ";")
	if text {
		return len(parts) == 4 && strings.TrimSpace(parts[3]) != "@"
	}
	if formatText.MatchString(format) {
		return true
	}
	return len(parts) > 1 && strings.TrimSpace(parts[0]) == ""
}

// Hides are columns that are not shown.
type Hides struct{ From, To int }
