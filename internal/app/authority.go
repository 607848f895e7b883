package app

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"slices"

	"dean06/internal/exchange"
	"dean06/internal/exchange/events"
	"dean06/internal/platform/approval"
	"dean06/internal/platform/blob"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/config"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/node"
	"dean06/internal/platform/outbox"
	"dean06/internal/platform/session"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/population"
	"dean06/internal/population/populationnode"
	"dean06/internal/procedure"
	"dean06/internal/xroad"
)

// errNotJoined leaves what is to be sent in the outbox until the node has joined.
var errNotJoined = errors.New("the gateway has not joined the exchange")

func newID() string { return sqldb.NewID() }

// authorityPart is the population register, on the authority's node.
type authorityPart struct {
	base     *Base
	self     *populationnode.Node
	part     *node.Part
	register *population.Register
	site     *Site
	feeding  *events.Publisher // once joined
	// publish brings the event types and allowances at the hub up to date at once.
	publish func(ctx context.Context) error
}

// registerSubsystem is the subsystem under which the register offers its services.
const registerSubsystem = populationnode.Subsystem

func openAuthority(ctx context.Context, b *Base, c config.Config, files blob.Store, log *slog.Logger) (*authorityPart, error) {
	a := &authorityPart{base: b}
	a.self = populationnode.New(populationnode.Needs{Procedure: procedure.Name, Publisher: a})
	m := a.self.Module()
	if err := errors.Join(m.Migrate(ctx, b.DB), approval.Migrate(ctx, b.DB)); err != nil {
		return nil, err
	}
	sessions := session.New(b.DB, b.Clock, session.Options{Node: c.Node.Role})
	approvals := approval.New(b.DB, b.Clock, approval.Options{Messages: b.Messages})
	part, err := m.Open(ctx, &node.Base{
		Role: c.Node.Role, Config: c, DB: b.DB, Clock: b.Clock, Messages: b.Messages, Files: files, Log: log, Sessions: sessions,
		Approvals: approvals, Agencies: named{b}, Secure: c.HTTP.Secure(), Frame: func(r *http.Request) ui.Frame { return a.site.frame(r) },
	})
	if err != nil {
		return nil, err
	}
	approvals.Register(part.Approvals...)
	a.part, a.register = part, a.self.Register()
	return a, nil
}

// named names agencies.
type named struct{ *Base }

// NameOf is what an agency is called.
func (n named) NameOf(code string) string { return n.Agencies.NameOf(code) }

// Choices are the agencies that an account may belong to.
func (named) Choices(context.Context) ([]node.Agency, error) { return nil, nil }

// provide offers the register's services through the node's gateway, and says what
// they are where the owner gives rights.
func (a *authorityPart) provide(ctx context.Context, g *gatewayPart, j *joined) error {
	p := a.base.Messages.In(i18n.Vi)
	for _, s := range a.part.Services {
		id := j.saved.Member
		id.Subsystem, id.Service = s.Subsystem, s.Code
		j.Provide(id, s.Handler)
		if err := g.offer(ctx, exchange.LocalService{ID: id, Name: p.T(s.NameKey), Type: s.Type, OpenAPI: s.OpenAPI, OwnFields: true}); err != nil {
			return err
		}
	}
	return j.ReloadRights(ctx)
}

func (a *authorityPart) mount(s *Site, rt *web.Router) {
	a.site = s
	rt.Mount(a.part.Routes...)
}

func (a *authorityPart) home(id session.Identity) string { return a.part.Home(id.Actor) }

func (a *authorityPart) nav(p *i18n.Printer, id session.Identity) []ui.NavItem {
	return a.part.Nav(p, id.Actor)
}

func (a *authorityPart) access() access {
	return access{
		roles:   []string{population.Registrar, population.Auditor, population.Administrator, population.Citizen},
		readers: []string{population.Auditor},
		actions: populationnode.Actions,
	}
}

func (a *authorityPart) work(*Site) work {
	return work{handlers: a.part.Jobs, periodic: a.part.Periodic}
}

// Publish publishes a change of the register.
func (a *authorityPart) Publish(ctx context.Context, m outbox.Message) error {
	if a.feeding == nil {
		return errNotJoined
	}
	return a.feeding.Deliver(ctx, m)
}

// feed publishes the register's changes: to each subscriber the fields that a
// right to hear of them grants.
func (a *authorityPart) feed(g *gatewayPart) {
	feed := a.self.Feed()
	var types []events.EventType
	for _, t := range feed.Types {
		// A copy has only what is granted, so nothing is required.
		types = append(types, events.EventType{EventType: t, Schema: json.RawMessage(`{"type":"object"}`)})
	}
	g.ready = append(g.ready, func(_ context.Context, j *joined) error {
		client, ok := j.eventsClient(g.store)
		if !ok {
			return nil
		}
		room := j.saved.Member
		room.Subsystem = feed.Subsystem
		a.feeding = &events.Publisher{
			Client: client, Room: room, Types: types, Log: g.log,
			Grants: func(ctx context.Context, _ string) ([]events.Grant, error) {
				return g.grants(ctx, room.Of(feed.Right), feed.Heard)
			},
		}
		a.publish = a.feeding.Settle
		return nil
	})
	g.beside = append(g.beside, func(ctx context.Context, _ *joined) error {
		if a.feeding == nil {
			return nil
		}
		return a.feeding.Run(ctx)
	})
}

// grants are who may hear of a service's news, and which fields.
func (g *gatewayPart) grants(ctx context.Context, service xroad.ID, heard []string) ([]events.Grant, error) {
	rights, err := g.store.Rights(ctx, false)
	if err != nil {
		return nil, err
	}
	var out []events.Grant
	today := clock.DayOf(g.base.Clock.Now())
	for _, r := range rights {
		if r.Service == service && !r.Subject.IsZero() && !today.Before(r.From) && (r.Until.IsZero() || !today.After(r.Until)) {
			out = append(out, events.Grant{Subscriber: r.Subject, Fields: slices.Concat(heard, r.Fields)})
		}
	}
	return out, nil
}
