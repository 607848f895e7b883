package sessionweb

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/session"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

// historyShown is how many lines of the sign-in history one's own page has.
const historyShown = 20

type accountView struct {
	ui.Page
	Facts   []ui.Fact
	TOTP    bool
	Open    []session.Open
	Current string
	History ui.Table
}

func (p *Pages) account(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	id, err := session.Check(ctx)
	if err != nil {
		return err
	}
	a, err := p.Service.Account(ctx, id.Account)
	if err != nil {
		return err
	}
	open, err := p.Service.Sessions(ctx, a.ID)
	if err != nil {
		return fmt.Errorf("list sessions: %w", err)
	}
	history, err := p.Service.History(ctx, a.ID, historyShown)
	if err != nil {
		return fmt.Errorf("read sign-in history: %w", err)
	}
	agencies, err := p.agencies(ctx)
	if err != nil {
		return err
	}
	binding, err := p.binding(ctx, a)
	if err != nil {
		return err
	}
	facts := p.facts(ctx, id, a, agencies)
	if binding != "" {
		facts = append(facts, ui.Fact{Key: i18n.T(ctx, "session.page.binding"), Value: binding})
	}
	return web.Render(w, r, http.StatusOK, accountPage(accountView{
		Page: p.page(r, "account"), Facts: facts, TOTP: a.TOTP, Open: open, Current: id.SessionID, History: historyTable(ctx, history),
	}))
}

func (p *Pages) facts(ctx context.Context, id session.Identity, a session.Account, agencies []Agency) []ui.Fact {
	t := func(key string) string { return i18n.T(ctx, "session.page."+key) }
	agency := t("centre")
	if a.Agency != "" {
		agency = p.nameOf(agencies, a.Agency)
	}
	factor := t("factor.is_off")
	if a.TOTP {
		factor = t("factor.is_on")
	}
	return []ui.Fact{
		{Key: t("name"), Value: a.Name},
		{Key: t("login"), Value: a.Login},
		{Key: t("email"), Value: a.Email},
		{Key: t("agency"), Value: agency},
		{Key: t("roles"), Value: labels(ctx, p.Roles, id.Roles)},
		{Key: t("password"), Value: t("password.set"), Actions: []ui.Link{{Label: t("change"), Href: passwordPath}}},
		{Key: t("factor"), Value: factor},
	}
}

func historyTable(ctx context.Context, lines []session.SignIn) ui.Table {
	t := func(key string) string { return i18n.T(ctx, "session.page."+key) }
	table := ui.Table{
		ID: "history", Caption: t("history"), Dense: true,
		Columns: []ui.Column{{Label: t("when")}, {Label: t("outcome")}, {Label: t("address")}, {Label: t("device")}},
	}
	for _, l := range lines {
		table.Rows = append(table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: i18n.From(ctx).Time(l.At)}, {Text: t("outcome." + l.Outcome)}, {Text: l.Address}, {Text: web.Program(l.Agent)},
		}})
	}
	return table
}

func demoTable(ctx context.Context, accounts []DemoAccount) ui.Table {
	t := func(key string) string { return i18n.T(ctx, "session.page."+key) }
	table := ui.Table{
		ID: "demo", Caption: t("demo"), Dense: true,
		Columns: []ui.Column{{Label: t("login")}, {Label: t("password")}, {Label: t("roles")}},
	}
	for _, a := range accounts {
		what := a.Label
		if what == "" {
			what = i18n.T(ctx, a.RoleKey)
		}
		table.Rows = append(table.Rows, ui.Row{Cells: []ui.Cell{{Text: a.Login}, {Text: a.Password}, {Text: what}}})
	}
	return table
}

type passwordView struct {
	ui.Page
	Next  string
	First bool // the password at hand was given by an administrator
	Login string
}

func (p *Pages) passwordView(r *http.Request, next string) (passwordView, error) {
	id, step, ok := session.Unfinished(r.Context())
	if !ok || step == session.NeedCode {
		_, err := session.Check(r.Context())
		return passwordView{}, err
	}
	v := passwordView{Page: p.page(r, "password.change"), Next: web.Local(next), First: step == session.NeedPassword, Login: id.Login}
	if !v.First {
		v.Back = ui.AccountPath
	}
	return v, nil
}

func (p *Pages) password(w http.ResponseWriter, r *http.Request) error {
	view, err := p.passwordView(r, r.URL.Query().Get("next"))
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, passwordPage(view))
}

func (p *Pages) passwordPost(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	view, err := p.passwordView(r, form.Text("next"))
	if err != nil {
		return err
	}
	token, err := p.changePassword(r)
	if err != nil {
		return again(w, r, err, func(faults fault.List) error {
			view.Errors = faults
			return web.Render(w, r, web.Status(err), passwordPage(view))
		})
	}
	p.Service.SetToken(w, token)
	next := view.Next
	if !view.First {
		next = ui.AccountPath
	}
	return web.RedirectWith(w, r, next, "session.page.password.changed", nil)
}

