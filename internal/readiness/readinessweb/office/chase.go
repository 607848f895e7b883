package office

import (
	"archive/zip"
	"bytes"
	"fmt"
	"net/http"
	"strings"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinessweb"
)

// chaseView is the agencies that have not handed in, or whose return is not whole.
type chaseView struct {
	ui.Page
	Campaign  readiness.Campaign
	Campaigns []ui.NavItem
	Waiting   int // have not handed in
	Late      int
	May       bool
	Rows      []chaseRow
	Chosen    map[string]bool
	Failed    []string // who could not be reminded, and why
}

type chaseRow struct {
	readiness.Chased
	Sent readiness.Reminder // the last one; zero: none
}

// Open says that the agency can be reminded: one that has handed in waits for a
// reviewer instead, one whose paper waits for the office.
func (r chaseRow) Open() bool { return readiness.Outstanding(r.State) && len(r.Papers) == 0 }

func (p *Pages) chaseNewest(w http.ResponseWriter, r *http.Request) error {
	if err := p.may(r, readiness.Remind); err != nil {
		return err
	}
	campaigns, err := p.Register.Campaigns(r.Context(), p.Actor(r))
	if err != nil {
		return err
	}
	campaigns = readiness.Live(campaigns)
	if len(campaigns) == 0 {
		return web.Redirect(w, r, "/office/campaigns")
	}
	return web.Redirect(w, r, "/office/chase/"+campaigns[0].ID)
}

func (p *Pages) chase(w http.ResponseWriter, r *http.Request) error {
	v, err := p.chaseView(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, chasePage(v))
}

func (p *Pages) chaseView(r *http.Request) (chaseView, error) {
	if err := p.may(r, readiness.ReadReturn); err != nil {
		return chaseView{}, err
	}
	ctx := r.Context()
	c, err := p.Register.Campaign(ctx, p.Actor(r), r.PathValue("campaign"))
	if err != nil {
		return chaseView{}, err
	}
	v := chaseView{
		Page: p.page(r, "office.chase.title", map[string]any{"number": c.Number}), Campaign: c, May: p.can(r, readiness.Remind),
		Chosen: map[string]bool{},
	}
	campaigns, err := p.Register.Campaigns(ctx, p.Actor(r))
	if err != nil {
		return v, err
	}
	for _, other := range readiness.Live(campaigns) {
		v.Campaigns = append(v.Campaigns, ui.NavItem{Label: other.Number, Href: "/office/chase/" + other.ID, Current: other.ID == c.ID})
	}
	chased, err := p.Register.Chased(ctx, p.Actor(r), c.ID, p.today())
	if err != nil {
		return v, err
	}
	reminders, err := p.Register.Reminders(ctx, p.Actor(r), c.ID)
	if err != nil {
		return v, err
	}
	last := map[string]readiness.Reminder{}
	for _, m := range reminders {
		if !m.Notice() && m.At.After(last[m.Agency].At) {
			last[m.Agency] = m
		}
	}
	for _, ch := range chased {
		if readiness.Outstanding(ch.State) || ch.Incomplete {
			v.Rows = append(v.Rows, chaseRow{ch, last[ch.Agency.Code]})
		}
		if readiness.Outstanding(ch.State) {
			v.Waiting++
		}
		if ch.Late > 0 {
			v.Late++
		}
	}
	return v, nil
}

// chosen gives the ticked rows of the page, each with the reminder that is due,
// or today's outside of the schedule.
func (p *Pages) chosen(v *chaseView, form web.Form) (map[string]string, error) {
	steps := map[string]string{}
	for _, code := range form.Values("agency") {
		v.Chosen[code] = true
	}
	for _, row := range v.Rows {
		if !v.Chosen[row.Agency.Code] || !row.Open() {
			continue
		}
		steps[row.Agency.Code] = p.today().String()
		if row.Due != nil {
			steps[row.Agency.Code] = row.Due.Key()
		}
	}
	if len(steps) == 0 {
		return nil, fault.New(fault.Invalid, "office.chase.none_chosen", nil).At("agency")
	}
	return steps, nil
}

func (p *Pages) chasePost(w http.ResponseWriter, r *http.Request) error {
	if err := p.may(r, readiness.Remind); err != nil {
		return err
	}
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v, err := p.chaseView(r)
	if err != nil {
		return err
	}
	steps, err := p.chosen(&v, form)
	if err != nil {
		v.Errors = web.FormErrors(err)
		return web.Retry(w, r, err, chasePage(v))
	}
	pr, sent, before := i18n.From(r.Context()), 0, 0
	for _, row := range v.Rows {
		step, ok := steps[row.Agency.Code]
		if !ok {
			continue
		}
		fresh, err := p.Work.Remind(r.Context(), p.Actor(r), v.Campaign.ID, row.Agency.Code, step)
		switch f := fault.As(err); {
		case err != nil && f == nil:
			return err
		case err != nil:
			v.Failed = append(v.Failed, pr.T(f.Key, f.Args))
		case fresh:
			sent++
		default:
			before++
		}
	}
	if len(v.Failed) > 0 {
		return web.Render(w, r, http.StatusOK, chasePage(p.chaseAgain(r, v)))
	}
	return web.RedirectWith(w, r, "/office/chase/"+v.Campaign.ID, "office.chase.sent", fault.Args{"n": sent, "before": before})
}

