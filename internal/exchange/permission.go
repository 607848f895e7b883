package exchange

import "dean06/internal/platform/permit"

// The roles that mean something to the exchange. Program is no account's: the
// program acts in it by itself, when it offers what its modules answer.
const (
	Operator      = "operator"      // runs the centre
	Administrator = "administrator" // works for a gateway's owner
	Auditor       = "auditor"       // reads
	Program       = "program"
)

// Action is something that somebody may want to do with a gateway.
type Action string

// The actions.
const (
	ActRead  Action = "read"  // how the gateway is, what it offers, who may ask
	ActLog   Action = "log"   // the log of messages, and the traffic
	ActProve Action = "prove" // take a proof out of the log, or check all of it
	ActOffer Action = "offer" // offer services, and ask the centre for changes
	ActGive  Action = "give"  // give a right or widen one
	ActEnd   Action = "end"   // end a right or narrow one
	ActGroup Action = "group" // say which subsystems are a group
	ActJoin  Action = "join"  // use a token of the centre
	// ActArchive is to archive old records, and to remove archive files by their term.
	ActArchive Action = "archive"
	// ActRestore is to acknowledge that the node's database was restored from a backup.
	ActRestore Action = "restore"
	ActRenew   Action = "renew" // ask the centre for the gateway's next certificate now
	ActLocal   Action = "local" // say which of the agency's systems may speak on the local port, by which certificate
)

// Permissions says who may do what with a gateway. A right that is given by a person
// takes effect with a second one (Second).
var Permissions = permit.Table[Action]{Module: "exchange", Rows: []permit.Row[Action]{
	{Action: ActRead, Roles: []string{Operator, Administrator, Auditor}, Command: true},
	{Action: ActLog, Roles: []string{Operator, Administrator, Auditor}, Command: true},
	{Action: ActProve, Roles: []string{Operator, Administrator, Auditor}, Command: true},
	{Action: ActOffer, Roles: []string{Administrator, Program}},
	{Action: ActGive, Roles: []string{Administrator, Program}, Second: true},
	{Action: ActEnd, Roles: []string{Administrator, Program}},
	{Action: ActGroup, Roles: []string{Administrator, Program}, Second: true},
	{Action: ActJoin, Command: true},
	{Action: ActArchive, Roles: []string{Program}, Command: true},
	{Action: ActRestore, Roles: []string{Administrator}, Second: true},
	{Action: ActRenew, Roles: []string{Administrator}},
	{Action: ActLocal, Roles: []string{Administrator}, Command: true},
}}

// audited is before each code in the audit log.
const audited = "exchange."

// Actions are what a gateway's owner leaves in the audit log.
var Actions = []string{
	audited + "right.give", audited + "right.end", audited + "service.save", audited + "group.save", audited + "local.add", audited + "local.remove",
	audited + "monitoring.read", audited + "log.restore",
}
