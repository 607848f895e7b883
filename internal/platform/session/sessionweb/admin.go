package sessionweb

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/session"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

const pageSize = 50

type accountsView struct {
	ui.Page
	Text  string
	Table ui.Table
	Pages ui.Pages
}

func (p *Pages) sub(ctx context.Context) []ui.NavItem {
	return []ui.NavItem{{Label: i18n.T(ctx, "session.page.accounts"), Href: accountsPath}, {Label: i18n.T(ctx, "session.page.tokens"), Href: tokensPath}}
}

// administer refuses everybody but administrators, before anything is read.
func (p *Pages) administer(r *http.Request) error {
	_, err := session.Check(r.Context(), p.Service.AdminRole())
	return err
}

func (p *Pages) accounts(w http.ResponseWriter, r *http.Request) error {
	if err := p.administer(r); err != nil {
		return err
	}
	ctx, q := r.Context(), r.URL.Query()
	list, err := p.Service.Accounts(ctx, session.AccountFilter{Text: q.Get("q"), After: q.Get("after"), Limit: pageSize + 1})
	if err != nil {
		return err
	}
	agencies, err := p.agencies(ctx)
	if err != nil {
		return err
	}
	view := accountsView{Page: p.page(r, "accounts"), Text: q.Get("q")}
	view.Sub, view.Wide = p.sub(ctx), true
	if len(list) > pageSize {
		list = list[:pageSize]
		view.Pages.Next = accountsPath + "?" + url.Values{"q": {view.Text}, "after": {list[pageSize-1].Login}}.Encode()
	}
	if q.Get("after") != "" {
		view.Pages.Previous = accountsPath + "?" + url.Values{"q": {view.Text}}.Encode()
	}
	view.Table = p.accountsTable(ctx, list, agencies)
	return web.Render(w, r, http.StatusOK, accountsPage(view))
}

func (p *Pages) accountsTable(ctx context.Context, list []session.Account, agencies []Agency) ui.Table {
	t := func(key string) string { return i18n.T(ctx, "session.page."+key) }
	table := ui.Table{
		ID: "accounts", Caption: t("accounts"), Quiet: true, Empty: ui.Empty(t("accounts.none"), ui.Link{Label: t("accounts.all"), Href: accountsPath}),
		Columns: []ui.Column{{Label: t("login")}, {Label: t("name")}, {Label: t("agency")}, {Label: t("roles")}, {Label: t("state")}},
	}
	for _, a := range list {
		agency, state := t("centre"), t("active")
		if a.Agency != "" {
			agency = nameOf(agencies, a.Agency)
		}
		switch {
		case !a.Active:
			state = t("inactive")
		case a.MustChange:
			state = t("must_change")
		}
		table.Rows = append(table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: a.Login, Href: accountsPath + "/" + a.ID},
			{Text: a.Name},
			{Text: agency},
			{Text: labels(ctx, p.Roles, a.Roles.V)},
			{Text: state},
		}})
	}
	return table
}

type editView struct {
	ui.Page
	Lead     string // the login as it is
	ID       string // empty for a new account
	Version  int64
	TOTP     bool
	Draft    session.Draft
	Agencies []ui.Option
	Roles    []ui.Option
}

func (p *Pages) editView(r *http.Request, key string) (editView, error) {
	if err := p.administer(r); err != nil {
		return editView{}, err
	}
	v := editView{Page: p.page(r, key), Roles: options(r.Context(), p.Roles)}
	v.Back = accountsPath
	list, err := p.agencies(r.Context())
	if err != nil {
		return v, err
	}
	v.Agencies = []ui.Option{{Label: i18n.T(r.Context(), "session.page.centre")}}
	for _, a := range list {
		v.Agencies = append(v.Agencies, ui.Option{Value: a.Code, Label: a.Name + " (" + a.Code + ")"})
	}
	return v, nil
}

