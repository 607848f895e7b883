package provider_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/google/go-cmp/cmp"

	"dean06/internal/identity"
	"dean06/internal/identity/identitytest"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/oauth"
)

// An independent client believes what the provider says of itself and signs.
func TestGoOIDC(t *testing.T) {
	t.Parallel()
	h, mother := home(t)
	h.Clock.Set(time.Now().Format("2006-01-02 15:04"))
	for _, alg := range oauth.OurAlgs {
		c := h.client(func(c *identity.Client) { c.IDTokenAlg, c.UserinfoAlg = alg, alg })
		p, err := oidc.NewProvider(t.Context(), h.url)
		if err != nil {
			t.Fatal(err)
		}
		r := c.signIn(h.browser(), map[string]string{"scope": "openid profile"})
		clock := func() time.Time { return h.Clock.Now() }
		id, err := p.Verifier(&oidc.Config{ClientID: c.id, Now: clock}).Verify(t.Context(), r.text("id_token"))
		if err != nil {
			t.Fatalf("%s: %v", alg, err)
		}
		if err := id.VerifyAccessToken(r.text("access_token")); err != nil || id.Nonce != "N" {
			t.Errorf("%s: nonce %q, %v", alg, id.Nonce, err)
		}
		if _, err := p.Verifier(&oidc.Config{ClientID: "another", Now: clock}).Verify(t.Context(), r.text("id_token")); err == nil {
			t.Error("it is for another client too")
		}
		signed := c.userinfo(r.text("access_token"))
		if signed.header.Get("Content-Type") != "application/jwt" {
			t.Errorf("userinfo is %s", signed.header.Get("Content-Type"))
		}
		claims := h.claims(signed.raw, oauth.TypeToken)
		if claims["sub"] != id.Subject || claims["aud"] != c.id || claims["iss"] != h.url || claims["name"] != mother.Value(identity.FieldName) {
			t.Errorf("%s: %v", alg, claims)
		}
	}
}

// Two services know a person by different subjects, unless they are of one sector or ask
// for the public one with the authority's approval.
func TestSubjects(t *testing.T) {
	t.Parallel()
	h, mother := home(t)
	sub := func(change func(*identity.Client)) string {
		c := h.client(change)
		at := c.c.RedirectURIs[0]
		p := h.browser().get(c.address(map[string]string{"redirect_uri": at}))
		r := c.call("/oauth/token", url.Values{
			"grant_type": {"authorization_code"}, "code": {p.values.Get("code")}, "redirect_uri": {at}, "code_verifier": {verifier},
		})
		return h.claims(r.text("id_token"), oauth.TypeToken)["sub"].(string)
	}
	on := func(host string) func(*identity.Client) {
		return func(c *identity.Client) { c.RedirectURIs = []string{"https://" + host + "/back"} }
	}
	sector := func(host string) func(*identity.Client) {
		return func(c *identity.Client) { on(host)(c); c.Sector = "https://tinh.example.vn/" }
	}
	a, b := sub(on("a.example.vn")), sub(on("b.example.vn"))
	if a == b || a != sub(on("a.example.vn")) {
		t.Error("two hosts have one subject, or one has two")
	}
	if s := sub(sector("a.example.vn")); s == a || s != sub(sector("b.example.vn")) {
		t.Error("a sector's hosts have two subjects")
	}
	if got := sub(func(c *identity.Client) { c.Subject = identity.Public }); got != mother.ID {
		t.Errorf("public: %q", got)
	}
	for _, s := range []string{a, b} {
		if strings.Contains(s, mother.ID) || strings.Contains(s, mother.Holder.Reveal()) {
			t.Errorf("%q says whose it is", s)
		}
	}
}

