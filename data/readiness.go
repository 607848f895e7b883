package data

import "embed"

// Readiness holds the forms, letters, causes and claims of the readiness register.
//
//go:embed readiness
var Readiness embed.FS
