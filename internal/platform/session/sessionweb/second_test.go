package sessionweb_test

import (
	"errors"
	"net/http/httptest"
	"strings"
	"testing"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/approval"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/session"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
)

func TestPagesPartTheDuties(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		if err := errors.Join(jobs.Migrate(t.Context(), db), approval.Migrate(t.Context(), db)); err != nil {
			t.Fatal(err)
		}
		var second *approval.Service
		srv := httptest.NewServer(handlerWith(t, db, session.Options{Node: "board", Roles: []session.Role{
			{Code: session.Administrator}, {Code: "focal_point"}, {Code: "registrar", Personal: true}, {Code: "citizen", Bound: true},
		}}, func(s *session.Service) {
			second = approval.New(db, clock.System{}, approval.Options{Accounts: s, SamePerson: s.SamePerson})
			s.Join(session.Needs{Approvals: second})
			if err := s.Seed(t.Context(),
				session.SeedAccount{Password: goodPassword, Draft: session.Draft{
					Login: "quantri2", Name: "Lê Văn Hai", Roles: []string{"administrator"},
				}},
				session.SeedAccount{Password: goodPassword, Draft: session.Draft{
					Login: "001090000001", Name: "Kẻ Mạo Danh", Roles: []string{"citizen"},
				}},
			); err != nil {
				t.Fatal(err)
			}
		}))
		t.Cleanup(srv.Close)
		one, two := open(t, srv.URL), open(t, srv.URL)
		one.post("/sign-in", "login", "quantri", "password", goodPassword)
		two.post("/sign-in", "login", "quantri2", "password", goodPassword)
		page := func(b *browser, q string) string {
			b.get("/accounts?q=" + q)
			return b.find(`href="(/accounts/[0-9a-f-]{36})"`)
		}

		// One's own roles.
		mine := page(one, "quantri2")
		two.get(mine)
		two.do(403, "POST", mine, "version", two.find(`name="version" value="(\d+)"`), "name", "Lê Văn Hai",
			"roles", "administrator", "roles", "registrar", "active", "yes", "reason", "x")
		two.find("Không ai tự thêm")

		// Somebody else's: the login is text, the role waits.
		path := page(one, "daumoi")
		one.get(path)
		if strings.Contains(one.body, `id="login"`) {
			t.Error("the login can be typed")
		}
		one.find(`registrar[^<]*|cần người thứ hai duyệt`)
		one.post(path, "version", one.find(`name="version" value="(\d+)"`), "name", "Nguyễn Văn Mẫu", "agency", "H55",
			"roles", "focal_point", "roles", "registrar", "active", "yes", "reason", "Quyết định 12")
		first := one.find(`<code[^>]*>([^<]+)</code>`)
		one.find("Đây mới là nửa đầu")
		one.get(path)
		one.find("Đang chờ người thứ hai")
		one.do(409, "POST", path+"/reset")
		one.do(404, "POST", path+"/second-half")
		waiting, err := second.Find(t.Context(), approval.Filter{State: approval.Open})
		if err != nil || len(waiting) != 1 {
			t.Fatalf("waiting: %v, %v", waiting, err)
		}
		decider := actor.Actor{Account: strings.TrimPrefix(mine, "/accounts/"), Via: actor.Password}
		if _, err := second.Approve(t.Context(), decider, waiting[0].ID); err != nil {
			t.Fatal(err)
		}
		one.do(403, "POST", path+"/second-half")
		two.get(path)
		two.find("Nhận nửa sau")
		two.post(path + "/second-half")
		rest := two.find(`<code[^>]*>([^<]+)</code>`)
		user := open(t, srv.URL)
		user.post("/sign-in", "login", "daumoi", "password", first+" "+rest)
		user.isAt("/account/password")

		// What may be a person's number is masked, and bound to nobody.
		other := page(one, "mao+danh")
		one.find(`•••••••••001`)
		one.get(other)
		one.find("Chưa gắn với ai")
		if strings.Contains(one.body, "001090000001") {
			t.Error("an administrator sees a number")
		}
	})
}