// The field's contract: the members of the samples, all of them, as texts.
func TestPortalContract(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		contract identity.Contract
		sample   string
		want     map[string]string
		more     []string
	}{
		{identity.Portal, "dvcqg-userinfo.json", map[string]string{"GioiTinh": "2", "loAs": "2", "ThuDienTu": "", "SoCMND": ""}, nil},
		{identity.VNeID, "vneid-userinfo.json", map[string]string{"loginIdp": "BCA", "IAL": "2"}, []string{"IAL"}},
	} {
		t.Run(string(tt.contract), func(t *testing.T) {
			t.Parallel()
			h, mother := home(t)
			h.door.set(func(d *door) { d.level = identity.Two })
			c := h.client(func(c *identity.Client) {
				c.Contract, c.WithoutPKCE, c.Auth, c.IDTokenAlg = tt.contract, true, identity.AuthPost, oauth.RS256
				c.Purposes = purposes[:2] // no address of mail or telephone
			})
			// As the portal's documents have it, and nothing else.
			p := h.browser().get(h.url + "/oauth2/authorize?" + url.Values{
				"response_type": {"code"}, "client_id": {c.id}, "redirect_uri": {back}, "scope": {"openid"}, "acr_values": {"LoA1"}, "state": {"S"},
			}.Encode())
			if p.values.Get("code") == "" || p.values.Get("state") != "S" {
				t.Fatalf("%d %v %s", p.status, p.values, p.body)
			}
			r := c.call("/oauth2/token", url.Values{"grant_type": {"authorization_code"}, "code": {p.values.Get("code")}, "redirect_uri": {back}})
			if r.status != 200 || r.text("token_type") != "Bearer" {
				t.Fatalf("%d %s", r.status, r.raw)
			}
			q, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.url+"/oauth2/userinfo", nil)
			if err != nil {
				t.Fatal(err)
			}
			q.Header.Set("Authorization", "Bearer "+r.text("access_token"))
			u := c.send(q)
			want := map[string]string{
				"LoaiTaiKhoan": "1", "SoDinhDanh": mother.Holder.Reveal(), "HoVaTen": "Trần Thị Mẹ", "NgayThangNamSinh": "19900308",
			}
			for name, value := range tt.want {
				want[name] = value
			}
			for name, value := range want {
				if u.body[name] != value {
					t.Errorf("%s is %v, want %q", name, u.body[name], value)
				}
			}
			if u.body["TechID"] != u.body["sub"] || u.body["sub"] == nil {
				t.Errorf("TechID %v, sub %v", u.body["TechID"], u.body["sub"])
			}
			members := sampleMembers(t, tt.sample)
			for name, v := range u.body {
				if _, ok := v.(string); !ok {
					t.Errorf("%s is no text: %v", name, v)
				}
				if !slices.Contains(members, name) && !slices.Contains(tt.more, name) {
					t.Errorf("%s is no member of the sample", name)
				}
				if strings.Contains(v.(string), r.text("access_token")) {
					t.Errorf("%s holds the token", name)
				}
			}
			for _, name := range members {
				if _, there := u.body[name]; !there {
					t.Errorf("%s is missing", name)
				}
			}
			in := c.call("/oauth2/introspect", url.Values{"token": {r.text("access_token")}})
			if in.body["active"] != true {
				t.Errorf("introspection: %s", in.raw)
			}
			if out := c.call("/oauth2/revoke", url.Values{"token": {r.text("access_token")}}); out.status != 200 {
				t.Errorf("revocation: %d %s", out.status, out.raw)
			}
			if in := c.call("/oauth2/introspect", url.Values{"token": {r.text("access_token")}}); in.body["active"] != false {
				t.Errorf("after it: %s", in.raw)
			}
		})
	}
}

// sampleMembers are the names that a sample of the field has.
func sampleMembers(t *testing.T, file string) []string {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var doc map[string]string
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	var names []string
	for name := range doc {
		names = append(names, name)
	}
	return names
}

