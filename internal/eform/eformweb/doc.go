// Package eformweb draws an electronic form: one question on a page for a citizen, what
// arrived filled on one page to look over, the rows of a repeated section, all answers to
// check; for an officer whole sections, and answers beside papers. It reads what such a
// page posts (Read). It has no handlers and no addresses: whoever shows a page says where
// its links and buttons lead.
package eformweb

import (
	"embed"
	"io/fs"
)

//go:embed messages
var messages embed.FS

// Messages are the texts of this package.
var Messages, _ = fs.Sub(messages, "messages")
