package session

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"dean06/internal/platform/audit"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
)

// Account is a person who can sign in.
type Account struct {
	ID         string               `db:"id"`
	Login      string               `db:"login"`
	Name       string               `db:"name"`
	Email      string               `db:"email"`
	Agency     string               `db:"agency"`
	Roles      sqldb.JSON[[]string] `db:"roles"`
	Active     bool                 `db:"active"`
	MustChange bool                 `db:"must_change"`
	TOTP       bool                 `db:"totp_on"`
	Version    int64                `db:"version"`
	CreatedAt  time.Time            `db:"created_at"`
	UpdatedAt  time.Time            `db:"updated_at"`
}

const accountColumns = `id, login, name, email, agency, roles, active, must_change, totp_on, version, created_at, updated_at`

// stored is a whole row of account.
type stored struct {
	Account
	Password   string `db:"password"`
	TOTPSecret string `db:"totp_secret"`
	TOTPStep   int64  `db:"totp_step"`
	Search     string `db:"search"`
}

const storedColumns = accountColumns + `, password, totp_secret, totp_step, search`

// Draft is what an administrator says about an account.
type Draft struct {
	Login  string
	Name   string
	Email  string
	Agency string
	Roles  []string
	Active bool
}

// A login is typed by people of all ages on all keyboards: no accents, no capitals.
var (
	loginShape = regexp.MustCompile(`^[a-z0-9][a-z0-9._@-]{2,63}$`)
	roleShape  = regexp.MustCompile(`^[a-z][a-z_]{1,39}$`)
)

// tidy trims the draft and checks it. It fails with a list of Invalid, one for each field.
func (d *Draft) tidy() error {
	d.Login = strings.ToLower(strings.TrimSpace(d.Login))
	d.Name = norm.NFC.String(strings.Join(strings.Fields(d.Name), " "))
	d.Email, d.Agency = strings.TrimSpace(d.Email), strings.TrimSpace(d.Agency)
	d.Roles = slices.Compact(slices.Sorted(slices.Values(d.Roles)))
	var faults fault.List
	bad := func(field, key string) {
		faults = append(faults, fault.New(fault.Invalid, "session.account."+key, nil).At(field))
	}
	if !loginShape.MatchString(d.Login) {
		bad("login", "login_shape")
	}
	if n := utf8.RuneCountInString(d.Name); n < 2 || n > 120 || strings.ContainsFunc(d.Name, unicode.IsControl) {
		bad("name", "name_missing")
	}
	if d.Email != "" {
		a, err := mail.ParseAddress(d.Email)
		if err != nil || a.Address != d.Email || !strings.Contains(d.Email[strings.LastIndexByte(d.Email, '@'):], ".") {
			bad("email", "email_shape")
		}
	}
	if len(d.Agency) > 64 {
		bad("agency", "agency_unknown")
	}
	if len(d.Roles) == 0 || slices.ContainsFunc(d.Roles, func(r string) bool { return !roleShape.MatchString(r) }) {
		bad("roles", "role_missing")
	}
	return faults.Err()
}

func (d *Draft) search() string { return fold(d.Login + " " + d.Name + " " + d.Email) }

// fold makes text comparable however it is typed: without case and accents, đ as d.
func fold(s string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(s)) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r == 'đ':
			b.WriteByte('d')
		default:
			b.WriteRune(r)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// admin gives the administrator who asks. It fails with Unsigned or Denied.
func (s *Service) admin(ctx context.Context) (Identity, error) { return Check(ctx, s.opts.AdminRole) }

var (
	errNoAccount = fault.New(fault.NotFound, "session.account.unknown", nil)
	errTaken     = fault.New(fault.Conflict, "session.account.login_taken", nil).At("login")
	errChanged   = fault.New(fault.Conflict, "session.account.changed_meanwhile", nil)
	errLastAdmin = fault.New(fault.Conflict, "session.account.last_administrator", nil)
)

// Create adds an account with a one-time password, which is returned once and
// stored nowhere. It fails with Invalid, Conflict (login taken) or Denied.
func (s *Service) Create(ctx context.Context, d Draft) (Account, string, error) {
	if _, err := s.admin(ctx); err != nil {
		return Account{}, "", err
	}
	password := readable(16, 4)
	if err := d.tidy(); err != nil {
		return Account{}, "", err
	}
	hash, err := s.hash(ctx, password)
	if err != nil {
		return Account{}, "", err
	}
	a, err := s.insert(ctx, d, hash, true)
	return a, password, err
}

