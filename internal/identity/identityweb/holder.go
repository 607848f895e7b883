package identityweb

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/skip2/go-qrcode"

	"dean06/internal/citizen"
	"dean06/internal/identity"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

type homeView struct {
	ui.Page
	Account    identity.Account
	Facts      ui.Table
	Recoveries []identity.Recovery
	Nothing    bool // to sign in with, yet
}

func (p *Pages) home(w http.ResponseWriter, r *http.Request, in identity.SignedIn) error {
	ctx := r.Context()
	recoveries, err := p.Service.RecoveriesOf(ctx, in)
	if err != nil {
		return err
	}
	means, err := p.Service.MeansOf(ctx, in)
	if err != nil {
		return err
	}
	nothing := !means.Password && !slices.ContainsFunc(means.Devices, identity.Device.Open)
	v := homeView{Page: p.own(r, "home", in), Account: in.Account, Facts: factTable(ctx, in.Account), Recoveries: recoveries, Nothing: nothing}
	return web.Render(w, r, http.StatusOK, homePage(v))
}

// factTable is what the account says, on what it rests, since when.
func factTable(ctx context.Context, a identity.Account) ui.Table {
	table := ui.Table{
		ID: "facts", Caption: t(ctx, "facts"), Stack: true,
		Columns: columns(ctx, "fact", "value", "basis", "since"),
	}
	for _, at := range a.Attributes {
		table.Rows = append(table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: i18n.T(ctx, at.Field.Key())}, {Text: valueOf(ctx, at)}, {Text: i18n.T(ctx, at.Basis.Key())}, {Text: day(ctx, at.Since)},
		}})
	}
	return table
}

func day(ctx context.Context, at time.Time) string { return i18n.From(ctx).Date(clock.DayOf(at)) }

// valueOf is a fact as people read it.
func valueOf(ctx context.Context, at identity.Attribute) string {
	switch at.Field {
	case identity.FieldBirth:
		if d, err := citizen.ParseDay(at.Value); err == nil {
			return d.Say(i18n.From(ctx))
		}
	case identity.FieldSex:
		return t(ctx, "sex."+at.Value)
	case identity.FieldLang:
		return t(ctx, "lang."+at.Value)
	case identity.FieldNationality:
		if at.Value == "VN" {
			return t(ctx, "vietnam")
		}
	}
	return at.Value
}

type devicesView struct {
	ui.Page
	Devices []identity.Device
	Own     string // the device by whose key one is signed in
	Edit    string // whose name is being changed
}

func (p *Pages) devices(w http.ResponseWriter, r *http.Request, in identity.SignedIn) error {
	v, err := p.devicesView(r, in)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, devicesPage(v))
}

func (p *Pages) devicesView(r *http.Request, in identity.SignedIn) (devicesView, error) {
	means, err := p.Service.MeansOf(r.Context(), in)
	v := devicesView{Page: p.own(r, "devices", in), Own: in.Session.Device}
	v.Devices = slices.DeleteFunc(means.Devices, func(d identity.Device) bool { return !d.Open() })
	return v, err
}

// devicesAgain shows the list once more with what went wrong.
func (p *Pages) devicesAgain(w http.ResponseWriter, r *http.Request, in identity.SignedIn, err error, edit string) error {
	return again(w, r, err, func(faults fault.List) error {
		v, viewErr := p.devicesView(r, in)
		if viewErr != nil {
			return viewErr
		}
		v.Edit = edit
		if edit != "" {
			faults = faults.Moved("name", "name-"+edit)
		}
		v.Errors = faults
		return web.Render(w, r, web.Status(err), devicesPage(v))
	})
}

type addView struct {
	ui.Page
	Name    string
	Options string
	State   string
}

func (p *Pages) addView(w http.ResponseWriter, r *http.Request, in identity.SignedIn) (addView, error) {
	options, state, err := p.Service.AskDevice(r.Context(), in, p.browser(w, r))
	v := addView{Page: p.own(r, "devices.add", in), Name: web.Program(r.UserAgent()), Options: string(options), State: state}
	v.Back = devicesPath
	return v, err
}

func (p *Pages) deviceAdd(w http.ResponseWriter, r *http.Request, in identity.SignedIn) error {
	v, err := p.addView(w, r, in)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, addPage(v))
}

