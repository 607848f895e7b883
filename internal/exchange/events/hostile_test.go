package events_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"dean06/internal/exchange/events"
)

// TestHostile sends what nobody should send.
func TestHostile(t *testing.T) {
	t.Parallel()
	n := newNode(t, events.Settings{MaxEvent: 10 << 10})
	blowUp := `{"$defs":{"a0":{"type":"integer"}`
	for i := 1; i < 60; i++ {
		blowUp += fmt.Sprintf(`,"a%d":{"anyOf":[{"$ref":"#/$defs/a%d"},{"$ref":"#/$defs/a%d"}]}`, i, i-1, i-1)
	}
	blowUp += `},"$ref":"#/$defs/a59"}`
	for name, schema := range map[string]string{
		"far reference":     `{"$ref":"http://127.0.0.1/x"}`,
		"file":              `{"$ref":"file:///etc/passwd"}`,
		"far meta-schema":   `{"$schema":"http://127.0.0.1/x"}`,
		"ring":              `{"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/a"}}}`,
		"root":              `{"properties":{"a":{"$ref":"#"}}}`,
		"nowhere":           `{"$ref":"#/$defs/a"}`,
		"dynamic":           `{"$dynamicRef":"#/x"}`,
		"blows up":          blowUp,
		"no schema":         `{"type":"nothing"}`,
		"array":             `[]`,
		"true":              `true`,
		"huge number":       `{"minimum":1e999999999}`,
		"tiny number":       `{"minimum":1e-999999999}`,
		"deep":              strings.Repeat(`{"not":`, 40) + `{}` + strings.Repeat(`}`, 40),
		"large":             `{"title":"` + strings.Repeat("x", 70<<10) + `"}`,
		"bad expression":    `{"pattern":"("}`,
		"missing":           `null`,
		"far inside a list": `{"anyOf":[{"items":{"$ref":"other.json"}}]}`,
	} {
		if got := n.call(dancu, "POST", "api/v1/eventType", `{"eventType":"x","schema":`+schema+`}`, nil); got != 400 {
			t.Errorf("schema %s: got %d, want 400", name, got)
		}
	}
	good := `{"$schema":"http://json-schema.org/draft-07/schema#","definitions":{"day":{"type":"string","format":"date"}},
		"properties":{"on":{"$ref":"#/definitions/day"},"n":{"type":"number"},"secret":{"pattern":"^a+$"}},"required":["on"]}`
	n.must(200, dancu, "POST", "api/v1/eventType", `{"eventType":"x","schema":`+good+`}`, nil)
	for name, tt := range map[string]struct {
		event string
		want  int
	}{
		"good":         {`{"on":"1990-01-01","n":1.5}`, 201},
		"format":       {`{"on":"1990-13-01"}`, 400},
		"missing":      {`{}`, 400},
		"huge number":  {`{"on":"1990-01-01","n":1e400000000}`, 400},
		"deep":         {`{"on":"1990-01-01","x":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}`, 400},
		"large":        {`{"on":"1990-01-01","x":"` + strings.Repeat("x", 11<<10) + `"}`, 413},
		"not an event": {`"text"`, 400},
		"null":         {`null`, 400},
	} {
		if got := n.call(dancu, "POST", "pub/v1/x", `{"eventType":"x","event":`+tt.event+`}`, nil); got != tt.want {
			t.Errorf("event %s: got %d, want %d", name, got, tt.want)
		}
	}
	for name, body := range map[string]string{
		"id":         `{"id":"a.b","event":{"on":"1990-01-01"}}`,
		"key":        `{"key":"a\r\nNats-Msg-Id: x","event":{"on":"1990-01-01"}}`,
		"to":         `{"to":"a//b","event":{"on":"1990-01-01"}}`,
		"both":       `{"event":{"on":"1990-01-01"},"copies":[{"to":"VN/GOV/H55/TTHC","event":{"on":"1990-01-01"}}]}`,
		"copy to no": `{"copies":[{"event":{"on":"1990-01-01"}}]}`,
		"nothing":    ``,
	} {
		if got := n.call(dancu, "POST", "pub/v1/x", body, nil); got != 400 {
			t.Errorf("publish %s: got %d, want 400", name, got)
		}
	}
	if got := n.call(dancu, "POST", "pub/v1/x", `{"x":"`+strings.Repeat("x", events.MaxBody)+`"}`, nil); got != 413 {
		t.Errorf("large body: got %d, want 413", got)
	}
	// The refusal of a value does not tell the value.
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(
		t.Context(), "POST", "/r1/VN/GOV/G01/DANCU/pub/v1/x", strings.NewReader(`{"event":{"on":"1990-01-01","secret":"NGUYEN"}}`),
	)
	r.Header.Set("X-Road-Client", dancu.String())
	n.web.ServeHTTP(w, r)
	if w.Code != 400 || strings.Contains(w.Body.String(), "NGUYEN") || !strings.Contains(w.Body.String(), "secret") {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}

func TestWhoAsks(t *testing.T) {
	t.Parallel()
	n := newNode(t, events.Settings{})
	other := 0
	web := (&events.Local{Client: n.client()}).Over(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { other++ }))
	for _, tt := range []struct {
		path, gov, road string
		want            int
	}{
		{"/r1/VN/GOV/G01/DANCU/api/v1/eventType", "VN/GOV/H55/TTHC", "", 204},
		{"/r1/VN/GOV/G01/DANCU/api/v1/eventType", "", "VN/GOV/H55/TTHC", 204},
		{"/r1/VN/GOV/G01/DANCU/api/v1/eventType", "VN/GOV/H55/TTHC", "VN/GOV/H55/TTHC", 204},
		{"/r1/VN/GOV/G01/DANCU/api/v1/eventType", "VN/GOV/H55/TTHC", "VN/GOV/G24/BHXH", 400},
		{"/r1/VN/GOV/G01/DANCU/api/v1/eventType", "", "", 400},
		{"/r1/VN/GOV/G01/DANCU/api/v1/eventType", "VN/GOV/H55", "", 400},
		{"/r1/VN/GOV/G0%2F1/DAN%20CU/api/v1/eventType", "VN/GOV/H%2F55/TTHC", "", 204},
		{"/r1/VN/GOV/G01/%00/api/v1/eventType", "VN/GOV/H55/TTHC", "", 400},
	} {
		r := httptest.NewRequestWithContext(t.Context(), "GET", tt.path, nil)
		r.Header.Set("X-GovStack-Client", tt.gov)
		r.Header.Set("X-Road-Client", tt.road)
		w := httptest.NewRecorder()
		web.ServeHTTP(w, r)
		if w.Code != tt.want {
			t.Errorf("%+v: got %d %s", tt, w.Code, w.Body)
		}
	}
	for _, path := range []string{
		"/", "/listClients", "/r1/VN/GOV/G01/DANCU/match", "/r1/VN/GOV/G01/DANCU/api/v1/eventTypes", "/r1/VN/GOV/G01/DANCU/pubs/v1/x",
	} {
		before := other
		web.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), "GET", path, nil))
		if other != before+1 {
			t.Errorf("%s was not left to the gateway", path)
		}
	}
	n.link.down.Store(true)
	if got := n.call(tthc, "GET", "api/v1/eventType", "", nil); got != 500 {
		t.Errorf("hub away: got %d, want 500", got)
	}
}

// FuzzSchema takes any schema and any event without a crash.
func FuzzSchema(f *testing.F) {
	f.Add(`{"type":"object","properties":{"a":{"$ref":"#/$defs/x"}},"$defs":{"x":{"enum":[1]}}}`, `{"a":1}`)
	f.Add(`{"uniqueItems":true,"$ref":"#"}`, `{"a":[1,1.0,1e2]}`)
	f.Fuzz(func(t *testing.T, schema, event string) {
		err := events.CheckSchema(json.RawMessage(schema), json.RawMessage(event))
		if err != nil && len(err.Error()) > 2000 {
			t.Errorf("the error is %d bytes long", len(err.Error()))
		}
	})
}
