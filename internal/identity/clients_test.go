package identity_test

import (
	"encoding/json"
	"errors"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"dean06/internal/platform/opaque"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/identity"
	"dean06/internal/identity/identitytest"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/oauth"
)

// publicKeys is a set with one public key.
func publicKeys(t *testing.T) json.RawMessage {
	t.Helper()
	k, err := oauth.NewKey(oauth.ES256)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(oauth.Keys{k.Public()})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func service(change func(*identity.Client)) identity.Client {
	c := identity.Client{
		ID: "dvc-thai-nguyen", Owner: identitytest.Keeper.Agency, Name: identity.Text{Vi: "Dịch vụ công Thái Nguyên"},
		RedirectURIs: []string{"https://dvc.example.vn/back"},
		Purposes: []identity.Purpose{{
			Code: "dien-san", Text: identity.Text{Vi: "Điền sẵn tờ khai"}, Basis: "Luật Căn cước 2023, Điều 33", Claims: []string{identity.ClaimName},
		}},
	}
	c.Tidy()
	if change != nil {
		change(&c)
	}
	return c
}

func TestClientRules(t *testing.T) {
	t.Parallel()
	keys := publicKeys(t)
	cat, err := i18n.Load(identity.Messages)
	if err != nil {
		t.Fatal(err)
	}
	redirect := func(uri string) func(*identity.Client) {
		return func(c *identity.Client) { c.RedirectURIs = []string{uri} }
	}
	purpose := func(change func(*identity.Purpose)) func(*identity.Client) {
		return func(c *identity.Client) {
			c.Purposes = slices.Clone(c.Purposes)
			change(&c.Purposes[0])
		}
	}
	tests := map[string]struct {
		change func(*identity.Client)
		want   string // field and key; "" for none
	}{
		"as it should be":       {},
		"with a key":            {change: func(c *identity.Client) { c.Auth, c.Keys = identity.AuthKey, keys }},
		"this machine":          {change: redirect("http://127.0.0.1:8016/back")},
		"this machine, by name": {change: redirect("http://localhost:8016/back")},
		"this machine, IPv6":    {change: redirect("http://[::1]:8016/back")},
		"an old system":         {change: func(c *identity.Client) { c.Contract, c.WithoutPKCE, c.Auth = identity.Portal, true, identity.AuthPost }},
		"a program alone": {change: func(c *identity.Client) {
			c.Grants, c.RedirectURIs, c.Purposes = []string{identity.GrantClient}, nil, nil
		}},
		"http elsewhere":             {redirect("http://dvc.example.vn/back"), "redirect_uris uri_scheme"},
		"a name like this machine's": {redirect("http://localhost.example.vn/back"), "redirect_uris uri_scheme"},
		"a fragment":                 {redirect("https://dvc.example.vn/#back"), "redirect_uris uri_fragment"},
		"an empty fragment":          {redirect("https://dvc.example.vn/#"), "redirect_uris uri_fragment"},
		"a star":                     {redirect("https://*.example.vn/back"), "redirect_uris uri"},
		"no host":                    {redirect("https:///back"), "redirect_uris uri"},
		"half an address":            {redirect("/back"), "redirect_uris uri"},
		"a name in it":               {redirect("https://a:b@dvc.example.vn/"), "redirect_uris uri"},
		"a script":                   {redirect("javascript:alert(1)"), "redirect_uris uri"},
		"a line break":               {redirect("https://dvc.example.vn/\r\nx"), "redirect_uris uri"},
		"no address":                 {func(c *identity.Client) { c.RedirectURIs = nil }, "redirect_uris no_redirect"},
		"too many": {func(c *identity.Client) {
			c.RedirectURIs = slices.Repeat([]string{"https://dvc.example.vn/"}, 21)
		}, "redirect_uris many"},
		"two hosts, no sector": {func(c *identity.Client) {
			c.RedirectURIs = []string{"https://a.example.vn/", "https://b.example.vn/"}
		}, "sector_identifier_uri sector"},
		"two hosts, a sector": {change: func(c *identity.Client) {
			c.RedirectURIs, c.Sector = []string{"https://a.example.vn/", "https://b.example.vn/"}, "https://tinh.example.vn/"
		}},
		"logout elsewhere":       {func(c *identity.Client) { c.LogoutURIs = []string{"ftp://x.example.vn/"} }, "post_logout_redirect_uris uri_scheme"},
		"goodbye elsewhere":      {func(c *identity.Client) { c.BackChannel = "http://10.0.0.1/" }, "backchannel_logout_uri uri_scheme"},
		"an id with signs":       {func(c *identity.Client) { c.ID = "DVC Thái Nguyên" }, "client_id id"},
		"no name":                {func(c *identity.Client) { c.Name.Vi = " " }, "client_name name"},
		"no owner":               {func(c *identity.Client) { c.Owner = "" }, "owner owner"},
		"a key, but none given":  {func(c *identity.Client) { c.Auth = identity.AuthKey }, "jwks jwks.none"},
		"signed, but no key":     {func(c *identity.Client) { c.RequestAlg = oauth.ES256 }, "jwks jwks.none"},
		"keys that are none":     {func(c *identity.Client) { c.Keys = json.RawMessage(`{"keys":[{"kty":"EC"}]}`) }, "jwks jwks.broken"},
		"a shared secret as key": {func(c *identity.Client) { c.Keys = json.RawMessage(`{"keys":[{"kty":"oct","k":"AA"}]}`) }, "jwks jwks.private"},
		"another way":            {func(c *identity.Client) { c.Auth = "client_secret_jwt" }, "token_endpoint_auth_method choice"},
		"another grant":          {func(c *identity.Client) { c.Grants = []string{identity.GrantCode, "implicit"} }, "grant_types choice"},
		"refresh alone":          {func(c *identity.Client) { c.Grants = []string{identity.GrantRefresh} }, "grant_types refresh_alone"},
		"none, for itself": {func(c *identity.Client) {
			c.Auth, c.Grants = identity.AuthNone, []string{identity.GrantCode, identity.GrantClient}
		}, "grant_types credentials_of_none"},
		"unsigned ID tokens":     {func(c *identity.Client) { c.IDTokenAlg = "none" }, "id_token_signed_response_alg choice"},
		"userinfo by a secret":   {func(c *identity.Client) { c.UserinfoAlg = "HS256" }, "userinfo_signed_response_alg choice"},
		"unsigned requests":      {func(c *identity.Client) { c.RequestAlg, c.Keys = "none", keys }, "request_object_signing_alg choice"},
		"without PKCE, standard": {func(c *identity.Client) { c.WithoutPKCE = true }, "without_pkce without_pkce"},
		"without PKCE, unproven": {func(c *identity.Client) {
			c.Contract, c.WithoutPKCE, c.Auth = identity.Portal, true, identity.AuthNone
		}, "without_pkce without_pkce"},
		"another contract":    {func(c *identity.Client) { c.Contract = "facebook" }, "contract choice"},
		"level 3":             {func(c *identity.Client) { c.Level = 3 }, "level level"},
		"an age below zero":   {func(c *identity.Client) { c.DefaultMaxAge = -1 }, "default_max_age max_age"},
		"no purpose":          {func(c *identity.Client) { c.Purposes = nil }, "purposes no_purpose"},
		"no basis":            {purpose(func(p *identity.Purpose) { p.Basis = "" }), "purposes purpose_basis"},
		"no words":            {purpose(func(p *identity.Purpose) { p.Text.Vi = "" }), "purposes purpose_text"},
		"a code with signs":   {purpose(func(p *identity.Purpose) { p.Code = "Điền sẵn" }), "purposes purpose_code"},
		"for a hundred years": {purpose(func(p *identity.Purpose) { p.Days = 36500 }), "purposes purpose_days"},
		"a fact that is none": {purpose(func(p *identity.Purpose) { p.Claims = []string{"religion"} }), "purposes claim"},
		"two purposes, one code": {func(c *identity.Client) {
			c.Purposes = []identity.Purpose{c.Purposes[0], c.Purposes[0]}
		}, "purposes purpose_twice"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := service(tt.change).Check()
			var got fault.List
			errors.As(err, &got)
			var names []string
			for _, f := range got {
				names = append(names, f.Field+" "+strings.TrimPrefix(f.Key, "identity.client.bad."))
				for _, l := range i18n.Langs {
					if text := cat.In(l).T(f.Key, f.Args); strings.ContainsAny(text, "{}") || text == f.Key {
						t.Errorf("%s: %q has no whole text: %s", l, f.Key, text)
					}
				}
			}
			if tt.want == "" && err != nil || tt.want != "" && !slices.Equal(names, []string{tt.want}) {
				t.Errorf("got %q, want %q", names, tt.want)
			}
		})
	}
}

