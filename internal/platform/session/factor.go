package session

import (
	"context"
	"slices"

	"dean06/internal/platform/actor"
)

// surely is the level of an identity's sign-in that stands for a second factor: it takes two
// (docs/identity.md, ways to sign in).
const surely = 2

// NeedsSecond are the roles of a list whose holders must show a second factor.
func (s *Service) NeedsSecond(roles []string) []string {
	var out []string
	for _, code := range roles {
		if r, known := s.role(code); known && r.Second {
			out = append(out, code)
		}
	}
	return out
}

// asksSecond says that any role does.
func (s *Service) asksSecond() bool {
	return slices.ContainsFunc(s.opts.Roles, func(r Role) bool { return r.Second })
}

// shown is what a session has shown of who is at the other end.
type shown struct {
	via   actor.Via
	level int  // of the issuer's word
	totp  bool // the account has a second factor of its own; whoever is past the step NeedCode showed it
}

// lacks is what a session lacks for its roles, beside what it has lacked since it began. It is
// asked of every request, so that a role which is given, lent or comes with a position while
// the session runs is not used before.
func (s *Service) lacks(step Step, roles []string, of shown) Step {
	if step != Complete || len(s.NeedsSecond(roles)) == 0 {
		return step
	}
	switch {
	case of.via == actor.OIDC && of.level < surely:
		return NeedLevel
	case of.via != actor.OIDC && !of.totp:
		return NeedFactor
	}
	return Complete
}

// settingUp is who may set up a second factor: whoever is signed in, and who can do nothing
// else before they have.
func settingUp(ctx context.Context) (Identity, error) {
	id, step, ok := Unfinished(ctx)
	if ok && step == NeedFactor {
		return id, nil
	}
	return Check(ctx)
}
