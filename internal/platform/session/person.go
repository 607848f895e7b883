package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"dean06/internal/platform/opaque"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
)

// Person is somebody of whom a provider of identities vouches that they signed in there.
type Person struct {
	Issuer  string // whose word it is
	Subject string // what the issuer calls them, here: stays the same
	Session string // which of the issuer's sign-ins it is
	Number  string // personal number
	Name    string
	Level   int    // how sure the issuer is: 1, 2
	Token   string // the ID token: shown again to end the sign-in there
	// For is for whom they act, where the issuer says that they do; nil for themselves.
	For *actor.Principal
}

// LogValue keeps the person out of logs.
func (p Person) LogValue() slog.Value { return slog.StringValue(p.Subject) }

// The ways to be bound of accounts without a password. "session.binding.how.…" are their
// names.
const (
	ByIssuer How = "issuer" // a provider of identities vouched for the person
	ByNumber How = "number" // an administrator named the number; nobody opens the account but who signs in as its person
)

var (
	errNobodyHere = fault.New(fault.Denied, "session.person.nobody_here", nil)
	errNoPassword = fault.New(fault.Denied, "session.person.no_password", nil)
)

// createPerson adds an account for the person with a number. Roles that are guarded wait for
// a second person, as with Create.
func (s *Service) createPerson(ctx context.Context, by actor.Actor, d Draft) (Outcome, error) {
	proof := string(ByNumber)
	if err := bindable(d.Number, &proof); err != nil {
		return Outcome{}, err
	}
	if d.Login == "" {
		d.Login = newLogin()
	}
	if err := d.tidy(); err != nil {
		return Outcome{}, err
	}
	now, later, err := s.partNew(ctx, by, d)
	if err != nil {
		return Outcome{}, err
	}
	var out Outcome
	err = s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		var err error
		if out.Account, err = s.insert(ctx, tx, now, "", false); err != nil {
			return err
		}
		if err := s.bind(ctx, tx, Binding{Account: out.Account.ID, Number: d.Number, How: ByNumber, Proof: proof, By: by.Account}); err != nil {
			return err
		}
		if later.nothing() {
			return nil
		}
		out.Asked, err = s.askChange(ctx, tx, by, out.Account, later, d.Reason)
		return err
	})
	switch {
	case fault.Of(err) == fault.Conflict:
		return Outcome{}, err
	case err != nil:
		return Outcome{}, created(err)
	}
	s.names.forget()
	return out, nil
}

// newLogin is one that says nothing of whose it is.
func newLogin() string {
	id := sqldb.NewID()
	return "dd-" + id[len(id)-12:]
}

// hasPassword says that an account can be opened with a password, or could as soon as its
// second half is there.
func (s *Service) hasPassword(ctx context.Context, id string) (bool, error) {
	b, err := bindingOf(ctx, s.db, id)
	if errors.Is(err, errUnbound) {
		return true, nil
	}
	return b.How != ByNumber && b.How != ByIssuer, err
}

// HasPassword says that the account that is signed in is a local one, which a password opens.
func (s *Service) HasPassword(ctx context.Context) (bool, error) {
	id, err := Check(ctx)
	if err != nil {
		return false, err
	}
	return s.hasPassword(ctx, id.Account)
}

// SignInPerson opens a session for somebody of whom an issuer vouches: for the account that
// the issuer's subject was, or that is bound to the number, else for a new one of a
// citizen, where the node has such. It fails with Denied when the account is locked, or the
// node has nothing for citizens and nobody gave the person a role.
func (s *Service) SignInPerson(ctx context.Context, p Person, c Client, oldToken string) (string, error) {
	if !numberShape.MatchString(p.Number) || p.Issuer == "" || p.Subject == "" || p.Level < 1 || p.For != nil && !actsFor(p) {
		return "", fault.New(fault.Invalid, "session.person.unfit", nil)
	}
	var token string
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		a, err := s.personOf(ctx, tx, p)
		if err != nil {
			return err
		}
		if !a.Active {
			return errDenied
		}
		now := s.clock.Now()
		var hash string
		token, hash = newToken()
		if _, err := sqldb.Exec(ctx, tx, `DELETE FROM account_session WHERE token_hash = $1`, opaque.Hash(oldToken)); err != nil {
			return err
		}
		row := personRow{
			openRow: openRow{TokenHash: hash, AccountID: a.ID, ExpiresAt: now.Add(s.opts.Absolute), Open: Open{
				ID: sqldb.NewID(), Via: actor.OIDC, Address: c.Address, Agent: cut(c.Agent, 200), CreatedAt: now, SeenAt: now,
			}},
			Level: p.Level, Issuer: p.Issuer, IssuerSession: p.Session, IDToken: p.Token,
		}
		if p.For != nil {
			raw, err := json.Marshal(acts{*p.For, p.For.Number})
			if err != nil {
				return err
			}
			row.ActsSubject, row.Acts = p.For.Subject, string(raw)
		}
		if err := sqldb.Insert(ctx, tx, "account_session", row); err != nil {
			return err
		}
		return s.signedIn(ctx, tx, a, actor.Actor{Via: actor.OIDC, For: p.For}, c)
	})
	if err != nil {
		return "", fmt.Errorf("sign in by %s: %w", p.Issuer, err)
	}
	return token, nil
}

type personRow struct {
	openRow
	Level         int    `db:"level"`
	Issuer        string `db:"issuer"`
	IssuerSession string `db:"issuer_session"`
	IDToken       string `db:"id_token"`
	ActsSubject   string `db:"acts_subject"`
	Acts          string `db:"acts"`
}

// acts is for whom a session acts, as it is kept: the number is told nowhere else.
type acts struct {
	actor.Principal

	Number string `json:"number"`
}

