package programmeweb

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/programme"
)

// registers lists the registers, with how many rows one may see in each.
func (p *Pages) registers(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	say := i18n.From(ctx)
	v := p.page(r, t(ctx, "registers.title"))
	table := ui.Table{
		ID: "registers", Caption: t(ctx, "registers.title"), Quiet: true, Stack: true, Columns: columns(ctx, "row.", "register", "about", "#rows", "#late"),
	}
	for i := range p.Service.Kinds {
		k := &p.Service.Kinds[i]
		rows, err := p.Service.Records(ctx, who(ctx), k.Code, programme.RecordFilter{})
		if err != nil {
			return err
		}
		late := 0
		for j := range rows {
			if rows[j].Overdue(k, p.Service.Today()) {
				late++
			}
		}
		table.Rows = append(table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: k.Name.In(langOf(ctx)), Href: Path + "/registers/" + k.Code},
			{Text: k.About.In(langOf(ctx))},
			{Text: say.Int(int64(len(rows)))},
			{Text: say.Int(int64(late))},
		}})
	}
	v.Parts = append(v.Parts, part{Table: &table})
	return show(w, r, &v)
}

func (p *Pages) kind(r *http.Request) (*programme.Kind, error) {
	k, ok := p.Service.Kinds.Kind(r.PathValue("kind"))
	if !ok {
		return nil, fault.New(fault.NotFound, "programme.unknown", nil)
	}
	return k, nil
}

// register is the rows of one.
func (p *Pages) register(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	k, err := p.kind(r)
	if err != nil {
		return err
	}
	lang, say := langOf(ctx), i18n.From(ctx)
	v := p.page(r, k.Name.In(lang), ui.Link{Label: t(ctx, "registers.title"), Href: Path + "/registers"})
	v.About = k.About.In(lang)
	n := p.narrow(r)
	states := []ui.Option{{Label: t(ctx, "any")}}
	for _, s := range k.States {
		states = append(states, ui.Option{Value: s.Code, Label: s.Name.In(lang)})
	}
	f := programme.RecordFilter{State: n.choose("state", t(ctx, "row.state"), states)}
	if may(ctx, programme.Read) {
		all, err := p.Service.Records(ctx, who(ctx), k.Code, programme.RecordFilter{})
		if err != nil {
			return err
		}
		f.Owner = n.choose("owner", k.Owner.In(lang), p.ownersOf(ctx, all))
		f.Agency = n.hidden("agency", t(ctx, "unit.agency"), p.known)
	}
	f.Fields = map[string]string{}
	for _, field := range k.Fields {
		name := "f-" + field.Key
		switch field.Type {
		case programme.ChoiceField, programme.YesNoField:
			q := p.ask(ctx, field, "")
			q.Options[0].Label = t(ctx, "any")
			f.Fields[field.Key] = n.choose(name, q.Label, q.Options)
		case programme.AgencyField, programme.PlacesField:
			f.Fields[field.Key] = n.hidden(name, field.Name.In(lang), p.known)
		default:
		}
	}
	f.Late = n.choose("late", t(ctx, "row.late"), []ui.Option{{Label: t(ctx, "any")}, {Value: "yes", Label: t(ctx, "row.late.yes")}}) == "yes"
	f.Text = n.text("q", t(ctx, "row.search"))
	if n.wrong != nil {
		return n.again(w, r, &v)
	}
	rows, err := p.Service.Records(ctx, who(ctx), k.Code, f)
	if err != nil {
		return err
	}
	table := ui.Table{ID: "rows", Caption: k.Name.In(lang), Quiet: true, Stack: true, Empty: ui.Empty(t(ctx, "row.none"), ui.Link{})}
	table.Columns = []ui.Column{{Label: k.One.In(lang)}, {Label: k.Owner.In(lang)}}
	for _, field := range k.Fields {
		if field.List {
			table.Columns = append(table.Columns, ui.Column{Label: field.Name.In(lang), Numeric: field.Type == programme.NumberField})
		}
	}
	table.Columns = append(table.Columns, ui.Column{Label: t(ctx, "row.state")})
	if k.Due.Vi != "" {
		table.Columns = append(table.Columns, ui.Column{Label: k.Due.In(lang)})
	}
	from, _ := strconv.Atoi(n.values.Get("from"))
	from = min(max(from, 0), len(rows))
	pages := ui.Pages{Count: len(rows)}
	shown := rows[from:]
	if len(shown) > listed {
		shown = shown[:listed]
		pages.Next = n.with("from", strconv.Itoa(from+listed))
	}
	if from > 0 {
		pages.Previous = n.with("from", strconv.Itoa(max(from-listed, 0)))
	}
	for i := range shown {
		table.Rows = append(table.Rows, ui.Row{Cells: p.rowCells(ctx, k, &shown[i])})
	}
	n.into(&v)
	if p.Service.MayWrite(ctx, who(ctx), k, programme.Record{Owner: who(ctx).Agency}) {
		v.Actions = []ui.Action{{Label: t(ctx, "row.new"), Href: Path + "/registers/" + k.Code + "/new", Look: ui.Secondary}}
	}
	book := p.bookPart(ctx, Path+"/registers/"+k.Code+"/excel", len(v.Actions) > 0)
	v.Parts = append(v.Parts, part{Chart: p.picture(ctx, k, rows)}, part{Table: &table, Pages: pages}, book)
	if k.Code == "need" {
		v.Parts = append(v.Parts, p.forecast(ctx, say))
	}
	return show(w, r, &v)
}

