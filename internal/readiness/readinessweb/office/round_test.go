package office_test

import (
	"net/http"
	"regexp"
	"testing"
)

// A round is drafted, changed, looked at with its recipients, issued, and cancelled with
// a letter; every page says so.
func TestRoundFromDraftToCancellation(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	fields := func(more ...string) []string {
		return append([]string{
			"id", "2", "number", "2/MAU", "issued-day", "1", "issued-month", "6", "issued-year", "2023", "due-day", "20", "due-month", "6",
			"due-year", "2023", "template", "488/1", "previous", "1", "subject", "V/v báo cáo", "subject_en", "Returns", "issuer", "Bộ", "place", "Hà Nội",
			"body", "Đề nghị", "schedule", "7", "kinds", "province",
		}, more...)
	}
	a := s.post("centre", "/office/campaigns/new", fields("do", "save")...)
	if a.code != http.StatusSeeOther {
		t.Fatalf("save: %d %s", a.code, a.body)
	}
	draft := a.location
	s.want(s.get("centre", "/office/campaigns"), http.StatusOK, "Bản nháp", draft, "2/MAU")
	for _, who := range []string{"reviewer", "leader", "h04", "auditor"} {
		if a := s.get(who, draft); a.code != http.StatusForbidden {
			t.Errorf("%s opens a draft: %d", who, a.code)
		}
	}
	page := s.get("centre", draft)
	s.want(page, http.StatusOK, `value="2/MAU"`, "Quy tắc: Tỉnh, thành phố", "Khác với đợt trước", "Khác loại", `name="revision" value="1"`)
	// It is changed; what somebody else saved meanwhile is not overwritten.
	s.want(s.post("centre", draft, fields("do", "save", "revision", "1", "round", "2")...), http.StatusSeeOther)
	s.want(s.post("centre", draft, fields("do", "save", "revision", "1")...), http.StatusConflict, "Người khác vừa lưu")
	s.want(s.post("centre", draft, fields("do", "preview", "revision", "2")...), http.StatusOK, "Phát hành tới")
	// Incomplete drafts are kept too.
	s.want(s.post("centre", "/office/campaigns/new", "do", "save", "number", "dở"), http.StatusSeeOther)
	ticked := regexp.MustCompile(`name="recipient" type="checkbox" value="(H\d+)"`).FindAllStringSubmatch(page.body, -1)
	issue := fields("do", "open", "revision", "2", "shown", "province@2023-06-01")
	for _, m := range ticked {
		issue = append(issue, "recipient", m[1])
	}
	if len(ticked) == 0 {
		issue = append(issue, "recipient", "H04", "recipient", "H55")
	}
	a = s.post("centre", draft, issue...)
	if a.location != "/office/campaigns/2" {
		t.Fatalf("issue: %d to %q %s", a.code, a.location, a.body)
	}
	s.want(s.get("centre", draft), http.StatusNotFound)

	s.want(s.get("centre", "/office/campaigns/2"), http.StatusOK, "Hủy đợt này")
	s.want(s.get("reviewer", "/office/campaigns/2/cancel"), http.StatusForbidden)
	s.want(s.get("centre", "/office/campaigns/2/cancel"), http.StatusOK, "không thể khôi phục")
	const cancel = "/office/campaigns/2/cancel"
	s.want(s.post("centre", cancel, "number", "", "reason", ""), http.StatusUnprocessableEntity, "Thiếu số của văn bản hủy", "Thiếu lý do hủy")
	a = s.post("centre", cancel, "number", "3/MAU", "reason", "Trùng", "day-day", "2", "day-month", "6", "day-year", "2023")
	s.want(a, http.StatusSeeOther)
	s.want(s.get("reviewer", "/office/campaigns/2"), http.StatusOK, "Đã hủy", "3/MAU", "Trùng", "/office/campaigns/2/cancellation.docx")
	s.want(s.get("reviewer", "/office/campaigns/2?lang=en"), http.StatusOK, "Cancelled", "cancellation.docx")
	s.want(s.get("reviewer", "/office/returns/2/H55"), http.StatusOK, "Đã hủy")
	s.want(s.get("centre", "/office/campaigns"), http.StatusOK, "Đã hủy")
	s.want(s.get("centre", "/office/campaigns/2/cancel"), http.StatusConflict, "đã bị hủy")
	s.want(s.post("centre", "/office/returns/2/H55/accept", "version", "1"), http.StatusConflict)
}
