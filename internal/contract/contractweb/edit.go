package contractweb

import (
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"dean06/internal/contract"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

// filled puts what was typed back into fields.
type filled struct {
	values web.Form
	errs   fault.List
}

func (f filled) fill(x ui.Field) ui.Field {
	x.Errors = f.errs
	if f.values.Has(x.Name) || f.errs != nil {
		x.Value, x.Values = f.values.Text(x.Name), f.values.Values(x.Name)
	}
	return x
}

func words(s string) []string {
	list := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("\n,; ", r) })
	slices.Sort(list)
	return slices.Compact(list)
}

func (p *Pages) system(w http.ResponseWriter, r *http.Request) error {
	s, isNew, err := p.systemOf(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, ui.Stack(p.systemPage(r, s, isNew, r.URL.Query().Get("do"), filled{})))
}

// systemPage is the system, or what somebody wants done with it that needs a second person.
func (p *Pages) systemPage(r *http.Request, s contract.System, isNew bool, do string, f filled) view {
	t := say(r)
	switch {
	case do == doSecret && !isNew:
		return p.asking(r, s.Name, t("secret.new"), t("secret.new.text"), do, f)
	case do == doOpen && !isNew:
		return p.asking(r, s.Name, t("turn.on"), t("turn.on.text"), do, f)
	}
	return p.systemView(r, s, isNew, f)
}

// What somebody wants done.
const (
	doSave   = "save"
	doOpen   = "on"
	doStop   = "off"
	doSecret = "secret"
)

// asking is a page on which somebody asks for what a second person approves.
func (p *Pages) asking(r *http.Request, name, title, text, do string, f filled) view {
	t := say(r)
	v := p.page(r, title)
	v.Lead, v.Errors = name, f.errs
	v.Crumbs = []ui.Link{{Label: t("title"), Href: Path}}
	v.Add(ui.Para(text), ui.Form(r.URL.RequestURI(), []templ.Component{p.reason(r, f, false)},
		ui.Action{Label: t("ask"), Name: "do", Value: do}))
	return v
}

// reason is what the second person reads. What narrows needs none.
func (p *Pages) reason(r *http.Request, f filled, optional bool) templ.Component {
	t, hint := say(r), "reason.hint"
	if optional {
		hint = "reason.hint.wider"
	}
	return ui.Text(f.fill(ui.Field{Name: "reason", Label: t("reason"), Hint: t(hint), Optional: optional}))
}

// with is the address of the page on which somebody asks for something.
func with(r *http.Request, do string) string {
	u := *r.URL
	query := u.Query()
	query.Set("do", do)
	u.RawQuery = query.Encode()
	return u.RequestURI()
}

// added stands in an address for a system or officer that is not there yet.
const added = "-"

// systemOf is the system of the page.
func (p *Pages) systemOf(r *http.Request) (s contract.System, isNew bool, err error) {
	user := r.PathValue("user")
	if isNew = user == added; isNew {
		user = ""
	}
	s, err = p.Rules.SystemToChange(r.Context(), who(r), user)
	return s, isNew, err
}

func (p *Pages) systemView(r *http.Request, s contract.System, isNew bool, f filled) view {
	t := say(r)
	title, fields := s.Name, []templ.Component{}
	if isNew {
		title = t("system.new")
		fields = append(fields, ui.Text(f.fill(ui.Field{Name: "user", Label: t("system.user"), Hint: t("system.user.hint"), Width: 20})))
	}
	v := p.page(r, title)
	v.Lead, v.Errors = t("system"), f.errs
	v.Crumbs = []ui.Link{{Label: t("title"), Href: Path}}
	fields = append(
		fields,
		ui.Text(f.fill(ui.Field{Name: "name", Label: t("name"), Value: s.Name})),
		ui.Select(f.fill(ui.Field{Name: "subsystem", Label: t("under"), Hint: t("under.hint"), Value: s.Subsystem, Options: p.Subsystems()})),
		ui.Text(f.fill(ui.Field{Name: "codes", Label: t("codes"), Hint: t("codes.hint"), Value: strings.Join(s.Codes, " "), Optional: true})),
		ui.Textarea(f.fill(ui.Field{
			Name: "procedures", Label: t("procedures"), Hint: t("procedures.hint"), Value: strings.Join(s.Procedures, "\n"), Rows: 4, Optional: true,
		})),
	)
	fields = append(fields, p.reason(r, f, !isNew))
	if isNew {
		v.Add(ui.Para(t("second")), ui.Form(r.URL.RequestURI(), fields, ui.Action{Label: t("system.add"), Name: "do", Value: doSave}))
		return v
	}
	v.Add(ui.SummaryList([]ui.Fact{{Key: t("system.user"), Value: s.User}, {Key: t("state"), Body: mark(t, s.Off)}}),
		ui.Form(r.URL.RequestURI(), fields, ui.Action{Label: t("save"), Name: "do", Value: doSave}),
		ui.Buttons(ui.Action{Label: t("secret.new"), Look: ui.Secondary, Href: with(r, doSecret)}),
		p.onOff(r, s.Off, t("system.off.text")))
	return v
}

