package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/password"
	"dean06/internal/platform/sqldb"
)

// Create adds an account with a one-time password, which is returned once and stored
// nowhere. Roles that are guarded are asked for; until a second person has approved,
// nobody can sign in with such an account. At the command line it makes the
// first two administrators of a node alone; whatever else is made there, is asked for. It
// fails with Invalid, Conflict (login taken), Denied, and what Ask says.
func (s *Service) Create(ctx context.Context, d Draft) (Outcome, error) {
	by, err := s.may(ctx, CreateAccount)
	if err != nil {
		return Outcome{}, err
	}
	if d.Number != "" {
		return s.createPerson(ctx, by, d)
	}
	if err := d.tidy(); err != nil {
		return Outcome{}, err
	}
	now, later, err := s.partNew(ctx, by, d)
	if err != nil {
		return Outcome{}, err
	}
	out := Outcome{Half: !later.nothing()}
	if out.Password = password.Readable(16, 4); out.Half {
		out.Password = newHalf()
	}
	hash, err := s.gate.Hash(ctx, typed(out.Password, out.Half))
	if err != nil {
		return Outcome{}, err
	}
	if out.Half {
		later.First, hash = hash, "" // the account has no password until the second half is there
	}
	err = s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		var err error
		if out.Account, err = s.insert(ctx, tx, now, hash, true); err != nil || !out.Half {
			return err
		}
		out.Asked, err = s.askChange(ctx, tx, by, out.Account, later, d.Reason)
		return err
	})
	if err != nil {
		return Outcome{}, created(err)
	}
	s.names.forget()
	return out, nil
}

// OpenBound adds an account that is bound to a person from its first moment, by an officer who
// saw them and their card: it needs no administrator, for it opens nobody's data but its own.
// Its roles mean nothing without a bound number, all of them. Everything is there or nothing
// is. The caller is the module that knows persons, as with Bind; it fails as Bind and Create do.
func (s *Service) OpenBound(ctx context.Context, by actor.Actor, d Draft, number, proof string) (Outcome, error) {
	if err := s.CanBind(by, ""); err != nil {
		return Outcome{}, err
	}
	d.Active = true
	if err := d.tidy(); err != nil {
		return Outcome{}, err
	}
	if len(s.Guarded(d.Roles)) > 0 || slices.ContainsFunc(d.Roles, func(r string) bool { return !s.NeedsBinding([]string{r}) }) {
		return Outcome{}, errNotOfficer
	}
	if err := bindable(number, &proof); err != nil {
		return Outcome{}, err
	}
	out := Outcome{Password: password.Readable(16, 4)}
	hash, err := s.gate.Hash(ctx, typed(out.Password, false))
	if err != nil {
		return Outcome{}, err
	}
	err = s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		var err error
		if out.Account, err = s.insert(ctx, tx, d, hash, true); err != nil {
			return err
		}
		return s.bind(ctx, tx, Binding{Account: out.Account.ID, Number: number, How: ByOfficer, Proof: proof, By: by.Account})
	})
	if err != nil {
		if fault.Of(err) == fault.Conflict {
			return Outcome{}, err
		}
		return Outcome{}, created(err)
	}
	s.names.forget()
	return out, nil
}

// BindLogin binds the account with a login, as Bind does. An account that is bound to the same
// number already stays so.
func (s *Service) BindLogin(ctx context.Context, by actor.Actor, login, number, proof string) (Account, error) {
	if err := s.CanBind(by, ""); err != nil {
		return Account{}, err
	}
	a, err := sqldb.One[Account](ctx, s.db, `SELECT `+accountColumns+` FROM account WHERE login = $1`, strings.ToLower(strings.TrimSpace(login)))
	switch {
	case errors.Is(err, sqldb.ErrNone):
		return Account{}, errNoAccount
	case err != nil:
		return Account{}, fmt.Errorf("bind a login: %w", err)
	}
	err = s.Bind(ctx, by, a.ID, number, proof)
	if fault.Of(err) == fault.Conflict {
		if had, err2 := s.BoundTo(ctx, a.ID); err2 == nil && had.Number == number {
			return a, nil
		}
	}
	return a, err
}

