// Package data is the reference data that the program carries with it:
// administrative units, agencies, code lists, the map and the calendar. Where
// each file comes from, and what is doubtful about it, is in SOURCES.md. It
// holds no code but the embedding; the modules read it.
package data

import "embed"

// FS holds the files under the paths that they have in this folder.
//
//go:embed admin codes map calendar
var FS embed.FS
