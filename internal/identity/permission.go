package identity

import "dean06/internal/platform/permit"

// The roles that this module gives a meaning.
const (
	Bearer        = "identity.holder"   // somebody signed in at the authority, acting for themselves; no account of a node holds it
	Registrar     = "registrar"         // identifies people at the desk
	Operator      = "identity_operator" // of the authority: approves clients, suspends accounts; sees no one's facts by being one
	ClientKeeper  = "client_keeper"     // registers the clients of their agency
	Auditor       = "auditor"           // reads what happened, not to whom
	Administrator = "administrator"     // of the node; sees nobody by being one
	Program       = "identity.program"
)

// Action is what somebody wants to do with identities. "identity.may.…" is its name.
type Action string

// The actions.
const (
	SeeOwn         Action = "own"             // see one's account, devices, sessions, consents, log
	KeepOwn        Action = "keep_own"        // change what one signs in with, name people of trust, suspend and reopen
	ActFor         Action = "act_for"         // name who may act for one, take that on, withdraw it
	Identify       Action = "identify"        // level 2, and recovery, at the desk
	SuspendAny     Action = "suspend"         // an account, by the authority with its reason; reopen it
	CountAll       Action = "count"           // accounts by kind, level and state, without names
	Inspect        Action = "inspect"         // see one account's standing and steps, without its facts
	RegisterClient Action = "client.register" // of one's agency
	ApproveClient  Action = "client.approve"
	EndClient      Action = "client.stop" // of one's agency, or by the authority
	SeeClients     Action = "clients"
	Run            Action = "run" // the program's own work: the register's news, ends of terms
)

// Permissions says who may do what.
var Permissions = permit.Table[Action]{Module: "identity", Rows: []permit.Row[Action]{
	{Action: SeeOwn, Own: []string{Bearer}},
	{Action: KeepOwn, Own: []string{Bearer}},
	{Action: ActFor, Own: []string{Bearer}},
	{Action: Identify, Roles: []string{Registrar}, Purpose: true},
	{Action: SuspendAny, Roles: []string{Operator}, Purpose: true},
	{Action: CountAll, Roles: []string{Operator, Auditor}, Command: true},
	{Action: Inspect, Roles: []string{Operator}, Command: true, Purpose: true},
	{Action: RegisterClient, Own: []string{ClientKeeper, Operator}, Command: true},
	{Action: ApproveClient, Roles: []string{Operator}, Command: true},
	{Action: EndClient, Own: []string{ClientKeeper, Operator}, Command: true, Purpose: true},
	{Action: SeeClients, Roles: []string{Operator, Auditor}, Own: []string{ClientKeeper}, Command: true},
	{Action: Run, Roles: []string{Program}, Command: true},
}}
