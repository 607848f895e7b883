package events

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"dean06/internal/platform/sqldb"
	"dean06/internal/xroad"
)

// Hub keeps rooms, event types, subscriptions and events. All of it is in the
// store, so that several hubs of one cluster answer alike.
type Hub struct {
	set    Settings
	srv    *server.Server
	nc     *nats.Conn
	js     jetstream.JetStream
	events jetstream.Stream
	dead   jetstream.Stream
	kv     jetstream.KeyValue

	closing context.Context // who waits for an event is sent home when the hub stops
	stop    context.CancelFunc

	mu      sync.Mutex
	schemas map[string]compiled        // by key of the event type
	done    map[string]map[uint64]bool // by consumer: acknowledged while an older one is open
}

type compiled struct {
	revision uint64
	schema   *jsonschema.Schema
}

// Close ends the hub. What was acknowledged is on the disk.
func (h *Hub) Close() {
	h.stop()
	if h.nc != nil {
		h.nc.Close()
	}
	h.srv.Shutdown()
	h.srv.WaitForShutdown()
}

// topic names an event type in the store. Rooms and subscribers are hashed there,
// as their names may hold what a subject may not.
type topic struct {
	room xroad.ID
	name string
}

func token(id xroad.ID) string {
	sum := sha256.Sum256([]byte(id.String()))
	return hex.EncodeToString(sum[:10])
}

const everybody = "all"

func (t topic) String() string { return token(t.room) + "." + t.name }
func (t topic) key() string    { return "type." + t.String() }

// subject is where an event for a target lies; target is everybody or a subscriber's token.
func (t topic) subject(target, id string) string { return "e." + t.String() + "." + target + "." + id }

func (t topic) subKey(who xroad.ID) string { return "sub." + t.String() + "." + token(who) }

func (t topic) deadSubject(who xroad.ID, id string) string {
	return "d." + t.String() + "." + token(who) + "." + id
}

// kind is an event type as it is kept.
type kind struct {
	Room xroad.ID `json:"room"`
	EventType
	revision uint64
}

func (k kind) topic() topic { return topic{k.Room, k.EventType.EventType} }

// enrolment is a subscription as it is kept.
type enrolment struct {
	Subscription
	Who   xroad.ID  `json:"who"`
	Room  xroad.ID  `json:"room"`
	Floor uint64    `json:"floor"` // the first event that this subscriber may ever see
	From  uint64    `json:"from"`  // where it began, or was last told to begin anew
	Since time.Time `json:"since"` // the same by time, when it was told a time
	Round int       `json:"round"` // how often it began anew

	revision uint64
}

func (e enrolment) topic() topic { return topic{e.Room, e.EventType} }

// reader is the name of the consumer that stands for the subscription.
func (e enrolment) reader() string {
	return fmt.Sprintf("%s-%s-%s-%d", token(e.Room), e.EventType, token(e.Who), e.Round)
}

func load[T any](ctx context.Context, h *Hub, key string, missing *Error) (T, uint64, error) {
	var v T
	entry, err := h.kv.Get(ctx, key)
	if errors.Is(err, jetstream.ErrKeyNotFound) || errors.Is(err, jetstream.ErrInvalidKey) {
		return v, 0, missing
	}
	if err != nil {
		return v, 0, fmt.Errorf("events: read %s: %w", key, err)
	}
	if err := json.Unmarshal(entry.Value(), &v); err != nil {
		return v, 0, fmt.Errorf("events: read %s: %w", key, err)
	}
	return v, entry.Revision(), nil
}

// save writes v where the revision stands, a new one at 0. It fails with taken when
// somebody else wrote meanwhile.
func (h *Hub) save(ctx context.Context, key string, v any, revision uint64, taken *Error) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("events: write %s: %w", key, err)
	}
	if revision == 0 {
		_, err = h.kv.Create(ctx, key, b)
	} else {
		_, err = h.kv.Update(ctx, key, b, revision)
	}
	if errors.Is(err, jetstream.ErrKeyExists) || errors.Is(err, jetstream.ErrKeyRevisionMismatch) {
		return taken
	}
	if err != nil {
		return fmt.Errorf("events: write %s: %w", key, err)
	}
	return nil
}

// keys lists what matches a pattern, in order.
func (h *Hub) keys(ctx context.Context, pattern string) ([]string, error) {
	l, err := h.kv.ListKeysFiltered(ctx, pattern)
	if err != nil {
		return nil, fmt.Errorf("events: list %s: %w", pattern, err)
	}
	var out []string
	for k := range l.Keys() {
		out = append(out, k)
	}
	slices.Sort(out)
	return out, nil
}

func (h *Hub) kind(ctx context.Context, t topic) (kind, error) {
	k, rev, err := load[kind](ctx, h, t.key(), errNoType)
	k.revision = rev
	return k, err
}

func (h *Hub) enrolment(ctx context.Context, t topic, who xroad.ID) (enrolment, error) {
	e, rev, err := load[enrolment](ctx, h, t.subKey(who), errNoSub)
	e.revision = rev
	return e, err
}