func (p *Pages) deviceAddPost(w http.ResponseWriter, r *http.Request, in identity.SignedIn) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	_, err = p.Service.AddDevice(r.Context(), in, form.Text("name"), form.Text("state"), []byte(form.Text("answer")), p.browser(w, r))
	if err != nil {
		return again(w, r, err, func(faults fault.List) error {
			v, viewErr := p.addView(w, r, in)
			if viewErr != nil {
				return viewErr
			}
			v.Name, v.Errors = form.Text("name"), faults
			return web.Render(w, r, web.Status(err), addPage(v))
		})
	}
	return web.RedirectWith(w, r, devicesPath, "identity.page.devices.added", nil)
}

func (p *Pages) deviceRename(w http.ResponseWriter, r *http.Request, in identity.SignedIn) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	id := form.Text("device")
	if err := p.Service.RenameDevice(r.Context(), in, id, form.Text("name-"+id), p.browser(w, r)); err != nil {
		return p.devicesAgain(w, r, in, err, id)
	}
	return web.RedirectWith(w, r, devicesPath, "identity.page.devices.renamed", nil)
}

func (p *Pages) deviceRemove(w http.ResponseWriter, r *http.Request, in identity.SignedIn) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if err := p.Service.RemoveDevice(r.Context(), in, form.Text("device"), p.browser(w, r)); err != nil {
		return p.devicesAgain(w, r, in, err, "")
	}
	return web.RedirectWith(w, r, devicesPath, "identity.page.devices.removed", nil)
}

type sessionsView struct {
	ui.Page
	Table ui.Table
	More  bool // than the one at hand
}

func (p *Pages) sessions(w http.ResponseWriter, r *http.Request, in identity.SignedIn) error {
	ctx := r.Context()
	list, err := p.Service.SessionsOf(ctx, in)
	if err != nil {
		return err
	}
	v := sessionsView{Page: p.own(r, "sessions", in), More: len(list) > 1, Table: ui.Table{
		ID: "sessions", Caption: t(ctx, "sessions"), Quiet: true, Stack: true,
		Columns: append(columns(ctx, "program", "methods", "begun", "seen", "address"), ui.Column{Label: t(ctx, "sessions.end"), Hidden: true}),
	}}
	for _, s := range list {
		v.Table.Rows = append(v.Table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: web.Program(s.Agent)},
			{Text: methods(ctx, s.Methods)},
			{Text: i18n.From(ctx).Time(s.CreatedAt)},
			{Text: i18n.From(ctx).Time(s.SeenAt)},
			{Text: s.Address},
			{Body: sessionEnd(s, in.Session.ID)},
		}})
	}
	return web.Render(w, r, http.StatusOK, sessionsPage(v))
}

// methods are what was shown, as people call it.
func methods(ctx context.Context, list []identity.Method) string {
	out := ""
	for i, m := range list {
		if i > 0 {
			out += ", "
		}
		out += t(ctx, "method."+string(m))
	}
	return out
}

func (p *Pages) sessionEnd(w http.ResponseWriter, r *http.Request, in identity.SignedIn) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if err := p.Service.EndSession(r.Context(), in, form.Text("session"), p.browser(w, r)); err != nil && fault.Of(err) != fault.NotFound {
		return err
	}
	return web.RedirectWith(w, r, sessionsPath, "identity.page.sessions.ended", nil)
}

func (p *Pages) sessionsEnd(w http.ResponseWriter, r *http.Request, in identity.SignedIn) error {
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	if err := p.Service.EndOthers(r.Context(), in, p.browser(w, r)); err != nil {
		return err
	}
	return web.RedirectWith(w, r, sessionsPath, "identity.page.sessions.others_ended", nil)
}

type securityView struct {
	ui.Page
	Means      identity.Means
	Names      map[string]string // of people of trust
	Recoveries []identity.Recovery
	Addresses  []ui.Fact
	Now        time.Time
}

func (p *Pages) security(w http.ResponseWriter, r *http.Request, in identity.SignedIn) error {
	v, err := p.securityView(r, in)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, securityPage(v))
}

func (p *Pages) securityView(r *http.Request, in identity.SignedIn) (v securityView, err error) {
	ctx := r.Context()
	v = securityView{Page: p.own(r, "security", in), Now: p.Service.Clock.Now(), Addresses: p.addresses(ctx, in.Account)}
	if v.Means, err = p.Service.MeansOf(ctx, in); err != nil {
		return v, err
	}
	if v.Names, err = p.Service.TrusteeNames(ctx, in); err != nil {
		return v, err
	}
	v.Recoveries, err = p.Service.RecoveriesOf(ctx, in)
	return v, err
}

