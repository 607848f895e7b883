package session

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/password"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/throttle"
	"dean06/internal/platform/web"
)

// Proof says that somebody has shown to be the holder of an account.
type Proof struct {
	AccountID string
	Via       actor.Via
}

// Authenticator turns the request at the end of a way to sign in into a proof.
// Password is one; OpenID Connect, with its code and state in the request, takes
// the same seam, and Service.SignIn makes the same session of either.
type Authenticator interface {
	Authenticate(r *http.Request) (Proof, error)
}

// Password signs in with the form fields "login" and "password".
type Password struct{ Service *Service }

// Authenticate checks login and password. It fails with Invalid when they do not
// fit, TooMany while further attempts are paused, and Unavailable under load.
func (p Password) Authenticate(r *http.Request) (Proof, error) {
	return p.Service.CheckPassword(r.Context(), r.PostFormValue("login"), r.PostFormValue("password"), p.Service.Client(r))
}

// Client is the machine at the other end.
type Client struct {
	Address string
	Agent   string
	Known   string // the cookie that says on which accounts it signed in before (Remember)
}

var (
	errWrong     = fault.New(fault.Invalid, "session.sign_in.wrong", nil)
	errWrongCode = fault.New(fault.Invalid, "session.code.wrong", nil).At("code")
)

// CheckPassword proves an account by login and password. An unknown login, a
// wrong password and a disabled account get the same answer after the same work.
func (s *Service) CheckPassword(ctx context.Context, login, given string, c Client) (Proof, error) {
	login = strings.ToLower(strings.TrimSpace(login))
	// The slot is held until a failure is counted: no burst outruns the throttle.
	leave, err := s.gate.Enter(ctx)
	if err != nil {
		return Proof{}, err
	}
	defer leave()
	a, err := sqldb.One[stored](ctx, s.db, `SELECT `+storedColumns+` FROM account WHERE login = $1`, login)
	if err != nil && !errors.Is(err, sqldb.ErrNone) {
		return Proof{}, fmt.Errorf("check password: %w", err)
	}
	try, err := s.try(ctx, guessPassword, login, a.ID, c)
	if err != nil {
		return Proof{}, err
	}
	if err := s.paused(ctx, try); err != nil {
		return Proof{}, err
	}
	phc := a.Password
	if phc == "" {
		phc = s.gate.Decoy()
	}
	fits := verify(phc, given) && a.Password != ""
	if fits && a.Active {
		return Proof{a.ID, actor.Password}, s.forgive(ctx, s.db, try)
	}
	outcome := "wrong_password"
	if fits {
		outcome = "inactive"
	}
	err = s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		return s.failed(ctx, tx, a.Account, outcome, c, try)
	})
	if err != nil {
		return Proof{}, fmt.Errorf("check password: %w", err)
	}
	return Proof{}, errWrong
}

// failed counts a wrong try and writes it down.
func (s *Service) failed(ctx context.Context, tx *sqldb.Tx, a Account, outcome string, c Client, t throttle.Try) error {
	details := map[string]string{"outcome": outcome}
	pause, err := s.count(ctx, tx, t)
	if err != nil {
		return err
	}
	if pause > 0 {
		details["paused"] = pause.String()
	}
	if a.ID != "" {
		if err := s.history(ctx, tx, a.ID, outcome, actor.Password, c); err != nil {
			return err
		}
	}
	return audit.Record(ctx, tx, audit.Entry{
		At: s.clock.Now(), Action: "session.sign_in_failed", Details: details,
		Subject: audit.Subject{Type: "account", ID: a.ID},
		Who: audit.Who{
			Actor:     actor.Actor{Account: a.ID, Name: a.Name, Agency: a.Agency},
			RequestID: web.RequestID(ctx), Address: c.Address,
		},
	})
}

// SignIn is a line of an account's history.
type SignIn struct {
	ID        string    `db:"id"`
	AccountID string    `db:"account_id"`
	At        time.Time `db:"at"`
	Outcome   string    `db:"outcome"`
	Via       actor.Via `db:"via"`
	Address   string    `db:"address"`
	Agent     string    `db:"agent"`
}

