package exchangeweb

import (
	"net/http"

	"github.com/a-h/templ"

	"dean06/internal/exchange"
	"dean06/internal/exchange/centre"
	"dean06/internal/platform/ui"
)

// alarmText says what of a gateway's logs does not fit.
func alarmText(pr words, a centre.Witness) string {
	return pr.t("hub.alarm", args{"gateway": a.Gateway, "at": pr.Time(a.SeenAt), "chain": chainName(pr, a.Head.Chain), "text": pr.T(a.Alarm)})
}

// heldTable is what a gateway's logs may not fall short of.
func heldTable(pr words, reg centre.Register, gateway string) templ.Component {
	t := ui.Table{
		ID: "held", Stack: true, Caption: pr.t("held"), Columns: []ui.Column{
			{Label: pr.t("gw.witness.chain")},
			{Label: pr.t("witness.size"), Numeric: true},
			{Label: pr.t("gw.witness.seen")},
			{Label: pr.t("condition")},
		},
		Empty: ui.Para(pr.t("held.none")),
	}
	for _, h := range reg.Held {
		if h.Gateway != gateway {
			continue
		}
		mark := ui.StatusText(ui.Met, pr.t("held.proved"))
		switch {
		case h.Line > 0 && h.Pending.IsZero(): // went on from what two people acknowledged
			mark = ui.StatusText(ui.Met, pr.t("gw.witness.restored", args{"n": h.Line}))
		case !h.Proved:
			mark = ui.StatusText(ui.Partial, pr.t("held.unproved"))
		}
		for _, a := range reg.Alarms {
			if a.Gateway == gateway && a.Head.Chain == h.Head.Chain {
				mark = ui.StatusText(ui.Contradicted, pr.T(a.Alarm))
				break
			}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: chainName(pr, h.Head.Chain)}, {Text: pr.Int(h.Head.Size)}, {Text: pr.when(h.SeenAt)}, {Body: mark},
		}})
	}
	return ui.DataTable(t)
}

// restores are those that two people of a gateway's node acknowledged; nothing when there
// was none.
func (p *Hub) restores(r *http.Request, pr words, gateway string) templ.Component {
	list, err := p.Centre.Restores(r.Context(), p.Actor(r), gateway)
	if err != nil {
		return ui.Para(pr.T("web.internal"))
	}
	if len(list) == 0 {
		return templ.NopComponent
	}
	t := ui.Table{
		ID: "restores", Stack: true, Caption: pr.t("gw.restores"), Columns: []ui.Column{
			{Label: pr.t("gw.restores.at")},
			{Label: pr.t("gw.witness.chain")},
			{Label: pr.t("gw.restores.sizes"), Numeric: true},
			{Label: pr.t("gw.restore.reason")},
			{Label: pr.t("gw.restores.people")},
		},
	}
	for _, x := range list {
		c := x.Chains[0]
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: pr.when(x.At)},
			{Text: chainName(pr, c.Chain)},
			{Text: pr.Int(c.Size) + " → " + pr.Int(c.To.Size)},
			{Text: x.Reason},
			{Text: person(x.Asked) + ", " + person(x.Decided)},
		}})
	}
	return ui.DataTable(t)
}

func person(p exchange.Person) string {
	if p.Name != "" {
		return p.Name
	}
	return p.Account
}

// witnesses are the heads that the centre was shown, one an hour, and what rang.
func (p *Hub) witnesses(r *http.Request, pr words, e exchange.Entry) templ.Component {
	list, err := p.Centre.Witnessed(r.Context(), p.Actor(r), e.Key, 20)
	t := ui.Table{
		ID: "witnesses", Caption: pr.t("witnesses"), Dense: true, Stack: true,
		Columns: []ui.Column{
			{Label: pr.t("witness.at")},
			{Label: pr.t("gw.witness.chain")},
			{Label: pr.t("witness.size"), Numeric: true},
			{Label: pr.t("witness.root")},
			{Label: pr.t("witness.alarm")},
		},
		Empty: ui.Para(pr.t("witnesses.none")),
	}
	if err != nil {
		t.Empty = ui.Para(pr.T("web.internal"))
	}
	for _, x := range list {
		alarm := ui.Cell{Text: "–"}
		switch {
		case x.Alarm != "" && x.ClosedAt.IsZero():
			alarm = ui.Cell{Body: ui.StatusText(ui.Contradicted, pr.T(x.Alarm))}
		case x.Alarm != "":
			alarm = ui.Cell{Body: templ.Join(ui.StatusText(ui.Unknown, pr.T(x.Alarm)), muted(pr.t("witness.closed", args{"at": pr.when(x.ClosedAt)})))}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: pr.when(x.Head.At)}, {Text: chainName(pr, x.Head.Chain)}, {Text: pr.Int(x.Head.Size)}, {Text: hexOf(x.Head.Root)[:16] + "…"}, alarm,
		}})
	}
	return ui.Fold(pr.t("witnesses.fold"), ui.DataTable(t))
}