// securityAgain shows the page once more with what went wrong.
func (p *Pages) securityAgain(w http.ResponseWriter, r *http.Request, in identity.SignedIn, err error) error {
	return again(w, r, err, func(faults fault.List) error {
		v, viewErr := p.securityView(r, in)
		if viewErr != nil {
			return viewErr
		}
		v.Errors = faults
		return web.Render(w, r, web.Status(err), securityPage(v))
	})
}

type passwordView struct {
	ui.Page
	Number string
}

func (p *Pages) passwordView(r *http.Request, in identity.SignedIn) passwordView {
	v := passwordView{Page: p.own(r, "password.set", in), Number: in.Account.Holder.Reveal()}
	v.Back = securityPath
	return v
}

func (p *Pages) password(w http.ResponseWriter, r *http.Request, in identity.SignedIn) error {
	if err := p.Service.MayChange(r.Context(), in); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, passwordPage(p.passwordView(r, in)))
}

func (p *Pages) passwordPost(w http.ResponseWriter, r *http.Request, in identity.SignedIn) error {
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	out, err := p.setPassword(w, r, in)
	if err != nil {
		return again(w, r, err, func(faults fault.List) error {
			v := p.passwordView(r, in)
			v.Errors = faults
			return web.Render(w, r, web.Status(err), passwordPage(v))
		})
	}
	p.keep(w, out)
	return web.RedirectWith(w, r, securityPath, "identity.page.password.was_set", nil)
}

func (p *Pages) setPassword(w http.ResponseWriter, r *http.Request, in identity.SignedIn) (identity.Entered, error) {
	wanted := r.PostFormValue("new_password") // as it was sent
	if wanted != r.PostFormValue("repeat_password") {
		return identity.Entered{}, fault.New(fault.Invalid, "identity.page.password.differs", nil).At("repeat_password")
	}
	return p.Service.SetPassword(r.Context(), in, wanted, p.browser(w, r))
}

func (p *Pages) passwordDrop(w http.ResponseWriter, r *http.Request, in identity.SignedIn) error {
	if err := p.Service.DropPassword(r.Context(), in, p.browser(w, r)); err != nil {
		return p.securityAgain(w, r, in, err)
	}
	return web.RedirectWith(w, r, securityPath, "identity.page.password.was_dropped", nil)
}

type factorView struct {
	ui.Page
	Image string
	Seed  string
}

func (p *Pages) factorBegin(w http.ResponseWriter, r *http.Request, in identity.SignedIn) error {
	if _, err := p.Service.BeginCode(r.Context(), in); err != nil {
		return p.securityAgain(w, r, in, err)
	}
	return web.Redirect(w, r, securityPath+"/code")
}

func (p *Pages) factorView(r *http.Request, in identity.SignedIn) (factorView, error) {
	address, err := p.Service.PendingCode(r.Context(), in)
	if err != nil {
		return factorView{}, err
	}
	u, err := url.Parse(address)
	if err != nil {
		return factorView{}, err
	}
	png, err := qrcode.Encode(address, qrcode.Medium, 256)
	if err != nil {
		return factorView{}, err
	}
	v := factorView{Page: p.own(r, "factor", in), Image: "data:image/png;base64," + base64.StdEncoding.EncodeToString(png)}
	for i, c := range u.Query().Get("secret") {
		if i > 0 && i%4 == 0 {
			v.Seed += " "
		}
		v.Seed += string(c)
	}
	v.Back = securityPath
	return v, nil
}

func (p *Pages) factor(w http.ResponseWriter, r *http.Request, in identity.SignedIn) error {
	v, err := p.factorView(r, in)
	if fault.Of(err) == fault.NotFound {
		return web.Redirect(w, r, securityPath)
	}
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, factorPage(v))
}

func (p *Pages) factorPost(w http.ResponseWriter, r *http.Request, in identity.SignedIn) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	codes, err := p.Service.ConfirmCode(r.Context(), in, form.Text("code"), p.browser(w, r))
	if err != nil {
		return again(w, r, err, func(faults fault.List) error {
			v, viewErr := p.factorView(r, in)
			if viewErr != nil {
				return viewErr
			}
			v.Errors = faults
			return web.Render(w, r, web.Status(err), factorPage(v))
		})
	}
	if codes == nil {
		return web.RedirectWith(w, r, securityPath, "identity.page.factor.was_on", nil)
	}
	return p.showCodes(w, r, in, codes)
}

