package populationweb

import (
	"fmt"
	"net/http"
	"strconv"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/population"
)

// loadsView is the files that were taken in, and the field for one more.
type loadsView struct {
	ui.Page
	Columns []string
	Table   ui.Table
}

func (p *Pages) blankLoads(r *http.Request) (loadsView, error) {
	words := p.words(r.Context())
	v := loadsView{Page: p.page(r, words.Printer.T("people.loads.title")), Columns: p.Fields.Columns()}
	if p.Loads == nil {
		return v, fault.New(fault.NotFound, "web.not_found", nil)
	}
	recent, err := p.Loads.Recent(r.Context(), who(r.Context()))
	if err != nil {
		return v, err
	}
	v.Table = ui.Table{
		ID: "loads", Caption: words.Printer.T("people.loads.recent"), Dense: true,
		Empty: ui.Empty(words.Printer.T("people.loads.none"), ui.Link{}),
	}
	for _, key := range []string{"file", "when", "by", "state"} {
		v.Table.Columns = append(v.Table.Columns, ui.Column{Label: words.Printer.T("people.loads." + key)})
	}
	for _, l := range recent {
		v.Table.Rows = append(v.Table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: l.Name, Href: loadsPath + "/" + l.ID}, {Text: words.Time(l.At)}, {Text: l.By}, {Text: words.loadState(l)},
		}})
	}
	return v, nil
}

func (w words) loadState(l Load) string {
	switch {
	case l.Failed != "", l.Refused != nil:
		return w.Printer.T("people.load.failed")
	case l.Report != nil:
		return w.Printer.T("people.load.done", map[string]any{"loaded": l.Report.Loaded, "bad": l.Report.Bad})
	case l.Finished:
		return w.Printer.T("people.load.stopped")
	}
	if l.Of > 0 {
		return w.Printer.T("people.load.writing", map[string]any{"rows": l.Rows, "of": l.Of})
	}
	return w.Printer.T("people.load.running", map[string]any{"rows": l.Rows})
}

func (p *Pages) loads(w http.ResponseWriter, r *http.Request) error {
	v, err := p.blankLoads(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, loadsPageOf(v))
}

func (p *Pages) loadPost(w http.ResponseWriter, r *http.Request) error {
	v, err := p.blankLoads(r)
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	files := form.Files("file")
	if len(files) == 0 {
		err := invalidAt("people.loads.file.none", "file", nil)
		v.Errors = web.FormErrors(err)
		return web.Retry(w, r, err, loadsPageOf(v))
	}
	f, err := files[0].Open()
	if err != nil {
		return fmt.Errorf("open the file of persons: %w", err)
	}
	defer func() { _ = f.Close() }()
	id, err := p.Loads.Start(r.Context(), who(r.Context()), files[0].Filename, f)
	if err != nil {
		if v.Errors = at(web.FormErrors(err), "file"); len(v.Errors) == 0 {
			return err
		}
		return web.Retry(w, r, err, loadsPageOf(v))
	}
	return web.Redirect(w, r, loadsPath+"/"+id)
}

// loadView is one file: how far it is, or what became of it.
type loadView struct {
	ui.Page
	Load     Load
	State    string
	Refused  string // why the file is none that can be loaded
	Progress ui.Progress
	Counts   []ui.Fact // lines, and what became of each
	Bad      ui.Table
	Warnings ui.Table
	Took     string
}

func (p *Pages) load(w http.ResponseWriter, r *http.Request) error {
	if p.Loads == nil {
		return fault.New(fault.NotFound, "web.not_found", nil)
	}
	l, err := p.Loads.Get(r.Context(), who(r.Context()), r.PathValue("load"))
	if err != nil {
		return err
	}
	words := p.words(r.Context())
	v := loadView{Page: p.page(r, words.Printer.T("people.load.title", map[string]any{"file": l.Name})), Load: l, State: words.loadState(l)}
	v.Crumbs = []ui.Link{{Label: words.Printer.T("people.loads.title"), Href: loadsPath}}
	v.Progress = ui.Progress{Label: words.Printer.T("people.load.progress"), Done: l.Rows, Total: l.Of, Text: v.State}
	if l.Refused != nil {
		v.Refused = words.Printer.T(l.Refused.Key, l.Refused.Args)
	}
	if !l.Finished {
		v.Head = refresh()
	}
	if l.Report != nil {
		v.Bad, v.Warnings = words.badTable(l.Report), words.warningTable(l.Report)
		for _, c := range []struct {
			key string
			n   int
		}{{"lines", l.Report.Lines}, {"loaded", l.Report.Loaded}, {"not_loaded", l.Report.Bad}, {"not_read", l.Report.NotRead}} {
			v.Counts = append(v.Counts, ui.Fact{Key: words.Printer.T("people.load." + c.key), Value: words.Int(int64(c.n))})
		}
		v.Took = words.Printer.T("people.load.took", map[string]any{
			"rows": l.Report.Lines, "seconds": words.Float(l.Report.Took.Seconds(), 1),
		})
	}
	return web.Render(w, r, http.StatusOK, loadPage(v))
}

func (w words) badTable(report *population.LoadReport) ui.Table {
	t := ui.Table{ID: "bad", Caption: w.Printer.T("people.load.bad", map[string]any{"n": report.Bad}), Dense: true, Stack: true}
	for _, key := range []string{"line", "column", "why"} {
		t.Columns = append(t.Columns, ui.Column{Label: w.Printer.T("people.load." + key)})
	}
	for _, b := range report.BadRows {
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: strconv.Itoa(b.Line)}, {Text: b.Column}, {Text: w.Printer.T(b.Key, b.Args)}}})
	}
	return t
}

func (w words) warningTable(report *population.LoadReport) ui.Table {
	t := ui.Table{ID: "warnings", Caption: w.Printer.T("people.load.warnings"), Dense: true, Stack: true}
	for _, key := range []string{"what", "times", "in_lines"} {
		t.Columns = append(t.Columns, ui.Column{Label: w.Printer.T("people.load." + key), Numeric: key == "times"})
	}
	for _, o := range report.Warnings {
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: w.Printer.T(o.Key)}, {Text: w.Int(int64(o.Count))}, {Text: o.In()}}})
	}
	return t
}
