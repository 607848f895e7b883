// Package security is the security of information systems by level (Nghị định 85/2016,
// Nghị định 331/2026): which level a system has and why, the dossier that says so from
// draft to decision, the controls of the standard, inspections and what they found,
// incidents; and whether a system may stand behind a subsystem of the exchange now.
//
// The systems themselves are those that agencies declare in their returns. One that came
// after the last return is announced here until the next declares it.
package security

import (
	"embed"
	"io/fs"
)

//go:embed messages/*.json
var messages embed.FS

// Messages are the texts of this package, in both languages.
var Messages, _ = fs.Sub(messages, "messages")
