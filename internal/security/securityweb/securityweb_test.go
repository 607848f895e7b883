package securityweb_test

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"dean06/data"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/blob"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/clock/clocktest"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/paper"
	"dean06/internal/platform/session"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/security"
	"dean06/internal/security/securitysql"
	"dean06/internal/security/securityweb"
)

var people = map[string]actor.Actor{
	"officer":   {Account: "an", Agency: "H55", Roles: []string{security.Officer}},
	"officer2":  {Account: "ba", Agency: "H55", Roles: []string{security.Officer}},
	"unit":      {Account: "binh", Agency: "H55", Roles: []string{security.UnitStaff}},
	"unit2":     {Account: "bich", Agency: "H55", Roles: []string{security.UnitStaff}},
	"head":      {Account: "chi", Agency: "H55", Roles: []string{security.HeadRole}},
	"stranger":  {Account: "la", Agency: "H04", Roles: []string{security.Officer, security.UnitStaff, security.HeadRole}},
	"inspector": {Account: "dung", Roles: []string{security.Examiner}},
}

type declared []security.System

func (d declared) SystemsOf(_ context.Context, agency string) (out []security.System, err error) {
	for _, s := range d {
		if s.Agency == agency {
			out = append(out, s)
		}
	}
	return out, nil
}

// site is the pages on an empty database, with a system of H55 and one of H04.
type site struct {
	*security.Desk
	t       *testing.T
	clock   *clocktest.Clock
	pages   *securityweb.Pages
	handler http.Handler
	asked   []security.Grace
}

func (s *site) AskGrace(_ context.Context, _ actor.Actor, g security.Grace, _ string) error {
	s.asked = append(s.asked, g)
	return nil
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T) *site {
	t.Helper()
	db := sqldbtest.OpenSQLite(t)
	for _, migrate := range []func(context.Context, *sqldb.DB) error{audit.Migrate, securitysql.Migrate} {
		must(t, migrate(t.Context(), db))
	}
	raw, err := data.Security.ReadFile("security/rules.json")
	must(t, err)
	book, err := security.ReadBook(raw)
	must(t, err)
	raw, err = data.Security.ReadFile("security/standards.json")
	must(t, err)
	standards, err := security.ReadStandards(raw)
	must(t, err)
	files, err := blob.NewDir(filepath.Join(t.TempDir(), "blobs"))
	must(t, err)
	s := &site{t: t, clock: &clocktest.Clock{}}
	s.clock.Set("2026-11-30 09:00")
	s.Desk = &security.Desk{
		Store: securitysql.New(db), Clock: s.clock, NewID: sqldb.NewID, Book: book, Standards: standards, Second: s,
		Systems: declared{
			{Agency: "H55", ID: "s1", Name: "Hệ thống y tế", Unit: "Sở Y tế"}, {Agency: "H04", ID: "s1", Name: "Hệ thống khác"},
		},
	}
	texts, err := i18n.Load(ui.Messages, web.Messages, paper.Messages, security.Messages, securityweb.Messages)
	must(t, err)
	frame := func(r *http.Request) ui.Frame {
		return ui.Frame{Node: ui.Node{Name: "Bảng"}, Here: r.URL.RequestURI(), Flash: web.FlashOf(r)}
	}
	within := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if who, ok := people[r.Header.Get("X-Who")]; ok {
				r = r.WithContext(session.With(r.Context(), session.Identity{Actor: who}))
			}
			next.ServeHTTP(w, r)
		})
	}
	rt := web.NewRouter(web.Config{Log: slog.New(slog.DiscardHandler), Messages: texts, Frame: frame, Within: []web.Middleware{within}})
	s.pages = &securityweb.Pages{
		Desk: s.Desk, Frame: frame, Clock: s.clock, Files: files, Agency: func(code string) string { return "Cơ quan " + code },
		Name: func(_ context.Context, account string, _ time.Time) string { return account },
	}
	rt.Mount(s.pages.Routes()...)
	s.handler = rt.Handler()
	return s
}

type answer struct {
	status int
	to     string // where a redirect leads
	page   string
	raw    []byte
}

var tags = regexp.MustCompile(`<[^>]*>`)

