package session

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"strings"
	"time"

	"dean06/internal/platform/opaque"

	"github.com/pquerna/otp/totp"
	"github.com/skip2/go-qrcode"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/password"
	"dean06/internal/platform/sqldb"
)

const (
	totpPeriod    = 30 // seconds; RFC 6238
	recoveryCodes = 10
)

var errNoFactor = fault.New(fault.NotFound, "session.code.not_started", nil)

// BeginTOTP gives the account that is signed in a new secret, which counts once
// ConfirmTOTP has seen a code made from it. It fails with Conflict when the
// second factor is on already.
func (s *Service) BeginTOTP(ctx context.Context) error {
	id, err := Check(ctx)
	if err != nil {
		return err
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: s.issuer(), AccountName: id.Login})
	if err != nil {
		return fmt.Errorf("begin totp: %w", err)
	}
	n, err := sqldb.Exec(ctx, s.db, `UPDATE account SET totp_secret = $1, totp_step = 0 WHERE id = $2 AND NOT totp_on`,
		key.Secret(), id.Account)
	if err != nil {
		return fmt.Errorf("begin totp: %w", err)
	}
	if n == 0 {
		return fault.New(fault.Conflict, "session.code.already_on", nil)
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
	id, err := Check(ctx)
	if err != nil {
		return "", nil, err
	}
	raw, err := sqldb.One[string](ctx, s.db,
		`SELECT totp_secret FROM account WHERE id = $1 AND NOT totp_on AND totp_secret <> ''`, id.Account)
	if errors.Is(err, sqldb.ErrNone) {
		return "", nil, errNoFactor
	}
	if err != nil {
		return "", nil, fmt.Errorf("read totp secret: %w", err)
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

// ConfirmTOTP turns the second factor on with its first code and gives the
// recovery codes, once. It fails with Invalid when the code is wrong.
func (s *Service) ConfirmTOTP(ctx context.Context, code string) ([]string, error) {
	id, err := Check(ctx)
	if err != nil {
		return nil, err
	}
	var codes []string
	err = s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		a, err := sqldb.One[stored](ctx, tx, `SELECT `+storedColumns+` FROM account WHERE id = $1`, id.Account)
		if err != nil {
			return err
		}
		if a.TOTP || a.TOTPSecret == "" {
			return errNoFactor
		}
		ok, err := s.useCode(ctx, tx, a, code)
		if err != nil {
			return err
		}
		if !ok {
			return errWrongCode
		}
		if _, err := sqldb.Exec(ctx, tx, `UPDATE account SET totp_on = $1 WHERE id = $2`, true, a.ID); err != nil {
			return err
		}
		if codes, err = newRecoveryCodes(ctx, tx, a.ID); err != nil {
			return err
		}
		return s.record(ctx, tx, "account.totp_on", a.ID, nil)
	})
	return codes, err
}

func newRecoveryCodes(ctx context.Context, tx *sqldb.Tx, accountID string) ([]string, error) {
	if _, err := sqldb.Exec(ctx, tx, `DELETE FROM account_recovery_code WHERE account_id = $1`, accountID); err != nil {
		return nil, err
	}
	codes := make([]string, recoveryCodes)
	for i := range codes {
		codes[i] = password.Readable(12, 4)
		if _, err := sqldb.Exec(ctx, tx, `INSERT INTO account_recovery_code (account_id, hash) VALUES ($1, $2)`,
			accountID, opaque.Hash(password.Bare(codes[i]))); err != nil {
			return nil, err
		}
	}
	return codes, nil
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
	err = s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		token = "" // the transaction may run twice
		a, err := sqldb.One[stored](ctx, tx, `SELECT `+storedColumns+` FROM account WHERE id = $1`, id.Account)
		if err != nil {
			return err
		}
		used, err := s.useCode(ctx, tx, a, code)
		if err != nil {
			return err
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
		return s.signedIn(ctx, tx, a.Account, id.Via, c)
	})
	if err != nil {
		return "", "", fmt.Errorf("check code: %w", err)
	}
	if token == "" {
		return "", "", errWrongCode
	}
	return token, step, nil
}

// useCode takes a code of now, the step before or the step after (clocks differ), each
// once; or a recovery code, once.
func (s *Service) useCode(ctx context.Context, tx *sqldb.Tx, a stored, code string) (bool, error) {
	code = password.Bare(code)
	if len(code) != 6 {
		n, err := sqldb.Exec(ctx, tx, `DELETE FROM account_recovery_code WHERE account_id = $1 AND hash = $2`, a.ID, opaque.Hash(code))
		return n == 1, err
	}
	now := s.clock.Now().Unix() / totpPeriod
	for step := now - 1; step <= now+1; step++ {
		want, err := totp.GenerateCode(a.TOTPSecret, time.Unix(step*totpPeriod, 0))
		if err != nil {
			return false, fmt.Errorf("make totp code: %w", err)
		}
		if subtle.ConstantTimeCompare([]byte(want), []byte(code)) != 1 {
			continue
		}
		n, err := sqldb.Exec(ctx, tx, `UPDATE account SET totp_step = $1 WHERE id = $2 AND totp_step < $1`, step, a.ID)
		return n == 1, err
	}
	return false, nil
}