// changePassword takes the fields as they were sent: a space at the end of a
// password is part of it.
func (p *Pages) changePassword(r *http.Request) (string, error) {
	ctx := r.Context()
	agencies, err := p.agencies(ctx)
	if err != nil {
		return "", err
	}
	id, _, _ := session.Unfinished(ctx)
	wanted := r.PostFormValue("new_password")
	if wanted != r.PostFormValue("repeat_password") {
		return "", fault.New(fault.Invalid, "session.password.differs", nil).At("repeat_password")
	}
	return p.Service.ChangePassword(ctx, r.PostFormValue("current_password"), wanted, p.nameOf(agencies, id.Agency), p.Service.Client(r))
}

type factorView struct {
	ui.Page
	Secret string
	Codes  []string // the recovery codes, once
}

func (p *Pages) factorPage(r *http.Request, key string) ui.Page {
	page := p.page(r, key)
	page.Back = ui.AccountPath
	return page
}

func (p *Pages) factorBegin(w http.ResponseWriter, r *http.Request) error {
	if err := p.Service.BeginTOTP(r.Context()); err != nil {
		return err
	}
	return web.Redirect(w, r, "/account/code")
}

func (p *Pages) factor(w http.ResponseWriter, r *http.Request) error {
	secret, _, err := p.Service.PendingTOTP(r.Context())
	if fault.Of(err) == fault.NotFound {
		return web.Redirect(w, r, ui.AccountPath)
	}
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, factorPage(factorView{Page: p.factorPage(r, "factor.begin"), Secret: secret}))
}

func (p *Pages) factorImage(w http.ResponseWriter, r *http.Request) error {
	_, png, err := p.Service.PendingTOTP(r.Context())
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "image/png")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Length", strconv.Itoa(len(png)))
	_, _ = w.Write(png) // the reader may have gone
	return nil
}

func (p *Pages) factorConfirm(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	codes, err := p.Service.ConfirmTOTP(r.Context(), form.Text("code"))
	if err != nil {
		return again(w, r, err, func(faults fault.List) error {
			secret, _, pendingErr := p.Service.PendingTOTP(r.Context())
			if pendingErr != nil {
				return pendingErr
			}
			view := factorView{Page: p.factorPage(r, "factor.begin"), Secret: secret}
			view.Errors = faults
			return web.Render(w, r, web.Status(err), factorPage(view))
		})
	}
	return web.Render(w, r, http.StatusOK, recoveryPage(factorView{Page: p.page(r, "factor.done"), Codes: codes}))
}

func (p *Pages) factorOff(w http.ResponseWriter, r *http.Request) error {
	if _, err := session.Check(r.Context()); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, factorOffPage(factorView{Page: p.factorPage(r, "factor.turn_off")}))
}

func (p *Pages) factorOffPost(w http.ResponseWriter, r *http.Request) error {
	if err := p.Service.DropTOTP(r.Context(), r.PostFormValue("password"), p.Service.Client(r)); err != nil {
		return again(w, r, err, func(faults fault.List) error {
			view := factorView{Page: p.factorPage(r, "factor.turn_off")}
			view.Errors = faults
			return web.Render(w, r, web.Status(err), factorOffPage(view))
		})
	}
	return web.RedirectWith(w, r, ui.AccountPath, "session.page.factor.was_off", nil)
}

func (p *Pages) endSession(w http.ResponseWriter, r *http.Request) error {
	if _, err := session.Check(r.Context()); err != nil {
		return err
	}
	if err := p.Service.End(r.Context(), r.PostFormValue("session")); err != nil && fault.Of(err) != fault.NotFound {
		return err
	}
	return web.RedirectWith(w, r, ui.AccountPath, "session.page.session_ended", nil)
}

func (p *Pages) endOthers(w http.ResponseWriter, r *http.Request) error {
	if err := p.Service.EndOthers(r.Context()); err != nil {
		return err
	}
	return web.RedirectWith(w, r, ui.AccountPath, "session.page.others_ended", nil)
}

func sessionsTable(ctx context.Context, open []session.Open, current string) ui.Table {
	t := func(key string) string { return i18n.T(ctx, "session.page."+key) }
	table := ui.Table{
		ID: "sessions", Caption: t("sessions"), Quiet: true, Dense: true,
		Columns: []ui.Column{
			{Label: t("since")}, {Label: t("seen")}, {Label: t("address")}, {Label: t("device")}, {Label: t("end"), Hidden: true},
		},
	}
	for _, s := range open {
		table.Rows = append(table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: i18n.From(ctx).Time(s.CreatedAt)},
			{Text: i18n.From(ctx).Time(s.SeenAt)},
			{Text: s.Address},
			{Text: web.Program(s.Agent)},
			{Body: sessionEnd(s, current)},
		}})
	}
	return table
}
