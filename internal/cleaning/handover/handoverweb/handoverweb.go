// Package handoverweb is the pages of an agency's node on which files are handed in to be
// cleaned: how far they are, what their columns hold, rows that only the agency can settle, and
// the clean file. Every rule is in handover; here it is only shown.
package handoverweb

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"net/http"
	"strconv"
	"strings"
	"time"

	"dean06/internal/cleaning"
	"dean06/internal/cleaning/cleaningweb"
	"dean06/internal/cleaning/handover"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/session"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

//go:embed messages/*.json
var messages embed.FS

// Messages are the texts of the pages, beside those of cleaningweb.
var Messages, _ = fs.Sub(messages, "messages")

// Path is where the pages are: as at the register's node, whose pages of a file these share.
const Path = cleaningweb.Path

// Pages are the pages.
type Pages struct {
	Desk  *handover.Desk
	Frame web.FrameFunc
	Clock clock.Clock
	// Name is what an account was called at a moment.
	Name func(ctx context.Context, account string, at time.Time) string
}

// Routes are the addresses of the pages.
func (p *Pages) Routes() []web.Route {
	var out []web.Route
	add := func(action handover.Action, pattern string, h web.Handler, body int64) {
		out = append(out, web.Route{
			Pattern: pattern, Handler: guard(action, h), MaxBody: body, May: handover.Permissions.Module + "." + string(action),
		})
	}
	file := Path + "/{file}"
	add(handover.See, "GET "+Path, p.list, 0)
	add(handover.See, "GET "+file, p.file, 0)
	add(handover.HandIn, "GET "+Path+"/new", p.blank, 0)
	add(handover.HandIn, "POST "+Path+"/new", p.handIn, cleaning.MaxHanded+1<<20)
	add(handover.HandIn, "GET "+file+"/columns", p.columns, 0)
	add(handover.HandIn, "POST "+file+"/columns", p.confirm, 0)
	add(handover.HandIn, "POST "+file+"/end", p.end, 0)
	add(handover.Settle, "GET "+file+"/review", p.next, 0)
	add(handover.Settle, "POST "+file+"/review", p.settle, 0)
	add(handover.Fetch, "GET "+file+"/files/{paper}", p.paper, 0)
	add(handover.Fetch, "GET "+file+"/changes", p.changes, 0)
	return out
}

// guard asks the table before a page reads what was sent.
func guard(action handover.Action, h web.Handler) web.Handler {
	return session.Guard(h, func(_ *http.Request, by actor.Actor) error { return handover.Permissions.Can(by, action) })
}

func who(ctx context.Context) actor.Actor {
	id, _ := session.From(ctx)
	return id.Actor
}

func may(ctx context.Context, action handover.Action) bool {
	return handover.Permissions.Can(who(ctx), action) == nil
}

func lang(ctx context.Context) string { return string(i18n.From(ctx).Lang) }

func (p *Pages) page(r *http.Request, title string, crumbs ...ui.Link) ui.Page {
	page := p.Frame(r).Page(title)
	page.Wide, page.Crumbs = true, crumbs
	return page
}

// t is a text of these pages, shared one of those that the register's node shows, too.
func t(ctx context.Context, key string, args ...map[string]any) string {
	return i18n.T(ctx, "handover."+key, args...)
}

func shared(ctx context.Context, key string, args ...map[string]any) string {
	return i18n.T(ctx, "clean."+key, args...)
}

func home(ctx context.Context) ui.Link { return ui.Link{Label: shared(ctx, "list.title"), Href: Path} }

func to(h *handover.Handover) ui.Link { return ui.Link{Label: h.Offer.Name, Href: at(h)} }

func at(h *handover.Handover) string { return Path + "/" + h.ID }

const listed = 30

type listView struct {
	ui.Page
	May   bool
	Table ui.Table
	Pages ui.Pages
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	list, err := p.Desk.Handovers(ctx, who(ctx), r.URL.Query().Get("before"), listed+1)
	if err != nil {
		return err
	}
	say := i18n.From(ctx)
	v := listView{Page: p.page(r, shared(ctx, "list.title")), May: may(ctx, handover.HandIn)}
	if len(list) > listed {
		list = list[:listed]
		v.Pages.Next = Path + "?before=" + list[listed-1].ID
	}
	next := ui.Link{}
	if v.May {
		next = ui.Link{Label: t(ctx, "new.title"), Href: Path + "/new"}
	}
	v.Table = ui.Table{ID: "files", Caption: t(ctx, "list.caption"), Quiet: true, Stack: true, Empty: ui.Empty(shared(ctx, "list.none"), next)}
	v.Table.Columns = []ui.Column{
		{Label: shared(ctx, "list.file")}, {Label: t(ctx, "list.at")}, {Label: shared(ctx, "list.state")}, {Label: shared(ctx, "list.rows"), Numeric: true},
	}
	for i := range list {
		h := &list[i]
		rows := ""
		if h.Told != nil && h.Told.Rows > 0 {
			rows = say.Int(int64(h.Told.Rows))
		}
		tone, words := standing(ctx, h)
		v.Table.Rows = append(v.Table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: h.Offer.Name, Href: at(h)}, {Text: say.Time(h.At)}, {Body: ui.Tag(tone, words)}, {Text: rows},
		}})
	}
	return web.Render(w, r, http.StatusOK, listPage(v))
}

