package web_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

// multipartOf is a form as a browser or somebody hostile sends it.
func multipartOf(parts ...string) (body, kind string) {
	var b strings.Builder
	for _, p := range parts {
		b.WriteString("--x\r\n" + p + "\r\n")
	}
	return b.String() + "--x--\r\n", "multipart/form-data; boundary=x"
}

// TestUploadsLeaveNothing: what a form put into files is gone when it is answered, also
// of a request that was passed on as a copy, and of one that failed half-way.
func TestUploadsLeaveNothing(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	large := "Content-Disposition: form-data; name=\"files\"; filename=\"a\"\r\n\r\n" + strings.Repeat("x", 5<<20)
	held := 0
	route := web.Route{Pattern: "POST /up", May: "anyone", MaxBody: 64 << 20, Handler: func(w http.ResponseWriter, r *http.Request) error {
		f, err := web.ReadForm(r)
		if err != nil {
			return err
		}
		left, err := os.ReadDir(dir)
		held = len(left)
		for _, h := range f.Files("files") {
			file, err := h.Open()
			if err != nil {
				return err
			}
			_ = file.Close()
		}
		w.WriteHeader(http.StatusNoContent)
		return err
	}}
	site := newSite(t, route)
	server := httptest.NewServer(site.handler)
	defer server.Close()
	whole, kind := multipartOf(large, large)
	for name, c := range map[string]struct {
		body   string
		status int
	}{
		"whole":                   {whole, http.StatusNoContent},
		"cut off":                 {whole[:9<<20], http.StatusUnprocessableEntity},
		"a file without a name":   {"--x\r\nContent-Disposition: form-data; name=\"files\"\r\n\r\nx\r\n--x--\r\n", http.StatusNoContent},
		"a file without a field":  {"--x\r\nContent-Disposition: form-data; filename=\"a\"\r\n\r\nx\r\n--x--\r\n", http.StatusNoContent},
		"a part without a header": {"--x\r\n\r\nx\r\n--x--\r\n", http.StatusNoContent},
		"nothing":                 {"--x--\r\n", http.StatusNoContent},
		"parts without end": {
			strings.Repeat("--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n", 2000) + "--x--\r\n", http.StatusUnprocessableEntity,
		},
	} {
		resp, err := http.Post(server.URL+"/up", kind, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != c.status {
			t.Errorf("%s: %d, want %d", name, resp.StatusCode, c.status)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("%s: %d files are left, %v", name, len(left), err)
		}
		if name == "whole" && held == 0 {
			t.Error("nothing went into a file: the test tries nothing")
		}
	}
}

// TestStrangersSendLittle: of whoever is not known only a small body is read, unless the
// body itself is what makes them known.
func TestStrangersSendLittle(t *testing.T) {
	t.Parallel()
	cat, err := i18n.Load(ui.Messages, web.Messages)
	if err != nil {
		t.Fatal(err)
	}
	rt := web.NewRouter(web.Config{
		Log: slog.New(slog.DiscardHandler), Messages: cat, Frame: func(*http.Request) ui.Frame { return ui.Frame{} },
		Known: func(ctx context.Context) bool { return ctx.Value(someone{}) != nil },
		Within: []web.Middleware{func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("X-Known") != "" {
					r = r.WithContext(context.WithValue(r.Context(), someone{}, 1))
				}
				next.ServeHTTP(w, r)
			})
		}},
	})
	read := func(w http.ResponseWriter, r *http.Request) error {
		_, err := io.Copy(io.Discard, r.Body)
		return err
	}
	rt.Mount(
		web.Route{Pattern: "POST /inside", May: "signed in", Handler: read},
		web.Route{Pattern: "POST /open", May: "anyone", Handler: read},
		web.Route{Pattern: "POST /signed", May: "centre.takepart", ByBody: true, Handler: read},
	)
	for _, c := range []struct {
		path, known string
		want        int
	}{
		{"/inside", "", http.StatusRequestEntityTooLarge},
		{"/inside", "x", http.StatusOK},
		{"/open", "", http.StatusOK},
		{"/signed", "", http.StatusOK},
	} {
		r := httptest.NewRequest(http.MethodPost, c.path, strings.NewReader(strings.Repeat("x", 100<<10)))
		r.Header.Set("X-Known", c.known)
		w := httptest.NewRecorder()
		rt.Handler().ServeHTTP(w, r)
		if w.Code != c.want {
			t.Errorf("%s, known %q: %d, want %d", c.path, c.known, w.Code, c.want)
		}
	}
}

type someone struct{}

// FuzzReadForm: no form makes us panic, and none is taken that holds what no keyboard writes.
func FuzzReadForm(f *testing.F) {
	for _, parts := range [][]string{
		{},
		{"\r\nx"},
		{"Content-Disposition: form-data\r\n\r\nx"},
		{"Content-Disposition: form-data; name=\"a\"; filename=\"\"\r\n\r\n"},
		{"Content-Disposition: form-data; name=\"a\"; filename=\"../../b\"\r\nContent-Type: multipart/form-data; boundary=x\r\n\r\n--x--"},
	} {
		body, kind := multipartOf(parts...)
		f.Add(kind, body)
	}
	f.Add("application/x-www-form-urlencoded", "a=%00&b=%zz;c")
	f.Add("multipart/form-data", "--")
	f.Fuzz(func(t *testing.T, kind, body string) {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.Header.Set("Content-Type", kind)
		form, err := web.ReadForm(r)
		if err != nil {
			return
		}
		for _, name := range form.Names() {
			if strings.ContainsRune(form.Text(name), 0) || !utf8.ValidString(form.Text(name)) {
				t.Errorf("%q is taken", form.Text(name))
			}
			form.Files(name)
		}
		if r.MultipartForm != nil {
			_ = r.MultipartForm.RemoveAll()
		}
	})
}
