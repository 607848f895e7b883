// Package archive keeps old stretches of a node's logs in files: the records as they
// were signed, with what proves them, compressed, each file with the hash of the one
// before it. What a record is, the log's module knows; here is the form of the file,
// and the order of work that loses nothing when it is broken off.
package archive

import (
	"embed"
	"io/fs"
	"time"
)

//go:embed messages/*.json
var messages embed.FS

// Messages are the texts of this package.
var Messages, _ = fs.Sub(messages, "messages")

// What is left in the audit log.
const (
	ActionMade    = "archive.made"
	ActionDropped = "archive.dropped"
)

// Actions are those codes.
var Actions = []string{ActionMade, ActionDropped}

// Segment is a stretch of a log that was written to a file.
type Segment struct {
	Chain       string // whose log: "messages", "lookups"
	From, Until int64  // records; Until is not in it
	File        string // its name in the folder
	SHA256      [32]byte
	Bytes       int64
	Root        [32]byte // of the log of Until records (RFC 6962)
	// FirstAt and LastAt are the moments of its first and last record.
	FirstAt, LastAt time.Time
	MadeAt          time.Time
	DroppedAt       time.Time // when the file was removed by its term; zero while it is kept
}
