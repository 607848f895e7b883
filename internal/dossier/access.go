package dossier

import (
	"context"
	"errors"
	"slices"

	"dean06/internal/platform/opaque"

	"dean06/internal/eform"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/procedure"
)

// who gives somebody the positions in which they act today and the number to which their
// account is bound. It fails with Unsigned when nobody acts.
func (s *Service) who(ctx context.Context, a actor.Actor) (Who, error) {
	w := Who{Actor: a}
	if a.Nobody() {
		return w, fault.New(fault.Unsigned, "dossier.denied.unsigned", nil)
	}
	if a.Via == actor.System || a.Via == actor.Command || a.Has(Program) {
		return w, nil
	}
	if a.Has(Receiver, Processor, Decider) {
		posts, err := s.Posts.Of(ctx, a.Account, s.today())
		if err != nil {
			return w, err
		}
		w.Posts = posts
	}
	if s.Bindings != nil {
		number, ok, err := s.Bindings.Bound(ctx, a.Account)
		if err != nil {
			return w, err
		}
		if ok {
			w.Number = number
		}
	}
	return w, nil
}

func (s *Service) today() clock.Date { return clock.DayOf(s.Clock.Now()) }

// refuse logs that somebody was refused and gives the fault back. Whoever has nothing to do
// with a dossier but being a citizen is not told that there is one.
func (s *Service) refuse(ctx context.Context, who actor.Actor, deed Deed, code string, err error) error {
	f := fault.As(err)
	if f == nil || f.Kind != fault.Denied && f.Kind != fault.NotFound && f.Kind != fault.TooMany {
		return err
	}
	log := s.Store.LogRefusal(ctx, Refusal{By: who, Action: deed, Code: short(code), Why: f.Key, At: s.Clock.Now()})
	if log != nil {
		return errors.Join(err, log)
	}
	return err
}

func denied(deed Deed) error { return fault.New(fault.Denied, "dossier.denied."+string(deed), nil) }

var (
	errUnknown = fault.New(fault.NotFound, "dossier.unknown", nil)
	errNoDraft = fault.New(fault.NotFound, "dossier.draft.unknown", nil)
	errStale   = fault.New(fault.Conflict, "dossier.draft.stale", nil)
)

// onlyCitizen says that somebody is no officer: what is not theirs is not there for them.
func onlyCitizen(who Who) bool {
	return !who.Has(Receiver, Processor, Decider, Auditor, Administrator, Program) && who.Via != actor.Command
}

// scene sets the scene for a dossier.
func (s *Service) scene(d Dossier, p *procedure.Package, who Who) *scene {
	return &scene{
		d: d, p: p, who: who, now: moment(s.Clock.Now()), work: s.Deadline, units: s.Units, newID: s.NewID,
		secret: func() string { return opaque.Text(20) },
	}
}

// reads finds a dossier that somebody may read, and whether it is their own.
func (s *Service) reads(ctx context.Context, a actor.Actor, code string) (Dossier, Who, bool, error) {
	who, err := s.who(ctx, a)
	if err != nil {
		return Dossier{}, who, false, err
	}
	if err := Permissions.CanOwn(a, Read, true); err != nil { // whatever there is, it is not for them
		return Dossier{}, who, false, s.refuse(ctx, a, Read, code, err)
	}
	d, err := s.Store.ByCode(ctx, CleanCode(code))
	if err != nil {
		return d, who, false, s.refuse(ctx, a, Read, code, err)
	}
	mine := Owns(who, d)
	row, _ := Permissions.Row(Read)
	switch sc := (&scene{d: d, who: who}); {
	case a.Via == actor.Command && row.Command, mine && who.Has(row.Own...):
		return d, who, mine && a.Via != actor.Command, nil
	case who.Has(Receiver, Processor, Decider) && sc.officer():
		return d, who, false, nil
	case onlyCitizen(who):
		return Dossier{}, who, false, s.refuse(ctx, a, Read, code, errUnknown)
	}
	return Dossier{}, who, false, s.refuse(ctx, a, Read, code, denied(Read))
}

