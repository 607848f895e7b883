package exchange_test

import (
	"testing"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/platform/clock"
	"dean06/internal/xroad"
)

// A right beside one that demands security lets through what that one would refuse, where
// both are for some of the same calls.
func TestARightBesideOneThatDemandsSecurity(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 30, 3, 0, 0, 0, time.UTC)
	client, other := xroad.MustID("VN/GOV/H55/YTE"), xroad.MustID("VN/GOV/H04/YTE")
	service := xroad.MustID("VN/GOV/G01/DANCU/match")
	groups := map[string][]xroad.ID{"so": {client}, "khac": {other}}
	demand := exchange.Right{Service: service, Subject: client, Security: true, Method: "POST", Path: "/a/*", Purposes: []string{"1.001193"}}
	for _, c := range []struct {
		name   string
		change func(r *exchange.Right)
		want   bool
	}{
		{"the same without the demand", func(*exchange.Right) {}, true},
		{"it demands security, too", func(r *exchange.Right) { r.Security = true }, false},
		{"another's", func(r *exchange.Right) { r.Subject = other }, false},
		{"through a group", func(r *exchange.Right) { r.Subject, r.Group = xroad.ID{}, "so" }, true},
		{"of a group that has others", func(r *exchange.Right) { r.Subject, r.Group = xroad.ID{}, "khac" }, false},
		{"another service", func(r *exchange.Right) { r.Service = xroad.MustID("VN/GOV/G01/DANCU/facts") }, false},
		{"another method", func(r *exchange.Right) { r.Method = "GET" }, false},
		{"any method", func(r *exchange.Right) { r.Method = "" }, true},
		{"another path", func(r *exchange.Right) { r.Path = "/b/c" }, false},
		{"a path within it", func(r *exchange.Right) { r.Path = "/a/c" }, true},
		{"another purpose", func(r *exchange.Right) { r.Purposes = []string{"1.004222"} }, false},
		{"any purpose", func(r *exchange.Right) { r.Purposes = nil }, true},
		{"it has ended", func(r *exchange.Right) { r.EndedAt = at.Add(-time.Hour) }, false},
		{"it begins later", func(r *exchange.Right) { r.From = clock.MustDate("2026-12-05") }, false},
	} {
		r := demand
		r.Security, r.From = false, clock.MustDate("2020-01-01")
		c.change(&r)
		if got := r.Loosens(demand, groups, at); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	grouped := demand
	grouped.Subject, grouped.Group = xroad.ID{}, "so"
	own := exchange.Right{Service: service, Subject: client}
	if !own.Loosens(grouped, groups, at) {
		t.Error("one of a group that demands it has a right of its own that does not")
	}
}
