package data

import "embed"

// Packages holds the packages of procedures that the program brings, each in its own
// folder below procedures, and the list of what the fields of their forms mean.
//
//go:embed procedures tthc/meanings.yaml
var Packages embed.FS
