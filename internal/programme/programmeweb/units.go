package programmeweb

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/programme"
)

// How many lines a page of a list has, and how many of a list among others.
const (
	listed   = 30
	firstFew = 10
)

// agency is what one agency owes today.
func (p *Pages) agency(w http.ResponseWriter, r *http.Request) error {
	return p.owed(w, r, r.PathValue("agency"))
}

// owed shows an agency what it owes, what concerns it, and what it can do.
func (p *Pages) owed(w http.ResponseWriter, r *http.Request, code string) error {
	ctx := r.Context()
	say := i18n.From(ctx)
	counts, err := p.Service.Units(ctx, who(ctx), []string{code})
	if err != nil {
		return err
	}
	c := counts[0].Count
	v := p.page(r, p.Agency(code))
	v.Lead = t(ctx, "owed.lead", map[string]any{"day": p.Service.Today()})
	key := "owed.sentence"
	if c.Open() == 0 {
		key = "owed.nothing"
	}
	v.Sentence = t(ctx, key, map[string]any{"open": c.Open(), "overdue": c.Overdue, "all": c.All(), "done": c.Done})
	for _, s := range countColumns {
		v.Figures = append(v.Figures, ui.Figure{
			Label: standing(ctx, s), Value: say.Int(int64(count(c, s))), Href: Path + "/units?agency=" + code + "&standing=" + string(s),
		})
	}
	if p.Service.HasCommunes(code) {
		v.Actions = []ui.Action{{Label: t(ctx, "communes.open"), Href: Path + "/agencies/" + code + "/communes", Look: ui.Secondary}}
	}
	for _, s := range []programme.Standing{programme.StandOverdue, programme.StandBlocked, programme.StandAtRisk, programme.StandWaiting} {
		if c.Of(s) == 0 {
			continue
		}
		list, err := p.Service.UnitTasks(ctx, who(ctx), programme.Filter{Agencies: []string{code}, Standing: s}, programme.Cursor{}, firstFew)
		if err != nil {
			return err
		}
		table, err := p.unitTable(ctx, "units-"+string(s), standing(ctx, s), list)
		if err != nil {
			return err
		}
		of := part{Title: standing(ctx, s), Table: table}
		if n := c.Of(s); n > len(list) {
			of.Links = []ui.Link{{
				Label: t(ctx, "owed.all", map[string]any{"n": n}), Href: Path + "/units?agency=" + code + "&standing=" + string(s),
			}}
		}
		v.Parts = append(v.Parts, of)
	}
	registers, err := p.ownRows(ctx, code)
	if err != nil {
		return err
	}
	v.Parts = append(v.Parts, registers)
	return show(w, r, &v)
}

// ownRows is the rows of registers that are an agency's or name it, by register.
func (p *Pages) ownRows(ctx context.Context, code string) (part, error) {
	out := part{Title: t(ctx, "owed.rows"), Table: &ui.Table{
		ID: "own-rows", Caption: t(ctx, "owed.rows"), Quiet: true, Stack: true, Columns: columns(ctx, "row.", "register", "#rows", "#late"),
		Empty: ui.Empty(t(ctx, "owed.rows.none"), ui.Link{}),
	}}
	say := i18n.From(ctx)
	for i := range p.Service.Kinds {
		k := &p.Service.Kinds[i]
		rows, err := p.Service.Records(ctx, who(ctx), k.Code, programme.RecordFilter{Agency: code})
		if err != nil {
			return out, err
		}
		late := 0
		for j := range rows {
			if rows[j].Overdue(k, p.Service.Today()) {
				late++
			}
		}
		if n := len(rows); n > 0 {
			out.Table.Rows = append(out.Table.Rows, ui.Row{Cells: []ui.Cell{
				{Text: k.Name.In(langOf(ctx)), Href: Path + "/registers/" + k.Code + "?agency=" + code}, {Text: say.Int(int64(n))}, {Text: say.Int(int64(late))},
			}})
		}
	}
	return out, nil
}

// ofTask lists the unit tasks of one task: by agency, for the task is known.
func (p *Pages) ofTask(ctx context.Context, caption string, list []programme.UnitTask) *ui.Table {
	out := &ui.Table{
		ID: "units", Caption: caption, Quiet: true, Dense: true, Stack: true, Columns: columns(ctx, "unit.", "agency", "due", "#percent", "stands"),
		Empty: ui.Empty(t(ctx, "units.none"), ui.Link{}),
	}
	for i := range list {
		u := &list[i]
		name := p.Agency(u.Agency)
		if u.Period != "" {
			name += " (" + u.Period + ")"
		}
		cells := append([]ui.Cell{{Text: name, Href: Path + "/units/" + u.ID}}, p.unitCells(ctx, u)...)
		out.Rows = append(out.Rows, ui.Row{Cells: cells})
	}
	return out
}

