package identitydesk_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"dean06/internal/identity"
	"dean06/internal/identity/identitytest"
	"dean06/internal/platform/ui/uitest"
)

// window is a browser at which somebody is signed in.
type window struct {
	t    *testing.T
	ctx  context.Context
	base string
}

func (o *office) window(parent context.Context, who string) *window {
	o.t.Helper()
	ctx, closeWindow := chromedp.NewContext(parent, chromedp.WithNewBrowserContext())
	o.t.Cleanup(closeWindow)
	w := &window{o.t, ctx, o.base}
	// The first call opens the window and must not carry a timeout.
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(uitest.Desktop, 900)); err != nil {
		o.t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, network.SetCookie, network.SetCookieParams{Name: "who", Value: who, URL: o.base}); err != nil {
		o.t.Fatal(err)
	}
	return w
}

func (w *window) do(actions ...chromedp.Action[chromedp.Void]) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, uitest.Patience)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		w.t.Fatalf("%v\n%s", err, w.text())
	}
}

func (w *window) text() string {
	return w.value(`location.href + "\n" + (document.querySelector("main") ?? document.body).innerText`)
}

func (w *window) value(js string) string {
	ctx, cancel := context.WithTimeout(w.ctx, 10*time.Second)
	defer cancel()
	out, err := chromedp.Run(ctx, chromedp.Evaluate[string](js))
	if err != nil {
		return err.Error()
	}
	return out
}

func (w *window) open(path string) {
	w.t.Helper()
	w.do(chromedp.Navigate(w.base + path))
}

func (w *window) press(label string) {
	w.t.Helper()
	w.do(chromedp.Click(chromedp.Search(`//button[normalize-space()="` + label + `"]`)))
}

func (w *window) click(css string) {
	w.t.Helper()
	w.do(chromedp.Click(chromedp.CSS(css)))
}

func (w *window) fill(id, text string) {
	w.t.Helper()
	w.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf("document.getElementById(%q).value = %q", id, text)))
}

// until waits for words on the page.
func (w *window) until(words string) {
	w.t.Helper()
	for end := time.Now().Add(uitest.Patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if strings.Contains(w.text(), words) {
			return
		}
	}
	w.t.Fatalf("the page never says %q:\n%s", words, w.text())
}

// look checks the page at both widths, and keeps pictures where KEEP_PAGES names a folder.
func (w *window) look(name string) {
	w.t.Helper()
	for _, width := range []int64{uitest.Desktop, uitest.Phone} {
		w.do(chromedp.EmulateViewport(width, 900))
		uitest.Check(w.t, w.ctx)
		if dir := os.Getenv("KEEP_PAGES"); dir != "" {
			uitest.Screenshot(w.t, w.ctx, filepath.Join(dir, uitest.Slug(name, w.value("document.documentElement.lang"), width)+".png"))
		}
	}
	w.do(chromedp.EmulateViewport(uitest.Desktop, 900))
}

// TestTheDeskInABrowser walks the desk's main path: the scanner types the card and presses
// Enter, the officer compares, asks for the address, and hands out the code.
func TestTheDeskInABrowser(t *testing.T) {
	t.Parallel()
	browser := uitest.Browser(t)
	o := open(t)
	o.Give(t, identitytest.Mother, identity.One)
	w := o.window(browser, "officer")
	for _, lang := range []string{"en", "vi"} {
		w.open("/identity/desk?lang=" + lang)
		w.look("desk")
		w.open("/identity/desk/person?lang=" + lang)
		w.look("desk-scan")
	}
	w.do(chromedp.SendKeys(chromedp.CSS("#qr"), cardOf(identitytest.Mother)+kb.Enter))
	w.until("So từng mục với thẻ")
	if got := w.value(`document.getElementById("name").value`); got != identitytest.Mother.Name {
		t.Errorf("the card fills in %q", got)
	}
	w.look("desk-form")
	w.press("Định danh")
	w.until("Hãy đối chiếu khuôn mặt")
	w.click("#compared")
	w.press("Định danh")
	w.until("Hỏi người đến, không gợi ý")
	w.look("desk-asks")
	w.fill("knows", identitytest.EmailOf(identitytest.Mother))
	w.press("Định danh")
	w.until("Đã định danh")
	w.look("desk-identified")
	w.press("Cấp mã vào tài khoản")
	w.until("Mã vào tài khoản")
	w.look("desk-code")
	code := regexp.MustCompile(`(?i)[a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4}`).FindString(w.text())
	out, err := o.RecoverByCode(t.Context(), identity.OfCitizen(identitytest.Mother.Number), code, identity.Browser{ID: "x", Address: "203.0.113.9"})
	if err != nil || out.Account.Level != identity.Two {
		t.Errorf("the code %q: %v", code, err)
	}
}

// TestLooks checks the other pages in both languages.
func TestLooks(t *testing.T) {
	t.Parallel()
	browser := uitest.Browser(t)
	o := open(t)
	o.Give(t, identitytest.Mother, identity.Two)
	for _, step := range []struct {
		who, path string
		form      url.Values
	}{
		{"keeper", "/identity/clients/new", registration()},
		{"operator", "/identity/clients/dvc-thai-nguyen/approve", nil},
	} {
		if status, page, _ := o.post(step.who, step.path, step.form); status >= 400 {
			t.Fatalf("%s: %d: %s", step.path, status, clip(page))
		}
	}
	changed, err := o.ClientOf(t.Context(), identitytest.Keeper, "dvc-thai-nguyen")
	o.must(err)
	changed.RedirectURIs = []string{"https://moi.example.vn/back"}
	o.must(o.ChangeClient(t.Context(), identitytest.Keeper, changed, changed.Version))
	for _, lang := range []string{"en", "vi"} {
		officer := o.window(browser, "officer")
		for _, path := range []string{"/identity/desk/foreigner", "/identity/desk/organisation"} {
			officer.open(path + "?lang=" + lang)
			officer.look(path)
		}
		officer.open("/identity/desk/account?lang=" + lang)
		officer.do(chromedp.Click(chromedp.CSS(`button[value="type"]`)))
		officer.do(chromedp.WaitVisible(chromedp.CSS("#want")))
		officer.look("desk-account")
		operator := o.window(browser, "operator")
		for _, path := range []string{"/identity/accounts", "/identity/accounts/inspect", "/identity/clients", "/identity/clients/dvc-thai-nguyen"} {
			operator.open(path + "?lang=" + lang)
			operator.look(path)
		}
		operator.open("/identity/accounts/inspect?lang=" + lang)
		operator.fill("number", identitytest.Mother.Number.Reveal())
		operator.fill("purpose", "Khiếu nại số 5")
		operator.do(chromedp.Click(chromedp.CSS(`main form button`)))
		operator.until("•••••••••011")
		operator.look("standing")
		keeper := o.window(browser, "keeper")
		for _, path := range []string{"/identity/clients", "/identity/clients/new", "/identity/clients/dvc-thai-nguyen", "/identity/clients/dvc-thai-nguyen/change"} {
			keeper.open(path + "?lang=" + lang)
			keeper.look("keeper" + path)
		}
	}
}