func TestVerifiedClaims(t *testing.T) {
	t.Parallel()
	h, _ := home(t)
	c := h.client(nil)
	ask := func(t *testing.T, request string) map[string]any {
		t.Helper()
		r := c.signIn(h.browser(), map[string]string{"claims": `{"userinfo":{"verified_claims":` + request + `}}`})
		v, _ := c.userinfo(r.text("access_token")).body["verified_claims"].(map[string]any)
		return v
	}
	v := ask(t, `{"verification":{"trust_framework":null},"claims":{"name":null,"birthdate":null,"email":null}}`)
	verification, _ := v["verification"].(map[string]any)
	if verification["trust_framework"] != "vn" || verification["assurance_level"] != "LoA2" || verification["chip_verified"] != false {
		t.Errorf("verification: %v", verification)
	}
	if diff := cmp.Diff(map[string]any{"name": "Trần Thị Mẹ", "birthdate": "1990-03-08"}, v["claims"]); diff != "" {
		t.Errorf("claims (an address that only its holder gave is none): %s", diff)
	}
	if evidence, _ := verification["evidence"].([]any); len(evidence) == 0 {
		t.Error("nothing is said of what it rests on")
	}
	for name, request := range map[string]string{
		"another framework": `{"verification":{"trust_framework":{"value":"de_aml"}},"claims":{"name":null}}`,
		"another level":     `{"verification":{"trust_framework":null,"assurance_level":{"values":["LoA9"]}},"claims":{"name":null}}`,
		"no claims":         `{"verification":{"trust_framework":null},"claims":{}}`,
		"unknown claims":    `{"verification":{"trust_framework":null},"claims":{"shoe_size":null}}`,
		"no request":        `null`,
	} {
		if got := ask(t, request); got != nil {
			t.Errorf("%s: %v", name, got)
		}
	}
	// A level that an officer gave shows that the card was seen in person.
	granny := h.Give(t, identitytest.Granny, identity.Two)
	err := h.Store.InTx(t.Context(), func(tx identity.Tx) error {
		return tx.AddProofing(t.Context(), identity.Proofing{ID: h.NewID(), Account: granny.ID, Level: identity.Two, How: "desk", At: h.Clock.Now()})
	})
	if err != nil {
		t.Fatal(err)
	}
	h.door.set(func(d *door) { d.who = granny })
	v = ask(t, `{"verification":{"trust_framework":{"value":"vn"}},"claims":{"birthdate":null}}`)
	if raw := mustJSON(t, v); !strings.Contains(raw, `"vpip"`) || !strings.Contains(raw, `"birthdate":"1945"`) {
		t.Errorf("%s", raw)
	}
}

func TestLevels(t *testing.T) {
	t.Parallel()
	h, mother := home(t)
	one := h.Give(t, identitytest.Father, identity.One)
	c := h.client(nil)
	sure := h.client(func(c *identity.Client) { c.Level = identity.Two })
	essential := func(values string) map[string]string {
		return map[string]string{"claims": `{"id_token":{"acr":{"essential":true,"values":[` + values + `]}}}`}
	}
	tests := map[string]struct {
		who     identity.Account
		session identity.Level // of the sign-in that goes on before
		c       *rp
		change  map[string]string
		acr     string // "" for an error
		steps   int    // pages that were shown
	}{
		"a wish that the session has":             {mother, identity.Two, c, map[string]string{"acr_values": "LoA2"}, "LoA2", 0},
		"a wish that makes it surer":              {mother, identity.One, c, map[string]string{"acr_values": "LoA2"}, "LoA2", 1},
		"a wish beyond the account":               {one, identity.Two, c, map[string]string{"acr_values": "LoA2"}, "LoA1", 0},
		"a wish, and no page":                     {mother, identity.One, c, map[string]string{"acr_values": "LoA2", "prompt": "none"}, "LoA1", 0},
		"a must that makes it surer":              {mother, identity.One, c, essential(`"LoA2"`), "LoA2", 1},
		"a must beyond the account":               {one, identity.Two, c, essential(`"LoA2"`), "", 0},
		"a must that nobody knows":                {mother, identity.Two, c, essential(`"urn:x"`), "", 0},
		"a must to be just the lower":             {mother, identity.Two, c, essential(`"LoA1"`), "LoA1", 0},
		"either":                                  {one, identity.Two, c, essential(`"LoA2","LoA1"`), "LoA1", 0},
		"the client's registration makes it sure": {mother, identity.One, sure, nil, "LoA2", 1},
		"and refuses who cannot":                  {one, identity.Two, sure, nil, "", 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			h.t = t
			b := h.browser()
			h.door.set(func(d *door) { d.who, d.level = tt.who, tt.session })
			c.signIn(b, map[string]string{"prompt": "login"})
			h.door.take()
			h.door.set(func(d *door) { d.level = identity.NoLevel })
			p := b.get(tt.c.address(tt.change))
			if tt.acr == "" {
				if p.values.Get("error") != oauth.Unmet {
					t.Errorf("%d %v", p.status, p.values)
				}
				return
			}
			r := tt.c.redeem(p.values.Get("code"))
			if r.status != 200 {
				t.Fatalf("%d %s", r.status, r.raw)
			}
			id := h.claims(r.text("id_token"), oauth.TypeToken)
			if wants := h.door.take(); id["acr"] != tt.acr || len(wants) != tt.steps {
				t.Errorf("acr %v after %d pages %+v, want %s after %d", id["acr"], len(wants), wants, tt.acr, tt.steps)
			}
		})
	}
}

