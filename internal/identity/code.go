package identity

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"dean06/internal/platform/opaque"

	"github.com/pquerna/otp/totp"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/password"
)

const (
	codePeriod    = 30 // seconds; RFC 6238
	codeLasts     = 10 * time.Minute
	codeTries     = 5
	codeDigits    = 6
	codesAnHour   = 6 // sent to one holder
	recoveryCodes = 10
)

var (
	errWrongCode = fault.New(fault.Invalid, "identity.code.wrong", nil).At("code")
	errNoCode    = fault.New(fault.NotFound, "identity.code.none", nil)
)

// askCode begins the second step of a sign-in whose password was right: a code of the
// holder's application, or one that is sent to a confirmed address. asked is false when the
// account has neither: then the password stands for what it is worth. must says that it is worth
// nothing; then a recovery code has to do, where there are any. Who has nothing else at all gets
// in by the password all the same, at the pace of the waits: else strangers could shut them out.
func (s *Service) askCode(ctx context.Context, a Account, sec Secrets, must bool, b Browser) (out Outcome, asked bool, err error) {
	c := s.codeFor(a, b)
	to := a.Confirmed(b.Lang)
	if sec.CodeOn || must && len(to) == 0 && len(sec.Recovery) > 0 {
		err = s.Store.InTx(ctx, func(tx Tx) error { return tx.SaveChallenge(ctx, c) })
		return Outcome{Code: c.ID, How: CodeMade}, true, err
	}
	if len(to) == 0 {
		return Outcome{}, false, nil
	}
	digits := password.Digits(codeDigits)
	// In the slot that checked the password.
	c.Secret = s.Gate.HashWithin(digits)
	err = s.Store.InTx(ctx, func(tx Tx) error {
		if err := s.Throttle.Limit(ctx, tx, "code.sent", a.ID, s.Clock.Now(), codesAnHour, time.Hour); err != nil {
			return err
		}
		if err := s.Teller.Tell(ctx, tx, to[0], "identity.letter.code", map[string]string{"code": digits, "when": s.when()}); err != nil {
			return fmt.Errorf("send a code: %w", err)
		}
		return tx.SaveChallenge(ctx, c)
	})
	return Outcome{Code: c.ID, How: CodeSent}, true, err
}

// codeFor is what a code answers; of nobody's account, nothing does.
func (s *Service) codeFor(a Account, b Browser) Challenge {
	now := s.Clock.Now()
	return Challenge{
		ID: opaque.Text(18), Kind: ForCode, Account: a.ID, Browser: b.ID, CreatedAt: now, ExpiresAt: now.Add(codeLasts),
	}
}

// CheckCode ends a sign-in with the code that CheckPassword asked for, or with a recovery code
// in its place. It fails with Invalid when the code is wrong, was used before or came too
// late, and TooMany while tries wait.
func (s *Service) CheckCode(ctx context.Context, id, code string, b Browser) (Entered, error) {
	leave, err := s.Gate.Enter(ctx)
	if err != nil {
		return Entered{}, err
	}
	defer leave()
	c, err := s.answering(ctx, s.Store, ForCode, id, b)
	if err != nil {
		return Entered{}, err
	}
	var a Account
	if c.Account != "" {
		if a, err = s.Store.Account(ctx, c.Account); err != nil {
			return Entered{}, fmt.Errorf("account of a code: %w", err)
		}
	}
	sec, err := s.secretsOf(ctx, a, c.Account != "")
	if err != nil {
		return Entered{}, err
	}
	typed := a.ID
	if typed == "" {
		typed = c.ID
	}
	try := s.try(guessCode, typed, a.ID, b)
	err = s.Store.InTx(ctx, func(tx Tx) error {
		v, err := s.Throttle.Ask(ctx, tx, try, s.Clock.Now())
		if err != nil {
			return err
		}
		return v.Err()
	})
	if err != nil {
		return Entered{}, err
	}
	method, use, err := s.fits(c, sec, a, code)
	if err != nil {
		return Entered{}, err
	}
	var out Entered
	wrong := false
	err = s.Store.InTx(ctx, func(tx Tx) error {
		c, err := s.answering(ctx, tx, ForCode, id, b)
		if err != nil {
			return err
		}
		c.Tries++
		if wrong = use == nil; wrong {
			if err := tx.SaveChallenge(ctx, c); err != nil {
				return err
			}
			return s.failed(ctx, tx, a, c.Account != "", try, b)
		}
		c.UsedAt = s.Clock.Now()
		if err := tx.SaveChallenge(ctx, c); err != nil {
			return err
		}
		if err := use(ctx, tx); err != nil {
			return err
		}
		if err := s.Throttle.Passed(ctx, tx, try); err != nil {
			return err
		}
		password := s.try(guessPassword, string(a.Holder.Kind)+" "+a.Holder.Reveal(), a.ID, b)
		if err := s.Throttle.Passed(ctx, tx, password); err != nil {
			return err
		}
		out, err = s.enter(ctx, tx, shown{account: a, methods: []Method{ByPassword, method}}, b)
		return err
	})
	switch {
	case errors.Is(err, ErrChanged): // another request used the same code meanwhile
		return Entered{}, errWrongCode
	case err != nil:
		return Entered{}, err
	case wrong:
		return Entered{}, errWrongCode
	}
	return out, nil
}

