package procedureweb

import (
	"io"
	"net/http"
	"net/url"
	"strings"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/procedure"
)

// mostShown is how many rows of a list a page shows; it says how many there are.
const mostShown = 100

type catalogueView struct {
	ui.Page
	Text     string
	Asked    bool
	Found    ui.Table
	Lead     string
	Editions ui.Table
	MayKeep  bool
	Source   string
	Taken    string
}

func (p *Pages) catalogue(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v, err := p.blank(r)
	if err != nil {
		return err
	}
	if v.Text = form.Text("q"); v.Text != "" {
		c, err := p.Editions.InForce(r.Context())
		if err != nil {
			return err
		}
		v.Asked = true
		v.Found = foundTable(i18n.From(r.Context()), c.Search(v.Text, 30))
	}
	return web.Render(w, r, http.StatusOK, cataloguePage(v))
}

// blank is the page without what was asked.
func (p *Pages) blank(r *http.Request) (catalogueView, error) {
	ctx, pr := r.Context(), i18n.From(r.Context())
	who := actor.From(ctx)
	list, inForce, err := p.Shell.Editions.All(ctx, who)
	if err != nil {
		return catalogueView{}, err
	}
	v := catalogueView{
		Page: p.Frame(r).Page(pr.T("procedureweb.catalogue")), MayKeep: procedure.Permissions.Can(who, procedure.KeepCatalogues) == nil,
		Source: procedure.BuiltinSource,
	}
	v.Editions = ui.Table{ID: "editions", Caption: pr.T("procedureweb.editions"), Quiet: true, Stack: true, Columns: columns(pr,
		"procedureweb.edition.taken", "procedureweb.edition.source", "procedureweb.edition.imported", "procedureweb.edition.count", "procedureweb.edition.state")}
	v.Editions.Columns[3].Numeric = true
	for _, e := range list {
		kept := e.Report.Loaded + e.Report.Kept()
		state := ui.Cell{}
		if e.ID == inForce {
			state.Body = ui.Tag(ui.Good, pr.T("procedureweb.edition.in_force"))
			v.Lead = pr.T("procedureweb.catalogue.lead", map[string]any{"n": kept, "date": e.Taken, "source": e.Source})
		}
		v.Editions.Rows = append(v.Editions.Rows, ui.Row{Cells: []ui.Cell{
			{Text: pr.Date(e.Taken), Href: editionHref(e.ID)}, {Text: e.Source}, {Text: p.imported(r, e)}, {Text: pr.Int(int64(kept))}, state,
		}})
	}
	return v, nil
}

// imported says who brought an edition, and when.
func (p *Pages) imported(r *http.Request, e procedure.Edition) string {
	pr := i18n.From(r.Context())
	if e.ID == procedure.BuiltinID {
		return pr.T("procedureweb.edition.builtin")
	}
	return pr.T("procedureweb.edition.by", map[string]any{"time": pr.Time(e.At), "who": p.Names.NameOf(r.Context(), e.By, e.At)})
}

func editionHref(id string) string { return editionsPath + "/" + url.PathEscape(id) }

func procedureHref(code string) string { return CataloguePath + "/" + url.PathEscape(code) }

// columns are columns by the keys of their names.
func columns(pr *i18n.Printer, keys ...string) []ui.Column {
	out := make([]ui.Column, len(keys))
	for i, k := range keys {
		out[i] = ui.Column{Label: pr.T(k)}
	}
	return out
}

func foundTable(pr *i18n.Printer, hits []procedure.Hit) ui.Table {
	list := make([]procedure.Procedure, len(hits))
	for i, h := range hits {
		list[i] = h.Procedure
	}
	t := proceduresTable(pr, "found", pr.T("procedureweb.found"), list)
	t.Empty = ui.Empty(pr.T("procedureweb.found.none"), ui.Link{})
	return t
}

// proceduresTable lists procedures, no more than a page shows.
func proceduresTable(pr *i18n.Printer, id, caption string, list []procedure.Procedure) ui.Table {
	t := ui.Table{ID: id, Caption: caption, Quiet: true, Stack: true, Columns: columns(pr,
		"procedureweb.procedure.name", "procedureweb.procedure.code", "procedureweb.procedure.agency")}
	for _, q := range list[:min(len(list), mostShown)] {
		name := ui.Cell{Text: q.Name}
		if q.Flaw == "" {
			name.Href = procedureHref(q.Code)
		} else {
			name.Text = pr.T("procedureweb.flawed", map[string]any{"name": q.Name})
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{name, {Text: q.Code}, {Text: q.Agency.Name}}})
	}
	return t
}

