package approval

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
)

// Approve decides for the request and makes it happen, all in one transaction. Where more
// than one must approve, the last of them makes it happen. A second click gets the
// same answer. It fails with Unsigned, Denied (CanDecide), NotFound, Conflict when somebody else
// decided or the time is over, and with what Kind.Apply said: then the request is open as
// before and shows why.
func (s *Service) Approve(ctx context.Context, who actor.Actor, id string) (Request, error) {
	return s.decide(ctx, who, id, Approved, "")
}

// Refuse decides against the request; why is told to the one who asked. It fails as
// Approve does, and with Invalid without a why.
func (s *Service) Refuse(ctx context.Context, who actor.Actor, id, why string) (Request, error) {
	if strings.TrimSpace(why) == "" {
		return Request{}, fault.New(fault.Invalid, "approval.why.missing", nil).At("why")
	}
	if err := checkReason(why); err != nil {
		return Request{}, fault.As(err).At("why")
	}
	return s.decide(ctx, who, id, Refused, strings.TrimSpace(why))
}

// Withdraw takes a request back. It fails with Unsigned, Denied when somebody else asked,
// NotFound, and Conflict when it is no longer open.
func (s *Service) Withdraw(ctx context.Context, who actor.Actor, id string) (Request, error) {
	var out Request
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		r, err := s.lock(ctx, tx, id)
		if err != nil {
			return err
		}
		if out = r; r.said(who.Account, Taken) {
			return nil
		}
		if err := CanWithdraw(who, r, s.clock.Now()); err != nil {
			return err
		}
		out = r.end(Taken, s.clock.Now())
		if err := s.save(ctx, tx, out); err != nil {
			return err
		}
		if out.SentTo != "" {
			if err := s.send(ctx, tx, out); err != nil {
				return err
			}
		}
		return s.record(ctx, tx, who, "withdraw", out, nil)
	})
	if err != nil {
		return Request{}, fmt.Errorf("withdraw request %s: %w", id, err)
	}
	return out, nil
}

// person says that somebody sits there with an account of their own.
func person(who actor.Actor) error {
	switch {
	case who.Nobody():
		return errUnsigned
	case who.Via == actor.Token || who.Via == actor.Command || who.Via == actor.Exchange || who.Via == actor.System:
		return errPerson
	}
	return nil
}

func (s *Service) decide(ctx context.Context, who actor.Actor, id string, to State, why string) (Request, error) {
	if err := person(who); err != nil {
		return Request{}, err
	}
	var out Request
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		r, err := s.lock(ctx, tx, id)
		if err != nil {
			return err
		}
		c, err := s.chair(ctx, tx, who)
		if err != nil {
			return err
		}
		k := s.kind(r)
		same, err := s.same(ctx, tx, c.ID, k.against(r)...)
		if err != nil {
			return err
		}
		now := s.clock.Now()
		next, again, err := Decide(k, r, who, c.Account, to, why, same, now)
		if out = next; again || err != nil {
			return err
		}
		holders, err := c.holders(ctx, k)
		if err != nil {
			return err
		}
		if lonely(k, r, holders) {
			return errAlone
		}
		return s.settle(ctx, tx, who, next)
	})
	return s.outcome(ctx, id, out, err)
}

// outcome writes down why an approval took no effect, after its transaction is gone.
func (s *Service) outcome(ctx context.Context, id string, out Request, err error) (Request, error) {
	if err == nil {
		return out, nil
	}
	var un unapplied
	if errors.As(err, &un) && fault.Of(un.error) != fault.Denied { // that lies with who tried, not with the request
		if noteErr := s.noteTrouble(ctx, id, un.error); noteErr != nil {
			err = errors.Join(err, noteErr)
		}
	}
	return Request{}, fmt.Errorf("decide on request %s: %w", id, err)
}

// chair is an account at the moment of deciding, and how many hold the roles of each kind.
type chair struct {
	Account
	s    *Service
	q    sqldb.Queryer
	held map[string]int // by the roles
}

// chair fails with Denied for who has no account here.
func (s *Service) chair(ctx context.Context, q sqldb.Queryer, who actor.Actor) (*chair, error) {
	a, err := s.sitting(ctx, q, who)
	if err != nil {
		return nil, err
	}
	return &chair{Account: a, s: s, q: q, held: map[string]int{}}, nil
}

func (c *chair) holders(ctx context.Context, k Kind) (int, error) {
	key := strings.Join(k.Deciders, ",")
	if n, ok := c.held[key]; ok {
		return n, nil
	}
	all, err := c.s.holders(ctx, c.q, k)
	if err != nil {
		return 0, err
	}
	c.held[key] = len(all)
	return len(all), nil
}

// may asks the rules whether the account may decide on a request now.
func (c *chair) may(ctx context.Context, r Request) error {
	k := c.s.kind(r)
	if !c.Has(k.Deciders...) && c.ID != r.By.Account && c.ID != r.Benefits {
		return errRole // before anything is read
	}
	same, err := c.s.same(ctx, c.q, c.ID, k.against(r)...)
	if err != nil {
		return err
	}
	if err := CanDecide(k, r, c.Account, same, c.s.clock.Now()); err != nil {
		return err
	}
	holders, err := c.holders(ctx, k)
	if err != nil {
		return err
	}
	if lonely(k, r, holders) {
		return errAlone
	}
	return nil
}

// MayDecideOn says whether somebody may decide on a request now, for pages that show the
// buttons or who can. It fails as Approve does.
func (s *Service) MayDecideOn(ctx context.Context, who actor.Actor, r Request) error {
	c, err := s.chair(ctx, s.db, who)
	if err != nil {
		return err
	}
	return c.may(ctx, r)
}

// settle stores a decision, makes it happen and tells everybody concerned.
func (s *Service) settle(ctx context.Context, tx *sqldb.Tx, who actor.Actor, r Request) error {
	if err := s.save(ctx, tx, r); err != nil {
		return err
	}
	applied := r.State == Approved && r.Origin == ""
	if applied {
		if err := s.apply(ctx, tx, r); err != nil {
			return err
		}
	}
	if err := s.tellOutcome(ctx, tx, r, applied); err != nil {
		return err
	}
	action := "approve"
	if r.State == Refused {
		action = "refuse"
	}
	if err := s.record(ctx, tx, who, action, r, map[string]string{"votes": fmt.Sprintf("%d/%d", len(r.Votes), max(1, r.Needs))}); err != nil {
		return err
	}
	if !applied {
		return nil
	}
	return s.record(ctx, tx, who, "applied", r, nil)
}

// unapplied is the error of a Kind's Apply.
type unapplied struct{ error }

func (u unapplied) Unwrap() error { return u.error }

func (s *Service) apply(ctx context.Context, tx *sqldb.Tx, r Request) error {
	k, ok := s.kinds[r.Kind]
	if !ok {
		return unapplied{fault.New(fault.Unavailable, "approval.trouble.kind", fault.Args{"kind": r.Kind})}
	}
	if k.Apply == nil {
		return nil
	}
	if err := k.Apply(ctx, tx, r); err != nil {
		return unapplied{err}
	}
	return nil
}

func (s *Service) noteTrouble(ctx context.Context, id string, err error) error {
	t := Trouble{Key: "approval.trouble.internal", At: s.clock.Now()}
	if f := fault.As(err); f != nil && f.Kind != fault.Internal {
		t.Key, t.Args = f.Key, f.Args
	}
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		_, err := sqldb.Exec(ctx, tx, `UPDATE approval_request SET trouble = $1 WHERE id = $2 AND state = 'open'`,
			sqldb.JSON[*Trouble]{V: &t}, id)
		return err
	})
}
