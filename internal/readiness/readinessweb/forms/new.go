package forms

import (
	"net/http"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/readiness"
)

// newView is the page from which a draft is begun, in one of three ways.
type newView struct {
	ui.Page
	Typed  map[string]string
	Copied []ui.Option
	As     []ui.Option
	Wrong  []string
}

func (v newView) field(f ui.Field) ui.Field {
	f.Value, f.Errors = v.Typed[f.Name], v.Errors
	return f
}

func (p *Pages) newView(r *http.Request) (newView, []*readiness.Template, error) {
	pr := i18n.From(r.Context())
	v := newView{Page: p.page(r, "forms.new.title"), Typed: map[string]string{"copy": r.URL.Query().Get("copy"), "as": "version"}}
	all, err := p.Register.Templates(r.Context(), p.Actor(r))
	for _, t := range all {
		v.Copied = append(v.Copied, ui.Option{Value: t.Ref(), Label: t.Ref() + " – " + t.Title.In(string(pr.Lang))})
	}
	v.As = []ui.Option{
		{Value: "version", Label: pr.T("forms.new.as_version"), Hint: pr.T("forms.new.as_version.hint")},
		{Value: "code", Label: pr.T("forms.new.as_code"), Hint: pr.T("forms.new.as_code.hint")},
	}
	return v, all, err
}

func (p *Pages) new(w http.ResponseWriter, r *http.Request) error {
	if err := readiness.Can(p.Actor(r), readiness.ManageCampaign, ""); err != nil {
		return err
	}
	v, _, err := p.newView(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, newPage(v))
}

// newPost begins a draft: an empty form, a copy of a version, or what a file holds.
func (p *Pages) newPost(w http.ResponseWriter, r *http.Request) error {
	if err := readiness.Can(p.Actor(r), readiness.ManageCampaign, ""); err != nil {
		return err
	}
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v, all, err := p.newView(r)
	if err != nil {
		return err
	}
	t, err := p.begun(form, all)
	if err != nil {
		for _, name := range form.Names() {
			v.Typed[name] = form.Text(name)
		}
		v.Errors, v.Wrong = web.FormErrors(err), nil
		if form.Text("do") == "file" && len(form.Files("file")) > 0 {
			v.Errors, v.Wrong = wrongLines(r, err)
		}
		return web.Retry(w, r, err, newPage(v))
	}
	d, err := p.Register.BeginForm(r.Context(), p.Actor(r), t)
	if err != nil {
		return err
	}
	return web.RedirectWith(w, r, "/office/forms/"+d.ID, "forms.begun", nil)
}

// begun is the form with which a draft begins.
func (p *Pages) begun(form web.Form, all []*readiness.Template) (*readiness.Template, error) {
	today := clock.DayOf(p.Clock.Now())
	switch form.Text("do") {
	case "copy":
		i := indexOf(all, form.Text("copy"), (*readiness.Template).Ref)
		if i < 0 {
			return nil, fault.New(fault.Invalid, "forms.new.choose", nil).At("copy")
		}
		id := all[i].ID
		if form.Text("as") == "code" {
			if id = form.Text("copy_code"); id == "" {
				return nil, fault.New(fault.Invalid, "forms.new.code", nil).At("copy_code")
			}
		}
		return all[i].Copy(id, readiness.NextVersion(all, id), today)
	case "file":
		raw, err := theFile(form)
		if err != nil {
			return nil, err
		}
		return readiness.ParseTemplate(raw)
	}
	title := readiness.Text{Vi: form.Text("title"), En: form.Text("title_en")}
	if title.Vi == "" {
		return nil, fault.New(fault.Invalid, "forms.new.name", nil).At("title")
	}
	id := orElse(form.Text("code"), readiness.FormCode(title.Vi))
	t := readiness.NewForm(id, title, today)
	t.Version = readiness.NextVersion(all, id)
	return t, nil
}
