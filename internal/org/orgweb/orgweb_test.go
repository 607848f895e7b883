package orgweb_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"dean06/data"
	"dean06/internal/org"
	"dean06/internal/org/orgsql"
	"dean06/internal/org/orgweb"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/ui/uitest"
	"dean06/internal/platform/web"
)

// ticking is a clock that moves on by a second each time it is read, so that
// what is recorded one after the other is known one after the other.
type ticking struct {
	mu  sync.Mutex
	now time.Time
}

func (c *ticking) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(time.Second)
	return c.now
}

type site struct {
	t       *testing.T
	store   *orgsql.Store
	pages   *orgweb.Pages
	handler http.Handler
}

func newSite(t *testing.T) *site {
	t.Helper()
	ctx := context.Background()
	db := sqldbtest.OpenSQLite(t)
	if err := audit.Migrate(ctx, db); err != nil {
		t.Fatal(err)
	}
	watch := &ticking{now: time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)}
	s := &site{t: t, store: orgsql.New(db, watch)}
	if err := s.store.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	if err := s.store.Seed(ctx, data.FS); err != nil {
		t.Fatal(err)
	}
	agencies, err := org.NewAgencies(ctx, s.store, watch)
	if err != nil {
		t.Fatal(err)
	}
	catalogue, err := i18n.Load(ui.Messages, web.Messages, org.Messages, orgweb.Messages)
	if err != nil {
		t.Fatal(err)
	}
	frame := func(r *http.Request) ui.Frame { return ui.Frame{Here: r.URL.RequestURI()} }
	s.pages = orgweb.New(orgweb.Shell{Register: org.NewRegister(s.store, agencies), Names: names{}, Clock: watch, Frame: frame})
	load := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if role := r.Header.Get("X-Role"); role != "" {
				r = r.WithContext(actor.With(r.Context(), actor.Actor{Account: "1", Login: "quantri", Name: "Quản trị", Roles: []string{role}}))
			}
			next.ServeHTTP(w, r)
		})
	}
	rt := web.NewRouter(web.Config{Log: slog.New(slog.DiscardHandler), Messages: catalogue, Frame: frame, Within: []web.Middleware{load}})
	rt.Mount(s.pages.Routes()...)
	s.handler = rt.Handler()
	return s
}

// names calls everybody by what is stored, so that a test sees it.
type names struct{}

func (names) NameOf(_ context.Context, stored string, _ time.Time) string {
	return "người có mã " + stored
}

type answer struct {
	status int
	header http.Header
	body   string
}

// call makes a request in English as somebody with a role; form nil is a GET.
func (s *site) call(role, path string, form url.Values) answer {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	if form != nil {
		r = httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("X-Role", role)
	r.Header.Set("Accept-Language", "en")
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	if strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") && w.Code != http.StatusSeeOther {
		for _, fault := range uitest.Markup(w.Body.String()) {
			s.t.Errorf("%s: %s", path, fault)
		}
	}
	return answer{w.Code, w.Header(), w.Body.String()}
}

var tags = regexp.MustCompile(`<[^>]*>|\s+`)

// text is what a reader sees of a page.
func (a answer) text() string {
	return strings.Join(strings.Fields(tags.ReplaceAllString(a.body, " ")), " ")
}

// Loading the reference data takes half a second: the tests that record nothing
// share one register.
func TestPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for name, test := range map[string]func(*testing.T, *site){
		"reading": testReading, "csv": testCSV, "who may": testWhoMay, "faults": testFaultsStayInTheForm,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, s)
		})
	}
}

