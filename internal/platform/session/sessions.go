package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"dean06/internal/platform/opaque"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
)

// stepTime is how long a session may wait for its missing step.
const stepTime = 10 * time.Minute

// seenEvery is how finely the last use of a session is kept.
const seenEvery = time.Minute

// Open is a session as its owner sees it.
type Open struct {
	ID        string    `db:"id"`
	Via       actor.Via `db:"via"`
	Address   string    `db:"address"`
	Agent     string    `db:"agent"`
	CreatedAt time.Time `db:"created_at"`
	SeenAt    time.Time `db:"seen_at"`
}

type openRow struct {
	Open
	TokenHash string    `db:"token_hash"`
	AccountID string    `db:"account_id"`
	Step      Step      `db:"step"`
	ExpiresAt time.Time `db:"expires_at"`
}

// Start opens a session for a proof and ends the one behind oldToken, so that a
// token known before signing in is worth nothing after it. It fails with Denied when the
// account was disabled meanwhile.
func (s *Service) Start(ctx context.Context, p Proof, c Client, oldToken string) (token string, step Step, err error) {
	now := s.clock.Now()
	var a Account
	err = s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		var err error
		if a, err = account(ctx, tx, p.AccountID); err != nil {
			return err
		}
		if !a.Active {
			return errDenied
		}
		step = firstStep(a, p)
		expires := now.Add(s.opts.Absolute)
		if step == NeedCode {
			expires = now.Add(stepTime)
		}
		var hash string
		token, hash = newToken()
		if _, err := sqldb.Exec(ctx, tx, `DELETE FROM account_session WHERE token_hash = $1`, opaque.Hash(oldToken)); err != nil {
			return err
		}
		row := openRow{TokenHash: hash, AccountID: a.ID, Step: step, ExpiresAt: expires, Open: Open{
			ID: sqldb.NewID(), Via: p.Via,
			Address: c.Address, Agent: cut(c.Agent, 200), CreatedAt: now, SeenAt: now,
		}}
		if err := sqldb.Insert(ctx, tx, "account_session", row); err != nil {
			return err
		}
		if step == NeedCode {
			return nil
		}
		return s.signedIn(ctx, tx, a, actor.Actor{Via: p.Via}, c)
	})
	if err != nil {
		return "", "", fmt.Errorf("start session: %w", err)
	}
	if step == Complete && s.asksSecond() {
		roles, err := s.held(ctx, a)
		if err != nil {
			return "", "", err
		}
		step = s.lacks(step, roles, shown{via: p.Via, totp: a.TOTP})
	}
	return token, step, nil
}

// firstStep is what a new session lacks. Elsewhere (OpenID Connect) the second
// factor and the password are the provider's business.
func firstStep(a Account, p Proof) Step {
	switch {
	case p.Via != actor.Password:
		return Complete
	case a.TOTP:
		return NeedCode
	case a.MustChange:
		return NeedPassword
	}
	return Complete
}

// signedIn notes a sign-in: which way it came and for whom it is, as says.
func (s *Service) signedIn(ctx context.Context, tx *sqldb.Tx, a Account, as actor.Actor, c Client) error {
	if err := s.history(ctx, tx, a.ID, "ok", as.Via, c); err != nil {
		return err
	}
	id := identityOf(a, as.Via)
	id.For = as.For
	return audit.Record(ctx, tx, audit.Entry{
		At: s.clock.Now(), Action: "session.sign_in", Subject: audit.Subject{Type: "account", ID: a.ID},
		Details: map[string]string{"via": string(as.Via)}, Who: s.who(ctx, id, c.Address),
	})
}

func identityOf(a Account, via actor.Via) Identity {
	return Identity{Actor: actor.Actor{Account: a.ID, Login: a.Login, Name: a.Name, Agency: a.Agency, Roles: a.Roles.V, Via: via}}
}

// rotate gives a session a new token and what it still lacks.
func (s *Service) rotate(ctx context.Context, tx *sqldb.Tx, sessionID string, step Step) (string, error) {
	token, hash := newToken()
	now := s.clock.Now()
	n, err := sqldb.Exec(ctx, tx, `UPDATE account_session SET token_hash = $1, step = $2, seen_at = $3, expires_at = $4 WHERE id = $5`,
		hash, step, now, now.Add(s.opts.Absolute), sessionID)
	if err != nil {
		return "", err
	}
	if n == 0 {
		return "", errUnsigned
	}
	return token, nil
}

