package readiness

import (
	"slices"

	"dean06/internal/platform/clock"
)

// Carried is a draft made from the return of an earlier round.
type Carried struct {
	Draft Return
	// Flags are answers that cannot just be confirmed: what was expected by now
	// and is not met.
	Flags []Problem
	// Left are answers that the new form has no place for.
	Left []Answer
}

// NextRound begins the draft for a campaign from the agency's last return, which is on
// before. The new form may differ: a row is the same when it asks the same in words,
// whatever its number; an option that the new form does not have is left blank. What stood on the earlier paper (readings, the covering
// letter, text outside of the form) stays there.
func NextRound(before, tpl *Template, campaign string, last Return, on clock.Date) Carried {
	last = last.Clone()
	c := Carried{Draft: Return{
		Campaign: campaign, Agency: last.Agency, Template: tpl.Ref(),
		Contact: last.Contact, Systems: last.Systems,
		Difficulties: last.Difficulties, Recommendations: last.Recommendations,
	}}
	for _, p := range last.Proposals {
		if labelled(tpl.Proposals, p.Group) != (Text{}) {
			c.Draft.Proposals = append(c.Draft.Proposals, p)
		}
	}
	for _, a := range last.Answers {
		a.Readings = nil
		row, ok := sameRow(before, tpl, &a)
		if !ok || !row.Answered() {
			c.Left = append(c.Left, a)
			continue
		}
		if _, ok := tpl.Option(row.Options, a.Compliance); !ok {
			a.Compliance = ""
		}
		if _, ok := tpl.Option(StageList, a.Stage); !row.Stage || !ok {
			a.Stage = ""
		}
		if lost := dropValues(tpl, row, &a); len(lost) > 0 {
			c.Left = append(c.Left, Answer{Row: a.Row, Key: a.Key, SystemID: a.SystemID, System: a.System, Values: lost})
		}
		c.Draft.Answers = append(c.Draft.Answers, a)
		if overdue(tpl, a, on) {
			c.Flags = append(c.Flags, Problem{
				Severity: Notes, Row: a.Row, Column: ColStage, Text: a.ExpectedMonth.shown(),
				Reason: "readiness.problem.expected_passed", Args: map[string]any{"row": a.Row, "text": a.ExpectedMonth.shown()},
				Field: AnswerField(tpl, a, ColStage),
			})
		}
	}
	return c
}

// sameRow finds the row of the new form that asks what an answer's row asked, and puts the
// answer there: by its key when the words are the same, else by the words alone.
func sameRow(before, tpl *Template, a *Answer) (Row, bool) {
	was, known := before.Row(a.Key)
	now, ok := tpl.Row(a.Key)
	if !known || before.Ref() == tpl.Ref() || ok && Fold(was.Label.Vi) == Fold(now.Label.Vi) {
		return now, ok
	}
	i := slices.IndexFunc(tpl.Rows, func(r Row) bool { return r.Kind == was.Kind && Fold(r.Label.Vi) == Fold(was.Label.Vi) })
	if i < 0 {
		return Row{}, false
	}
	now = tpl.Rows[i]
	a.Row, a.Key = now.Numbered(max(1, ordinal(a.Row))), now.Key
	if now.Kind == Single {
		a.Row = now.Key
	}
	return now, true
}

// dropValues takes from an answer what the form has no column for, or what is no value of
// that column any more, and gives it.
func dropValues(tpl *Template, row Row, a *Answer) map[string]string {
	kept, lost := map[string]string{}, map[string]string{}
	for key, value := range a.Values {
		if c, ok := tpl.Column(key); ok && tpl.AsksFor(row, key) && CheckValue(tpl, c, value) != ReasonNotValue {
			kept[key] = value
		} else {
			lost[key] = value
		}
	}
	if a.Values = kept; len(kept) == 0 {
		a.Values = nil
	}
	return lost
}

// overdue says that an answer is not met although its month has passed.
func overdue(tpl *Template, a Answer, on clock.Date) bool {
	s := AnswerStatus(tpl, a)
	return a.ExpectedMonth.Valid() && a.ExpectedMonth < MonthOf(on) && (s == NotMet || s == PartiallyMet)
}

// Mark says how an answer of a draft stands to the earlier round.
type Mark string

// The marks.
const (
	Unchanged Mark = "unchanged"
	Changed   Mark = "changed"
	Added     Mark = "added"
)

// Marks says for each answer of a draft, by AnswerField, how it stands to the
// return that the draft was begun from. When all are unchanged, one
// confirmation hands the draft in.
func Marks(tpl *Template, last, draft Return) map[string]Mark {
	out := make(map[string]Mark, len(draft.Answers))
	for _, a := range draft.Answers {
		i := slices.IndexFunc(last.Answers, func(b Answer) bool { return answerID(b) == answerID(a) })
		switch {
		case i < 0:
			out[AnswerField(tpl, a)] = Added
		case sameAnswer(last.Answers[i], a):
			out[AnswerField(tpl, a)] = Unchanged
		default:
			out[AnswerField(tpl, a)] = Changed
		}
	}
	return out
}
