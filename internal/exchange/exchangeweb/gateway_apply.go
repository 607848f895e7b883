package exchangeweb

import (
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"dean06/internal/exchange"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

// applyForms are what the owner may ask the centre for about the gateway itself.
func (p *Gateway) applyForms(pr words, s exchange.Status, t typed) templ.Component {
	if t.errs == nil {
		t.values["address"] = s.Address
	}
	hidden := map[string]string{"request": p.NewID()}
	return section("apply", pr.t("gw.apply"),
		ui.Fold(pr.t("gw.apply.subsystem"), ui.Para(pr.t("gw.apply.text")), form("/gateway/apply", hidden, components(
			t.text(ui.Field{Name: "key", Label: pr.t("subsystem.code"), Hint: pr.t("subsystem.code.hint"), Width: 10}),
			t.text(ui.Field{Name: "name", Label: pr.t("entry.name")}),
		), ui.Action{Label: pr.t("gw.apply.send"), Look: ui.Secondary, Name: "do", Value: "subsystem"})),
		ui.Fold(pr.t("gw.apply.address"), ui.Para(pr.t("gw.apply.text")), form("/gateway/apply", hidden, components(
			t.text(ui.Field{Name: "address", Label: pr.t("entry.address"), Hint: pr.t("gw.apply.address.hint"), Width: 30}),
		), ui.Action{Label: pr.t("gw.apply.send"), Look: ui.Secondary, Name: "do", Value: "address"})))
}

// apply asks the centre for a subsystem or for another address.
func (p *Gateway) apply(w http.ResponseWriter, r *http.Request) error {
	if err := exchange.Permissions.Can(p.Actor(r), exchange.ActOffer); err != nil {
		return err
	}
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	s, err := p.Desk.Status(r.Context(), p.Actor(r))
	if err != nil {
		return err
	}
	e := exchange.Entry{Kind: exchange.SubsystemEntry, Key: s.Member.String() + "/" + f.Text("key"), Member: s.Member, Name: f.Text("name")}
	if f.Text("do") == "address" {
		e = exchange.Entry{Kind: exchange.GatewayEntry, Key: s.Gateway, Member: s.Member, Name: s.Gateway, Address: f.Text("address")}
	}
	err = e.Check(s.Member.Instance)
	if err == nil {
		_, err = p.Desk.Apply(r.Context(), p.Actor(r), exchange.Application{ID: f.Text("request"), Entry: e})
	}
	if err != nil {
		return retry(w, r, whole(err), func() (view, error) { return p.overviewView(r, nil, again(f, whole(err))) })
	}
	return web.RedirectWith(w, r, "/gateway", "exchangeweb.gw.apply.done", nil)
}

// whole shows what the centre refused, or that it is away, as a fault of the form:
// the owner reads why and may try again.
func whole(err error) error {
	f := fault.As(err)
	if f == nil || web.FormErrors(err) != nil {
		return err
	}
	return &fault.Error{Kind: fault.Invalid, Key: f.Key, Args: f.Args, Field: strings.TrimSpace(f.Field), Cause: f.Cause}
}
