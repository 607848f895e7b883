package office_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"dean06/internal/dossier"
	"dean06/internal/dossier/dossiertest"
	"dean06/internal/dossier/dossierweb/dossierwebtest"
	"dean06/internal/eform"
	"dean06/internal/platform/actor"
)

// send posts a form with at most one file: the value whose name begins with "paper-".
func (s *site) send(who actor.Actor, path string, values ...string) dossierwebtest.Answer {
	s.T.Helper()
	form, field, content := url.Values{}, "", ""
	for i := 0; i+1 < len(values); i += 2 {
		if strings.HasPrefix(values[i], "paper-") {
			field, content = values[i], values[i+1]
			continue
		}
		form.Add(values[i], values[i+1])
	}
	if field == "" {
		return s.Post(who, path, form)
	}
	return s.PostFile(who, path, form, field, "giay.jpg", content)
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
	s.T.Helper()
	a := s.post(who, "/desk/receive", "procedure", dossiertest.Birth, "channel", "desk")
	if a.Code != http.StatusSeeOther {
		s.T.Fatalf("start: got %d: %s", a.Code, text(a.Body))
	}
	return &desk{s, who, a.Location}
}

// fill posts the page as it is now with more values.
func (d *desk) fill(want int, values ...string) dossierwebtest.Answer {
	d.T.Helper()
	page := d.shows(d.who, d.path, http.StatusOK)
	a := d.send(d.who, d.path, append([]string{"version", seen(d.T, page.Body)}, values...)...)
	if a.Code != want {
		d.T.Fatalf("%v: got %d, want %d: %s", values, a.Code, want, text(a.Body))
	}
	return a
}

