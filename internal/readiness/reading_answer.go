package readiness

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Cells are the cells of one row of part 2 by column key.
type Cells map[string][]Line

// Raw is the text of a column as it stands on the paper.
func (c Cells) Raw(column string) string { return Raw(c[column]) }

// ReadAnswer turns the cells of a row into an answer, each value with its
// reading, and says what a person must look at. It does not set Row, System and
// SystemID. Answered is false when no cell says anything of the agency's own.
func ReadAnswer(tpl *Template, row Row, number string, cells Cells, where Place) (a Answer, problems []Problem, answered bool) {
	a = Answer{Row: number, Key: row.Key, Readings: map[string]Reading{}}
	keep := func(column string, confidence float64, reason string) {
		raw := cells.Raw(column)
		if raw == "" && reason == "" {
			return
		}
		at := where
		at.Column = column
		a.Readings[column] = Reading{Raw: raw, Where: at, Confidence: confidence, Reason: reason}
		switch {
		case reason == "" || reason == ReasonBlank || reason == ReasonUntouched:
		case confidence >= Sure: // nothing was taken over, nothing is to be decided
			problems = append(problems, NewProblem(Notes, number, column, raw, reason))
		default:
			problems = append(problems, NewProblem(Reviews, number, column, raw, reason))
		}
	}

	unit, unitExample := cutExample(norm.NFC.String(Kept(cells[ColUnit])))
	if a.Unit = unit; unit == "" && unitExample != "" {
		keep(ColUnit, sure, ReasonExample)
	} else {
		keep(ColUnit, sure, "")
	}

	note := ReadNote(row, cells[ColNote])
	a.Note, a.Causes, a.Unmet, a.Counts, a.Decision = note.Note, note.Causes, note.Unmet, note.Counts, note.Decision

	var stage Stage
	if row.Stage || cells.Raw(ColStage) != "" {
		stage = ReadStage(tpl, cells[ColStage])
		a.Stage, a.StageOther = stage.Key, stage.Other
		a.ExpectedMonth, a.Precision = stage.Time.Month, stage.Time.Precision
	}

	chosen := Chosen{Reason: ReasonBlank}
	if row.Options != "" || cells.Raw(ColCompliance) != "" {
		chosen = ReadOption(tpl, row.Options, cells[ColCompliance])
	}
	a.Compliance = chosen.Key
	blank := chosen.Reason == ReasonBlank || chosen.Reason == ReasonUntouched || chosen.Reason == ReasonExample
	staged := stage.Reason != ReasonExample && (stage.Key != "" || stage.Time.Month != "")
	valued := readValues(tpl, &a, cells, keep)
	answered = !blank || a.Unit != "" || a.Note != "" || staged || valued
	if row.Options != "" || chosen.Reason != ReasonBlank {
		keep(ColCompliance, chosen.Confidence, chosen.Reason)
	}
	if row.Options != "" && answered && (chosen.Reason == ReasonBlank || chosen.Reason == ReasonUntouched) {
		problems = append(problems, NewProblem(Reviews, number, ColCompliance, cells.Raw(ColCompliance), chosen.Reason))
	}
	if stage.Reason != ReasonBlank {
		keep(ColStage, stage.Confidence, stage.Reason)
	}
	keep(ColNote, note.Confidence, note.Reason)
	if o, ok := tpl.Option(row.Options, a.Compliance); ok && o.Met && chosen.Reason == "" {
		a.Causes = nil // why it is not met is asked of those who do not meet it
	}
	return a, problems, answered
}

// readValues reads the cells of the form's own columns, and says whether one says
// something of the agency's own.
func readValues(tpl *Template, a *Answer, cells Cells, keep func(column string, confidence float64, reason string)) bool {
	given := false
	for _, c := range tpl.OwnColumns() {
		v := ReadValue(tpl, c, cells[c.Key])
		if v.Reason == ReasonBlank || v.Reason == ReasonUntouched {
			continue
		}
		keep(c.Key, v.Confidence, v.Reason)
		if v.Reason == ReasonExample {
			continue
		}
		given = true
		if v.Text != "" {
			if a.Values == nil {
				a.Values = map[string]string{}
			}
			a.Values[c.Key] = v.Text
		}
	}
	return given
}

// CleanName is the name of a system as a component cell writes it, without
// bullets and closing punctuation.
func CleanName(s string) string {
	return strings.Join(strings.Fields(trimMarks(norm.NFC.String(s))), " ")
}

// NewProblem is a problem whose message speaks of the row and the text.
func NewProblem(severity Severity, row, column, text, reason string) Problem {
	return Problem{Severity: severity, Row: row, Column: column, Text: text, Reason: reason, Args: map[string]any{"row": row, "text": text}}
}
