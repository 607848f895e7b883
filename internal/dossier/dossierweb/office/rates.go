package office

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"dean06/internal/dossier"
	"dean06/internal/dossier/dossierweb"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/sheet"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

// ratesView is how many dossiers were on time, by procedure and unit.
type ratesView struct {
	ui.Page
	From, To ui.Field
	Sentence string
	Table    ui.Table
	CSV      string // address of the same as a file
}

// period reads the period of the address: the month so far when it names none.
func (p *Pages) period(r *http.Request) (dossier.OnTimeQuery, error) {
	now := p.Clock.Now()
	today := clock.DayOf(now)
	q := dossier.OnTimeQuery{From: clock.NewDate(today.Year(), today.Month(), 1), To: today.AddDays(1), Now: now}
	v := r.URL.Query()
	for name, into := range map[string]*clock.Date{"from": &q.From, "to": &q.To} {
		text := v.Get(name)
		if d, m, y := v.Get(name+"-day"), v.Get(name+"-month"), v.Get(name+"-year"); text == "" && d+m+y != "" {
			text = y + "-" + two(m) + "-" + two(d)
		}
		if text == "" {
			continue
		}
		day, err := clock.ParseDate(text)
		if err != nil {
			return q, fault.New(fault.Invalid, "web.form.date", fault.Args{"text": text}).At(name)
		}
		if *into = day; name == "to" {
			*into = day.AddDays(1) // the last day is in the period
		}
	}
	return q, nil
}

func two(s string) string {
	if len(s) == 1 {
		return "0" + s
	}
	return s
}

func (p *Pages) rates(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	pr := i18n.From(ctx)
	v := ratesView{Page: p.page(r, t(ctx, "rates.title"))}
	q, err := p.period(r)
	var list []dossier.Rate
	if err == nil {
		list, err = p.Service.OnTime(ctx, p.Actor(r), q)
	}
	v.From, v.To = p.day(r, "from", q.From), p.day(r, "to", q.To.AddDays(-1))
	if errs := web.FormErrors(err); len(errs) > 0 {
		v.Errors, v.From.Errors, v.To.Errors = errs, errs, errs
		return web.Render(w, r, http.StatusUnprocessableEntity, ratesPage(v))
	}
	if err != nil {
		return err
	}
	all, onTime := 0, 0
	v.Table = ui.Table{ID: "rates", Caption: t(ctx, "rates.title"), Quiet: true, Stack: true, Columns: []ui.Column{
		{Label: t(ctx, "list.procedure")},
		{Label: t(ctx, "rates.unit")},
		{Label: t(ctx, "rates.all"), Numeric: true},
		{Label: t(ctx, "rates.on_time"), Numeric: true},
		{Label: t(ctx, "rates.late"), Numeric: true},
		{Label: t(ctx, "rates.share"), Numeric: true},
	}}
	for _, one := range list {
		all, onTime = all+one.All, onTime+one.OnTime
		behind := func(late string) string {
			out := url.Values{"procedure": {one.Procedure}, "unit": {one.Agency}, "from": {q.From.String()}, "to": {q.To.AddDays(-1).String()}}
			if late != "" {
				out.Set("late", late)
			}
			return Path + "/rates/behind?" + out.Encode()
		}
		v.Table.Rows = append(v.Table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: one.Name.In(dossierweb.Lang(ctx))},
			{Text: one.Unit},
			{Text: pr.Int(int64(one.All)), Href: behind("")},
			{Text: pr.Int(int64(one.OnTime)), Href: behind("no")},
			{Text: pr.Int(int64(one.All - one.OnTime)), Href: behind("yes")},
			{Text: pr.Float(100*float64(one.OnTime)/float64(max(one.All, 1)), 1) + " %"},
		}})
	}
	v.Table.Empty = ui.Empty(t(ctx, "rates.none"), ui.Link{Label: t(ctx, "list.title"), Href: Path})
	v.CSV = Path + "/rates.csv?" + url.Values{"from": {q.From.String()}, "to": {q.To.AddDays(-1).String()}}.Encode()
	v.Sentence = t(ctx, "rates.sentence", map[string]any{"on_time": onTime, "all": all})
	if all == 0 {
		v.Sentence = t(ctx, "rates.none")
	}
	return web.Render(w, r, http.StatusOK, ratesPage(v))
}

