package approvalweb

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/approval"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

type emergenciesView struct {
	ui.Page
	Grants []ui.Task
	Pages  ui.Pages
	May    []string
	Left   int // on this page, that nobody has ticked off
}

func (p *Pages) emergencies(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	who, err := signed(r)
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	list, err := p.Service.SeeGrants(ctx, who, approval.GrantFilter{Below: form.Text("below"), Limit: pageSize + 1})
	if err != nil {
		return err
	}
	view := emergenciesView{Page: p.page(r, "emergencies")}
	view.Back = Path
	if form.Text("below") != "" {
		view.Pages.Previous = emergencyPath
	}
	if len(list) > pageSize {
		list = list[:pageSize]
		view.Pages.Next = emergencyPath + "?below=" + list[pageSize-1].ID
	}
	if view.May, err = p.Service.Emergencies(ctx, who); err != nil {
		return err
	}
	for _, g := range list {
		if g.Read.IsZero() {
			view.Left++
		}
	}
	view.Grants = p.grants(ctx, list)
	return web.Render(w, r, http.StatusOK, emergenciesPage(view))
}

func (p *Pages) grants(ctx context.Context, list []approval.Grant) []ui.Task {
	var out []ui.Task
	for _, g := range list {
		task := ui.Task{
			Title: t(ctx, "emergency.line", fault.Args{"name": p.name(ctx, g.By), "role": i18n.T(ctx, "role."+g.Role)}),
			Href:  emergencyPath + "/" + g.ID, State: t(ctx, "emergency.unread"), Tone: ui.Caution,
			Hint: t(ctx, "emergency.times", fault.Args{"from": g.At, "until": g.Until, "reason": g.Reason}),
		}
		if !g.Read.IsZero() {
			task.State, task.Tone = t(ctx, "emergency.seen", fault.Args{"name": p.name(ctx, g.Reader)}), ui.Good
		}
		out = append(out, task)
	}
	return out
}

type takeView struct {
	ui.Page
	Roles              []ui.Option
	Role, Reason, Hour string
}

func (p *Pages) newEmergency(w http.ResponseWriter, r *http.Request) error {
	return p.showTake(w, r, takeView{Hour: "4"}, nil)
}

func (p *Pages) showTake(w http.ResponseWriter, r *http.Request, view takeView, wrong error) error {
	ctx := r.Context()
	who, err := signed(r)
	if err != nil {
		return err
	}
	may, err := p.Service.Emergencies(ctx, who)
	if err != nil {
		return err
	}
	view.Page = p.page(r, "take")
	view.Back = emergencyPath
	for _, role := range may {
		view.Roles = append(view.Roles, ui.Option{Value: role, Label: i18n.T(ctx, "role."+role)})
	}
	status := http.StatusOK
	if wrong != nil {
		if view.Errors = told(wrong); view.Errors == nil {
			return wrong
		}
		status = web.Status(wrong)
	}
	return web.Render(w, r, status, takePage(view))
}

func (p *Pages) newEmergencyPost(w http.ResponseWriter, r *http.Request) error {
	who, err := signed(r)
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	view := takeView{Role: form.Text("role"), Reason: form.Text("reason"), Hour: form.Text("hours")}
	if view.Role == "" {
		return p.showTake(w, r, view, fault.New(fault.Invalid, "approval.emergency.role", nil).At("role"))
	}
	hours, err := strconv.Atoi(view.Hour)
	if err != nil || hours > 1000 {
		hours = 0 // which is refused below
	}
	g, err := p.Service.BreakGlass(r.Context(), who, view.Role, view.Reason, time.Duration(hours)*time.Hour)
	if err != nil {
		return p.showTake(w, r, view, err)
	}
	return web.RedirectWith(w, r, emergencyPath+"/"+g.ID, "approval.page.taken", nil)
}

type emergencyView struct {
	ui.Page
	Grant          approval.Grant
	Facts          []ui.Fact
	Holds          bool
	End, Tick, Own bool
	Reason         string // typed, to prolong
}

