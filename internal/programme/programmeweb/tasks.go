package programmeweb

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/programme"
)

// tasks is the list of tasks: all, or those that an agency has or that concern it.
func (p *Pages) tasks(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v := p.page(r, t(ctx, "tasks.title"))
	n := p.narrow(r)
	f := programme.TaskFilter{
		Scope: programme.Scope(n.choose("scope", t(ctx, "task.scope"), p.scopes(ctx))),
		Level: programme.Level(n.choose("level", t(ctx, "task.level"), p.levels(ctx))),
		Group: n.choose("group", t(ctx, "task.group"), p.groups(ctx)),
		Lead:  n.choose("lead", t(ctx, "task.lead"), append([]ui.Option{{Label: t(ctx, "any")}}, p.Agencies()...)),
	}
	f.Done = n.choose("done", t(ctx, "task.done"), choices(t(ctx, "any"), []string{"yes", "no"}, func(c string) string { return t(ctx, "done."+c) }))
	f.Directive = n.hidden("directive", func(string) string { return t(ctx, "task.directive") })
	f.Text = n.text("q", t(ctx, "tasks.search"))
	list, b, err := p.Service.Tasks(ctx, who(ctx), f)
	if err != nil {
		return err
	}
	from, _ := strconv.Atoi(n.values.Get("from"))
	from = min(max(from, 0), len(list))
	pages := ui.Pages{Count: len(list)}
	shown := list[from:]
	if len(shown) > listed {
		shown = shown[:listed]
		pages.Next = n.with("from", strconv.Itoa(from+listed))
	}
	if from > 0 {
		pages.Previous = n.with("from", strconv.Itoa(max(from-listed, 0)))
	}
	table := ui.Table{
		ID: "tasks", Caption: t(ctx, "tasks.title"), Quiet: true, Stack: true, Columns: columns(ctx, "task.", "title", "lead", "level", "due", "#accepted"),
		Empty: ui.Empty(t(ctx, "tasks.none"), ui.Link{Label: t(ctx, "tasks.all"), Href: Path + "/tasks"}),
	}
	for _, task := range shown {
		c := b.Count(task.ID, p.Service.Today())
		table.Rows = append(table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: task.Code + " " + task.Title, Href: Path + "/tasks/" + task.ID},
			{Text: p.named(task.Lead)},
			{Text: t(ctx, "level."+string(task.Level))},
			{Text: p.taskDue(ctx, task)},
			{Text: i18n.From(ctx).Int(int64(c.Done)) + "/" + i18n.From(ctx).Int(int64(c.All()))},
		}})
	}
	n.into(&v)
	if may(ctx, programme.Manage) {
		v.Actions = []ui.Action{{Label: t(ctx, "task.new"), Href: Path + "/new/task", Look: ui.Secondary}}
	}
	v.Parts = append(v.Parts, part{Table: &table, Pages: pages})
	if may(ctx, programme.Manage) {
		v.Parts = append(v.Parts, p.bookPart(ctx, Path+"/tasks/excel", true))
	}
	return show(w, r, &v)
}

func (p *Pages) named(code string) string {
	if code == "" {
		return ""
	}
	return p.Agency(code)
}

func (p *Pages) taskDue(ctx context.Context, task *programme.Task) string {
	if task.Every.Ends() {
		return day(ctx, task.Due)
	}
	return t(ctx, "every."+string(task.Every))
}

// task is one task: what is asked, how it stands, its parts, who has it, what it was.
func (p *Pages) task(w http.ResponseWriter, r *http.Request) error {
	v, err := p.taskView(r)
	if err != nil {
		return err
	}
	return show(w, r, &v)
}

