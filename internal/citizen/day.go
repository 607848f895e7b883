package citizen

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"dean06/internal/platform/i18n"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// Day is a date of which the day, or day and month, may be unknown, as births of
// older people often are. It is one integer, yyyymmdd with 00 for what is unknown,
// and is stored and sorted as such. The zero Day is none.
type Day int32

// ParseDay reads 1990-01-01, 1990-01, 1990, 19900101, 01/01/1990, 01/1990, with hyphens,
// slashes or dots, the year first or last, and 01011990 (as a card's QR writes it; eight
// digits that are no yyyymmdd). Of day and month the day comes first when the year is
// last. It fails with Invalid ("citizen.day.bad").
func ParseDay(s string) (Day, error) {
	if d, ok := plainDay(s); ok {
		return d, nil
	}
	s = strings.TrimSpace(s)
	bad := fault.New(fault.Invalid, "citizen.day.bad", nil)
	var parts []string
	switch {
	case strings.ContainsAny(s, "-/."):
		// One sign all through: 1-1/1990 may be anything.
		parts = strings.Split(s, s[strings.IndexAny(s, "-/."):][:1])
		if len(parts[0]) != 4 {
			slices.Reverse(parts)
		}
	case len(s) == 8:
		if d, err := dayOf([]string{s[:4], s[4:6], s[6:]}); err == nil {
			return d, nil
		}
		parts = []string{s[4:], s[2:4], s[:2]}
	default:
		parts = []string{s}
	}
	d, err := dayOf(parts)
	if err != nil {
		return 0, bad
	}
	return d, nil
}

// plainDay reads 1990-01-01, as nearly all days are written, without any memory. Of what is
// not quite so, and of the last days of months, it says nothing.
func plainDay(s string) (Day, bool) {
	if len(s) != 10 || s[4] != '-' || s[7] != '-' {
		return 0, false
	}
	d := 0
	for i := range len(s) {
		switch {
		case i == 4 || i == 7:
		case s[i] < '0' || s[i] > '9':
			return 0, false
		default:
			d = d*10 + int(s[i]-'0')
		}
	}
	year, month, day := d/10000, d/100%100, d%100
	return Day(d), year >= 1800 && year <= 2199 && month >= 1 && month <= 12 && day >= 1 && day <= 28
}

// MustDay is ParseDay for constants and tests.
func MustDay(s string) Day {
	d, err := ParseDay(s)
	if err != nil {
		panic(err)
	}
	return d
}

func dayOf(parts []string) (Day, error) {
	var n [3]int
	if len(parts) == 0 || len(parts) > 3 {
		return 0, strconv.ErrSyntax
	}
	for i, p := range parts {
		if i == 0 && len(p) != 4 || i > 0 && (len(p) == 0 || len(p) > 2) || strings.Trim(p, "0123456789") != "" {
			return 0, strconv.ErrSyntax
		}
		v, err := strconv.Atoi(p)
		if err != nil {
			return 0, err
		}
		n[i] = v
	}
	if n[0] < 1800 || n[0] > 2199 || n[1] > 12 || n[1] == 0 && n[2] != 0 {
		return 0, strconv.ErrRange
	}
	if n[2] > 0 {
		if t := time.Date(n[0], time.Month(n[1]), n[2], 0, 0, 0, 0, time.UTC); t.Day() != n[2] {
			return 0, strconv.ErrRange
		}
	}
	return Day(n[0]*10000 + n[1]*100 + n[2]), nil
}

// DayFrom is a whole day.
func DayFrom(d clock.Date) Day {
	if d.IsZero() {
		return 0
	}
	return Day(d.Year()*10000 + int(d.Month())*100 + d.Day())
}

// Year is the year; 0 for no day.
func (d Day) Year() int { return int(d) / 10000 }

// Month is the month, 0 when it is unknown.
func (d Day) Month() int { return int(d) / 100 % 100 }

// DayOfMonth is the day of the month, 0 when it is unknown.
func (d Day) DayOfMonth() int { return int(d) % 100 }

// Say is the day as people of a language write it: 01/02/1990, 02/1990, 1990; "" for no day.
func (d Day) Say(p *i18n.Printer) string {
	switch {
	case d == 0:
		return ""
	case d.Whole():
		return p.Date(d.Date())
	case d.Month() != 0:
		return fmt.Sprintf("%02d/%d", d.Month(), d.Year())
	}
	return strconv.Itoa(d.Year())
}

// Whole says that nothing of it is unknown.
func (d Day) Whole() bool { return d.DayOfMonth() != 0 }

// Date is the whole day; the zero Date when a part is unknown.
func (d Day) Date() clock.Date {
	if !d.Whole() {
		return clock.Date{}
	}
	return clock.NewDate(d.Year(), time.Month(d.Month()), d.DayOfMonth())
}

// YearsBetween is how old somebody born on one day is on another, in whole years. Who was
// born on 29 February becomes a year older on the last day of February: where a period of
// years or months ends in a month that has no such day, it ends with the month (Bộ luật
// Dân sự 2015, Điều 148).
func YearsBetween(born, on clock.Date) int {
	years := on.Year() - born.Year()
	if born.After(BornBy(on, years)) {
		years--
	}
	return years
}

// BornBy is the last day on which those were born who have so many years on a day.
func BornBy(on clock.Date, years int) clock.Date {
	if on.Month() == time.February && on.AddDays(1).Month() == time.March {
		return clock.NewDate(on.Year()-years, time.March, 1).AddDays(-1)
	}
	return clock.NewDate(on.Year()-years, on.Month(), on.Day())
}

// Fits says that two days can be the same: equal in each part that both know.
func (d Day) Fits(o Day) bool {
	return d != 0 && o != 0 && d.Year() == o.Year() &&
		(d.Month() == 0 || o.Month() == 0 || d.Month() == o.Month()) &&
		(d.DayOfMonth() == 0 || o.DayOfMonth() == 0 || d.DayOfMonth() == o.DayOfMonth())
}

// String is 1990-01-01, 1990-01 or 1990; "" for no day.
func (d Day) String() string {
	switch {
	case d == 0:
		return ""
	case d.Month() == 0:
		return fmt.Sprintf("%04d", d.Year())
	case d.DayOfMonth() == 0:
		return fmt.Sprintf("%04d-%02d", d.Year(), d.Month())
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year(), d.Month(), d.DayOfMonth())
}

// Compact is 19900101, 199001 or 1990.
func (d Day) Compact() string { return strings.ReplaceAll(d.String(), "-", "") }

// MarshalText writes String.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what ParseDay reads; empty text is no day.
func (d *Day) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*d = 0
		return nil
	}
	v, err := ParseDay(string(b))
	*d = v
	return err
}
