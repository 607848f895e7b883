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
	return []ui.NavItem{
		{Label: i18n.T(ctx, "session.page.accounts"), Href: accountsPath},
		{Label: i18n.T(ctx, "session.page.tokens"), Href: tokensPath},
	}
}

func (p *Pages) accounts(w http.ResponseWriter, r *http.Request) error {
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
		view.Pages.Next = accountsPath + "?" + url.Values{"q": {view.Text}, "after": {list[pageSize-1].ID}}.Encode()
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
		ID: "accounts", Stack: true, Caption: t("accounts"), Quiet: true,
		Empty:   ui.Empty(t("accounts.none"), ui.Link{Label: t("accounts.all"), Href: accountsPath}),
		Columns: []ui.Column{{Label: t("login")}, {Label: t("name")}, {Label: t("agency")}, {Label: t("roles")}, {Label: t("state")}},
	}
	for _, a := range list {
		state := t("active")
		switch {
		case !a.Active:
			state = t("inactive")
		case a.MustChange || len(a.Roles.V) == 0:
			state = t("must_change")
		}
		table.Rows = append(table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: p.Service.Shown(a), Href: accountsPath + "/" + a.ID},
			{Text: a.Name},
			{Text: p.agencyOf(ctx, a, agencies)},
			{Text: labels(ctx, p.Roles, a.Roles.V)},
			{Text: state},
		}})
	}
	return table
}

type editView struct {
	ui.Page
	Lead     string // the login as administrators see it
	ID       string // empty for a new account
	Version  int64
	TOTP     bool
	Guarded  bool // a new password needs a second person
	Half     bool // the second half of its password waits
	Binding  string
	Identity bool // people can be named by their number
	Pending  []pendingView
	Draft    session.Draft
	Agencies []ui.Option
	Roles    []ui.Option
}

// pendingView is a request that waits for a second person.
type pendingView struct {
	What, By, Href string
}

// editView is the form; action is what it does.
func (p *Pages) editView(r *http.Request, key string, action session.Action) (editView, error) {
	if err := p.Service.May(r.Context(), action); err != nil {
		return editView{}, err
	}
	v := editView{Page: p.page(r, key), Roles: options(r.Context(), p.Roles), Identity: p.Identity != nil}
	for i, o := range v.Roles {
		if len(p.Service.Guarded([]string{o.Value})) > 0 {
			v.Roles[i].Label += " (" + i18n.T(r.Context(), "session.page.roles.second") + ")"
		}
	}
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
		Roles: form.Values("roles"), Active: v.ID == "" || form.Text("active") == "yes", Reason: form.Text("reason"),
	}
	if v.ID == "" && v.Identity {
		d.Number = form.Text("number")
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
	view, err := p.editView(r, "account.new", session.CreateAccount)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, editPage(view))
}

func (p *Pages) newAccountPost(w http.ResponseWriter, r *http.Request) error {
	view, err := p.editView(r, "account.new", session.CreateAccount)
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	view.Draft, err = view.draftOf(form)
	var made session.Outcome
	if err == nil {
		made, err = p.Service.Create(r.Context(), view.Draft)
	}
	if err != nil {
		return again(w, r, err, func(faults fault.List) error {
			view.Errors = faults
			return web.Render(w, r, web.Status(err), editPage(view))
		})
	}
	if view.Draft.Number != "" {
		return web.RedirectWith(w, r, accountsPath+"/"+made.Account.ID, "session.page.account.for_person", nil)
	}
	return p.showPassword(w, r, "account.created", made)
}

type onceView struct {
	ui.Page
	For    string
	Secret string
	Note   string // what it is worth by now
	Next   string
}

// showOnce shows a secret that is kept nowhere.
func (p *Pages) showOnce(w http.ResponseWriter, r *http.Request, key string, v onceView) error {
	v.Page = p.page(r, key)
	return web.Render(w, r, http.StatusOK, oncePage(v))
}

// showPassword shows a password, or the half of one.
func (p *Pages) showPassword(w http.ResponseWriter, r *http.Request, key string, made session.Outcome) error {
	v := onceView{For: p.Service.Shown(made.Account), Secret: made.Password, Next: accountsPath + "/" + made.Account.ID}
	if made.Half && made.Asked.ID != "" {
		key, v.Note = "account.half", i18n.T(r.Context(), "session.page.account.half.text")
	}
	return p.showOnce(w, r, key, v)
}

