package session

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
)

// Sealer encrypts with a key from outside of the database (platform/pki).
type Sealer interface {
	Seal(plain, context []byte) ([]byte, error)
	Open(sealed, context []byte) ([]byte, error)
}

// sealMark begins a seed that is sealed; no seed of base32 does.
const sealMark = "sealed:"

var errSeal = fault.New(fault.Unavailable, "session.code.seal", nil)

// ofSeed ties a sealed seed to its account: moved to another row it opens nothing. One that
// waits for its first code is tied to the session that began it as well, so that nobody else
// who is signed in to the account reads it meanwhile.
func ofSeed(account, begunBy string) []byte {
	if begunBy == "" {
		return []byte("totp " + account)
	}
	return []byte("totp " + account + " begun by " + begunBy)
}

// seal seals a seed. It fails with Unavailable when the key cannot be had.
func (s *Service) seal(seed string, of []byte) (string, error) {
	if s.opts.Sealer == nil {
		return "", errSeal
	}
	sealer, err := s.opts.Sealer(true)
	if err != nil {
		return "", errSeal.Because(err)
	}
	sealed, err := sealer.Seal([]byte(seed), of)
	if err != nil {
		return "", fmt.Errorf("seal a seed: %w", err)
	}
	return sealMark + base64.RawStdEncoding.EncodeToString(sealed), nil
}

// unseal is the seed of what seal gave. It fails with Unavailable when the key is not there or
// is another one.
func (s *Service) unseal(kept string, of []byte) (string, error) {
	text, is := strings.CutPrefix(kept, sealMark)
	sealed, err := base64.RawStdEncoding.DecodeString(text)
	if !is || err != nil || s.opts.Sealer == nil {
		return "", errSeal
	}
	sealer, err := s.opts.Sealer(false)
	if err != nil {
		return "", errSeal.Because(err)
	}
	seed, err := sealer.Open(sealed, of)
	if err != nil {
		return "", errSeal.Because(err)
	}
	return string(seed), nil
}

// Seals says how many second factors are sealed, and how many of them do not open with a key;
// nil opens none.
func (s *Service) Seals(ctx context.Context, with Sealer) (all, closed int, err error) {
	list, err := s.seeds(ctx, s.db)
	if err != nil {
		return 0, 0, err
	}
	for _, a := range list {
		text, is := strings.CutPrefix(a.Secret, sealMark)
		if !is || !a.On {
			continue
		}
		all++
		sealed, err := base64.RawStdEncoding.DecodeString(text)
		if err == nil && with != nil {
			_, err = with.Open(sealed, ofSeed(a.ID, ""))
		}
		if err != nil || with == nil {
			closed++
		}
	}
	return all, closed, nil
}

// seed is what an account has of a second factor.
type seed struct {
	ID     string `db:"id"`
	Secret string `db:"totp_secret"`
	On     bool   `db:"totp_on"`
}

func (s *Service) seeds(ctx context.Context, q sqldb.Queryer) ([]seed, error) {
	list, err := sqldb.All[seed](ctx, q, `SELECT id, totp_secret, totp_on FROM account WHERE totp_secret <> ''`)
	if err != nil {
		return nil, fmt.Errorf("read second factors: %w", err)
	}
	return list, nil
}

// SealFactors seals the seeds that a program of before left open, and takes away the recovery
// codes of which it kept hashes that are quickly tried; their holders are told. It is called
// when the node begins to serve, with its own configuration: no command knows where the key is.
func (s *Service) SealFactors(ctx context.Context) error {
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		list, err := s.seeds(ctx, tx)
		if err != nil {
			return err
		}
		for _, a := range list {
			if strings.HasPrefix(a.Secret, sealMark) {
				continue
			}
			kept := "" // one that was begun is begun anew
			if a.On {
				if kept, err = s.seal(a.Secret, ofSeed(a.ID, "")); err != nil {
					return err
				}
			}
			if _, err := sqldb.Exec(ctx, tx, `UPDATE account SET totp_secret = $1 WHERE id = $2`, kept, a.ID); err != nil {
				return err
			}
		}
		return s.dropQuick(ctx, tx)
	})
	if err != nil {
		return fmt.Errorf("seal second factors: %w", err)
	}
	return nil
}

