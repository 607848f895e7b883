package approval

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
)

// Emergency is a role that may be taken alone when there is no time to ask: by whom.
// A module says which of its roles are.
type Emergency struct {
	Role string
	By   []string // roles whose holders may take it
}

// The limits of an emergency.
const (
	MostEmergency = 24 * time.Hour
	// Rest is how long after the end of one the same role cannot be taken again alone:
	// that would be a prolongation without a second person.
	Rest = 7 * 24 * time.Hour
)

// KindProlong is the kind of request by which a role is kept for another day.
const KindProlong = "approval.prolong"

// Grant is a role that somebody took in an emergency.
type Grant struct {
	ID      string
	By      actor.Actor // who took it
	Role    string
	Reason  string
	Request string // the request by which it was prolonged; "" when it was taken alone
	At      time.Time
	Until   time.Time
	EndedBy string      // the account that ended it before its time
	Reader  actor.Actor // the auditor who ticked it off
	Read    time.Time
}

// Holds says that the role is held at a moment. Nothing has to run for it to end.
func (g Grant) Holds(at time.Time) bool { return !at.Before(g.At) && at.Before(g.Until) }

// Allow adds roles that may be taken in an emergency.
func (s *Service) Allow(roles ...Emergency) { s.roles = append(s.roles, roles...) }

// CanBreakGlass says whether an account may take a role alone now, for so long; before are the
// grants of that role to the same person. It fails with Denied, with Conflict when they have it or
// had it lately, and with Invalid.
func CanBreakGlass(allowed []Emergency, who Account, role, reason string, long time.Duration, before []Grant, now time.Time) error {
	i := slices.IndexFunc(allowed, func(e Emergency) bool { return e.Role == role && who.Has(e.By...) })
	switch {
	case !who.Active:
		return errInactive
	case i < 0:
		return fault.New(fault.Denied, "approval.denied.break_glass", nil)
	case who.Has(role):
		return fault.New(fault.Conflict, "approval.emergency.held", nil).At("role")
	case long <= 0 || long > MostEmergency:
		return fault.New(fault.Invalid, "approval.emergency.hours", fault.Args{"most": int(MostEmergency.Hours())}).At("hours")
	}
	if slices.ContainsFunc(before, func(g Grant) bool { return now.Before(g.Until.Add(Rest)) }) {
		return fault.New(fault.Conflict, "approval.emergency.again", fault.Args{"days": int(Rest.Hours() / 24)}).At("role")
	}
	return checkReason(reason)
}

// Emergencies are the roles that somebody may take alone if it must be.
func (s *Service) Emergencies(ctx context.Context, who actor.Actor) ([]string, error) {
	if person(who) != nil || s.opts.Accounts == nil {
		return nil, nil //nolint:nilerr // who is no person takes no role
	}
	a, err := s.opts.Accounts.ByID(ctx, s.db, who.Account)
	if fault.Of(err) == fault.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("roles that %s may take: %w", who.Account, err)
	}
	var out []string
	for _, e := range s.roles {
		if a.Active && a.Has(e.By...) && !a.Has(e.Role) && !slices.Contains(out, e.Role) {
			out = append(out, e.Role)
		}
	}
	return out, nil
}

// BreakGlass takes a role alone, at once, for at most a day. The readers of the log, the
// administrators and the one who takes it are told in the same transaction. It fails as
// CanBreakGlass does.
func (s *Service) BreakGlass(ctx context.Context, who actor.Actor, role, reason string, long time.Duration) (Grant, error) {
	a, err := s.sitting(ctx, s.db, who)
	if err != nil {
		return Grant{}, err
	}
	now := s.clock.Now()
	g := Grant{ID: sqldb.NewID(), By: who, Role: role, Reason: strings.TrimSpace(reason), At: now, Until: now.Add(long)}
	err = s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		// The log first: of two who click at once the second waits here, and then finds the first.
		if err := s.logGrant(ctx, tx, who, "break_glass", g); err != nil {
			return err
		}
		before, err := s.grantsOf(ctx, tx, a.ID, role, now)
		if err != nil {
			return err
		}
		if err := CanBreakGlass(s.roles, a, role, reason, long, before, now); err != nil {
			return err
		}
		return s.give(ctx, tx, g, "approval.notice.break_glass")
	})
	if err != nil {
		return Grant{}, fmt.Errorf("take role %s: %w", role, err)
	}
	s.opts.Changed(a.ID)
	return g, nil
}

