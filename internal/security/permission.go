package security

import (
	"slices"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/permit"
)

// The roles. Officers, units and heads act for their agency; inspectors work for the
// ministry in charge, at the board.
const (
	Officer   = "security_officer"
	UnitStaff = "security_unit"
	HeadRole  = "security_head"
	Examiner  = "security_inspector"
)

// Action is something that somebody may want to do.
type Action string

// The actions.
const (
	ActSee     Action = "see"     // read how systems stand
	ActWrite   Action = "write"   // give facts, write dossiers, say how requirements stand and what was mended
	ActDecide  Action = "decide"  // appraise, approve and send back, as the rules of the level give it
	ActInspect Action = "inspect" // enter inspections and findings, and retest
	ActGrace   Action = "grace"   // let a system pass for a time, or end that
)

// Permissions says who may do what.
var Permissions = permit.Table[Action]{Module: "security", Rows: []permit.Row[Action]{
	{Action: ActSee, Roles: []string{Examiner}, Own: []string{Officer, UnitStaff, HeadRole}},
	{Action: ActWrite, Own: []string{Officer, UnitStaff}},
	{Action: ActDecide, Roles: []string{Examiner}, Own: []string{UnitStaff, HeadRole}},
	{Action: ActInspect, Roles: []string{Examiner}, Own: []string{UnitStaff}},
	{Action: ActGrace, Roles: []string{Examiner}, Second: true},
}}

// Actions are the codes in the audit log.
var Actions = []string{
	"security.announce", "security.facts", "security.dossier.begin", "security.dossier.write", "security.dossier.submit", "security.dossier.return",
	"security.dossier.appraise", "security.dossier.approve", "security.dossier.withdraw", "security.control", "security.exception",
	"security.exception.approve", "security.exception.end", "security.check", "security.finding", "security.mend", "security.retest", "security.incident",
	"security.incident.report", "security.grace", "security.grace.end",
}

// Answers says whether an agency answers for the systems that were another's: they are one,
// or the other is gone and it is the heir. What was done is kept under the agency that did it.
func (d *Desk) Answers(agency, of string) bool {
	return of != "" && slices.Contains(d.AnswersFor(agency), of)
}

// AnswersFor lists the agencies whose systems one answers for today, itself first.
func (d *Desk) AnswersFor(agency string) []string {
	if agency == "" || d.Heritage == nil {
		return []string{agency}
	}
	return d.Heritage(agency)
}

// can is Permissions for what is an agency's.
func (d *Desk) can(by actor.Actor, action Action, agency string) error {
	return Permissions.CanOwn(by, action, by.Agency != "" && d.Answers(by.Agency, agency))
}

// acts says that somebody sits in the office that decides on a dossier; own says that their
// agency answers for its system.
func (o Office) acts(by actor.Actor, own bool) error {
	ok, key := false, "security.denied.office_unit"
	switch o {
	case Unit:
		ok = by.Has(UnitStaff) && own
	case Head:
		ok, key = by.Has(HeadRole) && own, "security.denied.office_head"
	case Ministry:
		ok, key = by.Has(Examiner), "security.denied.office_ministry"
	}
	if !ok {
		return fault.New(fault.Denied, key, nil)
	}
	return nil
}
