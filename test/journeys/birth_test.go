package journeys

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui/uitest"
	"dean06/internal/platform/upload/uploadtest"
)

// photograph is a picture of a paper as a phone takes it.
func photograph(t *testing.T, name string, seed uint64) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, uploadtest.JPEG(uploadtest.Page(1000, 1400, seed), 70), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// control is a field of a form as it stands on the page.
type control struct {
	Name, Type, Value string
	Checked           bool
}

// answers goes through a form page by page until an address that ends so: it answers what
// it can by the names of the fields, and leaves what is there already. It gives the fields
// that it filled in.
func (p *person) answers(says map[string]string, stop string) (typed []string) {
	p.t.Helper()
	const (
		read = `() => [...document.querySelectorAll("main form[method=post]")[0]?.elements ?? []]
			.filter(e => e.name && e.type !== "hidden" && e.checkVisibility() && e.tagName !== "BUTTON")
			.map(e => ({Name: e.name, Type: e.type, Value: e.value, Checked: !!e.checked}))`
		mark = `() => {
			for (const e of document.querySelectorAll("[data-journey]")) e.removeAttribute("data-journey");
			const e = document.querySelector("main form[method=post] button.govuk-button:not(.govuk-button--secondary)");
			e?.setAttribute("data-journey", "");
			return !!e; }`
	)
	for range 60 {
		if strings.HasSuffix(p.path(), stop) {
			return typed
		}
		offered := ""
		for _, c := range eval[[]control](p, call(read)) {
			says, known := says[c.Name]
			switch {
			case strings.HasSuffix(c.Name, "-offer"): // of the mother or of the father: the first
				if offered != c.Name {
					p.choose(c.Name, c.Value)
				}
				offered = c.Name
			case !known || c.Checked || c.Value == says && c.Type != "radio" && c.Type != "checkbox":
			case c.Type == "file":
				p.upload(c.Name, says)
				p.becomesTrue(`[...document.querySelectorAll(".app-upload__file")].some(e => e.dataset.state === "done")`)
			case c.Type == "radio" || c.Type == "checkbox":
				if c.Value == says {
					p.choose(c.Name, says)
					typed = append(typed, c.Name)
				}
			case c.Value == "":
				if strings.HasPrefix(c.Type, "select") {
					p.choose(c.Name, says)
				} else {
					p.fill(c.Name, says)
				}
				typed = append(typed, c.Name)
			}
		}
		if !eval[bool](p, call(mark)) {
			p.fail("nothing leads on")
		}
		p.clicks++
		ctx, cancel := context.WithTimeout(p.ctx, uitest.Patience)
		res, err := chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS("[data-journey]")))
		cancel()
		if err != nil || res.Status >= 400 {
			p.fail("an answer is refused: %v", err)
		}
		p.look()
	}
	p.fail("the form does not end")
	return nil
}

// birth is what a mother answers of her child, who is two weeks old; the register has the rest.
func birth(child, commune string) map[string]string {
	born := clock.DayOf(time.Now()).AddDays(-14)
	return map[string]string{
		"applicant.relation": "mother", "request.situation": "married", "request.foreign": "none", "notice.has": "hospital",
		"child.name": child, "child.sex": "2", "child.birth-day": strconv.Itoa(born.Day()),
		"child.birth-month": strconv.Itoa(int(born.Month())), "child.birth-year": strconv.Itoa(born.Year()),
		"child.birthplace": commune, "child.birthplace-province": "19", "child.birthplace-detail": "Trạm y tế", "copies.want": "no",
		"phone": "0912345678", "email": "me@example.vn", "notice": "yes",
	}
}

// does opens a dossier and does something with it, as its page offers it.
func (p *person) does(code, verb string, say func()) {
	p.t.Helper()
	p.open("/desk/dossiers/" + code)
	p.click("dossier.verb." + verb)
	say()
	p.click("dossier.verb." + verb)
	p.sees("desk.did", map[string]any{"what": p.say("dossier.verb." + verb)})
}

