package uploadweb_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha1" //nolint:gosec // tus names it
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"dean06/internal/platform/blob"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/upload"
	"dean06/internal/platform/upload/uploadsql"
	"dean06/internal/platform/upload/uploadtest"
	"dean06/internal/platform/upload/uploadweb"
	"dean06/internal/platform/web"
)

// site is a router with uploads; who asks stands in a header, as a session would say it.
type site struct {
	http.Handler
	service *uploadsql.Service
	refused []string
}

func newSite(t testing.TB) *site {
	t.Helper()
	db := sqldbtest.OpenSQLite(t)
	if err := uploadsql.Migrate(context.Background(), db); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	blobs, err := blob.NewDir(filepath.Join(dir, "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	texts, err := i18n.Load(ui.Messages, web.Messages, upload.Messages)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	s := &site{service: uploadsql.New(uploadsql.Options{
		DB: db, Dir: filepath.Join(dir, "uploads"), Files: blobs.Relaxed(), Log: log, Relaxed: true, Most: 1 << 20,
		Free: func(string) (int64, bool) { return 100 << 30, true },
	})}
	rt := web.NewRouter(web.Config{Log: log, Messages: texts, Frame: func(*http.Request) ui.Frame { return ui.Frame{} }})
	for _, h := range uploadweb.Handlers(s.mount(log), "signed in") {
		rt.Handle(h.Pattern, h.Handler)
	}
	s.Handler = rt.Handler()
	return s
}

func (s *site) mount(log *slog.Logger) uploadweb.Mount {
	return uploadweb.Mount{
		Service: s.service, Path: "/uploads", Log: log,
		Owner: func(r *http.Request) (string, error) { return r.Header.Get("X-Who"), nil },
		Allow: func(_ context.Context, owner string, n upload.New) (upload.Policy, error) {
			if n.For == "of bình" && owner != "bình" {
				return upload.Policy{}, fault.New(fault.NotFound, "upload.unknown", nil)
			}
			return upload.Papers, nil
		},
		Refused: func(_ context.Context, owner string, _ upload.New, why *fault.Error) {
			s.refused = append(s.refused, owner+" "+why.Key)
		},
	}
}

// ask sends a request of "an" with Tus-Resumable and more headers, "Name: value"; a header
// without a value is taken away.
func (s *site) ask(method, path, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Tus-Resumable", "1.0.0")
	r.Header.Set("X-Who", "an")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for _, h := range headers {
		if name, value, _ := strings.Cut(h, ": "); value == "" {
			r.Header.Del(name)
		} else {
			r.Header.Set(name, value)
		}
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func meta(pairs ...string) string {
	var out []string
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, pairs[i]+" "+base64.StdEncoding.EncodeToString([]byte(pairs[i+1])))
	}
	return "Upload-Metadata: " + strings.Join(out, ",")
}

const piece = "Content-Type: application/offset+octet-stream"

