package readiness

import (
	"slices"

	"dean06/internal/platform/clock"
)

// ColumnKind says what a column that a form adds of its own holds. The columns that all
// forms share (see ColNumber to ColNote) have none: their keys say what they hold.
type ColumnKind string

// The kinds of a form's own columns. In Answer.Values each is kept as text.
const (
	TextColumn   ColumnKind = "text"   // as it was written
	NumberColumn ColumnKind = "number" // digits, a point before decimals: "1234", "-2.5"
	DateColumn   ColumnKind = "date"   // "2026-11-30"
	YesNoColumn  ColumnKind = "yes_no" // Yes, No
	ChoiceColumn ColumnKind = "choice" // key of an option of Column.Options
	CountsColumn ColumnKind = "counts" // a part and its whole: "64/187"
)

// ColumnKinds lists the kinds, the plainest first.
var ColumnKinds = []ColumnKind{TextColumn, NumberColumn, DateColumn, YesNoColumn, ChoiceColumn, CountsColumn}

// The values of a YesNoColumn.
const (
	Yes = "yes"
	No  = "no"
)

// Column is a column of part 2.
type Column struct {
	Key   string `json:"key"`
	Label Text   `json:"label"`
	Width int    `json:"width"` // in twentieths of a point, landscape A4

	Kind     ColumnKind `json:"kind,omitempty"`     // of the form's own columns
	Options  string     `json:"options,omitempty"`  // option list of a ChoiceColumn
	Decimals int        `json:"decimals,omitempty"` // most digits after the decimal sign of a NumberColumn
	Min      *float64   `json:"min,omitempty"`      // bounds of a NumberColumn; nil is none
	Max      *float64   `json:"max,omitempty"`
	From     clock.Date `json:"from,omitzero"` // bounds of a DateColumn; zero is none
	Until    clock.Date `json:"until,omitzero"`
	Unit     Text       `json:"unit,omitzero"` // what numbers count: "giường"
}

// The columns that every program knows. A form has ColNumber and ColComponent, and of
// the others those that its rows ask for.
const (
	ColNumber     = "number"
	ColComponent  = "component"
	ColUnit       = "unit"
	ColCompliance = "compliance"
	ColStage      = "stage"
	ColNote       = "note"
)

var sharedColumns = []string{ColNumber, ColComponent, ColUnit, ColCompliance, ColStage, ColNote}

// reservedKeys are names of fields of an answer and of the web form, which no column of
// a form's own may have.
var reservedKeys = []string{
	"key", "system", "causes", "unmet", "counts", "decision", "month", "stage_other", "confirm", "units_unmet", "units_total", "devices_have",
	"devices_need", "decision_date", "label", "trace", "row",
}

// Own says that the column is one that the form adds.
func (c Column) Own() bool { return !slices.Contains(sharedColumns, c.Key) }

// Column finds a column of part 2 by key.
func (t *Template) Column(key string) (Column, bool) {
	i := slices.IndexFunc(t.Columns, func(c Column) bool { return c.Key == key })
	if i < 0 {
		return Column{}, false
	}
	return t.Columns[i], true
}

// pageWidth is what the columns of a landscape A4 page have together, in twentieths of a
// point; narrow is a column whose width a form does not say.
const (
	pageWidth = 15137
	narrow    = 1400
)

// Widths gives the columns of part 2 their shares of the page's width, in twentieths of a point.
func (t *Template) Widths() []int {
	out := make([]int, len(t.Columns))
	all := 0
	for i, c := range t.Columns {
		if out[i] = c.Width; c.Width <= 0 {
			out[i] = narrow
		}
		all += out[i]
	}
	for i := range out {
		out[i] = out[i] * pageWidth / max(all, 1)
	}
	return out
}

// OwnColumns lists the columns that the form adds, in its order.
func (t *Template) OwnColumns() []Column {
	var out []Column
	for _, c := range t.Columns {
		if c.Own() {
			out = append(out, c)
		}
	}
	return out
}

// AsksFor says whether a row asks for a column. A row that names no columns asks for all
// of them; a choice of compliance and a stage only where it has their lists.
func (t *Template) AsksFor(r Row, column string) bool {
	if _, ok := t.Column(column); !ok || !r.Answered() {
		return false
	}
	switch column {
	case ColNumber, ColComponent:
		return true
	case ColCompliance:
		return r.Options != ""
	case ColStage:
		return r.Stage
	}
	return len(r.Columns) == 0 || slices.Contains(r.Columns, column)
}

// AskedOwn lists the form's own columns that a row asks for.
func (t *Template) AskedOwn(r Row) []Column {
	return slices.DeleteFunc(t.OwnColumns(), func(c Column) bool { return !t.AsksFor(r, c.Key) })
}

// Choices are what can be chosen in a column of the form's own, in the order of the form;
// none where one types.
func (t *Template) Choices(c Column) []Option {
	switch c.Kind {
	case YesNoColumn:
		return yesOrNo
	case ChoiceColumn:
		return t.Options[c.Options]
	case TextColumn, NumberColumn, DateColumn, CountsColumn:
	}
	return nil
}

// answerColumns are the columns in which an answer may have a reading, in the order of
// the form as far as all forms share it.
func (t *Template) answerColumns() []string {
	out := slices.Clone(answerColumns)
	for _, c := range t.OwnColumns() {
		out = append(out, c.Key)
	}
	return out
}

// Repeats says that the form has rows that are answered for each of several things (the
// systems of letter 488): then these are declared first.
func (t *Template) Repeats() bool {
	return slices.ContainsFunc(t.Rows, func(r Row) bool { return r.Kind == Repeat || r.Kind == Group })
}
