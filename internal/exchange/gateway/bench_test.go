package gateway_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"

	"dean06/internal/exchange"
)

// BenchmarkCall is a call of 1 KB through two gateways and a service behind HTTP, all
// in this process: signed, verified and logged four times.
func BenchmarkCall(b *testing.B) {
	_, province, authority := pair(b)
	answer := bytes.Repeat([]byte("a"), 1024)
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = w.Write(answer)
	}))
	b.Cleanup(service.Close)
	authority.offer(b, exchange.LocalService{ID: match, Name: "match", URL: service.URL, OwnFields: true}, nil)
	body := bytes.Repeat([]byte("q"), 1024)
	for _, n := range []int{1, 32, 256} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			b.SetParallelism((n + 1) / 2)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					a, err := province.try(b.Context(), http.MethodPost, matchPath, body)
					if err != nil || a.StatusCode != http.StatusOK {
						b.Errorf("status %v, error %v: %s", a.Response, err, a.body)
						return
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
		})
	}
}