// becomes opens a page again and again until it says so.
func (p *person) becomes(path, key string) {
	p.t.Helper()
	for end := time.Now().Add(uitest.Patience); ; time.Sleep(300 * time.Millisecond) {
		p.open(path)
		if p.has(key) {
			return
		}
		if time.Now().After(end) {
			p.fail("the page does not come to say %q", p.say(key))
		}
	}
}

// born is a birth from the search to the certificate, with a supplement on the way: the
// mother on her phone, the officers at their desks.
func (l *land) born(t *testing.T) {
	site := l.at(t, "thainguyen")
	mother := site.person(t, i18n.Vi, uitest.Phone)
	mother.open("/procedures?lang=vi")
	mother.fill("q", "lam khai sinh cho con")
	mother.click("ui.search")
	mother.click("Khai sinh cho con")
	mother.click("apply.start.sign_in")
	mother.vouched("019194000102")
	mother.isAt("/procedures/1.001193")
	mother.click("apply.start.button")

	says := birth("Trần Minh An", "Phan Đình Phùng")
	typed := mother.answers(says, "/q/filled")
	mother.sees("apply.form.filled")
	mother.sees("Nguyễn Thị Hoa")
	mother.sees("Trần Văn Bình")
	mother.picture("birth-phone")
	says["paper-birth_notice"] = photograph(t, "giay-chung-sinh.jpg", 1)
	typed = append(typed, mother.answers(says, "/sent")...)
	if i := slices.IndexFunc(typed, func(name string) bool { return !strings.HasPrefix(name, "child.") && says[name] == "" }); i >= 0 {
		t.Errorf("she typed %s, which nobody asked her", typed[i])
	}
	for _, name := range typed {
		if strings.HasPrefix(name, "mother.") || strings.HasPrefix(name, "father.") {
			t.Errorf("she typed %s, which the register has", name)
		}
	}
	code := strings.Split(mother.path(), "/")[2]
	mother.sees("apply.sent.title")
	mother.click("apply.sent.follow")
	mother.sees("dossier.status.1")

	desk := site.person(t, i18n.Vi, uitest.Desktop).signIn("tiepnhan1")
	desk.sees(code)
	desk.does(code, "receive", func() {})

	reviewer := site.person(t, i18n.Vi, uitest.Desktop).signIn("hotich1")
	reviewer.sees(code)
	reviewer.does(code, "take", func() {})
	reviewer.does(code, "ask_more", func() {
		reviewer.choose("reason-birth_notice", "notice_unreadable")
		reviewer.fill("note-birth_notice", "Ảnh mờ góc phải")
	})

	mother.becomes("/dossiers/"+code, "dossier.status.5")
	mother.sees("Ảnh mờ góc phải")
	mother.again(func() bool { return mother.mailed("nguoime") || mother.mailed("me@example.vn") }) // what is sent leaves from the outbox, a moment later
	mother.click("apply.own.supply")
	mother.answers(map[string]string{"paper-birth_notice": photograph(t, "giay-chung-sinh-2.jpg", 2)}, "/sent")

	reviewer.open("/desk/dossiers/" + code)
	reviewer.pictureTo("birth-office", 1260)
	reviewer.does(code, "propose", func() { reviewer.choose("proposal", "approve") })

	leader := site.person(t, i18n.Vi, uitest.Desktop).signIn("lanhdao1")
	leader.sees(code)
	leader.does(code, "approve", func() { leader.fill("request.entry", "125") })

	mother.becomes("/dossiers/"+code, "dossier.status.9")
	mother.sees("dossierweb.did.registered")
	paper := mother.fetch(mother.href("Giấy khai sinh"))
	if !strings.HasPrefix(string(paper), "%PDF") {
		t.Fatalf("the certificate is no PDF: %.20q", paper)
	}
	desk.does(code, "hand_over", func() {
		desk.fill("receiver", "Nguyễn Thị Hoa")
		desk.choose("how", "desk")
	})
	mother.becomes("/dossiers/"+code, "dossier.status.10")
	for _, verb := range []string{"submit", "receive", "ask_more", "supply", "propose", "approve", "registered", "hand_over"} {
		mother.sees("dossierweb.did." + verb)
	}
	mother.open("/applications")
	mother.sees(code)

	l.anybody(t, code, "0102", paper, secretOf(t, mother, code))
}

