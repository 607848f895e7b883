package identity

import (
	"encoding/hex"
	"encoding/json"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/ledger"
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
	// State is the digest (Account.Sum) of the account that the transaction saved, so that the
	// account follows from its entries; "" when it changed nothing. The store fills it in.
	State string
	// Before and Hash bind it to all entries before it, of whatever account.
	Before string
	Hash   string
}

// Sum is the hash of the entry behind the one before it, hex.
func (e Entry) Sum() (string, error) {
	by, err := json.Marshal(e.By)
	if err != nil {
		return "", err
	}
	args, err := json.Marshal(e.Args)
	if err != nil {
		return "", err
	}
	before, err := hex.DecodeString(e.Before)
	if err != nil {
		return "", err
	}
	var r ledger.Row
	r.Text("dean06 identity entry 1", e.Account, e.What, string(by), e.For, e.Client, e.Device, e.Address, string(args), e.State)
	r.Num(e.Seq)
	r.At(&e.At)
	return hex.EncodeToString(r.Sum(before)), nil
}
