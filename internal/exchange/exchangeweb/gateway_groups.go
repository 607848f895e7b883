package exchangeweb

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/a-h/templ"

	"dean06/internal/exchange"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/xroad"
)

const groupsPath = "/gateway/groups"

func groupPath(code string) string { return groupsPath + "/" + url.PathEscape(code) }

// groups lists the gateway's own groups, and the hub's beside them.
func (p *Gateway) groups(w http.ResponseWriter, r *http.Request) error {
	pr := in(r)
	v, err := p.page(r, pr.t("gw.groups.title"))
	if err != nil {
		return err
	}
	own, err := p.Desk.Groups(r.Context(), p.Actor(r))
	if err != nil {
		return err
	}
	named, err := p.rightsOfGroups(r)
	if err != nil {
		return err
	}
	wishes, err := p.Desk.GroupWishes(r.Context(), p.Actor(r))
	if err != nil {
		return err
	}
	v.Stat = pr.t("gw.groups.stat", args{"n": len(own)})
	may := p.may(r, exchange.ActGroup)
	create := ui.Link{Label: pr.t("gw.group.new"), Href: groupsPath + "/new"}
	switch {
	case !may:
		v.Add(ui.Para(pr.t("gw.who")))
	case len(own) > 0: // an empty list leads there itself
		v.Add(ui.Buttons(ui.Action{Label: create.Label, Href: create.Href}))
	}
	if len(wishes) > 0 {
		v.Add(p.groupWishes(r, pr, wishes))
	}
	v.Add(p.groupTable(pr, "own", own, named, nothing(may, pr.t("gw.groups.empty"), create), true))
	var hub []exchange.Group
	if d := p.Desk.Directory(); d != nil {
		hub = d.Configuration().Groups
	}
	v.Add(p.groupTable(pr, "hub", hub, named, ui.Para(pr.t("gw.groups.hub.empty")), false), muted(pr.t("gw.groups.hub.text")))
	return render(w, r, v)
}

// rightsOfGroups counts the rights that hold or will hold, by the group that they name.
func (p *Gateway) rightsOfGroups(r *http.Request) (map[string]int, error) {
	list, err := p.Desk.Rights(r.Context(), p.Actor(r), false)
	out := map[string]int{}
	for _, x := range list {
		out[x.Group]++
	}
	return out, err
}

func (p *Gateway) groupTable(pr words, id string, list []exchange.Group, named map[string]int, empty templ.Component, lead bool) templ.Component {
	t := ui.Table{ID: "groups-" + id, Stack: true, Caption: pr.t("gw.groups." + id), Columns: []ui.Column{
		{Label: pr.t("group")},
		{Label: pr.t("subsystems")},
		{Label: pr.t("gw.groups.rights"), Numeric: true},
	}, Empty: empty}
	for _, g := range list {
		href := ""
		if lead {
			href = groupPath(g.Code)
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Body: coded(g.Name, g.Code, href)}, {Body: p.membersOf(pr, g.Members)}, {Text: pr.Int(int64(named[g.Code]))},
		}})
	}
	return ui.DataTable(t)
}

// membersOf are subsystems by their names; a long list is folded.
func (p *Gateway) membersOf(pr words, list []xroad.ID) templ.Component {
	const shown = 5
	if len(list) == 0 {
		return coded(pr.t("gw.group.nobody"), "", "")
	}
	body := links(idList(list, p.name))
	if len(list) > shown {
		return ui.Fold(pr.Int(int64(len(list))), body)
	}
	return body
}

func (p *Gateway) groupWishes(r *http.Request, pr words, wishes []exchange.GroupWish) templ.Component {
	t := ui.Table{ID: "group-wishes", Stack: true, Caption: pr.t("gw.groups.wishes"), Columns: []ui.Column{
		{Label: pr.t("group")},
		{Label: pr.t("gw.group.joins")},
		{Label: pr.t("gw.group.leaves")},
		{Label: pr.t("gw.wish.by")},
		{Label: pr.t("gw.wish.until")},
	}}
	for _, x := range wishes {
		was := exchange.Group{Members: x.Was}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Body: coded(x.Group.Name, x.Group.Code, x.Href)},
			{Body: p.membersOf(pr, x.Group.Joins(was))},
			{Body: p.membersOf(pr, was.Joins(x.Group))},
			{Text: p.who(r, x.By.Account, x.At) + ", " + pr.when(x.At)},
			{Text: pr.day(x.Until)},
		}})
	}
	return ui.DataTable(t)
}

func (p *Gateway) newGroup(w http.ResponseWriter, r *http.Request) error {
	if err := exchange.Permissions.Can(p.Actor(r), exchange.ActGroup); err != nil {
		return err
	}
	v, err := p.groupView(r, exchange.Group{}, begin())
	if err != nil {
		return err
	}
	return render(w, r, v)
}

func (p *Gateway) newGroupPost(w http.ResponseWriter, r *http.Request) error {
	if err := exchange.Permissions.Can(p.Actor(r), exchange.ActGroup); err != nil {
		return err
	}
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	g := exchange.Group{Code: f.Text("key"), Name: f.Text("name"), Members: parseIDs(f.Values("members"))}
	if err := p.Desk.MakeGroup(r.Context(), p.Actor(r), g); err != nil {
		return retry(w, r, err, func() (view, error) { return p.groupView(r, exchange.Group{}, again(f, err)) })
	}
	return web.RedirectWith(w, r, groupPath(g.Code), "exchangeweb.gw.group.done", nil)
}

