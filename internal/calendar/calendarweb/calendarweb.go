// Package calendarweb is the pages of the calendar of working time: the year as twelve
// months with the days off and why, what was changed by whom, and the changes that an
// administrator makes. What a change may do is decided in calendar.
package calendarweb

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"dean06/internal/calendar"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

//go:embed messages
var messages embed.FS

// Messages are the texts of the pages.
var Messages, _ = fs.Sub(messages, "messages")

// Names knows what an account is called.
type Names interface {
	NameOf(ctx context.Context, stored string, at time.Time) string
}

// Moved is a deadline that a change of the calendar moved.
type Moved struct {
	Code     string    // of the dossier
	At       time.Time // when it was counted again
	From, To time.Time // zero where the clock stood still
}

// Shell is what the pages need from the node around them.
type Shell struct {
	Keeper *calendar.Keeper
	Names  Names
	Clock  clock.Clock
	Frame  web.FrameFunc
	// Moved gives the deadlines that changes moved, the latest first, at most so many. nil
	// where nothing is counted.
	Moved func(ctx context.Context, limit int) ([]Moved, error)
}

// Pages are the pages.
type Pages struct{ Shell }

// New makes the pages.
func New(shell Shell) *Pages { return &Pages{shell} }

// The addresses of the pages.
const (
	Path       = "/calendar"
	changePath = Path + "/change"
	movedPath  = Path + "/moved"
)

// Routes are the pages with their addresses.
func (p *Pages) Routes() []web.Route {
	const look, edit = "calendar.look", "calendar.edit"
	routes := []web.Route{
		{Pattern: "GET " + Path, Handler: p.year, May: look},
		{Pattern: "GET " + changePath, Handler: p.kinds, May: edit},
		{Pattern: "GET " + changePath + "/{kind}", Handler: p.form, May: edit},
		{Pattern: "POST " + changePath + "/{kind}", Handler: p.formPost, May: edit},
	}
	if p.Shell.Moved != nil {
		routes = append(routes, web.Route{Pattern: "GET " + movedPath, Handler: p.moved, May: edit})
	}
	return routes
}

// yearView is the page of a year.
type yearView struct {
	ui.Page
	Sentence    string
	Provisional string // that nobody has published the days off; "" when somebody has
	Doubt       string // the days that no document confirms
	Hours       []string
	Months      []month
	Years       []ui.Link
	Days        ui.Table
	Edit        string
	Moved       string // address of what changes moved
	Records     []ui.Event
	Legend      []legend
	Weekdays    []weekday
}

// month is a month as rows of weeks.
type month struct {
	ID, Name string
	Weeks    [][]cell
}

// cell is a day, or the room before the first and after the last.
type cell struct {
	Number string
	Class  string
	Words  string // what the day is, when it is no usual one
	Today  bool
}

type weekday struct{ Short, Long string }

type legend struct{ Class, Sample, Text string }

// year shows the calendar of a year.
func (p *Pages) year(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	who := actor.From(ctx)
	records, err := p.Keeper.Records(ctx, who)
	if err != nil {
		return err
	}
	c, err := p.Keeper.Calendar(ctx)
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	today := clock.DayOf(p.Clock.Now())
	y, given, err := form.Int("year")
	if err != nil || given && (y < calendar.First.Year() || y > calendar.Last.Year()) {
		return fault.New(fault.NotFound, "web.not_found", nil)
	}
	if !given {
		y = today.Year()
	}
	pr := i18n.From(ctx)
	v := yearView{Page: p.Frame(r).Page(pr.T("calendarweb.title", fault.Args{"year": strconv.Itoa(y)}))}
	days := c.Year(y)
	v.Sentence = sentence(pr, y, days)
	if !c.Official(y) {
		v.Provisional = pr.T("calendarweb.provisional", fault.Args{"year": strconv.Itoa(y)})
	}
	v.Doubt = doubt(pr, days)
	v.Hours = hours(pr, c, y)
	v.Weekdays = weekdays(pr)
	v.Months = months(pr, days, today)
	v.Legend = legends(pr)
	v.Days = special(pr, days)
	for _, n := range []int{y - 1, y + 1} {
		if n >= calendar.First.Year() && n <= calendar.Last.Year() {
			v.Years = append(v.Years, ui.Link{Label: pr.T("calendarweb.year", fault.Args{"year": strconv.Itoa(n)}), Href: address(n)})
		}
	}
	if calendar.Permissions.Can(who, calendar.Edit) == nil {
		v.Edit = changePath
		if p.Shell.Moved != nil && len(records) > 0 {
			v.Moved = movedPath
		}
	}
	for _, rec := range slices.Backward(records) {
		v.Records = append(v.Records, ui.Event{
			Title: says(pr, rec.Change), By: p.Names.NameOf(ctx, rec.By, rec.At), At: rec.At,
			Text: joined(rec.Change.Note, pr.T("calendarweb.basis", fault.Args{"basis": rec.Change.Basis})),
		})
	}
	return web.Render(w, r, http.StatusOK, yearPage(v))
}

