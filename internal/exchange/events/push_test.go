package events_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/exchange/events"
	"dean06/internal/xroad"
)

// targets is where a node posts.
type targets struct {
	mu  sync.Mutex
	all map[[3]string]string
}

// Save keeps a URL.
func (s *targets) Save(_ context.Context, client, room xroad.ID, eventType, url string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil {
		s.all = map[[3]string]string{}
	}
	s.all[[3]string{client.String(), room.String(), eventType}] = url
	return nil
}

// Drop forgets it.
func (s *targets) Drop(_ context.Context, client, room xroad.ID, eventType string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.all, [3]string{client.String(), room.String(), eventType})
	return nil
}

// Each gives all.
func (s *targets) Each(_ context.Context, f func(client, room xroad.ID, eventType, url string) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, url := range s.all {
		if err := f(xroad.MustID(k[0]), xroad.MustID(k[1]), k[2], url); err != nil {
			return err
		}
	}
	return nil
}

// system is what an agency runs behind its gateway. answer decides on each event; it
// is taken when it gives 200.
type system struct {
	*httptest.Server
	mu     sync.Mutex
	answer func(n int) int
	got    []int
	tries  int
}

func newSystem(t *testing.T) *system {
	t.Helper()
	s := &system{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var it struct {
			ID    string
			Event struct{ N int }
		}
		if err := json.NewDecoder(r.Body).Decode(&it); err != nil || it.ID != r.Header.Get("X-GovStack-Event-Id") {
			t.Errorf("posted %+v: %v", it, err)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.tries++
		code := 200
		if s.answer != nil {
			code = s.answer(it.Event.N)
		}
		if code == 200 {
			s.got = append(s.got, it.Event.N)
		}
		if code/100 == 3 {
			w.Header().Set("Location", "/elsewhere")
		}
		w.WriteHeader(code)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *system) set(f func(n int) int) { s.mu.Lock(); s.answer = f; s.mu.Unlock() }

func (s *system) seen() ([]int, int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.got), s.tries
}

// push runs a Pusher for one subscriber over a link of its own, which it gives.
func (n *node) push(s *system, opts string) (l *link, stop func()) {
	n.Helper()
	l = &link{}
	l.hub.Store(n.link.hub.Load())
	kept := &targets{}
	client := events.Client{Caller: l, Hub: hubID}
	p := &events.Pusher{Client: client, Targets: kept, Retry: 20 * time.Millisecond}
	far := *n
	far.web = (&events.Local{Client: client, Targets: kept, Changed: p.Changed}).Over(http.NotFoundHandler())
	far.must(200, tthc, "POST", "api/v1/subs/birth", `{"eventType":"birth","delivery":"PUSH","url":"`+s.URL+`/events"`+opts+`}`, nil)
	var sub events.Subscription
	far.must(200, tthc, "GET", "api/v1/subs/birth", "", &sub)
	if sub.URL != "" {
		n.Errorf("the hub knows the url of a system: %q", sub.URL)
	}
	n.must(204, dancu, "PATCH", "api/v1/eventType/birth/subs/"+sub.ID, `{"state":"ALLOWED"}`, nil)
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := p.Run(ctx); err != nil {
			n.Error(err)
		}
	})
	stop = sync.OnceFunc(func() { cancel(); wg.Wait() })
	n.Cleanup(stop)
	return l, stop
}

var tenNet = netip.MustParsePrefix("10.0.0.0/8")

func upTo(n int) []int {
	var out []int
	for i := range n {
		out = append(out, i)
	}
	return out
}

