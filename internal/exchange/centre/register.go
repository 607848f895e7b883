package centre

import (
	"context"
	"slices"
	"strings"

	"dean06/internal/exchange"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/xroad"
)

// Enter adds an entry (Version 0) or changes one, as the operator decides. It
// fails with Invalid naming the field, and with Conflict when another has changed
// the entry meanwhile.
func (c *Centre) Enter(ctx context.Context, by actor.Actor, e exchange.Entry) error {
	if err := Permissions.Can(by, ActRegister); err != nil {
		return err
	}
	return c.turn(ctx, by, func(t *turn) error { return c.enter(ctx, t, e) })
}

func (c *Centre) enter(ctx context.Context, t *turn, e exchange.Entry) error {
	old, ok, err := t.Entry(ctx, e.Kind, e.Key)
	if err != nil {
		return err
	}
	if ok && e.Version == 0 && old.State != exchange.Withdrawn {
		return fault.New(fault.Conflict, "exchange.entry.exists", fault.Args{"key": e.Key}).At("key")
	}
	e.State, e.Reason = exchange.Active, ""
	if ok {
		if e.Version == 0 { // comes back
			e.Version = old.Version
		}
		if old.State == exchange.Suspended {
			e.State, e.Reason = old.State, old.Reason
		}
	}
	if err := c.describeService(&e, old); err != nil {
		return err
	}
	if err := e.Check(c.at.Instance); err != nil {
		return err
	}
	if err := c.belongs(ctx, t, e); err != nil {
		return err
	}
	e.ChangedBy, e.ChangedAt = t.by.Account, t.now
	t.did(string(e.Kind)+".enter", string(e.Kind), e.Key, nil)
	t.publish = true
	return t.SaveEntry(ctx, e)
}

// describeService reads the endpoints of a service from its description.
func (c *Centre) describeService(e *exchange.Entry, old exchange.Entry) error {
	if e.Kind != exchange.ServiceOffered {
		return nil
	}
	if e.OpenAPI == nil && e.Type == "OPENAPI" {
		e.OpenAPI = old.OpenAPI
	}
	if e.OpenAPI == nil {
		if e.Type == "OPENAPI" {
			return fault.New(fault.Invalid, "exchange.openapi.missing", nil).At("openapi")
		}
		return nil
	}
	title, list, err := exchange.ReadOpenAPI(e.OpenAPI)
	if err != nil {
		return err
	}
	e.Type, e.Endpoints = "OPENAPI", list
	if e.Name == "" {
		e.Name = title
	}
	return nil
}

// belongs says whether what an entry is part of is there and takes part.
func (c *Centre) belongs(ctx context.Context, tx Reader, e exchange.Entry) error {
	id := e.ID()
	if e.Kind == exchange.MemberEntry {
		if !slices.Contains(c.at.Classes, id.Class) || !c.agency(id.Member) {
			return fault.New(fault.Invalid, "exchange.entry.no_agency", fault.Args{"code": id.Member}).At("key")
		}
		return nil
	}
	need := func(kind exchange.EntryKind, id xroad.ID, field string) error {
		of, ok, err := tx.Entry(ctx, kind, id.String())
		if err == nil && (!ok || of.State == exchange.Withdrawn) {
			return fault.New(fault.Invalid, "exchange.entry.no_"+string(kind), fault.Args{"id": id.String()}).At(field)
		}
		return err
	}
	systems, field := e.Subsystems, "subsystems"
	switch e.Kind {
	case exchange.ServiceOffered:
		return need(exchange.SubsystemEntry, id.SubsystemID(), "key")
	case exchange.GroupEntry:
		systems, field = e.Members, "members"
	default:
		if err := need(exchange.MemberEntry, e.Member, "key"); err != nil {
			return err
		}
	}
	for _, s := range systems {
		if err := need(exchange.SubsystemEntry, s, field); err != nil {
			return err
		}
	}
	return nil
}

// SetState suspends, resumes or withdraws an entry that the operator saw in a
// version. Suspending and withdrawing need a reason. Withdrawing a gateway, or
// the member that runs it, revokes its certificates. It fails with Conflict when
// the entry was changed meanwhile or cannot go there from where it is.
func (c *Centre) SetState(
	ctx context.Context, by actor.Actor, kind exchange.EntryKind, key string, version int64, to exchange.EntryState, reason string,
) error {
	if err := Permissions.Can(by, ActRegister); err != nil {
		return err
	}
	return c.turn(ctx, by, func(t *turn) error { return c.setState(ctx, t, kind, key, version, to, reason) })
}