func (p *Pages) factorDrop(w http.ResponseWriter, r *http.Request, in identity.SignedIn) error {
	if err := p.Service.DropCode(r.Context(), in, p.browser(w, r)); err != nil {
		return p.securityAgain(w, r, in, err)
	}
	return web.RedirectWith(w, r, securityPath, "identity.page.factor.was_off", nil)
}

type codesView struct {
	ui.Page
	Codes []string
}

func (p *Pages) showCodes(w http.ResponseWriter, r *http.Request, in identity.SignedIn, codes []string) error {
	return web.Render(w, r, http.StatusOK, codesPage(codesView{Page: p.own(r, "codes", in), Codes: codes}))
}

func (p *Pages) recoveryCodes(w http.ResponseWriter, r *http.Request, in identity.SignedIn) error {
	codes, err := p.Service.NewRecoveryCodes(r.Context(), in, p.browser(w, r))
	if err != nil {
		return p.securityAgain(w, r, in, err)
	}
	return p.showCodes(w, r, in, codes)
}

type trusteeView struct {
	ui.Page
	Number string
}

func (p *Pages) trusteeView(r *http.Request, in identity.SignedIn) trusteeView {
	v := trusteeView{Page: p.own(r, "trustee", in)}
	v.Back = securityPath
	return v
}

func (p *Pages) trustee(w http.ResponseWriter, r *http.Request, in identity.SignedIn) error {
	if err := p.Service.MayChange(r.Context(), in); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, trusteePage(p.trusteeView(r, in)))
}

func (p *Pages) trusteePost(w http.ResponseWriter, r *http.Request, in identity.SignedIn) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	who, err := identity.ParseHolder(identity.Citizen, form.Text("number"))
	if err == nil {
		err = p.Service.NameTrustee(r.Context(), in, who, p.browser(w, r))
	}
	if err != nil {
		return again(w, r, err, func(faults fault.List) error {
			v := p.trusteeView(r, in)
			v.Number, v.Errors = form.Text("number"), faults
			return web.Render(w, r, web.Status(err), trusteePage(v))
		})
	}
	return web.RedirectWith(w, r, securityPath, "identity.page.trustee.was_named", nil)
}

func (p *Pages) trusteeDrop(w http.ResponseWriter, r *http.Request, in identity.SignedIn) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if err := p.Service.DropTrustee(r.Context(), in, form.Text("account"), p.browser(w, r)); err != nil {
		return p.securityAgain(w, r, in, err)
	}
	return web.RedirectWith(w, r, securityPath, "identity.page.trustee.was_dropped", nil)
}

func (p *Pages) recoveryStop(w http.ResponseWriter, r *http.Request, in identity.SignedIn) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if err := p.Service.StopRecovery(r.Context(), in, form.Text("recovery"), p.browser(w, r)); err != nil {
		return p.securityAgain(w, r, in, err)
	}
	return web.RedirectWith(w, r, securityPath, "identity.page.recovery.was_stopped", nil)
}

type consentsView struct {
	ui.Page
	Holds, Ended ui.Table
}

func (p *Pages) consents(w http.ResponseWriter, r *http.Request, in identity.SignedIn) error {
	ctx := r.Context()
	list, err := p.Service.ConsentsOf(ctx, in.Actor(), in.Account.ID)
	if err != nil {
		return err
	}
	heads := []string{"consents.site", "consents.purpose", "consents.told", "since", "consents.until"}
	v := consentsView{
		Page: p.own(r, "consents", in),
		Holds: ui.Table{
			ID: "holds", Caption: t(ctx, "consents.hold"), Stack: true, Columns: columns(ctx, append(heads, "consents.withdraw")...),
			Empty: ui.Empty(t(ctx, "consents.none"), ui.Link{}),
		},
		Ended: ui.Table{ID: "ended", Caption: t(ctx, "consents.ended"), Stack: true, Columns: columns(ctx, append(heads, "consents.withdrawn")...)},
	}
	now := p.Service.Clock.Now()
	for _, c := range list {
		site, purpose := p.consentNames(ctx, c)
		row := ui.Row{Cells: []ui.Cell{
			{Text: site}, {Text: purpose}, {Text: claims(ctx, c.Claims)}, {Text: day(ctx, c.At)}, {Text: day(ctx, c.Until)}, {Body: withdrawn(c)},
		}}
		if c.Holds(now) {
			v.Holds.Rows = append(v.Holds.Rows, row)
			continue
		}
		if c.EndedAt.IsZero() {
			row.Cells[5] = ui.Cell{Text: t(ctx, "consents.ran_out")}
		}
		v.Ended.Rows = append(v.Ended.Rows, row)
	}
	return web.Render(w, r, http.StatusOK, consentsPage(v))
}

