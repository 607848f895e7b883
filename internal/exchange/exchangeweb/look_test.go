package exchangeweb_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/platform/ui/uitest"
	"dean06/internal/xroad"
)

// TestLook looks at the pages in a browser. A usual run looks at the first two of
// the centre and of a gateway, one wide and one on a phone; with SCREENSHOTS set
// to a folder all are looked at in both languages and widths, and pictures kept.
func TestLook(t *testing.T) {
	t.Parallel()
	ctx := uitest.Browser(t)
	centre, _ := hub(t)
	made := url.Values{"member": {"VN/GOV/G01"}, "gateway": {"G01-1"}, "days": {"7"}, "subsystems": {"VN/GOV/G01/DANCU"}}
	look(t, ctx, centre, "operator", []string{
		"/exchange", "/exchange/applications/a1", "/exchange/members", "/exchange/tokens",
		"/exchange/tokens/new?post=" + url.QueryEscape(made.Encode()),
		"/exchange/keys", "/exchange/entry/gateway/H55-1", "/exchange/entry/member/VN/GOV/H55", "/exchange/configuration", "/exchange/new/service",
	})
	owner := gateway(t, func(s *exchange.Status) {
		s.Unstamped, s.OldestDebt, s.StampFault = 4, s.At.Add(-time.Hour), "no route"
		s.Peers = append(
			s.Peers, exchange.Peer{Gateway: "G24-1", Member: xroad.MustID("VN/GOV/G24"), Address: "127.0.0.1:8048", LastTry: s.At, Fault: "refused"},
		)
	})
	owner.post("owner", "/gateway/rights/new", rightForm...).want(http.StatusSeeOther)
	owner.second.approve(t, owner.store)
	owner.post("owner", "/gateway/groups/new", "key", "huyen", "name", "Các hệ thống cấp xã", "members", "VN/GOV/H55/TTHC").want(http.StatusSeeOther)
	look(t, ctx, owner.site, "owner", []string{
		"/gateway/rights/new?service=VN/GOV/G01/DANCU/match", "/gateway/log", "/gateway", "/gateway/traffic", "/gateway/log/7", "/gateway/rights",
		"/gateway/rights/" + someID,
		"/gateway/systems", "/gateway/groups", "/gateway/groups/huyen", "/gateway/groups/new", "/gateway/limits", "/gateway/keys",
		"/gateway/services", "/gateway/services/new", "/gateway/services/DANCU/match",
	})
}

func look(t *testing.T, ctx context.Context, s *site, who string, paths []string) {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Set("X-Who", who)
		// ?post=… shows what a form leads to.
		if form := r.URL.Query().Get("post"); form != "" {
			r.Method, r.Body = http.MethodPost, io.NopCloser(strings.NewReader(form))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		s.handler.ServeHTTP(w, r)
	}))
	defer srv.Close()
	dir := os.Getenv("SCREENSHOTS")
	for i, path := range paths {
		for j, lang := range []string{"vi", "en"} {
			for k, width := range []int64{uitest.Desktop, uitest.Phone} {
				if dir == "" && (i > 1 || j != i || k != i) {
					continue
				}
				sep := "?"
				if strings.Contains(path, "?") {
					sep = "&"
				}
				uitest.Open(t, ctx, srv.URL+path+sep+"lang="+lang, width)
				uitest.Check(t, ctx)
				if t.Failed() {
					t.Fatalf("at %s in %s, %d wide", path, lang, width)
				}
				if dir != "" {
					before, _, _ := strings.Cut(path, "?")
					uitest.Screenshot(t, ctx, filepath.Join(dir, uitest.Slug(before, lang, width)+".png"))
				}
			}
		}
	}
}
