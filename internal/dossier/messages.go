package dossier

import (
	"embed"
	"io/fs"
	"strconv"
)

//go:embed messages/*.json
var messages embed.FS

// Messages are the texts of this module, in both languages.
var Messages = func() fs.FS {
	sub, err := fs.Sub(messages, "messages")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return sub
}()

// Key is the message key of what a status is called.
func (s Status) Key() string { return "dossier.status." + strconv.Itoa(int(s)) }

// Key is the message key of what a verb is called.
func (v Verb) Key() string { return "dossier.verb." + string(v) }

// Key is the message key of what a channel is called.
func (c Channel) Key() string { return "dossier.channel." + string(c) }

// Key is the message key of by what a requirement was met.
func (h How) Key() string { return "dossier.how." + string(h) }
