package journeys

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"dean06/internal/demo"
	"dean06/internal/identity"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/oauth"
	"dean06/internal/platform/ui/uitest"
)

// Whoever opens an account in the journey below, and the officer who loses a position there.
const (
	van    = "019164000157"
	police = "019076000212"
	// registrar is the clerk of the authority.
	registrar = "019192000218"
	vanMail   = "van@dean06.example.vn"
)

// letter is the newest letter to an address that says something, as far as it matches.
func (p *person) letter(to string, what *regexp.Regexp) string {
	p.t.Helper()
	found := ""
	p.again(func() bool {
		files, err := filepath.Glob(filepath.Join(p.dir, "mail", "*.eml"))
		if err != nil {
			p.t.Fatal(err)
		}
		var newest time.Time
		for _, name := range files {
			raw, err := os.ReadFile(name)
			at, err2 := os.Stat(name)
			if err != nil || err2 != nil || !strings.Contains(string(raw), to) || at.ModTime().Before(newest) {
				continue
			}
			if m := what.FindStringSubmatch(string(raw)); m != nil {
				newest, found = at.ModTime(), m[1]
			}
		}
		return found != ""
	})
	return found
}

var sentCode = regexp.MustCompile(`\b(\d{6})\b`)

// back waits until the browser is at the node again from which it was led away.
func (p *person) back() {
	p.t.Helper()
	p.again(func() bool { return strings.HasPrefix(eval[string](p, "location.href"), p.url) })
	p.look()
}

// identities is the way of an electronic identity: opened at home, raised at a desk, used on a
// second device by QR, lost; what a service is told, withdrawn; an officer whose position ended.
func (l *land) identities(t *testing.T) {
	authority, province := l.at(t, "authority"), l.at(t, "thainguyen")

	// Level 1 at home, on her phone, on the way into the province's pages.
	phone := province.person(t, i18n.Vi, uitest.Phone)
	phone.open("/sign-in?lang=vi")
	phone.click("session.page.identity")
	uitest.VirtualKey(t, phone.ctx)
	phone.click("identity.page.sign_in.enrol")
	phone.fill("number", van)
	phone.fill("name", "Đinh Thị Vân")
	phone.fill("birth-day", "8")
	phone.fill("birth-month", "10")
	phone.fill("birth-year", "1964")
	phone.fill("address", vanMail)
	phone.picture("identity-enrol")
	phone.click("identity.page.continue")
	phone.fill("code", phone.letter(vanMail, sentCode))
	phone.click("identity.page.enrol.open")
	phone.back()
	phone.isAt("/applications")
	phone.house = authority
	phone.open("/identity/devices/add")
	phone.fill("name", "Điện thoại của Vân")
	phone.click("identity.page.devices.add.do")
	phone.waits("identity.page.devices.added")
	phone.open("/identity")
	phone.sees("identity.level.1")
	phone.picture("identity-home")

	// Level 2 at a desk: the officer types what the card says, and compares the face.
	officer := authority.person(t, i18n.Vi, uitest.Desktop).enter(registrar)
	officer.open("/identity/desk/person")
	officer.click("identity.office.scan.type")
	officer.fill("number", van)
	officer.fill("name", "Đinh Thị Vân")
	officer.fill("birth-day", "8")
	officer.fill("birth-month", "10")
	officer.fill("birth-year", "1964")
	officer.choose("card", "CC")
	officer.fill("issued-day", "26")
	officer.fill("issued-month", "11")
	officer.fill("issued-year", "2024")
	officer.choose("compared", "yes")
	officer.fill("purpose", "Cấp định danh mức độ 2")
	officer.picture("identity-desk")
	officer.click("identity.office.person.do")
	officer.fill("knows", vanMail) // it asks which address she confirmed at home, and does not prompt
	officer.click("identity.office.person.do")
	officer.sees("identity.office.desk.next")
	phone.open("/identity")
	phone.sees("identity.level.2")

	// A second device, which has no key: the phone lets it in by QR.
	desk := province.person(t, i18n.Vi, uitest.Desktop)
	desk.open("/sign-in?lang=vi")
	desk.click("session.page.identity")
	desk.click("identity.page.sign_in.qr")
	desk.picture("identity-qr")
	link := eval[string](desk, `document.querySelector("main img").dataset.link`)
	number := eval[string](desk, `document.querySelector("#qr-number").textContent`)
	phone.open(strings.TrimPrefix(link, phone.url))
	phone.sees("UBND tỉnh Thái Nguyên")
	phone.choose("number", number)
	phone.click("identity.page.continue")
	phone.click("identity.page.qr.confirm.do")
	phone.waits("identity.page.qr.done.text")
	desk.back()
	desk.isAt("/applications")

	// A service that asks is told what she lets it be told, until she takes that back.
	service := newService(t, l.country)
	desk.house = authority
	desk.do("go to the service", chromedp.Navigate(service.begin()))
	desk.sees("Hội khuyến học")
	desk.picture("identity-agree")
	desk.choose("purpose", "hoc-bong")
	desk.click("identity.page.agree.yes")
	desk.again(func() bool { return strings.HasPrefix(eval[string](desk, "location.href"), service.URL) })
	desk.open("/identity/consents")
	desk.sees("Hội khuyến học")
	desk.clickIn("Hội khuyến học", "identity.page.consents.withdraw")
	desk.sees("identity.page.consents.was_withdrawn")
	desk.do("go to the service", chromedp.Navigate(service.begin()))
	desk.sees("Hội khuyến học") // it asks anew
	desk.open("/identity/log")
	desk.sees("Hội khuyến học nhận")
	desk.picture("identity-log")

	// The phone is lost: what it opened is closed at once.
	desk.open("/identity/lost")
	desk.press("identity.page.lost.device", map[string]any{"name": "Điện thoại của Vân"})
	desk.click("identity.page.lost.do")
	desk.sees("identity.page.lost.done")
	phone.open("/identity")
	phone.isAt("/identity/sign-in")

	// One sign-out ends it everywhere.
	desk.click("ui.sign_out")
	desk.house = province
	desk.open("/account")
	desk.isAt("/sign-in")
}

