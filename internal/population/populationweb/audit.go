package populationweb

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/population"
)

// auditView is whose look-ups were unusual.
type auditView struct {
	ui.Page
	Sentence string
	Days     ui.Field
	Found    []findingView
	Open     string // how many objections wait, as the link to them
}

// findingView is an officer whose look-ups were unusual, in words.
type findingView struct {
	ID, Who, Agency, Sum string
	Reasons              []string
	Href                 string
}

// periods are the days back that the auditor looks.
var periods = []int{1, 7, 30, 90, 365}

func (p *Pages) days(form web.Form) int {
	if n, given, err := form.Int("days"); given && err == nil && n >= 1 && n <= 366 {
		return n
	}
	return 30
}

func (w words) periodField(days int) ui.Field {
	f := ui.Field{Name: "days", Label: w.Printer.T("people.audit.period"), Value: strconv.Itoa(days)}
	for _, n := range periods {
		f.Options = append(f.Options, ui.Option{Value: strconv.Itoa(n), Label: w.Printer.T("people.audit.days", map[string]any{"n": n})})
	}
	return f
}

func (p *Pages) audit(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	ctx, words, days := r.Context(), p.words(r.Context()), p.days(form)
	from, until := p.period(days)
	found, err := p.Register.Curiosity(ctx, who(ctx), from, until)
	if err != nil {
		return err
	}
	waiting, err := p.Register.Objections(ctx, who(ctx), true, "", 100)
	if err != nil {
		return err
	}
	v := auditView{Page: p.page(r, words.Printer.T("people.audit.title")), Days: words.periodField(days)}
	v.Open = words.Printer.T("people.objections.title")
	if len(waiting) > 0 {
		v.Open = words.Printer.T("people.audit.waiting", map[string]any{"n": len(waiting)})
	}
	v.Sentence = words.Printer.T("people.audit.sentence", map[string]any{"n": len(found), "days": days})
	for i, f := range found {
		one := findingView{
			ID: "finding-" + strconv.Itoa(i), Who: words.officer(f.Client, f.Officer), Agency: words.agency(f.Agency),
			Sum: words.Printer.T("people.audit.sum", map[string]any{
				"lookups": f.Lookups, "persons": f.Persons, "first": words.Time(f.First), "last": words.Time(f.Last),
			}),
			Href: officerPath + "?" + url.Values{"agency": {f.Agency}, "officer": {f.Officer}, "days": {strconv.Itoa(days)}}.Encode(),
		}
		for _, reason := range f.Reasons {
			one.Reasons = append(one.Reasons, words.reason(reason))
		}
		v.Found = append(v.Found, one)
	}
	return web.Render(w, r, http.StatusOK, auditPage(v))
}

// officer is an officer as the log keeps them: whom a system named by that name, an
// account of the register's own desk by its name today.
func (w words) officer(client, stored string) string {
	if stored == "" && client != "" {
		return w.Printer.T("people.audit.system", map[string]any{"client": client})
	}
	if stored == "" {
		return w.Printer.T("people.officer.none")
	}
	if client != "" && stored == CitizenSelf {
		return w.Printer.T("people.officer.self")
	}
	if client == "" && w.pages.Names != nil {
		return w.pages.Names.NameOf(w.ctx, stored, w.pages.Clock.Now())
	}
	return stored
}

// reason is a count beside what is usual.
func (w words) reason(r population.Reason) string {
	s := w.Printer.T("people.reason."+string(r.Kind), map[string]any{"n": r.Count})
	if r.Usual > 0 {
		s += " " + w.Printer.T("people.reason.usual", map[string]any{"n": r.Usual})
	}
	return s
}

// officerView is what one officer looked up. It names nobody whom it was about.
type officerView struct {
	ui.Page
	Sentence string
	Days     ui.Field
	Agency   string
	Officer  string
	Table    ui.Table
	Pages    ui.Pages
}

const officerPage = 100

// clientOf is the system by which an officer asked; "" at the register's own desk.
func clientOf(found []population.Lookup) string {
	if len(found) == 0 {
		return ""
	}
	return found[0].Client
}

func (p *Pages) officer(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	ctx, words, days := r.Context(), p.words(r.Context()), p.days(form)
	from, until := p.period(days)
	agency, officer, before := form.Text("agency"), form.Text("officer"), form.Text("before")
	found, err := p.Register.OfficerLookups(ctx, who(ctx), agency, officer, population.Period{From: from, Until: until}, before, officerPage+1)
	if err != nil {
		return err
	}
	title := words.officer(clientOf(found), officer)
	if officer != "" {
		title = words.Printer.T("people.audit.officer", map[string]any{"officer": title})
	}
	v := officerView{
		Page: p.page(r, title),
		Days: words.periodField(days), Agency: agency, Officer: officer,
		Sentence: words.Printer.T("people.audit.officer.sentence", map[string]any{"agency": words.agency(agency), "days": days}),
	}
	v.Crumbs = []ui.Link{{Label: words.Printer.T("people.audit.title"), Href: auditPath}}
	query := url.Values{"agency": {agency}, "officer": {officer}, "days": {strconv.Itoa(days)}}
	if before != "" {
		v.Pages.Previous = officerPath + "?" + query.Encode()
	}
	if len(found) > officerPage {
		found = found[:officerPage]
		query.Set("before", found[officerPage-1].ID)
		v.Pages.Next = officerPath + "?" + query.Encode()
	}
	v.Table = words.lookupTable(found)
	return web.Render(w, r, http.StatusOK, officerPageOf(v))
}

