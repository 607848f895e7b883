package calendar

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/strictjson"
)

// base is what a calendar begins with, as the data tells it.
type base struct {
	Note      string    `json:"note"`
	WeeklyOff []weekday `json:"weekly_off"`
	Hours     []Hours   `json:"hours"`
	Fixed     []fixed   `json:"fixed"`
	Tet       struct {
		Before int `json:"before"` // of the days, so many before the first of the year
		Days   int `json:"days"`
	} `json:"tet"`
	Moon  []moon `json:"moon"`
	Years []year `json:"years"`
}

type weekday time.Weekday

// UnmarshalText reads "saturday".
func (w *weekday) UnmarshalText(b []byte) error {
	for d := time.Sunday; d <= time.Saturday; d++ {
		if string(b) == [...]string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}[d] {
			*w = weekday(d)
			return nil
		}
	}
	return fmt.Errorf("%q is no day of the week", b)
}

// fixed is a holiday of the sun's calendar.
type fixed struct {
	Day  string `json:"day"` // 04-30
	Name string `json:"name"`
}

// moon is what the moon's calendar gives in a year.
type moon struct {
	Year      int        `json:"year"`
	Tet       clock.Date `json:"tet"`
	HungKings clock.Date `json:"hung_kings"`
}

// year is a year whose days off have been published.
type year struct {
	Year     int        `json:"year"`
	Off      []listed   `json:"off"`
	Work     []listed   `json:"work"`
	Doubtful []listed   `json:"doubtful,omitempty"`
	Basis    string     `json:"basis,omitempty"`
	From     clock.Date `json:"from,omitzero"`
}

// listed is a day of such a list.
type listed struct {
	Date        clock.Date `json:"date"`
	Name        string     `json:"name,omitempty"`
	For         clock.Date `json:"for,omitzero"`
	Unconfirmed bool       `json:"unconfirmed,omitempty"`
}

// exchanged is the name of a day off in a list that a Saturday makes up for.
const exchanged = "exchanged"

// Read makes a calendar of its data. It fails when the data contradicts itself, and says
// on which line when it cannot be read.
func Read(raw []byte) (*Calendar, error) {
	b := &base{}
	if err := strictjson.Read(raw, b); err != nil {
		return nil, err
	}
	if len(b.Hours) == 0 || b.Hours[0].From.After(First) {
		return nil, fmt.Errorf("hours: none hold on %s", First)
	}
	for i, h := range b.Hours {
		if err := checkSpans(h.Spans); err != nil {
			return nil, fmt.Errorf("hours from %s: %w", h.From, err)
		}
		if i > 0 && !b.Hours[i-1].From.Before(h.From) {
			return nil, fmt.Errorf("hours from %s: not in order", h.From)
		}
	}
	for _, f := range b.Fixed {
		if _, err := time.Parse("01-02", f.Day); err != nil {
			return nil, fmt.Errorf("fixed %s: %w", f.Name, err)
		}
	}
	for _, m := range b.Moon {
		if m.Tet.Year() != m.Year || m.HungKings.Year() != m.Year {
			return nil, fmt.Errorf("moon of %d: another year's", m.Year)
		}
	}
	if b.Tet.Days < 1 || b.Tet.Before < 0 || b.Tet.Before >= b.Tet.Days {
		return nil, errors.New("tet: days before the new year must be fewer than all")
	}
	for _, y := range b.Years {
		for _, d := range slices.Concat(y.Off, y.Work, y.Doubtful) {
			if d.Date.Year() != y.Year {
				return nil, fmt.Errorf("%s stands in the list of %d", d.Date, y.Year)
			}
		}
	}
	return build(b, nil)
}

// build makes the calendar of data and the changes that were made to it.
func build(b *base, changes []Change) (*Calendar, error) {
	c := &Calendar{
		base: b, changes: changes, hours: slices.Clone(b.Hours), days: make([]entry, First.DaysUntil(Last)+1),
		plans: make([]plan, 1), details: map[int32]detail{}, official: map[int]bool{},
	}
	for _, ch := range changes {
		if ch.Kind == ChangeHours {
			c.setHours(ch)
		}
	}
	for _, y := range b.Years {
		c.official[y.Year] = true
	}
	for _, ch := range changes {
		switch ch.Kind {
		case ChangeOfficial:
			c.official[ch.Year] = true
		case ChangeNotOfficial:
			c.official[ch.Year] = false
		}
	}
	c.weeks()
	for y := First.Year(); y <= Last.Year(); y++ {
		i := slices.IndexFunc(b.Years, func(o year) bool { return o.Year == y })
		if i >= 0 {
			c.listed(b.Years[i])
			continue
		}
		c.statutory(y)
	}
	for _, ch := range changes {
		c.change(ch)
	}
	c.finish()
	return c, nil
}

// weeks sets all days as the week has them.
func (c *Calendar) weeks() {
	off := [7]bool{}
	for _, w := range c.base.WeeklyOff {
		off[w] = true
	}
	wd := First.Start().Weekday()
	for i := range c.days {
		e := &c.days[i]
		if off[wd] {
			e.why = code(Weekend)
		}
		wd = (wd + 1) % 7
	}
	at := 0
	for y := First.Year(); y <= Last.Year(); y++ {
		n := clock.NewDate(y, time.January, 1).DaysUntil(clock.NewDate(y+1, time.January, 1))
		for i := at; i < at+n; i++ {
			if !c.official[y] {
				c.days[i].flags |= flagProvisional
			}
		}
		at += n
	}
	for h, hours := range c.hours {
		from, to := max(0, First.DaysUntil(hours.From)), len(c.days)
		if h+1 < len(c.hours) {
			to = min(to, First.DaysUntil(c.hours[h+1].From))
		}
		p := c.planOf(hours.Spans)
		for i := from; i < to; i++ {
			if c.days[i].why == code(WorkingDay) {
				c.days[i].plan = p
			}
		}
	}
}

func code(w Why) uint8 { return uint8(slices.Index(whys, w)) }

// listed takes the days of a published list.
func (c *Calendar) listed(y year) {
	c.nameHolidays(y.Year)
	for _, d := range y.Off {
		why, name := Holiday, d.Name
		if d.Name == exchanged {
			why, name = ExchangedDayOff, ""
		}
		c.set(d.Date, nil, why, d.Unconfirmed, detail{name: name, with: d.For})
	}
	for _, d := range y.Work {
		c.set(d.Date, c.hoursOn(d.Date), ExchangedSaturday, d.Unconfirmed, detail{with: d.For})
	}
	for _, d := range y.Doubtful {
		i := int32(First.DaysUntil(d.Date))
		c.days[i].flags |= flagUnconfirmed
		c.details[i] = detail{name: d.Name}
	}
}

// set makes a day what it is.
func (c *Calendar) set(d clock.Date, spans []Span, why Why, unconfirmed bool, more detail) {
	i := First.DaysUntil(d)
	e := &c.days[i]
	e.plan, e.why = c.planOf(spans), code(why)
	e.flags &^= flagUnconfirmed
	if unconfirmed {
		e.flags |= flagUnconfirmed
	}
	if more == (detail{}) {
		delete(c.details, int32(i))
		return
	}
	c.details[int32(i)] = more
}
