package orgweb

import (
	"context"
	"slices"
	"strings"

	"dean06/internal/org"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
)

// previewView says what a change would do, before it is done.
type previewView struct {
	Sentence string
	Table    ui.Table // the units that the change names
	Along    ui.Table // those within them that come along
	Warnings []string
}

// preview puts a planned change into words.
func (p *Pages) preview(ctx context.Context, e org.Edit, c org.Change) (*previewView, error) {
	printer := i18n.From(ctx)
	v := &previewView{Sentence: printer.T("orgweb.preview."+string(e.Kind), fault.Args{"date": e.On, "n": len(e.Codes)})}
	v.Table = ui.Table{ID: "preview", Caption: printer.T("orgweb.preview.table"), Columns: []ui.Column{
		{Label: printer.T("orgweb.code")},
		{Label: printer.T("orgweb.preview.before", fault.Args{"date": e.On.AddDays(-1)})},
		{Label: printer.T("orgweb.preview.after", fault.Args{"date": e.On})},
	}}
	v.Along = ui.Table{ID: "along", Dense: true, Quiet: true, Columns: v.Table.Columns}
	parents := map[string]string{}
	for _, u := range slices.Concat(c.Superseded, c.Versions) {
		parents[u.ID] = u.Name
	}
	for _, u := range slices.Concat(c.Superseded, c.Versions) {
		if u.Parent == "" || parents[u.Parent] != "" {
			continue
		}
		history, err := p.Register.History(ctx, actor.From(ctx), u.Parent)
		if err != nil {
			return nil, err
		}
		if known := knownNow(history); len(known) > 0 {
			parents[u.Parent] = known[len(known)-1].Name
		}
	}
	describe := func(u org.Version) string {
		if above := parents[u.Parent]; above != "" {
			return u.Name + ", " + above
		}
		return u.Name
	}
	into := map[string][]string{} // by id: the names into which a unit goes
	for _, l := range c.Links {
		into[l.From] = append(into[l.From], p.nameOf(ctx, l.To, e, parents))
	}
	after := map[string]org.Version{}
	for _, u := range c.Versions {
		if u.From == e.On {
			after[u.ID] = u
		}
	}
	for _, u := range c.Superseded {
		then := printer.T("orgweb.preview.ends")
		if now, ok := after[u.ID]; ok {
			then = describe(now)
			delete(after, u.ID)
		}
		if len(into[u.ID]) > 0 {
			then += "; " + printer.T("orgweb.preview.into", fault.Args{"names": strings.Join(into[u.ID], ", ")})
		}
		rows := &v.Along.Rows
		if slices.Contains(e.Codes, u.Code) {
			rows = &v.Table.Rows
		}
		*rows = append(*rows, ui.Row{Cells: []ui.Cell{{Text: u.Code}, {Text: describe(u)}, {Text: then}}})
	}
	v.Along.Caption = printer.T("orgweb.preview.along", fault.Args{"n": len(v.Along.Rows)})
	for _, u := range c.Versions {
		if _, fresh := after[u.ID]; fresh {
			v.Table.Rows = append(
				v.Table.Rows,
				ui.Row{Cells: []ui.Cell{{Text: u.Code}, {Text: printer.T("orgweb.preview.none")}, {Text: describe(u)}}},
			)
		}
	}
	// A unit that keeps on after a split is in no version of the change.
	for _, l := range c.Links {
		if !slices.ContainsFunc(c.Superseded, func(u org.Version) bool { return u.ID == l.From }) {
			name := p.nameOf(ctx, l.From, e, parents)
			v.Table.Rows = append(v.Table.Rows, ui.Row{Cells: []ui.Cell{
				{Text: strings.Join(e.Codes, ", ")},
				{Text: name},
				{Text: printer.T("orgweb.preview.gives", fault.Args{"name": name, "names": strings.Join(into[l.From], ", ")})},
			}})
			break
		}
	}
	if e.On.Before(p.today()) {
		v.Warnings = append(v.Warnings, printer.T("orgweb.preview.past", fault.Args{"date": e.On}))
	}
	return v, p.committees(ctx, v, e, c)
}

// nameOf is how a unit of a change is called.
func (p *Pages) nameOf(ctx context.Context, id string, e org.Edit, known map[string]string) string {
	if known[id] != "" {
		return known[id]
	}
	if u, ok, err := p.at(ctx, id, e.On.AddDays(-1)); err == nil && ok {
		known[id] = u.Name
	}
	return known[id]
}

// committees reminds of the People's Committees of provinces that end: they are
// agencies of their own, and end by a change of their own.
func (p *Pages) committees(ctx context.Context, v *previewView, e org.Edit, c org.Change) error {
	for _, u := range c.Superseded {
		if u.Level != org.Province || slices.ContainsFunc(c.Versions, func(n org.Version) bool { return n.ID == u.ID && n.From == e.On }) {
			continue
		}
		children, err := p.Register.Children(ctx, actor.From(ctx), u.Code, org.Moment{On: e.On.AddDays(-1)})
		if err != nil {
			return err
		}
		for _, a := range children {
			if a.Level.IsAgency() {
				v.Warnings = append(v.Warnings, i18n.T(ctx, "orgweb.preview.committee", fault.Args{"name": a.Name, "code": a.Code}))
			}
		}
	}
	return nil
}