// Consents hold for the purpose and the time that was agreed to, and end when withdrawn.
func TestConsents(t *testing.T) {
	t.Parallel()
	h, mother := home(t)
	c := h.client(nil)
	b := h.browser()
	scope := map[string]string{"scope": "openid profile email offline_access", "prompt": "consent"}
	r := c.signIn(b, scope)
	wants := h.door.take()
	last := wants[len(wants)-1]
	if !last.Agree || !last.Offline || len(last.Needs) != 2 {
		t.Errorf("the page was to ask for %+v", last)
	}
	if u := c.userinfo(r.text("access_token")); u.body["birthdate"] == nil || u.body["email"] == nil {
		t.Fatal(u.raw)
	}
	c.signIn(b, map[string]string{"scope": "openid profile email"})
	if len(h.door.take()) != 0 {
		t.Error("it was asked again though the consent holds")
	}
	h.Clock.Pass(31 * 24 * time.Hour) // one of the purposes holds for thirty days
	next := c.refresh(r.text("refresh_token"))
	if next.status != 200 {
		t.Fatalf("offline: %d %s", next.status, next.raw)
	}
	if u := c.userinfo(next.text("access_token")); u.body["birthdate"] != nil || u.body["email"] == nil || u.body["name"] == nil {
		t.Errorf("a consent that is over: %s", u.raw)
	}
	consents, err := h.ConsentsOf(t.Context(), identitytest.Holder(mother), mother.ID)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(consents, func(c identity.Consent) bool { return c.Purpose == "bao-tin" && c.EndedAt.IsZero() })
	father := h.Give(t, identitytest.Father, identity.Two)
	if err := h.Withdraw(t.Context(), identitytest.Holder(father), mother.ID, consents[i].ID); fault.Of(err) != fault.Denied {
		t.Errorf("another withdraws it: %v", err)
	}
	if err := h.Withdraw(t.Context(), identitytest.Holder(mother), mother.ID, consents[i].ID); err != nil {
		t.Fatal(err)
	}
	if u := c.userinfo(next.text("access_token")); u.status != 401 {
		t.Errorf("what rested on it still opens: %d %s", u.status, u.raw)
	}
	if again := c.refresh(next.text("refresh_token")); again.text("error") != oauth.InvalidGrant {
		t.Errorf("%d %s", again.status, again.raw)
	}
	log := h.sees(mother)
	for _, want := range []string{"consent.given", "consent.withdrawn", "client.signed_in", "client.told"} {
		if !slices.Contains(log, want) {
			t.Errorf("the holder does not see %s in %v", want, log)
		}
	}
}

