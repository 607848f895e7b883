// Package oauth is the values of OAuth 2.0 and OpenID Connect, for who gives tokens and
// for who takes them: signed tokens with the algorithms that are let in, proofs of
// possession (RFC 9449), proofs of the code's owner (RFC 7636), assertions by which a
// client says who it is (RFC 7523), parameters that stand once, and the errors.
//
// It decides nothing about clients, people and consents, and keeps nothing: what may be
// used once is asked of a function that the caller gives.
package oauth

import "time"

// Once notes that something was used, until when it must be remembered. It fails with
// ErrAgain when it was used before.
type Once func(key string, until time.Time) error
