package session

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// lent are the roles that accounts hold beside their own, kept for a few seconds: a
// page asks who is there several times. A role ends with the position within that time.
type lent struct {
	mu    sync.Mutex
	known map[string]lentRoles
}

type lentRoles struct {
	roles []string
	until time.Time
}

const (
	lentKept = 15 * time.Second
	lentMost = 5000
)

// lentTo gives the roles that an account took in an emergency and those that come with
// its positions.
func (s *Service) lentTo(ctx context.Context, account string, now time.Time) ([]string, error) {
	var sources []func(context.Context, string, time.Time) ([]string, error)
	if s.needs.Approvals != nil {
		sources = append(sources, s.needs.Approvals.Granted)
	}
	if s.needs.RolesOf != nil {
		sources = append(sources, s.needs.RolesOf)
	}
	if len(sources) == 0 {
		return nil, nil
	}
	s.lent.mu.Lock()
	l, ok := s.lent.known[account]
	s.lent.mu.Unlock()
	if ok && now.Before(l.until) {
		return l.roles, nil
	}
	var roles []string
	for _, ask := range sources {
		more, err := ask(ctx, account, now)
		if err != nil {
			return nil, fmt.Errorf("roles of account %s: %w", account, err)
		}
		roles = append(roles, more...)
	}
	s.lent.mu.Lock()
	defer s.lent.mu.Unlock()
	if s.lent.known == nil || len(s.lent.known) >= lentMost {
		s.lent.known = map[string]lentRoles{}
	}
	s.lent.known[account] = lentRoles{roles, now.Add(lentKept)}
	return roles, nil
}

// Forget lets the roles that an account holds beside its own be read again at once: when a
// position or an emergency begins or ends.
func (s *Service) Forget(account string) {
	s.lent.mu.Lock()
	defer s.lent.mu.Unlock()
	delete(s.lent.known, account)
}

// with adds roles that are not there yet.
func with(roles, more []string) []string {
	out := slices.Clone(roles)
	for _, r := range more {
		if !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return out
}

// held are all roles of an account at this moment.
func (s *Service) held(ctx context.Context, a Account) ([]string, error) {
	more, err := s.lentTo(ctx, a.ID, s.clock.Now())
	if err != nil {
		return nil, err
	}
	return with(a.Roles.V, more), nil
}
