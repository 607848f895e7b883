package session

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
)

// How says by what an account was bound to a number.
type How string

// The ways to be bound. "session.binding.how.…" are their names; rows of old say "match", too:
// the holder knew what stands on the card.
const (
	ByOfficer How = "officer" // an officer saw the person and their card
	BySeed    How = "seed"    // an invented person of the demo
)

// level is how surely the holder of an account with a local password is known: as surely as
// their number was proved. An account that opens by an electronic identity alone has the level
// of each sign-in.
func (h How) level() int {
	switch h {
	case ByOfficer, BySeed:
		return 2
	case "match": // of old
		return 1
	}
	return 0
}

// Binding ties an account to a person, by their number. It is never made by typing a
// login, nor by whoever keeps the accounts.
type Binding struct {
	ID      string     `db:"id"`
	Account string     `db:"account_id"`
	Number  string     `db:"number"` // personal data: shown masked, never logged
	How     How        `db:"how"`
	Proof   string     `db:"proof"` // what was shown, without personal data
	By      string     `db:"bound_by"`
	At      time.Time  `db:"created_at"`
	Ended   *time.Time `db:"ended_at"`
	EndedBy string     `db:"ended_by"`
}

const bindingColumns = `id, account_id, number, how, proof, bound_by, created_at, ended_at, ended_by`

// LogValue keeps the number out of logs.
func (b Binding) LogValue() slog.Value { return slog.StringValue(b.ID) }

// Masked is the number as administrators and logs may see it.
func (b Binding) Masked() string { return mask(b.Number) }

// mask shows the last three characters.
func mask(text string) string {
	if text == "" {
		return ""
	}
	if len(text) <= 3 {
		return "•••"
	}
	return strings.Repeat("•", len(text)-3) + text[len(text)-3:]
}

var (
	numberShape = regexp.MustCompile(`^[0-9]{9,12}$`)
	longNumber  = regexp.MustCompile(`[0-9]{9,}`)

	errBoundAccount = fault.New(fault.Conflict, "session.binding.account_bound", nil)
	errBoundNumber  = fault.New(fault.Conflict, "session.binding.number_taken", nil)
	errUnbound      = fault.New(fault.NotFound, "session.binding.none", nil)
	errNotOfficer   = fault.New(fault.Denied, "session.binding.not_officer", nil)
)

// CanBind says whether somebody may bind an account: an officer who is not the holder,
// holds a role that opens personal data, and is a person. It fails with Unsigned or Denied.
func (s *Service) CanBind(by actor.Actor, account string) error {
	if by.Nobody() {
		return errUnsigned
	}
	person := by.Via != actor.Token && by.Via != actor.Command && by.Via != actor.Exchange && by.Via != actor.System
	opens := slices.ContainsFunc(by.Roles, func(code string) bool { r, _ := s.role(code); return r.Personal })
	if by.Account == account || !person || !opens {
		return errNotOfficer
	}
	return nil
}

// Bind ties an account to a number whose holder and card an officer saw. The caller is the
// module that knows persons: it has asked its table whether the officer may. It fails with
// Unsigned and Denied (CanBind), Invalid, NotFound, and Conflict when account or number is
// bound already.
func (s *Service) Bind(ctx context.Context, by actor.Actor, id, number, proof string) error {
	if err := s.CanBind(by, id); err != nil {
		return err
	}
	if err := bindable(number, &proof); err != nil {
		return err
	}
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		a, err := account(ctx, tx, id)
		if err != nil {
			return err
		}
		if !a.Active || len(s.opts.Roles) > 0 && !s.NeedsBinding(a.Roles.V) {
			return fault.New(fault.Invalid, "session.binding.account_unfit", nil)
		}
		return s.bind(ctx, tx, Binding{Account: id, Number: number, How: ByOfficer, Proof: proof, By: by.Account})
	})
	if err != nil {
		return fmt.Errorf("bind account %s: %w", id, err)
	}
	return nil
}

// bindable looks at a number and at what was shown for it.
func bindable(number string, proof *string) error {
	if !numberShape.MatchString(number) {
		return fault.New(fault.Invalid, "session.binding.number_shape", nil).At("number")
	}
	if *proof = strings.TrimSpace(*proof); *proof == "" || longNumber.MatchString(*proof) {
		return fault.New(fault.Invalid, "session.binding.proof_missing", nil).At("proof")
	}
	return nil
}

