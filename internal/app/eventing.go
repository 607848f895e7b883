package app

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/exchange/events"
	"dean06/internal/exchange/eventsql"
	"dean06/internal/platform/clock"
)

// hubSubsystem is the subsystem under which the hub offers events.
const hubSubsystem = "TRUC"

// everybody is the hub's group of all subsystems, which may speak of events.
const everybody = "members"

// caller makes calls through a gateway.
type caller struct{ j *joined }

// Do makes a signed call.
func (c caller) Do(r *http.Request) (*http.Response, error) { return c.j.Call(r.Context(), r) }

// eventsClient asks the hub; ok is false when the exchange has no events.
func (j *joined) eventsClient(store exchange.GatewayStore) (c events.Client, ok bool) {
	conf, ok := configurationOf(j, store)
	if !ok {
		return c, false
	}
	i := slices.IndexFunc(conf.Services, func(s exchange.ServiceEntry) bool {
		return s.ID.Service == events.Service && s.ID.Subsystem == hubSubsystem
	})
	if i < 0 {
		return c, false
	}
	return events.Client{Caller: caller{j}, Hub: conf.Services[i].ID}, true
}

// configurationOf reads the newest configuration that this node holds. It was
// checked before it was kept.
func configurationOf(j *joined, store exchange.GatewayStore) (c exchange.Configuration, ok bool) {
	signed, _, ok, err := store.Configuration(context.Background())
	if err != nil || !ok {
		signed = j.saved.Configuration
	}
	return c, json.Unmarshal(signed.Body, &c) == nil
}

// hearing lets the agency's own systems publish and subscribe on the local port, and
// posts events to those that want to be called.
func (g *gatewayPart) hearing(ctx context.Context) error {
	targets := eventsql.New(g.base.DB, g.base.Clock)
	if err := targets.Migrate(ctx); err != nil {
		return err
	}
	var pusher *events.Pusher
	around := g.local
	g.ready = append(g.ready, func(_ context.Context, j *joined) error {
		if client, ok := j.eventsClient(g.store); ok {
			pusher = &events.Pusher{Client: client, Targets: targets, Log: g.log}
		}
		return nil
	})
	g.local = func(j *joined, own http.Handler) http.Handler {
		if pusher != nil {
			own = (&events.Local{Client: pusher.Client, Targets: targets, Changed: pusher.Changed, Log: g.log}).Over(own)
		}
		if around != nil {
			own = around(j, own)
		}
		return own
	}
	g.beside = append(g.beside, func(ctx context.Context, _ *joined) error {
		if pusher == nil {
			return nil
		}
		return pusher.Run(ctx)
	})
	return nil
}

// provide offers events through the hub's own gateway, to everybody in the exchange.
func (h *hubPart) provide(ctx context.Context, g *gatewayPart, j *joined) error {
	id := j.saved.Member
	id.Subsystem, id.Service = hubSubsystem, events.Service
	j.Provide(id, h.events.Handler())
	if err := g.offer(ctx, exchange.LocalService{ID: id, Name: "Sự kiện", Type: "REST", OwnFields: true}); err != nil {
		return err
	}
	if err := h.welcome(ctx, g, j); err != nil {
		return err
	}
	return g.grant(ctx, exchange.Right{
		Group: everybody, Service: id, LegalBasis: "Quy chế của trục kết nối", Fields: []string{"*"},
		From: clock.DayOf(g.base.Clock.Now()),
	})
}

// welcome brings the group of everybody up to date with the configuration.
func (h *hubPart) welcome(ctx context.Context, g *gatewayPart, j *joined) error {
	h.welcoming.Lock()
	defer h.welcoming.Unlock()
	published, err := h.centre.Configuration(ctx)
	if err != nil || published.Serial == h.welcomed {
		return err
	}
	var conf exchange.Configuration
	if err := json.Unmarshal(published.Body, &conf); err != nil {
		return err
	}
	group := exchange.Group{Code: everybody, Name: "Mọi hệ thống tham gia"}
	for _, m := range conf.Members {
		for _, s := range m.Subsystems {
			group.Members = append(group.Members, s.ID)
		}
	}
	have, err := g.store.Groups(ctx)
	if err != nil {
		return err
	}
	known := slices.ContainsFunc(have, func(o exchange.Group) bool { return o.Code == everybody && slices.Equal(o.Members, group.Members) })
	if len(group.Members) > 0 && !known {
		if err := g.store.SaveGroup(ctx, group); err != nil {
			return err
		}
	}
	h.welcomed = published.Serial
	return j.ReloadRights(ctx)
}

// welcomeAll welcomes who joins, until ctx ends.
func (h *hubPart) welcomeAll(ctx context.Context, g *gatewayPart, j *joined) error {
	tick := time.NewTicker(joinEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if err := h.welcome(ctx, g, j); err != nil && ctx.Err() == nil {
				g.log.Error("welcome the members", "error", err)
			}
		}
	}
}

// offer saves a service that this program serves itself, unless it is there as it is.
func (g *gatewayPart) offer(ctx context.Context, s exchange.LocalService) error {
	have, err := g.store.Services(ctx)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(have, func(l exchange.LocalService) bool {
		return l.ID == s.ID && l.Name == s.Name && string(l.OpenAPI) == string(s.OpenAPI)
	}) {
		return nil
	}
	if err := g.store.SaveService(ctx, s); err != nil {
		return fmt.Errorf("offer %s: %w", s.ID, err)
	}
	return nil
}

// grant gives a right, unless the subject has one to that service.
func (g *gatewayPart) grant(ctx context.Context, r exchange.Right) error {
	have, err := g.store.Rights(ctx, false)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(have, func(h exchange.Right) bool {
		return h.Service == r.Service && h.Subject == r.Subject && h.Group == r.Group
	}) {
		return nil
	}
	r.ID, r.GivenBy, r.GivenAt = newID(), System.Account, g.base.Clock.Now()
	if err := g.store.GiveRight(ctx, r); err != nil {
		return fmt.Errorf("grant %s to %s%s: %w", r.Service, r.Subject, r.Group, err)
	}
	return nil
}
