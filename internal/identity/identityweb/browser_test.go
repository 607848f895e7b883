package identityweb_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"dean06/internal/identity"
	"dean06/internal/identity/identitytest"
	"dean06/internal/identity/provider"
	"dean06/internal/platform/ui/uitest"
)

// window is a machine of its own, at the entrance.
type window struct{ *uitest.Window }

func newWindow(t *testing.T, browser context.Context, base string) window {
	t.Helper()
	w := window{uitest.NewWindow(t, browser, base)}
	w.Open("/identity/left?lang=vi")
	return w
}

// TestKeyAndQR: a telephone with a key of its own is added, signs in by it, and lets a computer
// in by QR, which has none and runs no script of ours for it.
func TestKeyAndQR(t *testing.T) {
	t.Parallel()
	browser := uitest.Browser(t)
	h := build(t)
	h.withPassword(h.mother, good)
	phone := newWindow(t, browser, h.base)
	phone.Open("/identity/sign-in")
	uitest.VirtualKey(t, phone.Ctx)
	phone.Fill("number", identitytest.Mother.Number.Reveal())
	phone.Fill("password", good)
	phone.Press("Tiếp tục")
	phone.Until("Mức độ định danh")
	phone.Open("/identity/devices/add")
	phone.Until("Xác nhận lại")
	phone.Fill("password", good)
	phone.Press("Tiếp tục")
	phone.Until("Nhập mã một lần")
	phone.Fill("code", h.sent(h.mother))
	phone.Press("Tiếp tục")
	phone.Until("Thiết bị sẽ hỏi vân tay")
	phone.Fill("name", "Điện thoại của mẹ")
	phone.Look("devices-add", uitest.Phone)
	phone.Press("Thêm thiết bị này")
	phone.Until("Đã thêm thiết bị.")
	phone.Until("Điện thoại của mẹ")
	phone.Look("devices", uitest.Phone, uitest.Desktop)

	phone.Do(chromedp.Evaluate[chromedp.Void](`document.querySelector("form[action='/identity/sign-out']").submit()`))
	phone.Until("Bạn đã đăng xuất")
	phone.Open("/identity/sign-in")
	phone.Press("Đăng nhập bằng khóa của thiết bị này")
	phone.Until("Trần Thị Mẹ")

	desk := newWindow(t, browser, h.base)
	id := h.request(provider.Want{SignIn: true})
	desk.Open("/identity/sign-in?for=" + id)
	desk.Press("Đăng nhập bằng mã QR và điện thoại")
	desk.Until("Quét mã bằng điện thoại")
	desk.Look("qr-shown", uitest.Desktop, uitest.Phone)
	link, number := desk.Value(`document.querySelector("main img").dataset.link`), desk.Value(`document.querySelector("#qr-number").textContent`)
	phone.Do(chromedp.Navigate(link))
	phone.Until("Cổng dịch vụ công Thái Nguyên")
	phone.Until("dichvucong.example.vn")
	phone.Look("qr-read", uitest.Phone)
	phone.Do(chromedp.Click(chromedp.CSS(`input[name=number][value="` + number + `"]`)))
	phone.Press("Tiếp tục")
	phone.Until("Xác nhận đăng nhập")
	phone.Look("qr-confirm", uitest.Phone)
	phone.Press("Xác nhận bằng khóa của thiết bị này")
	phone.Until("Đã xác nhận")
	desk.Until("service goes on with " + id)
	desk.Open("/identity/sessions")
	desk.Until("mã QR")

	// A QR that somebody else sent on: the number is not the one at hand.
	desk.Open("/identity/sign-in")
	thief := newWindow(t, browser, h.base)
	thief.Open("/identity/sign-in")
	thief.Press("Đăng nhập bằng mã QR và điện thoại")
	thief.Until("Quét mã bằng điện thoại")
	link, number = thief.Value(`document.querySelector("main img").dataset.link`), thief.Value(`document.querySelector("#qr-number").textContent`)
	phone.Do(chromedp.Navigate(link))
	phone.Until("Trang tài khoản định danh")
	phone.Do(chromedp.Click(chromedp.CSS(`input[name=number]:not([value="` + number + `"])`)))
	phone.Press("Tiếp tục")
	phone.Until("yêu cầu đã bị hủy")
	thief.Until("Yêu cầu đã bị từ chối")
	thief.Open("/identity")
	thief.Until("Đăng nhập bằng tài khoản định danh")
}

// TestLooks checks every page in both languages, and at both widths in Vietnamese.
func TestLooks(t *testing.T) {
	t.Parallel()
	browser := uitest.Browser(t)
	h := build(t)
	h.withPassword(h.mother, good)
	w := newWindow(t, browser, h.base)
	ask := h.request(provider.Want{SignIn: true, Level: identity.Two})
	w.Open("/identity/sign-in?for=" + ask)
	w.Fill("number", identitytest.Mother.Number.Reveal())
	w.Fill("password", good)
	w.Press("Tiếp tục")
	w.Until("Nhập mã một lần")
	w.Look("code", uitest.Phone)
	w.Fill("code", h.sent(h.mother))
	w.Press("Tiếp tục")
	w.Until("service goes on")
	h.agreeing()
	h.Give(t, identitytest.Father, identity.Two)
	w.Open("/identity/security/trust")
	w.Fill("number", identitytest.Father.Number.Reveal())
	w.Press("Ghi tên")
	w.Until("Nguyễn Văn Cha")
	h.delegations()
	w.Press("Bật mã của ứng dụng")
	w.Until("Quét mã QR này")
	widths := map[string][]int64{"vi": {uitest.Phone, uitest.Desktop}, "en": {uitest.Phone}}
	if os.Getenv("KEEP_PAGES") != "" {
		widths["en"] = widths["vi"]
	}
	looked := map[string]bool{}
	for _, lang := range []string{"vi", "en"} {
		for _, path := range []string{
			"/identity", "/identity/devices", "/identity/devices/add", "/identity/sessions", "/identity/security", "/identity/security/password",
			"/identity/security/code", "/identity/security/trust", "/identity/consents", "/identity/acting", "/identity/acting/offer", "/identity/acting/child",
			"/identity/security/address/email", "/identity/log", "/identity/vouch",
			"/identity/agree?for=" + ask, "/identity/whom?for=" + ask, "/identity/again", "/identity/recover", "/identity/recover/code", "/identity/recover/trust",
			"/identity/lost", "/identity/left",
		} {
			sep := "?"
			if strings.Contains(path, "?") {
				sep = "&"
			}
			w.Open(path + sep + "lang=" + lang)
			name, _, _ := strings.Cut(path, "?")
			w.Look(name, widths[lang]...)
			looked[name] = true
		}
	}
	w.Open("/identity?lang=vi")
	out := newWindow(t, browser, h.base)
	for _, lang := range []string{"vi", "en"} {
		for _, path := range []string{"/identity/sign-in", "/identity/enrol"} {
			out.Open(path + "?lang=" + lang)
			out.Look(path, widths[lang]...)
			looked[path] = true
		}
	}
	for _, r := range h.routes { // those of one request are looked at in TestKeyAndQR
		if path, page := strings.CutPrefix(r.Pattern, "GET "); page && !strings.Contains(path, "{") && !looked[path] {
			t.Errorf("%s is looked at by no test", path)
		}
	}
}
