package readinessxlsx

import (
	"strings"

	"dean06/internal/platform/sheet"
	"dean06/internal/readiness"
)

// answers reads part 2 in the order of the form.
func (rd *reader) answers(ret *readiness.Return) {
	last := func(key string) int { return rd.last[[2]string{pageState, key}] }
	times := func(r readiness.Row) int {
		n := last(r.Key)
		if r.Kind == readiness.Group {
			for _, item := range rd.tpl.Items(r.Key) {
				n = max(n, last(item.Key))
			}
		}
		return n
	}
	for r, n := range rd.tpl.InOrder(times) {
		switch r.Kind {
		case readiness.Single, readiness.Repeat:
			rd.answer(ret, r, n, "")
		case readiness.Item:
			rd.answer(ret, r, n, rowKey(r.Parent, n))
		case readiness.Heading, readiness.Group: // hold no answer themselves
		}
	}
	rd.declare(ret)
}

// answering is one row while it is read.
type answering struct {
	*reader
	row    readiness.Row
	key    string
	trace  trace
	traced bool
	answer readiness.Answer
}

// answer adds the answer of a row, when it has one. A row of a group has one
// also when only the group's system is named, unless it was exported without.
func (rd *reader) answer(ret *readiness.Return, r readiness.Row, n int, group string) {
	a := &answering{reader: rd, row: r, key: rowKey(r.Key, n)}
	a.answer = readiness.Answer{Key: r.Key, Row: r.Numbered(n)}
	a.traced = readTrace(a.cell(colTrace), &a.trace)
	system := a.cell(colSystem)
	filled := system.text != ""
	columns := rd.form.columns[pageState]
	for _, c := range columns[3 : len(columns)-1] {
		if c.key == colSystem {
			continue
		}
		filled = filled || rd.cells[place{pageState, a.key, c.key}].text != ""
	}
	if group != "" {
		g := rd.at(pageState, group, colSystem)
		if system.text == "" {
			system = g
		}
		var exported trace
		asWas := readTrace(rd.at(pageState, group, colTrace), &exported) && exported.shows(g)
		filled = filled || g.text != "" && (a.traced || !asWas)
	}
	if !filled {
		return
	}
	if a.traced && a.trace.Row != "" {
		a.answer.Row = a.trace.Row
	}
	a.system(ret, system)
	a.unit()
	a.answer.Compliance = a.choice(readiness.ColCompliance, r.Options)
	a.stage()
	a.note()
	a.values()
	a.place()
	ret.Answers = append(ret.Answers, a.answer)
}

// values reads the cells of the form's own columns.
func (a *answering) values() {
	for _, c := range a.tpl.OwnColumns() {
		value, at, confidence, reason := a.value(c)
		if reason == readiness.ReasonBlank {
			continue
		}
		if value != "" {
			if a.answer.Values == nil {
				a.answer.Values = map[string]string{}
			}
			a.answer.Values[c.Key] = value
		}
		a.reading(c.Key, at, confidence, reason)
	}
}

// value reads one of them. A date or a number of Excel is taken as it is kept, not as it
// is shown; all else is read as on paper.
func (a *answering) value(c readiness.Column) (value string, at found, confidence float64, reason string) {
	if c.Kind == readiness.CountsColumn {
		part, whole := a.cell(c.Key+partOfCounts), a.cell(c.Key+wholeOfCounts)
		at = part
		if part.text == "" {
			at = whole
		}
		switch {
		case part.text == "" && whole.text == "":
			return "", at, 0, readiness.ReasonBlank
		case strings.Contains(part.text, "/") && whole.text == "": // both in one cell
		case part.text == "" || whole.text == "":
			at.text = strings.Trim(part.text+"/"+whole.text, "/")
			return "", at, 0, readiness.ReasonNotValue
		default:
			at.text = part.text + "/" + whole.text
			at.Formula = part.Formula || whole.Formula
		}
	} else {
		at = a.cell(c.Key)
	}
	if c.Kind == readiness.DateColumn {
		if day, ok := a.day(at); ok {
			return day.String(), at, 1, readiness.CheckValue(a.tpl, c, day.String())
		}
	}
	if c.Kind == readiness.NumberColumn && at.Kind == sheet.Number {
		// A number cell keeps 1.234 with a point: a fraction, or a thousand typed in the Vietnamese way.
		v := readiness.ReadValue(a.tpl, c, readiness.LinesOf(at.text))
		if v.Reason == readiness.ReasonTwoReadings && c.Decimals >= 3 {
			return at.text, at, 1, readiness.CheckValue(a.tpl, c, at.text)
		}
		return v.Text, at, v.Confidence, v.Reason
	}
	v := readiness.ReadValue(a.tpl, c, readiness.LinesOf(at.text))
	return v.Text, at, v.Confidence, v.Reason
}

