package readinessapi_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/platform/web"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinessapi"
)

const (
	thaiNguyen = "H55 returns:read returns:write figures:read"
	giaoDuc    = "G03 returns:read returns:write figures:read"
	leader     = "@lanhdao leader"
)

func TestReading(t *testing.T) {
	t.Parallel()
	s := newSite(t)

	var letters struct{ Campaigns []readiness.Campaign }
	s.call(t, thaiNguyen, "GET", "/api/v1/campaigns", nil).into(t, &letters)
	if n := len(letters.Campaigns); n != 2 {
		t.Errorf("%d letters, want 2", n)
	}
	var tpl readiness.Template
	s.call(t, thaiNguyen, "GET", "/api/v1/templates/488/1", nil).into(t, &tpl)
	if len(tpl.Rows) == 0 || tpl.Rows[0].Label.Vi == "" {
		t.Errorf("template has rows %+v", tpl.Rows)
	}

	var got readinessapi.Figures
	s.call(t, thaiNguyen, "GET", "/api/v1/campaigns/488/figures?combine=all", nil).into(t, &got)
	if got.Ministries["respondents"] != 1 || got.Provinces["respondents"] != 1 || got.Provinces["recipients"] != 2 ||
		got.ValidAt.IsZero() || got.Campaign != "488" {
		t.Errorf("figures %+v", got)
	}
	var behind readinessapi.FigureAgencies
	s.call(t, leader, "GET", "/api/v1/campaigns/488/figures/provinces/all_five", nil).into(t, &behind)
	if len(behind.Met)+len(behind.NotMet) != 1 ||
		cmp.Diff([]readinessapi.AgencyRef{{Code: "H04", Name: "Ủy ban nhân dân tỉnh Bạc Liêu"}}, behind.Missing) != "" {
		t.Errorf("behind the figure: %+v", behind)
	}
	// Before anybody was accepted nobody counted.
	s.call(t, leader, "GET", "/api/v1/campaigns/488/figures?as_of=2023-02-01", nil).into(t, &got)
	if got.Provinces["respondents"] != 0 {
		t.Errorf("respondents on the first of February: %v", got.Provinces)
	}

	var stored readiness.Stored
	s.call(t, thaiNguyen, "GET", "/api/v1/campaigns/488/returns/H55", nil).into(t, &stored)
	if stored.Agency != "H55" || stored.State != "accepted" || stored.Version != 1 || len(stored.Answers) == 0 {
		t.Errorf("stored %s %s %d with %d answers", stored.Agency, stored.State, stored.Version, len(stored.Answers))
	}
	phone := stored.Contact.Phone
	s.call(t, leader, "GET", "/api/v1/campaigns/488/returns/H55/versions/1", nil).into(t, &stored)
	if stored.Contact.Phone == phone || !strings.Contains(stored.Contact.Phone, "•") {
		t.Errorf("a leader reads the telephone %q", stored.Contact.Phone)
	}
}

func TestListOfReturns(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for who, want := range map[string][]string{
		thaiNguyen: {"H55 accepted"}, "H04 returns:read": {"H04 not_started"}, leader: {"G03 accepted", "H04 not_started", "H55 accepted"},
	} {
		var list struct{ Returns []readinessapi.ReturnHead }
		s.call(t, who, "GET", "/api/v1/campaigns/488/returns", nil).into(t, &list)
		got := []string{}
		for _, r := range list.Returns {
			got = append(got, r.Code+" "+r.State)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", who, diff)
		}
	}
}

// What was read can be sent as it is, and twice.
func TestSubmitting(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	read := s.call(t, thaiNguyen, "GET", "/api/v1/campaigns/488/returns/H55", nil)
	var doc map[string]any
	read.into(t, &doc)
	// What came on paper and is sent back as it is changes nothing.
	if same := s.call(t, thaiNguyen, "PUT", "/api/v1/campaigns/488/returns/H55", doc); same.status != http.StatusOK {
		t.Errorf("what was read sent back: %d %s", same.status, same.body)
	}
	delete(doc, "campaign") // it is for another letter now
	const path = "/api/v1/campaigns/1877/returns/H55"
	first := s.call(t, thaiNguyen, "PUT", path, doc)
	if first.status != http.StatusCreated || first.header.Get("Location") != path {
		t.Fatalf("first call: %d %s", first.status, first.body)
	}
	var receipt readinessapi.Receipt
	again := s.call(t, thaiNguyen, "PUT", path, doc)
	again.into(t, &receipt)
	if again.status != http.StatusOK || receipt.Version != 1 || receipt.State != "submitted" {
		t.Errorf("second call: %d %+v", again.status, receipt)
	}
	doc["difficulties"] = []string{"Thiếu nhân lực"}
	if other := s.call(t, thaiNguyen, "PUT", path, doc); other.status != http.StatusConflict {
		t.Errorf("another return while one is in: %d %s", other.status, other.body)
	}
	var stored readiness.Stored
	s.call(t, thaiNguyen, "GET", path, nil).into(t, &stored)
	if stored.Versions != 1 || slices.Contains(stored.Difficulties, "Thiếu nhân lực") {
		t.Errorf("stored %d versions, difficulties %q", stored.Versions, stored.Difficulties)
	}
	for _, a := range stored.Answers {
		if len(a.Readings) > 0 {
			t.Errorf("row %s has readings of a paper that there is not", a.Row)
		}
	}
}

