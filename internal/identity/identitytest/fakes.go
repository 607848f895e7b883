package identitytest

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"maps"
	"sync"

	"dean06/internal/citizen"
	"dean06/internal/identity"
	"dean06/internal/platform/clock"
)

// Register stands in for the population register.
type Register struct {
	mu     sync.Mutex
	people map[citizen.Number]identity.Facts
	merged map[citizen.Number]citizen.Number
	clock  clock.Clock

	// Away makes every call fail with it.
	Away error
	// Matched and Asked count the calls of Match and Facts; Inquiries are who asked, and why.
	Matched, Asked int
	Inquiries      []identity.Inquiry
}

// NewRegister makes a register with people.
func NewRegister(c clock.Clock, people ...identity.Facts) *Register {
	r := &Register{people: map[citizen.Number]identity.Facts{}, merged: map[citizen.Number]citizen.Number{}, clock: c}
	for _, p := range people {
		r.Put(p)
	}
	return r
}

// Put puts somebody in, or in the place of what was said of them; the version counts on.
func (r *Register) Put(p identity.Facts) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p.Version = r.people[p.Number].Version + 1
	r.people[p.Number] = copied(p)
}

// Change changes what is said of somebody.
func (r *Register) Change(n citizen.Number, change func(*identity.Facts)) {
	r.mu.Lock()
	p := copied(r.people[n])
	r.mu.Unlock()
	change(&p)
	r.Put(p)
}

// Merge makes two numbers one person's, who keeps the second.
func (r *Register) Merge(n, into citizen.Number) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.merged[n] = into
}

// Remove takes somebody out, as if they had never been registered.
func (r *Register) Remove(n citizen.Number) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.people, n)
}

// Match says whether number, name and birth are one living person's.
func (r *Register) Match(_ context.Context, why identity.Inquiry, n citizen.Number, name string, birth citizen.Day) (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Matched++
	r.Inquiries = append(r.Inquiries, why)
	if r.Away != nil {
		return false, r.Away
	}
	p, ok := r.people[n]
	return ok && p.Dead == 0 && citizen.SameName(name, p.Name) && p.Birth == birth, nil
}

// Facts are what the register says of a person.
func (r *Register) Facts(_ context.Context, why identity.Inquiry, n citizen.Number) (identity.Facts, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Asked++
	r.Inquiries = append(r.Inquiries, why)
	if r.Away != nil {
		return identity.Facts{}, r.Away
	}
	if into, ok := r.merged[n]; ok {
		n = into
	}
	p, ok := r.people[n]
	if !ok {
		return identity.Facts{}, identity.ErrUnknown
	}
	p = copied(p)
	p.AsOf = r.clock.Now()
	return p, nil
}

// Letter is something that a holder was told.
type Letter struct {
	To   identity.Address
	Text string
	Args map[string]string
}

// Teller keeps what holders are told.
type Teller struct {
	mu      sync.Mutex
	letters []Letter
	// Away makes it fail.
	Away error
}

// Tell notes it; where the transaction is one of this package's, once it is kept.
func (t *Teller) Tell(_ context.Context, in identity.Tx, to identity.Address, text string, args map[string]string) error {
	if t.Away != nil {
		return t.Away
	}
	note := func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.letters = append(t.letters, Letter{to, text, maps.Clone(args)})
	}
	if in, ok := in.(*tx); ok {
		in.Afterwards(note)
	} else {
		note()
	}
	return nil
}

// Letters are those to an address, the oldest first; "" is all.
func (t *Teller) Letters(to string) []Letter {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []Letter
	for _, l := range t.letters {
		if to == "" || l.To.To == to {
			out = append(out, l)
		}
	}
	return out
}

// Goodbyes keeps word that was left for clients.
type Goodbyes struct {
	mu   sync.Mutex
	kept []identity.Goodbye
}

// Put notes it; where the transaction is one of this package's, once it is kept.
func (g *Goodbyes) Put(_ context.Context, in identity.Tx, bye identity.Goodbye) error {
	note := func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.kept = append(g.kept, bye)
	}
	if in, ok := in.(*tx); ok {
		in.Afterwards(note)
	} else {
		note()
	}
	return nil
}

// Take gives all and forgets them.
func (g *Goodbyes) Take() []identity.Goodbye {
	g.mu.Lock()
	defer g.mu.Unlock()
	kept := g.kept
	g.kept = nil
	return kept
}

// Sealer seals with a key of its own.
type Sealer struct{ gcm cipher.AEAD }

// NewSealer makes a sealer with a new key.
func NewSealer() *Sealer {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // the length is right
	}
	gcm, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err)
	}
	return &Sealer{gcm}
}

// Seal seals a text for one place.
func (s *Sealer) Seal(plain, about []byte) ([]byte, error) {
	return s.gcm.Seal(nil, nil, plain, about), nil
}

var errSeal = errors.New("this was not sealed here")

// Open opens it at the same place.
func (s *Sealer) Open(sealed, about []byte) ([]byte, error) {
	plain, err := s.gcm.Open(nil, nil, sealed, about)
	if err != nil {
		return nil, errSeal
	}
	return plain, nil
}
