// Package contract is the rules of the contract that older systems of an agency
// speak to the population register: which systems may call and how each proves who
// it is, which officers may ask what, which operations there are, and who may look
// after all this. Each call is logged, refused ones too, without personal data of
// those asked about.
//
// It decides; it neither listens nor stores. The words of the contract, SOAP and
// JSON, are in contract/contractsoap, tables in contract/contractsql, pages in
// contract/contractweb. What may be told of whom is decided by the register, by the
// right that it gave to the agency's subsystem.
package contract

import (
	"embed"
	"io/fs"
)

//go:embed messages/*.json
var messages embed.FS

// Messages are the texts of this package.
var Messages, _ = fs.Sub(messages, "messages")
