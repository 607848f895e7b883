package identity

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"math/big"
	"strings"
	"time"
	"unicode/utf8"

	"dean06/internal/citizen"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// Claim is who somebody says to be, and where they can be told something.
type Claim struct {
	Number  citizen.Number
	Name    string
	Birth   citizen.Day
	Address Address
}

const (
	enrolLasts    = 10 * time.Minute // a code that was sent
	enrolTries    = 5                // at one code
	enrolLetters  = 5                // codes to one address in a day
	enrolAsked    = 60               // codes that one machine or connection asks for in an hour: an office has many people
	enrolCode     = 1_000_000
	longestName   = 100
	aboutEnrolled = "enrol"
)

// errNoMatch is the one answer to every claim that opens nothing, whatever the reason.
var errNoMatch = fault.New(fault.Invalid, "identity.enrol.no", nil)

// enrolment is what a browser holds, sealed, until its code comes back.
type enrolment struct {
	Number  string      `json:"number"`
	Name    string      `json:"name"`
	Birth   citizen.Day `json:"birth"`
	Address Address     `json:"address"`
	Code    string      `json:"code"`
}

// Enrol begins an account of level 1: it sends a code to the address, whoever the claim is of.
// The register is asked only once the code came back (ConfirmEnrolment), so that a guess costs
// an address. What it gives is for the browser to hold. It fails with Invalid at the field
// that is missing, and TooMany.
func (s *Service) Enrol(ctx context.Context, c Claim, b Browser) (state string, err error) {
	if err := c.check(); err != nil {
		return "", err
	}
	if c.Address.Kind == FieldPhone && !s.Settings.Texts {
		return "", errNoTexts
	}
	n, err := rand.Int(rand.Reader, big.NewInt(enrolCode))
	if err != nil {
		return "", err
	}
	e := enrolment{Number: c.Number.Reveal(), Name: c.Name, Birth: c.Birth, Address: c.Address, Code: fmt.Sprintf("%06d", n)}
	state, err = s.seal(aboutEnrolled, b, e, enrolLasts)
	if err != nil {
		return "", err
	}
	now := s.Clock.Now()
	err = s.Store.InTx(ctx, func(tx Tx) error {
		if err := s.Throttle.Limit(ctx, tx, "enrol.net", b.net(), now, enrolAsked, time.Hour); err != nil {
			return err
		}
		return s.Throttle.Limit(ctx, tx, "enrol.to", c.Address.To, now, enrolLetters, day)
	})
	if err != nil {
		return "", err
	}
	return state, s.Store.InTx(ctx, func(tx Tx) error {
		v, err := s.Throttle.Ask(ctx, tx, s.try(aboutEnrolled, c.Number.Reveal(), "", b), now)
		switch {
		case err != nil:
			return err
		case v.Err() != nil:
			return v.Err()
		case v.Second && c.Address.Kind != FieldPhone:
			// So many were wrong about this number, wherever they came from, that a mailbox, of
			// which one can have any number, is not enough. It is asked of every number alike.
			return fault.New(fault.Invalid, "identity.enrol.phone", nil).At("address")
		}
		return s.Teller.Tell(ctx, tx, c.Address, "identity.letter.enrol", map[string]string{"code": e.Code})
	})
}

func (c Claim) check() error {
	var wrong fault.List
	if c.Number.IsZero() {
		wrong = append(wrong, fault.New(fault.Invalid, "identity.enrol.number", nil).At("number"))
	}
	if strings.TrimSpace(c.Name) == "" || utf8.RuneCountInString(c.Name) > longestName {
		wrong = append(wrong, fault.New(fault.Invalid, "identity.enrol.name", nil).At("name"))
	}
	if c.Birth == 0 {
		wrong = append(wrong, fault.New(fault.Invalid, "identity.enrol.birth", nil).At("birth"))
	}
	if c.Address.To == "" {
		wrong = append(wrong, fault.New(fault.Invalid, "identity.address.wrong", nil).At("address"))
	}
	return wrong.Err()
}

