package session

import (
	"context"
	"encoding/json"
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
	Find(ctx context.Context, f approval.Filter) ([]approval.Request, error)
	Tell(ctx context.Context, q sqldb.Queryer, n approval.Notice, accounts ...string) error
	// Granted are the roles that an account took in an emergency.
	Granted(ctx context.Context, account string, at time.Time) ([]string, error)
}

// Needs are what accounts ask of others. Without Approvals, what needs a second
// person is refused.
type Needs struct {
	Approvals Approvals
	// RolesOf are the roles that come with the positions that an account holds; nil for none.
	RolesOf func(ctx context.Context, account string, at time.Time) ([]string, error)
	// NamesOf are the names of the agency, the offices and the places of an account, of which
	// no password is made; nil for none.
	NamesOf func(ctx context.Context, account, agency string, at time.Time) ([]string, error)
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
	if s.needs.Approvals == nil {
		return nil, nil
	}
	list, err := s.needs.Approvals.Find(ctx, approval.Filter{State: approval.Open, About: account})
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
	holder := func(_ context.Context, r approval.Request) ([]string, error) { return []string{r.Subject}, nil }
	page := func(r approval.Request) string { return "/accounts/" + r.Subject }
	return []approval.Kind{
		{Code: KindRoles, Deciders: deciders, Apply: s.applyChange, Told: holder, Href: page},
		{Code: KindReset, Deciders: deciders, Apply: s.applyReset, Told: holder, Href: page},
		{Code: KindToken, Deciders: deciders, Apply: s.applyToken},
	}
}

// ask makes a request, whose words and payload stand in r and payload.
func (s *Service) ask(ctx context.Context, tx *sqldb.Tx, by actor.Actor, r approval.Request, payload any) (approval.Request, error) {
	if s.needs.Approvals == nil {
		return approval.Request{}, errNoSecond
	}
	var err error
	if r.Payload, err = json.Marshal(payload); err != nil {
		return approval.Request{}, err
	}
	return s.needs.Approvals.Ask(ctx, tx, by, r)
}

// about begins the words of a request about an account.
func (s *Service) about(a Account) fault.Args {
	return fault.Args{"login": s.Shown(a), "name": a.Name, "created": a.CreatedAt.In(clock.Zone).Format("02/01/2006")}
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

func (c change) nothing() bool { return len(c.Add) == 0 && len(c.Remove) == 0 && !c.opens() }

// opens says that the change opens something beside roles.
func (c change) opens() bool { return c.Agency != nil || c.Email != nil || c.Activate }

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
func (s *Service) askChange(
	ctx context.Context, tx *sqldb.Tx, by actor.Actor, a Account, c change, reason string,
) (approval.Request, error) {
	key := "session.ask.change"
	switch {
	case c.First != "":
		key = "session.ask.first"
	case len(c.Add) > 0 && len(c.Remove) == 0:
		key = "session.ask.give"
	case len(c.Remove) > 0 && len(c.Add) == 0 && !c.opens():
		key = "session.ask.take"
	case len(c.Add) > 0:
		key = "session.ask.swap"
	}
	args := s.about(a)
	args["add"], args["remove"] = strings.Join(c.Add, ","), strings.Join(c.Remove, ",")
	r := approval.Request{Kind: KindRoles, Subject: a.ID, SaysKey: key, SaysArgs: args, Reason: reason}
	if key != "session.ask.take" { // what is taken away is nobody's gain
		r.Benefits = a.ID
	}
	return s.ask(ctx, tx, by, r, c)
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
		if err := s.halve(ctx, tx, old.ID, half{First: c.First, AskedBy: r.By.Account}); err != nil {
			return err
		}
	}
	details := changes(old, d)
	details["asked_by"], details["request"] = r.By.Account, r.ID
	return s.record(ctx, tx, "account.roles", old.ID, details)
}

// tellOf tells the holder and the readers of the log what one person did to an
// account alone: other roles, or the end of its use. Of the rest, the approval tells.
func (s *Service) tellOf(ctx context.Context, tx *sqldb.Tx, by actor.Actor, old Account, d Draft) error {
	key := ""
	switch {
	case old.Active && !d.Active:
		key = "session.told.locked"
	case !slices.Equal(old.Roles.V, d.Roles):
		key = "session.told.roles"
	}
	if s.needs.Approvals == nil || key == "" {
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
	return s.needs.Approvals.Tell(ctx, tx, approval.Notice{Key: key, Href: "/account", Args: fault.Args{
		"login": s.Shown(old), "roles": strings.Join(d.Roles, ","), "by": by.Name,
	}}, to...)
}
