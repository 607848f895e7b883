package password

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"dean06/internal/platform/fault"
)

func TestRules(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ password, want string }{
		{"con meo treo cay cau", ""},
		{"Trời mưa ở Huế", ""},
		{"x7Q!mmPz20-k", ""},
		{"trinh-dien-2026", ""},
		{"Bưởi chua hơn khế", ""},
		{"ngắn quá", "short"},
		{strings.Repeat("abcdefgh", 17), "long"},
		{"matkhau12345", "common"},
		{"Mật khẩu 123456", "common"},
		{"password1234", "common"},
		{"P@ssw0rd2024!", "common"},
		{"dean06dean06", "common"},
		{"aaaaaaaaaaaa", "common"},
		{"abcdefghijklm", "common"},
		{"qwertyuiop[]1", "common"},
		{"1qaz2wsx3edc4rfv", "common"},
		{"Anh yêu em 2024", "common"},
		{"anhyeuem@123", "common"},
		{"maatj khaaur 1", "common"},
		{"Trần Thị Linh 1990", "common"},
		{"tôi yêu thái nguyên", "common"},
		{"sdt 0912345678", "common"},
		{"linhyeuhung99", ""}, // one name alone is listed, two are not
		{"123456789012", "digits"},
		{"079090012345", "digits"},
		{"01.09.1990.2020", "digits"},
		{"nguyenvanmau1", "personal"},
		{"mau van nguyen 90", "personal"},
		{"daumoi.h55daumoi.h55", "personal"},
		{"So Noi vu 2025", "personal"},
		{"ĐạiTừ NguyễnMẫu", "personal"},
		{"xadaitu19900131", "personal"},
	} {
		err := Check("new_password", tt.password, "daumoi.h55", "Nguyễn Văn Mẫu", "H55", "Sở Nội vụ", "Xã Đại Từ", "19900131")
		got := ""
		if f := fault.As(err); f != nil {
			got = strings.TrimPrefix(f.Key, "password.")
		}
		if got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.password, got, tt.want)
		}
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	list := common()
	if len(list) < 10_000 || !slices.IsSorted(list) {
		t.Errorf("the list has %d passwords, sorted: %v", len(list), slices.IsSorted(list))
	}
	for _, w := range list {
		if w != Squeeze(w) || len(w) < 3 {
			t.Errorf("%q is not folded", w)
		}
	}
}

// TestListedIsRefused: whatever is on the list is refused, with digits behind it too.
func TestListedIsRefused(t *testing.T) {
	t.Parallel()
	list := common()
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.SampledFrom(list).Draw(rt, "listed") + rapid.StringMatching(`[0-9]{0,5}`).Draw(rt, "tail")
		if fault.Of(Check("p", text)) != fault.Invalid {
			rt.Errorf("%q passes", text)
		}
	})
}

func TestHashRoundTrip(t *testing.T) {
	t.Parallel()
	phc, err := NewGate(Usual).Hash(t.Context(), "Trời mưa ở Huế")
	if err != nil || !strings.HasPrefix(phc, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("phc = %s, %v", phc, err)
	}
	// The same text from a keyboard that writes marks apart.
	if !Verify(phc, "Tro\u031b\u0300i mu\u031ba o\u031b\u0309 Hue\u0302\u0301") {
		t.Error("decomposed form does not fit")
	}
	again := hash("x", Cheap)
	if Verify(phc, "Trời mưa ở Huê") || again == hash("x", Cheap) {
		t.Error("a wrong password fits, or the salt is missing")
	}
}

func FuzzVerify(f *testing.F) {
	f.Add("$argon2id$v=19$m=8,t=1,p=1$AAAA$AAAA")
	f.Add("$argon2id$v=19$m=19456,t=0,p=0$$")
	f.Add("$$$$$")
	f.Fuzz(func(t *testing.T, phc string) {
		if strings.Contains(phc, "m=") && len(phc) > 40 {
			return // do not let the fuzzer ask for gigabytes of work
		}
		if Verify(phc, "x") && !strings.HasPrefix(phc, "$argon2id$") {
			t.Errorf("%q fits", phc)
		}
	})
}

func TestGateRefusesAQueueWithoutEnd(t *testing.T) {
	t.Parallel()
	g := NewGate(Cheap)
	for range atOnce {
		if _, err := g.Enter(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	errs := make(chan error, maxWaiting)
	for range maxWaiting {
		go func() { _, err := g.Enter(ctx); errs <- err }()
	}
	for g.waiting.Load() < maxWaiting {
	}
	if _, err := g.Enter(ctx); fault.Of(err) != fault.Unavailable {
		t.Errorf("got %v, want Unavailable", err)
	}
	cancel()
	for range maxWaiting {
		if err := <-errs; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want canceled", err)
		}
	}
}

func TestReadable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(1, 40).Draw(rt, "n")
		got := Readable(n, 4)
		if len(Bare(got)) != n || strings.Trim(got, alphabet+"-") != "" || strings.HasSuffix(got, "-") {
			rt.Errorf("Readable(%d) = %q", n, got)
		}
		if d := Digits(n); len(d) != n || strings.Trim(d, "0123456789") != "" {
			rt.Errorf("Digits(%d) = %q", n, d)
		}
	})
}