// ownersOf are the agencies that own some of the rows, also those that are no more.
func (p *Pages) ownersOf(ctx context.Context, rows []programme.Record) []ui.Option {
	var codes []string
	for i := range rows {
		if code := rows[i].Owner; code != "" && !slices.Contains(codes, code) {
			codes = append(codes, code)
		}
	}
	slices.Sort(codes)
	return choices(t(ctx, "any"), codes, p.Agency)
}

// forecast is what is missing by the norms.
func (p *Pages) forecast(ctx context.Context, say *i18n.Printer) part {
	out := part{Title: t(ctx, "forecast.title"), Text: t(ctx, "forecast.text")}
	list, err := p.Service.Forecast(ctx, who(ctx))
	if err != nil || len(list) == 0 {
		return part{}
	}
	need, _ := p.Service.Kinds.Kind("need")
	item, _ := need.Field("item")
	table := ui.Table{
		ID: "forecast", Caption: t(ctx, "forecast.title"), Quiet: true, Stack: true,
		Columns: columns(ctx, "forecast.", "item", "#needed", "#have", "#missing"),
	}
	for _, f := range list {
		c, _ := item.Choice(f.Item)
		table.Rows = append(table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: c.Name.In(langOf(ctx))}, {Text: say.Int(int64(f.Needed))}, {Text: say.Int(int64(f.Have))}, {Text: say.Int(int64(f.Missing))},
		}})
	}
	out.Table = &table
	return out
}

// stateTag is the state of a row: final ones are good, late ones bad.
func (p *Pages) stateTag(ctx context.Context, k *programme.Kind, r *programme.Record) templ.Component {
	s, _ := k.State(r.State)
	tone := ui.Neutral
	switch {
	case s.Final:
		tone = ui.Good
	case r.Overdue(k, p.Service.Today()):
		tone = ui.Bad
	}
	return ui.Tag(tone, s.Name.In(langOf(ctx)))
}

func (p *Pages) rowCells(ctx context.Context, k *programme.Kind, r *programme.Record) []ui.Cell {
	title := r.Title
	cells := []ui.Cell{{Text: title, Href: Path + "/rows/" + r.ID}, {Text: p.named(r.Owner)}}
	for _, f := range k.Fields {
		if f.List {
			text := p.value(ctx, f, r.Fields[f.Key])
			if list := strings.Split(r.Fields[f.Key], ","); f.Type == programme.PlacesField && len(list) > mostPlaces+1 {
				text = t(ctx, "row.places", map[string]any{"some": p.names(list[:mostPlaces]), "n": len(list) - mostPlaces})
			}
			cells = append(cells, ui.Cell{Text: text})
		}
	}
	cells = append(cells, ui.Cell{Body: p.stateTag(ctx, k, r)})
	if k.Due.Vi != "" {
		text := ""
		if !r.Due.IsZero() {
			text = day(ctx, r.Due)
		}
		cells = append(cells, ui.Cell{Text: text})
	}
	return cells
}

// mostPlaces is how many places a line of a list names; the row's page names all.
const mostPlaces = 2

// value writes what stands in a field.
func (p *Pages) value(ctx context.Context, f programme.Field, value string) string {
	if value == "" {
		return ""
	}
	switch f.Type {
	case programme.ChoiceField:
		c, _ := f.Choice(value)
		return c.Name.In(langOf(ctx))
	case programme.YesNoField:
		return t(ctx, "yes_no."+value)
	case programme.AgencyField:
		return p.Agency(value)
	case programme.PlacesField:
		var names []string
		for code := range strings.SplitSeq(value, ",") {
			names = append(names, p.Agency(code))
		}
		return strings.Join(names, "; ")
	case programme.NumberField:
		if n, err := strconv.Atoi(value); err == nil {
			return i18n.From(ctx).Int(int64(n))
		}
	case programme.DayField:
		if d, err := clock.ParseDate(value); err == nil {
			return day(ctx, d)
		}
	case programme.MonthField:
		return value[5:] + "/" + value[:4]
	case programme.TextField, programme.LongField:
	}
	return value
}

