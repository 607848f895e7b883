package calendarweb

import (
	"net/http"
	"time"

	"dean06/internal/calendar"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

// shownMoves is how many deadlines the page of what changes moved lists.
const shownMoves = 500

type movedView struct {
	ui.Page
	Lead  string
	Table ui.Table
}

// moved lists the deadlines that changes of the calendar moved: by their dossiers' codes,
// which are no personal data.
func (p *Pages) moved(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := calendar.Permissions.Can(actor.From(ctx), calendar.Edit); err != nil {
		return err
	}
	list, err := p.Moved(ctx, shownMoves+1)
	if err != nil {
		return err
	}
	pr := i18n.From(ctx)
	v := movedView{Page: p.page(r, pr.T("calendarweb.moved")), Lead: pr.T("calendarweb.moved.none")}
	if n := len(list); n > shownMoves {
		list = list[:shownMoves]
		v.Lead = pr.T("calendarweb.moved.latest", fault.Args{"n": shownMoves})
	} else if n > 0 {
		v.Lead = pr.T("calendarweb.moved.all", fault.Args{"n": n})
	}
	v.Table = ui.Table{
		ID: "moved", Caption: pr.T("calendarweb.moved"), Stack: true,
		Columns: []ui.Column{
			{Label: pr.T("calendarweb.moved.code")},
			{Label: pr.T("calendarweb.moved.from")},
			{Label: pr.T("calendarweb.moved.to")},
			{Label: pr.T("calendarweb.moved.at")},
		},
	}
	due := func(t time.Time) string {
		if t.IsZero() {
			return pr.T("calendarweb.moved.still")
		}
		return pr.Time(t)
	}
	for _, m := range list {
		v.Table.Rows = append(v.Table.Rows, ui.Row{Cells: []ui.Cell{{Text: m.Code}, {Text: due(m.From)}, {Text: due(m.To)}, {Text: pr.Time(m.At)}}})
	}
	return web.Render(w, r, http.StatusOK, movedPage(v))
}
