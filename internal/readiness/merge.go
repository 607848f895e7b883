package readiness

import (
	"reflect"
	"slices"
)

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
	for _, column := range columnsOf(id.group, b, mine, theirs) {
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
	changed := func(column string) bool { return !sameCell(kept[column], b[column]) }
	if kept == nil || !slices.ContainsFunc(columnsOf(id.group, b, kept), changed) {
		return nil
	}
	d := described{m.tpl, id, b, kept}
	switch m.chosen[d.field("")] {
	case keptBy:
		return kept
	case gone:
		return nil
	}
	c := Conflict{Change: d.change("")}
	if keptBy == Mine {
		c.Mine = c.After
	} else {
		c.Theirs = c.After
	}
	c.After = Text{}
	m.conflicts = append(m.conflicts, c)
	return kept
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
	d := described{m.tpl, id, b, mine}
	c := Conflict{Change: d.change(column)}
	switch m.chosen[c.Field] {
	case Mine:
		return x
	case Theirs:
		return y
	}
	c.Mine, c.Theirs, c.After = c.After, d.words(column, y.value), Text{}
	m.conflicts = append(m.conflicts, c)
	return x
}

func sameCell(a, b cell) bool {
	return sameValue(a.value, b.value) && reflect.DeepEqual(a.reading, b.reading)
}
