package exchangeweb

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"dean06/internal/exchange"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/xroad"
)

func servicePath(id xroad.ID) string {
	return "/gateway/services/" + url.PathEscape(id.Subsystem) + "/" + url.PathEscape(id.Service)
}

func (p *Gateway) services(w http.ResponseWriter, r *http.Request) error {
	pr := in(r)
	v, err := p.page(r, pr.t("gw.services.title"))
	if err != nil {
		return err
	}
	list, err := p.Desk.Services(r.Context(), p.Actor(r))
	if err != nil {
		return err
	}
	rights, err := p.Desk.Rights(r.Context(), p.Actor(r), false)
	if err != nil {
		return err
	}
	on := 0
	t := ui.Table{
		ID: "services", Stack: true, Caption: pr.t("gw.services.title"), Quiet: true, Columns: []ui.Column{
			{Label: pr.t("service")},
			{Label: pr.t("gw.service.where")},
			{Label: pr.t("gw.nav.rights"), Numeric: true},
			{Label: pr.t("gw.service.catalogue")},
			{Label: pr.t("entry.state")},
		},
		Empty: nothing(
			p.may(r, exchange.ActOffer), pr.t("gw.services.empty"), ui.Link{Label: pr.t("gw.service.new"), Href: "/gateway/services/new"},
		),
	}
	for _, s := range list {
		if !s.Disabled {
			on++
		}
		given := 0
		for _, x := range rights {
			if x.Service == s.ID {
				given++
			}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Body: coded(s.Name, s.ID.String(), servicePath(s.ID))},
			{Text: where(pr, s)},
			{Text: pr.Int(int64(given)), Href: "/gateway/rights?service=" + url.QueryEscape(s.ID.String())},
			{Body: p.catalogued(pr, s.ID)},
			{Body: serviceMark(pr, s)},
		}})
	}
	v.Stat = pr.t("gw.services.stat", args{"n": on})
	if p.may(r, exchange.ActOffer) {
		v.Add(ui.Buttons(ui.Action{Label: pr.t("gw.service.new"), Href: "/gateway/services/new"}))
	}
	v.Add(ui.DataTable(t))
	return render(w, r, v)
}

func where(pr words, s exchange.LocalService) string {
	if s.URL == "" {
		return pr.t("gw.service.builtin")
	}
	return s.URL
}

// tlsWords says in a line how a service is made sure of.
func tlsWords(pr words, s exchange.ServiceTLS) string {
	var out []string
	if s.CA != "" {
		out = append(out, pr.t("gw.service.tls.ca"))
	}
	if s.ServerName != "" {
		out = append(out, pr.t("gw.service.tls.name", args{"name": s.ServerName}))
	}
	switch s.Certificate {
	case "":
	case exchange.OwnCertificate:
		out = append(out, pr.t("gw.service.shows.gateway"))
	default:
		out = append(out, s.Certificate)
	}
	return strings.Join(out, "; ")
}

func serviceMark(pr words, s exchange.LocalService) templ.Component {
	if s.Disabled {
		return ui.StatusText(ui.NotMet, pr.t("gw.service.off"))
	}
	return ui.StatusText(ui.Met, pr.t("gw.service.on"))
}

// inCatalogue says whether the centre's configuration names a service.
func (p *Gateway) inCatalogue(id xroad.ID) bool {
	d := p.Desk.Directory()
	if d == nil {
		return false
	}
	_, ok := d.Service(id)
	return ok
}

func (p *Gateway) catalogued(pr words, id xroad.ID) templ.Component {
	if p.inCatalogue(id) {
		return ui.StatusText(ui.Met, pr.t("gw.service.listed"))
	}
	return ui.StatusText(ui.Partial, pr.t("gw.service.unlisted"))
}

func (p *Gateway) newService(w http.ResponseWriter, r *http.Request) error {
	v, err := p.newServiceView(r, begin("type", "OPENAPI", "timeout", "30", "request", p.NewID(), "shows", "nothing"))
	if err != nil {
		return err
	}
	return render(w, r, v)
}

// subsystems are those for which this gateway speaks.
func (p *Gateway) subsystems(r *http.Request) ([]ui.Option, error) {
	list, err := p.Desk.Subsystems(r.Context(), p.Actor(r))
	out := make([]ui.Option, len(list))
	for i, id := range list {
		out[i] = ui.Option{Value: id.String(), Label: p.name(id)}
	}
	return out, err
}

