package programmeweb

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/programme"
)

// maxBook is the largest workbook that is taken.
const maxBook = 10 << 20

// acts are the acts that a file can ask for, by their names.
func acts(ctx context.Context) []programme.Choice {
	p := i18n.From(ctx)
	var out []programme.Choice
	for _, a := range programme.ActsOfFiles {
		key := "programme.act.name." + string(a)
		out = append(out, programme.Choice{Code: string(a), Name: programme.Words{Vi: p.In(i18n.Vi).T(key), En: p.In(i18n.En).T(key)}})
	}
	return out
}

func names(list []programme.Choice, lang string) []string {
	out := make([]string, len(list))
	for i, c := range list {
		out[i] = c.Name.In(lang)
	}
	return out
}

func (p *Pages) unitColumns(ctx context.Context) []programme.Column {
	head := func(key string) string { return t(ctx, "excel."+key) }
	return []programme.Column{
		{Key: "id", Hidden: true, Locked: true, Head: head("id"), Width: 10},
		{Key: "version", Hidden: true, Locked: true, Head: head("version"), Width: 6},
		{Key: "task", Head: head("task"), Width: 50, Locked: true},
		{Key: "agency", Head: head("agency"), Width: 26, Locked: true},
		{Key: "due", Head: head("due"), Width: 12, Locked: true},
		{Key: "stands", Head: head("stands"), Width: 16, Locked: true},
		{Key: "act", Head: head("act"), Width: 18, List: names(acts(ctx), langOf(ctx))},
		{Key: "percent", Head: head("percent"), Width: 8},
		{Key: "figure", Head: head("figure"), Width: 30},
		{Key: "link", Head: head("link"), Width: 30},
		{Key: "reason", Head: head("reason"), Width: 30},
		{Key: "new_due", Head: head("new_due"), Width: 12},
	}
}

// unitsOut gives an agency its open unit tasks as a file.
func (p *Pages) unitsOut(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	list, err := p.Service.UnitTasks(ctx, who(ctx), programme.Filter{
		States: []programme.State{programme.Given, programme.Doing, programme.Blocked, programme.Reported},
	}, programme.Cursor{}, programme.MostLines)
	if err != nil {
		return err
	}
	titles, err := p.Service.Titles(ctx, list)
	if err != nil {
		return err
	}
	out := programme.Table{Columns: p.unitColumns(ctx), Choose: t(ctx, "excel.choose")}
	for i := range list {
		u := &list[i]
		out.Rows = append(out.Rows, []string{
			u.ID, strconv.Itoa(u.Version), titles[i], p.Agency(u.Agency), typed(u.Due), standing(ctx, u.Stands(p.Service.Today()).Standing), "", "", "", "", "", "",
		})
	}
	content, err := p.WriteBook(out)
	if err != nil {
		return err
	}
	return file(w, "nhiem-vu.xlsx", content)
}

func (p *Pages) unitsIn(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	lines, err := p.lines(r, p.unitColumns(ctx))
	var list []programme.Account
	if err == nil {
		list, err = p.Service.TakeUnits(ctx, who(ctx), lines, acts(ctx))
	}
	return p.account(w, r, list, err, ui.Link{Label: t(ctx, "units.title"), Href: Path + "/units"})
}

// recordColumns are those of a register: what every row has, and its own fields.
func (p *Pages) recordColumns(ctx context.Context, k *programme.Kind) []programme.Column {
	lang := langOf(ctx)
	head := func(key string) string { return t(ctx, "excel."+key) }
	out := []programme.Column{
		{Key: "id", Hidden: true, Locked: true, Head: head("id"), Width: 10},
		{Key: "version", Hidden: true, Locked: true, Head: head("version"), Width: 6},
		{Key: "title", Head: k.One.In(lang), Width: 50},
		{Key: "owner", Head: k.Owner.In(lang), Width: 12},
		{Key: "state", Head: t(ctx, "row.state"), Width: 20, List: names(k.States, lang)},
		{Key: "since", Head: t(ctx, "row.since"), Width: 12},
	}
	due := k.Due.In(lang)
	if due == "" {
		due = "–"
	}
	out = append(out, programme.Column{Key: "due", Head: due, Width: 12, Hidden: k.Due.Vi == ""})
	for _, f := range k.Fields {
		c := programme.Column{Key: f.Key, Head: f.Name.In(lang), Width: 22}
		switch f.Type {
		case programme.ChoiceField:
			c.List = names(f.Choices, lang)
		case programme.YesNoField:
			c.List = []string{t(ctx, "yes_no.yes"), t(ctx, "yes_no.no")}
		default:
		}
		out = append(out, c)
	}
	return append(out, programme.Column{Key: "note", Head: t(ctx, "row.note"), Width: 30})
}