// dropQuick takes away recovery codes that are no slow hashes.
func (s *Service) dropQuick(ctx context.Context, tx *sqldb.Tx) error {
	const quick = ` FROM account_recovery_code WHERE hash NOT LIKE '% $argon2id$%'`
	holders, err := sqldb.All[string](ctx, tx, `SELECT DISTINCT account_id`+quick)
	if err != nil || len(holders) == 0 {
		return err
	}
	if _, err := sqldb.Exec(ctx, tx, `DELETE`+quick); err != nil {
		return err
	}
	for _, id := range holders {
		if err := s.tell(ctx, tx, id, "recovery_void", nil); err != nil {
			return err
		}
	}
	return nil
}

// keepRecovery replaces the recovery codes of an account.
func keepRecovery(ctx context.Context, tx *sqldb.Tx, account string, kept []string) error {
	if _, err := sqldb.Exec(ctx, tx, `DELETE FROM account_recovery_code WHERE account_id = $1`, account); err != nil {
		return err
	}
	for _, k := range kept {
		if _, err := sqldb.Exec(ctx, tx, `INSERT INTO account_recovery_code (account_id, hash) VALUES ($1, $2)`, account, k); err != nil {
			return err
		}
	}
	return nil
}

func recoveryOf(ctx context.Context, q sqldb.Queryer, account string) ([]string, error) {
	return sqldb.All[string](ctx, q, `SELECT hash FROM account_recovery_code WHERE account_id = $1`, account)
}

// RecoveryLeft is how many recovery codes the account that is signed in has left.
func (s *Service) RecoveryLeft(ctx context.Context) (int, error) {
	id, err := Check(ctx)
	if err != nil {
		return 0, err
	}
	list, err := recoveryOf(ctx, s.db, id.Account)
	return len(list), err
}

// NewRecoveryCodes gives the account that is signed in ten recovery codes, once, after asking
// for its password again; those from before open nothing any more. It fails with NotFound when
// it has no second factor.
func (s *Service) NewRecoveryCodes(ctx context.Context, given string, c Client) ([]string, error) {
	id, err := Check(ctx)
	if err != nil {
		return nil, err
	}
	a, err := s.recheck(ctx, id, given, "password", c)
	if err != nil {
		return nil, err
	}
	if !a.TOTP {
		return nil, errNoFactor
	}
	codes, kept, err := s.gate.RecoveryCodes(ctx, recoveryCodes)
	if err != nil {
		return nil, err
	}
	err = s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		if err := keepRecovery(ctx, tx, a.ID, kept); err != nil {
			return err
		}
		if err := s.tell(ctx, tx, a.ID, "recovery_made", nil); err != nil {
			return err
		}
		return s.record(ctx, tx, "account.recovery_codes", a.ID, nil)
	})
	if err != nil {
		return nil, fmt.Errorf("new recovery codes: %w", err)
	}
	return codes, nil
}

// recoverBy says how a recovery code is used up; nil when it is none. The caller is in the gate.
func (s *Service) recoverBy(ctx context.Context, account, code string) (use, error) {
	kept, err := recoveryOf(ctx, s.db, account)
	if err != nil {
		return nil, err
	}
	found := s.gate.Recovery(kept, code)
	if found == "" {
		return nil, nil
	}
	return func(ctx context.Context, tx *sqldb.Tx) (bool, error) {
		n, err := sqldb.Exec(ctx, tx, `DELETE FROM account_recovery_code WHERE account_id = $1 AND hash = $2`, account, found)
		if err != nil || n != 1 {
			return false, err
		}
		return true, s.tell(ctx, tx, account, "recovery_used", fault.Args{"left": len(kept) - 1})
	}, nil
}
