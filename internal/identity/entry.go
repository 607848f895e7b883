package identity

import (
	"time"

	"dean06/internal/platform/actor"
)

// Entry is a step in the life of an account, or something that was told of its holder. Its
// holder sees each. It is written in the transaction of what it tells of, and never changed.
type Entry struct {
	Seq     int64  // in the chain of the node
	Account string // whose
	At      time.Time
	// What names the step: "identity.entry.…" is its text, with Args.
	What   string
	By     actor.Actor // who acted; the holder's own account for themselves
	For    string      // account acted for; "" for none
	Client string      // id of the client that was told, or signed in to; "" for none
	Device string
	// Address is where it came from, shortened: an IPv4 address, an IPv6 /64.
	Address string
	Args    map[string]string // no personal data beside what the holder sees anyway
	Before  string
	Hash    string
}