func (s *site) ask(who, method, path string, body io.Reader, kind string) answer {
	s.t.Helper()
	r := httptest.NewRequestWithContext(s.t.Context(), method, path, body)
	r.Header.Set("X-Who", who)
	r.Header.Set("Accept", "text/html")
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return answer{status: w.Code, to: w.Header().Get("Location"), page: w.Body.String(), raw: w.Body.Bytes()}
}

func (s *site) get(who, path string) answer {
	s.t.Helper()
	return s.ask(who, http.MethodGet, path, nil, "")
}

// post sends a form, in pairs.
func (s *site) post(who, path string, pairs ...string) answer {
	s.t.Helper()
	values := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	return s.ask(who, http.MethodPost, path, strings.NewReader(values.Encode()), "application/x-www-form-urlencoded")
}

// done is a post that is taken.
func (s *site) done(who, path string, pairs ...string) answer {
	s.t.Helper()
	a := s.post(who, path, pairs...)
	if a.status != http.StatusSeeOther {
		s.t.Fatalf("%s %s: %d\n%s", who, path, a.status, tags.ReplaceAllString(a.page, ""))
	}
	return a
}

func (a answer) has(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(a.page, text) {
			t.Errorf("the page (%d) does not say %q", a.status, text)
		}
	}
}

func day(field string, d clock.Date) []string {
	return []string{field + "-day", strconv.Itoa(d.Day()), field + "-month", strconv.Itoa(int(d.Month())), field + "-year", strconv.Itoa(d.Year())}
}

// asked is the system with its questions answered, a dossier of level 3 begun.
func (s *site) begun() (dossier string) {
	s.t.Helper()
	s.done("officer", "/security/H55/s1/facts", "version", "0", "service", "3", "procedures", "1", "people", "1.300.000", "sensitive", "", "shared", "1",
		"always", "0", "secret", "0", "harm", "0", "subsystems", "vn/gov/h55/yte")
	to := s.done("officer", "/security/H55/s1/begin").to
	return to[strings.LastIndex(to, "/")+1:]
}

func (s *site) view() security.View {
	s.t.Helper()
	v, err := s.One(s.t.Context(), people["unit"], "H55", "s1")
	must(s.t, err)
	return v
}

// Another agency's people get nothing from any address of a system, whatever they send.
func TestAnotherAgencySeesAndDoesNothing(t *testing.T) {
	t.Parallel()
	s := open(t)
	dossier := s.begun()
	ctx := t.Context()
	must(t, s.EnterCheck(ctx, people["unit"], security.Check{Agency: "H55", System: "s1", Day: clock.MustDate("2026-11-29"), Report: "BB 1"},
		[]security.Finding{{Title: "Lỗi", Severity: security.High}}))
	must(t, s.NoticeIncident(ctx, people["unit"], security.Incident{Agency: "H55", System: "s1", Title: "Sự cố", Severity: security.Low, Noticed: s.clock.Now()}))
	v := s.view()
	fill := strings.NewReplacer("{agency}", "H55", "{system}", "s1", "{dossier}", dossier, "{finding}", v.Findings[0].ID,
		"{incident}", v.Incidents[0].ID, "{control}", "application.waf")
	seen := 0
	for _, route := range s.pages.Routes() {
		method, pattern, _ := strings.Cut(route.Pattern, " ")
		if !strings.Contains(pattern, "{agency}") {
			continue
		}
		path := fill.Replace(pattern)
		for who, want := range map[string]int{"stranger": http.StatusForbidden, "": http.StatusUnauthorized} {
			a := s.ask(who, method, path, nil, "")
			if who == "" && method == http.MethodGet {
				want = http.StatusSeeOther // to the sign-in page
			}
			if a.status != want || strings.Contains(a.page, "Hệ thống y tế") {
				t.Errorf("%q %s %s: %d, want %d", who, method, path, a.status, want)
			}
		}
		seen++
		// Through a system of one's own, what belongs to another is not there.
		if strings.Contains(pattern, "{dossier}") || strings.Contains(pattern, "{finding}") || strings.Contains(pattern, "{incident}") {
			own := strings.Replace(path, "/H55/", "/H04/", 1)
			if a := s.post("stranger", own, "version", "1", "note", "x", "good", "1", "do", "appraise"); method == http.MethodPost && a.status/100 != 4 {
				t.Errorf("stranger POST %s: %d", own, a.status)
			}
			if a := s.get("stranger", own); method == http.MethodGet && a.status != http.StatusNotFound {
				t.Errorf("stranger GET %s: %d", own, a.status)
			}
		}
	}
	if seen < 30 {
		t.Errorf("only %d routes were tried", seen)
	}
	if after := s.view(); after.Record.Version != v.Record.Version || after.Open.Version != v.Open.Version || len(after.Findings[0].Steps) != 1 {
		t.Errorf("something was changed: %+v", after)
	}
	if a := s.post("stranger", "/security/H04/vulnerability", append([]string{"system", "H55/s1", "title", "Lỗi", "severity", "low"},
		day("found", clock.MustDate("2026-11-30"))...)...); a.status != http.StatusForbidden || len(s.view().Findings) != 1 {
		t.Errorf("a finding in another's system: %d", a.status)
	}
}