// draftOf reads the form; an agency or role that was not offered is refused.
func (v editView) draftOf(form web.Form) (session.Draft, error) {
	d := session.Draft{
		Login: form.Text("login"), Name: form.Text("name"), Email: form.Text("email"), Agency: form.Text("agency"),
		Roles: form.Values("roles"), Active: v.ID == "" || form.Text("active") == "yes",
	}
	if !offered(v.Agencies, d.Agency) {
		return d, fault.New(fault.Invalid, "session.account.agency_unknown", nil).At("agency")
	}
	for _, role := range d.Roles {
		if !offered(v.Roles, role) {
			return d, fault.New(fault.Invalid, "session.account.role_missing", nil).At("roles")
		}
	}
	return d, nil
}

func offered(list []ui.Option, value string) bool {
	for _, o := range list {
		if o.Value == value {
			return true
		}
	}
	return false
}

func (p *Pages) newAccount(w http.ResponseWriter, r *http.Request) error {
	view, err := p.editView(r, "account.new")
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, editPage(view))
}

func (p *Pages) newAccountPost(w http.ResponseWriter, r *http.Request) error {
	view, err := p.editView(r, "account.new")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	view.Draft, err = view.draftOf(form)
	var account session.Account
	var password string
	if err == nil {
		account, password, err = p.Service.Create(r.Context(), view.Draft)
	}
	if err != nil {
		return again(w, r, err, func(faults fault.List) error {
			view.Errors = faults
			return web.Render(w, r, web.Status(err), editPage(view))
		})
	}
	return p.showOnce(w, r, "account.created", account.Login, password, accountsPath)
}

type onceView struct {
	ui.Page
	Login  string
	Secret string
	Next   string
}

// showOnce shows a secret that is kept nowhere.
func (p *Pages) showOnce(w http.ResponseWriter, r *http.Request, key, login, secret, next string) error {
	return web.Render(w, r, http.StatusOK, oncePage(onceView{Page: p.page(r, key), Login: login, Secret: secret, Next: next}))
}

func (p *Pages) editAccount(w http.ResponseWriter, r *http.Request) error {
	view, err := p.editView(r, "account.edit")
	if err != nil {
		return err
	}
	a, err := p.Service.Account(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	view.ID, view.Version, view.TOTP, view.Lead = a.ID, a.Version, a.TOTP, a.Login
	view.Draft = session.Draft{Login: a.Login, Name: a.Name, Email: a.Email, Agency: a.Agency, Roles: a.Roles.V, Active: a.Active}
	return web.Render(w, r, http.StatusOK, editPage(view))
}

func (p *Pages) editAccountPost(w http.ResponseWriter, r *http.Request) error {
	view, err := p.editView(r, "account.edit")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	a, err := p.Service.Account(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	view.ID, view.TOTP, view.Lead = a.ID, a.TOTP, a.Login
	// A form without a version is older than any.
	view.Version, _ = strconv.ParseInt(form.Text("version"), 10, 64)
	if view.Draft, err = view.draftOf(form); err == nil {
		err = p.Service.Update(r.Context(), a.ID, view.Version, view.Draft)
	}
	if err != nil {
		return again(w, r, err, func(faults fault.List) error {
			// The conflict has been said; saving once more is meant.
			view.Version, view.Errors = a.Version, faults
			return web.Render(w, r, web.Status(err), editPage(view))
		})
	}
	return web.RedirectWith(w, r, accountsPath, "session.page.account.saved", fault.Args{"login": view.Draft.Login})
}

func (p *Pages) reset(w http.ResponseWriter, r *http.Request) error {
	if err := p.administer(r); err != nil {
		return err
	}
	a, err := p.Service.Account(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	password, err := p.Service.ResetPassword(r.Context(), a.ID, r.PostFormValue("drop_totp") == "yes")
	if err != nil {
		return err
	}
	return p.showOnce(w, r, "account.reset_done", a.Login, password, accountsPath+"/"+a.ID)
}

type tokensView struct {
	ui.Page
	Table            ui.Table
	Draft            session.TokenDraft
	Day, Month, Year string
	Agencies, Scopes []ui.Option
}

func (p *Pages) tokensView(r *http.Request) (tokensView, error) {
	ctx := r.Context()
	list, err := p.Service.Tokens(ctx, "")
	if err != nil {
		return tokensView{}, err
	}
	agencies, err := p.agencies(ctx)
	if err != nil {
		return tokensView{}, err
	}
	v := tokensView{Page: p.page(r, "tokens"), Scopes: options(ctx, p.Scopes), Table: p.tokensTable(ctx, list, agencies)}
	v.Sub, v.Wide = p.sub(ctx), true
	v.Agencies = []ui.Option{{Label: i18n.T(ctx, "session.page.choose")}}
	for _, a := range agencies {
		v.Agencies = append(v.Agencies, ui.Option{Value: a.Code, Label: a.Name + " (" + a.Code + ")"})
	}
	return v, nil
}

func (p *Pages) tokensTable(ctx context.Context, list []session.Token, agencies []Agency) ui.Table {
	t := func(key string) string { return i18n.T(ctx, "session.page."+key) }
	pr := i18n.From(ctx)
	table := ui.Table{
		ID: "tokens", Caption: t("tokens"), Quiet: true, Dense: true, Empty: ui.Empty(t("tokens.none"), ui.Link{}),
		Columns: []ui.Column{{Label: t("token.name")}, {Label: t("agency")}, {Label: t("token.scopes")}, {Label: t("token.used")}, {Label: t("token.expires")}, {Label: t("state")}},
	}
	for _, k := range list {
		used := t("token.never")
		if k.UsedAt != nil {
			used = pr.Time(*k.UsedAt)
		}
		state := ui.Cell{Body: revokeForm(k.ID, k.Name)}
		if k.RevokedAt != nil {
			state = ui.Cell{Text: t("token.revoked")}
		}
		table.Rows = append(table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: k.Name},
			{Text: nameOf(agencies, k.Agency)},
			{Text: labels(ctx, p.Scopes, k.Scopes.V)},
			{Text: used},
			{Text: pr.Date(clock.DayOf(k.ExpiresAt.Add(-time.Second)))},
			state,
		}})
	}
	return table
}

