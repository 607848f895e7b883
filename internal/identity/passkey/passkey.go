// Package passkey makes and checks the keys of devices (WebAuthn), as identity.Keys wants
// them. Keys are discoverable and unlocked by their holder each time: a device that is only
// there proves nothing.
package passkey

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"dean06/internal/identity"
)

// Keys are those of one issuer.
type Keys struct{ w *webauthn.WebAuthn }

// New makes keys for the pages of an issuer ("https://…"); name is what devices show. Keys are
// bound to its host, so an address in numbers has none.
func New(issuer, name string) (*Keys, error) {
	u, err := url.Parse(issuer)
	if err != nil {
		return nil, fmt.Errorf("issuer %q: %w", issuer, err)
	}
	w, err := webauthn.New(&webauthn.Config{
		RPID: u.Hostname(), RPDisplayName: name, RPOrigins: []string{u.Scheme + "://" + u.Host},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: protocol.ResidentKeyRequired(),
			UserVerification: protocol.VerificationRequired,
		},
	})
	if err != nil {
		return nil, fmt.Errorf("keys of %s: %w", issuer, err)
	}
	return &Keys{w}, nil
}

// user is a holder as the library wants one.
type user struct {
	who  identity.KeyHolder
	keys []webauthn.Credential
}

// WebAuthnID is the account: it says nothing of its holder.
func (u user) WebAuthnID() []byte { return []byte(u.who.Account) }

// WebAuthnName is the holder's name, as their device lists it.
func (u user) WebAuthnName() string { return u.who.Name }

// WebAuthnDisplayName is the same.
func (u user) WebAuthnDisplayName() string { return u.who.Name }

// WebAuthnCredentials are the keys that count here.
func (u user) WebAuthnCredentials() []webauthn.Credential { return u.keys }

func read(credentials [][]byte) ([]webauthn.Credential, error) {
	out := make([]webauthn.Credential, len(credentials))
	for i, raw := range credentials {
		if err := json.Unmarshal(raw, &out[i]); err != nil {
			return nil, fmt.Errorf("read credential: %w", err)
		}
	}
	return out, nil
}

// New asks for a new key.
func (k *Keys) New(who identity.KeyHolder, had [][]byte) (options, state []byte, err error) {
	keys, err := read(had)
	if err != nil {
		return nil, nil, err
	}
	ask, session, err := k.w.BeginRegistration(user{who, keys}, webauthn.WithExclusions(webauthn.Credentials(keys).CredentialDescriptors()))
	if err != nil {
		return nil, nil, err
	}
	return both(ask.Response, session)
}

func both(options, session any) (o, s []byte, err error) {
	o, err1 := json.Marshal(options)
	s, err2 := json.Marshal(session)
	return o, s, errors.Join(err1, err2)
}

// Made reads a new key.
func (k *Keys) Made(who identity.KeyHolder, state, answer []byte) (id, credential []byte, err error) {
	var session webauthn.SessionData
	if err := json.Unmarshal(state, &session); err != nil {
		return nil, nil, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return nil, nil, told(err)
	}
	made, err := k.w.CreateCredential(user{who: who}, session, parsed)
	if err != nil {
		return nil, nil, told(err)
	}
	raw, err := json.Marshal(made)
	return made.ID, raw, err
}

// Ask asks for a key.
func (k *Keys) Ask(who identity.KeyHolder, among [][]byte, about []byte) (options, state []byte, err error) {
	opts := []webauthn.LoginOption{webauthn.WithUserVerification(protocol.VerificationRequired)}
	if len(about) > 0 {
		opts = append(opts, webauthn.WithChallenge(about))
	}
	if who.Account == "" {
		ask, session, err := k.w.BeginDiscoverableLogin(opts...)
		if err != nil {
			return nil, nil, err
		}
		return both(ask.Response, session)
	}
	keys, err := read(among)
	if err != nil {
		return nil, nil, err
	}
	ask, session, err := k.w.BeginLogin(user{who, keys}, opts...)
	if err != nil {
		return nil, nil, err
	}
	// Whose key it is, the caller's find says; the list grows and shrinks meanwhile.
	session.AllowedCredentialIDs = nil
	return both(ask.Response, session)
}

// Shown checks an answer.
func (k *Keys) Shown(state, answer []byte, find func(id []byte) (identity.KeyHolder, []byte, error)) (identity.Shown, error) {
	var session webauthn.SessionData
	if err := json.Unmarshal(state, &session); err != nil {
		return identity.Shown{}, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return identity.Shown{}, told(err)
	}
	who, raw, err := find(parsed.RawID)
	if err != nil {
		return identity.Shown{}, err
	}
	keys, err := read([][]byte{raw})
	if err != nil {
		return identity.Shown{}, err
	}
	u := user{who, keys}
	var used *webauthn.Credential
	if len(session.UserID) == 0 {
		_, used, err = k.w.ValidatePasskeyLogin(func([]byte, []byte) (webauthn.User, error) { return u, nil }, session, parsed)
	} else {
		used, err = k.w.ValidateLogin(u, session, parsed)
	}
	if err != nil {
		return identity.Shown{}, told(err)
	}
	copied := used.Authenticator.CloneWarning
	used.Authenticator.CloneWarning = false // it is said once
	out, err := json.Marshal(used)
	return identity.Shown{ID: used.ID, Credential: out, Copied: copied}, err
}

// told adds what the library keeps for developers.
func told(err error) error {
	var e *protocol.Error
	if errors.As(err, &e) {
		return fmt.Errorf("%w: %s", err, e.DevInfo)
	}
	return err
}
