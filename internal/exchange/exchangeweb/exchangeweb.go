// Package exchangeweb is the pages of the exchange: those of its centre, on which
// the operator decides who takes part, and those of a gateway, on which its owner
// offers services, gives rights and reads the log. It shows and forwards; what may
// be done is decided in package exchange.
package exchangeweb

import (
	"embed"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"dean06/internal/exchange"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/xroad"
)

//go:embed messages/*.json
var messages embed.FS

// Messages are the texts of these pages.
var Messages, _ = fs.Sub(messages, "messages")

// view is a page of blocks.
type view = ui.Blocks

// form is fields that are sent to an address with what goes along, and its buttons.
func form(action string, hidden map[string]string, fields []templ.Component, buttons ...ui.Action) templ.Component {
	var all []templ.Component
	for _, name := range slices.Sorted(maps.Keys(hidden)) {
		all = append(all, ui.Hidden(name, hidden[name]))
	}
	return ui.Form(action, append(all, fields...), buttons...)
}

// words is how a page speaks.
type words struct{ *i18n.Printer }

func in(r *http.Request) words { return words{i18n.From(r.Context())} }

type args = map[string]any

// t writes a text of these pages.
func (w words) t(key string, a ...map[string]any) string { return w.T("exchangeweb."+key, a...) }

// when writes a moment; "–" for none.
func (w words) when(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return w.Time(t)
}

// exact writes a moment to the second.
func (w words) exact(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.In(clock.Zone).Format("15:04:05") + " " + w.day(t)
}

// day writes the day of a moment.
func (w words) day(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return w.Date(clock.DayOf(t))
}

// span writes how long something took or lies back, roughly.
func (w words) span(d time.Duration) string {
	d = d.Abs()
	switch {
	case d < time.Minute:
		return w.t("span.seconds", args{"n": int(d.Seconds())})
	case d < 2*time.Hour:
		return w.t("span.minutes", args{"n": int(d.Minutes())})
	case d < 48*time.Hour:
		return w.t("span.hours", args{"n": int(d.Hours())})
	}
	return w.t("span.days", args{"n": int(d.Hours() / 24)})
}

// render answers with a page.
func render(w http.ResponseWriter, r *http.Request, v view) error {
	return web.Render(w, r, http.StatusOK, ui.Stack(v))
}

// retry shows a form again with what is wrong with it, when that is the form's
// fault; any other error goes on.
func retry(w http.ResponseWriter, r *http.Request, err error, show func() (view, error)) error {
	errs := web.FormErrors(err)
	if errs == nil {
		return err
	}
	v, failed := show()
	if failed != nil {
		return failed
	}
	v.Errors = errs
	return web.Retry(w, r, err, ui.Stack(v))
}

// upload reads an uploaded file of at most limit bytes; nil when there is none.
func upload(f web.Form, name string, limit int64) ([]byte, error) {
	files := f.Files(name)
	if len(files) == 0 {
		return nil, nil
	}
	if files[0].Size > limit {
		return nil, fault.New(fault.Invalid, "exchange.openapi.large", nil).At(name)
	}
	file, err := files[0].Open()
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // only read
	return io.ReadAll(io.LimitReader(file, limit))
}

// nothing says that a list is empty, and leads to what would fill it whoever may.
func nothing(may bool, text string, next ui.Link) templ.Component {
	if !may {
		return ui.Para(text)
	}
	return ui.Empty(text, next)
}

// endpoints is the table of what a service can be asked.
func endpoints(w words, id string, list []exchange.Endpoint) templ.Component {
	t := ui.Table{
		ID: id, Caption: w.t("endpoints"), Dense: true, Columns: []ui.Column{{Label: w.t("endpoint.method")}, {Label: w.t("endpoint.path")}},
		Empty: ui.Para(w.t("endpoints.none")),
	}
	for _, e := range list {
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: e.Method}, {Text: e.Path}}})
	}
	return ui.DataTable(t)
}

// idList turns IDs into lines with their names.
func idList(list []xroad.ID, name func(xroad.ID) string) []ui.Link {
	out := make([]ui.Link, len(list))
	for i, id := range list {
		out[i] = ui.Link{Label: name(id) + " (" + id.String() + ")"}
	}
	return out
}

func itoa(n int) string { return strconv.Itoa(n) }

func components(list ...templ.Component) []templ.Component { return list }

func parseIDs(list []string) []xroad.ID {
	var out []xroad.ID
	for _, s := range list {
		if id, err := xroad.ParseID(s, 1, 5); err == nil {
			out = append(out, id)
		}
	}
	return out
}

// lines splits what was typed a line or a word each.
func lines(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == '\n' || r == ',' || r == ';' || r == ' ' })
}