// registerOut gives the rows of a register that one may see as a file, with room for more.
func (p *Pages) registerOut(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	k, err := p.kind(r)
	if err != nil {
		return err
	}
	rows, err := p.Service.Records(ctx, who(ctx), k.Code, programme.RecordFilter{})
	if err != nil {
		return err
	}
	out := programme.Table{Columns: p.recordColumns(ctx, k), Blank: 50, Choose: t(ctx, "excel.choose")}
	lang := langOf(ctx)
	for i := range rows[:min(len(rows), programme.MostLines)] {
		rec := &rows[i]
		state, _ := k.State(rec.State)
		line := []string{rec.ID, strconv.Itoa(rec.Version), rec.Title, rec.Owner, state.Name.In(lang), typed(rec.Since), typed(rec.Due)}
		for _, f := range k.Fields {
			value := rec.Fields[f.Key]
			if f.Type == programme.ChoiceField || f.Type == programme.YesNoField {
				value = p.value(ctx, f, value)
			}
			line = append(line, value)
		}
		out.Rows = append(out.Rows, append(line, rec.Note))
	}
	content, err := p.WriteBook(out)
	if err != nil {
		return err
	}
	return file(w, k.Code+".xlsx", content)
}

func (p *Pages) registerIn(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	k, err := p.kind(r)
	if err != nil {
		return err
	}
	lines, err := p.lines(r, p.recordColumns(ctx, k))
	var list []programme.Account
	if err == nil {
		list, err = p.Service.TakeRecords(ctx, who(ctx), k.Code, lines)
	}
	return p.account(w, r, list, err, ui.Link{Label: k.Name.In(langOf(ctx)), Href: Path + "/registers/" + k.Code})
}

// taskChoices are the names of what a file of tasks can choose.
func taskChoices(ctx context.Context) programme.TaskChoices {
	p := i18n.From(ctx)
	of := func(prefix string, codes []string) []programme.Choice {
		var out []programme.Choice
		for _, code := range codes {
			out = append(out, programme.Choice{Code: code, Name: programme.Words{Vi: p.In(i18n.Vi).T(prefix + code), En: p.In(i18n.En).T(prefix + code)}})
		}
		return out
	}
	return programme.TaskChoices{
		Scopes: of("prog.scope.", texts(programme.Scopes)), Levels: of("prog.level.", texts(programme.Levels)), Groups: of("prog.group.", programme.Groups),
		Every: of("prog.every.", texts(programme.Recurring)),
	}
}

func (p *Pages) taskColumns(ctx context.Context, directives []string) []programme.Column {
	c, lang := taskChoices(ctx), langOf(ctx)
	column := func(key string, width float64, list []string) programme.Column {
		return programme.Column{Key: key, Head: t(ctx, "task."+key), Width: width, List: list}
	}
	return []programme.Column{
		column("code", 10, nil), column("title", 50, nil), column("directive", 24, directives), column("scope", 18, names(c.Scopes, lang)),
		column("level", 14, names(c.Levels, lang)), column("group", 26, names(c.Groups, lang)), column("lead", 10, nil), column("supporting", 16, nil),
		column("every", 14, names(c.Every, lang)), column("from", 12, nil), column("due", 12, nil), column("result", 40, nil), column("basis", 30, nil),
		column("give", 20, nil),
	}
}

