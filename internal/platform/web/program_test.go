package web_test

import (
	"testing"

	"dean06/internal/platform/web"
)

func TestProgram(t *testing.T) {
	t.Parallel()
	for agent, want := range map[string]string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) coc_coc_browser/130.0 Chrome/124.0 Safari/537.36": "Cốc Cốc, Windows",
		"Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0 Mobile Safari/537.36":                          "Chrome, Android",
		"Mozilla/5.0 (X11; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0":                                                            "Firefox, Linux",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) Version/17.4 Mobile/15E148 Safari/604.1":                                    "Safari, iPhone",
		"curl/7.88.1": "curl/7.88.1",
		"":            "",
	} {
		if got := web.Program(agent); got != want {
			t.Errorf("Program(%q) = %q, want %q", agent, got, want)
		}
	}
}
