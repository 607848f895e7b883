package identity

import (
	"encoding/json"
	"slices"
	"strings"

	"dean06/internal/platform/oauth"
)

// Asked is what a request asks to be told, apart from who signs in.
type Asked struct {
	Scope    []string
	Purposes []string            // of the client, by code; none: all
	Userinfo map[string]Wish     // by claim
	IDToken  map[string]Wish     // by claim
	Verified map[string]Verified // by where: "userinfo", "id_token"
}

// Wish is how a claim is asked for (OpenID Connect Core, 5.5.1).
type Wish struct {
	Essential bool     `json:"essential"`
	Value     string   `json:"value"`
	Values    []string `json:"values"`
}

// Any are the values that the wish names; none stands for whatever there is.
func (w Wish) Any() []string {
	if w.Value != "" {
		return []string{w.Value}
	}
	return w.Values
}

// Verified is which facts are asked for with their proof (OpenID Connect for Identity
// Assurance, 5).
type Verified struct {
	Framework Wish
	Level     Wish
	Claims    []string
}

const maxClaims = 8 << 10

// ReadAsked reads scope, purpose and claims of a request. Members that it does not know
// are left out (OpenID Connect Core, 5.5); it fails with *oauth.Error for what cannot be read.
func ReadAsked(params map[string]string) (Asked, error) {
	a := Asked{Scope: strings.Fields(params["scope"]), Purposes: strings.Fields(params["purpose"]), Verified: map[string]Verified{}}
	raw := params["claims"]
	if raw == "" {
		return a, nil
	}
	var doc struct {
		Userinfo map[string]json.RawMessage `json:"userinfo"`
		IDToken  map[string]json.RawMessage `json:"id_token"`
	}
	if len(raw) > maxClaims {
		return a, oauth.New(oauth.InvalidRequest, "claims is too long")
	}
	if err := json.Unmarshal([]byte(raw), &doc); err != nil {
		return a, oauth.New(oauth.InvalidRequest, "claims is not the JSON of OpenID Connect Core, 5.5").Because(err)
	}
	for where, members := range map[string]map[string]json.RawMessage{"userinfo": doc.Userinfo, "id_token": doc.IDToken} {
		wishes := map[string]Wish{}
		for name, member := range members {
			if name == "verified_claims" {
				v, ok := readVerified(member)
				if ok {
					a.Verified[where] = v
				}
				continue
			}
			var w *Wish
			if err := json.Unmarshal(member, &w); err != nil {
				return a, oauth.New(oauth.InvalidRequest, "claims asks in a way that is none of OpenID Connect Core, 5.5.1").Because(err)
			}
			if w == nil { // null: asked for, no more
				w = &Wish{}
			}
			wishes[name] = *w
		}
		if where == "userinfo" {
			a.Userinfo = wishes
		} else {
			a.IDToken = wishes
		}
	}
	return a, nil
}

// readVerified takes one request for verified claims, or the first of a list.
func readVerified(raw json.RawMessage) (v Verified, ok bool) {
	var doc struct {
		Verification struct {
			Framework *Wish `json:"trust_framework"`
			Level     *Wish `json:"assurance_level"`
		} `json:"verification"`
		Claims map[string]json.RawMessage `json:"claims"`
	}
	var several []json.RawMessage
	if json.Unmarshal(raw, &several) == nil && len(several) > 0 {
		raw = several[0]
	}
	if json.Unmarshal(raw, &doc) != nil || len(doc.Claims) == 0 {
		return v, false
	}
	if doc.Verification.Framework != nil {
		v.Framework = *doc.Verification.Framework
	}
	if doc.Verification.Level != nil {
		v.Level = *doc.Verification.Level
	}
	for name := range doc.Claims {
		v.Claims = append(v.Claims, name)
	}
	slices.Sort(v.Claims)
	return v, true
}

// Named are the facts that the claims parameter names, those with their proof too.
func (a Asked) Named() []string {
	var names []string
	for _, wishes := range []map[string]Wish{a.Userinfo, a.IDToken} {
		for name := range wishes {
			names = append(names, name)
		}
	}
	for _, v := range a.Verified {
		names = append(names, v.Claims...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Needs are what the client may be told of what is asked, by purpose.
func (a Asked) Needs(c Client) []Need { return c.Needs(c.Wants(a.Scope, a.Named()), a.Purposes) }
