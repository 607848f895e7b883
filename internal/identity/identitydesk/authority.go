package identitydesk

import (
	"context"
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"dean06/internal/identity"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

// accounts is how many there are, by kind, level and state, and by province.
func (p *Pages) accounts(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	counts, err := p.Service.Counts(ctx, who(r))
	if err != nil {
		return err
	}
	places, err := p.Service.CountsByPlace(ctx, who(r), "")
	if err != nil {
		return err
	}
	v := p.page(r, "accounts", "")
	v.Wide = true
	n := i18n.From(ctx)
	table := ui.Table{
		ID: "kinds", Caption: t(ctx, "accounts.kinds"), Stack: true, Columns: columns(ctx, "kind", "level", "state", "accounts.n"),
		Empty: ui.Empty(t(ctx, "accounts.none"), ui.Link{}),
	}
	table.Columns[3].Numeric = true
	for _, c := range counts {
		table.Rows = append(table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: n.T(c.Kind.Key())}, {Text: n.T(c.Level.Key())}, {Text: n.T(c.State.Key())}, {Text: n.Int(int64(c.N))},
		}})
	}
	if identity.Permissions.Can(who(r), identity.Inspect) == nil {
		v.Before = []templ.Component{ui.Button(ui.Action{Label: t(ctx, "inspect"), Href: inspectPath, Look: ui.Secondary})}
	}
	exact := func(n int) int { return n }
	v.After = []templ.Component{ui.DataTable(table), ui.DataTable(placeTable(ctx, "provinces", places, exact, func(code string) string {
		return placesPath + "?province=" + url.QueryEscape(code)
	}))}
	return show(w, r, v, nil)
}

// places is how many there are in the communes of a province.
func (p *Pages) places(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	province := r.URL.Query().Get("province")
	if province == "" {
		return web.Redirect(w, r, AccountsPath)
	}
	all, err := p.Service.CountsByPlace(ctx, who(r), "")
	if err != nil {
		return err
	}
	places, err := p.Service.CountsByPlace(ctx, who(r), province)
	if err != nil {
		return err
	}
	v := p.page(r, "places", AccountsPath)
	v.Wide = true
	for _, l := range all {
		if l.Code == province {
			v.Title = t(ctx, "places.of", map[string]any{"name": l.Name})
		}
	}
	v.After = []templ.Component{ui.DataTable(placeTable(ctx, "communes", places, identity.Rounded, nil))}
	return show(w, r, v, nil)
}

// placeTable is the counts of places, as count tells them.
func placeTable(ctx context.Context, id string, lines []identity.PlaceLine, count func(int) int, href func(code string) string) ui.Table {
	table := ui.Table{
		ID: id, Caption: t(ctx, "accounts."+id), Stack: true, Empty: ui.Empty(t(ctx, "accounts.none"), ui.Link{}),
		Columns: columns(ctx, "accounts.place", "accounts.two", "accounts.one", "accounts.shut", "accounts.all"),
	}
	for i := range table.Columns {
		table.Columns[i].Numeric = i > 0
	}
	cell := func(n int) ui.Cell {
		if n = count(n); n < 0 {
			return ui.Cell{Text: t(ctx, "accounts.few")}
		}
		return ui.Cell{Text: i18n.From(ctx).Int(int64(n))}
	}
	for _, l := range lines {
		name := ui.Cell{Text: l.Name}
		switch {
		case l.Code == "":
			name.Text = t(ctx, "accounts.unknown")
		case href != nil:
			name.Href = href(l.Code)
		}
		table.Rows = append(table.Rows, ui.Row{Cells: []ui.Cell{name, cell(l.Two), cell(l.One), cell(l.Shut), cell(l.All())}})
	}
	return table
}

// inspect asks which account, and why.
func (p *Pages) inspect(w http.ResponseWriter, r *http.Request) error {
	return show(w, r, p.inspectForm(r, web.Form{}, nil), nil)
}

func (p *Pages) inspectForm(r *http.Request, form web.Form, faults fault.List) view {
	ctx := r.Context()
	q := asked{ctx, form, faults}
	v := p.page(r, "inspect", AccountsPath)
	v.Errors = faults
	byID := func(f *ui.Field) {
		f.Options = append(f.Options, ui.Option{Value: byAccount, Label: t(ctx, "inspect.account")})
		f.Inline, f.Small = false, true
	}
	v.Form = newForm(inspectPath, []templ.Component{
		ui.Radios(q.field("kind", q.kinds(identity.Citizen, identity.Foreigner, identity.Organisation), byID)),
		ui.Text(q.field("number", func(f *ui.Field) { f.Hint, f.Width = t(ctx, "inspect.number.hint"), 30 })), ui.Text(q.field("purpose")),
	}, ui.Action{Label: t(ctx, "inspect.do")})
	return v
}

