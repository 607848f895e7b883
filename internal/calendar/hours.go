package calendar

import (
	"fmt"
	"slices"
	"strings"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// TimeOfDay is a time on the clock, in minutes since midnight; 24:00 is the end of the day.
type TimeOfDay int

const midnight TimeOfDay = 24 * 60

// ParseTime reads a time such as 07:30. It fails with Invalid.
func ParseTime(s string) (TimeOfDay, error) {
	bad := fault.New(fault.Invalid, "calendar.time", fault.Args{"text": clip(s)})
	hour, minute, ok := strings.Cut(s, ":")
	h, okH := digits(hour, 2)
	m, okM := digits(minute, 2)
	if !ok || !okH || !okM || len(minute) != 2 || m > 59 {
		return 0, bad
	}
	t := TimeOfDay(h*60 + m)
	if t > midnight {
		return 0, bad
	}
	return t, nil
}

// digits reads one to most digits.
func digits(s string, most int) (int, bool) {
	if s == "" || len(s) > most {
		return 0, false
	}
	n := 0
	for _, r := range s {
		if r < '0' || r > '9' {
			return 0, false
		}
		n = n*10 + int(r-'0')
	}
	return n, true
}

// clip shortens what somebody wrote, for a message.
func clip(s string) string {
	const most = 40
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

// String is 07:30.
func (t TimeOfDay) String() string { return fmt.Sprintf("%02d:%02d", int(t)/60, int(t)%60) }

// MarshalText writes 07:30.
func (t TimeOfDay) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads 07:30.
func (t *TimeOfDay) UnmarshalText(b []byte) error {
	v, err := ParseTime(string(b))
	if err == nil {
		*t = v
	}
	return err
}

// Span is a stretch of working time within a day.
type Span struct{ From, To TimeOfDay }

// ParseSpan reads a span such as 07:30-11:30. It fails with Invalid.
func ParseSpan(s string) (Span, error) {
	from, to, ok := strings.Cut(strings.ReplaceAll(strings.Join(strings.Fields(s), ""), "–", "-"), "-")
	if !ok {
		return Span{}, fault.New(fault.Invalid, "calendar.span", fault.Args{"text": clip(s)})
	}
	a, err := ParseTime(from)
	if err != nil {
		return Span{}, err
	}
	b, err := ParseTime(to)
	if err != nil {
		return Span{}, err
	}
	if a >= b {
		return Span{}, fault.New(fault.Invalid, "calendar.span", fault.Args{"text": clip(s)})
	}
	return Span{a, b}, nil
}

// String is 07:30-11:30.
func (s Span) String() string { return s.From.String() + "-" + s.To.String() }

// MarshalText writes 07:30-11:30.
func (s Span) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads 07:30-11:30.
func (s *Span) UnmarshalText(b []byte) error {
	v, err := ParseSpan(string(b))
	if err == nil {
		*s = v
	}
	return err
}

// Hours are the hours of a working day from a day on.
type Hours struct {
	From        clock.Date `json:"from"`
	Spans       []Span     `json:"spans"` // the first is the morning, the rest the afternoon
	Basis       string     `json:"basis"`
	Unconfirmed bool       `json:"unconfirmed,omitempty"`
}

// noon parts the morning from the afternoon.
const noon TimeOfDay = 12 * 60

// checkSpans fails with Invalid when the hours of a day are none, overlap or leave a half
// of the day without any.
func checkSpans(spans []Span) error {
	const most = 4
	if len(spans) == 0 || len(spans) > most {
		return fault.New(fault.Invalid, "calendar.hours.count", fault.Args{"most": most})
	}
	for i, s := range spans {
		if s.From < 0 || s.To > midnight || s.From >= s.To || i > 0 && s.From <= spans[i-1].To {
			return fault.New(fault.Invalid, "calendar.hours.order", fault.Args{"text": s.String()})
		}
	}
	if len(morning(spans)) == 0 || len(afternoon(spans)) == 0 {
		return fault.New(fault.Invalid, "calendar.hours.halves", nil)
	}
	return nil
}

// morning are the spans that begin before noon, afternoon those that do not.
func morning(spans []Span) []Span {
	i := slices.IndexFunc(spans, func(s Span) bool { return s.From >= noon })
	if i < 0 {
		return spans
	}
	return spans[:i:i]
}

func afternoon(spans []Span) []Span { return spans[len(morning(spans)):] }

func equalSpans(a, b []Span) bool { return slices.Equal(a, b) }