// place keeps where the answer stands in the workbook.
func (a *answering) place() {
	if a.numbers == nil {
		a.numbers = map[spot]string{}
	}
	for _, r := range a.answer.Readings {
		a.numbers[spot{pageState, r.Where.Line}] = a.answer.Row
	}
}

// shows says whether the cell that a trace belongs to still shows what it did.
func (t trace) shows(c found) bool { return clean(t.Shown) == c.text }

func (a *answering) cell(col string) found { return a.at(pageState, a.key, col) }

// reading keeps what stood in a cell. Of several cells behind one column of the
// form, the least sure one is kept.
func (a *answering) reading(col string, c found, confidence float64, reason string) {
	if c.text == "" && c.Kind != sheet.Fault {
		return
	}
	if c.Formula && confidence >= readiness.Sure {
		confidence, reason = 0.8, "readiness.workbook.problem.formula"
	}
	if old, ok := a.answer.Readings[col]; ok && old.Confidence <= confidence {
		return
	}
	if a.answer.Readings == nil {
		a.answer.Readings = map[string]readiness.Reading{}
	}
	a.answer.Readings[col] = readiness.Reading{
		Raw: c.text, Confidence: confidence, Reason: reason,
		Where: readiness.Place{Part: "2", Line: c.line, Column: c.ref},
	}
	if confidence < readiness.Sure && !c.Formula {
		a.problem(readiness.Reviews, a.answer.Row, c, reason)
		a.problems[len(a.problems)-1].Field = readiness.FieldOf("row", a.answer.Row, col)
	}
}

func (a *answering) unit() {
	c := a.cell(readiness.ColUnit)
	a.answer.Unit = c.text
	a.reading(readiness.ColUnit, c, 1, "")
}

// system takes the system that a row names. One that was not exported with its
// id is declared when all rows are read.
func (a *answering) system(ret *readiness.Return, c found) {
	a.reading(readiness.ColComponent, c, 1, "")
	if a.traced && a.trace.shows(c) {
		a.answer.System, a.answer.SystemID = a.trace.System, a.trace.ID
		return
	}
	a.answer.System = c.text
	a.undeclared = append(a.undeclared, len(ret.Answers)) // where the answer will stand
}

// declare finds the systems that rows name in the list of systems, and adds to
// it those that are not there.
func (rd *reader) declare(ret *readiness.Return) {
	if len(rd.undeclared) == 0 {
		return
	}
	open := readiness.Return{Systems: ret.Systems}
	for _, i := range rd.undeclared {
		open.Answers = append(open.Answers, ret.Answers[i])
	}
	before := len(ret.Systems)
	readiness.DeclareSystems(rd.tpl, &open)
	ret.Systems = open.Systems
	told := map[string]bool{}
	for _, s := range ret.Systems[:before] {
		told[s.ID] = true
	}
	for j, i := range rd.undeclared {
		a := &ret.Answers[i]
		a.SystemID = open.Answers[j].SystemID
		if at, read := a.Readings[readiness.ColComponent]; read && !told[a.SystemID] {
			told[a.SystemID] = true
			rd.problem(readiness.Notes, a.Row, found{ref: at.Where.Column, text: a.System}, "readiness.workbook.problem.system")
		}
	}
}

// listed finds the option that a cell says word for word, in either language;
// blank is no option.
func (a *answering) listed(list, text string) (string, bool) {
	for _, o := range a.tpl.Options[list] {
		if text == clean(o.Vi) || text == clean(o.En) {
			return o.Key, true
		}
	}
	return "", text == ""
}

// choice reads a cell with a drop-down, also when something else was typed.
func (a *answering) choice(col, list string) string {
	c := a.cell(col)
	if c.text == "" {
		return ""
	}
	if key, ok := a.listed(list, c.text); ok {
		a.reading(col, c, 1, "")
		return key
	}
	chosen := readiness.ReadOption(a.tpl, list, readiness.LinesOf(c.text))
	if chosen.Key == "" && chosen.Reason == "" {
		chosen.Reason = "readiness.workbook.problem.option"
	}
	a.reading(col, c, chosen.Confidence, chosen.Reason)
	return chosen.Key
}

