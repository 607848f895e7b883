package calendarweb

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"dean06/internal/calendar"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

type kindsView struct {
	ui.Page
	Tasks []ui.Task
}

// kinds offers what can be changed.
func (p *Pages) kinds(w http.ResponseWriter, r *http.Request) error {
	if err := calendar.Permissions.Can(actor.From(r.Context()), calendar.Edit); err != nil {
		return err
	}
	pr := i18n.From(r.Context())
	v := kindsView{Page: p.page(r, pr.T("calendarweb.change"))}
	for _, k := range calendar.ChangeKinds {
		v.Tasks = append(v.Tasks, ui.Task{
			Title: pr.T("calendarweb.kind." + string(k)), Hint: pr.T("calendarweb.kind." + string(k) + ".hint"), Href: changePath + "/" + string(k),
		})
	}
	return web.Render(w, r, http.StatusOK, kindsPage(v))
}

// page is a page of changes with the way back.
func (p *Pages) page(r *http.Request, title string, crumbs ...ui.Link) ui.Page {
	page := p.Frame(r).Page(title)
	page.Crumbs = append([]ui.Link{{Label: i18n.T(r.Context(), "nav.calendar"), Href: Path}}, crumbs...)
	return page
}

// formView is the form of one kind of change, with what was typed.
type formView struct {
	ui.Page
	Kind    calendar.ChangeKind
	Form    web.Form
	Version int // of the calendar that its author sees
	Hours   string
	Preview *preview
}

// preview is what a change would do.
type preview struct {
	Says  string // the change
	Moves string // how many days it changes
	Table ui.Table
	More  string
}

func (v formView) value(name string) string { return v.Form.Text(name) }

// hoursValue are the hours as typed, or those that hold.
func (v formView) hoursValue() string {
	if v.Form.Has("spans") {
		return v.value("spans")
	}
	return v.Hours
}

func (p *Pages) blank(r *http.Request) (formView, error) {
	ctx := r.Context()
	if err := calendar.Permissions.Can(actor.From(ctx), calendar.Edit); err != nil {
		return formView{}, err
	}
	kind := calendar.ChangeKind(r.PathValue("kind"))
	if !slices.Contains(calendar.ChangeKinds, kind) {
		return formView{}, fault.New(fault.NotFound, "web.not_found", nil)
	}
	form, err := web.ReadForm(r)
	if err != nil {
		return formView{}, err
	}
	c, err := p.Keeper.Calendar(ctx)
	if err != nil {
		return formView{}, err
	}
	pr := i18n.From(ctx)
	v := formView{
		Page: p.page(r, pr.T("calendarweb.kind."+string(kind)), ui.Link{Label: pr.T("calendarweb.change"), Href: changePath}),
		Kind: kind, Form: form, Version: c.Version(),
	}
	all := c.Hours()
	v.Hours = strings.ReplaceAll(spans(all[len(all)-1].Spans), "–", "-")
	return v, nil
}

func (p *Pages) form(w http.ResponseWriter, r *http.Request) error {
	v, err := p.blank(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, formPage(v))
}

