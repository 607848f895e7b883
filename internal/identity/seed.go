package identity

import (
	"context"
	"fmt"
	"time"

	"github.com/pquerna/otp/totp"

	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
)

// SeedHolder is somebody who has an account from the start.
type SeedHolder struct {
	Number citizen.Number
	Email  string
}

// Seed opens accounts of level 2 for people whom the register knows and who have none yet, all
// with one password, of which hashed gives the hash, and one seed of one-time codes. It is for the demo and for tests, where
// nobody stands at a desk: see Settings.DemoSeed. Whom the register does not know is passed over.
func (s *Service) Seed(ctx context.Context, by actor.Actor, hashed func() (string, error), holders ...SeedHolder) error {
	if err := Permissions.Can(by, Run); err != nil {
		return err
	}
	hash := ""
	for _, h := range holders {
		who := OfCitizen(h.Number)
		_, has, err := s.Store.ByHolder(ctx, who)
		if err != nil {
			return fmt.Errorf("find account: %w", err)
		}
		if has {
			continue
		}
		f, err := s.Register.Facts(ctx, Inquiry{By: Stranger, Purpose: ForLevelOne}, h.Number)
		if err != nil || f.Dead != 0 {
			continue
		}
		if hash == "" { // it takes long to make
			if hash, err = hashed(); err != nil {
				return err
			}
		}
		if err := s.Store.InTx(ctx, func(tx Tx) error { return s.seed(ctx, tx, by, f, h, hash) }); err != nil {
			return fmt.Errorf("seed an account: %w", err)
		}
	}
	return nil
}

func (s *Service) seed(ctx context.Context, tx Tx, by actor.Actor, f Facts, h SeedHolder, hash string) error {
	now := s.Clock.Now()
	a := s.newAccount(OfCitizen(h.Number), Two)
	if _, err := s.learn(ctx, tx, &a, f); err != nil {
		return err
	}
	a.set(Attribute{Field: FieldEmail, Value: h.Email, Basis: Confirmed, Since: now})
	if err := tx.AddProofing(ctx, Proofing{ID: s.NewID(), Account: a.ID, At: now, Level: Two, How: "desk", By: by}); err != nil {
		return err
	}
	sealed, err := s.Sealer.Seal([]byte(s.Settings.DemoSeed), aboutSeed(a.ID))
	if err != nil {
		return err
	}
	if err := tx.SaveSecrets(ctx, Secrets{Account: a.ID, Password: hash, PasswordAt: now, CodeSeed: sealed, CodeOn: true}); err != nil {
		return err
	}
	return s.alter(ctx, tx, &a, Entry{What: "opened", By: by, Args: map[string]string{"level": "2", "how": "desk"}})
}

// DemoCode is the one-time code that a sign-in at hand waits for, when it is made from the seed
// that everybody of the demo shares, so that a newcomer needs no application; "" for any other,
// and outside of a demo.
func (s *Service) DemoCode(ctx context.Context, id string, b Browser) string {
	if s.Settings.DemoSeed == "" {
		return ""
	}
	c, err := s.answering(ctx, s.Store, ForCode, id, b)
	if err != nil || c.Account == "" {
		return ""
	}
	sec, err := s.Store.Secrets(ctx, c.Account)
	if err != nil || !sec.CodeOn {
		return ""
	}
	if seed, err := s.Sealer.Open(sec.CodeSeed, aboutSeed(c.Account)); err != nil || string(seed) != s.Settings.DemoSeed {
		return ""
	}
	step := max(s.Clock.Now().Unix()/codePeriod-1, sec.CodeStep+1) // each is taken once
	code, err := totp.GenerateCode(s.Settings.DemoSeed, time.Unix(step*codePeriod, 0))
	if err != nil {
		return ""
	}
	return code
}