// standing is where a file is, in words.
func standing(ctx context.Context, h *handover.Handover) (ui.Tone, string) {
	tones := map[handover.State]ui.Tone{
		handover.Done: ui.Good, handover.Refused: ui.Bad, handover.Ended: ui.Neutral, handover.Sending: ui.Info, handover.Fetching: ui.Info,
	}
	if h.State != handover.There {
		return tones[h.State], t(ctx, "state."+string(h.State))
	}
	if h.Told == nil || h.Told.State == cleaning.Coming || h.Told.State == cleaning.Checking {
		return ui.Info, t(ctx, "state.checking")
	}
	return cleaningweb.Tone(h.Told.State), shared(ctx, "state."+string(h.Told.State))
}

type newView struct {
	ui.Page
	Fields []ui.Field // file, basis, purpose, until
}

func (p *Pages) newView(r *http.Request, form web.Form, errs fault.List) newView {
	ctx := r.Context()
	v := newView{Page: p.page(r, t(ctx, "new.title"), home(ctx))}
	v.Errors = errs
	day, month, year := form.DateParts("until")
	if day+month+year == "" && !form.Has("until-day") {
		d := clock.DayOf(p.Clock.Now()).AddDays(90)
		day, month, year = strconv.Itoa(d.Day()), strconv.Itoa(int(d.Month())), strconv.Itoa(d.Year())
	}
	v.Fields = []ui.Field{
		{Name: "file", Accept: ".csv,.txt,.tsv,.xlsx,.parquet"},
		{Name: "basis", MaxLength: 200, Rows: 2},
		{Name: "purpose", MaxLength: 200, Rows: 2},
		{Name: "until", Day: day, Month: month, Year: year},
	}
	for i := range v.Fields {
		f := &v.Fields[i]
		f.Label, f.Hint, f.Errors = shared(ctx, "new."+f.Name), shared(ctx, "new."+f.Name+".hint"), errs
		if f.Name != "file" {
			f.Value = form.Text(f.Name)
		}
	}
	v.Fields[0].Hint = t(ctx, "new.file.hint", map[string]any{"gigabytes": cleaning.MaxHanded >> 30})
	return v
}

func (p *Pages) blank(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, http.StatusOK, newPage(p.newView(r, web.Form{}, nil)))
}

func (p *Pages) handIn(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	retry := func(why error) error {
		errs := web.FormErrors(why)
		if errs == nil {
			return why
		}
		return web.Retry(w, r, why, newPage(p.newView(r, form, errs)))
	}
	o := cleaning.Offer{Basis: oneLine(form.Text("basis")), Purpose: oneLine(form.Text("purpose"))}
	if o.Until, err = form.Date("until"); err != nil {
		return retry(err)
	}
	uploads := form.Files("file")
	if len(uploads) == 0 {
		return retry(fault.New(fault.Invalid, "clean.new.file.none", nil).At("file"))
	}
	f, err := uploads[0].Open()
	if err != nil {
		return fmt.Errorf("open the file: %w", err)
	}
	defer func() { _ = f.Close() }()
	o.Name = uploads[0].Filename
	h, err := p.Desk.HandIn(r.Context(), who(r.Context()), o, f)
	if err != nil {
		return retry(err)
	}
	return web.Redirect(w, r, at(&h))
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func (p *Pages) columnsView(r *http.Request, form *web.Form, errs fault.List) (v cleaningweb.ColumnsView, h handover.Handover, err error) {
	ctx := r.Context()
	if h, err = p.Desk.Handover(ctx, who(ctx), r.PathValue("file")); err != nil {
		return v, h, err
	}
	v = cleaningweb.ColumnsView{Page: p.page(r, shared(ctx, "columns.title"), home(ctx), to(&h)), Batch: cleaning.Batch{ID: h.ID}}
	v.Errors = errs
	if h.Told == nil {
		return v, h, nil
	}
	v.Batch.Layout = h.Layout()
	for _, c := range h.Told.Columns {
		v.Batch.Examples = append(v.Batch.Examples, c.Examples)
	}
	v.Lead = shared(ctx, "columns.lead", map[string]any{"file": h.Offer.Name, "n": len(h.Told.Columns)})
	cleaningweb.Columns(ctx, &v, form, errs)
	return v, h, nil
}

func (p *Pages) columns(w http.ResponseWriter, r *http.Request) error {
	v, h, err := p.columnsView(r, nil, nil)
	if err != nil {
		return err
	}
	if !confirms(&h) {
		return web.Redirect(w, r, at(&h))
	}
	return web.Render(w, r, http.StatusOK, cleaningweb.ColumnsPage(v))
}

// confirms says that the columns of a file wait for somebody.
func confirms(h *handover.Handover) bool {
	return h.State == handover.There && h.Told != nil && (h.Told.State == cleaning.Columns || h.Told.State == cleaning.Failed)
}

func (p *Pages) confirm(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v, h, err := p.columnsView(r, &form, nil)
	if err != nil {
		return err
	}
	ctx := r.Context()
	err = p.Desk.Confirm(ctx, who(ctx), h.ID, cleaningweb.Kinds(form, len(v.Batch.Layout.Headings)), form.Text("month_first") != "", lang(ctx))
	if fault.Of(err) == fault.Invalid || fault.Of(err) == fault.Unavailable { // what was chosen stands there to be sent again
		if v, _, again := p.columnsView(r, &form, web.FormErrors(fault.As(err).At("kind-0"))); again == nil {
			return web.Retry(w, r, err, cleaningweb.ColumnsPage(v))
		}
	}
	if err != nil {
		return err
	}
	return web.Redirect(w, r, at(&h))
}

func (p *Pages) end(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := p.Desk.End(ctx, who(ctx), r.PathValue("file"), lang(ctx)); err != nil {
		return err
	}
	return web.RedirectWith(w, r, Path+"/"+r.PathValue("file"), "clean.batch.ended", nil)
}
