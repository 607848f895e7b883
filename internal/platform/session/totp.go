package session

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pquerna/otp/totp"
	"github.com/skip2/go-qrcode"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/password"
	"dean06/internal/platform/sqldb"
)

const (
	totpPeriod    = 30 // seconds; RFC 6238
	recoveryCodes = 10
)

var (
	errNoFactor = fault.New(fault.NotFound, "session.code.not_started", nil)
	errFactorOn = fault.New(fault.Conflict, "session.code.already_on", nil)
)

// BeginTOTP gives the account that is signed in a new secret, which counts once ConfirmTOTP
// has seen a code made from it, in the same session. It asks for the password again. It fails
// with Conflict when the second factor is on already.
func (s *Service) BeginTOTP(ctx context.Context, given string, c Client) error {
	id, err := settingUp(ctx)
	if err != nil {
		return err
	}
	if _, err := s.recheck(ctx, id, given, "password", c); err != nil {
		return err
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: s.issuer(), AccountName: id.Login})
	if err != nil {
		return fmt.Errorf("begin totp: %w", err)
	}
	kept, err := s.seal(key.Secret(), ofSeed(id.Account, id.SessionID))
	if err != nil {
		return err
	}
	n, err := sqldb.Exec(ctx, s.db, `UPDATE account SET totp_secret = $1, totp_step = 0 WHERE id = $2 AND NOT totp_on`, kept, id.Account)
	if err != nil {
		return fmt.Errorf("begin totp: %w", err)
	}
	if n == 0 {
		return errFactorOn
	}
	return nil
}

func (s *Service) issuer() string {
	if s.opts.Node == "" {
		return "dean06"
	}
	return "dean06 " + s.opts.Node
}

// PendingTOTP gives the secret that awaits its first code, in groups of four for
// typing, and its QR image (PNG). It fails with NotFound when there is none.
func (s *Service) PendingTOTP(ctx context.Context) (secret string, png []byte, err error) {
	id, err := settingUp(ctx)
	if err != nil {
		return "", nil, err
	}
	raw, _, err := s.begun(ctx, id)
	if err != nil {
		return "", nil, err
	}
	label := strings.NewReplacer(" ", "%20", ":", "%3A").Replace(s.issuer())
	address := fmt.Sprintf("otpauth://totp/%s:%s?secret=%s&issuer=%s&period=%d&digits=6", label, id.Login, raw, label, totpPeriod)
	png, err = qrcode.Encode(address, qrcode.Medium, 256)
	if err != nil {
		return "", nil, fmt.Errorf("draw totp code: %w", err)
	}
	var b strings.Builder
	for i, r := range raw {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String(), png, nil
}

// begun is the seed that waits for its first code in the session at hand, and how it is kept.
func (s *Service) begun(ctx context.Context, id Identity) (seed, kept string, err error) {
	kept, err = sqldb.One[string](ctx, s.db,
		`SELECT totp_secret FROM account WHERE id = $1 AND NOT totp_on AND totp_secret <> ''`, id.Account)
	if errors.Is(err, sqldb.ErrNone) {
		return "", "", errNoFactor
	}
	if err != nil {
		return "", "", fmt.Errorf("read totp secret: %w", err)
	}
	if seed, err = s.unseal(kept, ofSeed(id.Account, id.SessionID)); err != nil {
		return "", "", errNoFactor.Because(err) // another session's, or of a key that is gone: one begins anew
	}
	return seed, kept, nil
}

// ConfirmTOTP turns the second factor on with its first code, and gives the recovery codes,
// once, and the session a new token. The account's other sessions end: they have not shown it.
// It fails with Invalid when the code is wrong.
func (s *Service) ConfirmTOTP(ctx context.Context, code string) (token string, codes []string, err error) {
	id, err := settingUp(ctx)
	if err != nil {
		return "", nil, err
	}
	seed, begun, err := s.begun(ctx, id)
	if err != nil {
		return "", nil, err
	}
	step, err := s.step(seed, code)
	if err != nil {
		return "", nil, err
	}
	if step == 0 {
		return "", nil, errWrongCode
	}
	kept, err := s.seal(seed, ofSeed(id.Account, ""))
	if err != nil {
		return "", nil, err
	}
	codes, recovery, err := s.gate.RecoveryCodes(ctx, recoveryCodes)
	if err != nil {
		return "", nil, err
	}
	err = s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		n, err := sqldb.Exec(ctx, tx, `UPDATE account SET totp_on = $1, totp_secret = $2, totp_step = $3 WHERE id = $4 AND NOT totp_on AND totp_secret = $5`,
			true, kept, step, id.Account, begun)
		if err != nil {
			return err
		}
		if n == 0 { // it was begun anew, or confirmed, meanwhile
			return errNoFactor
		}
		if err := keepRecovery(ctx, tx, id.Account, recovery); err != nil {
			return err
		}
		if err := endSessions(ctx, tx, id.Account, id.SessionID); err != nil {
			return err
		}
		if token, err = s.rotate(ctx, tx, id.SessionID, Complete); err != nil {
			return err
		}
		if err := s.tell(ctx, tx, id.Account, "factor_on", nil); err != nil {
			return err
		}
		return s.record(ctx, tx, "account.totp_on", id.Account, nil)
	})
	if err != nil {
		return "", nil, fmt.Errorf("turn the second factor on: %w", err)
	}
	return token, codes, nil
}

