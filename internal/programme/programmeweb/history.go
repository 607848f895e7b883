package programmeweb

import (
	"context"
	"strings"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/ui"
	"dean06/internal/programme"
)

// factsOf says what a version is, in words, one under the other.
func (p *Pages) factsOf(ctx context.Context, b *programme.Book) func(d *programme.Doc) []ui.Fact {
	return func(d *programme.Doc) []ui.Fact {
		switch {
		case d.Task != nil:
			out := []ui.Fact{
				{Key: t(ctx, "task.code"), Value: d.Task.Code},
				{Key: t(ctx, "task.title"), Value: d.Task.Title},
				{Key: t(ctx, "done.withdrawn"), Value: d.Task.Ended},
			}
			if parent, ok := b.Task(d.Task.Parent); ok {
				out = append(out, ui.Fact{Key: t(ctx, "task.parent"), Value: parent.Code + " " + parent.Title})
			}
			out = append(out, p.taskFacts(ctx, b, d.Task)...)
			return append(out, ui.Fact{Key: t(ctx, "sets.title"), Value: p.setTexts(ctx, d.Task)})
		case d.Directive != nil:
			return p.directiveFacts(ctx, d.Directive)
		case d.Record != nil:
			if k, ok := p.Service.Kinds.Kind(d.Record.Kind); ok {
				out := append([]ui.Fact{{Key: t(ctx, "row.title"), Value: d.Record.Title}}, p.recordFacts(ctx, k, d.Record)...)
				if d.Record.Gone {
					out = append(out, ui.Fact{Key: t(ctx, "row.gone"), Value: t(ctx, "yes_no.yes")})
				}
				return out
			}
		}
		return nil
	}
}

// differences says what one version has otherwise than the one before it.
func differences(ctx context.Context, before, after []ui.Fact) []string {
	var out []string
	was, is := map[string]string{}, map[string]string{}
	add := func(into map[string]string, f ui.Fact) { // of several with one name, all
		if into[f.Key] != "" {
			f.Value = into[f.Key] + "; " + f.Value
		}
		into[f.Key] = f.Value
	}
	for _, f := range before {
		add(was, f)
	}
	for _, f := range after {
		add(is, f)
	}
	seen := map[string]bool{}
	said := func(s string) string {
		if s == "" {
			return t(ctx, "history.empty")
		}
		return s
	}
	for _, f := range append(after[:len(after):len(after)], before...) {
		if !seen[f.Key] && was[f.Key] != is[f.Key] {
			out = append(out, f.Key+": "+said(was[f.Key])+" → "+said(is[f.Key]))
		}
		seen[f.Key] = true
	}
	return out
}

// versions is what something was, the last above: each with what it has otherwise.
func (p *Pages) versions(ctx context.Context, history []programme.Doc, facts func(*programme.Doc) []ui.Fact) part {
	out := part{Title: t(ctx, "history")}
	for i := range history {
		d := &history[i]
		e := ui.Event{Title: t(ctx, "history.version", map[string]any{"n": d.Version}), By: d.By.Name, At: d.At}
		switch {
		case i+1 < len(history):
			e.Text = strings.Join(differences(ctx, facts(&history[i+1]), facts(d)), "\n")
		default:
			e.Text = t(ctx, "history.first")
		}
		if e.Text == "" {
			e.Text = t(ctx, "history.same")
		}
		out.Events = append(out.Events, e)
	}
	return out
}

// moved says what others changed since the version that somebody saw, and which it is now:
// what they typed stays, and saved once more it is theirs that holds. Any other error is as
// it was.
func (p *Pages) moved(
	ctx context.Context, err error, kind programme.DocKind, id string, seen int, facts func(*programme.Doc) []ui.Fact,
) (version int, told error) {
	if f := fault.As(err); f == nil || f.Key != "programme.moved" || id == "" {
		return seen, err
	}
	history, lookErr := p.Service.Versions(ctx, who(ctx), kind, id)
	if lookErr != nil {
		return seen, err
	}
	for i := range history {
		if history[i].Version != seen {
			continue
		}
		what := strings.Join(differences(ctx, facts(&history[i]), facts(&history[0])), "; ")
		if what == "" {
			what = t(ctx, "history.same")
		}
		return history[0].Version, fault.New(fault.Conflict, "prog.moved", fault.Args{"by": history[0].By.Name, "what": what})
	}
	return seen, err
}
