// Package clock gives the time and the calendar day as values, so that no rule
// reads the machine's clock by itself. Days are those of Vietnam (UTC+7).
package clock

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// Zone is Vietnam's time zone: UTC+7 all year, without daylight saving since 1975.
var Zone = time.FixedZone("Asia/Ho_Chi_Minh", 7*60*60)

// Clock tells the time. Microseconds are the finest that both engines keep.
type Clock interface {
	Now() time.Time
}

// System is the machine's clock, in UTC, cut to microseconds.
type System struct{}

// Now is the present moment.
func (System) Now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// Fixed is a clock that stands still, for tests and for loading history.
type Fixed time.Time

// Now is the moment at which the clock stands.
func (f Fixed) Now() time.Time { return time.Time(f).UTC().Truncate(time.Microsecond) }

// Date is a calendar day without a time. The zero Date is "no day" and is
// stored as NULL. It is stored as the text 2006-01-02, so that days compare and
// sort the same on every engine.
type Date struct {
	year  int16
	month int8
	day   int8
}

// NewDate makes a day; it normalises as time.Date does.
func NewDate(year int, month time.Month, day int) Date {
	return fromTime(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
}

// DayOf is the day in Vietnam at the moment t.
func DayOf(t time.Time) Date { return fromTime(t.In(Zone)) }

func fromTime(t time.Time) Date {
	y, m, d := t.Date()
	return Date{int16(y), int8(m), int8(d)}
}

// ParseDate reads 2006-01-02.
func ParseDate(s string) (Date, error) {
	if len(s) == len(time.DateOnly) && s[4] == '-' && s[7] == '-' {
		year, month, day := number(s[:4]), number(s[5:7]), number(s[8:])
		d := Date{int16(year), int8(month), int8(day)} //nolint:gosec // at most four digits, and two
		if year >= 0 && month > 0 && day > 0 && d == NewDate(year, time.Month(month), day) {
			return d, nil
		}
	}
	return Date{}, fmt.Errorf("parse date %q: want year-month-day, such as 2025-07-01", s)
}

// number reads digits; -1 when there is anything else.
func number(s string) int {
	n := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return -1
		}
		n = 10*n + int(s[i]-'0')
	}
	return n
}

// MustDate is ParseDate for constants and tests.
func MustDate(s string) Date {
	d, err := ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

// IsZero says that there is no day.
func (d Date) IsZero() bool { return d == Date{} }

// String is 2006-01-02, or "" for no day.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.year, d.month, d.day)
}

// Year is the year of the day.
func (d Date) Year() int { return int(d.year) }

// Month is the month of the day.
func (d Date) Month() time.Month { return time.Month(d.month) }

// Day is the day of the month.
func (d Date) Day() int { return int(d.day) }

// Start is the first moment of the day in Vietnam.
func (d Date) Start() time.Time {
	return time.Date(int(d.year), time.Month(d.month), int(d.day), 0, 0, 0, 0, Zone)
}

// End is the first moment after the day in Vietnam.
func (d Date) End() time.Time { return d.Start().AddDate(0, 0, 1) }

// AddDays moves n days.
func (d Date) AddDays(n int) Date {
	return NewDate(int(d.year), time.Month(d.month), int(d.day)+n)
}

// Before says that d is an earlier day than o.
func (d Date) Before(o Date) bool { return d.Compare(o) < 0 }

// After says that d is a later day than o.
func (d Date) After(o Date) bool { return d.Compare(o) > 0 }

// Compare is -1, 0 or 1.
func (d Date) Compare(o Date) int {
	a := int(d.year)*10000 + int(d.month)*100 + int(d.day)
	b := int(o.year)*10000 + int(o.month)*100 + int(o.day)
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// DaysUntil is the number of days from d to o; negative when o is earlier.
func (d Date) DaysUntil(o Date) int { return o.ordinal() - d.ordinal() }

// ordinal counts days from a day long ago; years begin in March, so that a leap day is the
// last of one.
func (d Date) ordinal() int {
	y, m := int(d.year)+400, int(d.month)
	if m < 3 {
		y, m = y-1, m+12
	}
	return 365*y + y/4 - y/100 + y/400 + (153*(m-3)+2)/5 + int(d.day)
}

// MarshalText writes 2006-01-02.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads 2006-01-02; empty text is no day.
func (d *Date) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*d = Date{}
		return nil
	}
	v, err := ParseDate(string(b))
	if err != nil {
		return err
	}
	*d = v
	return nil
}

// Value stores the day as text, no day as NULL.
func (d Date) Value() (driver.Value, error) {
	if d.IsZero() {
		return nil, nil
	}
	return d.String(), nil
}

// Scan reads what Value stored.
func (d *Date) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*d = Date{}
		return nil
	case string:
		return d.UnmarshalText([]byte(v))
	case []byte:
		return d.UnmarshalText(v)
	case time.Time:
		*d = fromTime(v)
		return nil
	}
	return fmt.Errorf("scan date from %T", src)
}
