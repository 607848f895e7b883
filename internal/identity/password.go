package identity

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"dean06/internal/platform/opaque"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/password"
	"dean06/internal/platform/throttle"
)

// What is guessed is counted under these.
const (
	guessPassword = "password"
	guessCode     = "code"
)

// Outcome is what came of a step of signing in: Entered once the holder is in, or the code
// that is still asked for.
type Outcome struct {
	Entered
	Code string // id of what the code answers; "" once the holder is in
	// How the code is got. Where a password alone opens nothing, it is not said: the answer
	// would tell whether the password was right.
	How CodeHow
}

// CodeHow is how a holder gets a code.
type CodeHow string

// The ways. "identity.page.code.…" are their texts.
const (
	CodeSent   CodeHow = "sent"   // to a confirmed address
	CodeMade   CodeHow = "app"    // by an application
	CodeEither CodeHow = "either" // not said
)

// In says that the holder is in.
func (o Outcome) In() bool { return o.Code == "" }

// CheckPassword begins a sign-in with number and password. want is how sure it has to be. An
// unknown number, a wrong password and a number without a password get the same answer after
// the same work. It fails with Invalid when they don't fit, TooMany while tries wait, Denied
// for an account that is suspended or closed, once the password was right.
func (s *Service) CheckPassword(ctx context.Context, who Holder, given string, want Level, b Browser) (Outcome, error) {
	// The slot is held until a failure is counted: no burst outruns the throttle.
	leave, err := s.Gate.Enter(ctx)
	if err != nil {
		return Outcome{}, err
	}
	defer leave()
	a, found, err := s.Store.ByHolder(ctx, who)
	if err != nil {
		return Outcome{}, fmt.Errorf("find account: %w", err)
	}
	sec, err := s.secretsOf(ctx, a, found)
	if err != nil {
		return Outcome{}, err
	}
	try := s.try(guessPassword, string(who.Kind)+" "+who.Reveal(), a.ID, b)
	alone := true // a right password may open something by itself
	err = s.Store.InTx(ctx, func(tx Tx) error {
		v, err := s.Throttle.Ask(ctx, tx, try, s.Clock.Now())
		alone = !v.Second
		if err != nil {
			return err
		}
		return v.Err()
	})
	if err != nil {
		return Outcome{}, err
	}
	phc := sec.Password
	if phc == "" {
		phc = s.Gate.Decoy()
	}
	if fits := password.Verify(phc, given) && sec.Password != ""; !fits {
		return s.wrongPassword(ctx, a, found, try, alone, b)
	}
	if err := mayEnter(a); err != nil && alone {
		return Outcome{}, err
	}
	if sec.CodeOn || !alone || want >= Two {
		out, asked, err := s.askCode(ctx, a, sec, !alone, b)
		if !alone {
			out.How = CodeEither
		}
		if err != nil || asked {
			return out, err
		}
	}
	var out Outcome
	err = s.Store.InTx(ctx, func(tx Tx) error {
		if err := s.Throttle.Passed(ctx, tx, try); err != nil {
			return err
		}
		out.Entered, err = s.enter(ctx, tx, shown{account: a, methods: []Method{ByPassword}}, b)
		return err
	})
	return out, err
}

func (s *Service) secretsOf(ctx context.Context, a Account, found bool) (Secrets, error) {
	if !found {
		return Secrets{}, nil
	}
	sec, err := s.Store.Secrets(ctx, a.ID)
	if err != nil {
		return Secrets{}, fmt.Errorf("secrets of an account: %w", err)
	}
	return sec, nil
}

// wrongPassword counts a failure. Where a password alone opens nothing, a code is asked for as
// if it had been right.
func (s *Service) wrongPassword(ctx context.Context, a Account, found bool, try throttle.Try, alone bool, b Browser) (Outcome, error) {
	var out Outcome
	err := s.Store.InTx(ctx, func(tx Tx) error {
		if err := s.failed(ctx, tx, a, found, try, b); err != nil || alone {
			return err
		}
		c := s.codeFor(Account{}, b)
		c.Secret = s.Gate.HashWithin(password.Digits(codeDigits)) // it takes as long as if it had been right
		out = Outcome{Code: c.ID, How: CodeEither}
		return tx.SaveChallenge(ctx, c)
	})
	if err != nil {
		return Outcome{}, err
	}
	if alone {
		return Outcome{}, errWrong
	}
	return out, nil
}