// answering is a challenge that a browser may answer now. It fails with errOver.
func (s *Service) answering(ctx context.Context, r Reader, kind ChallengeKind, id string, b Browser) (Challenge, error) {
	c, err := r.Challenge(ctx, id)
	switch {
	case fault.Of(err) == fault.NotFound:
		return c, errOver
	case err != nil:
		return c, fmt.Errorf("read challenge: %w", err)
	case c.Kind != kind || b.ID == "" || c.Browser != b.ID || !c.UsedAt.IsZero() || c.Tries >= codeTries || !s.Clock.Now().Before(c.ExpiresAt):
		return c, errOver
	}
	return c, nil
}

// fits says by which method a code fits, and how it is used up; use is nil when it does not.
// The caller is in the gate.
func (s *Service) fits(c Challenge, sec Secrets, a Account, code string) (by Method, use func(context.Context, Tx) error, err error) {
	code = password.Bare(code)
	if password.IsRecovery(code) {
		return ByRecovery, s.recoveryCode(sec, a.ID, code), nil
	}
	if c.Secret != "" || a.ID == "" {
		phc := c.Secret
		if phc == "" {
			phc = s.Gate.Decoy()
		}
		if password.Verify(phc, code) && a.ID != "" {
			return ByCode, func(context.Context, Tx) error { return nil }, nil
		}
		return "", nil, nil
	}
	if !sec.CodeOn {
		return "", nil, nil
	}
	step, err := s.step(sec, code)
	if err != nil || step == 0 {
		return "", nil, err
	}
	return ByCode, func(ctx context.Context, tx Tx) error { return s.useStep(ctx, tx, a.ID, step) }, nil
}

// step is the time step whose code it is: of now, the one before or the one after (clocks
// differ), unless it was used; 0 for none.
func (s *Service) step(sec Secrets, code string) (int64, error) {
	seed, err := s.Sealer.Open(sec.CodeSeed, aboutSeed(sec.Account))
	if err != nil {
		return 0, fmt.Errorf("open the seed of codes: %w", err)
	}
	now := s.Clock.Now().Unix() / codePeriod
	found := int64(0)
	for step := now - 1; step <= now+1; step++ {
		want, err := totp.GenerateCode(string(seed), time.Unix(step*codePeriod, 0))
		if err != nil {
			return 0, fmt.Errorf("make a code: %w", err)
		}
		if subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 && step > sec.CodeStep {
			found = step
		}
	}
	return found, nil
}

// useStep notes that the code of a step was used, once.
func (s *Service) useStep(ctx context.Context, tx Tx, account string, step int64) error {
	sec, err := tx.Secrets(ctx, account)
	if err != nil {
		return err
	}
	if step <= sec.CodeStep {
		return ErrChanged
	}
	sec.CodeStep = step
	return tx.SaveSecrets(ctx, sec)
}

// recoveryCode finds a recovery code; nil when there is none. It costs one hash, whatever was
// typed.
func (s *Service) recoveryCode(sec Secrets, account, code string) func(context.Context, Tx) error {
	found := s.Gate.Recovery(sec.Recovery, code)
	if found == "" {
		return nil
	}
	return func(ctx context.Context, tx Tx) error {
		sec, err := tx.Secrets(ctx, account)
		if err != nil {
			return err
		}
		i := slices.Index(sec.Recovery, found)
		if i < 0 {
			return ErrChanged
		}
		sec.Recovery = slices.Delete(slices.Clone(sec.Recovery), i, i+1)
		return tx.SaveSecrets(ctx, sec)
	}
}

func aboutSeed(account string) []byte { return []byte("identity code seed " + account) }

// BeginCode gives a holder a new seed of one-time codes, which counts once ConfirmCode has
// seen a code made from it; it is given as text for an application (otpauth://…). It fails
// with Conflict when codes are on already.
func (s *Service) BeginCode(ctx context.Context, in SignedIn) (address string, err error) {
	key, err := totp.Generate(totp.GenerateOpts{Issuer: s.issuerName(), AccountName: in.Account.Holder.String()})
	if err != nil {
		return "", fmt.Errorf("make a seed: %w", err)
	}
	sealed, err := s.Sealer.Seal([]byte(key.Secret()), aboutSeed(in.Account.ID))
	if err != nil {
		return "", fmt.Errorf("seal a seed: %w", err)
	}
	err = s.Store.InTx(ctx, func(tx Tx) error {
		if err := s.mayChange(ctx, tx, in); err != nil {
			return err
		}
		sec, err := tx.Secrets(ctx, in.Account.ID)
		if err != nil {
			return err
		}
		if sec.CodeOn {
			return fault.New(fault.Conflict, "identity.code.on", nil)
		}
		sec.Account, sec.CodeSeed, sec.CodeStep = in.Account.ID, sealed, 0
		return tx.SaveSecrets(ctx, sec)
	})
	return s.codeAddress(key.Secret(), in.Account), err
}

