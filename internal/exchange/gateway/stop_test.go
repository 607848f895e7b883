package gateway_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"dean06/internal/exchange"
)

// TestCallsThatAStopCutsOff: a gateway that stops waits for the calls under way. When it
// can wait no longer, each caller gets an answer that says what is not known, not a line
// that breaks; which of the two gateways stops makes no difference.
func TestCallsThatAStopCutsOff(t *testing.T) {
	t.Parallel()
	for name, stops := range map[string]func(authority, province *node) *node{
		"the caller's":   func(_, province *node) *node { return province },
		"the provider's": func(authority, _ *node) *node { return authority },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCountry(t)
			short := func(n *node) { n.settings.DrainFor = 2 * time.Second }
			authority, province := c.join("G01-1", dancu, short), c.join("H55-1", tthc, short)
			asked, release := make(chan struct{}), make(chan struct{})
			defer close(release)
			handler := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				close(asked)
				select {
				case <-release:
				case <-r.Context().Done():
				}
			})
			authority.offer(t, exchange.LocalService{ID: match, OwnFields: true}, handler)
			authority.give(t, exchange.Right{Subject: tthc, Service: match})
			type said struct {
				status int
				body   string
				err    error
			}
			answered := make(chan said, 1)
			go func() {
				r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, province.local+matchPath, nil)
				if err != nil {
					answered <- said{err: err}
					return
				}
				r.Header.Set("X-Road-Client", tthc.String())
				answer, err := http.DefaultClient.Do(r)
				if err != nil {
					answered <- said{err: err}
					return
				}
				defer answer.Body.Close()
				body, err := io.ReadAll(answer.Body)
				answered <- said{answer.StatusCode, string(body), err}
			}()
			<-asked
			stops(authority, province).quit()
			got := <-answered
			if got.err != nil || got.status != http.StatusInternalServerError || !strings.Contains(got.body, "is not known") {
				t.Errorf("the caller was told %d %q, %v", got.status, got.body, got.err)
			}
		})
	}
}
