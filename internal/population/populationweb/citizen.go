package populationweb

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/population"
)

// own starts a page of the citizen's.
func (p *Pages) own(r *http.Request, title string) ui.Page {
	return p.Frame(r).Page(title)
}

// unboundView tells the holder of an account of nobody's how to sign in as somebody.
type unboundView struct {
	ui.Page
	Why, Begin string
}

// unbound is shown for every page of one's own data. It leads nowhere by itself: home is one
// of these pages.
func (p *Pages) unbound(w http.ResponseWriter, r *http.Request, why *fault.Error) error {
	pr := p.words(r.Context()).Printer
	v := unboundView{Page: p.own(r, pr.T("people.unbound.title")), Why: pr.T(why.Key, why.Args)}
	if p.SignIn != "" {
		v.Begin = p.SignIn + "?" + url.Values{"next": {r.URL.Path}}.Encode()
	}
	return web.Render(w, r, web.Status(why), unboundPage(v))
}

// mineView is what the register holds about the reader.
type mineView struct {
	ui.Page
	Name   string
	Groups []group
	Number string // whole when it was asked for
	Shown  bool
	Events []timelineEntry
}

// group is some facts under a heading.
type group struct {
	Title string
	Facts []ui.Fact
}

func (p *Pages) mine(w http.ResponseWriter, r *http.Request) error {
	seen, err := p.Register.Own(r.Context(), who(r.Context()))
	if err != nil {
		return err
	}
	n := seen.Person.Number
	words := p.words(r.Context())
	v := mineView{
		Page: p.own(r, words.Printer.T("people.me.title")), Name: seen.Person.Name, Number: n.String(), Shown: r.Method == http.MethodPost,
	}
	if v.Shown {
		v.Number = n.Reveal()
	}
	v.Groups = words.groups(&seen)
	for _, e := range seen.Events {
		entry := words.timeline(e, n, "")
		words.ends(&entry, e, &seen, "")
		v.Events = append(v.Events, entry)
	}
	return web.Render(w, r, http.StatusOK, minePage(v))
}

// groupTitles are the headings of the facts of a person.
var groupTitles = []struct {
	group population.Group
	key   string
}{{population.GroupSelf, "people.group.self"}, {population.GroupPlaces, "people.group.places"}}

// inGroup are the fields under a heading, in the order of pages.
func (p *Pages) inGroup(g population.Group) []population.FieldLine {
	lines := slices.DeleteFunc(p.Fields.Lines(), func(l population.FieldLine) bool { return l.Group != g })
	slices.SortStableFunc(lines, func(a, b population.FieldLine) int { return a.Late - b.Late })
	return lines
}

// groups shows what is known of somebody; what is not known is left out, except what
// everybody has.
func (w words) groups(seen *population.PersonView) []group {
	var out []group
	for _, g := range groupTitles {
		one := group{Title: w.Printer.T(g.key)}
		for _, l := range w.pages.inGroup(g.group) {
			value := w.value(&seen.Person, l.Code)
			if value == "" {
				continue
			}
			fact := ui.Fact{Key: sentence(w.field(l.Code)), Value: value}
			if at := w.pages.placeIn(&seen.Person, l.Code); at != nil && !at.IsZero() {
				fact.Body = placeText(value, w.other(*at, w.placeDay(&seen.Person, l.Code)))
			}
			one.Facts = append(one.Facts, fact)
		}
		out = append(out, one)
	}
	family := group{Title: w.Printer.T("people.group.family")}
	for _, k := range seen.Family {
		family.Facts = append(family.Facts, ui.Fact{Key: sentence(w.kin(k)), Value: w.relative(k.Relative)})
	}
	if seen.Person.Household != "" {
		house := population.FieldHousehold
		family.Facts = append(family.Facts, ui.Fact{Key: sentence(w.field(house)), Value: w.value(&seen.Person, house)})
	}
	if len(family.Facts) > 0 {
		out = append(out, family)
	}
	return out
}

