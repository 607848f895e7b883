package session

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	_ "embed"
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"dean06/internal/platform/fault"
)

// Cost of argon2id: the OWASP Password Storage Cheat Sheet's first choice for
// 19 MiB. atOnce bounds the memory that sign-ins take together.
const (
	argonMemory  = 19 * 1024 // KiB; tests take less (Service.memory)
	argonTime    = 2
	argonThreads = 1
	saltLen      = 16
	keyLen       = 32
	atOnce       = 2
	maxWaiting   = 64
)

// Limits of a password, in characters.
const (
	MinPassword = 12
	MaxPassword = 128
)

// gate lets atOnce hashes run; the rest wait, and beyond maxWaiting are refused.
type gate struct {
	slots   chan struct{}
	waiting *atomic.Int64
}

func newGate() gate { return gate{make(chan struct{}, atOnce), new(atomic.Int64)} }

// enter waits for a slot; leave must be called when it returns no error. It
// fails with Unavailable when too many wait already.
func (g gate) enter(ctx context.Context) (leave func(), err error) {
	if g.waiting.Add(1) > maxWaiting {
		g.waiting.Add(-1)
		return nil, fault.New(fault.Unavailable, "session.busy", nil)
	}
	defer g.waiting.Add(-1)
	select {
	case g.slots <- struct{}{}:
		return func() { <-g.slots }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func hashPassword(password string, memory uint32) string {
	salt := make([]byte, saltLen)
	_, _ = rand.Read(salt)
	key := argon2.IDKey(normal(password), salt, argonTime, memory, argonThreads, keyLen)
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memory, argonTime, argonThreads,
		b64.EncodeToString(salt), b64.EncodeToString(key))
}

// verifyPassword compares with a PHC string, or with two of them when the password was
// made by two persons; a string that is none matches nothing.
func verifyPassword(phc, password string) bool {
	if first, second, two := strings.Cut(phc, halfMark); two {
		return verifyHalves(first, second, password)
	}
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
	got := argon2.IDKey(normal(password), salt, t, m, p, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1
}

// normal makes one byte sequence of what looks the same: ế may come as one
// character or as three, depending on the keyboard. The cut bounds the work.
func normal(password string) []byte {
	if len(password) > 4*MaxPassword {
		password = password[:4*MaxPassword]
	}
	return norm.NFKC.Bytes([]byte(password))
}

// decoy is checked when the login is unknown, so that the answer takes as long.
var decoy = sync.OnceValue(func() string { return hashPassword("decoy", argonMemory) })

//go:embed common-passwords.txt
var commonText string

var common = sync.OnceValue(func() []string {
	var words []string
	for line := range strings.Lines(commonText) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			words = append(words, line)
		}
	}
	return words
})

// checkPassword holds a new password against the rules; words are what it must
// not consist of: login, names, agency. It fails with Invalid.
func checkPassword(password string, words ...string) error {
	bad := func(why string, args fault.Args) error {
		return fault.New(fault.Invalid, "session.password."+why, args).At("new_password")
	}
	n := utf8.RuneCountInString(password)
	switch {
	case n < MinPassword:
		return bad("short", fault.Args{"min": MinPassword})
	case n > MaxPassword:
		return bad("long", fault.Args{"max": MaxPassword})
	}
	plain := squeeze(password)
	for _, w := range words {
		if mostly(plain, squeeze(w)) {
			return bad("personal", nil)
		}
	}
	for _, w := range common() {
		if mostly(plain, w) || strings.TrimRight(plain, "0123456789!@#.") == w {
			return bad("common", nil)
		}
	}
	if isRun(plain) {
		return bad("common", nil)
	}
	return nil
}

// mostly says that little remains of a password without a word in it.
func mostly(password, word string) bool {
	return len(word) >= 3 && len(strings.ReplaceAll(password, word, "")) < 6
}

// squeeze folds a text and leaves out the space in it: "Mật khẩu 1" is "matkhau1".
func squeeze(s string) string { return strings.ReplaceAll(fold(s), " ", "") }

// isRun says that the text is a few characters over and over, or a row of neighbours.
func isRun(s string) bool {
	kinds, steps := map[rune]bool{}, 0
	prev := rune(0)
	for _, r := range s {
		kinds[r] = true
		if d := r - prev; d == 1 || d == -1 || d == 0 {
			steps++
		}
		prev = r
	}
	return len(kinds) < 5 || steps >= len([]rune(s))-3
}

// oneTimeAlphabet has no characters that are read wrongly off paper.
const oneTimeAlphabet = "abcdefghjkmnpqrstuvwxyz23456789"

// readable makes a random text of n characters in groups of four: "k7mp-w2xq-…".
func readable(n, group int) string {
	var b strings.Builder
	buf := make([]byte, 1)
	for i := 0; i < n; {
		_, _ = rand.Read(buf)
		// Values beyond the last whole multiple would make some characters likelier.
		if int(buf[0]) >= 256/len(oneTimeAlphabet)*len(oneTimeAlphabet) {
			continue
		}
		if i > 0 && i%group == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(oneTimeAlphabet[int(buf[0])%len(oneTimeAlphabet)])
		i++
	}
	return b.String()
}
