package programmeweb

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/programme"
)

// home is the leader's page, or what an agency owes today.
func (p *Pages) home(w http.ResponseWriter, r *http.Request) error {
	if !may(r.Context(), programme.Read) {
		return p.owed(w, r, who(r.Context()).Agency)
	}
	return p.board(w, r)
}

// doneKey is the figure with which the leader's page begins.
const doneKey = "tasks.central.done"

// besides are the figures below it.
var besides = []string{
	"tasks.local.general_done", "tasks.local.specific_done", "services.essential_online", "connections.ministries", "connections.localities",
	"law.household_book_documents", "inspections.localities_secure", "databases.unconnected",
}

func (p *Pages) board(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	known, err := dayAsked(r, "as_of")
	if err != nil {
		return err
	}
	on := known
	if on.IsZero() {
		on = p.Service.Today()
	}
	say := i18n.From(ctx)
	v := p.page(r, t(ctx, "board.title"))
	v.Filter.Action = Path
	v.Strip = &ui.Strip{Subject: t(ctx, "board.subject"), Known: known, True: known, Change: t(ctx, "strip.change")}
	v.Days = []question{{asText, ui.Field{
		Name: "as_of", Label: t(ctx, "strip.known"), Hint: t(ctx, "strip.hint"), Value: typed(known), Width: 10, InputMode: "numeric",
	}}}
	main, _, err := p.Service.Behind(ctx, who(ctx), doneKey, on, say)
	if err != nil {
		return err
	}
	if n, ok := main.Value.(int); ok && main.Of != nil {
		v.Sentence = t(ctx, "board.sentence", map[string]any{"done": n, "of": *main.Of})
	}
	v.Proof = ui.Link{Label: t(ctx, "board.proof"), Href: figurePath(doneKey, on)}
	v.About = main.Note
	for _, key := range besides {
		f, _, err := p.Service.Behind(ctx, who(ctx), key, on, say)
		if err != nil {
			return err
		}
		v.Figures = append(v.Figures, ui.Figure{Label: f.Name.In(langOf(ctx)), Value: SayValue(say, &f), Href: figurePath(key, on)})
	}
	answer, err := p.Service.RollUp(ctx, who(ctx), programme.Question{By: programme.ByLevel, Known: known})
	if err != nil {
		return err
	}
	v.Parts = append(v.Parts, part{
		Title: t(ctx, "board.stands"), Text: t(ctx, "board.stands.text", map[string]any{
			"all": answer.Total.All(), "overdue": answer.Total.Overdue, "blocked": answer.Total.Blocked, "at_risk": answer.Total.AtRisk,
			"waiting": answer.Total.Waiting,
		}),
		Table: p.countTable(ctx, "levels", t(ctx, "rollup.by.level"), answer, programme.ByLevel, known.IsZero()),
		Links: []ui.Link{
			{Label: t(ctx, "board.overdue"), Href: Path + "/units?standing=overdue"},
			{Label: t(ctx, "board.waiting"), Href: Path + "/units?standing=waiting"},
			{Label: t(ctx, "board.rules"), Href: Path + "/roll-up#rules"},
		},
	})
	late, err := p.late(ctx, on)
	if err != nil {
		return err
	}
	v.Parts = append(v.Parts, late, part{Title: t(ctx, "board.letter"), Text: t(ctx, "board.letter.text"), Links: []ui.Link{
		{Label: t(ctx, "board.letter.docx"), Href: Path + "/letter/docx" + asOf(known)},
		{Label: t(ctx, "board.letter.pdf"), Href: Path + "/letter/pdf" + asOf(known)},
	}})
	return show(w, r, &v)
}

// late is the rows of registers that are owed after their day.
func (p *Pages) late(ctx context.Context, on clock.Date) (part, error) {
	out := part{Title: t(ctx, "board.late"), Table: &ui.Table{
		ID: "late", Caption: t(ctx, "board.late"), Quiet: true, Stack: true, Columns: columns(ctx, "row.", "register", "#late"),
		Empty: ui.Empty(t(ctx, "board.late.none"), ui.Link{}),
	}}
	for i := range p.Service.Kinds {
		k := &p.Service.Kinds[i]
		rows, err := p.Service.Records(ctx, who(ctx), k.Code, programme.RecordFilter{Late: true, Known: on})
		if err != nil {
			return out, err
		}
		if len(rows) > 0 {
			out.Table.Rows = append(out.Table.Rows, ui.Row{Cells: []ui.Cell{
				{Text: k.Name.In(langOf(ctx)), Href: Path + "/registers/" + k.Code + "?late=yes"}, {Text: i18n.From(ctx).Int(int64(len(rows)))},
			}})
		}
	}
	return out, nil
}

