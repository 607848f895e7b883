package session

import (
	"context"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"dean06/internal/platform/fault"
)

func TestPasswordRules(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ password, want string }{
		{"con meo treo cay cau", ""},
		{"Trời mưa ở Huế", ""},
		{"x7Q!mmPz20-k", ""},
		{"ngắn quá", "short"},
		{strings.Repeat("abcdefgh", 17), "long"},
		{"matkhau12345", "common"},
		{"Mật khẩu 123456", "common"},
		{"password1234", "common"},
		{"dean06dean06", "common"},
		{"aaaaaaaaaaaa", "common"},
		{"123456789012", "common"},
		{"abcdefghijklm", "common"},
		{"nguyenvanmau1", "personal"},
		{"daumoi.h55daumoi.h55", "personal"},
		{"So Noi vu 2025", "personal"},
	} {
		err := checkPassword(tt.password, "daumoi.h55", "Nguyễn Văn Mẫu", "H55", "Sở Nội vụ")
		got := ""
		if f := fault.As(err); f != nil {
			got = strings.TrimPrefix(f.Key, "session.password.")
		}
		if got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.password, got, tt.want)
		}
	}
}

func TestHashRoundTrip(t *testing.T) {
	t.Parallel()
	phc := hashPassword("Trời mưa ở Huế", argonMemory)
	if !strings.HasPrefix(phc, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("phc = %s", phc)
	}
	// The same text from a keyboard that writes marks apart.
	if !verifyPassword(phc, "Tro\u031b\u0300i mu\u031ba o\u031b\u0309 Hue\u0302\u0301") {
		t.Error("decomposed form does not fit")
	}
	again := hashPassword("x", argonMemory)
	if verifyPassword(phc, "Trời mưa ở Huê") || again == hashPassword("x", argonMemory) {
		t.Error("a wrong password fits, or the salt is missing")
	}
}

func FuzzVerifyPassword(f *testing.F) {
	f.Add("$argon2id$v=19$m=8,t=1,p=1$AAAA$AAAA")
	f.Add("$argon2id$v=19$m=19456,t=0,p=0$$")
	f.Add("$$$$$")
	f.Fuzz(func(t *testing.T, phc string) {
		if strings.Contains(phc, "m=") && len(phc) > 40 {
			return // do not let the fuzzer ask for gigabytes of work
		}
		if verifyPassword(phc, "x") && !strings.HasPrefix(phc, "$argon2id$") {
			t.Errorf("%q fits", phc)
		}
	})
}

func TestGateRefusesAQueueWithoutEnd(t *testing.T) {
	t.Parallel()
	g := newGate()
	for range atOnce {
		if _, err := g.enter(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	errs := make(chan error, maxWaiting)
	for range maxWaiting {
		go func() { _, err := g.enter(ctx); errs <- err }()
	}
	for g.waiting.Load() < maxWaiting {
	}
	if _, err := g.enter(ctx); fault.Of(err) != fault.Unavailable {
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
		got := readable(n, 4)
		if len(strings.ReplaceAll(got, "-", "")) != n || strings.Trim(got, oneTimeAlphabet+"-") != "" || strings.HasSuffix(got, "-") {
			rt.Errorf("readable(%d) = %q", n, got)
		}
	})
}
