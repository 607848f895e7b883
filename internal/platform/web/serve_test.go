package web_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"dean06/internal/platform/web"
)

func TestServeLetsRequestsFinish(t *testing.T) {
	t.Parallel()
	started, finish := make(chan struct{}), make(chan struct{})
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(started)
		<-finish
		_, _ = io.WriteString(w, "whole")
	})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- web.Serve(ctx, ln, h) }()
	answer := make(chan string, 1)
	go func() {
		res, err := http.Get("http://" + ln.Addr().String())
		if err != nil {
			answer <- err.Error()
			return
		}
		defer res.Body.Close()
		b, _ := io.ReadAll(res.Body)
		answer <- string(b)
	}()
	<-started
	stop()
	close(finish)
	if got := <-answer; got != "whole" {
		t.Errorf("got %q, want the whole answer", got)
	}
	select {
	case err := <-served:
		if err != nil {
			t.Errorf("got %v, want an orderly end", err)
		}
	case <-time.After(10 * time.Second):
		t.Error("got no end")
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name string
		h    http.Handler
		want int
	}{
		{"alive", web.Alive(), 200},
		{"ready", web.Ready(func(context.Context) (bool, []string) { return true, []string{"alarms: 1"} }), 200},
		{"not ready", web.Ready(func(context.Context) (bool, []string) { return false, []string{"database: away"} }), 503},
	}
	for _, c := range cases {
		w := httptest.NewRecorder()
		c.h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		if w.Code != c.want {
			t.Errorf("%s: got %d, want %d", c.name, w.Code, c.want)
		}
	}
}
