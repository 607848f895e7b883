package identityweb

import (
	"context"
	"net/http"

	"dean06/internal/identity"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

// addresses are where a holder is told of things, on what each rests since when, and how to
// change it. Where no texts are sent, a telephone that is there can be taken off.
func (p *Pages) addresses(ctx context.Context, a identity.Account) []ui.Fact {
	var out []ui.Fact
	for _, kind := range []identity.Field{identity.FieldEmail, identity.FieldPhone} {
		at, has := a.Attribute(kind)
		if kind == identity.FieldPhone && !p.Service.Settings.Texts && !has {
			continue
		}
		change := ui.Link{Label: t(ctx, "address.change"), Href: addressPath + "/" + string(kind)}
		fact := ui.Fact{Key: i18n.T(ctx, kind.Key()), Value: t(ctx, "address.none"), Actions: []ui.Link{change}}
		if has {
			fact.Value = at.Value + "\n" + t(ctx, "addresses.since", map[string]any{"basis": i18n.T(ctx, at.Basis.Key()), "day": day(ctx, at.Since)})
		} else {
			fact.Actions[0].Label = t(ctx, "address.add")
		}
		out = append(out, fact)
	}
	return out
}

type addressView struct {
	ui.Page
	Kind      identity.Field
	Typed     string
	May       bool // be given a new one: texts are sent
	Removable bool
}

var errNoSuchAddress = fault.New(fault.NotFound, "identity.unknown", nil)

func (p *Pages) addressView(r *http.Request, in identity.SignedIn) (addressView, error) {
	kind := identity.Field(r.PathValue("kind"))
	if kind != identity.FieldEmail && kind != identity.FieldPhone {
		return addressView{}, errNoSuchAddress
	}
	v := addressView{Page: p.own(r, "address."+string(kind), in), Kind: kind, May: kind == identity.FieldEmail || p.Service.Settings.Texts}
	v.Back, v.Removable = securityPath, in.Account.Value(kind) != ""
	return v, nil
}

func (p *Pages) address(w http.ResponseWriter, r *http.Request, in identity.SignedIn) error {
	v, err := p.addressView(r, in)
	if err != nil {
		return err
	}
	if err := p.Service.MayChange(r.Context(), in); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, addressPage(v))
}

// addressPost sends the code, and asks for it in its answer: nothing is kept here meanwhile.
func (p *Pages) addressPost(w http.ResponseWriter, r *http.Request, in identity.SignedIn) error {
	v, err := p.addressView(r, in)
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	to, err := identity.ReadAddress(form.Text("address"), string(i18n.From(r.Context()).Lang))
	if err == nil && to.Kind != v.Kind {
		err = fault.New(fault.Invalid, "identity.address.wrong", nil).At("address")
	}
	state := ""
	if err == nil {
		state, err = p.Service.BeginAddress(r.Context(), in, to, p.browser(w, r))
	}
	if err != nil {
		return again(w, r, err, func(faults fault.List) error {
			v.Typed, v.Errors = form.Text("address"), fault.List{faults[0].At("address")}
			return web.Render(w, r, web.Status(err), addressPage(v))
		})
	}
	return web.Render(w, r, http.StatusOK, addressCodePage(p.addressCodeView(r, in, v.Kind, state, to.To)))
}

type addressCodeView struct {
	ui.Page
	Kind  identity.Field
	State string
	To    string
}

func (p *Pages) addressCodeView(r *http.Request, in identity.SignedIn, kind identity.Field, state, to string) addressCodeView {
	v := addressCodeView{Page: p.own(r, "address.code", in), Kind: kind, State: state, To: to}
	v.Back = securityPath
	return v
}

func (p *Pages) addressCodePost(w http.ResponseWriter, r *http.Request, in identity.SignedIn) error {
	v, err := p.addressView(r, in)
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	err = p.Service.ConfirmAddress(r.Context(), in, form.Text("state"), form.Text("code"), p.browser(w, r))
	if err != nil {
		return again(w, r, err, func(faults fault.List) error {
			c := p.addressCodeView(r, in, v.Kind, form.Text("state"), form.Text("to"))
			c.Errors = fault.List{faults[0].At("code")}
			return web.Render(w, r, web.Status(err), addressCodePage(c))
		})
	}
	return web.RedirectWith(w, r, securityPath, "identity.page.address.changed", nil)
}

func (p *Pages) addressRemove(w http.ResponseWriter, r *http.Request, in identity.SignedIn) error {
	v, err := p.addressView(r, in)
	if err != nil {
		return err
	}
	if err := p.Service.RemoveAddress(r.Context(), in, v.Kind, p.browser(w, r)); err != nil {
		return again(w, r, err, func(faults fault.List) error {
			v.Errors = faults
			return web.Render(w, r, web.Status(err), addressPage(v))
		})
	}
	return web.RedirectWith(w, r, securityPath, "identity.page.address.removed", nil)
}
