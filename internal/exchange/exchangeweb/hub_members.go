package exchangeweb

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"dean06/internal/exchange"
	"dean06/internal/exchange/centre"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/xroad"
)

func (p *Hub) members(w http.ResponseWriter, r *http.Request) error {
	reg, err := p.register(r)
	if err != nil {
		return err
	}
	pr := in(r)
	v := p.page(r, reg, pr.t("hub.members.title"))
	list := reg.Of(exchange.MemberEntry, xroad.ID{})
	i18n.SortBy(list, func(e exchange.Entry) string { return e.Name })
	v.Stat = pr.t("hub.members.stat", args{"n": len(active(list))})
	t := ui.Table{
		ID: "members", Stack: true, Caption: pr.t("hub.members.title"), Quiet: true, Columns: []ui.Column{
			{Label: pr.t("member")},
			{Label: pr.t("subsystems"), Numeric: true},
			{Label: pr.t("services"), Numeric: true},
			{Label: pr.t("gateways"), Numeric: true},
			{Label: pr.t("entry.state")},
		},
		Empty: nothing(p.may(r), pr.t("hub.members.empty"), ui.Link{Label: pr.t("hub.new.member"), Href: "/exchange/new/member"}),
	}
	for _, m := range list {
		count := func(k exchange.EntryKind) ui.Cell {
			return ui.Cell{Text: pr.Int(int64(len(active(reg.Of(k, m.Member)))))}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Body: coded(m.Name, m.Key, entryPath(m.Kind, m.Key))},
			count(exchange.SubsystemEntry), count(exchange.ServiceOffered), count(exchange.GatewayEntry),
			{Body: stateMark(pr, m)},
		}})
	}
	if p.may(r) {
		v.Add(ui.Buttons(
			ui.Action{Label: pr.t("hub.new.member"), Href: "/exchange/new/member"},
			ui.Action{Label: pr.t("hub.token.new"), Href: "/exchange/tokens/new", Look: ui.Secondary},
		))
	}
	v.Add(ui.DataTable(t))
	return render(w, r, v)
}

func stateMark(pr words, e exchange.Entry) templ.Component {
	status := ui.NotMet
	switch e.State {
	case exchange.Active:
		status = ui.Met
	case exchange.Suspended:
		status = ui.Partial
	}
	return ui.StatusText(status, pr.t("state."+string(e.State)))
}

func (p *Hub) services(w http.ResponseWriter, r *http.Request) error {
	reg, err := p.register(r)
	if err != nil {
		return err
	}
	pr := in(r)
	v := p.page(r, reg, pr.t("hub.services.title"))
	list := reg.Of(exchange.ServiceOffered, xroad.ID{})
	v.Stat = pr.t("hub.services.stat", args{"n": len(active(list))})
	v.Add(p.serviceTable(pr, reg, list, true))
	return render(w, r, v)
}

func (p *Hub) serviceTable(pr words, reg centre.Register, list []exchange.Entry, withMember bool) templ.Component {
	t := ui.Table{
		ID: "services", Caption: pr.t("services"), Columns: []ui.Column{{Label: pr.t("service")}}, Empty: ui.Para(pr.t("hub.services.empty")),
	}
	if withMember {
		t.Columns = append(t.Columns, ui.Column{Label: pr.t("member")})
	}
	t.Columns = append(t.Columns, ui.Column{Label: pr.t("endpoints"), Numeric: true}, ui.Column{Label: pr.t("entry.state")})
	for _, s := range list {
		row := ui.Row{Cells: []ui.Cell{{Body: coded(s.Name, s.Key, entryPath(s.Kind, s.Key))}}}
		if withMember {
			row.Cells = append(row.Cells, ui.Cell{Text: nameOf(reg, exchange.MemberEntry, s.Member.String())})
		}
		n := "–" // a service without a description
		if s.Type == "OPENAPI" {
			n = pr.Int(int64(len(s.Endpoints)))
		}
		row.Cells = append(row.Cells, ui.Cell{Text: n}, ui.Cell{Body: stateMark(pr, s)})
		t.Rows = append(t.Rows, row)
	}
	return ui.DataTable(t)
}

