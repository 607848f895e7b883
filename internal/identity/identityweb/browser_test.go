package identityweb_test

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

	"dean06/internal/identity"
	"dean06/internal/identity/identitytest"
	"dean06/internal/identity/provider"
	"dean06/internal/platform/ui/uitest"
)

// window is one browser context: a machine of its own.
type window struct {
	t    *testing.T
	ctx  context.Context
	base string
}

func newWindow(t *testing.T, parent context.Context, base string) *window {
	t.Helper()
	ctx, closeWindow := chromedp.NewContext(parent, chromedp.WithNewBrowserContext())
	t.Cleanup(closeWindow)
	w := &window{t, ctx, base}
	// The first call opens the window and must not carry a timeout.
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(uitest.Desktop, 900)); err != nil {
		t.Fatal(err)
	}
	w.open("/identity/left?lang=vi")
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
	ctx, cancel := context.WithTimeout(w.ctx, 10*time.Second)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`location.href + "\n" + (((document.querySelector("main") ?? document.body)?.innerText ?? ""))`))
	if err != nil {
		return err.Error()
	}
	return text
}

func (w *window) open(path string) {
	w.t.Helper()
	w.do(chromedp.Navigate(w.base + path))
}

// press presses the button that reads so.
func (w *window) press(label string) {
	w.t.Helper()
	w.do(chromedp.Click(chromedp.Search(`//button[normalize-space()="` + label + `"]`)))
}

func (w *window) fill(id, text string) {
	w.t.Helper()
	w.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf("document.getElementById(%q).value = %q", id, text)))
}

// until waits for words on the page.
func (w *window) until(words string) {
	w.t.Helper()
	for end := time.Now().Add(uitest.Patience); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if strings.Contains(w.text(), words) {
			return
		}
	}
	w.t.Fatalf("the page never says %q:\n%s", words, w.text())
}

func (w *window) value(js string) string {
	w.t.Helper()
	out, err := chromedp.Run(w.ctx, chromedp.Evaluate[string](js))
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// withKey gives the machine an authenticator that its holder unlocks.
func (w *window) withKey() {
	w.t.Helper()
	w.open("/identity/sign-in")
	if _, err := chromedp.Call(w.ctx, webauthn.Enable, webauthn.EnableParams{}); err != nil {
		w.t.Fatal(err)
	}
	_, err := chromedp.Call(w.ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
		Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
		HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
	}})
	if err != nil {
		w.t.Fatal(err)
	}
}

// look checks the page at some widths, and keeps pictures where KEEP_PAGES names a folder.
func (w *window) look(name string, widths ...int64) {
	w.t.Helper()
	for _, width := range widths {
		w.do(chromedp.EmulateViewport(width, 900))
		uitest.Check(w.t, w.ctx)
		if dir := os.Getenv("KEEP_PAGES"); dir != "" {
			uitest.Screenshot(w.t, w.ctx, filepath.Join(dir, uitest.Slug(name, w.value("document.documentElement.lang"), width)+".png"))
		}
	}
}