func (c *Centre) setState(
	ctx context.Context, t *turn, kind exchange.EntryKind, key string, version int64, to exchange.EntryState, reason string,
) error {
	e, ok, err := t.Entry(ctx, kind, key)
	if err != nil {
		return err
	}
	if !ok {
		return notThere(key)
	}
	reason = strings.TrimSpace(reason)
	if to != exchange.Active && reason == "" {
		return fault.New(fault.Invalid, "exchange.entry.reason", nil).At("reason")
	}
	if version != 0 && version != e.Version || !e.State.May(to) {
		return fault.New(fault.Conflict, "exchange.entry.changed", fault.Args{"key": key})
	}
	if to == exchange.Active {
		reason = ""
		if err := c.belongs(ctx, t, e); err != nil {
			return err
		}
	}
	e.State, e.Reason, e.ChangedBy, e.ChangedAt = to, reason, t.by.Account, t.now
	if err := t.SaveEntry(ctx, e); err != nil {
		return err
	}
	if to == exchange.Withdrawn {
		if err := c.revokeWith(ctx, t, e, reason); err != nil {
			return err
		}
	}
	t.did(string(kind)+"."+string(to), string(kind), key, nil)
	t.publish = true
	return nil
}

// revokeWith revokes what a withdrawn gateway, or the gateways of a withdrawn
// member, may sign with.
func (c *Centre) revokeWith(ctx context.Context, t *turn, e exchange.Entry, reason string) error {
	gateways := []string{}
	switch e.Kind {
	case exchange.GatewayEntry:
		gateways = append(gateways, e.Key)
	case exchange.MemberEntry:
		all, err := t.Entries(ctx, exchange.GatewayEntry)
		if err != nil {
			return err
		}
		for _, g := range all {
			if g.Member == e.Member {
				gateways = append(gateways, g.Key)
			}
		}
	}
	if len(gateways) == 0 {
		return nil
	}
	return revokeAll(ctx, t, func(cert Certificate) bool { return cert.Use == useGateway && slices.Contains(gateways, cert.Gateway) }, reason)
}

func revokeAll(ctx context.Context, t *turn, which func(Certificate) bool, reason string) error {
	list, err := t.Certificates(ctx, t.now)
	if err != nil {
		return err
	}
	for _, cert := range list {
		if cert.RevokedAt.IsZero() && which(cert) {
			cert.RevokedAt, cert.Reason = t.now, reason
			if err := t.SaveCertificate(ctx, cert); err != nil {
				return err
			}
			t.did("certificate.revoke", "certificate", cert.Fingerprint, map[string]string{"gateway": cert.Gateway})
		}
	}
	return nil
}

func notThere(key string) error {
	return fault.New(fault.NotFound, "exchange.entry.none", fault.Args{"key": exchange.Clip(key)})
}

// Apply takes an application of a gateway. The same ID again changes nothing. A
// gateway may ask only for its own member; taking out what is its own needs
// nobody's approval. It fails with Denied and Invalid.
func (c *Centre) Apply(ctx context.Context, by actor.Actor, a exchange.Application) (exchange.Application, error) {
	gateway, err := gatewayOf(by)
	if err != nil {
		return a, err
	}
	err = c.turn(ctx, by, func(t *turn) error {
		old, ok, err := t.Application(ctx, a.ID)
		if err != nil {
			return err
		}
		if ok && old.Gateway == gateway {
			a = old
			return nil
		}
		if ok || a.ID == "" || len(a.ID) > 64 || len(a.Note) > 2000 {
			return fault.New(fault.Invalid, "exchange.application.bad", nil)
		}
		from, known, err := t.Entry(ctx, exchange.GatewayEntry, gateway)
		if err != nil {
			return err
		}
		if !known || from.State != exchange.Active {
			return fault.New(fault.Denied, "exchange.centre.suspended", fault.Args{"gateway": gateway})
		}
		a.Gateway, a.At, a.State, a.Reason, a.DecidedBy = gateway, t.now, exchange.Pending, "", ""
		if err := c.admissible(ctx, t, from, &a); err != nil {
			return err
		}
		waiting, err := t.Applications(ctx, exchange.Pending, maxPending)
		if err != nil {
			return err
		}
		if len(waiting) >= maxPending {
			return fault.New(fault.TooMany, "exchange.application.many", nil)
		}
		t.did("application.receive", "application", a.ID, map[string]string{"kind": string(a.Entry.Kind), "key": a.Entry.Key})
		if a.Withdraw {
			a.State, a.DecidedAt, a.DecidedBy = exchange.Approved, t.now, by.Account
			if err := c.setState(ctx, t, a.Entry.Kind, a.Entry.Key, 0, exchange.Withdrawn, a.Note); err != nil {
				return err
			}
		}
		return t.SaveApplication(ctx, a)
	})
	return a, err
}