// tasksOut gives all tasks as a file, with room for more.
func (p *Pages) tasksOut(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	list, b, err := p.Service.Tasks(ctx, who(ctx), programme.TaskFilter{})
	if err != nil {
		return err
	}
	var numbers []string
	for i := range b.Directives {
		numbers = append(numbers, b.Directives[i].Number)
	}
	out := programme.Table{Columns: p.taskColumns(ctx, numbers), Blank: 50, Choose: t(ctx, "excel.choose")}
	for _, task := range list {
		number, group := "", ""
		if len(task.Directives) > 0 {
			if d, ok := b.Directive(task.Directives[0]); ok {
				number = d.Number
			}
		}
		if task.Group != "" {
			group = t(ctx, "group."+task.Group)
		}
		out.Rows = append(out.Rows, []string{
			task.Code, task.Title, number, t(ctx, "scope."+string(task.Scope)), t(ctx, "level."+string(task.Level)), group, task.Lead,
			strings.Join(task.Supporting, ", "), t(ctx, "every."+string(task.Every)), typed(task.From), typed(task.Due), task.Result, task.Basis, "",
		})
	}
	content, err := p.WriteBook(out)
	if err != nil {
		return err
	}
	return file(w, "giao-nhiem-vu.xlsx", content)
}

func (p *Pages) tasksIn(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	lines, err := p.lines(r, p.taskColumns(ctx, nil))
	var list []programme.Account
	if err == nil {
		list, err = p.Service.TakeTasks(ctx, who(ctx), lines, taskChoices(ctx))
	}
	return p.account(w, r, list, err, ui.Link{Label: t(ctx, "tasks.title"), Href: Path + "/tasks"})
}

// lines reads the file of a form.
func (p *Pages) lines(r *http.Request, columns []programme.Column) ([]programme.Line, error) {
	sent, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	files := sent.Files("file")
	if len(files) != 1 {
		return nil, fault.New(fault.Invalid, "prog.excel.one", nil).At("file")
	}
	f, err := files[0].Open()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	keys := make([]string, len(columns))
	for i, c := range columns {
		keys[i] = c.Key
	}
	return p.ReadBook(f, files[0].Size, keys)
}

// bookPart offers a table as a file, and takes it back.
func (p *Pages) bookPart(ctx context.Context, path string, takes bool) part {
	out := part{Title: t(ctx, "excel.title"), Fold: true, Links: []ui.Link{{Label: t(ctx, "excel.out"), Href: path}}}
	if takes {
		out.Text = t(ctx, "excel.text")
		out.Form = form{Action: path, Files: true, Questions: []question{
			{asFile, ui.Field{Name: "file", Label: t(ctx, "excel.file"), Accept: ".xlsx"}},
		}, Buttons: []ui.Action{{Label: t(ctx, "excel.in"), Look: ui.Secondary}}}
	}
	return out
}

// account says what became of every row of a file.
func (p *Pages) account(w http.ResponseWriter, r *http.Request, list []programme.Account, err error, back ui.Link) error {
	ctx := r.Context()
	say := i18n.From(ctx)
	v := p.page(r, t(ctx, "account.title"), back)
	if err != nil {
		v.Parts = []part{p.bookPart(ctx, r.URL.Path, true)}
		v.Parts[0].Fold = false
		return again(w, r, &v, err)
	}
	n := programme.Tally(list)
	v.Sentence = t(ctx, "account.sentence", map[string]any{
		"rows": len(list), "taken": n[programme.Taken], "same": n[programme.Same], "twice": n[programme.Twice], "wrong": n[programme.Wrong],
	})
	table := ui.Table{
		ID: "account", Caption: t(ctx, "account.title"), Quiet: true, Stack: true, Columns: columns(ctx, "account.", "row", "name", "outcome", "why"),
		Empty: ui.Empty(t(ctx, "account.none"), back),
	}
	for i := range list {
		a := &list[i]
		if a.Outcome == programme.Same {
			continue
		}
		why := ""
		for _, f := range a.Reasons() {
			why += say.T(f.Key, f.Args) + " "
		}
		tone := ui.Good
		if a.Outcome != programme.Taken {
			tone = ui.Bad
		}
		table.Rows = append(table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: strconv.Itoa(a.Number)}, {Text: a.Title}, {Body: ui.Tag(tone, t(ctx, "outcome."+string(a.Outcome)))}, {Text: why},
		}})
	}
	v.Parts = []part{{Table: &table}}
	return show(w, r, &v)
}