// chaseAgain shows the list as it stands after reminders, with what failed.
func (p *Pages) chaseAgain(r *http.Request, v chaseView) chaseView {
	now, err := p.chaseView(r)
	if err != nil {
		return v
	}
	now.Failed, now.Chosen = v.Failed, v.Chosen
	return now
}

// chaseLetters gives the reminders as letters to print, and writes down that
// they were made.
func (p *Pages) chaseLetters(w http.ResponseWriter, r *http.Request) error {
	if err := p.may(r, readiness.Remind); err != nil {
		return err
	}
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v, err := p.chaseView(r)
	if err != nil {
		return err
	}
	steps, err := p.chosen(&v, form)
	if err != nil {
		v.Errors = web.FormErrors(err)
		return web.Retry(w, r, err, chasePage(v))
	}
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for _, row := range v.Rows {
		if step, ok := steps[row.Agency.Code]; ok {
			if err := p.addLetter(r, z, v.Campaign.ID, row.Agency.Code, step); err != nil {
				return err
			}
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("close zip of letters: %w", err)
	}
	name := i18n.T(r.Context(), "office.chase.zip", map[string]any{"campaign": v.Campaign.ID})
	return readinessweb.File{Name: name + ".zip", MediaType: "application/zip", Content: buf.Bytes()}.Send(w)
}

func (p *Pages) addLetter(r *http.Request, z *zip.Writer, campaign, agency, step string) error {
	f, err := p.Exports.Reminder(r.Context(), p.Actor(r), campaign, agency, "docx")
	if err != nil {
		return err
	}
	out, err := z.Create(strings.ReplaceAll(f.Name, "/", "-"))
	if err != nil {
		return fmt.Errorf("add letter to %s: %w", agency, err)
	}
	if _, err := out.Write(f.Content); err != nil {
		return fmt.Errorf("add letter to %s: %w", agency, err)
	}
	_, err = p.Register.Remind(r.Context(), p.Actor(r), campaign, agency, step, "letter", func(readiness.Tx) error { return nil })
	return err
}

// contactsView is the focal points of a campaign's recipients.
type contactsView struct {
	ui.Page
	Campaign readiness.Campaign
	List     ui.Table
	May      bool // unmask
	Open     bool // unmasked
}

func (p *Pages) contacts(w http.ResponseWriter, r *http.Request) error {
	list, err := p.Register.FocalContacts(r.Context(), p.Actor(r), r.PathValue("campaign"))
	if err != nil {
		return err
	}
	for i := range list {
		list[i].Contact = list[i].Contact.Masked()
	}
	return p.showContacts(w, r, list, false)
}

func (p *Pages) contactsReveal(w http.ResponseWriter, r *http.Request) error {
	list, err := p.Register.RevealContacts(r.Context(), p.Actor(r), r.PathValue("campaign"))
	if err != nil {
		return err
	}
	return p.showContacts(w, r, list, true)
}

func (p *Pages) showContacts(w http.ResponseWriter, r *http.Request, list []readiness.FocalContact, open bool) error {
	pr := i18n.From(r.Context())
	c, err := p.Register.Campaign(r.Context(), p.Actor(r), r.PathValue("campaign"))
	if err != nil {
		return err
	}
	v := contactsView{
		Page: p.page(r, "office.contacts.title", map[string]any{"number": c.Number}), Campaign: c, Open: open,
		May: p.can(r, readiness.ReadContact),
	}
	v.List = ui.Table{ID: "contacts", Stack: true, Caption: pr.T("office.contacts.table"), Quiet: true, Dense: true, Columns: []ui.Column{
		{Label: pr.T("office.agency")},
		{Label: pr.T("office.contacts.name")},
		{Label: pr.T("office.contacts.position")},
		{Label: pr.T("office.contacts.phone")},
		{Label: pr.T("office.contacts.email")},
	}}
	i18n.SortBy(list, func(f readiness.FocalContact) string { return f.Agency.Name })
	for _, f := range list {
		cells := []ui.Cell{
			{Text: f.Agency.Name},
			{Text: f.Contact.FullName},
			{Text: strings.Trim(f.Contact.Position+", "+f.Contact.Organisation, ", ")},
			{Text: f.Contact.Phone},
			{Text: f.Contact.Email},
		}
		if !f.Known {
			cells = []ui.Cell{{Text: f.Agency.Name}, {Text: pr.T("office.contacts.unknown")}, {}, {}, {}}
		}
		v.List.Rows = append(v.List.Rows, ui.Row{Cells: cells})
	}
	return web.Render(w, r, http.StatusOK, contactsPage(v))
}