// secretOf is the address that proves the certificate of a dossier, which its QR code has.
func secretOf(t *testing.T, p *person, code string) string {
	t.Helper()
	var out struct {
		Dossier struct {
			Results []struct{ Kind, Proof string }
		} `json:"dossier"`
	}
	taken := p.download("/dossiers/" + code + "/export")
	archive, err := zip.NewReader(bytes.NewReader(taken), int64(len(taken)))
	if err != nil {
		t.Fatal(err)
	}
	file, err := archive.Open(code + ".json")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	if err := json.NewDecoder(file).Decode(&out); err != nil {
		t.Fatal(err)
	}
	for _, r := range out.Dossier.Results {
		if r.Kind == "result" {
			return r.Proof
		}
	}
	t.Fatalf("the export has no result: %+v", out)
	return ""
}

// anybody follows a dossier by its code, and proves its certificate, without signing in.
func (l *land) anybody(t *testing.T, code, proof string, paper []byte, secret string) {
	p := l.at(t, "thainguyen").person(t, i18n.Vi, uitest.Phone)
	p.open("/track?lang=vi")
	p.fill("code", code)
	p.fill("proof", "9999")
	p.openless("apply.track.button", 404)
	p.fill("proof", proof)
	p.click("apply.track.button")
	p.sees("dossier.status.10")
	p.seesNot("Nguyễn Thị Hoa")
	p.open("/proof/" + secret)
	p.sees("apply.proof.valid_unsigned")
	p.sees("Giấy khai sinh")
	file := filepath.Join(t.TempDir(), "giay-khai-sinh.pdf")
	if err := os.WriteFile(file, paper, 0o600); err != nil {
		t.Fatal(err)
	}
	p.upload("file", file)
	p.click("apply.proof.compare")
	p.sees("apply.proof.same")
}

// openless presses a button whose answer has an error's status.
func (p *person) openless(button string, status int64) {
	p.t.Helper()
	p.mark("", p.say(button))
	ctx, cancel := context.WithTimeout(p.ctx, uitest.Patience)
	defer cancel()
	res, err := chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS("[data-journey]")))
	if err != nil || res.Status != status {
		p.fail("%q: want status %d: %v", p.say(button), status, err)
	}
	p.look()
}

// bornInEnglish is the short way: she at a desk, the officers on a phone, nothing missing.
func (l *land) bornInEnglish(t *testing.T) {
	site := l.at(t, "thainguyen")
	mother := site.person(t, i18n.En, uitest.Desktop).enter("019193000105")
	mother.open("/procedures/1.001193")
	mother.click("apply.start.button")
	says := birth("Hoàng Gia Hân", "Phan Đình Phùng")
	says["paper-birth_notice"] = photograph(t, "notice.jpg", 3)
	mother.answers(says, "/sent")
	code := strings.Split(mother.path(), "/")[2]

	desk := site.person(t, i18n.En, uitest.Phone).signIn("tiepnhan2")
	desk.sees(code)
	desk.does(code, "receive", func() {})
	reviewer := site.person(t, i18n.En, uitest.Phone).signIn("hotich2")
	reviewer.does(code, "take", func() {})
	reviewer.does(code, "propose", func() { reviewer.choose("proposal", "approve") })
	leader := site.person(t, i18n.En, uitest.Phone).signIn("lanhdao2")
	leader.does(code, "approve", func() { leader.fill("request.entry", "7") })
	mother.becomes("/dossiers/"+code, "dossier.status.9")
	mother.sees("Birth certificate")
}