func TestReception(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a := s.shows(dossiertest.Desk, "/desk/receive?q=khai+sinh", http.StatusOK)
	if !strings.Contains(a.Body, dossiertest.Birth) || strings.Contains(a.Body, "1.004222") {
		t.Error("the search without accents does not find the birth alone")
	}
	s.shows(dossiertest.Desk, "/desk/receive?q=xyz&lang=en", http.StatusOK)
	if a := s.post(dossiertest.Desk, "/desk/receive", "channel", "desk"); a.Code != http.StatusUnprocessableEntity {
		t.Errorf("without a procedure: got %d", a.Code)
	}
	d := s.begin(dossiertest.Desk)
	s.shows(dossiertest.Desk, d.path+"?lang=en", http.StatusOK)

	// A code that is none is said at its field, and what was typed is kept and saved.
	bad := d.fill(
		http.StatusUnprocessableEntity, "card", "không phải mã", "child.name", "Trần Minh An", "applicant.relation", "mother", "applicant.relation-shown", "1",
	)
	if !strings.Contains(bad.Body, `id="card-error"`) || !strings.Contains(bad.Body, "Trần Minh An") {
		t.Errorf("a bad code: %s", text(bad.Body))
	}
	d.fill(http.StatusSeeOther, "card", card(dossiertest.Mother.Name, dossiertest.MotherNumber, "12041996"), "do", "card")
	page := s.shows(dossiertest.Desk, d.path, http.StatusOK)
	for _, want := range []string{"Khớp với cơ sở dữ liệu dân cư", dossiertest.MotherNumber, dossiertest.Mother.Name} {
		if !strings.Contains(page.Body, want) {
			t.Errorf("after the card the page does not say %q", want)
		}
	}
	d.fill(http.StatusSeeOther, "request.situation", "married", "request.situation-shown", "1", "child.name", "Trần Minh An")
	if page = s.shows(dossiertest.Desk, d.path, http.StatusOK); !strings.Contains(page.Body, dossiertest.Father.Name) {
		t.Error("the father did not arrive with the marriage")
	}
	d.fill(http.StatusSeeOther,
		"request.foreign", "none", "notice.has", "hospital", "child.sex", "2", "child.birth-day", "20", "child.birth-month", "11", "child.birth-year", "2026",
		"child.birthplace", "Phan Đình Phùng", "child.birthplace-province", "19", "child.birthplace-detail", "Bệnh viện A",
		"phone", "0912345678", "copies.want", "no")
	// What is missing is said before anybody reads.
	missing := d.fill(http.StatusUnprocessableEntity, "do", "read")
	if !strings.Contains(missing.Body, "govuk-error-summary") {
		t.Errorf("nothing is missing: %s", text(missing.Body))
	}
	// A file of another kind is refused, the other is kept.
	d.fill(http.StatusUnprocessableEntity, "paper-birth_notice", "MZ program")
	d.fill(http.StatusSeeOther, "paper-birth_notice", jpeg)
	if len(s.uploads.Taken) != 1 || !strings.HasPrefix(s.uploads.Taken[0].For, "draft ") {
		t.Errorf("uploads: %+v", s.uploads.Taken)
	}
	given := map[string]string{}
	for range 6 { // what the form asks on top
		page = s.shows(dossiertest.Desk, d.path, http.StatusOK)
		if a := d.fill3("do", "read"); a.Code == http.StatusSeeOther {
			given["location"] = a.Location
			break
		} else if err := d.answerFirst(a.Body); err != "" {
			t.Fatalf("cannot be answered: %s: %s", err, text(a.Body))
		}
	}
	if !strings.HasSuffix(given["location"], "/read") {
		t.Fatalf("the form is not ready: %s", text(page.Body))
	}
	read := s.shows(dossiertest.Desk, d.path+"/read", http.StatusOK)
	s.shows(dossiertest.Desk, d.path+"/read?lang=en", http.StatusOK)
	version := seen(t, read.Body)
	if a := s.post(dossiertest.Desk, d.path+"/read", "version", version, "notice", "yes"); a.Code != http.StatusUnprocessableEntity ||
		!strings.Contains(a.Body, "confirm-error") {
		t.Errorf("without a confirmation: got %d", a.Code)
	}
	if a := s.post(dossiertest.Desk, d.path+"/read", "version", version, "confirm", "read"); a.Code != http.StatusUnprocessableEntity ||
		!strings.Contains(a.Body, "notice-error") {
		t.Errorf("without the notice: got %d", a.Code)
	}
	sent := s.post(dossiertest.Desk, d.path+"/read", "version", version, "confirm", "read", "notice", "yes", "original-0", "Giấy chứng sinh", "count-0", "1")
	if sent.Code != http.StatusSeeOther || sent.Location != d.path+"/done" {
		t.Fatalf("send: got %d to %q: %s", sent.Code, sent.Location, text(sent.Body))
	}
	if again := s.post(dossiertest.Desk, d.path+"/read", "version", version, "confirm", "read", "notice", "yes"); again.Code != http.StatusSeeOther {
		t.Errorf("a second click: got %d", again.Code)
	}
	done := s.shows(dossiertest.Desk, d.path+"/done", http.StatusOK)
	s.shows(dossiertest.Desk, d.path+"/done?lang=en", http.StatusOK)
	m := regexp.MustCompile(`href="(/desk/dossiers/([^/"]+)/issued/[^"]+)"`).FindStringSubmatch(done.Body)
	if m == nil {
		t.Fatalf("no receipt: %s", text(done.Body))
	}
	if paper := s.Get(dossiertest.Desk, m[1]); paper.Code != http.StatusOK || !strings.HasPrefix(paper.Body, "%PDF") {
		t.Errorf("the receipt: got %d", paper.Code)
	}
	got, err := s.World.Store.ByCode(t.Context(), m[2])
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
func (d *desk) fill3(values ...string) dossierwebtest.Answer {
	d.T.Helper()
	page := d.Get(d.who, d.path)
	return d.send(d.who, d.path, append([]string{"version", seen(d.T, page.Body)}, values...)...)
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
	if a := s.Get(dossiertest.Desk, d.path+"/account"); a.Code != http.StatusForbidden {
		t.Errorf("before the card was read: got %d", a.Code)
	}
	// A card without a code is typed; one that is nobody's opens nothing.
	wrong := d.fill(http.StatusSeeOther, "card-number", dossiertest.MotherNumber, "card-name", dossiertest.Mother.Name, "card-birth", "13/4/1996")
	if page := s.shows(dossiertest.Desk, wrong.Location, http.StatusOK); !strings.Contains(page.Body, "Chưa đối chiếu") {
		t.Error("a card that fits nobody is matched")
	}
	bad := d.fill(http.StatusUnprocessableEntity, "card-number", "12", "card-name", "A B", "card-birth", "12/4/1996")
	if !strings.Contains(bad.Body, `id="card-number-error"`) {
		t.Errorf("a number that is none: %s", text(bad.Body))
	}
	d.fill(http.StatusSeeOther, "card-number", dossiertest.MotherNumber, "card-name", dossiertest.Mother.Name, "card-birth", "12/4/1996")
	path := d.path + "/account"
	page := s.shows(dossiertest.Desk, path, http.StatusOK)
	s.shows(dossiertest.Desk, path+"?lang=en", http.StatusOK)
	if !strings.Contains(page.Body, `value="nguyen.thi.hong.nhung"`) {
		t.Error("no login is proposed")
	}
	open := func(values ...string) dossierwebtest.Answer {
		t.Helper()
		return s.post(dossiertest.Desk, path, append([]string{"version", seen(t, page.Body)}, values...)...)
	}
	if a := open("which", "new", "login", "nhung96"); a.Code != http.StatusUnprocessableEntity || !strings.Contains(a.Body, "seen-error") {
		t.Errorf("without having seen the card: got %d", a.Code)
	}
	if a := open("which", "bind", "login", "nobody", "seen", "yes"); a.Code != http.StatusConflict && a.Code != http.StatusUnprocessableEntity {
		t.Errorf("a login that nobody has: got %d", a.Code)
	}
	a := open("which", "new", "login", "nhung96", "seen", "yes", "email", "nhung@example.vn")
	if a.Code != http.StatusOK || !strings.Contains(a.Body, "abcd-efgh-jkmn-pqrs") || a.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("got %d, %q: %s", a.Code, a.Header.Get("Cache-Control"), text(a.Body))
	}
	if s.World.Accounts.Bound["nhung96"] != dossiertest.MotherNumber {
		t.Error("the account is not bound")
	}
	if after := s.shows(dossiertest.Desk, d.path, http.StatusOK); strings.Contains(after.Body, "abcd-efgh") ||
		!strings.Contains(after.Body, "Đã gắn với người này") {
		t.Errorf("afterwards: %s", text(after.Body)[:300])
	}
	if again := s.post(dossiertest.Desk, d.path+"/discard"); again.Code != http.StatusSeeOther {
		t.Errorf("discard: got %d", again.Code)
	}
}

