package readinessxlsx

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"dean06/internal/platform/sheet"
	"dean06/internal/readiness"
)

// The pages of a workbook, by the key in their cell A1.
const (
	pageGuide     = "guide"
	pageContact   = "part1"
	pageSystems   = "systems"
	pageState     = "part2"
	pageProposals = "part3"
	pageFree      = "part4"
	pageLists     = "lists"
	pageMeta      = "meta"
)

// The columns, by key. Those of part 2 that the template names keep its keys.
const (
	colRowKey     = "key"
	colLabel      = "label"
	colValue      = "value"
	colName       = "name"
	colKind       = "kind"
	colAliases    = "aliases"
	colID         = "id"
	colSystem     = "system"
	colStageOther = "stage_other"
	colMonth      = "expected_month"
	colCauses     = "causes"
	colUnmet      = "unmet"
	colUnitsUnmet = "units_unmet"
	colUnitsTotal = "units_total"
	colHave       = "devices_have"
	colNeed       = "devices_need"
	colDecision   = "decision_number"
	colDecided    = "decision_date"
	colTrace      = "trace"
)

type column struct {
	key   string
	width float64
}

// pageColumns lists the columns of each page from A; A is hidden. Those of part 2 follow
// from the form, see columnsOf.
var pageColumns = map[string][]column{
	pageGuide:   {{colRowKey, 0}, {colLabel, 60}, {colValue, 90}},
	pageContact: {{colRowKey, 0}, {colLabel, 45}, {colValue, 80}},
	pageSystems: {
		{colRowKey, 0},
		{readiness.ColNumber, 6},
		{colName, 60},
		{colKind, 34},
		{readiness.ColUnit, 36},
		{colAliases, 40},
		{colID, 0},
	},
	pageProposals: {{colRowKey, 0}, {readiness.ColNumber, 6}, {colLabel, 60}, {colValue, 90}},
	pageFree:      {{colRowKey, 0}, {readiness.ColNumber, 6}, {colValue, 130}, {colTrace, 0}},
	pageMeta:      {{colRowKey, 0}, {colValue, 20}},
}

// columnsOf lists the columns of each page for a form. Those of part 2 stand in the form's
// order; what the note asks for has cells of its own behind it.
func columnsOf(tpl *readiness.Template) map[string][]column {
	out := maps.Clone(pageColumns)
	state := []column{{colRowKey, 0}}
	asked := func(a readiness.Ask) bool {
		return slices.ContainsFunc(tpl.Rows, func(r readiness.Row) bool { return slices.Contains(r.Asks, a) })
	}
	for _, c := range tpl.Columns {
		switch c.Key {
		case readiness.ColNumber:
			state = append(state, column{c.Key, 5})
		case readiness.ColComponent:
			state = append(state, column{colLabel, 36})
			if tpl.Repeats() {
				state = append(state, column{colSystem, 26})
			}
		case readiness.ColUnit:
			state = append(state, column{c.Key, 18})
		case readiness.ColCompliance:
			state = append(state, column{c.Key, 16})
		case readiness.ColStage:
			state = append(state, column{c.Key, 24}, column{colStageOther, 16}, column{colMonth, 13})
		case readiness.ColNote:
			state = append(state, column{c.Key, 34})
			for _, more := range []struct {
				ask     readiness.Ask
				columns []column
			}{
				{readiness.AskCause, []column{{colCauses, 26}}},
				{readiness.AskUnmet, []column{{colUnmet, 26}}},
				{readiness.AskUnits, []column{{colUnitsUnmet, 10}, {colUnitsTotal, 10}}},
				{readiness.AskDevices, []column{{colHave, 10}, {colNeed, 10}}},
				{readiness.AskDecision, []column{{colDecision, 18}, {colDecided, 12}}},
			} {
				if asked(more.ask) {
					state = append(state, more.columns...)
				}
			}
		default:
			state = append(state, ownColumns(c)...)
		}
	}
	out[pageState] = append(state, column{colTrace, 0})
	return out
}

// ownColumns are the columns of the sheet for one of the form's own: counts have two.
func ownColumns(c readiness.Column) []column {
	switch c.Kind {
	case readiness.CountsColumn:
		return []column{{c.Key + partOfCounts, 11}, {c.Key + wholeOfCounts, 11}}
	case readiness.TextColumn:
		return []column{{c.Key, 30}}
	case readiness.NumberColumn, readiness.DateColumn, readiness.YesNoColumn, readiness.ChoiceColumn:
	}
	return []column{{c.Key, 14}}
}

const (
	partOfCounts  = "/part"
	wholeOfCounts = "/whole"
)

// ownOf is the form's own column that a column of the sheet belongs to.
func ownOf(tpl *readiness.Template, key string) (readiness.Column, bool) {
	key, _, _ = strings.Cut(key, "/")
	c, ok := tpl.Column(key)
	return c, ok && c.Own()
}

// columnOf is the place of a column on a page, from 1.
func (f *form) columnOf(page, key string) int {
	for i, c := range f.columns[page] {
		if c.key == key {
			return i + 1
		}
	}
	panic("readinessxlsx: page " + page + " has no column " + key)
}

// has says that a page has a column.
func (f *form) has(page, key string) bool {
	return slices.ContainsFunc(f.columns[page], func(c column) bool { return c.key == key })
}

// lastWide is the column up to which the text of a heading runs.
func (f *form) lastWide() string {
	if f.has(pageState, readiness.ColNote) {
		return readiness.ColNote
	}
	columns := f.columns[pageState]
	return columns[len(columns)-2].key
}

