package deadline

import (
	"strings"
	"time"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// clip shortens what somebody wrote, for a message.
func clip(s string) string {
	const most = 40
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

// layouts are the ways in which a moment is written; those without a zone are Vietnam's.
var layouts = []string{
	"2006-01-02 15:04", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02T15:04:05",
	time.RFC3339Nano, "2006-01-02T15:04Z07:00",
}

// ParseMoment reads a moment: "2026-02-13 15:30", "2026-02-13T15:30" or RFC 3339. It fails
// with Invalid.
func ParseMoment(s string) (time.Time, error) {
	text := strings.TrimSpace(s)
	for _, layout := range layouts {
		t, err := time.ParseInLocation(layout, text, clock.Zone)
		if t = t.In(clock.Zone); err == nil && t.Year() > 0 && t.Year() < 10000 {
			return t, nil
		}
	}
	return time.Time{}, fault.New(fault.Invalid, "deadline.moment", fault.Args{"text": clip(s)})
}

// ParsePause reads a pause: "2026-02-24T09:00/2026-02-26T10:00", with nothing after the
// stroke when it goes on, and with why before it when it is known ("fee:…"). It fails
// with Invalid.
func ParsePause(s string) (Pause, error) {
	bad := fault.New(fault.Invalid, "deadline.pause", fault.Args{"text": clip(s)})
	var p Pause
	text := strings.TrimSpace(s)
	for _, why := range pauses {
		if rest, ok := strings.CutPrefix(text, why+":"); ok {
			p.Why, text = why, rest
		}
	}
	from, to, ok := strings.Cut(text, "/")
	if !ok {
		return Pause{}, bad
	}
	var err error
	if p.From, err = ParseMoment(from); err != nil {
		return Pause{}, bad
	}
	if strings.TrimSpace(to) == "" {
		return p, nil
	}
	if p.To, err = ParseMoment(to); err != nil {
		return Pause{}, bad
	}
	return p, p.check()
}
