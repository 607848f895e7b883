package identity

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
)

// Errors of what is asked on the pages of a request.
var (
	errRequestOver = fault.New(fault.Conflict, "identity.request.over", nil)
	errNotAsked    = fault.New(fault.Invalid, "identity.consent.not_asked", nil)
)

// consentDays is how long a consent holds when its purpose says nothing.
const consentDays = 365

// holderOf is who acts in a session: its holder.
func holderOf(a Account) actor.Actor {
	return actor.Actor{Account: "identity:" + a.ID, Name: a.Value(FieldName), Roles: []string{Bearer}, Via: actor.OIDC}
}

// accountOf is the account of a holder who acts; "" for anybody else.
func accountOf(by actor.Actor) string {
	id, ok := strings.CutPrefix(by.Account, "identity:")
	if !ok {
		return ""
	}
	return id
}

// Agree notes what the holder decided on the page of consents: for which of the purposes
// that the request asks for, the client may be told. It fails with Conflict
// ("identity.request.over") when the request waits no more, and with Invalid for a purpose
// that was not asked for.
func (s *Service) Agree(ctx context.Context, session Session, request string, purposes []string) error {
	return s.atRequest(ctx, session, request, func(tx Tx, r *Request, a Account) error {
		client, err := tx.Client(ctx, r.Client)
		if err != nil {
			return err
		}
		asked, err := ReadAsked(r.Params)
		if err != nil {
			return err
		}
		needs := asked.Needs(client)
		for _, code := range purposes {
			i := slices.IndexFunc(needs, func(n Need) bool { return n.Purpose.Code == code })
			if i < 0 {
				return errNotAsked
			}
			if needs[i].Purpose.Law {
				continue
			}
			if err := s.consent(ctx, tx, session, *r, a, needs[i]); err != nil {
				return err
			}
		}
		r.Decided, r.Purposes = true, purposes
		return nil
	})
}

// Decline notes that whoever sits before the page gave up, signed in or not: the client
// learns that access was denied. That the request waits at this browser, the page has asked.
func (s *Service) Decline(ctx context.Context, request string) error {
	return s.Store.InTx(ctx, func(tx Tx) error {
		r, err := s.waiting(ctx, tx, request)
		if err != nil {
			return err
		}
		r.Refused = true
		return tx.MoveRequest(ctx, r, RequestOpen)
	})
}

// Represent notes for whom the holder signs in: another's account, for whom they act now,
// or "" for themselves. It fails with Denied when they do not act for them.
func (s *Service) Represent(ctx context.Context, session Session, request, account string) error {
	return s.atRequest(ctx, session, request, func(tx Tx, r *Request, a Account) error {
		if account != "" {
			if _, err := actsFor(ctx, tx, a.ID, account, s.Clock.Now()); err != nil {
				return err
			}
		}
		if r.For != account { // what was agreed to was another's
			r.Decided, r.Purposes = false, nil
		}
		r.For, r.Chosen = account, true
		return nil
	})
}

// actsFor finds by what right one acts for another at a moment. It fails with Denied.
func actsFor(ctx context.Context, in Reader, by, other string, at time.Time) (Delegation, error) {
	all, err := in.ActingFor(ctx, by)
	if err != nil {
		return Delegation{}, fmt.Errorf("whom %s acts for: %w", by, err)
	}
	for _, d := range all {
		if d.For == other && d.Holds(at) {
			return d, nil
		}
	}
	return Delegation{}, fault.New(fault.Denied, "identity.denied.act_for", nil)
}

// waiting is a request that waits for its holder.
func (s *Service) waiting(ctx context.Context, in Reader, request string) (Request, error) {
	r, err := in.Request(ctx, request)
	if err == nil && (r.State != RequestOpen || r.Refused || !s.Clock.Now().Before(r.ExpiresAt)) {
		err = errRequestOver
	}
	return r, err
}

