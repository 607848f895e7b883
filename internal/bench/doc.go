// Package bench is the program's benchmarks, each once: `dean06 bench` and test/load
// call them. What they print as JSON keeps its names, so that figures of years can be
// compared.
package bench

import (
	"embed"
	"io/fs"
)

//go:embed messages/*.json
var messages embed.FS

// Messages are the words of the tables.
var Messages, _ = fs.Sub(messages, "messages")

// The members of the exchange that benchmarks build.
const (
	instance = "VN"
	class    = "GOV"
)