func (p *Gateway) newServiceView(r *http.Request, t typed) (view, error) {
	pr := in(r)
	v, err := p.page(r, pr.t("gw.service.new"))
	if err != nil {
		return v, err
	}
	if err := exchange.Permissions.Can(p.Actor(r), exchange.ActOffer); err != nil {
		return v, err
	}
	systems, err := p.subsystems(r)
	if err != nil {
		return v, err
	}
	v.Crumbs = []ui.Link{{Label: pr.t("gw.services.title"), Href: "/gateway/services"}}
	if len(systems) == 0 {
		v.Add(ui.Para(pr.t("gw.service.no_subsystem")))
		return v, nil
	}
	fields := append(components(
		t.pick(ui.Field{Name: "subsystem", Label: pr.t("subsystem"), Options: systems}),
		t.text(ui.Field{Name: "key", Label: pr.t("service.code"), Hint: pr.t("service.code.hint"), Width: 20})), serviceFields(pr, t)...)
	v.Add(
		ui.Para(pr.t("gw.service.new.text")),
		form("/gateway/services/new", map[string]string{"request": t.values["request"]}, fields, ui.Action{Label: pr.t("gw.service.offer")}),
	)
	return v, nil
}

func serviceFields(pr words, t typed) []templ.Component {
	return components(
		t.text(ui.Field{Name: "name", Label: pr.t("entry.name")}),
		t.text(ui.Field{Name: "url", Label: pr.t("gw.service.url"), Hint: pr.t("gw.service.url.hint"), Type: "url"}),
		t.text(ui.Field{Name: "timeout", Label: pr.t("gw.service.timeout"), Suffix: pr.t("gw.service.seconds"), Width: 4, InputMode: "numeric"}),
		t.radios(ui.Field{
			Name: "type", Label: pr.t("entry.type"),
			Options: []ui.Option{{Value: "OPENAPI", Label: pr.t("type.openapi")}, {Value: "REST", Label: pr.t("type.rest")}},
		}),
		t.uploadFile(ui.Field{Name: "openapi", Label: pr.t("openapi"), Hint: pr.t("openapi.hint"), Accept: ".json,.yaml,.yml", Optional: true}),
		ui.Fold(
			pr.t("gw.service.tls"), ui.Para(pr.t("gw.service.tls.text")),
			t.area(ui.Field{Name: "ca", Label: pr.t("gw.service.ca"), Hint: pr.t("gw.service.ca.hint"), Rows: 6, Optional: true}),
			t.text(ui.Field{Name: "server_name", Label: pr.t("gw.service.server_name"), Hint: pr.t("gw.service.server_name.hint"), Optional: true}),
			t.radios(ui.Field{Name: "shows", Label: pr.t("gw.service.shows"), Options: []ui.Option{
				{Value: "nothing", Label: pr.t("gw.service.shows.nothing")},
				{Value: "gateway", Label: pr.t("gw.service.shows.gateway")},
				{Value: "files", Label: pr.t("gw.service.shows.files")},
			}}),
			t.text(ui.Field{Name: "certificate", Label: pr.t("gw.service.certificate"), Hint: pr.t("gw.service.certificate.hint"), Optional: true}),
			t.text(ui.Field{Name: "key_file", Label: pr.t("gw.service.key"), Hint: pr.t("gw.service.key.hint"), Optional: true}),
		))
}

// typedTLS are the values of a service's TLS in its form.
func typedTLS(s exchange.ServiceTLS) []string {
	shows, certificate := "files", s.Certificate
	switch s.Certificate {
	case "":
		shows = "nothing"
	case exchange.OwnCertificate:
		shows, certificate = "gateway", ""
	}
	return []string{"ca", s.CA, "server_name", s.ServerName, "shows", shows, "certificate", certificate, "key_file", s.Key}
}

// readTLS reads them.
func readTLS(f web.Form) exchange.ServiceTLS {
	t := exchange.ServiceTLS{CA: strings.TrimSpace(strings.ReplaceAll(f.Text("ca"), "\r\n", "\n")), ServerName: f.Text("server_name")}
	switch f.Text("shows") {
	case "gateway":
		t.Certificate = exchange.OwnCertificate
	case "files":
		t.Certificate, t.Key = f.Text("certificate"), f.Text("key_file")
	}
	return t
}

