// Package demo is the demo: a small country of five nodes in one process, each with
// its own database, keys and ports. It is built of the modules' own demo data; what one
// node wants from another travels through the two gateways, as it does between
// machines. Every person in it is invented.
package demo

import (
	"embed"
	"io/fs"
)

//go:embed messages/*.json
var messages embed.FS

// Messages are the names of the demo's nodes, and what its start prints.
var Messages, _ = fs.Sub(messages, "messages")