const file = `{
  "client_id": "dvc-thai-nguyen",
  "client_name": "Dịch vụ công Thái Nguyên",
  "client_name#en": "Public services of Thái Nguyên",
  "owner": "H55",
  "redirect_uris": ["https://dvc.example.vn/back"],
  "response_types": ["code"],
  "application_type": "web",
  "grant_types": ["authorization_code", "refresh_token"],
  "token_endpoint_auth_method": "client_secret_basic",
  "purposes": [
    {"code": "dien-san", "text": {"vi": "Điền sẵn tờ khai", "en": "Forms filled in"}, "basis": "Luật Căn cước 2023, Điều 33", "claims": ["name"], "days": 90}
  ]
}`

func TestReadClient(t *testing.T) {
	t.Parallel()
	got, err := identity.ReadClient([]byte(file), "")
	if err != nil {
		t.Fatal(err)
	}
	want := service(func(c *identity.Client) {
		c.Owner, c.Name.En, c.Grants = "H55", "Public services of Thái Nguyên", []string{"authorization_code", "refresh_token"}
		c.Purposes = []identity.Purpose{{
			Code: "dien-san", Text: identity.Text{Vi: "Điền sẵn tờ khai", En: "Forms filled in"}, Basis: "Luật Căn cước 2023, Điều 33",
			Claims: []string{"name"}, Days: 90,
		}}
	})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	cat, err := i18n.Load(identity.Messages)
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		from, to string
		key      string
		line     int
	}{
		"an unknown member":   {`"owner"`, `"onwer"`, "file.unknown", 5},
		"one of ours":         {`"owner": "H55"`, `"owner": "H55", "state": "approved"`, "file.unknown", 5},
		"a name as we keep":   {`"owner": "H55"`, `"owner": "H55", "name": {"vi": "x"}`, "file.unknown", 5},
		"in a purpose":        {`"days": 90`, `"weeks": 9`, "file.unknown", 12},
		"twice":               {`"owner": "H55"`, `"owner": "H55", "owner": "H56"`, "file.twice", 5},
		"of another kind":     {`["https://dvc.example.vn/back"]`, `"https://dvc.example.vn/back"`, "file.kind", 6},
		"a comma too few":     {`"owner": "H55",`, `"owner": "H55"`, "file.broken", 6},
		"a bad address":       {"https://dvc.example.vn/back", "http://dvc.example.vn/back", "bad.uri_scheme", 6},
		"another response":    {`["code"]`, `["token"]`, "bad.choice", 7},
		"another application": {`"web"`, `"desktop"`, "bad.choice", 8},
		"a fact that is none": {`["name"]`, `["religion"]`, "bad.claim", 11},
		"no owner":            {`  "owner": "H55",` + "\n", ``, "bad.owner", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !strings.Contains(file, tt.from) {
				t.Fatalf("the file has no %s", tt.from)
			}
			_, err := identity.ReadClient([]byte(strings.Replace(file, tt.from, tt.to, 1)), "")
			f := fault.As(err)
			if f == nil || f.Key != "identity.client."+tt.key || f.Args["line"] != tt.line {
				t.Fatalf("got %v, want %s in line %d", err, tt.key, tt.line)
			}
			for _, l := range i18n.Langs {
				if text := cat.In(l).T(f.Key, f.Args); text == f.Key || strings.Contains(text, "{line}") || strings.Contains(text, "{at}") {
					t.Errorf("%s: %s", l, text)
				}
			}
		})
	}
}

