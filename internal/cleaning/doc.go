// Package cleaning links the rows of somebody's file with the people of the register, and
// the rows of a file with one another. It reads columns and keeps beside each value what
// was understood of it, finds candidates by blocking, compares them by levels of agreement
// (Fellegi and Sunter 1969), learns what each level weighs on the file itself (EM), and
// says what becomes of a row: verified, corrected, several, not found, duplicate.
//
// A row is settled without a person only where the estimated error is below a bound. What
// is not sure stays open; ties are never broken. The order of rows and columns, upper and
// lower case, composed and decomposed letters and the size of the pieces in which a file
// is read change nothing.
//
// It knows no HTTP, no SQL and no register: people come as a table, packed in columns.
package cleaning

import (
	"embed"
	"io/fs"
)

//go:embed messages
var messages embed.FS

// Messages are the texts of this package, in both languages.
var Messages, _ = fs.Sub(messages, "messages")