// kinds gives the event types of a room; of all rooms for the zero room.
func (h *Hub) kinds(ctx context.Context, room xroad.ID) ([]kind, error) {
	pattern := "type.*.*"
	if !room.IsZero() {
		pattern = "type." + token(room) + ".*"
	}
	keys, err := h.keys(ctx, pattern)
	if err != nil {
		return nil, err
	}
	var out []kind
	for _, key := range keys {
		k, rev, err := load[kind](ctx, h, key, errNoType)
		if errors.Is(err, errNoType) {
			continue
		}
		if err != nil {
			return nil, err
		}
		k.revision = rev
		out = append(out, k)
	}
	return out, nil
}

// enrolments gives the subscriptions whose key fits "sub." and the pattern.
func (h *Hub) enrolments(ctx context.Context, pattern string) ([]enrolment, error) {
	keys, err := h.keys(ctx, "sub."+pattern)
	if err != nil {
		return nil, err
	}
	var out []enrolment
	for _, key := range keys {
		e, rev, err := load[enrolment](ctx, h, key, errNoSub)
		if errors.Is(err, errNoSub) {
			continue
		}
		if err != nil {
			return nil, err
		}
		e.revision = rev
		out = append(out, e)
	}
	return out, nil
}

// define adds an event type, or with replace brings the one that is there to date.
func (h *Hub) define(ctx context.Context, client, room xroad.ID, et EventType, replace bool) error {
	switch {
	case client != room:
		return errNotOwner
	case !plainName.MatchString(et.EventType):
		return invalid("the name of an event type is up to 64 letters, digits, _ and -")
	case et.Options.TTL < 0 || et.Options.TTL > 1<<31:
		return invalid("TTL is out of range")
	case len(et.Publishers) > 1000:
		return invalid("too many publishers")
	}
	if _, err := compile(et.Schema); err != nil {
		return err
	}
	k := kind{Room: room, EventType: et}
	if replace {
		switch old, err := h.kind(ctx, k.topic()); {
		case err == nil:
			k.revision = old.revision
		case !errors.Is(err, errNoType):
			return err
		}
	}
	err := h.save(ctx, k.topic().key(), k, k.revision, errorf(http.StatusConflict, "Exists", "the event type is there already"))
	if err != nil || k.revision == 0 {
		return err
	}
	subs, err := h.enrolments(ctx, k.topic().String()+".*")
	if err != nil {
		return err
	}
	for _, e := range subs { // FIFO may have changed
		if err := h.seat(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// remove deletes an event type with its subscriptions and events. It fails with a
// conflict while an event waits for a subscriber.
func (h *Hub) remove(ctx context.Context, client xroad.ID, t topic) error {
	if client != t.room {
		return errNotOwner
	}
	if _, err := h.kind(ctx, t); err != nil {
		return err
	}
	subs, err := h.enrolments(ctx, t.String()+".*")
	if err != nil {
		return err
	}
	for _, e := range subs {
		if v, err := h.look(ctx, e); err != nil {
			return err
		} else if v.Pending+v.InWork+v.Dead > 0 {
			return errorf(http.StatusConflict, "InUse", "events of this type still wait for %s", e.Who)
		}
	}
	for _, e := range subs {
		if err := h.leave(ctx, e); err != nil {
			return err
		}
	}
	if err := h.kv.Delete(ctx, t.key()); err != nil {
		return fmt.Errorf("events: delete an event type: %w", err)
	}
	if err := h.events.Purge(ctx, jetstream.WithPurgeSubject("e."+t.String()+".>")); err != nil {
		return fmt.Errorf("events: purge an event type: %w", err)
	}
	return nil
}

// subscribe asks for a type. The owner's own subsystem, and anybody of an open
// type, is allowed at once.
func (h *Hub) subscribe(ctx context.Context, client xroad.ID, t topic, s Subscription) (Subscription, error) {
	k, err := h.kind(ctx, t)
	if err != nil {
		return s, err
	}
	if err := s.check(t); err != nil {
		return s, err
	}
	e := enrolment{Who: client, Room: t.room, Subscription: Subscription{
		ID: sqldb.NewID(), SubscriberID: PartyOf(client), EventType: t.name, Delivery: s.Delivery, Options: s.Options,
		State: Asked, AskedAt: h.set.Clock.Now(),
	}}
	if k.Open || client == t.room {
		if err := h.admit(ctx, &e); err != nil {
			return s, err
		}
	}
	err = h.save(ctx, t.subKey(client), e, 0, errorf(http.StatusConflict, "Exists", "you have a subscription to this event type already"))
	if err != nil {
		return s, err
	}
	return e.Subscription, h.seat(ctx, e)
}

func (s *Subscription) check(t topic) error {
	if s.Delivery == "" {
		s.Delivery = Push // the default of the interface
	}
	switch {
	case s.EventType != "" && s.EventType != t.name:
		return invalid("eventType is not that of the path")
	case s.Delivery != Push && s.Delivery != Pull:
		return invalid("delivery is PUSH or PULL")
	case s.Options.TTL < 0 || s.Options.TTL > 1<<31:
		return invalid("TTL is out of range")
	}
	return nil
}

// change brings delivery and options of a subscription to date.
func (h *Hub) change(ctx context.Context, client xroad.ID, t topic, s Subscription) (Subscription, error) {
	e, err := h.enrolment(ctx, t, client)
	if err != nil {
		return s, err
	}
	if err := s.check(t); err != nil {
		return s, err
	}
	e.Delivery, e.Options = s.Delivery, s.Options
	if err := h.save(ctx, t.subKey(client), e, e.revision, errChanged); err != nil {
		return s, err
	}
	return e.Subscription, h.seat(ctx, e)
}

// admit lets a subscriber hear from now on.
func (h *Hub) admit(ctx context.Context, e *enrolment) error {
	info, err := h.events.Info(ctx)
	if err != nil {
		return fmt.Errorf("events: where the stream ends: %w", err)
	}
	e.State, e.AllowedAt = Allowed, h.set.Clock.Now()
	e.Floor, e.From, e.Since = info.State.LastSeq+1, info.State.LastSeq+1, time.Time{}
	e.Round++
	return nil
}

// keeps says that events are kept for the subscription, be it that they are given out or wait.
func (e enrolment) keeps() bool { return e.State == Allowed || e.State == Held }

// decide is the owner's word about a subscription. Who was refused hears nothing of
// what is published until it is allowed again; who is held back goes on where it was.
func (h *Hub) decide(ctx context.Context, client xroad.ID, t topic, id string, state State) error {
	if client != t.room {
		return errNotOwner
	}
	if state != Allowed && state != Refused && state != Held {
		return invalid("state is ALLOWED, HELD or REFUSED")
	}
	subs, err := h.enrolments(ctx, t.String()+".*")
	if err != nil {
		return err
	}
	i := slices.IndexFunc(subs, func(e enrolment) bool { return e.ID == id })
	if i < 0 {
		return errorf(http.StatusNotFound, "NoSubscription", "there is no such subscription")
	}
	e := subs[i]
	if e.State == state {
		return nil
	}
	if state == Held && e.State != Allowed {
		return invalid("only a subscription that is ALLOWED can be held back")
	}
	old := e
	e.State = state
	if state == Allowed && old.State != Held {
		if err := h.admit(ctx, &e); err != nil {
			return err
		}
	}
	if err := h.save(ctx, t.subKey(e.Who), e, e.revision, errChanged); err != nil {
		return err
	}
	if state == Refused {
		return h.unseat(ctx, old)
	}
	return h.seat(ctx, e)
}

// leave ends a subscription. Its dead letters stay.
func (h *Hub) leave(ctx context.Context, e enrolment) error {
	if err := h.kv.Delete(ctx, e.topic().subKey(e.Who)); err != nil {
		return fmt.Errorf("events: end a subscription: %w", err)
	}
	return h.unseat(ctx, e)
}

// seat brings the consumer of a subscription that is allowed to what it should be.
func (h *Hub) seat(ctx context.Context, e enrolment) error {
	if e.State != Allowed {
		return nil
	}
	_, err := h.makeConsumer(ctx, e)
	return err
}

func (h *Hub) unseat(ctx context.Context, e enrolment) error {
	h.mu.Lock()
	delete(h.done, e.reader())
	h.mu.Unlock()
	if err := h.events.DeleteConsumer(ctx, e.reader()); err != nil && !errors.Is(err, jetstream.ErrConsumerNotFound) {
		return fmt.Errorf("events: end a consumer: %w", err)
	}
	return nil
}

// consumer gives the consumer of a subscription, made when it is not there, which
// repeats events and loses none.
func (h *Hub) consumer(ctx context.Context, e enrolment) (jetstream.Consumer, error) {
	c, err := h.events.Consumer(ctx, e.reader())
	if errors.Is(err, jetstream.ErrConsumerNotFound) {
		return h.makeConsumer(ctx, e)
	}
	if err != nil {
		return nil, fmt.Errorf("events: read a consumer: %w", err)
	}
	return c, nil
}

func (h *Hub) makeConsumer(ctx context.Context, e enrolment) (jetstream.Consumer, error) {
	k, err := h.kind(ctx, e.topic())
	if err != nil {
		return nil, err
	}
	t := e.topic()
	c := jetstream.ConsumerConfig{
		Durable: e.reader(), AckPolicy: jetstream.AckExplicitPolicy, AckWait: h.set.Lease, MaxDeliver: -1, MaxAckPending: 256,
		FilterSubjects: []string{t.subject(everybody, "*"), t.subject(token(e.Who), "*")},
		DeliverPolicy:  jetstream.DeliverByStartSequencePolicy, OptStartSeq: max(e.From, 1),
	}
	if e.Options.FIFO || k.Options.FIFO {
		c.MaxAckPending = 1
	}
	if !e.Since.IsZero() {
		c.DeliverPolicy, c.OptStartSeq, c.OptStartTime = jetstream.DeliverByStartTimePolicy, 0, &e.Since
	}
	out, err := h.events.CreateOrUpdateConsumer(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("events: make a consumer: %w", err)
	}
	return out, nil
}
