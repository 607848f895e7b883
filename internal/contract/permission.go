package contract

import "dean06/internal/platform/permit"

// The roles that the contract knows. Accounts of all modules share them.
const (
	Administrator = "administrator"
	Auditor       = "auditor"
)

// Action is what somebody wants to do with the contract.
type Action string

// The actions.
const (
	Look        Action = "look"    // at systems and officers
	SaveSystem  Action = "system"  // add, change, turn off and on, give a new secret
	SaveOfficer Action = "officer" // the same for officers
	ReadLog     Action = "log"     // of calls
)

// Permissions says who may do what. Older systems are no actors: each call of theirs
// proves itself (Recognise) and is let in (Admit). What gives nobody more than they have,
// such as turning a system off, takes no second person.
var Permissions = permit.Table[Action]{Module: "contract", Rows: []permit.Row[Action]{
	{Action: Look, Roles: []string{Administrator, Auditor}},
	{Action: SaveSystem, Roles: []string{Administrator}, Second: true},
	{Action: SaveOfficer, Roles: []string{Administrator}, Second: true},
	{Action: ReadLog, Roles: []string{Administrator, Auditor}},
}}
