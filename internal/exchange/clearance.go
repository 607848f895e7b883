package exchange

import (
	"slices"
	"strings"
	"time"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/xroad"
)

// Security is what the ministry in charge says of the security of the systems behind the
// subsystems. It travels in the signed configuration, so that a gateway holds to it when
// neither the ministry's node nor the centre answers.
type Security struct {
	At         time.Time   `json:"at"` // when it was said; what was said later counts
	Clearances []Clearance `json:"clearances"`
}

// Clearance says until when the system behind a subsystem passes where a right demands
// security. Time alone closes it: nobody has to say so then.
type Clearance struct {
	ID     xroad.ID  `json:"id"`
	System string    `json:"system,omitempty"` // its name
	Until  time.Time `json:"until,omitzero"`   // it passes before this moment; zero: it does not
	Why    Obstacle  `json:"why,omitempty"`    // what closes it then
	Detail string    `json:"detail,omitempty"` // the number of the decision or finding, the day of the check
}

// Obstacle is what stands in a system's way.
type Obstacle string

// The obstacles.
const (
	NoFacts        Obstacle = "no_facts" // nobody has said anything of any system
	NoSystem       Obstacle = "no_system"
	NoDossier      Obstacle = "no_dossier"
	DossierEnded   Obstacle = "dossier_ended"
	Outgrown       Obstacle = "outgrown"
	FindingOverdue Obstacle = "finding_overdue"
	NotChecked     Obstacle = "not_checked"
	CheckStale     Obstacle = "check_stale"
)

const (
	maxClearances = 100_000
	maxDetail     = 200
)

// Check says whether it holds together. It fails with Invalid.
func (s Security) Check(now time.Time) error {
	bad := fault.New(fault.Invalid, "exchange.security.bad", nil)
	if s.At.IsZero() || s.At.After(now.Add(maxSkew)) || len(s.Clearances) > maxClearances {
		return bad
	}
	seen := make(map[xroad.ID]bool, len(s.Clearances))
	for _, c := range s.Clearances {
		if c.ID.Subsystem == "" || c.ID.Service != "" || seen[c.ID] || len(c.System) > maxName*4 || len(c.Detail) > maxDetail {
			return bad
		}
		seen[c.ID] = true
	}
	return nil
}

// Same says that two of them let the same systems pass for as long.
func (s Security) Same(o Security) bool {
	return slices.EqualFunc(s.Clearances, o.Clearances, func(a, b Clearance) bool {
		return a.ID == b.ID && a.System == b.System && a.Until.Equal(b.Until) && a.Why == b.Why && a.Detail == b.Detail
	})
}

// Stricter is what lets nobody pass longer than both of them do. What only one of them knows
// is left out, and so closed.
func (s Security) Stricter(o Security) Security {
	until := make(map[xroad.ID]Clearance, len(o.Clearances))
	for _, c := range o.Clearances {
		until[c.ID] = c
	}
	out := Security{At: s.At, Clearances: make([]Clearance, 0, len(s.Clearances))}
	for _, c := range s.Clearances {
		other, ok := until[c.ID]
		switch {
		case !ok:
			continue
		case other.Until.Before(c.Until):
			c = other
		}
		out.Clearances = append(out.Clearances, c)
	}
	return out
}

// Clearing is how a client stands before the gate at the moment of a call.
type Clearing struct {
	Open bool
	Clearance
}

// Clearing says how a subsystem stands. A clock that was set back opens nothing: no moment
// before that of the configuration counts.
func (d *Directory) Clearing(client xroad.ID, now time.Time) Clearing {
	if now.Before(d.c.IssuedAt) {
		now = d.c.IssuedAt
	}
	c, ok := d.cleared[client]
	switch {
	case ok:
		return Clearing{Open: now.Before(c.Until), Clearance: c}
	case d.c.Security == nil:
		return Clearing{Clearance: Clearance{ID: client, Why: NoFacts}}
	}
	return Clearing{Clearance: Clearance{ID: client, Why: NoSystem}}
}

// obstacles are the codes of a refusal and what it says: which thing is missing, and how it
// is mended. %d is the detail.
var obstacles = map[Obstacle]struct {
	code xroad.Code
	text string
}{
	NoFacts: {xroad.SecurityNoFacts, "the exchange has no facts yet about the security of systems; " +
		"the operator of the hub names the node that tells them (hub.security), and that node tells them within a minute"},
	NoSystem: {xroad.SecurityNoSystem, "no system is declared for this subsystem; its agency names the subsystem with one of its systems " +
		"on the board's page of security, and has the dossier of its level approved"},
	NoDossier: {xroad.SecurityNoDossier, "its system has no dossier of security level that is approved; its agency hands one in on the " +
		"board's page of security, and has it appraised, approved and entered with the number of the decision"},
	DossierEnded: {xroad.SecurityDossierEnded, "the approval of its dossier of security level (decision %d) has ended; " +
		"its agency renews the dossier on the board's page of security"},
	Outgrown: {xroad.SecurityOutgrown, "its system is of a higher level now than decision %d approved; " +
		"its agency hands in a changed dossier on the board's page of security"},
	FindingOverdue: {xroad.SecurityFinding, "the critical finding %d was not mended in its term; its agency mends it, and another person " +
		"enters a good retest on the board's page of security"},
	NotChecked: {xroad.SecurityNotChecked, "its system was never inspected; its agency's unit for security enters an inspection on the " +
		"board's page of security"},
	CheckStale: {xroad.SecurityCheckStale, "the last inspection of its system (%d) is too old; its agency's unit for security enters a new " +
		"one on the board's page of security"},
}

// refuse says why a client does not pass.
func (c Clearing) refuse(a Ask) *xroad.Error {
	o, ok := obstacles[c.Why]
	if !ok {
		o.code, o.text = xroad.SecurityRefused, "its system does not pass; see the board's page of security"
	}
	since := ""
	if !c.Until.IsZero() {
		since = " since " + c.Until.In(clock.Zone).Format("2006-01-02 15:04")
	}
	system := ""
	if c.System != "" {
		system = " (" + Clip(c.System) + ")"
	}
	return xroad.Errorf(o.code, "%s is closed to %s%s%s: %s. It opens by itself within a minute",
		a.Service, a.Client, system, since, strings.ReplaceAll(o.text, "%d", Clip(c.Detail)))
}
