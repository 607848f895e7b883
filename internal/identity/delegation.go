package identity

import "time"

// Ground is why one may act for another.
type Ground string

// The grounds. "identity.ground.…" are their names.
const (
	AsParent   Ground = "parent"   // the register names the parent (Bộ luật Dân sự 2015, Điều 136)
	AsGuardian Ground = "guardian" // the register names the guardian
	AsKin      Ground = "kin"      // the other asked for it: a son for an old mother
	AsHead     Ground = "head"     // the legal representative of an organisation
	AsStaff    Ground = "staff"    // of an organisation: the representative gave it
)

// Delegation lets one account act for another: in what, until when. Each act shows both.
type Delegation struct {
	ID     string
	For    string // account of the one acted for
	By     string // account of the one who acts; "" of an offer that reached nobody
	Ground Ground
	// Named is how whoever offered it called the one who is to act. Until it is taken on they are
	// shown nothing else: not whether such a person has an account.
	Named string
	// Scope names the purposes in which one may act: codes of procedures, or "*" for all.
	Scope []string
	From  time.Time
	// Until is when it ends; zero only on a ground that the register ends by itself.
	Until time.Time
	// AcceptedAt is when the one who acts took it on; zero while it waits.
	AcceptedAt time.Time
	EndedAt    time.Time // withdrawn, or ended by the register; zero while it goes on
	EndedBy    string
	CreatedAt  time.Time
	CreatedBy  string // account
	Version    int64
}

// Holds says that it was taken on, has begun and goes on at a moment.
func (d Delegation) Holds(at time.Time) bool {
	return !d.AcceptedAt.IsZero() && d.EndedAt.IsZero() && !at.Before(d.From) && (d.Until.IsZero() || at.Before(d.Until))
}

// called is the name of the one who acts, as the one acted for may know it.
func (d Delegation) called(by Account) string {
	if d.AcceptedAt.IsZero() && d.Named != "" {
		return d.Named
	}
	return by.Value(FieldName)
}

// Withdrawable says that those whom it is about may end it: it does not rest on the register or
// on an organisation's papers.
func (d Delegation) Withdrawable() bool { return d.Ground == AsKin || d.Ground == AsStaff }

// Waits says that it was offered, and can still be taken on at a moment.
func (d Delegation) Waits(at time.Time) bool {
	return d.AcceptedAt.IsZero() && d.EndedAt.IsZero() && (d.Until.IsZero() || at.Before(d.Until))
}

// Covers says that it holds at a moment for a purpose.
func (d Delegation) Covers(purpose string, at time.Time) bool {
	if !d.Holds(at) {
		return false
	}
	for _, s := range d.Scope {
		if s == "*" || s == purpose {
			return true
		}
	}
	return false
}
