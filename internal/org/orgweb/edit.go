package orgweb

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"dean06/internal/org"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

// kinds are the changes that an administrator can record.
var kinds = []org.EventKind{org.Created, org.Renamed, org.Moved, org.Merged, org.Split, org.Abolished}

type kindsView struct {
	ui.Page
	Tasks []ui.Task
}

func (p *Pages) kinds(w http.ResponseWriter, r *http.Request) error {
	if err := p.Register.Can(actor.From(r.Context()), org.EditCountry); err != nil {
		return err
	}
	printer := i18n.From(r.Context())
	v := kindsView{Page: p.page(r, printer.T("orgweb.edit"))}
	for _, k := range kinds {
		v.Tasks = append(v.Tasks, ui.Task{
			Title: printer.T("orgweb.edit." + string(k)), Hint: printer.T("orgweb.edit." + string(k) + ".hint"),
			Href: editPath + "/" + string(k),
		})
	}
	return web.Render(w, r, http.StatusOK, kindsPage(v))
}

// newRows is how many new units the form of a split has room for.
const newRows = 3

// formView is the form of one kind of change with what was typed.
type formView struct {
	ui.Page
	Kind    org.EventKind
	Form    web.Form
	New     []newUnit // the room for new units
	Levels  []ui.Option
	Preview *previewView
}

// newUnit is the names of the fields of a unit to add.
type newUnit struct {
	Title                           string
	Level, Code, Name, Parent, Abbr string
	Aliases                         string
	Optional                        bool
}

func (v formView) value(name string) string { return v.Form.Text(name) }

func (p *Pages) blank(r *http.Request) (formView, error) {
	if err := p.Register.Can(actor.From(r.Context()), org.EditCountry); err != nil {
		return formView{}, err
	}
	kind := org.EventKind(r.PathValue("kind"))
	if !slices.Contains(kinds, kind) {
		return formView{}, fault.New(fault.NotFound, "web.not_found", nil)
	}
	form, err := web.ReadForm(r)
	if err != nil {
		return formView{}, err
	}
	printer := i18n.From(r.Context())
	v := formView{
		Page: p.page(r, printer.T("orgweb.edit."+string(kind)), ui.Link{Label: printer.T("orgweb.edit"), Href: editPath}),
		Kind: kind, Form: form,
	}
	v.Levels = []ui.Option{{Label: printer.T("orgweb.edit.choose")}}
	for _, l := range org.Levels {
		v.Levels = append(v.Levels, ui.Option{Value: string(l), Label: printer.T("org.level." + string(l))})
	}
	switch kind {
	case org.Created:
		v.New = []newUnit{fieldsOf("", 0)}
	case org.Merged:
		v.New = []newUnit{fieldsOf(printer.T("orgweb.edit.new"), 0)}
	case org.Split:
		for i := range newRows {
			v.New = append(v.New, fieldsOf(printer.T("orgweb.edit.new.nth", fault.Args{"n": i + 1}), i))
		}
	}
	return v, nil
}

// fieldsOf names the fields of the nth new unit. Those of the first are named as
// org names them in its faults.
func fieldsOf(title string, n int) newUnit {
	end := ""
	if n > 0 {
		end = fmt.Sprint("-", n+1)
	}
	return newUnit{
		Title: title, Level: "level" + end, Code: "code" + end, Name: "name" + end, Parent: "parent" + end,
		Abbr: "abbr" + end, Aliases: "aliases" + end, Optional: title != "",
	}
}

func (p *Pages) form(w http.ResponseWriter, r *http.Request) error {
	v, err := p.blank(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, formPage(v))
}

