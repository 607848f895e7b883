package approvalweb

import (
	"context"
	"net/http"
	"strings"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/approval"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

type requestView struct {
	ui.Page
	Request  approval.Request
	Says     string // what was asked, in full
	Facts    []ui.Fact
	History  []ui.Event
	Decide   bool   // the reader may
	Withdraw bool   // the reader asked
	Cannot   string // why they may not decide, while it is open
	Who      string // who can, in a sentence
	Details  string // of the last try to reach the other node, for administrators
	Trouble  string
	Why      string // as typed
}

func (p *Pages) request(w http.ResponseWriter, r *http.Request) error { return p.show(w, r, "", nil) }

// show is the page of a request, with what went wrong above it.
func (p *Pages) show(w http.ResponseWriter, r *http.Request, why string, wrong error) error {
	ctx := r.Context()
	who, err := signed(r)
	if err != nil {
		return err
	}
	req, err := p.Service.See(ctx, who, r.PathValue("id"))
	if err != nil {
		return err
	}
	pr := i18n.From(ctx)
	view := requestView{Page: p.page(r, "request"), Request: req, Why: why}
	view.Title, view.Says, view.Back = req.KindName(pr), req.Says().In(pr), Path
	status := http.StatusOK
	if wrong != nil {
		if view.Errors = told(wrong); view.Errors == nil {
			return wrong
		}
		status = web.Status(wrong)
	}
	if req.State == approval.Open {
		if err := p.possible(ctx, who, req, &view); err != nil {
			return err
		}
	}
	if req.Trouble != nil && req.State == approval.Open {
		view.Trouble = t(ctx, "trouble", fault.Args{"at": req.Trouble.At, "why": pr.T(req.Trouble.Key, req.Trouble.Args)})
	}
	view.Facts, view.History = p.facts(ctx, req), p.history(ctx, req)
	return web.Render(w, r, status, requestPage(view))
}

// possible says what the reader can do with an open request, and who else can.
func (p *Pages) possible(ctx context.Context, who actor.Actor, req approval.Request, view *requestView) error {
	pr := i18n.From(ctx)
	view.Withdraw = req.By.Account == who.Account && req.Origin == ""
	err := p.Service.MayDecideOn(ctx, who, req)
	switch f := fault.As(err); {
	case err == nil:
		view.Decide = true
	case f == nil:
		return err
	case req.SentTo == "":
		view.Cannot = pr.T(f.Key, f.Args)
	}
	if req.Trip.Tries > 0 && p.Service.Keeps(who) {
		view.Details = req.Trip.Trouble
	}
	view.Who, err = p.who(ctx, req)
	return err
}

// who says in a sentence who decides on an open request.
func (p *Pages) who(ctx context.Context, req approval.Request) (string, error) {
	if req.SentTo != "" {
		return p.trip(ctx, req), nil
	}
	can, err := p.Service.Deciders(ctx, req)
	if err != nil {
		return "", err
	}
	if len(can) == 0 {
		return t(ctx, "who.nobody", fault.Args{"roles": roles(ctx, p.Service.DecidingRoles(req))}), nil
	}
	names := make([]string, len(can))
	for i, a := range can {
		names[i] = a.Name
	}
	args := fault.Args{"names": strings.Join(names, ", "), "n": req.Needs - len(req.Votes)}
	if req.Needs > 1 {
		return t(ctx, "who.more", args), nil
	}
	return t(ctx, "who.names", args), nil
}

// trip says how far a request is on its way to another node.
func (p *Pages) trip(ctx context.Context, req approval.Request) string {
	args := fault.Args{"node": p.node(ctx, req.SentTo), "at": req.Trip.Tried, "arrived": req.Trip.Arrived}
	switch {
	case req.Trip.Arrived.IsZero() && req.Trip.Tries == 0:
		return t(ctx, "trip.waits", args)
	case req.Trip.Arrived.IsZero():
		return t(ctx, "trip.tried", args)
	case req.Trip.Tries > 0:
		return t(ctx, "trip.silent", args)
	}
	return t(ctx, "trip.arrived", args)
}

func (p *Pages) facts(ctx context.Context, req approval.Request) []ui.Fact {
	pr := i18n.From(ctx)
	facts := []ui.Fact{
		{Key: t(ctx, "state"), Body: stateTag(req)},
		{Key: t(ctx, "by"), Value: p.name(ctx, req.By)},
		{Key: t(ctx, "at"), Value: pr.Time(req.At)},
		{Key: t(ctx, "reason"), Value: req.Reason},
	}
	if req.Origin != "" {
		facts = append(facts, ui.Fact{Key: t(ctx, "origin"), Value: req.NodeName(pr) + " · " + req.Origin})
	}
	if req.Benefits != "" {
		gains := p.Service.NameOf(ctx, actor.Actor{Account: req.Benefits})
		facts = append(facts, ui.Fact{Key: t(ctx, "benefits"), Value: gains})
	}
	if href := p.Service.HrefOf(req); href != "" {
		facts = append(facts, ui.Fact{Key: t(ctx, "about"), Body: linkTo(t(ctx, "about.open"), href)})
	}
	if req.State == approval.Open {
		facts = append(facts, ui.Fact{Key: t(ctx, "until"), Value: pr.Time(req.Until)})
	}
	return facts
}

// history is what happened to a request, the oldest first.
func (p *Pages) history(ctx context.Context, req approval.Request) []ui.Event {
	event := func(key string, by actor.Actor, at time.Time, text string) ui.Event {
		e := ui.Event{Title: t(ctx, "history."+key), At: at, Text: text}
		if !by.Nobody() {
			e.By = p.name(ctx, by)
		}
		return e
	}
	out := []ui.Event{event("ask", req.By, req.At, req.Reason)}
	if !req.Trip.Arrived.IsZero() {
		out = append(out, event("arrived", actor.Actor{}, req.Trip.Arrived, p.node(ctx, req.SentTo)))
	}
	for _, v := range req.Votes {
		out = append(out, event("approve", v.By, v.At, ""))
	}
	switch req.State {
	case approval.Refused:
		out = append(out, event("refuse", req.Decider, req.Decided, req.Why))
	case approval.Taken:
		out = append(out, event("withdraw", req.By, req.Decided, ""))
	case approval.Expired:
		out = append(out, event("expire", actor.Actor{}, req.Until, ""))
	case approval.Approved:
		if req.Origin == "" {
			out = append(out, event("applied", actor.Actor{}, req.Decided, ""))
		} else {
			out = append(out, event("back", actor.Actor{}, req.Decided, req.NodeName(i18n.From(ctx))))
		}
	case approval.Open:
	}
	return out
}

func (p *Pages) approve(w http.ResponseWriter, r *http.Request) error {
	who, err := signed(r)
	if err != nil {
		return err
	}
	req, err := p.Service.Approve(r.Context(), who, r.PathValue("id"))
	if err != nil {
		return p.show(w, r, "", err)
	}
	key := "approval.page.approved"
	switch {
	case req.State == approval.Open:
		key = "approval.page.approved.more"
	case req.Origin != "":
		key = "approval.page.approved.remote"
	}
	return web.RedirectWith(w, r, req.Href(), key, nil)
}

func (p *Pages) refuse(w http.ResponseWriter, r *http.Request) error {
	who, err := signed(r)
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	req, err := p.Service.Refuse(r.Context(), who, r.PathValue("id"), form.Text("why"))
	if err != nil {
		return p.show(w, r, form.Text("why"), err)
	}
	return web.RedirectWith(w, r, req.Href(), "approval.page.refused", nil)
}

func (p *Pages) withdraw(w http.ResponseWriter, r *http.Request) error {
	who, err := signed(r)
	if err != nil {
		return err
	}
	req, err := p.Service.Withdraw(r.Context(), who, r.PathValue("id"))
	if err != nil {
		return p.show(w, r, "", err)
	}
	return web.RedirectWith(w, r, req.Href(), "approval.page.withdrawn", nil)
}
