package exchange_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dean06/internal/exchange"
	"dean06/internal/platform/fault"
)

func TestCheckAddress(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"127.0.0.1:8038": true, "gw.thainguyen.gov.vn:5500": true, "localhost:1": true, "[::1]:5500": true, "h:65535": true,
		"": false, "host": false, "host:0": false, "host:65536": false, "host:x": false, ":80": false, "::1:80": false,
		"http://host:80": false, "host/path:80": false, "a b:80": false, "-x:80": false, "host\n:80": false, "1.2.3:80": false,
	} {
		if got := exchange.CheckAddress(address) == nil; got != want {
			t.Errorf("%q: got %v, want %v", address, got, want)
		}
	}
}

func TestReadOpenAPI(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, doc, key, first string }{
		{"yaml", "openapi: 3.1.0\npaths:\n  /a/{x}/b{y}:\n    get: {responses: {200: {}}}\n    parameters: []\n", "", "GET /a/*/b*"},
		{"json", `{"openapi":"3.0.0","paths":{"/a":{"post":{},"x-note":{}}}}`, "", "POST /a"},
		{"swagger", `{"swagger":"2.0","paths":{"/":{"delete":{}}}}`, "", "DELETE /"},
		{"no version", `{"paths":{"/a":{"get":{}}}}`, "exchange.openapi.version", ""},
		{"nothing", "", "exchange.openapi.broken", ""},
		{"list", "- a\n", "exchange.openapi.broken", ""},
		{"aliases", "openapi: 3.0.0\na: &a [1]\nb: [*a, *a]\npaths: {/a: {get: {}}}\n", "exchange.openapi.broken", ""},
		{"no paths", "openapi: 3.0.0\n", "exchange.openapi.empty", ""},
		{"path without slash", "openapi: 3.0.0\npaths: {a: {get: {}}}\n", "exchange.openapi.empty", ""},
		{"too large", strings.Repeat(" ", exchange.MaxOpenAPI+1), "exchange.openapi.large", ""},
	} {
		_, list, err := exchange.ReadOpenAPI([]byte(c.doc))
		key := ""
		if f := fault.As(err); f != nil {
			key = f.Key
		}
		if key != c.key {
			t.Errorf("%s: got %q, want %q", c.name, key, c.key)
		}
		if c.first != "" && (len(list) == 0 || list[0].Method+" "+list[0].Path != c.first) {
			t.Errorf("%s: got %v, want %s", c.name, list, c.first)
		}
	}
}

func FuzzReadOpenAPI(f *testing.F) {
	f.Add([]byte("openapi: 3.0.0\npaths:\n  /a/{x}:\n    get: {}\n"))
	f.Add([]byte(`{"openapi":"3.0.0","paths":{"/a":{"get":{}}}}`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		_, list, err := exchange.ReadOpenAPI(doc)
		if (err == nil) != (len(list) > 0) || err != nil && fault.As(err) == nil {
			t.Errorf("%d endpoints, %v", len(list), err)
		}
		for _, e := range list {
			if !strings.HasPrefix(e.Path, "/") || strings.Contains(e.Path, "{") || e.Method != strings.ToUpper(e.Method) {
				t.Errorf("endpoint %+v", e)
			}
		}
	})
}

func FuzzParseToken(f *testing.F) {
	f.Add(exchange.TokenText{ID: "0123456789abcdef", Secret: make([]byte, 32), Authority: strings.Repeat("0f", 32)}.Text())
	f.Add("a.b.c")
	f.Fuzz(func(t *testing.T, s string) {
		token, err := exchange.ParseToken(s)
		if err == nil && token.Text() != strings.TrimSpace(s) {
			t.Errorf("%q came back as %q", s, token.Text())
		}
	})
}

// Whatever is done to an entry, its state moves along the table and no other way.
func TestEntryStates(t *testing.T) {
	t.Parallel()
	states := []exchange.EntryState{exchange.Active, exchange.Suspended, exchange.Withdrawn}
	want := map[exchange.EntryState][]exchange.EntryState{
		exchange.Active: {exchange.Suspended, exchange.Withdrawn}, exchange.Suspended: {exchange.Active, exchange.Withdrawn},
		exchange.Withdrawn: {exchange.Active},
	}
	rapid.Check(t, func(t *rapid.T) {
		from, to := rapid.SampledFrom(states).Draw(t, "from"), rapid.SampledFrom(append(states, "")).Draw(t, "to")
		if got := from.May(to); got != slices.Contains(want[from], to) {
			t.Errorf("%s to %s: got %v", from, to, got)
		}
	})
}

func TestRenewalDue(t *testing.T) {
	t.Parallel()
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	until := from.AddDate(0, 0, 90)
	for day, want := range map[int]bool{0: false, 59: false, 60: true, 89: true, 100: true} {
		if got := exchange.RenewalDue(from, until, from.AddDate(0, 0, day)); got != want {
			t.Errorf("day %d: got %v, want %v", day, got, want)
		}
	}
}
