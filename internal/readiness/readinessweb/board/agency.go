package board

import (
	"context"
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinessweb"
)

// agency is the answers of one agency through time.
func (p *Pages) agency(w http.ResponseWriter, r *http.Request) error {
	asked, formErr := readAsk(r)
	profile, b, err := p.shell.Register.Profile(r.Context(), p.shell.Actor(r), asked.question(), r.PathValue("agency"))
	if err != nil {
		return err
	}
	v := p.viewOf(r, b, asked)
	if to := v.elsewhere(r); formErr == nil && to != "" {
		return web.Redirect(w, r, to)
	}
	v.Title = profile.Agency.Name
	v.under("matrix")
	v.State = profile.State
	page := p.body(v, r.URL.Path, func(context.Context) (templ.Component, error) { return agency(v, profile), nil })
	if formErr != nil {
		return web.Retry(w, r, formErr, v.with(formErr, page))
	}
	return web.Render(w, r, http.StatusOK, v.with(nil, page))
}

// agencySentence says the one thing that matters about an agency.
func (v *view) agencySentence(p readiness.Profile) string {
	n := len(v.Template.Components)
	switch {
	case !p.Statement.Answered():
		return v.t("board.agency.none", map[string]any{"number": v.Campaign.Number})
	case p.Statement.Meets(readiness.AllFive):
		return v.t("board.agency.all", map[string]any{"all": v.all()})
	}
	return v.t("board.agency.some", map[string]any{"n": met(p.Statement), "of": n})
}

func (v *view) agencyFacts(p readiness.Profile) []ui.Fact {
	var out []ui.Fact
	for _, c := range v.Template.Components {
		f := ui.Fact{Key: v.in(c.Label), Value: v.t("board.no_answer")}
		if p.Statement.Answered() {
			f.Body = ui.StatusMark(readinessweb.StatusOf(p.Statement.Status(c.Key)))
		}
		out = append(out, f)
	}
	if first := p.Record.HandedIn(); !first.IsZero() {
		came := v.t("board.came.in_time", map[string]any{"at": clock.DayOf(first), "due": v.Campaign.Due})
		if late := v.Campaign.LateBy(first); late > 0 {
			came = v.t("board.came.late", map[string]any{"at": clock.DayOf(first), "due": v.Campaign.Due, "n": late})
		}
		out = append(out, ui.Fact{Key: v.t("board.came"), Value: came})
	}
	if p.Counted != nil {
		out = append(out, ui.Fact{
			Key: v.t("board.counts_now"),
			Value: v.t("board.version_since", map[string]any{
				"n": p.Counted.Number, "since": p.Since, "channel": v.t("readiness.channel." + string(p.Counted.Channel)),
			}),
		})
	}
	return out
}

// historyTable is the rounds by component.
func (v *view) historyTable(p readiness.Profile) ui.Table {
	t := ui.Table{
		ID: "history", Stack: true, Caption: v.t("board.history"), Quiet: true, Dense: true,
		Columns: []ui.Column{{Label: v.t("board.round.head")}},
	}
	for _, c := range v.Template.Components {
		t.Columns = append(t.Columns, ui.Column{Label: v.in(c.Short)})
	}
	t.Columns = append(t.Columns, ui.Column{Label: v.t("board.met"), Numeric: true})
	for _, h := range slices.Backward(p.Rounds) {
		href := v.ask.at(h.Campaign.ID, "agency/"+p.Agency.Code)
		row := ui.Row{Cells: []ui.Cell{{Text: v.roundName(h.Campaign), Href: href}}}
		for _, c := range v.Template.Components {
			if !h.Statement.Answered() {
				row.Cells = append(row.Cells, ui.Cell{Body: noAnswerCell()})
				continue
			}
			row.Cells = append(row.Cells, ui.Cell{Body: ui.StatusMark(readinessweb.StatusOf(h.Statement.Status(c.Key)))})
		}
		t.Rows = append(t.Rows, ui.Row{Cells: append(row.Cells, ui.Cell{Text: v.metOf(h.Statement)})})
	}
	return t
}

// steps is what happened to the returns of this round, the newest first.
func (v *view) steps(p readiness.Profile) []ui.Event {
	var out []ui.Event
	for _, s := range slices.Backward(p.Record.Steps) {
		out = append(out, ui.Event{
			Title: v.t("board.step", map[string]any{"event": v.t("readiness.event." + string(s.Event)), "version": s.Version}),
			At:    s.At, Text: s.Reason,
		})
	}
	return out
}

// appendix shows the version that counts.
func (v *view) appendix(p readiness.Profile) templ.Component {
	return readinessweb.Appendix(p.View, p.Counted.Return, readinessweb.AppendixOptions{Status: true, Readings: true})
}
