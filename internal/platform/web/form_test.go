package web_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/web"
)

func formOf(t *testing.T, v url.Values) (web.Form, error) {
	t.Helper()
	r := httptest.NewRequest("POST", "/", strings.NewReader(v.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return web.ReadForm(r)
}

func TestFormText(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, in, want string }{
		{"spaces around", "  Hà Nội \t", "Hà Nội"},
		{"decomposed marks", "Hue\u0302\u0301", "Huế"},
		{"line ends", "a\r\nb", "a\nb"},
		{"empty", "   ", ""},
	}
	for _, c := range cases {
		f, err := formOf(t, url.Values{"x": {c.in}})
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if got := f.Text("x"); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestFormRefusesWhatNoKeyboardWrites(t *testing.T) {
	t.Parallel()
	for _, in := range []string{"a\x00b", "a\xffb"} {
		_, err := formOf(t, url.Values{"x": {in}})
		f := fault.As(err)
		if f == nil || f.Kind != fault.Invalid || f.Field != "x" {
			t.Errorf("%q: got %v, want Invalid at x", in, err)
		}
	}
}

func TestFormInt(t *testing.T) {
	t.Parallel()
	cases := []struct {
		in    string
		want  int
		given bool
		bad   bool
	}{
		{"", 0, false, false},
		{"64", 64, true, false},
		{"1.240", 1240, true, false},
		{"1,240,500", 1240500, true, false},
		{"1 875", 1875, true, false},
		{"-3", -3, true, false},
		{"1.5", 0, true, true},
		{"12.34", 0, true, true},
		{"ba", 0, true, true},
		{"99999999999999999999", 0, true, true},
	}
	for _, c := range cases {
		f, err := formOf(t, url.Values{"n": {c.in}})
		if err != nil {
			t.Fatal(err)
		}
		n, given, err := f.Int("n")
		if n != c.want || given != c.given || (err != nil) != c.bad {
			t.Errorf("%q: got %d %v %v, want %d %v, bad %v", c.in, n, given, err, c.want, c.given, c.bad)
		}
	}
}

func TestFormDate(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name string
		in   url.Values
		want string
		bad  bool
	}{
		{"parts", url.Values{"d-day": {"28"}, "d-month": {"2"}, "d-year": {"2023"}}, "2023-02-28", false},
		{"one field", url.Values{"d": {"1/7/2025"}}, "2025-07-01", false},
		{"as machines write", url.Values{"d": {"2025-07-01"}}, "2025-07-01", false},
		{"none", url.Values{}, "", false},
		{"not in the calendar", url.Values{"d-day": {"31"}, "d-month": {"2"}, "d-year": {"2023"}}, "", true},
		{"a part missing", url.Values{"d-day": {"3"}, "d-year": {"2023"}}, "", true},
		{"two-digit year", url.Values{"d": {"1/7/0025"}}, "", true},
	}
	for _, c := range cases {
		f, err := formOf(t, c.in)
		if err != nil {
			t.Fatal(err)
		}
		got, err := f.Date("d")
		if got.String() != c.want || (err != nil) != c.bad {
			t.Errorf("%s: got %s %v, want %s, bad %v", c.name, got, err, c.want, c.bad)
		}
	}
}

func TestFormFiles(t *testing.T) {
	t.Parallel()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	w, err := m.CreateFormFile("file", "tra-loi.docx")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = w.Write([]byte("PK"))
	if err := m.WriteField("note", " x "); err != nil {
		t.Fatal(err)
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("POST", "/", &body)
	r.Header.Set("Content-Type", m.FormDataContentType())
	f, err := web.ReadForm(r)
	if err != nil {
		t.Fatal(err)
	}
	if files := f.Files("file"); len(files) != 1 || files[0].Filename != "tra-loi.docx" || f.Text("note") != "x" {
		t.Errorf("got files %v and note %q, want one file and x", files, f.Text("note"))
	}
}

func TestBrokenMultipart(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest("POST", "/", strings.NewReader("nonsense"))
	r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	if _, err := web.ReadForm(r); fault.Of(err) != fault.Invalid {
		t.Errorf("got %v, want Invalid", err)
	}
	r = httptest.NewRequest("POST", "/", http.MaxBytesReader(nil, nil, 0))
	if _, err := web.ReadForm(r); err != nil {
		t.Errorf("got %v for an empty form, want none", err)
	}
}

func TestCleanIsStable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		once, err := web.Clean(rapid.String().Draw(t, "text"))
		if err != nil {
			return
		}
		twice, err := web.Clean(once)
		if err != nil || twice != once {
			t.Fatalf("got %q then %q (%v), want the same", once, twice, err)
		}
		if !utf8.ValidString(once) || !norm.NFC.IsNormalString(once) {
			t.Fatalf("got %q, want valid NFC", once)
		}
	})
}

func FuzzForm(f *testing.F) {
	f.Add("d-day=31&d-month=2&d-year=2023&n=1.240")
	f.Add("d=28/02/2023&n=%00")
	f.Fuzz(func(t *testing.T, body string) {
		r := httptest.NewRequest("POST", "/", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		form, err := web.ReadForm(r)
		if err != nil {
			if fault.Of(err) != fault.Invalid {
				t.Fatalf("got %v, want Invalid", err)
			}
			return
		}
		if d, err := form.Date("d"); err == nil && !d.IsZero() && d != clock.MustDate(d.String()) {
			t.Fatalf("got day %s, want one in the calendar", d)
		}
		for _, name := range form.Names() {
			if strings.ContainsRune(form.Text(name), 0) {
				t.Fatal("got NUL in a text")
			}
		}
	})
}
