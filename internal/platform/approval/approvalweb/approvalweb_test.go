package approvalweb_test

import (
	"context"
	"html"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/approval"
	"dean06/internal/platform/approval/approvalweb"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/ui/uitest"
	"dean06/internal/platform/web"
)

type book []approval.Account

func (b book) Holding(_ context.Context, _ sqldb.Queryer, roles ...string) ([]approval.Account, error) {
	return slices.DeleteFunc(slices.Clone(b), func(a approval.Account) bool { return !a.Active || !a.Has(roles...) }), nil
}

func (b book) ByID(_ context.Context, _ sqldb.Queryer, id string) (approval.Account, error) {
	if i := slices.IndexFunc(b, func(a approval.Account) bool { return a.ID == id }); i >= 0 {
		return b[i], nil
	}
	return approval.Account{}, fault.New(fault.NotFound, "session.account.unknown", nil)
}

// words are the names that modules give.
var words = fstest.MapFS{
	"vi.json": {Data: []byte(`{"approval.kind.account.roles":"Vai trò của tài khoản","test.says":"Cấp vai trò {role} cho Vũ Em",
		"test.broken":"Tài khoản đã đổi",
		"role.administrator":"Quản trị","role.registrar":"Cán bộ dân cư"}`)},
	"en.json": {Data: []byte(`{"approval.kind.account.roles":"Roles of an account","test.says":"Give Vũ Em the role {role}",
		"test.broken":"The account has changed",
		"role.administrator":"Administrator","role.registrar":"Registrar"}`)},
}

// site is a node with its pages, seen by one person after another.
type site struct {
	t       *testing.T
	h       http.Handler
	service *approval.Service
	db      *sqldb.DB
	book    book
	mu      sync.Mutex
	now     time.Time
	who     string
	broken  error
}

func (s *site) Now() time.Time { s.mu.Lock(); defer s.mu.Unlock(); return s.now }

func open(t *testing.T, db *sqldb.DB, accounts book) *site {
	t.Helper()
	for _, migrate := range []func(context.Context, *sqldb.DB) error{audit.Migrate, jobs.Migrate, approval.Migrate} {
		if err := migrate(t.Context(), db); err != nil {
			t.Fatal(err)
		}
	}
	cat, err := i18n.Load(ui.Messages, web.Messages, approval.Messages, words)
	if err != nil {
		t.Fatal(err)
	}
	s := &site{t: t, db: db, book: accounts, now: time.Date(2026, 3, 2, 5, 0, 0, 0, time.UTC)}
	s.service = approval.New(db, s, approval.Options{Accounts: s.book, Messages: cat})
	s.service.Allow(approval.Emergency{Role: "registrar", By: []string{"leader"}})
	s.service.Register(approval.Kind{
		Code: "account.roles", Deciders: []string{"administrator"}, Href: func(r approval.Request) string { return "/accounts/" + r.Subject },
		Apply: func(context.Context, *sqldb.Tx, approval.Request) error { return s.broken },
	})
	frame := func(r *http.Request) ui.Frame {
		f := ui.Frame{Here: r.URL.RequestURI(), Flash: web.FlashOf(r), Viewer: ui.Viewer{SignedIn: s.who != "", Name: s.who}}
		if err := approvalweb.Around(r.Context(), s.service, i18n.From(r.Context()), s.Now(), &f); err != nil {
			t.Error(err)
		}
		return f
	}
	as := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r.WithContext(actor.With(r.Context(), s.actor(s.who))))
		})
	}
	rt := web.NewRouter(web.Config{Log: slog.New(slog.DiscardHandler), Messages: cat, Frame: frame, Within: []web.Middleware{as}})
	pages := approvalweb.New(approvalweb.Shell{Service: s.service, Frame: frame, NodeName: func(_ context.Context, id string) string {
		return map[string]string{"VN/GOV/G06/TRUC": "Trục quốc gia"}[id]
	}})
	rt.Mount(pages.Routes()...)
	s.h = rt.Handler()
	return s
}

func (s *site) actor(id string) actor.Actor {
	a, err := s.book.ByID(context.Background(), nil, id)
	if err != nil {
		return actor.Actor{}
	}
	return actor.Actor{Account: a.ID, Login: a.Login, Name: a.Name, Roles: a.Roles, Via: actor.Password}
}