func (p *Pages) onOff(r *http.Request, off bool, text string) templ.Component {
	t := say(r)
	if off {
		return ui.Buttons(ui.Action{Label: t("turn.on"), Look: ui.Secondary, Href: with(r, doOpen)})
	}
	return ui.Fold(t("turn.off"), ui.Para(text),
		ui.Form(r.URL.RequestURI(), nil, ui.Action{Label: t("turn.off"), Look: ui.Warning, Name: "do", Value: doStop}))
}

// typedSystem is the system as somebody typed it; one that is there keeps its user.
func typedSystem(f web.Form, s contract.System, isNew bool) contract.System {
	if isNew {
		s.User = f.Text("user")
	}
	s.Name, s.Subsystem, s.Codes, s.Procedures = f.Text("name"), f.Text("subsystem"), words(f.Text("codes")), words(f.Text("procedures"))
	return s
}

func (p *Pages) systemPost(w http.ResponseWriter, r *http.Request) error {
	s, isNew, err := p.systemOf(r)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	ctx, by, do, reason := r.Context(), who(r), f.Text("do"), f.Text("reason")
	secret, name, asked := "", s.Name, true
	switch {
	case do == doSave:
		typed := typedSystem(f, s, isNew)
		s.User, name = typed.User, typed.Name
		if isNew {
			secret, err = p.Rules.AddSystem(ctx, by, typed, reason)
		} else {
			asked, err = p.Rules.ChangeSystem(ctx, by, typed, reason)
		}
	case isNew:
		return errNoPage
	case do == doOpen:
		err = p.Rules.OpenSystem(ctx, by, s.User, reason)
	case do == doStop:
		asked, err = false, p.Rules.StopSystem(ctx, by, s.User)
	case do == doSecret:
		secret, err = p.Rules.RenewSecret(ctx, by, s.User, reason)
	default:
		return errNoPage
	}
	if err != nil {
		return again(w, r, err, func(errs fault.List) view { return p.systemPage(r, s, isNew, do, filled{f, errs}) })
	}
	if secret == "" {
		return done(w, r, name, asked)
	}
	return p.once(w, r, name, s.User, secret)
}

// done leads back and says whether it is done, or waits for a second person.
func done(w http.ResponseWriter, r *http.Request, name string, asked bool) error {
	key := "contractweb.saved"
	if asked {
		key = "contractweb.asked"
	}
	return web.RedirectWith(w, r, Path, key, fault.Args{"name": name})
}

// once shows a secret in the answer itself: from then on nobody sees it again.
func (p *Pages) once(w http.ResponseWriter, r *http.Request, name, user, secret string) error {
	t := say(r)
	v := p.page(r, t("secret.ready", args{"name": name}))
	v.Crumbs = []ui.Link{{Label: t("title"), Href: Path}}
	v.Add(ui.WarningText(t("secret.once")), ui.SummaryList([]ui.Fact{{Key: t("system.user"), Value: user}, {Key: t("secret"), Value: secret}}),
		ui.Buttons(ui.Action{Label: t("secret.done"), Href: Path}))
	w.Header().Set("Cache-Control", "no-store")
	return web.Render(w, r, http.StatusOK, ui.Stack(v))
}

func again(w http.ResponseWriter, r *http.Request, err error, show func(fault.List) view) error {
	errs := web.FormErrors(err)
	if errs == nil {
		return err
	}
	return web.Retry(w, r, err, ui.Stack(show(errs)))
}

// officerOf is the officer of the page.
func (p *Pages) officerOf(r *http.Request) (subsystem string, o contract.Officer, isNew bool, err error) {
	subsystem = r.URL.Query().Get("subsystem")
	code := r.PathValue("code")
	if isNew = code == added; isNew {
		code = ""
	}
	o, err = p.Rules.OfficerToChange(r.Context(), who(r), subsystem, code)
	return subsystem, o, isNew, err
}