func (s *Service) history(ctx context.Context, tx *sqldb.Tx, accountID, outcome string, via actor.Via, c Client) error {
	return sqldb.Insert(ctx, tx, "account_sign_in", SignIn{
		ID: sqldb.NewID(), AccountID: accountID, At: s.clock.Now(),
		Outcome: outcome, Via: via, Address: c.Address, Agent: cut(c.Agent, 200),
	})
}

// History lists the last sign-ins of an account and the attempts that failed.
func (s *Service) History(ctx context.Context, accountID string, limit int) ([]SignIn, error) {
	if err := s.mayOwn(ctx, accountID, SeeAccounts); err != nil {
		return nil, err
	}
	return sqldb.All[SignIn](ctx, s.db, `
		SELECT id, account_id, at, outcome, via, address, agent FROM account_sign_in
		WHERE account_id = $1 ORDER BY at DESC, id DESC LIMIT $2`, accountID, limit)
}

func cut(s string, n int) string {
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "")
	if len(s) <= n {
		return s
	}
	s = s[:n]
	for !utf8.ValidString(s) {
		s = s[:len(s)-1]
	}
	return s
}

// ChangePassword sets a new password of the account that is signed in, ends its
// other sessions and gives the session at hand a new token. It fails with
// Invalid at the field that is wrong, and TooMany after repeated failures.
func (s *Service) ChangePassword(ctx context.Context, current, wanted string, c Client) (token string, err error) {
	id, step, ok := Unfinished(ctx)
	if !ok || step != Complete && step != NeedPassword { // half a sign-in must not replace the other half
		return "", errUnsigned
	}
	a, err := s.recheck(ctx, id, current, "current_password", c)
	if err != nil {
		return "", err
	}
	names, err := s.namesAround(ctx, a.Account)
	if err != nil {
		return "", err
	}
	if err := password.Check("new_password", wanted, names...); err != nil {
		return "", err
	}
	if wanted == current {
		return "", fault.New(fault.Invalid, "session.password.same", nil).At("new_password")
	}
	hash, err := s.gate.Hash(ctx, wanted)
	if err != nil {
		return "", err
	}
	err = s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		if err := s.storePassword(ctx, tx, a.ID, hash, false); err != nil {
			return err
		}
		if err := endSessions(ctx, tx, a.ID, id.SessionID); err != nil {
			return err
		}
		if token, err = s.rotate(ctx, tx, id.SessionID, Complete); err != nil {
			return err
		}
		if err := s.tell(ctx, tx, a.ID, "password", nil); err != nil {
			return err
		}
		return s.record(ctx, tx, "account.change_password", a.ID, nil)
	})
	if err != nil {
		return "", fmt.Errorf("change password: %w", err)
	}
	return token, nil
}

// namesAround are the names that belong to the holder of an account: their own, and those of
// their agency, offices and places.
func (s *Service) namesAround(ctx context.Context, a Account) ([]string, error) {
	names := []string{a.Login, a.Name, a.Agency, a.Email}
	if s.needs.NamesOf == nil {
		return names, nil
	}
	more, err := s.needs.NamesOf(ctx, a.ID, a.Agency, s.clock.Now())
	if err != nil {
		return nil, fmt.Errorf("names around an account: %w", err)
	}
	return append(names, more...), nil
}

// recheck asks again for the password of who is signed in, before a change that
// a passer-by at an open screen must not make.
func (s *Service) recheck(ctx context.Context, id Identity, given, field string, c Client) (stored, error) {
	leave, err := s.gate.Enter(ctx)
	if err != nil {
		return stored{}, err
	}
	defer leave()
	a, err := sqldb.One[stored](ctx, s.db, `SELECT `+storedColumns+` FROM account WHERE id = $1`, id.Account)
	if err != nil {
		return a, fmt.Errorf("check password again: %w", err)
	}
	if a.Password == "" {
		return a, errNoPassword.At(field)
	}
	try, err := s.try(ctx, guessPassword, a.Login, a.ID, c)
	if err != nil {
		return a, err
	}
	if err := s.paused(ctx, try); err != nil {
		return a, err
	}
	if verify(a.Password, given) {
		return a, nil
	}
	err = s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		return s.failed(ctx, tx, a.Account, "wrong_password", c, try)
	})
	if err != nil {
		return a, err
	}
	return a, fault.New(fault.Invalid, "session.password.wrong", nil).At(field)
}