// Facts are what is known around the form of a draft.
func (s *Service) Facts(d Draft) eform.Facts {
	return eform.Facts{Case: d.Case, Channel: string(d.Channel), Today: s.today(), Units: s.Units, More: authorised(d.For)}
}

// authorised is the fact that somebody applies for another by authorisation.
func authorised(other *Party) map[string]string {
	if other != nil {
		return map[string]string{procedure.Authorised: "yes"}
	}
	return map[string]string{procedure.Authorised: "no"}
}

// pack is the package by which a draft is filled in: the one in force, or that of the
// dossier whose supplement it is.
func (s *Service) pack(ctx context.Context, d *Draft) (*procedure.Package, error) {
	if d.Supplies != "" {
		return s.Packages.Version(ctx, d.Procedure, d.Package)
	}
	p, err := s.Packages.Current(ctx, d.Procedure, s.today())
	if err == nil {
		d.Package = p.Version
	}
	return p, err
}

// draft finds a draft that somebody may fill in.
func (s *Service) draft(ctx context.Context, a actor.Actor, id string) (Draft, *procedure.Package, Who, error) {
	who, err := s.who(ctx, a)
	if err != nil {
		return Draft{}, nil, who, err
	}
	if err := Permissions.CanOwn(a, Fill, true); err != nil {
		return Draft{}, nil, who, s.refuse(ctx, a, Fill, id, err)
	}
	d, err := s.Store.Draft(ctx, id)
	if err != nil {
		return d, nil, who, s.refuse(ctx, a, Fill, id, err)
	}
	own := d.Account == who.Account && (!d.Assisted || deskOf(who, d.Desk))
	own = own && fits(who, &d)
	if Permissions.CanOwn(a, Fill, own) != nil {
		return Draft{}, nil, who, s.refuse(ctx, a, Fill, id, errNoDraft)
	}
	p, err := s.pack(ctx, &d)
	if err == nil && !d.Assisted && d.Supplies == "" {
		err = sure(who, p, d.Channel)
	}
	return d, p, who, err
}

// ErrLevel says that a procedure asks for more than the sign-in at hand: who signs in more surely
// goes on where they were.
var ErrLevel = fault.New(fault.Denied, "dossier.level", nil)

// sure fails with ErrLevel where a procedure is filed online by somebody who is not known as
// surely as its package asks. Level 1 is any sign-in: what somebody says of themselves there is
// held against papers later.
func sure(who Who, p *procedure.Package, c Channel) error {
	if need := p.Level.Number(); c == Online && need >= 2 && who.Level < need {
		return ErrLevel
	}
	return nil
}

// deskOf says that somebody acts at the desk of an agency.
func deskOf(who Who, agency string) bool {
	return slices.ContainsFunc(who.Posts, func(p Post) bool { return p.Duty == DutyDesk && p.Agency == agency })
}

// saveDraft writes a changed draft whose version was.
func (s *Service) saveDraft(ctx context.Context, d Draft) (Draft, error) {
	was := d.Version
	d.Version, d.ChangedAt = was+1, moment(s.Clock.Now())
	err := s.Store.InTx(ctx, func(tx Tx) error { return tx.SaveDraft(ctx, d, was) })
	return d, err
}

// changes finds a draft, as the page showed it, for a change.
func (s *Service) changes(ctx context.Context, who actor.Actor, id string, version int) (Draft, *procedure.Package, Who, error) {
	d, p, w, err := s.draft(ctx, who, id)
	switch {
	case err != nil:
		return d, p, w, err
	case d.Sent != "":
		return d, p, w, fault.New(fault.Conflict, "dossier.draft.sent", fault.Args{"code": d.Sent})
	case d.Version != version:
		return d, p, w, errStale
	}
	return d, p, w, nil
}
