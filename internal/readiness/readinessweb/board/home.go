package board

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"dean06/internal/platform/ui"
	"dean06/internal/readiness"
)

// homePage is the sentence, the figures and what was published.
func homePage(v *view, r *http.Request) (string, bodyFunc, error) {
	title := v.t("board.title.home")
	return title, func(ctx context.Context) (templ.Component, error) {
		compared, err := v.shell.Register.Compared(ctx, v.reader)
		return home(v, v.published(compared)), err
	}, nil
}

// published lists what was published about this round.
func (v *view) published(all []readiness.Compared) []readiness.Compared {
	var out []readiness.Compared
	for _, c := range all {
		if c.Claim.Figure != nil && c.Claim.Figure.Campaign == v.Campaign.ID {
			out = append(out, c)
		}
	}
	return out
}

func (v *view) publishedTable(all []readiness.Compared) ui.Table {
	t := ui.Table{ID: "published", Caption: v.t("board.published"), Quiet: true, Dense: true, Stack: true, Columns: []ui.Column{
		{Label: v.t("board.published.claim")},
		{Label: v.t("board.published.source")},
		{Label: v.t("board.published.claimed"), Numeric: true},
		{Label: v.t("board.published.recomputed"), Numeric: true},
		{Label: v.t("board.published.known")},
		{Label: v.t("board.published.outcome")},
	}}
	for _, c := range all {
		tone := ui.Neutral
		switch c.Outcome {
		case readiness.Equal:
			tone = ui.Good
		case readiness.Differs:
			tone = ui.Bad
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: v.in(c.Claim.Text)},
			{Text: c.Claim.Source},
			{Text: v.claimed(c)},
			{Text: v.recomputed(c), Href: plain(v.Campaign.ID, "figure/"+c.Claim.Figure.Block+"/"+c.Claim.Figure.Figure) + knownOn(c)},
			{Text: v.known(c)},
			{Body: ui.Tag(tone, v.t("readiness.outcome."+string(c.Outcome)))},
		}})
	}
	return t
}

func (v *view) claimed(c readiness.Compared) string {
	if c.Claim.Value == nil {
		return "–"
	}
	out := v.p.Int(int64(*c.Claim.Value))
	if c.Claim.Of != nil {
		out += "/" + v.p.Int(int64(*c.Claim.Of))
	}
	return out
}

// known is the day up to which was known what was recomputed.
func (v *view) known(c readiness.Compared) string {
	if c.KnownOn.IsZero() {
		return "–"
	}
	return v.p.Date(c.KnownOn)
}

func knownOn(c readiness.Compared) string {
	if c.KnownOn.IsZero() {
		return ""
	}
	return "?known=" + c.KnownOn.String()
}

func (v *view) recomputed(c readiness.Compared) string {
	if c.Outcome == readiness.NotRecomputable {
		return "–"
	}
	return v.p.Int(int64(c.Recomputed)) + "/" + v.p.Int(int64(c.RecomputedOf))
}

// answeredGroups are the groups of which somebody has answered.
func (v *view) answeredGroups() []string {
	var out []string
	for _, g := range v.groups() {
		if len(v.Figures.Block(g).Answered) > 0 {
			out = append(out, g)
		}
	}
	return out
}
