package exchangeweb

import (
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"

	"dean06/internal/exchange"
	"dean06/internal/exchange/centre"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/xroad"
)

func hexOf(d exchange.Digest) string { return hex.EncodeToString(d[:]) }

func (p *Hub) tokens(w http.ResponseWriter, r *http.Request) error {
	v, err := p.tokensView(r)
	if err != nil {
		return err
	}
	return render(w, r, v)
}

func (p *Hub) tokensView(r *http.Request) (view, error) {
	reg, err := p.register(r)
	if err != nil {
		return view{}, err
	}
	list, err := p.Centre.Tokens(r.Context(), p.Actor(r), 200)
	if err != nil {
		return view{}, err
	}
	pr := in(r)
	v := p.page(r, reg, pr.t("hub.tokens.title"))
	t := ui.Table{
		ID: "tokens", Caption: pr.t("hub.tokens.title"), Quiet: true, Columns: []ui.Column{
			{Label: pr.t("gateway")},
			{Label: pr.t("member")},
			{Label: pr.t("token.made")},
			{Label: pr.t("token.until")},
			{Label: pr.t("entry.state")},
			{Label: pr.t("token.do"), Hidden: true},
		},
		Empty: nothing(p.may(r), pr.t("hub.tokens.empty"), ui.Link{Label: pr.t("hub.token.new"), Href: "/exchange/tokens/new"}),
	}
	open := 0
	for _, token := range list {
		state := token.State(reg.At)
		do := ui.Cell{Text: ""}
		status := ui.Unknown
		if state == centre.TokenOpen {
			open++
			status = ui.Partial
			if p.may(r) {
				do.Body = form("/exchange/tokens", map[string]string{"id": token.ID}, nil, ui.Action{Label: pr.t("token.withdraw"), Look: ui.Plain})
			}
		} else if state == centre.TokenUsed {
			status = ui.Met
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: token.Gateway},
			{Text: nameOf(reg, exchange.MemberEntry, token.Member.String())},
			{Text: p.who(r, token.CreatedBy, token.CreatedAt) + ", " + pr.when(token.CreatedAt)},
			{Text: pr.day(token.ExpiresAt)},
			{Body: ui.StatusText(status, pr.t("token.state."+string(state)))},
			do,
		}})
	}
	v.Stat = pr.t("hub.tokens.stat", args{"n": open})
	if p.may(r) {
		v.Add(ui.Buttons(ui.Action{Label: pr.t("hub.token.new"), Href: "/exchange/tokens/new"}))
	}
	v.Add(ui.DataTable(t))
	return v, nil
}

// tokensPost withdraws a token.
func (p *Hub) tokensPost(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if err := p.Centre.WithdrawToken(r.Context(), p.Actor(r), f.Text("id")); err != nil {
		return retry(w, r, err, func() (view, error) { return p.tokensView(r) })
	}
	return web.RedirectWith(w, r, "/exchange/tokens", "exchangeweb.token.withdrawn", nil)
}

func (p *Hub) newToken(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	v, err := p.newTokenView(r, begin("member", q.Get("member"), "gateway", q.Get("gateway"), "days", "7"))
	if err != nil {
		return err
	}
	return render(w, r, v)
}

func (p *Hub) newTokenView(r *http.Request, t typed) (view, error) {
	if err := centre.Permissions.Can(p.Actor(r), centre.ActInvite); err != nil {
		return view{}, err
	}
	reg, err := p.register(r)
	if err != nil {
		return view{}, err
	}
	pr := in(r)
	v := p.page(r, reg, pr.t("hub.token.new"))
	v.Crumbs = []ui.Link{{Label: pr.t("hub.tokens.title"), Href: "/exchange/tokens"}}
	member := t.values["member"]
	if _, ok := reg.Find(exchange.MemberEntry, member); !ok {
		// One question first: whose gateway it is decides on the rest.
		v.Add(ui.Para(pr.t("hub.token.text")), ui.Choice("/exchange/tokens/new", pr.t("show"), components(
			t.pick(ui.Field{Name: "member", Label: pr.t("member"), Options: entryOptions(pr, active(reg.Of(exchange.MemberEntry, xroad.ID{})))}))))
		return v, nil
	}
	m, _ := reg.Find(exchange.MemberEntry, member)
	v.Lead = m.Name
	systems := active(reg.Of(exchange.SubsystemEntry, m.Member))
	if t.values["gateway"] == "" {
		t.values["gateway"] = freeGateway(reg, m.Member.Member)
	}
	if t.errs == nil && len(t.lists["subsystems"]) == 0 {
		for _, s := range systems {
			t.lists["subsystems"] = append(t.lists["subsystems"], s.Key)
		}
	}
	fields := components(
		t.text(ui.Field{Name: "gateway", Label: pr.t("gateway.code"), Hint: pr.t("gateway.code.hint"), Width: 20}),
		t.text(ui.Field{Name: "days", Label: pr.t("token.days"), Width: 3, InputMode: "numeric"}))
	if len(systems) > 0 {
		fields = append(
			fields, t.ticks(ui.Field{Name: "subsystems", Label: pr.t("token.subsystems"), Small: true, Options: entryOptions(pr, systems)}),
		)
	}
	v.Add(
		ui.Para(pr.t("hub.token.text")),
		form("/exchange/tokens/new", map[string]string{"member": member}, fields, ui.Action{Label: pr.t("token.make")}),
	)
	return v, nil
}

