package exchangeweb

import (
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"dean06/internal/exchange"
	"dean06/internal/exchange/centre"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/xroad"
)

// editForm changes what an operator may change of an entry. A member is called what
// the directory of agencies calls it.
func editForm(pr words, reg centre.Register, e exchange.Entry, t typed) templ.Component {
	if t.errs == nil {
		t.values["name"], t.values["address"] = e.Name, e.Address
		t.lists["subsystems"], t.lists["members"] = idTexts(e.Subsystems), idTexts(e.Members)
	}
	name := t.text(ui.Field{Name: "name", Label: pr.t("entry.name")})
	var fields []templ.Component
	switch e.Kind {
	case exchange.SubsystemEntry:
		fields = components(name)
	case exchange.ServiceOffered:
		fields = components(
			name,
			t.uploadFile(ui.Field{Name: "openapi", Label: pr.t("openapi"), Hint: pr.t("openapi.hint"), Accept: ".json,.yaml,.yml", Optional: true}),
		)
	case exchange.GatewayEntry:
		fields = components(t.text(ui.Field{Name: "address", Label: pr.t("entry.address"), Width: 30}),
			t.ticks(ui.Field{
				Name: "subsystems", Label: pr.t("entry.subsystems"), Small: true,
				Options: entryOptions(pr, active(reg.Of(exchange.SubsystemEntry, e.Member))),
			}))
	case exchange.GroupEntry:
		fields = components(
			name,
			t.ticks(ui.Field{
				Name: "members", Label: pr.t("subsystems"), Small: true, Options: entryOptions(pr, active(reg.Of(exchange.SubsystemEntry, xroad.ID{}))),
			}),
		)
	case exchange.MemberEntry:
	}
	return ui.Fold(pr.t("do.edit"), form("/exchange/edit/"+string(e.Kind)+"/"+e.Key, map[string]string{
		"version": strconv.FormatInt(e.Version, 10),
	}, fields,
		ui.Action{Label: pr.t("hub.enter"), Look: ui.Secondary}))
}

func idTexts(list []xroad.ID) []string {
	out := make([]string, len(list))
	for i, id := range list {
		out[i] = id.String()
	}
	return out
}

// editable says that an entry has something that the form changes.
func editable(e exchange.Entry) bool {
	return e.Kind != exchange.MemberEntry && e.State != exchange.Withdrawn
}

func (p *Hub) editPost(w http.ResponseWriter, r *http.Request) error {
	if err := centre.Permissions.Can(p.Actor(r), centre.ActRegister); err != nil {
		return err
	}
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	kind, key := exchange.EntryKind(r.PathValue("kind")), r.PathValue("key")
	e, err := p.Centre.Entry(r.Context(), p.Actor(r), kind, key)
	if err != nil {
		return err
	}
	if !editable(e) {
		return errNoPage
	}
	if e.Version, err = strconv.ParseInt(f.Text("version"), 10, 64); err != nil || e.Version < 1 {
		return errNoPage
	}
	switch kind {
	case exchange.GatewayEntry:
		e.Address, e.Subsystems = f.Text("address"), parseIDs(f.Values("subsystems"))
	default:
		e.Name = f.Text("name")
		e.Members = parseIDs(f.Values("members"))
	}
	doc, err := upload(f, "openapi", exchange.MaxOpenAPI)
	if len(doc) > 0 {
		e.OpenAPI = doc
	}
	if err == nil {
		err = p.Centre.Enter(r.Context(), p.Actor(r), e)
	}
	if err != nil {
		return retry(w, r, err, func() (view, error) { return p.entryView(r, again(f, err)) })
	}
	return web.RedirectWith(w, r, entryPath(kind, key), "exchangeweb.entered", map[string]any{"name": e.Name})
}
