package exchangeweb

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"dean06/internal/exchange"
	"dean06/internal/platform/fault"
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
	list, err := p.Store.Services(r.Context())
	if err != nil {
		return err
	}
	rights, err := p.Store.Rights(r.Context(), false)
	if err != nil {
		return err
	}
	on := 0
	t := ui.Table{
		ID: "services", Caption: pr.t("gw.services.title"), Quiet: true, Columns: []ui.Column{
			{Label: pr.t("service")}, {Label: pr.t("gw.service.where")}, {Label: pr.t("gw.nav.rights"), Numeric: true}, {Label: pr.t("gw.service.catalogue")}, {Label: pr.t("entry.state")},
		},
		Empty: nothing(p.may(r), pr.t("gw.services.empty"), ui.Link{Label: pr.t("gw.service.new"), Href: "/gateway/services/new"}),
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
	if p.may(r) {
		v.add(ui.Buttons(ui.Action{Label: pr.t("gw.service.new"), Href: "/gateway/services/new"}))
	}
	v.add(ui.DataTable(t))
	return render(w, r, v)
}

func where(pr words, s exchange.LocalService) string {
	if s.URL == "" {
		return pr.t("gw.service.builtin")
	}
	return s.URL
}

func serviceMark(pr words, s exchange.LocalService) templ.Component {
	if s.Disabled {
		return ui.StatusText(ui.NotMet, pr.t("gw.service.off"))
	}
	return ui.StatusText(ui.Met, pr.t("gw.service.on"))
}

// inCatalogue says whether the centre's configuration names a service.
func (p *Gateway) inCatalogue(id xroad.ID) bool {
	d := p.Directory()
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
	v, err := p.newServiceView(r, begin("type", "OPENAPI", "timeout", "30", "request", p.NewID()))
	if err != nil {
		return err
	}
	return render(w, r, v)
}

// subsystems are those for which this gateway speaks.
func (p *Gateway) subsystems(ctx context.Context) ([]ui.Option, error) {
	s, err := p.Status(ctx)
	if err != nil {
		return nil, err
	}
	var out []ui.Option
	if d := p.Directory(); d != nil {
		g, _ := d.Gateway(s.Gateway)
		for _, id := range g.Subsystems {
			out = append(out, ui.Option{Value: id.String(), Label: p.name(id)})
		}
	}
	return out, nil
}

func (p *Gateway) newServiceView(r *http.Request, t typed) (view, error) {
	pr := in(r)
	v, err := p.page(r, pr.t("gw.service.new"))
	if err != nil {
		return v, err
	}
	if err := p.Actor(r).May(exchange.OwnGateway); err != nil {
		return v, err
	}
	systems, err := p.subsystems(r.Context())
	if err != nil {
		return v, err
	}
	v.Crumbs = []ui.Link{{Label: pr.t("gw.services.title"), Href: "/gateway/services"}}
	if len(systems) == 0 {
		v.add(para(pr.t("gw.service.no_subsystem")))
		return v, nil
	}
	fields := append(components(
		t.pick(ui.Field{Name: "subsystem", Label: pr.t("subsystem"), Options: systems}),
		t.text(ui.Field{Name: "key", Label: pr.t("service.code"), Hint: pr.t("service.code.hint"), Width: 20})), serviceFields(pr, t)...)
	v.add(para(pr.t("gw.service.new.text")), form("/gateway/services/new", map[string]string{"request": t.values["request"]}, fields, ui.Action{Label: pr.t("gw.service.offer")}))
	return v, nil
}

func serviceFields(pr words, t typed) []templ.Component {
	return components(
		t.text(ui.Field{Name: "name", Label: pr.t("entry.name")}),
		t.text(ui.Field{Name: "url", Label: pr.t("gw.service.url"), Hint: pr.t("gw.service.url.hint"), Type: "url"}),
		t.text(ui.Field{Name: "timeout", Label: pr.t("gw.service.timeout"), Suffix: pr.t("gw.service.seconds"), Width: 4, InputMode: "numeric"}),
		t.radios(ui.Field{Name: "type", Label: pr.t("entry.type"), Options: []ui.Option{{Value: "OPENAPI", Label: pr.t("type.openapi")}, {Value: "REST", Label: pr.t("type.rest")}}}),
		t.uploadFile(ui.Field{Name: "openapi", Label: pr.t("openapi"), Hint: pr.t("openapi.hint"), Accept: ".json,.yaml,.yml", Optional: true}))
}

