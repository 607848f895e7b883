package mailaddress_test

import (
	"strings"
	"testing"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/mail/mailaddress"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"mau@example.vn": "mau@example.vn", " Mau.Nguyen+488@Example.VN ": "Mau.Nguyen+488@example.vn", "a@b.gov.vn": "a@b.gov.vn",
		"": "", "mau": "", "mau@": "", "@example.vn": "", "mau@example": "", "mau@@example.vn": "", "a b@example.vn": "",
		"mau@example..vn": "", "mau@-x.vn": "", "Mẫu <mau@example.vn>": "", "mau@example.vn\r\nBcc: x@example.vn": "",
		"mau@[192.0.2.1]": "", "mau@192.0.2.1": "", ".mau@example.vn": "", "mẫu@example.vn": "", "a@b.vn, c@d.vn": "", `"a b"@example.vn`: "",
	} {
		got, err := mailaddress.Parse(in)
		if got != want || (want == "") != (fault.Of(err) == fault.Invalid && err != nil) {
			t.Errorf("Parse(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("mau@example.vn")
	f.Add("\"a\"@b.vn\n")
	f.Fuzz(func(t *testing.T, s string) {
		got, err := mailaddress.Parse(s)
		if err != nil {
			return
		}
		if again, err := mailaddress.Parse(got); again != got || err != nil || strings.ContainsAny(got, "\r\n <>,;\"") {
			t.Errorf("%q became %q", s, got)
		}
	})
}
