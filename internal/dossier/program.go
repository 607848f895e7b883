package dossier

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"dean06/internal/deadline"
	"dean06/internal/eform"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/procedure"
)

// program is the program itself at work.
func program() actor.Actor { return actor.OfSystem(Program) }

// Run does queued work. It fails so that it is tried again; what no repetition mends is
// noted in the dossier and is no failure.
func (s *Service) Run(ctx context.Context, w Work) error {
	d, err := s.Store.Dossier(ctx, w.Dossier)
	if err != nil {
		return err
	}
	switch w.Kind {
	case TellPeople:
		actions, err := s.Store.Actions(ctx, d.ID)
		if err != nil || w.Seq < 1 || w.Seq > len(actions) || s.Teller == nil {
			return err
		}
		return s.Teller.Tell(ctx, d, actions[w.Seq-1])
	case TellEvent:
		return s.tellEvent(ctx, d)
	case TellMistake:
		return s.tellMistake(ctx, d, w.Wrong)
	}
	return fault.New(fault.Internal, "dossier.act.unknown", fault.Args{"verb": string(w.Kind)})
}

// tellEvent reports a decision to the register. It is idempotent: by the dossier's code and
// the item the register knows it again.
func (s *Service) tellEvent(ctx context.Context, d Dossier) error {
	if d.Effect == nil || d.Effect.State != EffectWaiting {
		return nil
	}
	p, err := s.Packages.Version(ctx, d.Procedure, d.Package)
	if err != nil {
		return err
	}
	officer := ""
	if d.Decided != nil {
		officer = d.Decided.By
	}
	got, err := s.Register.Report(ctx, Inquiry{Officer: officer, Dossier: d.Code, Procedure: d.Procedure}, EventOf(&d, p))
	if err != nil {
		return s.registerAway(ctx, &d, err)
	}
	act := Act{Verb: Registered, Version: d.Version, Said: Said{Reported: &got}}
	if got.Event == "" {
		act.Verb = EffectFailed
		if len(got.Questions) == 0 && got.Refused == "" {
			return s.registerAway(ctx, &d, fault.New(fault.Unavailable, "dossier.effect.unclear", nil))
		}
	}
	_, err = s.do(ctx, Who{Actor: program()}, d, act)
	if err != nil && fault.Of(err) == fault.Conflict { // another try was quicker
		if now, err := s.Store.Dossier(ctx, d.ID); err == nil && (now.Effect == nil || now.Effect.State != EffectWaiting) {
			return nil
		}
	}
	return err
}

// registerAway notes why the register has not been told, once for each reason, and fails so
// that it is tried again.
func (s *Service) registerAway(ctx context.Context, d *Dossier, cause error) error {
	key := "dossier.effect.away"
	if f := fault.As(cause); f != nil {
		switch f.Kind {
		case fault.Denied, fault.Unsigned:
			key = "dossier.effect.denied"
		case fault.Invalid:
			key = "dossier.effect.invalid"
		}
	}
	if d.Effect.Error == key {
		err := s.Store.InTx(ctx, func(tx Tx) error { return tx.Tried(ctx, d.ID, moment(s.Clock.Now())) })
		if err != nil {
			return err
		}
		return cause
	}
	act := Act{Verb: EffectFailed, Version: d.Version, Said: Said{Error: key}}
	if _, err := s.do(ctx, Who{Actor: program()}, *d, act); err != nil {
		return err
	}
	return cause
}

// How long after a claim the register is asked what came of it: first soon, then daily.
const (
	claimFirst = time.Minute
	claimMost  = 24 * time.Hour
	claimEnds  = 366 * 24 * time.Hour
)

// tellMistake asks the register to look at a fact that the citizen says is wrong, and again
// until it has answered.
func (s *Service) tellMistake(ctx context.Context, d Dossier, path string) error {
	i := slices.IndexFunc(d.Wrongs, func(w Wrong) bool { return w.Path == path && w.State == "" })
	if i < 0 {
		return nil
	}
	w, a := d.Wrongs[i], d.Answers[path]
	if a.Fact == "" { // an officer has entered another value since
		return nil
	}
	got, err := s.Register.RequestCorrection(ctx, Inquiry{Officer: SelfOfficer, Dossier: d.Code, Procedure: d.Procedure}, Correction{
		Number: a.Person, Field: a.Fact, Says: w.Says, Why: w.Why,
	})
	if k := fault.Of(err); err != nil {
		if k == fault.Unavailable || k == fault.Internal || k == fault.TooMany {
			return err
		}
		log := Refusal{By: program(), Action: Run, Code: d.Code, Why: fault.As(err).Key, At: s.Clock.Now()}
		if err := s.Store.LogRefusal(ctx, log); err != nil {
			return err
		}
		got = Claim{State: ClaimUnsent} // no repetition mends it
	}
	if got.State == "" {
		now := moment(s.Clock.Now())
		since := now.Sub(w.At)
		if since > claimEnds {
			return nil
		}
		again := Work{Kind: TellMistake, Dossier: d.ID, Wrong: path, After: now.Add(min(max(since, claimFirst), claimMost))}
		return s.Store.InTx(ctx, func(tx Tx) error { return tx.Queue(ctx, again) })
	}
	w.State, w.Answer = got.State, got.Answer
	_, err = s.do(ctx, Who{Actor: program()}, d, Act{Verb: Answered, Version: d.Version, claim: w})
	return err
}

