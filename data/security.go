package data

import "embed"

// Security holds the rules of levels and the standards of controls of information
// systems, each by the day from which it counts.
//
//go:embed security
var Security embed.FS