// typed writes a day as people type it, in either language: it is read again.
func typed(d clock.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.Start().Format("02/01/2006")
}

func asOf(d clock.Date) string {
	if d.IsZero() {
		return ""
	}
	return "?as_of=" + d.String()
}

func figurePath(key string, on clock.Date) string {
	return Path + "/figures/" + key + "?as_of=" + on.String()
}

// countColumns are the standings that a roll-up shows.
var countColumns = []programme.Standing{
	programme.StandOverdue, programme.StandBlocked, programme.StandAtRisk, programme.StandWaiting, programme.StandOnTrack, programme.StandDone,
}

// countHead is a table of counts by standing, without its rows.
func (p *Pages) countHead(ctx context.Context, id, caption, first string) *ui.Table {
	out := &ui.Table{ID: id, Caption: caption, Quiet: true, Dense: true, Stack: true, Empty: ui.Empty(t(ctx, "rollup.none"), ui.Link{})}
	out.Columns = append(out.Columns, ui.Column{Label: first}, ui.Column{Label: t(ctx, "rollup.all"), Numeric: true})
	for _, s := range countColumns {
		out.Columns = append(out.Columns, ui.Column{Label: standing(ctx, s), Numeric: true})
	}
	return out
}

// count is how many stand so; what was done late is done.
func count(c programme.Count, s programme.Standing) int {
	if s == programme.StandDone {
		return c.Done
	}
	return c.Of(s)
}

// countCells are a line of such a table. With what narrows the list of unit tasks, counts open
// it.
func countCells(say *i18n.Printer, name, href, narrow string, c programme.Count) []ui.Cell {
	cells := []ui.Cell{{Text: name, Href: href}, {Text: say.Int(int64(c.All()))}}
	for _, s := range countColumns {
		n := count(c, s)
		cell := ui.Cell{Text: say.Int(int64(n))}
		if n > 0 && narrow != "" && s != programme.StandDone {
			cell.Href = Path + "/units?standing=" + string(s) + "&" + narrow
		}
		cells = append(cells, cell)
	}
	return cells
}

// countTable shows a roll-up. Counts of today open the unit tasks behind them.
func (p *Pages) countTable(ctx context.Context, id, caption string, a programme.Answer, by programme.By, opens bool) *ui.Table {
	say, out := i18n.From(ctx), p.countHead(ctx, id, caption, t(ctx, "rollup.by."+string(by)))
	for _, x := range a.Parts {
		name, narrow, href := p.partName(ctx, by, x.Key, a.Book), "", ""
		if x.Key != "" {
			switch by {
			case programme.ByLevel:
				narrow = "level=" + x.Key
			case programme.ByAgency:
				narrow, href = "origin="+x.Key, Path+"/agencies/"+x.Key
			case programme.ByMonth:
				narrow = "month=" + x.Key
			case programme.ByTask:
				narrow, href = "task="+x.Key, Path+"/tasks/"+x.Key
			case programme.ByGroup, programme.ByLead:
			}
		}
		if !opens {
			narrow = ""
		}
		out.Rows = append(out.Rows, ui.Row{Cells: countCells(say, name, href, narrow, x.Count)})
	}
	if len(a.Parts) > 1 {
		out.Rows = append(out.Rows, ui.Row{Class: "app-total", Cells: countCells(say, t(ctx, "rollup.total"), "", "", a.Total)})
	}
	return out
}

