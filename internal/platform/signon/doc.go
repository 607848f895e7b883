// Package signon signs people in to a node with their electronic identity: it leads them to
// the provider (OpenID Connect, authorization code with PKCE, pushed requests and
// private_key_jwt), takes its answer, and ends here what was ended there. Whose account it
// is, and which session, is package session's.
//
// Nothing is kept of a sign-in that was begun: what must come back lies sealed in the
// browser's own cookie, so that a stranger can make the node keep nothing.
package signon

import (
	"embed"
	"io/fs"
)

//go:embed messages/*.json
var messages embed.FS

// Messages are the texts of this package.
var Messages, _ = fs.Sub(messages, "messages")