// TestKeyAndQR: a telephone with a key of its own is added, signs in by it, and lets a computer
// in by QR, which has none and runs no script of ours for it.
func TestKeyAndQR(t *testing.T) {
	t.Parallel()
	browser := uitest.Browser(t)
	h := build(t)
	h.withPassword(h.mother, good)
	phone := newWindow(t, browser, h.base)
	phone.withKey()
	phone.fill("number", identitytest.Mother.Number.Reveal())
	phone.fill("password", good)
	phone.press("Tiếp tục")
	phone.until("Mức độ định danh")
	phone.open("/identity/devices/add")
	phone.until("Xác nhận lại")
	phone.fill("password", good)
	phone.press("Tiếp tục")
	phone.until("Nhập mã một lần")
	phone.fill("code", h.sent(h.mother))
	phone.press("Tiếp tục")
	phone.until("Thiết bị sẽ hỏi vân tay")
	phone.fill("name", "Điện thoại của mẹ")
	phone.look("devices-add", uitest.Phone)
	phone.press("Thêm thiết bị này")
	phone.until("Đã thêm thiết bị.")
	phone.until("Điện thoại của mẹ")
	phone.look("devices", uitest.Phone, uitest.Desktop)

	phone.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("form[action='/identity/sign-out']").submit()`))
	phone.until("Bạn đã đăng xuất")
	phone.open("/identity/sign-in")
	phone.press("Đăng nhập bằng khóa của thiết bị này")
	phone.until("Trần Thị Mẹ")

	desk := newWindow(t, browser, h.base)
	id := h.request(provider.Want{SignIn: true})
	desk.open("/identity/sign-in?for=" + id)
	desk.press("Đăng nhập bằng mã QR và điện thoại")
	desk.until("Quét mã bằng điện thoại")
	desk.look("qr-shown", uitest.Desktop, uitest.Phone)
	link, number := desk.value(`document.querySelector("main img").dataset.link`), desk.value(`document.querySelector("#qr-number").textContent`)
	phone.do(chromedp.Navigate(link))
	phone.until("Cổng dịch vụ công Thái Nguyên")
	phone.until("dichvucong.example.vn")
	phone.look("qr-read", uitest.Phone)
	phone.do(chromedp.Click(chromedp.CSS(`input[name=number][value="` + number + `"]`)))
	phone.press("Tiếp tục")
	phone.until("Xác nhận đăng nhập")
	phone.look("qr-confirm", uitest.Phone)
	phone.press("Xác nhận bằng khóa của thiết bị này")
	phone.until("Đã xác nhận")
	desk.until("service goes on with " + id)
	desk.open("/identity/sessions")
	desk.until("mã QR")

	// A QR that somebody else sent on: the number is not the one at hand.
	desk.open("/identity/sign-in")
	thief := newWindow(t, browser, h.base)
	thief.open("/identity/sign-in")
	thief.press("Đăng nhập bằng mã QR và điện thoại")
	thief.until("Quét mã bằng điện thoại")
	link, number = thief.value(`document.querySelector("main img").dataset.link`), thief.value(`document.querySelector("#qr-number").textContent`)
	phone.do(chromedp.Navigate(link))
	phone.until("Trang tài khoản định danh")
	phone.do(chromedp.Click(chromedp.CSS(`input[name=number]:not([value="` + number + `"])`)))
	phone.press("Tiếp tục")
	phone.until("yêu cầu đã bị hủy")
	thief.until("Yêu cầu đã bị từ chối")
	thief.open("/identity")
	thief.until("Đăng nhập bằng tài khoản định danh")
}

// TestLooks checks every page in both languages, and at both widths in Vietnamese.
func TestLooks(t *testing.T) {
	t.Parallel()
	browser := uitest.Browser(t)
	h := build(t)
	h.withPassword(h.mother, good)
	w := newWindow(t, browser, h.base)
	ask := h.request(provider.Want{SignIn: true, Level: identity.Two})
	w.open("/identity/sign-in?for=" + ask)
	w.fill("number", identitytest.Mother.Number.Reveal())
	w.fill("password", good)
	w.press("Tiếp tục")
	w.until("Nhập mã một lần")
	w.look("code", uitest.Phone)
	w.fill("code", h.sent(h.mother))
	w.press("Tiếp tục")
	w.until("service goes on")
	h.agreeing()
	h.Give(t, identitytest.Father, identity.Two)
	w.open("/identity/security/trust")
	w.fill("number", identitytest.Father.Number.Reveal())
	w.press("Ghi tên")
	w.until("Nguyễn Văn Cha")
	h.delegations()
	w.press("Bật mã của ứng dụng")
	w.until("Quét mã QR này")
	widths := map[string][]int64{"vi": {uitest.Phone, uitest.Desktop}, "en": {uitest.Phone}}
	if os.Getenv("KEEP_PAGES") != "" {
		widths["en"] = widths["vi"]
	}
	for _, lang := range []string{"vi", "en"} {
		for _, path := range []string{
			"/identity", "/identity/devices", "/identity/devices/add", "/identity/sessions", "/identity/security", "/identity/security/password",
			"/identity/security/code", "/identity/security/trust", "/identity/consents", "/identity/acting", "/identity/acting/offer", "/identity/acting/child",
			"/identity/security/address/email", "/identity/log", "/identity/vouch",
			"/identity/agree?for=" + ask, "/identity/again", "/identity/recover", "/identity/recover/code", "/identity/recover/trust",
			"/identity/lost", "/identity/left",
		} {
			sep := "?"
			if strings.Contains(path, "?") {
				sep = "&"
			}
			w.open(path + sep + "lang=" + lang)
			w.look(strings.Split(path, "?")[0], widths[lang]...)
		}
	}
	w.open("/identity?lang=vi")
	out := newWindow(t, browser, h.base)
	for _, lang := range []string{"vi", "en"} {
		for _, path := range []string{"/identity/sign-in", "/identity/enrol"} {
			out.open(path + "?lang=" + lang)
			out.look(path, widths[lang]...)
		}
	}
}
