// Package readme runs the commands of the READMEs against the demo country, and walks
// the tour through it, so that what they show is what happens.
package readme

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/demo"
)

// ports are those that the READMEs write, by node: the pages' and the one for local systems.
var ports = map[string][2]string{
	"board":      {"8006", "8007"},
	"authority":  {"8016", "8017"},
	"hub":        {"8026", "8027"},
	"thainguyen": {"8036", "8037"},
	"bhxh":       {"8046", "8047"},
}

// Each command between the marks prints what the comment lines after it say, and the
// tour leads through the country.
func TestQuestions(t *testing.T) {
	t.Parallel()
	for _, tool := range []string{"sh", "curl", "sha256sum"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("the commands of the README skipped: %s, which they use, is not installed", tool)
		}
	}
	country, err := demo.Start(t.Context(), demo.Options{Dir: t.TempDir(), Addr: "127.0.0.1:0", People: 200, NoRounds: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		country.Stop()
		if err := country.Wait(); err != nil {
			t.Error(err)
		}
	})
	var names []string
	for key, p := range ports {
		n := country.Node(key)
		names = append(names, "http://localhost:"+p[0], n.Named(), "http://127.0.0.1:"+p[0], n.Pages, "http://127.0.0.1:"+p[1], n.Local)
	}
	here := strings.NewReplacer(names...)
	// The register tells the hub of its events a moment after the demo is ready.
	asked := here.Replace(
		`for i in $(seq 60); do curl -s http://127.0.0.1:8047/r1/VN/GOV/G01/DANCU/api/v1/eventType -H 'X-GovStack-Client: VN/GOV/G24/BHXH' | grep death && break; sleep 1; done`,
	)
	if got := run(t.Context(), t, asked); !strings.Contains(got, "death") {
		t.Errorf("the register has no events: %s", got)
	}
	for _, s := range stepsOf(t, "README.md") {
		got := run(t.Context(), t, here.Replace(s.command))
		rest := got
		for _, part := range s.want {
			_, after, ok := strings.Cut(rest, part)
			if !ok {
				t.Errorf("this command\n%s\nprints\n%s\nwithout %q", s.command, got, part)
				break
			}
			rest = after
		}
	}
	tour(t, here, "tour.md")
	tour(t, here, "tour.vi.md")
}

var (
	tourAccount = regexp.MustCompile("(?:the account|ài khoản|identity|định danh) `([^`]+)`")
	tourLink    = regexp.MustCompile(`\]\((http://localhost:\d+)(/[^)]*)\)`)
)

// Each address of the tour that is not the board's answers to whom the tour sends there.
func tour(t *testing.T, here *strings.Replacer, file string) {
	t.Helper()
	text, err := os.ReadFile("../../docs/" + file)
	if err != nil {
		t.Fatal(err)
	}
	account, links := "", 0
	signedIn, people := map[string]*http.Client{}, map[string]*http.Client{}
	for line := range strings.Lines(string(text)) {
		if m := tourAccount.FindStringSubmatch(line); m != nil {
			account = m[1]
		}
		for _, m := range tourLink.FindAllStringSubmatch(line, -1) {
			node := here.Replace(m[1])
			c := signedIn[node+account]
			if c == nil {
				if strings.Trim(account, "0123456789") == "" {
					// One sign-in opens every node: the second time nothing is asked.
					if people[account] == nil {
						people[account] = browser(t)
					}
					c = enter(t, people[account], node, account)
				} else {
					c = signIn(t, node, account)
				}
				signedIn[node+account] = c
			}
			if status := get(t, c, node+m[2]); status != http.StatusOK {
				t.Errorf("%s: %s answers %s with %d", file, m[1]+m[2], account, status)
			}
			links++
		}
	}
	if links < 12 {
		t.Errorf("%s names %d addresses of other nodes", file, links)
	}
}