func (w words) kin(k population.Kin) string {
	if k.As == population.KinChild {
		return w.Printer.T("people.kin.child")
	}
	return w.field(k.As)
}

// How many look-ups are on a page, and how many are read at most to find them when
// the list is narrowed.
const (
	lookupsPage = 10
	lookupsRead = 2000
)

// lookupsView is who looked at the reader's data.
type lookupsView struct {
	ui.Page
	Entries  []lookupEntry
	Filter   ui.Filter
	Agency   ui.Field
	From     ui.Field
	Until    ui.Field
	Filtered bool
	Pages    ui.Pages
	Answered int    // objections with an answer
	Archived string // that earlier look-ups are shown no more; "" when all are
}

// lookupEntry is one look-up in words.
type lookupEntry struct {
	ID       string
	Who      string
	When     string
	Facts    []ui.Fact
	Small    string // who exactly, for which dossier, how
	Tag      string
	Tone     ui.Tone
	Batch    string
	Object   string // address of the objection
	Label    string
	Objected bool
}

func (p *Pages) lookups(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	words := p.words(ctx)
	v := lookupsView{Page: p.own(r, words.Printer.T("people.lookups.title"))}
	narrow, agency := v.narrow(form)
	found, agencies, more, err := p.readLookups(r, narrow, form.Text("before"))
	if err != nil {
		return err
	}
	objections, err := p.Register.ObjectionsOf(ctx, who(ctx))
	if err != nil {
		return err
	}
	if p.Archived != nil {
		last, err := p.Archived(ctx)
		if err != nil {
			return err
		}
		if !last.IsZero() {
			v.Archived = words.Printer.T("people.lookups.archived", map[string]any{"day": clock.DayOf(last)})
		}
	}
	for _, l := range found {
		v.Entries = append(v.Entries, words.entry(l, objections))
	}
	if agency != "" && !slices.Contains(agencies, agency) {
		agencies = append(agencies, agency)
	}
	v.Agency = ui.Field{
		Name: "agency", Label: words.Printer.T("people.lookups.agency"), Value: agency,
		Options: []ui.Option{{Label: words.Printer.T("people.lookups.agency.all")}},
	}
	for _, code := range agencies {
		value := code
		if code == "" {
			value = deskAgency
		}
		v.Agency.Options = append(v.Agency.Options, ui.Option{Value: value, Label: words.agency(code)})
	}
	v.Filtered = agency != "" || form.Text("from") != "" || form.Text("until") != ""
	if v.Filtered {
		v.Filter.Clear = lookupsPath
	}
	query := url.Values{}
	for _, name := range []string{"agency", "from", "until"} {
		if s := form.Text(name); s != "" {
			query.Set(name, s)
		}
	}
	if form.Text("before") != "" {
		v.Pages.Previous = lookupsPath + "?" + query.Encode()
	}
	if more != "" {
		query.Set("before", more)
		v.Pages.Next = lookupsPath + "?" + query.Encode()
	}
	status := http.StatusOK
	if len(v.Errors) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return web.Render(w, r, status, lookupsPageOf(v))
}

// deskAgency stands for the register's own desk in an address.
const deskAgency = "-"

// narrow reads the filter: who, from and until when.
func (v *lookupsView) narrow(form web.Form) (func(population.Lookup) (keep, stop bool), string) {
	agency := form.Text("agency")
	var days [2]clock.Date
	for i, name := range []string{"from", "until"} {
		d, err := form.Date(name)
		v.Errors = append(v.Errors, web.FormErrors(err)...)
		if err == nil {
			days[i] = d
		}
	}
	v.From = ui.Field{Name: "from", Value: form.Text("from"), Errors: v.Errors, Width: 10}
	v.Until = ui.Field{Name: "until", Value: form.Text("until"), Errors: v.Errors, Width: 10}
	return func(l population.Lookup) (keep, stop bool) {
		day := clock.DayOf(l.At)
		if !days[0].IsZero() && day.Before(days[0]) {
			return false, true
		}
		is := agency == "" || l.Agency == agency || agency == deskAgency && l.Agency == ""
		return is && (days[1].IsZero() || !day.After(days[1])), false
	}, agency
}