func testReading(t *testing.T, s *site) {
	tests := []struct {
		path   string
		status int
		want   []string
	}{
		{"/org?on=2022-10-01", 200, []string{"Provinces 63", "Districts 705", "Communes and wards 10,599"}},
		{"/org?on=30/06/2025", 200, []string{"Provinces 63", "Districts 696", "Communes and wards 10,035"}},
		{"/org?on=2025-07-01", 200, []string{"Provinces 34", "Districts 0", "Communes and wards 3,321"}},
		{"/org?on=31/02/2025", 422, []string{"Please correct the following"}},
		{"/org?q=bo+y+te", 200, []string{"is certainly Bộ Y tế", "Its name or code on this day"}},
		{"/org?q=000.00.00.G14&on=2022-12-30", 200, []string{"Bộ Thông tin và Truyền thông"}},
		{"/org?q=Bo+Thong+tin+va+Truyen+thong", 200, []string{"Bộ Khoa học và Công nghệ", "A part of the agency of that name came here"}},
		{"/org?q=So+TT%26TT+tinh+Bac+Giang&on=2022-12-30", 200, []string{"UBND tỉnh Bắc Giang", "names a part within it"}},
		{"/org?q=phuong+cua+nam&on=2022-12-30", 200, []string{"Phường Cửa Nam", "Quận Hoàn Kiếm, Thành phố Hà Nội"}},
		{"/org?q=05869&on=2022-12-30", 200, []string{"05869"}},
		{"/org?q=zzzz", 200, []string{"Nothing was found for “zzzz”"}},
		{"/org?q=%3Cscript%3Ealert(1)%3C/script%3E", 200, []string{"Nothing was found"}},
		{
			"/org/agencies?on=2022-12-30", 200,
			[]string{"The agencies on 30 December 2022", "Bộ Thông tin và Truyền thông G14 000.00.00.G14", "H55"},
		},
		{"/org/agencies?on=1990-01-01", 200, []string{"The register begins on 1 November 2021"}},
		{
			"/org/agencies/G14?on=2022-12-30", 200,
			[]string{"000.00.00.G14", "lies in 2 units", "Split: only a part of it went here", "176/2025/QH15"},
		},
		{"/org/agencies/H55?on=2022-12-30", 200, []string{"UBND tỉnh Thái Nguyên", "Governs Tỉnh Thái Nguyên"}},
		{"/org/agencies/G14", 404, nil},
		{"/org/units?on=2025-07-01", 200, []string{"There are 34 provinces"}},
		{
			"/org/units/19?on=2022-10-01", 200,
			[]string{"Within Tỉnh Thái Nguyên: 9 units", "Huyện Võ Nhai", "the old Tỉnh Thái Nguyên is part of the new"},
		},
		{"/org/units/170?on=2022-10-01", 200, []string{"Huyện Võ Nhai", "Thị trấn Đình Cả", "is gone and nothing followed it"}},
		{"/org/units/19", 200, []string{"was 2 units", "All of it went into this one", "202/2025/QH15"}},
		{"/org/units/H55?on=2022-10-01", 303, nil},
		{"/org/units/99?on=2022-10-01", 404, nil},
		{"/org/units/19?on=x&to=y", 422, []string{"Please correct the following"}},
		{"/org/changes", 200, []string{"Reference data", "Next"}},
	}
	for _, tt := range tests {
		got := s.call("leader", tt.path, nil)
		if got.status != tt.status {
			t.Errorf("%s: status %d, want %d", tt.path, got.status, tt.status)
		}
		for _, want := range tt.want {
			if !strings.Contains(got.text(), want) {
				t.Errorf("%s lacks %q:\n%s", tt.path, want, got.text())
			}
		}
	}
}

func testCSV(t *testing.T, s *site) {
	for path, lines := range map[string]int{
		"/org/units.csv?on=2022-10-01": 64, "/org/units.csv?on=2022-10-01&under=19": 11,
		"/org/agencies.csv?on=2022-12-30": 94,
	} {
		got := s.call("leader", path, nil)
		if n := strings.Count(got.body, "\r\n"); got.status != 200 || n != lines || !strings.HasPrefix(got.body, "\ufeffCode,") {
			t.Errorf("%s: status %d, %d lines, want %d", path, got.status, n, lines)
		}
	}
}

