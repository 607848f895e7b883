// Package calendar is the calendar of working time: which days and hours the offices
// work, why a day is off, and how far that is known. A Calendar is a value that never
// changes; what an administrator enters makes another one (Apply). It counts working time
// and knows nothing of procedures and their limits: that is package deadline.
//
// Three things are told apart that look alike: a day that is off, a year for which nobody
// has published the days off (provisional: only what the law fixes is there, and
// deadlines in it may move), and a day about which we are not sure (Unconfirmed).
package calendar

import (
	"embed"
	"io/fs"
	"sort"
	"strings"
	"sync"
	"time"

	"dean06/data"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
)

//go:embed messages/*.json
var messages embed.FS

// Messages are the texts of this module, in both languages.
var Messages = func() fs.FS {
	sub, err := fs.Sub(messages, "messages")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return sub
}()

// The first and the last day that a calendar knows.
var (
	First = clock.NewDate(2000, time.January, 1)
	Last  = clock.NewDate(2099, time.December, 31)
)

// Why says why a day works or not. The words are stable: programs read them.
type Why string

// The reasons. A day off for a holiday has Holiday and the holiday's name.
const (
	WorkingDay        Why = "working_day"
	ShortDay          Why = "short_day"          // works, but not all its hours
	ExchangedSaturday Why = "exchanged_saturday" // works in exchange for a day off
	Weekend           Why = "weekend"
	Holiday           Why = "holiday"
	ExchangedDayOff   Why = "exchanged_day_off" // off in exchange for a Saturday
	DayOff            Why = "day_off"           // off by an agency's own decision
)

// Day is one day of a calendar.
type Day struct {
	Date  clock.Date
	Works bool
	Spans []Span // of working time; none on a day off
	Why   Why
	// Name is a holiday's: "tet". A holiday that falls on a Sunday has it too.
	Name string
	// Note and Basis are the administrator's words and document for this day.
	Note, Basis string
	// For is the day with which this one was exchanged.
	For clock.Date
	// Provisional says that nobody has published the days off of the year.
	Provisional bool
	// Unconfirmed says that what stands here is known, but not from a document.
	Unconfirmed bool
}

// Code is Why, with the holiday's name: "holiday:tet".
func (d Day) Code() string {
	if d.Why == Holiday && d.Name != "" {
		return string(Holiday) + ":" + d.Name
	}
	return string(d.Why)
}

// Calendar is the working time of all days from First to Last.
type Calendar struct {
	base    *base
	changes []Change
	hours   []Hours // in the order in which they begin

	days     []entry
	working  []int32 // the indexes of the days that work
	plans    []plan
	details  map[int32]detail
	official map[int]bool
}

// entry is a day as it is kept for counting.
type entry struct {
	before  int32 // days that work before this one
	minutes int32 // of working time before this one
	plan    uint16
	why     uint8
	flags   uint8
}

const (
	flagProvisional = 1 << iota
	flagUnconfirmed
)

var whys = []Why{WorkingDay, ShortDay, ExchangedSaturday, Weekend, Holiday, ExchangedDayOff, DayOff}

// plan is the hours of a day; plan 0 is a day off.
type plan struct {
	spans   []Span
	minutes int32
}

// detail is what few days have.
type detail struct {
	name, note, basis string
	with              clock.Date
}

var builtIn = sync.OnceValues(func() (*Calendar, error) {
	raw, err := fs.ReadFile(data.FS, "calendar/vn_holidays.json")
	if err != nil {
		return nil, err
	}
	return Read(raw)
})

// BuiltIn is the calendar that the program brings with it: version 0.
func BuiltIn() (*Calendar, error) { return builtIn() }

// Version is how many changes were made to the calendar that the program brings.
func (c *Calendar) Version() int { return len(c.changes) }

// Changes are those that made it, the oldest first.
func (c *Calendar) Changes() []Change { return append([]Change(nil), c.changes...) }

// Hours are the hours of a working day, each from a day on.
func (c *Calendar) Hours() []Hours { return append([]Hours(nil), c.hours...) }

// Official says that the days off of a year have been published. For every other year
// only what the law fixes is known.
func (c *Calendar) Official(year int) bool { return c.official[year] }

// Knows says that the calendar has the day.
func (c *Calendar) Knows(d clock.Date) bool { return !d.Before(First) && !d.After(Last) }

// Day is a day of the calendar. A day that it does not know is off and provisional.
func (c *Calendar) Day(d clock.Date) Day {
	if !c.Knows(d) {
		return Day{Date: d, Why: DayOff, Provisional: true, Unconfirmed: true}
	}
	return c.at(First.DaysUntil(d))
}

// at is the day with an index.
func (c *Calendar) at(i int) Day {
	e := c.days[i]
	d := Day{
		Date: First.AddDays(i), Works: e.plan > 0, Spans: c.plans[e.plan].spans, Why: whys[e.why],
		Provisional: e.flags&flagProvisional != 0, Unconfirmed: e.flags&flagUnconfirmed != 0,
	}
	if more, ok := c.details[int32(i)]; ok {
		d.Name, d.Note, d.Basis, d.For = more.name, more.note, more.basis, more.with
	}
	return d
}

// Year gives the days of a year.
func (c *Calendar) Year(year int) []Day {
	var out []Day
	for d := clock.NewDate(year, time.January, 1); d.Year() == year && c.Knows(d); d = d.AddDays(1) {
		out = append(out, c.Day(d))
	}
	return out
}

// finish numbers the days and sums up their time.
func (c *Calendar) finish() {
	c.working = c.working[:0]
	minutes := int32(0)
	for i := range c.days {
		e := &c.days[i]
		e.before, e.minutes = int32(len(c.working)), minutes
		if e.plan > 0 {
			c.working = append(c.working, int32(i))
			minutes += c.plans[e.plan].minutes
		}
	}
}

// planOf is the number of a plan with such spans.
func (c *Calendar) planOf(spans []Span) uint16 {
	if len(spans) == 0 {
		return 0
	}
	for i, p := range c.plans[1:] {
		if equalSpans(p.spans, spans) {
			return uint16(i + 1)
		}
	}
	p := plan{spans: spans}
	for _, s := range spans {
		p.minutes += int32(s.To - s.From)
	}
	c.plans = append(c.plans, p)
	return uint16(len(c.plans) - 1)
}

// hoursOn are the hours of a working day on a day.
func (c *Calendar) hoursOn(d clock.Date) []Span {
	i := sort.Search(len(c.hours), func(i int) bool { return c.hours[i].From.After(d) })
	if i == 0 {
		return nil
	}
	return c.hours[i-1].Spans
}

// Words is a Code in words.
func Words(p *i18n.Printer, code string) string {
	if name, ok := strings.CutPrefix(code, string(Holiday)+":"); ok {
		return p.T("calendar.holiday." + name)
	}
	return p.T("calendar.why." + code)
}
