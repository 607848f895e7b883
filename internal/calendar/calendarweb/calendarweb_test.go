package calendarweb_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"dean06/internal/calendar"
	"dean06/internal/calendar/calendarnode"
	"dean06/internal/calendar/calendarsql"
	"dean06/internal/calendar/calendarweb"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/ui/assets"
	"dean06/internal/platform/ui/uitest"
	"dean06/internal/platform/web"
)

type names struct{}

func (names) NameOf(_ context.Context, stored string, _ time.Time) string {
	return "người có mã " + stored
}

type site struct {
	t       *testing.T
	moves   []calendarweb.Moved
	keeper  *calendar.Keeper
	handler http.Handler
}

// newSite has the pages of a node. Whoever asks acts in the role of the header X-Role.
func newSite(t *testing.T, role string) *site {
	t.Helper()
	ctx := context.Background()
	db := sqldbtest.OpenSQLite(t)
	if err := audit.Migrate(ctx, db); err != nil {
		t.Fatal(err)
	}
	if err := calendarsql.Migrate(ctx, db); err != nil {
		t.Fatal(err)
	}
	now := clock.Fixed(time.Date(2026, 11, 30, 9, 0, 0, 0, clock.Zone))
	s := &site{t: t, keeper: calendar.NewKeeper(calendarsql.New(db, nil), now)}
	catalogue, err := i18n.Load(ui.Messages, web.Messages, calendar.Messages, calendarweb.Messages, calendarnode.Messages)
	if err != nil {
		t.Fatal(err)
	}
	frame := func(r *http.Request) ui.Frame {
		return ui.Frame{Node: ui.Node{Name: "Thái Nguyên"}, Here: r.URL.RequestURI()}
	}
	pages := calendarweb.New(calendarweb.Shell{
		Keeper: s.keeper, Names: names{}, Clock: now, Frame: frame,
		Moved: func(_ context.Context, limit int) ([]calendarweb.Moved, error) {
			return s.moves[:min(limit, len(s.moves))], nil
		},
	})
	load := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			as := role
			if h := r.Header.Get("X-Role"); h != "" {
				as = h
			}
			if as != "nobody" {
				r = r.WithContext(actor.With(r.Context(), actor.Actor{Account: "1", Login: "quantri", Roles: []string{as}}))
			}
			next.ServeHTTP(w, r)
		})
	}
	rt := web.NewRouter(web.Config{Log: slog.New(slog.DiscardHandler), Messages: catalogue, Frame: frame, Within: []web.Middleware{load}})
	rt.Mount(pages.Routes()...)
	mux := http.NewServeMux()
	mux.Handle(assets.Prefix, assets.Handler())
	mux.Handle("/", rt.Handler())
	s.handler = mux
	return s
}

type answer struct {
	status int
	header http.Header
	body   string
}

var tags = regexp.MustCompile(`<[^>]*>|\s+`)

// text is what a reader sees of a page.
func (a answer) text() string {
	return strings.Join(strings.Fields(tags.ReplaceAllString(a.body, " ")), " ")
}

