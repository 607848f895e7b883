// Package ledgerweb shows to those who look after a node, and to its auditors, whether its
// logs are what they were: what the last check found, and what to do.
package ledgerweb

import (
	"context"
	"net/http"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/ledger"
	"dean06/internal/platform/ledger/ledgersql"
	"dean06/internal/platform/permit"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

// Shell is what the page needs from the node around it.
type Shell struct {
	DB     *sqldb.DB
	Chains []ledger.Chain
	Frame  web.FrameFunc
	Table  permit.Table[ledger.Action]
}

// Pages are the pages.
type Pages struct{ Shell }

// New makes them.
func New(s Shell) *Pages { return &Pages{s} }

// Routes are the addresses of the pages.
func (p *Pages) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET " + ledger.PagePath, Handler: p.show, May: "log.check"},
		{Pattern: "POST " + ledger.PagePath, Handler: p.check, May: "log.check"},
	}
}

type view struct {
	ui.Page
	Table ui.Table
	Wrong []wrong // the logs that are not whole
}

// wrong is a log that is not whole, in sentences.
type wrong struct {
	Name string
	Says []string
}

func t(ctx context.Context, key string, args ...map[string]any) string {
	return i18n.T(ctx, "ledger.page."+key, args...)
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := p.Shell.Table.Can(actor.From(ctx), ledger.ActCheck); err != nil {
		return err
	}
	checks, err := ledgersql.New(p.DB).LastChecks(ctx)
	if err != nil {
		return err
	}
	last := map[string]ledgersql.Check{}
	for _, c := range checks {
		last[c.Found.Chain] = c
	}
	v := view{Page: p.Frame(r).Page(t(ctx, "title"))}
	v.Wide = true
	v.Table = ui.Table{ID: "logs", Stack: true, Caption: t(ctx, "table"), Quiet: true, Columns: []ui.Column{
		{Label: t(ctx, "chain")}, {Label: t(ctx, "state")}, {Label: t(ctx, "checked")}, {Label: t(ctx, "head")}, {Label: t(ctx, "witness")},
	}}
	pr := i18n.From(ctx)
	for _, c := range p.Chains {
		there, err := c.Exists(ctx)
		if err != nil {
			return err
		}
		if !there {
			continue
		}
		head, signed, err := c.LastHead(ctx)
		if err != nil {
			return err
		}
		found, checked := last[c.Name()]
		cells := []ui.Cell{
			{Text: ledger.NameOf(pr, c.Name())},
			{Text: t(ctx, "never")},
			{Text: t(ctx, "never")},
			{Text: t(ctx, "head.none")},
			{Text: pr.T("ledger.witness.none")},
		}
		if signed {
			cells[3].Text = t(ctx, "head.of", map[string]any{"size": head.Size, "at": head.At})
		}
		if checked {
			cells[1] = ui.Cell{Body: state(found.Found)}
			cells[2].Text = pr.Time(found.At)
			cells[4] = ui.Cell{Body: witness(found.Found)}
		}
		v.Table.Rows = append(v.Table.Rows, ui.Row{Cells: cells})
		if checked && !found.Found.Fine() {
			v.Wrong = append(v.Wrong, wrong{ledger.NameOf(pr, c.Name()), found.Found.Says(pr)})
		}
	}
	return web.Render(w, r, http.StatusOK, page(v))
}

func tone(f ledger.Found) ui.Tone {
	if f.Fine() {
		return ui.Good
	}
	return ui.Bad
}

// check has the job run now; while it waits already, it is not asked for twice.
func (p *Pages) check(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := p.Shell.Table.Can(actor.From(ctx), ledger.ActCheck); err != nil {
		return err
	}
	if _, err := jobs.Enqueue(ctx, p.DB, ledger.CheckJob, nil, jobs.Options{UniqueKey: ledger.CheckJob, MaxTries: 1}); err != nil {
		return err
	}
	return web.RedirectWith(w, r, ledger.PagePath, "ledger.page.asked", nil)
}
