//go:build conformance

package conformance_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
)

// form is pairs of names and values.
func form(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

// get goes to an address and signs in where it is asked to; it gives where it ended.
func (b *browser) get(address string) *url.URL {
	b.t.Helper()
	return b.settle(b.do(http.MethodGet, address, nil))
}

func (b *browser) do(method, address string, fields url.Values) *http.Response {
	b.t.Helper()
	r := request(b.t, method, address, fields)
	r.Header.Set("Accept", "text/html") // what asks for no page is not led to a sign-in
	r.Header.Set("Origin", b.h.issuer)
	answer, err := b.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	b.page = string(raw)
	return answer
}

// settle does what a page of the provider asks for.
func (b *browser) settle(answer *http.Response) *url.URL {
	b.t.Helper()
	for range 5 {
		at := answer.Request.URL
		if to, err := answer.Location(); err == nil { // a client's address
			return to
		}
		if _, next, ok := strings.Cut(answer.Header.Get("Refresh"), "url="); ok {
			answer = b.do(http.MethodGet, b.h.issuer+next, nil)
			continue
		}
		if at.Path != "/identity/sign-in" {
			return at
		}
		answer = b.do(http.MethodPost, b.h.issuer+at.Path, form("kind", "citizen", "number", b.h.number, "password", secret, "for", at.Query().Get("for")))
	}
	b.t.Fatalf("it leads in circles: %s", b.page)
	return nil
}