// A son signs in for his mother's mother: the token is of her and says who acts.
func TestActingForAnother(t *testing.T) {
	t.Parallel()
	h, mother := home(t)
	granny := h.Give(t, identitytest.Granny, identity.Two)
	now := h.Clock.Now()
	d := identity.Delegation{
		ID: h.NewID(), For: granny.ID, By: mother.ID, Ground: identity.AsKin, Scope: []string{"1.001193"}, From: now, Until: now.AddDate(1, 0, 0),
		AcceptedAt: now, CreatedAt: now, CreatedBy: granny.ID,
	}
	write := func(f func(ctx context.Context, tx identity.Tx) error) {
		t.Helper()
		if err := h.Store.InTx(t.Context(), func(tx identity.Tx) error { return f(t.Context(), tx) }); err != nil {
			t.Fatal(err)
		}
	}
	write(func(ctx context.Context, tx identity.Tx) error { return tx.SaveDelegation(ctx, d) })
	c := h.client(nil)
	b := h.browser()
	own := h.claims(c.signIn(b, map[string]string{"scope": "openid acting"}).text("id_token"), oauth.TypeToken)
	if own["act"] != nil {
		t.Errorf("for herself: %v", own)
	}
	h.door.set(func(d *door) { d.actFor = granny.ID })
	r := c.signIn(b, map[string]string{"scope": "openid profile acting"})
	id := h.claims(r.text("id_token"), oauth.TypeToken)
	act, _ := id["act"].(map[string]any)
	if id["sub"] == own["sub"] || act["sub"] != own["sub"] || act["ground"] != "kin" || mustJSON(t, act["scope"]) != `["1.001193"]` {
		t.Errorf("%v", id)
	}
	// Of who acts the client is told what the law lets it be told of whoever signs in, and no more.
	if act["name"] != mother.Value(identity.FieldName) || act["identity_number"] != nil {
		t.Errorf("who acts: %v", act)
	}
	if access := h.claims(r.text("access_token"), oauth.TypeAccess); access["act"] == nil || strings.Contains(mustJSON(t, access), "name") {
		t.Errorf("the access token, which others read: %v", access)
	}
	entries, err := h.Store.Entries(t.Context(), mother.ID, 0, 10)
	if i := slices.IndexFunc(entries, func(e identity.Entry) bool { return e.For == granny.ID }); err != nil || i < 0 ||
		entries[i].What != "client.signed_in" || entries[i].Args["for"] != granny.Value(identity.FieldName) || entries[i].Args["claims"] != "name" {
		t.Errorf("her own log does not show for whom she signed in: %+v, %v", entries, err)
	}
	u := c.userinfo(r.text("access_token"))
	if u.body["sub"] != id["sub"] || u.body["name"] != granny.Value(identity.FieldName) || u.body["act"] == nil {
		t.Errorf("%s", u.raw)
	}
	if log := h.sees(granny); !slices.Contains(log, "client.signed_in") || !slices.Contains(log, "client.told") {
		t.Errorf("she does not see it: %v", log)
	}
	if in := c.call("/oauth/introspect", url.Values{"token": {r.text("access_token")}}); in.body["act"] == nil {
		t.Errorf("introspection: %s", in.raw)
	}
	write(func(ctx context.Context, tx identity.Tx) error {
		d, err := tx.Delegation(ctx, d.ID)
		if err != nil {
			return err
		}
		d.EndedAt = h.Clock.Now()
		return tx.SaveDelegation(ctx, d)
	})
	if u := c.userinfo(r.text("access_token")); u.status != 401 {
		t.Errorf("after the withdrawal: %d %s", u.status, u.raw)
	}
	if next := c.refresh(r.text("refresh_token")); next.text("error") != oauth.InvalidGrant {
		t.Errorf("after the withdrawal: %d %s", next.status, next.raw)
	}
}

