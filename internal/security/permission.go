package security

import (
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
	ActWrite   Action = "write"   // give facts, write dossiers, say how controls stand and what was mended
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

// can is Permissions for what is an agency's.
func can(by actor.Actor, action Action, agency string) error {
	return Permissions.CanOwn(by, action, by.Agency != "" && by.Agency == agency)
}

// acts says that somebody sits in the office that decides on an agency's dossier.
func (o Office) acts(by actor.Actor, agency string) error {
	ok, key := false, "security.denied.office_unit"
	switch o {
	case Unit:
		ok = by.Has(UnitStaff) && by.Agency == agency
	case Head:
		ok, key = by.Has(HeadRole) && by.Agency == agency, "security.denied.office_head"
	case Ministry:
		ok, key = by.Has(Examiner), "security.denied.office_ministry"
	}
	if !ok {
		return fault.New(fault.Denied, key, nil)
	}
	return nil
}
