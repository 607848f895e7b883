package node

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"dean06/internal/platform/config"
	"dean06/internal/platform/health"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/sqldb/sqldbtest"
)

// TestProxiesThatNobodyNamed: a node says at its start, and doctor says, that its settings forgot
// the proxy; what only a request shows is said once, and no stranger makes doctor speak.
func TestProxiesThatNobodyNamed(t *testing.T) {
	t.Parallel()
	const https = "https://dean06.example.vn"
	for name, c := range map[string]struct {
		http config.HTTP
		demo bool
		peer string // of a request with a header; "" for none
		want string // what doctor finds
		logs int    // lines, that of the start too
	}{
		"behind a proxy, not named": {http: config.HTTP{PublicURL: https}, want: "unnamed", logs: 1},
		"behind a named proxy":      {http: config.HTTP{PublicURL: https, TrustedProxies: []string{"10.0.0.0/8"}}},
		"the named proxy asks":      {http: config.HTTP{PublicURL: https, TrustedProxies: []string{"10.0.0.0/8"}}, peer: "10.1.2.3:4"},
		"another proxy asks":        {http: config.HTTP{PublicURL: https, TrustedProxies: []string{"10.0.0.0/8"}}, peer: "192.168.1.1:4", want: "relayed", logs: 1},
		"unnamed, and asks":         {http: config.HTTP{PublicURL: https}, peer: "127.0.0.1:4", want: "unnamed relayed", logs: 2},
		"a stranger pretends":       {http: config.HTTP{TLSCert: "x", TLSKey: "x"}, peer: "203.0.113.7:4", logs: 1},
		"plain":                     {want: "plain", logs: 1},
		"the demo":                  {demo: true},
		"its own certificate":       {http: config.HTTP{TLSCert: "x", TLSKey: "x"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSmall(t, sqldbtest.OpenSQLite(t))
			var log bytes.Buffer
			s.Log, s.Demo = slog.New(slog.NewTextHandler(&log, nil)), c.demo
			c.http.Addr = "127.0.0.1:8006"
			s.Config.HTTP = c.http
			s.sayWay(t.Context())
			h := s.noteRelays(http.NotFoundHandler())
			for _, header := range []string{"X-Forwarded-For", "Forwarded", "X-Forwarded-Proto"} {
				r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
				if r.RemoteAddr = "203.0.113.1:1"; c.peer != "" {
					r.RemoteAddr = c.peer
					r.Header.Set(header, "198.51.100.9")
				}
				h.ServeHTTP(httptest.NewRecorder(), r)
			}
			var got []string
			for _, f := range s.Examine(t.Context(), health.Regular) {
				if rest, ok := strings.CutPrefix(f.Key, "node.doctor.way."); ok {
					got = append(got, rest)
					if f.Level != health.Warning || strings.Contains(s.Messages.In(i18n.Vi).T(f.Key, f.Args), "{") {
						t.Errorf("%v", f)
					}
				}
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("doctor finds %v, want %s", got, c.want)
			}
			if lines := strings.Count(log.String(), "level=WARN"); lines != c.logs || strings.Contains(log.String(), "198.51.100.9") {
				t.Errorf("%d warnings, want %d:\n%s", lines, c.logs, &log)
			}
		})
	}
	if !slices.Contains(forwarded, "Forwarded") {
		t.Error("RFC 7239 is not looked for")
	}
}