// TestReceptionIsTheDesks: nobody else begins, sees or changes a form that is filled in at a desk.
func TestReceptionIsTheDesks(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d := s.begin(dossiertest.Desk)
	version := seen(t, s.Get(dossiertest.Desk, d.path).Body)
	for _, who := range dossiertest.Everybody {
		if who.Account == "" || who.Account == dossiertest.Desk.Account {
			continue
		}
		for _, path := range []string{d.path, d.path + "/read", d.path + "/done", d.path + "/account"} {
			if got := s.Get(who, path).Code; got != http.StatusForbidden && got != http.StatusNotFound {
				t.Errorf("%s at %s: got %d", who.Account, path, got)
			}
		}
		for _, path := range []string{d.path, d.path + "/read", d.path + "/account", d.path + "/discard"} {
			got := s.post(who, path, "version", version, "child.name", "X", "seen", "yes", "login", "abc", "confirm", "read", "notice", "yes").Code
			if got != http.StatusForbidden && got != http.StatusNotFound {
				t.Errorf("%s posts to %s: got %d", who.Account, path, got)
			}
		}
	}
	// Two windows: the later one is told, and nothing is written over.
	d.fill(http.StatusSeeOther, "phone", "0912345678")
	if a := s.send(dossiertest.Desk, d.path, "version", version, "phone", "0987654321"); a.Code != http.StatusConflict || !strings.Contains(a.Body, "0987654321") {
		t.Errorf("the other window: got %d", a.Code)
	}
}

func TestSupplementAtTheDesk(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w, err := s.World.To(t.Context(), dossier.Supplement)
	if err != nil {
		t.Fatal(err)
	}
	if a := s.post(dossiertest.Reviewer, "/desk/dossiers/"+w.Code+"/supply"); a.Code != http.StatusForbidden {
		t.Errorf("by the reviewer: got %d", a.Code)
	}
	page := s.shows(dossiertest.Desk, "/desk/dossiers/"+w.Code, http.StatusOK)
	if !strings.Contains(page.Body, "/supply") {
		t.Error("the page of the dossier does not lead there")
	}
	a := s.post(dossiertest.Desk, "/desk/dossiers/"+w.Code+"/supply")
	if a.Code != http.StatusSeeOther {
		t.Fatalf("got %d: %s", a.Code, text(a.Body))
	}
	d := &desk{s, dossiertest.Desk, a.Location}
	form := s.shows(dossiertest.Desk, d.path, http.StatusOK)
	if !strings.Contains(form.Body, "Ảnh mờ góc phải") || strings.Contains(form.Body, `name="child.name"`) || strings.Contains(form.Body, `name="card"`) {
		t.Errorf("not what was asked alone: %s", text(form.Body))
	}
	d.fill(http.StatusUnprocessableEntity, "do", "read")
	ready := d.fill(http.StatusSeeOther, "paper-birth_notice", jpeg, "do", "read")
	read := s.shows(dossiertest.Desk, ready.Location, http.StatusOK)
	s.World.Clock.Pass(1e9)
	if a := s.post(dossiertest.Desk, d.path+"/read", "version", seen(t, read.Body), "confirm", "read"); a.Code != http.StatusSeeOther {
		t.Fatalf("send: got %d: %s", a.Code, text(a.Body))
	}
	got, err := s.World.Store.ByCode(t.Context(), w.Code)
	if err != nil || got.Status != dossier.InProcess {
		t.Errorf("status %d, %v", got.Status, err)
	}
}

