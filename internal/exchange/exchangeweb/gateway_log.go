package exchangeweb

import (
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"dean06/internal/exchange"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/health"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/xroad"
)

const logPage = 50

func logPath(name, value string) string { return "/gateway/log?" + url.Values{name: {value}}.Encode() }

// filterOf reads what the log is to be narrowed to.
func filterOf(f web.Form) (exchange.Filter, fault.List) {
	out := exchange.Filter{Text: f.Text("q"), Side: exchange.Side(f.Text("side")), OnlyFaults: f.Text("faults") != "", Limit: logPage + 1}
	var wrong fault.List
	for _, d := range []struct {
		name string
		to   *time.Time
		of   func(clock.Date) time.Time
	}{{"from", &out.From, clock.Date.Start}, {"until", &out.Until, clock.Date.End}} {
		day, err := f.Date(d.name)
		if e := fault.As(err); e != nil {
			wrong = append(wrong, e)
		} else if !day.IsZero() {
			*d.to = d.of(day)
		}
	}
	for _, i := range []struct {
		name string
		to   *xroad.ID
	}{{"client", &out.Client}, {"service", &out.Service}} {
		if s := f.Text(i.name); s != "" {
			id, err := xroad.ParseID(s, 1, 5)
			if err != nil {
				wrong = append(wrong, fault.New(fault.Invalid, "exchange.id.bad", fault.Args{"id": s}).At(i.name))
			}
			*i.to = id
		}
	}
	if out.Side != exchange.Consumer && out.Side != exchange.Provider {
		out.Side = ""
	}
	out.Before, _ = strconv.ParseInt(f.Text("before"), 10, 64)
	return out, wrong
}

func (p *Gateway) log(w http.ResponseWriter, r *http.Request) error {
	pr := in(r)
	v, err := p.page(r, pr.t("gw.log.title"))
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	filter, wrong := filterOf(f)
	var list []exchange.Record
	if wrong == nil {
		if list, err = p.Desk.Search(r.Context(), p.Actor(r), filter); err != nil {
			return err
		}
	}
	v.Errors = wrong
	v.Stat = pr.t("gw.log.stat")
	more := len(list) > logPage
	list = list[:min(len(list), logPage)]
	pages := ui.Pages{}
	query := r.URL.Query()
	if more {
		query.Set("before", strconv.FormatInt(list[len(list)-1].Seq, 10))
		pages.Next = "/gateway/log?" + query.Encode()
	}
	if filter.Before > 0 {
		query.Del("before")
		pages.Previous = "/gateway/log?" + query.Encode()
	}
	t := again(f, wrong.Err())
	v.Add(ui.Filtered(p.chips(pr, r.URL.Query()), components(
		t.text(ui.Field{Name: "q", Label: pr.t("gw.log.text"), Hint: pr.t("gw.log.text.hint")}),
		t.date(ui.Field{Name: "from", Label: pr.t("gw.log.from")}), t.date(ui.Field{Name: "until", Label: pr.t("gw.log.until")}),
		t.text(ui.Field{Name: "service", Label: pr.t("service"), Hint: pr.t("gw.log.service.hint")}),
		t.text(ui.Field{Name: "client", Label: pr.t("gw.log.client"), Hint: pr.t("gw.log.client.hint")}),
		t.pick(ui.Field{
			Name: "side", Label: pr.t("gw.log.side"),
			Options: []ui.Option{
				{Label: pr.t("gw.log.both")},
				{Value: string(exchange.Consumer), Label: pr.t("side.consumer")},
				{Value: string(exchange.Provider), Label: pr.t("side.provider")},
			},
		}),
		t.ticks(ui.Field{
			Name: "faults", Label: pr.t("gw.log.outcome"), Small: true, Options: []ui.Option{{Value: "1", Label: pr.t("gw.log.faults")}},
		}),
	), components(p.logTable(pr, list), ui.Pagination(pages))))
	old, err := p.Desk.Archived(r.Context(), p.Actor(r))
	if err != nil {
		return err
	}
	if old.Files > 0 {
		v.Add(muted(pr.t("gw.log.archived", args{"from": old.From, "until": old.Until, "n": old.Files})))
	}
	status := http.StatusOK
	if wrong != nil {
		status = http.StatusUnprocessableEntity
	}
	return web.Render(w, r, status, ui.Stack(v))
}

// chips are what is chosen, each with the address without it.
func (p *Gateway) chips(pr words, q url.Values) ui.Filter {
	out := ui.Filter{Action: "/gateway/log", Clear: "/gateway/log"}
	for _, name := range []string{"q", "service", "client", "side", "faults"} {
		value := q.Get(name)
		if value == "" {
			continue
		}
		rest := url.Values{}
		for k, list := range q {
			if k != name && k != "before" {
				rest[k] = list
			}
		}
		label := value
		switch name {
		case "side":
			if value != string(exchange.Consumer) && value != string(exchange.Provider) {
				continue
			}
			label = pr.t("side." + value)
		case "faults":
			label = pr.t("gw.log.faults")
		}
		out.Chosen = append(out.Chosen, ui.Link{Label: label, Href: "/gateway/log?" + rest.Encode()})
	}
	return out
}

