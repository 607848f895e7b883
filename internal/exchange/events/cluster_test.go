//go:build cluster

package events_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"dean06/internal/exchange/events"
)

// Run with -tags cluster: the hubs take their time, up to half a minute, to choose a
// leader.

// TestCluster runs three hubs; one of them stops, and nothing stops with it.
func TestCluster(t *testing.T) {
	t.Parallel()
	const size = 3
	var routes, listen []string
	for range size {
		l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		listen, routes = append(listen, l.Addr().String()), append(routes, "nats://"+l.Addr().String())
		l.Close()
	}
	nodes, errs := make([]*node, size), make(chan error, size)
	for i := range size {
		nodes[i] = &node{T: t, dir: t.TempDir(), link: &link{}}
		go func() {
			h, err := events.Open(context.WithoutCancel(t.Context()), nodes[i].dir, events.Settings{Cluster: events.Cluster{
				Name: "hubs", Server: fmt.Sprint("hub", i), Listen: listen[i], Routes: routes, Replicas: size,
			}})
			if err == nil {
				nodes[i].link.hub.Store(h)
			}
			errs <- err
		}()
		nodes[i].web = (&events.Local{Client: nodes[i].client()}).Over(http.NotFoundHandler())
	}
	var all error
	for range size {
		all = errors.Join(all, <-errs)
	}
	t.Cleanup(func() {
		var wg sync.WaitGroup
		for _, n := range nodes {
			if h := n.link.hub.Swap(nil); h != nil {
				wg.Go(h.Close)
			}
		}
		wg.Wait()
	})
	if all != nil {
		t.Fatal(all)
	}
	nodes[0].subscribed(`,"delivery":"PULL","options":{"FIFO":true}`, tthc)
	first := nodes[1].publish(0)
	eventually(t, "the third hub hands it out", func() bool {
		var it events.Item
		return nodes[2].call(tthc, "GET", "pull/v1/birth?wait=1", "", &it) == 200 && it.ID == first
	})
	nodes[0].close()
	eventually(t, "a hub that is left takes the acknowledgement", func() bool {
		return nodes[1].call(tthc, "DELETE", "pull/v1/birth/"+first, "", nil) == 204
	})
	body := `{"id":"second","event":{"n":1}}`
	eventually(t, "a hub that is left takes an event", func() bool { return nodes[1].call(dancu, "POST", "pub/v1/birth", body, nil) == 201 })
	eventually(t, "and the other hands it out", func() bool {
		var raw json.RawMessage
		return nodes[2].call(tthc, "GET", "pull/v1/birth?wait=1", "", &raw) == 200 && strings.Contains(string(raw), `"second"`)
	})
}