// atRequest does something with a request that waits for its holder.
func (s *Service) atRequest(ctx context.Context, session Session, request string, f func(tx Tx, r *Request, a Account) error) error {
	return s.Store.InTx(ctx, func(tx Tx) error {
		r, err := s.waiting(ctx, tx, request)
		if err != nil {
			return err
		}
		a, err := tx.Account(ctx, session.Account)
		if err != nil {
			return err
		}
		if err := Permissions.CanOwn(holderOf(a), SeeOwn, a.Opens()); err != nil {
			return err
		}
		if r.Account != a.ID { // another holder signed in meanwhile: nothing of the one before counts
			r.Account, r.For, r.Chosen, r.Decided, r.Purposes = a.ID, "", false, false, nil
		}
		r.Session = session.ID
		if err := f(tx, &r, a); err != nil {
			return err
		}
		return tx.MoveRequest(ctx, r, RequestOpen)
	})
}

// consent writes one, in the place of the one before for the same purpose.
func (s *Service) consent(ctx context.Context, tx Tx, session Session, r Request, a Account, n Need) error {
	now, whose := s.Clock.Now(), a.ID
	if r.For != "" {
		whose = r.For
	}
	before, err := tx.Consents(ctx, whose)
	if err != nil {
		return err
	}
	claims := slices.Clone(n.Claims)
	for _, c := range before {
		if c.Client != r.Client || c.Purpose != n.Purpose.Code || !c.Holds(now) {
			continue
		}
		claims = append(claims, c.Claims...)
		c.EndedAt = now
		if err := tx.SaveConsent(ctx, c); err != nil {
			return err
		}
	}
	days := n.Purpose.Days
	if days == 0 {
		days = consentDays
	}
	slices.Sort(claims)
	c := Consent{
		ID: s.NewID(), Account: whose, Client: r.Client, Purpose: n.Purpose.Code, Claims: slices.Compact(claims),
		At: now, Until: now.AddDate(0, 0, days),
	}
	if err := tx.SaveConsent(ctx, c); err != nil {
		return err
	}
	return tx.AddEntry(ctx, Entry{
		Account: whose, At: now, What: "consent.given", By: holderOf(a), For: r.For, Client: r.Client, Device: session.Device,
		Address: session.Address, Args: map[string]string{"purpose": c.Purpose, "claims": list(c.Claims)},
	})
}

// Withdraw ends a consent of one's own: the client is told nothing more for that purpose,
// and what it holds by it ends at once.
func (s *Service) Withdraw(ctx context.Context, by actor.Actor, account, consent string) error {
	if err := Permissions.CanOwn(by, KeepOwn, accountOf(by) == account); err != nil {
		return err
	}
	return s.Store.InTx(ctx, func(tx Tx) error {
		all, err := tx.Consents(ctx, account)
		if err != nil {
			return err
		}
		now := s.Clock.Now()
		i := slices.IndexFunc(all, func(c Consent) bool { return c.ID == consent })
		if i < 0 {
			return fault.New(fault.NotFound, "identity.unknown", nil)
		}
		c := all[i]
		if !c.Holds(now) { // withdrawn before, or over
			return nil
		}
		c.EndedAt = now
		if err := tx.SaveConsent(ctx, c); err != nil {
			return err
		}
		own, err := tx.Grants(ctx, GrantFilter{Account: account, Client: c.Client, At: now})
		if err != nil {
			return err
		}
		others, err := tx.Grants(ctx, GrantFilter{For: account, Client: c.Client, At: now})
		if err != nil {
			return err
		}
		own = slices.DeleteFunc(own, func(g Grant) bool { return g.For != "" }) // of another's facts
		grants := slices.DeleteFunc(slices.Concat(own, others), func(g Grant) bool { return !slices.Contains(g.Purposes, c.Purpose) })
		if err := s.endGrants(ctx, tx, grants, EndedWithdrawn); err != nil {
			return err
		}
		return tx.AddEntry(ctx, Entry{
			Account: account, At: now, What: "consent.withdrawn", By: by, Client: c.Client,
			Args: map[string]string{"purpose": c.Purpose, "claims": list(c.Claims)},
		})
	})
}

// ConsentsOf are all that a holder gave, ended ones too: their history.
func (s *Service) ConsentsOf(ctx context.Context, by actor.Actor, account string) ([]Consent, error) {
	if err := Permissions.CanOwn(by, SeeOwn, accountOf(by) == account); err != nil {
		return nil, err
	}
	return s.Store.Consents(ctx, account)
}