func (p *Pages) partName(ctx context.Context, by programme.By, key string, b *programme.Book) string {
	if key == "" {
		return t(ctx, "rollup.nowhere")
	}
	switch by {
	case programme.ByLevel:
		return t(ctx, "level."+key)
	case programme.ByGroup:
		return t(ctx, "group."+key)
	case programme.ByAgency, programme.ByLead:
		return p.Agency(key)
	case programme.ByMonth:
		return key[5:] + "/" + key[:4]
	case programme.ByTask:
		if task, ok := b.Task(key); ok {
			return task.Code + " " + task.Title
		}
	}
	return key
}

// rollUp is the unit tasks of the whole country, parted as one asks, in the geography of any
// day and as known on any.
func (p *Pages) rollUp(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	known, err := dayAsked(r, "as_of")
	if err != nil {
		return err
	}
	geography, err := dayAsked(r, "geography")
	if err != nil {
		return err
	}
	v := p.page(r, t(ctx, "rollup.title"))
	n := p.narrow(r)
	by := programme.By(cmp.Or(n.values.Get("by"), string(programme.ByAgency)))
	if !slices.Contains(programme.Bys, by) {
		n.refuse("by", t(ctx, "rollup.by"))
	}
	n.fields = append(n.fields, question{asSelect, ui.Field{
		Name: "by", Label: t(ctx, "rollup.by"), Value: string(by), Errors: n.wrong,
		Options: choices("", texts(programme.Bys), func(c string) string { return t(ctx, "rollup.by."+c) })[1:],
	}})
	narrow := programme.Narrow{
		Level: programme.Level(n.choose("level", t(ctx, "task.level"), p.levels(ctx))), Group: n.choose("group", t(ctx, "task.group"), p.groups(ctx)),
		Scope: programme.Scope(n.choose("scope", t(ctx, "task.scope"), p.scopes(ctx))),
	}
	n.fields = append(n.fields, question{asText, ui.Field{
		Name: "as_of", Label: t(ctx, "strip.known"), Hint: t(ctx, "strip.hint"), Value: typed(known), Width: 10,
	}}, question{asText, ui.Field{
		Name: "geography", Label: t(ctx, "strip.geography"), Hint: t(ctx, "strip.geography.hint"), Value: typed(geography), Width: 10,
	}})
	if n.wrong != nil {
		return n.again(w, r, &v)
	}
	answer, err := p.Service.RollUp(ctx, who(ctx), programme.Question{By: by, Narrow: narrow, Known: known, Geography: geography})
	if err != nil {
		return err
	}
	n.into(&v)
	v.About = t(ctx, "rollup.about", map[string]any{"day": answer.Day, "geography": answer.Geography.Day})
	v.Parts = append(v.Parts,
		part{Table: p.countTable(ctx, "rollup", t(ctx, "rollup.title"), answer, by, known.IsZero() && geography.IsZero())},
		part{ID: "rules", Title: t(ctx, "rules.title"), Text: t(ctx, "rules.text", map[string]any{"days": programme.RiskDays})},
	)
	return show(w, r, &v)
}

func (p *Pages) levels(ctx context.Context) []ui.Option {
	return choices(t(ctx, "any"), texts(programme.Levels), func(c string) string { return t(ctx, "level."+c) })
}

func (p *Pages) groups(ctx context.Context) []ui.Option {
	return choices(t(ctx, "any"), programme.Groups, func(c string) string { return t(ctx, "group."+c) })
}

func (p *Pages) scopes(ctx context.Context) []ui.Option {
	return choices(t(ctx, "any"), texts(programme.Scopes), func(c string) string { return t(ctx, "scope."+c) })
}

// letter gives the monthly letter to the Government.
func (p *Pages) letter(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	on, err := p.asOf(r)
	if err != nil {
		return err
	}
	format := r.PathValue("format")
	content, err := p.Letter(ctx, who(ctx), on, format, i18n.From(ctx))
	if err != nil {
		return err
	}
	return file(w, "de-an-06-"+on.String()+"."+format, content)
}

var types = map[string]string{
	"docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "pdf": "application/pdf",
	"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

// file sends what a person takes away.
func file(w http.ResponseWriter, name string, content []byte) error {
	h := w.Header()
	h.Set("Content-Type", types[name[strings.LastIndexByte(name, '.')+1:]])
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	h.Set("Content-Length", strconv.Itoa(len(content)))
	_, err := w.Write(content)
	return err
}