func (p *Pages) day(r *http.Request, name string, day clock.Date) ui.Field {
	text := strings.Split(day.String(), "-")
	f := ui.Field{Name: name, Label: t(r.Context(), "rates."+name)}
	if len(text) == 3 {
		f.Year, f.Month, f.Day = text[0], text[1], text[2]
	}
	return f
}

// behindView are the dossiers behind a number.
type behindView struct {
	ui.Page
	Of    string // which number: procedure, agency, period, on time or not
	Cut   string // that not all are shown
	Table ui.Table
	Rule  string
}

// mostBehind is how many dossiers a page shows behind one number.
const mostBehind = 500

func (p *Pages) behind(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	q, err := p.period(r)
	if err != nil {
		return err
	}
	v := r.URL.Query()
	q.Procedure, q.Unit = v.Get("procedure"), v.Get("unit")
	if late := v.Get("late"); late != "" {
		is := late == "yes"
		q.Late = &is
	}
	heads, err := p.Service.Behind(ctx, p.Actor(r), q)
	if err != nil {
		return err
	}
	out := behindView{Page: p.page(r, t(ctx, "rates.behind", map[string]any{"n": len(heads)})), Rule: t(ctx, "rates.rule")}
	out.Crumbs = []ui.Link{{Label: t(ctx, "rates.title"), Href: Path + "/rates"}}
	out.Of = p.behindOf(ctx, q, heads)
	if len(heads) > mostBehind {
		heads = heads[:mostBehind]
		out.Cut = t(ctx, "rates.behind.cut", map[string]any{"shown": mostBehind})
	}
	out.Table = p.heads(ctx, heads, "check")
	out.Table.Empty = ui.Empty(t(ctx, "rates.none"), ui.Link{Label: t(ctx, "rates.title"), Href: Path + "/rates"})
	return web.Render(w, r, http.StatusOK, behindPage(out))
}

// behindOf says of which number the dossiers are.
func (p *Pages) behindOf(ctx context.Context, q dossier.OnTimeQuery, heads []dossier.Head) string {
	what, late := "", ""
	if q.Procedure != "" && len(heads) > 0 {
		what = p.procedureName(ctx, heads[0])
	}
	if q.Late != nil {
		late = t(ctx, "rates.on_time")
		if *q.Late {
			late = t(ctx, "rates.late")
		}
	}
	pr := i18n.From(ctx)
	period := pr.Date(q.From) + " – " + pr.Date(q.To.AddDays(-1))
	return dossierweb.Joined(late, what, p.Agency(q.Unit), period)
}

// ratesCSV is the same as a file, which a spreadsheet opens with its accents; no cell begins a
// formula.
func (p *Pages) ratesCSV(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	q, err := p.period(r)
	if err != nil {
		return err
	}
	list, err := p.Service.OnTime(ctx, p.Actor(r), q)
	if err != nil {
		return err
	}
	rows := [][]string{{
		t(ctx, "rates.from"), t(ctx, "rates.to"), t(ctx, "rates.code"), t(ctx, "list.procedure"), t(ctx, "rates.unit"), t(ctx, "rates.all"),
		t(ctx, "rates.on_time"), t(ctx, "rates.late"),
	}}
	for _, one := range list {
		rows = append(rows, []string{
			q.From.String(), q.To.AddDays(-1).String(), one.Procedure, one.Name.In(dossierweb.Lang(ctx)), one.Unit, strconv.Itoa(one.All),
			strconv.Itoa(one.OnTime), strconv.Itoa(one.All - one.OnTime),
		})
	}
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="ty-le-dung-han-`+q.From.String()+`.csv"`)
	h.Set("Cache-Control", "private, no-store")
	out, err := sheet.NewCSV(w)
	if err != nil {
		return fmt.Errorf("write rates: %w", err)
	}
	for _, row := range rows {
		if err := out.Write(row...); err != nil {
			return fmt.Errorf("write rates: %w", err)
		}
	}
	return out.Flush()
}

// Nav are the addresses of these pages in the navigation of a node.
func Nav(ctx context.Context) []ui.NavItem {
	return []ui.NavItem{
		{Label: t(ctx, "list.title"), Href: Path},
		{Label: t(ctx, "receive.title"), Href: receivePath},
		{Label: t(ctx, "search.title"), Href: Path + "/search"},
		{Label: t(ctx, "rates.title"), Href: Path + "/rates"},
	}
}
