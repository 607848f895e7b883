package readinessxlsx

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/sheet"
	"dean06/internal/readiness"
)

// assemble makes the return of the cells.
func (rd *reader) assemble() readiness.Return {
	rd.doubtful()
	text := func(page, row, col string) string { return rd.at(page, row, col).text }
	ret := readiness.Return{
		Campaign: rd.meta["campaign"], Agency: rd.meta["agency"], Template: rd.meta["template"],
		Heading: text(pageContact, "heading", colValue),
		Letter:  readiness.LetterRef{Number: text(pageContact, "letter_number", colValue)},
	}
	letter := rd.at(pageContact, "letter_date", colValue)
	date, ok := rd.date(letter)
	if ret.Letter.Date = date; !ok {
		rd.problem(readiness.Reviews, "", letter, "readiness.workbook.problem.date")
		rd.keep(letter, "1")
	}
	for _, c := range rd.tpl.Contact {
		if v := ret.Contact.Field(c.Key); v != nil {
			*v = text(pageContact, "contact:"+c.Key, colValue)
		}
	}
	rd.systems(&ret)
	rd.answers(&ret)
	for _, g := range rd.tpl.Proposals {
		for n := 1; n <= rd.last[[2]string{pageProposals, g.Key}]; n++ {
			s := text(pageProposals, rowKey(g.Key, n), colValue)
			if s == "" {
				continue
			}
			if readiness.Fold(s) == readiness.Fold(rd.tpl.Nothing.Vi) || readiness.Fold(s) == readiness.Fold(rd.tpl.Nothing.En) {
				s = ""
			}
			ret.Proposals = append(ret.Proposals, readiness.Proposal{Group: g.Key, Text: s})
		}
	}
	each := func(key string, f func(row, text string)) {
		for n := 1; n <= rd.last[[2]string{pageFree, key}]; n++ {
			if s := text(pageFree, rowKey(key, n), colValue); s != "" {
				f(rowKey(key, n), s)
			}
		}
	}
	each(readiness.DifficultyList, func(_, s string) { ret.Difficulties = append(ret.Difficulties, s) })
	each(readiness.RecommendationList, func(_, s string) { ret.Recommendations = append(ret.Recommendations, s) })
	each(readiness.ExtraList, func(row, s string) {
		x := readiness.Extra{Text: s}
		if !readTrace(rd.at(pageFree, row, colTrace), &x.Where) {
			c := rd.at(pageFree, row, colValue)
			x.Where = readiness.Place{Part: "4", Line: c.line, Column: c.ref}
		}
		ret.Extra = append(ret.Extra, x)
	})
	rd.tell(&ret)
	ret.Extra = append(ret.Extra, rd.extra...)
	if len(rd.rest) > 0 {
		ret.Extra = append(ret.Extra, readiness.Extra{Text: strings.Join(rd.rest, "\n")})
	}
	return ret
}

// doubtful tells of formulas and error values in cells to fill in.
func (rd *reader) doubtful() {
	var cells []found
	for p, c := range rd.cells {
		if _, locked := rd.form.labels[place{p.page, firstOf(p.row), p.col}]; !locked && (c.Formula || c.Kind == sheet.Fault) {
			cells = append(cells, c)
		}
	}
	slices.SortFunc(cells, func(a, b found) int { return strings.Compare(a.ref, b.ref) })
	for _, c := range cells {
		reason := "readiness.workbook.problem.formula"
		if c.Kind == sheet.Fault || c.text == "" {
			reason = "readiness.workbook.problem.value"
		}
		rd.problem(readiness.Reviews, "", c, reason)
	}
}

func firstOf(row string) string {
	if base, n := splitKey(row); n > 1 {
		return rowKey(base, 1)
	}
	return row
}

// keep puts text that no field took among the extra text.
func (rd *reader) keep(c found, part string) {
	rd.extra = append(rd.extra, readiness.Extra{Where: readiness.Place{Part: part, Line: c.line, Column: c.ref}, Text: c.text})
}

// date reads a cell that holds a day, as a date of Excel or as text; an empty
// one is no day.
func (rd *reader) date(c found) (clock.Date, bool) {
	if c.text == "" {
		return clock.Date{}, true
	}
	if d, ok := rd.day(c); ok {
		return d, true
	}
	return readDate(c.text)
}

// day is the date that Excel keeps in a cell. In a cell formatted as text it is
// a bare number, which in a column of times can be nothing else.
func (rd *reader) day(c found) (clock.Date, bool) {
	if c.Kind == sheet.Day {
		return c.Date, true
	}
	serial, err := strconv.Atoi(c.text)
	if c.Kind != sheet.Number || err != nil || serial < 20_000 || serial > 80_000 { // 1954 to 2119
		return clock.Date{}, false
	}
	return sheet.DayOf(float64(serial), rd.from1904)
}

func (rd *reader) systems(ret *readiness.Return) {
	kinds := map[string]string{}
	for _, lang := range []string{"vi", "en"} {
		for i, s := range (&form{tpl: rd.tpl, lang: lang}).listed(colKind) {
			kinds[readiness.Fold(s)] = rd.tpl.AllSystemKinds()[i]
		}
	}
	used := map[string]bool{}
	var nameless []int
	for n := 1; n <= rd.last[[2]string{pageSystems, "system"}]; n++ {
		row := rowKey("system", n)
		cell := func(col string) found { return rd.at(pageSystems, row, col) }
		s := readiness.System{
			ID: cell(colID).text, Name: cell(colName).text, Kind: cell(colKind).text, Unit: cell(readiness.ColUnit).text,
			Aliases: readList(cell(colAliases).text),
		}
		if s.Name == "" {
			if rest := strings.TrimSpace(s.Kind + " " + s.Unit + " " + strings.Join(s.Aliases, " ")); rest != "" {
				c := cell(readiness.ColUnit)
				c.text, c.ref = rest, rd.pages[pageSystems]+"!"+fmt.Sprint(row)
				rd.problem(readiness.Reviews, "", c, "readiness.workbook.problem.loose")
				rd.keep(c, "")
			}
			continue
		}
		if kind, ok := kinds[readiness.Fold(s.Kind)]; ok {
			s.Kind = kind
		}
		if s.ID == "" || used[s.ID] { // typed, or a copied row
			s.ID = ""
			nameless = append(nameless, len(ret.Systems))
		}
		used[s.ID] = true
		ret.Systems = append(ret.Systems, s)
	}
	for _, i := range nameless {
		ret.Systems[i].ID = nextID(ret.Systems)
	}
}

// nextID is the first of "s1", "s2", … that is free.
func nextID(systems []readiness.System) string {
	for n := 1; ; n++ {
		id := fmt.Sprintf("s%d", n)
		if !slices.ContainsFunc(systems, func(s readiness.System) bool { return s.ID == id }) {
			return id
		}
	}
}
