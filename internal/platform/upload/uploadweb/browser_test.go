package uploadweb_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"

	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui/assets"
	"dean06/internal/platform/ui/uitest"
	"dean06/internal/platform/upload"
	"dean06/internal/platform/upload/uploadtest"
)

// TestScript sends a file through a line that breaks, and looks at photographs before.
func TestScript(t *testing.T) {
	t.Parallel()
	ctx := uitest.Browser(t)
	s := newSite(t)
	texts, err := i18n.Load(upload.Messages)
	if err != nil {
		t.Fatal(err)
	}
	var pieces atomic.Int64
	mux := http.NewServeMux()
	mux.HandleFunc("/uploads/", func(w http.ResponseWriter, r *http.Request) {
		r.Header.Set("X-Who", "an")
		if r.Method == http.MethodPatch && pieces.Add(1) == 1 { // the line is lost after the server took it
			s.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		}
		s.ServeHTTP(w, r)
	})
	mux.HandleFunc("/uploads", func(w http.ResponseWriter, r *http.Request) {
		r.Header.Set("X-Who", "an")
		s.ServeHTTP(w, r)
	})
	mux.Handle(assets.Prefix, assets.Handler())
	var sent atomic.Value
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			_ = r.ParseMultipartForm(1 << 20)
			sent.Store(fmt.Sprint(len(r.MultipartForm.Value["paper-upload"]), " ", len(r.MultipartForm.File["paper"])))
		}
		a := s.mount(nil).Attrs(texts.In(i18n.Vi), "hồ sơ 1", upload.Papers)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<!DOCTYPE html><html lang="vi"><head><title>x</title><link rel="stylesheet" href=%q>`+
			`<script type="module" src=%q></script></head><body><main><h1>Giấy tờ</h1>`+
			`<form method="post" enctype="multipart/form-data"><label for="paper">Giấy</label>`+
			`<input type="file" id="paper" name="paper" multiple required data-upload=%q data-upload-for=%q data-upload-most=%q `+
			`data-upload-words='%s' data-upload-paper='%s'>`+
			`<button id="go">Gửi</button></form></main></body></html>`,
			assets.URL("app.css"), assets.URL("app.js"), a["data-upload"], a["data-upload-for"], a["data-upload-most"],
			a["data-upload-words"], a["data-upload-paper"])
	})
	srv := httptest.NewServer(mux)
	defer srv.Close()
	dir := t.TempDir()
	file := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	page := uploadtest.Page(1000, 1400, 1)
	doc := file("giấy.pdf", uploadtest.PDF("", strings.Repeat("% chữ\n", 1<<16)))
	good, bad := file("rõ.jpg", uploadtest.JPEG(page, 70)), file("nhòe.jpg", uploadtest.JPEG(uploadtest.Blur(page, 5), 70))
	small := file("nhỏ.png", uploadtest.PNG(uploadtest.Page(300, 400, 1)))
	state := func(n int, want string) chromedp.Action[chromedp.Void] {
		return chromedp.Poll[chromedp.Void](fmt.Sprintf(
			`document.querySelectorAll('.app-upload__file')[%d]?.dataset.state === %q`, n, want), chromedp.WithPollingTimeout(uitest.Patience))
	}
	press := func(n, button int) chromedp.Action[chromedp.Void] {
		return chromedp.Evaluate[chromedp.Void](fmt.Sprintf(
			`document.querySelectorAll('.app-upload__file')[%d].querySelectorAll('button')[%d].click()`, n, button))
	}
	say := func(script string) string {
		text, err := chromedp.Run(ctx, chromedp.Evaluate[string](script))
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	try := func(steps ...chromedp.Action[chromedp.Void]) {
		if err := chromedp.Do(ctx, steps...); err != nil {
			t.Fatal(err, say(`document.querySelector('.app-upload')?.innerText ?? ''`))
		}
	}
	try(
		chromedp.EmulateViewport(uitest.Phone, 844), chromedp.Navigate(srv.URL+"/"),
		chromedp.WaitReady(chromedp.CSS(`[data-upload-init]`)),
		chromedp.SetUploadFiles(chromedp.CSS("#paper"), []string{doc, good, bad, small}),
		state(0, "done"), state(1, "done"), state(2, "blurred"), state(3, "too_small"),
	)
	words := say(`document.querySelector('.app-upload').innerText`)
	try(press(2, 1), state(2, "done"), press(3, 0))
	left := say(`JSON.stringify(localStorage)`)
	if _, err := chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS("#go"))); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Đã nhận “giấy.pdf”", "bị nhòe", "300 × 400 điểm ảnh"} {
		if !strings.Contains(words, want) {
			t.Errorf("%q does not say %q", words, want)
		}
	}
	if strings.Contains(left, "giấy") || !strings.Contains(left, "dean06-upload-") {
		t.Errorf("the browser keeps %s", left)
	}
	if pieces.Load() < 4 {
		t.Errorf("%d pieces came", pieces.Load())
	}
	if got := sent.Load(); got != "3 0" {
		t.Errorf("the form sends %v, want 3 numbers and no file", got)
	}
	list, err := s.service.List(t.Context(), "an", "hồ sơ 1")
	if err != nil || len(list) != 3 {
		t.Errorf("%+v, %v", list, err)
	}
}
