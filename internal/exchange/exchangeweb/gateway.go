package exchangeweb

import (
	"cmp"
	"context"
	"net/http"
	"regexp"
	"slices"
	"time"

	"github.com/a-h/templ"

	"dean06/internal/exchange"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/health"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/xroad"
)

// GatewayShell is what the pages of a gateway need from the node around them.
type GatewayShell struct {
	Desk  *exchange.Desk
	Clock clock.Clock
	NewID func() string
	Frame web.FrameFunc
	// Actor is who acts in a request; the zero Actor when nobody is signed in.
	Actor func(*http.Request) actor.Actor
	Names Names
	// Fields are what a service can answer, for rights that grant some of them;
	// nil when the service does not say.
	Fields func(service xroad.ID) []Field
	// NameKey is the message with the name of what the node's modules answer or publish; ""
	// for other services. Nil knows none.
	NameKey func(service xroad.ID) string
	// Procedure names a purpose by its code, "" when it knows none; nil names none.
	Procedure func(ctx context.Context, code string) string
}

// Field is something that a service can answer. Key is the message with its name.
type Field struct{ Code, Key string }

// Gateway is the pages of a gateway, for its owner.
type Gateway struct{ GatewayShell }

// NewGateway makes them.
func NewGateway(s GatewayShell) *Gateway { return &Gateway{s} }

// Routes are the addresses of a gateway's pages.
func (p *Gateway) Routes() []web.Route {
	const upload = exchange.MaxOpenAPI + 1<<20
	return []web.Route{
		{Pattern: "GET /gateway", Handler: p.overview, May: "exchange.read"},
		{Pattern: "POST /gateway/doctor", Handler: p.doctor, May: "exchange.read"},
		{Pattern: "GET /gateway/restore", Handler: p.restore, May: "exchange.read"},
		{Pattern: "POST /gateway/restore", Handler: p.restorePost, May: "exchange.restore"},
		{Pattern: "POST /gateway/apply", Handler: p.apply, May: "exchange.offer"},
		{Pattern: "GET /gateway/services", Handler: p.services, May: "exchange.read"},
		{Pattern: "GET /gateway/services/new", Handler: p.newService, May: "exchange.offer"},
		{Pattern: "POST /gateway/services/new", Handler: p.newServicePost, MaxBody: upload, May: "exchange.offer"},
		{Pattern: "GET /gateway/services/{subsystem}/{service}", Handler: p.service, May: "exchange.read"},
		{Pattern: "POST /gateway/services/{subsystem}/{service}", Handler: p.servicePost, MaxBody: upload, May: "exchange.offer"},
		{Pattern: "GET /gateway/rights", Handler: p.rights, May: "exchange.read"},
		{Pattern: "GET /gateway/rights/new", Handler: p.newRight, May: "exchange.give"},
		{Pattern: "POST /gateway/rights/new", Handler: p.newRightPost, May: "exchange.give"},
		{Pattern: "GET /gateway/rights/{id}", Handler: p.right, May: "exchange.read"},
		{Pattern: "POST /gateway/rights/{id}/end", Handler: p.endRight, May: "exchange.end"},
		{Pattern: "GET " + groupsPath, Handler: p.groups, May: "exchange.read"},
		{Pattern: "GET " + groupsPath + "/new", Handler: p.newGroup, May: "exchange.group"},
		{Pattern: "POST " + groupsPath + "/new", Handler: p.newGroupPost, May: "exchange.group"},
		{Pattern: "GET " + groupsPath + "/{code}", Handler: p.group, May: "exchange.read"},
		{Pattern: "POST " + groupsPath + "/{code}", Handler: p.groupPost, May: "exchange.group"},
		{Pattern: "GET /gateway/limits", Handler: p.limits, May: "exchange.read"},
		{Pattern: "GET " + keysPath, Handler: p.keys, May: "exchange.read"},
		{Pattern: "POST " + keysPath + "/renew", Handler: p.renewKey, May: "exchange.renew"},
		{Pattern: "GET " + systemsPath, Handler: p.systems, May: "exchange.read"},
		{Pattern: "POST " + systemsPath, Handler: p.pinSystem, May: "exchange.local"},
		{Pattern: "POST " + systemsPath + "/{fingerprint}/remove", Handler: p.removeSystem, May: "exchange.local"},
		{Pattern: "GET /gateway/traffic", Handler: p.traffic, May: "exchange.log"},
		{Pattern: "GET /gateway/log", Handler: p.log, May: "exchange.log"},
		{Pattern: "GET /gateway/log/{seq}", Handler: p.record, May: "exchange.log"},
		{Pattern: "GET /gateway/log/{seq}/proof", Handler: p.proof, May: "exchange.prove"},
	}
}

