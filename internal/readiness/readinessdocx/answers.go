package readinessdocx

import (
	"strconv"
	"strings"

	"dean06/internal/readiness"
)

// startGroup begins the rows of one system in a group.
func (r *rowReader) startGroup(group rowLabel, number string, c component) {
	r.section = group.Parent
	r.group = r.ordinal(group.Key, number)
	r.name = strings.Join(c.lines, " ")
	r.last = readiness.Row{}
}

// ordinal is the number of the next system under a row: the printed one when it
// goes on from the last, else the next.
func (r *rowReader) ordinal(key, number string) int {
	next := r.count[key] + 1
	if i := strings.LastIndex(number, "."); i >= 0 {
		if n, err := strconv.Atoi(number[i+1:]); err == nil && n > r.count[key] && n < 1000 {
			next = n
		}
	}
	r.count[key] = next
	return next
}

// repeat takes the answer of a repeated row: one system, or several that were
// written into one cell.
func (r *rowReader) repeat(row paperRow, target rowLabel, number string, c component, doubt string) {
	names := c.lines
	// The label of the row itself names no system; what follows it may.
	for len(names) > 0 && target.likeness(readiness.Fold(names[0])) >= alikeEnough {
		_, after, ok := strings.Cut(names[0], ":")
		if after = readiness.CleanName(after); ok && after != "" {
			names[0] = after
			break
		}
		names = names[1:]
	}
	next := func() string {
		if strings.HasSuffix(target.Number, "n") {
			return target.Numbered(r.ordinal(target.Key, number))
		}
		return target.Key
	}
	if len(names) > 1 && (c.listed || allSystems(names)) {
		r.several(row, target.Row, names, next)
		return
	}
	r.take(row, target.Row, next(), strings.Join(names, " "), doubt)
}

// allSystems says that each line begins as names of systems do.
func allSystems(names []string) bool {
	for _, n := range names {
		f := readiness.Fold(n)
		ok := false
		for _, w := range []string{"he thong", "htt", "ht ", "csdl", "co so du lieu", "nen tang", "phan mem", "cong ", "trang ", "kho "} {
			ok = ok || strings.HasPrefix(f, w)
		}
		if !ok {
			return false
		}
	}
	return true
}

// several parts a row that holds several systems. The cells go with them line
// by line when there are as many lines as systems; otherwise what one cell says
// is taken for each of them, and a person must confirm it.
func (r *rowReader) several(row paperRow, target readiness.Row, names []string, next func() string) {
	for i, name := range names {
		cells := readiness.Cells{}
		for key, lines := range row.cells {
			cells[key] = lines
			if own := ownLines(lines); len(own) == len(names) {
				cells[key] = own[i : i+1]
			}
		}
		doubt := ""
		if len(ownLines(row.cells[readiness.ColCompliance])) != len(names) {
			doubt = "readiness.problem.several_systems"
		}
		r.take(paperRow{cells, row.place, nil}, target, next(), name, doubt)
	}
}

func ownLines(lines []readiness.Line) []readiness.Line {
	var out []readiness.Line
	for _, l := range lines {
		if s := readiness.Kept([]readiness.Line{l}); s != "" {
			out = append(out, l)
		}
	}
	return out
}

// take reads the answer of a row.
func (r *rowReader) take(row paperRow, target readiness.Row, number, system, doubt string) {
	p := r.p
	a, problems, answered := readiness.ReadAnswer(p.tpl, target, number, row.cells, row.place)
	if !answered && (system == "" || target.Kind == readiness.Item) {
		return // a row of the form that was left as it was printed
	}
	a.System = system
	at := row.place
	at.Column = readiness.ColComponent
	component := readiness.Reading{Raw: row.cells.Raw(readiness.ColComponent), Where: at, Confidence: 1}
	if doubt != "" {
		component.Confidence, component.Reason = 0.5, doubt
		if choice, ok := a.Readings[readiness.ColCompliance]; ok {
			// Which row or system the choice is for is not sure, so it is not.
			choice.Confidence, choice.Reason = min(choice.Confidence, 0.5), doubt
			a.Readings[readiness.ColCompliance] = choice
		}
		problems = append(problems, readiness.NewProblem(readiness.Reviews, number, readiness.ColComponent, component.Raw, doubt))
	}
	a.Readings[readiness.ColComponent] = component
	if extra := row.cells.Raw("?"); extra != "" {
		p.ret.Extra = append(p.ret.Extra, readiness.Extra{Where: row.place, Text: extra})
	}
	p.ret.Answers = append(p.ret.Answers, a)
	p.from = append(p.from, r.at)
	p.problems = append(p.problems, problems...)
}

// unknown keeps a row that is none of the form's.
func (r *rowReader) unknown(row paperRow, number string) {
	var parts []string
	for _, c := range r.p.tpl.Columns {
		if c.Key != readiness.ColNumber {
			if s := readiness.Kept(row.cells[c.Key]); s != "" && !readiness.IsDots(s) {
				parts = append(parts, s)
			}
		}
	}
	if s := readiness.Kept(row.cells["?"]); s != "" {
		parts = append(parts, s)
	}
	if len(parts) == 0 {
		return
	}
	whole := strings.Join(parts, " | ")
	r.p.ret.Extra = append(r.p.ret.Extra, readiness.Extra{Where: row.place, Text: whole})
	severity := readiness.Notes
	if r.hasAnswer(row.cells) {
		severity = readiness.Reviews
	}
	r.p.problem(severity, number, readiness.ColComponent, whole, "readiness.problem.row_extra")
}
