package exchangeweb

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/a-h/templ"

	"dean06/internal/exchange"
	"dean06/internal/exchange/centre"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/xroad"
)

// HubShell is what the centre's pages need from the node around them.
type HubShell struct {
	Centre *centre.Centre
	Frame  web.FrameFunc
	// Actor is who acts in a request; the zero Actor when nobody is signed in.
	Actor func(*http.Request) actor.Actor
	Names Names
	// URL is where gateways reach this node: what a joiner types after --hub.
	URL string
}

// Hub is the centre's pages.
type Hub struct{ HubShell }

// NewHub makes them.
func NewHub(s HubShell) *Hub { return &Hub{s} }

// Routes are the addresses of the centre's pages.
func (p *Hub) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /exchange", Handler: p.overview, May: "centre.read"},
		{Pattern: "GET /exchange/applications", Handler: p.applications, May: "centre.read"},
		{Pattern: "GET /exchange/applications/{id}", Handler: p.application, May: "centre.read"},
		{Pattern: "POST /exchange/applications/{id}", Handler: p.settle, May: "centre.settle"},
		{Pattern: "GET /exchange/members", Handler: p.members, May: "centre.read"},
		{Pattern: "GET /exchange/services", Handler: p.services, May: "centre.read"},
		{Pattern: "GET /exchange/groups", Handler: p.groups, May: "centre.read"},
		{Pattern: "GET /exchange/new/{kind}", Handler: p.newEntry, May: "centre.register"},
		{Pattern: "POST /exchange/new/{kind}", Handler: p.newEntryPost, MaxBody: exchange.MaxOpenAPI + 1<<20, May: "centre.register"},
		{Pattern: "GET /exchange/entry/{kind}/{key...}", Handler: p.entry, May: "centre.read"},
		{Pattern: "POST /exchange/entry/{kind}/{key...}", Handler: p.entryPost, May: "centre.register"},
		{Pattern: "POST /exchange/edit/{kind}/{key...}", Handler: p.editPost, MaxBody: exchange.MaxOpenAPI + 1<<20, May: "centre.register"},
		{Pattern: "POST /exchange/revoke/{fingerprint}", Handler: p.revoke, May: "centre.revoke"},
		{Pattern: "GET /exchange/tokens", Handler: p.tokens, May: "centre.read"},
		{Pattern: "POST /exchange/tokens", Handler: p.tokensPost, May: "centre.invite"},
		{Pattern: "GET /exchange/tokens/new", Handler: p.newToken, May: "centre.invite"},
		{Pattern: "POST /exchange/tokens/new", Handler: p.newTokenPost, May: "centre.invite"},
		{Pattern: "GET /exchange/keys", Handler: p.keys, May: "centre.read"},
		{Pattern: "GET /exchange/configuration", Handler: p.configuration, May: "centre.read"},
	}
}

// who is the name of whoever did something.
func (p *Hub) who(r *http.Request, stored string, at time.Time) string {
	return called(r.Context(), p.Names, stored, at)
}

// register reads all, for a reader who may.
func (p *Hub) register(r *http.Request) (centre.Register, error) {
	return p.Centre.Register(r.Context(), p.Actor(r))
}

func (p *Hub) may(r *http.Request) bool {
	return centre.Permissions.Can(p.Actor(r), centre.ActRegister) == nil
}

// page starts a page with its row of subjects.
func (p *Hub) page(r *http.Request, reg centre.Register, title string) view {
	w := in(r)
	page := p.Frame(r).Page(title)
	page.Wide = true
	item := func(key, href string, n int) {
		page.Sub = append(page.Sub, ui.NavItem{Label: w.t("hub.nav." + key), Href: href, Count: n})
	}
	item("overview", "/exchange", 0)
	item("applications", "/exchange/applications", len(reg.Applications))
	item("members", "/exchange/members", 0)
	item("services", "/exchange/services", 0)
	item("groups", "/exchange/groups", 0)
	item("tokens", "/exchange/tokens", 0)
	item("keys", "/exchange/keys", 0)
	item("configuration", "/exchange/configuration", 0)
	return view{Page: page}
}

// entryPath is the page of an entry.
func entryPath(kind exchange.EntryKind, key string) string {
	return "/exchange/entry/" + string(kind) + "/" + (&url.URL{Path: key}).EscapedPath()
}

// gravity orders the conditions of gateways, the gravest first.
var gravity = []centre.Condition{
	centre.GatewayAlarm, centre.GatewayExpired, centre.GatewayExpiring, centre.GatewayAway,
	centre.GatewaySuspended, centre.GatewayDebt, centre.GatewayFine, centre.GatewayWithdrawn,
}

func statusOf(c centre.Condition) ui.Status {
	switch c {
	case centre.GatewayFine:
		return ui.Met
	case centre.GatewayAlarm:
		return ui.Contradicted
	case centre.GatewayDebt, centre.GatewayAway, centre.GatewayExpiring:
		return ui.Partial
	}
	return ui.NotMet
}

