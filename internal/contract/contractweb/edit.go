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
	return web.Render(w, r, http.StatusOK, stack(p.systemView(r, s, isNew, filled{})))
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
	if isNew {
		v.add(form(r.URL.RequestURI(), fields, ui.Action{Label: t("system.add"), Name: "do", Value: "save"}))
		return v
	}
	v.add(ui.SummaryList([]ui.Fact{{Key: t("system.user"), Value: s.User}, {Key: t("state"), Body: mark(t, s.Off)}}),
		form(r.URL.RequestURI(), fields, ui.Action{Label: t("save"), Name: "do", Value: "save"}),
		fold(t("secret.new"), para(t("secret.new.text")), p.warned(r, t("secret.new"), "secret")),
		p.onOff(r, s.Off, t("system.off.text")))
	return v
}

func (p *Pages) onOff(r *http.Request, off bool, text string) templ.Component {
	t := say(r)
	if off {
		return form(r.URL.RequestURI(), nil, ui.Action{Label: t("turn.on"), Look: ui.Secondary, Name: "do", Value: "on"})
	}
	return fold(t("turn.off"), para(text), p.warned(r, t("turn.off"), "off"))
}

// warned is a button after which something works no more.
func (p *Pages) warned(r *http.Request, label, do string) templ.Component {
	return form(r.URL.RequestURI(), nil, ui.Action{Label: label, Look: ui.Warning, Name: "do", Value: do})
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
	secret, name := "", s.Name
	switch do := f.Text("do"); {
	case do == "save":
		typed := typedSystem(f, s, isNew)
		s.User, name = typed.User, typed.Name
		if isNew {
			secret, err = p.Rules.AddSystem(r.Context(), who(r), typed)
		} else {
			err = p.Rules.ChangeSystem(r.Context(), who(r), typed)
		}
	case isNew:
		return errNoPage
	case do == "on" || do == "off":
		err = p.Rules.TurnSystem(r.Context(), who(r), s.User, do == "on")
	case do == "secret":
		secret, err = p.Rules.RenewSecret(r.Context(), who(r), s.User)
	default:
		return errNoPage
	}
	if err != nil {
		return again(w, r, err, func(errs fault.List) view { return p.systemView(r, s, isNew, filled{f, errs}) })
	}
	if secret == "" {
		return web.RedirectWith(w, r, Path, "contractweb.saved", fault.Args{"name": name})
	}
	return p.once(w, r, name, s.User, secret)
}

// once shows a secret in the answer itself: from then on nobody sees it again.
func (p *Pages) once(w http.ResponseWriter, r *http.Request, name, user, secret string) error {
	t := say(r)
	v := p.page(r, t("secret.ready", args{"name": name}))
	v.Crumbs = []ui.Link{{Label: t("title"), Href: Path}}
	v.add(ui.WarningText(t("secret.once")), ui.SummaryList([]ui.Fact{{Key: t("system.user"), Value: user}, {Key: t("secret"), Value: secret}}),
		ui.Buttons(ui.Action{Label: t("secret.done"), Href: Path}))
	w.Header().Set("Cache-Control", "no-store")
	return web.Render(w, r, http.StatusOK, stack(v))
}

func again(w http.ResponseWriter, r *http.Request, err error, show func(fault.List) view) error {
	errs := web.FormErrors(err)
	if errs == nil {
		return err
	}
	return web.Retry(w, r, err, stack(show(errs)))
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
	return web.Render(w, r, http.StatusOK, stack(p.officerView(r, subsystem, o, isNew, filled{})))
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
	if isNew {
		v.add(form(r.URL.RequestURI(), fields, ui.Action{Label: t("officer.add"), Name: "do", Value: "save"}))
		return v
	}
	v.add(ui.SummaryList([]ui.Fact{{Key: t("officer.code"), Value: o.Code}, {Key: t("state"), Body: mark(t, o.Off)}}),
		form(r.URL.RequestURI(), fields, ui.Action{Label: t("save"), Name: "do", Value: "save"}),
		fold(t("key.new"), para(t("key.new.text")), p.warned(r, t("key.new"), "secret")),
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
	key, name := "", o.Name
	switch do := f.Text("do"); {
	case do == "save":
		typed := typedOfficer(f, o, isNew)
		name = typed.Name
		if isNew {
			err = p.Rules.AddOfficer(r.Context(), who(r), subsystem, typed)
		} else {
			err = p.Rules.ChangeOfficer(r.Context(), who(r), subsystem, typed)
		}
	case isNew:
		return errNoPage
	case do == "on" || do == "off":
		err = p.Rules.TurnOfficer(r.Context(), who(r), subsystem, o.Code, do == "on")
	case do == "secret":
		key, err = p.Rules.RenewKey(r.Context(), who(r), subsystem, o.Code)
	default:
		return errNoPage
	}
	if err != nil {
		return again(w, r, err, func(errs fault.List) view { return p.officerView(r, subsystem, o, isNew, filled{f, errs}) })
	}
	if key == "" {
		return web.RedirectWith(w, r, Path, "contractweb.saved", fault.Args{"name": name})
	}
	return p.once(w, r, name, o.Code, key)
}
