package identity

import (
	"context"
	"fmt"
)

// The reasons for which grants end.
const (
	EndedReused    = "reused"     // a code or a refresh token came twice: somebody has a copy
	EndedRevoked   = "revoked"    // by the client
	EndedSignedOut = "signed_out" // with the session
	EndedWithdrawn = "withdrawn"  // with the consent
	EndedSuspended = "suspended"  // with the account, or with the client
	// EndedDelegation: with the right to act for another. The client is told, as at a sign-out:
	// what it keeps open was opened by that right.
	EndedDelegation = "delegation"
)

// EndGrants ends the grants that a filter names, in the transaction of what ends them, and
// tells clients that want to know (OpenID Connect Back-Channel Logout). With the session's
// end (EndedSignedOut) those go on that were given to go on without it.
func (s *Service) EndGrants(ctx context.Context, tx Tx, f GrantFilter, why string) error {
	f.At = s.Clock.Now()
	grants, err := tx.Grants(ctx, f)
	if err != nil {
		return fmt.Errorf("grants to end: %w", err)
	}
	return s.endGrants(ctx, tx, grants, why)
}

func (s *Service) endGrants(ctx context.Context, tx Tx, grants []Grant, why string) error {
	now, told := s.Clock.Now(), map[Goodbye]bool{}
	for _, g := range grants {
		bye := Goodbye{Client: g.Client, Account: g.subject(), Session: g.Session}
		if signsOut := why == EndedSignedOut || why == EndedSuspended || why == EndedDelegation; signsOut && g.Session != "" && !told[bye] {
			if err := s.sayGoodbye(ctx, tx, bye); err != nil {
				return err
			}
			told[bye] = true
		}
		if why == EndedSignedOut && g.Stays() {
			continue
		}
		g.EndedAt, g.EndedWhy = now, why
		if err := tx.MoveGrant(ctx, g, g.Refresh); err != nil {
			return fmt.Errorf("end grant %s: %w", g.ID, err)
		}
	}
	return nil
}

func (s *Service) sayGoodbye(ctx context.Context, tx Tx, bye Goodbye) error {
	client, err := tx.Client(ctx, bye.Client)
	if err != nil {
		return fmt.Errorf("client of a grant: %w", err)
	}
	if client.BackChannel == "" {
		return nil
	}
	if err := s.Goodbyes.Put(ctx, tx, bye); err != nil {
		return fmt.Errorf("goodbye to %s: %w", bye.Client, err)
	}
	return nil
}
