package fill

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/readiness"
)

// partView is one page of the form.
type partView struct {
	ui.Page
	*visit
	Task        readiness.Task
	Step, Steps int
	Posted      *web.Form // what was typed, when it could not be saved
	Comments    []readiness.Comment
	Next        string // address of the part that follows
	Review      bool   // one came from the review and goes back there
	Checked     bool   // the page says what is missing because it was just saved
}

// value is what a field shows: what was typed, else what is saved.
func (v partView) value(name, saved string) string {
	if v.Posted != nil && v.Posted.Has(name) {
		return v.Posted.Text(name)
	}
	return saved
}

// about lists the comments on a field of the page.
func (v partView) about(field string) []readiness.Comment {
	var out []readiness.Comment
	for _, c := range v.Comments {
		if c.Field == field || strings.HasPrefix(c.Field, field+".") {
			out = append(out, c)
		}
	}
	return out
}

// notes are what is worth knowing about the page.
func (v partView) notes() []readiness.Problem {
	_, notes := open(v.Task.Problems)
	return notes
}

// savedAt is when the draft was saved last; zero before the first time.
func (v partView) savedAt() time.Time {
	if d := v.view.Record.Draft; d != nil {
		return d.SavedAt
	}
	return time.Time{}
}

func (v partView) slots() []readiness.Slot {
	return readiness.Slots(v.view.Template, v.ret, v.kind(), v.Task.Key)
}

// partView finds the page that the address names, for somebody who comes from
// the task list or from the review.
func (p *Pages) partView(q *visit, from string) (partView, error) {
	tasks := q.tasks()
	i := slices.IndexFunc(tasks, func(t readiness.Task) bool { return t.Key == q.PathValue("part") })
	if i < 0 {
		return partView{}, fault.New(fault.NotFound, "web.not_found", nil)
	}
	v := partView{Page: p.page(q, taskLabel(q, tasks[i])), visit: q, Task: tasks[i], Step: i + 1, Steps: len(tasks), Next: q.at("/check")}
	if q.paper != nil {
		v.Next = "/office/items/" + q.paper.ID
	}
	if i+1 < len(tasks) {
		v.Next = q.at("/part/" + tasks[i+1].Key)
	}
	if v.Review = from == "review"; v.Review {
		v.Next = q.at("/review")
	}
	if q.state() == readiness.SentBack {
		v.Comments = q.view.Record.ToAnswer()
	}
	return v, nil
}

// part shows one page of the form. After "save and go on" it says what is
// still missing on it.
func (p *Pages) part(q *visit) error {
	v, err := p.partView(q, q.URL.Query().Get("from"))
	if err != nil {
		return err
	}
	if !readiness.Editable(q.state()) {
		return web.RedirectWith(q.w, q.Request, q.at(""), "fill.not_editable", nil)
	}
	if q.URL.Query().Has("check") {
		must, _ := open(v.Task.Problems)
		v.Errors, v.Checked = readiness.Faults(must), true
	}
	return web.Render(q.w, q.Request, http.StatusOK, partPage(v))
}

// save takes what was typed on a page of the form: by itself while the officer
// goes on (htmx), or when "save and go on" is pressed.
func (p *Pages) save(q *visit) error {
	form, err := web.ReadForm(q.Request)
	if err != nil {
		return err
	}
	v, err := p.partView(q, form.Text("from"))
	if err != nil {
		return err
	}
	quiet := q.Header.Get("HX-Request") != ""
	revision, _, _ := form.Int("revision")
	in := input{form: form, visit: q}
	edit := readiness.Edit{Revision: revision, Quiet: quiet, Chosen: chosen(form), Apply: in.apply(v.Task)}
	if edit.Apply(q.ret.Clone()); len(in.faults) > 0 {
		return p.refused(q, v, form, in.faults, quiet)
	}
	done, err := q.edit(edit)
	switch f := fault.As(err); {
	case f != nil && f.Key == "readiness.entry.saved_meanwhile":
		return p.refused(q, v, form, fault.List{f}, quiet)
	case err != nil && quiet:
		return p.note(q, savedNote{Revision: revision, Fault: fault.As(err)}, err)
	case err != nil:
		return err
	case quiet:
		return p.quietly(q, v, done, revision)
	case len(done.Conflicts) > 0:
		return p.conflict(q, v, form, done)
	}
	return p.goOn(q, v, form, done)
}

// refused shows the page again with what could not be understood.
func (p *Pages) refused(q *visit, v partView, form web.Form, faults fault.List, quiet bool) error {
	if quiet {
		revision, _, _ := form.Int("revision")
		return p.note(q, savedNote{Revision: revision, Fault: faults[0]}, faults)
	}
	v.Posted, v.Errors = &form, faults
	return web.Render(q.w, q.Request, http.StatusUnprocessableEntity, partPage(v))
}