// Two who write in one dossier: the later is told in words, sees both texts, and loses none.
func TestTwoOfficersOnOneDossier(t *testing.T) {
	t.Parallel()
	s := open(t)
	at := "/security/H55/s1/dossiers/" + s.begun()
	s.done("officer", at, "version", "1", "level", "3", "design", "Ba vùng mạng", "do", "save")
	a := s.post("officer2", at, "version", "1", "level", "3", "design", "Hai vùng mạng, tôi viết", "do", "save")
	if a.status != http.StatusConflict {
		t.Fatalf("got %d", a.status)
	}
	a.has(t, "những gì bạn viết vẫn còn", "Ba vùng mạng", "Hai vùng mạng, tôi viết", "Đang lưu", `name="version" value="2"`)
	if got := s.view().Open.Parts[security.Design]; got != "Ba vùng mạng" {
		t.Errorf("stored is %q", got)
	}
	s.done("officer2", at, "version", "2", "level", "3", "design", "Hai vùng mạng, tôi viết", "do", "save")

	// What was written in the dossier that has moved on meanwhile is kept on the page that shows it.
	s.done("officer", at, "version", "3", "level", "3", "overview", "a", "design", "b", "justification", "c", "plan", "d", "do", "submit")
	s.done("unit", at+"/decide", "version", "5", "do", "appraise", "note", "Đạt")
	a = s.post("unit2", at+"/decide", "version", "5", "do", "return", "note", "Thiếu sơ đồ mạng ở phần thiết kế")
	if a.status != http.StatusConflict {
		t.Fatalf("got %d", a.status)
	}
	a.has(t, "Thiếu sơ đồ mạng ở phần thiết kế", "chưa được ghi")
}

// Two who answer the questions about one system.
func TestTwoOfficersOnOneSystemsFacts(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.begun()
	at := "/security/H55/s1/facts"
	form := func(more ...string) []string {
		return append([]string{"version", "1", "procedures", "1", "always", "0", "secret", "0", "harm", "0", "shared", "1"}, more...)
	}
	s.done("officer", at, form("service", "2", "people", "1500000", "subsystems", "VN/GOV/H55/YTE", "regulation", "15/QĐ-UBND",
		"regulation-day-day", "5", "regulation-day-month", "2", "regulation-day-year", "2026")...)
	a := s.post("officer2", at, form("service", "3", "people", "2500000", "subsystems", "VN/GOV/H55/YTE VN/GOV/H55/KHAM")...)
	if a.status != http.StatusConflict {
		t.Fatalf("got %d", a.status)
	}
	a.has(t, "những gì bạn viết vẫn còn", "Đang lưu", "1.500.000", "2.500.000", "VN/GOV/H55/KHAM", "15/QĐ-UBND", "05/02/2026", `name="version" value="2"`)
	table := a.page[strings.Index(a.page, `id="meanwhile"`):strings.Index(a.page, `name="version"`)]
	if strings.Contains(table, "bí mật nhà nước") {
		t.Error("what both answered alike is shown as a difference")
	}
	if got := s.view().Record.Facts.People; got != 1_500_000 {
		t.Errorf("stored is %d", got)
	}
	// Who sends what is wrong and nobody overtook sees no differences.
	if a := s.post("officer2", at, append(form("service", "3", "people", "nhiều"), "version", "2")...); strings.Contains(a.page, `id="meanwhile"`) {
		t.Error("differences that nobody made")
	}
}