// insert adds an account with the hash of its password.
func (s *Service) insert(ctx context.Context, d Draft, hash string, mustChange bool) (Account, error) {
	if err := d.tidy(); err != nil {
		return Account{}, err
	}
	now := s.clock.Now()
	row := stored{Password: hash, Search: d.search(), Account: Account{
		ID: sqldb.NewID(), Login: d.Login, Name: d.Name, Email: d.Email, Agency: d.Agency, Roles: sqldb.JSON[[]string]{V: d.Roles},
		Active: d.Active, MustChange: mustChange, Version: 1, CreatedAt: now, UpdatedAt: now,
	}}
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		if err := sqldb.Insert(ctx, tx, "account", row); err != nil {
			return err
		}
		if err := s.nameNow(ctx, tx, row.ID, d.Name); err != nil {
			return err
		}
		return s.record(ctx, tx, "account.create", row.ID, map[string]string{"roles": strings.Join(d.Roles, ","), "agency": d.Agency})
	})
	switch {
	case sqldb.IsDuplicate(err):
		return Account{}, errTaken
	case err != nil:
		return Account{}, fmt.Errorf("create account: %w", err)
	}
	s.names.forget()
	return row.Account, nil
}

// SeedAccount is an account that is there from the start.
type SeedAccount struct {
	Draft
	Password string
}

// Seed adds accounts that are not there yet, by login, with passwords that need
// no change. It is for the demo, the first administrator and the command line,
// where nobody is signed in. Accounts that are given the same password share
// its hash, which takes long to make.
func (s *Service) Seed(ctx context.Context, accounts ...SeedAccount) error {
	hashes := map[string]string{}
	for _, a := range accounts {
		a.Active = true
		_, err := sqldb.One[string](ctx, s.db, `SELECT id FROM account WHERE login = $1`, strings.ToLower(strings.TrimSpace(a.Login)))
		if err == nil {
			continue
		}
		if !errors.Is(err, sqldb.ErrNone) {
			return fmt.Errorf("seed accounts: %w", err)
		}
		if hashes[a.Password] == "" {
			if hashes[a.Password], err = s.hash(ctx, a.Password); err != nil {
				return fmt.Errorf("seed account %s: %w", a.Login, err)
			}
		}
		if _, err := s.insert(ctx, a.Draft, hashes[a.Password], false); err != nil && fault.Of(err) != fault.Conflict {
			return fmt.Errorf("seed account %s: %w", a.Login, err)
		}
	}
	return nil
}

// Update changes an account that was read at the given version. Roles, agency
// and being active end the account's sessions, so that old rights end with them. It
// fails with Invalid, NotFound, Denied, and Conflict when somebody else changed
// the account meanwhile, the login is taken, or no administrator would be left.
func (s *Service) Update(ctx context.Context, id string, version int64, d Draft) error {
	if _, err := s.admin(ctx); err != nil {
		return err
	}
	if err := d.tidy(); err != nil {
		return err
	}
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		old, err := account(ctx, tx, id)
		if err != nil {
			return err
		}
		n, err := sqldb.Exec(ctx, tx, `
			UPDATE account SET login = $1, name = $2, email = $3, agency = $4, roles = $5, active = $6, search = $7, version = version + 1, updated_at = $8
			WHERE id = $9 AND version = $10`,
			d.Login, d.Name, d.Email, d.Agency, sqldb.JSON[[]string]{V: d.Roles}, d.Active, d.search(), s.clock.Now(), id, version)
		if err != nil {
			return err
		}
		if n == 0 {
			return errChanged
		}
		if err := s.keepAnAdmin(ctx, tx, old); err != nil {
			return err
		}
		if old.Name != d.Name {
			if err := s.nameNow(ctx, tx, id, d.Name); err != nil {
				return err
			}
		}
		if old.Agency != d.Agency || old.Active && !d.Active || !slices.Equal(old.Roles.V, d.Roles) {
			if err := endSessions(ctx, tx, id, ""); err != nil {
				return err
			}
		}
		return s.record(ctx, tx, "account.update", id, changes(old, d))
	})
	s.names.forget()
	if sqldb.IsDuplicate(err) {
		return errTaken
	}
	return err
}

// keepAnAdmin refuses a change after which nobody could administer.
func (s *Service) keepAnAdmin(ctx context.Context, tx *sqldb.Tx, old Account) error {
	if !old.Active || !slices.Contains(old.Roles.V, s.opts.AdminRole) {
		return nil
	}
	n, err := sqldb.One[int](ctx, tx, `SELECT COUNT(*) FROM account WHERE active AND roles LIKE $1`, `%"`+s.opts.AdminRole+`"%`)
	if err != nil {
		return err
	}
	if n == 0 {
		return errLastAdmin
	}
	return nil
}

