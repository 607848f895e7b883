// Package uitest looks at pages as a person's browser does: it opens them in
// Chromium at a width, asks axe-core what is inaccessible, and takes pictures.
// It is for tests only; nothing that runs in production imports it.
package uitest

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// axe is axe-core 4.14.1, MPL-2.0 (axe.LICENSE), unchanged.
//
//go:embed axe.min.js
var axe string

// The widths at which pages are looked at.
const (
	Desktop = 1280
	Phone   = 390
)

// Patience is how long a test waits for a page: longer than the slowest machine that is
// busy with other tests takes, so that only what hangs fails.
const Patience = 3 * time.Minute

// Browser starts a headless Chromium for the test and stops it afterwards. The
// test is skipped when there is none; TEST_CHROMIUM names one elsewhere.
func Browser(t testing.TB) context.Context {
	t.Helper()
	path := find()
	if path == "" {
		t.Skip("no Chromium found: install it, or name it in TEST_CHROMIUM, to run browser tests")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("hide-scrollbars", true))
	alloc, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	t.Cleanup(stop)
	ctx, closeTab := chromedp.NewContext(alloc)
	t.Cleanup(closeTab)
	// The first call starts the browser and must not carry a timeout.
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatalf("start Chromium %s: %v", path, err)
	}
	return ctx
}

// find prefers the browser without windows: its engine is the same, and drawing the
// windows' own buttons takes a third of the time.
func find() string {
	if p := os.Getenv("TEST_CHROMIUM"); p != "" {
		return p
	}
	for _, name := range []string{"chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if p, err := exec.LookPath(name); err == nil {
			return p
		}
	}
	return ""
}

// Open shows a page at a width.
func Open(t testing.TB, ctx context.Context, url string, width int64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, Patience)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, 900), chromedp.Navigate(url)); err != nil {
		t.Fatalf("open %s: %v", url, err)
	}
	// Pictures and measures are those of the real typeface.
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`document.fonts.ready.then(() => true)`, chromedp.EvalAwaitPromise)); err != nil {
		t.Fatalf("fonts of %s: %v", url, err)
	}
}

// audit leaves out drawn links without words in sight: axe takes the tip that a
// mouse shows (their title) for such, although it says the same as their label.
const audit = `axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}).then(r =>
	r.violations.flatMap(v => v.nodes.filter(n => v.id !== "label-content-name-mismatch" ||
		!document.querySelector(n.target[0])?.matches("svg a:not(:has(text))"))
		.map(n => v.id + " (" + v.impact + "): " + v.help + " – " + n.target.join(" ") + " " + n.html.slice(0, 160))))`

// wide lists what makes the page itself scroll sideways.
const wide = `(() => { const w = document.documentElement.clientWidth, out = [];
	if (document.documentElement.scrollWidth > w)
		for (const e of document.body.querySelectorAll("*")) {
			if (e.closest(".app-region, .app-chart__drawing") && !e.matches(".app-region, .app-chart__drawing")) continue;
			if (e.getBoundingClientRect().right > w + 1) out.push(e.outerHTML.slice(0, 120));
		}
	return out; })()`

// small lists controls lower than 44 px. Links within a sentence are exempt (WCAG 2.5.8).
const small = `[...document.querySelectorAll("button, input:not([type=hidden]), select, textarea, nav a, a.govuk-button, a.app-cell")]
	.filter(e => e.offsetParent && !e.matches(".govuk-breadcrumbs__link, .govuk-back-link"))
	.filter(e => { const h = Math.max(e.getBoundingClientRect().height,
		e.labels?.[0]?.getBoundingClientRect().height ?? 0); return h > 0 && h < 43.5 })
	.map(e => Math.round(e.getBoundingClientRect().height) + "px " + e.outerHTML.slice(0, 120))`

// Check fails the test for each fault that axe finds on the open page, for
// what makes it scroll sideways and for controls too small for a finger.
func Check(t testing.TB, ctx context.Context) {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, Patience)
	defer cancel()
	found, err := faults(ctx)
	for Left(err) && ctx.Err() == nil { // the page refreshed itself meanwhile: it is looked at anew
		found, err = faults(ctx)
	}
	if err != nil {
		t.Fatalf("axe: %v", err)
	}
	for _, f := range found {
		t.Error(f)
	}
}

func faults(ctx context.Context) (out []string, err error) {
	if err := chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](axe)); err != nil {
		return nil, err
	}
	for name, script := range map[string]string{"axe": audit, "too wide": wide, "too small": small} {
		found, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](script, chromedp.EvalAwaitPromise))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		for _, f := range found {
			out = append(out, name+": "+f)
		}
	}
	return out, nil
}

var left = regexp.MustCompile(`(?i)context was destroyed|cannot find (default execution )?context|target navigated|axe is not defined`)

// Left says that the page went away while a script ran on it, as one does that leads on or
// refreshes by itself: the script can be asked of the next one.
func Left(err error) bool { return err != nil && left.MatchString(err.Error()) }

// Screenshot keeps a picture of the whole page.
func Screenshot(t testing.TB, ctx context.Context, file string) {
	t.Helper()
	png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatalf("screenshot %s: %v", file, err)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, png, 0o644); err != nil {
		t.Fatal(err)
	}
}

// Slug turns a page's address into the name of a picture.
func Slug(path, lang string, width int64) string {
	return fmt.Sprintf("%s-%s-%d", strings.Trim(strings.ReplaceAll(path, "/", "-"), "-"), lang, width)
}
