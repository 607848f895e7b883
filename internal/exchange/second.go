package exchange

import (
	"context"
	"slices"
	"strings"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/xroad"
)

// Wish is a right that somebody asked for and that waits for a second person.
type Wish struct {
	ID       string // of the request
	Right    Right
	Replaces string // the right that ends when this one begins; "" for none
	By       actor.Actor
	At       time.Time
	Until    time.Time // it is gone then
	Href     string    // the page where it is decided
}

// Second is the second person without whom no right begins that a person asked for.
// The package rights asks for it in the requests of the node.
type Second interface {
	// Ask asks for a right in place of the one that it replaces ("" for none). It fails
	// with Conflict when the same subject has the same right, or waits for it.
	Ask(ctx context.Context, by actor.Actor, r Right, replaces string) (Wish, error)
	// Wishes are those that wait, the youngest first.
	Wishes(ctx context.Context) ([]Wish, error)
}

// Within says that whoever has r may do nothing that old does not let them do already:
// then r may take old's place without a second person. What cannot be compared is wider.
func (r Right) Within(old Right) bool {
	return r.Subject == old.Subject && r.Group == old.Group && r.Service == old.Service &&
		(old.Method == "" || r.Method == old.Method) &&
		pathWithin(r.Path, old.Path) &&
		(len(old.Purposes) == 0 || len(r.Purposes) > 0 && purposesWithin(r.Purposes, old.Purposes)) &&
		(slices.Contains(old.Fields, "*") || within(r.Fields, old.Fields)) &&
		!r.From.Before(old.From) &&
		(old.Until.IsZero() || !r.Until.IsZero() && !r.Until.After(old.Until)) &&
		(r.Officer || !old.Officer) && (r.Dossier || !old.Dossier) && (r.Security || !old.Security) &&
		r.Quota.within(old.Quota)
}

// within compares quotas of one period. So many persons are no more than so many calls,
// of which each is about one person at least.
func (q Quota) within(old Quota) bool {
	return !old.Bounded() ||
		q.Bounded() && q.Per == old.Per && q.Calls <= old.Calls && (q.Of == old.Of || q.Of == OfPersons)
}

// pathWithin compares two globs: any path is within none, a plain one within a glob that
// it fits, and a glob within itself.
func pathWithin(path, old string) bool {
	switch {
	case old == "" || path == old:
		return true
	case path == "" || strings.Contains(path, "*"):
		return false
	}
	return pathFits(old, path)
}

// purposesWithin says that whatever one list covers the other covers too.
func purposesWithin(list, of []string) bool {
	return !slices.ContainsFunc(list, func(p string) bool { _, covered := xroad.PurposeAmong(of, p); return !covered })
}

func within(list, of []string) bool {
	return !slices.ContainsFunc(list, func(s string) bool { return !slices.Contains(of, s) })
}

// Same says that two rights let the same subject do the same for the same purposes in
// the same days, whatever fields they grant, how often, and what a call must name.
func (r Right) Same(o Right) bool {
	a, b := slices.Sorted(slices.Values(r.Purposes)), slices.Sorted(slices.Values(o.Purposes))
	return r.Subject == o.Subject && r.Group == o.Group && r.Service == o.Service && r.Method == o.Method && r.Path == o.Path &&
		slices.Equal(slices.Compact(a), slices.Compact(b)) && r.From == o.From && r.Until == o.Until
}
