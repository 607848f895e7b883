package office

import (
	"net/http"
	"slices"
	"time"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/readiness"
)

// job is one thing that waits for a person.
type job struct {
	kind     string // "file", "second", "unread", "unsure", "ready", "sent_back"
	campaign readiness.Campaign
	name     string
	agency   string
	since    time.Time
	n        int
	href     string
}

type workView struct {
	ui.Page
	Jobs      ui.Table
	Campaigns []workCampaign
	More      int
}

// workCampaign is where one campaign stands, in numbers.
type workCampaign struct {
	readiness.Campaign
	Figures []ui.Figure
}

const jobsShown = 60

func (p *Pages) workList(w http.ResponseWriter, r *http.Request) error {
	if err := p.may(r, readiness.ResolveReading); err != nil {
		return err
	}
	campaigns, err := p.Register.Campaigns(r.Context(), p.Actor(r))
	if err != nil {
		return err
	}
	pr := i18n.From(r.Context())
	v := workView{Page: p.page(r, "office.work.title")}
	var jobs []job
	for _, c := range readiness.Live(campaigns) {
		of, figures, err := p.work(r, c)
		if err != nil {
			return err
		}
		jobs = append(jobs, of...)
		v.Campaigns = append(v.Campaigns, workCampaign{c, figures})
	}
	// What is due first, first; within one letter, who has waited longest.
	slices.SortStableFunc(jobs, func(a, b job) int {
		if d := a.campaign.Due.Compare(b.campaign.Due); d != 0 {
			return d
		}
		return a.since.Compare(b.since)
	})
	v.More = max(0, len(jobs)-jobsShown)
	v.Jobs = jobsTable(pr, p.today(), jobs[:min(jobsShown, len(jobs))])
	return web.Render(w, r, http.StatusOK, workPage(v))
}

// work gathers what waits in one campaign, and its numbers.
func (p *Pages) work(r *http.Request, c readiness.Campaign) ([]job, []ui.Figure, error) {
	ctx, pr := r.Context(), i18n.From(r.Context())
	var jobs []job
	items, err := p.Register.OpenItems(ctx, p.Actor(r), c.ID)
	if err != nil {
		return nil, nil, err
	}
	name, err := p.names(r, c.ID)
	if err != nil {
		return nil, nil, err
	}
	for _, i := range items {
		j := job{kind: "file", campaign: c, name: i.File.Name, since: i.At, href: "/office/items/" + i.ID, n: len(i.Problems)}
		if i.Agency != "" {
			j.agency = name(i.Agency)
		}
		switch {
		case i.Agency != "" && i.Unread():
			j.kind = "unread"
		case i.Agency != "" && i.Rivals():
			j.kind = "second"
		}
		jobs = append(jobs, j)
	}
	heads, err := p.Register.Heads(ctx, p.Actor(r), c.ID)
	if err != nil {
		return nil, nil, err
	}
	count := map[string]int{"file": len(items)}
	for _, h := range heads {
		var kind string
		switch {
		case h.State == readiness.Submitted && h.Problems > 0:
			kind = "unsure"
		case h.State == readiness.Submitted:
			kind = "ready"
		case h.State == readiness.SentBack:
			kind = "sent_back"
		case h.State == readiness.Accepted:
			count["accepted"]++
			continue
		default:
			continue
		}
		count[kind]++
		jobs = append(jobs, job{
			kind: kind, campaign: c, agency: h.Agency.Name, since: h.Updated, n: h.Problems, href: returnPath(c.ID, h.Agency.Code),
		})
	}
	chased, err := p.Register.Chased(ctx, p.Actor(r), c.ID, p.today())
	if err != nil {
		return nil, nil, err
	}
	for _, ch := range chased {
		if ch.Late > 0 {
			count["late"]++
		}
	}
	path := "/office/campaigns/" + c.ID
	figure := func(kind, href string) ui.Figure {
		return ui.Figure{Label: pr.T("office.work.count." + kind), Value: pr.Int(int64(count[kind])), Href: href}
	}
	return jobs, []ui.Figure{
		{Label: pr.T("office.work.count.accepted"), Value: pr.Int(int64(count["accepted"])) + "/" + pr.Int(int64(len(chased))), Href: path},
		figure("file", "/office/imports?campaign="+c.ID), figure("unsure", path+"?state=submitted"), figure("ready", path+"?state=submitted"),
		figure("sent_back", path+"?state=sent_back"), figure("late", "/office/chase/"+c.ID),
	}, nil
}

func jobsTable(pr *i18n.Printer, today clock.Date, jobs []job) ui.Table {
	t := ui.Table{
		ID: "work", Stack: true, Caption: pr.T("office.work.table"), Quiet: true, Columns: []ui.Column{
			{Label: pr.T("office.work.what")},
			{Label: pr.T("office.work.who")},
			{Label: pr.T("office.campaign")},
			{Label: pr.T("office.work.due")},
			{Label: pr.T("office.work.waits"), Numeric: true},
		},
		Empty: ui.Empty(pr.T("office.work.empty"), ui.Link{Label: pr.T("office.work.empty.link"), Href: "/office/imports"}),
	}
	for _, j := range jobs {
		who := j.agency
		if who == "" {
			who = j.name
		}
		days := max(0, clock.DayOf(j.since).DaysUntil(today))
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: pr.T("office.work.do."+j.kind, map[string]any{"n": j.n}), Href: j.href},
			{Text: who},
			{Text: j.campaign.Number},
			{Body: dueMark(j.campaign.Due, today)},
			{Text: pr.T("office.days", map[string]any{"n": days})},
		}})
	}
	return t
}