// savedNote is the line that says whether what was typed is saved. It carries
// the revision that the page goes on from.
type savedNote struct {
	Revision int
	At       time.Time
	Missing  int
	Busy     bool // somebody else saved where this page writes
	Fault    *fault.Error
}

func (p *Pages) quietly(q *visit, v partView, done readiness.Edited, revision int) error {
	if done.Unsaved {
		return p.note(q, savedNote{Revision: revision, Busy: true}, nil)
	}
	n := savedNote{At: p.shell.Clock.Now()}
	ret, now := done.Record.Working()
	n.Revision = now
	for _, t := range readiness.Tasks(q.view.Template, ret, q.kind()) {
		if t.Key == v.Task.Key {
			n.Missing = readiness.Open(t.Problems)
		}
	}
	return p.note(q, n, nil)
}

// note answers what was sent without the officer's pressing anything. An error
// that is no fault goes on to the log.
func (p *Pages) note(q *visit, n savedNote, err error) error {
	if err != nil && n.Fault == nil {
		return err
	}
	return web.Render(q.w, q.Request, http.StatusOK, savedLine(n))
}

// goOn leads to what comes after a save.
func (p *Pages) goOn(q *visit, v partView, form web.Form, done readiness.Edited) error {
	q.ret, q.revision = done.Record.Working()
	here := q.at("/part/" + v.Task.Key)
	to := v.Next
	missing := 0
	for _, t := range q.tasks() {
		if t.Key == v.Task.Key {
			missing = readiness.Open(t.Problems)
		}
	}
	switch then := form.Text("then"); {
	case then == "here":
		to = here
	case then == "list":
		to = q.at("")
	case missing > 0 && v.Review:
		return web.Redirect(q.w, q.Request, here+"?check=1&from=review")
	case missing > 0:
		return web.Redirect(q.w, q.Request, here+"?check=1")
	}
	if done.Merged {
		return web.RedirectWith(q.w, q.Request, to, "fill.saved.merged", nil)
	}
	return web.Redirect(q.w, q.Request, to)
}

// conflictView shows what two people wrote in the same fields.
type conflictView struct {
	ui.Page
	*visit
	Action    string
	Conflicts []readiness.Conflict
	Typed     []typed // everything that was sent, to be sent again
	Asked     bool    // the choices were sent, and not all were made
}

type typed struct{ Name, Value string }

func (p *Pages) conflict(q *visit, v partView, form web.Form, done readiness.Edited) error {
	view := conflictView{
		Page: p.page(q, q.p.T("fill.conflict.title")), visit: q, Action: q.at("/part/" + v.Task.Key), Conflicts: done.Conflicts,
	}
	names := form.Names()
	slices.Sort(names)
	for _, name := range names {
		if strings.HasPrefix(name, "choice.") {
			view.Asked = true
			continue
		}
		view.Typed = append(view.Typed, typed{name, form.Text(name)})
	}
	if view.Asked || form.Has("resolve") {
		for _, c := range done.Conflicts {
			choose := fault.New(fault.Invalid, "fill.conflict.choose", fault.Args{"what": conflictName(q, c)})
			view.Errors = append(view.Errors, choose.At("choice."+c.Field))
		}
	}
	return web.Render(q.w, q.Request, http.StatusConflict, conflictPage(view))
}

// chosen reads whose words the officer took in each conflict.
func chosen(form web.Form) map[string]readiness.Side {
	out := map[string]readiness.Side{}
	for _, name := range form.Names() {
		if field, ok := strings.CutPrefix(name, "choice."); ok {
			out[field] = readiness.Side(form.Text(name))
		}
	}
	return out
}

// conflictName names a field that two people changed.
func conflictName(q *visit, c readiness.Conflict) string {
	name := c.System
	if name == "" {
		name = q.in(c.Label)
	}
	if c.Row != "" {
		name = c.Row + ". " + name
	}
	for _, col := range q.view.Template.Columns {
		if col.Key == c.Column {
			return name + " – " + q.in(col.Label)
		}
	}
	switch c.Column {
	case "causes", "unmet", "counts", "decision":
		return name + " – " + q.p.T("fill.field."+c.Column)
	case "name", "kind", "aliases":
		return name + " – " + q.p.T("fill.systems.column."+c.Column)
	case "heading", "letter", "extra":
		return q.p.T("fill.field." + c.Column)
	}
	return name
}

func dateText(d clock.Date) string {
	if d.IsZero() {
		return ""
	}
	return strconv.Itoa(d.Day()) + "/" + strconv.Itoa(int(d.Month())) + "/" + strconv.Itoa(d.Year())
}
