package populationweb

import (
	"net/http"
	"net/url"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/population"
)

// personView is all about one person.
type personView struct {
	ui.Page
	Base    string // address of the person
	Number  string
	Shown   bool
	Life    string
	Tone    ui.Tone
	Gone    bool // their registration was annulled
	Groups  []group
	Family  ui.Table
	House   ui.Table
	Events  []timelineEntry
	Matter  string
	AtDay   string
	AtKnown string
}

// timelineEntry is a life event with both its times.
type timelineEntry struct {
	Title   string
	Times   string // when it happened and when it was recorded
	By      string
	Basis   string
	Facts   []ui.Fact
	Late    bool // recorded more than a month after it was true
	Correct string
	Gone    string   // that it was annulled, when, and by which paper
	Takes   []string // what it takes away
	// Annul is where it is annulled, AnnulText what the link says; "" for what cannot be.
	Annul, AnnulText string
	Asked            []ui.Fact // what was asked before it was written, and why it was
	// Reported says which agency reported it, in which dossier.
	Reported string
}

func invalidAt(key, field string, args fault.Args) error {
	return fault.New(fault.Invalid, key, args).At(field)
}

// whom reads whom an address means.
func (p *Pages) whom(r *http.Request) (citizen.Number, error) {
	return p.handles.number(r.PathValue("person"))
}

// person shows somebody; posted, with the number revealed, which is a look-up more.
func (p *Pages) person(w http.ResponseWriter, r *http.Request) error {
	n, m, ok, err := p.askOf(w, r)
	if !ok {
		return err
	}
	seen, err := p.Register.View(r.Context(), p.inquiry(r, m), n)
	if err != nil {
		return err
	}
	words := p.words(r.Context())
	v := personView{Page: p.page(r, seen.Person.Name), Base: p.address(n), Number: n.String(), Matter: words.matter(m)}
	v.Crumbs = []ui.Link{{Label: words.Printer.T("people.search.title"), Href: peoplePath}}
	if r.Method == http.MethodPost {
		whole := []population.Field{population.FieldNumber}
		if _, err := p.Register.Facts(r.Context(), p.inquiry(r, m), population.Key{Number: n}, whole); err != nil {
			return err
		}
		v.Number, v.Shown = n.Reveal(), true
	}
	v.Life, v.Tone = words.life(seen.Person.Life, seen.Person.Ended), ui.Caution
	if seen.Person.Life == population.Alive || seen.Person.Life == "" {
		v.Life = ""
	}
	v.Groups = words.groups(&seen)[:2]
	v.Family, v.House = words.family(seen.Family), words.house(seen.Members, n)
	for _, e := range seen.Events {
		entry := words.timeline(e, n, v.Base)
		words.ends(&entry, e, &seen, v.Base)
		v.Events = append(v.Events, entry)
	}
	v.Gone = seen.Person.Life == population.Annulled
	v.AtDay = typed(p.today())
	return web.Render(w, r, http.StatusOK, personPage(v))
}

// typed is a day as people type it.
func typed(d clock.Date) string {
	return citizen.DayFrom(d).Date().Start().Format("02/01/2006")
}

func (w words) family(kin []population.Kin) ui.Table {
	t := ui.Table{
		ID: "family", Caption: w.Printer.T("people.group.family"), Dense: true, Empty: ui.Empty(w.Printer.T("people.family.none"), ui.Link{}),
	}
	for _, key := range []string{"people.kin", "people.field.name", "people.field.birth", "people.field.number", "people.field.life"} {
		t.Columns = append(t.Columns, ui.Column{Label: sentence(w.Printer.T(key))})
	}
	for _, k := range kin {
		name := ui.Cell{Text: k.Relative.Name}
		life := w.Printer.T("people.kin.unknown")
		if k.Life != "" && !k.Relative.Number.IsZero() {
			name.Href, life = w.pages.address(k.Relative.Number), w.life(k.Life, 0)
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: sentence(w.kin(k))}, name, {Text: w.day(k.Birth)}, {Text: k.Relative.Number.String()}, {Text: life},
		}})
	}
	return t
}

