package cleaningweb

import (
	"context"
	"net/url"

	"dean06/internal/cleaning"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
)

// sure says what is estimated of what was settled.
func sure(ctx context.Context, report *cleaning.Report) []string {
	out := []string{Estimated(ctx, report.Estimated, report.Bound)}
	if l := report.Learned; l.Taught > 0 {
		out = append(out, t(ctx, "batch.taught", map[string]any{"n": l.Taught, "code": l.TaughtBy}))
	}
	return out
}

// Checks is how many rows contradict themselves, by what.
func Checks(ctx context.Context, counts map[string]int) ui.Table {
	say, total := i18n.From(ctx), 0
	out := ui.Table{ID: "checks", Quiet: true, Dense: true, Columns: []ui.Column{
		{Label: t(ctx, "checks.what")}, {Label: t(ctx, "batch.rows"), Numeric: true},
	}}
	for _, name := range cleaning.Checks() {
		if n := counts[name]; n > 0 {
			total += n
			out.Rows = append(out.Rows, ui.Row{Cells: []ui.Cell{{Text: say.T("cleaning.checked." + name)}, {Text: say.Int(int64(n))}}})
		}
	}
	out.Caption = t(ctx, "checks.title", map[string]any{"n": total})
	return out
}

// work says what people found, and how they work, of all together.
func work(ctx context.Context, m cleaning.Measured) (out []string) {
	say := i18n.From(ctx)
	add := func(key string, args map[string]any) { out = append(out, t(ctx, "batch."+key, args)) }
	if m.Control > 0 {
		add("measured", map[string]any{
			"n": m.Control, "right": m.Right, "from": say.Float(100*m.Precision[0], 1), "to": say.Float(100*m.Precision[1], 1),
		})
	}
	if r := m.Recall; r != nil {
		add("recall", map[string]any{"from": say.Float(100*r.From, 1), "to": say.Float(100*r.To, 1), "open": r.Open})
	}
	switch {
	case m.Pace != nil:
		args := pace(say, m.Pace)
		args["reviewers"] = m.Reviewers
		add("speed", args)
	case m.Labels > 0:
		add("looked", map[string]any{"n": m.Labels, "reviewers": m.Reviewers})
	}
	if a := m.Agreement; a != nil {
		add("agreed", agreed(say, a))
		if a.HasKappa {
			add("kappa", map[string]any{"kappa": say.Float(a.Kappa, 2)})
		}
	}
	return out
}

// ownWork says to somebody how they work themselves.
func ownWork(ctx context.Context, o cleaning.Own) (out []string) {
	if o.Labels == 0 {
		return nil
	}
	say := i18n.From(ctx)
	add := func(key string, args map[string]any) { out = append(out, t(ctx, "own."+key, args)) }
	if o.Pace != nil {
		add("speed", pace(say, o.Pace))
	} else {
		add("looked", map[string]any{"n": o.Labels})
	}
	if o.Control > 0 {
		add("measured", map[string]any{"n": o.Control, "right": o.Right})
	}
	if o.Agreement != nil {
		add("agreed", agreed(say, o.Agreement))
	}
	return out
}

func pace(say *i18n.Printer, c *cleaning.Pace) map[string]any {
	return map[string]any{
		"n": c.Decisions, "seconds": say.Float(c.Seconds, 0), "from": say.Float(c.From, 0), "to": say.Float(c.To, 0), "hour": say.Float(c.PerHour, 0),
	}
}

func agreed(say *i18n.Printer, a *cleaning.Agreement) map[string]any {
	return map[string]any{
		"twice": a.Pairs, "agreed": a.Alike, "from": say.Float(100*a.Share[0], 0), "to": say.Float(100*a.Share[1], 0),
	}
}

// mostCommunes are listed, those first in which most waits.
const mostCommunes = 200

// communes is how many rows wait in each commune.
func (p *Pages) communes(ctx context.Context, s cleaning.Standing) ui.Table {
	say := i18n.From(ctx)
	out := ui.Table{ID: "communes", Caption: t(ctx, "communes.title"), Quiet: true, Dense: true, Columns: []ui.Column{
		{Label: t(ctx, "communes.commune")}, {Label: t(ctx, "communes.left"), Numeric: true}, {Label: t(ctx, "communes.of"), Numeric: true},
	}}
	for _, l := range s.Communes[:min(len(s.Communes), mostCommunes)] {
		name, left := ui.Cell{Text: t(ctx, "communes.none")}, ui.Cell{Text: say.Int(int64(l.Left))}
		if l.Commune != "" {
			name.Text = p.Desk.Register.Commune(l.Commune)
			if may(ctx, cleaning.Review) {
				query := "?commune=" + url.QueryEscape(l.Commune)
				name.Href = Path + "/" + s.Batch.ID + "/rows" + query
				if l.Left > 0 && s.Batch.State == cleaning.Reviewed {
					left.Href = Path + "/" + s.Batch.ID + "/review" + query
				}
			}
		}
		out.Rows = append(out.Rows, ui.Row{Cells: []ui.Cell{name, left, {Text: say.Int(int64(l.Of))}}})
	}
	return out
}