// call makes a request in English as somebody with a role; form nil is a GET.
func (s *site) call(role, path string, form url.Values) answer {
	s.t.Helper()
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

func TestYear(t *testing.T) {
	t.Parallel()
	s := newSite(t, "official")
	tests := []struct {
		path   string
		status int
		want   []string
		not    string
	}{
		{"/calendar", 200, []string{
			"Working calendar 2026", "2026 has 250 working days, 2 of them made up for; 13 weekdays are off",
			"24 November 2026 (working day, Day of Vietnamese Culture)", "07:30–11:30, 13:00–17:00 (the program&#39;s default",
			"Saturday, 10 January 2026 worked in exchange for a day off, in exchange for 2 January 2026", "Nobody has changed the calendar",
			"16 : Tết, the Lunar New Year",
		}, "are not published yet"},
		{"/calendar?year=2024", 200, []string{"2024 has 251 working days, 1 of them made up for"}, "Not confirmed"},
		{"/calendar?year=2028", 200, []string{"The official days off of 2028 are not published yet", "by the Labour Code, provisional"}, ""},
		{"/calendar?year=2000", 200, []string{"Working calendar 2000"}, ">1999<"},
		{"/calendar?year=1999", 404, nil, ""},
		{"/calendar?year=2100", 404, nil, ""},
		{"/calendar?year=x", 404, nil, ""},
	}
	for _, tt := range tests {
		got := s.call("official", tt.path, nil)
		if got.status != tt.status {
			t.Errorf("%s: status %d, want %d", tt.path, got.status, tt.status)
		}
		for _, want := range tt.want {
			if !strings.Contains(got.text(), want) {
				t.Errorf("%s lacks %q:\n%s", tt.path, want, got.text())
			}
		}
		if tt.not != "" && strings.Contains(got.body, tt.not) {
			t.Errorf("%s has %q", tt.path, tt.not)
		}
	}
}

func TestWhoMay(t *testing.T) {
	t.Parallel()
	s := newSite(t, "nobody")
	for _, tt := range []struct {
		role, path string
		form       url.Values
		want       int
	}{
		{"nobody", "/calendar", nil, 303},
		{"official", "/calendar", nil, 200},
		{"official", "/calendar/change", nil, 403},
		{"official", "/calendar/change/off", nil, 403},
		{"official", "/calendar/change/off", url.Values{"date": {"7/12/2026"}, "basis": {"QĐ 1"}, "confirm": {"yes"}, "version": {"0"}}, 403},
		{"administrator", "/calendar/change", nil, 200},
		{"administrator", "/calendar/change/off", nil, 200},
		{"administrator", "/calendar/change/party", nil, 404},
	} {
		if got := s.call(tt.role, tt.path, tt.form); got.status != tt.want {
			t.Errorf("%s as %s: status %d, want %d", tt.path, tt.role, got.status, tt.want)
		}
	}
	if body := s.call("official", "/calendar", nil).body; strings.Contains(body, `href="/calendar/change"`) {
		t.Error("who may not change it is led to the change")
	}
}

// An administrator sees what a change would do, does it, and it stands on the year's page.
func TestChange(t *testing.T) {
	t.Parallel()
	s := newSite(t, "administrator")
	const path = "/calendar/change/afternoon_off"
	form := url.Values{"date": {"31/12/2026"}, "basis": {"CV 77/UBND-VP (dữ liệu mẫu)"}, "note": {"Tổng kết năm"}}

	seen := s.call("administrator", path, form)
	for _, want := range []string{
		"The afternoon of 31 December 2026 is off", "Days whose working time changes: 1.",
		"Thursday, 31 December 2026 working day · 07:30–11:30, 13:00–17:00 half a working day, 07:30–11:30", "CV 77/UBND-VP",
	} {
		if seen.status != 200 || !strings.Contains(seen.text(), want) {
			t.Errorf("status %d, the preview lacks %q:\n%s", seen.status, want, seen.text())
		}
	}
	if c, err := s.keeper.Calendar(t.Context()); err != nil || c.Version() != 0 {
		t.Fatalf("looking has changed it: %v", err)
	}

	form.Set("version", "0")
	form.Set("confirm", "yes")
	if got := s.call("administrator", path, form); got.status != 303 || got.header.Get("Location") != "/calendar?year=2026" {
		t.Fatalf("status %d, %s:\n%s", got.status, got.header, got.text())
	}
	page := s.call("official", "/calendar", nil).text()
	for _, want := range []string{
		"The afternoon of 31 December 2026 is off", "người có mã 1", "Tổng kết năm · Document: CV 77/UBND-VP",
		"half a working day, 07:30–11:30 Tổng kết năm · CV 77/UBND-VP",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the year lacks %q:\n%s", want, page)
		}
	}
	// The second click, and somebody else's page of before.
	if got := s.call("administrator", path, form); got.status != 422 {
		t.Errorf("the same again: status %d", got.status)
	}
	form.Set("date", "30/12/2026")
	if got := s.call("administrator", path, form); got.status != 409 {
		t.Errorf("from a page of before: status %d", got.status)
	}
}

func TestFaultsStayInTheForm(t *testing.T) {
	t.Parallel()
	s := newSite(t, "administrator")
	for _, tt := range []struct {
		kind string
		form url.Values
		want string
	}{
		{"off", url.Values{"date": {"31/02/2026"}, "basis": {"QĐ 1"}}, "31/02/2026"},
		{"off", url.Values{"date": {"6/12/2026"}, "basis": {""}}, "Enter the document"},
		{"off", url.Values{"date": {""}, "basis": {"QĐ 1"}}, "Enter a day from 1 January 2000"},
		{"work", url.Values{"date": {"7/12/2026"}, "basis": {"QĐ 1"}}, "is not a weekly day off"},
		{"hours", url.Values{"date": {"1/1/2027"}, "basis": {"QĐ 1"}, "spans": {"7h30"}}, "“7h30” is not a span"},
		{"hours", url.Values{"date": {"1/1/2027"}, "basis": {"QĐ 1"}, "spans": {"13:00-17:00"}}, "needs a morning"},
		{"official", url.Values{"year": {"hai nghìn"}, "basis": {"QĐ 1"}}, "hai nghìn"},
		{"official", url.Values{"year": {"2026"}, "basis": {"QĐ 1"}}, "leave the calendar as it is"},
	} {
		got := s.call("administrator", "/calendar/change/"+tt.kind, tt.form)
		if got.status != 422 || !strings.Contains(got.text(), tt.want) {
			t.Errorf("%s %v: status %d, want %q:\n%s", tt.kind, tt.form, got.status, tt.want, got.text())
		}
		if basis := tt.form.Get("basis"); basis != "" && !strings.Contains(got.body, `value="`+basis+`"`) {
			t.Errorf("%s %v: what was typed is lost", tt.kind, tt.form)
		}
	}
}