// readLookups reads one page of look-ups that the filter keeps, and the agencies that
// were met on the way. more is where the next page begins, "" at the end.
func (p *Pages) readLookups(
	r *http.Request, narrow func(population.Lookup) (keep, stop bool), before string,
) (found []population.Lookup, agencies []string, more string, err error) {
	for read := 0; read < lookupsRead; {
		some, err := p.Register.Lookups(r.Context(), who(r.Context()), before, 200)
		if err != nil {
			return nil, nil, "", err
		}
		for _, l := range some {
			keep, stop := narrow(l)
			if stop {
				return found, agencies, "", nil
			}
			if !slices.Contains(agencies, l.Agency) {
				agencies = append(agencies, l.Agency)
			}
			if keep {
				if len(found) == lookupsPage {
					return found, agencies, found[len(found)-1].ID, nil
				}
				found = append(found, l)
			}
			before = l.ID
		}
		read += len(some)
		if len(some) < 200 {
			return found, agencies, "", nil
		}
	}
	return found, agencies, before, nil
}

// Told is who made a look-up and why, as the one whom it was about reads it.
func (p *Pages) Told(ctx context.Context, l population.Lookup) (who, why string) {
	w := p.words(ctx)
	if slices.Contains(population.IdentityPurposes, l.Purpose) { // the program asked by itself
		return w.Printer.T("people.lookup.identity"), w.purpose(l.Purpose)
	}
	who = w.agency(l.Agency)
	if l.Officer != "" {
		who = w.Printer.T("people.lookup.told", map[string]any{"agency": who, "officer": w.byOfficer(l)})
	}
	return who, w.purpose(l.Purpose)
}

// entry is a look-up as the one whom it was about reads it.
func (w words) entry(l population.Lookup, objections []population.Objection) lookupEntry {
	e := lookupEntry{
		ID: l.ID, Who: w.agency(l.Agency), When: w.Time(l.At), Object: lookupsPath + "/" + url.PathEscape(l.ID), Objected: l.Objected,
	}
	add := func(key, value string) {
		if value != "" {
			e.Facts = append(e.Facts, ui.Fact{Key: w.Printer.T(key), Value: value})
		}
	}
	add("people.lookup.when", e.When)
	add("people.lookup.why", w.purpose(l.Purpose))
	fields := w.fields(l.Fields)
	if len(l.Fields) == 0 {
		fields = w.Printer.T("people.lookup.fields.none")
	}
	add("people.lookup.fields", fields)
	small := []string{w.Printer.T("people.service." + l.Service)}
	if l.Officer != "" {
		small = append(small, w.Printer.T("people.lookup.by", map[string]any{"officer": w.byOfficer(l)}))
	}
	if l.Dossier != "" {
		small = append(small, w.Printer.T("people.lookup.for", map[string]any{"dossier": l.Dossier}))
	}
	e.Small = strings.Join(small, " · ")
	if l.Persons > 1 {
		e.Batch = w.Printer.T("people.lookup.batch", map[string]any{"n": l.Persons})
	}
	switch l.Outcome {
	case "refused":
		e.Tag, e.Tone = w.Printer.T("people.outcome.refused"), ui.Caution
	case "not_found":
		e.Tag, e.Tone = w.Printer.T("people.outcome.not_found"), ui.Neutral
	}
	e.Label = w.Printer.T("people.object.link")
	for _, o := range objections {
		if o.Lookup.ID != l.ID {
			continue
		}
		e.Objected, e.Tag, e.Tone, e.Label = true, w.Printer.T("people.object.waits"), ui.Info, w.Printer.T("people.object.see")
		if !o.AnsweredAt.IsZero() {
			e.Tag, e.Tone = w.Printer.T("people.object.answered"), ui.Good
		}
	}
	if l.Broken {
		e.Tag, e.Tone = w.Printer.T("people.lookup.broken"), ui.Bad
	}
	return e
}

