package cleaning

import "dean06/internal/platform/permit"

// The roles of accounts of the authority's node that work with files. They are the
// register's own: who may see people there cleans files there.
const (
	Registrar = "registrar"
	Auditor   = "auditor"
)

// Action is what somebody wants to do with a file that was handed in.
type Action string

// The actions.
const (
	HandIn  Action = "hand_in" // take a file in, say what its columns hold, run it
	See     Action = "see"     // read what became of files, in figures
	Review  Action = "review"  // see rows beside people of the register, and decide
	Release Action = "release" // ask that the clean file may leave, and fetch it
	Settle  Action = "settle"  // say of a row of one's agency whose it is, without seeing them
	Fetch   Action = "fetch"   // take the clean file of one's agency that was let leave
	Follow  Action = "follow"  // read what the register's events changed of a file that was released
)

// Permissions says who may do what.
var Permissions = permit.Table[Action]{Module: "cleaning", Rows: []permit.Row[Action]{
	{Action: HandIn, Roles: []string{Registrar}, Own: []string{RightHolder}, Purpose: true},
	{Action: See, Roles: []string{Registrar, Auditor}, Own: []string{RightHolder}},
	{Action: Review, Roles: []string{Registrar}, Purpose: true},
	{Action: Release, Roles: []string{Registrar}, Purpose: true, Second: true},
	{Action: Settle, Own: []string{RightHolder}, Purpose: true},
	{Action: Fetch, Own: []string{RightHolder}, Purpose: true},
	{Action: Follow, Roles: []string{Registrar}, Own: []string{RightHolder}, Purpose: true},
}}
