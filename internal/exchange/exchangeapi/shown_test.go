package exchangeapi_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/exchange/exchangeapi"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/pki"
)

// TestAConfigurationIsShown: a centre that forgot passes it, and what is not its own, or
// not newer, moves nothing.
func TestAConfigurationIsShown(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	ctx, c := t.Context(), h.client()
	now, err := c.Configuration(ctx)
	must(t, err)
	read, err := now.Read()
	must(t, err)

	must(t, c.Show(ctx, exchange.Signed{Body: []byte("not read")}, read.Serial-1))
	says(t, c.Show(ctx, exchange.Signed{Body: []byte("{}")}, read.Serial+5), fault.Denied, "")
	must(t, c.Show(ctx, now, read.Serial)) // the same
	key, err := pki.FileKey(t.TempDir() + "/stranger.key")
	must(t, err)
	der, err := pki.NewAuthority(key, "Stranger", h.clock.Now(), 1)
	must(t, err)
	lie := read
	lie.Serial += 5
	forged, err := exchange.Sign(lie, key, der)
	must(t, err)
	says(t, c.Show(ctx, forged, lie.Serial), fault.Denied, "")
	same, err := h.client().Configuration(ctx)
	must(t, err)
	if !bytes.Equal(same.Body, now.Body) {
		t.Error("the configuration moved though nothing true was shown")
	}

	many := 0
	for range 20 {
		if fault.Of(c.Show(ctx, now, read.Serial)) == fault.TooMany {
			many++
		}
	}
	if many == 0 {
		t.Error("configurations can be shown without end")
	}
	h.clock.advance(time.Minute)
	resp, err := http.Post(h.server.URL+"/exchange/v1/configuration?serial=x", "application/json", strings.NewReader("{}"))
	must(t, err)
	must(t, resp.Body.Close())
	if resp.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a number that is none: %d", resp.StatusCode)
	}
}

// TestTheClockOfTheCentre is read from its answers.
func TestTheClockOfTheCentre(t *testing.T) {
	t.Parallel()
	watch := &watch{}
	watch.at.Store(time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC).UnixMicro())
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", watch.Now().Add(time.Hour).Format(http.TimeFormat))
		_, _ = w.Write([]byte("{}"))
	}))
	t.Cleanup(s.Close)
	c := &exchangeapi.Client{URL: s.URL, Clock: watch}
	if _, ok := c.Ahead(); ok {
		t.Error("known before it was asked")
	}
	_, _ = c.Configuration(t.Context()) // an answer, though no configuration
	if off, ok := c.Ahead(); !ok || off != time.Hour {
		t.Errorf("ahead by %s, %v; want an hour", off, ok)
	}
}