// actsFor says that it is known for whom somebody acts, and that it is another.
func actsFor(p Person) bool {
	return p.For.Subject != "" && p.For.Subject != p.Subject && p.For.Number != "" && p.For.Number != p.Number && p.For.Name != ""
}

// principal reads for whom a session acts; nil for oneself.
func principal(kept string) (*actor.Principal, error) {
	if kept == "" {
		return nil, nil //nolint:nilnil // nobody is acted for
	}
	var a acts
	if err := json.Unmarshal([]byte(kept), &a); err != nil {
		return nil, fmt.Errorf("for whom a session acts: %w", err)
	}
	a.Principal.Number = a.Number
	return &a.Principal, nil
}

// personOf is the account of a person, made when there is none.
func (s *Service) personOf(ctx context.Context, tx *sqldb.Tx, p Person) (Account, error) {
	id, err := sqldb.One[string](ctx, tx, `SELECT account_id FROM account_subject WHERE issuer = $1 AND subject = $2`, p.Issuer, p.Subject)
	known := err == nil
	if err != nil && !errors.Is(err, sqldb.ErrNone) {
		return Account{}, err
	}
	if !known {
		id, err = sqldb.One[string](ctx, tx, `SELECT account_id FROM account_binding WHERE number = $1 AND ended_at IS NULL`, p.Number)
		if err != nil && !errors.Is(err, sqldb.ErrNone) {
			return Account{}, err
		}
		if errors.Is(err, sqldb.ErrNone) {
			if id, err = s.newPerson(ctx, tx, p); err != nil {
				return Account{}, err
			}
		}
		row := subjectRow{p.Issuer, p.Subject, id, s.clock.Now()}
		if err := sqldb.Insert(ctx, tx, "account_subject", row); err != nil {
			return Account{}, err
		}
	}
	if err := s.rebind(ctx, tx, id, p); err != nil {
		return Account{}, err
	}
	return account(ctx, tx, id)
}

type subjectRow struct {
	Issuer  string    `db:"issuer"`
	Subject string    `db:"subject"`
	Account string    `db:"account_id"`
	At      time.Time `db:"created_at"`
}

// HasCitizens says that the node has something for people who act for themselves, or for others.
func (s *Service) HasCitizens() bool {
	return slices.ContainsFunc(s.opts.Roles, func(r Role) bool { return r.Bound })
}

// newPerson makes the account of a citizen, who has no password here.
func (s *Service) newPerson(ctx context.Context, tx *sqldb.Tx, p Person) (string, error) {
	var roles []string
	for _, r := range s.opts.Roles {
		if r.Bound {
			roles = append(roles, r.Code)
		}
	}
	if len(roles) == 0 {
		return "", errNobodyHere
	}
	d := Draft{Login: newLogin(), Name: p.Name, Roles: roles, Active: true}
	if err := d.tidy(); err != nil {
		return "", err
	}
	a, err := s.insert(ctx, tx, d, "", false)
	return a.ID, err
}

// rebind binds an account to the number that the issuer vouches for now: the first time,
// and after the number became another.
func (s *Service) rebind(ctx context.Context, tx *sqldb.Tx, id string, p Person) error {
	b, err := bindingOf(ctx, tx, id)
	switch {
	case err == nil && b.Number == p.Number:
		return nil
	case err == nil:
		if err := s.unbind(ctx, tx, id, p.Issuer); err != nil {
			return err
		}
	case !errors.Is(err, errUnbound):
		return err
	}
	return s.bind(ctx, tx, Binding{Account: id, Number: p.Number, How: ByIssuer, Proof: p.Issuer, By: id})
}

// SignedInAt is which of an issuer's sign-ins the session at hand rests on, and the ID token
// that shows it; "" when it is a local one.
func (s *Service) SignedInAt(ctx context.Context, sessionID string) (issuer, token string, err error) {
	type row struct {
		Issuer  string `db:"issuer"`
		IDToken string `db:"id_token"`
	}
	r, err := sqldb.One[row](ctx, s.db, `SELECT issuer, id_token FROM account_session WHERE id = $1`, sessionID)
	if errors.Is(err, sqldb.ErrNone) {
		return "", "", nil
	}
	return r.Issuer, r.IDToken, err
}

// EndAt ends the sessions that rest on a sign-in of an issuer, or on any of a subject's when
// no sign-in is named: the issuer says that it is over. With both, of one sign-in those that
// are the subject's, or act for them: when a right to act ends, one's own session goes on. It
// gives how many there were.
func (s *Service) EndAt(ctx context.Context, issuer, session, subject string) (int, error) {
	n := 0
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		where := `issuer = $1 AND (acts_subject = $2 OR acts_subject = '' AND
			account_id IN (SELECT account_id FROM account_subject WHERE issuer = $1 AND subject = $2))`
		args := []any{issuer, subject}
		switch {
		case subject == "":
			where, args = `issuer = $1 AND issuer_session = $2`, []any{issuer, session}
		case session != "":
			where, args = where+` AND issuer_session = $3`, append(args, session)
		}
		accounts, err := sqldb.All[string](ctx, tx, `SELECT account_id FROM account_session WHERE `+where, args...)
		if err != nil {
			return err
		}
		if _, err := sqldb.Exec(ctx, tx, `DELETE FROM account_session WHERE `+where, args...); err != nil {
			return err
		}
		n = len(accounts)
		for _, id := range slices.Compact(slices.Sorted(slices.Values(accounts))) {
			if err := s.record(ctx, tx, "session.end", id, map[string]string{"issuer": issuer}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("end sessions of %s: %w", issuer, err)
	}
	return n, nil
}
