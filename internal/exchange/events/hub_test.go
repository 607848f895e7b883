package events_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"dean06/internal/exchange/events"
	"dean06/internal/xroad"
)

var (
	hubID = xroad.MustID("VN/GOV/G06/TRUC/events")
	dancu = xroad.MustID("VN/GOV/G01/DANCU")
	tthc  = xroad.MustID("VN/GOV/H55/TTHC")
	bhxh  = xroad.MustID("VN/GOV/G24/BHXH")
)

// link is the exchange between a node and the hub: it hands calls over with the
// client that they name, as the hub's gateway does after its checks.
type link struct {
	hub  atomic.Pointer[events.Hub]
	down atomic.Bool
	lose atomic.Int32 // so many answers are lost on the way back
	n    atomic.Int64
}

var errLink = errors.New("the link is cut")

// Do makes a call.
func (l *link) Do(r *http.Request) (*http.Response, error) {
	l.n.Add(1)
	hub := l.hub.Load()
	if l.down.Load() || hub == nil {
		return nil, errLink
	}
	path, ok := strings.CutPrefix(r.URL.EscapedPath(), "/r1/"+hubID.String())
	if !ok {
		return nil, fmt.Errorf("a call to %s", r.URL)
	}
	in := httptest.NewRequestWithContext(r.Context(), r.Method, path+"?"+r.URL.RawQuery, r.Body)
	in.Header = r.Header.Clone()
	w := httptest.NewRecorder()
	hub.Handler().ServeHTTP(w, in)
	if l.down.Load() || r.Context().Err() != nil {
		return nil, errLink
	}
	if l.lose.Add(-1) >= 0 {
		return nil, errLink
	}
	return w.Result(), nil
}

type node struct {
	*testing.T
	dir  string
	set  events.Settings
	link *link
	web  http.Handler
}

// newNode starts a hub and the local interface of a node that reaches it.
func newNode(t *testing.T, s events.Settings) *node {
	t.Helper()
	n := &node{T: t, dir: t.TempDir(), set: s, link: &link{}}
	n.open()
	n.web = (&events.Local{Client: n.client()}).Over(http.NotFoundHandler())
	t.Cleanup(func() {
		if h := n.link.hub.Load(); h != nil {
			h.Close()
		}
	})
	return n
}

func (n *node) client() events.Client { return events.Client{Caller: n.link, Hub: hubID} }

func (n *node) open() {
	n.Helper()
	h, err := events.Open(n.Context(), n.dir, n.set)
	if err != nil {
		n.Fatal(err)
	}
	n.link.hub.Store(h)
}

func (n *node) close() { n.link.hub.Swap(nil).Close() }

// call asks the local interface; out is filled when it is not nil.
func (n *node) call(as xroad.ID, method, path, body string, out any) int {
	n.Helper()
	r := httptest.NewRequestWithContext(n.Context(), method, "/r1/"+dancu.String()+"/"+path, strings.NewReader(body))
	r.Header.Set("X-GovStack-Client", as.String())
	w := httptest.NewRecorder()
	n.web.ServeHTTP(w, r)
	if out != nil {
		if err := json.Unmarshal(w.Body.Bytes(), out); err != nil {
			n.Errorf("%s %s: %d %q: %v", method, path, w.Code, w.Body, err)
		}
	}
	return w.Code
}

func (n *node) must(want int, as xroad.ID, method, path, body string, out any) {
	n.Helper()
	if got := n.call(as, method, path, body, out); got != want {
		n.Fatalf("%s %s as %s: got %d, want %d", method, path, as, got, want)
	}
}

const plainType = `{"eventType":"birth","schema":{"type":"object","properties":{"n":{"type":"integer"},"name":{"type":"string"}},` +
	`"additionalProperties":false}}`

// subscribed makes the event type, and subscriptions that the owner allows.
func (n *node) subscribed(opts string, who ...xroad.ID) {
	n.Helper()
	n.must(200, dancu, "POST", "api/v1/eventType", plainType, nil)
	for _, w := range who {
		var s events.Subscription
		n.must(200, w, "POST", "api/v1/subs/birth", `{"eventType":"birth"`+opts+`}`, &s)
		n.must(204, dancu, "PATCH", "api/v1/eventType/birth/subs/"+s.ID, `{"state":"ALLOWED"}`, nil)
	}
}

func (n *node) publish(i int) string {
	n.Helper()
	var out struct{ ID string }
	n.must(201, dancu, "POST", "pub/v1/birth", fmt.Sprintf(`{"eventType":"birth","event":{"n":%d}}`, i), &out)
	return out.ID
}

