package populationweb_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"html"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dean06/data"
	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/chart"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/session"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/ui/uitest"
	"dean06/internal/platform/web"
	"dean06/internal/population"
	"dean06/internal/population/populationweb"
)

var theUnits = sync.OnceValue(func() population.Units {
	u, err := population.NewUnits(data.FS)
	if err != nil {
		panic(err)
	}
	return u
})

type site struct {
	archived time.Time // the last look-up that is in files alone
	t        *testing.T
	reg      *register
	loads    *loads
	routes   []web.Route
	handler  http.Handler
	jars     map[string]*http.Cookie // the desk of each role
}

func newSite(t *testing.T) *site {
	t.Helper()
	reg := newRegister()
	s := newSiteOf(t, reg)
	s.reg = reg
	return s
}

func newSiteOf(t *testing.T, reg populationweb.Register) *site {
	t.Helper()
	return newSiteWith(t, reg, "/sign-in/identity")
}

// newSiteWith is a site where people sign in with electronic identities at an address.
func newSiteWith(t *testing.T, reg populationweb.Register, signIn string) *site {
	t.Helper()
	s := &site{t: t, loads: &loads{}, jars: map[string]*http.Cookie{}}
	catalogue, err := i18n.Load(
		ui.Messages, web.Messages, session.Messages, chart.Messages, citizen.Messages, population.Messages, populationweb.Messages,
	)
	if err != nil {
		t.Fatal(err)
	}
	var ids atomic.Int64
	agencies := map[string]string{"H55": "Ủy ban nhân dân tỉnh Thái Nguyên", "G24": "Bảo hiểm xã hội Việt Nam", "G01": "Bộ Công an"}
	frame := func(r *http.Request) ui.Frame {
		return ui.Frame{
			Node: ui.Node{Name: "Dữ liệu dân cư", Accent: ui.Authority}, Here: r.URL.RequestURI(), Flash: web.FlashOf(r),
			Viewer: ui.Viewer{Name: "Phạm Thị Mẫu", SignedIn: true},
		}
	}
	pages := populationweb.New(populationweb.Shell{
		Register: reg, Loads: s.loads, Units: theUnits(), Clock: clock.Fixed(now), Frame: frame,
		NewID:  func() string { return "id-" + strconv.FormatInt(ids.Add(1), 10) },
		Names:  names{},
		Agency: func(_ context.Context, code string) string { return agencies[code] },
		Procedure: func(_ context.Context, code string) string {
			return map[string]string{"1.004194": "Đăng ký tạm trú"}[code]
		},
		HandleKey: []byte("a secret of the tests"),
		SignIn:    signIn,
		Archived:  func(context.Context) (time.Time, error) { return s.archived, nil },
	})
	s.routes = pages.Routes()
	load := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			role := r.Header.Get("X-Role")
			if c, err := r.Cookie("role"); err == nil {
				role = c.Value
			}
			if role != "" {
				id := session.Identity{SessionID: "s-" + role, Actor: actor.Actor{
					Account: "1-" + role, Login: role, Name: "Phạm Thị Mẫu", Roles: strings.Split(role, "+"), Via: actor.Password,
				}}
				if role == "unbound" {
					id.Roles = []string{population.Citizen}
				}
				r = r.WithContext(session.With(r.Context(), id))
			}
			next.ServeHTTP(w, r)
		})
	}
	rt := web.NewRouter(web.Config{Log: slog.New(slog.DiscardHandler), Messages: catalogue, Frame: frame, Within: []web.Middleware{load}})
	rt.Mount(s.routes...)
	s.handler = rt.Handler()
	return s
}

type answer struct {
	status int
	header http.Header
	body   string
}

func (s *site) do(role string, r *http.Request) answer {
	s.t.Helper()
	r.Header.Set("X-Role", role)
	if c := s.jars[role]; c != nil {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if c.Name == "people-desk" {
			s.jars[role] = c
		}
	}
	if strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") && w.Code != http.StatusSeeOther {
		for _, f := range uitest.Markup(w.Body.String()) {
			s.t.Errorf("%s %s: %s", r.Method, r.URL, f)
		}
	}
	return answer{w.Code, w.Header(), w.Body.String()}
}