// failed counts a wrong try. The holder's log tells of the first of a day and of the one from
// which a password alone opens nothing, not of each: strangers don't write in it without end.
func (s *Service) failed(ctx context.Context, tx Tx, a Account, found bool, try throttle.Try, b Browser) error {
	first, many, err := s.Throttle.Failed(ctx, tx, try, s.Clock.Now())
	if err != nil || !found || !first && !many {
		return err
	}
	if many {
		if err := s.tell(ctx, tx, a, "identity.letter.guessed", map[string]string{"when": s.when()}); err != nil {
			return err
		}
	}
	return s.note(ctx, tx, a, Stranger, b, "guessed", map[string]string{"what": try.What, "many": strconv.FormatBool(many)})
}

// SetPassword gives a holder a password, or another one; other sessions end. It fails with
// Invalid at "new_password", and ErrStale.
func (s *Service) SetPassword(ctx context.Context, in SignedIn, wanted string, b Browser) (Entered, error) {
	if err := s.mayChange(ctx, s.Store, in); err != nil {
		return Entered{}, err
	}
	if err := password.Check("new_password", wanted, s.namesOf(in.Account)...); err != nil {
		return Entered{}, err
	}
	hash, err := s.Gate.Hash(ctx, wanted)
	if err != nil {
		return Entered{}, err
	}
	var out Entered
	err = s.change(ctx, in, b, "password_set", func(tx Tx) error {
		sec, err := tx.Secrets(ctx, in.Account.ID)
		if err != nil {
			return err
		}
		sec.Account, sec.Password, sec.PasswordAt = in.Account.ID, hash, s.Clock.Now()
		if err := tx.SaveSecrets(ctx, sec); err != nil {
			return err
		}
		if err := s.EndSessions(ctx, tx, in.Account.ID, func(v Session) bool { return v.ID != in.Session.ID }); err != nil {
			return err
		}
		out, err = s.rotate(ctx, tx, in, b, ByPassword)
		return err
	})
	return out, err
}

// DropPassword takes the password away. It fails with Conflict when nothing else is left to
// sign in with.
func (s *Service) DropPassword(ctx context.Context, in SignedIn, b Browser) error {
	return s.change(ctx, in, b, "password_dropped", func(tx Tx) error {
		sec, err := tx.Secrets(ctx, in.Account.ID)
		if err != nil {
			return err
		}
		sec.Password, sec.PasswordAt = "", time.Time{}
		if err := tx.SaveSecrets(ctx, sec); err != nil {
			return err
		}
		return s.somethingLeft(ctx, tx, in.Account.ID)
	})
}

// somethingLeft fails with Conflict when the account has neither password nor device.
func (s *Service) somethingLeft(ctx context.Context, tx Tx, account string) error {
	has, err := s.hasSecrets(ctx, tx, account)
	if err != nil {
		return err
	}
	if !has {
		return fault.New(fault.Conflict, "identity.devices.last", nil)
	}
	return nil
}

// namesOf is what a password must not be made of.
func (s *Service) namesOf(a Account) []string {
	names := []string{a.Value(FieldName), a.Holder.Reveal(), strings.Split(a.Value(FieldEmail), "@")[0], a.Value(FieldPhone)}
	if birth := a.Value(FieldBirth); birth != "" { // 1990-03-08
		parts := strings.Split(birth, "-")
		names = append(names, birth, strings.Join(parts, ""), parts[0])
		if len(parts) == 3 {
			names = append(names, parts[2]+parts[1]+parts[0], parts[2]+parts[1]+parts[0][2:])
		}
	}
	return names
}

// change does something to what a holder signs in with, when they may; it is in their log and
// every confirmed address is told.
func (s *Service) change(ctx context.Context, in SignedIn, b Browser, what string, do func(tx Tx) error) error {
	return s.Store.InTx(ctx, func(tx Tx) error {
		if err := s.mayChange(ctx, tx, in); err != nil {
			return err
		}
		if err := do(tx); err != nil {
			return err
		}
		args := map[string]string{"when": s.when(), "address": b.net(), "agent": b.agent()}
		if err := s.tell(ctx, tx, in.Account, "identity.letter."+what, args); err != nil {
			return err
		}
		return s.note(ctx, tx, in.Account, in.Actor(), b, what, nil)
	})
}

// rotate gives the session at hand a new token, and notes what was shown in it: who set a
// password a moment ago knows it.
func (s *Service) rotate(ctx context.Context, tx Tx, in SignedIn, b Browser, showed Method) (Entered, error) {
	v, err := tx.Session(ctx, in.Session.ID)
	if err != nil {
		return Entered{}, err
	}
	token := opaque.Text(32)
	v.Token = opaque.Hash(token)
	v.show(showed)
	if err := tx.SaveSession(ctx, v); err != nil {
		return Entered{}, err
	}
	mark, err := s.remember(b, in.Account.ID)
	if err != nil {
		return Entered{}, err
	}
	return Entered{SignedIn{v, in.Account}, token, mark}, nil
}
