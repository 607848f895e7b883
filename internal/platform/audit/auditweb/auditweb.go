// Package auditweb shows the audit log to those who may read it, and checks on
// request that it is whole. It changes nothing in the log.
package auditweb

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/session"
	"dean06/internal/platform/sheet"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

// Pages are the pages of one node. Readers are the roles that may read the log.
type Pages struct {
	DB      *sqldb.DB
	Frame   web.FrameFunc
	Readers []string
	Actions []Action
	// Subjects are the kinds of records that the log may name.
	Subjects []Action
	// FoundBy gives all that an account was written down as; nil takes what was typed.
	FoundBy func(ctx context.Context, account string) []string
}

// Action is a code that the log may hold, of a deed or of a kind of records, and the key
// of its words.
type Action struct {
	Code string
	Key  string
}

const (
	path     = "/audit"
	pageSize = 50
)

// Routes are the addresses of the pages.
func (p *Pages) Routes() []web.Route {
	return []web.Route{
		p.route("GET "+path, audit.Read, p.list),
		p.route("GET "+path+".csv", audit.Read, p.csv),
		p.route("GET /audit/checkpoint.txt", audit.Check, p.checkpoint),
		p.route("POST /audit/verify", audit.Check, p.verify),
	}
}

// route asks the table of the log before the page.
func (p *Pages) route(pattern string, action audit.Action, h web.Handler) web.Route {
	table := audit.Permissions(p.Readers)
	return web.Route{Pattern: pattern, May: table.Module + "." + string(action), Handler: session.Require(
		func(w http.ResponseWriter, r *http.Request) error {
			if err := table.Can(session.Actor(r), action); err != nil {
				return err
			}
			return h(w, r)
		})}
}

type listView struct {
	ui.Page
	Filter  ui.Filter
	Query   web.Form
	Actions []ui.Option
	Kinds   []ui.Option // of records
	Table   ui.Table
	CSV     string
	Pages   ui.Pages
	Last    audit.Checkpoint
	Saved   string // the checkpoint that was typed
}

// filters are the fields by which the list is narrowed.
var filters = []string{"action", "actor", "agency", "type", "id", "from", "to"}

func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	return p.show(w, r, form, nil)
}

// show is the list, with what is wrong with the log when that was asked.
func (p *Pages) show(w http.ResponseWriter, r *http.Request, form web.Form, broken error) error {
	ctx := r.Context()
	view := listView{Page: p.Frame(r).Page(i18n.T(ctx, "audit.page.title")), Query: form, Saved: form.Text("checkpoint")}
	view.Wide, view.Filter = true, p.chosen(ctx, form)
	view.Actions, view.Kinds = choices(ctx, "audit.page.action.any", p.Actions), choices(ctx, "audit.page.type.any", p.Subjects)
	f, err := p.filterOf(ctx, form)
	if view.Errors = web.FormErrors(err); err != nil && view.Errors == nil {
		return err
	}
	status := http.StatusOK
	if view.Errors != nil {
		status = http.StatusUnprocessableEntity
	}
	if broken != nil {
		view.Errors, status = web.FormErrors(broken), web.Status(broken)
	}
	entries, err := audit.Find(ctx, p.DB, f)
	if err != nil {
		return err
	}
	view.Pages, view.CSV = pagesOf(form, &entries), path+".csv?"+query(form, "").Encode()
	if view.Last, err = audit.Head(ctx, p.DB); err != nil {
		return err
	}
	view.Table = p.tableOf(ctx, entries)
	return web.Render(w, r, status, listPage(view))
}

// choices are those of a filter, after the one that leaves it out.
func choices(ctx context.Context, all string, of []Action) []ui.Option {
	out := []ui.Option{{Label: i18n.T(ctx, all)}}
	for _, a := range of {
		out = append(out, ui.Option{Value: a.Code, Label: i18n.T(ctx, a.Key)})
	}
	return out
}

