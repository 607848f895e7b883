package populationweb

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/population"
)

const annulmentsPath = "/people/annulments"

// AnnulmentPath is the page of a request for an annulment, with what it would change.
func AnnulmentPath(request string) string { return annulmentsPath + "/" + url.PathEscape(request) }

// annulAddress is where the annulment of an event is asked for, at somebody's page.
func annulAddress(base, event string) string { return base + "/annul?event=" + url.QueryEscape(event) }

// Annulment is a request for an annulment, as the node keeps it.
type Annulment struct {
	population.AnnulmentRequest
	By    actor.Actor
	At    time.Time
	Open  bool
	State string // key of its name
	Href  string // where it is approved, refused or withdrawn
}

// annulView is what an annulment would change: for who asks, and for who decides.
type annulView struct {
	ui.Page
	Lead     string
	Base     string // of the person at whose page it was asked
	Action   string
	Events   []string // ids
	Digest   string
	Basis    string
	What     []timelineEntry
	Again    []timelineEntry
	Restated []timelineEntry
	Follows  []timelineEntry
	All      string // address of the page on which what follows goes too
	Parts    []annulPart
	Unsaid   []string
	Asked    []ui.Fact // of a request that was made
	Decide   string
	Over     bool   // decided, withdrawn or too old
	Note     string // why nothing can be done
}

// annulPart is what an annulment changes of one person.
type annulPart struct {
	previewPart
	Href string
	Says string // that they are gone, or come back
}

// planned shows a plan.
func (w words) planned(v *annulView, plan *population.AnnulmentPlan) {
	list := func(events []population.Event) []timelineEntry {
		var out []timelineEntry
		for _, e := range events {
			out = append(out, w.named(e))
		}
		return out
	}
	v.What, v.Again, v.Restated, v.Digest = list(plan.Annulled), list(plan.Again), list(plan.Restated), plan.Digest
	for _, f := range plan.Follows {
		one := w.named(f.Event)
		if why := fault.As(f.Why); why != nil {
			one.Basis = w.Printer.T(why.Key, why.Args)
		}
		v.Follows = append(v.Follows, one)
	}
	for _, u := range plan.Unsaid {
		v.Unsaid = append(v.Unsaid, w.unsaid(u.Question))
	}
	v.Unsaid = append(v.Unsaid, w.left(plan.Left)...)
	// What follows is listed by itself.
	v.What = v.What[:min(len(v.What), max(0, len(v.What)-len(v.Follows)))]
	for i, part := range plan.Event.Parts {
		before, had := plan.Before[part.Number]
		after := plan.After[part.Number]
		one := annulPart{previewPart: previewPart{ID: "part-" + strconv.Itoa(i), Name: after.Name}, Href: w.pages.address(part.Number)}
		number := map[string]any{"number": part.Number.String()}
		switch {
		case after.Life == population.Annulled:
			one.Name = before.Name
			if had {
				one.Says = w.Printer.T("people.annul.gone", number)
			}
		case !had:
			one.Says = w.Printer.T("people.annul.returns", number)
		default:
			for _, f := range part.Fields {
				old, now := w.value(&before, f), w.value(&after, f)
				if old != now {
					one.Changes = append(one.Changes, ui.Change{Label: sentence(w.field(f)), Old: old, New: now})
				}
			}
		}
		if one.Name == "" {
			one.Name = part.Number.String()
		}
		v.Parts = append(v.Parts, one)
	}
}

// unsaid is what nobody has said of a household.
func (w words) unsaid(q population.Question) string {
	args := map[string]any{"name": "", "head": ""}
	for i, f := range q.Facts {
		switch {
		case f.As == "head":
			args["head"] = f.Person.Name
		case f.Number == q.Of, q.Of.IsZero() && i == 0:
			args["name"] = f.Person.Name
		}
	}
	if q.Kind == population.HeadNext {
		return w.Printer.T("people.annul.unsaid.head", args)
	}
	return w.Printer.T("people.annul.unsaid.relation", args)
}

// left says whose own registrations still name somebody who is no longer in the register.
func (w words) left(left []population.Left) []string {
	var out []string
	homes := map[string][]string{}
	for i := range left {
		p := &left[i].Person
		switch left[i].Field {
		case population.FieldSpouse:
			out = append(out, w.Printer.T("people.annul.left.spouse", map[string]any{"name": p.Name}))
		case population.FieldHousehold:
			homes[p.Household] = append(homes[p.Household], p.Name)
		}
	}
	for _, h := range slices.Sorted(maps.Keys(homes)) {
		out = append(out, w.Printer.T("people.annul.left.household", map[string]any{"household": h, "names": strings.Join(homes[h], ", ")}))
	}
	return out
}

// named is an event as a list names it: what, when, by whom.
func (w words) named(e population.Event) timelineEntry {
	out := w.timeline(e, citizen.Number{}, "")
	out.Facts, out.Basis = nil, e.Basis
	return out
}

