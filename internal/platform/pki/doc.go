// Package pki makes and keeps the keys of a node and the certificates that name
// them: keys in files or in a PKCS#11 token, an authority that issues, the check of
// a certificate against the authorities that count, and the sealing of what is kept.
//
// All keys are P-256. It knows nothing of revocation and of who may have a
// certificate: that is the exchange's to decide.
package pki

import (
	"embed"
	"io/fs"
)

//go:embed messages/*.json
var messages embed.FS

// Messages are the texts of this package.
var Messages, _ = fs.Sub(messages, "messages")
