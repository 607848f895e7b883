package identitydesk

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"

	"github.com/a-h/templ"

	"dean06/internal/identity"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

// owner is whose clients somebody sees: those of their agency, or all ("").
func owner(r *http.Request) string {
	if identity.Permissions.Can(who(r), identity.SeeClients) == nil {
		return ""
	}
	return who(r).Agency
}

// agency is what an agency is called.
func (p *Pages) agency(ctx context.Context, code string) string {
	if code == identity.Own {
		return i18n.T(ctx, "identity.client.own")
	}
	if p.Agency != nil {
		if name := p.Agency(code); name != "" {
			return name
		}
	}
	return code
}

// clients are those that one may see: what waits for the authority first.
func (p *Pages) clients(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	list, err := p.Service.Clients(ctx, who(r), owner(r))
	if err != nil {
		return err
	}
	v := p.page(r, "clients", "")
	v.Wide = true
	mayAdd := identity.Permissions.CanOwn(who(r), identity.RegisterClient, true) == nil
	if mayAdd {
		v.Before = []templ.Component{ui.Button(ui.Action{Label: t(ctx, "clients.add"), Href: newPath})}
	}
	table := ui.Table{
		ID: "clients", Caption: t(ctx, "clients"), Quiet: true, Stack: true, Columns: columns(ctx, "client.name", "client.owner", "client.id", "client.state"),
		Empty: ui.Empty(t(ctx, "clients.none"), ui.Link{}),
	}
	for _, waits := range []bool{true, false} {
		for _, c := range list {
			if waiting(c) != waits {
				continue
			}
			table.Rows = append(table.Rows, ui.Row{Cells: []ui.Cell{
				{Text: c.Name.In(string(i18n.From(ctx).Lang)), Href: clientPath(c.ID)}, {Text: p.agency(ctx, c.Owner)}, {Text: c.ID}, {Body: stateTag(ctx, c)},
			}})
		}
	}
	v.After = []templ.Component{ui.DataTable(table)}
	return show(w, r, v, nil)
}

// waiting says that a client, or a change of it, waits for the authority.
func waiting(c identity.Client) bool { return c.State == identity.ClientAsked || c.Change != nil }

func stateTag(ctx context.Context, c identity.Client) templ.Component {
	tone := map[identity.ClientState]ui.Tone{
		identity.ClientAsked: ui.Caution, identity.ClientApproved: ui.Good, identity.ClientRefused: ui.Bad, identity.ClientStopped: ui.Bad,
	}[c.State]
	text := i18n.T(ctx, c.State.Key())
	if c.Change != nil {
		tone, text = ui.Caution, t(ctx, "client.changing", map[string]any{"state": text})
	}
	return ui.Tag(tone, text)
}

func clientPath(id string) string { return ClientsPath + "/" + url.PathEscape(id) }

// client is one, with what its owner or the authority can do.
func (p *Pages) client(w http.ResponseWriter, r *http.Request) error {
	v, err := p.clientView(r, nil)
	if err != nil {
		return err
	}
	return show(w, r, v, nil)
}

