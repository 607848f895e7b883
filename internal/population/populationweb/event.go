package populationweb

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/population"
)

// nobody stands in an address for no person: a child whose parents are not known.
const nobody = "-"

type kindsView struct {
	ui.Page
	Tasks []ui.Task
}

// kinds lists what can be registered of somebody.
func (p *Pages) kinds(w http.ResponseWriter, r *http.Request) error {
	n, m, ok, err := p.askOf(w, r)
	if !ok {
		return err
	}
	seen, err := p.Register.View(r.Context(), p.inquiry(r, m), n)
	if err != nil {
		return err
	}
	words := p.words(r.Context())
	v := kindsView{Page: p.page(r, words.Printer.T("people.event.choose", map[string]any{"name": seen.Person.Name}))}
	v.Back = p.address(n)
	for _, k := range population.Kinds {
		if !offered(k, seen.Person) {
			continue
		}
		v.Tasks = append(v.Tasks, ui.Task{
			Title: words.Printer.T("people.kind." + string(k)), Hint: words.Printer.T("people.kind." + string(k) + ".hint"),
			Href: p.address(n) + "/events/" + string(k),
		})
	}
	return web.Render(w, r, http.StatusOK, kindsPage(v))
}

// offered leaves out what makes no sense for somebody; the register decides.
func offered(k population.Kind, p population.Person) bool {
	switch k {
	case population.Correction: // begins at the event that was wrong
		return false
	case population.FoundAgain:
		return p.Life == population.Missing
	case population.Marriage:
		return p.Life != population.Dead && p.Spouse.IsZero()
	case population.Divorce:
		return p.Life != population.Dead && !p.Spouse.IsZero()
	case population.GoneMissing:
		return p.Life != population.Missing && p.Life != population.Dead
	case population.Birth:
		return true
	}
	return p.Life != population.Dead
}

// eventView is the form of one kind of event with what was typed, and what it would
// change once that was worked out.
type eventView struct {
	ui.Page
	Kind      population.Kind
	Person    population.PersonView
	Base      string
	Action    string
	Form      web.Form
	Blank     bool // nothing was typed yet: the form offers what is likely
	Inputs    []input
	ID        string
	Seen      string // when the form was opened
	Versions  []string
	Meanwhile []timelineEntry // what was recorded since
	Preview   []previewPart
	Asked     []askedView // before it is written
	Kept      []kept      // what was typed, carried through the preview
	Intro     string
	Corrects  *population.Event
}

// kept is a value that the preview carries along.
type kept struct{ Name, Value string }

// previewPart is what an event would change of one person.
type previewPart struct {
	ID, Name string
	Changes  []ui.Change
}

func (p *Pages) blankEvent(w http.ResponseWriter, r *http.Request) (v eventView, m matter, ok bool, err error) {
	v.Kind = population.Kind(r.PathValue("kind"))
	if !slices.Contains(population.Kinds, v.Kind) {
		return v, m, false, fault.New(fault.NotFound, "web.not_found", nil)
	}
	if m, ok, err = p.ask(w, r); !ok {
		return v, m, false, err
	}
	if v.Form, err = web.ReadForm(r); err != nil {
		return v, m, false, err
	}
	v.Base, v.Action = peoplePath, r.URL.Path
	if r.PathValue("person") != nobody || v.Kind != population.Birth {
		n, err := p.whom(r)
		if err != nil {
			return v, m, false, err
		}
		if v.Person, err = p.Register.View(r.Context(), p.inquiry(r, m), n); err != nil {
			return v, m, false, err
		}
		v.Base = p.address(n)
	}
	words := p.words(r.Context())
	v.Page = p.page(r, words.Printer.T("people.kind."+string(v.Kind)))
	v.Wide, v.Back = false, v.Base
	v.ID, v.Seen, v.Versions = v.Form.Text("id"), v.Form.Text("seen"), v.Form.Values("version")
	if v.ID == "" {
		v.ID, v.Blank = p.NewID(), true
	}
	if v.Seen == "" || v.Blank {
		v.Seen = p.Clock.Now().UTC().Format(time.RFC3339Nano)
	}
	if len(v.Versions) == 0 && !v.Person.Person.Number.IsZero() {
		v.Versions = []string{p.version(v.Person.Person)}
	}
	if v.Kind == population.Correction {
		id := v.Form.Text("corrects")
		i := slices.IndexFunc(v.Person.Events, func(e population.Event) bool { return e.ID == id })
		if i < 0 || id == "" {
			return v, m, false, fault.New(fault.NotFound, "people.correct.which", nil)
		}
		v.Corrects = &v.Person.Events[i]
		v.Intro = words.Printer.T("people.correct.intro", map[string]any{
			"kind": words.Printer.T("people.kind." + string(v.Corrects.Kind)), "on": words.day(v.Corrects.On),
		})
	}
	v.Inputs = p.inputs(words, &v)
	return v, m, true, nil
}

