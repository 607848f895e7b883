package apply

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"dean06/internal/dossier"
	"dean06/internal/dossier/dossierweb"
	"dean06/internal/eform"
	"dean06/internal/eform/eformweb"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/procedure"
)

// papersPath stands for the page with the papers, which belongs to no question.
const papersPath = "papers"

// formView is one page of a form.
type formView struct {
	ui.Page
	ID      string
	Post    string // address to which the page posts
	Version int
	Plain   string // what is being done
	Step    string // "3 of 9"
	Kind    eform.PageKind
	Ask     eformweb.Ask
	Filled  eformweb.Filled
	Rows    eformweb.Rows
	StepUp  string   // where one signs in more surely, so that the register may be asked; "" for none
	Notes   []string // said above: the register is away, the account is not bound
	Asked   []string // of a supplement: what is wrong with this answer
}

// load reads a draft for its pages.
func (p *Pages) load(r *http.Request) (dossier.Filling, []eform.Page, error) {
	f, err := p.Service.Draft(r.Context(), p.Actor(r), r.PathValue("id"))
	if err != nil {
		return f, nil, err
	}
	if f.Draft.Sent != "" {
		return f, nil, fault.New(fault.Conflict, "dossier.draft.sent", fault.Args{"code": f.Draft.Sent})
	}
	return f, f.Package.Form.Pages(f.Draft.Answers, p.Service.Facts(f.Draft)), nil
}

// fill asks the register for what the form needs, for whoever stepped up for it.
func (p *Pages) fill(w http.ResponseWriter, r *http.Request) error {
	f, _, err := p.load(r)
	if err != nil {
		return err
	}
	if _, err := p.prefilled(r, f.Draft); err != nil {
		return err
	}
	return web.Redirect(w, r, at(f.Draft.ID, ""))
}

// goOn leads to where a draft stands.
func (p *Pages) goOn(w http.ResponseWriter, r *http.Request) error {
	f, err := p.Service.Draft(r.Context(), p.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	if f.Draft.Sent != "" {
		return web.Redirect(w, r, of(f.Draft.Sent, ""))
	}
	return web.Redirect(w, r, p.next(f, ""))
}

// next is the address of the page where a draft goes on behind a question.
func (p *Pages) next(f dossier.Filling, path string) string {
	d := f.Draft
	if d.Supplies != "" {
		return supplement(f, path)
	}
	if !d.Whole() {
		return at(d.ID, "/whom")
	}
	pages := f.Package.Form.Pages(d.Answers, p.Service.Facts(d))
	if n := eform.Next(pages, path); n.Kind != eform.PageCheck {
		return asks(d.ID, n.Path)
	}
	if n := eform.Next(pages, ""); n.Kind != eform.PageCheck { // one before was left
		return asks(d.ID, n.Path)
	}
	return p.afterForm(f, "")
}

// afterForm is the page that follows the questions: papers, contact, check.
func (p *Pages) afterForm(f dossier.Filling, done string) string {
	if done == "" && slices.ContainsFunc(f.Needs, func(n dossier.Need) bool { return n.Asked }) {
		return at(f.Draft.ID, "/papers")
	}
	if done != "contact" && (f.Draft.Applicant.Phone == "" && f.Draft.Applicant.Email == "" || len(f.Deciders) > 1 && f.Draft.Competent == "") {
		return at(f.Draft.ID, "/contact")
	}
	return at(f.Draft.ID, "/check")
}

// supplement is the next of what was asked, of a dossier that waits for it.
func supplement(f dossier.Filling, after string) string {
	passed := after == ""
	for _, line := range f.Asked {
		if line.Field == "" {
			continue
		}
		if passed {
			return asks(f.Draft.ID, line.Field)
		}
		passed = line.Field == after
	}
	if after != papersPath && slices.ContainsFunc(f.Asked, func(l dossier.Asked) bool { return l.Paper != "" }) {
		return at(f.Draft.ID, "/papers")
	}
	return at(f.Draft.ID, "/check")
}

func (p *Pages) question(w http.ResponseWriter, r *http.Request) error {
	f, pages, err := p.load(r)
	if err != nil {
		return err
	}
	v, err := p.form(r, f, pages, nil, nil)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, formPage(v))
}

