package org

import (
	"dean06/internal/platform/actor"
	"dean06/internal/platform/permit"
)

// The roles that this module gives a meaning.
const (
	Administrator = "administrator" // keeps agencies, units, offices and positions
	Official      = "official"      // somebody of an agency whose rights come with their positions
)

// Action is what somebody may do in this module. "org.may.…" is its name for people.
type Action string

// The actions.
const (
	ReadCountry Action = "read" // agencies and administrative units through time
	EditCountry Action = "edit" // record a change of them

	ReadPositions   Action = "read_positions"   // an agency's offices and positions, who holds them and who stands in
	KeepPositions   Action = "keep_positions"   // add and end offices and positions
	Appoint         Action = "appoint"          // say who holds a position or stands in, and until when
	AppointPersonal Action = "appoint_personal" // the same where the position opens personal data or gives rights
)

// Permissions is who may do what. Which agencies there are is no secret: what other
// modules ask of Agencies asks nobody.
var Permissions = permit.Table[Action]{Module: "org", Rows: []permit.Row[Action]{
	{Action: ReadCountry, Everybody: true, Command: true},
	{Action: EditCountry, Roles: []string{Administrator}},
	{Action: ReadPositions, Roles: []string{Administrator}, EverybodyOwn: true}, // their own agency's
	{Action: KeepPositions, Roles: []string{Administrator}},
	{Action: Appoint, Roles: []string{Administrator}},
	{Action: AppointPersonal, Roles: []string{Administrator}, Second: true},
}}

// canReadPositions lets the administrator read those of all agencies, and each who acts
// for an agency those of theirs.
func canReadPositions(who actor.Actor, agency string) error {
	return Permissions.CanOwn(who, ReadPositions, who.Agency != "" && who.Agency == agency)
}
