package programmeweb

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/programme"
)

// asOf is the day of which somebody asks; today when they name none.
func (p *Pages) asOf(r *http.Request) (clock.Date, error) {
	on, err := dayAsked(r, "as_of")
	if on.IsZero() {
		on = p.Service.Today()
	}
	return on, err
}

// figures are those of a day, beside what was published.
func (p *Pages) figures(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	on, err := p.asOf(r)
	if err != nil {
		return err
	}
	say := i18n.From(ctx)
	list, err := p.Service.Figures(ctx, who(ctx), on, say)
	if err != nil {
		return err
	}
	v := p.page(r, t(ctx, "figures.title"))
	v.About = t(ctx, "figures.about", map[string]any{"day": on})
	n := p.narrow(r)
	n.fields = append(n.fields, question{asText, ui.Field{
		Name: "as_of", Label: t(ctx, "strip.known"), Hint: t(ctx, "strip.hint"), Value: typed(on), Width: 10,
	}})
	n.into(&v)
	table := ui.Table{
		ID: "figures", Caption: t(ctx, "figures.title"), Quiet: true, Stack: true,
		Columns: columns(ctx, "figures.", "name", "#value", "#published", "#rows", "note"),
	}
	for i := range list {
		f := &list[i]
		printed := "–"
		if f.Published != nil {
			printed = SayValue(say, f.AsPrinted())
		}
		table.Rows = append(table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: f.Name.In(langOf(ctx)), Href: figurePath(f.Key, on)}, {Text: SayValue(say, f)}, {Text: printed}, {Text: say.Int(int64(f.Rows))}, {Text: f.Note},
		}})
	}
	days := part{Title: t(ctx, "figures.days")}
	for _, d := range p.Service.PublishedDays() {
		days.Links = append(days.Links, ui.Link{Label: say.Date(d), Href: Path + "/figures?as_of=" + d.String()})
	}
	v.Parts = append(v.Parts, part{Table: &table}, days)
	return show(w, r, &v)
}

// figure is the rows behind one.
func (p *Pages) figure(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	on, err := p.asOf(r)
	if err != nil {
		return err
	}
	say := i18n.From(ctx)
	f, rows, err := p.Service.Behind(ctx, who(ctx), r.PathValue("key"), on, say)
	if err != nil {
		return err
	}
	v := p.page(r, f.Name.In(langOf(ctx)), ui.Link{Label: t(ctx, "figures.title"), Href: Path + "/figures?as_of=" + on.String()})
	v.Lead = t(ctx, "figures.known", map[string]any{"day": on})
	v.Sentence = SayValue(say, &f)
	v.About = f.Note
	d, err := p.Service.Definition(f.Key)
	if err != nil {
		return err
	}
	rest, err := p.Service.Beyond(ctx, who(ctx), f.Key, on)
	if err != nil {
		return err
	}
	behind := p.rowTable(ctx, "rows", d, on, rows)
	behind.Caption, behind.Empty = t(ctx, "figures.behind"), ui.Empty(t(ctx, "figures.no_rows"), ui.Link{})
	v.Parts = append(v.Parts, part{Table: &behind})
	if len(rest) > 0 && f.Value != nil {
		beyond := p.rowTable(ctx, "beyond", d, on, rest)
		beyond.Caption = t(ctx, "figures.beyond", map[string]any{"n": len(rest)})
		v.Parts = append(v.Parts, part{Table: &beyond})
	}
	return show(w, r, &v)
}

// rowTable is rows behind a figure, each with what the figure takes of it.
func (p *Pages) rowTable(ctx context.Context, id string, d *programme.Definition, on clock.Date, rows []programme.Row) ui.Table {
	say := i18n.From(ctx)
	out := ui.Table{ID: id, Stack: true, Columns: columns(ctx, "row.", "title", "owner", "state", "#n", "made")}
	taken := p.takenField(ctx, d)
	switch {
	case taken.Key == "": // rows are counted, or their owners
	case taken.Type == programme.NumberField:
		out.Columns[3].Label = taken.Name.In(langOf(ctx))
	default:
		out.Columns[3] = ui.Column{Label: taken.Name.In(langOf(ctx))}
	}
	for i := range rows {
		row := &rows[i]
		owner, made, n := "", "", say.Int(int64(row.N))
		if row.Owner != "" && row.Kind != programme.FromReadiness { // of that the title is the agency
			owner = p.Service.NameOn(row.Owner, on)
		}
		if row.Example {
			made = t(ctx, "example")
		}
		if taken.Key != "" {
			n = p.value(ctx, taken, row.Takes)
		}
		out.Rows = append(out.Rows, ui.Row{Cells: []ui.Cell{
			{Text: row.Title, Href: rowPath(row)}, {Text: owner}, {Text: SayState(say, p.Service.Kinds, row)}, {Text: n}, {Text: made},
		}})
	}
	return out
}

// takenField is the field of which a figure takes what stands there; none when it counts
// rows or owners, which stand beside each row anyway.
func (p *Pages) takenField(ctx context.Context, d *programme.Definition) programme.Field {
	key := d.Measure.Field()
	if key == "" || key == "owner" {
		return programme.Field{}
	}
	if k, ok := p.Service.Kinds.Kind(d.From); ok {
		if f, ok := k.Field(key); ok {
			return f
		}
		return programme.Field{Key: key, Name: k.Due, Type: programme.DayField} // "due"
	}
	out := programme.Field{Key: key, Name: programme.Words{Vi: t(ctx, "task."+key), En: t(ctx, "task."+key)}, Type: programme.ChoiceField}
	for _, code := range programme.Groups {
		name := t(ctx, "group."+code)
		out.Choices = append(out.Choices, programme.Choice{Code: code, Name: programme.Words{Vi: name, En: name}})
	}
	return out
}

// rowPath is where a row behind a figure can be opened.
func rowPath(r *programme.Row) string {
	switch r.Kind {
	case programme.FromTasks:
		return Path + "/tasks/" + r.ID
	case programme.FromUnits:
		return Path + "/units?task=" + r.ID + "&origin=" + r.Owner
	case programme.FromDirectives:
		return Path + "/directives/" + r.ID
	case programme.FromReadiness:
		letter, agency, _ := strings.Cut(r.ID, "/")
		return "/board/" + letter + "/agency/" + agency
	}
	return Path + "/rows/" + r.ID
}

// SayState names the state of a row behind a figure.
func SayState(p *i18n.Printer, kinds programme.Kinds, r *programme.Row) string {
	switch r.Kind {
	case programme.FromTasks, programme.FromDirectives:
		return ""
	case programme.FromUnits:
		return p.T("programme.state." + r.State)
	case programme.FromReadiness:
		return p.T("prog.figures." + r.State)
	}
	k, ok := kinds.Kind(r.Kind)
	if !ok {
		return ""
	}
	found, _ := k.State(r.State)
	return found.Name.In(string(p.Lang))
}

// SayValue writes a figure in the manner of the language: "21/89", "more than 104", a day, a
// list.
func SayValue(p *i18n.Printer, f *programme.Figure) string {
	out := "–"
	switch v := f.Value.(type) {
	case []string:
		said := slices.Clone(v)
		for i, w := range f.Said {
			said[i] = w.In(string(p.Lang))
		}
		return strings.Join(said, ", ")
	case string:
		if d, err := clock.ParseDate(v); err == nil {
			return p.Date(d)
		}
		return v
	case int:
		out = p.Value(v)
		if f.Of != nil {
			out += "/" + p.Value(*f.Of)
		}
		if f.Approximate {
			out = p.T("prog.figures.how."+f.About, map[string]any{"value": out})
		}
	}
	return out
}
