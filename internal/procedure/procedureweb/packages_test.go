package procedureweb_test

import (
	"archive/zip"
	"bytes"
	"context"
	"io/fs"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"dean06/data"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/platform/ui/uitest"
	"dean06/internal/procedure"
)

// asks is a second person who notes what is asked.
type asks struct{ id string }

func (a *asks) Ask(_ context.Context, _ actor.Actor, d procedure.Draft, _ string) error {
	a.id = d.ID
	return nil
}

func (a *asks) Asked(_ context.Context, id string) (string, error) {
	if a.id == id {
		return "/approvals/1", nil
	}
	return "", nil
}

// bring is a request that brings the birth package, with texts replaced.
func bring(t *testing.T, replace ...string) *http.Request {
	t.Helper()
	var packed, body bytes.Buffer
	z := zip.NewWriter(&packed)
	const dir = "procedures/1.001193"
	entries, err := fs.ReadDir(data.Packages, dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		raw, err := fs.ReadFile(data.Packages, dir+"/"+e.Name())
		if err != nil {
			t.Fatal(err)
		}
		w, err := z.Create("goi/" + e.Name())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := strings.NewReplacer(replace...).WriteString(w, string(raw)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	m := multipart.NewWriter(&body)
	f, err := m.CreateFormFile("file", "goi.zip")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(packed.Bytes()); err != nil {
		t.Fatal(err)
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/packages", &body)
	r.Header.Set("Content-Type", m.FormDataContentType())
	return r
}

func post(to string, form url.Values) *http.Request {
	r := httptest.NewRequest(http.MethodPost, to, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

// An administrator brings a package, reads its faults, mends it and asks for the sign-off;
// everybody reads what is in force, with the process drawn.
func TestPackagePages(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		s := newSite(t, db)
		s.do("receiver", get("/packages"), http.StatusOK,
			"Thủ tục đăng ký khai sinh", "Đăng ký thường trú", "Chưa có gói nào được đưa lên", "Quản trị viên đưa lên gói mới")
		for _, p := range procedure.Packages() {
			for _, lang := range []string{"vi", "en"} {
				r := get("/packages/" + p.Code + "/" + p.Version)
				r.AddCookie(&http.Cookie{Name: "lang", Value: lang})
				page, _ := s.do("receiver", r, http.StatusOK, "<svg", "1. ", p.Version)
				if strings.Contains(page, ">record<") || strings.Contains(page, "working_day") {
					t.Errorf("%s, %s: a code is shown alone", p.Code, lang)
				}
			}
		}
		s.do("receiver", get("/packages/1.001193/none"), http.StatusNotFound)
		s.do("receiver", get("/packages/drafts/none"), http.StatusNotFound)
		s.do("receiver", bring(t), http.StatusForbidden)
		s.do("administrator", post("/packages", nil), http.StatusUnprocessableEntity, "Hãy chọn tệp nén")

		_, broken := s.do("administrator", bring(t, "to: review}", "to: nowhere}"), http.StatusSeeOther)
		s.do("administrator", get(broken), http.StatusOK, "process.yaml", "nowhere", "lỗi", "Gói còn lỗi thì không duyệt được")
		_, draft := s.do("administrator", bring(t, `version: "2026-07-18.1"`, `version: "2026-12-01.1"`, "from: 2026-01-16", "from: 2026-12-01"), http.StatusSeeOther)
		s.do("administrator", get(draft), http.StatusOK, "Chưa duyệt", "Đề nghị duyệt", "<svg")
		s.do("receiver", post(draft+"/ask", url.Values{"reason": {"Luật mới từ tháng 12"}}), http.StatusForbidden)
		s.do("administrator", post(draft+"/ask", url.Values{"reason": {"gấp"}}), http.StatusUnprocessableEntity, "Hãy ghi lý do")
		s.do("administrator", post(draft+"/ask", url.Values{"reason": {"Luật mới từ tháng 12"}}), http.StatusSeeOther)
		s.do("administrator", get(draft), http.StatusOK, "đang chờ quản trị viên thứ hai", "/approvals/1")
		s.do("administrator", get("/packages"), http.StatusOK, "2026-12-01.1", "Còn")
	})
}

// The pages fit a phone and a desk, in both languages, and are usable by everybody.
func TestPackagePagesInABrowser(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := uitest.Browser(t) // its own: both engines are tried at once
		s := newSite(t, db)
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Header.Set("X-Role", "administrator")
			s.handler.ServeHTTP(w, r)
		}))
		defer server.Close()
		_, broken := s.do("administrator", bring(t, "to: review}", "to: nowhere}"), http.StatusSeeOther)
		for _, path := range []string{"/packages", "/packages/1.001193/2026-07-18.1?lang=vi", "/packages/1.004222/2026-07-18.1?lang=en", broken + "?lang=en"} {
			for _, width := range []int64{uitest.Phone, 1280} {
				uitest.Open(t, ctx, server.URL+path, width)
				uitest.Check(t, ctx)
			}
		}
	})
}
