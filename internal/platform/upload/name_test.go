package upload_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"dean06/internal/platform/upload"
	"dean06/internal/platform/upload/uploadtest"
)

func TestCleanName(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ế", 200)
	for _, c := range []struct {
		in   string
		t    upload.Type
		want string
	}{
		{"Giấy khai sinh.pdf", upload.PDF, "Giấy khai sinh.pdf"},
		{`C:\Users\An\Giấy.PDF`, upload.PDF, "Giấy.PDF"},
		{"../../etc/passwd", upload.PDF, "passwd.pdf"},
		{"IMG_1", upload.JPEG, "IMG_1.jpg"},
		{"IMG.jpeg", upload.JPEG, "IMG.jpeg"},
		{"Khai sinh 12.5.2020", upload.PDF, "Khai sinh 12.5.2020.pdf"},
		{"gi\u200bấ\u202ey\u0000\r\n.pdf", upload.PDF, "giấy.pdf"},
		{"a\"b<c>|d?.pdf", upload.PDF, "a_b_c__d_.pdf"},
		{"", upload.PNG, "tep.png"},
		{"...", upload.PDF, "tep.pdf"},
		{".pdf", upload.PDF, "pdf.pdf"},
		{"a\xff\xfe.pdf", upload.PDF, "a.pdf"},
		{long + ".pdf", upload.PDF, strings.Repeat("ế", 116) + ".pdf"},
		{"virus.exe", "", "virus.exe"},
	} {
		if got := upload.CleanName(c.in, c.t); got != c.want {
			t.Errorf("%q: %q, want %q", c.in, got, c.want)
		}
	}
}

func TestCleanNameProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.String().Draw(t, "in")
		got := upload.CleanName(in, upload.PDF)
		bad := strings.ContainsFunc(got, func(r rune) bool { return unicode.IsControl(r) || strings.ContainsRune(`/\<>:"|?*`, r) })
		if bad || !utf8.ValidString(got) || utf8.RuneCountInString(got) > 120 || !strings.HasSuffix(strings.ToLower(got), ".pdf") {
			t.Fatalf("%q becomes %q", in, got)
		}
		if again := upload.CleanName(got, upload.PDF); again != got {
			t.Fatalf("%q becomes %q, and that %q", in, got, again)
		}
	})
}

func TestParseScanner(t *testing.T) {
	t.Parallel()
	for setting, ok := range map[string]bool{
		"tcp:127.0.0.1:3310": true, "unix:/run/clamav/clamd.ctl": true, "": true,
		"tcp:127.0.0.1": false, "unix:clamd": false, "127.0.0.1:3310": false, "tcp::3310": false, "udp:a:1": false,
	} {
		if _, err := upload.ParseScanner(setting); (err == nil) != ok {
			t.Errorf("%q: %v", setting, err)
		}
	}
}

// TestClamd over TCP: each answer that is not clear leaves the file in doubt.
func TestClamd(t *testing.T) {
	t.Parallel()
	stand, err := uploadtest.StartClamd("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer stand.Close()
	s, err := upload.ParseScanner("tcp:" + stand.Address())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	for _, c := range []struct {
		content, virus string
	}{{"", ""}, {strings.Repeat("x", 200_000), ""}, {strings.Repeat("x", 64<<10) + uploadtest.EICAR, "Eicar-Test-Signature"}} {
		virus, err := s.Scan(t.Context(), strings.NewReader(c.content))
		if err != nil || virus != c.virus {
			t.Errorf("%d bytes: %q, %v", len(c.content), virus, err)
		}
	}
	if n := stand.Scans.Load(); n != 3 {
		t.Errorf("%d files came, want 3", n)
	}
	for _, m := range []uploadtest.Manner{uploadtest.Garbage, uploadtest.Closing, uploadtest.Half} {
		stand.Set(m)
		if _, err := s.Scan(t.Context(), strings.NewReader("x")); !upload.Is(err, upload.ErrAway) {
			t.Errorf("manner %d: %v", m, err)
		}
	}
	stand.Set(uploadtest.Limited)
	if _, err := s.Scan(t.Context(), strings.NewReader(strings.Repeat("x", 5<<20))); err == nil || upload.Is(err, upload.ErrAway) {
		t.Errorf("larger than it takes: %v", err)
	}
	stand.Set(uploadtest.Garbage)
	if err := s.Ping(t.Context()); err == nil {
		t.Error("what is no clamd is taken for one")
	}
}
