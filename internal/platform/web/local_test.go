package web_test

import (
	"net/http/httptest"
	"testing"

	"dean06/internal/platform/web"
)

func TestByName(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ at, home, want string }{
		{"127.0.0.1:8036", "http://localhost:8036", "http://localhost:8036/sign-in?next=%2Fdesk"},
		{"127.9.9.9:8036", "http://localhost:8036/", "http://localhost:8036/sign-in?next=%2Fdesk"},
		{"[::1]:8036", "http://localhost:8036", "http://localhost:8036/sign-in?next=%2Fdesk"},
		{"localhost:8036", "http://localhost:8036", ""},
		{"192.0.2.1:8036", "http://localhost:8036", ""},
		{"evil.example", "http://localhost:8036", ""},
		{"127.0.0.1:8036", "https://dichvucong.example.vn", ""},
		{"127.0.0.1:8036", "", ""},
		{"", "http://localhost:8036", ""},
	} {
		r := httptest.NewRequest("GET", "/sign-in?next=%2Fdesk", nil)
		r.Host = tt.at
		if got := web.ByName(r, tt.home); got != tt.want {
			t.Errorf("%q of %q = %q, want %q", tt.at, tt.home, got, tt.want)
		}
	}
}
