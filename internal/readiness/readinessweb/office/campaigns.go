package office

import (
	"net/http"
	"slices"
	"strings"

	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinessweb"
)

type campaignsView struct {
	ui.Page
	May  bool
	List ui.Table
}

func (p *Pages) campaigns(w http.ResponseWriter, r *http.Request) error {
	if err := p.may(r, readiness.ReadBoard); err != nil {
		return err
	}
	pr := i18n.From(r.Context())
	campaigns, err := p.Register.Campaigns(r.Context(), p.Actor(r))
	if err != nil {
		return err
	}
	v := campaignsView{Page: p.page(r, "office.campaigns.title"), May: p.can(r, readiness.ManageCampaign)}
	v.List = ui.Table{
		ID: "campaigns", Stack: true, Caption: pr.T("office.campaigns.title"), Quiet: true, Columns: []ui.Column{
			{Label: pr.T("office.campaign.number")},
			{Label: pr.T("office.campaign.subject")},
			{Label: pr.T("office.campaign.round")},
			{Label: pr.T("office.campaign.issued")},
			{Label: pr.T("office.campaign.due")},
			{Label: pr.T("office.campaign.progress"), Numeric: true},
		},
		Empty: ui.Empty(pr.T("office.campaigns.empty"), ui.Link{Label: pr.T("office.new.title"), Href: "/office/campaigns/new"}),
	}
	if v.List.Rows, err = p.draftRows(r); err != nil {
		return err
	}
	for _, c := range campaigns {
		chased, err := p.Register.Chased(r.Context(), p.Actor(r), c.ID, p.today())
		if err != nil {
			return err
		}
		round := ""
		if c.Round > 0 {
			round = pr.T("office.round", map[string]any{"n": c.Round})
		}
		v.List.Rows = append(v.List.Rows, ui.Row{Cells: []ui.Cell{
			{Text: c.Number, Href: "/office/campaigns/" + c.ID},
			{Text: c.Subject.In(lang(r))},
			roundCell(pr, c, round),
			{Text: pr.Date(c.Issued)},
			{Text: pr.Date(c.Due)},
			{Text: str(inState(chased, readiness.Accepted)) + "/" + str(len(chased))},
		}})
	}
	return web.Render(w, r, http.StatusOK, campaignsPage(v))
}

// roundCell is which round a letter is, or that it was cancelled.
func roundCell(pr *i18n.Printer, c readiness.Campaign, round string) ui.Cell {
	if c.Cancelled != nil {
		return ui.Cell{Body: ui.Tag(ui.Caution, pr.T("readinessweb.cancelled"))}
	}
	return ui.Cell{Text: round}
}

func inState(list []readiness.Chased, s readiness.State) int {
	n := 0
	for _, c := range list {
		if c.State == s {
			n++
		}
	}
	return n
}

// campaignView is one campaign and where each recipient stands.
type campaignView struct {
	ui.Page
	Campaign readiness.Campaign
	Accepted int
	All      int
	Facts    []ui.Fact
	States   []ui.Figure
	Shown    readiness.State
	List     ui.Table
	Links    []ui.Link
}

func (p *Pages) campaign(w http.ResponseWriter, r *http.Request) error {
	if err := p.may(r, readiness.ReadReturn); err != nil {
		return err
	}
	pr := i18n.From(r.Context())
	c, err := p.Register.Campaign(r.Context(), p.Actor(r), r.PathValue("campaign"))
	if err != nil {
		return err
	}
	chased, err := p.Register.Chased(r.Context(), p.Actor(r), c.ID, p.today())
	if err != nil {
		return err
	}
	v := campaignView{
		Page: p.page(r, "office.campaign.title", map[string]any{"number": c.Number}), Campaign: c, Accepted: inState(chased, readiness.Accepted),
		All: len(chased), Shown: readiness.State(r.URL.Query().Get("state")),
	}
	v.Crumbs = []ui.Link{{Label: pr.T("office.campaigns.title"), Href: "/office/campaigns"}}
	v.Facts = p.campaignFacts(r, c)
	mailed, err := p.mailed(r, c)
	if err != nil {
		return err
	}
	if mailed != "" {
		v.Facts = append(v.Facts, ui.Fact{Key: pr.T("office.mailed"), Value: mailed})
	}
	path := "/office/campaigns/" + c.ID
	for _, s := range readiness.States {
		if n := inState(chased, s); n > 0 {
			v.States = append(v.States, ui.Figure{
				Label: pr.T("readiness.state." + string(s)), Value: pr.Int(int64(n)), Href: path + "?state=" + string(s),
			})
		}
	}
	link := func(may readiness.Action, key, href string) {
		if p.can(r, may) {
			v.Links = append(v.Links, ui.Link{Label: pr.T(key), Href: href})
		}
	}
	if c.Cancelled == nil {
		link(readiness.ImportReturn, "office.campaign.import", "/office/imports?campaign="+c.ID)
		link(readiness.Remind, "office.campaign.chase", "/office/chase/"+c.ID)
	}
	link(readiness.ReadReturn, "office.campaign.contacts", "/office/contacts/"+c.ID)
	link(readiness.ReadBoard, "office.campaign.csv", path+"/recipients.csv")
	if c.Cancelled == nil {
		link(readiness.ManageCampaign, "office.cancel.go", path+"/cancel")
	}
	v.List = p.recipientsTable(r, c, chased, v.Shown)
	return web.Render(w, r, http.StatusOK, campaignPage(v))
}