func (s *Service) bind(ctx context.Context, tx *sqldb.Tx, b Binding) error {
	switch _, err := bindingOf(ctx, tx, b.Account); {
	case err == nil:
		return errBoundAccount
	case !errors.Is(err, errUnbound):
		return err
	}
	type holder struct {
		Account string `db:"account_id"`
		Active  bool   `db:"active"`
	}
	other, err := sqldb.One[holder](ctx, tx, `
		SELECT b.account_id, a.active FROM account_binding b JOIN account a ON a.id = b.account_id
		WHERE b.number = $1 AND b.ended_at IS NULL`, b.Number)
	switch {
	case err == nil && other.Active:
		return errBoundNumber
	case err == nil: // a locked account does not keep its person from another one
		if err := s.unbind(ctx, tx, other.Account, b.By); err != nil {
			return err
		}
	case !errors.Is(err, sqldb.ErrNone):
		return err
	}
	b.ID, b.At = sqldb.NewID(), s.clock.Now()
	if err := sqldb.Insert(ctx, tx, "account_binding", b); err != nil {
		if sqldb.IsDuplicate(err) {
			return errBoundNumber
		}
		return err
	}
	return s.record(ctx, tx, "account.bind", b.Account, map[string]string{"how": string(b.How), "ends": tail(b.Number), "by": b.By})
}

// tail is what the log may hold of a number.
func tail(number string) string { return number[max(0, len(number)-3):] }

// seedBinding binds an account of the demo, unless it was bound before.
func (s *Service) seedBinding(ctx context.Context, tx *sqldb.Tx, id, number string, how How) error {
	n, err := sqldb.One[int](ctx, tx, `SELECT COUNT(*) FROM account_binding WHERE account_id = $1`, id)
	if err != nil || n > 0 {
		return err
	}
	return s.bind(ctx, tx, Binding{Account: id, Number: number, How: how, Proof: "demo", By: actor.OfSystem().Account})
}

// Unbind ends the binding of an account: its holder, an administrator or an officer
// may. It fails with Unsigned, Denied, and NotFound when there is none.
func (s *Service) Unbind(ctx context.Context, by actor.Actor, id string) error {
	if by.Account != id && !by.Has(Administrator) {
		if err := s.CanBind(by, id); err != nil {
			return err
		}
	}
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error { return s.unbind(ctx, tx, id, by.Account) })
}

func (s *Service) unbind(ctx context.Context, tx *sqldb.Tx, id, by string) error {
	b, err := bindingOf(ctx, tx, id)
	if err != nil {
		return err
	}
	if _, err := sqldb.Exec(ctx, tx, `UPDATE account_binding SET ended_at = $1, ended_by = $2 WHERE id = $3`,
		s.clock.Now(), by, b.ID); err != nil {
		return err
	}
	return s.record(ctx, tx, "account.unbind", id, map[string]string{"ends": tail(b.Number), "by": by})
}

// BindingOf is what administrators see of the binding of an account, or the holder of
// their own: the number is masked. It fails with Unsigned, Denied, and NotFound when
// there is none.
func (s *Service) BindingOf(ctx context.Context, id string) (Binding, error) {
	if err := s.mayOwn(ctx, id, SeeAccounts); err != nil {
		return Binding{}, err
	}
	b, err := bindingOf(ctx, s.db, id)
	b.Number = b.Masked()
	return b, err
}

// BoundTo is the binding of an account that is in force; NotFound when there is none. It
// holds personal data: for rules of modules, not for pages.
func (s *Service) BoundTo(ctx context.Context, id string) (Binding, error) {
	return bindingOf(ctx, s.db, id)
}

func bindingOf(ctx context.Context, q sqldb.Queryer, id string) (Binding, error) {
	b, err := sqldb.One[Binding](ctx, q, `SELECT `+bindingColumns+` FROM account_binding WHERE account_id = $1 AND ended_at IS NULL`, id)
	if errors.Is(err, sqldb.ErrNone) {
		return b, errUnbound
	}
	return b, err
}

// SamePerson says that two accounts are bound, or were, to one number.
func (s *Service) SamePerson(ctx context.Context, q sqldb.Queryer, a, b string) (bool, error) {
	n, err := sqldb.One[int](ctx, q, `
		SELECT COUNT(*) FROM account_binding x JOIN account_binding y ON y.number = x.number
		WHERE x.account_id = $1 AND y.account_id = $2`, a, b)
	return n > 0, err
}
