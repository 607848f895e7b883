package provider

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/identity"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/oauth"
)

var errNoToken = oauth.New(oauth.InvalidToken, "an access token is needed")

func isUserinfo(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/userinfo") }

// userinfo tells a client what its grant lets it be told (OpenID Connect Core, 5.3).
func (p *Provider) userinfo(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	scheme, token, err := accessToken(r)
	if err != nil {
		return err
	}
	claims, err := p.readAccess(ctx, token)
	if err != nil {
		return err
	}
	if !slices.Contains(oauth.Fields(claims.Scope), identity.ScopeOpenID) {
		return oauth.New(oauth.InsufficientScope, "the token has not the scope openid")
	}
	c := &call{}
	if c.ring, err = p.theRing(ctx); err != nil {
		return err
	}
	if c.client, err = p.client(ctx, claims.Client); err != nil {
		return oauth.New(oauth.InvalidToken, "the client may not ask any more").Because(err)
	}
	if err := p.possession(r, c, scheme, token, claims.Confirm); err != nil {
		return err
	}
	var asked identity.Asked
	told, err := p.Service.Tell(ctx, c.Client, claims.Grant, c.uses(), func(g identity.Grant) []string {
		g.Scope = oauth.Fields(claims.Scope) // a refreshed token may have less
		asked, err = askedOf(g)
		return c.Wants(asked.Scope, slices.Concat(slices.Collect(maps.Keys(asked.Userinfo)), asked.Verified["userinfo"].Claims))
	})
	if err != nil {
		return err
	}
	return p.sendUserinfo(w, c, p.facts(c, told, asked))
}

// accessToken finds the token: in the header, or in the body of a form (RFC 6750, section
// 2). One in the address is not taken: addresses are written down.
func accessToken(r *http.Request) (scheme, token string, err error) {
	scheme, token = oauth.Bearer(r.Header.Get("Authorization"))
	if r.Method == http.MethodPost && strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		params, err := oauth.ReadForm(r.Header.Get("Content-Type"), r.Body)
		if err != nil {
			return "", "", err
		}
		if inBody := params["access_token"]; inBody != "" {
			if token != "" {
				return "", "", oauth.New(oauth.InvalidRequest, "the access token is sent in more than one way")
			}
			scheme, token = "Bearer", inBody
		}
	}
	if token == "" {
		return "", "", errNoToken
	}
	return scheme, token, nil
}

// possession holds a token that is bound to a key against the proof that comes with it.
func (p *Provider) possession(r *http.Request, c *call, scheme, token string, bound *confirmation) error {
	if bound == nil {
		if scheme == "DPoP" {
			return oauth.New(oauth.InvalidToken, "the token is bound to no key")
		}
		return nil
	}
	if scheme != "DPoP" { // a token that was stolen is worth nothing without its key
		return oauth.New(oauth.InvalidToken, "the token is bound to a key: show it as DPoP, with a proof")
	}
	key, use, err := p.proof(r, c.ring, token)
	if err != nil {
		return err
	}
	if key != bound.Key {
		return oauth.New(oauth.InvalidToken, "the token is bound to another key than the proof's")
	}
	c.once = append(c.once, use)
	return nil
}

func (p *Provider) sendUserinfo(w http.ResponseWriter, c *call, facts map[string]any) error {
	if c.UserinfoAlg == "" {
		return writeJSON(w, http.StatusOK, facts)
	}
	key, err := c.ring.signer(c.UserinfoAlg, p.Service.Clock.Now())
	if err != nil {
		return err
	}
	facts["iss"], facts["aud"] = p.issuer, c.ID
	signed, err := key.Sign(oauth.TypeToken, facts)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/jwt")
	_, _ = w.Write([]byte(signed)) // the reader may have gone
	return nil
}

// facts are the answer, in the words of the client's contract.
func (p *Provider) facts(c *call, told identity.Told, asked identity.Asked) map[string]any {
	subject, acts := c.ring.people(c.Client, told.Issued)
	if c.Contract == identity.Portal || c.Contract == identity.VNeID {
		return p.portalFacts(c, told, subject)
	}
	facts := map[string]any{"sub": subject}
	if acts != nil {
		facts["act"] = acts
	}
	plain := c.Wants(asked.Scope, slices.Collect(maps.Keys(asked.Userinfo)))
	for _, name := range told.Claims {
		if slices.Contains(plain, name) {
			tell(facts, told.Subject, name)
		}
	}
	if v, ok := asked.Verified["userinfo"]; ok {
		if verified := verifiedClaims(told, v); verified != nil {
			facts["verified_claims"] = verified
		}
	}
	return facts
}