func (s *site) get(role, path string) answer {
	s.t.Helper()
	return s.do(role, httptest.NewRequest(http.MethodGet, path, nil))
}

func (s *site) post(role, path string, pairs ...string) answer {
	s.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return s.do(role, r)
}

// begin says at the desk what people are looked up for.
func (s *site) begin() {
	s.t.Helper()
	s.want(s.post("registrar", "/people/desk", "purpose", "procedure", "procedure", "1.004194", "dossier", "HS-7"), http.StatusSeeOther)
}

// find is the address of somebody, as the search gives it.
func (s *site) find(name string) string {
	s.t.Helper()
	a := s.post("registrar", "/people", "q", name)
	m := regexp.MustCompile(`href="(/people/person/[\w-]+)"`).FindStringSubmatch(a.body)
	if m == nil {
		s.t.Fatalf("nobody found as %s: %s", name, a.text())
	}
	return m[1]
}

var tags = regexp.MustCompile(`(?s)<style.*?</style>|<script.*?</script>|<[^>]*>`)

func (a answer) text() string {
	return strings.Join(strings.Fields(html.UnescapeString(tags.ReplaceAllString(a.body, " "))), " ")
}

func (s *site) want(a answer, status int, texts ...string) {
	s.t.Helper()
	if a.status != status {
		s.t.Fatalf("got status %d, want %d: %s", a.status, status, a.text())
	}
	for _, want := range texts {
		if !strings.Contains(a.text(), want) && !strings.Contains(html.UnescapeString(a.body), want) {
			s.t.Errorf("%q is not on the page: %s", want, a.text())
		}
	}
}

func (s *site) wantNot(a answer, texts ...string) {
	s.t.Helper()
	for _, bad := range texts {
		if strings.Contains(a.text(), bad) || strings.Contains(a.body, bad) {
			s.t.Errorf("%q is on the page", bad)
		}
	}
}

// hidden reads the hidden fields of the page's last form.
func (a answer) hidden() []string {
	var out []string
	for _, m := range regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)"`).FindAllStringSubmatch(a.body, -1) {
		out = append(out, html.UnescapeString(m[1]), html.UnescapeString(m[2]))
	}
	return out
}

// TestWhoMayEnter: each page lets in whom the table's row for it does, and nobody else.
func TestWhoMayEnter(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, route := range s.routes {
		method, path, _ := strings.Cut(route.Pattern, " ")
		path = regexp.MustCompile(`{\w+}`).ReplaceAllString(path, "x")
		action, ok := strings.CutPrefix(route.May, "population.")
		row, known := population.Permissions.Row(population.Action(action))
		if !ok || !known {
			t.Errorf("%s names %q, which is no action of the table", route.Pattern, route.May)
			continue
		}
		for _, role := range []string{"registrar", "citizen", "auditor", "administrator", "focal_point", population.RightHolder} {
			a := s.do(role, httptest.NewRequest(method, path, nil))
			may := slices.Contains(row.Roles, role) || slices.Contains(row.Own, role)
			if (a.status == http.StatusForbidden) == may {
				t.Errorf("%s as %s: got %d", route.Pattern, role, a.status)
			}
			if a.header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s may be cached: %q", route.Pattern, a.header.Get("Cache-Control"))
			}
		}
		if a := s.do("", httptest.NewRequest(method, path, nil)); a.status != http.StatusSeeOther && a.status != http.StatusUnauthorized {
			t.Errorf("%s signed out: got %d", route.Pattern, a.status)
		}
	}
}

