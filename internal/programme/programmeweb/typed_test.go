package programmeweb

import (
	"net/http/httptest"
	"testing"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/ui"
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

// TestWhatIsNotOfferedIsTold: a filter that there is not narrows nothing, so it is told, and
// can be removed alone.
func TestWhatIsNotOfferedIsTold(t *testing.T) {
	t.Parallel()
	options := []ui.Option{{Label: "any"}, {Value: "overdue", Label: "Overdue"}}
	none := func(string) string { return "" }
	for _, c := range []struct {
		asked string
		wrong int
	}{{"", 0}, {"?standing=overdue&q=a", 0}, {"?standing=nonsense", 1}, {"?standing=overdue&agency=X", 1}, {"?standing=%ff&agency=X&q=%00", 3}} {
		n := (&Pages{}).narrow(httptest.NewRequestWithContext(t.Context(), "GET", "/list"+c.asked, nil))
		n.choose("standing", "Standing", options)
		n.hidden("agency", "Agency", none)
		n.text("q", "Words")
		if len(n.wrong) != c.wrong {
			t.Errorf("%q: %v", c.asked, n.wrong)
		}
	}
	n := (&Pages{}).narrow(httptest.NewRequestWithContext(t.Context(), "GET", "/list?standing=nonsense&q=a", nil))
	n.choose("standing", "Standing", options)
	if n.wrong[0].Field != "standing" || len(n.chosen) != 1 || n.chosen[0].Href != "/list?q=a" {
		t.Errorf("%v, %v", n.wrong, n.chosen)
	}
}
