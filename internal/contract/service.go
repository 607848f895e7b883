package contract

import (
	"context"
	"crypto/rand"
	"slices"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// Store keeps systems, officers and the log.
type Store interface {
	Keeper
	Systems(ctx context.Context) ([]System, error) // without their secrets
	// System gives a system with its secret. It fails with NotFound.
	System(ctx context.Context, user string) (System, error)
	// Officers are those of a subsystem's agency, without their keys.
	Officers(ctx context.Context, subsystem string) ([]Officer, error)
	// Officer gives an officer with their key. It fails with NotFound.
	Officer(ctx context.Context, subsystem, code string) (Officer, error)

	// Take notes a call that was recognised; fresh is false when the same was noted
	// before: same system, timestamp and MaYeuCau. Notes older than keep may go.
	Take(ctx context.Context, user, stamp, request string, at time.Time, keep time.Duration) (fresh bool, err error)
	Log(ctx context.Context, c Call) error
	// Calls are the calls, newest first, below the id before when there is one.
	Calls(ctx context.Context, f Filter, before string, limit int) ([]Call, error)
	Counts(ctx context.Context, f Filter, byOfficer bool) ([]Count, error)
}

// Keeper changes systems and officers.
type Keeper interface {
	// AddSystem fails with Conflict when there is one of this user.
	AddSystem(ctx context.Context, by actor.Actor, s System, at time.Time) error
	// ChangeSystem changes a system as it is stored at that moment; change may run
	// twice. It fails with NotFound.
	ChangeSystem(ctx context.Context, by actor.Actor, user string, at time.Time, change func(*System)) error
	// AddOfficer fails with Conflict when there is one of this code.
	AddOfficer(ctx context.Context, by actor.Actor, subsystem string, o Officer, at time.Time) error
	// ChangeOfficer is as ChangeSystem.
	ChangeOfficer(ctx context.Context, by actor.Actor, subsystem, code string, at time.Time, change func(*Officer)) error
}

// Parts are what the contract's rules stand on.
type Parts struct {
	Store  Store
	Second Second
	Clock  clock.Clock
	// Subsystems are those under which the node's gateway may ask.
	Subsystems func() []string
	// Window is how far a timestamp may be off; 10 minutes when zero.
	Window time.Duration
	// NewSecret makes a secret; 128 random bits when nil.
	NewSecret func() string
}

const defaultWindow = 10 * time.Minute

// Service is the contract's rules on what the agency keeps.
type Service struct{ Parts }

// New makes it.
func New(p Parts) *Service {
	if p.Window == 0 {
		p.Window = defaultWindow
	}
	if p.NewSecret == nil {
		p.NewSecret = rand.Text
	}
	return &Service{p}
}

// Systems lists the systems, without their secrets. It fails with Denied.
func (s *Service) Systems(ctx context.Context, by actor.Actor) ([]System, error) {
	if err := Permissions.Can(by, Look); err != nil {
		return nil, err
	}
	return s.Store.Systems(ctx)
}

// SystemToChange gives a system to somebody who may change it, without its secret; one
// to be added when user is empty. It fails with Denied and NotFound.
func (s *Service) SystemToChange(ctx context.Context, by actor.Actor, user string) (System, error) {
	if err := Permissions.Can(by, SaveSystem); err != nil || user == "" {
		return System{}, err
	}
	system, err := s.Store.System(ctx, user)
	system.Secret = ""
	return system, err
}

// AddSystem asks for a new system and gives its secret, which nobody sees again and which
// proves nothing before a second person has approved it. It fails with Denied, with
// Invalid for each field that is wrong, and with Conflict when there is a system of this
// user or one waits.
func (s *Service) AddSystem(ctx context.Context, by actor.Actor, added System, reason string) (secret string, err error) {
	if err := Permissions.Can(by, SaveSystem); err != nil {
		return "", err
	}
	bad := append(added.check(s.Subsystems()), reasoned(reason)...)
	if !slices.ContainsFunc(bad, func(e *fault.Error) bool { return e.Field == "user" }) {
		if _, err := s.Store.System(ctx, added.User); err == nil {
			bad = slices.Insert(bad, 0, ErrSystemExists)
		} else if fault.Of(err) != fault.NotFound {
			return "", err
		}
	}
	if len(bad) > 0 {
		return "", bad
	}
	added.Secret, added.Off = s.NewSecret(), false
	return added.Secret, s.Second.Ask(ctx, by, Wish{Does: Adds, System: added, Reason: reason})
}

// ChangeSystem changes a system's name, subsystem, codes and procedures: at once, or, when
// the system may then ask more than before, with a second person, which asked says. It
// fails with Denied, NotFound, Conflict when another change waits, and with Invalid for
// each field that is wrong.
func (s *Service) ChangeSystem(ctx context.Context, by actor.Actor, changed System, reason string) (asked bool, err error) {
	if err := Permissions.Can(by, SaveSystem); err != nil {
		return false, err
	}
	if err := changed.check(s.Subsystems()).Err(); err != nil {
		return false, err
	}
	old, err := s.Store.System(ctx, changed.User)
	if err != nil {
		return false, err
	}
	wider := !changed.within(old)
	if !wider {
		err = s.Store.ChangeSystem(ctx, by, changed.User, s.Clock.Now(), func(old *System) {
			if wider = !changed.within(*old); !wider { // as it is stored at that moment
				old.take(changed)
			}
		})
	}
	if err != nil || !wider {
		return false, err
	}
	return true, s.ask(ctx, by, Wish{Does: Widens, System: changed, Reason: reason})
}

// StopSystem refuses a system from the next call on. It fails with Denied and NotFound.
func (s *Service) StopSystem(ctx context.Context, by actor.Actor, user string) error {
	if err := Permissions.Can(by, SaveSystem); err != nil {
		return err
	}
	return s.Store.ChangeSystem(ctx, by, user, s.Clock.Now(), func(old *System) { old.Off = true })
}

// OpenSystem asks that a system may call again. It fails with Denied, NotFound, Invalid
// without a reason, and Conflict when another change waits.
func (s *Service) OpenSystem(ctx context.Context, by actor.Actor, user, reason string) error {
	system, err := s.SystemToChange(ctx, by, user)
	if err != nil {
		return err
	}
	return s.ask(ctx, by, Wish{Does: Opens, System: system, Reason: reason})
}

// RenewSecret asks for another secret of a system and gives it; the one before ends when a
// second person has approved it. It fails as OpenSystem does.
func (s *Service) RenewSecret(ctx context.Context, by actor.Actor, user, reason string) (secret string, err error) {
	system, err := s.SystemToChange(ctx, by, user)
	if err != nil {
		return "", err
	}
	system.Secret = s.NewSecret()
	return system.Secret, s.ask(ctx, by, Wish{Does: Renews, System: system, Reason: reason})
}

// Officers lists the officers of a subsystem's agency, without their keys. It fails
// with Denied.
func (s *Service) Officers(ctx context.Context, by actor.Actor, subsystem string) ([]Officer, error) {
	if err := Permissions.Can(by, Look); err != nil {
		return nil, err
	}
	return s.Store.Officers(ctx, subsystem)
}

// OfficerToChange gives an officer to somebody who may change them, without their key;
// one to be added when code is empty. It fails with Denied, and with NotFound for a
// subsystem that is not the node's, too.
func (s *Service) OfficerToChange(ctx context.Context, by actor.Actor, subsystem, code string) (Officer, error) {
	if err := s.maySaveOfficer(by, subsystem); err != nil || code == "" {
		return Officer{}, err
	}
	o, err := s.Store.Officer(ctx, subsystem, code)
	o.KeyPass = ""
	return o, err
}

func (s *Service) maySaveOfficer(by actor.Actor, subsystem string) error {
	if err := Permissions.Can(by, SaveOfficer); err != nil {
		return err
	}
	if !slices.Contains(s.Subsystems(), subsystem) {
		return ErrNoOfficer
	}
	return nil
}

// AddOfficer asks that an officer may ask. It fails with Denied, NotFound for a subsystem
// that is not the node's, with Invalid for each field that is wrong, and with Conflict when
// there is an officer of this code or one waits.
func (s *Service) AddOfficer(ctx context.Context, by actor.Actor, subsystem string, added Officer, reason string) error {
	if err := s.maySaveOfficer(by, subsystem); err != nil {
		return err
	}
	added.Operations, added.KeyPass, added.Off = allAlone(added.Operations), "", false
	bad := append(added.check(subsystem), reasoned(reason)...)
	if !slices.ContainsFunc(bad, func(e *fault.Error) bool { return e.Field == "code" }) {
		if _, err := s.Store.Officer(ctx, subsystem, added.Code); err == nil {
			bad = slices.Insert(bad, 0, ErrOfficerExists)
		} else if fault.Of(err) != fault.NotFound {
			return err
		}
	}
	if len(bad) > 0 {
		return bad
	}
	return s.Second.Ask(ctx, by, Wish{Does: Adds, Subsystem: subsystem, Officer: added, Reason: reason})
}

// ChangeOfficer changes an officer's name, office and operations: at once, or, when they
// may then do more than before, with a second person, which asked says. It fails with
// Denied, NotFound, Conflict when another change waits, and with Invalid for each field
// that is wrong.
func (s *Service) ChangeOfficer(
	ctx context.Context, by actor.Actor, subsystem string, changed Officer, reason string,
) (asked bool, err error) {
	if err := s.maySaveOfficer(by, subsystem); err != nil {
		return false, err
	}
	changed.Operations = allAlone(changed.Operations)
	if err := changed.check(subsystem).Err(); err != nil {
		return false, err
	}
	old, err := s.Store.Officer(ctx, subsystem, changed.Code)
	if err != nil {
		return false, err
	}
	wider := !changed.within(old)
	if !wider {
		err = s.Store.ChangeOfficer(ctx, by, subsystem, changed.Code, s.Clock.Now(), func(old *Officer) {
			if wider = !changed.within(*old); !wider {
				old.take(changed)
			}
		})
	}
	if err != nil || !wider {
		return false, err
	}
	return true, s.ask(ctx, by, Wish{Does: Widens, Subsystem: subsystem, Officer: changed, Reason: reason})
}

// allAlone drops what AllOperations holds already.
func allAlone(operations []string) []string {
	if slices.Contains(operations, AllOperations) {
		return []string{AllOperations}
	}
	return operations
}

// StopOfficer refuses an officer from the next call on. It fails with Denied and NotFound.
func (s *Service) StopOfficer(ctx context.Context, by actor.Actor, subsystem, code string) error {
	if err := s.maySaveOfficer(by, subsystem); err != nil {
		return err
	}
	return s.Store.ChangeOfficer(ctx, by, subsystem, code, s.Clock.Now(), func(old *Officer) { old.Off = true })
}

// OpenOfficer asks that an officer may ask again. It fails with Denied, NotFound, Invalid
// without a reason, and Conflict when another change waits.
func (s *Service) OpenOfficer(ctx context.Context, by actor.Actor, subsystem, code, reason string) error {
	o, err := s.OfficerToChange(ctx, by, subsystem, code)
	if err != nil {
		return err
	}
	return s.ask(ctx, by, Wish{Does: Opens, Subsystem: subsystem, Officer: o, Reason: reason})
}

// RenewKey asks for another key of an officer for the platform's variant and gives it; the
// one before ends when a second person has approved it. It fails as OpenOfficer does.
func (s *Service) RenewKey(ctx context.Context, by actor.Actor, subsystem, code, reason string) (key string, err error) {
	o, err := s.OfficerToChange(ctx, by, subsystem, code)
	if err != nil {
		return "", err
	}
	o.KeyPass = s.NewSecret()
	return o.KeyPass, s.ask(ctx, by, Wish{Does: Renews, Subsystem: subsystem, Officer: o, Reason: reason})
}

// Calls reads the log, newest first; before is the id of the last one of the page
// before, "" for the first page. It fails with Denied.
func (s *Service) Calls(ctx context.Context, by actor.Actor, f Filter, before string, limit int) ([]Call, error) {
	if err := Permissions.Can(by, ReadLog); err != nil {
		return nil, err
	}
	return s.Store.Calls(ctx, f, before, limit)
}

// Counts counts the calls by office and officer, or by office alone. It fails with
// Denied.
func (s *Service) Counts(ctx context.Context, by actor.Actor, f Filter, byOfficer bool) ([]Count, error) {
	if err := Permissions.Can(by, ReadLog); err != nil {
		return nil, err
	}
	return s.Store.Counts(ctx, f, byOfficer)
}