// begin makes an upload of so many bytes and gives its path.
func (s *site) begin(t testing.TB, size int, headers ...string) string {
	t.Helper()
	w := s.ask("POST", "/uploads", "", append([]string{fmt.Sprint("Upload-Length: ", size), meta("filename", "giấy.pdf")}, headers...)...)
	if w.Code != http.StatusCreated {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	return w.Header().Get("Location")
}

// TestConformance walks tus 1.0.0, core and extensions.
func TestConformance(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	at := s.begin(t, 10)
	full := s.begin(t, 5)
	if w := s.ask("PATCH", full, "12345", piece, "Upload-Offset: 0"); w.Code != 204 {
		t.Fatal(w.Code, w.Body)
	}
	sum := func(text string) string {
		h := sha1.Sum([]byte(text)) //nolint:gosec // tus names it
		return "Upload-Checksum: sha1 " + base64.StdEncoding.EncodeToString(h[:])
	}
	for _, c := range []struct {
		what, method, path, body string
		headers                  []string
		status                   int
		want                     string // headers of the answer, "Name: value"; "Name:" is not there
	}{
		{"what it can", "OPTIONS", "/uploads", "", []string{"Tus-Resumable"}, 204, "Tus-Resumable: 1.0.0|Tus-Version: 1.0.0|Tus-Max-Size: 1048576|" +
			"Tus-Extension: creation,creation-with-upload,expiration,checksum,termination|Tus-Checksum-Algorithm: sha1,sha256|Access-Control-Allow-Origin:"},
		{"no version", "HEAD", at, "", []string{"Tus-Resumable"}, 412, "Tus-Version: 1.0.0|Tus-Resumable: 1.0.0|Upload-Offset:"},
		{"another version", "PATCH", at, "12345", []string{"Tus-Resumable: 0.2.2", piece, "Upload-Offset: 0"}, 412, "Tus-Version: 1.0.0"},
		{"nobody", "HEAD", at, "", []string{"X-Who"}, 401, "Upload-Offset:"},
		{"another", "HEAD", at, "", []string{"X-Who: bình"}, 404, "Upload-Offset:"},
		{"another's piece", "PATCH", at, "12345", []string{"X-Who: bình", piece, "Upload-Offset: 0"}, 404, "Upload-Offset:"},
		{"another's end", "DELETE", at, "", []string{"X-Who: bình"}, 404, ""},
		{"unknown", "HEAD", "/uploads/none", "", nil, 404, "Cache-Control: no-store"},
		{"how far", "HEAD", at, "", nil, 200, "Upload-Offset: 0|Upload-Length: 10|Cache-Control: no-store|Tus-Resumable: 1.0.0|Location:"},
		{"another type", "PATCH", at, "12345", []string{"Content-Type: text/plain", "Upload-Offset: 0"}, 415, ""},
		{"no type", "PATCH", at, "12345", []string{"Upload-Offset: 0"}, 415, ""},
		{"no offset", "PATCH", at, "12345", []string{piece}, 400, ""},
		{"an offset below zero", "PATCH", at, "12345", []string{piece, "Upload-Offset: -1"}, 400, ""},
		{"an offset with a sign", "PATCH", at, "12345", []string{piece, "Upload-Offset: +0"}, 400, ""},
		{"another offset", "PATCH", at, "12345", []string{piece, "Upload-Offset: 3"}, 409, "Upload-Offset:"},
		{"a piece", "PATCH", at, "12345", []string{piece, "Upload-Offset: 0"}, 204, "Upload-Offset: 5|Tus-Resumable: 1.0.0"},
		{"the same again", "PATCH", at, "12345", []string{piece, "Upload-Offset: 0"}, 409, ""},
		{"a spoilt piece", "PATCH", at, "678", []string{piece, "Upload-Offset: 5", sum("abc")}, 460, ""},
		{"an unknown sum", "PATCH", at, "678", []string{piece, "Upload-Offset: 5", "Upload-Checksum: crc32 AAAAAA=="}, 400, ""},
		{"a sum of another length", "PATCH", at, "678", []string{piece, "Upload-Offset: 5", "Upload-Checksum: sha1 AAAA"}, 400, ""},
		{"it was not kept", "HEAD", at, "", nil, 200, "Upload-Offset: 5"},
		{"a right piece", "PATCH", at, "678", []string{piece, "Upload-Offset: 5", sum("678")}, 204, "Upload-Offset: 8"},
		{"an empty piece", "PATCH", at, "", []string{piece, "Upload-Offset: 8"}, 204, "Upload-Offset: 8"},
		{"more than the file", "PATCH", at, "90x", []string{piece, "Upload-Offset: 8"}, 413, ""},
		{"that was not kept", "HEAD", at, "", nil, 200, "Upload-Offset: 8"},
		{"another method by POST", "POST", at, "90", []string{piece, "Upload-Offset: 8", "X-HTTP-Method-Override: PATCH"}, 204, "Upload-Offset: 10"},
		{"another method by GET", "GET", at, "", []string{"X-HTTP-Method-Override: DELETE"}, 405, ""},
		{"it is whole", "HEAD", at, "", nil, 200, "Upload-Offset: 10|Upload-Length: 10"},
		{"looked at", "POST", full, "", nil, 422, ""},
		{"and it is gone", "PATCH", full, "x", []string{piece, "Upload-Offset: 2"}, 409, ""},
		{"an end", "DELETE", at, "", nil, 204, "Tus-Resumable: 1.0.0"},
		{"after it", "HEAD", at, "", nil, 404, ""},
		{"a piece after it", "PATCH", at, "1", []string{piece, "Upload-Offset: 0"}, 404, ""},
		{"a second end", "DELETE", at, "", nil, 404, ""},
		{"no length", "POST", "/uploads", "", nil, 400, "Location:"},
		{"a length that is none", "POST", "/uploads", "", []string{"Upload-Length: 1e3"}, 400, "Location:"},
		{"a length for later", "POST", "/uploads", "", []string{"Upload-Defer-Length: 1"}, 400, "Location:"},
		{"nothing", "POST", "/uploads", "", []string{"Upload-Length: 0"}, 422, "Location:"},
		{"too much", "POST", "/uploads", "", []string{"Upload-Length: 1048577"}, 413, "Location:"},
		{"far too much", "POST", "/uploads", "", []string{"Upload-Length: 99999999999999999999999"}, 413, "Location:"},
		{"a program", "POST", "/uploads", "", []string{"Upload-Length: 5", meta("filename", "a.exe")}, 422, "Location:"},
		{"broken metadata", "POST", "/uploads", "", []string{"Upload-Length: 5", "Upload-Metadata: filename %%"}, 400, "Location:"},
		{"a key twice", "POST", "/uploads", "", []string{"Upload-Length: 5", "Upload-Metadata: a YQ==,a YQ=="}, 400, "Location:"},
		{"for what is another's", "POST", "/uploads", "", []string{"Upload-Length: 5", meta("for", "of bình")}, 404, "Location:"},
		{"a form", "POST", "/uploads", "a=b", []string{"Upload-Length: 5", "Content-Type: application/x-www-form-urlencoded"}, 415, "Location:"},
		{"with the first piece", "POST", "/uploads", "123", []string{"Upload-Length: 5", piece}, 201, "Upload-Offset: 3"},
		{"with more than the file", "POST", "/uploads", "123456", []string{"Upload-Length: 5", piece}, 413, "Location:"},
		{"with a spoilt piece", "POST", "/uploads", "123", []string{"Upload-Length: 5", piece, sum("abc")}, 460, "Location:"},
		{"a list", "GET", "/uploads", "", nil, 405, "Allow: POST, OPTIONS"},
		{"deeper", "HEAD", "/uploads/a/b", "", nil, 404, ""},
	} {
		w := s.ask(c.method, c.path, c.body, c.headers...)
		if w.Code != c.status {
			t.Errorf("%s: %d, want %d: %s", c.what, w.Code, c.status, w.Body)
		}
		for h := range strings.SplitSeq(c.want, "|") {
			name, value, _ := strings.Cut(h, ":")
			if got := w.Header().Get(name); name != "" && got != strings.TrimSpace(value) {
				t.Errorf("%s: %s is %q, want %q", c.what, name, got, strings.TrimSpace(value))
			}
		}
		if c.status >= 400 && c.method != "HEAD" && c.status != 404 {
			var p web.Problem
			if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || p.Detail == "" || strings.HasPrefix(p.Detail, "[") {
				t.Errorf("%s: %s (%v)", c.what, w.Body, err)
			}
		}
	}
	if len(s.refused) < 4 {
		t.Errorf("the module heard of %v", s.refused)
	}
}

// TestMetadata comes back as it was sent, and expiry is told while it can be gone on.
func TestMetadata(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	sent := strings.TrimPrefix(meta("filename", "Giấy khai sinh.pdf", "filetype", "application/pdf", "for", "hồ sơ 1"), "Upload-Metadata: ") + ",relative"
	at := s.begin(t, 10, "Upload-Metadata: "+sent)
	w := s.ask("HEAD", at, "")
	if got := w.Header().Get("Upload-Metadata"); got != sent {
		t.Errorf("%q, want %q", got, sent)
	}
	until, err := http.ParseTime(w.Header().Get("Upload-Expires"))
	if err != nil || time.Until(until) < time.Minute {
		t.Errorf("expires %v, %v", until, err)
	}
}

// TestOtherSites cannot reach it, whatever they send.
func TestOtherSites(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	at := s.begin(t, 10)
	for _, c := range []struct{ method, path, body, header string }{
		{"POST", "/uploads", "", "Upload-Length: 5"},
		{"PATCH", at, "12345", "Upload-Offset: 0"},
		{"DELETE", at, "", "X: y"},
		{"POST", at, "", "X: y"},
		{"POST", at, "12345", "X-HTTP-Method-Override: PATCH"},
		{"POST", at, "", "X-HTTP-Method-Override: DELETE"},
	} {
		if w := s.ask(c.method, c.path, c.body, c.header, piece, "Sec-Fetch-Site: cross-site"); w.Code != 403 {
			t.Errorf("%s %s: %d", c.method, c.path, w.Code)
		}
		if w := s.ask(c.method, c.path, c.body, c.header, piece, "Sec-Fetch-Site: ", "Origin: https://elsewhere.example"); w.Code != 403 {
			t.Errorf("%s %s of an old browser: %d", c.method, c.path, w.Code)
		}
	}
	w := s.ask("OPTIONS", at, "", "Sec-Fetch-Site: cross-site", "Origin: https://elsewhere.example", "Access-Control-Request-Method: PATCH")
	for name := range w.Header() {
		if strings.HasPrefix(name, "Access-Control-") {
			t.Errorf("other sites are told %s", name)
		}
	}
	// Nor a form of an old browser that says nothing: it cannot send the header.
	if w := s.ask("POST", "/uploads", "a=b", "Tus-Resumable: ", "Sec-Fetch-Site: ", "Content-Type: text/plain"); w.Code != 412 {
		t.Errorf("a plain form: %d", w.Code)
	}
	if w := s.ask("HEAD", at, ""); w.Code != 200 || w.Header().Get("Upload-Offset") != "0" {
		t.Errorf("something came: %d, %s", w.Code, w.Header().Get("Upload-Offset"))
	}
}

// TestFinish tells the script what was found, in the reader's language.
func TestFinish(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	picture := uploadtest.JPEG(uploadtest.Blur(uploadtest.Page(900, 1200, 1), 5), 80)
	at := s.begin(t, len(picture), meta("filename", "ảnh.jpg"))
	if w := s.ask("POST", at, ""); w.Code != 409 {
		t.Errorf("nothing came: %d %s", w.Code, w.Body)
	}
	if w := s.ask("PATCH", at, string(picture), piece, "Upload-Offset: 0"); w.Code != 204 {
		t.Fatal(w.Code, w.Body)
	}
	for range 2 {
		w := s.ask("POST", at, "")
		var got struct {
			Upload, Name string
			Warnings     []struct{ Code, Text string }
		}
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != 200 || got.Name != "ảnh.jpg" || !strings.HasSuffix(at, got.Upload) {
			t.Errorf("%d %s %v", w.Code, w.Body, err)
		}
		if len(got.Warnings) != 1 || got.Warnings[0].Code != "blurred" || !strings.Contains(got.Warnings[0].Text, "nhòe") {
			t.Errorf("%+v", got.Warnings)
		}
	}
}

// counted counts what is read of a body that never ends.
type counted struct{ n atomic.Int64 }

func (c *counted) Read(p []byte) (int, error) {
	c.n.Add(int64(len(p)))
	return len(p), nil
}

// TestTooLargeIsNotRead: what cannot be taken is told by its headers.
func TestTooLargeIsNotRead(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	at := s.begin(t, 10)
	for _, c := range []struct{ method, path, header, value string }{
		{"POST", "/uploads", "Upload-Length", "2147483648"}, {"PATCH", at, "Upload-Offset", "0"},
	} {
		body := &counted{}
		r := httptest.NewRequest(c.method, c.path, body)
		r.ContentLength = 2 << 30
		for name, v := range map[string]string{
			"Tus-Resumable": "1.0.0", "X-Who": "an", "Content-Type": "application/offset+octet-stream", c.header: c.value,
		} {
			r.Header.Set(name, v)
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != http.StatusRequestEntityTooLarge || body.n.Load() > 0 {
			t.Errorf("%s: %d, %d bytes were read", c.method, w.Code, body.n.Load())
		}
	}
	// One that does not say how long it is, is read no further than the file goes.
	body := &counted{}
	r := httptest.NewRequest("PATCH", at, body)
	r.ContentLength = -1
	for name, v := range map[string]string{
		"Tus-Resumable": "1.0.0", "X-Who": "an", "Content-Type": "application/offset+octet-stream", "Upload-Offset": "0",
	} {
		r.Header.Set(name, v)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if w.Code != http.StatusRequestEntityTooLarge || body.n.Load() > 1<<20 {
		t.Errorf("without a length: %d, %d bytes were read", w.Code, body.n.Load())
	}
}

// TestLineLost: over a real line that breaks off in the middle of a piece.
func TestLineLost(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	at := s.begin(t, 1000)
	srv := httptest.NewServer(s)
	defer srv.Close()
	conn, err := net.Dial("tcp", strings.TrimPrefix(srv.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "PATCH %s HTTP/1.1\r\nHost: x\r\nTus-Resumable: 1.0.0\r\nX-Who: an\r\nUpload-Offset: 0\r\n%s\r\nContent-Length: 1000\r\n\r\n%s",
		at, piece, strings.Repeat("x", 400))
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || resp.StatusCode != http.StatusRequestTimeout {
		t.Errorf("%v, %v", resp, err)
	}
	_ = resp.Body.Close()
	_ = conn.Close()
	if w := s.ask("HEAD", at, ""); w.Header().Get("Upload-Offset") != "400" {
		t.Errorf("%s bytes are told, want 400", w.Header().Get("Upload-Offset"))
	}
}

// TestForms: with a script or without, the same files.
func TestForms(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	doc := string(uploadtest.PDF(""))
	for_ := meta("filename", "giấy.pdf", "for", "hồ sơ 1")
	at := s.begin(t, len(doc), for_)
	if w := s.ask("PATCH", at, doc, piece, "Upload-Offset: 0"); w.Code != 204 {
		t.Fatal(w.Code)
	}
	other := s.begin(t, len(doc), meta("filename", "giấy.pdf", "for", "hồ sơ 2"))
	if w := s.ask("PATCH", other, doc, piece, "Upload-Offset: 0"); w.Code != 204 {
		t.Fatal(w.Code)
	}
	id := func(at string) string { return strings.TrimPrefix(at, "/uploads/") }
	part := func(name, file, content string) string {
		if file != "" {
			file = `; filename="` + file + `"`
		}
		return "--x\r\nContent-Disposition: form-data; name=\"" + name + "\"" + file + "\r\n\r\n" + content + "\r\n"
	}
	for _, c := range []struct {
		what, body string
		owner      string
		files      int
		wrong      string
	}{
		{"the script", part("paper-upload", "", id(at)), "an", 1, ""},
		{"the script, again", part("paper-upload", "", id(at)), "an", 1, ""},
		{"no script", part("paper", "giấy.pdf", doc), "an", 1, ""},
		{"both", part("paper", "giấy.pdf", doc) + part("paper-upload", "", id(at)), "an", 2, ""},
		{"nothing", part("paper", "", ""), "an", 0, ""},
		{"another's", part("paper-upload", "", id(at)), "bình", 0, "upload.unknown"},
		{"sent for something else", part("paper-upload", "", id(other)), "an", 0, "upload.unknown"},
		{"a guess", part("paper-upload", "", "../../etc/passwd"), "an", 0, "upload.unknown"},
		{"empty", part("paper", "giấy.pdf", ""), "an", 0, "upload.refused.empty"},
		{"one good, one bad", part("paper", "a.pdf", doc) + part("paper", "b.pdf", "words"), "an", 1, "upload.refused.wrong_type"},
	} {
		r := httptest.NewRequest("POST", "/", strings.NewReader(c.body+"--x--\r\n"))
		r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
		form, err := web.ReadForm(r)
		if err != nil {
			t.Fatal(c.what, err)
		}
		files, err := uploadweb.Files(t.Context(), s.service, c.owner, form, "paper", upload.New{For: "hồ sơ 1"})
		if len(files) != c.files {
			t.Errorf("%s: %d files, want %d", c.what, len(files), c.files)
		}
		list := web.FormErrors(err)
		switch {
		case c.wrong == "" && err != nil, c.wrong != "" && len(list) != 1:
			t.Errorf("%s: %v", c.what, err)
		case c.wrong != "" && (list[0].Key != c.wrong || list[0].Field != "paper"):
			t.Errorf("%s: %v at %s, want %s", c.what, list[0], list[0].Field, c.wrong)
		}
	}
}

// TestAttrs: the script gets its words and limits.
func TestAttrs(t *testing.T) {
	t.Parallel()
	texts, err := i18n.Load(ui.Messages, web.Messages, upload.Messages)
	if err != nil {
		t.Fatal(err)
	}
	s := newSite(t)
	for _, lang := range i18n.Langs {
		a := s.mount(nil).Attrs(texts.In(lang), "hồ sơ 1", upload.Policy{Max: 5 << 20, Paper: true})
		words := map[string]string{}
		if err := json.Unmarshal([]byte(a["data-upload-words"].(string)), &words); err != nil {
			t.Fatal(err)
		}
		for key, text := range words {
			if strings.HasPrefix(text, "[") {
				t.Errorf("%s: %s has no text", lang, key)
			}
		}
		if a["data-upload"] != "/uploads" || a["data-upload-most"] != "1048576" || a["data-upload-paper"] == nil {
			t.Errorf("%v", a)
		}
	}
}

func FuzzMetadata(f *testing.F) {
	for _, seed := range []string{"", "filename YQ==,for YQ==", "a,b,c", "a YQ==,", " , ", "a \xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		got, err := uploadweb.ParseMetadata(header)
		if err != nil {
			return
		}
		for key, value := range got {
			if key == "" || strings.ContainsAny(key, " ,") {
				t.Errorf("key %q of %q", key, header)
			}
			again, err := uploadweb.ParseMetadata(key + " " + base64.StdEncoding.EncodeToString([]byte(value)))
			if err != nil || again[key] != value {
				t.Errorf("%q is not read again: %v", key, err)
			}
		}
	})
}

// FuzzRequest: no request makes an upload of another owner move, or the handler fail inside.
func FuzzRequest(f *testing.F) {
	f.Add("PATCH", "/x", "0", "5", "sha1 AAAA", "", "abc")
	f.Add("POST", "", "", "5", "", "filename YQ==", "abc")
	f.Add("POST", "/x", "+1", "-5", "sha256", "a", "")
	s := newSite(f)
	at := s.begin(f, 100, "X-Who: khác")
	f.Fuzz(func(t *testing.T, method, path, offset, length, sum, metadata, body string) {
		r := httptest.NewRequest("POST", "/uploads", bytes.NewReader([]byte(body)))
		r.Method, r.URL.Path = method, "/uploads"+strings.ReplaceAll(path, "/x", strings.TrimPrefix(at, "/uploads"))
		for name, v := range map[string]string{
			"Tus-Resumable": "1.0.0", "X-Who": "an", "Content-Type": "application/offset+octet-stream", "Upload-Offset": offset,
			"Upload-Length": length, "Upload-Checksum": sum, "Upload-Metadata": metadata,
		} {
			r.Header.Set(name, v)
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Errorf("%d %s", w.Code, w.Body)
		}
		if u, err := s.service.Stat(t.Context(), "khác", strings.TrimPrefix(at, "/uploads/")); err != nil || u.Received != 0 {
			t.Errorf("another's upload has moved: %+v, %v", u, err)
		}
		_, _ = io.Copy(io.Discard, w.Body)
	})
}
