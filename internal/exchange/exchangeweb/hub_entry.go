package exchangeweb

import (
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"dean06/internal/exchange"
	"dean06/internal/exchange/centre"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

var errNoPage = fault.New(fault.NotFound, "web.not_found", nil)

func (p *Hub) entry(w http.ResponseWriter, r *http.Request) error {
	v, err := p.entryView(r, begin())
	if err != nil {
		return err
	}
	return render(w, r, v)
}

// entryView is the page of one entry of any kind.
func (p *Hub) entryView(r *http.Request, t typed) (view, error) {
	reg, err := p.register(r)
	if err != nil {
		return view{}, err
	}
	kind := exchange.EntryKind(r.PathValue("kind"))
	e, err := p.Centre.Entry(r.Context(), p.Actor(r), kind, r.PathValue("key"))
	if err != nil {
		return view{}, err
	}
	pr := in(r)
	v := p.page(r, reg, e.Name)
	v.Lead = pr.t("kind." + string(kind))
	v.Sub[subOf[kind]].Current = true
	if kind == exchange.MemberEntry {
		v.Crumbs = []ui.Link{{Label: pr.t("hub.members.title"), Href: "/exchange/members"}}
	} else if kind == exchange.GroupEntry {
		v.Crumbs = []ui.Link{{Label: pr.t("hub.groups.title"), Href: "/exchange/groups"}}
	} else {
		v.Crumbs = []ui.Link{
			{Label: nameOf(reg, exchange.MemberEntry, e.Member.String()), Href: entryPath(exchange.MemberEntry, e.Member.String())},
		}
	}
	facts := []ui.Fact{{Key: pr.t("entry.key"), Value: e.Key}, {Key: pr.t("entry.state"), Body: stateMark(pr, e)}}
	if e.Reason != "" {
		facts = append(facts, ui.Fact{Key: pr.t("entry.reason"), Value: e.Reason})
	}
	facts = append(facts, ui.Fact{Key: pr.t("entry.changed"), Value: p.who(r, e.ChangedBy, e.ChangedAt) + ", " + pr.when(e.ChangedAt)})
	switch kind {
	case exchange.MemberEntry:
		v.Add(ui.SummaryList(facts))
		p.memberBlocks(r, pr, reg, e, &v)
	case exchange.GatewayEntry:
		p.gatewayBlocks(r, pr, reg, e, facts, t, &v)
	case exchange.ServiceOffered:
		v.Add(ui.SummaryList(append(facts, ui.Fact{Key: pr.t("entry.type"), Value: typeName(pr, e.Type)})))
		if e.Type == "OPENAPI" {
			v.Add(endpoints(pr, "endpoints", e.Endpoints), ui.Fold(pr.t("openapi"), ui.Lines(clipText(string(e.OpenAPI), 40000))))
		}
	case exchange.SubsystemEntry:
		v.Add(ui.SummaryList(facts), p.serviceTable(pr, reg, servicesOf(reg, e), false))
	default:
		v.Add(ui.SummaryList(append(facts, ui.Fact{Key: pr.t("subsystems"), Body: links(idList(e.Members, subsystemNames(reg)))})))
	}
	if !p.may(r) {
		v.Add(ui.Para(pr.t("hub.who")))
		return v, nil
	}
	v.Add(stateForms(pr, reg, e, t))
	return v, nil
}

func typeName(pr words, t string) string {
	if t == "OPENAPI" {
		return pr.t("type.openapi")
	}
	return pr.t("type.rest")
}

// subOf is the place in the row of subjects under which an entry of a kind is found.
var subOf = map[exchange.EntryKind]int{
	exchange.MemberEntry: 2, exchange.SubsystemEntry: 2, exchange.ServiceOffered: 3, exchange.GroupEntry: 4,
}

func servicesOf(reg centre.Register, subsystem exchange.Entry) []exchange.Entry {
	var out []exchange.Entry
	for _, s := range reg.Of(exchange.ServiceOffered, subsystem.Member) {
		if s.ID().SubsystemID() == subsystem.ID() {
			out = append(out, s)
		}
	}
	return out
}

func (p *Hub) memberBlocks(r *http.Request, pr words, reg centre.Register, e exchange.Entry, v *view) {
	t := ui.Table{
		ID: "subsystems", Caption: pr.t("subsystems"),
		Columns: []ui.Column{{Label: pr.t("subsystem")}, {Label: pr.t("services"), Numeric: true}, {Label: pr.t("entry.state")}},
		Empty:   ui.Para(pr.t("hub.subsystems.empty")),
	}
	for _, s := range reg.Of(exchange.SubsystemEntry, e.Member) {
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Body: coded(s.Name, s.Key, entryPath(s.Kind, s.Key))}, {Text: pr.Int(int64(len(active(servicesOf(reg, s)))))}, {Body: stateMark(pr, s)},
		}})
	}
	v.Add(
		ui.DataTable(t), p.serviceTable(pr, reg, reg.Of(exchange.ServiceOffered, e.Member), false),
		p.gatewayTable(r, pr, reg, reg.Of(exchange.GatewayEntry, e.Member)),
	)
	if p.may(r) && e.State == exchange.Active {
		v.Add(ui.Buttons(
			ui.Action{Label: pr.t("hub.new.subsystem"), Href: subjectPath(exchange.SubsystemEntry, e.Key), Look: ui.Secondary},
			ui.Action{Label: pr.t("hub.new.service"), Href: subjectPath(exchange.ServiceOffered, e.Key), Look: ui.Secondary},
			ui.Action{Label: pr.t("hub.token.new"), Href: "/exchange/tokens/new?member=" + e.Key, Look: ui.Secondary}))
	}
}

