package oauth_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"dean06/internal/platform/oauth"
)

var now = time.Date(2026, 11, 30, 8, 0, 0, 0, time.UTC)

// keys are made once: a key of RSA takes a while.
var keys = sync.OnceValue(func() map[string]oauth.Key {
	out := map[string]oauth.Key{}
	for name, alg := range map[string]string{"ec": oauth.ES256, "other": oauth.ES256, "rsa": oauth.RS256} {
		k, err := oauth.NewKey(alg)
		if err != nil {
			panic(err)
		}
		out[name] = k
	}
	return out
})

func key(name string) oauth.Key { return keys()[name] }

func set(names ...string) oauth.Keys {
	var out oauth.Keys
	for _, n := range names {
		out = append(out, key(n).Public())
	}
	return out
}

// forge writes a token by hand: header and payload as given, signed by what it is given.
func forge(header, payload string, signature func(input string) []byte) string {
	input := b64(header) + "." + b64(payload)
	return input + "." + base64.RawURLEncoding.EncodeToString(signature(input))
}

func b64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

func signed(t *testing.T, k oauth.Key, typ string, claims any) string {
	t.Helper()
	token, err := k.Sign(typ, claims)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestTokensGoRound(t *testing.T) {
	t.Parallel()
	for name, alg := range map[string]string{"ec": oauth.ES256, "rsa": oauth.RS256} {
		want := oauth.Claims{Issuer: "https://a", Subject: "s", Audience: oauth.Audience{"b"}, Expires: oauth.At(now), ID: "1"}
		token := signed(t, key(name), oauth.TypeAccess, want)
		var got oauth.Claims
		if err := oauth.Verify(token, []string{alg}, set("other", name), &got, oauth.TypeAccess); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		again, err := oauth.KeyFrom(alg, marshal(t, key(name)))
		if err != nil || again.ID != key(name).ID {
			t.Errorf("%s: the key came back as %q, %v", name, again.ID, err)
		}
	}
	if _, err := oauth.KeyFrom(oauth.RS256, marshal(t, key("ec"))); err == nil {
		t.Error("a key of one kind was taken for another")
	}
	if _, err := oauth.NewKey("HS256"); err == nil {
		t.Error("a key with a shared secret was made")
	}
}

func marshal(t *testing.T, k oauth.Key) []byte {
	t.Helper()
	der, err := k.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// Each of these is a known way to have a token taken that nobody signed for it.
func TestTokensThatAreRefused(t *testing.T) {
	t.Parallel()
	good := signed(t, key("ec"), oauth.TypeAccess, oauth.Claims{Subject: "s"})
	parts := strings.Split(good, ".")
	point, err := key("ec").Public().Key.(*ecdsa.PublicKey).Bytes()
	if err != nil {
		t.Fatal(err)
	}
	rsaDER, err := x509.MarshalPKIXPublicKey(key("rsa").Public().Key)
	if err != nil {
		t.Fatal(err)
	}
	hs := func(secret []byte) func(string) []byte {
		return func(input string) []byte {
			m := hmac.New(sha256.New, secret)
			m.Write([]byte(input))
			return m.Sum(nil)
		}
	}
	none := func(string) []byte { return nil }
	es := func(input string) []byte {
		sum := sha256.Sum256([]byte(input))
		r, s, err := ecdsa.Sign(rand.Reader, key("ec").Signer.(*ecdsa.PrivateKey), sum[:])
		if err != nil {
			t.Fatal(err)
		}
		return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	}
	header := `{"alg":"ES256","typ":"at+jwt"}`
	if token := forge(header, `{"sub":"s"}`, es); oauth.Verify(token, oauth.OurAlgs, set("ec"), new(oauth.Claims), oauth.TypeAccess) != nil {
		t.Fatal("what this test forges with the right key is not taken: the rest would prove nothing")
	}
	tests := map[string]string{
		"nothing":               "",
		"no token":              "a.b.c",
		"none":                  forge(`{"alg":"none","typ":"at+jwt"}`, `{"sub":"s"}`, none),
		"None":                  forge(`{"alg":"None","typ":"at+jwt"}`, `{"sub":"s"}`, none),
		"signature taken away":  parts[0] + "." + parts[1] + ".",
		"public key as secret":  forge(`{"alg":"HS256","typ":"at+jwt"}`, `{"sub":"s"}`, hs(point)),
		"RSA key as secret":     forge(`{"alg":"HS256","typ":"at+jwt"}`, `{"sub":"s"}`, hs(rsaDER)),
		"another algorithm":     forge(`{"alg":"RS256","typ":"at+jwt"}`, `{"sub":"s"}`, es),
		"payload changed":       parts[0] + "." + b64(`{"sub":"another"}`) + "." + parts[2],
		"another key":           signed(t, key("other"), oauth.TypeAccess, oauth.Claims{Subject: "s"}),
		"another type":          signed(t, key("ec"), oauth.TypeLogout, oauth.Claims{Subject: "s"}),
		"no type":               forge(`{"alg":"ES256"}`, `{"sub":"s"}`, es),
		"a member twice":        forge(header, `{"sub":"s","sub":"t"}`, es),
		"a critical extension":  forge(`{"alg":"ES256","typ":"at+jwt","crit":["x"],"x":1}`, `{"sub":"s"}`, es),
		"a time that is none":   forge(header, `{"exp":"tomorrow"}`, es),
		"a time without end":    forge(header, `{"exp":1e300}`, es),
		"longer than one reads": strings.Repeat("a", 20<<10),
		"JSON serialisation":    `{"payload":"` + parts[1] + `","protected":"` + parts[0] + `","signature":"` + parts[2] + `"}`,
		"key from its own header": func() string {
			opts := (&jose.SignerOptions{}).WithType(oauth.TypeAccess).WithHeader("jwk", jose.JSONWebKey{Key: key("other").Signer.Public()})
			s, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: key("other").Signer}, opts)
			if err != nil {
				t.Fatal(err)
			}
			jws, err := s.Sign([]byte(`{"sub":"s"}`))
			if err != nil {
				t.Fatal(err)
			}
			out, err := jws.CompactSerialize()
			if err != nil {
				t.Fatal(err)
			}
			return out
		}(),
	}
	for name, token := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := oauth.Verify(token, oauth.OurAlgs, set("ec", "rsa"), new(oauth.Claims), oauth.TypeAccess); err == nil {
				t.Error("it was taken")
			}
		})
	}
}

