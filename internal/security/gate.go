package security

import (
	"slices"
	"strings"
	"time"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// Obstacle is why a system may not stand behind a subsystem of the exchange.
type Obstacle string

// The obstacles. They travel to gateways, which say each in words.
const (
	NoSystem       Obstacle = "no_system"       // no system is declared for the subsystem
	NoDossier      Obstacle = "no_dossier"      // it has no dossier of level that is approved
	DossierEnded   Obstacle = "dossier_ended"   // the approval ran out
	Outgrown       Obstacle = "outgrown"        // the system is of a higher level than was approved
	FindingOverdue Obstacle = "finding_overdue" // a critical finding was not mended in its term
	NotChecked     Obstacle = "not_checked"     // nobody has inspected it
	CheckStale     Obstacle = "check_stale"     // the last inspection is too old
)

// Obstacles lists them.
var Obstacles = []Obstacle{NoSystem, NoDossier, DossierEnded, Outgrown, FindingOverdue, NotChecked, CheckStale}

// Forever is the end of what does not end.
var Forever = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

// Grace lets a system pass until a day though something stands in its way. Two people
// decide on it.
type Grace struct {
	ID     string `json:"id"`
	Agency string `json:"agency"`
	System string `json:"system"`
	// Subsystems are those that it was asked for: it opens no other, whatever somebody
	// writes into the record later.
	Subsystems []string   `json:"subsystems,omitempty"`
	Until      clock.Date `json:"until"` // its last day, by Vietnam's clock
	Reason     string     `json:"reason"`
	AskedBy    string     `json:"asked_by"`
	ApprovedBy string     `json:"approved_by"`
	At         time.Time  `json:"at"`
	EndedAt    time.Time  `json:"ended_at,omitzero"` // taken back
}

// MostGrace is how many days a grace may last.
const MostGrace = 30

// CheckGrace says whether a grace may be asked for. It fails with a fault.List.
func CheckGrace(g Grace, today clock.Date) error {
	var wrong fault.List
	if g.Until.Before(today) || today.DaysUntil(g.Until) > MostGrace {
		wrong = append(wrong, fault.New(fault.Invalid, "security.grace.until", fault.Args{"days": MostGrace}).At("until"))
	}
	if _, err := noted(g.Reason); err != nil {
		wrong = append(wrong, fault.New(fault.Invalid, "security.note", fault.Args{"most": maxNote}).At("reason"))
	}
	return wrong.Err()
}

// Standing is all that the gate asks of one system.
type Standing struct {
	Record   Record
	Whole    Facts      // of all systems that are one with it
	Dossier  *Dossier   // that is approved; nil for none
	Findings []Finding  // of all systems that are one with it
	Checked  clock.Date // the day of the last inspection; zero for none
	Graces   []Grace
}

// Clearance says until when a system passes, and what closes it then.
type Clearance struct {
	Subsystem string    `json:"subsystem"`
	Agency    string    `json:"agency"`
	System    string    `json:"system"`
	Name      string    `json:"name"`
	Until     time.Time `json:"until,omitzero"` // it passes before this moment; zero: it does not
	Why       Obstacle  `json:"why,omitempty"`  // "" while nothing will close it
	Detail    string    `json:"detail,omitempty"`
	Grace     bool      `json:"grace,omitempty"` // it passes by grace alone
}

// Passes says whether the system passes at a moment.
func (c Clearance) Passes(at time.Time) bool { return at.Before(c.Until) }

// limit is one thing that ends the clearance at a moment.
type limit struct {
	until  time.Time
	why    Obstacle
	detail string
}

// Against are all things that stand in a system's way at a moment, whatever grace it has: one
// who mends the first shall not find the second only then.
func Against(book Book, s Standing, at time.Time) []Clearance {
	var out []Clearance
	for _, l := range limits(book, s) {
		if !at.Before(l.until) {
			out = append(out, Clearance{Agency: s.Record.Agency, System: s.Record.System, Name: s.Record.Name, Until: l.until, Why: l.why, Detail: l.detail})
		}
	}
	return out
}

// Clear says how a system stands before the gate. It depends on no clock: whoever holds the
// clearance knows by his own when it ends.
func Clear(book Book, s Standing) Clearance {
	first := limit{until: Forever}
	take := func(l limit) {
		if l.until.Before(first.until) {
			first = l
		}
	}
	for _, l := range limits(book, s) {
		take(l)
	}
	c := Clearance{
		Agency: s.Record.Agency, System: s.Record.System, Name: s.Record.Name, Until: first.until, Why: first.why, Detail: first.detail,
	}
	for _, g := range s.Graces {
		if end := g.Until.End(); g.EndedAt.IsZero() && g.ApprovedBy != "" && end.After(c.Until) {
			c.Until, c.Grace = end, true
		}
	}
	return c
}

func limits(book Book, s Standing) []limit {
	var out []limit
	days := 0 // for which an inspection counts
	if d := s.Dossier; d == nil {
		out = append(out, limit{why: NoDossier})
	} else {
		rules, _ := book.Of(d.Rules)
		if days = d.CheckDays; days == 0 {
			days = rules.CheckDays[d.Level]
		}
		if end := d.EndsAt(); end.Before(Forever) {
			out = append(out, limit{end, DossierEnded, d.Decision.Number})
		}
		// By the rules under which it was approved, and only when the system has grown since:
		// neither new rules nor other values of the same close anybody overnight.
		approved := d.Level
		if d.Whole != nil {
			approved = max(approved, Propose(rules, *d.Whole).Level)
		}
		if p := Propose(rules, s.Whole); p.Level > approved {
			out = append(out, limit{why: Outgrown, detail: d.Decision.Number})
		}
	}
	for _, f := range s.Findings {
		if f.Severity == Critical && f.Open() {
			out = append(out, limit{f.Due, FindingOverdue, f.Number})
		}
	}
	switch {
	case s.Checked.IsZero():
		out = append(out, limit{why: NotChecked})
	case days > 0:
		out = append(out, limit{s.Checked.AddDays(days).End(), CheckStale, s.Checked.String()})
	}
	return out
}

// before is how a system stands before one subsystem: with the findings that were made while
// other systems stood behind it, and with the graces that were given for it.
func (s Standing) before(id string, stuck map[string][]Finding) Standing {
	s.Findings = append(slices.Clip(s.Findings), stuck[id]...)
	s.Graces = slices.DeleteFunc(slices.Clone(s.Graces), func(g Grace) bool { return !slices.Contains(g.Subsystems, id) })
	return s
}

// Clearances are those of all subsystems that the systems name. A subsystem passes by the
// dossiers that were approved for it: by the one that passes shortest, where there are
// several. What a record names beside them waits for its dossier, and closes no other. A
// critical finding closes the subsystems behind which its system stood, too, when another
// system stands there now: nobody gets rid of one by putting a new system in its place.
func Clearances(book Book, all []Standing) []Clearance {
	by, approved := map[string]Clearance{}, map[string]bool{}
	stuck := map[string][]Finding{}
	for _, s := range all {
		for _, f := range s.Findings {
			if f.Severity == Critical && f.Open() {
				for _, id := range f.Behind {
					stuck[id] = append(stuck[id], f)
				}
			}
		}
	}
	for _, s := range all {
		if s.Dossier != nil {
			for _, id := range s.Dossier.Subsystems {
				c := Clear(book, s.before(id, stuck))
				c.Subsystem = id
				if !approved[id] || c.Until.Before(by[id].Until) {
					by[id], approved[id] = c, true
				}
			}
		}
	}
	for _, s := range all {
		bare := s
		bare.Dossier = nil
		for _, id := range s.Record.Subsystems {
			c := Clear(book, bare.before(id, stuck))
			c.Subsystem = id
			if had, ok := by[id]; !approved[id] && (!ok || c.Until.Before(had.Until)) {
				by[id] = c
			}
		}
	}
	out := make([]Clearance, 0, len(by))
	for _, c := range by {
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b Clearance) int { return strings.Compare(a.Subsystem, b.Subsystem) })
	return out
}

// warnOn are how many days before it closes a system is warned of.
var warnOn = []int{14, 7, 3, 1}

// Warnings are those that pass at a moment and close in so many days that it is time to say so.
func Warnings(list []Clearance, now time.Time) []Clearance {
	return slices.DeleteFunc(Closing(list, now, slices.Max(warnOn)), func(c Clearance) bool {
		return !slices.Contains(warnOn, clock.DayOf(now).DaysUntil(clock.DayOf(c.Until)))
	})
}

// Closing are those that pass now and will not after some days, the first to close above.
func Closing(list []Clearance, now time.Time, days int) []Clearance {
	end := clock.DayOf(now).AddDays(days).End()
	out := slices.DeleteFunc(slices.Clone(list), func(c Clearance) bool { return !c.Passes(now) || c.Until.After(end) })
	slices.SortStableFunc(out, func(a, b Clearance) int { return a.Until.Compare(b.Until) })
	return out
}