// inRegister is where one is at a row.
func inRegister(ctx context.Context, k *programme.Kind) []ui.Link {
	return []ui.Link{
		{Label: t(ctx, "registers.title"), Href: Path + "/registers"}, {Label: k.Name.In(langOf(ctx)), Href: Path + "/registers/" + k.Code},
	}
}

// record is a row with all that is known of it, and what it was.
func (p *Pages) record(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	rec, k, err := p.Service.Record(ctx, who(ctx), r.PathValue("row"))
	if err != nil {
		return err
	}
	lang := langOf(ctx)
	v := p.page(r, rec.Title, inRegister(ctx, k)...)
	v.Lead = k.One.In(lang)
	if rec.Example {
		v.Lead += " · " + t(ctx, "example")
	}
	facts := p.recordFacts(ctx, k, &rec)
	facts[0].Body = p.stateTag(ctx, k, &rec)
	history, err := p.Service.Versions(ctx, who(ctx), programme.RecordDoc, rec.ID)
	if err != nil {
		return err
	}
	if p.Service.MayWrite(ctx, who(ctx), k, rec) {
		v.Actions = []ui.Action{{Label: t(ctx, "row.edit"), Href: Path + "/rows/" + rec.ID + "/edit", Look: ui.Secondary}}
	}
	v.Parts = append(v.Parts, part{Facts: facts}, p.versions(ctx, history, p.factsOf(ctx, nil)))
	return show(w, r, &v)
}

// recordFacts is what is known of a row, in words: its state first.
func (p *Pages) recordFacts(ctx context.Context, k *programme.Kind, rec *programme.Record) []ui.Fact {
	lang := langOf(ctx)
	state, _ := k.State(rec.State)
	out := []ui.Fact{
		{Key: t(ctx, "row.state"), Value: state.Name.In(lang)},
		{Key: t(ctx, "row.since"), Value: day(ctx, rec.Since)},
		{Key: k.Owner.In(lang), Value: p.named(rec.Owner)},
	}
	if k.Due.Vi != "" && !rec.Due.IsZero() {
		out = append(out, ui.Fact{Key: k.Due.In(lang), Value: day(ctx, rec.Due)})
	}
	for _, f := range k.Fields {
		out = append(out, ui.Fact{Key: f.Name.In(lang), Value: p.value(ctx, f, rec.Fields[f.Key])})
	}
	if rec.Note != "" {
		out = append(out, ui.Fact{Key: t(ctx, "row.note"), Value: rec.Note})
	}
	return out
}

// rowOf is the row of the address; a new one when it names none.
func (p *Pages) rowOf(r *http.Request) (programme.Record, *programme.Kind, error) {
	ctx := r.Context()
	if id := r.PathValue("row"); id != "" {
		return p.Service.Record(ctx, who(ctx), id)
	}
	k, err := p.kind(r)
	if err != nil {
		return programme.Record{}, nil, err
	}
	return programme.Record{Kind: k.Code, Owner: who(ctx).Agency, Since: p.Service.Today(), State: k.States[0].Code, Fields: map[string]string{}}, k, nil
}

func (p *Pages) recordForm(w http.ResponseWriter, r *http.Request) error {
	rec, k, err := p.rowOf(r)
	if err != nil {
		return err
	}
	if !p.Service.MayWrite(r.Context(), who(r.Context()), k, rec) {
		return fault.New(fault.Denied, "programme.denied.write", nil)
	}
	v := p.recordView(r, &rec, k, web.Form{})
	return show(w, r, &v)
}

