package fill

import (
	"net/http"

	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/readiness"
)

// start begins the draft and leads to where the work goes on.
func (p *Pages) start(q *visit) error {
	form, err := web.ReadForm(q.Request)
	if err != nil {
		return err
	}
	from := readiness.Source(form.Text("from"))
	if _, err := p.shell.Register.Start(q.Context(), q.who, q.view.Campaign.ID, q.view.Agency.Code, from); err != nil {
		return err
	}
	if from == readiness.FromLast && len(q.view.Record.Versions) == 0 {
		return web.Redirect(q.w, q.Request, q.at("/review"))
	}
	return web.Redirect(q.w, q.Request, q.at(""))
}

type reviewView struct {
	ui.Page
	*visit
	Flags   []readiness.Problem
	Marks   map[string]readiness.Mark
	Changed int // answers that differ from the round before
}

// review shows the draft against the round before, to be confirmed as a whole
// or changed answer by answer.
func (p *Pages) review(q *visit) error {
	if !readiness.Editable(q.state()) || q.view.Previous == nil || q.view.Record.Draft == nil {
		return web.Redirect(q.w, q.Request, q.at(""))
	}
	view := reviewView{Page: p.page(q, q.p.T("fill.review.title")), visit: q, Flags: q.flags()}
	view.Wide = true
	view.Marks = readiness.Marks(q.view.Template, *q.view.Previous, q.ret)
	for _, m := range view.Marks {
		if m != readiness.Unchanged {
			view.Changed++
		}
	}
	return web.Render(q.w, q.Request, http.StatusOK, reviewPage(view))
}

// confirm takes the answers of the round before as those of this one. Parts 3
// and 4 count as answered by it, be it with nothing.
func (p *Pages) confirm(q *visit) error {
	form, err := web.ReadForm(q.Request)
	if err != nil {
		return err
	}
	revision, _, _ := form.Int("revision")
	_, err = p.shell.Register.Edit(
		q.Context(), q.who, q.view.Campaign.ID, q.view.Agency.Code, readiness.Edit{Revision: revision, Apply: confirmed},
	)
	if err != nil {
		return err
	}
	return web.Redirect(q.w, q.Request, q.at("/check"))
}

func confirmed(ret readiness.Return) readiness.Return {
	if ret.Proposals == nil {
		ret.Proposals = []readiness.Proposal{}
	}
	if ret.Difficulties == nil {
		ret.Difficulties = []string{}
	}
	if ret.Recommendations == nil {
		ret.Recommendations = []string{}
	}
	return ret
}
