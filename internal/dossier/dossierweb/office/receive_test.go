package office_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"dean06/internal/dossier"
	"dean06/internal/dossier/dossiertest"
	"dean06/internal/platform/actor"
)

// send posts a form with files: values whose name begins with "paper-" are files.
func (s *site) send(who actor.Actor, path string, values ...string) answer {
	s.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for i := 0; i+1 < len(values); i += 2 {
		if !strings.HasPrefix(values[i], "paper-") {
			if err := form.WriteField(values[i], values[i+1]); err != nil {
				s.t.Fatal(err)
			}
			continue
		}
		part, err := form.CreateFormFile(values[i], "giay.jpg")
		if err != nil {
			s.t.Fatal(err)
		}
		if _, err := part.Write([]byte(values[i+1])); err != nil {
			s.t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		s.t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(s.t.Context(), http.MethodPost, path, &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return s.do(who, r)
}

var versionOf = regexp.MustCompile(`name="version" value="(\d+)"`)

// seen is the version that a page shows.
func seen(t *testing.T, body string) string {
	t.Helper()
	m := versionOf.FindStringSubmatch(body)
	if m == nil {
		t.Fatalf("no version on the page: %.400s", text(body))
	}
	return m[1]
}

const jpeg = "\xff\xd8\xff giấy chứng sinh"

func card(name, number, birth string) string {
	return number + "||" + name + "|" + birth + "|Nữ|Tổ 12, phường Phan Đình Phùng, Thái Nguyên|10052023"
}

// desk is somebody at the desk with a form.
type desk struct {
	*site
	who  actor.Actor
	path string
}

func (s *site) begin(who actor.Actor) *desk {
	s.t.Helper()
	a := s.post(who, "/desk/receive", "procedure", dossiertest.Birth, "channel", "desk")
	if a.code != http.StatusSeeOther {
		s.t.Fatalf("start: got %d: %s", a.code, text(a.body))
	}
	return &desk{s, who, a.location}
}

// fill posts the page as it is now with more values.
func (d *desk) fill(want int, values ...string) answer {
	d.t.Helper()
	page := d.shows(d.who, d.path, http.StatusOK)
	a := d.send(d.who, d.path, append([]string{"version", seen(d.t, page.body)}, values...)...)
	if a.code != want {
		d.t.Fatalf("%v: got %d, want %d: %s", values, a.code, want, text(a.body))
	}
	return a
}

func TestReception(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a := s.shows(dossiertest.Desk, "/desk/receive?q=khai+sinh", http.StatusOK)
	if !strings.Contains(a.body, dossiertest.Birth) || strings.Contains(a.body, "1.004222") {
		t.Error("the search without accents does not find the birth alone")
	}
	s.shows(dossiertest.Desk, "/desk/receive?q=xyz&lang=en", http.StatusOK)
	if a := s.post(dossiertest.Desk, "/desk/receive", "channel", "desk"); a.code != http.StatusUnprocessableEntity {
		t.Errorf("without a procedure: got %d", a.code)
	}
	d := s.begin(dossiertest.Desk)
	s.shows(dossiertest.Desk, d.path+"?lang=en", http.StatusOK)

	// A code that is none is said at its field, and what was typed is kept and saved.
	bad := d.fill(
		http.StatusUnprocessableEntity, "card", "không phải mã", "child.name", "Trần Minh An", "applicant.relation", "mother", "applicant.relation-shown", "1",
	)
	if !strings.Contains(bad.body, `id="card-error"`) || !strings.Contains(bad.body, "Trần Minh An") {
		t.Errorf("a bad code: %s", text(bad.body))
	}
	d.fill(http.StatusSeeOther, "card", card(dossiertest.Mother.Name, dossiertest.MotherNumber, "12041996"), "do", "card")
	page := s.shows(dossiertest.Desk, d.path, http.StatusOK)
	for _, want := range []string{"Khớp với cơ sở dữ liệu dân cư", dossiertest.MotherNumber, dossiertest.Mother.Name} {
		if !strings.Contains(page.body, want) {
			t.Errorf("after the card the page does not say %q", want)
		}
	}
	d.fill(http.StatusSeeOther, "request.situation", "married", "request.situation-shown", "1", "child.name", "Trần Minh An")
	if page = s.shows(dossiertest.Desk, d.path, http.StatusOK); !strings.Contains(page.body, dossiertest.Father.Name) {
		t.Error("the father did not arrive with the marriage")
	}
	d.fill(http.StatusSeeOther,
		"request.foreign", "none", "notice.has", "hospital", "child.sex", "2", "child.birth-day", "20", "child.birth-month", "11", "child.birth-year", "2026",
		"child.birthplace", "Phan Đình Phùng", "child.birthplace-province", "19", "child.birthplace-detail", "Bệnh viện A",
		"phone", "0912345678", "copies.want", "no")
	// What is missing is said before anybody reads.
	missing := d.fill(http.StatusUnprocessableEntity, "do", "read")
	if !strings.Contains(missing.body, "govuk-error-summary") {
		t.Errorf("nothing is missing: %s", text(missing.body))
	}
	// A file of another kind is refused, the other is kept.
	d.fill(http.StatusUnprocessableEntity, "paper-birth_notice", "MZ program")
	d.fill(http.StatusSeeOther, "paper-birth_notice", jpeg)
	if len(s.uploads.taken) != 1 || !strings.HasPrefix(s.uploads.taken[0].For, "draft ") {
		t.Errorf("uploads: %+v", s.uploads.taken)
	}
	given := map[string]string{}
	for range 6 { // what the form asks on top
		page = s.shows(dossiertest.Desk, d.path, http.StatusOK)
		if a := d.fill3("do", "read"); a.code == http.StatusSeeOther {
			given["location"] = a.location
			break
		} else if err := d.answerFirst(a.body); err != "" {
			t.Fatalf("cannot be answered: %s: %s", err, text(a.body))
		}
	}
	if !strings.HasSuffix(given["location"], "/read") {
		t.Fatalf("the form is not ready: %s", text(page.body))
	}
	read := s.shows(dossiertest.Desk, d.path+"/read", http.StatusOK)
	s.shows(dossiertest.Desk, d.path+"/read?lang=en", http.StatusOK)
	version := seen(t, read.body)
	if a := s.post(dossiertest.Desk, d.path+"/read", "version", version, "notice", "yes"); a.code != http.StatusUnprocessableEntity ||
		!strings.Contains(a.body, "confirm-error") {
		t.Errorf("without a confirmation: got %d", a.code)
	}
	if a := s.post(dossiertest.Desk, d.path+"/read", "version", version, "confirm", "read"); a.code != http.StatusUnprocessableEntity ||
		!strings.Contains(a.body, "notice-error") {
		t.Errorf("without the notice: got %d", a.code)
	}
	sent := s.post(dossiertest.Desk, d.path+"/read", "version", version, "confirm", "read", "notice", "yes", "original-0", "Giấy chứng sinh", "count-0", "1")
	if sent.code != http.StatusSeeOther || sent.location != d.path+"/done" {
		t.Fatalf("send: got %d to %q: %s", sent.code, sent.location, text(sent.body))
	}
	if again := s.post(dossiertest.Desk, d.path+"/read", "version", version, "confirm", "read", "notice", "yes"); again.code != http.StatusSeeOther {
		t.Errorf("a second click: got %d", again.code)
	}
	done := s.shows(dossiertest.Desk, d.path+"/done", http.StatusOK)
	s.shows(dossiertest.Desk, d.path+"/done?lang=en", http.StatusOK)
	m := regexp.MustCompile(`href="(/desk/dossiers/([^/"]+)/issued/[^"]+)"`).FindStringSubmatch(done.body)
	if m == nil {
		t.Fatalf("no receipt: %s", text(done.body))
	}
	if paper := s.get(dossiertest.Desk, m[1]); paper.code != http.StatusOK || !strings.HasPrefix(paper.body, "%PDF") {
		t.Errorf("the receipt: got %d", paper.code)
	}
	got, err := s.world.Store.ByCode(t.Context(), m[2])
	if err != nil {
		t.Fatal(err)
	}
	if got.Status == dossier.New || got.ReceivedAt.IsZero() || got.Channel != dossier.AtDesk ||
		len(got.Originals) != 1 || got.Applicant.Number != dossiertest.MotherNumber {
		t.Errorf("the dossier: status %d, %s, %+v, %+v", got.Status, got.Channel, got.Originals, got.Applicant)
	}
	scans := 0
	for _, p := range got.Papers {
		if p.How == dossier.ByScan {
			scans++
		}
	}
	if scans != 1 {
		t.Errorf("%d scans", scans)
	}
}

// fill3 posts the page as it is.
func (d *desk) fill3(values ...string) answer {
	d.t.Helper()
	page := d.get(d.who, d.path)
	return d.send(d.who, d.path, append([]string{"version", seen(d.t, page.body)}, values...)...)
}

// answerFirst answers the first question of which the page says that it is missing.
func (d *desk) answerFirst(body string) string {
	summary, _, _ := strings.Cut(body, "<form")
	m := regexp.MustCompile(`href="#([^"]+)"`).FindAllStringSubmatch(summary, -1)
	var out []string
	for _, one := range m {
		path := one[1]
		if strings.HasPrefix(path, "main") {
			continue
		}
		out = append(out, path)
		option := regexp.MustCompile(`name="` + regexp.QuoteMeta(path) + `"[^>]*value="([^"]+)"`).FindStringSubmatch(body)
		if option != nil {
			d.fill(http.StatusSeeOther, path, option[1], path+"-shown", "1")
			return ""
		}
	}
	return strings.Join(out, " ")
}

func TestAccountAtTheDesk(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d := s.begin(dossiertest.Desk)
	if a := s.get(dossiertest.Desk, d.path+"/account"); a.code != http.StatusForbidden {
		t.Errorf("before the card was read: got %d", a.code)
	}
	// A card without a code is typed; one that is nobody's opens nothing.
	wrong := d.fill(http.StatusSeeOther, "card-number", dossiertest.MotherNumber, "card-name", dossiertest.Mother.Name, "card-birth", "13/4/1996")
	if page := s.shows(dossiertest.Desk, wrong.location, http.StatusOK); !strings.Contains(page.body, "Chưa đối chiếu") {
		t.Error("a card that fits nobody is matched")
	}
	bad := d.fill(http.StatusUnprocessableEntity, "card-number", "12", "card-name", "A B", "card-birth", "12/4/1996")
	if !strings.Contains(bad.body, `id="card-number-error"`) {
		t.Errorf("a number that is none: %s", text(bad.body))
	}
	d.fill(http.StatusSeeOther, "card-number", dossiertest.MotherNumber, "card-name", dossiertest.Mother.Name, "card-birth", "12/4/1996")
	path := d.path + "/account"
	page := s.shows(dossiertest.Desk, path, http.StatusOK)
	s.shows(dossiertest.Desk, path+"?lang=en", http.StatusOK)
	if !strings.Contains(page.body, `value="nguyen.thi.hong.nhung"`) {
		t.Error("no login is proposed")
	}
	open := func(values ...string) answer {
		t.Helper()
		return s.post(dossiertest.Desk, path, append([]string{"version", seen(t, page.body)}, values...)...)
	}
	if a := open("which", "new", "login", "nhung96"); a.code != http.StatusUnprocessableEntity || !strings.Contains(a.body, "seen-error") {
		t.Errorf("without having seen the card: got %d", a.code)
	}
	if a := open("which", "bind", "login", "nobody", "seen", "yes"); a.code != http.StatusConflict && a.code != http.StatusUnprocessableEntity {
		t.Errorf("a login that nobody has: got %d", a.code)
	}
	a := open("which", "new", "login", "nhung96", "seen", "yes", "email", "nhung@example.vn")
	if a.code != http.StatusOK || !strings.Contains(a.body, "abcd-efgh-jkmn-pqrs") || a.header.Get("Cache-Control") != "no-store" {
		t.Fatalf("got %d, %q: %s", a.code, a.header.Get("Cache-Control"), text(a.body))
	}
	if s.world.Accounts.Bound["nhung96"] != dossiertest.MotherNumber {
		t.Error("the account is not bound")
	}
	if after := s.shows(dossiertest.Desk, d.path, http.StatusOK); strings.Contains(after.body, "abcd-efgh") ||
		!strings.Contains(after.body, "Đã gắn với người này") {
		t.Errorf("afterwards: %s", text(after.body)[:300])
	}
	if again := s.post(dossiertest.Desk, d.path+"/discard"); again.code != http.StatusSeeOther {
		t.Errorf("discard: got %d", again.code)
	}
}

// TestReceptionIsTheDesks: nobody else begins, sees or changes a form that is filled in at a desk.
func TestReceptionIsTheDesks(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d := s.begin(dossiertest.Desk)
	version := seen(t, s.get(dossiertest.Desk, d.path).body)
	for _, who := range dossiertest.Everybody {
		if who.Account == "" || who.Account == dossiertest.Desk.Account {
			continue
		}
		for _, path := range []string{d.path, d.path + "/read", d.path + "/done", d.path + "/account"} {
			if got := s.get(who, path).code; got != http.StatusForbidden && got != http.StatusNotFound {
				t.Errorf("%s at %s: got %d", who.Account, path, got)
			}
		}
		for _, path := range []string{d.path, d.path + "/read", d.path + "/account", d.path + "/discard"} {
			got := s.post(who, path, "version", version, "child.name", "X", "seen", "yes", "login", "abc", "confirm", "read", "notice", "yes").code
			if got != http.StatusForbidden && got != http.StatusNotFound {
				t.Errorf("%s posts to %s: got %d", who.Account, path, got)
			}
		}
	}
	// Two windows: the later one is told, and nothing is written over.
	d.fill(http.StatusSeeOther, "phone", "0912345678")
	if a := s.send(dossiertest.Desk, d.path, "version", version, "phone", "0987654321"); a.code != http.StatusConflict || !strings.Contains(a.body, "0987654321") {
		t.Errorf("the other window: got %d", a.code)
	}
}

func TestSupplementAtTheDesk(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w, err := s.world.To(t.Context(), dossier.Supplement)
	if err != nil {
		t.Fatal(err)
	}
	if a := s.post(dossiertest.Reviewer, "/desk/dossiers/"+w.Code+"/supply"); a.code != http.StatusForbidden {
		t.Errorf("by the reviewer: got %d", a.code)
	}
	page := s.shows(dossiertest.Desk, "/desk/dossiers/"+w.Code, http.StatusOK)
	if !strings.Contains(page.body, "/supply") {
		t.Error("the page of the dossier does not lead there")
	}
	a := s.post(dossiertest.Desk, "/desk/dossiers/"+w.Code+"/supply")
	if a.code != http.StatusSeeOther {
		t.Fatalf("got %d: %s", a.code, text(a.body))
	}
	d := &desk{s, dossiertest.Desk, a.location}
	form := s.shows(dossiertest.Desk, d.path, http.StatusOK)
	if !strings.Contains(form.body, "Ảnh mờ góc phải") || strings.Contains(form.body, `name="child.name"`) || strings.Contains(form.body, `name="card"`) {
		t.Errorf("not what was asked alone: %s", text(form.body))
	}
	d.fill(http.StatusUnprocessableEntity, "do", "read")
	ready := d.fill(http.StatusSeeOther, "paper-birth_notice", jpeg, "do", "read")
	read := s.shows(dossiertest.Desk, ready.location, http.StatusOK)
	s.world.Clock.Pass(1e9)
	if a := s.post(dossiertest.Desk, d.path+"/read", "version", seen(t, read.body), "confirm", "read"); a.code != http.StatusSeeOther {
		t.Fatalf("send: got %d: %s", a.code, text(a.body))
	}
	got, err := s.world.Store.ByCode(t.Context(), w.Code)
	if err != nil || got.Status != dossier.InProcess {
		t.Errorf("status %d, %v", got.Status, err)
	}
}
