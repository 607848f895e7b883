package events

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"dean06/internal/xroad"
)

const (
	maxFetch = 64
	maxWait  = 25 * time.Second
	// A subscriber that asks and never answers gets an event this many times as
	// often as one that refuses it, before it is a dead letter.
	patience = 3
)

// allowed gives the client's own subscription if it may hear.
func (h *Hub) allowed(ctx context.Context, t topic, client xroad.ID) (enrolment, error) {
	e, err := h.enrolment(ctx, t, client)
	switch {
	case err != nil || e.State == Allowed:
	case e.State == Held:
		err = errorf(http.StatusForbidden, "Held", "the owner gives this subscription nothing for now; what is published meanwhile waits for it")
	default:
		err = errorf(http.StatusForbidden, "NotAllowed", "the owner has not allowed this subscription: it is %s", e.State)
	}
	return e, err
}

// exchange settles what the subscriber has done and gives it more.
func (h *Hub) exchange(ctx context.Context, client xroad.ID, t topic, p pull) ([]Item, error) {
	e, err := h.allowed(ctx, t, client)
	if err != nil {
		return nil, err
	}
	if n := len(p.Ack) + len(p.Nak) + len(p.Hold); n > 1000 || p.Max < 0 || !(p.Wait >= 0 && p.Wait < 1e6) {
		return nil, invalid("too much at once")
	}
	c, err := h.consumer(ctx, e)
	if err != nil {
		return nil, err
	}
	if err := h.settle(ctx, e, c, p); err != nil {
		return nil, err
	}
	if p.Max == 0 {
		return nil, nil
	}
	return h.fetch(ctx, e, c, min(p.Max, maxFetch), min(time.Duration(p.Wait*float64(time.Second)), maxWait))
}

// settle does what the subscriber says about events that it was given. An event
// that it was not given, or has settled before, is passed over.
func (h *Hub) settle(ctx context.Context, e enrolment, c jetstream.Consumer, p pull) error {
	for _, id := range p.Ack {
		if err := h.acknowledge(ctx, e, c, id); err != nil && !errors.Is(err, errNoEvent) {
			return err
		}
	}
	for _, r := range p.Nak {
		if err := h.refuse(ctx, e, c, r); err != nil && !errors.Is(err, errNoEvent) {
			return err
		}
	}
	for _, id := range p.Hold {
		given, err := h.given(ctx, e, c, id)
		if err != nil && !errors.Is(err, errNoEvent) {
			return err
		}
		for _, m := range given {
			if err := h.say(ctx, c, m.Sequence, "+WPI"); err != nil {
				return err
			}
		}
	}
	if p.Resume {
		return h.resume(ctx, e, c, p.Hold)
	}
	return nil
}

// given finds what the subscriber was given under an id: one event, or two when it
// was dead and replayed. It fails with errNoEvent.
func (h *Hub) given(ctx context.Context, e enrolment, c jetstream.Consumer, id string) ([]*jetstream.RawStreamMsg, error) {
	if !plainID.MatchString(id) {
		return nil, errNoEvent
	}
	t, until := e.topic(), c.CachedInfo().Delivered.Stream
	var out []*jetstream.RawStreamMsg
	for _, target := range []string{everybody, token(e.Who)} {
		m, err := h.last(ctx, h.events, t.subject(target, id))
		if err != nil {
			return nil, err
		}
		if m != nil && m.Sequence <= until && m.Sequence >= e.Floor {
			out = append(out, m)
		}
	}
	if len(out) == 0 {
		return nil, errNoEvent
	}
	return out, nil
}

// say tells a consumer about one of its events. The store knows an event by its
// place, so that this works too after the hub was restarted in between.
func (h *Hub) say(ctx context.Context, c jetstream.Consumer, seq uint64, word string) error {
	info := c.CachedInfo()
	subject := fmt.Sprintf("$JS.ACK.%s.%s.1.%d.%d.0.0", eventStream, info.Name, seq, info.Delivered.Consumer)
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if _, err := h.nc.RequestWithContext(ctx, subject, []byte(word)); err != nil {
		return fmt.Errorf("events: tell the store %s: %w", strings.Fields(word)[0], err)
	}
	return nil
}

