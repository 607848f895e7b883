package populationweb

import (
	"net/http"

	"dean06/internal/citizen"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/population"
)

// residenceView is the confirmation of residence as it is printed.
type residenceView struct {
	ui.Page
	Base    string
	Facts   []ui.Fact
	Members ui.Table
	Day     string
}

// residence confirms where somebody lives; it replaces the household book. The number
// stands on it whole, and the look-up is logged as what it is.
func (p *Pages) residence(w http.ResponseWriter, r *http.Request) error {
	n, m, ok, err := p.askOf(w, r)
	if !ok {
		return err
	}
	in := p.inquiry(r, m)
	in.Service = population.ServiceResidence
	lives, err := p.Register.Residence(r.Context(), in, population.Key{Number: n})
	if err != nil {
		return err
	}
	words := p.words(r.Context())
	v := residenceView{Page: p.page(r, words.Printer.T("people.residence.title")), Base: p.address(n), Day: typed(p.today())}
	v.Back, v.Wide = v.Base, false
	add := func(key, value string) {
		if value != "" {
			v.Facts = append(v.Facts, ui.Fact{Key: words.Printer.T(key), Value: value})
		}
	}
	add("people.residence.name", lives.Name)
	add("people.residence.birth", words.day(lives.Birth))
	add("people.me.number", lives.Number.Reveal())
	add("people.residence.permanent", words.place(lives.Permanent, lives.Since)+" "+words.since(lives.Since))
	add("people.residence.today", words.other(lives.Permanent, lives.Since))
	if !lives.Temporary.IsZero() {
		add("people.residence.temporary", words.place(lives.Temporary, lives.TempSince)+" "+words.since(lives.TempSince))
	}
	add("people.residence.present", words.place(lives.Present, presentSince(lives)))
	add("people.residence.household", lives.Household)
	add("people.residence.head", lives.Head.Name)
	add("people.residence.relation", words.relation(lives.Relation))
	v.Members = words.house(lives.Members, n)
	for i := range v.Members.Rows { // on paper nothing leads anywhere
		for j := range v.Members.Rows[i].Cells {
			v.Members.Rows[i].Cells[j].Href = ""
		}
	}
	return web.Render(w, r, http.StatusOK, residencePage(v))
}

// presentSince is since when somebody lives where they do, when that is where they are
// registered; zero when it is not known.
func presentSince(lives population.Residence) citizen.Day {
	switch lives.Present {
	case lives.Permanent:
		return lives.Since
	case lives.Temporary:
		return lives.TempSince
	}
	return 0
}