func TestCitizenSeesWhoLooked(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a := s.get("citizen", "/my-data/lookups")
	s.want(a, http.StatusOK, "Ai đã xem dữ liệu của tôi", "Ủy ban nhân dân tỉnh Thái Nguyên",
		"Đăng ký tạm trú (thủ tục 1.004194)", "H55-261121-0007",
		"Họ và tên, ngày sinh, nơi thường trú", "Tra cứu cùng lúc 1.000 người", "Cơ quan quản lý dữ liệu dân cư", "Bị từ chối, không xem được gì")
	seen := strings.Count(a.body, "govuk-summary-card__title\"")
	if seen != 10 {
		t.Errorf("got %d look-ups on a page, want 10", seen)
	}
	next := regexp.MustCompile(`href="([^"]+)" rel="next"`)
	for path := next.FindStringSubmatch(a.body); path != nil && seen < 100; path = next.FindStringSubmatch(a.body) {
		a = s.get("citizen", html.UnescapeString(path[1]))
		seen += strings.Count(a.body, "govuk-summary-card__title\"")
	}
	if seen != 45 {
		t.Errorf("got %d look-ups on all pages, want 45", seen)
	}
	only := s.get("citizen", "/my-data/lookups?agency=G24")
	s.want(only, http.StatusOK, "Tra cứu cùng lúc")
	s.wantNot(only, "H55-261121-0007")
	if got := strings.Count(only.body, "govuk-summary-card__title\""); got != 9 {
		t.Errorf("got %d look-ups of one agency, want 9", got)
	}
	s.want(s.get("citizen", "/my-data/lookups?from=2027-01-01"), http.StatusOK, "Không có lần nào khớp")
	s.archived = time.Date(2021, 11, 20, 5, 0, 0, 0, time.UTC)
	s.want(s.get("citizen", "/my-data/lookups"), http.StatusOK, "đến khoảng ngày 20/11/2021 không còn hiện ở đây")
	s.archived = time.Time{}
	s.want(s.get("citizen", "/my-data/lookups?until=20/11/2026&from=20/11/2026&agency=-"), http.StatusOK)
	s.want(s.get("citizen", "/my-data/lookups?from=32/13/2026"), http.StatusUnprocessableEntity)

	// What a clerk does is there at once.
	s.begin()
	s.want(s.get("registrar", s.find("Nguyễn Văn Thử")), http.StatusOK)
	s.want(s.get("citizen", "/my-data/lookups"), http.StatusOK, "HS-7")
}

func TestCitizenObjects(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.want(s.get("citizen", "/my-data/lookups/999999"), http.StatusNotFound)
	page := "/my-data/lookups/000998"
	s.want(s.get("citizen", page), http.StatusOK, "Bạn muốn phản ánh điều gì?")
	s.want(s.post("citizen", page), http.StatusUnprocessableEntity, "Mục này cần có", `href="#text"`)
	for range 2 { // the second click too
		s.want(s.post("citizen", page, "text", "Tôi không nộp hồ sơ nào."), http.StatusSeeOther)
	}
	s.want(s.get("citizen", page), http.StatusOK, "Tôi không nộp hồ sơ nào.", "Chưa có trả lời")
	s.want(s.get("citizen", "/my-data/lookups"), http.StatusOK, "Đã phản ánh, đang chờ trả lời")

	s.want(s.get("auditor", "/people/audit"), http.StatusOK, "1 phản ánh của người dân đang chờ trả lời")
	a := s.get("auditor", "/people/audit/objections")
	s.want(a, http.StatusOK, "Tôi không nộp hồ sơ nào.", "001*******01")
	s.wantNot(a, "001090000001")
	s.want(s.post("auditor", "/people/audit/objections/o000998"), http.StatusUnprocessableEntity, `href="#answer-o000998"`)
	s.want(s.post("auditor", "/people/audit/objections/o000998", "answer-o000998", "Đã hỏi, cán bộ gõ nhầm số."), http.StatusSeeOther)
	s.want(s.get("auditor", "/people/audit/objections"), http.StatusOK, "Không còn phản ánh nào")
	s.want(s.get("citizen", page), http.StatusOK, "Đã hỏi, cán bộ gõ nhầm số.")
}

