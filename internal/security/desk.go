package security

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"dean06/internal/calendar"
	"dean06/internal/deadline"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// Desk is where people work on the security of systems: every method asks who may, applies
// the rules and stores the outcome with its line in the audit log.
type Desk struct {
	Store     Store
	Systems   Systems
	Clock     clock.Clock
	NewID     func() string
	Book      Book
	Standards []Standard
	// Calendar counts the terms of appraisals; nil: the one that the program brings.
	Calendar func(ctx context.Context) (*calendar.Calendar, error)
	// Heritage lists the agencies whose systems an agency answers for today: itself, then
	// those that are gone and whose heir it is. nil: itself alone.
	Heritage func(agency string) []string
	// SamePerson says that two accounts are one person's; nil when nobody knows.
	SamePerson func(ctx context.Context, a, b string) (bool, error)
	// Second asks another inspector for a grace.
	Second interface {
		AskGrace(ctx context.Context, by actor.Actor, g Grace, name string) error
	}
	// Changed is called after everything that may open or close the gate.
	Changed func()
}

// Rules are those of today.
func (d *Desk) Rules() Rules { return d.Book.On(clock.DayOf(d.Clock.Now())) }

// Standard is that of today.
func (d *Desk) Standard() Standard { return StandardOn(d.Standards, clock.DayOf(d.Clock.Now())) }

// do runs a change in a transaction and tells that the gate may have changed.
func (d *Desk) do(ctx context.Context, f func(tx Tx, now time.Time) error) error {
	err := d.Store.InTx(ctx, func(tx Tx) error { return f(tx, d.Clock.Now()) })
	if err == nil && d.Changed != nil {
		d.Changed()
	}
	return err
}

// apart refuses a second account of somebody who did what another person has to do now.
// That it is the very account, the rules refuse. It is asked before the transaction: what
// was seen then is of the version that the transaction takes, or it takes none.
func (d *Desk) apart(ctx context.Context, by actor.Actor, key string, did ...string) error {
	if d.SamePerson == nil {
		return nil
	}
	for _, who := range did {
		if who == "" || who == by.Account {
			continue
		}
		same, err := d.SamePerson(ctx, by.Account, who)
		if err != nil {
			return err
		}
		if same {
			return fault.New(fault.Denied, key, nil)
		}
	}
	return nil
}

// find gives a system as its agency declares or announces it. It fails with NotFound.
func (d *Desk) find(ctx context.Context, agency, system string) (System, error) {
	list, err := d.declared(ctx, agency)
	if err != nil {
		return System{}, err
	}
	if i := slices.IndexFunc(list, func(s System) bool { return s.ID == system }); i >= 0 {
		return list[i], nil
	}
	records, err := d.Store.Records(ctx, Of{agency, system})
	if err != nil || len(records) == 0 {
		return System{}, cmp.Or(err, error(fault.New(fault.NotFound, "security.system.unknown", nil)))
	}
	return records[0].system(), nil
}

// declared are the systems that an agency's return declares as its own. Those that it inherited
// are known by the code under which they were given, also once its return has them.
func (d *Desk) declared(ctx context.Context, agency string) ([]System, error) {
	list, err := d.Systems.SystemsOf(ctx, agency)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(list), func(s System) bool {
		return slices.ContainsFunc(d.AnswersFor(agency), func(of string) bool { return of != agency && strings.HasPrefix(s.ID, inheritedID(of, "")) })
	}), nil
}

// inheritedID names a system of an agency that is gone in the return of its heir, which may have
// one of the same identifier.
func inheritedID(of, system string) string { return of + "-" + system }

// IDIn is by what an agency names a system, its own or one that it inherited.
func (s System) IDIn(agency string) string {
	if s.Agency == agency {
		return s.ID
	}
	return inheritedID(s.Agency, s.ID)
}

// Announce names a system that came after the agency's last return. It fails with Conflict
// when one of that name is there.
func (d *Desk) Announce(ctx context.Context, by actor.Actor, agency, name, unit string) (made System, err error) {
	if err := d.can(by, ActWrite, agency); err != nil {
		return made, err
	}
	list, err := d.declared(ctx, agency)
	if err != nil {
		return made, err
	}
	err = d.do(ctx, func(tx Tx, now time.Time) error {
		records, err := tx.Records(ctx, Of{Agency: agency})
		if err != nil {
			return err
		}
		for _, s := range list {
			records = append(records, Record{System: s.ID, Name: s.Name})
		}
		r, err := announced(records, agency, name, unit)
		if err != nil {
			return err
		}
		if err := tx.SaveRecord(ctx, r); err != nil {
			return err
		}
		made = r.system()
		return tx.Note(ctx, note(by, "announce", "system", agency+"/"+r.System, agency, r.System, now))
	})
	return made, err
}