func (p *Gateway) logTable(pr words, list []exchange.Record) templ.Component {
	t := ui.Table{
		ID: "log", Stack: true, Caption: pr.t("gw.log.table"), Quiet: true, Dense: true, Columns: []ui.Column{
			{Label: pr.t("gw.log.at")},
			{Label: pr.t("gw.log.message")},
			{Label: pr.t("service")},
			{Label: pr.t("gw.log.client")},
			{Label: pr.t("gw.log.who")},
			{Label: pr.t("gw.log.outcome")},
		},
		Empty: ui.Para(pr.t("gw.log.empty")),
	}
	for _, x := range list {
		c := x.Commitment
		who := x.UserID
		if x.Issue != "" {
			who += " · " + x.Issue
		}
		if x.Represented != "" {
			who += " · " + pr.t("gw.log.for", args{"party": x.Represented})
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: pr.exact(x.At), Href: "/gateway/log/" + strconv.FormatInt(x.Seq, 10)},
			{Text: pr.t("gw.log." + string(x.Side) + "." + string(c.Kind))},
			{Text: p.serviceName(pr, c.Service)},
			{Text: p.short(c.Client)},
			{Text: who},
			{Body: outcome(pr, x)},
		}})
	}
	return ui.DataTable(t)
}

func outcome(pr words, x exchange.Record) templ.Component {
	switch {
	case x.Commitment.Kind == exchange.Request:
		return coded(pr.t("gw.log.sent"), "", "")
	case x.Fault != "":
		return ui.StatusText(ui.NotMet, faultName(pr, x.Fault))
	case x.Commitment.Status >= 400:
		return ui.StatusText(ui.Partial, pr.t("gw.log.status", args{"n": strconv.Itoa(x.Commitment.Status)}))
	}
	return ui.StatusText(ui.Met, pr.t("gw.log.answered"))
}

// faultNames are the codes that have a name in words.
var faultNames = map[xroad.Code]string{
	xroad.AccessDenied: "access", xroad.PurposeRefused: "purpose", xroad.QuotaExceeded: "quota", xroad.UnknownService: "unknown_service",
	xroad.ServiceDisabled: "disabled", xroad.NotNamed: "not_named", xroad.SecurityRefused: "security",
	xroad.SecurityNoFacts: "security_no_facts", xroad.SecurityNoSystem: "security_no_system", xroad.SecurityNoDossier: "security_no_dossier",
	xroad.SecurityDossierEnded: "security_ended", xroad.SecurityOutgrown: "security_outgrown", xroad.SecurityFinding: "security_finding",
	xroad.SecurityNotChecked: "security_not_checked", xroad.SecurityCheckStale: "security_stale",
	xroad.ServiceFailed: "failed", xroad.ServiceUnreachable: "unreachable", xroad.NetworkError: "network",
	xroad.UnknownMember: "unknown_member", xroad.ClockSkew: "clock",
	xroad.Replayed: "replay", xroad.ProviderSignature: "signature", xroad.ConsumerSignature: "signature",
	xroad.ProviderCertificate: "certificate", xroad.PeerCertificate: "certificate",
	xroad.ConfigurationOutdated: "configuration", xroad.ConsumerSuspended: "suspended", xroad.ProviderLogFailed: "log",
	xroad.ConsumerLogFailed: "log",
	xroad.TooLarge:          "large", xroad.ConsumerTooLarge: "large",
}

func faultName(pr words, code xroad.Code) string {
	if name, ok := faultNames[code]; ok {
		return pr.t("fault." + name)
	}
	return pr.t("fault.other")
}

// recordOf reads the record of the page, and the call that it belongs to.
func (p *Gateway) recordOf(r *http.Request) (exchange.Record, []exchange.Record, error) {
	seq, err := strconv.ParseInt(r.PathValue("seq"), 10, 64)
	if err != nil || seq < 0 {
		return exchange.Record{}, nil, errNoPage
	}
	return p.Desk.Record(r.Context(), p.Actor(r), seq)
}

