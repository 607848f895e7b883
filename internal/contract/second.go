package contract

import (
	"context"
	"slices"
	"strings"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
)

// Does is what a change does that waits for a second person.
type Does string

// What changes do. Whoever did one of them alone could ask the register about anybody.
const (
	Adds   Does = "add"
	Widens Does = "widen"
	Opens  Does = "open"   // what was turned off
	Renews Does = "secret" // or the key of an officer
)

// Wish is a change of a system, or of an officer, that takes effect when a second person
// has approved it.
type Wish struct {
	Does      Does
	Subsystem string  // of the officer; "" when it is about a system
	System    System  // as it is to be, with its new secret
	Officer   Officer // the same
	Reason    string  `json:"-"` // the request has it
}

// OfOfficer says that the wish is about an officer, not a system.
func (w Wish) OfOfficer() bool { return w.Subsystem != "" }

// Subject is the account of the system, or the subsystem and code of the officer.
func (w Wish) Subject() string {
	if w.OfOfficer() {
		return w.Subsystem + " " + w.Officer.Code
	}
	return w.System.User
}

// Name is what people call the system or officer.
func (w Wish) Name() string { return w.System.Name + w.Officer.Name }

// Action is what somebody must be allowed who asks.
func (w Wish) Action() Action {
	if w.OfOfficer() {
		return SaveOfficer
	}
	return SaveSystem
}

// Waiting is a wish that nobody has decided yet.
type Waiting struct {
	Wish
	By    actor.Actor
	At    time.Time
	Until time.Time // it is gone then
	Href  string    // the page where it is decided
}

// Second is the second person without whom nothing widens.
type Second interface {
	// Ask asks for a wish. It fails with ErrAsked when another waits on the same subject.
	Ask(ctx context.Context, by actor.Actor, w Wish) error
	// Waiting are the wishes that wait, the youngest first.
	Waiting(ctx context.Context) ([]Waiting, error)
}

// ErrAsked is the fault of a second wish for what waits already.
var ErrAsked = fault.New(fault.Conflict, "contract.asked", nil)

// Waiting lists the changes that wait for a second person. It fails with Denied.
func (s *Service) Waiting(ctx context.Context, by actor.Actor) ([]Waiting, error) {
	if err := Permissions.Can(by, Look); err != nil {
		return nil, err
	}
	return s.Second.Waiting(ctx)
}

// Fulfil makes a wish happen that a second person approved: store keeps it in the
// transaction of their decision. It fails with Denied, NotFound and Conflict, and with
// Invalid when what was asked for is no longer right.
func (s *Service) Fulfil(ctx context.Context, store Keeper, by, second actor.Actor, w Wish) error {
	if err := Permissions.Can(by, w.Action()); err != nil {
		return err
	}
	if second.Nobody() || second.Is(by.Account) {
		return fault.New(fault.Denied, "contract.denied.alone", nil)
	}
	if w.OfOfficer() {
		return s.fulfilOfficer(ctx, store, by, w)
	}
	if w.Does == Adds || w.Does == Widens {
		if err := w.System.check(s.Subsystems()).Err(); err != nil {
			return err
		}
	}
	if w.Does == Adds {
		return store.AddSystem(ctx, by, w.System, s.Clock.Now())
	}
	return store.ChangeSystem(ctx, by, w.System.User, s.Clock.Now(), func(old *System) {
		switch w.Does {
		case Widens:
			old.take(w.System)
		case Opens:
			old.Off = false
		case Renews:
			old.Secret = w.System.Secret
		}
	})
}

func (s *Service) fulfilOfficer(ctx context.Context, store Keeper, by actor.Actor, w Wish) error {
	if err := s.maySaveOfficer(by, w.Subsystem); err != nil {
		return err
	}
	if w.Does == Adds || w.Does == Widens {
		if err := w.Officer.check(w.Subsystem).Err(); err != nil {
			return err
		}
	}
	if w.Does == Adds {
		return store.AddOfficer(ctx, by, w.Subsystem, w.Officer, s.Clock.Now())
	}
	return store.ChangeOfficer(ctx, by, w.Subsystem, w.Officer.Code, s.Clock.Now(), func(old *Officer) {
		switch w.Does {
		case Widens:
			old.take(w.Officer)
		case Opens:
			old.Off = false
		case Renews:
			old.KeyPass = w.Officer.KeyPass
		}
	})
}

func (s *Service) ask(ctx context.Context, by actor.Actor, w Wish) error {
	if err := reasoned(w.Reason).Err(); err != nil {
		return err
	}
	return s.Second.Ask(ctx, by, w)
}

// reasoned asks for the reason that the second person reads.
func reasoned(reason string) fault.List {
	if strings.TrimSpace(reason) == "" {
		return fault.List{wrong("reason", "reason")}
	}
	return nil
}

// within says that the system may ask nothing that old may not.
func (s System) within(old System) bool {
	return s.Subsystem == old.Subsystem && listWithin(s.Codes, old.Codes, slices.Contains) &&
		listWithin(s.Procedures, old.Procedures, licensed)
}

// listWithin compares two lists of which an empty one lets everything pass.
func listWithin(list, old []string, has func([]string, string) bool) bool {
	if len(old) == 0 {
		return true
	}
	return len(list) > 0 && !slices.ContainsFunc(list, func(code string) bool { return !has(old, code) })
}

// take takes over what a form changes.
func (s *System) take(changed System) {
	s.Name, s.Subsystem, s.Codes, s.Procedures = changed.Name, changed.Subsystem, changed.Codes, changed.Procedures
}

// within says that the officer may do nothing that old may not.
func (o Officer) within(old Officer) bool {
	return slices.Contains(old.Operations, AllOperations) ||
		!slices.ContainsFunc(o.Operations, func(name string) bool { return !slices.Contains(old.Operations, name) })
}

func (o *Officer) take(changed Officer) {
	o.Name, o.Office, o.Operations = changed.Name, changed.Office, changed.Operations
}
