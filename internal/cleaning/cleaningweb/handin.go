package cleaningweb

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"dean06/internal/cleaning"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/upload"
	"dean06/internal/platform/upload/uploadweb"
	"dean06/internal/platform/web"
)

const listed = 30

type listView struct {
	ui.Page
	May   bool
	Table ui.Table
	Pages ui.Pages
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	ctx, before := r.Context(), r.URL.Query().Get("before")
	list, err := p.Desk.Batches(ctx, who(ctx), before, listed+1)
	if err != nil {
		return err
	}
	say := i18n.From(ctx)
	v := listView{Page: p.page(r, t(ctx, "list.title")), May: may(ctx, cleaning.HandIn)}
	if len(list) > listed {
		list = list[:listed]
		v.Pages.Next = Path + "?before=" + list[listed-1].ID
	}
	next := ui.Link{}
	if v.May {
		next = ui.Link{Label: t(ctx, "list.new"), Href: Path + "/new"}
	}
	v.Table = ui.Table{ID: "batches", Caption: t(ctx, "list.caption"), Quiet: true, Stack: true, Empty: ui.Empty(t(ctx, "list.none"), next)}
	for _, key := range []string{"file", "agency", "at", "state", "rows"} {
		v.Table.Columns = append(v.Table.Columns, ui.Column{Label: t(ctx, "list."+key), Numeric: key == "rows"})
	}
	for _, b := range list {
		rows := ""
		if b.Report != nil {
			rows = say.Int(int64(b.Report.Rows))
		}
		v.Table.Rows = append(v.Table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: b.Name, Href: Path + "/" + b.ID},
			{Text: p.Agency(b.Agency)},
			{Text: say.Time(b.At)},
			{Body: ui.Tag(tone(b.State), t(ctx, "state."+string(b.State)))},
			{Text: rows},
		}})
	}
	return web.Render(w, r, http.StatusOK, listPage(v))
}

func tone(s cleaning.State) ui.Tone {
	switch s {
	case cleaning.Released:
		return ui.Good
	case cleaning.Failed:
		return ui.Bad
	case cleaning.Columns, cleaning.Reviewed, cleaning.Asked:
		return ui.Caution
	case cleaning.Deleted:
		return ui.Neutral
	}
	return ui.Info
}

// newView is the form for a file.
type newView struct {
	ui.Page
	Fields []ui.Field // file, agency, basis, purpose, until
	There  ui.Link    // to the batch that has the file already
	// Sent is the number of a file that has come already, and SentName what it is called: it need
	// not be sent again when something else of the form is wrong.
	Sent, SentName string
}

func (p *Pages) newView(r *http.Request, form web.Form, errs fault.List) (newView, error) {
	ctx := r.Context()
	v := newView{Page: p.page(r, t(ctx, "new.title"), home(ctx))}
	v.Errors = errs
	if ids := form.Values("file" + uploadweb.Suffix); len(ids) > 0 && !slices.ContainsFunc(errs, func(e *fault.Error) bool { return e.Field == "file" }) {
		if u, err := p.Uploads.Stat(ctx, who(ctx).Account, ids[len(ids)-1]); err == nil {
			v.Sent, v.SentName = u.ID, u.Name
		}
	}
	agencies, err := p.Agencies(ctx)
	day, month, year := form.DateParts("until")
	if day+month+year == "" && !form.Has("until-day") {
		d := p.today().AddDays(90)
		day, month, year = strconv.Itoa(d.Day()), strconv.Itoa(int(d.Month())), strconv.Itoa(d.Year())
	}
	v.Fields = []ui.Field{
		{Name: "file", Accept: cleaning.Handing.Accept(), Attrs: p.Attrs(i18n.From(ctx), Purpose, cleaning.Handing)},
		{Name: "agency", Options: append([]ui.Option{{}}, agencies...)},
		{Name: "basis", MaxLength: 200, Rows: 2},
		{Name: "purpose", MaxLength: 200, Rows: 2},
		{Name: "until", Day: day, Month: month, Year: year},
	}
	most := map[string]any{"gigabytes": cleaning.MaxHanded >> 30}
	for i := range v.Fields {
		f := &v.Fields[i]
		f.Label, f.Hint, f.Errors = t(ctx, "new."+f.Name), t(ctx, "new."+f.Name+".hint", most), errs
		if f.Name != "file" {
			f.Value = form.Text(f.Name)
		}
	}
	return v, err
}

func (p *Pages) blank(w http.ResponseWriter, r *http.Request) error {
	v, err := p.newView(r, web.Form{}, nil)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, newPage(v))
}

