package procedure

import "dean06/internal/platform/permit"

// Administrator keeps the catalogue and the packages of a node.
const Administrator = "administrator"

// Action is what somebody may do in this module. "procedure.may.…" is its name for people.
type Action string

// The actions.
const (
	ReadCatalogues Action = "read" // the editions of the catalogue, their reports and differences
	KeepCatalogues Action = "keep" // import a edition, put one in force
	ReadPackages   Action = "read_packages"
	KeepPackages   Action = "keep_packages" // bring one, ask a second administrator to sign it off
)

// Permissions is who may do what. Which procedures there are is no secret: searching the
// catalogue asks nobody.
var Permissions = permit.Table[Action]{Module: "procedure", Rows: []permit.Row[Action]{
	{Action: ReadCatalogues, Everybody: true, Command: true},
	{Action: KeepCatalogues, Roles: []string{Administrator}, Command: true},
	{Action: ReadPackages, Everybody: true, Command: true},
	{Action: KeepPackages, Roles: []string{Administrator}},
}}
