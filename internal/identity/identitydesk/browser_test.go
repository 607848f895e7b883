package identitydesk_test

import (
	"context"
	"net/url"
	"regexp"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"dean06/internal/identity"
	"dean06/internal/identity/identitytest"
	"dean06/internal/platform/ui/uitest"
)

// window is a browser at which somebody is signed in.
type window struct{ *uitest.Window }

func (o *office) window(browser context.Context, who string) window {
	o.t.Helper()
	w := window{uitest.NewWindow(o.t, browser, o.base)}
	if _, err := chromedp.Call(w.Ctx, network.SetCookie, network.SetCookieParams{Name: "who", Value: who, URL: o.base}); err != nil {
		o.t.Fatal(err)
	}
	return w
}

// look checks the page at both widths.
func (w window) look(name string) {
	w.T.Helper()
	w.Look(name, uitest.Phone, uitest.Desktop)
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
		w.Open("/identity/desk?lang=" + lang)
		w.look("desk")
		w.Open("/identity/desk/person?lang=" + lang)
		w.look("desk-scan")
	}
	w.Do(chromedp.SendKeys(chromedp.CSS("#qr"), cardOf(identitytest.Mother)+kb.Enter))
	w.Until("So từng mục với thẻ")
	if got := w.Value(`document.getElementById("name").value`); got != identitytest.Mother.Name {
		t.Errorf("the card fills in %q", got)
	}
	w.look("desk-form")
	w.Press("Định danh")
	w.Until("Hãy đối chiếu khuôn mặt")
	w.Click("#compared")
	w.Press("Định danh")
	w.Until("Hỏi người đến, không gợi ý")
	w.look("desk-asks")
	w.Fill("knows", identitytest.EmailOf(identitytest.Mother))
	w.Press("Định danh")
	w.Until("Đã định danh")
	w.look("desk-identified")
	w.Press("Cấp mã vào tài khoản")
	w.Until("Mã vào tài khoản")
	w.look("desk-code")
	code := regexp.MustCompile(`(?i)[a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4}`).FindString(w.Text())
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
			officer.Open(path + "?lang=" + lang)
			officer.Look(path)
		}
		officer.Open("/identity/desk/account?lang=" + lang)
		officer.Do(chromedp.Click(chromedp.CSS(`button[value="type"]`)))
		officer.Do(chromedp.WaitVisible(chromedp.CSS("#want")))
		officer.look("desk-account")
		operator := o.window(browser, "operator")
		for _, path := range []string{"/identity/accounts", "/identity/accounts/inspect", "/identity/clients", "/identity/clients/dvc-thai-nguyen"} {
			operator.Open(path + "?lang=" + lang)
			operator.Look(path)
		}
		operator.Open("/identity/accounts/inspect?lang=" + lang)
		operator.Fill("number", identitytest.Mother.Number.Reveal())
		operator.Fill("purpose", "Khiếu nại số 5")
		operator.Do(chromedp.Click(chromedp.CSS(`main form button`)))
		operator.Until("•••••••••011")
		operator.look("standing")
		keeper := o.window(browser, "keeper")
		for _, path := range []string{"/identity/clients", "/identity/clients/new", "/identity/clients/dvc-thai-nguyen", "/identity/clients/dvc-thai-nguyen/change"} {
			keeper.Open(path + "?lang=" + lang)
			keeper.look("keeper" + path)
		}
	}
}
