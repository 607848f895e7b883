package security

import (
	"context"
	"fmt"
	"slices"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// note is the line of the audit log for something of a system.
func note(by actor.Actor, action, kind, id, agency, system string, at time.Time) Act {
	return Act{
		By: by, Action: "security." + action, Kind: "security_" + kind, ID: id, At: at,
		Details: map[string]string{"agency": agency, "system": system},
	}
}

// Requirement is a control of a system, as somebody was shown it.
type Requirement struct {
	Of

	Code string
	Seen string // mark of the state that was shown; "" acts on whatever stands there
}

// control changes how a control of a system stands. It fails with Conflict when that is
// another state than the one that was shown.
func (d *Desk) control(
	ctx context.Context, by actor.Actor, action Action, of Requirement, what string, change func(c ControlState, today clock.Date) (ControlState, error),
) error {
	if err := d.can(by, action, of.Agency); err != nil {
		return err
	}
	code := of.Code
	if !slices.ContainsFunc(d.Standard().Controls, func(c Control) bool { return c.Code == code }) {
		return fault.New(fault.NotFound, "security.control.unknown", nil)
	}
	return d.do(ctx, func(tx Tx, now time.Time) error {
		records, err := tx.Records(ctx, Of{Agency: of.Agency})
		if err != nil {
			return err
		}
		r := recordOf(records, of.Agency, of.System)
		if r.Version == 0 {
			return fault.New(fault.Conflict, "security.facts.missing", nil)
		}
		if of.Seen != "" && of.Seen != r.Controls[code].Mark() {
			return fault.New(fault.Conflict, "security.dossier.moved", nil)
		}
		state, err := change(r.Controls[code], clock.DayOf(now))
		if err != nil {
			return err
		}
		controls := map[string]ControlState{code: state}
		for k, v := range r.Controls {
			if k != code {
				controls[k] = v
			}
		}
		r.Controls = controls
		if err := tx.SaveRecord(ctx, r); err != nil {
			return err
		}
		return tx.Note(ctx, note(by, what, "control", code, of.Agency, of.System, now))
	})
}

// SetControl says how a control stands.
func (d *Desk) SetControl(ctx context.Context, by actor.Actor, of Requirement, is Compliance, owner, evidence string) error {
	return d.control(ctx, by, ActWrite, of, "control", func(c ControlState, _ clock.Date) (ControlState, error) {
		return c.Set(by, is, owner, evidence)
	})
}

// AskException asks for an exception, which another person of the deciding offices lets count.
func (d *Desk) AskException(ctx context.Context, by actor.Actor, of Requirement, reason string, until clock.Date) error {
	return d.control(ctx, by, ActWrite, of, "exception", func(c ControlState, today clock.Date) (ControlState, error) {
		return c.Except(by, reason, until, today)
	})
}

// ApproveException lets an exception count.
func (d *Desk) ApproveException(ctx context.Context, by actor.Actor, of Requirement) error {
	if err := d.can(by, ActDecide, of.Agency); err != nil {
		return err
	}
	records, err := d.Store.Records(ctx, of.Of)
	if err != nil {
		return err
	}
	state := recordOf(records, of.Agency, of.System).Controls[of.Code]
	if of.Seen == "" {
		of.Seen = state.Mark() // whose exception it is is asked before the transaction
	}
	if of.Seen == state.Mark() {
		if err := d.MayApproveException(ctx, by, of.Agency, state); err != nil {
			return err
		}
	}
	return d.control(ctx, by, ActDecide, of, "exception.approve", func(c ControlState, today clock.Date) (ControlState, error) {
		return c.ApproveException(by, today)
	})
}

// MayApproveException says whether somebody is another person than the one who asked for an
// exception, of an office that lets them count. It fails with Denied.
func (d *Desk) MayApproveException(ctx context.Context, by actor.Actor, agency string, c ControlState) error {
	if err := d.can(by, ActDecide, agency); err != nil {
		return err
	}
	if by.Account == c.askedBy() {
		return fault.New(fault.Denied, "security.control.own", nil)
	}
	return d.apart(ctx, by, "security.control.own", c.askedBy())
}

// EndException takes an exception back, as who asks for them or decides on them.
func (d *Desk) EndException(ctx context.Context, by actor.Actor, of Requirement) error {
	action := ActWrite
	if d.can(by, action, of.Agency) != nil {
		action = ActDecide
	}
	return d.control(ctx, by, action, of, "exception.end", func(c ControlState, _ clock.Date) (ControlState, error) {
		return c.EndException()
	})
}

// EnterCheck enters an inspection with what it found.
func (d *Desk) EnterCheck(ctx context.Context, by actor.Actor, c Check, found []Finding) error {
	if err := d.can(by, ActInspect, c.Agency); err != nil {
		return err
	}
	if _, err := d.find(ctx, c.Agency, c.System); err != nil {
		return err
	}
	return d.do(ctx, func(tx Tx, now time.Time) error {
		c.ID, c.Kind = d.NewID(), inspectorOf(by)
		c, err := NewCheck(c, by, now)
		if err != nil {
			return err
		}
		before, err := tx.Checks(ctx, Of{c.Agency, c.System})
		if err != nil {
			return err
		}
		if slices.ContainsFunc(before, c.same) {
			return fault.New(fault.Conflict, "security.check.twice", fault.Args{"report": clip(c.Report)}).At("report")
		}
		if err := tx.AddCheck(ctx, c); err != nil {
			return err
		}
		for _, f := range found {
			f.Agency, f.System, f.Source, f.Check = c.Agency, c.System, FromCheck, c.ID
			if err := d.addFinding(ctx, tx, by, f, now); err != nil {
				return err
			}
		}
		return tx.Note(ctx, note(by, "check", "check", c.ID, c.Agency, c.System, now))
	})
}

// AddFinding enters a vulnerability.
func (d *Desk) AddFinding(ctx context.Context, by actor.Actor, f Finding) error {
	if err := d.can(by, ActInspect, f.Agency); err != nil {
		return err
	}
	if _, err := d.find(ctx, f.Agency, f.System); err != nil {
		return err
	}
	f.Source, f.Check = FromVulnerability, ""
	return d.do(ctx, func(tx Tx, now time.Time) error {
		list, err := tx.Findings(ctx, Of{f.Agency, f.System})
		if err != nil {
			return err
		}
		if i := slices.IndexFunc(list, f.same); i >= 0 {
			return fault.New(fault.Conflict, "security.finding.twice", fault.Args{"number": list[i].Number}).At("title")
		}
		return d.addFinding(ctx, tx, by, f, now)
	})
}

func (d *Desk) addFinding(ctx context.Context, tx Tx, by actor.Actor, f Finding, now time.Time) error {
	f.ID, f.Version, f.Kind = d.NewID(), 0, inspectorOf(by)
	var err error
	if f.Behind, err = behind(ctx, tx, Of{f.Agency, f.System}); err != nil {
		return err
	}
	f, err = NewFinding(f, d.Rules(), by, now)
	if err != nil {
		return err
	}
	list, err := tx.Findings(ctx, Of{Agency: f.Agency})
	if err != nil {
		return err
	}
	f.Number = fmt.Sprintf("PH-%s-%03d", f.Agency, len(list)+1)
	if err := tx.SaveFinding(ctx, f); err != nil {
		return err
	}
	return tx.Note(ctx, note(by, "finding", "finding", f.ID, f.Agency, f.System, now))
}

func inspectorOf(by actor.Actor) Inspector {
	if by.Has(Examiner) {
		return MinistryCheck
	}
	return OwnUnit
}

// behind are the subsystems behind which a system stands: those for which its dossier was
// approved, and those that its record names.
func behind(ctx context.Context, from Reader, of Of) ([]string, error) {
	records, err := from.Records(ctx, of)
	if err != nil {
		return nil, err
	}
	dossiers, err := from.Dossiers(ctx, of)
	if err != nil {
		return nil, err
	}
	out := slices.Clone(recordOf(records, of.Agency, of.System).Subsystems)
	if approved := approvedOf(dossiers); approved != nil {
		out = append(out, approved.Subsystems...)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

func (d *Desk) finding(
	ctx context.Context, by actor.Actor, action Action, id string, version int64, what string, change func(f Finding, now time.Time) (Finding, error),
) error {
	return d.do(ctx, func(tx Tx, now time.Time) error {
		f, err := tx.Finding(ctx, id)
		if err != nil {
			return err
		}
		if err := d.can(by, action, f.Agency); err != nil {
			return err
		}
		if f.Version != version {
			return fault.New(fault.Conflict, "security.dossier.moved", nil)
		}
		if f, err = change(f, now); err != nil {
			return err
		}
		if err := tx.SaveFinding(ctx, f); err != nil {
			return err
		}
		return tx.Note(ctx, note(by, what, "finding", f.ID, f.Agency, f.System, now))
	})
}

// Mend says that a finding is mended.
func (d *Desk) Mend(ctx context.Context, by actor.Actor, id string, version int64, evidence string) error {
	return d.finding(ctx, by, ActWrite, id, version, "mend", func(f Finding, now time.Time) (Finding, error) {
		return f.Mend(by, evidence, now)
	})
}

// Retest says whether it is.
func (d *Desk) Retest(ctx context.Context, by actor.Actor, id string, version int64, good bool, text string) error {
	f, err := d.Store.Finding(ctx, id)
	if err != nil {
		return err
	}
	if f.Version == version { // who comes too late is told so where it is changed
		if err := d.MayRetest(ctx, by, f); err != nil {
			return err
		}
	}
	return d.finding(ctx, by, ActInspect, id, version, "retest", func(f Finding, now time.Time) (Finding, error) {
		return f.Retest(by, good, text, now)
	})
}

// MayRetest says whether somebody may retest a finding: none who ever said that it was mended.
// It fails with Denied.
func (d *Desk) MayRetest(ctx context.Context, by actor.Actor, f Finding) error {
	if err := d.can(by, ActInspect, f.Agency); err != nil {
		return err
	}
	if err := f.mayRetest(by); err != nil {
		return err
	}
	return d.apart(ctx, by, "security.finding.own", f.MendedBy...)
}

// NoticeIncident enters an incident.
func (d *Desk) NoticeIncident(ctx context.Context, by actor.Actor, i Incident) error {
	if err := d.can(by, ActWrite, i.Agency); err != nil {
		return err
	}
	if _, err := d.find(ctx, i.Agency, i.System); err != nil {
		return err
	}
	return d.do(ctx, func(tx Tx, now time.Time) error {
		i.ID, i.Version = d.NewID(), 0
		i, err := NewIncident(i, d.Rules(), by, now)
		if err != nil {
			return err
		}
		before, err := tx.Incidents(ctx, Of{i.Agency, i.System})
		if err != nil {
			return err
		}
		if slices.ContainsFunc(before, i.same) {
			return fault.New(fault.Conflict, "security.incident.twice", nil).At("title")
		}
		if err := tx.SaveIncident(ctx, i); err != nil {
			return err
		}
		return tx.Note(ctx, note(by, "incident", "incident", i.ID, i.Agency, i.System, now))
	})
}

// ReportIncident makes the report that is owed next.
func (d *Desk) ReportIncident(ctx context.Context, by actor.Actor, id string, version int64, text string) error {
	return d.do(ctx, func(tx Tx, now time.Time) error {
		i, err := tx.Incident(ctx, id)
		if err != nil {
			return err
		}
		if err := d.can(by, ActWrite, i.Agency); err != nil {
			return err
		}
		if i.Version != version {
			return fault.New(fault.Conflict, "security.dossier.moved", nil)
		}
		if i, err = i.Tell(by, text, now); err != nil {
			return err
		}
		if err := tx.SaveIncident(ctx, i); err != nil {
			return err
		}
		return tx.Note(ctx, note(by, "incident.report", "incident", i.ID, i.Agency, i.System, now))
	})
}

// AskGrace asks another inspector to let a system pass until a day, behind the subsystems
// behind which it stands now. It fails with a fault.List, and with Conflict when it stands
// behind none, or nothing closes it until then.
func (d *Desk) AskGrace(ctx context.Context, by actor.Actor, g Grace) error {
	if err := Permissions.Can(by, ActGrace); err != nil {
		return err
	}
	sys, err := d.find(ctx, g.Agency, g.System)
	if err != nil {
		return err
	}
	if err := CheckGrace(g, clock.DayOf(d.Clock.Now())); err != nil {
		return err
	}
	if g.Subsystems, err = behind(ctx, d.Store, Of{g.Agency, g.System}); err != nil {
		return err
	}
	if len(g.Subsystems) == 0 {
		return fault.New(fault.Conflict, "security.grace.nothing", nil)
	}
	v, err := d.One(ctx, by, g.Agency, g.System)
	if err != nil {
		return err
	}
	if c, _ := v.Gate(); !c.Grace && !c.Until.Before(g.Until.End()) {
		return fault.New(fault.Conflict, "security.grace.needless", nil)
	}
	g.ID, g.AskedBy, g.ApprovedBy, g.At, g.EndedAt = d.NewID(), by.Account, "", time.Time{}, time.Time{}
	return d.Second.AskGrace(ctx, by, g, sys.Name)
}

// GiveGrace makes a grace count that a second person has approved, in the transaction of
// that decision. It fails when both are one.
func (d *Desk) GiveGrace(ctx context.Context, tx Tx, g Grace, decider actor.Actor) error {
	if err := Permissions.Can(decider, ActGrace); err != nil {
		return err
	}
	if decider.Account == g.AskedBy {
		return fault.New(fault.Denied, "security.grace.own", nil)
	}
	if err := d.apart(ctx, decider, "security.grace.own", g.AskedBy); err != nil {
		return err
	}
	now := d.Clock.Now()
	if err := CheckGrace(g, clock.DayOf(now)); err != nil {
		return err
	}
	g.ApprovedBy, g.At = decider.Account, now
	if err := tx.SaveGrace(ctx, g); err != nil {
		return err
	}
	return tx.Note(ctx, note(decider, "grace", "grace", g.ID, g.Agency, g.System, now))
}

// EndGrace takes the graces of a system back: that lets nobody do more, so one is enough.
func (d *Desk) EndGrace(ctx context.Context, by actor.Actor, of Of) error {
	if err := Permissions.Can(by, ActGrace); err != nil {
		return err
	}
	return d.do(ctx, func(tx Tx, now time.Time) error {
		list, err := tx.Graces(ctx, of)
		if err != nil {
			return err
		}
		for _, g := range list {
			if !g.EndedAt.IsZero() {
				continue
			}
			g.EndedAt = now
			if err := tx.SaveGrace(ctx, g); err != nil {
				return err
			}
			if err := tx.Note(ctx, note(by, "grace.end", "grace", g.ID, g.Agency, g.System, now)); err != nil {
				return err
			}
		}
		return nil
	})
}