// ends says of an entry of a timeline that it no longer counts, or what it takes away, and
// leads to where it is annulled.
func (w words) ends(out *timelineEntry, e population.Event, seen *population.PersonView, base string) {
	if e.Kind == population.Annulment {
		out.By = w.Printer.T("people.annul.by", map[string]any{"asker": e.ByName, "approver": e.ApproverName})
		out.Correct = ""
		for _, one := range seen.Events {
			if slices.Contains(e.Annuls, one.ID) {
				out.Takes = append(out.Takes, w.Printer.T("people.kind."+string(one.Kind))+", "+w.day(one.On))
			}
		}
	}
	if by, gone := seen.Annulled[e.ID]; gone {
		out.Gone = w.Printer.T("people.annul.is.by", map[string]any{"on": w.day(by.On), "basis": by.Basis})
		out.Correct = ""
		return
	}
	if base != "" && e.ID != "" {
		out.Annul, out.AnnulText = annulAddress(base, e.ID), w.Printer.T("people.annul.link")
		if e.Kind == population.Annulment {
			out.AnnulText = w.Printer.T("people.annul.link.back")
		}
	}
}

func (p *Pages) annulPage(r *http.Request, n citizen.Number, m matter, events []string) (annulView, error) {
	words := p.words(r.Context())
	v := annulView{
		Page: p.page(r, words.Printer.T("people.annul.title")), Lead: words.Printer.T("people.annul.lead"), Base: p.address(n),
		Events: events,
	}
	v.Wide, v.Back, v.Action = false, v.Base, v.Base+"/annul"
	plan, err := p.Register.PlanAnnulment(r.Context(), p.inquiry(r, m), population.AnnulmentRequest{Events: events, Number: n})
	if err != nil {
		return v, err
	}
	words.planned(&v, &plan)
	if len(v.Follows) > 0 {
		q := url.Values{"event": events}
		for _, f := range plan.Follows {
			q.Add("event", f.Event.ID)
		}
		v.All = v.Action + "?" + q.Encode()
	}
	return v, nil
}

// annul shows what an annulment would change, and asks for its basis.
func (p *Pages) annul(w http.ResponseWriter, r *http.Request) error {
	n, m, ok, err := p.askOf(w, r)
	if !ok {
		return err
	}
	v, err := p.annulPage(r, n, m, r.URL.Query()["event"])
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, annulForm(v))
}

// annulPost asks a second person.
func (p *Pages) annulPost(w http.ResponseWriter, r *http.Request) error {
	n, m, ok, err := p.askOf(w, r)
	if !ok {
		return err
	}
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	q := population.AnnulmentRequest{Events: form.Values("event"), Basis: form.Text("basis"), Number: n, Digest: form.Text("digest")}
	id, err := p.Register.AskAnnulment(r.Context(), who(r.Context()), q)
	if err == nil {
		return web.RedirectWith(w, r, AnnulmentPath(id), "people.annul.asked", nil)
	}
	faults := web.FormErrors(err)
	if len(faults) == 0 {
		return err
	}
	v, again := p.annulPage(r, n, m, q.Events)
	if again != nil {
		return again
	}
	v.Basis, v.Errors = q.Basis, at(faults, "basis")
	return web.Render(w, r, web.Status(faults), annulForm(v))
}

// annulment is a request, with what it would change by now.
func (p *Pages) annulment(w http.ResponseWriter, r *http.Request) error {
	m, ok, err := p.ask(w, r)
	if !ok {
		return err
	}
	if p.Annulments == nil {
		return fault.New(fault.NotFound, "web.not_found", nil)
	}
	q, err := p.Annulments(r.Context(), r.PathValue("request"))
	if err != nil {
		return err
	}
	words := p.words(r.Context())
	v := annulView{Page: p.page(r, words.Printer.T("people.annul.request")), Base: p.address(q.Number), Decide: q.Href}
	v.Wide, v.Back = false, q.Href
	v.Asked = []ui.Fact{
		{Key: words.Printer.T("people.annul.request.by"), Value: q.By.Name},
		{Key: words.Printer.T("people.annul.request.at"), Value: words.Time(q.At)},
		{Key: words.Printer.T("people.annul.request.state"), Value: words.Printer.T(q.State)},
		{Key: words.Printer.T("people.annul.basis"), Value: q.Basis},
	}
	if !q.Open {
		v.Note, v.Over = words.Printer.T("people.annul.request.over"), true
		return web.Render(w, r, http.StatusOK, annulRequest(v))
	}
	plan, err := p.Register.PlanAnnulment(r.Context(), p.inquiry(r, m), q.AnnulmentRequest)
	switch f := fault.As(err); {
	case f != nil && (f.Kind == fault.Conflict || f.Kind == fault.NotFound):
		v.Note = words.Printer.T(f.Key, f.Args)
	case err != nil:
		return err
	default:
		words.planned(&v, &plan)
		if plan.Digest != q.Digest {
			v.Note = words.Printer.T("people.annul.request.changed")
		}
	}
	return web.Render(w, r, http.StatusOK, annulRequest(v))
}