func (p *Hub) groups(w http.ResponseWriter, r *http.Request) error {
	reg, err := p.register(r)
	if err != nil {
		return err
	}
	pr := in(r)
	v := p.page(r, reg, pr.t("hub.groups.title"))
	v.Stat = pr.t("hub.groups.stat")
	t := ui.Table{
		ID: "groups", Caption: pr.t("hub.groups.title"), Quiet: true,
		Columns: []ui.Column{{Label: pr.t("group")}, {Label: pr.t("subsystems")}, {Label: pr.t("entry.state")}},
		Empty:   nothing(p.may(r), pr.t("hub.groups.empty"), ui.Link{Label: pr.t("hub.new.group"), Href: "/exchange/new/group"}),
	}
	for _, g := range reg.Of(exchange.GroupEntry, xroad.ID{}) {
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Body: coded(g.Name, g.Key, entryPath(g.Kind, g.Key))}, {Body: links(idList(g.Members, subsystemNames(reg)))}, {Body: stateMark(pr, g)},
		}})
	}
	if p.may(r) {
		v.Add(ui.Buttons(ui.Action{Label: pr.t("hub.new.group"), Href: "/exchange/new/group"}))
	}
	v.Add(ui.DataTable(t))
	return render(w, r, v)
}

func subsystemNames(reg centre.Register) func(xroad.ID) string {
	return func(id xroad.ID) string { return nameOf(reg, exchange.SubsystemEntry, id.String()) }
}

func (p *Hub) newEntry(w http.ResponseWriter, r *http.Request) error {
	v, err := p.newView(r, begin("member", r.URL.Query().Get("member"), "type", "OPENAPI"))
	if err != nil {
		return err
	}
	return render(w, r, v)
}

// newView is the form of a new entry of a kind.
func (p *Hub) newView(r *http.Request, t typed) (view, error) {
	if err := centre.Permissions.Can(p.Actor(r), centre.ActRegister); err != nil {
		return view{}, err
	}
	reg, err := p.register(r)
	if err != nil {
		return view{}, err
	}
	pr := in(r)
	kind := exchange.EntryKind(r.PathValue("kind"))
	name := ui.Field{Name: "name", Label: pr.t("entry.name")}
	var fields []templ.Component
	back := ui.Link{Label: pr.t("hub.members.title"), Href: "/exchange/members"}
	switch kind {
	case exchange.MemberEntry:
		fields = components(t.pick(ui.Field{
			Name: "key", Label: pr.t("member.agency"), Hint: pr.t("member.agency.hint"), Options: p.agencies(pr, reg),
		}))
	case exchange.SubsystemEntry:
		fields = components(
			t.pick(ui.Field{Name: "member", Label: pr.t("member"), Options: entryOptions(pr, active(reg.Of(exchange.MemberEntry, xroad.ID{})))}),
			t.text(ui.Field{Name: "key", Label: pr.t("subsystem.code"), Hint: pr.t("subsystem.code.hint"), Width: 10}), t.text(name))
	case exchange.ServiceOffered:
		fields = components(
			t.pick(ui.Field{
				Name: "subsystem", Label: pr.t("subsystem"), Options: entryOptions(pr, active(reg.Of(exchange.SubsystemEntry, xroad.ID{}))),
			}),
			t.text(ui.Field{Name: "key", Label: pr.t("service.code"), Hint: pr.t("service.code.hint"), Width: 20}), t.text(name),
			t.radios(ui.Field{
				Name: "type", Label: pr.t("entry.type"), Inline: true,
				Options: []ui.Option{{Value: "OPENAPI", Label: pr.t("type.openapi")}, {Value: "REST", Label: pr.t("type.rest")}},
			}),
			t.uploadFile(ui.Field{Name: "openapi", Label: pr.t("openapi"), Hint: pr.t("openapi.hint"), Accept: ".json,.yaml,.yml", Optional: true}))
		back = ui.Link{Label: pr.t("hub.services.title"), Href: "/exchange/services"}
	case exchange.GroupEntry:
		fields = components(
			t.text(ui.Field{Name: "key", Label: pr.t("group.code"), Hint: pr.t("group.code.hint"), Width: 20}), t.text(name),
			t.ticks(ui.Field{
				Name: "members", Label: pr.t("subsystems"), Small: true, Options: entryOptions(pr, active(reg.Of(exchange.SubsystemEntry, xroad.ID{}))),
			}))
		back = ui.Link{Label: pr.t("hub.groups.title"), Href: "/exchange/groups"}
	default:
		return view{}, errNoPage
	}
	v := p.page(r, reg, pr.t("hub.new."+string(kind)))
	v.Crumbs = []ui.Link{back}
	v.Sub[subOf[kind]].Current = true
	v.Add(form(r.URL.Path, nil, fields, ui.Action{Label: pr.t("hub.enter")}))
	return v, nil
}

