package sessionweb_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"dean06/internal/platform/session"
	"dean06/internal/platform/sqldb/sqldbtest"
)

// TestForcedSecondFactor: who must have a second factor is led to it from any page, comes back to
// where they wanted to go, and nothing else opens before.
func TestForcedSecondFactor(t *testing.T) {
	t.Parallel()
	h := handlerWith(t, sqldbtest.OpenSQLite(t), session.Options{Node: "board", Roles: []session.Role{
		{Code: "administrator", Second: true}, {Code: "focal_point"},
	}}, nil)
	srv := httptest.NewServer(h)
	defer srv.Close()
	admin := open(t, srv.URL)
	admin.post("/sign-in", "login", "quantri", "password", goodPassword, "next", "/accounts")
	admin.isAt("/account/code/begin?next=%2Faccounts")
	admin.find("Vai trò của bạn cần xác thực hai bước")
	for _, page := range []string{
		"/account", "/accounts", "/accounts/new", "/accounts/tokens", "/account/password", "/account/code/off", "/account/code/recovery",
	} {
		admin.do(200, "GET", page)
		if at := admin.at; !strings.HasPrefix(at, "/account/code/begin?next=") {
			t.Errorf("%s opens: %s", page, at)
		}
	}
	admin.do(401, "POST", "/accounts/tokens", "name", "Cổng dịch vụ công", "agency", "H55", "scopes", "returns.read")
	admin.get("/account/code/begin?next=%2Faccounts&lang=en")
	admin.find("Your role needs two-step sign-in")
	admin.get("/account/code/begin?next=%2Faccounts&lang=vi")
	admin.get("/account/code?next=%2Faccounts") // not begun: back to the password
	admin.isAt("/account/code/begin?next=%2Faccounts")
	admin.do(422, "POST", "/account/code/begin", "password", "sai", "next", "/accounts")
	admin.find(`name="next" value="/accounts"`)
	admin.post("/account/code/begin", "password", goodPassword, "next", "/accounts")
	admin.isAt("/account/code?next=%2Faccounts")
	secret := strings.ReplaceAll(admin.find(`<strong>([A-Z2-7 ]{20,})</strong>`), " ", "")
	admin.do(422, "POST", "/account/code", "code", "12345", "next", "/accounts")
	code, err := totp.GenerateCode(secret, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	admin.post("/account/code", "code", code, "next", "https://evil.example/")
	admin.find(`<strong>([a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4})</strong>`)
	admin.find(`href="/account"`)
	admin.get("/accounts")
	admin.isAt("/accounts")
	admin.get("/account/code/off")
	admin.find("phải bật lại ngay")
	admin.post("/account/code/off", "password", goodPassword)
	admin.isAt("/account/code/begin?next=%2Faccount")

	other := open(t, srv.URL)
	other.post("/sign-in", "login", "daumoi", "password", goodPassword, "next", "/?x=3")
	other.isAt("/?x=3")
}
