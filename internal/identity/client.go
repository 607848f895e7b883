package identity

import (
	"encoding/json"
	"time"
)

// ClientState is whether a client may ask.
type ClientState string

// The states. "identity.client.state.…" are their names.
const (
	ClientAsked    ClientState = "asked"    // registered by its owner, waits for the authority
	ClientApproved ClientState = "approved" // may ask
	ClientRefused  ClientState = "refused"
	ClientStopped  ClientState = "stopped"
)

// Contract is whose words a client speaks.
type Contract string

// The contracts.
const (
	Standard Contract = "standard" // OpenID Connect
	Portal   Contract = "portal"   // the national portal's: /oauth2/…, TechID, SoDinhDanh …
	VNeID    Contract = "vneid"    // the portal's, with what VNeID adds
)

// Purpose is what a client asks for personal data for, and on which legal ground.
type Purpose struct {
	Code   string   `json:"code"`
	Text   Text     `json:"text"`
	Basis  string   `json:"basis"`  // "Nghị định 61/2018/NĐ-CP, Điều 10"
	Claims []string `json:"claims"` // that may be asked for it
	Days   int      `json:"days"`   // how long a consent holds; 0: a year
	// Law says that the law itself lets the claims be told, so that no consent is asked.
	Law bool `json:"law,omitempty"`
}

// Text is something said in both languages.
type Text struct {
	Vi string `json:"vi"`
	En string `json:"en"`
}

// In is the text in a language; Vietnamese where English is missing.
func (t Text) In(lang string) string {
	if lang == "en" && t.En != "" {
		return t.En
	}
	return t.Vi
}

// Client is a service that signs people in. Its members are those of RFC 7591 with the same
// meaning, under the same names in JSON.
type Client struct {
	ID       string      `json:"client_id"`
	Owner    string      `json:"owner"` // code of the agency
	State    ClientState `json:"state,omitempty"`
	Contract Contract    `json:"contract,omitempty"`
	Name     Text        `json:"name"`

	RedirectURIs  []string        `json:"redirect_uris"`
	LogoutURIs    []string        `json:"post_logout_redirect_uris,omitempty"`
	BackChannel   string          `json:"backchannel_logout_uri,omitempty"`
	Grants        []string        `json:"grant_types,omitempty"`                  // authorization_code, refresh_token, client_credentials
	Auth          string          `json:"token_endpoint_auth_method,omitempty"`   // private_key_jwt, client_secret_basic, client_secret_post, none
	Keys          json.RawMessage `json:"jwks,omitempty"`                         // for private_key_jwt and request objects
	Secret        string          `json:"-"`                                      // SHA-256, hex, of 256 random bits that we made; "" for none
	Subject       string          `json:"subject_type,omitempty"`                 // pairwise (the default), public
	Sector        string          `json:"sector_identifier_uri,omitempty"`        // whose subjects are the same
	IDTokenAlg    string          `json:"id_token_signed_response_alg,omitempty"` // ES256 (the default), RS256
	UserinfoAlg   string          `json:"userinfo_signed_response_alg,omitempty"` // "": JSON that is not signed
	RequestAlg    string          `json:"request_object_signing_alg,omitempty"`   // request objects are asked for, so signed
	PushedOnly    bool            `json:"require_pushed_authorization_requests,omitempty"`
	DPoPOnly      bool            `json:"dpop_bound_access_tokens,omitempty"`
	WithoutPKCE   bool            `json:"without_pkce,omitempty"` // only old clients of the field
	DefaultMaxAge int             `json:"default_max_age,omitempty"`
	Purposes      []Purpose       `json:"purposes"`
	Level         Level           `json:"level,omitempty"` // the least that it signs in with; 0: one

	// Change is what its owner wants changed; it counts once the authority has approved it.
	Change *Client `json:"change,omitempty"`

	// Reason is why it was refused or stopped, or a change of it was refused, for its owner to
	// read; "" since it was approved or changed.
	Reason string `json:"reason,omitempty"`

	// NotUsed are members of the file from which it was read that change nothing here.
	NotUsed []string `json:"-"`

	Version      int64     `json:"-"`
	CreatedAt    time.Time `json:"-"`
	RegisteredBy string    `json:"registered_by,omitempty"` // account of who asked for what waits, or asked last
	ApprovedBy   string    `json:"-"`
}

// Consent is that a holder lets a client be told something for a purpose, until when.
type Consent struct {
	ID      string
	Account string
	Client  string
	Purpose string
	Claims  []string
	At      time.Time
	Until   time.Time
	EndedAt time.Time // withdrawn; zero while it holds
}

// Holds says that the consent covers claims at a moment.
func (c Consent) Holds(at time.Time) bool {
	return c.EndedAt.IsZero() && !at.Before(c.At) && at.Before(c.Until)
}
