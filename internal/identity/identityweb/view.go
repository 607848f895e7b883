package identityweb

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"dean06/internal/identity"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
)

// withScript is a page on which a key is used.
func withScript(p ui.Page) ui.Page {
	p.Head = keyScript()
	return p
}

func kinds(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, k := range []identity.Kind{identity.Citizen, identity.Foreigner, identity.Organisation} {
		out = append(out, ui.Option{Value: string(k), Label: i18n.T(ctx, k.Key())})
	}
	return out
}

// demoTable offers the people of the demo: those whom the service knows that is signed in to,
// else all. One click does what typing number and password would.
func demoTable(ctx context.Context, demo []DemoHolder, a aim) ui.Table {
	table := ui.Table{
		ID: "demo", Caption: t(ctx, "demo"), Dense: true, Stack: true,
		Columns: []ui.Column{{Label: t(ctx, "demo.who")}, {Label: t(ctx, "demo.what")}, {Label: t(ctx, "number")}, {Label: t(ctx, "password")}},
	}
	client := a.want.Client.ID
	known := func(p DemoPlace) bool { return client == "" || p.Client == client }
	somebody := slices.ContainsFunc(demo, func(d DemoHolder) bool { return slices.ContainsFunc(d.At, known) })
	for _, d := range demo {
		if somebody && !slices.ContainsFunc(d.At, known) {
			continue
		}
		var what []string
		for _, p := range d.At {
			text := p.What.In(string(i18n.From(ctx).Lang))
			if known(p) && !slices.Contains(what, text) {
				what = append(what, text)
			}
		}
		table.Rows = append(table.Rows, ui.Row{Cells: []ui.Cell{
			{Body: demoEnter(a, d)}, {Text: strings.Join(what, "; ")}, {Text: d.Number}, {Text: d.Password},
		}})
	}
	return table
}

// siteOf is the service that a QR signs in to.
func siteOf(ctx context.Context, q identity.QR) string {
	if name := q.Site.In(string(i18n.From(ctx).Lang)); name != "" {
		return name
	}
	return t(ctx, "qr.own")
}

func numbers(q identity.QR) []ui.Option {
	var out []ui.Option
	for _, n := range q.Choice {
		out = append(out, ui.Option{Value: strconv.Itoa(n), Label: strconv.Itoa(n)})
	}
	return out
}

// claims are what is told, as people call it.
func claims(ctx context.Context, list []string) string {
	return identity.ClaimNames(i18n.From(ctx), list)
}

// purposes are what a service asks for, with what it is told and for how long.
func purposes(ctx context.Context, needs []identity.Need) []ui.Option {
	lang := string(i18n.From(ctx).Lang)
	var out []ui.Option
	for _, n := range needs {
		days := n.Purpose.Days
		if days == 0 {
			days = 365
		}
		out = append(out, ui.Option{Value: n.Purpose.Code, Label: n.Purpose.Text.In(lang), Hint: t(ctx, "agree.hint", map[string]any{
			"claims": claims(ctx, n.Claims), "days": days, "basis": n.Purpose.Basis,
		})})
	}
	return out
}

// sinceOr is a day, or a word for never.
func sinceOr(ctx context.Context, at time.Time) string {
	if at.IsZero() {
		return t(ctx, "never")
	}
	return i18n.From(ctx).Time(at)
}

// recoveryText says how far a way back has come.
func recoveryText(ctx context.Context, r identity.Recovery) string {
	switch {
	case r.How == identity.AtDesk:
		return t(ctx, "recovery.desk")
	case r.ReadyAt.IsZero():
		return t(ctx, "recovery.one")
	}
	return t(ctx, "recovery.waits", map[string]any{"when": i18n.From(ctx).Time(r.ReadyAt)})
}

// columns are those of a table, by the keys of their heads.
func columns(ctx context.Context, keys ...string) []ui.Column {
	out := make([]ui.Column, len(keys))
	for i, key := range keys {
		out[i] = ui.Column{Label: t(ctx, key)}
	}
	return out
}
