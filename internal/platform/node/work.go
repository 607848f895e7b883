package node

import (
	"context"
	"net/http"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/alarm"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/session"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

const workPath = "/work"

// workView is what waits for somebody, of all modules.
type workView struct {
	ui.Page
	Table ui.Table
}

// work shows what waits for the one who asks.
func (n *Node) work(w http.ResponseWriter, r *http.Request) error {
	id, err := session.Check(r.Context())
	if err != nil {
		return err
	}
	ctx := r.Context()
	waiting, err := n.Waiting(ctx, id.Actor)
	if err != nil {
		return err
	}
	p := i18n.From(ctx)
	view := workView{Page: n.frame(r).Page(p.T("node.work.title"))}
	view.Table = ui.Table{
		ID: "work", Stack: true, Caption: p.T("node.work.title"), Quiet: true,
		Empty:   ui.Empty(p.T("node.work.none"), ui.Link{Label: p.T("node.work.home"), Href: "/"}),
		Columns: []ui.Column{{Label: p.T("node.work.what")}, {Label: p.T("node.work.count"), Numeric: true}},
	}
	for _, one := range waiting {
		view.Table.Rows = append(view.Table.Rows, ui.Row{Cells: []ui.Cell{{Text: p.T(one.Key), Href: one.Href}, {Text: p.Int(int64(one.Count))}}})
	}
	return web.Render(w, r, http.StatusOK, workPage(view))
}

// Waiting is what waits for somebody, of all modules.
func (n *Node) Waiting(ctx context.Context, a actor.Actor) ([]Waiting, error) {
	var out []Waiting
	count, err := n.Approvals.Waiting(ctx, a)
	if err != nil {
		return nil, err
	}
	if len(count) > 0 {
		out = append(out, Waiting{Key: "node.work.approvals", Count: len(count), Href: "/approvals"})
	}
	alarms, err := n.Alarms.Waiting(ctx, a)
	if err != nil {
		return nil, err
	}
	if alarms > 0 {
		out = append(out, Waiting{Key: "node.work.alarms", Count: alarms, Href: alarm.Path})
	}
	for _, p := range n.parts {
		if p.Waiting == nil {
			continue
		}
		more, err := p.Waiting(ctx, a)
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	return out, nil
}
