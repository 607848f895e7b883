package populationweb

import (
	"net/http"
	"net/url"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/population"
)

// exportsView is the exports that were approved, and the form that asks for one. Who is
// in the register it does not tell.
type exportsView struct {
	ui.Page
	Purpose, Until string
	Province       ui.Field
	Asked          string // the request that was just made
	Table          ui.Table
}

func (p *Pages) blankExports(r *http.Request) (exportsView, error) {
	words := p.words(r.Context())
	v := exportsView{
		Page: p.page(r, words.Printer.T("people.exports.title")), Until: typed(p.today().AddDays(population.ExportDays)),
		Asked: r.URL.Query().Get("asked"),
	}
	done, err := p.Register.Exports(r.Context(), who(r.Context()), 50)
	if err != nil {
		return v, err
	}
	if len(v.Asked) > 64 {
		v.Asked = ""
	}
	v.Province = ui.Field{
		Name: "province", Label: words.Printer.T("people.exports.province"),
		Options: []ui.Option{{Label: words.Printer.T("people.exports.province.all")}},
	}
	for _, u := range p.provinces() {
		v.Province.Options = append(v.Province.Options, ui.Option{Value: u.Code, Label: u.Name})
	}
	v.Table = ui.Table{
		ID: "exports", Caption: words.Printer.T("people.exports.done"), Dense: true,
		Empty: ui.Empty(words.Printer.T("people.exports.none"), ui.Link{}),
	}
	for _, key := range []string{"request", "purpose", "until", "state"} {
		v.Table.Columns = append(v.Table.Columns, ui.Column{Label: words.Printer.T("people.exports." + key)})
	}
	for _, e := range done {
		v.Table.Rows = append(v.Table.Rows, ui.Row{Cells: []ui.Cell{
			{Body: ui.Reference(e.ID)}, {Text: e.Purpose}, {Text: words.Date(e.Until)}, {Text: words.exportState(e, p.today())},
		}})
	}
	return v, nil
}

func (w words) exportState(e population.Export, today clock.Date) string {
	switch {
	case !e.UsedAt.IsZero():
		return w.Printer.T("people.exports.used", map[string]any{"at": w.Time(e.UsedAt)})
	case today.After(e.Until):
		return w.Printer.T("people.exports.late")
	}
	return w.Printer.T("people.exports.open")
}

// provinces are those of today.
func (p *Pages) provinces() []population.Unit {
	var out []population.Unit
	for code := range 100 {
		if u, ok := p.Units.Province(string([]byte{byte('0' + code/10), byte('0' + code%10)}), p.today()); ok && u.Current {
			out = append(out, u)
		}
	}
	return out
}

func (p *Pages) exports(w http.ResponseWriter, r *http.Request) error {
	v, err := p.blankExports(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, exportsPageOf(v))
}

func (p *Pages) exportPost(w http.ResponseWriter, r *http.Request) error {
	v, err := p.blankExports(r)
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v.Purpose, v.Until, v.Province.Value = form.Text("purpose"), form.Text("until"), form.Text("province")
	q := population.ExportRequest{Purpose: v.Purpose, Province: v.Province.Value}
	if q.Until, err = form.Date("until"); err != nil {
		v.Errors = web.FormErrors(err)
		return web.Retry(w, r, err, exportsPageOf(v))
	}
	id, err := p.Register.RequestExport(r.Context(), who(r.Context()), q)
	if err != nil {
		if v.Errors = web.FormErrors(err); len(v.Errors) == 0 && fault.Of(err) == fault.Invalid {
			v.Errors = at(fault.List{fault.As(err)}, "purpose")
		}
		if len(v.Errors) == 0 {
			return err
		}
		v.Province.Errors = v.Errors
		return web.Retry(w, r, err, exportsPageOf(v))
	}
	return web.RedirectWith(w, r, exportsPath+"?asked="+url.QueryEscape(id), "people.exports.asked", nil)
}