func (p *Pages) importPost(w http.ResponseWriter, r *http.Request) error {
	who := actor.From(r.Context())
	if err := procedure.Permissions.Can(who, procedure.KeepCatalogues); err != nil {
		return err
	}
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	e, err := p.take(r, form, who)
	if faults := web.FormErrors(err); faults != nil {
		status := web.Status(err)
		v, err := p.blank(r)
		if err != nil {
			return err
		}
		v.Errors, v.Source, v.Taken = faults, form.Text("source"), form.Text("taken")
		return web.Render(w, r, status, cataloguePage(v))
	}
	if err != nil {
		return err
	}
	return web.RedirectWith(w, r, editionHref(e.ID), "procedureweb.imported", nil)
}

// take imports what was sent.
func (p *Pages) take(r *http.Request, form web.Form, who actor.Actor) (procedure.Edition, error) {
	files := form.Files("file")
	if len(files) == 0 {
		return procedure.Edition{}, fault.New(fault.Invalid, "procedureweb.no_file", nil).At("file")
	}
	f, err := files[0].Open()
	if err != nil {
		return procedure.Edition{}, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, procedure.MaxFile+1))
	if err != nil {
		return procedure.Edition{}, err
	}
	taken, err := form.Date("taken")
	if err != nil {
		return procedure.Edition{}, err
	}
	return p.Editions.Import(r.Context(), who, procedure.Upload{Source: form.Text("source"), Taken: taken, File: raw})
}

type editionView struct {
	ui.Page
	Facts   []ui.Fact
	Bad     ui.Table
	Against string
	Lists   []listView
	Use     string // where to put it in force; "" when one may not, or it is
}

// listView is one list of a difference.
type listView struct {
	Title, More string
	Table       ui.Table
}

func (p *Pages) edition(w http.ResponseWriter, r *http.Request) error {
	ctx, pr := r.Context(), i18n.From(r.Context())
	who := actor.From(ctx)
	look, err := p.Editions.Look(ctx, who, r.PathValue("id"))
	if err != nil {
		return err
	}
	v := editionView{Page: p.Frame(r).Page(pr.T("procedureweb.edition", map[string]any{"date": look.Taken}))}
	v.Crumbs = []ui.Link{{Label: pr.T("procedureweb.catalogue"), Href: CataloguePath}}
	n := func(i int) string { return pr.Int(int64(i)) }
	v.Facts = []ui.Fact{
		{Key: pr.T("procedureweb.edition.source"), Value: look.Source},
		{Key: pr.T("procedureweb.edition.imported"), Value: p.imported(r, look.Edition)},
		{Key: pr.T("procedureweb.report.rows"), Value: n(look.Report.Rows)},
		{Key: pr.T("procedureweb.report.loaded"), Value: n(look.Report.Loaded)},
		{Key: pr.T("procedureweb.report.malformed"), Value: n(len(look.Report.Malformed))},
		{Key: pr.T("procedureweb.edition.hash"), Value: look.Hash},
	}
	v.Bad = ui.Table{ID: "bad", Caption: pr.T("procedureweb.report.malformed"), Quiet: true, Stack: true, Columns: columns(pr,
		"procedureweb.report.line", "procedureweb.procedure.code", "procedureweb.procedure.name", "procedureweb.report.reason")}
	for _, m := range look.Report.Malformed {
		v.Bad.Rows = append(v.Bad.Rows, ui.Row{Cells: []ui.Cell{
			{Text: n(m.Line)}, {Text: "“" + m.Code + "”"}, {Text: m.Name}, {Text: pr.T("procedure.flaw." + string(m.Reason))},
		}})
	}
	if look.Against.ID != look.ID {
		v.Against = pr.T("procedureweb.against", map[string]any{"date": look.Against.Taken, "source": look.Against.Source})
		v.Lists = lists(pr, look.Difference)
	}
	if !look.InForce && procedure.Permissions.Can(who, procedure.KeepCatalogues) == nil {
		v.Use = editionHref(look.ID) + "/use"
	}
	return web.Render(w, r, http.StatusOK, editionPage(v))
}

