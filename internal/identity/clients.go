package identity

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"dean06/internal/platform/opaque"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
)

var (
	errClientTaken = fault.New(fault.Conflict, "identity.client.taken", nil).At("client_id")
	errClientState = fault.New(fault.Conflict, "identity.client.not_now", nil)
	errSamePerson  = fault.New(fault.Denied, "identity.client.same_person", nil)
)

// RegisterClient keeps the registration of a client that its agency owns; it may ask once
// the authority has approved it. A client that shows a secret gets one, which is told now
// and never again. It fails with Invalid, and Conflict for an id that is taken.
func (s *Service) RegisterClient(ctx context.Context, by actor.Actor, c Client) (registered Client, secret string, err error) {
	if err := Permissions.CanOwn(by, RegisterClient, ownsClient(by, c.Owner)); err != nil {
		return Client{}, "", err
	}
	if c.ID == "" {
		c.ID = "c-" + s.NewID()
	}
	c.Tidy()
	if err := c.Check(); err != nil {
		return Client{}, "", err
	}
	now := s.Clock.Now()
	c.State, c.Version, c.Change, c.CreatedAt, c.RegisteredBy, c.ApprovedBy = ClientAsked, 0, nil, now, by.Account, ""
	if c.Secret = ""; c.Auth == AuthBasic || c.Auth == AuthPost {
		secret = opaque.New()
		c.Secret = opaque.Hash(secret)
	}
	err = s.Store.InTx(ctx, func(tx Tx) error {
		if _, err := tx.Client(ctx, c.ID); err == nil {
			return errClientTaken
		} else if fault.Of(err) != fault.NotFound {
			return err
		}
		if err := tx.SaveClient(ctx, c); err != nil {
			return err
		}
		return tx.AddEntry(ctx, clientEntry(c, by, now, "client.registered", nil))
	})
	if err != nil {
		return Client{}, "", fmt.Errorf("register client %s: %w", c.ID, err)
	}
	c.Version = 1
	return c, secret, nil
}

// ownsClient says that a client would be of the actor's agency; the authority's operator,
// who acts for none, may register for any.
func ownsClient(by actor.Actor, owner string) bool {
	return by.Has(Operator) || by.Agency != "" && by.Agency == owner
}

func clientEntry(c Client, by actor.Actor, at time.Time, what string, args map[string]string) Entry {
	return Entry{At: at, What: what, By: by, Client: c.ID, Args: args}
}

// ChangeClient keeps what the owner wants changed. Keys count at once, as a key that was
// lost must go; all else counts once the authority has approved it, and until then the
// client goes on as it is. version is the one that the owner read.
func (s *Service) ChangeClient(ctx context.Context, by actor.Actor, c Client, version int64) error {
	return s.changeClient(ctx, c.ID, by, RegisterClient, func(now Client) (Client, string, error) {
		if now.Version != version {
			return now, "", fault.New(fault.Conflict, "identity.changed", nil)
		}
		if now.State == ClientRefused {
			return now, "", errClientState
		}
		c.Owner, c.Secret, c.Version, c.CreatedAt = now.Owner, now.Secret, now.Version, now.CreatedAt
		c.State, c.Change, c.RegisteredBy, c.ApprovedBy = now.State, nil, by.Account, now.ApprovedBy
		c.Tidy()
		if err := c.Check(); err != nil {
			return now, "", err
		}
		if now.State == ClientAsked {
			return c, "client.changed", nil
		}
		now.Keys, now.RegisteredBy, now.Change = c.Keys, by.Account, nil
		same, err := sameClient(now, c)
		if err != nil {
			return now, "", err
		}
		if !same {
			now.Change = &c
		}
		return now, "client.changed", nil
	})
}

func sameClient(a, b Client) (bool, error) {
	a.RegisteredBy, b.RegisteredBy, a.Change, b.Change = "", "", nil, nil
	left, err := json.Marshal(a)
	if err != nil {
		return false, err
	}
	right, err := json.Marshal(b)
	return string(left) == string(right), err
}

