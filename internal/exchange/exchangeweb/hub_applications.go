package exchangeweb

import (
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"dean06/internal/exchange"
	"dean06/internal/exchange/centre"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/xroad"
)

func (p *Hub) applications(w http.ResponseWriter, r *http.Request) error {
	reg, err := p.register(r)
	if err != nil {
		return err
	}
	pr := in(r)
	v := p.page(r, reg, pr.t("hub.applications.title"))
	v.Stat = pr.t("hub.applications.stat", args{"n": len(reg.Applications)})
	t := ui.Table{
		ID: "applications", Caption: pr.t("hub.applications.title"), Quiet: true, Columns: []ui.Column{
			{Label: pr.t("application.what")}, {Label: pr.t("member")}, {Label: pr.t("gateway")}, {Label: pr.t("application.at")},
		},
		Empty: ui.Empty(pr.t("hub.applications.empty"), ui.Link{Label: pr.t("hub.applications.members"), Href: "/exchange/members"}),
	}
	for _, a := range reg.Applications {
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Body: coded(p.wish(pr, reg, a), a.Entry.Key, "/exchange/applications/"+a.ID)},
			{Text: nameOf(reg, exchange.MemberEntry, a.Entry.Member.String())},
			{Text: a.Gateway},
			{Text: pr.when(a.At)},
		}})
	}
	v.Add(ui.DataTable(t))
	return render(w, r, v)
}

// wish says in words what is asked for.
func (p *Hub) wish(pr words, reg centre.Register, a exchange.Application) string {
	key := "application.enter."
	if _, ok := reg.Find(a.Entry.Kind, a.Entry.Key); ok {
		key = "application.change."
	}
	return pr.t(key+string(a.Entry.Kind), args{"name": a.Entry.Name})
}

func (p *Hub) application(w http.ResponseWriter, r *http.Request) error {
	v, err := p.applicationView(r, begin())
	if err != nil {
		return err
	}
	return render(w, r, v)
}

func (p *Hub) applicationView(r *http.Request, t typed) (view, error) {
	reg, err := p.register(r)
	if err != nil {
		return view{}, err
	}
	a, err := p.Centre.Application(r.Context(), p.Actor(r), r.PathValue("id"))
	if err != nil {
		return view{}, err
	}
	pr := in(r)
	v := p.page(r, reg, p.wish(pr, reg, a))
	v.Lead = nameOf(reg, exchange.MemberEntry, a.Entry.Member.String())
	v.Crumbs = []ui.Link{{Label: pr.t("hub.applications.title"), Href: "/exchange/applications"}}
	facts := []ui.Fact{
		{Key: pr.t("entry.key"), Value: a.Entry.Key},
		{Key: pr.t("entry.name"), Value: a.Entry.Name},
		{Key: pr.t("application.gateway"), Value: a.Gateway},
		{Key: pr.t("application.at"), Value: pr.when(a.At)},
	}
	add := func(key, value string) {
		if value != "" {
			facts = append(facts, ui.Fact{Key: pr.t(key), Value: value})
		}
	}
	add("entry.address", a.Entry.Address)
	if a.Entry.Type != "" {
		add("entry.type", typeName(pr, a.Entry.Type))
	}
	add("application.note", a.Note)
	if a.State != exchange.Pending {
		add("application.state", pr.t("application.state."+string(a.State)))
		add("application.decided", p.who(r, a.DecidedBy, a.DecidedAt)+", "+pr.when(a.DecidedAt))
		add("entry.reason", a.Reason)
	}
	v.Add(ui.SummaryList(facts))
	if old, ok := reg.Find(a.Entry.Kind, a.Entry.Key); ok && a.State == exchange.Pending {
		v.Add(ui.Changes("changes", pr.t("application.changes"), pr.t("application.now"), pr.t("application.then"), changes(pr, old, a.Entry)))
	}
	if a.Entry.Kind == exchange.ServiceOffered {
		v.Add(endpoints(pr, "endpoints", a.Entry.Endpoints))
		if len(a.Entry.OpenAPI) > 0 {
			v.Add(ui.Fold(pr.t("openapi"), ui.Lines(clipText(string(a.Entry.OpenAPI), 40000))))
		}
	}
	switch {
	case a.State != exchange.Pending:
	case !p.may(r):
		v.Add(ui.Para(pr.t("hub.who")))
	default:
		v.Add(p.settleForm(pr, a, t))
	}
	return v, nil
}

func (p *Hub) settleForm(pr words, a exchange.Application, t typed) templ.Component {
	return form("/exchange/applications/"+a.ID, nil, components(
		t.area(ui.Field{Name: "reason", Label: pr.t("application.reason"), Hint: pr.t("application.reason.hint"), Rows: 3}),
	), ui.Action{Label: pr.t("application.approve"), Name: "do", Value: "approve"},
		ui.Action{Label: pr.t("application.refuse"), Look: ui.Warning, Name: "do", Value: "refuse"})
}

func (p *Hub) settle(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	approve := f.Text("do") == "approve"
	if err := p.Centre.Settle(r.Context(), p.Actor(r), r.PathValue("id"), approve, f.Text("reason")); err != nil {
		return retry(w, r, err, func() (view, error) { return p.applicationView(r, again(f, err)) })
	}
	done := "exchangeweb.application.done.refused"
	if approve {
		done = "exchangeweb.application.done.approved"
	}
	return web.RedirectWith(w, r, "/exchange/applications", done, nil)
}

// changes are what differs between an entry as it is and as it should become.
func changes(pr words, old, to exchange.Entry) []ui.Change {
	var out []ui.Change
	add := func(key, a, b string) {
		if a != b {
			out = append(out, ui.Change{Label: pr.t(key), Old: a, New: b})
		}
	}
	add("entry.name", old.Name, to.Name)
	add("entry.address", old.Address, to.Address)
	add("entry.type", old.Type, to.Type)
	add("entry.subsystems", joinIDs(old.Subsystems), joinIDs(to.Subsystems))
	add("endpoints", joinEndpoints(old.Endpoints), joinEndpoints(to.Endpoints))
	return out
}

func joinIDs(list []xroad.ID) string {
	out := make([]string, len(list))
	for i, id := range list {
		out[i] = id.String()
	}
	return strings.Join(out, ", ")
}

func joinEndpoints(list []exchange.Endpoint) string {
	out := make([]string, len(list))
	for i, e := range list {
		out[i] = e.Method + " " + e.Path
	}
	return strings.Join(out, ", ")
}

func clipText(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}
