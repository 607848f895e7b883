package journeys

import (
	"fmt"
	"testing"
	"time"

	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui/uitest"
)

// The auditor reads who did what, and checks that the log is whole.
func TestAuditorReadsTheLog(t *testing.T) {
	t.Parallel()
	h := open(t)
	p := h.person(t, i18n.Vi, uitest.Desktop).signIn("kiemtoan")
	p.isAt("/audit")
	p.sees("Phạm Văn Kiểm Toán")
	p.picture("audit")
	p.click("audit.page.verify")
	p.sees("Nhật ký nguyên vẹn")
	p.open("/board/1877")
	p.refused("/office", "/accounts")
	h.person(t, i18n.En, uitest.Phone).signIn("kiemtoan")
}

// The focal point of one agency finds nothing of another's, whatever address
// they type.
func TestFocalPointFindsNoOther(t *testing.T) {
	t.Parallel()
	h := open(t)
	p := h.person(t, i18n.Vi, uitest.Desktop).signIn("thainguyen")
	p.open("/returns/1877/H55")
	for _, path := range []string{
		"/returns/1877/G03", "/returns/1877/G03/part/contact", "/returns/1877/G03/check", "/returns/1877/G03/file.docx",
		"/returns/1877/G03/compare", "/returns/1877/G22/done", "/returns/1877/X99",
	} {
		p.openFor(path, 404)
	}
	for _, path := range []string{"/office/returns/1877/G03", "/office/contacts/1877", "/board/1877/agency/G03"} {
		p.openFor(path, 404)
	}
	p.refused("/office", "/accounts", "/audit")
}

// The administrator opens an account, and renames and merges a unit on a day to
// come after seeing what that will do.
func TestAdministrator(t *testing.T) {
	t.Parallel()
	h := open(t)
	p := h.person(t, i18n.Vi, uitest.Desktop).signIn("quantri")
	p.isAt("/org")
	p.picture("org")
	p.click("nav.accounts")
	p.click("session.page.account.new")
	p.fill("login", "cantho")
	p.fill("name", "Võ Thị Mẫu")
	p.fill("email", "cantho@dean06.example.vn")
	p.choose("agency", "H13")
	p.choose("roles", "focal_point")
	p.click("session.page.save")
	p.sees("session.page.account.created")
	p.sees("session.page.once")

	// On a day to come: a rename is shown before it is written, and the day before stays.
	year := time.Now().Year() + 4
	day := fmt.Sprintf("01/01/%d", year)
	p.open("/org/edit")
	p.click("orgweb.edit.renamed")
	p.fill("on", day)
	p.fill("basis", "1/2029/QH16")
	p.fill("codes", "H55")
	p.fill("name", "UBND tỉnh Thái Nguyên Mới")
	p.click("orgweb.edit.preview")
	p.sees("orgweb.preview.renamed", map[string]any{"date": day})
	p.picture("org-preview")
	p.click("orgweb.preview.confirm")
	p.sees("orgweb.done", map[string]any{"date": day})
	p.open(fmt.Sprintf("/org/agencies/H55?on=%d-12-31", year-1))
	p.open("/org/edit/merged")
	p.fill("on", day)
	p.fill("basis", "1/2029/QH16")
	p.fill("codes", "H12")
	p.fill("into", "H13")
	p.click("orgweb.edit.preview")
	p.sees("orgweb.preview.merged", map[string]any{"date": day, "n": 1})
}