func TestCitizenReadsOwnFacts(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a := s.get("citizen", "/my-data")
	s.want(
		a, http.StatusOK, "Nguyễn Văn Thử", "01/01/1990", "Số 1 phố Thử, Phường Phúc Xá, Thành phố Hà Nội", "Nay là Phường Hồng Hà", "Lê Thị Vợ",
		"001*******01",
	)
	s.wantNot(a, "001090000001", "001192000001", "012345678")
	s.want(s.post("citizen", "/my-data"), http.StatusOK, "001090000001")
}

func TestSearch(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a := s.get("registrar", "/people")
	if a.status != http.StatusSeeOther || !strings.HasPrefix(a.header.Get("Location"), "/people/desk?then=") {
		t.Fatalf("search without a purpose: got %d to %s", a.status, a.header.Get("Location"))
	}
	s.want(s.post("registrar", "/people/desk"), http.StatusUnprocessableEntity, "Chọn một mục đích", `href="#purpose"`)
	s.want(
		s.post("registrar", "/people/desk", "purpose", "procedure", "procedure", "không có"), http.StatusUnprocessableEntity, `href="#procedure"`,
	)
	s.want(s.post("registrar", "/people/desk", "purpose", "other", "reason", "gấp"), http.StatusUnprocessableEntity, `href="#reason"`)
	s.want(s.post("registrar", "/people/desk", "purpose", "other", "reason", "Đối chiếu theo công văn 12/CV-CA"), http.StatusSeeOther)
	s.want(s.get("registrar", "/people"), http.StatusOK, "Việc khác: Đối chiếu theo công văn 12/CV-CA")
	s.want(s.get("registrar", "/people/desk"), http.StatusOK, "Đối chiếu theo công văn 12/CV-CA", "Đăng ký tạm trú (1.004194)")
	typed := base64.RawURLEncoding.EncodeToString([]byte(`{"s":"s-regist","p":"tò mò","d":""}`))
	s.jars["registrar"] = &http.Cookie{Name: "people-desk", Value: typed}
	if a := s.get("registrar", "/people"); !strings.HasPrefix(a.header.Get("Location"), "/people/desk?then=") {
		t.Errorf("a cookie that was typed: got %d to %q", a.status, a.header.Get("Location"))
	}
	back := s.post("registrar", "/people/desk", "purpose", "residence", "then", "https://example.org/")
	if got := back.header.Get("Location"); got != "/people" {
		t.Errorf("got sent to %s", got)
	}
	s.begin()
	s.want(s.get("registrar", "/people"), http.StatusOK, "Hồ sơ HS-7", "Cách tìm nhanh")
	a = s.post("registrar", "/people", "q", "nguyen van thu")
	s.want(a, http.StatusOK, "Tìm thấy 1 người", "Nguyễn Văn Thử", "001*******01", "Đã hiểu là: tên")
	s.wantNot(a, "001090000001")
	s.want(s.post("registrar", "/people", "q", "n"), http.StatusOK, "Có nhiều hơn 50 người", "Thêm năm sinh")
	s.want(s.post("registrar", "/people", "q", "zzzz"), http.StatusOK, "Không tìm thấy ai", "Đăng ký khai sinh")
	s.want(s.post("registrar", "/people", "q", "thu", "year", "năm chín mươi"), http.StatusUnprocessableEntity, `href="#year"`)
	s.want(
		s.post("registrar", "/people", "q", "thu", "commune", "Xã Không Đâu"), http.StatusUnprocessableEntity, "Không có xã, phường nào tên",
	)
	// Another one at the same machine is asked again.
	s.jars["auditor"] = s.jars["registrar"]
}