// Two on one requirement.
func TestTwoOfficersOnOneRequirement(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.begun()
	at := "/security/H55/s1/controls/application.waf"
	seen := regexp.MustCompile(`name="seen" value="([^"]*)"`).FindStringSubmatch(s.get("officer", at).page)[1]
	s.done("officer", at, "do", "save", "seen", seen, "compliance", "met", "evidence", "Biên bản 3")
	a := s.post("officer2", at, "do", "save", "seen", seen, "compliance", "not_met", "evidence", "Chưa mua")
	if a.status != http.StatusConflict {
		t.Fatalf("got %d", a.status)
	}
	a.has(t, "Biên bản 3", "Chưa mua")
	if got := s.view().Record.Controls["application.waf"].Evidence; got != "Biên bản 3" {
		t.Errorf("stored is %q", got)
	}
}

// An exception: asked for, not approved by who asked, refused or approved by another, and
// taken back.
func TestAnExceptionIsOfTwoAndEnds(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.begun()
	at := "/security/H55/s1/controls/application.waf"
	seen := func() string {
		return regexp.MustCompile(`name="seen" value="([^"]*)"`).FindStringSubmatch(s.get("unit", at).page)[1]
	}
	ask := func() {
		s.done("unit", at, append([]string{"do", "except", "note", "Chờ gói thầu 5"}, day("until", clock.MustDate("2027-03-01"))...)...)
	}
	if a := s.post("unit", at, "do", "except", "note", "Chờ gói thầu 5"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("without an end: %d", a.status)
	} else {
		a.has(t, "Chờ gói thầu 5")
	}
	ask()
	a := s.get("unit", at)
	a.has(t, "chờ duyệt", "không tự duyệt")
	if strings.Contains(a.page, `value="approve"`) {
		t.Error("who asked is offered to approve")
	}
	if a := s.post("unit", at, "do", "approve", "seen", seen()); a.status != http.StatusForbidden {
		t.Errorf("who asked approves: %d", a.status)
	}
	late := s.post("officer", at, append([]string{"do", "except", "note", "Của người đến sau"}, day("until", clock.MustDate("2027-01-01"))...)...)
	if late.status != http.StatusConflict {
		t.Errorf("a second one is asked for: %d", late.status)
	}
	late.has(t, "Đã có ngoại lệ đến hết ngày", "Của người đến sau")
	s.done("head", at, "do", "end", "seen", seen()) // refused
	if e := s.view().Record.Controls["application.waf"].Exception; e != nil {
		t.Errorf("refused: %+v", e)
	}
	ask()
	before := len(s.view().Lacking)
	s.done("unit2", at, "do", "approve", "seen", seen())
	if got := len(s.view().Lacking); got != before-1 {
		t.Errorf("%d are lacking, want %d", got, before-1)
	}
	s.done("officer", at, "do", "end", "seen", seen())
	if got := len(s.view().Lacking); got != before {
		t.Errorf("taken back: %d are lacking, want %d", got, before)
	}
	if a := s.post("head", at, "do", "end", "seen", seen()); a.status != http.StatusConflict {
		t.Errorf("taken back twice: %d", a.status)
	}
}

// What is sent twice is entered once.
func TestASecondClickEntersNothing(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.begun()
	today := clock.MustDate("2026-11-30")
	for _, c := range []struct {
		who, path string
		pairs     []string
	}{
		{"unit", "/security/H55/s1/check", append([]string{"report", "BB 7", "title-1", "Lỗi", "severity-1", "high"}, day("day", today)...)},
		{"unit", "/security/H55/vulnerability", append([]string{"system", "H55/s1", "title", "Thư viện cũ", "severity", "high", "ref", "cve-2026-12345"},
			day("found", today)...)},
		{"officer", "/security/H55/s1/incident", append([]string{"title", "Dò mật khẩu", "severity", "low", "time", "08:30"}, day("noticed", today)...)},
	} {
		s.done(c.who, c.path, c.pairs...)
		if a := s.post(c.who, c.path, c.pairs...); a.status != http.StatusConflict {
			t.Errorf("%s twice: %d", c.path, a.status)
		} else {
			a.has(t, c.pairs[1])
		}
	}
	if to := s.done("officer", "/security/H55/s1/begin").to; !strings.Contains(to, "/dossiers/") {
		t.Errorf("a dossier that is begun leads to %s", to)
	}
	v := s.view()
	if len(v.Checks) != 1 || len(v.Findings) != 2 || len(v.Incidents) != 1 || len(v.Dossiers) != 1 {
		t.Errorf("%d inspections, %d findings, %d incidents, %d dossiers", len(v.Checks), len(v.Findings), len(v.Incidents), len(v.Dossiers))
	}
}

