package exchangenode

import (
	"embed"
	"io/fs"
)

//go:embed messages/*.json
var messages embed.FS

// Messages are the names of the module's part in the navigation and the audit log, and
// the words of its commands.
var Messages, _ = fs.Sub(messages, "messages")