// readService reads the form into a service. It fails with a fault.List.
func readService(f web.Form, s exchange.LocalService) (exchange.LocalService, error) {
	var wrong fault.List
	bad := func(field, key string) {
		wrong = append(wrong, fault.New(fault.Invalid, "exchangeweb.gw.wrong."+key, nil).At(field))
	}
	s.Name, s.Type = f.Text("name"), f.Text("type")
	if n := len([]rune(s.Name)); n == 0 || n > 200 {
		bad("name", "name")
	}
	// A service that this program serves itself has no URL, and gets none here.
	if f.Has("url") {
		u, err := url.Parse(f.Text("url"))
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.Fragment != "" || u.RawQuery != "" || len(f.Text("url")) > 500 {
			bad("url", "url")
		}
		s.URL = strings.TrimSuffix(f.Text("url"), "/")
	}
	seconds, _, err := f.Int("timeout")
	if err != nil || seconds < 1 || seconds > 600 {
		bad("timeout", "timeout")
	}
	s.Timeout = time.Duration(seconds) * time.Second
	doc, err := upload(f, "openapi", exchange.MaxOpenAPI)
	if e := fault.As(err); e != nil {
		wrong = append(wrong, e)
	} else if err != nil {
		return s, err
	}
	if len(doc) > 0 {
		s.OpenAPI, s.Type = doc, "OPENAPI"
	}
	switch {
	case s.Type == "REST":
		s.OpenAPI = nil
	case s.Type != "OPENAPI":
		bad("type", "type")
	case s.OpenAPI == nil:
		wrong = append(wrong, fault.New(fault.Invalid, "exchange.openapi.missing", nil).At("openapi"))
	default:
		if _, _, err := exchange.ReadOpenAPI(s.OpenAPI); err != nil {
			wrong = append(wrong, fault.As(err))
		}
	}
	return s, wrong.Err()
}

func (p *Gateway) newServicePost(w http.ResponseWriter, r *http.Request) error {
	if err := p.Actor(r).May(exchange.OwnGateway); err != nil {
		return err
	}
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	s, err := readService(f, exchange.LocalService{})
	if err == nil {
		s.ID, err = p.newServiceID(r.Context(), f)
	}
	if err != nil {
		return retry(w, r, err, func() (view, error) { return p.newServiceView(r, again(f, err)) })
	}
	if err := p.saveService(r.Context(), s); err != nil {
		return err
	}
	return p.applyFor(w, r, s, exchange.Application{ID: f.Text("request")})
}

func (p *Gateway) newServiceID(ctx context.Context, f web.Form) (xroad.ID, error) {
	bad := fault.New(fault.Invalid, "exchange.entry.key.service", nil).At("key")
	systems, err := p.subsystems(ctx)
	if err != nil {
		return xroad.ID{}, err
	}
	if !slices.ContainsFunc(systems, func(o ui.Option) bool { return o.Value == f.Text("subsystem") }) {
		return xroad.ID{}, fault.New(fault.Invalid, "exchangeweb.gw.service.no_subsystem", nil).At("subsystem")
	}
	id, err := xroad.ParseID(f.Text("subsystem")+"/"+f.Text("key"), 5, 5)
	check := exchange.Entry{Kind: exchange.ServiceOffered, Key: id.String(), Member: id.MemberID(), Name: "x", Type: "REST"}
	if err != nil || check.Check(id.Instance) != nil {
		return id, bad
	}
	_, there, err := p.find(ctx, id)
	if err == nil && there {
		err = fault.New(fault.Conflict, "exchange.entry.exists", fault.Args{"key": id.String()}).At("key")
	}
	return id, err
}

func (p *Gateway) find(ctx context.Context, id xroad.ID) (exchange.LocalService, bool, error) {
	list, err := p.Store.Services(ctx)
	i := slices.IndexFunc(list, func(s exchange.LocalService) bool { return s.ID == id })
	if err != nil || i < 0 {
		return exchange.LocalService{}, false, err
	}
	return list[i], true, nil
}

func (p *Gateway) saveService(ctx context.Context, s exchange.LocalService) error {
	if err := p.Store.SaveService(ctx, s); err != nil {
		return err
	}
	return p.Reload(ctx)
}

// applyFor asks the centre to list a service, and says what came of it. That the
// centre is away changes nothing about what was saved here.
func (p *Gateway) applyFor(w http.ResponseWriter, r *http.Request, s exchange.LocalService, a exchange.Application) error {
	a.Entry = exchange.Entry{Kind: exchange.ServiceOffered, Key: s.ID.String(), Name: s.Name, Type: s.Type, OpenAPI: s.OpenAPI}
	got, err := p.Apply(r.Context(), a)
	if err != nil {
		return web.RedirectWith(w, r, servicePath(s.ID), "exchangeweb.gw.service.saved.unsent", nil)
	}
	return web.RedirectWith(w, r, servicePath(s.ID), "exchangeweb.gw.service.saved."+string(got.State), nil)
}

