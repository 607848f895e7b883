package events

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"dean06/internal/platform/sqldb"
	"dean06/internal/xroad"
)

// Headers of a stored event.
const (
	headPublisher = "Publisher"
	headKey       = "Key"
	headPublished = "Published" // when it was first published, of a replayed dead letter
	headReason    = "Reason"
	headSequence  = "Sequence"
)

// publish takes an event for all subscribers, for one, or for each its own copy.
// The same event with the same id is taken once; another with that id is a conflict.
func (h *Hub) publish(ctx context.Context, client xroad.ID, t topic, p publication) (published, error) {
	k, err := h.kind(ctx, t)
	switch {
	case err != nil:
		return published{}, err
	case client != t.room && !slices.Contains(k.Publishers, client):
		return published{}, errorf(http.StatusForbidden, "NotPublisher", "you may not publish events of this type")
	case p.EventType != "" && p.EventType != t.name:
		return published{}, invalid("eventType is not that of the path")
	case p.ID != "" && !plainID.MatchString(p.ID):
		return published{}, invalid("id is up to 64 letters, digits, _ and -")
	case len(p.Key) > 200 || strings.ContainsFunc(p.Key, unicode.IsControl):
		return published{}, invalid("key is longer than 200 bytes, or holds control characters")
	case (len(p.Event) == 0) == (len(p.Copies) == 0):
		return published{}, invalid("event is missing, or copies stand beside it")
	case len(p.Copies) > 1000:
		return published{}, invalid("more than 1000 copies")
	}
	if p.ID == "" {
		p.ID = sqldb.NewID()
	}
	letters := p.Copies
	if len(letters) == 0 {
		letters = []letter{{p.To, p.Event}}
	}
	schema, err := h.schema(k)
	if err != nil {
		return published{}, err
	}
	// All are checked before the first is taken.
	for i, l := range letters {
		if len(l.Event) > h.set.MaxEvent {
			return published{}, errorf(http.StatusRequestEntityTooLarge, "TooLarge", "the event is larger than %d bytes", h.set.MaxEvent)
		}
		if err := conform(schema, l.Event); err != nil {
			return published{}, err
		}
		if len(p.Copies) > 0 && l.To.IsZero() {
			return published{}, invalid("a copy has no addressee")
		}
		var b bytes.Buffer
		if err := json.Compact(&b, l.Event); err != nil {
			return published{}, invalid("not JSON")
		}
		letters[i].Event = b.Bytes()
	}
	out := published{ID: p.ID}
	for _, l := range letters {
		target := everybody
		if !l.To.IsZero() {
			e, err := h.enrolment(ctx, t, l.To)
			if errors.Is(err, errNoSub) || (err == nil && !e.keeps()) {
				out.NotSubscribed = append(out.NotSubscribed, l.To)
				continue
			}
			if err != nil {
				return out, err
			}
			target = token(l.To)
		}
		if err := h.store(ctx, client, t.subject(target, p.ID), p.Key, l.Event); err != nil {
			return out, err
		}
	}
	if len(p.Copies) == 0 && len(out.NotSubscribed) > 0 {
		return out, errorf(http.StatusNotFound, "NotSubscribed", "the addressee has no subscription to this event type that is allowed")
	}
	return out, nil
}

// store writes one event durably, once.
func (h *Hub) store(ctx context.Context, client xroad.ID, subject, key string, data []byte) error {
	same := func() (bool, error) {
		old, err := h.events.GetLastMsgForSubject(ctx, subject)
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			return false, nil
		}
		if err != nil {
			return false, fmt.Errorf("events: look for an earlier copy: %w", err)
		}
		if !bytes.Equal(old.Data, data) {
			return false, errorf(http.StatusConflict, "OtherEvent", "there is another event with this id")
		}
		return true, nil
	}
	if there, err := same(); there || err != nil {
		return err
	}
	m := nats.NewMsg(subject)
	m.Data = data
	m.Header.Set(nats.MsgIdHdr, subject)
	m.Header.Set(headPublisher, client.String())
	if key != "" {
		m.Header.Set(headKey, key)
	}
	ack, err := h.js.PublishMsg(ctx, m)
	if err != nil {
		return h.full("events: store an event", err)
	}
	if !ack.Duplicate {
		return nil
	}
	there, err := same()
	if err == nil && !there {
		err = errorf(http.StatusConflict, "Withdrawn", "the event with this id was withdrawn")
	}
	return err
}

// full tells a full store from a broken one: who publishes keeps the event and
// comes again.
func (h *Hub) full(what string, err error) error {
	var api *jetstream.APIError
	if errors.As(err, &api) && api.Code == http.StatusServiceUnavailable {
		h.set.Log.Error("event store is full or without a majority", "error", err)
		return errorf(http.StatusServiceUnavailable, "StoreFull", "events cannot be kept now, try again later")
	}
	return fmt.Errorf("%s: %w", what, err)
}

// schema gives the compiled schema of an event type.
func (h *Hub) schema(k kind) (*jsonschema.Schema, error) {
	key := k.topic().key()
	h.mu.Lock()
	c, ok := h.schemas[key]
	h.mu.Unlock()
	if ok && c.revision == k.revision {
		return c.schema, nil
	}
	s, err := compile(k.Schema)
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	h.schemas[key] = compiled{k.revision, s}
	h.mu.Unlock()
	return s, nil
}