// DropTOTP turns the second factor of the account that is signed in off, after asking for its password again.
func (s *Service) DropTOTP(ctx context.Context, given string, c Client) error {
	id, err := Check(ctx)
	if err != nil {
		return err
	}
	if _, err := s.recheck(ctx, id, given, "password", c); err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		if err := dropFactor(ctx, tx, id.Account); err != nil {
			return err
		}
		if err := s.tell(ctx, tx, id.Account, "factor_off", nil); err != nil {
			return err
		}
		return s.record(ctx, tx, "account.totp_off", id.Account, nil)
	})
}

func dropFactor(ctx context.Context, tx *sqldb.Tx, accountID string) error {
	if _, err := sqldb.Exec(ctx, tx, `UPDATE account SET totp_secret = '', totp_on = $1, totp_step = 0 WHERE id = $2`,
		false, accountID); err != nil {
		return err
	}
	_, err := sqldb.Exec(ctx, tx, `DELETE FROM account_recovery_code WHERE account_id = $1`, accountID)
	return err
}

// CheckCode completes the code step of the session at hand, with six digits or a
// recovery code, and gives the session a new token. It fails with Invalid when the code is
// wrong or was used before, and TooMany after repeated failures.
func (s *Service) CheckCode(ctx context.Context, code string, c Client) (token string, step Step, err error) {
	id, lacking, ok := Unfinished(ctx)
	if !ok || lacking != NeedCode {
		return "", "", errUnsigned
	}
	leave, err := s.gate.Enter(ctx)
	if err != nil {
		return "", "", err
	}
	defer leave()
	try, err := s.try(ctx, guessCode, id.Account, id.Account, c)
	if err != nil {
		return "", "", err
	}
	if err := s.paused(ctx, try); err != nil {
		return "", "", err
	}
	a, err := sqldb.One[stored](ctx, s.db, `SELECT `+storedColumns+` FROM account WHERE id = $1`, id.Account)
	if err != nil {
		return "", "", fmt.Errorf("check code: %w", err)
	}
	take, err := s.fits(ctx, a, code)
	if err != nil {
		return "", "", err
	}
	err = s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		token = "" // the transaction may run twice
		used := false
		if take != nil {
			if used, err = take(ctx, tx); err != nil {
				return err
			}
		}
		if !used {
			return s.failed(ctx, tx, a.Account, "wrong_code", c, try)
		}
		step = Complete
		if a.MustChange {
			step = NeedPassword
		}
		if token, err = s.rotate(ctx, tx, id.SessionID, step); err != nil {
			return err
		}
		if err := s.forgive(ctx, tx, try); err != nil {
			return err
		}
		return s.signedIn(ctx, tx, a.Account, actor.Actor{Via: id.Via}, c)
	})
	if err != nil {
		return "", "", fmt.Errorf("check code: %w", err)
	}
	if token == "" {
		return "", "", errWrongCode
	}
	return token, step, nil
}

// use uses a code up, in the transaction in which it opens something; false when it was used
// meanwhile.
type use func(context.Context, *sqldb.Tx) (bool, error)

// fits says how a code of an account is used up, a recovery code too; nil when it is none of
// its. The caller is in the gate.
func (s *Service) fits(ctx context.Context, a stored, code string) (use, error) {
	if password.IsRecovery(code) {
		return s.recoverBy(ctx, a.ID, code)
	}
	seed, err := s.unseal(a.TOTPSecret, ofSeed(a.ID, ""))
	if err != nil {
		return nil, err
	}
	step, err := s.step(seed, code)
	if err != nil || step == 0 {
		return nil, err
	}
	return func(ctx context.Context, tx *sqldb.Tx) (bool, error) {
		n, err := sqldb.Exec(ctx, tx, `UPDATE account SET totp_step = $1 WHERE id = $2 AND totp_step < $1 AND totp_on`, step, a.ID)
		return n == 1, err
	}, nil
}

// step is the time step whose code it is: of now, the one before or the one after (clocks
// differ); 0 for none.
func (s *Service) step(seed, code string) (int64, error) {
	code = password.Bare(code)
	now := s.clock.Now().Unix() / totpPeriod
	for step := now - 1; step <= now+1; step++ {
		want, err := totp.GenerateCode(seed, time.Unix(step*totpPeriod, 0))
		if err != nil {
			return 0, fmt.Errorf("make totp code: %w", err)
		}
		if subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			return step, nil
		}
	}
	return 0, nil
}