func (p *Pages) taskView(r *http.Request) (view, error) {
	ctx := r.Context()
	task, b, err := p.Service.Task(ctx, who(ctx), r.PathValue("task"))
	if err != nil {
		return view{}, err
	}
	say, all := i18n.From(ctx), may(ctx, programme.Read)
	v := p.page(r, task.Title, ui.Link{Label: t(ctx, "tasks.title"), Href: Path + "/tasks"})
	v.Lead = task.Code
	if task.Example {
		v.Lead += " · " + t(ctx, "example")
	}
	c := b.Count(task.ID, p.Service.Today())
	if all {
		v.Sentence = t(ctx, "task.sentence", map[string]any{"done": c.Done, "all": c.All(), "overdue": c.Overdue})
		v.Proof = ui.Link{Label: t(ctx, "task.proof"), Href: Path + "/units?task=" + task.ID}
	}
	facts := []ui.Fact{
		{Key: t(ctx, "task.result"), Value: task.Result},
		{Key: t(ctx, "task.scope"), Value: t(ctx, "scope."+string(task.Scope))},
		{Key: t(ctx, "task.level"), Value: t(ctx, "level."+string(task.Level))},
		{Key: t(ctx, "task.lead"), Value: p.named(task.Lead)},
		{Key: t(ctx, "task.from"), Value: day(ctx, task.From)},
		{Key: t(ctx, "task.due"), Value: p.taskDue(ctx, task)},
		{Key: t(ctx, "task.basis"), Value: task.Basis},
	}
	if task.Group != "" {
		facts = append(facts, ui.Fact{Key: t(ctx, "task.group"), Value: t(ctx, "group."+task.Group)})
	}
	if len(task.Supporting) > 0 {
		var names []string
		for _, code := range task.Supporting {
			names = append(names, p.Agency(code))
		}
		facts = append(facts, ui.Fact{Key: t(ctx, "task.supporting"), Value: strings.Join(names, "; ")})
	}
	for i, id := range task.Directives {
		if d, ok := b.Directive(id); ok {
			key := "task.directive"
			if i > 0 {
				key = "task.pressed"
			}
			facts = append(facts, ui.Fact{Key: t(ctx, key), Value: d.Number + ", " + say.Date(d.Day) + ": " + d.Title})
		}
	}
	v.Parts = append(v.Parts, part{Facts: facts})
	if parent, ok := b.Task(task.Parent); ok && all {
		above := ui.Link{Label: t(ctx, "task.parent") + ": " + parent.Code + " " + parent.Title, Href: Path + "/tasks/" + parent.ID}
		v.Parts = append(v.Parts, part{Links: []ui.Link{above}})
	}
	if parts := b.Parts(task.ID); len(parts) > 0 && all {
		list := part{Title: t(ctx, "task.parts")}
		for _, o := range parts {
			list.Links = append(list.Links, ui.Link{Label: o.Code + " " + o.Title, Href: Path + "/tasks/" + o.ID})
		}
		v.Parts = append(v.Parts, list)
	}
	list, err := p.Service.UnitTasks(ctx, who(ctx), programme.Filter{Tasks: []string{task.ID}}, programme.Cursor{}, listed)
	if err != nil {
		return v, err
	}
	table, err := p.unitTable(ctx, "units", t(ctx, "task.units"), list)
	if err != nil {
		return v, err
	}
	units := part{Title: t(ctx, "task.units"), Table: table}
	if len(list) == listed {
		units.Links = []ui.Link{{Label: t(ctx, "task.units.all"), Href: Path + "/units?task=" + task.ID}}
	}
	v.Parts = append(v.Parts, units)
	history, err := p.Service.Versions(ctx, who(ctx), programme.TaskDoc, task.ID)
	if err != nil {
		return v, err
	}
	if may(ctx, programme.Manage) {
		v.Actions = []ui.Action{{Label: t(ctx, "task.edit"), Href: Path + "/tasks/" + task.ID + "/edit", Look: ui.Secondary}}
		v.Parts = append(v.Parts, p.assignPart(ctx, task, history[0].Version))
	}
	v.Parts = append(v.Parts, p.versions(ctx, history))
	return v, nil
}

// versions is what something was, the last above.
func (p *Pages) versions(ctx context.Context, history []programme.Doc) part {
	out := part{Title: t(ctx, "history")}
	for _, d := range history {
		e := ui.Event{Title: t(ctx, "history.version", map[string]any{"n": d.Version}), By: d.By.Name, At: d.At}
		switch {
		case d.Record != nil:
			if k, ok := p.Service.Kinds.Kind(d.Record.Kind); ok {
				state, _ := k.State(d.Record.State)
				e.Text = state.Name.In(langOf(ctx)) + ": " + day(ctx, d.Record.Since)
			}
		case d.Task != nil:
			e.Text = d.Task.Title + "\n" + t(ctx, "task.due") + ": " + p.taskDue(ctx, d.Task)
		}
		out.Events = append(out.Events, e)
	}
	return out
}

func (p *Pages) assignPart(ctx context.Context, task *programme.Task, version int) part {
	options := choices("", texts(programme.Levels), func(c string) string { return t(ctx, "assign.all."+c) })[1:]
	return part{Title: t(ctx, "assign.title"), Fold: true, Text: t(ctx, "assign.text"), Form: form{
		Action: Path + "/tasks/" + task.ID + "/assign", Questions: []question{
			{asHidden, ui.Field{Name: "version", Value: strconv.Itoa(version)}},
			{asTicks, ui.Field{Name: "set", Label: t(ctx, "assign.levels"), Options: options, Small: true, Values: []string{}}},
			{asText, ui.Field{Name: "codes", Label: t(ctx, "assign.codes"), Hint: t(ctx, "assign.codes.hint")}},
		}, Buttons: []ui.Action{{Label: t(ctx, "assign.send"), Look: ui.Secondary}},
	}}
}

