package identity

import (
	"context"
	"crypto/subtle"
	"fmt"
	"slices"
	"strings"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/mail/mailaddress"
	"dean06/internal/platform/password"
)

// ReadAddress reads an e-mail address, or a mobile telephone number (0912345678, one of
// another country with its plus), as people type it. It fails with Invalid
// ("identity.address.wrong") at "address".
func ReadAddress(text, lang string) (Address, error) {
	if strings.Contains(text, "@") {
		if to, err := mailaddress.Parse(text); err == nil {
			return Address{Kind: FieldEmail, To: to, Lang: lang}, nil
		}
	} else if to, err := citizen.ParsePhone(text); err == nil && (citizen.IsMobile(to) || strings.HasPrefix(to, "+")) {
		return Address{Kind: FieldPhone, To: to, Lang: lang}, nil
	}
	return Address{}, fault.New(fault.Invalid, "identity.address.wrong", nil).At("address")
}

const (
	addressLasts  = 10 * time.Minute // a code that was sent
	addressTries  = 5                // at one code
	addressesADay = 10               // that one holder asks codes for
	aboutAddress  = "address"
)

var (
	errNoTexts     = fault.New(fault.Invalid, "identity.address.no_texts", nil).At("address")
	errAddressHad  = fault.New(fault.Invalid, "identity.address.had", nil).At("address")
	errAddressCode = fault.New(fault.Invalid, "identity.address.code", nil).At("code")
	errAddressLast = fault.New(fault.Conflict, "identity.address.last", nil)
)

// moving is a new address that waits for its code, as the browser holds it, sealed.
type moving struct {
	Account string  `json:"account"`
	Session string  `json:"session"`
	To      Address `json:"to"`
	Was     string  `json:"was"` // what the account said then: of two changes that were begun, one comes about
	Code    string  `json:"code"`
}

// BeginAddress sends a code to an address that a holder wants to have, in the place of the one
// of its kind. What it gives is for the browser to hold; nothing is kept here, and no letter
// but the code goes out. It fails with ErrStale, Invalid at "address", and TooMany.
func (s *Service) BeginAddress(ctx context.Context, in SignedIn, to Address, b Browser) (state string, err error) {
	now := s.Clock.Now()
	m := moving{Account: in.Account.ID, Session: in.Session.ID, To: to, Code: password.Digits(codeDigits)}
	err = s.Store.InTx(ctx, func(tx Tx) error {
		if err := s.mayChange(ctx, tx, in); err != nil {
			return err
		}
		a, err := tx.Account(ctx, in.Account.ID)
		if err != nil {
			return err
		}
		had := a.attribute(to.Kind)
		switch {
		case to.To == "":
			return fault.New(fault.Invalid, "identity.address.wrong", nil).At("address")
		case to.Kind == FieldPhone && !s.Settings.Texts:
			return errNoTexts
		case had.Value == to.To && had.Basis == Confirmed:
			return errAddressHad
		}
		m.Was = had.Value
		return s.Throttle.Limit(ctx, tx, "address.by", a.ID, now, addressesADay, day)
	})
	if err != nil {
		return "", err
	}
	if state, err = s.seal(aboutAddress, b, m, addressLasts); err != nil {
		return "", err
	}
	return state, s.Store.InTx(ctx, func(tx Tx) error {
		if err := s.Throttle.Limit(ctx, tx, "enrol.to", to.To, now, enrolLetters, day); err != nil { // a mailbox is not flooded
			return err
		}
		return s.Teller.Tell(ctx, tx, to, "identity.letter.address_code", map[string]string{"code": m.Code})
	})
}

// ConfirmAddress takes the code that came back from a new address, which then takes the place
// of the one of its kind; both are told. It fails with Invalid for a wrong code, for one that
// came too late, in another sign-in or after another change, and TooMany.
func (s *Service) ConfirmAddress(ctx context.Context, in SignedIn, state, code string, b Browser) error {
	if err := Permissions.CanOwn(in.Actor(), KeepOwn, true); err != nil {
		return err
	}
	var m moving
	it, err := s.unseal(aboutAddress, b, state, &m)
	if err != nil {
		return err
	}
	if m.Account != in.Account.ID || m.Session != in.Session.ID {
		return errOver
	}
	err = s.Store.InTx(ctx, func(tx Tx) error { // counted whatever comes of it
		return s.Throttle.Limit(ctx, tx, "address.code", it.Nonce, s.Clock.Now(), addressTries, addressLasts)
	})
	if err != nil {
		return err
	}
	if subtle.ConstantTimeCompare([]byte(strings.TrimSpace(code)), []byte(m.Code)) != 1 {
		return errAddressCode
	}
	return s.Store.InTx(ctx, func(tx Tx) error {
		if _, err := s.atHand(ctx, tx, in); err != nil {
			return err
		}
		if err := s.spend(ctx, tx, aboutAddress, it); err != nil {
			return err
		}
		a, err := tx.Account(ctx, in.Account.ID)
		switch {
		case err != nil:
			return err
		case !a.Opens():
			return mayEnter(a)
		case a.Value(m.To.Kind) != m.Was:
			return errOver
		}
		return s.readdress(ctx, tx, in, a, b, Attribute{Field: m.To.Kind, Value: m.To.To, Basis: Confirmed, Since: s.Clock.Now()}, "address_changed")
	})
}

// RemoveAddress takes an address of a kind away; every confirmed one is told. It fails with
// ErrStale, with NotFound when there is none, and with Conflict for the last that was confirmed:
// nobody could be told of anything.
func (s *Service) RemoveAddress(ctx context.Context, in SignedIn, kind Field, b Browser) error {
	return s.Store.InTx(ctx, func(tx Tx) error {
		if err := s.mayChange(ctx, tx, in); err != nil {
			return err
		}
		a, err := tx.Account(ctx, in.Account.ID)
		if err != nil {
			return err
		}
		all := a.Confirmed("")
		switch {
		case kind != FieldEmail && kind != FieldPhone || a.Value(kind) == "":
			return ErrUnknown
		case len(all) == 1 && all[0].Kind == kind:
			return errAddressLast
		}
		return s.readdress(ctx, tx, in, a, b, Attribute{Field: kind}, "address_removed")
	})
}

// readdress writes an address of an account, and tells those of before and the new one.
func (s *Service) readdress(ctx context.Context, tx Tx, in SignedIn, a Account, b Browser, at Attribute, what string) error {
	told := a.Confirmed(a.Lang())
	a.set(at)
	for _, to := range a.Confirmed(a.Lang()) {
		if !slices.Contains(told, to) {
			told = append(told, to)
		}
	}
	args := map[string]string{"when": s.when(), "address": b.net(), "agent": b.agent()}
	for _, to := range told {
		if err := s.Teller.Tell(ctx, tx, to, "identity.letter."+what, args); err != nil {
			return fmt.Errorf("tell the holder: %w", err)
		}
	}
	return s.alter(ctx, tx, &a, Entry{What: what, By: in.Actor(), Address: b.net(), Args: map[string]string{"field": string(at.Field)}})
}