// wordsOf is what a code means; the code itself when nobody has named it.
func wordsOf(ctx context.Context, of []Action, code string) string {
	i := slices.IndexFunc(of, func(a Action) bool { return a.Code == code })
	if i < 0 {
		return code
	}
	return i18n.T(ctx, of[i].Key)
}

func (p *Pages) filterOf(ctx context.Context, form web.Form) (audit.Filter, error) {
	f := audit.Filter{
		Agency: form.Text("agency"), Action: form.Text("action"),
		Subject: audit.Subject{Type: form.Text("type"), ID: form.Text("id")}, Limit: pageSize + 1,
	}
	switch who := form.Text("actor"); {
	case who == "":
	case p.FoundBy == nil:
		f.Actors = []string{who}
	default:
		f.Actors = p.FoundBy(ctx, who)
	}
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

func (p *Pages) chosen(ctx context.Context, form web.Form) ui.Filter {
	f := ui.Filter{Action: path, Clear: path}
	for _, name := range filters {
		if v := form.Text(name); v != "" {
			label := v
			switch name {
			case "action":
				label = wordsOf(ctx, p.Actions, v)
			case "type":
				label = wordsOf(ctx, p.Subjects, v)
			case "id":
				label = short(v)
			}
			f.Chosen = append(f.Chosen, ui.Link{Label: label, Href: path + "?" + query(form, name).Encode()})
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

func (p *Pages) tableOf(ctx context.Context, entries []audit.Entry) ui.Table {
	t := func(key string) string { return i18n.T(ctx, "audit.page."+key) }
	table := ui.Table{
		ID: "log", Caption: t("title"), Quiet: true, Dense: true, Stack: true, Empty: ui.Empty(t("none"), ui.Link{Label: t("all"), Href: path}),
		Columns: []ui.Column{
			{Label: t("seq")},
			{Label: t("at")},
			{Label: t("actor")},
			{Label: t("action")},
			{Label: t("subject")},
			{Label: t("details")},
			{Label: t("network")},
		},
	}
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
			{Text: strconv.FormatInt(e.Seq, 10)},
			{Text: i18n.From(ctx).Time(e.At)},
			actor,
			{Text: wordsOf(ctx, p.Actions, e.Action), Href: path + "?" + url.Values{"action": {e.Action}}.Encode()},
			{Text: p.subject(ctx, e.Subject), Href: path + "?" + url.Values{"type": {e.Subject.Type}, "id": {e.Subject.ID}}.Encode()},
			{Text: said(i18n.From(ctx), e)},
			{Text: e.Who.Address},
		}})
	}
	return table
}

// subject names a record.
func (p *Pages) subject(ctx context.Context, s audit.Subject) string {
	return strings.TrimSpace(wordsOf(ctx, p.Subjects, s.Type) + " " + named(i18n.From(ctx), s.ID))
}

// longID is an id or a hash that is made by a program.
var longID = regexp.MustCompile(`^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[a-z]?-?[0-9a-f]{32,})$`)

// short is an id as a person compares it: of a long one its end is enough to tell it from
// others. The address behind it and the file have all of it.
func short(id string) string {
	if longID.MatchString(id) {
		return "…" + id[len(id)-8:]
	}
	return id
}

// named is an id as a person reads it: what the program itself gave has a name of its own
// ("act.name." and the id), and "group:x" is a group.
func named(p *i18n.Printer, id string) string {
	if group, ok := strings.CutPrefix(id, "group:"); ok {
		return p.T("act.name.group", map[string]any{"v": named(p, group)})
	}
	if key := "act.name." + id; p.Has(key) {
		return p.T(key)
	}
	return short(id)
}