// readService reads the form into a service.
func readService(f web.Form, s exchange.LocalService) (exchange.LocalService, error) {
	s.Name, s.Type = f.Text("name"), f.Text("type")
	// A service that this program serves itself has no URL, and gets none here.
	if f.Has("url") {
		s.URL = strings.TrimSuffix(f.Text("url"), "/")
		if f.Has("shows") { // a form without it says nothing about TLS
			s.TLS = readTLS(f)
		}
	}
	seconds, _, _ := f.Int("timeout") // none is too short
	s.Timeout = time.Duration(seconds) * time.Second
	doc, err := upload(f, "openapi", exchange.MaxOpenAPI)
	if err != nil {
		return s, err
	}
	if len(doc) > 0 {
		s.OpenAPI, s.Type = doc, "OPENAPI"
	}
	if s.Type == "REST" {
		s.OpenAPI = nil
	}
	return s, nil
}

func (p *Gateway) newServicePost(w http.ResponseWriter, r *http.Request) error {
	if err := exchange.Permissions.Can(p.Actor(r), exchange.ActOffer); err != nil {
		return err
	}
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	s, err := readService(f, exchange.LocalService{})
	if err == nil {
		// What is no identifier is none of this gateway's subsystems.
		if s.ID, err = xroad.ParseID(f.Text("subsystem")+"/"+f.Text("key"), 5, 5); err != nil {
			s.ID, _ = xroad.ParseID(f.Text("subsystem"), 4, 4)
		}
		err = p.Desk.Offer(r.Context(), p.Actor(r), s)
	}
	if err != nil {
		return retry(w, r, err, func() (view, error) { return p.newServiceView(r, again(f, err)) })
	}
	return p.applyFor(w, r, s, exchange.Application{ID: f.Text("request")})
}

// applyFor asks the centre to list a service, and says what came of it. That the
// centre is away changes nothing about what was saved here.
func (p *Gateway) applyFor(w http.ResponseWriter, r *http.Request, s exchange.LocalService, a exchange.Application) error {
	a.Entry = exchange.Entry{Kind: exchange.ServiceOffered, Key: s.ID.String(), Name: s.Name, Type: s.Type, OpenAPI: s.OpenAPI}
	got, err := p.Desk.Apply(r.Context(), p.Actor(r), a)
	if err != nil {
		return web.RedirectWith(w, r, servicePath(s.ID), "exchangeweb.gw.service.saved.unsent", nil)
	}
	return web.RedirectWith(w, r, servicePath(s.ID), "exchangeweb.gw.service.saved."+string(got.State), nil)
}

// own finds the service of the page.
func (p *Gateway) own(r *http.Request) (exchange.LocalService, error) {
	return p.Desk.Service(r.Context(), p.Actor(r), r.PathValue("subsystem"), r.PathValue("service"))
}

func (p *Gateway) service(w http.ResponseWriter, r *http.Request) error {
	s, err := p.own(r)
	if err != nil {
		return err
	}
	v, err := p.serviceView(
		r, s,
		begin(append(
			typedTLS(s.TLS), "name", s.Name, "url", s.URL, "timeout", itoa(int(s.Timeout.Seconds())), "type", s.Type, "notice", s.Notice,
			"request", p.NewID(),
		)...),
	)
	if err != nil {
		return err
	}
	return render(w, r, v)
}

