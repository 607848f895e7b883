package contract

import (
	"context"
	"slices"
	"time"

	"dean06/internal/platform/fault"
	"dean06/internal/xroad"
)

// Proof is how a system proves who it is: a password made for this call (Password).
type Proof struct {
	User, Password string
	Stamp          string // the timestamp that the password was made with
	// Addresses are the URLs under which the caller may know us.
	Addresses []string
}

// Token is the proof of the variant of a province's platform: the system by its keys,
// the officer by theirs.
type Token struct {
	AccessKey, SecretKey string
	Key, Pass            string // of the officer
}

// Caller is a system that was recognised.
type Caller struct {
	system System
	// stamp is the timestamp of the password, by which a repeated call is recognised;
	// empty in the platform's variant, whose token has none.
	stamp string
	// key and pass are the officer's, of the platform's variant.
	key, pass string
}

// Subsystem is that under which the caller's questions go through the exchange.
func (c Caller) Subsystem() string { return c.system.Subsystem }

// Question is what a recognised system asks, as far as the agency decides about it.
type Question struct {
	Operation string
	Code      string // MaTichHop
	Officer   string // MaCanBo
	Purpose   string // MaDVC: the procedure
	Request   string // MaYeuCau
}

// Outcomes of calls that the agency itself refuses; the log keeps them. 004 and 005 are
// codes that systems of the field know.
const (
	BadPassword  = "password"
	BadTimestamp = "timestamp"
	BadToken     = "token"
	BadAuthHash  = "auth_hash"
	ClockOff     = "clock"
	Repeated     = "repeated"
	NoCode       = "code"           // the system may not use the integration code
	NoProcedure  = "004"            // the procedure is not licensed to use the database
	NoRight      = "005"            // the officer's account lacks the right
	OtherAgency  = "officer_agency" // the officer's office is not of the agency that asks; told as 005
)

// Refusal is why the agency does not let a call in.
type Refusal struct {
	Outcome string
	Off     time.Duration // how far the caller's clock is off
}

// Error is for the log.
func (r *Refusal) Error() string { return "contract call refused: " + r.Outcome }

func refuse(outcome string) *Refusal { return &Refusal{Outcome: outcome} }

// Recognise finds the system that a password proves. It fails with a *Refusal:
// BadPassword, BadTimestamp or ClockOff.
func (s *Service) Recognise(ctx context.Context, p Proof) (Caller, error) {
	system, err := s.system(ctx, p.User)
	if err != nil {
		return Caller{}, err
	}
	// An unknown user costs what a known one does.
	if good := p.fits(system.Secret); !good || system.Secret == "" || system.Off {
		return Caller{}, refuse(BadPassword)
	}
	at, ok := Moment(p.Stamp)
	if !ok {
		return Caller{}, refuse(BadTimestamp)
	}
	if off := s.Clock.Now().Sub(at).Abs(); off > s.Window {
		return Caller{}, &Refusal{Outcome: ClockOff, Off: off}
	}
	return Caller{system: system, stamp: p.Stamp}, nil
}

// RecogniseToken finds the system of a platform's token. Whether the officer's key is
// right, Admit says. It fails with a *Refusal: BadToken or BadAuthHash.
func (s *Service) RecogniseToken(ctx context.Context, t Token) (Caller, error) {
	system, err := s.system(ctx, t.AccessKey)
	if err != nil {
		return Caller{}, err
	}
	if !same(system.Secret, t.SecretKey) || system.Secret == "" || system.Off {
		return Caller{}, refuse(BadToken)
	}
	if t.Key == "" || t.Pass == "" {
		return Caller{}, refuse(BadAuthHash)
	}
	return Caller{system: system, key: t.Key, pass: t.Pass}, nil
}

// system is the system of a user; a zero one when there is none.
func (s *Service) system(ctx context.Context, user string) (System, error) {
	system, err := s.Store.System(ctx, user)
	if fault.Of(err) == fault.NotFound {
		return System{}, nil
	}
	return system, err
}

// Admit decides what the agency itself decides: that the call is no repetition, that
// the system may use the code and the procedure, and that the officer has the right. It
// fails with a *Refusal: Repeated, NoCode, BadAuthHash, NoRight,
// OtherAgency or NoProcedure.
func (s *Service) Admit(ctx context.Context, who Caller, q Question) error {
	if who.stamp != "" {
		fresh, err := s.Store.Take(ctx, who.system.User, who.stamp, q.Request, s.Clock.Now(), 2*s.Window)
		if err != nil {
			return err
		}
		if !fresh {
			return refuse(Repeated)
		}
	}
	if codes := who.system.Codes; len(codes) > 0 && !slices.Contains(codes, q.Code) {
		return refuse(NoCode)
	}
	o, err := s.Store.Officer(ctx, who.system.Subsystem, q.Officer)
	switch {
	case fault.Of(err) == fault.NotFound:
		return refuse(NoRight)
	case err != nil:
		return err
	case who.key != "" && (who.key != o.Code || o.KeyPass == "" || !same(o.KeyPass, who.pass)):
		return refuse(BadAuthHash)
	case !o.may(q.Operation):
		return refuse(NoRight)
	case !o.of(who.system.Subsystem): // entered before this was checked, or moved since
		return refuse(OtherAgency)
	case len(who.system.Procedures) > 0 && !licensed(who.system.Procedures, q.Purpose):
		return refuse(NoProcedure)
	}
	return nil
}

// licensed says whether a list of procedures covers the one asked for.
func licensed(list []string, purpose string) bool {
	_, covered := xroad.PurposeAmong(list, purpose)
	return covered
}

// Log notes a call, answered or refused. What cannot be logged is not answered.
func (s *Service) Log(ctx context.Context, c Call) error { return s.Store.Log(ctx, c) }