// unitCells are how a unit task stands, and why.
func (p *Pages) unitCells(ctx context.Context, u *programme.UnitTask) []ui.Cell {
	j := u.Stands(p.Service.Today())
	return []ui.Cell{
		{Text: day(ctx, u.Due)},
		{Text: strconv.Itoa(u.Percent) + "%"},
		{Body: standingCell(tone(j.Standing), standing(ctx, j.Standing), i18n.T(ctx, j.Key, j.Args))},
	}
}

// unitTable lists unit tasks with how each stands, and why.
func (p *Pages) unitTable(ctx context.Context, id, caption string, list []programme.UnitTask) (*ui.Table, error) {
	names, err := p.Service.Titles(ctx, list)
	if err != nil {
		return nil, err
	}
	out := &ui.Table{
		ID: id, Caption: caption, Quiet: true, Stack: true, Columns: columns(ctx, "unit.", "task", "agency", "due", "#percent", "stands"),
		Empty: ui.Empty(t(ctx, "units.none"), ui.Link{}),
	}
	for i := range list {
		u := &list[i]
		title := names[i]
		if u.Period != "" {
			title += " (" + u.Period + ")"
		}
		cells := []ui.Cell{{Text: title, Href: Path + "/units/" + u.ID}, {Text: p.Agency(u.Agency)}}
		out.Rows = append(out.Rows, ui.Row{Cells: append(cells, p.unitCells(ctx, u)...)})
	}
	return out, nil
}

// units is the list of all unit tasks that somebody may see.
func (p *Pages) units(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v := p.page(r, t(ctx, "units.title"))
	n := p.narrow(r)
	f := programme.Filter{
		Standing: programme.Standing(n.choose("standing", t(ctx, "unit.stands"), choices(t(ctx, "any"), texts(programme.Standings), func(c string) string {
			return t(ctx, "standing."+c)
		}))),
		Level: programme.Level(n.choose("level", t(ctx, "task.level"), p.levels(ctx))),
	}
	if may(ctx, programme.Read) {
		f.Origins = some(n.choose("origin", t(ctx, "units.origin"), p.originsOf(ctx, n.values.Get("origin"))))
	}
	f.Agencies = some(n.hidden("agency", t(ctx, "unit.agency"), p.known))
	tasks, err := p.Service.Offered(ctx, who(ctx))
	if err != nil {
		return err
	}
	options := []ui.Option{{Label: t(ctx, "any")}}
	for _, task := range tasks {
		options = append(options, ui.Option{Value: task.ID, Label: short(task.Code + " " + task.Title)})
	}
	task := n.choose("task", t(ctx, "unit.task"), options)
	f.Month = n.hidden("month", t(ctx, "unit.due"), func(m string) string {
		if !monthly(m) {
			return ""
		}
		return m
	})
	if n.wrong != nil {
		return n.again(w, r, &v)
	}
	if f.Tasks, err = p.withParts(ctx, some(task)); err != nil {
		return err
	}
	after := programme.Cursor{}
	if due, id, ok := strings.Cut(n.values.Get("after"), "_"); ok {
		after.ID = id
		if due != "" {
			if after.Due, err = programme.ReadDay(due); err != nil {
				return fault.New(fault.Invalid, "prog.day_wrong", fault.Args{"text": due})
			}
		}
	}
	list, err := p.Service.UnitTasks(ctx, who(ctx), f, after, listed+1)
	if err != nil {
		return err
	}
	pages := ui.Pages{}
	pages.Count, _ = p.Service.CountUnits(ctx, who(ctx), f)
	if len(list) > listed {
		list = list[:listed]
		last := list[listed-1]
		due := ""
		if !last.Due.IsZero() {
			due = last.Due.String()
		}
		pages.Next = n.with("after", due+"_"+last.ID)
	}
	table, err := p.unitTable(ctx, "units", t(ctx, "units.title"), list)
	if err != nil {
		return err
	}
	n.into(&v)
	v.Parts = append(v.Parts, part{Table: table, Pages: pages})
	if programme.Permissions.CanOwn(who(ctx), programme.Respond, who(ctx).Agency != "") == nil {
		v.Parts = append(v.Parts, p.bookPart(ctx, Path+"/units/excel", true))
	}
	return show(w, r, &v)
}