func (p *Pages) tokens(w http.ResponseWriter, r *http.Request) error {
	view, err := p.tokensView(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, tokensPage(view))
}

func (p *Pages) tokensPost(w http.ResponseWriter, r *http.Request) error {
	view, err := p.tokensView(r)
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	view.Draft = session.TokenDraft{Agency: form.Text("agency"), Name: form.Text("name"), Scopes: form.Values("scopes")}
	view.Day, view.Month, view.Year = form.DateParts("expires")
	text, err := p.createToken(r.Context(), form, &view)
	if err != nil {
		return again(w, r, err, func(faults fault.List) error {
			view.Errors = faults
			return web.Render(w, r, web.Status(err), tokensPage(view))
		})
	}
	return p.showOnce(w, r, "token.created", view.Draft.Name, text, tokensPath)
}

// createToken makes a token that is good to the end of its last day.
func (p *Pages) createToken(ctx context.Context, form web.Form, view *tokensView) (string, error) {
	day, err := form.Date("expires")
	if err != nil {
		return "", err
	}
	if !day.IsZero() {
		view.Draft.ExpiresAt = day.End()
	}
	if !offered(view.Agencies, view.Draft.Agency) {
		return "", fault.New(fault.Invalid, "session.token.agency_missing", nil).At("agency")
	}
	for _, s := range view.Draft.Scopes {
		if !offered(view.Scopes, s) {
			return "", fault.New(fault.Invalid, "session.token.scope_missing", nil).At("scopes")
		}
	}
	_, text, err := p.Service.CreateToken(ctx, view.Draft)
	return text, err
}

func (p *Pages) revoke(w http.ResponseWriter, r *http.Request) error {
	if err := p.Service.RevokeToken(r.Context(), r.PathValue("id")); err != nil {
		return err
	}
	return web.RedirectWith(w, r, tokensPath, "session.page.token.was_revoked", nil)
}
