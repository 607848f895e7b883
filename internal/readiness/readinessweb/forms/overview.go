package forms

import (
	"net/http"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/readiness"
)

type overviewView struct {
	ui.Page
	*visit
	SavedBy  string
	Faults   []faultLink
	Sections []ui.Task
	Files    []ui.Link
}

// overview says how far a draft is, what is wrong with it, and leads to its parts.
func (p *Pages) overview(q *visit) error { return p.showOverview(q, http.StatusOK) }

func (p *Pages) showOverview(q *visit, status int) error {
	v := overviewView{Page: p.page(q.Request, "forms.draft.title"), visit: q, Faults: q.faults()}
	v.Title = q.called() + " – " + v.Title
	v.Errors = q.errs
	v.SavedBy = p.By(q.Context(), q.draft.By, q.draft.At)
	wrong := map[string]int{}
	for _, f := range v.Faults {
		name, _ := sectionOfFault(f.Fault)
		wrong[name]++
	}
	for _, s := range sections {
		t := ui.Task{Title: q.p.T("forms.section." + s.name), Href: q.at("/" + s.name), Hint: q.hint(s), State: q.p.T("forms.right"), Tone: ui.Good}
		if n := wrong[s.name]; n > 0 {
			t.State, t.Tone = q.p.T("forms.wrong", map[string]any{"n": n}), ui.Caution
		}
		v.Sections = append(v.Sections, t)
	}
	v.Files = append(v.Files, ui.Link{Label: q.p.T("forms.file.json"), Href: q.at("/file/form.json")})
	return web.Render(q.w, q.Request, status, overviewPage(v))
}

// hint says what a section holds.
func (q *visit) hint(s section) string {
	switch {
	case s.list != nil:
		return q.p.T("forms.hint.n."+s.name, map[string]any{"n": len(s.keys(q, q.tpl()))})
	case s.name == "summary" && q.tpl().Rule() == readiness.ComponentShare1:
		return q.p.T("forms.rule.share_of", map[string]any{"n": int(q.tpl().Summary.Share*100 + 0.5)})
	case s.name == "summary":
		return q.p.T("forms.rule.all")
	case s.name == "parts":
		return q.p.T("forms.parts.asked", map[string]any{"n": len(q.tpl().Proposals), "fourth": q.yesNo(q.tpl().HasPart4())})
	}
	return q.p.T("forms.general.of", map[string]any{"code": q.tpl().ID, "n": q.tpl().Version, "date": q.tpl().From})
}

func (q *visit) yesNo(yes bool) string {
	if yes {
		return q.p.T("forms.yes")
	}
	return q.p.T("forms.no")
}

// overviewPost publishes a draft, takes its last save back, or discards it.
func (p *Pages) overviewPost(q *visit) error {
	form, err := web.ReadForm(q.Request)
	if err != nil {
		return err
	}
	who, to, flash, args := p.Actor(q.Request), q.at(""), "", fault.Args(nil)
	switch form.Text("do") {
	case "publish":
		var t *readiness.Template
		if t, err = p.Register.PublishForm(q.Context(), who, q.draft.ID, revision(form)); err == nil {
			to, flash, args = "/office/templates/"+t.Ref(), "forms.published", fault.Args{"title": called(q.p, t)}
		}
	case "undo":
		_, err = p.Register.UndoForm(q.Context(), who, q.draft.ID, revision(form))
		flash = "forms.undone"
	case "discard":
		err = p.Register.DiscardForm(q.Context(), who, q.draft.ID, revision(form))
		to, flash, args = "/office/templates", "forms.discarded", fault.Args{"title": q.called()}
	default:
		return errNoPage
	}
	if err != nil {
		if f := fault.As(err); f != nil && f.Key == "readiness.template.exists" {
			// It is not the file that is wrong here: the version has to be another.
			err = fault.New(fault.Conflict, "forms.exists", fault.Args{"title": q.called()})
		}
		return p.again(q, form, unplaced(err), func(status int) error { return p.showOverview(q, status) })
	}
	return web.RedirectWith(q.w, q.Request, to, flash, args)
}

// unplaced takes from faults the fields of the form that they are about: the page that
// shows them has none of these.
func unplaced(err error) error {
	list := web.FormErrors(err)
	if list == nil {
		return err
	}
	out := make(fault.List, len(list))
	for i, f := range list {
		copied := *f
		copied.Field = ""
		out[i] = &copied
	}
	return out
}