func (p *Pages) officer(w http.ResponseWriter, r *http.Request) error {
	subsystem, o, isNew, err := p.officerOf(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, ui.Stack(p.officerPage(r, subsystem, o, isNew, r.URL.Query().Get("do"), filled{})))
}

// officerPage is as systemPage.
func (p *Pages) officerPage(r *http.Request, subsystem string, o contract.Officer, isNew bool, do string, f filled) view {
	t := say(r)
	switch {
	case do == doSecret && !isNew:
		return p.asking(r, o.Name, t("key.new"), t("key.new.text"), do, f)
	case do == doOpen && !isNew:
		return p.asking(r, o.Name, t("turn.on"), t("turn.on.text"), do, f)
	}
	return p.officerView(r, subsystem, o, isNew, f)
}

func (p *Pages) officerView(r *http.Request, subsystem string, o contract.Officer, isNew bool, f filled) view {
	t := say(r)
	title, fields := o.Name, []templ.Component{}
	if isNew {
		title = t("officer.new")
		fields = append(fields, ui.Text(f.fill(ui.Field{Name: "code", Label: t("officer.code"), Hint: t("officer.code.hint"), Width: 20})))
	}
	v := p.page(r, title)
	v.Lead, v.Errors = p.subsystem(subsystem), f.errs
	v.Crumbs = []ui.Link{{Label: t("title"), Href: Path}}
	operations := []ui.Option{{Value: contract.AllOperations, Label: t("op.all")}}
	for _, name := range contract.Operations() {
		operations = append(operations, ui.Option{Value: name, Label: p.operation(r, name), Hint: name})
	}
	fields = append(
		fields,
		ui.Text(f.fill(ui.Field{Name: "name", Label: t("officer.name"), Value: o.Name})),
		ui.Text(f.fill(ui.Field{Name: "office", Label: t("office.code"), Hint: t("office.hint"), Value: o.Office, Width: 20})),
		ui.Checkboxes(f.fill(ui.Field{
			Name: "operations", Label: t("operations"), Hint: t("operations.hint"), Small: true, Values: o.Operations, Options: operations,
		})),
	)
	fields = append(fields, p.reason(r, f, !isNew))
	if isNew {
		v.Add(ui.Para(t("second")), ui.Form(r.URL.RequestURI(), fields, ui.Action{Label: t("officer.add"), Name: "do", Value: doSave}))
		return v
	}
	v.Add(ui.SummaryList([]ui.Fact{{Key: t("officer.code"), Value: o.Code}, {Key: t("state"), Body: mark(t, o.Off)}}),
		ui.Form(r.URL.RequestURI(), fields, ui.Action{Label: t("save"), Name: "do", Value: doSave}),
		ui.Buttons(ui.Action{Label: t("key.new"), Look: ui.Secondary, Href: with(r, doSecret)}),
		p.onOff(r, o.Off, t("officer.off.text")))
	return v
}

// typedOfficer is the officer as somebody typed them; one who is there keeps their code.
func typedOfficer(f web.Form, o contract.Officer, isNew bool) contract.Officer {
	if isNew {
		o.Code = f.Text("code")
	}
	o.Name, o.Office, o.Operations = f.Text("name"), f.Text("office"), f.Values("operations")
	return o
}

func (p *Pages) officerPost(w http.ResponseWriter, r *http.Request) error {
	subsystem, o, isNew, err := p.officerOf(r)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	ctx, by, do, reason := r.Context(), who(r), f.Text("do"), f.Text("reason")
	key, name, asked := "", o.Name, true
	switch {
	case do == doSave:
		typed := typedOfficer(f, o, isNew)
		name = typed.Name
		if isNew {
			err = p.Rules.AddOfficer(ctx, by, subsystem, typed, reason)
		} else {
			asked, err = p.Rules.ChangeOfficer(ctx, by, subsystem, typed, reason)
		}
	case isNew:
		return errNoPage
	case do == doOpen:
		err = p.Rules.OpenOfficer(ctx, by, subsystem, o.Code, reason)
	case do == doStop:
		asked, err = false, p.Rules.StopOfficer(ctx, by, subsystem, o.Code)
	case do == doSecret:
		key, err = p.Rules.RenewKey(ctx, by, subsystem, o.Code, reason)
	default:
		return errNoPage
	}
	if err != nil {
		return again(w, r, err, func(errs fault.List) view {
			return p.officerPage(r, subsystem, o, isNew, do, filled{f, errs})
		})
	}
	if key == "" {
		return done(w, r, name, asked)
	}
	return p.once(w, r, name, o.Code, key)
}