// The term of a vulnerability begins on the day it was found, and the lists say so.
func TestVulnerabilities(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.begun()
	at := "/security/H55/vulnerability"
	a := s.post("unit", at, append([]string{
		"system", "H55/s1", "title", "", "severity", "grave", "component", strings.Repeat("x", 201), "how", "Quét", "ref", "CVE-1",
	}, day("found", clock.MustDate("2026-12-01"))...)...)
	if a.status != http.StatusUnprocessableEntity {
		t.Fatalf("got %d", a.status)
	}
	a.has(t, `href="#title"`, `href="#severity"`, `href="#component"`, `href="#ref"`, `href="#found`, "Quét")
	s.done("unit", at, append([]string{
		"system", "H55/s1", "title", "Thư viện cũ", "severity", "critical", "component", "Cổng dữ liệu 2.1", "how", "Cảnh báo", "ref", " cve-2026-12345 ",
	}, day("found", clock.MustDate("2026-11-20"))...)...)
	f := s.view().Findings[0]
	if f.Ref != "CVE-2026-12345" || !f.Due.Equal(clock.MustDate("2026-11-27").End()) || f.Source != security.FromVulnerability || f.Steps[0].Note != "Cảnh báo" {
		t.Errorf("got %+v", f)
	}
	s.get("officer", "/security/H55/findings").has(t, "1 phát hiện chưa khắc phục xong, 1 đã quá hạn", "CVE-2026-12345", "Quá hạn")
	a = s.get("officer", "/security/H55/findings?state=closed&severity=%3Cscript%3E")
	if a.status != http.StatusUnprocessableEntity || strings.Contains(a.page, "CVE-2026") || strings.Contains(a.page, "<script>") {
		t.Errorf("the list is not narrowed: %d", a.status)
	}
	a.has(t, `href="#severity"`, "“Mức độ” không có lựa chọn “&lt;script&gt;”")
	if a := s.get("officer", "/security/H55/findings?state=closed"); a.status != http.StatusOK || strings.Contains(a.page, "CVE-2026") {
		t.Errorf("the list is not narrowed: %d", a.status)
	}
	s.get("inspector", "/security/incidents?state=nonsense").has(t, `href="#state"`, "không có lựa chọn “nonsense”")
	s.get("inspector", "/security/findings?system=H55%2Fs1&severity=critical").has(t, "CVE-2026-12345", "Cơ quan H55")
	s.get("unit", "/security/H55/s1/findings/"+f.ID).has(t, "Cổng dữ liệu 2.1", "kết nối của hệ thống đóng")
}

// What is found in a system of which nothing else is known stands before inspectors, too.
func TestAFindingAloneIsSeen(t *testing.T) {
	t.Parallel()
	s := open(t)
	must(t, s.AddFinding(t.Context(), people["stranger"], security.Finding{Agency: "H04", System: "s1", Title: "Cổng mở", Severity: security.High}))
	s.get("inspector", "/security/findings").has(t, "Cổng mở", "Hệ thống khác")
}

