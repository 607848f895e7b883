package office_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"dean06/internal/platform/i18n"
	"dean06/internal/platform/sqldb"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinessweb/office"
)

// TestWhoMayEnter walks all routes for those who have no business there.
func TestWhoMayEnter(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.take("a.docx", "H55 unsure", "b.docx", "nobody")
	fill := strings.NewReplacer(
		"{campaign}", "1", "{agency}", "H55", "{item}", s.item().ID, "{batch}", s.item().Batch, "{file}", "letter.docx",
		"{id}", "488", "{letter}", "letter.docx",
	)
	for _, route := range s.routes {
		method, path, _ := strings.Cut(route.Pattern, " ")
		path = strings.ReplaceAll(fill.Replace(path), "{version}", "1")
		try := func(who string) int {
			if method == "GET" {
				return s.get(who, path).code
			}
			return s.post(who, path, "x", "y").code
		}
		if got := try("h04"); got != http.StatusNotFound && got != http.StatusForbidden || strings.Contains(path, "H55") &&
			got != http.StatusNotFound {
			t.Errorf("another agency's focal point at %s: got %d, want 404, or 403 where no agency is named", route.Pattern, got)
		}
		// An auditor reads what came in and changes nothing.
		if got := try("auditor"); method == "POST" && got != http.StatusForbidden || path == "/office" && got != http.StatusForbidden ||
			strings.HasPrefix(path, "/office/i") && method == "GET" && got != http.StatusOK {
			t.Errorf("the auditor at %s: got %d", route.Pattern, got)
		}
		want := http.StatusUnauthorized
		if method == "GET" {
			want = http.StatusSeeOther
		}
		if got := try("nobody"); got != want {
			t.Errorf("nobody at %s: got %d, want %d", route.Pattern, got, want)
		}
		if got := try("leader"); method == "POST" && got != http.StatusForbidden {
			t.Errorf("the leader at %s: got %d, want 403", route.Pattern, got)
		}
	}
}

// TestEveryTextIsThere shows each page in both languages and looks for keys
// without a text; then it looks for keys in the source.
func TestEveryTextIsThere(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	batch := s.take("a.docx", "H55 unsure", "b.docx", "nobody", "c.docx", "broken", "d.docx", "H26 x")
	s.post("centre", "/office/chase/1", "agency", "H04")
	paths := []string{
		"/office", "/office/campaigns", "/office/campaigns/new", "/office/campaigns/1", "/office/campaigns/1?state=accepted",
		"/office/imports", batch, batch + "?status=waits",
		"/office/items/" + s.item().ID, "/office/items/" + s.item().ID + "?agency=H55", "/office/items/" + s.unread().ID, "/office/returns/1/H55",
		"/office/returns/1/H26", "/office/returns/1/H04", "/office/returns/1/H55/send-back",
		"/office/chase/1", "/office/contacts/1", "/office/claims",
	}
	missing := regexp.MustCompile(`\[[a-z]+\.[a-z0-9_.]+\]`)
	titles := map[string]string{}
	for _, path := range paths {
		for _, lang := range []string{"vi", "en"} {
			sep := "?"
			if strings.Contains(path, "?") {
				sep = "&"
			}
			a := s.get("centre", path+sep+"lang="+lang)
			s.want(a, http.StatusOK, "<h1")
			if m := missing.FindString(a.body); m != "" {
				t.Errorf("%s (%s): no text for %s", path, lang, m)
			}
			if strings.Count(a.body, "<h1") != 1 {
				t.Errorf("%s: got %d h1, want one", path, strings.Count(a.body, "<h1"))
			}
			title := lang + regexp.MustCompile(`<title>[^<]*`).FindString(a.body)
			bare, _, _ := strings.Cut(path, "?")
			if other, ok := titles[title]; ok && other != bare {
				t.Errorf("%s and %s have the same title", other, path)
			}
			titles[title] = bare
		}
	}
	catalogue, err := i18n.Load(office.Messages)
	if err != nil {
		t.Fatal(err)
	}
	sources, err := filepath.Glob("*.go")
	if err != nil || len(sources) == 0 {
		t.Fatal(err, "no sources")
	}
	for _, file := range sources {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`"(office\.[a-z0-9_.]*[a-z0-9])"`).FindAllStringSubmatch(string(raw), -1) {
			if !catalogue.Has(m[1]) {
				t.Errorf("%s: no text for %s", file, m[1])
			}
		}
	}
}

