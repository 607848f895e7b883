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

	chosen := ReadOption(tpl, row.Options, cells[ColCompliance])
	a.Compliance = chosen.Key
	blank := chosen.Reason == ReasonBlank || chosen.Reason == ReasonUntouched || chosen.Reason == ReasonExample
	answered = !blank || a.Unit != "" || a.Note != "" || stage.Key != "" && stage.Reason != ReasonExample ||
		stage.Time.Month != "" && stage.Reason != ReasonExample
	keep(ColCompliance, chosen.Confidence, chosen.Reason)
	if answered && (chosen.Reason == ReasonBlank || chosen.Reason == ReasonUntouched) {
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

// CleanName is the name of a system as a component cell writes it, without
// bullets and closing punctuation.
func CleanName(s string) string {
	return strings.Join(strings.Fields(trimMarks(norm.NFC.String(s))), " ")
}

// NewProblem is a problem whose message speaks of the row and the text.
func NewProblem(severity Severity, row, column, text, reason string) Problem {
	return Problem{Severity: severity, Row: row, Column: column, Text: text, Reason: reason, Args: map[string]any{"row": row, "text": text}}
}