// version says which version of a person was seen.
func (p *Pages) version(of population.Person) string {
	return p.handles.of(of.Number) + ":" + strconv.FormatInt(of.Version, 10)
}

func (p *Pages) versions(v *eventView) map[citizen.Number]int64 {
	out := map[citizen.Number]int64{}
	for _, s := range v.Versions {
		handle, version, _ := strings.Cut(s, ":")
		n, err := p.handles.number(handle)
		seen, err2 := strconv.ParseInt(version, 10, 64)
		if err == nil && err2 == nil {
			out[n] = seen
		}
	}
	return out
}

func (p *Pages) event(w http.ResponseWriter, r *http.Request) error {
	v, _, ok, err := p.blankEvent(w, r)
	if !ok {
		return err
	}
	return web.Render(w, r, http.StatusOK, eventPage(v))
}

// eventPost shows what would change, and records it when that was seen.
func (p *Pages) eventPost(w http.ResponseWriter, r *http.Request) error {
	v, m, ok, err := p.blankEvent(w, r)
	if !ok {
		return err
	}
	ctx := r.Context()
	if v.Form.Has("change") { // back from the preview
		return web.Render(w, r, http.StatusOK, eventPage(v))
	}
	e, faults := p.read(p.words(ctx), &v)
	if len(faults) > 0 {
		v.Errors = faults
		return web.Render(w, r, http.StatusUnprocessableEntity, eventPage(v))
	}
	e.Versions = p.versions(&v)
	p.answers(&v, &e)
	if v.Form.Has("confirm") {
		done, err := p.Register.Record(ctx, who(ctx), e)
		if again, failed := p.unanswered(w, r, &v, m, e, err); again {
			return failed
		}
		if err != nil {
			return p.refused(w, r, v, m, err)
		}
		return p.recorded(w, r, v, done)
	}
	would, err := p.Register.Preview(ctx, p.inquiry(r, m), e)
	if err != nil {
		return p.refused(w, r, v, m, err)
	}
	if err := p.preview(r, &v, m, would); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, previewPage(v))
}

// refused shows the form again with what is wrong; when somebody else was quicker,
// with what they recorded.
func (p *Pages) refused(w http.ResponseWriter, r *http.Request, v eventView, m matter, err error) error {
	faults := web.FormErrors(err)
	if f := fault.As(err); faults == nil && f != nil && f.Kind == fault.NotFound {
		faults = fault.List{invalidCopy(f)} // a number that nobody has is a slip of typing here
	}
	if faults == nil {
		return err
	}
	v.Errors = v.placed(faults)
	status := web.Status(faults)
	if fault.Of(err) == fault.Conflict && !v.Person.Person.Number.IsZero() {
		now, err := p.Register.View(r.Context(), p.inquiry(r, m), v.Person.Person.Number)
		if err != nil {
			return err
		}
		seen, _ := time.Parse(time.RFC3339Nano, v.Seen)
		words := p.words(r.Context())
		for _, e := range now.Events {
			if e.RecordedAt.After(seen) {
				v.Meanwhile = append(v.Meanwhile, words.timeline(e, now.Person.Number, ""))
			}
			if e.ID == v.ID { // this form was recorded already: what is sent now is another event
				v.ID = p.NewID()
			}
		}
		if len(v.Meanwhile) > 0 {
			v.Person, v.Versions = now, []string{p.version(now.Person)}
			v.Seen = p.Clock.Now().UTC().Format(time.RFC3339Nano)
		}
	}
	return web.Render(w, r, status, eventPage(v))
}

func invalidCopy(f *fault.Error) *fault.Error {
	return fault.New(fault.Invalid, f.Key, f.Args).At(f.Field)
}

// placed puts faults at the fields of the form: the register names what a person or
// an event has, the form may ask for it by another name.
func (v *eventView) placed(faults fault.List) fault.List {
	has := func(name string) bool {
		return slices.ContainsFunc(v.Inputs, func(i input) bool { return i.Field.Name == name })
	}
	out := make(fault.List, len(faults))
	for i, f := range faults {
		name := f.Field[strings.LastIndexByte(f.Field, '.')+1:]
		switch {
		case has(name):
		case name == "birth" && has("on"):
			name = "on"
		case slices.Contains([]string{"permanent", "temporary", "present"}, name) && has("place"):
			name = "place"
		case len(v.Inputs) > 0:
			name = v.Inputs[0].Field.Name
		}
		out[i] = f.At(name)
	}
	return out
}