func address(year int) string { return Path + "?year=" + strconv.Itoa(year) }

// joined is the texts that are none empty, each a sentence.
func joined(texts ...string) string {
	texts = slices.DeleteFunc(texts, func(s string) bool { return s == "" })
	return strings.Join(texts, " · ")
}

// sentence is the year in a sentence that a person would say.
func sentence(pr *i18n.Printer, y int, days []calendar.Day) string {
	working, off, worked := 0, 0, 0
	for _, d := range days {
		switch {
		case d.Works && d.Why == calendar.ExchangedSaturday:
			working, worked = working+1, worked+1
		case d.Works:
			working++
		case d.Why != calendar.Weekend:
			off++
		}
	}
	key := "calendarweb.sentence"
	if worked > 0 {
		key = "calendarweb.sentence.worked"
	}
	return pr.T(key, fault.Args{"year": strconv.Itoa(y), "working": working, "off": off, "worked": worked})
}

// doubt names the days that no document confirms.
func doubt(pr *i18n.Printer, days []calendar.Day) string {
	var list []string
	for _, d := range days {
		if d.Unconfirmed {
			list = append(list, pr.T("calendarweb.unconfirmed.day", fault.Args{"date": pr.Date(d.Date), "what": words(pr, d)}))
		}
	}
	if len(list) == 0 {
		return ""
	}
	return pr.T("calendarweb.unconfirmed", fault.Args{"days": strings.Join(list, "; ")})
}

// hours are the hours of a working day that hold in a year.
func hours(pr *i18n.Printer, c *calendar.Calendar, y int) []string {
	var out []string
	all := c.Hours()
	first, last := clock.NewDate(y, time.January, 1), clock.NewDate(y, time.December, 31)
	for i, h := range all {
		if h.From.After(last) || i+1 < len(all) && !all[i+1].From.After(first) {
			continue
		}
		text := spans(h.Spans)
		if h.From.After(first) {
			text = pr.T("calendarweb.hours.from", fault.Args{"date": pr.Date(h.From), "hours": text})
		}
		if h.Unconfirmed {
			text = pr.T("calendarweb.hours.unconfirmed", fault.Args{"hours": text})
		}
		out = append(out, text)
	}
	return out
}

// spans are hours as people write them: 07:30–11:30, 13:00–17:00.
func spans(list []calendar.Span) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = s.From.String() + "–" + s.To.String()
	}
	return strings.Join(out, ", ")
}

// week is the days of the week as their messages name them: weeks begin on Monday.
var week = [...]string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}

func weekdays(pr *i18n.Printer) []weekday {
	out := make([]weekday, len(week))
	for i, name := range week {
		out[i] = weekday{pr.T("calendarweb.weekday.short." + name), pr.T("calendarweb.weekday." + name)}
	}
	return out
}

// weekdayName is the day of the week in words.
func weekdayName(pr *i18n.Printer, d time.Weekday) string {
	return pr.T("calendarweb.weekday." + week[(int(d)+6)%7])
}

