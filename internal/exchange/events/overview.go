package events

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"dean06/internal/xroad"
)

// Overview is the state of the hub for pages and metrics. It holds no event.
type Overview struct {
	Events, Bytes         uint64 // kept now
	DeadLetters, MaxBytes uint64
	Types                 []TypeView
}

// TypeView is an event type with its subscriptions.
type TypeView struct {
	Room          xroad.ID
	Name          string
	Open, FIFO    bool
	Subscriptions []SubscriptionView
}

// SubscriptionView is a subscription with how far it has come.
type SubscriptionView struct {
	ID         string    `json:"id"`
	Subscriber xroad.ID  `json:"subscriber"`
	Delivery   Delivery  `json:"delivery"`
	State      State     `json:"state"`
	AskedAt    time.Time `json:"askedAt"`
	Pending    uint64    `json:"pending"` // published and not given out
	InWork     uint64    `json:"inWork"`  // given out and not settled
	Dead       uint64    `json:"dead"`
	LastAt     time.Time `json:"lastAt,omitzero"` // when the last was acknowledged, since the hub started
}

// Overview looks at everything.
func (h *Hub) Overview(ctx context.Context) (Overview, error) {
	var o Overview
	info, err := h.events.Info(ctx)
	if err != nil {
		return o, fmt.Errorf("events: overview: %w", err)
	}
	dead, err := h.dead.Info(ctx)
	if err != nil {
		return o, fmt.Errorf("events: overview: %w", err)
	}
	o.Events, o.Bytes, o.DeadLetters, o.MaxBytes = info.State.Msgs, info.State.Bytes, dead.State.Msgs, uint64(info.Config.MaxBytes)
	kinds, err := h.kinds(ctx, xroad.ID{})
	if err != nil {
		return o, err
	}
	for _, k := range kinds {
		v := TypeView{Room: k.Room, Name: k.topic().name, Open: k.Open, FIFO: k.Options.FIFO}
		if v.Subscriptions, err = h.subscriptions(ctx, k.topic()); err != nil {
			return o, err
		}
		o.Types = append(o.Types, v)
	}
	return o, nil
}

func (h *Hub) subscriptions(ctx context.Context, t topic) ([]SubscriptionView, error) {
	subs, err := h.enrolments(ctx, t.String()+".*")
	if err != nil {
		return nil, err
	}
	out := []SubscriptionView{}
	for _, e := range subs {
		v, err := h.look(ctx, e)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func (h *Hub) look(ctx context.Context, e enrolment) (SubscriptionView, error) {
	v := SubscriptionView{ID: e.ID, Subscriber: e.Who, Delivery: e.Delivery, State: e.State, AskedAt: e.AskedAt}
	c, err := h.events.Consumer(ctx, e.reader())
	switch {
	case err == nil:
		info := c.CachedInfo()
		v.Pending, v.InWork = info.NumPending, uint64(info.NumAckPending)
		if info.AckFloor.Last != nil {
			v.LastAt = info.AckFloor.Last.UTC()
		}
	case !errors.Is(err, jetstream.ErrConsumerNotFound):
		return v, fmt.Errorf("events: look at a subscription: %w", err)
	}
	dead, err := h.dead.Info(ctx, jetstream.WithSubjectFilter(e.topic().deadSubject(e.Who, "*")))
	if err != nil {
		return v, fmt.Errorf("events: look at a subscription: %w", err)
	}
	for _, n := range dead.State.Subjects {
		v.Dead += n
	}
	return v, nil
}

// Run drops what is older than the retention, until ctx ends. What a subscriber has
// not got by then becomes its dead letter first.
func (h *Hub) Run(ctx context.Context) error {
	tick := time.NewTicker(10 * time.Minute)
	defer tick.Stop()
	for {
		if err := h.tidy(ctx); err != nil && ctx.Err() == nil {
			h.set.Log.Error("old events are kept for now", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func (h *Hub) tidy(ctx context.Context) error {
	cut, err := h.firstSince(ctx, h.set.Clock.Now().Add(-h.set.Retention))
	if err != nil {
		return err
	}
	info, err := h.events.Info(ctx)
	if err != nil {
		return fmt.Errorf("events: tidy: %w", err)
	}
	if info.State.Msgs == 0 || cut <= info.State.FirstSeq {
		return nil
	}
	subs, err := h.enrolments(ctx, "*.*.*")
	if err != nil {
		return err
	}
	for _, e := range subs {
		if !e.keeps() {
			continue
		}
		open, err := h.expire(ctx, e, cut)
		if err != nil {
			return err
		}
		cut = min(cut, open)
	}
	if err := h.events.Purge(ctx, jetstream.WithPurgeSequence(cut)); err != nil {
		return fmt.Errorf("events: tidy: %w", err)
	}
	return nil
}

// firstSince gives the place of the first event since a moment, or where the next will be.
func (h *Hub) firstSince(ctx context.Context, at time.Time) (uint64, error) {
	info, err := h.events.Info(ctx)
	if err != nil {
		return 0, fmt.Errorf("events: find a moment: %w", err)
	}
	// Places grow with time.
	low, high := info.State.FirstSeq, info.State.LastSeq+1
	for low < high {
		mid := low + (high-low)/2
		m, err := h.events.GetMsg(ctx, mid, jetstream.WithGetMsgSubject("e.>"))
		if err != nil && !errors.Is(err, jetstream.ErrMsgNotFound) {
			return 0, fmt.Errorf("events: find a moment: %w", err)
		}
		switch {
		case err != nil || !m.Time.Before(at): // nothing old at or after mid
			high = mid
		default:
			low = m.Sequence + 1
		}
	}
	return low, nil
}

// expire makes dead letters of what a subscriber has not got below cut. It gives the
// first place that must stay because the event is in work.
func (h *Hub) expire(ctx context.Context, e enrolment, cut uint64) (uint64, error) {
	c, err := h.consumer(ctx, e)
	if err != nil {
		return 0, err
	}
	for {
		batch, err := c.FetchNoWait(1)
		if err != nil {
			return 0, fmt.Errorf("events: expire: %w", err)
		}
		got := false
		for m := range batch.Messages() {
			meta, err := m.Metadata()
			if err != nil {
				return 0, fmt.Errorf("events: expire: %w", err)
			}
			if meta.Sequence.Stream >= cut {
				_ = m.Nak()
				continue
			}
			got = true
			if err := h.bury(ctx, e, m.Subject(), meta.Sequence.Stream, m.Headers(), m.Data(), meta.Timestamp, "expired"); err != nil {
				_ = m.Nak()
				return 0, err
			}
			if err := m.DoubleAck(ctx); err != nil {
				return 0, fmt.Errorf("events: expire: %w", err)
			}
		}
		if got {
			continue
		}
		info, err := c.Info(ctx)
		if err != nil {
			return 0, fmt.Errorf("events: expire: %w", err)
		}
		if info.NumAckPending == 0 {
			return cut, nil
		}
		return min(cut, info.AckFloor.Stream+1), nil
	}
}
