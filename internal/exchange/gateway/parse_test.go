package gateway

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"pgregory.net/rapid"

	"dean06/internal/exchange"
	"dean06/internal/xroad"
)

func TestParseTarget(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ raw, service, path, query string }{
		{"/r1/VN/GOV/G01/DANCU/match", "VN/GOV/G01/DANCU/match", "", ""},
		{"/r1/VN/GOV/G01/DANCU/match/", "VN/GOV/G01/DANCU/match", "/", ""},
		{"/r1/VN/GOV/G01/DANCU/match//a%2Fb?x=/y?z", "VN/GOV/G01/DANCU/match", "//a%2Fb", "?x=/y?z"},
		{"/r1/VN/GOV/G01/A%2FB/match?", "VN/GOV/G01/A%2FB/match", "", "?"},
		{"/r1/VN/GOV/G01/match", "", "", ""},
		{"/r1/VN/GOV/G01/DANCU/?x", "", "", ""},
		{"/r1/VN/GOV/G01/../match", "", "", ""},
		{"/r2/VN/GOV/G01/DANCU/match", "", "", ""},
		{"", "", "", ""},
	} {
		got, err := parseTarget(tt.raw)
		if err != nil {
			if tt.service != "" || err.Code != xroad.BadRequest {
				t.Errorf("parseTarget(%q) = %v", tt.raw, err)
			}
			continue
		}
		if got.service.String() != tt.service || got.path != tt.path || got.query != tt.query {
			t.Errorf("parseTarget(%q) = %+v, want %+v", tt.raw, got, tt)
		}
	}
}

func FuzzParseTarget(f *testing.F) {
	f.Add("/r1/VN/GOV/G01/DANCU/match/x?y")
	f.Add("/r1/%/a/b/c/d")
	f.Fuzz(func(t *testing.T, raw string) {
		got, err := parseTarget(raw)
		if err != nil {
			return
		}
		again, err := parseTarget(prefixR1 + got.service.String() + got.path + got.query)
		if err != nil || again.service != got.service || again.path != got.path || again.query != got.query {
			t.Errorf("%q is %+v, and written again %+v (%v)", raw, got, again, err)
		}
	})
}

func FuzzReadSignature(f *testing.F) {
	c := exchange.Commitment{
		Kind: exchange.Request, Method: "GET", Nonce: "n", KeyID: strings.Repeat("a", 64), Created: 1, Signature: make([]byte, 64),
	}
	h := http.Header{}
	writeSignature(h, c)
	f.Add(h.Get(exchange.HeaderSignatureInput), h.Get(exchange.HeaderSignature))
	f.Fuzz(func(t *testing.T, input, signature string) {
		got := exchange.Commitment{Kind: exchange.Request, Method: "GET"}
		if readSignature(http.Header{exchange.HeaderSignatureInput: {input}, exchange.HeaderSignature: {signature}}, &got) &&
			label+got.Input() != input {
			t.Errorf("%q is read as %q", input, got.Input())
		}
	})
}

func TestWireAndBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom([]string{
			"Cookie", "Signature", "Accept", "X-A", "X-Road-Userid", "Connection", "Te", "X-Dean06-Head", "X-Dean06-Own-Cookie", "Content-Digest",
			"X-Road-Request-Hash",
		})
		in := http.Header{}
		for range rapid.IntRange(0, 8).Draw(t, "n") {
			in.Add(name.Draw(t, "name"), rapid.StringMatching(`[a-z=; ,]{0,9}`).Draw(t, "value"))
		}
		plain := requestHeader(in)
		out := wire(plain)
		writeSignature(out, exchange.Commitment{Kind: exchange.Request})
		delete(out, xroad.HeaderClient)
		delete(out, xroad.HeaderID)
		delete(out, xroad.HeaderRequestID)
		if got, want := string(headText("GET /", unwire(out, false))), string(headText("GET /", plain)); got != want {
			t.Fatalf("%v arrives as\n%s\nwant\n%s", in, got, want)
		}
	})
}

func TestReplayGuard(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		now := time.Unix(1e9, 0)
		g := newReplayGuard(now)
		met := map[string]time.Time{}
		for range rapid.IntRange(1, 60).Draw(t, "n") {
			now = now.Add(time.Duration(rapid.IntRange(0, 200).Draw(t, "seconds")) * time.Second)
			word := rapid.SampledFrom([]string{"a", "b", "c", "d", "e"}).Draw(t, "word")
			at, known := met[word]
			fresh := g.meet(now, word)
			if known && now.Sub(at) < remembered && fresh {
				t.Fatalf("%q was met %s ago and is taken again", word, now.Sub(at))
			}
			if !known && !fresh {
				t.Fatalf("%q was never met and is refused", word)
			}
			if fresh {
				met[word] = now
			}
		}
	})
}

func FuzzFilterJSON(f *testing.F) {
	f.Add([]byte(`{"a":1,"b":{"a":2}}`))
	f.Add([]byte(`[{"a":1},{}]`))
	f.Add([]byte(`{"a":1,"a":2}`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		got, err := filterJSON(doc, []string{"a"})
		if err != nil {
			return
		}
		var any json.RawMessage
		if err := json.Unmarshal(got, &any); err != nil {
			t.Fatalf("%q becomes %q: %v", doc, got, err)
		}
		var object map[string]json.RawMessage
		if json.Unmarshal(got, &object) == nil {
			delete(object, "a")
			if len(object) > 0 {
				t.Errorf("%q becomes %q", doc, got)
			}
		}
	})
}

func FuzzAnonymise(f *testing.F) {
	f.Add([]byte(`{"openapi":"3.0.0","servers":[{"url":"http://hidden"}],"paths":{"/a":{"servers":[]}}}`))
	f.Add([]byte("openapi: 3.0.0\nservers: [{url: http://hidden}]\npaths: {}\n"))
	f.Fuzz(func(t *testing.T, doc []byte) {
		out, kind, err := anonymise(doc, "/r1/x")
		if err == nil && strings.HasPrefix(kind, "application/json") && json.Valid(doc) && !json.Valid(out) {
			t.Errorf("%q becomes %q", doc, out)
		}
	})
}

func TestSpool(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, size := range []int{0, 1, 4096, 4097, inMemory - 1, inMemory, inMemory + 1, 3 * inMemory} {
		want := bytes.Repeat([]byte("x"), size)
		s, err := readSpool(iotest.HalfReader(bytes.NewReader(want)), dir, 1<<20, true)
		if err != nil {
			t.Fatal(err)
		}
		r1, r2 := s.open(), s.open()
		s.Close()
		for _, r := range []*spoolReader{r1, r2} {
			got, err := io.ReadAll(r)
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("%d bytes: got %d, %v", size, len(got), err)
			}
			r.Close()
			r.Close()
		}
		if s.size != int64(size) || s.sum256 != sha256.Sum256(want) || (s.sum512 == nil) != (size == 0) {
			t.Errorf("%d bytes: size %d and sums are wrong", size, s.size)
		}
	}
	if _, err := readSpool(bytes.NewReader(make([]byte, 101)), dir, 100, false); !errors.Is(err, errTooLarge) {
		t.Errorf("over the limit: %v", err)
	}
	if _, err := readSpool(iotest.TimeoutReader(bytes.NewReader(make([]byte, 2*inMemory))), dir, 1<<20, false); err == nil {
		t.Error("a body that breaks off was taken")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("%d files are left, %v", len(left), err)
	}
}
