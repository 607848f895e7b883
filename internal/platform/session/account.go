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
	"dean06/internal/platform/spelling"
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

const accountColumns = `id, login, name, email, agency, roles, active,
	must_change, totp_on, version, created_at, updated_at`

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
	Reason string // for the second person, where one is needed
	// Number makes an account without a password: its roles are those of the person with that
	// personal number, who signs in with an electronic identity. A login is made up.
	Number string
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

// fold makes text comparable however it is typed. Dots, hyphens and the like stay: logins
// and mail addresses are told apart by them.
func fold(s string) string { return strings.Join(strings.Fields(spelling.Unaccent(s)), " ") }

var (
	errNoAccount = fault.New(fault.NotFound, "session.account.unknown", nil)
	errTaken     = fault.New(fault.Conflict, "session.account.login_taken", nil).At("login")
	errChanged   = fault.New(fault.Conflict, "session.account.changed_meanwhile", nil)
	errLastAdmin = fault.New(fault.Conflict, "session.account.last_administrator", nil)
	errLogin     = fault.New(fault.Invalid, "session.account.login_fixed", nil).At("login")
)

// Account reads one account: one's own, or any for an administrator. It fails with
// Unsigned, Denied and NotFound.
func (s *Service) Account(ctx context.Context, id string) (Account, error) {
	if err := s.mayOwn(ctx, id, SeeAccounts); err != nil {
		return Account{}, err
	}
	return account(ctx, s.db, id)
}

// Shown is the login of an account as administrators see it: what may be a person's
// number is masked.
func (s *Service) Shown(a Account) string {
	if s.NeedsBinding(a.Roles.V) || len(a.Login) >= 9 && strings.Trim(a.Login, "0123456789") == "" {
		return mask(a.Login)
	}
	return a.Login
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
	After  string // id of the last account of the page before: a login may be a person's number
	Limit  int    // 50 when zero
}

// Accounts lists accounts by login. It fails with Unsigned and Denied.
func (s *Service) Accounts(ctx context.Context, f AccountFilter) ([]Account, error) {
	if _, err := s.may(ctx, SeeAccounts); err != nil {
		return nil, err
	}
	var a sqldb.Args
	where := "1 = 1"
	if f.After != "" {
		where = "login > (SELECT login FROM account WHERE id = " + a.Add(f.After) + ")"
	}
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
	out, err := sqldb.All[Account](ctx, s.db,
		`SELECT `+accountColumns+` FROM account WHERE `+where+` ORDER BY login LIMIT `+a.Add(f.Limit), a.Values()...)
	if err != nil {
		return nil, fmt.Errorf("list accounts: %w", err)
	}
	return out, nil
}

var likeEscaper = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

func (s *Service) record(ctx context.Context, q sqldb.Queryer, action, accountID string, details map[string]string) error {
	return audit.Record(ctx, q, audit.Entry{
		At: s.clock.Now(), Action: action, Subject: audit.Subject{Type: "account", ID: accountID}, Details: details,
	})
}