// formPost shows what would change, and changes it when that was seen.
func (p *Pages) formPost(w http.ResponseWriter, r *http.Request) error {
	v, err := p.blank(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	who, pr := actor.From(ctx), i18n.From(ctx)
	ch, err := read(v)
	if err == nil && v.Form.Has("confirm") {
		seen, _, intErr := v.Form.Int("version")
		if intErr != nil {
			return intErr
		}
		if _, _, err = p.Keeper.Change(ctx, who, seen, ch); err == nil {
			y := ch.Year
			if !ch.Kind.OfYear() {
				y = ch.Date.Year()
			}
			return web.RedirectWith(w, r, address(y), "calendarweb.done", nil)
		}
	}
	if err == nil && !v.Form.Has("change") {
		var before, after *calendar.Calendar
		if before, after, err = p.Keeper.Try(ctx, who, ch); err == nil {
			v.Preview = previewOf(pr, ch, calendar.Differences(before, after))
			v.Title = v.Preview.Says
			v.Version = before.Version()
			return web.Render(w, r, http.StatusOK, previewPage(v))
		}
	}
	if err == nil { // back from the preview
		return web.Render(w, r, http.StatusOK, formPage(v))
	}
	if v.Errors = web.FormErrors(err); v.Errors == nil {
		return err
	}
	return web.Render(w, r, web.Status(err), formPage(v))
}

// read is the change that the form asks for. It fails with what cannot be read.
func read(v formView) (calendar.Change, error) {
	ch := calendar.Change{Kind: v.Kind, Note: v.value("note"), Basis: v.value("basis")}
	var err error
	if ch.Kind.OfYear() {
		ch.Year, _, err = v.Form.Int("year")
		return ch, err
	}
	if ch.Date, err = v.Form.Date("date"); err != nil {
		return ch, err
	}
	if ch.For, err = v.Form.Date("for"); err != nil {
		return ch, err
	}
	if ch.Kind != calendar.ChangeHours {
		return ch, nil
	}
	for part := range strings.FieldsFuncSeq(v.value("spans"), func(r rune) bool { return r == ',' || r == ';' || r == '\n' }) {
		if strings.TrimSpace(part) == "" {
			continue
		}
		s, err := calendar.ParseSpan(part)
		if err != nil {
			return ch, fault.As(err).At("spans")
		}
		ch.Spans = append(ch.Spans, s)
	}
	return ch, nil
}

// says is a change in words.
func says(pr *i18n.Printer, ch calendar.Change) string {
	args := fault.Args{"date": pr.Date(ch.Date), "year": strconv.Itoa(ch.Year), "hours": spans(ch.Spans)}
	text := pr.T("calendarweb.says."+string(ch.Kind), args)
	if ch.For.IsZero() {
		return text
	}
	return pr.T("calendarweb.for", fault.Args{"what": text, "date": pr.Date(ch.For)})
}

// shownDays is how many days a preview lists.
const shownDays = 14

func previewOf(pr *i18n.Printer, ch calendar.Change, list []calendar.Difference) *preview {
	v := &preview{Says: says(pr, ch)}
	moves := 0
	for _, d := range list {
		if d.Moves() {
			moves++
		}
	}
	v.Moves = pr.T("calendarweb.preview.still", fault.Args{"n": len(list)})
	if moves > 0 {
		v.Moves = pr.T("calendarweb.preview.moves", fault.Args{"n": moves})
	}
	v.Table = ui.Table{
		ID: "differences", Caption: pr.T("calendarweb.preview.days"), Stack: true,
		Columns: []ui.Column{
			{Label: pr.T("calendarweb.days.date")}, {Label: pr.T("calendarweb.preview.before")}, {Label: pr.T("calendarweb.preview.after")},
		},
	}
	for i, d := range list {
		if i == shownDays {
			v.More = pr.T("calendarweb.preview.more", fault.Args{"n": len(list) - shownDays})
			break
		}
		v.Table.Rows = append(v.Table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: dated(pr, d.After.Date)}, {Text: whole(pr, d.Before)}, {Text: whole(pr, d.After)},
		}})
	}
	return v
}

// whole is all that a day is.
func whole(pr *i18n.Printer, d calendar.Day) string {
	text := words(pr, d)
	if d.Works {
		text = joined(words(pr, d), spans(d.Spans))
		if d.Why == calendar.ShortDay {
			text = words(pr, d)
		}
	}
	if d.Provisional {
		text = joined(text, pr.T("calendarweb.days.provisional"))
	}
	if d.Unconfirmed {
		text = joined(text, pr.T("calendarweb.days.unconfirmed"))
	}
	return text
}

// dateLabel is what the day of a change is: hours have one from which they hold.
func dateLabel(k calendar.ChangeKind) string {
	if k == calendar.ChangeHours {
		return "calendarweb.field.from"
	}
	return "calendarweb.field.date"
}