// changes names what an update changed: codes only, never names or addresses.
func changes(old Account, d Draft) map[string]string {
	m := map[string]string{}
	if got := strings.Join(d.Roles, ","); got != strings.Join(old.Roles.V, ",") {
		m["roles"], m["roles_before"] = got, strings.Join(old.Roles.V, ",")
	}
	if d.Agency != old.Agency {
		m["agency"], m["agency_before"] = d.Agency, old.Agency
	}
	if d.Active != old.Active {
		m["active"] = fmt.Sprint(d.Active)
	}
	for field, changed := range map[string]bool{"login": d.Login != old.Login, "name": d.Name != old.Name, "email": d.Email != old.Email} {
		if changed {
			m[field] = "changed"
		}
	}
	return m
}

// ResetPassword gives an account a one-time password, returned once, ends its
// sessions and takes away its second factor when dropTOTP is set.
func (s *Service) ResetPassword(ctx context.Context, id string, dropTOTP bool) (string, error) {
	if _, err := s.admin(ctx); err != nil {
		return "", err
	}
	password := readable(16, 4)
	hash, err := s.hash(ctx, password)
	if err != nil {
		return "", err
	}
	err = s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		a, err := account(ctx, tx, id)
		if err != nil {
			return err
		}
		if _, err := sqldb.Exec(ctx, tx, `UPDATE account SET password = $1, must_change = $2, version = version + 1, updated_at = $3 WHERE id = $4`,
			hash, true, s.clock.Now(), id); err != nil {
			return err
		}
		if dropTOTP {
			if err := dropFactor(ctx, tx, id); err != nil {
				return err
			}
		}
		if err := errors.Join(endSessions(ctx, tx, id, ""), forgive(ctx, tx, loginKey(a.Login), codeKey(id))); err != nil {
			return err
		}
		return s.record(ctx, tx, "account.reset_password", id, map[string]string{"totp_removed": fmt.Sprint(dropTOTP && a.TOTP)})
	})
	if err != nil {
		return "", fmt.Errorf("reset password of %s: %w", id, err)
	}
	return password, nil
}

// Account reads one account. It fails with NotFound.
func (s *Service) Account(ctx context.Context, id string) (Account, error) {
	return account(ctx, s.db, id)
}

func account(ctx context.Context, q sqldb.Queryer, id string) (Account, error) {
	a, err := sqldb.One[Account](ctx, q, `SELECT `+accountColumns+` FROM account WHERE id = $1`, id)
	if errors.Is(err, sqldb.ErrNone) {
		return a, errNoAccount
	}
	return a, err
}

// AccountFilter narrows Accounts.
type AccountFilter struct {
	Text   string // any part of login, name or e-mail, however typed
	Agency string
	Role   string
	After  string // login of the last account of the page before
	Limit  int    // 50 when zero
}

// Accounts lists accounts by login.
func (s *Service) Accounts(ctx context.Context, f AccountFilter) ([]Account, error) {
	var a sqldb.Args
	where := "login > " + a.Add(f.After)
	if text := fold(f.Text); text != "" {
		where += ` AND search LIKE ` + a.Add("%"+likeEscaper.Replace(text)+"%") + ` ESCAPE '!'`
	}
	if f.Agency != "" {
		where += " AND agency = " + a.Add(f.Agency)
	}
	if f.Role != "" {
		where += ` AND roles LIKE ` + a.Add(`%"`+likeEscaper.Replace(f.Role)+`"%`) + ` ESCAPE '!'`
	}
	if f.Limit <= 0 {
		f.Limit = 50
	}
	out, err := sqldb.All[Account](ctx, s.db, `SELECT `+accountColumns+` FROM account WHERE `+where+` ORDER BY login LIMIT `+a.Add(f.Limit), a.Values()...)
	if err != nil {
		return nil, fmt.Errorf("list accounts: %w", err)
	}
	return out, nil
}

var likeEscaper = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

func (s *Service) hash(ctx context.Context, password string) (string, error) {
	leave, err := s.gate.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	return hashPassword(password), nil
}

func (s *Service) record(ctx context.Context, q sqldb.Queryer, action, accountID string, details map[string]string) error {
	return audit.Record(ctx, q, audit.Entry{At: s.clock.Now(), Action: action, Subject: audit.Subject{Type: "account", ID: accountID}, Details: details})
}
