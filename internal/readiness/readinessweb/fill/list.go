package fill

import (
	"net/http"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/readiness"
)

// round is one letter on the list of an agency.
type round struct {
	view readiness.View
	now  clock.Date
	lead bool // the visitor approves and does not write
}

func (r round) href() string { return "/returns/" + r.view.Campaign.ID + "/" + r.view.Agency.Code }

// waits says that the agency still has something to do.
func (r round) waits() bool {
	return readiness.Outstanding(r.view.Record.State()) && r.view.Campaign.Cancelled == nil
}

// due says in words when the return is due, or how late it is.
func (r round) due(p *i18n.Printer) string {
	days := r.now.DaysUntil(r.view.Campaign.Due)
	args := fault.Args{"date": r.view.Campaign.Due, "n": max(days, -days)}
	switch {
	case days < 0:
		return p.T("fill.due.late", args)
	case days == 0:
		return p.T("fill.due.today", args)
	}
	return p.T("fill.due.left", args)
}

// next says what is to be done next.
func (r round) next(p *i18n.Printer) string {
	s := r.view.Record.State()
	if s == readiness.NotStarted && r.view.Previous != nil {
		return p.T("fill.next.not_started_last")
	}
	return p.T("fill.next." + string(s))
}

type listView struct {
	ui.Page
	Agency         string
	Setting        *ui.Field // the leader's choice; nil for others
	Open, Finished []round
}

// list shows the rounds of the visitor's own agency; who works for none is led
// to the board.
func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	who := p.shell.Actor(r)
	leads := readiness.Can(who, readiness.ApproveReturn, who.Agency) == nil
	if !leads && readiness.Can(who, readiness.EditDraft, who.Agency) != nil {
		if err := readiness.Can(who, readiness.ReadBoard, ""); err != nil {
			return err
		}
		return web.Redirect(w, r, "/board")
	}
	campaigns, err := p.shell.Register.Campaigns(r.Context(), who)
	if err != nil {
		return err
	}
	view := listView{Page: p.shell.Frame(r).Page(i18n.T(r.Context(), "fill.list.title"))}
	for _, c := range campaigns {
		v, err := p.shell.Register.Look(r.Context(), who, c.ID, who.Agency)
		if fault.Of(err) == fault.NotFound {
			continue // the agency was not there on the letter's day
		}
		if err != nil {
			return err
		}
		view.Agency = v.Agency.Name
		one := round{v, clock.DayOf(p.shell.Clock.Now()), readiness.Can(who, readiness.EditDraft, who.Agency) != nil}
		switch {
		case !c.Recipients.Has(who.Agency) && v.Record.State() == readiness.NotStarted:
		case one.waits() && c.Cancelled == nil:
			view.Open = append(view.Open, one)
		default:
			view.Finished = append(view.Finished, one)
		}
	}
	if leads {
		s, err := p.shell.Register.Setting(r.Context(), who, who.Agency)
		if err != nil {
			return err
		}
		f := settingField(i18n.From(r.Context()), s)
		view.Setting = &f
	}
	return web.Render(w, r, http.StatusOK, listPage(view))
}
