package uitest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// windowHeight is how much of a page a Window shows at once.
const windowHeight = 900

// Window is one browser context, with cookies and keys of its own, at a site.
type Window struct {
	T    testing.TB
	Ctx  context.Context
	Base string // address of the site, without a slash at the end
}

// NewWindow opens one in a browser of Browser; it closes with the test.
func NewWindow(t testing.TB, browser context.Context, base string) *Window {
	t.Helper()
	ctx, closeWindow := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	t.Cleanup(closeWindow)
	// The first call opens the window and must not carry a timeout.
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(Desktop, windowHeight)); err != nil {
		t.Fatal(err)
	}
	return &Window{t, ctx, base}
}

// Do does things, each within Patience in all.
func (w *Window) Do(actions ...chromedp.Action[chromedp.Void]) {
	w.T.Helper()
	ctx, cancel := context.WithTimeout(w.Ctx, Patience)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		w.T.Fatalf("%v\n%s", err, w.Text())
	}
}

// Text is the address and what the page says; what went wrong when it says nothing.
func (w *Window) Text() string {
	text, err := w.eval(`location.href + "\n" + (((document.querySelector("main") ?? document.body)?.innerText ?? ""))`)
	if err != nil { // the page is on its way
		return err.Error()
	}
	return text
}

// Value is what a script gives.
func (w *Window) Value(js string) string {
	w.T.Helper()
	out, err := w.eval(js)
	if err != nil {
		w.T.Fatalf("%s: %v", js, err)
	}
	return out
}

func (w *Window) eval(js string) (string, error) {
	ctx, cancel := context.WithTimeout(w.Ctx, Patience)
	defer cancel()
	for {
		out, err := chromedp.Run(ctx, chromedp.Evaluate[string](js))
		if !Left(err) || ctx.Err() != nil {
			return out, err
		}
	}
}

// Open goes to a path of the site.
func (w *Window) Open(path string) {
	w.T.Helper()
	w.Do(chromedp.Navigate(w.Base + path))
}

// Press presses the button that reads so.
func (w *Window) Press(label string) {
	w.T.Helper()
	w.Do(chromedp.Click(chromedp.Search(`//button[normalize-space()="` + label + `"]`)))
}

// Click clicks what a selector finds.
func (w *Window) Click(css string) {
	w.T.Helper()
	w.Do(chromedp.Click(chromedp.CSS(css)))
}

// Fill types into the field with an id, in place of what stood there.
func (w *Window) Fill(id, text string) {
	w.T.Helper()
	w.Do(chromedp.WaitReady(chromedp.CSS("#"+id)), chromedp.Evaluate[chromedp.Void](fmt.Sprintf("document.getElementById(%q).value = %q", id, text)))
}

// Until waits for words on the page.
func (w *Window) Until(words string) {
	w.T.Helper()
	ctx, cancel := context.WithTimeout(w.Ctx, Patience)
	defer cancel()
	for ; ctx.Err() == nil; time.Sleep(100 * time.Millisecond) {
		if strings.Contains(w.Text(), words) {
			return
		}
	}
	w.T.Fatalf("the page never says %q:\n%s", words, w.Text())
}

// Look checks the page at some widths, and keeps pictures where KEEP_PAGES names a folder.
func (w *Window) Look(name string, widths ...int64) {
	w.T.Helper()
	for _, width := range widths {
		w.Do(chromedp.EmulateViewport(width, windowHeight))
		Check(w.T, w.Ctx)
		if dir := os.Getenv("KEEP_PAGES"); dir != "" {
			Screenshot(w.T, w.Ctx, filepath.Join(dir, Slug(name, w.Value("document.documentElement.lang"), width)+".png"))
		}
	}
}

// VirtualKey gives a browser context an authenticator that its holder unlocks (WebAuthn); a page
// must be open.
func VirtualKey(t testing.TB, ctx context.Context) {
	t.Helper()
	if _, err := chromedp.Call(ctx, webauthn.Enable, webauthn.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	_, err := chromedp.Call(ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
		Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
		HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
	}})
	if err != nil {
		t.Fatal(err)
	}
}
