package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/approval"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/password"
	"dean06/internal/platform/sqldb"
)

// Outcome is what came of a change to an account.
type Outcome struct {
	Account Account
	// Password works once; it is shown now and kept nowhere. "" when none was made.
	Password string
	// Half says that Password is the first half: the other is given to a second
	// administrator once they have approved, so that nobody who keeps accounts can
	// sign in as somebody who sees personal data.
	Half bool
	// Asked is what waits for a second person; zero when nothing does.
	Asked approval.Request
}

// half is an account whose password was made by two persons, of which one has not
// taken their part yet.
type half struct {
	AccountID string    `db:"account_id"`
	First     string    `db:"first_hash"`
	AskedBy   string    `db:"asked_by"`
	CreatedAt time.Time `db:"created_at"`
}

// reset is what waits for a second person before a password is made anew.
type reset struct {
	First    string `json:"first"`
	DropTOTP bool   `json:"drop_totp,omitempty"`
}

// halfLen is the characters of half a password.
const halfLen = 10

func newHalf() string { return password.Readable(halfLen, 5) }

// ResetPassword gives an account a one-time password, returned once, ends its sessions
// and takes away its second factor when dropTOTP is set. Of an account that holds a
// guarded role it makes half a password and asks a second person. One's own is
// changed, not reset. It fails with Denied, NotFound, and what Ask says.
func (s *Service) ResetPassword(ctx context.Context, id string, dropTOTP bool, reason string) (Outcome, error) {
	by, err := s.may(ctx, ResetPassword)
	if err != nil {
		return Outcome{}, err
	}
	if by.Account == id {
		return Outcome{}, errOwnReset
	}
	a, err := account(ctx, s.db, id)
	if err != nil {
		return Outcome{}, err
	}
	held, err := s.held(ctx, a)
	if err != nil {
		return Outcome{}, err
	}
	switch local, err := s.hasPassword(ctx, id); {
	case err != nil:
		return Outcome{}, err
	case !local: // a password would open what belongs to the person
		return Outcome{}, errNoPassword
	}
	out := Outcome{Account: a, Half: len(s.Guarded(held)) > 0}
	// Also of a plain account: who is about to see personal data must not get a
	// password from one person meanwhile.
	if err := s.nothingPending(ctx, id); err != nil {
		return Outcome{}, err
	}
	if out.Password = password.Readable(16, 4); out.Half {
		out.Password = newHalf()
	}
	hash, err := s.gate.Hash(ctx, typed(out.Password, out.Half))
	if err != nil {
		return Outcome{}, err
	}
	err = s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		if !out.Half { // of what waits for a second person, the approval tells
			if err := s.setPassword(ctx, tx, a, hash, dropTOTP, nil); err != nil {
				return err
			}
			told := "reset"
			if dropTOTP && a.TOTP {
				told = "reset_factor"
			}
			return s.tell(ctx, tx, a.ID, told, fault.Args{"by": by.Name})
		}
		var err error
		key := "session.ask.reset"
		if dropTOTP {
			key = "session.ask.reset_factor"
		}
		out.Asked, err = s.ask(ctx, tx, by, approval.Request{
			Kind: KindReset, Subject: a.ID, Benefits: a.ID, SaysKey: key, SaysArgs: s.about(a), Reason: reason,
		}, reset{hash, dropTOTP})
		return err
	})
	if err != nil {
		return Outcome{}, fmt.Errorf("reset password of %s: %w", id, err)
	}
	return out, nil
}

// typed is a half as it is hashed: without what people add when they type it.
func typed(text string, half bool) string {
	if half {
		return password.Bare(text)
	}
	return text
}

// setPassword replaces the password of an account and ends its sessions.
func (s *Service) setPassword(ctx context.Context, tx *sqldb.Tx, a Account, hash string, dropTOTP bool, details map[string]string) error {
	if err := s.storePassword(ctx, tx, a.ID, hash, true); err != nil {
		return err
	}
	if dropTOTP {
		if err := dropFactor(ctx, tx, a.ID); err != nil {
			return err
		}
	}
	if err := errors.Join(
		endSessions(ctx, tx, a.ID, ""), dropHalf(ctx, tx, a.ID),
	); err != nil {
		return err
	}
	if details == nil {
		details = map[string]string{}
	}
	details["totp_removed"] = fmt.Sprint(dropTOTP && a.TOTP)
	return s.record(ctx, tx, "account.reset_password", a.ID, details)
}

func (s *Service) storePassword(ctx context.Context, tx *sqldb.Tx, id, hash string, mustChange bool) error {
	_, err := sqldb.Exec(ctx, tx, `
		UPDATE account SET password = $1, must_change = $2, version = version + 1, updated_at = $3 WHERE id = $4`,
		hash, mustChange, s.clock.Now(), id)
	return err
}

