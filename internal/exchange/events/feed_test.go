package events_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/exchange/events"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/outbox"
	"dean06/internal/xroad"
)

// TestPublisher sends each subscriber what its rights grant, and no more.
func TestPublisher(t *testing.T) {
	t.Parallel()
	n := newNode(t, events.Settings{})
	stranger := xroad.MustID("VN/GOV/H01/KHAC")
	grants := []events.Grant{
		{Subscriber: tthc, Fields: []string{"number", "address"}},
		{Subscriber: tthc, Fields: []string{"name"}},
		{Subscriber: bhxh, Fields: []string{"*"}},
		{Subscriber: stranger, Fields: []string{"*"}}, // has not subscribed
	}
	p := &events.Publisher{
		Client: n.client(), Room: dancu,
		Types:  []events.EventType{{EventType: "birth", Schema: json.RawMessage(`{"type":"object","properties":{"number":{"type":"string"}}}`)}},
		Grants: func(context.Context, string) ([]events.Grant, error) { return grants, nil },
		Key:    func(string) string { return "k" },
	}
	settle := func() {
		t.Helper()
		if err := p.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	settle()
	for _, who := range []xroad.ID{tthc, bhxh, xroad.MustID("VN/GOV/H99/X")} {
		n.must(200, who, "POST", "api/v1/subs/birth", `{"eventType":"birth","delivery":"PULL"}`, nil)
	}
	settle()
	n.must(403, xroad.MustID("VN/GOV/H99/X"), "GET", "pull/v1/birth", "", nil)
	message := func(id, payload string) outbox.Message {
		return outbox.Message{ID: id, Topic: events.Topic, Key: "secret", Payload: json.RawMessage(payload)}
	}
	birth := message("b1", `{"event_type":"birth","fields":{"number":"x","name":"y","religion":"z"}}`)
	n.link.lose.Store(1)
	if err := p.Deliver(t.Context(), birth); err == nil || jobs.IsPermanent(err) {
		t.Errorf("a lost answer: %v", err)
	}
	if err := p.Deliver(t.Context(), birth); err != nil { // again, as the outbox does
		t.Fatal(err)
	}
	for who, want := range map[xroad.ID]string{tthc: `{"name":"y","number":"x"}`, bhxh: `{"name":"y","number":"x","religion":"z"}`} {
		it, ok := n.pull(who, "5")
		if diff := cmp.Diff(want, string(it.Event)); !ok || diff != "" || it.ID != "b1" || it.Key != "k" {
			t.Errorf("%s got %+v\n%s", who, it, diff)
		}
		n.must(204, who, "DELETE", "pull/v1/birth/b1", "", nil)
		if it, ok := n.pull(who, "0"); ok {
			t.Errorf("%s got %+v again", who, it)
		}
	}
	for name, m := range map[string]outbox.Message{
		"does not fit":   message("b2", `{"event_type":"birth","fields":{"number":1,"name":"y"}}`),
		"no event":       message("b3", `[]`),
		"other contents": message("b1", `{"event_type":"birth","fields":{"number":"other","name":"y"}}`),
	} {
		if err := p.Deliver(t.Context(), m); !jobs.IsPermanent(err) {
			t.Errorf("%s: %v, want a permanent error", name, err)
		}
	}
	// A type that the hub does not know yet is no reason to give up.
	if err := p.Deliver(t.Context(), message("b4", `{"event_type":"death","fields":{"number":"x"}}`)); err == nil || jobs.IsPermanent(err) {
		t.Errorf("unknown type: %v", err)
	}
	n.link.down.Store(true)
	if err := p.Deliver(t.Context(), message("b5", `{"event_type":"birth","fields":{"number":"x"}}`)); !errors.Is(err, errLink) ||
		jobs.IsPermanent(err) {
		t.Errorf("link down: %v", err)
	}
	n.link.down.Store(false)
	// A right that ends ends the subscription.
	grants = grants[2:]
	settle()
	n.must(403, tthc, "GET", "pull/v1/birth", "", nil)
	n.must(403, tthc, "GET", "api/v1/subs/birth/dead", "", nil)
	if err := p.Deliver(t.Context(), message("b6", `{"event_type":"birth","fields":{"number":"x"}}`)); err != nil {
		t.Fatal(err)
	}
	st, err := n.client().Status(t.Context(), dancu, dancu, "birth", "b6")
	if err != nil || len(st.Deliveries) != 1 || st.Deliveries[0].SubscriberID.ID() != bhxh {
		t.Errorf("status %+v: %v", st, err)
	}
	// When it comes back, what was published meanwhile is not told.
	grants = append(grants, events.Grant{Subscriber: tthc, Fields: []string{"*"}})
	settle()
	if it, ok := n.pull(tthc, "0"); ok {
		t.Errorf("got %+v of the time without a right", it)
	}
	list, err := n.client().AskedFor(t.Context(), dancu, "birth")
	if err != nil || len(list) != 3 {
		t.Errorf("asked for: %+v: %v", list, err)
	}
}

// Who is held back gets nothing, and afterwards all that came meanwhile, in its order; what
// another right gives goes on.
func TestWhoIsHeldBackGetsItLater(t *testing.T) {
	t.Parallel()
	n := newNode(t, events.Settings{})
	all := []string{"number", "name"}
	grants := []events.Grant{{Subscriber: tthc, Fields: all}, {Subscriber: bhxh, Fields: all}}
	p := &events.Publisher{
		Client: n.client(), Room: dancu,
		Types:  []events.EventType{{EventType: "birth", Schema: json.RawMessage(`{"type":"object"}`)}},
		Grants: func(context.Context, string) ([]events.Grant, error) { return grants, nil },
	}
	settle := func() {
		t.Helper()
		if err := p.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	deliver := func(id string) {
		t.Helper()
		m := outbox.Message{ID: id, Topic: events.Topic, Payload: json.RawMessage(`{"event_type":"birth","fields":{"number":"` + id + `","name":"y"}}`)}
		if err := p.Deliver(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	gets := func(who xroad.ID, ids ...string) {
		t.Helper()
		for _, id := range ids {
			if it, ok := n.pull(who, "5"); !ok || it.ID != id {
				t.Fatalf("%s got %+v, want %s", who, it, id)
			}
			n.must(204, who, "DELETE", "pull/v1/birth/"+id, "", nil)
		}
		if it, ok := n.pull(who, "0"); ok {
			t.Errorf("%s got %+v as well", who, it)
		}
	}
	settle()
	for _, who := range []xroad.ID{tthc, bhxh} {
		n.must(200, who, "POST", "api/v1/subs/birth", `{"eventType":"birth","delivery":"PULL"}`, nil)
	}
	settle()
	deliver("b1")
	gets(tthc, "b1")
	deliver("b2")
	// The gate closes: the next event goes out only once the hub gives tthc nothing.
	grants[0].Held = true
	deliver("b3")
	for _, path := range []string{"pull/v1/birth", "api/v1/subs/birth/dead"} {
		n.must(403, tthc, "GET", path, "", nil)
	}
	deliver("b4")
	gets(bhxh, "b1", "b2", "b3", "b4")
	settle() // and stays so
	n.must(403, tthc, "GET", "pull/v1/birth", "", nil)
	grants[0].Held = false
	settle()
	gets(tthc, "b2", "b3", "b4")
	// A right beside it that does not demand it gives what it grants meanwhile.
	grants[0].Held = true
	grants = append(grants, events.Grant{Subscriber: tthc, Fields: []string{"number"}})
	settle()
	deliver("b5")
	if it, ok := n.pull(tthc, "5"); !ok || string(it.Event) != `{"number":"b5"}` {
		t.Errorf("by the other right it got %+v", it)
	}
	n.must(204, tthc, "DELETE", "pull/v1/birth/b5", "", nil)
	// A right that ends while it is held ends the subscription with what waited.
	grants = grants[:2]
	deliver("b6")
	grants = grants[1:]
	settle()
	grants = append(grants, events.Grant{Subscriber: tthc, Fields: all})
	settle()
	gets(tthc)
	// Who asks while the gate is closed to it is allowed when it opens.
	other := xroad.MustID("VN/GOV/H01/KHAC")
	grants = append(grants, events.Grant{Subscriber: other, Fields: all, Held: true})
	n.must(200, other, "POST", "api/v1/subs/birth", `{"eventType":"birth","delivery":"PULL"}`, nil)
	settle()
	deliver("b7")
	n.must(403, other, "GET", "pull/v1/birth", "", nil)
	grants[len(grants)-1].Held = false
	settle()
	gets(other)
}