func (p *Pages) recipientsTable(r *http.Request, c readiness.Campaign, chased []readiness.Chased, shown readiness.State) ui.Table {
	pr := i18n.From(r.Context())
	t := ui.Table{
		ID: "recipients", Stack: true, Caption: pr.T("office.campaign.recipients"), Dense: true, Columns: []ui.Column{
			{Label: pr.T("office.agency")},
			{Label: pr.T("office.code")},
			{Label: pr.T("office.kind")},
			{Label: pr.T("office.state")},
			{Label: pr.T("office.problems"), Numeric: true},
			{Label: pr.T("office.late"), Numeric: true},
		},
		Empty: ui.Empty(pr.T("office.campaign.none"), ui.Link{Label: pr.T("office.campaign.all"), Href: "/office/campaigns/" + c.ID}),
	}
	chased = slices.Clone(chased)
	i18n.SortBy(chased, func(c readiness.Chased) string { return c.Agency.Name })
	may := p.can(r, readiness.ReadIntake)
	for _, ch := range chased {
		if shown != "" && ch.State != shown {
			continue
		}
		name := ui.Cell{Text: ch.Agency.Name}
		if may {
			name.Href = returnPath(c.ID, ch.Agency.Code)
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			name,
			{Text: ch.Agency.Code},
			{Text: pr.T("readiness.kind." + ch.Agency.Kind)},
			{Body: readinessweb.StateTag(ch.State)},
			{Text: unlessZero(pr, ch.Problems)},
			{Text: unlessZero(pr, max(ch.Late, ch.CameLate))},
		}})
	}
	return t
}

func (p *Pages) campaignFacts(r *http.Request, c readiness.Campaign) []ui.Fact {
	pr, lang := i18n.From(r.Context()), lang(r)
	facts := []ui.Fact{
		{Key: pr.T("office.campaign.subject"), Value: c.Subject.In(lang)},
		{Key: pr.T("office.campaign.issued"), Value: pr.Date(c.Issued)},
		{Key: pr.T("office.campaign.due"), Value: pr.Date(c.Due)},
		{
			Key: pr.T("office.campaign.letter"),
			Body: linkList([]ui.Link{
				{Label: "Word (.docx)", Href: "/office/campaigns/" + c.ID + "/letter.docx"},
				{Label: "PDF", Href: "/office/campaigns/" + c.ID + "/letter.pdf"},
			}),
		},
		{Key: pr.T("office.campaign.template"), Body: linkList([]ui.Link{{Label: c.Template, Href: "/office/templates/" + c.Template}})},
		{
			Key:   pr.T("office.campaign.asked"),
			Value: pr.T("office.campaign.asked.n", map[string]any{"n": len(c.Recipients.Agencies), "date": c.Recipients.On}),
		},
	}
	if c.Round > 0 {
		facts = slices.Insert(facts, 3, ui.Fact{Key: pr.T("office.campaign.round"), Value: pr.T("office.round", map[string]any{"n": c.Round})})
	}
	if c.Previous != "" {
		facts = append(facts, ui.Fact{
			Key:  pr.T("office.campaign.previous"),
			Body: linkList([]ui.Link{{Label: c.Previous, Href: "/office/campaigns/" + c.Previous}}),
		})
	}
	if c.Cancelled != nil {
		facts = append(facts, ui.Fact{Key: pr.T("office.cancel.letter"), Body: linkList([]ui.Link{
			{Label: "Word (.docx)", Href: "/office/campaigns/" + c.ID + "/cancellation.docx"},
			{Label: "PDF", Href: "/office/campaigns/" + c.ID + "/cancellation.pdf"},
		})})
	}
	if n := c.Note.In(lang); n != "" {
		facts = append(facts, ui.Fact{Key: pr.T("office.campaign.note"), Value: n})
	}
	return facts
}

// campaignFile gives the covering letter, or the list of recipients.
func (p *Pages) campaignFile(w http.ResponseWriter, r *http.Request) error {
	if err := p.may(r, readiness.ReadBoard); err != nil {
		return err
	}
	campaign, file := r.PathValue("campaign"), r.PathValue("file")
	if format, ok := strings.CutPrefix(file, "letter."); ok {
		f, err := p.Exports.Letter(r.Context(), p.Actor(r), campaign, format)
		if err != nil {
			return err
		}
		return f.Send(w)
	}
	if format, ok := strings.CutPrefix(file, "cancellation."); ok {
		f, err := p.Exports.Cancellation(r.Context(), p.Actor(r), campaign, format)
		if err != nil {
			return err
		}
		return f.Send(w)
	}
	if file != "recipients.csv" {
		return errNoPage
	}
	pr := i18n.From(r.Context())
	chased, err := p.Register.Chased(r.Context(), p.Actor(r), campaign, p.today())
	if err != nil {
		return err
	}
	rows := [][]string{{
		pr.T("office.code"), pr.T("office.agency"), pr.T("office.kind"), pr.T("office.state"), pr.T("office.problems"),
		pr.T("office.late"), pr.T("office.handed_in"),
	}}
	for _, c := range chased {
		rows = append(rows, []string{
			c.Agency.Code, c.Agency.Name, pr.T("readiness.kind." + c.Agency.Kind), pr.T("readiness.state." + string(c.State)),
			str(c.Problems), str(max(c.Late, c.CameLate)), timeText(pr, c.HandedIn),
		})
	}
	f, err := readinessweb.CSV(pr.T("office.campaign.csv.name", map[string]any{"campaign": campaign}), rows)
	if err != nil {
		return err
	}
	return f.Send(w)
}