// byOfficer is who looked, for the one whom it was about: an account of the register's
// own desk by its name today.
func (w words) byOfficer(l population.Lookup) string {
	if l.Client == "" && w.pages.Names != nil {
		return w.pages.Names.NameOf(w.ctx, l.Officer, w.pages.Clock.Now())
	}
	if l.Client != "" && l.Officer == CitizenSelf {
		return w.Printer.T("people.officer.self")
	}
	return l.Officer
}

// objectView is one look-up, and what is said against it.
type objectView struct {
	ui.Page
	Entry  lookupEntry
	Text   string
	Made   *population.Objection
	Events []ui.Event
}

// one finds a look-up about the reader. It fails with NotFound.
func (p *Pages) one(r *http.Request) (population.Lookup, error) {
	id, before := r.PathValue("lookup"), ""
	if seq, err := strconv.ParseInt(id, 10, 64); err == nil { // the register counts its look-ups
		some, err := p.Register.Lookups(r.Context(), who(r.Context()), strconv.FormatInt(seq+1, 10), 1)
		if err != nil {
			return population.Lookup{}, err
		}
		if len(some) == 1 && some[0].ID == id {
			return some[0], nil
		}
	}
	for range 10 { // of a thousand each
		some, err := p.Register.Lookups(r.Context(), who(r.Context()), before, 1000)
		if err != nil {
			return population.Lookup{}, err
		}
		for _, l := range some {
			if l.ID == id {
				return l, nil
			}
			before = l.ID
		}
		if len(some) < 1000 {
			break
		}
	}
	return population.Lookup{}, fault.New(fault.NotFound, "people.lookup.gone", nil)
}

func (p *Pages) blankObject(r *http.Request) (objectView, error) {
	l, err := p.one(r)
	if err != nil {
		return objectView{}, err
	}
	objections, err := p.Register.ObjectionsOf(r.Context(), who(r.Context()))
	if err != nil {
		return objectView{}, err
	}
	words := p.words(r.Context())
	v := objectView{Page: p.own(r, words.Printer.T("people.object.title")), Entry: words.entry(l, objections)}
	v.Back = lookupsPath
	for _, o := range objections {
		if o.Lookup.ID == l.ID {
			v.Made = &o
			v.Title = words.Printer.T("people.object.made")
			v.Events = words.objectionEvents(o)
		}
	}
	return v, nil
}

func (w words) objectionEvents(o population.Objection) []ui.Event {
	out := []ui.Event{{Title: w.Printer.T("people.object.you"), At: o.At, Text: o.Text}}
	if !o.AnsweredAt.IsZero() {
		out = append(out, ui.Event{Title: w.Printer.T("people.object.answer"), At: o.AnsweredAt, By: o.AnsweredBy, Text: o.Answer})
	}
	return out
}

func (p *Pages) object(w http.ResponseWriter, r *http.Request) error {
	v, err := p.blankObject(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, objectPage(v))
}

func (p *Pages) objectPost(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v, err := p.blankObject(r)
	if err != nil {
		return err
	}
	if v.Made != nil { // the second click
		return web.Redirect(w, r, v.Entry.Object)
	}
	v.Text = form.Text("text")
	if err := p.Register.Object(r.Context(), who(r.Context()), v.Entry.ID, v.Text); err != nil {
		if fault.Of(err) == fault.Conflict {
			return web.Redirect(w, r, v.Entry.Object)
		}
		v.Errors = web.FormErrors(err)
		return web.Retry(w, r, err, objectPage(v))
	}
	return web.RedirectWith(w, r, v.Entry.Object, "people.object.sent", nil)
}

// period is some days back until now.
func (p *Pages) period(days int) (from, until time.Time) {
	return p.today().AddDays(1 - days).Start(), p.Clock.Now().Add(time.Second)
}
