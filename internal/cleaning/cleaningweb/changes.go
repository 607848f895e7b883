package cleaningweb

import (
	"net/http"
	"strconv"
	"strings"

	"dean06/internal/cleaning"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

// changes lists what became of rows since the file was linked, the newest first, without a
// value: those stand on the row's page, where the look is logged, and in the file.
func (p *Pages) changes(w http.ResponseWriter, r *http.Request) error {
	const limit = 30
	ctx, id := r.Context(), r.PathValue("batch")
	before, _ := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64)
	list, err := p.Desk.LatestChanges(ctx, who(ctx), id, max(before, 0), limit+1)
	if err != nil {
		return err
	}
	s, err := p.Desk.Batch(ctx, who(ctx), id)
	if err != nil {
		return err
	}
	b, say := s.Batch, i18n.From(ctx)
	path := Path + "/" + id
	v := rowsView{
		Page: p.page(r, t(ctx, "changes.title"), home(ctx), to(b)), Lead: t(ctx, "changes.lead", map[string]any{"at": say.Time(b.AsOf)}),
	}
	if s.Changes > 0 {
		csv, file := t(ctx, "changes.csv"), path+"/files/changes-"+strconv.Itoa(s.Changes)+".csv"
		v.Filters = []ui.Link{{Label: csv, Href: file}, {Label: t(ctx, "paper.signature", map[string]any{"file": csv}), Href: file + ".sig.json"}}
	}
	if len(list) > limit {
		list = list[:limit]
		v.Pages.Next = path + "/changes?before=" + strconv.FormatInt(list[limit-1].Seq, 10)
	}
	v.Table = ui.Table{
		ID: "changes", Caption: t(ctx, "changes.title"), Quiet: true, Dense: true, Stack: true,
		Empty: ui.Empty(t(ctx, "changes.none"), to(b)),
		Columns: []ui.Column{
			{Label: say.T("cleaning.changes.row")},
			{Label: say.T("cleaning.changes.number")},
			{Label: say.T("cleaning.changes.kind")},
			{Label: t(ctx, "changes.what")},
			{Label: say.T("cleaning.changes.on")},
			{Label: say.T("cleaning.changes.at")},
		},
	}
	for i := range list {
		c := &list[i]
		var what []string
		for _, f := range c.Fields {
			what = append(what, b.Layout.Column(f.What, say))
		}
		v.Table.Rows = append(v.Table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: t(ctx, "rows.nth", map[string]any{"n": c.Row}), Href: path + "/rows/" + strconv.Itoa(c.Row)},
			{Text: c.Number.String()},
			{Text: say.T("cleaning.change." + string(c.Kind))},
			{Text: strings.Join(what, ", ")},
			{Text: c.On.Say(say)},
			{Text: say.Time(c.At)},
		}})
	}
	return web.Render(w, r, http.StatusOK, rowsPage(v))
}

// uptoOf reads the name of a file of changes: changes-7.csv has those up to the seventh.
func uptoOf(name string) (int64, bool) {
	name, changes := strings.CutPrefix(name, "changes-")
	name, csv := strings.CutSuffix(name, ".csv")
	n, err := strconv.ParseInt(name, 10, 64)
	return n, changes && csv && err == nil
}

// since is what happened to a person since the file was linked, with its values: the look at
// them is logged.
func (p *Pages) since(r *http.Request, v *cleaning.Beside) ui.Table {
	ctx := r.Context()
	say := i18n.From(ctx)
	out := ui.Table{
		ID: "since", Caption: t(ctx, "pair.since", map[string]any{"at": say.Time(v.Batch.AsOf)}), Dense: true, Stack: true,
	}
	for _, key := range []string{"kind", "what", "from", "to", "at"} {
		out.Columns = append(out.Columns, ui.Column{Label: say.T("cleaning.changes." + key)})
	}
	for _, c := range v.Since {
		row := func(what, from, to string) {
			out.Rows = append(out.Rows, ui.Row{Cells: []ui.Cell{
				{Text: say.T("cleaning.change." + string(c.Kind))}, {Text: what}, {Text: from}, {Text: to}, {Text: say.Time(c.At)},
			}})
		}
		if len(c.Fields) == 0 {
			row("", "", c.On.Say(say))
		}
		for _, f := range c.Fields {
			from, to := f.Words(say)
			row(v.Batch.Layout.Column(f.What, say), from, to)
		}
	}
	return out
}
