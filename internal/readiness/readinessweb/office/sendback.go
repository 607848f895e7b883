package office

import (
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinessweb"
)

// sendBackView is a return with room for a comment at each of its answers.
type sendBackView struct {
	ui.Page
	Review   reviewView
	Comments map[string]string // by field
	Appendix templ.Component
}

func (p *Pages) sendBack(w http.ResponseWriter, r *http.Request) error {
	if err := p.may(r, readiness.SendBackReturn); err != nil {
		return err
	}
	v, err := p.reviewView(r)
	if err != nil {
		return err
	}
	// What is still open is what the agency must mend: nobody types it again.
	comments := map[string]string{}
	for _, b := range v.Blocks {
		for _, problem := range b.Problems {
			field := slot(v, problem)
			text := i18n.T(r.Context(), problem.Reason, problem.Args)
			comments[field] = strings.TrimPrefix(comments[field]+"\n"+text, "\n")
		}
	}
	return web.Render(w, r, http.StatusOK, sendBackPage(p.sendBackView(r, v, comments)))
}

// slot is the field of the page at which a problem is commented: its answer, or
// the return as a whole.
func slot(v reviewView, problem readiness.Problem) string {
	for _, l := range readinessweb.AppendixLines(v.View.Template, v.Shown.Return, v.View.Agency.Kind) {
		ofRow := problem.Field == "" && l.Answer != nil && l.Answer.Row == problem.Row
		if l.Field != "" && (readinessweb.About(problem.Field, l.Field) || ofRow) {
			return l.Field
		}
	}
	if strings.HasPrefix(problem.Field, "contact.") {
		return problem.Field
	}
	return ""
}

func (p *Pages) sendBackView(r *http.Request, v reviewView, comments map[string]string) sendBackView {
	out := sendBackView{
		Page:   p.page(r, "office.back.title", map[string]any{"agency": v.View.Agency.Name, "campaign": v.View.Campaign.Number}),
		Review: v, Comments: comments,
	}
	out.Crumbs = append(v.Crumbs, ui.Link{Label: v.View.Agency.Name, Href: v.path()})
	pr := i18n.From(r.Context())
	out.Appendix = readinessweb.Appendix(v.View, v.Shown.Return, readinessweb.AppendixOptions{
		Status: true, Masked: !p.can(r, readiness.ReadContact),
		Beside: func(field string) templ.Component {
			if field == "" { // it has its own field above the form
				return nil
			}
			return commentField(field, fieldLabel(pr, v.View.Template, field), comments[field])
		},
	})
	return out
}

func (p *Pages) sendBackPost(w http.ResponseWriter, r *http.Request) error {
	v, form, err := p.deciding(r)
	if err != nil {
		return err
	}
	comments := map[string]string{}
	var list []readiness.Comment
	names := form.Names()
	slices.Sort(names)
	for _, name := range names {
		field, ok := strings.CutPrefix(name, "comment-")
		if text := form.Text(name); ok && text != "" {
			comments[field] = text
			list = append(list, readiness.Comment{Field: field, Text: text})
		}
	}
	if _, err := p.Register.SendBack(r.Context(), p.Actor(r), v.View.Campaign.ID, v.View.Agency.Code, version(form), list); err != nil {
		page := p.sendBackView(r, v, comments)
		page.Errors = web.FormErrors(err)
		for i, e := range page.Errors {
			if e.Field == "comments" {
				page.Errors[i] = e.At("comment-")
			}
		}
		return web.Retry(w, r, err, sendBackPage(page))
	}
	return p.decided(w, r, v, "office.back.done")
}