// acknowledge ends an event for a subscriber. It fails with errNoEvent.
func (h *Hub) acknowledge(ctx context.Context, e enrolment, c jetstream.Consumer, id string) error {
	given, err := h.given(ctx, e, c, id)
	if err != nil {
		return err
	}
	for _, m := range given {
		if err := h.say(ctx, c, m.Sequence, "+ACK"); err != nil {
			return err
		}
		h.note(e, c, m.Sequence)
	}
	return nil
}

// note remembers what is acknowledged while an older event is not: the store tells
// only up to where all is.
func (h *Hub) note(e enrolment, c jetstream.Consumer, seq uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	name, floor := e.reader(), c.CachedInfo().AckFloor.Stream
	if h.done[name] == nil {
		h.done[name] = map[uint64]bool{}
	}
	h.done[name][seq] = true
	if len(h.done[name]) > 512 {
		for s := range h.done[name] {
			if s <= floor {
				delete(h.done[name], s)
			}
		}
	}
}

// refuse gives an event back for later; after the last try it is a dead letter. It
// fails with errNoEvent.
func (h *Hub) refuse(ctx context.Context, e enrolment, c jetstream.Consumer, r refusal) error {
	given, err := h.given(ctx, e, c, r.ID)
	if err != nil {
		return err
	}
	for _, m := range given {
		if r.Attempt >= uint64(h.set.MaxDeliver) {
			reason := short(strings.ToValidUTF8(r.Reason, "?"))
			if reason == "" {
				reason = "refused"
			}
			if err := h.bury(ctx, e, m.Subject, m.Sequence, m.Header, m.Data, m.Time, reason); err != nil {
				return err
			}
			if err := h.say(ctx, c, m.Sequence, "+ACK"); err != nil {
				return err
			}
			continue
		}
		rest := h.set.Backoff(max(r.Attempt, 1))
		if err := h.say(ctx, c, m.Sequence, fmt.Sprintf(`-NAK {"delay": %d}`, rest.Nanoseconds())); err != nil {
			return err
		}
	}
	return nil
}

// resume gives out anew, at once, what was delivered and is neither settled nor in
// the subscriber's hands: the answer that carried it was lost.
func (h *Hub) resume(ctx context.Context, e enrolment, c jetstream.Consumer, hold []string) error {
	info := c.CachedInfo()
	if info.NumAckPending == 0 {
		return nil
	}
	t := e.topic()
	for _, target := range []string{everybody, token(e.Who)} {
		for seq := max(info.AckFloor.Stream+1, e.Floor); seq <= info.Delivered.Stream; {
			m, err := h.events.GetMsg(ctx, seq, jetstream.WithGetMsgSubject(t.subject(target, "*")))
			if errors.Is(err, jetstream.ErrMsgNotFound) {
				break
			}
			if err != nil {
				return fmt.Errorf("events: resume: %w", err)
			}
			if m.Sequence > info.Delivered.Stream {
				break
			}
			if !slices.Contains(hold, lastToken(m.Subject)) {
				if err := h.say(ctx, c, m.Sequence, "-NAK"); err != nil {
					return err
				}
			}
			seq = m.Sequence + 1
		}
	}
	return nil
}

func lastToken(subject string) string { return subject[strings.LastIndexByte(subject, '.')+1:] }