// consentNames are the names of a service and of a purpose; their codes, once the service is gone.
func (p *Pages) consentNames(ctx context.Context, c identity.Consent) (site, purpose string) {
	client, err := p.Service.Store.Client(ctx, c.Client)
	if err != nil {
		return c.Client, c.Purpose
	}
	lang := string(i18n.From(ctx).Lang)
	i := slices.IndexFunc(client.Purposes, func(u identity.Purpose) bool { return u.Code == c.Purpose })
	if i < 0 {
		return client.Name.In(lang), c.Purpose
	}
	return client.Name.In(lang), client.Purposes[i].Text.In(lang)
}

func (p *Pages) consentWithdraw(w http.ResponseWriter, r *http.Request, in identity.SignedIn) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if err := p.Service.Withdraw(r.Context(), in.Actor(), in.Account.ID, form.Text("consent")); err != nil && fault.Of(err) != fault.NotFound {
		return err
	}
	return web.RedirectWith(w, r, consentsPath, "identity.page.consents.was_withdrawn", nil)
}

// logShown is how many lines a page of the log has.
const logShown = 50

// Look is a line of the population register's log.
type Look struct {
	At  time.Time
	Who string
	Why string
}

type logView struct {
	ui.Page
	Entries ui.Table
	Older   string
	Looked  *ui.Table // nil: nobody gives it
}

func (p *Pages) log(w http.ResponseWriter, r *http.Request, in identity.SignedIn) error {
	ctx := r.Context()
	before, _ := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64) // what is no number is the first page
	list, err := p.Service.EntriesOf(ctx, in, before, logShown)
	if err != nil {
		return err
	}
	v := logView{Page: p.own(r, "log", in), Entries: ui.Table{
		ID: "entries", Caption: t(ctx, "log.entries"), Stack: true, Dense: true,
		Columns: columns(ctx, "when", "log.what", "log.who", "log.site", "address"),
	}}
	for _, e := range list {
		v.Entries.Rows = append(v.Entries.Rows, ui.Row{Cells: []ui.Cell{
			{Text: i18n.From(ctx).Time(e.At)},
			{Text: e.Say(i18n.From(ctx), p.siteName(ctx, e))},
			{Text: whoActed(ctx, e, in)},
			{Text: p.siteName(ctx, e)},
			{Text: e.Address},
		}})
	}
	if len(list) == logShown {
		v.Older = logPath + "?before=" + strconv.FormatInt(list[len(list)-1].Seq, 10)
	}
	if p.Looks != nil && in.Account.Holder.Kind == identity.Citizen {
		looks, err := p.Looks.Looked(ctx, in.Actor(), in.Account.Holder.Citizen())
		if err != nil {
			return err
		}
		v.Looked = &ui.Table{
			ID: "looked", Caption: t(ctx, "log.looked"), Stack: true, Dense: true, Empty: ui.Empty(t(ctx, "log.looked.none"), ui.Link{}),
			Columns: columns(ctx, "when", "log.who", "log.why"),
		}
		for _, l := range looks {
			v.Looked.Rows = append(v.Looked.Rows, ui.Row{Cells: []ui.Cell{{Text: i18n.From(ctx).Time(l.At)}, {Text: l.Who}, {Text: l.Why}}})
		}
	}
	return web.Render(w, r, http.StatusOK, logPage(v))
}

// whoActed is who did it: oneself, somebody unknown, or a name.
func whoActed(ctx context.Context, e identity.Entry, in identity.SignedIn) string {
	switch e.By.Account {
	case in.Actor().Account:
		return t(ctx, "log.self")
	case identity.Stranger.Account:
		return t(ctx, "log.stranger")
	}
	return e.By.Name
}

func (p *Pages) siteName(ctx context.Context, e identity.Entry) string {
	if e.Client == "" {
		return e.Args["site"]
	}
	c, err := p.Service.Store.Client(ctx, e.Client)
	if err != nil {
		return e.Client
	}
	return c.Name.In(string(i18n.From(ctx).Lang))
}
