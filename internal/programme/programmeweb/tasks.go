package programmeweb

import (
	"context"
	"net/http"
	"strconv"
	"strings"

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
	f.Done = n.choose("done", t(ctx, "task.done"), choices(t(ctx, "any"), []string{"yes", "no", "withdrawn"}, func(c string) string {
		return t(ctx, "done."+c)
	}))
	f.Directive = n.hidden("directive", t(ctx, "task.directive"), func(string) string { return t(ctx, "task.directive") }) // of another there are no tasks
	f.Text = n.text("q", t(ctx, "tasks.search"))
	if n.wrong != nil {
		return n.again(w, r, &v)
	}
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
		c := b.CountWhole(task.ID, p.Service.Today())
		title := task.Code + " " + task.Title
		if task.Ended != "" {
			title += " (" + t(ctx, "done.withdrawn") + ")"
		}
		table.Rows = append(table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: title, Href: Path + "/tasks/" + task.ID},
			{Text: p.named(task.Lead)},
			{Text: t(ctx, "level."+string(task.Level))},
			{Text: p.taskDue(ctx, task)},
			{Text: i18n.From(ctx).Int(int64(c.Done)) + "/" + i18n.From(ctx).Int(int64(c.All()))},
		}})
	}
	if !may(ctx, programme.Read) { // what others have done of it is not an agency's
		last := len(table.Columns) - 1
		table.Columns = table.Columns[:last]
		for i := range table.Rows {
			table.Rows[i].Cells = table.Rows[i].Cells[:last]
		}
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
	v, err := p.taskView(r, web.Form{})
	if err != nil {
		return err
	}
	return show(w, r, &v)
}

func (p *Pages) taskView(r *http.Request, sent web.Form) (view, error) {
	ctx := r.Context()
	task, b, err := p.Service.Task(ctx, who(ctx), r.PathValue("task"))
	if err != nil {
		return view{}, err
	}
	all := may(ctx, programme.Read)
	v := p.page(r, task.Title, ui.Link{Label: t(ctx, "tasks.title"), Href: Path + "/tasks"})
	v.Lead = task.Code
	if task.Example {
		v.Lead += " · " + t(ctx, "example")
	}
	c := b.CountWhole(task.ID, p.Service.Today())
	if all {
		sentence := "task.sentence"
		if len(b.Parts(task.ID)) > 0 {
			sentence = "task.sentence.parts"
		}
		v.Sentence = t(ctx, sentence, map[string]any{"done": c.Done, "all": c.All(), "overdue": c.Overdue})
		v.Proof = ui.Link{Label: t(ctx, "task.proof"), Href: Path + "/units?task=" + task.ID}
	}
	if task.Ended != "" {
		v.Lead += " · " + t(ctx, "done.withdrawn")
		v.Sentence, v.Proof = t(ctx, "task.withdrawn", map[string]any{"why": task.Ended}), ui.Link{}
	}
	facts := p.taskFacts(ctx, b, task)
	v.Parts = append(v.Parts, part{Facts: facts})
	if parent, ok := b.Task(task.Parent); ok && all {
		above := ui.Link{Label: t(ctx, "task.parent") + ": " + parent.Code + " " + parent.Title, Href: Path + "/tasks/" + parent.ID}
		v.Parts = append(v.Parts, part{Links: []ui.Link{above}})
	}
	parts := b.Parts(task.ID)
	if len(parts) > 0 && all {
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
	units := part{Title: t(ctx, "task.units"), Table: p.ofTask(ctx, t(ctx, "task.units"), list)}
	if len(list) == listed {
		units.Links = []ui.Link{{Label: t(ctx, "task.units.all"), Href: Path + "/units?task=" + task.ID}}
	}
	history, err := p.Service.Versions(ctx, who(ctx), programme.TaskDoc, task.ID)
	if err != nil {
		return v, err
	}
	whole := len(parts) == 0 || len(task.Sets) > 0 // else its parts were given
	if all && whole {
		v.Parts = append(v.Parts, p.setsPart(ctx, task))
	}
	if may(ctx, programme.Manage) {
		if task.Ended == "" {
			v.Actions = []ui.Action{{Label: t(ctx, "task.edit"), Href: Path + "/tasks/" + task.ID + "/edit", Look: ui.Secondary}}
		}
		v.Parts = append(v.Parts, p.taskActs(ctx, task, history[0].Version, sent)...)
	}
	if whole {
		v.Parts = append(v.Parts, units)
	}
	v.Parts = append(v.Parts, p.versions(ctx, history, p.factsOf(ctx, b)))
	return v, nil
}

// taskFacts is what a task is, in words.
func (p *Pages) taskFacts(ctx context.Context, b *programme.Book, task *programme.Task) []ui.Fact {
	fact := func(key, value string) ui.Fact { return ui.Fact{Key: t(ctx, "task."+key), Value: value} }
	name := func(prefix, code string) string {
		if code == "" {
			return ""
		}
		return t(ctx, prefix+code)
	}
	out := []ui.Fact{
		fact("result", task.Result), fact("scope", name("scope.", string(task.Scope))), fact("level", name("level.", string(task.Level))),
		fact("lead", p.named(task.Lead)), fact("from", day(ctx, task.From)), fact("due", p.taskDue(ctx, task)), fact("basis", task.Basis),
	}
	if !task.Every.Ends() && !task.Due.IsZero() {
		out = append(out, fact("last", day(ctx, task.Due)))
	}
	if task.Group != "" {
		out = append(out, fact("group", name("group.", task.Group)))
	}
	if len(task.Supporting) > 0 {
		out = append(out, fact("supporting", p.names(task.Supporting)))
	}
	for i, id := range task.Directives {
		d, ok := b.Directive(id)
		if !ok {
			continue
		}
		key := "directive"
		if i > 0 {
			key = "pressed"
		}
		f := fact(key, d.Number+", "+i18n.From(ctx).Date(d.Day)+": "+d.Title)
		if may(ctx, programme.Read) {
			f.Body = link(ui.Link{Label: f.Value, Href: Path + "/directives/" + d.ID})
		}
		out = append(out, f)
	}
	return out
}

// names are the names of agencies, one after the other.
func (p *Pages) names(codes []string) string {
	out := make([]string, len(codes))
	for i, code := range codes {
		out[i] = p.Agency(code)
	}
	return strings.Join(out, "; ")
}

// codes reads codes with commas or blanks between.
func codes(s string) []string {
	return strings.FieldsFunc(strings.ToUpper(s), func(r rune) bool { return r == ',' || r == ';' || r == ' ' || r == '\n' })
}
