package journeys

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"dean06/internal/demo"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui/uitest"
)

var (
	tourAccount = regexp.MustCompile("(?:[Ss]ign in as|Đăng nhập bằng) `([a-z]+)`")
	tourLink    = regexp.MustCompile(`\[[^\]]+\]\((/[^)]*)\)`)
)

// Each step of the tour leads where it says, for whom it says.
func TestTour(t *testing.T) {
	t.Parallel()
	h := open(t)
	for _, c := range []struct {
		file string
		lang i18n.Lang
	}{{"tour.md", i18n.En}, {"tour.vi.md", i18n.Vi}} {
		raw, err := os.ReadFile("../../docs/" + c.file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(raw), "`"+demo.Password+"`") {
			t.Errorf("%s does not give the password", c.file)
		}
		var p *person
		accounts, links := 0, 0
		for line := range strings.Lines(string(raw)) {
			if m := tourAccount.FindStringSubmatch(line); m != nil {
				p = h.person(t, c.lang, uitest.Desktop)
				p.hurried = c.lang == i18n.Vi // the other journeys look closely at these
				p.signIn(m[1])
				p.seesNot("session.sign_in.wrong")
				accounts++
			}
			for _, m := range tourLink.FindAllStringSubmatch(line, -1) {
				if p == nil {
					t.Fatalf("%s: %s comes before anybody signs in", c.file, m[1])
				}
				if strings.HasSuffix(m[1], ".json") {
					p.fetch(m[1])
				} else {
					p.open(m[1])
				}
				links++
			}
		}
		if accounts < 6 || links < 20 {
			t.Errorf("%s names %d accounts and %d links", c.file, accounts, links)
		}
	}
}
