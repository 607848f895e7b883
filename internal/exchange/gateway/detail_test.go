package gateway_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"

	"dean06/internal/exchange"
	"dean06/internal/platform/clock"
	"dean06/internal/xroad"
)

// textLog is a text log that is read while it is written.
type textLog struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *textLog) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *textLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// TestDetailLeadsToTheLog: by the detail of a refusal the message log of each gateway that
// met the call finds it; of a refusal that is in no message log the text log has a line.
func TestDetailLeadsToTheLog(t *testing.T) {
	t.Parallel()
	c := newCountry(t)
	text := &textLog{}
	authority := c.join("G01-1", dancu, nil)
	province := c.join("H55-1", tthc, func(n *node) { n.settings.Log = slog.New(slog.NewTextHandler(text, nil)) })
	authority.offer(t, exchange.LocalService{ID: match, OwnFields: true}, echo)
	authority.offer(t, exchange.LocalService{ID: dancu.Of("broken"), URL: "http://127.0.0.1:1/", OwnFields: true}, nil)
	authority.give(t, exchange.Right{Subject: tthc, Service: dancu.Of("broken")})
	detail := func(a answered) string {
		var r struct{ Detail string }
		if json.Unmarshal(a.body, &r) != nil || r.Detail == "" {
			t.Fatalf("%d %s", a.StatusCode, a.body)
		}
		return r.Detail
	}
	for path, both := range map[string]bool{
		matchPath: true, "/r1/VN/GOV/G01/DANCU/nothing": true, "/r1/VN/GOV/G01/DANCU/broken": true, "/r1/VN/GOV/G99/X/y": false,
	} {
		a := province.call(t, http.MethodGet, path, nil)
		id := detail(a)
		for _, n := range []*node{province, authority} {
			list, err := n.store.Search(t.Context(), exchange.Filter{Text: id})
			if err != nil {
				t.Fatal(err)
			}
			refused := 0
			for _, r := range list {
				if r.Fault == xroad.Code(a.code()) && r.FaultText == a.message() {
					refused++
				}
			}
			if met := n == province || both; met && refused != 1 || !met && len(list) > 0 {
				t.Errorf("%s: the log of %s has %d records of %s, %d with what the client was told", path, n.id, len(list), id, refused)
			}
		}
	}
	for what, a := range map[string]answered{
		"no service":  province.call(t, http.MethodGet, "/r1/VN", nil),
		"bad client":  province.call(t, http.MethodGet, matchPath, nil, "X-Road-Client", "VN/GOV"),
		"another way": province.call(t, http.MethodGet, "/asic", nil),
		"instance":    province.call(t, http.MethodGet, "/listClients?xRoadInstance=XX", nil),
	} {
		if id := detail(a); !strings.Contains(text.String(), "detail="+id) {
			t.Errorf("%s: the text log has nothing of %s", what, id)
		}
	}
}

// TestAnEndedRightSaysSinceWhen: who asks by a right that is over is told since when, and
// a stranger nothing of it.
func TestAnEndedRightSaysSinceWhen(t *testing.T) {
	t.Parallel()
	c := newCountry(t)
	authority, province, other := c.join("G01-1", dancu, nil), c.join("H55-1", tthc, nil), c.join("G24-1", bhxh, nil)
	authority.offer(t, exchange.LocalService{ID: match, OwnFields: true}, echo)
	r := authority.give(t, exchange.Right{Subject: tthc, Service: match})
	province.wants(t, "")
	at := authority.clock.Now()
	if err := authority.store.EndRight(t.Context(), r.ID, "an", at); err != nil {
		t.Fatal(err)
	}
	authority.reload(t)
	want := "ended on " + clock.DayOf(at).String() + " at " + at.In(clock.Zone).Format("15:04")
	if a := province.wants(t, xroad.AccessDenied); !strings.Contains(a.message(), want) {
		t.Errorf("told %q, want %q", a.message(), want)
	}
	if a := other.call(t, http.MethodGet, matchPath, nil, "X-Road-Client", bhxh.String()); a.code() != string(xroad.AccessDenied) ||
		strings.Contains(a.message(), "ended") {
		t.Errorf("a stranger was told %q", a.message())
	}
	// Another right in its place lets the call through, or says what itself lacks.
	again := authority.give(t, exchange.Right{Subject: tthc, Service: match, Purposes: []string{"1.004194"}})
	if a := province.wants(t, xroad.PurposeRefused); !strings.Contains(a.message(), "1.004194") {
		t.Errorf("told %q", a.message())
	}
	if err := authority.store.EndRight(t.Context(), again.ID, "an", authority.clock.Now()); err != nil {
		t.Fatal(err)
	}
	authority.give(t, exchange.Right{Subject: tthc, Service: match, Method: http.MethodPut})
	if a := province.wants(t, xroad.AccessDenied); !strings.Contains(a.message(), "by this method (GET) and path ended on") {
		t.Errorf("told %q", a.message())
	}
}