// Hostile texts are only texts, on pages, in Word and in a spreadsheet; those that are too
// long are refused beside their field and kept.
func TestHostileTexts(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.begun()
	long := strings.Repeat("ệ", 201)
	if a := s.post("officer", "/security/H55", "name", long); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a long name: %d", a.status)
	} else {
		a.has(t, long, "tối đa 200")
	}
	evil := `=cmd|'/c calc'!A1<script>alert(1)</script>`
	to := s.done("officer", "/security/H55", "name", evil).to
	s.done("officer", to, "version", "1", "service", "3", "procedures", "1", "people", "1", "sensitive", "",
		"shared", "0", "always", "0", "secret", "0", "harm", "0")
	for _, path := range []string{"/security/H55", "/security/H55/unmet", strings.TrimSuffix(to, "/facts")} {
		a := s.get("officer", path)
		if strings.Contains(a.page, "<script>alert") {
			t.Errorf("%s runs what was typed", path)
		}
		a.has(t, "=cmd|")
	}
	if csv := s.get("officer", "/security/H55/unmet.csv").page; strings.Contains(csv, "\n=cmd") || !strings.Contains(csv, "'=cmd|") {
		t.Error("a name becomes a formula")
	}
	if word := wordText(t, s.get("officer", "/security/H55/unmet.docx").raw); !strings.Contains(word, "=cmd|") || strings.Contains(word, "<script>") {
		t.Error("a name is not the text of the Word file")
	}
	if a := s.post("officer", "/security/H55/s1/facts", "version", "1", "service", "9", "procedures", "1", "people", "-5",
		"sensitive", "1e9", "shared", "0", "always", "0", "secret", "0", "harm", "x", "subsystems", "VN/GOV/H04/X"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("facts that cannot be: %d", a.status)
	}
}

// wordText is the text of a Word file, with what its markup escapes left as it is.
func wordText(t *testing.T, raw []byte) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	must(t, err)
	f, err := z.Open("word/document.xml")
	must(t, err)
	body, err := io.ReadAll(f)
	must(t, err)
	return strings.NewReplacer("</w:p>", "\n").Replace(string(body))
}

// The Word file of a dossier has all its parts, the opinion only from level 4 on, the
// subsystems and how each requirement stands.
func TestTheDossierAsWord(t *testing.T) {
	t.Parallel()
	s := open(t)
	at := "/security/H55/s1/dossiers/" + s.begun()
	parts := []string{
		"overview", "Phần tổng quan", "design", "Ba vùng mạng <DMZ> & lõi", "justification", "Phần thuyết minh", "plan", "Phần phương án",
		"opinion", "Ý kiến của bộ",
	}
	word := func() string { return tags.ReplaceAllString(wordText(t, s.get("head", at+"/word").raw), "") }
	if got := word(); !strings.Contains(got, "Hệ thống y tế do Sở Y tế") {
		t.Error("a dossier that is just begun does not say what is known")
	}
	s.done("officer", at, append([]string{"version", "1", "level", "3", "do", "save"}, parts...)...)
	got := word()
	for _, want := range []string{
		"HỒ SƠ ĐỀ XUẤT CẤP ĐỘ", "Hệ thống y tế", "Sở Y tế", "Cấp độ 3, theo Nghị định 85/2016/NĐ-CP", "VN/GOV/H55/YTE", "1. Tổng quan hệ thống",
		"Phần tổng quan", "2. Thiết kế hệ thống", "Ba vùng mạng &lt;DMZ&gt; &amp; lõi", "3. Thuyết minh cấp độ",
		"4. Phương án bảo đảm an toàn", "Tường lửa ứng dụng web (WAF)", "Chưa ghi",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the Word file does not say %q", want)
		}
	}
	if strings.Contains(got, "Ý kiến") {
		t.Error("an opinion at level 3")
	}
	s.done("officer", at, append([]string{"version", "2", "level", "4", "do", "save"}, parts...)...)
	if got := word(); !strings.Contains(got, "5. Ý kiến chuyên môn") || !strings.Contains(got, "Ý kiến của bộ") {
		t.Error("no opinion at level 4")
	}
}