func some(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// withParts adds the parts of tasks: what is asked of a whole task is in them.
func (p *Pages) withParts(ctx context.Context, tasks []string) ([]string, error) {
	for _, id := range tasks {
		_, b, err := p.Service.Task(ctx, who(ctx), id)
		if err != nil {
			return nil, err
		}
		for _, part := range b.Parts(id) {
			tasks = append(tasks, part.ID)
		}
	}
	return tasks, nil
}

// originsOf are the ministries and provinces of today, and one that is no more when somebody
// asks for it.
func (p *Pages) originsOf(ctx context.Context, asked string) []ui.Option {
	out := append([]ui.Option{{Label: t(ctx, "any")}}, p.Agencies()...)
	if p.Service.Country().Knows(asked) && !slices.ContainsFunc(out, func(o ui.Option) bool { return o.Value == asked }) {
		out = append(out, ui.Option{Value: asked, Label: p.Agency(asked)})
	}
	return out
}

func monthly(s string) bool {
	_, err := programme.ReadDay(s + "-01")
	return len(s) == 7 && err == nil
}

func short(s string) string {
	if r := []rune(s); len(r) > 70 {
		return string(r[:70]) + "…"
	}
	return s
}

// hidden is a choice that a link made; say names what it chose, "" for what there is not.
func (n *narrowed) hidden(name, label string, say func(string) string) string {
	value, err := web.Clean(n.values.Get(name))
	if err == nil && value == "" {
		return ""
	}
	title := ""
	if err == nil {
		title = say(value)
	}
	if title == "" {
		n.refuse(name, label)
		return ""
	}
	n.chosen = append(n.chosen, ui.Link{Label: title, Href: n.without(name)})
	n.fields = append(n.fields, question{asHidden, ui.Field{Name: name, Value: value}})
	return value
}

// known is the name of an agency that there is or was.
func (p *Pages) known(code string) string {
	if !p.Service.Country().Knows(code) {
		return ""
	}
	return p.Agency(code)
}

// unit is a unit task with what was done to it and what can be done.
func (p *Pages) unit(w http.ResponseWriter, r *http.Request) error {
	v, err := p.unitView(r, web.Form{})
	if err != nil {
		return err
	}
	return show(w, r, &v)
}

func (p *Pages) unitView(r *http.Request, sent web.Form) (view, error) {
	ctx := r.Context()
	u, err := p.Service.UnitTask(ctx, who(ctx), r.PathValue("unit"))
	if err != nil {
		return view{}, err
	}
	say := i18n.From(ctx)
	v := p.page(r, u.Of.Title, ui.Link{Label: t(ctx, "units.title"), Href: Path + "/units"})
	v.Lead = u.Of.Code + " · " + p.Agency(u.Agency)
	v.Parts = append(v.Parts, part{Facts: []ui.Fact{
		{Key: t(ctx, "unit.stands"), Body: standingCell(tone(u.Judged.Standing), standing(ctx, u.Judged.Standing), say.T(u.Judged.Key, u.Judged.Args))},
		{Key: t(ctx, "unit.state"), Value: say.T("programme.state." + string(u.State))},
		{Key: t(ctx, "unit.percent"), Value: strconv.Itoa(u.Percent) + "%"},
		{Key: t(ctx, "unit.due"), Value: day(ctx, u.Due)},
		{Key: t(ctx, "task.result"), Value: u.Of.Result},
		{Key: t(ctx, "unit.task"), Body: link(ui.Link{Label: u.Of.Code + " " + u.Of.Title, Href: Path + "/tasks/" + u.Task})},
	}})
	if !u.Asked.IsZero() && u.State.Open() {
		v.Parts[0].Facts = append(v.Parts[0].Facts, ui.Fact{Key: t(ctx, "unit.asked"), Value: say.Date(u.Asked)})
	}
	for _, act := range u.Acts {
		v.Parts = append(v.Parts, p.actPart(ctx, &u, act, sent))
	}
	shown, err := p.evidencePart(ctx, &u)
	if err != nil {
		return v, err
	}
	v.Parts = append(v.Parts, shown)
	events := part{Title: t(ctx, "unit.history")}
	for i := range u.Events {
		events.Events = append(events.Events, p.event(ctx, &u.Events[i]))
	}
	if len(events.Events) == 0 {
		events.Text = t(ctx, "unit.history.none", map[string]any{"from": u.From})
	}
	v.Parts = append(v.Parts, events)
	return v, nil
}

func (p *Pages) event(ctx context.Context, e *programme.Event) ui.Event {
	say := i18n.From(ctx)
	out := ui.Event{Title: capital(say.T("programme.act.name." + string(e.Act))), By: e.By.Name, At: e.At}
	var lines []string
	switch e.Act {
	case programme.Progress:
		lines = append(lines, strconv.Itoa(e.Percent)+"%")
	case programme.AskTime:
		lines = append(lines, t(ctx, "unit.asked")+": "+say.Date(e.Asked))
	case programme.Grant, programme.Redate:
		lines = append(lines, t(ctx, "unit.due")+": "+say.Date(e.Due))
	default:
	}
	if e.Reason != "" {
		lines = append(lines, e.Reason)
	}
	for _, x := range e.Evidence {
		lines = append(lines, t(ctx, "evidence."+string(x.Kind))+": "+x.Text)
	}
	out.Text = strings.Join(lines, "\n")
	return out
}

// evidencePart is what shows how far a unit task is; of a link, how what it leads to stands
// now.
func (p *Pages) evidencePart(ctx context.Context, u *programme.Looked) (part, error) {
	list, err := p.Service.Shown(ctx, who(ctx), u)
	if err != nil || len(list) == 0 {
		return part{}, err
	}
	table := &ui.Table{
		ID: "evidence", Caption: t(ctx, "evidence.title"), Quiet: true, Stack: true, Columns: columns(ctx, "evidence.", "what", "kind", "now", "day", "by"),
	}
	for i := range list {
		x := &list[i]
		what, now := ui.Cell{Text: x.Text}, x.State.In(langOf(ctx))
		switch {
		case x.Kind == programme.EvidenceFile:
			what = ui.Cell{Text: x.Name, Href: Path + "/units/" + u.ID + "/files/" + x.Hash}
		case x.Hidden:
			now = t(ctx, "evidence.hidden")
		case x.Kind == programme.EvidenceLink:
			what.Href = x.Link
			if title := x.Title.In(langOf(ctx)); title != "" {
				what.Text = title
			}
		}
		if x.Key != "" {
			now = i18n.T(ctx, x.Key)
		}
		table.Rows = append(table.Rows, ui.Row{Cells: []ui.Cell{
			what, {Text: t(ctx, "evidence."+string(x.Kind))}, {Text: now}, {Text: day(ctx, x.Day)}, {Text: x.Event.By.Name},
		}})
	}
	return part{Title: t(ctx, "evidence.title"), Table: table}, nil
}

func capital(s string) string {
	r := []rune(s)
	return strings.ToUpper(string(r[:1])) + string(r[1:])
}

// actPart is the form of an act; what is done seldom is folded.
func (p *Pages) actPart(ctx context.Context, u *programme.Looked, act programme.Act, sent web.Form) part {
	label := capital(i18n.T(ctx, "programme.act.name."+string(act)))
	way := "decide"
	switch {
	case programme.SideOf(act) == programme.OfAgency:
		way = "answer"
	case act == programme.Withdraw || act == programme.Restore || act == programme.Reopen:
		way = "manage"
	}
	mine := programme.Act(sent.Text("act")) == act
	value := func(field string) string {
		if mine {
			return sent.Text(name(act, field))
		}
		return ""
	}
	f := form{Action: Path + "/units/" + u.ID + "/" + way, Questions: []question{
		{asHidden, ui.Field{Name: "version", Value: strconv.Itoa(u.Version)}},
	}}
	ask := func(w manner, field ui.Field) {
		field.Label, field.Hint, field.Name = t(ctx, "act."+field.Name), t(ctx, "act."+field.Name+".hint"), name(act, field.Name)
		f.Questions = append(f.Questions, question{w, field})
	}
	switch act {
	case programme.Progress:
		percent := value("percent")
		if percent == "" {
			percent = strconv.Itoa(u.Percent)
		}
		ask(asText, ui.Field{Name: "percent", Value: percent, Suffix: "%", Width: 3, InputMode: "numeric"})
	case programme.AskTime:
		q := ui.Field{Name: "due"}
		if mine {
			q.Day, q.Month, q.Year = sent.DateParts(name(act, "due"))
		}
		ask(asDay, q)
	default:
	}
	if act == programme.Progress || act == programme.Report {
		f.Files = true
		ask(asText, ui.Field{Name: "figure", Value: value("figure")})
		ask(asText, ui.Field{Name: "link", Value: value("link")})
		ask(asFile, ui.Field{Name: "evidence", Accept: ".pdf,.docx,.xlsx,.jpg,.png"})
	}
	reason := ui.Field{Name: "reason", Value: value("reason"), Rows: 2}
	if !programme.NeedsReason(act) {
		reason.Optional = true
	}
	if act != programme.Start && act != programme.Resume {
		ask(asLong, reason)
	}
	look := ui.Secondary
	if act == programme.Withdraw {
		look = ui.Warning
	}
	f.Buttons = []ui.Action{{Label: label, Look: look, Name: "act", Value: string(act)}}
	open := mine || act == programme.Accept || act == programme.Grant || act == programme.Start
	return part{Title: label, Fold: !open, Form: f}
}

// name is what a field is called in the form of an act: a page has several of them.
func name(act programme.Act, field string) string { return string(act) + "-" + field }

// act does something to a unit task. By which address it came, the table was asked.
func (p *Pages) act(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	sent, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	id := r.PathValue("unit")
	c := programme.Change{Act: programme.Act(sent.Text("act"))}
	c.Reason = sent.Text(name(c.Act, "reason"))
	err = p.fill(ctx, sent, &c)
	if err == nil {
		version, _, _ := sent.Int("version")
		_, err = p.Service.Act(ctx, who(ctx), id, version, c)
	}
	if err != nil {
		if web.FormErrors(err) == nil {
			return err
		}
		v, lookErr := p.unitView(r, sent)
		if lookErr != nil {
			return lookErr
		}
		list := web.FormErrors(err)
		for _, field := range []string{"reason", "percent", "due", "figure", "link", "evidence"} {
			list = list.Moved(field, name(c.Act, field))
		}
		return again(w, r, &v, list)
	}
	return web.RedirectWith(w, r, Path+"/units/"+id, "prog.act.done", fault.Args{"act": string(c.Act)})
}

// fill reads what an act brings with it.
func (p *Pages) fill(ctx context.Context, sent web.Form, c *programme.Change) error {
	var wrong fault.List
	take := func(err error) {
		if err != nil {
			wrong = append(wrong, web.FormErrors(err)...)
		}
	}
	var err error
	if c.Percent, _, err = sent.Int(name(c.Act, "percent")); err != nil {
		take(err)
	}
	if c.Due, err = sent.Date(name(c.Act, "due")); err != nil {
		take(err)
	}
	if figure := sent.Text(name(c.Act, "figure")); figure != "" {
		c.Evidence = append(c.Evidence, programme.Evidence{Kind: programme.EvidenceFigure, Text: figure})
	}
	if to := sent.Text(name(c.Act, "link")); to != "" {
		c.Evidence = append(c.Evidence, programme.Evidence{Kind: programme.EvidenceLink, Text: to, Link: to})
	}
	for _, h := range sent.Files(name(c.Act, "evidence")) {
		f, err := h.Open()
		if err != nil {
			return err
		}
		e, err := p.Keep(ctx, h.Filename, f, h.Size)
		_ = f.Close()
		if err != nil {
			if fault.As(err) == nil {
				return err
			}
			wrong = append(wrong, fault.As(err).At("evidence"))
			continue
		}
		c.Evidence = append(c.Evidence, e)
	}
	return wrong.Err()
}

// evidence gives a file that shows a progress to who may see the unit task.
func (p *Pages) evidence(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	u, err := p.Service.UnitTask(ctx, who(ctx), r.PathValue("unit"))
	if err != nil {
		return err
	}
	for _, e := range u.Events {
		i := slices.IndexFunc(e.Evidence, func(x programme.Evidence) bool { return x.Hash != "" && x.Hash == r.PathValue("hash") })
		if i < 0 {
			continue
		}
		f, err := p.Show(ctx, e.Evidence[i])
		if err != nil {
			return err
		}
		defer f.Close()
		return web.SendPaper(w, f, e.Evidence[i].Media, e.Evidence[i].Name)
	}
	return fault.New(fault.NotFound, "programme.unknown", nil)
}
