package contractweb

import (
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/population"
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

// systemOf is the system of the page; "-" is one to be added.
func (p *Pages) systemOf(r *http.Request) (s population.ContractSystem, isNew bool, err error) {
	if r.PathValue("user") == "-" {
		return s, true, nil
	}
	s, err = p.Store.System(r.Context(), r.PathValue("user"))
	return s, false, err
}

func (p *Pages) systemView(r *http.Request, s population.ContractSystem, isNew bool, f filled) view {
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
		ui.Textarea(f.fill(ui.Field{Name: "procedures", Label: t("procedures"), Hint: t("procedures.hint"), Value: strings.Join(s.Procedures, "\n"), Rows: 4, Optional: true})),
	)
	if isNew {
		v.add(form(r.URL.RequestURI(), fields, ui.Action{Label: t("system.add"), Name: "do", Value: "save"}))
		return v
	}
	v.add(ui.SummaryList([]ui.Fact{{Key: t("system.user"), Value: s.User}, {Key: t("state"), Body: mark(t, s.Off)}}),
		form(r.URL.RequestURI(), fields, ui.Action{Label: t("save"), Name: "do", Value: "save"}),
		fold(t("secret.new"), para(t("secret.new.text")), form(r.URL.RequestURI(), nil, ui.Action{Label: t("secret.new"), Look: ui.Warning, Name: "do", Value: "secret"})),
		p.onOff(r, s.Off, t("system.off.text")))
	return v
}

func (p *Pages) onOff(r *http.Request, off bool, text string) templ.Component {
	t := say(r)
	if off {
		return form(r.URL.RequestURI(), nil, ui.Action{Label: t("turn.on"), Look: ui.Secondary, Name: "do", Value: "on"})
	}
	return fold(t("turn.off"), para(text), form(r.URL.RequestURI(), nil, ui.Action{Label: t("turn.off"), Look: ui.Warning, Name: "do", Value: "off"}))
}

func wrong(field, key string) *fault.Error {
	return fault.New(fault.Invalid, "contractweb.wrong."+key, nil).At(field)
}