func (p *Hub) overview(w http.ResponseWriter, r *http.Request) error {
	reg, err := p.register(r)
	if err != nil {
		return err
	}
	pr := in(r)
	v := p.page(r, reg, pr.t("hub.overview.title"))
	gateways := slices.DeleteFunc(
		reg.Of(exchange.GatewayEntry, xroad.ID{}), func(e exchange.Entry) bool { return e.State == exchange.Withdrawn },
	)
	connected, fine := map[xroad.ID]bool{}, 0
	for _, g := range gateways {
		switch c := reg.Condition(g); c {
		case centre.GatewayFine, centre.GatewayDebt, centre.GatewayExpiring:
			connected[g.Member] = true
			if c == centre.GatewayFine {
				fine++
			}
		}
	}
	members := active(reg.Of(exchange.MemberEntry, xroad.ID{}))
	v.Stat = pr.t("hub.overview.stat", args{"n": len(connected), "of": len(members), "waiting": len(reg.Applications)})
	v.Proof = ui.Link{Label: pr.t("hub.overview.proof"), Href: "/exchange/members"}
	if len(reg.Applications) > 0 {
		v.Proof = ui.Link{Label: pr.t("hub.overview.decide"), Href: "/exchange/applications"}
	}
	for _, a := range reg.Alarms[:min(len(reg.Alarms), 3)] {
		v.Add(ui.WarningText(alarmText(pr, a)))
	}
	for _, g := range gateways {
		if rep := reg.Reports[g.Key]; rep.Serial > reg.Last.Serial {
			v.Add(ui.WarningText(pr.t("hub.ahead", args{"gateway": g.Key, "n": rep.Serial, "hub": reg.Last.Serial})))
			break
		}
	}
	if conf := (exchange.Configuration{StaleAfter: reg.Last.StaleAfter, ValidUntil: reg.Last.ValidUntil}); reg.Last.Serial == 0 ||
		conf.FreshAt(reg.At) != exchange.Fresh {
		v.Add(ui.WarningText(pr.t("hub.stale")))
	}
	v.Add(ui.Figures([]ui.Figure{
		{Label: pr.t("hub.figure.members"), Value: pr.Int(int64(len(members))), Href: "/exchange/members"},
		{
			Label: pr.t("hub.figure.gateways"), Value: pr.Int(int64(fine)) + "/" + pr.Int(int64(len(gateways))),
			Note: pr.t("hub.figure.gateways.note"),
		},
		{
			Label: pr.t("hub.figure.services"), Value: pr.Int(int64(len(active(reg.Of(exchange.ServiceOffered, xroad.ID{}))))),
			Href: "/exchange/services",
		},
		{Label: pr.t("hub.figure.serial"), Value: pr.Int(reg.Last.Serial), Note: pr.when(reg.Last.IssuedAt), Href: "/exchange/configuration"},
	}), p.gatewayTable(r, pr, reg, gateways))
	return render(w, r, v)
}

func active(list []exchange.Entry) []exchange.Entry {
	return slices.DeleteFunc(list, func(e exchange.Entry) bool { return e.State != exchange.Active })
}

// nameOf is the name of an entry, or its key.
func nameOf(reg centre.Register, kind exchange.EntryKind, key string) string {
	if e, ok := reg.Find(kind, key); ok && e.Name != "" {
		return e.Name
	}
	return key
}

func (p *Hub) gatewayTable(r *http.Request, pr words, reg centre.Register, list []exchange.Entry) templ.Component {
	t := ui.Table{
		ID: "gateways", Stack: true, Caption: pr.t("hub.gateways"), Columns: []ui.Column{
			{Label: pr.t("gateway")},
			{Label: pr.t("member")},
			{Label: pr.t("condition")},
			{Label: pr.t("certificate.until")},
			{Label: pr.t("report.last")},
			{Label: pr.t("report.log"), Numeric: true},
		},
		Empty: nothing(p.may(r), pr.t("hub.gateways.empty"), ui.Link{Label: pr.t("hub.token.new"), Href: "/exchange/tokens/new"}),
	}
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b exchange.Entry) int {
		return cmp.Compare(slices.Index(gravity, reg.Condition(a)), slices.Index(gravity, reg.Condition(b)))
	})
	for _, g := range list {
		c := reg.Condition(g)
		until := "–"
		if certs := reg.CertificatesOf(g.Key); len(certs) > 0 {
			until = pr.day(certs[0].Until)
		}
		rep, heard := reg.Reports[g.Key]
		size := "–"
		if heard {
			size = pr.Int(rep.LogSize)
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Body: coded(g.Key, g.Address, entryPath(g.Kind, g.Key))},
			{Text: nameOf(reg, exchange.MemberEntry, g.Member.String()), Href: entryPath(exchange.MemberEntry, g.Member.String())},
			{Body: ui.StatusText(statusOf(c), pr.t("condition."+string(c)))},
			{Text: until},
			{Text: pr.when(rep.At)},
			{Text: size},
		}})
	}
	return ui.DataTable(t)
}
