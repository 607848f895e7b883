package org

import (
	"slices"
	"strings"
	"time"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// Edit is a change that an administrator asks for: what happened to which
// units, on which day, on which legal basis. Units are named by the code that
// they have on the day before.
//
//   - Created: New is one unit.
//   - Renamed: Codes is one unit; Name, or Level for an agency, is what it becomes.
//   - Moved: Codes is one unit; Parent the code of the new one above.
//   - Merged: Codes go into one unit: an existing one (Into) or a new one (New).
//   - Split: Codes is one unit; its parts go into existing units (Into) and new
//     ones (New). With Keep it goes on with what is left.
//   - Abolished: Codes is one unit.
type Edit struct {
	Kind   EventKind
	On     clock.Date
	Basis  string
	Note   string
	By     string
	Codes  []string
	Into   []string
	New    []NewUnit
	Name   string
	Level  Level
	Parent string
	Keep   bool
}

// NewUnit is a unit to add.
type NewUnit struct {
	Level   Level
	Code    string
	Name    string
	Parent  string // the code of the unit above
	Abbr    string
	Aliases []string
}

// State is what is recorded now about the units that an edit names.
type State struct {
	ByCode   map[string][]Version // every version under a code that the edit names
	ByID     map[string][]Version // every version of the units behind those codes
	Children map[string][]Version // by id: the versions of territory under it that have no end
	Links    []Link               // from those units, by events of the edit's day
}

// CodesOf lists the codes that an edit names.
func (e Edit) CodesOf() []string {
	codes := slices.Concat(e.Codes, e.Into)
	for _, n := range e.New {
		codes = append(codes, n.Code, n.Parent)
	}
	codes = append(codes, e.Parent)
	slices.Sort(codes)
	return slices.DeleteFunc(slices.Compact(codes), func(c string) bool { return c == "" })
}

// Change is what an edit adds to the record. Superseded versions stay recorded:
// only that they are no longer what is known is added to them.
type Change struct {
	Event      Event
	Superseded []Version
	Versions   []Version
	Links      []Link
	Aliases    []Alias
}

// Plan decides an edit. It fails with Invalid, naming the field, when the edit
// is incomplete; with NotFound when a code was never given; with Conflict when
// the record does not allow it: the unit begins later, is gone, has a later
// change on record, has units under it, or the code is taken.
func Plan(e Edit, s State, now time.Time, newID func() string) (Change, error) {
	p := planner{e: e, s: s, newID: newID}
	p.c.Event = Event{
		ID: newID(), Kind: e.Kind, On: e.On, Sure: true, Basis: strings.TrimSpace(e.Basis), Note: e.Note,
		RecordedAt: now, RecordedBy: e.By,
	}
	if err := e.complete(); err != nil {
		return Change{}, err
	}
	decide := map[EventKind]func() error{
		Created: p.created, Renamed: p.renamed, Moved: p.moved, Merged: p.merged, Split: p.split, Abolished: p.abolished,
	}[e.Kind]
	if err := decide(); err != nil {
		return Change{}, err
	}
	return p.c, nil
}

// complete checks what an edit of its kind must have.
func (e Edit) complete() error {
	parts := len(e.Into) + len(e.New)
	var ok bool
	var field string
	switch e.Kind {
	case Created:
		ok, field = len(e.New) == 1, "new"
	case Renamed, Moved, Abolished:
		ok, field = len(e.Codes) == 1, "codes"
	case Merged:
		ok, field = len(e.Codes) > 0 && parts == 1, "into"
	case Split:
		ok, field = len(e.Codes) == 1 && (parts > 1 || e.Keep && parts == 1), "into"
	default:
		ok, field = false, "kind"
	}
	var wrong fault.List
	if !ok {
		wrong = append(wrong, fault.New(fault.Invalid, "org.edit.incomplete", fault.Args{"kind": string(e.Kind)}).At(field))
	}
	if e.On.IsZero() {
		wrong = append(wrong, fault.New(fault.Invalid, "org.edit.no_date", nil).At("on"))
	} else if !e.On.After(Opening) {
		wrong = append(wrong, fault.New(fault.Invalid, "org.edit.before_opening", fault.Args{"date": Opening}).At("on"))
	}
	if strings.TrimSpace(e.Basis) == "" {
		wrong = append(wrong, fault.New(fault.Invalid, "org.edit.no_basis", nil).At("basis"))
	}
	if e.Kind == Renamed && strings.TrimSpace(e.Name) == "" {
		wrong = append(wrong, fault.New(fault.Invalid, "org.edit.no_name", nil).At("name"))
	}
	return wrong.Err()
}

type planner struct {
	e     Edit
	s     State
	c     Change
	newID func() string
}

func (p *planner) conflict(key, code, field string) error {
	return fault.New(fault.Conflict, key, fault.Args{"code": code, "date": p.e.On}).At(field)
}

// standing is the unit that has the code on the day before the edit and can
// change on its day.
func (p *planner) standing(code, field string) (Version, error) {
	vs := p.s.ByCode[code]
	if len(vs) == 0 {
		return Version{}, fault.New(fault.NotFound, "org.edit.unknown_code", fault.Args{"code": code}).At(field)
	}
	i := slices.IndexFunc(vs, func(v Version) bool { return v.On(p.e.On.AddDays(-1)) })
	if i < 0 {
		if slices.ContainsFunc(vs, func(v Version) bool { return !v.From.Before(p.e.On) }) {
			return Version{}, p.conflict("org.edit.not_yet", code, field)
		}
		return Version{}, p.conflict("org.edit.gone", code, field)
	}
	v := vs[i]
	if v.To.IsZero() {
		return v, nil
	}
	if slices.ContainsFunc(p.s.ByID[v.ID], func(o Version) bool { return !o.From.Before(p.e.On) }) {
		return Version{}, p.conflict("org.edit.later_change", code, field)
	}
	if v.To == p.e.On {
		return Version{}, p.conflict("org.edit.gone", code, field)
	}
	return Version{}, p.conflict("org.edit.later_change", code, field)
}

// supersede ends what is known of v and records it as ending on the day.
func (p *planner) supersede(v Version, ended string) {
	p.c.Superseded = append(p.c.Superseded, v)
	v.To, v.Ended = p.e.On, ended
	p.c.Versions = append(p.c.Versions, v)
}

// follow records the next version of the same unit.
func (p *planner) follow(v Version, set func(*Version)) {
	p.supersede(v, "")
	v.From, v.To, v.Event = p.e.On, clock.Date{}, p.c.Event.ID
	set(&v)
	p.c.Versions = append(p.c.Versions, v)
}

// add records a new unit. leaving are the units that end by the same edit: a
// code of theirs is free again.
func (p *planner) add(n NewUnit, leaving ...Version) (Version, error) {
	n.Code, n.Name = strings.TrimSpace(n.Code), strings.TrimSpace(n.Name)
	v := Version{ID: p.newID(), Level: n.Level, Code: n.Code, Name: n.Name, From: p.e.On, Event: p.c.Event.ID}
	if !slices.Contains(Levels, n.Level) {
		return v, fault.New(fault.Invalid, "org.edit.unknown_level", fault.Args{"level": string(n.Level)}).At("level")
	}
	if !validCode(n.Level, n.Code) {
		return v, fault.New(fault.Invalid, "org.edit.bad_code", fault.Args{"code": n.Code}).At("code")
	}
	if n.Name == "" {
		return v, fault.New(fault.Invalid, "org.edit.no_name", nil).At("name")
	}
	if !n.Level.IsAgency() && v.Type() == "" {
		return v, fault.New(fault.Invalid, "org.edit.no_type", fault.Args{"name": n.Name}).At("name")
	}
	for _, o := range p.s.ByCode[n.Code] {
		ends := slices.ContainsFunc(leaving, func(l Version) bool { return l.ID == o.ID })
		if !ends && (o.To.IsZero() || o.To.After(p.e.On)) {
			return v, p.conflict("org.edit.code_taken", n.Code, "code")
		}
	}
	if levels := n.Level.parentLevels(); levels != nil {
		parent, err := p.parent(n.Parent, levels)
		if err != nil {
			return v, err
		}
		v.Parent = parent.ID
	}
	if n.Abbr != "" {
		p.c.Aliases = append(p.c.Aliases, Alias{ID: v.ID, Text: n.Abbr, Abbr: true})
	}
	for _, a := range n.Aliases {
		p.c.Aliases = append(p.c.Aliases, Alias{ID: v.ID, Text: a})
	}
	p.c.Versions = append(p.c.Versions, v)
	return v, nil
}

// parent is the unit above, which must be there on the day and after.
func (p *planner) parent(code string, levels []Level) (Version, error) {
	if code == "" {
		return Version{}, fault.New(fault.Invalid, "org.edit.no_parent", nil).At("parent")
	}
	for _, v := range p.s.ByCode[code] {
		if v.On(p.e.On) && v.To.IsZero() && slices.Contains(levels, v.Level) {
			return v, nil
		}
	}
	return Version{}, fault.New(fault.Invalid, "org.edit.bad_parent", fault.Args{"code": code, "date": p.e.On}).At("parent")
}

func (p *planner) created() error {
	_, err := p.add(p.e.New[0])
	return err
}

func (p *planner) renamed() error {
	v, err := p.standing(p.e.Codes[0], "codes")
	if err != nil {
		return err
	}
	name, level := strings.TrimSpace(p.e.Name), v.Level
	if p.e.Level != "" && p.e.Level != v.Level {
		if level = p.e.Level; !sameSort(level, v.Level) || level == v.Level {
			return fault.New(fault.Invalid, "org.edit.unlike_levels", fault.Args{"code": v.Code}).At("level")
		}
	}
	if name == v.Name && level == v.Level {
		return p.conflict("org.edit.no_change", v.Code, "name")
	}
	if !v.Level.IsAgency() && (Version{Name: name}).Type() == "" {
		return fault.New(fault.Invalid, "org.edit.no_type", fault.Args{"name": name}).At("name")
	}
	p.follow(v, func(n *Version) { n.Name, n.Level = name, level })
	return nil
}

func (p *planner) moved() error {
	v, err := p.standing(p.e.Codes[0], "codes")
	if err != nil {
		return err
	}
	parent, err := p.parent(p.e.Parent, v.Level.parentLevels())
	if err != nil {
		return err
	}
	if parent.ID == v.Parent {
		return p.conflict("org.edit.no_change", v.Code, "parent")
	}
	p.follow(v, func(n *Version) { n.Parent = parent.ID })
	return nil
}

func (p *planner) merged() error {
	var sources []Version
	for _, code := range p.e.Codes {
		v, err := p.standing(code, "codes")
		if err != nil {
			return err
		}
		if slices.Contains(p.e.Into, code) || slices.ContainsFunc(sources, func(o Version) bool { return o.ID == v.ID }) {
			return p.conflict("org.edit.into_itself", code, "into")
		}
		sources = append(sources, v)
	}
	target, err := p.target(sources)
	if err != nil {
		return err
	}
	for _, v := range sources {
		if !sameSort(v.Level, target.Level) {
			return fault.New(fault.Invalid, "org.edit.unlike_levels", fault.Args{"code": v.Code}).At("into")
		}
		for _, child := range p.s.Children[v.ID] {
			if !child.From.Before(p.e.On) {
				return p.conflict("org.edit.later_change", child.Code, "codes")
			}
			p.follow(child, func(n *Version) { n.Parent = target.ID })
		}
		p.supersede(v, p.c.Event.ID)
		p.c.Links = append(p.c.Links, Link{Event: p.c.Event.ID, From: v.ID, To: target.ID, Whole: true, Main: true})
	}
	return nil
}

func (p *planner) target(sources []Version) (Version, error) {
	if len(p.e.Into) == 1 {
		return p.standing(p.e.Into[0], "into")
	}
	return p.add(p.e.New[0], sources...)
}

func (p *planner) split() error {
	v, err := p.standing(p.e.Codes[0], "codes")
	if err != nil {
		return err
	}
	var leaving []Version
	if !p.e.Keep {
		if len(p.s.Children[v.ID]) > 0 {
			return p.conflict("org.edit.has_children", v.Code, "codes")
		}
		p.supersede(v, p.c.Event.ID)
		leaving = []Version{v}
	}
	seen := map[string]bool{v.Code: p.e.Keep}
	for _, code := range p.e.Into {
		if code == v.Code || seen[code] {
			return p.conflict("org.edit.into_itself", code, "into")
		}
		seen[code] = true
		t, err := p.standing(code, "into")
		if err != nil {
			return err
		}
		if err := p.part(v, t); err != nil {
			return err
		}
	}
	for _, n := range p.e.New {
		if seen[n.Code] {
			return p.conflict("org.edit.code_taken", n.Code, "code")
		}
		seen[n.Code] = true
		t, err := p.add(n, leaving...)
		if err != nil {
			return err
		}
		if err := p.part(v, t); err != nil {
			return err
		}
	}
	return nil
}

// part links a part of v to t. The first part stands for v unless v goes on.
func (p *planner) part(v, t Version) error {
	if !sameSort(v.Level, t.Level) {
		return fault.New(fault.Invalid, "org.edit.unlike_levels", fault.Args{"code": t.Code}).At("into")
	}
	if slices.ContainsFunc(p.s.Links, func(l Link) bool { return l.From == v.ID && l.To == t.ID }) {
		return p.conflict("org.edit.no_change", v.Code, "codes") // the form was sent twice
	}
	p.c.Links = append(p.c.Links, Link{Event: p.c.Event.ID, From: v.ID, To: t.ID, Main: !p.e.Keep && len(p.c.Links) == 0})
	return nil
}

func (p *planner) abolished() error {
	v, err := p.standing(p.e.Codes[0], "codes")
	if err != nil {
		return err
	}
	if len(p.s.Children[v.ID]) > 0 {
		return p.conflict("org.edit.has_children", v.Code, "codes")
	}
	p.supersede(v, p.c.Event.ID)
	return nil
}

// sameSort says that units of two levels may become each other: the same level,
// or two of the central agencies.
func sameSort(a, b Level) bool {
	central := func(l Level) bool { return l == Ministry || l == Ministerial || l == Government }
	return a == b || central(a) && central(b)
}
