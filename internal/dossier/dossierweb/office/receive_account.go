package office

import (
	"net/http"
	"strings"
	"unicode"

	"dean06/internal/dossier"
	"dean06/internal/dossier/dossierweb"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/spelling"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

// accountView gives the citizen at the desk an account, or binds theirs.
type accountView struct {
	ui.Page
	ID      string
	Version int
	Name    string
	Which   ui.Field
	Login   ui.Field
	Email   ui.Field
	Seen    ui.Field
}

// openedView shows what is shown once.
type openedView struct {
	ui.Page
	ID, Name, Login, Password string
}

func (p *Pages) account(w http.ResponseWriter, r *http.Request) error {
	if err := dossier.Permissions.CanOwn(p.Actor(r), dossier.OpenAccount, true); err != nil {
		return err
	}
	f, err := p.load(r)
	if err != nil {
		return err
	}
	if f.Draft.Applicant.Number == "" {
		return fault.New(fault.Denied, "dossier.account.unmatched", nil)
	}
	return web.Render(w, r, http.StatusOK, accountPage(p.accountView(r, f, nil, nil)))
}

func (p *Pages) accountView(r *http.Request, f dossier.Filling, form *web.Form, errs fault.List) accountView {
	ctx, d := r.Context(), f.Draft
	v := accountView{Page: p.page(r, t(ctx, "account.title")), ID: d.ID, Version: d.Version, Name: d.Applicant.Name}
	v.Wide, v.Back, v.Errors = false, filled(d.ID, ""), errs
	v.Which = ui.Field{Name: "which", Label: t(ctx, "account.which"), Errors: errs, Value: "new", Options: []ui.Option{
		{Value: "new", Label: t(ctx, "account.new"), Hint: t(ctx, "account.new.hint")},
		{Value: "bind", Label: t(ctx, "account.bind"), Hint: t(ctx, "account.bind.hint")},
	}}
	v.Login = ui.Field{
		Name: "login", Label: t(ctx, "account.login"), Hint: t(ctx, "account.login.hint"), Errors: errs, Autocomplete: "off", Width: 30,
		Value: loginOf(d.Applicant.Name),
	}
	v.Email = ui.Field{Name: "email", Label: t(ctx, "receive.email"), Errors: errs, Autocomplete: "off", Type: "email", Value: d.Applicant.Email, Optional: true}
	v.Seen = ui.Field{Name: "seen", Label: t(ctx, "account.seen"), Errors: errs, Options: []ui.Option{
		{Value: "yes", Label: t(ctx, "account.seen.yes", map[string]any{"name": d.Applicant.Name})},
	}}
	if form != nil {
		v.Which.Value, v.Login.Value, v.Email.Value, v.Seen.Values = form.Text("which"), form.Text("login"), form.Text("email"), form.Values("seen")
	}
	return v
}

// loginOf proposes a login: it names nobody's number.
func loginOf(name string) string {
	return strings.Join(strings.FieldsFunc(spelling.Unaccent(name), func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsLetter(r) }), ".")
}

func (p *Pages) accountPost(w http.ResponseWriter, r *http.Request) error {
	form, version, err := dossierweb.Posted(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	d, opened, err := p.Service.OpenAccount(ctx, p.Actor(r), r.PathValue("id"), dossier.Opening{
		Version: version, Exists: form.Text("which") == "bind", Login: form.Text("login"), Email: form.Text("email"), Seen: form.Text("seen") == "yes",
	})
	if fault.Of(err) == fault.NotFound && form.Text("which") == "bind" {
		if _, err2 := p.load(r); err2 == nil { // the draft is there: it is the login that nobody has
			err = fault.New(fault.Invalid, "desk.account.unknown", nil).At("login")
		}
	}
	if errs := web.FormErrors(err); len(errs) > 0 {
		f, err2 := p.load(r)
		if err2 != nil {
			return err2
		}
		for i, e := range errs {
			if e.Field == "" {
				errs[i] = e.At("login")
			}
		}
		return web.Render(w, r, web.Status(errs), accountPage(p.accountView(r, f, &form, errs)))
	}
	if err != nil {
		return err
	}
	if opened.Password == "" {
		return web.RedirectWith(w, r, filled(d.ID, ""), "desk.account.did", fault.Args{"login": opened.Login})
	}
	w.Header().Set("Cache-Control", "no-store")
	v := openedView{Page: p.page(r, t(ctx, "account.opened")), ID: d.ID, Name: d.Applicant.Name, Login: opened.Login, Password: opened.Password}
	v.Wide = false
	return web.Render(w, r, http.StatusOK, openedPage(v))
}
