package centre

import (
	"context"

	"dean06/internal/exchange"
	"dean06/internal/platform/actor"
	"dean06/internal/xroad"
)

// Instance is the instance of the exchange whose centre this is.
func (c *Centre) Instance() string { return c.at.Instance }

// Agencies are those that may become members, today.
func (c *Centre) Agencies() []Agency { return c.at.Agencies() }

// MemberOf is the identifier that an agency has as a member.
func (c *Centre) MemberOf(code string) xroad.ID {
	return xroad.ID{Instance: c.at.Instance, Class: c.at.Classes[0], Member: code}
}

// Entry reads an entry with all that it has. It fails with NotFound.
func (c *Centre) Entry(ctx context.Context, by actor.Actor, kind exchange.EntryKind, key string) (exchange.Entry, error) {
	if err := Permissions.Can(by, ActRead); err != nil {
		return exchange.Entry{}, err
	}
	e, ok, err := c.at.Store.Entry(ctx, kind, key)
	if err == nil && !ok {
		err = notThere(key)
	}
	return e, err
}

// Application reads an application with all that it has. It fails with NotFound.
func (c *Centre) Application(ctx context.Context, by actor.Actor, id string) (exchange.Application, error) {
	if err := Permissions.Can(by, ActRead); err != nil {
		return exchange.Application{}, err
	}
	a, ok, err := c.at.Store.Application(ctx, id)
	if err == nil && !ok {
		err = notThere(id)
	}
	return a, err
}

// Tokens lists the newest.
func (c *Centre) Tokens(ctx context.Context, by actor.Actor, limit int) ([]Token, error) {
	if err := Permissions.Can(by, ActRead); err != nil {
		return nil, err
	}
	return c.at.Store.Tokens(ctx, limit)
}

// History lists what was published below a serial (0: from the newest), newest first.
func (c *Centre) History(ctx context.Context, by actor.Actor, below int64, limit int) ([]Published, error) {
	if err := Permissions.Can(by, ActRead); err != nil {
		return nil, err
	}
	return c.at.Store.History(ctx, below, limit)
}

// Witnessed lists the heads of a gateway's log that the centre was shown, newest first.
func (c *Centre) Witnessed(ctx context.Context, by actor.Actor, gateway string, limit int) ([]Witness, error) {
	if err := Permissions.Can(by, ActRead); err != nil {
		return nil, err
	}
	return c.at.Store.Witnessed(ctx, gateway, false, limit)
}

// Ensure enters an entry unless it is there, whatever its state.
func (c *Centre) Ensure(ctx context.Context, by actor.Actor, e exchange.Entry) error {
	if err := Permissions.Can(by, ActRegister); err != nil {
		return err
	}
	if _, ok, err := c.at.Store.Entry(ctx, e.Kind, e.Key); ok || err != nil {
		return err
	}
	return c.Enter(ctx, by, e)
}
