package auditweb_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

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
			if err := audit.Record(ctx, db, audit.Entry{Action: "return.submit", Subject: audit.Subject{Type: "return", ID: fmt.Sprint("r", i)},
				Who: audit.Who{Account: "a1", Name: "Nguyễn Văn Mẫu", Agency: "H55"}, Purpose: "<b>", Details: map[string]string{"n": "1"}}); err != nil {
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
				next.ServeHTTP(w, r.WithContext(session.With(r.Context(), session.Identity{AccountID: "a2", Roles: []string{role}})))
			})
		}
		rt := web.NewRouter(web.Config{Log: slog.New(slog.DiscardHandler), Messages: cat, Frame: frame, Within: []web.Middleware{as}})
		rt.Mount((&auditweb.Pages{DB: db, Frame: frame, Readers: []string{"auditor"}}).Routes()...)
		h := rt.Handler()
		ask := func(method, path string, status int) string {
			t.Helper()
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest(method, path, nil))
			if w.Code != status {
				t.Errorf("%s %s: %d, want %d", method, path, w.Code, status)
			}
			if status != 303 {
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
		ask("POST", "/audit/verify", 303)
		if _, err := sqldb.Exec(ctx, db, `UPDATE audit_entry SET actor_name = 'x' WHERE seq = 7`); err != nil {
			t.Fatal(err)
		}
		if body := ask("POST", "/audit/verify", 409); !strings.Contains(body, "bản ghi số 7") {
			t.Errorf("a changed log is not said to be so:\n%s", body)
		}
		role = "coordinator"
		ask("GET", "/audit", 403)
		ask("POST", "/audit/verify", 403)
	})
}
