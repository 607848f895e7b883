package handoverweb

import (
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"

	"dean06/internal/cleaning/cleaningweb"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

type changesView struct {
	ui.Page
	Lead  string
	CSV   ui.Link
	Table ui.Table
	Pages ui.Pages
}

// changes lists what became of rows since the file was linked, the newest first.
func (p *Pages) changes(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	before, _ := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64)
	h, list, err := p.Desk.Changes(ctx, who(ctx), r.PathValue("file"), max(before, 0), listed+1)
	if err != nil {
		return err
	}
	say, layout := i18n.From(ctx), h.Layout()
	v := changesView{Page: p.page(r, shared(ctx, "changes.title"), home(ctx), to(&h)), Lead: t(ctx, "changes.lead")}
	if h.Changes > 0 {
		v.CSV = ui.Link{Label: shared(ctx, "changes.csv"), Href: at(&h) + "/files/changes.csv"}
	}
	if len(list) > listed {
		list = list[:listed]
		v.Pages.Next = at(&h) + "/changes?before=" + strconv.FormatInt(list[listed-1].Seq, 10)
	}
	v.Table = ui.Table{
		ID: "changes", Caption: shared(ctx, "changes.title"), Quiet: true, Dense: true, Stack: true, Empty: ui.Empty(shared(ctx, "changes.none"), to(&h)),
	}
	for _, key := range []string{"row", "number", "kind", "what", "from", "to", "on", "at"} {
		v.Table.Columns = append(v.Table.Columns, ui.Column{Label: say.T("cleaning.changes." + key)})
	}
	for i := range list {
		c := &list[i]
		row := func(what, from, to string) {
			v.Table.Rows = append(v.Table.Rows, ui.Row{Cells: []ui.Cell{
				{Text: shared(ctx, "rows.nth", map[string]any{"n": c.Row})},
				{Text: c.Number.String()},
				{Text: say.T("cleaning.change." + string(c.Kind))},
				{Text: what},
				{Text: from},
				{Text: to},
				{Text: c.On.Say(say)},
				{Text: say.Time(c.At)},
			}})
		}
		for _, f := range c.Fields {
			from, to := f.Words(say)
			row(layout.Column(f.What, say), from, to)
		}
		if len(c.Fields) == 0 {
			row("", "", "")
		}
	}
	return web.Render(w, r, http.StatusOK, changesPage(v))
}

// changesFile sends all changes as a table.
func (p *Pages) changesFile(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	h, _, err := p.Desk.Changes(ctx, who(ctx), r.PathValue("file"), 0, 1)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", cleaningweb.MediaType("changes.csv"))
	stem := strings.TrimSuffix(h.Offer.Name, path.Ext(h.Offer.Name))
	w.Header().Set("Content-Disposition", "attachment; filename*=UTF-8''"+url.PathEscape(stem+"-changes.csv"))
	return p.Desk.WriteChanges(ctx, who(ctx), h.ID, w, i18n.From(ctx))
}