// TestWhomAtTheDesk: an officer says who applies and for whom on the page of the form; what is
// wrong stands at its field, the citizen reads it, and the dossier says it.
func TestWhomAtTheDesk(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d := s.begin(dossiertest.Desk)
	page := s.shows(dossiertest.Desk, d.path, http.StatusOK)
	for _, kind := range []string{"citizen", "foreigner", "organisation", "other"} {
		if !strings.Contains(page.Body, `value="`+kind+`"`) {
			t.Errorf("%s is not offered", kind)
		}
	}
	if strings.Contains(page.Body, `value="household_business"`) {
		t.Error("a kind is offered that the package has not")
	}
	other := []string{"as", "other", "for.kind", "citizen", "for.name", dossiertest.Mother.Name, "for.number"}
	bad := d.fill(http.StatusUnprocessableEntity, append(other, dossiertest.FatherNumber, "child.name", "Trần Minh An")...)
	if !strings.Contains(bad.Body, `id="for.number-error"`) || strings.Contains(bad.Body, dossiertest.Father.Name) {
		t.Errorf("another's number: %s", text(bad.Body))
	}
	if page = s.shows(dossiertest.Desk, d.path, http.StatusOK); !strings.Contains(page.Body, "Trần Minh An") {
		t.Error("what else was typed is lost")
	}
	organisation := d.fill(http.StatusUnprocessableEntity, "as", "organisation", "organisation.name", "Làng trẻ em SOS", "organisation.code", "12")
	if !strings.Contains(organisation.Body, `id="organisation.code-error"`) {
		t.Errorf("a wrong code: %s", text(organisation.Body))
	}
	d.fill(http.StatusSeeOther, "as", "organisation", "organisation.name", "Làng trẻ em SOS", "organisation.code", "0101234567")
	if page = s.shows(dossiertest.Desk, d.path, http.StatusOK); !strings.Contains(text(page.Body), "Làng trẻ em SOS, mã số 0101234567") {
		t.Errorf("the organisation: %s", text(page.Body))
	}
	d.fill(http.StatusSeeOther, append(other, dossiertest.MotherNumber)...)
	d.fill(http.StatusSeeOther, "card", card(dossiertest.Stranger.Name, dossiertest.StrangerNumber, "30011991"), "do", "card")
	for _, lang := range []string{"vi", "en"} {
		read := s.shows(dossiertest.Desk, d.path+"/read?lang="+lang, http.StatusOK)
		for _, want := range []string{dossiertest.Mother.Name, dossiertest.MotherNumber, dossiertest.Stranger.Name} {
			if !strings.Contains(text(read.Body), want) {
				t.Errorf("the citizen does not read %q in %s", want, lang)
			}
		}
	}
	open := s.shows(dossiertest.Desk, "/desk/receive", http.StatusOK)
	if !strings.Contains(text(open.Body), dossiertest.Stranger.Name+", thay cho "+dossiertest.Mother.Name) {
		t.Errorf("the open forms: %s", text(open.Body))
	}
	// The register is away: it is said, and the number opens nothing.
	s.World.Register.Away = true
	father := []string{"as", "other", "for.kind", "citizen", "for.name", dossiertest.Father.Name, "for.number", dossiertest.FatherNumber}
	d.fill(http.StatusSeeOther, father...)
	if page = s.shows(dossiertest.Desk, d.path, http.StatusOK); !strings.Contains(page.Body, "chưa đối chiếu được số") {
		t.Errorf("while the register is away: %s", text(page.Body))
	}
}