func (p *Hub) gatewayBlocks(r *http.Request, pr words, reg centre.Register, e exchange.Entry, facts []ui.Fact, t typed, v *view) {
	c := reg.Condition(e)
	v.Stat = pr.t("condition.sentence."+string(c), args{"gateway": e.Key})
	facts = append(
		facts, ui.Fact{Key: pr.t("entry.address"), Value: e.Address},
		ui.Fact{Key: pr.t("entry.subsystems"), Body: links(idList(e.Subsystems, subsystemNames(reg)))},
	)
	if rep, ok := reg.Reports[e.Key]; ok {
		debt := pr.t("report.debt.none")
		if rep.Unstamped > 0 {
			debt = pr.t("report.debt", args{"n": rep.Unstamped, "since": pr.when(rep.OldestDebt)})
		}
		facts = append(facts,
			ui.Fact{Key: pr.t("report.last"), Value: pr.when(rep.At)}, ui.Fact{Key: pr.t("report.version"), Value: rep.Version},
			ui.Fact{Key: pr.t("report.serial"), Value: pr.t("report.serial.of", args{"n": rep.Serial, "of": reg.Last.Serial})},
			ui.Fact{Key: pr.t("report.log"), Value: pr.Int(rep.LogSize)}, ui.Fact{Key: pr.t("report.stamps"), Value: debt})
	} else {
		facts = append(facts, ui.Fact{Key: pr.t("report.last"), Value: pr.t("report.never")})
	}
	v.Add(ui.SummaryList(facts))
	for _, a := range reg.Alarms {
		if a.Gateway == e.Key {
			v.Add(ui.WarningText(alarmText(pr, a)))
		}
	}
	v.Add(heldTable(pr, reg, e.Key), p.restores(r, pr, e.Key), p.certificates(pr, reg, e), p.witnesses(r, pr, e))
	for _, cert := range reg.CertificatesOf(e.Key) {
		if cert.RevokedAt.IsZero() && p.may(r) {
			v.Add(ui.Fold(pr.t(
				"revoke.title", args{"date": pr.day(cert.Until)},
			), ui.Para(pr.t("revoke.text")), form("/exchange/revoke/"+cert.Fingerprint, map[string]string{"gateway": e.Key},
				components(t.area(ui.Field{Name: "revoke-" + cert.Fingerprint[:8], Label: pr.t("entry.reason"), Rows: 2})),
				ui.Action{Label: pr.t("revoke"), Look: ui.Warning})))
		}
	}
	if p.may(r) && e.State != exchange.Suspended {
		v.Add(ui.Buttons(ui.Action{
			Label: pr.t("hub.rejoin"), Href: "/exchange/tokens/new?gateway=" + e.Key + "&member=" + e.Member.String(), Look: ui.Secondary,
		}))
	}
}

