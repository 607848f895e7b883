package eform

import (
	"embed"
	"io/fs"
)

//go:embed messages
var messages embed.FS

// Messages are the texts of this package.
var Messages, _ = fs.Sub(messages, "messages")