// byAccount says that an account is named by its id, as logs have it.
const byAccount = "account"

func (p *Pages) inspectPost(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	st, err := p.standing(r, form)
	if err != nil {
		return again(w, r, err, func(faults fault.List) (view, error) { return p.inspectForm(r, form, faults), nil })
	}
	return show(w, r, p.standingView(r, st, nil), nil)
}

func (p *Pages) standing(r *http.Request, form web.Form) (identity.Standing, error) {
	ctx, why := r.Context(), form.Text("purpose")
	if form.Text("kind") != byAccount {
		h, err := identity.ParseHolder(identity.Kind(form.Text("kind")), form.Text("number"))
		if err != nil {
			return identity.Standing{}, err
		}
		return p.Service.InspectHolder(ctx, who(r), h, why)
	}
	st, err := p.Service.Inspect(ctx, who(r), form.Text("number"), why)
	if f := fault.As(err); f != nil && f.Kind == fault.NotFound {
		return st, f.At("number")
	}
	return st, err
}

// standingView is how an account stands, without a fact of its holder, and what the authority can decide.
func (p *Pages) standingView(r *http.Request, st identity.Standing, faults fault.List) view {
	ctx := r.Context()
	a, n := st.Account, i18n.From(ctx)
	v := p.page(r, "standing", inspectPath)
	v.Errors = faults
	state := n.T(a.State.Key())
	if key := a.WhyKey(); key != "" {
		state += " – " + n.T(key)
	}
	v.Before = []templ.Component{ui.SummaryList([]ui.Fact{
		{Key: t(ctx, "kind"), Value: n.T(a.Holder.Kind.Key())},
		{Key: t(ctx, "number"), Value: a.Holder.String()},
		{Key: t(ctx, "level"), Value: n.T(a.Level.Key())},
		{Key: t(ctx, "state"), Value: state},
		{Key: t(ctx, "standing.devices"), Value: n.Int(int64(st.Devices))},
		{Key: t(ctx, "standing.id"), Value: a.ID},
	})}
	q := asked{ctx, web.Form{}, faults}
	what := ""
	switch {
	case a.State == identity.Active || a.State == identity.Suspended && a.ByHolder:
		what = wantSuspend
	case a.State == identity.Suspended:
		what = wantReopen
	}
	if what != "" {
		look := ui.Warning
		if what == wantReopen {
			look = ui.Primary
		}
		reason := ui.Text(q.field("purpose", func(f *ui.Field) { f.Label, f.Hint = t(ctx, "standing.reason"), t(ctx, "standing.reason.hint") }))
		v.Form = newForm(AccountsPath+"/"+url.PathEscape(a.ID)+"/decide", []templ.Component{heading(t(ctx, "standing.decide")), reason},
			ui.Action{Label: t(ctx, "standing."+what), Look: look, Name: "what", Value: what})
	}
	events := make([]ui.Event, len(st.Entries))
	for i, e := range st.Entries {
		// What it says of others is left out, and so is what was told of the holder.
		events[i] = ui.Event{Title: n.T("identity.entry."+e.What, map[string]any{"client": e.Client, "claims": "…", "reason": "…"}), At: e.At}
	}
	v.After = []templ.Component{heading(t(ctx, "standing.steps")), ui.Timeline(events)}
	return v
}

// decide suspends an account, or reopens it, with a reason that its holder reads.
func (p *Pages) decide(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	id, why := r.PathValue("account"), form.Text("purpose")
	do, said := p.Service.SuspendBy, "identity.office.standing.suspended"
	if form.Text("what") == wantReopen {
		do, said = p.Service.ReopenBy, "identity.office.standing.reopened"
	}
	if err := do(r.Context(), who(r), id, why); err != nil {
		return again(w, r, err, func(faults fault.List) (view, error) {
			v := p.inspectForm(r, web.Form{}.With(url.Values{"kind": {byAccount}, "number": {id}}), faults)
			v.Lead = t(r.Context(), "standing.again")
			return v, nil
		})
	}
	return web.RedirectWith(w, r, inspectPath, said, nil)
}
