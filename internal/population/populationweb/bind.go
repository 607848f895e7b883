package populationweb

import (
	"net/http"
	"slices"

	"dean06/internal/citizen"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/population"
)

// bindView says how an account is bound to a person: by what its holder knows, or by an
// officer. It tells nothing of anybody.
type bindView struct {
	ui.Page
	Waiting                     string // what was asked of an officer already
	Number, Name, Birth, Serial string
	Confirm                     []string // the ticked one
	AskNumber                   string
}

func (p *Pages) blankBind(r *http.Request) (v bindView, bound bool, err error) {
	state, err := p.Register.MyBinding(r.Context(), who(r.Context()))
	if err != nil || state.Bound {
		return v, state.Bound, err
	}
	words := p.words(r.Context())
	v.Page = p.own(r, words.Printer.T("people.bind.title"))
	if q := state.Request; q != nil {
		v.Waiting = words.Printer.T("people.bind.waiting", map[string]any{"number": q.Number.String(), "at": words.Time(q.At)})
	}
	return v, false, nil
}

func (p *Pages) bind(w http.ResponseWriter, r *http.Request) error {
	v, bound, err := p.blankBind(r)
	if err != nil {
		return err
	}
	if bound {
		return web.Redirect(w, r, lookupsPath)
	}
	return web.Render(w, r, http.StatusOK, bindPage(v))
}

func (p *Pages) bindPost(w http.ResponseWriter, r *http.Request) error {
	v, bound, err := p.blankBind(r)
	if err != nil {
		return err
	}
	if bound { // the second click
		return web.Redirect(w, r, lookupsPath)
	}
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v.Number, v.Name, v.Birth, v.Serial = form.Text("number"), form.Text("name"), form.Text("birth"), form.Text("serial")
	v.Confirm = form.Values("confirm")
	proof := population.SelfProof{Name: v.Name, Serial: v.Serial, Confirmed: slices.Contains(v.Confirm, "1")}
	proof.Number, v.Errors = numberOf(v.Number, "number", v.Errors)
	if v.Birth != "" {
		var wrong error
		if proof.Birth, wrong = citizen.ParseDay(v.Birth); wrong != nil {
			v.Errors = append(v.Errors, at(web.FormErrors(wrong), "birth")...)
		}
	}
	if len(v.Errors) > 0 {
		return web.Retry(w, r, v.Errors, bindPage(v))
	}
	if err := p.Register.Prove(r.Context(), who(r.Context()), proof); err != nil {
		return p.bindAgain(w, r, v, err, "number")
	}
	return web.RedirectWith(w, r, lookupsPath, "people.bind.done", nil)
}

// bindAgain shows the page again with what is wrong; what belongs to no field stands at
// one, so that the summary leads there.
func (p *Pages) bindAgain(w http.ResponseWriter, r *http.Request, v bindView, err error, field string) error {
	if f := fault.As(err); f != nil && (f.Kind == fault.Invalid || f.Kind == fault.TooMany) && f.Field == "" {
		v.Errors = fault.List{f.At(field)}
		return web.Render(w, r, web.Status(err), bindPage(v))
	}
	if v.Errors = web.FormErrors(err); len(v.Errors) == 0 {
		return err
	}
	return web.Retry(w, r, err, bindPage(v))
}

// numberOf reads a personal number of a form; an empty one is left to the register.
func numberOf(text, field string, faults fault.List) (citizen.Number, fault.List) {
	if text == "" {
		return citizen.Number{}, faults
	}
	n, err := citizen.ParseNumber(text)
	if err != nil {
		faults = append(faults, at(web.FormErrors(err), field)...)
	}
	return n, faults
}

func (p *Pages) bindAsk(w http.ResponseWriter, r *http.Request) error {
	v, bound, err := p.blankBind(r)
	if err != nil {
		return err
	}
	if bound {
		return web.Redirect(w, r, lookupsPath)
	}
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v.AskNumber = form.Text("ask_number")
	n, faults := numberOf(v.AskNumber, "ask_number", nil)
	if v.Errors = faults; len(faults) > 0 {
		return web.Retry(w, r, faults, bindPage(v))
	}
	if err := p.Register.AskOfficer(r.Context(), who(r.Context()), n); err != nil {
		return p.bindAgain(w, r, v, err, "ask_number")
	}
	return web.RedirectWith(w, r, bindPath, "people.bind.asked", nil)
}

// bindingsView is the accounts that wait for an officer.
type bindingsView struct {
	ui.Page
	Table ui.Table
}