// TestByAuthorisationAtTheOffice: lists, search and the dossier's page name both.
func TestByAuthorisationAtTheOffice(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := newSite(t)
	draft, err := s.World.Start(ctx, dossiertest.Stranger, dossier.Starting{
		Procedure: dossiertest.Birth, Channel: dossier.Online,
		For: &dossier.Party{Kind: dossier.OfCitizen, Name: dossiertest.Mother.Name, Number: dossiertest.MotherNumber},
	})
	if err != nil {
		t.Fatal(err)
	}
	given := dossiertest.BirthAnswers()
	given["applicant.relation"] = eform.Value{Text: "for_mother"}
	if draft, err = s.World.Complete(ctx, dossiertest.Stranger, draft, given); err != nil {
		t.Fatal(err)
	}
	d, err := s.World.Submit(ctx, dossiertest.Stranger, draft.ID, dossier.Filing{Version: draft.Version, Notice: true})
	if err != nil {
		t.Fatal(err)
	}
	line := dossiertest.Stranger.Name + ", thay cho " + dossiertest.Mother.Name
	for _, path := range []string{"/desk", "/desk/search?q=nhung&purpose=ask", "/desk/search?q=" + dossiertest.MotherNumber + "&purpose=ask"} {
		if page := s.shows(dossiertest.Desk, path, http.StatusOK); !strings.Contains(text(page.Body), line) {
			t.Errorf("%s: %s", path, text(page.Body))
		}
	}
	page := s.shows(dossiertest.Desk, "/desk/dossiers/"+d.Code, http.StatusOK)
	for _, want := range []string{"Nộp thay cho (theo ủy quyền)", dossiertest.Mother.Name, dossiertest.MotherNumber, "Văn bản ủy quyền"} {
		if !strings.Contains(text(page.Body), want) {
			t.Errorf("the dossier does not say %q", want)
		}
	}
}

// TestByPost: what came by post is received by the desk, and says so.
func TestByPost(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	if a := s.post(dossiertest.Desk, "/desk/receive", "procedure", "1.010041", "channel", "post"); a.Code != http.StatusUnprocessableEntity ||
		!strings.Contains(a.Body, `id="channel-error"`) {
		t.Errorf("a procedure that is only online: got %d: %s", a.Code, text(a.Body))
	}
	a := s.post(dossiertest.Desk, "/desk/receive", "procedure", dossiertest.Birth, "channel", "post")
	if a.Code != http.StatusSeeOther {
		t.Fatalf("start: got %d: %s", a.Code, text(a.Body))
	}
	ctx, id := t.Context(), strings.TrimPrefix(a.Location, "/desk/receive/")
	read := s.shows(dossiertest.Desk, a.Location+"/read", http.StatusOK)
	if !strings.Contains(text(read.Body), "Qua bưu chính công ích") {
		t.Errorf("the way is not read: %s", text(read.Body))
	}
	f, err := s.World.Draft(ctx, dossiertest.Desk, id)
	if err != nil {
		t.Fatal(err)
	}
	seen, err := s.World.SeeCard(ctx, dossiertest.Desk, id, f.Draft.Version, dossiertest.CardOf(dossiertest.Mother.Name, dossiertest.MotherNumber, "1996-04-12"))
	if err != nil {
		t.Fatal(err)
	}
	draft, err := s.World.Complete(ctx, dossiertest.Desk, seen.Draft, dossiertest.BirthAnswers())
	if err != nil {
		t.Fatal(err)
	}
	sent := s.post(dossiertest.Desk, a.Location+"/read", "version", strconv.Itoa(draft.Version), "confirm", "paper", "notice", "yes")
	if sent.Code != http.StatusSeeOther {
		t.Fatalf("send: got %d: %s", sent.Code, text(sent.Body))
	}
	heads, err := s.World.Own(ctx, dossiertest.Mother)
	if err != nil || len(heads) != 1 || heads[0].Channel != dossier.ByPost || heads[0].ReceivedAt.IsZero() {
		t.Fatalf("received: %+v, %v", heads, err)
	}
	page := s.shows(dossiertest.Desk, "/desk/dossiers/"+heads[0].Code, http.StatusOK)
	if !strings.Contains(text(page.Body), "Qua bưu chính công ích") {
		t.Errorf("the dossier does not say how it came: %s", text(page.Body))
	}
}