// note reads the note and the cells that it is split into. A note that was
// typed into an otherwise blank row is read as on paper.
func (a *answering) note() {
	c := a.cell(readiness.ColNote)
	a.answer.Note = c.text
	a.reading(readiness.ColNote, c, 1, "")
	a.answer.Causes = a.items(colCauses)
	a.answer.Unmet = a.items(colUnmet)
	var counts readiness.Counts
	for _, col := range []string{colUnitsUnmet, colUnitsTotal, colHave, colNeed} {
		c := a.cell(col)
		if c.text == "" {
			continue
		}
		n, ok := readCount(c.text)
		switch {
		case !ok:
			a.reading(readiness.ColNote, c, 0, "readiness.workbook.problem.count")
			continue
		case readiness.HasTwoReadings(c.text): // typed here 1.234 is a thousand; as a number cell it is a fraction
			a.reading(readiness.ColNote, c, 0.5, readiness.ReasonTwoReadings)
		default:
			a.reading(readiness.ColNote, c, 1, "")
		}
		*countsOf(&counts)[col] = &n
	}
	if counts != (readiness.Counts{}) {
		a.answer.Counts = &counts
	}
	decided := a.cell(colDecided)
	date, ok := a.date(decided)
	if !ok {
		a.reading(readiness.ColNote, decided, 0, "readiness.workbook.problem.date")
	}
	if d := (readiness.LetterRef{Number: a.cell(colDecision).text, Date: date}); d != (readiness.LetterRef{}) {
		a.answer.Decision = &d
	}
	if c.text != "" && !(a.traced && a.trace.Note == sumOf(c.text)) {
		a.facts(c)
	}
}

// facts takes from the words of a note what its own cells do not say.
func (a *answering) facts(c found) {
	f := readiness.ReadNote(a.row, readiness.LinesOf(c.text))
	took := false
	if len(a.answer.Causes) == 0 && len(f.Causes) > 0 {
		a.answer.Causes, took = f.Causes, true
	}
	if len(a.answer.Unmet) == 0 && len(f.Unmet) > 0 {
		a.answer.Unmet, took = f.Unmet, true
	}
	if a.answer.Counts == nil && f.Counts != nil {
		a.answer.Counts, took = f.Counts, true
	}
	if a.answer.Decision == nil && f.Decision != nil {
		a.answer.Decision, took = f.Decision, true
	}
	if took && f.Reason != "" {
		a.reading(readiness.ColNote, c, f.Confidence, f.Reason)
	}
}

func (a *answering) items(col string) []string {
	c := a.cell(col)
	a.reading(readiness.ColNote, c, 1, "")
	return readList(c.text)
}

// stage reads the stage of investment with its expected month. Both may stand in
// the stage's cell, as they do on paper.
func (a *answering) stage() {
	c := a.cell(readiness.ColStage)
	var both readiness.Time
	if key, ok := a.listed(readiness.StageList, c.text); ok {
		a.answer.Stage = key
		a.reading(readiness.ColStage, c, 1, "")
	} else {
		s := readiness.ReadStage(a.tpl, readiness.LinesOf(c.text))
		if s.Reason == readiness.ReasonOtherBlank && a.cell(colStageOther).text != "" {
			s.Confidence, s.Reason = 1, ""
		}
		a.answer.Stage, a.answer.StageOther, both = s.Key, s.Other, s.Time
		if s.Reason != readiness.ReasonBlank && s.Reason != readiness.ReasonUntouched {
			a.reading(readiness.ColStage, c, s.Confidence, s.Reason)
		}
	}
	if other := a.cell(colStageOther); other.text != "" {
		a.answer.StageOther = other.text
		a.reading(readiness.ColStage, other, 1, "")
	}
	month := a.cell(colMonth)
	t := both
	if day, ok := a.day(month); ok {
		t = readiness.Time{Month: readiness.MonthOf(day), Precision: readiness.ByDay, Confidence: 1}
		if day.Day() == 1 { // Excel makes the first day of the month of "6/2023"
			t.Precision = readiness.ByMonth
		}
	} else if a.traced && a.trace.Month == month.text {
		if a.trace.Is != "" || a.trace.By != "" {
			t = readiness.Time{Month: a.trace.Is, Precision: a.trace.By, Confidence: 1}
		}
	} else if month.text != "" {
		t = readiness.ReadMonth(month.text)
	}
	a.answer.ExpectedMonth, a.answer.Precision = t.Month, t.Precision
	a.reading(readiness.ColStage, month, t.Confidence, t.Reason)
}