func (p *Pages) assign(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	sent, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	set := programme.Set{Agencies: codes(sent.Text("codes"))}
	for _, l := range sent.Values("set") {
		for _, k := range programme.Level(l).Kinds() {
			if !slices.Contains(set.Kinds, k) {
				set.Kinds = append(set.Kinds, k)
			}
		}
	}
	version, _, _ := sent.Int("version")
	n, err := p.Service.Assign(ctx, who(ctx), r.PathValue("task"), version, set)
	if err != nil {
		if web.FormErrors(err) == nil {
			return err
		}
		v, lookErr := p.taskView(r)
		if lookErr != nil {
			return lookErr
		}
		return again(w, r, &v, err)
	}
	return web.RedirectWith(w, r, Path+"/tasks/"+r.PathValue("task"), "prog.assign.done", fault.Args{"n": n})
}

// codes reads codes with commas or blanks between.
func codes(s string) []string {
	return strings.FieldsFunc(strings.ToUpper(s), func(r rune) bool { return r == ',' || r == ';' || r == ' ' || r == '\n' })
}

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
	v := p.page(r, title, ui.Link{Label: t(ctx, "tasks.title"), Href: Path + "/tasks"})
	directives := []ui.Option{{Label: t(ctx, "choose")}}
	for i := len(b.Directives) - 1; i >= 0; i-- {
		d := &b.Directives[i]
		directives = append(directives, ui.Option{Value: d.ID, Label: short(d.Number + ": " + d.Title)})
	}
	parents := []ui.Option{{Label: t(ctx, "task.parent.none")}}
	for i := range b.Tasks {
		if o := &b.Tasks[i]; o.Parent == "" && o.ID != task.ID {
			parents = append(parents, ui.Option{Value: o.ID, Label: short(o.Code + " " + o.Title)})
		}
	}
	directive := ""
	if len(task.Directives) > 0 {
		directive = task.Directives[0]
	}
	agencies := append([]ui.Option{{Label: t(ctx, "choose")}}, p.Agencies()...)
	from, due := dateField("from", task.From, sent), dateField("due", task.Due, sent)
	due.Optional = true
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
		v, viewErr := p.taskFormView(r, task, version, sent)
		if viewErr != nil {
			return viewErr
		}
		return again(w, r, &v, err)
	}
	return web.RedirectWith(w, r, Path+"/tasks/"+saved.ID, "prog.saved", nil)
}

// directives lists them, with a form for one more.
func (p *Pages) directives(w http.ResponseWriter, r *http.Request) error {
	v, err := p.directivesView(r, programme.Directive{Day: p.Service.Today()}, web.Form{})
	if err != nil {
		return err
	}
	return show(w, r, &v)
}

func (p *Pages) directivesView(r *http.Request, d programme.Directive, sent web.Form) (view, error) {
	ctx := r.Context()
	b, err := p.Service.Books(ctx, who(ctx), clock.Date{})
	if err != nil {
		return view{}, err
	}
	v := p.page(r, t(ctx, "directives.title"))
	table := ui.Table{
		ID: "directives", Caption: t(ctx, "directives.title"), Quiet: true, Stack: true,
		Columns: columns(ctx, "directive.", "number", "title", "issuer", "day"),
	}
	for i := len(b.Directives) - 1; i >= 0; i-- {
		o := &b.Directives[i]
		table.Rows = append(table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: o.Number, Href: Path + "/tasks?directive=" + o.ID}, {Text: o.Title}, {Text: o.Issuer}, {Text: day(ctx, o.Day)},
		}})
	}
	questions := []question{
		{asSelect, ui.Field{Name: "kind", Value: string(d.Kind), Options: choices(t(ctx, "choose"), texts(programme.DirectiveKinds), func(c string) string {
			return t(ctx, "directive.kind."+c)
		})}},
		{asText, ui.Field{Name: "number", Value: d.Number}},
		{asLong, ui.Field{Name: "title", Value: d.Title, Rows: 2}},
		{asText, ui.Field{Name: "issuer", Value: d.Issuer}},
		{asDay, dateField("day", d.Day, sent)},
	}
	for i := range questions {
		questions[i].Label = t(ctx, "directive."+questions[i].Name)
	}
	v.Parts = []part{{Table: &table}, {Title: t(ctx, "directive.new"), Form: form{
		Action: Path + "/directives", Questions: questions, Buttons: []ui.Action{{Label: t(ctx, "save"), Look: ui.Secondary}},
	}}}
	return v, nil
}

func (p *Pages) directiveSave(w http.ResponseWriter, r *http.Request) error {
	sent, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	d := programme.Directive{
		Kind: programme.DirectiveKind(sent.Text("kind")), Number: sent.Text("number"), Title: sent.Text("title"), Issuer: sent.Text("issuer"),
	}
	if d.Day, err = sent.Date("day"); err == nil {
		_, err = p.Service.SaveDirective(r.Context(), who(r.Context()), d, 0)
	}
	if err != nil {
		v, viewErr := p.directivesView(r, d, sent)
		if viewErr != nil {
			return viewErr
		}
		return again(w, r, &v, err)
	}
	return web.RedirectWith(w, r, Path+"/directives", "prog.saved", nil)
}
