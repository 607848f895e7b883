package readinessapi_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"dean06/internal/platform/i18n"
	"dean06/internal/readiness/readinessapi"
)

// document is the part of an OpenAPI document that the tests look at.
type document struct {
	OpenAPI string
	Info    struct{ Title, Version string }
	Paths   map[string]map[string]struct {
		OperationID string
		Summary     string
		Parameters  []struct {
			Name, In, Description string
			Required              bool
			Schema                map[string]any
		}
		RequestBody *struct{ Content map[string]any }
		Responses   map[string]struct {
			Content map[string]struct {
				Schema struct {
					Ref string `json:"$ref"`
				}
			}
		}
	}
	Components struct {
		Schemas         map[string]any
		SecuritySchemes map[string]struct{ Type, Scheme string }
	}
}

func openAPI(t *testing.T, s *site) (document, string) {
	t.Helper()
	a := s.call(t, "", "GET", "/api/openapi.json", nil)
	if a.status != http.StatusOK {
		t.Fatalf("document: %d %s", a.status, a.body)
	}
	var d document
	a.into(t, &d)
	return d, a.body
}

var filled = strings.NewReplacer(
	"{campaign}", "488", "{agency}", "H55", "{version}", "1", "{template}", "488", "{group}", "provinces",
	"{figure}", "all_five",
)

// Every call that the document lists is held against every sort of caller: a
// call that is added later is in the table by itself.
func TestWhoMayCallWhat(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	doc, _ := openAPI(t, s)
	const body = `{"answers":[],"contact":{}}`
	calls := 0
	for path, methods := range doc.Paths {
		for method, op := range methods {
			calls++
			method, address := strings.ToUpper(method), filled.Replace(path)
			ofAgency, open := strings.Contains(path, "{agency}"), true
			for _, closed := range []string{"/returns", "/figures", "/change", "/values"} {
				open = open && !strings.Contains(path, closed)
			}
			expect := func(who string, want ...int) {
				t.Helper()
				var in any
				if method != http.MethodGet {
					in = body
				}
				got := s.call(t, who, method, address, in)
				for _, w := range want {
					if got.status == w {
						if w >= 400 {
							problemOf(t, got)
						}
						return
					}
				}
				t.Errorf("%s %s (%s) by %q: %d, want %v", method, path, op.OperationID, who, got.status, want)
			}
			expect("", http.StatusUnauthorized)
			switch {
			case open:
				expect("H55", http.StatusOK)
			default:
				expect("H55", http.StatusForbidden)
				expect("H55 returns:other", http.StatusForbidden)
				if method == http.MethodGet {
					expect("@kiemtoan auditor", http.StatusOK) // reads, and changes nothing
				} else {
					expect("@kiemtoan auditor", http.StatusForbidden)
				}
				expect("@quantri administrator", http.StatusForbidden)
			}
			if ofAgency {
				expect(giaoDuc, http.StatusNotFound)
				expect("@baclieu focal_point", http.StatusNotFound)
			}
			if strings.Contains(path, "/figures") {
				expect("@baclieu focal_point", http.StatusForbidden)
				expect("H55 figures:read", http.StatusOK)
			}
			if method == http.MethodPut {
				expect("H55 returns:read figures:read", http.StatusForbidden)
				expect(leader, http.StatusForbidden)
				expect("@dieuphoi coordinator", http.StatusForbidden)
			} else {
				expect(leader, http.StatusOK)
			}
		}
	}
	if calls < 9 {
		t.Errorf("the document lists %d calls", calls)
	}
}

var reference = regexp.MustCompile(`"\$ref":"#/components/schemas/([^"]+)"`)

