package calendar

import (
	"slices"
	"time"

	"dean06/internal/platform/clock"
)

// The names of the holidays that the law fixes.
const (
	tet       = "tet"
	hungKings = "hung_kings"
	national  = "national"
)

// holiday is a day that the law makes a holiday.
type holiday struct {
	on   clock.Date
	name string
}

// holidays are those of a year by the law alone (Bộ luật Lao động 2019, Điều 112). Which
// days Tết and the second day of the National Day take is chosen each year: what stands
// here for a year without a published list is the likeliest, and provisional.
func (b *base) holidays(y int) []holiday {
	var out []holiday
	for _, f := range b.Fixed {
		t, err := time.Parse("01-02", f.Day)
		if err != nil {
			continue // Read has refused it
		}
		d := clock.NewDate(y, t.Month(), t.Day())
		out = append(out, holiday{d, f.Name})
		if f.Name == national {
			out = append(out, holiday{beside(d), f.Name})
		}
	}
	m := b.moonOf(y)
	for i := range b.Tet.Days {
		out = append(out, holiday{m.Tet.AddDays(i - b.Tet.Before), tet})
	}
	out = append(out, holiday{m.HungKings, hungKings})
	slices.SortFunc(out, func(a, b holiday) int { return a.on.Compare(b.on) })
	return out
}

// beside is the day next to the National Day that joins it with a weekend, else the one
// before (Điều 112 khoản 1 điểm đ: "01 ngày liền kề trước hoặc sau").
func beside(d clock.Date) clock.Date {
	switch d.Start().Weekday() {
	case time.Monday, time.Thursday, time.Sunday:
		return d.AddDays(1)
	default:
		return d.AddDays(-1)
	}
}

// moonOf is what the moon's calendar gives: from the table, beyond it computed.
func (b *base) moonOf(y int) moon {
	if i := slices.IndexFunc(b.Moon, func(m moon) bool { return m.Year == y }); i >= 0 {
		return b.Moon[i]
	}
	return moon{y, lunarDay(y, 1, 1), lunarDay(y, 3, 10)}
}

// statutory takes the holidays of a year for which there is no list. One that falls on a
// weekly day off is made up for on the next working day (Điều 111 khoản 3).
func (c *Calendar) statutory(y int) {
	c.nameHolidays(y)
	var owed []holiday
	for _, h := range c.base.holidays(y) {
		if c.isWeekend(h.on) {
			owed = append(owed, h)
			continue
		}
		c.set(h.on, nil, Holiday, false, detail{name: h.name})
	}
	for _, h := range owed {
		d := h.on
		for c.isWeekend(d) || c.why(d) == Holiday {
			d = d.AddDays(1)
		}
		c.set(d, nil, Holiday, false, detail{name: h.name})
	}
}

// nameHolidays names the holidays that fall on a weekend, so that a page can say them.
func (c *Calendar) nameHolidays(y int) {
	for _, h := range c.base.holidays(y) {
		if c.isWeekend(h.on) {
			c.details[int32(First.DaysUntil(h.on))] = detail{name: h.name}
		}
	}
}

func (c *Calendar) why(d clock.Date) Why { return whys[c.days[First.DaysUntil(d)].why] }

// isWeekend says that the week has the day off, whatever else it is.
func (c *Calendar) isWeekend(d clock.Date) bool {
	return slices.Contains(c.base.WeeklyOff, weekday(d.Start().Weekday()))
}