func TestParseKeys(t *testing.T) {
	t.Parallel()
	raw := func(k any) string {
		out, err := json.Marshal(jose.JSONWebKey{Key: k, KeyID: "1"})
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	ed, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	whole, _ := key("rsa").Public().Key.(*rsa.PublicKey)
	short := &rsa.PublicKey{N: new(big.Int).Rsh(whole.N, 1100), E: 65537}
	ec := raw(key("ec").Signer.Public())
	tests := map[string]struct{ in, why string }{
		"one for each algorithm": {`{"keys":[` + ec + `]}`, ""},
		"Ed25519":                {`{"keys":[` + raw(ed) + `]}`, ""},
		"RSA":                    {`{"keys":[` + raw(key("rsa").Signer.Public()) + `]}`, ""},
		"none":                   {`{"keys":[]}`, "none"},
		"no set":                 {`[]`, "broken"},
		"nothing":                {``, "broken"},
		"a private key":          {`{"keys":[` + raw(key("ec").Signer) + `]}`, "private"},
		"a shared secret":        {`{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}`, "private"},
		"a curve we do not take": {`{"keys":[` + raw(p384.Public()) + `]}`, "kind"},
		"for encryption":         {`{"keys":[` + strings.Replace(ec, "{", `{"use":"enc",`, 1) + `]}`, "use"},
		"an algorithm of others": {`{"keys":[` + strings.Replace(ec, "{", `{"alg":"HS256",`, 1) + `]}`, "kind"},
		"two of one name":        {`{"keys":[` + ec + `,` + ec + `]}`, "twice"},
		"not on the curve":       {`{"keys":[{"kty":"EC","crv":"P-256","x":"AQ","y":"AQ"}]}`, "broken"},
		"short":                  {`{"keys":[` + raw(short) + `]}`, "short"},
		"too many":               {`{"keys":[` + strings.Repeat(ec+",", 16) + ec + `]}`, "many"},
		"too long":               {`{"keys":[` + strings.Repeat(" ", 40<<10) + `]}`, "many"},
	}
	for name, tt := range tests {
		got, err := oauth.ParseKeys([]byte(tt.in))
		var wrong *oauth.KeysError
		switch {
		case tt.why == "" && (err != nil || len(got) != 1):
			t.Errorf("%s: %v", name, err)
		case tt.why != "" && (!errors.As(err, &wrong) || wrong.Why != tt.why):
			t.Errorf("%s: %v, want %q", name, err, tt.why)
		}
	}
}

var nonces = oauth.Nonces{Secret: []byte("of this test only")}

func proof(t *testing.T, k oauth.Key, method, url, nonce, token string, at time.Time) string {
	t.Helper()
	p, err := oauth.NewProof(k, method, url, nonce, token, at)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestProofs(t *testing.T) {
	t.Parallel()
	const url = "https://a.example.vn/oauth/token"
	nonce := nonces.New(now)
	old := nonces.New(now.Add(-6 * time.Minute))
	foreign := oauth.Nonces{Secret: []byte("of somebody else")}.New(now)
	ec := key("ec")
	tests := map[string]struct {
		proof string
		check oauth.ProofCheck
		want  string // code; "" takes it
	}{
		"whole":                  {proof: proof(t, ec, "POST", url, nonce, "", now)},
		"with a query":           {proof: proof(t, ec, "POST", url+"?x=1", nonce, "", now)},
		"port that goes without": {proof: proof(t, ec, "POST", "HTTPS://A.example.vn:443/oauth/token", nonce, "", now)},
		"with its token":         {proof: proof(t, ec, "POST", url, nonce, "T", now), check: oauth.ProofCheck{Token: "T"}},
		"RSA":                    {proof: proof(t, key("rsa"), "POST", url, nonce, "", now)},
		"no nonce":               {proof: proof(t, ec, "POST", url, "", "", now), want: oauth.UseNonce},
		"an old nonce":           {proof: proof(t, ec, "POST", url, old, "", now), want: oauth.UseNonce},
		"a nonce of others":      {proof: proof(t, ec, "POST", url, foreign, "", now), want: oauth.UseNonce},
		"another method":         {proof: proof(t, ec, "GET", url, nonce, "", now), want: oauth.InvalidProof},
		"another path":           {proof: proof(t, ec, "POST", "https://a.example.vn/oauth/par", nonce, "", now), want: oauth.InvalidProof},
		"another host":           {proof: proof(t, ec, "POST", "https://b.example.vn/oauth/token", nonce, "", now), want: oauth.InvalidProof},
		"another port":           {proof: proof(t, ec, "POST", "https://a.example.vn:8443/oauth/token", nonce, "", now), want: oauth.InvalidProof},
		"another scheme":         {proof: proof(t, ec, "POST", "http://a.example.vn/oauth/token", nonce, "", now), want: oauth.InvalidProof},
		"too old":                {proof: proof(t, ec, "POST", url, nonce, "", now.Add(-6*time.Minute)), want: oauth.InvalidProof},
		"from the future":        {proof: proof(t, ec, "POST", url, nonce, "", now.Add(2*time.Minute)), want: oauth.InvalidProof},
		"without its token":      {proof: proof(t, ec, "POST", url, nonce, "", now), check: oauth.ProofCheck{Token: "T"}, want: oauth.InvalidProof},
		"with another token":     {proof: proof(t, ec, "POST", url, nonce, "U", now), check: oauth.ProofCheck{Token: "T"}, want: oauth.InvalidProof},
		"no proof":               {proof: "x", want: oauth.InvalidProof},
		"no key in it":           {proof: signed(t, ec, oauth.TypeProof, map[string]any{"jti": "1"}), want: oauth.InvalidProof},
		"a token of another type": {
			proof: signed(t, ec, oauth.TypeAccess, map[string]any{"jti": "1", "htm": "POST", "htu": url}), want: oauth.InvalidProof,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := tt.check
			c.Method, c.URL, c.Nonces, c.Now = "POST", url, nonces, now
			p, err := oauth.CheckProof(tt.proof, c)
			switch e := oauth.As(err); {
			case tt.want == "" && err != nil:
				t.Fatal(err)
			case tt.want == "":
				if p.Key != ec.ID && p.Key != key("rsa").ID {
					t.Errorf("key %q", p.Key)
				}
			case e == nil || e.Code != tt.want:
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// notes is what Once is: a set.
type notes map[string]time.Time

func (n notes) once(key string, until time.Time) error {
	if _, there := n[key]; there {
		return oauth.ErrAgain
	}
	n[key] = until
	return nil
}

func TestProofIsUsedOnce(t *testing.T) {
	t.Parallel()
	const url = "https://a.example.vn/oauth/token"
	text := proof(t, key("ec"), "POST", url, nonces.New(now), "", now)
	kept := notes{}
	for i, want := range []string{"", oauth.InvalidProof} {
		p, err := oauth.CheckProof(text, oauth.ProofCheck{Method: "POST", URL: url, Nonces: nonces, Now: now})
		if err != nil {
			t.Fatal(err)
		}
		err = p.Use(kept.once)
		if e := oauth.As(err); want == "" && err != nil || want != "" && (e == nil || e.Code != want) {
			t.Errorf("use %d: %v", i+1, err)
		}
	}
	for k, until := range kept {
		if len(k) > 80 || until.Before(now.Add(4*time.Minute)) {
			t.Errorf("noted %q until %s: longer than a key is, or forgotten while the proof still holds", k, until)
		}
	}
	away := errors.New("the store is away")
	p, err := oauth.CheckProof(text, oauth.ProofCheck{Method: "POST", URL: url, Nonces: nonces, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Use(func(string, time.Time) error { return away }); !errors.Is(err, away) {
		t.Errorf("a store that is away became %v", err)
	}
}

func TestNoncesAgeAndForeignOnes(t *testing.T) {
	t.Parallel()
	n := nonces.New(now)
	for after, want := range map[time.Duration]bool{0: true, 5 * time.Minute: true, 5*time.Minute + time.Second: false, -2 * time.Minute: false} {
		if got := nonces.Fresh(n, now.Add(after)); got != want {
			t.Errorf("after %s: %v", after, got)
		}
	}
	raw, err := base64.RawURLEncoding.DecodeString(n)
	if err != nil {
		t.Fatal(err)
	}
	raw[7]++ // a later moment
	if nonces.Fresh(base64.RawURLEncoding.EncodeToString(raw), now) {
		t.Error("a nonce whose moment was changed is taken")
	}
}

func TestPKCE(t *testing.T) {
	t.Parallel()
	// The example of RFC 7636, appendix B.
	const verifier, challenge = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
	if oauth.Challenge(verifier) != challenge || !oauth.IsChallenge(challenge) || !oauth.Proves(verifier, challenge) {
		t.Error("the example of the RFC does not hold")
	}
	for name, v := range map[string]string{
		"another":        strings.Replace(verifier, "d", "e", 1),
		"the challenge":  challenge,
		"nothing":        "",
		"short":          "abc",
		"a foreign sign": verifier + "é",
	} {
		if oauth.Proves(v, challenge) {
			t.Errorf("%s proves", name)
		}
	}
	if oauth.Proves("short", oauth.Challenge("short")) {
		t.Error("a verifier that can be guessed proves")
	}
}

func TestAssertions(t *testing.T) {
	t.Parallel()
	const client, issuer, endpoint = "c1", "https://a.example.vn", "https://a.example.vn/oauth/token"
	claims := func(change func(*oauth.Claims)) oauth.Claims {
		c := oauth.Claims{
			Issuer: client, Subject: client, Audience: oauth.Audience{issuer}, ID: "1",
			IssuedAt: oauth.At(now), Expires: oauth.At(now.Add(time.Minute)),
		}
		if change != nil {
			change(&c)
		}
		return c
	}
	tests := map[string]struct {
		claims oauth.Claims
		key    string
		alone  bool
		typ    string
		bad    bool
	}{
		"whole":                {claims: claims(nil)},
		"of the newer type":    {claims: claims(nil), typ: oauth.TypeAssertion},
		"RSA":                  {claims: claims(nil), key: "rsa"},
		"for the endpoint":     {claims: claims(func(c *oauth.Claims) { c.Audience = oauth.Audience{endpoint} })},
		"for us and others":    {claims: claims(func(c *oauth.Claims) { c.Audience = oauth.Audience{"x", issuer} })},
		"and others, alone":    {claims: claims(func(c *oauth.Claims) { c.Audience = oauth.Audience{"x", issuer} }), alone: true, bad: true},
		"a clock a bit off":    {claims: claims(func(c *oauth.Claims) { c.Expires = oauth.At(now.Add(-20 * time.Second)) })},
		"for another":          {claims: claims(func(c *oauth.Claims) { c.Audience = oauth.Audience{"https://b.example.vn"} }), bad: true},
		"for nobody":           {claims: claims(func(c *oauth.Claims) { c.Audience = nil }), bad: true},
		"of another client":    {claims: claims(func(c *oauth.Claims) { c.Subject, c.Issuer = "c2", "c2" }), bad: true},
		"iss is another":       {claims: claims(func(c *oauth.Claims) { c.Issuer = "c2" }), bad: true},
		"over":                 {claims: claims(func(c *oauth.Claims) { c.Expires = oauth.At(now.Add(-time.Minute)) }), bad: true},
		"without end":          {claims: claims(func(c *oauth.Claims) { c.Expires = 0 }), bad: true},
		"for a year":           {claims: claims(func(c *oauth.Claims) { c.Expires = oauth.At(now.AddDate(1, 0, 0)) }), bad: true},
		"not yet":              {claims: claims(func(c *oauth.Claims) { c.NotBefore = oauth.At(now.Add(2 * time.Minute)) }), bad: true},
		"made tomorrow":        {claims: claims(func(c *oauth.Claims) { c.IssuedAt = oauth.At(now.AddDate(0, 0, 1)) }), bad: true},
		"no jti":               {claims: claims(func(c *oauth.Claims) { c.ID = "" }), bad: true},
		"a key of others":      {claims: claims(nil), key: "other", bad: true},
		"a token of ours":      {claims: claims(nil), typ: oauth.TypeAccess, bad: true},
		"a proof of ours":      {claims: claims(nil), typ: oauth.TypeProof, bad: true},
		"a jti without bounds": {claims: claims(func(c *oauth.Claims) { c.ID = strings.Repeat("a", 600) }), bad: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k, typ := key("ec"), oauth.TypeToken
			if tt.key != "" {
				k = key(tt.key)
			}
			if tt.typ != "" {
				typ = tt.typ
			}
			token := signed(t, k, typ, tt.claims)
			check := oauth.AssertionCheck{Client: client, Audiences: []string{issuer, endpoint}, Alone: tt.alone, Keys: set("ec", "rsa"), Now: now}
			a, err := oauth.CheckAssertion(token, check)
			if tt.bad {
				if e := oauth.As(err); e == nil || e.Code != oauth.InvalidClient {
					t.Errorf("got %v, want invalid_client", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if who, err := oauth.AssertionClient(token); err != nil || who != client {
				t.Errorf("it says it is from %q, %v", who, err)
			}
			kept := notes{}
			if err := a.Use(kept.once); err != nil {
				t.Error(err)
			}
			if e := oauth.As(a.Use(kept.once)); e == nil || e.Code != oauth.InvalidClient {
				t.Error("it was taken twice")
			}
		})
	}
}

func TestParams(t *testing.T) {
	t.Parallel()
	got, err := oauth.ParseParams("a=1&b=&c=%C3%A1+x&d")
	if diff := cmp.Diff(oauth.Params{"a": "1", "c": "á x"}, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
	for name, raw := range map[string]string{
		"twice":            "a=1&a=2",
		"twice, one empty": "a=1&a=",
		"broken":           "a=%zz",
		"a semicolon":      "a=1;b=2",
		"no text":          "a=%ff",
		"NUL":              "a=%00",
		"too long":         "a=" + strings.Repeat("x", 70<<10),
		"too many":         strings.Repeat("x&", 3) + manyParams(),
	} {
		_, err := oauth.ParseParams(raw)
		e := oauth.As(err)
		if e == nil || e.Code != oauth.InvalidRequest || e.Status() != 400 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := oauth.ReadForm("", strings.NewReader("a=1")); oauth.As(err) == nil {
		t.Error("a body of no kind was read")
	}
	if _, err := oauth.ReadForm("application/json", strings.NewReader("{}")); oauth.As(err) == nil {
		t.Error("a body of another kind was read")
	}
	if got, err := oauth.ReadForm("application/x-www-form-urlencoded; charset=utf-8", strings.NewReader("a=1")); err != nil || got["a"] != "1" {
		t.Errorf("%v, %v", got, err)
	}
}

func manyParams() string {
	var b strings.Builder
	for i := range 70 {
		b.WriteString("p" + string(rune('a'+i%26)) + string(rune('a'+i/26)) + "=1&")
	}
	return b.String()
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	basic := func(s string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(s)) }
	for header, want := range map[string][2]string{
		basic("c1:s"):               {"c1", "s"},
		basic("c%3A1:s%2B+x"):       {"c:1", "s+ x"},
		"bAsIc " + basic("a:b")[6:]: {"a", "b"},
	} {
		id, secret, ok, err := oauth.Basic(header)
		if err != nil || !ok || id != want[0] || secret != want[1] {
			t.Errorf("%s: %q %q %v %v", header, id, secret, ok, err)
		}
	}
	if _, _, ok, _ := oauth.Basic("Bearer x"); ok {
		t.Error("another scheme is taken for Basic")
	}
	for _, header := range []string{"Basic !", basic("nothing"), basic("%zz:s")} {
		if _, _, ok, err := oauth.Basic(header); !ok || oauth.As(err) == nil {
			t.Errorf("%s is read: %v %v", header, ok, err)
		}
	}
	for header, want := range map[string][2]string{
		"Bearer x": {"Bearer", "x"}, "dpop y": {"DPoP", "y"}, "": {}, "Bearer": {}, "Basic x": {},
	} {
		if scheme, token := oauth.Bearer(header); scheme != want[0] || token != want[1] {
			t.Errorf("%q: %q %q", header, scheme, token)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("eyJhbGciOiJub25lIn0.e30.")
	f.Add("a.b.c")
	f.Fuzz(func(t *testing.T, token string) {
		s, err := oauth.Parse(token, oauth.ClientAlgs, oauth.TypeToken)
		if err == nil && s.Verify(set("ec", "rsa"), new(oauth.Claims)) == nil {
			t.Errorf("%q is taken", token)
		}
	})
}

func FuzzCheckProof(f *testing.F) {
	f.Add("eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7fX0.e30.AA")
	f.Fuzz(func(t *testing.T, proof string) {
		_, err := oauth.CheckProof(proof, oauth.ProofCheck{Method: "POST", URL: "https://a/b", Nonces: nonces, Now: now})
		if oauth.As(err) == nil {
			t.Errorf("%q: %v", proof, err)
		}
	})
}

func FuzzParseParams(f *testing.F) {
	f.Add("a=1&b=2")
	f.Add("a=1&a=2")
	f.Fuzz(func(t *testing.T, raw string) {
		p, err := oauth.ParseParams(raw)
		if err != nil && oauth.As(err) == nil {
			t.Errorf("%q: %v", raw, err)
		}
		for name, value := range p {
			if value == "" {
				t.Errorf("%q: %q has no value and is there", raw, name)
			}
		}
	})
}

func FuzzParseKeys(f *testing.F) {
	f.Add([]byte(`{"keys":[{"kty":"EC","crv":"P-256","x":"AQ","y":"AQ"}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, err := oauth.ParseKeys(raw)
		var wrong *oauth.KeysError
		if err != nil && !errors.As(err, &wrong) || err == nil && len(got) == 0 {
			t.Errorf("%q: %v", raw, err)
		}
	})
}

func BenchmarkCheckProof(b *testing.B) {
	const url = "https://a.example.vn/oauth/token"
	text, err := oauth.NewProof(key("ec"), "POST", url, nonces.New(now), "", now)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := oauth.CheckProof(text, oauth.ProofCheck{Method: "POST", URL: url, Nonces: nonces, Now: now}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSign(b *testing.B) {
	k := key("ec")
	for b.Loop() {
		if _, err := k.Sign(oauth.TypeAccess, oauth.Claims{Issuer: "https://a", Subject: "s"}); err != nil {
			b.Fatal(err)
		}
	}
}
