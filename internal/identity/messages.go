package identity

import (
	"embed"
	"io/fs"
	"strconv"
)

//go:embed messages/*.json
var messages embed.FS

// Messages are the texts of this module, in both languages.
var Messages, _ = fs.Sub(messages, "messages")

// Key is the message key of what a kind is called.
func (k Kind) Key() string { return "identity.kind." + string(k) }

// Key is the message key of what a level is called.
func (l Level) Key() string { return "identity.level." + strconv.Itoa(int(l)) }

// Key is the message key of what a state is called.
func (s State) Key() string { return "identity.state." + string(s) }

// Key is the message key of what a field is called.
func (f Field) Key() string { return "identity.field." + string(f) }

// Key is the message key of on what a fact rests.
func (b Basis) Key() string { return "identity.basis." + string(b) }

// Key is the message key of on what ground one acts for another.
func (g Ground) Key() string { return "identity.ground." + string(g) }

// Key is the message key of what a client's state is called.
func (s ClientState) Key() string { return "identity.client.state." + string(s) }

// Key is the message key of what a way of recovery is called.
func (h RecoveryHow) Key() string { return "identity.recovery." + string(h) }

// WhyKey is the message key of why the account is not active; "" while it is.
func (a Account) WhyKey() string {
	if a.StateWhy == "" {
		return ""
	}
	return "identity.why." + a.StateWhy
}