func TestImport(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.want(s.upload("centre", "/office/imports", "files", map[string]string{"campaign": "1"}), http.StatusUnprocessableEntity, `href="#files"`)
	s.want(
		s.upload("centre", "/office/imports", "files", map[string]string{"campaign": "none"}, "a.docx", "H55"),
		http.StatusUnprocessableEntity, `href="#campaign"`,
	)
	s.want(s.upload("reviewer", "/office/imports", "files", map[string]string{"campaign": "1"}, "a.docx", "H55"), http.StatusForbidden)

	batch := s.take("sure.docx", "H26 x", "unsure.docx", "H55 unsure", "nobody.docx", "nobody", "hồ sơ.docx", "broken")
	s.want(s.get("reviewer", batch), http.StatusOK, "sure.docx", "hồ sơ.docx", "PDF", "/office/returns/1/H55")
	only := s.get("centre", batch+"?status=waits")
	s.want(only, http.StatusOK, "hồ sơ.docx")
	if strings.Contains(only.body, ">unsure.docx") {
		t.Error("the filter shows files of another outcome")
	}

	item := s.item()
	path := "/office/items/" + item.ID
	s.want(s.get("centre", path), http.StatusOK, "Sở Mẫu", "UBND tỉnh Bạc Liêu (H04)", "UBND thành phố Đà Nẵng (H17)")
	s.want(s.get("reviewer", path), http.StatusOK, "Điều phối viên là người quyết định")
	s.want(s.get("centre", path+"/file"), http.StatusOK, "nobody")
	s.want(s.post("centre", path), http.StatusUnprocessableEntity)
	s.want(s.post("centre", path, "decision", "take_in"), http.StatusUnprocessableEntity, `href="#agency"`)
	// H26 has a return that the page has not shown: it is shown before it is replaced.
	s.want(
		s.post("centre", path, "decision", "take_in", "agency", "H26", "replaces", "0"), http.StatusConflict, "Thay bản đang có",
		`value="1"`,
	)
	if got := s.post("centre", path, "decision", "take_in", "agency", "H04", "replaces", "0"); got.code != http.StatusSeeOther ||
		got.location != "/office/returns/1/H04" {
		t.Errorf("take in: got %d to %q", got.code, got.location)
	}
	s.want(s.post("centre", path, "decision", "take_in", "agency", "H04", "replaces", "1"), http.StatusConflict)
	if got := s.record("H04").State(); got != readiness.Accepted {
		t.Errorf("H04 is %s, want accepted", got)
	}
}

func TestSecondReturn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.take("one.docx", "H26 x")
	s.take("two.docx", "H26 khác")
	path := "/office/items/" + s.item().ID
	s.want(s.get("centre", path), http.StatusOK, "Thay bản đang có", "khác", "1 chỗ khác nhau")
	if got := s.post("centre", path, "decision", "take_in", "agency", "H26", "replaces", "1"); got.location != "/office/returns/1/H26" {
		t.Errorf("replace: got %d to %q", got.code, got.location)
	}
	if got := len(s.record("H26").Versions); got != 2 {
		t.Errorf("got %d versions, want 2", got)
	}
	s.want(s.get("centre", "/office/returns/1/H26/compare"), http.StatusOK, "khác")
	s.want(s.get("centre", "/office/returns/1/H26?version=1"), http.StatusOK, "Đây là bản cũ")
	s.take("three.docx", "H26 nữa")
	if got := s.post("centre", "/office/items/"+s.item().ID, "decision", "discard"); !strings.HasPrefix(got.location, "/office/imports/") {
		t.Errorf("discard: got %d to %q", got.code, got.location)
	}
	if got := len(s.record("H26").Versions); got != 2 {
		t.Errorf("after a discard: got %d versions, want 2", got)
	}
}

