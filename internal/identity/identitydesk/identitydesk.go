// Package identitydesk is the pages of people who work with identities and hold an account of
// the node: the officer at a desk, the authority's operator and auditor, and who keeps the
// clients of an agency. All rules are in package identity.
//
// What is shown once (the code for a way in, a client's secret) is the answer to the post
// itself. No address holds a number: it stands in the form.
package identitydesk

import (
	"context"
	"embed"
	"io/fs"
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"dean06/internal/identity"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/session"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

//go:embed messages/*.json
var messages embed.FS

// Messages are the texts of the pages.
var Messages, _ = fs.Sub(messages, "messages")

// Pages are the pages of one authority.
type Pages struct {
	Service *identity.Service
	Frame   web.FrameFunc
	// Agency names an agency of a code; nil, or "" when it is not known.
	Agency func(code string) string
}

// The addresses of the pages.
const (
	DeskPath         = "/identity/desk"
	personPath       = DeskPath + "/person"
	foreignerPath    = DeskPath + "/foreigner"
	organisationPath = DeskPath + "/organisation"
	accountPath      = DeskPath + "/account"

	AccountsPath = "/identity/accounts"
	placesPath   = AccountsPath + "/places"
	inspectPath  = AccountsPath + "/inspect"

	ClientsPath = "/identity/clients"
	newPath     = ClientsPath + "/new"
)

// Routes are the pages.
func (p *Pages) Routes() []web.Route {
	var out []web.Route
	add := func(action identity.Action, routes ...web.Route) {
		for _, r := range routes {
			r.Handler, r.May = guard(action, r.Handler), identity.Permissions.Module+"."+string(action)
			out = append(out, r)
		}
	}
	add(identity.Identify,
		web.Route{Pattern: "GET " + DeskPath, Handler: p.desk},
		web.Route{Pattern: "GET " + personPath, Handler: p.person},
		web.Route{Pattern: "POST " + personPath, Handler: p.personPost},
		web.Route{Pattern: "GET " + foreignerPath, Handler: p.foreigner},
		web.Route{Pattern: "POST " + foreignerPath, Handler: p.foreignerPost},
		web.Route{Pattern: "GET " + organisationPath, Handler: p.organisation},
		web.Route{Pattern: "POST " + organisationPath, Handler: p.organisationPost},
		web.Route{Pattern: "GET " + accountPath, Handler: p.account},
		web.Route{Pattern: "POST " + accountPath, Handler: p.accountPost},
	)
	add(identity.CountAll,
		web.Route{Pattern: "GET " + AccountsPath, Handler: p.accounts},
		web.Route{Pattern: "GET " + placesPath, Handler: p.places},
	)
	add(identity.Inspect,
		web.Route{Pattern: "GET " + inspectPath, Handler: p.inspect},
		web.Route{Pattern: "POST " + inspectPath, Handler: p.inspectPost},
	)
	add(identity.SuspendAny, web.Route{Pattern: "POST " + AccountsPath + "/{account}/decide", Handler: p.decide})
	one := ClientsPath + "/{client}"
	add(identity.SeeClients,
		web.Route{Pattern: "GET " + ClientsPath, Handler: p.clients},
		web.Route{Pattern: "GET " + one, Handler: p.client},
	)
	add(identity.RegisterClient,
		web.Route{Pattern: "GET " + newPath, Handler: p.clientNew},
		web.Route{Pattern: "POST " + newPath, Handler: p.clientNewPost},
		web.Route{Pattern: "GET " + one + "/change", Handler: p.clientChange},
		web.Route{Pattern: "POST " + one + "/change", Handler: p.clientChangePost},
		web.Route{Pattern: "POST " + one + "/keys", Handler: p.keyAdd},
		web.Route{Pattern: "POST " + one + "/keys/drop", Handler: p.keyDrop},
		web.Route{Pattern: "POST " + one + "/secret", Handler: p.secret},
	)
	add(identity.EndClient, web.Route{Pattern: "POST " + one + "/stop", Handler: p.clientStop})
	add(identity.ApproveClient,
		web.Route{Pattern: "POST " + one + "/approve", Handler: p.clientApprove},
		web.Route{Pattern: "POST " + one + "/refuse", Handler: p.clientRefuse},
	)
	return out
}

// guard asks the table before a page reads what was sent.
func guard(action identity.Action, h web.Handler) web.Handler {
	return session.Guard(h, func(_ *http.Request, by actor.Actor) error { return identity.Permissions.CanOwn(by, action, true) })
}

// view is a page: what it says, the form that it asks for, and what stands below.
type view struct {
	ui.Page
	Lead   string
	Before []templ.Component
	Form   *form
	After  []templ.Component
}

// form is a form with its fields in order.
type form struct {
	Action  string
	File    bool // takes one
	Hidden  [][2]string
	Fields  []templ.Component
	Buttons []ui.Action
}

// page starts a page; key is that of its title, and of its lead where there is one.
func (p *Pages) page(r *http.Request, key, back string) view {
	v := view{Page: p.Frame(r).Page(t(r.Context(), key)), Lead: has(r.Context(), key+".lead")}
	v.Back = back
	return v
}

// show renders a page, with the status of what went wrong.
func show(w http.ResponseWriter, r *http.Request, v view, err error) error {
	status := http.StatusOK
	if err != nil {
		status = web.Status(err)
	}
	return web.Render(w, r, status, viewPage(v))
}

// again shows a form once more with what went wrong; what no form can mend stays an error.
func again(w http.ResponseWriter, r *http.Request, err error, make func(fault.List) (view, error)) error {
	faults := web.FormErrors(err)
	if f := fault.As(err); faults == nil && f != nil {
		switch f.Kind {
		case fault.TooMany, fault.Unavailable, fault.Conflict:
			faults = fault.List{f}
		case fault.Denied, fault.NotFound: // of somebody or something that the form names
			if f.Field != "" || f.Key == "identity.recovery.own_desk" || f.Key == "identity.suspend.by_authority" || f.Key == "identity.client.same_person" {
				faults = fault.List{f}
			}
		}
	}
	if faults == nil {
		return err
	}
	v, viewErr := make(faults)
	if viewErr != nil {
		return viewErr
	}
	if v.Errors == nil {
		v.Errors = faults
	}
	return show(w, r, v, err)
}

// asked makes the fields of a form by their names: label and hint are messages, the value is
// what was sent.
type asked struct {
	ctx  context.Context
	form web.Form
	errs fault.List
}

// field is one of them; change sets what differs.
func (a asked) field(name string, change ...func(*ui.Field)) ui.Field {
	f := ui.Field{
		Name: name, Label: t(a.ctx, name), Hint: has(a.ctx, name+".hint"), Value: a.form.Text(name), Errors: a.errs, Autocomplete: "off",
	}
	f.Day, f.Month, f.Year = a.form.DateParts(name)
	for _, c := range change {
		c(&f)
	}
	return f
}

// Changes to fields.
func optional(f *ui.Field)        { f.Optional = true }
func numeric(f *ui.Field)         { f.InputMode, f.Width = "numeric", 20 }
func small(f *ui.Field)           { f.Width = 10 }
func lines(n int) func(*ui.Field) { return func(f *ui.Field) { f.Rows = n } }
func value(text string) func(*ui.Field) {
	return func(f *ui.Field) {
		if f.Value == "" {
			f.Value = text
		}
	}
}

// among offers choices whose names are messages below the field's own.
func (a asked) among(codes ...string) func(*ui.Field) {
	return func(f *ui.Field) {
		for _, c := range codes {
			key := f.Name + "." + c
			f.Options = append(f.Options, ui.Option{Value: c, Label: t(a.ctx, key), Hint: has(a.ctx, key+".hint")})
		}
	}
}

// kinds offers kinds of accounts.
func (a asked) kinds(list ...identity.Kind) func(*ui.Field) {
	return func(f *ui.Field) {
		f.Inline = true
		for _, k := range list {
			f.Options = append(f.Options, ui.Option{Value: string(k), Label: i18n.T(a.ctx, k.Key())})
		}
		if f.Value == "" {
			f.Value = string(list[0])
		}
	}
}

// tick is one box to tick.
func (a asked) tick(name string) templ.Component {
	f := ui.Field{Name: name, Label: t(a.ctx, name), Errors: a.errs, Values: a.form.Values(name)}
	f.Options = []ui.Option{{Value: "yes", Label: t(a.ctx, name+".yes"), Hint: has(a.ctx, name+".yes.hint")}}
	return ui.Checkboxes(f)
}

// fold hides a part of a form that few need, unless something is wrong in one of its fields.
func (a asked) fold(summary string, fields []string, parts ...templ.Component) templ.Component {
	if slices.ContainsFunc(a.errs, func(e *fault.Error) bool { return slices.Contains(fields, e.Field) }) {
		return templ.Join(append([]templ.Component{heading(summary)}, parts...)...)
	}
	return folded(summary, parts...)
}

// who is the one who acts.
func who(r *http.Request) actor.Actor { return session.Actor(r) }

// t is a text of the pages.
func t(ctx context.Context, key string, args ...map[string]any) string {
	return i18n.T(ctx, "identity.office."+key, args...)
}

// has is a text of the pages, or "" where there is none.
func has(ctx context.Context, key string) string {
	if !i18n.From(ctx).Has("identity.office." + key) {
		return ""
	}
	return t(ctx, key)
}

// columns are those of a table, by the keys of their heads.
func columns(ctx context.Context, keys ...string) []ui.Column {
	out := make([]ui.Column, len(keys))
	for i, key := range keys {
		out[i] = ui.Column{Label: t(ctx, key)}
	}
	return out
}