// form is the page of the address. A question that arrived filled is shown alone when it may
// be changed, with the others otherwise.
func (p *Pages) form(r *http.Request, f dossier.Filling, pages []eform.Page, posted *web.Form, errs fault.List) (formView, error) {
	ctx, d, path := r.Context(), f.Draft, r.PathValue("path")
	facts := p.Service.Facts(d)
	v := formView{
		Page: p.page(r, ""), ID: d.ID, Version: d.Version, Plain: f.Package.Plain.In(dossierweb.Lang(ctx)), Post: asks(d.ID, path),
	}
	v.Errors = errs
	i, ok := eform.At(pages, path)
	if !ok {
		return v, fault.New(fault.NotFound, "apply.form.gone", nil)
	}
	one := pages[i]
	if one.Kind == eform.PageFilled && path != eform.FilledPath {
		j := slices.IndexFunc(one.Asked, func(q eform.Asked) bool { return q.Path == path })
		if q := one.Asked[j]; !q.Answer.Locked {
			one = eform.Page{Kind: eform.PageQuestion, Path: path, Section: q.Section, Asked: []eform.Asked{q}}
		}
	}
	n, of := eform.Progress(pages, path)
	v.Step = t(ctx, "form.step", map[string]any{"n": n, "of": of})
	v.Kind = one.Kind
	if before, _ := eform.Beside(pages, path); before != "" {
		v.Back = asks(d.ID, before)
	} else {
		v.Back = Mine
	}
	if d.Supplies != "" {
		v.Step, v.Back = t(ctx, "form.supplement"), ""
		for _, l := range f.Asked {
			if l.Field == path {
				v.Asked = append(v.Asked, dossierweb.Joined(dossierweb.ReasonText(ctx, f.Package, l.Reason), l.Note))
			}
		}
	}
	links := linksOf(d)
	switch one.Kind {
	case eform.PageQuestion:
		v.Ask = eformweb.Ask{Asked: one.Asked[0], Facts: facts, View: f.Package.Form.View(d.Answers, facts), Errors: errs, Owner: owner(ctx), Title: true}
		if posted != nil {
			v.Ask.Form = *posted
		}
		v.Title = v.Ask.Heading(ctx)
	case eform.PageFilled:
		v.Filled = eformweb.FilledOf(ctx, one, facts, links)
		v.Title = t(ctx, "form.filled")
	case eform.PageRepeat:
		v.Rows = eformweb.RowsOf(ctx, &f.Package.Form, one.Section, d.Answers, facts, links.Change)
		v.Rows.Errors = errs
		v.Title = one.Section.Title.In(dossierweb.Lang(ctx))
	default:
		return v, fault.New(fault.NotFound, "apply.form.gone", nil)
	}
	switch {
	case d.Supplies != "" || n != 1:
	case !f.Bound:
		v.Notes = append(v.Notes, t(ctx, "form.unbound"))
	case !f.Sure && p.StepUp == nil:
		v.Notes = append(v.Notes, t(ctx, "form.unsure"))
	case !f.Sure:
		v.StepUp = p.StepUp(at(d.ID, "/fill"))
	}
	return v, nil
}

// linksOf lead from an answer to where it is changed, and to where it is said that the
// register is wrong of somebody. Of a child that is not born into it yet it says nothing.
func linksOf(d dossier.Draft) eformweb.Links {
	return eformweb.Links{
		Change: func(path string) string { return asks(d.ID, path) },
		Wrong: func(path string) string {
			if a := d.Answers[path]; a.Person == "" || a.Fact == "" {
				return ""
			}
			return at(d.ID, "/wrong/"+path)
		},
	}
}

func (p *Pages) questionPost(w http.ResponseWriter, r *http.Request) error {
	form, version, err := dossierweb.Posted(r)
	if err != nil {
		return err
	}
	f, pages, err := p.load(r)
	if err != nil {
		return err
	}
	path := r.PathValue("path")
	f.Draft, path, err = p.save(r, f, pages, path, form, version)
	if errs := web.FormErrors(err); len(errs) > 0 {
		if fresh, pages2, err2 := p.load(r); err2 == nil {
			f, pages = fresh, pages2
		}
		v, err2 := p.form(r, f, pages, &form, errs)
		if err2 != nil {
			return err2
		}
		return web.Render(w, r, web.Status(errs), formPage(v))
	}
	if err != nil {
		return err
	}
	if form.Text("to") == "check" {
		return web.Redirect(w, r, at(f.Draft.ID, "/check"))
	}
	return web.Redirect(w, r, p.next(f, path))
}

// save does what the page posted; it gives the draft and the path behind which it goes on.
func (p *Pages) save(
	r *http.Request, f dossier.Filling, pages []eform.Page, path string, form web.Form, version int,
) (d dossier.Draft, behind string, err error) {
	ctx, who := r.Context(), p.Actor(r)
	d = f.Draft
	i, ok := eform.At(pages, path)
	if !ok {
		return d, path, fault.New(fault.NotFound, "apply.form.gone", nil)
	}
	one := pages[i]
	switch {
	case one.Kind == eform.PageFilled && path == eform.FilledPath:
		d, err = p.Service.LookedOver(ctx, who, d.ID, version)
		return d, path, err
	case one.Kind == eform.PageRepeat:
		return p.saveRows(r, f, one, version, form)
	}
	sec, q, row, ok := f.Package.Form.Find(path)
	if !ok {
		return d, path, fault.New(fault.NotFound, "apply.form.gone", nil)
	}
	asked := eform.Asked{Path: path, Section: sec, Question: q, Row: row, Answer: d.Answers[path]}
	if j := slices.IndexFunc(one.Asked, func(a eform.Asked) bool { return a.Path == path }); j >= 0 {
		asked = one.Asked[j]
	}
	value, wrong := eformweb.Read(form, asked, p.Service.Facts(d))
	if wrong != nil {
		return d, path, wrong
	}
	if d, err = p.Service.Answer(ctx, who, d.ID, version, path, value); err != nil {
		return d, path, err
	}
	if f.Bound && f.Sure && ties(f.Package, path) {
		d, err = p.prefilled(r, d)
	}
	return d, path, err
}