// ConfirmEnrolment takes the code that came back, asks the register, and opens the account and
// signs its holder in when number, name and birth are one living person's who is old enough
// and has no account. Whatever else it is that keeps it from opening, the answer and the work
// are the same: Invalid ("identity.enrol.no"). A wrong code is Invalid at "code".
func (s *Service) ConfirmEnrolment(ctx context.Context, state, code string, b Browser) (Entered, error) {
	var e enrolment
	it, err := s.unseal(aboutEnrolled, b, state, &e)
	if err != nil {
		return Entered{}, err
	}
	n, err := citizen.ParseNumber(e.Number)
	if err != nil {
		return Entered{}, errOver.Because(err)
	}
	now := s.Clock.Now()
	try := s.try(aboutEnrolled, e.Number, "", b)
	err = s.Store.InTx(ctx, func(tx Tx) error {
		return s.Throttle.Limit(ctx, tx, "enrol.code", it.Nonce, now, enrolTries, enrolLasts)
	})
	if err != nil {
		return Entered{}, err
	}
	if subtle.ConstantTimeCompare([]byte(strings.TrimSpace(code)), []byte(e.Code)) != 1 {
		return Entered{}, fault.New(fault.Invalid, "identity.enrol.code", nil).At("code")
	}
	// The code is used up and the try counted before the register is asked: of two at once one
	// asks, and nobody asks for nothing.
	err = s.Store.InTx(ctx, func(tx Tx) error {
		v, err := s.Throttle.Ask(ctx, tx, try, now)
		if err != nil {
			return err
		}
		if err := v.Err(); err != nil {
			return err
		}
		if err := s.spend(ctx, tx, aboutEnrolled, it); err != nil {
			return err
		}
		_, _, err = s.Throttle.Failed(ctx, tx, try, now)
		return err
	})
	if err != nil {
		return Entered{}, err
	}
	why := Inquiry{By: Stranger, Purpose: ForLevelOne}
	fits, err := s.Register.Match(ctx, why, n, e.Name, e.Birth)
	if err != nil {
		return Entered{}, fmt.Errorf("match: %w", err)
	}
	f, err := s.Register.Facts(ctx, why, n)
	if err != nil && fault.Of(err) != fault.NotFound {
		return Entered{}, fmt.Errorf("facts: %w", err)
	}
	_, has, err := s.Store.ByHolder(ctx, OfCitizen(n))
	if err != nil {
		return Entered{}, fmt.Errorf("find account: %w", err)
	}
	if !fits || has || f.Number != n || f.Birth != e.Birth || f.Dead != 0 || age(f.Birth, clock.DayOf(now)) < ownAge {
		return Entered{}, errNoMatch
	}
	var out Entered
	err = s.Store.InTx(ctx, func(tx Tx) error {
		if _, has, err := tx.ByHolder(ctx, OfCitizen(n)); has || err != nil {
			if err == nil {
				err = errNoMatch
			}
			return err
		}
		if err := s.Throttle.Passed(ctx, tx, try); err != nil {
			return err
		}
		a := s.newAccount(OfCitizen(n), One)
		if _, err := s.learn(ctx, tx, &a, f); err != nil {
			return err
		}
		a.set(Attribute{Field: e.Address.Kind, Value: e.Address.To, Basis: Confirmed, Since: now})
		a.set(Attribute{Field: FieldLang, Value: e.Address.Lang, Basis: FromHolder, Since: now})
		p := Proofing{Level: One, How: "match", By: holderOf(a)}
		if err := s.begin(ctx, tx, &a, p, Entry{By: holderOf(a), Address: b.net(), Args: map[string]string{"level": "1", "how": "match"}}); err != nil {
			return err
		}
		out, err = s.FirstSignIn(ctx, tx, a, b)
		return err
	})
	return out, err
}

// newAccount is an account of a holder that nobody saved yet.
func (s *Service) newAccount(h Holder, l Level) Account {
	now := s.Clock.Now()
	return Account{ID: s.NewID(), Holder: h, Level: l, LevelAt: now, State: Active, CreatedAt: now, UpdatedAt: now}
}

// begin writes a new account with how its holder was identified, and tells them.
func (s *Service) begin(ctx context.Context, tx Tx, a *Account, p Proofing, e Entry) error {
	e.What = "opened"
	return s.proved(ctx, tx, a, p, e, "identity.letter.opened")
}

// proved writes an account with how its holder was identified, notes it and tells them.
func (s *Service) proved(ctx context.Context, tx Tx, a *Account, p Proofing, e Entry, letter string) error {
	p.ID, p.Account, p.At = s.NewID(), a.ID, s.Clock.Now()
	if err := tx.AddProofing(ctx, p); err != nil {
		return fmt.Errorf("keep how a holder was identified: %w", err)
	}
	if err := s.tell(ctx, tx, *a, letter, map[string]string{"when": s.when(), "level": a.Level.number()}); err != nil {
		return err
	}
	return s.alter(ctx, tx, a, e)
}

// alter writes an account with the entry that tells of the change; its version counts on.
func (s *Service) alter(ctx context.Context, tx Tx, a *Account, e Entry) error {
	a.UpdatedAt = s.Clock.Now()
	if err := tx.SaveAccount(ctx, *a); err != nil {
		return fmt.Errorf("save account: %w", err)
	}
	a.Version++
	e.Account, e.At = a.ID, a.UpdatedAt
	if err := tx.AddEntry(ctx, e); err != nil {
		return fmt.Errorf("note %s: %w", e.What, err)
	}
	return nil
}