// may says whether to show what leads to an action; whether it may be done, the desk says.
func (p *Gateway) may(r *http.Request, do exchange.Action) bool {
	return exchange.Permissions.Can(p.Actor(r), do) == nil
}

func (p *Gateway) who(r *http.Request, stored string, at time.Time) string {
	return called(r.Context(), p.Names, stored, at)
}

// page starts a page for a reader who may.
func (p *Gateway) page(r *http.Request, title string) (view, error) {
	if err := exchange.Permissions.Can(p.Actor(r), exchange.ActRead); err != nil {
		return view{}, err
	}
	pr := in(r)
	page := p.Frame(r).Page(title)
	page.Wide = true
	for _, item := range []string{"", "/services", "/rights", "/groups", "/limits", "/systems", "/keys", "/traffic", "/log"} {
		page.Sub = append(page.Sub, ui.NavItem{Label: pr.t("gw.nav" + dotted(item)), Href: "/gateway" + item})
	}
	return view{Page: page}, nil
}

func dotted(path string) string {
	if path == "" {
		return ".overview"
	}
	return "." + path[1:]
}

// short names the member that an ID is of, with the code of its subsystem.
func (p *Gateway) short(id xroad.ID) string {
	name := p.name(id.MemberID())
	if id.Subsystem != "" && name != id.MemberID().String() {
		return name + " · " + id.Subsystem
	}
	return id.SubsystemID().String()
}

// name names subsystems and members as the configuration does.
func (p *Gateway) name(id xroad.ID) string {
	d := p.Desk.Directory()
	if d == nil {
		return id.String()
	}
	if s, ok := d.Subsystem(id.SubsystemID()); ok && id.Subsystem != "" {
		if m, ok := d.Member(id.MemberID()); ok {
			return s.Name + " – " + m.Name
		}
		return s.Name
	}
	if m, ok := d.Member(id.MemberID()); ok {
		return m.Name
	}
	return id.String()
}

func (p *Gateway) overview(w http.ResponseWriter, r *http.Request) error {
	v, err := p.overviewView(r, nil, begin())
	if err != nil {
		return err
	}
	return render(w, r, v)
}

// doctor runs all checks and shows what they found.
func (p *Gateway) doctor(w http.ResponseWriter, r *http.Request) error {
	found, err := p.Desk.Doctor(r.Context(), p.Actor(r))
	if err != nil {
		return err
	}
	v, err := p.overviewView(r, found, begin())
	if err != nil {
		return err
	}
	return render(w, r, v)
}