// applyReset ends the old password once a second person has approved. The new one
// works when they have taken their half.
func (s *Service) applyReset(ctx context.Context, tx *sqldb.Tx, r approval.Request) error {
	var p reset
	if err := json.Unmarshal(r.Payload, &p); err != nil {
		return fmt.Errorf("read request %s: %w", r.ID, err)
	}
	a, err := account(ctx, tx, r.Subject)
	if err != nil {
		return err
	}
	if err := s.setPassword(ctx, tx, a, "", p.DropTOTP, map[string]string{"asked_by": r.By.Account, "request": r.ID}); err != nil {
		return err
	}
	return s.halve(ctx, tx, a.ID, half{First: p.First, AskedBy: r.By.Account})
}

// halve keeps the first half until the second is taken.
func (s *Service) halve(ctx context.Context, tx *sqldb.Tx, id string, h half) error {
	if err := dropHalf(ctx, tx, id); err != nil {
		return err
	}
	h.AccountID, h.CreatedAt = id, s.clock.Now()
	return sqldb.Insert(ctx, tx, "account_half", h)
}

func dropHalf(ctx context.Context, tx *sqldb.Tx, id string) error {
	_, err := sqldb.Exec(ctx, tx, `DELETE FROM account_half WHERE account_id = $1`, id)
	return err
}

// HalfWaits says that the second half of an account's password has not been taken.
func (s *Service) HalfWaits(ctx context.Context, id string) (bool, error) {
	if _, err := s.may(ctx, ResetPassword); err != nil {
		return false, err
	}
	_, err := s.halfOf(ctx, s.db, id)
	if errors.Is(err, errNoHalf) {
		return false, nil
	}
	return err == nil, err
}

var (
	errNoHalf  = fault.New(fault.NotFound, "session.half.none", nil)
	errOwnHalf = fault.New(fault.Denied, "session.half.first_is_yours", nil)
)

func (s *Service) halfOf(ctx context.Context, q sqldb.Queryer, id string) (half, error) {
	h, err := sqldb.One[half](ctx, q, `SELECT account_id, first_hash, asked_by, created_at FROM account_half WHERE account_id = $1`, id)
	if errors.Is(err, sqldb.ErrNone) {
		return h, errNoHalf
	}
	return h, err
}

// SecondHalf makes the second half of a password that two persons hand over, and
// returns it once. Whoever asked for it holds the first half and may not take this one, unless
// nobody else could: then the decider sat at another node. It fails with Denied and NotFound.
func (s *Service) SecondHalf(ctx context.Context, id string) (Outcome, error) {
	by, err := s.may(ctx, ResetPassword)
	if err != nil {
		return Outcome{}, err
	}
	out := Outcome{Password: newHalf(), Half: true}
	hash, err := s.gate.Hash(ctx, typed(out.Password, true))
	if err != nil {
		return Outcome{}, err
	}
	err = s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		a, err := account(ctx, tx, id)
		if err != nil {
			return err
		}
		out.Account = a
		h, err := s.halfOf(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := s.mayTake(ctx, tx, by, h); err != nil {
			return err
		}
		if err := s.storePassword(ctx, tx, id, h.First+halfMark+hash, true); err != nil {
			return err
		}
		if err := dropHalf(ctx, tx, id); err != nil {
			return err
		}
		if err := s.tell(ctx, tx, id, "second_half", nil); err != nil {
			return err
		}
		return s.record(ctx, tx, "account.second_half", id, nil)
	})
	if err != nil {
		return Outcome{}, fmt.Errorf("second half for %s: %w", id, err)
	}
	return out, nil
}

// mayTake refuses the second half to the holder of the account, and to whoever holds the
// first one as long as there is a third person.
func (s *Service) mayTake(ctx context.Context, tx *sqldb.Tx, by actor.Actor, h half) error {
	if by.Account != h.AccountID && by.Account != h.AskedBy {
		return nil
	}
	admins, err := s.holding(ctx, tx, Administrator)
	if err != nil {
		return err
	}
	third := slices.ContainsFunc(admins, func(a Account) bool { return a.ID != h.AccountID && a.ID != h.AskedBy })
	if by.Account == h.AccountID || third {
		return errOwnHalf
	}
	return nil
}

// halfMark stands between the hashes of two halves; no PHC string holds a space.
const halfMark = " "

// verify compares a password with its hash, or with two of them when it was made by two
// persons.
func verify(phc, given string) bool {
	if first, second, two := strings.Cut(phc, halfMark); two {
		return verifyHalves(first, second, given)
	}
	return password.Verify(phc, given)
}

// verifyHalves checks a password of which each half has a hash of its own: first
// half and second half, with or without the dashes and spaces.
func verifyHalves(first, second, given string) bool {
	text := password.Bare(given)
	if len(text) != 2*halfLen {
		return false
	}
	one, two := password.Verify(first, text[:halfLen]), password.Verify(second, text[halfLen:])
	return one && two
}

// nothingPending refuses a second request about an account while one is open.
func (s *Service) nothingPending(ctx context.Context, id string) error {
	list, err := s.pending(ctx, id)
	if err != nil {
		return err
	}
	for _, r := range list {
		if strings.HasPrefix(r.Kind, "account.") {
			return errPending
		}
	}
	return nil
}