// lists are the lists of a difference.
func lists(pr *i18n.Printer, d procedure.Difference) []listView {
	list := func(id string, of []procedure.Procedure) listView {
		l := listView{Title: pr.T("procedureweb.difference."+id, map[string]any{"n": len(of)})}
		if len(of) > 0 {
			l.Table = proceduresTable(pr, id, l.Title, of)
		}
		return l.more(pr, len(of))
	}
	out := []listView{list("new", d.New), list("gone", d.Gone)}
	changed := listView{Title: pr.T("procedureweb.difference.changed", map[string]any{"n": len(d.Changed)})}
	if len(d.Changed) > 0 {
		changed.Table = ui.Table{ID: "changed", Caption: changed.Title, Quiet: true, Stack: true, Columns: columns(pr,
			"procedureweb.procedure.name", "procedureweb.procedure.code", "procedureweb.difference.what")}
	}
	for _, c := range d.Changed[:min(len(d.Changed), mostShown)] {
		var what []string
		for _, part := range c.What {
			what = append(what, pr.T("procedure.part."+string(part)))
		}
		name := c.New.Name
		if c.Old.Name != name {
			name = pr.T("procedureweb.renamed", map[string]any{"old": c.Old.Name, "new": name})
		}
		changed.Table.Rows = append(changed.Table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: name}, {Text: c.New.Code}, {Text: strings.Join(what, ", ")},
		}})
	}
	return append(out, changed.more(pr, len(d.Changed)))
}

// more says how many of a list are not shown.
func (l listView) more(pr *i18n.Printer, of int) listView {
	if of > mostShown {
		l.More = pr.T("procedureweb.difference.more", map[string]any{"shown": mostShown, "n": of})
	}
	return l
}

func (p *Pages) usePost(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if err := p.Editions.Use(r.Context(), actor.From(r.Context()), id); err != nil {
		return err
	}
	return web.RedirectWith(w, r, editionHref(id), "procedureweb.used", nil)
}

type procedureView struct {
	ui.Page
	Lead  string
	Facts []ui.Fact
}

func (p *Pages) procedure(w http.ResponseWriter, r *http.Request) error {
	ctx, pr := r.Context(), i18n.From(r.Context())
	if err := procedure.Permissions.Can(actor.From(ctx), procedure.ReadCatalogues); err != nil {
		return err
	}
	c, err := p.Editions.InForce(ctx)
	if err != nil {
		return err
	}
	q, ok := c.At(r.PathValue("code"))
	if !ok {
		return fault.New(fault.NotFound, "procedureweb.procedure.none", nil)
	}
	v := procedureView{Page: p.Frame(r).Page(q.Name), Lead: q.Code, Facts: facts(pr, q)}
	v.Crumbs = []ui.Link{{Label: pr.T("procedureweb.catalogue"), Href: CataloguePath}}
	return web.Render(w, r, http.StatusOK, procedurePage(v))
}

// facts are what the catalogue says of a procedure; what it leaves out is said to be.
func facts(pr *i18n.Printer, q procedure.Procedure) []ui.Fact {
	said := func(text string) string {
		if text == "" {
			return pr.T("procedureweb.not_said")
		}
		return strings.ReplaceAll(text, "|", "; ")
	}
	answer := func(a procedure.Answer) string {
		switch a {
		case procedure.Yes:
			return pr.T("procedureweb.yes")
		case procedure.No:
			return pr.T("procedureweb.no")
		}
		return pr.T("procedureweb.not_said")
	}
	time := pr.T("procedureweb.not_said")
	if q.Time.IsDuration() {
		time = pr.T("procedureweb.time."+strings.ToLower(q.Time.Unit), map[string]any{"n": q.Time.Value})
	}
	cost := pr.T("procedureweb.cost.open")
	switch {
	case q.Cost.Open():
	case q.Cost.Min == q.Cost.Max:
		cost = pr.T("procedureweb.cost", map[string]any{"n": q.Cost.Max})
	default:
		cost = pr.T("procedureweb.cost.range", map[string]any{"min": q.Cost.Min, "max": q.Cost.Max})
	}
	return []ui.Fact{
		{Key: pr.T("procedureweb.procedure.agency"), Value: said(q.Agency.Name)},
		{Key: pr.T("procedureweb.procedure.field"), Value: said(q.Field.Name)},
		{Key: pr.T("procedureweb.procedure.handlers"), Value: said(q.Handlers)},
		{Key: pr.T("procedureweb.procedure.subjects"), Value: said(q.Subjects)},
		{Key: pr.T("procedureweb.procedure.online"), Value: answer(q.Channels.Online)},
		{Key: pr.T("procedureweb.procedure.desk"), Value: answer(q.Channels.Desk)},
		{Key: pr.T("procedureweb.procedure.post"), Value: answer(q.Channels.Post)},
		{Key: pr.T("procedureweb.procedure.time"), Value: time},
		{Key: pr.T("procedureweb.procedure.cost"), Value: cost},
		{Key: pr.T("procedureweb.procedure.decision"), Value: said(q.Decision)},
	}
}
