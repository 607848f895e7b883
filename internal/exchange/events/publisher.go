package events

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"dean06/internal/platform/jobs"
	"dean06/internal/platform/outbox"
	"dean06/internal/xroad"
)

// Topic is the outbox topic that a Publisher empties.
const Topic = "events"

// News is the payload of an outbox message: something that happened. Put it under
// the key whose order must hold, such as the person's.
type News struct {
	EventType string                     `json:"event_type"`
	Fields    map[string]json.RawMessage `json:"fields"`
}

// Grant says which fields of an event a subscriber may see; "*" is all.
type Grant struct {
	Subscriber xroad.ID
	Fields     []string
	Held       bool // it gives nothing for now; what happens meanwhile waits at the hub
}

// Publisher publishes what a node's own service puts into its outbox, to each
// subscriber only what its right grants. The same grants answer who asks to subscribe.
type Publisher struct {
	Client Client
	Room   xroad.ID // the service's subsystem
	// Types are those of the room; they exist at the hub before anything is
	// published. As a copy has only the fields that are granted, a schema should
	// require none.
	Types  []EventType
	Grants func(ctx context.Context, eventType string) ([]Grant, error)
	// Key makes the key that travels with the event from the outbox's, which may
	// name a person; without it no key travels.
	Key func(string) string
	Log *slog.Logger

	mu   sync.Mutex
	held []xroad.ID // whom the hub is known to hold back
}

// Deliver sends one event: a copy for each grant, all in one call. It is an
// outbox.Deliver; a repetition does nothing at the hub. For whom it is held back the hub
// keeps it, once it knows that it gives them nothing.
func (p *Publisher) Deliver(ctx context.Context, m outbox.Message) error {
	var n News
	if err := json.Unmarshal(m.Payload, &n); err != nil || !plainName.MatchString(n.EventType) {
		return jobs.Permanent(errors.New("events: the message of the outbox is no event"))
	}
	grants, err := p.Grants(ctx, n.EventType)
	if err != nil {
		return fmt.Errorf("events: who may hear: %w", err)
	}
	grants = merged(grants)
	if slices.ContainsFunc(grants, func(g Grant) bool { return g.Held && !p.holds(g.Subscriber) }) {
		if err := p.Settle(ctx); err != nil {
			return err
		}
	}
	body := publication{EventType: n.EventType, ID: m.ID}
	if p.Key != nil {
		body.Key = p.Key(m.Key)
	}
	for _, g := range grants {
		if fields := project(n.Fields, g.Fields); len(fields) > 0 {
			b, err := json.Marshal(fields)
			if err != nil {
				return jobs.Permanent(fmt.Errorf("events: write an event: %w", err))
			}
			body.Copies = append(body.Copies, letter{g.Subscriber, b})
		}
	}
	if len(body.Copies) == 0 {
		return nil
	}
	path := "pub/v1/" + url.PathEscape(n.EventType)
	err = p.Client.do(ctx, p.Room, http.MethodPost, p.Room, path, body, nil)
	if final(err) {
		return jobs.Permanent(err)
	}
	return err
}

// holds says that the hub is known to hold a subscriber back.
func (p *Publisher) holds(subscriber xroad.ID) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Contains(p.held, subscriber)
}

// merged gives each subscriber once, with all that its grants let it see; those that are held
// count only for whom there are no others.
func merged(grants []Grant) []Grant {
	var out []Grant
	for _, g := range grants {
		if i := slices.IndexFunc(out, func(o Grant) bool { return o.Subscriber == g.Subscriber }); i >= 0 {
			switch {
			case g.Held && !out[i].Held:
				continue
			case out[i].Held && !g.Held:
				out[i] = g
				continue
			}
			out[i].Fields = append(slices.Clone(out[i].Fields), g.Fields...)
			continue
		}
		out = append(out, g)
	}
	return out
}

func project(all map[string]json.RawMessage, fields []string) map[string]json.RawMessage {
	if slices.Contains(fields, "*") {
		return all
	}
	out := map[string]json.RawMessage{}
	for _, f := range fields {
		if v, ok := all[f]; ok {
			out[f] = v
		}
	}
	return out
}

// Run keeps the room at the hub as the node says: the event types are there, who is
// granted is allowed, and who is granted no longer is refused. It goes on until ctx
// ends; while the hub is away it tries again.
func (p *Publisher) Run(ctx context.Context) error {
	defined := false
	for round := 0; ; round++ {
		err := p.settle(ctx, &defined)
		pause := 10 * time.Second
		if round > 12 {
			pause = time.Minute // each look is a signed and logged call
		}
		if err != nil && ctx.Err() == nil {
			p.log().Warn("the room at the hub is not up to date", "room", p.Room.String(), "error", err)
			pause = 3 * time.Second
		}
		if !sleep(ctx, pause) {
			return nil
		}
	}
}

// Settle does once what Run does.
func (p *Publisher) Settle(ctx context.Context) error {
	defined := false
	return p.settle(ctx, &defined)
}

func (p *Publisher) settle(ctx context.Context, defined *bool) error {
	if !*defined {
		for _, et := range p.Types {
			if err := p.Client.Define(ctx, p.Room, et); err != nil {
				return err
			}
		}
		*defined = true
	}
	var held []xroad.ID
	asked, err := p.Client.Asked(ctx, p.Room)
	if err != nil {
		return err
	}
	for _, s := range asked {
		i := slices.IndexFunc(p.Types, func(et EventType) bool { return et.EventType == s.EventType })
		if i < 0 {
			continue
		}
		open := p.Types[i].Open
		grants, err := p.Grants(ctx, s.EventType)
		if err != nil {
			return fmt.Errorf("events: who may hear: %w", err)
		}
		want, subscriber := Refused, s.SubscriberID.ID()
		grants = merged(grants)
		switch i := slices.IndexFunc(grants, func(g Grant) bool { return g.Subscriber == subscriber }); {
		case open, subscriber == p.Room, i >= 0 && !grants[i].Held:
			want = Allowed
		case i >= 0 && (s.State == Allowed || s.State == Held):
			want, held = Held, append(held, subscriber)
		case i >= 0: // it has nothing yet that could wait for it
			held = append(held, subscriber)
			continue
		}
		if s.State == want || (s.State == Asked && want == Refused) { // a right may still come
			continue
		}
		if err := p.Client.Decide(ctx, p.Room, s.EventType, s.ID, want); err != nil {
			return err
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held = held
	return nil
}

func (p *Publisher) log() *slog.Logger {
	if p.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return p.Log
}

// sleep is false when ctx ends first.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
