package forms

import (
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinessweb"
)

type previewView struct {
	ui.Page
	*visit
	Faults int
	Kinds  []ui.NavItem
	Files  []ui.Link
	Form   templ.Component
}

// preview shows the draft as a kind of agency would get it.
func (p *Pages) preview(q *visit) error {
	v := previewView{Page: p.draftPage(q, "forms.preview.title"), visit: q, Faults: len(q.tpl().Faults())}
	v.Kinds, v.Files, v.Form = shownBlank(q.p, q.tpl(), kindOf(q.Request), q.at("/preview"), q.at("/file/"))
	return web.Render(q.w, q.Request, http.StatusOK, previewPage(v))
}

// draftFile is a file of a draft. What is not right yet is in no paper, but may be
// taken away as a form's file.
func (p *Pages) draftFile(q *visit) error {
	if len(q.tpl().Faults()) > 0 && q.PathValue("file") != "form.json" {
		return web.RedirectWith(q.w, q.Request, q.at(""), "readiness.form.unfinished", nil)
	}
	f, err := p.file(q.Request, q.tpl())
	if err != nil {
		return err
	}
	return f.Send(q.w)
}

type tryView struct {
	ui.Page
	*visit
	Kind   string
	Kinds  []ui.NavItem
	Fields templ.Component
	Tried  *triedView
}

// triedView is what came of a trial.
type triedView struct {
	AllMet     bool
	Components ui.Table
	Must       []problem
	Notes      []problem
	Read       templ.Component
	File       string // what was read; "" when it was typed
}

// problem is one found in a trial, with the field of the page that it is about.
type problem struct {
	readiness.Problem
	Href string
}

// try lets a draft be filled in as an agency would.
func (p *Pages) try(q *visit) error {
	if len(q.tpl().Faults()) > 0 {
		return web.RedirectWith(q.w, q.Request, q.at(""), "readiness.form.unfinished", nil)
	}
	v := p.tryView(q)
	_, v.Fields, _ = p.Filler.Trial(q.Request, blank(q.p, q.tpl(), v.Kind), nil)
	return web.Render(q.w, q.Request, http.StatusOK, tryPage(v))
}

func (p *Pages) tryView(q *visit) tryView {
	v := tryView{Page: p.draftPage(q, "forms.try.title"), visit: q, Kind: kindOf(q.Request)}
	for _, k := range []string{readiness.Ministry, readiness.Province} {
		v.Kinds = append(v.Kinds, ui.NavItem{Label: q.p.T("readiness.kind." + k), Href: q.at("/try?kind=" + k), Current: k == v.Kind})
	}
	return v
}

// tryPost shows what would become of a return that was typed, or of a file. It keeps nothing.
func (p *Pages) tryPost(q *visit) error {
	form, err := web.ReadForm(q.Request)
	if err != nil {
		return err
	}
	v := p.tryView(q)
	view := blank(q.p, q.tpl(), v.Kind)
	ret, fields, wrong := p.Filler.Trial(q.Request, view, &form)
	v.Fields = fields
	var tried readiness.Tried
	name := ""
	if form.Text("do") == "file" {
		var file readiness.File
		if file, err = tryFile(form); err == nil {
			name = file.Name
			tried, err = p.Register.TryFile(q.Context(), p.Actor(q.Request), q.tpl(), v.Kind, file)
		}
	} else if err = wrong.Err(); err == nil {
		tried, err = p.Register.TryForm(p.Actor(q.Request), q.tpl(), ret, v.Kind)
	}
	if err != nil {
		for _, f := range web.FormErrors(err) {
			if form.Text("do") == "file" {
				f = fault.New(f.Kind, f.Key, f.Args).At("file")
			}
			v.Errors = append(v.Errors, f)
		}
		return web.Retry(q.w, q.Request, err, tryPage(v))
	}
	html, err := templ.ToGoHTML(q.Context(), fields)
	if err != nil {
		return err
	}
	v.Tried = q.tried(view, tried, name, string(html))
	return web.Render(q.w, q.Request, http.StatusOK, tryPage(v))
}

func (q *visit) tried(view readiness.View, tried readiness.Tried, file, fields string) *triedView {
	out := &triedView{AllMet: tried.Verdict.AllMet, File: file}
	out.Components = ui.Table{ID: "verdict", Caption: q.p.T("forms.try.verdict"), Columns: []ui.Column{
		{Label: q.label("component")}, {Label: q.p.T("forms.try.status")},
	}}
	for _, c := range q.tpl().Components {
		out.Components.Rows = append(out.Components.Rows, ui.Row{Cells: []ui.Cell{
			{Text: q.in(c.Label)}, {Body: ui.StatusMark(readinessweb.StatusOf(tried.Verdict.Components[c.Key]))},
		}})
	}
	for _, f := range tried.Problems {
		one := problem{Problem: f}
		// A row that was not answered at all is named with a column that it may not have.
		for _, id := range []string{f.Field, strings.TrimSuffix(f.Field, "."+f.Column)} {
			if file == "" && one.Href == "" && f.Field != "" && strings.Contains(fields, ` id="`+id+`"`) {
				one.Href = "#" + id
			}
		}
		if f.Severity == readiness.Notes {
			out.Notes = append(out.Notes, one)
		} else {
			out.Must = append(out.Must, one)
		}
	}
	out.Read = readinessweb.Appendix(view, tried.Return, readinessweb.AppendixOptions{
		Status: true, Readings: true, Problems: tried.Problems, Prefix: "read-",
	})
	return out
}

// tryFile is the Word or Excel file that was sent.
func tryFile(form web.Form) (readiness.File, error) {
	files := form.Files("file")
	if len(files) == 0 {
		return readiness.File{}, fault.New(fault.Invalid, "forms.try.no_file", nil).At("file")
	}
	f, err := files[0].Open()
	if err != nil {
		return readiness.File{}, fmt.Errorf("open upload: %w", err)
	}
	defer f.Close()
	content, err := io.ReadAll(f)
	return readiness.File{Name: files[0].Filename, Size: files[0].Size, Content: content}, err
}
