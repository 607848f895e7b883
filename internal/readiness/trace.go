package readiness

import "strings"

// TraceKind says what stands beside the text of a paper, or under it: a comment, a
// change that nobody accepted, a picture. What a reader found is told with its words,
// or that it was there and was not read.
type TraceKind string

// The kinds of traces, of Word, of Excel and of both.
const (
	TraceChanged     TraceKind = "changed"      // tracked changes: two texts, and nobody said which
	TraceReformatted TraceKind = "reformatted"  // a tracked change of the look
	TraceComment     TraceKind = "comment"      // also a note of Excel
	TraceFootnote    TraceKind = "footnote"     //
	TraceEndnote     TraceKind = "endnote"      //
	TraceEdge        TraceKind = "edge"         // header or footer of a page
	TraceTextBox     TraceKind = "text_box"     //
	TracePicture     TraceKind = "picture"      //
	TraceDrawing     TraceKind = "drawing"      // a ring, an arrow, a line
	TraceEmbedded    TraceKind = "embedded"     // another file, a chart, a control, handwriting
	TraceStruck      TraceKind = "struck"       // struck out
	TraceHidden      TraceKind = "hidden"       // hidden text
	TraceSymbol      TraceKind = "symbol"       // a tick or box of a symbol font, read as the sign that it looks like
	TraceUnknownSign TraceKind = "unknown_sign" // a sign of a symbol font that is in no table
	TraceOldFont     TraceKind = "old_font"     // TCVN3 or VNI, converted
	TraceField       TraceKind = "field"        // computed by Word
	TraceAlternative TraceKind = "alternative"  // one place with two contents, of which a program shows either
	TraceNestedTable TraceKind = "nested_table" //
	TraceHiddenRow   TraceKind = "hidden_row"   //
	TraceHiddenCol   TraceKind = "hidden_column"
	TraceHiddenSheet TraceKind = "hidden_sheet"
	TraceOtherSheet  TraceKind = "other_sheet"  // a sheet that is none of the form's, a copy of one among them
	TraceMerged      TraceKind = "merged"       // text under a merged cell
	TraceFormat      TraceKind = "cell_format"  // a number format that shows something else than the value
	TraceValidation  TraceKind = "sheet_object" // something that lies on a sheet at no cell of the form
)

// TraceKinds lists them.
var TraceKinds = []TraceKind{
	TraceChanged, TraceReformatted, TraceComment, TraceFootnote, TraceEndnote, TraceEdge, TraceTextBox, TracePicture, TraceDrawing, TraceEmbedded,
	TraceStruck, TraceHidden, TraceSymbol, TraceUnknownSign, TraceOldFont, TraceField, TraceAlternative, TraceNestedTable, TraceHiddenRow,
	TraceHiddenCol, TraceHiddenSheet, TraceOtherSheet, TraceMerged, TraceFormat, TraceValidation,
}

const traceReason = "readiness.problem.trace."

// Reason is the key of the message about a trace in the return as a whole, or at an answer.
func (k TraceKind) Reason(row string) string {
	if row == "" {
		return traceReason + string(k) + ".file"
	}
	return traceReason + string(k)
}

// Unsettles says that an answer with such a trace says two things at once: what was read
// is a proposal, and counts for nothing until a person has decided.
func (k TraceKind) Unsettles() bool {
	return k == TraceChanged || k == TraceAlternative
}

// IsTrace says that a problem is about a trace.
func IsTrace(p Problem) bool { return strings.HasPrefix(p.Reason, traceReason) }

// Trace is one trace as a reader found it.
type Trace struct {
	Kind  TraceKind
	Where Place
	Row   string // numbered row of the answer that it is at; "" for none
	Field string // see Problem.Field
	Text  string // what it says; of a change the text when it is accepted
	Was   string // of a change the text when it is refused
}

// Problem puts a trace before a person. A trace in or at an answer is always for a person
// to look at, however well it was read: only who wrote it knows what it means.
func (t Trace) Problem(s Severity) Problem {
	p := NewProblem(s, t.Row, t.Where.Column, shortened(t.Text), t.Kind.Reason(t.Row))
	p.Field = t.Field
	p.Args["was"] = shortened(t.Was)
	return p
}

// shortened keeps a message readable; the whole is in the return's other text and in the file.
func shortened(s string) string {
	s = strings.TrimSpace(s)
	if r := []rune(s); len(r) > 500 {
		return string(r[:499]) + "…"
	}
	return s
}

// Words are the words of a trace that stand in no field of the return: they are kept
// with its other text.
func (t Trace) Words() string {
	switch t.Kind {
	case TraceChanged:
		return t.Was
	case TraceTextBox, TraceSymbol, TraceUnknownSign, TraceOldFont, TraceNestedTable, TraceStruck, TraceReformatted, TraceField, TraceMerged,
		TraceHiddenRow, TraceHiddenCol, TraceFormat:
		return "" // the words are in the fields too, or are none
	}
	return t.Text
}
