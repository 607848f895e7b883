package procedureweb_test

import (
	"bytes"
	"context"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/ui/uitest"
	"dean06/internal/platform/web"
	"dean06/internal/procedure"
	"dean06/internal/procedure/proceduresql"
	"dean06/internal/procedure/procedureweb"
)

var now = time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)

type names struct{}

func (names) NameOf(context.Context, string, time.Time) string { return "Hoàng Thị Quản Trị" }

type site struct {
	t       *testing.T
	handler http.Handler
}

func newSite(t *testing.T, db *sqldb.DB) *site {
	t.Helper()
	for _, migrate := range []func(context.Context, *sqldb.DB) error{audit.Migrate, proceduresql.Migrate} {
		if err := migrate(t.Context(), db); err != nil {
			t.Fatal(err)
		}
	}
	texts, err := i18n.Load(ui.Messages, web.Messages, procedure.Messages, procedureweb.Messages)
	if err != nil {
		t.Fatal(err)
	}
	frame := func(r *http.Request) ui.Frame {
		return ui.Frame{Node: ui.Node{Name: "Một cửa", Accent: ui.Agency}, Here: r.URL.RequestURI(), Flash: web.FlashOf(r)}
	}
	within := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if role := r.Header.Get("X-Role"); role != "" {
				r = r.WithContext(actor.With(r.Context(), actor.Actor{Account: "0190", Login: role, Name: role, Roles: []string{role}}))
			}
			next.ServeHTTP(w, r)
		})
	}
	rt := web.NewRouter(web.Config{Log: slog.New(slog.DiscardHandler), Messages: texts, Frame: frame, Within: []web.Middleware{within}})
	store := proceduresql.New(db)
	rt.Mount(procedureweb.New(procedureweb.Shell{
		Editions: procedure.NewEditions(store, clock.Fixed(now), sqldb.NewID), Shelf: procedure.NewShelf(store, &asks{}, clock.Fixed(now), sqldb.NewID),
		Names: names{}, Frame: frame, Clock: clock.Fixed(now),
	}).Routes()...)
	return &site{t, rt.Handler()}
}

// do asks as somebody, and gives the page and where it leads.
func (s *site) do(role string, r *http.Request, status int, want ...string) (page, location string) {
	s.t.Helper()
	r.Header.Set("X-Role", role)
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	body := w.Body.String()
	if w.Code != status {
		s.t.Fatalf("%s %s answered %d, want %d: %.2000s", r.Method, r.URL, w.Code, status, body)
	}
	if strings.Contains(body, "[procedure") {
		s.t.Errorf("%s: a message is missing", r.URL)
	}
	if w.Code != http.StatusSeeOther {
		for _, f := range uitest.Markup(body) {
			s.t.Errorf("%s %s: %s", r.Method, r.URL, f)
		}
	}
	for _, text := range want {
		if !strings.Contains(body, text) {
			s.t.Errorf("%s %s does not say %q", r.Method, r.URL, text)
		}
	}
	return body, w.Header().Get("Location")
}

func get(path string) *http.Request { return httptest.NewRequest(http.MethodGet, path, nil) }

// upload is the form of an edition.
func upload(t *testing.T, taken, file string) *http.Request {
	t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	for k, v := range map[string]string{"source": "Cổng tỉnh", "taken": taken} {
		if err := m.WriteField(k, v); err != nil {
			t.Fatal(err)
		}
	}
	if file != "" {
		f, err := m.CreateFormFile("file", "danhmuc.csv")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(file)); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/catalogue/editions", &body)
	r.Header.Set("Content-Type", m.FormDataContentType())
	return r
}

const newer = "code,name,promulgator\n1.001193,Thủ tục đăng ký khai sinh mới,Bộ Tư pháp\n9.000001-Xoa,Đã xóa,Bộ\n9.000002,Thủ tục thả diều,Bộ\n"

// The administrator imports an edition, sees what is wrong with the file and what is
// different, puts it in force, and finds by it.
func TestEditions(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		s := newSite(t, db)
		s.do("official", get("/catalogue?q=lam+khai+sinh+cho+con"), 200, "Thủ tục đăng ký khai sinh", "/catalogue/1.001193", "Quản trị viên nhập bản mới")
		s.do("official", get("/catalogue?q=zzzz"), 200, "Không tìm thấy thủ tục nào")
		s.do("official", get("/catalogue/1.001193"), 200, "Bộ Tư pháp", "Danh mục không nói rõ")
		s.do("official", get("/catalogue/9.999999"), 404)
		s.do("official", upload(t, "20/11/2026", newer), 403)
		page, _ := s.do("administrator", upload(t, "22/11/2026", ""), 422, "Hãy chọn tệp danh mục", "22/11/2026", "Cổng tỉnh")
		if strings.Contains(page, "Đã nhập") {
			t.Error("a form without a file is taken")
		}
		s.do("administrator", upload(t, "22/11/2026", newer), 422, "không sau hôm nay")
		s.do("administrator", upload(t, "20/11/2026", "a,b\n1,2\n"), 422, "không có cột “code”")
		_, at := s.do("administrator", upload(t, "20/11/2026", newer), 303)
		s.do("administrator", upload(t, "20/11/2026", newer), 409)
		s.do("administrator", get(at), 200, "9.000001-Xoa", "thủ tục đã bị xóa", "Mới có: 1 thủ tục", "Thay đổi: 1 thủ tục", "trước là: Thủ tục đăng ký khai sinh",
			"Trên đây là 100 trong", "Dùng bản này", "Hoàng Thị Quản Trị")
		if page, _ := s.do("official", get(at), 200); strings.Contains(page, "Dùng bản này") {
			t.Error("somebody else is offered to put it in force")
		}
		s.do("official", httptest.NewRequest(http.MethodPost, at+"/use", nil), 403)
		if page, _ := s.do("administrator", get("/catalogue?q=tha+dieu"), 200); strings.Contains(page, "Thủ tục thả diều") {
			t.Error("what is imported is found before it is in force")
		}
		s.do("administrator", httptest.NewRequest(http.MethodPost, at+"/use", nil), 303)
		s.do("administrator", get("/catalogue?q=tha+dieu"), 200, "Thủ tục thả diều", "20/11/2026")
		s.do("administrator", httptest.NewRequest(http.MethodPost, at+"/use", nil), 409, "đang được dùng rồi")
		s.do("administrator", get("/catalogue/editions/none"), 404)
	})
}
