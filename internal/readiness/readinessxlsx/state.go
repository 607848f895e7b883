package readinessxlsx

import (
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"

	"dean06/internal/platform/sheet"
	"dean06/internal/readiness"
)

// state draws part 2: a row for each answer that can be given.
func (d *drawer) state() {
	d.begin(pageState, d.tpl.Part2.In(d.lang))
	d.head(3, func(col string) string {
		key := col
		if col == colLabel {
			key = readiness.ColComponent
		}
		if c, ok := d.tpl.Column(key); ok {
			return d.headOf(c)
		}
		if c, ok := ownOf(d.tpl, col); ok {
			_, half, _ := strings.Cut(col, "/")
			return d.say.T("readiness.workbook.column.counts."+half, map[string]any{"column": c.Label.In(d.lang)})
		}
		return d.own(col)
	})
	cells := map[string][]string{} // by drop-down list or column
	times := func(r readiness.Row) int {
		if !d.key.full && !r.IsFor(d.key.kind) {
			return 0
		}
		if r.Kind == readiness.Single {
			return d.key.Single
		}
		return d.key.Repeat
	}
	for r, n := range d.tpl.InOrder(times) {
		if r.Kind != readiness.Heading {
			d.answer(r, n, cells)
			continue
		}
		if d.key.full || r.IsFor(d.key.kind) {
			d.next(r.Key)
			d.label(readiness.ColNumber, r.Number, d.look.Group)
			d.wide(colLabel, d.lastWide(), joined(r.Label.In(d.lang), r.Hint.In(d.lang), r.Reference.In(d.lang)), d.look.Group)
		}
	}
	for _, list := range d.listNames() {
		d.offer(cells["list:"+list], d.listRange(list), false)
	}
	if d.tpl.Repeats() {
		d.offer(cells[colSystem], d.systemRange(), true)
	}
	d.rules(cells)
	d.try(sheet.Lock(d.file, d.names[d.page]))
}

// answer draws one row. Cells that it does not ask for are grey and locked,
// yet are slots too: what an agency wrote there on paper must not be lost.
func (d *drawer) answer(r readiness.Row, n int, cells map[string][]string) {
	d.next(rowKey(r.Key, n))
	look := d.look.Label
	if r.Kind == readiness.Group {
		look = d.look.Group
	}
	d.label(readiness.ColNumber, strings.Replace(r.Number, "n", fmt.Sprint(n), 1), look)
	d.label(colLabel, joined(r.Label.In(d.lang), r.Hint.In(d.lang), r.Reference.In(d.lang)), look)
	for _, c := range d.columns[pageState][3:] {
		style := d.look.Off
		if asksFor(d.tpl, r, c.key) {
			style = d.look.Answer
			group := c.key
			switch {
			case isCount(c.key):
				style, group = d.look.Count, "count"
			case c.key == readiness.ColCompliance:
				group = "list:" + r.Options
			case c.key == readiness.ColStage:
				group = "list:" + readiness.StageList
			}
			if own, ok := ownOf(d.tpl, c.key); ok {
				style, group = d.ownCell(own)
			}
			cells[group] = append(cells[group], d.at(c.key))
		}
		d.slot(c.key, style)
	}
}

// headOf is the heading of a column, with what its numbers count.
func (d *drawer) headOf(c readiness.Column) string {
	text := c.Label.In(d.lang)
	if unit := c.Unit.In(d.lang); unit != "" {
		text += " (" + unit + ")"
	}
	return text
}

// ownCell is the look of a cell of the form's own column, and with which cells it shares
// what Excel checks.
func (d *drawer) ownCell(c readiness.Column) (style int, group string) {
	switch c.Kind {
	case readiness.ChoiceColumn:
		return d.look.Answer, "list:" + c.Options
	case readiness.YesNoColumn:
		return d.look.Answer, "list:" + listYesNo
	case readiness.CountsColumn:
		return d.look.Count, "count"
	case readiness.NumberColumn, readiness.DateColumn, readiness.TextColumn:
	}
	return d.look.Answer, "own:" + c.Key
}

// rules adds what Excel checks while one types: whole numbers and months.
func (d *drawer) rules(cells map[string][]string) {
	if at := cells["count"]; len(at) > 0 {
		v := excelize.NewDataValidation(true)
		v.SetSqref(strings.Join(at, " "))
		d.try(v.SetRange(0, 100_000_000, excelize.DataValidationTypeWhole, excelize.DataValidationOperatorBetween))
		v.SetError(excelize.DataValidationErrorStyleStop, d.say.T("readiness.workbook.count.title"), d.say.T("readiness.workbook.count.text"))
		d.try(d.file.AddDataValidation(d.names[d.page], v))
	}
	for _, c := range d.tpl.OwnColumns() {
		d.rule(c, cells["own:"+c.Key])
	}
	if at := cells[colMonth]; len(at) > 0 {
		first := at[0]
		v := excelize.NewDataValidation(true)
		v.SetSqref(strings.Join(at, " "))
		v.SetInput(d.say.T("readiness.workbook.month.title"), d.say.T("readiness.workbook.month.text"))
		// mm/yyyy; another way of saying it ("quý II/2023") is asked about, not refused.
		formula := fmt.Sprintf(`AND(LEN(%[1]s)=7,MID(%[1]s,3,1)="/",ISNUMBER(VALUE(LEFT(%[1]s,2))),ISNUMBER(VALUE(RIGHT(%[1]s,4))))`, first)
		d.try(v.SetRange(formula, "", excelize.DataValidationTypeCustom, excelize.DataValidationOperatorEqual))
		v.SetError(excelize.DataValidationErrorStyleWarning, d.say.T("readiness.workbook.month.title"), d.say.T("readiness.workbook.month.text"))
		d.try(d.file.AddDataValidation(d.names[d.page], v))
	}
}

// rule says on the spot what a number or a day should be; what is typed all the same is
// read, and asked about. Cells are of text, so that 1.5 stays what it is.
func (d *drawer) rule(c readiness.Column, at []string) {
	key := ""
	switch c.Kind {
	case readiness.NumberColumn:
		key = "number"
	case readiness.DateColumn:
		key = "day"
	case readiness.TextColumn, readiness.YesNoColumn, readiness.ChoiceColumn, readiness.CountsColumn:
	}
	if key == "" || len(at) == 0 {
		return
	}
	v := excelize.NewDataValidation(true)
	v.SetSqref(strings.Join(at, " "))
	v.SetInput(clip(d.headOf(c), 32), d.say.T("readiness.workbook.own."+key))
	d.try(d.file.AddDataValidation(d.names[d.page], v))
}

// clip cuts a text to what the title of Excel's hint may hold.
func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

func joined(lines ...string) string {
	var out []string
	for _, l := range lines {
		if l != "" {
			out = append(out, l)
		}
	}
	return strings.Join(out, "\n")
}