// ReportWaiting tries the register for what waits; it says how many it recorded. The first
// that finds the register away ends it.
func (s *Service) ReportWaiting(ctx context.Context, limit int) (int, error) {
	ids, err := s.Store.EffectsWaiting(ctx, limit)
	if err != nil {
		return 0, err
	}
	n := 0
	var failed []error
	for _, id := range ids {
		d, err := s.Store.Dossier(ctx, id)
		if err != nil {
			return n, err
		}
		if err := s.tellEvent(ctx, d); err != nil {
			failed = append(failed, fmt.Errorf("report %s: %w", d.Code, err))
			if fault.Of(err) == fault.Unavailable {
				break
			}
			continue
		}
		if d, err = s.Store.Dossier(ctx, id); err == nil && d.Effect != nil && d.Effect.State == EffectDone {
			n++
		}
	}
	return n, errors.Join(failed...)
}

// Warn warns of what is near its due moment (1) or over it (2), and escalates (3); it says
// how many dossiers it warned of.
func (s *Service) Warn(ctx context.Context) (int, error) {
	now := moment(s.Clock.Now())
	near := s.Settings.Warn
	if near.Value == 0 {
		near = deadline.Limit{Value: 1, Unit: deadline.WorkingDay}
	}
	late := s.Settings.Escalate
	if late.Value == 0 {
		late = deadline.Limit{Value: 2, Unit: deadline.WorkingDay}
	}
	level := func(due time.Time) int {
		switch {
		case now.After(s.Deadline.After(due, late)):
			return 3
		case now.After(due):
			return 2
		case !now.Before(s.Deadline.Before(due, near)):
			return 1
		}
		return 0
	}
	n := 0
	for warned := range 3 { // of what was warned least first
		before := now
		if warned == 0 {
			before = s.Deadline.After(now, deadline.Limit{Value: near.Value + 2, Unit: near.Unit})
		}
		ids, err := s.Store.DueBefore(ctx, before, warned+1, 1000)
		if err != nil {
			return n, err
		}
		for _, id := range ids {
			d, err := s.Store.Dossier(ctx, id)
			if err != nil {
				return n, err
			}
			to := level(d.Due)
			if d.Due.IsZero() || to <= d.Warned {
				continue
			}
			_, err = s.do(ctx, Who{Actor: program()}, d, Act{Verb: Warned, Version: d.Version, Said: Said{Level: to}})
			if err != nil && fault.Of(err) != fault.Conflict { // somebody acts on it: the next time
				return n, err
			}
			if err == nil {
				n++
			}
		}
	}
	return n, nil
}

// Recompute computes all due moments again, after a change of the calendar, and says whom
// that moved. A dossier that cannot be computed is told, and holds up no other.
func (s *Service) Recompute(ctx context.Context, a actor.Actor) ([]Moved, error) {
	if err := Permissions.Can(a, Run); err != nil {
		return nil, s.refuse(ctx, a, Run, "", err)
	}
	var out []Moved
	var failed []error
	after := ""
	for {
		ids, err := s.Store.Running(ctx, after, 500)
		if err != nil || len(ids) == 0 {
			return out, errors.Join(append(failed, err)...)
		}
		after = ids[len(ids)-1]
		for _, id := range ids {
			d, err := s.Store.Dossier(ctx, id)
			if err != nil {
				return out, err
			}
			if d.ReceivedAt.IsZero() || !d.DoneAt.IsZero() {
				continue
			}
			due, _, err := dueOf(s.Deadline, d)
			if err != nil {
				failed = append(failed, fmt.Errorf("recount %s: %w", d.Code, err))
				continue
			}
			if moment(due).Equal(d.Due) {
				continue
			}
			now, err := s.do(ctx, Who{Actor: program()}, d, Act{Verb: Recounted, Version: d.Version})
			if fault.Of(err) == fault.Conflict && err != nil {
				continue // whoever acts on it has it counted anew
			}
			if err != nil {
				return out, err
			}
			out = append(out, Moved{Code: d.Code, At: now.ChangedAt, From: d.Due, To: now.Due})
		}
	}
}

// Outages are those that are announced now: from seven working days before.
func (s *Service) Outages() []Outage {
	now := s.Clock.Now()
	var out []Outage
	for _, o := range s.Settings.Outages {
		if now.Before(o.To) && !now.Before(s.Deadline.Before(o.From, deadline.Limit{Value: 7, Unit: deadline.WorkingDay})) {
			out = append(out, o)
		}
	}
	return out
}

// EventOf is what the register is told of a decision.
func EventOf(d *Dossier, p *procedure.Package) Event {
	e := Event{Kind: p.Effect.Event, Item: 1, On: d.Answers[p.Effect.On].Value.Text, Basis: d.Code, Members: map[string]eform.Value{}}
	for member, id := range p.Effect.Map {
		sec, q, ok := p.Question(id)
		if !ok {
			continue
		}
		for i, row := range eform.Rows(sec, d.Answers) {
			a, ok := d.Answers[eform.PathOf(sec, q, row)]
			if !ok || a.Value.IsZero() {
				continue
			}
			if of, what, repeated := strings.Cut(member, "."); repeated && sec.Repeat != nil {
				e.Members[fmt.Sprintf("%s.%d.%s", of, i+1, what)] = a.Value // "members.1.name", without gaps
				continue
			}
			e.Members[member] = a.Value
		}
	}
	e.Answers = d.Effect.Answers
	return e
}
