package eformweb

import (
	"context"
	"slices"
	"strings"

	"dean06/internal/eform"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
)

// Links are where the links of a list of answers lead; a nil one draws none.
type Links struct {
	Change func(path string) string // to the question
	Wrong  func(path string) string // to the page "this is wrong"
}

// Line is one answer as it is read.
type Line struct {
	Asked    eform.Asked
	Label    string
	Value    string   // "" when nothing is said
	From     string   // where it came from, and as of when; "" of what was typed here
	Locked   bool     // cannot be typed over
	Wrong    string   // what the citizen says is right
	Before   string   // what the register says, or what was typed, instead
	Match    string   // whether number, name and birth are one person's
	Matched  bool     // … and they are
	Change   string   // address of the question
	Report   string   // address of "this is wrong"
	Problems []string // what is wrong with it, on the page to check
}

// Group is the answers of one section, or of one of its rows.
type Group struct {
	ID    string
	Title string
	Lines []Line
}

// Groups puts answers together by section, or by row of it, in the order of the form.
func Groups(ctx context.Context, asked []eform.Asked, facts eform.Facts, links Links) []Group {
	p := i18n.From(ctx)
	var out []Group
	for _, q := range asked {
		id, title := q.Section.ID, q.Section.Title.In(string(p.Lang))
		if q.Row > 0 {
			id = eform.PathOf(q.Section, &eform.Question{ID: q.Section.ID + ".row"}, q.Row)
			title = p.T("eformweb.row", map[string]any{"one": q.Section.Repeat.One, "n": q.Nth})
		}
		i := slices.IndexFunc(out, func(g Group) bool { return g.ID == id })
		if i < 0 {
			i = len(out)
			out = append(out, Group{ID: id, Title: title})
		}
		out[i].Lines = append(out[i].Lines, LineOf(ctx, q, facts, links))
	}
	return out
}

// LineOf is one answer as it is read.
func LineOf(ctx context.Context, q eform.Asked, facts eform.Facts, links Links) Line {
	p := i18n.From(ctx)
	l := Line{Asked: q, Label: q.Question.Label.In(string(p.Lang)), Locked: q.Answer.Locked, Wrong: q.Answer.Wrong}
	if q.Given() {
		l.Value = q.Question.Say(p, q.Answer.Value, facts)
		l.From = Provenance(ctx, q.Answer)
	}
	if b := q.Answer.Before; b != nil && !b.Value.IsZero() {
		key := "eformweb.before.typed"
		if b.Source == eform.Register {
			key = "eformweb.before.register"
		}
		l.Before = p.T(key, map[string]any{"value": q.Question.Say(p, b.Value, facts)})
	}
	if m := q.Answer.Match; m != nil {
		l.Matched = m.Is
		l.Match = p.T("eformweb.match.no")
		if m.Is {
			l.Match = p.T("eformweb.match.yes")
		}
	}
	if links.Change != nil && !q.Answer.Locked && q.Question.FilledBy == "" {
		l.Change = links.Change(q.Path)
	}
	if links.Wrong != nil && q.Given() && q.Answer.Source == eform.Register {
		l.Report = links.Wrong(q.Path)
	}
	return l
}

// Provenance says where an answer came from and as of when; "" of what was typed.
func Provenance(ctx context.Context, a eform.Answer) string {
	p := i18n.From(ctx)
	switch a.Source {
	case eform.Register:
		if a.AsOf.IsZero() {
			return p.T("eformweb.from.register")
		}
		return p.T("eformweb.from.register_as_of", map[string]any{"as_of": a.AsOf})
	case eform.Card:
		return p.T("eformweb.from.card")
	case eform.System:
		return p.T("eformweb.from.system")
	case eform.Stated:
		return p.T("eformweb.from.stated")
	case eform.Officer:
		return p.T("eformweb.from.officer")
	case eform.Typed:
		if a.Fact != "" {
			return p.T("eformweb.from.chosen")
		}
	}
	return ""
}

// linked says that something can be done with answers, so that they are not only read.
func linked(groups []Group) bool {
	return slices.ContainsFunc(groups, func(g Group) bool {
		return slices.ContainsFunc(g.Lines, func(l Line) bool { return l.Change != "" || l.Report != "" })
	})
}

// asOfOnce is the moment from which most of the register's data in groups is that are only
// read; "" where there are links.
func asOfOnce(groups []Group) string {
	if linked(groups) {
		return ""
	}
	most, times := "", map[string]int{}
	for _, g := range groups {
		for _, l := range g.Lines {
			if l.From == "" || l.Asked.Answer.Source != eform.Register {
				continue
			}
			if times[l.From]++; times[l.From] > times[most] {
				most = l.From
			}
		}
	}
	return most
}

