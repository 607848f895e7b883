package populationweb_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"dean06/internal/population"
)

// unbound is an account with the role of a citizen that was bound to nobody.
func (s *site) unbound(method, path string, pairs ...string) answer {
	s.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("X-Unbound", "1")
	return s.do("citizen", r)
}

// TestUnboundSeesHowToBeBound: whatever an account asks for whose holder proved nothing,
// it is led to the page that says how to.
func TestUnboundSeesHowToBeBound(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, path := range []string{"/my-data", "/my-data/lookups", "/my-data/lookups/000998"} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			if path == "/my-data/lookups" && method == http.MethodPost {
				continue
			}
			a := s.unbound(method, path)
			s.want(a, http.StatusSeeOther)
			if got := a.header.Get("Location"); got != "/my-data/bind" {
				t.Errorf("%s %s led to %s", method, path, got)
			}
			s.wantNot(a, "Nguyễn Văn Thử", "Thái Nguyên")
		}
	}
	a := s.unbound(http.MethodGet, "/my-data/bind")
	s.want(a, http.StatusOK, "Số sê-ri của thẻ", "Nhờ cán bộ gắn")
	s.wantNot(a, "Nguyễn Văn Thử", "001090000001")
	s.want(s.get("citizen", "/my-data/bind"), http.StatusSeeOther) // is bound
}

func TestProve(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	fill := func(pairs ...string) []string {
		return append([]string{"name", "Nguyễn Văn Thử", "birth", "01/01/1990"}, pairs...)
	}
	post := func(pairs ...string) answer { return s.unbound(http.MethodPost, "/my-data/bind", pairs...) }
	s.want(post(fill()...), http.StatusUnprocessableEntity, `href="#number"`, `value="Nguyễn Văn Thử"`)
	s.want(post(fill("number", "12")...), http.StatusUnprocessableEntity, `href="#number"`, "12 chữ số")
	s.want(post("number", "001090000001", "birth", "hôm qua"), http.StatusUnprocessableEntity, `href="#birth"`)
	no := post(fill("number", "001090000001", "serial", "B2", "confirm", "1")...)
	s.want(no, http.StatusUnprocessableEntity, "không khớp", `href="#number"`)
	s.want(post(fill("number", "001090000001", "serial", "many", "confirm", "1")...), http.StatusTooManyRequests, "5 lần trong 24 giờ")
	yes := post(fill("number", "001090000001", "serial", "A1", "confirm", "1")...)
	s.want(yes, http.StatusSeeOther)
	if got := yes.header.Get("Location"); got != "/my-data/lookups" {
		t.Errorf("led to %s", got)
	}
}

func TestOfficerBinds(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.want(s.unbound(http.MethodPost, "/my-data/bind/ask", "ask_number", "1"), http.StatusUnprocessableEntity, `href="#ask_number"`)
	s.want(s.unbound(http.MethodPost, "/my-data/bind/ask", "ask_number", "001090000001"), http.StatusSeeOther)
	waiting := s.unbound(http.MethodGet, "/my-data/bind")
	s.want(waiting, http.StatusOK, "đang chờ cán bộ", "001*******01")
	s.wantNot(waiting, "001090000001")

	list := s.get("registrar", "/people/bindings")
	s.want(list, http.StatusOK, "tên đăng nhập unbound", "001*******01")
	s.wantNot(list, "001090000001")
	s.begin()
	page := s.find("Nguyễn Văn Thử")
	s.want(s.get("registrar", page), http.StatusOK, "Có tài khoản đề nghị được gắn với người này", "tên đăng nhập unbound")
	form := s.get("registrar", page+"/bind")
	s.want(form, http.StatusOK, "Nguyễn Văn Thử", "Anh chị đã xem thẻ nào?")
	request := regexp.MustCompile(`name="request"[^>]*value="([^"]+)"`).FindStringSubmatch(form.body)
	if request == nil {
		t.Fatal("no account to choose")
	}
	s.want(s.post("registrar", page+"/bind", "request", request[1]), http.StatusUnprocessableEntity, `href="#card"`)
	s.want(s.post("registrar", page+"/bind", "request", request[1], "card", "CC"), http.StatusSeeOther)
	s.want(s.get("registrar", page+"/bind"), http.StatusOK, "Không có tài khoản nào đang chờ")
}

func TestExportIsAsked(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.want(
		s.get("administrator", "/people/exports"), http.StatusOK, "Chuyển hệ thống", "Đã xuất lúc", "Hết hạn", "Chưa xuất", "Thành phố Hà Nội",
	)
	s.want(s.post("administrator", "/people/exports"), http.StatusUnprocessableEntity, `href="#purpose"`)
	s.want(s.post("administrator", "/people/exports", "purpose", "x", "until", "hôm qua"), http.StatusUnprocessableEntity, `href="#until"`)
	done := s.post("administrator", "/people/exports", "purpose", "Chuyển hệ thống", "until", "30/11/2026")
	s.want(done, http.StatusSeeOther)
	s.want(s.get("administrator", done.header.Get("Location")), http.StatusOK, "population export --request q-export")
}

// TestAdministratorSeesNobody walks all pages on the register itself as an administrator,
// and as one who gave themselves the role of a citizen: none shows anybody.
func TestAdministratorSeesNobody(t *testing.T) {
	t.Parallel()
	reg, all := realRegister(t, 300)
	s := newSiteOf(t, reg)
	s.begin()
	person := s.address(thu)
	s.want(s.get("registrar", person), http.StatusOK, "Nguyễn Văn Thử")
	handle := strings.TrimPrefix(person, "/people/person/")
	part := regexp.MustCompile(`{(\w+)}`)
	for _, role := range []string{"administrator", "administrator+citizen"} {
		s.jars[role] = s.jars["registrar"]
		for _, route := range s.routes {
			method, path, _ := strings.Cut(route.Pattern, " ")
			path = part.ReplaceAllStringFunc(path, func(name string) string {
				switch name {
				case "{person}":
					return handle
				case "{kind}":
					return string(population.NameChange)
				}
				return "1"
			})
			for _, query := range []string{"", "?q=nguyen+van+thu&on=01/01/2020&officer=registrar"} {
				a := s.do(role, httptest.NewRequest(method, path+query, nil))
				for _, p := range all[:100] {
					if strings.Contains(a.text(), p.Name) || strings.Contains(a.body, p.Number.Reveal()) {
						t.Fatalf("%s as %s shows %s", route.Pattern, role, p.Number)
					}
				}
			}
		}
	}
}