func TestPerson(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.begin()
	page := s.find("Nguyễn Văn Thử")
	if strings.Contains(page, "1090000001") {
		t.Errorf("the address %s tells the number", page)
	}
	a := s.get("registrar", page)
	s.want(
		a, http.StatusOK, "001*******01", "Trần Thị Mẹ", "Chủ hộ", "Nay là Phường Hồng Hà", "Ghi nhận 09:00 04/03/2016",
		"Sửa thông tin ghi sai ở việc này",
	)
	s.wantNot(a, "001090000001")
	before := len(s.reg.lookedUp)
	s.want(s.post("registrar", page), http.StatusOK, "001090000001")
	if got := len(s.reg.lookedUp) - before; got < 2 || s.reg.lookedUp[0].Fields[0] != population.FieldNumber ||
		s.reg.lookedUp[0].Dossier != "HS-7" {
		t.Errorf("revealing the number left %+v", s.reg.lookedUp[0])
	}
	s.want(s.get("registrar", page+"/residence"), http.StatusOK, "XÁC NHẬN THÔNG TIN VỀ CƯ TRÚ", "001090000001", "Số 1 phố Thử", "000000001")
	s.want(s.get("registrar", page+"/at?on=01/01/2020&known=01/06/2020"), http.StatusOK, "Sự thật vào ngày 01/01/2020", "Nguyễn Văn Thử")
	s.want(s.get("registrar", page+"/at?on=01/01/2000"), http.StatusOK, "chưa có người này")
	s.want(s.get("registrar", page+"/at?on=hôm+qua"), http.StatusUnprocessableEntity, `href="#on"`)
	for _, bad := range []string{"x", strings.Repeat("A", 22), page[len("/people/person/"):len(page)-1] + "_", "001090000001"} {
		if got := s.get("registrar", "/people/person/"+bad).status; got != http.StatusNotFound {
			t.Errorf("handle %q: got %d, want 404", bad, got)
		}
	}
}

func TestRecordEvent(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.begin()
	page := s.find("Nguyễn Văn Thử")
	s.want(s.get("registrar", page+"/events"), http.StatusOK, "Khai tử", "Ly hôn", "Khai sinh")
	s.want(s.get("registrar", page+"/events/flying"), http.StatusNotFound)
	form := page + "/events/name_change"
	open := s.get("registrar", form)
	s.want(open, http.StatusOK, "Họ và tên mới")
	carry := open.hidden()
	s.want(
		s.post("registrar", form, append(carry, "on", "hôm nay")...), http.StatusUnprocessableEntity, `href="#name"`, `href="#on"`,
		`value="hôm nay"`,
	)
	s.want(
		s.post("registrar", form, append(carry, "name", "Nguyễn Văn Mới", "on", "01/01/2030")...), http.StatusUnprocessableEntity, `href="#on"`,
		`value="Nguyễn Văn Mới"`,
	)
	seen := s.post("registrar", form, append(carry, "name", "Nguyễn Văn Mới", "on", "01/11/2026", "basis", "QĐ 12")...)
	s.want(seen, http.StatusOK, "những gì sẽ thay đổi", "Nguyễn Văn Thử", "Nguyễn Văn Mới")
	if got := s.reg.people[thu].Name; got != "Nguyễn Văn Thử" {
		t.Errorf("the preview recorded %s", got)
	}
	carry = seen.hidden()
	s.want(s.post("registrar", form, append(carry, "change", "1")...), http.StatusOK, `value="Nguyễn Văn Mới"`, `value="QĐ 12"`)
	for range 2 {
		s.want(s.post("registrar", form, append(carry, "confirm", "1")...), http.StatusSeeOther)
	}
	if got := len(s.reg.events); got != 2 {
		t.Errorf("got %d events, want one more than before", got)
	}
	s.want(s.get("registrar", page), http.StatusOK, "Nguyễn Văn Mới", "QĐ 12")

	// Who had opened the form before that is shown what happened meanwhile.
	stale := s.post("registrar", form, append(open.hidden(), "name", "Nguyễn Văn Khác", "on", "01/11/2026")...)
	s.want(stale, http.StatusConflict, "Có người vừa ghi trước bạn", "Nguyễn Văn Mới", `value="Nguyễn Văn Khác"`)
	again := s.post("registrar", form, append(stale.hidden(), "name", "Nguyễn Văn Khác", "on", "01/11/2026")...)
	s.want(again, http.StatusOK, "những gì sẽ thay đổi")
}