func (p *Gateway) group(w http.ResponseWriter, r *http.Request) error {
	g, err := p.Desk.Group(r.Context(), p.Actor(r), r.PathValue("code"))
	if err != nil {
		return err
	}
	t := begin("name", g.Name)
	for _, id := range g.Members {
		t.lists["members"] = append(t.lists["members"], id.String())
	}
	v, err := p.groupView(r, g, t)
	if err != nil {
		return err
	}
	return render(w, r, v)
}

func (p *Gateway) groupPost(w http.ResponseWriter, r *http.Request) error {
	if err := exchange.Permissions.Can(p.Actor(r), exchange.ActGroup); err != nil {
		return err
	}
	g, err := p.Desk.Group(r.Context(), p.Actor(r), r.PathValue("code"))
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	next := exchange.Group{Code: g.Code, Name: f.Text("name"), Members: parseIDs(f.Values("members"))}
	wish, err := p.Desk.ChangeGroup(r.Context(), p.Actor(r), next, f.Text("reason"))
	if err != nil {
		return retry(w, r, err, func() (view, error) { return p.groupView(r, g, again(f, err)) })
	}
	done := "exchangeweb.gw.group.done"
	if wish.ID != "" {
		done = "exchangeweb.gw.group.asked"
	}
	return web.RedirectWith(w, r, groupsPath, done, nil)
}

// groupView is a group, or the form of a new one (without a code).
func (p *Gateway) groupView(r *http.Request, g exchange.Group, t typed) (view, error) {
	pr := in(r)
	title := g.Name
	if g.Code == "" {
		title = pr.t("gw.group.new")
	}
	v, err := p.page(r, title)
	if err != nil {
		return v, err
	}
	v.Crumbs = []ui.Link{{Label: pr.t("gw.groups.title"), Href: groupsPath}}
	var why templ.Component
	fields := components(t.text(ui.Field{Name: "key", Label: pr.t("group.code"), Hint: pr.t("group.code.hint"), Width: 20}))
	if g.Code != "" {
		fields = nil
		rights, err := p.Desk.Rights(r.Context(), p.Actor(r), false)
		if err != nil {
			return v, err
		}
		rights = slices.DeleteFunc(rights, func(x exchange.Right) bool { return x.Group != g.Code })
		v.Add(ui.SummaryList([]ui.Fact{{Key: pr.t("group.code"), Value: g.Code}, {Key: pr.t("subsystems"), Body: p.membersOf(pr, g.Members)}}))
		if len(rights) > 0 {
			v.Add(p.groupRights(pr, rights))
		}
		switch {
		case g.Code == exchange.Everybody:
			v.Add(ui.Para(pr.t("gw.group.program")))
			return v, nil
		case len(rights) > 0:
			v.Add(ui.Para(pr.t("gw.group.second")))
			why = t.text(ui.Field{Name: "reason", Label: pr.t("gw.group.reason"), Hint: pr.t("gw.group.reason.hint"), Optional: true})
		default:
			v.Add(ui.Para(pr.t("gw.group.free")))
		}
	}
	if !p.may(r, exchange.ActGroup) {
		v.Add(ui.Para(pr.t("gw.who")))
		return v, nil
	}
	fields = append(fields, t.text(ui.Field{Name: "name", Label: pr.t("entry.name")}), t.ticks(ui.Field{
		Name: "members", Label: pr.t("subsystems"), Small: true, Options: p.memberOptions(g), Optional: true,
	}))
	if why != nil {
		fields = append(fields, why)
	}
	change := form(r.URL.Path, nil, fields, ui.Action{Label: pr.t("gw.group.save")})
	if g.Code != "" {
		change = section("change", pr.t("gw.group.edit"), change)
	}
	v.Add(change)
	return v, nil
}

// memberOptions are all subsystems of the exchange, and those of the group that have left it.
func (p *Gateway) memberOptions(g exchange.Group) []ui.Option {
	var out []ui.Option
	if d := p.Desk.Directory(); d != nil {
		for _, m := range d.Configuration().Members {
			for _, s := range m.Subsystems {
				out = append(out, ui.Option{Value: s.ID.String(), Label: m.Name + " – " + s.Name + " (" + s.ID.String() + ")"})
			}
		}
	}
	for _, id := range g.Members {
		if !slices.ContainsFunc(out, func(o ui.Option) bool { return o.Value == id.String() }) {
			out = append(out, ui.Option{Value: id.String(), Label: id.String()})
		}
	}
	i18n.SortBy(out, func(o ui.Option) string { return o.Label })
	return out
}

func (p *Gateway) groupRights(pr words, list []exchange.Right) templ.Component {
	t := ui.Table{ID: "group-rights", Stack: true, Caption: pr.t("gw.groups.rights"), Columns: []ui.Column{
		{Label: pr.t("service")}, {Label: pr.t("gw.right.what")}, {Label: pr.t("gw.right.purposes")}, {Label: pr.t("gw.right.until")},
	}}
	for _, x := range list {
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Body: coded(p.serviceName(pr, x.Service), x.Service.Subsystem+"/"+x.Service.Service, "/gateway/rights/"+x.ID)},
			{Text: what(pr, x)},
			{Text: purposesAnd(pr, x)},
			{Text: until(pr, x)},
		}})
	}
	return ui.DataTable(t)
}