// sitting is the account of the person who acts, as it is now. It fails with Unsigned and Denied.
func (s *Service) sitting(ctx context.Context, q sqldb.Queryer, who actor.Actor) (Account, error) {
	if err := person(who); err != nil {
		return Account{}, err
	}
	if s.opts.Accounts == nil {
		return Account{}, errPerson
	}
	a, err := s.opts.Accounts.ByID(ctx, q, who.Account)
	if fault.Of(err) == fault.NotFound {
		return Account{}, errPerson
	}
	return a, err
}

// give stores a grant and tells everybody concerned.
func (s *Service) give(ctx context.Context, tx *sqldb.Tx, g Grant, key string) error {
	if err := sqldb.Insert(ctx, tx, "approval_emergency", grantRowOf(g)); err != nil {
		return err
	}
	to, err := s.holding(ctx, tx, slices.Concat(s.opts.Readers, s.opts.Admins)...)
	if err != nil {
		return err
	}
	return s.Tell(ctx, tx, Notice{
		Key: key, Args: fault.Args{"name": g.By.Name, "until": g.Until, "reason": g.Reason},
		Says: Says{Key: "role." + g.Role}, Href: "/approvals/emergency/" + g.ID, Urgent: true,
	}, append(to, g.By.Account)...)
}

// prolonging is the kind by which an emergency is prolonged: by another person only.
func (s *Service) prolonging() Kind {
	return Kind{
		Code: KindProlong, Deciders: slices.Concat(s.opts.Admins, s.opts.Readers), Oneself: true,
		Apply: func(ctx context.Context, tx *sqldb.Tx, r Request) error {
			var p prolongation
			if err := json.Unmarshal(r.Payload, &p); err != nil {
				return fmt.Errorf("prolong: %w", err)
			}
			from := s.clock.Now()
			before, err := s.grantsOf(ctx, tx, r.Benefits, p.Role, from)
			if err != nil {
				return err
			}
			for _, g := range before { // the day begins where the other ends
				if g.Until.After(from) {
					from = g.Until
				}
			}
			g := Grant{ID: sqldb.NewID(), By: r.By, Role: p.Role, Reason: r.Reason, Request: r.ID, At: from, Until: from.Add(MostEmergency)}
			if err := s.give(ctx, tx, g, "approval.notice.prolonged"); err != nil {
				return err
			}
			return s.logGrant(ctx, tx, r.By, "break_glass", g)
		},
	}
}

type prolongation struct {
	Role string `json:"role"`
}

// Prolong asks for another day with a role that somebody has or had in an emergency. It
// fails as Ask does, and with Denied for a role that they could not have taken.
func (s *Service) Prolong(ctx context.Context, who actor.Actor, role, reason string) (Request, error) {
	a, err := s.sitting(ctx, s.db, who)
	if err != nil {
		return Request{}, err
	}
	if !a.Active || !slices.ContainsFunc(s.roles, func(e Emergency) bool { return e.Role == role && a.Has(e.By...) }) {
		return Request{}, fault.New(fault.Denied, "approval.denied.break_glass", nil)
	}
	payload, err := json.Marshal(prolongation{Role: role})
	if err != nil {
		return Request{}, err
	}
	var out Request
	err = s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		out, err = s.Ask(ctx, tx, who, Request{
			Kind: KindProlong, Subject: a.ID, Benefits: a.ID, SaysKey: "approval.says.prolong",
			SaysArgs: fault.Args{"role": Word("role." + role), "name": a.Name, "hours": int(MostEmergency.Hours())},
			Reason:   reason, Payload: payload,
		})
		return err
	})
	return out, err
}

