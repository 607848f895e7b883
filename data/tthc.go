package data

import "embed"

// Procedures holds the names of administrative procedures by their codes, as the
// national portal listed them in July 2026.
//
//go:embed tthc/names.csv
var Procedures embed.FS