// TestPushThroughFaults cuts the link, loses answers and stops the hub while events
// come: all arrive, in order, once.
func TestPushThroughFaults(t *testing.T) {
	t.Parallel()
	n := newNode(t, events.Settings{})
	n.subscribed("")
	sys := newSystem(t)
	l, _ := n.push(sys, `,"options":{"FIFO":true}`)
	next := 0
	publish := func(k int) {
		for range k {
			n.publish(next)
			next++
		}
	}
	arrived := func(what string) {
		t.Helper()
		eventually(t, what, func() bool { got, _ := sys.seen(); return len(got) >= next })
	}
	publish(5)
	arrived("the first events")
	l.down.Store(true) // a long poll that is under way comes to nothing
	publish(5)
	eventually(t, "the pusher tries while the link is cut", func() bool { return l.n.Load() > 12 })
	l.down.Store(false)
	arrived("events after the link came back")
	l.lose.Store(3)
	publish(5)
	arrived("events whose answers were lost")
	l.hub.Store(nil)
	n.close()
	n.open()
	publish(5)
	l.hub.Store(n.link.hub.Load())
	arrived("events after the hub was restarted")
	sys.set(func(int) int { return 503 })
	publish(5)
	eventually(t, "the pusher tries while the system is away", func() bool { _, tries := sys.seen(); return tries > next+15 })
	sys.set(nil)
	arrived("events after the system came back")
	got, _ := sys.seen()
	if diff := cmp.Diff(upTo(next), got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	o, err := n.link.hub.Load().Overview(t.Context())
	if err != nil || len(o.Types) != 1 || len(o.Types[0].Subscriptions) != 1 {
		t.Fatalf("overview %+v: %v", o, err)
	}
	if o.Events != uint64(next) || o.DeadLetters != 0 || o.Types[0].Subscriptions[0].Pending != 0 {
		t.Errorf("overview %+v", o)
	}
}

// TestPoison has an event that the system always refuses: it becomes a dead letter,
// is listed, and is delivered again when asked for. Others are not held up.
func TestPoison(t *testing.T) {
	t.Parallel()
	n := newNode(t, events.Settings{MaxDeliver: 3, Backoff: func(uint64) time.Duration { return time.Millisecond }})
	n.subscribed("")
	sys := newSystem(t)
	sys.set(func(i int) int {
		switch i {
		case 1:
			return 500
		case 2:
			return 302 // not followed
		default:
			return 200
		}
	})
	n.push(sys, "")
	for i := range 4 {
		n.publish(i)
	}
	var dead []events.DeadLetter
	eventually(t, "two dead letters", func() bool {
		n.must(200, tthc, "GET", "api/v1/subs/birth/dead", "", &dead)
		return len(dead) == 2
	})
	reasons := map[int]string{}
	for _, d := range dead {
		reasons[number(t, d.Item)] = d.Reason
		if d.Sequence == 0 || d.DiedAt.IsZero() || d.PublishedAt.IsZero() {
			t.Errorf("dead letter %+v", d)
		}
	}
	if diff := cmp.Diff(map[int]string{1: "HTTP 500", 2: "HTTP 302"}, reasons); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	var st events.Item
	n.must(200, dancu, "GET", "pub/v1/birth/"+dead[0].ID, "", &st)
	if len(st.Deliveries) != 1 || st.Deliveries[0].State != events.Dead {
		t.Errorf("status %+v", st)
	}
	n.must(404, bhxh, "GET", "api/v1/subs/birth/dead", "", nil)
	n.must(404, tthc, "POST", "api/v1/subs/birth/dead/unknown", "", nil)
	n.must(409, dancu, "DELETE", "api/v1/eventType/birth", "", nil)
	sys.set(nil)
	n.must(204, tthc, "POST", "api/v1/subs/birth/dead/"+dead[0].ID, "", nil)
	n.must(404, tthc, "POST", "api/v1/subs/birth/dead/"+dead[0].ID, "", nil) // the second click
	var count struct{ Replayed int }
	n.must(200, tthc, "POST", "api/v1/subs/birth/dead", "", &count)
	if count.Replayed != 1 {
		t.Errorf("replayed %d", count.Replayed)
	}
	eventually(t, "all four", func() bool { got, _ := sys.seen(); return len(got) == 4 })
	got, _ := sys.seen()
	slices.Sort(got)
	if diff := cmp.Diff(upTo(4), got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	eventually(t, "delivered after all", func() bool {
		n.must(200, dancu, "GET", "pub/v1/birth/"+dead[0].ID, "", &st)
		return st.Deliveries[0].State == events.Delivered
	})
}

// TestAwayForLong has a subscriber whose pusher stops, and events by the hundred: it
// catches up by itself. Then it asks for them again.
func TestAwayForLong(t *testing.T) {
	t.Parallel()
	n := newNode(t, events.Settings{})
	n.subscribed("")
	sys := newSystem(t)
	l, stop := n.push(sys, "")
	first := n.publish(0)
	eventually(t, "the first", func() bool { // and the hub knows: what it does not know comes again
		var st events.Item
		n.must(200, dancu, "GET", "pub/v1/birth/"+first, "", &st)
		return len(st.Deliveries) == 1 && st.Deliveries[0].State == events.Delivered
	})
	stop()
	const many = 150
	var from events.Item
	for i := 1; i < many; i++ {
		id := n.publish(i)
		if i == many-10 {
			n.must(200, dancu, "GET", "pub/v1/birth/"+id, "", &from)
		}
	}
	kept := &targets{}
	if err := kept.Save(t.Context(), tthc, dancu, "birth", sys.URL); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	p := &events.Pusher{Client: events.Client{Caller: l, Hub: hubID}, Targets: kept, Retry: 20 * time.Millisecond}
	wg.Go(func() { _ = p.Run(ctx) })
	defer wg.Wait()
	defer cancel()
	eventually(t, "all that was missed", func() bool { got, _ := sys.seen(); return len(got) >= many })
	got, _ := sys.seen()
	if diff := cmp.Diff(upTo(many), got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	n.must(400, tthc, "POST", "api/v1/subs/birth/replay", `{}`, nil)
	n.must(404, bhxh, "POST", "api/v1/subs/birth/replay", `{"fromSequence":1}`, nil)
	n.must(204, tthc, "POST", "api/v1/subs/birth/replay", fmt.Sprintf(`{"fromSequence":%d}`, from.Sequence), nil)
	eventually(t, "the last ten again", func() bool { got, _ := sys.seen(); return len(got) >= many+10 })
	got, _ = sys.seen()
	if diff := cmp.Diff(upTo(many)[many-10:], got[many:]); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	n.must(204, tthc, "POST", "api/v1/subs/birth/replay", `{"from":"2020-01-01T00:00:00Z"}`, nil)
	eventually(t, "all again", func() bool { got, _ := sys.seen(); return len(got) == 2*many+10 })
}

// TestPushAddress refuses to post where a gateway should not.
func TestPushAddress(t *testing.T) {
	t.Parallel()
	n := newNode(t, events.Settings{MaxDeliver: 1, Backoff: func(uint64) time.Duration { return time.Millisecond }})
	n.subscribed("")
	n.web = (&events.Local{Client: n.client(), Targets: &targets{}}).Over(http.NotFoundHandler())
	for _, url := range []string{
		"ftp://127.0.0.1/", "/events", "http://169.254.169.254/latest", "http://10.0.0.1/", "http://u:p@127.0.0.1/", "http://[::ffff:10.0.0.1]/",
		"http://127.0.0.1/#x", "",
	} {
		if got := n.call(tthc, "POST", "api/v1/subs/birth", `{"eventType":"birth","url":"`+url+`"}`, nil); got != 400 {
			t.Errorf("url %q: got %d, want 400", url, got)
		}
	}
	// A name is looked at when the connection is made, and a setting that is gone holds too.
	sys := newSystem(t)
	sys.URL = strings.Replace(sys.URL, "127.0.0.1", "localhost", 1)
	l := &link{}
	l.hub.Store(n.link.hub.Load())
	kept := &targets{}
	if err := kept.Save(t.Context(), tthc, dancu, "birth", sys.URL); err != nil {
		t.Fatal(err)
	}
	var s events.Subscription
	n.must(200, tthc, "POST", "api/v1/subs/birth", `{"eventType":"birth"}`, &s)
	n.must(204, dancu, "PATCH", "api/v1/eventType/birth/subs/"+s.ID, `{"state":"ALLOWED"}`, nil)
	p := &events.Pusher{Client: events.Client{Caller: l, Hub: hubID}, Targets: kept, Allow: events.Allow{tenNet}}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { _ = p.Run(ctx) })
	defer wg.Wait()
	defer cancel()
	n.publish(1)
	var dead []events.DeadLetter
	eventually(t, "a dead letter", func() bool {
		n.must(200, tthc, "GET", "api/v1/subs/birth/dead", "", &dead)
		return len(dead) == 1
	})
	if _, tries := sys.seen(); tries != 0 || !strings.Contains(dead[0].Reason, "not pushed") {
		t.Errorf("posted %d times, dead of %q", tries, dead[0].Reason)
	}
}
