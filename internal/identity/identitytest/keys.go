package identitytest

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"sync"

	"dean06/internal/identity"
)

// Keys stand in for devices' keys: a key is a name, and its signature says what it was asked.
// identity/passkey has real ones.
type Keys struct{}

// ask is options and state in one.
type ask struct {
	Challenge []byte `json:"challenge"`
	Account   string `json:"account"`
}

// answer is what a Key gives.
type answer struct {
	ID        []byte `json:"id"`
	Challenge []byte `json:"challenge"`
	Account   string `json:"account"`
	Count     int    `json:"count"`
}

var errAnswer = errors.New("the key answers something else")

func newAsk(account string, about []byte) (options, state []byte, err error) {
	a := ask{about, account}
	if len(about) == 0 {
		a.Challenge = make([]byte, 16)
		_, _ = rand.Read(a.Challenge) // never fails
	}
	raw, err := json.Marshal(a)
	return raw, raw, err
}

func match(state, given []byte) (answer, error) {
	var a ask
	var g answer
	if err := errors.Join(json.Unmarshal(state, &a), json.Unmarshal(given, &g)); err != nil {
		return g, err
	}
	if string(a.Challenge) != string(g.Challenge) || a.Account != "" && a.Account != g.Account {
		return g, errAnswer
	}
	return g, nil
}

// New asks for a new key.
func (Keys) New(who identity.KeyHolder, _ [][]byte) (options, state []byte, err error) {
	return newAsk(who.Account, nil)
}

// Made reads one.
func (Keys) Made(_ identity.KeyHolder, state, given []byte) (id, credential []byte, err error) {
	g, err := match(state, given)
	return g.ID, given, err
}

// Ask asks for one.
func (Keys) Ask(who identity.KeyHolder, _ [][]byte, about []byte) (options, state []byte, err error) {
	return newAsk(who.Account, about)
}

// Shown checks one.
func (Keys) Shown(state, given []byte, find func(id []byte) (identity.KeyHolder, []byte, error)) (identity.Shown, error) {
	g, err := match(state, given)
	if err != nil {
		return identity.Shown{}, err
	}
	who, raw, err := find(g.ID)
	if err != nil {
		return identity.Shown{}, err
	}
	var last answer
	if err := json.Unmarshal(raw, &last); err != nil {
		return identity.Shown{}, err
	}
	if who.Account != g.Account {
		return identity.Shown{}, errAnswer
	}
	return identity.Shown{ID: g.ID, Credential: given, Copied: g.Count <= last.Count}, nil
}

// Key is a device's key in a holder's hand.
type Key struct {
	mu      sync.Mutex
	ID      string
	Account string
	Count   int
}

// Answer answers options.
func (k *Key) Answer(options []byte) []byte {
	k.mu.Lock()
	defer k.mu.Unlock()
	var a ask
	if err := json.Unmarshal(options, &a); err != nil {
		panic(err) // it is this package's
	}
	k.Count++
	raw, err := json.Marshal(answer{[]byte(k.ID), a.Challenge, k.Account, k.Count})
	if err != nil {
		panic(err)
	}
	return raw
}
