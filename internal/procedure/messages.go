package procedure

import (
	"embed"
	"io/fs"
)

//go:embed messages/*.json
var messages embed.FS

// Messages are the words of the module: what is wrong with a file or a row of it.
var Messages, _ = fs.Sub(messages, "messages")