// Granted are the roles that an account holds at a moment beside its own.
func (s *Service) Granted(ctx context.Context, account string, at time.Time) ([]string, error) {
	roles, err := sqldb.All[string](ctx, s.db, `
		SELECT DISTINCT role FROM approval_emergency WHERE account = $1 AND created_at <= $2 AND ends_at > $2 ORDER BY role`,
		account, at.UTC().Truncate(time.Microsecond))
	if err != nil {
		return nil, fmt.Errorf("emergency roles of %s: %w", account, err)
	}
	return roles, nil
}

// EndEmergency gives a role back before its time: the one who took it, or an
// administrator or reader of the log who stops it. It fails with NotFound, Denied, and Conflict
// when it is over.
func (s *Service) EndEmergency(ctx context.Context, who actor.Actor, id string) error {
	var of string
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		a, err := s.sitting(ctx, tx, who)
		if err != nil {
			return err
		}
		g, err := s.lockGrant(ctx, tx, id)
		if err != nil {
			return err
		}
		of = g.By.Account
		if a.ID != of && !a.Has(slices.Concat(s.opts.Admins, s.opts.Readers)...) {
			return fault.New(fault.Denied, "approval.denied.end_emergency", nil)
		}
		now := s.clock.Now()
		if !now.Before(g.Until) {
			return fault.New(fault.Conflict, "approval.emergency.over", nil)
		}
		until := now
		if g.At.After(now) {
			until = g.At // a prolongation that has not begun
		}
		const end = `UPDATE approval_emergency SET ends_at = $1, ended_by = $2 WHERE id = $3`
		if _, err := sqldb.Exec(ctx, tx, end, until, a.ID, id); err != nil {
			return err
		}
		return s.logGrant(ctx, tx, who, "break_glass.end", g)
	})
	if err != nil {
		return fmt.Errorf("end emergency %s: %w", id, err)
	}
	s.opts.Changed(of)
	return nil
}

// TickOff says that a reader of the log has looked at what was done in an emergency. It
// fails with NotFound and Denied; nobody ticks off their own.
func (s *Service) TickOff(ctx context.Context, who actor.Actor, id string) error {
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		a, err := s.sitting(ctx, tx, who)
		if err != nil {
			return err
		}
		if !a.Active || !a.Has(s.opts.Readers...) {
			return fault.New(fault.Denied, "approval.denied.tick_off", nil)
		}
		g, err := s.lockGrant(ctx, tx, id)
		if err != nil {
			return err
		}
		same, err := s.same(ctx, tx, a.ID, g.By.Account)
		if err != nil {
			return err
		}
		switch {
		case same.is(a.ID, g.By.Account):
			return errOwn
		case !g.Read.IsZero():
			return nil
		}
		if _, err := sqldb.Exec(ctx, tx, `UPDATE approval_emergency SET read_by = $1, read_as = $2, read_at = $3 WHERE id = $4`,
			a.ID, sqldb.JSON[actor.Actor]{V: who}, s.clock.Now(), id); err != nil {
			return err
		}
		return s.logGrant(ctx, tx, who, "break_glass.read", g)
	})
	if err != nil {
		return fmt.Errorf("tick off emergency %s: %w", id, err)
	}
	return nil
}

func (s *Service) logGrant(ctx context.Context, q sqldb.Queryer, by actor.Actor, action string, g Grant) error {
	details := map[string]string{"role": g.Role, "account": g.By.Account, "until": g.Until.UTC().Format(time.RFC3339)}
	if g.Request != "" {
		details["request"] = g.Request
	}
	return s.log(ctx, q, by, action, audit.Subject{Type: "emergency", ID: g.ID}, details)
}

type grantRow struct {
	ID      string                  `db:"id"`
	Account string                  `db:"account"`
	By      sqldb.JSON[actor.Actor] `db:"by_actor"`
	Role    string                  `db:"role"`
	Reason  string                  `db:"reason"`
	Request string                  `db:"request"`
	At      time.Time               `db:"created_at"`
	Until   time.Time               `db:"ends_at"`
	EndedBy string                  `db:"ended_by"`
	ReadBy  string                  `db:"read_by"`
	ReadAs  sqldb.JSON[actor.Actor] `db:"read_as"`
	Read    *time.Time              `db:"read_at"`
}

const grantColumns = `id, account, by_actor, role, reason, request, created_at, ends_at, ended_by, read_by, read_as, read_at`