// service is one of another agency, which asks for consent.
type service struct {
	*httptest.Server

	issuer string
}

func newService(t *testing.T, c *demo.Country) service {
	t.Helper()
	s := service{httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(`<!doctype html><html lang="vi"><title>Hội khuyến học</title><main><h1>Hội khuyến học</h1></main></html>`))
	})), c.Node("authority").Named()}
	t.Cleanup(s.Close)
	at := c.Node("authority").Modules.Identity.Service()
	keeper, operator := actor.OfSystem(identity.Operator), actor.OfSystem(identity.Operator)
	keeper.Account, operator.Account = "keeper", "operator"
	client, _, err := at.RegisterClient(t.Context(), keeper, identity.Client{
		ID: "khuyen-hoc", Owner: "H55", Name: identity.Text{Vi: "Hội khuyến học", En: "Study encouragement"}, RedirectURIs: []string{s.URL + "/back"},
		Auth: identity.AuthNone,
		Purposes: []identity.Purpose{{
			Code: "hoc-bong", Text: identity.Text{Vi: "Xét học bổng", En: "Scholarships"}, Basis: "Luật Giáo dục 2019, Điều 85", Claims: []string{"name", "birthdate"},
		}},
	})
	if err == nil {
		err = at.ApproveClient(t.Context(), operator, client.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// begin is where a sign-in begins.
func (s service) begin() string {
	return s.issuer + "/oauth/authorize?" + url.Values{
		"response_type": {"code"}, "client_id": {"khuyen-hoc"}, "redirect_uri": {s.URL + "/back"}, "scope": {"openid profile"}, "state": {"1"},
		"code_challenge": {oauth.Challenge(strings.Repeat("v", 43))}, "code_challenge_method": {oauth.S256}, "ui_locales": {"vi"},
	}.Encode()
}

// ended is an officer who signs in by an identity, and whose position ends.
func (l *land) ended(t *testing.T) {
	province := l.at(t, "thainguyen")
	officer := province.person(t, i18n.Vi, uitest.Desktop).enter(police)
	officer.isAt("/desk")
	admin := province.person(t, i18n.Vi, uitest.Desktop).signIn("quantri")
	admin.open("/org/positions")
	admin.click("Công an xã Đại Từ, tỉnh Thái Nguyên")
	admin.clickIn("Triệu Văn Địa Bàn", "Cảnh sát khu vực, đăng ký cư trú")
	admin.click("orgweb.close")
	admin.choose("how", "end")
	admin.fill("on", clock.DayOf(time.Now()).AddDays(-1).Start().Format("02/01/2006"))
	admin.fill("basis", "QĐ 40/QĐ-CAT")
	admin.click("orgweb.record")
	admin.sees("orgweb.closed")
	officer.refused("/desk")
}