// The pages in a real browser: nothing is cut at the right, axe finds nothing.
func TestInBrowser(t *testing.T) {
	t.Parallel()
	ctx := uitest.Browser(t)
	s := newSite(t, "administrator")
	if _, _, err := s.keeper.Change(t.Context(), actor.OfSystem(calendar.Administrator), 0, calendar.Change{
		Kind: calendar.ChangeAfternoonOff, Date: clock.MustDate("2026-12-31"), Basis: "CV 77/UBND-VP (dữ liệu mẫu)", Note: "Tổng kết năm",
	}); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(s.handler)
	defer server.Close()
	for _, at := range []struct {
		path, lang string
		width      int64
	}{
		{"/calendar", "vi", uitest.Phone},
		{"/calendar", "en", uitest.Desktop},
		{"/calendar?year=2027", "vi", uitest.Desktop},
		{"/calendar/change", "vi", uitest.Phone},
		{"/calendar/change/hours", "en", uitest.Phone},
	} {
		sep := "?"
		if strings.Contains(at.path, "?") {
			sep = "&"
		}
		uitest.Open(t, ctx, server.URL+at.path+sep+"lang="+at.lang, at.width)
		uitest.Check(t, ctx)
	}
}

// TestMoved: an administrator sees whose deadlines changes moved, and nobody else does.
func TestMoved(t *testing.T) {
	t.Parallel()
	s := newSite(t, "administrator")
	if got := s.call("official", "/calendar/moved", nil); got.status != http.StatusForbidden {
		t.Errorf("an official sees %d", got.status)
	}
	none := s.call("administrator", "/calendar/moved", nil)
	if none.status != http.StatusOK || !strings.Contains(none.text(), "No change of the calendar has moved") {
		t.Errorf("nothing moved: %d %s", none.status, none.text())
	}
	if got := s.call("administrator", "/calendar", nil); strings.Contains(got.body, "/calendar/moved") {
		t.Error("a calendar that nobody changed speaks of what was moved")
	}
	at := func(day, hour int) time.Time { return time.Date(2026, 12, day, hour, 0, 0, 0, clock.Zone) }
	s.moves = []calendarweb.Moved{{Code: "H55.12-1", At: at(1, 9), From: at(2, 17), To: at(3, 17)}, {Code: "H55.12-2", At: at(1, 8)}}
	text := s.call("administrator", "/calendar/moved", nil).text()
	for _, want := range []string{"moved 2 deadlines", "H55.12-1", "2 December 2026", "3 December 2026", "H55.12-2", "clock stands still"} {
		if !strings.Contains(text, want) {
			t.Errorf("lacks %q: %s", want, text)
		}
	}
	for len(s.moves) <= 500 {
		s.moves = append(s.moves, s.moves[1])
	}
	if text := s.call("administrator", "/calendar/moved", nil).text(); !strings.Contains(text, "the latest 500") || strings.Count(text, "H55.12-") != 500 {
		t.Errorf("of 501 are listed %d", strings.Count(text, "H55.12-"))
	}
	change := url.Values{"date": {"01/12/2026"}, "basis": {"QĐ 1"}, "version": {"0"}, "confirm": {"yes"}}
	if got := s.call("administrator", "/calendar/change/off", change); got.status != http.StatusSeeOther {
		t.Fatalf("the change: %d %s", got.status, got.text())
	}
	if got := s.call("administrator", "/calendar", nil); !strings.Contains(got.body, `href="/calendar/moved"`) {
		t.Error("the calendar does not lead to what was moved")
	}
	if got := s.call("official", "/calendar", nil); strings.Contains(got.body, "/calendar/moved") {
		t.Error("an official is led to what they may not see")
	}
}