func grantRowOf(g Grant) grantRow {
	return grantRow{
		ID: g.ID, Account: g.By.Account, By: sqldb.JSON[actor.Actor]{V: g.By}, Role: g.Role, Reason: g.Reason, Request: g.Request,
		At: g.At, Until: g.Until, EndedBy: g.EndedBy,
		ReadBy: g.Reader.Account, ReadAs: sqldb.JSON[actor.Actor]{V: g.Reader}, Read: moment(g.Read),
	}
}

func (w grantRow) grant() Grant {
	return Grant{
		ID: w.ID, By: w.By.V, Role: w.Role, Reason: w.Reason, Request: w.Request, At: w.At, Until: w.Until, EndedBy: w.EndedBy,
		Reader: w.ReadAs.V, Read: value(w.Read),
	}
}

func (s *Service) lockGrant(ctx context.Context, tx *sqldb.Tx, id string) (Grant, error) {
	w, err := sqldb.One[grantRow](ctx, tx, `UPDATE approval_emergency SET ended_by = ended_by WHERE id = $1 RETURNING `+grantColumns, id)
	if errors.Is(err, sqldb.ErrNone) {
		return Grant{}, fault.New(fault.NotFound, "approval.emergency.unknown", nil)
	}
	return w.grant(), err
}

// grantsOf are the grants of a role to a person, whichever of their accounts took it, that
// are not long over.
func (s *Service) grantsOf(ctx context.Context, q sqldb.Queryer, account, role string, now time.Time) ([]Grant, error) {
	rows, err := sqldb.All[grantRow](ctx, q, `
		SELECT `+grantColumns+` FROM approval_emergency WHERE role = $1 AND ends_at > $2 ORDER BY id`, role, now.Add(-Rest))
	if err != nil {
		return nil, fmt.Errorf("emergencies of %s: %w", account, err)
	}
	var out []Grant
	for _, w := range rows {
		same, err := s.same(ctx, q, account, w.Account)
		if err != nil {
			return nil, err
		}
		if same.is(account, w.Account) {
			out = append(out, w.grant())
		}
	}
	return out, nil
}

// GrantFilter narrows what Grants gives. Zero fields do not narrow.
type GrantFilter struct {
	Account string
	Unread  bool // not ticked off yet
	At      time.Time
	Below   string // grants before that one only
	Limit   int    // 50 when zero
}

// Grants are the roles taken in emergencies, the youngest first.
func (s *Service) Grants(ctx context.Context, f GrantFilter) ([]Grant, error) {
	var a sqldb.Args
	where := "1 = 1"
	if f.Account != "" {
		where += " AND account = " + a.Add(f.Account)
	}
	if f.Unread {
		where += " AND read_by = ''"
	}
	if !f.At.IsZero() {
		at := a.Add(f.At)
		where += " AND created_at <= " + at + " AND ends_at > " + at
	}
	if f.Below != "" {
		where += " AND id < " + a.Add(f.Below)
	}
	if f.Limit <= 0 {
		f.Limit = 50
	}
	rows, err := sqldb.All[grantRow](ctx, s.db.Kept(), `
		SELECT `+grantColumns+` FROM approval_emergency WHERE `+where+` ORDER BY id DESC LIMIT `+strconv.Itoa(f.Limit), a.Values()...)
	if err != nil {
		return nil, fmt.Errorf("find emergencies: %w", err)
	}
	out := make([]Grant, len(rows))
	for i, w := range rows {
		out[i] = w.grant()
	}
	return out, nil
}

// Grant is one emergency. It fails with NotFound.
func (s *Service) Grant(ctx context.Context, id string) (Grant, error) {
	w, err := sqldb.One[grantRow](ctx, s.db, `SELECT `+grantColumns+` FROM approval_emergency WHERE id = $1`, id)
	if errors.Is(err, sqldb.ErrNone) {
		return Grant{}, fault.New(fault.NotFound, "approval.emergency.unknown", nil)
	}
	if err != nil {
		return Grant{}, fmt.Errorf("read emergency %s: %w", id, err)
	}
	return w.grant(), nil
}
