package exchangenode

import (
	"slices"
	"testing"

	"dean06/internal/exchange"
	"dean06/internal/platform/clock"
	"dean06/internal/xroad"
)

// Who may hear of news has a right to it today, and where that demands security the gate is
// open to them: while it is closed their news waits.
func TestWhoMayHearOfNews(t *testing.T) {
	t.Parallel()
	feed, day := xroad.MustID("VN/GOV/G01/DANCU/feed"), clock.MustDate("2026-11-30")
	id := func(s string) xroad.ID { return xroad.MustID("VN/GOV/H55/" + s) }
	right := func(s string, change func(*exchange.Right)) exchange.Right {
		r := exchange.Right{Subject: id(s), Service: feed, From: day.AddDays(-1), Fields: []string{"name"}}
		if change != nil {
			change(&r)
		}
		return r
	}
	rights := []exchange.Right{
		right("PLAIN", nil),
		right("OPEN", func(r *exchange.Right) { r.Security = true }),
		right("CLOSED", func(r *exchange.Right) { r.Security = true }),
		right("OVER", func(r *exchange.Right) { r.Until = day.AddDays(-1) }),
		right("LATER", func(r *exchange.Right) { r.From = day.AddDays(1) }),
		right("OTHER", func(r *exchange.Right) { r.Service = xroad.MustID("VN/GOV/G01/DANCU/match") }),
	}
	var got, held []string
	for _, g := range grantsOf(rights, feed, []string{"id"}, day, func(s xroad.ID) bool { return s == id("OPEN") }) {
		if g.Held {
			held = append(held, g.Subscriber.Subsystem)
		} else {
			got = append(got, g.Subscriber.Subsystem)
		}
		if !slices.Equal(g.Fields, []string{"id", "name"}) {
			t.Errorf("%s hears %v", g.Subscriber, g.Fields)
		}
	}
	if !slices.Equal(got, []string{"PLAIN", "OPEN"}) {
		t.Errorf("%v may hear", got)
	}
	if !slices.Equal(held, []string{"CLOSED"}) {
		t.Errorf("for %v it waits", held)
	}
}
