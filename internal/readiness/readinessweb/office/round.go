package office

import (
	"net/http"
	"strconv"
	"strings"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/readiness"
)

// draftPath is where a round is prepared.
func draftPath(id string) string { return "/office/rounds/" + id }

// draftRows are the rounds that are being prepared, above the list of those that went out.
func (p *Pages) draftRows(r *http.Request) ([]ui.Row, error) {
	if !p.can(r, readiness.ManageCampaign) {
		return nil, nil
	}
	pr := i18n.From(r.Context())
	drafts, err := p.Register.CampaignDrafts(r.Context(), p.Actor(r))
	var out []ui.Row
	for _, d := range drafts {
		c := d.Campaign
		name := c.Number
		if name == "" {
			name = pr.T("office.draft.unnamed")
		}
		out = append(out, ui.Row{Cells: []ui.Cell{
			{Text: name, Href: draftPath(d.ID)},
			{Text: c.Subject.In(lang(r))},
			{Body: ui.Tag(ui.Neutral, pr.T("office.draft"))},
			{Text: dayText(pr, c.Issued)},
			{Text: dayText(pr, c.Due)},
			{},
		}})
	}
	return out, err
}

// draft is a round that is being prepared, in its form.
func (p *Pages) draft(w http.ResponseWriter, r *http.Request) error {
	if err := p.may(r, readiness.ManageCampaign); err != nil {
		return err
	}
	d, err := p.Register.CampaignDraft(r.Context(), p.Actor(r), r.PathValue("draft"))
	if err != nil {
		return err
	}
	v, _, err := p.newView(r)
	if err != nil {
		return err
	}
	v.fill(d)
	c := d.Campaign
	p.recipients(p.Actor(r), &v, web.Form{}, &c)
	if err := p.plan(r, &v, c); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, newPage(v))
}

// fill shows what a draft keeps.
func (v *newView) fill(d readiness.CampaignDraft) {
	c, set := d.Campaign, v.Values
	v.begin(c, c.Issued)
	v.Draft, v.Revision = d.ID, d.Revision
	set["id"], set["number"], set["previous"] = c.ID, c.Number, c.Previous
	set["round"] = ""
	if c.Round > 0 {
		set["round"] = strconv.Itoa(c.Round)
	}
	set["issued-day"], set["issued-month"], set["issued-year"] = "", "", ""
	for name, day := range map[string]interface {
		IsZero() bool
		Day() int
		Year() int
	}{"issued": c.Issued, "due": c.Due} {
		if !day.IsZero() {
			set[name+"-day"], set[name+"-year"] = strconv.Itoa(day.Day()), strconv.Itoa(day.Year())
		}
	}
	if !c.Issued.IsZero() {
		set["issued-month"] = strconv.Itoa(int(c.Issued.Month()))
	}
	if !c.Due.IsZero() {
		set["due-month"] = strconv.Itoa(int(c.Due.Month()))
	}
}

// plan says who gets the letter and how they stand to the round before.
func (p *Pages) plan(r *http.Request, v *newView, c readiness.Campaign) error {
	if c.Issued.IsZero() || len(c.Recipients.Kinds) == 0 {
		return nil
	}
	planned, err := p.Register.Plan(r.Context(), p.Actor(r), c)
	if fault.Of(err) == fault.NotFound { // the round before that was typed is none
		return nil
	}
	if err != nil {
		return err
	}
	pr := i18n.From(r.Context())
	var kinds []string
	for _, k := range c.Recipients.Kinds {
		kinds = append(kinds, pr.T("readiness.kind."+k))
	}
	count := map[readiness.Fate]int{}
	for _, one := range planned {
		count[one.Fate]++
	}
	v.Rule = pr.T("office.plan.rule", map[string]any{
		"kinds": strings.Join(kinds, ", "), "date": c.Issued, "n": len(c.Recipients.Agencies), "excluded": count[readiness.FateExcluded],
	})
	v.Plan = ui.Table{
		ID: "plan", Caption: pr.T("office.plan"), Dense: true, Columns: []ui.Column{
			{Label: pr.T("office.agency")},
			{Label: pr.T("office.plan.gets")},
			{Label: pr.T("office.plan.fate")},
			{Label: pr.T("office.plan.kin")},
		},
		Empty: ui.Empty(pr.T("office.plan.same"), ui.Link{}),
	}
	for _, fate := range readiness.Fates {
		for _, one := range planned {
			if one.Fate != fate || fate == readiness.FateSame || fate == readiness.FateNew && c.Previous == "" {
				continue
			}
			gets := pr.T("office.plan.no")
			if one.Gets() {
				gets = pr.T("office.plan.yes")
			}
			v.Plan.Rows = append(v.Plan.Rows, ui.Row{Cells: []ui.Cell{
				{Text: one.Agency.Name}, {Text: gets}, {Text: pr.T("readiness.fate." + string(fate))}, {Text: strings.Join(one.Kin, "; ")},
			}})
		}
	}
	return nil
}