func (w words) house(members []population.Member, n citizen.Number) ui.Table {
	t := ui.Table{
		ID: "household", Caption: w.Printer.T("people.group.household"), Dense: true,
		Empty: ui.Empty(w.Printer.T("people.household.none"), ui.Link{}),
	}
	for _, key := range []string{"people.relation", "people.field.name", "people.field.birth", "people.field.sex", "people.field.number"} {
		t.Columns = append(t.Columns, ui.Column{Label: sentence(w.Printer.T(key))})
	}
	for _, m := range members {
		name := ui.Cell{Text: m.Name}
		if m.Number != n {
			name.Href = w.pages.address(m.Number)
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: w.relation(m.Relation)}, name, {Text: w.day(m.Birth)}, {Text: w.sex(m.Sex)}, {Text: m.Number.String()},
		}})
	}
	return t
}

// timeline is an event as the page of a person shows it.
func (w words) timeline(e population.Event, n citizen.Number, base string) timelineEntry {
	out := timelineEntry{
		Title: w.Printer.T("people.kind." + string(e.Kind)), Basis: e.Basis,
		Times: w.Printer.T("people.event.times", map[string]any{"on": w.day(e.On), "known": w.Time(e.RecordedAt)}),
		By:    e.ByName, Late: e.On.Whole() && e.RecordedAt.Sub(e.On.Date().Start()) > 60*24*time.Hour && e.Kind != population.Registration,
	}
	if e.Kind == population.Registration { // true since birth; what matters is when it was entered
		out.Times = w.Printer.T("people.event.entered", map[string]any{"known": w.Time(e.RecordedAt)})
	}
	if out.By == "" {
		out.By = e.By
	}
	for _, part := range e.Parts {
		if part.Number != n {
			continue
		}
		for _, f := range part.Fields {
			value := w.valueOn(&part.Facts, f, movedOn(e))
			if value == "" {
				value = w.Printer.T("people.value.none")
			}
			out.Facts = append(out.Facts, ui.Fact{Key: sentence(w.field(f)), Value: value})
		}
	}
	out.Asked = w.answered(e)
	if e.Reported != nil {
		out.Reported = w.Printer.T("people.event.reported", map[string]any{"agency": w.agency(e.Agency), "dossier": e.Reported.Dossier})
	}
	if base != "" && e.ID != "" && len(out.Facts) > 0 {
		out.Correct = base + "/events/" + string(population.Correction) + "?corrects=" + url.QueryEscape(e.ID)
	}
	return out
}

// atView is somebody on another day, as the register knew them then.
type atView struct {
	ui.Page
	Base     string
	On       string
	Known    string
	Sentence string
	Groups   []group
}

func (p *Pages) at(w http.ResponseWriter, r *http.Request) error {
	n, m, ok, err := p.askOf(w, r)
	if !ok {
		return err
	}
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	words := p.words(r.Context())
	v := atView{Page: p.page(r, words.Printer.T("people.at.title")), Base: p.address(n), On: form.Text("on"), Known: form.Text("known")}
	v.Back = v.Base
	on, err := form.Date("on")
	v.Errors = append(v.Errors, web.FormErrors(err)...)
	known, err := form.Date("known")
	v.Errors = append(v.Errors, web.FormErrors(err)...)
	if len(v.Errors) > 0 {
		return web.Retry(w, r, v.Errors, atPage(v))
	}
	if on.IsZero() {
		on = p.today()
	}
	var knownAt time.Time // now
	if !known.IsZero() && known.Before(p.today()) {
		knownAt = known.End()
	} else {
		known = p.today()
	}
	// To look at the past of somebody is to look at them.
	if _, err := p.Register.Facts(r.Context(), p.inquiry(r, m), population.Key{Number: n}, p.Fields.State()); err != nil {
		return err
	}
	v.On, v.Known = typed(on), typed(known)
	v.Sentence = words.Printer.T("people.at.sentence", map[string]any{"on": on, "known": known})
	past, err := p.Register.At(r.Context(), p.inquiry(r, m), n, on, knownAt)
	switch {
	case fault.Of(err) == fault.NotFound:
		v.Sentence = words.Printer.T("people.at.none", map[string]any{"on": on, "known": known})
	case err != nil:
		return err
	default:
		v.Groups = words.groups(&population.PersonView{Person: past, Family: p.kinOf(past)})
	}
	return web.Render(w, r, http.StatusOK, atPage(v))
}

// kinOf are the relatives that a person's own facts name.
func (p *Pages) kinOf(person population.Person) []population.Kin {
	var out []population.Kin
	for _, l := range p.Fields.Kin() {
		if r := *l.Data[0].Relative(&person); !r.IsZero() {
			out = append(out, population.Kin{As: l.Code, Relative: r})
		}
	}
	return out
}