// freeGateway proposes the first code that no gateway of the member has.
func freeGateway(reg centre.Register, code string) string {
	for i := 1; ; i++ {
		key := code + "-" + itoa(i)
		if _, ok := reg.Find(exchange.GatewayEntry, key); !ok {
			return key
		}
	}
}

func (p *Hub) newTokenPost(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	show := func(err error) error {
		return retry(w, r, err, func() (view, error) { return p.newTokenView(r, again(f, err)) })
	}
	days, _, err := f.Int("days")
	if err != nil {
		return show(err)
	}
	member, _ := xroad.ParseID(f.Text("member"), 3, 3)
	text, token, err := p.Centre.Invite(r.Context(), p.Actor(r), centre.Invitation{
		Member: member, Gateway: f.Text("gateway"), Days: days, Subsystems: parseIDs(f.Values("subsystems")),
	})
	if err != nil {
		return show(fromKey(err, "gateway"))
	}
	// Shown in the answer itself, once: the secret is kept nowhere.
	reg, err := p.register(r)
	if err != nil {
		return err
	}
	pr := in(r)
	v := p.page(r, reg, pr.t("token.ready.title", args{"gateway": token.Gateway}))
	v.Lead = nameOf(reg, exchange.MemberEntry, token.Member.String())
	v.Crumbs = []ui.Link{{Label: pr.t("hub.tokens.title"), Href: "/exchange/tokens"}}
	line := "dean06 gateway join --hub " + strings.TrimSuffix(p.URL, "/") + " --token " + text.Text()
	var next []ui.Step
	for _, k := range []string{"run", "check", "serve"} {
		next = append(next, ui.Step{Title: pr.t("token.next."+k, args{"date": pr.day(token.ExpiresAt)}), Text: pr.t("token.next." + k + ".text")})
	}
	v.Add(
		ui.WarningText(pr.t("token.once")),
		ui.Textarea(ui.Field{Name: "command", Label: pr.t("token.command"), Value: line, Rows: 3, ReadOnly: true}),
		ui.Next(pr.t("token.next"), next),
	)
	w.Header().Set("Cache-Control", "no-store")
	return render(w, r, v)
}

// byItself says that the centre acted by itself; before 2027 it had another name.
func byItself(stored string) bool { return stored == actor.OfSystem().Account || stored == "exchange" }

func (p *Hub) configuration(w http.ResponseWriter, r *http.Request) error {
	reg, err := p.register(r)
	if err != nil {
		return err
	}
	const shown = 50
	below, _ := strconv.ParseInt(r.URL.Query().Get("below"), 10, 64)
	history, err := p.Centre.History(r.Context(), p.Actor(r), max(below, 0), shown+1)
	if err != nil {
		return err
	}
	pr := in(r)
	v := p.page(r, reg, pr.t("hub.configuration.title"))
	fresh := exchange.Configuration{StaleAfter: reg.Last.StaleAfter, ValidUntil: reg.Last.ValidUntil}.FreshAt(reg.At)
	v.Stat = pr.t("configuration.stat."+string(fresh), args{"n": reg.Last.Serial, "at": reg.Last.ValidUntil})
	v.Add(ui.SummaryList([]ui.Fact{
		{Key: pr.t("configuration.serial"), Value: pr.Int(reg.Last.Serial)},
		{Key: pr.t("configuration.issued"), Value: pr.when(reg.Last.IssuedAt)},
		{Key: pr.t("configuration.stale"), Value: pr.when(reg.Last.StaleAfter)},
		{Key: pr.t("configuration.valid"), Value: pr.when(reg.Last.ValidUntil)},
		{Key: pr.t("configuration.size"), Value: pr.t("kilobytes", args{"n": (len(reg.Last.Body) + 1023) / 1024})},
		{Key: pr.t("configuration.file"), Body: links([]ui.Link{{Label: "/exchange/v1/configuration", Href: "/exchange/v1/configuration"}})},
	}))
	t := ui.Table{ID: "history", Caption: pr.t("configuration.history"), Dense: true, Columns: []ui.Column{
		{Label: pr.t("configuration.serial")},
		{Label: pr.t("configuration.issued")},
		{Label: pr.t("configuration.cause")},
		{Label: pr.t("configuration.by")},
	}}
	pages := ui.Pages{}
	if len(history) > shown {
		history = history[:shown]
		pages.Next = "/exchange/configuration?below=" + strconv.FormatInt(history[shown-1].Serial, 10)
	}
	if below > 0 {
		pages.Previous = "/exchange/configuration"
	}
	for _, h := range history {
		by := p.who(r, h.By, h.IssuedAt)
		if h.Cause == "renewed" || byItself(h.By) {
			by = pr.t("by.itself")
		}
		t.Rows = append(
			t.Rows,
			ui.Row{
				Cells: []ui.Cell{{Text: pr.Int(h.Serial)}, {Text: pr.when(h.IssuedAt)}, {Text: pr.t("cause."+h.Cause, args{"key": h.Key})}, {Text: by}},
			},
		)
	}
	v.Add(ui.DataTable(t), ui.Pagination(pages))
	return render(w, r, v)
}

// fromKey puts a fault of an entry's key beside the field where it was typed.
func fromKey(err error, field string) error {
	list := web.FormErrors(err)
	if list == nil {
		return err
	}
	for i, f := range list {
		if f.Field == "key" {
			list[i] = f.At(field)
		}
	}
	return list
}