// said is what an entry holds beside its record, in words: "act.said." and the name of a
// detail is its message, of a module's own meaning with the module's name before it.
func said(p *i18n.Printer, e audit.Entry) string {
	var parts []string
	module, _, _ := strings.Cut(e.Action, ".")
	add := func(name, v string) {
		text := shown(p, v)
		if text == "" {
			return
		}
		base, _, _ := strings.Cut(name, ".") // of several of a kind
		for _, key := range []string{"act.said." + module + "." + base, "act.said." + base} {
			if p.Has(key) {
				text = p.T(key, map[string]any{"v": text, "reason": e.Details["reason"]})
				break
			}
		}
		if text != "" { // a name whose message is empty means something to a program only
			parts = append(parts, text)
		}
	}
	add("purpose", e.Purpose)
	for _, name := range slices.Sorted(maps.Keys(e.Details)) {
		add(name, e.Details[name])
	}
	return strings.Join(parts, "; ")
}

// shown is a value as a person reads it; a list breaks into lines.
func shown(p *i18n.Printer, v string) string {
	if day, err := clock.ParseDate(v); err == nil {
		return p.Date(day)
	}
	if at, err := time.Parse(time.RFC3339, v); err == nil {
		return p.Time(at)
	}
	if p.Has(v) {
		return p.T(v) // a refusal by its key
	}
	list := strings.Split(v, ",")
	for i := range list {
		list[i] = named(p, strings.TrimSpace(list[i]))
	}
	return strings.Join(list, ",")
}

// details are an entry's for a program, in the file.
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

// verify checks the whole log, and that it still holds a checkpoint when one
// was kept. What is wrong is said on the page, in the words of the fault.
func (p *Pages) verify(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	var saved []audit.Checkpoint
	if text := form.Text("checkpoint"); text != "" {
		c, err := audit.ParseCheckpoint(text)
		if err != nil {
			return p.show(w, r, form, fault.As(err).At("checkpoint"))
		}
		saved = append(saved, c)
	}
	n, err := audit.Verify(r.Context(), p.DB, saved...)
	if web.FormErrors(err) != nil {
		return p.show(w, r, form, fault.As(err).At("checkpoint"))
	}
	if err != nil {
		return err
	}
	return web.RedirectWith(w, r, path, "audit.page.whole", fault.Args{"n": n})
}

// checkpoint is the place of the last entry, to be kept elsewhere.
func (p *Pages) checkpoint(w http.ResponseWriter, r *http.Request) error {
	last, err := audit.Head(r.Context(), p.DB)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="checkpoint-%d.txt"`, last.Seq))
	_, _ = fmt.Fprintln(w, last) // the reader may have gone
	return nil
}

// csv is all entries of the filter, a portion at a time.
func (p *Pages) csv(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	f, err := p.filterOf(ctx, form)
	if err != nil {
		return err
	}
	f.Below, f.Limit = 0, 1000
	entries, err := audit.Find(ctx, p.DB, f)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="audit.csv"`)
	out, err := sheet.NewCSV(w)
	if err != nil {
		return nil //nolint:nilerr // the reader has gone
	}
	t := func(key string) string { return i18n.T(ctx, "audit.page."+key) }
	_ = out.Write(t("seq"), t("at"), t("actor.id"), t("actor"), t("agency"), t("action"), t("code"),
		t("type"), t("id"), t("details"), t("network"), t("hash"))
	for len(entries) > 0 {
		for _, e := range entries {
			_ = out.Write(strconv.FormatInt(e.Seq, 10), e.At.In(clock.Zone).Format(time.RFC3339), e.Who.Account, e.Who.Name, e.Who.Agency,
				wordsOf(ctx, p.Actions, e.Action), e.Action, e.Subject.Type, e.Subject.ID, details(e), e.Who.Address, e.Hash)
		}
		f.Below = entries[len(entries)-1].Seq
		if len(entries) < f.Limit {
			break
		}
		if entries, err = audit.Find(ctx, p.DB, f); err != nil {
			return err
		}
	}
	_ = out.Flush()
	return nil
}
