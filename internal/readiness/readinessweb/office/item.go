package office

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinessweb"
)

// itemView is one file that was taken in.
type itemView struct {
	ui.Page
	Item     readiness.BatchItem
	Outcome  outcome
	May      bool
	Facts    []ui.Fact
	By       string // who settled it
	Chosen   string // the agency that the file is to be of
	Agency   string // its name
	Agencies []ui.Option
	Likely   []ui.Option
	Current  readiness.Version // what the agency has already; Number 0: nothing
	Changes  []ui.Change
	Held     templ.Component

	// Of a file that no program can read.
	Unread bool
	Left   int // places that keep what was entered from being accepted
	Reason string
	Way    string // how the letter of refusal goes out
	Ways   []ui.Option
}

func (p *Pages) item(w http.ResponseWriter, r *http.Request) error {
	v, err := p.itemView(r, r.URL.Query().Get("agency"))
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, itemPage(v))
}

func (p *Pages) itemView(r *http.Request, chosen string) (itemView, error) {
	if err := p.may(r, readiness.ReadIntake); err != nil {
		return itemView{}, err
	}
	pr := i18n.From(r.Context())
	item, err := p.Register.BatchItem(r.Context(), p.Actor(r), r.PathValue("item"))
	if err != nil {
		return itemView{}, err
	}
	v := itemView{
		Page: p.page(r, "office.item.title", map[string]any{"file": item.File.Name}), Item: item,
		May: p.can(r, readiness.ImportReturn), Chosen: cmp.Or(chosen, item.Agency), By: p.By(r.Context(), item.ResolvedBy, item.At),
	}
	v.Crumbs = []ui.Link{
		{Label: pr.T("office.import.title"), Href: "/office/imports"},
		{Label: pr.T("office.batch"), Href: "/office/imports/" + item.Batch},
	}
	if item.Unread() {
		v.Chosen = item.Agency // that is said for good before anything else
	}
	name, err := p.names(r, item.Campaign)
	if err != nil {
		return v, err
	}
	if v.Chosen != "" {
		v.Agency = name(v.Chosen)
	}
	v.Outcome, v.Unread = outcomeOf(item, ""), item.Unread() && item.Open()
	v.Facts = itemFacts(pr, v)
	switch {
	case v.Unread:
		return v, p.fillUnread(r, &v)
	case item.Held == nil:
		return v, nil
	}
	return v, p.fillItem(r, &v)
}

// fillItem adds what a person needs to decide on a file that waits.
func (p *Pages) fillItem(r *http.Request, v *itemView) error {
	c, err := p.Register.Campaign(r.Context(), p.Actor(r), v.Item.Campaign)
	if err != nil {
		return err
	}
	if err := p.whose(r, v, c); err != nil {
		return err
	}
	return p.fillHeld(r, v, c, v.Item.Problems)
}

// fillHeld adds the return that is held, beside what its agency has already.
func (p *Pages) fillHeld(r *http.Request, v *itemView, c readiness.Campaign, problems []readiness.Problem) error {
	ctx, pr, item := r.Context(), i18n.From(r.Context()), v.Item
	t, err := p.Register.Template(ctx, p.Actor(r), item.Held.Template)
	if err != nil {
		return err
	}
	view := readiness.View{Campaign: c, Template: t, Agency: readiness.Agency{Name: item.Held.Heading, Kind: readiness.Province}}
	if v.Chosen != "" {
		if view, err = p.Register.Look(ctx, p.Actor(r), item.Campaign, v.Chosen); err != nil {
			return err
		}
		if s := view.Record.State(); s != readiness.Withdrawn && s != readiness.SentBack {
			v.Current, _ = view.Record.Latest()
		}
		if v.Current.Number > 0 {
			v.Changes = changes(pr, t, readiness.Diff(t, v.Current.Return, *item.Held))
		}
	}
	v.Held = readinessweb.Appendix(view, *item.Held, readinessweb.AppendixOptions{
		Problems: problems, Status: true, Readings: true, Masked: !p.can(r, readiness.ReadContact),
	})
	return nil
}

