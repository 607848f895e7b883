package clock_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dean06/internal/platform/clock"
)

// TestDaysUntil: what is added can be counted again, over leap years and centuries.
func TestDaysUntil(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(-500_000, 500_000).Draw(t, "days")
		d := clock.NewDate(rapid.IntRange(1600, 2400).Draw(t, "year"), time.Month(rapid.IntRange(1, 12).Draw(t, "month")), rapid.IntRange(1, 31).Draw(t, "day"))
		if got := d.DaysUntil(d.AddDays(n)); got != n {
			t.Errorf("%v and %d days: %d", d, n, got)
		}
	})
}

// TestParseDate: it reads what the standard library does, and nothing else.
func TestParseDate(t *testing.T) {
	t.Parallel()
	same := func(t rapid.TB, s string) {
		want, wrong := time.Parse(time.DateOnly, s)
		got, err := clock.ParseDate(s)
		if (err == nil) != (wrong == nil) || err == nil && got != clock.NewDate(want.Year(), want.Month(), want.Day()) {
			t.Errorf("%q: %v, %v; want %v, %v", s, got, err, want, wrong)
		}
	}
	for _, s := range []string{
		"", "2024-02-29", "2023-02-29", "2025-00-10", "2025-13-01", "2025-01-00", "2025-1-1", "2025-01-01 ", "+025-01-01", "9999-12-31", "0000-01-01",
	} {
		same(t, s)
	}
	rapid.Check(t, func(t *rapid.T) {
		same(t, fmt.Sprintf("%04d-%02d-%02d", rapid.IntRange(0, 9999).Draw(t, "year"), rapid.IntRange(0, 14).Draw(t, "month"), rapid.IntRange(0, 33).Draw(t, "day")))
		same(t, rapid.StringMatching(`[0-9+-]{4}-[0-9 ]{2}-[0-9]{2}`).Draw(t, "text"))
	})
}