// pagesOf lists the pages that a form has, in their order.
func pagesOf(tpl *readiness.Template) []string {
	pages := []string{pageGuide, pageContact}
	if tpl.Repeats() {
		pages = append(pages, pageSystems)
	}
	pages = append(pages, pageState)
	if len(tpl.Proposals) > 0 {
		pages = append(pages, pageProposals)
	}
	return append(pages, pageFree, pageLists, pageMeta)
}

// place names a cell by what it means: page, key of the row, key of the column.
type place struct{ page, row, col string }

// sizes say how often the rows of a form repeat.
type sizes struct{ Single, Repeat, Systems, Proposals, Free int }

const (
	step     = 6   // rows are added by so many, so that few forms differ
	maxRows  = 600 // of one kind in a workbook
	minSpare = 2   // rows left blank after the last filled one
)

func (s sizes) valid() bool {
	for _, n := range []int{s.Single, s.Repeat, s.Systems, s.Proposals, s.Free} {
		if n < 1 || n > maxRows {
			return false
		}
	}
	return true
}

// roomFor rounds a number of rows up, with some to spare.
func roomFor(n, least int) int {
	return max(least, (n+minSpare+step-1)/step*step)
}

// sizesFor gives a form room for a return, or for the usual agency.
func sizesFor(tpl *readiness.Template, ret *readiness.Return) (sizes, error) {
	s := sizes{Single: 1, Repeat: step, Systems: 2 * step, Proposals: 1, Free: 8}
	if ret == nil {
		return s, nil
	}
	for _, a := range numbered(tpl, ret.Answers) {
		if a.row.Kind == readiness.Single {
			s.Single = max(s.Single, a.n)
		} else {
			s.Repeat = max(s.Repeat, roomFor(a.n, step))
		}
	}
	groups := map[string]int{}
	for _, p := range ret.Proposals {
		groups[p.Group]++
		s.Proposals = max(s.Proposals, groups[p.Group])
	}
	s.Systems = roomFor(len(ret.Systems), s.Systems)
	s.Free = roomFor(max(len(ret.Difficulties), len(ret.Recommendations), len(ret.Extra)), s.Free)
	if !s.valid() {
		return s, fmt.Errorf("lay out workbook: more than %d rows of one kind", maxRows)
	}
	return s, nil
}

// numberedAnswer is an answer with its row and its ordinal among the answers of
// that row: 2 for "1.2".
type numberedAnswer struct {
	readiness.Answer
	row readiness.Row
	n   int
}

// numbered finds the ordinals of answers: the one in the row's number, or the
// next free one. Answers to rows that the template lacks are left out.
func numbered(tpl *readiness.Template, answers []readiness.Answer) []numberedAnswer {
	taken := map[string]bool{}
	var out []numberedAnswer
	for _, a := range answers {
		row, ok := tpl.Row(a.Key)
		if !ok || !row.Answered() {
			continue
		}
		n := 0
		if before, after, has := strings.Cut(a.Key, "n"); has {
			middle := strings.TrimSuffix(strings.TrimPrefix(a.Row, before), after)
			if _, err := fmt.Sscan(middle, &n); err != nil || row.Numbered(n) != a.Row || n < 1 || n > maxRows/2 {
				n = 0
			}
		}
		if n == 0 || taken[rowKey(a.Key, n)] {
			for n = 1; taken[rowKey(a.Key, n)]; n++ {
			}
		}
		taken[rowKey(a.Key, n)] = true
		out = append(out, numberedAnswer{a, row, n})
	}
	return out
}

// rowKey is what stands in hidden column A: "1.n#2".
func rowKey(key string, n int) string { return key + "#" + strconv.Itoa(n) }

// splitKey is the reverse of rowKey.
func splitKey(s string) (key string, n int) {
	i := strings.LastIndexByte(s, '#')
	if i < 0 {
		return s, 0
	}
	n, err := strconv.Atoi(s[i+1:])
	if err != nil || n < 1 || n > maxRows || s[i+1] == '0' || s[i+1] == '+' {
		return s, 0
	}
	return s[:i], n
}

// asksFor says whether a row of part 2 asks for a column.
func asksFor(tpl *readiness.Template, r readiness.Row, col string) bool {
	asks := func(a readiness.Ask) bool {
		for _, x := range r.Asks {
			if x == a {
				return true
			}
		}
		return false
	}
	switch col {
	case readiness.ColUnit, readiness.ColCompliance, readiness.ColNote:
		return tpl.AsksFor(r, col)
	case colSystem:
		return r.Kind == readiness.Repeat || r.Kind == readiness.Group
	case readiness.ColStage, colStageOther, colMonth:
		return r.Stage
	case colCauses:
		return asks(readiness.AskCause)
	case colUnmet:
		return asks(readiness.AskUnmet)
	case colUnitsUnmet, colUnitsTotal:
		return asks(readiness.AskUnits)
	case colHave, colNeed:
		return asks(readiness.AskDevices)
	case colDecision, colDecided:
		return asks(readiness.AskDecision)
	}
	if c, ok := ownOf(tpl, col); ok {
		return tpl.AsksFor(r, c.Key)
	}
	return false
}

func isCount(col string) bool {
	return col == colUnitsUnmet || col == colUnitsTotal || col == colHave || col == colNeed
}

// form is a laid-out workbook: its cells by meaning, and the mould to cast it.
type form struct {
	tpl     *readiness.Template
	lang    string
	columns map[string][]column // of each page
	names   map[string]string   // page to the name of its sheet
	labels  map[place]label     // cells that nobody may change
	slots   map[place]string    // cells to fill in: "E7"
	digest  string              // of all labels
	mould   *sheet.Mould
}

type label struct{ ref, text string }