// withdraw stops the delivery of an event to who has not got it yet.
func (h *Hub) withdraw(ctx context.Context, client xroad.ID, t topic, id string) error {
	copies, err := h.copies(ctx, t, id)
	if err != nil {
		return err
	}
	found := false
	for _, m := range copies {
		if client != t.room && m.Header.Get(headPublisher) != client.String() {
			continue
		}
		found = true
		if err := h.events.DeleteMsg(ctx, m.Sequence); err != nil && !errors.Is(err, jetstream.ErrMsgNotFound) {
			return fmt.Errorf("events: withdraw an event: %w", err)
		}
	}
	if !found {
		return errNoEvent
	}
	return nil
}

// copies finds an event by its id: the one for everybody, and those addressed to
// one. It fails with errNoType and errNoEvent.
func (h *Hub) copies(ctx context.Context, t topic, id string) ([]*jetstream.RawStreamMsg, error) {
	if _, err := h.kind(ctx, t); err != nil {
		return nil, err
	}
	if !plainID.MatchString(id) {
		return nil, errNoEvent
	}
	info, err := h.events.Info(ctx, jetstream.WithSubjectFilter(t.subject("*", id)))
	if err != nil {
		return nil, fmt.Errorf("events: find an event: %w", err)
	}
	var out []*jetstream.RawStreamMsg
	for subject := range info.State.Subjects {
		m, err := h.last(ctx, h.events, subject)
		if err != nil {
			return nil, err
		}
		if m != nil {
			out = append(out, m)
		}
	}
	if len(out) == 0 {
		return nil, errNoEvent
	}
	slices.SortFunc(out, func(a, b *jetstream.RawStreamMsg) int { return int(a.Sequence) - int(b.Sequence) })
	return out, nil
}

// last gives the newest message of a subject, nil when there is none.
func (h *Hub) last(ctx context.Context, s jetstream.Stream, subject string) (*jetstream.RawStreamMsg, error) {
	m, err := s.GetLastMsgForSubject(ctx, subject)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("events: read an event: %w", err)
	}
	return m, nil
}

// status says how far an event has come. The owner and the publisher see all its
// addressees, a subscriber itself.
func (h *Hub) status(ctx context.Context, client xroad.ID, t topic, id string) (Item, error) {
	copies, err := h.copies(ctx, t, id)
	if err != nil {
		return Item{}, err
	}
	subs, err := h.enrolments(ctx, t.String()+".*")
	if err != nil {
		return Item{}, err
	}
	var out Item
	found := map[Party]Standing{} // a replayed copy is newer than the one for everybody
	for _, m := range copies {
		sees := client == t.room || m.Header.Get(headPublisher) == client.String()
		for _, e := range subs {
			meant := m.Subject == t.subject(everybody, id) && m.Sequence >= e.Floor || m.Subject == t.subject(token(e.Who), id)
			if !e.keeps() || !meant || (!sees && e.Who != client) {
				continue
			}
			if found[e.SubscriberID], err = h.standing(ctx, e, m.Sequence, id); err != nil {
				return Item{}, err
			}
		}
		if out.ID == "" && (sees || len(found) > 0) {
			out = item(t, id, m.Sequence, m.Header, m.Data, m.Time)
		}
	}
	if out.ID == "" {
		return Item{}, errNoEvent
	}
	for _, e := range subs {
		if s, ok := found[e.SubscriberID]; ok {
			out.Deliveries = append(out.Deliveries, s)
		}
	}
	return out, nil
}

func item(t topic, id string, seq uint64, head nats.Header, data []byte, at time.Time) Item {
	publisher, _ := xroad.ParseID(head.Get(headPublisher), 4, 4)
	if first, err := time.Parse(time.RFC3339Nano, head.Get(headPublished)); err == nil {
		at = first
	}
	return Item{
		ID: id, Sequence: seq, PublisherID: PartyOf(publisher), EventType: t.name, Event: data,
		Key: head.Get(headKey), PublishedAt: at.UTC(),
	}
}

// standing says how far the event at seq has come with a subscriber.
func (h *Hub) standing(ctx context.Context, e enrolment, seq uint64, id string) (Standing, error) {
	s := Standing{SubscriberID: e.SubscriberID, State: Waiting}
	d, err := h.last(ctx, h.dead, e.topic().deadSubject(e.Who, id))
	if err != nil {
		return s, err
	}
	if d != nil {
		s.State, s.Reason = Dead, d.Header.Get(headReason)
		return s, nil
	}
	c, err := h.events.Consumer(ctx, e.reader())
	if errors.Is(err, jetstream.ErrConsumerNotFound) {
		return s, nil
	}
	if err != nil {
		return s, fmt.Errorf("events: read a consumer: %w", err)
	}
	info := c.CachedInfo()
	h.mu.Lock()
	acked := h.done[e.reader()][seq]
	h.mu.Unlock()
	switch {
	case seq <= info.AckFloor.Stream || acked:
		s.State = Delivered
	case seq <= info.Delivered.Stream:
		s.State = Delivering
	}
	return s, nil
}
