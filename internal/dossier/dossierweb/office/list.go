package office

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/a-h/templ"

	"dean06/internal/dossier"
	"dean06/internal/dossier/dossierweb"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/procedure"
)

// perPage is how many dossiers a page of the list has.
const perPage = 50

// listView is the work list.
type listView struct {
	ui.Page
	Table ui.Table
	Next  string
	Late  string // address that shows only the overdue; "" when it does
	All   string
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	ctx, q := r.Context(), r.URL.Query()
	page := dossier.Page{View: q.Get("view"), Procedure: q.Get("procedure"), Late: q.Get("late") != "", After: q.Get("after"), Limit: perPage}
	if n, err := strconv.Atoi(q.Get("status")); err == nil {
		page.Statuses = []dossier.Status{dossier.Status(n)}
	}
	got, err := p.Service.WorkList(ctx, p.Actor(r), page)
	if err != nil {
		return err
	}
	v := listView{Page: p.page(r, t(ctx, "list.title"))}
	for _, view := range []string{"", "mine", "agency"} {
		n, err := p.Service.Counts(ctx, p.Actor(r), dossier.Page{View: view, Procedure: page.Procedure, Late: page.Late, Statuses: page.Statuses})
		if err != nil {
			return err
		}
		key := view
		if key == "" {
			key = "duty"
		}
		v.Sub = append(v.Sub, ui.NavItem{Label: t(ctx, "list.view."+key), Href: p.with(q, "view", view), Count: n, Current: page.View == view})
	}
	if page.Late {
		v.All = p.with(q, "late", "")
	} else {
		v.Late = p.with(q, "late", "1")
	}
	v.Table = p.heads(ctx, got.Heads, "")
	v.Table.Empty = p.nothing(ctx, page)
	if got.Next != "" {
		v.Next = p.with(q, "after", got.Next)
	}
	return web.Render(w, r, http.StatusOK, listPage(v))
}

// nothing says what would fill a list that is empty, and leads to it.
func (p *Pages) nothing(ctx context.Context, page dossier.Page) templ.Component {
	all := ui.Link{Label: t(ctx, "list.view.agency"), Href: Path + "?view=agency"}
	switch {
	case page.Late:
		return ui.Empty(t(ctx, "list.empty.late"), ui.Link{Label: t(ctx, "list.all"), Href: Path + "?" + url.Values{"view": {page.View}}.Encode()})
	case page.View == "agency":
		return ui.Empty(t(ctx, "list.empty.agency"), ui.Link{Label: t(ctx, "receive.title"), Href: receivePath})
	case page.View == "mine":
		return ui.Empty(t(ctx, "list.empty.mine"), ui.Link{Label: t(ctx, "list.view.duty"), Href: Path})
	}
	return ui.Empty(t(ctx, "list.empty"), all)
}

// with is the address of the list with one choice changed; another choice begins it anew.
func (p *Pages) with(q url.Values, key, value string) string {
	out := url.Values{}
	for k, v := range q {
		if k != "after" || key == "after" {
			out[k] = v
		}
	}
	if out.Del(key); value != "" {
		out.Set(key, value)
	}
	if len(out) == 0 {
		return Path
	}
	return Path + "?" + out.Encode()
}

// heads are dossiers as a table. purpose is handed on to the pages of the dossiers.
func (p *Pages) heads(ctx context.Context, heads []dossier.Head, purpose string) ui.Table {
	out := ui.Table{ID: "dossiers", Caption: t(ctx, "list.title"), Quiet: true, Stack: true, Columns: []ui.Column{
		{Label: t(ctx, "list.code")},
		{Label: t(ctx, "list.applicant")},
		{Label: t(ctx, "list.procedure")},
		{Label: t(ctx, "list.status")},
		{Label: t(ctx, "list.due")},
		{Label: t(ctx, "list.agency")},
	}}
	now := p.Clock.Now()
	for _, h := range heads {
		href := at(h.Code, "")
		if purpose != "" {
			href += "?purpose=" + purpose
		}
		due, tone := dossierweb.Due(ctx, h, now)
		out.Rows = append(out.Rows, ui.Row{Cells: []ui.Cell{
			{Body: codeLink(h.Code, href)},
			{Text: dossierweb.ApplicantOf(ctx, h)},
			{Text: p.procedureName(ctx, h)},
			{Body: ui.Tag(dossierweb.Tone(h.Status), dossierweb.StatusName(ctx, h.Status))},
			when(due, tone),
			{Text: p.Agency(h.Agency)},
		}})
	}
	return out
}

// when is the cell of by when it is due; nothing where nothing is promised.
func when(due string, tone ui.Tone) ui.Cell {
	if due == "" {
		return ui.Cell{}
	}
	return ui.Cell{Body: dueCell(due, tone)}
}

func (p *Pages) procedureName(ctx context.Context, h dossier.Head) string {
	if pkg, err := p.Service.Packages.Version(ctx, h.Procedure, h.Package); err == nil {
		return pkg.Plain.In(dossierweb.Lang(ctx))
	}
	return procedure.Name(ctx, h.Procedure)
}

// searchView is the search.
type searchView struct {
	ui.Page
	Text, Purpose ui.Field
	Table         ui.Table
	Asked         bool
}

func (p *Pages) search(w http.ResponseWriter, r *http.Request) error {
	ctx, q := r.Context(), r.URL.Query()
	if err := dossier.Permissions.CanOwn(p.Actor(r), dossier.List, true); err != nil {
		return err
	}
	v := searchView{Page: p.page(r, t(ctx, "search.title")), Asked: q.Has("q")}
	v.Text = ui.Field{Name: "q", Label: t(ctx, "search.text"), Hint: t(ctx, "search.hint"), Value: q.Get("q"), Autocomplete: "off", Type: "search"}
	v.Purpose = ui.Field{Name: "purpose", Label: t(ctx, "search.purpose"), Hint: t(ctx, "search.purpose.hint"), Value: q.Get("purpose")}
	for _, code := range purposes {
		v.Purpose.Options = append(v.Purpose.Options, ui.Option{Value: code, Label: dossierweb.T(ctx, "purpose."+code)})
	}
	if !v.Asked {
		return web.Render(w, r, http.StatusOK, searchPage(v))
	}
	why := ""
	if known(q.Get("purpose")) {
		why = p.purpose(r)
	}
	heads, err := p.Service.Search(ctx, p.Actor(r), q.Get("q"), why)
	if errs := web.FormErrors(err); len(errs) > 0 {
		v.Text.Errors, v.Purpose.Errors, v.Page.Errors = renamed(errs), errs, renamed(errs)
		return web.Render(w, r, http.StatusUnprocessableEntity, searchPage(v))
	}
	if err != nil {
		return err
	}
	v.Table = p.heads(ctx, heads, q.Get("purpose"))
	v.Table.Empty = ui.Empty(t(ctx, "search.none"), ui.Link{Label: t(ctx, "list.title"), Href: Path})
	return web.Render(w, r, http.StatusOK, searchPage(v))
}

// renamed points what is wrong with the text at its field.
func renamed(errs fault.List) fault.List {
	out := make(fault.List, len(errs))
	for i, e := range errs {
		out[i] = e
		if e.Field != "purpose" {
			out[i] = e.At("q")
		}
	}
	return out
}