// system is the system of a record that no return declares.
func (r Record) system() System {
	return System{Agency: r.Agency, ID: r.System, Name: r.Name, Unit: r.Unit}
}

// recordOf finds a system's record; a new one when there is none.
func recordOf(records []Record, agency, system string) Record {
	i := slices.IndexFunc(records, func(r Record) bool { return r.of() == Of{agency, system} })
	if i < 0 {
		return Record{Agency: agency, System: system}
	}
	return records[i]
}

// with are records with another one in the place of that of its system.
func with(records []Record, r Record) []Record {
	return append(slices.DeleteFunc(slices.Clone(records), func(o Record) bool { return o.of() == r.of() }), r)
}

// Told is what an agency says of a system, once.
type Told struct {
	Facts      Facts
	Whole      string
	Subsystems []string
	Regulation Paper
}

// Tell takes the facts of a system. It fails with Invalid, and with Conflict when the
// record is another than the version that was shown.
func (d *Desk) Tell(ctx context.Context, by actor.Actor, agency, system string, version int64, told Told) error {
	if err := d.can(by, ActWrite, agency); err != nil {
		return err
	}
	sys, err := d.find(ctx, agency, system)
	if err != nil {
		return err
	}
	if err := told.Facts.Check(); err != nil {
		return err
	}
	told.Regulation.Number = strings.TrimSpace(told.Regulation.Number)
	if err := told.Regulation.checkRegulation(clock.DayOf(d.Clock.Now())).Err(); err != nil {
		return err
	}
	// A member keeps its code at the exchange after its agency has merged.
	heritage := d.AnswersFor(by.Agency)
	if err := CheckSubsystems(agency, told.Subsystems, heritage...); err != nil {
		return err
	}
	return d.do(ctx, func(tx Tx, now time.Time) error {
		records, err := tx.Records(ctx, Of{})
		if err != nil {
			return err
		}
		r := recordOf(records, agency, system)
		if r.Version != version {
			return fault.New(fault.Conflict, "security.dossier.moved", nil)
		}
		if err := CheckWhole(records, Of{agency, system}, told.Whole, heritage...); err != nil {
			return err
		}
		r.By = by.Account
		r.Name, r.Unit, r.Asked, r.Facts = sys.Name, sys.Unit, true, told.Facts
		before := with(records, r)
		r.Whole, r.Subsystems, r.Regulation = told.Whole, told.Subsystems, told.Regulation
		var dossiers []Dossier
		for _, kin := range kinOf(before, agency) {
			list, err := tx.Dossiers(ctx, Of{Agency: kin})
			if err != nil {
				return err
			}
			dossiers = append(dossiers, list...)
		}
		if err := checkApart(d.Rules(), before, with(records, r), r.of(), dossiers); err != nil {
			return err
		}
		if err := tx.SaveRecord(ctx, r); err != nil {
			return err
		}
		return tx.Note(ctx, Act{By: by, Action: "security.facts", Kind: "security_system", ID: agency + "/" + system, At: now})
	})
}

// Begin begins the dossier of a system. It fails with Conflict when one is open.
func (d *Desk) Begin(ctx context.Context, by actor.Actor, agency, system string) (made Dossier, err error) {
	if err := d.can(by, ActWrite, agency); err != nil {
		return made, err
	}
	err = d.do(ctx, func(tx Tx, now time.Time) error {
		records, err := tx.Records(ctx, Of{})
		if err != nil {
			return err
		}
		dossiers, err := tx.Dossiers(ctx, Of{agency, system})
		if err != nil {
			return err
		}
		made, err = Begin(d.NewID(), recordOf(records, agency, system), d.Rules(), WholeOf(records, Of{agency, system}), approvedOf(dossiers), by, now)
		if err != nil {
			return err
		}
		if err := tx.SaveDossier(ctx, made); err != nil {
			return err
		}
		return tx.Note(ctx, lineOf(made, "begin", by, now))
	})
	return made, err
}