// fetch gives up to most events; it waits for the first of them.
func (h *Hub) fetch(ctx context.Context, e enrolment, c jetstream.Consumer, most int, wait time.Duration) ([]Item, error) {
	k, err := h.kind(ctx, e.topic())
	if err != nil {
		return nil, err
	}
	ttl := e.Options.TTL
	if ttl == 0 {
		ttl = k.Options.TTL
	}
	until, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	defer context.AfterFunc(h.closing, cancel)()
	for {
		// The store answers late when it is asked for more than it may give out for now.
		info, err := c.Info(ctx)
		if err != nil {
			return nil, fmt.Errorf("events: fetch: %w", err)
		}
		if free := info.Config.MaxAckPending - info.NumAckPending; free > 0 {
			batch, err := c.FetchNoWait(min(most, free))
			if err != nil {
				return nil, fmt.Errorf("events: fetch: %w", err)
			}
			items, came, err := h.open(ctx, e, ttl, batch)
			if err != nil || len(items) > 0 {
				return items, err
			}
			if came > 0 && ctx.Err() == nil { // dead letters now, and more may follow
				continue
			}
		}
		if until.Err() != nil {
			return nil, nil
		}
		batch, err := c.Fetch(1, jetstream.FetchContext(until))
		if err != nil {
			return nil, nil // the wait is over, or the subscriber has gone
		}
		items, came, err := h.open(ctx, e, ttl, batch)
		if err != nil || len(items) > 0 || (came == 0 && until.Err() != nil) || ctx.Err() != nil {
			return items, err
		}
	}
}

// open reads a batch and says how many came. What comes too late or has come too
// often becomes a dead letter.
func (h *Hub) open(ctx context.Context, e enrolment, ttl int64, batch jetstream.MessageBatch) (out []Item, came int, _ error) {
	var lost error
	for m := range batch.Messages() {
		came++
		meta, err := m.Metadata()
		if err != nil {
			return nil, came, fmt.Errorf("events: read an event: %w", err)
		}
		reason := ""
		switch {
		case ctx.Err() != nil: // nobody is there to take it
			_ = m.Nak()
			continue
		case ttl > 0 && h.set.Clock.Now().Sub(meta.Timestamp) > time.Duration(ttl)*time.Second:
			reason = "expired"
		case e.Delivery == Pull && meta.NumDelivered > uint64(patience*h.set.MaxDeliver):
			reason = fmt.Sprintf("not acknowledged in %d deliveries", meta.NumDelivered-1)
		}
		if reason != "" {
			err := h.bury(ctx, e, m.Subject(), meta.Sequence.Stream, m.Headers(), m.Data(), meta.Timestamp, reason)
			if err == nil {
				err = m.DoubleAck(ctx)
			}
			if err != nil {
				_ = m.NakWithDelay(time.Minute)
				lost = err
			}
			continue
		}
		it := item(e.topic(), lastToken(m.Subject()), meta.Sequence.Stream, m.Headers(), m.Data(), meta.Timestamp)
		it.Attempt, it.Round = meta.NumDelivered, e.Round
		out = append(out, it)
	}
	if err := batch.Error(); len(out) == 0 && lost == nil && err != nil && !errors.Is(err, nats.ErrTimeout) && ctx.Err() == nil &&
		!errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, jetstream.ErrNoMessages) {
		lost = fmt.Errorf("events: fetch: %w", err)
	}
	if len(out) > 0 {
		return out, came, nil
	}
	return nil, came, lost
}

// bury makes an event a dead letter of a subscription: it is kept first, and only
// then no longer delivered.
func (h *Hub) bury(
	ctx context.Context, e enrolment, subject string, seq uint64, head nats.Header, data []byte, at time.Time, reason string,
) error {
	id := lastToken(subject)
	m := nats.NewMsg(e.topic().deadSubject(e.Who, id))
	m.Data = data
	m.Header.Set(nats.MsgIdHdr, fmt.Sprintf("%s.%d", m.Subject, seq))
	for name, v := range map[string]string{
		headPublisher: head.Get(headPublisher), headKey: head.Get(headKey), headReason: reason,
		headSequence: fmt.Sprint(seq), headPublished: at.UTC().Format(time.RFC3339Nano),
	} {
		m.Header.Set(name, v)
	}
	if first := head.Get(headPublished); first != "" {
		m.Header.Set(headPublished, first)
	}
	if _, err := h.js.PublishMsg(ctx, m); err != nil {
		return h.full("events: keep a dead letter", err)
	}
	h.set.Log.Warn("event could not be delivered", "subscription", e.ID, "event", id, "reason", reason)
	return nil
}

