// Package password is what every sign-in with something one knows stands on: slow hashes
// (argon2id), a bound on how many run at once, the rules for a new password, and texts that
// people copy off paper.
package password

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"embed"
	"encoding/base64"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"dean06/internal/platform/fault"
)

//go:embed messages/*.json
var messages embed.FS

// Messages are the texts of this package.
var Messages, _ = fs.Sub(messages, "messages")

// Cost is what one hash takes.
type Cost struct {
	Memory  uint32 // KiB
	Time    uint32
	Threads uint8
}

// The costs. Usual is the first choice for 19 MiB of the OWASP Password Storage Cheat
// Sheet. Cheap protects nothing: it is for tests.
var (
	Usual = Cost{Memory: 19 * 1024, Time: 2, Threads: 1}
	Cheap = Cost{Memory: 64, Time: 1, Threads: 1}
)

const (
	saltLen    = 16
	keyLen     = 32
	atOnce     = 2 // bounds the memory that sign-ins take together
	maxWaiting = 64
)

// Gate lets a few hashes run at once; the rest wait, and beyond a bound are refused.
type Gate struct {
	cost    Cost
	slots   chan struct{}
	waiting atomic.Int64
	decoy   func() string
}

// NewGate makes a gate for hashes of a cost.
func NewGate(c Cost) *Gate {
	return &Gate{cost: c, slots: make(chan struct{}, atOnce), decoy: sync.OnceValue(func() string { return hash("decoy", c) })}
}

// Enter waits for a slot; leave must be called when it returns no error. Whoever verifies
// takes one, and keeps it until a failure is counted. It fails with Unavailable when too
// many wait already.
func (g *Gate) Enter(ctx context.Context) (leave func(), err error) {
	if g.waiting.Add(1) > maxWaiting {
		g.waiting.Add(-1)
		return nil, fault.New(fault.Unavailable, "password.busy", nil)
	}
	defer g.waiting.Add(-1)
	select {
	case g.slots <- struct{}{}:
		return func() { <-g.slots }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Hash makes a hash in PHC form, in a slot of its own.
func (g *Gate) Hash(ctx context.Context, text string) (string, error) {
	leave, err := g.Enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	return hash(text, g.cost), nil
}

// HashWithin is Hash for a caller that is in the gate already.
func (g *Gate) HashWithin(text string) string { return hash(text, g.cost) }

// Decoy is a hash that nothing fits, as dear as the others: it is verified when nobody is
// known, so that the answer takes as long.
func (g *Gate) Decoy() string { return g.decoy() }

func hash(text string, c Cost) string {
	salt := make([]byte, saltLen)
	_, _ = rand.Read(salt) // crypto/rand.Read never fails
	key := argon2.IDKey(normal(text), salt, c.Time, c.Memory, c.Threads, keyLen)
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.Memory, c.Time, c.Threads,
		b64.EncodeToString(salt), b64.EncodeToString(key))
}

// Verify compares with a PHC string; a string that is none matches nothing. The caller is
// in the gate.
func Verify(phc, text string) bool {
	parts := strings.Split(phc, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return false
	}
	var m, t uint32
	var p uint8
	if n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &m, &t, &p); n != 3 || err != nil || m > 1<<20 || t > 16 || t == 0 || p == 0 {
		return false
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	want, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil || len(want) == 0 {
		return false
	}
	got := argon2.IDKey(normal(text), salt, t, m, p, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1
}

// normal makes one byte sequence of what looks the same: ế may come as one character or as
// three, depending on the keyboard. The cut bounds the work.
func normal(text string) []byte {
	if len(text) > 4*Max {
		text = text[:4*Max]
	}
	return norm.NFKC.Bytes([]byte(text))
}

// alphabet has no characters that are read wrongly off paper.
const alphabet = "abcdefghjkmnpqrstuvwxyz23456789"

// Readable makes a random text of n characters in groups: "k7mp-w2xq-…". Twelve of them
// are 59 bits.
func Readable(n, group int) string {
	var b strings.Builder
	buf := make([]byte, 1)
	for i := 0; i < n; {
		_, _ = rand.Read(buf)
		// Values beyond the last whole multiple would make some characters likelier.
		if int(buf[0]) >= 256/len(alphabet)*len(alphabet) {
			continue
		}
		if i > 0 && i%group == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(alphabet[int(buf[0])%len(alphabet)])
		i++
	}
	return b.String()
}

// Digits makes a random text of n digits, to be sent to an address.
func Digits(n int) string {
	out := make([]byte, 0, n)
	buf := make([]byte, 1)
	for len(out) < n {
		_, _ = rand.Read(buf)
		if buf[0] < 250 {
			out = append(out, '0'+buf[0]%10)
		}
	}
	return string(out)
}

// Bare is a text that Readable made without what people add when they type it.
func Bare(text string) string {
	return strings.NewReplacer(" ", "", "-", "").Replace(strings.ToLower(strings.TrimSpace(text)))
}