// outcome is how a look-up ended, or that the log does not vouch for the row.
func (w words) outcome(l population.Lookup) ui.Cell {
	if l.Broken {
		return ui.Cell{Body: ui.Tag(ui.Bad, w.Printer.T("people.lookup.broken"))}
	}
	return ui.Cell{Text: w.Printer.T("people.outcome." + l.Outcome)}
}

func (w words) lookupTable(found []population.Lookup) ui.Table {
	t := ui.Table{
		ID: "lookups", Caption: w.Printer.T("people.audit.lookups"), Dense: true,
		Empty: ui.Empty(w.Printer.T("people.audit.lookups.none"), ui.Link{Label: w.Printer.T("people.audit.title"), Href: auditPath}),
	}
	for _, key := range []string{"when", "how", "why", "dossier", "fields", "persons", "outcome"} {
		t.Columns = append(t.Columns, ui.Column{Label: w.Printer.T("people.lookup." + key), Numeric: key == "persons"})
	}
	for _, l := range found {
		dossier := ui.Cell{Text: l.Dossier}
		if l.Dossier == "" {
			dossier.Body = ui.Tag(ui.Caution, w.Printer.T("people.lookup.dossier.none"))
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: w.Time(l.At)},
			{Text: w.Printer.T("people.service." + l.Service)},
			{Text: w.purpose(l.Purpose)},
			dossier,
			{Text: w.fields(l.Fields)},
			{Text: w.Int(int64(l.Persons))},
			w.outcome(l),
		}})
	}
	return t
}

// objectionsView is what citizens object to.
type objectionsView struct {
	ui.Page
	Sentence string
	All      bool
	List     []objectionEntry
	Pages    ui.Pages
}

type objectionEntry struct {
	ID, Anchor string
	Entry      lookupEntry
	Who        string
	Events     []ui.Event
	Open       bool
	Answer     string
	Errors     fault.List
}

func (p *Pages) objections(w http.ResponseWriter, r *http.Request) error {
	return p.showObjections(w, r, "", "", nil)
}

// showObjections shows the list, with what was answered to one of them when that
// could not be kept.
func (p *Pages) showObjections(w http.ResponseWriter, r *http.Request, id, answer string, why error) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	ctx, words := r.Context(), p.words(r.Context())
	const limit = 20
	all := form.Text("all") != ""
	list, err := p.Register.Objections(ctx, who(ctx), !all, form.Text("before"), limit+1)
	if err != nil {
		return err
	}
	v := objectionsView{Page: p.page(r, words.Printer.T("people.objections.title")), All: all}
	if len(list) > limit {
		list = list[:limit]
		query := url.Values{"before": {list[limit-1].ID}}
		if all {
			query.Set("all", "1")
		}
		v.Pages.Next = objectionsPath + "?" + query.Encode()
	}
	key := "people.objections.open"
	if all {
		key = "people.objections.all"
	}
	v.Sentence = words.Printer.T(key, map[string]any{"n": len(list)})
	for _, o := range list {
		one := objectionEntry{
			ID: o.ID, Anchor: "answer-" + o.ID, Entry: words.entry(o.Lookup, nil), Who: o.Number.String(),
			Events: words.objectionEvents(o), Open: o.AnsweredAt.IsZero(),
		}
		one.Events[0].Title = words.Printer.T("people.objections.they")
		one.Entry.Tag = ""
		if o.ID == id {
			one.Answer, one.Errors = answer, at(web.FormErrors(why), one.Anchor)
			v.Errors = one.Errors
		}
		v.List = append(v.List, one)
	}
	if why != nil {
		return web.Retry(w, r, why, objectionsPage(v))
	}
	return web.Render(w, r, http.StatusOK, objectionsPage(v))
}

// at puts faults at a field.
func at(list fault.List, field string) fault.List {
	out := make(fault.List, len(list))
	for i, f := range list {
		out[i] = f.At(field)
	}
	return out
}

func (p *Pages) answer(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	id := r.PathValue("objection")
	answer := strings.TrimSpace(form.Text("answer-" + id))
	if err := p.Register.AnswerObjection(r.Context(), who(r.Context()), id, answer); err != nil {
		if fault.Of(err) == fault.Conflict { // the second click, or a colleague was quicker
			return web.RedirectWith(w, r, objectionsPath, "people.objections.answered", nil)
		}
		if web.FormErrors(err) == nil {
			return err
		}
		return p.showObjections(w, r, id, answer, err)
	}
	return web.RedirectWith(w, r, objectionsPath, "people.objections.answered", nil)
}