// own finds the service of the page.
func (p *Gateway) own(r *http.Request) (exchange.LocalService, error) {
	list, err := p.Store.Services(r.Context())
	if err != nil {
		return exchange.LocalService{}, err
	}
	for _, s := range list {
		if s.ID.Subsystem == r.PathValue("subsystem") && s.ID.Service == r.PathValue("service") {
			return s, nil
		}
	}
	return exchange.LocalService{}, errNoPage
}

func (p *Gateway) service(w http.ResponseWriter, r *http.Request) error {
	s, err := p.own(r)
	if err != nil {
		return err
	}
	v, err := p.serviceView(r, s, begin("name", s.Name, "url", s.URL, "timeout", itoa(int(s.Timeout.Seconds())), "type", s.Type, "notice", s.Notice, "request", p.NewID()))
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
	if s.Notice != "" {
		facts = append(facts, ui.Fact{Key: pr.t("gw.service.notice"), Value: s.Notice})
	}
	_, list, _ := exchange.ReadOpenAPI(s.OpenAPI) // none without a description
	v.add(ui.SummaryList(facts), endpoints(pr, "endpoints", list))
	if !p.may(r) {
		v.add(para(pr.t("gw.who")))
		return v, nil
	}
	v.add(ui.Buttons(ui.Action{Label: pr.t("gw.right.new"), Href: "/gateway/rights/new?service=" + url.QueryEscape(s.ID.String())}))
	to, hidden := servicePath(s.ID), map[string]string{"request": t.values["request"]}
	var blocks []templ.Component
	if !p.inCatalogue(s.ID) {
		blocks = append(blocks, form(to, hidden, components(para(pr.t("gw.service.list.text"))), ui.Action{Label: pr.t("gw.service.list"), Look: ui.Secondary, Name: "do", Value: "list"}))
	}
	if s.URL != "" {
		blocks = append(blocks, fold(pr.t("gw.service.change"), form(to, hidden, serviceFields(pr, t), ui.Action{Label: pr.t("gw.service.save"), Name: "do", Value: "save", Look: ui.Secondary})))
	}
	if s.Disabled {
		blocks = append(blocks, form(to, hidden, nil, ui.Action{Label: pr.t("gw.service.enable"), Look: ui.Secondary, Name: "do", Value: "enable"}))
	} else {
		blocks = append(blocks, fold(pr.t("gw.service.disable"), para(pr.t("gw.service.disable.text")), form(to, hidden,
			components(t.area(ui.Field{Name: "notice", Label: pr.t("gw.service.notice"), Hint: pr.t("gw.service.notice.hint"), Rows: 2})), ui.Action{Label: pr.t("gw.service.disable"), Look: ui.Warning, Name: "do", Value: "disable"})))
	}
	if p.inCatalogue(s.ID) {
		blocks = append(blocks, fold(pr.t("gw.service.unlist"), para(pr.t("gw.service.unlist.text")), form(to, hidden,
			components(t.area(ui.Field{Name: "reason", Label: pr.t("entry.reason"), Rows: 2})), ui.Action{Label: pr.t("gw.service.unlist"), Look: ui.Warning, Name: "do", Value: "unlist"})))
	}
	v.add(section("change", pr.t("do.title"), blocks...))
	return v, nil
}

func (p *Gateway) servicePost(w http.ResponseWriter, r *http.Request) error {
	if err := p.Actor(r).May(exchange.OwnGateway); err != nil {
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
		if _, err := p.Apply(r.Context(), exchange.Application{
			ID: f.Text("request"), Withdraw: true, Note: f.Text("reason"), Entry: exchange.Entry{Kind: exchange.ServiceOffered, Key: s.ID.String(), Name: s.Name},
		}); err != nil {
			return show(whole(err))
		}
	case "enable":
		changed.Disabled, changed.Notice = false, ""
	case "disable":
		if changed.Disabled, changed.Notice = true, f.Text("notice"); changed.Notice == "" || len(changed.Notice) > 1000 {
			return show(fault.New(fault.Invalid, "exchangeweb.gw.wrong.notice", nil).At("notice"))
		}
	case "save":
		if changed, err = readService(f, s); err != nil {
			return show(err)
		}
	default:
		return errNoPage
	}
	if do != "unlist" {
		if err := p.saveService(r.Context(), changed); err != nil {
			return err
		}
	}
	if do == "save" && (changed.Name != s.Name || changed.Type != s.Type || !slices.Equal(changed.OpenAPI, s.OpenAPI)) {
		return p.applyFor(w, r, changed, exchange.Application{ID: f.Text("request")})
	}
	return web.RedirectWith(w, r, servicePath(s.ID), "exchangeweb.gw.service.done."+do, map[string]any{"name": strconv.Quote(s.Name)})
}