func TestMove(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.begin()
	form := s.find("Nguyễn Văn Thử") + "/events/move_permanent"
	open := s.get("registrar", form)
	s.want(open, http.StatusOK, "Ai đi cùng?", "Lê Thị Vợ, Vợ hoặc chồng")
	s.want(
		s.post("registrar", form, append(open.hidden(), "place", "xã Không Đâu", "on", "01/11/2026")...), http.StatusUnprocessableEntity,
		"Không có xã, phường nào tên", `href="#place"`,
	)
	several := s.post("registrar", form, append(open.hidden(), "place", "Tân Lập", "on", "01/11/2026")...)
	s.want(several, http.StatusUnprocessableEntity, "Chọn một nơi bên dưới", "Nơi nào?")
	code := regexp.MustCompile(`name="place-code"[^>]*value="(\d{5})"`).FindStringSubmatch(several.body)
	if code == nil {
		t.Fatal("no places to choose from")
	}
	s.want(
		s.post("registrar", form, append(several.hidden(), "place", "Tân Lập", "place-code", code[1], "on", "01/11/2026")...), http.StatusOK,
		"những gì sẽ thay đổi",
	)
	seen := s.post(
		"registrar", form, append(open.hidden(), "place", "phuong hong ha, ha noi", "place-detail", "Số 2 phố Mới", "on", "01/11/2026")...,
	)
	s.want(seen, http.StatusOK, "Số 2 phố Mới, Phường Hồng Hà, Thành phố Hà Nội")
}

func TestBirth(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.begin()
	form := s.find("Lê Thị Vợ") + "/events/birth"
	open := s.get("registrar", form)
	s.want(open, http.StatusOK, `value="001*******01"`, "Số định danh của cha")
	s.wantNot(open, "001192000001", "001090000001")
	fill := append(
		open.hidden(), "name", "Nguyễn Thị Bé", "on", "20/11/2026", "sex", "2", "mother", "001*******01", "father", "001090000001", "ethnicity",
		"01", "religion", "00", "birthplace", "phường Hồng Hà, Hà Nội",
	)
	s.want(s.post("registrar", form, append(fill, "father", "12")...), http.StatusOK)
	bad := append(open.hidden(), "name", "", "on", "20/11/2026", "mother", "12")
	s.want(s.post("registrar", form, bad...), http.StatusUnprocessableEntity, `href="#mother"`, `href="#name"`, `href="#sex"`, "12 chữ số")
	seen := s.post("registrar", form, fill...)
	s.want(seen, http.StatusOK, "Cấp khi ghi", "Nguyễn Thị Bé")
	s.wantNot(seen, "001326000777")
	for range 2 {
		s.want(s.post("registrar", form, append(seen.hidden(), "confirm", "1")...), http.StatusOK, "001326000777", "Nguyễn Thị Bé")
	}
	s.want(s.get("registrar", "/people/person/-/events/birth"), http.StatusOK, "Khai sinh")
	s.want(s.get("registrar", "/people/person/-/events/death"), http.StatusNotFound)
}

