// Package reconcile answers programs such as OpenRefine, which hold a file against the
// population register row by row: the Reconciliation Service API of the W3C's Entity
// Reconciliation Community Group, versions 0.1 and 0.2. An agency's node speaks the
// protocol to the program and puts the questions to the register through the exchange, by
// the agency's right; the register's node answers them.
//
// No row of the register leaves but that of a person who matched, by the rule for rows of a
// file. Of all others only is told how likely they are and what of that which was said is so,
// under an id that means nothing elsewhere. There is no preview, no search of persons and no
// extension by more data.
//
// It knows no HTTP and no SQL.
package reconcile

import (
	"embed"
	"io/fs"
)

//go:embed messages/*.json
var messages embed.FS

// Messages are the texts of this package.
var Messages, _ = fs.Sub(messages, "messages")
