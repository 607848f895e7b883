// Package programme follows Project 06 through its tasks: who directed what, which
// agency has to show which result by when, what it has done, and what stands beside the
// tasks: law to amend, services, connections, milestones, inspections, difficulties.
//
// A directive gives tasks, a task has parts, and each is assigned to a set of agencies on
// a day: from then on every agency of the set has a unit task of its own. What happens to
// a unit task is an event with the day on which it was recorded; nothing is rewritten, so
// a figure asked as of a day tells what was known then. A published figure is computed
// from such rows, or stands as published beside the reason why.
//
// The package decides; it stores nothing (programmesql does) and shows nothing.
package programme

import (
	"embed"
	"io/fs"
)

//go:embed messages/*.json
var messages embed.FS

// Messages are the texts of this module, in both languages.
var Messages, _ = fs.Sub(messages, "messages")
