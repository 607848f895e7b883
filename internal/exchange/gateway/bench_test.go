package gateway_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"syscall"
	"testing"
	"time"

	"dean06/internal/exchange"
)

// BenchmarkCall is a call of 1 KB through two gateways and a service behind HTTP, all
// in this process: signed, verified and logged four times.
func BenchmarkCall(b *testing.B) {
	_, province, authority := pairOf(b, func(n *node) {
		n.settings.HeadEvery, n.settings.RefreshEvery, n.settings.StampEvery = 0, 0, 0 // as in earnest
	})
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
			before := cpuTime()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					a, err := province.try(b.Context(), http.MethodPost, matchPath, body)
					if err != nil || a.StatusCode != http.StatusOK {
						b.Errorf("status %v, error %v: %s", a.Response, err, a.body)
						return
					}
				}
			})
			b.ReportMetric(float64((cpuTime()-before).Microseconds())/float64(b.N), "cpu-µs/call")
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
		})
	}
}

// cpuTime is what this process has used; on a busy machine it says more than the clock.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