func (p *Pages) readSystem(r *http.Request, f web.Form, s population.ContractSystem, isNew bool) (population.ContractSystem, error) {
	var bad fault.List
	if isNew {
		s.User = f.Text("user")
		if !codeForm.MatchString(s.User) {
			bad = append(bad, wrong("user", "user"))
		} else if _, err := p.Store.System(r.Context(), s.User); err == nil {
			bad = append(bad, fault.New(fault.Conflict, "contractweb.wrong.user.exists", nil).At("user"))
		} else if fault.Of(err) != fault.NotFound {
			return s, err
		}
	}
	s.Name, s.Subsystem, s.Codes, s.Procedures = f.Text("name"), f.Text("subsystem"), words(f.Text("codes")), words(f.Text("procedures"))
	if n := len([]rune(s.Name)); n == 0 || n > 200 {
		bad = append(bad, wrong("name", "name"))
	}
	if !slices.ContainsFunc(p.Subsystems(), func(o ui.Option) bool { return o.Value == s.Subsystem }) {
		bad = append(bad, wrong("subsystem", "under"))
	}
	for _, l := range []struct {
		field string
		list  []string
	}{{"codes", s.Codes}, {"procedures", s.Procedures}} {
		if len(l.list) > 500 || slices.ContainsFunc(l.list, func(c string) bool { return !codeForm.MatchString(c) }) {
			bad = append(bad, wrong(l.field, l.field))
		}
	}
	return s, bad.Err()
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
	shown := ""
	switch do := f.Text("do"); {
	case do == "on" && !isNew:
		s.Off = false
	case do == "off" && !isNew:
		s.Off = true
	case do == "secret" && !isNew:
		s.Secret = newSecret()
		shown = s.Secret
	case do == "save":
		changed, err := p.readSystem(r, f, s, isNew)
		if err != nil {
			return again(w, r, err, func(errs fault.List) view { return p.systemView(r, s, isNew, filled{f, errs}) })
		}
		if s = changed; isNew {
			s.Secret = newSecret()
			shown = s.Secret
		}
	default:
		return errNoPage
	}
	if err := p.Store.PutSystem(r.Context(), s, p.Clock.Now()); err != nil {
		return err
	}
	if shown == "" {
		return web.RedirectWith(w, r, Path, "contractweb.saved", fault.Args{"name": s.Name})
	}
	return p.once(w, r, s.Name, s.User, shown)
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

// officerOf is the officer of the page; "-" is one to be added.
func (p *Pages) officerOf(r *http.Request) (subsystem string, o population.ContractOfficer, isNew bool, err error) {
	subsystem = r.URL.Query().Get("subsystem")
	if !slices.ContainsFunc(p.Subsystems(), func(o ui.Option) bool { return o.Value == subsystem }) {
		return subsystem, o, false, errNoPage
	}
	if r.PathValue("code") == "-" {
		return subsystem, o, true, nil
	}
	o, err = p.Store.Officer(r.Context(), subsystem, r.PathValue("code"))
	return subsystem, o, false, err
}

func (p *Pages) officer(w http.ResponseWriter, r *http.Request) error {
	subsystem, o, isNew, err := p.officerOf(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, stack(p.officerView(r, subsystem, o, isNew, filled{})))
}

func (p *Pages) officerView(r *http.Request, subsystem string, o population.ContractOfficer, isNew bool, f filled) view {
	t := say(r)
	title, fields := o.Name, []templ.Component{}
	if isNew {
		title = t("officer.new")
		fields = append(fields, ui.Text(f.fill(ui.Field{Name: "code", Label: t("officer.code"), Hint: t("officer.code.hint"), Width: 20})))
	}
	v := p.page(r, title)
	v.Lead, v.Errors = p.subsystem(subsystem), f.errs
	v.Crumbs = []ui.Link{{Label: t("title"), Href: Path}}
	operations := []ui.Option{{Value: "*", Label: t("op.all")}}
	for _, name := range p.Operations {
		operations = append(operations, ui.Option{Value: name, Label: p.operation(r, name), Hint: name})
	}
	fields = append(
		fields,
		ui.Text(f.fill(ui.Field{Name: "name", Label: t("officer.name"), Value: o.Name})),
		ui.Text(f.fill(ui.Field{Name: "office", Label: t("office.code"), Hint: t("office.hint"), Value: o.Office, Width: 20})),
		ui.Checkboxes(f.fill(ui.Field{Name: "operations", Label: t("operations"), Hint: t("operations.hint"), Small: true, Values: o.Operations, Options: operations})),
	)
	if isNew {
		v.add(form(r.URL.RequestURI(), fields, ui.Action{Label: t("officer.add"), Name: "do", Value: "save"}))
		return v
	}
	v.add(ui.SummaryList([]ui.Fact{{Key: t("officer.code"), Value: o.Code}, {Key: t("state"), Body: mark(t, o.Off)}}),
		form(r.URL.RequestURI(), fields, ui.Action{Label: t("save"), Name: "do", Value: "save"}),
		fold(t("key.new"), para(t("key.new.text")), form(r.URL.RequestURI(), nil, ui.Action{Label: t("key.new"), Look: ui.Warning, Name: "do", Value: "secret"})),
		p.onOff(r, o.Off, t("officer.off.text")))
	return v
}

func (p *Pages) readOfficer(r *http.Request, f web.Form, subsystem string, o population.ContractOfficer, isNew bool) (population.ContractOfficer, error) {
	var bad fault.List
	if isNew {
		o.Code = f.Text("code")
		if !codeForm.MatchString(o.Code) {
			bad = append(bad, wrong("code", "user"))
		} else if _, err := p.Store.Officer(r.Context(), subsystem, o.Code); err == nil {
			bad = append(bad, fault.New(fault.Conflict, "contractweb.wrong.officer.exists", nil).At("code"))
		} else if fault.Of(err) != fault.NotFound {
			return o, err
		}
	}
	o.Name, o.Office, o.Operations = f.Text("name"), f.Text("office"), f.Values("operations")
	if n := len([]rune(o.Name)); n == 0 || n > 200 {
		bad = append(bad, wrong("name", "officer.name"))
	}
	if !codeForm.MatchString(o.Office) {
		bad = append(bad, wrong("office", "office"))
	}
	if slices.Contains(o.Operations, "*") {
		o.Operations = []string{"*"}
	}
	if len(o.Operations) == 0 || slices.ContainsFunc(o.Operations, func(n string) bool { return n != "*" && !slices.Contains(p.Operations, n) }) {
		bad = append(bad, wrong("operations", "operations"))
	}
	return o, bad.Err()
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
	shown := ""
	switch do := f.Text("do"); {
	case do == "on" && !isNew:
		o.Off = false
	case do == "off" && !isNew:
		o.Off = true
	case do == "secret" && !isNew:
		o.KeyPass = newSecret()
		shown = o.KeyPass
	case do == "save":
		changed, err := p.readOfficer(r, f, subsystem, o, isNew)
		if err != nil {
			return again(w, r, err, func(errs fault.List) view { return p.officerView(r, subsystem, o, isNew, filled{f, errs}) })
		}
		o = changed
	default:
		return errNoPage
	}
	if err := p.Store.PutOfficer(r.Context(), subsystem, o, p.Clock.Now()); err != nil {
		return err
	}
	if shown == "" {
		return web.RedirectWith(w, r, Path, "contractweb.saved", fault.Args{"name": o.Name})
	}
	return p.once(w, r, o.Name, o.Code, shown)
}