// PendingCode is what BeginCode gave, until it is confirmed. It fails with NotFound.
func (s *Service) PendingCode(ctx context.Context, in SignedIn) (address string, err error) {
	if err := s.mayChange(ctx, s.Store, in); err != nil {
		return "", err
	}
	sec, err := s.Store.Secrets(ctx, in.Account.ID)
	if err != nil {
		return "", err
	}
	if sec.CodeOn || len(sec.CodeSeed) == 0 {
		return "", errNoCode
	}
	seed, err := s.Sealer.Open(sec.CodeSeed, aboutSeed(in.Account.ID))
	if err != nil {
		return "", fmt.Errorf("open the seed of codes: %w", err)
	}
	return s.codeAddress(string(seed), in.Account), nil
}

// codeAddress is a seed as applications read it. The account's name on the telephone is the
// masked number: others look over one's shoulder.
func (s *Service) codeAddress(seed string, a Account) string {
	plain := strings.NewReplacer(" ", "%20", ":", "%3A", "•", "x")
	return fmt.Sprintf("otpauth://totp/%s:%s?secret=%s&issuer=%s&period=%d&digits=%d",
		plain.Replace(s.issuerName()), plain.Replace(a.Holder.String()), seed, plain.Replace(s.issuerName()), codePeriod, codeDigits)
}

func (s *Service) issuerName() string {
	_, host, _ := strings.Cut(s.Settings.Issuer, "://")
	return "dean06 " + strings.ReplaceAll(host, ":", " ")
}

// ConfirmCode turns one-time codes on with the first one, and gives recovery codes when there
// are none, once. It fails with Invalid at "code".
func (s *Service) ConfirmCode(ctx context.Context, in SignedIn, code string, b Browser) ([]string, error) {
	codes, hashes, err := s.Gate.RecoveryCodes(ctx, recoveryCodes)
	if err != nil {
		return nil, err
	}
	had := false
	err = s.change(ctx, in, b, "code_on", func(tx Tx) error {
		sec, err := tx.Secrets(ctx, in.Account.ID)
		if err != nil {
			return err
		}
		if sec.CodeOn || len(sec.CodeSeed) == 0 {
			return errNoCode
		}
		step, err := s.step(sec, password.Bare(code))
		if err != nil {
			return err
		}
		if step == 0 {
			return errWrongCode
		}
		sec.CodeOn, sec.CodeStep = true, step
		if had = len(sec.Recovery) > 0; !had {
			sec.Recovery = hashes
		}
		return tx.SaveSecrets(ctx, sec)
	})
	if err != nil || had {
		return nil, err
	}
	return codes, nil
}

// DropCode turns one-time codes off.
func (s *Service) DropCode(ctx context.Context, in SignedIn, b Browser) error {
	return s.change(ctx, in, b, "code_off", func(tx Tx) error {
		sec, err := tx.Secrets(ctx, in.Account.ID)
		if err != nil {
			return err
		}
		sec.CodeSeed, sec.CodeOn, sec.CodeStep = nil, false, 0
		return tx.SaveSecrets(ctx, sec)
	})
}

// NewRecoveryCodes gives a holder ten recovery codes, once; those from before open nothing any
// more.
func (s *Service) NewRecoveryCodes(ctx context.Context, in SignedIn, b Browser) ([]string, error) {
	if err := s.mayChange(ctx, s.Store, in); err != nil {
		return nil, err
	}
	codes, hashes, err := s.Gate.RecoveryCodes(ctx, recoveryCodes)
	if err != nil {
		return nil, err
	}
	err = s.change(ctx, in, b, "recovery_codes", func(tx Tx) error {
		sec, err := tx.Secrets(ctx, in.Account.ID)
		if err != nil {
			return err
		}
		sec.Account, sec.Recovery = in.Account.ID, hashes
		return tx.SaveSecrets(ctx, sec)
	})
	if err != nil {
		return nil, err
	}
	return codes, nil
}

// Means is what a holder signs in with, for their page.
type Means struct {
	Password   bool
	PasswordAt time.Time
	Code       bool
	Recovery   int // codes that are left
	Devices    []Device
	Trustees   []Trustee
}

// MeansOf is what a holder signs in with.
func (s *Service) MeansOf(ctx context.Context, in SignedIn) (Means, error) {
	if err := Permissions.CanOwn(in.Actor(), SeeOwn, true); err != nil {
		return Means{}, err
	}
	sec, err := s.Store.Secrets(ctx, in.Account.ID)
	if err != nil {
		return Means{}, fmt.Errorf("secrets of an account: %w", err)
	}
	devices, err := s.Store.Devices(ctx, in.Account.ID)
	if err != nil {
		return Means{}, fmt.Errorf("devices of an account: %w", err)
	}
	return Means{
		Password: sec.Password != "", PasswordAt: sec.PasswordAt, Code: sec.CodeOn, Recovery: len(sec.Recovery), Devices: devices,
		Trustees: sec.Trustees,
	}, nil
}
