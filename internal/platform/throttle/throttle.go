// Package throttle slows the guessing of secrets in a way that cannot be turned against
// people: nobody is kept out of their account, nor an office out of its work, because
// somebody else guesses.
//
// A wrong try costs the pair of address and account a wait that grows. Many wrong tries at
// an account, wherever they come from, or from an address, at whichever accounts, cost no
// wait: from then on a password alone opens nothing there, a second factor is asked for as
// well. Who holds a mark of an earlier sign-in to the account (Try.Device) is counted apart
// from all others: a stranger's tries cost them nothing, theirs cost nobody else.
//
// What strangers can make us keep is bounded: pairs, accounts and addresses share a fixed
// number of counters by a keyed hash, whose key they do not know, so that nobody can aim at
// the counter of another.
package throttle

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"dean06/internal/platform/fault"
)

// Book keeps counts of failures by key.
type Book interface {
	// Count counts a failure and gives how many there are in the key's window, which begins
	// with its first one and is within long.
	Count(ctx context.Context, key string, at time.Time, within time.Duration) (int, error)
	// Failures are how many were counted in the key's window, if the last was not before since.
	Failures(ctx context.Context, key string, since time.Time) (n int, last time.Time, err error)
	Forgive(ctx context.Context, key string) error
}

// Limits of tries. An office of a hundred people may sit behind one address.
const (
	FreePair    = 5   // wrong tries of an address at an account before it waits
	FreeDevice  = 10  // of a device that is known to the account
	FreeAccount = 10  // wrong tries at an account in a day before a password alone opens nothing
	FreeAddress = 100 // wrong tries from an address in an hour before the same holds for it
	firstWait   = 15 * time.Second
	longestWait = 15 * time.Minute
	day         = 24 * time.Hour
	counters    = 1 << 20 // of each kind; a row takes some 60 bytes
)

// Try is one try at a secret.
type Try struct {
	What    string // which secret: "password", "code"; each is counted by itself
	Account string // as it was typed or by its id: one that is unknown is counted like any other
	Address string // of the machine; "" when nobody knows it
	Device  string // proves an earlier sign-in to this account; "" for none
}

// Rules count tries with a key that strangers don't know.
type Rules struct{ Key []byte }

// key is the counter of something.
func (r Rules) key(what string, parts ...string) string {
	m := hmac.New(sha256.New, r.Key)
	for _, p := range parts {
		_ = binary.Write(m, binary.BigEndian, uint32(len(p))) //nolint:gosec // no text is so long; a hash takes everything
		m.Write([]byte(p))
	}
	return fmt.Sprintf("%s:%05x", what, binary.BigEndian.Uint32(m.Sum(nil))%counters)
}

// counter is what a try is counted under, and what its failures cost.
type counter struct {
	key    string
	free   int
	within time.Duration
	waits  bool // else a second factor is asked for
}

func (r Rules) counters(t Try) []counter {
	if t.Device != "" {
		return []counter{{r.key(t.What+".device", t.Account, t.Device), FreeDevice, day, true}}
	}
	list := []counter{{r.key(t.What+".account", t.Account), FreeAccount, day, false}}
	net := Net(t.Address)
	list = append(list, counter{r.key(t.What+".pair", net, t.Account), FreePair, day, true})
	if net != "" {
		list = append(list, counter{r.key(t.What+".net", net), FreeAddress, time.Hour, false})
	}
	return list
}

// Verdict is what a try may do.
type Verdict struct {
	Wait   time.Duration // nothing before that
	Second bool          // what is guessed opens nothing alone, right or wrong: nobody learns which
}

// Ask says what a try may do. It is asked before the secret is looked at, and costs nothing.
func (r Rules) Ask(ctx context.Context, b Book, t Try, now time.Time) (Verdict, error) {
	var v Verdict
	for _, c := range r.counters(t) {
		n, last, err := b.Failures(ctx, c.key, now.Add(-c.within))
		if err != nil {
			return v, fmt.Errorf("throttle: %w", err)
		}
		switch {
		case n < c.free:
		case c.waits:
			v.Wait = max(v.Wait, last.Add(wait(n-c.free)).Sub(now))
		default:
			v.Second = true
		}
	}
	return v, nil
}

// wait doubles with each failure.
func wait(over int) time.Duration { return min(longestWait, firstWait<<min(over, 10)) }

// Failed counts a wrong try. First says that it is the first at this account for a day, Many
// that it is the one from which a second factor is asked for: times to tell its holder.
func (r Rules) Failed(ctx context.Context, b Book, t Try, now time.Time) (first, many bool, err error) {
	for i, c := range r.counters(t) {
		n, err := b.Count(ctx, c.key, now, c.within)
		if err != nil {
			return false, false, fmt.Errorf("throttle: %w", err)
		}
		if i == 0 { // of the account, or of the device at it
			first, many = n == 1, n == c.free
		}
	}
	return first, many, nil
}

// Passed forgets the tries of whoever got in: of the pair or the device, not those of others
// at the account.
func (r Rules) Passed(ctx context.Context, b Book, t Try) error {
	for _, c := range r.counters(t) {
		if !c.waits {
			continue
		}
		if err := b.Forgive(ctx, c.key); err != nil {
			return fmt.Errorf("throttle: %w", err)
		}
	}
	return nil
}

// Limit fails with TooMany once something was done more often than free within a time by
// somebody: for what costs us something before anybody has proved anything.
func (r Rules) Limit(ctx context.Context, b Book, what, who string, now time.Time, free int, within time.Duration) error {
	n, err := b.Count(ctx, r.key(what, who), now, within)
	if err != nil {
		return fmt.Errorf("throttle: %w", err)
	}
	if n > free {
		return Paused(within)
	}
	return nil
}

// Err is nil when the try may go on, else TooMany with the time that is left.
func (v Verdict) Err() error {
	if v.Wait <= 0 {
		return nil
	}
	return Paused(v.Wait)
}

// Paused is TooMany with the time that is left.
func Paused(wait time.Duration) error {
	if wait <= time.Minute {
		return fault.New(fault.TooMany, "throttle.paused_seconds", fault.Args{"seconds": int((wait + time.Second - 1) / time.Second)})
	}
	return fault.New(fault.TooMany, "throttle.paused_minutes", fault.Args{"minutes": int((wait + time.Minute - 1) / time.Minute)})
}

// Net is the machine or the connection behind an address: an IPv4 address, the /64 of an IPv6
// one, of which each subscriber has more addresses than there are counters. It is also what
// logs keep. What is no address is "".
func Net(address string) string {
	a, err := netip.ParseAddr(strings.TrimSpace(address))
	if err != nil {
		if p, err := netip.ParsePrefix(address); err == nil { // it was shortened before
			return p.String()
		}
		return ""
	}
	a = a.Unmap().WithZone("")
	if a.Is4() {
		return a.String()
	}
	return netip.PrefixFrom(a, 64).Masked().String()
}