// origin is where an answer came from; once is what the page has already said in full.
func origin(ctx context.Context, l Line, once string) string {
	if once != "" && l.From == once {
		return i18n.T(ctx, "eformweb.from.register_short")
	}
	return l.From
}

// Filled is the page of what arrived filled.
type Filled struct {
	Groups []Group
	AsOf   []string // when it was as it stands here, each moment once
}

// locked says that something of it cannot be typed over.
func (f Filled) locked() bool {
	return slices.ContainsFunc(f.Groups, func(g Group) bool { return slices.ContainsFunc(g.Lines, func(l Line) bool { return l.Locked }) })
}

// FilledOf makes the page of what arrived.
func FilledOf(ctx context.Context, page eform.Page, facts eform.Facts, links Links) Filled {
	f := Filled{Groups: Groups(ctx, page.Asked, facts, links)}
	for _, q := range page.Asked {
		if from := Provenance(ctx, q.Answer); from != "" && !slices.Contains(f.AsOf, from) {
			f.AsOf = append(f.AsOf, from)
		}
	}
	return f
}

// Summary is all answers, to be checked before they are sent.
func Summary(ctx context.Context, f *eform.Form, a eform.Answers, facts eform.Facts, faults fault.List, links Links) []Group {
	p := i18n.From(ctx)
	shown := slices.DeleteFunc(f.Fields(a, facts), func(q eform.Asked) bool {
		return q.Question.FilledBy != "" && !q.Given()
	})
	groups := Groups(ctx, shown, facts, links)
	for i := range groups {
		for j := range groups[i].Lines {
			l := &groups[i].Lines[j]
			for _, w := range faults {
				if w.Field == l.Asked.Path {
					l.Problems = append(l.Problems, p.T(w.Key, w.Args))
				}
			}
		}
	}
	return groups
}

// Rows is the page of a repeated section: who is in it, add, take away, go on.
type Rows struct {
	Section *eform.Section
	Lines   []RowLine
	Full    bool
	Errors  fault.List
}

// RowLine is one row.
type RowLine struct {
	Row   int
	Title string // "Người cùng chuyển 1"
	Text  string // its first answers
	Href  string // to its first question
}

// RowsOf makes the page of a repeated section. What its buttons post: add=1, remove=ROW,
// done=1.
func RowsOf(ctx context.Context, f *eform.Form, sec *eform.Section, a eform.Answers, facts eform.Facts, change func(path string) string) Rows {
	p := i18n.From(ctx)
	out := Rows{Section: sec}
	rows := eform.Rows(sec, a)
	out.Full = sec.Repeat.Max > 0 && len(rows) >= sec.Repeat.Max
	asked := f.Asked(a, facts)
	for i, row := range rows {
		l := RowLine{Row: row, Title: p.T("eformweb.row", map[string]any{"one": sec.Repeat.One, "n": i + 1})}
		var said []string
		for _, q := range asked {
			if q.Section != sec || q.Row != row {
				continue
			}
			if l.Href == "" && change != nil {
				l.Href = change(q.Path)
			}
			if q.Given() && len(said) < 2 {
				said = append(said, q.Question.Say(p, q.Answer.Value, facts))
			}
		}
		if l.Text = strings.Join(said, ", "); l.Text == "" {
			l.Text = p.T("eformweb.row.empty")
		}
		out.Lines = append(out.Lines, l)
	}
	return out
}

// Section is a part of an officer's page: all questions of a section at once.
type Section struct {
	Group Group
	Asks  []Ask
}

// SectionsOf makes an officer's page. What is locked is read, the rest is asked, small,
// with where each answer came from.
func SectionsOf(ctx context.Context, f *eform.Form, a eform.Answers, facts eform.Facts, form Posted, faults fault.List, owner func(string) string) []Section {
	var out []Section
	view := f.View(a, facts)
	for _, g := range Groups(ctx, f.Fields(a, facts), facts, Links{}) {
		s := Section{Group: g}
		for _, l := range g.Lines {
			s.Asks = append(s.Asks, Ask{Asked: l.Asked, Facts: facts, View: view, Form: form, Errors: faults, Owner: owner, Small: true})
		}
		out = append(out, s)
	}
	return out
}

// readOnly says that an officer's page shows a field and does not ask it.
func (a Ask) readOnly() bool { return a.Asked.Answer.Locked || a.Asked.Question.FilledBy != "" }

// status of whether somebody is who they are said to be.
func (l Line) status() ui.Status {
	if l.Matched {
		return ui.Met
	}
	return ui.Contradicted
}
