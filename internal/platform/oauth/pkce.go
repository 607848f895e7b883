package oauth

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"regexp"
)

// S256 is the only method of the code's proof that we take (RFC 7636): "plain" shows the
// verifier to who sees the request.
const S256 = "S256"

var (
	verifierForm  = regexp.MustCompile(`^[A-Za-z0-9._~-]{43,128}$`)
	challengeForm = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)
)

// Challenge is what a client sends of a verifier.
func Challenge(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// IsChallenge says that a text can be one of S256.
func IsChallenge(text string) bool { return challengeForm.MatchString(text) }

// Proves says that a verifier belongs to a challenge.
func Proves(verifier, challenge string) bool {
	return verifierForm.MatchString(verifier) && subtle.ConstantTimeCompare([]byte(Challenge(verifier)), []byte(challenge)) == 1
}
