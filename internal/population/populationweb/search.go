package populationweb

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

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
	Lost                string // what was not understood
	Also                string // how else the text can be read
	Without             []string
	Card                *ui.Table
	CardNote            string
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
	if len(found.NotUnderstood) > 0 {
		v.Lost = "“" + strings.Join(found.NotUnderstood, "”, “") + "”"
	}
	var also []string
	for _, u := range found.Also {
		also = append(also, w.understood(u))
	}
	v.Also = strings.Join(also, " / ")
	for _, what := range found.Without {
		v.Without = append(v.Without, w.Printer.T("people.search.without."+what))
	}
	v.compare(w, found)
	key := "people.search.found"
	switch {
	case len(found.People) == 0 && found.More:
		key = "people.search.found.unread"
	case len(found.People) == 0:
		key = "people.search.found.none"
	case found.More:
		key = "people.search.found.more"
	}
	v.Sentence = w.Printer.T(key, map[string]any{"n": len(found.People)})
	v.Table = ui.Table{ID: "found", Caption: v.Sentence, Quiet: true, Dense: true, Stack: true}
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

// compare shows what the code of a card says beside what the register has.
func (v *searchView) compare(w words, found population.Found) {
	c := found.Card
	if c == nil {
		return
	}
	note := "people.card.whole"
	if !c.Whole {
		note = "people.card.part"
	}
	v.CardNote = w.Printer.T(note)
	if len(c.Fields) == 0 {
		return
	}
	said := map[population.Field]string{
		population.FieldNumber: c.Said.Number.String(), population.FieldOldNumber: c.Said.OldNumber.String(), population.FieldName: c.Said.Name,
		population.FieldBirth: w.day(c.Said.Birth), population.FieldSex: w.sex(c.Said.Sex), population.FieldPermanent: c.Said.Address,
	}
	h := found.People[0]
	held := map[population.Field]string{
		population.FieldNumber: h.Number.String(), population.FieldName: h.Name, population.FieldBirth: w.day(h.Birth),
		population.FieldSex: w.sex(h.Sex), population.FieldPermanent: w.place(h.Permanent, h.Since),
	}
	tones := map[population.CardVerdict]ui.Tone{population.CardFits: ui.Good, population.CardDiffers: ui.Bad, population.CardUnclear: ui.Neutral}
	t := ui.Table{ID: "card", Caption: w.Printer.T("people.card.title"), Dense: true, Stack: true}
	for _, key := range []string{"field", "said", "held", "verdict"} {
		t.Columns = append(t.Columns, ui.Column{Label: w.Printer.T("people.card." + key)})
	}
	for _, f := range c.Fields {
		if f.Field == population.FieldOldNumber && f.Verdict == population.CardFits {
			held[f.Field] = said[f.Field] // one of those that the person has or had
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: sentence(w.field(f.Field))},
			{Text: orDash(said[f.Field])},
			{Text: orDash(held[f.Field])},
			{Body: ui.Tag(tones[f.Verdict], w.Printer.T("people.card."+string(f.Verdict)))},
		}})
	}
	v.Card = &t
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
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
	if u.Sex != citizen.SexUnknown {
		add("people.search.as.sex", w.sex(u.Sex))
	}
	add("people.search.as.place", u.Place+w.unitsOf(u.Units))
	switch u.Encoding {
	case "":
	case "?":
		add("people.search.as.encoding", w.Printer.T("people.search.encoding.some"))
	default:
		add("people.search.as.encoding", u.Encoding)
	}
	return parts
}

// unitsOf names the units that a place was read as; of many, how many.
func (w words) unitsOf(units []population.UnitName) string {
	var names []string
	for _, u := range units {
		name := u.Name
		if p, ok := w.pages.Units.Province(u.Province, u.From); ok && u.Level != population.ProvinceLevel {
			name += ", " + p.Name
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	const most = 3
	switch {
	case len(names) == 0:
		return ""
	case len(names) > most:
		return " (" + w.Printer.T("people.search.places", map[string]any{"n": len(names)}) + ")"
	}
	return " (" + strings.Join(names, "; ") + ")"
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