func TestIntrospectionIsOfOnesOwn(t *testing.T) {
	t.Parallel()
	h, _ := home(t)
	c := h.client(nil)
	same := h.client(nil)
	keeper := identitytest.Keeper
	keeper.Agency = "G05"
	foreign, secret, err := h.RegisterClient(t.Context(), keeper, identity.Client{
		Owner: "G05", Name: identity.Text{Vi: "Của bộ khác"}, RedirectURIs: []string{back}, Purposes: purposes,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.ApproveClient(t.Context(), identitytest.Operator, foreign.ID); err != nil {
		t.Fatal(err)
	}
	r := c.signIn(h.browser(), nil)
	form := url.Values{"token": {r.text("access_token")}}
	if in := same.call("/oauth/introspect", form); in.body["active"] != true || in.body["client_id"] != c.id || in.body["sub"] == nil {
		t.Errorf("the same owner's: %s", in.raw)
	}
	if in := (&rp{h: h, id: foreign.ID, c: foreign, secret: secret}).call("/oauth/introspect", form); in.body["active"] != false || len(in.body) != 1 {
		t.Errorf("another's: %s", in.raw)
	}
	if in := c.call("/oauth/introspect", url.Values{"token": {r.text("refresh_token")}}); in.body["active"] != true {
		t.Errorf("its refresh token: %s", in.raw)
	}
	if in := c.call("/oauth/introspect", url.Values{"token": {"x"}}); in.status != 200 || in.body["active"] != false {
		t.Errorf("nothing: %d %s", in.status, in.raw)
	}
	if out := same.call("/oauth/revoke", form); out.status != 200 {
		t.Errorf("%d", out.status)
	}
	if u := c.userinfo(r.text("access_token")); u.status != 200 {
		t.Error("another client revoked it")
	}
	if out := c.call("/oauth/revoke", url.Values{"token": {r.text("refresh_token")}}); out.status != 200 {
		t.Errorf("%d", out.status)
	}
	if u := c.userinfo(r.text("access_token")); u.status != 401 {
		t.Error("it was revoked and still opens")
	}
	own := c.call("/oauth/token", url.Values{"grant_type": {"client_credentials"}})
	if in := c.call("/oauth/introspect", url.Values{"token": {own.text("access_token")}}); in.body["active"] != true || in.body["sub"] != c.id {
		t.Errorf("a client's own token: %s", in.raw)
	}
	if u := c.userinfo(own.text("access_token")); u.status != 403 {
		t.Errorf("it tells of nobody: %d %s", u.status, u.raw)
	}
}

// An account that was closed, and a session that ended, open nothing from that moment.
func TestSuspendedAccount(t *testing.T) {
	t.Parallel()
	h, mother := home(t)
	c := h.client(nil)
	b := h.browser()
	r := c.signIn(b, nil)
	code := c.code(b, nil)
	err := h.Store.InTx(t.Context(), func(tx identity.Tx) error {
		a, err := tx.Account(t.Context(), mother.ID)
		if err != nil {
			return err
		}
		a.State = identity.Suspended
		if err := tx.SaveAccount(t.Context(), a); err != nil {
			return err
		}
		return tx.AddEntry(t.Context(), identity.Entry{Account: a.ID, At: h.Clock.Now(), What: "suspended", By: identitytest.Operator})
	})
	if err != nil {
		t.Fatal(err)
	}
	if u := c.userinfo(r.text("access_token")); u.status != 401 {
		t.Errorf("userinfo: %d", u.status)
	}
	if next := c.refresh(r.text("refresh_token")); next.text("error") != oauth.InvalidGrant {
		t.Errorf("refresh: %s", next.raw)
	}
	if got := c.redeem(code); got.text("error") != oauth.InvalidGrant {
		t.Errorf("code: %s", got.raw)
	}
	if p := b.get(c.address(map[string]string{"prompt": "none"})); p.values.Get("error") != oauth.LoginRequired {
		t.Errorf("%v", p.values)
	}
}

// Keys turn without a break: the next is published long before it signs, the last stays
// while tokens of it are used, and no token fails in between.
func TestKeysTurn(t *testing.T) {
	t.Parallel()
	h, _ := home(t)
	c := h.client(nil)
	kid := func() string {
		r := c.signIn(h.browser(), nil)
		s, err := oauth.Parse(r.text("id_token"), oauth.OurAlgs, oauth.TypeToken)
		if err != nil {
			t.Fatal(err)
		}
		h.claims(r.text("id_token"), oauth.TypeToken)
		if u := c.userinfo(r.text("access_token")); u.status != 200 {
			t.Errorf("%d %s", u.status, u.raw)
		}
		return s.KeyID
	}
	first := kid()
	var seen []string
	hint := c.signIn(h.browser(), nil).text("id_token")
	for day := range 220 {
		h.Clock.Pass(24 * time.Hour)
		if err := h.TurnKeys(t.Context(), false); err != nil {
			t.Fatal(err)
		}
		before := len(h.published())
		if day%7 != 0 {
			continue
		}
		if k := kid(); k != first && !slices.Contains(seen, k) {
			seen = append(seen, k)
		}
		if before > 6 {
			t.Errorf("day %d: %d keys are published", day, before)
		}
		h.claims(hint, oauth.TypeToken)
		hint = c.signIn(h.browser(), nil).text("id_token")
	}
	if len(seen) != 2 {
		t.Errorf("%d keys followed the first in 220 days", len(seen))
	}
	// In a hurry: published at once, signs in an hour.
	old, n := kid(), len(h.published())
	if err := h.TurnKeys(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	if kid() != old || len(h.published()) != n+2 {
		t.Error("a key signs before others know it, or is not published")
	}
	h.Clock.Pass(61 * time.Minute)
	if kid() == old {
		t.Error("an hour later the old one still signs")
	}
	sealed, _, err := h.Store.Ring(t.Context())
	if err != nil || len(sealed) == 0 || strings.Contains(string(sealed), "pairwise") {
		t.Errorf("the ring lies open: %v", err)
	}
}