// keepDraft saves what is typed, and goes on with it.
func (p *Pages) keepDraft(w http.ResponseWriter, r *http.Request, v newView, c readiness.Campaign) error {
	d, err := p.Register.DraftCampaign(r.Context(), p.Actor(r), readiness.CampaignDraft{ID: v.Draft, Revision: v.Revision, Campaign: c})
	if err != nil {
		v.Errors = web.FormErrors(err)
		return web.Retry(w, r, err, newPage(v))
	}
	return web.RedirectWith(w, r, draftPath(d.ID), "office.draft.saved", nil)
}

func (p *Pages) dropDraft(w http.ResponseWriter, r *http.Request) error {
	if err := p.may(r, readiness.ManageCampaign); err != nil {
		return err
	}
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	revision, _, _ := form.Int("revision")
	if err := p.Register.DropCampaignDraft(r.Context(), p.Actor(r), r.PathValue("draft"), revision); err != nil {
		return err
	}
	return web.RedirectWith(w, r, "/office/campaigns", "office.draft.dropped", nil)
}

// cancelView is the form with which a round is cancelled.
type cancelView struct {
	ui.Page
	Campaign readiness.Campaign
	Number   ui.Field
	Day      ui.Field
	Reason   ui.Field
}

func (p *Pages) cancelView(r *http.Request, form web.Form, errs fault.List) (cancelView, error) {
	if err := p.may(r, readiness.ManageCampaign); err != nil {
		return cancelView{}, err
	}
	pr := i18n.From(r.Context())
	c, err := p.Register.Campaign(r.Context(), p.Actor(r), r.PathValue("campaign"))
	if err != nil {
		return cancelView{}, err
	}
	v := cancelView{Page: p.page(r, "office.cancel.title", map[string]any{"number": c.Number}), Campaign: c}
	v.Crumbs = []ui.Link{
		{Label: pr.T("office.campaigns.title"), Href: "/office/campaigns"}, {Label: c.Number, Href: "/office/campaigns/" + c.ID},
	}
	v.Errors = errs
	d, m, y := form.DateParts("day")
	v.Number = ui.Field{Name: "number", Label: pr.T("office.cancel.number"), Value: form.Text("number"), Width: 20, Errors: errs}
	v.Day = ui.Field{Name: "day", Label: pr.T("office.cancel.day"), Day: d, Month: m, Year: y, Errors: errs}
	v.Reason = ui.Field{
		Name: "reason", Label: pr.T("office.cancel.reason"), Hint: pr.T("office.cancel.reason.hint"), Value: form.Text("reason"), Rows: 4,
		Errors: errs,
	}
	return v, c.Live()
}

func (p *Pages) cancel(w http.ResponseWriter, r *http.Request) error {
	v, err := p.cancelView(r, web.Form{}, nil)
	if err != nil {
		return err
	}
	today := p.today() // most letters are of the day on which they are sent
	v.Day.Day, v.Day.Month, v.Day.Year = strconv.Itoa(today.Day()), strconv.Itoa(int(today.Month())), strconv.Itoa(today.Year())
	return web.Render(w, r, http.StatusOK, cancelPage(v))
}

func (p *Pages) cancelPost(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v, err := p.cancelView(r, form, nil)
	if err != nil {
		return err
	}
	x := readiness.Cancellation{Number: form.Text("number"), Reason: form.Text("reason")}
	if x.Day, err = form.Date("day"); err == nil {
		err = p.Work.Cancel(r.Context(), p.Actor(r), v.Campaign.ID, x)
	}
	if err != nil {
		if v, viewErr := p.cancelView(r, form, web.FormErrors(err)); viewErr == nil {
			return web.Retry(w, r, err, cancelPage(v))
		}
		return err
	}
	return web.RedirectWith(w, r, "/office/campaigns/"+v.Campaign.ID, "office.cancel.done", fault.Args{"number": v.Campaign.Number})
}

// mailed says how many agencies were told of a letter by mail; "" when it was not sent so.
func (p *Pages) mailed(r *http.Request, c readiness.Campaign) (string, error) {
	kind := readiness.NoticeIssued
	if c.Cancelled != nil {
		kind = readiness.NoticeCancelled
	}
	sent, err := p.Register.Reminders(r.Context(), p.Actor(r), c.ID)
	n := 0
	for _, m := range sent {
		if m.Step == string(kind) {
			n++
		}
	}
	if n == 0 {
		return "", err
	}
	return i18n.T(r.Context(), "office.mailed."+string(kind), map[string]any{"n": n, "of": len(c.Recipients.Agencies)}), err
}
