package programmeweb

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/programme"
)

// directives lists them, the last first, with a form for one more.
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
		Columns: columns(ctx, "directive.", "number", "title", "issuer", "day", "#tasks"),
	}
	for i := len(b.Directives) - 1; i >= 0; i-- {
		o := &b.Directives[i]
		n := 0
		for j := range b.Tasks {
			if slices.Contains(b.Tasks[j].Directives, o.ID) {
				n++
			}
		}
		table.Rows = append(table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: o.Number, Href: Path + "/directives/" + o.ID},
			{Text: o.Title},
			{Text: o.Issuer},
			{Text: day(ctx, o.Day)},
			{Text: i18n.From(ctx).Int(int64(n))},
		}})
	}
	v.Parts = []part{{Table: &table}}
	if may(ctx, programme.Manage) {
		v.Parts = append(v.Parts, part{Title: t(ctx, "directive.new"), Form: p.directiveForm(ctx, Path+"/directives", &d, 0, sent)})
	}
	return v, nil
}

func (p *Pages) directiveForm(ctx context.Context, action string, d *programme.Directive, version int, sent web.Form) form {
	questions := []question{
		{asHidden, ui.Field{Name: "version", Value: strconv.Itoa(version)}},
		{asSelect, ui.Field{Name: "kind", Value: string(d.Kind), Options: choices(t(ctx, "choose"), texts(programme.DirectiveKinds), func(c string) string {
			return t(ctx, "directive.kind."+c)
		})}},
		{asText, ui.Field{Name: "number", Value: d.Number}},
		{asLong, ui.Field{Name: "title", Value: d.Title, Rows: 2}},
		{asText, ui.Field{Name: "issuer", Value: d.Issuer}},
		{asDay, dateField("day", d.Day, sent)},
	}
	for i := range questions[1:] {
		q := &questions[i+1]
		q.Label = t(ctx, "directive."+q.Name)
	}
	return form{Action: action, Questions: questions, Buttons: []ui.Action{{Label: t(ctx, "save"), Look: ui.Secondary}}}
}

// directiveOf is the directive of the address, with which version it is; a new one when it
// names none.
func (p *Pages) directiveOf(r *http.Request) (programme.Directive, int, error) {
	ctx, id := r.Context(), r.PathValue("directive")
	if id == "" {
		return programme.Directive{}, 0, nil
	}
	history, err := p.Service.Versions(ctx, who(ctx), programme.DirectiveDoc, id)
	if err != nil {
		return programme.Directive{}, 0, err
	}
	return *history[0].Directive, history[0].Version, nil
}

// directiveFacts is what a directive is, in words.
func (p *Pages) directiveFacts(ctx context.Context, d *programme.Directive) []ui.Fact {
	fact := func(key, value string) ui.Fact { return ui.Fact{Key: t(ctx, "directive."+key), Value: value} }
	return []ui.Fact{
		fact("kind", t(ctx, "directive.kind."+string(d.Kind))), fact("number", d.Number), fact("title", d.Title), fact("issuer", d.Issuer),
		fact("day", day(ctx, d.Day)),
	}
}

// directive is one of them: what it is, the tasks that it gave or pressed for, what it was.
func (p *Pages) directive(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	d, _, err := p.directiveOf(r)
	if err != nil {
		return err
	}
	list, b, err := p.Service.Tasks(ctx, who(ctx), programme.TaskFilter{Directive: d.ID})
	if err != nil {
		return err
	}
	history, err := p.Service.Versions(ctx, who(ctx), programme.DirectiveDoc, d.ID)
	if err != nil {
		return err
	}
	v := p.page(r, d.Title, ui.Link{Label: t(ctx, "directives.title"), Href: Path + "/directives"})
	if v.Lead = d.Number; d.Example {
		v.Lead += " · " + t(ctx, "example")
	}
	done := 0
	for _, task := range list {
		if b.Done(task.ID) {
			done++
		}
	}
	tasks := part{Title: t(ctx, "directive.tasks"), Text: t(ctx, "directive.tasks.text", map[string]any{"n": len(list), "done": done})}
	if len(list) > 0 {
		tasks.Links = []ui.Link{{Label: t(ctx, "directive.tasks.open"), Href: Path + "/tasks?directive=" + d.ID}}
	}
	if may(ctx, programme.Manage) {
		v.Actions = []ui.Action{{Label: t(ctx, "directive.edit"), Href: Path + "/directives/" + d.ID + "/edit", Look: ui.Secondary}}
	}
	v.Parts = []part{{Facts: p.directiveFacts(ctx, &d)}, tasks, p.versions(ctx, history, p.factsOf(ctx, b))}
	return show(w, r, &v)
}

func (p *Pages) directiveEdit(w http.ResponseWriter, r *http.Request) error {
	d, version, err := p.directiveOf(r)
	if err != nil {
		return err
	}
	v := p.directiveView(r, &d, version, web.Form{})
	return show(w, r, &v)
}

func (p *Pages) directiveView(r *http.Request, d *programme.Directive, version int, sent web.Form) view {
	ctx := r.Context()
	v := p.page(r, t(ctx, "directive.edit"), ui.Link{Label: t(ctx, "directives.title"), Href: Path + "/directives"},
		ui.Link{Label: d.Number, Href: Path + "/directives/" + d.ID})
	v.Parts = []part{{Form: p.directiveForm(ctx, r.URL.Path, d, version, sent)}}
	return v
}

func (p *Pages) directiveSave(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	sent, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	d, _, err := p.directiveOf(r)
	if err != nil {
		return err
	}
	version, _, _ := sent.Int("version")
	d.Kind, d.Number = programme.DirectiveKind(sent.Text("kind")), sent.Text("number")
	d.Title, d.Issuer = sent.Text("title"), sent.Text("issuer")
	saved := d
	if d.Day, err = sent.Date("day"); err == nil {
		saved, err = p.Service.SaveDirective(ctx, who(ctx), d, version)
	}
	switch {
	case err == nil:
		return web.RedirectWith(w, r, Path+"/directives/"+saved.ID, "prog.saved", nil)
	case d.ID == "":
		v, viewErr := p.directivesView(r, d, sent)
		if viewErr != nil {
			return viewErr
		}
		return again(w, r, &v, err)
	}
	version, err = p.moved(ctx, err, programme.DirectiveDoc, d.ID, version, func(o *programme.Doc) []ui.Fact { return p.directiveFacts(ctx, o.Directive) })
	v := p.directiveView(r, &d, version, sent)
	return again(w, r, &v, err)
}