// formPost shows what would happen, and does it when that was seen.
func (p *Pages) formPost(w http.ResponseWriter, r *http.Request) error {
	v, err := p.blank(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	e, err := p.edit(ctx, v)
	if err == nil && v.Form.Has("confirm") {
		_, err = p.Register.Apply(ctx, actor.From(ctx), e)
		if err == nil {
			return p.done(w, r, e)
		}
	}
	if err == nil && !v.Form.Has("change") {
		var c org.Change
		if c, err = p.Register.Preview(ctx, actor.From(ctx), e); err == nil {
			if v.Preview, err = p.preview(ctx, e, c); err != nil {
				return err
			}
			v.Title = v.Preview.Sentence
			return web.Render(w, r, http.StatusOK, previewPage(v))
		}
	}
	if err == nil { // back from the preview, to change something
		return web.Render(w, r, http.StatusOK, formPage(v))
	}
	v.Errors = v.placed(err)
	if v.Errors == nil {
		return err
	}
	return web.Render(w, r, web.Status(v.Errors), formPage(v))
}

func (p *Pages) done(w http.ResponseWriter, r *http.Request, e org.Edit) error {
	to := homePath
	code, level := "", org.Level("")
	switch {
	case len(e.New) > 0:
		code, level = e.New[0].Code, e.New[0].Level
	case len(e.Into) > 0:
		code = e.Into[0]
	case e.Kind != org.Abolished:
		code = e.Codes[0]
	}
	if code != "" {
		if level == "" {
			if v, err := p.Register.Unit(r.Context(), actor.From(r.Context()), code, org.Moment{On: e.On}); err == nil {
				level = v.Level
			}
		}
		to = pageOf(level, code, e.On)
	}
	return web.RedirectWith(w, r, to, "orgweb.done", fault.Args{"date": i18n.From(r.Context()).Date(e.On)})
}

// edit is what the form asks for. It fails with a list of what cannot be read.
func (p *Pages) edit(ctx context.Context, v formView) (org.Edit, error) {
	e := org.Edit{
		Kind: v.Kind, Basis: v.value("basis"), Note: v.value("note"), Codes: codes(v.value("codes")), Into: codes(v.value("into")),
		Keep: v.value("keep") != "",
	}
	var err error
	if e.On, err = v.Form.Date("on"); err != nil {
		return e, err
	}
	switch v.Kind {
	case org.Renamed:
		e.Name, e.Level = v.value("name"), org.Level(v.value("level"))
		return e, nil
	case org.Moved:
		e.Parent = strings.ToUpper(v.value("parent"))
		return e, nil
	}
	for _, f := range v.New {
		n := org.NewUnit{
			Level: org.Level(v.value(f.Level)), Code: strings.ToUpper(v.value(f.Code)), Name: v.value(f.Name),
			Parent: strings.ToUpper(v.value(f.Parent)),
			Abbr:   v.value(f.Abbr), Aliases: textLines(v.value(f.Aliases)),
		}
		if n.Code == "" && n.Name == "" && f.Optional {
			continue
		}
		if n.Level == "" && len(e.Codes) > 0 { // it is of the level of those that it follows
			if old, err := p.Register.Unit(ctx, actor.From(ctx), e.Codes[0], org.Moment{On: e.On.AddDays(-1)}); err == nil {
				n.Level = old.Level
			}
		}
		e.New = append(e.New, n)
	}
	return e, nil
}

// codes reads codes set apart by anything that is no part of one.
func codes(s string) []string {
	out := strings.FieldsFunc(strings.ToUpper(s), func(r rune) bool { return strings.ContainsRune(" ,;\n\t", r) })
	for i, c := range out {
		if top, whole, ok := org.ParseCode(c); ok && top == whole {
			out[i] = top // the older shape too
		}
	}
	return out
}

func textLines(s string) []string {
	var out []string
	for line := range strings.SplitSeq(s, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// placed puts faults at the fields of the form: those about the second or third
// new unit at its own fields, those about no field of the form at its first.
// It is nil when the error is nobody's at the form.
func (v formView) placed(err error) fault.List {
	faults := web.FormErrors(err)
	if f := fault.As(err); faults == nil && f != nil && f.Kind == fault.NotFound && f.Field != "" {
		faults = fault.List{fault.New(fault.Invalid, f.Key, f.Args).At(f.Field)} // a code that was never given is a mistake of typing here
	}
	var out fault.List
	for _, f := range faults {
		f = f.At(v.fieldFor(f))
		out = append(out, f)
	}
	return out
}

func (v formView) fieldFor(f *fault.Error) string {
	first := "codes"
	if v.Kind == org.Created {
		first = "code"
	}
	switch f.Field {
	case "", "new", "kind":
		return first
	case "code", "name", "parent", "level":
		for _, n := range v.New {
			code, _ := f.Args["code"].(string)
			name, _ := f.Args["name"].(string)
			if code != "" && f.Field == "code" && strings.EqualFold(v.value(n.Code), code) || name != "" && v.value(n.Name) == name {
				return strings.Replace(n.Code, "code", f.Field, 1)
			}
		}
		if f.Field == "level" && v.Kind == org.Moved {
			return first
		}
	}
	return f.Field
}