// recorded goes on to the person; of a new-born it shows the number first.
func (p *Pages) recorded(w http.ResponseWriter, r *http.Request, v eventView, done population.Recorded) error {
	words := p.words(r.Context())
	if v.Kind != population.Birth {
		return web.RedirectWith(w, r, v.Base, "people.event.done", fault.Args{"kind": words.Printer.T("people.kind." + string(v.Kind))})
	}
	for _, child := range done.Persons {
		if child.Number == done.Event.Number || done.Event.Number.IsZero() {
			b := bornView{
				Page: p.page(r, words.Printer.T("people.born.title")), Name: child.Name, Number: child.Number.Reveal(),
				Href: p.address(child.Number), Base: v.Base,
			}
			b.Wide = false
			return web.Render(w, r, http.StatusOK, bornPage(b))
		}
	}
	return errors.New("a birth was recorded without a child")
}

// bornView is the number of a new-born.
type bornView struct {
	ui.Page
	Name, Number, Href, Base string
}

// preview says for each person what would be otherwise.
func (p *Pages) preview(r *http.Request, v *eventView, m matter, would population.Recorded) error {
	words := p.words(r.Context())
	v.Title = words.Printer.T("people.preview.title", map[string]any{"kind": words.Printer.T("people.kind." + string(v.Kind))})
	v.Preview = nil
	called := p.names(r, v, p.inquiry(r, m))
	for i, part := range would.Event.Parts {
		before, err := p.before(r.Context(), v, p.inquiry(r, m), part.Number)
		if err != nil {
			return err
		}
		one := previewPart{ID: "part-" + strconv.Itoa(i), Name: before.Name}
		if before.Name == "" {
			one.Name = part.Facts.Name
		}
		facts := part.Facts
		if err := called(&facts); err != nil {
			return err
		}
		for _, f := range part.Fields {
			if f == population.FieldNumber && before.Name == "" {
				one.Changes = append(one.Changes, ui.Change{Label: sentence(words.field(f)), New: words.Printer.T("people.preview.number")})
				continue
			}
			old, now := words.value(&before, f), words.valueOn(&facts, f, movedOn(would.Event))
			if old != now {
				one.Changes = append(one.Changes, ui.Change{Label: sentence(words.field(f)), Old: old, New: now})
			}
		}
		v.Preview = append(v.Preview, one)
	}
	p.questions(words, v, would.Questions)
	v.Kept = nil
	for _, name := range v.Form.Names() {
		shown := slices.ContainsFunc(v.Asked, func(q askedView) bool { return q.Field.Name == name })
		if shown || slices.Contains([]string{"id", "seen", "version", "confirm", "change"}, name) {
			continue
		}
		for _, value := range v.Form.Values(name) {
			v.Kept = append(v.Kept, kept{name, value})
		}
	}
	return nil
}

// names gives the relatives of a preview their names: the register keeps a number alone of
// those whom it has.
func (p *Pages) names(r *http.Request, v *eventView, in population.Inquiry) func(*population.Person) error {
	known := map[citizen.Number]string{v.Person.Person.Number: v.Person.Person.Name}
	for _, of := range relatives(&v.Person.Person) {
		known[of.Number] = of.Name
	}
	return func(facts *population.Person) error {
		for _, of := range relatives(facts) {
			if of.Number.IsZero() || of.Name != "" {
				continue
			}
			if known[of.Number] == "" {
				seen, err := p.Register.View(r.Context(), in, of.Number)
				if err != nil {
					return err
				}
				known[of.Number] = seen.Person.Name
			}
			of.Name = known[of.Number]
		}
		return nil
	}
}

func relatives(p *population.Person) []*population.Relative {
	return []*population.Relative{&p.Father, &p.Mother, &p.Spouse, &p.Guardian}
}

// before is a person as the register knows them now, and notes which version that is.
func (p *Pages) before(ctx context.Context, v *eventView, in population.Inquiry, n citizen.Number) (population.Person, error) {
	if n == v.Person.Person.Number {
		return v.Person.Person, nil
	}
	if n.IsZero() || v.Kind == population.Birth { // the child is not in the register yet
		return population.Person{}, nil
	}
	seen, err := p.Register.View(ctx, in, n)
	if err != nil {
		return population.Person{}, err
	}
	if one := p.version(seen.Person); !slices.Contains(v.Versions, one) {
		v.Versions = append(v.Versions, one)
	}
	return seen.Person, nil
}
