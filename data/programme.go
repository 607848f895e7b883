package data

import "embed"

// Programme holds the registers beside the tasks, how the figures are computed, what was
// published, and the demo's tasks and rows.
//
//go:embed programme
var Programme embed.FS
