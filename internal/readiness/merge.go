package readiness

import "reflect"

// Side is whose edit a person chose.
type Side string

// The sides of a merge.
const (
	Mine   Side = "mine"   // the person's who saves now
	Theirs Side = "theirs" // what was saved meanwhile
)

// Conflict is a field that both changed, each to something else, or a part that
// one removed while the other changed it.
type Conflict struct {
	Change      // Before: what both started from; After: nothing, there is no one result
	Mine   Text // empty: removed or emptied
	Theirs Text
}

// Merge brings two edits of one draft together. What only one of them changed
// is taken; what both changed alike too. A field that both changed differently
// is a conflict unless chosen names its side by Field: then that side is taken.
// Until then the merged return holds mine, and where one removed a part that
// the other changed, it holds the part: nothing is lost by waiting.
func Merge(tpl *Template, base, mine, theirs Return, chosen map[string]Side) (Return, []Conflict) {
	m := merger{tpl: tpl, chosen: chosen, base: split(base), mine: split(mine), theirs: split(theirs)}
	out := parted{parts: map[partID]map[string]cell{}}
	for _, id := range unionOrder(m.theirs, m.mine) {
		if cells := m.part(id); cells != nil {
			out.order = append(out.order, id)
			out.parts[id] = cells
		}
	}
	like := mine
	if like.Proposals == nil {
		like.Proposals = theirs.Proposals
	}
	return out.join(like), m.conflicts
}

type merger struct {
	tpl                *Template
	chosen             map[string]Side
	base, mine, theirs parted
	conflicts          []Conflict
}

// part merges one part; nil when the result does not have it.
func (m *merger) part(id partID) map[string]cell {
	b, mine, theirs := m.base.parts[id], m.mine.parts[id], m.theirs.parts[id]
	if mine == nil || theirs == nil {
		return m.removed(id, b, mine, theirs)
	}
	out := map[string]cell{}
	for _, column := range columnsOf(id.group) {
		out[column] = m.cell(id, column, b, mine, theirs)
	}
	return out
}

// removed decides on a part that one side does not have: it is new on the
// other side, or was removed on this one.
func (m *merger) removed(id partID, b, mine, theirs map[string]cell) map[string]cell {
	kept, keptBy, gone := mine, Mine, Theirs
	if mine == nil {
		kept, keptBy, gone = theirs, Theirs, Mine
	}
	if b == nil {
		return kept // new, or absent from all
	}
	if kept == nil || reflect.DeepEqual(kept, b) {
		return nil
	}
	field := fieldOf(m.tpl, id, "", kept, nil)
	switch m.chosen[field] {
	case keptBy:
		return kept
	case gone:
		return nil
	}
	c := Conflict{Change: Change{Field: field, Label: labelOf(m.tpl, id, "", kept, nil)}}
	if id.group == groupAnswer {
		a := joinAnswer(kept)
		c.Row, c.System = a.Row, a.System
	}
	words := m.words(id, kept)
	c.Before = m.words(id, b)
	if keptBy == Mine {
		c.Mine = words
	} else {
		c.Theirs = words
	}
	m.conflicts = append(m.conflicts, c)
	return kept
}

// words writes a whole part: its filled columns in a row.
func (m *merger) words(id partID, cells map[string]cell) Text {
	var t Text
	options := ""
	if row, ok := m.tpl.Row(as[string](cells["key"])); ok {
		options = row.Options
	}
	for _, column := range columnsOf(id.group) {
		if column == ColNumber || column == "key" || column == "system" {
			continue
		}
		s := shown(m.tpl, options, column, cells[column].value)
		if s.Vi == "" {
			continue
		}
		if t.Vi != "" {
			t.Vi, t.En = t.Vi+"\n", t.En+"\n"
		}
		t.Vi, t.En = t.Vi+s.Vi, t.En+s.En
	}
	return t
}

func (m *merger) cell(id partID, column string, b, mine, theirs map[string]cell) cell {
	base, x, y := b[column], mine[column], theirs[column]
	switch {
	case sameCell(x, y), sameCell(base, y):
		return x
	case sameCell(base, x):
		return y
	case sameValue(x.value, y.value): // only the readings behind it differ
		return x
	}
	c := Conflict{Change: describe(m.tpl, id, column, mine, b, base.value, nil)}
	switch m.chosen[c.Field] {
	case Mine:
		return x
	case Theirs:
		return y
	}
	options := ""
	if row, ok := m.tpl.Row(as[string](mine["key"])); ok {
		options = row.Options
	}
	c.Mine, c.Theirs = shown(m.tpl, options, column, x.value), shown(m.tpl, options, column, y.value)
	m.conflicts = append(m.conflicts, c)
	return x
}

func sameCell(a, b cell) bool {
	return sameValue(a.value, b.value) && reflect.DeepEqual(a.reading, b.reading)
}
