package programmeweb

import (
	"net/http"
	"strconv"
	"strings"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/programme"
)

// taskForm asks for a task; of one that is there, with what it is.
func (p *Pages) taskForm(w http.ResponseWriter, r *http.Request) error {
	task, version, err := p.taskOf(r)
	if err != nil {
		return err
	}
	v, err := p.taskFormView(r, task, version, web.Form{})
	if err != nil {
		return err
	}
	return show(w, r, &v)
}

// taskOf is the task of the address; a new one when it names none.
func (p *Pages) taskOf(r *http.Request) (programme.Task, int, error) {
	ctx, id := r.Context(), r.PathValue("task")
	if id == "" {
		return programme.Task{From: p.Service.Today(), Scope: programme.Specific, Level: programme.Province}, 0, nil
	}
	task, _, err := p.Service.Task(ctx, who(ctx), id)
	if err != nil {
		return programme.Task{}, 0, err
	}
	history, err := p.Service.Versions(ctx, who(ctx), programme.TaskDoc, id)
	if err != nil {
		return programme.Task{}, 0, err
	}
	return *task, history[0].Version, nil
}

func (p *Pages) taskFormView(r *http.Request, task programme.Task, version int, sent web.Form) (view, error) {
	ctx := r.Context()
	b, err := p.Service.Books(ctx, who(ctx), clock.Date{})
	if err != nil {
		return view{}, err
	}
	title := t(ctx, "task.new")
	if task.ID != "" {
		title = t(ctx, "task.edit") + ": " + task.Code
	}
	crumbs := []ui.Link{{Label: t(ctx, "tasks.title"), Href: Path + "/tasks"}}
	if was, ok := b.Task(task.ID); ok {
		crumbs = append(crumbs, ui.Link{Label: was.Code + " " + short(was.Title), Href: Path + "/tasks/" + was.ID})
	}
	v := p.page(r, title, crumbs...)
	directives := []ui.Option{{Label: t(ctx, "choose")}}
	for i := len(b.Directives) - 1; i >= 0; i-- {
		d := &b.Directives[i]
		directives = append(directives, ui.Option{Value: d.ID, Label: short(d.Number + ": " + d.Title)})
	}
	parents := []ui.Option{{Label: t(ctx, "task.parent.none")}}
	for i := range b.Tasks {
		if o := &b.Tasks[i]; o.Parent == "" && o.Ended == "" && o.ID != task.ID {
			parents = append(parents, ui.Option{Value: o.ID, Label: short(o.Code + " " + o.Title)})
		}
	}
	directive := ""
	if len(task.Directives) > 0 {
		directive = task.Directives[0]
	}
	agencies := append([]ui.Option{{Label: t(ctx, "choose")}}, p.Agencies()...)
	from, due := dateField("from", task.From, sent), dateField("due", task.Due, sent)
	if due.Optional = true; task.ID != "" {
		due.Hint = t(ctx, "task.due.hint")
	}
	questions := []question{
		{asHidden, ui.Field{Name: "version", Value: strconv.Itoa(version)}},
		{asText, ui.Field{Name: "code", Value: task.Code, Width: 10}},
		{asLong, ui.Field{Name: "title", Value: task.Title, Rows: 2}},
		{asLong, ui.Field{Name: "result", Value: task.Result, Rows: 2, Optional: true}},
		{asSelect, ui.Field{Name: "directive", Value: directive, Options: directives}},
		{asText, ui.Field{Name: "basis", Value: task.Basis, Optional: true}},
		{asSelect, ui.Field{Name: "scope", Value: string(task.Scope), Options: p.scopes(ctx)[1:]}},
		{asSelect, ui.Field{Name: "level", Value: string(task.Level), Options: p.levels(ctx)[1:]}},
		{asSelect, ui.Field{Name: "group", Value: task.Group, Options: append([]ui.Option{{Label: t(ctx, "choose")}}, p.groups(ctx)[1:]...)}},
		{asSelect, ui.Field{Name: "lead", Value: task.Lead, Options: agencies}},
		{asText, ui.Field{Name: "supporting", Value: strings.Join(task.Supporting, ", "), Hint: t(ctx, "assign.codes.hint"), Optional: true}},
		{asSelect, ui.Field{Name: "every", Value: string(task.Every), Options: choices(t(ctx, "every."), texts(programme.Recurring[1:]), func(c string) string {
			return t(ctx, "every."+c)
		})}},
		{asDay, from},
		{asDay, due},
		{asSelect, ui.Field{Name: "parent", Value: task.Parent, Options: parents}},
	}
	for i := range questions[1:] {
		q := &questions[i+1]
		q.Label = t(ctx, "task."+q.Name)
	}
	v.Parts = []part{{Form: form{Action: r.URL.Path, Questions: questions, Buttons: []ui.Action{{Label: t(ctx, "save")}}}}}
	return v, nil
}

// dateField asks for a day, as it was typed when it was.
func dateField(name string, d clock.Date, sent web.Form) ui.Field {
	f := ui.Field{Name: name}
	if sent.Has(name + "-day") {
		f.Day, f.Month, f.Year = sent.DateParts(name)
	} else if !d.IsZero() {
		f.Day, f.Month, f.Year = strconv.Itoa(d.Day()), strconv.Itoa(int(d.Month())), strconv.Itoa(d.Year())
	}
	return f
}

func (p *Pages) taskSave(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	sent, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	task, _, err := p.taskOf(r)
	if err != nil {
		return err
	}
	version, _, _ := sent.Int("version")
	task.Code, task.Title, task.Result, task.Basis = sent.Text("code"), sent.Text("title"), sent.Text("result"), sent.Text("basis")
	task.Scope, task.Level, task.Group = programme.Scope(sent.Text("scope")), programme.Level(sent.Text("level")), sent.Text("group")
	task.Lead, task.Supporting, task.Parent = sent.Text("lead"), codes(sent.Text("supporting")), sent.Text("parent")
	task.Every = programme.Every(sent.Text("every"))
	var pressed []string
	if len(task.Directives) > 1 {
		pressed = task.Directives[1:]
	}
	task.Directives = append(some(sent.Text("directive")), pressed...)
	var wrong fault.List
	for name, d := range map[string]*clock.Date{"from": &task.From, "due": &task.Due} {
		if *d, err = sent.Date(name); err != nil {
			wrong = append(wrong, web.FormErrors(err)...)
		}
	}
	err = wrong.Err()
	saved := task
	if err == nil {
		saved, err = p.Service.SaveTask(ctx, who(ctx), task, version)
	}
	if err != nil {
		b, viewErr := p.Service.Books(ctx, who(ctx), clock.Date{})
		if viewErr != nil {
			return viewErr
		}
		version, err = p.moved(ctx, err, programme.TaskDoc, task.ID, version, p.factsOf(ctx, b))
		v, viewErr := p.taskFormView(r, task, version, sent)
		if viewErr != nil {
			return viewErr
		}
		return again(w, r, &v, err)
	}
	return web.RedirectWith(w, r, Path+"/tasks/"+saved.ID, "prog.saved", nil)
}
