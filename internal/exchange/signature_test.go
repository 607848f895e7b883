package exchange_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"flag"
	"fmt"
	"math/big"
	"net/http"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"dean06/internal/exchange"
	"dean06/internal/xroad"
)

var update = flag.Bool("update", false, "write the golden files anew")

// reader is a small reader of RFC 9421 that knows nothing of our code: it parses
// Signature-Input as a structured field (RFC 8941) and builds the signature base from
// the message.
type reader struct {
	rest string
	err  error
}

// take wants a text to come next.
func (r *reader) take(want string) {
	if rest, ok := strings.CutPrefix(r.rest, want); ok {
		r.rest = rest
	} else if r.err == nil {
		r.err = fmt.Errorf("want %q before %q", want, r.rest)
	}
}

func (r *reader) next(c byte) bool { return r.err == nil && r.rest != "" && r.rest[0] == c }

// token is a key: lower-case letters, digits, "_-.*".
func (r *reader) token() string {
	n := strings.IndexFunc(r.rest, func(c rune) bool { return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789_-.*", c) })
	if n < 0 {
		n = len(r.rest)
	}
	t := r.rest[:n]
	r.rest = r.rest[n:]
	if t == "" && r.err == nil {
		r.err = fmt.Errorf("want a key before %q", r.rest)
	}
	return t
}

// text is an sf-string, without escapes.
func (r *reader) text() string {
	r.take(`"`)
	s, rest, ok := strings.Cut(r.rest, `"`)
	if r.err == nil && (!ok || strings.ContainsFunc(s, func(c rune) bool { return c < ' ' || c > '~' || c == '\\' })) {
		r.err = fmt.Errorf("no string before %q", r.rest)
	}
	r.rest = rest
	return s
}

func (r *reader) digits() string {
	n := len(r.rest) - len(strings.TrimLeft(r.rest, "-0123456789"))
	s := r.rest[:n]
	r.rest = r.rest[n:]
	if i, err := strconv.ParseInt(s, 10, 64); r.err == nil && (err != nil || strconv.FormatInt(i, 10) != s) {
		r.err = fmt.Errorf("no integer: %q", s)
	}
	return s
}

// message is what was sent: its headers, and the method or the status.
type message struct {
	header http.Header
	method string
	status int
}

// base is the signature base (RFC 9421, section 2.5), and the parameters.
func (m message) base(label string) (base string, params map[string]string, err error) {
	r := &reader{rest: m.header.Get("Signature-Input")}
	r.take(label + "=(")
	var names []string
	for !r.next(')') && r.err == nil {
		if len(names) > 0 {
			r.take(" ")
		}
		names = append(names, r.text())
	}
	r.take(")")
	var list strings.Builder // written anew, so that an odd way of writing is seen
	params = map[string]string{}
	for r.next(';') {
		r.take(";")
		key := r.token()
		r.take("=")
		if _, twice := params[key]; twice {
			return "", nil, fmt.Errorf("parameter %s twice", key)
		}
		if r.next('"') {
			params[key] = r.text()
			list.WriteString(";" + key + `="` + params[key] + `"`)
		} else {
			params[key] = r.digits()
			list.WriteString(";" + key + "=" + params[key])
		}
	}
	if r.err != nil || r.rest != "" {
		return "", nil, fmt.Errorf("after the parameters: %q, %w", r.rest, r.err)
	}
	seen := map[string]bool{}
	for _, name := range names {
		value, ok := m.component(name)
		if !ok || seen[name] {
			return "", nil, fmt.Errorf("component %q is not in the message, or twice", name)
		}
		seen[name] = true
		base += `"` + name + `": ` + value + "\n"
	}
	return base + `"@signature-params": ("` + strings.Join(names, `" "`) + `")` + list.String(), params, nil
}

func (m message) component(name string) (string, bool) {
	switch name {
	case "@method":
		return m.method, m.method != ""
	case "@status":
		return strconv.Itoa(m.status), m.status != 0
	}
	values := m.header.Values(name)
	for i := range values {
		values[i] = strings.TrimSpace(values[i])
	}
	return strings.Join(values, ", "), len(values) > 0 && name == strings.ToLower(name)
}

// verify checks the signature of that label.
func (m message) verify(label string, key *ecdsa.PublicKey) error {
	base, params, err := m.base(label)
	if err != nil {
		return err
	}
	if alg := params["alg"]; alg != "" && alg != "ecdsa-p256-sha256" {
		return fmt.Errorf("algorithm %s", alg)
	}
	text := strings.TrimSuffix(strings.TrimPrefix(m.header.Get("Signature"), label+"=:"), ":")
	sig, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(sig) != 64 {
		return fmt.Errorf("signature of %d bytes: %w", len(sig), err)
	}
	sum := sha256.Sum256([]byte(base))
	if !ecdsa.Verify(key, sum[:], new(big.Int).SetBytes(sig[:32]), new(big.Int).SetBytes(sig[32:])) {
		return fmt.Errorf("the signature does not fit the base:\n%s", base)
	}
	return nil
}

// The reader is right: it verifies the example of RFC 9421, appendix B.2.4.
func TestReaderOnTheStandardsExample(t *testing.T) {
	t.Parallel()
	block, _ := pem.Decode([]byte(`-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqIVYZVLCrPZHGHjP17CTW0/+D9Lf
w0EkjqF7xB4FivAxzic30tMM4GF+hR6Dxh71Z50VGGdldkkDXZCnTNnoXQ==
-----END PUBLIC KEY-----`))
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	m := message{status: 200, header: http.Header{
		"Content-Type":    {"application/json"},
		"Content-Digest":  {"sha-512=:mEWXIS7MaLRuGgxOBdODa3xqM1XdEvxoYhvlCFJ41QJgJc4GTsPp29l5oGX69wWdXymyU0rjJuahq4l5aGgfLQ==:"},
		"Content-Length":  {"23"},
		"Signature-Input": {`sig-b24=("@status" "content-type" "content-digest" "content-length");created=1618884473;keyid="test-key-ecc-p256"`},
		"Signature":       {"sig-b24=:wNmSUAhwb5LxtOtOpNa6W5xj067m5hFrj0XQ4fvpaCLx0NKocgPquLgyahnzDnDAUy5eCdlYUEkLIj+32oiasw==:"},
	}}
	if err := m.verify("sig-b24", key.(*ecdsa.PublicKey)); err != nil {
		t.Error(err)
	}
	m.status = 201
	if m.verify("sig-b24", key.(*ecdsa.PublicKey)) == nil {
		t.Error("another status was accepted")
	}
}

// asMessage is the message of a commitment, as section 4 of the RFC writes it.
func asMessage(c exchange.Commitment) message {
	h := http.Header{}
	h.Set(exchange.HeaderContentDigest, "sha-256=:"+base64.StdEncoding.EncodeToString(c.Body[:])+":")
	h.Set(exchange.HeaderHead, "sha-256=:"+base64.StdEncoding.EncodeToString(c.Head[:])+":")
	h.Set(xroad.HeaderClient, c.Client.String())
	h.Set(xroad.HeaderService, c.Service.String())
	h.Set(xroad.HeaderID, c.MessageID)
	h.Set(xroad.HeaderRequestID, c.RequestID)
	h.Set(exchange.HeaderSignatureInput, "dean06="+c.Input())
	h.Set(exchange.HeaderSignature, "dean06=:"+base64.StdEncoding.EncodeToString(c.Signature)+":")
	if c.Kind == exchange.Response {
		h.Set(xroad.HeaderRequestHash, c.RequestHash)
		return message{header: h, status: c.Status}
	}
	return message{header: h, method: c.Method}
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

var (
	line = rapid.StringMatching(`([!-~][ -~]{0,30}[!-~])?|thử-[0-9]{3}`)
	hash = rapid.SliceOfN(rapid.Byte(), 32, 32)
)

// drawID gives the names of the demo, and odd ones.
func drawID(t *rapid.T, parts int) xroad.ID {
	part := rapid.OneOf(
		rapid.SampledFrom([]string{"VN", "GOV", "H55", "G01", "DANCU", "match"}), rapid.StringMatching(`[a-zA-Z0-9 /%"ấđ.-]{1,8}x`),
	)
	p := [5]string{}
	for i := range parts {
		p[i] = part.Draw(t, "part")
	}
	return xroad.ID{Instance: p[0], Class: p[1], Member: p[2], Subsystem: p[3], Service: p[4]}
}

func draw(t *rapid.T) exchange.Commitment {
	c := exchange.Commitment{
		Kind:      rapid.SampledFrom([]exchange.Kind{exchange.Request, exchange.Response}).Draw(t, "kind"),
		Client:    drawID(t, rapid.IntRange(3, 4).Draw(t, "parts")),
		Service:   drawID(t, 5),
		MessageID: line.Draw(t, "message id"),
		RequestID: line.Draw(t, "request id"),
		Head:      exchange.Digest(hash.Draw(t, "head")),
		Body:      exchange.Digest(hash.Draw(t, "body")),
		Created:   rapid.Int64().Draw(t, "created"),
		Nonce:     rapid.StringMatching(`[A-Za-z0-9_-]{22}`).Draw(t, "nonce"),
		KeyID:     hex.EncodeToString(hash.Draw(t, "key")),
	}
	if c.Kind == exchange.Request {
		c.Method = rapid.SampledFrom([]string{"GET", "POST", "PUT", "DELETE"}).Draw(t, "method")
	} else {
		c.Status = rapid.IntRange(100, 599).Draw(t, "status")
		c.RequestHash = base64.StdEncoding.EncodeToString(hash.Draw(t, "request hash"))
	}
	return c
}

func TestAnyReaderOfTheStandardVerifies(t *testing.T) {
	t.Parallel()
	key := newKey(t)
	rapid.Check(t, func(t *rapid.T) {
		c := draw(t)
		if err := c.Sign(rand.Reader, key); err != nil {
			t.Fatal(err)
		}
		if err := c.Verify(&key.PublicKey); err != nil {
			t.Fatal(err)
		}
		m := asMessage(c)
		base, params, err := m.base("dean06")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(base, string(c.Base())); diff != "" {
			t.Fatal(diff)
		}
		if err := m.verify("dean06", &key.PublicKey); err != nil {
			t.Fatal(err)
		}
		want := map[string]string{
			"created": strconv.FormatInt(c.Created, 10), "nonce": c.Nonce, "alg": "ecdsa-p256-sha256", "keyid": c.KeyID, "tag": exchange.Tag,
		}
		if diff := cmp.Diff(want, params); diff != "" {
			t.Fatal(diff)
		}
		if m.header.Get("Content-Digest") != c.ContentDigest() || m.header.Get("X-Dean06-Head") != c.HeadHeader() {
			t.Fatalf("headers differ: %s, %s", c.ContentDigest(), c.HeadHeader())
		}
	})
}

// uncovered says which fields a kind does not have; they are no part of its signature.
var uncovered = map[exchange.Kind][]string{
	exchange.Request:  {"Status", "RequestHash"},
	exchange.Response: {"Method"},
}

// Whatever field is changed, into whatever else, the signature does not fit and the
// leaf of the log is another.
func TestAnyChangeBreaksTheSignature(t *testing.T) {
	t.Parallel()
	key := newKey(t)
	anything := rapid.OneOf(rapid.String(), line, rapid.StringMatching(`[\n"a-z: ]{0,12}`))
	rapid.Check(t, func(t *rapid.T) {
		c := draw(t)
		if err := c.Sign(rand.Reader, key); err != nil {
			t.Fatal(err)
		}
		changed := c
		v := reflect.ValueOf(&changed).Elem()
		i := rapid.IntRange(0, v.NumField()-1).Draw(t, "field")
		name := v.Type().Field(i).Name
		switch f := v.Field(i); x := f.Interface().(type) {
		case exchange.Kind:
			f.SetString(rapid.SampledFrom([]string{"request", "response", "", "Request"}).Draw(t, "kind"))
		case string:
			f.SetString(rapid.OneOf(anything, rapid.Just(x+" "), rapid.Just(strings.ToUpper(x))).Draw(t, "text"))
		case int, int64:
			f.SetInt(int64(rapid.Int().Draw(t, "number")))
		case xroad.ID:
			f.Set(reflect.ValueOf(drawID(t, rapid.IntRange(1, 5).Draw(t, "parts"))))
		case exchange.Digest:
			x[rapid.IntRange(0, 31).Draw(t, "byte")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
			f.Set(reflect.ValueOf(x))
		case []byte:
			b := append([]byte(nil), x...)
			b[rapid.IntRange(0, 63).Draw(t, "byte")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
			f.SetBytes(b[:rapid.IntRange(63, 64).Draw(t, "length")])
		default:
			t.Fatalf("a new field %s %T: say here how it is changed", name, x)
		}
		if cmp.Equal(c, changed) || strings.Contains(strings.Join(uncovered[c.Kind], " "), name) {
			return
		}
		if changed.Verify(&key.PublicKey) == nil {
			t.Fatalf("%s changed from %+v to %+v, and the signature fits", name, c, changed)
		}
		if name != "Kind" && changed.Leaf() == c.Leaf() {
			t.Fatalf("%s changed, and the leaf is the same", name)
		}
	})
}

// Texts that leave their line could make one base of two commitments.
func TestTextsKeepToTheirLine(t *testing.T) {
	t.Parallel()
	key := newKey(t)
	good := exchange.Commitment{Kind: exchange.Request, Method: "GET", MessageID: "1", RequestID: "3", Nonce: "n", KeyID: "k"}
	for name, spoil := range map[string]func(*exchange.Commitment){
		"message id": func(c *exchange.Commitment) { c.MessageID = "1\n\"x-road-request-id\": 2" },
		"request id": func(c *exchange.Commitment) { c.RequestID = "2\n\"x-road-request-id\": 3" },
		"method":     func(c *exchange.Commitment) { c.Method = "GET\r" },
		"nonce":      func(c *exchange.Commitment) { c.Nonce = `n";tag="x` },
		"escape":     func(c *exchange.Commitment) { c.Nonce = `n\` },
		"key id":     func(c *exchange.Commitment) { c.KeyID = "khóa" },
		"kind":       func(c *exchange.Commitment) { c.Kind = "" },
	} {
		c := good
		spoil(&c)
		if err := c.Sign(rand.Reader, key); err == nil {
			t.Errorf("%s: signed", name)
		}
		sum := sha256.Sum256(c.Base()) // a peer that signs it all the same
		r, s, err := ecdsa.Sign(rand.Reader, key, sum[:])
		if err != nil {
			t.Fatal(err)
		}
		c.Signature = make([]byte, 64)
		r.FillBytes(c.Signature[:32])
		s.FillBytes(c.Signature[32:])
		if err := c.Verify(&key.PublicKey); err == nil {
			t.Errorf("%s: verified", name)
		}
	}
}

// golden holds what was once signed: it must be readable and fit for ever.
type golden struct {
	PublicKey   []byte              `json:"public_key"` // PKIX, DER
	Head        string              `json:"head"`
	Body        string              `json:"body"`
	Commitment  exchange.Commitment `json:"commitment"`
	Input       string              `json:"input"`
	Base        []string            `json:"base"` // by lines
	Leaf        exchange.Digest     `json:"leaf"`
	RequestHash string              `json:"request_hash"`
}

func TestGoldenSignatures(t *testing.T) {
	t.Parallel()
	const file = "testdata/signature.golden.json"
	if *update {
		writeGolden(t, file)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var list []golden
	if err := json.Unmarshal(text, &list); err != nil {
		t.Fatal(err)
	}
	if len(list) != 2 {
		t.Fatalf("%d messages, want a request and a response", len(list))
	}
	for _, want := range list {
		public, err := x509.ParsePKIXPublicKey(want.PublicKey)
		if err != nil {
			t.Fatal(err)
		}
		c := want.Commitment
		if err := c.Verify(public.(*ecdsa.PublicKey)); err != nil {
			t.Errorf("%s: %v", c.Kind, err)
		}
		if diff := cmp.Diff(want, goldenOf(t, public.(*ecdsa.PublicKey), want.Head, want.Body, c)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.Kind, diff)
		}
		if exchange.HeadDigest([]byte(want.Head)) != c.Head || sha256.Sum256([]byte(want.Body)) != c.Body {
			t.Errorf("%s: head or body do not fit their digests", c.Kind)
		}
	}
}

func goldenOf(t *testing.T, public *ecdsa.PublicKey, head, body string, c exchange.Commitment) golden {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return golden{
		PublicKey: der, Head: head, Body: body, Commitment: c, Input: c.Input(), Base: strings.Split(string(c.Base()), "\n"), Leaf: c.Leaf(),
		RequestHash: exchange.RequestHash([]byte(head), nil),
	}
}

func writeGolden(t *testing.T, file string) {
	t.Helper()
	key := newKey(t)
	body := `{"verified":true}`
	head := string(exchange.HeadText(
		"GET /r1/VN/GOV/G01/DANCU/match?x=1",
		[]exchange.HeadField{
			{Name: "x-road-id", Value: "VN-1"}, {Name: "accept", Value: "application/json"}, {Name: "x-road-client", Value: "VN/GOV/H55/TTHC"},
		},
	))
	request := exchange.Commitment{
		Kind: exchange.Request, Method: "GET", Client: xroad.MustID("VN/GOV/H55/TTHC"), Service: xroad.MustID("VN/GOV/G01/DANCU/match"),
		MessageID: "VN-1", RequestID: "019a9e3c-0000-7000-8000-000000000001", Head: exchange.HeadDigest([]byte(head)), Body: sha256.Sum256(nil),
		Created: 1763600000, Nonce: "AAAAAAAAAAAAAAAAAAAAAA", KeyID: exchange.Fingerprint([]byte("H55-1")),
	}
	answer := string(exchange.HeadText("200", []exchange.HeadField{{Name: "content-type", Value: "application/json"}}))
	response := request
	response.Kind, response.Method, response.Status, response.RequestHash = exchange.Response, "", 200, exchange.RequestHash([]byte(head), nil)
	response.Head, response.Body = exchange.HeadDigest([]byte(answer)), sha256.Sum256([]byte(body))
	response.Nonce, response.KeyID = "BBBBBBBBBBBBBBBBBBBBBB", exchange.Fingerprint([]byte("G01-1"))
	for _, c := range []*exchange.Commitment{&request, &response} {
		if err := c.Sign(rand.Reader, key); err != nil {
			t.Fatal(err)
		}
	}
	text, err := json.MarshalIndent(
		[]golden{goldenOf(t, &key.PublicKey, head, "", request), goldenOf(t, &key.PublicKey, answer, body, response)}, "", "  ",
	)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, append(text, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}