// partNew separates what a new account gets at once from what is asked for.
func (s *Service) partNew(ctx context.Context, by actor.Actor, d Draft) (now Draft, later change, err error) {
	if by.Via != actor.Command {
		now, later = s.part(Account{}, nil, d)
		return now, later, nil
	}
	n, err := s.administrators(ctx, s.db)
	switch {
	case err != nil:
		return d, later, fmt.Errorf("create account: %w", err)
	case n < firstAdministrators && slices.Equal(d.Roles, []string{Administrator}):
		return d, later, nil
	case d.Reason == "":
		return d, later, fault.New(fault.Denied, "session.account.command_alone", nil)
	}
	now = d
	now.Roles = nil
	return now, change{Add: d.Roles}, nil
}

func created(err error) error {
	if sqldb.IsDuplicate(err) {
		return errTaken
	}
	return fmt.Errorf("create account: %w", err)
}

// insert adds an account with the hash of its password.
func (s *Service) insert(ctx context.Context, tx *sqldb.Tx, d Draft, hash string, mustChange bool) (Account, error) {
	now := s.clock.Now()
	row := stored{Password: hash, Search: d.search(), Account: Account{
		ID: sqldb.NewID(), Login: d.Login, Name: d.Name, Email: d.Email, Agency: d.Agency, Roles: sqldb.JSON[[]string]{V: d.Roles},
		Active: d.Active, MustChange: mustChange, Version: 1, CreatedAt: now, UpdatedAt: now,
	}}
	if row.Roles.V == nil {
		row.Roles.V = []string{}
	}
	if err := sqldb.Insert(ctx, tx, "account", row); err != nil {
		return Account{}, err
	}
	if err := s.nameNow(ctx, tx, row.ID, d.Name); err != nil {
		return Account{}, err
	}
	return row.Account, s.record(ctx, tx, "account.create", row.ID, map[string]string{
		"roles": strings.Join(d.Roles, ","), "agency": d.Agency,
	})
}

// SeedAccount is an account that is there from the start.
type SeedAccount struct {
	Draft
	Password string // "" is for who signs in with their electronic identity alone
	// Hash gives the password's hash, where several nodes share it; nil: the node makes one.
	Hash  func() (string, error)
	Bound string // the personal number that it is bound to, unless it ever was to one
	Label string // what its holder does, where the name of its role says too little
}

// Seed adds accounts that are not there yet, by login, with passwords that need
// no change. It is for the demo and for tests, where nobody is signed in.
// Accounts that are given the same password share its hash, which takes long to make.
func (s *Service) Seed(ctx context.Context, accounts ...SeedAccount) error {
	hashes := map[string]string{}
	for _, a := range accounts {
		a.Active = true
		if err := a.tidy(); err != nil {
			return fmt.Errorf("seed account %s: %w", a.Login, err)
		}
		id, err := sqldb.One[string](ctx, s.db, `SELECT id FROM account WHERE login = $1`, a.Login)
		if err != nil && !errors.Is(err, sqldb.ErrNone) {
			return fmt.Errorf("seed accounts: %w", err)
		}
		if id == "" && a.Password != "" && hashes[a.Password] == "" {
			if a.Hash != nil {
				hashes[a.Password], err = a.Hash()
			} else {
				hashes[a.Password], err = s.gate.Hash(ctx, a.Password)
			}
			if err != nil {
				return fmt.Errorf("seed account %s: %w", a.Login, err)
			}
		}
		if err := s.seed(ctx, a, id, hashes[a.Password]); err != nil && !sqldb.IsDuplicate(err) {
			return fmt.Errorf("seed account %s: %w", a.Login, err)
		}
	}
	return nil
}

func (s *Service) seed(ctx context.Context, a SeedAccount, id, hash string) error {
	if id != "" && a.Bound == "" {
		return nil
	}
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		if id == "" {
			made, err := s.insert(ctx, tx, a.Draft, hash, false)
			if err != nil || a.Bound == "" {
				return err
			}
			id = made.ID
		}
		how := BySeed
		if a.Password == "" {
			how = ByNumber
		}
		return s.seedBinding(ctx, tx, id, a.Bound, how)
	})
}