func itemFacts(pr *i18n.Printer, v itemView) []ui.Fact {
	item := v.Item
	facts := []ui.Fact{{Key: pr.T("office.batch.file"), Value: item.File.Name}}
	if item.File.SHA256 != "" {
		facts[0].Actions = []ui.Link{{Label: pr.T("office.file.original"), Href: "/office/items/" + item.ID + "/file"}}
	}
	facts = append(facts, ui.Fact{
		Key: pr.T("office.batch.result"), Body: ui.Tag(orNeutral(v.Outcome.tone()), pr.T("office.outcome."+string(v.Outcome))),
	})
	if item.Arrival > 0 {
		came := readiness.Arrival{Number: item.Arrival, At: item.At}
		facts = append(facts, ui.Fact{
			Key: pr.T("office.item.arrival"), Value: pr.T("office.item.arrived", map[string]any{"number": came.String(), "date": came.Day()}),
		})
	}
	if v.Agency != "" {
		f := ui.Fact{Key: pr.T("office.agency"), Value: v.Agency}
		if item.Version > 0 {
			f.Actions = []ui.Link{{Label: pr.T("office.item.return"), Href: returnPath(item.Campaign, item.Agency)}}
		}
		facts = append(facts, f)
	}
	if h := item.Held; h != nil {
		facts = append(facts,
			ui.Fact{Key: pr.T("office.item.heading"), Value: h.Heading},
			ui.Fact{Key: pr.T("office.item.answers"), Value: pr.Int(int64(len(h.Answers)))})
	}
	return facts
}

func orNeutral(t ui.Tone) ui.Tone {
	if t == "" {
		return ui.Neutral
	}
	return t
}

// changes puts differences between two returns into the words of the page.
func changes(pr *i18n.Printer, t *readiness.Template, list []readiness.Change) []ui.Change {
	lang := string(pr.Lang)
	out := make([]ui.Change, len(list))
	for i, c := range list {
		label := c.Label.In(lang)
		if label == "" {
			label = pr.T("office.field." + c.Field)
		}
		if c.Row != "" {
			label = c.Row + ". " + label
		}
		if c.System != "" && c.System != label {
			label += " – " + c.System
		}
		if n := columnName(pr, t, c.Column); c.Row != "" && n != "" {
			label += " – " + n
		}
		out[i] = ui.Change{Label: label, Old: c.Before.In(lang), New: c.After.In(lang)}
	}
	return out
}

// columnName is what a column of the form is called in a few words.
func columnName(pr *i18n.Printer, t *readiness.Template, column string) string {
	switch column {
	case readiness.ColNumber, readiness.ColComponent, readiness.ColUnit, readiness.ColCompliance, readiness.ColStage, readiness.ColNote:
		return pr.T("office.column." + column)
	}
	if i := slices.IndexFunc(t.Columns, func(c readiness.Column) bool { return c.Key == column }); i >= 0 {
		return t.Columns[i].Label.In(string(pr.Lang))
	}
	return ""
}

func (p *Pages) itemPost(w http.ResponseWriter, r *http.Request) error {
	if err := p.may(r, readiness.ImportReturn); err != nil {
		return err
	}
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	id, decision, agency := r.PathValue("item"), readiness.Decision(form.Text("decision")), form.Text("agency")
	v, err := p.itemView(r, agency)
	if err != nil {
		return err
	}
	again := func(err error) error { return p.itemAgain(w, r, v, err) }
	switch {
	case decision == assign:
		return p.assignPost(w, r, v, agency)
	case decision == refuse:
		return p.refusePost(w, r, v, form)
	case decision != readiness.Discard && decision != readiness.TakeIn:
		return again(fault.New(fault.Invalid, "office.item.decide", nil).At("decision"))
	case decision == readiness.TakeIn && v.Chosen == "":
		return again(fault.New(fault.Invalid, "office.item.no_agency", nil).At("agency"))
	case decision == readiness.TakeIn && form.Text("replaces") != strconv.Itoa(v.Current.Number):
		// What would be replaced was not shown, or has changed since: show it first.
		return again(fault.New(fault.Conflict, "office.item.look", fault.Args{"agency": v.Agency}).At("decision"))
	}
	item, err := p.Register.DecideItem(r.Context(), p.Actor(r), id, decision, v.Chosen)
	if err != nil {
		return again(err)
	}
	args := fault.Args{"file": item.File.Name, "agency": v.Agency}
	if decision == readiness.Discard {
		return web.RedirectWith(w, r, "/office/imports/"+item.Batch, "office.item.discarded", args)
	}
	return web.RedirectWith(w, r, returnPath(item.Campaign, item.Agency), "office.item.taken", args)
}

func (p *Pages) itemFile(w http.ResponseWriter, r *http.Request) error {
	file, content, err := p.Register.ItemPaper(r.Context(), p.Actor(r), r.PathValue("item"))
	if err != nil {
		return err
	}
	return sendPaper(w, file, content)
}

// sendPaper gives an original file as it came. Browsers keep it and never show
// it: it comes from strangers.
func sendPaper(w http.ResponseWriter, file readiness.FileRef, content []byte) error {
	return readinessweb.File{Name: baseName(file.Name), MediaType: "application/octet-stream", Content: content}.Send(w)
}