// A dossier ends: given up by who writes it, an approval taken back by who gave it, with a
// page that says what happens then.
func TestADossierIsWithdrawn(t *testing.T) {
	t.Parallel()
	s := open(t)
	at := "/security/H55/s1/dossiers/" + s.begun()
	s.get("officer", at+"/withdraw").has(t, "không mở lại được")
	if a := s.post("officer", at+"/withdraw", "version", "1", "note", ""); a.status != http.StatusUnprocessableEntity {
		t.Errorf("without a reason: %d", a.status)
	}
	s.done("officer", at+"/withdraw", "version", "1", "note", "Lập nhầm")
	s.get("unit", at).has(t, "Lập nhầm", "không còn hiệu lực")

	at = s.done("officer", "/security/H55/s1/begin").to
	id := at[strings.LastIndex(at, "/")+1:]
	s.done("officer", at, "version", "1", "level", "3", "overview", "a", "design", "b", "justification", "c", "plan", "d", "do", "submit")
	s.done("unit", at+"/decide", "version", "3", "do", "appraise", "note", "Đạt")
	must(t, s.Approve(t.Context(), people["head"], id, 4, security.Decision{
		Paper: security.Paper{Number: "12/QĐ-UBND", Day: clock.MustDate("2026-11-30")}, File: security.File{Name: "qd.pdf", SHA256: "aa"},
	}))
	if a := s.get("officer", at); strings.Contains(a.page, "/withdraw") {
		t.Error("who wrote it is offered to take the approval back")
	}
	s.get("head", at+"/withdraw").has(t, "VN/GOV/H55/YTE", "đóng trong một phút", "1.300.000")
	s.done("head", at+"/withdraw", "version", "5", "note", "Sai cấp độ")
	if v := s.view(); v.Approved != nil || v.Open != nil {
		t.Errorf("approved %v, open %v", v.Approved, v.Open)
	}
}

// Grace is asked where something closes the system, by an inspector; what was typed is kept.
func TestGraceIsAskedWhereSomethingCloses(t *testing.T) {
	t.Parallel()
	s := open(t)
	at := "/security/H55/s1/grace"
	until := day("until", clock.MustDate("2026-12-07"))
	if a := s.post("inspector", at, append([]string{"do", "ask", "reason", "Chờ chữ ký"}, until...)...); a.status != http.StatusConflict {
		t.Errorf("a system without subsystems: %d", a.status)
	}
	dossier := s.begun()
	a := s.post("inspector", at, append([]string{"do", "ask", "reason", "Chờ chữ ký"}, day("until", clock.MustDate("2027-06-01"))...)...)
	if a.status != http.StatusUnprocessableEntity {
		t.Errorf("half a year: %d", a.status)
	}
	a.has(t, "Chờ chữ ký", `href="#until`)
	s.done("inspector", at, append([]string{"do", "ask", "reason", "Chờ chữ ký"}, until...)...)
	if len(s.asked) != 1 || s.asked[0].Until != clock.MustDate("2026-12-07") {
		t.Fatalf("asked: %+v", s.asked)
	}

	s.done("officer", "/security/H55/s1/dossiers/"+dossier, "version", "1", "level", "3", "overview", "a", "design", "b", "justification", "c",
		"plan", "d", "do", "submit")
	s.done("unit", "/security/H55/s1/dossiers/"+dossier+"/decide", "version", "3", "do", "appraise", "note", "Đạt")
	must(t, s.Approve(t.Context(), people["head"], dossier, 4, security.Decision{
		Paper: security.Paper{Number: "12/QĐ-UBND", Day: clock.MustDate("2026-11-30")}, File: security.File{Name: "qd.pdf", SHA256: "aa"},
	}))
	s.done("unit", "/security/H55/s1/check", append([]string{"report", "BB 7"}, day("day", clock.MustDate("2026-11-30"))...)...)
	if a := s.post("inspector", at, append([]string{"do", "ask", "reason", "Không cần"}, until...)...); a.status != http.StatusConflict || len(s.asked) != 1 {
		t.Errorf("nothing closes it: %d", a.status)
	}
	s.get("officer", "/security/H55/s1").has(t, "Kết nối đang mở")
}

// A form that comes back leads, in the other language too, to an address that can be asked for.
func TestAFormThatComesBackHasAnAddress(t *testing.T) {
	t.Parallel()
	s := open(t)
	at := "/security/H55/s1/dossiers/" + s.begun()
	s.done("officer", at, "version", "1", "level", "3", "overview", "a", "design", "b", "justification", "c", "plan", "d", "do", "submit")
	must(t, s.AddFinding(t.Context(), people["unit"], security.Finding{Agency: "H55", System: "s1", Title: "Lỗi", Severity: security.Low}))
	finding := "/security/H55/s1/findings/" + s.view().Findings[0].ID
	for _, c := range []struct{ who, path, page string }{
		{"unit", at + "/decide", at}, {"officer", finding + "/mend", finding}, {"officer", "/security/H55/s1/incident", ""}, {"officer", "/security/H55", ""},
	} {
		a := s.post(c.who, c.path, "version", "3", "do", "appraise")
		if c.page == "" {
			c.page = c.path
		}
		if a.status/100 != 4 || !strings.Contains(a.page, `href="`+c.page+`?lang=en"`) {
			t.Errorf("%s (%d) does not lead to %s in English", c.path, a.status, c.page)
		}
		if got := s.get(c.who, c.page).status; got != http.StatusOK {
			t.Errorf("%s: %d", c.page, got)
		}
	}
}