func TestReview(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.take("a.docx", "H55 unsure", "b.docx", "G09 unsure")
	const path = "/office/returns/1/H55"
	page := s.get("reviewer", path)
	s.want(page, http.StatusOK, "Cơ bản đáp ứng", "50%", "cuối năm", "Còn 2 chỗ", `rel="next"`)
	if strings.Contains(page.body, path+"/accept") {
		t.Error("a return with open places offers to be accepted")
	}
	s.want(s.post("reviewer", path+"/accept", "version", "1"), http.StatusConflict)
	s.want(s.post("reviewer", path+"/resolve", "version", "1"), http.StatusUnprocessableEntity)
	s.want(
		s.post("reviewer", path+"/resolve", "version", "1", "b-2-compliance-compliance", "partially_met", "b-2-stage-month", "khoảng hè"),
		http.StatusUnprocessableEntity, "khoảng hè", `href="#b-2-stage-month"`,
	)
	// Somebody else looked at one place first: what was typed for the other stays.
	s.want(s.post("centre", path+"/resolve", "version", "0", "b-2-stage-month", "7/2024"), http.StatusConflict, "7/2024")
	if got := s.post(
		"reviewer", path+"/resolve", "version", "1", "b-2-compliance-compliance", "partially_met", "b-2-stage-month", "6/2024",
	); got.code != http.StatusSeeOther {
		t.Fatalf("resolve: got %d: %s", got.code, got.body)
	}
	s.want(s.post("reviewer", path+"/resolve", "version", "1", "b-2-compliance-done", "1"), http.StatusConflict)
	last, _ := s.record("H55").Latest()
	for _, a := range last.Return.Answers {
		if a.Row == "2" &&
			(a.Compliance != "partially_met" || a.ExpectedMonth != "2024-06" || a.Readings[readiness.ColStage].ResolvedBy != "thamtra" ||
				a.Readings[readiness.ColStage].Raw != "cuối năm") {
			t.Errorf("the answer is %+v", a)
		}
	}
	if got := s.post("reviewer", path+"/accept", "version", "2"); got.location != "/office/returns/1/G09" {
		t.Errorf("accept: got %d to %q, want the next that waits", got.code, got.location)
	}
	s.want(s.post("reviewer", path+"/accept", "version", "2"), http.StatusConflict)
	s.want(s.post("reviewer", path+"/reopen", "reason", "x"), http.StatusForbidden)
	s.want(s.post("centre", path+"/reopen"), http.StatusUnprocessableEntity, `href="#reason"`)
	if got := s.post("centre", path+"/reopen", "reason", "Nhầm"); got.code != http.StatusSeeOther {
		t.Errorf("reopen: got %d", got.code)
	}
	s.want(s.get("centre", path), http.StatusOK, "Nhầm", "Người thẩm tra đã xác nhận")
	s.want(s.get("reviewer", path+"/file/2"), http.StatusOK, "H55 unsure")
	s.want(s.get("reviewer", path+"/file/9"), http.StatusNotFound)
}

// TestStuck: what the form requires and nobody can read into it goes back to the agency.
func TestStuck(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.take("a.docx", "H55 partial")
	page := s.get("reviewer", "/office/returns/1/H55")
	s.want(page, http.StatusOK, "Chỉ cơ quan sửa được chỗ này", `name="b-2-compliance-compliance"`)
	if got := strings.Count(page.body, `name="b-contact-full_name-full_name"`); got != 1 || strings.Count(page.body, `-phone"`) == 0 {
		t.Errorf("the contact is asked %d times, want once", got)
	}
	got := s.post("reviewer", "/office/returns/1/H55/resolve", "version", "1", "b-2-compliance-compliance", "met",
		"b-contact-full_name-full_name", "Trần Thị Mẫu", "b-contact-full_name-phone", "000 000 0456", "b-contact-full_name-email", "")
	if got.code != http.StatusSeeOther {
		t.Fatalf("resolve: got %d: %s", got.code, got.body)
	}
	last, _ := s.record("H55").Latest()
	if last.Return.Contact.FullName != "Trần Thị Mẫu" || last.Return.Contact.Phone != "000 000 0456" {
		t.Errorf("the contact is %+v", last.Return.Contact)
	}
	s.want(s.get("reviewer", "/office/returns/1/H55"), http.StatusOK, "Chỉ cơ quan sửa được chỗ này")
}

func TestSendBack(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.take("a.docx", "H55 unsure")
	const path = "/office/returns/1/H55/send-back"
	s.want(s.get("reviewer", path), http.StatusOK, `name="comment-row.2"`, "Cơ bản đáp ứng")
	s.want(s.post("reviewer", path, "version", "1", "comment-", ""), http.StatusUnprocessableEntity, `href="#comment-"`)
	s.want(s.post("reviewer", path, "version", "7", "comment-", "Thiếu"), http.StatusConflict, "Thiếu")
	if got := s.post("reviewer", path, "version", "1", "comment-row.2", "Ghi rõ <mức>", "comment-", ""); got.location != "/office" {
		t.Errorf("send back: got %d to %q", got.code, got.location)
	}
	rec := s.record("H55")
	if got := rec.Steps[len(rec.Steps)-1].Comments; len(got) != 1 || got[0] != (readiness.Comment{Field: "row.2", Text: "Ghi rõ <mức>"}) {
		t.Errorf("comments are %+v", got)
	}
	s.want(s.get("reviewer", "/office/returns/1/H55"), http.StatusOK, "Ghi rõ &lt;mức&gt;")
	s.want(s.get("centre", "/office"), http.StatusOK, "Trả lại, cơ quan chưa gửi lại")
}