func (p *Hub) certificates(pr words, reg centre.Register, e exchange.Entry) templ.Component {
	t := ui.Table{
		ID: "certificates", Stack: true, Caption: pr.t("certificates"),
		Columns: []ui.Column{
			{Label: pr.t("certificate")}, {Label: pr.t("certificate.from")}, {Label: pr.t("certificate.until")}, {Label: pr.t("entry.state")},
		},
		Empty: ui.Para(pr.t("certificates.none")),
	}
	for _, c := range reg.CertificatesOf(e.Key) {
		mark := ui.StatusText(ui.Met, pr.t("certificate.counts"))
		if !c.RevokedAt.IsZero() {
			mark = ui.StatusText(ui.NotMet, pr.t("certificate.revoked", args{"date": pr.day(c.RevokedAt), "reason": c.Reason}))
		}
		t.Rows = append(
			t.Rows, ui.Row{Cells: []ui.Cell{{Text: c.Fingerprint[:16] + "…"}, {Text: pr.day(c.From)}, {Text: pr.day(c.Until)}, {Body: mark}}},
		)
	}
	return ui.DataTable(t)
}

// stateForms are what an operator can do with an entry, folded away.
func stateForms(pr words, reg centre.Register, e exchange.Entry, t typed) templ.Component {
	hidden := map[string]string{"version": strconv.FormatInt(e.Version, 10)}
	reason := func(name string) []templ.Component {
		return components(t.area(ui.Field{Name: name, Label: pr.t("entry.reason"), Hint: pr.t("entry.reason.hint"), Rows: 2}))
	}
	to := entryPath(e.Kind, e.Key)
	var blocks []templ.Component
	if editable(e) {
		blocks = append(blocks, editForm(pr, reg, e, t))
	}
	if e.State.May(exchange.Active) {
		blocks = append(blocks, form(to, hidden, nil, ui.Action{Label: pr.t("do.resume"), Name: "do", Value: string(exchange.Active)}))
	}
	if e.State.May(exchange.Suspended) {
		blocks = append(
			blocks,
			ui.Fold(
				pr.t("do.suspend"), ui.Para(pr.t("do.suspend.text")),
				form(
					to, hidden, reason("reason-suspended"),
					ui.Action{Label: pr.t("do.suspend"), Look: ui.Warning, Name: "do", Value: string(exchange.Suspended)},
				),
			),
		)
	}
	if e.State.May(exchange.Withdrawn) {
		blocks = append(
			blocks,
			ui.Fold(
				pr.t("do.withdraw"), ui.Para(pr.t("do.withdraw.text."+string(e.Kind))),
				form(
					to, hidden, reason("reason-withdrawn"),
					ui.Action{Label: pr.t("do.withdraw"), Look: ui.Warning, Name: "do", Value: string(exchange.Withdrawn)},
				),
			),
		)
	}
	return section("decide", pr.t("do.title"), blocks...)
}

func (p *Hub) entryPost(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	to := exchange.EntryState(f.Text("do"))
	version, _ := strconv.ParseInt(f.Text("version"), 10, 64)
	kind, key, field := exchange.EntryKind(r.PathValue("kind")), r.PathValue("key"), "reason-"+string(to)
	if version == 0 {
		version = -1 // the form always has one
	}
	if err := p.Centre.SetState(r.Context(), p.Actor(r), kind, key, version, to, f.Text(field)); err != nil {
		err = at(err, field)
		return retry(w, r, err, func() (view, error) { return p.entryView(r, again(f, err)) })
	}
	return web.RedirectWith(w, r, entryPath(kind, key), "exchangeweb.done."+string(to), map[string]any{"name": key})
}

// at puts the fault of a reason beside the field that it was typed in.
func at(err error, field string) error {
	if f := fault.As(err); f != nil && f.Field == "reason" {
		return f.At(field)
	}
	return err
}

func (p *Hub) revoke(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	fingerprint := r.PathValue("fingerprint")
	if len(fingerprint) < 8 {
		return errNoPage
	}
	field := "revoke-" + fingerprint[:8]
	if err := p.Centre.Revoke(r.Context(), p.Actor(r), fingerprint, f.Text(field)); err != nil {
		err = at(err, field)
		r.SetPathValue("kind", string(exchange.GatewayEntry))
		r.SetPathValue("key", f.Text("gateway"))
		return retry(w, r, err, func() (view, error) { return p.entryView(r, again(f, err)) })
	}
	return web.RedirectWith(w, r, entryPath(exchange.GatewayEntry, f.Text("gateway")), "exchangeweb.done.revoked", nil)
}