func (p *Gateway) overviewView(r *http.Request, found []health.Finding, t typed) (view, error) {
	pr := in(r)
	v, err := p.page(r, pr.t("gw.overview.title"))
	if err != nil {
		return v, err
	}
	s, err := p.Desk.Status(r.Context(), p.Actor(r))
	if err != nil {
		return v, err
	}
	v.Lead = p.name(s.Member)
	debts := debtsOf(pr, s)
	v.Stat = pr.t("gw.fine", args{"gateway": s.Gateway})
	if len(debts) > 0 {
		v.Stat = debts[0]
		v.Add(ui.Bullets(debts[1:]))
	}
	if len(unfit(s)) > 0 {
		v.Proof = ui.Link{Label: pr.t("gw.restore.open"), Href: "/gateway/restore"}
	}
	if found != nil {
		v.Add(findings(pr, found))
	}
	v.Add(form("/gateway/doctor", nil, components(muted(pr.t("gw.doctor.hint"))), ui.Action{Label: pr.t("gw.doctor"), Look: ui.Secondary}))
	fresh := pr.t("gw.configuration.none")
	if s.Serial > 0 {
		fresh = pr.t("gw.configuration."+string(s.Freshness), args{"n": s.Serial, "age": pr.span(s.At.Sub(s.IssuedAt)), "until": s.ValidUntil})
	}
	stamps := pr.t("report.debt.none")
	if s.Unstamped > 0 {
		stamps = pr.t("report.debt", args{"n": s.Unstamped, "since": pr.when(s.OldestDebt)})
	}
	v.Add(ui.Figures([]ui.Figure{
		{Label: pr.t("gw.figure.log"), Value: pr.Int(s.LogSize), Href: "/gateway/log"},
		{Label: pr.t("gw.figure.running"), Value: pr.Int(int64(s.CallsRunning)), Href: "/gateway/traffic"},
		{Label: pr.t("gw.figure.debt"), Value: pr.Int(int64(s.Unstamped)), Note: pr.t("gw.figure.stamped", args{"at": pr.when(s.LastStamp)})},
		{
			Label: pr.t("gw.figure.certificate"), Value: pr.Int(int64(max(s.CertificateUntil.Sub(s.At).Hours()/24, 0))),
			Note: pr.t("gw.figure.days"),
		},
	}), ui.SummaryList([]ui.Fact{
		{Key: pr.t("gateway"), Value: s.Gateway + " (" + s.Address + ")"},
		{Key: pr.t("gw.configuration"), Value: fresh},
		{Key: pr.t("report.stamps"), Value: stamps},
		{Key: pr.t("gw.head"), Value: pr.when(s.LastHead)},
		{Key: pr.t("gw.witness"), Value: witnessLine(pr, s), Actions: []ui.Link{{Label: pr.t("gw.witness.look"), Href: "/gateway/restore"}}},
		{Key: pr.t("gw.queue"), Value: pr.Int(int64(s.Queue)) + "/" + pr.Int(int64(s.QueueLimit))},
		{Key: pr.t("certificate.until"), Value: pr.day(s.CertificateUntil)},
		{Key: pr.t("gw.certificate.since"), Value: pr.when(s.CertificateSince)},
		{Key: pr.t("report.version"), Value: s.Version},
	}), p.peers(pr, s))
	if p.may(r, exchange.ActOffer) {
		v.Add(p.applyForms(pr, s, t))
	}
	return v, nil
}

