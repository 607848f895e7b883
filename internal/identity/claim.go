package identity

import (
	"slices"
	"strings"
)

// The facts that a service may be told of a holder, by the names that tokens have for them.
const (
	ClaimName          = "name"
	ClaimBirth         = "birthdate"
	ClaimSex           = "gender"
	ClaimNationalities = "nationalities"
	ClaimNumber        = "identity_number" // by which the state knows the holder
	ClaimKind          = "account_kind"
	ClaimEmail         = "email"
	ClaimPhone         = "phone_number"
)

// Claims lists them.
var Claims = []string{ClaimName, ClaimBirth, ClaimSex, ClaimNationalities, ClaimNumber, ClaimKind, ClaimEmail, ClaimPhone}

// The scopes that a client may ask for.
const (
	ScopeOpenID  = "openid"
	ScopeOffline = "offline_access"
	ScopeActing  = "acting" // lets the holder choose for whom they act
)

// scopeClaims are the facts for which a scope stands (OpenID Connect Core, 5.4).
var scopeClaims = map[string][]string{
	"profile":  {ClaimName, ClaimBirth, ClaimSex, ClaimNationalities},
	"identity": {ClaimNumber, ClaimKind},
	"email":    {ClaimEmail},
	"phone":    {ClaimPhone},
}

// Scopes lists the scopes.
var Scopes = []string{ScopeOpenID, "profile", "identity", "email", "phone", ScopeOffline, ScopeActing}

// Need is what a client asks for one of its purposes.
type Need struct {
	Purpose Purpose
	Claims  []string
}

// Needs sorts facts that are asked for by the purposes for which the client may be told
// them. codes narrows the purposes to those that the request names; none leaves all. What
// no purpose of the client covers is left out: it is not told (Luật Bảo vệ dữ liệu cá
// nhân 2025, Điều 3). A purpose that the law itself grants goes first.
func (c Client) Needs(claims, codes []string) []Need {
	purposes := slices.Clone(c.Purposes)
	slices.SortStableFunc(purposes, func(a, b Purpose) int {
		switch {
		case a.Law == b.Law:
			return 0
		case a.Law:
			return -1
		}
		return 1
	})
	var needs []Need
	left := slices.Compact(slices.Sorted(slices.Values(claims)))
	for _, p := range purposes {
		if len(codes) > 0 && !slices.Contains(codes, p.Code) {
			continue
		}
		n := Need{Purpose: p}
		left = slices.DeleteFunc(left, func(claim string) bool {
			covered := slices.Contains(p.Claims, claim)
			if covered {
				n.Claims = append(n.Claims, claim)
			}
			return covered
		})
		if len(n.Claims) > 0 {
			needs = append(needs, n)
		}
	}
	return needs
}

// Wants gives the facts that a request asks for by scopes and by name. A client with the
// portal's contract has no words to choose and asks for all that it may.
func (c Client) Wants(scope, named []string) []string {
	if c.Contract == Portal || c.Contract == VNeID {
		var all []string
		for _, p := range c.Purposes {
			all = append(all, p.Claims...)
		}
		return all
	}
	wants := slices.Clone(named)
	for _, s := range scope {
		wants = append(wants, scopeClaims[s]...)
	}
	return wants
}

// Missing are those needs for which there is no consent that holds: the law grants none
// of them, and the holder has not agreed.
func Missing(needs []Need, consents []Consent, client string, holds func(Consent) bool) []Need {
	return slices.DeleteFunc(slices.Clone(needs), func(n Need) bool {
		return n.Purpose.Law || slices.ContainsFunc(consents, func(c Consent) bool {
			return c.Client == client && c.Purpose == n.Purpose.Code && holds(c) && containsAll(c.Claims, n.Claims)
		})
	})
}

func containsAll(list, wanted []string) bool {
	for _, w := range wanted {
		if !slices.Contains(list, w) {
			return false
		}
	}
	return true
}

// claimsOf are the facts of needs, by name.
func claimsOf(needs []Need) (claims, purposes []string) {
	for _, n := range needs {
		claims = append(claims, n.Claims...)
		purposes = append(purposes, n.Purpose.Code)
	}
	return claims, purposes
}

func list(words []string) string { return strings.Join(words, " ") }
