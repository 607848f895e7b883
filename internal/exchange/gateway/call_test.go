package gateway_test

import (
	"net/http"
	"testing"

	"dean06/internal/exchange"
)

func TestCall(t *testing.T) {
	t.Parallel()
	_, province, authority := pair(t)
	a := province.call(
		t, http.MethodPost, matchPath+"/x%3B/?q=1", []byte(`{"so":"1"}`), "X-Road-Id", "câu-1", "X-Road-UserId", "an", "Content-Type",
		"application/json",
	)
	if a.StatusCode != http.StatusOK {
		t.Fatalf("status %d: %s", a.StatusCode, a.body)
	}
	t.Logf("%v\n%s", a.Header, a.body)
	for _, n := range []*node{province, authority} {
		got := n.records(t)
		if len(got) != 2 || got[0].Commitment.Kind != exchange.Request || got[1].Commitment.Kind != exchange.Response {
			t.Errorf("%s has the records %+v, want a request and a response", n.id, got)
		}
	}
}