func TestDocument(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	doc, raw := openAPI(t, s)
	if doc.OpenAPI != "3.1.0" || doc.Info.Title == "" || doc.Info.Version == "" || doc.Components.SecuritySchemes["token"].Scheme != "bearer" {
		t.Errorf("head %+v", doc.Info)
	}
	for _, m := range reference.FindAllStringSubmatch(raw, -1) {
		if doc.Components.Schemas[m[1]] == nil {
			t.Errorf("nothing defines %s", m[1])
		}
	}
	if strings.Contains(raw, "ErrorModel") || !json.Valid([]byte(raw)) {
		t.Error("the document describes errors that the API does not give")
	}
	ids := map[string]bool{}
	for path, methods := range doc.Paths {
		for method, op := range methods {
			if ids[op.OperationID] || op.Summary == "" || strings.HasPrefix(op.Summary, "api.") {
				t.Errorf("%s %s: id %q, summary %q", method, path, op.OperationID, op.Summary)
			}
			ids[op.OperationID] = true
			in := map[string]bool{}
			for _, p := range op.Parameters {
				in["{"+p.Name+"}"] = p.In == "path" && p.Required
				if p.Description == "" || strings.HasPrefix(p.Description, "api.") || p.Schema["type"] == nil {
					t.Errorf("%s: parameter %+v", op.OperationID, p)
				}
			}
			for _, m := range regexp.MustCompile(`\{\w+\}`).FindAllString(path, -1) {
				if !in[m] {
					t.Errorf("%s: nothing describes %s", op.OperationID, m)
				}
			}
			if op.Responses["200"].Content == nil {
				t.Errorf("%s has no answer 200", op.OperationID)
			}
			for _, status := range []string{"401", "403", "404", "500"} {
				if ref := op.Responses[status].Content["application/problem+json"].Schema.Ref; ref != "#/components/schemas/Problem" {
					t.Errorf("%s: answer %s is %q", op.OperationID, status, ref)
				}
			}
			if (method == "put") != (op.RequestBody != nil) {
				t.Errorf("%s: body %v", op.OperationID, op.RequestBody)
			}
		}
	}
	if a := s.call(t, "", "GET", "/api/openapi.yaml", nil); a.status != http.StatusOK || !strings.Contains(a.body, "openapi: 3.1.0") {
		t.Errorf("yaml: %d", a.status)
	}
}

func TestLanguageOfProblems(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for lang, want := range map[string]string{
		"vi": "Lệnh gọi không có mã truy cập hợp lệ", "en-GB,en;q=0.8": "The call has no valid token", "": "Lệnh gọi không có",
	} {
		r := httptest.NewRequest("GET", "/api/v1/campaigns", nil)
		r.Header.Set("Accept-Language", lang)
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, r)
		if !strings.Contains(w.Body.String(), want) || w.Header().Get("WWW-Authenticate") == "" {
			t.Errorf("%q: %s", lang, w.Body)
		}
	}
}

func TestPageToTryIt(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	list := s.call(t, "", "GET", "/api", nil)
	for _, want := range []string{"/api?call=getFigures", "/api/openapi.json", "You are not signed in"} {
		if !strings.Contains(list.body, want) {
			t.Errorf("the list lacks %q", want)
		}
	}
	got := s.call(t, leader, "GET", "/api?call=getFigures&try=1&campaign=488", nil)
	if !strings.Contains(got.body, "200 OK") || !strings.Contains(got.body, "&#34;respondents&#34;: 1") {
		t.Errorf("figures tried: %s", got.body)
	}
	if got := s.call(t, "", "GET", "/api?call=getFigures&try=1&campaign=488", nil); !strings.Contains(got.body, "401 Unauthorized") {
		t.Errorf("unsigned: %s", got.body)
	}
	// A link hands in nothing; a form does, with the rights of who sends it.
	form := url.Values{"call": {"submitReturn"}, "try": {"1"}, "campaign": {"488"}, "agency": {"H55"}, "body": {`{"answers":[],"contact":{}}`}}
	if got := s.call(t, thaiNguyen, "GET", "/api?"+form.Encode(), nil); strings.Contains(got.body, "422 Unprocessable") {
		t.Error("a link made a call that changes something")
	}
	for who, want := range map[string]string{leader: "403 Forbidden", giaoDuc: "404 Not Found", thaiNguyen: "422 Unprocessable Entity"} {
		r := httptest.NewRequest("POST", "/api", strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Authorization", "Bearer "+who)
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, r)
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %s", who, w.Body)
		}
	}
	if got := s.call(t, "", "GET", "/api?call=none", nil); got.status != http.StatusNotFound {
		t.Errorf("an unknown call: %d", got.status)
	}
}

func TestMessages(t *testing.T) {
	t.Parallel()
	if _, err := i18n.Load(readinessapi.Messages); err != nil {
		t.Error(err)
	}
}
