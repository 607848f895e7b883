package session

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"dean06/internal/platform/opaque"

	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/throttle"
)

// What is guessed is counted under these.
const (
	guessPassword = "password"
	guessCode     = "code"
)

const (
	knownKept = 180 * 24 * time.Hour // since the last sign-in on the browser
	knownMost = 20                   // browsers of an account
)

// book keeps the counts of package throttle.
type book struct{ q sqldb.Queryer }

// Count counts a failure in the key's window.
func (b book) Count(ctx context.Context, key string, at time.Time, within time.Duration) (int, error) {
	return sqldb.One[int](ctx, b.q, `
		INSERT INTO account_throttle (id, failures, last_at, until_at) VALUES ($1, 1, $2, $3)
		ON CONFLICT (id) DO UPDATE SET last_at = excluded.last_at,
			failures = CASE WHEN account_throttle.until_at <= excluded.last_at THEN 1 ELSE account_throttle.failures + 1 END,
			until_at = CASE WHEN account_throttle.until_at <= excluded.last_at THEN excluded.until_at ELSE account_throttle.until_at END
		RETURNING failures`, key, at, at.Add(within))
}

// Failures are how many were counted in the key's window.
func (b book) Failures(ctx context.Context, key string, since time.Time) (int, time.Time, error) {
	type row struct {
		N    int       `db:"failures"`
		Last time.Time `db:"last_at"`
	}
	r, err := sqldb.One[row](ctx, b.q, `SELECT failures, last_at FROM account_throttle WHERE id = $1 AND last_at >= $2`, key, since)
	if errors.Is(err, sqldb.ErrNone) {
		return 0, time.Time{}, nil
	}
	return r.N, r.Last, err
}

// Forgive forgets what was counted.
func (b book) Forgive(ctx context.Context, key string) error {
	_, err := sqldb.Exec(ctx, b.q, `DELETE FROM account_throttle WHERE id = $1`, key)
	return err
}

// rules are those of package throttle with the key of this node, which is made once.
func (s *Service) rules(ctx context.Context) (throttle.Rules, error) {
	s.keyMu.Lock()
	defer s.keyMu.Unlock()
	if s.key != "" {
		return throttle.Rules{Key: []byte(s.key)}, nil
	}
	made, _ := newToken()
	if _, err := sqldb.Exec(ctx, s.db, `INSERT INTO account_key (name, key) VALUES ('throttle', $1) ON CONFLICT (name) DO NOTHING`, made); err != nil {
		return throttle.Rules{}, fmt.Errorf("key of the throttle: %w", err)
	}
	key, err := sqldb.One[string](ctx, s.db, `SELECT key FROM account_key WHERE name = 'throttle'`)
	if err != nil {
		return throttle.Rules{}, fmt.Errorf("key of the throttle: %w", err)
	}
	s.key = key
	return throttle.Rules{Key: []byte(key)}, nil
}

// try is a try at a secret. typed is the login as it was typed: one that nobody has is counted
// like any other.
func (s *Service) try(ctx context.Context, what, typed, account string, c Client) (throttle.Try, error) {
	t := throttle.Try{What: what, Account: typed, Address: c.Address}
	if c.Known == "" || account == "" {
		return t, nil
	}
	n, err := sqldb.One[int](ctx, s.db, `SELECT COUNT(*) FROM account_known WHERE account_id = $1 AND token_hash = $2 AND seen_at > $3`,
		account, opaque.Hash(c.Known), s.clock.Now().Add(-knownKept))
	if err != nil {
		return t, fmt.Errorf("known browser: %w", err)
	}
	if n > 0 {
		t.Device = opaque.Hash(c.Known)
	}
	return t, nil
}

// paused fails with TooMany while a try has to wait.
func (s *Service) paused(ctx context.Context, t throttle.Try) error {
	rules, err := s.rules(ctx)
	if err != nil {
		return err
	}
	// That a second factor be asked for is no business here: who has one is asked for it always,
	// and who has none must get in all the same.
	v, err := rules.Ask(ctx, book{s.db}, t, s.clock.Now())
	if err != nil {
		return err
	}
	return v.Err()
}

// count counts a wrong try, and gives how long the next one waits.
func (s *Service) count(ctx context.Context, q sqldb.Queryer, t throttle.Try) (time.Duration, error) {
	rules, err := s.rules(ctx)
	if err != nil {
		return 0, err
	}
	now := s.clock.Now()
	if _, _, err := rules.Failed(ctx, book{q}, t, now); err != nil {
		return 0, err
	}
	v, err := rules.Ask(ctx, book{q}, t, now)
	return v.Wait, err
}

func (s *Service) forgive(ctx context.Context, q sqldb.Queryer, t throttle.Try) error {
	rules, err := s.rules(ctx)
	if err != nil {
		return err
	}
	return rules.Passed(ctx, book{q}, t)
}

func (s *Service) knownCookie() string { return s.cookie() + "-known" }

// Remember makes the browser known to an account that signed in on it: whatever others guess,
// its holder gets in there.
func (s *Service) Remember(w http.ResponseWriter, r *http.Request, account string) error {
	token := s.Client(r).Known
	if token == "" {
		token, _ = newToken()
	}
	now := s.clock.Now()
	err := s.db.InTx(r.Context(), func(tx *sqldb.Tx) error {
		if _, err := sqldb.Exec(r.Context(), tx, `
			INSERT INTO account_known (account_id, token_hash, seen_at) VALUES ($1, $2, $3)
			ON CONFLICT (account_id, token_hash) DO UPDATE SET seen_at = excluded.seen_at`, account, opaque.Hash(token), now); err != nil {
			return err
		}
		_, err := sqldb.Exec(r.Context(), tx, `
			DELETE FROM account_known WHERE account_id = $1 AND token_hash NOT IN (
				SELECT token_hash FROM account_known WHERE account_id = $1 ORDER BY seen_at DESC, token_hash LIMIT $2)`, account, knownMost)
		return err
	})
	if err != nil {
		return fmt.Errorf("remember a browser: %w", err)
	}
	http.SetCookie(w, &http.Cookie{
		Name: s.knownCookie(), Value: token, Path: "/", HttpOnly: true, Secure: s.opts.Secure, SameSite: http.SameSiteLaxMode,
		MaxAge: int(knownKept / time.Second),
	})
	return nil
}