func months(pr *i18n.Printer, days []calendar.Day, today clock.Date) []month {
	var out []month
	for _, d := range days {
		if d.Date.Day() == 1 {
			m := month{ID: fmt.Sprintf("m%d", d.Date.Month()), Name: pr.T("calendarweb.month", fault.Args{"month": int(d.Date.Month())})}
			m.Weeks = [][]cell{make([]cell, (int(d.Date.Start().Weekday())+6)%7)}
			out = append(out, m)
		}
		m := &out[len(out)-1]
		if len(m.Weeks[len(m.Weeks)-1]) == 7 {
			m.Weeks = append(m.Weeks, nil)
		}
		week := &m.Weeks[len(m.Weeks)-1]
		c := cell{Number: strconv.Itoa(d.Date.Day()), Class: class(d), Today: d.Date == today}
		if c.Class != "" || d.Unconfirmed {
			c.Words = words(pr, d)
		}
		*week = append(*week, c)
	}
	for i := range out {
		last := &out[i].Weeks[len(out[i].Weeks)-1]
		for len(*last) < 7 {
			*last = append(*last, cell{})
		}
	}
	return out
}

// class is how a day looks.
func class(d calendar.Day) string {
	mark := ""
	if d.Unconfirmed {
		mark = " app-day--unsure"
	}
	switch {
	case d.Why == calendar.Weekend && d.Name == "":
		return strings.TrimSpace("app-day--weekend" + mark)
	case !d.Works:
		return "app-day--off" + mark
	case d.Why == calendar.ExchangedSaturday:
		return "app-day--worked" + mark
	case d.Why == calendar.ShortDay:
		return "app-day--short" + mark
	}
	return strings.TrimSpace(mark)
}

func legends(pr *i18n.Printer) []legend {
	return []legend{
		{"app-day--off", "1", pr.T("calendarweb.legend.off")},
		{"app-day--worked", "2", pr.T("calendarweb.legend.worked")},
		{"app-day--short", "3", pr.T("calendarweb.legend.short")},
		{"app-day--weekend", "4", pr.T("calendarweb.legend.weekend")},
		{"app-day--unsure", "5", pr.T("calendarweb.legend.unsure")},
	}
}

// words is what a day is.
func words(pr *i18n.Printer, d calendar.Day) string {
	text := calendar.Words(pr, d.Code())
	if d.Name != "" && d.Why != calendar.Holiday {
		text = pr.T("calendarweb.and", fault.Args{"what": text, "name": calendar.Words(pr, string(calendar.Holiday)+":"+d.Name)})
	}
	if d.Why == calendar.ShortDay {
		text = pr.T("calendarweb.and", fault.Args{"what": text, "name": spans(d.Spans)})
	}
	if !d.For.IsZero() {
		text = pr.T("calendarweb.for", fault.Args{"what": text, "date": pr.Date(d.For)})
	}
	return text
}

// special are the days of a year that are no usual ones.
func special(pr *i18n.Printer, days []calendar.Day) ui.Table {
	t := ui.Table{
		ID: "days", Caption: pr.T("calendarweb.days"), Stack: true,
		Columns: []ui.Column{
			{Label: pr.T("calendarweb.days.date")}, {Label: pr.T("calendarweb.days.what")}, {Label: pr.T("calendarweb.days.why")},
		},
	}
	for _, d := range days {
		usual := d.Why == calendar.WorkingDay || d.Why == calendar.Weekend && d.Name == ""
		if usual && !d.Unconfirmed && d.Note == "" {
			continue
		}
		why := joined(d.Note, d.Basis)
		if d.Unconfirmed {
			why = joined(pr.T("calendarweb.days.unconfirmed"), why)
		}
		if d.Provisional && why == "" {
			why = pr.T("calendarweb.days.by_law")
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: dated(pr, d.Date)}, {Text: words(pr, d)}, {Text: why},
		}})
	}
	return t
}

// dated is a day with its day of the week.
func dated(pr *i18n.Printer, d clock.Date) string {
	return pr.T("calendarweb.dated", fault.Args{"weekday": weekdayName(pr, d.Start().Weekday()), "date": pr.Date(d)})
}