const maxPending = 5000

// admissible says whether a gateway may ask for this at all, and completes it.
func (c *Centre) admissible(ctx context.Context, t *turn, from exchange.Entry, a *exchange.Application) error {
	e := &a.Entry
	foreign := fault.New(fault.Denied, "exchange.application.foreign", fault.Args{"key": exchange.Clip(e.Key), "gateway": from.Key})
	switch e.Kind {
	case exchange.SubsystemEntry, exchange.ServiceOffered:
		if e.Member = e.ID().MemberID(); e.Member != from.Member {
			return foreign
		}
	case exchange.GatewayEntry:
		if e.Key != from.Key {
			return foreign
		}
		e.Member, e.Name = from.Member, from.Name
		if len(e.Subsystems) == 0 {
			e.Subsystems = from.Subsystems
		}
	default:
		return foreign
	}
	if a.Withdraw {
		if a.Note = strings.TrimSpace(a.Note); a.Note == "" {
			return fault.New(fault.Invalid, "exchange.entry.reason", nil).At("reason")
		}
		return nil
	}
	old, _, err := t.Entry(ctx, e.Kind, e.Key)
	if err != nil {
		return err
	}
	if err := c.describeService(e, old); err != nil {
		return err
	}
	return e.Check(c.at.Instance)
}

// Settle approves an application, or refuses it with a reason. It fails with
// Conflict when another has settled it, and as Enter does.
func (c *Centre) Settle(ctx context.Context, by actor.Actor, id string, approve bool, reason string) error {
	if err := Permissions.Can(by, ActSettle); err != nil {
		return err
	}
	return c.turn(ctx, by, func(t *turn) error {
		a, ok, err := t.Application(ctx, id)
		if err != nil {
			return err
		}
		if !ok {
			return notThere(id)
		}
		if a.State != exchange.Pending {
			return fault.New(fault.Conflict, "exchange.application.settled", fault.Args{"by": a.DecidedBy})
		}
		a.State, a.Reason = exchange.Approved, strings.TrimSpace(reason)
		a.DecidedBy, a.DecidedAt = by.Account, t.now
		details := map[string]string{"kind": string(a.Entry.Kind), "key": a.Entry.Key, "gateway": a.Gateway}
		if !approve {
			if a.Reason == "" {
				return fault.New(fault.Invalid, "exchange.application.reason", nil).At("reason")
			}
			a.State = exchange.Refused
			t.did("application.refuse", "application", id, details)
			return t.SaveApplication(ctx, a)
		}
		t.did("application.approve", "application", id, details)
		old, ok, err := t.Entry(ctx, a.Entry.Kind, a.Entry.Key)
		if err != nil {
			return err
		}
		if a.Entry.Version = 0; ok {
			a.Entry.Version = old.Version
		}
		if err := c.enter(ctx, t, a.Entry); err != nil {
			return err
		}
		if err := c.speakFor(ctx, t, a); err != nil {
			return err
		}
		return t.SaveApplication(ctx, a)
	})
}

// speakFor lets a gateway speak for the subsystem that it asked for.
func (c *Centre) speakFor(ctx context.Context, t *turn, a exchange.Application) error {
	if a.Entry.Kind != exchange.SubsystemEntry {
		return nil
	}
	g, ok, err := t.Entry(ctx, exchange.GatewayEntry, a.Gateway)
	if err != nil || !ok || slices.Contains(g.Subsystems, a.Entry.ID()) {
		return err
	}
	g.Subsystems = append(g.Subsystems, a.Entry.ID())
	g.ChangedBy, g.ChangedAt = t.by.Account, t.now
	return t.SaveEntry(ctx, g)
}