func TestCorrection(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.begin()
	page := s.find("Nguyễn Văn Thử")
	s.want(s.get("registrar", page+"/events/correction"), http.StatusNotFound, "Mở Quá trình")
	form := page + "/events/correction"
	open := s.get("registrar", form+"?corrects=e-1")
	s.want(open, http.StatusOK, `value="01/01/1990"`, `value="Nguyễn Văn Thử"`, `value="001*******01"`)
	same := append(
		open.hidden(), "name", "Nguyễn Văn Thử", "birth", "01/01/1990", "sex", "1", "permanent", "Phường Phúc Xá", "permanent-detail",
		"Số 1 phố Thử", "father", "001*******01",
	)
	s.want(s.post("registrar", form, append(same, "basis", "KS 1")...), http.StatusUnprocessableEntity, "Chưa có gì khác")
	right := append(
		open.hidden(), "name", "Nguyễn Văn Thử", "birth", "10/01/1990", "sex", "1", "permanent", "Phường Phúc Xá", "permanent-detail",
		"Số 1 phố Thử", "father", "001060000001", "basis", "KS 1",
	)
	seen := s.post("registrar", form, right...)
	s.want(seen, http.StatusOK, "10/01/1990")
	s.want(s.post("registrar", form, append(seen.hidden(), "confirm", "1")...), http.StatusSeeOther)
	last := s.reg.events[len(s.reg.events)-1]
	if last.Corrects != "e-1" || len(last.Fields) != 1 || last.Fields[0] != population.FieldBirth ||
		last.Facts.Birth != citizen.MustDay("1990-01-10") || last.Facts.Name != "" {
		t.Errorf("got a correction %+v", last)
	}
}

func TestAuditorReads(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.want(
		s.get("auditor", "/people/audit?days=7"), http.StatusOK, "canbo.moc", "Tra cứu 812 người, nhiều hơn hẳn đồng nghiệp. Thường là 40.",
		"61 lần vào ban đêm",
	)
	s.want(s.get("auditor", "/people/audit?days=999999999"), http.StatusOK)
	a := s.get("auditor", "/people/audit/officer?agency=H55&officer=canbo.moc&days=30")
	s.want(a, http.StatusOK, "Cán bộ canbo.moc", "H55-261121-0007", "Không có hồ sơ")
	s.wantNot(a, "001090000001", "Nguyễn Văn Thử")
	s.want(s.get("auditor", "/people/audit/officer?agency=H55&officer=nobody"), http.StatusOK, "Không có lần tra cứu nào")
}

func TestLoad(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.want(s.get("administrator", "/people/loads"), http.StatusOK, "Chưa nạp tệp nào", "number, old_numbers")
	upload := func(content string) answer {
		var b bytes.Buffer
		m := multipart.NewWriter(&b)
		part, err := m.CreateFormFile("file", "dan-cu.csv")
		if err != nil {
			t.Fatal(err)
		}
		_, _ = part.Write([]byte(content))
		_ = m.Close()
		r := httptest.NewRequest(http.MethodPost, "/people/loads", &b)
		r.Header.Set("Content-Type", m.FormDataContentType())
		return s.do("administrator", r)
	}
	s.want(s.post("administrator", "/people/loads"), http.StatusUnprocessableEntity, `href="#file"`)
	s.want(upload("number,name\n"), http.StatusSeeOther)
	s.want(s.get("administrator", "/people/loads/1"), http.StatusOK, "Đang đọc tệp, đã xong 1.200 dòng", `http-equiv="refresh"`)
	s.want(s.get("administrator", "/people/loads/7"), http.StatusNotFound)
	s.loads.list[0].Finished = true
	s.loads.list[0].Report = &population.LoadReport{
		Lines: 1300, Loaded: 1299, Bad: 1, Took: 2 * time.Second,
		Warnings: []population.Warning{{Key: "population.load.number_differs", Count: 3, Lines: []int{2, 5, 1201}}},
		BadRows:  []population.BadRow{{Line: 17, Column: "birth", Key: "citizen.day.bad"}},
	}
	s.want(
		s.get("administrator", "/people/loads/1"), http.StatusOK, "Đã nạp 1.299 người, 1 dòng không nạp được", "17", "birth",
		"Ngày không đọc được", "Số dòng sau tiêu đề", "2, 5, 1201",
	)
}

func TestStatistics(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.want(
		s.get("auditor", "/people/statistics"), http.StatusOK, "19.400 người đang sống trong 5.400 hộ", "Thành phố Hồ Chí Minh", "11/2026",
		"3.020",
	)
	s.want(s.get("auditor", "/people/statistics?provinces=63"), http.StatusOK, "Bắc Kạn")
}

