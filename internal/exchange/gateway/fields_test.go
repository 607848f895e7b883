package gateway_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"dean06/internal/exchange"
	"dean06/internal/xroad"
)

// TestAnswersThatCannotBeFiltered: with a right to some fields, what cannot be shown in
// part is refused before the service acts where that can be known; after it has acted
// nobody is told that it was denied.
func TestAnswersThatCannotBeFiltered(t *testing.T) {
	t.Parallel()
	c := newCountry(t)
	authority, province := c.join("G01-1", dancu, nil), c.join("H55-1", tthc, nil)
	var acted atomic.Int32
	service := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		acted.Add(1)
		status := map[string]int{"404": 404, "500": 500, "302": 302}
		h := w.Header()
		for word := range strings.SplitSeq(strings.Trim(r.URL.Path, "/"), "/") {
			switch word {
			case "json":
				h.Set("Content-Type", "application/json")
			case "problem":
				h.Set("Content-Type", "application/problem+json")
			case "html":
				h.Set("Content-Type", "text/html")
			case "gzip":
				h.Set("Content-Encoding", "gzip")
			}
			if n := status[word]; n > 0 {
				w.WriteHeader(n)
			}
		}
		if r.URL.Path != "/empty" {
			_, _ = io.WriteString(w, `{"title":"Không tìm thấy","detail":"d","name":"A","secret":"s","accept":"`+r.Header.Get("Accept")+`"}`)
		}
	})
	authority.offer(t, exchange.LocalService{ID: match}, service)
	described := dancu.Of("described")
	authority.offer(t, exchange.LocalService{ID: described, Type: "OPENAPI", OpenAPI: []byte(`{"openapi":"3.0.0","info":{"title":"x"},"paths":{
		"/page/{id}":{"get":{"responses":{"200":{"description":"","content":{"text/html":{}}},"404":{"content":{"application/json":{}}}}}},
		"/page/json":{"get":{"responses":{"200":{"description":"","content":{"application/json":{}}}}}},
		"/any":{"get":{"responses":{"200":{"description":""}}}}}}`)}, service)
	authority.give(t, exchange.Right{Subject: tthc, Service: match, Fields: []string{"name"}})
	authority.give(t, exchange.Right{Subject: tthc, Service: described, Fields: []string{"name"}})
	withheld, denied := string(xroad.AnswerWithheld), string(xroad.AccessDenied)
	for _, tt := range []struct {
		name, path, accept string
		status             int
		code               string
		acted              bool
		has, hasNot        string
	}{
		{name: "an object", path: "match/json", status: 200, acted: true, has: `{"name":"A"}`, hasNot: "secret"},
		{name: "a page", path: "match/html", status: 500, code: withheld, acted: true, has: "may have acted", hasNot: "secret"},
		{name: "packed", path: "match/gzip/json", status: 500, code: withheld, acted: true, has: "status 200", hasNot: "secret"},
		{name: "nothing", path: "match/empty", status: 200, acted: true},
		{name: "an error in JSON", path: "match/json/404", status: 404, acted: true, has: "Không tìm thấy", hasNot: "secret"},
		{name: "a problem", path: "match/problem/500", status: 500, acted: true, has: `"detail":"d"`, hasNot: "secret"},
		{name: "an error in a page", path: "match/html/500", status: 500, acted: true, has: "its text is left out", hasNot: "secret"},
		{name: "a redirect in a page", path: "match/html/302", status: 302, acted: true, hasNot: "secret"},
		{name: "XML is asked for", path: "match/json", accept: "text/xml", status: 500, code: denied, has: "was not called"},
		{name: "XML or anything", path: "match/json", accept: "text/xml, */*;q=0.1", status: 200, acted: true, has: `"A"`},
		{name: "a page by the description", path: "described/page/7", status: 500, code: denied, has: "was not called"},
		{name: "JSON by the description", path: "described/page/json", status: 200, acted: true, has: `"A"`},
		{name: "no word in the description", path: "described/any/json", status: 200, acted: true, has: `"A"`},
	} {
		acted.Store(0)
		var headers []string
		if tt.accept != "" {
			headers = []string{"Accept", tt.accept}
		}
		a := province.call(t, http.MethodGet, "/r1/VN/GOV/G01/DANCU/"+tt.path, nil, headers...)
		if a.StatusCode != tt.status || a.code() != tt.code || (acted.Load() > 0) != tt.acted {
			t.Errorf("%s: %d %q, acted %d times: %s", tt.name, a.StatusCode, a.code(), acted.Load(), a.body)
		}
		text := string(a.body)
		if !strings.Contains(text, tt.has) || tt.hasNot != "" && strings.Contains(text, tt.hasNot) || tt.acted && strings.Contains(text, "denied") {
			t.Errorf("%s: %s", tt.name, text)
		}
		if len(a.body) > 0 && tt.accept == "" && !json.Valid(a.body) {
			t.Errorf("%s: %s is not JSON", tt.name, text)
		}
	}
}