func testWhoMay(t *testing.T, s *site) {
	for _, route := range s.pages.Routes() {
		method, path, _ := strings.Cut(route.Pattern, " ")
		path = strings.NewReplacer("{code}", "01", "{kind}", "renamed").Replace(path)
		var form url.Values
		if method == http.MethodPost {
			form = url.Values{"on": {"01/07/2027"}}
		}
		// Nobody who is signed in: to sign-in, or told so.
		got := s.call("", path, form)
		if got.status != http.StatusSeeOther && got.status != http.StatusUnauthorized ||
			strings.Contains(got.header.Get("Location"), "/org/agencies") {
			t.Errorf("%s by nobody: %d %s", route.Pattern, got.status, got.header.Get("Location"))
		}
		edits := strings.HasPrefix(path, "/org/edit")
		if got := s.call("leader", path, form); (got.status == http.StatusForbidden) != edits {
			t.Errorf("%s by a leader: %d", route.Pattern, got.status)
		}
		if got := s.call("administrator", path, form); got.status == http.StatusForbidden {
			t.Errorf("%s by an administrator: %d", route.Pattern, got.status)
		}
	}
	if got := s.call("leader", "/org/units/01", nil); strings.Contains(got.body, "/org/edit") {
		t.Error("a leader is offered changes")
	}
	if got := s.call("administrator", "/org/units/01", nil); !strings.Contains(got.body, "/org/edit/renamed?codes=01") {
		t.Error("an administrator is not offered changes")
	}
	if got := s.call("administrator", "/org/units/00004?on=2022-10-01", nil); strings.Contains(got.body, "/org/edit/renamed") {
		t.Error("a unit that is gone can be changed")
	}
}

// form is the form of a change with what every change needs.
func form(fields ...string) url.Values {
	f := url.Values{"on": {"01/07/2027"}, "basis": {"1/2027/QH16"}}
	for i := 0; i < len(fields); i += 2 {
		f.Set(fields[i], fields[i+1])
	}
	return f
}

func TestEachChangeIsSeenAndThenDone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tests := []struct {
		kind    string
		form    url.Values
		preview []string // what the page before it says
		goes    string   // where the page after it is
		then    []string // what is there on the day
	}{
		{
			"created", form("level", "ministry", "code", "g40", "name", "Bộ Thử nghiệm", "abbr", "BTN", "aliases", "Bộ Thử\nThử nghiệm"),
			[]string{"a new unit", "G40 Not there Bộ Thử nghiệm"},
			"/org/agencies/G40?on=2027-07-01",
			[]string{"Bộ Thử nghiệm", "BTN", "Thử nghiệm"},
		},
		{
			"renamed", form("codes", "22", "name", "Thành phố Quảng Ninh"),
			[]string{"another name", "22 Tỉnh Quảng Ninh Thành phố Quảng Ninh"},
			"/org/units/22?on=2027-07-01",
			[]string{"Thành phố Quảng Ninh", "1/2027/QH16"},
		},
		{
			"moved", form("codes", "06652", "parent", "19"),
			[]string{"under another unit", "Phường Hà Tu, Tỉnh Thái Nguyên"},
			"/org/units/06652?on=2027-07-01",
			[]string{"Within Tỉnh Thái Nguyên"},
		},
		{
			"merged", form("codes", "000.00.00.H27; h41", "into", "H56"),
			[]string{"2 units are merged", "Ends; into UBND tỉnh Thanh Hóa"},
			"/org/agencies/H56?on=2027-07-01",
			[]string{"UBND tỉnh Thanh Hóa"},
		},
		{
			"merged", form("codes", "08, 04", "code", "08", "name", "Tỉnh Việt Bắc"),
			[]string{
				"Tỉnh Cao Bằng Ends; into Tỉnh Việt Bắc",
				"UBND tỉnh Cao Bằng (H14) is an agency of its own and stays", "units within them come along",
			},
			"/org/units/08?on=2027-07-01",
			[]string{"Tỉnh Việt Bắc"},
		},
		{
			"split", form(
				"codes", "06658", "code", "90001", "name", "Phường Một", "parent", "22", "code-2", "90002", "name-2",
				"Phường Hai", "parent-2", "22",
			),
			[]string{"one unit is split", "Ends; into Phường Một, Phường Hai"},
			"/org/units/90001?on=2027-07-01&to=2027-06-30",
			[]string{"Phường Một", "was a part of Phường Cao Xanh"},
		},
		{
			"split", form("codes", "06661", "keep", "yes", "into", "06673"),
			[]string{"after a part of it went into Phường Bãi Cháy"},
			"/org/units/06673?on=2027-07-01", nil,
		},
		{"abolished", form("codes", "06685"), []string{"Phường Hồng Gai, Thành phố Quảng Ninh Ends"}, "/org", nil},
	}
	for _, tt := range tests { // one after the other, as an administrator does it
		t.Run(tt.kind, func(t *testing.T) {
			path := "/org/edit/" + tt.kind
			before, err := s.store.Events(context.Background(), "", 1)
			if err != nil {
				t.Fatal(err)
			}
			preview := s.call("administrator", path, tt.form)
			for _, want := range tt.preview {
				if !strings.Contains(preview.text(), want) {
					t.Errorf("preview lacks %q:\n%s", want, preview.text())
				}
			}
			if now, err := s.store.Events(context.Background(), "", 1); err != nil || now[0].ID != before[0].ID {
				t.Error("the preview has recorded something")
			}
			tt.form.Set("confirm", "yes")
			done := s.call("administrator", path, tt.form)
			if done.status != http.StatusSeeOther || !strings.HasPrefix(tt.goes, done.header.Get("Location")) {
				t.Fatalf("done: %d to %s\n%s", done.status, done.header.Get("Location"), done.text())
			}
			page := s.call("leader", tt.goes, nil)
			for _, want := range tt.then {
				if !strings.Contains(page.text(), want) {
					t.Errorf("%s lacks %q:\n%s", tt.goes, want, page.text())
				}
			}
			// Pressed twice it is told, not done again.
			if again := s.call("administrator", path, tt.form); again.status != http.StatusConflict {
				t.Errorf("again: %d", again.status)
			}
		})
	}
}

