package populationweb

import (
	"net/http"
	"strconv"

	"dean06/internal/citizen"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/population"
)

// searchView is the search box and what it found. What is typed is sent in the body:
// names of people stand in no address.
type searchView struct {
	ui.Page
	Text, Year, Commune string
	Sex                 string
	Narrowed            bool
	Asked               bool
	Sentence            string
	Understood          string
	More                bool
	Table               ui.Table
	Matter              string
}

func (p *Pages) search(w http.ResponseWriter, r *http.Request) error {
	m, ok, err := p.ask(w, r)
	if !ok {
		return err
	}
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	words := p.words(r.Context())
	v := searchView{
		Page: p.page(r, words.Printer.T("people.search.title")), Text: form.Text("q"), Year: form.Text("year"), Commune: form.Text("commune"),
		Sex: form.Text("sex"), Matter: words.matter(m),
	}
	v.Narrowed = v.Year != "" || v.Commune != "" || v.Sex != ""
	if v.Asked = v.Text != ""; !v.Asked {
		return web.Render(w, r, http.StatusOK, searchPage(v))
	}
	q := population.Query{Text: v.Text}
	if q.Year, _, err = form.Int("year"); err != nil {
		v.Errors = web.FormErrors(err)
		return web.Retry(w, r, err, searchPage(v))
	}
	if s, err := strconv.Atoi(v.Sex); err == nil && (s == int(citizen.Male) || s == int(citizen.Female)) {
		q.Sex = citizen.Sex(s)
	}
	if v.Commune != "" {
		if q.Commune, err = words.communeCode(v.Commune); err != nil {
			v.Errors = web.FormErrors(err)
			return web.Retry(w, r, err, searchPage(v))
		}
	}
	in := p.inquiry(r, m)
	in.Service = population.ServiceSearch
	found, err := p.Register.Search(r.Context(), in, q)
	if err != nil {
		if v.Errors = at(web.FormErrors(err), "q"); len(v.Errors) == 0 {
			return err
		}
		return web.Retry(w, r, err, searchPage(v))
	}
	v.show(words, found)
	return web.Render(w, r, http.StatusOK, searchPage(v))
}

func (v *searchView) show(w words, found population.Found) {
	v.More, v.Understood = found.More, w.understood(found.Understood)
	key := "people.search.found"
	switch {
	case found.More:
		key = "people.search.found.more"
	case len(found.People) == 0:
		key = "people.search.found.none"
	}
	v.Sentence = w.Printer.T(key, map[string]any{"n": len(found.People)})
	v.Table = ui.Table{ID: "found", Caption: v.Sentence, Quiet: true, Dense: true}
	for _, key := range []string{"name", "birth", "sex", "permanent", "number", "life"} {
		v.Table.Columns = append(v.Table.Columns, ui.Column{Label: sentence(w.Printer.T("people.field." + key))})
	}
	for _, h := range found.People {
		life := ui.Cell{Text: w.life(h.Life, 0)}
		if h.Life == population.Dead || h.Life == population.Missing {
			life = ui.Cell{Body: ui.Tag(ui.Neutral, w.life(h.Life, 0))}
		}
		v.Table.Rows = append(v.Table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: h.Name, Href: w.pages.address(h.Number)},
			{Text: w.day(h.Birth)},
			{Text: w.sex(h.Sex)},
			{Text: w.place(h.Permanent, h.Since)},
			{Text: h.Number.String()},
			life,
		}})
	}
}

// address is the page of somebody.
func (p *Pages) address(n citizen.Number) string { return peoplePath + "/person/" + p.handles.of(n) }

// understood says how a search was read.
func (w words) understood(u population.Understood) string {
	var parts string
	add := func(key, value string) {
		if value == "" {
			return
		}
		if parts != "" {
			parts += "; "
		}
		parts += w.Printer.T(key, map[string]any{"value": value})
	}
	add("people.search.as.name", u.Name)
	add("people.search.as.number", u.Number.String())
	add("people.search.as.old", u.OldNumber.String())
	add("people.search.as.birth", w.day(u.Birth))
	add("people.search.as.place", u.Place)
	return parts
}

// matter says what is being worked on.
func (w words) matter(m matter) string {
	if m.Dossier == "" {
		return w.Printer.T("people.desk.now", map[string]any{"purpose": w.purpose(m.Logged())})
	}
	return w.Printer.T("people.desk.now.dossier", map[string]any{"purpose": w.purpose(m.Logged()), "dossier": m.Dossier})
}

// withLabel completes a field whose texts the template knows.
func withLabel(f ui.Field, label, hint string) ui.Field {
	f.Label, f.Hint = label, hint
	return f
}

func sexOptions(p *i18n.Printer) []ui.Option {
	return []ui.Option{
		{Value: strconv.Itoa(int(citizen.Male)), Label: citizen.Codes().Sex.Name("1", string(p.Lang))},
		{Value: strconv.Itoa(int(citizen.Female)), Label: citizen.Codes().Sex.Name("2", string(p.Lang))},
	}
}

func dayField(f ui.Field, hint string) ui.Field {
	f.Width, f.InputMode = 10, "text"
	if f.Hint == "" {
		f.Hint = hint
	}
	return f
}

func numberField(f ui.Field) ui.Field {
	f.Width = 20
	return f
}