func entryOptions(pr words, list []exchange.Entry) []ui.Option {
	i18n.SortBy(list, func(e exchange.Entry) string { return e.Name })
	out := make([]ui.Option, len(list))
	for i, e := range list {
		out[i] = ui.Option{Value: e.Key, Label: e.Name + " (" + e.Key + ")"}
	}
	return out
}

// agencies are those that are not members yet.
func (p *Hub) agencies(pr words, reg centre.Register) []ui.Option {
	list := p.Centre.Agencies()
	i18n.SortBy(list, func(a centre.Agency) string { return a.Name })
	out := []ui.Option{{Label: pr.t("choose")}}
	for _, a := range list {
		key := p.Centre.MemberOf(a.Code).String()
		if e, ok := reg.Find(exchange.MemberEntry, key); !ok || e.State == exchange.Withdrawn {
			out = append(out, ui.Option{Value: key, Label: a.Name + " (" + a.Code + ")"})
		}
	}
	return out
}

func (p *Hub) newEntryPost(w http.ResponseWriter, r *http.Request) error {
	if err := centre.Permissions.Can(p.Actor(r), centre.ActRegister); err != nil {
		return err
	}
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	e := exchange.Entry{
		Kind: exchange.EntryKind(r.PathValue("kind")), Key: f.Text("key"), Name: f.Text("name"), Type: f.Text("type"),
		Members: parseIDs(f.Values("members")),
	}
	switch e.Kind {
	case exchange.MemberEntry:
		code := e.Key[strings.LastIndexByte(e.Key, '/')+1:]
		for _, a := range p.Centre.Agencies() {
			if a.Code == code {
				e.Name = a.Name
			}
		}
	case exchange.SubsystemEntry:
		e.Key = f.Text("member") + "/" + e.Key
	case exchange.ServiceOffered:
		e.Key = f.Text("subsystem") + "/" + e.Key
		if e.OpenAPI, err = upload(f, "openapi", exchange.MaxOpenAPI); err != nil {
			return retry(w, r, err, func() (view, error) { return p.newView(r, again(f, err)) })
		}
	case exchange.GroupEntry:
	default:
		return errNoPage
	}
	e.Member = e.ID().MemberID()
	if err := p.Centre.Enter(r.Context(), p.Actor(r), e); err != nil {
		return retry(w, r, err, func() (view, error) { return p.newView(r, again(f, err)) })
	}
	return web.RedirectWith(w, r, entryPath(e.Kind, e.Key), "exchangeweb.entered", map[string]any{"name": e.Name})
}

// subjectPath leads to the making of something for a member.
func subjectPath(kind exchange.EntryKind, member string) string {
	return "/exchange/new/" + string(kind) + "?member=" + url.QueryEscape(member)
}