func (p *Pages) bindings(w http.ResponseWriter, r *http.Request) error {
	waiting, err := p.Register.BindRequests(r.Context(), who(r.Context()), 100)
	if err != nil {
		return err
	}
	words := p.words(r.Context())
	v := bindingsView{Page: p.page(r, words.Printer.T("people.bindings.title"))}
	v.Table = ui.Table{
		ID: "waiting", Caption: words.Printer.T("people.bindings.waiting"), Dense: true,
		Empty: ui.Empty(words.Printer.T("people.bindings.none"), ui.Link{Label: words.Printer.T("people.search.title"), Href: peoplePath}),
	}
	for _, key := range []string{"account", "number", "when"} {
		v.Table.Columns = append(v.Table.Columns, ui.Column{Label: words.Printer.T("people.bindings." + key)})
	}
	for _, q := range waiting {
		v.Table.Rows = append(v.Table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: words.asking(q), Href: p.address(q.Number) + "/bind"}, {Text: q.Number.String()}, {Text: words.Time(q.At)},
		}})
	}
	return web.Render(w, r, http.StatusOK, bindingsPage(v))
}

// asking is an account that asks, as its holder calls it.
func (w words) asking(q population.BindRequest) string {
	return w.Printer.T("people.bind.account", map[string]any{"name": q.Name, "login": q.Login})
}

// bindPersonView is a person beside the accounts that ask to be bound to them.
type bindPersonView struct {
	ui.Page
	Base, Matter string
	Groups       []group
	Accounts     ui.Field
	Card         ui.Field
	None         bool
}

func (p *Pages) blankBindPerson(w http.ResponseWriter, r *http.Request) (v bindPersonView, m matter, n citizen.Number, ok bool, err error) {
	if n, err = p.whom(r); err != nil {
		return v, m, n, false, err
	}
	if m, ok, err = p.ask(w, r); !ok {
		return v, m, n, false, err
	}
	seen, err := p.Register.View(r.Context(), p.inquiry(r, m), n)
	if err != nil {
		return v, m, n, false, err
	}
	waiting, err := p.Register.BindRequestsFor(r.Context(), who(r.Context()), n)
	if err != nil {
		return v, m, n, false, err
	}
	words := p.words(r.Context())
	v.Page = p.page(r, words.Printer.T("people.bind.person", map[string]any{"name": seen.Person.Name}))
	v.Wide, v.Base, v.Matter, v.None = false, p.address(n), words.matter(m), len(waiting) == 0
	v.Back, v.Groups = v.Base, words.groups(&seen)[:1]
	v.Accounts = ui.Field{Name: "request", Label: words.Printer.T("people.bind.which")}
	for _, q := range waiting {
		v.Accounts.Options = append(v.Accounts.Options, ui.Option{Value: q.ID, Label: words.asking(q), Hint: words.Time(q.At)})
	}
	if len(waiting) == 1 {
		v.Accounts.Value = waiting[0].ID
	}
	v.Card = ui.Field{Name: "card", Label: words.Printer.T("people.bind.card"), Hint: words.Printer.T("people.bind.card.hint")}
	for _, kind := range population.CardKinds {
		v.Card.Options = append(v.Card.Options, ui.Option{Value: kind, Label: words.Printer.T("people.bind.card." + kind)})
	}
	return v, m, n, true, nil
}

func (p *Pages) bindPerson(w http.ResponseWriter, r *http.Request) error {
	v, _, _, ok, err := p.blankBindPerson(w, r)
	if !ok {
		return err
	}
	return web.Render(w, r, http.StatusOK, bindPersonPage(v))
}

func (p *Pages) bindPersonPost(w http.ResponseWriter, r *http.Request) error {
	v, m, n, ok, err := p.blankBindPerson(w, r)
	if !ok {
		return err
	}
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v.Accounts.Value, v.Card.Value = form.Text("request"), form.Text("card")
	if err := p.Register.Bind(r.Context(), p.inquiry(r, m), n, v.Accounts.Value, v.Card.Value); err != nil {
		if f := fault.As(err); f != nil && f.Kind == fault.Conflict {
			err = invalidCopy(f).At("request")
		}
		v.Errors = web.FormErrors(err)
		if len(v.Errors) == 0 {
			return err
		}
		v.Accounts.Errors, v.Card.Errors = v.Errors, v.Errors
		return web.Retry(w, r, err, bindPersonPage(v))
	}
	return web.RedirectWith(w, r, v.Base, "people.bind.bound", nil)
}