// ties says that an answer decides whom the register is asked about: who the applicant is to
// the child, a number that was typed, and the name and birth beside it.
func ties(pkg *procedure.Package, path string) bool {
	owner, _, _ := strings.Cut(path, ".")
	for _, person := range pkg.People {
		for _, by := range person.From {
			if by.When != nil && slices.Contains(by.When.Questions(), path) || by.Typed == path || by.Typed != "" && person.Owner == owner {
				return true
			}
		}
	}
	return false
}

func (p *Pages) saveRows(r *http.Request, f dossier.Filling, one eform.Page, version int, form web.Form) (dossier.Draft, string, error) {
	ctx, who, d := r.Context(), p.Actor(r), f.Draft
	switch {
	case form.Text("add") != "":
		d, row, err := p.Service.AddRow(ctx, who, d.ID, version, one.Section.ID)
		if err != nil || len(one.Section.Questions) == 0 {
			return d, one.Path, err
		}
		// On to its first question: behind nothing, so that it comes first.
		return d, before(f, d, p.Service.Facts(d), one.Section, row), nil
	case form.Text("remove") != "":
		row, err := strconv.Atoi(form.Text("remove"))
		if err != nil {
			return d, one.Path, fault.New(fault.Invalid, "apply.form.row", nil).At(one.Section.ID)
		}
		d, err = p.Service.RemoveRow(ctx, who, d.ID, version, one.Section.ID, row)
		return d, previous(f, d, p.Service.Facts(d), one.Path), err
	}
	d, err := p.Service.EnoughRows(ctx, who, d.ID, version, one.Section.ID)
	return d, one.Path, err
}

// before is the page in front of the first question of a new row.
func before(f dossier.Filling, d dossier.Draft, facts eform.Facts, sec *eform.Section, row int) string {
	return previous(f, d, facts, eform.PathOf(sec, &sec.Questions[0], row))
}

// previous is the page in front of one, so that going on behind it comes back to it.
func previous(f dossier.Filling, d dossier.Draft, facts eform.Facts, path string) string {
	b, _ := eform.Beside(f.Package.Form.Pages(d.Answers, facts), path)
	return b
}

// wrongView asks what is right where the register is wrong.
type wrongView struct {
	ui.Page
	ID, Post string
	Version  int
	Line     eformweb.Line
	Says     ui.Field
	Why      ui.Field
}

func (p *Pages) wrong(w http.ResponseWriter, r *http.Request) error {
	return p.wrongPageOf(w, r, http.StatusOK, nil, nil)
}

func (p *Pages) wrongPageOf(w http.ResponseWriter, r *http.Request, status int, form *web.Form, errs fault.List) error {
	f, _, err := p.load(r)
	if err != nil {
		return err
	}
	ctx, d, path := r.Context(), f.Draft, r.PathValue("path")
	sec, q, row, ok := f.Package.Form.Find(path)
	answer, had := d.Answers[path]
	if !ok || !had || answer.Source != eform.Register {
		return fault.New(fault.NotFound, "apply.form.gone", nil)
	}
	v := wrongView{Page: p.page(r, t(ctx, "wrong.title")), ID: d.ID, Version: d.Version, Post: at(d.ID, "/wrong/"+path)}
	v.Errors, v.Back = errs, asks(d.ID, eform.FilledPath)
	v.Line = eformweb.LineOf(ctx, eform.Asked{Path: path, Section: sec, Question: q, Row: row, Answer: answer, Has: true}, p.Service.Facts(d), eformweb.Links{})
	v.Says = ui.Field{Name: "says", Label: t(ctx, "wrong.says"), Value: answer.Wrong, Rows: 2, Errors: errs.Moved(path, "says")}
	v.Why = ui.Field{Name: "why", Label: t(ctx, "wrong.why"), Rows: 3, Errors: errs, Optional: true}
	if form != nil {
		v.Says.Value, v.Why.Value = form.Text("says"), form.Text("why")
	}
	return web.Render(w, r, status, wrongPage(v))
}

func (p *Pages) wrongPost(w http.ResponseWriter, r *http.Request) error {
	form, version, err := dossierweb.Posted(r)
	if err != nil {
		return err
	}
	_, err = p.Service.MarkWrong(r.Context(), p.Actor(r), r.PathValue("id"), version, r.PathValue("path"), form.Text("says"), form.Text("why"))
	if errs := web.FormErrors(err); len(errs) > 0 {
		return p.wrongPageOf(w, r, web.Status(errs), &form, errs)
	}
	if err != nil {
		return err
	}
	return web.Redirect(w, r, asks(r.PathValue("id"), eform.FilledPath))
}

func (p *Pages) discard(w http.ResponseWriter, r *http.Request) error {
	if err := p.Service.Discard(r.Context(), p.Actor(r), r.PathValue("id")); err != nil {
		return err
	}
	return web.RedirectWith(w, r, Mine, "apply.form.discarded", nil)
}