// browser is one without scripts, that nobody signed in with yet.
func browser(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c := &http.Client{Jar: jar, Timeout: time.Minute, Transport: &http.Transport{}}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

// signIn signs in with a local account.
func signIn(t *testing.T, node, account string) *http.Client {
	t.Helper()
	c := browser(t)
	answer, _ := ask(t, c, node+"/sign-in", url.Values{"login": {account}, "password": {demo.Password}})
	if answer.StatusCode != http.StatusOK || answer.Request.URL.Path == "/sign-in" {
		t.Errorf("%s does not sign in at %s: %s", account, node, answer.Status)
	}
	return c
}

var (
	hiddenField = regexp.MustCompile(`name="(for|answers|how)" value="([^"]*)"`)
	demoCode    = regexp.MustCompile(`<strong>(\d{6})</strong>`)
)

// enter signs in with somebody's electronic identity.
func enter(t *testing.T, c *http.Client, node, number string) *http.Client {
	t.Helper()
	answer, page := ask(t, c, node+"/sign-in/identity", nil)
	form := url.Values{"number": {number}, "password": {demo.Password}}
	for _, path := range []string{"/identity/sign-in", "/identity/code"} {
		at := answer.Request.URL
		if "http://"+at.Host == node && at.Path != "/identity/sign-in" && at.Path != "/identity/code" { // signed in already
			break
		}
		for _, m := range hiddenField.FindAllStringSubmatch(page, -1) {
			form.Set(m[1], m[2])
		}
		if code := demoCode.FindStringSubmatch(page); code != nil {
			form.Set("code", code[1])
		}
		answer, page = ask(t, c, "http://"+answer.Request.URL.Host+path, form)
	}
	if _, to, ok := strings.Cut(answer.Header.Get("Refresh"), "url="); ok {
		answer, _ = ask(t, c, "http://"+answer.Request.URL.Host+to, nil)
	}
	if answer.StatusCode != http.StatusOK || "http://"+answer.Request.URL.Host != node || answer.Request.URL.Path == "/sign-in" {
		t.Errorf("%s does not sign in at %s: %s at %s", number, node, answer.Status, answer.Request.URL)
	}
	return c
}

// ask posts a form, or gets an address when there is none.
func ask(t *testing.T, c *http.Client, address string, form url.Values) (*http.Response, string) {
	t.Helper()
	method := http.MethodGet
	if form != nil {
		method = http.MethodPost
	}
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", "http://"+r.URL.Host)
	}
	answer, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	page, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(page)
}

func get(t *testing.T, c *http.Client, address string) int {
	t.Helper()
	answer, _ := ask(t, c, address, nil)
	return answer.StatusCode
}

// Both READMEs show the same commands and answers.
func TestLanguages(t *testing.T) {
	t.Parallel()
	en, vi := stepsOf(t, "README.md"), stepsOf(t, "README.vi.md")
	if len(en) < 10 {
		t.Errorf("README.md has %d commands", len(en))
	}
	if diff := cmp.Diff(en, vi, cmp.AllowUnexported(step{})); diff != "" {
		t.Errorf("README.md and README.vi.md (-en +vi):\n%s", diff)
	}
}

// step is a command and what it prints, in order.
type step struct {
	command string
	want    []string
}

// stepsOf reads the block of a file. A comment line that begins with { < or … is what
// the command before it prints; other comment lines are for people.
func stepsOf(t *testing.T, file string) []step {
	t.Helper()
	text, err := os.ReadFile("../../" + file)
	if err != nil {
		t.Fatal(err)
	}
	_, block, ok := strings.Cut(string(text), "<!-- ask: begin")
	_, block, ok2 := strings.Cut(block, "```sh\n")
	block, _, ok3 := strings.Cut(block, "```\n<!-- ask: end -->")
	if !ok || !ok2 || !ok3 {
		t.Fatalf("%s has no block of questions", file)
	}
	var steps []step
	var lines []string
	end := func(want []string) {
		if len(lines) > 0 {
			steps = append(steps, step{strings.Join(lines, "\n"), want})
		}
		lines = nil
	}
	for line := range strings.Lines(block) {
		line = strings.TrimSuffix(line, "\n")
		said, comment := strings.CutPrefix(line, "# ")
		switch {
		case comment && (said[0] == '{' || said[0] == '<' || strings.HasPrefix(said, "…")):
			end(strings.FieldsFunc(said, func(r rune) bool { return r == '…' }))
		case comment, line == "":
		default:
			lines = append(lines, line)
		}
	}
	end(nil)
	return steps
}

func run(ctx context.Context, t *testing.T, script string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	var out, errs bytes.Buffer
	c := exec.CommandContext(ctx, "sh", "-eu")
	c.Env = append(os.Environ(), "NO_PROXY=127.0.0.1", "no_proxy=127.0.0.1")
	c.Stdin, c.Stdout, c.Stderr = strings.NewReader(script), &out, &errs
	if err := c.Run(); err != nil {
		t.Errorf("%s\n%v %s", script, err, &errs)
	}
	return out.String()
}
