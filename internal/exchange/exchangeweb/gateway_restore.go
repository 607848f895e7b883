package exchangeweb

import (
	"net/http"

	"github.com/a-h/templ"

	"dean06/internal/exchange"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

// restore is the page on which a restore from a backup is acknowledged.
func (p *Gateway) restore(w http.ResponseWriter, r *http.Request) error {
	v, err := p.restoreView(r, begin())
	if err != nil {
		return err
	}
	return render(w, r, v)
}

func (p *Gateway) restoreView(r *http.Request, t typed) (view, error) {
	pr := in(r)
	v, err := p.page(r, pr.t("gw.restore.title"))
	if err != nil {
		return v, err
	}
	s, err := p.Desk.Status(r.Context(), p.Actor(r))
	if err != nil {
		return v, err
	}
	list, err := p.Desk.Restores(r.Context(), p.Actor(r))
	if err != nil {
		return v, err
	}
	v.Crumbs = []ui.Link{{Label: pr.t("gw.overview.title"), Href: "/gateway"}}
	bad := unfit(s)
	waits := false
	for _, x := range list {
		waits = waits || x.State == "open"
	}
	v.Stat = pr.t("gw.restore.stat", args{"n": len(bad)})
	if len(bad) == 0 {
		v.Stat = pr.t("gw.restore.fine")
	}
	v.Add(witnessTable(pr, s))
	switch {
	case waits:
		v.Add(ui.Para(pr.t("gw.restore.waits")))
	case len(bad) > 0 && p.may(r, exchange.ActRestore):
		v.Add(section("restore", pr.t("gw.restore.ask"), ui.Para(pr.t("gw.restore.text")), form("/gateway/restore", nil, components(
			t.date(ui.Field{Name: "backup", Label: pr.t("gw.restore.backup"), Hint: pr.t("gw.restore.backup.hint")}),
			t.area(ui.Field{Name: "reason", Label: pr.t("gw.restore.reason"), Hint: pr.t("gw.restore.reason.hint"), Rows: 3}),
		), ui.Action{Label: pr.t("gw.restore.send")})))
	}
	if len(list) > 0 {
		v.Add(p.restores(r, pr, list))
	}
	return v, nil
}

// restorePost asks a second person.
func (p *Gateway) restorePost(w http.ResponseWriter, r *http.Request) error {
	if err := exchange.Permissions.Can(p.Actor(r), exchange.ActRestore); err != nil {
		return err
	}
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	day, err := f.Date("backup")
	if err == nil {
		_, err = p.Desk.Restore(r.Context(), p.Actor(r), day, f.Text("reason"))
	}
	if err != nil {
		return retry(w, r, whole(err), func() (view, error) { return p.restoreView(r, again(f, whole(err))) })
	}
	return web.RedirectWith(w, r, "/gateway/restore", "exchangeweb.gw.restore.asked", nil)
}

// unfit are the logs that do not fit what the centre has seen.
func unfit(s exchange.Status) (out []exchange.SeenHead) {
	for _, h := range s.Witnessed {
		if h.Alarm != nil {
			out = append(out, h)
		}
	}
	return out
}

// witnessLine says in a line what the centre holds.
func witnessLine(pr words, s exchange.Status) string {
	switch {
	case s.WitnessedAt.IsZero():
		return pr.t("gw.witness.unheard")
	case len(unfit(s)) > 0:
		return pr.t("gw.witness.unfit", args{"n": len(unfit(s)), "of": len(s.Witnessed), "at": pr.when(s.WitnessedAt)})
	}
	return pr.t("gw.witness.all", args{"n": len(s.Witnessed), "at": pr.when(s.WitnessedAt)})
}

// chainName names a log.
func chainName(pr words, chain string) string {
	switch chain {
	case "audit", "lookups", "messages", "dossiers", "dossier_looks":
		return pr.t("chain." + chain)
	}
	return chain
}

// witnessTable is what the centre holds of this node's logs.
func witnessTable(pr words, s exchange.Status) templ.Component {
	t := ui.Table{
		ID: "witness", Stack: true, Caption: pr.t("gw.witness"), Columns: []ui.Column{
			{Label: pr.t("gw.witness.chain")},
			{Label: pr.t("gw.witness.size"), Numeric: true},
			{Label: pr.t("gw.witness.seen")},
			{Label: pr.t("condition")},
		},
		Empty: ui.Para(pr.t("gw.witness.none")),
	}
	for _, h := range s.Witnessed {
		mark := ui.StatusText(ui.Met, pr.t("gw.witness.fine"))
		switch {
		case h.Alarm != nil:
			mark = templ.Join(
				ui.StatusText(ui.Contradicted, pr.T(h.Alarm.Key())),
				muted(pr.t("gw.witness.shown", args{"n": h.Alarm.Size, "at": pr.when(h.Alarm.At)})),
			)
		case !h.Proved && h.Size > 0 && h.Line == 0:
			mark = ui.StatusText(ui.Met, pr.t("gw.witness.first"))
		case h.Line > 0:
			mark = ui.StatusText(ui.Met, pr.t("gw.witness.restored", args{"n": h.Line}))
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: chainName(pr, h.Chain)}, {Text: pr.Int(h.Size)}, {Text: pr.when(h.SeenAt)}, {Body: mark},
		}})
	}
	return ui.DataTable(t)
}

func (p *Gateway) restores(r *http.Request, pr words, list []exchange.RestoreWish) templ.Component {
	t := ui.Table{
		ID: "restores", Stack: true, Caption: pr.t("gw.restores"), Columns: []ui.Column{
			{Label: pr.t("gw.restore.backup")},
			{Label: pr.t("gw.restore.reason")},
			{Label: pr.t("gw.restore.by")},
			{Label: pr.t("gw.restore.decided")},
			{Label: pr.t("entry.state")},
		},
	}
	for _, x := range list {
		status := ui.NotMet
		switch x.State {
		case "approved":
			status = ui.Met
		case "open":
			status = ui.Partial
		}
		backup := x.Backup
		if d, err := clock.ParseDate(x.Backup); err == nil {
			backup = pr.Date(d)
		}
		decided := "–"
		if x.Decider.Account != "" {
			decided = x.Decider.Name
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: backup, Href: x.Href},
			{Text: x.Reason},
			{Text: p.who(r, x.By.Account, x.At) + ", " + pr.when(x.At)},
			{Text: decided},
			{Body: ui.StatusText(status, pr.t("gw.restore.state."+x.State))},
		}})
	}
	return ui.DataTable(t)
}
