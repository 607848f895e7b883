package auditweb_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/audit/auditweb"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/session"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/ui/uitest"
	"dean06/internal/platform/web"
)

func TestPages(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := context.Background()
		if err := audit.Migrate(ctx, db); err != nil {
			t.Fatal(err)
		}
		for i := range 60 {
			if err := audit.Record(ctx, db, audit.Entry{
				Action: "return.submit", Subject: audit.Subject{Type: "return", ID: fmt.Sprint("r", i)},
				Who:     audit.Who{Actor: actor.Actor{Account: "a1", Name: "Nguyễn Văn Mẫu", Agency: "H55"}},
				Purpose: "<b>", Details: map[string]string{"n": "1"},
			}); err != nil {
				t.Fatal(err)
			}
		}
		frame := func(r *http.Request) ui.Frame { return ui.Frame{Here: r.URL.RequestURI(), Flash: web.FlashOf(r)} }
		cat, err := i18n.Load(ui.Messages, web.Messages, session.Messages, audit.Messages)
		if err != nil {
			t.Fatal(err)
		}
		role := "auditor"
		as := func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				id := session.Identity{Actor: actor.Actor{Account: "a2", Roles: []string{role}}}
				next.ServeHTTP(w, r.WithContext(session.With(r.Context(), id)))
			})
		}
		rt := web.NewRouter(web.Config{Log: slog.New(slog.DiscardHandler), Messages: cat, Frame: frame, Within: []web.Middleware{as}})
		rt.Mount((&auditweb.Pages{
			DB: db, Frame: frame, Readers: []string{"auditor"},
			Actions: []auditweb.Action{{Code: "return.submit", Key: "audit.page.whole.title"}},
		}).Routes()...)
		h := rt.Handler()
		ask := func(method, path string, status int) string {
			t.Helper()
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest(method, path, nil))
			if w.Code != status {
				t.Errorf("%s %s: %d, want %d", method, path, w.Code, status)
			}
			if w.Header().Get("Content-Type") == "text/html; charset=utf-8" && status != 303 {
				for _, f := range uitest.Markup(w.Body.String()) {
					t.Errorf("%s %s: %s", method, path, f)
				}
			}
			return w.Body.String()
		}
		for _, tt := range []struct {
			path   string
			status int
			want   string
			rows   int
		}{
			{"/audit", 200, "below=11", 50},
			{"/audit?below=11&lang=en", 200, "Audit log", 10},
			{"/audit?action=return.&id=r7", 200, "action=return", 1},
			{"/audit?actor=none", 200, "Không có bản ghi nào khớp", 0},
			{"/audit?from=01/07/2025", 200, "&lt;b&gt;", 50},
			{"/audit?to=01/07/2025", 200, "Không có bản ghi nào khớp", 0},
			{"/audit?from=31/02/2025&to=x", 422, "#from", 50},
		} {
			body := ask("GET", tt.path, tt.status)
			if got := strings.Count(body, "Nguyễn Văn Mẫu"); !strings.Contains(body, tt.want) || got != tt.rows {
				t.Errorf("%s: %d rows, want %d, and %q", tt.path, got, tt.rows, tt.want)
			}
		}
		if body := ask("GET", "/audit?action=return.submit", 200); strings.Count(body, "Nhật ký có nguyên vẹn không") < 50 {
			t.Error("the action is not told in words")
		}
		if csv := ask("GET", "/audit.csv?actor=a1&to=01/07/2125", 200); strings.Count(csv, "\r\n") != 61 ||
			!strings.Contains(csv, "return.submit") {
			t.Errorf("csv:\n%.500s", csv)
		}
		ask("GET", "/audit.csv?from=x", 422)
		saved := strings.TrimSpace(ask("GET", "/audit/checkpoint.txt", 200))
		if _, err := audit.ParseCheckpoint(saved); err != nil {
			t.Error(err)
		}
		ask("POST", "/audit/verify", 303)
		ask("POST", "/audit/verify?checkpoint="+saved, 303)
		ask("POST", "/audit/verify?checkpoint=x", 422)
		if body := ask("POST", "/audit/verify?checkpoint=60:"+strings.Repeat("0", 64), 409); !strings.Contains(body, "bản ghi số 60") {
			t.Errorf("another checkpoint is not said to be so:\n%s", body)
		}
		if _, err := sqldb.Exec(ctx, db, `UPDATE audit_entry SET actor_name = 'x' WHERE seq = 7`); err != nil {
			t.Fatal(err)
		}
		if body := ask("POST", "/audit/verify", 409); !strings.Contains(body, "bản ghi số 7") {
			t.Errorf("a changed log is not said to be so:\n%s", body)
		}
		role = "coordinator"
		ask("GET", "/audit", 403)
		ask("GET", "/audit.csv", 403)
		ask("GET", "/audit/checkpoint.txt", 403)
		ask("POST", "/audit/verify", 403)
	})
}