// A file with the names of RFC 7591 alone, and purposes, is taken; what changes nothing is named.
func TestReadClientOfOthers(t *testing.T) {
	t.Parallel()
	got, err := identity.ReadClient([]byte(`{"client_id": "suite", "client_name": "Suite", "redirect_uris": ["https://localhost.emobix.co.uk:8443/test/a/x/callback"],
		"scope": "openid profile", "contacts": ["a@example.vn"], "client_uri": "https://example.vn", "grant_types": ["authorization_code", "refresh_token"],
		"token_endpoint_auth_method": "client_secret_post",
		"purposes": [{"code": "p", "text": {"vi": "Thử"}, "basis": "Thử", "claims": ["name"]}]}`), identity.Own)
	if err != nil || got.Owner != identity.Own || !slices.Equal(got.NotUsed, []string{"scope", "contacts", "client_uri"}) {
		t.Fatalf("%+v, %v", got, err)
	}
	if a := got.Answer("s"); !slices.Equal(a.NotUsed, got.NotUsed) {
		t.Errorf("the answer names %v", a.NotUsed)
	}
	if c, err := identity.ReadClient([]byte(file), identity.Own); err != nil || c.Owner != "H55" || c.NotUsed != nil {
		t.Errorf("%+v, %v", c, err)
	}
}

