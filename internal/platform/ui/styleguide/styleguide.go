// Package styleguide is the page /ui: every component of package ui with
// believable texts in the reader's language. It is part of the demo, and what
// the accessibility tests look at. It has no data and changes nothing.
package styleguide

import (
	"embed"
	"io/fs"
	"net/http"
	"time"

	"github.com/a-h/templ"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

//go:embed messages
var messages embed.FS

// Messages are the sample texts.
var Messages, _ = fs.Sub(messages, "messages")

// Routes gives the pages: the components of citizens' and office pages, a form
// that failed, the end of a journey, and a board, which uses the whole window.
func Routes(frame web.FrameFunc) []web.Route {
	page := func(status int, key string, wide bool, errs fault.List, body func(ui.Page) templ.Component) web.Handler {
		return func(w http.ResponseWriter, r *http.Request) error {
			p := frame(r).Page(i18n.T(r.Context(), key))
			p.Wide, p.Errors = wide, errs
			p.Sub = []ui.NavItem{
				{Label: i18n.T(r.Context(), "styleguide.parts"), Href: "/ui"},
				{Label: i18n.T(r.Context(), "styleguide.form"), Href: "/ui/form"},
				{Label: i18n.T(r.Context(), "styleguide.done"), Href: "/ui/done"},
				{Label: i18n.T(r.Context(), "styleguide.board"), Href: "/ui/board"},
			}
			return web.Render(w, r, status, body(p))
		}
	}
	return []web.Route{
		{Pattern: "GET /ui", May: "anyone", Handler: page(http.StatusOK, "styleguide.parts", false, nil, parts)},
		{Pattern: "GET /ui/form", May: "anyone", Handler: page(http.StatusUnprocessableEntity, "styleguide.form", false, failed, form)},
		{Pattern: "GET /ui/done", May: "anyone", Handler: page(http.StatusOK, "styleguide.done", false, nil, done)},
		{Pattern: "GET /ui/board", May: "anyone", Handler: page(http.StatusOK, "styleguide.board", true, nil, board)},
	}
}

// failed are the faults of the sample form.
var failed = fault.List{
	fault.New(fault.Invalid, "styleguide.fault.email", fault.Args{"text": "mau@"}).At("email"),
	fault.New(fault.Invalid, "styleguide.fault.stage", nil).At("stage"),
	fault.New(fault.Invalid, "web.form.date", fault.Args{"text": "31/02/2023"}).At("due"),
}

func at(day string, hour, minute int) time.Time {
	return clock.MustDate(day).Start().Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
}

// sampleAgencies are names as the register has them; names are data, not messages.
var sampleAgencies = []struct {
	code, name string
	has        int
	statuses   [5]ui.Status
}{
	{"G09", "Bộ Giao thông vận tải", 5, [5]ui.Status{ui.Met, ui.Met, ui.Met, ui.Met, ui.Met}},
	{"G14", "Bộ Tư pháp", 3, [5]ui.Status{ui.Met, ui.Partial, ui.Met, ui.Met, ui.Unknown}},
	{"H40", "Tỉnh Lâm Đồng", 4, [5]ui.Status{ui.Met, ui.Met, ui.Met, ui.Contradicted, ui.Met}},
	{"H29", "Thành phố Hồ Chí Minh", 2, [5]ui.Status{ui.Met, ui.NotMet, ui.Met, ui.NotMet, ui.Partial}},
	{"H55", "Tỉnh Thừa Thiên Huế", 1, [5]ui.Status{ui.Met, ui.NotMet, ui.Unknown, ui.NotMet, ui.NotMet}},
}