func lineOf(d Dossier, what string, by actor.Actor, at time.Time) Act {
	return Act{
		By: by, Action: "security.dossier." + what, Kind: "security_dossier", ID: d.ID, At: at,
		Details: map[string]string{"agency": d.Agency, "system": d.System, "state": string(d.State)},
	}
}

// approvedOf is the approved one among a system's dossiers; nil for none.
func approvedOf(list []Dossier) *Dossier {
	for i := range list {
		if list[i].State == Approved {
			return &list[i]
		}
	}
	return nil
}

// ground is what an act on a dossier stands on.
type ground struct {
	dossier Dossier
	record  Record
	whole   Facts
	rules   Rules // of today
	own     Rules // by which the dossier's level was chosen
	now     time.Time
	tx      Tx
}

// act changes a dossier that was seen in a version.
func (d *Desk) act(ctx context.Context, by actor.Actor, id string, version int64, action Action, what string, change func(g ground) (Dossier, error)) error {
	if err := d.actsApart(ctx, by, id, version, action, what); err != nil {
		return err
	}
	return d.do(ctx, func(tx Tx, now time.Time) error {
		g := ground{rules: d.Rules(), now: now, tx: tx}
		var err error
		if g.dossier, err = tx.Dossier(ctx, id); err != nil {
			return err
		}
		if err := d.can(by, action, g.dossier.Agency); err != nil {
			return err
		}
		if g.dossier.Version != version {
			return fault.New(fault.Conflict, "security.dossier.moved", nil)
		}
		records, err := tx.Records(ctx, Of{})
		if err != nil {
			return err
		}
		of := Of{g.dossier.Agency, g.dossier.System}
		g.record, g.whole = recordOf(records, of.Agency, of.System), WholeOf(records, of)
		g.own, _ = d.Book.Of(g.dossier.Rules)
		next, err := change(g)
		if err != nil {
			return err
		}
		if err := tx.SaveDossier(ctx, next); err != nil {
			return err
		}
		return tx.Note(ctx, lineOf(next, what, by, now))
	})
}

// actsApart refuses a second account of who wrote in a dossier, for the acts that are
// another person's; and of who appraised it, where the rules part appraisal and approval.
func (d *Desk) actsApart(ctx context.Context, by actor.Actor, id string, version int64, action Action, what string) error {
	if d.SamePerson == nil {
		return nil
	}
	x, err := d.Store.Dossier(ctx, id)
	if err != nil || x.Version != version {
		return err // who comes too late is told so where it is changed
	}
	if err := d.can(by, action, x.Agency); err != nil {
		return err
	}
	switch {
	case what == "appraise" || what == "return" || what == "approve", what == "withdraw" && x.State == Approved:
		return d.notOwn(ctx, by, x, what == "approve")
	}
	return nil
}

// notOwn refuses who wrote in a dossier, in whatever account; and who appraised it, to approve
// it where the rules give that to another person.
func (d *Desk) notOwn(ctx context.Context, by actor.Actor, x Dossier, approve bool) error {
	if err := x.apart(by); err != nil {
		return err
	}
	if err := d.apart(ctx, by, "security.dossier.own", x.Authors...); err != nil {
		return err
	}
	rules, _ := d.Book.Of(x.Rules)
	if !approve || !rules.Route(x.Level).parted() {
		return nil
	}
	if by.Account == x.Appraiser {
		return fault.New(fault.Denied, "security.dossier.own_appraisal", nil)
	}
	return d.apart(ctx, by, "security.dossier.own_appraisal", x.Appraiser)
}

// Turn says whether the next step of a dossier is somebody's. It fails with Denied and why not.
func (d *Desk) Turn(ctx context.Context, by actor.Actor, x Dossier) error {
	rules, _ := d.Book.Of(x.Rules)
	route := rules.Route(x.Level)
	office := route.Appraises
	switch x.State {
	case Submitted:
	case Appraised:
		office = route.Approves
	case Draft:
		if by.Has(Officer) {
			return d.can(by, ActWrite, x.Agency)
		}
		fallthrough
	default:
		return fault.New(fault.Denied, "security.denied.write", nil)
	}
	if err := office.acts(by, d.Answers(by.Agency, x.Agency)); err != nil {
		return err
	}
	return d.notOwn(ctx, by, x, x.State == Appraised)
}