func FuzzReadClient(f *testing.F) {
	f.Add([]byte(file))
	f.Add([]byte(`{"jwks":{"keys":[]}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := identity.ReadClient(raw, "")
		if err != nil {
			if fault.Of(err) != fault.Invalid {
				t.Errorf("%q: %v", raw, err)
			}
			return
		}
		if c.ID == "" {
			c.ID = "new"
		}
		if err := c.Check(); err != nil {
			t.Errorf("%q was read and does not hold: %v", raw, err)
		}
	})
}

// Who registers, who approves, and what counts when.
func TestClientLife(t *testing.T) {
	t.Parallel()
	w := identitytest.NewWorld(nil)
	ctx := t.Context()
	elsewhere := identitytest.Keeper
	elsewhere.Agency = "H01"
	if _, _, err := w.RegisterClient(ctx, elsewhere, service(nil)); fault.Of(err) != fault.Denied {
		t.Errorf("another agency's: %v", err)
	}
	c, secret, err := w.RegisterClient(ctx, identitytest.Keeper, service(nil))
	if err != nil {
		t.Fatal(err)
	}
	if c.State != identity.ClientAsked || len(secret) < 40 || c.Secret != opaque.Hash(secret) {
		t.Errorf("%+v, a secret of %d signs", c, len(secret))
	}
	if _, _, err := w.RegisterClient(ctx, identitytest.Keeper, service(nil)); fault.Of(err) != fault.Conflict {
		t.Errorf("an id twice: %v", err)
	}
	if err := w.ApproveClient(ctx, identitytest.Keeper, c.ID); fault.Of(err) != fault.Denied {
		t.Errorf("approved by its owner: %v", err)
	}
	own := service(func(c *identity.Client) { c.ID = "cua-van-hanh" })
	if _, _, err := w.RegisterClient(ctx, identitytest.Operator, own); err != nil {
		t.Fatal(err)
	}
	if err := w.ApproveClient(ctx, identitytest.Operator, own.ID); fault.Of(err) != fault.Denied {
		t.Errorf("approved by who registered it: %v", err)
	}
	if err := w.ApproveClient(ctx, identitytest.Operator, c.ID); err != nil {
		t.Fatal(err)
	}
	now := func() identity.Client {
		t.Helper()
		got, err := w.Store.Client(ctx, c.ID)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	// A change waits, and the client goes on as it is; keys count at once.
	changed := now()
	changed.RedirectURIs, changed.Keys = []string{"https://moi.example.vn/back"}, publicKeys(t)
	if err := w.ChangeClient(ctx, identitytest.Keeper, changed, changed.Version+1); fault.Of(err) != fault.Conflict {
		t.Errorf("over another version: %v", err)
	}
	if err := w.ChangeClient(ctx, identitytest.Keeper, changed, changed.Version); err != nil {
		t.Fatal(err)
	}
	if got := now(); got.State != identity.ClientApproved || got.RedirectURIs[0] != "https://dvc.example.vn/back" || got.Change == nil || len(got.Keys) == 0 {
		t.Errorf("%+v", got)
	}
	if err := w.RefuseClient(ctx, identitytest.Operator, c.ID, "sai địa chỉ"); err != nil {
		t.Fatal(err)
	}
	if got := now(); got.Change != nil || got.State != identity.ClientApproved || got.Reason != "sai địa chỉ" {
		t.Errorf("after the refusal: %+v", got)
	}
	changed.Version = now().Version
	if err := w.ChangeClient(ctx, identitytest.Keeper, changed, changed.Version); err != nil {
		t.Fatal(err)
	}
	if err := w.ApproveClient(ctx, identitytest.Operator, c.ID); err != nil {
		t.Fatal(err)
	}
	if got := now(); got.RedirectURIs[0] != "https://moi.example.vn/back" || got.Change != nil || got.Secret != opaque.Hash(secret) {
		t.Errorf("after the approval: %+v", got)
	}
	if err := w.ApproveClient(ctx, identitytest.Operator, c.ID); fault.Of(err) != fault.Conflict {
		t.Errorf("nothing to approve: %v", err)
	}
	fresh, err := w.NewSecret(ctx, identitytest.Keeper, c.ID)
	if err != nil || fresh == secret || now().Secret != opaque.Hash(fresh) {
		t.Errorf("a new secret: %v", err)
	}
	for _, by := range []actor.Actor{identitytest.Operator, identitytest.Keeper} {
		if err := w.StopClient(ctx, elsewhere, c.ID, "lộ khóa"); fault.Of(err) != fault.Denied {
			t.Errorf("stopped by another agency: %v", err)
		}
		if err := w.StopClient(ctx, by, c.ID, " "); fault.Of(err) != fault.Invalid {
			t.Errorf("stopped without a reason: %v", err)
		}
		if err := w.StopClient(ctx, by, c.ID, "lộ khóa"); err != nil || now().State != identity.ClientStopped || now().Reason != "lộ khóa" {
			t.Errorf("%v, %s", err, now().State)
		}
		if err := w.ApproveClient(ctx, identitytest.Operator, c.ID); err != nil || now().State != identity.ClientApproved || now().Reason != "" {
			t.Errorf("opened again: %v, %s", err, now().State)
		}
	}
	if list, err := w.Clients(ctx, identitytest.Keeper, "H55"); err != nil || len(list) != 2 {
		t.Errorf("%d clients, %v", len(list), err)
	}
	if _, err := w.Clients(ctx, identitytest.Keeper, ""); fault.Of(err) != fault.Denied {
		t.Errorf("an owner sees all: %v", err)
	}
	// At the command line one person does both.
	shell := actor.Actor{Account: "os:lan", Login: "lan", Name: "lan", Via: actor.Command}
	if _, _, err := w.RegisterClient(ctx, shell, service(func(c *identity.Client) { c.ID = "dong-lenh" })); err != nil {
		t.Fatal(err)
	}
	if err := w.ApproveClient(ctx, shell, "dong-lenh"); err != nil {
		t.Error(err)
	}
}

// Keys come and go one by one, at once, and leave a change that waits as it is.
func TestKeysOfAClient(t *testing.T) {
	t.Parallel()
	w, ctx := identitytest.NewWorld(nil), t.Context()
	c, _, err := w.RegisterClient(ctx, identitytest.Keeper, service(func(c *identity.Client) { c.Auth, c.Keys = identity.AuthKey, publicKeys(t) }))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.ApproveClient(ctx, identitytest.Operator, c.ID); err != nil {
		t.Fatal(err)
	}
	now := func() identity.Client {
		t.Helper()
		got, err := w.ClientOf(ctx, identitytest.Keeper, c.ID)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	changed := now()
	changed.Name.Vi = "Tên khác"
	if err := w.ChangeClient(ctx, identitytest.Keeper, changed, changed.Version); err != nil {
		t.Fatal(err)
	}
	called := regexp.MustCompile(`"kid":"[^"]*"`)
	one := called.ReplaceAllString(string(now().KeyList()[0]), `"kid":"2"`)
	for name, bad := range map[string]string{"no JSON": "khóa", "twice": string(now().KeyList()[0]), "a secret one": `{"kty":"oct","k":"c2VjcmV0"}`} {
		if err := w.AddKey(ctx, identitytest.Keeper, c.ID, now().Version, []byte(bad)); fault.Of(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := w.AddKey(ctx, identitytest.Keeper, c.ID, now().Version-1, []byte(one)); fault.Of(err) != fault.Conflict {
		t.Errorf("over another version: %v", err)
	}
	if err := w.AddKey(ctx, identitytest.Auditor, c.ID, now().Version, []byte(one)); fault.Of(err) != fault.Denied {
		t.Errorf("by an auditor: %v", err)
	}
	for _, text := range []string{one, `{"keys":[` + called.ReplaceAllString(one, `"kid":"3"`) + `]}`} {
		if err := w.AddKey(ctx, identitytest.Keeper, c.ID, now().Version, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if got := now(); len(got.KeyList()) != 3 || got.Change == nil || len(got.Change.KeyList()) != 3 || got.Change.Name.Vi != "Tên khác" {
		t.Errorf("%+v", got)
	}
	for range 2 {
		if err := w.DropKey(ctx, identitytest.Keeper, c.ID, now().Version, 0); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.DropKey(ctx, identitytest.Keeper, c.ID, now().Version, 0); fault.Of(err) != fault.Invalid {
		t.Errorf("the last key of a client that shows one: %v", err)
	}
	elsewhere := identitytest.Keeper
	elsewhere.Agency = "H01"
	if _, err := w.ClientOf(ctx, elsewhere, c.ID); fault.Of(err) != fault.Denied {
		t.Errorf("seen by another agency: %v", err)
	}
}

// Facts are told for the purposes that cover them, the law's first, and no others.
func TestNeeds(t *testing.T) {
	t.Parallel()
	c := identity.Client{Purposes: []identity.Purpose{
		{Code: "a", Claims: []string{"name", "birthdate"}}, {Code: "b", Claims: []string{"name", "email"}, Law: true}, {Code: "c", Claims: []string{"email"}},
	}}
	show := func(needs []identity.Need) (out []string) {
		for _, n := range needs {
			out = append(out, n.Purpose.Code+": "+strings.Join(n.Claims, " "))
		}
		return out
	}
	for name, tt := range map[string]struct {
		claims, codes []string
		want          []string
	}{
		"the law's purpose first": {[]string{"name", "birthdate", "email"}, nil, []string{"b: email name", "a: birthdate"}},
		"what no purpose covers":  {[]string{"phone_number"}, nil, nil},
		"for the named purpose":   {[]string{"name", "email"}, []string{"a"}, []string{"a: name"}},
		"for an unknown one":      {[]string{"name"}, []string{"x"}, nil},
		"one that stands twice":   {[]string{"name", "name"}, nil, []string{"b: name"}},
		"nothing that is asked":   {nil, nil, nil},
		"two purposes, in order":  {[]string{"email", "birthdate"}, []string{"c", "a"}, []string{"a: birthdate", "c: email"}},
	} {
		if diff := cmp.Diff(tt.want, show(c.Needs(tt.claims, tt.codes))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// What docs/sign-in.md shows is a registration that is taken.
func TestDocumentedClient(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/sign-in.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(page), "```json\n")
	text, _, ends := strings.Cut(rest, "```")
	if !found || !ends {
		t.Fatal("the page shows no registration")
	}
	sample := `{"keys": [{"kty": "EC", "crv": "P-256", "kid": "1", "x": "…", "y": "…"}]}`
	if !strings.Contains(text, sample) {
		t.Fatal("its keys are written in another way")
	}
	c, err := identity.ReadClient([]byte(strings.Replace(text, sample, string(publicKeys(t)), 1)), "")
	if err != nil || c.Auth != identity.AuthKey || !c.PushedOnly || c.Level != identity.Two {
		t.Errorf("%+v, %v", c, err)
	}
}