// letters lists the dead letters of the client's own subscription after a place.
func (h *Hub) letters(ctx context.Context, client xroad.ID, t topic, after uint64, most int) ([]DeadLetter, error) {
	if _, err := h.allowed(ctx, t, client); err != nil {
		return nil, err
	}
	out := []DeadLetter{}
	for seq := after + 1; len(out) < most; {
		m, err := h.dead.GetMsg(ctx, seq, jetstream.WithGetMsgSubject(t.deadSubject(client, "*")))
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("events: list dead letters: %w", err)
		}
		d := DeadLetter{
			Item:   item(t, lastToken(m.Subject), 0, m.Header, m.Data, m.Time),
			Reason: m.Header.Get(headReason), DiedAt: m.Time.UTC(), Place: m.Sequence,
		}
		_, _ = fmt.Sscan(m.Header.Get(headSequence), &d.Sequence)
		out = append(out, d)
		seq = m.Sequence + 1
	}
	return out, nil
}

// raise delivers a dead letter again. It fails with errNoEvent.
func (h *Hub) raise(ctx context.Context, client xroad.ID, t topic, id string) error {
	if _, err := h.allowed(ctx, t, client); err != nil {
		return err
	}
	if !plainID.MatchString(id) {
		return errNoEvent
	}
	d, err := h.last(ctx, h.dead, t.deadSubject(client, id))
	if err != nil {
		return err
	}
	if d == nil {
		return errNoEvent
	}
	m := nats.NewMsg(t.subject(token(client), id))
	m.Data = d.Data
	// The second click within the store's two minutes adds nothing.
	m.Header.Set(nats.MsgIdHdr, fmt.Sprintf("%s raised %d", m.Subject, d.Sequence))
	for _, name := range []string{headPublisher, headKey, headPublished} {
		if v := d.Header.Get(name); v != "" {
			m.Header.Set(name, v)
		}
	}
	if _, err := h.js.PublishMsg(ctx, m); err != nil {
		return h.full("events: replay a dead letter", err)
	}
	if err := h.dead.DeleteMsg(ctx, d.Sequence); err != nil && !errors.Is(err, jetstream.ErrMsgNotFound) {
		return fmt.Errorf("events: replay a dead letter: %w", err)
	}
	return nil
}

// raiseAll delivers all dead letters again, in order, and gives how many.
func (h *Hub) raiseAll(ctx context.Context, client xroad.ID, t topic) (int, error) {
	n := 0
	for {
		list, err := h.letters(ctx, client, t, 0, 100)
		if err != nil || len(list) == 0 {
			return n, err
		}
		for _, d := range list {
			if err := h.raise(ctx, client, t, d.ID); err != nil {
				return n, err
			}
			n++
		}
	}
}

// discard forgets a dead letter: the subscriber has dealt with it.
func (h *Hub) discard(ctx context.Context, client xroad.ID, t topic, id string) error {
	if _, err := h.allowed(ctx, t, client); err != nil {
		return err
	}
	if !plainID.MatchString(id) {
		return errNoEvent
	}
	d, err := h.last(ctx, h.dead, t.deadSubject(client, id))
	if err != nil {
		return err
	}
	if d == nil {
		return errNoEvent
	}
	if err := h.dead.DeleteMsg(ctx, d.Sequence); err != nil && !errors.Is(err, jetstream.ErrMsgNotFound) {
		return fmt.Errorf("events: discard a dead letter: %w", err)
	}
	return nil
}

// replay begins a subscription anew from a place or a time, but not before it was
// allowed.
func (h *Hub) replay(ctx context.Context, client xroad.ID, t topic, r replay) error {
	e, err := h.allowed(ctx, t, client)
	if err != nil {
		return err
	}
	if (r.FromSequence == 0) == r.From.IsZero() {
		return invalid("say either fromSequence or from")
	}
	old := e
	e.Round++
	e.From, e.Since = max(r.FromSequence, e.Floor), time.Time{}
	if r.From.After(e.AllowedAt) {
		e.Since = r.From
	}
	if err := h.save(ctx, t.subKey(client), e, e.revision, errChanged); err != nil {
		return err
	}
	if err := h.seat(ctx, e); err != nil {
		return err
	}
	return h.unseat(ctx, old)
}
