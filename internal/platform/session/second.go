package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/approval"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
)

// Approvals let a second person decide (platform/approval).
type Approvals interface {
	Register(kinds ...approval.Kind)
	Ask(ctx context.Context, q sqldb.Queryer, by actor.Actor, r approval.Request) (approval.Request, error)
}

// Needs are what accounts ask of others. Without Approvals, what needs a second
// person is refused; without the rest, nothing comes from there.
type Needs struct {
	Approvals Approvals
	// Pending are the open requests about an account.
	Pending func(ctx context.Context, account string) ([]approval.Request, error)
	// Tell gives a message to accounts, in the caller's transaction.
	Tell func(ctx context.Context, q sqldb.Queryer, key string, args fault.Args, accounts ...string) error
	// Granted are the roles that an account took in an emergency, RolesOf those that come
	// with the positions that it holds.
	Granted, RolesOf func(ctx context.Context, account string, at time.Time) ([]string, error)
}

// Join hands over what accounts need, before the node serves, and registers their
// kinds of requests.
func (s *Service) Join(n Needs) {
	s.needs = n
	if n.Approvals != nil {
		n.Approvals.Register(s.kinds()...)
	}
}

// Pending are the open requests about an account.
func (s *Service) Pending(ctx context.Context, account string) ([]approval.Request, error) {
	if err := s.mayOwn(ctx, account, SeeAccounts); err != nil {
		return nil, err
	}
	return s.pending(ctx, account)
}

func (s *Service) pending(ctx context.Context, account string) ([]approval.Request, error) {
	if s.needs.Pending == nil {
		return nil, nil
	}
	list, err := s.needs.Pending(ctx, account)
	if err != nil {
		return nil, fmt.Errorf("open requests about account %s: %w", account, err)
	}
	return list, nil
}

// The kinds of requests. "approval.kind.…" are their names for people.
const (
	KindRoles = "account.roles" // and what else changes what an account opens
	KindReset = "account.reset"
	KindToken = "account.token"
)

var (
	errNoSecond = fault.New(fault.Unavailable, "session.second.missing", nil)
	errPending  = fault.New(fault.Conflict, "session.second.pending", nil)
	errOwnRoles = fault.New(fault.Denied, "session.account.own_roles", nil)
	errOwnReset = fault.New(fault.Denied, "session.account.own_reset", nil)
)

func (s *Service) kinds() []approval.Kind {
	deciders := []string{Administrator}
	return []approval.Kind{
		{Code: KindRoles, Deciders: deciders, Apply: s.applyChange},
		{Code: KindReset, Deciders: deciders, Apply: s.applyReset},
		{Code: KindToken, Deciders: deciders, Apply: s.applyToken},
	}
}

// ask makes a request about an account.
func (s *Service) ask(ctx context.Context, tx *sqldb.Tx, by actor.Actor, kind string, a Account, key, reason string, payload any, args fault.Args) (
	approval.Request, error,
) {
	if s.needs.Approvals == nil {
		return approval.Request{}, errNoSecond
	}
	raw, err := json.Marshal(payload)
	if err != nil {
		return approval.Request{}, err
	}
	says := fault.Args{"login": s.Shown(a), "name": a.Name, "created": a.CreatedAt.In(clock.Zone).Format("02/01/2006")}
	for name, v := range args {
		says[name] = v
	}
	return s.needs.Approvals.Ask(ctx, tx, by, approval.Request{
		Kind: kind, Subject: a.ID, Benefits: a.ID, SaysKey: key, SaysArgs: says, Reason: reason, Payload: raw,
	})
}

// change is what waits for a second person before it happens to an account.
type change struct {
	Add      []string `json:"add,omitempty"`
	Remove   []string `json:"remove,omitempty"`
	Agency   *string  `json:"agency,omitempty"`
	Email    *string  `json:"email,omitempty"`
	Activate bool     `json:"activate,omitempty"`
	// First is the hash of the half of a first password that the one who asks holds.
	First string `json:"first,omitempty"`
}

func (c change) nothing() bool {
	return len(c.Add) == 0 && len(c.Remove) == 0 && c.Agency == nil && c.Email == nil && !c.Activate
}

// part separates what a draft changes at once from what waits. Roles that are guarded
// wait, both ways. Of an account that holds such a role, its agency (whose data it
// sees), its address (where it is warned) and being active again wait as well.
func (s *Service) part(old Account, held []string, d Draft) (now Draft, later change) {
	now = d
	added, removed := minus(d.Roles, old.Roles.V), minus(old.Roles.V, d.Roles)
	later.Add, later.Remove = s.Guarded(added), s.Guarded(removed)
	now.Roles = slices.Sorted(slices.Values(append(minus(d.Roles, later.Add), later.Remove...)))
	if len(s.Guarded(held)) == 0 {
		return now, later
	}
	if d.Agency != old.Agency {
		now.Agency, later.Agency = old.Agency, &d.Agency
	}
	if d.Email != old.Email {
		now.Email, later.Email = old.Email, &d.Email
	}
	if d.Active && !old.Active {
		now.Active, later.Activate = false, true
	}
	return now, later
}