func (s *site) ask() approval.Request {
	s.t.Helper()
	var r approval.Request
	err := s.db.InTx(s.t.Context(), func(tx *sqldb.Tx) (err error) {
		r, err = s.service.Ask(s.t.Context(), tx, s.actor("an"), approval.Request{
			Kind: "account.roles", Subject: "em", Benefits: "em", SaysKey: "test.says",
			SaysArgs: fault.Args{"role": approval.Word("role.registrar")}, Reason: "thay <b>người</b> nghỉ",
		})
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

var tags = regexp.MustCompile(`<[^>]*>`)

// do asks for a page as somebody and gives its text; fields are of a form.
func (s *site) do(who, method, path string, status int, fields ...string) string {
	s.t.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	req := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	s.who = who
	w := httptest.NewRecorder()
	s.h.ServeHTTP(w, req)
	body := w.Body.String()
	if w.Code != status {
		s.t.Errorf("%s %s by %q: %d, want %d", method, path, who, w.Code, status)
	}
	if status != http.StatusSeeOther {
		for _, f := range uitest.Markup(body) {
			s.t.Errorf("%s %s by %q: %s", method, path, who, f)
		}
	}
	if to := w.Header().Get("Location"); to != "" {
		return to
	}
	return strings.Join(strings.Fields(html.UnescapeString(tags.ReplaceAllString(body, " "))), " ")
}

func (s *site) has(what, text string, want ...string) {
	s.t.Helper()
	for _, w := range want {
		if !strings.Contains(text, w) {
			s.t.Errorf("%s lacks %q:\n%s", what, w, text)
		}
	}
}

func staff() book {
	return book{
		{ID: "an", Name: "Nguyễn Văn An", Roles: []string{"administrator"}, Active: true},
		{ID: "binh", Name: "Trần Thị Bình", Roles: []string{"administrator"}, Active: true},
		{ID: "chi", Name: "Lê Chi", Roles: []string{"auditor"}, Active: true},
		{ID: "dung", Name: "Phạm Dũng", Roles: []string{"leader"}, Active: true},
		{ID: "em", Name: "Vũ Em", Roles: []string{"clerk"}, Active: true},
	}
}

func TestARequestFromThePageToItsEffect(t *testing.T) {
	t.Parallel()
	s := open(t, sqldbtest.OpenSQLite(t), staff())
	s.has("an empty list", s.do("an", "GET", "/approvals", 200), "Không có gì chờ anh/chị quyết định",
		"Yêu cầu được tạo ở trang của chính việc ấy")
	r := s.ask()
	at := r.Href()
	s.has("the list", s.do("binh", "GET", "/approvals", 200), "Cấp vai trò Cán bộ dân cư cho Vũ Em", "Nguyễn Văn An", "Chờ quyết định")
	s.has("the list in English", s.do("binh", "GET", "/approvals?lang=en", 200), "Give Vũ Em the role Registrar", "Waiting for my decision")
	page := s.do("binh", "GET", at, 200)
	s.has("the request", page, "Vai trò của tài khoản", "thay <b>người</b> nghỉ", "Vũ Em",
		"Một trong những người sau: Trần Thị Bình.", "Từ chối", "Mở trang")
	// Who may not decide is told why, and who can.
	page = s.do("an", "GET", at, 200)
	s.has("for the asker", page, "Không ai tự quyết định yêu cầu của chính mình", "Trần Thị Bình", "Rút yêu cầu")
	if strings.Contains(page, "Vì sao từ chối") {
		t.Error("the asker sees the buttons")
	}
	s.has("the asker decides", s.do("an", "POST", at+"/approve", 403), "Không ai tự quyết định", "Trần Thị Bình")
	s.has("a stranger", s.do("dung", "GET", at, 403), "Chỉ người liên quan")
	s.has("nobody", s.do("", "GET", at, 303), "/sign-in")
	s.has("for the auditor", s.do("chi", "GET", at, 200), "do người giữ vai trò khác quyết định", "Trần Thị Bình")
	s.has("refused without a why", s.do("binh", "POST", at+"/refuse", 422), "Hãy viết vì sao từ chối")
	s.broken = fault.New(fault.Conflict, "test.broken", nil)
	s.has("without effect", s.do("binh", "POST", at+"/approve", 409), "Tài khoản đã đổi",
		"không thành, chưa có gì thay đổi và yêu cầu vẫn chờ quyết định: Tài khoản đã đổi")
	s.broken = nil
	if to := s.do("binh", "POST", at+"/approve", 303); to != at {
		t.Errorf("leads to %s", to)
	}
	s.has("approved", s.do("binh", "GET", at, 200), "Đã phê duyệt", "Có hiệu lực", "Trần Thị Bình")
	s.has("a second opinion", s.do("binh", "POST", at+"/refuse", 409, "why", "thôi"), "Trần Thị Bình đã phê duyệt")
	// The one who gained hears of it.
	s.has("the header", s.do("em", "GET", "/approvals", 200), "Thông báo 1")
	s.has("notices", s.do("em", "GET", "/notices", 200),
		"Anh/chị được: Cấp vai trò Cán bộ dân cư cho Vũ Em. Nguyễn Văn An đề nghị, Trần Thị Bình phê duyệt.", "1 thông báo chưa đọc")
	s.do("em", "POST", "/notices/read", 303)
	if text := s.do("em", "GET", "/notices", 200); strings.Contains(text, "Đánh dấu đã đọc tất cả") {
		t.Error("still unread")
	}
	s.has("no notices", s.do("dung", "GET", "/notices", 200), "Chưa có thông báo nào")
	other := s.ask()
	s.do("an", "POST", other.Href()+"/withdraw", 303)
	s.has("withdrawn", s.do("binh", "POST", other.Href()+"/approve", 409), "Người đề nghị đã rút")
	third := s.ask()
	s.do("binh", "POST", third.Href()+"/refuse", 303, "why", "chưa có quyết định")
	s.has("refused", s.do("an", "GET", third.Href(), 200), "Đã từ chối", "chưa có quyết định")
	s.do("an", "GET", "/approvals/none", 404)
}

func TestEmergencyPages(t *testing.T) {
	t.Parallel()
	s := open(t, sqldbtest.OpenSQLite(t), staff())
	s.has("for who may not", s.do("em", "GET", "/approvals/emergency/new", 200), "không được tự nhận vai trò nào khác")
	s.has("none yet", s.do("chi", "GET", "/approvals/emergency", 200), "Chưa ai dùng quyền khẩn cấp")
	s.has("the form", s.do("dung", "GET", "/approvals/emergency/new", 200),
		"Chỉ dùng khi không kịp chờ người thứ hai", "Cán bộ dân cư", "24 giờ")
	const form = "/approvals/emergency/new"
	s.has("no role", s.do("dung", "POST", form, 422, "reason", "bão"), "Hãy chọn một vai trò", "bão")
	s.has("no reason", s.do("dung", "POST", form, 422, "role", "registrar", "hours", "2"), "Hãy viết lý do")
	for _, hours := range []string{"25", "0", "x", "99999999999"} {
		s.has("hours "+hours, s.do("dung", "POST", form, 422, "role", "registrar", "hours", hours, "reason", "bão"), "Nhiều nhất 24 giờ")
	}
	s.has("a role that is not theirs", s.do("dung", "POST", form, 403, "role", "administrator", "hours", "2", "reason", "bão"),
		"Hãy nhờ người quản trị")
	at := s.do("dung", "POST", form, 303, "role", "registrar", "hours", "2", "reason", "bão lớn")
	s.has("in red", s.do("dung", "GET", "/notices", 200),
		"Quyền khẩn cấp: anh/chị đang giữ vai trò Cán bộ dân cư đến 14:00 02/03/2026", "Khẩn cấp: Phạm Dũng tự nhận vai trò Cán bộ dân cư")
	s.has("its page", s.do("dung", "GET", at, 200), "Đang có hiệu lực, tự hết lúc 14:00 02/03/2026", "bão lớn", "Chưa xem", "Đề nghị gia hạn")
	s.has("again", s.do("dung", "POST", form, 409, "role", "registrar", "hours", "2", "reason", "vẫn bão"), "đề nghị gia hạn")
	s.has("another's", s.do("em", "GET", at, 403), "Chỉ kiểm toán và quản trị")
	s.has("to prolong without a reason", s.do("dung", "POST", at+"/prolong", 422), "Hãy viết lý do")
	wish := s.do("dung", "POST", at+"/prolong", 303, "reason", "vẫn bão")
	s.has("the wish", s.do("dung", "GET", wish, 200), "Phạm Dũng giữ vai trò Cán bộ dân cư thêm 24 giờ", "Không ai tự quyết định")
	s.do("chi", "POST", wish+"/approve", 303)
	s.has("the list", s.do("chi", "GET", "/approvals/emergency", 200), "2 lần ở trang này chưa xem", "Phạm Dũng", "bão lớn")
	s.has("not the auditor", s.do("an", "POST", at+"/read", 403), "Chỉ kiểm toán")
	s.do("chi", "POST", at+"/read", 303)
	s.has("looked at", s.do("chi", "GET", at, 200), "Lê Chi")
	s.do("an", "POST", at+"/end", 303)
	s.has("over", s.do("an", "POST", at+"/end", 409), "đã hết")
	s.has("ended", s.do("dung", "GET", at, 200), "Chấm dứt sớm bởi", "Nguyễn Văn An")
	s.do("an", "GET", "/approvals/emergency/none", 404)
}

func TestAWayThatIsBlockedIsSaid(t *testing.T) {
	t.Parallel()
	s := open(t, sqldbtest.OpenSQLite(t), slices.Delete(staff(), 1, 2))
	r := s.ask()
	s.has("alone", s.do("an", "GET", r.Href(), 200), "cần ít nhất hai người giữ vai trò Quản trị")
	s.service.Elsewhere(approval.Deputy{Self: "VN/GOV/H55/TTHC", Node: "VN/GOV/G06/TRUC"}, approval.Calls{
		Do: func(context.Context, string, string, string, []byte) (int, []byte, error) { return 503, nil, nil },
	})
	r = s.ask()
	s.has("waits", s.do("an", "GET", r.Href(), 200), "Chờ gửi tới Trục quốc gia; ở đó quyết định")
	list, err := jobs.List(t.Context(), s.db, jobs.Filter{State: jobs.Queued})
	if err != nil || len(list) != 1 {
		t.Fatalf("jobs: %v, %v", list, err)
	}
	if err := s.service.Jobs()[list[0].Kind](t.Context(), &jobs.Task{Job: list[0]}); err == nil {
		t.Error("sent")
	}
	page := s.do("an", "GET", r.Href(), 200)
	s.has("tried", page, "Chờ gửi tới Trục quốc gia, lần thử cuối 12:00 02/03/2026 chưa được", "answered 503")
}
