package events_test

import (
	"bufio"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"dean06/internal/exchange/events"
	"dean06/internal/platform/clock"
)

// later is a clock that runs ahead of the machine's.
type later struct {
	mu    sync.Mutex
	ahead time.Duration
}

// Now is the machine's time and what it is ahead.
func (l *later) Now() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return clock.System{}.Now().Add(l.ahead)
}

func (l *later) forward(d time.Duration) { l.mu.Lock(); l.ahead += d; l.mu.Unlock() }

// TestTooLate has events that are older than they are worth, and older than the hub
// keeps events: they become dead letters, and nothing else is touched.
func TestTooLate(t *testing.T) {
	t.Parallel()
	c := &later{}
	n := newNode(t, events.Settings{Clock: c, Retention: 24 * time.Hour})
	n.subscribed(`,"delivery":"PULL","options":{"TTL":60}`, tthc)
	var s events.Subscription
	n.must(200, bhxh, "POST", "api/v1/subs/birth", `{"eventType":"birth","delivery":"PULL"}`, &s)
	n.must(204, dancu, "PATCH", "api/v1/eventType/birth/subs/"+s.ID, `{"state":"ALLOWED"}`, nil)
	for i := range 3 {
		n.publish(i)
	}
	c.forward(time.Hour)
	if it, ok := n.pull(tthc, "0"); ok {
		t.Errorf("got %+v an hour late", it)
	}
	var dead []events.DeadLetter
	n.must(200, tthc, "GET", "api/v1/subs/birth/dead", "", &dead)
	if len(dead) != 3 || dead[0].Reason != "expired" {
		t.Fatalf("dead letters %+v", dead)
	}
	n.must(204, tthc, "DELETE", "api/v1/subs/birth/dead/"+dead[0].ID, "", nil)
	n.must(404, tthc, "DELETE", "api/v1/subs/birth/dead/"+dead[0].ID, "", nil)
	it, ok := n.pull(bhxh, "0") // without a TTL there is no hurry
	if !ok || number(t, it) != 0 {
		t.Fatalf("got %+v", it)
	}
	tidy := func() events.Overview {
		t.Helper()
		h := n.link.hub.Load()
		if err := h.Tidy(t.Context()); err != nil {
			t.Fatal(err)
		}
		o, err := h.Overview(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	if o := tidy(); o.Events != 3 {
		t.Errorf("kept %d events, want 3", o.Events)
	}
	c.forward(24 * time.Hour)
	// The first is in work: it and what follows it stay.
	if o := tidy(); o.Events != 3 || o.DeadLetters != 4 {
		t.Errorf("kept %d events and %d dead letters, want 3 and 4", o.Events, o.DeadLetters)
	}
	n.must(204, bhxh, "DELETE", "pull/v1/birth/"+it.ID, "", nil)
	if o := tidy(); o.Events != 0 || o.DeadLetters != 4 {
		t.Errorf("kept %d events and %d dead letters, want 0 and 4", o.Events, o.DeadLetters)
	}
}

// TestFullStore refuses what it cannot keep, drops nothing, and goes on when there
// is room.
func TestFullStore(t *testing.T) {
	t.Parallel()
	n := newNode(t, events.Settings{MaxStore: 256 << 10})
	n.subscribed(`,"delivery":"PULL"`, tthc)
	long := strings.Repeat("x", 8<<10)
	kept := []string{}
	for code := 201; code == 201; {
		id := fmt.Sprintf("e%d", len(kept))
		if code = n.call(dancu, "POST", "pub/v1/birth", fmt.Sprintf(`{"id":%q,"event":{"name":%q}}`, id, long), nil); code == 201 {
			kept = append(kept, id)
		} else if code != 503 {
			t.Fatalf("got %d, want 503", code)
		}
		if len(kept) > 100 {
			t.Fatal("the store has no end")
		}
	}
	for _, want := range kept {
		if it, ok := n.pull(tthc, "1"); !ok || it.ID != want {
			t.Fatalf("got %+v, want %s", it, want)
		}
		n.must(204, tthc, "DELETE", "pull/v1/birth/"+want, "", nil)
	}
	n.must(204, dancu, "DELETE", "pub/v1/birth/"+kept[0], "", nil)
	n.must(201, dancu, "POST", "pub/v1/birth", fmt.Sprintf(`{"event":{"name":%q}}`, long), nil)
}

const childDir = "EVENTS_TEST_CHILD_DIR"

// TestChild is the hub that TestKilled kills: it publishes without an end and prints
// the number of each event that was taken.
func TestChild(t *testing.T) {
	t.Parallel()
	dir := os.Getenv(childDir)
	if dir == "" {
		return
	}
	n := &node{T: t, dir: dir, link: &link{}}
	n.open()
	n.web = (&events.Local{Client: n.client()}).Over(http.NotFoundHandler())
	n.subscribed(`,"delivery":"PULL","options":{"FIFO":true}`, tthc)
	for i := 0; ; i++ {
		n.publish(i)
		fmt.Fprintln(os.Stdout, "taken", i)
	}
}

// TestKilled kills a hub with -9 while it takes events: what it has acknowledged is
// there afterwards, in order.
func TestKilled(t *testing.T) {
	t.Parallel()
	n := &node{T: t, dir: t.TempDir(), link: &link{}}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestChild$", "-test.v")
	cmd.Env = append(os.Environ(), childDir+"="+n.dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	last := -1
	for s := bufio.NewScanner(out); s.Scan(); {
		if _, err := fmt.Sscanf(s.Text(), "taken %d", &last); err == nil && last == 40 {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); err == nil || last < 40 {
		t.Fatalf("the child ended with %v after %d events", err, last)
	}
	n.open()
	t.Cleanup(n.close)
	n.web = (&events.Local{Client: n.client()}).Over(http.NotFoundHandler())
	for want := 0; want <= last; want++ {
		it, ok := n.pull(tthc, "5")
		if !ok || number(t, it) != want {
			t.Fatalf("got %+v %v, want %d of %d", it, ok, want, last)
		}
		n.must(204, tthc, "DELETE", "pull/v1/birth/"+it.ID, "", nil)
	}
}