func TestFaultsAreListed(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	tests := []struct {
		name   string
		body   any
		status int
		fields []string // that the problem must name
	}{
		{"nothing", "", http.StatusBadRequest, nil},
		{"no JSON", "{", http.StatusBadRequest, nil},
		{"two documents", "{}{}", http.StatusBadRequest, nil},
		{"a list", "[]", http.StatusUnprocessableEntity, []string{"body"}},
		{"empty", "{}", http.StatusUnprocessableEntity, []string{"body.answers", "body.contact"}},
		{"NUL", `{"answers":[],"contact":{"full_name":"\u0000"}}`, http.StatusBadRequest, nil},
		{"deep", strings.Repeat(`[`, 20000), http.StatusBadRequest, nil},
		{"too large", `{"answers":[],"contact":{"full_name":"` + strings.Repeat("a", 2<<20) + `"}}`, http.StatusRequestEntityTooLarge, nil},
		{"unknown field", `{"answers":[],"contact":{},"admin":true}`, http.StatusUnprocessableEntity, []string{"body.admin"}},
		{"text for a list", `{"answers":"x","contact":{}}`, http.StatusUnprocessableEntity, []string{"body.answers"}},
		{
			"number for a text", `{"answers":[{"row":1,"key":"1.n"}],"contact":{}}`, http.StatusUnprocessableEntity,
			[]string{"body.answers[0].row"},
		},
		{
			"count below zero", `{"answers":[{"row":"3","key":"3","counts":{"units_total":-1}}],"contact":{}}`,
			http.StatusUnprocessableEntity,
			[]string{"body.answers[0].counts.units_total"},
		},
		{
			"count beyond all", `{"answers":[{"row":"3","key":"3","counts":{"units_total":1e300}}],"contact":{}}`,
			http.StatusUnprocessableEntity,
			[]string{"body.answers[0].counts.units_total"},
		},
		{"no day", `{"answers":[],"contact":{},"letter":{"date":"31/12/2023"}}`, http.StatusUnprocessableEntity, nil},
		{"another agency", `{"agency":"G03","answers":[],"contact":{}}`, http.StatusUnprocessableEntity, []string{"body.agency"}},
		{
			"nothing answered", `{"answers":[],"contact":{"email":"không phải thư"}}`, http.StatusUnprocessableEntity,
			[]string{"contact.full_name", "contact.email"},
		},
		{
			"no option", `{"answers":[{"row":"2","key":"2","compliance":"=HYPERLINK()"}],"contact":{}}`,
			http.StatusUnprocessableEntity,
			[]string{"row.2.compliance"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := s.call(t, thaiNguyen, "PUT", "/api/v1/campaigns/1877/returns/H55", tt.body)
			p := problemOf(t, got)
			if got.status != tt.status {
				t.Errorf("status %d, want %d: %s", got.status, tt.status, got.body)
			}
			var fields []string
			for _, e := range p.Errors {
				fields = append(fields, e.Field)
			}
			for _, want := range tt.fields {
				if !slices.Contains(fields, want) {
					t.Errorf("fields %q, want %s among them", fields, want)
				}
			}
		})
	}
	if got := s.call(t, thaiNguyen, "GET", "/api/v1/campaigns/1877/returns/H55", nil); got.status != http.StatusNotFound {
		t.Errorf("something was stored: %d %s", got.status, got.body)
	}
}

func TestProblemsOfReading(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for path, status := range map[string]int{
		"/api/v1/campaigns/999":                                     http.StatusNotFound,
		"/api/v1/campaigns/999/returns":                             http.StatusNotFound,
		"/api/v1/templates/999/1":                                   http.StatusNotFound,
		"/api/v1/nothing":                                           http.StatusNotFound,
		"/api/v1/campaigns/488/figures/provinces/none":              http.StatusNotFound,
		"/api/v1/campaigns/488/returns/H55/versions/2":              http.StatusNotFound,
		"/api/v1/campaigns/488/returns/H55/versions/0":              http.StatusUnprocessableEntity,
		"/api/v1/campaigns/488/returns/H55/versions/x":              http.StatusUnprocessableEntity,
		"/api/v1/campaigns/488/figures?as_of=2023-02-30":            http.StatusUnprocessableEntity,
		"/api/v1/campaigns/488/figures?combine=none":                http.StatusUnprocessableEntity,
		"/api/v1/campaigns/488/figures?asof=2023-02-28":             http.StatusUnprocessableEntity,
		"/api/v1/campaigns/" + strings.Repeat("9", 2000):            http.StatusUnprocessableEntity,
		"/api/v1/campaigns/488/returns/H55%27%20OR%201%3D1%3B%20--": http.StatusNotFound,
	} {
		got := s.call(t, thaiNguyen, "GET", path, nil)
		if got.status != status {
			t.Errorf("%.80s: %d %s, want %d", path, got.status, got.body, status)
		}
		problemOf(t, got)
	}
}

// problemOf holds an answer to RFC 9457 and gives it.
func problemOf(t *testing.T, a answer) web.Problem {
	t.Helper()
	if ct := a.header.Get("Content-Type"); ct != "application/problem+json" {
		t.Errorf("status %d has content type %q: %s", a.status, ct, a.body)
	}
	d := json.NewDecoder(strings.NewReader(a.body))
	d.DisallowUnknownFields()
	var p web.Problem
	if err := d.Decode(&p); err != nil {
		t.Fatalf("%q: %v", a.body, err)
	}
	if p.Status != a.status || p.Type == "" || p.Title == "" || p.Detail == "" || strings.Contains(a.body, "api.") &&
		!strings.Contains(a.body, `"key":"api.`) {
		t.Errorf("problem %s", a.body)
	}
	for _, e := range p.Errors {
		if e.Detail == "" || e.Detail == e.Key {
			t.Errorf("fault %+v has no words", e)
		}
	}
	return p
}