func (p *Pages) emergency(w http.ResponseWriter, r *http.Request) error {
	return p.showEmergency(w, r, "", nil)
}

func (p *Pages) showEmergency(w http.ResponseWriter, r *http.Request, reason string, wrong error) error {
	ctx := r.Context()
	who, err := signed(r)
	if err != nil {
		return err
	}
	g, err := p.Service.SeeGrant(ctx, who, r.PathValue("id"))
	if err != nil {
		return err
	}
	view := emergencyView{Page: p.page(r, "emergency"), Grant: g, Reason: reason, Own: g.By.Account == who.Account}
	view.Back = emergencyPath
	status := http.StatusOK
	if wrong != nil {
		if view.Errors = told(wrong); view.Errors == nil {
			return wrong
		}
		status = web.Status(wrong)
	}
	now := p.Service.Now()
	view.Holds, view.End = g.Holds(now), now.Before(g.Until)
	view.Tick = g.Read.IsZero() && !view.Own && p.Service.MayTickOff(who)
	view.Facts = p.grantFacts(ctx, g)
	return web.Render(w, r, status, emergencyPage(view))
}

func (p *Pages) grantFacts(ctx context.Context, g approval.Grant) []ui.Fact {
	pr := i18n.From(ctx)
	facts := []ui.Fact{
		{Key: t(ctx, "emergency.who"), Value: p.name(ctx, g.By)},
		{Key: t(ctx, "emergency.role"), Value: pr.T("role." + g.Role)},
		{Key: t(ctx, "emergency.from"), Value: pr.Time(g.At)},
		{Key: t(ctx, "emergency.until"), Value: pr.Time(g.Until)},
		{Key: t(ctx, "reason"), Value: g.Reason},
	}
	if g.Request != "" {
		facts = append(facts, ui.Fact{Key: t(ctx, "emergency.request"), Body: linkTo(t(ctx, "emergency.request.open"), Path+"/"+g.Request)})
	}
	if g.EndedBy != "" {
		by := actor.Actor{Account: g.EndedBy, Name: g.EndedBy}
		facts = append(facts, ui.Fact{Key: t(ctx, "emergency.ended"), Value: p.name(ctx, by)})
	}
	read := t(ctx, "emergency.unread")
	if !g.Read.IsZero() {
		read = p.name(ctx, g.Reader) + ", " + pr.Time(g.Read)
	}
	return append(facts, ui.Fact{Key: t(ctx, "emergency.read"), Value: read})
}

func (p *Pages) endEmergency(w http.ResponseWriter, r *http.Request) error {
	who, err := signed(r)
	if err != nil {
		return err
	}
	if err := p.Service.EndEmergency(r.Context(), who, r.PathValue("id")); err != nil {
		return p.showEmergency(w, r, "", err)
	}
	return web.RedirectWith(w, r, emergencyPath+"/"+r.PathValue("id"), "approval.page.ended", nil)
}

func (p *Pages) tickOff(w http.ResponseWriter, r *http.Request) error {
	who, err := signed(r)
	if err != nil {
		return err
	}
	err = p.Service.TickOff(r.Context(), who, r.PathValue("id"))
	if fault.Of(err) == fault.Denied {
		return err
	}
	if err != nil {
		return p.showEmergency(w, r, "", err)
	}
	return web.RedirectWith(w, r, emergencyPath, "approval.page.ticked", nil)
}

func (p *Pages) prolong(w http.ResponseWriter, r *http.Request) error {
	who, err := signed(r)
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	g, err := p.Service.SeeGrant(r.Context(), who, r.PathValue("id"))
	if err != nil {
		return err
	}
	req, err := p.Service.Prolong(r.Context(), who, g.Role, form.Text("reason"))
	if err != nil {
		return p.showEmergency(w, r, form.Text("reason"), err)
	}
	return web.RedirectWith(w, r, req.Href(), "approval.page.asked", nil)
}
