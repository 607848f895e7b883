package exchangenode

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"sync/atomic"

	"dean06/internal/exchange"
	"dean06/internal/exchange/events"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/outbox"
	"dean06/internal/xroad"
)

// HubSubsystem is the subsystem under which the hub offers events and more.
const HubSubsystem = "TRUC"

// caller makes calls through a gateway.
type caller struct{ j *joined }

// Do makes a signed call.
func (c caller) Do(r *http.Request) (*http.Response, error) { return c.j.Call(r.Context(), r) }

// events asks the hub; ok is false when the exchange has no events.
func (g *Gateway) events(j *joined) (c events.Client, ok bool) {
	id, ok := g.hubService(j, events.Service)
	return events.Client{Caller: caller{j}, Hub: id}, ok
}

// hubService is a service of the hub; false when the exchange has none of this name.
func (g *Gateway) hubService(j *joined, code string) (xroad.ID, bool) {
	conf, ok := g.configuration(j)
	if !ok {
		return xroad.ID{}, false
	}
	i := slices.IndexFunc(conf.Services, func(s exchange.ServiceEntry) bool {
		return s.ID.Service == code && s.ID.Subsystem == HubSubsystem
	})
	if i < 0 {
		return xroad.ID{}, false
	}
	return conf.Services[i].ID, true
}

// openEvents lets the agency's own systems publish and subscribe on the local port,
// and posts events to those that want to be called.
func (g *Gateway) openEvents() {
	var pusher *events.Pusher
	g.ready = append(g.ready, func(_ context.Context, j *joined) error {
		if client, ok := g.events(j); ok {
			pusher = &events.Pusher{Client: client, Targets: g.targets, Log: g.log}
		}
		return nil
	})
	g.faces = append(g.faces, func(own http.Handler) http.Handler {
		if pusher == nil {
			return own
		}
		return (&events.Local{Client: pusher.Client, Targets: g.targets, Changed: pusher.Changed, Log: g.log}).Over(own)
	})
	g.beside = append(g.beside, func(ctx context.Context, _ *joined) error {
		if pusher == nil {
			return nil
		}
		return pusher.Run(ctx)
	})
}

// Feed is what a module publishes.
type Feed struct {
	Subsystem string   // under which it publishes: "DANCU"
	Right     string   // the service that one needs a right to: "feed"
	Types     []string // of events
	Always    []string // fields that whoever may hear of it hears; all others are granted one by one
}

// Publisher brings a module's events to those who may hear of them.
type Publisher struct {
	g    *Gateway
	feed Feed
	at   atomic.Pointer[events.Publisher] // once the node has joined
}

// Publish makes the publisher of a feed. Call it before the gateway runs.
func (g *Gateway) Publish(f Feed) *Publisher {
	p := &Publisher{g: g, feed: f}
	g.feeds = append(g.feeds, f)
	schema := json.RawMessage(`{"type":"object"}`) // a copy has only what is granted, so nothing is required
	var types []events.EventType
	for _, t := range f.Types {
		types = append(types, events.EventType{EventType: t, Schema: schema})
	}
	g.ready = append(g.ready, func(_ context.Context, j *joined) error {
		client, ok := g.events(j)
		if !ok {
			return nil
		}
		room := j.Saved().Member
		room.Subsystem = f.Subsystem
		p.at.Store(&events.Publisher{
			Client: client, Room: room, Types: types, Log: g.log,
			Grants: func(ctx context.Context, _ string) ([]events.Grant, error) { return p.grants(ctx, room.Of(f.Right)) },
		})
		return nil
	})
	g.beside = append(g.beside, func(ctx context.Context, _ *joined) error {
		if at := p.at.Load(); at != nil {
			return at.Run(ctx)
		}
		return nil
	})
	return p
}

// Publish publishes a message whose payload is an event and its fields, as
// events.News writes it. It fails with ErrNotJoined before the node has joined.
func (p *Publisher) Publish(ctx context.Context, m outbox.Message) error {
	at := p.at.Load()
	if at == nil {
		return ErrNotJoined
	}
	return at.Deliver(ctx, m)
}

// Settle brings event types and allowances at the hub up to date at once.
func (p *Publisher) Settle(ctx context.Context) error {
	at := p.at.Load()
	if at == nil {
		return ErrNotJoined
	}
	return at.Settle(ctx)
}

// grants are who may hear of a service's news, and which fields. Where a right demands that
// the subscriber is secure, what happens while the gate is closed to it waits for it.
func (p *Publisher) grants(ctx context.Context, service xroad.ID) ([]events.Grant, error) {
	rights, err := p.g.store.Rights(ctx, false)
	if err != nil {
		return nil, err
	}
	now, d := p.g.base.Clock.Now(), p.g.Directory()
	return grantsOf(rights, service, p.feed.Always, clock.DayOf(now), func(subscriber xroad.ID) bool {
		return d != nil && d.Clearing(subscriber, now).Open
	}), nil
}

// grantsOf are those of a day; secure says that the gate is open to a subscriber.
func grantsOf(rights []exchange.Right, service xroad.ID, always []string, today clock.Date, secure func(xroad.ID) bool) []events.Grant {
	var out []events.Grant
	for _, r := range rights {
		if r.Service == service && !r.Subject.IsZero() && !today.Before(r.From) && (r.Until.IsZero() || !today.After(r.Until)) {
			out = append(out, events.Grant{Subscriber: r.Subject, Fields: slices.Concat(always, r.Fields), Held: r.Security && !secure(r.Subject)})
		}
	}
	return out
}