func TestNewCampaign(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.want(s.get("centre", "/office/campaigns/new"), http.StatusOK, "488/1", "-7, 7")
	s.want(s.get("reviewer", "/office/campaigns/new"), http.StatusForbidden)
	form := []string{
		"id", "2", "number", "2/MAU", "issued-day", "1", "issued-month", "6", "issued-year", "2023", "due-day", "30", "due-month",
		"6", "due-year", "2023",
		"template", "488/1", "previous", "1", "subject", "Mẫu", "subject_en", "Sample", "body", "Một\nHai", "body_en", "One",
		"schedule", "-7, 3", "kinds", "province",
	}
	const path = "/office/campaigns/new"
	s.want(s.post("centre", path, append(form, "do", "open")...), http.StatusUnprocessableEntity, `href="#recipients"`, "UBND tỉnh Bạc Liêu")
	s.want(s.post("centre", path, append(form, "do", "preview", "round", "hai")...), http.StatusOK, `href="#round"`, "Gửi tới 4 trong 4")
	s.want(
		s.post("centre", path, append(form, "do", "open", "shown", "province@2023-06-01")...), http.StatusUnprocessableEntity,
		"Chưa chọn cơ quan nào",
	)
	got := s.post("centre", path, append(form, "do", "open", "shown", "province@2023-06-01", "recipient", "H04", "recipient", "H55")...)
	if got.location != "/office/campaigns/2" {
		t.Fatalf("open: got %d to %q: %s", got.code, got.location, got.body)
	}
	c, err := s.register.Campaign(context.Background(), people["centre"], "2")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Join(c.Recipients.Agencies, ",") != "H04,H55" || strings.Join(c.Recipients.Exclude, ",") != "H17,H26" ||
		len(c.Body) != 2 || c.Schedule[1].Name.En != "3 days late" {
		t.Errorf("the campaign is %+v", c)
	}
	s.want(
		s.post("centre", path, append(form, "do", "open", "shown", "province@2023-06-01", "recipient", "H04")...),
		http.StatusConflict, "2/MAU",
	)
	s.want(s.get("leader", "/office/campaigns/2"), http.StatusOK, "UBND tỉnh Thái Nguyên")
	s.want(s.get("leader", "/office/campaigns/2/letter.docx"), http.StatusOK, "letter 2")
	s.want(s.get("leader", "/office/campaigns/2/letter.exe"), http.StatusNotFound)
	s.want(s.get("leader", "/office/campaigns/2/recipients.csv"), http.StatusOK, "H55")
}

func TestChase(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.take("a.docx", "H55 unsure", "b.docx", "H26 x")
	page := s.get("centre", "/office/chase/1")
	s.want(page, http.StatusOK, "Còn 3 cơ quan", `value="H04"`, "UBND tỉnh Thái Nguyên")
	if strings.Contains(page.body, `value="H55"`) || strings.Contains(page.body, "Hà Nội") {
		t.Error("one who has handed in can be ticked, or one that is accepted is listed")
	}
	s.want(s.post("centre", "/office/chase/1"), http.StatusUnprocessableEntity, "Hãy chọn ít nhất")
	if got := s.post("centre", "/office/chase/1", "agency", "H04"); got.code != http.StatusSeeOther {
		t.Errorf("remind: got %d", got.code)
	}
	s.want(s.post("centre", "/office/chase/1", "agency", "H04", "agency", "H17"), http.StatusOK, "Chưa nhắc được", "H17", "e-mail")
	s.want(s.post("centre", "/office/chase/1/letters", "agency", "G09"), http.StatusOK, "PK", "G09.docx")
	sent, err := s.register.Reminders(context.Background(), people["centre"], "1")
	if err != nil || len(sent) != 3 {
		t.Errorf("got %d reminders (%v), want the due one and today's to H04, and a letter to G09", len(sent), err)
	}
	s.want(s.get("reviewer", "/office/chase/1"), http.StatusOK, "Điều phối viên là người gửi nhắc")
}

func TestContacts(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.take("a.docx", "H26 x")
	masked := s.get("centre", "/office/contacts/1")
	s.want(masked, http.StatusOK, "Nguyễn Văn Mẫu", "•••")
	if strings.Contains(masked.body, "000 000 0123") {
		t.Error("the list shows a telephone number before it is asked for")
	}
	s.want(s.post("leader", "/office/contacts/1"), http.StatusForbidden)
	s.want(s.post("reviewer", "/office/contacts/1"), http.StatusOK, "000 000 0123")
	n, err := sqldb.One[int](
		context.Background(), s.db, `SELECT COUNT(*) FROM audit_entry WHERE action = $1 AND subject_id = $2`,
		"readiness.read_contact", "1",
	)
	if err != nil || n != 1 {
		t.Errorf("got %d lines about it in the log (%v), want one", n, err)
	}
}

func TestClaims(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.take("a.docx", "H26 x", "b.docx", "H04 y")
	s.want(s.get("leader", "/office/claims"), http.StatusOK, "1/2", "2/2", "+1", "Tin mẫu", "nhiều nhất 1 cơ quan")
	s.want(s.get("leader", "/office/claims.csv?lang=en"), http.StatusOK, "Provinces with network")
}