// Write changes a draft.
func (d *Desk) Write(ctx context.Context, by actor.Actor, id string, version int64, l Level, parts map[Part]string) error {
	return d.act(ctx, by, id, version, ActWrite, "write", func(g ground) (Dossier, error) {
		return g.dossier.Write(by, g.rules, l, g.record.Facts, g.whole, parts, g.now)
	})
}

// Submit hands a draft in. Its appraisal is due after the days of its level, by the calendar.
func (d *Desk) Submit(ctx context.Context, by actor.Actor, id string, version int64) error {
	days := d.Calendar
	if days == nil {
		days = func(context.Context) (*calendar.Calendar, error) { return calendar.BuiltIn() }
	}
	cal, err := days(ctx)
	if err != nil {
		return err
	}
	return d.act(ctx, by, id, version, ActWrite, "submit", func(g ground) (Dossier, error) {
		due, err := deadline.Compute(cal, deadline.Case{
			Rule: deadline.Rule{Limit: deadline.Limit{Value: g.rules.Route(g.dossier.Level).Days, Unit: deadline.Day}}, Received: g.now,
		})
		if err != nil {
			return g.dossier, err
		}
		return g.dossier.Submit(by, g.rules, g.record, g.whole, g.now, due.Due)
	})
}

// Appraise finds a dossier right, as the office that the rules of its level name.
func (d *Desk) Appraise(ctx context.Context, by actor.Actor, id string, version int64, note string) error {
	return d.act(ctx, by, id, version, ActDecide, "appraise", func(g ground) (Dossier, error) {
		if err := g.own.Route(g.dossier.Level).Appraises.acts(by, d.Answers(by.Agency, g.dossier.Agency)); err != nil {
			return g.dossier, err
		}
		return g.dossier.Appraise(by, note, g.now)
	})
}

// Return sends a dossier back, as the office whose turn it is.
func (d *Desk) Return(ctx context.Context, by actor.Actor, id string, version int64, note string) error {
	return d.act(ctx, by, id, version, ActDecide, "return", func(g ground) (Dossier, error) {
		office := g.own.Route(g.dossier.Level).Appraises
		if g.dossier.State == Appraised {
			office = g.own.Route(g.dossier.Level).Approves
		}
		if err := office.acts(by, d.Answers(by.Agency, g.dossier.Agency)); err != nil {
			return g.dossier, err
		}
		return g.dossier.Return(by, note, g.now)
	})
}

// Approve approves a dossier by a decision; the one before it is replaced.
func (d *Desk) Approve(ctx context.Context, by actor.Actor, id string, version int64, dec Decision) error {
	return d.act(ctx, by, id, version, ActDecide, "approve", func(g ground) (Dossier, error) {
		if err := g.own.Route(g.dossier.Level).Approves.acts(by, d.Answers(by.Agency, g.dossier.Agency)); err != nil {
			return g.dossier, err
		}
		next, err := g.dossier.Approve(by, g.own, g.record.Regulation, dec, g.now)
		if err != nil {
			return next, err
		}
		list, err := g.tx.Dossiers(ctx, Of{next.Agency, next.System})
		if err != nil {
			return next, err
		}
		if before := approvedOf(list); before != nil {
			return next, g.tx.SaveDossier(ctx, before.Replace(by, g.now))
		}
		return next, nil
	})
}

// MayWithdraw says whether somebody may give an open dossier up, or take an approval back,
// which is no author's. It fails with Denied.
func (d *Desk) MayWithdraw(ctx context.Context, by actor.Actor, x Dossier) error {
	if err := d.withdraws(by, x); err != nil || x.State != Approved {
		return err
	}
	return d.notOwn(ctx, by, x, false)
}

// withdraws says whether somebody sits where a dossier ends.
func (d *Desk) withdraws(by actor.Actor, x Dossier) error {
	if x.State != Approved {
		return d.can(by, ActWrite, x.Agency)
	}
	rules, _ := d.Book.Of(x.Rules)
	return rules.Route(x.Level).Approves.acts(by, d.Answers(by.Agency, x.Agency))
}

// Withdraw gives an open dossier up, as who writes there, or takes an approval back, as the
// office that gave it.
func (d *Desk) Withdraw(ctx context.Context, by actor.Actor, id string, version int64, note string) error {
	return d.act(ctx, by, id, version, ActSee, "withdraw", func(g ground) (Dossier, error) {
		if err := d.withdraws(by, g.dossier); err != nil {
			return g.dossier, err
		}
		return g.dossier.Withdraw(by, note, g.now)
	})
}
