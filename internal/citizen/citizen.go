// Package citizen is the words in which Vietnamese systems speak of a person: the
// personal number and the older nine-digit one, names and how they are compared,
// dates of which a part may be unknown, what a card's QR and chip say. Values mask
// themselves when printed or logged; Reveal is called where they are needed.
//
// It knows no register and keeps nothing.
package citizen

import (
	"embed"
	"io/fs"
)

//go:embed messages
var messages embed.FS

// Messages are the texts of this package.
var Messages, _ = fs.Sub(messages, "messages")
