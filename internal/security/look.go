package security

import (
	"context"
	"errors"
	"slices"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// View is all that is known of one system.
type View struct {
	System
	Record    Record
	Declared  bool // its agency's last return has it; else it was announced, or is there no longer
	Proposal  Proposal
	Dossiers  []Dossier // the oldest first
	Open      *Dossier
	Approved  *Dossier
	Review    clock.Date // by when the approved one is to be looked at again by the rules of today; zero for never
	Checks    []Check
	Findings  []Finding
	Incidents []Incident
	Graces    []Grace
	Standard  Standard
	Lacking   []Control
	Overall   Compliance
	Gates     []Clearance // what the gate says of each subsystem behind which it stands
	Against   []Clearance // all that stands in its way now, or in that of one of them
	together  whole
}

// Level is the level that counts now: that of the approved dossier, else the proposed one; 0
// while the facts were not asked.
func (v View) Level() Level {
	switch {
	case v.Approved != nil:
		return v.Approved.Level
	case v.Record.Asked:
		return v.Proposal.Level
	}
	return 0
}

// Gate is what the gate says of the subsystem that closes first of those behind which the system
// stands; false when it stands behind none.
func (v View) Gate() (first Clearance, connected bool) {
	for i, c := range v.Gates {
		if i == 0 || c.Until.Before(first.Until) {
			first = c
		}
	}
	return first, len(v.Gates) > 0
}

// Look gives the systems of an agency with all that is known of them.
func (d *Desk) Look(ctx context.Context, by actor.Actor, agency string) ([]View, error) {
	if err := d.can(by, ActSee, agency); err != nil {
		return nil, err
	}
	systems, err := d.declared(ctx, agency)
	if err != nil {
		return nil, err
	}
	return d.views(ctx, agency, systems)
}

// Inherited gives the systems of the agencies that are gone and whose heir one is, each under
// the code to which it was given.
func (d *Desk) Inherited(ctx context.Context, by actor.Actor, agency string) ([]View, error) {
	if err := d.can(by, ActSee, agency); err != nil {
		return nil, err
	}
	var out []View
	for _, of := range d.AnswersFor(agency) {
		if of == agency {
			continue
		}
		systems, err := d.declared(ctx, of)
		if err != nil {
			return nil, err
		}
		views, err := d.views(ctx, of, systems)
		if err != nil {
			return nil, err
		}
		out = append(out, views...)
	}
	return out, nil
}

// One gives one system. It fails with NotFound.
func (d *Desk) One(ctx context.Context, by actor.Actor, agency, system string) (View, error) {
	list, err := d.Look(ctx, by, agency)
	if err != nil {
		return View{}, err
	}
	i := slices.IndexFunc(list, func(v View) bool { return v.ID == system })
	if i < 0 {
		return View{}, fault.New(fault.NotFound, "security.system.unknown", nil)
	}
	return list[i], nil
}

// All gives the systems of all agencies of which anything is known, for who may see them all.
func (d *Desk) All(ctx context.Context, by actor.Actor) ([]View, error) {
	if err := Permissions.Can(by, ActSee); err != nil {
		return nil, err
	}
	agencies, err := d.known(ctx)
	if err != nil {
		return nil, err
	}
	var systems []System
	for _, agency := range agencies {
		list, err := d.declared(ctx, agency)
		if err != nil {
			return nil, err
		}
		systems = append(systems, list...)
	}
	return d.views(ctx, "", systems)
}

// known are the agencies of which anything is known: who found something in a system may be
// the first to say anything of it.
func (d *Desk) known(ctx context.Context) ([]string, error) {
	var out []string
	records, err := d.Store.Records(ctx, Of{})
	for _, r := range records {
		out = append(out, r.Agency)
	}
	checks, err2 := d.Store.Checks(ctx, Of{})
	for _, c := range checks {
		out = append(out, c.Agency)
	}
	findings, err3 := d.Store.Findings(ctx, Of{})
	for _, f := range findings {
		out = append(out, f.Agency)
	}
	incidents, err4 := d.Store.Incidents(ctx, Of{})
	for _, i := range incidents {
		out = append(out, i.Agency)
	}
	slices.Sort(out)
	return slices.Compact(out), errors.Join(err, err2, err3, err4)
}

// views puts systems of an agency, or of all for "", and what is known of them together. What
// may be one with them, or stands behind the same subsystem, is read with them.
func (d *Desk) views(ctx context.Context, agency string, systems []System) ([]View, error) {
	records, err := d.Store.Records(ctx, Of{})
	if err != nil {
		return nil, err
	}
	kin := []string{""}
	if agency != "" {
		kin = kinOf(records, agency)
		records = slices.DeleteFunc(records, func(r Record) bool { return !slices.Contains(kin, r.Agency) })
	}
	at := map[Of]*View{}
	order := make([]*View, 0, len(systems))
	add := func(s System, declared bool) *View {
		v := &View{System: s, Declared: declared, Record: Record{Agency: s.Agency, System: s.ID, Name: s.Name}}
		at[Of{s.Agency, s.ID}] = v
		order = append(order, v)
		return v
	}
	for _, s := range systems {
		add(s, true)
	}
	for _, r := range records {
		v := at[Of{r.Agency, r.System}]
		if v == nil { // announced, or declared no longer; what is known of it stays
			v = add(r.system(), false)
		}
		v.Record = r
		v.Record.Name = v.Name
	}
	for _, k := range kin {
		if err := d.fill(ctx, d.Store, Of{Agency: k}, at); err != nil {
			return nil, err
		}
	}
	now := d.Clock.Now()
	rules, standard := d.Rules(), d.Standard()
	ones, levels := newWholes(records), factsOf(records, onesOf(records))
	for _, v := range order {
		ones.found(v)
	}
	standings := make([]Standing, len(order))
	for i, v := range order {
		v.together = ones.of(v)
		standings[i] = v.standing()
	}
	gate := map[string]Clearance{}
	for _, c := range Clearances(d.Book, standings) {
		gate[c.Subsystem] = c
	}
	out := make([]View, 0, len(order))
	for i, v := range order {
		if agency != "" && v.Agency != agency {
			continue
		}
		v.Standard = standard
		v.Proposal = Propose(rules, levels[Of{v.Agency, v.ID}])
		if v.Approved != nil {
			v.Review = d.Book.Review(*v.Approved, clock.DayOf(now))
		}
		v.Lacking = Lacking(standard, v.Level(), v.Record.Controls, clock.DayOf(now))
		v.Overall = Overall(standard, v.Level(), v.Record.Controls)
		v.Against = Against(d.Book, standings[i], now)
		for _, id := range v.Record.Subsystems {
			c := gate[id]
			v.Gates = append(v.Gates, c)
			if !c.Passes(now) && !slices.ContainsFunc(v.Against, func(a Clearance) bool { return a.Why == c.Why && a.Detail == c.Detail }) {
				v.Against = append(v.Against, c)
			}
		}
		out = append(out, *v)
	}
	return out, nil
}

// whole is what is known of all systems that are one.
type whole struct {
	facts    Facts
	findings []Finding
}

// wholes are by system the one to which it belongs.
type wholes map[Of]*whole

func newWholes(records []Record) wholes {
	top, all, out := topsOf(records), map[Of]*whole{}, wholes{}
	for _, r := range records {
		w := all[top[r.of()]]
		if w == nil {
			w = &whole{}
			all[top[r.of()]] = w
		}
		w.facts, out[r.of()] = Together(w.facts, r.Facts), w
	}
	return out
}

// found adds what was found in a system.
func (w wholes) found(v *View) {
	if of := w[Of{v.Agency, v.ID}]; of != nil {
		of.findings = append(of.findings, v.Findings...)
	}
}

// of is the whole of a system; of one of which nothing was told it is itself.
func (w wholes) of(v *View) whole {
	if of := w[Of{v.Agency, v.ID}]; of != nil {
		return *of
	}
	return whole{findings: v.Findings}
}

func (v *View) standing() Standing {
	s := Standing{Record: v.Record, Whole: v.together.facts, Dossier: v.Approved, Findings: v.together.findings, Graces: v.Graces}
	for _, c := range v.Checks {
		if c.Day.After(s.Checked) {
			s.Checked = c.Day
		}
	}
	return s
}

func (d *Desk) fill(ctx context.Context, from Reader, of Of, at map[Of]*View) error {
	dossiers, err := from.Dossiers(ctx, of)
	if err != nil {
		return err
	}
	for _, x := range dossiers {
		if v := at[Of{x.Agency, x.System}]; v != nil {
			v.Dossiers = append(v.Dossiers, x)
			switch {
			case x.State == Approved:
				v.Approved = &x
			case x.State.Open():
				v.Open = &x
			}
		}
	}
	checks, err := from.Checks(ctx, of)
	if err != nil {
		return err
	}
	for _, x := range checks {
		if v := at[Of{x.Agency, x.System}]; v != nil {
			v.Checks = append(v.Checks, x)
		}
	}
	findings, err := from.Findings(ctx, of)
	if err != nil {
		return err
	}
	for _, x := range findings {
		if v := at[Of{x.Agency, x.System}]; v != nil {
			v.Findings = append(v.Findings, x)
		}
	}
	incidents, err := from.Incidents(ctx, of)
	if err != nil {
		return err
	}
	for _, x := range incidents {
		if v := at[Of{x.Agency, x.System}]; v != nil {
			v.Incidents = append(v.Incidents, x)
		}
	}
	graces, err := from.Graces(ctx, of)
	if err != nil {
		return err
	}
	for _, x := range graces {
		if v := at[Of{x.Agency, x.System}]; v != nil {
			v.Graces = append(v.Graces, x)
		}
	}
	return nil
}

// Clearances are those of all subsystems, as they are told to the hub. It is the program
// that asks.
func (d *Desk) Clearances(ctx context.Context) (list []Clearance, at time.Time, err error) {
	at = d.Clock.Now()
	views, err := d.views(ctx, "", nil) // records know what is declared, as far as it matters here
	if err != nil {
		return nil, at, err
	}
	standings := make([]Standing, len(views))
	for i := range views {
		standings[i] = views[i].standing()
	}
	return Clearances(d.Book, standings), at, nil
}

// Row5 is what row 5 of the Appendix asks of one system.
type Row5 struct {
	System     System // as the agency's return names it
	From       string // the agency that is gone and gave it; "" for the agency's own
	Dossier    string // key of the form's list: not_submitted, submitted, approved
	Decision   Paper
	Compliance Compliance
	Unmet      []Control
}

// Row5Of answers row 5 for the systems of an agency, and for those that it inherited.
func (d *Desk) Row5Of(ctx context.Context, by actor.Actor, agency string) ([]Row5, error) {
	views, err := d.Look(ctx, by, agency)
	if err != nil {
		return nil, err
	}
	inherited, err := d.Inherited(ctx, by, agency)
	if err != nil {
		return nil, err
	}
	var out []Row5
	for _, v := range append(views, inherited...) {
		if !v.Record.Asked {
			continue
		}
		r := Row5{System: v.System, Dossier: "not_submitted", Compliance: v.Overall, Unmet: v.Lacking}
		if v.Agency != agency {
			r.From, r.System.Agency, r.System.ID = v.Agency, agency, v.IDIn(agency)
		}
		switch {
		case v.Approved != nil && v.Approved.EndsAt().After(d.Clock.Now()):
			r.Dossier, r.Decision = "approved", v.Approved.Decision.Paper
		case v.Open != nil && v.Open.State != Draft:
			r.Dossier = "submitted"
		}
		out = append(out, r)
	}
	return out, nil
}
