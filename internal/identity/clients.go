package identity

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
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
	c.State, c.Version, c.Change, c.CreatedAt, c.RegisteredBy, c.ApprovedBy, c.Reason = ClientAsked, 0, nil, now, by.Account, "", ""
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
		c.State, c.Change, c.RegisteredBy, c.ApprovedBy, c.Reason = now.State, nil, by.Account, now.ApprovedBy, ""
		c.Tidy()
		if err := c.Check(); err != nil {
			return now, "", err
		}
		if now.State == ClientAsked {
			return c, "client.changed", nil
		}
		now.Keys, now.RegisteredBy, now.Change, now.Reason = c.Keys, by.Account, nil, ""
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
	a.RegisteredBy, b.RegisteredBy, a.Change, b.Change, a.Reason, b.Reason = "", "", nil, nil, "", ""
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
		c.State, c.ApprovedBy, c.Reason = ClientApproved, by.Account, ""
		return c, "client.approved", nil
	})
}

// RefuseClient says no to a client, or to a change of one, with a reason that its owner reads.
func (s *Service) RefuseClient(ctx context.Context, by actor.Actor, id, why string) error {
	return s.changeClientFor(ctx, id, by, ApproveClient, why, func(c Client) (Client, string, error) {
		switch {
		case c.Change != nil:
			c.Change = nil
		case c.State == ClientAsked:
			c.State = ClientRefused
		default:
			return c, "", errClientState
		}
		return c, "client.refused", nil
	})
}

// StopClient ends what a client holds, and lets it ask no more until the authority approves it
// again. Its owner can do it, and the authority, with a reason that the other reads.
func (s *Service) StopClient(ctx context.Context, by actor.Actor, id, why string) error {
	return s.changeClientFor(ctx, id, by, EndClient, why, func(c Client) (Client, string, error) {
		if c.State != ClientApproved {
			return c, "", errClientState
		}
		c.State = ClientStopped
		return c, "client.stopped", nil
	})
}

// AddKey adds a public key (RFC 7517) to those of a client; it counts at once. version is the
// one that the owner read. It fails with Invalid at "jwks".
func (s *Service) AddKey(ctx context.Context, by actor.Actor, id string, version int64, key []byte) error {
	return s.changeKeys(ctx, by, id, version, func(keys []json.RawMessage) ([]json.RawMessage, error) {
		var set struct {
			Keys []json.RawMessage `json:"keys"`
		}
		if err := json.Unmarshal(key, &set); err == nil && len(set.Keys) > 0 { // as they are mostly handed out
			return append(keys, set.Keys...), nil
		}
		if !json.Valid(key) {
			return nil, fault.New(fault.Invalid, "identity.client.bad.jwks.broken", fault.Args{"field": "jwks", "at": len(keys) + 1}).At("jwks")
		}
		return append(keys, json.RawMessage(key)), nil
	})
}

// DropKey takes one of the keys of a client away, at once: one that was lost must go. nth
// counts from 0.
func (s *Service) DropKey(ctx context.Context, by actor.Actor, id string, version int64, nth int) error {
	return s.changeKeys(ctx, by, id, version, func(keys []json.RawMessage) ([]json.RawMessage, error) {
		if nth < 0 || nth >= len(keys) {
			return nil, ErrUnknown
		}
		return slices.Delete(keys, nth, nth+1), nil
	})
}

// changeKeys changes the keys of a client and, where a change of it waits, of that.
func (s *Service) changeKeys(ctx context.Context, by actor.Actor, id string, version int64,
	change func([]json.RawMessage) ([]json.RawMessage, error),
) error {
	return s.changeClient(ctx, id, by, RegisterClient, func(c Client) (Client, string, error) {
		switch {
		case c.Version != version:
			return c, "", fault.New(fault.Conflict, "identity.changed", nil)
		case c.State == ClientRefused:
			return c, "", errClientState
		}
		keys, err := change(c.KeyList())
		if err != nil {
			return c, "", err
		}
		c.Keys = nil
		if len(keys) > 0 {
			if c.Keys, err = json.Marshal(map[string][]json.RawMessage{"keys": keys}); err != nil {
				return c, "", fault.New(fault.Invalid, "identity.client.bad.jwks.broken", fault.Args{"field": "jwks", "at": len(keys)}).At("jwks").Because(err)
			}
		}
		if err := c.Check(); err != nil {
			return c, "", err
		}
		if c.Change != nil {
			next := *c.Change
			next.Keys = c.Keys
			c.Change = &next
		}
		return c, "client.changed", nil
	})
}

// KeyList are the public keys of a client, one by one.
func (c Client) KeyList() []json.RawMessage {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if len(c.Keys) == 0 || json.Unmarshal(c.Keys, &set) != nil { // they were read before they were kept
		return nil
	}
	return set.Keys
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

// changeClientFor is changeClient for a reason, which stands at the client and in the log.
func (s *Service) changeClientFor(ctx context.Context, id string, by actor.Actor, action Action, why string,
	change func(Client) (Client, string, error),
) error {
	return s.changeClient(ctx, id, by, action, func(c Client) (Client, string, error) {
		if err := reason(&why, "reason"); err != nil {
			return c, "", err
		}
		c, what, err := change(c)
		c.Reason = why
		return c, what, err
	})
}

func (s *Service) changeClient(ctx context.Context, id string, by actor.Actor, action Action, change func(Client) (Client, string, error)) error {
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
		if what == "client.refused" || what == "client.stopped" {
			more = map[string]string{"reason": next.Reason}
		}
		return tx.AddEntry(ctx, clientEntry(next, by, s.Clock.Now(), what, more))
	})
	if err != nil {
		return fmt.Errorf("change client %s: %w", id, err)
	}
	return nil
}

// ClientOf is a client that one may see. It fails with Denied, and NotFound.
func (s *Service) ClientOf(ctx context.Context, by actor.Actor, id string) (Client, error) {
	if err := Permissions.CanOwn(by, SeeClients, true); err != nil {
		return Client{}, err
	}
	c, err := s.Store.Client(ctx, id)
	if err != nil {
		return Client{}, err
	}
	return c, Permissions.CanOwn(by, SeeClients, by.Agency != "" && by.Agency == c.Owner)
}

// Clients are those that one may see: of an owner; "" all.
func (s *Service) Clients(ctx context.Context, by actor.Actor, owner string) ([]Client, error) {
	if err := Permissions.CanOwn(by, SeeClients, owner != "" && by.Agency == owner); err != nil {
		return nil, err
	}
	return s.Store.Clients(ctx, owner)
}
