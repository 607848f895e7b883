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
	Systems(ctx context.Context) ([]System, error) // without their secrets
	// System gives a system with its secret. It fails with NotFound.
	System(ctx context.Context, user string) (System, error)
	// AddSystem fails with Conflict when there is one of this user.
	AddSystem(ctx context.Context, by actor.Actor, s System, at time.Time) error
	// ChangeSystem changes a system as it is stored at that moment; change may run
	// twice. It fails with NotFound.
	ChangeSystem(ctx context.Context, by actor.Actor, user string, at time.Time, change func(*System)) error

	// Officers are those of a subsystem's agency, without their keys.
	Officers(ctx context.Context, subsystem string) ([]Officer, error)
	// Officer gives an officer with their key. It fails with NotFound.
	Officer(ctx context.Context, subsystem, code string) (Officer, error)
	// AddOfficer fails with Conflict when there is one of this code.
	AddOfficer(ctx context.Context, by actor.Actor, subsystem string, o Officer, at time.Time) error
	// ChangeOfficer is as ChangeSystem.
	ChangeOfficer(ctx context.Context, by actor.Actor, subsystem, code string, at time.Time, change func(*Officer)) error

	// Take notes a call that was recognised; fresh is false when the same was noted
	// before: same system, timestamp and MaYeuCau. Notes older than keep may go.
	Take(ctx context.Context, user, stamp, request string, at time.Time, keep time.Duration) (fresh bool, err error)
	Log(ctx context.Context, c Call) error
	// Calls are the calls, newest first, below the id before when there is one.
	Calls(ctx context.Context, f Filter, before string, limit int) ([]Call, error)
	Counts(ctx context.Context, f Filter, byOfficer bool) ([]Count, error)
}

// Parts are what the contract's rules stand on.
type Parts struct {
	Store Store
	Clock clock.Clock
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

// AddSystem registers a system and gives its secret, which nobody sees again. It fails
// with Denied, with Invalid for each field that is wrong, and with Conflict when there
// is a system of this user.
func (s *Service) AddSystem(ctx context.Context, by actor.Actor, added System) (secret string, err error) {
	if err := Permissions.Can(by, SaveSystem); err != nil {
		return "", err
	}
	bad := added.check(s.Subsystems())
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
	added.Secret = s.NewSecret()
	return added.Secret, s.Store.AddSystem(ctx, by, added, s.Clock.Now())
}

// ChangeSystem changes a system's name, subsystem, codes and procedures. It fails with
// Denied, NotFound, and with Invalid for each field that is wrong.
func (s *Service) ChangeSystem(ctx context.Context, by actor.Actor, changed System) error {
	if err := Permissions.Can(by, SaveSystem); err != nil {
		return err
	}
	if err := changed.check(s.Subsystems()).Err(); err != nil {
		return err
	}
	return s.Store.ChangeSystem(ctx, by, changed.User, s.Clock.Now(), func(old *System) {
		old.Name, old.Subsystem, old.Codes, old.Procedures = changed.Name, changed.Subsystem, changed.Codes, changed.Procedures
	})
}

// TurnSystem lets a system ask, or refuses it from the next call on. It fails with
// Denied and NotFound.
func (s *Service) TurnSystem(ctx context.Context, by actor.Actor, user string, on bool) error {
	if err := Permissions.Can(by, SaveSystem); err != nil {
		return err
	}
	return s.Store.ChangeSystem(ctx, by, user, s.Clock.Now(), func(old *System) { old.Off = !on })
}

// RenewSecret gives a system another secret; the one before ends at once. It fails with
// Denied and NotFound.
func (s *Service) RenewSecret(ctx context.Context, by actor.Actor, user string) (secret string, err error) {
	if err := Permissions.Can(by, SaveSystem); err != nil {
		return "", err
	}
	secret = s.NewSecret()
	return secret, s.Store.ChangeSystem(ctx, by, user, s.Clock.Now(), func(old *System) { old.Secret = secret })
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

// AddOfficer lets an officer ask. It fails with Denied, NotFound for a subsystem that is
// not the node's, with Invalid for each field that is wrong, and with Conflict when
// there is an officer of this code.
func (s *Service) AddOfficer(ctx context.Context, by actor.Actor, subsystem string, added Officer) error {
	if err := s.maySaveOfficer(by, subsystem); err != nil {
		return err
	}
	added.Operations, added.KeyPass = allAlone(added.Operations), ""
	bad := added.check()
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
	return s.Store.AddOfficer(ctx, by, subsystem, added, s.Clock.Now())
}

// ChangeOfficer changes an officer's name, office and operations. It fails with Denied,
// NotFound, and with Invalid for each field that is wrong.
func (s *Service) ChangeOfficer(ctx context.Context, by actor.Actor, subsystem string, changed Officer) error {
	if err := s.maySaveOfficer(by, subsystem); err != nil {
		return err
	}
	changed.Operations = allAlone(changed.Operations)
	if err := changed.check().Err(); err != nil {
		return err
	}
	return s.Store.ChangeOfficer(ctx, by, subsystem, changed.Code, s.Clock.Now(), func(old *Officer) {
		old.Name, old.Office, old.Operations = changed.Name, changed.Office, changed.Operations
	})
}

// allAlone drops what AllOperations holds already.
func allAlone(operations []string) []string {
	if slices.Contains(operations, AllOperations) {
		return []string{AllOperations}
	}
	return operations
}

// TurnOfficer lets an officer ask, or refuses them from the next call on. It fails with
// Denied and NotFound.
func (s *Service) TurnOfficer(ctx context.Context, by actor.Actor, subsystem, code string, on bool) error {
	if err := s.maySaveOfficer(by, subsystem); err != nil {
		return err
	}
	return s.Store.ChangeOfficer(ctx, by, subsystem, code, s.Clock.Now(), func(old *Officer) { old.Off = !on })
}

// RenewKey gives an officer another key for the platform's variant. It fails with Denied
// and NotFound.
func (s *Service) RenewKey(ctx context.Context, by actor.Actor, subsystem, code string) (key string, err error) {
	if err := s.maySaveOfficer(by, subsystem); err != nil {
		return "", err
	}
	key = s.NewSecret()
	return key, s.Store.ChangeOfficer(ctx, by, subsystem, code, s.Clock.Now(), func(old *Officer) { old.KeyPass = key })
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