func minus(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) })
}

// askChange asks for what waits of a change.
func (s *Service) askChange(ctx context.Context, tx *sqldb.Tx, by actor.Actor, a Account, c change, reason string) (approval.Request, error) {
	key := "session.ask.change"
	switch {
	case c.First != "":
		key = "session.ask.first"
	case len(c.Add) > 0 && len(c.Remove) == 0:
		key = "session.ask.give"
	case len(c.Remove) > 0 && len(c.Add) == 0:
		key = "session.ask.take"
	case len(c.Add) > 0:
		key = "session.ask.swap"
	}
	args := fault.Args{"add": strings.Join(c.Add, ","), "remove": strings.Join(c.Remove, ",")}
	return s.ask(ctx, tx, by, KindRoles, a, key, reason, c, args)
}

// applyChange makes a change of which a second person has approved. It starts from
// the account as it is by now.
func (s *Service) applyChange(ctx context.Context, tx *sqldb.Tx, r approval.Request) error {
	var c change
	if err := json.Unmarshal(r.Payload, &c); err != nil {
		return fmt.Errorf("read request %s: %w", r.ID, err)
	}
	old, err := account(ctx, tx, r.Subject)
	if err != nil {
		return err
	}
	if r.By.Account == old.ID {
		return errOwnRoles
	}
	roles := append(minus(old.Roles.V, c.Remove), c.Add...)
	d := Draft{
		Login: old.Login, Name: old.Name, Email: old.Email, Agency: old.Agency, Active: old.Active || c.Activate,
		Roles: slices.Compact(slices.Sorted(slices.Values(roles))),
	}
	if c.Agency != nil {
		d.Agency = *c.Agency
	}
	if c.Email != nil {
		d.Email = *c.Email
	}
	if err := s.write(ctx, tx, old, d); err != nil {
		return err
	}
	if c.First != "" { // from here on, nobody has its password who knew it before
		if err := s.setPassword(ctx, tx, old, "", false, map[string]string{"asked_by": r.By.Account, "request": r.ID}); err != nil {
			return err
		}
		if err := s.halve(ctx, tx, old.ID, half{First: c.First, AskedBy: r.By.Account, Decider: r.Decider.Account}); err != nil {
			return err
		}
	}
	details := changes(old, d)
	details["asked_by"], details["request"] = r.By.Account, r.ID
	return s.record(ctx, tx, "account.roles", old.ID, details)
}

// tellOf tells the holder and the readers of the log that roles changed which need no
// second person; of the others, the approval tells.
func (s *Service) tellOf(ctx context.Context, tx *sqldb.Tx, by actor.Actor, old Account, roles []string) error {
	if s.needs.Tell == nil || slices.Equal(old.Roles.V, roles) {
		return nil
	}
	to := []string{old.ID}
	readers, err := s.holding(ctx, tx, s.watchers()...)
	if err != nil {
		return err
	}
	for _, a := range readers {
		to = append(to, a.ID)
	}
	return s.needs.Tell(ctx, tx, "session.told.roles", fault.Args{
		"login": s.Shown(old), "roles": strings.Join(roles, ","), "by": by.Name,
	}, to...)
}

// holding are the active accounts that hold one of the roles of their own.
func (s *Service) holding(ctx context.Context, q sqldb.Queryer, roles ...string) ([]Account, error) {
	if len(roles) == 0 {
		return nil, nil
	}
	var a sqldb.Args
	like := make([]string, len(roles))
	for i, r := range roles {
		like[i] = `roles LIKE ` + a.Add(`%"`+likeEscaper.Replace(r)+`"%`) + ` ESCAPE '!'`
	}
	return sqldb.All[Account](ctx, q,
		`SELECT `+accountColumns+` FROM account WHERE active AND (`+strings.Join(like, " OR ")+`) ORDER BY login`, a.Values()...)
}

// administrators counts the accounts that are or were administrators: one that was
// locked does not make room for another.
func (s *Service) administrators(ctx context.Context, q sqldb.Queryer) (int, error) {
	return sqldb.One[int](ctx, q, `SELECT COUNT(*) FROM account WHERE roles LIKE $1`, `%"`+Administrator+`"%`)
}

// firstAdministrators are how many a new node gets at the command line, so that from
// then on there is a second person.
const firstAdministrators = 2

// ByID is one account, for whoever decides on a request. It fails with NotFound.
func (s *Service) ByID(ctx context.Context, q sqldb.Queryer, id string) (Account, error) {
	a, err := account(ctx, q, id)
	if err != nil && !errors.Is(err, errNoAccount) {
		err = fmt.Errorf("read account %s: %w", id, err)
	}
	return a, err
}

// Holding are the active accounts that hold one of the roles.
func (s *Service) Holding(ctx context.Context, q sqldb.Queryer, roles ...string) ([]Account, error) {
	list, err := s.holding(ctx, q, roles...)
	if err != nil {
		return nil, fmt.Errorf("accounts that hold %s: %w", strings.Join(roles, ", "), err)
	}
	return list, nil
}
