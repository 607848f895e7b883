package readinessdocx

import (
	"embed"
	"io/fs"
)

//go:embed messages/*.json
var messages embed.FS

// Messages are the texts of this package: the words that the printed form needs
// besides those of its template.
var Messages, _ = fs.Sub(messages, "messages")