// TestInBrowser looks at some pages as people do. With SCREENSHOTS set to a folder it
// looks at each in both languages, wide and on a phone, and leaves pictures there.
func TestInBrowser(t *testing.T) {
	t.Parallel()
	ctx := uitest.Browser(t)
	s := newSite(t)
	s.begin()
	person := s.find("Nguyễn Văn Thử")
	s.post("citizen", "/my-data/lookups/000998", "text", "Tôi không nộp hồ sơ nào ở đây.")
	_, _ = s.loads.Start(t.Context(), actor.Actor{Name: "Phạm Thị Mẫu"}, "dan-cu.csv", strings.NewReader("x"))
	_, _ = s.loads.Start(t.Context(), actor.Actor{Name: "Phạm Thị Mẫu"}, "to-7.csv", strings.NewReader("x"))
	s.loads.list[1].Finished, s.loads.list[1].Report = true, &population.LoadReport{
		Lines: 1300, Loaded: 1298, Bad: 2, Took: 2 * time.Second,
		BadRows:  []population.BadRow{{Line: 4, Column: "permanent_detail", Key: "population.load.unclosed"}, {Line: 17, Key: "population.load.blank"}},
		Warnings: []population.Warning{{Key: "population.load.two_heads", Count: 1, Lines: []int{2, 3}}},
	}
	role, preview := "", answer{}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/preview" {
			_, _ = w.Write([]byte(preview.body))
			return
		}
		r.Header.Set("X-Role", role)
		if c := s.jars[role]; c != nil {
			r.AddCookie(c)
		}
		s.handler.ServeHTTP(w, r)
	}))
	defer srv.Close()
	form := person + "/events/move_permanent"
	preview = s.post(
		"registrar", form,
		append(s.get("registrar", form).hidden(), "place", "phường Hồng Hà, Hà Nội", "place-detail", "Số 2 phố Mới", "on", "01/11/2026")...,
	)
	pages := []struct{ role, path, name string }{
		{"citizen", "/my-data/lookups", "lookups"},
		{"citizen", "/my-data", "mine"},
		{"citizen", "/my-data/lookups/000999", "object"},
		{"unbound", "/my-data", "unbound"},
		{"registrar", "/people/desk", "desk"},
		{"registrar", "/people?q=nguyen+van", "search"},
		{"registrar", person, "person"},
		{"registrar", person + "/residence", "residence"},
		{"registrar", person + "/events", "kinds"},
		{"registrar", person + "/events/birth", "birth"},
		{"registrar", form, "move"},
		{"registrar", "/preview", "preview"},
		{"registrar", person + "/events/correction?corrects=e-1", "correction"},
		{"auditor", "/people/audit", "audit"},
		{"auditor", "/people/audit/officer?agency=H55&officer=canbo.moc", "officer"},
		{"auditor", "/people/audit/objections", "objections"},
		{"registrar", "/people/statistics", "statistics"},
		{"administrator", "/people/loads", "loads"},
		{"administrator", "/people/loads/2", "load"},
		{"administrator", "/people/exports", "exports"},
	}
	always := []string{"lookups-vi-390", "person-vi-1280", "search-en-1280", "move-en-390", "audit-en-390", "statistics-vi-390", "unbound-vi-390"}
	for _, page := range pages {
		for _, lang := range i18n.Langs {
			for _, width := range []int64{uitest.Desktop, uitest.Phone} {
				name := uitest.Slug(page.name, string(lang), width)
				if os.Getenv("SCREENSHOTS") == "" && !slices.Contains(always, name) {
					continue
				}
				t.Run(name, func(t *testing.T) {
					role = page.role
					sep := "?"
					if strings.Contains(page.path, "?") {
						sep = "&"
					}
					uitest.Open(t, ctx, srv.URL+page.path+sep+"lang="+string(lang), width)
					uitest.Check(t, ctx)
					if dir := os.Getenv("SCREENSHOTS"); dir != "" {
						uitest.Screenshot(t, ctx, filepath.Join(dir, name+".png"))
					}
				})
			}
		}
	}
}
