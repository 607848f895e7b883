// Package auditweb shows the audit log to those who may read it, and checks on
// request that it is whole. It changes nothing in the log.
package auditweb

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/session"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

// Pages are the pages of one node. Readers are the roles that may read the log.
type Pages struct {
	DB      *sqldb.DB
	Frame   web.FrameFunc
	Readers []string
}

const (
	path     = "/audit"
	pageSize = 50
)

// Routes are the addresses of the pages.
func (p *Pages) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET " + path, Handler: session.Require(p.list, p.Readers...)},
		{Pattern: "POST /audit/verify", Handler: session.Require(p.verify, p.Readers...)},
	}
}

type listView struct {
	ui.Page
	Filter ui.Filter
	Query  web.Form
	Table  ui.Table
	Pages  ui.Pages
	Last   audit.Checkpoint
}

// filters are the fields by which the list is narrowed.
var filters = []string{"action", "actor", "agency", "type", "id", "from", "to"}

func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	view := listView{Page: p.Frame(r).Page(i18n.T(ctx, "audit.page.title")), Query: form}
	view.Wide, view.Filter = true, chosen(form)
	f, err := filterOf(form)
	if view.Errors = web.FormErrors(err); err != nil && view.Errors == nil {
		return err
	}
	entries, err := audit.Find(ctx, p.DB, f)
	if err != nil {
		return err
	}
	view.Pages = pagesOf(form, &entries)
	if view.Last, err = audit.Head(ctx, p.DB); err != nil {
		return err
	}
	view.Table = tableOf(ctx, entries)
	status := http.StatusOK
	if view.Errors != nil {
		status = http.StatusUnprocessableEntity
	}
	return web.Render(w, r, status, listPage(view))
}

func filterOf(form web.Form) (audit.Filter, error) {
	f := audit.Filter{Actor: form.Text("actor"), Agency: form.Text("agency"), Action: form.Text("action"),
		Subject: audit.Subject{Type: form.Text("type"), ID: form.Text("id")}, Limit: pageSize + 1}
	f.Below, _ = strconv.ParseInt(form.Text("below"), 10, 64) // a page that is no number is the first
	var faults fault.List
	day := func(name string) clock.Date {
		d, err := form.Date(name)
		faults = append(faults, web.FormErrors(err)...)
		return d
	}
	if d := day("from"); !d.IsZero() {
		f.From = d.Start()
	}
	if d := day("to"); !d.IsZero() {
		f.To = d.End()
	}
	return f, faults.Err()
}

// query is the filter as an address carries it, without one of its fields.
func query(form web.Form, without string) url.Values {
	q := url.Values{}
	for _, name := range filters {
		if v := form.Text(name); v != "" && name != without {
			q.Set(name, v)
		}
	}
	return q
}

func chosen(form web.Form) ui.Filter {
	f := ui.Filter{Action: path, Clear: path}
	for _, name := range filters {
		if v := form.Text(name); v != "" {
			f.Chosen = append(f.Chosen, ui.Link{Label: v, Href: path + "?" + query(form, name).Encode()})
		}
	}
	return f
}

// pagesOf cuts the list to one page and says where the others are.
func pagesOf(form web.Form, entries *[]audit.Entry) ui.Pages {
	q := query(form, "")
	var pages ui.Pages
	if form.Text("below") != "" {
		pages.Previous = path + "?" + q.Encode() // back to the newest
	}
	if len(*entries) > pageSize {
		*entries = (*entries)[:pageSize]
		q.Set("below", strconv.FormatInt((*entries)[pageSize-1].Seq, 10))
		pages.Next = path + "?" + q.Encode()
	}
	return pages
}

func tableOf(ctx context.Context, entries []audit.Entry) ui.Table {
	t := func(key string) string { return i18n.T(ctx, "audit.page."+key) }
	table := ui.Table{ID: "log", Caption: t("title"), Quiet: true, Dense: true, Empty: ui.Empty(t("none"), ui.Link{Label: t("all"), Href: path}),
		Columns: []ui.Column{{Label: t("seq"), Numeric: true}, {Label: t("at")}, {Label: t("actor")}, {Label: t("action")}, {Label: t("subject")}, {Label: t("details")}, {Label: t("network")}}}
	for _, e := range entries {
		who := e.Who.Name
		if who == "" {
			who = e.Who.Account
		}
		if e.Who.Agency != "" {
			who += " · " + e.Who.Agency
		}
		actor := ui.Cell{Text: who, Href: path + "?" + url.Values{"actor": {e.Who.Account}}.Encode()}
		if e.Who.Account == "" {
			actor = ui.Cell{Text: t("nobody")}
		}
		table.Rows = append(table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: strconv.FormatInt(e.Seq, 10)}, {Text: i18n.From(ctx).Time(e.At)}, actor,
			{Text: e.Action, Href: path + "?" + url.Values{"action": {e.Action}}.Encode()},
			{Text: strings.TrimSpace(e.Subject.Type + " " + e.Subject.ID), Href: path + "?" + url.Values{"type": {e.Subject.Type}, "id": {e.Subject.ID}}.Encode()},
			{Text: details(e)}, {Text: e.Who.Address}}})
	}
	return table
}

func details(e audit.Entry) string {
	var parts []string
	if e.Purpose != "" {
		parts = append(parts, e.Purpose)
	}
	for _, k := range slices.Sorted(maps.Keys(e.Details)) {
		parts = append(parts, k+"="+e.Details[k])
	}
	return strings.Join(parts, "; ")
}

// verify checks the whole log. A log that is not whole is said on the page, in
// the words of the fault.
func (p *Pages) verify(w http.ResponseWriter, r *http.Request) error {
	n, err := audit.Verify(r.Context(), p.DB)
	if err != nil {
		return err
	}
	return web.RedirectWith(w, r, path, "audit.page.whole", fault.Args{"n": n})
}
