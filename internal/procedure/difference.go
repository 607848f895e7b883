package procedure

// Difference is what one catalogue has against another, in the order of their files.
type Difference struct {
	New     []Procedure
	Gone    []Procedure
	Changed []Change
	Same    int
}

// Change is a procedure that both catalogues have, and what is different in it.
type Change struct {
	Old, New Procedure
	What     []Part
}

// Part is what may be different in a procedure. "procedure.part.…" are its names.
type Part string

// The parts.
const (
	PartName     Part = "name"
	PartAgency   Part = "agency"
	PartField    Part = "field"
	PartLevels   Part = "levels"
	PartSubjects Part = "subjects"
	PartChannels Part = "channels"
	PartTime     Part = "time"
	PartCost     Part = "cost"
	PartHandlers Part = "handlers"
	PartDecision Part = "decision"
	PartState    Part = "state"
	PartOther    Part = "other"
)

// Compare says what a newer catalogue has against an older one. Procedures are the same by
// their codes; those whose code is flawed are in neither, the reports name them.
func Compare(older, newer *Catalogue) Difference {
	var d Difference
	for _, p := range newer.list {
		if p.Flaw != "" {
			continue
		}
		before, there := older.byCode[p.Code]
		if !there {
			d.New = append(d.New, p)
			continue
		}
		if what := partsOf(older.list[before], p); len(what) > 0 {
			d.Changed = append(d.Changed, Change{Old: older.list[before], New: p, What: what})
		} else {
			d.Same++
		}
	}
	for _, p := range older.list {
		if _, there := newer.byCode[p.Code]; !there && p.Flaw == "" {
			d.Gone = append(d.Gone, p)
		}
	}
	return d
}

// partsOf is what is different between two procedures.
func partsOf(a, b Procedure) []Part {
	var out []Part
	add := func(different bool, what Part) {
		if different {
			out = append(out, what)
		}
	}
	add(a.Name != b.Name, PartName)
	add(a.Agency != b.Agency, PartAgency)
	add(a.Field != b.Field, PartField)
	add(a.Levels != b.Levels, PartLevels)
	add(a.Subjects != b.Subjects, PartSubjects)
	add(a.Channels != b.Channels, PartChannels)
	add(a.Time != b.Time, PartTime)
	add(a.Cost != b.Cost, PartCost)
	add(a.Handlers != b.Handlers, PartHandlers)
	add(a.Decision != b.Decision, PartDecision)
	add(a.State != b.State, PartState)
	add(a.Type != b.Type || a.Event != b.Event, PartOther)
	return out
}
