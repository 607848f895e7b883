package fill

import (
	"errors"
	"net/http"
	"slices"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/readiness"
)

type checkView struct {
	ui.Page
	*visit
	Must, Notes []readiness.Problem
	Approval    bool // the leader approves before it is handed in
}

func (p *Pages) checkView(q *visit) (checkView, error) {
	v := checkView{Page: p.page(q, q.p.T("fill.check.title")), visit: q}
	v.Wide = true
	v.Must, v.Notes = open(readiness.Check(q.view.Template, q.ret, q.kind()))
	var err error
	if v.Approval, err = p.approvalNeeded(q); err != nil {
		return v, err
	}
	doubts, err := p.shell.Register.Doubts(q.who, q.view, q.ret)
	if err != nil {
		return v, err
	}
	v.Notes = slices.Concat(doubts, v.Notes, q.flags())
	return v, nil
}

// problems are all that stand beside the answers.
func (v checkView) problems() []readiness.Problem {
	return append(append([]readiness.Problem{}, v.Must...), v.Notes...)
}

// check shows the whole form as it will be handed in, with what is missing.
func (p *Pages) check(q *visit) error {
	if !readiness.Editable(q.state()) {
		return web.Redirect(q.w, q.Request, q.at(""))
	}
	v, err := p.checkView(q)
	if err != nil {
		return err
	}
	return web.Render(q.w, q.Request, http.StatusOK, checkPage(v))
}

// submit hands the draft in. A second click finds it handed in and leads to
// the same end.
func (p *Pages) submit(q *visit) error {
	form, err := web.ReadForm(q.Request)
	if err != nil {
		return err
	}
	revision, _, _ := form.Int("revision")
	if q.state() == readiness.Submitted {
		return web.Redirect(q.w, q.Request, q.at("/done"))
	}
	if form.Text("declare") == "" {
		err = fault.New(fault.Invalid, "fill.check.declare_missing", nil).At("declare")
	} else {
		err = p.handIn(q, revision)
	}
	if err == nil {
		return web.Redirect(q.w, q.Request, q.at("/done"))
	}
	// Somebody may have been quicker: show what there is now.
	now, lookErr := p.shell.Register.Look(q.Context(), q.who, q.view.Campaign.ID, q.view.Agency.Code)
	if lookErr != nil {
		return errors.Join(err, lookErr)
	}
	if fault.Of(err) == fault.Conflict && now.Record.State() == readiness.Submitted {
		return web.Redirect(q.w, q.Request, q.at("/done"))
	}
	q.view = now
	q.ret, q.revision = now.Record.Working()
	v, viewErr := p.checkView(q)
	if viewErr != nil {
		return errors.Join(err, viewErr)
	}
	v.Errors = web.FormErrors(err)
	if len(v.Must) > 0 {
		v.Errors = v.Errors[:0] // the page lists them with their links
	}
	return web.Retry(q.w, q.Request, err, checkPage(v))
}

// handIn submits the draft; a version that came back and was not touched is
// begun anew first.
func (p *Pages) handIn(q *visit, revision int) error {
	if q.view.Record.Draft == nil {
		rec, err := p.shell.Register.Start(q.Context(), q.who, q.view.Campaign.ID, q.view.Agency.Code, readiness.FromBlank)
		if err != nil {
			return err
		}
		revision = rec.Draft.Revision
	}
	_, err := p.shell.Register.Submit(q.Context(), q.who, q.view.Campaign.ID, q.view.Agency.Code, revision)
	return err
}

type doneView struct {
	ui.Page
	*visit
	Version readiness.Version
}

// done ends the journey: what was handed in, when, and what comes next.
func (p *Pages) done(q *visit) error {
	last, ok := q.view.Record.Latest()
	if !ok || q.state() != readiness.Submitted && q.state() != readiness.Accepted {
		return web.Redirect(q.w, q.Request, q.at(""))
	}
	return web.Render(q.w, q.Request, http.StatusOK, donePage(doneView{p.page(q, q.p.T("fill.done.title")), q, last}))
}

type withdrawView struct {
	ui.Page
	*visit
	Reason string
}

func (p *Pages) withdrawForm(q *visit) error {
	if q.state() != readiness.Submitted {
		return web.Redirect(q.w, q.Request, q.at(""))
	}
	return web.Render(q.w, q.Request, http.StatusOK, withdrawPage(withdrawView{p.page(q, q.p.T("fill.withdraw.title")), q, ""}))
}

// withdraw takes the return back, so that it can be changed.
func (p *Pages) withdraw(q *visit) error {
	form, err := web.ReadForm(q.Request)
	if err != nil {
		return err
	}
	reason := form.Text("reason")
	if reason == "" {
		err = fault.New(fault.Invalid, "readiness.state.reason_needed", nil).At("reason")
	} else {
		_, err = p.shell.Register.Withdraw(q.Context(), q.who, q.view.Campaign.ID, q.view.Agency.Code, reason)
	}
	if err != nil {
		v := withdrawView{p.page(q, q.p.T("fill.withdraw.title")), q, reason}
		v.Errors = web.FormErrors(err)
		return web.Retry(q.w, q.Request, err, withdrawPage(v))
	}
	return web.RedirectWith(q.w, q.Request, q.at(""), "fill.withdraw.done", nil)
}