// record is one message with both its halves, and what is proven of it.
func (p *Gateway) record(w http.ResponseWriter, r *http.Request) error {
	pr := in(r)
	v, err := p.page(r, pr.t("gw.record.title"))
	if err != nil {
		return err
	}
	x, halves, err := p.recordOf(r)
	if err != nil {
		return err
	}
	v.Crumbs = []ui.Link{{Label: pr.t("gw.log.title"), Href: "/gateway/log"}}
	v.Lead = p.serviceName(pr, x.Commitment.Service)
	v.Stat = pr.t("gw.record.stat", args{"client": p.name(x.Commitment.Client), "service": p.serviceName(pr, x.Commitment.Service), "at": x.At})
	c := x.Commitment
	facts := []ui.Fact{
		{Key: pr.t("gw.log.client"), Body: coded(p.name(c.Client), c.Client.String(), logPath("client", c.Client.String()))},
		{Key: pr.t("service"), Body: coded(p.serviceName(pr, c.Service), c.Service.String(), logPath("service", c.Service.String()))},
	}
	for _, f := range []struct{ key, value string }{
		{"gw.record.officer", x.UserID}, {"gw.record.dossier", x.Issue}, {"gw.record.purpose", p.purpose(r.Context(), x.Purpose)},
	} {
		value := f.value
		if value == "" {
			value = "–"
		}
		facts = append(facts, ui.Fact{Key: pr.t(f.key), Value: value})
	}
	if x.Represented != "" {
		facts = append(facts, ui.Fact{Key: pr.t("gw.record.represented"), Value: x.Represented})
	}
	facts = append(
		facts, ui.Fact{Key: pr.t("gw.record.message"), Body: coded("", c.MessageID, logPath("q", c.MessageID))},
		ui.Fact{Key: pr.t("gw.record.request"), Body: ui.Reference(c.RequestID)},
	)
	v.Add(ui.SummaryList(facts))
	for _, h := range halves {
		v.Add(p.half(pr, h))
	}
	v.Add(p.proven(r, pr, x.Seq))
	return render(w, r, v)
}

// half is what the log holds of a request or of a response.
func (p *Gateway) half(pr words, x exchange.Record) templ.Component {
	c := x.Commitment
	facts := []ui.Fact{
		{Key: pr.t("gw.log.at"), Value: pr.exact(x.At)},
		{Key: pr.t("gw.record.seq"), Value: pr.Int(x.Seq)},
		{Key: pr.t("gw.record.size"), Value: pr.t("gw.record.bytes", args{"n": x.Size})},
	}
	if c.Kind == exchange.Response {
		facts = append(facts, ui.Fact{Key: pr.t("gw.log.outcome"), Body: outcome(pr, x)})
		if x.Fault != "" {
			facts = append(facts, ui.Fact{Key: pr.t("gw.record.fault"), Body: coded(x.FaultText, string(x.Fault), "")})
		}
		if d := took(x); d > 0 {
			facts = append(facts, ui.Fact{Key: pr.t("gw.traffic.took"), Value: ms(pr, d)})
		}
	}
	if x.Peer != "" {
		facts = append(facts, ui.Fact{Key: pr.t("gw.record.peer"), Value: x.Peer})
	}
	if x.RightID != "" {
		facts = append(
			facts,
			ui.Fact{
				Key: pr.t("gw.record.right"), Body: links([]ui.Link{{Label: pr.t("gw.record.right.see"), Href: "/gateway/rights/" + x.RightID}}),
			},
		)
	}
	id := string(x.Side) + "-" + string(c.Kind)
	hashes := ui.SummaryList([]ui.Fact{
		{Key: pr.t("gw.record.head"), Value: hexOf(c.Head)},
		{Key: pr.t("gw.record.body"), Value: hexOf(c.Body)},
		{Key: pr.t("gw.record.key"), Value: c.KeyID},
	})
	title := pr.t("gw.log." + string(x.Side) + "." + string(c.Kind))
	return section(id, title, ui.SummaryList(facts), ui.Fold(pr.t("gw.record.hashes"), hashes))
}

// proven says in words what the log can prove of a record now.
func (p *Gateway) proven(r *http.Request, pr words, seq int64) templ.Component {
	proof, err := p.Desk.Proof(r.Context(), p.Actor(r), seq)
	var found []health.Finding
	if err == nil {
		found, err = p.Desk.Verify(proof)
	}
	blocks := components(findings(pr, found))
	if f := fault.As(err); f != nil {
		blocks = append(blocks, ui.Para(pr.T(f.Key, f.Args)))
	} else if err != nil {
		blocks = append(blocks, ui.Para(pr.T("web.internal")))
	}
	if err == nil {
		blocks = append(
			blocks,
			ui.Buttons(ui.Action{
				Label: pr.t("gw.proof.download"), Look: ui.Secondary, Href: "/gateway/log/" + strconv.FormatInt(seq, 10) + "/proof",
			}),
			muted(pr.t("gw.proof.hint")),
		)
	}
	return section("proof", pr.t("gw.proof"), blocks...)
}

func (p *Gateway) proof(w http.ResponseWriter, r *http.Request) error {
	x, _, err := p.recordOf(r)
	if err != nil {
		return err
	}
	proof, err := p.Desk.Proof(r.Context(), p.Actor(r), x.Seq)
	if err != nil {
		return err
	}
	file, err := proof.File()
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": fmt.Sprintf("proof-%d.json", x.Seq)}))
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write(file) // the reader may have gone
	return nil
}
