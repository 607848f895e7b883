package programmeweb

import (
	"testing"

	"dean06/internal/platform/clock"
	"dean06/internal/programme"
)

// TestWhatIsTypedIsRead: a day as a field or a file shows it is read again, in either
// language.
func TestWhatIsTypedIsRead(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"2022-08-09", "2026-12-31", "2024-02-29"} {
		d := clock.MustDate(text)
		if got, err := programme.ReadDay(typed(d)); err != nil || got != d {
			t.Errorf("%s: %s, %v", text, got, err)
		}
	}
	if typed(clock.Date{}) != "" {
		t.Error("no day is written")
	}
}