// identify finds the session behind a cookie; false when it is over.
func (s *Service) identify(ctx context.Context, token string) (Identity, Step, bool, error) {
	type row struct {
		ID        string               `db:"id"`
		Step      Step                 `db:"step"`
		Via       actor.Via            `db:"via"`
		SeenAt    time.Time            `db:"seen_at"`
		AccountID string               `db:"account_id"`
		Login     string               `db:"login"`
		Name      string               `db:"name"`
		Agency    string               `db:"agency"`
		Roles     sqldb.JSON[[]string] `db:"roles"`
		Bound     string               `db:"number"`
		How       How                  `db:"how"`
		Level     int                  `db:"level"`
		Issuer    string               `db:"issuer"`
		TOTP      bool                 `db:"totp_on"`
		Acts      string               `db:"acts"`
	}
	now := s.clock.Now()
	r, err := sqldb.One[row](ctx, s.db.Kept(), `
		SELECT s.id, s.step, s.via, s.seen_at, s.account_id, s.level, s.issuer, s.acts,
			a.login, a.name, a.agency, a.roles, a.totp_on, b.number, b.how
		FROM account_session s JOIN account a ON a.id = s.account_id
		LEFT JOIN account_binding b ON b.account_id = a.id AND b.ended_at IS NULL
		WHERE s.token_hash = $1 AND a.active AND s.expires_at > $2 AND s.seen_at > $3`, opaque.Hash(token), now, now.Add(-s.opts.Idle))
	if errors.Is(err, sqldb.ErrNone) {
		return Identity{}, "", false, nil
	}
	if err != nil {
		return Identity{}, "", false, fmt.Errorf("find session: %w", err)
	}
	if now.Sub(r.SeenAt) >= min(seenEvery, s.opts.Idle/4) {
		if _, err := sqldb.Exec(ctx, s.db, `UPDATE account_session SET seen_at = $1 WHERE id = $2`, now, r.ID); err != nil {
			return Identity{}, "", false, fmt.Errorf("touch session: %w", err)
		}
	}
	more, err := s.lentTo(ctx, r.AccountID, now)
	if err != nil {
		return Identity{}, "", false, err
	}
	id := Identity{SessionID: r.ID, Bound: r.Bound, Issuer: r.Issuer, Actor: actor.Actor{
		Account: r.AccountID, Login: r.Login, Name: r.Name, Agency: r.Agency, Roles: with(r.Roles.V, more), Via: r.Via, Level: r.Level,
	}}
	if id.For, err = principal(r.Acts); err != nil {
		return Identity{}, "", false, err
	}
	if id.For != nil { // who acts for another acts as a citizen, not in an office of their own
		id.Roles = slices.DeleteFunc(slices.Clone(id.Roles), func(code string) bool { role, ok := s.role(code); return !ok || !role.Bound })
	}
	if r.Issuer == "" {
		id.Level = r.How.level()
	}
	return id, s.lacks(r.Step, id.Roles, shown{via: r.Via, level: r.Level, totp: r.TOTP}), true, nil
}

// Sessions lists the open sessions of an account, the last used first.
func (s *Service) Sessions(ctx context.Context, accountID string) ([]Open, error) {
	if err := s.mayOwn(ctx, accountID, SeeAccounts); err != nil {
		return nil, err
	}
	now := s.clock.Now()
	return sqldb.All[Open](ctx, s.db, `
		SELECT id, via, address, agent, created_at, seen_at FROM account_session
		WHERE account_id = $1 AND step = '' AND expires_at > $2 AND seen_at > $3 ORDER BY seen_at DESC, id DESC`,
		accountID, now, now.Add(-s.opts.Idle))
}

// End ends one session of the account that is signed in; NotFound when it has none of that id.
func (s *Service) End(ctx context.Context, sessionID string) error {
	id, _, ok := Unfinished(ctx)
	if !ok {
		return errUnsigned
	}
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		n, err := sqldb.Exec(ctx, tx, `DELETE FROM account_session WHERE id = $1 AND account_id = $2`, sessionID, id.Account)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.NotFound, "session.unknown", nil)
		}
		return s.record(ctx, tx, "session.end", id.Account, map[string]string{"session": sessionID})
	})
}

// EndOthers ends all sessions of the account that is signed in but the one at hand.
func (s *Service) EndOthers(ctx context.Context) error {
	id, err := Check(ctx)
	if err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		if err := endSessions(ctx, tx, id.Account, id.SessionID); err != nil {
			return err
		}
		return s.record(ctx, tx, "session.end_others", id.Account, nil)
	})
}

func endSessions(ctx context.Context, tx *sqldb.Tx, accountID, but string) error {
	_, err := sqldb.Exec(ctx, tx, `DELETE FROM account_session WHERE account_id = $1 AND id <> $2`, accountID, but)
	return err
}

// historyKept is how long sign-ins stay in the history: long enough to look into
// an incident, no longer, since addresses are personal data.
const historyKept = 180 * 24 * time.Hour

// Prune deletes sessions that are over, old history and forgotten failures. Run it daily.
func (s *Service) Prune(ctx context.Context) error {
	now := s.clock.Now()
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		for _, d := range []struct {
			sql string
			at  time.Time
		}{
			{`DELETE FROM account_session WHERE expires_at < $1`, now},
			{`DELETE FROM account_session WHERE seen_at < $1`, now.Add(-s.opts.Idle)},
			{`DELETE FROM account_sign_in WHERE at < $1`, now.Add(-historyKept)},
			{`DELETE FROM account_throttle WHERE until_at < $1`, now},
			{`DELETE FROM account_known WHERE seen_at < $1`, now.Add(-knownKept)},
		} {
			if _, err := sqldb.Exec(ctx, tx, d.sql, d.at); err != nil {
				return fmt.Errorf("prune sessions: %w", err)
			}
		}
		return nil
	})
}