// fieldOf is the attribute from which a claim is told.
var fieldOf = map[string]identity.Field{
	identity.ClaimName: identity.FieldName, identity.ClaimBirth: identity.FieldBirth, identity.ClaimSex: identity.FieldSex,
	identity.ClaimNationalities: identity.FieldNationality, identity.ClaimEmail: identity.FieldEmail, identity.ClaimPhone: identity.FieldPhone,
}

// tell adds a claim to what is told; nothing when the account says nothing of it.
func tell(facts map[string]any, a identity.Account, name string) {
	switch name {
	case identity.ClaimNumber:
		facts[name] = a.Holder.Reveal()
		return
	case identity.ClaimKind:
		facts[name] = string(a.Holder.Kind)
		return
	}
	at, ok := a.Attribute(fieldOf[name])
	if !ok || at.Value == "" {
		return
	}
	switch name {
	case identity.ClaimBirth:
		if day, err := citizen.ParseDay(at.Value); err == nil {
			facts[name] = birthdate(day)
		}
	case identity.ClaimSex:
		if word := sexWord(at.Value); word != "" {
			facts[name] = word
		}
	case identity.ClaimNationalities:
		facts[name] = []string{at.Value}
	case identity.ClaimEmail, identity.ClaimPhone:
		facts[name] = at.Value
		facts[name+"_verified"] = at.Basis == identity.Confirmed
	default:
		facts[name] = at.Value
	}
	if name == identity.ClaimName {
		facts["updated_at"] = a.UpdatedAt.Unix()
	}
}

// birthdate is a day as OpenID Connect Core, 5.1 has it: a year alone when no more is known.
func birthdate(d citizen.Day) string {
	if d.Whole() {
		return d.String()
	}
	return d.Compact()[:4]
}

func sexWord(code string) string {
	switch code {
	case "1":
		return "male"
	case "2":
		return "female"
	}
	return ""
}

// trustFramework names the rules by which holders are identified (Nghị định 69/2024/NĐ-CP).
const trustFramework = "vn"

// verifiable are the claims that can stand in verified_claims: facts that somebody checked.
var verifiable = []string{identity.ClaimName, identity.ClaimBirth, identity.ClaimSex, identity.ClaimNationalities, identity.ClaimNumber}

// verifiedClaims are facts with how they were checked (OpenID Connect for Identity
// Assurance, 5); nil when nothing fits what is asked. What the holder says alone is left
// out. A chip was not read: that needs the second half of identification.
func verifiedClaims(told identity.Told, v identity.Verified) map[string]any {
	a := told.Subject
	level := a.Level.ACR()
	if a.Level == identity.NoLevel || !fitsWish(v.Framework, trustFramework) || !fitsWish(v.Level, level) {
		return nil
	}
	claims := map[string]any{}
	for _, name := range v.Claims {
		if !slices.Contains(told.Claims, name) || !slices.Contains(verifiable, name) {
			continue
		}
		at, ok := a.Attribute(fieldOf[name])
		if checked := at.Basis == identity.FromRegister || at.Basis == identity.FromCard; name == identity.ClaimNumber || ok && checked {
			tell(claims, a, name)
		}
	}
	delete(claims, "updated_at")
	if len(claims) == 0 {
		return nil
	}
	verification := map[string]any{
		"trust_framework": trustFramework, "assurance_level": level, "chip_verified": false,
		"time": a.LevelAt.In(clock.Zone).Format(time.RFC3339), "evidence": evidenceOf(told),
	}
	return map[string]any{"verification": verification, "claims": claims}
}

func fitsWish(w identity.Wish, value string) bool {
	values := w.Any()
	return len(values) == 0 || slices.Contains(values, value)
}

// evidenceOf is what the account's level rests on.
func evidenceOf(told identity.Told) []map[string]any {
	register := map[string]any{
		"type": "electronic_record", "check_details": []map[string]any{{"check_method": "data"}},
		"record": map[string]any{"type": "population_register", "source": map[string]any{"name": "Cơ sở dữ liệu quốc gia về dân cư", "country_code": "VNM"}},
	}
	evidence := []map[string]any{register}
	for _, pr := range told.Proofings {
		if pr.Level == told.Subject.Level && pr.How == "desk" {
			evidence = append(evidence, map[string]any{
				"type":             "document",
				"check_details":    []map[string]any{{"check_method": "vpip", "time": pr.At.In(clock.Zone).Format(time.RFC3339)}}, // shown in person
				"document_details": map[string]any{"type": "idcard", "issuer": map[string]any{"country_code": "VNM"}},
			})
			break
		}
	}
	return evidence
}