func (p *Pages) editAccount(w http.ResponseWriter, r *http.Request) error {
	view, err := p.editView(r, "account.edit", session.ChangeAccount)
	if err != nil {
		return err
	}
	a, err := p.Service.Account(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	if err := p.fill(r.Context(), &view, a); err != nil {
		return err
	}
	view.Draft = session.Draft{Name: a.Name, Email: a.Email, Agency: a.Agency, Roles: a.Roles.V, Active: a.Active}
	return web.Render(w, r, http.StatusOK, editPage(view))
}

func (p *Pages) editAccountPost(w http.ResponseWriter, r *http.Request) error {
	view, err := p.editView(r, "account.edit", session.ChangeAccount)
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
	if err := p.fill(r.Context(), &view, a); err != nil {
		return err
	}
	// A form without a version is older than any.
	version, _ := strconv.ParseInt(form.Text("version"), 10, 64)
	var made session.Outcome
	if view.Draft, err = view.draftOf(form); err == nil {
		made, err = p.Service.Update(r.Context(), a.ID, version, view.Draft)
	}
	if err != nil {
		return again(w, r, err, func(faults fault.List) error {
			view.Errors = faults // a conflict has been said with the version of now; saving once more is meant
			return web.Render(w, r, web.Status(err), editPage(view))
		})
	}
	switch {
	case made.Half:
		return p.showPassword(w, r, "account.half", made)
	case made.Asked.ID != "":
		return web.RedirectWith(w, r, accountsPath+"/"+a.ID, "session.page.account.asked", fault.Args{"login": view.Lead})
	}
	return web.RedirectWith(w, r, accountsPath, "session.page.account.saved", fault.Args{"login": view.Lead})
}

// fill puts into the form what is known of an account beside its fields.
func (p *Pages) fill(ctx context.Context, v *editView, a session.Account) error {
	v.ID, v.Version, v.TOTP, v.Lead = a.ID, a.Version, a.TOTP, p.Service.Shown(a)
	v.Guarded = len(p.Service.Guarded(a.Roles.V)) > 0
	if !offered(v.Agencies, a.Agency) { // a commune's, which would else be lost when it is saved
		v.Agencies = append(v.Agencies, ui.Option{Value: a.Agency, Label: p.nameOf(nil, a.Agency) + " (" + a.Agency + ")"})
	}
	var err error
	if v.Half, err = p.Service.HalfWaits(ctx, a.ID); err != nil {
		return err
	}
	if v.Binding, err = p.binding(ctx, a); err != nil {
		return err
	}
	list, err := p.Service.Pending(ctx, a.ID)
	if err != nil {
		return err
	}
	pr := i18n.From(ctx)
	for _, r := range list {
		v.Pending = append(v.Pending, pendingView{
			What: pr.T(r.SaysKey, r.SaysArgs), Href: "/approvals/" + r.ID,
			By: pr.T("session.page.pending.by", fault.Args{"name": r.By.Name, "at": r.At}),
		})
	}
	return nil
}

// binding is to whom an account is bound, masked; "" for one that needs nobody.
func (p *Pages) binding(ctx context.Context, a session.Account) (string, error) {
	if !p.Service.NeedsBinding(a.Roles.V) {
		return "", nil
	}
	pr := i18n.From(ctx)
	b, err := p.Service.BindingOf(ctx, a.ID)
	if fault.Of(err) == fault.NotFound {
		return pr.T("session.page.binding.none"), nil
	}
	if err != nil {
		return "", err
	}
	return pr.T("session.page.binding.is", fault.Args{
		"number": b.Number, "how": pr.T("session.binding.how." + string(b.How)), "at": b.At,
	}), nil
}

// fixed is what nobody can change on the form.
func (v editView) fixed(ctx context.Context) []ui.Fact {
	out := []ui.Fact{{Key: i18n.T(ctx, "session.page.login"), Value: v.Lead + "\n" + i18n.T(ctx, "session.page.login.fixed")}}
	if v.Binding != "" {
		out = append(out, ui.Fact{Key: i18n.T(ctx, "session.page.binding"), Value: v.Binding})
	}
	return out
}

func (p *Pages) reset(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	made, err := p.Service.ResetPassword(r.Context(), r.PathValue("id"), form.Text("drop_totp") == "yes", form.Text("reset_reason"))
	if err == nil {
		return p.showPassword(w, r, "account.reset_done", made)
	}
	return again(w, r, err, func(faults fault.List) error {
		view, viewErr := p.editView(r, "account.edit", session.ChangeAccount)
		if viewErr != nil {
			return viewErr
		}
		a, viewErr := p.Service.Account(r.Context(), r.PathValue("id"))
		if viewErr != nil {
			return viewErr
		}
		if err := p.fill(r.Context(), &view, a); err != nil {
			return err
		}
		view.Draft = session.Draft{Name: a.Name, Email: a.Email, Agency: a.Agency, Roles: a.Roles.V, Active: a.Active}
		for _, f := range faults {
			view.Errors = append(view.Errors, atReset(f))
		}
		return web.Render(w, r, web.Status(err), editPage(view))
	})
}

// atReset moves what is wrong with a reason to the field of the lower form.
func atReset(f *fault.Error) *fault.Error {
	if f.Field == "reason" {
		return f.At("reset_reason")
	}
	return f
}

// secondHalf shows the half of a password that the first person does not hold.
func (p *Pages) secondHalf(w http.ResponseWriter, r *http.Request) error {
	made, err := p.Service.SecondHalf(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return p.showPassword(w, r, "half.done", made)
}

type tokensView struct {
	ui.Page
	Table            ui.Table
	Draft            session.TokenDraft
	Day, Month, Year string
	Agencies, Scopes []ui.Option
	Second           bool // some scopes need a second person
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
	for i, o := range v.Scopes {
		if p.Service.OpensPersonal([]string{o.Value}) {
			v.Scopes[i].Label += " (" + i18n.T(ctx, "session.page.roles.second") + ")"
			v.Second = true
		}
	}
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
		ID: "tokens", Caption: t("tokens"), Quiet: true, Dense: true, Stack: true, Empty: ui.Empty(t("tokens.none"), ui.Link{}),
		Columns: []ui.Column{
			{Label: t("token.name")},
			{Label: t("agency")},
			{Label: t("token.scopes")},
			{Label: t("token.used")},
			{Label: t("token.expires")},
			{Label: t("state")},
		},
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
			{Text: p.nameOf(agencies, k.Agency)},
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
	view.Draft = session.TokenDraft{
		Agency: form.Text("agency"), Name: form.Text("name"), Scopes: form.Values("scopes"), Reason: form.Text("reason"),
	}
	view.Day, view.Month, view.Year = form.DateParts("expires")
	made, err := p.createToken(r.Context(), form, &view)
	if err != nil {
		return again(w, r, err, func(faults fault.List) error {
			view.Errors = faults
			return web.Render(w, r, web.Status(err), tokensPage(view))
		})
	}
	once, key := onceView{For: made.Token.Name, Secret: made.Text, Next: tokensPath}, "token.created"
	if made.Asked.ID != "" {
		once.Note, key = i18n.T(r.Context(), "session.page.token.asked"), "token.created_asked"
	}
	return p.showOnce(w, r, key, once)
}

// createToken makes a token that is good to the end of its last day.
func (p *Pages) createToken(ctx context.Context, form web.Form, view *tokensView) (session.Issued, error) {
	day, err := form.Date("expires")
	if err != nil {
		return session.Issued{}, err
	}
	if !day.IsZero() {
		view.Draft.ExpiresAt = day.End()
	}
	if !offered(view.Agencies, view.Draft.Agency) {
		return session.Issued{}, fault.New(fault.Invalid, "session.token.agency_missing", nil).At("agency")
	}
	for _, s := range view.Draft.Scopes {
		if !offered(view.Scopes, s) {
			return session.Issued{}, fault.New(fault.Invalid, "session.token.scope_missing", nil).At("scopes")
		}
	}
	return p.Service.CreateToken(ctx, view.Draft)
}

func (p *Pages) revoke(w http.ResponseWriter, r *http.Request) error {
	if err := p.Service.RevokeToken(r.Context(), r.PathValue("id")); err != nil {
		return err
	}
	return web.RedirectWith(w, r, tokensPath, "session.page.token.was_revoked", nil)
}
