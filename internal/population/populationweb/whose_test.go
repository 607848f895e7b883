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

// TestUnboundIsToldToSignIn: whatever an account asks for that is nobody's, it is told why it
// gets nothing, and how to sign in; it is led nowhere by itself, so that nothing goes round.
func TestUnboundIsToldToSignIn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, path := range []string{"/my-data", "/my-data/lookups", "/my-data/lookups/000998"} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			if path == "/my-data/lookups" && method == http.MethodPost {
				continue
			}
			a := s.do("unbound", httptest.NewRequest(method, path, nil))
			s.want(a, http.StatusForbidden, "không gắn với người nào", "Đăng nhập bằng định danh điện tử",
				`href="/sign-in/identity?next=`+url.QueryEscape(path)+`"`)
			s.wantNot(a, "Nguyễn Văn Thử", "Thái Nguyên", "001090000001")
		}
	}
	english := s.get("unbound", "/my-data?lang=en")
	s.want(english, http.StatusForbidden, "bound to no person", "Sign in with your electronic identity")
	for _, gone := range []string{"/my-data/bind", "/people/bindings"} { // nobody is bound here
		for _, role := range []string{"unbound", "citizen", "registrar"} {
			s.want(s.get(role, gone), http.StatusNotFound)
		}
	}

	alone := newSiteWith(t, newRegister(), "")
	a := alone.get("unbound", "/my-data")
	alone.want(a, http.StatusForbidden, "không gắn với người nào", "chưa mở đăng nhập bằng định danh điện tử")
	alone.wantNot(a, "/sign-in/identity")
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
