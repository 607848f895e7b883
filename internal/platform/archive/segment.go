// Package archive keeps old stretches of a node's logs in files: the records as they
// were signed, with what proves them, compressed, each file with the hash of the one
// before it. What a record is, the log's module knows; here is the form of the file,
// and the order of work that loses nothing when it is broken off.
package archive

import (
	"embed"
	"io/fs"
	"time"

	"dean06/internal/platform/ledger"
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

// TileWidth is how many records one stored subtree covers. Rows are removed up to the
// edge of one, so that proofs of later records find all the leaves that they need.
const TileWidth = 256

// Edge is the last edge of a tile that is not behind a place.
func Edge(seq int64) int64 { return seq / TileWidth * TileWidth }

// Segment is a stretch of a log that was written to a file.
type Segment struct {
	Chain       string        // whose log: "messages", "lookups"
	From, Until int64         // records; Until is not in it
	File        string        // its name in the folder
	SHA256      ledger.Digest // of the file
	Bytes       int64
	Root        ledger.Digest // of the log of Until records (RFC 6962)
	// FirstAt and LastAt are the moments of its first and last record.
	FirstAt, LastAt time.Time
	MadeAt          time.Time
	// Rest is the leaves of the log from the edge of the last tile to Until, those of
	// earlier segments too. Records of the next one are proven with them when the file is
	// there no more.
	Rest      []ledger.Digest
	DroppedAt time.Time // when the file was removed by its term; zero while it is kept
}