// From the day of the new decree on, a dossier of the old one says by when it is looked at
// again, and closes nothing; what is not known surely of either is said.
func TestADossierOfOlderRulesIsLookedAtAgain(t *testing.T) {
	t.Parallel()
	s := open(t)
	id := s.begun()
	ctx := t.Context()
	must(t, s.Write(ctx, people["officer"], id, 1, 3, map[security.Part]string{
		security.Overview: "a", security.Design: "b", security.Justification: "c", security.Plan: "d",
	}))
	must(t, s.Submit(ctx, people["officer"], id, 2))
	must(t, s.Appraise(ctx, people["unit"], id, 3, "Đạt"))
	must(t, s.Approve(ctx, people["head"], id, 4, security.Decision{
		Paper: security.Paper{Number: "9/QĐ-UBND", Day: clock.DayOf(s.clock.Now())}, File: security.File{Name: "qd.pdf", SHA256: "aa"},
	}))
	must(t, s.EnterCheck(ctx, people["unit"], security.Check{Agency: "H55", System: "s1", Day: clock.MustDate("2026-11-29"), Report: "BB 1"}, nil))
	for _, c := range []struct{ at, has, hasNot string }{
		{"2026-12-31 23:59", "hạn khắc phục", "rà soát và lập lại"},
		{"2027-01-01 00:00", "rà soát và lập lại hồ sơ trước hết ngày 01/07/2027", "đã qua"},
		{"2027-07-01 23:59", "trước hết ngày 01/07/2027", "đã qua"},
		{"2027-07-02 00:00", "đã qua từ ngày 01/07/2027", "trước hết ngày"},
	} {
		s.clock.Set(c.at)
		a := s.get("officer", "/security/H55/s1")
		a.has(t, c.has, "Chưa đối chiếu được với văn bản gốc")
		if strings.Contains(a.page, c.hasNot) {
			t.Errorf("on %s the page says %q", c.at, c.hasNot)
		}
		if gate, _ := s.view().Gate(); !gate.Passes(s.clock.Now()) {
			t.Errorf("on %s it is closed: %s", c.at, gate.Why)
		}
	}
	s.get("inspector", "/security").has(t, "1 hồ sơ được phê duyệt theo quy định cũ")
	s.get("officer", "/security/H55").has(t, "Nghị định 331/2026/NĐ-CP")
}

// Who fills row 5 and does not see the return reads who looks at it; each system of it has its
// answer, and one that was inherited whose it was.
func TestRow5IsFilledByTheOfficer(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.begun()
	must(t, s.Tell(t.Context(), people["stranger"], "H04", "s1", 0, security.Told{Facts: security.Facts{People: 5}}))
	s.Heritage = func(agency string) []string {
		if agency == "H55" {
			return []string{"H55", "H04"}
		}
		return []string{agency}
	}
	var got []string
	to := ""
	s.pages.Fill = func(_ context.Context, by actor.Actor, agency string, rows []security.Row5) (string, error) {
		got = nil
		for _, r := range rows {
			got = append(got, r.System.ID+" "+r.System.Name)
		}
		return to, nil
	}
	a := s.post("officer", "/security/H55/return")
	if a.to != "/security/H55/unmet" || !slices.Equal(got, []string{"s1 Hệ thống y tế", "H04-s1 Hệ thống khác (Cơ quan H04)"}) {
		t.Errorf("%q, filled %v", a.to, got)
	}
	to = "/returns/488/H55"
	if a := s.post("officer", "/security/H55/return"); a.to != to {
		t.Errorf("who sees it is led to %q", a.to)
	}
	s.get("officer", "/security/H55/unmet").has(t, "Hệ thống khác (Cơ quan H04)")
	if csv := s.get("officer", "/security/H55/unmet.csv").page; !strings.Contains(csv, "Hệ thống khác (Cơ quan H04)") {
		t.Error("the table for a spreadsheet lacks the inherited system")
	}
}
