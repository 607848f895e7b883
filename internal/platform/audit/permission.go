package audit

import "dean06/internal/platform/permit"

// Action is something that people do with the log.
type Action string

// The actions. "audit.may.…" are their names for people.
const (
	Read  Action = "read"
	Check Action = "check" // that the log is whole
)

// Permissions say who may do what with the log of a node: the holders of the roles
// that its modules let read it.
func Permissions(readers []string) permit.Table[Action] {
	return permit.Table[Action]{Module: "audit", Rows: []permit.Row[Action]{
		{Action: Read, Roles: readers},
		{Action: Check, Roles: readers, Command: true},
	}}
}
