package programme

import "dean06/internal/platform/permit"

// The roles of the board's accounts that work with the programme. They are the board's
// own: who runs the rounds there runs the tasks.
const (
	Coordinator  = "coordinator"   // gives tasks, keeps the registers, accepts
	Reviewer     = "reviewer"      // looks whether what is reported was done
	FocalPoint   = "focal_point"   // reports for one agency
	AgencyLeader = "agency_leader" // reads what one agency owes
	Leader       = "leader"        // reads all
	Auditor      = "auditor"
)

// Action is something that a person may want to do.
type Action string

// The actions.
const (
	Read    Action = "read"    // tasks, registers, figures: of all, or what is an agency's own and concerns it
	Manage  Action = "manage"  // give tasks, withdraw them, write the registers
	Decide  Action = "decide"  // accept what is reported, grant time
	Respond Action = "respond" // report on a unit task
	Write   Action = "write"   // rows of a register that are the agency's own
)

// Permissions says who may do what. Its own is to an agency what it was given, or what
// the agencies were given of which it is the heir.
var Permissions = permit.Table[Action]{Module: "programme", Rows: []permit.Row[Action]{
	{Action: Read, Roles: []string{Coordinator, Reviewer, Leader, Auditor}, Own: []string{FocalPoint, AgencyLeader}, Command: true},
	{Action: Manage, Roles: []string{Coordinator}},
	{Action: Decide, Roles: []string{Coordinator, Reviewer}, Second: true},
	{Action: Respond, Own: []string{FocalPoint}},
	{Action: Write, Roles: []string{Coordinator}, Own: []string{FocalPoint}},
}}

// Name is how routes and commands name the action, with the module before it.
func (a Action) Name() string { return Permissions.Module + "." + string(a) }