// Update changes an account that was read at the given version. What is guarded waits
// for a second person, the rest happens at once. Roles, agency and being active
// end the account's sessions, so that old rights end with them. A login stays. It
// fails with Invalid, NotFound, Denied (also for one's own roles), and Conflict when
// somebody else changed the account meanwhile, a request about it is open, or no
// administrator would be left; and with what Ask says.
func (s *Service) Update(ctx context.Context, id string, version int64, d Draft) (Outcome, error) {
	by, err := s.may(ctx, ChangeAccount)
	if err != nil {
		return Outcome{}, err
	}
	old, err := account(ctx, s.db, id)
	if err != nil {
		return Outcome{}, err
	}
	if d.Login == "" {
		d.Login = old.Login
	}
	if err := d.tidy(); err != nil {
		return Outcome{}, err
	}
	if d.Login != old.Login {
		return Outcome{}, errLogin
	}
	if by.Account == id {
		return Outcome{}, s.updateOwn(ctx, old, version, d)
	}
	held, err := s.held(ctx, old)
	if err != nil {
		return Outcome{}, err
	}
	now, later := s.part(old, held, d)
	out := Outcome{Account: old}
	if !later.nothing() {
		if err := s.nothingPending(ctx, id); err != nil {
			return Outcome{}, err
		}
	}
	// Whoever keeps accounts once knew the password of this one. With the first role
	// that is guarded it gets a new one, made by two.
	local, err := s.hasPassword(ctx, old.ID)
	if err != nil {
		return Outcome{}, err
	}
	if out.Half = local && len(later.Add) > 0 && len(s.Guarded(held)) == 0; out.Half {
		out.Password = newHalf()
		if later.First, err = s.gate.Hash(ctx, typed(out.Password, true)); err != nil {
			return Outcome{}, err
		}
	}
	err = s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		if err := s.changeNow(ctx, tx, by, id, version, now); err != nil || later.nothing() {
			return err
		}
		var err error
		out.Asked, err = s.askChange(ctx, tx, by, old, later, d.Reason)
		return err
	})
	if err != nil {
		return Outcome{}, fmt.Errorf("update account %s: %w", id, err)
	}
	s.names.forget()
	return out, nil
}

// updateOwn lets administrators change their own name and address, and nothing that
// gives them anything.
func (s *Service) updateOwn(ctx context.Context, old Account, version int64, d Draft) error {
	if !slices.Equal(d.Roles, old.Roles.V) {
		return errOwnRoles.At("roles")
	}
	if d.Agency != old.Agency {
		return fault.New(fault.Denied, "session.account.own_agency", nil).At("agency")
	}
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		return s.changeNow(ctx, tx, actor.From(ctx), old.ID, version, d)
	})
	s.names.forget()
	return err
}

// changeNow makes the part of a change that needs nobody else, if there is any.
func (s *Service) changeNow(ctx context.Context, tx *sqldb.Tx, by actor.Actor, id string, version int64, d Draft) error {
	old, err := account(ctx, tx, id)
	if err != nil {
		return err
	}
	if old.Version != version {
		return errChanged
	}
	m := changes(old, d)
	if len(m) == 0 {
		return nil
	}
	if err := s.write(ctx, tx, old, d); err != nil {
		return err
	}
	if err := s.tellOf(ctx, tx, by, old, d); err != nil {
		return err
	}
	return s.record(ctx, tx, "account.update", id, m)
}

// write stores an account as it is to be. It fails with Conflict when somebody changed
// it meanwhile or no administrator would be left.
func (s *Service) write(ctx context.Context, tx *sqldb.Tx, old Account, d Draft) error {
	n, err := sqldb.Exec(ctx, tx, `
		UPDATE account SET name = $1, email = $2, agency = $3, roles = $4, active = $5, search = $6, version = version + 1, updated_at = $7
		WHERE id = $8 AND version = $9`,
		d.Name, d.Email, d.Agency, sqldb.JSON[[]string]{V: d.Roles}, d.Active, d.search(), s.clock.Now(), old.ID, old.Version)
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
		if err := s.nameNow(ctx, tx, old.ID, d.Name); err != nil {
			return err
		}
	}
	if old.Email != d.Email { // the old address too: it may be its owner's alone
		if err := s.tell(ctx, tx, old.ID, "email", nil, old.Email); err != nil {
			return err
		}
	}
	if old.Agency != d.Agency || old.Active && !d.Active || !slices.Equal(old.Roles.V, d.Roles) {
		return endSessions(ctx, tx, old.ID, "")
	}
	return nil
}

// keepAnAdmin refuses a change after which nobody could administer.
func (s *Service) keepAnAdmin(ctx context.Context, tx *sqldb.Tx, old Account) error {
	if !old.Active || !slices.Contains(old.Roles.V, Administrator) {
		return nil
	}
	n, err := sqldb.One[int](ctx, tx, `SELECT COUNT(*) FROM account WHERE active AND roles LIKE $1`, `%"`+Administrator+`"%`)
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
	for field, changed := range map[string]bool{"name": d.Name != old.Name, "email": d.Email != old.Email} {
		if changed {
			m[field] = "changed"
		}
	}
	return m
}
