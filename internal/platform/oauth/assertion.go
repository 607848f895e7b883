package oauth

import (
	"errors"
	"slices"
	"time"

	"dean06/internal/platform/opaque"

	"github.com/google/uuid"
)

// AssertionType is the type of an assertion by which a client says who it is (RFC 7523).
const AssertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// How long an assertion may hold, and how far clocks may be off.
const (
	assertionLife = 10 * time.Minute
	clocksOff     = 30 * time.Second
)

// AssertionClient is the client that an assertion says it is from. Nothing is proven yet.
func AssertionClient(token string) (string, error) {
	s, err := parseAssertion(token)
	if err != nil {
		return "", err
	}
	var c Claims
	if err := s.Unverified(&c); err != nil || c.Subject == "" || c.Subject != c.Issuer {
		return "", New(InvalidClient, "iss and sub of the assertion must both be the client's id").Because(err)
	}
	return c.Subject, nil
}

func parseAssertion(token string) (Signed, error) {
	s, err := Parse(token, ClientAlgs, TypeToken, TypeAssertion)
	if err != nil {
		return s, New(InvalidClient, "the assertion is not a signed token with an algorithm that is taken").Because(err)
	}
	return s, nil
}

// AssertionCheck is what an assertion is held against.
type AssertionCheck struct {
	Client    string
	Audiences []string
	// Alone says that the audience must be one of those and nothing else, as text (FAPI 2.0).
	Alone bool
	Keys  Keys
	Now   time.Time
}

// Assertion is one that holds, but for its being new, which Use says.
type Assertion struct {
	once  string
	until time.Time
}

// CheckAssertion verifies by which assertion a client says who it is. It fails with
// *Error, invalid_client.
func CheckAssertion(token string, c AssertionCheck) (Assertion, error) {
	s, err := parseAssertion(token)
	if err != nil {
		return Assertion{}, err
	}
	var claims Claims
	if err := s.Verify(c.Keys, &claims); err != nil {
		return Assertion{}, New(InvalidClient, "the assertion is not signed with a key of the client").Because(err)
	}
	forUs := slices.ContainsFunc(c.Audiences, claims.Audience.Has)
	switch {
	case claims.Issuer != c.Client || claims.Subject != c.Client:
		return Assertion{}, New(InvalidClient, "iss and sub of the assertion must both be the client's id")
	case !forUs || c.Alone && len(claims.Audience) != 1:
		return Assertion{}, New(InvalidClient, "aud of the assertion must be the issuer")
	case claims.Expires == 0 || !claims.Expires.Time().After(c.Now.Add(-clocksOff)):
		return Assertion{}, New(InvalidClient, "the assertion has expired")
	case claims.Expires.Time().After(c.Now.Add(assertionLife + clocksOff)):
		return Assertion{}, New(InvalidClient, "exp of the assertion is too far from now: ten minutes are the most")
	case claims.NotBefore.Time().After(c.Now.Add(clocksOff)), claims.IssuedAt.Time().After(c.Now.Add(clocksOff)):
		return Assertion{}, New(InvalidClient, "the assertion is from the future")
	case claims.ID == "" || len(claims.ID) > 512:
		return Assertion{}, New(InvalidClient, "the assertion has no jti")
	}
	return Assertion{once: "assertion:" + opaque.Hash(c.Client+" "+claims.ID), until: claims.Expires.Time().Add(clocksOff)}, nil
}

// Use takes the assertion, once. It fails with *Error when it was used before.
func (a Assertion) Use(once Once) error {
	err := once(a.once, a.until)
	if errors.Is(err, ErrAgain) {
		return New(InvalidClient, "the assertion was used before")
	}
	return err
}

// NewAssertion makes an assertion by which a client says who it is.
func NewAssertion(k Key, client, issuer string, now time.Time) (string, error) {
	return k.Sign(TypeToken, Claims{
		Issuer: client, Subject: client, Audience: Audience{issuer}, ID: uuid.NewString(),
		IssuedAt: At(now), Expires: At(now.Add(time.Minute)),
	})
}