func (p *Pages) recordView(r *http.Request, rec *programme.Record, k *programme.Kind, sent web.Form) view {
	ctx := r.Context()
	lang := langOf(ctx)
	title := k.One.In(lang) + ": " + t(ctx, "row.new")
	if rec.ID != "" {
		title = t(ctx, "row.edit") + ": " + rec.Title
	}
	crumbs := inRegister(ctx, k)
	if rec.ID != "" {
		crumbs = append(crumbs, ui.Link{Label: t(ctx, "row.back"), Href: Path + "/rows/" + rec.ID})
	}
	v := p.page(r, title, crumbs...)
	var states []ui.Option
	for _, s := range k.States {
		states = append(states, ui.Option{Value: s.Code, Label: s.Name.In(lang)})
	}
	questions := []question{
		{asHidden, ui.Field{Name: "version", Value: strconv.Itoa(rec.Version)}},
		{asLong, ui.Field{Name: "title", Label: k.One.In(lang), Value: rec.Title, Rows: 2}},
	}
	if may(ctx, programme.Write) {
		questions = append(questions, question{asText, ui.Field{
			Name: "owner", Label: k.Owner.In(lang), Hint: t(ctx, "row.code.hint"), Value: rec.Owner, Width: 20, Optional: true,
		}})
	}
	for _, f := range k.Fields {
		questions = append(questions, p.ask(ctx, f, rec.Fields[f.Key]))
	}
	questions = append(questions, question{asSelect, ui.Field{Name: "state", Label: t(ctx, "row.state"), Value: rec.State, Options: states}})
	since := dateField("since", rec.Since, sent)
	since.Label, since.Hint = t(ctx, "row.since"), t(ctx, "row.since.hint")
	questions = append(questions, question{asDay, since})
	if k.Due.Vi != "" {
		due := dateField("due", rec.Due, sent)
		due.Label, due.Optional = k.Due.In(lang), true
		questions = append(questions, question{asDay, due})
	}
	questions = append(questions, question{asLong, ui.Field{Name: "note", Label: t(ctx, "row.note"), Value: rec.Note, Rows: 2, Optional: true}})
	if rec.ID != "" {
		mistake := ui.Option{Value: "yes", Label: t(ctx, "row.gone.yes"), Hint: t(ctx, "row.gone.hint")}
		gone := ui.Field{Name: "gone", Label: t(ctx, "row.gone"), Options: []ui.Option{mistake}, Values: []string{}}
		if rec.Gone {
			gone.Values = []string{"yes"}
		}
		questions = append(questions, question{asTicks, gone})
	}
	v.Parts = []part{{Form: form{Action: r.URL.Path, Questions: questions, Buttons: []ui.Action{{Label: t(ctx, "save")}}}}}
	return v
}

// ask makes the question of a field. Its name begins with "f-" so that no field of a
// register is taken for one of every row.
func (p *Pages) ask(ctx context.Context, f programme.Field, value string) question {
	q := question{asText, ui.Field{Name: "f-" + f.Key, Label: f.Name.In(langOf(ctx)), Value: value, Optional: !f.Required}}
	switch f.Type {
	case programme.LongField:
		q.Kind, q.Rows = asLong, 3
	case programme.ChoiceField:
		q.Kind, q.Options = asSelect, []ui.Option{{Label: t(ctx, "choose")}}
		for _, c := range f.Choices {
			q.Options = append(q.Options, ui.Option{Value: c.Code, Label: c.Name.In(langOf(ctx))})
		}
	case programme.YesNoField:
		q.Kind, q.Options = asSelect, choices(t(ctx, "choose"), []string{"yes", "no"}, func(c string) string { return t(ctx, "yes_no."+c) })
	case programme.AgencyField, programme.PlacesField:
		q.Hint = t(ctx, "row.code.hint")
	case programme.DayField:
		q.Hint, q.Width = t(ctx, "row.day.hint"), 10
	case programme.MonthField:
		q.Hint, q.Width = t(ctx, "row.month.hint"), 10
	case programme.NumberField:
		q.InputMode, q.Width = "numeric", 10
	case programme.TextField:
	}
	return q
}

func (p *Pages) recordSave(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	sent, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	rec, k, err := p.rowOf(r)
	if err != nil {
		return err
	}
	rec.Version, _, _ = sent.Int("version")
	rec.Title, rec.State, rec.Note, rec.Gone = sent.Text("title"), sent.Text("state"), sent.Text("note"), sent.Text("gone") == "yes"
	if may(ctx, programme.Write) {
		rec.Owner = strings.ToUpper(sent.Text("owner"))
	}
	rec.Fields = map[string]string{}
	for _, f := range k.Fields {
		value := sent.Text("f-" + f.Key)
		if f.Type == programme.AgencyField || f.Type == programme.PlacesField {
			value = strings.Join(codes(value), ",")
		}
		rec.Fields[f.Key] = value
	}
	var wrong fault.List
	if rec.Since, err = sent.Date("since"); err != nil {
		wrong = append(wrong, web.FormErrors(err)...)
	}
	if rec.Due, err = sent.Date("due"); err != nil {
		wrong = append(wrong, web.FormErrors(err)...)
	}
	typed := rec
	err = wrong.Err()
	if err == nil {
		rec, err = p.Service.SaveRecord(ctx, who(ctx), rec)
	}
	if err != nil {
		typed.Version, err = p.moved(ctx, err, programme.RecordDoc, typed.ID, typed.Version, p.factsOf(ctx, nil))
		v := p.recordView(r, &typed, k, sent)
		if list := web.FormErrors(err); list != nil {
			for _, f := range k.Fields {
				list = list.Moved(f.Key, "f-"+f.Key)
			}
			err = list
		}
		return again(w, r, &v, err)
	}
	return web.RedirectWith(w, r, Path+"/rows/"+rec.ID, "prog.saved", nil)
}