func (p *Pages) clientView(r *http.Request, faults fault.List) (view, error) {
	ctx := r.Context()
	c, err := p.Service.ClientOf(ctx, who(r), r.PathValue("client"))
	if err != nil {
		return view{}, err
	}
	v := p.page(r, "clients", ClientsPath)
	v.Title, v.Lead, v.Errors = c.Name.In(string(i18n.From(ctx).Lang)), "", faults
	v.Before = []templ.Component{ui.SummaryList(append([]ui.Fact{
		{Key: t(ctx, "client.state"), Body: stateTag(ctx, c)}, {Key: t(ctx, "client.owner"), Value: p.agency(ctx, c.Owner)},
	}, p.facts(ctx, c)...))}
	if c.Reason != "" {
		v.Before = append([]templ.Component{ui.Notice("reason", t(ctx, "client.reason"), c.Reason)}, v.Before...)
	}
	if c.Change != nil {
		v.Before = append(v.Before, heading(t(ctx, "client.change.waits")),
			ui.Changes("change", t(ctx, "client.change.caption"), t(ctx, "client.change.old"), t(ctx, "client.change.new"), p.changes(ctx, c, *c.Change)))
	}
	q := asked{ctx, web.Form{}, faults}
	path := clientPath(c.ID)
	if identity.Permissions.Can(who(r), identity.ApproveClient) == nil {
		v.After = append(v.After, p.decisions(q, c, path)...)
	}
	own := who(r).Agency != "" && who(r).Agency == c.Owner // the operator's part in another's is to decide
	if own && identity.Permissions.CanOwn(who(r), identity.RegisterClient, own) == nil && c.State != identity.ClientRefused {
		v.After = append(v.After, p.keeping(q, c, path)...)
	}
	if identity.Permissions.CanOwn(who(r), identity.EndClient, own || who(r).Has(identity.Operator)) == nil && c.State == identity.ClientApproved {
		v.After = append(v.After, heading(t(ctx, "client.stop")), para(t(ctx, "client.stop.text")),
			formOf(*newForm(path+"/stop", []templ.Component{ui.Text(q.field("stop_reason"))}, ui.Action{Label: t(ctx, "client.stop.do"), Look: ui.Warning})))
	}
	return v, nil
}

// decisions are what the authority can decide about what waits, or about one that was stopped.
func (p *Pages) decisions(q asked, c identity.Client, path string) []templ.Component {
	ctx := q.ctx
	if !waiting(c) && c.State != identity.ClientStopped {
		return nil
	}
	out := []templ.Component{heading(t(ctx, "client.decide")), formOf(*newForm(path+"/approve", nil, ui.Action{Label: t(ctx, "client.approve")}))}
	if waiting(c) {
		out = append(out, formOf(*newForm(path+"/refuse", []templ.Component{ui.Text(q.field("refuse_reason"))},
			ui.Action{Label: t(ctx, "client.refuse"), Look: ui.Warning})))
	}
	return out
}

// keeping is what the owner of a client does with it: change, keys, secret.
func (p *Pages) keeping(q asked, c identity.Client, path string) []templ.Component {
	ctx := q.ctx
	version := [2]string{"version", strconv.FormatInt(c.Version, 10)}
	out := []templ.Component{ui.Button(ui.Action{Label: t(ctx, "client.edit"), Href: path + "/change", Look: ui.Secondary})}
	keys := ui.Table{
		ID: "keys", Caption: t(ctx, "client.keys"), Stack: true, Columns: columns(ctx, "client.key.id", "client.key.kind", "client.key.drop"),
		Empty: ui.Empty(t(ctx, "client.keys.none"), ui.Link{}),
	}
	keys.Columns[2].Hidden = true
	for i, raw := range c.KeyList() {
		k := keyOf(raw)
		drop := newForm(path+"/keys/drop", nil, ui.Action{Label: t(ctx, "client.key.drop"), Look: ui.Plain})
		drop.Hidden = [][2]string{version, {"nth", strconv.Itoa(i)}}
		keys.Rows = append(keys.Rows, ui.Row{Cells: []ui.Cell{{Text: k.name()}, {Text: k.kind()}, {Body: formOf(*drop)}}})
	}
	add := newForm(path+"/keys", []templ.Component{ui.Textarea(q.field("jwk", lines(4)))}, ui.Action{Label: t(ctx, "client.key.add"), Look: ui.Secondary})
	add.Hidden = [][2]string{version}
	out = append(out, heading(t(ctx, "client.keys")), ui.DataTable(keys), q.fold(t(ctx, "client.key.new"), []string{"jwk"}, formOf(*add)))
	if c.Auth == identity.AuthBasic || c.Auth == identity.AuthPost {
		out = append(out, heading(t(ctx, "client.secret")), para(t(ctx, "client.secret.text")),
			formOf(*newForm(path+"/secret", nil, ui.Action{Label: t(ctx, "client.secret.do"), Look: ui.Secondary})))
	}
	return out
}

// key is what a page shows of a public key.
type key struct {
	ID  string `json:"kid"`
	Kty string `json:"kty"`
	Crv string `json:"crv"`
	Alg string `json:"alg"`
}

