package data

import "embed"

// Procedures holds the national catalogue of administrative procedures as the portal
// listed it in July 2026, and the words in which people ask for them.
//
//go:embed tthc
var Procedures embed.FS