// ApproveClient lets a client ask, or a change of one count. Whoever registered it does not
// approve it, but at the command line, where there is nobody else.
func (s *Service) ApproveClient(ctx context.Context, by actor.Actor, id string) error {
	return s.changeClient(ctx, id, by, ApproveClient, func(c Client) (Client, string, error) {
		if by.Account == c.RegisteredBy && by.Via != actor.Command {
			return c, "", errSamePerson
		}
		if c.Change != nil {
			next := *c.Change
			next.Secret, next.Version, next.CreatedAt, next.Keys, next.State = c.Secret, c.Version, c.CreatedAt, c.Keys, c.State
			c = next
		} else if c.State == ClientApproved || c.State == ClientRefused {
			return c, "", errClientState
		}
		c.State, c.ApprovedBy = ClientApproved, by.Account
		return c, "client.approved", nil
	})
}

// RefuseClient says no to a client, or to a change of one.
func (s *Service) RefuseClient(ctx context.Context, by actor.Actor, id, reason string) error {
	return s.changeClient(ctx, id, by, ApproveClient, func(c Client) (Client, string, error) {
		switch {
		case c.Change != nil:
			c.Change = nil
		case c.State == ClientAsked:
			c.State = ClientRefused
		default:
			return c, "", errClientState
		}
		return c, "client.refused", nil
	}, "reason", reason)
}

// StopClient ends what a client holds, and lets it ask no more until it is approved again.
func (s *Service) StopClient(ctx context.Context, by actor.Actor, id, reason string) error {
	return s.changeClient(ctx, id, by, ApproveClient, func(c Client) (Client, string, error) {
		if c.State != ClientApproved {
			return c, "", errClientState
		}
		c.State = ClientStopped
		return c, "client.stopped", nil
	}, "reason", reason)
}

// NewSecret gives a client another secret in the place of the one it has.
func (s *Service) NewSecret(ctx context.Context, by actor.Actor, id string) (secret string, err error) {
	secret = opaque.New()
	err = s.changeClient(ctx, id, by, RegisterClient, func(c Client) (Client, string, error) {
		if c.Auth != AuthBasic && c.Auth != AuthPost {
			return c, "", errClientState
		}
		c.Secret = opaque.Hash(secret)
		return c, "client.secret", nil
	})
	return secret, err
}

func (s *Service) changeClient(ctx context.Context, id string, by actor.Actor, action Action,
	change func(Client) (Client, string, error), args ...string,
) error {
	err := s.Store.InTx(ctx, func(tx Tx) error {
		c, err := tx.Client(ctx, id)
		if err != nil {
			return err
		}
		if err := Permissions.CanOwn(by, action, ownsClient(by, c.Owner)); err != nil {
			return err
		}
		next, what, err := change(c)
		if err != nil {
			return err
		}
		if err := tx.SaveClient(ctx, next); err != nil {
			return err
		}
		if next.State == ClientStopped {
			if err := s.EndGrants(ctx, tx, GrantFilter{Client: id}, EndedSuspended); err != nil {
				return err
			}
		}
		var more map[string]string
		if len(args) == 2 {
			more = map[string]string{args[0]: args[1]}
		}
		return tx.AddEntry(ctx, clientEntry(next, by, s.Clock.Now(), what, more))
	})
	if err != nil {
		return fmt.Errorf("change client %s: %w", id, err)
	}
	return nil
}

// Clients are those that one may see: of an owner; "" all.
func (s *Service) Clients(ctx context.Context, by actor.Actor, owner string) ([]Client, error) {
	if err := Permissions.CanOwn(by, SeeClients, owner != "" && by.Agency == owner); err != nil {
		return nil, err
	}
	return s.Store.Clients(ctx, owner)
}