// debtsOf says in words what is not as it should be, the gravest first.
func debtsOf(pr words, s exchange.Status) []string {
	var out []string
	say := func(yes bool, key string, a args) {
		if yes {
			out = append(out, pr.t("gw.debt."+key, a))
		}
	}
	say(s.Suspended, "suspended", args{"gateway": s.Gateway})
	say(s.Revoked, "revoked", args{"gateway": s.Gateway})
	say(s.Unknown, "unknown", args{"gateway": s.Gateway})
	say(s.LogFault != "", "log", args{"text": s.LogFault})
	say(s.LogLost > 0, "lost", args{"n": s.LogLost})
	say(s.WaitingFault != "", "waiting", args{"n": s.LogWaiting, "text": s.WaitingFault})
	say(s.LogRestored > 0, "restored", args{"n": s.LogRestored})
	for _, h := range unfit(s) {
		say(true, "witness", args{"chain": chainName(pr, h.Chain), "why": pr.T(h.Alarm.Key()), "at": h.Alarm.At})
	}
	say(s.Serial == 0, "none", nil)
	say(s.HubSerial > 0, "ahead", args{"n": s.Serial, "hub": s.HubSerial})
	say(s.HubAhead.Abs() > exchange.MaxSkew, "clock", args{"span": pr.span(s.HubAhead.Abs())})
	say(s.Freshness == exchange.Expired, "expired", args{"at": s.ValidUntil})
	say(!s.At.Before(s.CertificateUntil), "certificate.expired", nil)
	say(s.Freshness == exchange.Stale, "stale", args{"age": pr.span(s.At.Sub(s.FetchedAt)), "until": s.ValidUntil})
	left := s.CertificateUntil.Sub(s.At)
	say(left > 0 && left.Hours() < 14*24, "certificate", args{"span": pr.span(left)})
	say(s.Unstamped > 0 && s.StampFault != "", "stamps", args{"n": s.Unstamped, "since": s.OldestDebt})
	away := 0
	for _, p := range s.Peers {
		if p.Fault != "" {
			away++
		}
	}
	say(away > 0, "peers", args{"n": away})
	return out
}

// idOf is an id that a program made.
var idOf = regexp.MustCompile(`[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// apart parts a text at its ids.
func apart(text string) []string {
	var out []string
	at := 0
	for _, i := range idOf.FindAllStringIndex(text, -1) {
		out = append(out, text[at:i[0]], text[i[0]:i[1]])
		at = i[1]
	}
	return append(out, text[at:])
}

func findings(pr words, found []health.Finding) templ.Component {
	t := ui.Table{
		ID: "findings", Stack: true, Caption: pr.t("gw.findings"), Columns: []ui.Column{{Label: pr.t("gw.finding.level")}, {Label: pr.t("gw.finding.text")}},
		Empty: ui.Para(pr.t("gw.findings.none")),
	}
	grave := func(f health.Finding) int {
		return slices.Index([]health.Level{health.Failing, health.Warning, health.Fine}, f.Level)
	}
	for _, f := range slices.SortedStableFunc(slices.Values(found), func(a, b health.Finding) int { return cmp.Compare(grave(a), grave(b)) }) {
		status := ui.Met
		switch f.Level {
		case health.Warning:
			status = ui.Partial
		case health.Failing:
			status = ui.NotMet
		case health.Fine:
		}
		t.Rows = append(
			t.Rows, ui.Row{Cells: []ui.Cell{{Body: ui.StatusText(status, pr.t("level."+string(f.Level)))}, {Body: spelt(pr.T(f.Key, f.Args))}}},
		)
	}
	return ui.DataTable(t)
}

func (p *Gateway) peers(pr words, s exchange.Status) templ.Component {
	t := ui.Table{
		ID: "peers", Stack: true, Caption: pr.t("gw.peers"),
		Columns: []ui.Column{{Label: pr.t("gateway")}, {Label: pr.t("member")}, {Label: pr.t("gw.peer.ok")}, {Label: pr.t("condition")}},
		Empty:   ui.Para(pr.t("gw.peers.none")),
	}
	for _, x := range s.Peers {
		mark := ui.StatusText(ui.Met, pr.t("gw.peer.fine"))
		switch {
		case x.Fault != "":
			mark = ui.StatusText(ui.NotMet, pr.t("gw.peer.away", args{"at": pr.when(x.LastTry)}))
		case x.LastOK.IsZero():
			mark = ui.StatusText(ui.Unknown, pr.t("gw.peer.new"))
		}
		t.Rows = append(
			t.Rows,
			ui.Row{Cells: []ui.Cell{{Body: coded(x.Gateway, x.Address, "")}, {Text: p.name(x.Member)}, {Text: pr.when(x.LastOK)}, {Body: mark}}},
		)
	}
	return ui.DataTable(t)
}