func keyOf(raw json.RawMessage) (k key) {
	_ = json.Unmarshal(raw, &k) // it was read before it was kept
	return k
}

func (k key) name() string {
	if k.ID == "" {
		return "–"
	}
	return k.ID
}

func (k key) kind() string {
	kind := k.Kty
	for _, more := range []string{k.Crv, k.Alg} {
		if more != "" {
			kind += " " + more
		}
	}
	return kind
}

// act does something to a client and goes back to its page, which shows what went wrong. fields
// are where the faults of the service are mended.
func (p *Pages) act(w http.ResponseWriter, r *http.Request, said, from, to string, do func(id string) error) error {
	if err := do(r.PathValue("client")); err != nil {
		return again(w, r, err, func(faults fault.List) (view, error) {
			v, err := p.clientView(r, faults.Moved(from, to))
			v.Errors = faults.Moved(from, to)
			return v, err
		})
	}
	return web.RedirectWith(w, r, clientPath(r.PathValue("client")), "identity.office."+said, nil)
}

func (p *Pages) clientApprove(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	return p.act(w, r, "client.approved", "", "", func(id string) error { return p.Service.ApproveClient(r.Context(), who(r), id) })
}

func (p *Pages) clientRefuse(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	return p.act(w, r, "client.refused", "reason", "refuse_reason", func(id string) error {
		return p.Service.RefuseClient(r.Context(), who(r), id, form.Text("refuse_reason"))
	})
}

func (p *Pages) clientStop(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	return p.act(w, r, "client.stopped", "reason", "stop_reason", func(id string) error {
		return p.Service.StopClient(r.Context(), who(r), id, form.Text("stop_reason"))
	})
}

// version is the one that the owner saw.
func version(form web.Form) int64 {
	n, _ := strconv.ParseInt(form.Text("version"), 10, 64) // another is one that changed meanwhile
	return n
}

func (p *Pages) keyAdd(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	return p.act(w, r, "client.key.added", "jwks", "jwk", func(id string) error {
		return p.Service.AddKey(r.Context(), who(r), id, version(form), []byte(form.Text("jwk")))
	})
}

func (p *Pages) keyDrop(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	return p.act(w, r, "client.key.dropped", "jwks", "jwk", func(id string) error {
		nth, err := strconv.Atoi(form.Text("nth"))
		if err != nil {
			return identity.ErrUnknown
		}
		return p.Service.DropKey(r.Context(), who(r), id, version(form), nth)
	})
}

// secret gives a client another secret, and shows it this one time.
func (p *Pages) secret(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("client")
	text, err := p.Service.NewSecret(r.Context(), who(r), id)
	if err != nil {
		return again(w, r, err, func(faults fault.List) (view, error) { return p.clientView(r, faults) })
	}
	return show(w, r, p.secretView(r, id, text, "secret"), nil)
}

func (p *Pages) secretView(r *http.Request, id, text, key string) view {
	ctx := r.Context()
	v := p.page(r, key, "")
	v.Before = []templ.Component{ui.SummaryList([]ui.Fact{{Key: "client_id", Value: id}})}
	if text != "" {
		v.Before = append(v.Before, para(t(ctx, "secret.text")), once(text), ui.WarningText(t(ctx, "secret.keep")))
	}
	v.After = []templ.Component{ui.Button(ui.Action{Label: t(ctx, "secret.on"), Href: clientPath(id)})}
	return v
}

// changes are what differs between two registrations.
func (p *Pages) changes(ctx context.Context, a, b identity.Client) []ui.Change {
	old, fresh := p.facts(ctx, a), p.facts(ctx, b)
	values := map[string]string{}
	for _, f := range fresh {
		values[f.Key] = f.Value
	}
	var out []ui.Change
	for _, f := range old {
		if values[f.Key] != f.Value {
			out = append(out, ui.Change{Label: f.Key, Old: f.Value, New: values[f.Key]})
		}
		delete(values, f.Key)
	}
	for _, f := range fresh {
		if v, left := values[f.Key]; left {
			out = append(out, ui.Change{Label: f.Key, New: v})
		}
	}
	return out
}
