package gateway_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/exchange/gateway"
	"dean06/internal/platform/health"
	"dean06/internal/platform/i18n"
)

func TestEveryTextIsThere(t *testing.T) {
	t.Parallel()
	catalogue, err := i18n.Load(gateway.Messages, exchange.Messages)
	if err != nil {
		t.Fatal(err)
	}
	var source []byte
	for _, name := range []string{"doctor.go", "door.go"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		source = append(source, text...)
	}
	keys := 0
	for _, m := range regexp.MustCompile(`health\.(?:Fine|Warning|Failing), "([a-z.]+)"`).FindAllStringSubmatch(string(source), -1) {
		keys++
		if key := "gateway.doctor." + m[1]; !catalogue.Has(key) {
			t.Errorf("%s has no text", key)
		}
	}
	if own := slices.DeleteFunc(catalogue.Keys(), func(k string) bool { return !strings.HasPrefix(k, "gateway.") }); keys < 30 ||
		keys < len(own) {
		t.Errorf("%d keys in the source, %d texts", keys, len(own))
	}
}

func TestDoctor(t *testing.T) {
	t.Parallel()
	c := newCountry(t)
	authority := c.join("G01-1", dancu, func(n *node) { n.clock = &watch{} })
	other := c.join("G24-1", bhxh, nil)
	n := c.join("H55-1", tthc, func(n *node) { n.settings.Door.Plain = []string{"TTHC"} })
	n.offer(t, exchange.LocalService{ID: tthc.Of("a")}, echo)
	n.offer(t, exchange.LocalService{ID: tthc.Of("b"), URL: "http://127.0.0.1:1"}, nil)
	catalogue, err := i18n.Load(gateway.Messages, exchange.Messages)
	if err != nil {
		t.Fatal(err)
	}
	// found gives what the doctor finds beyond what is fine.
	found := func() map[string]health.Level {
		got := map[string]health.Level{}
		for _, f := range n.Doctor(t.Context()) {
			if text := catalogue.In(i18n.En).T(f.Key, f.Args); strings.ContainsAny(text, "{}[") {
				t.Errorf("text of %s: %q", f.Key, text)
			}
			if f.Level != health.Fine && f.Check != "disk" {
				got[strings.TrimPrefix(f.Key, "gateway.doctor.")] = f.Level
			}
		}
		return got
	}
	wants := func(step string, want ...string) {
		t.Helper()
		got := found()
		for _, w := range want {
			if _, ok := got[w]; !ok {
				t.Errorf("%s: found %v, want %s", step, got, w)
			}
			delete(got, w)
		}
		if len(got) > 0 {
			t.Errorf("%s: found %v too", step, got)
		}
	}
	wants("at first", "service.away")
	other.stop()
	wants("a peer is down", "service.away", "peer.away")
	authority.clock.set(time.Minute)
	wants("a clock is a minute off", "service.away", "peer.away", "clock.peer")
	authority.clock.set(10 * time.Minute)
	wants("a clock is ten minutes off", "service.away", "peer.away", "clock.far")
	authority.clock.set(0)
	c.setAway(errAway, errAway)
	eventually(t, "stamps fail", func() bool { return found()["timestamp.away"] != "" })
	wants("centre and stamps are away", "service.away", "peer.away", "configuration.away", "timestamp.away")
	if err := os.WriteFile(filepath.Join(n.settings.Dir, "gateway.key"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	wants("a key is open", "service.away", "peer.away", "configuration.away", "timestamp.away", "key.open")
	c.clock.set(11 * 24 * time.Hour)
	if got := found(); got["configuration.expired"] != health.Failing {
		t.Errorf("expired configuration: %v", got)
	}
}
