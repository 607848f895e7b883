package sessionweb

import (
	"context"
	"fmt"
	"net/http"

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
	Local   bool // it is opened by a password, too
	TOTP    bool
	Left    int // recovery codes
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
	local, err := p.Service.HasPassword(ctx)
	if err != nil {
		return err
	}
	left, err := p.Service.RecoveryLeft(ctx)
	if err != nil {
		return err
	}
	facts := p.facts(ctx, id, a, agencies)
	if local {
		facts = append(facts, p.means(ctx, a, left)...)
	}
	if binding != "" {
		facts = append(facts, ui.Fact{Key: i18n.T(ctx, "session.page.binding"), Value: binding})
	}
	return web.Render(w, r, http.StatusOK, accountPage(accountView{
		Page: p.page(r, "account"), Facts: facts, Local: local, TOTP: a.TOTP, Left: left, Open: open, Current: id.SessionID, History: historyTable(ctx, history),
	}))
}

func (p *Pages) facts(ctx context.Context, id session.Identity, a session.Account, agencies []Agency) []ui.Fact {
	t := func(key string) string { return i18n.T(ctx, "session.page."+key) }
	return []ui.Fact{
		{Key: t("name"), Value: a.Name},
		{Key: t("login"), Value: a.Login},
		{Key: t("email"), Value: a.Email},
		{Key: t("agency"), Value: p.agencyOf(ctx, a, agencies)},
		{Key: t("roles"), Value: labels(ctx, p.Roles, id.Roles)},
	}
}

// agencyOf is whose an account is: a citizen's of none, else of the centre where no agency
// is named.
func (p *Pages) agencyOf(ctx context.Context, a session.Account, agencies []Agency) string {
	switch {
	case a.Agency != "":
		return p.nameOf(agencies, a.Agency)
	case p.Service.NeedsBinding(a.Roles.V):
		return i18n.T(ctx, "session.page.agency.none")
	}
	return i18n.T(ctx, "session.page.centre")
}

// means are what a local account is opened by.
func (p *Pages) means(ctx context.Context, a session.Account, left int) []ui.Fact {
	t := func(key string) string { return i18n.T(ctx, "session.page."+key) }
	out := []ui.Fact{
		{Key: t("password"), Value: t("password.set"), Actions: []ui.Link{{Label: t("change"), Href: passwordPath}}},
	}
	if !a.TOTP {
		return append(out, ui.Fact{Key: t("factor"), Value: t("factor.is_off")})
	}
	return append(out,
		ui.Fact{Key: t("factor"), Value: t("factor.is_on"), Actions: []ui.Link{{Label: t("factor.off.short"), Href: offPath}}},
		ui.Fact{
			Key: t("recovery"), Value: i18n.T(ctx, "session.page.recovery.left", fault.Args{"n": left}),
			Actions: []ui.Link{{Label: t("recovery.new.short"), Href: recoveryPath}},
		},
	)
}

func historyTable(ctx context.Context, lines []session.SignIn) ui.Table {
	t := func(key string) string { return i18n.T(ctx, "session.page."+key) }
	table := ui.Table{
		ID: "history", Caption: t("history"), Dense: true, Stack: true,
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
		ID: "demo", Caption: t("demo"), Dense: true, Stack: true,
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
	if !ok || step != session.Complete && step != session.NeedPassword {
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
	wanted := r.PostFormValue("new_password")
	if wanted != r.PostFormValue("repeat_password") {
		return "", fault.New(fault.Invalid, "session.password.differs", nil).At("repeat_password")
	}
	return p.Service.ChangePassword(r.Context(), r.PostFormValue("current_password"), wanted, p.Service.Client(r))
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
		ID: "sessions", Caption: t("sessions"), Quiet: true, Dense: true, Stack: true,
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