func (p *Gateway) serviceView(r *http.Request, s exchange.LocalService, t typed) (view, error) {
	pr := in(r)
	v, err := p.page(r, s.Name)
	if err != nil {
		return v, err
	}
	v.Lead = pr.t("service")
	v.Crumbs = []ui.Link{{Label: pr.t("gw.services.title"), Href: "/gateway/services"}}
	facts := []ui.Fact{
		{Key: pr.t("entry.key"), Value: s.ID.String()},
		{Key: pr.t("gw.service.where"), Value: where(pr, s)},
		{Key: pr.t("entry.state"), Body: serviceMark(pr, s)},
		{Key: pr.t("gw.service.catalogue"), Body: p.catalogued(pr, s.ID)},
	}
	if !s.TLS.IsZero() {
		facts = append(facts, ui.Fact{Key: pr.t("gw.service.tls"), Value: tlsWords(pr, s.TLS)})
	}
	if s.Notice != "" {
		facts = append(facts, ui.Fact{Key: pr.t("gw.service.notice"), Value: s.Notice})
	}
	_, list, _ := exchange.ReadOpenAPI(s.OpenAPI) // none without a description
	v.Add(ui.SummaryList(facts), endpoints(pr, "endpoints", list))
	if !p.may(r, exchange.ActOffer) {
		v.Add(ui.Para(pr.t("gw.who")))
		return v, nil
	}
	v.Add(ui.Buttons(ui.Action{Label: pr.t("gw.right.new"), Href: "/gateway/rights/new?service=" + url.QueryEscape(s.ID.String())}))
	to, hidden := servicePath(s.ID), map[string]string{"request": t.values["request"]}
	var blocks []templ.Component
	if !p.inCatalogue(s.ID) {
		blocks = append(
			blocks,
			form(
				to, hidden, components(ui.Para(pr.t("gw.service.list.text"))),
				ui.Action{Label: pr.t("gw.service.list"), Look: ui.Secondary, Name: "do", Value: "list"},
			),
		)
	}
	if s.URL != "" {
		blocks = append(
			blocks,
			ui.Fold(
				pr.t("gw.service.change"),
				form(to, hidden, serviceFields(pr, t), ui.Action{Label: pr.t("gw.service.save"), Name: "do", Value: "save", Look: ui.Secondary}),
			),
		)
	}
	if s.Disabled {
		blocks = append(
			blocks, form(to, hidden, nil, ui.Action{Label: pr.t("gw.service.enable"), Look: ui.Secondary, Name: "do", Value: "enable"}),
		)
	} else {
		blocks = append(blocks, ui.Fold(pr.t("gw.service.disable"), ui.Para(pr.t("gw.service.disable.text")), form(to, hidden,
			components(t.area(ui.Field{Name: "notice", Label: pr.t("gw.service.notice"), Hint: pr.t("gw.service.notice.hint"), Rows: 2})),
			ui.Action{Label: pr.t("gw.service.disable"), Look: ui.Warning, Name: "do", Value: "disable"})))
	}
	if p.inCatalogue(s.ID) {
		blocks = append(blocks, ui.Fold(pr.t("gw.service.unlist"), ui.Para(pr.t("gw.service.unlist.text")), form(to, hidden,
			components(t.area(ui.Field{Name: "reason", Label: pr.t("entry.reason"), Rows: 2})),
			ui.Action{Label: pr.t("gw.service.unlist"), Look: ui.Warning, Name: "do", Value: "unlist"})))
	}
	v.Add(section("change", pr.t("do.title"), blocks...))
	return v, nil
}

func (p *Gateway) servicePost(w http.ResponseWriter, r *http.Request) error {
	if err := exchange.Permissions.Can(p.Actor(r), exchange.ActOffer); err != nil {
		return err
	}
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	s, err := p.own(r)
	if err != nil {
		return err
	}
	show := func(err error) error {
		return retry(w, r, err, func() (view, error) { return p.serviceView(r, s, again(f, err)) })
	}
	changed, do := s, f.Text("do")
	switch do {
	case "list":
		return p.applyFor(w, r, s, exchange.Application{ID: f.Text("request")})
	case "unlist":
		if _, err := p.Desk.Apply(r.Context(), p.Actor(r), exchange.Application{
			ID: f.Text("request"), Withdraw: true, Note: f.Text("reason"),
			Entry: exchange.Entry{Kind: exchange.ServiceOffered, Key: s.ID.String(), Name: s.Name},
		}); err != nil {
			return show(whole(err))
		}
	case "enable":
		changed.Disabled, changed.Notice = false, ""
	case "disable":
		changed.Disabled, changed.Notice = true, f.Text("notice")
	case "save":
		if changed, err = readService(f, s); err != nil {
			return show(err)
		}
	default:
		return errNoPage
	}
	if do != "unlist" {
		if err := p.Desk.SaveService(r.Context(), p.Actor(r), changed); err != nil {
			return show(err)
		}
	}
	if do == "save" && (changed.Name != s.Name || changed.Type != s.Type || !slices.Equal(changed.OpenAPI, s.OpenAPI)) {
		return p.applyFor(w, r, changed, exchange.Application{ID: f.Text("request")})
	}
	return web.RedirectWith(w, r, servicePath(s.ID), "exchangeweb.gw.service.done."+do, map[string]any{"name": strconv.Quote(s.Name)})
}