func testFaultsStayInTheForm(t *testing.T, s *site) {
	tests := []struct {
		name, kind string
		form       url.Values
		status     int
		field      string // where the fault stands
	}{
		{"nothing", "renamed", url.Values{"codes": {""}}, 422, "codes"},
		{"no day", "renamed", form("codes", "19", "name", "Tỉnh A", "on", ""), 422, "on"},
		{"day that is none", "renamed", form("codes", "19", "name", "Tỉnh A", "on", "31/02/2027"), 422, "on"},
		{"no basis", "renamed", form("codes", "19", "name", "Tỉnh A", "basis", " "), 422, "basis"},
		{"no name", "renamed", form("codes", "19", "name", ""), 422, "name"},
		{"unknown code", "abolished", form("codes", "99999"), 422, "codes"},
		{"has units under it", "abolished", form("codes", "19"), 409, "codes"},
		{"no type", "renamed", form("codes", "19", "name", "Việt Bắc"), 422, "name"},
		{"code taken", "split", form(
			"codes", "00004", "code", "90001", "name", "Phường Một", "parent", "01", "code-2", "00008", "name-2",
			"Phường Hai", "parent-2", "01",
		), 409, "code-2"},
		{"no level", "created", form("code", "G40", "name", "Bộ Thử"), 422, "level"},
		{"a later change is recorded", "renamed", form("codes", "000.00.00.G14", "on", "01/01/2023", "name", "Bộ Truyền thông"), 409, "codes"},
		{"before the register", "renamed", form("codes", "19", "name", "Tỉnh A", "on", "01/01/2000"), 422, "on"},
	}
	for _, tt := range tests {
		got := s.call("administrator", "/org/edit/"+tt.kind, tt.form)
		if got.status != tt.status || !strings.Contains(got.body, `href="#`+tt.field+`"`) {
			t.Errorf("%s: status %d, want %d at %s\n%s", tt.name, got.status, tt.status, tt.field, got.text())
		}
		for name, values := range tt.form {
			if v := values[0]; v != "" && v != " " && !strings.Contains(got.body, v) {
				t.Errorf("%s: what was typed in %s is lost", tt.name, name)
			}
		}
	}
	if got := s.call("administrator", "/org/edit/registered", form()); got.status != http.StatusNotFound {
		t.Errorf("a kind that nobody records: %d", got.status)
	}
	got := s.call("administrator", "/org/edit/renamed", form("codes", "19", "name", "Tỉnh Việt Bắc", "change", "yes"))
	if got.status != 200 || !strings.Contains(got.body, "Tỉnh Việt Bắc") || strings.Contains(got.body, "confirm") {
		t.Errorf("back to change something: %d", got.status)
	}
}
