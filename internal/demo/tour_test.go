package demo

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
)

var (
	tourAccount  = regexp.MustCompile("(?:account|[Tt]ài khoản) `([a-z0-9]+)`")
	tourIdentity = regexp.MustCompile("(?:electronic identity|định danh) `([0-9]{12})`")
	tourLink     = regexp.MustCompile(`\]\(http://localhost:(80[0-9]6)(/[^)]*)\)`)
)

// tour follows the links of the tour to the nodes around the board, as whom the lines before them
// say. What a citizen opens with their electronic identity is only looked for: it leads to the
// sign-in pages first.
func tour(t *testing.T, c *Country) {
	t.Helper()
	nodes := map[string]*Node{"8016": c.Node("authority"), "8026": c.Node("hub"), "8036": c.Node("thainguyen"), "8046": c.Node("bhxh")}
	for _, file := range []string{"tour.md", "tour.vi.md"} {
		raw, err := os.ReadFile("../../docs/" + file)
		if err != nil {
			t.Fatal(err)
		}
		login, followed := "", 0
		for line := range strings.Lines(string(raw)) {
			if m := tourAccount.FindStringSubmatch(line); m != nil {
				login = m[1]
			} else if tourIdentity.MatchString(line) {
				login = ""
			}
			for _, m := range tourLink.FindAllStringSubmatch(line, -1) {
				n := nodes[m[1]]
				if n == nil {
					t.Errorf("%s: no node at %s", file, m[1])
					continue
				}
				followed++
				who := person{t: t, n: n, cookie: &http.Cookie{Name: "nobody", Value: "1"}}
				if login != "" {
					who = n.signIn(t, login)
				}
				status, _ := who.ask(http.MethodGet, m[2])
				leadsOn := login == "" || m[2] == "/people" // which first asks what for
				if status != http.StatusOK && (status != http.StatusSeeOther || !leadsOn) {
					t.Errorf("%s: %s%s as %q: %d", file, n.Key, m[2], login, status)
				}
			}
		}
		if followed < 40 {
			t.Errorf("%s leads to %d pages: does the pattern still fit?", file, followed)
		}
	}
}
