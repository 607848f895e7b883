package populationweb

import (
	"net/http"
	"net/url"
	"strings"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/population"
)

// mistakesPath is what other agencies' dossiers say is wrong.
const mistakesPath = "/people/mistakes"

// mistakesView is what waits for a registrar. It names nobody.
type mistakesView struct {
	ui.Page
	All   bool
	Table ui.Table
	Pages ui.Pages
}

func (p *Pages) mistakes(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	const limit = 50
	words, all := p.words(r.Context()), form.Text("all") != ""
	list, err := p.Register.Mistakes(r.Context(), who(r.Context()), !all, form.Text("after"), limit+1)
	if err != nil {
		return err
	}
	v := mistakesView{Page: p.page(r, words.Printer.T("people.mistakes.title")), All: all}
	if len(list) > limit {
		list = list[:limit]
		query := url.Values{"after": {list[limit-1].Place}}
		if all {
			query.Set("all", "1")
		}
		v.Pages.Next = mistakesPath + "?" + query.Encode()
	}
	v.Table = ui.Table{
		ID: "mistakes", Caption: words.Printer.T("people.mistakes.caption"), Dense: true,
		Empty: ui.Empty(words.Printer.T("people.mistakes.none"), ui.Link{Label: words.Printer.T("people.search.title"), Href: peoplePath}),
	}
	for _, key := range []string{"field", "agency", "dossier", "at", "state"} {
		v.Table.Columns = append(v.Table.Columns, ui.Column{Label: words.Printer.T("people.mistakes." + key)})
	}
	for _, m := range list {
		v.Table.Rows = append(v.Table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: sentence(words.field(m.Field)), Href: mistakesPath + "/" + m.ID},
			{Text: words.agency(m.Agency)},
			{Text: m.Dossier},
			{Text: words.Time(m.At)},
			{Text: words.Printer.T("people.mistake.state." + string(m.State))},
		}})
	}
	return web.Render(w, r, http.StatusOK, mistakesPage(v))
}

// mistakeView is one claim, beside the way to the person's data.
type mistakeView struct {
	ui.Page
	Facts   []ui.Fact
	Person  string // address of the person
	Correct string // address where a correction is recorded
	Settle  string // address to which the form is sent
	Open    bool
	Answer  string
}

func (p *Pages) mistake(w http.ResponseWriter, r *http.Request) error {
	return p.showMistake(w, r, "", nil)
}

func (p *Pages) showMistake(w http.ResponseWriter, r *http.Request, answer string, why error) error {
	m, ok, err := p.ask(w, r)
	if !ok {
		return err
	}
	claim, err := p.Register.Mistake(r.Context(), p.inquiry(r, m), r.PathValue("mistake"))
	if err != nil {
		return err
	}
	words := p.words(r.Context())
	t := words.Printer.T
	v := mistakeView{
		Page: p.page(r, t("people.mistake.title", map[string]any{"field": words.field(claim.Field)})), Open: claim.State == population.MistakeOpen,
		Person: p.address(claim.Number), Correct: p.address(claim.Number) + "/events/" + string(population.Correction),
		Settle: mistakesPath + "/" + claim.ID, Answer: answer,
	}
	v.Crumbs = []ui.Link{{Label: t("people.mistakes.title"), Href: mistakesPath}}
	add := func(key, value string) {
		if value != "" {
			v.Facts = append(v.Facts, ui.Fact{Key: t("people.mistake." + key), Value: value})
		}
	}
	add("number", claim.Number.String())
	add("says", claim.Says)
	add("why", claim.Why)
	add("from", words.agency(claim.Agency)+", "+words.officer(claim.Client, claim.Officer))
	add("dossier", claim.Dossier)
	add("purpose", words.purpose(claim.Purpose))
	add("at", words.Time(claim.At))
	add("state", t("people.mistake.state."+string(claim.State)))
	add("answer", claim.Answer)
	if v.Errors = web.FormErrors(why); why != nil {
		return web.Retry(w, r, why, mistakePage(v))
	}
	return web.Render(w, r, http.StatusOK, mistakePage(v))
}

// CitizenSelf is the word by which a system says that no officer asked, but the citizen
// themselves, filling in their own form.
const CitizenSelf = "congdan"

func (p *Pages) mistakePost(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	answer := strings.TrimSpace(form.Text("answer"))
	if form.Text("how") != "corrected" && answer == "" {
		return p.showMistake(w, r, answer, fault.List{fault.New(fault.Invalid, "population.mistake.reason", nil).At("answer")})
	}
	if form.Text("how") == "corrected" {
		answer = ""
	}
	if err := p.Register.SettleMistake(r.Context(), who(r.Context()), r.PathValue("mistake"), answer); err != nil {
		if web.FormErrors(err) == nil {
			return err
		}
		return p.showMistake(w, r, answer, err)
	}
	return web.RedirectWith(w, r, mistakesPath, "people.mistake.done", nil)
}