// pull gives the next event and whether there is one.
func (n *node) pull(as xroad.ID, wait string) (events.Item, bool) {
	n.Helper()
	var it events.Item
	switch code := n.call(as, "GET", "pull/v1/birth?wait="+wait, "", &it); code {
	case 200:
		return it, true
	case 404:
		return it, false
	default:
		n.Fatalf("pull: %d", code)
		return it, false
	}
}

func number(t *testing.T, it events.Item) int {
	t.Helper()
	var e struct{ N int }
	if err := json.Unmarshal(it.Event, &e); err != nil {
		t.Fatal(err)
	}
	return e.N
}

func eventually(t *testing.T, what string, f func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	for !f() {
		select {
		case <-ctx.Done():
			t.Fatalf("never: %s", what)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// TestGovStack walks the interface as its description says.
func TestGovStack(t *testing.T) {
	t.Parallel()
	n := newNode(t, events.Settings{})
	steps := []struct {
		as           xroad.ID
		method, path string
		body         string
		want         int
	}{
		{dancu, "GET", "api/v1/eventType", "", 204},
		{tthc, "POST", "api/v1/eventType", plainType, 403},
		{dancu, "POST", "api/v1/eventType", `{"eventType":"birth"`, 400},
		{dancu, "POST", "api/v1/eventType", `{"eventType":"a b","schema":{}}`, 400},
		{dancu, "POST", "api/v1/eventType", plainType, 200},
		{dancu, "POST", "api/v1/eventType", plainType, 409},
		{tthc, "GET", "api/v1/eventType", "", 200},
		{tthc, "GET", "api/v1/eventType/birth", "", 200},
		{tthc, "GET", "api/v1/eventType/death", "", 204},
		{tthc, "GET", "api/v1/subs", "", 404},
		{tthc, "GET", "api/v1/subs/birth", "", 404},
		{tthc, "POST", "api/v1/subs/death", `{}`, 404},
		{tthc, "POST", "api/v1/subs/birth", `{"eventType":"birth","delivery":"FAX"}`, 400},
		{tthc, "POST", "api/v1/subs/birth", `{"eventType":"birth","delivery":"PULL"}`, 200},
		{tthc, "POST", "api/v1/subs/birth", `{"eventType":"birth"}`, 409},
		{tthc, "GET", "api/v1/subs", "", 200},
		{tthc, "GET", "pull/v1/birth", "", 403}, // not allowed yet
		{tthc, "PATCH", "api/v1/eventType/birth/subs/x", `{"state":"ALLOWED"}`, 403},
		{tthc, "PATCH", "api/v1/subs/birth", `{"eventType":"birth","options":{"FIFO":true}}`, 201},
		{tthc, "POST", "pub/v1/birth", `{"eventType":"birth","event":{"n":1}}`, 403},
		{dancu, "POST", "pub/v1/birth", `{"eventType":"birth","event":{"n":"1"}}`, 400},
		{dancu, "POST", "pub/v1/birth", `{"eventType":"birth","event":[]}`, 400},
		{dancu, "POST", "pub/v1/birth", `{"eventType":"death","event":{}}`, 400},
		{dancu, "POST", "pub/v1/death", `{"eventType":"death","event":{}}`, 404},
		{dancu, "GET", "pub/v1/birth/nothing", "", 404},
		{dancu, "GET", "pub/v1/birth/*", "", 404},
		{dancu, "GET", "pub/v1/b.rth/x", "", 404},
		{dancu, "DELETE", "pub/v1/birth/nothing", "", 404},
		{dancu, "POST", "pub/v2/birth", "", 404},
		{tthc, "DELETE", "api/v1/subs/birth", "", 204},
		{tthc, "DELETE", "api/v1/subs/birth", "", 404},
		{tthc, "DELETE", "api/v1/eventType/birth", "", 403},
		{dancu, "DELETE", "api/v1/eventType/birth", "", 204},
		{dancu, "DELETE", "api/v1/eventType/birth", "", 404},
	}
	for _, s := range steps {
		if got := n.call(s.as, s.method, s.path, s.body, nil); got != s.want {
			t.Errorf("%s %s %s as %s: got %d, want %d", s.method, s.path, s.body, s.as, got, s.want)
		}
	}
}

func TestPublishPullAcknowledge(t *testing.T) {
	t.Parallel()
	n := newNode(t, events.Settings{})
	n.subscribed(`,"delivery":"PULL"`, tthc, bhxh)
	if _, ok := n.pull(tthc, "0"); ok {
		t.Error("an event before the first")
	}
	id := n.publish(1)
	// The same again is one event; another under its id is refused.
	again := fmt.Sprintf(`{"eventType":"birth","id":%q,"event":{"n": 1}}`, id)
	n.must(201, dancu, "POST", "pub/v1/birth", again, nil)
	n.must(409, dancu, "POST", "pub/v1/birth", strings.Replace(again, "1}", "2}", 1), nil)

	it, ok := n.pull(tthc, "5")
	if !ok || it.ID != id || it.PublisherID.ID() != dancu || number(t, it) != 1 || it.EventType != "birth" || it.Sequence == 0 {
		t.Fatalf("pulled %+v", it)
	}
	states := func(as xroad.ID) string {
		var s events.Item
		n.must(200, as, "GET", "pub/v1/birth/"+id, "", &s)
		var out []string
		for _, d := range s.Deliveries {
			out = append(out, d.SubscriberID.ApplicationCode+" "+d.State)
		}
		return strings.Join(out, ", ")
	}
	for _, s := range []struct {
		as   xroad.ID
		want []string
	}{{dancu, []string{"TTHC DELIVERING", "BHXH WAITING"}}, {bhxh, []string{"BHXH WAITING"}}} {
		got := states(s.as)
		for _, want := range s.want {
			if !strings.Contains(got, want) || strings.Count(got, ",") != len(s.want)-1 {
				t.Errorf("status as %s = %q, want %q", s.as, got, s.want)
			}
		}
	}
	// What another subscriber has not been given it cannot acknowledge.
	n.must(404, bhxh, "DELETE", "pull/v1/birth/"+id, "", nil)
	n.must(204, tthc, "DELETE", "pull/v1/birth/"+id, "", nil)
	n.must(204, tthc, "DELETE", "pull/v1/birth/"+id, "", nil) // the second click
	if got := states(dancu); !strings.Contains(got, "TTHC DELIVERED") {
		t.Errorf("status = %q", got)
	}
	if _, ok := n.pull(tthc, "0"); ok {
		t.Error("an acknowledged event came again")
	}
	if it, ok := n.pull(bhxh, "5"); !ok || it.ID != id {
		t.Errorf("the other subscriber got %+v", it)
	}
	// A publisher takes back what was not delivered.
	second := n.publish(2)
	n.must(204, dancu, "DELETE", "pub/v1/birth/"+second, "", nil)
	if it, ok := n.pull(tthc, "0"); ok {
		t.Errorf("a withdrawn event came: %+v", it)
	}
}

// TestAddressed sends an event to one: nobody else gets it, sees it or settles it.
func TestAddressed(t *testing.T) {
	t.Parallel()
	n := newNode(t, events.Settings{})
	n.subscribed(`,"delivery":"PULL"`, tthc, bhxh)
	n.must(201, dancu, "POST", "pub/v1/birth", `{"id":"only-tthc","to":"VN/GOV/H55/TTHC","event":{"n":1}}`, nil)
	n.must(404, dancu, "POST", "pub/v1/birth", `{"to":"VN/GOV/H55/OTHER","event":{"n":1}}`, nil)
	if it, ok := n.pull(bhxh, "0"); ok {
		t.Errorf("another's event came: %+v", it)
	}
	n.must(404, bhxh, "GET", "pub/v1/birth/only-tthc", "", nil)
	n.must(404, bhxh, "DELETE", "pull/v1/birth/only-tthc", "", nil)
	n.must(404, bhxh, "DELETE", "pub/v1/birth/only-tthc", "", nil)
	n.must(404, bhxh, "POST", "pull/v1/birth/only-tthc/nak", "", nil)
	if it, ok := n.pull(tthc, "5"); !ok || it.ID != "only-tthc" {
		t.Errorf("the addressee got %+v", it)
	}
}

// TestHubRestarts has a subscriber away while the hub stops in between.
func TestHubRestarts(t *testing.T) {
	t.Parallel()
	n := newNode(t, events.Settings{Key: "0123456789abcdef"})
	n.subscribed(`,"delivery":"PULL","options":{"FIFO":true}`, tthc)
	first := n.publish(0)
	if it, ok := n.pull(tthc, "5"); !ok || it.ID != first {
		t.Fatalf("got %+v", it)
	}
	for i := 1; i <= 5; i++ {
		n.publish(i)
	}
	n.close()
	n.open()
	n.must(204, tthc, "DELETE", "pull/v1/birth/"+first, "", nil) // fetched before, settled after
	for i := 6; i <= 9; i++ {
		n.publish(i)
	}
	for want := 1; want <= 9; want++ {
		it, ok := n.pull(tthc, "5")
		if !ok || number(t, it) != want {
			t.Fatalf("got %+v %v, want %d", it, ok, want)
		}
		if _, more := n.pull(tthc, "0"); more {
			t.Fatal("FIFO gave a second event before the first was settled")
		}
		n.must(204, tthc, "DELETE", "pull/v1/birth/"+it.ID, "", nil)
	}
}
