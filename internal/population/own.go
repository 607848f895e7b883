package population

import (
	"context"
	"strings"
	"unicode/utf8"

	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
)

// What the register tells people about themselves. Whose data that is follows from the
// account alone, by the number that it is bound to: no caller names a number, and a login
// that looks like one proves nothing.

// Bindings says which person an account is. The accounts' own keeper (platform/session)
// binds them: by the word of the authority's electronic identities, above all.
type Bindings interface {
	// Bound is the number that an account is bound to now; zero when to none.
	Bound(ctx context.Context, account string) (citizen.Number, error)
}

// self is the number of the one who acts. It fails with Denied when the account is no
// citizen's, and with Unbound when it is and was not bound to a number.
func (r *Register) self(ctx context.Context, a actor.Actor) (citizen.Number, error) {
	if err := Permissions.CanOwn(a, ReadOwn, true); err != nil {
		return citizen.Number{}, err
	}
	if r.Bindings == nil {
		return citizen.Number{}, Unbound()
	}
	n, err := r.Bindings.Bound(ctx, a.Account)
	if err == nil && n.IsZero() {
		err = Unbound()
	}
	return n, err
}

// Unbound says that an account is bound to no person.
func Unbound() error { return fault.New(fault.Denied, unboundKey, nil) }

const unboundKey = "population.unbound"

// IsUnbound says that an error is Unbound.
func IsUnbound(err error) bool {
	f := fault.As(err)
	return f != nil && f.Key == unboundKey
}

// Own is all that the register holds about the one who acts. It is no look-up by others
// and not logged. It fails with Denied (Unbound), and NotFound.
func (r *Register) Own(ctx context.Context, a actor.Actor) (PersonView, error) {
	n, err := r.self(ctx, a)
	if err != nil {
		return PersonView{}, err
	}
	return r.view(ctx, n)
}

// Lookups are the look-ups about the one who acts, newest first; before is the id of the
// last one of the page before, "" for the first page. It fails with Denied (Unbound).
func (r *Register) Lookups(ctx context.Context, a actor.Actor, before string, limit int) ([]Lookup, error) {
	n, err := r.self(ctx, a)
	if err != nil {
		return nil, err
	}
	return r.Store.Lookups(ctx, n, Period{}, before, pageOf(limit))
}

// LookupsOf is Lookups for somebody whose number their electronic identity proves: the caller
// vouches that it is theirs. It fails with Denied.
func (r *Register) LookupsOf(ctx context.Context, a actor.Actor, n citizen.Number, before string, limit int) ([]Lookup, error) {
	if err := Permissions.CanOwn(a, ReadOwn, true); err != nil {
		return nil, err
	}
	return r.Store.Lookups(ctx, n, Period{}, before, pageOf(limit))
}

// maxText bounds what people write.
const maxText = 2000

// Object records what a person says against a look-up about them. It fails with NotFound
// when the look-up was not about them, Conflict when they said so before, Invalid
// without words, and Denied (Unbound).
func (r *Register) Object(ctx context.Context, a actor.Actor, lookup, text string) error {
	n, err := r.self(ctx, a)
	if err != nil {
		return err
	}
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return fault.New(fault.Invalid, "population.objection.empty", nil).At("text")
	case utf8.RuneCountInString(text) > maxText:
		return fault.New(fault.Invalid, "population.text.long", fault.Args{"max": maxText}).At("text")
	}
	l, err := r.Store.Lookup(ctx, n, lookup)
	if err != nil {
		return err
	}
	return r.Store.SaveObjection(ctx, Objection{ID: r.NewID(), Number: n, Lookup: l, Text: text, At: r.Clock.Now()})
}

// ObjectionsOf are the objections of the one who acts, newest first. It fails with
// Denied (Unbound).
func (r *Register) ObjectionsOf(ctx context.Context, a actor.Actor) ([]Objection, error) {
	n, err := r.self(ctx, a)
	if err != nil {
		return nil, err
	}
	return r.Store.ObjectionsOf(ctx, n)
}