func (p *Pages) handIn(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	var there ui.Link
	retry := func(why error) error {
		errs := web.FormErrors(why)
		if errs == nil {
			return why
		}
		v, err := p.newView(r, form, errs)
		if err != nil {
			return err
		}
		v.There = there
		return web.Retry(w, r, why, newPage(v))
	}
	d := cleaning.Draft{Agency: form.Text("agency"), Basis: oneLine(form.Text("basis")), Purpose: oneLine(form.Text("purpose"))}
	if d.Until, err = form.Date("until"); err != nil {
		return retry(err)
	}
	if err := d.Check(p.today()); err != nil { // before a file is taken
		return retry(err)
	}
	if err := p.known(r, d.Agency); err != nil {
		return retry(err)
	}
	ctx := r.Context()
	files, err := uploadweb.Files(ctx, p.Uploads, who(ctx).Account, form, "file", upload.New{For: Purpose, Policy: cleaning.Handing})
	if err != nil {
		return retry(err)
	}
	if len(files) == 0 {
		return retry(fault.New(fault.Invalid, "clean.new.file.none", nil).At("file"))
	}
	f := files[len(files)-1] // who chose again means the last
	d.Name = f.Name
	b, err := p.Desk.HandInKept(ctx, who(ctx), d, cleaning.File{SHA256: f.SHA256, Size: f.Size})
	if err != nil {
		if b.ID != "" {
			there = ui.Link{Label: t(r.Context(), "new.there", map[string]any{"file": b.Name, "code": b.Code()}), Href: Path + "/" + b.ID}
		}
		return retry(err)
	}
	return web.Redirect(w, r, Path+"/"+b.ID+"/columns")
}

// known says that an agency is one that may be chosen.
func (p *Pages) known(r *http.Request, code string) error {
	list, err := p.Agencies(r.Context())
	for _, a := range list {
		if a.Value == code && code != "" {
			return err
		}
	}
	if err != nil {
		return err
	}
	return fault.New(fault.Invalid, "cleaning.batch.agency", nil).At("agency")
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// columnsView is what the columns were understood as, to be put right.
type columnsView struct {
	ui.Page
	Batch  cleaning.Batch
	Fields []ui.Field
	Months ui.Field
	Lead   string
	Notes  []string // how the file was read
}

func (p *Pages) columnsView(r *http.Request, form *web.Form, errs fault.List) (v columnsView, err error) {
	ctx := r.Context()
	s, err := p.Desk.Batch(ctx, who(ctx), r.PathValue("batch"))
	if err != nil {
		return v, err
	}
	b := s.Batch
	v = columnsView{Page: p.page(r, t(ctx, "columns.title"), home(ctx), to(b)), Batch: b}
	v.Errors = errs
	for _, n := range b.Notes {
		v.Notes = append(v.Notes, i18n.From(ctx).T(n.Key, n.Args))
	}
	v.Lead = t(ctx, "columns.lead", map[string]any{"file": b.Name, "n": len(b.Layout.Headings)})
	columnFields(ctx, &v, form, errs)
	return v, nil
}

func columnFields(ctx context.Context, v *columnsView, form *web.Form, errs fault.List) {
	b := &v.Batch
	options := make([]ui.Option, len(cleaning.Choices))
	for i, k := range cleaning.Choices {
		options[i] = ui.Option{Value: string(k), Label: t(ctx, "kind."+string(k))}
	}
	for i, h := range b.Layout.Headings {
		f := ui.Field{Name: fmt.Sprintf("kind-%d", i), Label: h, Options: options, Value: string(b.Layout.Kinds[i]), Errors: errs}
		if h == "" {
			f.Label = t(ctx, "columns.unnamed", map[string]any{"n": i + 1})
		}
		if form != nil {
			f.Value = form.Text(f.Name)
		}
		f.Hint = t(ctx, "columns.empty")
		if i < len(b.Examples) && len(b.Examples[i]) > 0 {
			f.Hint = strings.Join(b.Examples[i], " · ")
		}
		v.Fields = append(v.Fields, f)
	}
	v.Months = ui.Field{
		Name: "month_first", Label: t(ctx, "columns.days"), Small: true, Options: []ui.Option{{Value: "1", Label: t(ctx, "columns.month_first")}},
	}
	if b.Layout.MonthFirst {
		v.Months.Values = []string{"1"}
	}
}

// kindsIn reads what a form says that columns hold.
func kindsIn(form web.Form, n int) []cleaning.Kind {
	kinds := make([]cleaning.Kind, n)
	for i := range kinds {
		kinds[i] = cleaning.Kind(form.Text(fmt.Sprintf("kind-%d", i)))
	}
	return kinds
}

func (p *Pages) columns(w http.ResponseWriter, r *http.Request) error {
	v, err := p.columnsView(r, nil, nil)
	if err != nil {
		return err
	}
	if v.Batch.State != cleaning.Columns && v.Batch.State != cleaning.Failed {
		return web.Redirect(w, r, Path+"/"+v.Batch.ID)
	}
	return web.Render(w, r, http.StatusOK, columnsPage(v))
}

func (p *Pages) columnsPost(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	ctx, id := r.Context(), r.PathValue("batch")
	s, err := p.Desk.Batch(ctx, who(ctx), id)
	if err != nil {
		return err
	}
	kinds := kindsIn(form, len(s.Batch.Layout.Headings))
	if err := p.Desk.Map(ctx, who(ctx), id, kinds, form.Text("month_first") != ""); err != nil {
		if fault.Of(err) != fault.Invalid {
			return err
		}
		v, again := p.columnsView(r, &form, web.FormErrors(fault.As(err).At("kind-0")))
		if again != nil {
			return again
		}
		return web.Retry(w, r, err, columnsPage(v))
	}
	return web.Redirect(w, r, Path+"/"+id)
}
