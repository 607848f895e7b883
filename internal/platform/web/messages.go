package web

import (
	"embed"
	"io/fs"
)

//go:embed messages
var messages embed.FS

// Messages are the texts of the error pages and of the form reader.
var Messages, _ = fs.Sub(messages, "messages")
